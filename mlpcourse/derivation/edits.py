"""Single edits of a line: what people do wrong, and what would mend it.

``explained`` finds the edit of a course line that gives the learner's numbers; ``mended`` the one place in the
learner's own line where an edit makes it true. Both hold on several networks, never on a resemblance.
"""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import sympy as sp

from mlpcourse.derivation import letters
from mlpcourse.derivation.chain import derivatives, shape
from mlpcourse.derivation.defined import SHAPES
from mlpcourse.derivation.letters import COUNTS, Entry, Expr, K, L, L_mean, N, Partial, split_sum
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.numbers import evaluate, free_indices, random_values
from mlpcourse.derivation.typesetting import is_gate
from mlpcourse.network import Array

MOST_EDITS = 120  # of one line; of a line with derivatives, whose numbers are slow, fewer
MOST_SLOW_EDITS = 24
LIKE = {"A1": "z1", "z1": "A1", "A2": "z2", "z2": "A2"}  # arrays that are taken for one another


class Edit(NamedTuple):
    """What was done (a key of ``MISTAKES``), the part that it was done to, and the whole line after it."""

    kind: str
    part: Expr
    expr: Expr


class Mistake(NamedTuple):
    """In words: what is wrong with the line, why it tempts, and what to ask oneself."""

    title: str
    tempts: str
    hint: str


Here = Callable[[Expr, tuple[Expr, ...]], Iterator[Edit]]

