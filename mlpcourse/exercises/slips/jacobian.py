"""Slips in the softmax's derivative dA2_k/dz2_i (H16 to H19)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, jacobian, softmax
from mlpcourse.exercises.slips.catalogue import slip
from mlpcourse.exercises.slips.softmax import top_for_shift


@slip(
    "J",
    "only the diagonal is there<form>",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = I(i = k) A_{2i} (1 - A_{2i})",
    tempts="An activation usually acts on each entry alone, and the sigmoid's derivative is just this.",
    breaks="Every output depends on every logit: raising one logit lowers all other probabilities, and that is lost.",
    hint="How many pairs of an output k and a logit i are there, and what must a column sum to?",
    each={"form": {"": np.diagflat, ", as a column and not a square array": np.positive}},
)
def jacobian_diagonal_only(A2: Array, form: Function) -> Any:
    return form(A2 * (1 - A2))


@slip(
    "J",
    "the entries beside the diagonal have the wrong sign",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = I(i = k) A_{2i}(1 - A_{2i}) + (1 - I(i = k)) A_{2k} A_{2i}",
    tempts="The minus sign of the quotient rule is lost where the first term vanishes.",
    breaks="All probabilities would rise together when one logit rises, but they must sum to 1.",
    hint="Raise one logit. Which way does another class's probability go?",
)
def off_diagonal_positive(A2: Array) -> Array:
    product = A2 @ A2.T
    return np.where(np.eye(len(A2)) > 0, A2 - product, product)


@slip(
    "J",
    "the diagonal term is missing<also>",
    latex=r"-A_2 A_2^\top",
    tempts="The second case fills the whole array, and the first one is forgotten.",
    breaks="A column no longer sums to 0: the probabilities would not go on summing to 1.",
    hint="Raise one logit. Which way does each of the probabilities go?",
    each={"also": {"": -1, ", and so is the minus sign": 1}},
    without="delta",
)
def jacobian_product_only(A2: Array, also: int) -> Array:
    return also * A2 @ A2.T


@slip(
    "J",
    "only diag(A2) is left",
    latex=r"\text{diag}(A_2)",
    tempts="It is the first half of the result.",
    breaks="It is the derivative of the numerator alone; the sum below the line depends on the logits too.",
    hint="What does the quotient rule do with the denominator?",
)
def jacobian_diag_only(A2: Array) -> Array:
    return np.diagflat(A2)


@slip(
    "J",
    "the unit matrix stands where diag(A2) belongs",
    latex=r"I - A_2 A_2^\top",
    tempts="I(i = k) is written as a unit matrix, and its factor A2 is forgotten.",
    breaks="The diagonal is 1 - A2^2: far too large for a small probability.",
    hint="What does the quotient rule leave of the first term when k = i?",
)
def jacobian_unit_matrix(A2: Array) -> Array:
    return np.eye(len(A2)) - A2 @ A2.T


@slip(
    "J",
    "one class's probability appears twice where two classes meet",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k}(I(i = k) - A_{2k})",
    tempts="e^z_2k stands above the line and is kept for the sum, too; in numpy a column spreads unnoticed.",
    breaks="Beside the diagonal stands a square where two different factors belong: a column no longer sums to 0.",
    hint="Of the sum of all e^z_2j, which term depends on z_2i?",
    handout="H18",
    each={"across": (False, True)},
)
def own_probability_twice(A2: Array, across: bool) -> Array:
    result = A2 * (np.eye(len(A2)) - A2)
    return result.T if across else result


@slip(
    "J",
    "<what> is a single number, and numpy spreads it over the whole array",
    latex=r"\text{diag}(A_2) - A_2^\top A_2",
    tempts="A column and its transpose have two products; and `np.diag` both makes a matrix and takes a diagonal.",
    breaks="Both terms of the result are square arrays: one number for all pairs tells none of them apart.",
    hint="What is the shape of `A2.T @ A2` here? And of `np.diag(A2)` and `np.diagflat(A2)`?",
    each={
        "what": {
            "the product A2^T A2": lambda A2: np.diagflat(A2) - A2.T @ A2,
            "the diagonal of a column": lambda A2: np.diag(A2) - A2 @ A2.T,
        }
    },
)
def number_spread(A2: Array, what: Function) -> Any:
    return what(A2)


@slip(
    "J",
    "the diagonal's formula stands everywhere",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k}(1 - A_{2i})",
    tempts="The 1 in it is I(i = k), and it is carried over to i not equal to k.",
    breaks="Beside the diagonal the sign is wrong and the size too.",
    hint="When i is not k, does e^z_2k depend on z_2i?",
    each={"across": (False, True)},
    without="delta",
)
def diagonal_formula_everywhere(A2: Array, across: bool) -> Array:
    result = A2 @ (1 - A2).T
    return result.T if across else result


@slip(
    "J",
    "a factor e^z is lost in the second term of the quotient rule",
    latex=r"\frac{e^{z_{2i}} \sum_j e^{z_{2j}} - e^{z_{2i}}}{\left( \sum_j e^{z_{2j}} \right)^2}, \quad i = k",
    tempts="Two equal factors stand side by side, and one of them is written once.",
    breaks="The diagonal changes with a common shift of the logits, which the softmax cannot see.",
    hint="Numerator times the derivative of the denominator: which two factors are that for i = k?",
    each={"shift": ("none", "all")},
)
def second_factor_lost(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - top_for_shift(z2, shift))
    A2, total = exps / exps.sum(), exps.sum()
    return np.diagflat((exps * total - exps) / total**2 + A2 * A2) - A2 @ A2.T


@slip(
    "J",
    "the diagonal is 0",
    latex=r"\frac{A_{2i} \sum_j e^{z_{2j}} - e^{z_{2i}}}{\sum_j e^{z_{2j}}} = 0, \quad i = k",
    tempts="The bracket round the difference is lost, or the sum is kept as its own derivative.",
    breaks="A_2i times the sum is e^z_2i, so the difference vanishes: a logit would not move its own class.",
    hint="Put numbers into the case i = k. Can it be 0 for every network?",
    handout="H11",
)
def lost_factor(A2: Array) -> Array:
    return np.diagflat(A2 * A2) - A2 @ A2.T


@slip(
    "J",
    "the sum below the line is kept whole where its derivative belongs",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k}(I(i = k) - 1)",
    tempts="An exponential is its own derivative, and a sum of them seems to be, too.",
    breaks="A column no longer sums to 0, and the matrix is not symmetric.",
    hint="Of the sum of all e^z_2j, which term depends on z_2i?",
    about="exp",
)
def sum_for_its_derivative(A2: Array) -> Array:
    return A2 * (np.eye(len(A2)) - 1)


@slip(
    "J",
    "the second term has one probability as its factor, not two",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k} I(i = k) - A_{2i}",
    tempts="The bracket round the difference is lost, and the factor in front reaches its first term only.",
    breaks="The diagonal is 0: a logit would not move its own class.",
    hint="How many factors does the quotient rule give each of the two terms?",
)
def bracket_lost(A2: Array) -> Array:
    return np.diagflat(A2) - A2.T


@slip(
    "J",
    "everything is divided by the sum once too often",
    latex=r"\frac{1}{\sum_j e^{z_{2j}}} \left( \text{diag}(A_2) - A_2 A_2^\top \right)",
    tempts="e^z over the square of the sum is taken for A2, and one sum stays below.",
    breaks="The result depends on a common shift of the logits, which the softmax cannot see.",
    hint="How many sums stand below the line in A2 itself?",
    handout="H19",
    each={"shift": ("none", "all")},
)
def stray_square(z2: Array, shift: str) -> Array:
    return jacobian(softmax(z2)) / np.exp(z2 - top_for_shift(z2, shift)).sum()


@slip(
    "J",
    "the denominator is not squared",
    latex=r"\frac{I(i = k) e^{z_{2k}} \sum_j e^{z_{2j}} - e^{z_{2k}} e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="The square of the quotient rule is easily dropped.",
    breaks="Everything is multiplied by the sum of the exponentials.",
    hint="What stands below the line in the quotient rule?",
    each={"shift": ("none", "all")},
)
def square_missing(z2: Array, shift: str) -> Array:
    return jacobian(softmax(z2)) * np.exp(z2 - top_for_shift(z2, shift)).sum()


@slip(
    "J",
    "it is the derivative of log A2, not of A2",
    latex=r"\frac{\partial \log A_{2k}}{\partial z_{2i}} = I(i = k) - A_{2i}",
    tempts="The factor A_2k in front is lost; or the logarithm of the loss was taken in already.",
    breaks="The result is one factor A_2k short.",
    hint="Which function did you differentiate: A2, or its logarithm?",
    each={"across": (False, True)},
)
def derivative_of_log_softmax(A2: Array, across: bool) -> Array:
    result = np.eye(len(A2)) - A2.T
    return result.T if across else result


@slip(
    "J",
    "only one side of the diagonal is filled",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = 0, \quad i < k",
    tempts="A loop over pairs i < k meets each pair once.",
    breaks="Output k depends on logit i and output i on logit k: both entries are needed.",
    hint="Through which pairs (k, i) do your loops go?",
    each={"upper": (True, False)},
)
def one_triangle(A2: Array, upper: bool) -> Array:
    return np.triu(jacobian(A2)) if upper else np.tril(jacobian(A2))
