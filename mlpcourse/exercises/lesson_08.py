"""The exercises of lesson 08, find the first layer's gradients, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_13
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


derive_grad_w1 = DeriveExercise(
    "derive_grad_w1",
    8,
    "Derive how the loss depends on one weight of the first layer.",
    (
        "Which hidden scores depend on w_1,jd?",
        "dL/dw_1,jd = dL/dz_1j X_d, and dL/dz_1j has the gate.",
        "`sum_k (A2_k - y_k) w2_kj ____ X_d`",
    ),
    "grad_w1",
)


@code_exercise(
    8,
    results="dw1",
    task="Write dL/dw1 for one example, from delta1 (H, 1) and X (D, 1).",
    hints=(
        "You have done this before, one layer further up. What plays the part of A1 here?",
        "The line before the last of `show('grad_w1')`: dL/dw_1,jd = delta_1j X_d.",
        "return ____ @ ____   # (H, 1) times (1, D)",
    ),
    see="grad_w1",
    draw=fixtures.one_example("delta1", "X"),
)
def grad_w1_one(delta1: Array, X: Array) -> Array:
    """dL/dw1 of one example, shape (H, D): an outer product (H30)."""
    return delta1 @ X.T


@code_exercise(
    8,
    results="db1",
    task="Write dL/db1 for one example, from delta1 (H, 1).",
    hints=(
        "Raise one entry of b1 by a little. By how much does its z1 rise?",
        "H31 and H32: dz_1/db_1 = 1, so dL/db_1 = dL/dz_1 times 1.",
        "return ____",
    ),
    see="grad_b1",
    draw=fixtures.one_example("delta1"),
)
def grad_b1_one(delta1: Array) -> Array:
    """dL/db1 of one example, shape (H, 1) (H32)."""
    return delta1


spot_first_layer = SpotExercise(
    "spot_first_layer",
    8,
    "From the output error to dL/dw1. Which line is the first wrong one?",
    (
        "Which weights lie between A1 and the logits?",
        "H29: dz_2/dA_1 = w_2.",
        "A1 enters z2 through ____, so its signal comes back through ____.",
    ),
    "hidden_signal",
    slip="wrong_layer_weights",
    mend=lesson_13.mend_H26,
    reveal="A1 enters the logits through w2, so the error comes back through w2.",
    lines=(
        Line(r"$z_2 = w_2 A_1 + b_2$", "z2 = w2 A1 + b2", "it is H03."),
        Line(r"$\delta_2 = A_2 - y$", "delta2 = A2 - y", "it is the output error, H15."),
        Line(r"$\frac{\partial L}{\partial A_1} = w_1^\top \delta_2$", "dL/dA1 = w1^T delta2"),
        Line(
            r"$\delta_1 = \frac{\partial L}{\partial A_1} \odot I(z_1 \ge 0)$",
            "delta1 = dL/dA1 * I(z1 >= 0)",
            "the gate lets the signal pass where z1 >= 0.",
        ),
        Line(
            r"$\frac{\partial L}{\partial w_1} = \delta_1 X^\top$",
            "dL/dw1 = delta1 X^T",
            "it is the outer product of delta1 and X.",
        ),
    ),
)


order_grad_w1 = OrderExercise(
    "order_grad_w1",
    8,
    "Put these lines in order, from the chain rule on.",
    (
        "Through which values does a weight of the first layer reach the loss, one after the other?",
        "`show('grad_w1')` has them all, with the reason beside each line.",
        "over every logit, then over every hidden unit, then ____, then the indicators pick ____",
    ),
    "grad_w1",
    lines=("chain_logits", "chain_units", "recognise", "definition", "deltas", "pick_unit", "hidden_error"),
)


def _three_layers(rng: np.random.Generator) -> list[Group]:
    """The way back through two hidden layers of different sizes, with gates open and closed in both."""

    def case(second: int, K: int, first: int, N: int) -> Case:
        while True:
            z1, z2 = rng.normal(0, 1, (first, N)), rng.normal(0, 1, (second, N))
            if N == 1 and not all((z > 0.1).any() and (z < -0.1).any() for z in (z1, z2)):
                continue
            w2, w3 = rng.normal(0, 1, (second, first)), rng.normal(0, 1, (K, second))
            return {"w2": w2, "w3": w3, "delta3": rng.normal(0, 1, (K, N)) / N, "z1": z1, "z2": z2}

    return [
        Group((case(5, 3, 4, 6), case(6, 4, 5, 7))),
        Group((case(5, 3, 4, 1), case(6, 4, 5, 1)), "with one example (N = 1)", single=True),
    ]


@code_exercise(
    8,
    results="delta1_of_three",
    task="Write dL/dz1 of a network with two hidden layers, from the output error delta3: A1 = ReLU(z1), "
    "z2 = w2 A1 + b2, A2 = ReLU(z2), z3 = w3 A2 + b3.",
    hints=(
        "What is delta2 = dL/dz2 of this network? It stands where delta1 stood in yours.",
        "Each layer: the error times the weights, transposed, then the gates of the layer it arrives at.",
        "delta2 = (____.T @ delta3) * ____\nreturn (____.T @ ____) * ____",
    ),
    draw=_three_layers,
    labels=("dL/dz1",),
)
def hidden_delta_of_three(w2: Array, w3: Array, delta3: Array, z1: Array, z2: Array) -> Array:
    """dL/dz1, shape (H, N), of a network with layers w1, w2 and w3; delta3 is dL/dz3."""
    delta2 = (w3.T @ delta3) * (z2 >= 0)
    return (w2.T @ delta2) * (z1 >= 0)
