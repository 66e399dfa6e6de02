"""Slips that follow from the graph of steps: another node for an operand, a step left out or done twice.

The catalogue explains what a teacher knows. These are the mistakes that need no teacher, only the graph: any node that
can stand where another belongs. Their names and titles are made from the nodes.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from mlpcourse.exercises.graph import (
    NETWORK,
    SAYS,
    STEPS,
    TEX,
    Step,
    affine,
    ancestors,
    hidden_signal,
    reachable,
)
from mlpcourse.exercises.slips.catalogue import Candidate, Slip


@functools.cache
def generated(given: tuple[str, ...], targets: tuple[str, ...]) -> list[Candidate]:
    """Every way to get ``targets`` wrong by one other node or one step too few or too many, the last steps' first."""
    needed = ancestors(targets, given)
    known = reachable(given) & (NETWORK | set(given))
    depth = {node: len(ancestors([node], given)) for node in needed}
    found = [one for node in sorted(needed, key=lambda node: -depth[node]) for one in _at(node, given, known)]
    return [*found, *_too_far(given, targets, known), *_exchanged(given, targets, known)]


def _at(node: str, given: tuple[str, ...], known: set[str]) -> Iterator[Candidate]:
    step = STEPS[node]
    if node == "share":
        return  # which entry is the largest tells too little to name another array by
    by_name = sorted(known, key=lambda other: (other not in given, other))  # what is given is more likely meant
    possible = [other for other in by_name if other != node and node not in ancestors([other], given)]
    for role, right in step.takes.items():
        if right not in NETWORK:
            continue
        for other in possible:
            if other != right:
                yield _candidate(
                    node, f"{other}_for_{right}", f"`{other}` stands where `{right}` belongs",
                    f"What is {_called(node)} computed from?", Step(step.function, {**step.takes, role: other}),
                )  # fmt: skip
    in_network = [(role, right) for role, right in step.takes.items() if right in NETWORK]
    for (role, right), (other_role, other) in itertools.combinations(in_network, 2):
        yield _candidate(
            node, f"{right}_and_{other}_exchanged", f"`{right}` and `{other}` have changed places",
            f"What does `{right}` do in the step to {_called(node)}, and what does `{other}`?",
            Step(step.function, {**step.takes, role: other, other_role: right}),
        )  # fmt: skip
    for role, right in step.takes.items():
        if right in NETWORK:
            yield _candidate(
                node, f"{right}_turned", f"`{right}` is turned: its rows stand where its columns belong",
                f"Which entry of `{right}` belongs to which entry of {_called(node)}?",
                    Step(_turned(step.function, role), step.takes),
            )  # fmt: skip
    if step.function in _APART:
        first, second = list(step.takes.values())[:2]
        yield _candidate(
            node, f"{node}_sums_apart", f"`{first}` and `{second}` are added up each on its own, and then multiplied",
            "Is a sum of products the product of two sums? Try it with two terms.",
            Step(_APART[step.function], step.takes),
        )  # fmt: skip
    for right in dict.fromkeys(step.takes.values()):
        if right in NETWORK:
            yield _candidate(
                node, f"{node}_left_out", f"the step from `{right}` to {_called(node)} is left out",
                f"What happens between `{right}` and {_called(node)}?", Step(_itself, {"node": right}),
                latex=_same(node, right),
            )  # fmt: skip
    for role, right in step.takes.items():
        if right in NETWORK:
            yield _candidate(
                node, f"{node}_twice", f"the step from `{right}` to {_called(node)} is done twice",
                f"How often does the step to {_called(node)} happen?", Step(_twice(step.function, role), step.takes),
            )  # fmt: skip


# The product of two sums in the place of a sum of products.
_APART: dict[Callable[..., Any], Callable[..., Any]] = {
    affine: lambda w, inputs, b: w.sum(axis=1, keepdims=True) * inputs.sum(axis=0) + b,
    hidden_signal: lambda w2, delta2: w2.sum(axis=0)[:, None] * delta2.sum(axis=0),
}


