"""The exercises of lesson 03, measure the surprise, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, graph, lesson_02, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.numbers import NumberExercise, matrices

Array = npt.NDArray[Any]


def _one_hot_cases(rng: np.random.Generator) -> list[Group]:
    """Labels of batches, one batch without the last class, and single labels."""
    batches, missing, single = [], [], []
    for (_, _, K, N), classes in zip(fixtures.SIZES, ([0, 1, 2], [0, 2, 3]), strict=True):
        batches.append({"labels": rng.permutation(np.resize(classes, N)), "K": K})
        missing.append({"labels": rng.permutation(np.resize(np.arange(K - 1), N)), "K": K})
        single.append({"labels": rng.integers(1, K - 1, 1), "K": K})
    return [
        Group(tuple(batches)),
        Group(tuple(missing), "where no example belongs to the last class", "missing"),
        Group(tuple(single), "with one example (N = 1)", single=True),
    ]


def _one_hot_counts(case: Case, result: Array, _: running.Outcome) -> list[str]:
    if result.shape != (case["K"], len(case["labels"])):
        return []
    if not np.isin(result, (0, 1)).all():
        return ["It holds other numbers than 0 and 1."]
    counts = result.sum(axis=0)
    return [] if (counts == 1).all() else [f"Column {int(np.argmax(counts != 1))} does not hold exactly one 1."]


@code_exercise(
    3,
    results="y",
    task="Turn class numbers (0 to K - 1) into a one-hot array y, one column for each example.",
    hints=(
        "Example n has the label labels[n]. In which row of column n does its 1 stand?",
        "H20: y_i = I(t = i), which is 1 in the row of the true class t and 0 in every other row.",
        "y = np.zeros((____, ____))\nfor n, t in enumerate(labels):\n    y[____, ____] = 1\nreturn y",
    ),
    see="one_hot",
    draw=_one_hot_cases,
    own_facts=_one_hot_counts,
)
def one_hot(labels: Array, K: int) -> Array:
    """y, shape (K, N): a 1 in row labels[n] of column n (H20)."""
    return np.eye(K)[:, labels]


def _draw_surprise(rng: np.random.Generator) -> Case:
    """Two losses that differ, so that it shows when they are exchanged."""
    while True:
        case = {"z2": lesson_02.easy_logits(rng, 2), "y": np.eye(3)[:, rng.permutation(3)[:2]]}
        (losses,) = graph.evaluate(["L"], case)
        if np.ptp(losses) > 0.1:
            return case


def _surprise_text(case: Case) -> str:
    return f"{lesson_02.logits_text(case)}\n\n{matrices(case, ['y'])}, two examples side by side."


def _surprise_working(case: Case) -> str:
    terms = [
        f"-np.log({exps[true]:.0f} / {exps.sum():.0f})"
        for exps, true in zip(np.exp(case["z2"]).T, case["y"].argmax(axis=0), strict=True)
    ]
    return f"my_numbers = [{', '.join(terms)}]"


def _probability_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """The sums that the probabilities are shares of, or the losses of other classes."""
    exps = np.exp(case["z2"])
    shares, total = exps / exps.sum(axis=0), exps.sum(axis=0)
    if np.allclose(mine, total, rtol=0.006):
        return "", "These are the sums of the exponentials: a probability is a share of one.", "Which share of it?"
    if (np.abs(mine + np.log(shares)).min(axis=0) < 0.006).all():
        said = "Each of these is the loss that some class would have, but not always the true one."
        return "", said, "Which class is the true one of each example?"
    if (mine < 0).any():
        return (
            "",
            "A loss is never negative: the logarithm of a probability is, and its sign is turned.",
            ("Is a minus sign missing, or is something else than a probability in the logarithm?"),
        )
    meant = " and ".join(f"{number:.3g}" for number in np.exp(-mine).ravel())
    said = (
        f"Such losses belong to the probabilities {meant}. If these are yours, the mistake comes before the logarithm."
    )
    return "", said, "Which share of its sum has the exponential of the true class?"


surprise_by_hand = NumberExercise(
    "surprise_by_hand",
    3,
    "How large is the loss of each of these two examples?",
    (
        "Which of the three probabilities of an example matters for its loss?",
        "H05 with a one-hot y: L = -log A_2t, where t is the true class. The logarithm is the natural one.",
        "A2 of the true class:  e^z_t / sum\nL:  -log(____)",
    ),
    "true_class_loss",
    result="L",
    asked="What are the two losses? Answer with 2 numbers.",
    draw=_draw_surprise,
    shown=_surprise_text,
    working=_surprise_working,
    noticed=_probability_seen,
)


def _cross_entropy_cases(rng: np.random.Generator) -> list[Group]:
    """Logits of every size, and true classes that are nearly impossible."""
    far = []
    for sizes in fixtures.SIZES:
        case = next(fixtures.networks(rng, sizes))
        down = case["y"] * rng.integers(800, 3000, case["y"].shape[1])
        far.append({"z2": fixtures.short(case["z2"]) - down, "y": case["y"]})
    near, apart = fixtures.moved(rng, "z2", "y")
    when = "where the true class is nearly impossible (its logit is lower by 800 and more)"
    return [*fixtures.ordinary("z2", "y")(rng), near, fixtures.wide(rng, True), Group(tuple(far), when, "far"), apart]


@code_exercise(
    3,
    results="L",
    task="Write the loss of each example from its logits and its label: N numbers, no mean over the examples yet. "
    "It must work for any logits, also where the true class is nearly impossible.",
    hints=(
        "How large is the loss when A2 of the true class is 1e-400, and what is 1e-400 in floating point? Can you get "
        "the logarithm without computing the probability first?",
        "The last line of `show('log_sum_exp_loss')`: L = c + log(sum over j of e^(z_2j - c)) - sum over i of "
        "y_i z_2i, for any number c. A good c is the largest logit of the column.",
        "shifted = z2 - z2.max(axis=0)\nlog_A2 = shifted - np.log(____)\nreturn -(____).sum(axis=____, keepdims=True)",
    ),
    see="log_sum_exp_loss",
    draw=_cross_entropy_cases,
)
def cross_entropy(z2: Array, y: Array) -> Array:
    """The loss of each example, shape (1, N), from the logits (H05)."""
    shifted = z2 - z2.max(axis=0)
    log_A2 = shifted - np.log(np.exp(shifted).sum(axis=0))
    return -(y * log_A2).sum(axis=0, keepdims=True)


derive_loss_by_A2 = DeriveExercise(
    "derive_loss_by_A2",
    3,
    "Derive how the loss depends on one probability.",
    (
        "Which terms of the sum contain A_2k?",
        "(log x)' = 1/x, and A_2m is A_2k only if m = k.",
        "`-sum_m y_m ____/A2_m`",
    ),
    "loss_by_A2",
)
