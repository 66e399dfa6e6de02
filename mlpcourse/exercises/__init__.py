"""Exercises that name the mistake.

    from mlpcourse.exercises import check, given, hint, progress, solution

    check(softmax)                        a function you wrote, found by its name
    check("surprise_by_hand", [0.7, 1.4]) any other answer, with the exercise's name
    derive("output_delta")                a field for your own derivation, each line proven or refuted
    derive("output_delta", lines)         the same for lines given as text
    is_true("sum_i dL/dz2_i = 0")         any equation: a proof, or a network on which it fails
    given("surprise_by_hand")             what the exercise gives you, drawn for you
    hint("softmax")                       the next of three hints, each time it is called
    solution("softmax")                   the model answer, with its derivation
    progress()                            what is done, and what is next
    learner("Ada")                        your name, once: from then on the numbers drawn are your own
    my_network()                          your own right answers, as the module that they are in my_network.py

Nothing here raises at a learner: what cannot be judged gets a sentence.
"""

from __future__ import annotations

import difflib
import importlib
import os
import pkgutil
import sys
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpcourse.console import writable
from mlpcourse.exercises import own_code, records
from mlpcourse.exercises.derive_exercise import answers_by_deriving
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.verdict import Verdict

if TYPE_CHECKING:
    from mlpcourse.derivation.chain import Judged

__all__ = [
    "EXERCISES", "Verdict", "check", "derive", "given", "hint", "is_true", "learner", "my_network", "progress",
    "solution",
]  # fmt: skip

# All exercises by name, in the order of the lessons and of each lesson's file.
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for module in sorted(module.name for module in pkgutil.iter_modules(__path__) if module.name.startswith("lesson_"))
    for exercise in vars(importlib.import_module(f"{__name__}.{module}")).values()
    if isinstance(exercise, Exercise)
}

# Some machines raise floating-point flags for products that are right: they are no business of a learner's.
_quiet_numpy = np.errstate(all="ignore")

_NOTHING: Any = object()
_hints_shown: dict[str, int] = {}
_changes: dict[str, str] = {}  # by exercise: the change that the last check found would help


@_quiet_numpy
def check(exercise: Any, answer: Any = _NOTHING) -> Verdict:
    """The verdict on an answer: ``check(softmax)`` on a function, ``check("gate_by_hand", [0, 1, 2, 0])`` on others.

    A function is found by its name; ``check("softmax", f)`` checks one with another name.
    """
    name = _name(exercise)
    if answer is _NOTHING:
        answer = None if isinstance(exercise, str) else exercise
    found = answers_by_deriving(name, answer, EXERCISES) or EXERCISES.get(name)
    if found is None:
        return Verdict("cannot check", name, _unknown(exercise, name))
    if found.kind == "derive":
        _keep_tables()
    try:
        verdict = found.judge(answer, _seed())
    except KeyboardInterrupt:
        return Verdict("cannot check", name, "You stopped the check.")
    except Exception as error:  # our bug must not crash the learner's cell
        return Verdict("cannot check", name, f"The check itself failed ({type(error).__name__}: {error}).")
    if verdict.kind in ("not attempted", "cannot check"):
        return verdict
    name = found.name  # of lines under a result's own name: their derivation's, where progress looks
    _changes[name] = verdict.change
    notes = [_kept(lambda: records.checked(name, verdict.right, verdict.slip))]
    if verdict.right:
        notes.append(_kept(lambda: own_code.keep(found, answer, EXERCISES.values())))
    return replace(verdict, facts=(*verdict.facts, *filter(None, notes)))


