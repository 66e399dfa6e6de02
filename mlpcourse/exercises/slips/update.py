"""Slips in one step of gradient descent."""

from __future__ import annotations

from typing import Any

import numpy as np

from mlpcourse.exercises.graph import Array, Function, evaluate
from mlpcourse.exercises.slips.catalogue import slip


@slip(
    "w1_new b1_new w2_new b2_new",
    "the step goes uphill",
    latex=r"<result> = <parameter> + \eta <gradient>",
    tempts="A step is usually added.",
    breaks="The gradient points to where the loss grows fastest: the loss goes up.",
    hint="Which way does the gradient point?",
)
def step_uphill(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter + learning_rate * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the gradient is <how> the learning rate",
    latex=r"<result> = <parameter> - <gradient>",
    tempts="With a learning rate of 1 it is the same.",
    breaks="The step does not follow the learning rate as it should.",
    hint="Take half of the learning rate. What should become of the step, and what becomes of yours?",
    each={
        "how": {
            "not multiplied by": lambda rate: 1,
            "multiplied twice by": lambda rate: rate**2,
            "divided by": lambda rate: 1 / rate,
        }
    },
)
def rate_misplaced(parameter: Array, gradient: Array, learning_rate: float, how: Function) -> Any:
    return parameter - how(learning_rate) * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the learning rate is a fixed number, not the one that is given",
    latex=r"<result> = <parameter> - 0.1 <gradient>",
    tempts="A number is tried while the code is written, and stays there.",
    breaks="Whoever calls the function with another learning rate is not listened to.",
    hint="What happens in your code when somebody asks for another learning rate?",
    each={"rate": (0.1, 0.5)},
)
def rate_fixed(parameter: Array, gradient: Array, rate: float) -> Array:
    return parameter - rate * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "<parameter> is not updated",
    latex=r"<result> = <parameter>",
    tempts="Four updates are easily three; the biases are the usual ones to be forgotten.",
    breaks="This parameter never learns.",
    hint="Go through the four parameters one by one. Which of them changes?",
)
def not_updated(parameter: Array) -> Array:
    return parameter


@slip(
    "w1_new b1_new w2_new b2_new",
    "<what> is returned, not the new parameter",
    latex=r"<result> = -\eta <gradient>",
    tempts="It is what was computed last, and the gradients are the hard part.",
    breaks="The old value is lost, and nothing was learned.",
    hint="What should be left of a parameter whose gradient is 0?",
    each={
        "what": {
            "the step": lambda rate: -rate,
            "the step with its sign turned": lambda rate: rate,
            "the gradient": lambda rate: 1,
        }
    },
)
def step_returned(gradient: Array, learning_rate: float, what: Function) -> Any:
    return what(learning_rate) * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the learning rate multiplies the parameter <how> the gradient",
    latex=r"<result> = \eta (<parameter> - <gradient>)",
    tempts="A pair of brackets too many; or the learning rate stands in front, and the parameter comes first.",
    breaks="With a learning rate below 1 the parameter shrinks at every step, even where its gradient is 0.",
    hint="What should be left of a parameter whose gradient is 0?",
    each={"how": {"as well as": True, "and not": False}},
)
def rate_on_parameter(parameter: Array, gradient: Array, learning_rate: float, how: bool) -> Array:
    return learning_rate * parameter - (learning_rate if how else 1) * gradient


