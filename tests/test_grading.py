"""Grading: honest submissions get their points, bad files a row with a reason, and nothing leaks or gets lost."""

import csv
import io
import itertools
import json
import os
import random
import re
import signal
import struct
import subprocess
import sys
import time
import zipfile
from collections.abc import Mapping
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answers import slipped
from handed_in import answers, cluster, functions, hand_in, notebook, recorded, right

from mlpcourse.__main__ import main
from mlpcourse.exercises import EXERCISES, slips
from mlpcourse.exercises.code import CodeExercise, suspects
from mlpcourse.exercises.numbers import NumberExercise
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import grade, jobs, report, submissions
from mlpcourse.grading.assignment import ASSIGNMENT, SLIP_SHARE, student_seed
from mlpcourse.grading.wall import Child, Wall, missing

pytestmark = pytest.mark.slow
sandboxed = pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}")

SEED = 3
ROOT = Path(__file__).parent.parent


def graded(folder: Path) -> dict[str, grade.Result]:
    return {one.name: grade.grade(one, SEED, Wall()) for one in submissions.find(folder)}


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def head(source: str) -> str:
    return source.split("\n")[0]


def test_the_points_are_a_hundred():
    assert sum(ASSIGNMENT.values()) == 100
    assert set(ASSIGNMENT) <= set(EXERCISES)


def test_neighbours_have_other_numbers():
    students = [f"student {number}" for number in range(60)]
    numbers = [name for name in ASSIGNMENT if EXERCISES[name].kind == "number"]
    assert numbers
    for name in numbers:
        copied = [
            EXERCISES[name].judge(list(EXERCISES[name].truth(student_seed(one)).ravel()), student_seed(other)).right
            for one, other in itertools.pairwise(students)
        ]
        assert sum(copied) == 0, name


def test_the_notebook_and_the_points_agree():
    read = json.loads((ROOT / "notebooks" / "assignment.ipynb").read_text())
    marks = [cell["metadata"]["nbgrader"] for cell in read["cells"] if "nbgrader" in cell["metadata"]]
    assert {mark["grade_id"]: mark["points"] for mark in marks if mark["grade"]} == ASSIGNMENT
    assert all(
        mark["schema_version"] == 3 and mark["solution"] and not mark["locked"] for mark in marks if mark["grade"]
    )
    assert len({mark["grade_id"] for mark in marks}) == len(marks)
    found = submissions.answers(submissions.cells(json.dumps(read).encode()), list(ASSIGNMENT))
    assert all(answer.empty and not answer.trouble for answer in found.found.values())
    assert set(found.found) == set(ASSIGNMENT)


# --- honest submissions -----------------------------------------------------------------------------


