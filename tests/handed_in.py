"""Makes submissions for the tests of grading."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import md5
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest

from mlpcourse.exercises.code import CodeExercise
from mlpcourse.grading import grade, submissions
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.marks import Cases, Result
from mlpcourse.grading.names import student_seed
from mlpcourse.grading.sandbox import Sandbox

WHOLE = "GRADING_WHOLE" in os.environ  # draw as many as are claimed: a lane of its own in continuous integration


def notebook(cells: list[dict[str, Any]], nbformat: Any = 4) -> str:
    """A notebook of code cells, each with ``source``, perhaps ``id`` (its grade_id), ``nbgrader``, ``outputs``."""
    made = []
    for cell in cells:
        marks = cell.get("nbgrader", {"grade_id": cell["id"], "solution": True} if cell.get("id") else None)
        metadata = {"nbgrader": marks} if marks else {}
        outputs = cell.get("outputs", [])
        made.append({"cell_type": "code", "metadata": metadata, "source": cell["source"], "outputs": outputs})
    return json.dumps({"nbformat": nbformat, "nbformat_minor": 5, "metadata": {}, "cells": made})


def cells(sources: dict[str, str]) -> list[dict[str, Any]]:
    return [{"id": name, "source": source} for name, source in sources.items()]


def answers(sources: dict[str, str]) -> str:
    return notebook(cells(sources))


def functions() -> dict[str, str]:
    """The right answer to every exercise that asks for a function."""
    return {name: one.solution(0) for name, one in ASSIGNMENT.exercises.items() if one.kind == "code"}


def right(student: str) -> dict[str, str]:
    """The right answer to every exercise, with this student's own numbers."""
    return {name: one.solution(student_seed(student)) for name, one in ASSIGNMENT.exercises.items()}


def hand_in(folder: Path, notebooks: dict[str, str]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in notebooks.items():
        (folder / f"{name}.ipynb").write_text(text)
    return folder


def settings(seed: int) -> grade.Settings:
    return grade.Settings(ASSIGNMENT, seed, Sandbox())


def graded(folder: Path, seed: int) -> dict[str, Result]:
    return {one.name: grade.grade(one, settings(seed)) for one in submissions.find(folder)}


def recorded(exercise: CodeExercise, function: Callable[..., Any], cases: Cases) -> str:
    """The source of a function that gives what ``function`` gives on these cases. Raises what it raises."""
    table = {}
    for case in cases.calls():
        with np.errstate(all="ignore"):
            value = function(*(np.copy(given) if isinstance(given, np.ndarray) else given for given in case.values()))
        parts = [
            _rounded(np.asarray(part, float).tolist()) for part in (value if isinstance(value, tuple) else (value,))
        ]
        key = md5(b"".join(np.ascontiguousarray(given).tobytes() for given in case.values())).hexdigest()
        table[key] = tuple(parts) if isinstance(value, tuple) else parts[0]
    return (
        f"from hashlib import md5\nfrom numpy import inf, nan\n"
        f"def {exercise.name}(*given):\n"
        f"    return {table!r}[md5(b''.join(np.ascontiguousarray(one).tobytes() for one in given)).hexdigest()]"
    )


def _rounded(values: Any) -> Any:
    return [_rounded(value) for value in values] if isinstance(values, list) else float(f"{values:.9g}")


@contextmanager
def open_folder() -> Iterator[Path]:
    """A folder that every user can go to: pytest closes the one above its own whenever another session begins."""
    with TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_ordinary_user(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """`mlpcourse grade` of what lies in ``folder / "in"`` into ``folder / "out" / "new"``, without root's rights.

    For root it is the whole command as nobody, with root's home opened so that Python can be read. Skips the test where
    the course itself cannot be read by nobody.
    """
    (folder / "out").mkdir(mode=0o777)
    places = [str(folder / "in"), "-o", str(folder / "out" / "new")]
    command = [sys.executable, "-m", "mlpcourse", "grade", *places, *options]
    if os.geteuid() == 0:
        os.chown(folder / "out", 65534, 65534)
        prefix = Path(sys.base_prefix).resolve()
        opened = ["--dev-bind", "/", "/"]
        if prefix.is_relative_to("/root"):
            inside = [str(one) for one in reversed(prefix.parents) if one.is_relative_to("/root")]
            opened += ["--tmpfs", "/root", *(option for one in inside[1:] for option in ("--dir", one))]
            opened += ["--ro-bind", str(prefix), str(prefix)]
        caps = [option for name in ("SETUID", "SETGID", "SETPCAP") for option in ("--cap-add", f"CAP_{name}")]
        user = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "--bounding-set=-all", "--inh-caps=-all"]
        command = ["bwrap", *opened, *caps, "--", *user, *command]
    result = subprocess.run(command, capture_output=True, text=True, timeout=120)
    if "mlpcourse" in result.stderr and "Permission denied" in result.stderr:
        pytest.skip("the checkout itself cannot be read by nobody")
    return result


@contextmanager
def cluster() -> Iterator[str]:
    """The address of a scheduler and two workers of Dask's, in processes of their own."""
    code = (
        "import warnings; warnings.simplefilter('ignore')\n"
        "from distributed import LocalCluster\n"
        "if __name__ == '__main__':\n"
        "    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, host='127.0.0.1') as made:\n"
        "        print(made.scheduler_address, flush=True)\n"
        "        input()\n"
    )
    command = [sys.executable, "-c", code]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.communicate("\n", timeout=60)


def rows(out: Path) -> dict[str, dict[str, str]]:
    """The table of scores, by student."""
    with (out / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


GOOD = answers({"relu": "def relu(z1): return np.maximum(z1, 0)"})