MISTAKES = {
    "wrong_sign": Mistake(
        "a sign is turned round", "A minus that stands far in front is easily left behind while a line is rewritten.",
        "Follow the minus signs through your lines, one by one.",
    ),
    "term_lost": Mistake(
        "a term is lost", "While a bracket is multiplied out, one of its terms is easily left behind.",
        "Multiply the brackets out once more: how many terms are there?",
    ),
    "factor_lost": Mistake(
        "a factor is lost", "A factor that all terms share is easily left behind when the others are rewritten.",
        "Which factors belong to each term? Go through them one by one.",
    ),
    "divisor_lost": Mistake(
        "a divisor is lost", "A fraction is rewritten, and what stood below it is forgotten.",
        "What is each term divided by, and where does it stand in your line?",
    ),
    "delta_dropped": Mistake(
        "Kronecker's delta is dropped", "It is 1 where one looks first, at equal indices.",
        "For which indices does this depend on what you differentiate by?",
    ),
    "gate_dropped": Mistake(
        "the gate is dropped", "With an open gate the factor is 1, and nothing seems to be missing.",
        "What does a hidden unit with z1 < 0 pass on?",
    ),
    "mean_forgotten": Mistake(
        "the division by N is missing", "For one example this is the whole line, and it is carried over to the batch.",
        "L is the mean over the examples. By how much does one example's loss move it?",
    ),
    "one_path_only": Mistake(
        "only one path is followed", "The chain rule for one variable has one product and no sum.",
        "Through how many quantities does this variable reach the loss?",
    ),
    "index_swapped": Mistake(
        "an index is another one", "Two letters count the same classes, and one is written for the other.",
        "What does each letter number: the output, or the logit that is moved?",
    ),
    "exclusion_lost": Mistake(
        "the sum runs over one index too many", "The term that was split off is still in the sum.",
        "Which term stands outside the sum already?",
    ),
    "square_lost": Mistake(
        "a square is lost", "Of a squared denominator, one factor looks like the whole.",
        "How often is the sum divided by?",
    ),
    "cases_swapped": Mistake(
        "the two cases are exchanged", "Both have the same factors in another order.",
        "Put i = k into your line: which case?",
    ),
    "wrong_array": Mistake(
        "one array stands for another", "Arrays that stand side by side in a line are easily taken for each other.",
        "Which array is it by the rule of this step, and which stands there?",
    ),
    "bracket_lost": Mistake(
        "a factor reaches only one of two terms", "Without its bracket, a product ends at the next plus or minus.",
        "What does the factor in front of the bracket multiply?",
    ),
    "factor_too_many": Mistake(
        "there is a factor too many", "It belongs to a neighbouring quantity, or it had been cancelled already.",
        "Where does each factor come from? Name the step that brings it in.",
    ),
    "divisor_too_many": Mistake(
        "it is divided once too often", "A mean or a normalisation is easily taken twice, or where there is none.",
        "Which sum or mean brings this divisor in?",
    ),
    "wrong_gate": Mistake(
        "the gate tests another array than z1", "What enters the layer stands nearer than what opens its gates.",
        "Which number decides whether a hidden unit hands something on?",
    ),
    "gate_too_many": Mistake(
        "a gate stands where none belongs, or the wrong one", "Gates come one step later, or look at the other side.",
        "Between which two quantities does the ReLU stand?",
    ),
    "term_too_many": Mistake(
        "there is a term too many", "What was rewritten as something else still stands beside it.",
        "Where does each term come from?",
    ),
    "sum_too_many": Mistake(
        "there is a sum too many", "The chain rule sums over all paths, and here only one of them is left.",
        "For how many values of the sum's letter is the term not 0?",
    ),
    "sum_lost": Mistake(
        "a sum is lost", "The chain rule for one variable has one product and no sum.",
        "Which index stands on the right only? All its values count.",
    ),
    "wrong_layer_weights": Mistake(
        "the weights are those of the other layer", "Both layers have weights, and the hidden layer's are nearest.",
        "Which weights lead from the hidden unit to the class?",
    ),
    "weights_transposed": Mistake(
        "the two indices of the weights are exchanged", "Going back, one reads the weights from the other side.",
        "The first index counts rows: what does a row of the matrix lead to?",
    ),
    "sum_leaves_out_one": Mistake(
        "the sum leaves out an index that belongs in it", "One term was split off before, and here it was not.",
        "Does the term that the sum leaves out stand anywhere else?",
    ),
    "terms_counted": Mistake(
        "a sum over all classes is taken for K", "A sum of K terms looks like K ones.",
        "What do the K terms add up to? Write them out for y = (1, 0, 0).",
    ),
    "terms_cancel": Mistake(
        "everything cancels: the line is 0 on every network", "The cases of one formula look like terms to be added.",
        "Can the left-hand side be 0 on every network?",
    ),
    "other_term": Mistake(
        "one term is another one", "What was differentiated last, or stands next to it, is written in its place.",
        "Which step brings this term in, and by which letter is it differentiated there?",
    ),
    "upside_down": Mistake(
        "a factor is upside down", "A fraction is easily turned while a line is copied.",
        "Which of the two is divided by the other, and which rule says so?",
    ),
    "not_differentiated": Mistake(
        "the function itself stands where its slope belongs", "The formula is rewritten before it is differentiated.",
        "How much does it change when what you differentiate by grows a little?",
    ),
    "softmax_path_missing": Mistake(
        "the path through the softmax is missing: this is the derivative by A2, not by z2",
        "The function is differentiated by its argument, and that looks like the end.",
        "Which function lies between z2 and A2, and where is its derivative in your line?",
    ),
    "only_for_two_classes": Mistake(
        "it holds for two classes only", "With K = 2, 1 minus one probability is the other one.",
        "Try it with three classes: what do the probabilities of the other two have in common?",
    ),
    "only_for_equal_indices": Mistake(
        "it holds only where the two indices are equal", "The own logit is looked at first, and its case is kept.",
        "What does raising one logit do to the probability of another class?",
    ),
    "only_for_different_indices": Mistake(
        "it holds only where the two indices differ", "The case of another class is kept for the own one.",
        "What does raising a logit do to its own probability?",
    ),
    "kink": Mistake(
        "it differs at z1 = 0 alone, where the course's ReLU has slope 1 by convention",
        "At 0 ReLU has no slope: every number from 0 to 1 would do, and many libraries take 0.",
        "The handout opens the gate at z1 >= 0. Which sign is that?",
    ),
}  # fmt: skip


def edits(expr: Expr, scope: Sequence[Expr] = ()) -> Iterator[Edit]:
    """All single edits of the line; ``scope`` holds the index letters that may stand free in it."""
    yield from _variants(expr, tuple(scope))
    yield Edit("wrong_sign", expr, sp.Mul(-1, expr, evaluate=False))


