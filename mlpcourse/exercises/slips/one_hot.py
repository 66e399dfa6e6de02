"""Slips in the one-hot label y (H20)."""

from __future__ import annotations

import numpy as np

from mlpcourse.exercises.graph import Array
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "y",
    "the ones stand one class too far up or down",
    latex=r"y_i = I(t - 1 = i)",
    tempts="Formulas count classes from 1, code from 0.",
    breaks="Every example is put into the class before or after its own, and at one end there is no such class.",
    hint="Where should the 1 of an example with label 0 stand?",
    each={"form": ("down", "up", "down and out", "up and out")},
)
def labels_off_by_one(labels: Array, K: int, form: str) -> Array:
    by = -1 if form.startswith("down") else 1
    return np.eye(K, k=-by)[:, labels] if form.endswith("out") else np.eye(K)[:, (labels + by) % K]


@slip(
    "y",
    "the label's number stands where a 1 belongs",
    latex=r"y_i = t \, I(t = i)",
    tempts="The label is at hand, and it is written into the row that it names.",
    breaks="The classes no longer count alike: an example's loss is multiplied by the number of its class.",
    hint="What are the only two values in a one-hot column?",
    each={"plus": (0, 1)},
)
def label_value_for_one(labels: Array, K: int, plus: int) -> Array:
    return np.eye(K)[:, labels] * (labels + plus)


@slip(
    "y",
    "whole <lines> are set to 1",
    latex=r"y_{in} = I(i \in \{t_1, \dots, t_N\})",
    tempts="`y[labels] = 1` and `y[:, labels] = 1` read as if they went through the examples.",
    breaks="One example's label marks others too: some of them then belong to several classes.",
    hint="An entry has two indices. Which of the two is the class, and which the example?",
    batch=True,
    each={"lines": ("rows", "columns")},
)
def whole_lines_set(labels: Array, K: int, lines: str) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels if lines == "rows" else (slice(None), labels[labels < len(labels)])] = 1
    return y


@slip(
    "y",
    "all the ones stand in one column",
    latex=r"y_{i1} = I(i \in \{t_1, \dots, t_N\})",
    tempts="`y[labels, 0] = 1` is right for one example.",
    breaks="The first example belongs to every class that occurs, and the others to none.",
    hint="In which column belongs the 1 of the second example?",
    batch=True,
    each={"whole": (True, False)},
)
def first_column_set(labels: Array, K: int, whole: bool) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels, 0] = 1
    return y if whole else y[:, 0]


@slip(
    "y",
    "the number of rows is that of the examples, not of the classes",
    latex=r"y_{in} = I(t_n = i), \quad i = 1, \dots, N",
    tempts="Two sizes are at hand, and `len(labels)` sounds like the number of different labels.",
    breaks="There are rows for classes that do not exist, or too few rows.",
    hint="What are the rows of y, and how many are there?",
    batch=True,
)
def rows_for_examples(labels: Array, K: int) -> Array:
    return np.eye(max(len(labels), K))[: len(labels), labels]


@slip(
    "y",
    "the labels play no part",
    latex=r"y = I",
    tempts="The unit matrix holds all one-hot columns, and picking among them is forgotten.",
    breaks="Example n would belong to class n.",
    hint="Which columns of the unit matrix are needed, and in which order?",
    each={"square": (True, False)},
)
def labels_not_used(labels: Array, K: int, square: bool) -> Array:
    return np.eye(K) if square else np.eye(K, len(labels))


@slip(
    "y",
    "only one example's label is set",
    latex=r"y_{in} = I(n = N) \, I(t_n = i)",
    tempts="The array of zeros is made anew inside the loop, or a `return` ends the loop in its first pass.",
    breaks="All other columns are empty: those examples have no loss.",
    hint="What stands in the other columns at the end, and what in your code should have set them?",
    batch=True,
    each={"n": (-1, 0)},
)
def one_label_only(labels: Array, K: int, n: int) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels[n], n] = 1
    return y


@slip(
    "y",
    "the classes are counted from the labels, not taken from K",
    latex=r"K := \max_n t_n + 1",
    tempts="In most data sets every class occurs.",
    breaks="If the last class is missing in a batch, a row is missing in y.",
    hint="What happens when no example of the batch belongs to the last class?",
    situation="missing",
)
def classes_counted_from_labels(labels: Array, K: int) -> Array:
    return np.eye(labels.max() + 1)[:, labels]


@slip(
    "y",
    "zeros and ones are exchanged",
    latex=r"y_i = I(t \ne i)",
    tempts="A comparison written the other way round.",
    breaks="Every class is marked but the true one.",
    hint="How many ones should a column hold?",
)
def one_cold(labels: Array, K: int) -> Array:
    return 1 - np.eye(K)[:, labels]


@slip(
    "y",
    "the other classes are -1 instead of 0",
    latex=r"y_i = 2 I(t = i) - 1",
    tempts="Some classifiers use labels -1 and 1.",
    breaks="A column sums to 2 - K, but the derivation needs a sum of 1.",
    hint="In the derivation, what does a column of y sum to?",
)
def minus_one_for_zero(labels: Array, K: int) -> Array:
    return 2 * np.eye(K)[:, labels] - 1


@slip(
    "y",
    "the classes are numbered backwards",
    latex=r"y_i = I(t = K - 1 - i)",
    tempts="Rows are counted from the top, values in a picture from the bottom.",
    breaks="The first and the last class change places.",
    hint="In which row should the 1 of an example with label 0 stand?",
)
def classes_backwards(labels: Array, K: int) -> Array:
    return np.eye(K)[::-1, labels]
