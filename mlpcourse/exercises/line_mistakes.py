"""Naming what is wrong with a line of a derivation: a slip, or the place where one change makes the line true.

Equal numbers are not enough for a name. What its words say is missing must not stand in the line.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import sympy as sp

from mlpcourse.derivation import chain as chains
from mlpcourse.derivation import edits, letters, special_cases, two_edits
from mlpcourse.derivation.chain import Chain, Judged
from mlpcourse.derivation.differences import shape
from mlpcourse.derivation.handout import HANDOUT_SLIPS
from mlpcourse.derivation.letters import A2, COUNTS, Expr, L_mean, split_sum, y
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.mistakes import MISTAKES, UNDONE
from mlpcourse.derivation.numbers import free_indices
from mlpcourse.derivation.reading import read_line
from mlpcourse.derivation.standing import contradicts, standing
from mlpcourse.derivation.typesetting import plain
from mlpcourse.exercises.diagnosis import Suspects
from mlpcourse.exercises.wording import capitalised, uncapitalised

# What the catalogue of slips knows each result as, and what it is computed from.
NODES: dict[str, tuple[str, tuple[str, ...]]] = {
    "softmax_jacobian": ("J", ("A2",)),
    "output_delta": ("delta2", ("A2", "y")),
    "grad_w2": ("dw2", ("A2", "y", "A1")),
    "grad_b2": ("db2", ("A2", "y")),
    "hidden_signal": ("dA1", ("A2", "y", "w2")),
    "hidden_delta": ("delta1", ("A2", "y", "w2", "z1")),
    "grad_w1": ("dw1", ("A2", "y", "w2", "z1", "X")),
    "grad_b1": ("db1", ("A2", "y", "w2", "z1")),
}


def diagnosed(line: Judged, chain: Chain) -> Judged:
    """A refuted line with the name of its slip, or with the place where one change makes it true."""
    derivation = chain.derivation
    if line.verdict == "unreadable":
        return _as_printed(line, derivation) if line.expr is not None else _nearly_read(line, chain)
    if line.defines:  # a line aside may be one of another derivation
        about = next((one for one in DERIVATIONS.values() if one.lhs == line.sides[0]), None)
        named = diagnosed(replace(line, defines=""), Chain(about)) if about and line.verdict == "refuted" else line
        return replace(named, defines=line.defines)
    wrong = line.expr
    if line.verdict == "undecided" and special_cases.upside_down(wrong, derivation.lines[-1].expr, derivation.lhs):
        return replace(line, verdict="refuted", slip="upside_down", details=_in_words("upside_down"))
    if line.verdict != "refuted":
        return line
    if captured := _captured_index(wrong, derivation.lhs):
        return replace(line, slip="one_letter_twice", details=captured)
    if line.counterexample is not None and line.counterexample.at_kink:
        return replace(line, slip="kink", details=_in_words("kink"))
    found = _one_mistake(wrong, chain)
    if found is None and sum(before.verdict == "refuted" for before in chain.lines) < MOST_WRONG:
        found = _two_mistakes(wrong, chain)
    return line if found is None else replace(line, slip=found[0], details=found[1])


MOST_WRONG = 5  # lines of a text in which two mistakes are looked for: a whole text is judged in a limited time


Named = tuple[str, tuple[tuple[str, str], ...]]


def _one_mistake(wrong: Expr, chain: Chain) -> Named | None:
    """One mistake that explains the line, or the place where one change makes it true."""
    derivation = chain.derivation
    truth = derivation.lines[-1].expr
    if special_cases.counts_terms(wrong, truth, derivation.lhs):
        return "terms_counted", _in_words("terms_counted")
    there = standing(wrong)
    named = (
        _handout_slip(wrong, there, derivation)
        or _catalogued(wrong, there, derivation)
        or _without_softmax(wrong, there, derivation)
    )
    fix = edits.mended(wrong, truth, derivation.lhs)
    place = _place(wrong, fix, *edits.as_well(fix, wrong, truth, derivation.lhs)) if fix is not None else ()
    signs = fix is not None and fix.kind == "wrong_sign" and not _label_first(wrong)
    if signs and named is not None and named[0] == "label_minus_probability":
        named = None  # a sign that was lost on the way: nothing says that the label stood first
    if named is not None:
        slip, details = named
        return slip, (*details, *place)
    kind = "" if fix is None else UNDONE.get(fix.kind, fix.kind)
    if fix is not None and (kind == fix.kind or fix.part in wrong.args):
        return kind, (*_in_words(kind), *place)
    found = edits.explained(wrong, derivation, _distance(chain))
    lacking = edits.completed(wrong, truth, derivation.lhs) if fix is None else None
    if found is not None and (fix is None or shape(found[0].expr) == shape(wrong)):
        kind = found[0].kind
        if kind in LOST:
            place = ()  # what may be left out as well is not what is wrong
    if kind == "term_lost" and lacking is None and (instead := edits.idle(wrong, derivation.lhs)) is not None:
        kind, place = "other_term", _place(wrong, instead)
    kind = kind or special_cases.special(wrong, truth, derivation.lhs)
    if lacking is not None and kind in ("", "terms_cancel"):
        kind = lacking.kind
    if lacking is not None and kind in LOST:
        kind = kind if LOST[kind] == LOST[lacking.kind] else lacking.kind
        place = ((MISSING, f"{edits.place(wrong, lacking)} lacks a {LOST[lacking.kind]}."),)
    if not kind and (term := special_cases.other_term(wrong, truth, derivation.lhs)) is not None:
        kind, place = "other_term", _place(wrong, edits.Edit("other_term", term, term))
    return (kind, (*_in_words(kind), *place)) if kind else None


def _distance(chain: Chain) -> Callable[[str], int]:
    """How far a line of the course is from where the learner stands."""
    keys, here = chain.derivation.keys, chain.place()
    return lambda key: abs(keys.index(key) + 1 - here)


def _two_mistakes(wrong: Expr, chain: Chain) -> Named | None:
    """A sign and another mistake, else any two that together explain the line."""
    lhs = chain.derivation.lhs
    if not free_indices(wrong) and not wrong.has(sp.Indexed):
        return None  # a number alone, which anything might explain
    weak: Named | None = None
    for sign in two_edits.signs(wrong, lhs):
        one = _one_mistake(sign.expr, chain)
        if one is None or one[0] == "terms_cancel":
            continue
        slip, (happened, *details) = one
        details = [(label, said) for label, said in details if label != MISSING or said.split("`")[1] in plain(wrong)]
        title = MISTAKES[slip].title if slip in MISTAKES else uncapitalised(happened[1].removesuffix("."))
        what = "two signs are turned round" if slip == "wrong_sign" else f"{title}, and a sign is turned round"
        where = _with_sign(details, _place(wrong, sign))
        both: Named = slip, (("What happened", f"Two mistakes meet: {what}."), *where)
        if not slip.startswith("only_for"):
            return both
        weak = weak or both  # that it is right in a special case says less than what was done
    pair = None if weak else two_edits.explained(wrong, chain.derivation, _distance(chain))
    if pair is None:
        return weak or _lacking_beside_a_slip(wrong, chain.derivation)
    first, then = pair
    titles = [MISTAKES[kind].title for kind in (then, first)]
    what = f"Two mistakes meet: {titles[0]}, and {titles[1]}." if first != then else f"Twice: {titles[0]}."
    return then, (("What happened", what), *_in_words(then)[1:])


def _lacking_beside_a_slip(wrong: Expr, derivation: Derivation) -> Named | None:
    """A slip of the catalogue in a line that lacks a factor besides."""
    for edit in edits.lacking(wrong, free_indices(derivation.lhs)):
        one = _catalogued(edit.expr, standing(wrong) | standing(edit.expr), derivation)
        if one is not None:
            slip, ((label, said), *details) = one
            title = uncapitalised(said.removesuffix("."))
            return slip, ((label, f"Two mistakes meet: {title}, and {MISTAKES[edit.kind].title}."), *details)
    return None


def _with_sign(details: Sequence[tuple[str, str]], sign: tuple[tuple[str, str], ...]) -> list[tuple[str, str]]:
    """The details of another mistake with the place of a sign, in one sentence with the other's place."""
    ((label, said),) = sign
    places = [words.split(";")[0] for other, words in details if other == label]
    rest = [detail for detail in details if detail[0] != label]
    return [*rest, (label, f"{places[0]}, and {said}" if places else f"{said.split(';')[0]}.")]


