"""Runs one submission's answers inside the sandbox. Nothing here is secret, and nothing it says is believed.

The one file of the course that a submission's code shares a process with: it imports numpy and the standard library,
never mlpcourse, and is given inputs only. It answers each request with frames (``sandbox.Child`` is the other end):

    request   number, length (two unsigned 32-bit integers, big-endian), then a line of JSON, then bytes
    reply     the request's number, length, then one byte for the kind, then:
                J  what was read           JSON
                D  defined                 nothing
                F  defined but for         as E
                V  a value                 layout (0 bare, 1 a tuple or list) and parts, a byte each; for each part
                                           axes (a byte), sizes (32 bits each), float64 bytes
                S  a text                  the text
                O  no numbers              one letter for what it is instead, parts (0 if bare), which of them it is
                M  the name is missing     nothing
                E  an error                line (32 bits), length of the type's name (a byte), name, message

{"do": "read"} with a notebook's bytes is answered by J (``reading.py``). {"do": "run"} runs the statements of an answer
in a namespace of its own, says D or F, and then calls a function with each case, whose arrays are the bytes, or gives
the value of an expression: a frame each, until one is no value.

Usage: python -I -S runner.py FOLDER_THAT_HOLDS_NUMPY
"""

import __future__

import ast
import builtins
import contextlib
import functools
import gc
import importlib
import io
import itertools
import json
import math
import os
import struct
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

if sys.platform != "win32":
    import resource


class LazyModule(types.ModuleType):
    """Stands for a module that is imported when something of it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        if sys.modules.get(self.__name__) is self:
            del sys.modules[self.__name__]
        return getattr(importlib.import_module(self.__name__), name)


@contextlib.contextmanager
def minimal_numpy_import() -> Iterator[None]:
    """Import numpy without what no answer needs, its docstrings first of all: it is most of a sandbox's start."""
    gc.disable()
    left_out = ("numpy._core._add_newdocs", "numpy._core._add_newdocs_scalars", "numpy._typing")
    for name in left_out:
        sys.modules[name] = types.ModuleType(name)
    sys.modules["numpy._typing"].__dict__["NDArray"] = dict
    later = {name: LazyModule(name) for name in ("ctypes", "pickle", "platform", "textwrap", "tokenize")}
    sys.modules.update(later)
    yield
    for name in left_out:
        del sys.modules[name]
    for name, module in later.items():
        if sys.modules.get(name) is module:
            del sys.modules[name]
    gc.freeze()
    gc.enable()


sys.path.insert(0, str(Path(__file__).parent))
reading: Any = importlib.import_module("reading")  # beside this file, or alone with it in a sandbox: in no package
sys.path.pop(0)
sys.path += sys.argv[1:2]  # the folder that numpy is in
with minimal_numpy_import():
    import inspect

    import numpy as np

# A type that is not known here (`-> torch.Tensor`) does no harm.
LAZY_ANNOTATIONS = __future__.annotations.compiler_flag
MESSAGE = 300  # characters kept of an error's text
PARTS = AXES = 8  # of a result, of a part
SIZE = 1 << 14  # numbers in a part
TEXT = 20_000  # characters of an answer in words


class Sink(io.TextIOBase):
    """Where prints go: nowhere."""

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        return len(text)


