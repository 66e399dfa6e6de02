"""A normal form for the derivation's expressions: two lines with one normal form are equal for every K, H, D, N.

The rules stand beside the code that applies them, each with the side condition that makes it true. A rule whose
condition is not seen to hold is not applied: the normal form may fail to see an equality, and raises ``Unproven`` or
``Undefined`` where it has no rule, but it never sees an equality that does not hold.

What it relies on: a letter lies in its range; every array has real entries; K, H, D and N are at least 1; a label is
one-hot; the slope of ReLU at 0 is 1, and of an indicator 0. ``defined.check`` has seen that every index fits its array.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable
from typing import Any

import sympy as sp
from sympy import KroneckerDelta

from mlpcourse.derivation.defined import Undefined, Unproven, check, is_index
from mlpcourse.derivation.derivatives import Computed, Gate, Positive, derived
from mlpcourse.derivation.letters import (
    COUNTS,
    Entry,
    Expr,
    L,
    L_mean,
    Partial,
    SumOf,
    b1,
    b2,
    definition,
    entry_of,
    split_sum,
    t,
    w1,
    w2,
    y,
    z1,
)

__all__ = ["NormalForm", "Undefined", "Unproven", "equal", "normal"]

Exp = sp.Function("Exp", positive=True)  # stands in for exp, which SymPy would merge: e^a e^b
T = sp.IndexedBase("T", integer=True)  # T[n] is the true class of example n
LETTERS = {count: letter for letter, count in reversed(COUNTS.items())}  # the canonical letter of each range
INDICATORS = (Gate, Positive, KroneckerDelta)  # 0 or 1
MOST_TERMS, MOST_INDICES, HIGHEST_POWER = 2000, 6, 12  # what is longer is not tried


def equal(first: Expr, second: Expr) -> bool:
    """Whether the two have one normal form. Raises Undefined for what means nothing, Unproven where no rule is."""
    check(first, second)
    with sp.evaluate(True):  # also while lines are written down unevaluated
        if _ONE_HOT.are_equal(first, second):
            return True
        return any(side.has(*WEIGHTS) for side in (first, second)) and _EXPANDED.are_equal(first, second)


def normal(expr: Expr, one_hot: bool = False) -> Expr:
    """The normal form: a sum of products of letters, entries, Exp, indicators and sums with numbered indices.

    With ``one_hot`` a label y[k] is written as the delta of k and the true class, t or T[n].
    """
    with sp.evaluate(True):
        return (_ONE_HOT if one_hot else _LABELS).of(expr)


def _count(index: Expr) -> Expr:
    """The number of values an index takes: its name begins with its letter. A true class counts classes."""
    return COUNTS["t"] if isinstance(index, sp.Indexed) else COUNTS[index.name[0]]


def _powers(term: Expr) -> dict[Expr, Expr]:
    return dict(term.as_powers_dict())


def _product(powers: Iterable[tuple[Expr, Expr]]) -> Expr:
    return sp.Mul(*(base**power for base, power in powers))


def _fresh(total: Expr) -> dict[Expr, Expr]:
    """A new name for each index of a sum."""
    return {index: sp.Dummy(index.name[0], integer=True) for index, _, _ in total.limits}


def is_positive(expr: Expr) -> bool:
    """Whether it is seen to be more than 0 on every network: e^a, a size, and sums, products and powers of such."""
    if isinstance(expr, sp.Sum):  # its range is never empty
        return is_positive(expr.function)
    if expr.is_Add or expr.is_Mul:
        return all(map(is_positive, expr.args))
    if expr.is_Pow:
        return is_positive(expr.base)
    return bool(expr.func == Exp or expr.is_positive)


def _common_factor(expr: Expr) -> tuple[Expr, Expr]:
    """(common, rest): the positive factors that all terms of a sum share, taken out."""
    terms = [_powers(term) for term in sp.Add.make_args(expr)]
    common = {
        base: min(powers[base] for powers in terms)
        for base in terms[0]
        if not base.is_Number and is_positive(base) and all(base in powers for powers in terms)
    }
    factor = _product(common.items())
    return factor, sp.Add(*(term / factor for term in sp.Add.make_args(expr)))


class NormalForm:
    """The rules. Sums are kept as products of sums that share no index, each over all of its indices at once."""

    def __init__(self, one_hot: bool, expanded: tuple[str, ...] = ()) -> None:
        self.one_hot, self.expanded = one_hot, expanded
        self.of = functools.lru_cache(maxsize=4096)(self._of)

    def are_equal(self, first: Expr, second: Expr) -> bool:
        """a = b where (a - b) p = 0 for a positive p: what terms are divided by, itself a sum, is multiplied away."""
        difference = self.of(first) - self.of(second)
        while difference != 0:
            terms = [_powers(term) for term in sp.Add.make_args(difference)]
            divisors = {base for powers in terms for base, power in powers.items() if base.is_Add and power < 0}
            if not divisors or any(
                not powers.get(base, sp.Integer(0)).is_Integer for base in divisors for powers in terms
            ):
                return False
            divisor = min(divisors, key=str)
            highest = max(-powers.get(divisor, sp.Integer(0)) for powers in terms)
            difference = sp.Add(*(
                self.times(_product(powers.items()), self.power(divisor, left)) if left else _product(powers.items())
                for powers in terms
                for left in [highest + powers.pop(divisor, sp.Integer(0))]
            ))  # fmt: skip
        return True

    def _of(self, expr: Expr) -> Expr:
        if expr.is_Number or (expr.is_Symbol and expr not in (L, L_mean)):
            if not expr.is_finite and expr.is_Number:
                raise Undefined(f"{expr} is not a number")
            return sp.Rational(str(expr)) if expr.is_Float else expr  # exact: nothing is lost to rounding
        if expr in (L, L_mean):
            return self.of(definition(expr))
        if isinstance(expr, sp.Indexed):
            return self.entry(expr)
        if expr.func == Partial:  # differentiated as it is written, before any other rule touches it
            return self.of(derived(expr))
        if expr.func == Entry:
            return self.of(entry_of(*expr.args))
        if isinstance(expr, Computed):
            return self.of(expr.args[0])
        if expr.is_Add:
            return sp.Add(*map(self.of, expr.args))
        if expr.is_Mul:
            return functools.reduce(self.times, map(self.of, expr.args))
        if expr.is_Pow and expr.exp.is_Rational:
            return self.power(self.of(expr.base), expr.exp)
        if isinstance(expr, sp.exp):
            terms = sp.Add.make_args(self.of(expr.args[0]))
            return functools.reduce(self.times, map(self.exponential, terms))
        if isinstance(expr, sp.log):
            return self.logarithm(self.of(expr.args[0]))
        if isinstance(expr, sp.Piecewise):
            return self.cases(expr)
        if isinstance(expr, KroneckerDelta):
            return self.condition(sp.Eq(*expr.args[:2], evaluate=False))
        if isinstance(expr, Gate | Positive):
            return self.indicator(self.of(expr.args[0]), strict=isinstance(expr, Positive))
        if isinstance(expr, sp.Sum):
            return self.total(*split_sum(expr))
        raise Unproven(f"there is no rule for {type(expr).__name__}, as in {expr}")

    # --- names: each stands for its definition, H01 to H05 ----------------------------------------

    def entry(self, entry: Expr) -> Expr:
        name = entry.base.label.name
        match name:
            case "A1":  # max(z, 0) = I(z >= 0) z
                at = self.of(z1[entry.indices])
                return self.times(self.indicator(at, strict=False), at)
            case "A2" | "L_of":
                return self.of(definition(entry))
            case "y" if self.one_hot:  # 1 for the true class of this very example, 0 for every other
                index, *example = entry.indices
                return KroneckerDelta(index, T[example[0]] if example else t)
        return self.of(definition(entry)) if name in self.expanded else entry

    # --- products and powers ----------------------------------------------------------------------

    def times(self, first: Expr, second: Expr) -> Expr:
        """Products of sums are multiplied out."""
        left, right = sp.Add.make_args(first), sp.Add.make_args(second)
        if len(left) * len(right) > MOST_TERMS:
            raise Unproven(f"multiplied out it has more than {MOST_TERMS} terms")
        return sp.Add(*(self.tidy(a * b) for a in left for b in right))

    def tidy(self, term: Expr) -> Expr:
        """One product.

        - An indicator is its own square: it is 0 or 1.
        - I(u > 0) I(u >= 0) = I(u > 0), and u I(u > 0) = u I(u >= 0): at u = 0 both sides are 0.
        - delta_ab f(b) = delta_ab f(a): where a is not b, both sides are 0.
        """
        powers = {base: 1 if isinstance(base, INDICATORS) else power for base, power in _powers(term).items()}
        for strict in [base for base in powers if isinstance(base, Positive)]:
            (inner,) = strict.args
            if powers.get(inner, 0) > 0:
                del powers[strict]
                powers[Gate(inner)] = 1
            else:
                powers.pop(Gate(inner), None)
        for delta in [base for base in powers if isinstance(base, KroneckerDelta)]:
            keep, drop = sorted(delta.args, key=_rank)
            rest = _product((base, power) for base, power in powers.items() if base != delta)
            if rest.has(drop):
                return self.times(delta, self.renamed(rest, drop, keep))
        return _product(powers.items())

    def power(self, base: Expr, exponent: Expr) -> Expr:
        """(a b)^p = a^p b^p: for whole p > 0 always, for any other p where a and b are positive."""
        if exponent.is_Integer and exponent > 0:
            if exponent > HIGHEST_POWER:
                raise Unproven(f"a power higher than {HIGHEST_POWER} is not multiplied out")
            return functools.reduce(self.times, [base] * int(exponent))
        if base == 0 and exponent.is_negative:
            raise Undefined("it divides by 0")
        common, rest = _common_factor(base)
        if not is_positive(rest):
            raise Unproven("what it divides by, or takes a root of, is not seen to be more than 0")
        return _product((factor, power * exponent) for factor, power in _powers(common * rest).items())

    # --- exp and log ------------------------------------------------------------------------------

    def exponential(self, term: Expr) -> Expr:
        """e^(a + b) = e^a e^b, e^(p a) = (e^a)^p for rational p, and e^(p log a) = a^p: log a stands for positive a."""
        number, rest = term.as_coeff_Mul()
        if isinstance(rest, sp.log):
            return self.power(rest.args[0], number)
        return Exp(rest) ** number if number.is_Rational else Exp(term)

    def logarithm(self, arg: Expr) -> Expr:
        """log(a b) = log a + log b, log(a^p) = p log a and log e^a = a: for positive a and b."""
        if arg == 0 or arg.is_negative:
            raise Undefined("it takes the logarithm of 0 or of a negative number")
        common, inner = _common_factor(arg)
        if not is_positive(inner):
            raise Unproven("what it takes the logarithm of is not seen to be more than 0")
        powers = _powers(common) if inner == 1 else _powers(common * inner)
        return sp.Add(*(power * (base.args[0] if base.func == Exp else sp.log(base)) for base, power in powers.items()))

    # --- conditions: indicators, gates and cases --------------------------------------------------

    def condition(self, condition: Expr) -> Expr:
        """1 where the condition holds, 0 elsewhere. Two letters are compared by a delta if they have one range."""
        if not condition.is_Relational:
            raise Unproven(f"there is no rule for the condition {condition}")
        left, right = condition.args
        if condition.func in (sp.Eq, sp.Ne):
            if is_index(left) and is_index(right):
                if _count(left) != _count(right):
                    raise Unproven(f"{left} and {right} count different things")
                same = KroneckerDelta(left, right)
            else:  # I(u = 0) = I(u >= 0) - I(u > 0)
                difference = self.of(left) - self.of(right)
                same = self.indicator(difference, strict=False) - self.indicator(difference, strict=True)
            return same if condition.func == sp.Eq else 1 - same
        if condition.func in (sp.Le, sp.Lt):
            left, right = right, left
        return self.indicator(self.of(left) - self.of(right), strict=condition.func in (sp.Gt, sp.Lt))

    def indicator(self, u: Expr, strict: bool) -> Expr:
        """I(u >= 0), or with ``strict`` I(u > 0), of a u in normal form.

        - With an indicator x in u: I(u) = x I(u at x = 1) + (1 - x) I(u at x = 0): x is 0 or 1.
        - A positive factor of u does not change its sign; a sum of positive terms is positive.
        - I(-u >= 0) = 1 - I(u > 0), and I(-u > 0) = 1 - I(u >= 0).
        """
        terms = sp.Add.make_args(u)
        for x in (base for term in terms for base in _powers(term) if isinstance(base, INDICATORS)):
            off = sp.Add(*(term for term in terms if x not in _powers(term)))
            on = sp.Add(off, *(term / x for term in terms if x in _powers(term)))
            at_0 = self.indicator(off, strict)
            return self.times(x, self.indicator(on, strict) - at_0) + at_0
        _, u = _common_factor(u)
        if u.is_Number:
            return sp.Integer(1 if u > 0 or (u == 0 and not strict) else 0)
        if is_positive(u) or is_positive(sp.Mul(-1, u).expand()):
            return sp.Integer(is_positive(u))
        leading = min(sp.Add.make_args(u), key=lambda term: str(term.as_coeff_Mul()[1]))
        number, _ = leading.as_coeff_Mul()
        u = sp.Add(*(term / number for term in sp.Add.make_args(u)))
        if number > 0:
            return Positive(u) if strict else Gate(u)
        return 1 - (Gate(u) if strict else Positive(u))

    def cases(self, expr: Expr) -> Expr:
        """A sum of value times indicator, where each case holds alone and one of them always holds.

        Two cases may hold at once where their values agree.
        """
        result, none_holds = sp.Integer(0), sp.Integer(1)
        before: list[tuple[Expr, Expr]] = []
        for value, condition in expr.args:
            number = self.of(value)
            if condition == sp.true:
                return result + self.times(none_holds, number)
            holds = self.condition(condition)
            for other, other_holds in before:
                if self.times(self.times(holds, other_holds), number - other) != 0:
                    raise Unproven("its cases are not seen to exclude one another")
            before.append((number, holds))
            result += self.times(self.times(none_holds, holds), number)
            none_holds = self.times(none_holds, 1 - holds)
        if none_holds != 0:
            raise Unproven("its cases are not seen to leave no gap")
        return result

    # --- sums -------------------------------------------------------------------------------------

    def total(self, index: Expr, low: Expr, high: Expr, summand: Expr) -> Expr:
        """A sum over a whole range. Its letter is renamed first, so that nothing inside takes it for another's."""
        if low != 1 or high not in LETTERS:
            raise Unproven(f"a sum over {low}..{high} is not over a whole range")
        free = {symbol.name for symbol in summand.free_symbols if symbol.is_Symbol}
        names = (f"{LETTERS[high]}'{number}" for number in itertools.count())
        bound = sp.Symbol(next(name for name in names if name not in free), integer=True)
        terms = sp.Add.make_args(self.of(summand.xreplace({index: bound})))
        return sp.Add(*(self.summed(term, [bound]) for term in terms))

    def summed(self, term: Expr, bound: list[Expr]) -> Expr:
        """One product, summed over its bound indices.

        - The sum of a f, where a holds no bound index, is a times the sum of f; sums swap; a sum times f is the sum of
          each term times f, its letter renamed.
        - The sum over b of delta_ab f(b) is f(a), where a and b have one range.
        - The sum of 1 is the size of the range.
        - The sum over b of f(b) is taken first, whatever the order of the sums, where the term is divided by it.
        """
        powers = _powers(term)
        for base, power in powers.items():  # a sum that depends on a bound index is opened and summed together with it
            if isinstance(base, sp.Sum) and power.is_Integer and power > 0 and base.free_symbols & set(bound):
                fresh = _fresh(base)
                rest = _product({**powers, base: power - 1}.items())
                terms = self.times(rest, base.function.xreplace(fresh))
                return sp.Add(*(self.summed(one, [*bound, *fresh.values()]) for one in sp.Add.make_args(terms)))
        for delta in (base for base in powers if isinstance(base, KroneckerDelta)):
            for drop, keep in (delta.args, delta.args[::-1]):
                if drop in bound and _count(drop) == _count(keep):
                    rest = _product((base, power) for base, power in powers.items() if base != delta)
                    terms = sp.Add.make_args(self.renamed(rest, drop, keep))
                    return sp.Add(*(self.summed(one, [index for index in bound if index != drop]) for one in terms))
        if len(bound) > 1 and any(isinstance(base, sp.Sum) and power.is_negative for base, power in powers.items()):
            for index in bound:
                summed = {base: power for base, power in powers.items() if index in base.free_symbols}
                total = self.canonical([base**power for base, power in summed.items()], {index})
                if powers.get(total, sp.Integer(0)).is_negative and total not in summed:
                    rest = _product((base, power) for base, power in powers.items() if base not in summed)
                    return self.summed(rest * total, [other for other in bound if other != index])
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
            return sp.Integer(1)  # a label's entries sum to 1, over the classes and of one example
        if len(group) > MOST_INDICES:
            raise Unproven(f"a sum over more than {MOST_INDICES} indices at once is not tried")
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
        return SumOf(written, *limits)

    # --- another index in place of one --------------------------------------------------------------

    def renamed(self, expr: Expr, old: Expr, new: Expr) -> Expr:
        """Another index in place of ``old``; what is bound or ordered inside is brought to its form anew."""
        if not expr.has(old):
            return expr
        terms = []
        for term in sp.Add.make_args(expr):
            factors = (self.factor_renamed(base, power, old, new) for base, power in _powers(term).items())
            terms.append(functools.reduce(self.times, factors))
        return sp.Add(*terms)

    def factor_renamed(self, base: Expr, power: Expr, old: Expr, new: Expr) -> Expr:
        if not base.has(old):
            return base**power
        if isinstance(base, Gate | Positive):
            return self.indicator(self.renamed(base.args[0], old, new), strict=isinstance(base, Positive))
        if base.func == Exp:
            inner = sp.Add.make_args(self.renamed(base.args[0], old, new))
            return functools.reduce(self.times, (self.exponential(power * term) for term in inner))
        if isinstance(base, sp.log):
            return self.power(self.logarithm(self.renamed(base.args[0], old, new)), power)
        if base.is_Add:
            return self.power(self.renamed(base, old, new), power)
        if not isinstance(base, sp.Sum):
            return base.xreplace({old: new}) ** power
        names = _fresh(base)
        terms = sp.Add.make_args(self.renamed(base.function.xreplace(names), old, new))
        return self.power(sp.Add(*(self.summed(term, list(names.values())) for term in terms)), power)


def _rank(index: Expr) -> tuple[bool, bool, Any]:
    """Which of two equal indices is kept: a letter rather than a bound index rather than a true class T[n]."""
    return isinstance(index, sp.Indexed), "'" in str(index) or isinstance(index, sp.Dummy), index.sort_key()


WEIGHTS = (w1, b1, w2, b2)
_LABELS, _ONE_HOT, _EXPANDED = NormalForm(False), NormalForm(True), NormalForm(True, expanded=("z1", "z2"))
