"""What each view in JupyterLab shows while a hand moves it: its numbers are those of numpy."""

import re

import numpy as np
import pytest
from playwright.sync_api import Page, expect
from views_notebook import EACH, active_cell, cell, python_reads, run

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.exercises import graph, slips
from mlpcourse.gradcheck import EPS
from mlpcourse.training import evaluate
from mlpcourse.widgets import Batch, StepSize
from mlpcourse.widgets.training import examples, start
from mlpcourse.widgets.view import number

pytestmark = pytest.mark.browser
CELLS = EACH


def test_the_jacobians_cell_shows_its_case_with_the_numbers(views: Page):
    view = cell(views, "jacobian").locator(".mlp-view")
    matrix = network.softmax_jacobian(np.array([[1.0], [2.0], [0.0]]))
    first = view.get_by_role("gridcell", name="k = 1, i = 1:")
    first.focus()
    expect(view).to_contain_text("k = 1, i = 1: its own logit")
    first.press("ArrowDown")
    expect(view.get_by_role("gridcell", name=f"k = 2, i = 1: {number(matrix[1, 0])}")).to_be_focused()
    expect(view).to_contain_text("k = 2, i = 1: another class's logit")
    expect(view.locator(".mlp-figures:visible")).to_have_text(f"={number(-0.665)}·0.245={number(matrix[1, 0])}")
    view.get_by_role("gridcell", name="k = 3, i = 3:").hover()
    expect(view).to_contain_text("k = 3, i = 3: its own logit")
    handle = view.get_by_role("slider", name="z2, class 3")
    handle.focus()
    handle.press("PageUp")
    matrix = network.softmax_jacobian(np.array([[1.0], [2.0], [1.0]]))
    expect(view.locator(".mlp-figures:visible")).to_contain_text(number(matrix[2, 2]))
    for k, i in np.ndindex(3, 3):
        expect(view.get_by_role("gridcell").nth(3 * k + i)).to_have_text(number(matrix[k, i]))
    # Another cell comes under a pointer that rests: the one in focus stays chosen.
    cells = view.get_by_role("gridcell")
    cells.nth(0).hover()
    cells.nth(8).focus()
    cells.nth(3).evaluate("cell => cell.addEventListener('pointerenter', () => cell.classList.add('entered'))")
    views.mouse.wheel(0, cells.nth(0).bounding_box()["height"])
    expect(cells.nth(3)).to_contain_class("entered")
    expect(cells.nth(8)).to_have_attribute("aria-selected", "true")


def column_of(*z2: float) -> np.ndarray:
    return np.array(z2).reshape(-1, 1)


def test_the_loss_follows_a_point_on_the_curve(views: Page):
    view = cell(views, "loss").locator(".mlp-view")
    view.scroll_into_view_if_needed()

    def shows(z2: np.ndarray, t: int) -> None:
        A2, L = network.softmax(z2)[:, 0], -np.log(network.softmax(z2)[:, 0])
        expect(view.locator(".mlp-now").first).to_have_text(number(L[t]))
        expect(view.locator(".mlp-now").last).to_have_text(number(A2[t]))
        expect(view.locator(".mlp-slope")).to_have_text(f"slope {number(-1 / A2[t])}")
        for k, row in enumerate(view.locator(".mlp-option").all()):
            expect(row).to_have_text(f"{k + 1}{number(A2[k])}{number(L[k])}")
            says = f"class {k + 1}: probability {number(A2[k])}, loss {number(L[k])}"
            expect(row.get_by_role("radio", name=says)).to_be_visible()

    shows(column_of(1, 2, 0), 0)
    point = view.get_by_role("slider", name="z2, class 3")
    point.focus()
    point.press("PageUp")
    shows(column_of(1, 2, 1), 0)
    view.get_by_role("radio").first.press("ArrowDown")
    expect(view.get_by_role("radio").nth(1)).to_be_checked()
    shows(column_of(1, 2, 1), 1)

    # the point stays under the mouse, and the mouse stays near the curve: both know where p = 1/2 is
    point = view.get_by_role("slider", name="z2, class 2")
    knob = point.locator(".mlp-knob").bounding_box()
    scale = view.locator(".mlp-axis").first.bounding_box()
    assert knob
    assert scale
    x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
    half = scale["x"] + scale["width"] / 2
    views.mouse.move(x, y)
    views.mouse.down()
    views.mouse.move(half, scale["y"] - 50 * np.log(2), steps=5)  # 50 pixels a unit of L
    views.mouse.up()
    views.evaluate("() => new Promise(requestAnimationFrame)")
    p = float(view.locator(".mlp-now").last.text_content() or "nan")
    assert p == pytest.approx(0.5, abs=0.006)
    python_reads(views, "loss read", f"{number(p)}, ")
    python_reads(views, "loss read", "true class 2")


