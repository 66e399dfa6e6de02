"""The one form in which an expression is kept: as it is typeset, and no second way to nest the same signs.

SymPy's unevaluated trees can nest one written line in many ways: ``-y/A`` as minus of a fraction, or as a fraction
with a minus above. Here each has one tree, so that a line that is printed and read again is the same object:

* a minus stands in front of its product: ``Mul(-1, ...)``; a double minus keeps its brackets;
* a product is flat; of its factors only a fraction and a negative factor are products themselves;
* a fraction is ``Mul(factors above..., Pow(below, -1))``; as the first factor of a product, 1/N is ``Pow(N, -1)``;
* a sum of terms is flat, but for what stands in brackets behind the first term.
"""

from __future__ import annotations

import functools

import sympy as sp

from mlpcourse.derivation.letters import Entry, Expr, Sum, cases, split_sum


def _divides(expr: Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Number and expr.exp < 0)


def is_negative(expr: Expr) -> bool:
    """Whether the expression has a minus in front."""
    if expr.is_Number:
        return bool(expr < 0)
    return bool(expr.is_Mul and expr.args[0] == -1)


def is_fraction(expr: Expr) -> bool:
    """Whether the expression is one fraction, with something other than a bare 1 above."""
    return bool(expr.is_Mul and not is_negative(expr) and _divides(expr.args[-1]) and not _divides(expr.args[0]))


def minus(expr: Expr) -> Expr:
    """The expression with a minus in front of it."""
    with sp.evaluate(False):
        if expr.is_Number:
            return -sp.Integer(0) if expr == 0 else sp.Mul(-1, expr) if expr < 0 else sp.Number(-expr)
        if expr.is_Mul and not is_negative(expr) and not is_fraction(expr):
            return sp.Mul(-1, *expr.args)
        return sp.Mul(-1, expr)


def _without_minus(expr: Expr) -> Expr:
    if expr.is_Number:
        return -expr
    rest = expr.args[1:]
    return rest[0] if len(rest) == 1 else sp.Mul(*rest, evaluate=False)


def plus(*terms: Expr) -> Expr:
    """The sum of the terms, as written; a first term that is a sum needs no brackets."""
    first, *rest = terms
    flat = [*(first.args if first.is_Add else (first,)), *rest]
    return flat[0] if len(flat) == 1 else sp.Add(*flat, evaluate=False)


def times(*factors: Expr) -> Expr:
    """The product of the factors, as written; a minus of the first one stands in front of the whole."""
    first, *rest = factors
    if is_negative(first) and rest:
        positive = _without_minus(first)
        return minus(times(*rest) if positive == 1 else times(positive, *rest))
    flat: list[Expr] = []
    for factor in factors:
        opens = factor.is_Mul and not is_fraction(factor) and not (is_negative(factor) and len(factors) > 1)
        for part in factor.args if opens else (factor,):
            flat.append(sp.Mul(1, part, evaluate=False) if flat and _divides(part) else part)
    return flat[0] if len(flat) == 1 else sp.Mul(*flat, evaluate=False)


def over(above: Expr, below: Expr) -> Expr:
    """The fraction, as written; a minus above stands in front of it."""
    if is_negative(above):
        return minus(over(_without_minus(above), below))
    divisor = sp.Pow(below, -1, evaluate=False)
    if above == 1:
        return divisor
    parts = above.args if above.is_Mul and not is_fraction(above) else (above,)
    parts = tuple(sp.Mul(1, part, evaluate=False) if _divides(part) else part for part in parts)
    return sp.Mul(*parts, divisor, evaluate=False)


def power(base: Expr, exponent: Expr) -> Expr:
    """The power, as written; a negative whole exponent makes a fraction."""
    if exponent.is_Integer and exponent < 0:
        return over(sp.Integer(1), base if exponent == -1 else power(base, -exponent))
    return sp.Pow(base, exponent, evaluate=False)


@functools.lru_cache(maxsize=4096)
def as_written(expr: Expr) -> Expr:
    """The expression in the form described above; what it says stays the same, and how it is typeset."""
    if expr.func == Entry or not expr.args or isinstance(expr, sp.Indexed):
        return expr
    if expr.is_Add:
        return plus(*(as_written(arg) for arg in expr.args))
    if expr.is_Mul:
        return _product(expr)
    if expr.is_Pow:
        return power(as_written(expr.base), expr.exp if expr.exp.is_Number else as_written(expr.exp))
    if isinstance(expr, sp.Sum):
        index, low, high, summand = split_sum(expr)
        return Sum(as_written(summand), (index, low, high))
    if isinstance(expr, sp.Piecewise) and len(expr.args) == 2:
        (first, condition), (second, _) = expr.args
        left, right = (as_written(side) for side in condition.args)
        return cases(as_written(first), (condition.func, left, right), as_written(second))
    with sp.evaluate(False):
        return expr.func(*(as_written(arg) for arg in expr.args))


def _product(expr: Expr) -> Expr:
    """Each factor of the product, and what divides it, where typesetting puts them."""
    if expr.args[0] == -1 and len(expr.args) > 2:
        return minus(_product(sp.Mul(*expr.args[1:], evaluate=False)))
    factors: list[Expr] = []
    for arg in expr.args:
        factors += arg.args if arg.is_Mul and not any(map(_divides, arg.args)) and not _signed(arg) else [arg]
    written = [factor if _divides(factor) else as_written(factor) for factor in factors]
    lead = [written.pop(0)] if _divides(written[0]) else []
    above = [factor for factor in written if not _divides(factor)]
    below = [_below(factor) for factor in written if _divides(factor)]
    whole = times(*above) if above else sp.Integer(1)
    if below:
        whole = over(whole, times(*below))
    return times(*(over(sp.Integer(1), _below(one)) for one in lead), whole) if lead else whole


def _below(divisor: Expr) -> Expr:
    base = as_written(divisor.base)
    return base if divisor.exp == -1 else power(base, -divisor.exp)


def _signed(expr: Expr) -> bool:
    return bool((expr.is_Number and expr < 0) or (expr.is_Mul and _signed(expr.args[0])))
