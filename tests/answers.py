"""Answers that learners write, for the tests: the right ones by other ways, and ways to run any of them."""

import itertools
import linecache
import textwrap
from typing import Any

import numpy as np
import pytest

from mlpcourse.exercises import EXERCISES, graph

_number = itertools.count()


def of(kind: type) -> Any:
    """The mark that runs a test for every exercise of a kind."""
    exercises = [exercise for exercise in EXERCISES.values() if isinstance(exercise, kind)]
    return pytest.mark.parametrize("exercise", exercises, ids=lambda exercise: exercise.name)


def written(source, name=None, **names):
    """The function defined last in ``source``, as a notebook cell would define it: with its source at hand.

    names: what the cell finds imported, besides numpy.
    """
    source = textwrap.dedent(source).strip() + "\n"
    file = f"<cell {next(_number)}>"
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    cell = {"np": np, **names}
    exec(compile(source, file, "exec"), cell)
    return cell[name] if name else [value for key, value in cell.items() if key not in ("np", "__builtins__")][-1]


def slipped(exercise, steps):
    """A learner who does these steps wrong and everything else right."""

    def answer(*inputs):
        results = graph.evaluate(exercise.results, dict(zip(exercise.inputs, inputs, strict=True)), steps)
        return results[0] if len(results) == 1 else tuple(results)

    return answer


def changed(function, change):
    """``function`` with every result passed through ``change``."""

    def answer(*inputs):
        value = function(*inputs)
        return tuple(map(change, value)) if isinstance(value, tuple) else change(value)

    return answer


def _strided(array):
    wide = np.full((*array.shape, 2), np.nan)
    wide[..., 0] = array
    return wide[..., 0]


def _read_only(array):
    array = np.array(array)
    array.setflags(write=False)
    return array


def _columns_dropped(array):
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array[0] if array.shape[:1] == (1,) else array


# The same numbers in another type or shape: right, but for the shape where training computes with it.
OTHER_SHAPES = ("axis of length 1 dropped", "one more axis")
DRESSES = {
    "float32": lambda value: np.asarray(value, dtype=np.float32),
    "nested lists": lambda value: np.asarray(value).tolist(),
    "Fortran order": lambda value: np.asfortranarray(value),
    "not contiguous": lambda value: _strided(np.asarray(value, dtype=float)),
    "read-only": _read_only,
    "axis of length 1 dropped": lambda value: _columns_dropped(np.asarray(value)),
    "object array": lambda value: np.asarray(value, dtype=object),
    "one more axis": lambda value: np.asarray(value)[..., None] if np.ndim(value) == 2 else np.asarray(value),
}

_FORWARD = """
    z1 = w1 @ X + b1
    A1 = np.where(z1 > 0, z1, 0)
    z2 = w2 @ A1 + b2
    A2 = np.exp(z2) / np.exp(z2).sum(axis=0)
"""

_GRADIENTS = """
    N = X.shape[1]
    dw1, db1, dw2, db2 = 0 * w1, 0 * b1, 0 * w2, 0 * b2
    for n in range(N):
        x, t = X[:, [n]], y[:, [n]]
        z1 = w1 @ x + b1
        z2 = w2 @ np.maximum(z1, 0) + b2
        d2 = (np.exp(z2) / np.exp(z2).sum() - t) / N
        d1 = (w2.T @ d2) * np.heaviside(z1, HALF)
        dw1 = dw1 + np.outer(d1, x)
        db1 = db1 + d1
        dw2 = dw2 + np.outer(d2, np.maximum(z1, 0))
        db2 = db2 + d2
"""