def every_slip() -> dict[str, list[tuple[str, float]]]:
    """By exercise: the functions of learners who make one slip, and the points that follow from what `check` says.

    Where the catalogue has more than forty, as many of them, from all over it.
    """
    made: dict[str, list[tuple[str, float]]] = {}
    for name, points in ASSIGNMENT.items():
        exercise = EXERCISES[name]
        if not isinstance(exercise, CodeExercise):
            continue
        made[name] = []
        known = suspects(exercise, exercise.groups(SEED)[0]).candidates
        for one in known[:: 1 + len(known) // 40]:
            function = slipped(exercise, {one.node: one.step})
            try:
                source = recorded(exercise, function, SEED)
            except Exception:  # a slip after which the next step is impossible
                continue
            share = {"right": 1.0, "slip": SLIP_SHARE}.get(exercise.judge(function, SEED).kind, 0.0)
            made[name].append((source, round(share * points, 1)))
    return made


def numbers_of_slips(name: str, student: str) -> list[list[float]]:
    """By slip of the catalogue: the numbers of a student who makes it by hand; [] where they could be anything else.

    They speak for one slip when two of them or more are clearly off, and no other slip's are near.
    """
    exercise = EXERCISES[name]
    assert isinstance(exercise, NumberExercise)
    case, target = exercise.case(student_seed(student)), exercise.result
    right = slips.evaluate([target], case)[0].ravel()
    made = []
    for one in slips.candidates(tuple(case), (target,)):
        gives = np.ravel(slips.evaluate([target], case, {one.node: one.step})[0])
        made.append((one.slip.name, gives if gives.size == right.size else np.full(right.size, np.nan)))

    def speaks(slip: str, gives: np.ndarray) -> bool:
        if np.ptp(gives) == 0 or np.sum(np.abs(gives - right) > 0.02 * max(1, np.abs(right).max())) < 2:
            return False
        near = {other for other, those in made if np.abs(those - gives).max() < 0.02 * max(1, np.abs(those).max())}
        return near == {slip} or near in slips.EQUIVALENT_SLIPS

    return [gives.round(3).tolist() if speaks(slip, gives) else [] for slip, gives in made]


SLIPS = {
    "relu": "def relu(z1):\n    return z1",
    "softmax": "def softmax(z2):\n    e = np.exp(z2 - z2.max())\n    return e / e.sum(axis=1, keepdims=True)",
    "output_delta": "def output_delta(A2, y):\n    return A2 - y",
    "hidden_delta": "def hidden_delta(dA1, z1):\n    return dA1",
}
PARTLY = "import numpy as np\nfrom mlpcourse.exercises import check\n\n{}\n\ncheck({})\nprint('done')"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, str], float]]:
    """A class, and by student and exercise the points of those who make the catalogue's slips."""
    stubs = {name: EXERCISES[name].stub() for name in ASSIGNMENT}
    checked = {name: PARTLY.format(source, name) for name, source in functions().items()}
    helped = {**functions(), "softmax": "def softmax(z2):\n    return share(np.exp(z2 - z2.max(axis=0)))"}
    cells = [{"source": "def share(a):\n    return a / np.sum(a, axis=0)"}, {"source": "import math"}]
    cells += [{"id": name, "source": source} for name, source in helped.items()]
    worked_out = {
        name: source.replace("= [", "= 1.0 * np.array([").replace("]\n", "])\n")
        for name, source in right("worked out").items()
    }
    worked_out |= functions()
    odd = {
        "relu": "def relu(z1):\n    return np.maximum(z1, 0) + 0.001j",
        "softmax": f"{functions()['softmax']}\n_mine = softmax\ndef softmax(z2): return _mine(z2).tolist()",
        "output_delta": "def output_delta(y, A2):\n    return (A2 - y) / y.shape[1]",
        "grad_w2": f"import pandas as pd\n{functions()['grad_w2']}",
        "hidden_delta": "def hidden_delta(dA1, z1):\n    dA1[z1 < 0] = 0\n    return dA1",
        "backward": f"{functions()['backward']}\n_all = backward\n"
        "def backward(*a): return dict(zip(('w1', 'b1', 'w2', 'b2'), _all(*a)))",
    }
    folder = hand_in(
        tmp_path_factory.mktemp("honest"),
        {
            "right": answers(right("right")),
            "functions": answers(functions()),
            "worked out": answers(worked_out),
            "neighbour": answers(right("somebody else")),
            "checked": answers(checked),
            "helped": notebook(cells),
            "backwards": answers(dict(reversed(functions().items()))),
            "no ids": notebook([{"source": source} for source in functions().values()]),
            "magics": answers({n: f"%timeit 1\n!ls\nx = !ls\n{s}" for n, s in functions().items()}),
            "odd": answers(odd),
            "empty": answers(stubs),
            "partly": answers({**stubs, "relu": functions()["relu"]}),
            "raising": answers({name: f"{head(source)}\n    return missing" for name, source in functions().items()}),
            "wrong line": answers({**right("wrong line"), "spot_lost_factor": 'check("spot_lost_factor", 1)'}),
            **{f"slip {name}": answers({**functions(), name: source}) for name, source in SLIPS.items()},
        },
    )
    known, expected = every_slip(), {}
    for number in range(max(map(len, known.values()))):  # a slip in each exercise that has one left
        student = f"catalogue {number}"
        made = {name: listed[number] for name, listed in known.items() if number < len(listed)}
        for name in BY_HAND:  # one's own numbers, and each time the next slip
            gives = numbers_of_slips(name, student)
            if numbers := gives[number % len(gives)]:
                made[name] = f"mine = {numbers}\n\ncheck({name!r}, mine)", SLIP_SHARE * ASSIGNMENT[name]
        hand_in(folder, {student: answers({name: source for name, (source, _) in made.items()})})
        expected |= {(student, name): points for name, (_, points) in made.items()}
    return folder, expected


