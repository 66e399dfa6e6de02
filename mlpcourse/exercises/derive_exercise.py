"""Exercises answered with a derivation: lines of mathematics, each proven, refuted or located."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.verdict import Verdict

if TYPE_CHECKING:
    from mlpcourse.exercises.deriving import Derived


@dataclass(frozen=True, eq=False)
class DeriveExercise(Exercise):
    """A derivation to be written by the learner; ``see`` is its name."""

    kind = "derive"

    def derived(self, lines: Any) -> Derived:
        """The lines, judged. Raises ValueError for an unknown derivation."""
        from mlpcourse.exercises import deriving

        found = deriving.find(self.see)
        if found is None:
            raise ValueError(f"there is no derivation {self.see!r}")
        return deriving.derived(found, lines)

    def given(self, seed: int) -> Any:
        """What is to be derived, and the form in which it ends."""
        return self.derived("")

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'derive("{self.see}")'

    def solution(self, seed: int) -> str:
        """The course's lines as a cell."""
        from mlpcourse.derivation import plain

        lines = "\n".join(plain(line.expr) for line in self.derived("").chain.derivation.lines)
        return f'my_lines = """\n{lines}\n"""\n\ncheck("{self.name}", my_lines)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on lines as text, on a list of them, or on what ``derive`` returned."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        lines = getattr(answer, "written", answer)
        if not _are_lines(lines):
            return Verdict("cannot check", self.name, "The answer is your lines as text, one a line.")
        result = self.derived(lines)
        return self._verdict(result) if result.lines else self.not_attempted()

    def _verdict(self, result: Derived) -> Verdict:
        number = result.first_wrong
        if number is None and result.reached:
            from mlpcourse.derivation.steps import LEAP, leapt  # with SymPy, which is slow to load

            facts = (f"{LEAP} Graded, it is worth half.",) if leapt(result.lines, result.chain.derivation) else ()
            return Verdict("right", self.name, "Every line is proven, to the end.", facts=facts)
        open_ones = [at for at, one in enumerate(result.lines, 1) if one.verdict == "undecided"]
        if number is None and open_ones:
            said = f"Line {open_ones[0]} is neither proven nor refuted: {result.lines[open_ones[0] - 1].message}"
            return Verdict("wrong", self.name, f"{said} Go on, to a line {result.chain.goal}.")
        if number is None:
            return Verdict(
                "wrong", self.name, f"What stands there is right so far. Go on, to a line {result.chain.goal}."
            )
        line = result.lines[number - 1]
        from mlpcourse.derivation.typesetting import without_tex

        details = tuple((label, without_tex(text)) for label, text in line.details)
        if line.verdict == "unreadable":
            return Verdict(
                "cannot check" if number == 1 else "wrong", self.name,
                f"Line {number} cannot be read, from column {line.column}: {line.message}", line.slip,
            )  # fmt: skip
        kind: Any = "slip" if line.slip else "wrong"
        return Verdict(
            kind, self.name, f"Line {number} is wrong: {line.message}", line.slip, details=details, latex=line.reading
        )


def _are_lines(answer: Any) -> bool:
    """Whether it is text, or a list of texts."""
    return isinstance(answer, str) or (
        isinstance(answer, list | tuple) and all(isinstance(line, str) for line in answer)
    )


def answers_by_deriving(name: str, answer: Any, exercises: Mapping[str, Exercise]) -> Exercise | None:
    """The derivation that lines under this name answer, as in ``check("output_delta", lines)``, or None."""
    known = exercises.get(f"derive_{name.removeprefix('derive_')}")
    lines = hasattr(answer, "written") or (_are_lines(answer) and answer not in ([], ()))
    if name in exercises and not lines:
        return None
    if known is not None:
        return known
    from mlpcourse.exercises import deriving

    short = name.removeprefix("derive_")
    return DeriveExercise(name, 0, "", ("", "", ""), short) if lines and deriving.find(short) is not None else None
