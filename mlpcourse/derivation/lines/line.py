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
    """One line: it equals the line before it. The reason may hold inline LaTeX between dollar signs.

    ``key`` names it within its derivation: lines are never counted, so that one more line moves nothing.
    """

    key: str
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

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the lines, in order."""
        return tuple(line.key for line in self.lines)

    def line(self, key: str) -> Line:
        """The line of that name. Raises ValueError for an unknown one."""
        (line,) = self.between(key, key)
        return line

    def before(self, key: str) -> Expr:
        """What stands before the line of that name: the line above it, or the left-hand side."""
        *above, _ = self.between(None, key)
        return above[-1].expr if above else self.lhs

    def between(self, first: str | None = None, last: str | None = None) -> tuple[Line, ...]:
        """The lines from ``first`` to ``last``, both included; all of them without names.

        Raises ValueError for a name that no line has, and for a ``last`` that stands above ``first``.
        """
        for key in (first, last):
            if key is not None and key not in self.keys:
                raise ValueError(f"{self.name} has no line {key!r}, only: {', '.join(self.keys)}")
        start = 0 if first is None else self.keys.index(first)
        end = len(self.lines) if last is None else self.keys.index(last) + 1
        if end <= start:
            raise ValueError(f"in {self.name} the line {last!r} stands above {first!r}, not below it")
        return self.lines[start:end]


def derive(name: str, title: str, lhs: Expr, result: Callable[[Values], Any], *lines: tuple[Any, ...]) -> Derivation:
    """A derivation from its lines, each (key, expression, reason, handout ID, ...); a key twice is a ValueError."""
    rows = tuple(Line(key, expr, reason, tuple(ids)) for key, expr, reason, *ids in lines)
    if len({row.key for row in rows}) < len(rows):
        raise ValueError(f"{name} has two lines of one name: {', '.join(row.key for row in rows)}")
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
