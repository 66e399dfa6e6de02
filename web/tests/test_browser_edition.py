"""The browser edition: every lesson runs in the page, nothing leaves it, and what was done is there the next day."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from browser import FINISHED, error_outputs
from handed_in import right
from playwright.sync_api import Page
from visits import SITE, Visit

LESSONS = sorted(path.name for path in (SITE.parent.parent / "notebooks").glob("*.ipynb"))
READY = "() => document.documentElement.dataset.python === 'ready'"
FIRST = "() => jupyterapp.shell.currentWidget.content.widgets.some(cell => cell.model.executionCount)"
OPENED = "name => globalThis.jupyterapp?.shell?.currentWidget?.context?.path === name"
COMPLAINTS = """() => jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.sharedModel.getOutputs()).filter(o => o.name === 'stderr').map(o => String(o.text))"""
OUTPUT = "() => jupyterapp.shell.currentWidget.content.activeCell.model.sharedModel.getOutputs()"
RAN = "() => jupyterapp.shell.currentWidget.content.activeCell.model.executionCount !== null"
RUN = """source => {
    const { content } = jupyterapp.shell.currentWidget
    content.activeCellIndex = content.widgets.length - 1
    return jupyterapp.commands.execute('notebook:insert-cell-below').then(() => {
        content.activeCell.model.sharedModel.setSource(source)
        jupyterapp.commands.execute('notebook:run-cell') // its promise is not waited for: it may never be kept
    })
}"""

ANSWER = """answers => {
    for (const { model } of jupyterapp.shell.currentWidget.content.widgets) {
        const source = model.sharedModel.getSource()
        const [check, name] = source.match(/^check\\("?(\\w+).*/m) ?? []
        const answer = answers[name]
        if (answer) model.sharedModel.setSource(answer.includes(check) ? answer : `${answer}\\n\\n${check}`)
        else if (model.type === 'code') model.sharedModel.setSource(source.replace('student = ""', 'student = "Ada"'))
    }
}"""
SHOWN = """() => jupyterapp.shell.currentWidget.content.widgets.filter(cell => cell.model.type === 'code')
    .flatMap(cell => cell.model.sharedModel.getOutputs()).map(o => String(o.data?.['text/plain'] ?? o.text))"""


def open_lesson(page: Page, site: str, name: str) -> None:
    page.goto(f"{site}/run/lab/index.html?path={name}")
    page.wait_for_function(READY, timeout=240_000)


def run(page: Page, source: str) -> str:
    """What a new cell at the end shows."""
    page.evaluate(RUN, source)
    page.wait_for_function(RAN, timeout=60_000)
    return "".join(str(one.get("text") or one.get("data", {}).get("text/plain")) for one in page.evaluate(OUTPUT))


def run_all(page: Page) -> None:
    page.evaluate("async () => { await jupyterapp.commands.execute('notebook:clear-all-cell-outputs') }")
    page.evaluate("() => { jupyterapp.commands.execute('runmenu:run-all') }")
    page.wait_for_function(FIRST, timeout=60_000)
    page.wait_for_function(FINISHED, timeout=240_000)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_runs_in_the_page(visit: Visit, site: str, name: str):
    """All of it without a network, once Python is ready."""
    page = visit.page
    open_lesson(page, site, name)
    page.context.set_offline(True)
    run_all(page)
    assert error_outputs(page) == []
    assert page.evaluate(COMPLAINTS) == []
    visit.assert_clean()


def test_an_assignment_is_answered_without_a_network_and_taken_out(visit: Visit, site: str, tmp_path: Path):
    page = visit.page
    open_lesson(page, site, "assignment.ipynb")
    page.context.set_offline(True)
    page.evaluate(ANSWER, right("Ada"))
    run_all(page)
    assert error_outputs(page) == []
    verdicts = [text for text in page.evaluate(SHOWN) if re.match("[✓✗!○?] ", text)]
    assert len(verdicts) == len(right("Ada"))
    assert [text for text in verdicts if not re.search("^✓|Grading tells if it is the one", text)] == []
    page.evaluate("async () => { await jupyterapp.commands.execute('docmanager:save') }")
    with page.expect_download() as download:
        page.evaluate("() => { jupyterapp.commands.execute('docmanager:download') }")
    download.value.save_as(tmp_path / "assignment.ipynb")
    written = nbformat.read(tmp_path / "assignment.ipynb", as_version=4)
    for answer in right("Ada").values():
        assert any(answer in cell.source for cell in written.cells)
    assert visit.outside == []


def test_progress_is_there_after_a_reload_and_in_another_lesson(visit: Visit, site: str):
    page = visit.page
    open_lesson(page, site, LESSONS[1])
    run(page, "from mlpcourse.exercises import check, progress, EXERCISES, solution")
    assert "not" in run(page, "check('shape_of_X', (5, 2))")
    right = run(page, "print(repr(check('shape_of_X', (2, 5))))")
    assert re.search("✓", right)
    code = "import numpy as np\ndef relu(z1):\n    return np.maximum(z1, 0)\nprint(repr(check(relu)))"
    assert "my_network.py" in run(page, code)
    before = run(page, "print(repr(progress()))")
    assert "2 of " in before
    page.wait_for_function("name => location.search.endsWith(name)", arg=LESSONS[1])
    page.reload()
    page.wait_for_function(OPENED, arg=LESSONS[1], timeout=60_000)
    page.wait_for_function(READY, timeout=240_000)
    assert run(page, "from mlpcourse.exercises import progress; print(repr(progress()))") == before
    assert "[[0. 2.]]" in run(page, "import numpy as np, my_network; print(my_network.relu(np.array([[-1.0, 2.0]])))")
    open_lesson(page, site, LESSONS[2])
    assert run(page, "from mlpcourse.exercises import progress; print(repr(progress()))") == before
    assert visit.outside == []


def test_a_cell_run_too_early_gets_a_sentence(visit: Visit, site: str):
    open_lesson(visit.page, site, LESSONS[1])
    run(visit.page, "check('shape_of_X', (2, 5))")
    (said,) = error_outputs(visit.page)
    assert "check" in said


def test_each_page_opens_its_lesson(visit: Visit, site: str):
    name = LESSONS[3].removesuffix(".ipynb")
    visit.page.goto(f"{site}/{name}.html")
    visit.page.get_by_role("link", name="Run this lesson in your browser").click()
    visit.page.wait_for_function(OPENED, arg=f"{name}.ipynb", timeout=60_000)
    visit.page.get_by_role("status").get_by_text("Python is starting in this page").wait_for(timeout=20_000)
