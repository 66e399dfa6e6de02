"""Deriving in JupyterLab: with the keyboard alone, with a finger on a telephone, after a restart."""

from collections.abc import Iterator
from pathlib import Path

import looks
import pytest
from browser import Lab, opened, run_all, screenshot, themes
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

CELLS = (
    """import os
os.environ["MLPCOURSE_DATA"] = "kept"  # beside this notebook
from mlpcourse.exercises import check, derive
field = derive("output_delta")
field""",
    'print(repr(check("output_delta", field)))',
)


def forget(lab: Lab) -> None:
    for file in (lab.root / "kept" / "progress").glob("*.json"):
        file.unlink()


@pytest.fixture(scope="module")
def notebook(desk: Page, lab: Lab) -> Iterator[Page]:
    with opened(desk, lab, "derive.ipynb", CELLS):
        yield desk


@pytest.fixture
def view(notebook: Page, lab: Lab) -> Locator:
    """The field, empty."""
    forget(lab)
    assert run_all(notebook) == []
    return notebook.locator(".jp-NotebookPanel:visible .mlp-view")


def enter(view: Locator, text: str) -> None:
    field = view.get_by_role("textbox")
    field.focus()
    view.page.keyboard.type(text)
    view.page.keyboard.press("Enter")


def test_the_keyboard_alone_is_enough(desk: Page, view: Locator):
    field, lines = view.get_by_role("textbox", name="Your next line"), view.locator(".mlp-lines li")
    field.focus()
    desk.keyboard.type("sum_k dL/dA2_k dA2_k/dz2_i")
    expect(view.locator(".mlp-derive-preview math")).to_contain_text("∑")  # set while it is typed
    expect(lines).to_have_count(0)
    desk.keyboard.press("Enter")
    expect(lines).to_have_count(1)
    expect(lines.first).to_contain_text("proven")
    expect(lines.first).to_contain_text("H09")
    expect(view.locator("[aria-live]")).to_contain_text("proven")
    expect(field).to_have_value("")
    expect(field).to_be_focused()

    enter(view, "-y_i (1 - A2_i)")
    expect(lines).to_have_count(2)
    expect(lines.last).to_contain_text("refuted")
    expect(lines.last).to_contain_text("the chain rule sums over")
    expect(view.locator("[aria-live]")).to_contain_text("refuted")
    lines.last.locator("summary").focus()
    desk.keyboard.press("Enter")
    expect(lines.last.locator("pre")).to_contain_text("w1 = np.array")

    field.focus()
    desk.keyboard.press("ArrowUp")  # the last line comes back
    expect(field).to_have_value("-y_i (1 - A2_i)")
    field.fill("A2_i sum_k y_k - (y_i")
    desk.keyboard.press("Enter")
    expect(view.locator(".mlp-problem")).to_contain_text("Column 18: This ( is never closed")
    expect(view.locator(".mlp-place")).to_have_text("(")
    expect(lines).to_have_count(2)
    field.fill("A2_i sum_k y_k - y_i")
    desk.keyboard.press("Enter")
    expect(lines).to_have_count(2)  # the wrong one has gone
    expect(lines.last).to_contain_text("proven")

    hint = view.get_by_role("button", name="Hint")
    for number in (1, 2, 3):
        hint.focus()
        desk.keyboard.press("Enter")
        expect(view.locator(".mlp-derive-hint")).to_contain_text(f"Hint {number} of 3")

    enter(view, "A2_i - y_i")
    expect(lines).to_have_count(3)
    expect(view.locator(".mlp-end")).to_contain_text("You are there.")
    view.locator(".mlp-end summary").focus()
    desk.keyboard.press("Enter")
    expect(view.locator(".mlp-end table")).to_contain_text("chain rule")


def test_brackets_are_matched_and_buttons_write(desk: Page, view: Locator):
    field = view.get_by_role("textbox")
    field.focus()
    desk.keyboard.type("A2_k (delta_ik - A2_i)")
    expect(view.locator(".mlp-derive-mirror mark")).to_have_text(["(", ")"])
    field.fill("")
    view.get_by_role("button", name="Write sum over k").click()
    view.get_by_role("button", name="Write brackets").click()
    expect(field).to_have_value("sum_k ()")
    expect(field).to_be_focused()
    desk.keyboard.type("y_k")  # between the brackets
    expect(field).to_have_value("sum_k (y_k)")