# Right by another way: loops, other formulas, other conventions on the road.
RIGHT = {
    "relu": [
        "def relu(z1):\n    return z1 * (z1 > 0)",
        "def relu(z):\n    return (z + np.abs(z)) / 2",
        "def relu(z1):\n    return [[v if v > 0 else 0 for v in row] for row in z1]",
    ],
    "forward": [
        f"def forward(w1, b1, w2, b2, X):{_FORWARD}    return z1, A1, z2, A2",
        f'def forward(w1, b1, w2, b2, X):{_FORWARD}    return {{"A2": A2, "z1": z1, "A1": A1, "z2": z2}}',
        f"def forward(X, w1, b1, w2, b2):{_FORWARD}    return [z1, A1, z2, A2]",
    ],
    "softmax": [
        "def softmax(z2):\n    z = z2 - z2.max(0)\n    return np.exp(z - np.log(np.exp(z).sum(0)))",
        "def softmax(z2):\n    return 1 / np.exp(z2[:, None] - z2[None]).sum(0)",
        """
        def softmax(z2):
            A2 = np.zeros(z2.shape)
            for n in range(z2.shape[1]):
                e = [np.exp(z - max(z2[:, n])) for z in z2[:, n]]
                A2[:, n] = np.array(e) / sum(e)
            return A2
        """,
        "def softmax(z2):\n    z = z2.astype(np.float32)\n    e = np.exp(z - z.max(0))\n    return e / e.sum(0)",
    ],
    "one_hot": [
        "def one_hot(labels, K):\n    return np.arange(K)[:, None] == labels",
        "def one_hot(labels, K):\n    return [[int(t == k) for t in labels] for k in range(K)]",
        "def one_hot(labels, K):\n    y = np.zeros((K, labels.size), int)\n    y[labels, np.arange(labels.size)] = 1\n"
        "    return y",
    ],
    "cross_entropy": [
        "def cross_entropy(z2, y):\n    return np.logaddexp.reduce(z2, axis=0) - (z2 * y).sum(0)",
        "def cross_entropy(z2, y):\n    return np.log(np.exp(z2 - (z2 * y).sum(0) - 0).sum(0)) if abs(z2).max() < 50"
        " else np.logaddexp.reduce(z2 - (z2 * y).sum(0), axis=0, keepdims=True)",
        """
        def cross_entropy(z2, y):
            losses = []
            for z, t in zip(z2.T, y.T.argmax(1)):
                m = z.max()
                losses.append(m + np.log(np.exp(z - m).sum()) - z[t])
            return losses
        """,
    ],
    "softmax_jacobian": [
        "def softmax_jacobian(z2):\n    p = np.exp(z2[:, 0])\n    p /= p.sum()\n    return np.diag(p) - np.outer(p, p)",
        "def softmax_jacobian(z2):\n    p = np.exp(z2) / np.exp(z2).sum()\n    return p.T * (np.eye(len(p)) - p)",
        """
        def softmax_jacobian(z2):
            K, h = len(z2), 1e-5
            s = lambda z: np.exp(z) / np.exp(z).sum()
            steps = h * np.eye(K)[:, :, None]
            return np.hstack([(s(z2 + e) - s(z2 - e)) / (2 * h) for e in steps])
        """,
    ],
    "softmax_jacobian_at": [
        """
        def softmax_jacobian_at(z2, T):
            p = np.exp(z2[:, 0] / T)
            p /= p.sum()
            return np.diag(p / T) - np.outer(p, p) / T
        """,
        """
        def softmax_jacobian_at(z2, T):
            h, s = 1e-5, lambda z: np.exp(z / T) / np.exp(z / T).sum()
            steps = h * np.eye(len(z2))[:, :, None]
            return np.hstack([(s(z2 + e) - s(z2 - e)) / (2 * h) for e in steps])
        """,
    ],
    "output_delta_one": [
        "def output_delta_one(A2, y):\n    return (np.diagflat(A2) - A2 @ A2.T) @ (-y / A2)",
        "def output_delta_one(A2, y):\n    d = A2.copy()\n    d[y.argmax()] -= 1\n    return d",
        "def output_delta_one(y, A2):\n    return [[a - b] for a, b in zip(A2.ravel(), y.ravel())]",
    ],
    "output_delta": [
        "def output_delta(A2, y):\n    return A2 / len(A2[0]) - y / np.sum(y)",
        "def output_delta(A2, y):\n    return np.stack([(a - t) / y.shape[1] for a, t in zip(A2.T, y.T)], axis=1)",
    ],
    "hidden_signal": [
        "def hidden_signal(w2, delta2):\n    return (delta2.T @ w2).T",
        "def hidden_signal(w2, delta2):\n    return sum(np.outer(w, d) for w, d in zip(w2, delta2))",
    ],
    "hidden_delta": [
        "def hidden_delta(dA1, z1):\n    return np.where(z1 > 0, dA1, 0)",
        "def hidden_delta(dA1, z1):\n    return dA1 * np.heaviside(z1, 0.3)",
        "def hidden_delta(z1, dA1):\n    d = dA1.copy()\n    d[z1 < 0] = 0\n    return d",
        "def hidden_delta(dA1, z1):\n    return dA1 * (np.maximum(z1, 0) > 0)",
    ],
    "backward": [
        f"def backward(w1, b1, w2, b2, X, y):{_GRADIENTS.replace('HALF', '0')}    return dw1, db1, dw2, db2",
        f"def backward(w1, b1, w2, b2, X, y):{_GRADIENTS.replace('HALF', '1')}    return dw1, db1, dw2, db2",
        f"def backward(w1, b1, w2, b2, X, y):{_GRADIENTS.replace('HALF', '0.5')}    return [dw1, db1, dw2, db2]",
    ],
    "numerical_gradient": [
        """
        def numerical_gradient(f, x):
            g = np.zeros(x.shape)
            for i in np.ndindex(x.shape):
                old = x[i]
                x[i] = old + 1e-4
                up = f(x)
                x[i] = old - 1e-4
                g[i] = (up - f(x)) / 2e-4
                x[i] = old
            return g
        """,
        """
        def numerical_gradient(f, x):
            g = []
            for k in range(x.size):
                p = x.astype(complex)
                p.flat[k] += 1e-20j
                g.append(np.imag(f(p)) / 1e-20)
            return np.reshape(g, x.shape)
        """,
        """
        def numerical_gradient(f, x):
            def slope(h):
                e = h * np.eye(x.size).reshape(x.size, *x.shape)
                return np.array([(f(x + d) - f(x - d)) / (2 * h) for d in e]).reshape(x.shape)
            return (4 * slope(5e-4) - slope(1e-3)) / 3
        """,
    ],
    "training_step": [
        f"def training_step(w1, b1, w2, b2, X, y, learning_rate):{_GRADIENTS.replace('HALF', '0')}"
        "    return [p - learning_rate * g for p, g in ((w1, dw1), (b1, db1), (w2, dw2), (b2, db2))]",
        f"def training_step(w1, b1, w2, b2, X, y, learning_rate):{_GRADIENTS.replace('HALF', '1')}"
        "    w1 -= learning_rate * dw1\n    b1 -= learning_rate * db1\n"
        "    w2 -= learning_rate * dw2\n    b2 -= learning_rate * db2\n    return w1, b1, w2, b2",
    ],
    "training_step_decay": [
        f"def training_step_decay(w1, b1, w2, b2, X, y, learning_rate, decay):{_GRADIENTS.replace('HALF', '0')}"
        "    s = 1 - learning_rate * decay\n    return s * w1 - learning_rate * dw1, b1 - learning_rate * db1, "
        "s * w2 - learning_rate * dw2, b2 - learning_rate * db2",
    ],
    "accuracy": [
        f"def accuracy(w1, b1, w2, b2, X, y):{_FORWARD}"
        "    return np.mean([y[k, n] for n, k in enumerate(A2.argmax(0))])",
        f"def accuracy(w1, b1, w2, b2, X, y):{_FORWARD}    return 1 - sum(A2.argmax(0) != y.argmax(0)) / len(X.T)",
    ],
    "mend_H05": ["def mend_H05(K):\n    return range(1, K + 1)", "def mend_H05(K):\n    return np.arange(K) + 1"],
    "mend_H10": [
        "def mend_H10(y, A2, i):\n    return A2[i] - y[i]",
        "def f(y, A2, i):\n    return A2[i] * sum(y) - y[i]",
    ],
    "mend_H11": [
        "def mend_H11(y_i, A_i, e_i, S):\n    return -y_i * (1 - A_i)",
        "def mend_H11(y_i, A_i, e_i, S):\n    return y_i * (e_i / S - 1)",
    ],
    "mend_H12": ["def mend_H12(y_i, y_k, A_i, A_k):\n    return -(y_k / A_k) * (-A_k * A_i)"],
    "mend_H15": ["def mend_H15(y, A2, i):\n    return A2[i] * (1 - y[i])"],
    "mend_H16": [
        "def mend_H16(A2, k, i):\n    return A2[k] * (1 - A2[k]) if k == i else -A2[k] * A2[i]",
        "def mend_H16(A2, k, i):\n    return (np.diag(A2) - np.outer(A2, A2))[k, i]",
    ],
    "mend_H18": ["def mend_H18(z2, i, k):\n    return np.exp(z2)[i]"],
    "mend_H19": ["def mend_H19(e_i, S):\n    return np.exp(np.log(e_i) - np.log(S))"],
    "mend_H20": ["def mend_H20(t, i):\n    return t == i", "def mend_H20(t, i):\n    return 0**abs(t - i)"],
    "mend_H24": [
        "def mend_H24(dL_dz2, dz2_dA1, dA1_dz1, X):\n    return np.outer(dA1_dz1 * (dz2_dA1.T @ dL_dz2), X)",
        "def mend_H24(dL_dz2, dz2_dA1, dA1_dz1, X):\n"
        "    return sum(dL_dz2[k, 0] * dz2_dA1[k][:, None] for k in range(len(dL_dz2))) * dA1_dz1 * X.T",
    ],
    "mend_H32": ["def mend_H32(w2, delta2, z1):\n    return np.where(z1 > 0, w2.T @ delta2, 0)"],
    "mend_H26": ["def mend_H26(w1, w2, delta2):\n    return (delta2.T @ w2).T"],
    "mend_H28": ["def mend_H28(w1, w2, delta2, z1):\n    return np.where(z1 > 0, w2.T @ delta2, 0)"],
    "mend_H30": ["def mend_H30(w2, delta2, z1, X):\n    return np.outer((z1 > 0) * (w2.T @ delta2), X)"],
}
_OUTER = ["np.outer({0}, {1})", "{0} * {1}.T", "np.einsum('in,jn->ij', {0}, {1})", "({1} @ {0}.T).T"]
for _name, _delta, _inputs in (
    ("grad_w2_one", "delta2", "A1"),
    ("grad_w1_one", "delta1", "X"),
    ("mend_H21", "delta2", "A1"),
):
    RIGHT[_name] = [f"def {_name}({_delta}, {_inputs}):\n    return {how.format(_delta, _inputs)}" for how in _OUTER]
