"""The derivation's lines as statements for the proof assistant Coq. ``certificates/README.md`` says how to read them.

A line becomes "every derivative on it exists, and the line before equals it", for all sizes, arrays and free indices.
A ``Partial`` is never replaced by its result: it stays Coq's ``Derive`` of the definitions along one entry, with
everything that depends on that entry recomputed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import sympy as sp

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    COUNTS, D, Entry, Expr, H, K, L, L_mean, N, Partial, c, depends_on, entry_of, split_sum, t,
)  # fmt: skip

# isort: on
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.numbers import free_indices

# What is computed, in order, each from the names before it: for one example, and for a batch.
ONE = {
    "z1": "affine D {w1} {b1} {X}", "A1": "relu {z1}", "z2": "affine H {w2} {b2} {A1}", "A2": "softmax K {z2}",
    "L": "cross_entropy K {y} {A2}",
}  # fmt: skip
BATCH = {
    "z1": "affines D {w1} {b1} {X}", "A1": "relus {z1}", "z2": "affines H {w2} {b2} {A1}", "A2": "softmaxes K {z2}",
    "L_of": "cross_entropies K {y} {A2}", "L_mean": "mean N {L_of}",
}  # fmt: skip
GIVEN = ("X", "w1", "b1", "w2", "b2", "y")

_START = """\
(* {title} *)
Require Import Tactic.
Open Scope R_scope.
Section Lines.
"""
_ONE_EXAMPLE = """\
(* The network (H01 to H05), for one example. *)
Variables (D H K : nat) (X : nat -> R) (w1 : nat -> nat -> R) (b1 : nat -> R) (w2 : nat -> nat -> R) (b2 : nat -> R).
Variables (y : nat -> R) (t : nat) (c : R).
{names}
Hypothesis label : one_hot K y t.
"""
_NO_KINK = "Hypothesis no_kink : forall j, within j H -> z1 j <> 0.\n"
_A_BATCH = """\
(* The network (H01 to H05), for a batch: column n of X, z1, A1, z2, A2 and y is example n. *)
Variables (D H K N : nat) (X w1 : nat -> nat -> R) (b1 : nat -> R) (w2 : nat -> nat -> R) (b2 : nat -> R).
Variables (y : nat -> nat -> R) (t : nat -> nat) (c : R).
{names}
Hypothesis examples : (0 < N)%nat.
Hypothesis label : forall n, within n N -> one_hot K (column y n) (t n).
"""
_NO_KINK_IN_A_BATCH = "Hypothesis no_kink : forall j n, within j H -> within n N -> z1 j n <> 0.\n"


class Inexpressible(ValueError):
    """An expression that has no counterpart among the definitions of the certificates."""


class Statement(NamedTuple):
    """What is to be certified for one line: ``text`` is a Coq proposition, in the context of its derivation."""

    derivation: str
    key: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.derivation}_{self.key}"


def statement(derivation: Derivation, key: str) -> Statement:
    """What is to be certified for the line of that key. Raises Inexpressible."""
    before, line = derivation.before(key), derivation.line(key).expr
    scope = _scope(derivation)
    new = [line] if derivation.keys[0] != key else [before, line]
    exist = dict.fromkeys(text for expr in new for text in _existence(expr, scope))
    claim = "\n  /\\ ".join([*exist, f"{_term(before, scope)}\n   = {_term(line, scope)}"])
    free = sorted({*free_indices(before), *free_indices(line)}, key=str)
    return Statement(derivation.name, key, _for_all([(letter.name, COUNTS[letter.name]) for letter in free], claim))


def context(derivation: Derivation) -> str:
    """The start of a Coq file: the sizes, the arrays, what is computed from them, and what is assumed."""
    computed = _scope(derivation).computed
    names = [f"Definition {name} := {how.format(**_given(computed))}." for name, how in computed.items()]
    names += [f"Hint Unfold {' '.join(computed)} : names."]
    network, no_kink = (_A_BATCH, _NO_KINK_IN_A_BATCH) if computed is BATCH else (_ONE_EXAMPLE, _NO_KINK)
    start = _START.format(title=derivation.title) + network.format(names="\n".join(names))
    return start + (no_kink if through_relu(derivation) else "")


def through_relu(derivation: Derivation) -> bool:
    """Whether a derivative on one of its lines passes a ReLU, which has none where a z1 is 0."""
    lines = (derivation.lhs, *(line.expr for line in derivation.lines))
    bases = {by.base.label.name for expr in lines for _, by in (partial.args for partial in _partials(expr))}
    return any(depends_on("A1", base) for base in bases)


def _partials(expr: Expr) -> Iterator[Expr]:
    return (part for part in sp.preorder_traversal(expr) if part.func == Partial)


class _Scope(NamedTuple):
    """What the names of arrays and the letters of indices stand for where a term is written."""

    computed: Mapping[str, str]  # ONE or BATCH
    names: Mapping[str, str]
    letters: Mapping[str, str]
    nudged: tuple[str, ...] = ()  # inside of a derivative, the indices of the entry that moves


def _given(computed: Iterable[str]) -> dict[str, str]:
    return {name: name for name in (*GIVEN, *computed)}


def _scope(derivation: Derivation) -> _Scope:
    computed = BATCH if derivation.lhs.has(L_mean) else ONE
    return _Scope(computed, _given(computed), {})


def _for_all(letters: list[tuple[str, Expr]], claim: str, gap: str = "\n  ") -> str:
    if not letters:
        return claim
    names = " ".join(name for name, _ in letters)
    ranges = "".join(f"within {name} {count} -> " for name, count in letters)
    return f"forall {names} : nat, {ranges.rstrip()}{gap}{claim}"


# --- terms ----------------------------------------------------------------------------------------

SUM, PRODUCT, UNARY, POWER, APPLIED, ATOM = range(6)  # how tightly a written term binds


def _term(expr: Expr, scope: _Scope, tight: int = SUM) -> str:
    """The expression in Coq's syntax, in parentheses where its surroundings bind tighter."""
    text, binds = _written(expr, scope)
    return f"({text})" if binds < tight else text


