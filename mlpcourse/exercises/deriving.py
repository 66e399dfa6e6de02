"""Deriving: the learner writes the lines, and each is proven, refuted or located.

from mlpcourse.exercises import derive, is_true

derive("output_delta")                 a field to write in
derive("output_delta", "line\\nline")   the same for lines given as text
is_true("sum_i dL/dz2_i = 0")          any equation: a proof or a counterexample
"""

from __future__ import annotations

import html
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mlpcourse.console import writable
from mlpcourse.derivation import chain as chains
from mlpcourse.derivation import edits
from mlpcourse.derivation.chain import MARKS, Chain, Judged
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.steps import LEAP, leapt, taken
from mlpcourse.derivation.typesetting import latex, plain, with_code, without_tex
from mlpcourse.exercises.line_mistakes import diagnosed

if TYPE_CHECKING:
    from mlpcourse.widgets.derive import Derive, Keep  # with matplotlib, which judging lines does without

COLOURS = {"proven": "#1a7f37", "refuted": "#b3261e", "undecided": "#57606a", "unreadable": "#b35900"}


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
        rows = html.escape("\n".join(line.counterexample.as_text()))
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
    line = chain.judge(text)
    try:
        line = diagnosed(line, chain)
    except Exception as error:  # our bug must not take the verdict, which is right without a name
        warnings.warn(f"The mistake in {text!r} could not be looked for: {error!r}", stacklevel=2)
    chain.lines.append(line)
    return line


def field(derivation: Derivation, keep: Keep, lines: Sequence[str]) -> Derive:
    """The field to write in, with the lines that were written before."""
    from mlpcourse.widgets.derive import Derive

    chains.warm_up(derivation)
    edits.warm_up(derivation)
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
