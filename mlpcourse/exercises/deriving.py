"""Deriving: the learner writes the lines, and each is proven, refuted or located.

from mlpcourse.exercises import derive, is_true

derive("output_delta")                 a field to write in
derive("output_delta", "line\\nline")   the same for lines given as text
is_true("sum_i dL/dz2_i = 0")          any equation: a proof or a counterexample
"""

from __future__ import annotations

import functools
import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import sympy as sp

from mlpcourse.console import writable
from mlpcourse.derivation import chain as chains
from mlpcourse.derivation import edits, letters
from mlpcourse.derivation.chain import Chain, Judged
from mlpcourse.derivation.handout import HANDOUT_SLIPS
from mlpcourse.derivation.letters import A2, COUNTS, Expr, L_mean, split_sum, y
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.numbers import free_indices
from mlpcourse.derivation.reading import read_line
from mlpcourse.derivation.steps import LEAP, leapt, taken
from mlpcourse.derivation.typesetting import latex, plain, without_tex
from mlpcourse.exercises.diagnosis import Suspects
from mlpcourse.exercises.wording import capitalised

if TYPE_CHECKING:
    from mlpcourse.widgets.derive import Derive, Keep  # with matplotlib, which judging lines does without

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

COLOURS = {"proven": "#1a7f37", "refuted": "#b3261e", "undecided": "#57606a", "unreadable": "#b35900"}


# --- naming the mistake ------------------------------------------------------------------------------------


def diagnosed(line: Judged, chain: Chain) -> Judged:
    """A refuted line with the name of its slip, or with the place where one change makes it true."""
    derivation = chain.derivation
    if line.verdict == "unreadable":
        return _as_printed(line, derivation) if line.expr is not None else _nearly_read(line, chain)
    wrong, truth = line.expr, derivation.lines[-1].expr
    if line.verdict == "undecided" and edits.upside_down(wrong, truth, derivation.lhs):
        return replace(line, verdict="refuted", slip="upside_down", details=_in_words("upside_down"))
    if line.verdict != "refuted":
        return line
    if caught := _caught(wrong, derivation.lhs):
        return replace(line, slip="one_letter_twice", details=(("What happened", caught),))
    if line.counterexample is not None and line.counterexample.at_kink:
        return replace(line, slip="kink", details=_in_words("kink"))
    if edits.counts_terms(wrong, truth, derivation.lhs):
        return replace(line, slip="terms_counted", details=_in_words("terms_counted"))
    named = _handout_slip(wrong, derivation) or _catalogued(wrong, derivation) or _without_softmax(wrong, derivation)
    fix = edits.mended(wrong, truth, derivation.lhs)
    place: tuple[tuple[str, str], ...] = ()
    if fix is not None and (fix.part != wrong or fix.kind == "wrong_sign"):
        part = "the sign of all of it" if fix.part == wrong else f"`{plain(fix.part)}`"
        place = (("Wrong in your line", f"{part}; all the rest may stay as it is."),)
    signs = fix is not None and fix.kind == "wrong_sign" and not _label_first(wrong)
    if signs and named is not None and named[0] == "label_minus_probability":
        named = None  # a sign that was lost on the way: nothing says that the label stood first
    if named is not None:
        slip, details = named
        return replace(line, slip=slip, details=(*details, *place))
    kind = "" if fix is None else edits.UNDONE.get(fix.kind, fix.kind)
    if fix is not None and (kind == fix.kind or fix.part in wrong.args):
        return replace(line, slip=kind, details=(*_in_words(kind), *place))
    keys = derivation.keys
    here = chain.place()
    found = edits.explained(wrong, derivation, lambda key: abs(keys.index(key) + 1 - here))
    if found is not None:
        edit, _ = found
        return replace(line, slip=edit.kind, details=(*_in_words(edit.kind), *place))
    kind = kind or edits.special(wrong, truth, derivation.lhs)
    if not kind and (term := edits.other_term(wrong, truth, derivation.lhs)) is not None:
        kind, place = "other_term", (("Wrong in your line", f"`{plain(term)}`; all the rest may stay as it is."),)
    return replace(line, slip=kind, details=(*_in_words(kind), *place)) if kind else line


