"""The exercises of lesson 09, take a batch and check it, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_05, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.shapes import ShapeExercise

Array = npt.NDArray[Any]


batch_shapes = ShapeExercise(
    "batch_shapes",
    9,
    "What shapes do A2, delta2, dL/dw2 and dL/db2 have? Answer with four shapes, in this order.",
    (
        "Which of the four have one column for each example, and which belong to a parameter?",
        "delta2 is dL/dz2, one derivative for each logit of each example. A gradient has its parameter's shape.",
        "A2: (____, N), delta2: the same, dL/dw2: (____, ____), dL/db2: (____, ____)",
    ),
    nodes=("A2", "delta2", "dw2", "db2"),
    labels=("A2", "delta2", "dL/dw2", "dL/db2"),
    sizes=(2, 4, 3, 5),
)


@code_exercise(
    9,
    results="delta2",
    task="Write dL/dz2 for a batch, where L is the mean over its N examples.",
    hints=(
        "L is the mean of N losses. If the loss of one example rises by 1, by how much does L rise?",
        "The last line of `show('batch_output_delta')`: dL/dz_2,in = (A_2,in - y_in) / N.",
        "N = y.shape[____]\nreturn ____ / N",
    ),
    see="batch_output_delta",
    draw=fixtures.ordinary("A2", "y"),
    own_facts=lesson_05.delta_sums,
)
def output_delta(A2: Array, y: Array) -> Array:
    """dL/dz2, shape (K, N), where L is the mean over the N examples (H15)."""
    return (A2 - y) / y.shape[1]


@code_exercise(
    9,
    results="dw2",
    task="Write dL/dw2 for a batch. delta2 is that of the mean loss: its 1/N is already inside.",
    hints=(
        "The same weight is used for every example. What happens to the N contributions?",
        "`show('batch_grad_w2')`: dL/dw_2,kj = sum over n of delta_2,kn A_1,jn.",
        "total = 0\nfor n in range(N):\n    total = total + np.outer(____, ____)\nreturn total",
    ),
    see="batch_grad_w2",
    draw=fixtures.ordinary("delta2", "A1"),
)
def grad_w2(delta2: Array, A1: Array) -> Array:
    """dL/dw2, shape (K, H): the outer products, summed over the examples (H21)."""
    return delta2 @ A1.T


@code_exercise(
    9,
    results="db2",
    task="Write dL/db2 for a batch. delta2 is that of the mean loss: its 1/N is already inside.",
    hints=(
        "One column b2 was added to all N columns. How many paths lead from it to the loss?",
        "`show('batch_grad_b2')`: dL/db_2k = sum over n of delta_2,kn.",
        "return delta2.____(axis=____, keepdims=True)",
    ),
    see="batch_grad_b2",
    draw=fixtures.ordinary("delta2"),
)
def grad_b2(delta2: Array) -> Array:
    """dL/db2, shape (K, 1): summed over the examples (H23)."""
    return delta2.sum(axis=1, keepdims=True)


@code_exercise(
    9,
    results="dw1 db1 dw2 db2",
    task="Write the whole backward pass for a batch, where L is the mean over its N examples. "
    "Return dw1, db1, dw2 and db2, in this order. You may call functions that you wrote before.",
    hints=(
        "Which of the two errors, delta2 and delta1, is needed by which gradient, and in which order do you get them?",
        "H15, H21, H23, then H26 to H32: `delta2 = (A2 - y) / N`; `delta2` gives `dw2` and `db2`; `w2.T @ delta2` and "
        "the gate give `delta1`; `delta1` gives `dw1` and `db1`.",
        "z1, A1, z2, A2 = ____   # the forward pass\ndelta2 = ____\ndw2 = ____ @ ____\ndb2 = ____\n"
        "delta1 = (____ @ delta2) * ____\ndw1 = ____ @ ____\ndb1 = ____\nreturn dw1, db1, dw2, db2",
    ),
    draw=fixtures.with_kinks("w1", "b1", "w2", "b2", "X", "y"),
)
def backward(w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """dL/dw1, dL/db1, dL/dw2, dL/db2, where L is the mean over the N examples (H06)."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)

    delta2 = (A2 - y) / y.shape[1]
    dw2 = delta2 @ A1.T
    db2 = delta2.sum(axis=1, keepdims=True)
    delta1 = (w2.T @ delta2) * (z1 >= 0)
    dw1 = delta1 @ X.T
    db1 = delta1.sum(axis=1, keepdims=True)
    return dw1, db1, dw2, db2


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