def derive(name: str, text: str | None = None) -> Any:
    """Derive a result yourself: a field to write lines in, or with ``text``, one line a row, the verdicts at once.

    ``name`` is a derivation's, as in ``show``. The result's ``lines`` have ``verdict`` ("proven", "refuted",
    "undecided", "unreadable"), ``column``, ``slip``, ``reading`` and ``message``. ``check(name, text)`` judges all.
    """
    from mlpcourse.derivation.lines import DERIVATIONS
    from mlpcourse.exercises import deriving  # SymPy comes with it, which most exercises do without

    _keep_tables()
    derivation = deriving.find(name)
    if derivation is None:
        near = difflib.get_close_matches(str(name), DERIVATIONS, n=3, cutoff=0.5)
        guess = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else ""
        return Page(f"There is no derivation `{name}`.{guess}")
    exercise = f"derive_{derivation.name}"
    if text is not None:
        derived = deriving.derived(derivation, text)
        if derived.reached:
            _kept(lambda: records.checked(exercise, True, None))
        return derived

    def keep(lines: Sequence[Judged], reached: bool) -> str:
        slip = lines[-1].slip if lines else None
        note = _kept(
            lambda: records.written(derivation.name, [line.text for line in lines if line.verdict != "refuted"])
        )
        return note or (_kept(lambda: records.checked(exercise, reached, slip)) if lines else "")

    return deriving.field(derivation, keep, records.lines(derivation.name) if _keeps() else [])


def is_true(text: str) -> Any:
    """Judge an equation, such as "sum_i dL/dz2_i = 0": a proof for every K, H, D, N, or a network on which it fails."""
    from mlpcourse.exercises import deriving

    _keep_tables()
    return deriving.is_true(text)


@_quiet_numpy
def given(exercise: Any) -> Any:
    """What an exercise gives you to work with: numbers drawn for you, lines to read or to put in order."""
    found = EXERCISES.get(_name(exercise))
    return found.given(_seed()) if found else Page(_unknown(exercise, _name(exercise)))


def hint(exercise: Any) -> Page:
    """The next of an exercise's hints: a question, the line of the derivation, a scaffold.

    Where the last check said in which line one change helps, that change is the fourth.
    """
    name = _exercise_of(_name(exercise))
    found = EXERCISES.get(name)
    if found is None:
        from mlpcourse.exercises import deriving  # SymPy comes with it, which most exercises do without

        if derivation := deriving.find(name):
            return Page(f"This derivation is no exercise. Its lines: `show({derivation.name!r})`.")
        return Page(_unknown(exercise, name))
    hints = [*found.hints, *filter(None, [_changes.get(name, "")])]
    step = min(_hints_shown.get(name, 0) + 1, len(hints))
    _hints_shown[name] = step
    _kept(lambda: records.hinted(name, step))
    kind = ("a question", "the line of the derivation", "a scaffold", "your own line, changed")[step - 1]
    last = "" if step < len(hints) else f"\n\nThat was the last one. `solution({name!r})` shows how it is done."
    other = _other_kind(name)
    return Page(f"Hint {step} of {len(hints)}, {kind}.\n\n{_set_apart(hints[step - 1])}{other}{last}")


def _other_kind(name: str) -> str:
    """Where a result is an exercise in code and one to be derived: which of the two a hint is for."""
    derived = name.removeprefix("derive_")
    if not {derived, f"derive_{derived}"} <= EXERCISES.keys():
        return ""
    code, lines = EXERCISES[derived], EXERCISES[f"derive_{derived}"]
    if name == derived:
        this, what, other = code, "to be written in code", lines
    else:
        this, what, other = lines, "to be derived", code
    wanted = "derived" if name == derived else "written in code"
    there = f"In lesson {other.lesson:02} it is to be {wanted}: `hint('{other.name}')`."
    return f"\n\nHere it is {what} (lesson {this.lesson:02}). {there}"


@_quiet_numpy
def solution(exercise: Any) -> Page:
    """The model answer, as a check uses it, and the lines of the derivation that lead to it."""
    name = _exercise_of(_name(exercise))
    found = EXERCISES.get(name)
    if found is None:
        return Page(_unknown(exercise, name))
    _kept(lambda: records.solution_shown(name))
    code = "\n".join(f"    {line}".rstrip() for line in found.solution(_seed()).splitlines())
    code = code.replace("\n\n\n", "\n    \n    \n").replace("\n\n", "\n    \n")
    return Page(f"One way to answer `{name}`:\n\n{code}{_derived(found)}", f"One way to answer {name}:\n\n{code}")


