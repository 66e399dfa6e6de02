"""The exercises of lesson 04, differentiate softmax, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.fixtures import Case, Group

Array = npt.NDArray[Any]


derive_softmax_jacobian = DeriveExercise(
    "derive_softmax_jacobian",
    4,
    "Derive how every probability depends on every logit.",
    (
        "Where does z_2i stand in A_2k: above, below, or both?",
        "The quotient rule. The derivative of e^z_2k with respect to z_2i is I(i = k) e^z_2k.",
        "`(I(i = k) e^z2_k sum_j e^z2_j - ____)/(sum_j e^z2_j)^2`",
    ),
    "softmax_jacobian",
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


def _measured(cases: Sequence[Case], outcomes: Sequence[running.Outcome], _: Any) -> list[str]:
    """A sentence where the entries are right to fewer digits than a formula gives."""
    truths = [softmax_jacobian_at.reference(**{"T": 1.0, **case}) for case in cases]
    pairs = zip(outcomes, truths, strict=False)  # some cases were run twice
    off = max(float(np.abs(np.asarray(outcome.value) - truth).max()) for outcome, truth in pairs)
    return ["It is right to some digits, as a measured derivative is. The formula is exact."] if off > 1e-12 else []


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
    remarks=_measured,
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
    task="For one example and a temperature T, write all derivatives of A2 = softmax(z2 / T) with respect to the "
    "logits z2: row k, column i.",
    hints=(
        "Call u = z2 / T. What is the derivative of A2 with respect to u, and of u with respect to z2?",
        "The chain rule, with one path, since u_i depends on z_2i alone: dA_2k/dz_2i = dA_2k/du_i * du_i/dz_2i.",
        "exps = np.exp(z2 / ____)\nA2 = exps / exps.sum()\nreturn (np.diagflat(A2) - A2 @ A2.T) ____",
    ),
    draw=_at_temperatures,
    remarks=_measured,
    labels=("the Jacobian",),
)
def softmax_jacobian_at(z2: Array, T: float) -> Array:
    """dA2_k/dz2_i in row k, column i, where A2 = softmax(z2 / T): z2 has shape (K, 1)."""
    exps = np.exp((z2 - z2.max()) / T)
    A2 = exps / exps.sum()
    return (np.diagflat(A2) - A2 @ A2.T) / T
