"""What is said of a wrong line is true of it: its words agree with what stands there, and its place can be found.

A line keeps its numbers when a factor of 1 is put in, a sum that is 1, or a term and its opposite. Then a slip's name
may no longer fit: what it says is missing stands there.
"""

import itertools
import re

import pytest
import sympy as sp

from mlpcourse.derivation import edits
from mlpcourse.derivation.typesetting import plain, without_tex
from mlpcourse.exercises import check, derive
from mlpcourse.exercises.deriving import find
from mlpcourse.exercises.line_mistakes import MOST_WRONG
from mlpcourse.exercises.slips import SLIPS

# What a sentence says is not in the line, and what would belie it there; then what it says is there.
MISSING = [
    (r"label is left out|label plays no part|label in -y/A2 is lost|1 is taken off every class", "y_"),
    (r"prediction is left out", "A2|z2"), (r"gate is (left out|dropped)", ">="), (r"division by N is missing", "N"),
    (r"factor A1 is missing", "A1"), (r"factor X is missing", "X"), (r"without the loss's -1/A2", "/A2"),
    (r"delta is dropped|diagonal term is missing|diagonal's formula stands everywhere", r"delta|I\(\w ="),
    (r"only the weights are there", "A2|y_"), (r"only the gate is there", "w2|A2|y_"), (r"carried back, not", "y_"),
    (r"only one path", "sum"), (r"takes the place of ReLU's|not with its derivative|multiplied with z1", ">="),
    (r"only dz/db is there", "A2|y_"),
]  # fmt: skip
THERE = [
    (r"of the sum, only the term|pair of brackets is lost|sum below the line|one sum too many below", r"e\^|exp"),
    (r"no gate closes", ">="),
]

