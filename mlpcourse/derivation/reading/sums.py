"""The sums of a line: their letters, their limits, and the range that a letter without limits has in the arrays."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import sympy as sp
from lark import Token

from mlpcourse.derivation import letters
from mlpcourse.derivation.letters import COUNTS, Expr, Sum
from mlpcourse.derivation.reading.errors import Unreadable
from mlpcourse.derivation.reading.names import COUNTED, SUBSCRIPTS, Bound, NameReader, column_of
from mlpcourse.derivation.written import minus, plus, times

MOST_SUMS, MOST_NESTED = 16, 4
PART_OF_RANGE = (
    "there is no rule for a part of a range. A sum runs from 1 to K, H, D or N, and may leave one index out: "
    "sum[k=1..K, k != i]."
)


UNEQUAL = ("!=", "≠", r"\neq", r"\ne", "<>", r"\not=")


class Limit(NamedTuple):
    """A sum's letter where it stands, its limits if they are given, and the letter whose value is left out."""

    token: Token
    letter: str
    low: Expr = None
    high: Expr = None
    left_out: Token | None = None


class SumReader(NameReader):
    """Reads sums."""

    def _total(self, tree: Any, _sum: Token, limits: Any, *rest: Any) -> Expr:
        *sign, body = rest
        return self._summed(tree, self._limits(limits), body, negative=bool(sign) and sign[0] != "+")

    def _summed(self, tree: Any, limits: list[Limit], body: Any, negative: bool = False) -> Expr:
        """The sums over ``limits``, the first outermost."""
        self.sums += len(limits)
        if self.sums > MOST_SUMS:
            raise Unreadable(column_of(tree), f"The line has more than {MOST_SUMS} sums. Write it in shorter steps.")
        if len(self.scope) + len(limits) > MOST_NESTED:
            raise Unreadable(column_of(tree), f"Here are more than {MOST_NESTED} sums inside one another.")
        outer = dict(self.scope)
        ranges = []
        for token, letter, low, high, left_out in limits:
            count = None if high is None else high
            self.scope[letter] = bound = Bound(count if high is not None else None)
            if high is not None and low == 0:
                self._problem(
                    token, f"The sum begins at 0, but {COUNTED.get(high, 'everything')} here are counted from 1: "
                    "there is no entry 0."
                )  # fmt: skip
            elif high is not None and low != 1:
                self._problem(token, f"The sum begins at {low}: {PART_OF_RANGE}")
            if left_out is not None and str(left_out) == letter:
                raise Unreadable(column_of(left_out), f"{letter} is never other than itself: leave another letter out.")
            bound.partners += [] if left_out is None else [str(left_out)]
            ranges.append(bound)
        value = self.number(body)
        if negative:
            value = minus(value)
        for (token, letter, low, high, left_out), bound in zip(limits[::-1], ranges[::-1], strict=True):
            if high is None:
                low, high = sp.Integer(1), self._range(token, letter, bound)
            index = getattr(letters, letter)
            if left_out is not None:
                other = self._letter(left_out, str(left_out))
                value = times(plus(sp.Integer(1), minus(sp.KroneckerDelta(index, other, evaluate=False))), value)
            value = Sum(value, (index, low, high))
        self.scope = outer
        return value

    def _range(self, token: Token, letter: str, bound: Bound) -> Expr:
        """The range that the letter has in the arrays. Raises Unreadable where there are two, or none."""
        if len(bound.ranges) > 1:
            first, second = list(bound.ranges.items())[:2]
            raise Unreadable(
                column_of(token), f"{letter} runs over {COUNTED[first[0]]} in {first[1]} and over "
                f"{COUNTED[second[0]]} in {second[1]}. Use two letters, unless an index stands in the "
                "wrong place, or another array is meant."
            )  # fmt: skip
        if bound.ranges:
            return next(iter(bound.ranges))
        for partner in bound.partners:
            other = self.scope.get(partner)
            if other is None or other.count is not None:
                return COUNTS[partner] if other is None else other.count
            if len(other.ranges) == 1:
                return next(iter(other.ranges))
        raise Unreadable(
            column_of(token), f"What does {letter} run over? It stands in no array here. Write the limits: "
            f"sum[{letter}=1..{COUNTS[letter]}]."
        )  # fmt: skip

    def _limits(self, tree: Any) -> list[Limit]:
        first, *rest = (child for child in tree.children if getattr(child, "type", "") != "CARET")
        if getattr(first, "type", "") == "SUBSCRIPT":
            return self._short_limits(first, [self._bound_of(child) for child in rest])
        made: list[Limit] = []
        above = None
        for child in (first, *rest):
            if getattr(child, "data", "") == "left_out":
                self._leave_out(made, *child.children)
            elif getattr(child, "data", "") == "limit":
                token, *bounds = child.children
                low, high = (*map(self._bound_of, bounds), None, None)[:2]
                made.append(Limit(token, self._sum_letter(token, str(token)), low, high))
            else:
                above = self._bound_of(child)
        if above is not None:
            low = made[0].low if made[0].low is not None else sp.Integer(1)
            made[0] = made[0]._replace(low=low, high=above)
        for limit in made:
            if limit.low is not None and limit.high is None:
                raise Unreadable(
                    column_of(limit.token), f"The sum begins at {limit.letter} = {limit.low}. Where does it end? Write "
                    f"sum[{limit.letter}={limit.low}..{COUNTS[limit.letter]}]."
                )  # fmt: skip
        return made

    def _short_limits(self, token: Token, bounds: list[Expr]) -> list[Limit]:
        """sum_k, sum_kj, sum_k^K and sum_k=1^K."""
        names = re.sub(r"\b(over|all|of)\b|[\s_{},]", "", str(token).translate(SUBSCRIPTS))
        if bounds and len(names) > 1:
            raise Unreadable(column_of(token), "Several letters and one limit: give each its own sum.")
        low, high = (sp.Integer(1), bounds[0]) if len(bounds) == 1 else bounds or (None, None)
        return [Limit(token, self._sum_letter(token, name), low, high) for name in names]

    def _leave_out(self, made: list[Limit], token: Token, relation: Token, other: Token) -> None:
        letter = self._sum_letter(token, str(token))
        if str(relation) not in UNEQUAL:
            raise Unreadable(column_of(relation), f"A sum leaves an index out with !=, not with {relation}.")
        if str(other) not in COUNTS:
            raise Unreadable(column_of(other), f"{other} is no index letter.")
        if made and made[-1].letter == letter:
            made[-1] = made[-1]._replace(left_out=other)
        else:
            made.append(Limit(token, letter, left_out=other))

    def _sum_letter(self, token: Token, name: str) -> str:
        if name not in COUNTS:
            raise Unreadable(
                column_of(token), f"{name} is no index letter: a sum runs over i, k, m (classes), j, l (hidden units), "
                "d, p (inputs) or n, q (examples)."
            )  # fmt: skip
        return name

    def _bound_of(self, part: Any) -> Expr:
        value = self.of(part)
        if value in COUNTED or (value.is_Integer and 0 <= value <= 9):
            return value
        raise Unreadable(column_of(part), f"{self._source(part)}: {PART_OF_RANGE}")

    def _summation(self, tree: Any, _sum: Token, *parts: Any) -> Expr:
        """sum(k, ...), sum(k=1..K, ...), sum(..., k), sum(k, 1, K, ...)."""
        first, last = parts[0], parts[-1]
        if limit := self._limit_in(first):
            body = last
            if len(parts) == 4:
                limit = limit._replace(low=self._bound_of(parts[1]), high=self._bound_of(parts[2]))
            elif len(parts) != 2:
                raise Unreadable(column_of(tree), "Write sum(k, ...), with the letter and what is summed.")
        elif len(parts) == 2 and (limit := self._limit_in(last)):
            body = first
        else:
            raise Unreadable(column_of(tree), "A sum needs its index: sum(k, ...), or sum_k ... .")
        return self._summed(tree, [limit], body)

    def _limit_in(self, part: Any) -> Limit | None:
        tokens = list(part.scan_values(lambda one: isinstance(one, Token)))
        if not tokens or tokens[0].type != "NAME" or str(tokens[0]) not in COUNTS:
            return None
        token, letter = tokens[0], str(tokens[0])
        if len(tokens) == 1:
            return Limit(token, letter)
        if part.data == "left_out_in":
            return Limit(token, letter, left_out=tokens[-1])
        if part.data == "limit_in":
            return Limit(token, letter, *map(self._bound_of, part.children[1:3]))
        return None