def test_the_paths_products_add_up_to_the_output_error(views: Page):
    view = cell(views, "paths").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    logit = view.get_by_role("slider", name="z2, class 3")
    logit.focus()
    logit.press("PageUp")
    z2 = column_of(1, 2, 1)
    A2, jacobian = network.softmax(z2), network.softmax_jacobian(z2)
    for t in range(3):
        y = network.one_hot([t], 3)
        view.get_by_role("group", name="true class t").get_by_role("radio").nth(t).check()
        for i in range(3):
            view.get_by_role("group", name="logit i").get_by_role("radio").nth(i).check()
            first, second = jacobian[:, i], (-y / A2)[:, 0] + 0.0
            products = [*(first * second), first @ second, first[i] * second[i]]
            factors = [slope for pair in zip(first, second, strict=True) for slope in pair]
            for shown, wanted in ((".mlp-factor", factors), (".mlp-terms [text-anchor=end]", products)):
                expect(view.locator(shown)).to_have_text([number(x) if x else "0" for x in wanted])
            assert products[3] == pytest.approx(network.output_delta(A2, y)[i, 0])
            ends = view.locator(".mlp-terms rect").evaluate_all(
                "bars => bars.map(bar => [Number(bar.getAttribute('x')), Number(bar.getAttribute('width'))])"
            )
            room = ends[3][1] / abs(products[3])  # pixels a unit
            assert [width for _, width in ends] == pytest.approx([abs(x) * room for x in products])
    expect(view.locator(".mlp-formulas")).to_contain_text(number(A2[2, 0] - 1))
    python_reads(views, "paths read", f"true class 3; from z2_3 to L: 0.000 + 0.000 + ({number(A2[2, 0] - 1)})")


def test_the_graph_walks_forward_and_backward_with_pythons_numbers(views: Page):
    """At every step the results and what each line carries are network.py's; what comes later is still empty."""
    MINUS = number(-1)[0]
    graph = cell(views, "graph").locator(".mlp-view")
    (w1, b1, w2, b2), X, y = tiny()
    b1 = b1.copy()
    b1[2] = 2.0

    z1, A1, z2, A2 = network.forward(network.Params(w1, b1, w2, b2), X)
    gradient = network.backward(network.Params(w1, b1, w2, b2), X, y)
    delta2 = network.output_delta(A2, y)
    hidden, output = ([graph.locator(".mlp-net-unit").nth(at) for at in unit] for unit in (range(4), range(4, 7)))
    bias = graph.get_by_role("slider", name="b13", exact=True)
    expect(bias).to_have_attribute("aria-valuenow", "0.5")
    bias.focus()
    for key in ("PageUp", *["ArrowUp"] * 5):
        bias.press(key)
    expect(graph.locator(".mlp-net-figures")).to_have_text(f"z13= 0.5·1+ ({MINUS}1)·2+ 2={number(z1[2, 0])}")
    heights = set()
    graph.get_by_role("group", name="The graph").focus()
    lines = {1: w1 * X.T, 3: w2 * A1.T, 7: gradient.w2, 9: w2 * delta2, 11: gradient.w1}
    for step in range(1, 13):
        expect(graph).to_contain_text(f"Step {step} of 12")
        heights.add(graph.evaluate("element => element.offsetHeight"))
        columns = [(1, z1), (2, A1), (10, gradient.b1), (9, network.hidden_signal(w2, delta2)), (12, gradient.b1)]
        for j, unit in enumerate(hidden):
            shown = [number(array[j, 0]) if step >= since else "" for since, array in columns]
            expect(unit).to_have_text(
                "".join([*shown[:4], shown[4], f"b1{j + 1}", f"{b1[j, 0]:g}"]).replace("-", MINUS)
            )
        columns = [(3, z2), (4, A2), (6, delta2), (8, gradient.b2)]
        for k, unit in enumerate(output):
            shown = [number(array[k, 0]) if step >= since else "" for since, array in columns]
            expect(unit).to_have_text("".join([*shown, f"b2{k + 1}", f"{b2[k, 0]:g}"]).replace("-", MINUS))
        if step in lines:
            carried = graph.locator(".mlp-net-carried:not(:empty)")  # at step 11 the gradients of w2 follow
            for at, amount in enumerate(lines[step].flat):
                expect(carried.nth(at)).to_have_text(number(amount))
        views.keyboard.press("ArrowRight")
    assert len(heights) == 1, "nothing jumps"
    expect(graph.get_by_role("button", name="Next")).to_be_disabled()
    python_reads(views, "graph read", "step 12 of 12")


