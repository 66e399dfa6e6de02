"""The marks go back: lists of participants, what platforms import, overrides, lateness, the term, the gradebook."""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from handed_in import answers, cells, functions, hand_in, notebook, right

from mlpcourse.__main__ import main
from mlpcourse.exercises import EXERCISES
from mlpcourse.grading import command, exports, lms, report, roster
from mlpcourse.grading.assignment import ASSIGNMENT, AssignmentError, load
from mlpcourse.grading.sandbox import missing
from mlpcourse.lab.lessons import lessons_folder
from mlpcourse.lab.progress import FORMAT
from mlpcourse.lab.progress import table as progress_table

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}"),
    pytest.mark.slow,
]

RELU = ASSIGNMENT.points["relu"]
GOOD = answers({"relu": "def relu(z1): return np.maximum(z1, 0)"})
ROOT = Path(__file__).parent.parent

MOODLE_LIST = (
    "First name,Last name,ID number,Email address\nAda,Müller,s1,ada@uni.edu\n"
    "Ben,O'Neil,s2,ben@uni.edu\nDan,Gone,s3,dan@uni.edu\n"
)
WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Last modified (submission)"\n'
    'Participant 1001,"Ada Müller",ada@uni.edu,Submitted,,100.00,-\n'
    'Participant 1002,"Ben O\'Neil",ben@uni.edu,,,100.00,-\n'
    'Participant 1003,"Dan Gone",dan@uni.edu,,,100.00,-\n'
)
CANVAS = (
    'Student,ID,SIS User ID,SIS Login ID,Section,"The whole way back (77)"\n    Points Possible,,,,,100\n'
    '"Müller, Ada",1001,s1,ada,A,\n"O\'Neil, Ben",1002,s2,ben,A,\n"Gone, Dan",1003,s3,dan,A,\n"Student, Test",9,,x,A,\n'
)
SEMICOLONS = "Name;Matrikelnummer\nAda Müller;s1\nBen O'Neil;s2\nDan Gone;s3\n"


def class_of_two(folder: Path) -> Path:
    for number, name in enumerate(("Ada Müller", "Ben ONeil")):
        hand_in(folder / f"{name}_{1001 + number}_assignsubmission_file_", {"assignment": GOOD})
    return folder


def graded(tmp_path: Path, *options: str) -> Path:
    source = tmp_path / "in" if (tmp_path / "in").exists() else class_of_two(tmp_path / "in")
    assert main(["grade", str(source), "-o", str(tmp_path / "out"), "--seed", "1", *options]) == 0
    return tmp_path / "out"


