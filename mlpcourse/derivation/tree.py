"""An expression's tree as nested lists, for an evaluator elsewhere."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import KroneckerDelta

from mlpcourse.derivation.derivatives import Gate, Positive, without_cases
from mlpcourse.derivation.letters import COUNTS, Entry, Expr, L, L_mean, L_of, Partial, entry_of, split_sum
from mlpcourse.derivation.normal_form import Exp, normal


def as_json(expr: Expr) -> Any:
    """The tree as nested lists that any small evaluator can walk.

    A number or the name of a letter stands for itself. Lists are ["+", ...], ["*", ...], ["^", base, exponent],
    ["exp", a], ["log", a], ["sum", body, index, low, high], ["delta", i, k], ["cases", condition, a, otherwise],
    [">=", a, b], ["=", a, b] and ["at", array, index, ...], with indices counted from 1. The loss and a ``Partial``
    come as the formula they stand for, in normal form.
    """
    if expr.is_Number:
        return int(expr) if expr.is_Integer else float(expr)
    if expr.func == Entry:
        return as_json(entry_of(*expr.args))
    if expr in (L, L_mean) or expr.func == Partial or (isinstance(expr, sp.Indexed) and expr.base == L_of):
        return as_json(normal(expr))
    if expr.is_Symbol:
        return expr.name
    if isinstance(expr, sp.Indexed):
        return ["at", expr.base.label.name, *map(as_json, expr.indices)]
    if isinstance(expr, sp.Sum):
        index, low, high, summand = split_sum(expr)
        own_range = COUNTS.get(index.name, high) == high or high not in COUNTS.values()
        if summand.has(Partial) and not own_range:  # its j counts classes: a letter that says so
            own = (sp.Symbol(name, integer=True) for name, count in COUNTS.items() if count == high)
            letter = next(letter for letter in own if letter not in summand.free_symbols)
            index, summand = letter, summand.xreplace({index: letter})
        return ["sum", *map(as_json, (summand, index, low, high))]
    if isinstance(expr, sp.Piecewise):
        (first, condition), *others = expr.args
        if len(others) > 1 or others[0].cond != sp.true or condition.func not in SIGNS:
            return as_json(without_cases(expr))
        return ["cases", *map(as_json, (condition, first, others[0].expr))]
    if isinstance(expr, Positive):
        return ["cases", [">=", 0, as_json(expr.args[0])], 0, 1]
    if isinstance(expr, Gate):
        return ["cases", [">=", as_json(expr.args[0]), 0], 1, 0]
    return [SIGNS[expr.func], *map(as_json, expr.args)]


SIGNS = {
    sp.Add: "+", sp.Mul: "*", sp.Pow: "^", sp.exp: "exp", Exp: "exp", sp.log: "log", KroneckerDelta: "delta",
    sp.Eq: "=", sp.Ge: ">=",
}  # fmt: skip