def progress() -> records.Overview:
    """What was done, how, and what is next, as a table and a picture."""
    return records.Overview(EXERCISES.values(), kept=_keeps())


def learner(name: str | None = None) -> str:
    """Say who you are, once: the numbers of the by-hand exercises are then drawn for you. Returns the name in use."""
    if name is not None:
        note = _kept(lambda: records.named(str(name)))
        return note or writable(f"Welcome, {name}.")
    return _learner() or "anonymous"


def my_network() -> own_code.MyNetwork:
    """Your own functions, as ``my_network.py`` has them: ``my_network().backward``.

    A function that you have not got right yet is the course's model answer, and the module's text says so.
    """
    return own_code.load(EXERCISES.values(), kept=_keeps())


# --- who is asking, and what is kept ----------------------------------------------------------------


def _keeps() -> bool:
    """Whether anything is read or kept: not where a notebook is run by a test, which must leave no traces."""
    return bool(os.environ.get("MLPCOURSE_DATA")) or not ({"PYTEST_VERSION", "CI"} & os.environ.keys())


def _kept(write: Callable[[], str]) -> str:
    return write() if _keeps() else ""


def _keep_tables() -> None:
    """Let the first line of the next session be read at once. In a browser, files are kept by requests, and slowly."""
    if _keeps() and sys.platform != "emscripten":
        from mlpcourse.derivation import reading

        reading.keep_tables(records.folder().with_name("cache"))


def _learner() -> str:
    return records.name() if _keeps() else ""


def _seed() -> int:
    name = _learner().strip().casefold()
    return zlib.crc32(name.encode()) if name else 0


# --- words ------------------------------------------------------------------------------------------


def _name(exercise: Any) -> str:
    if isinstance(exercise, str):
        return exercise.strip()
    if isinstance(exercise, Exercise):
        return exercise.name
    return str(getattr(exercise, "__name__", type(exercise).__name__))


def _exercise_of(name: str) -> str:
    """The exercise of a result: to derive it, where that alone is asked for."""
    return f"derive_{name}" if name not in EXERCISES and f"derive_{name}" in EXERCISES else name


def _unknown(exercise: Any, name: str) -> str:
    if name == "<lambda>":
        return 'A lambda has no name to find the exercise by. Give the name too: `check("softmax", ...)`.'
    if not isinstance(exercise, str) and not callable(exercise):
        got = "None" if exercise is None else f"a value of type {type(exercise).__name__}"
        return f'This is {got}, which names no exercise. Write `check(softmax)`, or `check("softmax_by_hand", ...)`.'
    near = difflib.get_close_matches(name, EXERCISES, n=3, cutoff=0.5)
    guess = f" Did you mean {' or '.join(f'`{one}`' for one in near)}?" if near else " `progress()` lists them all."
    return f"There is no exercise `{name}`.{guess}"


def _set_apart(text: str) -> str:
    """A scaffold of several lines is code; its first line may be a sentence."""
    if "\n" not in text and not text.startswith("return "):
        return text
    first, *rest = text.split("\n")
    sentence = bool(rest) and first[-1] in ":?."
    code = "\n".join(f"    {line}" for line in (rest if sentence else [first, *rest]))
    return f"{first}\n\n{code}" if sentence else code


def _derived(exercise: Exercise) -> str:
    """The derivation of an exercise's result, as lines of LaTeX with their reasons."""
    if not exercise.see:
        return ""
    from mlpcourse.derivation import DERIVATIONS, latex

    derivation = DERIVATIONS.get(exercise.see)
    if derivation is None:
        return ""
    lines = "\n".join(rf"$\displaystyle = {latex(line.expr)}$  ({line.reason})" for line in derivation.lines)
    return f"\n\nThe derivation beside it, `show({exercise.see!r})`:\n\n${latex(derivation.lhs)}$\n{lines}"
