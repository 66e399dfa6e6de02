"""Print every speed claim of the course as a ratio to a named peer, measured in the same run (`make bench`)."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from importlib import import_module
from importlib.metadata import version

from timing import ROUNDS, Row, Time

BENCHMARKS = ["imports", "views", "grading"]


def shown(taken: Time) -> str:
    for unit, size in (("s", 1), ("ms", 1e-3), ("us", 1e-6)):
        if taken.median >= size or unit == "us":
            return f"{taken.median / size:.3g} ({taken.low / size:.3g} to {taken.high / size:.3g}) {unit}"
    raise AssertionError


def verdict(row: Row) -> str:
    if row.aim is None:
        return ""
    return f"{row.aim:.2g}: met" if row.ratio >= row.aim else f"{row.aim:.2g}: missed by {1 - row.ratio / row.aim:.0%}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("benchmark", nargs="*", help=f"which ones (all: {', '.join(BENCHMARKS)})")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a Markdown table")
    arguments = parser.parse_args()
    if unknown := set(arguments.benchmark) - set(BENCHMARKS):
        parser.error(f"there is no benchmark {', '.join(sorted(unknown))}: choose from {', '.join(BENCHMARKS)}")
    machine = {
        "python": platform.python_version(), "numpy": version("numpy"), "cores": os.cpu_count(),
        "processor": platform.machine(), "rounds": ROUNDS,
    }  # fmt: skip
    if not arguments.json:
        print(", ".join(f"{key} {value}" for key, value in machine.items()), end="\n\n")
        print("| what | ours: median (quartiles) | peer | peer: median (quartiles) | peer / ours | aim |")
        print("|:--|--:|:--|--:|--:|:--|")
    collected = []
    for name in arguments.benchmark or BENCHMARKS:
        for row in import_module(name).rows():
            collected.append(
                {
                    "benchmark": name,
                    **row._asdict(),
                    "ours": row.ours._asdict(),
                    "theirs": row.theirs._asdict(),
                    "ratio": row.ratio,
                }
            )
            if not arguments.json:
                cells = (row.what, shown(row.ours), row.peer, shown(row.theirs), f"{row.ratio:.2f}", verdict(row))
                print(f"| {' | '.join(cells)} |", flush=True)
    if arguments.json:
        json.dump({"machine": machine, "rows": collected}, sys.stdout, indent=2)


if __name__ == "__main__":
    main()
