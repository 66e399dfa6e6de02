"""A derivation, line by line: what changed, why, and both sides' numbers."""

from __future__ import annotations

import functools
import random
from typing import Any

import traitlets

from mlpcourse import network
from mlpcourse.widgets.mathml import compared, inline, mathml
from mlpcourse.widgets.view import Number, Numbers, OneHot, View

ARRAYS = ("X", "w1", "b1", "z1", "A1", "w2", "b2", "z2", "y")
COMPUTED = ("z1", "A1", "z2", "A2")


class StepThrough(View):
    """Made by ``step_through``. ``line`` is the line in sight, counted from 1; the arrays are its small network."""

    title = traitlets.Unicode().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    inputs: Any = traitlets.List().tag(sync=True)
    axes: Any = traitlets.List().tag(sync=True)
    line = Number(1, low=1, whole=True)
    also_reset = ("explained",)
    explained = traitlets.List(traitlets.Int()).tag(sync=True)
    X, w1, b1, z1, A1, w2, b2, z2 = (Numbers([0.0]) for _ in range(8))
    y = OneHot([1.0])

    def __init__(self, name: str) -> None:
        from mlpcourse.derivation import show

        self.shown = show(name)
        super().__init__(**_content(name), **_values(name))

    @traitlets.validate("line")
    def _line_exists(self, proposal: Any) -> int:
        last = len(self.lines) - 1  # the first entry is the left side
        if proposal.value > last:
            raise ValueError(f"line must lie between 1 and {last}, but is {proposal.value}")
        return int(proposal.value)

    def text(self) -> str:
        return repr(self.shown)

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The whole derivation."""
        return {"text/markdown": self.shown._repr_markdown_()}, {}


def step_through(name: str) -> StepThrough:
    """Go through a derivation (a key of ``DERIVATIONS``) line by line. Raises ValueError for an unknown name."""
    return StepThrough(name)


def _free(trees: list[Any]) -> list[str]:
    """The arrays that the learner may set: those that the trees name, or need, and that are not computed from these."""
    from mlpcourse.derivation.letters import DEPENDS, depends_on

    needed = set()

    def visit(tree: Any) -> None:
        if isinstance(tree, list):
            if tree[0] == "at":
                needed.add(tree[1])
            for part in tree[1:]:
                visit(part)
        elif tree == "t":
            needed.add("y")
        elif tree == "c":
            needed.add("z2")

    visit(["+", *trees])
    computed: set[str] = set()
    for name in reversed(COMPUTED):
        if name in needed and (name == "A2" or any(depends_on(name, other) for other in needed)):
            computed.add(name)
            needed.update(DEPENDS[name])
    return [name for name in ARRAYS if name in needed - computed]


def _options(name: str, reasons: list[str], at: int) -> list[int]:
    """The lines, counted from 0, whose reasons are offered for line ``at``: its own and two others, shuffled."""
    rng = random.Random(f"{name} {at}")
    others = {reason: number for number, reason in enumerate(reasons) if reason != reasons[at]}
    chosen = [at, *rng.sample(sorted(others.values()), min(2, len(others)))]
    rng.shuffle(chosen)
    return chosen


@functools.cache
def _content(name: str) -> dict[str, Any]:
    from mlpcourse.derivation import DERIVATIONS, as_json, latex, plain
    from mlpcourse.derivation.letters import COUNTS
    from mlpcourse.derivation.numbers import free_indices

    derivation = DERIVATIONS[name]
    sides = [derivation.lhs, *(line.expr for line in derivation.lines)]
    trees = [as_json(side) for side in sides]
    formulas = [latex(side) for side in sides]
    reasons = [line.reason for line in derivation.lines]
    lines = [{"tree": trees[0], "plain": plain(sides[0])}]
    for number, line in enumerate(derivation.lines, start=1):
        before, after = compared(formulas[number - 1], formulas[number])
        lines.append(
            {
                "tree": trees[number],
                "plain": plain(line.expr),
                "before": before if number > 1 else mathml(formulas[0]),
                "after": after,
                "reason": inline(line.reason),
                "ids": ", ".join(line.ids),
                "options": [number + 1 for number in _options(name, reasons, number - 1)],
            }
        )
    axes = [[letter.name, COUNTS[letter.name].name] for letter in free_indices(derivation.lhs)]
    return {"title": derivation.title, "lines": lines, "inputs": _free(trees), "axes": axes}


def _values(name: str) -> dict[str, Any]:
    """The lessons' small network; two examples for a batch."""
    import numpy as np

    from mlpcourse.data import tiny

    params, X, y = tiny()
    if name.startswith("batch"):
        X, y = np.hstack([X, [[-1.0], [0.5]]]), np.hstack([y, [[0.0], [0.0], [1.0]]])
    z1, A1, z2, _ = network.forward(params, X)
    return {**params._asdict(), "X": X, "y": y, "z1": z1, "A1": A1, "z2": z2}
