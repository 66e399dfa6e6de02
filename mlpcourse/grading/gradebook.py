"""The points, in an nbgrader gradebook, through nbgrader's own API (the optional extra ``gradebook``)."""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.final import Final
from mlpcourse.grading.roster import Person, Roster
from mlpcourse.grading.submissions import Unreadable

NAME = "assignment"  # of the assignment and of its notebook


def api() -> Any:
    """nbgrader's API. Raises Unreadable when nbgrader is not installed."""
    try:
        return importlib.import_module("nbgrader.api")
    except ImportError:
        raise Unreadable("--gradebook needs nbgrader: install the course with its extra, '.[gradebook]'.") from None


def enter(finals: Sequence[Final], assignment: Assignment, file: Path) -> list[str]:
    """Write the points into ``file``, under the ids of those who are enrolled; a sentence for each who is not.

    What could not be graded is entered as to be graded by hand, without points. Where nobody is enrolled yet, everybody
    who handed in is. Raises Unreadable when nbgrader is not installed or the file is no gradebook.
    """
    before = os.environ.get("PATH", "")
    beside = str(Path(sys.executable).parent)  # nbgrader runs alembic by its name
    os.environ["PATH"] = os.pathsep.join([beside, before])
    said = []
    try:
        with warnings.catch_warnings(), api().Gradebook(f"sqlite:///{file.resolve()}") as book:
            warnings.simplefilter("ignore")  # SQLAlchemy's, on how nbgrader uses it
            enrolled = _enrolled(book)
            book.update_or_create_assignment(NAME)
            book.update_or_create_notebook(NAME, NAME)
            for name, points in assignment.points.items():
                book.update_or_create_grade_cell(name, NAME, NAME, max_score=points, cell_type="code")
            for final in finals:
                student = _student(final, enrolled)
                if student is None:
                    said.append(f"{final.name} is not enrolled in {file}: nothing was entered.")
                    continue
                _enter(book, final, student, assignment)
                if final.result.status != "graded":
                    said.append(f"{final.name} is not graded, or in part: nbgrader counts what is open as 0.0.")
            book.db.commit()
    except Unreadable:
        raise
    except Exception as error:  # a damaged database, another version's, one that is locked
        raise Unreadable(f"{file} cannot be used as a gradebook: {type(error).__name__}.") from None
    finally:
        os.environ["PATH"] = before
    return said


def _enrolled(book: Any) -> Roster:
    people = [
        Person(f"{one.first_name or ''} {one.last_name or ''}".strip(), one.id, (one.id, *filter(None, [one.email])))
        for one in book.students
    ]
    return Roster(people=tuple(people))


def _student(final: Final, enrolled: Roster) -> str | None:
    """The id of who handed in, None for somebody who is not enrolled where others are."""
    if not enrolled.people:
        return final.id or final.submission.name
    ids = [final.id, *(final.person.ids if final.person else ())]
    for id in ids:
        if id and (found := enrolled.person(id, "")):
            return found.id
    found = enrolled.person("", final.submission.name, final.name)
    return found.id if found else None


def _enter(book: Any, final: Final, student: str, assignment: Assignment) -> None:
    book.update_or_create_student(student)
    handed_in = book.update_or_create_submission(NAME, student)
    for notebook in handed_in.notebooks:
        notebook.late_submission_penalty = final.taken_off
    for name in assignment.points:
        mark = final.result.marks.get(name)
        points = mark.points if mark else None
        grade = book.find_grade(name, NAME, NAME, student)
        grade.auto_score, grade.manual_score, grade.needs_manual_grade = points, points, points is None
