"""A notebook as the grader knows it: what ``reading.py`` found in it, inside the sandbox."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

from mlpcourse.exercises.exercise import Exercise
from mlpcourse.grading.assignment import ALL
from mlpcourse.grading.sandbox import Child, ProcessEnded, ReplyTimeout, Sandbox
from mlpcourse.grading.submissions import Unreadable

SECONDS = 10.0  # for reading one notebook
TRIES = 2  # a process may have been stopped from outside


@dataclass(frozen=True)
class Answer:
    """One exercise's cell. trouble: why it is none. steps: the cells, and places of statements in them, to be run.

    plain: the answer, alone, where it is written out; value: the expression that gives it, "" for a function.
    """

    source: str = ""
    trouble: str = ""
    empty: bool = False
    plain: tuple[Any, ...] = ()
    value: str = ""
    steps: tuple[tuple[int, tuple[int, ...]], ...] = ()
    own: int = -1


@dataclass(frozen=True)
class Notebook:
    """Everything of a notebook that counts. cells: sources by number. typed: the name, None where it must be run for.

    student: how to run for it. notes: what the student should know of how it was read.
    """

    answers: Mapping[str, Answer]
    cells: Mapping[int, str] = field(default_factory=dict)
    typed: str | None = ""
    student: Answer = Answer()
    notes: tuple[str, ...] = ()

    def code(self, answer: Answer) -> str:
        """All code that is run for an answer."""
        return "\n".join([answer.source, *(self.cells.get(number, "") for number, _ in answer.steps)])


def variable(exercise: Exercise) -> str:
    """What an exercise's stub calls the answer, "" where it is a function."""
    found = re.match(r"(\w+) = ", exercise.stub())
    return found[1] if found and exercise.kind != "code" else ""


def read(data: bytes, names: Sequence[str], sandbox: Sandbox) -> Notebook:
    """Read a notebook in a sandbox. names: of the exercises. Raises Unreadable; SandboxError if the sandbox fails."""
    found, child = begin(data, names, sandbox)
    child.close()
    return found


def begin(data: bytes, names: Sequence[str], sandbox: Sandbox) -> tuple[Notebook, Child]:
    """The same, with the process that has read it: it has run nothing yet, and may run the answers."""
    asked = [{"name": name, "variable": variable(ALL[name])} for name in names]
    for _ in range(TRIES):
        with ExitStack() as closing:
            child = closing.enter_context(Child(sandbox))
            try:
                found = _notebook(child.ask({"do": "read", "exercises": asked}, data, SECONDS))
            except ProcessEnded:
                continue
            except ReplyTimeout:
                raise Unreadable(f"reading it took more than {SECONDS:.0f} seconds") from None
            except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
                raise Unreadable("reading it failed") from None
            closing.pop_all()
            return found, child
    raise Unreadable("reading it takes more memory than a notebook may")


def _notebook(reply: bytes) -> Notebook:
    if reply[:1] != b"J":
        raise ValueError
    found = json.loads(reply[1:])
    if found["trouble"]:
        raise Unreadable(str(found["trouble"]))
    student = found["student"]
    return Notebook(
        answers={str(name): _answer(answer) for name, answer in found["answers"].items()},
        cells={int(number): str(source) for number, source in found["cells"].items()},
        typed=str(student["typed"]) if "typed" in student else None,
        student=_answer(student),
        notes=tuple(map(str, found["notes"])),
    )


def _answer(found: Mapping[str, Any]) -> Answer:
    return Answer(
        source=str(found.get("source", "")),
        trouble=str(found.get("trouble", "")),
        empty=bool(found.get("empty", False)),
        plain=(found["plain"],) if "plain" in found else (),
        value=str(found.get("value", "")),
        steps=tuple((int(cell), tuple(map(int, places))) for cell, places in found.get("steps", ())),
        own=int(found.get("own", -1)),
    )
