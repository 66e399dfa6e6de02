"""Exercises that are answered with numbers, shapes, an order or a line."""

import numpy as np
import pytest
from answers import of

from mlpcourse.exercises import (
    EXERCISES,
    check,
    given,
    slips,
)  # fmt: skip
from mlpcourse.exercises.mathematics import set_formulas
from mlpcourse.exercises.numbers import NumberExercise
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.shapes import ShapeExercise
from mlpcourse.exercises.slips import EQUIVALENT_SLIPS
from mlpcourse.exercises.spot import SpotExercise

# --- numbers ----------------------------------------------------------------------------------------


@of(NumberExercise)
def test_numbers_may_be_rounded_and_come_in_any_form(exercise):
    for seed in range(0, 128, 13):
        truth = exercise.truth(seed)
        for answer in (truth, truth.ravel().tolist(), tuple(truth.ravel().round(2)), truth.round(3), truth[:, :, None]):
            assert exercise.judge(answer, seed).right, (seed, answer)


@of(NumberExercise)
def test_numbers_of_slips_are_named_or_told_never_misnamed(exercise):
    from mlpcourse.exercises.numbers import _drawn

    named = total = 0
    for seed in range(0, 128, 32):
        _, known = _drawn(exercise, seed)
        for one in known.candidates:
            value = known.values((one,), 0)[0]
            if value is None or value.shape != known.truths[0][0].shape or not np.isfinite(value).all():
                continue
            if known.same(value, known.truths[0][0]):
                continue
            verdict = exercise.judge(value.ravel().round(3), seed)
            assert not verdict.right, one.slip.name
            seen = (None, "mean_of_all", "same_whatever_goes_in")  # nothing but what the numbers show
            same = verdict.slip in (*seen, one.slip.name) or {verdict.slip, one.slip.name} in EQUIVALENT_SLIPS
            assert same, one.slip.name
            total += 1
            named += verdict.slip is not None
    assert named >= 0.6 * total


@of(NumberExercise)
def test_random_numbers_are_not_named(exercise):
    rng = np.random.default_rng(0)
    for seed in range(8):
        truth = exercise.truth(seed)
        verdict = exercise.judge((truth + rng.uniform(0.05, 0.6, truth.shape)).round(2), seed)
        assert verdict.slip is None
        assert verdict.kind == "located" or "come out if" in verdict.facts[0]
        assert verdict.facts


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("logits_by_hand", lambda t: t + np.array([1, -2, 0]), "Numbers 1 and 2 are not right, and the other one is."),
        (
            "update_by_hand",
            lambda t: t + np.array([0, 0.5, 0, 0.5]),
            "Numbers 2 and 4 are not right, and the others are.",
        ),
        ("softmax_by_hand", np.square, "They are squared."),
        ("surprise_by_hand", lambda t: t + 0.4, "All of them are off by the same amount."),
        ("output_delta_by_hand", lambda t: 0.9 * t, "off by the same factor: their ratios"),
        ("step_size_by_hand", lambda t: t * np.array([0.5, 3]), "times the old forward error"),
    ],
)
def test_numbers_that_nothing_explains_are_located(name, change, said):
    verdict = EXERCISES[name].judge(change(EXERCISES[name].truth(5).ravel()).round(3), 5)
    assert verdict.kind in ("located", "slip")
    assert said in verdict.message


@of(NumberExercise)
def test_what_happens_to_numbers_as_a_whole_is_named(exercise):
    truth = exercise.truth(5).ravel()
    changes = {"wrong_sign": -truth, "per_cent": 100 * truth, "another_order": np.roll(truth, 1)}
    same = {
        "label_minus_probability",
        "loss_sign_missing",
        "transposed",
        "errors_exchanged",
    }  # a catalogued name for it
    for name, numbers in changes.items():
        verdict = exercise.judge(numbers.round(3), 5)
        assert verdict.slip == name or verdict.slip in same or "come out if" in repr(verdict), verdict


