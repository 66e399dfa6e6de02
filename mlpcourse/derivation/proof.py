"""Proving: each line against the line before it, and against what ``network`` computes."""

from __future__ import annotations

import functools
from typing import NamedTuple

import numpy as np

from mlpcourse.derivation.letters import A1, A2, Expr, L, L_mean, definition, i, j, k, y, z1, z2
from mlpcourse.derivation.lines import DERIVATIONS, find_derivation
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.normal_form import equal
from mlpcourse.derivation.numbers import Numbers, free_indices, random_values
from mlpcourse.derivation.typesetting import plain
from mlpcourse.network import Array


class Proof(NamedTuple):
    """How one line was proven, or the problem; ``error`` is how far its numbers are off, relatively."""

    derivation: str
    line: str  # its key
    ids: tuple[str, ...]
    equation: str
    how: str
    error: float
    problem: str

    @property
    def proven(self) -> bool:
        return not self.problem


def prove(name: str | None = None) -> list[Proof]:
    """Prove every line of one derivation, or of all: one ``Proof`` a line.

    A line is proven when, for every K, H, D and N, it equals the line before by ``normal_form`` (the first line: what
    SymPy makes of the left-hand side by differentiating the loss as defined), and when on random networks its numbers
    agree to 1e-12 with the left-hand side's complex-step derivative and with ``network``. Raises ValueError for an
    unknown name.
    """
    derivations = DERIVATIONS.values() if name is None else [find_derivation(name)]
    return [prove_line(derivation, key) for derivation in derivations for key in derivation.keys]


def prove_line(derivation: Derivation, key: str) -> Proof:
    """Prove the line of that name against the line before it and against the derivation's result."""
    line, before = derivation.line(key), derivation.before(key)
    error, how, problem = np.nan, "", ""
    try:
        error = _error(derivation, line.expr)
        if not error <= 1e-12:
            problem = f"its numbers are off by {error:.1e}"
        elif before in DEFINED and equal(definition(before), line.expr):
            how = "definition"
        elif equal(before, line.expr):
            how = "every K, H, D, N"
        else:
            problem = "not seen to equal the line before"
    except (IndexError, ValueError) as reason:
        problem = str(reason)
    return Proof(derivation.name, key, line.ids, plain(line.expr), how, float(error), problem)


DEFINED = (z1[j], A1[j], z2[k], A2[k], y[i], L, L_mean)  # names with a definition of their own: H01 to H05, H20


@np.errstate(all="ignore")  # a wrong line may divide by 0; the NaN that it gives is not within any tolerance
def _error(derivation: Derivation, expr: Expr) -> float:
    """The largest relative difference of the line's numbers from ``network`` and from the left-hand side's."""
    errors = []
    for network, measured in _measured(derivation.lhs):
        result = derivation.result(network.values)
        numbers = network.of(expr, free_indices(expr))
        if numbers.shape != np.shape(result):
            raise ValueError(f"its indices give shape {numbers.shape}, but {np.shape(result)} is needed")
        scale = np.abs(result).max()
        errors += [np.abs(numbers - result).max() / scale, np.abs(numbers - measured).max() / scale]
    return float(np.max(errors))


@functools.cache
def _measured(lhs: Expr) -> list[tuple[Numbers, Array]]:
    """Random networks, and what the left-hand side measures on each, every derivative by a complex step."""
    return [(one, one.of(lhs, free_indices(lhs))) for one in _networks(batch=bool(lhs.has(L_mean)))]


@functools.cache
def _networks(batch: bool) -> list[Numbers]:
    rng = np.random.default_rng(32)
    sizes = ((4, 5, 3, 6), (3, 2, 4, 5)) if batch else ((4, 5, 3, 1), (3, 2, 4, 1))
    return [Numbers(random_values(rng, *of)) for of in sizes]
