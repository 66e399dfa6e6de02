"""The numbers of an expression on a concrete network."""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import sympy as sp

from mlpcourse import network
from mlpcourse.derivation.derivatives import NO_SECOND_DERIVATIVE

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, COUNTS, D, Entry, Expr, H, K, L, L_mean, L_of, N, Partial, definition, depends_on, entry_of, j, k, n,
    split_sum, t, z1, z2,
)  # fmt: skip

# isort: on
from mlpcourse.derivation.typesetting import plain
from mlpcourse.network import Array, Params

AXES = "kimtjldpnq"


def values_of(params: Params, X: Array, y: Array) -> dict[str, Array]:
    """The network's arrays by name, ready for ``evaluate``; ``c``, any number in the formulas, is the largest logit."""
    values = network.forward(params, X)
    return {**params._asdict(), "X": X, "y": y, **values._asdict(), "c": np.asarray(values.z2.max())}


def free_indices(expr: Expr) -> tuple[Expr, ...]:
    """The index letters an expression leaves open, in the order k, i, m, j, l, d, p, n, q."""
    return tuple(sorted(_open(expr) - {t}, key=lambda letter: AXES.index(letter.name)))


def _open(expr: Expr) -> set[Expr]:
    if expr.is_Symbol:
        return {expr} if expr.name in COUNTS else set()
    if isinstance(expr, sp.Sum):
        index, _, _, summand = split_sum(expr)
        return _open(summand) - {index}
    parts = expr.indices if isinstance(expr, sp.Indexed) else expr.args
    return set().union(*map(_open, parts))


def evaluate(expr: Expr, values: Mapping[str, Array]) -> Array:
    """The expression's numbers: an array with one axis per free index, in the order of ``free_indices``.

    values: ``values_of(params, X, y)``. A ``Partial`` is measured, by a complex step through the definitions,
    and not derived, so that its number is independent of every proof. What is undefined is NaN. An index beyond its
    array raises IndexError, a line of one example on a batch ValueError.
    """
    return Numbers(values).of(expr, free_indices(expr))


