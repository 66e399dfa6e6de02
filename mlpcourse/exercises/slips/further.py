"""Slips in the exercises that go further than the course."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, jacobian, softmax
from mlpcourse.exercises.slips.catalogue import slip

# --- lesson 04: a temperature -----------------------------------------------------------------------


@slip(
    "J_at",
    "the temperature is missing <where>",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k} (I(i = k) - A_{2i})",
    tempts="One of its two places is seen to, or neither: the result of before is taken over.",
    breaks="It is right at T = 1 alone: both the probabilities and the inner derivative depend on T.",
    hint="At which logits is your A2 computed? And move z2 by a little: by how much does z2 / T move?",
    each={
        "where": {
            "as a factor": lambda z2, T: jacobian(softmax(z2 / T)),
            "inside the softmax": lambda z2, T: jacobian(softmax(z2)) / T,
            "as a factor and inside the softmax": lambda z2, T: jacobian(softmax(z2)),
        }
    },
)
def temperature_missing(z2: Array, T: float, where: Function) -> Any:
    return where(z2, T)


@slip(
    "J_at",
    "it is multiplied by the temperature",
    latex=r"T \left( \mathrm{diag}(A_2) - A_2 A_2^\top \right)",
    tempts="The factor of the chain rule is remembered, and taken the wrong way up.",
    breaks="The higher T is, the less the logits move the probabilities; here it is the other way round.",
    hint="What is the derivative of z2 / T by z2, for T = 2?",
)
def temperature_multiplied(z2: Array, T: float) -> Array:
    return T * jacobian(softmax(z2 / T))


@slip(
    "J_at",
    "the probabilities are divided by the temperature, and not the logits",
    latex=r"\mathrm{diag}(A_2 / T) - (A_2 / T) (A_2 / T)^\top",
    tempts="The temperature divides something, and A2 is what comes next.",
    breaks="The formula is one for probabilities, and these do not sum to 1.",
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
    breaks="Units with a negative z1 get no error, though with tanh they move the loss as well.",
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
    "the slope is <what>",
    latex=r"<dA1> \odot (1 - A_1)",
    tempts="The sigmoid's derivative has A and 1 - A, without a square.",
    breaks="For a negative A1 the slope would exceed 1, or be negative.",
    hint="What is the slope of tanh at z1 = 0, and far to the left?",
    each={
        "what": {
            "1 - A1: the square is lost": lambda A1: 1 - A1,
            "A1 (1 - A1), which is the sigmoid's": lambda A1: A1 * (1 - A1),
        }
    },
)
def tanh_as_sigmoid(dA1: Array, A1: Array, what: Function) -> Any:
    return dA1 * what(A1)


@slip(
    "delta1_of_three",
    "the gates of <which> are left out",
    latex=r"\left( w_2^\top w_3^\top \delta_3 \right) \odot I(z_1 \ge 0)",
    tempts="The weights bring the shapes right, and the way looks complete.",
    breaks="The error passes through units that are closed.",
    hint="Which gates does the error pass on its way, and by which array is the derivative asked?",
    each={
        "which": {
            "the second hidden layer": (False, True),
            "the first hidden layer": (True, False),
            "both hidden layers": (False, False),
        }
    },
)
def gates_of_a_layer_left_out(
    w2: Array, w3: Array, delta3: Array, z1: Array, z2: Array, which: tuple[bool, bool]
) -> Array:
    second, first = which
    delta2 = (w3.T @ delta3) * ((z2 >= 0) | (not second))
    return (w2.T @ delta2) * ((z1 >= 0) | (not first))


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
    "eps is <how>",
    latex=r"(A_2 - (1 - \varepsilon) y) / N",
    tempts="The factor in front of y is the part that catches the eye; or every class gets something.",
    breaks="The smoothed label no longer adds up to 1, so the columns of the error do not add up to 0.",
    hint="What do the entries of your label add up to?",
    each={"how": {"spread over no class": 0, "given to every class in full": 1}},
)
def eps_not_shared(A2: Array, y: Array, eps: float, how: int) -> Array:
    return (A2 - (1 - eps) * y - how * eps) / y.shape[1]


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
    "the whole error is scaled by <factor>",
    latex=r"(1 - \varepsilon) (A_2 - y) / N",
    tempts="A factor that belongs to the label is put in front of everything.",
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
