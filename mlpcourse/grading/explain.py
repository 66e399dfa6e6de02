"""What was run and seen of one exercise of one student, for an appeal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.grading.assignment import ASSIGNMENT, student_seed
from mlpcourse.grading.grade import Garbled, cases, collect, heard, identity, judge, prepare, run
from mlpcourse.grading.submissions import Submission, Unreadable
from mlpcourse.grading.wall import Wall


def explain(
    submissions: Sequence[Submission], student: str, exercise: str, known: Mapping[str, Any], around: Wall
) -> int:
    """Grade one submission once more, with the seed of its grading, and print all about one exercise.

    Raises Unreadable when there is no such submission or exercise, or when it cannot be read.
    """
    chosen = [one for one in submissions if student in (one.name, one.key)]
    if not chosen:
        raise Unreadable(f"There is no submission {student!r}.")
    if exercise not in ASSIGNMENT:
        raise Unreadable(f"There is no exercise {exercise!r}: there are {', '.join(ASSIGNMENT)}.")
    for one in chosen:
        _explain(one, exercise, known["seed"], around)
    return 0


def _explain(submission: Submission, exercise: str, seed: int, around: Wall) -> None:
    _, found = collect(submission)
    plan = prepare(found, seed)
    seen = run(plan, around)
    mark = judge(submission, found, seed, seen).marks[exercise]
    points = "not graded" if mark.points is None else f"{mark.points:g} of {ASSIGNMENT[exercise]} points"
    print(f"{submission.name}, {exercise}: {points}\n\n{mark.verdict}\n")
    answer = found.found.get(exercise)
    print("The cell:\n" + _indented(answer.source if answer else "(there is none)"))
    if found.helpers:
        print("\nWhat other cells define that it uses:\n" + _indented(found.helpers))
    known = EXERCISES[exercise]
    if not isinstance(known, CodeExercise):
        own = student_seed(identity(submission, found)[0])
        print(f"\nWhat was given:\n{_indented(repr(known.given(own)))}\n\nThe reference:")
        print(_indented(known.solution(own)))
    if exercise not in seen:
        print("\nNothing was run.")
        return
    print(f"\nRunning it: {seen[exercise].end}.")
    asked = cases(known, seed) if isinstance(known, CodeExercise) else [{}]
    for number, (case, reply) in enumerate(zip(asked, seen[exercise].replies, strict=False), 1):
        print(f"\nCall {number}")
        for name, value in case.items():
            print(_indented(f"{name} = {_told(value)}"))
        try:
            print(_indented(f"came back: {_told(heard(reply))}"))
        except Garbled:
            print(_indented(f"came back: {reply[:80]!r}"))
        if isinstance(known, CodeExercise):
            print(_indented(f"the reference: {_told(known.reference(**case))}"))


def _told(value: Any) -> str:
    if isinstance(value, Exception):
        return f"{type(value).__name__}: {value}"
    if isinstance(value, tuple):
        return ", ".join(map(_told, value))
    return np.array2string(value, precision=6, threshold=60) if isinstance(value, np.ndarray) else repr(value)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in "".join(c for c in text if c.isprintable() or c == "\n").split("\n"))