def _slope_cases(rng: np.random.Generator) -> list[Group]:
    """Functions with the points at which their gradients are asked for, in one, two and three dimensions."""
    cases = []
    for shape in ((2, 3), (4, 2), (5,), (2, 3, 2)):
        x = rng.uniform(0.5, 2, shape) * rng.choice([-1, 1], shape)
        a, b, c = (rng.uniform(low, high, shape) * rng.choice([-1, 1], shape) for low, high in
                   ((0.5, 3), (800, 2000), (0.5, 1.5)))  # fmt: skip
        cases.append({"f": Probe(x, a, b, c), "x": x})
    return [Group(tuple(cases[:2])), Group(tuple(cases[2:]), "where x has one axis or three")]


def _moves(case: Case, outcome: running.Outcome) -> Array:
    """How far from x each point is at which f was evaluated, less what rounding leaves of an entry moved back."""
    moves = np.array(
        [np.real(point - case["x"]) for point in outcome.given["f"].points if np.shape(point) == case["x"].shape]
    )
    return np.where(np.abs(moves) > 1e-6 * np.abs(moves).max(initial=0), moves, 0.0)


def _points(case: Case, outcome: running.Outcome) -> tuple[str, str, str] | None:
    """What is wrong with the points at which f was evaluated: a name, a sentence and a question."""
    moves = np.abs(_moves(case, outcome))
    if not moves.size:
        return (
            "f_of_an_entry",
            "f was never evaluated at an array of x's shape.",
            "What does f take: an entry, or all of x?",
        )
    if not moves.any():
        said = "f was evaluated at x itself only."
        return "nothing_moved", said, "Was a copy moved, or was x + h rounded back to x?"
    step = float(moves[moves > 0].min())
    ask = "How far may the points be from x, and how near must they not come?"
    if step > 0.05:
        return "points_too_far", f"Your points are {step:.2g} away from x: so far that the curvature shows.", ask
    if step < 1e-9:
        said = f"Your points are {step:.2g} away from x: so near that only rounding is left of the difference."
        return "points_too_near", said, ask
    return None


def _one_sided(cases: Sequence[Case], outcomes: Sequence[running.Outcome], _: Callable[..., Any]) -> list[str]:
    moves = _moves(cases[0], outcomes[0])
    if (moves > 0).any() and (moves < 0).any():
        step = float(np.abs(moves[moves != 0]).min())
        near = f"Your points are {step:.2g} away from x: so near that rounding takes most of the digits."
        return [near] if step < 1e-9 else []
    if not moves.any():
        return []  # a complex step: nothing was moved along the real axis
    return ["f was evaluated on one side of x only. The central difference is more exact for the same step."]


@code_exercise(
    9,
    results="slope",
    task="Measure df/dx by central differences, for any function f that turns an array into one number. The result has "
    "x's shape.",
    hints=(
        "Which entries of x move while one partial derivative is measured, and where are they afterwards?",
        "The central difference: (f(x + h e) - f(x - h e)) / 2h, where e has a single 1 and h is about 1e-5.",
        "gradient = np.zeros(____)\nfor index in np.ndindex(x.shape):\n    up, down = x.copy(), x.copy()\n"
        "    up[index] += step\n    down[index] -= ____\n    gradient[index] = ____ / ____\nreturn gradient",
    ),
    draw=_slope_cases,
    tolerance=1e-4,
    noticed=_points,
    remarks=_one_sided,
    labels=("the gradient",),
)
def numerical_gradient(f: Callable[[Array], float], x: Array) -> Array:
    """df/dx by central differences, in x's shape."""
    step = 1e-5
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (f(up) - f(down)) / (2 * step)
    return gradient


@code_exercise(
    9,
    results="delta2_smoothed",
    task="Write dL/dz2 for a batch, where L is the mean over its N examples and every label y is smoothed to "
    "(1 - eps) * y + eps / K.",
    hints=(
        "What do the entries of a smoothed label add up to? Where in the derivation of A2 - y was that needed?",
        "The line `A_2i * (sum of all y_k) - y_i` holds for every label; the sum is 1 here, too.",
        "K, N = y.shape\nsmooth = ____\nreturn (A2 - ____) / ____",
    ),
    draw=lambda rng: [
        replace(group, cases=tuple({**case, "eps": float(rng.uniform(0.1, 0.4))} for case in group.cases))
        for group in fixtures.ordinary("A2", "y")(rng)
    ],
    labels=("dL/dz2",),
)
def smoothed_output_delta(A2: Array, y: Array, eps: float) -> Array:
    """dL/dz2, shape (K, N), for the mean loss with the labels (1 - eps) * y + eps / K."""
    K, N = y.shape
    smooth = (1 - eps) * y + eps / K
    return (A2 - smooth) / N
