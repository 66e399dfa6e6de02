"""What a partial derivative stands for: SymPy's derivative of the definitions."""

from __future__ import annotations

import functools

import sympy as sp

from mlpcourse.derivation.letters import ARRAYS, Expr, definition, depends_on, split_sum


class Gate(sp.Function):  # type: ignore[misc] # SymPy ships no types
    """1 where its argument is >= 0, else 0. Its slope is 0: away from the kink a gate stays as it is."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return sp.Integer(0)


def without_cases(expr: Expr) -> Expr:
    """A two-way case as a sum of products, with a delta or a gate: SymPy moves cases out of a sum wrongly."""
    (first, condition), (second, _) = expr.args
    kinds = {sp.Eq: sp.KroneckerDelta, sp.Ge: lambda left, right: Gate(left - right)}
    holds = kinds[condition.func](*condition.args)
    return holds * first + (1 - holds) * second


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


@functools.cache  # with the same fresh index each time, SymPy knows its derivative again
def written_out(expr: Expr, base: str) -> Expr:
    """The expression for SymPy to differentiate by an entry of ``base``: every name that depends on it is computed."""
    if isinstance(expr, sp.Indexed) or expr.is_Symbol:
        return Computed(expr) if depends_on(_label(expr), base) else expr
    if isinstance(expr, sp.Sum):
        index, low, high, summand = split_sum(expr)
        fresh = sp.Dummy(index.name, integer=True)  # so that no index of the derivative is caught by the sum
        return sp.Sum(written_out(summand.xreplace({index: fresh}), base), (fresh, low, high))
    if isinstance(expr, sp.Piecewise):
        return written_out(without_cases(expr), base)
    if not expr.args:
        return expr
    return expr.func(*(written_out(arg, base) for arg in expr.args))


def derived(partial: Expr) -> Expr:
    """What a ``Partial`` stands for: SymPy's derivative of the definitions, by that entry of an array."""
    of, by = partial.args
    return sp.diff(written_out(of, by.base.label.name), by)
