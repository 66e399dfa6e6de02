"""Grading: honest submissions get their points, bad files a row with a reason, and nothing leaks or gets lost."""

import itertools
import json
import os
import re
import struct
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answers import slipped
from handed_in import GOOD, WHOLE, answers, cluster, functions, graded, hand_in, notebook, right, rows

from mlpcourse.__main__ import main
from mlpcourse.exercises import graph, slips
from mlpcourse.exercises.code import CodeExercise, suspects
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.numbers import NumberExercise
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import grade, marks, report, runner, submissions
from mlpcourse.grading.assignment import ALL, ASSIGNMENT, DRAWN
from mlpcourse.grading.final import finals
from mlpcourse.grading.marks import Mark, Result
from mlpcourse.grading.names import student_seed
from mlpcourse.grading.notebook import Answer, read
from mlpcourse.grading.questions import find_in_output
from mlpcourse.grading.replies import Garbled, decode_reply
from mlpcourse.grading.roster import Roster
from mlpcourse.grading.sandbox import Child, Sandbox, missing

pytestmark = pytest.mark.slow
sandboxed = pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}")

SEED = 3
POINTS, SLIP_SHARE = ASSIGNMENT.points, ASSIGNMENT.slip_share
ROOT = Path(__file__).parent.parent


def head(source: str) -> str:
    return source.split("\n")[0]


def test_the_points_are_a_hundred():
    assert sum(POINTS.values()) == 100
    assert set(POINTS) <= set(ALL)


def test_neighbours_have_other_numbers():
    students = [f"student {number}" for number in range(60)]
    numbers = [name for name in POINTS if ALL[name].kind == "number"]
    assert numbers
    for name in numbers:
        copied = [
            ALL[name].judge(list(ALL[name].truth(student_seed(one)).ravel()), student_seed(other)).right
            for one, other in itertools.pairwise(students)
        ]
        assert sum(copied) == 0, name


def test_the_notebook_and_the_points_agree():
    notebook = json.loads((ROOT / "notebooks" / "assignment.ipynb").read_text())
    marks = [cell["metadata"]["nbgrader"] for cell in notebook["cells"] if "nbgrader" in cell["metadata"]]
    assert {mark["grade_id"]: mark["points"] for mark in marks if mark["grade"]} == POINTS
    assert all(
        mark["schema_version"] == 3 and mark["solution"] and not mark["locked"] for mark in marks if mark["grade"]
    )
    assert len({mark["grade_id"] for mark in marks}) == len(marks)
    found = read(json.dumps(notebook).encode(), list(POINTS), Sandbox())
    assert all(answer.empty and not answer.trouble for answer in found.answers.values())
    assert set(found.answers) == set(POINTS)


# --- honest submissions -----------------------------------------------------------------------------


def replies_of(exercise: CodeExercise, function: Callable[..., Any], cases: Sequence[Case]) -> tuple[bytes, ...]:
    """What the sandbox would send back of a function, by the runner's own code. Raises what the function raises."""
    said = []
    for case in cases:
        given = {name: np.copy(value) if isinstance(value, np.ndarray) else value for name, value in case.items()}
        with np.errstate(all="ignore"):
            said.append(runner.packed(function(*given.values()), len(exercise.results)))
    return tuple(said)


def is_argument_or_constant(exercise: CodeExercise, function: Callable[..., Any], cases: Sequence[Case]) -> bool:
    """Whether a wrong result of the function could have been had without computing anything."""
    columns: dict[int, list[tuple[Any, Any, Any]]] = {}
    for case in cases:
        pair = (
            value if isinstance(value, tuple) else (value,)
            for value in (function(*case.values()), exercise.reference(**case))
        )
        for number, (mine, truth) in enumerate(zip(*pair, strict=True)):
            mine, truth = np.asarray(mine), np.asarray(truth)
            if truth.size > 1 and not (mine.shape == truth.shape and np.allclose(mine, truth, 1e-5)):
                columns.setdefault(number, []).append((mine, truth, case))
    return any(map(_only_given, columns.values()))


