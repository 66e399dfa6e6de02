"""Many submissions: one after another, in several processes, or on a Dask cluster; and going on after any stop.

Each finished submission is one file in ``OUT/results``, renamed into place when complete. What is there and fits its
notebook is never graded again, whatever ended the run before.
"""

from __future__ import annotations

import functools
import gc
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
from hashlib import sha256
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any, get_args

from mlpcourse.exercises.verdict import Kind, Verdict
from mlpcourse.grading import notebook, submissions
from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.files import write
from mlpcourse.grading.grade import Settings, checked, grade, prepare, run
from mlpcourse.grading.marks import STATUSES, Mark, Result, judge, refused
from mlpcourse.grading.names import clean
from mlpcourse.grading.sandbox import SandboxError
from mlpcourse.grading.submissions import Submission, Unreadable

AHEAD = 4  # submissions that are on a cluster at a time, for each of its workers
FRUITLESS = 5  # times that all workers may end without finishing anything


# --- results as files -----------------------------------------------------------------------------


def _file(out: Path, submission: Submission) -> Path:
    return out / "results" / f"{submission.key}.json"


def save(out: Path, submission: Submission, result: Result) -> None:
    """Write one result. Raises OutputError."""
    marks = {name: {**vars(mark), "verdict": vars(mark.verdict)} for name, mark in result.marks.items()}
    write(_file(out, submission), json.dumps({**vars(result), "marks": marks}, indent=1) + "\n")


def saved(out: Path, submission: Submission, assignment: Assignment) -> Result | None:
    """A result written earlier, if there is one, it is whole and possible, and the notebook is still the same."""
    try:
        known = json.loads(_file(out, submission).read_text(encoding="utf-8"))
        marks = {_frozen(name): _mark(name, mark, assignment) for name, mark in known.pop("marks").items()}
        notes, remarks = (tuple(map(_text, known.pop(key))) for key in ("notes", "remarks"))
        texts: dict[str, Any] = {key: _text(value) for key, value in known.items()}
        result = Result(**texts, notes=notes, remarks=remarks, marks=marks)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None
    possible = result.status in STATUSES and list(marks) in ([], list(assignment.points))
    same = (result.name, result.key) == (submission.name, submission.key)
    return result if possible and same and result.digest == digest(submission) else None


def _mark(name: str, mark: dict[str, Any], assignment: Assignment) -> Mark:
    """A mark as it was saved. Raises ValueError when it is none that this assignment can give."""
    points, verdict = mark["points"], _verdict(**{key: _frozen(value) for key, value in mark["verdict"].items()})
    number = isinstance(points, int | float) and not isinstance(points, bool)
    if points is not None and not (number and 0 <= points <= assignment.points[name]):
        raise ValueError
    texts = [verdict.message, verdict.latex, *verdict.facts, *verdict.also, *itertools.chain(*verdict.details)]
    if verdict.kind not in get_args(Kind) or verdict.exercise != name or not all(isinstance(t, str) for t in texts):
        raise ValueError
    if not isinstance(verdict.slip, str | None) or any(len(pair) != 2 for pair in verdict.details):
        raise ValueError
    return _kept(points, verdict, sys.intern(_text(mark["source"])))


# A class answers and is told much the same: each is kept once.
_verdict = functools.lru_cache(maxsize=1 << 12)(Verdict)
_kept = functools.lru_cache(maxsize=1 << 12, typed=True)(Mark)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _frozen(value: Any) -> Any:
    if isinstance(value, str):
        return sys.intern(value)
    return tuple(map(_frozen, value)) if isinstance(value, list) else value


def digest(submission: Submission) -> str:
    """A fingerprint of the notebook's bytes, "" when it has none."""
    try:
        return sha256(submissions.read(submission)).hexdigest()
    except Unreadable:
        return ""


# --- grading them ---------------------------------------------------------------------------------


def grade_all(
    todo: Sequence[Submission], settings: Settings, out: Path, jobs: int = 1, cluster: str = ""
) -> Iterator[Submission]:
    """Grade and save every submission; gives each one when it is done. Raises SandboxError and OutputError."""
    if cluster:
        yield from _on_cluster(todo, settings, out, cluster)
    elif jobs > 1:
        yield from _in_processes(todo, settings, out, jobs)
    else:
        for submission in todo:
            _job(submission, settings, out)
            yield submission


