"""The exercises that are not code: numbers, shapes, orders, slips to spot; and the handout's lines to be mended."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse import slips, solutions
from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.numbers import NumberExercise, matrices
from mlpcourse.exercises.order import OrderExercise
from mlpcourse.exercises.shapes import ShapeExercise
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]
Rng = np.random.Generator

# --- numbers by hand --------------------------------------------------------------------------------


def _small_integers(rng: Rng, *shape: int) -> Array:
    """Whole numbers from -2 to 2, none of them 0."""
    return rng.choice([-2.0, -1.0, 1.0, 2.0], shape)


def _draw_layers(rng: Rng) -> Case:
    """One gate open and one closed, and nothing by which a frequent slip would go unseen."""
    while True:
        w1, b1, X = _small_integers(rng, 2, 2), _small_integers(rng, 2, 1), _small_integers(rng, 2, 1)
        case = {"w1": w1, "b1": b1, "X": X, "w2": _small_integers(rng, 3, 2), "b2": _small_integers(rng, 3, 1)}
        z1, z2 = slips.evaluate(["z1", "z2"], case)
        gates = (z1 > 0).sum() == 1 and (z1 != 0).all() and z1.max() > 1
        if gates and (w1 @ X != w1.T @ X).any() and (z2 < 0).any():
            return case


_EASY = [(1, 2, 5), (1, 3, 4), (2, 3, 5), (1, 4, 5), (1, 1, 2), (2, 2, 4), (1, 3, 6), (1, 2, 2), (3, 5, 2), (1, 6, 1)]


def _easy_logits(rng: Rng, N: int) -> Array:
    """Logits whose exponentials are small whole numbers, with sums that divide well."""
    columns = [rng.permutation(_EASY[place]) for place in rng.choice(len(_EASY), N, replace=False)]
    return np.log(np.array(columns, dtype=float).T)


def _draw_logits(rng: Rng) -> Case:
    while True:
        z2 = _easy_logits(rng, 1)
        if len(np.unique(z2.round(6))) == 3:
            return {"z2": z2}


def _draw_surprise(rng: Rng) -> Case:
    z2 = _easy_logits(rng, 2)
    labels = rng.permutation(3)[:2]
    return {"z2": z2, "y": np.eye(3)[:, labels]}


def _draw_prediction(rng: Rng) -> Case:
    while True:
        tenths = rng.multinomial(20, [1 / 3] * 3)
        label = int(rng.integers(3))
        if tenths.min() >= 2 and len(set(tenths)) == 3 and tenths.argmax() != label:
            return {"A2": tenths[:, None] / 20, "y": np.eye(3)[:, [label]]}


def _draw_gates(rng: Rng) -> Case:
    """In some order: two units open, below 1 and above it, and two closed so far that the mean of all is negative.

    The signal is positive, negative, positive and negative, so that each mistake about gates gives other numbers.
    """
    z1 = np.array([rng.integers(1, 10), rng.integers(11, 20), *-rng.integers(15, 21, 2)]) / 10
    dA1 = np.array([1, -1, 1, -1]) * rng.choice(np.arange(3, 21), 4, replace=False) / 10
    order = rng.permutation(4)
    return {"dA1": dA1[order, None], "z1": z1[order, None]}


def _draw_errors(rng: Rng) -> Case:
    h = 0.1
    error_forward, error_central = rng.choice([0.2, 0.3, 0.4, 0.5, 0.6]), rng.choice([0.7, 0.8, 0.9])
    return {"error_forward": float(error_forward), "error_central": float(error_central), "h": h, "h_new": h / 2}


def _draw_update(rng: Rng) -> Case:
    w2, dw2 = (rng.integers(-15, 16, (2, 2)) / 10 for _ in range(2))
    rate = float(rng.choice([0.2, 0.4, 0.6]))
    if (w2 * dw2 == 0).any() or len(np.unique(dw2)) < 4:
        return _draw_update(rng)
    return {"w2": w2, "dw2": dw2, "learning_rate": rate}


def _exponentials(z2: Array) -> str:
    columns = [", ".join(f"{number:.0f}" for number in np.exp(column)) for column in z2.T]
    return " and ".join(columns)


def _logits_text(case: Case) -> str:
    z2 = case["z2"].round(3)
    return f"{matrices({'z2': z2}, ['z2'])}. The exponentials are easy: {_exponentials(case['z2'])}."


def _surprise_text(case: Case) -> str:
    return f"{_logits_text(case)}\n\n{matrices(case, ['y'])}, two examples side by side."


def _errors_text(case: Case) -> str:
    return (
        f"With the step h = {case['h']:g}, the forward difference is off by {case['error_forward']:g} and the central "
        f"difference by {case['error_central']:g}. Now the step is {case['h_new']:g}. (Rounding does not matter yet.)"
    )


_BY_HAND: list[Exercise] = [
    NumberExercise(
        "logits_by_hand", 1, "Compute the forward pass up to the logits, by hand.",
        (
            "Which two lines of the handout come before z2, and what does ReLU do between them?",
            "H01 to H03: z1 = w1 X + b1, A1 = ReLU(z1), z2 = w2 A1 + b2. Row times column, then the bias.",
            "z1, first number:  ____ * ____ + ____ * ____ + ____\nA1:  each number of z1, or ____\n"
            "z2, first number:  ____ * ____ + ____ * ____ + ____",
        ),
        "z2", result="z2", asked="What is z2? Answer with its 3 numbers.", draw=_draw_layers,
        shown=lambda case: matrices(case, ["w1", "b1", "X"]) + ",\n\n" + matrices(case, ["w2", "b2"]),
    ),
    NumberExercise(
        "softmax_by_hand", 2, "Turn these logits into probabilities, by hand.",
        (
            "What must the three numbers sum to?",
            "H04: A_2i = e^z_2i / sum over j of e^z_2j.",
            "the sum:  ____ + ____ + ____\nA2:  ____ / sum,  ____ / sum,  ____ / sum",
        ),
        "A2", result="A2", asked="What is A2? Answer with its 3 numbers.", draw=_draw_logits, shown=_logits_text,
    ),
    NumberExercise(
        "surprise_by_hand", 3, "How large is the loss of each of these two examples?",
        (
            "Which of the three probabilities of an example matters for its loss?",
            "H05 with a one-hot y: L = -log A_2t, where t is the true class. The logarithm is the natural one.",
            "A2 of the true class:  e^z_t / sum\nL:  -log(____)",
        ),
        "true_class_loss", result="L", asked="What are the two losses? Answer with 2 numbers.",
        draw=_draw_surprise, shown=_surprise_text,
    ),
    NumberExercise(
        "output_delta_by_hand", 5, "The network has made a prediction. How does the loss change with each logit?",
        (
            "For which of the classes should the logit rise, and for which should it fall?",
            "H15: dL/dz_2i = A_2i - y_ti.",
            "each number:  A2 - ____",
        ),
        "output_delta", result="delta2", asked="What is delta2 = dL/dz2? Answer with its 3 numbers.",
        draw=_draw_prediction, shown=lambda case: matrices(case, ["A2", "y"]),
    ),
    NumberExercise(
        "gate_by_hand", 7, "A signal comes back to four hidden units. What comes through their gates?",
        (
            "Which of the four units could have moved the loss at all?",
            "H28: dL/dz_1 = dL/dA_1 where z_1 >= 0, and 0 where z_1 < 0.",
            "each number:  dL/dA1 if z1 >= 0, else ____",
        ),
        "hidden_delta", result="delta1", asked="What is delta1 = dL/dz1? Answer with its 4 numbers.",
        draw=_draw_gates, shown=lambda case: matrices(case, ["dA1", "z1"]),
    ),
    NumberExercise(
        "step_size_by_hand", 9, "How good is a difference when its step is halved?",
        (
            "Which power of h is left in the error of each of the two differences?",
            "By Taylor's formula the forward difference is off by about h/2 f'', the central difference by h^2/6 f'''.",
            "forward:  error * (h_new / h)**____\ncentral:  error * (h_new / h)**____",
        ),
        result="errors", asked="How large are the two errors now? Answer with 2 numbers: forward, central.",
        draw=_draw_errors, shown=_errors_text, at_least=1,
    ),
    NumberExercise(
        "update_by_hand", 10, "Take one step of gradient descent, by hand.",
        (
            "Which way should a weight go when its gradient is positive?",
            "new = old - learning_rate * gradient, entry by entry.",
            "each number:  ____ - ____ * ____",
        ),
        result="w2_new", asked="What is the new w2? Answer with its 4 numbers, row by row.", draw=_draw_update,
        shown=lambda case: f"{matrices(case, ['w2', 'dw2'])}, learning rate {case['learning_rate']:g}.",
    ),
]  # fmt: skip

# --- shapes -----------------------------------------------------------------------------------------

_SHAPES: list[Exercise] = [
    ShapeExercise(
        "shape_of_X", 0, "Which shape has X?",
        (
            "What stands in one column of X, and how many columns are there?",
            "Columns are examples: X is (D, N), with one row for each input.",
            "(number of ____, number of ____)",
        ),
        nodes=("X",), labels=("X",), sizes=(2, 4, 3, 5),
    ),
    ShapeExercise(
        "forward_shapes", 1, "Which shapes have z1, A1, z2 and A2? Answer with four shapes, in this order.",
        (
            "What stands in one column, and how many columns are there?",
            "H01 and H03: w1 is (H, D) and X is (D, N); w2 is (K, H). A product (a, b) times (b, c) is (a, c).",
            "z1: (____, N), A1: the same, z2: (____, ____), A2: the same",
        ),
        nodes=("z1", "A1", "z2", "A2"), labels=("z1", "A1", "z2", "A2"), sizes=(4, 5, 3, 6),
    ),
    ShapeExercise(
        "shape_of_grad_w2", 6, "Which shape has dL/dw2?",
        (
            "How many weights are there in w2, and how many derivatives are asked for?",
            "There is one derivative dL/dw_2,kj for each weight, so the gradient has the shape of w2.",
            "w2 takes H numbers and makes K: (____, ____)",
        ),
        "grad_w2", nodes=("dw2",), labels=("dL/dw2",),
    ),
    ShapeExercise(
        "batch_shapes", 9, "Which shapes have A2, delta2, dL/dw2 and dL/db2? Answer with four shapes, in this order.",
        (
            "Which of the four have one column for each example, and which belong to a parameter?",
            "delta2 is dL/dz2, one derivative for each logit of each example. A gradient has its parameter's shape.",
            "A2: (____, N), delta2: the same, dL/dw2: (____, ____), dL/db2: (____, ____)",
        ),
        nodes=("A2", "delta2", "dw2", "db2"), labels=("A2", "delta2", "dL/dw2", "dL/db2"), sizes=(2, 4, 3, 5),
    ),
]  # fmt: skip

# --- lines to be put in order -------------------------------------------------------------------------

_ORDERS: list[Exercise] = [
    OrderExercise(
        "order_softmax_jacobian", 4, "Put these lines of the softmax's derivative in order.",
        (
            "What is the first thing to do with the derivative of a fraction?",
            "`show('softmax_jacobian')` has them all, with the reason beside each line.",
            "definition of A_2k, then the quotient rule, then ____, then ____, and the deltas last",
        ),
        "softmax_jacobian", lines=(1, 2, 3, 4, 7, 9, 10),
    ),
    OrderExercise(
        "order_output_delta", 5, "Put these lines, from the chain rule to the output error, in order.",
        (
            "Which line says through which paths a logit reaches the loss?",
            "`show('output_delta')` has them all, with the reason beside each line.",
            "chain rule, then the loss's derivative, then the softmax's, then cancel, then ____, then ____",
        ),
        "output_delta", lines=(1, 3, 6, 7, 8, 10, 12, 13),
    ),
    OrderExercise(
        "order_grad_w1", 8, "Put these lines, from the chain rule to dL/dw1, in order.",
        (
            "Through which values does a weight of the first layer reach the loss, one after the other?",
            "`show('grad_w1')` has them all, with the reason beside each line.",
            "over every logit, then over every hidden unit, then ____, then the deltas pick ____",
        ),
        "grad_w1", lines=(1, 2, 4, 5, 6, 8, 9),
    ),
]  # fmt: skip

# --- the handout's lines to be mended -----------------------------------------------------------------


def _mend(
    equation: str,
    task: str,
    hints: tuple[str, str, str],
    see: str,
    draw: Callable[[Rng], list[Group]],
    result: str = "",
) -> CodeExercise:
    name = f"mend_{equation}"
    reference = getattr(solutions, name)
    letters = ", ".join(inspect.signature(reference).parameters)
    how = (
        f"Write it as a function `{name}({letters})` and check it: `check({name})`; or as a formula in these letters, "
        f'in quotes: `check("{name}", "...")`.'
    )
    first = (inspect.getdoc(reference) or "").split("\n")[0]
    return CodeExercise(
        name=name, lesson=11, task=f"{task}\n\n{how}\n\nIt returns: {first}", hints=hints, see=see, reference=reference,
        results=(result or name,), labels=("the result",), draw=draw, formula=True,
    )  # fmt: skip


def _probabilities(rng: Rng, K: int) -> tuple[Array, Array]:
    """Logits and probabilities of K classes, as plain rows of numbers."""
    z2 = rng.normal(0, 1, K)
    return z2, np.exp(z2) / np.exp(z2).sum()


def _drawn(one: Callable[[Rng, int], Case], count: int = 5) -> Callable[[Rng], list[Group]]:
    return lambda rng: [Group(tuple(one(rng, number) for number in range(count)))]


_TRUE_AND_I = [*((3, t, i) for t in range(3) for i in range(3)), (4, 3, 3), (4, 0, 3), (4, 3, 0), (4, 2, 1)]


def _case_H10(rng: Rng, number: int) -> Case:
    """Every true class with every i: a sum that leaves out a class shows."""
    K, t, i = _TRUE_AND_I[number]
    return {"y": np.eye(K)[t], "A2": _probabilities(rng, K)[1], "i": i}


def _case_H11(rng: Rng, number: int) -> Case:
    z2, A2 = _probabilities(rng, 4)
    return {"y_i": 1.0 if number < 4 else 0.0, "A_i": A2[0], "e_i": np.exp(z2[0]), "S": np.exp(z2).sum()}


def _case_H12(rng: Rng, number: int) -> Case:
    _, A2 = _probabilities(rng, 4)
    return {"y_i": float(number % 2), "y_k": 1.0 - number % 2, "A_i": A2[0], "A_k": A2[1]}


def _case_H18(rng: Rng, number: int) -> Case:
    z2, _ = _probabilities(rng, 4)
    i, k = (int(place) for place in rng.permutation(4)[:2])
    return {"z2": z2, "i": i, "k": k}


def _case_H19(rng: Rng, number: int) -> Case:
    z2, _ = _probabilities(rng, 4)
    return {"e_i": np.exp(z2[0]), "S": np.exp(z2).sum()}


def _square(*names: str) -> Callable[[Rng], list[Group]]:
    """Single examples on networks with D = H = K, so that the handout's wrong factors conform."""

    def draw(rng: Rng) -> list[Group]:
        cases = [next(fixtures.networks(rng, (size, size, size, 1))) for size in (4, 5)]
        return [Group(tuple(fixtures.picked(case, names) for case in cases), single=True)]

    return draw


