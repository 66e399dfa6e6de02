"""Slips in the output error delta2 = dL/dz2 (H07 to H15)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, softmax
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "delta2",
    "every step goes uphill: a sign is turned in all four updates, or in delta2 already",
    latex=r"w \leftarrow w + \eta \frac{\partial L}{\partial w}",
    tempts="To learn sounds like adding something, and an error is often written as target minus prediction.",
    breaks="The loss grows with each step.",
    hint="Where the gradient is positive, should the parameter grow or shrink?",
)
def all_steps_uphill(A2: Array, y: Array, learning_rate: float) -> Array:
    return (y - A2) / y.shape[1]


@slip(
    "delta2",
    "it is the label minus the probability, not the probability minus the label",
    latex=r"\delta_2 = y - A_2",
    tempts="A minus is easily lost, and y - A2 looks like an error, too.",
    breaks="Every gradient behind it points uphill: the loss grows with each step.",
    hint="Where a wrong class has a high probability, should raising its logit raise or lower the loss?",
)
def label_minus_probability(A2: Array, y: Array) -> Array:
    return (y - A2) / y.shape[1]


@slip(
    "delta2",
    "the division by N is missing",
    latex=r"\delta_2 = A_2 - y",
    tempts="For one example this is the whole line, and it is carried over to the batch.",
    breaks="It is the gradient of the sum of the losses: the step grows with the size of the batch.",
    hint="L is the mean over the examples. By how much does one example's loss move it?",
    batch=True,
    without="N",
)
def mean_forgotten(A2: Array, y: Array) -> Array:
    return A2 - y


@slip(
    "delta2",
    "it is divided by <by>, not by N",
    latex=r"\delta_2 = \frac{A_2 - y}{N^2}",
    tempts="Classes and entries can be counted too, statistics divides by N - 1, and one mean more seems to be due.",
    breaks="L is the plain mean over the examples: the gradient comes out too large or too small by a factor.",
    hint="What does L divide the sum of the losses by, how often, and how do you count it?",
    batch=True,
    each={
        "by": {
            "N^2": lambda K, N: N**2,
            "the number of classes": lambda K, N: K,
            "the number of all entries": lambda K, N: K * N,
            "N - 1": lambda K, N: N - 1,
        }
    },
)
def divided_by_another_number(A2: Array, y: Array, by: Function) -> Any:
    return (A2 - y) / by(*y.shape)


@slip(
    "delta2",
    "only one of the two is divided by N",
    latex=r"\delta_2 = A_2 - \frac{y}{N}",
    tempts="A bracket is missing: division comes before subtraction.",
    breaks="Prediction and label are weighed differently.",
    hint="What does `a - b / N` divide, and what does `a / N - b`?",
    batch=True,
    each={"label": (True, False)},
)
def bracket_missing(A2: Array, y: Array, label: bool) -> Array:
    return A2 - y / y.shape[1] if label else A2 / y.shape[1] - y


@slip(
    "delta2",
    "the sum in the softmax's derivative runs over all examples, and not down each column",
    latex=r"\delta_2 = N A_2 - y",
    tempts="For one example a sum without an axis is right.",
    breaks="Each example answers for the labels of all.",
    hint="How many numbers should that sum leave for N examples?",
    batch=True,
)
def jacobian_summed_over_batch(A2: Array, y: Array) -> Array:
    return y.shape[1] * A2 - y


@slip(
    "delta2",
    "the classes of each example are put together",
    latex=r"\sum_i (A_{2,in} - y_{in})",
    tempts="An axis is easily mistaken: `axis=0` runs down a column.",
    breaks="Each logit needs its own derivative; and those of one example always add up to 0.",
    hint="delta2 is dL/dz2. What is the shape of z2?",
    batch=True,
    constant=True,
    each={"keep": (False, True)},
)
def classes_put_together(A2: Array, y: Array, keep: bool) -> Array:
    return (A2 - y).sum(axis=0, keepdims=keep)


@slip(
    "delta2",
    "the path through the softmax is missing: this is dL/dA2",
    latex=r"\delta_2 = -\frac{y}{A_2}",
    tempts="The loss is differentiated by its argument, and that looks like the end.",
    breaks="The wrong classes get no gradient at all, and the true one a huge one where it is improbable.",
    hint="Which function lies between z2 and A2, and where is its derivative in your line?",
    without="softmax",
)
def softmax_path_missing(A2: Array, y: Array) -> Array:
    return -y / A2 / y.shape[1]


@slip(
    "delta2",
    "only one path is taken: through the output of the same class",
    latex=r"\delta_2 = -y (1 - A_2)",
    tempts="The chain rule of one variable has one product, and for the own class it looks complete.",
    breaks="It is 0 for every wrong class: their logits would never be lowered.",
    hint="Through how many outputs A_2k does one logit z_2i reach the loss?",
    handout="H07 H09 H10",
    without="sum",
)
def one_path_only(A2: Array, y: Array) -> Array:
    return -y * (1 - A2) / y.shape[1]


@slip(
    "delta2",
    "a sigmoid's derivative is multiplied in as well",
    latex=r"\delta_2 = (A_2 - y) \odot A_2 \odot (1 - A_2)",
    tempts="That is the output error of the squared loss with a sigmoid, the formula of many older texts.",
    breaks="Where the network is sure and wrong, A2 (1 - A2) is near 0, and nothing is learned.",
    hint="The softmax's derivative is already in A2 - y. What else could need the factor?",
)
def sigmoid_derivative_too(A2: Array, y: Array) -> Array:
    return (A2 - y) * A2 * (1 - A2) / y.shape[1]


@slip(
    "delta2",
    "only the derivative of the activation is left",
    latex=r"\delta_2 = A_2 \odot (1 - A_2)",
    tempts="The path from z2 to A2 is differentiated, the path from A2 to the loss forgotten.",
    breaks="The label plays no part.",
    hint="How does your delta2 learn which class is the true one?",
    without="y",
)
def loss_path_missing(A2: Array) -> Array:
    return A2 * (1 - A2) / A2.shape[1]


@slip(
    "delta2",
    "the label is left out",
    latex=r"\delta_2 = A_2",
    tempts="For every wrong class, y is 0 and the two agree.",
    breaks="The true class's probability is pushed down like all others.",
    hint="What should delta2 be for the true class when the network is sure and right?",
    without="y",
)
def label_left_out(A2: Array) -> Array:
    return A2 / A2.shape[1]


@slip(
    "delta2",
    "the prediction is left out",
    latex=r"\delta_2 = -y",
    tempts="For an improbable true class, A2 is near 0 and the two nearly agree.",
    breaks="The true logit is pushed up for ever, and the wrong ones never down.",
    hint="What should delta2 be when the network is sure and right?",
    without="A2",
)
def prediction_left_out(y: Array) -> Array:
    return -y / y.shape[1]


@slip(
    "delta2",
    "it is the derivative of the binary cross-entropy by A2",
    latex=r"\delta_2 = \frac{A_2 - y}{A_2 (1 - A_2)}",
    tempts="For two classes and a sigmoid this is dL/dA, and the factor below cancels in the next step.",
    breaks="A2 - y has gone through the softmax already; divided so, an improbable true class gets a huge error.",
    hint="Is your line dL/dA2 or dL/dz2? And which loss is it from?",
)
def binary_error(A2: Array, y: Array) -> Array:
    return (A2 - y) / (A2 * (1 - A2)) / y.shape[1]


@slip(
    "delta2",
    "the label is taken from the prediction itself",
    latex=r"\delta_2 = A_2 - I(i = \text{argmax}_j A_{2j})",
    tempts="The predicted class catches the eye, and in a good network it is mostly the true one.",
    breaks="The network is only told to believe more strongly what it believes already.",
    hint="Where does y come in?",
    without="y",
)
def predicted_label(A2: Array) -> Array:
    return (A2 - (A2.max(axis=0) == A2)) / A2.shape[1]


@slip(
    "delta2",
    "the sign of the error is lost: <what>",
    latex=r"\delta_2 = (A_2 - y)^2",
    tempts="The size of an error is what one looks at first, and its square is a well-known measure.",
    breaks="The true class's logit is pushed down instead of up.",
    hint="Which sign should delta2 have for the true class?",
    each={"what": {"the difference is squared": np.square, "its absolute value is taken": np.abs}},
)
def error_without_sign(A2: Array, y: Array, what: Function) -> Any:
    return what(A2 - y) / y.shape[1]


@slip(
    "delta2",
    "label and probability are added",
    latex=r"\delta_2 = A_2 + y",
    tempts="One of two minus signs is lost on the way.",
    breaks="The true class's logit is pushed down hardest of all.",
    hint="What should delta2 be when the network is sure and right?",
)
def label_added(A2: Array, y: Array) -> Array:
    return (A2 + y) / y.shape[1]


@slip(
    "delta2",
    "label and probability are multiplied",
    latex=r"\delta_2 = A_2 \odot y",
    tempts="The product of the two stands in several lines on the way.",
    breaks="The wrong classes get no gradient, and the true one is pushed down.",
    hint="What should delta2 be for a wrong class with a high probability?",
)
def label_multiplied(A2: Array, y: Array) -> Array:
    return A2 * y / y.shape[1]


@slip(
    "delta2",
    "the true class gets no error",
    latex=r"\delta_2 = (1 - y) \odot A_2",
    tempts="The cases i = k and i not equal to k are written down, and only the second one is used.",
    breaks="The true class's logit is never pushed up.",
    hint="What should delta2 be for a true class with a low probability?",
)
def true_class_left_out(A2: Array, y: Array) -> Array:
    return (1 - y) * A2 / y.shape[1]


@slip(
    "delta2",
    "it is the error of the squared loss, taken through the softmax",
    latex=r"\delta_2 = \frac{\partial A_2}{\partial z_2} (A_2 - y)",
    tempts="A2 - y is known as the derivative of half the squared difference, so the Jacobian seems to be missing.",
    breaks="The Jacobian is already inside A2 - y: it comes in twice.",
    hint="A2 - y is the derivative of the loss by which of the two, A2 or z2?",
)
def jacobian_twice(A2: Array, y: Array) -> Array:
    error = A2 - y
    return A2 * (error - (A2 * error).sum(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "the label goes through the softmax<how> without the loss's -1/A2",
    latex=r"\delta_2 = -\frac{\partial A_2}{\partial z_2} y",
    tempts="The loss is read as -y A2: the derivative of the logarithm is forgotten.",
    breaks="Everything is multiplied by the true class's probability: small where learning is needed most.",
    hint="What is the derivative of -y log A2 by A2?",
    each={
        "how": {
            "": lambda A2, y: (A2 * y).sum(axis=0),
            ", along the path of the same class alone, and": lambda A2, y: A2 * y,
        }
    },
    without="1/A2",
)
def logarithm_not_differentiated(A2: Array, y: Array, how: Function) -> Any:
    return -A2 * (y - how(A2, y)) / y.shape[1]


@slip(
    "delta2",
    "every class is treated as the true one: it is <what>",
    latex=r"\delta_2 = K A_2 - 1",
    tempts="The derivative of -log p is -1/p, y is 1 for the true class, and the other classes are not thought of.",
    breaks="An example's logits are pushed in the same way whichever class is its true one.",
    hint="How does your delta2 learn which class is the true one, and what should it be for a wrong class?",
    each={
        "what": {
            "K A2 - 1": lambda A2: len(A2) * A2 - 1,
            "-1 / A2, and the softmax is left out": lambda A2: -1 / A2,
            "A2 - 1": lambda A2: A2 - 1,
        }
    },
    without="y",
)
def every_class_true(A2: Array, what: Function) -> Any:
    return what(A2) / A2.shape[1]


@slip(
    "delta2",
    "the probabilities go through the softmax once more",
    latex=r"\delta_2 = \text{softmax}(A_2) - y",
    tempts="A function that expects logits is given probabilities, and nothing complains.",
    breaks="The probabilities are squeezed together: the error is never small.",
    hint="Is A2 already a probability?",
)
def probabilities_softmaxed(A2: Array, y: Array) -> Array:
    return (softmax(A2) - y) / y.shape[1]


@slip(
    "delta2",
    "it is the logarithm of the probability minus the label",
    latex=r"\delta_2 = \log A_2 - y",
    tempts="The loss contains log A2.",
    breaks="No logarithm is left in the derivative of a logarithm; here a very improbable class gets a huge error.",
    hint="What is the derivative of log A2 by A2?",
)
def logarithm_minus_label(A2: Array, y: Array) -> Array:
    return (np.log(A2) - y) / y.shape[1]


@slip(
    "delta2",
    "the error is the loss itself",
    latex=r"\delta_2 = -y \log A_2",
    tempts="The loss is what is to be carried back.",
    breaks="Its derivative is to be carried back, not its value.",
    hint="delta2 is the derivative of the loss. Which rule gives the derivative of a logarithm?",
)
def loss_for_error(A2: Array, y: Array) -> Array:
    return -y * np.log(A2) / y.shape[1]


@slip(
    "delta2",
    "a ReLU gate is applied at the output",
    latex=r"\delta_2 = (A_2 - y) \odot I(z_2 \ge 0)",
    tempts="The hidden layer has a gate, so every layer seems to have one.",
    breaks="Classes with a negative logit are never corrected.",
    hint="Which function turns z2 into A2 in this network?",
)
def gate_at_the_output(A2: Array, y: Array, z2: Array) -> Array:
    return (A2 - y) * (z2 >= 0) / y.shape[1]


@slip(
    "delta2",
    "the true class's number is taken off, not its one-hot column",
    latex=r"\delta_2 = A_2 - t",
    tempts="Label means both: a class number and a one-hot column.",
    breaks="The same number is taken off every entry of an example, and none at all where the true class is 0.",
    hint="Which values can an entry of y have?",
)
def class_number_for_label(A2: Array, y: Array) -> Array:
    return (A2 - y.argmax(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "the prediction is rounded to a class before the label is taken off",
    latex=r"\delta_2 = I(i = \text{argmax}_j A_{2j}) - y",
    tempts="A prediction is right or wrong, and the error seems to be 0 or 1 as well.",
    breaks="How sure the network was plays no part in the error.",
    hint="The network is right with a probability of 0.6. Is there nothing left to correct?",
    each={"form": ("one-hot", "half", "number")},
)
def prediction_rounded(A2: Array, y: Array, form: str) -> Array:
    rounded = {"one-hot": A2.max(axis=0) == A2, "half": A2 > 0.5, "number": A2.argmax(axis=0)}[form]
    return (rounded * 1.0 - y) / y.shape[1]
