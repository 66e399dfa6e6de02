"""Slips in the gradients of weights (outer products: H21, H30) and biases (sums over examples: H23, H32)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function
from mlpcourse.exercises.slips.catalogue import slip

# --- weights' gradients: outer products -----------------------------------------------------------


@slip(
    "dw1 dw2",
    "the outer product is the wrong way round",
    latex=r"<result> = <inputs> <delta>^\top",
    tempts="Both orders of the two factors look alike, and both multiply every pair once.",
    breaks="The gradient has its parameter's shape transposed, so it cannot be subtracted from it.",
    hint="A gradient has the shape of its parameter. Which of the two factors numbers the rows?",
    handout="H30",
)
def outer_transposed(delta: Array, inputs: Array) -> Array:
    return inputs @ delta.T


@slip(
    "dw1 dw2",
    "the examples are put together before they are multiplied",
    latex=r"<result> = \left( \sum_n <delta>_{,n} \right) \left( \sum_n <inputs>_{,n} \right)^\top",
    tempts="The shapes come out right.",
    breaks="Every example's error meets every other example's input.",
    hint="Should the error of one example be multiplied with the input of another?",
    batch=True,
    each={"form": ("sums", "means", "sum and mean", "mean and sum")},
)
def outer_of_sums(delta: Array, inputs: Array, form: str) -> Array:
    first = delta.mean(axis=1) if form.startswith("mean") else delta.sum(axis=1)
    second = inputs.mean(axis=1) if form.endswith(("mean", "means")) else inputs.sum(axis=1)
    return np.outer(first, second)


@slip(
    "dw1 dw2",
    "the sum over the examples is missing",
    latex=r"<result>_{,n} = <delta>_{,n} <inputs>_{,n}^\top",
    tempts="One outer product for each example is made, and there it stops.",
    breaks="There is one gradient for each example; the parameter needs one in all.",
    hint="The same weight was used for every example. How many paths lead from it to the loss?",
    batch=True,
    each={"order": ("khn->khn", "khn->nkh", "khn->nhk", "khn->knh")},
)
def outer_not_summed(delta: Array, inputs: Array, order: str) -> Array:
    return np.einsum(order, delta[:, None, :] * inputs[None, :, :])


@slip(
    "dw1 dw2",
    "the factor <inputs> is missing",
    latex=r"<result> = <delta> \, (1, \dots, 1)",
    tempts="The error is right and looks complete; numpy repeats it for every column without a warning.",
    breaks="All weights of a row get the same gradient, whatever came in through them.",
    hint="What is the derivative of w * a by w?",
    each={"spread": (True, False)},
    without="<inputs>",
)
def inputs_factor_missing(delta: Array, inputs: Array, spread: bool) -> Array:
    return np.repeat(delta.sum(axis=1, keepdims=True), len(inputs), axis=1) if spread else delta


@slip(
    "dw1 dw2",
    "the factor <delta> is missing",
    latex=r"<result> = (1, \dots, 1)^\top <inputs>^\top",
    tempts="dz/dw is <inputs>, and the chain rule's first factor is forgotten.",
    breaks="Every row gets the same gradient, whatever its error was.",
    hint="dz/dw is one factor of the chain. What stands in front of it?",
    each={"spread": (True, False)},
    without="A2 y",
)
def delta_factor_missing(delta: Array, inputs: Array, spread: bool) -> Array:
    return np.repeat(inputs.sum(axis=1, keepdims=True).T, len(delta), axis=0) if spread else inputs


@slip(
    "dw1 dw2",
    "error and <inputs> are multiplied entry by entry",
    latex=r"<result> = <delta> \odot <inputs>",
    tempts="Both are columns, and `*` is the first product that comes to mind.",
    breaks="Every output has a weight for every input; and the lengths of error and input can fit by accident only.",
    hint="Which output and which input does one weight join, and how many such pairs are there?",
    handout="H08 H21",
)
def multiplied_entry_by_entry(delta: Array, inputs: Array) -> Array:
    return delta * inputs


@slip(
    "dw1 dw2",
    "one index serves for both: each error meets the input of its own number only",
    latex=r"<result>_{kj} = <delta>_k <inputs>_k",
    tempts="One letter for the output and for the input saves an index.",
    breaks="All weights of one unit get the same gradient.",
    hint="A weight joins two units. How many indices does it need?",
    handout="H21",
)
def one_index_for_both(delta: Array, inputs: Array) -> Array:
    own = (delta * inputs[: len(delta)]).sum(axis=1, keepdims=True)
    return own + np.zeros((len(delta), len(inputs)))


@slip(
    "dw1 dw2",
    "the transpose of <inputs> is missing",
    latex=r"<result> = <delta> <inputs>",
    tempts="The factors are the right ones, in the right order.",
    breaks="The left factor needs as many columns as the right one has rows: here that can be so by accident only.",
    hint="The result has one column for each input. Along which axis of <inputs> do the inputs run?",
    batch=True,
)
def inputs_not_transposed(delta: Array, inputs: Array) -> Array:
    return delta @ inputs


@slip(
    "dw1 dw2",
    "it is an inner product, where an outer one belongs",
    latex=r"<result> = <delta>^\top <inputs>",
    tempts="Both products are made of the same two factors, and one is easily taken for the other.",
    breaks="An inner product adds up over the outputs, but each of them has its own weights.",
    hint="A column times a row is a square array, a row times a column is one number. Which is asked for?",
)
def inner_product(delta: Array, inputs: Array) -> Array:
    return delta.T @ inputs


@slip(
    "dw1 dw2",
    "all entries of <inputs> are added up first",
    latex=r"<result>_k = <delta>_k \sum_j <inputs>_j",
    tempts="A sum over j stands in the forward pass.",
    breaks="Each weight has its own input; the sum forgets which one it was.",
    hint="In the forward pass's sum over j, which single term holds the weight w_kj?",
    each={"spread": (False, True)},
)
def inputs_added_up(delta: Array, inputs: Array, spread: bool) -> Array:
    column = (delta * inputs.sum(axis=0)).sum(axis=1, keepdims=True)
    return np.repeat(column, len(inputs), axis=1) if spread else column


@slip(
    "dw1 dw2",
    "all errors are added up first",
    latex=r"<result>_j = <inputs>_j \sum_k <delta>_k",
    tempts="A sum over k stands in the chain rule.",
    breaks="Each output has its own weights and its own error; the sum forgets which one it was.",
    hint="Which single output does the weight w_kj lead to?",
    constant=True,
)
def errors_added_up(delta: Array, inputs: Array) -> Array:
    return inputs * delta.sum(axis=0)


@slip(
    "dw1 dw2",
    "a derivative stands where the value of <inputs> belongs: <which>",
    latex=r"<result> = <delta> \left( <inputs> (1 - <inputs>) \right)^\top",
    tempts="Something is to be differentiated here, and an activation is near.",
    breaks="By w, the product w a has the derivative a: <inputs> itself is not differentiated.",
    hint="What is the derivative of w * a by w?",
    each={"which": {"that of the sigmoid": lambda x: x * (1 - x), "that of ReLU": lambda x: x > 0}},
)
def inputs_differentiated(delta: Array, inputs: Array, which: Function) -> Any:
    return delta @ which(inputs).T


@slip(
    "dw1 dw2",
    "negative errors are set to 0",
    latex=r"<result> = \max(<delta>, 0) <inputs>^\top",
    tempts="ReLU cuts negative numbers, and here it is applied to the error.",
    breaks="A negative error says that a larger z lowers the loss, and that is lost.",
    hint="ReLU's gate looks at z1. What does it have to do with the sign of an error?",
)
def negative_errors_cut(delta: Array, inputs: Array) -> Array:
    return np.maximum(delta, 0) @ inputs.T


@slip(
    "dw1 dw2",
    "`np.outer` was given whole batches, and laid them out as two long rows",
    latex=r"<result> = \text{vec}(<delta>) \, \text{vec}(<inputs>)^\top",
    tempts="For one example `np.outer` is right.",
    breaks="Every number of one array meets every number of the other, whatever example it is from.",
    hint="What does `np.outer` do with an array that is not a plain list of numbers?",
    batch=True,
)
def outer_of_flattened(delta: Array, inputs: Array) -> Array:
    return np.outer(delta, inputs)


# --- biases' gradients: sums over the examples ----------------------------------------------------


@slip(
    "db1 db2",
    "the sum over the examples is missing",
    latex=r"<result> = <delta>",
    tempts="For one example the bias gradient is the delta itself, and the line is carried over unchanged.",
    breaks="The result has one column for each example, but the bias has only one column.",
    hint="One bias was added to every example's column. How many paths lead from it to the loss?",
    batch=True,
)
def bias_not_summed(delta: Array) -> Array:
    return delta


@slip(
    "db1 db2",
    "everything is put into one number",
    latex=r"<result> = \sum_k \sum_n <delta>_{kn}",
    tempts="A bias is written as one letter, and that looks like one number.",
    breaks="Each row has a bias of its own, and each needs its own gradient.",
    hint="What is the shape of the bias?",
    each={"mean": (False, True)},
    constant=True,
)
def bias_summed_over_everything(delta: Array, mean: bool) -> Any:
    return delta.mean() if mean else delta.sum()


@slip(
    "db1 db2",
    "the sum runs down the columns, not along the rows",
    latex=r"<result> = \sum_k <delta>_k",
    tempts="`axis=0` is the first axis that comes to mind.",
    breaks="Different biases are added up, and different examples are kept apart.",
    hint="Which should be added up: the rows of one example, or the examples of one row?",
    each={"keep": (True, False)},
    constant=True,
)
def bias_summed_over_rows(delta: Array, keep: bool) -> Array:
    return delta.sum(axis=0, keepdims=keep)


@slip(
    "db1 db2",
    "only dz/db is there, which is 1",
    latex=r"<result> = (1, \dots, 1)^\top",
    tempts="H22 and H31 say 1, and the chain rule's first factor is forgotten.",
    breaks="The bias would move by the same amount whatever the error is.",
    hint="dz/db is one factor of the chain. What stands in front of it?",
    constant=True,
    each={"form": ("column", "number", "as delta")},
    without="A2 y",
)
def bias_gradient_one(delta: Array, form: str) -> Any:
    return {"column": np.ones((len(delta), 1)), "number": 1.0, "as delta": np.ones(delta.shape)}[form]
