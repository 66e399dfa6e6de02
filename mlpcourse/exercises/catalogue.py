"""All exercises, in the order of the lessons."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse import solutions
from mlpcourse.exercises import fixtures, running
from mlpcourse.exercises.catalogue_other import others
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group

Array = npt.NDArray[Any]
Draw = Callable[[np.random.Generator], list[Group]]


def _code(
    lesson: int, name: str, results: str, task: str, hints: tuple[str, str, str], see: str = "", **more: Any
) -> CodeExercise:
    reference = getattr(solutions, name)
    inputs = tuple(inspect.signature(reference).parameters)
    one = more.pop("one", False)
    draw = more.pop("draw", fixtures.one_example(*inputs) if one else fixtures.ordinary(*inputs))
    return CodeExercise(
        name=name, lesson=lesson, task=task, hints=hints, see=see,
        reference=reference, results=tuple(results.split()), draw=draw, **more,
    )  # fmt: skip


# --- facts and remarks of single exercises ------------------------------------------------------


def _column_sums(case: Case, result: Array, _: running.Outcome) -> list[str]:
    z2 = case["z2"]
    if result.shape != z2.shape or not np.isfinite(result).all():
        return []
    if (result < 0).any():
        return ["An entry is negative, which a probability cannot be."]
    sums = result.sum(axis=0)
    if np.allclose(sums, 1):
        same = (result.argmax(axis=0) == z2.argmax(axis=0)).all()
        return ["Each column sums to 1, as it should" + ("." if same else ", but another class is the most probable.")]
    return [f"A column should sum to 1. Yours sum to {', '.join(f'{s:.3g}' for s in sums[:3])}, ..."]


def _jacobian_sums(case: Case, result: Array, _: running.Outcome) -> list[str]:
    K = len(case["z2"])
    if result.shape != (K, K) or not np.isfinite(result).all():
        return []
    said = []
    if not np.allclose(result.sum(axis=0), 0):
        said.append(
            "The probabilities always sum to 1, so each column of their derivatives must sum to 0. Yours do not."
        )
    if not np.allclose(result, result.T):
        said.append("Output k depends on logit i exactly as output i on logit k. Your array is not symmetric.")
    return said


def _one_hot_counts(case: Case, result: Array, _: running.Outcome) -> list[str]:
    if result.shape != (case["K"], len(case["labels"])):
        return []
    if not np.isin(result, (0, 1)).all():
        return ["It holds other numbers than 0 and 1."]
    counts = result.sum(axis=0)
    return [] if (counts == 1).all() else [f"Column {int(np.argmax(counts != 1))} does not hold exactly one 1."]


def _delta_sums(case: Case, result: Array, _: running.Outcome) -> list[str]:
    if result.shape != case["A2"].shape or np.allclose(result.sum(axis=0), 0, atol=1e-9):
        return []
    return ["A column of A2 sums to 1, and so does one of y. What must a column of delta2 sum to? Yours does not."]


def _gate_facts(case: Case, result: Array, _: running.Outcome) -> list[str]:
    z1, dA1 = case["z1"], case["dA1"]
    if result.shape != z1.shape or not np.isfinite(result).all():
        return []
    wrong = ~np.isclose(result, np.where(z1 >= 0, dA1, 0), atol=1e-6)
    if wrong.any() and not (wrong & (z1 >= 0)).any():
        return ["Only entries with a closed gate (z1 < 0) are wrong."]
    if wrong.any() and not (wrong & (z1 < 0)).any():
        return ["Only entries with an open gate (z1 > 0) are wrong."]
    return []


def _relu_facts(case: Case, result: Array, _: running.Outcome) -> list[str]:
    z1 = case["z1"]
    if result.shape != z1.shape or not np.isfinite(result).all():
        return []
    wrong = ~np.isclose(result, np.maximum(z1, 0), atol=1e-6)
    if wrong.any() and not (wrong & (z1 > 0)).any():
        return ["Only entries with z1 < 0 are wrong."]
    if wrong.any() and not (wrong & (z1 < 0)).any():
        return ["Only entries with z1 > 0 are wrong."]
    return []


def _moves(case: Case, outcome: running.Outcome) -> Array:
    """How far from x each point is at which f was evaluated."""
    return np.array(
        [np.real(point - case["x"]) for point in outcome.given["f"].points if np.shape(point) == case["x"].shape]
    )


def _step_facts(case: Case, result: Array, outcome: running.Outcome) -> list[str]:
    moves = np.abs(_moves(case, outcome))
    if not moves.size:
        return ["f was never evaluated at an array of x's shape."]
    if not moves.any():
        return ["f was evaluated at x itself only. Was a copy moved, or was x + h rounded back to x?"]
    step = float(moves[moves > 0].min())
    if step > 0.05:
        return [f"Your points are {step:.2g} away from x: so far that the curvature shows."]
    if step < 1e-9:
        return [f"Your points are {step:.2g} away from x: so near that only rounding is left of the difference."]
    return []


def _one_sided(cases: Sequence[Case], outcomes: Sequence[running.Outcome]) -> list[str]:
    moves = _moves(cases[0], outcomes[0])
    if (moves > 0).any() and (moves < 0).any():
        step = float(np.abs(moves[moves != 0]).min())
        near = f"Your points are {step:.2g} away from x: so near that rounding takes most of the digits."
        return [near] if step < 1e-9 else []
    if not moves.any():
        return []  # a complex step: nothing was moved along the real axis
    return ["f was evaluated on one side of x only. The central difference is more exact for the same step."]


# --- lessons 01 to 03 -----------------------------------------------------------------------------

_RELU = _code(
    1, "relu", "A1", "Write the hidden layer's activation: A1 from z1, for a whole batch.",
    (
        "What should a unit with z1 = 3 hand on, and one with z1 = -3?",
        "H02: A1 is z1 where z1 >= 0, and 0 where z1 < 0, entry by entry.",
        "numpy can choose entry by entry in one line:\nreturn np.where(z1 >= 0, ____, ____)",
    ),
    "A1", draw=fixtures.relu_cases, own_facts=_relu_facts,
)  # fmt: skip

_FORWARD = _code(
    1, "forward", "z1 A1 z2 A2",
    "Write the whole forward pass. Return z1, A1, z2 and A2, in this order.",
    (
        "Four lines of the handout, four lines of code. What does each one need that the line before has made?",
        "H01 to H04: z1 = w1 X + b1, A1 = ReLU(z1), z2 = w2 A1 + b2, A2 = softmax(z2), down each column.",
        "z1 = w1 @ ____ + b1\nA1 = ____\nz2 = ____ @ ____ + b2\nexps = np.exp(z2)\nA2 = exps / exps.sum(axis=____)\n"
        "return z1, A1, z2, A2",
    ),
)  # fmt: skip

_SOFTMAX = _code(
    2, "softmax", "A2",
    "Turn a batch of logits into probabilities. It must work for any logits, 1000 included.",
    (
        "Columns are examples. What must each column of the result sum to? And what is e^1000 in floating point?",
        "H04: A_2i = e^z_2i / sum over j of e^z_2j. The lines of `show('shift_invariance')` say what may be taken off "
        "every logit of a column without changing it.",
        "largest = z2.max(axis=____, keepdims=True)\nexps = np.exp(____)\nreturn exps / ____",
    ),
    "A2", draw=fixtures.softmax_cases, own_facts=_column_sums,
)  # fmt: skip

_ONE_HOT = _code(
    3, "one_hot", "y", "Turn class numbers (0 to K - 1) into a one-hot array y, one column for each example.",
    (
        "Example n has the label labels[n]. In which row of column n does its 1 stand?",
        "H20: y_i = I(t = i), which is 1 in the row of the true class t and 0 in every other row.",
        "y = np.zeros((____, ____))\nfor n, t in enumerate(labels):\n    y[____, ____] = 1\nreturn y",
    ),
    "one_hot", draw=fixtures.one_hot_cases, own_facts=_one_hot_counts,
)  # fmt: skip

_CROSS_ENTROPY = _code(
    3, "cross_entropy", "L",
    "Write the loss of each example from its logits and its label: N numbers, no mean over the examples yet. It must "
    "work for any logits, also where the true class is nearly impossible.",
    (
        "How large is the loss when A2 of the true class is 1e-400, and what is 1e-400 in floating point? Can you get "
        "the logarithm without computing the probability first?",
        "The last line of `show('log_sum_exp_loss')`: L = c + log(sum over j of e^(z_2j - c)) - sum over i of "
        "y_i z_2i, for any number c. A good c is the largest logit of the column.",
        "shifted = z2 - z2.max(axis=0)\nlog_A2 = shifted - np.log(____)\nreturn -(____).sum(axis=____, keepdims=True)",
    ),
    "log_sum_exp_loss", draw=fixtures.cross_entropy_cases,
)  # fmt: skip

# --- lessons 04 to 08: one example, and what is the same for a batch ----------------------------------

_SOFTMAX_JACOBIAN = _code(
    4, "softmax_jacobian", "J",
    "For one example, z2 of shape (K, 1), write all derivatives dA2_k/dz2_i: row k, column i.",
    (
        "Raise one logit a little. What happens to its own probability, and what to all the others?",
        "The last line of `show('softmax_jacobian')`: dA_2k/dz_2i = delta_ik A_2k - A_2k A_2i, where delta_ik is 1 if "
        "i = k, else 0.",
        "exps = np.exp(z2 - z2.max())\nA2 = exps / exps.sum()\nreturn np.diagflat(____) - ____ @ ____",
    ),
    "softmax_jacobian", one=True, own_facts=_jacobian_sums,
)  # fmt: skip

_OUTPUT_DELTA_ONE = _code(
    5, "output_delta_one", "delta2", "Write dL/dz2 for one example.",
    (
        "The network is sure and right: what should be left to correct? And when it is sure and wrong?",
        "The line before the last of `show('output_delta')`: dL/dz_2i = A_2i (sum over k of y_k) - y_i. What does y "
        "sum to?",
        "return A2 ____ y",
    ),
    "output_delta", one=True, own_facts=_delta_sums,
)  # fmt: skip

_GRAD_W2_ONE = _code(
    6, "grad_w2_one", "dw2", "Write dL/dw2 for one example, from delta2 (K, 1) and A1 (H, 1).",
    (
        "How many weights does w2 have, and which output and which hidden unit does each one join?",
        "`show('grad_w2')`: dL/dw_2,kj = delta_2k A_1j. Row k goes with the output, column j with the hidden unit.",
        "Which one has to be turned into a row?\nreturn ____ @ ____   # (K, 1) times (1, H)",
    ),
    "grad_w2", one=True,
)  # fmt: skip

_GRAD_B2_ONE = _code(
    6, "grad_b2_one", "db2", "Write dL/db2 for one example, from delta2 (K, 1).",
    (
        "Raise one entry of b2 by a little. By how much does its logit rise?",
        "H22 and H23: dz_2/db_2 = 1, so dL/db_2 = dL/dz_2 times 1.",
        "return ____",
    ),
    "grad_b2", one=True,
)  # fmt: skip

_HIDDEN_SIGNAL = _code(
    7, "hidden_signal", "dA1", "Carry the output error back to the hidden layer: dL/dA1, for a batch.",
    (
        "One hidden unit goes into every logit. Which weights lead out of hidden unit j?",
        "H29, and the last line of `show('hidden_signal')`: dL/dA_1j = sum over k of delta_2k w_2,kj.",
        "The sum runs over the rows of w2. Which of the two has to be turned for that?\nreturn ____ @ delta2",
    ),
    "hidden_signal",
)  # fmt: skip

_HIDDEN_DELTA = _code(
    7, "hidden_delta", "delta1", "Carry the signal back through ReLU: dL/dz1 from dL/dA1 and z1, for a batch.",
    (
        "A unit has z1 = -2. If you move its z1 a little, what happens to A1?",
        "H27 and H28: dL/dz_1 = dL/dA_1 where z_1 >= 0, and 0 where z_1 < 0. (At 0 itself any number from 0 to 1 would "
        "do as the derivative; the handout takes 1.)",
        "gate = ____   # 1 where it is open, 0 where it is closed\nreturn ____ * gate",
    ),
    "hidden_delta", draw=fixtures.with_kinks("dA1", "z1"), own_facts=_gate_facts,
)  # fmt: skip

_GRAD_W1_ONE = _code(
    8, "grad_w1_one", "dw1", "Write dL/dw1 for one example, from delta1 (H, 1) and X (D, 1).",
    (
        "You have done this before, one layer further up. What plays the part of A1 here?",
        "The line before the last of `show('grad_w1')`: dL/dw_1,jd = delta_1j X_d.",
        "return ____ @ ____   # (H, 1) times (1, D)",
    ),
    "grad_w1", one=True,
)  # fmt: skip

_GRAD_B1_ONE = _code(
    8, "grad_b1_one", "db1", "Write dL/db1 for one example, from delta1 (H, 1).",
    (
        "Raise one entry of b1 by a little. By how much does its z1 rise?",
        "H31 and H32: dz_1/db_1 = 1, so dL/db_1 = dL/dz_1 times 1.",
        "return ____",
    ),
    "grad_b1", one=True,
)  # fmt: skip

_BACKWARD = _code(
    8, "backward", "dw1 db1 dw2 db2",
    "Write the whole backward pass for a batch, where L is the mean over its N examples. Return dw1, db1, dw2 and db2, "
    "in this order. You may call functions that you wrote before.",
    (
        "Which of the two errors, delta2 and delta1, is needed by which gradient, and in which order do you get them?",
        "H15, H21, H23, then H26 to H32: delta2 = (A2 - y)/N; delta2 gives dw2 and db2; w2^T delta2 and the gate give "
        "delta1; delta1 gives dw1 and db1.",
        "z1, A1, z2, A2 = ____   # the forward pass\ndelta2 = ____\ndw2 = ____ @ ____\ndb2 = ____\n"
        "delta1 = (____ @ delta2) * ____\ndw1 = ____ @ ____\ndb1 = ____\nreturn dw1, db1, dw2, db2",
    ),
    draw=fixtures.with_kinks("w1", "b1", "w2", "b2", "X", "y"),
)  # fmt: skip

# --- lesson 09: batches, and checking -------------------------------------------------------------

_OUTPUT_DELTA = _code(
    9, "output_delta", "delta2", "Write dL/dz2 for a batch, where L is the mean over its N examples.",
    (
        "L is the mean of N losses. If the loss of one example rises by 1, by how much does L rise?",
        "The last line of `show('batch_output_delta')`: dL/dz_2,in = (A_2,in - y_in) / N.",
        "N = y.shape[____]\nreturn ____ / N",
    ),
    "batch_output_delta", own_facts=_delta_sums,
)  # fmt: skip

_GRAD_W2 = _code(
    9, "grad_w2", "dw2", "Write dL/dw2 for a batch. delta2 is that of the mean loss: its 1/N is already inside.",
    (
        "The same weight is used for every example. What happens to the N contributions?",
        "`show('batch_grad_w2')`: dL/dw_2,kj = sum over n of delta_2,kn A_1,jn.",
        "total = 0\nfor n in range(N):\n    total = total + np.outer(____, ____)\nreturn total",
    ),
    "batch_grad_w2",
)  # fmt: skip

_GRAD_B2 = _code(
    9, "grad_b2", "db2", "Write dL/db2 for a batch. delta2 is that of the mean loss: its 1/N is already inside.",
    (
        "One column b2 was added to all N columns. How many paths lead from it to the loss?",
        "`show('batch_grad_b2')`: dL/db_2k = sum over n of delta_2,kn.",
        "return delta2.____(axis=____, keepdims=True)",
    ),
    "batch_grad_b2",
)  # fmt: skip

_NUMERICAL_GRADIENT = _code(
    9, "numerical_gradient", "slope",
    "Measure df/dx by central differences, for any function f that turns an array into one number. The result has "
    "x's shape.",
    (
        "Which entries of x move while one partial derivative is measured, and where are they afterwards?",
        "The central difference: (f(x + h e) - f(x - h e)) / 2h, where e has a single 1 and h is about 1e-5.",
        "gradient = np.zeros(____)\nfor index in np.ndindex(x.shape):\n    up, down = x.copy(), x.copy()\n"
        "    up[index] += step\n    down[index] -= ____\n    gradient[index] = ____ / ____\nreturn gradient",
    ),
    draw=fixtures.slope_cases, tolerance=1e-4, own_facts=_step_facts, remarks=_one_sided, labels=("the gradient",),
)  # fmt: skip

# --- lesson 10: training -------------------------------------------------------------------------

_TRAINING_STEP = _code(
    10, "training_step", "w1_new b1_new w2_new b2_new",
    "Write one step of gradient descent on a batch. Return the new w1, b1, w2 and b2, in this order. You may call "
    "functions that you wrote before.",
    (
        "The gradient points to where the loss grows. Which way should a parameter go, and how far?",
        "Every parameter takes the same kind of step: new = old - learning_rate * gradient, and all four gradients "
        "belong to the old parameters.",
        "dw1, db1, dw2, db2 = ____   # all of them, before anything is changed\n"
        "return w1 - ____ * dw1, ____, ____, ____",
    ),
    draw=fixtures.with_kinks("w1", "b1", "w2", "b2", "X", "y", "learning_rate"),
    labels=("the new w1", "the new b1", "the new w2", "the new b2"),
)  # fmt: skip

_ACCURACY = _code(
    10, "accuracy", "share", "Count how often the network is right: the share of the examples, a number from 0 to 1.",
    (
        "What does the network predict for one example, and where in y does it say what is true?",
        "The prediction is the class with the largest A2, or z2: the softmax does not change which one is largest.",
        "predicted = z2.argmax(axis=____)\ntrue = ____\nreturn np.mean(____)",
    ),
    draw=fixtures.accuracy_cases, labels=("the accuracy",),
)  # fmt: skip

_CODE: list[Exercise] = [
    _RELU, _FORWARD, _SOFTMAX, _ONE_HOT, _CROSS_ENTROPY,
    _SOFTMAX_JACOBIAN, _OUTPUT_DELTA_ONE, _GRAD_W2_ONE, _GRAD_B2_ONE,
    _HIDDEN_SIGNAL, _HIDDEN_DELTA, _GRAD_W1_ONE, _GRAD_B1_ONE, _BACKWARD,
    _OUTPUT_DELTA, _GRAD_W2, _GRAD_B2, _NUMERICAL_GRADIENT, _TRAINING_STEP, _ACCURACY,
]  # fmt: skip

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise
    for exercise in sorted([*_CODE, *others(_HIDDEN_DELTA, _TRAINING_STEP)], key=lambda exercise: exercise.lesson)
}
