"""Slips in numerical gradients, and in how their error shrinks with the step."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array
from mlpcourse.exercises.slips.catalogue import slip

# --- numerical gradients --------------------------------------------------------------------------


def _slopes(x: Array, slope: Callable[[tuple[int, ...], Array], Any]) -> Array:
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[index] = 1
        result[index] = slope(index, unit)
    return result


def _central_difference(f: Callable[[Array], Any], x: Array, step: float = 1e-5) -> Array:
    return _slopes(x, lambda _, unit: (f(x + step * unit) - f(x - step * unit)) / (2 * step))


_STEP_SIZES = (1e-5, 1e-4, 1e-3, 1e-6, 1e-2, 1e-7, 1e-8, 1e-1)


@slip(
    "slope",
    "the difference is taken to one side only",
    latex=r"\frac{f(x + h) - f(x)}{h}",
    tempts="It is the definition of the derivative, before the limit.",
    breaks="Its error shrinks with h, that of the central difference with h^2.",
    hint="How could the error's first term be made to cancel?",
    each={"step": (*_STEP_SIZES, *(-h for h in _STEP_SIZES))},
)
def one_sided_difference(f: Callable[[Array], Any], x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x)) / step)


@slip(
    "slope",
    "the distance of the two points is 2h, but it is divided by h",
    latex=r"\frac{f(x + h) - f(x - h)}{h}",
    tempts="The one-sided difference divides by h.",
    breaks="Every entry is twice what it should be.",
    hint="How far apart are the two points at which f is evaluated?",
)
def divided_by_h(f: Callable[[Array], Any], x: Array) -> Array:
    return 2 * _central_difference(f, x)


@slip(
    "slope",
    "a one-sided difference is divided by 2h",
    latex=r"\frac{f(x + h) - f(x)}{2 h}",
    tempts="The 2 of the central difference is kept, its second point is not.",
    breaks="Every entry is about half of what it should be.",
    hint="How far apart are the two points at which f is evaluated?",
    each={"step": _STEP_SIZES},
)
def one_side_divided_by_2h(f: Callable[[Array], Any], x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x)) / (2 * step))


@slip(
    "slope",
    "all entries are moved at once",
    latex=r"\frac{f(x + h \mathbf{1}) - f(x - h \mathbf{1})}{2 h}",
    tempts="`x + h` moves a whole array in one stroke.",
    breaks="The result is the sum of all partial derivatives, not one of them.",
    hint="A partial derivative moves one entry. What do the others do meanwhile?",
    constant=True,
    each={"single": (False, True)},
)
def all_moved_at_once(f: Callable[[Array], Any], x: Array, single: bool) -> Any:
    slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return slope if single else np.full(x.shape, slope)


@slip(
    "slope",
    "the difference is not divided by the distance",
    latex=r"f(x + h) - f(x - h)",
    tempts="The difference shows how f changes, and it is easily taken for the slope.",
    breaks="The result depends on h and goes to 0 with it.",
    hint="Halve h. Should the slope become half as large?",
    each={"step": _STEP_SIZES},
)
def not_divided(f: Callable[[Array], Any], x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: f(x + step * unit) - f(x - step * unit))


@slip(
    "slope",
    "it is multiplied by h where it should be divided: `/ 2 * h`",
    latex=r"\frac{f(x + h) - f(x - h)}{2} \, h",
    tempts="`a / 2 * h` reads like a fraction, but Python goes from left to right.",
    breaks="The result depends on h and goes to 0 with it.",
    hint="In which order does Python work out `a / 2 * h`?",
    each={"steps": tuple((up, down) for up in _STEP_SIZES if up >= 1e-5 for down in (up, 0))},
)
def brackets_missing_below(f: Callable[[Array], Any], x: Array, steps: tuple[float, float]) -> Array:
    up, down = steps
    return _slopes(x, lambda index, unit: (f(x + up * unit) - f(x - down * unit)) / 2 * up)


@slip(
    "slope",
    "the points are moved by a share of x, but it is divided by h alone",
    latex=r"\frac{f(x (1 + h)) - f(x (1 - h))}{2 h}",
    tempts="A relative step suits numbers of every size.",
    breaks="Every slope is multiplied by its own x.",
    hint="How far apart are the two points at which f is evaluated, for x = 3 and h = 0.01?",
)
def relative_step(f: Callable[[Array], Any], x: Array) -> Array:
    return x * _central_difference(f, x)


@slip(
    "slope",
    "an entry is not put back before the next one is moved",
    latex=r"\frac{f(x + h e_1 + h e_2 + \dots) - f(x)}{h}",
    tempts="`x[index] += h` changes x for good.",
    breaks="Each slope is measured at another place, or between points that differ in more than one entry.",
    hint="What does x look like when your loop comes to its second entry?",
    each={
        "moves": tuple(
            (form, h)
            for h in (1e-5, 1e-4, 1e-3)
            for form in ("against the start", "up kept", "down kept", "one sided", "both sides")
        )
    },
)
def not_put_back(f: Callable[[Array], Any], x: Array, moves: tuple[str, float]) -> Array:
    (form, h), moved, result = moves, x.copy(), np.zeros(x.shape)
    if form == "both sides":
        return np.cumsum(_central_difference(f, x)).reshape(x.shape)
    start = f(x)
    for index in np.ndindex(x.shape):
        if form in ("against the start", "one sided"):
            before = f(moved) if form == "one sided" else start
            moved[index] += h
            result[index] = (f(moved) - before) / h
        else:
            moved[index] += h
            up = f(moved)
            moved[index] -= 2 * h
            down = f(moved)
            result[index] = (up - down) / (2 * h)
            moved[index] += 2 * h if form == "up kept" else 0
    return result


@slip(
    "slope",
    "every slope is 0, as if both points were the same",
    latex=r"\frac{f(x) - f(x)}{2 h}",
    tempts="`up = x` makes no copy: `up`, `down` and x are then one array, and what moves one moves all of them.",
    breaks="Whatever f is, its two values are equal.",
    hint="Print both points in your loop. How far apart are they?",
    constant=True,
)
def points_the_same(f: Callable[[Array], Any], x: Array) -> Array:
    return np.zeros(x.shape)


@slip(
    "slope",
    "only one entry is differentiated",
    latex=r"\left( 0, \dots, 0, \frac{\partial f}{\partial x_m} \right)",
    tempts="The result is made anew inside the loop, or the function returns inside it.",
    breaks="All other entries stay 0.",
    hint="When does your loop end, and what has been kept of its earlier passes?",
    each={"last": (True, False)},
)
def one_entry_only(f: Callable[[Array], Any], x: Array, last: bool) -> Array:
    slopes, result = _central_difference(f, x), np.zeros(x.shape)
    result.flat[-1 if last else 0] = slopes.flat[-1 if last else 0]
    return result


@slip(
    "slope",
    "a whole row is moved at once",
    latex=r"\frac{f(x + h \sum_d e_{jd}) - f(x - h \sum_d e_{jd})}{2 h}",
    tempts="`x[i]` is one number where x is a list; where x is a matrix, it is a row.",
    breaks="Every entry of a row gets the sum of the row's partial derivatives.",
    hint="How many indices does one entry of x have?",
)
def whole_row_moved(f: Callable[[Array], Any], x: Array) -> Array:
    slopes = _central_difference(f, x)
    return slopes.sum(axis=1, keepdims=True) + 0 * slopes


@slip(
    "slope",
    "it is the second difference",
    latex=r"\frac{f(x + h) - 2 f(x) + f(x - h)}{h^2}",
    tempts="It is the other formula with the same three points.",
    breaks="That is the curvature, not the slope.",
    hint="For a straight line, what does your formula give?",
    each={"step": (1e-3, 1e-4, 1e-2, 1e-1)},
)
def second_difference(f: Callable[[Array], Any], x: Array, step: float) -> Array:
    return _slopes(x, lambda _, unit: (f(x + step * unit) - 2 * f(x) + f(x - step * unit)) / step**2)


# --- how the error of a difference shrinks --------------------------------------------------------


@slip(
    "errors",
    "the two differences have changed places",
    latex=r"\text{forward} \sim h^2, \quad \text{central} \sim h",
    tempts="One of them is linear and the other quadratic; which is which is easily mixed up.",
    breaks="The central difference would be the worse one.",
    hint="In which of the two does the term with the second derivative cancel?",
)
def errors_exchanged(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward * (h_new / h) ** 2], [error_central * h_new / h]])


@slip(
    "errors",
    "both errors are taken to <how>",
    latex=r"\text{forward} \sim h, \quad \text{central} \sim h",
    tempts="Only h has changed, and one rule for both differences is easy to keep in mind.",
    breaks="What sets them apart is lost: the error of one shrinks much faster.",
    hint="By what is each difference divided, and which of its terms cancel before that?",
    each={"how": {"shrink with h": 1, "shrink with h^2": 2, "stay what they were": 0}},
)
def errors_taken_alike(error_forward: float, error_central: float, h: float, h_new: float, how: int) -> Array:
    return np.array([[error_forward], [error_central]]) * (h_new / h) ** how


@slip(
    "errors",
    "the errors are taken to grow as the step shrinks",
    latex=r"\text{forward} \sim 1/h, \quad \text{central} \sim 1/h^2",
    tempts="Dividing by a small h makes numbers large; and for very small steps rounding does make the error grow.",
    breaks="Before rounding matters, a smaller step is a better one.",
    hint="Is the difference nearer to the derivative for a large step or for a small one?",
)
def errors_grow(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward * h / h_new], [error_central * (h / h_new) ** 2]])
