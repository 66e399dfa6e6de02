"""A proof that cannot fail proves nothing: every line, spoilt in several ways, must turn red.

LINE_MUTANTS says how many mutants a line has; continuous integration has six.
"""

from __future__ import annotations

import contextlib
import itertools
import math
import os
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
import sympy as sp
from sympy.matrices.exceptions import ShapeError

from mlpcourse.derivation import DERIVATIONS, Derivation, as_json, prove_line
from mlpcourse.derivation.letters import COUNTS, Entry, L_mean, Partial, Sum
from mlpcourse.derivation.normal_form import equal
from mlpcourse.derivation.numbers import free_indices, random_values

pytestmark = pytest.mark.slow
MUTANTS_A_LINE = int(os.environ.get("LINE_MUTANTS", "2"))
SWAPPED = {
    "w1": "w2",
    "w2": "w1",
    "b1": "b2",
    "b2": "b1",
    "A1": "z1",
    "z1": "A1",
    "A2": "y",
    "y": "A2",
    "z2": "A2",
    "X": "b1",
}


# --- spoiling a line ----------------------------------------------------------------------------------


def rebuilt(expr: Any, args: list[Any]) -> Any:
    """The expression with other arguments, nothing evaluated."""
    if isinstance(expr, sp.Sum):
        return Sum(args[0], tuple(args[1]))
    if expr.func in (sp.Add, sp.Mul, sp.Pow, sp.Piecewise, sp.exp, sp.log, sp.KroneckerDelta):
        return expr.func(*args, evaluate=False)
    return expr.func(*args)


