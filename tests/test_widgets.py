"""What a view gives Python: checked traits, a true line of text, a still picture, one JavaScript module."""

import base64
import re
import shutil
import struct
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
import traitlets

from mlpcourse import network, widgets
from mlpcourse.data import moons
from mlpcourse.derivation import DERIVATIONS, show
from mlpcourse.plots import palette
from mlpcourse.widgets import Softmax, step_through
from mlpcourse.widgets.mathml import compared, in_sides, inline, mathml
from mlpcourse.widgets.order import Order
from mlpcourse.widgets.step_size import right_digits
from mlpcourse.widgets.steps import StepThrough
from mlpcourse.widgets.training import start
from mlpcourse.widgets.view import module, number

FOLDER = Path(widgets.__file__).parent
VIEWS = {name: getattr(widgets, name) for name in widgets.__all__ if name[0].isupper()}


def make(name: str) -> widgets.view.View:
    return VIEWS[name]()


@pytest.mark.parametrize("name", VIEWS)
def test_a_view_carries_a_picture_and_a_line_of_text(name):
    data, metadata = make(name)._repr_mimebundle_()
    again, _ = make(name)._repr_mimebundle_()
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == again["text/plain"], "nbval compares the text: it must not change from run to run"
    assert "\n" not in data["text/plain"]
    assert "0x" not in data["text/plain"]
    assert any(character.isdigit() for character in data["text/plain"])
    png = base64.b64decode(data["image/png"])
    width, height = struct.unpack(">II", png[16:24])
    about = metadata["image/png"]
    assert (width, height) == pytest.approx((1.5 * about["width"], 1.5 * about["height"]), abs=2)
    assert len(about["alt"]) > 20
    assert data["image/png"] == again["image/png"], "the picture must not change from run to run"


def test_training_shows_what_a_learners_own_backward_does():
    def backward(w1, b1, w2, b2, X, y, gate=True):
        grads = network.backward(network.Params(w1, b1, w2, b2), X, y)
        return grads if gate else [-grad for grad in grads]

    view = widgets.Training("moons", hidden=8, backward=backward)
    params = start(8, 2)
    for _ in range(len(view.own) - 1):
        params = network.Params(
            *(p - 0.5 * g for p, g in zip(params, network.backward(params, view.X, view.y), strict=True))
        )
    assert view.own[-1] == pytest.approx(network.loss(params, view.X, view.y))
    assert view.own[-1] < 0.5 * view.own[0]
    view.learning_rate = 0.05
    assert len(view.own) == len(widgets.Training("moons", hidden=8, backward=backward).own)
    uphill = widgets.Training("moons", hidden=8, backward=lambda *given: backward(*given, gate=False))
    assert uphill.own[-1] > uphill.own[0]
    assert "with your own backward" in repr(uphill)
    with pytest.raises(ValueError, match=r"backward gave dw1 of shape \(2, 2\), but it needs \(8, 2\)"):
        widgets.Training("moons", hidden=8, backward=lambda *_: [np.ones((2, 2))] * 4)


def test_views_and_pictures_have_the_same_colours():
    style = (FOLDER / "view.css").read_text()
    light = dict(re.findall(r"--mlp-(\w+): (#\w+);", style[: style.index("}")]))
    for name in ("PLUS", "MINUS", "MARK", "RIGHT"):
        assert getattr(palette, name) == light[name.lower()]
    assert palette.SERIES[:3] == (light["first"], light["second"], light["third"])
    kept = {palette.INK, palette.FAINT}  # those of Jupyter, where it has them; here what serves without
    assert kept < set(re.findall(r"#\w{6}", style))


def test_no_colour_is_typed_anywhere_else():
    for path in [*FOLDER.glob("*.py"), *FOLDER.glob("*.css"), *(FOLDER.parent / "plots").glob("*.py")]:
        if path.name not in ("view.css", "palette.py"):
            assert not re.search(r"#[0-9a-fA-F]{6}\b", path.read_text()), path.name


@pytest.mark.parametrize("name", VIEWS)
def test_a_views_javascript_is_one_module_with_no_import_left(name):
    text = str(VIEWS[name]._esm)
    assert not re.search(r"^import\b", text, re.MULTILINE)
    assert re.findall(r"^export .{7}", text, re.MULTILINE) == ["export default"]


