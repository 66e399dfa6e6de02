"""A class as it really hands in: under the names of learning platforms, in folders and zips, with what stands by."""

import ast
import csv
import io
import json
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from attacks import HOSTILE
from handed_in import WHOLE, answers, as_ordinary_user, cells, functions, graded, hand_in, notebook, open_folder, right

from mlpcourse.__main__ import main
from mlpcourse.grading import grade, reading, submissions
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.names import student_seed
from mlpcourse.grading.sandbox import missing

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}"),
    pytest.mark.slow,
]

RELU = ASSIGNMENT.points["relu"]
GOOD = answers({"relu": "def relu(z1): return np.maximum(z1, 0)"})
FIRST = ("Ada", "Ben", "Anna-Lena", "Chloé", "Dan")
LAST = ["Müller", "O'Neil", "Smith-Jones", "van der Berg", "Łukasz", "García"]
LAST += [f"{last}{more}" for last in LAST for more in ("son", "ová", " Ruiz", "-Ito")] if WHOLE else []
NAMES = [f"{first} {last}" for last in LAST for first in FIRST]
GRADED = range(len(NAMES)) if WHOLE else range(0, len(NAMES), 6)  # of the class: one of each kind of work, at least


def ascii_of(name: str) -> str:
    return "".join(letter for letter in name.lower() if letter.isascii() and letter.isalpha())


# Each platform: the files of one student (number, name, the notebook) by their place, and the name that is shown.
Scheme = Callable[[int, str, str], dict[str, str]]
OLD = answers({"relu": "def relu(z1): return z1 * 0 + 7"})  # an attempt that was handed in before

SCHEMES: dict[str, tuple[Scheme, Callable[[int, str], str]]] = {
    "Moodle": (
        lambda n, name, text: {
            f"{name.replace(chr(39), '')}_{1000 + n}_assignsubmission_file_/assignment.ipynb": text,
            f"{name.replace(chr(39), '')}_{1000 + n}_assignsubmission_onlinetext_/onlinetext.html": "<p>Hello</p>",
        },
        lambda n, name: name.replace("'", ""),
    ),
    "Moodle with groups, flat": (
        lambda n, name, text: {f"Group {'AB'[n % 2]}-{name}_{1000 + n}_assignsubmission_file_my work.ipynb": text},
        lambda n, name: name,
    ),
    "Moodle, blind": (
        lambda n, name, text: {f"Participant {1000 + n}_{1000 + n}_assignsubmission_file_/hw.ipynb": text},
        lambda n, name: f"Participant {1000 + n}",
    ),
    "Canvas": (
        lambda n, name, text: {
            f"{ascii_of(name)}_{'LATE_' * (n % 3 == 0)}{2000 + n}_{9000 + n}_assignment{'-1' * (n % 2)}.ipynb": text,
        },
        lambda n, name: ascii_of(name),
    ),
    "Blackboard": (
        lambda n, name, text: {
            f"HW 1_{ascii_of(name)}_attempt_2026-11-02-09-00-00_assignment.ipynb": OLD,
            f"HW 1_{ascii_of(name)}_attempt_2026-11-02-09-00-00.txt": "Name: x",
            f"HW 1_{ascii_of(name)}_attempt_2026-11-03-14-05-22_assignment.ipynb": text,
            f"HW 1_{ascii_of(name)}_attempt_2026-11-03-14-05-22.txt": "Name: x",
        },
        lambda n, name: ascii_of(name),
    ),
    "Brightspace": (
        lambda n, name, text: {
            f"28541-{3000 + n} - {name} - Nov 3, 2026 205 PM/assignment.ipynb": text, "index.html": "<p>all</p>",
        },
        lambda n, name: name,
    ),
    "Google Classroom": (lambda n, name, text: {f"{name} - assignment.ipynb": text}, lambda n, name: name),
    "ILIAS": (
        lambda n, name, text: {
            f"HW 1/{'_'.join(reversed(name.split(' ', 1)))}_user{n}_{4000 + n}/20261102090000_assignment.ipynb": OLD,
            f"HW 1/{'_'.join(reversed(name.split(' ', 1)))}_user{n}_{4000 + n}/20261103140522_assignment.ipynb": text,
        },
        lambda n, name: " ".join(reversed(name.split(" ", 1))),
    ),
    "Sakai": (
        lambda n, name, text: {
            f"HW 1/{', '.join(reversed(name.split(' ', 1)))}(user{n})/Submission attachment(s)/assignment.ipynb": text,
            f"HW 1/{', '.join(reversed(name.split(' ', 1)))}(user{n})/timestamp.txt": "20261103140522000",
            f"HW 1/{', '.join(reversed(name.split(' ', 1)))}(user{n})/comments.txt": "",
            "HW 1/grades.csv": "x",
        },
        lambda n, name: name,
    ),
    "nbgrader": (
        lambda n, name, text: {
            f"submitted/user.{n}@uni.edu/ps1/assignment.ipynb": text,
            f"submitted/user.{n}@uni.edu/ps1/timestamp.txt": "2026-11-03 14:05:22 UTC",
        },
        lambda n, name: f"user.{n}@uni.edu",
    ),
    "a plain folder": (lambda n, name, text: {f"{name}/assignment.ipynb": text}, lambda n, name: name),
}  # fmt: skip


