"""One submission, from its file to its marks: read it in the sandbox, run its answers there, judge what comes back.

The steps are apart because they may run on different machines: ``prepare`` and ``judge`` are done here, ``read`` and
``run`` know no right answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from time import monotonic
from typing import Any

import numpy as np

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.grading import notebook, submissions
from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.marks import SECONDS, Cases, Result, Seen, judge, refused
from mlpcourse.grading.notebook import Answer, Notebook
from mlpcourse.grading.sandbox import Child, ProcessEnded, ReplyTimeout, Sandbox, SandboxError, goes_on
from mlpcourse.grading.submissions import Submission, Unreadable

BUDGET = 40.0  # seconds for all that one submission runs
TRIES = 2  # a process that ends at an exercise gets a second chance: it may have been stopped from outside
IDLE = 0.05  # of the time: who computes less than that has slept or waited, however busy the machine is


# --- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Settings:
    """What holds for all submissions of a grading. seed: what hidden cases are drawn with."""

    assignment: Assignment
    seed: int
    sandbox: Sandbox


@dataclass(frozen=True)
class Task:
    """One answer as the sandbox sees it: a request with its arrays' bytes, and how many values are to come back."""

    name: str
    request: dict[str, Any]
    data: bytes = b""
    values: int = 1


@dataclass(frozen=True)
class Plan:
    """All that is run of one submission: code and inputs. cases: what a function is called with, by exercise."""

    tasks: tuple[Task, ...] = ()
    cases: Mapping[str, Cases] = field(default_factory=dict)


def prepare(read: Notebook, settings: Settings, digest: str) -> Plan:
    """What to run: every answer that is there, attempted, and cannot be read without running it.

    Hidden cases are drawn from the seed of the grading and the notebook's own fingerprint.
    """
    tasks, cases = [], {}
    own_seed = int.from_bytes(sha256(f"{settings.seed} {digest}".encode()).digest()[:8])
    networks: dict[fixtures.Sizes, list[Case]] = {}
    if read.typed is None:
        tasks.append(_task("student", read, read.student, {"value": read.student.value}))
    for name, exercise in settings.assignment.exercises.items():
        answer = read.answers.get(name)
        if answer is None or answer.empty or answer.trouble or answer.plain:
            continue
        if isinstance(exercise, CodeExercise):
            cases[name] = draw(exercise, settings.seed, own_seed, networks)
            tasks.append(call(name, read, answer, cases[name].calls(), len(exercise.results)))
        else:
            tasks.append(_task(name, read, answer, {"value": answer.value}))
    return Plan(tuple(tasks), cases)


def draw(
    exercise: CodeExercise, seed: int, own_seed: int, networks: dict[fixtures.Sizes, list[Case]] | None = None
) -> Cases:
    """The cases of ``check``, on which every slip has a name, and others that nobody has seen.

    networks: those of a submission's other exercises, which are used again: drawing them is most of the work.
    """
    with fixtures.unvetted(networks):
        fresh = exercise.draw(np.random.default_rng([own_seed, *exercise.name.encode()]))
    return Cases(exercise.groups(seed), fresh)


def _task(name: str, read: Notebook, answer: Answer, more: dict[str, Any], data: bytes = b"", values: int = 1) -> Task:
    cells = {str(number): read.cells[number] for number, _ in answer.steps}
    request = {"do": "run", "name": name, "own": answer.own, "cells": cells, "steps": answer.steps, **more}
    return Task(name, request, data, values)


def call(name: str, read: Notebook, answer: Answer, cases: Sequence[Case], wanted: int) -> Task:
    """The task of calling ``name`` with every case, for so many results each."""
    described: list[list[Any]] = []
    data = []
    for case in cases:
        described.append([])
        for key, value in case.items():
            if isinstance(value, np.ndarray):
                described[-1].append([key, value.shape, value.dtype.str, None])
                data.append(value.tobytes())
            else:
                described[-1].append([key, None, None, value])
    asked = {"function": answer.value or name, "wanted": wanted, "cases": described}
    return _task(name, read, answer, asked, b"".join(data), len(cases))


# --- running it -----------------------------------------------------------------------------------


class _Clock:
    """The time that one submission's code may still use; starting a process does not count."""

    def __init__(self) -> None:
        self.left = BUDGET

    def receive(self, child: Child) -> tuple[bytes, ...]:
        """The next replies. Raises ReplyTimeout and ProcessEnded."""
        begin = monotonic()
        try:
            return child.receive(min(SECONDS, self.left))
        finally:
            self.left -= monotonic() - begin


def run(tasks: Sequence[Task], sandbox: Sandbox, first: Child | None = None) -> dict[str, Seen]:
    """Run every task. One that hangs, exits or crashes is left out, and the others go on in a new process.

    first: the process to begin in, closed at the end. Raises SandboxError when the sandbox itself does not work.
    """
    seen: dict[str, Seen] = {}
    strikes: Counter[str] = Counter()
    clock = _Clock()
    while todo := [task for task in tasks if task.name not in seen]:
        if clock.left <= 0:
            return seen | {task.name: Seen("no time") for task in todo}
        with first or Child(sandbox) as child:
            first = None
            began = monotonic()
            ended = _session(child, todo, clock, seen)
            lasted = monotonic() - began
        if ended is None:
            break
        at, stopped = ended
        strikes[at] += TRIES if stopped else 1
        if strikes[at] >= TRIES:
            waited = sandbox.sandbox and stopped and child.processor_time < IDLE * min(lasted, SECONDS)
            seen[at] = Seen("waited" if waited else "stopped" if stopped else "died")
    return seen


def _session(child: Child, todo: Sequence[Task], clock: _Clock, seen: dict[str, Seen]) -> tuple[str, bool] | None:
    """Go on in one process and enter what comes back in ``seen``; where it ended and if it was late, or None."""
    for task in todo:  # all at once: the process need not wait until its last reply is read
        child.send(task.request, task.data, 1 + task.values)
    for task in todo:
        try:
            (defined,) = clock.receive(child)
            replies = clock.receive(child) if goes_on(defined) else ()
        except ReplyTimeout:
            return task.name, True
        except ProcessEnded:
            return task.name, False
        seen[task.name] = Seen("finished", defined, replies)
    return None


# --- one submission -------------------------------------------------------------------------------


def grade(submission: Submission, settings: Settings) -> Result:
    """One submission, from its file to its points. Never raises for what is in it; SandboxError if that fails."""
    digest = ""
    try:
        data = submissions.read(submission)
        digest = sha256(data).hexdigest()
        read, child = notebook.begin(data, tuple(settings.assignment.points), settings.sandbox)
        with child:
            plan = prepare(checked(read), settings, digest)
            seen = run(plan.tasks, settings.sandbox, child)
        return judge(submission, settings.assignment, read, plan.cases, seen, digest)
    except Unreadable as reason:
        return refused(submission, str(reason), digest)
    except SandboxError:
        raise
    except Exception as error:  # whatever a submission does becomes its own row
        return refused(submission, f"grading it failed ({type(error).__name__}): grade it by hand", digest)


def checked(read: Notebook) -> Notebook:
    """The notebook, if it holds an answer. Raises Unreadable."""
    if not read.answers:
        raise Unreadable("no answer to any exercise was found in it")
    return read
