"""The views in a real browser: their mathematics, and how they look in every width and theme."""

import itertools
import json
import re
from collections.abc import Iterator
from pathlib import Path

import hands
import looks
import numpy as np
import pytest
from browser import Lab, opened, run_all, screenshot, themes
from playwright.sync_api import Locator, Page, expect

from mlpcourse import network, widgets
from mlpcourse.derivation import DERIVATIONS, as_json, numbers, plain
from mlpcourse.derivation.letters import COUNTS
from mlpcourse.exercises import graph, slips
from mlpcourse.gradcheck import EPS
from mlpcourse.training import train
from mlpcourse.widgets import StepSize, Training
from mlpcourse.widgets.training import SETS, SHOWN, examples, start
from mlpcourse.widgets.view import module, number

pytestmark = pytest.mark.browser


# --- the mathematics ------------------------------------------------------------------------------


def load(page: Page, name: str) -> None:
    """The module's exports as ``window.module``."""
    text = module(name)
    page.evaluate(
        """text => import(URL.createObjectURL(new Blob([text], { type: 'text/javascript' })))
            .then(module => { window.module = module })""",
        text,
    )


def networks(count: int) -> Iterator[tuple[network.Params, np.ndarray, np.ndarray]]:
    """Random networks of all sizes, some with a z1 of exactly 0, some with closed gates, some with logits of 1e4."""
    rng = np.random.default_rng(20)
    for case in range(count):
        D, H, K, N = rng.integers(1, 6, size=4)
        params = network.Params(*(rng.normal(size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
        X = rng.normal(size=(D, N))
        if case % 4 == 1:
            X[:, 0], params.b1[0] = 0, 0  # z1[0, 0] is exactly 0
        if case % 4 == 2:
            params.b1[:] = -20  # all gates closed
        if case % 4 == 3:
            params.w2[0], params.b2[:] = 0, rng.choice([-1e4, 1e4, 0], size=(K, 1))
        yield params, X, network.one_hot(rng.integers(K, size=N), K)


def test_the_twin_equals_numpy(blank: Page):
    load(blank, "twin.js")
    cases, expected = [], []
    for params, X, y in networks(60):
        z1, A1, z2, A2 = network.forward(params, X)
        delta2 = network.output_delta(A2, y)
        dA1 = network.hidden_signal(params.w2, delta2)
        delta1 = network.hidden_delta(dA1, z1)
        here = {"params": params._asdict(), "X": X, "y": y, "z1": z1, "A1": A1, "z2": z2, "A2": A2, "z2_1": z2[:, :1]}
        here |= {"w2": params.w2, "delta2": delta2, "dA1": dA1, "delta1": delta1}
        cases.append(here)
        expected.append(
            {
                "relu(z1)": A1,
                "relu_gate(z1)": network.relu_gate(z1),
                "softmax(z2)": A2,
                "log_softmax(z2)": network.log_softmax(z2),
                "softmax_jacobian(z2_1)": network.softmax_jacobian(z2[:, :1]),
                "cross_entropy(z2, y)": network.cross_entropy(z2, y),
                "output_delta(A2, y)": delta2,
                "grad_w2(delta2, A1)": network.grad_w2(delta2, A1),
                "grad_b2(delta2)": network.grad_b2(delta2),
                "hidden_signal(w2, delta2)": dA1,
                "hidden_delta(dA1, z1)": delta1,
                "grad_w1(delta1, X)": network.grad_w1(delta1, X),
                "grad_b1(delta1)": network.grad_b1(delta1),
                "forward(params, X).A2": A2,
                "forward(params, X).z1": z1,
                "loss(params, X, y)": network.loss(params, X, y),
                **{f"backward(params, X, y).{n}": g for n, g in network.backward(params, X, y)._asdict().items()},
            }
        )
    calls = list(expected[0])
    twin = blank.evaluate(
        """([cases, calls]) => cases.map(values => calls.map(call =>
            new Function(...Object.keys(values), ...Object.keys(window.module), `return ${call}`)
                (...Object.values(values), ...Object.values(window.module))))""",
        [json.loads(json.dumps(cases, default=lambda array: array.tolist())), calls],
    )
    for got, want in zip(twin, expected, strict=True):
        for call, value in zip(calls, got, strict=True):
            np.testing.assert_allclose(value, want[call], rtol=1e-12, atol=1e-12, err_msg=call)


def test_the_training_views_steps_are_those_of_training(blank: Page):
    load(blank, "learner.js")
    for name, H in itertools.product(SETS, (1, 5, 32)):
        X, y = examples(name)
        begin = start(H, len(y))
        got = blank.evaluate(
            """([H, K, normals, X, labels]) => {
                const begin = window.module.init_params(H, K, normals)
                const network = window.module.learner(begin, X, labels)
                const losses = [], accuracies = []
                for (let n = 0; n < 20; n++) {
                    network.step(0.5, "")
                    losses.push(network.loss)
                    accuracies.push(network.accuracy)
                }
                return { begin, losses, accuracies, params: network.params() }
            }""",
            [H, len(y), Training().content["normals"], X.tolist(), y.argmax(axis=0).tolist()],
        )
        settings = {"epochs": 20, "batch_size": X.shape[1], "learning_rate": 0.5, "progress": False}
        params, history = train(begin, X, y, rng=np.random.default_rng(0), **settings)
        for part in network.Params._fields:
            np.testing.assert_array_equal(got["begin"][part], getattr(begin, part))
            np.testing.assert_allclose(got["params"][part], getattr(params, part), rtol=1e-10, atol=1e-10)
        np.testing.assert_allclose(got["losses"], history.loss, rtol=1e-10)
        np.testing.assert_allclose(got["accuracies"], history.accuracy, rtol=1e-12)


def test_the_training_views_slips_are_those_of_the_catalogue(blank: Page):
    load(blank, "learner.js")
    rng = np.random.default_rng(7)
    params = network.Params(*(rng.normal(size=shape) for shape in ((5, 2), (5, 1), (3, 5), (3, 1))))
    X, y = rng.normal(size=(2, 6)), network.one_hot(rng.integers(3, size=6), 3)
    given = {**params._asdict(), "X": X, "y": y, "learning_rate": 0.3}
    after = ["w1_new", "b1_new", "w2_new", "b2_new"]
    right = graph.evaluate(after, given)
    begin = {part: array.tolist() for part, array in params._asdict().items()}
    for name, (node, _) in SHOWN.items():
        assert not name or node in slips.SLIPS[name].on
        got = blank.evaluate(
            """([params, X, labels, slip]) => {
                const network = window.module.learner(params, X, labels)
                network.step(0.3, slip)
                return Object.values(network.params())
            }""",
            [begin, X.tolist(), y.argmax(axis=0).tolist(), name],
        )
        wanted = graph.evaluate(after, given, {node: slips.SLIPS[name].at(node)}) if name else right
        for one, other in zip(got, wanted, strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-10, atol=1e-12, err_msg=name)
        assert not name or any(np.abs(one - other).max() > 1e-3 for one, other in zip(wanted, right, strict=True))


def test_numerical_derivatives_are_those_of_gradcheck(blank: Page):
    """Where Taylor's formula makes the error: it must be the same error. Below that, rounding may differ."""
    load(blank, "numerical.js")
    for params, X, y in networks(16):
        view = StepSize(params, X, y)
        here = [json.dumps(array, default=lambda array: array.tolist()) for array in (params._asdict(), X, y)]
        rounding = 20 * EPS * max(1, np.abs(network.forward(params, X).z2).max())
        for h in (1, 0.1, 1e-3, 1e-20):
            script = (
                "([here, h]) => { const d = window.module.derivatives(...here.map(JSON.parse)); return [d, d.at(h)] }"
            )
            got, slopes = blank.evaluate(script, [here, h])
            assert got["derived"] == pytest.approx(view.derived, abs=1e-12)
            assert got["L"] == pytest.approx(network.loss(params, X, y), rel=1e-12, abs=1e-12)
            assert slopes["complex"] == pytest.approx(view.numerical("complex", h), rel=1e-9, abs=1e-12)
            if h > 1e-10:
                for method in ("forward", "central"):
                    assert slopes[method] == pytest.approx(view.numerical(method, h), rel=1e-12, abs=rounding / h)


def test_formulas_have_the_same_numbers_as_in_python(blank: Page):
    load(blank, "evaluate.js")
    rng = np.random.default_rng(5)
    for name, derivation in DERIVATIONS.items():
        D, H, K, N = (1, 2, 3, 2) if name.startswith("batch") else (2, 4, 3, 1)
        sizes = {"D": D, "H": H, "K": K, "N": N}
        params = network.Params(*(rng.normal(size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
        y = network.one_hot(rng.integers(3, size=N), 3)
        values = numbers.values_of(params, rng.normal(size=(D, N)), y)
        scope = {name: np.asarray(array).tolist() for name, array in values.items()} | sizes
        scope["t"] = int(y[:, 0].argmax()) + 1
        for expr in (derivation.lhs, *(line.expr for line in derivation.lines)):
            free = numbers.free_indices(expr)
            at = [letter.name for letter in free]
            limits = [sizes[COUNTS[letter].name] for letter in at]
            indices = [[int(i) + 1 for i in index] for index in np.ndindex(*limits)]
            got = blank.evaluate(
                """([tree, scope, letters, indices]) => {
                    const f = window.module.compile(tree)
                    const named = index => Object.fromEntries(letters.map((letter, n) => [letter, index[n]]))
                    return indices.map(index => f({ ...scope, ...named(index) }))
                }""",
                [as_json(expr), scope, at, indices],
            )
            want = np.ravel(numbers.evaluate(expr, values))
            np.testing.assert_allclose(got, want, rtol=1e-10, atol=1e-12, err_msg=f"{name}: {plain(expr)}")


def test_numbers_are_written_alike_in_both_languages(blank: Page):
    load(blank, "view.js")
    rng = np.random.default_rng(3)
    some = [
        *rng.normal(size=300),
        *10 ** rng.uniform(-9, 9, size=300),
        *(np.arange(-40, 40) / 16),
        0.0,
        9999.9996,
        1e-3,
    ]
    assert blank.evaluate("some => some.map(window.module.number)", some) == [number(x) for x in some]


# --- how every view looks --------------------------------------------------------------------------


def test_planted_faults_are_seen(blank: Page):
    blank.set_content(
        """<div class="mlp-view" style="width: 300px; background: white">
            <button style="color: #999; background: #fff"></button> <b style="color: #bbb">too pale</b>
            <div style="width: 20px; overflow: hidden; white-space: nowrap">cut at its edge</div>
            <svg width="300" height="60">
                <rect y="20" width="300" height="40" fill="#000" fill-opacity="0.5" />
                <text x="5" y="15">first</text> <text x="15" y="17">second</text> <text x="280" y="15">outside</text>
                <text x="100" y="15">good</text> <text x="5" y="50" fill="#333">dark on dark</text>
            </svg>
        </div>"""
    )
    view = blank.locator(".mlp-view")
    said = ['"outside" leaves the view', '"cut at its edge" is cut off', '"first" lies over "second"']
    assert looks.unreadable(view) == said
    assert [sentence.split(" has ")[0] for sentence in looks.faint(view)] == ['"dark on dark"']
    rules = {sentence.split()[0] for sentence in looks.inaccessible(blank, ".mlp-view")}
    assert rules == {"button-name", "color-contrast"}


ORDER = """
from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.order import OrderExercise
next(exercise for exercise in EXERCISES.values() if isinstance(exercise, OrderExercise)).given(seed=1)
"""


# Whether a hand can scroll a view's right edge into the window: nothing cuts it off before something scrolls.
WITHIN_REACH = """view => {
    const { right } = view.getBoundingClientRect()
    for (let outer = view.parentElement; outer; outer = outer.parentElement) {
        const { overflowX } = getComputedStyle(outer)
        if (overflowX !== 'visible' && right > outer.getBoundingClientRect().right + 1)
            return overflowX === 'auto' || overflowX === 'scroll'
    }
    return right <= document.documentElement.clientWidth
}"""


@pytest.fixture(scope="module")
def gallery(desk: Page, lab: Lab) -> Iterator[dict[str, Locator]]:
    """A notebook of every view, by name."""
    sources = {
        name: f"from mlpcourse import widgets\nwidgets.{name}({'' if name[0].isupper() else repr('output_delta')})"
        for name in widgets.__all__
    }
    eight = "import numpy as np\nwidgets.{}(np.linspace(-2, 2, 8))"
    sources |= {f"{name} of eight": eight.format(name) for name in ("Jacobian", "Paths")}
    sources["Order"] = ORDER
    sources["Derive"] = 'from mlpcourse.exercises import derive\nderive("output_delta")'
    sources["Marks"] = 'from mlpcourse.exercises import given\ngiven("find_hidden_layer")'
    sources["Marks, explained"] = 'given("find_model")'
    with opened(desk, lab, "gallery.ipynb", sources.values()):
        assert run_all(desk) == []
        yield dict(zip(sources, desk.locator(hands.VIEWS).all(), strict=True))


def test_every_view_can_be_read_in_every_width_and_theme(
    desk: Page, gallery: dict[str, Locator], artefacts: Path | None
):
    """200 % zoom is half the window's width. The narrowest window, a telephone's, leaves a view 244 pixels. At 400 % it
    keeps them, and scrolls."""
    wrong = []
    for width in (1200, 600, 360):
        desk.set_viewport_size({"width": width, "height": 900})
        expect(gallery["Order"]).to_have_css("width", f"{min(width - 116, 760)}px")
        if artefacts:
            screenshot(desk, artefacts / f"gallery-{width}.png")
        wrong += [f"{name}, {width}: {one}" for name, view in gallery.items() for one in looks.unreadable(view)]
    desk.set_viewport_size({"width": 320, "height": 900})
    expect(gallery["Order"]).to_have_css("width", "244px")
    wrong += [f"{name}, 320: out of reach" for name, view in gallery.items() if not view.evaluate(WITHIN_REACH)]
    desk.set_viewport_size({"width": 1200, "height": 900})
    for theme in themes(desk):
        if artefacts:
            screenshot(desk, artefacts / f"gallery-{theme}.png")
        wrong += [f"{theme}: {one}" for one in looks.inaccessible(desk, ".mlp-view")]
        wrong += [f"{theme}, {name}: {one}" for name, view in gallery.items() for one in looks.faint(view)]
    assert not wrong, "\n".join(wrong)


@pytest.mark.usefixtures("gallery")
def test_every_view_moves_under_a_hand(desk: Page):
    """As the lessons set them up, they do so in test_browser."""
    assert list(hands.handled(desk)) == []


# Every slider and handle to an end: the first as the pattern's first letter says, low or high, and so on in turn.
TO_THE_ENDS = """async (view, pattern) => {
    const sliders = [...view.querySelectorAll('[role=slider], input[type=range]')].filter(one => one.checkVisibility())
    for (const [n, slider] of sliders.entries()) {
        const high = pattern[n % pattern.length] === 'H'
        if (slider.type === 'range') {
            slider.value = high ? slider.max : slider.min
            slider.dispatchEvent(new Event('input', { bubbles: true }))
        } else slider.dispatchEvent(new KeyboardEvent('keydown', { key: high ? 'End' : 'Home', bubbles: true }))
    }
    await null // views draw what a hand does in its own event
}"""


def test_every_view_can_be_read_with_its_sliders_at_their_ends(gallery: dict[str, Locator]):
    """Each low and high, its neighbours the other way: that makes numbers so small that they are widest."""
    wrong = []
    for name, view in gallery.items():
        for pattern in ("LH", "HL") if view.get_by_role("slider").count() else ():
            view.evaluate(TO_THE_ENDS, pattern)
            wrong += [f"{name}, {pattern}: {one}" for one in looks.unreadable(view)]
    # Classes with the same probability are one point of the loss's curve, as are losses beyond the top of the drawing.
    wrong = [one for one in wrong if not re.fullmatch(r'Loss, .*: "\d" lies over "\d"', one)]
    assert not wrong, "\n".join(wrong)


def test_numbers_side_by_side_have_room_on_a_telephone(desk: Page, gallery: dict[str, Locator]):
    """The two views whose numbers lay over one another there."""
    desk.set_viewport_size({"width": 360, "height": 900})
    expect(gallery["Paths"].locator(".mlp-formulas")).to_have_class("mlp-formulas")  # no longer beside the graph
    wrong = []
    for name, pattern in itertools.product(("Paths", "Softmax"), ("LH", "HL", "LLLH")):
        gallery[name].evaluate(TO_THE_ENDS, pattern)
        wrong += [f"{name}, {pattern}: {one}" for one in looks.unreadable(gallery[name])]
    desk.set_viewport_size({"width": 1200, "height": 900})
    assert not wrong, "\n".join(wrong)


# What VS Code does to a widget: a white ground and Jupyter's colours for one, whatever its theme; tables of its own.
VS_CODE = """<!DOCTYPE html><html><style>
    :root { --jp-layout-color0: white; --jp-content-font-color1: black; --jp-content-font-color2: rgba(0, 0, 0, 0.7) }
    .cell-output-ipywidget-background { background: white !important }
    tr:nth-child(even), thead { background: rgba(130, 130, 130, 0.16) }
    table, tr, th, td { border: none !important }
</style><body class="vscode-dark"><div class="cell-output-ipywidget-background"></div></body></html>"""


def test_every_view_takes_vs_codes_theme(blank: Page):
    blank.set_content(VS_CODE)
    colours = {"editor-background": "#1f1f1f", "editor-foreground": "#cccccc", "descriptionForeground": "#9d9d9d"}
    made = [widgets.step_through("output_delta") if name == "step_through" else getattr(widgets, name)()
            for name in widgets.__all__]  # fmt: skip
    states = [{name: value for name, value in view.get_state().items() if name != "layout"} for view in made]
    blank.evaluate(
        """async ([colours, scopes, states]) => {
            const { style } = document.body
            for (const [name, colour] of Object.entries(colours)) style.setProperty(`--vscode-${name}`, colour)
            for (const [n, state] of states.entries()) {
                const el = document.createElement('div')
                el.className = scopes[n]
                document.body.firstElementChild.append(el)
                const style = document.head.appendChild(document.createElement('style'))
                style.textContent = state._css
                const nothing = () => {}
                const values = new Map(Object.entries(state))
                const model = { get: name => values.get(name), set: (name, value) => values.set(name, value) }
                Object.assign(model, { on: nothing, off: nothing, save_changes: nothing })
                const source = URL.createObjectURL(new Blob([state._esm], { type: 'text/javascript' }))
                ;(await import(source)).default.render({ model, el })
            }
        }""",
        [colours, [view.scope for view in made], states],
    )
    wrong = []
    for name, view in zip(widgets.__all__, blank.locator(".mlp-view").all(), strict=True):
        view.locator("svg, .mlp-stage").first.wait_for()
        wrong += [f"{name}: {one}" for one in looks.unreadable(view) + looks.faint(view)]
    wrong += looks.inaccessible(blank, ".mlp-view")
    assert not wrong, "\n".join(wrong)
    ground_of = "element => getComputedStyle(element).backgroundColor"
    shown = {blank.locator(part).first.evaluate(ground_of) for part in (".mlp-view", "body > div")}
    assert shown == {"rgb(31, 31, 31)"}
    sides = "element => getComputedStyle(element).borderLeftWidth"
    assert float(blank.locator(".mlp-matrix").first.evaluate(sides).removesuffix("px")) >= 1
