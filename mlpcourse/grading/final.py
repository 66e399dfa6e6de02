"""What a submission ends with: its marks, what the instructor changed by hand, and what lateness takes off."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from mlpcourse.grading import roster
from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.marks import Mark, Result
from mlpcourse.grading.names import words
from mlpcourse.grading.roster import Person, Roster
from mlpcourse.grading.submissions import Submission, Unreadable

OVERRIDES = "overrides.csv"


@dataclass(frozen=True)
class Override:
    """Points that the instructor gives instead."""

    points: float
    reason: str


@dataclass(frozen=True)
class Final:
    """One row of the class. result: with the overrides applied. days: late, each begun; taken_off: points for it."""

    result: Result
    submission: Submission
    id: str = ""
    person: Person | None = None
    overrides: Mapping[str, Override] = field(default_factory=dict)
    days: int = 0
    taken_off: float = 0.0

    @property
    def total(self) -> float | None:
        """All points, what lateness takes off included."""
        return None if self.result.total is None else round(max(0.0, self.result.total - self.taken_off), 1)

    @property
    def name(self) -> str:
        """The name as the list of participants has it, else as it was handed in."""
        return self.person.name if self.person else self.result.name


def read_overrides(out: Path, assignment: Assignment) -> tuple[dict[str, dict[str, Override]], list[str]]:
    """What ``OUT/overrides.csv`` changes, by student and exercise, and a sentence for each row that cannot be used."""
    path = out / OVERRIDES
    if not path.exists():
        return {}, []
    try:
        header, *rows = roster.rows_of(path) or [[]]
    except Unreadable as trouble:
        return {}, [str(trouble)]
    columns = [column.strip().casefold() for column in header]
    if columns[:4] != ["student", "exercise", "points", "reason"]:
        return {}, [f"{path} must begin with the line `student,exercise,points,reason`: none of it was used."]
    found: dict[str, dict[str, Override]] = {}
    problems = []
    for number, row in enumerate(rows, 2):
        student, exercise, points, reason = [*row, "", "", "", ""][:4]
        out_of = assignment.points.get(exercise.strip())
        try:
            given = float(points.replace(",", "."))
        except ValueError:
            given = math.nan
        if out_of is None or not 0 <= given <= out_of:
            problems.append(f"{path}, line {number}: no exercise {exercise!r} with {points!r} points. It was not used.")
            continue
        found.setdefault(student.strip(), {})[exercise.strip()] = Override(given, reason.strip())
    return found, problems


def read_deadline(text: str) -> tuple[datetime | None, dict[str, datetime]]:
    """A time for all, or a file (student, deadline) with one for each. Raises Unreadable."""
    if not text:
        return None, {}
    try:
        return datetime.fromisoformat(text), {}
    except ValueError:
        pass
    if not Path(text).is_file():
        raise Unreadable(f"--deadline takes a time like 2026-11-03T18:00 or a file of them, but is {text!r}.")
    rows = roster.rows_of(Path(text))
    try:
        if [column.strip().casefold() for column in rows[0][:2]] != ["student", "deadline"]:
            raise ValueError
        times = {row[0].strip(): datetime.fromisoformat(row[1].strip()) for row in rows[1:]}
    except (ValueError, IndexError):
        raise Unreadable(f"{text} needs two columns, student and deadline, with times like 2026-11-03T18:00.") from None
    return times.pop("everybody", times.pop("", None)), times


def finals(
    graded: Sequence[tuple[Submission, Result]],
    assignment: Assignment,
    people: Roster,
    overrides: Mapping[str, Mapping[str, Override]],
    deadline: tuple[datetime | None, Mapping[str, datetime]] = (None, {}),
) -> tuple[list[Final], list[Person], list[str]]:
    """Everybody who handed in, everybody who did not, and what the instructor must know of the overrides."""
    listed, used, timeless = [], set[str](), 0
    for submission, result in graded:
        person = people.person(submission.id, submission.name, result.typed) if people.people else None
        if person is not None and not submission.time:
            submission = replace(submission, time=person.time)
        keys = {
            submission.name,
            submission.key,
            submission.id,
            person.id if person else "",
            person.name if person else "",
        }
        mine = {name: one for student in keys - {""} for name, one in overrides.get(student, {}).items()}
        used |= keys
        timeless += not submission.time
        remarks = result.remarks
        if people.people and person is None:
            remarks = (*remarks, "is not on the list of participants, or more than once")
        result = replace(_overridden(result, mine, assignment), remarks=remarks)
        days, off = _late(submission, result, assignment, deadline, keys)
        if submission.late and (deadline[0] is None or not submission.time):
            result = replace(result, notes=(*result.notes, "handed in late"))
        id = person.id if person else submission.id
        listed.append(Final(result, submission, id, person, mine, days, off))
    listed = _with_remarks_on_names(listed)
    there = {final.person.id for final in listed if final.person}
    absent = [person for person in people.people if person.id not in there]
    unknown = [f"{OVERRIDES} names {student!r}, who handed nothing in." for student in overrides if student not in used]
    unknown += [f"A deadline is given to {name!r}, who handed nothing in." for name in deadline[1] if name not in used]
    if timeless and deadline != (None, {}):
        unknown.append(
            f"When {timeless} of {len(listed)} were handed in stands nowhere: lateness takes nothing off them."
        )
    return listed, absent, unknown


def _overridden(result: Result, mine: Mapping[str, Override], assignment: Assignment) -> Result:
    if not mine:
        return result
    marks = dict(result.marks)
    for name, override in mine.items():
        before = marks.get(name)
        verdict = before.verdict if before else assignment.exercises[name].not_attempted()
        if verdict.kind == "cannot check":
            verdict = replace(verdict, kind="wrong", message="")
        marks[name] = Mark(override.points, verdict, before.source if before else "")
    marks = {name: marks[name] for name in assignment.points if name in marks}
    whole = len(marks) == len(assignment.points) and all(mark.points is not None for mark in marks.values())
    note = f"points given by hand: {', '.join(mine)}"
    return replace(result, marks=marks, status="graded" if whole else "partly graded", notes=(*result.notes, note))


def _late(
    submission: Submission,
    result: Result,
    assignment: Assignment,
    deadline: tuple[datetime | None, Mapping[str, datetime]],
    keys: set[str],
) -> tuple[int, float]:
    """Days late, each begun, and the points that they take off."""
    due = next((deadline[1][key] for key in keys if key in deadline[1]), deadline[0])
    if due is None or not submission.time or result.total is None:
        return 0, 0.0
    handed_in = datetime.fromisoformat(submission.time)
    days = max(0, math.ceil((handed_in - due.replace(tzinfo=None)).total_seconds() / 86400))
    share = min(1.0, days * assignment.late_percent / 100)
    if assignment.late_days and days > assignment.late_days:
        share = 1.0
    return days, round(share * result.total, 1)


def _with_remarks_on_names(listed: Sequence[Final]) -> list[Final]:
    """The same with a remark where two typed the same name: then they had the same numbers."""
    typed: dict[str, list[str]] = {}
    for final in listed:
        if final.result.typed:
            typed.setdefault(" ".join(words(final.result.typed)), []).append(final.name)
    made = []
    for final in listed:
        others = typed.get(" ".join(words(final.result.typed)), [])
        remark = f"{len(others)} notebooks say {final.result.typed}: {', '.join(others[:4])}"
        remarks = (*final.result.remarks, remark) if final.result.typed and len(others) > 1 else final.result.remarks
        made.append(replace(final, result=replace(final.result, remarks=remarks)))
    return made
