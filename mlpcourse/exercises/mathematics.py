"""Formulas that stand in a sentence as plain text, such as dL/dz_2i or e^z_2i, set as mathematics."""

from __future__ import annotations

import re

_NAME = r"(?:delta|[AzwbyXLeu])"
_INDEX = r"(?:_\d?(?:,(?=[a-zA-Z]))?[a-zA-Z]{0,3}\d?)"  # a comma that ends a clause is none of it
_LETTER = rf"{_NAME}(?:{_INDEX}|\d)?"
_FORMULA = re.compile(
    rf"(?<![\w`$\\.])(?:d{_LETTER}/d{_LETTER}|e\^\(?{_LETTER}(?: - c\))?|{_NAME}{_INDEX}(?:\^[2T])?)(?![\w(`$^])"
)  # fmt: skip
_PROTECTED = re.compile(r"(`[^`]*`|\$[^$]*\$)")


def set_formulas(text: str) -> str:
    """``text`` with its formulas between dollar signs; what is code or set already stays as it is."""
    parts = _PROTECTED.split(text)
    return "".join(
        part if at % 2 else _FORMULA.sub(lambda m: f"${_tex(m.group())}$", part) for at, part in enumerate(parts)
    )


def _tex(formula: str) -> str:
    if formula.startswith("d") and "/" in formula:
        above, below = formula.split("/")
        return rf"\partial {_letter(above[1:])}/\partial {_letter(below[1:])}"
    if formula.startswith("e^"):
        return f"e^{{{_letter(formula[2:].strip('()'))}}}"
    letter, _, power = formula.partition("^")
    return _letter(letter) + {"": "", "2": "^2", "T": r"^\top"}[power]


def _letter(text: str) -> str:
    """`A_2i` as A_{2i}, `w_2,kj` as w_{2,kj}, `delta_2k` as \\delta_{2k}, `w2` as w_2."""
    name, _, index = text.replace(" - c", "").partition("_")
    shift = " - c" if text.endswith(" - c") else ""
    if not index and name[-1].isdigit():
        name, index = name[:-1], name[-1]
    name = rf"\{name}" if name == "delta" else name
    return (f"{name}_{{{index}}}" if index else name) + shift
