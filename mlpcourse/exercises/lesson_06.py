"""The exercises of lesson 06, find the second layer's gradients, in their order."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_13
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.shapes import ShapeExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


shape_of_grad_w2 = ShapeExercise(
    "shape_of_grad_w2",
    6,
    "Which shape has dL/dw2?",
    (
        "How many weights are there in w2, and how many derivatives are asked for?",
        "There is one derivative dL/dw_2,kj for each weight, so the gradient has the shape of w2.",
        "w2 takes H numbers and makes K: (____, ____)",
    ),
    "grad_w2",
    nodes=("dw2",),
    labels=("dL/dw2",),
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


spot_elementwise = SpotExercise(
    "spot_elementwise",
    6,
    "From a logit to a weight's gradient. Which line is the first wrong one?",
    (
        "Each weight has two indices. What does each of them count?",
        "dz_2k/dw_2,kj = A_1j: the hidden unit's index stays.",
        "Left: k from 1 to ____, j from 1 to ____. Right: the same two?",
    ),
    "grad_w2",
    slip="outer_transposed",
    mend=lesson_13.mend_H21,
    reveal="The output's index k and the hidden unit's index j are two indices, and both must occur on the "
    "right. This is the handout's H21.",
    lines=(
        Line(
            r"$z_{2k} = \sum_{j=1}^H w_{2,kj} A_{1j} + b_{2k}$",
            "z_2k = sum[j=1..H] w_2,kj A_1j + b_2k",
            "it is row k of w2 A1 + b2.",
        ),
        Line(
            r"$\frac{\partial z_{2k}}{\partial w_{2,kj}} = A_{1j}$",
            "dz_2k/dw_2,kj = A_1j",
            "only the term with w_2,kj depends on it.",
        ),
        Line(
            r"$\frac{\partial L}{\partial w_{2,kj}} = \delta_{2k} \frac{\partial z_{2k}}{\partial w_{2,kj}}$",
            "dL/dw_2,kj = delta_2k * dz_2k/dw_2,kj",
            "the weight w_2,kj reaches the loss through z_2k alone.",
        ),
        Line(r"$= \delta_{2k} A_{1k}$", "= delta_2k A_1k"),
        Line(
            r"$\frac{\partial L}{\partial w_2} = \delta_2 \odot A_1$",
            "dL/dw2 = delta2 * A1, entry by entry",
            "it writes the line above for all k at once.",
        ),
    ),
)
