"""Two lines beside each other: whether they have one shape, how much they share, and where they differ."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import sympy as sp

from mlpcourse.derivation import letters
from mlpcourse.derivation.letters import Expr, split_sum
from mlpcourse.derivation.typesetting import latex
from mlpcourse.derivation.written import as_written


@functools.lru_cache(maxsize=2048)
def shape(expr: Expr) -> Any:
    """What two lines share that differ only in the order of factors and terms and in the letters of their sums."""
    return _shape(as_written(expr), {})


def _shape(expr: Expr, bound: Mapping[Expr, str]) -> Any:
    if expr in bound:
        return bound[expr]
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        return ("Sum", str(high), str(low), _shape(body, {**bound, index: f"#{len(bound)}"}))
    if isinstance(expr, sp.Indexed):
        return (expr.base.label.name, *(_shape(index, bound) for index in expr.indices))
    args = getattr(expr, "args", ())
    if getattr(expr, "is_Matrix", False):
        return sp.srepr(expr)  # SymPy's text of a matrix formula asks questions of it, which may have no answer
    if not args:
        return str(expr)
    parts = [_shape(arg, bound) for arg in args]
    if expr.is_Add or expr.is_Mul or isinstance(expr, sp.KroneckerDelta):
        parts = sorted(parts, key=repr)
    return (expr.func.__name__, *parts)


def likeness(first: Expr, second: Expr) -> float:
    """How many parts two lines share, from 0 to 1."""
    ours, theirs = ([repr(_shape(part, {})) for part in sp.preorder_traversal(one)] for one in (first, second))
    common = sum(min(ours.count(part), theirs.count(part)) for part in set(ours))
    return 2 * common / (len(ours) + len(theirs))


HOLE = sp.Symbol("HOLE", real=True)


def with_hole(expr: Expr) -> str:
    """LaTeX of a line that ``difference`` gave."""
    return latex(expr).replace("HOLE", r"\square")


def difference(old: Expr, new: Expr) -> tuple[Expr | None, Expr | None, Expr]:
    """The smallest part of ``old`` that has to change, what it becomes, and ``new`` with a hole in its place."""
    if old.func == new.func and len(old.args) == len(new.args) and old.args:
        if isinstance(old, sp.Sum):
            old_sum, new_sum = split_sum(old), split_sum(new)
            if old_sum[:3] == new_sum[:3]:
                inner = difference(old_sum[3], new_sum[3])
                return inner[0], inner[1], letters.Sum(inner[2], new_sum[:3])
        elif not isinstance(old, sp.Piecewise | sp.Indexed):
            changed = [at for at, pair in enumerate(zip(old.args, new.args, strict=True)) if pair[0] != pair[1]]
            if len(changed) == 1 and not isinstance(new.args[changed[0]], sp.Tuple):
                at = changed[0]
                inner = difference(old.args[at], new.args[at])
                with sp.evaluate(False):
                    return inner[0], inner[1], new.func(*new.args[:at], inner[2], *new.args[at + 1 :])
    return old, new, _holed(old, new)


def _holed(old: Expr, new: Expr) -> Expr:
    """``new`` with a hole for its largest part that ``old`` does not have."""
    if isinstance(new, sp.Sum):
        index, low, high, body = split_sum(new)
        return letters.Sum(_holed(old, body), (index, low, high))
    if isinstance(new, sp.Piecewise):
        (_, condition), (second, _) = new.args
        with sp.evaluate(True):
            return sp.Piecewise((HOLE, condition), (second, True), evaluate=False)
    if not (new.is_Add or new.is_Mul) or len(new.args) < 2:
        return HOLE
    there = set(sp.preorder_traversal(old))
    fresh = [at for at, arg in enumerate(new.args) if arg not in there and not arg.is_Number] or [len(new.args) - 1]
    at = max(fresh, key=lambda at: len(str(new.args[at])))
    with sp.evaluate(False):
        return new.func(*new.args[:at], HOLE, *new.args[at + 1 :])
