# Grading on macOS and Windows: see docs/grading.md.
FROM debian:12
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bubblewrap git make python3 python3-venv util-linux \
    && rm -rf /var/lib/apt/lists/*
COPY . /course
WORKDIR /course
RUN python3 -m venv .venv \
    && .venv/bin/python -m pip install --no-cache-dir --constraint constraints.txt '.[cluster]'
WORKDIR /class
ENTRYPOINT ["/course/.venv/bin/mlpcourse"]
