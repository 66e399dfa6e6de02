"""Running a learner's function: bounded in time and output, and never a traceback of ours.

It runs in the learner's own kernel, so this guards against accidents, not against malice.
"""

from __future__ import annotations

import builtins
import contextlib
import copy
import dis
import inspect
import io
import random
import signal
import sys
import threading
import time
import types
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcourse.exercises.verdict import listed

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


class Recorded:
    """A function that was run elsewhere: it gives what it gave there, call after call, and then nothing more.

    values: in the order of the calls, an exception where one was raised.
    """

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = iter(values)

    def __call__(self, *_: Any) -> Any:
        value = next(self._values)
        if isinstance(value, Exception):
            raise value
        return value

    def outcomes(self, cases: Sequence[Mapping[str, Any]]) -> list[Outcome]:
        """What the next calls gave; the list ends early at an error."""
        found: list[Outcome] = []
        for case in cases:
            value = next(self._values, StopIteration())
            if isinstance(value, Exception):
                return [*found, Outcome(error=value, given=case)]
            found.append(Outcome(value, given=case))
        return found


class _TimeUp(BaseException):
    """Not an Exception, so that a learner's ``except Exception`` lets it pass."""


class _Capped(io.TextIOBase):
    """A text stream that remembers the beginning of what is written to it."""

    def __init__(self) -> None:
        self.kept = ""

    def write(self, text: str) -> int:
        self.kept += str(text)[: PRINTED + 1 - len(self.kept)] if len(self.kept) <= PRINTED else ""
        return len(text)


def run(
    function: Callable[..., Any], cases: Sequence[Mapping[str, Any]], by_name: bool, before: int = 0,
    past_errors: float = 0.0,
) -> list[Outcome]:  # fmt: skip
    """Call ``function`` on fresh copies of each case's inputs; the list ends early at an error or a stop.

    before: how often it was called before: only what the first call of all displays is shown. past_errors: seconds in
    which further calls begin, after errors too; then the list ends when they are over.
    """
    if isinstance(function, Recorded):
        return function.outcomes(cases)
    outcomes: list[Outcome] = []
    stopped = ""
    end = time.monotonic() + past_errors

    def calls() -> None:
        for number, case in enumerate(cases):
            with _shown_once(before + number):
                outcomes.append(_call(function, case, by_name))
            if time.monotonic() > end if past_errors else outcomes[-1].error is not None:
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


def bounded(work: Callable[[], None], seconds: float) -> str:
    """Do ``work`` as a learner's function is run: quietly, and no longer than that. Returns "" or why it stopped."""
    try:
        with _quiet(_Capped()):
            return _limited(work, seconds)
    except KeyboardInterrupt:
        return "interrupt"


def _call(function: Callable[..., Any], case: Mapping[str, Any], by_name: bool) -> Outcome:
    given = {name: copied(value) for name, value in case.items()}
    stream = sys.stdout
    if isinstance(stream, _Capped):
        stream.kept = ""
    value, error = None, None
    try:
        value = function(**given) if by_name else function(*given.values())
        if inspect.isgenerator(value):
            value = tuple(value)
        elif inspect.iscoroutine(value):
            value.close()  # or Python complains that nobody awaited it
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


def copied(value: Any) -> Any:
    """A fresh copy of an input, so that a function may change it."""
    return copy.copy(value)


def _same(old: Any, new: Any) -> bool:
    if not isinstance(old, np.ndarray):
        return True
    return old.shape == new.shape and old.tobytes() == new.tobytes()


