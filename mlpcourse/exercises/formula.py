"""Reading a formula that a learner typed in quotes: Python, with what people write on paper beside it."""

from __future__ import annotations

import ast
import io
import keyword
import linecache
import re
import tokenize
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from mlpcourse.exercises import running
from mlpcourse.network import SHAPES

_TERM = r"(?:\w+|\([^()]*\))"
_END = rf"({_TERM}(?:\s*[-+*]\s*{_TERM})*)"  # of a range: `K-1` in `0..K-1`

# What is typed on paper, and what Python calls it.
_ON_PAPER = [
    (r"[−–]", "-"),  # noqa: RUF001 - the dashes that a page or a keyboard may give
    (r"[·×⊙]", "*"),  # noqa: RUF001
    (r"≥", ">="),
    (r"≤", "<="),
    (r"≠", "!="),
    (r"ᵀ", ".T"),
    (r"\^T\b", ".T"),
    (r"\^", "**"),
    (r"(?:\\sum|Σ)\s*_", "sum_"),
    (r"\bsum_[({]\s*(\w)\s*(?:≠|!=|\\ne)\s*(\w)\s*[)}]", r"sum_\1_but_\2"),
    (r"\bsum_[({]\s*(\w)\s*[)}]", r"sum_\1"),
    (r"\bln\(", "log("),
    (r"…", "..."),
    (r"\{([^{}=]*\.\.[^{}=]*)\}", r"\1"),
    (r"\b(?:(0)\s*,\s*1|(1)\s*,\s*2)\s*,\s*(?=\.\.)", r"\1\2, "),
    (rf"(?<![\w.]){_END}\s*,?\s*\.\.\.?\s*,?\s*{_END}", r"range(\1, \2 + 1)"),
    (r"\bI\(\s*([\w.\[\]]+)\s*=\s*([\w.\[\]]+)\s*\)", r"I(\1 == \2)"),
]


class Unreadable(ValueError):
    """The text is no formula; the message says how to write it."""


def read(text: str, name: str, letters: Sequence[str]) -> Callable[..., Any]:
    """The function of ``letters`` that the formula stands for. Raises Unreadable.

    One leading ``name =`` or ``name in`` is left out, unless it is one of the letters: a comparison or a keyword
    argument keeps its sign.
    """
    leading = re.match(r"\s*([A-Za-z_]\w*)(?:\s*=(?!=)|\s+in\b|\s*∈)", text)
    formula = text[leading.end() if leading and leading[1] not in letters else 0 :].strip()
    for pattern, python in _ON_PAPER:
        formula = re.sub(pattern, python, formula)
    formula = _with_sums(_with_signs(formula, letters), letters)
    source = f"def {name}({', '.join(letters)}):\n    return (\n{formula}\n)\n"
    try:
        tree = ast.parse(source)
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef) or len(tree.body[0].body) != 1:
            raise SyntaxError
        source = ast.unparse(tree)
        code = compile(source, running.FORMULA, "exec")
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        raise Unreadable(_how_to_write(text, letters)) from None
    linecache.cache[running.FORMULA] = (len(source), None, source.splitlines(keepends=True), running.FORMULA)
    known: dict[str, Any] = {"np": np, "e": np.e, "exp": np.exp, "log": np.log, "I": indicator}
    exec(code, known)
    function: Callable[..., Any] = known[name]
    return function


def indicator(holds: Any) -> Any:
    """1 where it holds, else 0."""
    return np.multiply(holds, 1)


def _with_signs(formula: str, letters: Sequence[str]) -> str:
    """The formula with a sign in the products that are written side by side: ``y_i (S - e_i)``, ``2 A_i``, ``w2.T z``.

    An entry may be written with its index below, ``y_i`` for ``y[i]``, where no letter is called so.
    """
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(f"({formula})").readline))
    except (tokenize.TokenError, SyntaxError):
        return formula
    written: list[str] = []
    before = tokens[0]
    for token in tokens[1:-1]:
        ends = before.string in (*letters, "T", ")", "]") or before.type == tokenize.NUMBER
        ends = ends or _entry(before.string, letters) != before.string
        begins = token.type == tokenize.NUMBER or token.string == "("
        begins = begins or (token.type == tokenize.NAME and not keyword.iskeyword(token.string))
        if ends and begins:
            written.append("@" if before.string == "T" else "*")
        written.append(_entry(token.string, letters) if token.type == tokenize.NAME else token.string)
        before = token
    return " ".join(filter(None, written[: len(written) - written[::-1].index(")") - 1]))


def _with_sums(formula: str, letters: Sequence[str]) -> str:
    """The formula with each ``sum_k``, or ``sum_k_but_i`` for every k except i, over the rest of its term."""
    over = next((one for one in letters if one in ("y", "A2", "z2")), None)
    found = re.search(r"\bsum_(\w)(?:_but_(\w))?(?!\w)", formula)
    if found is None or over is None:
        return formula
    depth, at = 0, found.end()
    while at < len(formula) and depth >= 0:
        sign = formula[at]
        depth += (sign in "([") - (sign in ")]")
        if depth == 0 and sign in "+-" and formula[found.end() : at].strip():
            break
        at += depth >= 0
    term, but = formula[found.end() : at], f" if {found[1]} != {found[2]}" if found[2] else ""
    summed = f"sum({term} for {found[1]} in range(len({over})){but})"
    return _with_sums(f"{formula[: found.start()]}{summed}{formula[at:]}", letters)


def _entry(name: str, letters: Sequence[str]) -> str:
    whole, _, index = name.rpartition("_")
    return f"{whole}[{index}]" if name not in letters and whole in letters and len(index) == 1 else name


def _how_to_write(text: str, letters: Sequence[str]) -> str:
    said = f"`{text.strip()}` cannot be read. Its letters are {', '.join(letters)}."
    others = [name for name in re.findall(r"[A-Za-z]\w*", text) if name in SHAPES and name not in letters]
    if others:
        said += f" `{others[0]}` is none of them: what is it, written with these?"
    elif re.search(r"\\?sum_|Σ|\\sum|\\frac", text):
        said += " A sum is written `sum(y[k] for k in range(len(y)))`, a fraction `a / b`."
    elif re.search(r"[^<>=!]=[^=]", text):
        said += " Whether two things are equal is asked with `==`."
    elif text.count("(") != text.count(")"):
        said += " Is a bracket missing?"
    elif re.search(r"[\w)\]]\s+[\w(\[]", text):
        said += " A product needs its sign: `a * b`."
    return said
