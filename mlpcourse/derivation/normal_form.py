"""A normal form for the derivation's expressions: two lines with one normal form are equal for every K, H, D, N.

Used, and nothing else: the definitions H01 to H05, linearity of sums, a Kronecker delta picks its term (every index
lies in its own range), gates and deltas are 0 or 1, e^a e^b = e^(a + b), log of products of positive numbers, and
that a label's entries sum to 1. The normal form may fail to see an equality; it never sees one that does not hold.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy import KroneckerDelta

from mlpcourse.derivation.derivatives import Computed, Gate, derived, without_cases

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    COUNTS, Entry, Expr, L, L_mean, Partial, definition, entry_of, split_sum, t, y, z1,
)  # fmt: skip
# isort: on

Exp = sp.Function("Exp", positive=True)  # stands in for exp, which SymPy would merge: e^a e^b
LETTERS = {count: letter for letter, count in reversed(COUNTS.items())}  # the canonical letter of each range
INDICATORS = (Gate, KroneckerDelta)  # 0 or 1, so that a power of one is itself


class Unproven(ValueError):
    """An expression for which there is no rule."""


def equal(first: Expr, second: Expr) -> bool:
    """Whether the two have one normal form. Raises Unproven where there is no rule for an expression."""
    one_hot = first.has(t) or second.has(t)
    return bool(normal(first, one_hot) == normal(second, one_hot))


def normal(expr: Expr, one_hot: bool = False) -> Expr:
    """The normal form: a sum of products of letters, entries, Exp, gates, deltas and sums with numbered indices.

    With ``one_hot`` a label y[k] is written as the delta of k and the true class t.
    """
    return (_ONE_HOT if one_hot else _ANY).of(expr)


def _count(index: Expr) -> Expr:
    """The number of values an index takes: its name begins with its letter."""
    return COUNTS[index.name[0]]


def _powers(term: Expr) -> dict[Expr, Expr]:
    return dict(term.as_powers_dict())


def _product(powers: Iterable[tuple[Expr, Expr]]) -> Expr:
    return sp.Mul(*(base**power for base, power in powers))


def _fresh(total: Expr) -> dict[Expr, Expr]:
    """A new name for each index of a sum."""
    return {index: sp.Dummy(index.name[0], integer=True) for index, _, _ in total.limits}


class _Normal:
    """The rules. Sums are kept as products of sums that share no index, each over all of its indices at once."""

    def __init__(self, one_hot: bool) -> None:
        self.one_hot = one_hot
        self.of = functools.cache(self._of)

    def _of(self, expr: Expr) -> Expr:
        if expr.is_Number or (expr.is_Symbol and expr not in (L, L_mean)):
            return expr
        if expr in (L, L_mean):
            return self.of(definition(expr))
        if isinstance(expr, sp.Indexed):
            return self.entry(expr)
        if expr.func == Partial:
            return self.of(derived(expr))
        if expr.func == Entry:
            return self.of(entry_of(*expr.args))
        if isinstance(expr, Computed):
            return self.of(expr.args[0])
        if expr.is_Add:
            return sp.Add(*map(self.of, expr.args))
        if expr.is_Mul:
            return functools.reduce(self.times, map(self.of, expr.args))
        if expr.is_Pow and expr.exp.is_Integer:
            return self.power(self.of(expr.base), int(expr.exp))
        if isinstance(expr, sp.exp):
            return _product(self.exponential(term) for term in sp.Add.make_args(self.of(expr.args[0])))
        if isinstance(expr, sp.log):
            return self.logarithm(self.of(expr.args[0]))
        if isinstance(expr, sp.Piecewise):
            return self.of(without_cases(expr))
        if isinstance(expr, KroneckerDelta):
            if not all(index.is_Symbol for index in expr.args[:2]):
                raise Unproven(f"{expr} compares something other than two indices")
            return KroneckerDelta(*expr.args[:2])
        if isinstance(expr, Gate):
            return Gate(self.of(expr.args[0]))
        if isinstance(expr, sp.Sum):
            return self.total(*split_sum(expr))
        raise Unproven(f"there is no rule for {type(expr).__name__}, as in {expr}")

    # --- names ----------------------------------------------------------------------------------

    def entry(self, entry: Expr) -> Expr:
        match entry.base.label.name:
            case "A1":
                at = z1[entry.indices]
                return Gate(at) * at
            case "A2" | "L_of":
                return self.of(definition(entry))
            case "y" if self.one_hot:
                return definition(entry)
        return entry

    # --- products, powers, exp, log -----------------------------------------------------------------

    def times(self, first: Expr, second: Expr) -> Expr:
        pairs = itertools.product(sp.Add.make_args(first), sp.Add.make_args(second))
        return sp.Add(*(self.tidy(a * b) for a, b in pairs))

    def tidy(self, term: Expr) -> Expr:
        """A product in which gates and deltas stand once, and a delta's indices elsewhere are one index."""
        powers = {base: 1 if isinstance(base, INDICATORS) else power for base, power in _powers(term).items()}
        for delta in [base for base in powers if isinstance(base, KroneckerDelta)]:
            keep, drop = sorted(delta.args, key=lambda index: (isinstance(index, sp.Dummy), index.sort_key()))
            rest = _product((base, power) for base, power in powers.items() if base != delta)
            if rest.has(drop):
                return self.times(delta, self.renamed(rest, drop, keep))
        return _product(powers.items())

    def power(self, base: Expr, exponent: int) -> Expr:
        if exponent > 0:
            return functools.reduce(self.times, [base] * exponent)
        if base.is_Add or not all(self.positive(factor) for factor in _powers(base)):
            raise Unproven(f"{base} is a divisor, but may be 0")
        return base**exponent

    def exponential(self, term: Expr) -> tuple[Expr, Expr]:
        number, rest = term.as_coeff_Mul()
        return (Exp(rest), number) if number.is_Integer else (Exp(term), sp.Integer(1))

    def logarithm(self, arg: Expr) -> Expr:
        powers = _powers(arg)
        if arg.is_Add or not all(self.positive(base) for base in powers):
            return sp.log(arg)
        logs = (base.args[0] if base.func == Exp else sp.log(base) for base in powers)
        return sp.Add(*(power * log for power, log in zip(powers.values(), logs, strict=True)))

    def positive(self, base: Expr) -> bool:
        if isinstance(base, sp.Sum):
            return all(self.positive(factor) for factor in _powers(base.function))
        return bool(base.is_positive)

    # --- sums -----------------------------------------------------------------------------------------

    def total(self, index: Expr, low: Expr, high: Expr, summand: Expr) -> Expr:
        if low != 1 or high not in LETTERS:
            raise Unproven(f"a sum over {low}..{high} is not over a whole range")
        if _count(index) != high:  # the softmax's own j counts classes: a name that says so
            foreign, index = index, sp.Symbol(f"{LETTERS[high]}'{index.name}", integer=True)
            summand = summand.xreplace({foreign: index})
        bound = sp.Dummy(LETTERS[high], integer=True)
        terms = sp.Add.make_args(self.renamed(self.of(summand), index, bound))
        return sp.Add(*(self.summed(term, [bound]) for term in terms))

    def summed(self, term: Expr, bound: list[Expr]) -> Expr:
        """One product, summed over its bound indices."""
        powers = _powers(term)
        for base, power in powers.items():  # a sum that depends on a bound index is opened and summed together with it
            if isinstance(base, sp.Sum) and power == 1 and base.free_symbols & set(bound):
                fresh = _fresh(base)
                rest = _product((other, power) for other, power in powers.items() if other != base)
                terms = self.times(rest, base.function.xreplace(fresh))
                return sp.Add(*(self.summed(one, [*bound, *fresh.values()]) for one in sp.Add.make_args(terms)))
        for delta in (base for base in powers if isinstance(base, KroneckerDelta)):
            for drop, keep in (delta.args, delta.args[::-1]):
                if drop in bound and _count(drop) == _count(keep):
                    rest = _product((base, power) for base, power in powers.items() if base != delta)
                    terms = sp.Add.make_args(self.renamed(rest, drop, keep))
                    return sp.Add(*(self.summed(one, [index for index in bound if index != drop]) for one in terms))
        result, left = sp.Integer(1), set(bound)
        factors = [base**power for base, power in powers.items()]
        while left:  # one group of indices that occur together after the other
            group, inside = {min(left, key=lambda index: index.sort_key())}, []
            while joined := [factor for factor in factors if factor.free_symbols & group]:
                inside += joined
                factors = [factor for factor in factors if factor not in joined]
                group |= set(bound).intersection(*[set().union(*(factor.free_symbols for factor in joined))])
            left -= group
            result *= self.canonical(inside, group)
        return sp.Mul(result, *factors)

    def canonical(self, factors: list[Expr], group: set[Expr]) -> Expr:
        """The sum of the product with numbered indices; of all numberings the first in the alphabet."""
        if not factors:
            return sp.Mul(*map(_count, group))
        body = sp.Mul(*factors)
        if isinstance(body, sp.Indexed) and body.base == y and group == {body.indices[0]}:
            return sp.Integer(1)  # a label's entries sum to 1
        used = [int(symbol.name[2:]) for symbol in body.atoms(sp.Symbol) if re.fullmatch(r"\w_\d+", symbol.name)]
        start = 1 + max(used, default=0)
        best: Any = None
        for order in itertools.permutations(group):
            names = {index: sp.Symbol(f"{index.name[0]}_{start + at}", integer=True) for at, index in enumerate(order)}
            written = body.xreplace(names)
            if best is None or str(written) < str(best[0]):
                best = written, names
        written, names = best
        limits = sorted(((name, 1, _count(name)) for name in names.values()), key=lambda limit: limit[0].name)
        return sp.Sum(written, *limits)

    def renamed(self, expr: Expr, old: Expr, new: Expr) -> Expr:
        """Another index in place of ``old``; sums are numbered anew, since the order of their letters may change."""
        if not expr.has(old):
            return expr
        terms = []
        for term in sp.Add.make_args(expr):
            factors = (self.factor_renamed(base, old, new) ** power for base, power in _powers(term).items())
            terms.append(functools.reduce(self.times, factors))
        return sp.Add(*terms)

    def factor_renamed(self, base: Expr, old: Expr, new: Expr) -> Expr:
        if not isinstance(base, sp.Sum):
            return base.xreplace({old: new})
        names = _fresh(base)
        terms = sp.Add.make_args(self.renamed(base.function.xreplace(names), old, new))
        return sp.Add(*(self.summed(term, list(names.values())) for term in terms))


_ANY, _ONE_HOT = _Normal(one_hot=False), _Normal(one_hot=True)
