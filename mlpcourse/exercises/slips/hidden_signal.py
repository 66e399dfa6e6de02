"""Slips on the way back to the hidden layer, dL/dA1 = w2^T delta2 (H26, H29)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, softmax
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "dA1",
    "the first layer's weights are used, not the second's",
    latex=r"\frac{\partial L}{\partial A_1} = w_1^\top \delta_2",
    tempts="The error goes to layer 1, and w1 is that layer's matrix.",
    breaks="A1 enters the logits through w2. With w1 the shapes can fit only by accident.",
    hint="In which line of the forward pass does A1 occur, and what is it multiplied by?",
    handout="H26 H28 H32",
    each={"transposed": (True, False)},
)
def wrong_layer_weights(w1: Array, delta2: Array, transposed: bool) -> Array:
    return (w1.T if transposed else w1) @ delta2


@slip(
    "dA1",
    "the weights are not transposed",
    latex=r"\frac{\partial L}{\partial A_1} = w_2 \delta_2",
    tempts="Forwards the layer multiplies by w2, and the same line is written backwards.",
    breaks="Each hidden unit is given the weights of another; it runs only where H equals K.",
    hint="Which weights lead out of hidden unit j: a row or a column of w2?",
)
def weights_not_transposed(w2: Array, delta2: Array) -> Array:
    return w2 @ delta2


@slip(
    "dA1",
    "the inverse of w2 is used, not its transpose",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^{+} \delta_2",
    tempts="Going back looks like undoing.",
    breaks="Backpropagation does not undo the layer; it asks how much each input moves the outputs.",
    hint="If one weight leading out of a unit is doubled, should its signal grow or shrink?",
)
def weights_inverted(w2: Array, delta2: Array) -> Array:
    return np.linalg.pinv(w2) @ delta2


@slip(
    "dA1",
    "the error comes back through a part of the classes only",
    latex=r"\frac{\partial L}{\partial A_{1j}} = \delta_{2t} w_{2,tj}",
    tempts="A chain rule learned along one path does not remind you to add up all of them.",
    breaks="A hidden unit reaches the loss through every logit.",
    hint="Into how many logits does one hidden unit go?",
    each={"path": ("true", "others", "first", "last")},
)
def one_class_only(w2: Array, delta2: Array, path: str) -> Array:
    if path in ("first", "last"):
        row = 0 if path == "first" else -1
        return np.outer(w2[row], delta2[row])
    return w2.T @ (np.minimum(delta2, 0) if path == "true" else np.maximum(delta2, 0))


@slip(
    "dA1",
    "the error is multiplied from the wrong side",
    latex=r"\frac{\partial L}{\partial A_1} = \delta_2 w_2",
    tempts="The chain rule is read from left to right: first the error, then the weights.",
    breaks="The left factor needs as many columns as the right one has rows: here that can be so by accident only.",
    hint="One column of delta2 is one example. On which side of it must the weights stand?",
)
def error_from_the_left(w2: Array, delta2: Array) -> Array:
    return delta2 @ w2


@slip(
    "dA1",
    "the error is multiplied by A2 (1 - A2), a sigmoid's derivative",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top \left( \delta_2 \odot A_2 (1 - A_2) \right)",
    tempts="Every layer seems to need its activation's derivative, the output layer too.",
    breaks="delta2 has the output layer's derivative in it already: here another one comes in.",
    hint="delta2 is the derivative of the loss by which of the two, A2 or z2?",
)
def softmax_derivative_again(w2: Array, delta2: Array, A2: Array) -> Array:
    return w2.T @ (delta2 * A2 * (1 - A2))


@slip(
    "dA1",
    "weights and error are multiplied entry by entry",
    latex=r"\frac{\partial L}{\partial A_1} = w_2 \odot \delta_2",
    tempts="A dot between two factors is easily read as `*`.",
    breaks="A hidden unit reaches the loss through every logit: products must be added up over them.",
    hint="Into how many logits does one hidden unit go, and what becomes of those contributions?",
    handout="H26",
    each={"turned": (False, True)},
)
def signal_entry_by_entry(w2: Array, delta2: Array, turned: bool) -> Array:
    return (w2.T if turned else w2) * delta2


@slip(
    "dA1",
    "only the weights are there, the error is missing",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top",
    tempts="H29 says dz2/dA1 = w2, and the chain rule's first factor is forgotten.",
    breaks="The signal would be the same for every example, right or wrong.",
    hint="dz2/dA1 is one factor of the chain. What stands in front of it?",
    each={"form": ("transposed", "as it is", "added up")},
    without="A2 y",
)
def error_missing_in_signal(w2: Array, delta2: Array, form: str) -> Array:
    if form == "added up":
        return np.repeat(w2.sum(axis=0)[:, None], delta2.shape[1], axis=1)
    return w2.T if form == "transposed" else w2


@slip(
    "dA1",
    "the signals of all hidden units are added up",
    latex=r"\sum_j \frac{\partial L}{\partial A_{1j}}",
    tempts="A sum belongs here, but it is the one over the logits, and the product has done it.",
    breaks="Each hidden unit needs its own signal.",
    hint="What is the shape of A1?",
    each={"form": ("column", "all", "kept")},
)
def units_added_up(w2: Array, delta2: Array, form: str) -> Any:
    signal = w2.T @ delta2
    return signal.sum() if form == "all" else signal.sum(axis=0, keepdims=form == "kept")


@slip(
    "dA1",
    "A2 is carried back, not the error",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top A_2",
    tempts="A2 and delta2 have the same shape.",
    breaks="The label plays no part in what the hidden layer learns.",
    hint="What does the chain rule carry back: a value, or a derivative of the loss?",
    without="y",
)
def probabilities_carried_back(w2: Array, A2: Array) -> Array:
    return w2.T @ A2 / A2.shape[1]


@slip(
    "dA1",
    "w2 was updated before it was used",
    latex=r"\frac{\partial L}{\partial A_1} = \left( w_2^\text{new} \right)^\top \delta_2",
    tempts="The second layer's gradient is ready first, so its step is taken first.",
    breaks="The first layer's gradient belongs to a network that never made this prediction.",
    hint="At which values of the parameters were z2 and A2 computed?",
)
def updated_weights(w2_new: Array, delta2: Array) -> Array:
    return w2_new.T @ delta2


@slip(
    "dA1",
    "the second layer was updated and evaluated again before the first layer's turn",
    latex=r"\frac{\partial L}{\partial A_1} = \left( w_2^\text{new} \right)^\top \delta_2^\text{new}",
    tempts="Each layer's step is written as a block of its own, one after the other.",
    breaks="The two layers' gradients belong to two different networks.",
    hint="All four parameters take one step from the same point. Which point is it?",
)
def second_layer_first(w2_new: Array, b2_new: Array, A1: Array, y: Array) -> Array:
    error = (softmax(w2_new @ A1 + b2_new) - y) / y.shape[1]
    return w2_new.T @ error
