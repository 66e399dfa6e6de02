"""Exercises that name the mistake.

    from mlpcourse.exercises import check, given, hint, progress, solution

    check(softmax)                      a function you wrote, found by its name
    check("surprise_by_hand", 0.69)     any other answer, with the exercise's name
    given("surprise_by_hand")           the numbers of your own small network
    hint("softmax")                     one more of three hints each time
    solution("softmax")                 the model answer, with its derivation
    progress()                          what is done, and what is next

Nothing here raises at a learner: an answer that cannot be judged gets a sentence.
"""

from __future__ import annotations

import difflib
from typing import Any

from mlpcourse.exercises.catalogue import EXERCISES, PLANNED
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.verdict import Verdict

__all__ = ["Verdict", "check", "given", "hint", "progress", "solution"]

_NOTHING: Any = object()


def check(exercise: Any, answer: Any = _NOTHING) -> Verdict:
    """The verdict on an answer: ``check(softmax)`` for a function, ``check("loss_by_hand", 0.69)`` for all else."""
    name = exercise if isinstance(exercise, str) else getattr(exercise, "__name__", type(exercise).__name__)
    if answer is _NOTHING:
        answer = None if isinstance(exercise, str) else exercise
    found = EXERCISES.get(name)
    if found is None:
        return Verdict("cannot check", name, _unknown(name))
    return found.judge(answer, 0)


def hint(exercise: Any) -> str:
    """The next of an exercise's three hints."""
    return "Hints are being written."


def solution(exercise: Any) -> str:
    """The model answer."""
    found: Exercise | None = EXERCISES.get(exercise if isinstance(exercise, str) else exercise.__name__)
    return found.solution(0) if found else _unknown(str(exercise))


def given(exercise: str) -> str:
    """What an exercise gives you to work with."""
    return "The numbers are being written."


def progress() -> str:
    """What is done, and what is next."""
    return "Progress is being written."


def _unknown(name: str) -> str:
    if name in PLANNED:
        return "This exercise is not ready yet."
    near = difflib.get_close_matches(name, [*EXERCISES, *PLANNED], n=3, cutoff=0.5)
    guess = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
    return f"No exercise has this name.{guess}"