def _label_first(expr: Expr) -> bool:
    """Whether a label and a probability of one index stand there as y - A2."""
    for part in sp.preorder_traversal(expr):
        if getattr(part, "is_Add", False):
            labels = [term for term in part.args if isinstance(term, sp.Indexed) and term.base == y]
            if any(sp.Mul(-1, A2[label.indices]) in part.args for label in labels):
                return True
    return bool(expr.has(sp.MatrixSymbol))


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


def _caught(wrong: Expr, lhs: Expr) -> str:
    """A sentence for a line in which a sum has taken an index of the left-hand side for its own letter; else ""."""
    sums = {split_sum(part)[0] for part in sp.preorder_traversal(wrong) if isinstance(part, sp.Sum)}
    caught = [index for index in free_indices(lhs) if index in sums and index not in free_indices(wrong)]
    if not caught:
        return ""
    letter = caught[0]
    return (
        f"The sum runs over {letter}, and {letter} is an index of the left-hand side. Inside the sum it is the sum's "
        "own letter, so the line does not depend on it. Sum over another letter."
    )


def _in_words(kind: str) -> tuple[tuple[str, str], ...]:
    mistake = edits.MISTAKES[kind]
    return (
        ("What happened", f"{mistake.title[0].upper()}{mistake.title[1:]}."),
        ("Why it tempts", mistake.tempts),
        ("To think about", mistake.hint),
    )


def _as_printed(line: Judged, derivation: Derivation) -> Judged:
    """A line that has no meaning everywhere, if the handout prints it so: with that slip's name."""
    for slip in HANDOUT_SLIPS.values():
        if slip.wrong is not None and chains.shape(slip.wrong) == chains.shape(line.expr):
            return replace(line, slip=slip.name, details=(("What happened", slip.why),))
    return line


def _handout_slip(wrong: Expr, derivation: Derivation) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The handout's slip whose numbers these are, on every network."""
    lhs = derivation.lhs
    batch = bool(lhs.has(L_mean))
    if batch:
        return None
    for slip in HANDOUT_SLIPS.values():
        if slip.wrong is None or slip.truth != lhs:
            continue
        pairs = [
            (edits.numbers(slip.wrong, lhs, values), edits.numbers(wrong, lhs, values))
            for values in edits.networks(False)
        ]
        if all(edits.same(*pair) for pair in pairs):
            return slip.name, (("What happened", slip.why), ("In the handout", "the slip is among those of lesson 11."))
    return None