def test_a_closed_gate_of_the_graph_stops_what_passes_it_both_ways(views: Page):
    graph = cell(views, "graph").locator(".mlp-view")
    bias = graph.get_by_role("slider", name="b13", exact=True)
    bias.focus()
    bias.press("Home")
    bias.press("ArrowLeft")
    expect(bias).to_have_attribute("aria-valuenow", "-5")
    stage = graph.get_by_role("group", name="The graph")
    stage.press("End")
    expect(graph.locator(".mlp-net-shut")).to_have_count(1)
    expect(graph.locator(".mlp-net-figures")).to_have_text("∂L∂b13=0.000")
    expect(graph.locator(".mlp-net-edge.mlp-net-none")).to_have_count(2 + 3 + 2)  # into it, out of it, and two classes
    graph.get_by_role("button", name="the true class is 2").click()
    expect(graph.get_by_role("button", name="the true class is 2")).to_have_attribute("aria-pressed", "true")
    params, X, _ = tiny()  # with that gate closed as well
    error = number(network.forward(params, X).A2[1, 0] - 1)
    expect(graph.locator(".mlp-net-unit").nth(5).locator(".mlp-net-back")).to_have_text([error, error])
    python_reads(views, "graph read", "y = 0.000, 1.000, 0.000;")


def test_training_plays_in_the_browser_and_tells_python_when_it_pauses(views: Page):
    run(views, "training set")
    view = cell(views, "training").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    plane, counts = view.locator(".mlp-plane"), view.locator(".mlp-counts strong")

    def shown() -> list[str]:
        return [str(text) for text in counts.all_text_contents()]

    def in_words() -> str:
        at, L, accuracy = shown()
        return f"step {at}: L = {L}, accuracy {accuracy}"

    def says(params: network.Params) -> list[str]:
        score = evaluate(params, X, y)
        return [number(score.loss), f"{100 * score.accuracy:.1f} %"]

    X, y = examples("moons")
    params = start(10, 2)
    expect(counts.first).to_have_text("0")
    assert shown()[1:] == says(params)
    painted = plane.locator("canvas").evaluate(
        """canvas => {
            const { width, height } = canvas
            const { data } = canvas.getContext('2d').getImageData(0, 0, width, height)
            return Array.from({ length: 20 }, (_, i) => Array.from({ length: 20 }, (_, j) => {
                const at = 4 * (Math.floor((i + 0.5) / 20 * height) * width + Math.floor((j + 0.5) / 20 * width))
                return data[at] > data[at + 2] ? 1 : 0  // class 1 is blue, class 2 orange
            })).flat()
        }"""
    )
    reach = 1.05 * np.abs(X).max()
    centres = reach * ((np.arange(20) + 0.5) / 10 - 1)
    points = np.array([(x1, x2) for x2 in -centres for x1 in centres]).T
    z2 = network.forward(params, points).z2
    clear = np.abs(z2[0] - z2[1]) > 0.05  # not on the line between the regions
    assert clear.sum() > 350
    assert 0.3 < z2.argmax(axis=0)[clear].mean() < 0.7
    np.testing.assert_array_equal(np.array(painted)[clear], z2.argmax(axis=0)[clear])

    plane.focus()
    selected = active_cell(views)
    plane.press("ArrowRight")
    expect(counts.first).to_have_text("1")
    params = network.Params(*(p - 0.5 * g for p, g in zip(params, network.backward(params, X, y), strict=True)))
    assert shown()[1:] == says(params)
    python_reads(views, "training read", in_words())

    views.evaluate(
        """() => {
            const { send } = WebSocket.prototype
            window.messages = 0
            WebSocket.prototype.send = function (data) {
                const text = typeof data === 'string' ? data : new TextDecoder().decode(data)
                if (text.includes('comm_msg')) window.messages += 1
                return send.call(this, data)
            }
        }"""
    )
    plane.press(" ")
    views.wait_for_function("view => Number(view.querySelector('strong').textContent) > 60", arg=view.element_handle())
    assert views.evaluate("() => window.messages") == 0
    plane.press(" ")
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    assert active_cell(views) == selected
    python_reads(views, "training read", in_words())
    assert views.evaluate("() => window.messages") > 0

    view.get_by_label("slip").select_option("gate_on_signal")
    expect(counts.first).to_have_text("0")
    expect(view).to_contain_text("It learns for a few steps and then unlearns")
    python_reads(views, "training read", "slip: the gate tests the signal, not z1; step 0: ")
    view.get_by_role("button", name="Play").click()
    views.wait_for_function("view => Number(view.querySelector('strong').textContent) > 5", arg=view.element_handle())
    view.get_by_role("button", name="Start anew").click()  # while it plays
    expect(counts.first).to_have_text("0")
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    view.get_by_role("button", name="Step").click()
    wrong = graph.evaluate(
        ["w1_new", "b1_new", "w2_new", "b2_new"],
        {**start(10, 2)._asdict(), "X": X, "y": y, "learning_rate": 0.5},
        {"delta1": slips.SLIPS["gate_on_signal"].at("delta1")},
    )
    expect(counts.first).to_have_text("1")
    assert shown()[1:] == says(network.Params(*wrong))

    view.get_by_role("button", name="Play").click()
    views.wait_for_function("view => Number(view.querySelector('strong').textContent) > 5", arg=view.element_handle())
    view.get_by_role("button", name="Reset").click()  # while it plays
    expect(counts.first).to_have_text("0")
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    assert shown()[1:] == says(start(10, 2))

    run(views, "training again")  # its cell run again: the view that played is gone, and plays no more
    view = cell(views, "training again").locator(".mlp-view")
    view.get_by_role("button", name="Play").click()
    views.wait_for_function("view => Number(view.querySelector('strong').textContent) > 10", arg=view.element_handle())
    run(views, "training again")
    expect(view.get_by_role("button", name="Play")).to_be_visible()
    python_reads(views, "training read", in_words())


