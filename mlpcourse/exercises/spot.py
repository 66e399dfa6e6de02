"""Exercises in which a slip is to be found in given lines, and mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.verdict import Verdict


class Line(NamedTuple):
    """One line: what is shown, the same without LaTeX, and, for a right line, why it is right."""

    shown: str
    plain: str
    why: str = ""


@dataclass(frozen=True, eq=False)
class SpotExercise(Exercise):
    """``lines``, numbered from 1; the first wrong one is the one without a ``why``.

    slip: its name in the catalogue. reveal: what is wrong with it, said when it was found. mend: the exercise that
    mends it; its function may be the answer here too. code: the lines are Python.
    """

    lines: tuple[Line, ...] = ()
    slip: str = ""
    reveal: str = ""
    mend: CodeExercise | None = None
    code: bool = False

    kind = "spot"

    @property
    def wrong(self) -> int:
        """The number of the wrong line."""
        return next(number for number, line in enumerate(self.lines, 1) if not line.why)

    def given(self, seed: int) -> Page:
        """The lines, numbered."""
        width = len(str(len(self.lines)))
        plain = "\n".join(f"    {number:>{width}}  {line.plain}" for number, line in enumerate(self.lines, 1))
        ask = f"{self.task} Answer with the line's number."
        if self.code:
            return Page(f"{ask}\n\n{plain}")
        shown = "\n\n".join(f"{number}.  {line.shown}" for number, line in enumerate(self.lines, 1))
        return Page(f"{ask}\n\n{shown}", f"{ask}\n\n{plain}")

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'my_line = ...  # the number of the wrong line\n\ncheck("{self.name}", my_line)'

    def solution(self, seed: int) -> str:
        """The number as a cell."""
        return f'my_line = {self.wrong}\n\ncheck("{self.name}", my_line)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on a line's number, or on a function that mends it."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        if callable(answer) and self.mend is not None:
            return self.mend.judge(answer, seed)
        number = _number(answer)
        if number is None or not 1 <= number <= len(self.lines):
            return Verdict("cannot check", self.name, f"The answer is a line's number, from 1 to {len(self.lines)}.")
        if number != self.wrong:
            why = self.lines[number - 1].why
            said = f"Line {number} is right: {why}"
            if number > self.wrong:
                said = f"Line {number} does what it says: {why} It is an earlier line that goes wrong."
            return Verdict("located", self.name, said)
        facts = [self.reveal]
        if self.mend is not None:
            facts.append(f"To write it right is the exercise `{self.mend.name}`, in lesson {self.mend.lesson:02}.")
        return Verdict("right", self.name, facts=tuple(facts))


def _number(answer: Any) -> int | None:
    if isinstance(answer, Sequence) and not isinstance(answer, str) and len(answer) == 1:
        answer = answer[0]
    try:
        number = float(str(answer).lower().replace("line", "").strip(" .:()"))
    except ValueError:
        return None
    return int(number) if number.is_integer() else None
