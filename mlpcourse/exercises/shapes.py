"""Exercises answered with shapes, predicted before anything is computed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mlpcourse.exercises import graph, slips
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.exercises.wording import where_derived
from mlpcourse.network import SHAPES

Shape = tuple[int, ...]

GRADIENTS = {"dw1": "w1", "db1": "b1", "dw2": "w2", "db2": "b2"}
_MEANING = {"D": "inputs", "H": "hidden units", "K": "classes", "N": "examples", "1": "a single column"}


@dataclass(frozen=True, eq=False)
class ShapeExercise(Exercise):
    """The shapes of ``nodes`` in a network with the sizes D, H, K, N; ``labels`` are the names a learner reads."""

    nodes: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    sizes: tuple[int, int, int, int] = (2, 4, 3, 1)

    kind = "shape"

    def truth(self) -> list[Shape]:
        """The right shapes."""
        return [self._shape(GRADIENTS.get(node, node)) for node in self.nodes]

    def _shape(self, node: str) -> Shape:
        known = {**dict(zip("DHKN", self.sizes, strict=True)), "1": 1}
        return tuple(known[letter] for letter in SHAPES[node])

    def given(self, seed: int) -> Page:
        """The sizes and the question."""
        D, H, K, N = self.sizes
        return Page(f"{self.task}\n\nD = {D} inputs, H = {H} hidden units, K = {K} classes, N = {N} examples.")

    def stub(self) -> str:
        """The cell a lesson starts with."""
        one = len(self.nodes) == 1
        shapes = "my_shape = ...  # for example (2, 2)" if one else "my_shapes = ...  # a list of shapes"
        return f'{shapes}\n\ncheck("{self.name}", {"my_shape" if one else "my_shapes"})'

    def solution(self, seed: int) -> str:
        """The right shapes as a cell."""
        one = len(self.nodes) == 1
        name, value = ("my_shape", self.truth()[0]) if one else ("my_shapes", self.truth())
        return f'{name} = {value}\n\ncheck("{self.name}", {name})'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on one shape, or on a list of them."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        truth = self.truth()
        shapes = _read(answer, truth)
        if shapes is None:
            wanted = "a shape such as (2, 3)" if len(truth) == 1 else f"{len(truth)} shapes such as (2, 3), in a list"
            return Verdict("cannot check", self.name, f"The answer is {wanted}.")
        if len(shapes) != len(truth):
            return Verdict("wrong", self.name, f"{len(truth)} shapes are asked for, {len(shapes)} came.")
        wrong = [at for at, shape in enumerate(shapes) if shape != truth[at]]
        if not wrong:
            flat = [at for at, shape in enumerate(_written(answer, truth)) if shape != truth[at]]
            said = "In this course every array has two axes: one column is (3, 1), not (3,)."
            return Verdict("right", self.name, facts=(said,) if flat else ())
        verdict = self._explained(shapes[wrong[0]], wrong[0])
        if len(truth) == 1:
            return verdict
        right = [self.labels[at] for at in range(len(truth)) if at not in wrong] or ["none"]
        said = f"Not right: {', '.join(self.labels[at] for at in wrong)}. Right: {', '.join(right)}."
        return replace(verdict, message=f"{said} {verdict.message}".rstrip())

    def _explained(self, shape: Shape, at: int) -> Verdict:
        node, truth, label = self.nodes[at], self.truth()[at], self.labels[at]
        facts = []
        where = f"{label}: " if len(self.nodes) > 1 else ""
        if len(shape) != 2:
            facts.append(f"{where}Every array has two axes, rows and columns. {shape} has {len(shape)}.")
            return Verdict("wrong", self.name, facts=tuple(facts))
        found = _slip_with_shape(self.sizes, node, shape)
        if found is not None and shape != truth[::-1]:
            one, at_node = found.slip, found.node
            details = [("Why it tempts", one.text("tempts", at_node))]
            details.append(("Where it is derived", where_derived(one, at_node, self.sizes[3] > 1)))
            said = f"{where}{shape} comes out when {one.text('title', at_node)}."
            return Verdict(
                "slip", self.name, said, one.name, (), (), tuple(pair for pair in details if pair[1]),
                one.text("latex", at_node), question=one.text("hint", at_node),
            )  # fmt: skip
        if shape == truth[::-1]:
            question = "What does a column stand for?"
            if node in GRADIENTS:
                question = "Which array has the same shape as a gradient?"
            return Verdict(
                "slip", self.name, f"{where}Rows and columns are exchanged: rows come first.", "transposed",
                question=question,
            )  # fmt: skip
        others = [other for other in graph.STEPS[node].takes.values() if other in SHAPES] if node in graph.STEPS else []
        taken = next((other for other in others if self._shape(other) == shape), None)
        if taken is not None:
            said = f"{where}{shape} is the shape of `{taken}`, and not of what comes out."
            question = f"Which rows and which columns are left when {label} is computed?"
            return Verdict("slip", self.name, said, f"shape_of_{taken}", (), tuple(facts), question=question)
        for axis, (got, letter) in enumerate(zip(shape, SHAPES[GRADIENTS.get(node, node)], strict=True)):
            if got != truth[axis]:
                name = "rows" if axis == 0 else "columns"
                known = [_MEANING[x] for x, size in zip("DHKN", self.sizes, strict=True) if size == got]
                counts = f": {got} is the number of {known[0]}" if known and "1" not in (letter, str(got)) else ""
                if counts and shape[1 - axis] == truth[1 - axis]:
                    said, question = (
                        f"{where}The number of {name} is not right{counts}.",
                        f"What do the {name} stand for?",
                    )
                    kind = f"{known[0].replace(' ', '_')}_counted"
                    return Verdict("slip", self.name, said, kind, (), tuple(facts), question=question)
                facts.append(f"{where}The number of {name} is not right{counts}. What do the {name} stand for?")
        return Verdict("wrong", self.name, facts=tuple(facts))


def _written(answer: Any, truth: Sequence[Shape]) -> list[Shape]:
    """The shapes as they were written. Raises TypeError or ValueError where they are none."""
    listed = [answer] if len(truth) == 1 and not (isinstance(answer, list) and len(answer) == 1) else list(answer)
    if isinstance(answer, dict):
        listed = list(answer.values())
    shapes = []
    for one in listed:
        parts = one.strip("()[] ").replace("x", ",").split(",") if isinstance(one, str) else one
        parts = [parts] if isinstance(parts, int | np.integer) else parts
        shapes.append(tuple(int(part) for part in parts if str(part).strip()))
    return shapes


def _read(answer: Any, truth: Sequence[Shape]) -> list[Shape] | None:
    """The shapes, a missing axis of length 1 put in; None where the answer is no list of shapes."""
    try:
        shapes = _written(answer, truth)
    except (TypeError, ValueError):
        return None
    if len(shapes) != len(truth):
        return shapes
    return [
        right if len(shape) < 2 and [n for n in shape if n != 1] == [n for n in right if n != 1] else shape
        for shape, right in zip(shapes, truth, strict=True)
    ]


def _slip_with_shape(sizes: tuple[int, int, int, int], node: str, shape: Shape) -> slips.Candidate | None:
    """The first slip in this very step whose result has that shape; none where nothing is computed."""
    if node in ("X", "y"):
        return None
    known = {**dict(zip("DHKN", sizes, strict=True)), "1": 1}
    case: Case = {
        name: np.ones(tuple(known[letter] for letter in letters)) for name, letters in SHAPES.items() if name != node
    }
    for one in slips.candidates(tuple(case), (node,), sizes[3] > 1):
        if one.node != node:
            continue
        try:
            with np.errstate(all="ignore"):
                (value,) = graph.evaluate([node], case, {node: one.step})
        except Exception:  # a slip that is impossible with these sizes
            continue
        if np.shape(value) == shape:
            return one
    return None
