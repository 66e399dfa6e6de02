"""The derivation: every line proven, its numbers held against autograd, its text, its errors."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
import pytest
import sympy as sp
from test_derivation_mutants import walk

from mlpcourse import network
from mlpcourse.__main__ import main
from mlpcourse.derivation import DERIVATIONS, as_json, evaluate, judge, latex, notation, plain, prove, prove_line, show
from mlpcourse.derivation.coq import context
from mlpcourse.derivation.handout import HANDOUT, HANDOUT_SLIPS, coverage, named_equations, refute, wrong_gradients

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, COUNTS, D, H, K, L, L_mean, L_of, N, Partial, Sum, X, b1, b2, d, entry_of, i, j, k, l, m, matrix, n, t, w1,
    w2, y, z1, z2,
)  # fmt: skip

# isort: on
from mlpcourse.derivation.lines.line import derive
from mlpcourse.derivation.normal_form import Unproven, equal, normal
from mlpcourse.derivation.numbers import free_indices, random_values
from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.lab.lessons import lessons_folder

LINES = [
    pytest.param(name, key, id=f"{name}-{key}") for name, derivation in DERIVATIONS.items() for key in derivation.keys
]


def example(examples: int = 6, seed: int = 3) -> dict[str, Any]:
    return random_values(np.random.default_rng(seed), 4, 5, 3, examples)


def of_its_kind(name: str) -> dict[str, Any]:
    return example(6 if DERIVATIONS[name].lhs.has(L_mean) else 1)


# --- proofs -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_every_line_is_proven_for_every_size(name: str) -> None:
    for place, proof in enumerate(prove(name)):
        assert proof.proven, proof
        assert proof.how == "every K, H, D, N" or (proof.how == "definition" and place == 0), proof


def test_a_result_that_is_not_the_derivative_is_refused() -> None:
    right = DERIVATIONS["output_delta"]
    wrong = right._replace(result=lambda v: right.result(v) * (1 + 1e-11))
    assert "off by 1.0e-11" in prove_line(wrong, "one_hot").problem


def test_a_line_that_only_happens_to_be_right_in_numbers_is_refused() -> None:
    right = DERIVATIONS["grad_b2"]
    lines = (*right.lines[:-1], right.lines[-1]._replace(expr=A2[k] - y[k] + z2[k] * 1e-15))
    proof = prove_line(right._replace(lines=lines), "output_error")
    assert proof.error < 1e-12
    assert proof.problem == "not seen to equal the line before"


def loss_from(values: dict[str, Any], base: str, batch: bool) -> Any:
    """The loss as a function of one array, in autograd's numpy, everything else as it is; mean over the examples."""
    order = ["z1", "A1", "z2", "A2"]
    start = order.index(base) + 1 if base in order else 0
    compute = {
        "z1": lambda v: anp.dot(v["w1"], v["X"]) + v["b1"],
        "A1": lambda v: anp.where(v["z1"] >= 0, v["z1"], 0.0),
        "z2": lambda v: anp.dot(v["w2"], v["A1"]) + v["b2"],
        "A2": lambda v: anp.exp(v["z2"]) / anp.sum(anp.exp(v["z2"]), axis=0, keepdims=True),
    }

    def loss(array: Any) -> Any:
        now = {**values, base: array}
        for name in order[start:]:
            now[name] = compute[name](now)
        return -anp.sum(now["y"] * anp.log(now["A2"])) / now["y"].shape[1]

    return loss


@pytest.mark.parametrize("seed", [3, 4])
@pytest.mark.parametrize(
    "name", [name for name, d in DERIVATIONS.items() if d.lhs.func == Partial and d.lhs.args[0] in (L, L_mean)]
)
def test_last_line_agrees_with_autograd(name: str, seed: int) -> None:
    derivation = DERIVATIONS[name]
    values = example(6 if derivation.lhs.has(L_mean) else 1, seed)
    base = derivation.lhs.args[1].base.label.name
    expected = autograd.grad(loss_from(values, base, derivation.lhs.has(L_mean)))(values[base])
    line = evaluate(derivation.lines[-1].expr, values)
    np.testing.assert_allclose(line, expected.reshape(line.shape), rtol=0, atol=1e-12)