def test_the_outer_products_cells_are_as_wide_and_as_high_as_their_factors(views: Page):
    view = cell(views, "outer").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    (w1, b1, w2, b2), X, y = tiny()
    _, A1, _, A2 = network.forward(network.Params(w1, b1, w2, b2), X)
    delta2 = network.output_delta(A2, y)
    moves = [
        ("A1, unit 3", "PageUp", A1, 2, 1.0),
        ("delta2, class 2", "Home", delta2, 1, -1.0),
        ("A1, unit 1", "Home", A1, 0, 0.0),
    ]
    for name, key, factor, at, value in moves:
        slider = view.get_by_role("slider", name=name)
        slider.focus()
        slider.press(key)
        expect(slider).to_have_attribute("aria-valuenow", f"{value:g}")
        factor[at] = value
        dw2 = network.grad_w2(delta2, A1)
        cells = view.get_by_role("gridcell")
        expect(cells).to_have_text([number(x) for x in dw2.flat])

        lines = [float(line.get_attribute("y1") or "nan") for line in view.locator("svg > .mlp-axis").all()]
        size = "block => ['width', 'height', 'y'].map(name => Number(block.getAttribute(name)))"
        drawn = np.array([block.evaluate(size) for block in view.locator(".mlp-cell [fill-opacity]").all()])
        width, height, top = drawn.T.reshape(3, 3, 4)
        above = np.array(lines)[:, None] - top  # how far it reaches above its row's line
        np.testing.assert_allclose(width / width.max(), np.broadcast_to((A1 / A1.max()).T, (3, 4)), atol=1e-9)
        np.testing.assert_allclose(height / height.max(), np.broadcast_to(abs(delta2) / abs(delta2).max(), (3, 4)))
        np.testing.assert_allclose(above, np.where(delta2 > 0, height, 0), atol=1e-9)

    expect(view).to_contain_text("Unit 1 is silent")  # the handle in the hand chooses its cell
    here = view.get_by_role("gridcell", selected=True)
    here.focus()
    here.press("End")
    here = view.get_by_role("gridcell", name=f"k = 2, j = 4: {number(-1)} times {number(2)} is {number(-2)}")
    expect(here).to_be_focused()
    expect(view.locator(".mlp-figures")).to_have_text(f"={number(-1)}·{number(2)}={number(-2)}")
    here.press("ArrowUp")
    expect(view.locator(".mlp-figures")).to_have_text(f"={number(delta2[0, 0])}·{number(2)}={number(dw2[0, 3])}")
    view.get_by_role("gridcell").last.hover()
    expect(view.locator("math").first).to_contain_text("2,34")
    python_reads(views, "outer read", f"A1 = 0.000, 0.500, 1.000, 2.000; dL/dw2 = [{number(0)}, {number(dw2[0, 1])}")