@of(NumberExercise)
def test_numbers_in_another_unit_are_named(exercise):
    truth = exercise.truth(5).ravel()
    if np.all(truth):
        assert exercise.judge(truth / 1000, 5).slip == "power_of_ten"


@of(NumberExercise)
def test_one_wrong_number_is_located(exercise):
    truth = exercise.truth(5).ravel()
    wrong = truth.copy()
    wrong[-1] += 0.7
    verdict = exercise.judge(wrong, 5)
    assert verdict.kind == "located"
    assert f"Only number {len(truth)} is not right" in verdict.message


def softmax(z):
    return np.exp(z) / np.exp(z).sum(axis=0)


def relu(z):
    return np.maximum(z, 0)


# What is done on paper, and the names that are true of it: by nature, or because these numbers cannot tell them apart.
ON_PAPER = {
    "both biases left out": ("logits_by_hand", lambda w1, b1, X, w2, b2: w2 @ relu(w1 @ X), {"bias_left_out"}),
    "no ReLU, no b1": ("logits_by_hand", lambda w1, b1, X, w2, b2: w2 @ (w1 @ X) + b2, {"logits_from_z1"}),
    "ReLU before the bias": (
        "logits_by_hand", lambda w1, b1, X, w2, b2: w2 @ (relu(w1 @ X) + b1) + b2, {"relu_before_bias"}
    ),
    "the gates closed": ("logits_by_hand", lambda w1, b1, X, w2, b2: b2, {"only_bias_left"}),
    "b2 taken off": ("logits_by_hand", lambda w1, b1, X, w2, b2: w2 @ relu(w1 @ X + b1) - b2, {"bias_subtracted"}),
    "divided by 3": ("output_delta_by_hand", lambda A2, y: (A2 - y) / 3, {"divided_by_k"}),
    "the rate on w2": (
        "update_by_hand", lambda w2, dw2, learning_rate: learning_rate * w2 - dw2, {"rate_on_parameter"}
    ),
    "no logarithm": (
        "surprise_by_hand", lambda z2, y: (softmax(z2) * y).sum(axis=0), {"logarithm_left_out"}
    ),
    "dw2 by columns": ("update_by_hand", lambda w2, dw2, learning_rate: w2 - learning_rate * dw2.T, {"dw2_turned"}),
}  # fmt: skip
SAID = {  # of it, to every learner: alone, or as one of the mistakes that give these numbers
    "both biases left out": "is left out of z1",
    "no ReLU, no b1": "computed from z1, not from A1",
    "ReLU before the bias": "ReLU is applied before the bias",
    "the gates closed": "only the bias is left",
    "b2 taken off": "is subtracted",
    "divided by 3": "divided by K",
    "the rate on w2": "multiplies the parameter",
    "no logarithm": "its logarithm is not taken",
    "dw2 by columns": "is turned",
}


@pytest.mark.parametrize("kind", ON_PAPER)
def test_what_is_done_on_paper_has_its_name_for_every_learner(kind):
    name, computed, names = ON_PAPER[kind]
    exercise, alone = EXERCISES[name], 0
    for seed in range(0, 16 * 61, 61):
        verdict = exercise.judge(computed(**exercise.case(seed)), seed)
        assert SAID[kind] in " ".join(repr(verdict).split()), (seed, verdict)
        if verdict.slip not in (None, "transposed", "same_whatever_goes_in"):  # these are seen in the numbers alone
            assert verdict.slip in names, (seed, verdict)
            alone += 1
    assert alone >= 6  # with the others, another mistake gives the same numbers and stands beside it


# Two mistakes in one step, or one that no slip of the catalogue is: they must not take a slip's name by chance.
TWO_IN_A_STEP = {
    "w1 by columns, no b1": (lambda w1, b1, X, w2, b2: w2 @ relu(w1.T @ X) + b2, "columns_and_no_bias"),
    "ReLU on X": (lambda w1, b1, X, w2, b2: w2 @ relu(w1 @ relu(X) + b1) + b2, "relu_on_inputs"),
    "A1 in another order": (lambda w1, b1, X, w2, b2: w2 @ relu(w1 @ X + b1)[::-1] + b2, "order_of_inputs"),
}


