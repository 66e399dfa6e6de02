"""The lessons in a learner's folder, what is saved of them, and the commands that look after both."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import nbformat
import pytest
from kernels import over_files
from nbclient import NotebookClient

from mlpcourse.__main__ import main
from mlpcourse.exercises import records
from mlpcourse.lab import doctor, lessons, saving, server, settings

ROOT = Path(__file__).parent.parent


def lesson(*cells: tuple[str, str], kind: str = "code") -> Any:
    """A notebook with a cell for each (id, source)."""
    make = nbformat.v4.new_code_cell if kind == "code" else nbformat.v4.new_markdown_cell
    return nbformat.v4.new_notebook(cells=[make(source, id=name) for name, source in cells])


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A course of one lesson with three cells."""
    own = tmp_path / "course"
    own.mkdir()
    nbformat.write(lesson(("a", "a = 1"), ("b", "b = ..."), ("c", "c = 3")), own / "01.ipynb")
    monkeypatch.setattr(lessons, "lessons_folder", lambda: own)
    return own


@pytest.fixture
def folder(course: Path, tmp_path: Path) -> Path:
    mine = tmp_path / "my lessöns"
    assert lessons.copy_missing(mine) == ["01.ipynb"]
    return mine


def rewrite(path: Path, change: Any) -> None:
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def sources(path: Path) -> list[str]:
    return [cell.source for cell in nbformat.read(path, as_version=4).cells]


def test_a_second_copy_writes_over_nothing(folder: Path):
    (folder / "01.ipynb").write_text("mine")
    assert lessons.copy_missing(folder) == []
    assert (folder / "01.ipynb").read_text() == "mine"


def test_a_lesson_copied_by_hand_is_no_older_one(course: Path, tmp_path: Path):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "01.ipynb").write_bytes((course / "01.ipynb").read_bytes())
    assert lessons.outdated(tmp_path / "mine") == []


def test_an_untouched_lesson_is_replaced(course: Path, folder: Path):
    rewrite(folder / "01.ipynb", lambda n: n.cells[0].update(outputs=[], execution_count=7))  # run, not changed
    nbformat.write(lesson(("a", "a = 2")), course / "01.ipynb")
    assert lessons.update(folder) == ["01.ipynb: the new version. You had changed nothing in it."]
    assert sources(folder / "01.ipynb") == ["a = 2"]
    assert lessons.update(folder) == []
    assert not list(folder.glob("before *"))


def test_a_learners_cells_stay(course: Path, folder: Path):
    def work(notebook: Any) -> None:
        notebook.cells[1].source = "b = 'mine'"
        notebook.cells[1].outputs = [nbformat.v4.new_output("stream", text="well done")]
        notebook.cells.insert(2, nbformat.v4.new_code_cell("extra = 1", id="own"))

    rewrite(folder / "01.ipynb", work)
    (folder / "my_network.py").write_text("def softmax(z2): ...")
    before = (folder / "01.ipynb").read_bytes()
    nbformat.write(
        lesson(("a", "a = 2"), ("x", "x = 0"), ("b", "b = ... # better"), ("c", "c = 3")), course / "01.ipynb"
    )
    (said,) = lessons.update(folder)
    assert re.fullmatch(
        r"01\.ipynb: the new version, with 2 cells of yours; as it was, it is in before [-\d .]+\.", said
    )
    assert sources(folder / "01.ipynb") == ["a = 2", "x = 0", "b = 'mine'", "extra = 1", "c = 3"]
    assert nbformat.read(folder / "01.ipynb", as_version=4).cells[2].outputs[0].text == "well done"
    (backup,) = folder.glob("before */01.ipynb")
    assert backup.read_bytes() == before
    assert (folder / "my_network.py").read_text() == "def softmax(z2): ..."
    nbformat.write(lesson(("a", "a = 3"), ("b", "b = ... # best")), course / "01.ipynb")
    lessons.update(folder)
    assert sources(folder / "01.ipynb")[:3] == ["a = 3", "b = 'mine'", "extra = 1"], "a second update keeps them, too"