def table(path: Path, encoding: str = "utf-8-sig") -> list[dict[str, str]]:
    with path.open(newline="", encoding=encoding) as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize(("text", "ids", "encoding"), [
    (MOODLE_LIST, ["s1", "s2"], "utf-8-sig"), (WORKSHEET, ["Participant 1001", "Participant 1002"], "utf-8"),
    (CANVAS, ["1001", "1002"], "utf-8"), (SEMICOLONS, ["s1", "s2"], "cp1252"), (SEMICOLONS, ["s1", "s2"], "utf-16"),
])  # fmt: skip
def test_a_list_of_participants_gives_ids_and_who_did_not_hand_in(
    text: str, ids: list[str], encoding: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    (tmp_path / "list.csv").write_text(text, encoding=encoding)
    out = graded(tmp_path, "--roster", str(tmp_path / "list.csv"))
    rows = table(out / "scores.csv")
    assert [row["id"] for row in rows] == ids
    assert [row["student"] for row in rows] == ["Ada Müller", "Ben O'Neil"]
    assert "1 did not hand in" in capsys.readouterr().out
    assert "Dan Gone" in (out / "summary.html").read_text(encoding="utf-8")
    assert (out / "scores.csv").read_bytes().startswith(b"\xef\xbb\xbf"), "Excel needs it for umlauts"


def test_a_list_without_names_or_times_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    class_of_two(tmp_path / "in")
    command = ["grade", str(tmp_path / "in"), "-o", str(tmp_path / "out")]
    tables = {
        "no_names": "a,b\n1,2\n",
        "nobody": "Name,ID\n",
        "no_ids": "Name,ID\nAda,\n",
        "long": f"Name,ID\n{'x' * 200_000},1\n",
    }
    for name, text in tables.items():
        (tmp_path / name).write_text(text)
    for name in (*tables, "absent"):
        assert main([*command, "--roster", str(tmp_path / name)]) == 2
        assert name in capsys.readouterr().err
    for text in ("", "x\n", "student,deadline\nAda,tomorrow\n", "name,time\nAda,2026-11-03T18:00\n"):
        (tmp_path / "deadlines").write_text(text)
        assert main([*command, "--deadline", str(tmp_path / "deadlines")]) == 2
        assert "needs two columns, student and deadline" in capsys.readouterr().err


def test_moodle_takes_its_own_worksheet_and_folders_back(tmp_path: Path):
    (tmp_path / "list.csv").write_text(WORKSHEET, encoding="utf-8")
    out = graded(tmp_path, "--roster", str(tmp_path / "list.csv"), "--for", "moodle")
    rows = table(out / "grades-moodle.csv", "utf-8")
    assert {row["Identifier"]: row["Grade"] for row in rows} == {
        "Participant 1001": f"{RELU}", "Participant 1002": f"{RELU}", "Participant 1003": "",
    }  # fmt: skip
    assert list(rows[0]) == WORKSHEET.split("\n")[0].replace('"', "").split(",")
    with zipfile.ZipFile(out / "feedback-moodle.zip") as archive:
        assert archive.namelist() == [
            "Ada Müller_1001_assignsubmission_file_/feedback.html",
            "Ben ONeil_1002_assignsubmission_file_/feedback.html",
        ]  # fmt: skip
        assert b"Feedback for" in archive.read(archive.namelist()[0])


def test_canvas_takes_its_gradebook_back(tmp_path: Path):
    for number, name in enumerate(("mullerada", "oneilben")):
        hand_in(tmp_path / "in", {f"{name}_{1001 + number}_55_assignment": GOOD})
    (tmp_path / "list.csv").write_text(CANVAS, encoding="utf-8")
    out = graded(tmp_path, "--roster", str(tmp_path / "list.csv"), "--for", "canvas")
    rows = table(out / "grades-canvas.csv")
    assert [row["The whole way back (77)"] for row in rows] == [f"{ASSIGNMENT.out_of:g}", f"{RELU}", f"{RELU}", ""]
    assert [row["ID"] for row in rows] == ["", "1001", "1002", "1003"]
    with zipfile.ZipFile(out / "feedback-canvas.zip") as archive:
        assert archive.namelist() == ["mullerada_1001_55_feedback.html", "oneilben_1002_55_feedback.html"]


def test_any_other_platform_gets_a_table(tmp_path: Path):
    rows = table(graded(tmp_path, "--for", "csv") / "grades-csv.csv")
    assert [(row["id"], row["name"], row["points"]) for row in rows] == [
        ("1001", "Ada Müller", f"{RELU}"), ("1002", "Ben ONeil", f"{RELU}"),
    ]  # fmt: skip


def test_overrides_are_applied_marked_and_survive_resume(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    out = graded(tmp_path)
    (out / "overrides.csv").write_text(
        "student,exercise,points,reason\nAda Müller,softmax,3,good idea\n1002,relu,0,=talked\n"
        "Ada Müller,softmax,99,too many\nnobody,relu,1,x\nAda Müller,juggling,1,x\n", encoding="utf-8",
    )  # fmt: skip
    for _ in range(2):
        graded(tmp_path, "--resume")
        said = capsys.readouterr().err
        assert "line 4" in said
        assert "line 6" in said
        assert "'nobody'" in said
        ada, ben = table(out / "scores.csv")
        assert (ada["softmax"], ada["total"], ben["relu"], ben["total"]) == ("3", f"{RELU + 3}", "0", "0")
        assert "points given by hand: softmax" in ada["notes"]
        assert "good idea" in ada["for the instructor"]
        page = next((out / "feedback").glob("Ada*")).read_text(encoding="utf-8")
        assert "Changed by your instructor:</strong> 3 points. good idea" in page
    assert "talked" in (out / "overrides.csv").read_text(encoding="utf-8")


LATE = {
    "Blackboard": "HW_ada_attempt_2026-11-03-14-05-22_assignment",
    "Brightspace": "28541-3000 - ada - Nov 3, 2026 205 PM/assignment",
    "ILIAS": "HW 1/Smith_Ada_ada_4000/20261103140522_assignment",
    "Sakai": "HW 1/Smith, Ada(ada)/Submission attachment(s)/assignment",
    "nbgrader": "submitted/ada/ps1/assignment",
}


@pytest.mark.parametrize("platform", LATE)
def test_lateness_goes_by_the_times_that_a_platform_gives(platform: str, tmp_path: Path):
    path = tmp_path / "in" / f"{LATE[platform]}.ipynb"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    if platform in ("Sakai", "nbgrader"):
        beside = path.parent.parent if platform == "Sakai" else path.parent
        text = "20261103140522000" if platform == "Sakai" else "2026-11-03 14:05:22.0 UTC"
        (beside / "timestamp.txt").write_text(text)
    for number, (deadline, days) in enumerate({"2026-11-03T14:06": "", "2026-11-03T14:04": "1"}.items()):
        command = ["grade", str(tmp_path / "in"), "-o", str(tmp_path / f"out{number}"), "--deadline", deadline]
        assert main(command) == 0
        assert [row["days late"] for row in table(tmp_path / f"out{number}" / "scores.csv")] == [days]


def test_lateness_goes_by_moodles_worksheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    """Its files carry no times: without the worksheet the command says so."""
    text = WORKSHEET.replace("100.00,-", '100.00,"Tuesday, 3 November 2026, 6:01\u202fPM"', 1)
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    roster_, deadline = ("--roster", str(tmp_path / "list.csv")), ("--deadline", "2026-11-03T18:00")
    out = graded(tmp_path, *roster_, *deadline)
    assert [row["days late"] for row in table(out / "scores.csv")] == ["1", ""]
    assert "When 1 of 2 were handed in stands nowhere" in capsys.readouterr().err
    shutil.rmtree(out)
    graded(tmp_path, *deadline)
    assert "When 2 of 2 were handed in stands nowhere" in capsys.readouterr().err


def test_moodle_writes_times_in_the_languages_of_its_lists():
    for text in (
        "Tuesday, 3 November 2026, 2:05 PM", "Tuesday, November 3, 2026, 2:05 PM", "3 November 2026, 14:05",
        "Dienstag, 3. November 2026, 14:05", "mardi 3 novembre 2026, 14:05", "martes, 3 de noviembre de 2026, 14:05",
    ):  # fmt: skip
        assert lms.moodle_time(text) == "2026-11-03T14:05:00", text
    assert lms.moodle_time("Sunday, 1 March 2026, 12:30 AM") == "2026-03-01T00:30:00"
    assert {lms.moodle_time(text) for text in ("-", "", "3/11/26, 14:05", "31 February 2026, 1:00", "soon")} == {""}


def test_what_a_deadline_does_not_reach_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "extended.csv").write_text(
        "student,deadline\neverybody,2026-11-03T18:00\nAda Mueler,2026-11-05T18:00\n"
    )
    hand_in(tmp_path / "in", {"adasmith_LATE_12_34_assignment": GOOD})
    out = graded(tmp_path, "--deadline", str(tmp_path / "extended.csv"))
    said = capsys.readouterr().err
    assert "A deadline is given to 'Ada Mueler', who handed nothing in." in said
    assert "When 1 of 1 were handed in stands nowhere" in said
    assert "handed in late" in table(out / "scores.csv")[0]["notes"]


def test_lateness_takes_off_what_the_assignment_says(tmp_path: Path):
    for name, when in (("ada", "2026-11-03-18-00-00"), ("ben", "2026-11-03-18-00-01"), ("cam", "2026-11-06-12-00-00"),
                       ("dan", "2026-12-24-00-00-00"), ("eve", "2026-11-05-12-00-00")):  # fmt: skip
        hand_in(tmp_path / "in", {f"HW_{name}_attempt_{when}_assignment": answers({"softmax": functions()["softmax"]})})
    full = ASSIGNMENT.points["softmax"]
    (tmp_path / "extended.csv").write_text("student,deadline\neverybody,2026-11-03T18:00\neve,2026-11-05T18:00\n")
    out = graded(tmp_path, "--deadline", str(tmp_path / "extended.csv"))
    share = ASSIGNMENT.late_percent / 100
    assert {row["student"]: float(row["total"]) for row in table(out / "scores.csv")} == {
        "ada": full, "ben": round(full * (1 - share), 1), "cam": round(full * (1 - 3 * share), 1), "dan": 0,
        "eve": full,
    }  # fmt: skip
    assert [row["days late"] for row in table(out / "scores.csv")] == ["", "1", "3", "51", ""]
    page = (out / "feedback").glob("cam*")
    assert "it came 3 days late" in next(page).read_text()
    assert main(["grade", str(tmp_path / "in"), "-o", str(tmp_path / "x"), "--deadline", "tomorrow"]) == 2


def test_answers_that_are_alike_are_a_question(tmp_path: Path):
    own = {
        "softmax": "def softmax(z2):\n    shifted_logits = z2 - np.max(z2, axis=0)\n"
        "    powers = np.exp(shifted_logits)\n    return powers / powers.sum(axis=0)",
        "output_delta": "def output_delta(A2, y):\n    number_of_examples = y.shape[1]\n"
        "    difference_of_both = A2 - y\n    return difference_of_both / number_of_examples",
    }
    spaced = {name: source.replace(" = ", "   =  ") + "  # mine" for name, source in own.items()}
    hand_in(tmp_path / "in", {"Ada": answers(own), "Ben": answers(spaced), "Cam": answers(functions())})
    page = (graded(tmp_path) / "summary.html").read_text(encoding="utf-8")
    assert "The same answers, word for word, from Ada, Ben: softmax, output_delta" in page
    assert re.search("Cam handed in the model answer word for word: [^.]*backward", page)
    assert not re.search("Cam[^<]*Ada", page)


def test_feedback_is_what_a_student_is_glad_to_get(tmp_path: Path):
    mine = "def softmax(z2):\n    e = np.exp(z2 - z2.max())\n    return e / e.sum(axis=1, keepdims=True)"
    hand_in(tmp_path / "in", {"Ada": notebook([{"source": "student = 'Grace'"}, *cells({"softmax": mine})])})
    page = next((graded(tmp_path) / "feedback").iterdir()).read_text(encoding="utf-8")
    for words in (ASSIGNMENT.title, ASSIGNMENT.course, "Feedback for <strong>Ada</strong>, 20", "What you handed in",
                  "e = np.exp(z2 - z2.max())", "<math", "To read again: the derivation"):  # fmt: skip
        assert words in page, words
    assert "Grace" not in page.replace("student = ", ""), "a name that does not fit is no reproach"
    body = page.split("</style>")[1]
    assert not re.search(r"(?<!equation )\bH\d\d\b", body), "no codes without words"
    assert "http" not in page.replace("http-equiv", "")


def test_feedback_links_to_pages_and_derivations_that_there_are():
    """A page has its notebook's name, and an anchor at each cell that shows a derivation (web/pages.py)."""
    course = replace(ASSIGNMENT, site="https://example.org/course/")
    anchors = 0
    for name in ASSIGNMENT.points:
        link = re.search(r'href="https://example.org/course/(\w+)\.html(?:#(\w+))?"', report._lesson(name, course))
        assert link is not None, name
        cells = nbformat.read(lessons_folder() / f"{link[1]}.ipynb", as_version=4).cells
        if link[2]:
            anchors += 1
            assert any(cell.source.startswith(f'show("{link[2]}"') for cell in cells if cell.cell_type == "code"), name
    assert anchors > 5


def test_your_own_assignment(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    file = tmp_path / "mine.toml"
    file.write_text('title = "Two things"\nslip_share = 0.5\n[points]\nsoftmax = 30\ngate_by_hand = 20.5\n')
    assert main(["assignment", str(file), "-o", str(tmp_path / "two.ipynb")]) == 0
    made = json.loads((tmp_path / "two.ipynb").read_text())
    marks = [cell["metadata"]["nbgrader"] for cell in made["cells"] if "nbgrader" in cell["metadata"]]
    assert {mark["grade_id"]: mark["points"] for mark in marks if mark["grade"]} == {
        "softmax": 30,
        "gate_by_hand": 20.5,
    }
    assert "Two things" in made["cells"][0]["source"][0]
    work = {"softmax": functions()["softmax"], "gate_by_hand": right("Ada")["gate_by_hand"], "relu": "relu = 3"}
    hand_in(tmp_path / "in", {"Ada": notebook([{"source": "student = 'Ada'"}, *cells(work)])})
    out = graded(tmp_path, "--assignment", str(file))
    assert table(out / "scores.csv")[0]["total"] == "50.5"
    assert main(["grade", str(tmp_path / "in"), "-o", str(out), "--resume"]) == 2
    capsys.readouterr()
    for text in ("title = 3\n", "[points", 'title = "x"\n[points]\njuggling = 3\n',
                 'title = "x"\n[points]\nrelu = -1\n',
                 'title = "x"\n[points]\n', 'title = "x"\nslip_share = 2\n[points]\nrelu = 1\n'):  # fmt: skip
        file.write_text(text)
        with pytest.raises(AssignmentError):
            load(file)
        assert main(["assignment", str(file), "-o", str(tmp_path / "x.ipynb")]) == 2
        assert capsys.readouterr().err.startswith("mlpcourse assignment: ")


def test_the_notebook_is_the_one_that_the_assignment_writes(tmp_path: Path):
    assert main(["assignment", "-o", str(tmp_path / "new.ipynb")]) == 0
    new, kept = (json.loads(path.read_text()) for path in (tmp_path / "new.ipynb", ROOT / "notebooks/assignment.ipynb"))
    for one, other in zip(new["cells"], kept["cells"], strict=True):
        assert (one["cell_type"], "".join(one["source"])) == (other["cell_type"], "".join(other["source"]))
        assert one["metadata"].get("nbgrader") == other["metadata"].get("nbgrader")


def test_a_term_adds_up(tmp_path: Path):
    (tmp_path / "list.csv").write_text(MOODLE_LIST, encoding="utf-8")
    outs = []
    for number in range(2):
        class_of_two(tmp_path / f"in{number}")
        outs.append(tmp_path / f"out{number}")
        options = ["-o", str(outs[-1]), "--seed", "1", "--roster", str(tmp_path / "list.csv")]
        assert main(["grade", str(tmp_path / f"in{number}"), *options]) == 0
    shutil.rmtree(tmp_path / "in1" / "Ben ONeil_1002_assignsubmission_file_")
    assert main(["grade", str(tmp_path / "in1"), *options, "--resume"]) == 0
    assert main(["term", *map(str, outs), "-o", str(tmp_path / "term.csv")]) == 0
    rows = table(tmp_path / "term.csv")
    assert [(row["id"], row["student"], row["total"], row["out of"]) for row in rows] == [
        ("s1", "Ada Müller", f"{2 * RELU}", "200"), ("s2", "Ben O'Neil", f"{RELU}", "200"),
    ]  # fmt: skip
    (tmp_path / "hw2").mkdir()
    shutil.copytree(outs[1], tmp_path / "hw2" / "out0")  # a folder of the same name as the other's
    assert main(["term", str(outs[0]), str(tmp_path / "hw2" / "out0"), "-o", str(tmp_path / "again.csv")]) == 0
    assert [row["total"] for row in table(tmp_path / "again.csv")] == [row["total"] for row in rows]
    assert main(["term", str(tmp_path / "nothing"), "-o", str(tmp_path / "term.csv")]) == 2
    progress = {"format": FORMAT, "learner": "müller ada", "written": "2026-11-03",
                "exercises": {"relu": {"done": True, "tries": 3, "hints": 0}}}  # fmt: skip
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "ada.json").write_text(json.dumps(progress), encoding="utf-8")
    (tmp_path / "progress.csv").write_text(progress_table(tmp_path / "files")[0], encoding="utf-8")
    assert main(["term", str(outs[0]), str(tmp_path / "progress.csv"), "-o", str(tmp_path / "term.csv")]) == 0
    rows = table(tmp_path / "term.csv")
    assert [(row["id"], row["progress.csv"], row["total"]) for row in rows] == [
        ("s1", "1", f"{RELU + 1}"), ("s2", "", f"{RELU}"),
    ]  # fmt: skip
    assert rows[0]["out of"] == f"{100 + len(EXERCISES)}"
    assert main(["term", str(tmp_path / "list.csv"), "-o", str(tmp_path / "term.csv")]) == 2
    (tmp_path / "progress.csv").write_text("learner,done\nAda,many\n")
    assert main(["term", str(tmp_path / "progress.csv"), "-o", str(tmp_path / "term.csv")]) == 2
    both = (outs[0], "Participant 1001"), (tmp_path / "hw2" / "out0", "1001")  # with Moodle's worksheet, and without
    for out, id in both:
        text = (out / "scores.csv").read_text(encoding="utf-8-sig")
        (out / "scores.csv").write_text(text.replace(",s1,", f",{id},"), encoding="utf-8-sig")
    assert main(["term", *(str(out) for out, _ in both), "-o", str(tmp_path / "term.csv")]) == 0
    assert next((row["id"], row["total"]) for row in table(tmp_path / "term.csv")) == ("1001", f"{2 * RELU}")


# --- nothing that stands in OUT stops a grading -----------------------------------------------------------


DAMAGE: list[str | Callable[[dict[str, Any]], object]] = [
    "", "[]", "{}", '{"marks": 3}', "null", "\0", '{"a": ' * 5000,
    lambda known: known["marks"].pop("relu"), lambda known: known["marks"]["relu"].update(points=400),
    lambda known: known["marks"]["relu"].update(points=float("nan")),
    lambda known: known["marks"]["relu"].update(points="3"),
    lambda known: known["marks"]["relu"].update(points=-1), lambda known: known["marks"]["relu"].update(points=True),
    lambda known: known["marks"]["relu"]["verdict"].update(kind="perfect"), lambda known: known.update(status="great"),
    lambda known: known["marks"]["relu"]["verdict"].update(facts=[3]), lambda known: known.update(notes=["x", 3]),
    lambda known: known["marks"].update(juggling=known["marks"]["relu"]), lambda known: known.update(name="Somebody"),
    lambda known: known["marks"]["relu"]["verdict"].update(exercise="softmax"),
]  # fmt: skip


def test_a_damaged_result_is_graded_anew(tmp_path: Path):
    names = [f"student{number:02}" for number in range(len(DAMAGE))]
    hand_in(tmp_path / "in", dict.fromkeys(names, GOOD))
    out = graded(tmp_path)
    good = {name: (out / "results" / f"{name}.json").read_text() for name in names}
    for name, damage in zip(names, DAMAGE, strict=True):
        known = json.loads(good[name])
        spoilt = damage if isinstance(damage, str) else (damage(known), json.dumps(known))[1]
        assert spoilt != good[name]
        (out / "results" / f"{name}.json").write_text(spoilt)
    graded(tmp_path, "--resume")
    assert {name: (out / "results" / f"{name}.json").read_text() for name in names} == good
    assert [row["total"] for row in table(out / "scores.csv")] == [f"{RELU}"] * len(names)


def test_folders_in_the_way_are_moved_aside(tmp_path: Path):
    out = graded(tmp_path)
    before = (out / "scores.csv").read_bytes()
    for name in ("scores.csv", "summary.html"):
        (out / name).unlink()
        (out / name / "inside").mkdir(parents=True)
    result = next((out / "results").glob("Ada*"))
    result.unlink()
    (result / "inside").mkdir(parents=True)
    graded(tmp_path, "--resume")
    assert (out / "scores.csv").read_bytes() == before
    assert list(out.glob("scores.csv.in-the-way-*/inside"))


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    class_of_two(tmp_path / "in")
    (tmp_path / "file").write_text("x")
    assert main(["grade", str(tmp_path / "in"), "-o", str(tmp_path / "file")]) == 2
    assert "mlpcourse grade: " in capsys.readouterr().err
    for place in ("/proc/out", "/dev/null/out"):
        assert main(["grade", str(tmp_path / "in"), "-o", place]) == 2
        said = capsys.readouterr().err
        assert "cannot be written" in said
        assert "make room" not in said


@pytest.mark.skipif(not Path("/dev/shm").is_dir() or os.geteuid() != 0, reason="a small disk can only be made by root")
def test_a_full_disk_is_told_and_what_is_finished_stays(tmp_path: Path):
    class_of_two(tmp_path / "in")
    disk = tmp_path / "disk"
    disk.mkdir()
    grading = f"{sys.executable} -m mlpcourse grade {tmp_path / 'in'} -o {disk / 'out'} --seed 1"
    script = f"mount -t tmpfs -o size=20k none {disk} && {grading}; echo status $?; ls {disk / 'out' / 'results'}"
    said = subprocess.run(["unshare", "-m", "sh", "-c", script], capture_output=True, text=True)
    if "permission denied" in said.stderr.lower() or "not permitted" in said.stderr:
        pytest.skip("no mount is possible here")
    assert "status 2" in said.stdout
    assert "No space left" in said.stderr
    assert "make room" in said.stderr
    assert "--resume" in said.stderr
    assert "Traceback" not in said.stderr


def test_nothing_moves_the_terminals_cursor(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    evil = "def relu(z1): \u001b[2J\u0007 return"
    hand_in(tmp_path / "in", {"a\u001b[31mb": answers({"relu": evil})})
    graded(tmp_path)
    assert main(["grade", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--explain", "a [31mb", "relu"]) == 0
    assert main(["grade", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--explain", "\u001b[2J", "relu"]) == 2
    said = capsys.readouterr()
    assert not re.search("[\u0000-\u0008\u000b-\u001f\u007f]", said.out + said.err)


def test_explain_does_not_fail_on_a_poor_console(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    command = ["grade", str(class_of_two(tmp_path / "in")), "-o", str(graded(tmp_path)), "--explain", "1001", "relu"]
    for encoding in ("cp1252", "ascii", "cp850"):
        console = io.TextIOWrapper(io.BytesIO(), encoding)
        with monkeypatch.context() as patched:
            patched.setattr(sys, "stdout", console)
            assert main(command) == 0
        console.flush()
        assert b"2 of 2 points" in console.buffer.getvalue()  # type: ignore[attr-defined]


def test_spreadsheets_run_no_cell():
    for text in ("=1+1", "+1", "-1", "@x", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x", " =1", "\t=1", "%x", "|x"):
        assert exports.no_formula(text).startswith("'"), text
    assert exports.no_formula("Ada") == "Ada"


def test_say_shows_only_what_can_be_seen():
    stream = io.StringIO()
    command.say("a\u001b[2Jb\u202ec\n", stream)
    assert stream.getvalue() == "a[2Jbc\n\n"


# --- nbgrader -------------------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::Warning:sqlalchemy", "ignore::Warning:nbgrader")
def test_marks_stand_under_the_ids_of_who_is_enrolled(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=os.pathsep)  # nbgrader runs alembic
    api = pytest.importorskip(
        "nbgrader.api", reason="nbgrader is an optional extra: pip install 'mlpcourse[gradebook]'"
    )
    for name in ("anna.mueller", "o.brien@uni.edu", "Müller", "phantom", "broken"):
        hand_in(tmp_path / "in" / name / "ps1", {"assignment": GOOD if name != "broken" else "x"})
    book = tmp_path / "gradebook.db"
    (tmp_path / "in" / "Müller" / "ps1" / "timestamp.txt").write_text("2026-11-04 09:00:00 UTC")
    enrolled = ["anna.mueller", "o.brien@uni.edu", "Müller", "absent", "broken"]
    with api.Gradebook(f"sqlite:///{book}") as made:
        for student in enrolled:
            made.add_student(student)
    graded(tmp_path, "--gradebook", str(book), "--deadline", "2026-11-03T18:00")
    assert "phantom is not enrolled" in capsys.readouterr().err
    with api.Gradebook(f"sqlite:///{book}") as read:
        assert sorted(student.id for student in read.students) == sorted(enrolled)
        for student in enrolled[:3]:
            handed_in = read.find_submission("assignment", student)
            assert handed_in.score == RELU
            off = ASSIGNMENT.late_percent / 100 * RELU if student == "Müller" else 0
            assert handed_in.late_submission_penalty == pytest.approx(off)
        assert read.find_submission("assignment", "broken").needs_manual_grade


def test_rosters_match_by_id_then_by_name():
    people = roster.Roster(("id", "name"), tuple(
        roster.Person(name, id, (id, f"{id}@uni.edu")) for id, name in
        (("1", "Ada Smith"), ("2", "Ben Smith"), ("3", "Ben Smith"), ("#77", "Cam"))
    ))  # fmt: skip
    assert people.person("1", "x").name == "Ada Smith"
    assert people.person("", "Smith, Ada").id == "1"
    assert people.person("", "smithada").id == "1"
    assert people.person("", "Ben Smith") is None, "two of that name"
    assert people.person("77", "x").name == "Cam"
    assert people.person("2@uni.edu", "Ada Smith").id == "2"
