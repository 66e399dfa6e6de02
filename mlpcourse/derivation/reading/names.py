"""The names of a line: the closed list, their indices, and the letters that a sum binds."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import sympy as sp
from lark import Token

from mlpcourse import network
from mlpcourse.derivation import letters
from mlpcourse.derivation.letters import COUNTS, Expr, K, L, L_mean, L_of, N, Partial, Sum, matrix, split_sum
from mlpcourse.derivation.reading.errors import Unreadable

SIZES = {letter: getattr(letters, letter) for letter in "KHDN"}
COUNTED = {K: "classes", letters.H: "hidden units", letters.D: "inputs", N: "examples"}
LETTERS_OF = {
    count: [letter for letter, of in COUNTS.items() if of == count and letter != "t"] for count in COUNTED
}  # of each range, the index letters
ARRAYS = {name: shape for name, shape in network.SHAPES.items() if name in {str(one) for one in letters.ARRAYS}}
DELTAS = {"delta2": "z2", "delta1": "z1"}  # the errors: what the loss is differentiated by
EXAMPLE = {"X", "y", "z1", "A1", "z2", "A2"}  # the arrays with a column for each example
OTHER_CASE = {"W": "w", "B": "b", "Z": "z", "a": "A", "Y": "y", "x": "X"}


class Abbreviation(NamedTuple):
    """What a learner's own name stands for, with these index letters; a whole array has none."""

    indices: tuple[str, ...]
    value: Expr


SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉ᵢⱼₖₗₘₜₚₙ", "0123456789ijklmtpn")
_GREEK = {r"\delta": "delta", "δ": "delta"}


def split(token: str) -> tuple[str, str]:
    """(name, indices) of a written name, such as ("A2", "k") of A_{2k}. An unknown one is split at its first index."""
    text = re.sub(r"\\(?:mathbf|boldsymbol|mathrm|bm)\{(\w)\}", r"\1", token)
    text = re.sub(r"\\hat\s*\{?(\w)\}?", "\\1\N{COMBINING CIRCUMFLEX ACCENT}", text)
    if layer := re.search(r"\^\{?\(([12])\)\}?", text):
        text = text.replace(layer[0], "")
        text = re.sub(r"^(\w\u0302?)", rf"\g<1>{layer[1]}", text)
    text = text.translate(SUBSCRIPTS)
    for sign, name in _GREEK.items():
        text = name + text[len(sign) :] if text.startswith(sign) else text
    letters_only = re.sub(r"[\s_{}\[\],\\]", "", text)
    if known := re.match(r"(delta[12]?|[AaWwBbZz][12]|[XxYyL])([ijklmtdpnq]*)$", letters_only):
        name = known[1] if known[1].startswith("delta") else OTHER_CASE.get(known[1][0], known[1][0]) + known[1][1:]
        return name, known[2]
    head, *rest = re.split(r"[_\[]", text, maxsplit=1)
    return head, re.sub(r"[\s_{}\[\],]", "", rest[0]) if rest else ""


@dataclass
class Bound:
    """A bound letter while its sum is read: its range, or the ranges of the places where it stands."""

    count: Expr = None
    ranges: dict[Expr, str] = field(default_factory=dict)  # and the name that it stands in
    partners: list[str] = field(default_factory=list)  # letters that it is compared with


