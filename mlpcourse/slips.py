"""The catalogue of slips: known wrong answers, each with its name, its formula and a function that makes it.

The network is a small graph of steps (``STEPS``): each node is one result of the derivation, computed from earlier
nodes. A slip is one step done wrong. It is defined once and serves wherever its step occurs: an outer product taken
the wrong way round is the same slip in dw2, in dw1, in ``backward`` and in a training step.

A slip's parameters name what it is computed from: the roles of its step (``delta``, ``inputs``) or any node (``z1``).
In its texts ``<delta>`` stands for whatever plays that role. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcourse import solutions

Array = npt.NDArray[Any]
Function = Callable[..., Any]

# --- the steps of the network, done right ---------------------------------------------------------


def _affine(w: Array, inputs: Array, b: Array) -> Array:
    return w @ inputs + b


def _pick(log_A2: Array, y: Array) -> Array:
    return -(y * log_A2).sum(axis=0, keepdims=True)


def _jacobian(A2: Array) -> Array:
    return np.diagflat(A2) - A2 @ A2.T


def _update(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * gradient


def _accuracy(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) == y.argmax(axis=0))


def _outer(delta: Array, inputs: Array) -> Array:
    return delta @ inputs.T


def _column_sum(delta: Array) -> Array:
    return delta.sum(axis=1, keepdims=True)


class Step(NamedTuple):
    """``function`` applied to nodes: ``takes`` says which node plays which of its parameters."""

    function: Function
    takes: dict[str, str]


STEPS: dict[str, Step] = {
    "z1": Step(_affine, {"w": "w1", "inputs": "X", "b": "b1"}),
    "A1": Step(solutions.relu, {"z1": "z1"}),
    "z2": Step(_affine, {"w": "w2", "inputs": "A1", "b": "b2"}),
    "A2": Step(solutions.softmax, {"z2": "z2"}),
    "y": Step(solutions.one_hot, {"labels": "labels", "K": "K"}),
    "log_A2": Step(np.log, {"A2": "A2"}),
    "L": Step(_pick, {"log_A2": "log_A2", "y": "y"}),
    "J": Step(_jacobian, {"A2": "A2"}),
    "delta2": Step(solutions.output_delta, {"A2": "A2", "y": "y"}),
    "dw2": Step(_outer, {"delta": "delta2", "inputs": "A1"}),
    "db2": Step(_column_sum, {"delta": "delta2"}),
    "dA1": Step(solutions.hidden_signal, {"w2": "w2", "delta2": "delta2"}),
    "delta1": Step(solutions.hidden_delta, {"dA1": "dA1", "z1": "z1"}),
    "dw1": Step(_outer, {"delta": "delta1", "inputs": "X"}),
    "db1": Step(_column_sum, {"delta": "delta1"}),
    "w1_new": Step(_update, {"parameter": "w1", "gradient": "dw1", "learning_rate": "learning_rate"}),
    "b1_new": Step(_update, {"parameter": "b1", "gradient": "db1", "learning_rate": "learning_rate"}),
    "w2_new": Step(_update, {"parameter": "w2", "gradient": "dw2", "learning_rate": "learning_rate"}),
    "b2_new": Step(_update, {"parameter": "b2", "gradient": "db2", "learning_rate": "learning_rate"}),
    "share": Step(_accuracy, {"z2": "z2", "y": "y"}),
    "slope": Step(solutions.numerical_gradient, {"f": "f", "x": "x"}),
}


def evaluate(nodes: Iterable[str], given: Mapping[str, Any], slipped: Mapping[str, Step] | None = None) -> list[Any]:
    """The values of ``nodes``, from the ``given`` ones; a step named in ``slipped`` is done that way instead.

    Raises KeyError when a node cannot be reached from what is given.
    """
    steps = {**STEPS, **(slipped or {})}
    known = dict(given)

    def value(node: str) -> Any:
        if node not in known:
            step = steps[node]
            known[node] = step.function(**{role: value(source) for role, source in step.takes.items()})
        return known[node]

    return [value(node) for node in nodes]


# --- what a slip is -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Slip:
    """One known wrong answer.

    on: the nodes whose step it spoils. situation: "" when any input shows it, else the only inputs that do.
    batch: True when it needs more than one example to be wrong. each: a keyword and the values it is tried with.
    """

    name: str
    on: tuple[str, ...]
    title: str
    latex: str
    tempts: str
    breaks: str
    hint: str
    function: Function
    handout: tuple[str, ...] = ()
    situation: str = ""
    batch: bool = False
    each: dict[str, tuple[Any, ...]] = field(default_factory=dict)

    def at(self, node: str) -> list[Step]:
        """The slipped step for ``node``, once for every value of ``each``."""
        roles = STEPS[node].takes
        wanted = [name for name in inspect.signature(self.function).parameters if name not in self.each]
        takes = {name: roles.get(name, name) for name in wanted}
        if not self.each:
            return [Step(self.function, takes)]
        ((keyword, values),) = self.each.items()
        return [Step(_with(self.function, keyword, value), takes) for value in values]

    def text(self, part: str, node: str) -> str:
        """``title``, ``latex``, ``tempts``, ``breaks`` or ``hint``, with the roles filled in for ``node``."""
        words = str(getattr(self, part))
        names = {**STEPS[node].takes, "result": node}
        for role, source in names.items():
            words = words.replace(f"<{role}>", TEX.get(source, source) if part == "latex" else source)
        return words


def _with(function: Function, keyword: str, value: Any) -> Function:
    return lambda **given: function(**given, **{keyword: value})


TEX = {
    "w1": "w_1", "b1": "b_1", "z1": "z_1", "A1": "A_1", "w2": "w_2", "b2": "b_2", "z2": "z_2", "A2": "A_2",
    "delta1": r"\delta_1", "delta2": r"\delta_2",
    "dw1": r"\frac{\partial L}{\partial w_1}", "db1": r"\frac{\partial L}{\partial b_1}",
    "dw2": r"\frac{\partial L}{\partial w_2}", "db2": r"\frac{\partial L}{\partial b_2}",
    "dA1": r"\frac{\partial L}{\partial A_1}", "learning_rate": r"\eta",
}  # fmt: skip

SLIPS: dict[str, Slip] = {}


def slip(on: str, title: str, **texts: Any) -> Callable[[Function], Function]:
    """Enter the decorated function in the catalogue under its own name."""

    def enter(function: Function) -> Function:
        name = function.__name__
        if name in SLIPS:
            raise ValueError(f"the slip {name} is defined twice")
        SLIPS[name] = Slip(name=name, on=tuple(on.split()), title=title, function=function, **texts)
        return function

    return enter


class Candidate(NamedTuple):
    """A slip at one node, as the step it replaces."""

    slip: Slip
    node: str
    step: Step


def reachable(given: Sequence[str]) -> set[str]:
    """The nodes that can be computed from ``given``."""
    known = set(given)
    while new := {n for n, step in STEPS.items() if n not in known and known.issuperset(step.takes.values())}:
        known |= new
    return known


def candidates(given: Sequence[str], targets: Sequence[str], batch: bool = True) -> list[Candidate]:
    """Every way the catalogue knows to get ``targets`` wrong from what is ``given``."""
    known = reachable(given)
    needed = ancestors(targets, given)
    return [
        Candidate(one, node, step)
        for one in SLIPS.values()
        for node in one.on
        if node in needed and (batch or not one.batch)
        for step in one.at(node)
        if known.issuperset(step.takes.values())
    ]


def ancestors(targets: Sequence[str], given: Sequence[str]) -> set[str]:
    """The nodes computed on the way from ``given`` to ``targets``, the targets included."""
    nodes: set[str] = set()
    todo = list(targets)
    while todo:
        node = todo.pop()
        if node not in nodes and node not in given:
            nodes.add(node)
            todo.extend(STEPS[node].takes.values())
    return nodes


# --- softmax --------------------------------------------------------------------------------------


@slip(
    "A2",
    "the softmax runs over the examples, not over the classes",
    latex=r"A_{2,in} = \frac{e^{z_{2,in}}}{\sum_{m=1}^N e^{z_{2,im}}}",
    tempts="An axis number is easily mistaken: `axis=0` runs down a column, `axis=1` along a row.",
    breaks="Each row sums to 1 instead of each column, so an example's probabilities depend on the other examples.",
    hint="Columns are examples. Add up one column of your result: what should come out?",
    batch=True,
)
def softmax_over_examples(z2: Array) -> Array:
    exps = np.exp(z2 - z2.max())
    return exps / exps.sum(axis=1, keepdims=True)


@slip(
    "delta2",
    "the probabilities are taken from the label, not the label from the probabilities",
    latex=r"\delta_2 = y - A_2",
    tempts="Label minus prediction is how one writes an error in everyday life.",
    breaks="Every gradient behind it points uphill: the loss grows with each step.",
    hint="Where the network is sure and wrong, should raising that logit raise or lower the loss?",
)
def label_minus_probability(A2: Array, y: Array) -> Array:
    return (y - A2) / y.shape[1]


@slip(
    "delta1",
    "the gate never closes",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1}",
    tempts="H30 ends without the gate. Testing `A1 >= 0` has the same effect: ReLU leaves nothing negative.",
    breaks="Units with z1 < 0 get a gradient although moving them a little does not move the loss.",
    hint="Take one unit with z1 < 0 and change its z1 slightly. What happens to A1, and to the loss?",
    handout=("H30",),
)
def gate_never_closes(dA1: Array) -> Array:
    return dA1


@slip(
    "dw1 dw2",
    "the outer product is the wrong way round",
    latex=r"<result> = <inputs> <delta>^\top",
    tempts="Both orders of the two factors look alike, and both multiply every pair once.",
    breaks="The gradient has its parameter's shape transposed, so it cannot be subtracted from it.",
    hint="A gradient has the shape of its parameter. Which of the two factors numbers the rows?",
)
def outer_transposed(delta: Array, inputs: Array) -> Array:
    return inputs @ delta.T


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
