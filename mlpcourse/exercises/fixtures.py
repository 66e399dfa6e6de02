"""The inputs a learner's function is tried on: drawn so that no two answers can be taken for each other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import graph

Array = npt.NDArray[Any]
Case = dict[str, Any]


@dataclass(frozen=True, eq=False)
class Group:
    """Cases that show the same thing. when: "" for ordinary inputs, else how these differ, as it is said in a fact.

    situation: see ``slips.Slip``. kink: one z1 is exactly 0, where any number from 0 to 1 is a derivative of ReLU.
    single: each case is one example.
    """

    cases: tuple[Case, ...]
    when: str = ""
    situation: str = ""
    kink: bool = False
    single: bool = False


SIZES = ((4, 5, 3, 6), (5, 6, 4, 7))  # D, H, K, N: all different, and no ratio of two of them twice
NODES = ("y", "z1", "A1", "z2", "A2", "delta2", "dA1", "delta1")


Sizes = tuple[int, int, int, int]
_unvetted: ContextVar[Callable[[np.random.Generator, Sizes], Case] | None] = ContextVar("unvetted", default=None)


@contextmanager
def unvetted(shared: dict[Sizes, list[Case]] | None = None) -> Iterator[None]:
    """In the block, networks are drawn as they come: a hundred times as quick, and enough to tell right from wrong.

    shared: the networks of earlier blocks, by sizes. They are used again, in their order, and new ones join them.
    """
    known = {} if shared is None else shared
    taken: Counter[Sizes] = Counter()

    def draw(rng: np.random.Generator, sizes: Sizes) -> Case:
        there = known.setdefault(sizes, [])
        if taken[sizes] == len(there):
            there.append(_OnDemand(_parameters(rng, sizes)))
        taken[sizes] += 1
        return there[taken[sizes] - 1]

    token = _unvetted.set(draw)
    try:
        yield
    finally:
        _unvetted.reset(token)


def networks(rng: np.random.Generator, sizes: Sizes) -> Iterator[Case]:
    """Endless random networks with all nodes: gates open and closed, none near its kink, biases not zero."""
    draw = _unvetted.get()
    while draw is not None:
        yield draw(rng, sizes)
    while True:
        case = _parameters(rng, sizes)
        if _has_open_and_closed_gates(case["w1"] @ case["X"] + case["b1"]) and _distinguishes_slips(_OnDemand(case)):
            yield _with_nodes(case)


class _OnDemand(dict[str, Any]):
    """A network whose nodes are computed when they are asked for: a quick draw has many that nobody asks for."""

    def __init__(self, parameters: Case) -> None:
        super().__init__(parameters)
        self._value = graph.evaluator(parameters)

    def __missing__(self, node: str) -> Any:
        return self._value(node)


def network(rng: np.random.Generator, sizes: Sizes) -> Case:
    """One random network with all its nodes."""
    return _with_nodes(_parameters(rng, sizes))


def _parameters(rng: np.random.Generator, sizes: Sizes) -> Case:
    D, H, K, N = sizes
    shapes = (H, D), (H, 1), (D, N), (K, H), (K, 1)
    w1, b1, X, w2, b2 = _parts(rng.standard_normal(_size(shapes)), shapes)
    return {
        "w1": w1, "b1": b1, "X": X, "w2": 0.7 * w2, "b2": 0.7 * b2, "labels": rng.integers(0, K, N), "K": K,
        "learning_rate": float(rng.uniform(0.2, 0.6)),
    }  # fmt: skip


# One call for the numbers of several arrays takes a fraction of the time of several calls.


def _size(shapes: Sequence[tuple[int, int]]) -> int:
    return sum(rows * columns for rows, columns in shapes)


def _parts(numbers: Array, shapes: Sequence[tuple[int, int]]) -> list[Array]:
    """The numbers as arrays of these shapes, one after another."""
    parts, begin = [], 0
    for rows, columns in shapes:
        end = begin + rows * columns
        parts.append(numbers[begin:end].reshape(rows, columns))
        begin = end
    return parts


def _with_nodes(case: Case) -> Case:
    known = {name: value for name, value in case.items() if name not in NODES}
    return {**known, **dict(zip(NODES, graph.evaluate(NODES, known), strict=True))}


def _has_open_and_closed_gates(z1: Array) -> bool:
    """Whether both kinds of gates can be told apart, in every example, by how far they are open."""
    open_ = z1 > 0
    in_column = open_.sum(axis=0)
    return bool(
        0 < in_column.min() <= in_column.max() < len(z1)
        and 0.25 <= in_column.sum() / z1.size <= 0.75
        and np.abs(z1).min() > 0.02
        and open_[0].any() and open_[-1].any()  # or a loop that leaves out the first or the last unit would do no harm
        and z1[open_].min() < 1 < z1.max()
    )  # fmt: skip


def _distinguishes_slips(case: Case) -> bool:
    """Whether the network shows what it should: both kinds of signs and predictions, nothing extreme.

    What is seen quickly is asked first: most networks are thrown away.
    """
    z2, labels, K = case["z2"], case["labels"], case["K"]
    right = int((z2.argmax(axis=0) == labels).sum())
    if right > 0 if len(labels) == 1 else not (0 < right < len(labels) and len(set(labels.tolist())) == K):
        return False
    top = np.sort(z2, axis=0)
    return bool(
        _both_signs(z2)
        and (len(labels) == 1 or top[0].max() > 0)
        and (top[-1] - top[-2]).min() > 0.01
        and case["A2"].min() > 0.003
        and _both_signs(case["X"])
        and _both_signs(case["delta1"])
    )


def _both_signs(array: Array) -> bool:
    return bool(array.min() < 0 < array.max())


def picked(case: Case, names: tuple[str, ...]) -> Case:
    """Only the named nodes, in that order.

    A delta2 that is given alone has columns that do not sum to 0, as those of A2 - y do: sums over all of it show.
    """
    if "delta2" in names and not {"A2", "y"} & set(names):
        scaled = case["delta2"] * np.linspace(0.5, 1.5, len(case["delta2"]))[:, None]
        others = {name: value for name, value in case.items() if name not in ("dA1", "delta1")}
        case = _OnDemand({**others, "delta2": scaled})
    return {name: case[name] for name in names}


def batches(rng: np.random.Generator) -> list[Case]:
    """Batches of two sizes. The first z1 is positive in one and negative in the other: a function that takes its type
    of numbers from the first one, as `np.vectorize` does, is then wrong for everybody.
    """
    first = next(networks(rng, SIZES[0]))
    second = next(case for case in networks(rng, SIZES[1]) if (case["z1"][0, 0] > 0) != (first["z1"][0, 0] > 0))
    return [first, second]


def singles(rng: np.random.Generator) -> list[Case]:
    """Single examples of two sizes, the first predicted wrong and the second right."""
    wrong, right = (next(networks(rng, (*sizes[:3], 1))) for sizes in SIZES)
    return [wrong, _with_nodes({**right, "labels": right["A2"].argmax(axis=0)})]


def ordinary(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """Batches of two sizes, then single examples."""
    return lambda rng: [
        Group(tuple(picked(case, names) for case in batches(rng))),
        Group(tuple(picked(case, names) for case in singles(rng)), "with one example (N = 1)", single=True),
    ]


def one_example(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """Single examples of two sizes, and one more that is predicted right."""

    def draw(rng: np.random.Generator) -> list[Group]:
        cases = [next(networks(rng, (*sizes[:3], 1))) for sizes in SIZES]
        return [Group(tuple(picked(case, names) for case in (*cases, singles(rng)[1])), single=True)]

    return draw


def with_kinks(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """``ordinary``, then batches with one z1 exactly 0."""

    def draw(rng: np.random.Generator) -> list[Group]:
        kinks = tuple(picked(_at_a_kink(rng, sizes), names) for sizes in SIZES)
        return [*ordinary(*names)(rng), Group(kinks, "where a z1 is exactly 0", "kink", kink=True)]

    return draw


def _at_a_kink(rng: np.random.Generator, sizes: Sizes) -> Case:
    """A network with exactly one z1 equal to 0, all numbers so short that no rounding moves it."""
    D, H, K, N = sizes
    shapes = (H, D), (D, N), (K, H), (H, 1), (K, 1)
    while True:
        w1, X, w2, b1, b2 = _parts(rng.integers(-6, 7, _size(shapes)) / 4, shapes)
        unit, n = int(rng.integers(H)), int(rng.integers(N))
        b1[unit] -= (w1 @ X + b1)[unit, n]
        case: Case = {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "X": X, "labels": rng.integers(0, K, N), "K": K}
        case["learning_rate"] = 0.5
        case = _OnDemand(case)
        if (case["z1"] == 0).sum() == 1 and abs(case["dA1"][unit, n]) > 0.02 and np.abs(X[:, n]).min() > 0:
            return case


def moved(rng: np.random.Generator, *names: str) -> list[Group]:
    """Logits that are all moved by a large number, and columns that are moved by very different ones."""
    cases = [picked(next(networks(rng, sizes)), names) for sizes in (*SIZES, *SIZES)]
    for case in cases:
        case["z2"] = short(case["z2"])
    everywhere = [{**case, "z2": case["z2"] + by} for case, by in zip(cases[:2], (1000.0, -1000.0), strict=True)]
    apart = []
    for case in cases[2:]:
        by = rng.permutation(np.resize([0.0, 1000.0, -1500.0], case["z2"].shape[1]))
        apart.append({**case, "z2": case["z2"] + by})
    return [
        Group(tuple(everywhere), "with logits near 1000 or -1000", "shifted"),
        Group(tuple(apart), "with one column's logits near 0 and another's near 1000 or -1500", "apart"),
    ]


def short(z2: Array) -> Array:
    """Rounded so that a large number can be added even in float32 without a loss."""
    return np.round(z2 * 64) / 64


def wide(rng: np.random.Generator, with_labels: bool) -> Group:
    """One logit far above all others: exp of the distance overflows, exp of minus the distance does not vanish yet."""
    cases = []
    for N in (2, 3):
        z2 = -short(rng.uniform(731, 738, (40, N)))
        z2[0] = 0
        case: Case = {"z2": rng.permuted(z2, axis=0)}
        if with_labels:
            case["y"] = np.eye(40)[:, case["z2"].argmin(axis=0)]
        cases.append(case)
    return Group(tuple(cases), "with one logit 730 and more above all others", "wide")