@pytest.mark.parametrize("kind", TWO_IN_A_STEP)
def test_two_mistakes_in_one_step_by_hand_are_never_named_as_another(kind):
    exercise, (computed, name) = EXERCISES["logits_by_hand"], TWO_IN_A_STEP[kind]
    for seed in range(0, 16 * 61, 61):
        verdict = exercise.judge(computed(**exercise.case(seed)), seed)
        assert verdict.right or verdict.slip == name or "come out if" in repr(verdict) or verdict.kind == "located", (
            seed
        )


# Numbers that no known mistake gives, and what they show all the same.
SHOWN = {
    "a number of A1 wrong": ("logits_by_hand", lambda c: c["w2"] @ [[3.5], [-1.5]] + c["b2"], "For A1 = (3.5, -1.5)"),
    "w2 wrong": ("logits_by_hand", lambda c: [[91], [-37], [53]], "no A1 gives"),
    "squares": ("softmax_by_hand", lambda c: softmax(2 * c["z2"]), "They sum to 1"),
    "another sum": ("softmax_by_hand", lambda c: 0.9 * softmax(c["z2"]), "their ratios are right"),
    "no logarithm": ("surprise_by_hand", lambda c: (softmax(c["z2"]) * c["y"]).sum(axis=0), "logarithm is not taken"),
    "the sums": ("surprise_by_hand", lambda c: np.exp(c["z2"]).sum(axis=0), "sums of the exponentials"),
    "A1 added": ("gate_by_hand", lambda c: c["dA1"] + 7.7, "Numbers 1 and 2 and 3 and 4 of yours can be neither"),
    "another rate": ("update_by_hand", lambda c: c["w2"] - 0.31 * c["dw2"], "a learning rate of 0.31"),
    "added": ("output_delta_by_hand", lambda c: c["A2"] - c["y"] + [[0.31], [0.47], [0.11]], "They sum to 0.89"),
}  # fmt: skip


@pytest.mark.parametrize("kind", SHOWN)
def test_numbers_without_a_name_show_where_to_look(kind):
    name, computed, said = SHOWN[kind]
    verdict = EXERCISES[name].judge(computed(EXERCISES[name].case(5)), 5)
    assert said in " ".join(repr(verdict).split()), verdict


def test_a_mean_by_hand_is_told():
    exercise = EXERCISES["surprise_by_hand"]
    truth = exercise.truth(5).ravel()
    assert exercise.judge(np.full(2, truth.mean()).round(3), 5).slip == "mean_of_all"
    assert exercise.judge([truth.mean()], 5).facts == ("Yours is their mean.",)


def test_numbers_may_be_fractions_in_quotes():
    truth = EXERCISES["softmax_by_hand"].truth(0).ravel()
    assert check("softmax_by_hand", [f"{round(1000 * number)}/1000" for number in truth]).right
    assert "no number" in check("softmax_by_hand", ["a", "1/2", "1"]).message


def test_wrong_forms_of_numbers_get_a_sentence():
    for answer in ("abc", [1], [1, 2, "x"], {"a": 1}, [np.nan, 0, 0], len):
        verdict = check("softmax_by_hand", answer)
        assert verdict.kind in ("wrong", "shape")
        assert verdict.message or verdict.facts


def test_close_numbers_are_told_to_be_close():
    truth = EXERCISES["softmax_by_hand"].truth(0)
    assert check("softmax_by_hand", truth + 0.02).question.startswith("Did you round on the way?")
    assert check("softmax_by_hand", truth + np.array([[0.01], [-0.01], [0]])).question.startswith(
        "Did you round on the way?"
    )
    assert check("softmax_by_hand", truth + np.array([[0.01], [0], [0]])).question.startswith(
        "Did you round on the way?"
    )
    assert "Did you round on the way?" not in repr(check("softmax_by_hand", truth + 0.5))
    for seed in range(20):  # rounding moves a small number no further because another one is large
        truth = EXERCISES["step_size_by_hand"].truth(seed).ravel()
        assert "round" not in (EXERCISES["step_size_by_hand"].judge(truth * [1, 0.5], seed).question or "")


