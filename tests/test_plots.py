"""What a picture says in words is what the network does, and it reaches whoever cannot see the picture."""

import base64
import re
import struct
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import numpy as np
import pytest
from bs4 import BeautifulSoup
from matplotlib.figure import Figure

from mlpcourse import network, plots
from mlpcourse.data import blobs, tiny
from mlpcourse.network import Params
from mlpcourse.training import History
from mlpcourse.widgets import Softmax

PARAMS, X, Y = tiny()
VALUES = network.forward(PARAMS, X)
DELTA2 = network.output_delta(VALUES.A2, Y)
LOGITS = ["z_{21}", "z_{22}", "z_{23}"]


def test_a_picture_is_drawn_once(monkeypatch):
    drawn, draw = [], Figure.draw
    monkeypatch.setattr(Figure, "draw", lambda figure, renderer: drawn.append(figure) or draw(figure, renderer))
    shown = plots.draw_output_error(VALUES.A2, Y)
    assert not drawn, "not before it is shown"
    for _ in range(2):
        shown._repr_mimebundle_()
    Softmax().still()
    assert len(drawn) == len({id(figure) for figure in drawn}) == 2


def numbers(text: str) -> list[float]:
    return [float(n.replace("\N{MINUS SIGN}", "-")) for n in re.findall("\N{MINUS SIGN}?\\d+(?:\\.\\d+)?", text)]


def loss_of_A1(A1: np.ndarray) -> float:
    return float(network.cross_entropy(PARAMS.w2 @ A1 + PARAMS.b2, Y).item())


def loss_by_w2(x: complex) -> complex:
    w2 = PARAMS.w2.astype(np.result_type(x, float))
    w2[0, 0] = x
    return network.loss(PARAMS._replace(w2=w2), X, Y)


def loss_by_b13(x: float) -> float:
    b1 = PARAMS.b1.copy()
    b1[2] = x
    return network.loss(PARAMS._replace(b1=b1), X, Y)


HISTORY = History(*(np.array(curve) for curve in ([2.0, 0.5], [0.25, 0.75], [3.0, 1.5], [0.5, 0.625])), stopped="")
POINTS = blobs(30, np.random.default_rng(0))
PLANE = Params(np.eye(2), np.ones((2, 1)), np.array([[1.0, 0], [-1, 1], [0, -1]]), np.zeros((3, 1)))
IMAGES = np.linspace(0, 1, 64 * 9).reshape(64, 9)


PICTURES = [  # to be drawn by the test: every worker of a run collects all tests
    partial(plots.draw_affine, PARAMS.w1, X, PARAMS.b1),
    partial(plots.draw_shapes, 2, 4, 3),
    partial(plots.draw_shapes, 64, 128, 1438),
    partial(plots.draw_network, PARAMS, X, Y),
    partial(plots.draw_decision_regions, PLANE, POINTS.X, POINTS.y),
    partial(plots.draw_history, HISTORY),
    partial(plots.draw_digits, IMAGES, np.arange(9)),
    partial(plots.draw_confusion, np.array([0, 1, 2, 2]), np.array([0, 1, 1, 2])),
    partial(plots.draw_path_sum, "A_{11}", LOGITS, PARAMS.w2[:, 0], DELTA2),
    partial(plots.draw_output_error, VALUES.A2, Y),
    partial(plots.draw_outer_product, DELTA2, VALUES.A1, (r"\delta_2", r"A_1^\top", r"\partial L/\partial w_2")),
    partial(plots.draw_row_and_column, PARAMS.w2, 2, 1),
    partial(plots.draw_relu, VALUES.z1),
    partial(plots.draw_softmax, VALUES.z2),
    partial(plots.draw_overflow, VALUES.z2 + 1000),
    partial(plots.draw_surprise, VALUES.A2),
    partial(plots.draw_change, VALUES.A2, network.softmax(VALUES.z2 + np.eye(3)[:, [1]])),
    partial(plots.draw_jacobian, VALUES.z2),
    partial(plots.draw_weight_paths, PARAMS, 1, 2),
    partial(plots.draw_backward, PARAMS, X, Y),
    partial(plots.draw_outer_sum, DELTA2, VALUES.A1),
    partial(plots.draw_step_sizes, loss_by_w2, PARAMS.w2[0, 0], network.backward(PARAMS, X, Y).w2[0, 0]),
    partial(plots.draw_kink, loss_by_b13, 1.5),
    partial(plots.draw_losses, {"good": [1, 0.5, 0.2], "bad": [1, 10, 1000]}),
]


