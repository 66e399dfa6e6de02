"""``mlpcourse term``: several gradings added up, by student."""

from __future__ import annotations

import argparse
import csv
import sys
from pathlib import Path

from mlpcourse.grading.exports import table
from mlpcourse.grading.files import OutputError, write
from mlpcourse.grading.names import words
from mlpcourse.grading.submissions import Unreadable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mlpcourse term``."""
    parser.add_argument("gradings", type=Path, nargs="+", help="the folders that gradings were written into")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the table to write")


def term(args: argparse.Namespace) -> int:
    """Write the table; the exit status is 2, with a sentence, when it cannot be."""
    try:
        write(args.out, table(_rows(args.gradings)), "utf-8-sig")
    except (Unreadable, OutputError) as problem:
        print(f"mlpcourse term: {problem}", file=sys.stderr)
        return 2
    return 0


def _rows(gradings: list[Path]) -> list[list[str]]:
    """A row for each student: the points of each grading, their sum, and the most there is."""
    students: dict[str, dict[str, str]] = {}
    out_of = 0.0
    for folder in gradings:
        assignment, rows = _read(folder)
        out_of += assignment
        for row in rows:
            key = row["id"] or " ".join(words(row["student"]))
            known = students.setdefault(key, {"id": row["id"], "student": row["student"]})
            known[folder.name] = row["total"]
    names = [folder.name for folder in gradings]
    listed = [["id", "student", *names, "total", "out of"]]
    for known in sorted(students.values(), key=lambda one: one["student"]):
        points = [known.get(name, "") for name in names]
        total = sum(float(one) for one in points if one)
        listed.append([known["id"], known["student"], *points, f"{total:g}", f"{out_of:g}"])
    return listed


def _read(folder: Path) -> tuple[float, list[dict[str, str]]]:
    """The most points of a grading, and its rows. Raises Unreadable."""
    from mlpcourse.grading.command import known

    try:
        with (folder / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        return sum(map(float, known(folder)["assignment"]["points"].values())), rows
    except (OSError, KeyError, TypeError, ValueError):
        raise Unreadable(f"{folder} does not hold the results of a grading (it has no scores.csv that fits).") from None
