"""Single edits of a line: what people do wrong, and what would mend it.

``explained`` finds the edit of a course line that gives the learner's numbers; ``mended`` the one place in the
learner's own line where an edit makes it true. Both hold on several networks, never on a resemblance.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import sympy as sp

from mlpcourse.derivation import letters
from mlpcourse.derivation.chain import derivatives
from mlpcourse.derivation.defined import SHAPES
from mlpcourse.derivation.differences import shape
from mlpcourse.derivation.letters import COUNTS, Entry, Expr, K, L_mean, N, Partial, split_sum
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.numbers import Numbers, free_indices, random_values
from mlpcourse.derivation.standing import contradicts, standing
from mlpcourse.derivation.typesetting import is_gate, plain
from mlpcourse.network import Array

MOST_EDITS = 120  # of one line; of a line with derivatives, whose numbers are slow, fewer
MOST_SLOW_EDITS = 24
LIKE = {"A1": "z1", "z1": "A1", "A2": "z2", "z2": "A2"}  # arrays that are taken for one another


class Edit(NamedTuple):
    """What was done (a key of ``mistakes.MISTAKES``), the part that it was done to, and the whole line after it.

    path: where in the line's tree the part stands, or what it stands in: which argument, of that which, and so on.
    """

    kind: str
    part: Expr
    expr: Expr
    path: tuple[int, ...] = ()


Here = Callable[[Expr, tuple[Expr, ...]], Iterator[Edit]]


def edits(expr: Expr, scope: Sequence[Expr] = ()) -> Iterator[Edit]:
    """All single edits of the line; ``scope`` holds the index letters that may stand free in it."""
    yield from _variants(expr, tuple(scope))
    yield Edit("wrong_sign", expr, sp.Mul(-1, expr, evaluate=False))


def _variants(expr: Expr, scope: tuple[Expr, ...], here: Here | None = None) -> Iterator[Edit]:
    """The edits of every part; ``here`` gives those of one part itself."""
    yield from list((here or _here)(expr, scope))  # to its end, or SymPy's evaluation stays switched off meanwhile
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        for edit in _variants(body, (*scope, index), here):
            yield edit._replace(expr=letters.Sum(edit.expr, (index, low, high)), path=(0, *edit.path))
    elif isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        for edit in _variants(first, scope, here):
            yield edit._replace(expr=_cases(edit.expr, condition, second), path=(0, *edit.path))
        for edit in _variants(second, scope, here):
            yield edit._replace(expr=_cases(first, condition, edit.expr), path=(1, *edit.path))
    elif expr.args and not isinstance(expr, sp.Indexed | sp.KroneckerDelta) and expr.func not in (Entry, Partial):
        for at, arg in enumerate(expr.args):
            for edit in _variants(arg, scope, here):
                with sp.evaluate(False):
                    after = expr.func(*expr.args[:at], edit.expr, *expr.args[at + 1 :])
                yield edit._replace(expr=after, path=(at, *edit.path))


def place(line: Expr, *alike: Edit) -> str:
    """The edited part of the line as it is typed; where the line has more of the same, which of them."""
    text = plain(alike[0].part)
    same_text = re.compile(rf"(?<![\w,]){re.escape(text)}(?![\w,])")
    which: list[int] = []
    total = 0
    for edit in alike:
        before, here, after = plain(_marked(line, edit.path, edit.part)).partition(str(MARK))
        count, others = (len(same_text.findall(part)) for part in (before, before + here + after))
        which, total = [*which, count], max(total, others + 1 if here else 0)
    if total < 2 or total > len(_NUMBERS):
        return f"`{text}`"
    first, *more = (_ORDINALS[count] for count in dict.fromkeys(which))
    return f"the {first} of {_NUMBERS[total - 1]} `{text}`" + "".join(f", or the {other}" for other in more)


MARK = sp.Symbol("MARKED", real=True)
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")
_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight")


def _marked(expr: Expr, path: tuple[int, ...], part: Expr) -> Expr:
    """The line with ``MARK`` in the place of its part there."""
    if expr == part and not path:
        return MARK
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        return letters.Sum(_marked(body, path[1:], part), (index, low, high)) if path else expr
    if isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        sides = [
            _marked(side, path[1:], part) if path[:1] == (at,) else side for at, side in enumerate((first, second))
        ]
        return _cases(sides[0], condition, sides[1])
    at = path[0] if path else next((at for at, arg in enumerate(expr.args) if arg == part), None)
    if at is None:
        return expr
    with sp.evaluate(False):
        return expr.func(*expr.args[:at], _marked(expr.args[at], path[1:], part), *expr.args[at + 1 :])


def _cases(first: Expr, condition: Expr, second: Expr) -> Expr:
    with sp.evaluate(True):
        return sp.Piecewise((first, condition), (second, True), evaluate=False)


def _here(expr: Expr, scope: tuple[Expr, ...]) -> Iterator[Edit]:
    """The edits of this part itself."""
    if expr.is_Add:
        for at, term in enumerate(expr.args):
            others = expr.args[:at], expr.args[at + 1 :]
            with sp.evaluate(False):
                yield Edit("wrong_sign", term, sp.Add(*others[0], sp.Mul(-1, term), *others[1]))
            left = [*others[0], *others[1]]
            yield Edit("term_lost", term, left[0] if len(left) == 1 else sp.Add(*left, evaluate=False))
    elif expr.is_Mul:
        for at, factor in enumerate(expr.args):
            left = [*expr.args[:at], *expr.args[at + 1 :]]
            if factor != -1 and (kind := _lost(factor)) and left:
                yield Edit(kind, factor, left[0] if len(left) == 1 else sp.Mul(*left, evaluate=False))
            if left and _is_never_zero(factor):
                with sp.evaluate(False):
                    yield Edit("upside_down", factor, sp.Mul(*left, sp.Pow(factor, -1)))
            if factor.is_Add and len(factor.args) == 2:
                for first, second in (factor.args, factor.args[::-1]):
                    with sp.evaluate(False):
                        yield Edit("bracket_lost", factor, sp.Add(sp.Mul(*left, first), second))
    elif isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        for letter in scope:
            if COUNTS[letter.name] == high:
                yield Edit("one_path_only", expr, replaced(body, index, letter))
        if body.is_Pow and body.exp == 2:
            whole = letters.Sum(body.base, (index, low, high))
            yield Edit("square_of_terms", expr, sp.Pow(whole, 2, evaluate=False))
    elif isinstance(expr, sp.Indexed):
        name = expr.base.label.name
        for other in _other_indices(expr, scope):
            yield Edit("index_swapped", expr, other)
        if name in LIKE:
            yield Edit("wrong_array", expr, getattr(letters, LIKE[name])[expr.indices])
    elif expr.func == Partial:
        of, by = expr.args
        for other in _other_indices(by, scope):
            yield Edit("index_swapped", by, Partial(of, other))
        for other in _other_indices(of, scope) if isinstance(of, sp.Indexed) else ():
            yield Edit("index_swapped", of, Partial(other, by))
        if by.base.label.name in LIKE and not isinstance(of, sp.Indexed):
            through = of in (letters.L, L_mean) and by.base == letters.A1  # to z1 instead, which is through the gate
            kind = "gate_too_many" if through else "wrong_array"
            yield Edit(kind, expr, Partial(of, getattr(letters, LIKE[by.base.label.name])[by.indices]))
    elif expr.is_Pow and expr.exp == 2:
        yield Edit("square_lost", expr, expr.base)
    elif isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        yield Edit("cases_swapped", expr, _cases(second, condition, first))
        if second == 0:
            yield Edit("gate_dropped", expr, first)
            yield from (
                Edit("wrong_gate", expr, _cases(first, other, second)) for other in _other_gates(condition, scope)
            )


def _summed_too(expr: Expr, scope: tuple[Expr, ...]) -> Iterator[Edit]:
    """Of a sum beside another term, that term is left out."""
    for at, term in enumerate(expr.args) if expr.is_Add else ():
        factors = term.args if term.is_Mul else (term,)
        for place, part in enumerate(factors):
            if not isinstance(part, sp.Sum):
                continue
            index, _, high, body = split_sum(part)
            for letter in scope:
                if COUNTS[letter.name] == high:
                    but = letters.sum_but(body, index, letter, high)
                    with sp.evaluate(False):
                        left = but if len(factors) == 1 else sp.Mul(*factors[:place], but, *factors[place + 1 :])
                        after = sp.Add(*expr.args[:at], left, *expr.args[at + 1 :])
                    yield Edit("sum_leaves_out_one", term, after, (at,))


def _rarer(expr: Expr, scope: tuple[Expr, ...]) -> Iterator[Edit]:
    """Edits that are tried after those: plus for times and times for plus, another number, another array."""
    if expr.is_Add or (expr.is_Mul and -1 not in expr.args):
        other = sp.Mul if expr.is_Add else sp.Add
        for at, (first, second) in enumerate(itertools.pairwise(expr.args)):
            with sp.evaluate(False):
                joined = other(first, second)
                rest = (*expr.args[:at], joined, *expr.args[at + 2 :])
                yield Edit("wrong_operation", expr, joined if len(rest) == 1 else expr.func(*rest))
                if expr.is_Add and len(expr.args) > 2:  # of a bracket and another term, the bracket is not kept
                    yield Edit(
                        "wrong_operation", expr, sp.Mul(sp.Add(*expr.args[: at + 1]), sp.Add(*expr.args[at + 1 :]))
                    )
        if expr.is_Add and len(expr.args) == 2 and expr.args[0] == 1:
            yield Edit("complement", expr, sp.Mul(-1, expr.args[1]))
        yield from _drawn_in(expr)
        yield from _without_two(expr)
    elif expr.is_Mul:
        yield from _without_two(expr)
    elif isinstance(expr, sp.exp | sp.log):
        yield Edit("function_too_many", expr, expr.args[0])
    elif expr.is_Number:
        yield from (Edit("wrong_number", expr, sp.Integer(number)) for number in (0, 1, 2) if number != expr)
        for pair in itertools.combinations(scope, 2) if expr == 1 else ():
            if COUNTS[pair[0].name] == COUNTS[pair[1].name]:
                yield Edit("one_for_delta", expr, sp.KroneckerDelta(*pair))
    yield from _other_arrays(expr, scope)


def _without_two(expr: Expr) -> Iterator[Edit]:
    """A product without two of its factors; its sign stays."""
    factors = [factor for factor in expr.args if factor != -1] if expr.is_Mul and len(expr.args) > 2 else []
    for pair in itertools.combinations(factors, 2):
        others = [factor for factor in expr.args if factor not in pair]
        with sp.evaluate(False):
            both = sp.Mul(*pair)
            if others:
                yield Edit("factor_lost", both, others[0] if len(others) == 1 else sp.Mul(*others))


def _drawn_in(expr: Expr) -> Iterator[Edit]:
    """A product in which a factor beside a bracket multiplies one of its terms alone."""
    brackets = [at for at, factor in enumerate(expr.args) if factor.is_Add] if expr.is_Mul else []
    for bracket, at in itertools.product(brackets, range(len(expr.args))):
        terms, factor = expr.args[bracket].args, expr.args[at]
        for number, term in enumerate(terms) if at != bracket else ():
            with sp.evaluate(False):
                inside = sp.Add(*terms[:number], sp.Mul(factor, term), *terms[number + 1 :])
                rest = [inside if n == bracket else one for n, one in enumerate(expr.args) if n != at]
                yield Edit("bracket_too_wide", factor, rest[0] if len(rest) == 1 else sp.Mul(*rest), (at,))


def _everywhere(expr: Expr) -> list[Edit]:
    """The line with one array in the place of another that it is taken for, wherever that stands."""
    found = []
    for name, other in LIKE.items():
        entries = {part for part in sp.preorder_traversal(expr) if isinstance(part, sp.Indexed)}
        alike = {part: getattr(letters, other)[part.indices] for part in entries if part.base.label.name == name}
        if alike and not expr.has(Partial):
            with sp.evaluate(False):
                found.append(Edit("wrong_array", expr, expr.xreplace(alike)))
    return found


def _lacking(expr: Expr, scope: tuple[Expr, ...]) -> Iterator[Edit]:
    """A factor more in a term of the part, or a term more beside an entry in it."""
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        for factor in _factors((*scope, index), body):
            with sp.evaluate(False):
                yield Edit(_lost(factor), body, letters.Sum(sp.Mul(body, factor), (index, low, high)))
    elif expr.is_Add or expr.is_Mul:
        for at, part in enumerate(expr.args):
            others = expr.args[:at], expr.args[at + 1 :]
            for more in _factors(scope, part) if expr.is_Add else ():
                with sp.evaluate(False):
                    yield Edit(_lost(more), part, sp.Add(*others[0], sp.Mul(part, more), *others[1]))
            for more in _terms(part, scope):
                with sp.evaluate(False):
                    yield Edit("term_lost", part, expr.func(*others[0], sp.Add(part, more), *others[1]))


def _factors(scope: tuple[Expr, ...], part: Expr) -> Iterator[Expr]:
    """What a term may lack: a derivative where it has some, an entry, a division, a delta, a gate."""
    by_range: dict[Expr, list[Expr]] = {}
    for letter in scope:
        by_range.setdefault(COUNTS[letter.name], []).append(letter)
    classes, units = by_range.get(K, []), by_range.get(letters.H, [])
    example = tuple(by_range.get(N, [])[:1])
    if part.has(Partial):
        yield from (
            Partial(letters.A2[k, *example], letters.z2[i, *example]) for k, i in itertools.permutations(classes, 2)
        )
        yield from (Partial(letters.z2[k, *example], letters.A1[j, *example]) for k in classes for j in units)
        yield from (Partial(letters.A1[j, *example], letters.z1[j, *example]) for j in units)
    yield from (letters.w2[k, j] for k in classes for j in units)
    yield from (array[j, *example] for j in units for array in (letters.A1, letters.z1))
    yield from (letters.gated(sp.Integer(1), letters.z1[j, *example]) for j in units)
    yield from (letters.X[d, *example] for d in by_range.get(letters.D, []))
    yield from (letters.w1[j, d] for j in units for d in by_range.get(letters.D, []))
    for k in classes:
        yield from (
            letters.A2[k, *example],
            sp.Pow(letters.A2[k, *example], -1),
            letters.y[k, *example],
            letters.z2[k, *example],
        )
    for alike in by_range.values():
        yield from (sp.KroneckerDelta(*pair) for pair in itertools.combinations(alike, 2))
    yield from (1 / N, letters.c, sp.Integer(2), sp.Rational(1, 2))


def _terms(part: Expr, scope: tuple[Expr, ...]) -> Iterator[Expr]:
    """What may be missing beside an entry of A2 or y: the other one, with either sign, or 1."""
    if isinstance(part, sp.Indexed) and part.base in (letters.A2, letters.y):
        other = (letters.y if part.base == letters.A2 else letters.A2)[part.indices]
        yield from (sp.Mul(-1, other), other, sp.Integer(-1))


def _other_gates(condition: Expr, scope: tuple[Expr, ...]) -> Iterator[Expr]:
    """The same comparison of an entry of z1 in the place of another array's."""
    tested = condition.args[0]
    if isinstance(tested, sp.Indexed) and tested.base != letters.z1:
        example = tuple(letter for letter in tested.indices if COUNTS[letter.name] == N)
        for letter in scope:
            if COUNTS[letter.name] == letters.H:
                with sp.evaluate(True):
                    yield condition.func(letters.z1[letter, *example], *condition.args[1:], evaluate=False)


