"""The handout's network and its gradient: one small pure function per result.

    z1 = w1 X + b1,  A1 = ReLU(z1),  z2 = w2 A1 + b2,  A2 = softmax(z2),  L = -sum y log A2

Columns are examples: D inputs, H hidden units, K classes, N examples. An argument's name tells its
shape, and ``SHAPES`` is the one place that says which; every function checks its arguments against
it and raises ``ValueError`` (shape, empty, not finite, not one-hot) or ``TypeError`` (not numbers).
float32 stays float32, and complex arrays pass through, for the complex-step derivative.
H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import functools
import inspect
import warnings
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec, TypeVar

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]

SHAPES = {
    "X": ("D", "N"), "y": ("K", "N"),
    "w1": ("H", "D"), "b1": ("H", "1"), "z1": ("H", "N"), "A1": ("H", "N"),
    "w2": ("K", "H"), "b2": ("K", "1"), "z2": ("K", "N"), "A2": ("K", "N"),
    "delta2": ("K", "N"), "dA1": ("H", "N"), "delta1": ("H", "N"),
}  # fmt: skip


class Params(NamedTuple):
    """What is learned: w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1)."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array


class Values(NamedTuple):
    """What the forward pass computes: z1, A1 (H, N) and z2, A2 (K, N)."""

    z1: Array
    A1: Array
    z2: Array
    A2: Array


class Grads(NamedTuple):
    """dL/dw1 (H, D), dL/db1 (H, 1), dL/dw2 (K, H), dL/db2 (K, 1): each has its parameter's shape."""

    w1: Array
    b1: Array
    w2: Array
    b2: Array


# --- checking arguments -------------------------------------------------------------------------

_P = ParamSpec("_P")
_R = TypeVar("_R")


def as_numbers(name: str, value: object) -> Array:
    """``value`` as a float or complex array with finite entries; integers become float64.

    Raises TypeError when it does not hold numbers, ValueError when an entry is NaN or infinite.
    """
    try:
        array = np.asarray(value)
    except ValueError:
        raise TypeError(f"{name} must be an array of numbers, but its rows differ in length") from None
    if array.dtype.kind not in "biufc":
        kind = "None" if value is None else f"{type(value).__name__} of dtype {array.dtype}"
        raise TypeError(f"{name} must be an array of numbers, but is {kind}")
    if array.dtype.kind in "biu":
        array = array.astype(np.float64)
    finite = np.isfinite(array)
    if not finite.all():
        where = [int(i) for i in np.argwhere(~finite)[0]]
        raise ValueError(
            f"{name} has shape {array.shape} and holds {array[tuple(where)]} at {where}: entries must be finite"
        )
    return array


class _Sizes:
    """The sizes D, H, K, N met so far, each with the argument that set it."""

    def __init__(self) -> None:
        self.known: dict[str, tuple[int, str]] = {"1": (1, "")}

    def check(self, name: str, value: object) -> Array:
        array = as_numbers(name, value)
        rows, columns = SHAPES[name]
        if array.ndim != 2:
            raise ValueError(f"{name} has shape {array.shape}, but needs two axes: shape ({rows}, {columns})")
        if 0 in array.shape:
            raise ValueError(f"{name} has shape {array.shape}, but shape ({rows}, {columns}) must not be empty")
        for letter, size in zip((rows, columns), array.shape, strict=True):
            expected, source = self.known.setdefault(letter, (size, name))
            if size != expected:
                reason = f"but {self._says(source, letter, expected)}" if source else "but a bias is one column"
                needed = tuple(self.known.get(at, (n,))[0] for at, n in zip((rows, columns), array.shape, strict=True))
                raise ValueError(f"{name} has shape {array.shape}, {reason}: {name} needs shape {needed}")
        return _one_hot(array) if name == "y" else array

    def _says(self, name: str, letter: str, size: int) -> str:
        axis = "row" if SHAPES[name][0] == letter else "column"
        return f"{name} has {size} {axis}{'' if size == 1 else 's'}"


def _one_hot(y: Array) -> Array:
    bad = ~(((y == 0) | (y == 1)).all(axis=0) & (y.sum(axis=0) == 1))
    if bad.any():
        column = int(np.argmax(bad))
        raise ValueError(
            f"y has shape {y.shape}, but column {column} is {y[:, column].tolist()}: "
            "y must be one-hot, a single 1 in each column and 0 elsewhere"
        )
    return y


