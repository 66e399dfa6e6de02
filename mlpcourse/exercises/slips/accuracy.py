"""Slips in the share of right predictions."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "share",
    "the wrong predictions are counted, not the right ones",
    latex=r"1 - \text{accuracy}",
    tempts="`!=` for `==`, or the error rate was meant.",
    breaks="A better network gets a lower number.",
    hint="What should a network that is always right get?",
)
def error_rate(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) != y.argmax(axis=0))


@slip(
    "share",
    "<what>",
    latex=r"\sum_n I(\hat t_n = t_n)",
    tempts="`sum` for `mean`; or `len(y)`, which counts rows, and here the rows are classes.",
    breaks="It is no share: it can exceed 1.",
    hint="A share lies between 0 and 1. What must the count be divided by?",
    each={
        "what": {
            "the right predictions are counted, but not divided by N": lambda hits, y: hits.sum(),
            "the wrong predictions are counted, and not divided by N": lambda hits, y: (~hits).sum(),
            "the right predictions are divided by the number of classes": lambda hits, y: hits.sum() / len(y),
        }
    },
)
def count_for_share(z2: Array, y: Array, what: Function) -> Any:
    return what(z2.argmax(axis=0) == y.argmax(axis=0), y)


@slip(
    "share",
    "the largest number is looked for <where>, not for each example",
    latex=r"\text{argmax}_n z_{2,in}",
    tempts="An axis is easily mistaken or left out: `axis=1` runs along a row, and without an axis it is all of them.",
    breaks="K comparisons are made, or one, instead of N.",
    hint="Columns are examples. How many predictions should there be?",
    each={
        "where": {
            "along each row of z2": lambda z2, A2, y: np.mean(z2.argmax(axis=1) == y.argmax(axis=1)),
            "along each row of A2": lambda z2, A2, y: np.mean(A2.argmax(axis=1) == y.argmax(axis=1)),
            "in the whole batch": lambda z2, A2, y: float(z2.argmax() == y.argmax()),
        }
    },
)
def argmax_over_examples(z2: Array, A2: Array, y: Array, where: Function) -> Any:
    return where(z2, A2, y)


@slip(
    "share",
    "no class is chosen: it is <what>",
    latex=r"\frac{1}{N} \sum_n \sum_i y_{in} A_{2,in}",
    tempts="It, too, tells how near the network comes to the labels.",
    breaks="A prediction is right or wrong; how sure it was does not count here.",
    hint="Which class does the network choose for an example, and when is that right?",
    each={
        "what": {
            "the mean probability of the true class": lambda A2, y: (y * A2).sum() / y.shape[1],
            "the mean of y A2 over all entries": lambda A2, y: (y * A2).mean(),
            "1 minus the mean distance of A2 and y": lambda A2, y: 1 - np.abs(A2 - y).mean(),
            "the mean distance of A2 and y": lambda A2, y: np.abs(A2 - y).mean(),
            "1 minus the mean of the columns' distances": lambda A2, y: 1 - np.abs(A2 - y).sum(axis=0).mean(),
        }
    },
)  # fmt: skip
def no_class_chosen(A2: Array, y: Array, what: Function) -> Any:
    return what(A2, y)


@slip(
    "share",
    "there is one answer for each example: the mean is missing",
    latex=r"I(\hat t_n = t_n), \quad n = 1, \dots, N",
    tempts="The comparison is the main part, and it looks like the whole.",
    breaks="An accuracy is one number for all examples.",
    hint="How does one get a share from N times right or wrong?",
)
def hits_not_averaged(z2: Array, y: Array) -> Any:
    return (z2.argmax(axis=0) == y.argmax(axis=0)) * 1.0


@slip(
    "share",
    "class numbers are compared with the entries of y",
    latex=r"\hat t_n = y_{in}",
    tempts="The prediction is turned into a class number, the label is not.",
    breaks="A class number meets zeros and ones; class 0 is right wherever y has a 0.",
    hint="Which class number does a column of y stand for?",
)
def number_against_one_hot(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) == y)


@slip(
    "share",
    "every entry of y is compared, not every example",
    latex=r"\frac{1}{K N} \sum_{in} I(\hat y_{in} = y_{in})",
    tempts="`mean` over the whole comparison is short.",
    breaks="An example is right or wrong as a whole; here its entries are counted one by one.",
    hint="How many comparisons should be made for N examples?",
    each={"form": ("argmax", "half")},
)
def entries_compared(A2: Array, y: Array, form: str) -> Any:
    return np.mean(((A2.max(axis=0) == A2) if form == "argmax" else A2 > 0.5) == (y > 0))


@slip(
    "share",
    "a prediction counts only if its probability is above one half",
    latex=r"A_{2t} > \frac{1}{2}",
    tempts="Rounding turns probabilities into zeros and ones, and for two classes that is enough.",
    breaks="With three classes or more, the most probable one can have less than one half.",
    hint="With probabilities 0.4, 0.3, 0.3, which class is predicted?",
)
def above_one_half(A2: Array, y: Array) -> Any:
    return np.mean(((A2 > 0.5) == (y > 0)).all(axis=0))


@slip(
    "share",
    "the least probable class is taken for the prediction",
    latex=r"\hat t = \text{argmin}_i A_{2i}",
    tempts="`argmin` and `argmax` differ by two letters; a loss is minimised.",
    breaks="A good network gets a number near 0.",
    hint="Which class does the network believe in most?",
)
def least_probable(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmin(axis=0) == y.argmax(axis=0))


@slip(
    "share",
    "it is the mean loss, not the accuracy",
    latex=r"L",
    tempts="Both say how good the network is.",
    breaks="A better network has a lower loss and a higher accuracy.",
    hint="What should a network that is always right get?",
)
def loss_for_accuracy(A2: Array, y: Array) -> Any:
    return -(y * np.log(A2)).sum() / y.shape[1]
