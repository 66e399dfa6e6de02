"""Marking lines, and putting them in order, in JupyterLab: by key and mouse, and what Python then reads."""

from collections.abc import Iterator

import pytest
from browser import Lab, opened, run_all
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CELLS = (
    'from mlpcourse.exercises import check, given\nmarks = given("find_second_layer")\nmarks',
    'print(repr(check("find_second_layer", marks)))',
    'given("order_grad_w1")',
)


@pytest.fixture(scope="module")
def notebook(desk: Page, lab: Lab) -> Iterator[Page]:
    with opened(desk, lab, "marks.ipynb", CELLS):
        assert run_all(desk) == []
        yield desk


def test_a_mark_is_set_taken_back_and_checked(notebook: Page):
    marks, check, _ = notebook.locator(".jp-NotebookPanel:visible .jp-CodeCell").all()
    view = marks.locator(".mlp-view")
    verdict = check.locator(".jp-OutputArea-output pre")
    expect(verdict).to_contain_text("not attempted yet")

    choice = view.get_by_label("What is wrong in H22")
    choice.focus()
    notebook.keyboard.press("ArrowDown")  # goes through the list, and marks nothing yet
    choice.select_option("index mismatch")
    expect(view.get_by_role("button", name="take back")).to_have_count(0)
    notebook.keyboard.press("Tab")
    notebook.keyboard.press("Enter")
    expect(view.get_by_role("button", name="H22: take back index mismatch")).to_be_visible()
    expect(view.locator("[aria-live]")).to_contain_text("H22 is marked: index mismatch.")
    view.get_by_role("button", name="H22: take back index mismatch").focus()
    notebook.keyboard.press("Enter")
    expect(view.get_by_role("button", name="take back")).to_have_count(0)
    view.get_by_label("What is wrong in H21").select_option("index mismatch")
    view.get_by_role("button", name="Mark H21").click()
    expect(view.get_by_role("button", name="H21: take back index mismatch")).to_be_visible()

    for _ in range(20):  # the kernel is told when the hand rests, and a busy machine takes its time
        notebook.wait_for_timeout(400)
        check.locator(".cm-content").click()
        notebook.keyboard.press("Shift+Enter")
        if "Every slip of this section is found." in verdict.inner_text():
            return
    pytest.fail(verdict.inner_text())


def test_a_line_is_dragged_all_the_way_up_and_down(notebook: Page):
    view = notebook.locator(".jp-NotebookPanel:visible .mlp-view").last
    lines = view.locator(".mlp-order > li")
    first, last = (lines.nth(at).locator("strong").text_content() for at in (0, -1))
    for letter, end in ((last, 0), (first, -1)):
        grip = lines.filter(has=notebook.locator("strong", has_text=letter)).locator(".mlp-order-grip")
        grip.hover()
        notebook.mouse.down()
        edge = lines.nth(end).bounding_box()
        assert edge is not None
        x = edge["x"] + 10
        notebook.mouse.move(x, edge["y"] + (2 if end == 0 else edge["height"] - 2), steps=12)
        notebook.mouse.up()
        expect(lines.nth(end).locator("strong")).to_have_text(letter)
        expect(view.locator(".mlp-order-held")).to_have_count(0)
