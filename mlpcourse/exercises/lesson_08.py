"""The exercises of lesson 08, find the first layer's gradients, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_13
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


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


spot_wrong_layer = SpotExercise(
    "spot_wrong_layer",
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
    reveal="A1 enters the logits through w2, so the error comes back through w2. The handout writes w1 in "
    "H26, H28 and H32, although its own H29 says w2.",
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
    "Put these lines, from the chain rule to dL/dw1, in order.",
    (
        "Through which values does a weight of the first layer reach the loss, one after the other?",
        "`show('grad_w1')` has them all, with the reason beside each line.",
        "over every logit, then over every hidden unit, then ____, then the indicators pick ____",
    ),
    "grad_w1",
    lines=("chain_logits", "chain_units", "recognise", "definition", "deltas", "pick_unit", "hidden_error"),
)


@code_exercise(
    8,
    results="dw1 db1 dw2 db2",
    task="Write the whole backward pass for a batch, where L is the mean over its N examples. "
    "Return dw1, db1, dw2 and db2, in this order. You may call functions that you wrote before.",
    hints=(
        "Which of the two errors, delta2 and delta1, is needed by which gradient, and in which order do you get them?",
        "H15, H21, H23, then H26 to H32: delta2 = (A2 - y)/N; delta2 gives dw2 and db2; w2^T delta2 and the gate give "
        "delta1; delta1 gives dw1 and db1.",
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
