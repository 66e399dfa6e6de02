"""Progress is kept, never lost to a second notebook, and never in the way."""

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mlpcourse.exercises import records
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.lab import progress

EXERCISES = [Exercise(name, lesson, "", ("", "", "")) for name, lesson in (("relu", 1), ("forward", 1), ("softmax", 2))]


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path))
    return tmp_path / "progress"


def test_tries_hints_and_slips_are_counted_until_it_is_right():
    assert records.checked("relu", right=False, slip="gate_inverted") == ""
    records.checked("relu", right=False, slip="gate_inverted")
    records.hinted("relu", 2)
    records.hinted("relu", 1)
    records.checked("relu", right=True)
    done = records.Record(done=True, tries=3, hints=2, slips=("gate_inverted",))
    assert records.read("relu") == done
    records.checked("relu", right=False)
    records.hinted("relu", 3)
    records.solution_shown("relu")
    assert records.read("relu") == done


def test_the_overview_says_what_was_done_how_and_what_is_next():
    records.checked("relu", right=True)
    records.checked("forward", right=False, slip="no_bias")
    records.solution_shown("forward")
    overview = records.Overview(EXERCISES)
    for shown in (repr(overview), overview._repr_html_()):
        assert "1 of 3 exercises done." in shown
        assert "Next: forward, in lesson 01." in shown
        assert "1 try, solution seen, slips met: no_bias" in shown
    for name in ("forward", "softmax"):
        records.checked(name, right=True)
    assert "Nothing is left to do." in repr(records.Overview(EXERCISES))


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"tries": "many"}', '{"done": 1}', '{"slips": 3}', "\x00"])
def test_a_damaged_file_is_named_and_then_replaced(data: Path, text: str):
    data.mkdir(parents=True)
    (data / "relu.json").write_text(text)
    assert "What was kept of relu cannot be read" in repr(records.Overview(EXERCISES))
    assert records.checked("relu", right=True) == ""
    assert records.read("relu").done


def test_a_place_that_cannot_be_written_gets_a_sentence(data: Path):
    data.parent.mkdir(exist_ok=True)
    data.write_text("a file where the folder should be")
    note = records.checked("relu", right=True)
    assert note.startswith("Your progress is not kept: ")
    assert "0 of 3 exercises done." in repr(records.Overview(EXERCISES))


def test_a_record_of_a_newer_version_is_read():
    records.checked("relu", right=True)
    path = records.folder() / "relu.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), "mood": "good"}))
    assert records.read("relu").done


def test_what_is_called_json_is_json_at_every_moment(data: Path, monkeypatch: pytest.MonkeyPatch):
    """In the browser edition, a file of that name that holds anything else hangs Python for good."""
    renamed: dict[Path, int] = {}
    replace = os.replace

    def watched(source: str, target: Path) -> None:
        assert not source.endswith(".json")
        json.loads(Path(source).read_text(encoding="utf-8"))
        renamed[Path(target)] = Path(source).stat().st_ino
        replace(source, target)

    monkeypatch.setattr(os, "replace", watched)
    records.checked("relu", right=False)
    records.hinted("forward", 2)
    records.solution_shown("softmax")
    records.written("output_delta", ["A2 - y"])
    records.named("Ada")
    progress.export(data / "ada.json")
    assert len(renamed) == 6
    assert {path: path.stat().st_ino for path in data.rglob("*.json")} == renamed


def test_two_notebooks_at_once_lose_nothing(data: Path):
    """Two processes, each with its own exercises, as fast as they can; a third reads all the while."""
    code = "from mlpcourse.exercises import records\nfor n in range(60): records.checked('{0}%d' % (n % 6), n >= 54)"
    with ThreadPoolExecutor() as pool:
        runs = [
            pool.submit(subprocess.run, [sys.executable, "-c", code.format(name)], check=True) for name in ("a", "b")
        ]
        while not all(run.done() for run in runs):
            for name in ("a0", "b5"):
                records.read(name)
        for run in runs:
            run.result()
    for name in ("a", "b"):
        for number in range(6):
            assert records.read(f"{name}{number}") == records.Record(done=True, tries=10)
    assert not list(data.glob("*.new"))


def test_a_derivation_that_is_finished_in_text_counts():
    from mlpcourse.exercises import derive

    derive("grad_b2", "A2_i - y_k")
    assert not records.read("derive_grad_b2").done
    derive("grad_b2", "A2_k - y_k")
    assert records.read("derive_grad_b2").done