def test_softmax_jacobian_agrees_with_autograd() -> None:
    values = example(1)
    softmax = autograd.jacobian(lambda z: anp.exp(z) / anp.sum(anp.exp(z)))
    line = evaluate(DERIVATIONS["softmax_jacobian"].lines[-1].expr, values)
    np.testing.assert_allclose(line, softmax(values["z2"][:, 0]), rtol=0, atol=1e-14)


def test_what_is_divided_by_a_written_0_has_no_number() -> None:
    with sp.evaluate(False):
        assert np.isnan(evaluate(A2[k] / sp.Integer(0), example(1))).all()


def test_a_partial_is_measured_and_not_derived() -> None:
    """A complex step through the definitions, with every downstream array computed anew."""
    values = example(6)
    grads = network.backward(
        network.Params(*(values[name] for name in network.Params._fields)), values["X"], values["y"]
    )
    for by, expected in ((w1[j, d], grads.w1), (b1[j], grads.b1), (w2[k, j], grads.w2), (b2[k], grads.b2)):
        measured = evaluate(Partial(L_mean, by), values)
        np.testing.assert_allclose(measured.reshape(expected.shape), expected, rtol=0, atol=1e-15)


# --- the algebra -------------------------------------------------------------------------------------------

TRUE = {
    "a delta picks its term": (Sum(sp.KroneckerDelta(i, k) * A2[k], (k, 1, K)), A2[i]),
    "sums swap": (
        Sum(Sum(w2[k, j] * y[k], (k, 1, K)) * A1[j], (j, 1, H)),
        Sum(Sum(w2[k, j] * A1[j], (j, 1, H)) * y[k], (k, 1, K)),
    ),
    "the name of an index is free": (Sum(y[i] * z2[i], (i, 1, K)), Sum(y[m] * z2[m], (m, 1, K))),
    "a sum of ones": (Sum(sp.Integer(1), (k, 1, K)), K),
    "a product of sums": (
        Sum(Sum(y[i] * z2[i] * z2[k], (i, 1, K)), (k, 1, K)), Sum(y[i] * z2[i], (i, 1, K)) * Sum(z2[i], (i, 1, K)),
    ),
    "a gate twice": (A1[j] * sp.Piecewise((1, z1[j] >= 0), (0, True)), A1[j]),
    "two deltas": (
        Sum(sp.KroneckerDelta(i, k) * sp.KroneckerDelta(k, m), (k, 1, K)), sp.KroneckerDelta(i, m),
    ),
    "exponents add": (sp.exp(z2[i]) * sp.exp(z2[k]), sp.exp(z2[i] + z2[k])),
    "probabilities make 1": (Sum(A2[k], (k, 1, K)), sp.Integer(1)),
}  # fmt: skip
FALSE = {
    "another index": (A2[i], A2[k]),
    "a delta over another range": (Sum(sp.KroneckerDelta(j, l) * A1[l], (j, 1, K)), A1[l]),
    "one letter, two ranges": (
        Sum(Sum(sp.KroneckerDelta(j, l) * A1[l], (l, 1, H)), (j, 1, K)), Sum(A1[j], (j, 1, H)),
    ),
    "a square inside and outside": (Sum(z2[k] ** 2, (k, 1, K)), Sum(z2[k], (k, 1, K)) ** 2),
    "a label's square is not its sum": (Sum(y[k] * z2[k], (k, 1, K)), Sum(z2[k], (k, 1, K))),
    "a label summed over the examples": (Sum(y[k, n], (n, 1, N)), sp.Integer(1)),
    "two gates": (
        sp.Piecewise((1, z1[j] >= 0), (0, True)) * sp.Piecewise((1, z1[l] >= 0), (0, True)),
        sp.Piecewise((1, z1[j] >= 0), (0, True)),
    ),
    "a sum of exponents": (sp.exp(Sum(z2[k], (k, 1, K))), Sum(sp.exp(z2[k]), (k, 1, K))),
    "a logarithm of a sum": (sp.log(Sum(sp.exp(z2[k]), (k, 1, K))), Sum(z2[k], (k, 1, K))),
    "a delta is not its square's root": (sp.KroneckerDelta(i, k) * 2, sp.KroneckerDelta(i, k)),
    "weights of the other layer": (w1[j, l], w2[j, l]),
}  # fmt: skip
REFUSED = {
    "half a range": Sum(sp.KroneckerDelta(i, k) * A2[k], (k, 1, K - 1)),
    "from 0": Sum(y[k], (k, 0, K)),
    "division by a label": z2[k] / y[k],
    "division by a delta": sp.Pow(sp.KroneckerDelta(i, k), -1, evaluate=False),
    "division by a difference": 1 / (z2[i] - z2[k]),
    "an unknown function": sp.sin(z2[k]),
}


