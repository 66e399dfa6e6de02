"""Numerical derivatives, to hold any gradient against (lesson 09).

They know nothing of the derivation: they evaluate a function a little to the side of a point. For a network
they compute again only what a shift changes, and that for many shifts in one call.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.network import Array, Grads, Params

# The step that balances truncation against rounding, for a function and an argument of about size 1:
# the error is h^2 + eps/h for the central, h + eps/h for the forward difference. Nothing is subtracted
# in the complex step, so there it can be as small as one likes.
EPS = float(np.finfo(np.float64).eps)
STEPS = {"central": EPS ** (1 / 3), "forward": EPS ** (1 / 2), "complex": 1e-20}

# Of the relative error. A central difference is good to about 1e-10, and a slip is not that small.
TOLERANCE = 1e-6
TOLERANCE_FLOAT32 = 1e-4  # for a gradient that was itself computed in float32
SMALL = 1e-3  # a gradient smaller than this is measured against this, or its rounding would count as an error
AT_ONCE = 8192  # examples, each shift with all of its own: what is computed of them should stay in the cache


def numerical_gradient(
    f: Callable[[Array], Any],
    x: npt.ArrayLike,
    method: str = "central",
    *,
    step: float | None = None,
) -> Array:
    """df/dx at ``x``, in x's shape and in float64; ``f`` takes an array like x and returns a scalar.

    method "central": (f(x + h) - f(x - h)) / 2h, "forward": (f(x + h) - f(x)) / h,
    "complex": Im f(x + ih) / h, for an f that computes with complex numbers.
    step: h; without it, what suits the method and the size of each entry.
    Raises ValueError for an unknown method, a step that is not positive, an x or a result that is not finite, and a
    result that is not one number.
    """
    point = network.as_numbers("x", x)
    if point.dtype.kind == "c":
        raise TypeError("x must hold real numbers, but is complex")
    _check_method(method)
    if step is not None and not 0 < step < np.inf:
        raise ValueError(f"step must be a positive number, but is {step!r}")

    point = point.astype(np.float64)
    steps = _steps(point, method) if step is None else np.full(point.shape, float(step))

    def value(entry: tuple[int, ...], shift: Any) -> Array:
        """f at x, with one entry shifted."""
        shifted = point.astype(np.result_type(point, shift))
        shifted[entry] += shift
        result = _number(f(shifted))
        if shifted.dtype.kind == "c" != result.dtype.kind:
            raise ValueError('f returned a real number for a complex array: method "complex" needs an f that keeps it')
        return result

    here = _number(f(point)) if method == "forward" else np.float64(0)
    gradient = np.empty(point.shape)
    for entry, h in np.ndenumerate(steps):
        gradient[entry] = _quotient(method, partial(value, entry), here, h)
    return gradient


def _check_method(method: str) -> None:
    if method not in STEPS:
        raise ValueError(f"method must be one of {', '.join(STEPS)}, but is {method!r}")


def _quotient(method: str, f: Callable[[npt.NDArray[Any]], Array], here: Any, h: Array) -> Array:
    """The slopes of f, which takes shifts from a point and is ``here`` at the point itself."""
    if method == "complex":
        return np.asarray(f(1j * h).imag / h)
    if method == "forward":
        return np.asarray((f(h) - here) / h)
    return np.asarray((f(h) - f(-h)) / (2 * h))


def _steps(x: Array, method: str) -> Array:
    if method == "complex":
        return np.full(x.shape, STEPS[method])
    h = STEPS[method] * np.maximum(1, np.abs(x))
    return np.asarray((x + h) - x)  # what x really moves by in floating point


def _number(value: object) -> Array:
    result = network.as_numbers("f(x)", value)
    if result.shape != ():
        raise ValueError(f"f returned shape {result.shape}, but must return one number")
    return result


# --- the network's four gradients ---------------------------------------------------------------


class ParameterCheck(NamedTuple):
    """One parameter's gradient against the numerical one.

    Of its entries, ``skipped`` lie within a step of a ReLU kink and are not judged; ``wrong`` of the others disagree.
    ``absolute`` is the largest difference: at ``where``, between ``yours`` and ``numerical``. ``relative`` is the same
    difference against ``scale``, the largest entry of the two gradients. Below ``tolerance`` it counts as rounding.
    ``step``: by how much an entry of size 1 or less was moved.
    """

    name: str
    shape: tuple[int, ...]
    skipped: int
    wrong: int
    absolute: float
    scale: float
    where: tuple[int, ...]
    yours: float
    numerical: float
    tolerance: float
    step: float

    @property
    def relative(self) -> float:
        return self.absolute / self.scale

    @property
    def unknown(self) -> bool:
        """Whether no entry could be judged."""
        return self.skipped == math.prod(self.shape)


class GradientReport(NamedTuple):
    """What ``check_gradients`` found for each parameter; printed, a table."""

    w1: ParameterCheck
    b1: ParameterCheck
    w2: ParameterCheck
    b2: ParameterCheck

    @property
    def ok(self) -> bool:
        """Whether no entry of the four gradients is wrong, and each of the four could be judged."""
        return not any(check.wrong or check.unknown for check in self)

    def __repr__(self) -> str:
        rows = [_HEAD, *map(_row, self)]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
        lines.insert(1, "-" * max(map(len, lines)))
        wrong = [f"dL/d{check.name}" for check in self if check.wrong]
        unknown = [f"dL/d{check.name}" for check in self if check.unknown]
        step, tolerance = self.w1.step, self.w1.tolerance
        lines.append(f"Step {step:.0e}; right: the largest difference is below {tolerance:.0e} of the largest entry.")
        if wrong or unknown:
            lines.append(
                f"Look again at {', '.join(wrong)}." if wrong else f"Nothing is known of {', '.join(unknown)}."
            )
        else:
            judged = "What was judged agrees" if any(check.skipped for check in self) else "All agree"
            lines.append(f"{judged} with the numerical gradient.")
        return "\n".join(lines)


_HEAD = ("gradient", "shape", "verdict", "abs. error", "rel. error", "at", "yours", "numerical", "near a kink")


def _row(check: ParameterCheck) -> tuple[str, ...]:
    entries = math.prod(check.shape)
    name, shape = f"dL/d{check.name}", str(check.shape)
    skipped = f"{check.skipped} of {entries}, not judged" if check.skipped else "none"
    if check.unknown:
        return name, shape, "not judged", "", "", "", "", "", skipped
    if not check.wrong:  # only rounding is left, and its digits differ from machine to machine
        absolute = 10.0 ** math.ceil(math.log10(check.tolerance * check.scale))
        return name, shape, "right", f"< {absolute:.0e}", f"< {check.tolerance:.0e}", "", "", "", skipped
    where = f"[{', '.join(map(str, check.where))}]"
    numbers = (f"{check.absolute:.2g}", f"{check.relative:.2g}", where, f"{check.yours:.4g}", f"{check.numerical:.4g}")
    return name, shape, f"{check.wrong} of {entries} wrong", *numbers, skipped


def check_gradients(
    params: Params, X: Array, y: Array, grads: Grads | None = None, *, method: str = "central"
) -> GradientReport:
    """Hold ``grads`` (without it, those of ``network.backward``) against numerical derivatives of ``network.loss``.

    grads: four arrays dL/dw1, dL/db1, dL/dw2, dL/db2, each of its parameter's shape. Entries for which a z1 comes
    within a step of 0 are not judged: the loss has a kink there, and any number from one slope to the other is a
    fair answer. Raises ValueError or TypeError as ``network.loss`` does, and for a gradient of another shape.
    """
    params, X, y = network.check_real_network(params, X, y)
    yours = network.backward(params, X, y) if grads is None else _as_grads(grads, params)
    params = Params(*(array.astype(np.float64) for array in params))
    X, y = X.astype(np.float64), y.astype(np.float64)
    checks = [
        _compare(name, mine, numerical, _near_kink(name, params, X, method, mine.dtype), STEPS[method])
        for name, mine, numerical in zip(Params._fields, yours, numerical_grads(params, X, y, method), strict=True)
    ]
    return GradientReport(*checks)


def _as_grads(grads: Grads, params: Params) -> Grads:
    if not isinstance(grads, tuple | list) or len(grads) != len(Params._fields):
        raise TypeError(f"grads must be Grads(w1, b1, w2, b2), but is {type(grads).__name__}")
    arrays = []
    for name, grad, param in zip(Params._fields, grads, params, strict=True):
        array = network.as_numbers(f"grads.{name}", grad)
        if array.shape != param.shape:
            raise ValueError(f"grads.{name} has shape {array.shape}, but {name} and its gradient need {param.shape}")
        if array.dtype.kind == "c":
            raise TypeError(f"grads.{name} must hold real numbers, but is complex")
        arrays.append(array)
    return Grads(*arrays)


def numerical_grads(params: Params, X: Array, y: Array, method: str = "central") -> Grads:
    """The slopes of ``network.loss`` that ``numerical_gradient`` finds, computing again only what a shift changes.

    A shift of w1 or b1 moves one row of z1: by the shift times the input that the weight multiplies, or by itself.
    One of w2 or b2 moves one row of z2, likewise. The loss that follows is computed for many shifts at once.
    Takes what ``network.check_real_network`` returns, in float64. Raises ValueError for an unknown method.
    """
    _check_method(method)
    z1, A1, z2, _ = network.forward(params, X)
    (K, N), labels = y.shape, y.argmax(axis=0)
    z1_rows, A1_rows, X_rows = (np.ascontiguousarray(array.T) for array in (z1, A1, X))  # examples are rows from here
    ones, here = np.ones((N, 1)), network.loss(params, X, y)

    def loss_of(weights: Array, unit: Array, change: Array) -> Array:
        """L for each shift, if ``change`` (N, shifts) times its unit's column of ``weights`` is added to z2."""
        logits = np.take(weights, unit, axis=1)[:, np.newaxis] * change
        logits += z2[:, :, np.newaxis]
        logits -= logits.real.max(axis=0)
        true_logits = logits[labels, np.arange(N)]
        return np.asarray((np.log(np.exp(logits, out=logits).sum(axis=0)) - true_logits).mean(axis=0))

    def after_z1(unit: Array, slope: Array, shifts: Array) -> Array:
        dA1 = network.relu(np.take(z1_rows, unit, axis=1) + slope * shifts) - np.take(A1_rows, unit, axis=1)
        return loss_of(params.w2, unit, dA1)

    def after_z2(unit: Array, slope: Array, shifts: Array) -> Array:
        return loss_of(np.eye(K), unit, slope * shifts)

    def slopes(point: Array, multiplied: Array, after: Callable[[Array, Array, Array], Array]) -> Array:
        units, columns = map(np.ravel, np.indices(point.shape))
        h, gradient, count = np.ravel(_steps(point, method)), np.empty(point.size), max(1, AT_ONCE // N)
        for start in range(0, point.size, count):
            some = slice(start, start + count)
            f = partial(after, units[some], np.take(multiplied, columns[some], axis=1))
            gradient[some] = _quotient(method, f, here, h[some])
        return gradient.reshape(point.shape)

    return Grads(
        w1=slopes(params.w1, X_rows, after_z1),
        b1=slopes(params.b1, ones, after_z1),
        w2=slopes(params.w2, A1_rows, after_z2),
        b2=slopes(params.b2, ones, after_z2),
    )


@np.errstate(all="ignore")  # the flags of a matrix product are no evidence: see network.checked
def _near_kink(name: str, params: Params, X: Array, method: str, dtype: npt.DTypeLike) -> npt.NDArray[np.bool_]:
    """Where a step in an entry of parameter ``name`` carries some z1 to 0 or across it."""
    near = np.zeros(getattr(params, name).shape, dtype=bool)
    if name not in ("w1", "b1"):
        return near
    z1 = params.w1 @ X + params.b1
    rounding = np.finfo(dtype).eps * (np.abs(params.w1) @ np.abs(X) + np.abs(params.b1))
    h = 0 if method == "complex" else _steps(getattr(params, name), method)
    for n in range(X.shape[1]):  # one example at a time: all at once would be an array (H, D, N)
        slope = np.abs(X[:, n]) if name == "w1" else np.ones(1)  # of z1 (H25, H31)
        near |= (np.abs(z1[:, [n]]) <= h * slope + rounding[:, [n]]) & (slope > 0)
    return near


def _compare(name: str, mine: Array, numerical: Array, near_kink: npt.NDArray[np.bool_], step: float) -> ParameterCheck:
    difference = np.where(near_kink, 0, np.abs(mine - numerical))
    where = tuple(int(i) for i in np.unravel_index(difference.argmax(), difference.shape))
    scale = max(float(np.abs(mine).max()), float(np.abs(numerical).max()), SMALL)
    tolerance = TOLERANCE_FLOAT32 if mine.dtype == np.float32 else TOLERANCE
    return ParameterCheck(
        name=name,
        shape=mine.shape,
        skipped=int(near_kink.sum()),
        wrong=int((difference > tolerance * scale).sum()),
        absolute=float(difference[where]),
        scale=scale,
        where=where,
        yours=float(mine[where]),
        numerical=float(numerical[where]),
        tolerance=tolerance,
        step=step,
    )
