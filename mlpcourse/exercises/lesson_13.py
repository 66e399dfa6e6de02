"""The exercises of lesson 13, mend the hidden layer, in their order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.fixtures import Group
from mlpcourse.exercises.mend import mending
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


def _square(*names: str) -> Callable[[np.random.Generator], list[Group]]:
    """Single examples on networks with D = H = K, so that the handout's wrong factors conform."""

    def draw(rng: np.random.Generator) -> list[Group]:
        cases = [next(fixtures.networks(rng, (size, size, size, 1))) for size in (4, 5)]
        return [Group(tuple(fixtures.picked(case, names) for case in cases), single=True)]

    return draw


@mending(
    13,
    task="H21 uses one index for the output and for the hidden unit. Write dL/dw2 with two.",
    hints=(
        "Which output and which hidden unit does the weight w_2,kj join?",
        "The last lines of `show('grad_w2')`: dL/dw_2,kj = (A_2k - y_k) A_1j, for every pair k, j.",
        "return ____ @ ____   # (K, 1) times (1, H)",
    ),
    see="grad_w2",
    draw=fixtures.one_example("delta2", "A1"),
    results="dw2",
)
def mend_H21(delta2: Array, A1: Array) -> Array:
    """dL/dw2 of one example, shape (K, H); delta2 (K, 1) is A2 - y, A1 is (H, 1)."""
    return delta2 @ A1.T


spot_second_layer = SpotExercise(
    "spot_second_layer",
    13,
    "From a logit to a weight's gradient. Which line is the first wrong one?",
    (
        "Each weight has two indices. What does each of them count?",
        "dz_2k/dw_2,kj = A_1j: the hidden unit's index stays.",
        "Left: k from 1 to ____, j from 1 to ____. Right: the same two?",
    ),
    "grad_w2",
    slip="outer_transposed",
    mend=mend_H21,
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


def _draw_chain(rng: np.random.Generator) -> list[Group]:
    """The factors of the chain to w1, each an array of one example."""
    return [
        Group(
            tuple(
                {"dL_dz2": c["delta2"], "dz2_dA1": c["w2"], "dA1_dz1": (c["z1"] >= 0) * 1.0, "X": c["X"]}
                for c in fixtures.one_example("delta2", "w2", "z1", "X")(rng)[0].cases
            ),
            single=True,
        )
    ]


@mending(
    13,
    task="H24 follows one path, with one letter for the class and the unit. Multiply the factors so that dL/dw1_jd "
    "adds up every class k.",
    hints=(
        "Which factor has an index k that the result does not have? What becomes of it?",
        "The first lines of `show('grad_w1')`: the sum over k of dL/dz_2k dz_2k/dA_1j, then dA_1j/dz_1j, then X_d.",
        "return ((____.T @ ____) * ____) @ X.T",
    ),
    see="grad_w1",
    draw=_draw_chain,
    taught_in=8,
)
def mend_H24(dL_dz2: Array, dz2_dA1: Array, dA1_dz1: Array, X: Array) -> Array:
    """dL/dw1, shape (H, D). dL_dz2 (K, 1), dz2_dA1 (K, H) has dz2_k/dA1_j in row k, dA1_dz1 (H, 1), X (D, 1)."""
    return ((dz2_dA1.T @ dL_dz2) * dA1_dz1) @ X.T


@mending(
    13,
    task="H26 carries the error back through w1. Mend it.",
    hints=(
        "In which line of the forward pass does A1 occur, and what is it multiplied by?",
        "H29 says it: dz_2/dA_1 = w_2. The last lines of `show('hidden_signal')` have the indices.",
        "return ____.T @ delta2",
    ),
    see="hidden_signal",
    draw=_square("w1", "w2", "delta2"),
    results="dA1",
)
def mend_H26(w1: Array, w2: Array, delta2: Array) -> Array:
    """dL/dA1 of one example, shape (H, 1); delta2 (K, 1) is A2 - y. One of the two weights is not needed."""
    return w2.T @ delta2


@mending(
    13,
    task="H28 carries the error back through w1, and its last step drops the gate. Mend both.",
    hints=(
        "Two factors stand between dL/dz_1 and the output error. Which?",
        "`show('hidden_delta', 'signal')`: w_2^T delta_2, times 1 where z_1 >= 0 and 0 elsewhere.",
        "return (____ @ delta2) * ____",
    ),
    see="hidden_delta",
    draw=_square("w1", "w2", "delta2", "z1"),
    results="delta1",
)
def mend_H28(w1: Array, w2: Array, delta2: Array, z1: Array) -> Array:
    """dL/dz1 of one example, shape (H, 1); delta2 (K, 1) is A2 - y. One of the two weights is not needed."""
    return (w2.T @ delta2) * (z1 >= 0)


@mending(
    13,
    task="H30 drops the gate, and its factors do not fit. Mend it.",
    hints=(
        "What does a unit with a closed gate contribute to the loss?",
        "The last line of `show('grad_w1')`: the signal, the gate, then X_d, for every pair j, d.",
        "return (____ * ____) @ ____",
    ),
    see="grad_w1",
    draw=fixtures.one_example("w2", "delta2", "z1", "X"),
    results="dw1",
)
def mend_H30(w2: Array, delta2: Array, z1: Array, X: Array) -> Array:
    """dL/dw1 of one example, shape (H, D); delta2 (K, 1) is A2 - y, X is (D, 1)."""
    return ((w2.T @ delta2) * (z1 >= 0)) @ X.T


@mending(
    13,
    task="The last step of H32 has the wrong weights and no gate. Mend it.",
    hints=(
        "dz_1/db_1 is 1. So which array that you know is dL/db_1 of one example?",
        "The lines of `show('grad_b1')`: the signal w_2^T delta_2, times 1 where z_1 >= 0 and 0 elsewhere.",
        "return (____ @ delta2) * ____",
    ),
    see="grad_b1",
    draw=fixtures.one_example("w2", "delta2", "z1"),
    results="db1",
)
def mend_H32(w2: Array, delta2: Array, z1: Array) -> Array:
    """dL/db1 of one example, shape (H, 1); delta2 (K, 1) is A2 - y."""
    return (w2.T @ delta2) * (z1 >= 0)
