"""What every exercise has, whatever its kind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from mlpcourse.exercises.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise.

    hints: a question, the line of the derivation, a scaffold. see: the derivation it belongs to (as in
    ``derivation.show``), or "". A kind adds ``judge`` and says how its question and its solution look.
    """

    name: str
    lesson: int
    task: str
    hints: tuple[str, str, str]
    see: str = ""

    kind = ""

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on ``answer``; ``seed`` belongs to the learner."""
        raise NotImplementedError

    def stub(self) -> str:
        """The code cell a lesson starts with."""
        raise NotImplementedError

    def solution(self, seed: int) -> str:
        """Source that, run in place of ``stub``, answers the exercise."""
        raise NotImplementedError

    def not_attempted(self, message: str = "") -> Verdict:
        """The verdict on an untouched cell."""
        return Verdict("not attempted", self.name, message)