MISSING = "Missing in your line"
LOST = {"factor_lost": "factor", "term_lost": "term", "divisor_lost": "divisor", "gate_dropped": "gate",
        "delta_dropped": "delta", "mean_forgotten": "divisor"}  # fmt: skip


def _place(wrong: Expr, fix: edits.Edit, *alike: edits.Edit) -> tuple[tuple[str, str], ...]:
    """What is to be changed in the line, and which one of several alike."""
    if fix.part != wrong:
        part = f"{'the sign of ' if fix.kind == 'wrong_sign' else ''}{edits.place(wrong, fix, *alike)}"
    elif fix.kind == "wrong_sign":
        part = "the sign of all of it"
    else:
        return ()
    return (("Wrong in your line", f"{part}; all the rest may stay as it is."),)


def _label_first(expr: Expr) -> bool:
    """Whether a label and a probability of one index stand there as y - A2."""
    for part in sp.preorder_traversal(expr):
        if getattr(part, "is_Add", False):
            labels = [term for term in part.args if isinstance(term, sp.Indexed) and term.base == y]
            if any(sp.Mul(-1, A2[label.indices]) in part.args for label in labels):
                return True
        if isinstance(part, sp.MatAdd):
            terms = {symbol.name: term for term in part.args for symbol in term.atoms(sp.MatrixSymbol)}
            if isinstance(terms.get("y"), sp.MatrixSymbol) and isinstance(terms.get("A2"), sp.MatMul):
                return True
    return False


