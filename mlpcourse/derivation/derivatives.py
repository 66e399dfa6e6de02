"""What a partial derivative stands for: SymPy's derivative of the definitions."""

from __future__ import annotations

import functools

import sympy as sp

from mlpcourse.derivation.defined import Unproven, is_index
from mlpcourse.derivation.letters import (
    ARRAYS,
    Entry,
    Expr,
    Partial,
    SumOf,
    definition,
    depends_on,
    entry_of,
    split_sum,
)

NO_SECOND_DERIVATIVE = (
    "there is no rule for a derivative of a derivative: put in first, in a line of its own, what the inner one is"
)


class Gate(sp.Function):  # type: ignore[misc] # SymPy ships no types
    """1 where its argument is >= 0, else 0. Its slope is 0: away from the kink a gate stays as it is."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return sp.Integer(0)


class Positive(Gate):
    """1 where its argument is > 0, else 0. Its slope is 0, too."""


def indicator(condition: Expr) -> Expr:
    """1 where the condition holds, else 0, in gates and deltas."""
    if condition in (sp.true, sp.false):
        return sp.Integer(condition == sp.true)
    left, right = condition.args
    match condition:
        case sp.Ge():
            return Gate(left - right)
        case sp.Gt():
            return Positive(left - right)
        case sp.Le():
            return Gate(right - left)
        case sp.Lt():
            return Positive(right - left)
        case sp.Eq() if is_index(left) and is_index(right):
            return sp.KroneckerDelta(left, right)
        case sp.Eq():
            return Gate(left - right) - Positive(left - right)
        case sp.Ne():
            return 1 - indicator(sp.Eq(left, right, evaluate=False))
    raise Unproven(f"there is no rule for the condition {condition}")


def without_cases(expr: Expr) -> Expr:
    """Cases as a sum of products, with deltas and gates: SymPy moves cases out of a sum wrongly."""
    result, none_holds = sp.Integer(0), sp.Integer(1)
    for value, condition in expr.args:
        holds = indicator(condition)
        result += none_holds * holds * value
        none_holds *= 1 - holds
    return result


class Computed(sp.Function):  # type: ignore[misc] # SymPy ships no types
    """A name that stands for its definition: SymPy differentiates the definition, and the name stays."""

    nargs = 1

    @property
    def free_symbols(self) -> set[Expr]:
        label = _label(self.args[0])
        return {*super().free_symbols, *(base.label for base in ARRAYS if depends_on(label, base.label.name))}

    def _eval_derivative(self, by: Expr) -> Expr:
        return sp.diff(written_out(definition(self.args[0]), by.base.label.name), by)


def _label(name: Expr) -> str:
    return str(name.base.label.name if isinstance(name, sp.Indexed) else name.name)


@functools.lru_cache(maxsize=4096)  # with the same fresh index each time, SymPy knows its derivative again
def written_out(expr: Expr, base: str) -> Expr:
    """The expression for SymPy to differentiate by an entry of ``base``: every name that depends on it is computed."""
    if isinstance(expr, sp.Indexed) or expr.is_Symbol:
        return Computed(expr) if depends_on(_label(expr), base) else expr
    if isinstance(expr, sp.Sum):
        index, low, high, summand = split_sum(expr)
        fresh = sp.Dummy(index.name, integer=True)  # so that no index of the derivative is caught by the sum
        return SumOf(written_out(summand.xreplace({index: fresh}), base), (fresh, low, high))
    if isinstance(expr, sp.Piecewise):
        return written_out(without_cases(expr), base)
    if isinstance(expr, sp.KroneckerDelta) and not all(map(is_index, expr.args[:2])):
        return written_out(indicator(sp.Eq(*expr.args[:2], evaluate=False)), base)
    if expr.func == Entry:
        return written_out(entry_of(*expr.args), base)
    if expr.func == Partial:
        raise Unproven(NO_SECOND_DERIVATIVE)
    if not expr.args:
        return expr
    return expr.func(*(written_out(arg, base) for arg in expr.args))


def derived(partial: Expr) -> Expr:
    """What a ``Partial`` stands for: SymPy's derivative of the definitions, by that entry of an array."""
    of, by = partial.args
    return sp.diff(written_out(of, by.base.label.name), by)
