"""The parts of a line: sums of terms, products, powers, functions, derivatives, cases, matrices."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from typing import Any, NamedTuple

import sympy as sp
from lark import Token, Tree

from mlpcourse.derivation import letters
from mlpcourse.derivation.letters import COUNTS, Entry, Expr, L, L_mean, L_of, Partial, matrix
from mlpcourse.derivation.numbers import free_indices
from mlpcourse.derivation.reading.errors import Unreadable
from mlpcourse.derivation.reading.names import (
    ARRAYS,
    DELTAS,
    SIZES,
    SUBSCRIPTS,
    Abbreviation,
    column_of,
    first_letters,
    is_array,
    shape_of,
    split,
)  # fmt: skip
from mlpcourse.derivation.reading.sums import UNEQUAL, SumReader
from mlpcourse.derivation.written import minus, over, plus, power, times

MOST_PARTS, DEEPEST_PART, HIGHEST_POWER = 300, 100, 6


@dataclass(frozen=True)
class Written:
    """A line as it was read.

    sides: what stands between its equals signs. problems: (column, sentence) of what it says and what has no meaning,
    or not always. defines: the name that it gives, if it is no step but a definition. aside: it says something of
    another quantity than the left-hand side.
    """

    sides: tuple[Expr, ...]
    problems: tuple[tuple[int, str], ...] = ()
    defines: str = ""
    abbreviation: Abbreviation | None = None
    aside: bool = False


class _Open(NamedTuple):
    """log x, exp x or d/dz x without brackets, and where it stands."""

    value: Expr
    at: Any
    how: str


def _named_entry(side: Expr) -> Expr:
    """An entry of a named array, where that is written as a matrix."""
    return letters.entry_of(*side.args) if getattr(side, "func", None) == Entry else side


def _is_aside(side: Expr, last: Expr, lhs: Expr) -> bool:
    """Whether a line begins with the loss, an entry or a derivative of other arrays than lhs, or ends in a number."""
    if side in (L, L_mean) or last.is_Number:
        return bool(side != lhs)
    if not isinstance(side, sp.Indexed) and getattr(side, "func", None) != Partial:
        return False
    return bool(side.atoms(sp.IndexedBase) != lhs.atoms(sp.IndexedBase) or side.func != lhs.func)


class LineReader(SumReader):
    """One walk over the tree that the grammar found: a method for each of its rules."""

    def line(self, tree: Tree[Token]) -> Written:
        sides = list(tree.children)
        if len(sides) > 1 and (named := self._unknown_name(sides[0])):
            return self._definition(named, sides[1])
        first = self.side(sides[0]) if len(sides) > 1 or self.lhs is None else None
        values = [*([first] if first is not None else []), *map(self.side, sides[1 if first is not None else 0 :])]
        values = self._same_kind(values, sides)
        first_side = _named_entry(values[0])
        aside = len(sides) > 1 and self.lhs is not None and _is_aside(first_side, values[-1], self.lhs)
        if aside:
            values[0] = first_side
        if self.lhs is not None:
            self._check_free(values[1:] if aside else values, values[0] if aside else self.lhs)
        return Written(tuple(values), tuple(sorted(self.problems)), aside=aside)

    def side(self, tree: Any) -> Expr:
        value = self.of(tree)
        if value.is_Relational if hasattr(value, "is_Relational") else False:
            raise Unreadable(column_of(tree), "This compares two things. A line says what is equal: write =.")
        return value

    # -- a whole line

    def _unknown_name(self, side: Any) -> Token | None:
        tokens = list(side.scan_values(lambda part: isinstance(part, Token)))
        if len(tokens) != 1 or tokens[0].type != "NAME":
            return None
        name, _ = split(tokens[0])
        known = name in ARRAYS or name in DELTAS or name in SIZES or name in ("L", "c", "e", "delta")
        return None if known or (name in COUNTS and name not in ("p", "q", "d", "m", "n", "l")) else tokens[0]

    def _definition(self, token: Token, side: Any) -> Written:
        name, indices = split(token)
        if strange := [letter for letter in indices if letter not in COUNTS]:
            raise Unreadable(column_of(token), f"{strange[0]} is no index letter, so {token} cannot be defined.")
        value = self.of(side)
        if extra := [str(one) for one in free_indices(value) if str(one) not in indices] if not is_array(value) else []:
            raise Unreadable(
                column_of(side), f"{name} is to stand for something with the index {extra[0]}: write "
                f"{name}_{indices}{extra[0]} = ... on the left."
            )  # fmt: skip
        return Written((value,), tuple(sorted(self.problems)), name, Abbreviation(tuple(indices), value))

    def _same_kind(self, values: list[Expr], sides: list[Any]) -> list[Expr]:
        """Matrix formulas as entries: of the left-hand side's indices, or of the first letters of their ranges."""
        whole = [value for value in values if is_array(value)]
        if not whole:
            return values
        scalar = [value for value in values if not is_array(value)]
        if self.lhs is not None and not (values[0] is whole[0] and len(values) > 1 and self._is_of_another(whole[0])):
            indices = free_indices(self.lhs)
        else:
            indices = max((free_indices(value) for value in scalar), key=len, default=()) or first_letters(whole[0])
        made = []
        for value, side in zip(values, sides, strict=True):
            if not is_array(value):
                made.append(value)
                continue
            rows, columns = value.shape
            shape = (rows,) if columns == 1 else (rows, columns)
            wanted = tuple(COUNTS[index.name] for index in indices)
            if shape != wanted:
                raise Unreadable(
                    column_of(side), f"This matrix formula has the shape {shape_of(shape)}, but "
                    f"{shape_of(wanted)} is needed here."
                )  # fmt: skip
            made.append(Entry(value, *indices))
        return made

    def _is_of_another(self, array: Expr) -> bool:
        """Whether a matrix that a line begins with is another than the left-hand side's."""
        entry = letters.entry_of(array, *first_letters(array))
        return _is_aside(entry, entry, self.lhs)

    def _check_free(self, values: list[Expr], lhs: Expr) -> None:
        allowed = {str(index) for index in free_indices(lhs)}
        for value in values:
            for index in free_indices(value):
                if index.name not in allowed:
                    column = self.free.get(index.name, 1)
                    have = f"it has {', '.join(sorted(allowed))}" if allowed else "it has none"
                    raise Unreadable(
                        column, f"The index {index} is free here, and the left-hand side does not have it ({have}). "
                        f"Sum over it (sum_{index} ...) or use an index of the left-hand side."
                    )  # fmt: skip

    # -- every part

    def of(self, part: Any) -> Any:
        self.parts += 1
        if self.parts > MOST_PARTS:
            raise Unreadable(column_of(part), f"The line has more than {MOST_PARTS} parts. Write it in shorter steps.")
        if isinstance(part, Token):
            return self._token(part)
        self.depth += 1
        if self.depth > DEEPEST_PART:
            raise Unreadable(column_of(part), "The line is nested too deeply. Write it in shorter steps.")
        value = getattr(self, f"_{part.data}")(part, *part.children)
        self.depth -= 1
        return value

    def number(self, part: Any) -> Expr:
        """A part that must be a number and no matrix."""
        value = self.of(part)
        if isinstance(value, _Open):
            value = value.value
        if is_array(value):
            raise Unreadable(column_of(part), f"{self._source(part)} is a whole array: write its entry, with an index.")
        return value

    def _token(self, token: Token) -> Expr:
        match token.type:
            case "NUMBER":
                return self._numeral(token)
            case "ONES":
                return matrix("ones", batch=self.batch)
            case "NAME":
                return self._name(token)
        raise Unreadable(column_of(token), f"{token} cannot stand here.")

    @staticmethod
    def _numeral(token: Token) -> Expr:
        if len(token) > 9:
            raise Unreadable(column_of(token), "This number is too long for a line of the derivation.")
        value = sp.Rational(str(token))
        return value if value.is_Integer else over(sp.Integer(value.p), sp.Integer(value.q))

    # -- sums and products

    def _group(self, tree: Any, inner: Any) -> Expr:
        value = self.of(inner)
        return self._indicated(tree, value) if getattr(value, "is_Relational", False) else value

    def _expr(self, tree: Any, *children: Any) -> Expr:
        terms, sign = [], "+"
        for child in children:
            if isinstance(child, Token) and child.type == "SIGN":
                sign = str(child)
                continue
            value = self.of(child)
            if isinstance(value, _Open):
                value = value.value
            if getattr(value, "is_Relational", False):
                raise Unreadable(column_of(child), "A comparison cannot be added: put it in I(...).")
            terms.append((value, sign != "+", child))
        return self._added(terms)

    def _added(self, terms: list[tuple[Expr, bool, Any]]) -> Expr:
        if not any(is_array(value) for value, _, _ in terms):
            return plus(*(minus(value) if negative else value for value, negative, _ in terms))
        made = []
        for value, negative, child in terms:
            if not is_array(value):
                raise Unreadable(
                    column_of(child), f"{self._source(child)} is a number and the rest a whole array: they cannot be "
                    "added. Write indices everywhere, or nowhere."
                )  # fmt: skip
            if value.shape != terms[0][0].shape:
                raise Unreadable(
                    column_of(child), f"{self._source(child)} has the shape {shape_of(value.shape)}, what stands "
                    f"before it {shape_of(terms[0][0].shape)}: they cannot be added."
                )  # fmt: skip
            made.append(_negated(value) if negative else value)
        return made[0] if len(made) == 1 else sp.MatAdd(*made)

    def _entrywise(self, tree: Any, *children: Any) -> Expr:
        values = [self.of(child) for child in children]
        values = [value.value if isinstance(value, _Open) else value for value in values]
        if not any(map(is_array, values)):
            return times(*values)
        for value, child in zip(values, children, strict=True):
            if not is_array(value) or value.shape != values[0].shape:
                shape = shape_of(value.shape) if is_array(value) else "of one number"
                raise Unreadable(
                    column_of(child), f"Entry by entry, both sides need one shape: {self._source(child)} has the shape "
                    f"{shape}, the first {shape_of(values[0].shape) if is_array(values[0]) else 'of one number'}."
                )  # fmt: skip
        return sp.HadamardProduct(*values)

    def _term(self, tree: Any, *children: Any) -> Expr:
        if len(children) == 1:
            return self.of(children[0])
        items: list[tuple[Expr, Any]] = []
        starred: set[int] = set()
        sign, divided = "", False
        for child in children:
            if isinstance(child, Token) and child.type in ("TIMES", "OVER"):
                sign = child.type
                continue
            value = self.of(child)
            if items and isinstance(items[-1][0], _Open):
                self._ask_open(items[-1][0])
            if items and not sign and divided and not self._is_apart(items[-1][1], child):
                before, after = self._source(items[-1][1]), self._source(child)
                raise Unreadable(
                    column_of(child), f"What is divided by {before} {after}? Write brackets: (... / {before}) {after}, "
                    f"or ... / ({before} {after})."
                )  # fmt: skip
            if sign == "OVER":
                self._ask_divisor(child)
                below = value.value if isinstance(value, _Open) else value
                above, first = items.pop()
                items.append((self._quotient(above, below, first, child), child))
            else:
                items.append((value, child))
                starred |= {id(child)} if sign else set()
            divided, sign = sign == "OVER", ""
        values = [(value.value if isinstance(value, _Open) else value, child) for value, child in items]
        return self._multiplied(values, starred)

    def _is_apart(self, below: Any, after: Any) -> bool:
        """Whether nobody reads ``after`` as below the stroke: c/2 w2_kj, 1/N sum_n, with a space only there."""
        counted = isinstance(below, Token) and (below.type == "NUMBER" or below in SIZES)
        return counted and self.text[column_of(below) - 2] in "/÷" and self.text[column_of(after) - 2].isspace()

    def _ask_open(self, open_: _Open) -> None:
        inner = open_.how
        raise Unreadable(
            column_of(open_.at), f"How far does {inner} reach? Write brackets: {inner}(...) around all that it acts on."
        )  # fmt: skip

    def _ask_divisor(self, child: Any) -> None:
        """A sum below a stroke takes the rest of its term: with more than one factor, that is asked about."""
        if isinstance(child, Tree) and child.data == "total":
            body = child.children[-1]
            if len(body.children) > 1:
                raise Unreadable(
                    column_of(child), "How far does this sum below the stroke reach? Put it in brackets: "
                    ".../(sum_j ...)."
                )  # fmt: skip

    def _quotient(self, above: Expr, below: Expr, first: Any, child: Any) -> Expr:
        if is_array(below):
            said = f"{self._source(child)} is an array: divide by an entry of it, which has an index."
            raise Unreadable(column_of(child), said)
        if below == 0:
            raise Unreadable(column_of(child), "Nothing can be divided by 0.")
        if is_array(above):
            return _scaled(over(sp.Integer(1), below), above)
        return over(above, below)

    def _multiplied(self, items: list[tuple[Expr, Any]], starred: Container[int]) -> Expr:
        """The product. A ``*`` multiplies entry by entry, as numpy's does, where no matrix product can be meant."""
        numbers = [value for value, _ in items if not is_array(value)]
        arrays = [(value, child) for value, child in items if is_array(value)]
        if not arrays:
            return times(*numbers)
        product, _ = arrays[0]
        for value, child in arrays[1:]:
            if product.shape[1] != value.shape[0]:
                if product.shape == value.shape and id(child) in starred:
                    product = sp.HadamardProduct(product, value)
                    continue
                hint = " For a product entry by entry write .* or ⊙." if product.shape == value.shape else ""
                raise Unreadable(
                    column_of(child), f"These matrices do not conform: {shape_of(product.shape)} times "
                    f"{shape_of(value.shape)}.{hint}"
                )  # fmt: skip
            left = product.args if isinstance(product, sp.MatMul) else (product,)
            right = value.args if isinstance(value, sp.MatMul) else (value,)
            product = sp.MatMul(*left, *right)
        return _scaled(times(*numbers), product) if numbers else product

    def _signed(self, tree: Any, sign: Token, factor: Any) -> Expr:
        value = self.of(factor)
        if isinstance(value, _Open):
            return _Open(minus(value.value), value.at, value.how) if sign != "+" else value
        if sign == "+":
            return value
        return _negated(value) if is_array(value) else minus(value)

    # -- powers, functions, derivatives

    def _raised(self, tree: Any, base: Any, _caret: Token, exponent: Any) -> Expr:
        raised = self._exponent_of(exponent)
        if isinstance(base, Token) and base == "e":
            return sp.exp(raised, evaluate=False)
        value = self.number(base)
        if raised.is_Number and not (raised.is_Integer and abs(raised) <= HIGHEST_POWER):
            raise Unreadable(column_of(exponent), f"Powers from -{HIGHEST_POWER} to {HIGHEST_POWER} are read here.")
        if not raised.is_Number:
            raise Unreadable(column_of(exponent), "Only e is raised to something other than a number here: e^(...).")
        return power(value, raised)

    def _exponent_of(self, tree: Any) -> Expr:
        *sign, inner = tree.children
        value = self.number(inner)
        return minus(value) if sign and sign[0] != "+" else value

    def _squared(self, tree: Any, base: Any, _sign: Token) -> Expr:
        return power(self.number(base), sp.Integer(2))

    def _transposed(self, tree: Any, base: Any, _sign: Token) -> Expr:
        value = self.of(base)
        if not is_array(value):
            said = f"{self._source(base)} is a number: it has no transpose. A derivative is written d/dA2_k (...)."
            raise Unreadable(column_of(tree), said)
        return value.args[0] if isinstance(value, sp.Transpose) else sp.Transpose(value)

    def _log(self, tree: Any, _log: Token, group: Any) -> Expr:
        return self._logarithm(tree, self.number(group))

    def _logarithm(self, tree: Any, value: Expr) -> Expr:
        if value.is_Number and value <= 0:
            raise Unreadable(column_of(tree), f"The logarithm of {value} does not exist.")
        return sp.log(value, evaluate=False)

    def _exp(self, tree: Any, _exp: Token, group: Any) -> Expr:
        return sp.exp(self.number(group), evaluate=False)

    def _open(self, tree: Any, what: Any, inner: Any) -> Any:
        return _Open(self._applied(tree, what, inner), tree, self._source(what))

    def _open_total(self, tree: Any, what: Any, inner: Any) -> Expr:
        return self._applied(tree, what, inner)

    def _applied(self, tree: Any, what: Any, inner: Any) -> Expr:
        value = self.number(inner)
        if isinstance(what, Token):
            return self._logarithm(tree, value) if what.type == "LOG" else sp.exp(value, evaluate=False)
        return self._partial(tree, value, what.children[-1])

    def _closed(self, tree: Any, first: Any, group: Any = None) -> Expr:
        if group is None:
            return self.of(first)
        return self._partial(tree, self.number(group), first.children[-1])

    def _derivative(self, tree: Any, *children: Any) -> Expr:
        of = next(child for child in children if not (isinstance(child, Token) and child.type in ("D", "OVER")))
        value = self.of(of)
        if isinstance(value, _Open):
            value = value.value
        return self._partial(tree, value, children[-1])

    def _partial(self, tree: Any, value: Expr, by: Token) -> Expr:
        entry = self.of(by)
        if is_array(entry) and isinstance(entry, sp.MatrixSymbol) and value in (L, L_mean) and entry.name in ARRAYS:
            return matrix(f"dL/d{entry.name}", batch=self.batch)
        if is_array(value) or is_array(entry):
            raise Unreadable(
                column_of(tree), f"{self._source(tree)}: a derivative of or by a whole array is written with indices, "
                "as in dA2_k/dz2_i."
            )  # fmt: skip
        if not isinstance(entry, sp.Indexed) or entry.base == L_of:
            raise Unreadable(column_of(by), f"{by} is no entry of an array: differentiate by one, as in dL/dz2_i.")
        return Partial(value, entry)

    def _fraction(self, tree: Any, above: Any, below: Any) -> Expr:
        return self._quotient(self.of(above), self.of(below), above, below)

    # -- comparisons and cases

    def _relation(self, tree: Any, left: Any, *rest: Any) -> Expr:
        *sign, right = rest
        first, second = self.of(left), self.of(right)
        if is_array(first) or is_array(second):
            return self._whole_gate(tree, first, str(sign[0]) if sign else "=", second)
        relation = _RELATIONS[str(sign[0]) if sign else "="]
        with sp.evaluate(True):
            return relation(first, second, evaluate=False)

    def _whole_gate(self, tree: Any, first: Expr, sign: str, second: Expr) -> Expr:
        z1 = matrix("z1", batch=self.batch)
        if (first, second) == (z1, 0) and _RELATIONS[sign] is sp.Ge:
            return matrix("gate", batch=self.batch)
        raise Unreadable(column_of(tree), "Of whole arrays, only I(z1 >= 0) is compared here. Write indices.")

    def _indicated(self, tree: Any, condition: Expr) -> Expr:
        """1 where the condition holds, else 0."""
        if is_array(condition):
            return condition
        return self._choice(tree, sp.Integer(1), condition, sp.Integer(0))

    def _indicator(self, tree: Any, relation: Any) -> Expr:
        return self._indicated(tree, self.of(relation))

    def _delta(self, tree: Any, first: Any, second: Any) -> Expr:
        return self._kronecker(self.number(first), self.number(second))

    def _choice(self, tree: Any, value: Expr, condition: Expr, other: Expr) -> Expr:
        if isinstance(condition, sp.Ne | sp.Lt | sp.Le):
            turned = {sp.Ne: sp.Eq, sp.Lt: sp.Ge, sp.Le: sp.Gt}
            kind = next(kind for kind in turned if isinstance(condition, kind))
            with sp.evaluate(True):
                condition = turned[kind](*condition.args, evaluate=False)
            value, other = other, value
        left, right = condition.args
        if isinstance(condition, sp.Eq):
            if (value, other) in ((1, 0), (0, 1)):
                delta = self._kronecker(left, right)
                return delta if value == 1 else plus(sp.Integer(1), minus(delta))
            self._kronecker(left, right)
        elif left.is_Number and right.is_Number:
            raise Unreadable(column_of(tree), "This compares two numbers.")
        return letters.cases(value, (condition.func, left, right), other)

    def _branches(self, tree: Any, *branches: Any) -> Expr:
        read: list[tuple[Expr, Expr | None, Any]] = []
        for branch in branches:
            value = self.number(branch.children[0])
            condition = self.of(branch.children[1]) if branch.data != "otherwise" else None
            if condition is not None and is_array(condition):
                raise Unreadable(column_of(branch), "Cases are written with indices.")
            read.append((value, condition, branch))
        (value, condition, first), *others = read
        if condition is None:
            raise Unreadable(column_of(first), "The first case needs its condition: {... if i = k, else ...}.")
        if len(others) != 1:
            raise Unreadable(column_of(tree), "Two cases are read here, the second where the first does not hold.")
        other, second, branch = others[0]
        if second is not None and not _opposed(condition, second):
            raise Unreadable(
                column_of(branch), "The second case must hold where the first does not, and nowhere else: these two "
                "overlap or leave a gap. Write else."
            )  # fmt: skip
        return self._choice(tree, value, condition, other)

    _conditional = _branches

    def _gate_of(self, tree: Any, name: Token, *args: Any) -> Expr:
        """ReLU(x), max(0, x), and ReLU'(x)."""
        values = [self.number(arg) for arg in args]
        if name == "max":
            values = [value for value in values if value != 0]
        if len(values) != 1 or (name == "max") != (len(args) == 2):
            raise Unreadable(column_of(tree), "Write ReLU(z1_j), or max(0, z1_j).")
        value = sp.Integer(1) if name.endswith("'") else values[0]
        return letters.cases(value, (sp.Ge, values[0], sp.Integer(0)), sp.Integer(0))

    # -- matrices

    def _diagonal(self, tree: Any, inner: Any) -> Expr:
        value = self.of(inner)
        if not is_array(value) or value.shape[1] != 1:
            raise Unreadable(column_of(tree), "diag(...) takes a column, as in diag(A2).")
        return sp.DiagMatrix(value)

    def _entry(self, tree: Any, group: Any, subscript: Token) -> Expr:
        value = self.of(group)
        indices = re.sub(r"[\s_{},]", "", str(subscript).translate(SUBSCRIPTS))
        if not is_array(value):
            raise Unreadable(
                column_of(subscript), "Only a matrix formula has an entry: what stands in these brackets is one."
            )
        rows, columns = value.shape
        places = (rows,) if columns == 1 else (rows, columns)
        if len(places) != len(indices) or any(letter not in COUNTS for letter in indices):
            raise Unreadable(column_of(subscript), f"This formula has the shape {shape_of(places)}: an index for each.")
        name = self._source(group)
        return Entry(value, *(self._index(subscript, *pair, name) for pair in zip(indices, places, strict=True)))