def _job(submission: Submission, settings: Settings, out: Path) -> None:
    save(out, submission, grade(submission, settings))


def _in_processes(todo: Sequence[Submission], settings: Settings, out: Path, jobs: int) -> Iterator[Submission]:
    """In worker processes. When one is killed all start anew, with what is not yet saved."""
    left, fruitless = {submission.key: submission for submission in todo}, 0
    spawn = multiprocessing.get_context("spawn")
    while left and fruitless < FRUITLESS:
        before = len(left)
        cores = spawn.SimpleQueue()
        for core in itertools.islice(itertools.cycle(_cores()), jobs):
            cores.put(core)
        with ProcessPoolExecutor(jobs, spawn, _begin, (cores,)) as pool:
            futures = {pool.submit(_job, one, settings, out): one for one in left.values()}
            try:
                for future in as_completed(futures):
                    future.result()
                    yield left.pop(futures[future].key)
            except BrokenProcessPool:
                for one in list(left.values()):
                    if saved(out, one, settings.assignment) is not None:
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
    gc.freeze()  # what is imported stays: it need not be looked through again and again
    if sys.platform == "linux":
        os.sched_setaffinity(0, {cores.get()})


def _on_cluster(todo: Sequence[Submission], settings: Settings, out: Path, address: str) -> Iterator[Submission]:
    """On a Dask cluster: its workers read and run in sandboxes, given no right answer; comparing is done here."""
    try:
        distributed: Any = importlib.import_module("distributed")
        connected = distributed.Client(address, set_as_default=False, timeout="10s")
    except ImportError:
        raise Unreadable("--cluster needs Dask: install the course with its extra, '.[cluster]'.") from None
    except (OSError, ValueError, TypeError) as error:
        raise Unreadable(f"There is no Dask cluster at {address}: {clean(str(error))}") from None
    with connected as client:
        ahead = AHEAD * max(1, sum(client.nthreads().values()))
        waiting, running = iter(todo), distributed.as_completed(loop=client.loop)
        known: dict[str, tuple[Submission, str, Any, Any]] = {}  # with what was read, and what to run

        def submit(*work: Any, about: tuple[Submission, str, Any, Any]) -> None:
            future = client.submit(*work, pure=False)
            known[future.key] = about
            running.add(future)

        def finish(submission: Submission, result: Result) -> Submission:
            save(out, submission, result)
            return submission

        def hand_out() -> Iterator[Submission]:
            """Send the next one to be read; gives those that cannot be."""
            for submission in waiting:
                try:
                    data = submissions.read(submission)
                except Unreadable as reason:
                    yield finish(submission, refused(submission, str(reason)))
                    continue
                names, fingerprint = tuple(settings.assignment.points), sha256(data).hexdigest()
                submit(notebook.read, data, names, settings.sandbox, about=(submission, fingerprint, None, None))
                return

        for _ in range(ahead):
            yield from hand_out()
        for future in running:
            submission, fingerprint, read, plan = known.pop(future.key)
            failed = future.exception()
            if isinstance(failed, SandboxError):
                raise SandboxError(str(failed))
            try:
                if isinstance(failed, Unreadable):
                    raise Unreadable(str(failed))
                if failed is not None:
                    raise Unreadable("its workers ended, again and again")
                if plan is None:
                    read = checked(future.result())
                    plan = prepare(read, settings, fingerprint)
                    submit(run, plan.tasks, settings.sandbox, about=(submission, fingerprint, read, plan))
                    continue
                result = judge(submission, settings.assignment, read, plan.cases, future.result(), fingerprint)
            except Unreadable as reason:
                result = refused(submission, str(reason), fingerprint)
            except Exception as error:  # whatever a submission does becomes its own row
                reason_ = f"grading it failed ({type(error).__name__}): grade it by hand"
                result = refused(submission, reason_, fingerprint)
            yield finish(submission, result)
            yield from hand_out()