def _written(expr: Expr, scope: _Scope) -> tuple[str, int]:
    if expr.is_Rational:
        return _number(expr)
    if expr.is_Symbol:
        return _symbol(expr, scope)
    if expr.func == Entry:
        return _written(entry_of(*expr.args), scope)
    if isinstance(expr, sp.Indexed):
        return _entry(expr, scope), APPLIED
    if expr.is_Add:
        first, *rest = (_term(arg, scope, PRODUCT) for arg in expr.args)
        return first + "".join(f" {arg}" if arg.startswith("- ") else f" + {arg}" for arg in rest), SUM
    if expr.is_Mul:
        return _product(expr, scope), PRODUCT
    if expr.is_Pow and expr.exp.is_Integer and expr.exp != 0:
        base, power = _term(expr.base, scope, APPLIED), abs(expr.exp)
        text = base if power == 1 else f"{base} ^ {power}"
        return (f"/ {text}", UNARY) if expr.exp < 0 else (text, POWER)
    if isinstance(expr, sp.exp | sp.log):
        return f"{'exp' if isinstance(expr, sp.exp) else 'ln'} {_term(expr.args[0], scope, ATOM)}", APPLIED
    if isinstance(expr, sp.KroneckerDelta):
        return f"delta {_index(expr.args[0], scope)} {_index(expr.args[1], scope)}", APPLIED
    if isinstance(expr, sp.Piecewise):
        return _cases(expr, scope), APPLIED
    if isinstance(expr, sp.Sum):
        index, count, summand, inside = _sum_parts(expr, scope)
        return f"sum {count} (fun {index} => {_term(summand, inside)})", APPLIED
    if expr.func == Partial:
        return f"Derive {_slope(expr, scope)}", APPLIED
    raise Inexpressible(f"there is no term for {type(expr).__name__}, as in {expr}")


def _number(expr: Expr) -> tuple[str, int]:
    if not expr.is_Integer:
        return f"{expr.p} / {expr.q}", PRODUCT
    return (str(expr), ATOM) if expr >= 0 else (f"- {-expr}", UNARY)


def _product(expr: Expr, scope: _Scope) -> str:
    sign, factors = ("- ", expr.args[1:]) if expr.args[0] == -1 else ("", expr.args)
    first, *rest = (_term(arg, scope, UNARY) for arg in factors)
    return sign + first + "".join(f" {arg}" if arg.startswith("/ ") else f" * {arg}" for arg in rest)


