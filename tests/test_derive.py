"""A learner's lines are proven, refuted on a network that anybody can check, or located."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
from typed import FALSE, MEANINGLESS, TRUE, lines

from mlpcourse.derivation import DERIVATIONS, edits, plain
from mlpcourse.derivation.chain import Chain, Judged
from mlpcourse.derivation.numbers import free_indices, values_at_kink
from mlpcourse.derivation.reading import read_line
from mlpcourse.derivation.steps import LEAP, leapt
from mlpcourse.exercises import check, derive, hint, is_true, solution
from mlpcourse.exercises.deriving import judge_lines, share
from mlpcourse.exercises.transfer import TRANSFERS


@pytest.mark.parametrize("name", DERIVATIONS)
def test_the_courses_own_lines_are_proven_and_reach_the_end(name):
    result = derive(name, "\n".join(plain(line.expr) for line in DERIVATIONS[name].lines))
    assert [line.verdict for line in result.lines] == ["proven"] * len(result.lines)
    assert result.reached


@pytest.mark.parametrize("name", TRANSFERS)
def test_other_questions_can_be_derived_too(name):
    derivation = TRANSFERS[name]
    result = derive(name, "\n".join(plain(line.expr) for line in derivation.lines))
    assert [line.verdict for line in result.lines] == ["proven"] * len(result.lines)
    assert result.reached
    for values in edits.networks(False):
        truth = derivation.result(values)
        for expr in (derivation.lhs, derivation.lines[-1].expr):
            assert np.allclose(edits.numbers(expr, derivation.lhs, values), truth)


def pairs(typed):
    return [(name, line) for name, text in typed.items() for line in lines(text)]


@pytest.mark.parametrize(("name", "text"), pairs(TRUE))
def test_a_true_line_is_proven_however_it_is_typed(name, text):
    (line,) = derive(name, text).lines
    assert (line.verdict, line.column, line.slip) == ("proven", None, None), line.message
    assert line.reading


def by_hand(name, values):
    """The result of a derivation in plain numpy, on the arrays that a refutation shows."""
    X, y, w1, b1, w2, b2 = (values[array] for array in ("X", "y", "w1", "b1", "w2", "b2"))
    N = X.shape[1]
    z1 = w1 @ X + b1
    A1 = np.where(z1 >= 0, z1, 0)
    e = np.exp(w2 @ A1 + b2)
    A2 = e / e.sum(axis=0)
    delta2 = (A2 - y) / N
    dA1 = w2.T @ delta2
    delta1 = dA1 * (z1 >= 0)
    whole = {
        "output_delta": delta2, "grad_w2": delta2 @ A1.T, "grad_b2": delta2.sum(axis=1, keepdims=True),
        "hidden_signal": dA1, "hidden_delta": delta1, "grad_w1": delta1 @ X.T,
        "grad_b1": delta1.sum(axis=1, keepdims=True), "relu_gate": (z1 >= 0) * 1.0,
        "softmax_jacobian": np.diag(A2[:, 0]) - np.outer(A2[:, 0], A2[:, 0]),
    }  # fmt: skip
    return whole[name.removeprefix("batch_")]


# Some of the wrong lines by hand too: A2, y, z1, w2 and the index of the refutation, counted from 0.
WRONG_BY_HAND = {
    "y_i - A2_i": lambda v, i: v["y"][i] - v["A2"][i],
    "A2_i y_i": lambda v, i: v["A2"][i] * v["y"][i],
    "-y_i (1 - A2_i)": lambda v, i: -v["y"][i] * (1 - v["A2"][i]),
    "-sum_k y_k (delta_ik + A2_i)": lambda v, i: -v["y"][i] - v["A2"][i] * v["y"].sum(),
    "log A2_i - y_i": lambda v, i: np.log(v["A2"][i]) - v["y"][i],
    "d/dz2_i (log sum_j e^z2_j)": lambda v, i: v["A2"][i],
    "sum_k (A2_k + y_k) w2_kj": lambda v, j: (v["A2"] + v["y"]).T @ v["w2"][:, j],
    "I(z1_j > 0)": lambda v, j: v["z1"][j] > 0,
    "sum_k (A2_k - y_k) w2_kj I(z1_j > 0)": lambda v, j: (v["A2"] - v["y"]).T @ v["w2"][:, j] * (v["z1"][j] > 0),
}


@pytest.mark.parametrize(("name", "text"), pairs(FALSE))
def test_a_false_line_is_refuted_on_a_network_that_anybody_can_check(name, text):
    (line,) = derive(name, text).lines
    assert line.verdict == "refuted", line.message
    example = line.counterexample
    order = {"i": 1, "k": 0, "j": 1, "d": 2, "n": 3} if name == "softmax_jacobian" else {}
    place = [
        example.at[letter] - 1 for letter in sorted(example.at, key=lambda one: order.get(one, "kijldn".index(one)))
    ]
    truth = by_hand(name, example.values)
    assert example.first == pytest.approx(truth[tuple(place)] if truth.ndim == len(place) else truth[place[0], 0])
    assert abs(example.first - example.second) > 1e-6
    if text in WRONG_BY_HAND:
        assert example.second == pytest.approx(float(np.squeeze(WRONG_BY_HAND[text](example.values, place[0]))))


@pytest.mark.parametrize(("name", "text"), pairs(MEANINGLESS))
def test_what_has_no_meaning_is_never_proven_and_gets_a_sentence(name, text):
    (line,) = derive(name, text).lines
    assert line.verdict in ("unreadable", "undecided")
    assert line.message
    assert (line.column is not None) == (line.verdict == "unreadable")


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
    ("output_delta", "y_i - A2_i", "label_minus_probability"),
    ("output_delta", "sum_k y_k (delta_ik - A2_i)", "wrong_sign"),
    ("output_delta", "sum_k (y_k/A2_k) dA2_k/dz2_i", "wrong_sign"),
    ("loss_by_A2", "y_k/A2_k", "wrong_sign"),
    ("output_delta", "sum_k dL/dA2_i dA2_k/dz2_i", "index_swapped"),
    ("output_delta", "2 A2_i - y_i", "factor_too_many"),
    ("output_delta", "A2_i - y_i + 1", "term_too_many"),
    ("output_delta", "e^z2_i - y_i", "divisor_lost"),
    ("output_delta", "-y_i (1 - A2_i) + y_i (1 - A2_i)", "terms_cancel"),
    ("output_delta", "(1 - y_i)(1 - A2_t) - y_i (1 - A2_i)", "only_for_two_classes"),
    ("softmax_jacobian", "A2_k (1 - A2_k)", "only_for_equal_indices"),
    ("softmax_jacobian", "A2_k (delta_ik - A2_i) + delta_ik", "term_too_many"),
    ("grad_w2", "A2_k A1_j - y_k", "bracket_lost"),
    ("grad_w2", "dL/dz2_k w2_kj", "wrong_array"),
    ("grad_w2", "sum_i (A2_i - y_i) A1_j", "sum_too_many"),
    ("hidden_signal", "(1/K) sum_k (A2_k - y_k) w2_kj", "divisor_too_many"),
    ("hidden_signal", "sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)", "gate_too_many"),
    ("relu_gate", "z1_j", "not_differentiated"),
    ("hidden_delta", "sum_k (A2_k - y_k) w2_kj I(z1_j > 0)", "kink"),
    ("hidden_delta", "sum_k (A2_k - y_k) w2_kj", "gate_dropped"),
    ("batch_grad_w2", "sum_n (A2_kn - y_kn) A1_jn", "mean_forgotten"),
    ("hidden_delta", "sum_k (A2_k + y_k) w2_kj I(z1_j >= 0)", "label_added"),
    ("softmax_jacobian", "-A2_k A2_i", "jacobian_product_only"),
    ("grad_w2", "dL/dz2_k z1_j", "wrong_array"),
    ("grad_w2", "sum_k dL/dz2_k dz2_k/dw2_kj", "one_letter_twice"),
    ("output_delta", "K A2_i - y_i", "terms_counted"),
    ("softmax_jacobian", "delta_ik A2_k - A2_k", "factor_lost"),
    ("softmax_jacobian", "(delta_ik e^z2_k S - e^z2_k S)/S^2".replace("S", "(sum_j e^z2_j)"), "sum_for_its_derivative"),
    ("grad_w2", "(A2_k - y_k) + A1_j", "wrong_operation"),
    ("relu_gate", "{1 if z1_j >= 0, else -1}", "wrong_number"),
    ("hidden_signal", "sum_k y_k w2_kj", "wrong_array"),
    ("grad_w2", "A2_k - y_k A1_j", "bracket_lost"),
    ("log_probability", "1 - A2_i", "one_for_delta"),
    ("loss_by_A2", "-(1 - y_k)/A2_k", "complement"),
    ("loss_by_A2", "-y_k/e^A2_k", "function_too_many"),
    ("hidden_delta", "dL/dA1_j relu(z1_j)", "relu_for_its_derivative"),
    ("output_delta_from_logits", "e^z2_i/(sum_j exp(z2_j)^2) - y_i", "square_too_many"),
    ("softmax_jacobian", "(delta_ik e^z2_k S - e^z2_k e^z2_i)/S^2".replace("S", "sum_j exp(z2_j)"), "square_of_terms"),
    ("squared_error_delta", "A2_i (A2_i - y_i) - A2_i sum_k (A2_k - y_k)", "factor_lost"),
]


@pytest.mark.parametrize(("name", "text", "slip"), SLIPS)
def test_a_slip_is_named(name, text, slip):
    (line,) = derive(name, text).lines
    assert (line.verdict, line.slip) == ("refuted", slip)
    assert line.details


def test_a_letter_that_a_sum_takes_twice_is_told_where_the_line_is_true():
    lines = derive("loss_by_A2", "d/dA2_k (-sum_k y_k log A2_k)\nd/dA2_k (-sum_m y_m log A2_m)").lines
    assert [line.verdict for line in lines] == ["proven", "proven"]
    assert ["another letter" in line.message for line in lines] == [True, False]
    assert "another letter" in str(is_true("A2_i sum_i y_i = A2_i"))
    assert "another letter" not in str(is_true("sum_i y_i = sum_i A2_i"))


UNREADABLE_SLIPS = [
    ("hidden_signal", "(A2_k - y_k) w2_kj", "sum_lost"),
    ("hidden_delta", "(A2_k - y_k) w2_kj I(z1_j >= 0)", "sum_lost"),
    ("hidden_signal", "sum_k (A2_k - y_k) w1_kj", "wrong_layer_weights"),
    ("hidden_signal", "sum_k (A2_k - y_k) w2_jk", "weights_transposed"),
    ("output_delta", "A2_k - y_k", "index_swapped"),
    ("output_delta", "A2_k + y_k", None),
]


@pytest.mark.parametrize(("name", "text", "slip"), UNREADABLE_SLIPS)
def test_a_line_that_one_change_makes_readable_and_true_is_named(name, text, slip):
    (line,) = derive(name, text).lines
    assert (line.verdict, line.slip) == ("unreadable", slip)


def test_the_wrong_part_is_written_as_one_types_it():
    (line,) = derive("output_delta", "-sum_k y_k (delta_ik - A2_k)").lines
    assert ("Wrong in your line", "`A_2k`; all the rest may stay as it is.") in line.details
    result = derive("output_delta", "-sum_k y_k (delta_ik - A2_k)")
    assert "\n      Wrong in your line: `A_2k`" in repr(result)
    assert "<code>A_2k</code>; all" in result._repr_html_()
    field = derive("output_delta")
    field.asked = {"judge": {"id": 1, "text": "-sum_k y_k (delta_ik - A2_k)"}}
    assert ["Wrong in your line", "<code>A_2k</code>; all the rest may stay as it is."] in field.lines[0]["details"]


def test_a_number_of_the_handout_is_for_the_form_in_which_its_equation_ends():
    lines = derive("output_delta", "A2_i sum_k y_k - y_i\nA2_i - y_i").lines
    assert [line.ids for line in lines] == [(), ("H15",)]
    assert "on the way to H15" in lines[0].message


def test_a_hint_says_whether_it_is_for_the_code_or_for_the_derivation(monkeypatch):
    monkeypatch.setattr("mlpcourse.exercises._hints_shown", {})  # whatever other tests have asked for
    assert "hint('derive_output_delta')" in str(hint("output_delta"))
    assert "hint('output_delta')" in str(hint("derive_output_delta"))
    assert "derivation" not in str(hint("softmax"))
    assert "`show('softmax_denominator')`" in str(hint("softmax_denominator"))
    assert "Hint 1 of 3" in str(hint("squared_error_delta"))  # asked for to be derived alone
    assert "derive_squared_error_delta" in str(solution("squared_error_delta"))
    assert "no exercise" in str(hint("softmax_denominators"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("sum[k=2..K] y_k = 1", "part of a range"),
        ("sum[k=1..K-1] y_k = 1", "part of a range"),
        ("sum[k=0..K] y_k = 1", "no entry 0"),
        ("z2_1 = z2_1", "holds for every index"),
        ("d/dz2_k (dL/dz2_i) = A2_i (delta_ik - A2_k)", "derivative of a derivative"),
    ],
)
def test_what_has_no_rule_is_said_with_how_to_write_it(text, said):
    found = is_true(text)
    assert found.verdict in ("unreadable", "undecided")
    assert said in found.message


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
        ("w2 A1 + b2 = z2", "proven"),
        ("sum_k sum_n dL/dz2_kn = 0", "proven"),
        ("sum_d w1_jd dL/dw1_jd = dL/dz1_j (z1_j - b1_j)", "proven"),
        ("I(z1_j >= 0) + I(z1_j <= 0) = 1 + I(z1_j = 0)", "proven"),
        ("sum_i y_i log A2_i = log sum_i y_i A2_i", "proven"),
        ("A2_k = y_k", "refuted"),
        ("I(z1_j >= 0) = 1 - I(-z1_j >= 0)", "refuted"),
        ("d/dz2_i (sum_i z2_i) = K", "refuted"),
        ("sum_t A2_t = A2_t", "refuted"),
        ("sum_n y_kn = N/K", "refuted"),
        ("{A2_i - 1 if i = t, else 1 - A2_i} = dL/dz2_i", "refuted"),
        ("dL/dz2_i = y_i - A2_i", "refuted"),
        ("log y_k = 0", "undecided"),
        ("A2_k", "unreadable"),
        ("A2_k = q_k", "unreadable"),
        ("z2_1 = z2_1", "unreadable"),
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


@pytest.mark.parametrize("name", ["output_delta", "softmax_jacobian", "hidden_delta", "batch_grad_w2"])
def test_no_single_edit_of_a_line_is_proven_unless_its_numbers_are_the_same(name):
    derivation = DERIVATIONS[name]
    truth, batch = derivation.lines[-1].expr, name.startswith("batch_")
    for line in derivation.lines:
        for edit in itertools.islice(edits.edits(line.expr, free_indices(derivation.lhs)), 0, 40, 7):
            judged = Chain(derivation).judge(plain(edit.expr))
            both = [
                [edits.numbers(one, derivation.lhs, values) for one in (edit.expr, truth)]
                for values in edits.networks(batch)
            ]
            same = all(edits.same(*pair) for pair in both)
            assert judged.verdict == ("proven" if same else "refuted"), plain(edit.expr)


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


# Of a derivation of two lines, the first: the end in disguise is no step, and one of the way is, however short.
PADDED = {
    "log_probability": (
        "2 (I(i = k) - A2_i) - (I(i = k) - A2_i)", "0 + I(i = k) - A2_i", "(I(i = k) - A2_i) * 1", "I(k = i) - A2_i",
        "I(i = k) - A2_i + y_k - y_k", "I(i = k)/2 - A2_i/2 + (I(i = k) - A2_i)/2", "-(A2_i - I(i = k))",
        "sum_m I(m = i) (I(m = k) - A2_m)", "(I(i = k) - A2_i) sum_m A2_m", "I(i = k) - A2_i + sum_m y_m - 1",
        "{I(i = k) - A2_i if i = k, else I(i = k) - A2_i}", "(I(i = k) - A2_i) (A2_k + y_k)/(A2_k + y_k)",
        "(2 sum_m A2_m - 1) (I(i = k) - A2_i)", "(I(i = k) - A2_i) dz2_i/dz2_i", "d(2 log A2_k)/dz2_i / 2",
        "d(log A2_k + y_k)/dz2_i", "(d log A2_k/dz2_i + I(i = k) - A2_i)/2", "(I(i = k) - A2_i) e^(0)",
    ),
    "input_gradient": (
        "sum_l (sum_m (A2_m - y_m) w2_ml) I(z1_l >= 0) w1_ld", "sum_k (A2_k - y_k) sum_j w2_kj I(z1_j >= 0) w1_jd",
        "sum_j sum_k A2_k w2_kj I(z1_j >= 0) w1_jd - sum_j sum_k y_k w2_kj I(z1_j >= 0) w1_jd",
        "sum_j (sum_k (A2_k - y_k) w2_kj) I(z1_j >= 0) w1_jd + sum_m A2_m - 1", "d(L + 0)/dX_d",
        "sum_j {sum_k (A2_k - y_k) w2_kj w1_jd if z1_j >= 0, else 0}",
    ),
}  # fmt: skip
SHORT = {
    "log_probability": (
        "(1/A2_k) dA2_k/dz2_i", "A2_k (I(i = k) - A2_i)/A2_k", "I(i = k) - e^(z2_i)/sum_m e^(z2_m)",
        "d(z2_k - log sum_m e^(z2_m))/dz2_i", "dz2_k/dz2_i - A2_i", "{1 - A2_i if i = k, else -A2_i}",
    ),
    "input_gradient": (
        "sum_j dL/dz1_j w1_jd", "sum_k dL/dz2_k dz2_k/dX_d", "sum_j dL/dA1_j I(z1_j >= 0) w1_jd",
        "sum_j (sum_k (A2_k - y_k) w2_kj) I(z1_j >= 0) dz1_j/dX_d",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("listed", "points"), [(PADDED, 0.5), (SHORT, 1)])
def test_a_line_that_restates_another_is_no_step(listed, points):
    for name, firsts in listed.items():
        derivation = TRANSFERS[name]
        for first in firsts:
            expr = read_line(first, derivation.lhs).sides[-1]
            lines = [Judged(first, "proven", expr=expr), Judged("", "proven", expr=derivation.lines[-1].expr)]
            assert share(lines, name) == points, first
            assert leapt(lines, derivation) == (points == 0.5), first
    assert judge_lines("log_probability", PADDED["log_probability"][0])[0].proven
    for first in ("sum_j dL/dz1_j w1_jd", "sum_k dL/dz2_k dz2_k/dX_d"):  # the course's own, and another
        padded = [first, f"2 ({first}) - ({first})", *(f"{first} + {n} (sum_m A2_m - 1)" for n in range(2, 6))]
        read = [read_line(one, TRANSFERS["input_gradient"].lhs).sides[-1] for one in padded]
        assert share([Judged("", "proven", expr=one) for one in read], "input_gradient") == 0.25


@pytest.mark.parametrize("name", [*DERIVATIONS, *TRANSFERS])
def test_every_line_of_the_course_is_a_step(name):
    *before, last = [Judged("", "proven", expr=line.expr) for line in (DERIVATIONS | TRANSFERS)[name].lines]
    assert share([*before, last], name) == 1
    assert {share([one, last], name) for one in before} <= {1}
    assert share([last], name) == (0.5 if before else 1)
    assert leapt([last], (DERIVATIONS | TRANSFERS)[name]) == bool(before)


@pytest.mark.parametrize(
    ("name", "line", "slip"),
    [
        ("loss_by_A2", "-y_k log A2_k", "not_differentiated"), ("loss_by_A2", "-log A2_k", "not_differentiated"),
        ("loss_by_A2", "-y_k A2_k", "upside_down"),
        ("grad_w1", "sum_k (A2_k - y_k) w2_kj I(X_d >= 0) X_d", "wrong_gate"),
    ],
)  # fmt: skip
def test_a_line_that_readers_wrote_has_its_name(name, line, slip):
    assert check(f"derive_{name}", line).slip == slip


def test_an_undecided_line_is_not_called_right():
    assert "Line 1 is neither proven nor refuted" in check("derive_loss_by_A2", "-A2_k^2/y_k").message
    assert check("derive_loss_by_A2", "-A2_k/y_k").slip == "upside_down"


@pytest.mark.parametrize(
    ("line", "is_a_step"),
    [
        ("sum_k (A2_k - y_k) A2_k I(i=k) - sum_k (A2_k - y_k) A2_k A2_i", True),
        ("sum_k A2_k (A2_k - y_k) (I(i=k) - A2_i)", True),
        ("sum_m (A2_m A2_m I(i=m) - A2_m A2_m A2_i - y_m A2_m I(i=m) + y_m A2_m A2_i)", True),
        ("sum_k I(i=k) A2_i (A2_i - y_i - sum_m (A2_m - y_m) A2_m)", False),
        ("(A2_i - y_i) A2_i - A2_i sum_k (A2_k - y_k) A2_k", False),
    ],
)
def test_a_step_with_deltas_is_one_however_its_sums_are_arranged(line, is_a_step):
    """A delta that is padding makes none."""
    lines = derive("squared_error_delta", f"{line}\nA2_i (A2_i - y_i - sum_k (A2_k - y_k) A2_k)").lines
    assert [one.verdict for one in lines] == ["proven", "proven"]
    assert leapt(lines, TRANSFERS["squared_error_delta"]) != is_a_step


@pytest.mark.parametrize(
    ("lines", "told"),
    [("A2_i - y_i", True), ("A2_i + 0 - y_i\nA2_i - y_i", True), ("sum_k dL/dA2_k dA2_k/dz2_i\nA2_i - y_i", False)],
)
def test_a_leap_is_told_wherever_it_costs_points(lines, told):
    assert (LEAP in repr(derive("output_delta", lines))) == told
    assert (f"{LEAP} Graded, it is worth half." in check("derive_output_delta", lines).facts) == told
    field = derive("output_delta")
    for number, line in enumerate(lines.split("\n")):
        field.asked = {"judge": {"id": number, "text": line}}
    assert (LEAP in field.end) == told


def test_the_field_answers_what_the_browser_asks():
    field = derive("output_delta")

    numbers = itertools.count()

    def ask(kind, text=""):
        number = next(numbers)
        field.asked = {**field.asked, kind: {"id": number, "text": text}}
        assert field.answer[kind]["id"] == number
        return field.answer[kind]

    assert "<math" in ask("preview", "A2_i - y_i")["mathml"]
    assert ask("preview", "A2_i - (y_i")["column"] == 8
    assert ask("judge", "A2_i - (y_i")["verdict"] == "unreadable"
    assert field.lines == []
    assert ask("judge", "-y_i (1 - A2_i)")["verdict"] == "refuted"
    assert [line["words"] for line in field.lines] == ["refuted"]
    assert ask("judge", "sum_k dL/dA2_k dA2_k/dz2_i")["verdict"] == "proven"
    assert [line["words"] for line in field.lines] == ["proven"]
    assert [ask("hint")["spoken"][:9] for _ in range(4)] == ["Hint 1 of", "Hint 2 of", "Hint 3 of", "Hint 3 of"]
    assert "preview" in field.answer  # an answer of one kind does not hide one of another
    assert ask("back")["text"] == "sum_k dL/dA2_k dA2_k/dz2_i"
    assert field.written == []
    ask("judge", "A2_i - y_i")
    assert "You are there" in field.end
    assert repr(field).endswith("You are there.")
    assert "A_{2i}" in field.still()[0]["text/markdown"]


def test_what_was_asked_while_the_kernel_was_busy_is_answered_in_its_order():
    """The browser sends it as one message then."""
    field = derive("output_delta")
    field.asked = {"preview": {"id": 3.5, "text": "A2_i"}, "judge": {"id": 2, "text": "sum_k dL/dA2_k dA2_k/dz2_i"}}
    assert field.answer["judge"]["verdict"] == "proven"
    assert "<math" in field.answer["preview"]["mathml"]
    assert list(field.answer) == ["judge", "preview"]
    field.asked = {**field.asked, "judge": {"id": 4, "text": "sum_k dL/dA2_k dA2_k/dz2_i"}}  # Enter once more
    assert field.answer["judge"] == {**field.answer["judge"], "id": 4, "verdict": "proven"}
    assert len(field.lines) == 1


@pytest.mark.parametrize(
    ("line", "said"), [("-y_i (1 - A2_i)", "Line 2 is wrong: mend it"), ("A2_i - (y_i", "Line 2 cannot be read: mend")]
)
def test_lines_with_a_wrong_one_are_not_at_their_end(line, said):
    lines = ["sum_k dL/dA2_k dA2_k/dz2_i", line, "A2_i - y_i"]
    for text in (lines, lines[:2]):
        result = derive("output_delta", "\n".join(text))
        page = result._repr_html_()
        assert not result.reached
        assert said in repr(result)
        assert said in page
        assert "You are there" not in page + repr(result)
        assert "beside the course" not in page
        assert ("then it will count" in repr(result)) == (len(text) == 3)
    del lines[1]
    assert "beside the course" in derive("output_delta", "\n".join(lines))._repr_html_()


@pytest.mark.parametrize(
    ("name", "line", "slip", "said", "not_said"),
    [
        ("squared_error_delta", "A2_i - y_i", "softmax_path_missing", "path through the softmax", "factor"),
        ("output_delta", "-y_i / A2_i", "softmax_path_missing", "path through the softmax", "factor"),
        ("grad_w2", "(A2_k - y_k) w2_kj", "wrong_array", "One array stands for another", "activation"),
        ("hidden_signal", "sum_k (A2_k - y_k) w2_jk", "weights_transposed", "indices of the weights", "another array"),
        ("loss_by_A2", "y_k / A2_k", "wrong_sign", "A sign is turned round", "softmax"),
    ],
)
def test_what_is_said_of_a_line_is_true_of_it(name, line, slip, said, not_said):
    judged = derive(name, line).lines[0]
    words = " ".join([judged.message, *(text for _, text in judged.details)])
    assert judged.slip == slip
    assert said in words
    assert not_said not in words


@pytest.mark.parametrize("seed", range(40))
def test_a_network_at_the_kink_shows_the_gate(seed):
    """However it is drawn: else a line with a gate that is shut at 0 would be neither proven nor refuted."""
    values = values_at_kink(np.random.default_rng(seed), 2, 3, 2, 1)
    at_kink = values["z1"][:, 0] == 0
    signal = values["w2"].T @ (values["A2"] - values["y"])
    assert at_kink[0]
    assert (np.abs((signal @ values["X"].T)[0]) > 1e-3).all()


def test_a_gate_shut_at_0_is_a_kink_in_every_way_to_write_it():
    factors = ("(sum_k (A2_k - y_k) w2_kj)", "I(z1_j > 0)", "X_d")
    for order in itertools.permutations(factors):
        assert [line.slip for line in derive("grad_w1", " ".join(order)).lines] == ["kink"], order


def test_lines_are_judged_and_shown_without_views_and_pictures():
    """They load for longer than a verdict may take."""
    code = """
