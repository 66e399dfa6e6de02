"""What means something: every index fits its array, and one formula speaks of one example or of a batch.

``check`` raises ``Undefined`` with a sentence otherwise. Numbers alone would not find it: y_i with i = 1..H is a number
on every network with H <= K.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import sympy as sp

from mlpcourse import network
from mlpcourse.derivation.letters import COUNTS, D, Entry, Expr, H, K, L, L_mean, N, Partial, entry_of, split_sum, t
from mlpcourse.derivation.typesetting import plain

SIZES = {"D": D, "H": H, "K": K, "N": N}
COUNTED = {D: "inputs, 1..D", H: "hidden units, 1..H", K: "classes, 1..K", N: "examples, 1..N"}
SHAPES = {
    **{name: tuple(SIZES[axis] for axis in axes if axis in SIZES) for name, axes in network.SHAPES.items()},
    "L_of": (N,),
}
Scope = Mapping[Expr, Expr]  # what each bound letter counts


class Unproven(ValueError):
    """An expression for which there is no rule."""


class Undefined(Unproven):
    """An expression that means nothing, at least on some network."""


def is_index(expr: Expr) -> bool:
    """Whether it is a letter that counts something, or a true class."""
    return bool((expr.is_Symbol and expr.name[0] in COUNTS) or (isinstance(expr, sp.Indexed) and expr.base.name == "T"))


def check(*sides: Expr) -> bool:
    """Raise Undefined where one of the sides means nothing. Returns whether they speak of a batch."""
    seen: dict[bool, Expr] = {}
    for side in sides:
        for batch, witness in _examples(side, {}):
            seen.setdefault(batch, witness)
    if len(seen) == 2:
        raise Undefined(f"{_written(seen[False])} is of one example, but {_written(seen[True])} is of a batch")
    return True in seen


def _written(expr: Expr) -> str:
    return "L, the mean over a batch," if expr == L_mean else plain(expr)


def _examples(expr: Expr, scope: Scope) -> Iterator[tuple[bool, Expr]]:
    """(of a batch, what says so) for all that is of one example or of a batch; every index is checked on the way."""
    if expr in (L, L_mean, N):
        yield expr != L, expr
    elif expr.is_Symbol:
        if expr.name in COUNTS and expr not in scope and (expr == t or COUNTS[expr.name] == N):
            yield expr != t, expr
    elif isinstance(expr, sp.Indexed):
        yield from _entry(expr, scope)
    elif isinstance(expr, sp.Sum):
        index, low, high, summand = split_sum(expr)
        size = next((symbol for symbol in high.free_symbols if symbol in COUNTED), None)
        if size is None:
            raise Undefined(f"the sum over {index} goes to {plain(high)}, which is no size of the network")
        if size == N:
            yield True, N
        outside = (low.is_Integer and low < 1) or (high - size).is_positive
        if outside and any(index in entry.free_symbols for entry in summand.atoms(sp.Indexed)):
            beyond = low if low.is_Integer and low < 1 else high
            raise Undefined(f"{index} = {plain(beyond)} does not exist: {index} counts {COUNTED[size]}")
        yield from _examples(summand, {**scope, index: size})
    elif expr.func == Partial:
        of, by = expr.args
        if not isinstance(by, sp.Indexed) or by.base.label.name not in network.SHAPES:
            raise Undefined(f"{plain(by)} is not an entry of an array: there is no derivative by it")
        yield from _examples(of, scope)
        yield from _examples(by, scope)
    elif expr.func == Entry:
        try:
            entry = entry_of(*expr.args)
        except ValueError as problem:
            raise Undefined(str(problem)) from None
        formula, *indices = expr.args
        if len(indices) != (1 if formula.shape[1] == 1 else 2):
            raise Undefined(f"{plain(expr)} has {len(indices)} indices, but the formula gives shape {formula.shape}")
        yield from _matrices(formula)
        yield from _examples(entry, scope)
    else:
        for part in expr.args:
            if isinstance(part, sp.Basic) and part not in (sp.true, sp.false):
                yield from _examples(part, scope)


def _entry(entry: Expr, scope: Scope) -> Iterator[tuple[bool, Expr]]:
    name, indices = entry.base.label.name, entry.indices
    if name not in SHAPES:
        raise Undefined(f"there is no array {name}")
    axes = SHAPES[name]
    of_example = N in axes
    if of_example:
        if len(indices) == len(axes):
            yield True, entry
        elif len(indices) == len(axes) - 1 and name != "L_of":
            yield False, entry
            axes = axes[:-1]
    if len(indices) != len(axes):
        raise Undefined(f"{plain(entry)} needs {len(axes)} indices, but has {len(indices)}")
    for index, size in zip(indices, axes, strict=True):
        if not is_index(index):
            raise Undefined(f"{plain(entry)}: the index {plain(index)} is not a letter, so it need not be in 1..{size}")
        counted = scope.get(index, COUNTS[index.name[0]])
        if counted != size:
            raise Undefined(f"{plain(entry)}: {index} counts {COUNTED[counted]}, but this index counts {COUNTED[size]}")
        yield from _examples(index, scope)


def _matrices(formula: Any) -> Iterator[tuple[bool, Expr]]:
    """What a matrix formula speaks of; its entry alone may not show it, as N entries are summed over."""
    for symbol in formula.atoms(sp.MatrixSymbol):
        axes = {"gate": (H, N), "ones": (N,)}.get(symbol.name) or SHAPES[symbol.name.split("/d")[-1]]
        if N in axes:
            yield N in symbol.shape, symbol