for _name, _delta in (("grad_b2_one", "delta2"), ("grad_b1_one", "delta1")):
    RIGHT[_name] = [f"def {_name}({_delta}):\n    return {how}" for how in (f"1 * {_delta}", f"{_delta}.sum(axis=1)")]
RIGHT["grad_w2"] = [
    "def grad_w2(delta2, A1):\n    return sum(np.outer(d, a) for d, a in zip(delta2.T, A1.T))",
    "def grad_w2(A1, delta2):\n    return np.dot(A1, delta2.T).T",
]
RIGHT["grad_b2"] = [
    "def grad_b2(delta2):\n    return [sum(row) for row in delta2]",
    "def grad_b2(delta2):\n    return delta2 @ np.ones((delta2.shape[1], 1))",
]
RIGHT["tanh_hidden_delta"] = [
    "def tanh_hidden_delta(dA1, A1):\n    return dA1 - dA1 * A1 * A1",
    "def tanh_hidden_delta(dA1, A1):\n    return dA1 / np.cosh(np.arctanh(A1)) ** 2",
]
RIGHT["hidden_delta_of_three"] = [
    "def hidden_delta_of_three(w2, w3, delta3, z1, z2):\n"
    "    return np.where(z1 > 0, w2.T @ np.where(z2 > 0, w3.T @ delta3, 0), 0)",
    "def hidden_delta_of_three(w2, w3, delta3, z1, z2):\n    delta = delta3\n"
    "    for w, z in ((w3, z2), (w2, z1)):\n        delta = (w.T @ delta) * (z > 0)\n    return delta",
]
RIGHT["smoothed_output_delta"] = [
    "def smoothed_output_delta(A2, y, eps):\n    smooth = (1 - eps) * y + eps / y.shape[0]\n"
    "    return (A2 - smooth) / y.shape[1]",
    "def smoothed_output_delta(A2, y, eps):\n    return ((1 - eps) * (A2 - y) + eps * (A2 - 1 / len(y))) / y.shape[1]",
]