def _other_indices(entry: Expr, scope: tuple[Expr, ...]) -> Iterator[Expr]:
    """The entry with one index exchanged for another letter of the same range."""
    for at, index in enumerate(entry.indices):
        for letter in scope:
            if letter != index and index.is_Symbol and COUNTS[letter.name] == COUNTS[index.name]:
                yield entry.base[(*entry.indices[:at], letter, *entry.indices[at + 1 :])]


def _other_arrays(expr: Expr, scope: tuple[Expr, ...]) -> Iterator[Edit]:
    """An entry of any other array that the indices in scope reach."""
    if not isinstance(expr, sp.Indexed):
        return
    for base in letters.ARRAYS:
        axes = SHAPES[base.label.name]
        axes = axes if len(axes) == 1 or N not in axes or letters.n in scope or letters.q in scope else axes[:-1]
        choices = [[letter for letter in scope if COUNTS[letter.name] == size] for size in axes]
        for indices in itertools.product(*choices) if base != expr.base else ():
            yield Edit("wrong_array", expr, base[indices])
    if expr.base == letters.A1:
        yield Edit("not_differentiated", expr, letters.gated(sp.Integer(1), letters.z1[expr.indices]))
    yield from _error_instead(expr)


def _error_instead(expr: Expr, _: tuple[Expr, ...] = ()) -> Iterator[Edit]:
    """The error A2 - y in the place of an entry of y or z2."""
    if isinstance(expr, sp.Indexed) and expr.base in (letters.y, letters.z2):
        with sp.evaluate(False):
            error = sp.Add(letters.A2[expr.indices], sp.Mul(-1, letters.y[expr.indices]))
        yield Edit("wrong_array", expr, error)


