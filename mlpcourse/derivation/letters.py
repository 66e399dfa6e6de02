"""The handout's notation as SymPy expressions: the letters, what each name stands for, and how a line is written.

A line is one expression, built unevaluated so that it keeps its written form. The letters tell the
range: i, k, m, t count classes (1..K), j and l hidden units (1..H), d and p inputs (1..D), n and q
examples (1..N). With one example the index n is left out. As in the handout, the softmax's own sum
counts classes with j; a sum's limits always say what its index counts. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import functools
import itertools
from typing import Any

import sympy as sp
from sympy import KroneckerDelta

from mlpcourse import network

Expr = Any  # SymPy ships no types

# --- letters ------------------------------------------------------------------------------------

D, H, K, N = sp.symbols("D H K N", integer=True, positive=True)
i, j, k, l, m, t = sp.symbols("i j k l m t", integer=True)  # noqa: E741 - l is the second hidden index
d, p, n, q = sp.symbols("d p n q", integer=True)
c = sp.Symbol("c", real=True)  # any number

COUNTS = {"i": K, "k": K, "m": K, "t": K, "j": H, "l": H, "d": D, "p": D, "n": N, "q": N}

L = sp.Symbol("L", real=True)  # the loss of one example
L_mean = sp.Symbol("L_mean", real=True)  # the loss of a batch: the mean over its examples
L_of = sp.IndexedBase("L_of", real=True)  # L_of[n], the loss of example n of a batch
ARRAYS = X, y, w1, b1, z1, A1, w2, b2, z2, A2 = tuple(
    sp.IndexedBase(name, real=True) for name in ("X", "y", "w1", "b1", "z1", "A1", "w2", "b2", "z2", "A2")
)

# A partial derivative that stays as it is written, of a name (a logit, the loss) or of a formula.
Partial = sp.Function("Partial", real=True)

# One entry of a matrix formula: Entry(matrix, row, column), or Entry(matrix, row) of a column.
Entry = sp.Function("Entry", real=True)

# SymPy's sum, and of its name, by which terms are ordered and typeset. SymPy asks over and over whether a sum is a
# number, and looks through all of it each time. Here none is.
SumOf = type("Sum", (sp.Sum,), {"is_number": False})

DEPENDS = {
    "z1": ("w1", "b1", "X"), "A1": ("z1",), "z2": ("w2", "b2", "A1"), "A2": ("z2",),
    "L": ("A2", "y"), "L_of": ("A2", "y"), "L_mean": ("L_of",),
}  # fmt: skip


def split_sum(expr: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    """(index, low, high, summand) of the outer sum; SymPy keeps a sum of sums as one object."""
    *inner, (index, low, high) = expr.limits
    if not inner:
        return index, low, high, expr.function
    with sp.evaluate(True):
        return index, low, high, SumOf(expr.function, *inner)


@functools.cache
def depends_on(name: str, base: str) -> bool:
    """Whether ``name`` is computed from ``base``, directly or through other names."""
    return any(parent == base or depends_on(parent, base) for parent in DEPENDS.get(name, ()))


@functools.cache
def definition(name: Expr) -> Expr:
    """What a name stands for, one step back (H01 to H05, H20): of A2[k] the softmax of the logits, and so on.

    With an example index (z1[j, n]) the definition is that example's. Raises KeyError for a name without one.
    """
    if name == L:
        return -SumOf(y[m] * sp.log(A2[m]), (m, 1, K))
    if name == L_mean:
        return SumOf(L_of[q], (q, 1, N)) / N
    base, indices = name.base.label.name, name.indices
    example = indices[1:]
    match base:
        case "L_of":
            return -SumOf(y[(m, *indices)] * sp.log(A2[(m, *indices)]), (m, 1, K))
        case "z1":
            return SumOf(w1[indices[0], p] * X[(p, *example)], (p, 1, D)) + b1[indices[0]]
        case "A1":
            return sp.Piecewise((z1[indices], z1[indices] >= 0), (0, True))
        case "z2":
            return SumOf(w2[indices[0], l] * A1[(l, *example)], (l, 1, H)) + b2[indices[0]]
        case "A2":
            return sp.exp(z2[indices]) / SumOf(sp.exp(z2[(m, *example)]), (m, 1, K))
        case "y":
            return sp.KroneckerDelta(indices[0], t)
    raise KeyError(base)


def matrix(name: str, batch: bool = False) -> Expr:
    """The array of that name as a SymPy matrix, which knows its shape.

    ``gate`` is I(z1 >= 0), ``ones`` a column of N ones, ``dL/dw2`` the loss differentiated by each entry of w2.
    """
    if name.startswith("dL/d"):
        array = matrix(name.removeprefix("dL/d"), batch)
        return sp.MatrixSymbol(f"dL_mean/d{array.name}" if batch else name, *array.shape)
    sizes = {"D": D, "H": H, "K": K, "N": N if batch else sp.Integer(1), "1": sp.Integer(1)}
    rows, columns = {**network.SHAPES, "gate": ("H", "N"), "ones": ("N", "1")}[name]
    return sp.MatrixSymbol(name, sizes[rows], sizes[columns])


def entry_of(formula: Expr, row: Expr, column: Expr = None) -> Expr:
    """What ``Entry`` stands for: that entry of the matrix formula, with a product's sum written out.

    Raises ValueError for a formula whose shapes do not conform: SymPy lets (K, 1) times (K, 1) pass, as K might be 1.
    """
    match formula:
        case sp.MatrixSymbol(name="ones"):
            return sp.Integer(1)
        case sp.MatrixSymbol():
            at = row if formula.shape[1] == 1 else (row, column)
            if formula.name == "gate":
                return sp.Piecewise((1, z1[at] >= 0), (0, True))
            if "/d" in formula.name:
                loss, array = formula.name.split("/d")
                return Partial(L_mean if loss == "dL_mean" else L, sp.IndexedBase(array, real=True)[at])
            return sp.IndexedBase(formula.name, real=True)[at]
        case sp.Transpose():
            return entry_of(formula.arg, column, row)
        case sp.DiagMatrix():
            return sp.KroneckerDelta(row, column) * entry_of(formula.args[0], row)
        case sp.MatAdd() | sp.HadamardProduct() if len({part.shape for part in formula.args}) > 1:
            raise ValueError(f"{formula} does not conform: its parts have different shapes")
        case sp.MatAdd():
            return sp.Add(*(entry_of(term, row, column) for term in formula.args))
        case sp.HadamardProduct():
            return sp.Mul(*(entry_of(factor, row, column) for factor in formula.args))
    number, (first, *rest) = formula.as_coeff_matrices()
    for left, right in itertools.pairwise([first, *rest]):
        if left.shape[1] != right.shape[0]:
            raise ValueError(f"{formula} does not conform: {left} is {left.shape} and {right} is {right.shape}")
    if not rest:
        return number * entry_of(first, row, column)
    second = rest[0] if len(rest) == 1 else sp.MatMul(*rest)
    if first.shape[1] == 1:
        return number * entry_of(first, row) * entry_of(second, None, column)
    inner = next(
        letter
        for letter in (i, k, m, j, l, d, p, n, q)
        if COUNTS[letter.name] == first.shape[1] and letter not in (row, column) and not second.has(letter)
    )
    return number * SumOf(entry_of(first, row, inner) * entry_of(second, inner, column), (inner, 1, first.shape[1]))


# --- how a line is written ----------------------------------------------------------------------


def Sum(summand: Expr, limits: tuple[Expr, int, Expr]) -> Expr:
    """A sum as it is written. SymPy's own constructor would rearrange the summand."""
    written = sp.Expr.__new__(SumOf, summand, sp.Tuple(*limits))
    written.is_commutative = True
    return written


def cases(first: Expr, condition: tuple[Any, Expr, Any], second: Expr) -> Expr:
    relation, left, right = condition
    with sp.evaluate(True):
        return sp.Piecewise((first, relation(left, right)), (second, True), evaluate=False)


def gated(inner: Expr, at: Expr = z1[j]) -> Expr:
    return cases(inner, (sp.Ge, at, 0), sp.Integer(0))


def by_case(same: Expr, other: Expr) -> Expr:
    return cases(same, (sp.Eq, i, k), other)


def sum_but(summand: Expr, index: Expr, left_out: Expr, count: Expr) -> Expr:
    """The sum over an index that leaves one value out: (1 - delta) times the summand."""
    return Sum((1 - KroneckerDelta(index, left_out)) * summand, (index, 1, count))
