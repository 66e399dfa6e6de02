# `make` alone lists the targets. Everything runs in .venv, which the first target that needs it creates.

PYTHON ?= python3
JOBS   ?= $(shell $(PYTHON) -c 'import os; print(os.cpu_count() + 1)')
BIN    := .venv/bin
RUN    := $(BIN)/python -m
READY  := .venv/ready
BIOME  := node_modules/.bin/biome
LESSONS = notebooks/*.ipynb

.DEFAULT_GOAL := help
.PHONY: help lab test style lint notebooks certify site test-site bench clean

help: ## list the targets
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z-]*\): .*## \(.*\)/  \1|\2/p' Makefile | awk -F'|' '{ printf "%-11s %s\n", $$1, $$2 }'

lab: $(READY) ## open the course in JupyterLab
	$(RUN) mlpcourse lab notebooks

# One worker more than there are cores, since some wait for a browser or a sandbox; so each computes with one thread.
# A progress bar differs from run to run.
test: export OPENBLAS_NUM_THREADS = 1
test: export TQDM_DISABLE = 1
test: export PYTHONDONTWRITEBYTECODE =
test: style ## check everything: style, types, tests, every notebook executed and compared
	$(RUN) pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder --nbval --nbval-cell-timeout=120 tests notebooks

# Biome needs Node, which nobody else here does: without it the views go unlinted, but not in continuous integration.
style: $(READY) ## ruff and, where there is Node, biome
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	@if command -v npm >/dev/null && { [ -x $(BIOME) ] || npm install --silent; }; then $(BIOME) check; \
	elif [ -n "$$CI" ]; then echo "Node was not found, or biome could not be installed."; exit 1; \
	else echo "JavaScript and CSS were not linted: that needs Node (npm)."; fi

lint: style ## the same and the type checker, which is one of the tests as well
	$(RUN) mypy

notebooks: $(READY) ## execute every notebook and strip what differs from run to run
	$(BIN)/python tests/notebooks.py $(LESSONS)

certify: $(READY) ## check every line with the proof assistant Coq (apt install coq libcoq-coquelicot)
	$(RUN) mlpcourse certify

site: $(READY) ## build the reading site and the browser edition into build/site
	$(BIN)/python web/build.py build/site

# Builds the site, and opens it in real browsers: one for each core, since Python in a page keeps one busy.
test-site: site ## check the reading site and the browser edition
	$(RUN) pytest -q -n auto --maxschedchunk=1 web/tests

bench: $(READY) ## measure the course's claims about speed
	$(BIN)/python benchmarks $(ARGS)

clean: ## remove .venv and everything generated
	rm -rf .venv node_modules build .pytest_cache .mypy_cache .ruff_cache .hypothesis *.egg-info
	find mlpcourse tests notebooks benchmarks \( -name __pycache__ -o -name .ipynb_checkpoints \) -prune -exec rm -rf {} +

$(READY): constraints.txt pyproject.toml
	@command -v "$(PYTHON)" >/dev/null || { echo "There is no '$(PYTHON)' here: install Python 3.11 or newer, or name yours with 'make PYTHON=/path/to/python'."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "mlpcourse needs Python 3.11 or newer and '$(PYTHON)' is older: install a newer one, or name yours with 'make PYTHON=python3.12'."; exit 1; }
	@"$(PYTHON)" -c 'import venv, ensurepip' 2>/dev/null || { echo "'$(PYTHON)' lacks its venv module: install it (on Debian and Ubuntu: apt install python3-venv) and try again."; exit 1; }
	"$(PYTHON)" -m venv .venv
	$(RUN) pip install --quiet --disable-pip-version-check --constraint constraints.txt --editable '.[lab,test]'
	@touch $(READY)
