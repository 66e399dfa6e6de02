"""What a hand does to any view in JupyterLab, what Python hears of it, and the exported page."""

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Page, expect
from views_notebook import SHARED, active_cell, cell, python_reads, run

from mlpcourse import network
from mlpcourse.derivation import DERIVATIONS
from mlpcourse.widgets.view import number

pytestmark = pytest.mark.browser
CELLS = SHARED
LESSON = Path(__file__).parent.parent / "notebooks" / "02_turn_scores_into_probabilities.ipynb"


def test_python_moves_the_picture_and_both_copies(views: Page):
    run(views, "softmax set")
    for copy in ("softmax", "softmax again"):
        for handle in cell(views, copy).get_by_role("slider", name="z2, class").all():
            expect(handle).to_have_attribute("aria-valuenow", "0")
            expect(handle).to_have_attribute("aria-valuetext", "0.000, probability 0.250")


def test_a_drag_moves_both_copies_and_is_read_by_the_next_cell(views: Page):
    run(views, "softmax set")
    first, second = (
        cell(views, copy).get_by_role("slider", name="z2, class 2") for copy in ("softmax", "softmax again")
    )
    first.scroll_into_view_if_needed()
    knob = first.locator(".mlp-knob").bounding_box()
    assert knob
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    views.mouse.move(x, y)
    views.mouse.down()
    for step in range(1, 9):
        views.mouse.move(x, y - 4 * step)
    views.mouse.up()
    expect(first).to_have_attribute("aria-valuenow", "2")  # 32 pixels, 16 a unit
    expect(second).to_have_attribute("aria-valuenow", "2")
    expect(cell(views, "softmax").locator(".mlp-view svg")).to_contain_text(
        number(network.softmax(np.array([[0, 2.0, 0, 0]]).T)[1, 0])
    )
    python_reads(views, "softmax and steps read", "z2 = 0.000, 2.000, 0.000, 0.000;")


def test_keys_move_a_handle_and_not_the_notebook(views: Page):
    run(views, "softmax set")
    handle = cell(views, "softmax").get_by_role("slider", name="z2, class 1")
    handle.focus()
    selected = active_cell(views)
    for key, value in (("ArrowUp", "0.1"), ("ArrowRight", "0.2"), ("ArrowDown", "0.1"), ("PageUp", "1.1"), ("End", "5"),
                       ("ArrowUp", "5"), ("Home", "-5"), ("Shift+ArrowUp", "-4")):  # fmt: skip
        handle.press(key)
        expect(handle).to_have_attribute("aria-valuenow", value)
    handle.press("d")
    handle.press("d")
    assert active_cell(views) == selected
    assert views.locator(".jp-NotebookPanel:visible .jp-CodeCell").count() == len(CELLS)


def test_native_sliders_take_arrow_keys_too(views: Page):
    slider = cell(views, "softmax").get_by_role("slider", name="shift c")
    slider.focus()
    selected = active_cell(views)
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", "2")
    assert active_cell(views) == selected
    slider.press("ArrowLeft")
    slider.press("ArrowLeft")


def test_a_busy_kernel_takes_nothing_back(views: Page):
    """It confirms late what it was told. The view must not go back to that."""
    run(views, "softmax set")
    handle = cell(views, "softmax").get_by_role("slider", name="z2, class 4")
    expect(handle).to_have_attribute("aria-valuenow", "0")
    views.evaluate(
        """async () => {
            const { kernel } = window.jupyterapp.shell.currentWidget.sessionContext.session
            kernel.requestExecute({ code: 'import time; time.sleep(1)' })
            window.seen = []
            const handle = document.querySelectorAll('.mlp-view')[0].querySelectorAll('.mlp-handle')[3]
            new MutationObserver(() => window.seen.push(Number(handle.getAttribute('aria-valuenow'))))
                .observe(handle, { attributeFilter: ['aria-valuenow'] })
        }"""
    )
    handle.focus()
    handle.press("ArrowUp")
    views.wait_for_timeout(200)  # long enough for the kernel to be told, too short for it to answer
    for _ in range(40):
        handle.press("ArrowUp")
        views.wait_for_timeout(40)
    seen = views.evaluate("() => window.seen")
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(4.1)