_MENDS = {
    exercise.name: exercise
    for exercise in (
        _mend(
            "H05", "H05 sums over i = 0..K. Say over which i it should.",
            ("How many classes are there, and how many numbers are there from 0 to K?",
             "H04 counts the same classes: its sum starts at j = 1.", "return list(range(____, ____))"),
            "L", lambda rng: [Group(tuple({"K": K} for K in (3, 5, 4)))],
        ),
        _mend(
            "H10", "H09 and H10 follow one path from z_2i to the loss. Write dL/dz_2i with all of them.",
            ("Through how many outputs A_2k does one logit z_2i reach the loss?",
             "The first line of `show('output_delta')`: the sum over k of dL/dA_2k times dA_2k/dz_2i.",
             "total = 0\nfor k in range(len(y)):\n    total += ____ * ____\nreturn total"),
            "output_delta", _drawn(_case_H10, len(_TRUE_AND_I)),
        ),
        _mend(
            "H11", "The case i = k of H11 is 0 as it is written. Mend it.",
            ("Put A_2i = e^z_2i / S into the handout's line. What is left above the fraction line?",
             "Line 5 of `show('output_delta')`, case i = k: to which terms does the factor A_2i belong?",
             "return -y_i / A_i * ____ / S"),
            "output_delta", _drawn(_case_H11),
        ),
        _mend(
            "H12", "The case i != k of H12 has the roles of the two classes exchanged. Mend it.",
            ("dL/dA_2k brings one class's label. Which one?",
             "Line 7 of `show('output_delta')`: -y_k/A_k times -A_k A_i.", "return ____ * ____"),
            "output_delta", _drawn(_case_H12, 4),
        ),
        _mend(
            "H15", "H15 adds the two cases of one formula. Write what it should add to A_2i y_i - y_i.",
            ("Cases are alternatives. Which k fall under the second one, and what is to be done with all of them?",
             "Line 9 of `show('output_delta')`: the sum over all k except i.",
             "return sum(____ for k in range(len(y)) if ____)"),
            "output_delta", _drawn(_case_H10, len(_TRUE_AND_I)),
        ),
        _mend(
            "H18", "H18 differentiates the sum of all e^z_2j by z_2i and gets e^z_2k. Mend it.",
            ("Which single term of the sum moves when z_2i moves?",
             "The lines of `show('softmax_denominator')`: only the term j = i depends on z_2i.",
             "return np.exp(____)"),
            "softmax_denominator", _drawn(_case_H18),
        ),
        _mend(
            "H19", "H19 has one sum too many. Mend it.",
            ("What do all A_2i together sum to?", "H04: A_2i is the share of e^z_2i in the sum.", "return ____ / ____"),
            "A2", _drawn(_case_H19),
        ),
        _mend(
            "H20", "H20 compares a label's entry, which is 0 or 1, with a class number. Mend it.",
            ("What are the only values y_i can have? And the true class t?",
             "`show('one_hot')`: y_i = I(t = i).", "return 1 if ____ == ____ else 0"),
            "one_hot", lambda rng: [Group(tuple({"t": t, "i": i} for t in range(3) for i in range(3)))],
        ),
        _mend(
            "H21", "H21 uses one index for the output and for the hidden unit. Write dL/dw2 with two.",
            ("Which output and which hidden unit does the weight w_2,kj join?",
             "The last lines of `show('grad_w2')`: dL/dw_2,kj = (A_2k - y_k) A_1j, for every pair k, j.",
             "return ____ @ ____   # (K, 1) times (1, H)"),
            "grad_w2", fixtures.one_example("delta2", "A1"),
        ),
        _mend(
            "H26", "H26 carries the error back through w1. Mend it.",
            ("In which line of the forward pass does A1 occur, and what is it multiplied by?",
             "H29 says it: dz_2/dA_1 = w_2. The last lines of `show('hidden_signal')` have the indices.",
             "return ____.T @ delta2"),
            "hidden_signal", _square("w1", "w2", "delta2"), "dA1",
        ),
        _mend(
            "H28", "H28 carries the error back through w1, and its last step drops the gate. Mend both.",
            ("Two factors stand between dL/dz_1 and the output error. Which?",
             "Line 4 of `show('hidden_delta')`: w_2^T delta_2, times 1 where z_1 >= 0 and 0 elsewhere.",
             "return (____ @ delta2) * ____"),
            "hidden_delta", _square("w1", "w2", "delta2", "z1"), "delta1",
        ),
        _mend(
            "H30", "H30 drops the gate, and its factors do not conform. Mend it.",
            ("What does a unit with a closed gate contribute to the loss?",
             "The last line of `show('grad_w1')`: the signal, the gate, then X_d, for every pair j, d.",
             "return (____ * ____) @ ____"),
            "grad_w1", fixtures.one_example("w2", "delta2", "z1", "X"), "dw1",
        ),
    )
}  # fmt: skip

