"""From a submission to its points: what is asked of the wall, and what is made of its answers.

The three steps are apart because they may run on different machines: ``prepare`` and ``judge`` know the right answers,
``run`` does not.
"""

from __future__ import annotations

import ast
import re
import struct
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import prod
from time import monotonic
from typing import Any, Literal

import numpy as np

from mlpcourse.exercises import EXERCISES, running
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import submissions, wall
from mlpcourse.grading.assignment import ASSIGNMENT, SLIP_SHARE, student_seed
from mlpcourse.grading.submissions import Answer, Answers, Submission, Unreadable
from mlpcourse.grading.wall import Child, Gone, Late, Wall, is_value

SECONDS = running.SECONDS  # for one exercise, all its calls together
BUDGET = 40.0  # seconds for all that one submission runs
TRIES = 2  # a process that ends at an exercise gets a second chance: it may have been stopped from outside


# --- what is asked --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Task:
    """One exercise as the wall sees it: the cell's text, then a request with its arrays' bytes, for so many replies."""

    name: str
    source: str
    request: dict[str, Any]
    data: bytes = b""
    replies: int = 1


@dataclass(frozen=True)
class Plan:
    """All that a sandbox is given of one submission: code and inputs."""

    helpers: str = ""
    tasks: tuple[Task, ...] = ()


End = Literal["finished", "stopped", "died", "no time"]


@dataclass(frozen=True)
class Seen:
    """What came back of one exercise. defined: the reply to its cell. replies: as far as it got."""

    end: End
    defined: bytes = b""
    replies: tuple[bytes, ...] = ()


def collect(submission: Submission) -> tuple[str, Answers]:
    """The notebook's fingerprint and its answers. Raises Unreadable."""
    data = submissions.read(submission)
    found = submissions.answers(submissions.cells(data), list(ASSIGNMENT))
    if not found.found:
        raise Unreadable("no answer to any exercise was found in it")
    return sha256(data).hexdigest(), found


def prepare(found: Answers, seed: int) -> Plan:
    """What to run: every answer that is there, attempted, and cannot be read without running it."""
    tasks = []
    for name, answer in found.found.items():
        exercise = EXERCISES[name]
        if answer.empty or answer.trouble:
            continue
        if isinstance(exercise, CodeExercise):
            tasks.append(call(name, answer.source, cases(exercise, seed), len(exercise.results)))
        elif _plain(answer) is None and answer.value is not None:
            source = f"{answer.source}\n{name} = {ast.unparse(answer.value)}"
            tasks.append(Task(name, source, {"do": "value", "name": name, "wanted": 1}))
    return Plan(found.helpers, tuple(tasks))


def _plain(answer: Answer) -> Any:
    """The value of an answer that is written out (``3``, ``"b"``, ``[1, 2]``), else None."""
    try:
        return ast.literal_eval(answer.value) if answer.value is not None else None
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return None


def cases(exercise: CodeExercise, seed: int) -> list[Case]:
    """What a check calls the function with, in that order."""
    return exercise.calls(seed)


def call(name: str, source: str, cases: Sequence[Case], wanted: int) -> Task:
    """The task of running ``source`` and calling ``name`` with every case, for so many results each."""
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
    request = {"do": "call", "name": name, "wanted": wanted, "cases": described}
    return Task(name, source, request, b"".join(data), len(cases))


# --- running it -----------------------------------------------------------------------------------


class _Clock:
    """The time that one submission's code may still use; starting a sandbox does not count."""

    def __init__(self) -> None:
        self.left = BUDGET

    def hear(self, child: Child, most: float) -> tuple[bytes, float]:
        """The next reply, and what is left of ``most``. Raises Late and Gone."""
        begin = monotonic()
        try:
            reply = child.hear(min(most, self.left))
        finally:
            took = monotonic() - begin
            self.left -= took
        return reply, most - took


_HELPERS = "helpers"