ONE = ("(sum_m y_m)", "(sum_m A2_m)", "(sum_m I(m = i))", "I(A1_j >= 0)", "(N/N)")
LINES = [
    ("output_delta", "sum_k (-y_k/A2_k) (-A2_k A2_i)"),
    ("output_delta", "sum_k (-y_k/A2_k) A2_k (I(i = k) - A2_k)"),
    ("output_delta", "sum_k (-y_k/A2_k) A2_k A2_k (I(i = k) - A2_i)"),
    ("output_delta", "sum_k (-y_k/A2_k) A2_k I(i = k)"),
    ("output_delta", "sum_k -y_k (I(i = k) - A2_i I(i = k))"),
    ("output_delta", "A2_i sum_k y_k - sum_k y_k"),
    ("output_delta", "A2_i - y_i A2_i"),
    ("output_delta", f"{ONE[0]} A2_i"), ("output_delta", f"{ONE[1]} (-y_i)"),
    ("output_delta", f"{ONE[0]} (K A2_i - 1)"),
    ("output_delta", f"{ONE[0]} A2_i (1 - A2_i)"), ("output_delta", f"{ONE[1]} (-y_i A2_i)"),
    *(("softmax_jacobian", f"{ONE[2]} ({line})") for line in ("-A2_k A2_i", "A2_k (1 - A2_i)")),
    ("softmax_jacobian", "delta_ik A2_k - A2_k"),
    *(("hidden_delta", f"{ONE[3]} {line}") for line in ("dL/dA1_j", "dL/dA1_j A1_j", "dL/dA1_j z1_j")),
    ("hidden_signal", f"{ONE[0]} sum_k A2_k w2_kj"),
    ("hidden_signal", f"{ONE[1]} sum_k w2_kj"),
    ("grad_w1", "sum_k (A2_k - y_k) w2_kj I(A1_j >= 0) X_d"),
    ("grad_b1", f"{ONE[3]} dL/dA1_j"),
    *(("hidden_delta", line) for line in ("w2.T delta2", "(w2.T delta2)_j", "dL/dA1", "-w2.T delta2")),
    *(("hidden_delta", f"sum_k {line}") for line in ("dL/dz2_k w2_kj", "delta2_k dz2_k/dA1_j", "(A2_k - y_k) w2_kj")),
    ("batch_hidden_delta", "w2.T delta2"), ("batch_hidden_delta", "1/N sum_k (A2_kn - y_kn) w2_kj"),
    ("batch_output_delta", f"{ONE[4]} (A2_in - y_in)"),
    ("batch_grad_w1", "1/N sum_n sum_k (A2_kn - y_kn) w2_kj I(A1_jn >= 0) X_dn"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text"), LINES)
def test_nothing_that_stands_in_a_line_is_said_to_be_missing(name, text):
    (line,) = derive(name, text).lines
    assert line.verdict == "refuted"
    said = without_tex(" ".join(words for _, words in line.details)).lower()
    assert [words for words, belied in MISSING if re.search(words, said) and re.search(belied, text)] == []
    assert [words for words, proven in THERE if re.search(words, said) and not re.search(proven, text)] == []


def test_a_slip_that_says_what_is_missing_says_it_to_the_machine_too():
    """Of slips in whose titles something is left out or stands alone, as far as a line of a derivation can be so."""
    says = re.compile(r"^(only .* (is|are) there|the (label|prediction|gate) is left out|the factor .* is missing)")
    spoken = [
        one for one in SLIPS.values() if says.search(one.title) and set(one.on) & {"delta2", "delta1", "dw1", "db1"}
    ]
    assert len(spoken) >= 7
    assert [one.name for one in spoken if not one.without] == []


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("output_delta", "sum_k (-y_k/A2_k) A2_k (I(i = k) - A2_k)", "the second of three `A_2k`, or the third"),
        ("output_delta", "-sum_k y_k (delta_ik - A2_k)", "`A_2k`"),
        ("output_delta", "-y_i (1 + A2_i) + A2_i sum[k != i] y_k", "the sign of the first of two `A_2i`"),
        ("grad_w2", "A2_k (A2_k - y_k) A1_j", "the first of two `A_2k`"),
        ("hidden_delta", "{sum_k (A2_k - y_k) w2_kj if z1_j >= 0, else z1_j}", "the second of two `z_1j`"),
        ("grad_w1", "dL/dA1_j X_d", "`dL/dA_1j`"),
        ("grad_w1", "sum_k dL/dz2_k w2_kj X_d", None),
        ("log_sum_exp_loss", "log sum_j e^(z2_j - c) - sum_i y_i z2_i", None),
        ("loss_by_A2", "-y_k/A2_k * A2_k * (1 - A2_k)", "`A_2k * (1 - A_2k)`"),
    ],
)
def test_of_several_alike_the_wrong_one_is_told(name, text, place):
    (line,) = derive(name, text).lines
    said = dict(line.details).get("Wrong in your line")
    assert said == (place and f"{place}; all the rest may stay as it is.")


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("logit_price_grad_w2", "(A2_k - y_k) A1_j + c z2_k", "`c * z_2k` lacks a factor."),
        ("input_gradient", "sum_j w1_jd I(z1_j >= 0) sum_k A2_k w2_kj", "`A_2k` lacks a term."),
        ("output_delta", "sum_k dL/dA2_k", "`dL/dA_2k` lacks a factor."),
    ],
)
def test_what_is_missing_has_a_place(name, text, place):
    (line,) = derive(name, text).lines
    assert dict(line.details)["Missing in your line"] == place


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("squared_error_delta", "A2_i (A2_i - y_i) - sum_k (A2_k - y_k)", "-sum[k=1..K] (A_2k - y_tk)"),
        ("squared_error_delta", "sum_m (A2_m - y_m) + A2_i (A2_i - y_i)", "sum[m=1..K] (A_2m - y_tm)"),
        ("output_delta", "-y_i (1 - A2_i) + (sum_k y_k - 1)", "sum[k=1..K] y_tk - 1"),
        ("logit_price_grad_w2", "(A2_k - y_k) A1_j + c sum_i (A2_i - y_i)", "c * sum[i=1..K] (A_2i - y_ti)"),
    ],
)
def test_a_term_that_is_0_on_every_network_is_told_and_none_is_called_lost(name, text, place):
    (line,) = derive(name, text).lines
    assert line.slip == "other_term"
    assert dict(line.details)["Wrong in your line"] == f"`{place}`; all the rest may stay as it is."