BY_HAND = [name for name in ASSIGNMENT if EXERCISES[name].kind == "number"]
CODE = sum(points for name, points in ASSIGNMENT.items() if EXERCISES[name].kind == "code")
NUMBERS = sum(ASSIGNMENT[name] for name in BY_HAND)
EXPECTED = {
    "right": 100, "worked out": 100, "neighbour": 100 - NUMBERS,
    "functions": CODE, "checked": CODE, "helped": CODE, "backwards": CODE, "no ids": CODE, "magics": CODE,
    "wrong line": 100 - ASSIGNMENT["spot_lost_factor"],
    "odd": sum(ASSIGNMENT[name] for name in ("softmax", "output_delta", "grad_w2", "hidden_delta", "backward")),
    "empty": 0, "partly": ASSIGNMENT["relu"], "raising": 0,
    **{f"slip {name}": CODE - (1 - SLIP_SHARE) * ASSIGNMENT[name] for name in SLIPS},
}  # fmt: skip


@sandboxed
@pytest.mark.parametrize("mode", ["local", "jobs", "cluster"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_honest_submissions_get_their_points(
    honest: tuple[Path, dict[tuple[str, str], float]], tmp_path: Path, mode: str
):
    folder, slips = honest
    shares = [name for (_, name), points in slips.items() if points == round(SLIP_SHARE * ASSIGNMENT[name], 1)]
    assert len(shares) > 100
    assert min(shares.count(name) for name in BY_HAND) > 20
    command = ["grade", str(folder), "-o", str(tmp_path / "out"), "--seed", str(SEED)]
    with cluster() if mode == "cluster" else nullcontext("") as address:
        assert main([*command, "--jobs", "2" if mode == "jobs" else "1", "--cluster", address]) == 0
    table = rows(tmp_path / "out")
    assert {name: float(table[name]["total"]) for name in EXPECTED} == pytest.approx(EXPECTED)
    assert {row["status"] for row in table.values()} == {"graded"}
    assert {(student, name): float(table[student][name]) for student, name in slips} == pytest.approx(slips)


@sandboxed
def test_the_same_seed_gives_the_same_result_and_explain_agrees(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    folder = hand_in(tmp_path / "in", {"student": answers({**functions(), **SLIPS})})
    outs = [tmp_path / "one", tmp_path / "two"]
    for out in outs:
        assert main(["grade", str(folder), "-o", str(out), "--seed", "5"]) == 0
    files = [{p.relative_to(out): p.read_bytes() for p in out.rglob("*") if p.is_file()} for out in outs]
    assert files[0] == files[1]
    capsys.readouterr()
    assert main(["grade", str(folder), "-o", str(outs[0]), "--explain", "student", "relu"]) == 0
    said = capsys.readouterr().out
    assert main(["grade", str(folder), "-o", str(outs[0]), "--explain", "student", "gate_by_hand"]) == 0
    [delta1] = re.findall(r"my_numbers = \[(.*)\]", capsys.readouterr().out)
    case = EXERCISES["gate_by_hand"].case(student_seed("student"))
    assert [float(number) for number in delta1.split(",")] == np.where(case["z1"] > 0, case["dA1"], 0).ravel().tolist()
    assert f"student, relu: {SLIP_SHARE * ASSIGNMENT['relu']:g} of {ASSIGNMENT['relu']} points" in said
    assert "return z1" in said
    assert "came back" in said


@sandboxed
def test_feedback_holds_no_expected_value_and_no_hidden_case(tmp_path: Path):
    leaks = {
        name: f"{head(source)}\n    values = [np.asarray(v).tolist() for v in locals().values()]\n"
        f"    raise ValueError(str(values))"
        for name, source in functions().items()
    }
    wrong = {
        name: f"{head(source)}\n    return {tuple([0.5] * len(EXERCISES[name].results))!r}"
        for name, source in functions().items()
        if isinstance(EXERCISES[name], CodeExercise)
    }
    doubled = {
        name: f"{s}\nold_{name} = {name}\ndef {name}(*a): return 2.5 * old_{name}(*a) + 0.25"
        for name, s in functions().items()
        if len(EXERCISES[name].results) == 1
    }
    folder = hand_in(tmp_path / "in", {"leaks": answers(leaks), "wrong": answers(wrong), "doubled": answers(doubled)})
    out = tmp_path / "out"
    assert main(["grade", str(folder), "-o", str(out), "--seed", str(SEED)]) == 0
    hidden = set()
    for name in ASSIGNMENT:
        if isinstance(exercise := EXERCISES[name], CodeExercise):
            for case in grade.cases(exercise, SEED):
                values = (
                    [*case.values(), *np.atleast_1d(exercise.reference(**case))] if len(exercise.results) == 1 else []
                )
                for value in values:  # and what the wrong answers make of it, from which it could be worked out
                    for told in (np.ravel(value), 2.5 * np.ravel(value) + 0.25):
                        hidden |= {f"{abs(float(number)):.4g}" for number in told}
    hidden = {number for number in hidden if len(number.replace(".", "")) >= 4}
    assert (
        "In line 3 of the cell, <code>raise ValueError(str(values))</code>" in (out / "feedback/leaks.html").read_text()
    )
    reasons = (out / "feedback" / "doubled.html").read_text()
    assert "18 of 18 entries differ. The first is [0, 0].<" in reasons
    assert "A column should sum to 1.<" in reasons
    for page in (out / "feedback").glob("*.html"):
        shown = {f"{float(text):.4g}" for text in re.findall(r"\d+\.\d+", page.read_text().split("</style>")[1])}
        assert not shown & hidden, page.name


def test_by_hand_numbers_are_those_of_who_hands_in(tmp_path: Path):
    def declared(name: str) -> str:
        by_hand = {exercise: text for exercise, text in right(name).items() if exercise in BY_HAND}
        return notebook([{"source": f"student = {name!r}"}, *({"id": n, "source": s} for n, s in by_hand.items())])

    files = {"anna_12345_assignment": "anna", "Ben": "  ben", "caro": "anna"}
    got = graded(hand_in(tmp_path, {file: declared(name) for file, name in files.items()}))
    assert {name: result.total for name, result in got.items()} == {
        "anna_12345_assignment": NUMBERS, "Ben": NUMBERS, "caro": 0,
    }  # fmt: skip
    assert [name for name, result in got.items() if any("says that it is" in note for note in result.notes)] == ["caro"]


@sandboxed
def test_what_the_time_is_not_enough_for_is_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grade, "BUDGET", 0.6)
    loop = "def relu(z1):\n    while True: pass"
    (result,) = graded(hand_in(tmp_path, {"slow": answers({**functions(), "relu": loop})})).values()
    assert (result.status, result.marks["relu"].points) == ("partly graded", 0)
    assert all(result.marks[name].points is None for name in functions() if name != "relu")
    assert any("not graded: softmax" in note for note in result.notes)
    empty = report.scores([result]).splitlines()[1].split(",")[2:5]
    assert empty == [""] * 3


@sandboxed
def test_a_sandbox_that_ends_without_fault_gets_a_second_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class EndedOnce(Child):
        ended = False

        def tell(self, header: Mapping[str, Any], data: bytes, replies: int = 1) -> None:
            if header["do"] == "call" and not EndedOnce.ended:
                EndedOnce.ended = True
                super().tell({"do": "define", "name": "end", "source": "import os\n_ = os._exit(0)"}, b"")
            super().tell(header, data, replies)

    monkeypatch.setattr(grade, "Child", EndedOnce)
    folder = hand_in(tmp_path, {"a": answers({"relu": functions()["relu"]})})
    assert graded(folder)["a"].total == ASSIGNMENT["relu"]
    assert EndedOnce.ended


def test_the_summary_counts_and_the_feedback_names_the_line(tmp_path: Path):
    def result(name: str, points: float, verdict: Verdict) -> grade.Result:
        full = {exercise: grade.Mark(out_of, Verdict("right", exercise)) for exercise, out_of in ASSIGNMENT.items()}
        return grade.Result(name, name, "graded", (), {**full, "backward": grade.Mark(points, verdict)})

    slip = Verdict("slip", "backward", "a slip made twice", slip="x")
    raised = Verdict("raised", "backward", "NameError: x", facts=("In line 2 of the cell, `return x`.",))
    class_ = [result("a", 5.6, slip), result("b", 5.6, slip), result("c", 0, raised)]
    class_ += [grade.Result("d", "d", "not graded", ("it is <b>broken</b>",))]
    report.write_reports(class_, tmp_path, 1, unsafe=False)
    text = (tmp_path / "summary.html").read_text()
    assert "4 submissions: 3 graded, 1 not graded" in text
    assert re.search(r"a slip made twice</td><td class=.number.>2</td>", text)
    assert "80-90: 1, 90-100: 2" in text
    assert "it is &lt;b&gt;broken" in text
    assert re.search(r"<code>backward</code></td>" + r"<td class=.number.>(\d)</td>" * 4, text).groups() == tuple(
        "0210"
    )
    assert "<code>return x</code>" in (tmp_path / "feedback" / "c.html").read_text()


@sandboxed
def test_pages_escape_what_submissions_say(tmp_path: Path):
    evil = "<script>alert(1)</script>"
    source = f"def relu(z1):\n    '{evil}'\n    raise type('{evil}', (Exception,), {{}})('{evil}')"
    folder = hand_in(tmp_path / "in", {"a": answers({"relu": source})})
    (folder / "a.ipynb").rename(folder / f"{evil.replace('/', '')}.ipynb")
    out = tmp_path / "out"
    assert main(["grade", str(folder), "-o", str(out), "--seed", "1"]) == 0
    for page in [out / "summary.html", *(out / "feedback").iterdir()]:
        assert "<script" not in page.read_text()
        assert "http" not in page.read_text().replace("http-equiv", "")


# --- bad input --------------------------------------------------------------------------------------


def zipped(path: Path, entries: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path


GOOD = answers({"relu": "def relu(z1): return np.maximum(z1, 0)"})

BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "truncated": (GOOD.encode()[:-40], "not JSON"),
    "not json": (b"\x89PNG\r\n", "not JSON"),
    "json but no notebook": (b'{"a": 1}', "not a notebook"),
    "a list": (b"[]", "not a notebook"),
    "nbformat 3": (notebook([], nbformat=3).encode(), "format 3"),
    "nbformat evil": (notebook([], nbformat={"x": ["="] * 99}).encode(), "format"),
    "no cells": (b'{"nbformat": 4}', "no list of cells"),
    "cells of the wrong kind": (
        b'{"nbformat": 4, "cells": [1, null, {"cell_type": "code", "source": 3}]}',
        "no answer",
    ),
    "no answers": (notebook([{"source": "x = 1"}]).encode(), "no answer"),
    "deep": (b"[" * 200_000, "not JSON"),
    "huge": (b" " * (submissions.LARGEST + 1), "larger than"),
    "lone surrogate": (notebook([{"id": "softmax", "source": "\ud800"}]).encode(), ""),
    "long cell": (notebook([{"id": "softmax", "source": "x = 1\n" * 20_000}]).encode(), ""),
    "null bytes": (notebook([{"id": "softmax", "source": "def softmax(z2):\0 pass"}]).encode(), ""),
}


@sandboxed
def test_every_bad_file_gets_a_row_with_a_reason_and_stops_nobody(tmp_path: Path):
    folder, out = tmp_path / "in", tmp_path / "out"
    hand_in(folder, {"good": GOOD})
    for name, (data, _) in BAD.items():
        (folder / f"{name}.ipynb").write_bytes(data)
    (folder / "utf16.ipynb").write_bytes(GOOD.encode("utf-16"))
    (folder / "notes.pdf").write_text("no notebook")
    (folder / "link.ipynb").symlink_to("/etc/passwd")
    (folder / "none").mkdir()
    hand_in(folder / "two", {"first": GOOD, "second": GOOD})
    hand_in(folder / "nested" / "deeper", {"assignment": GOOD, "draft": GOOD})
    os.mkfifo(folder / "pipe.ipynb")
    assert main(["grade", str(folder), "-o", str(out), "--seed", "1"]) == 0
    table = rows(out)
    for name, (_, reason) in BAD.items():
        row = table[name]
        assert row["notes"], name
        assert reason in row["notes"], (name, row["notes"])
        if reason:
            assert (row["status"], row["total"]) == ("not graded", ""), name
    for name, reason in {
        "notes.pdf": ".ipynb",
        "link": "symbolic link",
        "none": "no notebook",
        "pipe": "not a file",
    }.items():
        assert reason in table[name]["notes"]
        assert table[name]["status"] == "not graded"
    assert "2 notebooks" in table["two"]["notes"]
    assert "taken of 2 notebooks" in table["nested"]["notes"]
    for name in ("good", "utf16", "nested"):
        assert float(table[name]["relu"]) == ASSIGNMENT["relu"], name


@sandboxed
def test_names_that_bite(tmp_path: Path):
    names = ["=cmd()", "+1", "-1", "@x", "a'b\"c", "ä ö", "😀", "x" * 200, "con", "..dots", "new\nline", "a,b;c", "~"]
    folder, out = hand_in(tmp_path / "in", dict.fromkeys(names, GOOD)), tmp_path / "out"
    before = set(tmp_path.rglob("*"))
    assert main(["grade", str(folder), "-o", str(out), "--seed", "1"]) == 0
    assert {p for p in tmp_path.rglob("*") if p not in before and not p.is_relative_to(out)} == set()
    listed = list(csv.reader(io.StringIO((out / "scores.csv").read_text(encoding="utf-8"))))
    assert len(listed) == 1 + len(names) - 1  # the name that begins with a dot is a hidden file
    for row in listed[1:]:
        assert not row[0].startswith(("=", "+", "-", "@"))
        assert float(row[1]) == ASSIGNMENT["relu"]
    assert len(list((out / "feedback").iterdir())) == len(names) - 1


@sandboxed
def test_zip_files_are_read_in_place(tmp_path: Path):
    bomb = b'{"nbformat": 4, "cells": [' + b" " * (submissions.LARGEST + 10)
    path = zipped(
        tmp_path / "lms.zip",
        {
            "class/anna_1/assignment.ipynb": GOOD, "class/ben_2/assignment.ipynb": GOOD,
            "class/ben_2/draft.ipynb": GOOD, "class/../../../slip.ipynb": GOOD, "class/bomb.ipynb": bomb,
            "class/essay.docx": "x", "__MACOSX/x.ipynb": GOOD,
            "class/flat.ipynb": GOOD, "class/anna_1/.ipynb_checkpoints/assignment.ipynb": GOOD,
        },
    )  # fmt: skip
    with zipfile.ZipFile(path, "a") as archive:
        link = zipfile.ZipInfo("class/link.ipynb")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    before = set(tmp_path.rglob("*"))
    assert main(["grade", str(path), "-o", str(tmp_path / "out"), "--seed", "1"]) == 0
    assert {p for p in tmp_path.rglob("*") if p not in before and not p.is_relative_to(tmp_path / "out")} == set()
    notes = {name: (row["status"], row["notes"]) for name, row in rows(tmp_path / "out").items()}
    by_reason = {
        "symbolic link": [n for n, (_, note) in notes.items() if "symbolic link" in note],
        "larger than": [n for n, (_, note) in notes.items() if "larger than" in note],
        "outside its folder": [n for n, (_, note) in notes.items() if "outside its folder" in note],
    }
    assert all(by_reason.values()), notes
    assert sum(status == "graded" for status, _ in notes.values()) >= 3


def test_a_class_in_one_folder_of_a_zip_with_something_beside_it(tmp_path: Path):
    entries = {"class/anna/assignment.ipynb": GOOD, "class/ben/mine.ipynb": GOOD, "class/ben/data.csv": "1",
               "README.txt": "x", "class/caro/assignment.ipynb": GOOD, "class/caro/draft.ipynb": GOOD}  # fmt: skip
    found = {one.name: one for one in submissions.find(zipped(tmp_path / "lms.zip", entries))}
    assert set(found) == {"anna", "ben", "caro", "README.txt"}
    assert "not a notebook" in found["README.txt"].problem
    assert found["caro"].notes == ("assignment.ipynb was taken of 2 notebooks in its folder",)
    assert not found["anna"].notes


def test_links_and_locked_entries_are_told(tmp_path: Path):
    (tmp_path / "in" / "linked").mkdir(parents=True)
    (tmp_path / "in" / "linked" / "assignment.ipynb").symlink_to("/etc/passwd")
    (one,) = submissions.find(tmp_path / "in")
    assert "symbolic link" in one.problem
    path = zipped(tmp_path / "locked.zip", {"anna.ipynb": GOOD})
    data = bytearray(path.read_bytes())
    for mark, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(mark) + flags] |= 1
    path.write_bytes(data)
    (one,) = submissions.find(path)
    assert "password" in one.problem


def test_the_last_of_several_cells_counts_and_what_it_uses_comes_along():
    cells = [
        {"source": "def scaled(a):\n    return a * factor"}, {"source": "unused = 1"}, {"source": "factor = 2"},
        {"id": "relu", "source": "def relu(z1): return 1"}, {"id": "relu", "source": "def relu(z1): return scaled(z1)"},
        {"id": "softmax", "source": "pass"}, {"id": "renamed", "source": "def softmax(z2): return 3"},
    ]  # fmt: skip
    found = submissions.answers(submissions.cells(notebook(cells).encode()), ["relu", "softmax"])
    assert found.found["relu"].source == cells[4]["source"]
    assert found.found["softmax"].source == cells[6]["source"]
    assert found.helpers == "def scaled(a):\n    return a * factor\nfactor = 2"
    assert any("2 cells carry the id relu" in note for note in found.notes)
    assert any("not by its id" in note for note in found.notes)


def test_a_student_who_hands_in_twice_is_told_apart(tmp_path: Path):
    folder = hand_in(tmp_path / "in", {"anna": GOOD, "Anna": GOOD})
    hand_in(folder / "anna", {"assignment": GOOD})
    found = submissions.find(folder)
    assert len({one.key.lower() for one in found}) == 3
    assert all(any("3 submissions" in note for note in one.notes) for one in found)


def test_what_cannot_be_graded_at_all_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "bad.zip").write_text("no zip")
    (tmp_path / "nothing").mkdir()
    for source, said in {"bad.zip": "nor a zip file", "nothing": "nothing in", "absent": "no folder or zip"}.items():
        assert main(["grade", str(tmp_path / source), "-o", str(tmp_path / "out")]) == 2
        error = capsys.readouterr().err
        assert error.startswith("mlpcourse grade: ")
        assert said in error
    hand_in(tmp_path / "in", {"good": GOOD})
    for options, said in {
        "--cluster rubbish": "--cluster takes an address", "--jobs 0": "--jobs must be 1 or more",
        "--explain good relu": "no run.json" if not missing() else "bubblewrap",
    }.items():  # fmt: skip
        assert main(["grade", str(tmp_path / "in"), "-o", str(tmp_path / "out"), *options.split()]) == 2
        error = capsys.readouterr().err
        assert error.startswith("mlpcourse grade: ")
        assert said in error
    assert not (tmp_path / "out").exists()


