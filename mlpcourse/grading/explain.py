"""What was run and seen of one exercise of one student, for an appeal."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

import numpy as np

from mlpcourse.exercises.code import CodeExercise
from mlpcourse.grading import notebook, submissions
from mlpcourse.grading.grade import Settings, checked, prepare, run
from mlpcourse.grading.marks import identity, judge
from mlpcourse.grading.names import letters
from mlpcourse.grading.replies import Garbled, decode_reply
from mlpcourse.grading.submissions import Submission, Unreadable


def explain(found: Sequence[Submission], student: str, exercise: str, settings: Settings) -> int:
    """Grade one submission once more, with the seed of its grading, and print all about one exercise.

    Raises Unreadable when there is no such submission or exercise, or when it cannot be read.
    """
    chosen = [one for one in found if student and student in (one.name, one.key, one.id, one.folder)]
    chosen = chosen or [one for one in found if letters(one.name) and letters(one.name) == letters(student)]
    if not chosen:
        raise Unreadable(f"There is no submission {student!r}.")
    if exercise not in settings.assignment.points:
        there = ", ".join(settings.assignment.points)
        raise Unreadable(f"There is no exercise {exercise!r}: there are {there}.")
    for one in chosen:
        print(_explained(one, exercise, settings))
    return 0


def _explained(submission: Submission, name: str, settings: Settings) -> str:
    data = submissions.read(submission)
    fingerprint = sha256(data).hexdigest()
    read = checked(notebook.read(data, tuple(settings.assignment.points), settings.sandbox))
    plan = prepare(read, settings, fingerprint)
    seen = run(plan.tasks, settings.sandbox)
    mark = judge(submission, settings.assignment, read, plan.cases, seen, fingerprint).marks[name]
    out_of = settings.assignment.points[name]
    points = "not graded" if mark.points is None else f"{mark.points:g} of {out_of:g} points"
    answer = read.answers.get(name)
    said = [f"{submission.name}, {name}: {points}", "", _indented(repr(mark.verdict))]
    said += ["", "The cell:", _indented(answer.source if answer else "(there is none)")]
    if answer:
        others = [(number, places) for number, places in answer.steps if number != answer.own]
        for number, places in others:
            listed = ", ".join(str(place + 1) for place in places)
            said += ["", f"What it uses of code cell {number + 1} (statements {listed}):"]
            said += [_indented(read.cells[number])]
    exercise = settings.assignment.exercises[name]
    if not isinstance(exercise, CodeExercise):
        who = identity(submission, read, seen)
        said += ["", f"What was given to {who.name}:", _indented(repr(exercise.given(who.seed)))]
        said += ["", "The reference:", _indented(exercise.solution(who.seed))]
    if name not in seen:
        return "\n".join([*said, "", "Nothing was run."])
    said += ["", f"Running it: {seen[name].end}."]
    code = read.code(answer) if answer else ""
    asked = plan.cases[name].calls() if name in plan.cases else [{}]
    for number, (case, reply) in enumerate(zip(asked, seen[name].replies, strict=False), 1):
        said += ["", f"Call {number}"]
        said += [_indented(f"{key} = {_shown(value)}") for key, value in case.items()]
        try:
            said.append(_indented(f"came back: {_shown(decode_reply(reply, code, answer.source if answer else ''))}"))
        except Garbled:
            said.append(_indented(f"came back: {reply[:80]!r}"))
        if isinstance(exercise, CodeExercise):
            said.append(_indented(f"the reference: {_shown(exercise.reference(**case))}"))
    return "\n".join(said)


def _shown(value: Any) -> str:
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value))
    return np.array2string(value, precision=6, threshold=60) if isinstance(value, np.ndarray) else repr(value)


def _indented(text: str) -> str:
    """Foreign text for a terminal: without what would move its cursor or colour it."""
    return "\n".join(f"    {line}" for line in "".join(c for c in text if c.isprintable() or c == "\n").split("\n"))