@pytest.mark.parametrize("draw", PICTURES, ids=lambda draw: draw.func.__name__)
def test_a_picture_carries_a_png_and_the_words_for_it(draw: Callable[[], plots.Picture]):
    shown = draw()
    data, metadata = shown._repr_mimebundle_()
    png = base64.b64decode(data["image/png"])
    width, height = struct.unpack(">II", png[16:24])
    assert png.startswith(b"\x89PNG")
    assert (metadata["image/png"]["width"], metadata["image/png"]["height"]) == pytest.approx(
        (width / 1.5, height / 1.5), abs=1
    )
    assert metadata["image/png"]["alt"] == data["text/plain"] == repr(shown)
    assert not re.search(r"[\\{}$]", shown.alt), "alt text is for reading aloud"
    image = BeautifulSoup(data["text/html"], "html.parser").img
    assert (image["alt"], image["src"]) == (shown.alt, f"data:image/png;base64,{data['image/png']}")


@pytest.mark.parametrize("unit", range(4))
def test_the_paths_add_up_to_the_measured_derivative(unit: int):
    name = f"A_{{1{unit + 1}}}"
    shown = plots.draw_path_sum(name, LOGITS, PARAMS.w2[:, unit], DELTA2)
    step = np.zeros_like(VALUES.A1)
    step[unit] = 1e-5
    measured = (loss_of_A1(VALUES.A1 + step) - loss_of_A1(VALUES.A1 - step)) / 2e-5
    assert numbers(shown.alt.split("sum of the paths")[1])[0] == pytest.approx(measured, abs=1e-4)


def test_a_path_without_both_of_its_arrows_is_refused():
    with pytest.raises(ValueError, match="have 3, 2 and 3"):
        plots.draw_path_sum("A_{11}", LOGITS, [1, 2], [1, 2, 3])


def test_the_table_of_an_outer_product_is_read_row_by_row():
    down, across = np.array([[2.0], [-3.0]]), np.array([[5.0], [0.0], [7.0]])
    alt = plots.draw_outer_product(down, across, ("d", "a", "p")).alt
    assert numbers(alt.split("product;")[1]) == [10, 0, 14, -15, 0, -21]


def test_an_error_is_probability_minus_truth():
    alt = plots.draw_output_error(np.array([[0.25], [0.75]]), np.array([[1.0], [0.0]])).alt
    assert numbers(alt) == [1, 0.25, 1, -0.75, 2, 0.75, 0, 0.75]


def test_the_three_bar_charts_lead_from_logits_to_probabilities():
    alt = plots.draw_softmax(np.log([[1.0], [2.0], [5.0]])).alt
    assert numbers(alt) == [0, 0.6931, 1.6094, 1, 2, 5, 0.125, 0.25, 0.625]


def test_a_logit_beyond_the_border_overflows_and_one_within_does_not():
    largest, _, lowest = numbers(plots.draw_overflow(np.array([[1000.0], [999.0]])).alt)[:3]
    with np.errstate(over="raise", under="ignore"):
        assert np.exp(largest - 0.1) > 0
        assert np.exp(lowest + 0.1) > 0
        assert np.exp(lowest - 0.1) == 0
        with pytest.raises(FloatingPointError):
            np.exp(largest + 0.1)


def test_each_halving_of_a_probability_is_marked_log_2_higher():
    alt = plots.draw_surprise(np.array([[0.5], [0.25], [0.125]])).alt
    assert numbers(alt.split("Marked:")[1])[2::3] == pytest.approx([0.6931, 1.3863, 2.0794], abs=1e-4)