def _is_never_zero(factor: Expr) -> bool:
    """Whether it can be divided by on every network: a probability, or what is divided by already."""
    probability = isinstance(factor, sp.Indexed) and factor.base == letters.A2
    return probability or (factor.is_Pow and factor.exp == -1 and not factor.base.is_Number)


def _lost(factor: Expr) -> str:
    if isinstance(factor, sp.KroneckerDelta):
        return "delta_dropped"
    if is_gate(factor) or _is_slope_of_relu(factor):
        return "gate_dropped"
    if factor == 1 / N:
        return "mean_forgotten"
    if factor.is_Pow and factor.exp.is_Number and factor.exp < 0:
        return "divisor_lost"
    if factor.is_Add and len(factor.args) == 2 and factor.args[0] == 1 and factor.args[1].has(sp.KroneckerDelta):
        return "exclusion_lost"
    return "factor_lost"


def _is_slope_of_relu(factor: Expr) -> bool:
    """Whether it is dA1/dz1, a gate that is not written out yet."""
    if factor.func != Partial or not isinstance(factor.args[0], sp.Indexed):
        return False
    of, by = factor.args
    return bool((of.base, by.base) == (letters.A1, letters.z1))


def replaced(expr: Expr, old: Expr, new: Expr) -> Expr:
    """The expression with ``new`` for the free letter ``old``."""
    if isinstance(expr, sp.Indexed | sp.Symbol):
        return expr.xreplace({old: new})
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        return expr if index == old else letters.Sum(replaced(body, old, new), (index, low, high))
    if isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        sides = [replaced(side, old, new) for side in condition.args]
        with sp.evaluate(True):
            when = condition.func(*sides, evaluate=False)
        return _cases(replaced(first, old, new), when, replaced(second, old, new))
    if not expr.args:
        return expr
    with sp.evaluate(False):
        return expr.func(*(replaced(arg, old, new) for arg in expr.args))


