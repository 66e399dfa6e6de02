"""A lesson that was run and saved, opened again with another kernel: JupyterLab as `mlpcourse lab` sets it up."""

from __future__ import annotations

import json
import re
import subprocess
import urllib.request

import pytest
from browser import Lab, close_notebook, listen, open_notebook, run_all, write_notebook
from playwright.sync_api import Page, expect

from mlpcourse.lab.lessons import FIRST
from mlpcourse.lab.saving import WIDGET_VIEW

pytestmark = pytest.mark.browser
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save') }"
# Of each kind of output that a kernel has to keep alive, one: a view with numbers, one with formulas, a bar that goes.
YESTERDAY = (
    "from mlpcourse.widgets import Softmax\nSoftmax([1.0, 2.0, 0.0])",
    "from mlpcourse.widgets import step_through\nstep_through('softmax_jacobian')",
    "from tqdm.auto import trange\nfor _ in trange(3, leave=False):\n    pass",
)


def test_the_servers_own_address_is_the_first_lesson(lab: Lab):
    with urllib.request.urlopen(f"{lab.url}/?token={lab.token}") as answer:
        assert answer.url.split("?")[0].endswith(f"/lab/tree/{FIRST}")


def test_what_is_left_of_yesterday(desk: Page, lab: Lab):
    write_notebook(lab, "yesterday.ipynb", YESTERDAY)
    errors = listen(desk)
    open_notebook(desk, lab, "yesterday.ipynb")
    assert run_all(desk) == []
    desk.evaluate(SAVE)
    close_notebook(desk)
    open_notebook(desk, lab, "yesterday.ipynb")
    kept = json.loads((lab.root / "yesterday.ipynb").read_text(encoding="utf-8"))
    views = [data for cell in kept["cells"] for one in cell["outputs"] if WIDGET_VIEW in (data := one["data"])]
    assert len(views) == 2, "the bar has gone"
    shown = desk.locator(".jp-NotebookPanel:visible")
    expect(shown.locator(".jp-OutputArea-output:visible", has_text=re.compile(r"\S"))).to_have_count(len(views))
    expect(shown.locator(".mlp-view")).to_have_count(2)
    for said in ("model not found", "Error displaying widget", "news"):
        assert desk.get_by_text(said).count() == 0
    close_notebook(desk)
    assert errors == []


def test_an_author_who_opens_and_saves_changes_nothing(desk: Page, lab: Lab):
    lesson = lab.root / "author" / FIRST
    git = ["git", "-C", str(lesson.parent), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "lessons"]):
        subprocess.run([*git, *command], check=True)
    before = lesson.stat().st_mtime_ns
    open_notebook(desk, lab, f"author/{FIRST}")
    desk.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = true }")
    desk.evaluate(SAVE)
    close_notebook(desk)
    assert lesson.stat().st_mtime_ns > before
    status = [*git, "status", "--porcelain", "--untracked-files=no"]  # JupyterLab's checkpoints are in .gitignore
    changed = subprocess.run(status, capture_output=True, text=True, check=True)
    assert changed.stdout == ""
