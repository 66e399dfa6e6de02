"""A field in which a derivation is written, line by line, and judged."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import traitlets

from mlpcourse.derivation.chain import MARKS, Chain, Judged
from mlpcourse.derivation.reading import Unreadable
from mlpcourse.derivation.steps import LEAP, leapt
from mlpcourse.derivation.typesetting import latex, plain, with_code, without_tex
from mlpcourse.widgets.mathml import inline, mathml
from mlpcourse.widgets.view import View

Add = Callable[[Chain, str], Judged]
Keep = Callable[[Sequence[Judged], bool], str]


class Derive(View):
    """The learner's lines below a left-hand side.

    The browser asks by setting ``asked``: for each kind (preview, judge, hint, back) its last question, an id that
    grows and the text. It gets ``answer`` of that kind with the same id. ``lines`` is what was judged so far, ready to
    be shown, ``end`` what is said at the end.
    """

    heading = traitlets.Unicode().tag(sync=True)
    start = traitlets.Unicode().tag(sync=True)
    lines: Any = traitlets.List().tag(sync=True)
    end = traitlets.Unicode().tag(sync=True)
    asked: Any = traitlets.Dict().tag(sync=True)
    answer: Any = traitlets.Dict().tag(sync=True)

    def __init__(self, chain: Chain, add: Add, keep: Keep | None = None, lines: Sequence[str] = ()) -> None:
        """``add`` judges one more line, ``keep`` stores the lines, ``lines`` were written before."""
        self.chain, self._add, self._keep = chain, add, keep or (lambda judged, reached: "")
        self._hint = 0
        for line in lines:
            self._enter(line)
        lhs = chain.derivation.lhs
        super().__init__(
            heading=inline(f"Derive ${latex(lhs)}$, {chain.goal.tex}."), start=mathml(latex(lhs)),
            lines=self._shown(), end=self._ended(),
        )  # fmt: skip

    @property
    def written(self) -> list[str]:
        """The lines as they were typed."""
        return [line.text for line in self.chain.lines]

    # --- what the browser asks

    @traitlets.observe("asked")
    def _answer(self, change: Any) -> None:
        answers = {"preview": self._preview, "judge": self._judge, "hint": self._hinted, "back": self._back}
        asked = {kind: question for kind, question in change["new"].items() if question != change["old"].get(kind)}
        for kind, question in sorted(asked.items(), key=lambda one: one[1]["id"]):
            # One of each kind: two that come in one frame must not hide each other.
            given = {"id": question["id"], "kind": kind, **answers[kind](question["text"])}
            self.answer = {**self.answer, kind: given}

    def _preview(self, text: str) -> dict[str, Any]:
        if not text.strip():
            return {"mathml": ""}
        try:
            written = self.chain.read(text)
        except Unreadable as problem:
            return {"column": problem.column, "message": html.escape(problem.message)}
        shown = mathml(" = ".join(map(latex, written.sides)))
        if written.problems:
            column, message = written.problems[0]
            return {"mathml": shown, "column": column, "message": html.escape(message)}
        return {"mathml": shown}

    def _judge(self, text: str) -> dict[str, Any]:
        line = self._enter(text)
        if line is None:
            return {}
        note = ""
        if line.verdict != "unreadable":
            note = self._keep(self.chain.lines, self.chain.reached)
            self.lines, self.end = self._shown(), self._ended()
        _, words = MARKS[line.verdict]
        said = f"{words}. {line.message} {note}".strip()
        return {
            "verdict": line.verdict, "column": line.column, "message": html.escape(line.message),
            "spoken": f"{line.plain or line.text}: {said}",
        }  # fmt: skip

    def _enter(self, text: str) -> Judged | None:
        """Judge a line. A wrong one stands only until the next; what cannot be read stays in the field."""
        if not text.strip():
            return None
        lines = self.chain.lines
        lines[:] = [line for line in lines if line.verdict in ("proven", "undecided")]
        if lines and lines[-1].text == text:  # Enter was pressed again while the kernel was busy
            return lines[-1]
        line = self._add(self.chain, text)
        if line.verdict == "unreadable":
            lines.remove(line)
        else:
            self._hint = 0
        return line

    def _hinted(self, text: str) -> dict[str, Any]:
        hints = self.chain.hints()
        if hints is None:
            return {"hint": "You are at the end: there is no next line.", "spoken": "There is no next line."}
        self._hint = min(self._hint + 1, len(hints))
        hint = hints[self._hint - 1]
        number = f"Hint {self._hint} of {len(hints)}. "
        return {"hint": f"{number}{inline(hint)}", "spoken": f"{number}{without_tex(hint)}"}

    def _back(self, text: str) -> dict[str, Any]:
        """Take the last line back into the field."""
        if not self.chain.lines:
            return {"text": ""}
        last = self.chain.lines.pop()
        if last.defines:
            self.chain.names.pop(last.defines, None)
        self._hint = 0
        self._keep(self.chain.lines, False)
        self.lines, self.end = self._shown(), self._ended()
        return {"text": last.text, "spoken": "The last line was taken back."}

    # --- what it shows

    def _shown(self) -> list[dict[str, Any]]:
        return [
            {
                "verdict": line.verdict, "mark": MARKS[line.verdict][0], "words": MARKS[line.verdict][1],
                "mathml": mathml(line.reading if line.defines else f"= {line.reading}"), "plain": line.plain,
                "text": line.text, "message": html.escape(line.message),
                "details": [[html.escape(label), with_code(inline(said))] for label, said in line.details],
                "network": "\n".join(line.counterexample.as_text()) if line.counterexample else "",
            }
            for line in self.chain.lines
        ]  # fmt: skip

    def _ended(self) -> str:
        """When the goal is reached: both derivations side by side."""
        if not self.chain.reached:
            return ""
        rows = ""
        for course, mine in self.chain.beside():
            yours = mathml(f"= {mine.reading}") if mine else "<em>left out</em>"
            theirs = f"{mathml('= ' + latex(course.expr))}<small>{inline(course.reason)}</small>" if course else ""
            rows += f"<tr><td>{yours}</td><td>{theirs}</td></tr>"
        leap = f" {LEAP}" if leapt(self.chain.lines, self.chain.derivation) else ""
        head = '<tr><th scope="col">yours</th><th scope="col">the course\'s</th></tr>'
        return (
            f"<p><strong>You are there.</strong>{leap}</p><details><summary>Yours beside the course's</summary>"
            f"<table>{head}{rows}</table></details>"
        )

    def text(self) -> str:
        rows = [f"Derive {plain(self.chain.derivation.lhs)}, {self.chain.goal}."]
        rows += [f"  {MARKS[line.verdict][0]} {line.plain}" for line in self.chain.lines]
        how = f'Lines can also be written as text, one a row: derive("{self.chain.derivation.name}", """...""")'
        return "\n".join([*rows, "You are there." if self.chain.reached else how])

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """The lines so far."""
        lhs = latex(self.chain.derivation.lhs)
        rows = [
            rf"$\displaystyle {'' if line.defines else '= '}{line.reading}$  {line.verdict}"
            for line in self.chain.lines
        ]
        start = rf"Derive $\displaystyle {lhs}$, {self.chain.goal.tex}."
        return {"text/markdown": "\n\n".join([start, *rows])}, {}