def by_the_outputs(lhs: Expr) -> Expr | None:
    """The same derivative by A2 instead of z2, as one has it who leaves out the softmax; None for another one."""
    if lhs.func != Partial or not isinstance(lhs.args[1], sp.Indexed) or lhs.args[1].base != letters.z2:
        return None
    of, by = lhs.args
    return None if isinstance(of, sp.Indexed) else Partial(of, letters.A2[by.indices])


# --- by numbers --------------------------------------------------------------------------------------------


@functools.cache
def networks(batch: bool) -> tuple[Mapping[str, Array], ...]:
    """Three networks, the first of which tells most edits apart; all sizes differ."""
    rng = np.random.default_rng(1847)
    sizes = ((4, 5, 3, 6), (3, 2, 4, 5), (2, 4, 3, 5))
    return tuple(random_values(rng, D, H, K, N if batch else 1) for D, H, K, N in sizes)


@np.errstate(all="ignore")
def numbers(expr: Expr, lhs: Expr, values: Mapping[str, Array]) -> Array | None:
    """The expression's numbers, an axis for each index of the left-hand side; None where it has none."""
    wanted = free_indices(lhs)
    own = free_indices(expr)
    if not set(own) <= set(wanted):
        return None
    sizes = {"D": len(values["X"]), "N": values["X"].shape[1], "H": len(values["w1"]), "K": len(values["y"])}
    if id(values) not in _KEPT:
        _KEPT[id(values)] = Numbers(values)
    kept = _KEPT[id(values)]
    kept.undefined.clear()
    try:
        result = np.asarray(kept.of(expr, own), dtype=float)
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
        return None
    order = [own.index(letter) for letter in wanted if letter in own]
    full = [sizes[COUNTS[letter.name].name] for letter in wanted]
    shape = [size if letter in own else 1 for letter, size in zip(wanted, full, strict=True)]
    whole = np.broadcast_to(result.transpose(order).reshape(shape), full)
    return whole if np.isfinite(whole).all() else None


