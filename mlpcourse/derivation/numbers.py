"""The numbers of an expression on a concrete network."""

from __future__ import annotations

import functools
import operator
from collections.abc import Mapping
from typing import Any

import numpy as np
import sympy as sp

from mlpcourse import network

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
    and not derived, so that its number is independent of every proof. An index beyond its array raises
    IndexError, a line of one example on a batch ValueError.
    """
    numbers = _Numbers(values)
    free = free_indices(expr)
    where = {letter: numbers.along(letter, 1, numbers.sizes[COUNTS[letter.name]]) for letter in free}
    if values["y"].shape[1] == 1:
        where[t] = values["y"].argmax(axis=0) + 1  # the true class
    shape = tuple(numbers.sizes[COUNTS[letter.name]] for letter in free)
    result = np.asarray(numbers.at(expr, where))
    axes = [AXES.index(letter.name) for letter in free]
    full = [shape[axes.index(axis)] if axis in axes else 1 for axis in range(len(AXES))]
    return np.broadcast_to(result, full).reshape(shape)


class _Numbers:
    """Every index letter has an axis of its own, so that an expression's value broadcasts over the letters it holds."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.sizes = {D: values["X"].shape[0], N: values["X"].shape[1], H: len(values["w1"]), K: len(values["y"])}

    def along(self, letter: Expr, low: int, high: int) -> Array:
        shape = [1] * len(AXES)
        shape[AXES.index(letter.name)] = -1
        return np.arange(low, high + 1).reshape(shape)

    def at(self, expr: Expr, where: Mapping[Expr, Array]) -> Any:
        if expr.is_Number:
            return float(expr)
        if expr.is_Add:
            return sum(self.at(arg, where) for arg in expr.args)
        if expr.is_Mul:
            return functools.reduce(operator.mul, (self.at(arg, where) for arg in expr.args))
        if expr.is_Pow:
            return self.at(expr.base, where) ** self.at(expr.exp, where)
        if isinstance(expr, sp.exp | sp.log):
            return getattr(np, expr.func.__name__)(self.at(expr.args[0], where))
        if isinstance(expr, sp.Sum):
            letter, low, high, body = split_sum(expr)
            low, high = (int(bound.xreplace(self.sizes)) for bound in (low, high))
            inside = {**where, letter: self.along(letter, low, high)}
            summand = self.at(body, inside)
            return np.sum(summand + 0 * inside[letter], axis=AXES.index(letter.name), keepdims=True)
        if isinstance(expr, sp.KroneckerDelta):
            first, second = (self.at(arg, where) for arg in expr.args)
            return np.equal(first, second).astype(float)
        if isinstance(expr, sp.Piecewise):
            (first, condition), (second, _) = expr.args
            left, right = (np.real(self.at(side, where)) for side in condition.args)
            holds = {sp.Eq: np.equal, sp.GreaterThan: np.greater_equal}[condition.func](left, right)
            return np.where(holds, self.at(first, where), self.at(second, where))
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
        return self.at(definition(expr), where) if expr in (L, L_mean) else self.values[expr.name]

    def entry(self, expr: Expr, where: Mapping[Expr, Array]) -> Array:
        array = self.array(expr.base.label.name)
        if array.ndim == 2 and len(expr.indices) == 1:
            if array.shape[1] != 1:
                raise ValueError(f"{plain(expr)} is of one example, but the values hold {array.shape[1]} examples")
            array = array[:, 0]
        position = [np.asarray(self.at(index, where), dtype=int) for index in expr.indices]
        for index, size in zip(position, array.shape, strict=True):
            if index.min() < 1 or index.max() > size:
                outside = index.min() if index.min() < 1 else index.max()
                raise IndexError(f"{plain(expr)} does not exist for index {outside}: it is counted 1..{size}")
        return np.asarray(array[tuple(index - 1 for index in position)])

    def array(self, name: str) -> Array:
        if name not in self.values:
            return evaluate(definition(NAMES[name]), self.values)
        return np.asarray(self.values[name])

    def measured(self, of: Expr, by: Expr, where: Mapping[Expr, Array]) -> Any:
        """d of / d by for every entry of ``by``: nudge one entry by i h, recompute what depends on it, take Im / h."""
        name, step = by.base.label.name, 1e-30
        entries = [self.at(index, where) for index in by.indices]
        total: Any = 0.0
        for entry in np.ndindex(self.values[name].shape):
            nudged = dict(self.values)
            nudged[name] = nudged[name].astype(complex)
            nudged[name][entry] += 1j * step
            for later in ("z1", "A1", "z2", "A2"):
                if depends_on(later, name):
                    nudged[later] = evaluate(definition(NAMES[later]), nudged)
            here = functools.reduce(operator.mul, (index == at + 1 for index, at in zip(entries, entry, strict=False)))
            total = total + here * np.imag(_Numbers(nudged).at(of, where)) / step
        return total


NAMES = {"z1": z1[j, n], "A1": A1[j, n], "z2": z2[k, n], "A2": A2[k, n], "L_of": L_of[n]}


def random_values(rng: np.random.Generator, D: int, H: int, K: int, N: int) -> dict[str, Array]:
    """A random network's values: some gates open and some closed, none near the kink, biases that are not 0."""
    while True:
        params = network.Params(*(rng.normal(scale=0.7, size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
        values = values_of(params, rng.normal(size=(D, N)), network.one_hot(rng.integers(0, K, N), K))
        z1 = values["z1"]
        if (z1 < 0).any() and (z1 > 0).any() and np.abs(z1).min() > 1e-3:
            return {**values, "c": rng.normal(size=())}