@pytest.mark.parametrize("case", TRUE)
def test_the_algebra_sees(case: str) -> None:
    first, second = TRUE[case]
    assert equal(first, second)


@pytest.mark.parametrize("case", FALSE)
def test_the_algebra_does_not_see(case: str) -> None:
    first, second = FALSE[case]
    assert judge(first, second).verdict in ("refuted", "undefined")
    with contextlib.suppress(Unproven):
        assert not equal(first, second)


@pytest.mark.parametrize("case", REFUSED)
def test_the_algebra_has_no_rule_for(case: str) -> None:
    with pytest.raises(Unproven):
        normal(REFUSED[case])


@pytest.mark.parametrize(("name", "key"), LINES)
def test_normal_form_has_the_same_numbers(name: str, key: str) -> None:
    """The rules against arithmetic: of the normal form, by an evaluator that knows none of them."""
    derivation = DERIVATIONS[name]
    sizes = {"D": 2, "H": 3, "K": 4, "N": 2 if derivation.lhs.has(L_mean) else 1}
    values = random_values(np.random.default_rng(len(name + key)), **sizes)
    expr = derivation.line(key).expr
    letters = free_indices(expr)
    expected = evaluate(expr, values)
    true = {"t": int(values["y"][:, 0].argmax()) + 1}
    trees = [as_json(expr), as_json(normal(expr, one_hot=expr.has(t)))]
    for entry in list(np.ndindex(expected.shape))[:4]:
        at = {**sizes, **true, **{letter.name: place + 1 for letter, place in zip(letters, entry, strict=True)}}
        for tree in trees:
            assert walk(json.loads(json.dumps(tree)), values, at) == pytest.approx(expected[entry], rel=1e-9, abs=1e-12)


# --- what a learner reads ------------------------------------------------------------------------------------


with sp.evaluate(False):
    TYPESET = {
        r"w_{2,kj} A_{1j} + b_{2k}": w2[k, j] * A1[j] + b2[k],
        r"A_{2,kn} - y_{t,kn}": A2[k, n] - y[k, n],
        r"-y_{tk}": -y[k],
        r"-\frac{y_{tk}}{A_{2k}}": -y[k] / A2[k],
        r"y_{tk} \left(-A_{2k}\right)": y[k] * -A2[k],
        r"\frac{1}{N} \sum_{n=1}^{N} X_{dn}": 1 / N * Sum(X[d, n], (n, 1, N)),
        r"\left(\sum_{k=1}^{K} y_{tk}\right) z_{2i}": Sum(y[k], (k, 1, K)) * z2[i],
        r"\sum_{k \ne i} y_{tk}": Sum((1 - sp.KroneckerDelta(k, i)) * y[k], (k, 1, K)),
        "I(i = k)": sp.KroneckerDelta(i, k),
        r"I(t = k)": sp.KroneckerDelta(t, k),
        r"e^{z_{2k} - z_{2i}}": sp.exp(z2[k] - z2[i]),
        r"\log A_{2k}": sp.log(A2[k]),
        r"\log \left(z_{2k} + 1\right)": sp.log(z2[k] + 1),
        r"\left(X_{d} + 1\right)^{2}": (X[d] + 1) ** 2,
        r"\frac{\partial L_{n}}{\partial z_{2,in}}": Partial(L_of[n], z2[i, n]),
        r"\frac{\partial L}{\partial w_{1,jd}}": Partial(L_mean, w1[j, d]),
        r"\frac{\partial}{\partial b_{1j}}\left(z_{1j} + b_{1j}\right)": Partial(z1[j] + b1[j], b1[j]),
    }