def received(stream: IO[bytes], size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        os._exit(0)  # the parent has gone
    return data


def set_limits(limits: dict[str, int]) -> None:
    if sys.platform != "win32":
        for name, value in limits.items():
            resource.setrlimit(getattr(resource, f"RLIMIT_{name}"), (value, value))


def arguments(header: list[Any], data: IO[bytes]) -> dict[str, Any]:
    """The inputs of a call: arrays from their bytes, in fresh memory; other values as they are."""
    given: dict[str, Any] = {}
    for name, shape, dtype, value in header:
        if shape is None:
            given[name] = value
            continue
        kind = np.dtype(dtype)
        given[name] = np.frombuffer(bytearray(data.read(kind.itemsize * math.prod(shape))), kind).reshape(shape)
    return given


def define(space: dict[str, Any], header: dict[str, Any]) -> bytes:
    """Run each statement by itself, in order: one that fails costs nothing but what it would have made."""
    failed: bytes | None = None
    for number, places in header["steps"]:
        file = header["name"] if number == header["own"] else "another cell"
        for place in places:
            try:
                exec(compiled(header["cells"][str(number)], place, file), space)
            except Exception as error:
                failed = failed or raised(error, file)
    return b"D" if failed is None else b"F" + failed[1:]


@functools.lru_cache(maxsize=1 << 10)  # what several answers need is compiled once
def compiled(source: str, place: int, file: str) -> types.CodeType:
    """One statement of a cell."""
    return compile(ast.Module([reading.parsed(source)[place]], []), file, "exec", LAZY_ANNOTATIONS)


def takes(function: Any, given: dict[str, Any]) -> bool:
    """Whether it is called by name: its parameters have these names, or it cannot be called by position."""
    try:
        own = called = inspect.signature(function)
        if not isinstance(function, types.FunctionType) or vars(function):  # else nothing wraps it
            called = inspect.signature(function, follow_wrapped=False)
        named = given.keys() <= own.parameters.keys()
    except (TypeError, ValueError):
        return False
    for by_name in (named, not named):
        try:
            called.bind(**given) if by_name else called.bind(*given)
            return by_name
        except TypeError:
            continue
    return False


def packed(value: Any, wanted: int) -> bytes:
    if wanted == 0:
        value = as_text(list(value.values()) if isinstance(value, dict) else value)
    if isinstance(value, str) and wanted == 0:
        return b"S" + str(value)[:TEXT].encode("utf-8", "replace")
    if inspect.isgenerator(value):
        value = tuple(itertools.islice(value, PARTS + 1))
    if isinstance(value, dict) and wanted > 1:
        value = tuple(value.values())
    several = wanted > 1 and isinstance(value, (tuple, list))
    parts = list(value)[:PARTS] if several else [value]
    frame = [struct.pack(">cBB", b"V", several, len(parts))]
    for number, part in enumerate(parts):
        if type(part) is np.ndarray and part.dtype.str == "<f8" and part.ndim <= AXES and part.size <= SIZE:
            frame.append(struct.pack(f">B{part.ndim}I", part.ndim, *part.shape) + part.tobytes())
            continue  # what most are, said at once
        letter = non_numeric_code(part)
        if letter:
            return b"O" + letter.encode() + bytes([len(parts) if several else 0, number])
        array = np.asarray(part)
        array = np.array(array.real if array.dtype.kind == "c" else array, dtype=np.float64, order="C")
        frame.append(struct.pack(f">B{array.ndim}I", array.ndim, *array.shape) + array.tobytes())
    return b"".join(frame)


def as_text(value: Any) -> Any:
    """Texts in a list or an array as one, a line each; anything else as it is."""
    array = np.asarray(value, dtype=object) if isinstance(value, (list, tuple, np.ndarray)) else None
    if array is not None and 0 < array.size <= SIZE and any(isinstance(one, str) for one in array.flat):
        return "\n".join(map(str, array.flat))
    return value


def non_numeric_code(value: Any) -> str:
    """A letter for what cannot be sent as real numbers, else ""."""
    if value is None:
        return "n"
    if value is ...:
        return "e"
    if inspect.isgenerator(value):
        return "g"
    if isinstance(value, (str, bytes)):
        return "t"
    if isinstance(value, (dict, set)):
        return "m" if isinstance(value, dict) else "u"
    if callable(value) and not hasattr(value, "__array__"):
        return "f"
    try:
        array = np.asarray(value)
        if array.dtype.kind == "c":
            return "c" if np.abs(array.imag).max(initial=0) > 1e-12 else ""
        array.astype(np.float64)
    except Exception:
        return "r"
    if array.ndim > AXES or array.size > SIZE:
        return "b"
    return "" if array.dtype.kind in "biufO" else "r"


def raised(error: BaseException, file: str) -> bytes:
    line, trace = 0, error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            line = trace.tb_lineno
        trace = trace.tb_next
    if isinstance(error, SyntaxError):
        line = error.lineno or 0
    kind = type(error).__name__.encode("utf-8", "replace")[:60]
    try:
        text = str(error)
    except Exception:
        text = ""
    message = text[:MESSAGE].encode("utf-8", "replace")
    return struct.pack(">cIB", b"E", min(max(line, 0), 10**6), len(kind)) + kind + message


def answers(header: dict[str, Any], data: bytes) -> Iterator[bytes]:
    """The replies to a request."""
    if header["do"] == "read":
        found = reading.read(data, header["exercises"])
        yield b"J" + json.dumps(found, ensure_ascii=False).encode()
        return
    try:
        space = fresh_space()
        yield define(space, header)
        if "value" in header:
            yield packed(eval(compile(header["value"], header["name"], "eval"), space), 0)
        elif header["function"] == header["name"] and header["name"] not in space:
            yield b"M"
        else:
            function = eval(compile(header["function"], header["name"], "eval"), space)
            yield from calls(function, header, io.BytesIO(data))
    except BaseException as error:  # whatever an answer raises, SystemExit and KeyboardInterrupt included
        yield raised(error, header["name"])


def calls(function: Any, header: dict[str, Any], data: IO[bytes]) -> Iterator[bytes]:
    by_name = takes(function, {name: None for name, *_ in header["cases"][0]})
    for case in header["cases"]:
        given = arguments(case, data)
        yield packed(function(**given) if by_name else function(*given.values()), header["wanted"])


def fresh_space() -> dict[str, Any]:
    """The names an answer may rely on: numpy, and the notebook's helpers as functions that do nothing."""
    space = {"__name__": "__main__", "__builtins__": builtins, "np": np, "numpy": np, "student": ""}
    return {**space, **dict.fromkeys(reading.SILENT, lambda *_, **__: None)}


WARMING = """import numpy as np
def softmax(z2):
    exps = np.exp(z2 - z2.max(axis=0))
    return exps / exps.sum(axis=0, keepdims=True)
check(softmax)
student = "a name"
my_numbers = [2 * 3.0, -1]
check("numbers", my_numbers)
"""


def warm_up() -> None:
    """Read and run a small notebook some times: what is slow only at first is then quick in every fork."""
    cells = [{"cell_type": "code", "source": WARMING, "metadata": {"nbgrader": {"grade_id": "softmax"}}}]
    data = json.dumps({"nbformat": 4, "cells": cells * 5}).encode()
    asked = [{"name": "softmax", "variable": ""}, {"name": "numbers", "variable": "my_numbers"}]
    array, steps = np.ones((2, 3)), [[0, [0, 1]]]
    run = {"name": "softmax", "own": 0, "steps": steps, "cells": {"0": WARMING}, "function": "softmax", "wanted": 1}
    run["cases"] = [[["z2", array.shape, array.dtype.str, None]]] * 20
    for _ in range(5):
        list(answers({"do": "read", "exercises": asked}, data))
        list(answers({"do": "run", **run}, array.tobytes() * 20))


def main() -> None:
    talk_in, talk_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    null = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(null, number)
    sink = Sink()
    sys.stdin, sys.stdout, sys.stderr = os.fdopen(0), sink, sink
    np.seterr(all="ignore")
    while True:
        number, length = struct.unpack(">II", received(talk_in, 8))
        line, _, data = received(talk_in, length).partition(b"\n")
        header = json.loads(line)
        if header["do"] == "limits":  # where no fork server has set them
            set_limits(header["limits"])
        for reply in [b"D"] if header["do"] == "limits" else answers(header, data):
            talk_out.write(struct.pack(">II", number, len(reply)) + reply)
            if reply[:1] in b"DF":  # the time to define is counted apart from that of the calls
                talk_out.flush()
        talk_out.flush()


if __name__ == "__main__":
    main()