def test_without_bubblewrap_it_refuses_and_says_what_to_do(tmp_path: Path):
    folder = hand_in(tmp_path / "in", {"good": GOOD})
    command = [sys.executable, "-m", "mlpcourse", "grade", str(folder), "-o"]
    environment = {**os.environ, "PATH": str(tmp_path)}
    refused = subprocess.run([*command, str(tmp_path / "a")], capture_output=True, text=True, env=environment)
    assert refused.returncode == 2
    assert "apt install bubblewrap" in refused.stderr
    assert "--unsafe" in refused.stderr
    assert not (tmp_path / "a").exists()
    unsafe = subprocess.run(
        [*command, str(tmp_path / "b"), "--unsafe"], capture_output=True, text=True, env=environment
    )
    assert unsafe.returncode == 0, unsafe.stderr
    assert "without the sandbox" in rows(tmp_path / "b")["good"]["notes"]
    for page in [tmp_path / "b" / "summary.html", *(tmp_path / "b" / "feedback").iterdir()]:
        assert "without the sandbox" in page.read_text()


@sandboxed
@pytest.mark.filterwarnings("ignore::Warning")
def test_points_arrive_in_nbgraders_gradebook(tmp_path: Path):
    api = pytest.importorskip(
        "nbgrader.api", reason="nbgrader is an optional extra: pip install 'mlpcourse[gradebook]'"
    )
    folder = hand_in(tmp_path / "in", {"anna": GOOD, "broken": "no notebook"})
    book = tmp_path / "gradebook.db"
    assert main(["grade", str(folder), "-o", str(tmp_path / "out"), "--gradebook", str(book)]) == 0
    with api.Gradebook(f"sqlite:///{book}") as read:
        assert [student.id for student in read.students] == ["anna"]
        assert read.find_submission("assignment", "anna").score == ASSIGNMENT["relu"]


