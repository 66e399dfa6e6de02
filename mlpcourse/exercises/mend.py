"""Exercises that mend a line of the handout, as a function or as a formula."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np

from mlpcourse.exercises.code import CodeExercise, code_exercise
from mlpcourse.exercises.fixtures import Case, Group


def mending(
    lesson: int,
    task: str,
    hints: tuple[str, str, str],
    see: str,
    draw: Callable[[np.random.Generator], list[Group]],
    results: str = "",
    taught_in: int = 5,
    **more: Any,
) -> Callable[[Callable[..., Any]], CodeExercise]:
    """The exercise to mend the line of the handout that the decorated function's name ends with."""

    def enter(reference: Callable[..., Any]) -> CodeExercise:
        name = reference.__name__
        letters = ", ".join(inspect.signature(reference).parameters)
        how = (
            f"Write it as a function `{name}({letters})` and check it: `check({name})`; or as a formula in these "
            f'letters, in quotes: `check("{name}", "...")`.'
        )
        first = (inspect.getdoc(reference) or "").split("\n")[0]
        return code_exercise(
            lesson, results=results or name, task=f"{task}\n\n{how}\n\nIt returns: {first}", hints=hints, see=see,
            draw=draw, labels=("the result",), as_formula=True, taught=(see, name.removeprefix("mend_"), taught_in),
            **more,
        )(reference)  # fmt: skip

    return enter


def drawn(
    one: Callable[[np.random.Generator, int], Case], count: int = 5
) -> Callable[[np.random.Generator], list[Group]]:
    return lambda rng: [Group(tuple(one(rng, number) for number in range(count)))]
