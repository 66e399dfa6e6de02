"""A learner's lines are proven, refuted on a network that anybody can check, or located."""

import numpy as np
import pytest

from mlpcourse.derivation import DERIVATIONS, plain
from mlpcourse.exercises import check, derive, is_true
from mlpcourse.exercises.deriving import judge_lines, share


@pytest.mark.parametrize("name", DERIVATIONS)
def test_the_courses_own_lines_are_proven_and_reach_the_end(name):
    result = derive(name, "\n".join(plain(line.expr) for line in DERIVATIONS[name].lines))
    assert [line.verdict for line in result.lines] == ["proven"] * len(result.lines)
    assert result.reached


def test_a_wrong_line_is_left_out_of_the_chain():
    result = derive("output_delta", "sum_k dL/dA2_k dA2_k/dz2_i\ny_i - A2_i\nA2_i sum_k y_k - y_i\nA2_i - y_i")
    assert [line.verdict for line in result.lines] == ["proven", "refuted", "proven", "proven"]
    assert result.lines[1].slip == "label_minus_probability"
    assert not result.reached
    assert result.first_wrong == 2


SLIPS = [
    ("output_delta", "-y_i/A2_i * dA2_i/dz2_i", "one_path_only"),
    ("output_delta", "sum_k {-y_i (1 - A2_i) if i = k, else y_i A2_k}", "swapped_roles"),
    ("output_delta", "e^z2_i/(sum_j e^z2_j)^2 - y_i", "stray_square"),
    ("output_delta", "-y_i(1 - A2_i) + sum_k y_k A2_i", "exclusion_lost"),
    ("output_delta", "sum_k y_k (delta_ik - A2_i)", "label_minus_probability"),
    ("hidden_delta", "sum_k (A2_k - y_k) w2_kj", "gate_dropped"),
    ("batch_grad_w2", "sum_n (A2_kn - y_kn) A1_jn", "mean_forgotten"),
    ("hidden_delta", "sum_k (A2_k + y_k) w2_kj I(z1_j >= 0)", "label_added"),
    ("softmax_jacobian", "-A2_k A2_i", "jacobian_product_only"),
    ("grad_w2", "dL/dz2_k z1_j", "wrong_array"),
]


@pytest.mark.parametrize(("name", "text", "slip"), SLIPS)
def test_a_slip_is_named(name, text, slip):
    (line,) = derive(name, text).lines
    assert (line.verdict, line.slip) == ("refuted", slip)
    assert line.details


def test_check_takes_lines_and_what_derive_returned():
    good = "sum_k dL/dA2_k dA2_k/dz2_i\nA2_i sum_k y_k - y_i\nA2_i - y_i"
    assert check("output_delta", good).right
    assert check("derive_output_delta", good).right
    assert check("output_delta", derive("output_delta", good)).right
    assert check("output_delta", "A2_i - y_i\ny_i").kind == "slip" or not check("output_delta", "A2_i - y_i\ny_i").right
    assert check("output_delta", "").kind == "not attempted"
    assert not check("output_delta", "sum_k dL/dA2_k dA2_k/dz2_i").right


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("sum_i dL/dz2_i = 0", "proven"),
        ("sum_k A2_k = 1", "proven"),
        ("dA2_k/dz2_i = dA2_i/dz2_k", "proven"),
        ("z2_k = sum_j w2_kj A1_j + b2_k", "proven"),
        ("L = log sum_k e^z2_k - z2_t", "proven"),
        ("w2^T (A2 - y) = dL/dA1", "proven"),
        ("A2_k = y_k", "refuted"),
        ("dL/dz2_i = y_i - A2_i", "refuted"),
        ("log y_k = 0", "undecided"),
        ("A2_k", "unreadable"),
        ("A2_k = q_k", "unreadable"),
        ("sum[i=0..K] y_i = 1", "unreadable"),
    ],
)
def test_any_equation_can_be_judged(text, verdict):
    found = is_true(text)
    assert found.verdict == verdict
    assert (found.column is not None) == (verdict == "unreadable")
    assert bool(found) == (verdict == "proven")
    assert repr(found)
    assert found._repr_html_()


def test_a_refutation_can_be_checked_by_hand():
    example = is_true("dL/dz2_i = A2_i y_i").counterexample
    scope = {"np": np}
    exec(example.arrays(), scope)
    z1 = scope["w1"] @ scope["X"] + scope["b1"]
    z2 = scope["w2"] @ np.maximum(z1, 0) + scope["b2"]
    A2 = np.exp(z2) / np.exp(z2).sum()
    i = example.at["i"] - 1
    assert example.first == pytest.approx((A2 - scope["y"])[i, 0])
    assert example.second == pytest.approx((A2 * scope["y"])[i, 0])


def test_points_are_for_an_unbroken_chain():
    def points(text):
        return share(judge_lines("output_delta", text), "output_delta")

    whole = "\n".join(plain(line.expr) for line in DERIVATIONS["output_delta"].lines)
    assert points(whole) == 1
    assert points("A2_i sum_k y_k - y_i\nA2_i - y_i") == 1
    assert points("A2_i - y_i") == 0.5
    assert points("y_i - A2_i\nA2_i sum_k y_k - y_i\nA2_i - y_i") == 0
    assert points("dL/dz2_i\ndL/dz2_i\ndL/dz2_i") == 0
    assert (
        0 < points("sum_k dL/dA2_k dA2_k/dz2_i\ny_i") < points("sum_k dL/dA2_k dA2_k/dz2_i\nA2_i sum_k y_k - y_i") < 1
    )
    assert points("") == 0
    with pytest.raises(ValueError, match="no derivation"):
        judge_lines("nothing", "A2_i")