@sandboxed
def test_what_the_runner_puts_off_is_there_when_it_is_asked_for():
    """numpy imports modules that it seldom needs: an answer that uses them gets the real ones."""
    source = """
import ctypes, pickle, platform, textwrap, tokenize

def relu(z1):
    again = pickle.loads(pickle.dumps(z1))
    np.testing.assert_array_equal(np.ma.array(again), np.ctypeslib.as_array(again))
    assert np.frombuffer(ctypes.string_at(z1.ctypes.data, z1.nbytes))[2] == 2
    assert platform.python_version() and textwrap.wrap("a b") and tokenize.NAME and np.random.default_rng().random()
    return np.maximum(again, 0)
"""
    plan = grade.Plan(tasks=(grade.call("relu", source, [{"z1": np.array([-1.0, 0.0, 2.0])}], 1),))
    (reply,) = grade.run(plan, Wall())["relu"].replies
    assert grade.heard(reply).tolist() == [0, 0, 2]


def test_garbled_replies_are_refused():
    assert grade.heard(b"V\0\1\1" + struct.pack(">Id", 1, 0)).shape == (1,)
    for reply in (b"", b"V", b"V\0\1\x09" + struct.pack(">9I", *[1] * 9) + bytes(8), b"V\1\x09" + 9 * bytes(9),
                  b"V\0\1\2" + struct.pack(">2I", 0, 1 << 31), b"V\0\2", b"V\1\xff" + b"\0" * 600,
                  b"V\0\1\2" + b"\xff" * 8, b"O", b"Ox\0\0", b"On\xff\0",
                  b"E\0\0", b"Z", b"V\0\1\0" + b"\0" * 9):  # fmt: skip
        with pytest.raises(grade.Garbled):
            grade.heard(reply)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        reply = b"V" + rng.integers(0, 256, rng.integers(0, 60), dtype=np.uint8).tobytes()
        try:
            grade.heard(reply)
        except grade.Garbled:
            continue


