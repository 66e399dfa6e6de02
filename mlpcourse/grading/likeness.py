"""Answers that are word for word alike: a question to ask, never a verdict."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlpcourse.exercises.code import CodeExercise
from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.final import Final

SHORTEST = 90  # characters that an answer must have to be told from what everybody writes
ENOUGH = 2  # exercises in which two students must agree


def questions(finals: Sequence[Final], assignment: Assignment) -> list[str]:
    """Sentences on the model answer handed in as it is, and on students whose answers are the same."""
    names = [name for name, exercise in assignment.exercises.items() if isinstance(exercise, CodeExercise)]
    model = {name: _bare(assignment.exercises[name].solution(0)) for name in names}
    written = {
        final.submission.key: {
            name: _bare(final.result.marks[name].source) for name in names if name in final.result.marks
        }
        for final in finals
    }
    shown = {final.submission.key: final.name for final in finals}
    said = []
    for key, answers in written.items():
        copied = [name for name, text in answers.items() if len(model[name]) >= SHORTEST and model[name] in text]
        if copied:
            said.append(f"{shown[key]} handed in the model answer word for word: {', '.join(copied)}. From where?")
    together: dict[tuple[str, ...], list[str]] = {}
    for name in names:
        alike: dict[str, list[str]] = {}
        for key, answers in written.items():
            text = answers.get(name, "")
            if len(text) >= SHORTEST and model[name] not in text:
                alike.setdefault(text, []).append(key)
        for group in alike.values():
            if len(group) > 1:
                together.setdefault(tuple(group), []).append(name)
    for keys, shared in together.items():
        if len(shared) >= ENOUGH:
            who = ", ".join(shown[key] for key in keys)
            said.append(f"The same answers, word for word, from {who}: {', '.join(shared)}. Did they work together?")
    return said


def _bare(source: str) -> str:
    """Code without comments, texts on their own and spaces."""
    source = re.sub(r'"""(?s:.*?)"""|#[^\n]*|^\s*check\(.*$', "", source, flags=re.M)
    return re.sub(r"\s+", "", source)