_RELATIONS = {
    **dict.fromkeys(("=", "==", ":=", "&="), sp.Eq),
    **dict.fromkeys(UNEQUAL, sp.Ne),
    **dict.fromkeys((">=", "≥", r"\geq", r"\ge", "⩾", r"\geqslant"), sp.Ge),
    **dict.fromkeys(("<=", "≤", r"\leq", r"\le", "⩽", r"\leqslant"), sp.Le),
    ">": sp.Gt, "<": sp.Lt,
}  # fmt: skip


def _negated(value: Expr) -> Expr:
    args: Any = value.args if isinstance(value, sp.MatMul) else (value,)
    if args[0] == -1:
        return args[1] if len(args) == 2 else sp.MatMul(*args[1:])
    return sp.MatMul(-1, *args)


def _scaled(number: Expr, value: Expr) -> Expr:
    if number == 1:
        return value
    if number == -1:
        return _negated(value)
    args = value.args if isinstance(value, sp.MatMul) else (value,)
    if args[0].is_Matrix:
        return sp.MatMul(number, *args)
    return sp.MatMul(times(number, args[0]), *args[1:])


def _opposed(first: Expr, second: Expr) -> bool:
    """Whether the second condition holds exactly where the first does not."""
    opposite = {sp.Eq: sp.Ne, sp.Ne: sp.Eq, sp.Ge: sp.Lt, sp.Lt: sp.Ge, sp.Gt: sp.Le, sp.Le: sp.Gt}
    turned = {sp.Eq: sp.Eq, sp.Ne: sp.Ne, sp.Ge: sp.Le, sp.Le: sp.Ge, sp.Gt: sp.Lt, sp.Lt: sp.Gt}
    kind = next(kind for kind in opposite if isinstance(first, kind))
    other = next(kind for kind in opposite if isinstance(second, kind))
    if other is opposite[kind] and first.args == second.args:
        return True
    return turned[other] is opposite[kind] and first.args == second.args[::-1]