@pytest.fixture(scope="module")
def texts() -> list[str]:
    """A class of five kinds of work, each with the name typed in it."""
    kinds = [right, lambda name: {**right(name), "relu": "def relu(z1):\n    return z1 * 2"}, lambda name: functions(),
             lambda name: {**right(name), "output_delta": "def output_delta(A2, y):\n    return A2 - y"},
             lambda name: {"relu": functions()["relu"]}]  # fmt: skip
    return [
        notebook([{"source": f"student = {name!r}"}, *cells(kinds[number % 5](name))])
        for number, name in enumerate(NAMES)
    ]


def placed(folder: Path, scheme: str, texts: list[str], numbers: Sequence[int] = range(len(NAMES))) -> Path:
    files: dict[str, str] = {}
    for number in numbers:
        files |= SCHEMES[scheme][0](number, NAMES[number], texts[number])
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def marks_of(out: Path) -> dict[str, dict[str, str]]:
    with (out / "scores.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"].removeprefix("'"): row for row in csv.DictReader(file)}


@pytest.fixture(scope="module")
def expected(texts: list[str]) -> dict[int, dict[str, float | None]]:
    """The marks of those who are graded, each notebook by itself."""
    settings = grade.Settings(ASSIGNMENT, 4, grade.Sandbox())
    made = {}
    for number in GRADED:
        data = texts[number].encode()
        read = grade.notebook.read(data, tuple(ASSIGNMENT.points), settings.sandbox)
        plan = grade.prepare(read, settings, grade.sha256(data).hexdigest())
        seen = grade.run(plan.tasks, settings.sandbox)
        result = grade.judge(submissions.Submission(NAMES[number], "x", ""), ASSIGNMENT, read, plan.cases, seen, "")
        made[number] = {exercise: mark.points for exercise, mark in result.marks.items()}
    sums = {number % 5: sum(made[number].values()) for number in GRADED}
    assert (sums[0], sums[1], len(sums)) == (ASSIGNMENT.out_of, ASSIGNMENT.out_of - RELU, 5)
    return made


@pytest.mark.parametrize(
    ("scheme", "packed"), [*((scheme, "folder") for scheme in SCHEMES), ("Moodle", "zip"), ("ILIAS", "zip")]
)
def test_every_platform_gives_the_same_marks(
    scheme: str, packed: str, texts: list[str], expected: dict[int, dict[str, float]], tmp_path: Path
):
    """Everybody's own notebook is found under the right name; whose are graded have the marks of the notebook."""
    shown = [SCHEMES[scheme][1](number, name) for number, name in enumerate(NAMES)]
    whole = in_package(placed(tmp_path / "all", scheme, texts), packed)
    assert {one.name: submissions.read(one).decode() for one in submissions.find(whole)} == dict(
        zip(shown, texts, strict=True)
    )
    source = in_package(placed(tmp_path / "in", scheme, texts, GRADED), packed)
    assert main(["grade", str(source), "-o", str(tmp_path / "out"), "--seed", "4"]) == 0
    table = marks_of(tmp_path / "out")
    assert set(table) == {shown[number] for number in GRADED}
    for number, wanted in expected.items():
        row = table[shown[number]]
        assert {exercise: float(row[exercise]) for exercise in ASSIGNMENT.points} == wanted, shown[number]
    if scheme in ("Blackboard", "ILIAS"):
        assert all("2 attempts were handed in: the latest" in row["notes"] for row in table.values())
    assert not any("says" in row["notes"] for row in table.values()), "no student is accused over a name"