def test_what_passes_a_gate_is_hidden_delta(views: Page):
    view = cell(views, "gate").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    (w1, b1, w2, b2), X, y = tiny()
    z1, _, _, A2 = network.forward(network.Params(w1, b1, w2, b2), X)
    dA1 = network.hidden_signal(w2, network.output_delta(A2, y))
    gates = view.locator(".mlp-gate")

    def shows(delta1: np.ndarray, *, slip: bool = False) -> None:
        wrong = slip & (z1[:, 0] < 0)
        passed = [f"{'✗ ' * int(marked)}{number(x)}" for x, marked in zip(delta1[:, 0], wrong, strict=True)]
        expect(view.locator(".mlp-passes")).to_have_text(passed)
        heights = [float(bar.get_attribute("height") or "nan") for bar in view.locator(".mlp-passed").all()]
        assert heights == pytest.approx([22 * abs(x) for x in delta1[:, 0]])  # 44 pixels up and down, for 2

    shows(network.hidden_delta(dA1, z1))
    slider = view.get_by_role("slider", name="z1, unit 3")
    slider.focus()
    for _ in range(11):
        slider.press("ArrowUp")
        z1[2] += 0.1
        z1[2] = z1[2].round(10) + 0.0
        expect(slider).to_have_attribute("aria-valuenow", f"{z1[2, 0]:g}")
        shows(network.hidden_delta(dA1, z1))
        expect(gates.nth(2)).to_have_class(f"mlp-gate{' mlp-open' if z1[2, 0] >= 0 else ''}")
        says = {-1: "Closed for unit 3", 0: "chooses 1 (H27)", 1: "All gates are open"}
        expect(view.locator(".mlp-verdict")).to_contain_text(says[int(np.sign(z1[2, 0]))])
    signal = view.get_by_role("slider", name="dA1, unit 2")
    signal.focus()
    signal.press("Home")
    dA1[1] = -2
    shows(network.hidden_delta(dA1, z1))
    slider = view.get_by_role("slider", name="z1, unit 4")
    slider.focus()
    slider.press("Home")
    z1[3] = -3
    shows(network.hidden_delta(dA1, z1))

    view.get_by_role("radio", name="a slip").check()
    shows(dA1, slip=True)
    expect(view.locator(".mlp-verdict")).to_contain_text("closed for unit 4, where")
    python_reads(views, "gate read", "Gate on A1 >= 0, a slip: z1 = ")
    view.get_by_role("radio").first.check()
    python_reads(views, "gate read", "gates open, open, open, closed; delta1 = ")


