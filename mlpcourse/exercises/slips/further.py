"""Slips in the exercises that go further than the course."""

from __future__ import annotations

from typing import Any

import numpy.typing as npt

from mlpcourse.exercises.slips.catalogue import slip
from mlpcourse.exercises.slips.graph import jacobian, softmax

Array = npt.NDArray[Any]


# --- lesson 04: a temperature -----------------------------------------------------------------------


@slip(
    "J_at",
    "the factor 1 / T of the inner derivative is missing",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k} (I(i = k) - A_{2i})",
    tempts="Softmax is differentiated by what stands inside it, and that looks like the logit.",
    breaks="A warm softmax would seem to answer too strongly, a cold one too weakly.",
    hint="Move z2 by a little. By how much does z2 / T move?",
)
def temperature_inner_missing(z2: Array, T: float) -> Array:
    return jacobian(softmax(z2 / T))


@slip(
    "J_at",
    "the probabilities are those without a temperature",
    latex=r"\frac{1}{T} \left( \mathrm{diag}(A_2) - A_2 A_2^\top \right), \quad A_2 = \mathrm{softmax}(z_2)",
    tempts="The inner derivative is there, and the function itself is taken over from before.",
    breaks="The derivative belongs to another point of the curve.",
    hint="At which logits is your A2 computed?",
)
def temperature_not_inside(z2: Array, T: float) -> Array:
    return jacobian(softmax(z2)) / T


@slip(
    "J_at",
    "it is multiplied by the temperature",
    latex=r"T \left( \mathrm{diag}(A_2) - A_2 A_2^\top \right)",
    tempts="The factor of the chain rule is remembered, and taken the wrong way up.",
    breaks="The warmer, the stronger the answer would be; it is the other way.",
    hint="What is the derivative of z2 / T by z2, for T = 2?",
)
def temperature_multiplied(z2: Array, T: float) -> Array:
    return T * jacobian(softmax(z2 / T))


# --- lesson 05: the squared error -------------------------------------------------------------------


@slip(
    "delta2_squared",
    "it is that of cross-entropy",
    latex=r"A_2 - y",
    tempts="It is the result that was just derived, and here it is dL/dA2.",
    breaks="The way back through softmax is missing.",
    hint="Is A2 - y the derivative by A2 or by z2 here?",
)
def squared_error_stops_at_A2(A2: Array, y: Array) -> Array:
    return A2 - y


@slip(
    "delta2_squared",
    "only one path is followed",
    latex=r"(A_{2i} - y_i) A_{2i} (1 - A_{2i})",
    tempts="It is what a layer of sigmoids would have.",
    breaks="Every logit moves every probability, and with this loss every probability counts.",
    hint="Through how many outputs does one logit reach the loss?",
)
def squared_error_one_path(A2: Array, y: Array) -> Array:
    return (A2 - y) * A2 * (1 - A2)


@slip(
    "delta2_squared",
    "it is twice too large",
    latex=r"2 \left( \mathrm{diag}(A_2) - A_2 A_2^\top \right) (A_2 - y)",
    tempts="A square brings down a 2.",
    breaks="The half in front of the sum is there to cancel it.",
    hint="What is the derivative of one half x squared?",
)
def squared_error_twice(A2: Array, y: Array) -> Array:
    return 2 * jacobian(A2) @ (A2 - y)
