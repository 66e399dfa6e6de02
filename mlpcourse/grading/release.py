"""``mlpcourse assignment``: the student's notebook, written from ``assignment.toml``."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from mlpcourse.grading.assignment import FILE, Assignment, AssignmentError, load
from mlpcourse.grading.files import OutputError, write

_VERBS = {
    "code": "Write", "number": "By hand", "statements": "Find the wrong line", "spot": "Find the slip",
    "derive": "Derive", "order": "Put in order", "shape": "Shapes", "find": "Find the slips",
}  # fmt: skip
_GIVEN = ("number", "statements", "spot", "derive", "order", "find")  # kinds that show something to work with


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mlpcourse assignment``."""
    parser.add_argument("file", type=Path, nargs="?", default=FILE, help="your own assignment.toml")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the notebook to write")


def release(args: argparse.Namespace) -> int:
    """Write the notebook; the exit status is 2, with a sentence, when it cannot be."""
    try:
        write(args.out, json.dumps(notebook(load(args.file)), indent=1, ensure_ascii=False) + "\n")
    except (AssignmentError, OutputError) as problem:
        print(f"mlpcourse assignment: {problem}", file=sys.stderr)
        return 2
    return 0


def notebook(assignment: Assignment) -> dict[str, Any]:
    """The notebook with a cell for each answer, all empty."""
    cells = [_markdown(_head(assignment), "head"), _code(_NAME, "student", solution=True)]
    for number, (name, exercise) in enumerate(assignment.exercises.items(), 1):
        points = assignment.points[name]
        title = f"## {number}. {_VERBS.get(exercise.kind, 'Answer')}: `{name}` ({points:g} points)"
        shown = exercise.kind in _GIVEN
        task = "" if shown and exercise.kind != "derive" else f"\n\n{exercise.task}"
        cells.append(_markdown(title + task, f"task_{name}", locked=True))
        if shown:
            cells.append(_code(f'given("{name}")', f"given_{name}", locked=True))
        cells.append(_code(exercise.stub(), name, points=points, solution=True))
    cells.append(_markdown(_END, "end"))
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    return {"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}


_NAME = """import numpy as np

from mlpcourse.grading.assignment import for_student

student = ""  # your name
check, given = for_student(student)"""

_END = """## Before you hand in

Restart the kernel and run all cells. Each verdict above should be the one that you expect."""


def _head(assignment: Assignment) -> str:
    count = len(assignment.points)
    lines = [f"# Assignment: {assignment.title}", ""]
    lines.append(f"- **You will** answer {count} exercises for {assignment.out_of:g} points.")
    lines += [f"- **You need** {assignment.needs}, numpy, and nothing else."] if assignment.needs else []
    lines += [f"- **Time** about {assignment.minutes} minutes."] if assignment.minutes else []
    lines.append("- **First** write your name into the next cell: what you are asked by hand is drawn from it.")
    lines.append("- **Hand in** this notebook.")
    if assignment.late_percent:
        lines.append(f"- **Late** {assignment.late_percent:g} % are taken off for each day begun.")
    lines += [
        "",
        "Most cells check themselves while you work. The grading draws other numbers and runs each answer by itself,",
        "with numpy alone: whatever an answer needs stands in its cell, or above it in this notebook.",
    ]
    if assignment.slip_share:
        lines.append(
            f"A wrong answer that one slip with a name explains earns {100 * assignment.slip_share:g} % of its points."
        )
    return "\n".join(lines)


def _marks(grade_id: str, points: float | None, solution: bool, locked: bool) -> dict[str, Any]:
    marks: dict[str, Any] = {
        "grade": points is not None, "grade_id": grade_id, "locked": locked, "schema_version": 3,
        "solution": solution, "task": False,
    }  # fmt: skip
    return {"nbgrader": {**marks, "points": points} if points is not None else marks}


def _code(source: str, grade_id: str, points: float | None = None, solution: bool = False, locked: bool = False) -> Any:
    marks = _marks(grade_id, points, solution, locked)
    return {**_cell("code", source, grade_id, marks), "execution_count": None, "outputs": []}


def _markdown(source: str, grade_id: str, locked: bool = False) -> Any:
    metadata = _marks(grade_id, None, False, True) if locked else {}
    return _cell("markdown", source, grade_id, metadata)


def _cell(kind: str, source: str, grade_id: str, metadata: dict[str, Any]) -> dict[str, Any]:
    name = grade_id.replace("_", "-")[:64]
    return {"cell_type": kind, "id": name, "metadata": metadata, "source": source.splitlines(keepends=True)}