def checked(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Check each argument against ``SHAPES`` (and the four arrays of ``params``), and warn of a result that overflows.

    numpy's own warnings are not used: some BLAS libraries raise the flags behind them for matrix products that are
    finite and right (numpy issues 28687, 29820), and others lose them in a second thread. So the result is looked at.
    What is too small for a float is 0, and that is right.
    """
    signature = inspect.signature(function)

    @functools.wraps(function)
    def wrapper(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        bound = signature.bind(*args, **kwargs)
        sizes = _Sizes()
        for name, value in bound.arguments.items():
            if name == "params":
                if not isinstance(value, tuple) or len(value) != len(Params._fields):
                    raise TypeError(f"params must be Params(w1, b1, w2, b2), but is {type(value).__name__}")
                value = Params(*map(sizes.check, Params._fields, value))
            else:
                value = sizes.check(name, value)
            bound.arguments[name] = value
        with np.errstate(all="ignore"):
            result = function(*bound.args, **bound.kwargs)
        if not _is_finite(result):
            _report_overflow(function.__name__)
        return result

    return wrapper


def _is_finite(result: Any) -> bool:
    if isinstance(result, tuple):
        return all(map(_is_finite, result))
    return bool(np.isfinite(result).all())


def _report_overflow(name: str) -> None:
    """As numpy does, and as ``numpy.errstate(over=...)`` asks."""
    message, action = f"overflow in {name}: its result is not finite", np.geterr()["over"]
    if action == "raise":
        raise FloatingPointError(message)
    if action != "ignore":
        warnings.warn(message, RuntimeWarning, stacklevel=3)


@checked
def _check_shapes(params: Params, X: Array, y: Array) -> tuple[Params, Array, Array]:
    return params, X, y


def check_real_network(params: Params, X: Array, y: Array) -> tuple[Params, Array, Array]:
    """The arguments as arrays, checked as ``loss`` checks them, for what takes real numbers only."""
    params, X, y = _check_shapes(params, X, y)
    for name, array in {**params._asdict(), "X": X, "y": y}.items():
        if array.dtype.kind == "c":
            raise TypeError(f"{name} must hold real numbers, but is complex")
    return params, X, y


# --- hidden layer -------------------------------------------------------------------------------


@checked
def relu(z1: Array) -> Array:
    """A1 = ReLU(z1), shape (H, N): z1 where z1 >= 0, else 0 (H02). Of a complex z1 the real part decides."""
    return np.where(z1.real >= 0, z1, z1.dtype.type(0))


@checked
def relu_gate(z1: Array) -> Array:
    """dA1/dz1, shape (H, N): 1 where z1 >= 0, else 0 (H27). The 1 at z1 = 0 is the handout's choice."""
    return np.asarray(z1.real >= 0, dtype=z1.real.dtype)


# --- output layer -------------------------------------------------------------------------------


@checked
def softmax(z2: Array) -> Array:
    """A2 = exp(z2) / sum(exp(z2)) down each column, shape (K, N) (H04).

    The largest logit is taken off first: that changes nothing in the result, and no exp can overflow.
    """
    exps = np.exp(z2 - z2.real.max(axis=0, keepdims=True))
    return exps / exps.sum(axis=0, keepdims=True)


@checked
def log_softmax(z2: Array) -> Array:
    """log A2, shape (K, N), from the logits (log-sum-exp): exact where A2 rounds to 0 or to 1."""
    top = z2.real.argmax(axis=0, keepdims=True)
    shifted = z2 - np.take_along_axis(z2, top, axis=0)
    others = np.exp(shifted)
    np.put_along_axis(others, top, 0, axis=0)  # log1p keeps what 1 + others would round away
    return shifted - np.log1p(others.sum(axis=0, keepdims=True))


@checked
def softmax_jacobian(z2: Array) -> Array:
    """dA2_k/dz2_i in row k, column i, for one example: z2 (K, 1) gives (K, K), diag(A2) - A2 A2^T (H16 to H19).

    Raises ValueError for more than one example.
    """
    K, N = z2.shape
    if N != 1:
        raise ValueError(f"z2 has shape {z2.shape}, but a Jacobian is of one example: z2 needs shape ({K}, 1)")
    A2 = softmax(z2)
    return A2 * np.eye(K, dtype=A2.dtype) - A2 @ A2.T


@checked
def cross_entropy(z2: Array, y: Array) -> Array:
    """-sum(y log A2) of each example, shape (1, N) (H05), from the logits, so that log 0 cannot arise."""
    return -np.sum(log_softmax(z2) * y.astype(z2.dtype), axis=0, keepdims=True)


@checked
def output_delta(A2: Array, y: Array) -> Array:
    """delta2 = dL/dz2 = (A2 - y) / N, shape (K, N) (H15; L is the mean over the N examples)."""
    return (A2 - y.astype(A2.dtype)) / y.shape[1]


# --- gradients, from the output back ------------------------------------------------------------


@checked
def grad_w2(delta2: Array, A1: Array) -> Array:
    """dL/dw2 = delta2 A1^T, shape (K, H): for one example an outer product (H21)."""
    return delta2 @ A1.T


@checked
def grad_b2(delta2: Array) -> Array:
    """dL/db2, shape (K, 1): delta2 summed over the examples that b2 was broadcast to (H23)."""
    return delta2.sum(axis=1, keepdims=True)


@checked
def hidden_signal(w2: Array, delta2: Array) -> Array:
    """dL/dA1 = w2^T delta2, shape (H, N) (H26, H29)."""
    return w2.T @ delta2


@checked
def hidden_delta(dA1: Array, z1: Array) -> Array:
    """delta1 = dL/dz1 = dL/dA1 where the gate is open, else 0, shape (H, N) (H28)."""
    return dA1 * relu_gate(z1)


@checked
def grad_w1(delta1: Array, X: Array) -> Array:
    """dL/dw1 = delta1 X^T, shape (H, D) (H30)."""
    return delta1 @ X.T


@checked
def grad_b1(delta1: Array) -> Array:
    """dL/db1, shape (H, 1): delta1 summed over the examples (H32)."""
    return delta1.sum(axis=1, keepdims=True)


# --- the whole network --------------------------------------------------------------------------


@checked
def forward(params: Params, X: Array) -> Values:
    """z1, A1, z2, A2 of the examples X (D, N) (H01 to H04)."""
    z1 = params.w1 @ X + params.b1
    A1 = relu(z1)
    z2 = params.w2 @ A1 + params.b2
    return Values(z1, A1, z2, softmax(z2))


@checked
def loss(params: Params, X: Array, y: Array) -> Any:
    """L, a scalar: the mean of the cross-entropy over the N examples (H05)."""
    return cross_entropy(forward(params, X).z2, y).mean()


@checked
def backward(params: Params, X: Array, y: Array) -> Grads:
    """The answer to H06: dL/dw1, dL/db1, dL/dw2, dL/db2, in one pass from the loss back to the inputs."""
    z1, A1, _, A2 = forward(params, X)
    delta2 = output_delta(A2, y)
    delta1 = hidden_delta(hidden_signal(params.w2, delta2), z1)
    return Grads(w1=grad_w1(delta1, X), b1=grad_b1(delta1), w2=grad_w2(delta2, A1), b2=grad_b2(delta2))


@checked
def predict(params: Params, X: Array) -> npt.NDArray[np.intp]:
    """The most probable class of each example, shape (N,), counted from 0."""
    return forward(params, X).z2.real.argmax(axis=0)


def one_hot(labels: npt.ArrayLike, K: int) -> Array:
    """y (K, N), float64: a 1 in row labels[n] of column n (H20: y_i = I(t = i)).

    labels: N integers from 0 to K - 1. Raises TypeError for other types, ValueError for other values or shapes.
    """
    array = np.asarray(labels)
    if array.ndim != 1:
        raise ValueError(f"labels has shape {array.shape}, but needs one axis: shape (N,)")
    if array.size == 0:
        raise ValueError("labels has shape (0,), but needs at least one example")
    if array.dtype.kind not in "iu":
        raise TypeError(f"labels must be integers, but have dtype {array.dtype}")
    if array.min() < 0 or array.max() >= K:
        where = int(np.argmax((array < 0) | (array >= K)))
        raise ValueError(f"labels holds {array[where]} at [{where}], but K = {K} classes are numbered 0 to {K - 1}")
    return np.eye(K)[:, array]


def init_params(D: int, H: int, K: int, rng: np.random.Generator, dtype: npt.DTypeLike = np.float64) -> Params:
    """Random weights, zero biases. Variance 2/D and 1/H keep z1 and z2 near size 1 (He et al., 2015).

    Raises ValueError when a size is not a positive integer.
    """
    for name, size in {"D": D, "H": H, "K": K}.items():
        if not isinstance(size, int | np.integer) or size < 1:
            raise ValueError(f"{name} must be a positive integer, but is {size!r}")
    w1 = rng.normal(0, np.sqrt(2 / D), (H, D))
    w2 = rng.normal(0, np.sqrt(1 / H), (K, H))
    return Params(*(array.astype(dtype) for array in (w1, np.zeros((H, 1)), w2, np.zeros((K, 1)))))