def test_what_is_twice_is_said():
    exps = np.exp(EXERCISES["softmax_by_hand"].case(101)["z2"])
    assert "or if the result is twice" in EXERCISES["softmax_by_hand"].judge(exps / exps.max(), 101).facts[0]


# --- shapes -------------------------------------------------------------------------------------------


@of(ShapeExercise)
def test_shapes_are_told(exercise):
    truth = exercise.truth()
    one = len(truth) == 1
    assert exercise.judge(truth[0] if one else truth, 0).right
    assert exercise.judge([list(shape) for shape in truth], 0).right
    assert exercise.judge([str(shape) for shape in truth], 0).right
    turned = [shape[::-1] for shape in truth]
    verdict = exercise.judge(turned[0] if one else turned, 0)
    assert verdict.slip == "transposed"
    for answer in ((7, 9), [(7, 9)] * len(truth), 5, "x", [(1, 2, 3)] * len(truth), {}, object(), [[]], -1):
        verdict = exercise.judge(answer, 0)
        assert verdict.kind in ("wrong", "cannot check", "not attempted", "slip")
        assert "Traceback" not in repr(verdict)


def test_a_shape_that_a_slip_would_give_is_named():
    verdict = check("batch_shapes", [(3, 5), (3, 5), (3, 4), (3, 5)])
    assert verdict.slip == "bias_not_summed"
    assert "Not right: dL/db2" in verdict.message
    assert check("shape_of_grad_w2", (3, 1)).slip == "inputs_factor_missing"


# --- order ---------------------------------------------------------------------------------------------


@of(OrderExercise)
def test_an_order_is_told_by_its_neighbours(exercise):
    for seed in (0, 1, 7):
        letters = exercise.letters(seed)
        right = sorted(letters, key=letters.__getitem__)
        assert exercise.judge("".join(right), seed).right
        assert exercise.judge(right, seed).right
        assert exercise.judge("".join(right).lower(), seed).right
        assert exercise.judge("".join(letters), seed).kind == "not attempted"
        for at in range(len(right) - 1):
            order = right.copy()
            order[at], order[at + 1] = order[at + 1], order[at]
            verdict = exercise.judge(order, seed)
            assert verdict.kind == "located"
            said = verdict.message
            assert (f"{order[at]} cannot stand right after {order[at - 1]}" if at else "cannot be the first") in said
            assert "$" not in said
        assert len(exercise.reasons()) == len(right)
    assert exercise.judge("AAB", 0).kind == "cannot check"
    assert exercise.judge(17, 0).kind == "cannot check"


@of(OrderExercise)
def test_the_shuffled_lines_can_be_moved_and_checked(exercise):
    widget = given(exercise.name)
    letters = exercise.letters(0)
    assert check(exercise.name, widget).kind == "not attempted"
    widget.order = "".join(sorted(letters, key=letters.__getitem__))
    assert check(exercise.name, widget).right


# --- spot --------------------------------------------------------------------------------------------------


@of(SpotExercise)
def test_one_line_is_wrong_and_every_other_one_is_defended(exercise):
    assert exercise.slip in slips.SLIPS
    for number in range(1, len(exercise.lines) + 1):
        verdict = exercise.judge(number, 0)
        assert verdict.right == (number == exercise.wrong)
        assert verdict.facts if verdict.right else f"Line {number} " in verdict.message
    assert exercise.judge(f"line {exercise.wrong}", 0).right
    for answer in (0, 99, "x", 1.5, [1, 2], object()):
        assert exercise.judge(answer, 0).kind == "cannot check"
    if exercise.mend is not None:
        assert exercise.judge(exercise.mend.reference, 0).right
    page = exercise.given(0)
    assert all(line.plain in repr(page) for line in exercise.lines)


