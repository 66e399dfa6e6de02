"""Marking the handout's lines in JupyterLab: with the keyboard, and what Python then reads."""

import pytest
from browser import Lab, close_notebook, listen, open_notebook, run_all, write_notebook
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CELLS = (
    'from mlpcourse.exercises import check, given\nmarks = given("find_second_layer")\nmarks',
    'print(repr(check("find_second_layer", marks)))',
)


def test_a_mark_is_set_taken_back_and_checked(desk: Page, lab: Lab):
    write_notebook(lab, "marks.ipynb", CELLS)
    errors = listen(desk)
    open_notebook(desk, lab, "marks.ipynb")
    try:
        assert run_all(desk) == []
        view = desk.locator(".jp-NotebookPanel:visible .mlp-view")
        verdict = desk.locator(".jp-NotebookPanel:visible .jp-OutputArea-output pre").last
        expect(verdict).to_contain_text("not attempted yet")

        choice = view.get_by_label("What is wrong in H22")
        choice.focus()
        desk.keyboard.press("ArrowDown")  # goes through the list, and marks nothing yet
        choice.select_option("index mismatch")
        expect(view.get_by_role("button", name="take back")).to_have_count(0)
        desk.keyboard.press("Tab")
        desk.keyboard.press("Enter")
        expect(view.get_by_role("button", name="H22: take back index mismatch")).to_be_visible()
        expect(view.locator("[aria-live]")).to_contain_text("H22 is marked: index mismatch.")
        view.get_by_role("button", name="H22: take back index mismatch").focus()
        desk.keyboard.press("Enter")
        expect(view.get_by_role("button", name="take back")).to_have_count(0)
        view.get_by_label("What is wrong in H21").select_option("index mismatch")
        view.get_by_role("button", name="Mark H21").click()
        expect(view.get_by_role("button", name="H21: take back index mismatch")).to_be_visible()

        desk.wait_for_timeout(400)  # the kernel is told when the hand rests
        cell = desk.locator(".jp-NotebookPanel:visible .jp-CodeCell").last
        cell.locator(".cm-content").click()
        desk.keyboard.press("Shift+Enter")
        expect(verdict).to_contain_text("Every slip of this section is found.")
    finally:
        close_notebook(desk)
    assert errors == []