class NameReader:
    """Reads names; ``scope`` holds the sums around the place that is read."""

    def of(self, part: Any) -> Any:
        """What a part of the line stands for."""
        raise NotImplementedError

    def number(self, part: Any) -> Expr:
        """A part that must be a number and no array."""
        raise NotImplementedError

    def __init__(self, text: str, lhs: Expr, batch: bool, names: dict[str, Abbreviation]) -> None:
        self.text, self.lhs, self.batch, self.names = text, lhs, batch, names
        self.scope: dict[str, Bound] = {}
        self.problems: dict[tuple[int, str], None] = {}
        self.free: dict[str, int] = {}  # free letters, and where they stand first
        self.sums = self.parts = self.depth = 0  # how many there were, and how deep this place is

    def _source(self, part: Any) -> str:
        if isinstance(part, Token):
            return str(part).strip()
        return self.text[part.meta.start_pos : part.meta.end_pos].strip()

    def _name(self, token: Token) -> Expr:
        name, indices = split(token)
        if name in self.names:
            return self._abbreviated(token, name, indices)
        if not indices and name in COUNTS:
            return self._letter(token, name)
        if name in SIZES and not indices:
            if name == "N" and not self.batch:
                self._problem(token, "N counts the examples of a batch. Here is one example.")
            return SIZES[name]
        if name == "c" and not indices:
            return letters.c
        if name == "e" and not indices:
            raise Unreadable(column_of(token), "e alone is not used here: write e^(...) or exp(...).")
        if name == "L":
            return self._loss(token, indices)
        if name == "delta":
            return self._delta_of(token, indices)
        if name in DELTAS:
            return self._error(token, name, indices)
        if name in ARRAYS:
            return self._entry_or_array(token, name, indices)
        raise Unreadable(column_of(token), self._unknown(token, name, indices))

    def _unknown(self, token: Token, name: str, indices: str) -> str:
        if name in ("z", "Z", "A", "a", "w", "W", "b", "B"):
            small = OTHER_CASE.get(name, name)
            return (
                f"{token}: which layer? Write {small}1{'_' + indices if indices else ''} or "
                f"{small}2{'_' + indices if indices else ''}."
            )
        known = re.match(r"(delta[12]?|[AaWwBbZz][12]|[XxYyL])", name)
        strange = [sign for sign in indices if sign not in COUNTS]
        if known and strange:
            return (
                f"{strange[0]} is no index. The index letters are i, k, m (classes), j, l (hidden units), d, p (inputs)"
                ", n, q (examples)."
            )
        if known or re.match(r"[AaWwBbZz]\d", name):
            return (
                f"{token} is no name here. The arrays are X, y, w1, b1, z1, A1, w2, b2, z2, A2, each with its indices."
            )
        if name in ("sigma", "softmax", "Softmax", "f", "g"):
            return f"{token} is not known here: write what it gives, as A2_k for the softmax of class k."
        short = f"{name}{'_' + indices if indices else ''}"
        return (
            f"{short} stands for nothing yet. The names are X, y, w1, b1, z1, A1, w2, b2, z2, A2, L and c; a name of"
            f" your own is given first, in a line such as {short} = A2{'_' + indices if indices else ''}."
        )

    def _letter(self, token: Token, name: str) -> Expr:
        if name not in COUNTS:
            raise Unreadable(
                column_of(token), f"{name} is no index letter: an equation here holds for every index. The letters are "
                "i, k, m (classes), j, l (hidden units), d, p (inputs), n, q (examples)."
            )  # fmt: skip
        if name not in self.scope:
            self.free.setdefault(name, column_of(token))
        return getattr(letters, name)

    def _index(self, token: Token, letter: str, count: Expr, name: str) -> Expr:
        """An index letter at a place that runs over ``count``."""
        index = self._letter(token, letter)
        bound = self.scope.get(letter)
        if bound is not None and bound.count is None:
            bound.ranges.setdefault(count, str(token).strip())
        elif bound is not None:
            if bound.count != count:
                self._problem(
                    token, f"{letter} runs over {COUNTED[bound.count]} (1..{bound.count}), but {name} has an entry for "
                    f"each of the {count} {COUNTED[count]}: {token} is not always there."
                )  # fmt: skip
        elif COUNTS[letter] != count:
            choice = ", ".join(LETTERS_OF[count])
            self._problem(
                token, f"{letter} counts {COUNTED[COUNTS[letter]]} (1..{COUNTS[letter]}), but {name} has an entry for "
                f"each of the {count} {COUNTED[count]}. Their letters are {choice}."
            )  # fmt: skip
        elif letter == "t" and self.batch:
            self._problem(token, "t is the true class of one example. In a batch every example has its own: use y.")
        return index

    def _entry_or_array(self, token: Token, name: str, indices: str) -> Expr:
        if not indices:
            return matrix(name, batch=self.batch)
        array = getattr(letters, name)
        if name == "y" and indices[0] == "t" and len(indices) > 1:
            indices = indices[1:]  # the handout's decoration
        elif name == "y" and indices == "t" and "t" not in self.scope:
            raise Unreadable(
                column_of(token), "y_t can be read in two ways: write y_tk for the label of class k (t is only the "
                "handout's mark), or y_tt for the label of the true class, which is 1."
            )  # fmt: skip
        rows, columns = ARRAYS[name]
        places = [SIZES[rows]]
        if name in ("w1", "w2"):
            places.append(SIZES[columns])
        elif name in EXAMPLE and self.batch:
            places.append(N)
        if len(indices) != len(places):
            raise Unreadable(column_of(token), self._miscounted(token, name, indices, places))
        return array[tuple(self._index(token, *pair, name) for pair in zip(indices, places, strict=True))]

    def _miscounted(self, token: Token, name: str, indices: str, places: list[Expr]) -> str:
        wanted = " and ".join(f"one for the {COUNTED[place]} ({', '.join(LETTERS_OF[place])})" for place in places)
        count = "one index" if len(places) == 1 else "two indices"
        example = f"{name}_{''.join(LETTERS_OF[place][0] for place in places)}"
        if len(indices) > len(places):
            extra = ""
            if name in EXAMPLE and not self.batch and indices[-1] in "nq":
                extra = " Here is one example, so no index counts examples."
            return (
                f"{str(token).strip()} has an index too many: {name} takes {count}, {wanted}, as in {example}.{extra}"
            )
        if name in EXAMPLE and self.batch:
            return (
                f"{str(token).strip()} lacks the index of its example: in a batch {name} takes {count}, {wanted}, "
                f"as in {example}."
            )
        return f"{str(token).strip()} lacks an index: {name} takes {count}, {wanted}, as in {example}."

    def _loss(self, token: Token, indices: str) -> Expr:
        if not indices:
            return L_mean if self.batch else L
        if not self.batch:
            raise Unreadable(column_of(token), f"{token}: here is one example, and its loss is L, without an index.")
        if len(indices) != 1:
            raise Unreadable(column_of(token), f"{token}: the loss of an example has one index, as in L_n.")
        return L_of[self._index(token, indices, N, "L")]

    def _error(self, token: Token, name: str, indices: str) -> Expr:
        """delta2 and delta1, the errors: the loss differentiated by z2 or z1."""
        if not indices:
            return matrix(f"dL/d{DELTAS[name]}", batch=self.batch)
        by = self._entry_or_array(token, DELTAS[name], indices)
        return Partial(L_mean if self.batch else L, by)

    def _delta_of(self, token: Token, indices: str) -> Expr:
        if len(indices) != 2 or any(letter not in COUNTS for letter in indices):
            raise Unreadable(column_of(token), f"{str(token).strip()}: Kronecker's delta has two indices, as delta_ik.")
        return self._kronecker(*(self._letter(token, letter) for letter in indices))

    def _kronecker(self, first: Expr, second: Expr) -> Expr:
        for one, other in ((first, second), (second, first)):
            if one.is_Symbol and other.is_Symbol and (bound := self.scope.get(one.name)) is not None:
                bound.partners.append(other.name)
        return sp.KroneckerDelta(first, second, evaluate=False)

    def _abbreviated(self, token: Token, name: str, indices: str) -> Expr:
        wanted, value = self.names[name]
        if not wanted and is_array(value) and indices:
            if not isinstance(value, sp.MatrixSymbol):
                raise Unreadable(column_of(token), f"{name} was defined as a matrix formula: use it without an index.")
            return self._entry_or_array(token, value.name, indices)
        if len(indices) != len(wanted):
            raise Unreadable(
                column_of(token), f"{token}: {name} was defined with {len(wanted)} "
                f"{'index' if len(wanted) == 1 else 'indices'}, and has {len(indices)} here."
            )  # fmt: skip
        if strange := [letter for letter in indices if letter not in COUNTS]:
            raise Unreadable(column_of(token), f"{strange[0]} is no index letter.")
        swapped = {}
        for old, new in zip(wanted, indices, strict=True):
            swapped[getattr(letters, old)] = self._index(token, new, COUNTS[old], name)
        return renamed(value, swapped) if swapped else value

    def _problem(self, token: Any, sentence: str) -> None:
        self.problems[(column_of(token), sentence)] = None


