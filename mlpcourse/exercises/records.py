"""What this learner has done: one small file for each exercise, so that two open notebooks never write the same one.

The files are in the user's data directory, or in the folder that the environment variable MLPCOURSE_DATA names.
Nothing here stands in a learner's way: where a file cannot be read or written, a sentence says so, and on it goes.
"""

from __future__ import annotations

import html
import json
import os
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path

import platformdirs

from mlpcourse.console import writable
from mlpcourse.exercises.exercise import Exercise

_LEARNER = "learner.json"  # beside the records; no exercise has this name
BOXES = {"done": "■", "tried": "◧", "": "□"}
MARKS = {"done": ("✓", "done"), "tried": ("…", "tried, not right yet"), "": ("○", "not attempted yet")}


@dataclass(frozen=True)
class Record:
    """One exercise: was it answered right, in how many tries, with how many hints, and did the solution help?"""

    done: bool = False
    tries: int = 0
    hints: int = 0
    solution: bool = False
    slips: tuple[str, ...] = ()

    @property
    def state(self) -> str:
        """A key of ``MARKS``."""
        return "done" if self.done else "tried" if self.tries else ""


def folder() -> Path:
    """Where the records are kept."""
    named = os.environ.get("MLPCOURSE_DATA")
    return (Path(named) if named else platformdirs.user_data_path("mlpcourse", appauthor=False)) / "progress"