import sys
from mlpcourse.exercises import derive
result = derive("output_delta", "A2_i - y_i\\nsum_k y_k (delta_ik - A2_i)")
result._repr_html_(), repr(result)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"anywidget", "ipywidgets", "matplotlib"}))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


@pytest.mark.parametrize("text", ["<b>A2_i", "$A2_i$ $", "<script>", "A2_i & y_i", "\\frac", "\\text{<i>}"])
def test_nothing_that_is_typed_becomes_markup(text):
    field = derive("output_delta")
    for kind in ("preview", "judge"):
        field.asked = {kind: {"id": 1, "text": text}}
        for said in (said for part, said in field.answer[kind].items() if part != "spoken"):  # that is no markup
            assert "<b>" not in str(said)
            assert "<script" not in str(said)
            assert "<i>" not in str(said)
    assert "<b>" not in derive("output_delta", text)._repr_html_()


def test_a_whole_line_is_not_told_as_a_sign():
    line = derive("grad_w2", "sum_i (A2_i - y_i) A1_j").lines[0]
    assert line.slip == "sum_too_many"
    assert not any("sign" in said for label, said in line.details if label == "Wrong in your line")


def test_a_hint_says_which_of_two_exercises_it_is_for_and_in_which_lesson():
    assert (
        "in code (lesson 09). In lesson 05 it is to be derived: `hint('derive_output_delta')`"
        in hint("output_delta").text
    )
    assert (
        "to be derived (lesson 05). In lesson 09 it is to be written in code: `hint('output_delta')`"
        in hint("derive_output_delta").text
    )
    assert "The other way" not in hint("relu").text


