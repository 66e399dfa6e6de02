"""The model answers: each function a learner is asked to write, as plainly as it can be written.

They are network.py's results in the learner's own form: plain arrays in, plain arrays out, no checks, nothing but
numpy. ``exercises`` judges by them and ``exercises.solution`` shows them, so what is shown is what was checked with;
a test holds each one equal to network.py. Shapes: ``network.SHAPES``. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

# --- the forward pass ---------------------------------------------------------------------------


def relu(z1: Array) -> Array:
    """A1 = ReLU(z1), shape (H, N) (H02)."""
    return np.maximum(z1, 0)


def softmax(z2: Array) -> Array:
    """A2, shape (K, N): each column sums to 1 (H04)."""
    exps = np.exp(z2 - z2.max(axis=0))
    return exps / exps.sum(axis=0)


def forward(w1: Array, b1: Array, w2: Array, b2: Array, X: Array) -> tuple[Array, Array, Array, Array]:
    """z1, A1 of shape (H, N) and z2, A2 of shape (K, N) (H01 to H04)."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)
    return z1, A1, z2, A2


# --- the loss -----------------------------------------------------------------------------------


def one_hot(labels: Array, K: int) -> Array:
    """y, shape (K, N): a 1 in row labels[n] of column n (H20)."""
    return np.eye(K)[:, labels]


def cross_entropy(z2: Array, y: Array) -> Array:
    """The loss of each example, shape (1, N), from the logits (H05)."""
    shifted = z2 - z2.max(axis=0)
    log_A2 = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -(y * log_A2).sum(axis=0, keepdims=True)


# --- the output layer ---------------------------------------------------------------------------


def softmax_jacobian(z2: Array) -> Array:
    """dA2_k/dz2_i in row k, column i, shape (K, K), for one example (H16 to H19)."""
    exps = np.exp(z2 - z2.max())
    A2 = exps / exps.sum()
    return np.diagflat(A2) - A2 @ A2.T


def output_delta_one(A2: Array, y: Array) -> Array:
    """dL/dz2 of one example, shape (K, 1) (H15)."""
    return A2 - y


def output_delta(A2: Array, y: Array) -> Array:
    """dL/dz2, shape (K, N), where L is the mean over the N examples (H15)."""
    return (A2 - y) / y.shape[1]


def grad_w2_one(delta2: Array, A1: Array) -> Array:
    """dL/dw2 of one example, shape (K, H): an outer product (H21)."""
    return delta2 @ A1.T


def grad_b2_one(delta2: Array) -> Array:
    """dL/db2 of one example, shape (K, 1) (H23)."""
    return delta2


def grad_w2(delta2: Array, A1: Array) -> Array:
    """dL/dw2, shape (K, H): the outer products, summed over the examples (H21)."""
    return delta2 @ A1.T


def grad_b2(delta2: Array) -> Array:
    """dL/db2, shape (K, 1): summed over the examples (H23)."""
    return delta2.sum(axis=1, keepdims=True)


# --- the hidden layer ---------------------------------------------------------------------------


def hidden_signal(w2: Array, delta2: Array) -> Array:
    """dL/dA1, shape (H, N) (H26, H29)."""
    return w2.T @ delta2


def hidden_delta(dA1: Array, z1: Array) -> Array:
    """dL/dz1, shape (H, N): dL/dA1 where the gate is open, else 0 (H28)."""
    return dA1 * (z1 >= 0)


def grad_w1_one(delta1: Array, X: Array) -> Array:
    """dL/dw1 of one example, shape (H, D): an outer product (H30)."""
    return delta1 @ X.T


def grad_b1_one(delta1: Array) -> Array:
    """dL/db1 of one example, shape (H, 1) (H32)."""
    return delta1


# --- the whole network --------------------------------------------------------------------------


def backward(w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array) -> tuple[Array, Array, Array, Array]:
    """dL/dw1, dL/db1, dL/dw2, dL/db2, where L is the mean over the N examples (H06)."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)

    delta2 = (A2 - y) / y.shape[1]
    dw2 = delta2 @ A1.T
    db2 = delta2.sum(axis=1, keepdims=True)
    delta1 = (w2.T @ delta2) * (z1 >= 0)
    dw1 = delta1 @ X.T
    db1 = delta1.sum(axis=1, keepdims=True)
    return dw1, db1, dw2, db2


def numerical_gradient(f: Callable[[Array], float], x: Array) -> Array:
    """df/dx by central differences, in x's shape."""
    step = 1e-5
    gradient = np.zeros_like(x)
    for index in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[index] += step
        down[index] -= step
        gradient[index] = (f(up) - f(down)) / (2 * step)
    return gradient


def training_step(
    w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array, learning_rate: float
) -> tuple[Array, Array, Array, Array]:
    """New w1, b1, w2, b2 after one step of gradient descent."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)

    delta2 = (A2 - y) / y.shape[1]
    delta1 = (w2.T @ delta2) * (z1 >= 0)
    return (
        w1 - learning_rate * delta1 @ X.T,
        b1 - learning_rate * delta1.sum(axis=1, keepdims=True),
        w2 - learning_rate * delta2 @ A1.T,
        b2 - learning_rate * delta2.sum(axis=1, keepdims=True),
    )


def accuracy(w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array) -> float:
    """The share of the examples whose most probable class is the true one."""
    z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2
    return float(np.mean(z2.argmax(axis=0) == y.argmax(axis=0)))
