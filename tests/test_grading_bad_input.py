"""Grading files that are no good: each a row with a reason, and nobody else is stopped."""

import csv
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from handed_in import GOOD, hand_in, notebook, rows

from mlpcourse.__main__ import main
from mlpcourse.grading import submissions
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.sandbox import missing

pytestmark = pytest.mark.slow
sandboxed = pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}")

SEED = 3
POINTS, SLIP_SHARE = ASSIGNMENT.points, ASSIGNMENT.slip_share
ROOT = Path(__file__).parent.parent


def zipped(path: Path, entries: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in entries.items():
            archive.writestr(name, text)
    return path


BAD: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "empty"),
    "truncated": (GOOD.encode()[:-40], "not JSON"),
    "not json": (b"\x89PNG\r\n", "no notebook"),
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
    "deep": (b"[" * 200_000, "nests too deep"),
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
        assert float(table[name]["relu"]) == POINTS["relu"], name


@sandboxed
def test_names_that_bite(tmp_path: Path):
    names = ["=cmd()", "+1", "-1", "@x", "a'b\"c", "ä ö", "😀", "x" * 200, "con", "..dots", "new\nline", "a,b;c", "~"]
    folder, out = hand_in(tmp_path / "in", dict.fromkeys(names, GOOD)), tmp_path / "out"
    before = set(tmp_path.rglob("*"))
    assert main(["grade", str(folder), "-o", str(out), "--seed", "1"]) == 0
    assert {p for p in tmp_path.rglob("*") if p not in before and not p.is_relative_to(out)} == set()
    listed = list(csv.reader(io.StringIO((out / "scores.csv").read_text(encoding="utf-8-sig"))))
    assert len(listed) == 1 + len(names) - 1  # the name that begins with a dot is a hidden file
    for row in listed[1:]:
        assert not row[0].startswith(("=", "+", "-", "@"))
        assert row[1] == str(POINTS["relu"]), row
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
    assert set(found) == {"anna", "ben", "caro"}
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


def test_a_student_who_hands_in_twice_is_told_apart(tmp_path: Path):
    folder = hand_in(tmp_path / "in", {"anna": GOOD, "Anna": GOOD})
    hand_in(folder / "anna", {"assignment": GOOD})
    found = submissions.find(folder)
    assert len({one.key.lower() for one in found}) == 3
    assert all(any("3 submissions" in note for note in one.notes) for one in found)


def test_what_cannot_be_graded_at_all_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "bad.zip").write_text("no zip")
    (tmp_path / "nothing").mkdir()
    for source, said in {"bad.zip": "nor a zip file", "nothing": "no notebook", "absent": "no folder or zip"}.items():
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
