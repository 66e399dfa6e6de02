"""Print every speed claim of the course as a ratio to a named peer, measured in the same run (`make bench`)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from datetime import date
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from timing import ROUNDS, Row, Time, Wrong

BENCHMARKS = [
    "training_step", "gradient_check", "digits", "checks", "proofs", "imports", "suite", "views", "grading",
]  # fmt: skip
PACKAGES = ["numpy", "scikit-learn", "torch", "jax", "nbval", "nbgrader", "ipympl"]
HEAD = """\
| what | ours: median (quartiles) | peer | peer: median (quartiles) | peer / ours | aim |
|:--|--:|:--|--:|--:|:--|"""


def machine() -> dict[str, Any]:
    """What the numbers depend on: date, cores, versions, and which processor numpy's products are made for."""

    def version_of(package: str) -> str:
        try:
            return version(package)
        except PackageNotFoundError:
            return "not installed"

    return {
        "date": date.today().isoformat(), "cores": os.cpu_count(), "processor": _processor(), "rounds": ROUNDS,
        "BLAS": _blas(), "python": platform.python_version(), **{package: version_of(package) for package in PACKAGES},
    }  # fmt: skip


def _blas() -> str:
    """OPENBLAS_CORETYPE can hold numpy to an older processor than there is: its products are slower then."""
    try:
        import numpy as np  # noqa: F401 (loads the library that is asked about)
        from threadpoolctl import threadpool_info
    except ImportError:  # it comes with scikit-learn
        return "not known"
    return ", ".join(f"{one['internal_api']} for {one.get('architecture')}" for one in threadpool_info())


def _processor() -> str:
    try:
        with open("/proc/cpuinfo") as lines:
            return next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def shown(taken: Time | None, unit: str) -> str:
    if taken is None:
        return ""
    size, name = 1.0, unit
    if unit == "s":
        size, name = next(((s, n) for s, n in ((1, "s"), (1e-3, "ms")) if taken.median >= s), (1e-6, "us"))
    return f"{taken.median / size:.3g} ({taken.low / size:.3g} to {taken.high / size:.3g}) {name}"


def verdict(row: Row) -> str:
    if row.aim is None or row.ratio is None:
        return ""
    return f"{row.aim:.2g}: met" if row.ratio >= row.aim else f"{row.aim:.2g}: missed by {1 - row.ratio / row.aim:.0%}"


def as_markdown(row: Row) -> str:
    ratio = "" if row.ratio is None else f"{row.ratio:.2f}"
    cells = (row.what, shown(row.ours, row.unit), row.peer, shown(row.theirs, row.unit), ratio, verdict(row))
    return f"| {' | '.join(cells)} |"


def as_json(benchmark: str, row: Row) -> dict[str, Any]:
    times = {"ours": row.ours._asdict(), "theirs": row.theirs and row.theirs._asdict()}
    return {"benchmark": benchmark, **row._asdict(), **times, "ratio": row.ratio, "verdict": verdict(row)}


def main() -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description=__doc__)
    parser.add_argument("benchmark", nargs="*", help=f"which ones (all: {', '.join(BENCHMARKS)})")
    parser.add_argument("--json", action="store_true", help="print JSON; the Markdown table goes to stderr")
    arguments = parser.parse_args()
    if unknown := set(arguments.benchmark) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(BENCHMARKS)}")

    def say(line: str) -> None:
        print(line, file=sys.stderr if arguments.json else sys.stdout, flush=True)

    here = machine()
    say(", ".join(f"{key} {value}" for key, value in here.items()) + "\n\n" + HEAD)
    rows, wrong = [], []
    for name in arguments.benchmark or BENCHMARKS:
        try:
            for row in import_module(name).rows():
                rows.append(as_json(name, row))
                say(as_markdown(row))
        except Wrong as reason:
            wrong.append(f"{name}: {reason}")
            print(f"\nNo time is reported for what is wrong. {wrong[-1]}", file=sys.stderr, flush=True)
    if arguments.json:
        json.dump({"machine": here, "rows": rows, "wrong": wrong}, sys.stdout, indent=2)
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