with sp.evaluate(False):
    WRITTEN_PLAINLY = {  # each reads back in one way only
        "log (A_2k/A_2i)": sp.log(A2[k] / A2[i]),
        "(log A_2k)/A_2i": sp.log(A2[k]) / A2[i],
        "log (A_2k * A_2i)": sp.log(A2[k] * A2[i]),
        "(log A_2k) * A_2i": sp.log(A2[k]) * A2[i],
        "(1/N * sum[n=1..N] X_dn) * b_1j": sp.Mul(sp.Mul(1 / N, Sum(X[d, n], (n, 1, N))), b1[j]),
        "(e^(z_2k))^2": sp.Pow(sp.exp(z2[k]), 2),
        "(dL/dz_2k)^2": sp.Pow(Partial(L, z2[k]), 2),
        "(1/2)^2": sp.Pow(sp.Rational(1, 2), 2),
        "y_tk^2": y[k] ** 2,
        "d/dz_2i (log sum[j=1..K] e^(z_2j))": Partial(sp.log(Sum(sp.exp(z2[j]), (j, 1, K))), z2[i]),
        "d/dz_2i (e^(z_2k))": Partial(sp.exp(z2[k]), z2[i]),
        "{1 if z_1j > 0, 0 if z_1j < 0, else 1/2}": sp.Piecewise(
            (1, z1[j] > 0), (0, z1[j] < 0), (sp.Rational(1, 2), True)
        ),
    }


@pytest.mark.parametrize("text", WRITTEN_PLAINLY)
def test_plain(text: str) -> None:
    assert plain(WRITTEN_PLAINLY[text]) == text


def test_latex_of_three_cases() -> None:
    text = latex(WRITTEN_PLAINLY["{1 if z_1j > 0, 0 if z_1j < 0, else 1/2}"])
    assert text == (
        r"\begin{cases} \displaystyle 1, & z_{1j} > 0\\[1ex] \displaystyle 0, & z_{1j} < 0\\[1ex] "
        r"\displaystyle \frac{1}{2}, & \text{otherwise} \end{cases}"
    )


@pytest.mark.parametrize("text", TYPESET)
def test_latex(text: str) -> None:
    assert latex(TYPESET[text]) == text


def test_latex_of_the_line_that_the_handout_lost_a_factor_in() -> None:
    assert latex(DERIVATIONS["output_delta"].line("jacobian").expr) == (
        r"\sum_{k=1}^{K} \begin{cases} \displaystyle "
        r"-\frac{y_{ti}}{A_{2i}} "
        r"\frac{A_{2i} \left(\sum_{j=1}^{K} e^{z_{2j}} - e^{z_{2i}}\right)}{\sum_{j=1}^{K} e^{z_{2j}}}"
        r", & i = k\\[1ex] \displaystyle "
        r"-\frac{y_{tk}}{A_{2k}} \left(-\frac{A_{2k} e^{z_{2i}}}{\sum_{j=1}^{K} e^{z_{2j}}}\right)"
        r", & i \ne k \end{cases}"
    )


@pytest.mark.parametrize(("name", "key"), LINES)
def test_no_line_is_set_like_a_machine_would(name: str, key: str) -> None:
    line = DERIVATIONS[name].line(key)
    text = latex(line.expr)
    assert not re.search(
        r"\(-1\)|\\left\(-1\\right\)|(^|[ (])-?1 (?![-+&])[A-Zyze\\]|\\cdot|\+ -|- -|--|Partial|L_mean|L_of", text
    )
    assert text.count("{") == text.count("}")
    assert text.count(r"\left") == text.count(r"\right")
    assert line.reason
    assert line.reason.count("$") % 2 == 0
    assert "|" not in text + line.reason  # it would end a cell of the table