@pytest.mark.skipif(shutil.which("node") is None, reason="Node was not found to read the JavaScript with")
@pytest.mark.parametrize("name", [*VIEWS, "step_through", "Order"])
def test_a_views_javascript_is_read_without_an_error(name, tmp_path):
    view = {"step_through": StepThrough, "Order": Order}.get(name) or VIEWS[name]
    path = tmp_path / "view.mjs"
    path.write_text(str(view._esm), encoding="utf-8")
    result = subprocess.run(["node", "--check", path], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


@pytest.mark.parametrize(
    "declaration",
    [
        "const clamp = 1",
        "export function clamp() {}",
        "let [a, clamp] = [1, 2]",
        "const { clamp } = {}",
        "class clamp {}",
    ],
)
def test_one_top_level_name_in_two_modules_is_refused(declaration, tmp_path, monkeypatch):
    for path in FOLDER.glob("*.js"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr("mlpcourse.widgets.view._FOLDER", tmp_path)
    assert module("softmax.js")
    (tmp_path / "scroll.js").write_text(f"{(tmp_path / 'scroll.js').read_text()}\n{declaration}\n")
    with pytest.raises(ValueError, match=r"scroll.js .*both declare clamp|scroll.js both declare clamp"):
        module("softmax.js")


def test_every_imported_name_is_exported():
    for path in FOLDER.glob("*.js"):
        for names, origin in re.findall(r'^import \{([^}]*)\} from "\./([\w-]+\.js)"', path.read_text(), re.MULTILINE):
            for name in filter(None, re.split(r"[,\s]+", names)):
                exported = rf"^export (const|function) {name}\b"
                assert re.search(exported, (FOLDER / origin).read_text(), re.MULTILINE), f"{path.name}: {name}"


def test_a_shared_module_is_inlined_once_and_before_its_users():
    text = module("steps.js")
    assert text.count("const softmax =") == 1
    assert text.index("const softmax =") < text.index("function network(")


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        ([1, 2], ValueError, r"z2 has shape \(2,\).*\(3, 1\)"),
        ([[1, 2, 3]], ValueError, r"z2 has shape \(1, 3\).*\(3, 1\)"),
        ([1, 2, float("nan")], ValueError, r"z2 .*nan at \[2\].*finite"),
        ([1, 2, float("inf")], ValueError, r"z2 .*inf at \[2\].*finite"),
        ([1, 2, 1e5], ValueError, "z2 holds 100000: .*between -10000 and 10000"),
        ("abc", TypeError, "z2 must be an array of numbers"),
        (None, TypeError, "z2 must be an array of numbers"),
        ([[1], [2, 3]], TypeError, "rows differ in length"),
        ([1j, 2, 3], TypeError, "real numbers"),
        ([], ValueError, r"z2 has shape \(0,\)"),
        (np.zeros((3, 1, 1)), ValueError, "a column or a matrix"),
    ],
)
def test_a_bad_array_is_refused_with_a_sentence(value, error, says):
    view = Softmax([1, 2, 3])
    with pytest.raises(error, match=says):
        view.z2 = value
    np.testing.assert_array_equal(view.z2, [[1], [2], [3]])


@pytest.mark.parametrize(
    ("value", "error", "says"),
    [
        (0, ValueError, "temperature must lie between 0.1 and 10, but is 0"),
        (float("nan"), ValueError, "temperature .*finite"),
        ("warm", TypeError, "temperature must be an array of numbers|temperature must be one real number"),
        ([1, 2], TypeError, "temperature must be one real number"),
    ],
)
def test_a_bad_number_is_refused_with_a_sentence(value, error, says):
    with pytest.raises(error, match=says):
        Softmax().temperature = value


def test_a_trait_is_a_column_that_network_takes_and_nobody_can_change_unseen():
    view = Softmax([1, 2, 3])
    np.testing.assert_array_equal(view.A2, network.softmax(view.z2))
    with pytest.raises(ValueError, match="read-only"):
        view.z2[0] = 5
    with pytest.raises(TypeError, match="z3"):
        Softmax(z3=[1, 2])


@pytest.mark.parametrize(
    ("x", "text"),
    [(0, "0.000"), (1, "1.000"), (-1.5, "~1.500"), (0.0625, "0.063"), (-0.0625, "~0.063"), (0.0005, "5.00e~4"),
     (-0.0, "0.000"), (12345.678, "1.23e+4"), (9999.9999, "10000.000"), (float("nan"), "NaN"), (-np.inf, "~∞")],
)  # fmt: skip
def test_numbers_are_written_the_views_way(x, text):
    assert number(x) == text.replace("~", "\N{MINUS SIGN}")


# --- one example: Loss and Paths ------------------------------------------------------------------