# The same few networks always, with the copies of them by which derivatives are measured. Each holds its network, so
# that no other can come to have its id.
_KEPT: dict[int, Numbers] = {}


def same(first: Array | None, second: Array | None) -> bool:
    """Whether both are there and equal to rounding."""
    if first is None or second is None or first.shape != second.shape:
        return False
    scale = max(float(np.abs(first).max(initial=0)), float(np.abs(second).max(initial=0)), 1e-9)
    return bool(np.abs(first - second).max(initial=0) <= 1e-9 * scale)


def fits(expr: Expr, other: Expr, lhs: Expr) -> bool:
    """Whether the two have the same numbers on all of the networks."""
    every = networks(bool(lhs.has(L_mean)))
    return all(same(numbers(expr, lhs, values), numbers(other, lhs, values)) for values in every)


def _first_that_fits(tried: Iterator[Edit], truth: Expr, lhs: Expr) -> Edit | None:
    first = networks(bool(lhs.has(L_mean)))[0]
    target = numbers(truth, lhs, first)
    with sp.evaluate(False):  # throughout: SymPy forgets what it has computed whenever that is switched
        for edit in tried:
            if same(numbers(edit.expr, lhs, first), target) and fits(edit.expr, truth, lhs):
                return edit
    return None


def mended(wrong: Expr, truth: Expr, lhs: Expr) -> Edit | None:
    """The edit of the wrong line that makes it true, and the part of it that is to be changed."""
    most = MOST_SLOW_EDITS if derivatives(wrong) else MOST_EDITS
    scope = free_indices(lhs)
    tried = itertools.chain(
        _variants(wrong, scope, _summed_too),
        itertools.islice(edits(wrong, scope), most),
        itertools.islice(_variants(wrong, scope, _rarer), most),
        _everywhere(wrong),
    )
    return _first_that_fits(tried, truth, lhs)