def test_show_in_markdown_and_in_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpcourse.derivation.display.certified", lambda _, key: key == "pick")
    shown = show("loss_by_A2")
    assert repr(shown) == "\n".join([
        "dL/dA_2k",
        "  = d/dA_2k (-sum[m=1..K] y_tm * log A_2m)",
        "      ✓ definition of L [H10]",
        "  = -sum[m=1..K] y_tm * d/dA_2k (log A_2m)",
        "      ✓ a sum and constant factors: term by term [H10]",
        "  = -sum[m=1..K] y_tm * I(m = k)/A_2m",
        "      ✓ (log x)' = 1/x, and A_2m is A_2k only if m = k [H10]",
        "  = -y_tk/A_2k",
        "      ✓ ∎ only the term m = k is left [H10]",
        "  ∎ proven a second time, by the proof assistant Coq; you need not know it",
    ])  # fmt: skip
    *table, blank, certified = shown._repr_markdown_().splitlines()
    assert (blank, certified[:8]) == ("", "∎ proven")
    assert len(table) == 2 + 4
    assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table}) == 1
    assert table[2].startswith(r"| $\displaystyle \frac{\partial L}{\partial A_{2k}}$ | $\displaystyle = ")
    assert all(row.endswith("| H10 | ✓ |") for row in table[2:-1])
    assert table[-1].endswith("| H10 | ✓ ∎ |")
    assert "∎" not in repr(show("loss_by_A2", "term_by_term"))


@pytest.mark.parametrize(("name", "line", "kink"), [("hidden_delta", "gate", True), ("hidden_signal", "pick", False)])
def test_the_kink_is_excepted_only_where_a_derivative_passes_a_relu(name: str, line: str, kink: bool) -> None:
    assert ("where no z_1 is 0" in repr(show(name, line))) is kink
    assert ("no_kink" in context(DERIVATIONS[name])) is kink


def test_show_one_line_or_some() -> None:
    def keys(*args: str, **options: str) -> list[str]:
        return [proof.line for proof in show("output_delta", *args, **options).proofs]

    every = list(DERIVATIONS["output_delta"].keys)
    assert keys() == every
    assert keys("cancel") == ["cancel"]
    assert keys("jacobian", to="cancel") == ["jacobian", "recognise", "cancel"]
    assert keys(to="loss") == keys("chain_rule", "loss") == ["chain_rule", "loss"]
    assert keys("put_back", to="one_hot") == every[-2:]


def test_one_more_line_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Lines are named, never counted: not by lessons, the handout's mended lines or exercises."""

    def references() -> dict[str, Any]:
        lessons = {file: list(named_equations(file)) for file in sorted(lessons_folder().glob("*.ipynb"))}
        mended = {name: [line.key for line in slip.right] for name, slip in HANDOUT_SLIPS.items()}
        orders = [one for one in EXERCISES.values() if isinstance(one, OrderExercise)]
        return {
            "lessons": lessons,
            "mended": mended,
            "orders": {one.name: [line["plain"] for line in one.given(0).lines] for one in orders},
            "shown": [proof.line for proof in show("output_delta", "jacobian", to="cancel").proofs],
        }

    before = references()
    assert before["orders"]
    for name, derivation in list(DERIVATIONS.items()):
        first = derivation.lines[0]
        lines = (first._replace(key="one_more", ids=()), *derivation.lines)
        monkeypatch.setitem(DERIVATIONS, name, derivation._replace(lines=lines))
    assert references() == before


def test_a_key_names_one_line() -> None:
    line = ("definition", y[k], "as it is")
    with pytest.raises(ValueError, match="copy has two lines of one name: definition, definition"):
        derive("copy", "", y[k], lambda v: v["y"], line, line)


def test_an_order_exercise_names_its_lines_in_their_order() -> None:
    for exercise in EXERCISES.values():
        if isinstance(exercise, OrderExercise):
            keys = DERIVATIONS[exercise.see].keys
            assert list(exercise.lines) == [key for key in keys if key in exercise.lines]


def test_show_marks_what_is_not_proven(monkeypatch: pytest.MonkeyPatch) -> None:
    right = DERIVATIONS["grad_b2"]
    wrong = (*right.lines[:-1], right.lines[-1]._replace(expr=A2[k] + y[k]))
    monkeypatch.setitem(DERIVATIONS, "grad_b2", right._replace(lines=wrong))
    assert "✗ its numbers are off by" in show("grad_b2")._repr_markdown_()


@pytest.mark.parametrize(
    ("args", "message"),
    [
        (("softmax",), "there is no derivation 'softmax', only: z1, A1"),
        (("A2", "cancel"), "A2 has no line 'cancel', only: definition"),
        (("output_delta", None, "end"), "output_delta has no line 'end', only: chain_rule, loss, loss_by_A2"),
        (("output_delta", "cancel", "loss"), "in output_delta the line 'loss' stands above 'cancel', not below it"),
    ],
)
def test_show_says_what_it_needs(args: tuple[Any, ...], message: str) -> None:
    with pytest.raises(ValueError, match=re.escape(message)):
        show(*args)