@pytest.mark.parametrize("View", [widgets.Loss, widgets.Paths])
@pytest.mark.parametrize(
    ("z2", "y", "error", "says"),
    [
        ([1, 2, 3], [1, 1, 0], ValueError, "one-hot"),
        ([1, 2, 3], [0, 1], ValueError, r"y has shape \(2, 1\).* needs shape \(3, 1\)"),
        (np.zeros((3, 2)), None, ValueError, r"z2 has shape \(3, 2\).*one example"),
        ([1], None, ValueError, "two classes or more"),
        ([[1], [2, 3]], None, TypeError, "z2 .*rows differ in length"),
        ("logits", None, TypeError, "z2 must be an array of numbers"),
    ],
)
def test_what_is_not_one_example_is_refused_with_a_sentence(View, z2, y, error, says):
    with pytest.raises(error, match=says):
        View(z2, y)


def test_a_true_class_or_a_logit_that_is_not_there_is_refused_with_a_sentence():
    view = widgets.Paths([1, 2, 3], y=[0, 0, 1], i=3)
    with pytest.raises(ValueError, match="one-hot"):
        view.y = [0, 0, 0.5]
    with pytest.raises(ValueError, match="i must lie between 1 and 3, but is 4"):
        view.i = 4
    np.testing.assert_allclose(view.terms.sum(), network.softmax(view.z2)[2, 0] - 1)


def test_a_probability_of_0_leaves_the_loss_and_the_paths_whole():
    z2 = [-1000.0, 0.0, 1.0]
    surprise = widgets.Loss(z2).L
    assert surprise == pytest.approx(1001 + np.log1p(np.exp(-1)), rel=1e-15)
    np.testing.assert_array_equal(widgets.Paths(z2).terms, [[-1], [0], [0]])
    for view in (widgets.Loss(z2), widgets.Paths(z2)):
        assert "NaN" not in view.text()
        view.still()


# --- NetworkGraph ---------------------------------------------------------------------------------


def test_the_graph_says_what_its_steps_have_computed():
    graph = widgets.NetworkGraph(step=5)
    assert list(graph.values) == ["z1", "A1", "z2", "A2", "L"]
    assert graph.text().endswith("; L = 1.408")
    graph.b1 = [-1, 0.5, 2, 0.5]
    graph.step = 12
    z1, A1, z2, A2 = network.forward(graph.params, graph.X)
    delta2 = network.output_delta(A2, graph.y)
    expected = {"z1": z1, "A1": A1, "z2": z2, "A2": A2, "L": [[network.loss(graph.params, graph.X, graph.y)]]}
    expected |= {"delta2": delta2, "dA1": network.hidden_signal(graph.w2, delta2)}
    expected |= {f"d{name}": g for name, g in network.backward(graph.params, graph.X, graph.y)._asdict().items()}
    expected["delta1"] = expected["db1"]
    assert graph.values.keys() == expected.keys()
    for name, array in expected.items():
        np.testing.assert_allclose(graph.values[name], array, rtol=1e-14, err_msg=name)


def test_what_the_graph_has_no_room_for_is_refused_with_a_sentence():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="H = 7, but the graph has room for H = 6 at most"):
        widgets.NetworkGraph(network.init_params(2, 7, 3, rng))
    with pytest.raises(ValueError, match="X needs one column"):
        widgets.NetworkGraph(X=np.ones((2, 5)), y=network.one_hot([0] * 5, 3))
    with pytest.raises(ValueError, match=r"X has shape \(3, 1\), but w1 has 2 columns"):
        widgets.NetworkGraph(X=[[1], [2], [3]])
    with pytest.raises(TypeError, match=r"params must be Params\(w1, b1, w2, b2\), but is list"):
        widgets.NetworkGraph([1, 2])
    graph = widgets.NetworkGraph()
    with pytest.raises(ValueError, match="one-hot"):
        graph.y = [1, 1, 0]
    with pytest.raises(ValueError, match="step must lie between 1 and 12, but is 13"):
        graph.step = 13
    with pytest.raises(ValueError, match="w1 holds 6: entries must lie between -5 and 5"):
        graph.w1 = [[6, 1], [0, 0], [0, 0], [0, 0]]


# --- step_through -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_derivation_can_be_stepped_through(name):
    view = step_through(name)
    derivation = DERIVATIONS[name]
    assert len(view.lines) == len(derivation.lines) + 1
    for number_, line in enumerate(view.lines[1:], start=1):
        options = [view.lines[option]["reason"] for option in line["options"]]
        assert number_ in line["options"]
        assert len(set(options)) == len(options), "each reason is offered once"
        assert "mlp-changed" in line["before"] + line["after"], "what changed is marked"
    assert view.inputs, "there is something to change"


