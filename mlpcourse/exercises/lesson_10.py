"""The exercises of lesson 10, train the network, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.numbers import NumberExercise, factor, matrices
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


def _draw_update(rng: np.random.Generator) -> Case:
    w2, dw2 = (rng.integers(-15, 16, (2, 2)) / 10 for _ in range(2))
    rate = float(rng.choice([0.2, 0.4, 0.6]))
    if (w2 * dw2 == 0).any() or len(np.unique(dw2)) < 4:
        return _draw_update(rng)
    return {"w2": w2, "dw2": dw2, "learning_rate": rate}


def _steps(case: Case) -> str:
    pairs = zip(case["w2"].ravel(), case["dw2"].ravel(), strict=True)
    steps = ", ".join(f"{weight:g} - {case['learning_rate']:g} * {factor(slope)}" for weight, slope in pairs)
    return f"my_numbers = [{steps}]"


def _rate_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """Another learning rate with which the numbers would come out."""
    w2, dw2 = case["w2"], case["dw2"]
    rate = float(((w2 - mine) * dw2).sum() / (dw2 * dw2).sum())
    if not np.allclose(mine, w2 - rate * dw2, atol=0.006) or abs(rate) < 0.01:
        rates = ", ".join(f"{number:.2g}" for number in ((w2 - mine) / dw2).ravel())
        said = f"Each of them comes out with a learning rate of its own: {rates}."
        return "", said, "By which number is every gradient multiplied before it is taken off?"
    said = f"These numbers come out with a learning rate of {rate:.3g}."
    return "", said, "By which number is the gradient multiplied before it is taken off?"


update_by_hand = NumberExercise(
    "update_by_hand",
    10,
    "Take one step of gradient descent, by hand.",
    (
        "Which way should a weight go when its gradient is positive?",
        "new = old - learning_rate * gradient, entry by entry.",
        "each number:  ____ - ____ * ____",
    ),
    result="w2_new",
    asked="What is the new w2? Answer with its 4 numbers, row by row.",
    draw=_draw_update,
    shown=lambda case: f"{matrices(case, ['w2', 'dw2'])}, learning rate {case['learning_rate']:g}.",
    working=_steps,
    noticed=_rate_seen,
)


@code_exercise(
    10,
    results="w1_new b1_new w2_new b2_new",
    task="Write one step of gradient descent on a batch. Return the new w1, b1, w2 and b2, in this order. You may call "
    "functions that you wrote before.",
    hints=(
        "The gradient points to where the loss grows. Which way should a parameter go, and how far?",
        "Every parameter takes the same kind of step: new = old - learning_rate * gradient, and all four gradients "
        "belong to the old parameters.",
        "dw1, db1, dw2, db2 = ____   # all of them, before anything is changed\n"
        "return w1 - ____ * dw1, ____, ____, ____",
    ),
    draw=fixtures.with_kinks("w1", "b1", "w2", "b2", "X", "y", "learning_rate"),
    labels=("the new w1", "the new b1", "the new w2", "the new b2"),
)
def training_step(
    w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array, learning_rate: float
) -> tuple[Array, Array, Array, Array]:
    """New w1, b1, w2, b2 after one step of gradient descent."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)

    delta2 = (A2 - y) / y.shape[1]
    delta1 = (w2.T @ delta2) * (z1 >= 0)
    return (
        w1 - learning_rate * delta1 @ X.T,
        b1 - learning_rate * delta1.sum(axis=1, keepdims=True),
        w2 - learning_rate * delta2 @ A1.T,
        b2 - learning_rate * delta2.sum(axis=1, keepdims=True),
    )


def _accuracy_cases(rng: np.random.Generator) -> list[Group]:
    """Larger batches, and several: a share is only one number."""
    names = ("w1", "b1", "w2", "b2", "X", "y")
    sizes = ((4, 5, 3, 23), (5, 6, 4, 29), (3, 6, 4, 31), (6, 4, 3, 37), (4, 3, 5, 41))
    cases = [_uncertain(rng, size) for size in sizes]
    cases[:2] = [_largest_first(case) for case in cases[:2]]
    return [
        Group(tuple(fixtures.picked(case, names) for case in cases)),
        Group(
            tuple(fixtures.picked(case, names) for case in fixtures.singles(rng)),
            "with one example (N = 1)",
            single=True,
        ),
    ]


def _largest_first(case: Case) -> Case:
    """The same network, its classes and examples put into another order: first the class and example of the largest z2.

    That example is of that class, so that `z2.argmax() == y.argmax()`, which looks at nothing else, is true.
    """
    top, n = np.unravel_index(case["z2"].argmax(), case["z2"].shape)
    rows, columns = (np.roll(np.arange(size), -first) for size, first in zip(case["z2"].shape, (top, n), strict=True))
    y = case["y"].copy()
    y[:, n] = np.eye(len(y))[top]
    return {
        **case, "X": case["X"][:, columns], "y": y[rows][:, columns], "w2": case["w2"][rows], "b2": case["b2"][rows],
    }  # fmt: skip


