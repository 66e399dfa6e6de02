"""Lines of a page, each to be marked with what is wrong in it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import traitlets

from mlpcourse.widgets.mathml import in_sides
from mlpcourse.widgets.view import View


class Marks(View):
    """Lines and kinds of mistakes; ``marks`` holds for a line's name the kinds that the learner has given it."""

    title = traitlets.Unicode().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    kinds: Any = traitlets.List().tag(sync=True)
    marks: Any = traitlets.Dict().tag(sync=True)
    explained = traitlets.Bool().tag(sync=True)

    def __init__(
        self, task: str, lines: Mapping[str, str], kinds: Mapping[str, str], *, explained: bool = False
    ) -> None:
        """``lines``: a formula in LaTeX for each name. ``kinds``: what a line can be marked with, and what it means.

        What the kinds mean is unfolded where it is to be ``explained``.
        """
        self.formulas = dict(lines)
        shown = [{"name": name, "mathml": in_sides(formula)} for name, formula in lines.items()]
        super().__init__(title=task, lines=shown, kinds=list(kinds.items()), marks={}, explained=explained)

    @traitlets.validate("marks")
    def _known_names(self, proposal: Any) -> dict[str, list[str]]:
        names, known, marks = [line["name"] for line in self.lines], [kind for kind, _ in self.kinds], {}
        for name, kinds in proposal.value.items():
            if name not in names:
                raise ValueError(f"marks names the line {name!r}, but the lines are {', '.join(names)}")
            for kind in kinds:
                if kind not in known:
                    raise ValueError(f"marks holds {kind!r}, but the kinds are {', '.join(known)}")
            marks[name] = list(dict.fromkeys(kinds))
        return marks

    def text(self) -> str:
        """The lines, what they are marked with, and all that they can be marked with."""
        from mlpcourse.derivation.typesetting import plain_tex

        rows = []
        for name, formula in self.formulas.items():
            marked = ", ".join(self.marks.get(name, ()))
            rows.append(f"  {name}  {plain_tex(formula)}{f'  <- {marked}' if marked else ''}")
        kinds = [f"  {kind}: {means}" for kind, means in self.kinds]
        first, (kind, _) = next(iter(self.formulas)), self.kinds[0]
        how = f'Marks can also be written, and checked as they are: marks = {{"{first}": ["{kind}"], ...}}'
        return "\n".join(
            [self.title, *rows, "A line can have one or more of these kinds of mistake, or none:", *kinds, how]
        )

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The lines with the marks they have now."""
        rows = [
            f"| {name} | $\\displaystyle {formula}$ | {', '.join(self.marks.get(name, ()))} |"
            for name, formula in self.formulas.items()
        ]
        kinds = [f"- *{kind}*: {means}" for kind, means in self.kinds]
        table = [self.title, "", "| | | marked |", "|:--|:--|:--|", *rows, "", "The kinds of mistake:", "", *kinds]
        return {"text/markdown": "\n".join(table)}, {}
