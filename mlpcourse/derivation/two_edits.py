"""Two mistakes in one line: a sign that is turned beside another one, or one edit on either side.

One edit of the learner's line and one of a line of the course lead to the same numbers, on several networks.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import numpy as np
import sympy as sp

from mlpcourse.derivation.differences import shape
from mlpcourse.derivation.edits import (
    Edit,
    can_be_said,
    edited,
    edits,
    fits,
    lacking,
    lacking_inside,
    networks,
    numbers,
    same,
    with_error,
)
from mlpcourse.derivation.letters import Expr, L_mean
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.mistakes import UNDONE
from mlpcourse.derivation.numbers import free_indices
from mlpcourse.derivation.standing import standing
from mlpcourse.network import Array

MOST_SIGNS = 3
MOST_FIRST = 100  # edits of the learner's line, before another one is looked for


def signs(wrong: Expr, lhs: Expr) -> Iterator[Edit]:
    """The line with one sign turned, that of all of it first; of those with equal numbers one."""
    first = networks(bool(lhs.has(L_mean)))[0]
    turned = [edit for edit in edits(wrong, free_indices(lhs)) if edit.kind == "wrong_sign"]
    known: list[Array] = []
    for edit in [turned[-1], *turned[:-1]]:
        mine = numbers(edit.expr, lhs, first)
        if mine is None or any(same(mine, other) for other in known) or len(known) == MOST_SIGNS:
            continue
        known.append(mine)
        yield edit


def explained(wrong: Expr, derivation: Derivation, nearest: Callable[[str], int]) -> tuple[str, str] | None:
    """The kinds of two mistakes that together give the line's numbers, the first being the learner's to undo."""
    lhs = derivation.lhs
    first = networks(bool(lhs.has(L_mean)))[0]
    table = edited(derivation.name, derivation)
    if not table:
        return None
    theirs = np.array([values.ravel() for _, _, values in table])
    scale = np.maximum(np.abs(theirs).max(axis=1), 1e-9)
    found: list[tuple[bool, int, Edit, Edit]] = []
    with sp.evaluate(False):  # throughout: SymPy forgets what it has computed whenever that is switched
        for mending in itertools.islice(_undoing(wrong, lhs), MOST_FIRST):
            half = numbers(mending.expr, lhs, first)
            if half is None or half.size != theirs.shape[1]:
                continue
            for at in np.flatnonzero(np.abs(theirs - half.ravel()).max(axis=1) <= 1e-9 * scale):
                edit, key, _ = table[at]
                found.append((shape(edit.expr) != shape(mending.expr), nearest(key), mending, edit))
    there = standing(wrong)
    for _, _, mending, edit in sorted(found, key=lambda one: one[:2]):
        may_be = can_be_said(edit, mending.expr, there) and can_be_said(edit, mending.expr, standing(mending.expr))
        if may_be and fits(edit.expr, mending.expr, lhs):
            return mending.kind, edit.kind
    return None


def _undoing(wrong: Expr, lhs: Expr) -> Iterator[Edit]:
    """Edits of the line that may undo one of its mistakes, each with the kind of that mistake."""
    scope = free_indices(lhs)
    yield from with_error(wrong, scope) if "A2" not in standing(wrong) else ()
    yield from lacking(wrong, scope)
    for edit in edits(wrong, scope):
        if edit.kind in _COMMON:
            yield edit._replace(kind=UNDONE.get(edit.kind, edit.kind))
    yield from lacking_inside(wrong, scope)


_COMMON = {
    "index_swapped", "wrong_array", "factor_lost", "one_path_only", "mean_forgotten", "gate_dropped", "gate_too_many",
    "divisor_lost", "square_lost", "delta_dropped",
}  # fmt: skip
