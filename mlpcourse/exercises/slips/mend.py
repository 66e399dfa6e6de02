"""Slips in mending the handout's lines (H05 to H21)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "mend_H05",
    "there is one class too many",
    latex=r"\sum_{i=0}^K",
    tempts="The handout writes it so in H05 and H10, and begins at 0 as code does.",
    breaks="0 to K is K + 1 classes, and A_20 does not exist.",
    hint="How many numbers are there from 0 to K?",
    handout="H05 H10",
)
def range_from_zero_to_K(K: int) -> list[int]:
    return list(range(K + 1))


@slip(
    "mend_H05",
    "the number of classes is right, but they are counted as in code",
    latex=r"\sum_{i=0}^{K-1}",
    tempts="Code counts from 0.",
    breaks="H04 counts from 1: one symbol would have two meanings on one page.",
    hint="What is the first j in the sum of H04?",
)
def range_as_in_code(K: int) -> list[int]:
    return list(range(K))


@slip(
    "mend_H05",
    "<which> is missing",
    latex=r"\sum_{i=1}^{K-1}",
    tempts="`range(1, K)` stops before K; and the sum sign names two numbers only.",
    breaks="The sum goes over every class. If one that is missing is the true one, the loss would be 0.",
    hint="Which classes are there for K = 4?",
    each={
        "which": {"the last class": lambda K: [*range(1, K)], "what lies between the two ends": lambda K: [1, K]},
    },
)
def range_too_short(K: int, which: Function) -> Any:
    return which(K)


@slip(
    "mend_H05",
    "the numbers are right, and stand in reverse order",
    latex=r"K, \dots, 1",
    tempts="For a sum the order does not matter.",
    breaks="The line of the handout counts upwards.",
    hint="Which number stands below the sum sign?",
)
def range_backwards(K: int) -> list[int]:
    return list(range(K, 0, -1))


@slip(
    "mend_H10",
    "the derivative beside the diagonal <which>",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = +A_{2k} A_{2i}, \quad i \ne k",
    tempts="The case i = k is looked at first, and the other one is made like it.",
    breaks="Raising one logit would raise every other probability.",
    hint="Raise one logit. Which way does another class's probability go?",
    each={
        "which": {
            "has the wrong sign": lambda A_k, A_i: A_k * A_i,
            "is A_2i (1 - A_2i), as on it": lambda A_k, A_i: A_i * (1 - A_i),
            "is A_2k (1 - A_2k), as on it": lambda A_k, A_i: A_k * (1 - A_k),
        },
    },
)
def H10_off_diagonal_positive(y: Array, A2: Array, i: int, which: Function) -> Any:
    others = sum(-y[k] / A2[k] * which(A2[k], A2[i]) for k in range(len(y)) if k != i)
    return -y[i] * (1 - A2[i]) + others


@slip(
    "mend_H11",
    "the difference above the line is 0",
    latex=r"-\frac{y_{ti}}{A_{2i}} \frac{A_{2i} \sum_j e^{z_{2j}} - e^{z_{2i}}}{\sum_j e^{z_{2j}}} = 0",
    tempts="It is the handout's line: the bracket round the difference is lost.",
    breaks="A_2i times the sum is e^z_2i, so nothing is left: no label would ever be learned.",
    hint="To which terms of the quotient rule's numerator does the factor e^z_2i belong?",
    handout="H11",
    constant=True,
)
def H11_lost_factor(y_i: float, A_i: float, e_i: float, S: float) -> Any:
    return -y_i / A_i * (A_i * S - e_i) / S


@slip(
    "mend_H11",
    "<what> is missing",
    latex=r"-\frac{y_{ti}}{A_{2i}} \frac{\sum_j e^{z_{2j}} - e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="The bracket is mended, and one of the factors around it is lost.",
    breaks="The quotient rule's square below the line splits into two fractions, and a part of one of them is gone.",
    hint="How many sums stand below the line in H17, and into which two fractions can it be split?",
    each={
        "what": {
            "the factor A_2i": lambda A_i, S: A_i * S,
            "one of the sums below the line": lambda A_i, S: 1,
        }
    },
)
def H11_factor_missing(y_i: float, A_i: float, e_i: float, S: float, what: Function) -> Any:
    return -y_i * (S - e_i) / what(A_i, S)


@slip(
    "mend_H11",
    "the derivative of the loss is missing in front",
    latex=r"\frac{A_{2i} (\sum_j e^{z_{2j}} - e^{z_{2i}})}{\sum_j e^{z_{2j}}}",
    tempts="Only the softmax's derivative is mended.",
    breaks="H11 is dL/dz2: the label must occur in it.",
    hint="What stands in front of the fraction in H10?",
    without="y_i",
)
def H11_softmax_only(A_i: float, e_i: float, S: float) -> Any:
    return A_i * (S - e_i) / S


@slip(
    "mend_H11",
    "dL/dA_2i alone came back, without the softmax's derivative",
    latex=r"-\frac{y_{ti}}{A_{2i}}",
    tempts="It is the first factor of the chain rule, and the part that H07 derives.",
    breaks="It is the slope by the probability, and not by the logit.",
    hint="By which letter is the loss differentiated here?",
)
def H11_softmax_missing(y_i: float, A_i: float) -> Any:
    return -y_i / A_i


@slip(
    "mend_H12",
    "the roles of the two classes are exchanged",
    latex=r"y_{ti} A_{2k}",
    tempts="It is the handout's line: i and k look alike.",
    breaks="Output k brings its own label. Summed over k, the handout's term makes every error 0.",
    hint="Which class's label stands in dL/dA_2k?",
    handout="H12 H13 H14",
)
def H12_swapped(y_i: float, A_k: float) -> Any:
    return y_i * A_k


@slip(
    "mend_H12",
    "both indices are those of <whom>",
    latex=r"y_{tk} A_{2k}",
    tempts="A letter that stands in one place is easily written in the other as well.",
    breaks="Output k brings its own label, and what reaches z_2i must depend on the class i.",
    hint="Which class's label stands in dL/dA_2k, and which factor of dA_2k/dz_2i is left when one cancels?",
    each={"whom": {"the output": 1, "the logit": 0}},
)
def H12_one_index(y_i: float, y_k: float, A_i: float, A_k: float, whom: int) -> Any:
    return y_k * A_k if whom else y_i * A_i


@slip(
    "mend_H12",
    "the product of both probabilities is left",
    latex=r"y_{tk} A_{2k} A_{2i}",
    tempts="It is the softmax's derivative; the 1/A_2k of the loss is forgotten.",
    breaks="Nothing cancels, and the sum over k does not simplify.",
    hint="What is dL/dA_2k, and what does it cancel?",
)
def H12_not_cancelled(y_k: float, A_i: float, A_k: float) -> Any:
    return y_k * A_k * A_i


@slip(
    "mend_H15",
    "the roles of the two classes are exchanged",
    latex=r"\sum_{k \ne i} y_{ti} A_{2k}",
    tempts="It follows from the handout's H12 and H14.",
    breaks="Added to A_2i y_i - y_i it gives 0 for every class: nothing would be learned.",
    hint="Which class's label does output k bring?",
    handout="H14 H15",
)
def H15_swapped(y: Array, A2: Array, i: int) -> Any:
    return y[i] * (A2.sum() - A2[i])


@slip(
    "mend_H15",
    "the sum runs over all k, the class i included",
    latex=r"\sum_{k} y_{tk} A_{2i}",
    tempts="A sum over all k is simpler to write.",
    breaks="The term k = i is counted twice: it stands in front already.",
    hint="Which k is already taken care of by A_2i y_i - y_i?",
)
def H15_own_class_too(y: Array, A2: Array, i: int) -> Any:
    return A2[i] * y.sum()


@slip(
    "mend_H15",
    "each output's own probability is added, not the logit's",
    latex=r"\sum_{k \ne i} y_{tk} A_{2k}",
    tempts="With k as the index of the sum, it is easily written in both places.",
    breaks="What reaches z_2i must depend on the class i.",
    hint="Which factor comes out of the sum because it does not depend on k?",
)
def H15_both_k(y: Array, A2: Array, i: int) -> Any:
    return (y * A2).sum() - y[i] * A2[i]


@slip(
    "mend_H15",
    "it is the whole of dL/dz_2i, not the missing term alone",
    latex=r"A_{2i} - y_{ti}",
    tempts="It is the result that H15 ends with.",
    breaks="A_2i y_i - y_i is there already and would be counted twice.",
    hint="What is left when A_2i y_i - y_i is taken off?",
)
def H15_whole_result(y: Array, A2: Array, i: int) -> Any:
    return A2[i] - y[i]


@slip(
    "mend_H15",
    "of the classes other than i, only <which> counted",
    latex=r"y_{tk} A_{2i} \text{ for one } k",
    tempts="The handout's line has the second case once; and in a loop, `return` and `=` keep one pass alone.",
    breaks="Every class other than i falls under the second case, and which of them is the true one varies.",
    hint="How many k fall under the second case, and which of them does your line go through?",
    handout="H15",
    each={
        "which": {
            "the next one is": lambda y, A2, i: A2[i] * y[(i + 1) % len(y)],
            "the one before is": lambda y, A2, i: A2[i] * y[i - 1],
            "the next one, with the roles exchanged, is": lambda y, A2, i: A2[(i + 1) % len(y)] * y[i],
            "the one before, with the roles exchanged, is": lambda y, A2, i: A2[i - 1] * y[i],
            "those before i are": lambda y, A2, i: A2[i] * y[:i].sum(),
            "those after i are": lambda y, A2, i: A2[i] * y[i + 1 :].sum(),
            "the first is": lambda y, A2, i: A2[i] * np.delete(y, i)[0],
            "the last is": lambda y, A2, i: A2[i] * np.delete(y, i)[-1],
        }
    },
)  # fmt: skip
def H15_some_classes(y: Array, A2: Array, i: int, which: Function) -> Any:
    return which(y, A2, i)


@slip(
    "mend_H16",
    "output and logit are taken for the same",
    latex=r"A_{2i} (1 - A_{2i})",
    tempts="It is the first case of H16, which has one letter for both.",
    breaks="It is right on the diagonal alone: the other outputs answer to the logit too.",
    hint="What does your function return for k = 1 and i = 2?",
    handout="H16",
)
def H16_one_index(A2: Array, i: int) -> Any:
    return A2[i] * (1 - A2[i])


@slip(
    "mend_H18",
    "the term of the output is kept, not that of the logit",
    latex=r"\frac{\partial}{\partial z_{2i}} \sum_j e^{z_{2j}} = e^{z_{2k}}",
    tempts="It is the handout's line: k stands in the numerator just before.",
    breaks="e^z_2k does not depend on z_2i at all, unless k = i.",
    hint="Which single term of the sum moves when z_2i moves?",
    handout="H18",
)
def H18_wrong_exponent(z2: Array, k: int) -> Any:
    return np.exp(z2[k])


@slip(
    "mend_H18",
    "<what> kept",
    latex=r"\frac{\partial}{\partial z_{2i}} \sum_j e^{z_{2j}} = \sum_j e^{z_{2j}}",
    tempts="The exponential is its own derivative, so the sum seems to be so too; or the wrong part is taken away.",
    breaks="The terms without z_2i are constant: their derivative is 0.",
    hint="Which single term of the sum moves when z_2i moves?",
    each={"what": {"the whole sum is": 0, "the terms that do not move are": 1}},
)
def H18_constant_terms(z2: Array, i: int, what: int) -> Any:
    return np.exp(z2).sum() - what * np.exp(z2[i])


@slip(
    "mend_H18",
    "the power rule is applied to an exponential",
    latex=r"z_{2i} e^{z_{2i} - 1}",
    tempts="x^n has the derivative n x^(n-1).",
    breaks="Here the variable is in the exponent, not in the base.",
    hint="What is the derivative of e^x?",
)
def H18_power_rule(z2: Array, i: int) -> Any:
    return z2[i] * np.exp(z2[i] - 1)


@slip(
    "mend_H19",
    "the sum below the line is squared",
    latex=r"\frac{e^{z_{2i}}}{\left( \sum_j e^{z_{2j}} \right)^2}",
    tempts="It is the handout's line: the square comes from the quotient rule just before.",
    breaks="These would not sum to 1, and they would change with a common shift of the logits.",
    hint="What do all A_2i together sum to?",
    handout="H19",
)
def H19_stray_square(e_i: float, S: float) -> Any:
    return e_i / S**2


@slip(
    "mend_H19",
    "the fraction is upside down",
    latex=r"\frac{\sum_j e^{z_{2j}}}{e^{z_{2i}}}",
    tempts="Both parts are there.",
    breaks="A probability cannot exceed 1.",
    hint="Which of the two is larger?",
)
def H19_upside_down(e_i: float, S: float) -> Any:
    return S / e_i


@slip(
    "mend_H20",
    "a label's entry is compared with a class number",
    latex=r"I(y_{ti} = k)",
    tempts="It is the handout's line: y is called a label, and so is t.",
    breaks="y_i is 0 or 1. Compared with a class number it says something only by accident.",
    hint="What are the only values y_i can have? And t?",
    handout="H13 H14 H20",
)
def H20_entry_for_class(t: int, i: int) -> int:
    return int(int(t == i) == i)


@slip(
    "mend_H20",
    "the indicator is turned round",
    latex=r"I(t \ne i)",
    tempts="A comparison written the other way round.",
    breaks="Every class is marked but the true one.",
    hint="How many ones does a label hold?",
)
def H20_turned_round(t: int, i: int) -> int:
    return int(t != i)


@slip(
    "mend_H20",
    "the class number stands where a 1 belongs",
    latex=r"t \, I(t = i)",
    tempts="The class number is at hand, and it is written where that class is meant.",
    breaks="A label's entries are 0 and 1; class 2 is not twice class 1.",
    hint="What are the only values y_i can have?",
)
def H20_class_number(t: int, i: int) -> int:
    return t if t == i else 0


@slip(
    "mend_H20",
    "the label t is taken for a yes or a no, as if it were an entry of y",
    latex=r"I(t = 1)",
    tempts="A one-hot label holds a 1, and t is called a label too.",
    breaks="t is a class number: which of the classes it means is lost.",
    hint="Which values can t have, and which can y_i have?",
    each={"gives": ("one", "class", "truth", "number")},
)
def H20_label_for_entry(t: int, i: int, gives: str) -> int:
    return {"one": int(t == 1), "class": i * (t == 1), "truth": int(bool(t)), "number": i * bool(t)}[gives]


@slip(
    "mend_H24",
    "the gate's factor is left out",
    latex=r"\left( \sum_k \frac{\partial L}{\partial z_{2k}} \frac{\partial z_{2k}}{\partial A_{1j}} \right) X_d",
    tempts="H30 has none.",
    breaks="Units with a closed gate get a gradient, though they do not move the loss.",
    hint="Which of the four factors is missing in your product?",
    handout="H30",
    without="dA1_dz1",
)
def H24_gate_left_out(dL_dz2: Array, dz2_dA1: Array, X: Array) -> Array:
    return (dz2_dA1.T @ dL_dz2) @ X.T


@slip(
    "mend_H24",
    "the errors and the weights are added up apart",
    latex=r"\left( \sum_k \frac{\partial L}{\partial z_{2k}} \right) \left( \sum_k w_{2,kj} \right)",
    tempts="Both have an index k to get rid of.",
    breaks="A sum of products is not the product of the sums.",
    hint="Which error belongs to which weight?",
)
def H24_sums_apart(dL_dz2: Array, dz2_dA1: Array, dA1_dz1: Array, X: Array) -> Array:
    return (dL_dz2.sum() * dz2_dA1.sum(axis=0, keepdims=True).T * dA1_dz1) @ X.T


@slip(
    "mend_H24",
    "only one class is followed back",
    latex=r"\frac{\partial L}{\partial z_{2i}} \frac{\partial z_{2i}}{\partial A_{1j}}",
    tempts="H24 has one letter for the class, and no sum.",
    breaks="A hidden unit reaches the loss through every class.",
    hint="Through how many logits does one hidden unit reach the loss?",
    handout="H24 H26 H32",
    each={"k": (0, 1, -1)},
)
def H24_one_path(dL_dz2: Array, dz2_dA1: Array, dA1_dz1: Array, X: Array, k: int) -> Array:
    return (dz2_dA1[k][:, None] * dL_dz2[k] * dA1_dz1) @ X.T
