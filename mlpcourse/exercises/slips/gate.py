"""Slips on the way back through ReLU, delta1 = dL/dA1 where z1 >= 0 (H27, H28)."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, relu
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "delta1",
    "no gate closes: the closed units get the signal, too",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1}",
    tempts="With open gates it is right. A gate that tests `A1 >= 0` never closes: ReLU leaves nothing negative.",
    breaks="Units with z1 < 0 get a gradient although moving them a little does not move the loss.",
    hint="Take one unit with z1 < 0 and change its z1 slightly. What happens to A1, and to the loss?",
    handout="H28 H30 H32",
    about="gate",
)
def gate_never_closes(dA1: Array) -> Array:
    return dA1


@slip(
    "delta1",
    "the gate is turned round: closed units pass, open ones do not",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot I(z_1 < 0)",
    tempts="A comparison turned round, or the entries to be zeroed picked by the wrong side.",
    breaks="Exactly the units that did something learn nothing.",
    hint="A unit with z1 = 2 moves the loss. Does your gate let its signal pass?",
)
def gate_turned_round(dA1: Array, z1: Array) -> Array:
    return dA1 * (z1 < 0)


@slip(
    "delta1",
    "only the gate is there, the signal is missing",
    latex=r"\delta_1 = I(z_1 \ge 0)",
    tempts="The derivative of ReLU is 1 or 0, and that looks like the answer.",
    breaks="Every open unit gets the same gradient, whatever the error is.",
    hint="ReLU's derivative is one factor of the chain. What stands in front of it?",
    without="A2 y w2",
)
def gate_only(z1: Array) -> Array:
    return (z1 >= 0) * 1.0


@slip(
    "delta1",
    "the signal is multiplied with <what>, not with ReLU's derivative",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot A_1",
    tempts="The function and its cases are at hand, the derivative is not.",
    breaks="The size of z1 has no part in the slope.",
    hint="What is the slope of ReLU at z1 = 3, and at z1 = -3? And its value?",
    each={"what": {"ReLU's value": relu, "z1": np.positive, "the size of z1": np.abs}},
    without="gate",
)
def relu_for_its_derivative(dA1: Array, z1: Array, what: Function) -> Any:
    return dA1 * what(z1)


@slip(
    "delta1",
    "the gate tests the signal, not z1",
    latex=r"\delta_1 = \max\left(\frac{\partial L}{\partial A_1}, 0\right)",
    tempts="ReLU is applied to what is at hand, and on the way back that is the signal.",
    breaks="The gate was set in the forward pass by z1; the sign of the signal has no part in it.",
    hint="H27 has two cases. Of which number do they test the sign?",
)
def gate_on_signal(dA1: Array) -> Array:
    return np.maximum(dA1, 0)


@slip(
    "delta1",
    "where the gate is closed, there is <what>, not 0",
    latex=r"\delta_1 = \begin{cases} \partial L/\partial A_1, & z_1 \ge 0 \\ z_1, & z_1 < 0 \end{cases}",
    tempts="`np.where` wants a third argument, and something is at hand; `np.sign`, too, tells positive from negative.",
    breaks="Units with z1 < 0 get a gradient although moving them a little does not move the loss.",
    hint="What does the second case of H28 say?",
    each={
        "what": {
            "z1": lambda dA1, z1: z1,
            "a 1": lambda dA1, z1: 1,
            "the signal with its sign turned": lambda dA1, z1: -dA1,
        }
    },
)
def gate_lets_pass(dA1: Array, z1: Array, what: Function) -> Array:
    return np.where(z1 >= 0, dA1, what(dA1, z1))


@slip(
    "delta1",
    "the gate does not close completely",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \left( I(z_1 \ge 0) + \alpha \, I(z_1 < 0) \right)",
    tempts="This is the derivative of leaky ReLU.",
    breaks="The forward pass used a gate that closes completely; forward and backward do not belong together.",
    hint="What is the slope of H02's ReLU at z1 = -3?",
    each={"slope": (0.01, 0.1, 0.2, 0.3, 0.05, 0.001, 0.5)},
)
def gate_leaks(dA1: Array, z1: Array, slope: float) -> Array:
    return dA1 * np.where(z1 >= 0, 1, slope)


@slip(
    "delta1",
    "<what> takes the place of ReLU's derivative",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \sigma(z_1) (1 - \sigma(z_1))",
    tempts="A (1 - A) and 1 - A^2 are well-known derivatives of an activation, and a sigmoid looks like a smooth gate.",
    breaks="The forward pass has another activation; forward and backward do not belong together.",
    hint="Which function turned z1 into A1, and what is its slope?",
    each={
        "what": {
            "the sigmoid's derivative": lambda z1: np.exp(-z1) / (1 + np.exp(-z1)) ** 2,
            "A1 (1 - A1)": lambda z1: relu(z1) * (1 - relu(z1)),
            "z1 (1 - z1)": lambda z1: z1 * (1 - z1),
            "the sigmoid's value": lambda z1: 1 / (1 + np.exp(-z1)),
            "the derivative of tanh": lambda z1: 1 - np.tanh(z1) ** 2,
            "1 - A1^2": lambda z1: 1 - relu(z1) ** 2,
        }
    },
    without="gate",
)  # fmt: skip
def sigmoid_for_gate(dA1: Array, z1: Array, what: Function) -> Any:
    return dA1 * what(z1)


@slip(
    "delta1",
    "ReLU is applied to the product of signal and z1",
    latex=r"\delta_1 = \max\left( \frac{\partial L}{\partial A_1} \odot z_1, 0 \right)",
    tempts="ReLU, the signal and z1 all have a part in this step.",
    breaks="The slope of ReLU is 0 or 1; neither the size of z1 nor the sign of the signal has a part in it.",
    hint="What is the slope of ReLU at z1 = 3?",
)
def relu_of_product(dA1: Array, z1: Array) -> Array:
    return np.maximum(dA1 * z1, 0)


@slip(
    "delta1",
    "the gate is applied as a matrix product",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \, I(z_1 \ge 0)^\top",
    tempts="Most products in this network are matrix products.",
    breaks="A gate belongs to one unit and one example; the product mixes them.",
    hint="Does the gate of one unit have anything to do with the signal of another?",
)
def gate_as_matrix_product(dA1: Array, z1: Array) -> Array:
    return dA1 @ (z1 >= 0).T


@slip(
    "delta1",
    "one gate serves all examples of a unit",
    latex=r"\delta_{1,jn} = \frac{\partial L}{\partial A_{1,jn}} \, I\left(\sum_q z_{1,jq} \ge 0\right)",
    tempts="A unit is thought of as open or closed once and for all.",
    breaks="Each example opens and closes the gates in its own way.",
    hint="How many gates does a layer of H units have for N examples?",
    batch=True,
    each={"form": ("mean", "first", "last")},
)
def gate_of_the_unit(dA1: Array, z1: Array, form: str) -> Array:
    decides = {"mean": z1.mean(axis=1), "first": z1[:, 0], "last": z1[:, -1]}[form]
    return dA1 * (decides >= 0)[:, None]


@slip(
    "delta1",
    "one gate serves all units of an example",
    latex=r"\delta_{1,jn} = \frac{\partial L}{\partial A_{1,jn}} \, I\left(\sum_l z_{1,ln} \ge 0\right)",
    tempts="An axis is easily mistaken when the gate is computed.",
    breaks="Each unit has its own gate.",
    hint="How many gates does a layer of H units have for N examples?",
)
def gate_of_the_example(dA1: Array, z1: Array) -> Array:
    return dA1 * (z1.mean(axis=0) >= 0)


@slip(
    "delta1",
    "the gate opens at 1, not at 0",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot I(z_1 \ge 1)",
    tempts="0 and 1 are the two numbers in the cases of H27.",
    breaks="Weakly active units get no gradient.",
    hint="What is the slope of ReLU at z1 = 0.5?",
)
def gate_at_one(dA1: Array, z1: Array) -> Array:
    return dA1 * (z1 >= 1)


@slip(
    "delta1",
    "the gate is computed by a division that fails at 0",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \frac{A_1}{z_1}",
    tempts="A1 divided by z1 is indeed 1 or 0.",
    breaks="At z1 = 0 it is 0/0, and from there NaN spreads through every gradient.",
    hint="What does your gate give for z1 = 0? Any number from 0 to 1 would do.",
    situation="kink",
)
def gate_by_division(dA1: Array, z1: Array) -> Array:
    return dA1 * np.maximum(z1, 0) / z1


@slip(
    "delta1",
    "the larger of <dA1> and z1 is taken",
    latex=r"\max(<dA1>, z_1)",
    tempts="ReLU is a maximum.",
    breaks="A maximum is differentiated by asking which of the two it was: the error passes or it does not.",
    hint="What does ReLU's derivative take: two arrays, or one?",
)
def larger_for_gate(dA1: Array, z1: Array) -> Array:
    return np.maximum(dA1, z1)
