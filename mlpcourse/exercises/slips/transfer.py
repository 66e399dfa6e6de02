"""Slips in the exercises whose answer stands nowhere in the course."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises.slips.catalogue import slip

Array = npt.NDArray[Any]


@slip(
    "delta1_tanh",
    "it is ReLU's gate, and tanh has none",
    latex=r"<dA1> \odot I(A_1 \ge 0)",
    tempts="It is what the course does at this place.",
    breaks="Half of the units get no error, though tanh lets all of them move the loss.",
    hint="What is the slope of tanh at a negative z1?",
)
def tanh_gated(dA1: Array, A1: Array) -> Array:
    return dA1 * (A1 >= 0)


@slip(
    "delta1_tanh",
    "tanh is taken twice",
    latex=r"<dA1> \odot (1 - \tanh^2 A_1)",
    tempts="The formula 1 - tanh^2 is applied to what is at hand.",
    breaks="A1 is tanh(z1) already.",
    hint="Of which number is the formula the derivative: of z1 or of A1?",
)
def tanh_twice(dA1: Array, A1: Array) -> Array:
    return dA1 * (1 - np.tanh(A1) ** 2)


@slip(
    "delta1_tanh",
    "the square is lost",
    latex=r"<dA1> \odot (1 - A_1)",
    tempts="The sigmoid's derivative has A and 1 - A, without a square.",
    breaks="For a negative A1 the slope would exceed 1.",
    hint="What is the derivative at z1 = 0, and far to the left?",
)
def tanh_square_lost(dA1: Array, A1: Array) -> Array:
    return dA1 * (1 - A1)


@slip(
    "delta1_tanh",
    "the derivative of the sigmoid stands for that of tanh",
    latex=r"<dA1> \odot A_1 (1 - A_1)",
    tempts="Both functions look alike.",
    breaks="At z1 = 0, where tanh is steepest, it is 0.",
    hint="How steep is tanh at 0?",
)
def tanh_as_sigmoid(dA1: Array, A1: Array) -> Array:
    return dA1 * A1 * (1 - A1)


@slip(
    "delta1_of_three",
    "the gates of the second hidden layer are left out",
    latex=r"\left( w_2^\top w_3^\top \delta_3 \right) \odot I(z_1 \ge 0)",
    tempts="One gate is at the end, where one is looked for.",
    breaks="The error passes through units that are closed.",
    hint="Which gates does the error pass on its way?",
)
def second_gate_left_out(w2: Array, w3: Array, delta3: Array, z1: Array) -> Array:
    return (w2.T @ (w3.T @ delta3)) * (z1 >= 0)


@slip(
    "delta1_of_three",
    "the gates of the first hidden layer are left out",
    latex=r"w_2^\top \left( w_3^\top \delta_3 \odot I(z_2 \ge 0) \right)",
    tempts="Back at A1 the way looks complete.",
    breaks="It is dL/dA1, not dL/dz1.",
    hint="By which array is the derivative asked?",
)
def first_gate_left_out(w2: Array, w3: Array, delta3: Array, z2: Array) -> Array:
    return w2.T @ ((w3.T @ delta3) * (z2 >= 0))


@slip(
    "delta2_smoothed",
    "the labels are not smoothed",
    latex=r"(A_2 - y) / N",
    tempts="It is the course's result.",
    breaks="It is right for eps = 0 alone.",
    hint="Where does eps occur in your result?",
)
def labels_not_smoothed(A2: Array, y: Array) -> Array:
    return (A2 - y) / y.shape[1]


@slip(
    "delta2_smoothed",
    "eps is spread over no class",
    latex=r"(A_2 - (1 - \varepsilon) y) / N",
    tempts="The factor in front of y is the part that catches the eye.",
    breaks="The smoothed label adds up to 1 - eps, so the columns of the error do not add up to 0.",
    hint="What do the entries of your label add up to?",
)
def eps_not_spread(A2: Array, y: Array, eps: float) -> Array:
    return (A2 - (1 - eps) * y) / y.shape[1]


@slip(
    "delta2_smoothed",
    "eps is given to every class in full",
    latex=r"(A_2 - (1 - \varepsilon) y - \varepsilon) / N",
    tempts="Every class gets something.",
    breaks="K times eps is too much: the label adds up to more than 1.",
    hint="What do the entries of your label add up to?",
)
def eps_in_full(A2: Array, y: Array, eps: float) -> Array:
    return (A2 - (1 - eps) * y - eps) / y.shape[1]


@slip(
    "delta2_smoothed",
    "eps is shared among the wrong classes only",
    latex=r"(A_2 - (1 - \varepsilon) y - \tfrac{\varepsilon}{K - 1} (1 - y)) / N",
    tempts="The true class has its share already.",
    breaks="Here the label is (1 - eps) y + eps / K: every class gets eps / K.",
    hint="What is the label of the true class, by the formula?",
)
def eps_to_wrong_classes(A2: Array, y: Array, eps: float) -> Array:
    K, N = y.shape
    return (A2 - (1 - eps) * y - eps / (K - 1) * (1 - y)) / N


@slip(
    "delta2_smoothed",
    "the mean is left out",
    latex=r"A_2 - (1 - \varepsilon) y - \varepsilon / K",
    tempts="For one example it is right.",
    breaks="For a batch every gradient is N times too long.",
    hint="L is a mean. By how much does it move when the loss of one example rises by 1?",
    batch=True,
)
def smoothed_without_mean(A2: Array, y: Array, eps: float) -> Array:
    return A2 - (1 - eps) * y - eps / len(y)