# --- slips to spot ------------------------------------------------------------------------------------


def _spots(hidden_delta: CodeExercise, training_step: CodeExercise) -> list[Exercise]:
    return [
        SpotExercise(
            "spot_index_range", 2, "One of these lines has a slip.",
            (
                "How many classes does each line speak of?",
                "w2 has K rows, so there are K logits; the probabilities of all classes sum to 1.",
                "Count the terms: from 1 to K there are ____, from 0 to K there are ____.",
            ),
            "A2", slip="one_class_too_many", mend=_MENDS["mend_H05"],
            reveal="The sum from 0 to K has K + 1 terms, but there are K classes. The handout has it in H05 and H10.",
            lines=(
                Line(r"$z_{2i} = \sum_{j=1}^H w_{2,ij} A_{1j} + b_{2i}$, for $i = 1, \dots, K$",
                     "z_2i = sum[j=1..H] w_2,ij A_1j + b_2i, for i = 1..K",
                     "w2 has K rows, so there are K logits."),
                Line(r"$A_{2i} = \frac{e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}}$", "A_2i = e^z_2i / sum[j=0..K] e^z_2j"),
                Line(r"$A_{2i} > 0$", "A_2i > 0", "an exponential is positive, and so is a sum of them."),
                Line(r"$\sum_{i=1}^K A_{2i} = 1$", "sum[i=1..K] A_2i = 1",
                     "the probabilities of all K classes sum to 1."),
            ),
        ),
        SpotExercise(
            "spot_lost_factor", 4,
            "The derivative of a probability by its own logit, with S for the sum of all e^z_2j. One step goes wrong.",
            (
                "Can the derivative be 0 for every network? Where does it become so?",
                "The quotient rule gives (e^z_2i S - e^z_2i e^z_2i) / S^2: the factor e^z_2i is in both terms.",
                "Put numbers in: e^z_2i = 2 and S = 8. Line 1: ____, line 2: ____, line 3: ____, line 4: ____",
            ),
            "softmax_jacobian", slip="lost_factor", mend=_MENDS["mend_H11"],
            reveal="The factor A_2i belongs to both terms: A_2i (S - e^z_2i). As it stands, A_2i S is e^z_2i, and "
            "nothing is left. This is the handout's H11.",
            lines=(
                Line(r"$\frac{\partial A_{2i}}{\partial z_{2i}} = \frac{e^{z_{2i}} S - e^{z_{2i}} e^{z_{2i}}}{S^2}$",
                     "dA_2i/dz_2i = (e^z_2i S - e^z_2i e^z_2i) / S^2", "it is the quotient rule."),
                Line(r"$= \frac{e^{z_{2i}} \left( S - e^{z_{2i}} \right)}{S^2}$", "= e^z_2i (S - e^z_2i) / S^2",
                     "the common factor is taken out."),
                Line(r"$= \frac{A_{2i} S - e^{z_{2i}}}{S}$", "= (A_2i S - e^z_2i) / S"),
                Line(r"$= A_{2i} - A_{2i} = 0$", "= A_2i - A_2i = 0", "the fraction is divided out term by term."),
            ),
        ),
        SpotExercise(
            "spot_one_path", 5, "From the loss to a logit. Which line is the first wrong one?",
            (
                "Change one logit. Which of the probabilities change?",
                "The chain rule adds up every path from z_2i to L.",
                "z_2i moves A_21, A_22, ..., A_2K, and each of them moves L. Line ____ has only one of them.",
            ),
            "output_delta", slip="one_path_only", mend=_MENDS["mend_H10"],
            reveal="Every A_2k depends on z_2i, so the chain rule needs a sum over k. This is the handout's H09.",
            lines=(
                Line(r"$L = -\sum_{k=1}^K y_{tk} \log A_{2k}$", "L = -sum[k=1..K] y_tk log A_2k",
                     "it is the definition of the loss."),
                Line(r"$\frac{\partial L}{\partial A_{2i}} = -\frac{y_{ti}}{A_{2i}}$", "dL/dA_2i = -y_ti / A_2i",
                     "only the term k = i holds A_2i."),
                Line(r"$\frac{\partial L}{\partial z_{2i}} = \frac{\partial L}{\partial A_{2i}} "
                     r"\frac{\partial A_{2i}}{\partial z_{2i}}$", "dL/dz_2i = dL/dA_2i * dA_2i/dz_2i"),
                Line(r"$= -\frac{y_{ti}}{A_{2i}} A_{2i} (1 - A_{2i})$", "= -y_ti/A_2i * A_2i (1 - A_2i)",
                     "both derivatives are put in as they are."),
                Line(r"$= -y_{ti} (1 - A_{2i})$", "= -y_ti (1 - A_2i)", "A_2i cancels."),
            ),
        ),
        SpotExercise(
            "spot_elementwise", 6, "From a logit to a weight's gradient. Which line is the first wrong one?",
            (
                "Each weight has two indices. What does each of them count?",
                "dz_2k/dw_2,kj = A_1j: the hidden unit's index stays.",
                "Left: k from 1 to ____, j from 1 to ____. Right: the same two?",
            ),
            "grad_w2", slip="outer_transposed", mend=_MENDS["mend_H21"],
            reveal="The output's index k and the hidden unit's index j are two indices, and both must occur on the "
            "right. This is the handout's H21.",
            lines=(
                Line(r"$z_{2k} = \sum_{j=1}^H w_{2,kj} A_{1j} + b_{2k}$", "z_2k = sum[j=1..H] w_2,kj A_1j + b_2k",
                     "it is row k of w2 A1 + b2."),
                Line(r"$\frac{\partial z_{2k}}{\partial w_{2,kj}} = A_{1j}$", "dz_2k/dw_2,kj = A_1j",
                     "only the term with w_2,kj depends on it."),
                Line(r"$\frac{\partial L}{\partial w_{2,kj}} = \delta_{2k} \frac{\partial z_{2k}}{\partial w_{2,kj}}$",
                     "dL/dw_2,kj = delta_2k * dz_2k/dw_2,kj", "the weight w_2,kj reaches the loss through z_2k alone."),
                Line(r"$= \delta_{2k} A_{1k}$", "= delta_2k A_1k"),
                Line(r"$\frac{\partial L}{\partial w_2} = \delta_2 \odot A_1$", "dL/dw2 = delta2 * A1, entry by entry",
                     "it writes the line above for all k at once."),
            ),
        ),
        SpotExercise(
            "spot_gate_on_activations", 7, "This code runs, and the network even learns. One line is wrong.",
            (
                "For which units is each comparison true?",
                "H27: the gate is 1 where z_1 >= 0. After ReLU, no entry of A1 is negative.",
                "For z1 = -3: A1 = ____, so A1 >= 0 is ____, but the gate should be ____.",
            ),
            "hidden_delta", slip="gate_never_closes", mend=hidden_delta, code=True,
            reveal="ReLU has left nothing negative in A1, so `A1 >= 0` is true everywhere: the gate never closes. "
            "It must look at z1 (or be strict: `A1 > 0`).",
            lines=tuple(Line(f"`{text}`", text, why) for text, why in (
                ("z1 = w1 @ X + b1", "it is H01."),
                ("A1 = np.maximum(z1, 0)", "it is ReLU, H02."),
                ("dA1 = w2.T @ delta2", "it carries the error back through w2."),
                ("gate = A1 >= 0", ""),
                ("delta1 = dA1 * gate", "it lets the signal pass where the gate is open."),
                ("dw1 = delta1 @ X.T", "it is the outer product of delta1 and X, summed over the examples."),
            )),
        ),
        SpotExercise(
            "spot_wrong_layer", 8, "From the output error to dL/dw1. Which line is the first wrong one?",
            (
                "Which weights lie between A1 and the logits?",
                "H29: dz_2/dA_1 = w_2.",
                "A1 enters z2 through ____, so its signal comes back through ____.",
            ),
            "hidden_signal", slip="wrong_layer_weights", mend=_MENDS["mend_H26"],
            reveal="A1 enters the logits through w2, so the error comes back through w2. The handout writes w1 in "
            "H26, H28 and H32, although its own H29 says w2.",
            lines=(
                Line(r"$z_2 = w_2 A_1 + b_2$", "z2 = w2 A1 + b2", "it is H03."),
                Line(r"$\delta_2 = A_2 - y$", "delta2 = A2 - y", "it is the output error, H15."),
                Line(r"$\frac{\partial L}{\partial A_1} = w_1^\top \delta_2$", "dL/dA1 = w1^T delta2"),
                Line(r"$\delta_1 = \frac{\partial L}{\partial A_1} \odot I(z_1 \ge 0)$",
                     "delta1 = dL/dA1 * I(z1 >= 0)", "the gate lets the signal pass where z1 >= 0."),
                Line(r"$\frac{\partial L}{\partial w_1} = \delta_1 X^\top$", "dL/dw1 = delta1 X^T",
                     "it is the outer product of delta1 and X."),
            ),
        ),
        SpotExercise(
            "spot_updated_weights", 10,
            "One step of gradient descent, line by line. In which line is a value used that has changed too early?",
            (
                "At which parameters was the prediction A2 made?",
                "All four gradients belong to the parameters before the step.",
                "The old w2 is needed in line ____. Line ____ changes w2. In which order do they come?",
            ),
            slip="updated_weights", mend=training_step, code=True,
            reveal="w2 was updated one line before, but delta1 needs the w2 that made the prediction. Compute all "
            "gradients first, then change the parameters.",
            lines=tuple(Line(f"`{text}`", text, why) for text, why in (
                ("delta2 = (A2 - y) / N", "it is the output error of the mean loss."),
                ("dw2 = delta2 @ A1.T", "it is the gradient of w2."),
                ("w2 = w2 - learning_rate * dw2", "the update itself is right. But which line still needs the old w2?"),
                ("delta1 = (w2.T @ delta2) * (z1 >= 0)", ""),
                ("dw1 = delta1 @ X.T", "it is the gradient of w1, from the delta1 it is given."),
                ("w1 = w1 - learning_rate * dw1", "the update itself is right."),
            )),
        ),
    ]  # fmt: skip


def others(hidden_delta: CodeExercise, training_step: CodeExercise) -> list[Exercise]:
    """All exercises of this module; two code exercises mend slips that are to be spotted here."""
    return [*_BY_HAND, *_SHAPES, *_ORDERS, *_spots(hidden_delta, training_step), *_MENDS.values()]
