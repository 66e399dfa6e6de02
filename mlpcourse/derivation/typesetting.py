"""The handout's notation as SymPy expressions: how a line is written, typeset and evaluated.

A line is one expression, built unevaluated so that it keeps its written form. The letters tell the
range: i, k, m, t count classes (1..K), j and l hidden units (1..H), d and p inputs (1..D), n and q
examples (1..N). With one example the index n is left out. As in the handout, the softmax's own sum
counts classes with j; a sum's limits always say what its index counts.

``latex`` and ``plain`` typeset an expression, ``evaluate`` gives its numbers on a concrete network, ``derived`` is what
a partial derivative stands for. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import functools
import itertools
import operator
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import sympy as sp

from mlpcourse import network
from mlpcourse.network import Array, Params

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

DEPENDS = {
    "z1": ("w1", "b1", "X"), "A1": ("z1",), "z2": ("w2", "b2", "A1"), "A2": ("z2",),
    "L": ("A2", "y"), "L_of": ("A2", "y"), "L_mean": ("L_of",),
}  # fmt: skip


def opened(expr: Expr) -> tuple[Expr, Expr, Expr, Expr]:
    """(index, low, high, summand) of the outer sum; SymPy keeps a sum of sums as one object."""
    *inner, (index, low, high) = expr.limits
    if not inner:
        return index, low, high, expr.function
    with sp.evaluate(True):
        return index, low, high, sp.Sum(expr.function, *inner)


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
        return -sp.Sum(y[m] * sp.log(A2[m]), (m, 1, K))
    if name == L_mean:
        return sp.Sum(L_of[q], (q, 1, N)) / N
    base, indices = name.base.label.name, name.indices
    example = indices[1:]
    match base:
        case "L_of":
            return -sp.Sum(y[(m, *indices)] * sp.log(A2[(m, *indices)]), (m, 1, K))
        case "z1":
            return sp.Sum(w1[indices[0], p] * X[(p, *example)], (p, 1, D)) + b1[indices[0]]
        case "A1":
            return sp.Piecewise((z1[indices], z1[indices] >= 0), (0, True))
        case "z2":
            return sp.Sum(w2[indices[0], l] * A1[(l, *example)], (l, 1, H)) + b2[indices[0]]
        case "A2":
            return sp.exp(z2[indices]) / sp.Sum(sp.exp(z2[(m, *example)]), (m, 1, K))
        case "y":
            return sp.KroneckerDelta(indices[0], t)
    raise KeyError(base)


def matrix(name: str, batch: bool = False) -> Expr:
    """The array of that name as a SymPy matrix, which knows its shape.

    ``gate`` is I(z1 >= 0), ``ones`` a column of N ones.
    """
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
    return number * sp.Sum(entry_of(first, row, inner) * entry_of(second, inner, column), (inner, 1, first.shape[1]))


# --- typesetting --------------------------------------------------------------------------------


def latex(expr: Expr) -> str:
    """The expression in LaTeX, in the handout's symbols, without dollar signs."""
    return _Latex().write(expr)


def plain(expr: Expr) -> str:
    """The expression in one line of plain text."""
    return _Plain().write(expr)


def _split_sign(expr: Expr) -> tuple[bool, Expr]:
    """(negative, rest): takes a leading -1 out of a product, however deep it was written."""
    if expr.is_Number and expr < 0:
        return True, -expr
    if expr.is_Mul:
        negative, first = _split_sign(expr.args[0])
        if negative:
            rest = expr.args[1:] if first == 1 else (first, *expr.args[1:])
            return True, rest[0] if len(rest) == 1 else sp.Mul(*rest, evaluate=False)
    return False, expr


def _is_divisor(expr: Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Number and expr.exp < 0)


def _factors(product: Expr) -> list[Expr]:
    """The factors as written; an inner product without a sign or a fraction of its own joins the outer one."""
    flat: list[Expr] = []
    for arg in product.args:
        inner = _factors(arg) if arg.is_Mul and not _split_sign(arg)[0] else [arg]
        flat += [arg] if any(map(_is_divisor, inner)) else inner
    return flat


