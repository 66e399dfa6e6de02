"""The lines of a derivation, to be put in order."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import traitlets

from mlpcourse.widgets.mathml import inline, mathml
from mlpcourse.widgets.view import View


class Order(View):
    """Lines with the letters A, B, C, ... in the order given; ``order`` is the learner's, as a word such as "BAC"."""

    title = traitlets.Unicode().tag(sync=True)
    heading = traitlets.Unicode().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    also_reset = ("order",)
    order = traitlets.Unicode().tag(sync=True)

    def __init__(self, task: str, start: tuple[str, str], lines: Sequence[tuple[str, str]]) -> None:
        """The ``lines`` follow from ``start``; each is a pair, in LaTeX without dollars and in plain text."""
        latex, plain = start
        self.formulas = [formula for formula, _ in lines]
        letters = string.ascii_uppercase[: len(lines)]
        shown = [
            {"letter": letter, "mathml": mathml(formula), "plain": text}
            for letter, (formula, text) in zip(letters, lines, strict=True)
        ]
        title, heading = f"{task} They start from {plain}.", inline(f"{task} They start from ${latex}$.")
        super().__init__(title=title, heading=heading, lines=shown, order=letters)

    @traitlets.validate("order")
    def _every_line_once(self, proposal: Any) -> str:
        letters = "".join(line["letter"] for line in self.lines)
        if sorted(proposal.value) != sorted(letters):
            raise ValueError(f"order must hold each of the letters {letters} once, but is {proposal.value!r}")
        return str(proposal.value)

    def text(self) -> str:
        shown = {line["letter"]: line["plain"] for line in self.lines}
        rows = [f"  {letter}  {shown[letter]}" for letter in self.order]
        how = f'An order can also be written, and checked as it is: lines = "{"".join(sorted(shown))[::-1]}"'
        return "\n".join([f"{self.title} Now: {self.order}", *rows, how])

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The lines in the order they have now."""
        formula = dict(zip((line["letter"] for line in self.lines), self.formulas, strict=True))
        rows = [f"| **{letter}** | $\\displaystyle {formula[letter]}$ |" for letter in self.order]
        return {"text/markdown": "\n".join([self.title, "", "| | |", "|:--|:--|", *rows])}, {}
