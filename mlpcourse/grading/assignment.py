"""The graded work: which exercises, for how many points, and every student's own numbers."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

from mlpcourse import exercises
from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.exercise import Page
from mlpcourse.exercises.verdict import Verdict

# Exercise -> points. The notebook's cells are named after these; a test holds the two together.
ASSIGNMENT: dict[str, int] = {
    "relu": 4, "softmax": 10, "cross_entropy": 10, "softmax_jacobian": 10, "spot_lost_factor": 5, "output_delta": 10,
    "grad_w2": 8, "gate_by_hand": 8, "hidden_delta": 8, "spot_wrong_layer": 5, "backward": 14, "update_by_hand": 8,
}  # fmt: skip
SLIP_SHARE = 0.4  # of an exercise's points, for a wrong answer whose slip has a name


def student_seed(student: str) -> int:
    """What a student's own numbers are drawn with; capitals and outer spaces do not matter."""
    return int.from_bytes(sha256(" ".join(student.split()).casefold().encode("utf-8", "replace")).digest()[:6])


def for_student(student: str) -> tuple[Callable[..., Verdict], Callable[[str], Any]]:
    """``check`` and ``given`` with the numbers of this student, as the assignment's notebook uses them."""
    seed = student_seed(student)

    def check(exercise: Any, answer: Any = ...) -> Verdict:
        """The verdict on ``check(function)`` or ``check("exercise", answer)``."""
        if isinstance(exercise, str) and exercise in EXERCISES:
            return EXERCISES[exercise].judge(answer, seed)
        return exercises.check(exercise)

    def given(exercise: str) -> Any:
        """What an exercise gives you to work with."""
        if EXERCISES[exercise].kind == "number" and not student.strip():
            return Page("Write your name into the first cell and run it: your numbers are drawn from it.")
        return EXERCISES[exercise].given(seed)

    return check, given