class Numbers:
    """The numbers of expressions on one network; ``undefined`` says why where one is not defined.

    Every index letter has an axis of its own, so that an expression's value broadcasts over the letters it holds.
    """

    def __init__(self, values: Mapping[str, Any], undefined: list[str] | None = None) -> None:
        self.values = values
        self.sizes = {D: values["X"].shape[0], N: values["X"].shape[1], H: len(values["w1"]), K: len(values["y"])}
        self.undefined: list[str] = [] if undefined is None else undefined
        self.nudged: dict[str, list[tuple[tuple[int, ...], Numbers]]] = {}
        self.outermost: Mapping[Expr, Array] | None = None
        self.sums: dict[Expr, Any] = {}  # of a sum that stands in the line several times, outside of other sums

    @np.errstate(all="ignore")
    def of(self, expr: Expr, letters: tuple[Expr, ...]) -> Array:
        """An array with one axis per letter, in their order. Raises as ``evaluate`` does."""
        shape = tuple(self.sizes[COUNTS[letter.name]] for letter in letters)
        where = {letter: self.along(letter, 1, size) for letter, size in zip(letters, shape, strict=True)}
        if self.sizes[N] == 1:
            where[t] = self.values["y"].real.argmax(axis=0) + 1  # the true class
        self.outermost, self.sums = where, {}
        result = np.asarray(self.at(expr, where))
        axes = [AXES.index(letter.name) for letter in letters]
        full = [shape[axes.index(axis)] if axis in axes else 1 for axis in range(len(AXES))]
        return np.broadcast_to(result, full).transpose(*axes, *(set(range(len(AXES))) - set(axes))).reshape(shape)

    def along(self, letter: Expr, low: int, high: int) -> Array:
        shape = [1] * len(AXES)
        shape[AXES.index(letter.name)] = -1
        return np.arange(low, high + 1).reshape(shape)

    def at(self, expr: Expr, where: Mapping[Expr, Array]) -> Any:
        if expr.is_Symbol and expr in where:
            return where[expr]
        if expr.is_Number:
            return float(expr)
        if expr.is_Add:
            return sum(self.at(arg, where) for arg in expr.args)
        if expr.is_Mul:
            return functools.reduce(operator.mul, (self.at(arg, where) for arg in expr.args))
        if expr.is_Pow:
            base, exponent = self.at(expr.base, where), self.at(expr.exp, where)
            bad = (np.real(base) == 0) & (np.real(exponent) < 0)
            nan = self.nan(bad, lambda: f"it divides by {plain(expr.base)}, which is 0")
            return np.where(bad, nan, np.asarray(base) ** exponent)
        if isinstance(expr, sp.exp):
            return np.exp(self.at(expr.args[0], where))
        if isinstance(expr, sp.log):
            inner = self.at(expr.args[0], where)
            bad = np.real(inner) <= 0
            nan = self.nan(bad, lambda: f"it takes the logarithm of {plain(expr.args[0])}, which is not above 0")
            return np.where(bad, nan, np.log(inner))
        if isinstance(expr, sp.Sum):
            if where is not self.outermost:
                return self.summed(expr, where)
            if expr not in self.sums:
                self.sums[expr] = self.summed(expr, where)
            return self.sums[expr]
        if isinstance(expr, sp.KroneckerDelta):
            first, second = (np.real(self.at(arg, where)) for arg in expr.args[:2])
            return np.equal(first, second).astype(float)
        if isinstance(expr, sp.Piecewise):
            return self.cases(expr, where)
        if isinstance(expr, sp.Indexed):
            return self.entry(expr, where)
        if expr.func == Entry:
            return self.at(entry_of(*expr.args), where)
        if expr.func == Partial:
            return self.measured(expr.args[0], expr.args[1], where)
        if expr in where:
            return where[expr]
        if expr in self.sizes:
            return self.sizes[expr]
        if not expr.is_Symbol:
            raise TypeError(f"there is no rule to evaluate {type(expr).__name__}, as in {expr}")
        if expr in (L, L_mean):
            return self.at(definition(expr), where)
        if expr.name not in self.values:
            raise ValueError(f"there is no number for {expr}")
        return self.values[expr.name]

    def summed(self, expr: Expr, where: Mapping[Expr, Array]) -> Any:
        letter, low, high, body = split_sum(expr)
        low, high = (int(bound.xreplace(self.sizes)) for bound in (low, high))
        inside = {**where, letter: self.along(letter, low, high)}
        summand = self.at(body, inside)
        return np.sum(summand + 0 * inside[letter], axis=AXES.index(letter.name), keepdims=True)

    def nan(self, bad: Any, reason: Callable[[], str]) -> float:
        """NaN; ``undefined`` gets the reason if anything is bad. A case that is not met may be bad."""
        if np.any(bad):
            self.undefined.append(reason())
        return np.nan

    def cases(self, expr: Expr, where: Mapping[Expr, Array]) -> Any:
        """The value of the case that holds; NaN where none does, or two that differ."""
        result: Any = np.nan
        held: Any = False
        for value, condition in expr.args:
            number = self.at(value, where)
            if condition == sp.true:
                return np.where(held, result, number)
            left, right = (np.real(self.at(side, where)) for side in condition.args)
            close = np.abs(left - right) <= ROUNDING * (1 + np.abs(left))  # as for a sum of probabilities and 1
            holds = RELATIONS[condition.func](np.where(close, 0, left - right), 0)
            twice = held & holds & (np.abs(result - number) > 1e-9 * (1 + np.abs(number)))
            result = np.where(
                twice, self.nan(twice, lambda: "two of its cases hold at once"), np.where(held, result, number)
            )
            result = np.where(held | holds, result, np.nan)
            held = held | holds
        self.nan(np.logical_not(held), lambda: "none of its cases holds")
        return result

    def entry(self, expr: Expr, where: Mapping[Expr, Array]) -> Array:
        array = self.array(expr.base.label.name)
        if array.ndim == 2 and len(expr.indices) == 1:
            if array.shape[1] != 1:
                raise ValueError(f"{plain(expr)} is of one example, but the values hold {array.shape[1]} examples")
            array = array[:, 0]
        position = [np.asarray(self.at(index, where), dtype=int) for index in expr.indices]
        for index, size in zip(position, array.shape, strict=True):
            if index.size and (index.min() < 1 or index.max() > size):
                outside = index.min() if index.min() < 1 else index.max()
                raise IndexError(f"{plain(expr)} does not exist for index {outside}: it is counted 1..{size}")
        return np.asarray(array[tuple(index - 1 for index in position)])

    def array(self, name: str) -> Array:
        if name not in self.values:
            return evaluate(definition(NAMES[name]), self.values)
        return np.asarray(self.values[name])

    def measured(self, of: Expr, by: Expr, where: Mapping[Expr, Array]) -> Any:
        """d of / d by for every entry of ``by``: nudge one entry by i h, recompute what depends on it, take Im / h."""
        if of.has(Partial):
            raise ValueError(NO_SECOND_DERIVATIVE)
        name = by.base.label.name
        if name not in self.nudged:
            self.nudged[name] = [(entry, self.with_nudge(name, entry)) for entry in np.ndindex(self.values[name].shape)]
        entries = [self.at(index, where) for index in by.indices]
        total: Any = 0.0
        for entry, nudged in self.nudged[name]:
            here = functools.reduce(operator.mul, (index == at + 1 for index, at in zip(entries, entry, strict=False)))
            total = total + here * np.imag(nudged.at(of, where)) / STEP
        return total

    def with_nudge(self, name: str, entry: tuple[int, ...]) -> Numbers:
        """The network with i h added to one entry, and all that depends on it recomputed."""
        nudged = dict(self.values)
        nudged[name] = nudged[name].astype(complex)
        nudged[name][entry] += 1j * STEP
        for later in ("z1", "A1", "z2", "A2"):
            if depends_on(later, name):
                nudged[later] = evaluate(definition(NAMES[later]), nudged)
        return Numbers(nudged, self.undefined)


