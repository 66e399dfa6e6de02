"""Slips in the loss L, from log A2 and y (H05)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, softmax
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "L",
    "the minus sign in front is missing",
    latex=r"L = \sum_i y_i \log A_{2i}",
    tempts="The logarithm is what one thinks of; its sign is easily lost.",
    breaks="The loss is negative, and going down its slope makes the network worse.",
    hint="Is the logarithm of a probability positive or negative? And a loss?",
)
def loss_sign_missing(log_A2: Array, y: Array) -> Array:
    return (y * log_A2).sum(axis=0, keepdims=True)


@slip(
    "log_A2",
    "the logarithm has another base than e",
    latex=r"L = -\sum_i y_i \log_b A_{2i}",
    tempts="Surprise is often measured in bits.",
    breaks="The loss and every gradient are divided by log b.",
    hint="Which logarithm has the derivative 1/x?",
    each={"base": (2.0, 10.0)},
)
def other_logarithm(A2: Array, base: float) -> Array:
    return np.log(A2) / np.log(base)


@slip(
    "L",
    "it is the probability of the true class, and its logarithm is not taken",
    latex=r"L = \sum_i y_i A_{2i}",
    tempts="The probability is the part that takes the work.",
    breaks="A sure and right prediction would have the largest loss.",
    hint="How large is the loss when the true class is certain, and how large is yours?",
)
def logarithm_left_out(A2: Array, y: Array) -> Array:
    return (y * A2).sum(axis=0, keepdims=True)


@slip(
    "L",
    "it is <what>",
    latex=r"L = \sum_i (A_{2i} - y_i)^2",
    tempts="It is 0 for a perfect prediction and positive otherwise, as a loss should be.",
    breaks="It has an upper bound, so a sure and wrong prediction is hardly punished.",
    hint="Which function of A2 stands in H05, and what should it be when the true class has a probability near 0?",
    each={
        "what": {
            "the squared error": lambda A2, y: (A2 - y) ** 2,
            "half of the squared error": lambda A2, y: (A2 - y) ** 2 / 2,
            "1 minus the true class's probability": lambda A2, y: y - y * A2,
        }
    },
)
def bounded_loss(A2: Array, y: Array, what: Function) -> Any:
    return what(A2, y).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the logits stand where log-probabilities belong",
    latex=r"L = -\sum_i y_i z_{2i}",
    tempts="The logit is the first half of the log-probability.",
    breaks="The other classes no longer matter, and the loss can fall without end.",
    hint="Add 1 to every logit of a column. Should the loss change?",
)
def loss_from_logits(z2: Array, y: Array) -> Array:
    return -(y * z2).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the labels play no part: it is -log A2 <what>",
    latex=r"L = -\sum_i \log A_{2i}",
    tempts="The factor y is forgotten; or one class is needed, and another than the true one is at hand.",
    breaks="The loss is the same whichever class is the true one.",
    hint="How does your loss learn which class is the true one?",
    each={
        "what": {
            "summed over all classes": lambda log_A2: log_A2.sum(axis=0, keepdims=True),
            "of every class": lambda log_A2: log_A2,
            "of the first class": lambda log_A2: log_A2[[0]],
            "of the last class": lambda log_A2: log_A2[[-1]],
            "of the predicted class": lambda log_A2: log_A2.max(axis=0, keepdims=True),
        }
    },
)  # fmt: skip
def labels_ignored(log_A2: Array, what: Function) -> Any:
    return -what(log_A2)


@slip(
    "L",
    "<what> taken off the log-sum-exp, where the true class's logit alone should be",
    latex=r"L = \log \sum_j e^{z_{2j}}",
    tempts="The log-sum-exp is the difficult half and looks finished; or the factor y is forgotten in the other half.",
    breaks="The label plays no part.",
    hint="How does your loss learn which class is the true one?",
    each={"what": {"nothing is": 0, "all logits are": 1}},
)
def log_sum_exp_without_label(z2: Array, what: int) -> Array:
    return np.log(np.exp(z2).sum(axis=0, keepdims=True)) - what * z2.sum(axis=0, keepdims=True)


@slip(
    "L",
    "the logarithm is undone again: it is one over the probability",
    latex=r"\frac{1}{A_{2t}}",
    tempts="The exponential of the cross-entropy, the perplexity, is a common number too.",
    breaks="A sure and right prediction costs 1, and the gradient is another one.",
    hint="What should the loss be when the true class has probability 1?",
)
def perplexity(log_A2: Array, y: Array) -> Array:
    return np.exp(-(y * log_A2).sum(axis=0, keepdims=True))


@slip(
    "L",
    "a part of the log-sum-exp has the wrong sign",
    latex=r"L = c - \log \sum_j e^{z_{2j} - c} - \sum_i y_i z_{2i}",
    tempts="Three terms with three signs, and the shift c is put back by adding it.",
    breaks="The loss changes when all logits are moved together, or becomes negative.",
    hint="Write log of e^c times a sum as two terms. Which signs have they?",
    each={"form": ("log sum", "shift")},
)
def log_sum_exp_sign(z2: Array, y: Array, form: str) -> Array:
    top = z2.max(axis=0, keepdims=True)
    log_sum = np.log(np.exp(z2 - top).sum(axis=0, keepdims=True))
    return (top - log_sum if form == "log sum" else log_sum - top) - (y * z2).sum(axis=0, keepdims=True)


@slip(
    "L",
    "it is the binary cross-entropy",
    latex=r"L = -\sum_i \left( y_i \log A_{2i} + (1 - y_i) \log(1 - A_{2i}) \right)",
    tempts="It is the same word, and the formula known from two classes.",
    breaks="The wrong classes are punished twice: by their own term and through the softmax.",
    hint="Which terms of H05 are not 0 for a one-hot label?",
)
def binary_cross_entropy(A2: Array, y: Array) -> Array:
    return -(y * np.log(A2) + (1 - y) * np.log(1 - A2)).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the losses of the examples are put together already: it is their <form>",
    latex=r"L = -\frac{1}{N} \sum_n \sum_i y_{in} \log A_{2,in}",
    tempts="In the end the loss of a batch is one number.",
    breaks="Which example costs how much is lost; here the loss of each is asked for.",
    hint="How many numbers should come out for N examples, and over what is one loss a sum?",
    batch=True,
    each={
        "form": {
            "mean": lambda losses, y: losses.mean(),
            "sum": lambda losses, y: losses.sum(),
            "mean in every column": lambda losses, y: np.full(losses.shape, losses.mean()),
            "sum, divided by the number of all entries": lambda losses, y: losses.sum() / y.size,
        }
    },
)
def examples_put_together(log_A2: Array, y: Array, form: Function) -> Any:
    return form(-(y * log_A2).sum(axis=0, keepdims=True), y)


@slip(
    "L",
    "the sum over the classes is missing",
    latex=r"L_i = -y_i \log A_{2i}",
    tempts="Only one term of the sum is not 0, so it hardly seems needed.",
    breaks="An example has K numbers instead of one loss.",
    hint="How many numbers should come out for one example?",
)
def classes_not_summed(log_A2: Array, y: Array) -> Array:
    return -y * log_A2


@slip(
    "L",
    "the sum runs over the examples, not over the classes",
    latex=r"-\sum_n y_{in} \log A_{2,in}",
    tempts="An axis is easily mistaken: `axis=0` runs down a column, `axis=1` along a row.",
    breaks="There is one number for each class instead of one for each example.",
    hint="Columns are examples. What should be added up: a column or a row?",
    batch=True,
    each={"keep": (True, False)},
)
def loss_summed_over_examples(log_A2: Array, y: Array, keep: bool) -> Array:
    return -(y * log_A2).sum(axis=1, keepdims=keep)


@slip(
    "L",
    "the maximum is taken off in one place and not in the other",
    latex=r"L = \log \sum_j e^{z_{2j} - c} - \sum_i y_i z_{2i}",
    tempts="The shift c is put in for the exponentials and then forgotten.",
    breaks="The loss is off by c, the column's largest logit.",
    hint="Add 1 to every logit of a column. Does your loss stay the same?",
    each={"form": ("sum", "logit")},
)
def shift_not_put_back(z2: Array, y: Array, form: str) -> Array:
    top = z2.max(axis=0, keepdims=True)
    own = (y * z2).sum(axis=0, keepdims=True)
    log_sum = np.log(np.exp(z2 - top).sum(axis=0, keepdims=True))
    return log_sum - own if form == "sum" else log_sum + top - (own - top)


@slip(
    "L",
    "label and prediction have changed places",
    latex=r"L = -\sum_i A_{2i} \log y_i",
    tempts="Cross-entropy has two arguments, and their order is easily mixed up.",
    breaks="A label that is 0 has no logarithm, and no label's logarithm depends on the prediction.",
    hint="Of which of the two can one take the logarithm?",
    each={"floor": (1e-16, 1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)},
)
def label_and_prediction_exchanged(A2: Array, y: Array, floor: float) -> Array:
    return -(A2 * np.log(y + floor)).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the logarithm of 0 is taken",
    latex=r"L = -\sum_i y_i \log A_{2i}, \quad A_{2i} = 0",
    tempts="On ordinary probabilities it is right.",
    breaks="A probability below 1e-324 is stored as 0. Its logarithm is minus infinity; 0 times that is not a number.",
    hint="Write log A2 in terms of the logits and simplify before you compute.",
    situation="far",
    each={"form": ("product", "picked")},
)
def logarithm_of_zero(z2: Array, y: Array, form: str) -> Array:
    logs = np.log(softmax(z2))
    if form == "product":
        return -(y * logs).sum(axis=0, keepdims=True)
    return -np.take_along_axis(logs, y.argmax(axis=0)[None], axis=0)


@slip(
    "L",
    "the probability is kept away from 0 by a small number",
    latex=r"L = -\sum_i y_i \log (A_{2i} + \varepsilon)",
    tempts="It does stop the logarithm of 0.",
    breaks="The loss cannot exceed -log of that small number, and where it is capped nothing is learned.",
    hint="How large can your loss become at most? Write log A2 in terms of the logits instead.",
    situation="ordinary shifted wide far",
    each={
        "floor": (
            *(10.0**-n for n in range(3, 17)), 1e-20, 1e-30, 1e-100, 1e-300,
            float(np.finfo(np.float64).eps), float(np.finfo(np.float64).tiny), float(np.finfo(np.float32).eps),
        )
    },
)  # fmt: skip
def logarithm_capped(z2: Array, y: Array, floor: float) -> Array:
    return -(y * np.log(softmax(z2) + floor)).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the hinge loss takes the place of the cross-entropy",
    latex=r"L = \sum_{i \ne t} \max(0, z_{2i} - z_{2t} + 1)",
    tempts="Both compare the true class's score with the others.",
    breaks="It is another loss: it falls no further once the true class leads by 1.",
    hint="Which loss does H05 define?",
    each={"form": ("others", "own class too")},
)
def hinge_loss(z2: Array, y: Array, form: str) -> Array:
    margins = np.maximum(0, z2 - (z2 * y).sum(axis=0) + 1)
    return margins.sum(axis=0, keepdims=True) - (form == "others")