def as_well(fix: Edit, wrong: Expr, truth: Expr, lhs: Expr) -> list[Edit]:
    """Edits of another part that is written alike, each of which mends the line as well."""
    scope = free_indices(lhs)
    every = itertools.chain(edits(wrong, scope), _variants(wrong, scope, _rarer))
    others = (edit for edit in every if (edit.kind, edit.part) == (fix.kind, fix.part) and edit.path != fix.path)
    with sp.evaluate(False):
        return [edit for edit in others if fits(edit.expr, truth, lhs)]


def idle(wrong: Expr, lhs: Expr) -> Edit | None:
    """The edit that takes away a term which is 0 on every network, so that the line has the numbers of one without."""
    shorter = (edit for edit in edits(wrong, free_indices(lhs)) if edit.kind == "term_lost")
    return _first_that_fits(shorter, wrong, lhs)


def lacking(wrong: Expr, scope: Sequence[Expr]) -> list[Edit]:
    """The line with a factor more, or a term."""
    with sp.evaluate(False):
        whole = [Edit(_lost(more), wrong, sp.Mul(wrong, more)) for more in _factors(tuple(scope), wrong)]
        return whole + [Edit("term_lost", wrong, sp.Add(wrong, more)) for more in _terms(wrong, tuple(scope))]


def lacking_inside(wrong: Expr, scope: Sequence[Expr]) -> Iterator[Edit]:
    """The line with a factor or a term more in one of its parts."""
    return _variants(wrong, tuple(scope), _lacking)


