"""What a sandboxed process says, read with distrust: raw numbers, a text, or an error told in words of ours."""

from __future__ import annotations

import builtins
import re
import struct
from math import prod
from typing import Any

import numpy as np

from mlpcourse.grading import sandbox
from mlpcourse.grading.names import clean

Value = Any  # a float64 array, a tuple of them, a text, or something that is no number


class Garbled(Exception):
    """A reply that is not what the runner would have written."""


_STAND_INS: dict[bytes, Value] = {
    b"n": None, b"e": ..., b"g": (entry for entry in [0]), b"t": "", b"m": {}, b"u": {0}, b"f": len,
    b"c": np.array([1j]), b"r": object(), b"b": object(),
}  # fmt: skip


def decode_reply(reply: bytes, code: str = "", cell: str = "") -> Value | Exception:
    """What one reply says: arrays, a text, or an error made here (see ``safe_error``). Raises Garbled."""
    try:
        if reply[:1] == b"V":
            return _arrays(reply)
        if reply[:1] == b"S":
            return reply[1:].decode(errors="replace")
        if reply[:1] == b"O":
            instead, (parts, which) = _STAND_INS[reply[1:2]], reply[2:]
            if parts > sandbox.PARTS or which >= max(parts, 1):
                raise Garbled
            return tuple(instead if part == which else np.zeros(1) for part in range(parts)) if parts else instead
        if reply[:1] in (b"E", b"F"):
            line, length = struct.unpack_from(">IB", reply, 1)
            kind, text = reply[6 : 6 + length], reply[6 + length : 6 + length + 1200]
            return safe_error(kind.decode(errors="replace"), text.decode(errors="replace"), line, code, cell)
    except (struct.error, KeyError, ValueError):
        pass
    raise Garbled


def _arrays(reply: bytes) -> Value:
    several, count = struct.unpack_from(">BB", reply, 1)
    at, parts = 3, []
    if count > sandbox.PARTS or (several, count) != (several > 0, count if several else 1):
        raise Garbled
    for _ in range(count):
        (axes,) = struct.unpack_from(">B", reply, at)
        if axes > sandbox.AXES:
            raise Garbled
        shape = struct.unpack_from(f">{axes}I", reply, at + 1)
        at += 1 + 4 * axes
        size = prod(shape)
        if size * 8 > len(reply) - at or max(shape, default=0) > sandbox.REPLY:
            raise Garbled
        parts.append(np.frombuffer(reply, np.float64, size, at).reshape(shape))
        at += 8 * size
    if at != len(reply):
        raise Garbled
    return tuple(parts) if several else parts[0]


# --- errors ---------------------------------------------------------------------------------------

_BUILTIN: dict[str, type[Exception]] = {
    name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)
}
_MADE_UP: type[Exception] = type("Error", (Exception,), {})

# What Python and numpy say, without the numbers: anything else could be made of hidden inputs. NAME stands for a name
# that is written in the student's code, TYPE for a type of Python's or numpy's, N for a number that is not shown.
_SAID = (
    "name NAME is not defined",
    "No module named NAME",
    "cannot import name NAME from NAME",
    "cannot access local variable NAME where it is not associated with a value",
    "TYPE object has no attribute NAME",
    "module NAME has no attribute NAME",
    "TYPE object is not callable",
    "TYPE object is not subscriptable",
    "TYPE object is not iterable",
    "TYPE object does not support item assignment",
    "TYPE object cannot be interpreted as an integer",
    "cannot unpack non-iterable TYPE object",
    "not enough values to unpack (expected N, got N)",
    "too many values to unpack (expected N)",
    "NAME() takes N positional arguments but N were given",
    "NAME() takes N positional argument but N were given",
    "NAME() missing N required positional argument: NAME",
    "NAME() missing N required positional arguments: NAME and NAME",
    "NAME() got an unexpected keyword argument NAME",
    "unsupported operand type(s) for SIGN: TYPE and TYPE",
    "bad operand type for unary SIGN: TYPE",
    "ufunc NAME not supported for the input types",
    "only length-1 arrays can be converted to Python scalars",
    "only 0-dimensional arrays can be converted to Python scalars",
    "only integer scalar arrays can be converted to a scalar index",
    "operands could not be broadcast together with shapes",
    "operands could not be broadcast together",
    "non-broadcastable output operand with shape",
    "matmul: Input operand N has a mismatch in its core dimension N",
    "matmul: Input operand N does not have enough dimensions",
    "shapes SHAPE and SHAPE not aligned",
    "all the input array dimensions except for the concatenation axis must match exactly",
    "The truth value of an array with more than one element is ambiguous",
    "setting an array element with a sequence",
    "cannot reshape array of size N",
    "too many indices for array",
    "index N is out of bounds for axis N with size N",
    "axis N is out of bounds for array of dimension N",
    "list index out of range",
    "tuple index out of range",
    "division by zero",
    "math domain error",
    "math range error",
    "maximum recursion depth exceeded",
    "invalid syntax",
    "Unable to allocate",
    "'return' outside function",
    "assignment destination is read-only",
    "output array is read-only",
)

_TYPES = {
    "int", "float", "complex", "bool", "str", "bytes", "list", "tuple", "dict", "set", "NoneType", "function",
    "builtin_function_or_method", "method", "type", "module", "generator", "range", "ellipsis", "ndarray",
    "numpy.ndarray", "numpy.float64", "numpy.int64", "numpy.bool", "numpy.bool_", "slice", "coroutine",
}  # fmt: skip


def _pattern(said: str) -> re.Pattern[str]:
    text = re.escape(said).replace(r"\ ", " ")
    for word, pattern in (("NAME", r"'?([\w.]{1,60})'?"), ("TYPE", r"'?([\w.]{1,60})'?"), ("SHAPE", r"\([\d, ]*\)"),
                          ("SIGN", r"[-+*/@%&|^<>=~]{1,3}(?: or pow\(\))?")):  # fmt: skip
        text = text.replace(word, pattern)
    return re.compile(re.sub(r"\bN\b", r"-?\\d+", text))


_PATTERNS = [(said, _pattern(said)) for said in _SAID]


def safe_error(kind: str, text: str, line: int, code: str, cell: str) -> Exception:
    """An exception like the one that was raised, without what could have come from a hidden case.

    Its type is one of Python's own. Its text is one of those that Python and numpy use, without their numbers and with
    names from ``code`` only, or it stands word for word in the line of ``cell`` that raised it.
    """
    error = _BUILTIN.get(kind, _MADE_UP)
    said = _safe_text(text.strip(), code, "\n".join(cell.split("\n")[max(line - 1, 0) : line + 2]) if line else "")
    try:
        made = error(said) if said else error()
    except TypeError:  # UnicodeDecodeError and its kin want more
        made = _MADE_UP(said)
    made.__dict__["line"] = line
    return made


def _safe_text(text: str, code: str, lines: str) -> str:
    known = set(re.findall(r"\w+", code))
    for said, pattern in _PATTERNS:
        match = pattern.match(text.replace('"', "'"))
        if match is None:
            continue
        found = iter(match.groups())
        shown, trusted = said, True
        for word in re.findall("NAME|TYPE", said):
            name = next(found)
            trusted &= name in _TYPES if word == "TYPE" else all(part in known for part in name.split("."))
            shown = shown.replace(word, f"'{name}'" if word == "TYPE" or "()" not in said else name, 1)
        if trusted:
            return re.sub(r"\bN\b", "#", shown).replace("SIGN", "this operator").replace("SHAPE", "(#)")
    return clean(text, 160) if text and re.search(f"[\"']{re.escape(text)}[\"']", lines) else ""
