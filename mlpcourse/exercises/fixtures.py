"""The inputs a learner's function is tried on: drawn so that no two answers can be taken for each other."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse import slips

Array = npt.NDArray[Any]
Case = dict[str, Any]


@dataclass(frozen=True)
class Group:
    """Cases that show the same thing. when: "" for ordinary inputs, else how these differ, as it is said in a fact."""

    cases: tuple[Case, ...]
    when: str = ""


SIZES = ((4, 5, 3, 6), (5, 3, 4, 7))  # D, H, K, N: all different, and no ratio of them twice


def networks(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Iterator[Case]:
    """Random networks with all their nodes, for ever: gates open and closed, none near its kink, biases not zero."""
    D, H, K, N = sizes
    while True:
        case: Case = {
            "w1": rng.normal(0, 1, (H, D)), "b1": rng.normal(0, 1, (H, 1)), "X": rng.normal(0, 1, (D, N)),
            "w2": rng.normal(0, 0.7, (K, H)), "b2": rng.normal(0, 0.7, (K, 1)),
            "labels": rng.integers(0, K, N), "K": K, "learning_rate": float(rng.uniform(0.2, 0.6)),
        }  # fmt: skip
        nodes = ("y", "z1", "A1", "z2", "A2", "delta2", "dA1", "delta1")
        case.update(zip(nodes, slips.evaluate(nodes, case), strict=True))
        if _telling(case):
            yield case


def _telling(case: Case) -> bool:
    z1, A2, y = case["z1"], case["A2"], case["y"]
    gates = z1 > 0
    predicted_true = (A2.argmax(axis=0) == y.argmax(axis=0)).mean()
    share = gates.mean()
    return bool(
        np.abs(z1).min() > 0.02
        and 0.25 <= share <= 0.75
        and A2.min() > 0.01
        and (predicted_true < 1 if y.shape[1] > 1 else predicted_true == 0)
        and (y.shape[1] == 1 or (predicted_true > 0 and y.any(axis=1).all()))
    )


def at_a_kink(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    """A network with exactly one z1 equal to 0, all numbers so short that no rounding moves it."""
    D, H, K, N = sizes
    while True:
        w1, X, w2 = (rng.integers(-6, 7, shape) / 4 for shape in ((H, D), (D, N), (K, H)))
        b1, b2 = rng.integers(-6, 7, (H, 1)) / 4, rng.integers(-6, 7, (K, 1)) / 4
        unit, n = int(rng.integers(H)), int(rng.integers(N))
        b1[unit] -= (w1 @ X + b1)[unit, n]
        case: Case = {"w1": w1, "b1": b1, "w2": w2, "b2": b2, "X": X, "labels": rng.integers(0, K, N), "K": K}
        case["learning_rate"] = 0.5
        nodes = ("y", "z1", "A1", "z2", "A2", "delta2", "dA1", "delta1")
        case.update(zip(nodes, slips.evaluate(nodes, case), strict=True))
        if (case["z1"] == 0).sum() == 1 and abs(case["dA1"][unit, n]) > 0.02 and np.abs(X[:, n]).min() > 0:
            return case