def _without_softmax(wrong: Expr, derivation: Derivation) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The slip of a line with the derivative by A2, where that by z2 is sought."""
    lhs = derivation.lhs
    other = edits.by_the_outputs(lhs)
    if other is None:
        return None
    for values in edits.networks(bool(lhs.has(L_mean))):
        if not edits.same(edits.numbers(other, lhs, values), edits.numbers(wrong, lhs, values)):
            return None
    return "softmax_path_missing", _in_words("softmax_path_missing")


@functools.cache
def _suspects(name: str) -> tuple[Suspects, tuple[Mapping[str, Any], ...]] | None:
    """The catalogue's wrong answers for this derivation's result, on the networks that lines are compared on."""
    batch = name.startswith("batch_")
    node, given = NODES.get(name.removeprefix("batch_"), ("", ()))
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


def _catalogued(wrong: Expr, derivation: Derivation) -> tuple[str, tuple[tuple[str, str], ...]] | None:
    """The slip of the catalogue that gives these numbers: the same diagnosis that an answer in code gets."""
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
        if candidate.slip.name == "sum_for_its_derivative" and not candidate.first:
            continue  # its transpose is a layout of an array, which a line does not have
        if suspects.fits([case[0] for case in mine], 0, (candidate,), ()):
            slip = candidate.slip
            said = {label: slip.text(part, candidate.node) for label, part in _SAID.items()}
            return slip.name, tuple((label, _sentence(text)) for label, text in said.items() if text)
    return None


_SAID = {"What happened": "title", "Why it tempts": "tempts", "To think about": "hint"}


def _sentence(text: str) -> str:
    return f"{capitalised(text)}{'' if text.endswith(('.', '?')) else '.'}"


# --- what derive and is_true return --------------------------------------------------------------------------


class Truth:
    """One equation, judged: ``verdict`` and everything else of ``derivation.chain.Judged``."""

    def __init__(self, judged: Judged) -> None:
        self.judged = judged

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name == "judged":
            raise AttributeError(name)
        return getattr(self.judged, name)

    def __bool__(self) -> bool:
        return self.judged.proven

    def __repr__(self) -> str:
        return writable("\n".join(_lines_of(self.judged, "is_true(...)")))

    def _repr_html_(self) -> str:
        return f'<div style="max-width:48em">{_html_of(self.judged)}</div>'


def is_true(text: str) -> Truth:
    """Judge an equation, such as "sum_i dL/dz2_i = 0": a proof for every K, H, D, N, or a counterexample."""
    return Truth(chains.is_true(text))


class Derived:
    """A derivation given as text, judged: ``lines`` holds one ``Judged`` a line, ``reached`` whether it is complete."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.name = chain.derivation.name

    @property
    def lines(self) -> list[Judged]:
        """The lines, each with ``verdict``, ``column``, ``slip``, ``reading`` and ``message``."""
        return self.chain.lines

    @property
    def written(self) -> list[str]:
        """The lines as they were typed."""
        return [line.text for line in self.lines]

    @property
    def reached(self) -> bool:
        """Whether a proven line has the form in which the derivation ends, and no line is wrong."""
        return self.chain.reached and all(line.verdict in ("proven", "undecided") for line in self.lines)

    @property
    def first_wrong(self) -> int | None:
        """The number of the first line that is refuted or cannot be read, from 1."""
        wrong = (number for number, line in enumerate(self.lines, 1) if line.verdict in ("refuted", "unreadable"))
        return next(wrong, None)

    def _end(self) -> str:
        if (wrong := self.first_wrong) is not None:
            unread = self.lines[wrong - 1].verdict == "unreadable"
            said = f"Line {wrong} {'cannot be read' if unread else 'is wrong'}: mend it, or leave it out."
            ends = " A later line has the form in which it ends; then it will count." if self.chain.reached else ""
            return said + ends
        if self.chain.reached:
            leap = f" {LEAP}" if leapt(self.lines, self.chain.derivation) else ""
            return f"You are there: this is the form in which it ends.{leap}"
        return f"Go on, to a line {self.chain.goal}."

    def __repr__(self) -> str:
        text = [f"{plain(self.chain.derivation.lhs)}, to be derived {self.chain.goal}"]
        for number, line in enumerate(self.lines, 1):
            rows = _lines_of(line, f"derive(...).lines[{number - 1}]")
            text += [f"{number:>2}  {part}" if not at else f"    {part}" for at, part in enumerate(rows)]
        return writable("\n".join([*text, self._end()]))

    def _repr_html_(self) -> str:
        lhs = html.escape(latex(self.chain.derivation.lhs))
        parts = [rf"<p>$\displaystyle {lhs}$, to be derived {html.escape(self.chain.goal.tex)}</p>"]
        parts += [_html_of(line) for line in self.lines]
        if self.lines:
            parts.append(f"<p>{html.escape(self._end())}</p>")
        if self.reached:
            parts.append(beside_html(self.chain))
        return f'<div style="max-width:48em">{"".join(parts)}</div>'


def beside_html(chain: Chain) -> str:
    """The learner's derivation beside the course's, as a table."""
    rows = ""
    for course, mine in chain.beside():
        left = rf"$\displaystyle = {html.escape(latex(course.expr))}$" if course else ""
        why = html.escape(without_tex(course.reason)) if course else ""
        right = rf"$\displaystyle = {html.escape(mine.reading)}$" if mine else "<em>left out</em>" if course else ""
        rows += "".join(["<tr>", *(f"<td style='text-align:left'>{cell}</td>" for cell in (right, left, why)), "</tr>"])
    head = "<tr><th style='text-align:left'>yours</th><th style='text-align:left'>the course's</th><th>why</th></tr>"
    return f"<details><summary>Yours beside the course's</summary><table>{head}{rows}</table></details>"


def _lines_of(line: Judged, where: str) -> list[str]:
    """The line as rows of text; ``where`` is how the reader gets at it."""
    from mlpcourse.widgets.derive import MARKS

    mark, words = MARKS[line.verdict]
    text = [f"{mark} {line.plain or line.text}", f"  {words}. {line.message}"]
    if line.column is not None:
        text[1:1] = (
            [f"  {line.text}", f"  {' ' * (line.column - 1)}^ column {line.column}"] if len(line.text) < 200 else []
        )
    if line.slip:
        text.append(f"  slip: {line.slip}")
    text += [f"  {label}: {without_tex(said)}" for label, said in line.details]
    if line.counterexample is not None:
        text.append(f"  To check it in numpy: print({where}.counterexample.arrays())")
    return text