def test_the_arrays_to_change_are_those_that_nothing_else_computes():
    assert step_through("output_delta").inputs == ["z2", "y"]
    assert step_through("hidden_delta").inputs == ["z1", "w2", "b2", "y"]
    assert step_through("grad_w1").inputs == ["X", "w1", "b1", "w2", "b2", "y"]


def test_the_still_form_is_the_whole_derivation():
    data, _ = step_through("output_delta")._repr_mimebundle_()
    assert data["text/plain"] == repr(show("output_delta"))
    assert data["text/markdown"] == show("output_delta")._repr_markdown_()


def test_bad_lines_and_labels_are_refused_with_a_sentence():
    view = step_through("output_delta")
    with pytest.raises(ValueError, match="line must lie between 1 and 13, but is 14"):
        view.line = 14
    with pytest.raises(ValueError, match="whole number"):
        view.line = 1.5
    with pytest.raises(ValueError, match="one-hot"):
        view.y = [1, 1, 0]
    with pytest.raises(ValueError, match="no derivation 'delta'"):
        step_through("delta")


def marked(math: str) -> list[str]:
    return ["".join(part.itertext()) for part in ET.fromstring(math).iter() if part.get("class") == "mlp-changed"]


def test_the_smallest_part_that_explains_the_change_is_marked():
    assert marked(compared("a + b", "a + c")[1]) == ["c"]
    assert marked(compared(r"\frac{a + b}{x}", r"\frac{a + c}{x}")[1]) == ["c"]
    assert marked(compared("a + b + c", "a + c")[0]) != []
    assert marked(compared("x", r"\frac{a}{b}")[1]) == ["ab"]


def test_formulas_become_mathml_and_sentences_keep_their_words():
    assert mathml("a").startswith("<math")
    assert inline("if $x < 1$ & so on").count("<math") == 1
    assert inline("if a & b").endswith("a &amp; b")


@pytest.mark.parametrize(
    ("tex", "pieces"),
    [
        (r"a = I(i = k) \stackrel{z > 0}{=} \sum_{i=1}^K b", ["a", "=I(i=k)", "=z>0∑i=1Kb"]),
        (r"\Leftrightarrow -A(1 - b) + c - d = -a", ["⇔-A(1-b)", "+c", "-d", "=-a"]),
    ],
)
def test_an_equation_breaks_between_its_terms_and_nowhere_else(tex, pieces):
    found = re.findall("<math.*?</math>", in_sides(tex))
    assert ["".join(ET.fromstring(piece).itertext()).replace("\N{MINUS SIGN}", "-") for piece in found] == pieces


def test_extra_space_between_cases_is_not_printed():
    assert "ex" not in mathml(r"\begin{cases} a \\[1ex] b \end{cases}").replace("prefix", "")


# --- OuterProduct and Gate ------------------------------------------------------------------------


def test_the_outer_product_and_the_gates_are_the_networks():
    outer = widgets.OuterProduct([1, -2], A1=[3, 0, 0.5])
    np.testing.assert_array_equal(outer.dw2, [[3, 0, 0.5], [-6, 0, -1]])
    gate = widgets.Gate([1, 0, -1], dA1=[-4, 5, -6])
    np.testing.assert_array_equal(gate.delta1, [[-4], [5], [0]])
    assert gate.text().endswith("gates open, open, closed; delta1 = \N{MINUS SIGN}4.000, 5.000, 0.000")
    gate.gate_on = "A1"
    np.testing.assert_array_equal(gate.delta1, gate.dA1)
    assert gate.text().startswith("Gate on A1 >= 0, a slip: ")


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: widgets.OuterProduct(A1=[1, -1]), ValueError, "A1 holds -1: entries must lie between 0 and 10000"),
        (lambda: widgets.OuterProduct(np.ones((3, 2))), ValueError, r"delta2 has shape \(3, 2\).*needs shape \(3, 1\)"),
        (lambda: widgets.Gate([1, 2]), ValueError, r"z1 has shape \(2, 1\), but dA1 has 4 rows"),
        (lambda: widgets.Gate(gate_on="z2"), traitlets.TraitError, r"gate_on.*'z1'.*'A1'.*'z2'"),
    ],
)
def test_what_the_outer_product_and_the_gates_cannot_show_is_refused_with_a_sentence(make, error, says):
    with pytest.raises(error, match=says):
        make()


# --- Training -------------------------------------------------------------------------------------