def _uncertain(rng: np.random.Generator, sizes: tuple[int, int, int, int]) -> Case:
    """A network that is right about half of the time, and not always sure."""
    while True:
        case = fixtures.network(rng, sizes)
        K, N = sizes[2:]
        labels = np.where(rng.random(N) < 0.6, case["z2"].argmax(axis=0), rng.integers(0, K, N))
        y, ordered = np.eye(K)[:, labels], np.sort(case["A2"], axis=0)
        gap, top = (ordered[-1] - ordered[-2]).min(), ordered[-1]
        if y.any(axis=1).all() and gap > 1e-3 and (top < 0.45).any() and (top > 0.6).any():
            return {**case, "y": y}


@code_exercise(
    10,
    results="share",
    task="Count how often the network is right: the share of the examples, a number from 0 to 1.",
    hints=(
        "What does the network predict for one example, and where in y does it say what is true?",
        "The prediction is the class with the largest A2, or z2: the softmax does not change which one is largest.",
        "predicted = z2.argmax(axis=____)\ntrue = ____\nreturn np.mean(____)",
    ),
    draw=_accuracy_cases,
    labels=("the accuracy",),
)
def accuracy(w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array) -> float:
    """The share of the examples whose most probable class is the true one."""
    z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2
    return float(np.mean(z2.argmax(axis=0) == y.argmax(axis=0)))


spot_training_step = SpotExercise(
    "spot_training_step",
    10,
    "One step of gradient descent, line by line. In which line is a value used that has changed too early?",
    (
        "At which parameters was the prediction A2 made?",
        "All four gradients belong to the parameters before the step.",
        "The old w2 is needed in line ____. Line ____ changes w2. In which order do they come?",
    ),
    slip="updated_weights",
    mend=training_step,
    code=True,
    reveal="w2 was updated one line before, but delta1 needs the w2 that made the prediction. Compute all "
    "gradients first, then change the parameters.",
    lines=tuple(
        Line(f"`{text}`", text, why)
        for text, why in (
            ("delta2 = (A2 - y) / N", "it is the output error of the mean loss."),
            ("dw2 = delta2 @ A1.T", "it is the gradient of w2."),
            ("w2 = w2 - learning_rate * dw2", "the update itself is right. But which line still needs the old w2?"),
            ("delta1 = (w2.T @ delta2) * (z1 >= 0)", ""),
            ("dw1 = delta1 @ X.T", "it is the gradient of w1, from the delta1 it is given."),
            ("w1 = w1 - learning_rate * dw1", "the update itself is right."),
        )
    ),
)


def _with_decay(rng: np.random.Generator) -> list[Group]:
    """The cases of a training step, each with a decay of its own."""
    groups = fixtures.with_kinks("w1", "b1", "w2", "b2", "X", "y", "learning_rate")(rng)
    return [
        replace(group, cases=tuple({**case, "decay": float(rng.uniform(0.05, 0.3))} for case in group.cases))
        for group in groups
    ]


@code_exercise(
    10,
    results="w1_decayed b1_new w2_decayed b2_new",
    task="Write one step of gradient descent on L + decay / 2 * (sum of all w1^2 + sum of all w2^2). Return the new "
    "w1, b1, w2 and b2, in this order. You may call functions that you wrote before.",
    hints=(
        "What is the derivative of decay / 2 * w^2 with respect to a single weight w?",
        "The gradient of w1 becomes dw1 + decay * w1, and that of w2 likewise. The biases are left out.",
        "dw1, db1, dw2, db2 = ____\nreturn w1 - learning_rate * (dw1 + ____), ____, ____, ____",
    ),
    draw=_with_decay,
    labels=("the new w1", "the new b1", "the new w2", "the new b2"),
)
def training_step_decay(
    w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array, learning_rate: float, decay: float
) -> tuple[Array, Array, Array, Array]:
    """New w1, b1, w2, b2 after one step of gradient descent with weight decay."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    A2 = exps / exps.sum(axis=0)

    delta2 = (A2 - y) / y.shape[1]
    delta1 = (w2.T @ delta2) * (z1 >= 0)
    return (
        w1 - learning_rate * (delta1 @ X.T + decay * w1),
        b1 - learning_rate * delta1.sum(axis=1, keepdims=True),
        w2 - learning_rate * (delta2 @ A1.T + decay * w2),
        b2 - learning_rate * delta2.sum(axis=1, keepdims=True),
    )
