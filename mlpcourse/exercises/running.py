"""Running a learner's function: bounded in time and output, and never a traceback of ours.

It runs in the learner's own kernel, so this guards against accidents, not against malice.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import difflib
import io
import linecache
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

SECONDS = 3.0  # for all calls of one check together
FORMULA = "<your formula>"  # the name of the file that a formula in quotes seems to be in
PRINTED = 2000  # characters kept of what a function prints


class Outcome(NamedTuple):
    """One call: what came back or was raised, what was printed, and which inputs were touched.

    stopped: "" or "time" or "interrupt". changed: inputs no longer what they were. shared: inputs whose memory the
    result uses. given: the inputs themselves, after the call.
    """

    value: Any = None
    error: BaseException | None = None
    stopped: str = ""
    printed: str = ""
    changed: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    given: Mapping[str, Any] = types.MappingProxyType({})


class _TimeUp(BaseException):
    """Not an Exception, so that a learner's ``except Exception`` lets it pass."""


class _Capped(io.TextIOBase):
    """A text stream that remembers the beginning of what is written to it."""

    def __init__(self) -> None:
        self.kept = ""

    def write(self, text: str) -> int:
        self.kept += str(text)[: PRINTED + 1 - len(self.kept)] if len(self.kept) <= PRINTED else ""
        return len(text)


def run(function: Callable[..., Any], cases: Sequence[Mapping[str, Any]], by_name: bool) -> list[Outcome]:
    """Call ``function`` on fresh copies of each case's inputs; the list ends early at an error or a stop."""
    outcomes: list[Outcome] = []
    stopped = ""

    def calls() -> None:
        for case in cases:
            outcomes.append(_call(function, case, by_name))
            if outcomes[-1].error is not None:
                return

    stream = _Capped()
    try:
        with _quiet(stream):
            stopped = _limited(calls, SECONDS)
    except KeyboardInterrupt:
        stopped = "interrupt"
    if stopped:
        outcomes.append(Outcome(stopped=stopped, printed=stream.kept))
    return outcomes


def _call(function: Callable[..., Any], case: Mapping[str, Any], by_name: bool) -> Outcome:
    given = {name: _copied(value) for name, value in case.items()}
    stream = sys.stdout
    if isinstance(stream, _Capped):
        stream.kept = ""
    value, error = None, None
    try:
        value = function(**given) if by_name else function(*given.values())
    except (_TimeUp, KeyboardInterrupt):
        raise
    except BaseException as raised:  # a learner's function may raise anything, SystemExit included
        error = raised
    return Outcome(
        value=value,
        error=error,
        printed=getattr(stream, "kept", ""),
        changed=tuple(name for name, old in case.items() if not _same(old, given[name])),
        shared=tuple(name for name, array in given.items() if _shares(value, array)),
        given=given,
    )


def _copied(value: Any) -> Any:
    return copy.copy(value)


def _same(old: Any, new: Any) -> bool:
    if not isinstance(old, np.ndarray):
        return True
    return old.shape == new.shape and bool(np.array_equal(old, new, equal_nan=old.dtype.kind == "f"))


def _shares(value: Any, array: Any) -> bool:
    parts = value if isinstance(value, tuple | list) else (value,)
    if not isinstance(array, np.ndarray):
        return False
    return any(isinstance(part, np.ndarray) and np.may_share_memory(part, array) for part in parts)


@contextlib.contextmanager
def _quiet(stream: _Capped) -> Iterator[None]:
    """Keep output, warnings and questions to the learner away from the notebook."""

    def no_input(*_: object) -> str:
        raise RuntimeError("input() cannot be answered while a function is checked")

    asked, builtins.input = builtins.input, no_input
    try:
        with (
            contextlib.redirect_stdout(stream),
            contextlib.redirect_stderr(stream),
            np.errstate(all="ignore"),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        builtins.input = asked


# --- the time limit -----------------------------------------------------------------------------


def _limited(work: Callable[[], None], seconds: float) -> str:
    """Do ``work`` and return "", or stop it after ``seconds`` and return "time"."""
    alarms = hasattr(signal, "setitimer") and sys.platform != "emscripten"
    if alarms and threading.current_thread() is threading.main_thread():
        return _limited_by_alarm(work, seconds)
    return _limited_by_tracing(work, seconds)


def _limited_by_alarm(work: Callable[[], None], seconds: float) -> str:
    armed = True
    stopped = ""
    tracing = sys.gettrace()

    def at_once(frame: types.FrameType, event: str, _: object) -> Any:
        if event == "line" and armed:
            raise _TimeUp
        return at_once

    def ring(_: int, frame: types.FrameType | None) -> None:
        nonlocal stopped
        if not armed:
            return
        if stopped:  # the first alarm was swallowed by an `except:`. Raise again at the next line, inside that handler
            sys.settrace(at_once)
            while frame is not None and frame.f_code is not work.__code__:
                frame.f_trace = at_once
                frame = frame.f_back
        stopped = "time"
        raise _TimeUp

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds, 0.02)
        try:
            work()
        finally:
            armed = False
    except _TimeUp:
        stopped = "time"
    finally:
        armed = False
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if sys.gettrace() is not tracing:
            sys.settrace(tracing)
    return stopped


