"""Time contestants fairly, side by side: checked, warmed up, interleaved, median and spread over the rounds."""

from __future__ import annotations

import multiprocessing
import os
import statistics
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ProcessPoolExecutor
from importlib.util import find_spec
from typing import Any, NamedTuple, ParamSpec, TypeVar

ROUNDS = 9


class Time(NamedTuple):
    """Seconds for one call: the median over the rounds, and the two quartiles."""

    median: float
    low: float
    high: float


class Row(NamedTuple):
    """One line of the table: ``ours`` against ``peer`` at the same work; ``aim`` is the ratio peer / ours hoped for.

    ``theirs`` is None where the peer is not installed, or where there is no peer to compare with (``peer`` is "").
    """

    what: str
    ours: Time
    peer: str = ""
    theirs: Time | None = None
    aim: float | None = None
    unit: str = "s"

    @property
    def ratio(self) -> float | None:
        """How many times as long the peer takes."""
        return None if self.theirs is None else self.theirs.median / self.ours.median


class Wrong(Exception):
    """A contestant's result is not what it must be: how long it took does not matter."""


def agree(contestant: str, results: Iterable[Any], expected: Iterable[Any], tolerance: float) -> None:
    """Raise ``Wrong`` unless each array is the expected one: the difference's norm within ``tolerance``, relatively."""
    import numpy as np

    for number, (result, wanted) in enumerate(zip(results, expected, strict=True), start=1):
        if np.shape(result) != np.shape(wanted):
            raise Wrong(f"{contestant}: array {number} has shape {np.shape(result)}, expected {np.shape(wanted)}")
        off = np.linalg.norm(np.subtract(result, wanted)) / np.linalg.norm(wanted)
        if not off <= tolerance:
            raise Wrong(f"{contestant}: array {number} is off by {off:.1e}, and {tolerance:.0e} is allowed")


def race(
    contestants: Mapping[str, Callable[[], object]], *, rounds: int = ROUNDS, least: float = 0.05
) -> dict[str, Time]:
    """Time each contestant in every round, in turn, so that a slow spell of the machine hits all of them.

    A contestant is called as often as it takes to fill ``least`` seconds, found in the warm-up.
    """
    calls = {name: _calls_to_fill(least, run) for name, run in contestants.items()}
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(rounds):
        for name, run in contestants.items():
            if calls[name] > 1:
                run()  # another's data is in the cache, and its threads may still be spinning
            seconds[name].append(_time(run, calls[name]))
    return {name: spread(taken) for name, taken in seconds.items()}


def spread(taken: list[float]) -> Time:
    low, _, high = statistics.quantiles(taken, n=4)
    return Time(statistics.median(taken), low, high)


def per(time: Time, count: int) -> Time:
    """The time for one of ``count``."""
    return Time(*(value / count for value in time))


def _calls_to_fill(least: float, run: Callable[[], object]) -> int:
    run()
    calls = 1
    while least and (taken := _time(run, calls) * calls) < least:
        calls = max(calls + 1, int(calls * min(10, 1.2 * least / max(taken, 1e-9))))
    return calls


def _time(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls


# --- peers and processes ------------------------------------------------------------------------


def installed(module: str) -> bool:
    return find_spec(module) is not None


_P = ParamSpec("_P")
_R = TypeVar("_R")


def with_threads(threads: int, function: Callable[_P, _R], *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """``function(...)`` in a process of its own, that has ``threads`` cores and as many threads for its linear algebra.

    How many threads a library uses is settled when it is imported, so a process cannot change its mind.
    """
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_keep_to, initargs=(threads,)) as process:
        return process.submit(function, *args, **kwargs).result()


def _keep_to(threads: int) -> None:
    """Runs before the process imports what ``function`` needs."""
    for limit in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS"):
        os.environ[limit] = str(threads)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:threads])
