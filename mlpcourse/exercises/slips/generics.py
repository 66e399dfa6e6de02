"""Slips that can befall any result as a whole: a sign, a transpose, a factor, a row left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from mlpcourse.exercises.graph import Array


def _emptied(result: Array, index: int | slice, axis: int) -> Array:
    emptied = result.copy()
    np.moveaxis(emptied, axis, 0)[index] = 0
    return emptied


class Generic(NamedTuple):
    """A slip that can befall any result, alone or on top of another: ``apply(result, K, N)``."""

    name: str
    title: str
    hint: str
    apply: Callable[[Array, int, int], Array]


GENERICS: dict[str, Generic] = {
    generic.name: generic
    for generic in (
        Generic(
            "wrong_sign", "every sign is turned round", "Follow the minus signs through your lines, one by one.",
            lambda result, K, N: -result,
        ),
        Generic(
            "transposed", "rows and columns are exchanged",
            "What should one row of the result stand for, and what one column?",
            lambda result, K, N: np.swapaxes(result, -1, -2),
        ),
        Generic(
            "n_times_too_large", "it is N times too large",
            "Is there a mean over the examples here? Where does its 1/N go, and how often?",
            lambda result, K, N: result * N,
        ),
        Generic(
            "divided_by_n_again", "it is divided by N once too often",
            "Is there a mean over the examples here? Where does its 1/N go, and how often?",
            lambda result, K, N: result / N,
        ),
        Generic(
            "doubled", "it is twice what it should be",
            "Which of your steps could give a factor 2? And is there one that is done twice?",
            lambda result, K, N: result * 2,
        ),
        Generic(
            "halved", "it is half of what it should be", "Which of your steps could give a factor of one half?",
            lambda result, K, N: result / 2,
        ),
        Generic(
            "divided_by_k", "it is divided by K, the number of classes",
            "`len` and `shape[0]` count rows. What do the rows stand for?",
            lambda result, K, N: result / K,
        ),
        Generic(
            "k_times_too_large", "it is K times too large",
            "K is the number of classes. Which of your steps counts them, or takes a mean over them?",
            lambda result, K, N: result * K,
        ),
        Generic(
            "per_cent", "the result is given in per cent", "Which number stands for certainty: 1 or 100?",
            lambda result, K, N: result * 100,
        ),
        Generic(
            "flattened", "all entries stand in one row: the shape is lost",
            "What do the rows of the result stand for, and what its columns?",
            lambda result, K, N: result.ravel(),
        ),
        Generic(
            "decimals_cut_off", "the decimals are cut off",
            "Which type of numbers does your array hold? `np.vectorize` and integer arrays drop the decimals.",
            lambda result, K, N: np.trunc(result),
        ),
        Generic(
            "first_row_left_out", "the first row is left at 0",
            "Where does your loop begin? The first index is 0.", lambda result, K, N: _emptied(result, 0, 0),
        ),
        Generic(
            "last_row_left_out", "the last row is left at 0",
            "Where does your loop end? `range(n)` goes up to n - 1.", lambda result, K, N: _emptied(result, -1, 0),
        ),
        Generic(
            "first_column_left_out", "the first column is left at 0",
            "Where does your loop begin? The first index is 0.", lambda result, K, N: _emptied(result, 0, 1),
        ),
        Generic(
            "last_column_left_out", "the last column is left at 0",
            "Where does your loop end? `range(n)` goes up to n - 1.", lambda result, K, N: _emptied(result, -1, 1),
        ),
        Generic(
            "first_column_filled", "only the first column is filled, the others are left at 0",
            "Over how many indices does your loop go, and how many has the array?",
            lambda result, K, N: _emptied(result, slice(1, None), 1),
        ),
        Generic(
            "first_row_filled", "only the first row is filled, the others are left at 0",
            "Over how many indices does your loop go, and how many has the array?",
            lambda result, K, N: _emptied(result, slice(1, None), 0),
        ),
        Generic(
            "first_column_only", "only the first column came back",
            "How many columns has your result from the start? And does a `return` end the function in its first pass?",
            lambda result, K, N: result[:, :1],
        ),
        Generic(
            "last_column_only", "only the last column came back",
            "What happens in your loop to what the pass before has made?", lambda result, K, N: result[:, -1:],
        ),
        Generic(
            "divided_by_k_and_n", "it is divided by K and by N",
            "`size` counts all entries, and `mean` without an axis goes over all of them. What is the mean to go over?",
            lambda result, K, N: result / (K * N),
        ),
    )
}  # fmt: skip