def test_a_line_entered_while_the_kernel_is_busy_is_judged_though_one_types_on(desk: Page, view: Locator):
    desk.evaluate(
        """() => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session
            kernel.requestExecute({ code: 'import time; time.sleep(2)' })
        }"""
    )
    field, lines = view.get_by_role("textbox"), view.locator(".mlp-lines li")
    field.focus()
    for key in ("sum_k dL/dA2_k dA2_k/dz2_i", "\n", "A2_i - (y_i"):
        desk.keyboard.type(key)
        desk.wait_for_timeout(200)  # long enough for the kernel to be asked, too short for it to answer
    expect(lines).to_have_count(1)
    expect(lines.first).to_contain_text("proven")
    expect(field).to_have_value("A2_i - (y_i")
    expect(view.locator(".mlp-problem")).to_contain_text("never closed")


def test_what_was_written_comes_back_after_a_restart(desk: Page, view: Locator):
    enter(view, "sum_k dL/dA2_k dA2_k/dz2_i")
    expect(view.locator(".mlp-lines li")).to_have_count(1)
    enter(view, "A2_i sum_k y_k - y_i")
    expect(view.locator(".mlp-lines li")).to_have_count(2)
    view.get_by_role("button", name="Take back the last line").click()
    expect(view.get_by_role("textbox")).to_have_value("A2_i sum_k y_k - y_i")
    expect(view.locator(".mlp-lines li")).to_have_count(1)
    desk.evaluate("async () => { await window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.restart() }")
    assert run_all(desk) == []
    expect(view.locator(".mlp-lines li")).to_have_count(1)
    enter(view, "A2_i - y_i")
    expect(view.locator(".mlp-end")).to_contain_text("You are there.")
    desk.evaluate(
        """async () => {
            const { content } = window.jupyterapp.shell.currentWidget
            content.activeCellIndex = 1
            await window.jupyterapp.commands.execute('notebook:run-cell')
        }"""
    )
    expect(desk.locator(".jp-NotebookPanel:visible .jp-OutputArea-output").last).to_contain_text("output_delta: right")


def test_a_finger_on_a_telephone_derives(desk: Page, view: Locator, artefacts: Path | None):
    devtools = desk.context.new_cdp_session(desk)
    desk.set_viewport_size({"width": 390, "height": 800})
    devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def tap(element: Locator) -> None:
        element.scroll_into_view_if_needed()
        box = element.bounding_box()
        assert box is not None
        at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
        devtools.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at]})
        devtools.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    try:
        tap(view.get_by_role("textbox"))
        expect(view.get_by_role("textbox")).to_be_focused()
        tap(view.get_by_role("button", name="Write sum over k"))
        expect(view.get_by_role("textbox")).to_have_value("sum_k ")
        desk.keyboard.type("dL/dA2_k dA2_k/dz2_i")
        tap(view.get_by_role("button", name="Judge"))
        expect(view.locator(".mlp-lines li")).to_contain_text("proven")
        box = view.bounding_box()
        assert box is not None
        for button in view.get_by_role("button").all():
            place = button.bounding_box()
            assert place is not None
            assert place["height"] >= 24, "too small for a finger"
            assert box["x"] <= place["x"]
            assert place["x"] + place["width"] <= box["x"] + box["width"] + 1
        if artefacts:
            desk.screenshot(path=artefacts / "derive-telephone.png")
    finally:
        devtools.send("Emulation.setTouchEmulationEnabled", {"enabled": False})
        devtools.detach()
        desk.set_viewport_size({"width": 1200, "height": 900})


def test_it_can_be_read_in_every_width_and_theme(desk: Page, view: Locator, artefacts: Path | None):
    for line in ("sum_k dL/dA2_k dA2_k/dz2_i", "A2_i sum_k y_k - y_i", "A2_i - y_i", "-y_i (1 - A2_i)"):
        enter(view, line)
        expect(view.get_by_role("textbox")).to_have_value("")
    view.get_by_role("textbox").fill("A2_i - (y_i q")
    view.get_by_role("button", name="Hint").click()
    expect(view.locator(".mlp-problem")).to_contain_text("never closed")
    wrong = []
    for width in (1200, 600, 390):
        desk.set_viewport_size({"width": width, "height": 900})
        if artefacts:
            screenshot(desk, artefacts / f"derive-{width}.png")
        wrong += [f"{width}: {one}" for one in looks.unreadable(view)]
    desk.set_viewport_size({"width": 1200, "height": 900})
    for theme in themes(desk):
        if artefacts:
            screenshot(desk, artefacts / f"derive-{theme}.png")
        wrong += [f"{theme}: {one}" for one in looks.inaccessible(desk, ".mlp-view")]
    assert not wrong, "\n".join(wrong)