def everywhere(expr: Any, letters: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    """(kind, mutant) for every place of the tree; ``letters`` are the indices in scope."""
    yield from here(expr, letters)
    if isinstance(expr, sp.Indexed) or not expr.args:
        return
    if expr.func == Entry:
        formula, *indices = expr.args
        yield from (
            (kind, Entry(mutant, *indices)) for kind, mutant in matrices(formula) if mutant.shape == formula.shape
        )
        return
    inner = (*letters, expr.limits[0][0]) if isinstance(expr, sp.Sum) else letters
    for place, arg in enumerate(expr.args):
        if isinstance(arg, sp.Tuple) or arg in (sp.true, sp.false) or (expr.func == Partial and place == 1):
            continue
        for kind, mutant in everywhere(arg, inner):
            args = list(expr.args)
            args[place] = mutant
            yield kind, rebuilt(expr, args)


def here(expr: Any, letters: tuple[Any, ...]) -> Iterator[tuple[str, Any]]:
    if expr.is_Number:
        yield "number", expr + 1
        return
    if expr.is_Mul:
        for place, factor in enumerate(expr.args):
            rest = [*expr.args[:place], *expr.args[place + 1 :]]
            yield "factor dropped", sp.Mul(*rest, evaluate=False) if len(rest) > 1 else rest[0]
            yield "factor doubled", sp.Mul(*expr.args, factor, evaluate=False)
    if expr.is_Add:
        for place, term in enumerate(expr.args):
            rest = [*expr.args[:place], *expr.args[place + 1 :]]
            yield "term dropped", sp.Add(*rest, evaluate=False) if len(rest) > 1 else rest[0]
            yield "sign", sp.Add(*rest, sp.Mul(-1, term, evaluate=False), evaluate=False)
    if expr.is_Pow:
        yield "exponent", sp.Pow(expr.base, expr.exp - 1 or 2, evaluate=False)
    if isinstance(expr, sp.exp | sp.log):
        yield "function dropped", expr.args[0]
        yield "sign inside", expr.func(sp.Mul(-1, expr.args[0], evaluate=False), evaluate=False)
    if isinstance(expr, sp.KroneckerDelta):
        yield "delta removed", sp.Integer(1)
        yield "delta reversed", sp.Add(1, sp.Mul(-1, expr, evaluate=False), evaluate=False)
    if isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        yield "cases swapped", sp.Piecewise((second, condition), (first, True), evaluate=False)
        yield "first case only", first
        if second != 0:
            yield "second case only", second
    if isinstance(expr, sp.Sum):
        index, low, high = expr.limits[0]
        yield "range", Sum(expr.function, (index, low + 1, high))
        yield "range", Sum(expr.function, (index, low - 1, high))
        yield "range", Sum(expr.function, (index, low, high - 1))
    if isinstance(expr, sp.Indexed):
        name = expr.base.label.name
        if name in SWAPPED:
            yield "array", sp.IndexedBase(SWAPPED[name], real=True)[expr.indices]
        for place, index in enumerate(expr.indices):
            for other in letters:
                if other != index and COUNTS[other.name] == COUNTS[index.name]:
                    changed = [*expr.indices[:place], other, *expr.indices[place + 1 :]]
                    yield "index", expr.base[tuple(changed)]
    if expr.func == Partial:
        of, by = expr.args
        yield "derivative dropped", of
        for place, index in enumerate(by.indices):
            for other in letters:
                if other != index and COUNTS[other.name] == COUNTS[index.name]:
                    changed = [*by.indices[:place], other, *by.indices[place + 1 :]]
                    yield "index", Partial(of, by.base[tuple(changed)])


def matrices(formula: Any) -> Iterator[tuple[str, Any]]:
    """A matrix formula spoilt, as far as its shapes still conform."""
    if isinstance(formula, sp.MatrixSymbol):
        if formula.name in SWAPPED:
            yield "array", sp.MatrixSymbol(SWAPPED[formula.name], *formula.shape)
        return
    if isinstance(formula, sp.Transpose):
        yield "transpose dropped", formula.arg
    if isinstance(formula, sp.HadamardProduct):
        yield "factor dropped", formula.args[0]
    if isinstance(formula, sp.MatAdd):
        yield "term dropped", formula.args[0]
        yield "sign", sp.MatAdd(formula.args[0], sp.MatMul(-1, formula.args[1]))
    if isinstance(formula, sp.MatMul) and not formula.args[0].is_Matrix:
        yield "factor dropped", sp.MatMul(*formula.args[1:])
    for place, arg in enumerate(formula.args):
        for kind, mutant in matrices(arg) if arg.is_Matrix else ():
            with contextlib.suppress(ShapeError):
                yield kind, formula.func(*formula.args[:place], mutant, *formula.args[place + 1 :])


def mutants(expr: Any, letters: tuple[Any, ...]) -> list[tuple[str, Any]]:
    """Every mutant once, the kinds taking turns."""
    whole = [
        ("sign", sp.Mul(-1, expr, evaluate=False)), ("doubled", sp.Mul(2, expr, evaluate=False)),
        ("squared", sp.Pow(expr, 2, evaluate=False)), ("one more", sp.Add(expr, 1, evaluate=False)),
        ("halved", sp.Mul(expr, sp.Rational(1, 2), evaluate=False)),
    ]  # fmt: skip
    kinds: dict[str, dict[Any, None]] = {}
    for kind, mutant in everywhere(expr, letters):
        kinds.setdefault(kind, {})[mutant] = None
    turns = itertools.zip_longest(*([(kind, mutant) for mutant in found] for kind, found in kinds.items()))
    unique = {mutant: kind for kind, mutant in [pair for turn in turns for pair in turn if pair] + whole}
    return [(kind, mutant) for mutant, kind in unique.items() if mutant != expr]


# --- an evaluator that shares nothing with the one under test -------------------------------------------


def walk(tree: Any, values: Mapping[str, Any], at: Mapping[str, int]) -> Any:
    """The number of an ``as_json`` tree: what a view's JavaScript does."""
    if not isinstance(tree, list):
        return tree if isinstance(tree, int | float) else at[tree] if tree in at else float(values[tree])
    sign, *args = tree
    if sign == "sum":
        body, index, low, high = args
        bounds = range(int(walk(low, values, at)), int(walk(high, values, at)) + 1)
        return sum(walk(body, values, {**at, index: step}) for step in bounds)
    if sign == "cases":
        return walk(args[1] if walk(args[0], values, at) else args[2], values, at)
    if sign == "at":
        array, position = values[args[0]], [walk(index, values, at) for index in args[1:]]
        if any(not 1 <= index <= size for index, size in zip(position, array.shape, strict=False)):
            raise IndexError(f"{args} at {position}")
        return array[tuple(index - 1 for index in position) + (0,) * (array.ndim - len(position))]
    numbers = [walk(arg, values, at) for arg in args]
    signs: dict[str, Any] = {
        "+": sum, "*": math.prod, "^": lambda n: n[0] ** n[1], "exp": lambda n: math.exp(n[0]),
        "log": lambda n: math.log(n[0]), "delta": lambda n: float(n[0] == n[1]),
        "=": lambda n: n[0] == n[1], ">=": lambda n: n[0] >= n[1],
    }  # fmt: skip
    return signs[sign](numbers)


def numbers(expr: Any, values: dict[str, Any], entries: list[dict[str, int]]) -> list[float] | None:
    """The expression at some entries; None where it does not exist (an index beyond its array, log of 0 ...)."""
    try:
        tree = as_json(expr)
        return [walk(tree, values, at) for at in entries]
    except (IndexError, ValueError, ZeroDivisionError, OverflowError, KeyError):  # Unproven is a ValueError
        return None


def a_few_entries(derivation: Derivation, values: dict[str, Any], sizes: dict[str, int]) -> list[dict[str, int]]:
    rng = np.random.default_rng(7)
    true = {"t": int(values["y"][:, 0].argmax()) + 1, **sizes}
    letters = [letter.name for letter in free_indices(derivation.lhs)]
    return [
        {**true, **{name: int(rng.integers(1, sizes[COUNTS[name].name] + 1)) for name in letters}}
        for _ in range(4)
    ]  # fmt: skip


# --- the tests -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_spoilt_line_is_refused(name: str) -> None:
    derivation = DERIVATIONS[name]
    examples = 3 if derivation.lhs.has(L_mean) else 1
    sizes = {"D": 2, "H": 3, "K": 4, "N": examples}
    values = random_values(np.random.default_rng(5), **sizes)
    entries = a_few_entries(derivation, values, sizes)
    for number, line in enumerate(derivation.lines):
        right = numbers(line.expr, values, entries)
        assert right is not None
        refused = 0
        for kind, mutant in mutants(line.expr, free_indices(line.expr)):
            wrong = numbers(mutant, values, entries)
            if wrong is not None and np.allclose(wrong, right, rtol=1e-9, atol=1e-12):
                continue  # the same number after all, as for a delta that is squared
            lines = list(derivation.lines)
            lines[number] = line._replace(expr=mutant)
            proof = prove_line(derivation._replace(lines=tuple(lines)), line.key)
            assert not proof.proven, f"{name}, {line.key}, {kind}: {proof.equation} passes"
            assert not seen_equal(line.expr, mutant), f"{name}, {line.key}, {kind}: the algebra sees it equal"
            refused += 1
            if refused == MUTANTS_A_LINE:
                break
        assert refused >= min(5, MUTANTS_A_LINE), f"{name}, {line.key}: only {refused} mutants"


def seen_equal(first: Any, second: Any) -> bool:
    try:
        return equal(first, second)
    except ValueError:  # no rule for it, or it does not conform
        return False
