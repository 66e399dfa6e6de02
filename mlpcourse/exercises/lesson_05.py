"""The exercises of lesson 05, reach the output error, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.numbers import NumberExercise, matrices

Array = npt.NDArray[Any]


derive_output_delta = DeriveExercise(
    "derive_output_delta",
    5,
    "Derive how the loss depends on one logit.",
    (
        "Through which outputs does a logit reach the loss?",
        "Add the products over all paths: the sum over k of dL/dA_2k dA_2k/dz_2i.",
        "`-sum_k y_k/A2_k * A2_k * (I(i = k) - ____)`",
    ),
    "output_delta",
)


def _draw_prediction(rng: np.random.Generator) -> Case:
    """Probabilities in hundredths, all different, and a network that is wrong."""
    while True:
        first, second = (int(number) for number in rng.integers(5, 91, 2))
        hundredths = np.array([first, second, 100 - first - second])
        label = int(rng.integers(3))
        if hundredths.min() >= 5 and len(set(hundredths)) == 3 and hundredths.argmax() != label:
            return {"A2": hundredths[:, None] / 100, "y": np.eye(3)[:, [label]]}


def _differences(case: Case) -> str:
    pairs = zip(case["A2"][:, 0], case["y"][:, 0], strict=True)
    return f"my_numbers = [{', '.join(f'{said:g} - {true:g}' for said, true in pairs)}]"


def _signs_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """Whether these numbers sum to 0, and point the right way."""
    turned = np.flatnonzero(mine * (case["A2"] - case["y"]) < 0)
    if len(turned):
        said = f"Number {turned[0] + 1} points the wrong way."
        return "", said, "Should the logit of the true class rise or fall? And those of the others?"
    if abs(mine.sum()) > 0.02:
        said = f"They sum to {mine.sum():.3g}, and the entries of delta2 sum to 0."
        return "", said, "What do the entries of A2 sum to, and those of y?"
    return (
        "",
        "They sum to 0 and point the right way, but their sizes are not right.",
        "What is A2 - y, class by class?",
    )


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
    working=_differences,
    noticed=_signs_seen,
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


derive_squared_error_delta = DeriveExercise(
    "derive_squared_error_delta",
    5,
    "Derive how half the squared error, after softmax, depends on one logit.",
    (
        "Which of the two arrows on a path from a logit to the loss has changed, and which is the old one?",
        "Add over all paths: the sum over k of (A_2k - y_k) dA_2k/dz_2i.",
        "`sum_k (A2_k - y_k) A2_k (I(i = k) - ____)`",
    ),
    "squared_error_delta",
)
