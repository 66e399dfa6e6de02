"""What stops the reading of a line, said with its place; and what is looked at before the grammar."""

from __future__ import annotations

import re
from collections.abc import Sequence

import lark

LONGEST, DEEPEST = 1500, 24  # signs in a line, brackets inside one another


class Unreadable(ValueError):
    """A line that cannot be read: ``column``, counted from 1, is where it stops."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column, self.message = column, message


# --- before the grammar ------------------------------------------------------------------------------

_REMARK = re.compile(
    r"""\s*(?:(?:\#|//|%|--|←|\\quad|\\qquad|\t).*
    |[,;.]?\s+\(?(?:because|since|by\ (?!parts\b)|using|thanks|from\ the|as\ the|see|note|chain\ rule|product\ rule
        |quotient\ rule|definition|def\.|q\.?\ ?e\.?\ ?d\b|∎|□|done\b).*
    |\s\(\s*(?:[^\W\d_]{2,}[\s,.-]*){2,}\)\s*|\s\(\s*(?:chain|cancel|definition|softmax|one-hot|expand|factor)[^()]*\)\s*
    |\s\[\s*(?:[^\W\d_]{3,}[\s,.-]*){2,}\]\s*|\s\(\d\)\s*|\s*[.;,]\s*|\s*\\\\\s*
    )$""",
    re.VERBOSE,
)


def without_remark(text: str) -> str:
    """The line without what is said behind it, and without the arrow or the dollar signs around it."""
    text = re.sub(r"[\u00a0\u2009\u202f]", " ", text)
    text = re.sub(r"^(\s*)(\\Leftrightarrow|\\iff|<=>|⇔|\\Rightarrow|=>|⇒|\\therefore|∴)", _blank, text)
    text = re.sub(r"^(\s*)(let|define|set|with|where)(?=\s+[^\W\d_]+\S*\s*:?=)", _blank, text)
    while (found := _REMARK.search(text)) and found.start() > 0:
        text = text[: found.start()]
    return text


def _blank(found: re.Match[str]) -> str:
    return " " * len(found[0])


def check_size(text: str) -> None:
    """Refuse what is too large to be a line of mathematics, and brackets that do not match. Raises Unreadable."""
    if not text.strip():
        raise Unreadable(1, "There is nothing to read yet. Write a line that equals the one before it.")
    if len(text) > LONGEST:
        raise Unreadable(
            LONGEST + 1, f"The line has {len(text):,} signs; at most {LONGEST:,} are read. Write it in shorter steps."
        )
    close = {"(": ")", "[": "]", "{": "}"}
    waiting: list[tuple[str, int]] = []
    for column, sign in enumerate(text, 1):
        if sign in close:
            waiting.append((sign, column))
            if len(waiting) > DEEPEST:
                raise Unreadable(column, f"Here begins bracket {len(waiting)} inside another; {DEEPEST} are read.")
        elif sign in close.values():
            if not waiting:
                raise Unreadable(column, f"This {sign} closes nothing: its opening bracket is missing.")
            opened, at = waiting.pop()
            if close[opened] != sign:
                raise Unreadable(
                    column, f"The {opened} in column {at} is closed by {sign}. Write {close[opened]} here instead."
                )
    if waiting:
        opened, at = waiting[-1]
        raise Unreadable(at, f"This {opened} is never closed: a {close[opened]} is missing.")


# --- what could not be parsed --------------------------------------------------------------------------

_OPENS = "a name (A2_k), a number or a bracket"
_WORDS = {
    "NAME": _OPENS, "$END": "the end of the line", "RPAR": "a closing )", "RSQB": "a closing ]",
    "RBRACE": "a closing }", "SUBSCRIPT": "an index such as _k",
    "_JOINS": "=", "OVER": "/", "_ELSE": "else", "_COMMA": "a comma",
    "RELATION": "a relation such as = or >=", "_TO": "two dots (k=1..K)", "D": "d",
}  # fmt: skip


def explained(error: lark.UnexpectedInput, text: str) -> Unreadable:
    column = error.column if isinstance(error.column, int) and error.column > 0 else len(text.rstrip()) + 1
    if isinstance(error, lark.UnexpectedCharacters):
        sign = text[column - 1 : column]
        if sign == "_" or sign == "^":
            return Unreadable(column, f"Nothing stands before this {sign} that could carry an index or a power.")
        word = re.match(r"\\?\w+|.", text[column - 1 :], re.DOTALL)
        return Unreadable(
            column, f"{word[0] if word else sign!r} is not known here. A line holds the course's letters (A2_k, y_k,"
            " w2_kj, ...), numbers, sums, exp, log, derivatives and brackets."
        )  # fmt: skip
    assert isinstance(error, lark.UnexpectedToken)
    expected = error.accepts or error.expected
    words = [_WORDS[name] for name in _WORDS if name in expected and not (name == "D" and "NAME" in expected)]
    if error.token.type == "$END":
        column = len(text.rstrip()) + 1
        return Unreadable(column, f"The line stops too early: here {either(words) or _OPENS} is expected.")
    if error.token.type == "SUM" or text[column - 1] in "ΣΣ∑":
        return Unreadable(column, "This sum stands where none can begin. Put it in brackets: (sum_k ...).")
    before = text[: column - 1].rstrip()
    if re.search(r"(sum|Σ|∑|\\sum)$", before):
        return Unreadable(
            column, "A sum needs its index: sum_k y_k, or sum[k=1..K] y_k. Which letter does it run over?"
        )
    said = f"{str(error.token).strip()} cannot stand here"
    return Unreadable(column, f"{said}: {either(words)} is expected." if words else f"{said}.")


def either(words: Sequence[str]) -> str:
    words = words[:4]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}" if words else ""