# --- any stop -----------------------------------------------------------------------------------------


def spawned(parent: int) -> list[int]:
    """The worker processes of a running command."""
    children = Path(f"/proc/{parent}/task/{parent}/children")
    try:
        listed = [int(child) for child in children.read_text().split()]
        return [child for child in listed if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]
    except OSError:
        return []


@sandboxed
def test_a_thousand_submissions_survive_kill_9_at_random(tmp_path: Path):
    """Workers and coordinators are killed at random; the result is that of an undisturbed run, nothing graded twice.

    One in ten cannot be run: no notebook, or nothing in it that could be. The others are, each in its own sandbox. What
    should come out is graded here, undisturbed: each text once, since the same text makes the same marks.
    """
    run = [
        answers({"relu": source, "grad_w2": functions()["grad_w2"]})
        for source in ("def relu(z1): return np.maximum(z1, 0)", "def relu(z1): return z1",
                       "def relu(z1): return missing", "def relu(z1): return abs(z1) + 1")
    ]  # fmt: skip
    unrun = [answers({"relu": "def relu(z1): ...", "softmax": "def softmax(z2) x"}), "no notebook", GOOD[:-9]]
    texts = {f"s{n:04}": run[n % 4] if n % 10 else unrun[n // 10 % 3] for n in range(1000)}
    folder, calm, rough = hand_in(tmp_path / "in", texts), tmp_path / "calm", tmp_path / "rough"
    command = [sys.executable, "-m", "mlpcourse", "grade", str(folder), "-o", str(rough), "--seed", "9", "--jobs", "2"]
    dice, seen, killed, orphans = random.Random(4), {}, [], set()

    def finished() -> int:
        for name in os.listdir(rough / "results") if (rough / "results").exists() else []:
            if name not in seen and not name.startswith("."):
                seen[name] = made(name)
        return len(seen)

    def made(name: str) -> tuple[int, int]:
        found = (rough / "results" / name).stat()
        return found.st_mtime_ns, found.st_ino

    for life in range(5):  # by progress, not by time: on a slow machine as on a quick one, work is cut off
        first, last = finished() + dice.randint(5, 40), finished() + dice.randint(60, 150)
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            while process.poll() is None:
                time.sleep(0.02)
                if first <= finished() and (workers := spawned(process.pid)):
                    os.kill(dice.choice(workers), signal.SIGKILL)
                    killed.append("worker")
                    first = 2000
                if life < 4 and last <= finished():
                    orphans |= set(spawned(process.pid))
                    process.kill()
                    killed.append("coordinator")
                    break
        for name in seen:
            json.loads((rough / "results" / name).read_text())
        if "--resume" not in command:
            command.append("--resume")
    finished()
    assert {name: made(name) for name in seen} == seen, "graded twice"
    assert process.returncode == 0
    assert killed.count("coordinator") == 4
    assert killed.count("worker") >= 4
    assert orphans
    assert not [pid for pid in orphans if Path(f"/proc/{pid}").exists()], "workers outlive their coordinator"

    once: dict[str, grade.Result] = {}
    results = []
    for one in submissions.find(folder):
        if (text := texts[one.name]) not in once:
            once[text] = grade.grade(one, 9, Wall())
        results.append(replace(once[text], name=one.name, key=one.key))
        jobs.save(calm, one, results[-1])
    report.write_reports(results, calm, 9, unsafe=False)
    assert json.loads((rough / "run.json").read_text())["seed"] == 9
    (rough / "run.json").rename(calm / "run.json")
    files = [{path.relative_to(out) for path in out.rglob("*")} for out in (calm, rough)]
    assert files[0] == files[1] | {Path("run.json")}
    assert len(list(rough.glob("results/*.json"))) == 1000
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
    assert [row["relu"] for row in rows(out).values()] == [str(ASSIGNMENT["relu"]), "0"]


def test_the_table_and_the_pages_agree_on_what_is_no_number():
    empty = grade.Result("x", "x", "not graded", ("a reason",))
    assert report.scores([empty]).splitlines()[1] == "x" + "," * (len(ASSIGNMENT) + 2) + "not graded,a reason"
    assert empty.total is None
    assert jobs.saved(Path("/nonexistent"), submissions.Submission("x", "x", "x")) is None