def test_a_line_may_be_mended_by_a_formula_in_quotes():
    assert check("mend_H12", "y_k * A_i").right
    assert check("mend_H12", "mended = y_k * A_i").right
    assert check("mend_H12", "y_i * A_k").slip == "H12_swapped"
    assert check("mend_H11", "-y_i * (1 - A_i)").right
    assert check("mend_H19", "e_i / S^2").slip == "H19_stray_square"
    assert check("mend_H26", "w2^T delta2").right
    assert check("mend_H10", "-sum_k y_k (I(i = k) - A2_i)").right
    assert check("mend_H10", "A2_i sum_k y_k - y_i").right
    for like in ("i", "k"):
        diagonal = f"sum(-y[k] / A2[k] * A2[{like}] * (1 - A2[{like}]) for k in range(len(y)))"
        assert f"is A_2{like} (1 - A_2{like})" in check("mend_H10", diagonal).message
    assert check("mend_H15", "sum_{k != i} y_k A2_i").right
    assert not check("mend_H15", "sum_k y_k A2_i").right
    unread = check("mend_H19", "e_i / (S")
    assert (unread.kind, "cannot be read" in unread.message) == ("cannot check", True)


@pytest.mark.parametrize(
    ("text", "slip"),
    [
        ("1..K-1", "range_too_short"),
        ("1..(K - 1)", "range_too_short"),
        ("i = 0..K-1", "range_as_in_code"),
        ("0 ... K", "range_from_zero_to_K"),
        ("{0, ..., K}", "range_from_zero_to_K"),
        ("1,...,K-1", "range_too_short"),
        ("{0, 1, ..., K - 1}", "range_as_in_code"),
        ("0+1..K", None),
        ("list(1..K+1-1)", None),
    ],
)
def test_the_ends_of_a_range_may_be_sums_and_differences(text, slip):
    verdict = check("mend_H05", text)
    assert (verdict.slip, verdict.right) == (slip, slip is None)


def test_a_formula_has_no_lines_and_no_names_of_ours():
    assert check("mend_H12", "y_k / A_k * A_i").message.startswith(
        "With one change, everything is right. Look at `y_k /"
    )
    twice = "-sum(-y[k] * ((i == k) - A2[k]) for k in range(len(y)))"
    assert check("mend_H10", twice).message.startswith("With changes at 2 places")
    assert check("mend_H20", "t").message == "`t` came back where the result belongs."
    assert "The letters of this formula are e_i, S." in repr(check("mend_H19", "e_i / Q"))


def test_the_formulas_of_a_sentence_are_set():
    assert set_formulas("w_2^T delta_2, 1 - A_1j^2, du_i/dz_2i") == (
        r"$w_{2}^\top$ $\delta_{2}$, 1 - $A_{1j}^2$, $\partial u_{i}/\partial z_{2i}$"
    )
    assert set_formulas("in A_2, w_2,kj, z_1 and w_1,") == "in $A_{2}$, $w_{2,kj}$, $z_{1}$ and $w_{1}$,"


def test_the_end_of_the_derivation_is_right_with_a_remark():
    assert "Your sum over the outputs is worked out already" in repr(check("mend_H10", "A2[i] - y[i]"))
    assert not check("mend_H10", "sum(-y[k] * ((i == k) - A2[i]) for k in range(len(y)))").facts


def test_of_two_mistakes_the_one_that_does_not_fit_is_asked_about_first():
    def mend_H32(w2, delta2, z1):
        return w2 @ delta2

    verdict = check(mend_H32)
    assert (verdict.kind, verdict.slip) == ("raised", "weights_not_transposed")
    assert "a row or a column of w2" in verdict.question


def test_a_result_without_a_letter_is_in_no_formula():
    verdict = check("mend_H20", "t")
    assert "`t` came back" in verdict.message
    assert verdict.latex == ""
