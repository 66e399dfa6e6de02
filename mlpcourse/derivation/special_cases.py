"""Wrong lines that are right in a special case only, or are no derivative at all."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping

import numpy as np
import sympy as sp

from mlpcourse.derivation import letters
from mlpcourse.derivation.edits import fits, networks, numbers, replaced, same
from mlpcourse.derivation.letters import COUNTS, Expr, K, L, L_mean, Partial
from mlpcourse.derivation.numbers import free_indices, random_values
from mlpcourse.network import Array


def counts_terms(wrong: Expr, truth: Expr, lhs: Expr) -> bool:
    """Whether 1 in the place of K makes the line true: the entries of y, or of A2, were counted and not added up."""
    if wrong.has(sp.MatrixSymbol):  # K is a shape there, too
        return False
    once = replaced(wrong, K, sp.Integer(1))
    divides = any(part.is_Pow and part.base == K for part in sp.preorder_traversal(wrong))
    return bool(once != wrong and not divides and fits(once, truth, lhs))


def special(wrong: Expr, truth: Expr, lhs: Expr) -> str:
    """The kind of a line that is right in a special case only, or is no derivative at all; else ""."""
    every = networks(bool(lhs.has(L_mean)))
    both = [(numbers(wrong, lhs, values), numbers(truth, lhs, values)) for values in every]
    pairs = [(mine, right) for mine, right in both if mine is not None and right is not None]
    if len(pairs) < len(every):
        return ""
    for whole in lhs.args if lhs.func == Partial and lhs.args[0] not in (L, L_mean) else ():
        if fits(wrong, whole, lhs):
            return "not_differentiated"
    quotient = _derivatives_of_parts(lhs)
    if quotient is not None and fits(wrong, quotient, lhs):
        return "parts_of_quotient" if wrong.has(sp.exp) else "softmax_path_missing"
    if lhs.func == Partial and lhs.args[0] == L and any(fits(wrong, one, lhs) for one in _terms_of_the_loss(lhs)):
        return "not_differentiated"
    if all(np.abs(mine).max() < 1e-12 for mine, _ in pairs):
        return "terms_cancel"
    if all(same(*(numbers(expr, lhs, values) for expr in (wrong, truth))) for values in _two_classes(lhs.has(L_mean))):
        return "only_for_two_classes"
    if len(free_indices(lhs)) == 2 and len({COUNTS[letter.name] for letter in free_indices(lhs)}) == 1:
        if all(same(np.diagonal(mine), np.diagonal(right)) for mine, right in pairs):
            return "only_for_equal_indices"
        if all(same(_off_diagonal(mine), _off_diagonal(right)) for mine, right in pairs):
            return "only_for_different_indices"
    return ""


def _derivatives_of_parts(lhs: Expr) -> Expr | None:
    """What comes out for a probability when its numerator's derivative is divided by its denominator's; dA2_k/dA2_i."""
    if lhs.func != Partial or not isinstance(lhs.args[0], sp.Indexed) or lhs.args[0].base != letters.A2:
        return None
    of, by = lhs.args
    return sp.KroneckerDelta(of.indices[0], by.indices[0]) if by.base == letters.z2 else None


def other_term(wrong: Expr, truth: Expr, lhs: Expr) -> Expr | None:
    """The one term of a wrong sum in whose place a term of the true one makes it right."""
    ours = sp.Add.make_args(truth)
    for term in wrong.args if isinstance(wrong, sp.Add) and len(ours) > 1 else ():
        rest = sp.Add(*(other for other in wrong.args if other is not term))
        if any(fits(sp.Add(rest, one), truth, lhs) for one in ours):
            return term
    return None


def upside_down(wrong: Expr, truth: Expr, lhs: Expr) -> bool:
    """Whether it is the true line with its fraction turned over: on some networks it divides by 0."""
    return not isinstance(wrong, sp.MatrixExpr) and fits(sp.Pow(wrong, -1), truth, lhs)


def _terms_of_the_loss(lhs: Expr) -> Iterator[Expr]:
    """The loss, and the term of it that the left-hand side's index picks, with its label and without."""
    yield letters.definition(L)
    for index in free_indices(lhs):
        if COUNTS[index.name] == K:
            with sp.evaluate(False):
                yield sp.Mul(-1, letters.y[index], sp.log(letters.A2[index]))
                yield sp.Mul(-1, sp.log(letters.A2[index]))


def _off_diagonal(square: Array) -> Array:
    return np.asarray(square[~np.eye(len(square), dtype=bool)])


@functools.cache
def _two_classes(batch: bool) -> tuple[Mapping[str, Array], ...]:
    rng = np.random.default_rng(2)
    return tuple(random_values(rng, D, H, 2, N if batch else 1) for D, H, N in ((3, 4, 5), (4, 3, 6), (2, 5, 3)))