def test_evaluate_says_what_it_needs() -> None:
    with pytest.raises(ValueError, match="is of one example, but the values hold 6 examples"):
        evaluate(A2[k] - y[k], example(6))
    with pytest.raises(IndexError, match=r"y_tk does not exist for index 0: it is counted 1\.\.3"):
        evaluate(Sum(y[k], (k, 0, K)), example(1))


def test_a_matrix_formula_must_conform() -> None:
    column, square = matrix("A2"), sp.DiagMatrix(matrix("A2"))
    for formula in (sp.MatMul(column, column), sp.MatAdd(column, square), sp.HadamardProduct(column, square)):
        with pytest.raises(ValueError, match="does not conform"):
            entry_of(formula, k, i)


def test_one_letter_one_range() -> None:
    for derivation in DERIVATIONS.values():
        for line in derivation.lines:
            for entry in line.expr.atoms(sp.Indexed):
                if entry.base == L_of:
                    continue
                ranges = network.SHAPES[entry.base.label.name]
                for index, size in zip(entry.indices, ranges, strict=False):
                    softmax = index == j and entry.base == z2  # the handout's own letter in the softmax's sum
                    assert softmax or COUNTS[index.name] == {"D": D, "H": H, "K": K, "N": N}[size], (
                        derivation.name,
                        entry,
                    )


# --- the handout ---------------------------------------------------------------------------------------------


def test_every_equation_of_the_handout_has_its_line() -> None:
    assert list(HANDOUT) == [f"H{number:02}" for number in range(1, 33)]
    named = {name for derivation in DERIVATIONS.values() for line in derivation.lines for name in line.ids}
    assert named == set(HANDOUT) - {"H06"}


@pytest.mark.parametrize("name", HANDOUT_SLIPS)
def test_every_slip_is_refuted(name: str) -> None:
    refutation = refute(name)
    assert refutation.how
    assert not refutation.error < 0.05
    assert set(HANDOUT_SLIPS[name].ids) <= set(HANDOUT)


def test_what_is_right_is_not_refuted(monkeypatch: pytest.MonkeyPatch) -> None:
    slip = HANDOUT_SLIPS["stray_square"]
    monkeypatch.setitem(HANDOUT_SLIPS, slip.name, slip._replace(wrong=A2[i] - y[i]))
    assert refute(slip.name).how == ""


@pytest.mark.parametrize("name", HANDOUT_SLIPS)
def test_a_mended_line_stands_under_the_slips_own_number(name: str) -> None:
    slip = HANDOUT_SLIPS[name]
    assert slip.right
    for line in slip.right:
        assert set(line.ids) & set(slip.ids), (slip.name, plain(line.expr))


def test_wrong_gradients_follow_the_slip_and_nothing_else() -> None:
    values = example(6)
    params = network.Params(*(values[name] for name in network.Params._fields))
    X, y, A2, z1 = values["X"], values["y"], values["A2"], values["z1"]
    right = network.backward(params, X, y)

    ungated = params.w2.T @ (A2 - y) / 6
    wrong = wrong_gradients("gate_dropped", params, X, y)
    np.testing.assert_allclose(wrong.w1, ungated @ X.T, rtol=0, atol=1e-15)
    np.testing.assert_array_equal(wrong.w2, right.w2)

    delta2 = -y * (1 - A2) / 6
    wrong = wrong_gradients("one_path_only", params, X, y)
    np.testing.assert_allclose(wrong.b2[:, 0], delta2.sum(axis=1), rtol=0, atol=1e-15)
    np.testing.assert_allclose(wrong.w1, (params.w2.T @ delta2 * (z1 >= 0)) @ X.T, rtol=0, atol=1e-15)

    with pytest.raises(ValueError, match="kink cannot be followed in code"):
        wrong_gradients("kink", params, X, y)
    with pytest.raises(ValueError, match="there is no slip 'typo'"):
        wrong_gradients("typo", params, X, y)