def is_gate(expr: Expr) -> bool:
    """Whether the expression is 1 under a condition and 0 otherwise."""
    return bool(isinstance(expr, sp.Piecewise) and [value for value, _ in expr.args] == [1, 0])


def _excluded(summand: Expr) -> tuple[Expr, Expr] | None:
    """(delta, rest) when the summand is (1 - delta) rest: a sum that leaves one index out."""
    if summand.is_Mul and summand.args[0].is_Add and len(summand.args[0].args) == 2:
        one, minus = summand.args[0].args
        negative, delta = _split_sign(minus)
        if one == 1 and negative and isinstance(delta, sp.KroneckerDelta):
            rest = summand.args[1:]
            return delta, rest[0] if len(rest) == 1 else sp.Mul(*rest, evaluate=False)
    return None


def _opposite(condition: Expr) -> Expr:
    kinds = {sp.Eq: sp.Ne, sp.GreaterThan: sp.StrictLessThan, sp.StrictGreaterThan: sp.LessThan}
    return kinds[condition.func](*condition.args, evaluate=False)


class _Latex:
    """One walk over the tree, which keeps the written order. The last methods, in LaTeX here, are the signs."""

    bracket, times, minus, logarithm = r"\left(%s\right)", " ", "-", r"\log "

    def write(self, expr: Expr) -> str:
        negative, rest = _split_sign(expr)
        if negative:
            return self.minus + self.term(rest)
        if expr.is_Add:
            return self.added(expr)
        return self.term(expr)

    def added(self, expr: Expr) -> str:
        text = self.write(expr.args[0])
        for arg in expr.args[1:]:
            negative, rest = _split_sign(arg)
            text += (" - " if negative else " + ") + self.term(rest)
        return text

    def term(self, expr: Expr) -> str:
        """A summand without its sign."""
        if expr.is_Mul:
            return self.product(expr)
        if _is_divisor(expr):
            return self.fraction("1", self.denominator([expr]))
        return self.cases(expr) if isinstance(expr, sp.Piecewise) else self.factor(expr)

    def product(self, expr: Expr) -> str:
        factors = _factors(expr)
        lead = ""
        if _is_divisor(factors[0]):  # written 1/N times the rest
            lead, factors = self.fraction("1", self.denominator(factors[:1])) + self.times, factors[1:]
        above = [factor for factor in factors if not _is_divisor(factor)]
        below = [factor for factor in factors if _is_divisor(factor)]
        if not below:
            return lead + self.times.join(self.factor(f, last=f is above[-1]) for f in above)
        if len(above) == 1:
            return lead + self.fraction(self.write(above[0]), self.denominator(below))
        top = self.times.join(self.factor(f, last=f is above[-1]) for f in above)
        return lead + self.fraction(top, self.denominator(below))

    def denominator(self, divisors: list[Expr]) -> str:
        bases = [sp.Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base for f in divisors]
        if len(bases) == 1:
            return self.write(bases[0])
        return self.times.join(self.factor(base) for base in bases)

    def factor(self, expr: Expr, last: bool = True) -> str:
        """The expression as one factor of a product, in brackets where it needs them."""
        if is_gate(expr):
            return self.indicator(expr.args[0].cond)
        if expr.is_Add or _split_sign(expr)[0]:
            return self.bracket % self.write(expr)
        if expr.is_Mul:
            return self.product(expr)
        if isinstance(expr, sp.Sum):
            return self.summed(expr) if last else self.bracket % self.summed(expr)
        if isinstance(expr, sp.Piecewise):
            return self.cases(expr) if last else self.bracket % self.cases(expr)
        if isinstance(expr, sp.log):
            text = self.log(expr.args[0])
            return text if last else self.bracket % text
        if isinstance(expr, sp.KroneckerDelta):
            label = expr.has(t) or not all(index.is_Symbol for index in expr.args)
            return self.indicator(sp.Eq(*expr.args, evaluate=False)) if label else self.delta(*expr.args)
        if isinstance(expr, sp.exp):
            return self.power("e", self.write(expr.args[0]))
        if expr.is_Pow:
            return self.power(self.factor(expr.base, last=False), self.write(expr.exp))
        if isinstance(expr, sp.Indexed):
            return self.indexed(expr.base.label.name, [self.write(index) for index in expr.indices])
        if expr.func == Partial:
            return self.partial(*expr.args)
        if expr.func == Entry:
            formula, *indices = expr.args
            return self.entry(self.formula(formula), "".join(map(self.write, indices)))
        if expr.is_Relational:
            return self.relation(expr)
        return "L" if expr == L_mean else str(expr)

    def summed(self, expr: Expr) -> str:
        index, low, high, summand = opened(expr)
        except_for = None
        if excluded := _excluded(summand):
            delta, summand = excluded
            except_for = next(arg for arg in delta.args if arg != index)
        body = self.bracket % self.added(summand) if summand.is_Add else self.write(summand)
        if _split_sign(summand)[0]:
            body = self.bracket % body
        return self.sum_sign(self.write(index), self.write(low), self.write(high), except_for) + body

    def partial(self, of: Expr, by: Expr) -> str:
        if of.is_Add or of.is_Mul or isinstance(of, sp.Sum | sp.Piecewise):
            return self.derivative("", self.write(by)) + self.bracket % self.write(of)
        return self.derivative(self.write(of), self.write(by))

    def formula(self, matrix: Expr, whole: bool = True) -> str:
        """A matrix formula; unless it is the ``whole``, a sum or an entrywise product gets its brackets."""
        part = functools.partial(self.formula, whole=False)
        match matrix:
            case sp.MatrixSymbol():
                return self.matrices.get(matrix.name) or self.matrix(matrix.name)
            case sp.Transpose():
                return part(matrix.arg) + self.transposed
            case sp.DiagMatrix():
                return self.diagonal % self.formula(matrix.args[0])
            case sp.HadamardProduct():
                factors = ((self.bracket if one.is_MatMul else "%s") % part(one) for one in matrix.args)
                text = self.entrywise.join(factors)
            case sp.MatAdd():
                text = part(matrix.args[0])
                for term in matrix.args[1:]:
                    negative = term.is_MatMul and term.args[0] == -1
                    text += (" - " if negative else " + ") + part(sp.MatMul(*term.args[1:]) if negative else term)
            case _:
                number, matrices = matrix.as_coeff_matrices()
                product = self.times.join(map(part, matrices))
                return product if number == 1 else self.write(number) + self.times + product
        return text if whole else self.bracket % text

    def log(self, arg: Expr) -> str:
        whole = isinstance(arg, sp.Indexed | sp.Sum | sp.Symbol | sp.exp) or arg.is_Mul
        return self.logarithm + (self.write(arg) if whole else self.bracket % self.write(arg))

    transposed, entrywise, diagonal = r"^\top", r" \odot ", r"\operatorname{diag}\left(%s\right)"
    matrices: ClassVar = {"gate": r"I(z_1 \ge 0)", "ones": r"\mathbf{1}"}

    def matrix(self, name: str) -> str:
        return f"{name[0]}_{name[1:]}" if name[-1].isdigit() else name

    def entry(self, formula: str, indices: str) -> str:
        return rf"\left[{formula}\right]_{{{indices}}}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def indexed(self, name: str, indices: list[str]) -> str:
        head, layer = (name[0], name[1:]) if name[-1].isdigit() else (name.removesuffix("_of"), "")
        layer = "t" if name == "y" else layer
        return f"{head}_{{{layer}{',' if layer and len(indices) > 1 else ''}{''.join(indices)}}}"

    def delta(self, *indices: Expr) -> str:
        return rf"\delta_{{{''.join(map(self.write, indices))}}}"

    def indicator(self, condition: Expr) -> str:
        return f"I({self.relation(condition)})"

    signs: ClassVar = {sp.Eq: "=", sp.Ne: r"\ne", sp.GreaterThan: r"\ge", sp.StrictLessThan: "<"}

    def relation(self, condition: Expr) -> str:
        return f"{self.write(condition.args[0])} {self.signs[condition.func]} {self.write(condition.args[1])}"

    def cases(self, expr: Expr) -> str:
        (first, condition), (second, _) = expr.args
        rows = [(self.write(first), condition), (self.write(second), _opposite(condition))]
        tall = r"\displaystyle " if any(r"\frac" in text or r"\sum" in text for text, _ in rows) else ""
        lines = (r"\\[1ex] " if tall else r"\\ ").join(f"{tall}{text}, & {self.relation(when)}" for text, when in rows)
        return rf"\begin{{cases}} {lines} \end{{cases}}"

    def sum_sign(self, index: str, low: str, high: str, left_out: Expr | None) -> str:
        if left_out is not None:
            return rf"\sum_{{{index} \ne {left_out}}} "
        return rf"\sum_{{{index}={low}}}^{{{high}}} "

    def derivative(self, of: str, by: str) -> str:
        return rf"\frac{{\partial{of and ' ' + of}}}{{\partial {by}}}"


