"""The exercises of lesson 05, reach the output error, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, lesson_11, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.numbers import NumberExercise, matrices
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


order_output_delta = OrderExercise(
    "order_output_delta",
    5,
    "Put these lines, from the chain rule to the output error, in order.",
    (
        "Which line says through which paths a logit reaches the loss?",
        "`show('output_delta')` has them all, with the reason beside each line.",
        "chain rule, then the loss's derivative, then the softmax's, then cancel, then ____, then ____",
    ),
    "output_delta",
    lines=("chain_rule", "loss_by_A2", "recognise", "cancel", "split_off", "take_out", "put_back", "one_hot"),
)


def _draw_prediction(rng: np.random.Generator) -> Case:
    while True:
        tenths = rng.multinomial(20, [1 / 3] * 3)
        label = int(rng.integers(3))
        if tenths.min() >= 2 and len(set(tenths)) == 3 and tenths.argmax() != label:
            return {"A2": tenths[:, None] / 20, "y": np.eye(3)[:, [label]]}


output_delta_by_hand = NumberExercise(
    "output_delta_by_hand",
    5,
    "The network has made a prediction. How does the loss change with each logit?",
    (
        "For which of the classes should the logit rise, and for which should it fall?",
        "H15: dL/dz_2i = A_2i - y_ti.",
        "each number:  A2 - ____",
    ),
    "output_delta",
    result="delta2",
    asked="What is delta2 = dL/dz2? Answer with its 3 numbers.",
    draw=_draw_prediction,
    shown=lambda case: matrices(case, ["A2", "y"]),
)


def delta_sums(case: Case, result: Array, _: running.Outcome) -> list[str]:
    if result.shape != case["A2"].shape or np.allclose(result.sum(axis=0), 0, atol=1e-9):
        return []
    return ["A column of A2 sums to 1, and so does one of y. What must a column of delta2 sum to? Yours does not."]


@code_exercise(
    5,
    results="delta2",
    task="Write dL/dz2 for one example.",
    hints=(
        "The network is sure and right: what should be left to correct? And when it is sure and wrong?",
        "The line before the last of `show('output_delta')`: dL/dz_2i = A_2i (sum over k of y_k) - y_i. What does y "
        "sum to?",
        "return A2 ____ y",
    ),
    see="output_delta",
    own_facts=delta_sums,
    draw=fixtures.one_example("A2", "y"),
)
def output_delta_one(A2: Array, y: Array) -> Array:
    """dL/dz2 of one example, shape (K, 1) (H15)."""
    return A2 - y


spot_one_path = SpotExercise(
    "spot_one_path",
    5,
    "From the loss to a logit. Which line is the first wrong one?",
    (
        "Change one logit. Which of the probabilities change?",
        "The chain rule adds up every path from z_2i to L.",
        "z_2i moves A_21, A_22, ..., A_2K, and each of them moves L. Line ____ has only one of them.",
    ),
    "output_delta",
    slip="one_path_only",
    mend=lesson_11.mend_H10,
    reveal="Every A_2k depends on z_2i, so the chain rule needs a sum over k. This is the handout's H09.",
    lines=(
        Line(
            r"$L = -\sum_{k=1}^K y_{tk} \log A_{2k}$",
            "L = -sum[k=1..K] y_tk log A_2k",
            "it is the definition of the loss.",
        ),
        Line(
            r"$\frac{\partial L}{\partial A_{2i}} = -\frac{y_{ti}}{A_{2i}}$",
            "dL/dA_2i = -y_ti / A_2i",
            "only the term k = i holds A_2i.",
        ),
        Line(
            r"$\frac{\partial L}{\partial z_{2i}} = \frac{\partial L}{\partial A_{2i}} "
            r"\frac{\partial A_{2i}}{\partial z_{2i}}$",
            "dL/dz_2i = dL/dA_2i * dA_2i/dz_2i",
        ),
        Line(
            r"$= -\frac{y_{ti}}{A_{2i}} A_{2i} (1 - A_{2i})$",
            "= -y_ti/A_2i * A_2i (1 - A_2i)",
            "both derivatives are put in as they are.",
        ),
        Line(r"$= -y_{ti} (1 - A_{2i})$", "= -y_ti (1 - A_2i)", "A_2i cancels."),
    ),
)
