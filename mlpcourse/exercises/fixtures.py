"""The inputs a learner's function is tried on: drawn so that no two answers can be taken for each other."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse import slips

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


def networks(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Iterator[Case]:
    """Random networks with all their nodes, for ever: gates open and closed, none near its kink, biases not zero."""
    while True:
        case = _parameters(rng, sizes)
        if _gates_tell(case["w1"] @ case["X"] + case["b1"]) and _telling(_with_nodes(case)):
            yield case


def network(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    """One random network with all its nodes."""
    return _with_nodes(_parameters(rng, sizes))


def _parameters(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    D, H, K, N = sizes
    return {
        "w1": rng.normal(0, 1, (H, D)), "b1": rng.normal(0, 1, (H, 1)), "X": rng.normal(0, 1, (D, N)),
        "w2": rng.normal(0, 0.7, (K, H)), "b2": rng.normal(0, 0.7, (K, 1)),
        "labels": rng.integers(0, K, N), "K": K, "learning_rate": float(rng.uniform(0.2, 0.6)),
    }  # fmt: skip


def _with_nodes(case: Case) -> Case:
    case.update(zip(NODES, slips.evaluate(NODES, case), strict=True))
    return case


def _gates_tell(z1: Array) -> bool:
    """Whether both kinds of gates can be told apart, in every example, by how far they are open."""
    open_ = z1 > 0
    return bool(
        0.25 <= np.count_nonzero(open_) / z1.size <= 0.75
        and open_[[0, -1]].any(axis=1).all()  # or a loop that leaves out the first or the last unit would do no harm
        and (open_.any(axis=0) & (z1 < 0).any(axis=0)).all()
        and np.abs(z1).min() > 0.02
        and (open_ & (z1 < 1)).any()
        and (z1 > 1).any()
    )


def _telling(case: Case) -> bool:
    """Whether the network shows what it should: both kinds of signs and predictions, nothing extreme."""
    z2, A2, y, X, delta1 = (case[name] for name in ("z2", "A2", "y", "X", "delta1"))
    N = y.shape[1]
    right = (A2.argmax(axis=0) == y.argmax(axis=0)).mean()
    top = np.sort(z2, axis=0)
    return bool(
        A2.min() > 0.003
        and (top[-1] - top[-2]).min() > 0.01
        and all((part < 0).any() and (part > 0).any() for part in (z2, X, delta1))
        and (right == 0 if N == 1 else 0 < right < 1 and y.any(axis=1).all() and (z2 > 0).all(axis=0).any())
    )


def picked(case: Case, names: tuple[str, ...]) -> Case:
    """Only the named nodes, in that order."""
    return {name: case[name] for name in names}


def ordinary(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """Batches of two sizes, then single examples."""

    def draw(rng: np.random.Generator) -> list[Group]:
        return [
            Group(tuple(picked(next(networks(rng, sizes)), names) for sizes in SIZES)),
            Group(
                tuple(picked(next(networks(rng, (*sizes[:3], 1))), names) for sizes in SIZES),
                "with one example (N = 1)",
                single=True,
            ),
        ]

    return draw


def one_example(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """Single examples of two sizes."""
    return lambda rng: [Group(tuple(picked(next(networks(rng, (*s[:3], 1))), names) for s in SIZES), single=True)]


def relu_cases(rng: np.random.Generator) -> list[Group]:
    """Batches, single examples, and scores so large that a capped activation shows."""
    groups = ordinary("z1")(rng)
    large = tuple({"z1": 100 * case["z1"]} for case in groups[0].cases)
    return [*groups, Group(large, "where entries of z1 are in the hundreds")]


def with_kinks(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """``ordinary``, then batches with one z1 exactly 0."""

    def draw(rng: np.random.Generator) -> list[Group]:
        kinks = tuple(picked(_at_a_kink(rng, sizes), names) for sizes in SIZES)
        return [*ordinary(*names)(rng), Group(kinks, "where a z1 is exactly 0", "kink", kink=True)]

    return draw


def _at_a_kink(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    """A network with exactly one z1 equal to 0, all numbers so short that no rounding moves it."""
    D, H, K, N = sizes
    while True:
        w1, X, w2, b1, b2 = (rng.integers(-6, 7, s) / 4 for s in ((H, D), (D, N), (K, H), (H, 1), (K, 1)))
        unit, n = int(rng.integers(H)), int(rng.integers(N))
        b1[unit] -= (w1 @ X + b1)[unit, n]
        case: Case = {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "X": X, "labels": rng.integers(0, K, N), "K": K}
        case["learning_rate"] = 0.5
        case.update(zip(NODES, slips.evaluate(NODES, case), strict=True))
        if (case["z1"] == 0).sum() == 1 and abs(case["dA1"][unit, n]) > 0.02 and np.abs(X[:, n]).min() > 0:
            return case


def _moved(rng: np.random.Generator, *names: str) -> list[Group]:
    """Logits that are all moved by a large number, and columns that are moved by very different ones."""
    cases = [picked(next(networks(rng, sizes)), names) for sizes in (*SIZES, *SIZES)]
    for case in cases:
        case["z2"] = _short(case["z2"])
    everywhere = [{**case, "z2": case["z2"] + by} for case, by in zip(cases[:2], (1000.0, -1000.0), strict=True)]
    apart = []
    for case in cases[2:]:
        by = rng.permutation(np.resize([0.0, 1000.0, -1500.0], case["z2"].shape[1]))
        apart.append({**case, "z2": case["z2"] + by})
    return [
        Group(tuple(everywhere), "with logits near 1000 or -1000", "shifted"),
        Group(tuple(apart), "with one column's logits near 0 and another's near 1000 or -1500", "apart"),
    ]


def _short(z2: Array) -> Array:
    """Rounded so that a large number can be added even in float32 without a loss."""
    return np.round(z2 * 64) / 64


def _wide(rng: np.random.Generator, with_labels: bool) -> Group:
    """One logit far above all others: exp of the distance overflows, exp of minus the distance does not vanish yet."""
    cases = []
    for N in (2, 3):
        z2 = -_short(rng.uniform(731, 738, (40, N)))
        z2[0] = 0
        case: Case = {"z2": rng.permuted(z2, axis=0)}
        if with_labels:
            case["y"] = np.eye(40)[:, case["z2"].argmin(axis=0)]
        cases.append(case)
    return Group(tuple(cases), "with one logit 730 and more above all others", "wide")


def softmax_cases(rng: np.random.Generator) -> list[Group]:
    """Logits of every size."""
    return [*ordinary("z2")(rng), *_moved(rng, "z2"), _wide(rng, False)]


def cross_entropy_cases(rng: np.random.Generator) -> list[Group]:
    """Logits of every size, and true classes that are nearly impossible."""
    far = []
    for sizes in SIZES:
        case = next(networks(rng, sizes))
        down = case["y"] * rng.integers(800, 3000, case["y"].shape[1])
        far.append({"z2": _short(case["z2"]) - down, "y": case["y"]})
    near, apart = _moved(rng, "z2", "y")
    when = "where the true class is nearly impossible (its logit is lower by 800 and more)"
    return [*ordinary("z2", "y")(rng), near, _wide(rng, True), Group(tuple(far), when, "far"), apart]


def one_hot_cases(rng: np.random.Generator) -> list[Group]:
    """Labels of batches, one batch without the last class, and single labels."""
    batches, missing, single = [], [], []
    for (_, _, K, N), classes in zip(SIZES, ([0, 1, 2], [0, 2, 3]), strict=True):
        batches.append({"labels": rng.permutation(np.resize(classes, N)), "K": K})
        missing.append({"labels": rng.permutation(np.resize(np.arange(K - 1), N)), "K": K})
        single.append({"labels": rng.integers(1, K - 1, 1), "K": K})
    return [
        Group(tuple(batches)),
        Group(tuple(missing), "where no example belongs to the last class", "missing"),
        Group(tuple(single), "with one example (N = 1)", single=True),
    ]


def accuracy_cases(rng: np.random.Generator) -> list[Group]:
    """Larger batches, and several: a share is only one number."""
    names = ("w1", "b1", "w2", "b2", "X", "y")
    sizes = ((4, 5, 3, 23), (5, 6, 4, 29), (3, 6, 4, 31), (6, 4, 3, 37), (4, 3, 5, 41))
    cases = [_uncertain(rng, size) for size in sizes]
    cases[:2] = [_largest_first(case) for case in cases[:2]]
    return [
        Group(tuple(picked(case, names) for case in cases)),
        Group(
            tuple(picked(next(networks(rng, (*s[:3], 1))), names) for s in SIZES),
            "with one example (N = 1)",
            single=True,
        ),
    ]


def _largest_first(case: Case) -> Case:
    """The same network, its classes and examples put into another order: first the class and example of the largest z2.

    That example is of that class, so that `z2.argmax() == y.argmax()`, which looks at nothing else, is true.
    """
    top, n = np.unravel_index(case["z2"].argmax(), case["z2"].shape)
    rows, columns = (np.roll(np.arange(size), -first) for size, first in zip(case["z2"].shape, (top, n), strict=True))
    y = case["y"].copy()
    y[:, n] = np.eye(len(y))[top]
    return {
        **case, "X": case["X"][:, columns], "y": y[rows][:, columns], "w2": case["w2"][rows], "b2": case["b2"][rows],
    }  # fmt: skip


def _uncertain(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    """A network that is right about half of the time, and not always sure."""
    while True:
        case = network(rng, sizes)
        K, N = sizes[2:]
        labels = np.where(rng.random(N) < 0.6, case["z2"].argmax(axis=0), rng.integers(0, K, N))
        y, ordered = np.eye(K)[:, labels], np.sort(case["A2"], axis=0)
        gap, top = (ordered[-1] - ordered[-2]).min(), ordered[-1]
        if y.any(axis=1).all() and gap > 1e-3 and (top < 0.45).any() and (top > 0.6).any():
            return {**case, "y": y}


class Probe:
    """A smooth function of an array, which remembers where it was evaluated.

    f(x) = sum(a d + b d^2 + c d^3) + 900 sum(d)^2 with d = x - p: strongly curved at p, so that one-sided differences
    show, and with entries that depend on each other, so that one left moved shows in the next.
    """

    def __init__(self, p: Array, a: Array, b: Array, c: Array) -> None:
        self.p, self.a, self.b, self.c = p, a, b, c
        self.points: list[Array] = []

    def __call__(self, x: Any) -> Any:
        at = np.array(x)
        self.points.append(at)
        d = at - self.p
        return (self.a * d + self.b * d**2 + self.c * d**3).sum() + 900 * d.sum() ** 2

    def __copy__(self) -> Probe:
        return Probe(self.p, self.a, self.b, self.c)


def slope_cases(rng: np.random.Generator) -> list[Group]:
    """Functions with the points at which their gradients are asked for, in one, two and three dimensions."""
    cases = []
    for shape in ((2, 3), (4, 2), (5,), (2, 3, 2)):
        x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
        a, b, c = (rng.uniform(low, high, shape) * rng.choice([-1, 1], shape) for low, high in
                   ((0.5, 3), (800, 2000), (0.5, 1.5)))  # fmt: skip
        cases.append({"f": Probe(x, a, b, c), "x": x})
    return [Group(tuple(cases[:2])), Group(tuple(cases[2:]), "where x has one axis or three")]