class _Plain(_Latex):
    bracket, times, minus, logarithm = "(%s)", " * ", "-", "log "
    signs: ClassVar = {sp.Eq: "=", sp.Ne: "!=", sp.GreaterThan: ">=", sp.StrictLessThan: "<"}

    transposed, entrywise, diagonal = "^T", " .* ", "diag(%s)"
    matrices: ClassVar = {"gate": "I(z_1 >= 0)", "ones": "1"}

    def entry(self, formula: str, indices: str) -> str:
        return f"[{formula}]_{indices}"

    def fraction(self, above: str, below: str) -> str:
        return f"{_grouped(above)}/{_grouped(below)}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{exponent if exponent.isalnum() else f'({exponent})'}"

    def indexed(self, name: str, indices: list[str]) -> str:
        return super().indexed(name, indices).translate({ord("{"): None, ord("}"): None})

    def delta(self, *indices: Expr) -> str:
        return f"delta_{''.join(map(self.write, indices))}"

    def cases(self, expr: Expr) -> str:
        (first, condition), (second, _) = expr.args
        return f"{{{self.write(first)} if {self.relation(condition)}, else {self.write(second)}}}"

    def sum_sign(self, index: str, low: str, high: str, left_out: Expr | None) -> str:
        return f"sum[{index} != {left_out}] " if left_out is not None else f"sum[{index}={low}..{high}] "

    def derivative(self, of: str, by: str) -> str:
        return f"d{of}/d{by}" if of else f"d/d{by} "


