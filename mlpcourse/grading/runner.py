"""Runs one submission's answers inside the wall. Nothing here is secret, and nothing it says is believed.

The one file of the course that a submission's code shares a process with: it imports numpy and the standard library,
never mlpcourse, and is given inputs only. It answers each request with one frame (``wall.Child`` is the other end):

    request   number, length (two unsigned 32-bit integers, big-endian), then a line of JSON, then the arrays' bytes
    reply     number, length, then one byte for the kind, then:
                D  done                    nothing
                V  a value                 layout, parts, printed (a byte each), inputs changed (32 bits); for each
                                           part: axes (a byte), sizes (32 bits each), float64 bytes
                O  no numbers              printed, and one letter for what it is instead
                E  an error                line (32 bits), length of the type's name (a byte), name, message

Usage: python -I -S runner.py FOLDER_THAT_HOLDS_NUMPY
"""

import ast
import builtins
import inspect
import io
import json
import os
import struct
import sys
from typing import IO, Any

sys.path.append(sys.argv[1])
import numpy as np  # noqa: E402  its folder is known only now

try:
    import resource
except ImportError:  # Windows
    resource = None

MESSAGE = 300  # characters kept of an error's text
BYTES = 1 << 20  # of one result
ENTRIES = 8  # parts of a result, and axes of a part


class Sink(io.TextIOBase):
    """Where prints go: nowhere, but it is remembered that there were some."""

    used = False

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.used = True
        return len(text)


def read(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        os._exit(0)  # the parent has gone
    return data


def bound(limits: dict[str, int]) -> None:
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}", None)
        if number is not None:
            resource.setrlimit(number, (value, value))


def arguments(header: list[Any], data: bytes) -> dict[str, Any]:
    """The inputs of a call: arrays from their bytes, in fresh memory; other values as they are."""
    given: dict[str, Any] = {}
    at = 0
    for name, shape, dtype, value in header:
        if shape is None:
            given[name] = value
            continue
        array = np.frombuffer(data, dtype, int(np.prod(shape)), at).reshape(shape).copy()
        at += array.nbytes
        given[name] = array
    return given


def define(space: dict[str, Any], source: str) -> bytes:
    """Run each statement by itself, in order: one that fails costs nothing but what it would have made."""
    failed: BaseException | None = None
    for statement in ast.parse(source).body:
        if isinstance(statement, ast.Expr):  # prints, pictures, checks: an answer needs none of them
            continue
        try:
            exec(compile(ast.Module([statement], []), "answer", "exec"), space)
        except Exception as error:
            failed = failed or error
    return b"D" if failed is None else raised(failed)


def call(space: dict[str, Any], name: str, given: dict[str, Any]) -> tuple[Any, int]:
    function = space[name]
    try:
        by_name = set(inspect.signature(function).parameters) == set(given)
    except (TypeError, ValueError):
        by_name = False
    before = {key: value.copy() for key, value in given.items() if isinstance(value, np.ndarray)}
    inputs = list(given.values())
    value = function(**given) if by_name else function(*inputs)
    changed = sum(
        1 << number
        for number, (key, now) in enumerate(given.items())
        if key in before and not np.array_equal(before[key], now)
    )
    return value, changed


def packed(value: Any, wanted: int, printed: bool, changed: int) -> bytes:
    parts = list(value) if isinstance(value, (tuple, list)) and wanted > 1 else [value]
    layout = isinstance(value, (tuple, list)) and wanted > 1
    if layout and len(parts) > ENTRIES:
        parts = parts[:ENTRIES]
    letter = next((other(part, layout) for part in parts if other(part, layout)), "")
    if letter:
        return struct.pack(">cBc", b"O", printed, letter.encode())
    frame = [struct.pack(">cBBBI", b"V", layout, len(parts), printed, changed)]
    for part in parts:
        array = np.asarray(part)
        array = np.array(array.real if array.dtype.kind == "c" else array, dtype=np.float64, order="C")
        if array.ndim > ENTRIES or array.nbytes > BYTES:
            return struct.pack(">cBc", b"O", printed, b"b")
        frame.append(struct.pack(f">B{array.ndim}I", array.ndim, *array.shape) + array.tobytes())
    return b"".join(frame)


def other(value: Any, part: bool) -> str:
    """A letter for what cannot be sent as real numbers, else ""."""
    if value is None:
        return "o" if part else "n"
    if value is ...:
        return "e"
    if inspect.isgenerator(value):
        return "g"
    if isinstance(value, (str, bytes)):
        return "t"
    if isinstance(value, (dict, set)):
        return "m"
    if callable(value) and not hasattr(value, "__array__"):
        return "f"
    try:
        array = np.asarray(value)
        if array.dtype.kind == "c":
            return "c" if np.abs(array.imag).max(initial=0) > 1e-12 else ""
        array.astype(np.float64)
    except Exception:
        return "r"
    return "" if array.dtype.kind in "biufO" else "r"


def raised(error: BaseException) -> bytes:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == "answer":
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    name = type(error).__name__.encode("utf-8", "replace")[:60]
    try:
        text = str(error)
    except Exception:
        text = ""
    message = text[:MESSAGE].encode("utf-8", "replace")
    return struct.pack(">cIB", b"E", min(max(line, 0), 10**6), len(name)) + name + message


def answer(space: dict[str, Any], sink: Sink, header: dict[str, Any], data: bytes) -> bytes:
    sink.used = False
    try:
        if header["do"] == "define":
            return define(space, header["source"])
        if header["do"] == "value":
            value, changed = space[header["name"]], 0
        else:
            value, changed = call(space, header["name"], arguments(header["given"], data))
        return packed(value, header["wanted"], sink.used, changed)
    except BaseException as error:  # whatever an answer raises, SystemExit and KeyboardInterrupt included
        return raised(error)


def fresh_space() -> dict[str, Any]:
    """The names an answer may rely on: numpy, and the notebook's helpers as functions that do nothing."""
    space = {"__name__": "answer", "__builtins__": builtins, "np": np, "numpy": np}
    silent = dict.fromkeys(["check", "hint", "solution", "given", "progress", "display", "show"], lambda *_, **__: None)
    return {**space, **silent}


def main() -> None:
    talk_in, talk_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sink = Sink()
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), sink, sink
    space = fresh_space()
    np.seterr(all="ignore")
    while True:
        number, length = struct.unpack(">II", read(talk_in, 8))
        line, _, data = read(talk_in, length).partition(b"\n")
        header = json.loads(line)
        if header["do"] == "bound":
            bound(header["limits"])
            reply = b"D"
        else:
            reply = answer(space, sink, header, data)
        talk_out.write(struct.pack(">II", number, len(reply)) + reply)
        talk_out.flush()


if __name__ == "__main__":
    main()
