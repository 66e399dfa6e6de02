"""The learner's own network: the code of every right answer, put together as ``my_network.py`` beside the lessons.

Each right answer is a small file among the records (``records.folder()``). ``my_network.py`` is made of them, in the
order of the course; what is not done yet is imported from the model answers, and marked so.
"""

from __future__ import annotations

import ast
import builtins
import datetime
import dis
import importlib
import inspect
import linecache
import os
import textwrap
import types
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mlpcourse.exercises import records, running
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.results import as_tuple
from mlpcourse.exercises.verdict import listed

FILE = "my_network.py"
FIRST = '"""My own network: the functions that I wrote in the lessons, in the order of the course.'
HEAD = f"""{FIRST}

This file is written anew with every right answer, so change an answer in its lesson and not here.
    from my_network import backward
\"\"\"

import numpy as np
"""
NOT_MINE = "# Not mine yet: the course's model answers, until my own are right."


def joins(exercise: Exercise) -> bool:
    """Whether an answer becomes part of the network. A line of the handout that is mended does not."""
    return isinstance(exercise, CodeExercise) and not exercise.as_formula


def keep(exercise: Exercise, function: Any, exercises: Iterable[Exercise]) -> str:
    """Keep a right answer and write ``my_network.py`` anew. Returns a sentence for the verdict, or ""."""
    if not joins(exercise):
        return ""
    assert isinstance(exercise, CodeExercise)
    exercises = list(exercises)
    try:
        known = {other.name: other.inputs for other in exercises if isinstance(other, CodeExercise) and joins(other)}
        source = source_of(function, exercise.name, known)
        exec(compile(source, FILE, "exec"), {"np": np})
        _usable(exercise, function)
    except Exception as error:  # whatever is the matter with it, the answer is right all the same
        return f"It could not join `{FILE}`: {str(error) or type(error).__name__}."
    place = _kept_in(exercise.name)
    try:
        if place.exists() and _without_head(place.read_text(encoding="utf-8")) == source:
            return _left_behind(exercises) if (Path.cwd() / FILE).exists() else write(exercises)
        day = datetime.date.today().isoformat()
        records.write_file(place, f"# {exercise.name}: lesson {exercise.lesson:02}, right on {day}\n{source}")
    except OSError as error:
        return f"Your code is not kept: {error.strerror or error} ({place.parent})."
    return " ".join(filter(None, [write(exercises), _left_behind(exercises)]))


def _usable(exercise: CodeExercise, function: Callable[..., Any]) -> None:
    """Raises ValueError, with the reason, for a right answer that later lessons cannot compute with."""
    takes = tuple(inspect.signature(function).parameters)
    case = exercise.groups(0)[0].cases[0]
    outcome = running.run(function, [case], by_name=False, before=1)[0]
    if outcome.error is not None or (takes != exercise.inputs and set(takes) == set(exercise.inputs)):
        raise ValueError(f"later lessons call it with ({', '.join(exercise.inputs)}), in this order")
    # What is moved and moved back is the same but for rounding.
    if lost := [name for name in outcome.changed if not np.allclose(case[name], outcome.given[name])]:
        raise ValueError(f"later lessons need {listed(lost)} as before the call")
    value = outcome.value
    truths, count = as_tuple(exercise.reference(**case)), len(exercise.results)
    if count > 1 and not (isinstance(value, tuple | list) and len(value) == count):
        raise ValueError(f"its results come as a {type(value).__name__}, where later lessons take {count} of them")
    if isinstance(exercise.reference(**case), float):
        return
    for label, part, truth in zip(exercise.returned, value if count > 1 else [value], truths, strict=True):
        if not isinstance(part, np.ndarray) or part.dtype == object:
            kind = f"a {type(part).__name__}" if not isinstance(part, np.ndarray) else "an array of objects"
            raise ValueError(f"{label} is {kind}, where later lessons compute with an array of numbers")
        if part.shape not in (truth.shape, truth[0].shape if len(truth) == 1 else truth.shape):
            raise ValueError(f"{label} has shape {part.shape}, where later lessons compute with {truth.shape}")


def _left_behind(exercises: Sequence[Exercise]) -> str:
    """What to say where the learner's forward pass overflows although their softmax does not."""
    mine = load(exercises)
    if not {"forward", "softmax"} <= set(mine.mine):
        return ""
    nothing, large = np.zeros((3, 3)), np.array([[1000.0], [1001.0], [999.0]])
    with np.errstate(all="ignore"):
        try:
            safe, passed = mine.softmax(large), mine.forward(nothing, nothing[:, :1], nothing, large, nothing[:, :1])[3]
        except Exception:  # it was right on the inputs of its check
            return ""
    if np.allclose(passed, safe):
        return ""
    return "Your `forward` (lesson 01) has a softmax of its own, which overflows: write `A2 = softmax(z2)` there."


def write(exercises: Iterable[Exercise]) -> str:
    """Write ``my_network.py`` into the folder of the lessons. Returns what to say about it."""
    place = Path.cwd() / FILE
    if not any(place.parent.glob("*.ipynb")):
        return ""  # the check was not asked from a lesson
    last = records.folder().parent / "code" / FILE
    try:
        said = ""
        if place.exists() and not (last.exists() and last.read_text("utf-8") == place.read_text("utf-8")):
            edited = place.with_name("my_network_before.py")
            os.replace(place, edited)
            said = f" What stood there before is now `{edited.name}`, since it was changed by another hand."
        text = text_of(exercises)
        records.write_file(place, text)
        importlib.invalidate_caches()  # or `import my_network` may not see it in this kernel
        records.write_file(last, text)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        return f"Your answer is kept, but `{FILE}` cannot be written here: {reason} ({place.parent})."
    return f"It stands in `{FILE}` now, your own network.{said}"