def with_error(wrong: Expr, scope: Sequence[Expr]) -> Iterator[Edit]:
    """The line with the error in the place of the label or of a logit."""
    yield from _variants(wrong, tuple(scope), _error_instead)
    for symbol in wrong.atoms(sp.MatrixSymbol) if wrong.func == Entry else ():
        if symbol.name in ("y", "z2"):
            A2, y = (sp.MatrixSymbol(name, *symbol.shape) for name in ("A2", "y"))
            formula, *indices = wrong.args
            error = sp.MatAdd(A2, sp.MatMul(-1, y))
            yield Edit("wrong_array", symbol, Entry(formula.xreplace({symbol: error}), *indices))


def completed(wrong: Expr, truth: Expr, lhs: Expr) -> Edit | None:
    """The factor or the term that the wrong line lacks to be true, and the part of the line where it does."""
    most = MOST_SLOW_EDITS if derivatives(wrong) else MOST_EDITS
    scope = free_indices(lhs)
    tried = itertools.chain(lacking(wrong, scope), lacking_inside(wrong, scope))
    return _first_that_fits(itertools.islice(tried, most), truth, lhs)


def explained(wrong: Expr, derivation: Derivation, nearest: Callable[[str], int]) -> tuple[Edit, str] | None:
    """The edit of one of the course's lines that gives the wrong line's numbers, and that line's key.

    ``nearest`` says how far a line of the course is from where the learner stands.
    """
    lhs = derivation.lhs
    first = networks(bool(lhs.has(L_mean)))[0]
    mine = numbers(wrong, lhs, first)
    if mine is None:
        return None
    found = [(edit, key) for edit, key, theirs in edited(derivation.name, derivation) if same(theirs, mine)]
    found.sort(key=lambda one: nearest(one[1]))
    for other in _other_roads(derivation):
        found += [(edit, key) for edit, key, theirs in edited(other.name, other) if same(theirs, mine)]
    found.sort(key=lambda one: shape(one[0].expr) != shape(wrong))  # what is written alike, before what only is equal
    there = standing(wrong)
    return next((one for one in found if can_be_said(one[0], wrong, there) and fits(one[0].expr, wrong, lhs)), None)


def _other_roads(derivation: Derivation) -> list[Derivation]:
    """The course's other derivations of the same result."""
    return [one for one in DERIVATIONS.values() if one.lhs == derivation.lhs and one.name != derivation.name]


def warm_up(derivation: Derivation) -> None:
    """Do what only the first wrong line would wait for: the course's lines with their edits."""
    for one in (derivation, *_other_roads(derivation)):
        edited(one.name, one)


def can_be_said(edit: Edit, wrong: Expr, there: frozenset[str]) -> bool:
    """Whether the line is written so that the edit may be what was done: nothing that it takes away stands there."""
    if shape(edit.expr) == shape(wrong):
        return True
    if edit.kind in ("exclusion_lost", "one_path_only") and ("sum" in there) != (edit.kind == "exclusion_lost"):
        return False
    if edit.kind in ("index_swapped", "wrong_array", "cases_swapped", "bracket_lost"):
        return standing(edit.expr) == there
    return not contradicts(_MISSING.get(edit.kind, ""), there)


_MISSING = {"gate_dropped": "gate", "delta_dropped": "delta", "mean_forgotten": "N"}


_KNOWN: dict[str, list[tuple[Edit, str, Array]]] = {}


def edited(name: str, derivation: Derivation) -> list[tuple[Edit, str, Array]]:
    """All edits of the course's lines that can be computed quickly, with their numbers on the first network."""
    if name not in _KNOWN:
        lhs = derivation.lhs
        first = networks(bool(lhs.has(L_mean)))[0]
        truth = numbers(derivation.lines[-1].expr, lhs, first)
        table = []
        with sp.evaluate(False):  # throughout, as in _first_that_fits
            for line in derivation.lines:
                if derivatives(line.expr):
                    continue
                for edit in itertools.islice(edits(line.expr, free_indices(lhs)), MOST_EDITS):
                    values = numbers(edit.expr, lhs, first)
                    if values is not None and not same(values, truth):
                        table.append((edit, line.key, values))
        _KNOWN[name] = table
    return _KNOWN[name]