def _limited_by_tracing(work: Callable[[], None], seconds: float) -> str:
    """Slower, but for every thread and every system: look at the clock at each line."""
    stopped = ""
    tracing = sys.gettrace()
    end = time.monotonic() + seconds

    def watch(frame: types.FrameType, event: str, _: object) -> Any:
        nonlocal stopped
        if time.monotonic() > end:
            stopped = "time"
            raise _TimeUp
        return watch

    sys.settrace(watch)
    try:
        work()
    except _TimeUp:
        stopped = "time"
    finally:
        sys.settrace(tracing)
    return stopped


# --- telling an error -----------------------------------------------------------------------------


def error_line(function: Callable[..., Any], error: BaseException) -> str:
    """'line 3 of softmax, `exps / total`': the last line of the learner's own code on the way to ``error``."""
    home = getattr(getattr(function, "__code__", None), "co_filename", None)
    found = None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == home:
            found = trace
        trace = trace.tb_next
    if found is None or home is None or home == FORMULA:
        return ""
    code = found.tb_frame.f_code
    number = found.tb_lineno - code.co_firstlineno + 1
    source = linecache.getline(home, found.tb_lineno).strip()
    return f"line {number} of `{code.co_name}`" + (f", `{source}`" if source else "")


_ADVICE: list[tuple[type[BaseException], str, str]] = [
    (NameError, "'np'", "Run the cell that says `import numpy as np` first."),
    (NameError, "", "That name is not defined here. Is it spelled right, is it imported, and was its cell run?"),
    (ValueError, "matmul", "In a matrix product `a @ b` the columns of `a` must be as many as the rows of `b`."),
    (
        ValueError,
        "not aligned",
        "In a matrix product the columns of the left must be as many as the rows of the right.",
    ),
    (
        ValueError,
        "broadcast",
        "`*`, `+` and `-` work entry by entry: the shapes must match, or have a 1 where they differ.",
    ),
    (
        ValueError,
        "truth value",
        "A condition on a whole array has no single answer, and Python's own `max` and `min` ask one: use `np.where`, "
        "`np.maximum`, or an array's `.max(axis=0)`.",
    ),
    (ValueError, "inhomogeneous", "The rows that were put together differ in length."),
    (
        TypeError,
        "length-1 arrays",
        "The functions of `math` take one number. For arrays there is `np.exp`, `np.log`, ...",
    ),
    (
        TypeError,
        "0-dimensional",
        "The functions of `math` take one number. For arrays there is `np.exp`, `np.log`, ...",
    ),
    (TypeError, "not callable", "Something that is not a function stands before a bracket. Is a `*` or `@` missing?"),
    (TypeError, "bitwise_xor", "A power is written `**` in Python: `x**2`."),
    (TypeError, "for ^", "A power is written `**` in Python: `x**2`."),
    (IndexError, "too many indices", "There are more indices than the array has axes. What is its shape?"),
    (
        TypeError,
        "cannot be interpreted as an integer",
        "The second argument of `np.max` is an axis: `np.maximum` compares.",
    ),
    (IndexError, "", "An index ran past the end. Rows and columns are counted from 0."),
    (RecursionError, "", "The function calls itself without an end."),
]


def advice(error: BaseException, names: Sequence[str]) -> str:
    """A sentence on the usual cause of such an error, or ""; ``names`` are the function's arguments."""
    known = names if isinstance(error, NameError) else dir(getattr(error, "obj", None))
    if isinstance(error, NameError | AttributeError) and error.name:
        near = difflib.get_close_matches(error.name, known, n=1, cutoff=0.6)
        if near and near[0] != error.name:
            return f"Did you mean `{near[0]}`?"
    for kind, words, sentence in _ADVICE:
        if isinstance(error, kind) and words in str(error):
            return sentence
    return ""
