"""Marking lines, and putting them in order, in JupyterLab: by key and mouse, and what Python then reads."""

import pytest
from browser import Lab, opened, run_all
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

CELLS = (
    'from mlpcourse.exercises import check, given\nmarks = given("find_second_layer")\nmarks',
    'print(repr(check("find_second_layer", marks)))',
)


def test_a_mark_is_set_taken_back_and_checked(desk: Page, lab: Lab):
    with opened(desk, lab, "marks.ipynb", CELLS):
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


ORDER = ("from mlpcourse.exercises import given\ngiven('order_grad_w1')",)


def test_a_line_is_dragged_all_the_way_up_and_down(desk: Page, lab: Lab):
    with opened(desk, lab, "order.ipynb", ORDER):
        assert run_all(desk) == []
        view = desk.locator(".jp-NotebookPanel:visible .mlp-view")
        lines = view.locator(".mlp-order > li")
        first, last = (lines.nth(at).locator("strong").text_content() for at in (0, -1))
        for letter, end in ((last, 0), (first, -1)):
            grip = lines.filter(has=desk.locator("strong", has_text=letter)).locator(".mlp-order-grip")
            grip.hover()
            desk.mouse.down()
            edge = lines.nth(end).bounding_box()
            assert edge is not None
            x = edge["x"] + 10
            desk.mouse.move(x, edge["y"] + (2 if end == 0 else edge["height"] - 2), steps=12)
            desk.mouse.up()
            expect(lines.nth(end).locator("strong")).to_have_text(letter)
            expect(view.locator(".mlp-order-held")).to_have_count(0)
