"""Slips in the hidden activation, A1 = ReLU(z1) (H02)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, softmax
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "A1",
    "nothing is cut off: ReLU is skipped",
    latex=r"A_1 = z_1",
    tempts="Where z1 is positive, z1 and ReLU(z1) are the same.",
    breaks="Two linear layers in a row are one linear layer.",
    hint="Look at the entries where z1 is negative. What does H02 put there?",
)
def relu_skipped(z1: Array) -> Array:
    return z1


@slip(
    "A1",
    "the negative side is kept instead of the positive one",
    latex=r"A_1 = \min(z_1, 0)",
    tempts="A comparison turned round, or `minimum` for `maximum`.",
    breaks="Exactly the units that should pass are silenced, and the others pass.",
    hint="Try a single z1 = 2, then z1 = -2. What does H02 give for each?",
)
def relu_inverted(z1: Array) -> Array:
    return np.minimum(z1, 0)


@slip(
    "A1",
    "the gate is returned instead of the value that passes it",
    latex=r"A_1 = I(z_1 \ge 0)",
    tempts="`z1 >= 0` says which entries survive, and it looks finished.",
    breaks="Every open unit says 1, however large its z1 is.",
    hint="The comparison says where. What should stand there?",
)
def relu_gate_for_value(z1: Array) -> Array:
    return (z1 >= 0) * 1.0


@slip(
    "A1",
    "negative entries are made positive instead of 0",
    latex=r"A_1 = |z_1|",
    tempts="Both the absolute value and ReLU remove negative numbers.",
    breaks="A strongly negative unit becomes a strongly active one.",
    hint="What should a unit with z1 = -3 hand on?",
)
def relu_absolute(z1: Array) -> Array:
    return np.abs(z1)


@slip(
    "A1",
    "z1 gets the other sign before it is cut off",
    latex=r"A_1 = \max(-z_1, 0)",
    tempts="One minus sign too many while writing the two cases.",
    breaks="Exactly the units that should be silent are active.",
    hint="Try a single z1 = 2. What comes out?",
)
def relu_of_minus(z1: Array) -> Array:
    return np.maximum(-z1, 0)


@slip(
    "A1",
    "negative entries are made small, not 0",
    latex=r"A_1 = \max(z_1, \alpha z_1)",
    tempts="This is leaky ReLU, a well-known relative.",
    breaks="The handout's network has a gate that closes completely, and its derivative is 0 there.",
    hint="What exactly does the second case of H02 say?",
    each={"slope": (0.01, 0.1, 0.2, 0.3, 0.05, 0.001)},
)
def relu_leaky(z1: Array, slope: float) -> Array:
    return np.where(z1 > 0, z1, slope * z1)


@slip(
    "A1",
    "large entries are cut off too",
    latex=r"A_1 = \min(\max(z_1, 0), 1)",
    tempts="An activation is easily thought of as a number between 0 and 1.",
    breaks="Units above 1 all look the same, and their gate would have to close again.",
    hint="What does H02 do to z1 = 3?",
)
def relu_capped(z1: Array) -> Array:
    return np.clip(z1, 0, 1)


@slip(
    "A1",
    "the comparison is with 1, not with 0",
    latex=r"A_1 = \max(z_1, 1)",
    tempts="0 and 1 are the two numbers in the handout's cases, H27 included.",
    breaks="Small entries are moved or lost.",
    hint="What does H02 do to z1 = 0.5?",
    each={"form": ("maximum", "where")},
)
def relu_threshold_one(z1: Array, form: str) -> Array:
    return np.maximum(z1, 1) if form == "maximum" else np.where(z1 >= 1, z1, 0)


@slip(
    "A1",
    "the largest entry is taken, not the larger of two numbers",
    latex=r"A_1 = \max_j z_{1j}",
    tempts="`np.max` and `np.maximum` differ by four letters; the second argument of `np.max` is an axis.",
    breaks="One number is left for a whole column, or for the whole array.",
    hint="ReLU works on each entry alone. Which of the two functions compares entry by entry?",
    each={"form": ("columns", "all", "columns kept", "all or 0", "columns or 0")},
)
def relu_largest(z1: Array, form: str) -> Any:
    axis = 0 if form.startswith("columns") else None
    largest = z1.max(axis=axis, keepdims="kept" in form)
    return np.maximum(largest, 0) if form.endswith("or 0") else largest


@slip(
    "A1",
    "the largest entry of each row is taken, not the larger of two numbers",
    latex=r"A_{1j} = \max_n z_{1,jn}",
    tempts="`np.max` and `np.maximum` differ by four letters; the second argument of `np.max` is an axis.",
    breaks="One number is left for a whole row: all examples of a unit are put together.",
    hint="ReLU works on each entry alone. Which of the two functions compares entry by entry?",
    batch=True,
    each={"keep": (False, True)},
)
def relu_largest_of_row(z1: Array, keep: bool) -> Any:
    return z1.max(axis=1, keepdims=keep)


@slip(
    "A1",
    "<which> takes the place of ReLU",
    latex=r"A_1 = \frac{1}{1 + e^{-z_1}}",
    tempts="The sigmoid and tanh are the activations of many older texts, and the softmax is at hand.",
    breaks="It is another network: no unit is ever quite closed, and the derivative is no gate.",
    hint="Which activation does H02 define?",
    each={"which": {"the sigmoid": lambda z1: 1 / (1 + np.exp(-z1)), "tanh": np.tanh, "the softmax": softmax}},
)
def other_activation(z1: Array, which: Function) -> Any:
    return which(z1)


@slip(
    "A1",
    "softplus takes the place of ReLU",
    latex=r"A_1 = \log(1 + e^{z_1})",
    tempts="It is a smooth relative of ReLU.",
    breaks="No unit is ever exactly 0, and the gate becomes a sigmoid.",
    hint="Which activation does H02 define?",
)
def softplus_for_relu(z1: Array) -> Array:
    return np.log1p(np.exp(z1))


@slip(
    "A1",
    "ReLU is applied before the bias is added",
    latex=r"A_1 = \text{ReLU}(w_1 X) + b_1",
    tempts="The bias looks like something added at the very end of the layer.",
    breaks="The gate no longer depends on the bias, and a unit may hand on a negative number.",
    hint="What goes into ReLU: the product alone, or z1?",
)
def relu_before_bias(w1: Array, X: Array, b1: Array) -> Array:
    return np.maximum(w1 @ X, 0) + b1


@slip(
    "z2",
    "nothing of the hidden layer reaches the logits: only the bias is left",
    latex=r"z_2 = b_2",
    tempts="With every gate closed, A1 is 0.",
    breaks="All inputs get the same prediction.",
    hint="Which of the hidden units are open?",
    constant=True,
)
def only_bias_left(A1: Array, b2: Array) -> Array:
    return b2 + 0 * A1[:1]


@slip(
    "A1",
    "a smooth relative of ReLU takes its place",
    latex=r"A_1 = z_1 \cdot \frac{1}{1 + e^{-z_1}}",
    tempts="Swish, GELU and ELU are later relatives of ReLU.",
    breaks="It is another network: a negative z1 gives a negative number, and the derivative is no gate.",
    hint="What does H02 put where z1 is negative?",
    each={"form": ("swish", "GELU", "ELU")},
)
def smooth_relu(z1: Array, form: str) -> Array:
    if form == "swish":
        return z1 / (1 + np.exp(-z1))
    if form == "ELU":
        return np.where(z1 > 0, z1, np.exp(np.minimum(z1, 0)) - 1)
    return 0.5 * z1 * (1 + np.tanh(np.sqrt(2 / np.pi) * (z1 + 0.044715 * z1**3)))