def test_a_learners_cell_whose_place_is_gone_is_at_the_end(course: Path, folder: Path):
    rewrite(folder / "01.ipynb", lambda n: n.cells[1].update(source="b = 'mine'"))
    nbformat.write(lesson(("y", "y = 1"), ("z", "z = 2")), course / "01.ipynb")
    (said,) = lessons.update(folder)
    assert "1 of yours, whose place is gone, is at its end" in said
    assert sources(folder / "01.ipynb") == ["y = 1", "z = 2", "b = 'mine'"]


def test_a_cell_with_a_new_id_is_found_by_its_text(course: Path, folder: Path):
    rewrite(folder / "01.ipynb", lambda n: n.cells[1].update(source="b = 'mine'"))
    nbformat.write(lesson(("p", "a = 1"), ("q", "b = ..."), ("r", "c = 4")), course / "01.ipynb")
    lessons.update(folder)
    assert sources(folder / "01.ipynb") == ["a = 1", "b = 'mine'", "c = 4"]


def test_a_lesson_that_cannot_be_read_is_left_alone(course: Path, folder: Path):
    (folder / "01.ipynb").write_text("{")
    nbformat.write(lesson(("a", "a = 2")), course / "01.ipynb")
    (said,) = lessons.update(folder)
    assert said.startswith("01.ipynb: left as it is, since it cannot be read as a notebook")
    assert (folder / "01.ipynb").read_text() == "{"


def test_a_new_lesson_arrives(course: Path, folder: Path):
    nbformat.write(lesson(("a", "a = 1")), course / "02.ipynb")
    assert lessons.update(folder) == ["02.ipynb: new."]


def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    (tmp_path / "file").touch()
    assert server.lab(tmp_path / "file" / "below", []) == 1
    assert "cannot be written" in capsys.readouterr().err


def test_beside_the_lessons_is_kept_what_a_home_cannot_keep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for name in server.KEPT_AT_HOME:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", "elsewhere")
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert "MLPCOURSE_DATA" not in server.environment(tmp_path / "lessons")
    monkeypatch.setattr(Path, "home", lambda: tmp_path / "gone")
    given = server.environment(tmp_path / "lessons")
    assert given["JUPYTER_CONFIG_DIR"] == "elsewhere"
    others = [Path(given[name]) for name in server.KEPT_AT_HOME if name != "JUPYTER_CONFIG_DIR"]
    assert all(place.is_relative_to(tmp_path / "lessons" / lessons.AS_THEY_CAME) for place in others)


def test_while_jupyterlab_starts_the_tables_for_reading_lines_are_kept(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path / "mine"))
    assert server.lab(tmp_path / "lessons", ["--version"]) == 0
    assert [path.name for path in (tmp_path / "mine").rglob("*") if path.is_file()] == ["grammar.tables"]


# --- what is saved --------------------------------------------------------------------------------

PNG = {"image/png": "iVBORw0KGgo=", "text/plain": "a view"}


def saved(hook: Any, *outputs: dict[str, Any], **metadata: Any) -> list[dict[str, Any]]:
    cells = [{"cell_type": "code", "metadata": {"trusted": True}, "outputs": [{"data": data} for data in outputs]}]
    model = {"type": "notebook", "content": {"metadata": metadata, "cells": cells}}
    hook(model, path="", contents_manager=None)
    return [output["data"] for output in model["content"]["cells"][0]["outputs"]]


def view(number: str) -> dict[str, Any]:
    return {saving.WIDGET_VIEW: {"model_id": number}}


def test_a_view_lives_on_with_its_state_and_is_a_picture_without():
    state = {saving.WIDGET_STATE: {"state": {"1": {}}}}
    kept = saved(saving.leave_no_dead_views, {**view("1"), **PNG}, {**view("2"), **PNG}, widgets=state)
    assert kept == [{**view("1"), **PNG}, PNG]


