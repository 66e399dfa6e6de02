"""Grading one submission, against nbgrader's batch autograding of the same files; two jobs against one; memory.

nbgrader must be installed beside the course, or its environment be named: ``NBGRADER=/path/to/bin/nbgrader``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from timing import Row, Time

ROOT = Path(__file__).parent.parent
sys.path.append(str(ROOT / "tests"))

CLASS = 24  # submissions that nbgrader and we are timed on
MANY = 1000  # submissions over which memory is watched
TIMES = 2


def class_of(folder: Path, size: int) -> None:
    """Submissions in nbgrader's layout: right, with slips, wrong, and partly done, in turn."""
    from handed_in import right

    notebook = json.loads((ROOT / "notebooks" / "assignment.ipynb").read_text())
    for number in range(size):
        student = f"student{number:04}"
        answers = right(student)
        if number % 4 == 1:
            answers |= {
                "relu": "def relu(z1):\n    return z1",
                "output_delta": "def output_delta(A2, y):\n    return A2 - y",
            }
        if number % 4 == 2:
            answers |= {
                "softmax": "def softmax(z2):\n    return z2",
                "grad_w2": "def grad_w2(delta2, A1):\n    return A1",
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


def timed(command: list[str], folder: Path) -> float:
    begin = time.perf_counter()
    subprocess.run(
        command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
    )
    return time.perf_counter() - begin


ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "ignore"}


def spread(seconds: list[float], size: int) -> Time:
    each = sorted(one / size for one in seconds)
    return Time(each[len(each) // 2], each[0], each[-1])


def ours(course: Path, jobs: int) -> float:
    shutil.rmtree(course / "marks", ignore_errors=True)
    command = [
        sys.executable,
        "-m",
        "mlpcourse",
        "grade",
        "submitted",
        "-o",
        "marks",
        "--seed",
        "1",
        "--jobs",
        str(jobs),
    ]
    return timed(command, course)


def rows() -> Iterator[Row]:
    """Whole commands, start-up included, per submission and on one core; then the scaling and the memory."""
    nbgrader = os.environ.get("NBGRADER") or shutil.which("nbgrader") or str(Path(sys.executable).with_name("nbgrader"))
    with tempfile.TemporaryDirectory() as name:
        course = Path(name)
        if Path(nbgrader).exists():
            ENVIRONMENT["PATH"] = f"{Path(nbgrader).parent}:{os.environ['PATH']}"
            (course / "nbgrader_config.py").write_text("get_config().CourseDirectory.course_id = 'mlp'\n")
            (course / "source" / "assignment").mkdir(parents=True)
            shutil.copy(ROOT / "notebooks" / "assignment.ipynb", course / "source" / "assignment")
            timed([nbgrader, "generate_assignment", "assignment", "--ClearSolutions.enabled=False"], course)
            class_of(course / "submitted", CLASS)
            mine, theirs = [], []
            os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})  # children inherit it: one core for both
            for _ in range(TIMES):
                mine.append(ours(course, 1))
                theirs.append(timed([nbgrader, "autograde", "assignment", "--force"], course))
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            what = f"grade a submission of 12 exercises, {CLASS} in a run, one core"
            yield Row(what, spread(mine, CLASS), "nbgrader autograde", spread(theirs, CLASS), 15)
            shutil.rmtree(course / "submitted")
        size = 4 * CLASS
        class_of(course / "submitted", size)
        one, two = [], []
        for _ in range(TIMES):
            two.append(ours(course, 2))
            one.append(ours(course, 1))
        yield Row(f"grade with --jobs 2, {size} in a run", spread(two, size), "--jobs 1", spread(one, size), 1.7)
        yield memory(course)


def memory(course: Path) -> Row:
    """Megabytes at the end of 50 submissions and of a thousand (as "seconds": the table has no other unit)."""
    peaks = []
    for size in (50, MANY):
        shutil.rmtree(course / "submitted", ignore_errors=True)
        class_of(course / "submitted", size)
        code = (
            "import resource, sys; from mlpcourse.__main__ import main\n"
            "main(['grade', 'submitted', '-o', 'marks', '--seed', '1'])\n"
            "print('peak', resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
        )
        shutil.rmtree(course / "marks", ignore_errors=True)
        result = subprocess.run(
            [sys.executable, "-c", code], cwd=course, env=ENVIRONMENT, capture_output=True, text=True
        )
        peaks.append(float(result.stdout.split("peak ")[1]) / 1024)
    few, many = (Time(peak, peak, peak) for peak in peaks)
    return Row(f"peak memory in MB, {MANY} submissions", many, "50 submissions", few, 0.9)