@pytest.mark.parametrize(
    ("name", "text", "place"),
    [
        ("hidden_delta", "w2.T delta2", "`[w_2^T * dL/dz_2]_j` lacks a gate."),
        ("hidden_delta", "sum_k w2_kj delta2_k", "`sum[k=1..K] w_2,kj * dL/dz_2k` lacks a gate."),
        ("batch_hidden_delta", "1/N w2.T (A2 - y)", "`[1/N * w_2^T * (A_2 - y)]_jn` lacks a gate."),
        ("hidden_delta", "dL/dA1_j", None),
        ("input_gradient", "sum_j w1_jd dL/dA1_j", None),
        ("hidden_delta", "-w2.T delta2", None),
    ],
)
def test_a_gate_that_stands_nowhere_is_told_to_be_missing(name, text, place):
    (line,) = derive(name, text).lines
    assert (line.slip, dict(line.details).get("Missing in your line")) == ("gate_dropped", place)


@pytest.mark.parametrize(
    ("name", "text", "slip", "said"),
    [
        ("grad_w1", "sum_k (y_k - A2_k) w2_kj X_d", "gate_left_out",
            "the gate is left out on the way to dw1, and a sign is turned round"),
        ("grad_w2", "(y_k - A2_k) z1_j", "wrong_array", "one array stands for another, and a sign is turned round"),
        ("hidden_signal", "-sum_k A2_k w2_kj", "probabilities_carried_back",
            "A2 is carried back, not the error, and a sign is turned round"),
        ("softmax_jacobian", "A2_k (A2_k - 1)", "only_for_equal_indices",
            "it holds only where the two indices are equal, and a sign is turned round"),
        ("log_probability", "I(i = k)/A2_k + A2_i", "divisor_too_many",
            "it is divided once too often, and a sign is turned round"),
        ("log_probability", "A2_i - 1", "delta_dropped", "Kronecker's delta is dropped, and a sign is turned round"),
        ("output_delta", "-A2_i (y_i - sum[k != i] y_k)", "term_lost", "a term is lost, and a sign is turned round"),
        ("logit_price_grad_w2", "(y_k - A2_k) A1_j - c z2_k A1_j A1_j", "factor_too_many",
            "there is a factor too many, and a sign is turned round"),
        ("batch_grad_b1", "sum_n sum_k (A2_kn - y_kn) w2_kj", "gate_dropped",
            "the gate is dropped, and the division by N is missing"),
        ("squared_error_delta", "2 A2_i (A2_i - y_i)", "term_lost", "a term is lost, and there is a factor too many"),
        ("input_gradient", "sum_j sum_k (A2_k - y_k) w2_kj", "factor_lost",
            "a factor is lost, and the gate is dropped"),
        ("grad_w1", "sum_k (A2_k - y_k) w2_kj A1_j", "relu_for_its_derivative",
            "the signal is multiplied with ReLU's value, not with ReLU's derivative, and a factor is lost"),
        ("hidden_delta", "sum_k y_k w2_kj", "gate_dropped", "the gate is dropped, and one array stands for another"),
        ("hidden_delta", "w2.T y", "gate_dropped", "the gate is dropped, and one array stands for another"),
        ("batch_grad_b1", "1/N sum_n sum_k z2_kn w2_kj", "gate_dropped",
            "the gate is dropped, and one array stands for another"),
        ("batch_grad_w2", "y A1.T", "mean_forgotten",
            "the division by N is missing, and one array stands for another"),
        ("hidden_signal", "sum_k y_k", "factor_lost", "a factor is lost, and one array stands for another"),
    ],
)  # fmt: skip
def test_two_mistakes_in_a_line_are_both_told(name, text, slip, said):
    (line,) = derive(name, text).lines
    assert (line.slip, line.details[0]) == (slip, ("What happened", f"Two mistakes meet: {said}."))


@pytest.mark.parametrize("name", ["grad_w2", "batch_grad_b1"])
def test_a_sign_beside_any_other_mistake_hides_neither(name):
    """Each edit of the last line, with its sign turned: held against the numbers of the two, not of the code."""
    derivation = find(name)
    last = derivation.lines[-1].expr
    for edit in itertools.islice(edits.edits(last, edits.free_indices(derivation.lhs)), 0, None, 5):
        text = plain(sp.Mul(-1, edit.expr, evaluate=False))
        (line,) = derive(name, text).lines
        assert line.verdict == "proven" or (line.verdict, bool(line.slip)) == ("refuted", True), text
        said = without_tex(" ".join(words for _, words in line.details)).lower()
        assert [words for words, belied in MISSING if re.search(words, said) and re.search(belied, text)] == []


