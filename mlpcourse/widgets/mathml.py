"""LaTeX as MathML, which browsers draw by themselves, and what changed from one formula to the next."""

from __future__ import annotations

import difflib
import functools
import re
import xml.etree.ElementTree as ET
from copy import deepcopy

SCRIPTS = {"msub", "msup", "msubsup", "munderover", "munder", "mover"}
MINUS = "\N{MINUS SIGN}"
FIXED = {*SCRIPTS, "mfrac", "msqrt", "mtable", "mtr"}


@functools.cache
def _parsed(tex: str) -> ET.Element:
    from latex2mathml.converter import convert  # most views do without

    tex = re.sub(r"\\\\\[[^]]*\]", r"\\\\", tex)  # a line break's extra space: latex2mathml would print it
    root = ET.fromstring(convert(tex, display="block").replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    for element in root.iter():
        if element.tag in ("msubsup", "munderover", "munder") and element[0].text == "∑":
            # Limits go above and below where there is room, beside the sign where there is not, as in TeX.
            element.tag = {"msubsup": "munderover"}.get(element.tag, element.tag)
            element[0].set("movablelimits", "true")
        if element.tag == "mi" and element.text in ("log", "exp"):
            element.set("class", "mlp-function")
        if element.tag in SCRIPTS:
            for sign in (inner for script in element[1:] for inner in script.iter("mo")):
                sign.attrib.update(lspace="0", rspace="0")  # i=1, not i = 1, in small print
    return root


def _written(element: ET.Element) -> str:
    return ET.tostring(element, encoding="unicode")


def mathml(tex: str, *, block: bool = True) -> str:
    """``tex`` as a ``<math>`` element."""
    root = deepcopy(_parsed(tex))
    root.set("display", "block" if block else "inline")
    return _written(root)


def in_sides(tex: str) -> str:
    """``tex`` as ``<math>`` elements, one for each term of its equations' sides: a line may break between them."""
    (row,) = deepcopy(_parsed(tex))
    written = ""
    depth = 0  # of brackets: I(i = k) is one piece
    before = ""
    for child in row:
        sign = "".join((child[0] if child.tag in SCRIPTS else child).itertext())
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if depth == 0 and before and sign == "=":
            written += "</mrow></math> <math displaystyle='true'><mrow>"
        elif depth == 0 and before not in ("", "=", "⇔") and sign in ("+", MINUS):
            child.set("form", "infix")  # or, the first of its element, it would be taken for a sign
            written += "</mrow></math><wbr><math displaystyle='true'><mrow>"
        written += _written(child)
        before = sign
    return f"<math displaystyle='true'><mrow>{written}</mrow></math>"


def inline(text: str) -> str:
    """HTML of a sentence with LaTeX between dollar signs."""
    parts = re.split(r"\$([^$]*)\$", text)
    return "".join(mathml(part, block=False) if odd % 2 else _escaped(part) for odd, part in enumerate(parts))


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def compared(before: str, after: str) -> tuple[str, str]:
    """Both formulas as MathML, each with its parts that the other lacks in ``<mrow class="mlp-changed">``."""
    old, new = deepcopy(_parsed(before)), deepcopy(_parsed(after))
    _compare(old, new)
    return _written(old), _written(new)


def _compare(old: ET.Element, new: ET.Element) -> None:
    """Marks the differing children, the deepest that explain the difference."""
    ours, theirs = list(old), list(new)
    if old.tag in FIXED and len(ours) == len(theirs):
        pairs = list(zip(ours, theirs, strict=True))
        for one, other in pairs:
            if _written(one) != _written(other):
                _pair(old, one, new, other)
        return
    matcher = difflib.SequenceMatcher(None, [_written(e) for e in ours], [_written(e) for e in theirs], autojunk=False)
    for what, a, b, c, d in matcher.get_opcodes():
        if what == "equal":
            continue
        if b - a == d - c == 1:
            _pair(old, ours[a], new, theirs[c])
        else:
            _mark(old, ours[a:b])
            _mark(new, theirs[c:d])


def _pair(old: ET.Element, one: ET.Element, new: ET.Element, other: ET.Element) -> None:
    if one.tag == other.tag and len(one) and (one.tag not in FIXED or len(one) == len(other)) and _akin(one, other):
        _compare(one, other)
    else:
        _mark(old, [one])
        _mark(new, [other])


def _akin(one: ET.Element, other: ET.Element) -> bool:
    """Whether enough is common that marking inside says more than marking the whole."""
    ours, theirs = ([_written(leaf) for leaf in tree.iter() if not len(leaf)] for tree in (one, other))
    return difflib.SequenceMatcher(None, ours, theirs, autojunk=False).ratio() > 0.3


def _mark(parent: ET.Element, children: list[ET.Element]) -> None:
    if not children:
        return
    place = list(parent).index(children[0])
    if children[0].tag in ("mtr", "mtd"):  # a row or a cell cannot be wrapped: mark what it holds
        for child in children:
            _mark(child, list(child))
        return
    mark = ET.Element("mrow", {"class": "mlp-changed"})
    for child in children:
        parent.remove(child)
        mark.append(child)
    parent.insert(place, mark)