def run(plan: Plan, around: Wall) -> dict[str, Seen]:
    """Run every task. One that hangs, exits or crashes is left out, and the others go on in a new sandbox.

    Raises WallError when the sandbox itself does not work.
    """
    seen: dict[str, Seen] = {}
    strikes: Counter[str] = Counter()
    left_out: set[str] = set()
    clock = _Clock()
    while todo := [task.name for task in plan.tasks if task.name not in seen]:
        if clock.left <= 0:
            return seen | {name: Seen("no time") for name in todo}
        with Child(around) as child:
            ended = _session(child, plan, clock, seen, left_out)
        if ended is None:
            break
        at, end = ended
        strikes[at] += TRIES if end == "stopped" else 1
        if strikes[at] >= TRIES:
            left_out.add(at)
            seen.setdefault(at, Seen(end))
    return seen


def _session(
    child: Child, plan: Plan, clock: _Clock, seen: dict[str, Seen], left_out: set[str]
) -> tuple[str, End] | None:
    """Go on with ``plan`` in one sandbox and enter what comes back in ``seen``; where it ended and why, or None."""
    at, defined = _HELPERS, {}
    try:
        for name, source in [(_HELPERS, plan.helpers), *((task.name, task.source) for task in plan.tasks)]:
            at = name
            if source and name not in left_out:
                child.tell({"do": "define", "name": name, "source": source}, b"")
                defined[name], _ = clock.hear(child, SECONDS)
        for task in plan.tasks:
            at, left = task.name, SECONDS
            if at in seen:
                continue
            replies: list[bytes] = []
            child.tell(task.request, task.data, task.replies)
            while len(replies) < task.replies and (not replies or is_value(replies[-1])):
                reply, left = clock.hear(child, left)
                replies.append(reply)
            seen[at] = Seen("finished", defined.get(at, b""), tuple(replies))
    except Late:
        return at, "stopped"
    except Gone:
        return at, "died"
    return None


# --- reading what came back -----------------------------------------------------------------------


class Garbled(Exception):
    """A reply that is not what the runner would have written."""


Value = Any  # a float64 array, a tuple of them, or something that is no number

_STAND_INS: dict[bytes, Value] = {
    b"n": None, b"e": ..., b"g": (entry for entry in [0]), b"t": "", b"m": {}, b"f": len, b"c": np.array([1j]),
    b"r": object(), b"b": object(),
}  # fmt: skip


def heard(reply: bytes) -> Value | Exception:
    """What one reply says: plain arrays, or an error made here. Raises Garbled."""
    try:
        if reply[:1] == b"V":
            return _value(reply)
        if reply[:1] == b"O":
            instead, (parts, which) = _STAND_INS[reply[1:2]], reply[2:]
            if parts > wall.PARTS or which >= max(parts, 1):
                raise Garbled
            return tuple(instead if part == which else np.zeros(1) for part in range(parts)) if parts else instead
        if reply[:1] == b"E":
            line, length = struct.unpack_from(">IB", reply, 1)
            kind, text = reply[6 : 6 + length], reply[6 + length : 6 + length + 1200]
            return _error(kind.decode(errors="replace"), text.decode(errors="replace"), line)
    except (struct.error, KeyError, ValueError):
        pass
    raise Garbled


def _value(reply: bytes) -> Value:
    several, count = struct.unpack_from(">BB", reply, 1)
    at, parts = 3, []
    if count > wall.PARTS or (several, count) != (several > 0, count if several else 1):
        raise Garbled
    for _ in range(count):
        (axes,) = struct.unpack_from(">B", reply, at)
        if axes > wall.AXES:
            raise Garbled
        shape = struct.unpack_from(f">{axes}I", reply, at + 1)
        at += 1 + 4 * axes
        size = prod(shape)
        if size * 8 > len(reply) - at or max(shape, default=0) > wall.REPLY:
            raise Garbled
        parts.append(np.frombuffer(reply, np.float64, size, at).reshape(shape))
        at += 8 * size
    if at != len(reply):
        raise Garbled
    return tuple(parts) if several else parts[0]


