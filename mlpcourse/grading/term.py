"""``mlpcourse term``: several gradings, and progress that was handed in, added up by student."""

from __future__ import annotations

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path

from mlpcourse.exercises import EXERCISES
from mlpcourse.grading.exports import table
from mlpcourse.grading.files import OutputError, write
from mlpcourse.grading.names import words
from mlpcourse.grading.roster import rows_of
from mlpcourse.grading.submissions import Unreadable


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mlpcourse term``."""
    parser.add_argument("gradings", type=Path, nargs="+", help="folders of gradings, or tables of progress")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the table to write")


def term(args: argparse.Namespace) -> int:
    """Write the table; the exit status is 2, with a sentence, when it cannot be."""
    try:
        write(args.out, table(_rows(args.gradings)), "utf-8-sig")
    except (Unreadable, OutputError) as problem:
        print(f"mlpcourse term: {problem}", file=sys.stderr)
        return 2
    except (ValueError, IndexError) as problem:
        print(f"mlpcourse term: a table was changed so that it cannot be added up: {problem}.", file=sys.stderr)
        return 2
    return 0


def _rows(gradings: list[Path]) -> list[list[str]]:
    """A row for each student: the points of each grading, their sum, and the most there is."""
    read = [_read_progress(path) if path.is_file() else _read(path) for path in gradings]
    ids: dict[str, set[str]] = {}  # by name, for tables that have no ids
    for _, rows in read:
        for row in rows:
            ids.setdefault(" ".join(words(row["student"])), set()).update({row["id"]} - {""})
    short = [path.name for path in gradings]
    labels = [path.name if short.count(path.name) == 1 else str(path) for path in gradings]
    students: dict[tuple[str, int], dict[str, str]] = {}
    for label, (_, rows) in zip(labels, read, strict=True):
        seen = Counter[str]()  # two of one name, without ids, are two rows
        for row in rows:
            name = " ".join(words(row["student"]))
            id = row["id"] or (min(ids[name]) if len(ids[name]) == 1 else "")
            seen[id or name] += 1
            known = students.setdefault((id or name, seen[id or name]), {"id": id, "student": row["student"]})
            known[label] = row["total"]
    out_of = sum(most for most, _ in read)
    listed = [["id", "student", *labels, "total", "out of"]]
    for known in sorted(students.values(), key=lambda one: one["student"]):
        points = [known.get(label, "") for label in labels]
        total = sum(float(one) for one in points if one)
        listed.append([known["id"], known["student"], *points, f"{total:g}", f"{out_of:g}"])
    return listed


def _read_progress(file: Path) -> tuple[float, list[dict[str, str]]]:
    """How many exercises there are, and who did how many, from what `mlpcourse progress --table` printed.

    Of several files of one learner the furthest counts. Raises Unreadable.
    """
    header, *rows = rows_of(file) or [[]]
    if not {"learner", "done"} <= set(header):
        raise Unreadable(f"{file} is no table of progress: it has no columns learner and done.")
    done: dict[str, str] = {}
    for row in rows:
        learner, number = (row[header.index(name)] for name in ("learner", "done"))
        done[learner] = max(done.get(learner, "0"), number, key=float)
    return float(len(EXERCISES)), [{"id": "", "student": one, "total": number} for one, number in done.items()]


def _read(folder: Path) -> tuple[float, list[dict[str, str]]]:
    """The most points of a grading, and its rows. Raises Unreadable."""
    from mlpcourse.grading.command import known

    try:
        with (folder / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
        for row in rows:  # as Moodle's worksheet calls who is 1001 in the names of its files
            row["id"] = row["id"].removeprefix("Participant ")
        return sum(map(float, known(folder)["assignment"]["points"].values())), rows
    except (OSError, KeyError, TypeError, ValueError, AttributeError):
        raise Unreadable(f"{folder} does not hold the results of a grading (it has no scores.csv that fits).") from None