def test_no_message_goes_to_the_kernel_while_the_hand_moves(views: Page):
    views.evaluate(
        """() => {
            const send = WebSocket.prototype.send
            window.sent = 0
            WebSocket.prototype.send = function (...message) { window.sent += 1; return send.apply(this, message) }
        }"""
    )
    handle = cell(views, "softmax").get_by_role("slider", name="z2, class 3")
    handle.focus()
    before, sent = handle.evaluate(  # all at once: between two presses from here the hand may seem to rest
        """element => {
            const before = window.sent
            for (let n = 0; n < 10; n += 1)
                element.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }))
            return [before, window.sent]
        }"""
    )
    assert sent == before
    views.wait_for_function("before => window.sent > before", arg=before)


def test_what_a_hand_does_is_drawn_before_its_frame(views: Page):
    """In the event of the key, and in the one that comes before a move."""
    run(views, "softmax set")
    view = cell(views, "softmax").locator(".mlp-view")
    handle = view.get_by_role("slider", name="z2, class 2")
    expect(handle).to_have_attribute("aria-valuenow", "0")
    drawn = handle.evaluate(
        """async element => {
            element.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowUp", bubbles: true }))
            await null
            return element.getAttribute("aria-valuenow")
        }"""
    )
    assert drawn == "0.1"

    cell(views, "softmax").locator(".cm-content").focus()
    handle.focus()
    views.wait_for_function(  # soon, while JupyterLab alone would go on for more than a second
        "() => !document.getAnimations().some(({ animationName }) => animationName?.startsWith('cm-blink'))",
        timeout=700,
    )
    handle.evaluate(
        """element => addEventListener(
            "pointermove", () => { window.drawn = element.getAttribute("aria-valuenow") }, { capture: true }
        )"""
    )
    handle.scroll_into_view_if_needed()
    knob = handle.locator(".mlp-knob").bounding_box()
    assert knob
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    views.mouse.move(x, y)
    views.mouse.down()
    views.mouse.move(x, y - 16)
    expect(handle).to_have_attribute("aria-valuenow", "1.1")
    assert views.evaluate("() => window.drawn") == "1.1"
    views.mouse.up()


def test_stepping_through_a_derivation(views: Page):
    steps = cell(views, "steps").locator(".mlp-view")
    stage = steps.get_by_role("group")
    stage.focus()
    expect(steps).to_contain_text("line 1 of 13")
    heights = set()
    for line in range(1, 14):
        expect(steps).to_contain_text(f"line {line} of 13")
        heights.add(steps.evaluate("element => element.offsetHeight"))
        stage.press("ArrowRight")
    assert len(heights) == 1, "nothing jumps"
    keys = DERIVATIONS["output_delta"].keys
    place = keys.index("loss_by_A2")
    stage.press("Home")
    stage.press("End")
    expect(steps).to_contain_text(f"line {len(keys)} of {len(keys)}")
    expect(steps.get_by_role("button", name="Next")).to_be_disabled()
    stage.press("Home")
    for _ in range(place - 1):
        stage.press("ArrowRight")
    steps.get_by_role("button", name="Next").click()
    expect(steps).to_contain_text(f"line {place + 1} of {len(keys)}")

    here = steps.locator(".mlp-here")
    wrong, right = "definition of", "only the term m = k holds"
    reasons = here.locator(".mlp-choice")
    expect(reasons).to_have_count(3)
    assert DERIVATIONS["output_delta"].line("loss_by_A2").reason.startswith("only the term"), (wrong, right)
    other = reasons.filter(has_not_text="only the term").first
    other.click()
    expect(other).to_be_disabled()
    expect(here).to_contain_text("✗ No: that is the reason for line")
    stage.focus()
    stage.press("Enter")
    expect(here.locator(".mlp-right")).to_contain_text("✓ only the term")

    # both sides follow the network, and agree
    numbers = steps.locator(".mlp-side .mlp-matrix")
    expect(steps).to_contain_text("✓ equal to rounding")
    logit = steps.get_by_role("slider", name="z2[1, 1]")
    logit.focus()
    logit.press("PageUp")
    expect(steps).to_contain_text("line 3 of 13")
    delta = network.softmax(np.array([[2.0], [2.0], [0.0]]))[:, 0] - [1, 0, 0]
    for side in (0, 1):
        expect(numbers.nth(side)).to_have_text("".join(map(number, delta)))
    steps.get_by_role("button", name="the true class is 2").click()
    delta += [1, -1, 0]
    expect(numbers.nth(1)).to_have_text("".join(map(number, delta)))
    expect(steps).to_contain_text("✓ equal to rounding")
    python_reads(views, "softmax and steps read", "3 [3] [[2.0], [2.0], [0.0]]")


