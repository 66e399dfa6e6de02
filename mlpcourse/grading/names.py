"""Names of people: what a student's own numbers are drawn with, and whether two names may be the same person's."""

from __future__ import annotations

import re
import unicodedata
from hashlib import sha256

LONGEST = 80  # characters kept of a name
_PARTICIPANT = re.compile(r"^participant (?=\d+$)", re.I)
APOSTROPHES = "'`\u00b4\u2018\u2019\u02bc"


def clean(text: str, longest: int = LONGEST) -> str:
    """Foreign text as it can be shown: one line, no control characters, not too long."""
    text = text[: 4 * longest].encode("utf-8", "replace").decode()
    text = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return re.sub(" +", " ", text).strip()[:longest] or "(no name)"


def words(name: str) -> list[str]:
    """The words of a name without capitals, accents, apostrophes and other marks, in alphabetical order."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    folded = folded.translate({0xF8: "o", 0x142: "l", 0x131: "i"})  # letters that do not come apart
    kept = "".join(
        letter if letter.isalnum() else "" if unicodedata.combining(letter) or letter in APOSTROPHES else " "
        for letter in folded
    )
    return sorted(kept.split())


def letters(name: str) -> str:
    """The letters of a name, in alphabetical order of its words."""
    return "".join(letter for word in words(name) for letter in word if letter.isalpha())


def student_seed(student: str) -> int:
    """What a student's own numbers are drawn with: the words of the name, in any order, however they are written."""
    return int.from_bytes(sha256(" ".join(words(student)).encode()).digest()[:6])


def may_be_same(typed: str, handed_in: str) -> bool:
    """Whether two names may be one person's: the same letters in any order of the words, or a part of one another.

    An LMS shortens names (``nsurname``), joins their words (``surnamename``) and leaves out signs; where it hides names
    (``Participant 1001``), any may be the one.
    """
    one, other = letters(typed), letters(_PARTICIPANT.sub("", handed_in))
    if not words(typed):  # no name at all
        return False
    if not one or not other or sorted(one) == sorted(other):
        return True
    parts = [(typed, other), (handed_in, one), (_transcribed(typed), other), (_transcribed(handed_in), one)]
    return any(len(word) > 2 and word in joined for name, joined in parts for word in words(name))


def _transcribed(name: str) -> str:
    for letter, instead in (("ä", "ae"), ("ö", "oe"), ("ü", "ue"), ("å", "aa"), ("ø", "oe")):
        name = unicodedata.normalize("NFC", name).casefold().replace(letter, instead)
    return name