def _nearly_read(line: Judged, chain: Chain) -> Judged:
    """A line that cannot be read, with the name of its slip if one change makes it a true one."""
    if len(line.text) > MOST_SIGNS:
        return line
    if free := re.match(r"The index (\w) is free", line.message):
        lhs, truth = chain.derivation.lhs, chain.derivation.lines[-1].expr
        batch = bool(lhs.has(L_mean))
        expr, letter = read_line(line.text, batch=batch, names=chain.names).sides[-1], getattr(letters, free[1])
        for other in free_indices(lhs):
            renamed = edits.replaced(expr, letter, other) if COUNTS[other.name] == COUNTS[letter.name] else expr
            if renamed != expr and chains.claim(truth, renamed).verdict == "proven":
                return replace(line, slip="index_swapped", details=_in_words("index_swapped"))
        whole = letters.Sum(expr, (letter, 1, COUNTS[letter.name]))
        if chains.claim(truth, whole).verdict == "proven":
            return replace(line, slip="sum_lost", details=_in_words("sum_lost"))
        if captured := _captured_index(expr, lhs):
            return replace(line, slip="one_letter_twice", details=captured)
    elif " runs over " in line.message:
        weights = r"(w_?\{?)([12])(\}?,?_?\{?)([a-z])(,?)([a-z])"
        other = re.sub(weights, lambda w: f"{w[1]}{3 - int(w[2])}{''.join(w.groups()[2:])}", line.text)
        turned = re.sub(weights, r"\1\2\3\6\5\4", line.text)
        for slip, text in (("wrong_layer_weights", other), ("weights_transposed", turned)):
            if text != line.text and chain.judge(text).verdict == "proven":
                seen = f"{line.message.split('. ')[0]}."  # with its question answered
                return replace(line, slip=slip, message=seen, details=_in_words(slip))
    return line


MOST_SIGNS = 200  # of a line that is read once more, with one change


def _captured_index(wrong: Expr, lhs: Expr) -> tuple[tuple[str, str], ...]:
    """The details of a line in which a sum has taken an index of the left-hand side for its own letter; else none."""
    sums = {split_sum(part)[0] for part in sp.preorder_traversal(wrong) if isinstance(part, sp.Sum)}
    captured = [index for index in free_indices(lhs) if index in sums and index not in free_indices(wrong)]
    if not captured:
        return ()
    letter = captured[0]
    said = (
        f"The sum runs over {letter}, and {letter} is an index of the left-hand side. Inside the sum it is the sum's "
        "own letter, so the line does not depend on it."
    )
    return ("What happened", said), ("To think about", "Is there anything to sum over, and which letter counts it?")