def _grouped(text: str) -> str:
    """In brackets, unless it is one name, call or bracket already."""
    depth = 0
    for sign in text:
        depth += (sign in "({[") - (sign in ")}]")
        if depth == 0 and sign in " /*-":
            return f"({text})"
    return text


# --- numbers ------------------------------------------------------------------------------------


AXES = "kimtjldpnq"


def values_of(params: Params, X: Array, y: Array) -> dict[str, Array]:
    """The network's arrays by name, ready for ``evaluate``; ``c``, any number in the formulas, is the largest logit."""
    values = network.forward(params, X)
    return {**params._asdict(), "X": X, "y": y, **values._asdict(), "c": np.asarray(values.z2.max())}


def free_indices(expr: Expr) -> tuple[Expr, ...]:
    """The index letters an expression leaves open, in the order k, i, m, j, l, d, p, n, q."""
    return tuple(sorted(_open(expr) - {t}, key=lambda letter: AXES.index(letter.name)))


def _open(expr: Expr) -> set[Expr]:
    if expr.is_Symbol:
        return {expr} if expr.name in COUNTS else set()
    if isinstance(expr, sp.Sum):
        index, _, _, summand = opened(expr)
        return _open(summand) - {index}
    parts = expr.indices if isinstance(expr, sp.Indexed) else expr.args
    return set().union(*map(_open, parts))


