"""Time contestants fairly, side by side: warmed up, interleaved, median and spread over the rounds."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from typing import NamedTuple

ROUNDS = 9


class Time(NamedTuple):
    """Seconds for one call: the median over the rounds, and the two quartiles."""

    median: float
    low: float
    high: float


class Row(NamedTuple):
    """One line of the table: ``ours`` against ``peer`` at the same work; ``aim`` is the ratio peer / ours hoped for."""

    what: str
    ours: Time
    peer: str
    theirs: Time
    aim: float | None = None

    @property
    def ratio(self) -> float:
        """How many times as long the peer takes."""
        return self.theirs.median / self.ours.median


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
            seconds[name].append(_time(run, calls[name]))
    return {name: Time(statistics.median(taken), *_quartiles(taken)) for name, taken in seconds.items()}


def _quartiles(taken: list[float]) -> tuple[float, float]:
    low, _, high = statistics.quantiles(taken, n=4)
    return low, high


def _calls_to_fill(least: float, run: Callable[[], object]) -> int:
    run()
    calls = 1
    while (taken := _time(run, calls) * calls) < least:
        calls = max(calls + 1, int(calls * min(10, 1.2 * least / max(taken, 1e-9))))
    return calls


def _time(run: Callable[[], object], calls: int) -> float:
    start = time.perf_counter()
    for _ in range(calls):
        run()
    return (time.perf_counter() - start) / calls