def test_a_committed_lesson_holds_a_picture_once():
    table = {"text/html": "<table></table>", "text/plain": "a table"}
    assert saved(saving.as_committed, {**PNG, "text/html": "<img>"}, table) == [PNG, table]


def test_a_progress_bar_that_has_gone_leaves_nothing():
    assert saved(saving.leave_no_dead_views, {**view("2"), "text/plain": "50%"}) == []


@pytest.mark.parametrize("path", sorted(ROOT.glob("notebooks/*.ipynb")), ids=lambda path: path.stem)
def test_saving_a_lesson_as_an_author_changes_nothing(path: Path):
    """A lesson as it is in version control, with what JupyterLab adds when it opens and saves it."""
    model = {"type": "notebook", "content": json.loads(path.read_text(encoding="utf-8"))}
    before = json.dumps(model, sort_keys=True)
    model["content"]["metadata"]["language_info"] = {**saving.LANGUAGE, "version": "3.99.1"}
    model["content"]["metadata"]["widgets"] = {saving.WIDGET_STATE: {"state": {}}}
    for cell in model["content"]["cells"]:
        cell["metadata"].update(trusted=True, collapsed=True, jupyter={"outputs_hidden": True})
    saving.as_committed(model, path=path.name)
    assert json.dumps(model, sort_keys=True) == before


# --- lost learners --------------------------------------------------------------------------------


def said_by(cells: list[str]) -> tuple[list[str], str]:
    """(What the cells show that fail, all standard error), in a kernel as `mlpcourse lab` starts it."""
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    notebook.metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3"}}
    NotebookClient(notebook, allow_errors=True, config=over_files()).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    failed = ["\n".join(output.traceback) for output in outputs if output.output_type == "error"]
    return failed, "".join(output.text for output in outputs if output.get("name") == "stderr")


def test_a_cell_run_too_early_gets_a_sentence_and_a_home_that_cannot_be_written_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    (tmp_path / "file").touch()
    monkeypatch.setenv("JUPYTER_PATH", str(settings.SETTINGS))
    monkeypatch.setenv("MPLCONFIGDIR", str(tmp_path / "file" / "below"))
    get = "import matplotlib; matplotlib.get_cachedir()"
    (said, own, other), stderr = said_by(['check("softmax", 1)', "nobodys_name", "1 / 0", get])
    assert said.startswith("check is not known yet")
    assert "Run the cells above first" in said
    assert "Traceback" not in said
    assert "Traceback" in own
    assert "Traceback" in other
    assert stderr == ""


# --- the commands -----------------------------------------------------------------------------------


def in_letters_of(encoding: str, text: str) -> str:
    """``text`` as a console of that encoding shows it; `main` has registered what stands in for missing letters."""
    return text.encode(encoding, errors="plain letters").decode(encoding)


@pytest.mark.parametrize("command", ["coverage", "doctor"])
def test_a_command_finds_all_there_and_writes_to_any_console(command: str, capsys: pytest.CaptureFixture[str]):
    assert main([command]) == 0
    said = capsys.readouterr().out
    if command == "doctor":
        assert [line.split()[1] for line in said.splitlines()[: len(doctor.CHECKS)]] == list(doctor.CHECKS)
    for encoding in ("cp1252", "ascii"):
        assert in_letters_of(encoding, said).count("?") == said.count("?"), "a letter has no stand-in"


def test_doctor_tells_what_is_broken(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
):
    (tmp_path / "progress").touch()
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path))
    monkeypatch.setattr(lessons, "lessons_folder", lambda: tmp_path)
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert main(["doctor"]) == 1
    said = capsys.readouterr().out
    assert re.search(r"^missing +pictures +ModuleNotFoundError", said, re.MULTILINE)
    assert re.search(r"^missing +lessons +0 notebooks", said, re.MULTILINE)
    assert re.search(r"^look +progress +cannot be kept", said, re.MULTILINE)
    assert said.endswith("The lessons need what is missing: pictures, lessons.\n")