def evaluate(expr: Expr, values: Mapping[str, Array]) -> Array:
    """The expression's numbers: an array with one axis per free index, in the order of ``free_indices``.

    values: ``values_of(params, X, y)``. A ``Partial`` is measured, by a complex step through the definitions,
    and not derived, so that its number is independent of every proof. An index beyond its array raises
    IndexError, a line of one example on a batch ValueError.
    """
    numbers = _Numbers(values)
    free = free_indices(expr)
    where = {letter: numbers.along(letter, 1, numbers.sizes[COUNTS[letter.name]]) for letter in free}
    if values["y"].shape[1] == 1:
        where[t] = values["y"].argmax(axis=0) + 1  # the true class
    shape = tuple(numbers.sizes[COUNTS[letter.name]] for letter in free)
    result = np.asarray(numbers.at(expr, where))
    axes = [AXES.index(letter.name) for letter in free]
    full = [shape[axes.index(axis)] if axis in axes else 1 for axis in range(len(AXES))]
    return np.broadcast_to(result, full).reshape(shape)


class _Numbers:
    """Every index letter has an axis of its own, so that an expression's value broadcasts over the letters it holds."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self.values = values
        self.sizes = {D: values["X"].shape[0], N: values["X"].shape[1], H: len(values["w1"]), K: len(values["y"])}

    def along(self, letter: Expr, low: int, high: int) -> Array:
        shape = [1] * len(AXES)
        shape[AXES.index(letter.name)] = -1
        return np.arange(low, high + 1).reshape(shape)

    def at(self, expr: Expr, where: Mapping[Expr, Array]) -> Any:
        if expr.is_Number:
            return float(expr)
        if expr.is_Add:
            return sum(self.at(arg, where) for arg in expr.args)
        if expr.is_Mul:
            return functools.reduce(operator.mul, (self.at(arg, where) for arg in expr.args))
        if expr.is_Pow:
            return self.at(expr.base, where) ** self.at(expr.exp, where)
        if isinstance(expr, sp.exp | sp.log):
            return getattr(np, expr.func.__name__)(self.at(expr.args[0], where))
        if isinstance(expr, sp.Sum):
            letter, low, high, body = opened(expr)
            low, high = (int(bound.xreplace(self.sizes)) for bound in (low, high))
            inside = {**where, letter: self.along(letter, low, high)}
            summand = self.at(body, inside)
            return np.sum(summand + 0 * inside[letter], axis=AXES.index(letter.name), keepdims=True)
        if isinstance(expr, sp.KroneckerDelta):
            first, second = (self.at(arg, where) for arg in expr.args)
            return np.equal(first, second).astype(float)
        if isinstance(expr, sp.Piecewise):
            (first, condition), (second, _) = expr.args
            left, right = (np.real(self.at(side, where)) for side in condition.args)
            holds = {sp.Eq: np.equal, sp.GreaterThan: np.greater_equal}[condition.func](left, right)
            return np.where(holds, self.at(first, where), self.at(second, where))
        if isinstance(expr, sp.Indexed):
            return self.entry(expr, where)
        if expr.func == Entry:
            return self.at(entry_of(*expr.args), where)
        if expr.func == Partial:
            return self.measured(expr.args[0], expr.args[1], where)
        if expr in where:
            return where[expr]
        if expr in self.sizes:
            return self.sizes[expr]
        if not expr.is_Symbol:
            raise TypeError(f"there is no rule to evaluate {type(expr).__name__}, as in {expr}")
        return self.at(definition(expr), where) if expr in (L, L_mean) else self.values[expr.name]

    def entry(self, expr: Expr, where: Mapping[Expr, Array]) -> Array:
        array = self.array(expr.base.label.name)
        if array.ndim == 2 and len(expr.indices) == 1:
            if array.shape[1] != 1:
                raise ValueError(f"{plain(expr)} is of one example, but the values hold {array.shape[1]} examples")
            array = array[:, 0]
        position = [np.asarray(self.at(index, where), dtype=int) for index in expr.indices]
        for index, size in zip(position, array.shape, strict=True):
            if index.min() < 1 or index.max() > size:
                outside = index.min() if index.min() < 1 else index.max()
                raise IndexError(f"{plain(expr)} does not exist for index {outside}: it is counted 1..{size}")
        return np.asarray(array[tuple(index - 1 for index in position)])

    def array(self, name: str) -> Array:
        if name not in self.values:
            return evaluate(definition(NAMES[name]), self.values)
        return np.asarray(self.values[name])

    def measured(self, of: Expr, by: Expr, where: Mapping[Expr, Array]) -> Any:
        """d of / d by for every entry of ``by``: nudge one entry by i h, recompute what depends on it, take Im / h."""
        name, step = by.base.label.name, 1e-30
        entries = [self.at(index, where) for index in by.indices]
        total: Any = 0.0
        for entry in np.ndindex(self.values[name].shape):
            nudged = dict(self.values)
            nudged[name] = nudged[name].astype(complex)
            nudged[name][entry] += 1j * step
            for later in ("z1", "A1", "z2", "A2"):
                if depends_on(later, name):
                    nudged[later] = evaluate(definition(NAMES[later]), nudged)
            here = functools.reduce(operator.mul, (index == at + 1 for index, at in zip(entries, entry, strict=False)))
            total = total + here * np.imag(_Numbers(nudged).at(of, where)) / step
        return total


NAMES = {"z1": z1[j, n], "A1": A1[j, n], "z2": z2[k, n], "A2": A2[k, n], "L_of": L_of[n]}


# --- derivatives --------------------------------------------------------------------------------


class Gate(sp.Function):  # type: ignore[misc] # SymPy ships no types
    """1 where its argument is >= 0, else 0. Its slope is 0: away from the kink a gate stays as it is."""

    nargs = 1

    def fdiff(self, argindex: int = 1) -> Expr:
        return sp.Integer(0)


def without_cases(expr: Expr) -> Expr:
    """A two-way case as a sum of products, with a delta or a gate: SymPy moves cases out of a sum wrongly."""
    (first, condition), (second, _) = expr.args
    kinds = {sp.Eq: sp.KroneckerDelta, sp.Ge: lambda left, right: Gate(left - right)}
    holds = kinds[condition.func](*condition.args)
    return holds * first + (1 - holds) * second


class Computed(sp.Function):  # type: ignore[misc] # SymPy ships no types
    """A name that stands for its definition: SymPy differentiates the definition, and the name stays."""

    nargs = 1

    @property
    def free_symbols(self) -> set[Expr]:
        label = _label(self.args[0])
        return {*super().free_symbols, *(base.label for base in ARRAYS if depends_on(label, base.label.name))}

    def _eval_derivative(self, by: Expr) -> Expr:
        return sp.diff(written_out(definition(self.args[0]), by.base.label.name), by)


def _label(name: Expr) -> str:
    return str(name.base.label.name if isinstance(name, sp.Indexed) else name.name)


@functools.cache  # with the same fresh index each time, SymPy knows its derivative again
def written_out(expr: Expr, base: str) -> Expr:
    """The expression for SymPy to differentiate by an entry of ``base``: every name that depends on it is computed."""
    if isinstance(expr, sp.Indexed) or expr.is_Symbol:
        return Computed(expr) if depends_on(_label(expr), base) else expr
    if isinstance(expr, sp.Sum):
        index, low, high, summand = opened(expr)
        fresh = sp.Dummy(index.name, integer=True)  # so that no index of the derivative is caught by the sum
        return sp.Sum(written_out(summand.xreplace({index: fresh}), base), (fresh, low, high))
    if isinstance(expr, sp.Piecewise):
        return written_out(without_cases(expr), base)
    if not expr.args:
        return expr
    return expr.func(*(written_out(arg, base) for arg in expr.args))


def derived(partial: Expr) -> Expr:
    """What a ``Partial`` stands for: SymPy's derivative of the definitions, by that entry of an array."""
    of, by = partial.args
    return sp.diff(written_out(of, by.base.label.name), by)
