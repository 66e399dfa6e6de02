"""Makes submissions for the tests of grading."""

import json
from pathlib import Path
from typing import Any

from mlpcourse.exercises.catalogue import EXERCISES
from mlpcourse.grading.assignment import ASSIGNMENT, student_seed


def notebook(cells: list[dict[str, Any]], nbformat: Any = 4) -> str:
    """A notebook of code cells, each with ``source``, perhaps ``id`` (its grade_id), ``nbgrader``, ``outputs``."""
    made = []
    for cell in cells:
        marks = cell.get("nbgrader", {"grade_id": cell["id"], "solution": True} if cell.get("id") else None)
        metadata = {"nbgrader": marks} if marks else {}
        outputs = cell.get("outputs", [])
        made.append({"cell_type": "code", "metadata": metadata, "source": cell["source"], "outputs": outputs})
    return json.dumps({"nbformat": nbformat, "nbformat_minor": 5, "metadata": {}, "cells": made})


def answers(sources: dict[str, str]) -> str:
    return notebook([{"id": name, "source": source} for name, source in sources.items()])


def functions() -> dict[str, str]:
    """The right answer to every exercise that asks for a function."""
    return {name: EXERCISES[name].solution(0) for name in ASSIGNMENT if EXERCISES[name].kind == "code"}


def right(student: str) -> dict[str, str]:
    """The right answer to every exercise, with this student's own numbers."""
    return {name: EXERCISES[name].solution(student_seed(student)) for name in ASSIGNMENT}


def hand_in(folder: Path, notebooks: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in notebooks.items():
        (folder / f"{name}.ipynb").write_text(text)
    return folder