def _symbol(expr: Expr, scope: _Scope) -> tuple[str, int]:
    if expr in (L, L_mean) and expr.name in scope.names:
        text = scope.names[expr.name]
        return text, APPLIED if " " in text else ATOM
    if expr == c:
        return "c", ATOM
    if expr in (D, H, K, N):
        return f"INR {expr}", APPLIED
    raise Inexpressible(f"{expr} is no number of this derivation")


def _index(index: Expr, scope: _Scope) -> str:
    if not index.is_Symbol or index.name not in COUNTS or (index == t and scope.computed is BATCH):
        raise Inexpressible(f"{index} is no index of this derivation")
    return scope.letters.get(index.name, index.name)


def _entry(entry: Expr, scope: _Scope) -> str:
    name = entry.base.label.name
    columns = scope.computed is BATCH and name in ("X", "z1", "A1", "z2", "A2", "y")
    if name not in scope.names or len(entry.indices) != (2 if columns or name in ("w1", "w2") else 1):
        raise Inexpressible(f"{entry} is no entry of this derivation's arrays")
    return " ".join([scope.names[name], *(_index(index, scope) for index in entry.indices)])


def _cases(expr: Expr, scope: _Scope) -> str:
    (first, condition), (second, otherwise) = expr.args[:2]
    if len(expr.args) != 2 or otherwise != sp.true:
        raise Inexpressible(f"there is no term for the cases of {expr}")
    left, right = condition.args
    values = f"{_term(first, scope, ATOM)} {_term(second, scope, ATOM)}"
    if isinstance(condition, sp.Eq):
        return f"if_same {_index(left, scope)} {_index(right, scope)} {values}"
    if isinstance(condition, sp.GreaterThan) and right == 0:
        return f"if_open {_term(left, scope, ATOM)} {values}"
    raise Inexpressible(f"there is no term for a case on {condition}")


def _sum_parts(total: Expr, scope: _Scope) -> tuple[str, Expr, Expr, _Scope]:
    """(index, count, summand, scope of the summand) of a sum over a whole range.

    The index is renamed where it would capture a letter that the moving entry mentions.
    """
    index, low, high, summand = split_sum(total)
    if low != 1 or high not in (D, H, K, N):
        raise Inexpressible(f"a sum over {low}..{high} is not over a whole range")
    name = index.name
    while name in scope.nudged:
        name += "'"
    return name, high, summand, scope._replace(letters={**scope.letters, index.name: name})


def _slope(partial: Expr, scope: _Scope) -> str:
    """The function of the one entry that moves, and that entry's value: the arguments of ``Derive``."""
    of, by = partial.args
    if scope.nudged:
        raise Inexpressible(f"{partial} is a derivative in a derivative")
    base, entry = by.base.label.name, _entry(by, scope)
    indices = [_index(index, scope) for index in by.indices]
    names = {**scope.names, base: f"{'put' if len(indices) == 1 else 'put2'} {base} {' '.join(indices)} s"}
    for name, how in scope.computed.items():
        if depends_on(name, base):
            names[name] = how.format_map({other: f"({text})" if " " in text else text for other, text in names.items()})
    moving = scope._replace(names=names, nudged=tuple(indices))
    return f"(fun s => {_term(of, moving)}) ({entry})"


def _existence(expr: Expr, scope: _Scope, bound: tuple[tuple[str, Expr], ...] = ()) -> Iterator[str]:
    """For every derivative in the expression: it exists, for every value of the letters that sums bind."""
    if expr.func == Partial:
        mentioned = {_index(letter, scope) for letter in free_indices(expr)}
        letters = [(letter, count) for letter, count in bound if letter in mentioned]
        claim = _for_all(letters, f"ex_derive {_slope(expr, scope)}", " ")
        yield f"({claim})" if letters else claim
    elif isinstance(expr, sp.Sum):
        index, count, summand, inside = _sum_parts(expr, scope)
        yield from _existence(summand, inside, (*(pair for pair in bound if pair[0] != index), (index, count)))
    elif not isinstance(expr, sp.Indexed):
        for arg in expr.args:
            yield from _existence(arg, scope, bound)