def in_package(folder: Path, packed: str) -> Path:
    """The folder, or a zip file of it."""
    if packed == "folder":
        return folder
    archive = folder.with_suffix(".zip")
    with zipfile.ZipFile(archive, "w") as file:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                file.write(path, path.relative_to(folder))
    return archive


def test_explain_knows_the_name_that_is_shown(tmp_path: Path, texts: list[str], capsys: pytest.CaptureFixture[str]):
    source = placed(tmp_path / "in", "Moodle", texts, range(3))
    assert main(["grade", str(source), "-o", str(tmp_path / "out"), "--seed", "4"]) == 0
    capsys.readouterr()
    for student in ("Ada Müller", "müller, ada", "1000"):
        assert main(["grade", str(source), "-o", str(tmp_path / "out"), "--explain", student, "softmax"]) == 0
        assert "Ada Müller, softmax: 7 of 7 points" in capsys.readouterr().out


def zipped(entries: dict[str, bytes | str]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return packed.getvalue()


def test_endings_and_zips_within_zips_are_opened(tmp_path: Path):
    inner = zipped({"work/assignment.ipynb": GOOD, "__MACOSX/._assignment.ipynb": "x"})
    files: dict[str, bytes] = {
        "around/all/ada.ipynb.txt": GOOD.encode(), "around/all/ben.ipynb.json": GOOD.encode(),
        "around/all/CARO.IPYNB": GOOD.encode(), "around/all/dan.zip": inner,
        "around/all/eva/hw.ZIP": zipped({"deep.zip": inner}), "around/all/notes.txt": b"x",
        "around/all/fay.py": b"print()", "around/all/grades.csv": b"x",
    }  # fmt: skip
    for name, data in files.items():
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    got = graded(tmp_path / "in", 1)
    assert {name: result.total for name, result in got.items()} == {
        "ada": RELU, "ben": RELU, "CARO": RELU, "dan": RELU, "eva": RELU, "fay.py": None,
    }  # fmt: skip
    (tmp_path / "all.zip").write_bytes(zipped({f"x/{name}": data for name, data in files.items()}))
    assert {n: r.total for n, r in graded(tmp_path / "all.zip", 1).items()} == {n: r.total for n, r in got.items()}
    (one,) = submissions.find(tmp_path / "in" / "around" / "all" / "ada.ipynb.txt")
    assert one.name == "ada"


def test_a_name_is_the_same_without_a_locale(tmp_path: Path):
    hand_in(tmp_path, {"Zoë Łukasz": GOOD})
    found = f"[one.name for one in submissions.find(submissions.Path({str(tmp_path)!r}))]"
    code = f"from mlpcourse.grading import submissions; print(ascii({found}))"
    environment = {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert ast.literal_eval(done.stdout) == ["Zoë Łukasz"]


def test_no_notebook_says_what_is_there(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    for name in ("a.py", "b.py", "c.rar"):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / name).write_text("x")
    got = graded(tmp_path / "in", 1)
    assert all("not a notebook" in result.notes[0] for result in got.values())
    (tmp_path / "only").mkdir()
    (tmp_path / "only" / "readme.txt").write_text("x")
    assert main(["grade", str(tmp_path / "only"), "-o", str(tmp_path / "out")]) == 2
    assert "1 .txt" in capsys.readouterr().err
    moodle = tmp_path / "moodle" / "Ada_12_assignsubmission_file_"
    moodle.mkdir(parents=True)
    (moodle / "work.pdf").write_text("x")
    assert "no notebook here: there is work.pdf" in graded(tmp_path / "moodle", 1)["Ada"].notes[0]


# --- what stands in the notebook ------------------------------------------------------------------------

UNSHIFTED = "def softmax(z2): return np.exp(z2) / np.exp(z2).sum(0)\n"
OK = {"relu": RELU}
KEPT: dict[str, tuple[list[dict[str, object]], dict[str, float]]] = {
    "a helper of the same name below": (
        [{"source": "def act(z): return np.maximum(z, 0)"}, {"id": "relu", "source": "def relu(z1): return act(z1)"},
         {"source": "def act(z): return 1 / 0"}], OK),
    "a constant that changes below": (
        [{"source": "scale = 1"}, {"id": "relu", "source": "def relu(z1): return scale * np.maximum(z1, 0)"},
         {"source": "scale = 0.1"}], OK),
    "another softmax in backward's cell": (
        [{"id": "softmax", "source": functions()["softmax"]},
         {"id": "backward", "source": UNSHIFTED + functions()["backward"]}],
        {"softmax": ASSIGNMENT.points["softmax"], "backward": ASSIGNMENT.points["backward"]}),
    "np = None": (
        [{"id": "relu", "source": "def relu(z1): return np.maximum(z1, 0)\nnp = None"},
         {"id": "grad_w2", "source": functions()["grad_w2"]}], {**OK, "grad_w2": ASSIGNMENT.points["grad_w2"]}),
    "star import": (
        [{"source": "from numpy import *"}, {"id": "relu", "source": "def relu(z1): return maximum(z1, 0)"}], OK),
    "pylab": ([{"source": "%pylab inline"}, {"id": "relu", "source": "def relu(z1): return maximum(z1, 0)"}], OK),
    "try": ([{"source": "try:\n    import torch\nexcept ImportError:\n    def act(z): return np.maximum(z, 0)"},
             {"id": "relu", "source": "def relu(z1): return act(z1)"}], OK),
    "if": ([{"source": "if True:\n    def act(z): return np.maximum(z, 0)"},
            {"id": "relu", "source": "def relu(z1): return act(z1)"}], OK),
    "with": ([{"source": "with np.errstate(all='ignore'):\n    floor = 0"},
              {"id": "relu", "source": "def relu(z1): return np.maximum(z1, floor)"}], OK),
    "for": ([{"source": "for floor in range(-3, 1):\n    pass"},
             {"id": "relu", "source": "def relu(z1): return np.maximum(z1, floor)"}], OK),
    "+= and append": (
        [{"source": "parts = []\nparts.append(0)\nfloor = -1\nfloor += 1"},
         {"id": "relu", "source": "def relu(z1): return np.maximum(z1, parts[0] + floor)"}], OK),
    "a function called for what it changes": (
        [{"source": "state = {}\ndef begin():\n    global floor\n    floor, state['more'] = 0, 0\nbegin()"},
         {"id": "relu", "source": "def relu(z1): return np.maximum(z1, floor + state['more'])"}], OK),
    "appended in a list": (
        [{"source": "floors = []\n[floors.append(n) for n in (0,)]"},
         {"id": "relu", "source": "def relu(z1): return np.maximum(z1, floors[0])"}], OK),
    "a type that is not here": (
        [{"source": "from __future__ import annotations\nimport torch"},
         {"id": "relu", "source": "def relu(z1: torch.Tensor) -> torch.Tensor: return np.maximum(z1, 0)"}], OK),
    "a decorator": (
        [{"source": "import functools\ndef same(f):\n    @functools.wraps(f)\n"
          "    def g(*a): return f(*a)\n    return g"},
         {"id": "relu", "source": "@same\ndef relu(z1): return np.maximum(z1, 0)"}], OK),
    "a class with what it holds": (
        [{"source": "class Gate: pass\ngate = Gate()\ngate.floor = 0"},
         {"id": "relu", "source": "def relu(z1): return np.maximum(z1, gate.floor)"}], OK),
    "an attempt above the stub": (
        [{"source": "def relu(z1): return np.maximum(z1, 0)"}, {"id": "relu", "source": "def relu(z1):\n    ..."}], OK),
    "an attempt below the stub": (
        [{"id": "relu", "source": "def relu(z1):\n    ..."}, {"source": "def relu(z1): return np.maximum(z1, 0)"}], OK),
    "a copied cell": (
        [{"id": "relu", "source": "def relu(z1): return np.maximum(z1, 0)"},
         {"id": "relu", "source": "def relu(z1):\n    ..."}], OK),
    "a lambda": ([{"id": "relu", "source": "relu = lambda z1: np.maximum(z1, 0)"}], OK),
    "inside an if": ([{"id": "relu", "source": "if 1:\n    def relu(z1): return np.maximum(z1, 0)"}], OK),
    "a helper below": (
        [{"id": "relu", "source": "def relu(z1): return act(z1)"},
         {"source": "def act(z): return np.maximum(z, 0)"}], OK),
}  # fmt: skip


@pytest.mark.parametrize("name", KEPT)
def test_an_answer_is_judged_with_what_stands_above_it(name: str, tmp_path: Path):
    written, points = KEPT[name]
    result = graded(hand_in(tmp_path, {"student": notebook(written)}), 2)["student"]
    assert {exercise: result.marks[exercise].points for exercise in points} == points


BY_HAND = "gate_by_hand"
NUMBERS = "[" + right("Ada")[BY_HAND].split("= [")[1].split("]")[0] + "]"
CALLS = [
    "my_numbers = {0}", "my_numbers = {0}\n# check('gate_by_hand', my_numbers)", "v = check('gate_by_hand', {0})",
    "my_numbers = {0}\nprint(check('gate_by_hand', my_numbers))", "check('gate_by_hand', answer={0})",
    "check(answer={0}, exercise='gate_by_hand')", "mine = {0}\nif True:\n    check('gate_by_hand', mine)",
    "my_numbers = []\nfor x in {0}: my_numbers.append(x)\ncheck('gate_by_hand', my_numbers)",
    "my_numbers = {0}[:1]\nmy_numbers += {0}[1:]", "my_numbers = np.array({0})\nmy_numbers *= 1", "{0}",
    "gate_by_hand = {0}", "my_numbers = tuple({0})", "numbers = {0}\nmy_numbers = [float(str(n)) for n in numbers]",
    "one, my_numbers = 1, {0}", "my_numbers: list = {0}", "my_numbers = [{0}]",
    "my_numbers = {0}; check('gate_by_hand', my_numbers); print('done')",
]  # fmt: skip


@pytest.mark.parametrize("call", CALLS)
def test_the_value_in_the_exercises_cell_counts_however_it_is_checked(call: str, tmp_path: Path):
    text = notebook([{"source": "student = 'Ada'"}, {"id": BY_HAND, "source": call.format(NUMBERS)}])
    assert graded(hand_in(tmp_path, {"student": text}), 2)["student"].total == ASSIGNMENT.points[BY_HAND]


def test_a_cell_that_answers_several_is_read_up_to_each_check(tmp_path: Path):
    """All of a notebook in one cell, where names are used again."""
    source = "student = 'Ada'\n" + "\n".join(right("Ada").values())
    result = graded(hand_in(tmp_path, {"Ada": notebook([{"source": source}])}), 2)["Ada"]
    assert result.total == ASSIGNMENT.out_of


def test_what_is_amiss_is_told_truthfully(tmp_path: Path):
    told = {
        "scipy": ("from scipy.special import expit\ndef relu(z1): return expit(z1)", "numpy and Python's own library"),
        "minus": ("def relu(z1): return z1 \u2212 1", "a minus is typed"),
        "sleep": ("import time\ndef relu(z1): time.sleep(9)", "does it sleep"),
        "loop": ("def relu(z1):\n    while True: pass", "a loop without an end"),
    }
    folder = hand_in(tmp_path, {name: answers({"relu": source}) for name, (source, _) in told.items()})
    turned = json.loads(GOOD)
    turned["cells"][0]["cell_type"] = "markdown"
    turned["cells"].append({"cell_type": "code", "metadata": {}, "source": "def softmax(z2): return 1", "outputs": []})
    hand_in(folder, {"markdown": json.dumps(turned)})
    (folder / "latin.ipynb").write_bytes(GOOD.replace("def relu", "# \u00fc\\ndef relu").encode("cp1252"))
    got = graded(folder, 2)
    for name, (_, words) in told.items():
        assert words in " ".join(repr(got[name].marks["relu"].verdict).split()), name
    assert "Markdown" in repr(got["markdown"].marks["relu"].verdict)
    assert got["latin"].marks["relu"].points == RELU
    assert any("not in UTF-8" in note for note in got["latin"].notes)


# --- hostile files --------------------------------------------------------------------------------------


def test_hostile_files_beside_an_honest_one_cost_nobody_else(tmp_path: Path):
    """With `--jobs` and on a cluster they stand among the attacks (test_grading_attacks.py)."""
    texts = {**HOSTILE, "honest": notebook([{"source": "student = 'honest'"}, *cells(right("honest"))])}
    folder, out = hand_in(tmp_path / "in", texts), tmp_path / "out"
    assert main(["grade", str(folder), "-o", str(out), "--seed", "3"]) == 0
    table = marks_of(out)
    assert set(table) == set(texts)
    assert float(table["honest"]["total"]) == ASSIGNMENT.out_of
    for name in HOSTILE:
        assert float(table[name]["total"] or 0) == 0, (name, table[name])
    assert main(["grade", str(folder), "-o", str(out), "--seed", "3", "--resume"]) == 0
    assert marks_of(out) == table


def test_reading_is_quick_whatever_stands_there():
    """What a notebook of the largest size can cost: the steps grow with its length, not with its square."""
    source = "\n".join(f"a{n}=a{n + 1}" for n in range(4000))
    made = [reading.Cell(0, source, ""), reading.Cell(1, "def relu(z1): return a0", "relu")]
    statements = reading.Statements(made)
    asked = []
    statements.used = lambda number, used=statements.used: asked.append(number) or used(number)  # type: ignore
    assert len(statements.needed({4000}, {"a0"}, 1)) == 4000
    assert len(asked) == 4000


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is needed: root reads every folder")
def test_what_cannot_be_read_is_a_row():
    with open_folder() as folder:
        hand_in(folder / "in" / "locked", {"assignment": GOOD})
        hand_in(folder / "in", {"good": GOOD, "closed": GOOD})
        hand_in(folder.joinpath("in", *["deep"] * 12), {"assignment": GOOD})
        (folder / "in" / "closed.ipynb").chmod(0)
        (folder / "in" / "locked").chmod(0)
        try:
            result = as_ordinary_user(folder)
        finally:
            (folder / "in" / "locked").chmod(0o755)
        assert result.returncode == 0, result.stderr
        table = marks_of(folder / "out" / "new")
        assert {name: row["total"] for name, row in table.items()} == {
            "good": f"{RELU}", "closed": "", "locked": "", "deep": "",
        }  # fmt: skip
        for name, why in {
            "closed": "cannot be read: Permission",
            "locked": "cannot be read",
            "deep": "nest more",
        }.items():
            assert why in table[name]["notes"]
        assert str(folder) not in table["closed"]["notes"], "a student need not know where the grader keeps things"


def test_a_file_where_the_command_is_given_is_not_imported(tmp_path: Path):
    """Python looks for modules where it is started: a submission may be called multiprocessing.py."""
    for name in ("multiprocessing", "json", "sympy", "mlpcourse", "runpy", "numpy", "site", "sitecustomize"):
        (tmp_path / f"{name}.py").write_text(f"open({str(tmp_path / 'imported')!r}, 'w')\nraise SystemExit")
    text = notebook([{"source": "student = 'Ada'"}, *cells(right("Ada"))])
    hand_in(tmp_path, {"Ada": text})
    script = Path(sys.executable).with_name("mlpcourse")
    subprocess.run([script, "grade", ".", "-o", "out", "--jobs", "2"], cwd=tmp_path, check=True, capture_output=True)
    assert not (tmp_path / "imported").exists()
    assert float(marks_of(tmp_path / "out")["Ada"]["total"]) == ASSIGNMENT.out_of


def test_what_comes_back_has_a_size(tmp_path: Path):
    """Frames of the largest kind, without end: they cost their own exercise, not the grader's memory."""
    flood = """
import os, struct
def relu(z1):
    body = b"V" + struct.pack(">BBBII", 0, 1, 2, 1000, 1000) + bytes(8_000_000)
    frame = struct.pack(">II", 2, len(body)) + body
    while True:
        for fd in range(3, 8):
            try: os.write(fd, frame)
            except OSError: pass
"""
    result = graded(hand_in(tmp_path, {"Ada": answers({**functions(), "relu": flood})}), 1)["Ada"]
    assert result.marks["relu"].points == 0
    assert result.marks["softmax"].points == ASSIGNMENT.points["softmax"]


def test_a_function_of_another_name_is_found_by_its_check(tmp_path: Path):
    text = answers(
        {"relu": "def mine(z1): return np.maximum(z1, 0)\ncheck('relu', mine)", "softmax": "check('softmax', 3)"}
    )
    result = graded(hand_in(tmp_path, {"Ada": text}), 1)["Ada"]
    assert (result.marks["relu"].points, result.marks["softmax"].points) == (RELU, 0)


SPELLED = {  # functions that nobody can read from their cell, or that take their arguments in a way of their own
    "relu": ("exec('def relu(z1): return np.maximum(z1, 0)')", "globals()['relu'] = lambda z1: np.maximum(z1, 0)"),
    "grad_w2": (
        "def grad_w2(**kw): return kw['delta2'] @ kw['A1'].T", "def grad_w2(*, A1, delta2, k=1): return delta2 @ A1.T",
        "def grad_w2(A1, delta2, N=None): return delta2 @ A1.T", "def grad_w2(d, a): return d @ a.T",
        "import functools\ndef named(f):\n    @functools.wraps(f)\n    def g(**k): return f(**k)\n    return g\n"
        "@named\ndef grad_w2(A1, delta2): return delta2 @ A1.T",
    ),
    "skip_gradients": (
        "def skip_gradients(delta1, delta2, w1, X, v):\n    yield delta2 @ X.T\n    yield w1.T @ delta1 + v.T @ delta2",
    ),
}  # fmt: skip


def test_an_answer_is_judged_however_it_is_spelled(tmp_path: Path):
    gate = ASSIGNMENT.exercises["gate_by_hand"]
    numbers = [f"{number:.3f}" for number in gate.truth(student_seed("Ada")).ravel()]
    commas = [number.replace(".", ",") for number in numbers]
    typed = (numbers, commas, "; ".join(commas), " ".join(numbers), ", ".join(commas), "\n".join(numbers), [[n] for n in
             numbers], [f"= {number}" for number in numbers])  # fmt: skip
    computed = (f"np.array({numbers})", f"[str(n) for n in {numbers}]", f"dict(enumerate({numbers}))")
    by_hand = [
        f"my_numbers = {answer}" for answer in (*map(repr, typed), *computed, f"exec('x = {numbers[0]}') or {numbers}")
    ]
    sources = [*((name, source) for name, listed in SPELLED.items() for source in listed)]
    sources += [("gate_by_hand", source) for source in by_hand]
    texts = {
        f"{number}": notebook([{"source": "student = 'Ada'"}, {"id": name, "source": source}])
        for number, (name, source) in enumerate(sources)
    }
    for number, result in graded(hand_in(tmp_path, texts), 1).items():
        name, source = sources[int(number)]
        assert result.marks[name].points == ASSIGNMENT.points[name], source
    unquoted = gate.judge([int(part) for number in commas for part in number.split(",")], student_seed("Ada"))
    assert "decimal comma" in unquoted.facts[0]
    code = ASSIGNMENT.exercises["grad_w2"]
    assert code.judge(lambda **kw: kw["delta2"] @ kw["A1"].T, 0).right
    assert code.judge(lambda A1, delta2, N=None: delta2 @ A1.T, 0).right
