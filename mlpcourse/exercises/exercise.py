"""What every exercise has, whatever its kind."""

from __future__ import annotations

import ast
import html
import re
import textwrap
from dataclasses import dataclass
from typing import Any

from mlpcourse.console import writable
from mlpcourse.exercises.mathematics import set_formulas
from mlpcourse.exercises.verdict import Verdict


@dataclass(frozen=True, eq=False)
class Exercise:
    """One exercise.

    hints: a question, the line of the derivation, a scaffold. see: the derivation it belongs to (as in
    ``derivation.show``), or "". A kind adds ``judge`` and says how its question and its solution look; ``seed`` belongs
    to the learner.
    """

    name: str
    lesson: int
    task: str
    hints: tuple[str, str, str]
    see: str = ""

    kind = ""

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on ``answer``."""
        raise NotImplementedError

    def given(self, seed: int) -> Any:
        """What the learner is given to work with, ready to be displayed."""
        return Page(self.task)

    def stub(self) -> str:
        """The code cell a lesson starts with."""
        return f'answer = ...\n\ncheck("{self.name}", answer)'

    def solution(self, seed: int) -> str:
        """Source that, run in place of ``stub``, answers the exercise."""
        raise NotImplementedError

    def not_attempted(self, message: str = "") -> Verdict:
        """The verdict on an untouched cell."""
        return Verdict("not attempted", self.name, message)

    def is_placeholder(self, answer: Any) -> bool:
        """Whether nothing was answered yet."""
        parts = answer if isinstance(answer, list | tuple) else [answer]
        return len(parts) == 0 or any(part is None or part is ... for part in parts)


class Page:
    """A text with `code`, $formulas$ and, indented, code and tables: readable as it is, set in JupyterLab."""

    def __init__(self, text: str, plain: str = "") -> None:
        """``plain`` replaces ``text`` where no formulas can be set."""
        self.text, self.plain = text, plain or text

    def __repr__(self) -> str:
        return writable(self.plain)

    def _repr_html_(self) -> str:
        parts = []
        for paragraph in self.text.split("\n\n"):
            if paragraph.startswith("    "):
                lines = [line[4:] for line in paragraph.splitlines()]
                style = "white-space:pre;overflow-x:auto;margin:.5em 0"
                parts.append(f'<pre style="{style}">{_in_colour(chr(10).join(lines))}</pre>')
            else:
                large = set_formulas(paragraph).replace(r"\frac", r"\dfrac")  # fractions in a line of text are small
                shown = html.escape(large, quote=False)
                words = re.sub(r"`([^`]+)`", r"<code>\1</code>", shown)
                parts.append(f"<p>{words.replace(chr(10), '<br>')}</p>")
        return f'<div style="max-width:48em">{"".join(parts)}</div>'


# What the colours of JupyterLab's editors are called, by kind of token.
_COLOURS = {"Keyword": "keyword", "Operator": "operator", "Literal.String": "string", "Literal.Number": "number",
            "Comment": "comment", "Name.Function": "def"}  # fmt: skip


def _in_colour(code: str) -> str:
    """Python as HTML in the colours of JupyterLab's editors, of either theme; what is no Python as it stands."""
    try:
        ast.parse(textwrap.dedent(code))
    except SyntaxError:
        return html.escape(code)
    # IPython brings it, and nobody else displays HTML. It ships no types.
    from pygments import lex  # type: ignore[import-untyped]
    from pygments.lexers import PythonLexer  # type: ignore[import-untyped]

    parts = []
    for token, text in lex(code, PythonLexer(stripnl=False, ensurenl=False)):
        colour = next((name for kind, name in _COLOURS.items() if str(token).startswith(f"Token.{kind}")), "")
        style = f"color:var(--jp-mirror-editor-{colour}-color)"
        parts.append(f'<span style="{style}">{html.escape(text)}</span>' if colour else html.escape(text))
    return "".join(parts)
