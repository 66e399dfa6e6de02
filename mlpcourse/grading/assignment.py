"""The graded work: which exercises, for how many points; and every student's own numbers."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading.names import student_seed
from mlpcourse.grading.questions import QUESTIONS, StatementsExercise

FILE = Path(__file__).with_name("assignment.toml")
ALL: dict[str, Exercise] = {**EXERCISES, **QUESTIONS}  # what an assignment can ask
DRAWN = ("number", "statements")  # kinds of exercises whose numbers or lines are drawn for each student


class AssignmentError(Exception):
    """A file that describes no assignment; the message says why."""


@dataclass(frozen=True)
class Assignment:
    """What ``assignment.toml`` says. points: by exercise, in the notebook's order."""

    title: str
    points: dict[str, float]
    course: str = ""
    site: str = ""
    needs: str = ""
    minutes: int = 0
    slip_share: float = 0.0
    late_percent: float = 0.0
    late_days: int = 0

    @cached_property
    def exercises(self) -> dict[str, Exercise]:
        """The exercises by name, in order."""
        return {name: ALL[name] for name in self.points}

    @property
    def out_of(self) -> float:
        """All points together."""
        return sum(self.points.values())

    def __getstate__(self) -> dict[str, Any]:  # exercises are found again by their names
        return {name: value for name, value in self.__dict__.items() if name != "exercises"}


def load(path: Path = FILE) -> Assignment:
    """The assignment that a file describes. Raises AssignmentError."""
    try:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        late = read.get("late", {})
        made = Assignment(
            title=str(read["title"]),
            points={str(name): _number(points, f"the points of {name}") for name, points in read["points"].items()},
            course=str(read.get("course", "")),
            site=str(read.get("site", "")),
            needs=str(read.get("needs", "")),
            minutes=int(read.get("minutes", 0)),
            slip_share=_number(read.get("slip_share", 0.0), "slip_share"),
            late_percent=_number(late.get("percent_a_day", 0.0), "percent_a_day"),
            late_days=int(late.get("days", 0)),
        )
    except OSError as error:
        raise AssignmentError(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{path} is not TOML: {error}.") from None
    except KeyError as missing:
        raise AssignmentError(f"{path} has no {missing.args[0]}.") from None
    except (TypeError, ValueError, AttributeError) as error:
        raise AssignmentError(f"{path}: {error}.") from None
    unknown = [name for name in made.points if name not in ALL]
    if unknown or not made.points:
        known = "`mlpcourse.grading.assignment.ALL` lists those there are"
        raise AssignmentError(f"{path} names no exercise of the course: {', '.join(unknown) or '(none)'}; {known}.")
    if made.slip_share > 1 or made.late_percent > 100:
        raise AssignmentError(f"{path}: slip_share is at most 1, percent_a_day at most 100.")
    return made


def _number(value: Any, what: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 1e6:
        raise ValueError(f"{what} must be a number from 0 on, but is {value!r}")
    return value


ASSIGNMENT = load()


def for_student(student: str = "") -> tuple[Callable[..., Verdict], Callable[[str], Any]]:
    """``check`` and ``given`` with the numbers of this student, as the assignment's notebook uses them.

    The name may be set later, or again: as long as ``student`` is empty here, the notebook's own ``student`` is asked.
    """

    def name() -> str:
        return str(student).strip() or str(getattr(sys.modules["__main__"], "student", "") or "").strip()

    def check(exercise: Any, answer: Any = ...) -> Verdict:
        """The verdict on ``check(function)`` or ``check("exercise", answer)``."""
        from mlpcourse import exercises

        asked = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", "")
        known = ALL.get(asked)
        if known is None or (asked in EXERCISES and not isinstance(exercise, str)):
            return exercises.check(exercise) if answer is ... else exercises.check(exercise, answer)
        if not isinstance(exercise, str):
            answer = exercise
        if known.kind in DRAWN and not name():
            return Verdict("cannot check", asked, _NAME_FIRST)
        if isinstance(known, StatementsExercise):
            return known.noted(answer)
        return known.judge(answer, student_seed(name()))

    def given(exercise: str) -> Any:
        """What an exercise gives you to work with."""
        if ALL[exercise].kind in DRAWN and not name():
            return Page(_NAME_FIRST)
        return ALL[exercise].given(student_seed(name()))

    return check, given


_NAME_FIRST = "Write your name into the first cell and run it: what you are asked is drawn from it."