def test_the_styles_of_views_below_one_another_do_not_mix(views: Page):
    """Jacobian's sheet comes last, with the rules that all views share: the choices keep their room for a mark."""
    choice = cell(views, "steps").locator(".mlp-choice").first
    assert choice.evaluate("element => getComputedStyle(element).paddingLeft") == "24px"
    assert (
        cell(views, "softmax").evaluate(
            """element => {
            const stray = element.querySelector('.mlp-view').appendChild(document.createElement('div'))
            stray.className = 'mlp-stage'
            const { display } = getComputedStyle(stray)
            stray.remove()
            return display
        }"""
        )
        == "block"
    )


def test_reset_goes_back_to_how_the_view_was_first_shown(views: Page):
    view = cell(views, "jacobian below").locator(".mlp-view")
    logit = view.get_by_role("slider", name="z2, class 2")
    logit.focus()
    logit.press("End")
    expect(logit).to_have_attribute("aria-valuenow", "5")
    view.get_by_role("button", name="Reset").click()
    for k, value in enumerate((1, 2, 0)):
        expect(view.get_by_role("slider").nth(k)).to_have_attribute("aria-valuenow", str(value))


def test_running_a_cell_again_leaves_nothing_behind(views: Page):
    views.evaluate(
        """() => {
            window.observed = new Set()
            const { observe, disconnect } = ResizeObserver.prototype
            ResizeObserver.prototype.observe = function (element) {
                if (element.classList.contains('mlp-ruler')) window.observed.add(this)
                return observe.call(this, element)
            }
            ResizeObserver.prototype.disconnect = function () {
                window.observed.delete(this)
                return disconnect.call(this)
            }
        }"""
    )
    for _ in range(4):
        run(views, "softmax again")
        cell(views, "softmax again").locator(".mlp-view svg").wait_for()
    assert views.evaluate("() => window.observed.size") == 1
    assert cell(views, "softmax again").locator(".mlp-view").count() == 1


def test_views_stay_alive_without_a_kernel(views: Page):
    views.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.shutdown()")
    handle = cell(views, "softmax").get_by_role("slider", name="z2, class 4")
    handle.focus()
    handle.press("Home")
    expect(handle).to_have_attribute("aria-valuenow", "-5")
    views.wait_for_timeout(300)  # and telling the kernel that is gone raises nothing: the fixture looks at the console
    stage = cell(views, "steps").locator(".mlp-view").get_by_role("group")
    stage.focus()
    stage.press("End")
    expect(cell(views, "steps")).to_contain_text("line 13 of 13")


# --- the exported page ------------------------------------------------------------------------------


def test_the_exported_page_shows_a_picture_offline(chrome: Browser, tmp_path: Path):
    """A lesson as committed, whose views have no kernel and no stored state."""
    import nbconvert

    page_source, _ = nbconvert.HTMLExporter().from_filename(str(LESSON))
    (tmp_path / "page.html").write_text(page_source, encoding="utf-8")
    context = chrome.new_context(offline=True)
    page = context.new_page()
    page.goto((tmp_path / "page.html").as_uri())
    picture = page.locator("img[alt*='probabilities'], .jp-OutputArea img").first
    assert picture.evaluate("image => image.complete && image.naturalWidth > 300")
    context.close()
