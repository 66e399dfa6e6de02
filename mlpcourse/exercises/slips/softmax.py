"""Slips in A2 = softmax(z2) (H04)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, softmax
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "A2",
    "the softmax is skipped: the logits stand where probabilities belong",
    latex=r"A_2 = z_2",
    tempts="z2 has the right shape, and its largest entry marks the same class.",
    breaks="Logits need not sum to 1, and they can be negative: then their logarithm does not even exist.",
    hint="Which properties does a column of probabilities have, and does yours?",
)
def softmax_skipped(z2: Array) -> Array:
    return z2


@slip(
    "A2",
    "the softmax's sum runs over the examples, not over the classes",
    latex=r"A_{2,in} = \frac{e^{z_{2,in}}}{\sum_{q=1}^N e^{z_{2,iq}}}",
    tempts="An axis is easily mistaken: `axis=0` runs down a column, `axis=1` along a row.",
    breaks="A column no longer sums to 1, and an example's probabilities depend on the other examples.",
    hint="Columns are examples. Add up one column of your result: what should come out?",
    batch=True,
    each={"form": ("keepdims", "no keepdims", "shifted down each column")},
)
def softmax_over_examples(z2: Array, form: str) -> Array:
    exps = np.exp(z2 - (z2.max(axis=0) if form.startswith("shifted") else z2.max()))
    return exps / exps.sum(axis=1, keepdims=form != "no keepdims")


@slip(
    "A2",
    "negative logits are cut off before the softmax",
    latex=r"A_2 = \text{softmax}(\max(z_2, 0))",
    tempts="ReLU stood between the layers, so it is put here as well.",
    breaks="All negative logits become equal, and the network cannot tell those classes apart.",
    hint="Is there anything wrong with a negative logit?",
)
def negative_logits_cut(z2: Array) -> Array:
    return softmax(np.maximum(z2, 0))


@slip(
    "A2",
    "the sum runs over the whole array, not over each column",
    latex=r"A_{2,in} = \frac{e^{z_{2,in}}}{\sum_{j=1}^K \sum_{q=1}^N e^{z_{2,jq}}}",
    tempts="For one example `sum()` without an axis is right.",
    breaks="All entries together sum to 1, so each example gets only a share of its probability.",
    hint="Add up one column of your result: what should come out?",
    batch=True,
    each={"shift": ("all", "column", "row")},
)
def softmax_over_everything(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - top_for_shift(z2, shift))
    return exps / exps.sum()


@slip(
    "A2",
    "the exponentials are not divided by their sum",
    latex=r"A_{2i} = e^{z_{2i}}",
    tempts="The exponential is the striking half of the formula.",
    breaks="The entries are positive, but they do not sum to 1.",
    hint="Add up one column of your result: what should come out?",
    each={"shift": ("none", "column", "all")},
)
def softmax_not_normalised(z2: Array, shift: str) -> Array:
    return np.exp(z2 - top_for_shift(z2, shift))


def top_for_shift(z2: Array, shift: str) -> Any:
    return {"none": 0.0, "column": z2.max(axis=0), "row": z2.max(axis=1, keepdims=True), "all": z2.max()}[shift]


def _shares(numbers: Array) -> Any:
    return numbers / numbers.sum(axis=0)


@slip(
    "A2",
    "the exponential is missing <where>",
    latex=r"A_{2i} = \frac{z_{2i}}{\sum_j z_{2j}}",
    tempts="Shares are usually computed without one; or it is written above the line and forgotten below it.",
    breaks="A share may be negative, or the lowest logit may get the largest share.",
    hint="What stands above the line of H04, and what in the sum below it?",
    each={
        "where": {
            "above and below the line": _shares,
            "above and below the line, and absolute values are summed": lambda z2: z2 / np.abs(z2).sum(axis=0),
            "above and below the line, after the largest logit was taken off": lambda z2: _shares(z2 - z2.max(axis=0)),
            "above and below the line, where absolute values stand": lambda z2: _shares(np.abs(z2)),
            "below the line": lambda z2: np.exp(z2) / z2.sum(axis=0),
        }
    },
)  # fmt: skip
def softmax_without_exp(z2: Array, where: Function) -> Any:
    return where(z2)


@slip(
    "A2",
    "the division is done in the exponent: <how>",
    latex=r"A_{2i} = e^{z_{2i} / \sum_j z_{2j}}",
    tempts="Exponential and division are both there; their order, or the logarithm in an exponent, is easily lost.",
    breaks="A column does not sum to 1.",
    hint="Which comes first in H04, the exponential or the division? And of which number is the sum the exponential?",
    each={
        "how": {
            "each logit is divided by the sum of the logits": lambda z2: z2 / z2.sum(axis=0),
            "the sum of exponentials is taken off, not its logarithm": lambda z2: z2 - np.exp(z2).sum(axis=0),
        }
    },
)
def sum_in_the_exponent(z2: Array, how: Function) -> Any:
    return np.exp(how(z2))


@slip(
    "A2",
    "the exponent has the wrong sign",
    latex=r"A_{2i} = \frac{e^{-z_{2i}}}{\sum_j e^{-z_{2j}}}",
    tempts="The sigmoid has a minus sign in its exponent.",
    breaks="The largest logit gets the smallest probability.",
    hint="Which class of a column should be the most probable one?",
)
def softmax_of_minus(z2: Array) -> Array:
    return softmax(-z2)


@slip(
    "A2",
    "another base takes the place of e",
    latex=r"A_{2i} = \frac{b^{z_{2i}}}{\sum_j b^{z_{2j}}}",
    tempts="Powers of 2 or 10 normalise to 1 just as well.",
    breaks="The derivative of b^z brings a factor log b, and nothing cancels as in the handout.",
    hint="What is the derivative of your numerator?",
    each={"base": (2.0, 10.0)},
)
def softmax_other_base(z2: Array, base: float) -> Array:
    return softmax(z2 * np.log(base))


@slip(
    "A2",
    "the logarithm of the softmax is returned",
    latex=r"\log A_{2i} = z_{2i} - \log \sum_j e^{z_{2j}}",
    tempts="The stable recipes are written for the logarithm, since the loss needs it.",
    breaks="Logarithms of probabilities are negative and do not sum to 1.",
    hint="Can a probability be negative?",
)
def log_softmax_for_softmax(z2: Array) -> Array:
    return np.log(softmax(z2))


@slip(
    "A2",
    "the sigmoid takes the place of the softmax",
    latex=r"A_{2i} = \frac{1}{1 + e^{-z_{2i}}}",
    tempts="For two classes the two are close relatives.",
    breaks="Each class is judged alone: a column need not sum to 1.",
    hint="Change one logit. Which other probabilities of its column should move?",
)
def sigmoid_for_softmax(z2: Array) -> Array:
    return 1 / (1 + np.exp(-z2))


@slip(
    "A2",
    "the logits are scaled without an exponential",
    latex=r"A_{2i} = \frac{z_{2i} - \min_j z_{2j}}{\max_j z_{2j} - \min_j z_{2j}}",
    tempts="Inputs are often brought to a common scale in such a way.",
    breaks="A column does not sum to 1, or a negative logit counts like a positive one.",
    hint="What does H04 do to each logit before it divides?",
    each={"form": ("range", "range of all", "standard", "length", "squares", "largest")},
)
def scaled_without_exponential(z2: Array, form: str) -> Array:
    if form == "range of all":
        return (z2 - z2.min()) / np.ptp(z2)
    if form == "squares":
        return z2**2 / (z2**2).sum(axis=0)
    shift = {"range": z2.min(axis=0), "standard": z2.mean(axis=0)}.get(form, 0.0)
    scale = {"range": np.ptp(z2, axis=0), "standard": z2.std(axis=0), "largest": z2.max(axis=0)}
    return (z2 - shift) / scale.get(form, np.sqrt((z2 * z2).sum(axis=0)))


@slip(
    "A2",
    "it is the sigmoid, and its bracket is lost",
    latex=r"A_{2i} = \frac{1}{1} + e^{-z_{2i}}",
    tempts="`1 / 1 + np.exp(-z)` looks like the sigmoid.",
    breaks="Python divides before it adds: all entries exceed 1.",
    hint="What is `1 / 1 + 2` in Python? And is the sigmoid what H04 asks for?",
)
def sigmoid_without_bracket(z2: Array) -> Array:
    return 1 + np.exp(-z2)


@slip(
    "A2",
    "all that comes out is which logit is the largest",
    latex=r"A_{2i} = I(i = \text{argmax}_j z_{2j})",
    tempts="The name says maximum.",
    breaks="A small change of a logit changes nothing: the derivative is 0, and nothing could be learned through it.",
    hint="Change the largest logit a little. Should what comes out stay exactly the same?",
    each={"index": (False, True)},
)
def hardmax(z2: Array, index: bool) -> Array:
    return z2.argmax(axis=0) if index else (z2 == z2.max(axis=0)) * 1.0


@slip(
    "A2",
    "1 minus the probability stands where the probability belongs",
    latex=r"1 - A_{2i}",
    tempts="The probability of not being of that class is a probability too.",
    breaks="The likeliest class gets the lowest number, and a column sums to K - 1.",
    hint="Which entry of a column should be the largest one?",
)
def one_minus_softmax(z2: Array) -> Array:
    return 1 - softmax(z2)


@slip(
    "A2",
    "it is the derivative of an activation, not the activation",
    latex=r"A_{2i} (1 - A_{2i})",
    tempts="Value and derivative of the softmax are used side by side in the handout.",
    breaks="A column no longer sums to 1.",
    hint="Add up one column of your result: what should come out?",
)
def derivative_for_softmax(z2: Array) -> Array:
    A2 = softmax(z2)
    return A2 * (1 - A2)


@slip(
    "A2",
    "the class's own term is left out of the sum",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_{j \ne i} e^{z_{2j}}}",
    tempts="`i` above and `j` below look as if j had to be another class.",
    breaks="That is the odds, not the probability: it can exceed 1.",
    hint="Over which j does the sum of H04 run?",
)
def own_term_left_out(z2: Array) -> Array:
    exps = np.exp(z2)
    return exps / (exps.sum(axis=0) - exps)


@slip(
    "A2",
    "the sum has one term too many: an e^0 for a class 0",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}}",
    tempts="A count from 0 to K looks like a count from 1 to K.",
    breaks="0..K is K + 1 classes, so the K probabilities no longer sum to 1.",
    hint="Add up one column of your result: what should come out?",
    handout="H04 H05 H10",
    each={"shift": ("none", "column", "all")},
)
def one_class_too_many(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - top_for_shift(z2, shift))
    return exps / (1 + exps.sum(axis=0))


@slip(
    "A2",
    "the sum has one term too many: the last class is counted twice",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{e^{z_{2K}} + \sum_{j=1}^K e^{z_{2j}}}",
    tempts="A count from 0 to K looks like one from 1 to K; index -1 is no error in Python, but the last one.",
    breaks="0..K is K + 1 classes, so the K probabilities no longer sum to 1.",
    hint="Which index does your loop use first, and which entry of an array is that in Python?",
    handout="H04 H05 H10",
)
def last_class_counted_twice(z2: Array) -> Array:
    exps = np.exp(z2)
    return exps / (exps.sum(axis=0) + exps[-1])


@slip(
    "A2",
    "the sum misses a class at one end",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_{j=2}^{K} e^{z_{2j}}}",
    tempts="Classes are counted 1 to K in formulas and 0 to K - 1 in code; `range(1, K)` has K - 1 numbers.",
    breaks="A column sums to more than 1.",
    hint="Which numbers does your loop or slice go through, and how many are they?",
    each={"drop": (0, -1)},
)
def one_class_too_few(z2: Array, drop: int) -> Array:
    exps = np.exp(z2 - z2.max(axis=0))
    return exps / np.delete(exps, drop, axis=0).sum(axis=0)


@slip(
    "A2",
    "the maximum is taken off on one side of the line only",
    latex=r"A_{2i} = \frac{e^{z_{2i} - \max_j z_{2j}}}{\sum_j e^{z_{2j}}}",
    tempts="The shift is put in where the overflow was seen first.",
    breaks="The factor e^-max no longer cancels: a column does not sum to 1.",
    hint="What must happen above and below the line for a common factor to cancel?",
    each={"form": ("above column", "above all", "below column", "below all")},
)
def shift_on_one_side(z2: Array, form: str) -> Array:
    side, shift = form.split()
    plain, shifted = np.exp(z2), np.exp(z2 - top_for_shift(z2, shift))
    return shifted / plain.sum(axis=0) if side == "above" else plain / shifted.sum(axis=0)


@slip(
    "A2",
    "each class is shifted by its own maximum over the examples",
    latex=r"A_{2,in} = \frac{e^{z_{2,in} - \max_q z_{2,iq}}}{\sum_j e^{z_{2,jn} - \max_q z_{2,jq}}}",
    tempts="An axis is easily mistaken: the maximum along a row is that of one class over all examples.",
    breaks="The shift differs from class to class, so it does not cancel within a column.",
    hint="Which numbers must be shifted by the same amount for the softmax not to notice?",
    batch=True,
)
def shift_per_class(z2: Array) -> Array:
    return softmax(z2 - z2.max(axis=1, keepdims=True))


@slip(
    "A2",
    "the column is scaled to length 1, not to sum 1",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sqrt{\sum_j e^{2 z_{2j}}}}",
    tempts="To normalise a vector often means to divide by its length.",
    breaks="Probabilities must sum to 1; these sum to more.",
    hint="Add up one column of your result: what should come out?",
)
def scaled_to_length_one(z2: Array) -> Array:
    exps = np.exp(z2)
    return exps / np.sqrt((exps * exps).sum(axis=0))


@slip(
    "A2",
    "the exponentials overflow",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="On small logits it is right.",
    breaks="e^z is infinite in float64 from z = 710 on and 0 below z = -745: infinity over infinity, or 0/0.",
    hint="Which number could you take off all logits of a column without changing the result?",
    situation="shifted",
    each={"floor": (0.0, 1e-8, 1e-9, 1e-12, 1e-15, 1e-10, 1e-7)},
)
def exp_overflows(z2: Array, floor: float) -> Array:
    exps = np.exp(z2)
    return exps / (exps.sum(axis=0) + floor)


@slip(
    "A2",
    "the logits are shifted by too small a number, such as their smallest or their mean",
    latex=r"A_{2i} = \frac{e^{z_{2i} - c}}{\sum_j e^{z_{2j} - c}}",
    tempts="The softmax does not see any common shift, so one looks as good as another.",
    breaks="If the logits of a column lie far apart, the largest exponential still overflows.",
    hint="After the shift, which exponent must not be large: that of the smallest logit or that of the largest?",
    situation="wide",
    each={"by": ("minimum", "mean", "median")},
)
def shift_too_small(z2: Array, by: str) -> Array:
    shift = {"minimum": z2.min(axis=0), "mean": z2.mean(axis=0), "median": np.median(z2, axis=0)}[by]
    exps = np.exp(z2 - shift)
    return exps / exps.sum(axis=0)


@slip(
    "A2",
    "the logits are clipped",
    latex=r"A_2 = \text{softmax}(\text{clip}(z_2, -c, c))",
    tempts="Clipping does stop the overflow.",
    breaks="Two large logits become equal, and so do their probabilities, although one should win clearly.",
    hint="Take the logits 1000 and 1001. Which probabilities should come out, and which do?",
    situation="shifted",
)
def logits_clipped(z2: Array) -> Array:
    return softmax(np.clip(z2, -500, 500))


@slip(
    "A2",
    "one maximum is taken off for the whole batch",
    latex=r"A_{2,in} = \frac{e^{z_{2,in} - \max_{jq} z_{2,jq}}}{\sum_j e^{z_{2,jn} - \max_{jq} z_{2,jq}}}",
    tempts="`max()` without an axis is shorter, and on ordinary logits nothing shows.",
    breaks="An example whose logits all lie far below the batch's largest gets 0/0.",
    hint="Which maximum guarantees that every column keeps at least one exponential equal to 1?",
    situation="apart",
)
def shift_by_batch_maximum(z2: Array) -> Array:
    exps = np.exp(z2 - z2.max())
    return exps / exps.sum(axis=0)