def _html_of(line: Judged) -> str:
    from mlpcourse.widgets.derive import MARKS, network_text, with_code

    (mark, words), colour = MARKS[line.verdict], COLOURS[line.verdict]
    shown = (
        rf"$\displaystyle {html.escape(line.reading)}$" if line.reading else f"<code>{html.escape(line.text)}</code>"
    )
    parts = [f'<p style="margin:.2em 0"><strong><span aria-hidden="true">{mark}</span> {words}:</strong> {shown}</p>']
    parts.append(f'<p style="margin:.2em 0">{html.escape(line.message)}</p>')
    if line.column is not None and len(line.text) < 200:
        pointer = f"{line.text}\n{' ' * (line.column - 1)}^"
        parts.append(f'<pre style="margin:.2em 0">{html.escape(pointer)}</pre>')
    parts += [
        f'<p style="margin:.2em 0"><strong>{html.escape(label)}:</strong> {with_code(html.escape(said))}</p>'
        for label, said in line.details
    ]
    if line.counterexample is not None:
        rows = html.escape("\n".join(network_text(line.counterexample)))
        parts.append(
            "<details><summary>A network to check it on</summary>"
            f'<pre style="white-space:pre-wrap">{rows}</pre></details>'
        )
    return f'<div style="border-left:4px solid {colour};padding:.1em .8em;margin:.3em 0">{"".join(parts)}</div>'


# --- judging ---------------------------------------------------------------------------------------------------


def find(name: str) -> Derivation | None:
    """The derivation that is asked for: by its own name or by its exercise's."""
    from mlpcourse.exercises.transfer import TRANSFERS

    name = str(name).strip().removeprefix("derive_")
    return DERIVATIONS.get(name) or TRANSFERS.get(name)


def derived(derivation: Derivation, text: str | Sequence[str]) -> Derived:
    """All lines judged in order, the mistakes named."""
    chain = Chain(derivation)
    for line in text.splitlines() if isinstance(text, str) else text:
        if str(line).strip() and not str(line).lstrip().startswith(("#", "//", "%")):
            add(chain, str(line))
    return Derived(chain)


def add(chain: Chain, text: str) -> Judged:
    """Judge one more line of a derivation, and name its mistake."""
    line = diagnosed(chain.judge(text), chain)
    chain.lines.append(line)
    return line


def field(derivation: Derivation, keep: Keep, lines: Sequence[str]) -> Derive:
    """The field to write in, with the lines that were written before."""
    from mlpcourse.widgets.derive import Derive

    chains.warm_up(derivation)
    return Derive(Chain(derivation), add, keep, lines)


def judge_lines(name: str, text: str) -> list[Judged]:
    """The verdicts on a student's lines, one a line of ``text``; nothing of them is ever run as code.

    For grading, in its child with limits on time and memory: a pure function of its arguments. The points are
    ``share(judge_lines(name, text), name)``. Raises ValueError for an unknown derivation.
    """
    derivation = find(name)
    if derivation is None:
        raise ValueError(f"there is no derivation {name!r}")
    return derived(derivation, text[:200_000]).lines


def share(lines: Sequence[Judged], name: str) -> float:
    """The share of the points, from 0 to 1: how far an unbroken chain of proven lines leads from the left-hand side.

    The chain ends before the first line that is refuted or cannot be read; undecided lines neither add nor break, and a
    line that restates another is no step (``derivation.steps``). It is worth 1 when a line has the form in which the
    derivation ends and at least one step leads there; a leap to the end alone, in whatever form, is worth 1/2; else as
    much of 3/4 as the number of steps is of the course's.
    """
    derivation = find(name)
    if derivation is None:
        raise ValueError(f"there is no derivation {name!r}")
    took, course = taken(lines, derivation), len(derivation.lines)
    if took.ended:
        return 1.0 if took.steps or course == 1 else 0.5
    part = 0.75 * min(1.0, (took.steps + took.there) / max(1, course))
    return max(0.5, part) if took.there else part
