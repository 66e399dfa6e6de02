"""The exercises of lesson 02, turn scores into probabilities, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.numbers import NumberExercise, matrices

Array = npt.NDArray[Any]


_SUMS = (8, 10, 16, 20, 25, 40, 50, 80, 125)


def easy_logits(rng: np.random.Generator, N: int) -> Array:
    """Logits whose exponentials are three different whole numbers with a sum that divides well."""
    weights = np.square(_SUMS, dtype=float)
    columns: list[list[int]] = []
    while len(columns) < N:
        total = int(rng.choice(_SUMS, p=weights / weights.sum()))
        first, second = (int(number) for number in rng.integers(1, total - 1, 2))
        column = [first, second, total - first - second]
        if min(column) > 0 and len(set(column)) == 3 and min(column) * 20 >= total:
            columns.append(column)
    return np.log(np.array(columns, dtype=float).T)


def _exponentials(z2: Array) -> str:
    columns = [", ".join(f"{number:.0f}" for number in np.exp(column)) for column in z2.T]
    return " and ".join(columns)


def logits_text(case: Case) -> str:
    z2 = case["z2"].round(3)
    return f"{matrices({'z2': z2}, ['z2'])}. The exponentials are easy: {_exponentials(case['z2'])}."


def _shares(case: Case) -> str:
    exps = [f"{number:.0f}" for number in np.exp(case["z2"][:, 0])]
    return f"total = {' + '.join(exps)}\nmy_numbers = [{', '.join(f'{number} / total' for number in exps)}]"


def _sum_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """Whether the ratios of these numbers are right, or their sum."""
    ratios = mine / np.exp(case["z2"])
    if np.ptp(ratios) <= 0.01 * np.abs(ratios).max():
        return "", "Their ratios are right: what they are divided by is not.", "What must the three numbers sum to?"
    if abs(mine.sum() - 1) < 0.01 and (mine > 0).all():
        said = "They sum to 1, as they should, but their ratios are not right: look at what is divided."
        return "", said, "How many times the second exponential is the first, and what of your numbers?"
    if (mine < 0).any() or (mine > 1).any():
        return "", "A probability lies between 0 and 1. Not all of these do.", "What is divided by what?"
    said = f"They sum to {mine.sum():.3g}, and probabilities sum to 1: look at what is divided, and by what."
    return "", said, "What must the three numbers sum to?"


softmax_by_hand = NumberExercise(
    "softmax_by_hand",
    2,
    "Turn these logits into probabilities, by hand.",
    (
        "What must the three numbers sum to?",
        "H04: A_2i = e^z_2i / sum over j of e^z_2j.",
        "the sum:  ____ + ____ + ____\nA2:  ____ / sum,  ____ / sum,  ____ / sum",
    ),
    "A2",
    result="A2",
    asked="What is A2? Answer with its 3 numbers.",
    draw=lambda rng: {"z2": easy_logits(rng, 1)},
    shown=logits_text,
    working=_shares,
    noticed=_sum_seen,
)


def _softmax_cases(rng: np.random.Generator) -> list[Group]:
    """Logits of every size."""
    return [*fixtures.ordinary("z2")(rng), *fixtures.moved(rng, "z2"), fixtures.wide(rng, False)]


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


@code_exercise(
    2,
    results="A2",
    task="Turn a batch of logits into probabilities. It must work for any logits, 1000 included.",
    hints=(
        "Columns are examples. What must each column of the result sum to? And what is e^1000 in floating point?",
        "H04: A_2i = e^z_2i / sum over j of e^z_2j. The lines of `show('shift_invariance')` say what may be taken off "
        "every logit of a column without changing it.",
        "largest = z2.max(axis=____, keepdims=True)\nexps = np.exp(____)\nreturn exps / ____",
    ),
    see="shift_invariance",
    draw=_softmax_cases,
    own_facts=_column_sums,
)
def softmax(z2: Array) -> Array:
    """A2, shape (K, N): each column sums to 1 (H04)."""
    exps = np.exp(z2 - z2.max(axis=0))
    return exps / exps.sum(axis=0)
