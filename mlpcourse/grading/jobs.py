"""Many submissions: one after another, in several processes, or on a Dask cluster; and going on after any stop.

Each finished submission is one file in ``OUT/results``, renamed into place when complete. What is there and fits its
notebook is never graded again, whatever ended the run before.
"""

from __future__ import annotations

import importlib
import itertools
import json
import multiprocessing
import multiprocessing.queues
import os
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import asdict
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import submissions
from mlpcourse.grading.grade import Mark, Result, collect, digest, grade, judge, prepare, refused, run
from mlpcourse.grading.submissions import Submission, Unreadable
from mlpcourse.grading.wall import Wall, WallError

AHEAD = 4  # submissions that are on a cluster at a time, for each of its workers
FRUITLESS = 5  # times that all workers may end without finishing anything


def write(path: Path, text: str) -> None:
    """Write a file at once or not at all. What a stop leaves unfinished is overwritten by the next run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f".{path.name}.unfinished")
    unfinished.write_text(text, encoding="utf-8", newline="")
    os.replace(unfinished, path)


# --- results as files -----------------------------------------------------------------------------


def _file(out: Path, submission: Submission) -> Path:
    return out / "results" / f"{submission.key}.json"


def save(out: Path, submission: Submission, result: Result) -> None:
    """Write one result."""
    write(_file(out, submission), json.dumps(asdict(result), indent=1) + "\n")


def saved(out: Path, submission: Submission) -> Result | None:
    """A result written earlier, if there is one, it is whole, and the notebook is still the same."""
    try:
        known = json.loads(_file(out, submission).read_text(encoding="utf-8"))
        marks = {
            _frozen(name): Mark(mark["points"], Verdict(**{k: _frozen(v) for k, v in mark["verdict"].items()}))
            for name, mark in known.pop("marks").items()
        }
        result = Result(**{**known, "notes": tuple(known["notes"])}, marks=marks)
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return None
    return result if (result.name, result.digest) == (submission.name, digest(submission)) else None


def _frozen(value: Any) -> Any:
    if isinstance(value, str):
        return sys.intern(value)  # a class is told much the same: each text is kept once
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


# --- grading them ---------------------------------------------------------------------------------


def grade_all(
    todo: Sequence[Submission], seed: int, out: Path, around: Wall, jobs: int = 1, cluster: str = ""
) -> Iterator[Submission]:
    """Grade and save every submission; gives each one when it is done. Raises WallError."""
    if cluster:
        yield from _on_cluster(todo, seed, out, around, cluster)
    elif jobs > 1:
        yield from _in_processes(todo, seed, out, around, jobs)
    else:
        for submission in todo:
            save(out, submission, grade(submission, seed, around))
            yield submission


def _job(submission: Submission, seed: int, out: Path, around: Wall) -> None:
    save(out, submission, grade(submission, seed, around))


def _in_processes(todo: Sequence[Submission], seed: int, out: Path, around: Wall, jobs: int) -> Iterator[Submission]:
    """In worker processes. When one is killed all start anew, with what is not yet saved."""
    left, fruitless = {submission.key: submission for submission in todo}, 0
    spawn = multiprocessing.get_context("spawn")
    while left and fruitless < FRUITLESS:
        before = len(left)
        cores = spawn.SimpleQueue()
        for core in itertools.islice(itertools.cycle(_cores()), jobs):
            cores.put(core)
        with ProcessPoolExecutor(jobs, spawn, _begin, (cores,)) as pool:
            futures = {pool.submit(_job, one, seed, out, around): one for one in left.values()}
            try:
                for future in as_completed(futures):
                    future.result()
                    yield left.pop(futures[future].key)
            except BrokenProcessPool:
                for one in list(left.values()):
                    if saved(out, one) is not None:
                        yield left.pop(one.key)
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise
        fruitless = fruitless + 1 if len(left) == before else 0
    for one in left.values():
        reason = f"the grader's own process ended {FRUITLESS} times at it or at one of its neighbours"
        save(out, one, refused(one, reason, digest(one)))
        yield one


def _cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if sys.platform == "linux" else [0]


def _begin(cores: multiprocessing.queues.SimpleQueue[int]) -> None:
    """In a worker: end when the coordinator has ended, however it did. Keep to a core of ``cores``, sandboxes included.

    Worker and sandbox take turns, and a turn that wakes another core costs more.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
    if sys.platform == "linux":
        os.sched_setaffinity(0, {cores.get()})


def _on_cluster(todo: Sequence[Submission], seed: int, out: Path, around: Wall, address: str) -> Iterator[Submission]:
    """On a Dask cluster: its workers run the sandboxes, and are given no right answer; comparing is done here."""
    try:
        distributed: Any = importlib.import_module("distributed")
        connected = distributed.Client(address, set_as_default=False, timeout="10s")
    except ImportError:
        raise Unreadable("--cluster needs Dask: install the course with its extra, '.[cluster]'.") from None
    except (OSError, ValueError, TypeError) as error:
        raise Unreadable(f"There is no Dask cluster at {address}: {submissions.clean(str(error))}") from None
    with connected as client:
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        waiting, running = iter(todo), distributed.as_completed(loop=client.loop)
        known: dict[str, tuple[Submission, Any, str]] = {}

        def hand_out() -> Iterator[Submission]:
            """Send the next one that has to be run; gives those that need not be."""
            for submission in waiting:
                try:
                    fingerprint, found = collect(submission)
                except Unreadable as reason:
                    save(out, submission, refused(submission, str(reason), digest(submission)))
                    yield submission
                    continue
                future = client.submit(run, prepare(found, seed), around, pure=False)
                known[future.key] = (submission, found, fingerprint)
                running.add(future)
                return

        for _ in range(ahead):
            yield from hand_out()
        for future in running:
            submission, found, fingerprint = known.pop(future.key)
            if isinstance(future.exception(), WallError):
                raise WallError(str(future.exception()))
            if future.exception() is not None:
                result = refused(submission, "its workers ended, again and again", fingerprint)
            else:
                result = judge(submission, found, seed, future.result(), fingerprint)
            save(out, submission, result)
            yield submission
            yield from hand_out()
