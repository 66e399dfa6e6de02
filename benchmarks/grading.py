"""Grading whole folders with one command: the same files as nbgrader's batch autograding, two jobs, and a thousand.

nbgrader must be installed beside the course, or its command be named: ``NBGRADER=/path/to/bin/nbgrader``.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from timing import Row, Wrong, per, spread

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

ROUNDS = 7
CLASS = 30  # submissions: nbgrader takes a minute for them
FEW, MANY = 10, 1000  # how time and memory grow
ENVIRONMENT = {
    **os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore", "TQDM_DISABLE": "1",
    "PYTHONDONTWRITEBYTECODE": "",  # modules are compiled once, as Python does unless it is told otherwise
}  # fmt: skip
COMMAND = """
import resource, sys
from mlpcourse.__main__ import main
status = main(sys.argv[1:])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
sys.exit(status)
"""


def class_of(folder: Path, size: int) -> None:
    """Submissions in nbgrader's layout: right, with slips, with others, and partly done, in turn."""
    from handed_in import right

    notebook = json.loads((ROOT / "notebooks" / "assignment.ipynb").read_text())
    shutil.rmtree(folder, ignore_errors=True)
    for number in range(size):
        student = f"student{number:04}"
        answers = right(student)
        if number % 4 == 1:
            answers |= {
                "softmax": "def softmax(z2):\n    e = np.exp(z2)\n    return e / e.sum()",
                "output_delta": "def output_delta(A2, y):\n    return A2 - y",
            }
        if number % 4 == 2:
            answers |= {
                "hidden_delta": "def hidden_delta(dA1, z1):\n    return dA1",
                "grad_w2": "def grad_w2(delta2, A1):\n    return delta2 @ A1.T / A1.shape[1]",
            }
        cells = json.loads(json.dumps(notebook["cells"]))
        for cell in cells:
            marks = cell["metadata"].get("nbgrader", {})
            if marks.get("grade") and not (number % 4 == 3 and marks["grade_id"] == "backward"):
                cell["source"] = answers[marks["grade_id"]]
            if marks.get("grade_id") == "student":
                cell["source"] = "".join(cell["source"]).replace('student = ""', f'student = "{student}"')
        path = folder / student / "assignment" / "assignment.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps({**notebook, "cells": cells}))


EXPECTED = [100, 100 - 0.6 * (7 + 6), 100 - 5 - 0.6 * 4, 100 - 10]  # points, for the four kinds in turn


def ours(course: Path, size: int, jobs: int = 1) -> tuple[float, float]:
    """Seconds and peak megabytes of grading all that was submitted. Raises Wrong unless every total is as expected."""
    shutil.rmtree(course / "marks", ignore_errors=True)
    arguments = ["grade", "submitted", "-o", "marks", "--seed", "1", "--jobs", str(jobs)]
    begin = time.perf_counter()
    result = subprocess.run(
        [sys.executable, "-c", COMMAND, *arguments], cwd=course, env=ENVIRONMENT, capture_output=True, text=True
    )
    took = time.perf_counter() - begin
    if result.returncode:
        raise Wrong(f"mlpcourse grade: {result.stderr.strip()}")
    with (course / "marks" / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
        totals = [float(row["total"] or "nan") for row in csv.DictReader(file)]
    wanted = [EXPECTED[number % 4] for number in range(size)]
    if len(totals) != size or not all(abs(total - want) < 0.01 for total, want in zip(totals, wanted, strict=True)):
        raise Wrong(f"mlpcourse grade: the totals are {totals}, expected {wanted}")
    return took, float(result.stdout.split()[-1]) / 1024


def nbgrader(course: Path, command: str, *arguments: str) -> float:
    """Seconds of one of nbgrader's commands. Raises Wrong when it fails."""
    path = f"{Path(command).parent}:{os.environ['PATH']}"
    begin = time.perf_counter()
    result = subprocess.run(
        [command, *arguments], cwd=course, env={**ENVIRONMENT, "PATH": path}, capture_output=True, text=True
    )
    if result.returncode:
        raise Wrong(f"nbgrader {arguments[0]}: {result.stderr.strip()[-500:]}")
    return time.perf_counter() - begin


def theirs(course: Path, command: str) -> float:
    """Seconds of autograding all that was submitted. Raises Wrong unless every notebook was run to its end."""
    shutil.rmtree(course / "autograded", ignore_errors=True)
    took = nbgrader(course, command, "autograde", "assignment")
    run = [json.loads(path.read_text()) for path in (course / "autograded").rglob("*.ipynb")]
    code = [cell for notebook in run for cell in notebook["cells"] if cell["cell_type"] == "code"]
    failed = [o for cell in code for o in cell["outputs"] if o["output_type"] == "error"]
    if len(run) != CLASS or failed or not all(cell["execution_count"] for cell in code if cell["source"]):
        raise Wrong(f"nbgrader autograde: ran {len(run)} of {CLASS} notebooks, {len(failed)} cells failed")
    return took


@contextmanager
def one_core() -> Iterator[None]:
    """The commands started in the block share one core."""
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, cores)


