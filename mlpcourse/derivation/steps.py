"""Which lines of a derivation take a step, and which say again, padded or rearranged, what stands there already.

Two lines are the same by arithmetic alone when they have one normal form in which every name and every derivative
stays what it is. ``2 F - F``, ``F + x - x`` and ``sum_m delta_im F_m`` are ``F``; ``F sum_k y_k`` is a multiple of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import sympy as sp

from mlpcourse.derivation.chain import Judged, goal_of
from mlpcourse.derivation.differences import shape
from mlpcourse.derivation.letters import COUNTS, Expr, L, L_mean, Partial, depends_on, y
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.normal_form import NormalForm, Undefined, Unproven

_Log, _Divisor, _Delta = sp.Function("Log"), sp.Function("Divisor"), sp.Function("Delta")


class _Arithmetic(NormalForm):
    """The normal form without what the names mean.

    cancels: whether what a line is divided by cancels factors. picks: whether a delta picks its term out of a sum.
    """

    def __init__(self, cancels: bool, picks: bool = True) -> None:
        super().__init__(one_hot=False)
        self.cancels, self.picks = cancels, picks

    def _of(self, expr: Expr) -> Expr:
        if expr in (L, L_mean):
            return expr
        if isinstance(expr, sp.KroneckerDelta) and not self.picks:
            return _Delta(*sorted(expr.args[:2], key=str))
        if expr.func == Partial:
            return self.partial(*expr.args)
        return super()._of(expr)

    def entry(self, entry: Expr) -> Expr:
        return entry

    def logarithm(self, arg: Expr) -> Expr:
        return sp.Integer(0) if arg == 1 else _Log(arg)

    def power(self, base: Expr, exponent: Expr) -> Expr:
        if exponent.is_Integer and exponent > 0:
            return super().power(base, exponent)
        return base**exponent if self.cancels or base.is_Number else _Divisor(base) ** -exponent

    def canonical(self, factors: list[Expr], group: set[Expr]) -> Expr:
        body = sp.Mul(*factors)
        if isinstance(body, sp.Indexed) and body.base == y and len(group) == 1:  # that it is 1 is a step
            (index,) = group
            letter = sp.Symbol(f"{index.name[0]}_1", integer=True)
            return sp.Sum(body.xreplace({index: letter}), (letter, 1, COUNTS[index.name[0]]))
        return super().canonical(factors, group)

    def partial(self, of: Expr, by: Expr) -> Expr:
        """A derivative: linear, and of what does not depend on its entry 0."""
        if of == by:
            return sp.Integer(1)
        terms = []
        for term in sp.Add.make_args(self.of(of)):
            inside, outside = sp.Integer(1), sp.Integer(1)
            for factor in sp.Mul.make_args(term):
                depends = any(_depends(name, by) for name in factor.free_symbols)
                inside, outside = (inside * factor, outside) if depends else (inside, outside * factor)
            terms.append(outside * Partial(inside, by) if inside != 1 else sp.Integer(0))
        return sp.Add(*terms)


def _depends(name: Expr, by: Expr) -> bool:
    label, base = str(getattr(name, "name", "")), by.base.label.name
    return label == base or depends_on(label, base)


_SAME, _AS_COMPUTED = _Arithmetic(cancels=True), _Arithmetic(cancels=False)
_AS_SUMMED = _Arithmetic(cancels=False, picks=False)


def restates(line: Expr, other: Expr) -> bool:
    """Whether a line is another one, or holds it: as a summand, or with each of its terms times the same."""
    try:
        with sp.evaluate(True):
            return _SAME.are_equal(line, other) or _holds(_SAME.of(line), _SAME.of(other))
    except (Undefined, Unproven, RecursionError):
        return False


def _holds(line: Expr, other: Expr) -> bool:
    """Whether the line has all terms of the other, or those with a derivative if there are any, times the same."""
    terms, others = set(sp.Add.make_args(line)), sp.Add.make_args(other)
    first, *rest = [term for term in others if term.has(Partial)] or others
    whole = first.as_powers_dict()
    for term in terms:
        powers = term.as_powers_dict()
        if all(powers.get(base, 0) >= power for base, power in whole.items() if not base.is_Number):
            times = term / first
            if all(_SAME.tidy(one * times) in terms for one in rest):
                return True
    return False


def _place(line: Expr, derivation: Derivation) -> int | None:
    """Which of the course's lines but the last it is, else None.

    As written; with its terms and sums arranged otherwise; or as computed with nothing cancelled.
    """
    *before, last = (one.expr for one in derivation.lines)
    written = [shape(one) for one in before]
    if shape(line) in written:
        return written.index(shape(line))
    try:
        with sp.evaluate(True):
            for form in (_AS_SUMMED, _AS_COMPUTED):
                mine = form.of(line)
                if mine == form.of(last):
                    return None
                for place, one in enumerate(before):
                    if form.of(one) == mine:
                        return place
    except (Undefined, Unproven, RecursionError):
        pass
    return None


def _by_cases(line: Expr, last: Expr) -> bool:
    """Whether a line tells cases apart that have different values, as one does before writing them as one."""
    return isinstance(line, sp.Piecewise) and not any(
        value.has(sp.KroneckerDelta) or restates(value, last) for value, _ in line.args
    )


class Taken(NamedTuple):
    """What an unbroken chain of proven lines comes to.

    steps: on the way, each counted once, up to as many as the course has. there: whether a line is the end in whatever
    form. ended: whether one has the form that is asked for.
    """

    steps: int
    there: bool
    ended: bool


def taken(lines: Sequence[Judged], derivation: Derivation) -> Taken:
    """The steps of the lines up to the first that is wrong or to the end."""
    lhs, last, goal = derivation.lhs, derivation.lines[-1].expr, goal_of(derivation)
    steps: list[Expr] = []
    places: set[int] = set()
    found = Taken(0, False, False)
    for line in lines:
        if line.verdict in ("refuted", "unreadable"):
            break
        expr = line.expr
        if line.verdict != "proven" or line.defines or any(part == lhs for part in sp.preorder_traversal(expr)):
            continue
        place = _place(expr, derivation)
        if goal.reached(expr):
            found = Taken(len(steps), True, True)
            if place is None and not _by_cases(expr, last):
                break
        if place is None and restates(expr, last) and not _by_cases(expr, last):
            found = found._replace(there=True)
            continue
        if place is None:
            place = next((at for at, one in enumerate(derivation.lines[:-1]) if restates(expr, one.expr)), None)
        if place is not None:
            steps += [expr] if place not in places else []
            places.add(place)
        elif len(steps) < len(derivation.lines) and not any(restates(expr, one) for one in (lhs, *steps)):
            steps.append(expr)
    return found if found.ended else found._replace(steps=len(steps))


LEAP = "It leaps to the end: no step on the way is there. Which rule leads from the left-hand side to the first line?"


def leapt(lines: Sequence[Judged], derivation: Derivation) -> bool:
    """Whether the lines come to the end with no step on the way, for which grading gives half of the points."""
    found = taken(lines, derivation)
    return found.there and not found.steps and len(derivation.lines) > 1