def text_of(exercises: Iterable[Exercise], *, kept: bool = True) -> str:
    """The whole of ``my_network.py``. Without ``kept`` nothing is read: nothing is the learner's yet."""
    mine, missing = [], []
    for exercise in filter(joins, exercises):
        assert isinstance(exercise, CodeExercise)
        place = _kept_in(exercise.name)
        if kept and place.exists():
            mine.append(place.read_text(encoding="utf-8").strip())
        else:
            missing.append(f"from mlpcourse.exercises.model_answers import {exercise.name}")
    ours = "\n".join(["", NOT_MINE, *missing, ""]) if missing else ""
    return "\n\n\n".join([HEAD.strip() + ("\n" + ours).rstrip(), *mine]) + "\n"


class MyNetwork(types.ModuleType):
    """``my_network.py`` as a module: what is the learner's and what is the course's can be read off it."""

    mine: tuple[str, ...] = ()
    ours: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [f"Yours: {', '.join(self.mine) or 'nothing yet'}."]
        if self.ours:
            lines.append(f"The course's model answers, until yours are right: {', '.join(self.ours)}.")
        return "\n".join(textwrap.fill(line, 110, subsequent_indent="  ") for line in lines)


def load(exercises: Iterable[Exercise], *, kept: bool = True) -> MyNetwork:
    """``my_network.py`` as it is now, loaded afresh; the file itself is not needed."""
    exercises = list(filter(joins, exercises))
    text = text_of(exercises, kept=kept)
    name = str(Path.cwd() / FILE)
    module = MyNetwork("my_network")
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)  # for inspect and tracebacks
    exec(compile(text, name, "exec"), module.__dict__)
    names = [exercise.name for exercise in exercises]
    module.mine = tuple(one for one in names if getattr(module, one).__module__ == "my_network")
    module.ours = tuple(one for one in names if one not in module.mine)
    return module


# --- the source of one answer -----------------------------------------------------------------------


def source_of(function: Callable[..., Any], name: str, known: Mapping[str, Sequence[str]]) -> str:
    """The source of a learner's function, with what else of theirs it needs.

    known: the functions that stand elsewhere in the file, with their arguments. Raises ValueError, with the reason, for
    what has no source of its own.
    """
    parts = list(dict.fromkeys(_parts(function, known, {id(function)})))
    if function.__name__ != name:
        parts.append(f"{name} = {function.__name__}")
    return "\n\n\n".join(parts) + "\n"


def _parts(function: Callable[..., Any], known: Mapping[str, Sequence[str]], seen: set[int]) -> list[str]:
    try:
        source = textwrap.dedent(inspect.getsource(function)).rstrip()
        tree = ast.parse(source)
    except (OSError, TypeError, SyntaxError) as error:
        raise ValueError("its source cannot be read") from error
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise ValueError("it is not written as `def`")
    parts: list[str] = []
    used = dict.fromkeys(_global_names(function.__code__))
    around = getattr(function, "__globals__", {})
    for name in used:
        if name == function.__name__ or name not in around or hasattr(builtins, name):
            continue
        value = around[name]
        if name in known:
            if tuple(inspect.signature(value).parameters) != tuple(known[name]):
                raise ValueError(f"it calls a `{name}` that takes other arguments than ({', '.join(known[name])})")
            continue
        if isinstance(value, types.FunctionType) and value.__module__ == function.__module__:
            if id(value) not in seen:
                parts += _parts(value, known, seen | {id(value)})
        elif line := _bound(name, value):
            parts.append(line)
    return [*parts, source]


def _global_names(code: types.CodeType) -> Iterator[str]:
    """What a function, or one inside it, looks up outside itself."""
    for step in dis.get_instructions(code):
        if step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
            yield str(step.argval)
    for inner in code.co_consts:
        if isinstance(inner, types.CodeType):
            yield from _global_names(inner)


def _bound(name: str, value: Any) -> str:
    """A line that gives ``name`` its value, or ""."""
    if value is np and name == "np":
        return ""
    if isinstance(value, types.ModuleType):
        return f"import {value.__name__} as {name}" if value.__name__ != name else f"import {name}"
    if isinstance(value, bool | int | float | str):
        return f"{name} = {value!r}"
    if isinstance(value, np.ndarray):
        return f"{name} = np.array({value.tolist()!r})"
    own_name = getattr(value, "__name__", "")
    if own_name and getattr(np, own_name, None) is value:
        return f"{name} = np.{own_name}"
    module = getattr(value, "__module__", None)
    if not own_name or module in (None, "__main__"):
        return ""
    mark = "  # the course's" if str(module).startswith("mlpcourse") else ""
    return f"from {module} import {own_name}{f' as {name}' if name != own_name else ''}{mark}"


# --- files ------------------------------------------------------------------------------------------


def _kept_in(name: str) -> Path:
    return records.folder().parent / "code" / f"{name}.py"


def _without_head(text: str) -> str:
    return text.split("\n", 1)[-1]
