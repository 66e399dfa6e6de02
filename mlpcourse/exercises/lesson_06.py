"""The exercises of lesson 06, find the second layer's gradients, in their order."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.shapes import ShapeExercise

Array = npt.NDArray[Any]


shape_of_grad_w2 = ShapeExercise(
    "shape_of_grad_w2",
    6,
    "What shape does dL/dw2 have?",
    (
        "How many weights are there in w2, and how many derivatives are asked for?",
        "There is one derivative dL/dw_2,kj for each weight, so the gradient has the shape of w2.",
        "w2 takes H numbers and makes K: (____, ____)",
    ),
    "grad_w2",
    nodes=("dw2",),
    labels=("dL/dw2",),
)


derive_grad_w2 = DeriveExercise(
    "derive_grad_w2",
    6,
    "Derive how the loss depends on one weight of the second layer.",
    (
        "Which logits depend on w_2,kj?",
        "dz_2i/dw_2,kj is A_1j if i = k, else 0.",
        "`dL/dz2_k ____`",
    ),
    "grad_w2",
)


@code_exercise(
    6,
    results="dw2",
    task="Write dL/dw2 for one example, from delta2 (K, 1) and A1 (H, 1).",
    hints=(
        "How many weights does w2 have, and which output and which hidden unit does each one join?",
        "`show('grad_w2')`: dL/dw_2,kj = delta_2k A_1j. Row k goes with the output, column j with the hidden unit.",
        "Which one has to be turned into a row?\nreturn ____ @ ____   # (K, 1) times (1, H)",
    ),
    see="grad_w2",
    draw=fixtures.one_example("delta2", "A1"),
)
def grad_w2_one(delta2: Array, A1: Array) -> Array:
    """dL/dw2 of one example, shape (K, H): an outer product (H21)."""
    return delta2 @ A1.T


@code_exercise(
    6,
    results="db2",
    task="Write dL/db2 for one example, from delta2 (K, 1).",
    hints=(
        "Raise one entry of b2 by a little. By how much does its logit rise?",
        "H22 and H23: dz_2/db_2 = 1, so dL/db_2 = dL/dz_2 times 1.",
        "return ____",
    ),
    see="grad_b2",
    draw=fixtures.one_example("delta2"),
)
def grad_b2_one(delta2: Array) -> Array:
    """dL/db2 of one example, shape (K, 1) (H23)."""
    return delta2


derive_logit_price_grad_w2 = DeriveExercise(
    "derive_logit_price_grad_w2",
    6,
    "Derive how the loss, with a price on large logits, depends on one weight of the second layer.",
    (
        "Which of the squared logits depend on w_2,kj?",
        "Term by term: dL/dw_2,kj, and c/2 times the derivative of one square, by the chain rule.",
        "`(A2_k - y_k) A1_j + c ____ ____`",
    ),
    "logit_price_grad_w2",
)