def _in_words(kind: str) -> tuple[tuple[str, str], ...]:
    mistake = MISTAKES[kind]
    return (
        ("What happened", f"{mistake.title[0].upper()}{mistake.title[1:]}."),
        ("Why it tempts", mistake.tempts),
        ("To think about", mistake.hint),
    )


def _as_printed(line: Judged, derivation: Derivation) -> Judged:
    """A line that has no meaning everywhere, if the handout prints it so: with that slip's name."""
    for slip in HANDOUT_SLIPS.values():
        if slip.wrong is not None and shape(slip.wrong) == shape(line.expr):
            return replace(line, slip=slip.name, details=(("What happened", slip.why),))
    return line


def _handout_slip(wrong: Expr, there: frozenset[str], derivation: Derivation) -> Named | None:
    """The handout's slip whose numbers these are, on every network, in a line written with the same means."""
    lhs = derivation.lhs
    batch = bool(lhs.has(L_mean))
    if batch:
        return None
    for slip in HANDOUT_SLIPS.values():
        if slip.wrong is None or slip.truth != lhs:
            continue
        its = standing(slip.wrong)
        if not its & {"exp", "sum"} <= there <= its:
            continue
        pairs = [
            (edits.numbers(slip.wrong, lhs, values), edits.numbers(wrong, lhs, values))
            for values in edits.networks(False)
        ]
        if all(edits.same(*pair) for pair in pairs):
            return slip.name, (("What happened", slip.why),)
    return None


def _without_softmax(wrong: Expr, there: frozenset[str], derivation: Derivation) -> Named | None:
    """The slip of a line with the derivative by A2, where that by z2 is sought."""
    lhs = derivation.lhs
    other = edits.by_the_outputs(lhs)
    if other is None or "softmax" in there:
        return None
    for values in edits.networks(bool(lhs.has(L_mean))):
        if not edits.same(edits.numbers(other, lhs, values), edits.numbers(wrong, lhs, values)):
            return None
    return "softmax_path_missing", _in_words("softmax_path_missing")


@functools.cache
def _suspects(name: str) -> tuple[Suspects, tuple[Mapping[str, Any], ...]] | None:
    """The catalogue's wrong answers for this derivation's result, on the networks that lines are compared on."""
    batch = name.startswith("batch_")
    node, given = NODES.get(name.removeprefix("batch_").removesuffix("_matrix"), ("", ()))
    if not node:
        return None
    every = edits.networks(batch)
    cases = [{array: values[array] for array in given} for values in every]
    truths = [(np.asarray(_shaped(DERIVATIONS[name].result(values))),) for values in every]
    return Suspects(cases, [node], truths, batch=batch), every


def _shaped(result: Any) -> Any:
    """The result as the network has it: a column where the derivation has one index."""
    array = np.asarray(result)
    return array[:, None] if array.ndim == 1 else array


def _catalogued(wrong: Expr, there: frozenset[str], derivation: Derivation) -> Named | None:
    """The slip of the catalogue that gives these numbers, if the line is so that it can be said of it."""
    known = _suspects(derivation.name)
    if known is None:
        return None
    suspects, every = known
    mine = []
    for values in every:
        one = edits.numbers(wrong, derivation.lhs, values)
        if one is None:
            return None
        mine.append([_shaped(one)])
    for candidate in suspects.candidates:
        slip = candidate.slip
        if slip.name == "sum_for_its_derivative" and not candidate.first:
            continue  # its transpose is a layout of an array, which a line does not have
        if not there.issuperset(slip.about.split()) or contradicts(slip.text("without", candidate.node), there):
            continue
        if suspects.fits([case[0] for case in mine], 0, (candidate,), ()):
            said = {label: slip.text(part, candidate.node) for label, part in _SAID.items()}
            return slip.name, tuple((label, _sentence(text)) for label, text in said.items() if text)
    return None


_SAID = {"What happened": "title", "Why it tempts": "tempts", "To think about": "hint"}


def _sentence(text: str) -> str:
    return f"{capitalised(text)}{'' if text.endswith(('.', '?')) else '.'}"