def _only_given(wrong: Sequence[tuple[Any, Any, Any]]) -> bool:
    if all(mine.size == 1 or np.ptp(mine) < 1e-12 for mine, _, _ in wrong):
        return True

    def along(mine: Any, given: Any) -> bool:
        if not isinstance(given, np.ndarray) or given.size != mine.size:
            return False
        rows = np.array([mine.ravel(), given.ravel(), given.T.ravel()])
        return any(np.linalg.matrix_rank(rows[[0, turn]], 1e-6 * np.abs(rows).max()) < 2 for turn in (1, 2))

    return any(all(along(mine, case[name]) for mine, _, case in wrong) for name in wrong[0][2])


@pytest.mark.parametrize("name", [name for name in POINTS if isinstance(ASSIGNMENT.exercises[name], CodeExercise)])
def test_slips_earn_their_share(name: str):
    """Learners who make one slip, in each exercise some: what `check` calls one slip earns the share, nothing else."""
    exercise = ASSIGNMENT.exercises[name]
    assert isinstance(exercise, CodeExercise)
    cases = grade.draw(exercise, SEED, 5)
    known = suspects(exercise, cases.known[0]).candidates
    shares = 0
    for one in known[:: 1 + len(known) // (40 if WHOLE else 14)]:
        function = slipped(exercise, {one.node: one.step})
        try:
            seen = marks.Seen("finished", b"D", replies_of(exercise, function, cases.calls()))
        except Exception:  # a slip after which the next step is impossible
            continue
        verdict, share = marks._of_function(exercise, Answer("pass"), "", cases, seen)
        on_check = exercise.judge(function, SEED)
        one_slip = on_check.kind == "slip" and not on_check.also and "other way" not in str(on_check.facts)
        with np.errstate(all="ignore"):
            expected = on_check.right or (one_slip and not is_argument_or_constant(exercise, function, cases.calls()))
        assert (verdict.kind, bool(share)) == (on_check.kind, expected), one.slip.name
        shares += verdict.kind == "slip" and bool(share)
    assert shares > 3 or not known


def numbers_of_slips(name: str, student: str) -> list[list[float]]:
    """By slip of the catalogue: the numbers of a student who makes it by hand; [] where they could be anything else.

    They speak for one slip when two of them or more are clearly off, and no other slip's are near.
    """
    exercise = ALL[name]
    assert isinstance(exercise, NumberExercise)
    case, target = exercise.case(student_seed(student)), exercise.result
    right = graph.evaluate([target], case)[0].ravel()
    made = []
    for one in slips.candidates(tuple(case), (target,)):
        gives = np.ravel(graph.evaluate([target], case, {one.node: one.step})[0])
        made.append((one.slip.name, gives if gives.size == right.size else np.full(right.size, np.nan)))

    def speaks(slip: str, gives: np.ndarray) -> bool:
        if any(np.array_equal(gives, np.ravel(given)) for given in case.values()):
            return False  # handed back as it was given: nothing was computed
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
ARGUMENTS = ("relu", "hidden_delta")  # of these slips: nothing was computed, so they earn nothing


def cells_of(sources: dict[str, str]) -> list[dict[str, Any]]:
    return [{"id": name, "source": source} for name, source in sources.items()]


PARTLY = "import numpy as np\nfrom mlpcourse.exercises import check\n\n{}\n\ncheck({})\nprint('done')"


@pytest.fixture(scope="module")
def honest(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[tuple[str, str], float]]:
    """A class, and by student and exercise the points of those who make the catalogue's slips."""
    stubs = {name: ALL[name].stub() for name in POINTS}
    checked = {name: PARTLY.format(source, name) for name, source in functions().items()}
    helped = {**functions(), "softmax": "def softmax(z2):\n    return share(np.exp(z2 - z2.max(axis=0)))"}
    cells = [{"source": "def share(a):\n    return a / np.sum(a, axis=0)"}, {"source": "import math"}]
    cells += [{"id": name, "source": source} for name, source in helped.items()]
    worked_out = {
        name: re.sub(r"= \[(.*?)\]", r"= 1.0 * np.array([\1])", source) for name, source in right("worked out").items()
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
    wrong = find_in_output.drawn(student_seed("wrong line"))[1] % 7 + 1
    wrong_line = {**right("wrong line"), "find_in_output": f'check("find_in_output", {wrong})'}
    folder = hand_in(
        tmp_path_factory.mktemp("honest"),
        {
            "right": answers(right("right")),
            "functions": answers(functions()),
            "worked out": answers(worked_out),
            "neighbour": notebook([{"source": "student = 'neighbour'"}, *cells_of(right("somebody else"))]),
            "checked": answers(checked),
            "helped": notebook(cells),
            "backwards": answers(dict(reversed(functions().items()))),
            "no ids": notebook([{"source": source} for source in functions().values()]),
            "magics": answers({n: f"%timeit 1\n!ls\nx = !ls\n{s}" for n, s in functions().items()}),
            "odd": answers(odd),
            "empty": answers(stubs),
            "partly": answers({**stubs, "relu": functions()["relu"]}),
            "raising": answers({name: f"{head(source)}\n    return missing" for name, source in functions().items()}),
            "wrong line": notebook([{"source": "student = 'wrong line'"}, *cells_of(wrong_line)]),
            **{f"slip {name}": answers({**functions(), name: source}) for name, source in SLIPS.items()},
        },
    )
    expected = {}
    for number in range(40):
        student = f"catalogue {number}"
        made = {}
        for name in BY_HAND:  # one's own numbers, and each time the next slip
            gives = numbers_of_slips(name, student)
            if numbers := gives[number % len(gives)]:
                made[name] = f"mine = {numbers}\n\ncheck({name!r}, mine)", round(SLIP_SHARE * POINTS[name], 1)
        by_hand = cells_of({name: source for name, (source, _) in made.items()})
        if by_hand:
            hand_in(folder, {student: notebook([{"source": f"student = {student!r}"}, *by_hand])})
        expected |= {(student, name): points for name, (_, points) in made.items()}
    return folder, expected


BY_HAND = [name for name in POINTS if ALL[name].kind == "number"]
CODE = sum(points for name, points in POINTS.items() if ALL[name].kind == "code")
DRAWN_POINTS = sum(POINTS[name] for name, one in ASSIGNMENT.exercises.items() if one.kind in DRAWN)
NUMBERS = sum(POINTS[name] for name in BY_HAND)
EXPECTED = {
    "right": 100, "worked out": 100, "neighbour": 100 - DRAWN_POINTS,
    "functions": CODE, "checked": CODE, "helped": CODE, "backwards": CODE, "no ids": CODE, "magics": CODE,
    "wrong line": 100 - POINTS["find_in_output"],
    "odd": sum(POINTS[name] for name in ("softmax", "output_delta", "grad_w2", "hidden_delta", "backward")),
    "empty": 0, "partly": POINTS["relu"], "raising": 0,
    **{f"slip {name}": CODE - (1 - SLIP_SHARE * (name not in ARGUMENTS)) * POINTS[name] for name in SLIPS},
}  # fmt: skip


@sandboxed
@pytest.mark.parametrize("mode", ["local", "jobs", "cluster"] if WHOLE else ["local"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::ResourceWarning")
def test_honest_submissions_get_their_points(
    honest: tuple[Path, dict[tuple[str, str], float]], tmp_path: Path, mode: str
):
    folder, slips = honest
    shares = [name for (_, name), points in slips.items() if points == round(SLIP_SHARE * POINTS[name], 1)]
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
    [delta1] = re.findall(r"my_numbers = (\[.*?\])", capsys.readouterr().out)
    case = ALL["gate_by_hand"].case(student_seed("student"))
    assert eval(delta1) == pytest.approx(np.where(case["z1"] > 0, case["dA1"], 0).ravel().tolist())
    assert f"student, relu: 0 of {POINTS['relu']} points" in said
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
        name: f"{head(source)}\n    return {tuple([0.5] * len(ALL[name].results))!r}"
        for name, source in functions().items()
        if isinstance(ALL[name], CodeExercise)
    }
    doubled = {
        name: f"{s}\nold_{name} = {name}\ndef {name}(*a): return 2.5 * old_{name}(*a) + 0.25"
        for name, s in functions().items()
        if len(ALL[name].results) == 1
    }
    folder = hand_in(tmp_path / "in", {"leaks": answers(leaks), "wrong": answers(wrong), "doubled": answers(doubled)})
    out = tmp_path / "out"
    assert main(["grade", str(folder), "-o", str(out), "--seed", str(SEED)]) == 0
    hidden = set()
    for name in POINTS:
        if isinstance(exercise := ALL[name], CodeExercise):
            for case in grade.draw(exercise, SEED, 1).calls():
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


@sandboxed
def test_the_name_typed_in_the_notebook_decides_the_numbers(tmp_path: Path):
    def by_hand(name: str, *setting: str) -> str:
        mine = cells_of({exercise: text for exercise, text in right(name).items() if exercise in BY_HAND})
        return notebook([*({"source": source} for source in setting), *mine])

    ada = "Ada O\u2019Neil-Müller"
    notebooks = {
        "anything": by_hand(ada, f"student = {ada!r}"),
        "oneilada": by_hand("muller oneil ada", f"student = {ada!r}"),
        "later": by_hand(ada, 'student = ""', f"student = {ada!r}"),
        "renamed": by_hand(ada, f"NAME = {ada!r}", "student = NAME"),
        "argument": by_hand(ada, 'student = ""', f"check, given = for_student({ada!r})"),
        "worked out": by_hand(ada, f"names = [{ada!r}]\nstudent = names[0].upper()"),
        "neighbours": by_hand("somebody else", f"student = {ada!r}"),
        "Ada Oneil Muller": by_hand(ada),
        "asked for": by_hand(ada, "student = input()"),
    }
    got = graded(hand_in(tmp_path, notebooks), SEED)
    full = dict.fromkeys(notebooks, float(NUMBERS))
    assert {name: result.total for name, result in got.items()} == {**full, "neighbours": 0, "asked for": 0}
    assert [n for n, result in got.items() if any("the notebook says" in remark for remark in result.remarks)] == [
        "anything", "argument", "later", "neighbours", "renamed", "worked out",
    ]  # fmt: skip
    assert got["asked for"].marks["gate_by_hand"].points is None


@pytest.mark.parametrize("name", BY_HAND)
def test_two_of_a_class_of_500_seldom_share_a_set_of_numbers(name: str):
    drawn = [repr(ALL[name].case(student_seed(f"student {number}"))) for number in range(500)]
    assert len(set(drawn)) > 495


@sandboxed
def test_what_the_time_is_not_enough_for_is_no_zero(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(grade, "BUDGET", 0.6)
    loop = "def relu(z1):\n    while True: pass"
    (result,) = graded(hand_in(tmp_path, {"slow": answers({**functions(), "relu": loop})}), SEED).values()
    assert (result.status, result.marks["relu"].points) == ("partly graded", 0)
    assert all(result.marks[name].points is None for name in functions() if name != "relu")
    assert any("not graded: softmax" in note for note in result.notes)
    one = submissions.Submission("slow", "slow", "slow")
    listed, _, _ = finals([(one, result)], ASSIGNMENT, Roster(), {})
    empty = report.scores(listed, ASSIGNMENT).splitlines()[1].split(",")[2:5]
    assert empty == [""] * 3


@sandboxed
def test_a_sandbox_that_ends_without_fault_gets_a_second_chance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    class EndedOnce(Child):
        ended = False

        def send(self, header: Mapping[str, Any], data: bytes, replies: int = 1) -> None:
            if not EndedOnce.ended and header["do"] == "run":
                EndedOnce.ended = True
                ends = {"cells": {"0": "import os\n_ = os._exit(0)"}, "steps": [[0, [0, 1]]], "own": 0, "value": "0"}
                super().send({"do": "run", "name": "end", **ends}, b"")
            super().send(header, data, replies)

    monkeypatch.setattr("mlpcourse.grading.notebook.Child", EndedOnce)
    folder = hand_in(tmp_path, {"a": answers({"relu": functions()["relu"]})})
    assert graded(folder, SEED)["a"].total == POINTS["relu"]
    assert EndedOnce.ended


def test_the_summary_counts_and_the_feedback_names_the_line(tmp_path: Path):
    def result(name: str, points: float, verdict: Verdict) -> Result:
        full = {exercise: Mark(out_of, Verdict("right", exercise)) for exercise, out_of in POINTS.items()}
        return Result(name, name, "graded", (), {**full, "backward": Mark(points, verdict)})

    slip = Verdict("slip", "backward", "a slip made twice", slip="x")
    raised = Verdict("raised", "backward", "NameError: x", facts=("In line 2 of the cell, `return x`.",))
    class_ = [result("a", 5.6, slip), result("b", 5.6, slip), result("c", 0, raised)]
    class_ += [Result("d", "d", "not graded", ("it is <b>broken</b>",))]
    listed, _, _ = finals([(submissions.Submission(r.name, r.key, ""), r) for r in class_], ASSIGNMENT, Roster(), {})
    run = {"seed": 1, "unsafe": False, "date": "2026-01-01"}
    report.write_reports(listed, [], ASSIGNMENT, tmp_path, run)
    text = (tmp_path / "summary.html").read_text()
    assert "4 submissions: 3 graded, 1 not graded" in text
    assert re.search(r"a slip made twice</td><td class=.number.>2</td>", text)
    assert "80-90: 0, 90-100: 3" in text
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


@sandboxed
@pytest.mark.filterwarnings("ignore::Warning")
def test_points_arrive_in_nbgraders_gradebook(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    api = pytest.importorskip(
        "nbgrader.api", reason="nbgrader is an optional extra: pip install 'mlpcourse[gradebook]'"
    )
    folder = hand_in(tmp_path / "in", {"anna": GOOD, "broken": "no notebook"})
    book = tmp_path / "gradebook.db"
    assert main(["grade", str(folder), "-o", str(tmp_path / "out"), "--gradebook", str(book)]) == 0
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader runs alembic
    with api.Gradebook(f"sqlite:///{book}") as read:
        assert [student.id for student in read.students] == ["anna", "broken"], "nobody was enrolled before"
        assert read.find_submission("assignment", "anna").score == POINTS["relu"]
        assert read.find_submission("assignment", "broken").needs_manual_grade


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
    found = read(answers({"relu": source}).encode(), ["relu"], Sandbox())
    task = grade.call("relu", found, found.answers["relu"], [{"z1": np.array([-1.0, 0.0, 2.0])}], 1)
    (reply,) = grade.run([task], Sandbox())["relu"].replies
    assert decode_reply(reply).tolist() == [0, 0, 2]


def test_garbled_replies_are_refused():
    assert decode_reply(b"V\0\1\1" + struct.pack(">Id", 1, 0)).shape == (1,)
    for reply in (b"", b"V", b"V\0\1\x09" + struct.pack(">9I", *[1] * 9) + bytes(8), b"V\1\x09" + 9 * bytes(9),
                  b"V\0\1\2" + struct.pack(">2I", 0, 1 << 31), b"V\0\2", b"V\1\xff" + b"\0" * 600,
                  b"V\0\1\2" + b"\xff" * 8, b"O", b"Ox\0\0", b"On\xff\0",
                  b"E\0\0", b"Z", b"V\0\1\0" + b"\0" * 9):  # fmt: skip
        with pytest.raises(Garbled):
            decode_reply(reply)
    rng = np.random.default_rng(0)
    for _ in range(2000):
        reply = b"V" + rng.integers(0, 256, rng.integers(0, 60), dtype=np.uint8).tobytes()
        try:
            decode_reply(reply)
        except Garbled:
            continue