def test_training_starts_anew_when_python_changes_what_it_learns_and_not_when_the_browser_has():
    view = widgets.Training("moons", hidden=3)
    X, y = moons(300, np.random.default_rng(0))
    begin = network.init_params(2, 3, 2, np.random.default_rng(1))
    assert view.loss == pytest.approx(network.loss(begin, X, y))
    assert view.accuracy == np.mean(network.predict(begin, X) == y.argmax(axis=0))

    view.epoch, view.w1 = 7, np.ones((3, 2))
    view.slip = "mean_forgotten"
    assert view.epoch == 0
    np.testing.assert_array_equal(view.w1, begin.w1)
    assert "slip: the division by N is missing; step 0: L = " in view.text()

    state = {"data": "spirals", "hidden": 2, "epoch": 5, "b1": [[0], [0]], "w1": [[1, 2], [3, 4]]}
    view.set_state(state | {"w2": [[1, 2]] * 3, "b2": [[0]] * 3})
    assert view.epoch == 5
    np.testing.assert_array_equal(view.w1, [[1, 2], [3, 4]])
    assert view.text().endswith(f"step 5: L = {number(np.log(3))}, accuracy 33.3 %")


@pytest.mark.parametrize(
    ("traits", "says"),
    [
        ({"data": "digits"}, "data must be one of 'spirals', 'moons', 'blobs', but is 'digits'"),
        ({"slip": "gate"}, "slip must be one of '', 'label_minus_probability', .*, but is 'gate'"),
        ({"hidden": 0}, "hidden must lie between 1 and 32, but is 0"),
        ({"learning_rate": 0}, "learning_rate must lie between 0.001 and 100, but is 0"),
    ],
)
def test_what_training_cannot_learn_is_refused_with_a_sentence(traits, says):
    with pytest.raises(ValueError, match=says):
        widgets.Training(**traits)
    view = widgets.Training()
    ((name, value),) = traits.items()
    with pytest.raises(ValueError, match=says):
        setattr(view, name, value)
    assert view.text() == repr(widgets.Training())


# --- Batch and StepSize ---------------------------------------------------------------------------


def test_the_sums_of_a_batch_are_the_gradient_of_the_loss_and_parts_of_it():
    batch = widgets.Batch()
    gradient = network.backward(batch.params, batch.X, batch.y)
    for sums, whole in zip(batch.sums, (gradient.w2, gradient.b2), strict=True):
        np.testing.assert_allclose(sums, whole, atol=1e-15)
    batch.added = [0, 0, 1, 0, 0]
    alone = network.backward(batch.params, batch.X[:, 2:3], batch.y[:, 2:3])  # its mean is over one example
    for sums, whole in zip(batch.sums, (alone.w2, alone.b2), strict=True):
        np.testing.assert_allclose(5 * sums, whole, atol=1e-15)
    assert "examples added: 3;" in batch.text()


def test_right_digits_are_counted_from_the_first_that_is_not_a_zero():
    for value, truth, right in ((-0.75526, -0.75527, 4), (0.0012, 0.0013, 1), (2.5, 2.5, 16), (0.5, -0.5, 0)):
        assert right_digits(value, truth) == right
    view = widgets.StepSize()
    assert view.derived == pytest.approx(network.softmax([[1.0], [2.0], [0.0]])[0, 0] - 1)  # delta2_1 A1_1
    assert "dL/dw2_11 = \N{MINUS SIGN}0.755; h = 0.001; right digits: " in view.text()
    view.h = 1e-17  # x + h is x
    assert view.numerical("central") == 0
    assert view.text().endswith("central limited by rounding, complex limited by rounding")


@pytest.mark.parametrize(
    ("change", "error", "says"),
    [
        (lambda: widgets.StepSize(h=0), ValueError, "h must lie between 1e-20 and 1, but is 0"),
        (lambda: widgets.StepSize(X=[1, 2, 3]), ValueError, r"X has shape \(3,\)"),
        (lambda: setattr(widgets.StepSize(), "y", [1, 1, 0]), ValueError, "one-hot"),
        (lambda: widgets.Batch(X=[[1, 2], [3, 4]]), ValueError, r"y has shape \(3, 5\), but X has 2 columns"),
        (lambda: setattr(widgets.Batch(), "added", [1, 0]), ValueError, r"added needs shape \(5, 1\)"),
        (lambda: setattr(widgets.Batch(), "added", [1, 0, 0.5, 1, 1]), ValueError, "added must hold 1 .*and 0 else"),
        (lambda: setattr(widgets.Batch(), "w1", "abc"), TypeError, "w1 must be an array of numbers"),
    ],
)
def test_what_the_batch_and_the_step_cannot_show_is_refused_with_a_sentence(change, error, says):
    with pytest.raises(error, match=says):
        change()
