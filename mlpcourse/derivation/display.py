"""Displaying a derivation: its lines, each with its reason, its handout equations and its proof."""

from __future__ import annotations

from mlpcourse.console import writable
from mlpcourse.derivation.certificates import certified
from mlpcourse.derivation.coq import through_relu
from mlpcourse.derivation.lines import find_derivation
from mlpcourse.derivation.lines.line import Derivation, Line
from mlpcourse.derivation.proof import Proof, prove_line
from mlpcourse.derivation.typesetting import column, latex, plain, without_tex

CERTIFIED = "∎"


class Shown:
    """A derivation as JupyterLab and a terminal display it, its lines proven on the spot. Made by ``show``."""

    def __init__(self, derivation: Derivation, first: str | None, last: str | None, folded: str = "") -> None:
        self.derivation, self.folded = derivation, folded
        self.lines = derivation.between(first, last)
        self.proofs = [prove_line(derivation, line.key) for line in self.lines]

    def _rows(self) -> list[tuple[Line, Proof]]:
        return list(zip(self.lines, self.proofs, strict=True))

    def _repr_markdown_(self) -> str:
        left = rf"$\displaystyle {latex(self.derivation.lhs)}$"
        lines = list(self._rows())
        printed = any(line.ids for line, _ in lines)
        rows = [
            f"| | | {column('why')} |{' handout |' if printed else ''} proven |",
            f"|--:|:--|:--|{':--|' if printed else ''}:--|",
        ]
        for line, proof in lines:
            equation = rf"$\displaystyle = {latex(line.expr)}$"
            handout = f" {', '.join(line.ids)} |" if printed else ""
            rows.append(f"| {left} | {equation} | {line.reason} |{handout} {self._mark(proof)} |")
            left = ""
        table = "\n".join(rows)
        if CERTIFIED in table:
            table += f"\n\n{self._certified_means()}"
        if self.folded:
            return f"<details><summary><b>{self.folded}</b></summary>\n\n{table}\n\n</details>"
        return table

    def __repr__(self) -> str:
        text = [plain(self.derivation.lhs)]
        for line, proof in self._rows():
            ids = f" [{', '.join(line.ids)}]" if line.ids else ""
            text += [f"  = {plain(line.expr)}", f"      {self._mark(proof)} {without_tex(line.reason)}{ids}"]
        if any(CERTIFIED in line for line in text):
            text.append(f"  {without_tex(self._certified_means())}")
        return writable("\n".join(text))

    def _certified_means(self) -> str:
        where = " (where no $z_1$ is 0)" if through_relu(self.derivation) else ""
        return f"{CERTIFIED} proven a second time, by the proof assistant Coq{where}; you need not know it"

    def _mark(self, proof: Proof) -> str:
        if not proof.proven:
            return f"✗ {proof.problem}"
        mark = "by definition" if proof.how == "definition" else "✓"
        return f"{mark} {CERTIFIED}" if certified(self.derivation, proof.line) else mark


def show(name: str, line: str | None = None, to: str | None = None, *, folded: str = "") -> Shown:
    """Display a derivation, each line with its reason: all of it, one ``line`` by its name, or from ``line`` to ``to``.

    With ``folded``, a line of text, only this text is seen until it is opened: for what a learner derives first.
    Raises ValueError for an unknown name, of a derivation or of a line.
    """
    return Shown(find_derivation(name), line, line if to is None else to, folded)