_NUMBER = re.compile(r"[-+]?(?:\d+\.\d*|\.\d+|\d{4,})(?:e[-+]?\d+)?")


def _error(kind: str, text: str, line: int) -> Exception:
    """An exception like the one that was raised, with no number in its text that could come from a hidden case."""
    kind = re.sub(r"\W", "", kind)[:40] or "Error"
    text = _NUMBER.sub("#", submissions.clean(text, 160)) if text.strip() else ""
    error = _KNOWN[kind](text) if kind in _KNOWN else type(kind, (Exception,), {})(text)
    error.__dict__["line"] = line
    return error


_KNOWN: dict[str, type[Exception]] = {
    kind.__name__: kind
    for kind in (
        ArithmeticError, AssertionError, AttributeError, FloatingPointError, ImportError, IndexError, MemoryError,
        ModuleNotFoundError, NameError, NotImplementedError, OverflowError, RecursionError, RuntimeError, TypeError,
        UnboundLocalError, ValueError, ZeroDivisionError,
    )
}  # fmt: skip


# --- points ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mark:
    """One exercise of one submission. points: None when it could not be graded."""

    points: float | None
    verdict: Verdict


@dataclass(frozen=True)
class Result:
    """One submission, graded or not. marks: by exercise, empty when nothing could be graded."""

    name: str
    key: str
    status: Literal["graded", "partly graded", "not graded"]
    notes: tuple[str, ...] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    digest: str = ""

    @property
    def total(self) -> float | None:
        """The sum of the points, None when nothing could be graded."""
        points = [mark.points for mark in self.marks.values() if mark.points is not None]
        return round(sum(points), 1) if points else None


def refused(submission: Submission, reason: str, digest: str = "") -> Result:
    """The result of a submission that cannot be graded."""
    return Result(submission.name, submission.key, "not graded", (reason, *submission.notes), digest=digest)


def judge(submission: Submission, found: Answers, seed: int, seen: Mapping[str, Seen], digest: str = "") -> Result:
    """Compare what came back with the right answers."""
    student, note = identity(submission, found)
    marks = {name: _mark(name, _verdict(name, found, seed, student, seen.get(name))) for name in ASSIGNMENT}
    absent = [name for name in ASSIGNMENT if name not in found.found]
    notes = [note] if note else []
    if absent:
        notes.append(f"no cell answers {', '.join(absent)}")
    ungraded = [name for name, mark in marks.items() if mark.points is None]
    if ungraded:
        notes.append(f"not graded: {', '.join(ungraded)}")
    if all(mark.verdict.kind == "not attempted" for mark in marks.values()):
        notes.append("nothing was attempted")
    status: Literal["graded", "partly graded"] = "partly graded" if ungraded else "graded"
    return Result(submission.name, submission.key, status, (*notes, *found.notes, *submission.notes), marks, digest)


def _mark(name: str, verdict: Verdict) -> Mark:
    if verdict.kind == "cannot check":
        return Mark(None, verdict)
    share = {"right": 1.0, "slip": SLIP_SHARE}.get(verdict.kind, 0.0)
    return Mark(round(share * ASSIGNMENT[name], 1), verdict)


def identity(submission: Submission, found: Answers) -> tuple[str, str]:
    """The student whose by-hand numbers these are, and a note when the notebook says somebody else."""
    said = found.student
    if not said or _same(said) == _same(submission.name):
        return said or submission.name, ""
    handed_in = _same(submission.name)  # an LMS adds words of its own
    if _same(said) in {*handed_in.split("_"), *re.split(r"[^\w.@+-]+|_", handed_in)}:
        return said, ""
    note = f"the notebook says that it is {submissions.clean(said)}, but numbers by hand were judged as this student's"
    return submission.name, note


def _same(name: str) -> str:
    return submissions.clean(name).casefold()


