"""A learner's progress as a file to hand on, and a class's as a table. Nothing leaves a machine by itself."""

from __future__ import annotations

import csv
import io
import json
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mlpcourse import __version__
from mlpcourse.exercises import EXERCISES, records

FORMAT = "mlpcourse progress 1"


def export(path: Path) -> str:
    """Write what is kept of every exercise to ``path`` as JSON, and return a sentence."""
    kept: dict[str, Any] = {}
    for name in EXERCISES:
        try:
            record = records.read(name)
        except (OSError, ValueError):
            continue  # `progress()` says so in the lesson
        if record != records.Record():
            kept[name] = asdict(record)
    content = {
        "format": FORMAT,
        "version": __version__,
        "learner": records.name(),
        "written": time.strftime("%Y-%m-%d"),
        "exercises": kept,
    }
    records.write_file(path.absolute(), json.dumps(content, indent=1, ensure_ascii=False))
    done = sum(record["done"] for record in kept.values())
    return (
        f"{path}: {done} of {len(EXERCISES)} exercises done. It holds your name, tries, hints and slips: read it first."
    )


def table(folder: Path) -> tuple[str, list[str]]:
    """CSV with a row for each exported file below ``folder``, and a sentence for each that cannot be read."""
    lessons = sorted({exercise.lesson for exercise in EXERCISES.values()})
    written = io.StringIO()
    rows = csv.writer(written, lineterminator="\n")
    rows.writerow(["file", "learner", "written", "done", "tries", "hints", *(f"lesson {one:02}" for one in lessons)])
    wrong = []
    for path in sorted(folder.rglob("*.json")):
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            if content["format"] != FORMAT:
                raise ValueError(f"its format is {content['format']!r}")
            kept = {name: one for name, one in content["exercises"].items() if name in EXERCISES}
            by_lesson = [sum(one["done"] for name, one in kept.items() if EXERCISES[name].lesson == n) for n in lessons]
            sums = [sum(int(one[what]) for one in kept.values()) for what in ("done", "tries", "hints")]
            who, when = str(content["learner"]), str(content["written"])
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
            wrong.append(f"{path.name} is not a progress file ({type(problem).__name__}: {problem})")
            continue
        rows.writerow([_plain(path.name), _plain(who), _plain(when), *sums, *by_lesson])
    return written.getvalue(), wrong


def _plain(text: str) -> str:
    """A learner's text as a spreadsheet shows it, never as a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r")) else text
