"""What a check answers: a plain value, readable as text and rich in JupyterLab."""

from __future__ import annotations

import html
import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from mlpcourse.console import writable
from mlpcourse.exercises.mathematics import set_formulas

Kind = Literal["right", "slip", "located", "wrong", "shape", "raised", "not attempted", "cannot check"]

_HEADS: dict[Kind, tuple[str, str, str]] = {  # mark, words, colour of the rule beside them
    "right": ("✓", "right", "#1a7f37"),
    "slip": ("✗", "not right yet", "#b35900"),
    "located": ("✗", "not right yet", "#b35900"),
    "wrong": ("✗", "not right yet", "#b35900"),
    "shape": ("✗", "the shape is not right yet", "#b35900"),
    "raised": ("!", "your code raised an error", "#b3261e"),
    "not attempted": ("○", "not attempted yet", "#57606a"),
    "cannot check": ("?", "this cannot be checked", "#57606a"),
}


@dataclass(frozen=True)
class Verdict:
    """The answer of a check.

    kind: one of eight words. exercise: its name. message: one or two sentences. slip: the catalogue's name of the
    mistake, or None; also: further ones. question: one to think about. facts: what was seen, one sentence each.
    details: (label, text) pairs; both are folded where that can be done.
    latex: the formula that was computed instead, where the catalogue knows it. change: for a located mistake the change
    that makes it right, which only the last hint shows.
    """

    kind: Kind
    exercise: str
    message: str = ""
    slip: str | None = None
    also: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    latex: str = ""
    change: str = ""
    question: str = ""

    @property
    def right(self) -> bool:
        """True for a right answer."""
        return self.kind == "right"

    def __repr__(self) -> str:
        mark, words, _ = _HEADS[self.kind]
        lines = [_filled(f"{mark} {self.exercise}: {words}. {self.message}".rstrip(), "", "  ")]
        if self.question:
            lines.append(_filled(self.question, "  ", "  "))
        lines += [_filled(fact, "  - ", "    ") for fact in self.facts]
        lines += [_filled(f"{label}: {text}", "  ", "    ") for label, text in self.details]
        return writable("\n".join(lines))

    def _repr_html_(self) -> str:
        mark, words, colour = _HEADS[self.kind]
        head = (
            f'<p style="margin:.2em 0"><strong><span aria-hidden="true">{mark}</span> '
            f"<code>{html.escape(self.exercise)}</code>: {words}.</strong> {_marked_up(self.message)}</p>"
        )
        if self.question:
            head += f'<p style="margin:.2em 0">{_marked_up(self.question)}</p>'
        rest = ""
        if self.latex:
            rest += f'<p style="margin:.4em 0">What was computed: ${html.escape(self.latex)}$</p>'
        if self.facts:
            items = "".join(f"<li>{_marked_up(fact)}</li>" for fact in self.facts)
            rest += f'<ul style="margin:.2em 0">{items}</ul>'
        rest += "".join(
            f'<p style="margin:.2em 0"><em>{html.escape(label)}:</em> {_marked_up(text)}</p>'
            for label, text in self.details
        )
        if rest and self.kind in ("slip", "located"):
            rest = f"<details><summary>More about it</summary>{rest}</details>"
        box = f"border-left:4px solid {colour};padding:.2em .8em;margin:.3em 0;max-width:48em"
        return f'<div style="{box}">{head}{rest}</div>'


def _filled(text: str, first: str, later: str) -> str:
    paragraphs = text.split("\n")
    head = textwrap.fill(paragraphs[0], 100, initial_indent=first, subsequent_indent=later, break_long_words=False)
    return "\n".join([head, *(later + line for line in paragraphs[1:])])


def _marked_up(text: str) -> str:
    """Escape, set formulas, then `code` in a fixed-width face; lines after the first stay as they are."""
    first, *rest = text.split("\n")
    words = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(set_formulas(first)))
    return words + (f"<pre>{html.escape(chr(10).join(rest))}</pre>" if rest else "")


def listed(names: Sequence[str]) -> str:
    """The names as in a sentence: "dw1, db1 and dw2"."""
    return " and ".join(filter(None, [", ".join(names[:-1]), *names[-1:]]))