def _verdict(name: str, found: Answers, seed: int, student: str, seen: Seen | None) -> Verdict:
    exercise, answer = EXERCISES[name], found.found.get(name)
    if answer is None:
        return exercise.not_attempted("No cell answers it.")
    if answer.trouble:
        return Verdict("raised", name, f"{answer.trouble}.")
    if answer.empty:
        return exercise.not_attempted()
    plain = None if isinstance(exercise, CodeExercise) else _plain(answer)
    if plain is None and seen is None:
        return Verdict("raised", name, "The cell gives nothing that can be graded.")
    if seen is not None and seen.end == "no time":
        return Verdict("cannot check", name, "The time for this submission was used up before it could be run.")
    if seen is not None and seen.end == "stopped":
        return Verdict("raised", name, f"It was stopped after {SECONDS:.0f} seconds: is there a loop without an end?")
    if seen is not None and seen.end == "died":
        reason = "Running it ended the process it ran in: an exit, a crash, or more memory than there is."
        return Verdict("raised", name, reason)
    try:
        with np.errstate(all="ignore"):
            return _weighed(exercise, answer, plain, seed, student, seen)
    except Garbled:
        return Verdict("raised", name, "It sent something that is no result.")
    except Exception as error:  # nothing that comes back may stop the others
        return Verdict("cannot check", name, f"Comparing it failed ({type(error).__name__}): ask your instructor.")


class _Replay:
    """In place of a student's function: gives what it gave. The check that a learner meets then judges it."""

    def __init__(self, replies: Sequence[Value | Exception]) -> None:
        self.replies = iter(replies)

    def __call__(self, *_: Any) -> Value:
        reply = next(self.replies)
        if isinstance(reply, Exception):
            raise reply
        return reply


def _weighed(exercise: Exercise, answer: Answer, plain: Any, seed: int, student: str, seen: Seen | None) -> Verdict:
    name = exercise.name
    if plain is not None:
        return _judged(exercise, plain, student)
    assert seen is not None
    if seen.replies[:1] == (b"M",):
        error = heard(seen.defined) if seen.defined[:1] == b"E" else None
        if error is None:
            return Verdict("raised", name, f"When the cell has run, there is no `{name}`.")
        return _located(Verdict("raised", name, f"{type(error).__name__}: {error}"), answer, error)
    replies = [heard(reply) for reply in seen.replies]
    last = replies[-1]
    if not isinstance(exercise, CodeExercise):
        if isinstance(last, Exception):
            return _located(Verdict("raised", name, f"{type(last).__name__}: {last}"), answer, last)
        return _judged(exercise, last.tolist() if isinstance(last, np.ndarray) else last, student)
    if len(replies) < len(cases(exercise, seed)) and not isinstance(last, Exception):
        raise Garbled
    verdict = exercise.judge(_Replay(replies), seed)
    return _located(verdict, answer, last) if verdict.kind == "raised" else verdict


def _judged(exercise: Exercise, value: Any, student: str) -> Verdict:
    """The verdict on an answer that is no function. One that cannot be meant as an answer is wrong, not ungraded."""
    verdict = exercise.judge(value, student_seed(student))
    return replace(verdict, kind="wrong") if verdict.kind == "cannot check" else verdict


def _located(verdict: Verdict, answer: Answer, error: Value | Exception) -> Verdict:
    """The verdict with the line that raised the error. Only its number comes from outside."""
    lines, number = answer.source.split("\n"), getattr(error, "line", 0)
    text = lines[number - 1].strip()[:100] if 0 < number <= len(lines) else ""
    return replace(verdict, facts=(f"In line {number} of the cell, `{text}`.", *verdict.facts)) if text else verdict


def grade(submission: Submission, seed: int, around: Wall) -> Result:
    """One submission, from its file to its points. Never raises for what is in it; WallError when the wall fails."""
    try:
        fingerprint, found = collect(submission)
    except Unreadable as reason:
        return refused(submission, str(reason), digest(submission))
    return judge(submission, found, seed, run(prepare(found, seed), around), fingerprint)


def digest(submission: Submission) -> str:
    """A fingerprint of the notebook's bytes, "" when it has none."""
    try:
        return sha256(submissions.read(submission)).hexdigest()
    except Unreadable:
        return ""