def test_the_verdicts_signs_have_plain_stand_ins(monkeypatch: pytest.MonkeyPatch):
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, encoding="ascii"))
    with pytest.raises(SystemExit):
        main(["--help"])
    print("✓ ✗ café \N{MINUS SIGN}1 漢", flush=True)
    assert written.getvalue().endswith(b"+ x cafe -1 ?\n")


def test_the_course_is_not_copied_onto_itself(monkeypatch: pytest.MonkeyPatch):
    assert lessons.is_the_courses_own(ROOT / "notebooks")
    assert not lessons.is_the_courses_own(ROOT / "nowhere")
    assert "--ContentsManager.pre_save_hook=mlpcourse.lab.saving.as_committed" in server.command(ROOT, True, [])


def test_progress_goes_into_a_file_and_a_table(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path / "data"))
    records.named("=Ada")
    records.checked("shape_of_X", False)
    records.checked("shape_of_X", True)
    files = tmp_path / "files"
    files.mkdir()
    assert main(["progress", "--export", str(files / "ada.json")]) == 0
    (files / "other.json").write_text("[]")
    (files / "broken.json").write_text("{")
    capsys.readouterr()
    assert main(["progress", "--table", str(files)]) == 0
    said = capsys.readouterr()
    head, row = said.out.splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert cells | {"done": "1", "tries": "2", "hints": "0", "lesson 00": "1", "lesson 01": "0"} == cells
    assert cells["learner"] == "'=Ada", "a name is never a spreadsheet's formula"
    assert len(said.err.strip().splitlines()) == 2


def test_settings_for_an_environment_of_the_course_alone(tmp_path: Path):
    for file in settings.install(tmp_path):
        assert json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_the_wheel_carries_the_lessons(tmp_path: Path):
    """Built, installed into an environment of its own in a path with a space and an umlaut; a lesson runs.

    What the wheel depends on is read from this environment; continuous integration installs that, too.
    """
    home = tmp_path / "a pläce"
    source = home / "source"
    listed = subprocess.run(["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout: the list of the course's files comes from git")
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            (source / name).write_bytes((ROOT / name).read_bytes())
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    run(*pip, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(home), str(source))
    run(sys.executable, "-m", "venv", "--without-pip", str(home / "env"))
    (wheel,) = home.glob("*.whl")
    python = str(home / "env" / ("Scripts" if os.name == "nt" else "bin") / "python")
    run(*pip, "--python", python, "install", "--no-compile", "--no-deps", str(wheel))
    site = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])").strip())
    # As a path, modules are found and nothing else is: not the link to the course in an author's environment.
    others = {sysconfig.get_paths()[kind] for kind in ("purelib", "platlib")}
    (site / "others.pth").write_text("\n".join(others))
    first = site / "mlpcourse" / "notebooks" / lessons.FIRST
    assert {path.name for path in first.parent.iterdir()} == {path.name for path in ROOT.glob("notebooks/*.ipynb")}
    shown = run(python, "-c", EXECUTE, str(first), cwd=home, MLPCOURSE_DATA=str(home), PYTHONPATH=str(ROOT / "tests"))
    assert shown.strip() == str(site / "mlpcourse")
    assert "doctor" in run(str(Path(python).parent / "mlpcourse"), "--help", cwd=home)


EXECUTE = """
import sys
import nbformat
from kernels import over_files
from nbclient import NotebookClient
lesson = nbformat.read(sys.argv[1], as_version=4)
lesson.cells.append(nbformat.v4.new_code_cell("import mlpcourse; print(*mlpcourse.__path__)"))
NotebookClient(lesson, timeout=300, config=over_files()).execute()
print(lesson.cells[-1].outputs[0].text)
"""


def run(*command: str, cwd: Path | None = None, **environment: str) -> str:
    done = subprocess.run(command, cwd=cwd, env={**os.environ, **environment}, capture_output=True)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode(errors="replace")