def column_of(part: Any) -> int:
    if isinstance(part, Token):
        blank = len(part) - len(part.lstrip())
        return int(part.column or 1) + blank
    return 1 if part.meta.empty else int(part.meta.column)


def is_array(value: Any) -> bool:
    return bool(getattr(value, "is_Matrix", False))


def shape_of(shape: Sequence[Expr]) -> str:
    return f"({', '.join(map(str, shape))})"


def renamed(expr: Expr, swapped: dict[Expr, Expr]) -> Expr:
    """The expression with other free indices; a sum whose own letter is among the new ones gets another."""
    if not expr.args or isinstance(expr, sp.Indexed):
        return expr.xreplace(swapped)
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        inside = {old: new for old, new in swapped.items() if old != index}
        if index in inside.values():
            taken = {*inside.values(), *body.free_symbols}
            fresh = next(
                (getattr(letters, name) for name in LETTERS_OF.get(high, []) if getattr(letters, name) not in taken),
                None,
            )
            if fresh is None:
                raise Unreadable(1, f"{index} is summed over in an abbreviation used inside another sum over {index}.")
            body, index = renamed(body, {index: fresh}), fresh
        return Sum(renamed(body, inside), (index, low, high))
    if isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        left, right = (renamed(side, swapped) for side in condition.args)
        return letters.cases(renamed(first, swapped), (condition.func, left, right), renamed(second, swapped))
    args = [arg if is_array(arg) else renamed(arg, swapped) for arg in expr.args]
    with sp.evaluate(False):
        return expr.func(*args)


def first_letters(value: Expr) -> tuple[Expr, ...]:
    """Index letters for the entries of a matrix."""
    used: list[str] = []
    for size in value.shape:
        if size in COUNTED:
            used.append(next(letter for letter in ("k", "i", "j", "l", "d", "p", "n", "q")
                             if COUNTS[letter] == size and letter not in used))  # fmt: skip
    return tuple(getattr(letters, letter) for letter in used)
