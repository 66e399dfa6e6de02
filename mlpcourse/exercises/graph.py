"""The network as a small graph of steps: each node is one result of the derivation, computed from earlier nodes.

A step is written once, without checks, for it is run thousands of times; a test holds each one equal to network.py.
What only one exercise asks for is a step of its own: ``add_step`` enters it where the exercise is. Shapes:
``network.SHAPES``. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]
Function = Callable[..., Any]


def affine(w: Array, inputs: Array, b: Array) -> Array:
    """z1 and z2 (H01, H03)."""
    return w @ inputs + b


def relu(z1: Array) -> Array:
    """A1 (H02)."""
    return np.maximum(z1, 0)


def softmax(z2: Array) -> Array:
    """A2 (H04)."""
    exps = np.exp(z2 - z2.max(axis=0))
    return exps / exps.sum(axis=0)


def one_hot(labels: Array, K: int) -> Array:
    """y (H20)."""
    return np.eye(K)[:, labels]


def log(A2: Array) -> Array:
    """The logarithm of each probability (H05)."""
    return np.asarray(np.log(A2))


def pick(log_A2: Array, y: Array) -> Array:
    """The loss of each example (H05)."""
    return -(y * log_A2).sum(axis=0, keepdims=True)


def jacobian(A2: Array) -> Array:
    """dA2_k/dz2_i in row k, column i, for one example (H16 to H19)."""
    return np.diagflat(A2) - A2 @ A2.T


def output_delta(A2: Array, y: Array) -> Array:
    """delta2 of the mean loss (H15)."""
    return (A2 - y) / y.shape[1]


def outer(delta: Array, inputs: Array) -> Array:
    """dw2 and dw1 (H21, H30)."""
    return delta @ inputs.T


def column_sum(delta: Array) -> Array:
    """db2 and db1 (H23, H32)."""
    return delta.sum(axis=1, keepdims=True)


def hidden_signal(w2: Array, delta2: Array) -> Array:
    """dL/dA1 (H26, H29)."""
    return w2.T @ delta2


def hidden_delta(dA1: Array, z1: Array) -> Array:
    """delta1 (H28)."""
    return dA1 * (z1 >= 0)


def update(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    """A parameter after one step of gradient descent."""
    return parameter - learning_rate * gradient


def update_with_decay(parameter: Array, gradient: Array, learning_rate: float, decay: float) -> Array:
    """A weight after one step of gradient descent on the loss plus decay / 2 times the sum of all squared weights."""
    return parameter - learning_rate * (gradient + decay * parameter)


def share_right(z2: Array, y: Array) -> Any:
    """The share of the examples whose most probable class is the true one."""
    return np.mean(z2.argmax(axis=0) == y.argmax(axis=0))


def errors(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    """The errors of both differences after the step went from h to h_new: they shrink with h and with h^2."""
    return np.array([[error_forward * h_new / h], [error_central * (h_new / h) ** 2]])


class Step(NamedTuple):
    """``function`` applied to nodes: ``takes`` says which node plays which of its parameters."""

    function: Function
    takes: dict[str, str]


def step(function: Function, **roles: str) -> Step:
    """The step that applies ``function`` to the nodes that its parameters, or ``roles``, name."""
    return Step(function, {name: roles.get(name, name) for name in parameters(function)})


@functools.cache
def parameters(function: Function) -> tuple[str, ...]:
    """The names of a function's parameters."""
    return tuple(inspect.signature(function).parameters)


STEPS: dict[str, Step] = {
    "z1": step(affine, w="w1", inputs="X", b="b1"),
    "A1": step(relu),
    "z2": step(affine, w="w2", inputs="A1", b="b2"),
    "A2": step(softmax),
    "y": step(one_hot),
    "log_A2": step(log),
    "L": step(pick),
    "J": step(jacobian),
    "delta2": step(output_delta),
    "dw2": step(outer, delta="delta2", inputs="A1"),
    "db2": step(column_sum, delta="delta2"),
    "dA1": step(hidden_signal),
    "delta1": step(hidden_delta),
    "dw1": step(outer, delta="delta1", inputs="X"),
    "db1": step(column_sum, delta="delta1"),
    "w1_new": step(update, parameter="w1", gradient="dw1"),
    "b1_new": step(update, parameter="b1", gradient="db1"),
    "w2_new": step(update, parameter="w2", gradient="dw2"),
    "b2_new": step(update, parameter="b2", gradient="db2"),
    "w1_decayed": step(update_with_decay, parameter="w1", gradient="dw1"),
    "w2_decayed": step(update_with_decay, parameter="w2", gradient="dw2"),
    "share": step(share_right),
    "errors": step(errors),
}

# Where the derivation says otherwise: (name for ``derivation.show``, handout IDs, lesson).
WHERE_TAUGHT: dict[str, tuple[str, str, int]] = {
    "z1": ("z1", "H01", 1), "A1": ("A1", "H02", 1), "z2": ("z2", "H03", 1), "A2": ("A2", "H04", 2),
    "y": ("one_hot", "H20", 3), "log_A2": ("log_softmax", "H05", 3), "L": ("L", "H05", 3),
    "J": ("softmax_jacobian", "H16 to H19", 4), "delta2": ("output_delta", "H15", 5),
    "dw2": ("grad_w2", "H21", 6), "db2": ("grad_b2", "H23", 6), "dA1": ("hidden_signal", "H26, H29", 7),
    "delta1": ("hidden_delta", "H27, H28", 7), "dw1": ("grad_w1", "H30", 8), "db1": ("grad_b1", "H32", 8),
    "w1_new": ("", "", 10), "b1_new": ("", "", 10), "w2_new": ("", "", 10), "b2_new": ("", "", 10),
    "w1_decayed": ("", "", 10), "w2_decayed": ("", "", 10),
    "share": ("", "", 10), "errors": ("", "", 9),
}  # fmt: skip