def _variants(expr: Expr, scope: tuple[Expr, ...], here: Here | None = None) -> Iterator[Edit]:
    """The edits of every part; ``here`` gives those of one part itself."""
    yield from (here or _here)(expr, scope)
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        for edit in _variants(body, (*scope, index), here):
            yield edit._replace(expr=letters.Sum(edit.expr, (index, low, high)))
    elif isinstance(expr, sp.Piecewise):
        (first, condition), (second, _) = expr.args
        for edit in _variants(first, scope, here):
            yield edit._replace(expr=_cases(edit.expr, condition, second))
        for edit in _variants(second, scope, here):
            yield edit._replace(expr=_cases(first, condition, edit.expr))
    elif expr.args and not isinstance(expr, sp.Indexed | sp.KroneckerDelta) and expr.func not in (Entry, Partial):
        for at, arg in enumerate(expr.args):
            for edit in _variants(arg, scope, here):
                with sp.evaluate(False):
                    yield edit._replace(expr=expr.func(*expr.args[:at], edit.expr, *expr.args[at + 1 :]))


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
        index, _, high, body = split_sum(expr)
        for letter in scope:
            if COUNTS[letter.name] == high:
                yield Edit("one_path_only", expr, replaced(body, index, letter))
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


def _other_gates(condition: Expr, scope: tuple[Expr, ...]) -> Iterator[Expr]:
    """The same comparison of an entry of z1 in the place of another array's."""
    tested = condition.args[0]
    if isinstance(tested, sp.Indexed) and tested.base != letters.z1:
        for letter in scope:
            if COUNTS[letter.name] == letters.H:
                with sp.evaluate(True):
                    yield condition.func(letters.z1[letter], *condition.args[1:], evaluate=False)


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


def _is_never_zero(factor: Expr) -> bool:
    """Whether it can be divided by on every network: a probability, or what is divided by already."""
    probability = isinstance(factor, sp.Indexed) and factor.base == letters.A2
    return probability or (factor.is_Pow and factor.exp == -1 and not factor.base.is_Number)


def _lost(factor: Expr) -> str:
    if isinstance(factor, sp.KroneckerDelta):
        return "delta_dropped"
    if is_gate(factor):
        return "gate_dropped"
    if factor == 1 / N:
        return "mean_forgotten"
    if factor.is_Pow and factor.exp.is_Number and factor.exp < 0:
        return "divisor_lost"
    if factor.is_Add and len(factor.args) == 2 and factor.args[0] == 1 and factor.args[1].has(sp.KroneckerDelta):
        return "exclusion_lost"
    return "factor_lost"


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


# What was done wrong where undoing it is such an edit.
UNDONE = {
    "term_lost": "term_too_many", "factor_lost": "factor_too_many", "delta_dropped": "factor_too_many",
    "square_lost": "factor_too_many", "divisor_lost": "divisor_too_many", "mean_forgotten": "divisor_too_many",
    "gate_dropped": "gate_too_many", "one_path_only": "sum_too_many", "exclusion_lost": "sum_leaves_out_one",
}  # fmt: skip


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
    try:
        result = np.asarray(evaluate(expr, values), dtype=float)
    except (ArithmeticError, IndexError, KeyError, TypeError, ValueError):
        return None
    order = [own.index(letter) for letter in wanted if letter in own]
    full = [sizes[COUNTS[letter.name].name] for letter in wanted]
    shape = [size if letter in own else 1 for letter, size in zip(wanted, full, strict=True)]
    whole = np.broadcast_to(result.transpose(order).reshape(shape), full)
    return whole if np.isfinite(whole).all() else None


def same(first: Array | None, second: Array | None) -> bool:
    """Whether both are there and equal to rounding."""
    if first is None or second is None or first.shape != second.shape:
        return False
    scale = max(float(np.abs(first).max(initial=0)), float(np.abs(second).max(initial=0)), 1e-9)
    return bool(np.abs(first - second).max(initial=0) <= 1e-9 * scale)


def _fits(expr: Expr, other: Expr, lhs: Expr) -> bool:
    """Whether the two have the same numbers on all of the networks."""
    every = networks(bool(lhs.has(L_mean)))
    return all(same(numbers(expr, lhs, values), numbers(other, lhs, values)) for values in every)