@pytest.mark.parametrize("probability", [0.0, 1.5, float("nan")])
def test_what_has_no_surprise_to_draw_is_refused(probability: float):
    with pytest.raises(ValueError, match=f"but one is {probability}"):
        plots.draw_surprise(np.array([0.5, probability]))


def test_the_changes_are_after_minus_before():
    alt = plots.draw_change(np.array([[0.25], [0.75]]), np.array([[0.5], [0.5]])).alt
    assert numbers(alt.split("Changes:")[1].replace("+", "")) == [0.25, -0.25]


def test_the_jacobian_in_words_is_the_measured_one():
    rows = plots.draw_jacobian(VALUES.z2).alt.split("with the rows ")[1]
    steps = [network.softmax(VALUES.z2 + 1e-20j * np.eye(3)[:, [i]]).imag / 1e-20 for i in range(3)]
    assert numbers(rows) == pytest.approx(np.hstack(steps).ravel(), abs=1e-4)


def test_pictures_leave_the_learners_own_figures_alone():
    code = "import sys, mlpcourse.plots; assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-c", code], check=True)


# --- the first layer, the whole backward pass, checks (lessons 08, 09, 11) --------------------------


def test_the_backward_pass_is_told_with_its_numbers():
    alt = plots.draw_backward(PARAMS, X, Y).alt
    grads = network.backward(PARAMS, X, Y)
    assert numbers(alt.split("delta1 is")[1])[:4] == pytest.approx(grads.b1.ravel().tolist(), abs=1e-4)
    assert numbers(alt.split("delta2 is")[1])[:3] == pytest.approx(grads.b2.ravel().tolist(), abs=1e-4)


def test_outer_products_of_the_examples_add_up_to_the_gradient():
    batch = np.array([[1, 0, -1], [2, 1, 1.5]])
    y = network.one_hot([0, 1, 2], K=3)
    values = network.forward(PARAMS, batch)
    alt = plots.draw_outer_sum(network.output_delta(values.A2, y), values.A1).alt
    assert numbers(alt.split("sum:")[1]) == pytest.approx(
        network.backward(PARAMS, batch, y).w2.ravel().tolist(), abs=1e-4
    )


def test_a_kink_is_told_with_both_its_slopes():
    opened = network.backward(PARAMS._replace(b1=PARAMS.b1 + np.array([[0], [0], [1.01], [0]])), X, Y).b1[2, 0]
    left, _, right, *_ = numbers(plots.draw_kink(loss_by_b13, 1.5).alt)
    assert (left, right) == pytest.approx((0, opened), abs=0.01)


def test_losses_say_which_curve_leaves_the_picture():
    alt = plots.draw_losses({"good": [1, 0.5, 0.2], "bad": [1, 10, 1000]}).alt
    assert "good ends at 0.2" in alt
    assert "bad leaves the picture" in alt
    with pytest.raises(ValueError, match="7 curves"):
        plots.draw_losses({name: [1.0] for name in "abcdefg"})


@pytest.mark.parametrize(("j", "d"), [(0, 1), (5, 1), (1, 3)])
def test_a_weight_that_does_not_exist_has_no_paths(j: int, d: int):
    with pytest.raises(ValueError, match=r"w1 has shape \(4, 2\)"):
        plots.draw_weight_paths(PARAMS, j, d)


def test_the_backward_pass_is_drawn_for_one_example_only():
    with pytest.raises(ValueError, match="one column"):
        plots.draw_backward(PARAMS, np.hstack([X, X]), np.hstack([Y, Y]))


# --- the forward pass and training (lessons 00, 01, 10) ---------------------------------------------