def rows() -> Iterator[Row]:
    """Whole commands, start-up included, a submission each."""
    command = os.environ.get("NBGRADER") or shutil.which("nbgrader") or str(Path(sys.executable).with_name("nbgrader"))
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        yield against_nbgrader(course, command)
        yield from many(course)


def against_nbgrader(course: Path, command: str) -> Row:
    what, peer = f"grade a submission of 17 exercises ({CLASS} in a run, one core)", "nbgrader autograde"
    mine, other = [], []
    there = Path(command).exists()
    if there:
        (course / "nbgrader_config.py").write_text("get_config().CourseDirectory.course_id = 'mlp'\n")
        (course / "source" / "assignment").mkdir(parents=True)
        shutil.copy(ROOT / "notebooks" / "assignment.ipynb", course / "source" / "assignment")
        nbgrader(course, command, "generate_assignment", "assignment", "--ClearSolutions.enabled=False")
    class_of(course / "submitted", CLASS)
    with one_core():
        ours(course, CLASS)
        for _ in range(ROUNDS):
            mine.append(ours(course, CLASS)[0])
            if there:
                other.append(theirs(course, command))
    return Row(what, per(spread(mine), CLASS), peer, per(spread(other), CLASS) if there else None, 25)


def many(course: Path) -> Iterator[Row]:
    """A thousand with one job on one core; with two jobs, against the most that two cores give; and as many as few."""
    few, halves = course / "few", [course / "first half", course / "second half"]
    class_of(few / "submitted", FEW)
    class_of(course / "submitted", MANY)
    for half in halves:
        class_of(half / "submitted", MANY // 2)
    rounds = []
    with ThreadPoolExecutor(2) as both:
        for _ in range(ROUNDS):
            with one_core():
                alone = *ours(few, FEW), *ours(course, MANY)
            two, _ = ours(course, MANY, jobs=2)
            apart = max(seconds for seconds, _ in both.map(ours, halves, [MANY // 2] * 2))
            rounds.append((*alone, two, apart))
    small, small_memory, one, memory, two, apart = (spread(list(column)) for column in zip(*rounds, strict=True))
    what, peer = f"grade a submission ({MANY} in a run", f"{FEW} in a run"
    yield Row(f"{what}, one core)", per(one, MANY), peer, per(small, FEW), 1)
    yield Row(f"peak memory ({MANY} in a run)", memory, peer, small_memory, 0.9, "MB")
    yield Row(f"{what}, `--jobs 2`, two cores)", per(two, MANY), "one job, one core", per(one, MANY), 1.7)
    yield Row(f"{what}, `--jobs 2`, two cores)", per(two, MANY), "two commands with half each", per(apart, MANY), 0.9)
