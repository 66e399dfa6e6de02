"""The exercises of lesson 04, differentiate softmax, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_12, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


spot_lost_factor = SpotExercise(
    "spot_lost_factor",
    4,
    "Somebody has derived the diagonal, with S for the sum of all e^z_2j. One step goes wrong.",
    (
        "Can the derivative be 0 for every network? Where does it become so?",
        "The quotient rule gives (e^z_2i S - e^z_2i e^z_2i) / S^2: the factor e^z_2i is in both terms.",
        "Put numbers in: e^z_2i = 2 and S = 8. Line 1: ____, line 2: ____, line 3: ____, line 4: ____",
    ),
    "softmax_jacobian",
    slip="lost_factor",
    mend=lesson_12.mend_H11,
    reveal="The factor A_2i belongs to both terms: A_2i (S - e^z_2i). As it stands, A_2i S is e^z_2i, and "
    "nothing is left.",
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
        "The last line of `show('softmax_jacobian')`: dA_2k/dz_2i = I(i = k) A_2k - A_2k A_2i, where I(i = k) is 1 if "
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


def _at_temperatures(rng: np.random.Generator) -> list[Group]:
    """Single examples, warm and cold."""
    (group,) = fixtures.one_example("z2")(rng)
    temperatures = (rng.uniform(2, 3), rng.uniform(0.4, 0.7), rng.uniform(1.2, 1.8))
    cases = ({**case, "T": float(T)} for case, T in zip(group.cases, temperatures, strict=True))
    return [Group(tuple(cases), single=True)]


@code_exercise(
    4,
    results="J_at",
    task="For one example and a temperature T, write all derivatives of A2 = softmax(z2 / T) by the logits z2: row k, "
    "column i.",
    hints=(
        "Call u = z2 / T. What is the derivative of A2 by u, and of u by z2?",
        "The chain rule, with one path, since u_i depends on z_2i alone: dA_2k/dz_2i = dA_2k/du_i * du_i/dz_2i.",
        "exps = np.exp(z2 / ____)\nA2 = exps / exps.sum()\nreturn (np.diagflat(A2) - A2 @ A2.T) ____",
    ),
    draw=_at_temperatures,
    labels=("the Jacobian",),
)
def softmax_jacobian_at(z2: Array, T: float) -> Array:
    """dA2_k/dz2_i in row k, column i, where A2 = softmax(z2 / T): z2 has shape (K, 1)."""
    exps = np.exp((z2 - z2.max()) / T)
    A2 = exps / exps.sum()
    return (np.diagflat(A2) - A2 @ A2.T) / T