def test_a_product_is_told_with_its_result():
    alt = plots.draw_affine(PARAMS.w1, X, PARAMS.b1).alt
    assert numbers(alt.split("z1 (4, 1) is")[1]) == [1, 0.5, -1, 2]
    alt = plots.draw_affine(PARAMS.w2, VALUES.A1, PARAMS.b2, ("w_2", "A_1", "b_2", "z_2")).alt
    assert numbers(alt.split("z2 (3, 1) is")[1]) == [1, 2, 0]


def test_shapes_are_those_of_the_forward_pass():
    w1, b1 = np.ones((4, 2)), np.ones((4, 1))
    result = network.forward(Params(w1, b1, np.ones((3, 4)), np.ones((3, 1))), np.ones((2, 5)))
    alt = plots.draw_shapes(D=2, H=4, N=5).alt
    assert re.findall(r"\w\d? (\(\d, \d\))", alt) == [str(a.shape) for a in (w1, np.ones((2, 5)), b1, result.z1)]


def test_the_network_is_told_with_its_values_and_closed_gates():
    alt = plots.draw_network(PARAMS, X, Y).alt
    for name, array in VALUES._asdict().items():
        said = alt.split(f"{name} is ")[1]
        assert numbers(said)[: array.size] == pytest.approx(array.ravel().tolist(), abs=5e-5)
    assert alt.endswith("closed gate, whose lines are dotted: 3.")
    with pytest.raises(ValueError, match=r"X has shape \(2, 2\), but the picture is of one example"):
        plots.draw_network(PARAMS, np.hstack([X, X]), np.hstack([Y, Y]))


def test_the_share_of_points_in_their_own_region_is_the_accuracy():
    right = network.predict(PLANE, POINTS.X) == POINTS.y.argmax(axis=0)
    alt = plots.draw_decision_regions(PLANE, POINTS.X, POINTS.y).alt
    assert numbers(alt) == [1, 3, 30, round(100 * right.mean())]


@pytest.mark.parametrize(
    "b2", [[[100.0], [0], [0]], [[0.0], [0], [0]]], ids=["one class everywhere", "a tie everywhere"]
)
def test_regions_may_be_missing(b2: list[list[float]]):
    params = PLANE._replace(w2=0 * PLANE.w2, b2=np.array(b2))
    assert "33% of them" in plots.draw_decision_regions(params, POINTS.X, POINTS.y).alt


def test_regions_need_a_plane():
    with pytest.raises(ValueError, match=r"X has shape \(64, 9\), but a plane has two coordinates"):
        plots.draw_decision_regions(PARAMS, IMAGES, Y)


def test_curves_are_told_by_their_ends():
    alt = plots.draw_history(HISTORY).alt
    assert numbers(alt) == [2, 2, 0.5, 3, 1.5, 0.25, 0.75, 0.5, 0.625]
    without = HISTORY._replace(val_loss=np.empty(0), val_accuracy=np.empty(0))
    assert numbers(plots.draw_history(without).alt) == [2, 2, 0.5, 0.25, 0.75]


def test_a_training_that_stopped_at_once_still_has_a_picture():
    nothing = History(np.empty(0), np.empty(0), np.empty(0), np.empty(0), "Stopped in epoch 1.")
    assert "not one epoch" in plots.draw_history(nothing).alt


def test_digits_are_told_with_what_was_read():
    assert plots.draw_digits(IMAGES[:, :2], np.array([3, 8])).alt.endswith("pixels: 3; 8.")
    assert plots.draw_digits(IMAGES[:, :2], np.array([3, 8]), np.array([5, 1])).alt.endswith(
        "3, read as 5; 8, read as 1."
    )
    assert plots.draw_digits(IMAGES[:, :0], np.arange(0)).alt.startswith("0 handwritten digits")


def test_mistakes_are_counted_true_digit_first():
    labels, predicted = np.array([0, 1, 2, 2, 2, 1]), np.array([0, 1, 1, 1, 2, 0])
    alt = plots.draw_confusion(labels, predicted).alt
    assert numbers(alt) == [6, 3, 1, 0, 1, 2, 1, 2]
    assert "none" in plots.draw_confusion(labels, labels).alt