def _shares(value: Any, array: Any) -> bool:
    """Whether part of the value uses the memory of ``array``, which owns its own."""
    parts = value if isinstance(value, tuple | list) else (value,)
    return isinstance(array, np.ndarray) and any(
        part is array or (isinstance(part, np.ndarray) and part.base is not None and np.may_share_memory(part, array))
        for part in parts
    )


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
            _settings_restored(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        builtins.input = asked


@contextlib.contextmanager
def _settings_restored() -> Iterator[None]:
    """Put back what a function may have set for the whole session: random numbers, printing, the recursion limit."""
    numpy_random = np.random.get_state()  # noqa: NPY002 - the old global generator is what a learner may have seeded
    python_random, depth = random.getstate(), sys.getrecursionlimit()
    printing = np.get_printoptions()
    try:
        yield
    finally:
        np.random.set_state(numpy_random)  # noqa: NPY002
        random.setstate(python_random)
        sys.setrecursionlimit(depth)
        np.set_printoptions(**printing)


@contextlib.contextmanager
def _shown_once(number: int) -> Iterator[None]:
    """Let a function that displays or plots do so in its first call only, and leave no open figure behind."""
    get_ipython = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)
    publisher = getattr(get_ipython(), "display_pub", None)
    pyplot = sys.modules.get("matplotlib.pyplot")
    figures = set(pyplot.get_fignums()) if pyplot is not None and number else set()
    if publisher is None or number == 0:
        yield
    else:
        publish, publisher.publish = publisher.publish, lambda *_, **__: None
        try:
            yield
        finally:
            publisher.publish = publish
    if pyplot is not None and number:
        for figure in set(pyplot.get_fignums()) - figures:
            pyplot.close(figure)


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


def is_formula(function: Callable[..., Any]) -> bool:
    """Whether it was typed as a formula in quotes."""
    return getattr(getattr(function, "__code__", None), "co_filename", None) == FORMULA


def renamed(function: Callable[..., Any]) -> list[str]:
    """Sentences on names of Python or numpy that an earlier cell gave another meaning, and that the function uses."""
    code, around = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    said = []
    for name in _used_names(code) if code is not None else ():
        if name == "np" and name in around and not isinstance(around[name], types.ModuleType):
            said.append(f"`np` is no longer numpy: an earlier cell made it {_short(around[name])}. Import numpy again.")
        elif name in around and callable(getattr(builtins, name, None)) and not callable(around[name]):
            said.append(
                f"`{name}` no longer means Python's own: an earlier cell made it {_short(around[name])}. Choose "
                f"another name there; `del {name}` brings the old meaning back."
            )
    return said


def _used_names(code: types.CodeType) -> set[str]:
    """The names from outside that a function and the functions inside it use."""
    inner = [_used_names(const) for const in code.co_consts if isinstance(const, types.CodeType)]
    return set(code.co_names).union(*inner)


def _short(value: Any) -> str:
    text = repr(value)
    return f"`{text}`" if len(text) <= 20 and "\n" not in text else f"a value of type {type(value).__name__}"


def _used_arguments(function: Callable[..., Any]) -> set[str]:
    """The arguments that a function reads."""
    code = function.__code__
    loads = [step.argval for step in dis.get_instructions(code) if "LOAD_FAST" in step.opname]  # `.T` is no argument T
    loads += [name for pair in loads if isinstance(pair, tuple) for name in pair]  # two at once, in newer Pythons
    return set(code.co_varnames[: code.co_argcount]) & {*loads, *code.co_cellvars}


def outside(function: Callable[..., Any], reference: Callable[..., Any]) -> list[str]:
    """Sentences on arguments that the function never uses, though the reference does, and on numbers from outside."""
    code, around = getattr(function, "__code__", None), getattr(function, "__globals__", {})
    if code is None:
        return []
    needed = _used_arguments(reference)
    unused = [name for name in code.co_varnames[: code.co_argcount] if name in needed - _used_arguments(function)]
    foreign = [
        f"{name} ({'an array' if isinstance(around[name], np.ndarray) else repr(around[name])[:20]})"
        for name in sorted(_used_names(code))
        if isinstance(around.get(name), np.ndarray | int | float) and not isinstance(around.get(name), bool)
    ]
    plural = "s" if len(unused) > 1 else ""
    said = [f"It never uses its argument{plural} {listed(unused)}."] if unused else []
    if foreign:
        said.append(f"It uses {listed(foreign)} from outside the function, which cannot change with the arguments.")
    return said
