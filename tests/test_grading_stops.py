"""Grading that is stopped, by kill -9 at random or by its instructor, and goes on where it was."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from handed_in import GOOD, WHOLE, answers, functions, hand_in, rows, settings

from mlpcourse.__main__ import main
from mlpcourse.grading import grade, jobs, report, submissions
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.final import finals
from mlpcourse.grading.marks import Result
from mlpcourse.grading.roster import Roster
from mlpcourse.grading.sandbox import missing

pytestmark = pytest.mark.slow
sandboxed = pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}")

SEED = 3
POINTS, SLIP_SHARE = ASSIGNMENT.points, ASSIGNMENT.slip_share
ROOT = Path(__file__).parent.parent


def spawned(parent: int) -> list[int]:
    """The worker processes of a running command."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        listed = [int(child) for child in children.read_text().split()]
        return [child for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


@sandboxed
def test_a_class_survives_kill_9_at_random(tmp_path: Path):
    """Workers and coordinators are killed at random; the result is that of an undisturbed run, nothing graded twice.

    What a coordinator finds finished is not touched again. What was in hand when it was killed may be.
    A thousand submissions and sixty kills where all is drawn, else a small class and a few.
    One in ten cannot be run: no notebook, or nothing in it that could be. The others are, each in its own sandbox. What
    should come out is graded here, undisturbed: each text once, since the same text makes the same marks.
    """
    run = [
        answers({"relu": source, "grad_w2": functions()["grad_w2"]})
        for source in ("def relu(z1): return np.maximum(z1, 0)", "def relu(z1): return z1",
                       "def relu(z1): return missing", "def relu(z1): return abs(z1) + 1")
    ]  # fmt: skip
    unrun = [answers({"relu": "def relu(z1): ...", "softmax": "def softmax(z2) x"}), "no notebook", GOOD[:-9]]
    size, lives = (1000, 31) if WHOLE else (80, 2)
    texts = {f"s{n:04}": run[n % 4] if n % 10 else unrun[n // 10 % 3] for n in range(size)}
    folder, calm, rough = hand_in(tmp_path / "in", texts), tmp_path / "calm", tmp_path / "rough"
    command = [sys.executable, "-m", "mlpcourse", "grade", str(folder), "-o", str(rough), "--seed", "9", "--jobs", "2"]
    dice, seen, settled, killed, orphans = random.Random(4), {}, {}, [], set()

    def finished() -> int:
        for name in os.listdir(rough / "results") if (rough / "results").exists() else []:
            if name not in seen and not name.startswith("."):
                seen[name] = made(name)
        return len(seen)

    def made(name: str) -> tuple[int, int]:
        found = (rough / "results" / name).stat()
        return found.st_mtime_ns, found.st_ino

    def alive() -> list[int]:
        return [pid for pid in orphans if Path(f"/proc/{pid}").exists()]

    for life in range(lives):  # by progress, not by time: on a slow machine as on a quick one, work is cut off
        for _ in range(600):  # a worker ends when it has seen that its coordinator is gone
            if not alive():
                break
            time.sleep(0.1)
        seen.clear()
        finished()
        settled = dict(seen)
        first, last = finished() + dice.randint(1, 12), finished() + dice.randint(14, 28)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.02)
                if first <= finished() and (workers := spawned(process.pid)):
                    os.kill(dice.choice(workers), signal.SIGKILL)
                    killed.append("worker")
                    first = 2 * size
                if life < lives - 1 and last <= finished():
                    orphans |= set(spawned(process.pid))
                    process.kill()
                    killed.append("coordinator")
                    break
        assert {name: made(name) for name in settled} == settled, "graded twice"
        for name in seen:
            json.loads((rough / "results" / name).read_text())
        if "--resume" not in command:
            command.append("--resume")
    assert process.returncode == 0
    assert killed.count("coordinator") == lives - 1
    assert killed.count("worker") >= lives - 1
    assert orphans
    assert not alive(), "workers outlive their coordinator"

    once: dict[str, Result] = {}
    results = []
    for one in submissions.find(folder):
        if (text := texts[one.name]) not in once:
            once[text] = grade.grade(one, settings(9))
        results.append(replace(once[text], name=one.name, key=one.key))
        jobs.save(calm, one, results[-1])
    run = json.loads((rough / "run.json").read_text())
    assert run["seed"] == 9
    listed, _, _ = finals(list(zip(submissions.find(folder), results, strict=True)), ASSIGNMENT, Roster(), {})
    report.write_reports(listed, [], ASSIGNMENT, calm, run)
    (rough / "run.json").rename(calm / "run.json")
    files = [{path.relative_to(out) for path in out.rglob("*")} for out in (calm, rough)]
    assert files[0] == files[1] | {Path("run.json")}
    assert len(list(rough.glob("results/*.json"))) == size
    for path in rough.rglob("*"):
        assert path.is_dir() or path.read_bytes() == (calm / path.relative_to(rough)).read_bytes(), path.name


@sandboxed
def test_resume_grades_a_changed_notebook_anew(tmp_path: Path):
    folder = hand_in(tmp_path / "in", {"a": GOOD, "b": GOOD})
    out = folder / "marks"  # it is no student, though it lies among them
    assert main(["grade", str(folder), "-o", str(out)]) == 0
    assert main(["grade", str(folder), "-o", str(out)]) == 2
    (folder / "b.ipynb").write_text(answers({"relu": "def relu(z1): return missing"}))
    assert main(["grade", str(folder), "-o", str(out), "--resume"]) == 0
    assert [row["relu"] for row in rows(out).values()] == [str(POINTS["relu"]), "0"]


def test_the_table_and_the_pages_agree_on_what_is_no_number():
    one, empty = submissions.Submission("x", "x", "x"), Result("x", "x", "not graded", ("a reason",))
    listed, _, _ = finals([(one, empty)], ASSIGNMENT, Roster(), {})
    assert report.scores(listed, ASSIGNMENT).splitlines()[1] == "x" + "," * (len(POINTS) + 2) + "not graded,a reason,,,"
    assert empty.total is None
    assert jobs.saved(Path("/nonexistent"), one, ASSIGNMENT) is None
