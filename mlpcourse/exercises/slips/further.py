"""Slips in the exercises that go further than the course."""

from __future__ import annotations

from typing import Any

import numpy as np
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
    "the temperature plays no part: this is the derivative of softmax(z2)",
    latex=r"\mathrm{diag}(A_2) - A_2 A_2^\top, \quad A_2 = \mathrm{softmax}(z_2)",
    tempts="It is the answer to the question before.",
    breaks="It is right at T = 1 alone: neither the point of the curve nor its inner derivative depends on T.",
    hint="At how many places does T stand when softmax(z2 / T) is differentiated?",
)
def temperature_left_out(z2: Array) -> Array:
    return jacobian(softmax(z2))


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


@slip(
    "J_at",
    "the probabilities are divided by the temperature, and not the logits",
    latex=r"\mathrm{diag}(A_2 / T) - (A_2 / T) (A_2 / T)^\top",
    tempts="The temperature divides something, and A2 is what comes next.",
    breaks="What is differentiated does not sum to 1.",
    hint="At which place of the softmax does T stand?",
    each={"also": ("", "outside")},
)
def temperature_on_probabilities(z2: Array, T: float, also: str) -> Array:
    result = jacobian(softmax(z2) / T)
    return result / T if also else result


# --- lesson 07: tanh --------------------------------------------------------------------------------


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
    "the slope is taken at the signal that comes back, not at what went forward",
    latex=r"1 - \tanh^2 <dA1>",
    tempts="The signal is what the function works on.",
    breaks="The slope of tanh says how A1 follows z1; dA1 has no part in that.",
    hint="At which number does one need the slope of tanh: at one of the forward pass, or at one of the way back?",
    each={"form": ("tanh alone", "tanh", "square alone")},
)
def tanh_of_signal(dA1: Array, form: str) -> Array:
    slope = 1 - (dA1 if form == "square alone" else np.tanh(dA1)) ** 2
    return dA1 * slope if form == "tanh" else slope


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
    "eps and 1 - eps stand in each other's place",
    latex=r"(A_2 - \varepsilon y - (1 - \varepsilon) / K) / N",
    tempts="Both numbers share the label between them.",
    breaks="Nearly all of the label would be spread over all classes.",
    hint="What is the label for eps = 0?",
)
def eps_exchanged(A2: Array, y: Array, eps: float) -> Array:
    K, N = y.shape
    return (A2 - eps * y - (1 - eps) / K) / N


@slip(
    "delta2_smoothed",
    "the probabilities are smoothed, and not the labels",
    latex=r"((1 - \varepsilon) A_2 + \varepsilon / K - y) / N",
    tempts="The formula is known, and A2 stands first.",
    breaks="The loss has smooth labels; the probabilities are what the network gives.",
    hint="Which of the two does the loss change: what is asked for, or what comes out?",
)
def probabilities_smoothed(A2: Array, y: Array, eps: float) -> Array:
    K, N = y.shape
    return ((1 - eps) * A2 + eps / K - y) / N


@slip(
    "delta2_smoothed",
    "the whole error is scaled by 1 - eps",
    latex=r"(1 - \varepsilon) (A_2 - y) / N",
    tempts="The factor of y is put in front of everything.",
    breaks="A2 keeps its full weight: only the label changes.",
    hint="What is the derivative where all entries of the label are 1 / K?",
    each={"factor": ("1 - eps", "eps", "1 + eps")},
)
def error_scaled_by_eps(A2: Array, y: Array, eps: float, factor: str) -> Array:
    return (A2 - y) * {"1 - eps": 1 - eps, "eps": eps, "1 + eps": 1 + eps}[factor] / y.shape[1]


@slip(
    "delta2_smoothed",
    "the labels are kept away from 0 and 1, and not smoothed",
    latex=r"(A_2 - \mathrm{clip}(y, \varepsilon, 1 - \varepsilon)) / N",
    tempts="Smooth labels are never 0 or 1, and clipping sees to that.",
    breaks="What a class gets does not depend on K then, and the label adds up to something else than 1.",
    hint="What is the label of a wrong class, by the formula?",
)
def labels_clipped(A2: Array, y: Array, eps: float) -> Array:
    return (A2 - np.clip(y, eps, 1 - eps)) / y.shape[1]
