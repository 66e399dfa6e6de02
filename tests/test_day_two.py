"""A lesson that was run and saved, opened again with another kernel: JupyterLab as `mlpcourse lab` sets it up."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import urllib.request
from pathlib import Path

import pytest
from browser import COURSE, Lab, close_notebook, jupyterlab, listen, open_notebook, run_all, write_notebook
from playwright.sync_api import Browser, Page, expect

from mlpcourse.lab.lessons import FIRST, lessons_folder
from mlpcourse.lab.saving import WIDGET_VIEW

pytestmark = pytest.mark.browser
SAVE = "async () => { await window.jupyterapp.commands.execute('docmanager:save') }"
# Of each kind of output that a kernel has to keep alive, one: a view with numbers, one with formulas, a bar that goes.
YESTERDAY = (
    "from mlpcourse.widgets import Softmax\nSoftmax([1.0, 2.0, 0.0])",
    "from mlpcourse.widgets import step_through\nstep_through('softmax_jacobian')",
    "from tqdm.auto import trange\nfor _ in trange(3, leave=False):\n    pass",
)


def test_the_servers_own_address_and_what_is_left_of_yesterday(chrome: Browser, tmp_path: Path):
    root = tmp_path / "lessons"
    shutil.copytree(lessons_folder(), root)
    with jupyterlab(root, tmp_path, given=COURSE) as lab, chrome.new_context() as context:
        with urllib.request.urlopen(f"{lab.url}/?token={lab.token}") as answer:
            assert answer.url.split("?")[0].endswith(f"/lab/tree/{FIRST}")
        page = context.new_page()
        errors = listen(page)
        page.goto(f"{lab.url}/?token={lab.token}")
        page.wait_for_function("name => window.jupyterapp?.shell.currentWidget?.context?.path === name", arg=FIRST)
        page.wait_for_timeout(1000)
        assert page.get_by_text("news", exact=False).count() == 0

        write_notebook(lab, "yesterday.ipynb", YESTERDAY)
        open_notebook(page, lab, "yesterday.ipynb")
        assert run_all(page) == []
        page.evaluate(SAVE)
        close_notebook(page)
        open_notebook(page, lab, "yesterday.ipynb")
        kept = json.loads((root / "yesterday.ipynb").read_text(encoding="utf-8"))
        views = [data for cell in kept["cells"] for one in cell["outputs"] if WIDGET_VIEW in (data := one["data"])]
        expect(page.locator(".jp-OutputArea-output:visible", has_text=re.compile(r"\S"))).to_have_count(len(views))
        expect(page.locator(".mlp-view")).to_have_count(2)
        assert page.get_by_text("model not found").count() == 0
        assert page.get_by_text("Error displaying widget").count() == 0
        assert not [error for error in errors if "not found" in error]


def test_an_author_who_opens_and_saves_changes_nothing(desk: Page, lab: Lab):
    git = ["git", "-C", str(lab.root), "-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "lessons"]):
        subprocess.run([*git, *command], check=True)
    before = (lab.root / FIRST).stat().st_mtime_ns
    open_notebook(desk, lab, FIRST)
    desk.evaluate("() => { window.jupyterapp.shell.currentWidget.context.model.dirty = true }")
    desk.evaluate(SAVE)
    close_notebook(desk)
    assert (lab.root / FIRST).stat().st_mtime_ns > before
    status = [*git, "status", "--porcelain", "--untracked-files=no"]  # JupyterLab's checkpoints are in .gitignore
    changed = subprocess.run(status, capture_output=True, text=True, check=True)
    assert changed.stdout == ""
