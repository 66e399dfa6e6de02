"""Lines about another quantity than the one that is derived, and matrix formulas of any: each gets its verdict."""

import pytest

from mlpcourse.exercises import derive, deriving
from mlpcourse.exercises.deriving import judge_lines, share

ASIDES = {
    "grad_w1": (
        ("dL/dz1_j = sum_k (A2_k - y_k) w2_kj I(z1_j >= 0)", ""),
        ("delta1_j = sum_k (A2_k - y_k) w2_kj", "gate_dropped"),
        ("dz2_k/dA1_j = w2_kj", ""),
        ("dz2_k/dA1_j = A1_j", None),
    ),
    "output_delta": (
        ("dL/dA2_k = -y_k/A2_k", ""),
        ("dL/dA2_k = y_k/A2_k", "wrong_sign"),
        ("L = -sum_m y_m log A2_m", ""),
        ("sum_k y_k = 1", ""),
        ("sum_k y_k = 2", None),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("name", "text", "slip"), [(name, *one) for name, some in ASIDES.items() for one in some])
def test_a_line_about_another_quantity_is_judged_by_itself(name, text, slip):
    (line,) = derive(name, text).lines
    assert line.verdict == ("proven" if slip == "" else "refuted")
    assert line.slip == (slip or None)
    assert line.defines


def test_a_line_aside_is_no_step():
    aside, end = "dL/dA2_k = -y_k/A2_k", "A2_i - y_i"
    assert share(judge_lines("output_delta", f"{aside}\n{end}"), "output_delta") == 0.5
    assert not derive("output_delta", "dL/dA2_k = -y_k/A2_k").reached
    beside = derive("output_delta", f"{aside}\ndL/dz2_k = A2_k - y_k").lines[1]
    assert beside.verdict == "unreadable"  # the left-hand side itself, with another letter


MATRICES = (
    "w2.T delta2", "w2 delta2", "delta2 A1.T", "A1 delta2.T", "A2 - y", "y - A2", "(y - A2) A1.T", "-y/A2",
    "(w2.T (y - A2)) ⊙ I(z1 >= 0)", "((w2.T (A2 - y)) ⊙ I(z1 < 0)) X.T", "(w2.T delta2) ⊙ A1", "X delta1.T",
    "diag(A2)", "A2 A2.T", "diag(A2) (A2 - y)", "(diag(A2) - A2 A2.T) (A2 - y)", "A2 ⊙ (1 - A2) ⊙ (A2 - y)", "K delta2",
    "w1 X", "w2 z1 + b2", "delta1 = w2.T delta2", "delta2 = y - A2",
)  # fmt: skip


@pytest.mark.parametrize("name", ["z1", "output_delta", "batch_hidden_delta"])
def test_a_matrix_formula_of_any_other_result_gets_a_verdict(name):
    """A warning says that naming the mistake has failed: here it is an error."""
    verdicts = {line.verdict for line in derive(name, "\n".join(MATRICES)).lines}
    assert verdicts <= {"proven", "refuted", "unreadable"}


def test_a_mistake_that_cannot_be_looked_for_leaves_the_verdict(monkeypatch):
    def fail(line, chain):
        raise ValueError("no name")

    monkeypatch.setattr(deriving, "diagnosed", fail)
    with pytest.warns(UserWarning, match="could not be looked for"):
        (line,) = derive("output_delta", "y_i - A2_i").lines
    assert line.verdict == "refuted"


@pytest.mark.parametrize(
    ("name", "text", "verdict"),
    [
        ("hidden_signal", "delta2 = A2 - y", "proven"),
        ("grad_w1", "delta1 = (w2.T delta2) ⊙ I(z1 >= 0)", "proven"),
        ("batch_grad_w2", "delta2 = A2 - y", "refuted"),
        ("batch_grad_w2", "delta2 = (A2 - y) / N", "proven"),
        ("hidden_signal", "dL/dA1 = w2.T delta2", "proven"),
    ],
)
def test_a_line_about_another_matrix_is_judged_by_itself(name, text, verdict):
    (line,) = derive(name, text).lines
    assert (line.verdict, bool(line.defines)) == (verdict, "dL/dA1" not in text)


@pytest.mark.parametrize(
    "text", ["sum_j (1 - I(i = k)) A2_j", "sum_{j != k} (1 - I(i = k)) A2_j", "sum_j (1 - I(j = k)) A2_j"]
)
def test_only_what_leaves_out_a_value_of_its_own_letter_is_written_below_a_sum(text):
    (typed,) = derive("softmax_jacobian", text).lines
    (again,) = derive("softmax_jacobian", typed.plain).lines
    assert again.counterexample.second == typed.counterexample.second
    assert again.plain == typed.plain
    assert ("j != " in typed.plain) == ("I(j" in text or "!=" in text)


def test_a_delta_of_one_letter_is_printed():
    (line,) = derive("logit_price_grad_w2", "L = (1 - I(i = i)) * (-z2_i)").lines
    assert line.verdict in ("refuted", "unreadable")
