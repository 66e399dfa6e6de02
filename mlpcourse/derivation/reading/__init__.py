"""Reading a typed line of mathematics: ``grammar.lark`` finds its parts, this module says what they stand for.

Nothing that is typed is ever run. Names are a closed list: the arrays, their index letters, the sizes, L, c and e, and
what the learner has defined. What cannot be read raises ``Unreadable``: the place, what was expected there, how to
write it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
from importlib import resources
from pathlib import Path

import lark
import sympy as sp
from lark import Token, Tree

from mlpcourse.derivation.letters import Expr, L_mean
from mlpcourse.derivation.reading.errors import Unreadable, check_size, explained, without_remark
from mlpcourse.derivation.reading.lines import LineReader, Written
from mlpcourse.derivation.reading.names import EXAMPLE, Abbreviation, split

__all__ = ["Abbreviation", "Unreadable", "Written", "keep_tables", "read", "read_line"]


_kept_in: list[Path] = []  # the folder of ``keep_tables``, if any


def keep_tables(folder: Path) -> None:
    """Keep the grammar's tables in that folder: to compute them takes a fifth of a second, to read them a hundredth.

    For a learner's own machine, where nothing that is read back is doubted. Who does not call it, as grading does not,
    computes them. Where the folder cannot be written to, they are computed each time.
    """
    _kept_in[:] = [folder]


@functools.cache
def _parser() -> lark.Lark:
    return _built(*_kept_in)


def _built(folder: Path | None = None) -> lark.Lark:
    """The parser, with its tables read from the folder if they are of this grammar, this Lark and this Python."""
    grammar = resources.files(__package__).joinpath("grammar.lark").read_text(encoding="utf-8")
    kept: str | bool = False
    if folder is not None:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
            kept = str(folder / "grammar.tables")
    collects = gc.isenabled()
    gc.disable()  # nearly all that Lark makes stays, and to look for garbage is to go over all of SymPy
    try:
        return lark.Lark(grammar, start="line", parser="lalr", propagate_positions=True, cache=kept)
    finally:
        if collects:
            gc.enable()


def read(text: str, lhs: Expr = None, batch: bool | None = None) -> Expr:
    """The expression that the line stands for: the last side of its equals signs.

    lhs: the left-hand side of the derivation; a matrix formula stands for its entry there. batch: whether X, y, z, A
    have an example's index; without it, the line itself tells. Raises Unreadable.
    """
    return read_line(text, lhs, batch).sides[-1]


def read_line(
    text: str, lhs: Expr = None, batch: bool | None = None, names: dict[str, Abbreviation] | None = None
) -> Written:
    """The whole line; ``names`` are the learner's abbreviations so far. Raises Unreadable."""
    text = without_remark(text)
    check_size(text)
    try:
        tree = _parser().parse(text)
        batch = _about_a_batch(tree, lhs) if batch is None else batch
        with sp.evaluate(False):
            return LineReader(text, lhs, batch, names or {}).line(tree)
    except RecursionError:
        raise Unreadable(1, "The line is nested too deeply. Write it in shorter steps.") from None
    except lark.UnexpectedInput as error:
        raise explained(error, text) from None


def _about_a_batch(tree: Tree[Token], lhs: Expr) -> bool:
    """Whether the line is about a batch: its left-hand side is, or a name has an example's index, or N stands there."""
    if lhs is not None:
        return bool(lhs.has(L_mean))
    for token in tree.scan_values(lambda part: isinstance(part, Token) and part.type == "NAME"):
        head, indices = split(token)
        if token == "N" or (head in EXAMPLE and {"n", "q"} & set(indices)) or (head == "L" and indices):
            return True
    return False
