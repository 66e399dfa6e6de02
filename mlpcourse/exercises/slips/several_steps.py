"""Slips that are made in the same way at several steps."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "dw1 dw2 db1 db2",
    "only one example counts",
    latex=r"<result> \text{ of example } N \text{ alone}",
    tempts="The gradient was first derived for one example, and for that one it is right.",
    breaks="All other examples teach the network nothing.",
    hint="On which examples does your result depend, and on which should it?",
    batch=True,
    each={"n": (-1, 0)},
)
def one_example_only(right: Function, n: int, **given: Array) -> Any:
    return right(**{name: array[:, [n]] for name, array in given.items()})


@slip(
    "dw1 dw2 db1 db2",
    "one example is left out of the sum",
    latex=r"<result> \text{ of the examples } 2, \dots, N",
    tempts="`range(1, N)` and `range(N - 1)` both have one number too few.",
    breaks="That example teaches the network nothing.",
    hint="Over which examples does your sum run, and how many are they?",
    batch=True,
    each={"n": (0, -1)},
)
def one_example_left_out(right: Function, n: int, **given: Array) -> Any:
    return right(**{name: np.delete(array, n, axis=1) for name, array in given.items()})


@slip(
    "dw1 dw2 db1 db2",
    "the mean over the examples is taken a second time",
    latex=r"\frac{1}{N} <result>",
    tempts="L is a mean, so a 1/N is expected here.",
    breaks="The 1/N is already in <delta>: the gradient is N times too small.",
    hint="Where did the 1/N of the mean go when delta2 was computed?",
    batch=True,
)
def mean_again(right: Function, **given: Array) -> Any:
    return right(**given) / given["delta"].shape[1]


@slip(
    "delta2 dA1 delta1",
    "the examples are put together too early",
    latex=r"\sum_n <result>_{,n}",
    tempts="In the end the gradients are sums over the examples.",
    breaks="Each example's error belongs to that example's own numbers: a sum of products is not the product of sums.",
    hint="How many columns should `<result>` have, and what does each of them stand for?",
    batch=True,
    each={"times": ("1", "1/N")},
)
def put_together_too_early(right: Function, times: str, **given: Array) -> Array:
    result = right(**given)
    total: Array = result.sum(axis=1, keepdims=True)
    return total if times == "1" else total / result.shape[1]


@slip(
    "L dA1",
    "the sum over the classes leaves out one at its end",
    latex=r"<result> \text{ of the classes } 2, \dots, K",
    tempts="Classes are counted 1 to K in formulas and 0 to K - 1 in code; `range(1, K)` has K - 1 numbers.",
    breaks="What goes through that class is lost, whatever the network says of it.",
    hint="Which numbers does your loop or slice go through, and how many are they?",
    each={"last": (False, True)},
)
def one_class_left_out(right: Function, last: bool, **given: Array) -> Any:
    kept = slice(None, -1) if last else slice(1, None)
    return right(**{name: array[kept] for name, array in given.items()})


@slip(
    "z2 dA1 delta1",
    "what is negative in <result> is set to 0, as by a ReLU",
    latex=r"\max(<result>, 0)",
    tempts="Negative numbers are cut off once in this network, and that seems to be due here as well.",
    breaks="A negative entry says something too, and that is lost: all of them now say the same.",
    hint="Between which two arrays does this network have its ReLU? And what does a negative entry of <result> say?",
)
def relu_on_result(right: Function, **given: Array) -> Array:
    return np.maximum(right(**given), 0)


@slip(
    "dw1 db1",
    "the gate is left out on the way to <result>",
    latex=r"<result>, \quad \delta_1 = \frac{\partial L}{\partial A_1}",
    tempts="All other factors are there, and with all gates open nothing else is needed.",
    breaks="Units with z1 < 0 get a gradient although they do not move the loss.",
    hint="Which derivative lies between A1 and z1?",
    handout="H30 H32",
    without="gate",
)
def gate_left_out(right: Function, dA1: Array, **given: Array) -> Any:
    return right(**{**given, "delta": dA1})


@slip(
    "A1 delta1",
    "what ReLU cuts off is thrown out instead of set to 0",
    latex=r"(<result>_j : z_{1j} > 0)",
    tempts="`[z1 > 0]` picks exactly the entries that stay.",
    breaks="The rest moves up: which unit and which example a number belongs to is lost.",
    hint="How many entries should <result> have?",
)
def negative_thrown_out(right: Function, z1: Array, **given: Array) -> Any:
    return right(z1=z1, **given)[z1 > 0]
