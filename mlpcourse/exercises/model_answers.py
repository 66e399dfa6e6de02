"""The model answers as plain functions: ``from mlpcourse.exercises.model_answers import backward``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.code import CodeExercise


def __getattr__(name: str) -> Callable[..., Any]:
    exercise = EXERCISES.get(name)
    if not isinstance(exercise, CodeExercise):
        raise AttributeError(f"there is no model answer `{name}`")
    return exercise.reference
