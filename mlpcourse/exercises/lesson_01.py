"""The exercises of lesson 01, compute the forward pass, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, graph, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.numbers import NumberExercise, matrices, weighted_sum
from mlpcourse.exercises.shapes import ShapeExercise

Array = npt.NDArray[Any]


forward_shapes = ShapeExercise(
    "forward_shapes",
    1,
    "What shapes do z1, A1, z2 and A2 have? Answer with four shapes, in this order.",
    (
        "What stands in one column, and how many columns are there?",
        "H01 and H03: w1 is (H, D) and X is (D, N); w2 is (K, H). A product (a, b) times (b, c) is (a, c).",
        "z1: (____, N), A1: the same, z2: (____, ____), A2: the same",
    ),
    nodes=("z1", "A1", "z2", "A2"),
    labels=("z1", "A1", "z2", "A2"),
    sizes=(2, 4, 3, 1),
)


def _small_integers(rng: np.random.Generator, *shape: int) -> Array:
    """Whole numbers from -2 to 2, none of them 0."""
    return rng.choice([-2.0, -1.0, 1.0, 2.0], shape)


def _draw_layers(rng: np.random.Generator) -> Case:
    """One gate open and one closed, and nothing by which a frequent slip would go unseen."""
    while True:
        w1, b1, X = _small_integers(rng, 2, 2), _small_integers(rng, 2, 1), _small_integers(rng, 2, 1)
        case = {"w1": w1, "b1": b1, "X": X, "w2": _small_integers(rng, 3, 2), "b2": _small_integers(rng, 3, 1)}
        z1, z2 = graph.evaluate(["z1", "z2"], case)
        gates = (z1 > 0).sum() == 1 and (z1 != 0).all() and z1.max() > 1
        if gates and (w1 @ X != w1.T @ X).any() and (z2 < 0).any():
            return case


def _layers_working(case: Case) -> str:
    w1, b1, X, w2, b2 = (case[name] for name in ("w1", "b1", "X", "w2", "b2"))
    (A1,) = graph.evaluate(["A1"], case)
    z1_rows = ", ".join(weighted_sum(w, X[:, 0], b) for w, b in zip(w1, b1[:, 0], strict=True))
    z2_rows = ",\n    ".join(weighted_sum(w, A1[:, 0], b) for w, b in zip(w2, b2[:, 0], strict=True))
    A1_row = ", ".join(f"{number:g}" for number in A1[:, 0])
    return f"z1 = [{z1_rows}]\nA1 = [{A1_row}]\nmy_numbers = [\n    {z2_rows},\n]"


def _hidden_layer_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """Which hidden layer would give these logits: it tells the two steps apart."""
    w2, after_bias = case["w2"], mine - case["b2"]
    A1, _, rank, _ = np.linalg.lstsq(w2, after_bias, rcond=None)
    if np.abs(w2 @ A1 - after_bias).max() > 0.01:
        said = "With this w2 and b2, no A1 gives these numbers: look at the step from A1 to z2 first."
        return "", said, "Which row of w2 and which number of b2 belong to the first number of z2?"
    if rank < w2.shape[1]:
        said = "With another A1 they would be right: look at z1 and A1 first."
    else:
        numbers = ", ".join(f"{number + 0:.3g}" for number in A1[:, 0].round(6))
        said = f"For A1 = ({numbers}) they would be right. If that is your A1, the mistake comes before z2."
    return "", said, "What are the two numbers of z1, and what does ReLU make of each?"


logits_by_hand = NumberExercise(
    "logits_by_hand",
    1,
    "Compute the forward pass up to the logits, by hand.",
    (
        "Which two lines of the handout come before z2, and what does ReLU do between them?",
        "H01 to H03: z1 = w1 X + b1, A1 = ReLU(z1), z2 = w2 A1 + b2. Row times column, then the bias.",
        "z1, first number:  ____ * ____ + ____ * ____ + ____\nA1:  each number of z1, or ____\n"
        "z2, first number:  ____ * ____ + ____ * ____ + ____",
    ),
    "z2",
    result="z2",
    asked="What is z2? Answer with its 3 numbers.",
    draw=_draw_layers,
    shown=lambda case: matrices(case, ["w1", "b1", "X"]) + ",\n\n" + matrices(case, ["w2", "b2"]),
    working=_layers_working,
    noticed=_hidden_layer_seen,
)


def _relu_cases(rng: np.random.Generator) -> list[Group]:
    """Batches, single examples, and scores so large that a capped activation shows."""
    groups = fixtures.ordinary("z1")(rng)
    large = tuple({"z1": 100 * case["z1"]} for case in groups[0].cases)
    return [*groups, Group(large, "where entries of z1 are in the hundreds")]


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


@code_exercise(
    1,
    results="A1",
    task="Write the hidden layer's activation: A1 from z1, for a whole batch.",
    hints=(
        "What should a unit with z1 = 3 hand on, and one with z1 = -3?",
        "H02: A1 is z1 where z1 >= 0, and 0 where z1 < 0, entry by entry.",
        "numpy can choose entry by entry in one line:\nreturn np.where(z1 >= 0, ____, ____)",
    ),
    see="A1",
    draw=_relu_cases,
    own_facts=_relu_facts,
)
def relu(z1: Array) -> Array:
    """A1 = ReLU(z1), shape (H, N) (H02)."""
    return np.maximum(z1, 0)


@code_exercise(
    1,
    results="z1 A1 z2 A2",
    task="Write the whole forward pass. Return z1, A1, z2 and A2, in this order.",
    hints=(
        "Four lines of the handout, four lines of code. What does each one need that the line before has made?",
        "H01 to H04: z1 = w1 X + b1, A1 = ReLU(z1), z2 = w2 A1 + b2, A2 = softmax(z2), down each column.",
        "z1 = w1 @ ____ + b1\nA1 = ____\nz2 = ____ @ ____ + b2\nA2 = softmax(____)\nreturn z1, A1, z2, A2",
    ),
    draw=fixtures.ordinary("w1", "b1", "w2", "b2", "X"),
)
def forward(w1: Array, b1: Array, w2: Array, b2: Array, X: Array) -> tuple[Array, Array, Array, Array]:
    """z1, A1 of shape (H, N) and z2, A2 of shape (K, N) (H01 to H04)."""
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0)
    z2 = w2 @ A1 + b2
    exps = np.exp(z2)
    A2 = exps / exps.sum(axis=0)
    return z1, A1, z2, A2