def test_two_mistakes_are_looked_for_in_a_few_lines_of_a_text_alone():
    """Grading has ten seconds for a text, however many wrong lines it has."""
    lines = derive("log_probability", "A2_i - 1\n" * (MOST_WRONG + 1)).lines
    assert [bool(line.slip) for line in lines] == [True] * MOST_WRONG + [False]


def test_naming_a_mistake_leaves_sympy_as_it_was():
    """Edits are built unevaluated; a search that stops early must not leave that switched on for all that follows."""
    for name, text in (("output_delta", "A2_i + y_i"), ("grad_w2", "A2_k - y_k A1_j")):
        derive(name, text)
        assert sp.Symbol("x") + sp.Symbol("x") == 2 * sp.Symbol("x")


def test_a_number_alone_is_not_two_mistakes():
    assert derive("batch_hidden_delta", "-1").lines[0].slip is None


@pytest.mark.parametrize(
    ("name", "text", "slip"),
    [
        ("softmax_jacobian", "I(i = k) exp(z2_k)/exp(z2_i)", "parts_of_quotient"),
        ("softmax_jacobian", "I(i = k)", "softmax_path_missing"),
        ("logit_price_grad_w2", "(A2_k - y_k + c) z2_k A1_j", "bracket_too_wide"),
        ("input_gradient", "sum_j w1_jd sum_k (A2_k - y_k) w2_kj", "gate_dropped"),
        ("grad_w1", "sum_k (A2_k - y_k) I(z1_j >= 0) X_d", "factor_lost"),
        ("hidden_signal", "sum_k (A2_k - y_k) w2_kj z1_j I(z1_j >= 0)", "factor_too_many"),
        ("logit_price_grad_w2", "(A2_k - y_k) z1_j + c z2_k z1_j", "wrong_array"),
        ("input_gradient", "sum_j w1_jd A1_j sum_k (A2_k - y_k) w2_kj", "not_differentiated"),
        ("loss_by_A2", "-y_k/A2_k * A2_k * (1 - A2_k)", "factor_too_many"),
        ("batch_grad_b1", "sum_n sum_k (A2_kn - y_kn) w2_kj I(z1_jn >= 0)", "mean_forgotten"),
        ("squared_error_delta", "A2_i - y_i", "softmax_path_missing"),
        ("squared_error_delta", "sum_k (A2_k - y_k) (I(i = k) - A2_i)", "factor_lost"),
        ("squared_error_delta", "sum_k (A2_k - y_k) I(i = k)", "factor_lost"),
        ("squared_error_delta", "sum_k A2_k (A2_i - y_i)", "factor_lost"),
        ("output_delta", "(1/A2_i) (-y_i)", "softmax_path_missing"),
        ("hidden_signal", "sum_j (A2_k - y_k) w2_kj", "one_letter_twice"),
        ("grad_w1_matrix", "[((w2.T (A2 - y)) .* z1) X.T]_jd", "relu_for_its_derivative"),
        ("batch_hidden_delta_matrix", "[1/N (w2.T (A2 - y)) .* A1]_jn", "relu_for_its_derivative"),
        ("hidden_signal_matrix", "[w2.T (y - A2)]_j", "label_minus_probability"),
        ("hidden_signal_matrix", "[-w2.T (A2 - y)]_j", "wrong_sign"),
        ("batch_output_delta", "1/N sum_n (A2_in - y_in)", "one_letter_twice"),
    ],
)
def test_further_kinds_of_mistakes_have_their_names(name, text, slip):
    assert derive(name, text).lines[0].slip == slip


@pytest.mark.parametrize(
    ("name", "text", "slip"),
    [
        ("mend_H24", "((dz2_dA1.T @ dL_dz2) * (dA1_dz1 >= 0)) @ X.T", None),
        ("mend_H24", "(dz2_dA1.T @ dL_dz2) @ X.T", "H24_gate_left_out"),
        ("mend_H30", "((w2.T @ delta2) * (np.maximum(z1, 0) >= 0)) @ X.T", "gate_never_closes"),
        ("mend_H30", "(w2.T @ delta2) @ X.T", "gate_left_out"),
    ],
)
def test_nothing_that_stands_in_a_formula_is_said_to_be_missing(name, text, slip):
    verdict = check(name, text)
    assert (verdict.kind, verdict.slip) == ("slip" if slip else "located", slip)