@slip(
    "b1_new b2_new",
    "the bias has grown to a square: a row was taken off a column",
    latex=r"b_{kj} \leftarrow b_k - \eta \frac{\partial L}{\partial b_j}",
    tempts="`sum(axis=1)` without `keepdims=True` gives an array with one axis, which numpy reads as a row.",
    breaks="numpy spreads both to a square array and raises no error.",
    hint="What are the shapes of the bias and of the gradient taken off it, wherever that was computed?",
)
def bias_spread_to_a_square(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * gradient.ravel()


@slip(
    "w1_new b1_new w2_new b2_new",
    "the parameter is multiplied by the step",
    latex=r"<result> = <parameter> \odot (1 - \eta <gradient>)",
    tempts="A step of so many per cent sounds natural.",
    breaks="A parameter of 0 stays 0 for ever, and the sign of a parameter turns its step round.",
    hint="What should happen to a parameter that is 0 and has a gradient?",
)
def step_multiplied(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter * (1 - learning_rate * gradient)


@slip(
    "w1_new b1_new w2_new b2_new",
    "only the sign of the gradient counts",
    latex=r"<result> = <parameter> - \eta \, \text{sign}(<gradient>)",
    tempts="Some optimisers do that.",
    breaks="Near the minimum the steps do not get smaller.",
    hint="Where the slope is nearly 0, how large should the step be?",
)
def sign_of_gradient(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * np.sign(gradient)


@slip(
    "w1_new b1_new w2_new b2_new",
    "the parameter shrinks as well: weight decay is added",
    latex=r"<result> = (1 - \eta) <parameter> - \eta <gradient>",
    tempts="The step is taken off a parameter that was scaled by mistake, or decay was meant.",
    breaks="The parameter moves even where its gradient is 0.",
    hint="What should be left of a parameter whose gradient is 0?",
)
def decay_added(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return (1 - learning_rate) * parameter - learning_rate * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the step is scaled by the size of the batch",
    latex=r"<result> = <parameter> - \frac{\eta}{N} <gradient>",
    tempts="The batch has N examples, so a factor N or 1/N seems to be due.",
    breaks="The step depends on the size of the batch, for no reason.",
    hint="The gradient is that of the mean loss. Where is its 1/N?",
    batch=True,
    each={"times": (False, True)},
)
def step_scaled_by_n(parameter: Array, gradient: Array, learning_rate: float, X: Array, times: bool) -> Array:
    return parameter - learning_rate * gradient * (X.shape[1] if times else 1 / X.shape[1])


# Whose turn it is, and what changed before its gradient was computed: in turn, or together ("w1 b1").
_TURNS = tuple(
    (whose, tuple(before))
    for first, second in (("w1 b1", "w2 b2"), ("w2 b2", "w1 b1"))
    for (one, other), (third, last) in ((first.split(), second.split()),)
    for whose, before in (
        (other, (one,)), (third, (one, other)), (last, (one, other, third)), (third, (first,)), (last, (first,)),
    )
)  # fmt: skip


@slip(
    "w1_new b1_new w2_new b2_new",
    "the gradient was computed anew after another parameter had changed",
    latex=r"<result> = <parameter> - \eta <gradient> \text{ at other parameters, already changed}",
    tempts="Each parameter has its line, and the gradients are one call away.",
    breaks="The four gradients belong to different networks, and a step costs several backward passes.",
    hint="How often does your step compute gradients, and at which parameters?",
    each={"turn": _TURNS},
)
def gradient_after_a_change(
    w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array, learning_rate: float, turn: tuple[str, tuple[str]]
) -> Array:
    now, (whose, before) = {"w1": w1, "b1": b1, "w2": w2, "b2": b2}, turn
    for group in (*before, whose):
        after = evaluate(
            [f"{name}_new" for name in group.split()], {**now, "X": X, "y": y, "learning_rate": learning_rate}
        )
        now.update(zip(group.split(), after, strict=True))
    return now[whose]


@slip(
    "w1_new b1_new w2_new b2_new",
    "a step is taken for each example in turn",
    latex=r"<result> = <parameter> - \eta \sum_n <gradient>_n \text{ at parameters already changed}",
    tempts="A loop over the examples is easy to read, and stochastic gradient descent does just that.",
    breaks="It is N steps, each along one example's gradient, and not one step along the mean's.",
    hint="How many steps are asked for, and along the gradient of which loss?",
    batch=True,
)
def step_for_each_example(
    parameter: Array, w1: Array, b1: Array, w2: Array, b2: Array, X: Array, y: Array, learning_rate: float
) -> Array:
    old = new = (w1, b1, w2, b2)
    for n in range(X.shape[1]):
        one = dict(zip(("w1", "b1", "w2", "b2"), new, strict=True)) | {"X": X[:, [n]], "y": y[:, [n]]}
        gradients = evaluate(("dw1", "db1", "dw2", "db2"), one)
        new = tuple(value - learning_rate * slope for value, slope in zip(new, gradients, strict=True))
    return next(value for value, before in zip(new, old, strict=True) if before is parameter)


@slip(
    "w1_decayed w2_decayed",
    "the decay is left out",
    latex=r"<result> = <parameter> - \eta <gradient>",
    tempts="The four gradients look complete without it.",
    breaks="It is the step on the plain loss: large weights cost nothing.",
    hint="Which part of the loss depends on the weights alone?",
)
def decay_left_out(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * gradient


@slip(
    "w1_decayed w2_decayed",
    "the decay has the wrong sign",
    latex=r"<result> = <parameter> - \eta (<gradient> - \lambda <parameter>)",
    tempts="What should shrink the weights is taken off, but the whole step is taken off already.",
    breaks="The decay makes the weights larger, not smaller.",
    hint="With a gradient of 0, does your step make a weight smaller or larger?",
)
def decay_sign(parameter: Array, gradient: Array, learning_rate: float, decay: float) -> Array:
    return parameter - learning_rate * (gradient - decay * parameter)


@slip(
    "w1_decayed w2_decayed",
    "the decay is not multiplied by the learning rate",
    latex=r"<result> = <parameter> - \eta <gradient> - \lambda <parameter>",
    tempts="The decay is put beside the step, not into the gradient.",
    breaks="It is right for a learning rate of 1 alone: a small step shrinks the weights as much as a large one.",
    hint="What does the learning rate multiply: a part of the gradient, or all of it?",
)
def decay_without_rate(parameter: Array, gradient: Array, learning_rate: float, decay: float) -> Array:
    return parameter - learning_rate * gradient - decay * parameter


@slip(
    "w1_decayed w2_decayed",
    "<how>",
    latex=r"<result> = <parameter> - \eta (<gradient> + 2 \lambda <parameter>)",
    tempts="The derivative of w^2 is 2w, and the loss has a factor 1/2: one of the two is overlooked.",
    breaks="The loss's 1/2 and the derivative's 2 cancel: the decay is twice or half as strong as is asked for.",
    hint="What is the derivative of decay / 2 * w^2?",
    each={"how": {"the factor 2 of the square's derivative stays": 2, "half of the decay is lost": 1 / 2}},
)
def decay_doubled_or_halved(parameter: Array, gradient: Array, learning_rate: float, decay: float, how: float) -> Array:
    return parameter - learning_rate * (gradient + how * decay * parameter)


@slip(
    "w1_decayed w2_decayed",
    "the decay is that of the new weight, not of the old one<also>",
    latex=r"<result> = (1 - \eta \lambda) (<parameter> - \eta <gradient>)",
    tempts="The step is taken first, and after it comes a little shrinking.",
    breaks="The two parts of one gradient are taken at two places.",
    hint="At which weights is the slope of L + decay / 2 * w^2 asked for, and what does the learning rate multiply?",
    each={"also": {"": False, ", and the learning rate is left out of it": True}},
)
def decay_after_the_step(parameter: Array, gradient: Array, learning_rate: float, decay: float, also: bool) -> Array:
    return (1 - (1 if also else learning_rate) * decay) * (parameter - learning_rate * gradient)


@slip(
    "w1_decayed w2_decayed",
    "what is added to the loss is added to the gradient, too, and not differentiated",
    latex=r"<result> = <parameter> - \eta \left( <gradient> + \frac{\lambda}{2} <parameter>^2 \right)",
    tempts="The loss and its gradient get the same new term.",
    breaks="A square is never negative: a negative weight is pushed further from 0.",
    hint="By what is the loss with decay differentiated, and what is left of decay / 2 * w^2?",
    each={"form": ("half", "square", "sum", "sum of squares", "whole loss", "all squares")},
)
def decay_not_differentiated(
    parameter: Array, gradient: Array, learning_rate: float, decay: float, w1: Array, w2: Array, form: str
) -> Array:
    square = parameter**2 if form in ("half", "square") else (parameter**2).sum()
    if form in ("whole loss", "all squares"):
        square = (w1**2).sum() + (w2**2).sum()
    return parameter - learning_rate * (
        gradient + decay * square * (0.5 if form in ("half", "sum", "whole loss") else 1)
    )


@slip(
    "w1_decayed w2_decayed",
    "<what> is added to every slope",
    latex=r"<result> = <parameter> - \eta (<gradient> + \lambda)",
    tempts="The loss gets one more term with decay, and so does its gradient.",
    breaks="Large weights and small ones get the same decay, or a negative one is pushed away from 0.",
    hint="What is the derivative of decay / 2 * w^2?",
    each={
        "what": {
            "decay": np.ones_like,
            "decay times the weight's sign": np.sign,
            "decay times the weight's absolute value": np.abs,
        }
    },
)
def decay_not_by_weight(parameter: Array, gradient: Array, learning_rate: float, decay: float, what: Function) -> Any:
    return parameter - learning_rate * (gradient + decay * what(parameter))


@slip(
    "w1_decayed w2_decayed",
    "the decay is there, and the gradient of L is left out",
    latex=r"<result> = <parameter> - \eta \lambda <parameter>",
    tempts="The decay is what is new in this exercise.",
    breaks="Every weight shrinks, whatever the examples say: nothing is learned from them.",
    hint="Which two parts does the loss of this exercise have, and which of them depends on the examples?",
)
def only_decay_left(parameter: Array, learning_rate: float, decay: float) -> Array:
    return parameter * (1 - learning_rate * decay)


@slip(
    "b1_new b2_new",
    "the bias decays too",
    latex=r"<result> = <parameter> - \eta (<gradient> + \lambda <parameter>)",
    tempts="All four parameters take the same kind of step.",
    breaks="The squares of the biases are not in this loss.",
    hint="Which parameters stand in the part of the loss with decay?",
)
def bias_decays(parameter: Array, gradient: Array, learning_rate: float, decay: float) -> Array:
    return parameter - learning_rate * (gradient + decay * parameter)