@pytest.mark.parametrize("others", ["sum_k (y_k/A2_k) A2_k A2_i", "sum_k y_k A2_i", "A2_i sum_k y_k"])
def test_a_term_that_is_summed_too_is_looked_for_in_the_sum(others):
    (line,) = derive("output_delta", f"-(y_i/A2_i) A2_i (1 - A2_i) + {others}").lines
    assert line.slip == "exclusion_lost"
    assert "sum[k=1..K]" in dict(line.details)["Wrong in your line"]


def test_at_the_last_line_but_for_a_derivative_sign_a_hint_says_so():
    chain = derive("grad_w1", "sum_k delta2_k w2_kj I(z1_j >= 0) X_d").chain
    rule, what, _ = chain.hints()
    assert rule.startswith(r"A derivative sign is left: $\frac{\partial L}{\partial z_{2k}}$.")
    assert r"\frac{\partial L}{\partial z_{2k}}" in what
    assert derive("grad_w1", "sum_k (A2_k - y_k) w2_kj I(z1_j >= 0) X_d").chain.hints() is None


def test_a_line_with_delta_that_is_no_end_says_that_a_derivative_is_left():
    lines = derive("grad_w1", "sum_k delta2_k w2_kj I(z1_j >= 0) X_d\ndelta1_j X_d").lines
    assert all(" is a derivative, too, dL/dz" in line.message for line in lines)
