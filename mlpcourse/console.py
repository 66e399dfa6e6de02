"""Text on a console that cannot write the course's signs (cp1252, ASCII): the nearest plain ones stand for them."""

from __future__ import annotations

import codecs
import sys
import unicodedata

PLAIN = str.maketrans("✓✗○∎…\N{EN DASH}\N{EM DASH}\N{MINUS SIGN}\N{MULTIPLICATION SIGN}·", "+xo#.---x*")
PLAIN_LETTERS = "plain letters"  # the name of a codec's way with what it cannot write


def writable(text: str) -> str:
    """``text`` as ``sys.stdout`` can write it: what a ``__repr__`` returns, since ``print`` would raise at a sign."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text if text.isascii() else text.encode(encoding, PLAIN_LETTERS).decode(encoding)


def _in_plain_letters(error: UnicodeError) -> tuple[str, int]:
    """What stands for letters that cannot be written: the nearest plain ones, or a question mark."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end].translate(PLAIN)
    plain = unicodedata.normalize("NFKD", letters)
    return "".join(c if c.isascii() else "" if unicodedata.combining(c) else "?" for c in plain), error.end


codecs.register_error(PLAIN_LETTERS, _in_plain_letters)