STEP, ROUNDING = 1e-30, 1e-13
RELATIONS: dict[Any, Any] = {
    sp.Eq: np.equal, sp.Ne: np.not_equal, sp.Ge: np.greater_equal, sp.Gt: np.greater, sp.Le: np.less_equal,
    sp.Lt: np.less,
}  # fmt: skip
NAMES = {"z1": z1[j, n], "A1": A1[j, n], "z2": z2[k, n], "A2": A2[k, n], "L_of": L_of[n]}


def random_values(rng: np.random.Generator, D: int, H: int, K: int, N: int) -> dict[str, Array]:
    """A random network's values: some gates open and some closed, none near the kink, biases that are not 0."""
    while True:
        params = network.Params(*(rng.normal(scale=0.7, size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
        values = values_of(params, rng.normal(size=(D, N)), network.one_hot(rng.integers(0, K, N), K))
        z1 = values["z1"]
        if (z1 < 0).any() and (z1 > 0).any() and np.abs(z1).min() > 1e-3:
            return {**values, "c": rng.normal(size=())}


def values_at_kink(rng: np.random.Generator, D: int, H: int, K: int, N: int) -> dict[str, Array]:
    """A network of halves and quarters, on which the first example's z1 is exactly 0 for the first hidden unit.

    What that unit's gate lets pass is not 0: neither the first example's X nor the error that comes back to the unit.
    """
    while True:
        w1, b1, w2, b2 = (rng.integers(-3, 4, size=shape) / 4 for shape in ((H, D), (H, 1), (K, H), (K, 1)))
        X = rng.integers(-2, 3, size=(D, N)) / 2
        if X[:, 0].all() and np.ptp(w2[:, 0]) > 0:  # with equal weights the errors of the classes would cancel
            break
    b1[0] = -w1[0] @ X[:, 0]
    return values_of(network.Params(w1, b1, w2, b2), X, network.one_hot(rng.integers(0, K, N), K))