# What a result says when it is right. The words give no formula away: a learner reads them beside a wrong one.
SAYS = {
    "z1": "how strongly each hidden unit is driven, by what comes in through its weights and by its bias",
    "A1": "what each hidden unit hands on of its own z1",
    "z2": "how much speaks for each class, by what comes in through its weights and by its bias",
    "A2": "how probable each class is by the logits of its own example",
    "y": "which class each example belongs to",
    "log_A2": "how small each probability is, as the loss counts it",
    "L": "what each example costs by itself",
    "J": "how much each probability moves with each logit",
    "delta2": "how much the mean loss moves with each logit",
    "dw2": "how much the loss moves with each weight, by what came in through it and the error it led to",
    "db2": "how much the loss moves with each bias, which is in the logits of every example",
    "dA1": "how much the loss moves with each A1, through every logit that it goes into",
    "delta1": "how much the loss moves with each z1, which is not at all where its unit is closed",
    "dw1": "how much the loss moves with each weight, by what came in through it and the error it led to",
    "db1": "how much the loss moves with each bias, which is in the z1 of every example",
    **dict.fromkeys(("delta1_tanh", "delta1_of_three"), "how much the loss moves with each z1"),
    "delta2_smoothed": "how much the loss, with its smoothed labels, moves with each logit",
    "J_at": "how much each probability moves with each logit at this temperature",
    "slope": "how much f moves with each entry of x",
    "share": "what share of the predictions is right",
    **dict.fromkeys(("w1_new", "b1_new", "w2_new", "b2_new"), "where one step down the slope of the loss leads"),
    **dict.fromkeys(("w1_decayed", "w2_decayed"), "where one step down the slope of the loss with its decay leads"),
}

# Where arrays are rows of numbers: a result that is one entry, with the index i or (k, i), of another node.
ENTRY_OF = {"mend_H10": "delta2", "mend_H16": "J"}

TEX = {
    "w1": "w_1", "b1": "b_1", "z1": "z_1", "A1": "A_1", "w2": "w_2", "b2": "b_2", "z2": "z_2", "A2": "A_2",
    "delta1": r"\delta_1", "delta2": r"\delta_2", "dA1": r"\frac{\partial L}{\partial A_1}",
    "dw1": r"\frac{\partial L}{\partial w_1}", "db1": r"\frac{\partial L}{\partial b_1}",
    "dw2": r"\frac{\partial L}{\partial w_2}", "db2": r"\frac{\partial L}{\partial b_2}",
    "w1_new": r"w_1^\text{new}", "b1_new": r"b_1^\text{new}", "w2_new": r"w_2^\text{new}", "b2_new": r"b_2^\text{new}",
    "w1_decayed": r"w_1^\text{new}", "w2_decayed": r"w_2^\text{new}",
    "learning_rate": r"\eta", "decay": r"\lambda",
}  # fmt: skip


def add_step(node: str, step: Step, where_taught: tuple[str, str, int]) -> None:
    """Enter a step that belongs to one exercise. Raises ValueError where there is one of that name."""
    if node in STEPS:
        raise ValueError(f"there is a step {node} already")
    STEPS[node] = step
    WHERE_TAUGHT[node] = where_taught


NETWORK = {
    "w1", "b1", "w2", "b2", "X", "y", "z1", "A1", "z2", "A2", "delta2", "dA1", "delta1", "dw2", "db2", "dw1", "db1",
}  # fmt: skip


# --- computing -----------------------------------------------------------------------------------


def evaluate(nodes: Iterable[str], given: Mapping[str, Any], slipped: Mapping[str, Step] | None = None) -> list[Any]:
    """The values of ``nodes``, from the ``given`` ones; a step named in ``slipped`` is done that way instead.

    Raises KeyError when a node cannot be reached from what is given, and whatever a slipped step raises.
    """
    return list(map(evaluator(given, slipped), nodes))


def evaluator(given: Mapping[str, Any], slipped: Mapping[str, Step] | None = None) -> Callable[[str], Any]:
    """A function from a node to its value, as in ``evaluate``; what it has computed, it keeps."""
    known = dict(given)

    def value(node: str) -> Any:
        if node not in known:
            step = slipped[node] if slipped and node in slipped else STEPS[node]
            known[node] = step.function(**{role: value(source) for role, source in step.takes.items()})
        return known[node]

    return value


def every_node(given: Mapping[str, Any], targets: Iterable[str]) -> dict[str, Array]:
    """The arrays that can be computed from what is given: the network's, and the targets."""
    value = evaluator(given)
    found: dict[str, Array] = {}
    with np.errstate(all="ignore"):
        for node in sorted(((reachable(given) & NETWORK) | set(targets)) - set(given)):
            try:
                found[node] = np.asarray(value(node), dtype=float)
            except (ValueError, IndexError):  # what is given has other shapes than the network's
                continue
    return found


def reachable(given: Iterable[str]) -> set[str]:
    """The nodes that are given or can be computed from what is."""
    known = set(given)
    while new := {n for n, step in STEPS.items() if n not in known and known.issuperset(step.takes.values())}:
        known |= new
    return known


def ancestors(targets: Iterable[str], given: Iterable[str]) -> set[str]:
    """The nodes computed on the way from ``given`` to ``targets``, the targets included."""
    nodes: set[str] = set()
    todo = list(targets)
    while todo:
        node = todo.pop()
        if node not in nodes and node not in given:
            nodes.add(node)
            todo.extend(STEPS[node].takes.values())
    return nodes