@functools.cache
def two_at_once(given: tuple[str, ...], targets: tuple[str, ...]) -> list[Candidate]:
    """Two mistakes in one step of a layer, as they happen on paper."""
    return [
        _candidate(
            node, name, title.replace("<w>", w).replace("<b>", b).replace("<inputs>", inputs),
            f"Which numbers of `{w}`, `{inputs}` and `{b}` go into the first number of `{node}`, and how?",
            Step(function, STEPS[node].takes),
        )
        for node in ("z1", "z2")
        if node in ancestors(targets, given)
        for w, b, inputs in [(STEPS[node].takes[role] for role in ("w", "b", "inputs"))]
        for name, title, function in _IN_A_LAYER
    ]  # fmt: skip


_IN_A_LAYER: list[tuple[str, str, Callable[..., Any]]] = [
    ("columns_and_no_bias", "`<w>` is read by columns and `<b>` is left out", lambda w, inputs, b: w.T @ inputs),
    ("columns_and_minus_bias", "`<w>` is read by columns and `<b>` taken off", lambda w, inputs, b: w.T @ inputs - b),
    ("relu_on_inputs", "`<inputs>` goes through ReLU first", lambda w, inputs, b: w @ inputs.clip(0) + b),
    ("order_of_inputs", "the numbers of `<inputs>` stand in another order", lambda w, inputs, b: w @ inputs[::-1] + b),
]  # fmt: skip


def _called(node: str) -> str:
    """A node's name, where learners know it by that; not so what one exercise alone asks for."""
    return f"`{node}`" if node in NETWORK | {"L", "J", "log_A2"} or node.endswith("_new") else "the result"


def _too_far(given: tuple[str, ...], targets: tuple[str, ...], known: set[str]) -> Iterator[Candidate]:
    """One step more was done than was asked for, in the result that it starts from."""
    for node in targets:
        for other, step in STEPS.items():
            others = set(step.takes.values()) - {node}
            if node in step.takes.values() and other in NETWORK and others <= known and node in STEPS:
                ask = f"How far does the question go: to {_called(node)}, or to `{other}`?"
                if (node, other) == ("z1", "A1"):
                    ask = "Did you return A1 for z1? Or does your ReLU change z1 itself, in place?"
                title = f"`{other}` came back where {_called(node)} belongs"
                yield _candidate(node, f"{other}_for_{node}", title, ask, _both(node, step))


def _both(node: str, step: Step) -> Step:
    first = STEPS[node]

    def both(**given: Any) -> Any:
        value = first.function(**{role: given[source] for role, source in first.takes.items()})
        return step.function(**{r: value if source == node else given[source] for r, source in step.takes.items()})

    sources = {*first.takes.values(), *step.takes.values()} - {node}
    return Step(both, {source: source for source in sources})


def _exchanged(given: tuple[str, ...], targets: tuple[str, ...], known: set[str]) -> Iterator[Candidate]:
    """Another node came back in a result's place."""
    for node in targets:
        for other in sorted(known | set(targets)):
            if other != node and node not in ancestors([other], given) and node in STEPS:
                yield _candidate(
                    node, f"{other}_for_{node}", f"`{other}` came back where {_called(node)} belongs",
                    f"What is {_called(node)}, and what did you return in its place?", Step(_itself, {"node": other}),
                    latex=_same(node, other),
                )  # fmt: skip


def _candidate(node: str, name: str, title: str, hint: str, step: Step, latex: str = "") -> Candidate:
    breaks = f"{_called(node).replace('the', 'The')} no longer says {SAYS[node]}." if node in SAYS else ""
    slip = Slip(
        name=name, on=(node,), title=title, latex=latex, tempts="", breaks=breaks, hint=hint, function=step.function
    )
    return Candidate(slip, node, step, bool(latex))


def _same(node: str, other: str) -> str:
    """That ``other`` came in the place of ``node``, as a formula; "" where a result has no letter of its own."""
    return "" if "_" in node and node not in TEX else f"{TEX.get(node, node)} = {TEX.get(other, other)}"


def _itself(node: Any) -> Any:
    return node


def _turned(function: Callable[..., Any], role: str) -> Callable[..., Any]:
    def turned(**given: Any) -> Any:
        return function(**{**given, role: given[role].T})

    return turned


def _twice(function: Callable[..., Any], role: str) -> Callable[..., Any]:
    def twice(**given: Any) -> Any:
        return function(**{**given, role: function(**given)})

    return twice
