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


# --- the handout's lines, mended ----------------------------------------------------------------
# One class or one entry at a time: y, A2 and z2 are plain columns of numbers here, indices count from 0.


def mend_H05(K: int) -> list[int]:
    """The values that i takes in the sum of H05, in order: classes are counted as in H04."""
    return list(range(1, K + 1))


def mend_H10(y: Array, A2: Array, i: int) -> float:
    """dL/dz_2i of one example; y and A2 hold K numbers each."""
    total = 0.0
    for k in range(len(A2)):
        dL_dA2k = -y[k] / A2[k]
        dA2k_dz2i = A2[k] * ((i == k) - A2[i])
        total += dL_dA2k * dA2k_dz2i
    return total


def mend_H11(y_i: float, A_i: float, e_i: float, S: float) -> float:
    """The case i = k of H11, where e_i = e^z_2i and S is the sum of all e^z_2j."""
    return -y_i / A_i * A_i * (S - e_i) / S


def mend_H12(y_i: float, y_k: float, A_i: float, A_k: float) -> float:
    """The case i != k of H12: what reaches z_2i through the output k."""
    return y_k * A_i


def mend_H15(y: Array, A2: Array, i: int) -> float:
    """What H15 has to add to A_2i y_i - y_i: the sum of the case i != k over all k; y and A2 hold K numbers each."""
    return sum(y[k] * A2[i] for k in range(len(y)) if k != i)


def mend_H18(z2: Array, i: int, k: int) -> float:
    """The derivative of the sum of all e^z_2j by z_2i; z2 holds K numbers."""
    return np.exp(z2[i])


def mend_H19(e_i: float, S: float) -> float:
    """A_2i, where e_i = e^z_2i and S is the sum of all e^z_2j."""
    return e_i / S


def mend_H20(t: int, i: int) -> int:
    """y_i, the entry of the one-hot label for class i when t is the true class."""
    return 1 if t == i else 0


def mend_H21(delta2: Array, A1: Array) -> Array:
    """dL/dw2 of one example, shape (K, H); delta2 (K, 1) is A2 - y, A1 is (H, 1)."""
    return delta2 @ A1.T


def mend_H26(w1: Array, w2: Array, delta2: Array) -> Array:
    """dL/dA1 of one example, shape (H, 1); delta2 (K, 1) is A2 - y. One of the two weights is not needed."""
    return w2.T @ delta2


def mend_H28(w1: Array, w2: Array, delta2: Array, z1: Array) -> Array:
    """dL/dz1 of one example, shape (H, 1); delta2 (K, 1) is A2 - y. One of the two weights is not needed."""
    return (w2.T @ delta2) * (z1 >= 0)


def mend_H30(w2: Array, delta2: Array, z1: Array, X: Array) -> Array:
    """dL/dw1 of one example, shape (H, D); delta2 (K, 1) is A2 - y, X is (D, 1)."""
    return ((w2.T @ delta2) * (z1 >= 0)) @ X.T