def test_no_two_slips_give_one_gradient() -> None:
    values = random_values(np.random.default_rng(15), 4, 4, 4, 6)
    params = network.Params(*(values[name] for name in network.Params._fields))
    found = [
        np.concatenate([array.ravel() for array in wrong_gradients(name, params, values["X"], values["y"])])
        for name, slip in HANDOUT_SLIPS.items()
        if slip.stage
    ]
    distances = [np.linalg.norm(a - b) for place, a in enumerate(found) for b in found[:place]]
    assert min(distances) > 1e-3


# --- the command line ----------------------------------------------------------------------------------------


def test_prove_on_the_command_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(DERIVATIONS):
        if name not in ("A2", "grad_b2", "one_hot"):
            monkeypatch.delitem(DERIVATIONS, name)
    assert main(["prove"]) == 0
    rows = capsys.readouterr().out.splitlines()
    assert len(rows) == 1 + 1 + 5 + 1
    assert rows[-1] == "7 lines proven"
    assert re.match(r"grad_b2 +delta +H22 +every K, H, D, N +=", rows[4])

    right = DERIVATIONS["grad_b2"]
    wrong = (*right.lines[:2], right.lines[2]._replace(expr=Partial(L, z2[k]) * 2), *right.lines[3:])
    monkeypatch.setitem(DERIVATIONS, "grad_b2", right._replace(lines=wrong))
    assert main(["prove"]) == 1
    assert "NOT PROVEN: its numbers are off by" in capsys.readouterr().out
    assert main(["prove", "--json"]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [row["proven"] for row in found][-2:] == [True, False]
    assert found[-1]["derivation"] == "grad_b2"
    assert found[-1]["line"] == "delta"


def test_coverage_finds_what_lessons_name_and_show(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in set(DERIVATIONS) - {"z1", "A1", "A2", "softmax_denominator", "softmax_jacobian", "grad_b2"}:
        monkeypatch.delitem(DERIVATIONS, name)

    def cell(kind: str, source: str) -> dict[str, Any]:
        return {"cell_type": kind, "source": source.splitlines(keepends=True)}

    cells = [
        cell("markdown", "# Title\n\nIn the handout: H01 to H32"),  # a title promises, it does not teach
        cell("markdown", "## The model (H01 to H03)\nand H05, too"),
        cell("code", 'show("softmax_jacobian", to="quotient_rule")'),
        cell("markdown", "### Bias\nnothing"),
        cell("code", 'from x import show\nshow("grad_b2")'),
    ]
    (tmp_path / "04_x.ipynb").write_text(json.dumps({"cells": cells}))
    (tmp_path / "11_correct_the_handout.ipynb").write_text(json.dumps({"cells": [cell("markdown", "## All\nH01-H32")]}))
    rows = {row.id: row for row in coverage(tmp_path)}
    model = ("04_x", "The model (H01 to H03)")
    taught = {name: row.taught for name, row in rows.items() if row.taught}
    assert taught == {
        "H01": (model,), "H02": (model,), "H03": (model,), "H05": (model,), "H16": (model,), "H17": (model,),
        "H22": (("04_x", "Bias"),), "H23": (("04_x", "Bias"),),
    }  # fmt: skip
    assert rows["H04"].missing == "taught in no lesson"
    assert rows["H03"].missing == "in no line"
    assert rows["H02"].missing == ""
    assert ("softmax_denominator", "term_by_term") in [proof[:2] for proof in rows["H18"].proven]
    assert dict(rows["H18"].slips)["wrong_exponent_index"].startswith("the numbers differ, by ")


def test_coverage_without_notebooks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setattr("mlpcourse.lab.lessons.lessons_folder", lambda: tmp_path)
    with pytest.raises(SystemExit) as stop:
        main(["coverage"])
    assert stop.value.code == 2
    assert "there is no notebook in" in capsys.readouterr().err


def test_the_lessons_teach_every_equation() -> None:
    missing = {row.id: row.missing for row in coverage(lessons_folder()) if row.missing}
    assert not missing


def test_notation_names_every_letter_and_every_array() -> None:
    text, table = repr(notation()), notation()._repr_markdown_()
    for letter in set(COUNTS) - {"t"}:
        assert re.search(rf"counted by [\w, ]*\b{letter}\b", text)
    for name, shape in network.SHAPES.items():
        assert f"| `{name}` | $({', '.join(shape)})$ |" in table
