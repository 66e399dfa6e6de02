"""The exercises of lesson 12, mend the output layer, in their order."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import running
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.mend import drawn, mending

Array = npt.NDArray[Any]


def _probabilities(rng: np.random.Generator, K: int) -> tuple[Array, Array]:
    """Logits and probabilities of K classes, as plain rows of numbers."""
    z2 = rng.normal(0, 1, K)
    return z2, np.exp(z2) / np.exp(z2).sum()


_TRUE_AND_I = [*((3, t, i) for t in range(3) for i in range(3)), (4, 3, 3), (4, 0, 3), (4, 3, 0), (4, 2, 1)]


def _case_H10(rng: np.random.Generator, number: int) -> Case:
    """Every true class with every i: a sum that leaves out a class shows."""
    K, t, i = _TRUE_AND_I[number]
    return {"y": np.eye(K)[t], "A2": _probabilities(rng, K)[1], "i": i}


def _without_its_sum(cases: Sequence[Case], outcomes: Sequence[running.Outcome], function: Any) -> list[str]:
    """A remark on a sum that is worked out where it should be written."""
    try:
        source = inspect.getsource(function)
    except (OSError, TypeError):
        return []
    if re.search(r"\b(for|while|sum|dot|einsum)\b|@", source):
        return []
    return [
        "Your sum over the outputs is worked out already, as a later line of the derivation does. Which of its terms "
        "became A2[i], and which y[i]?"
    ]


@mending(
    12,
    task="H09 and H10 follow one path from z_2i to the loss. Write dL/dz_2i with all of them.",
    hints=(
        "Through how many outputs A_2k does one logit z_2i reach the loss?",
        "The first line of `show('output_delta')`: the sum over k of dL/dA_2k times dA_2k/dz_2i.",
        "total = 0\nfor k in range(len(y)):\n    total += ____ * ____\nreturn total",
    ),
    see="output_delta",
    draw=drawn(_case_H10, len(_TRUE_AND_I)),
    remarks=_without_its_sum,
)
def mend_H10(y: Array, A2: Array, i: int) -> float:
    """dL/dz_2i of one example; y and A2 hold K numbers each."""
    total = 0.0
    for k in range(len(A2)):
        dL_dA2k = -y[k] / A2[k]
        dA2k_dz2i = A2[k] * ((i == k) - A2[i])
        total += dL_dA2k * dA2k_dz2i
    return total


def _case_H11(rng: np.random.Generator, number: int) -> Case:
    z2, A2 = _probabilities(rng, 4)
    return {"y_i": 1.0 if number < 4 else 0.0, "A_i": A2[0], "e_i": np.exp(z2[0]), "S": np.exp(z2).sum()}


@mending(
    12,
    task="The case i = k of H11 is 0 as it is written. Mend it.",
    hints=(
        "Put A_2i = e^z_2i / S into the handout's line. What is left above the fraction line?",
        "`show('output_delta', 'jacobian')`, case i = k: to which terms does the factor A_2i belong?",
        "return -y_i / A_i * ____ / S",
    ),
    see="output_delta",
    draw=drawn(_case_H11),
)
def mend_H11(y_i: float, A_i: float, e_i: float, S: float) -> float:
    """The case i = k of H11, where e_i = e^z_2i and S is the sum of all e^z_2j."""
    return -y_i / A_i * A_i * (S - e_i) / S


def _case_H12(rng: np.random.Generator, number: int) -> Case:
    _, A2 = _probabilities(rng, 4)
    return {"y_i": float(number % 2), "y_k": 1.0 - number % 2, "A_i": A2[0], "A_k": A2[1]}


@mending(
    12,
    task="The case i != k of H12 has the roles of the two classes exchanged. Mend it.",
    hints=(
        "dL/dA_2k brings one class's label. Which one?",
        "`show('output_delta', 'recognise')`, case i != k: -y_k/A_k times -A_k A_i.",
        "return ____ * ____",
    ),
    see="output_delta",
    draw=drawn(_case_H12, 4),
)
def mend_H12(y_i: float, y_k: float, A_i: float, A_k: float) -> float:
    """The case i != k of H12: what reaches z_2i through the output k."""
    return y_k * A_i


@mending(
    12,
    task="H15 adds the two cases of one formula. Write what it should add to A_2i y_i - y_i.",
    hints=(
        "Cases are alternatives. Which k fall under the second one, and what is to be done with all of them?",
        "`show('output_delta', 'multiply_out')`: the sum over every k except i.",
        "return sum(____ for k in range(len(y)) if ____)",
    ),
    see="output_delta",
    draw=drawn(_case_H10, len(_TRUE_AND_I)),
    remarks=_without_its_sum,
)
def mend_H15(y: Array, A2: Array, i: int) -> float:
    """What H15 has to add to A_2i y_i - y_i: its second case, summed over every k except i; y, A2: K numbers each."""
    return sum(y[k] * A2[i] for k in range(len(y)) if k != i)


def _case_H16(rng: np.random.Generator, number: int) -> Case:
    """Every pair of an output and a logit."""
    return {"A2": _probabilities(rng, 3)[1], "k": number // 3, "i": number % 3}


@mending(
    12,
    task="H16 has cases on i = k, but no k on its left side. Write the derivative of output k with respect to logit i.",
    hints=(
        "The left side must say which output is differentiated, and by which logit. How many derivatives are there?",
        "The last lines of `show('softmax_jacobian')`: A_2k times (I(i = k) - A_2i).",
        "return A2[____] * ((____ == ____) - A2[____])",
    ),
    see="softmax_jacobian",
    draw=drawn(_case_H16, 9),
    taught_in=4,
)
def mend_H16(A2: Array, k: int, i: int) -> float:
    """dA_2k/dz_2i; A2 holds K numbers, k is the output and i the logit."""
    return A2[k] * ((i == k) - A2[i])


def _case_H18(rng: np.random.Generator, number: int) -> Case:
    z2, _ = _probabilities(rng, 4)
    i, k = (int(place) for place in rng.permutation(4)[:2])
    return {"z2": z2, "i": i, "k": k}


@mending(
    12,
    task="H18 differentiates the sum of all e^z_2j by z_2i and gets e^z_2k. Mend it.",
    hints=(
        "Which single term of the sum moves when z_2i moves?",
        "The lines of `show('softmax_denominator')`: only the term j = i depends on z_2i.",
        "return np.exp(____)",
    ),
    see="softmax_denominator",
    draw=drawn(_case_H18),
    taught_in=4,
)
def mend_H18(z2: Array, i: int, k: int) -> float:
    """The derivative of the sum of all e^z_2j by z_2i; z2 holds K numbers. One letter is not needed."""
    return np.exp(z2[i])


def _case_H19(rng: np.random.Generator, number: int) -> Case:
    z2, _ = _probabilities(rng, 4)
    return {"e_i": np.exp(z2[0]), "S": np.exp(z2).sum()}


@mending(
    12,
    task="H19 has one sum too many. Mend it.",
    hints=("What do all A_2i together sum to?", "H04: A_2i is the share of e^z_2i in the sum.", "return ____ / ____"),
    see="A2",
    draw=drawn(_case_H19),
    taught_in=4,
)
def mend_H19(e_i: float, S: float) -> float:
    """A_2i, where e_i = e^z_2i and S is the sum of all e^z_2j."""
    return e_i / S


@mending(
    12,
    task="H20 compares a label's entry, which is 0 or 1, with a class number. Mend it.",
    hints=(
        "What are the only values y_i can have? And the true class t?",
        "`show('one_hot')`: y_i = I(t = i).",
        "return 1 if ____ == ____ else 0",
    ),
    see="one_hot",
    draw=lambda rng: [Group(tuple({"t": t, "i": i} for t in range(3) for i in range(3)))],
    taught_in=3,
)
def mend_H20(t: int, i: int) -> int:
    """y_i, the entry of the one-hot label for class i when t is the true class."""
    return 1 if t == i else 0
