"""The points, in an nbgrader gradebook, through nbgrader's own API (the optional extra ``gradebook``)."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.grade import Result
from mlpcourse.grading.submissions import Unreadable

NAME = "assignment"  # of the assignment and of its notebook


def api() -> Any:
    """nbgrader's API. Raises Unreadable when nbgrader is not installed."""
    try:
        return importlib.import_module("nbgrader.api")
    except ImportError:
        raise Unreadable("--gradebook needs nbgrader: install the course with its extra, '.[gradebook]'.") from None


def enter(results: Sequence[Result], file: Path) -> None:
    """Write every graded submission's points into ``file``. One that could not be graded is left out: no silent 0.

    Raises Unreadable when nbgrader is not installed.
    """
    beside = str(Path(sys.executable).parent)  # nbgrader runs alembic by its name
    os.environ["PATH"] = os.pathsep.join([beside, os.environ.get("PATH", "")])
    with api().Gradebook(f"sqlite:///{file.resolve()}") as book:
        book.update_or_create_assignment(NAME)
        book.update_or_create_notebook(NAME, NAME)
        for name, points in ASSIGNMENT.items():
            book.update_or_create_grade_cell(name, NAME, NAME, max_score=points, cell_type="code")
        for result in results:
            if result.status != "graded":
                continue
            book.update_or_create_student(result.key)
            book.update_or_create_submission(NAME, result.key)
            for name, mark in result.marks.items():
                grade = book.find_grade(name, NAME, NAME, result.key)
                grade.auto_score, grade.manual_score, grade.needs_manual_grade = mark.points, mark.points, False
        book.db.commit()