def test_the_batchs_sums_are_those_of_the_examples_switched_on(views: Page):
    view = cell(views, "batch").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    batch = Batch()
    X, b2 = batch.X.copy(), batch.b2.copy()

    def shows(*on: int) -> None:
        """The sums over the examples ``on``, one outer product at a time, and the matrices they are made of."""
        values = network.forward(batch.params._replace(b2=b2), X)
        delta2 = network.output_delta(values.A2, batch.y)
        parts = [(delta2[:, [n]] * values.A1[:, n], delta2[:, [n]]) for n in on]
        for name, sums in zip(("w2", "b2"), zip(*parts, strict=True), strict=True):
            rows = "; ".join(", ".join(map(number, row)) for row in sum(sums))
            expect(view.get_by_role("img", name=f"sum for {name}")).to_have_attribute(
                "aria-label", f"sum for {name}: {rows}"
            )
        for name, array in (("A1", values.A1), ("delta2", delta2), ("b2 copied", np.repeat(b2, 5, axis=1))):
            expect(view.get_by_role("img", name=f"{name}:").locator("div")).to_have_text(
                [number(x) for x in array.flat]
            )

    shows(0, 1, 2, 3, 4)
    gradient = network.backward(batch.params, X, batch.y)
    assert number(gradient.w2[0, 3]) in view.inner_text()
    for n in (1, 3):
        toggle = view.get_by_role("button", name=f"example {n + 1}")
        toggle.press(" ")
        expect(toggle).to_have_attribute("aria-pressed", "false")
        expect(view).to_contain_text(f"Example {n + 1}, of class {batch.y[:, n].argmax() + 1}")
    expect(view).to_contain_text("3 of 5 are added")
    shows(0, 2, 4)
    slider = view.get_by_role("slider", name="X, row 2, example 5")
    slider.press("PageUp")
    X[1, 4] += 1
    shows(0, 2, 4)
    view.get_by_role("slider", name="b2, class 3").press("ArrowDown")
    b2[2] -= 0.1
    shows(0, 2, 4)
    python_reads(views, "batch read", "examples added: 1, 3, 5;")
    view.get_by_role("button", name="example 2").click()
    shows(0, 1, 2, 4)


def test_the_step_shows_three_derivatives_and_their_right_digits(views: Page):
    view = cell(views, "step size").locator(".mlp-view")
    view.scroll_into_view_if_needed()
    batch = Batch()
    slider = view.get_by_role("slider", name="step h")
    expect(view.locator("tr", has_text="derived")).to_contain_text("0.000000000000000")
    expect(view.locator(".mlp-guide:visible")).to_have_count(0)
    run(views, "step size closed")
    expect(view.locator(".mlp-guide:visible")).to_have_count(3)
    derived = network.backward(batch.params, batch.X, batch.y).w2[0, 0]
    slider.press("Home")
    for method in ("forward", "central"):  # x + h is x
        row = view.locator("tr", has_text=method)
        expect(row).to_contain_text("0.000000000000000")
        expect(row.locator("td").last).to_have_text(number(abs(derived)))
    slider.press("End")
    for power in range(1, 7):
        slider.press("PageDown")
        h = 10.0**-power
        expect(view.locator(".mlp-now")).to_have_text(f"h = {number(h)}")
        at = StepSize(batch.params, batch.X, batch.y, h=h)
        for method in ("forward", "central", "complex"):
            row = view.locator("tr", has_text=method)
            sure, rest = (part.inner_text() for part in row.locator(".mlp-digits span").all())
            shown = float((sure + rest).replace("\N{MINUS SIGN}", "-"))
            assert shown == pytest.approx(at.numerical(method), abs=1e-15 + (method != "complex") * 4 * EPS / h)
            truth = f"{derived:.15f}".replace("-", "\N{MINUS SIGN}")
            assert truth.startswith(sure)
            assert not rest or not truth.startswith(sure + rest[0])
            digits = len(sure.partition(".")[2])
            expect(row.locator("td").nth(2)).to_have_text(str(digits))
            expect(slider).to_have_attribute("aria-valuetext", re.compile(f"{method} {digits}\\b"))
    python_reads(views, "step size read", at.text())
