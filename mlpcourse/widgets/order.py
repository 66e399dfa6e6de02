"""The lines of a derivation, to be put in order."""

from __future__ import annotations

import string
from collections.abc import Sequence
from typing import Any

import traitlets

from mlpcourse.widgets.mathml import mathml
from mlpcourse.widgets.view import View


class Order(View):
    """Lines with the letters A, B, C, ... in the order given; ``order`` is the learner's, as a word such as "BAC"."""

    title = traitlets.Unicode().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    order = traitlets.Unicode().tag(sync=True)

    def __init__(self, title: str, formulas: Sequence[str], plain: Sequence[str]) -> None:
        """``formulas``: the lines in LaTeX, without dollars; ``plain``: the same in plain text."""
        self.formulas = formulas
        letters = string.ascii_uppercase[: len(formulas)]
        lines = [
            {"letter": letter, "mathml": mathml(formula), "plain": text}
            for letter, formula, text in zip(letters, formulas, plain, strict=True)
        ]
        super().__init__(title=title, lines=lines, order=letters)

    @traitlets.validate("order")
    def _every_line_once(self, proposal: Any) -> str:
        letters = "".join(line["letter"] for line in self.lines)
        if sorted(proposal.value) != sorted(letters):
            raise ValueError(f"order must hold each of the letters {letters} once, but is {proposal.value!r}")
        return str(proposal.value)

    def text(self) -> str:
        shown = {line["letter"]: line["plain"] for line in self.lines}
        return "\n".join(
            [f"{self.title} Now: {self.order}", *(f"  {letter}  {shown[letter]}" for letter in self.order)]
        )

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The lines in the order they have now."""
        formula = dict(zip((line["letter"] for line in self.lines), self.formulas, strict=True))
        rows = [f"| **{letter}** | $\\displaystyle {formula[letter]}$ |" for letter in self.order]
        return {"text/markdown": "\n".join([self.title, "", "| | |", "|:--|:--|", *rows])}, {}