def mended(wrong: Expr, truth: Expr, lhs: Expr) -> Edit | None:
    """The edit of the wrong line that makes it true, and the part of it that is to be changed."""
    first = networks(bool(lhs.has(L_mean)))[0]
    target = numbers(truth, lhs, first)
    most = MOST_SLOW_EDITS if derivatives(wrong) else MOST_EDITS
    scope = free_indices(lhs)
    tried = itertools.chain(
        itertools.islice(edits(wrong, scope), most), itertools.islice(_variants(wrong, scope, _other_arrays), most)
    )
    for edit in tried:
        if same(numbers(edit.expr, lhs, first), target) and _fits(edit.expr, truth, lhs):
            return edit
    return None


def explained(wrong: Expr, derivation: Derivation, nearest: Callable[[str], int]) -> tuple[Edit, str] | None:
    """The edit of one of the course's lines that gives the wrong line's numbers, and that line's key.

    ``nearest`` says how far a line of the course is from where the learner stands.
    """
    lhs = derivation.lhs
    first = networks(bool(lhs.has(L_mean)))[0]
    mine = numbers(wrong, lhs, first)
    if mine is None:
        return None
    found = [(edit, key) for edit, key, theirs in _edited(derivation.name, derivation) if same(theirs, mine)]
    found.sort(key=lambda one: nearest(one[1]))
    for other in DERIVATIONS.values():  # another road to the same end
        if other.lhs == lhs and other.name != derivation.name:
            found += [(edit, key) for edit, key, theirs in _edited(other.name, other) if same(theirs, mine)]
    found.sort(key=lambda one: shape(one[0].expr) != shape(wrong))  # what is written alike, before what only is equal
    return next((one for one in found if _fits(one[0].expr, wrong, lhs)), None)


def counts_terms(wrong: Expr, truth: Expr, lhs: Expr) -> bool:
    """Whether 1 in the place of K makes the line true: the entries of y, or of A2, were counted and not added up."""
    once = replaced(wrong, K, sp.Integer(1))
    divides = any(part.is_Pow and part.base == K for part in sp.preorder_traversal(wrong))
    return bool(once != wrong and not divides and _fits(once, truth, lhs))


def special(wrong: Expr, truth: Expr, lhs: Expr) -> str:
    """The kind of a line that is right in a special case only, or is no derivative at all; else ""."""
    every = networks(bool(lhs.has(L_mean)))
    both = [(numbers(wrong, lhs, values), numbers(truth, lhs, values)) for values in every]
    pairs = [(mine, right) for mine, right in both if mine is not None and right is not None]
    if len(pairs) < len(every):
        return ""
    for whole in lhs.args if lhs.func == Partial and lhs.args[0] not in (L, L_mean) else ():
        if _fits(wrong, whole, lhs):
            return "not_differentiated"
    if lhs.func == Partial and lhs.args[0] == L and any(_fits(wrong, one, lhs) for one in _terms_of_the_loss(lhs)):
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


def other_term(wrong: Expr, truth: Expr, lhs: Expr) -> Expr | None:
    """The one term of a wrong sum in whose place a term of the true one makes it right."""
    ours = sp.Add.make_args(truth)
    for term in wrong.args if isinstance(wrong, sp.Add) and len(ours) > 1 else ():
        rest = sp.Add(*(other for other in wrong.args if other is not term))
        if any(_fits(sp.Add(rest, one), truth, lhs) for one in ours):
            return term
    return None


def upside_down(wrong: Expr, truth: Expr, lhs: Expr) -> bool:
    """Whether it is the true line with its fraction turned over: on some networks it divides by 0."""
    return not isinstance(wrong, sp.MatrixExpr) and _fits(sp.Pow(wrong, -1), truth, lhs)


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


_KNOWN: dict[str, list[tuple[Edit, str, Array]]] = {}


def _edited(name: str, derivation: Derivation) -> list[tuple[Edit, str, Array]]:
    """All edits of the course's lines that can be computed quickly, with their numbers on the first network."""
    if name not in _KNOWN:
        lhs = derivation.lhs
        first = networks(bool(lhs.has(L_mean)))[0]
        truth = numbers(derivation.lines[-1].expr, lhs, first)
        table = []
        for line in derivation.lines:
            if derivatives(line.expr):
                continue
            for edit in itertools.islice(edits(line.expr, free_indices(lhs)), MOST_EDITS):
                values = numbers(edit.expr, lhs, first)
                if values is not None and not same(values, truth):
                    table.append((edit, line.key, values))
        _KNOWN[name] = table
    return _KNOWN[name]
