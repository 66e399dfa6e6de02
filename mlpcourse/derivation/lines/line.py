"""A line, a derivation, and what several of them are written with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from sympy import exp

from mlpcourse import network
from mlpcourse.derivation.letters import Expr, K, Sum, j, z2
from mlpcourse.network import Array

Values = Mapping[str, Any]


class Line(NamedTuple):
    """One line: it equals the line before it. The reason may hold inline LaTeX between dollar signs."""

    expr: Expr
    reason: str
    ids: tuple[str, ...] = ()


class Derivation(NamedTuple):
    """``lhs`` = line = line = ...; ``result`` is what ``network`` makes of the same values (``values_of``)."""

    name: str
    title: str
    lhs: Expr
    lines: tuple[Line, ...]
    result: Callable[[Values], Array]


def derive(name: str, title: str, lhs: Expr, result: Callable[[Values], Any], *lines: tuple[Any, ...]) -> Derivation:
    """A derivation from its lines, each (expression, reason, handout ID, ...)."""
    rows = tuple(Line(expr, reason, tuple(ids)) for expr, reason, *ids in lines)
    return Derivation(name, title, lhs, rows, result)


def denominator() -> Expr:
    """The softmax's denominator, with the handout's own letter."""
    return Sum(exp(z2[j]), (j, 1, K))


def delta2(v: Values) -> Array:
    """dL/dz2, shape (K, N)."""
    return network.output_delta(v["A2"], v["y"])


def dA1(v: Values) -> Array:
    """dL/dA1, shape (H, N)."""
    return network.hidden_signal(v["w2"], delta2(v))


def delta1(v: Values) -> Array:
    """dL/dz1, shape (H, N)."""
    return network.hidden_delta(dA1(v), v["z1"])


def one_example(array: Array) -> Array:
    """Drop the axis of the single example."""
    return array[..., 0]