def read(exercise: str) -> Record:
    """The record of an exercise; an empty one where there is none. Raises OSError or ValueError where it is damaged."""
    try:
        stored = json.loads((folder() / f"{exercise}.json").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Record()
    if not isinstance(stored, dict):
        raise ValueError("it does not hold a record")
    known = {field.name: stored[field.name] for field in fields(Record) if field.name in stored}
    for name, value in known.items():
        if type(value) is not type(asdict(Record())[name]) and not (name == "slips" and isinstance(value, list)):
            raise ValueError(f"{name} is {value!r}")
    return Record(**{**known, "slips": tuple(map(str, known.get("slips", ())))})


def checked(exercise: str, right: bool, slip: str | None = None) -> str:
    """Remember a try, until one is right. Returns a sentence when it could not be kept, else ""."""

    def add(record: Record) -> Record:
        if record.done:
            return record
        slips = record.slips if slip is None or slip in record.slips else (*record.slips, slip)
        return replace(record, done=right, tries=record.tries + 1, slips=slips)

    return _change(exercise, add)


def hinted(exercise: str, step: int) -> str:
    """Remember that hints 1 to ``step`` were shown. Returns a sentence when it could not be kept, else ""."""
    return _change(exercise, lambda old: old if old.done else replace(old, hints=max(old.hints, step)))


def solution_shown(exercise: str) -> str:
    """Remember that the solution was shown. Returns a sentence when it could not be kept, else ""."""
    return _change(exercise, lambda old: old if old.done else replace(old, solution=True))


def lines(derivation: str) -> list[str]:
    """The lines of a derivation that this learner wrote last; none where there are none, or they cannot be read."""
    try:
        stored = json.loads((folder() / f"{derivation}.lines.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [str(line) for line in stored] if isinstance(stored, list) else []


def written(derivation: str, lines: Sequence[str]) -> str:
    """Remember the lines of a derivation. Returns a sentence when they could not be kept, else ""."""
    try:
        write_file(folder() / f"{derivation}.lines.json", json.dumps(list(lines)))
    except OSError as error:
        return f"Your lines are not kept: {error.strerror or error} ({folder()})."
    return ""


def named(learner: str) -> str:
    """Remember who is learning. Returns a sentence when it could not be kept, else ""."""
    try:
        write_file(folder() / _LEARNER, json.dumps(learner))
    except OSError as error:
        return f"Your name is not kept: {error.strerror or error} ({folder()})."
    return ""


def name() -> str:
    """Who is learning; "" where nobody said so, or it cannot be read."""
    try:
        return str(json.loads((folder() / _LEARNER).read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return ""


def _change(exercise: str, change: Callable[[Record], Record]) -> str:
    try:
        old = read(exercise)
    except (OSError, ValueError):
        old = Record()  # damaged: what was in it is lost, what comes now is not
    new = change(old)
    if new == old:
        return ""
    try:
        write_file(folder() / f"{exercise}.json", json.dumps(asdict(new)))
    except OSError as error:
        return f"Your progress is not kept: {error.strerror or error} ({folder()})."
    return ""


def write_file(path: Path, text: str) -> None:
    """All or nothing: a reader sees the old file or the new one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".new")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        os.replace(temporary, path)
    except OSError:
        Path(temporary).unlink(missing_ok=True)
        raise


# --- showing it -----------------------------------------------------------------------------------


class Overview:
    """All exercises with their records: a picture and a table in JupyterLab, lines of text elsewhere."""

    def __init__(self, exercises: Iterable[Exercise], *, kept: bool = True) -> None:
        """Without ``kept`` nothing is read: every exercise counts as new."""
        self.rows: list[tuple[Exercise, Record]] = []
        self.notes: list[str] = []
        for exercise in exercises:
            try:
                record = read(exercise.name) if kept else Record()
            except (OSError, ValueError) as error:
                record = Record()
                self.notes.append(f"What was kept of {exercise.name} cannot be read ({error}), so it counts as new.")
            self.rows.append((exercise, record))

    @property
    def _summary(self) -> str:
        done = sum(record.done for _, record in self.rows)
        return f"{done} of {len(self.rows)} exercises done."

    @property
    def _next(self) -> str:
        for exercise, record in self.rows:
            if not record.done:
                return f"Next: {exercise.name}, in lesson {exercise.lesson:02}."
        return "Nothing is left to do."

    def _by_lesson(self) -> list[tuple[int, Sequence[tuple[Exercise, Record]]]]:
        lessons = sorted({exercise.lesson for exercise, _ in self.rows})
        return [(lesson, [row for row in self.rows if row[0].lesson == lesson]) for lesson in lessons]

    def __repr__(self) -> str:
        lines = [f"{self._summary} {self._next}", *self.notes]
        for lesson, rows in self._by_lesson():
            lines += ["", f"lesson {lesson:02}  {''.join(MARKS[record.state][0] for _, record in rows)}"]
            width = max(len(exercise.name) for exercise, _ in rows)
            lines += [f"  {MARKS[r.state][0]} {e.name.ljust(width)}  {_how(r)}".rstrip() for e, r in rows]
        return writable("\n".join(lines))

    def _repr_html_(self) -> str:
        head = f"<p><strong>{self._summary}</strong> {html.escape(self._next)}</p>"
        notes = "".join(f"<p>{html.escape(note)}</p>" for note in self.notes)
        body = ""
        for lesson, rows in self._by_lesson():
            for place, (exercise, record) in enumerate(rows):
                first = f'<th scope="rowgroup" rowspan="{len(rows)}">{lesson:02}</th>' if place == 0 else ""
                mark, words = MARKS[record.state]
                body += (
                    f"<tr>{first}<td style='text-align:left'><code>{exercise.name}</code></td>"
                    f"<td style='text-align:left'><span aria-hidden='true'>{mark}</span> {words}</td>"
                    f"<td style='text-align:left'>{html.escape(_how(record))}</td></tr>"
                )
        columns = "".join(f"<th scope='col'>{name}</th>" for name in ("lesson", "exercise", "state", "how"))
        table = f"<table><thead><tr>{columns}</tr></thead><tbody>{body}</tbody></table>"
        return f"{head}{notes}{self._bar()}<details><summary>All exercises</summary>{table}</details>"

    def _bar(self) -> str:
        """One box for each exercise, lessons apart: full when done, half when tried, empty when not."""
        label = f"{self._summary} One box for each exercise: full when done, half when tried."
        lessons = "".join(
            f"<span style='display: inline-block; margin: 0 1em .3em 0'>{''.join(BOXES[r.state] for _, r in rows)}"
            f"<br><small>{lesson:02}</small></span> "
            for lesson, rows in self._by_lesson()
        )
        return f"<div role='img' aria-label='{label}' style='line-height: 1.2'>{lessons}</div>"


def _how(record: Record) -> str:
    """In words, how an exercise was done, or how far it is."""
    parts = [f"{record.tries} {'try' if record.tries == 1 else 'tries'}"] if record.tries else []
    if record.hints:
        parts.append(f"{record.hints} {'hint' if record.hints == 1 else 'hints'}")
    if record.solution:
        parts.append("solution seen")
    if record.slips:
        parts.append(f"slips met: {', '.join(record.slips)}")
    return ", ".join(parts)
