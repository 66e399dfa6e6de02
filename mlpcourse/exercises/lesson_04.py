"""The exercises of lesson 04, differentiate softmax, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_11, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


spot_lost_factor = SpotExercise(
    "spot_lost_factor",
    4,
    "The derivative of a probability by its own logit, with S for the sum of all e^z_2j. One step goes wrong.",
    (
        "Can the derivative be 0 for every network? Where does it become so?",
        "The quotient rule gives (e^z_2i S - e^z_2i e^z_2i) / S^2: the factor e^z_2i is in both terms.",
        "Put numbers in: e^z_2i = 2 and S = 8. Line 1: ____, line 2: ____, line 3: ____, line 4: ____",
    ),
    "softmax_jacobian",
    slip="lost_factor",
    mend=lesson_11.mend_H11,
    reveal="The factor A_2i belongs to both terms: A_2i (S - e^z_2i). As it stands, A_2i S is e^z_2i, and "
    "nothing is left. This is the handout's H11.",
    lines=(
        Line(
            r"$\frac{\partial A_{2i}}{\partial z_{2i}} = \frac{e^{z_{2i}} S - e^{z_{2i}} e^{z_{2i}}}{S^2}$",
            "dA_2i/dz_2i = (e^z_2i S - e^z_2i e^z_2i) / S^2",
            "it is the quotient rule.",
        ),
        Line(
            r"$= \frac{e^{z_{2i}} \left( S - e^{z_{2i}} \right)}{S^2}$",
            "= e^z_2i (S - e^z_2i) / S^2",
            "the common factor is taken out.",
        ),
        Line(r"$= \frac{A_{2i} S - e^{z_{2i}}}{S}$", "= (A_2i S - e^z_2i) / S"),
        Line(r"$= A_{2i} - A_{2i} = 0$", "= A_2i - A_2i = 0", "the fraction is divided out term by term."),
    ),
)


order_softmax_jacobian = OrderExercise(
    "order_softmax_jacobian",
    4,
    "Put these lines of the softmax's derivative in order.",
    (
        "What is the first thing to do with the derivative of a fraction?",
        "`show('softmax_jacobian')` has them all, with the reason beside each line.",
        "definition of A_2k, then the quotient rule, then ____, then ____, and the deltas last",
    ),
    "softmax_jacobian",
    lines=("definition", "quotient_rule", "numerator", "denominator", "split_square", "recognise", "both_cases"),
)


def _jacobian_sums(case: Case, result: Array, _: running.Outcome) -> list[str]:
    K = len(case["z2"])
    if result.shape != (K, K) or not np.isfinite(result).all():
        return []
    said = []
    if not np.allclose(result.sum(axis=0), 0):
        said.append(
            "The probabilities always sum to 1, so each column of their derivatives must sum to 0. Yours do not."
        )
    if not np.allclose(result, result.T):
        said.append("Output k depends on logit i exactly as output i on logit k. Your array is not symmetric.")
    return said


@code_exercise(
    4,
    results="J",
    task="For one example, z2 of shape (K, 1), write all derivatives dA2_k/dz2_i: row k, column i.",
    hints=(
        "Raise one logit a little. What happens to its own probability, and what to all the others?",
        "The last line of `show('softmax_jacobian')`: dA_2k/dz_2i = delta_ik A_2k - A_2k A_2i, where delta_ik is 1 if "
        "i = k, else 0.",
        "exps = np.exp(z2 - z2.max())\nA2 = exps / exps.sum()\nreturn np.diagflat(____) - ____ @ ____",
    ),
    see="softmax_jacobian",
    own_facts=_jacobian_sums,
    draw=fixtures.one_example("z2"),
)
def softmax_jacobian(z2: Array) -> Array:
    """dA2_k/dz2_i in row k, column i, shape (K, K), for one example (H16 to H19)."""
    exps = np.exp(z2 - z2.max())
    A2 = exps / exps.sum()
    return np.diagflat(A2) - A2 @ A2.T
