"""The catalogue of slips: known wrong answers, each with its name, its formula and a function that makes it.

The network is a small graph of steps (``STEPS``): each node is one result of the derivation, computed from earlier
nodes. A slip is one step done wrong. It is defined once and serves wherever its step occurs: an outer product taken
the wrong way round is the same slip in dw2, in dw1, in ``backward`` and in a training step.

A slip's parameters name what it is computed from: the roles of its step (``delta``, ``inputs``) or any node (``z1``).
In its texts ``<delta>`` stands for whatever plays that role, ``<result>`` for the node itself. Where a slip is made in
several ways that deserve one name, ``each`` lists them. H01 to H32 are the handout's equations.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterable, Mapping
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


def _log(A2: Array) -> Array:
    return np.asarray(np.log(A2))


def _pick(log_A2: Array, y: Array) -> Array:
    return -(y * log_A2).sum(axis=0, keepdims=True)


def _jacobian(A2: Array) -> Array:
    return np.diagflat(A2) - A2 @ A2.T


def _outer(delta: Array, inputs: Array) -> Array:
    return delta @ inputs.T


def _column_sum(delta: Array) -> Array:
    return delta.sum(axis=1, keepdims=True)


def _update(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * gradient


def _share(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) == y.argmax(axis=0))


def _errors(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    """The errors of both differences after the step went from h to h_new: they shrink with h and with h^2."""
    return np.array([[error_forward * h_new / h], [error_central * (h_new / h) ** 2]])


class Step(NamedTuple):
    """``function`` applied to nodes: ``takes`` says which node plays which of its parameters."""

    function: Function
    takes: dict[str, str]


def _step(function: Function, **roles: str) -> Step:
    return Step(function, {name: roles.get(name, name) for name in inspect.signature(function).parameters})


STEPS: dict[str, Step] = {
    "z1": _step(_affine, w="w1", inputs="X", b="b1"),
    "A1": _step(solutions.relu),
    "z2": _step(_affine, w="w2", inputs="A1", b="b2"),
    "A2": _step(solutions.softmax),
    "y": _step(solutions.one_hot),
    "log_A2": _step(_log),
    "L": _step(_pick),
    "J": _step(_jacobian),
    "delta2": _step(solutions.output_delta),
    "dw2": _step(_outer, delta="delta2", inputs="A1"),
    "db2": _step(_column_sum, delta="delta2"),
    "dA1": _step(solutions.hidden_signal),
    "delta1": _step(solutions.hidden_delta),
    "dw1": _step(_outer, delta="delta1", inputs="X"),
    "db1": _step(_column_sum, delta="delta1"),
    "w1_new": _step(_update, parameter="w1", gradient="dw1"),
    "b1_new": _step(_update, parameter="b1", gradient="db1"),
    "w2_new": _step(_update, parameter="w2", gradient="dw2"),
    "b2_new": _step(_update, parameter="b2", gradient="db2"),
    "share": _step(_share),
    "slope": _step(solutions.numerical_gradient),
    "errors": _step(_errors),
    **{
        name: _step(getattr(solutions, name))
        for name in ("mend_H05", "mend_H10", "mend_H11", "mend_H12", "mend_H15", "mend_H18", "mend_H19", "mend_H20")
    },
    "mend_H21": _step(_outer, delta="delta2", inputs="A1"),
}


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


# --- what a slip is -------------------------------------------------------------------------------

# Where the derivation says otherwise: (name for ``derivation.show``, handout IDs, lesson).
SEE: dict[str, tuple[str, str, int]] = {
    "z1": ("z1", "H01", 1), "A1": ("A1", "H02", 1), "z2": ("z2", "H03", 1), "A2": ("A2", "H04", 2),
    "y": ("one_hot", "H20", 3), "log_A2": ("log_softmax", "H05", 3), "L": ("L", "H05", 3),
    "J": ("softmax_jacobian", "H16 to H19", 4), "delta2": ("output_delta", "H15", 5),
    "dw2": ("grad_w2", "H21", 6), "db2": ("grad_b2", "H23", 6), "dA1": ("hidden_signal", "H26, H29", 7),
    "delta1": ("hidden_delta", "H27, H28", 7), "dw1": ("grad_w1", "H30", 8), "db1": ("grad_b1", "H32", 8),
    "w1_new": ("", "", 10), "b1_new": ("", "", 10), "w2_new": ("", "", 10), "b2_new": ("", "", 10),
    "share": ("", "", 10), "slope": ("", "", 9), "errors": ("", "", 9),
    "mend_H05": ("L", "H05", 3), "mend_H10": ("output_delta", "H09, H10", 5), "mend_H11": ("output_delta", "H11", 5),
    "mend_H12": ("output_delta", "H12", 5), "mend_H15": ("output_delta", "H15", 5),
    "mend_H18": ("softmax_denominator", "H18", 4), "mend_H19": ("A2", "H19", 4), "mend_H20": ("one_hot", "H20", 3),
}  # fmt: skip

TEX = {
    "w1": "w_1", "b1": "b_1", "z1": "z_1", "A1": "A_1", "w2": "w_2", "b2": "b_2", "z2": "z_2", "A2": "A_2",
    "delta1": r"\delta_1", "delta2": r"\delta_2", "dA1": r"\frac{\partial L}{\partial A_1}",
    "dw1": r"\frac{\partial L}{\partial w_1}", "db1": r"\frac{\partial L}{\partial b_1}",
    "dw2": r"\frac{\partial L}{\partial w_2}", "db2": r"\frac{\partial L}{\partial b_2}",
    "w1_new": r"w_1^\text{new}", "b1_new": r"b_1^\text{new}", "w2_new": r"w_2^\text{new}", "b2_new": r"b_2^\text{new}",
    "learning_rate": r"\eta", "mend_H21": r"\frac{\partial L}{\partial w_2}",
}  # fmt: skip


@dataclass(frozen=True)
class Slip:
    """One known wrong answer.

    on: the nodes whose step it spoils. title, tempts, breaks, hint: sentences for the learner; the hint does not give
    the answer away. situation: "" when ordinary inputs show it, else the names of the inputs that do, in words.
    batch: it needs more than one example to be wrong. each: a keyword of ``function`` and the values it is tried with.
    constant: its result is the same number everywhere, so that a learner's placeholder might be taken for it.
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
    constant: bool = False

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
        names = {**STEPS[node].takes, "result": node} if node in STEPS else {}
        for role, source in names.items():
            words = words.replace(f"<{role}>", f"{{{TEX.get(source, source)}}}" if part == "latex" else source)
        return words


def _with(function: Function, keyword: str, value: Any) -> Function:
    return lambda **given: function(**given, **{keyword: value})


SLIPS: dict[str, Slip] = {}


def slip(on: str, title: str, *, handout: str = "", **texts: Any) -> Callable[[Function], Function]:
    """Enter the decorated function in the catalogue under its own name; ``on`` and ``handout`` are lists in words."""

    def enter(function: Function) -> Function:
        name = function.__name__
        if name in SLIPS:
            raise ValueError(f"the slip {name} is defined twice")
        SLIPS[name] = Slip(
            name=name, on=tuple(on.split()), title=title, function=function, handout=tuple(handout.split()), **texts
        )
        return function

    return enter


# One mistake seen from two steps: these give the same numbers wherever both are possible, or always in some exercise.
# The one in the later step is named.
SAME: list[set[str]] = [
    {"all_steps_uphill", "label_minus_probability"},
    {"softmax_skipped", "logits_for_probabilities"},
    {"softmax_twice", "probabilities_softmaxed"},
    {"log_softmax_for_softmax", "logarithm_minus_label"},
    {"softmax_not_normalised", "loss_from_logits"},  # the logarithm of e^z is z
    {"shift_on_one_side", "shift_not_put_back"},  # the same, seen through the logarithm
    {"hardmax", "prediction_rounded"},
    {"relu_on_logits", "negative_logits_cut"},  # where z2 is not asked for
    {"negative_signals_cut", "gate_on_both"},
    {"negative_errors_cut", "gate_on_both"},
    {"negative_errors_cut", "negative_signals_cut"},
    {"signal_for_delta_in_dw1", "gate_never_closes"},  # where dw1 alone is asked for
    {"relu_skipped", "logits_from_z1"},  # where A1 is not asked for
    {"bias_mean_again", "step_scaled_by_n"},
    {"outer_mean_again", "step_scaled_by_n"},
    {"bias_summed_over_everything", "not_updated"},  # each column of delta2 sums to 0
    {"bias_summed_over_rows", "not_updated"},
]


class Candidate(NamedTuple):
    """A slip at one node, as the step it replaces."""

    slip: Slip
    node: str
    step: Step
    first: bool  # of the ways that the slip is made in: the one that its formula shows


@functools.cache
def candidates(
    given: tuple[str, ...], targets: tuple[str, ...], batch: bool = True, situation: str = ""
) -> list[Candidate]:
    """Every way the catalogue knows to get ``targets`` wrong from what is ``given``, the last steps' slips first.

    With a ``situation``, only those that need it: in it, all others would have shown before.
    """
    known = reachable(given)
    needed = ancestors(targets, given)
    found = [
        Candidate(one, node, step, first)
        for one in SLIPS.values()
        for node in one.on
        if node in needed
        and (batch or not one.batch)
        and (situation or "ordinary") in (one.situation or "ordinary").split()
        for first, step in ((number == 0, step) for number, step in enumerate(one.at(node)))
        if known.issuperset(step.takes.values())
    ]
    depth = {node: len(ancestors([node], given)) for node in needed}
    return sorted(found, key=lambda one: -depth[one.node])


# --- any result, spoiled as a whole ---------------------------------------------------------------


def _emptied(result: Array, index: int, axis: int) -> Array:
    emptied = result.copy()
    np.moveaxis(emptied, axis, 0)[index] = 0
    return emptied


class Generic(NamedTuple):
    """A slip that can befall any result, alone or on top of another: ``apply(result, K, N)``."""

    name: str
    title: str
    hint: str
    apply: Callable[[Array, int, int], Array]


GENERICS: dict[str, Generic] = {
    generic.name: generic
    for generic in (
        Generic(
            "wrong_sign", "every sign is turned round", "Follow the minus signs through your lines, one by one.",
            lambda result, K, N: -result,
        ),
        Generic(
            "transposed", "rows and columns are exchanged",
            "Columns are examples, and a gradient has its parameter's shape. What do your rows stand for?",
            lambda result, K, N: np.swapaxes(result, -1, -2),
        ),
        Generic(
            "n_times_too_large", "it is N times too large",
            "The loss is a mean over the examples. Where does the 1/N of the mean go, and how often?",
            lambda result, K, N: result * N,
        ),
        Generic(
            "divided_by_n_again", "it is divided by N once too often",
            "The loss is a mean over the examples. Where does the 1/N of the mean go, and how often?",
            lambda result, K, N: result / N,
        ),
        Generic(
            "doubled", "it is twice what it should be",
            "Which of your steps could give a factor 2? A square has one in its derivative; this loss has no square.",
            lambda result, K, N: result * 2,
        ),
        Generic(
            "halved", "it is half of what it should be", "Which of your steps could give a factor of one half?",
            lambda result, K, N: result / 2,
        ),
        Generic(
            "divided_by_k", "it is divided by K, the number of classes",
            "`len` and `mean` count rows unless told otherwise. What do the rows stand for?",
            lambda result, K, N: result / K,
        ),
        Generic(
            "k_times_too_large", "it is K times too large",
            "K is the number of classes. Which of your steps counts them, or takes a mean over them?",
            lambda result, K, N: result * K,
        ),
        Generic(
            "per_cent", "it is given in per cent", "Which number stands for certainty: 1 or 100?",
            lambda result, K, N: result * 100,
        ),
        Generic(
            "flattened", "all entries stand in one row: the shape is lost",
            "What do the rows of the result stand for, and what its columns?",
            lambda result, K, N: result.ravel(),
        ),
        Generic(
            "decimals_cut_off", "the decimals are cut off",
            "Which type of numbers does your array hold? `np.vectorize` and integer arrays drop the decimals.",
            lambda result, K, N: np.trunc(result),
        ),
        Generic(
            "first_row_left_out", "the first row is left at 0",
            "Where does your loop begin? The first index is 0.", lambda result, K, N: _emptied(result, 0, 0),
        ),
        Generic(
            "last_row_left_out", "the last row is left at 0",
            "Where does your loop end? `range(n)` goes up to n - 1.", lambda result, K, N: _emptied(result, -1, 0),
        ),
        Generic(
            "first_column_left_out", "the first column is left at 0",
            "Where does your loop begin? The first index is 0.", lambda result, K, N: _emptied(result, 0, 1),
        ),
        Generic(
            "last_column_left_out", "the last column is left at 0",
            "Where does your loop end? `range(n)` goes up to n - 1.", lambda result, K, N: _emptied(result, -1, 1),
        ),
        Generic(
            "first_column_only", "only the first column came back",
            "Does a `return` stand inside your loop? It ends the function in the first pass.",
            lambda result, K, N: result[:, :1],
        ),
        Generic(
            "last_column_only", "only the last column came back",
            "What happens in your loop to what the pass before has made?", lambda result, K, N: result[:, -1:],
        ),
        Generic(
            "divided_by_k_and_n", "it is divided by K and by N",
            "`size` counts all entries, and `mean` without an axis goes over all of them. What is the mean to go over?",
            lambda result, K, N: result / (K * N),
        ),
    )
}  # fmt: skip


# --- one layer: z = w inputs + b ------------------------------------------------------------------


@slip(
    "z1 z2",
    "the bias <b> is left out of <result>",
    latex=r"<result> = <w> <inputs>",
    tempts="The product does the visible work, and a bias that starts at zero is not missed at first.",
    breaks="Every hyperplane goes through the origin, and the bias gets a gradient that changes nothing.",
    hint="Set all inputs of the layer to 0. What should come out?",
)
def bias_left_out(w: Array, inputs: Array) -> Array:
    return w @ inputs


@slip(
    "z1 z2",
    "the bias <b> is subtracted",
    latex=r"<result> = <w> <inputs> - <b>",
    tempts="Some books write a threshold that is subtracted where others write a bias.",
    breaks="The forward pass belongs to another network: the one with all biases of the other sign.",
    hint="Raise one entry of the bias a little. Which way should its row move?",
)
def bias_subtracted(w: Array, inputs: Array, b: Array) -> Array:
    return w @ inputs - b


@slip(
    "z1 z2",
    "the bias <b> is multiplied in",
    latex=r"<result> = (<w> <inputs>) \odot <b>",
    tempts="A bias looks like one more weight.",
    breaks="A bias of zero silences its unit, and a negative one turns it round.",
    hint="Set the bias to 0. Should the rest of the layer still matter?",
)
def bias_multiplied(w: Array, inputs: Array, b: Array) -> Array:
    return (w @ inputs) * b


@slip(
    "z1 z2",
    "the weights <w> are read by columns, not by rows",
    latex=r"<result> = <w>^\top <inputs> + <b>",
    tempts="By hand, rows and columns are easily exchanged; where there are as many of both, nothing stops you.",
    breaks="Each unit gets the weights of other units.",
    hint="Which numbers of <w> belong to the first unit: its first row or its first column?",
)
def weights_transposed(w: Array, inputs: Array, b: Array) -> Array:
    return w.T @ inputs + b


@slip(
    "z2",
    "the logits are computed from z1, not from A1",
    latex=r"z_2 = w_2 z_1 + b_2",
    tempts="z1 was computed just before, and it has the same shape as A1.",
    breaks="Without ReLU in between, two layers are one linear map: the hidden layer adds nothing.",
    hint="Which of the two, z1 or A1, is what the hidden layer hands on?",
)
def logits_from_z1(w2: Array, z1: Array, b2: Array) -> Array:
    return w2 @ z1 + b2


@slip(
    "z2",
    "ReLU is applied to the logits as well",
    latex=r"z_2 = \text{ReLU}(w_2 A_1 + b_2)",
    tempts="The hidden layer has it, so the output layer seems to need it too.",
    breaks="All negative logits become equal, and the network cannot tell those classes apart.",
    hint="Which function turns z2 into A2 in this network?",
)
def relu_on_logits(w2: Array, A1: Array, b2: Array) -> Array:
    return np.maximum(w2 @ A1 + b2, 0)


@slip(
    "z1 z2",
    "the factors of the product <w> <inputs> are exchanged",
    latex=r"<result> = <inputs> <w> + <b>",
    tempts="Where examples are rows, the inputs stand on the left.",
    breaks="The columns of the left factor must be as many as the rows of the right one: here they are not.",
    hint="One column of <inputs> is one example. On which side of it must the weights stand?",
)
def factors_exchanged_forward(w: Array, inputs: Array, b: Array) -> Array:
    return inputs @ w + b


@slip(
    "z1 z2",
    "weights and <inputs> are multiplied entry by entry",
    latex=r"<result> = <w> \odot <inputs> + <b>",
    tempts="The handout writes no sign between the two, and `*` is the first that comes to mind.",
    breaks="A unit adds up its weighted inputs; entry by entry nothing is added up, and the shapes do not fit.",
    hint="A unit has several inputs and one z. What happens to the products?",
)
def affine_entry_by_entry(w: Array, inputs: Array, b: Array) -> Array:
    return w * inputs + b


@slip(
    "z1 z2",
    "the bias <b> is added before the product, not after it",
    latex=r"<result> = <w> (<inputs> + <b>)",
    tempts="A bracket too many, or a bias added to what comes in.",
    breaks="The bias belongs to the units of this layer, not to its inputs: the lengths do not even fit.",
    hint="How long is <b>, and which other column in this line is as long?",
)
def bias_before_product(w: Array, inputs: Array, b: Array) -> Array:
    return w @ (inputs + b)


@slip(
    "z2",
    "X goes into the second layer, not A1",
    latex=r"z_2 = w_2 X + b_2",
    tempts="The first layer's line is copied, and its input with it.",
    breaks="The hidden layer is passed by; and X has another number of rows than w2 has columns.",
    hint="What does the hidden layer hand on?",
)
def logits_from_X(w2: Array, X: Array, b2: Array) -> Array:
    return w2 @ X + b2


@slip(
    "z2",
    "the first layer's weights and bias are used again",
    latex=r"z_2 = w_1 A_1 + b_1",
    tempts="The first layer's line is copied, and its parameters with it.",
    breaks="There is one logit for each hidden unit, and w2 is never used.",
    hint="How many logits should there be, and which weights have that many rows?",
)
def first_layer_again(w1: Array, A1: Array, b1: Array) -> Array:
    return w1 @ A1 + b1


# --- ReLU -----------------------------------------------------------------------------------------


@slip(
    "A1",
    "nothing is cut off: ReLU is skipped",
    latex=r"A_1 = z_1",
    tempts="Where z1 is positive, z1 and ReLU(z1) are the same.",
    breaks="Two linear layers in a row are one linear layer.",
    hint="Look at the entries where z1 is negative. What does H02 put there?",
)
def relu_skipped(z1: Array) -> Array:
    return z1


@slip(
    "A1",
    "the negative side is kept instead of the positive one",
    latex=r"A_1 = \min(z_1, 0)",
    tempts="A comparison turned round, or `minimum` for `maximum`.",
    breaks="Exactly the units that should pass are silenced, and the others pass.",
    hint="Try a single z1 = 2, then z1 = -2. What does H02 give for each?",
)
def relu_inverted(z1: Array) -> Array:
    return np.minimum(z1, 0)


@slip(
    "A1",
    "the gate is returned instead of the value that passes it",
    latex=r"A_1 = I(z_1 \ge 0)",
    tempts="`z1 >= 0` says which entries survive, and it looks finished.",
    breaks="Every open unit says 1, however large its z1 is.",
    hint="The comparison says where. What should stand there?",
)
def relu_gate_for_value(z1: Array) -> Array:
    return (z1 >= 0) * 1.0


@slip(
    "A1",
    "negative entries are made positive instead of 0",
    latex=r"A_1 = |z_1|",
    tempts="Both the absolute value and ReLU remove negative numbers.",
    breaks="A strongly negative unit becomes a strongly active one.",
    hint="What should a unit with z1 = -3 hand on?",
)
def relu_absolute(z1: Array) -> Array:
    return np.abs(z1)


@slip(
    "A1",
    "the sign of z1 is turned before it is cut off",
    latex=r"A_1 = \max(-z_1, 0)",
    tempts="One minus sign too many while writing the two cases.",
    breaks="Exactly the units that should be silent are active.",
    hint="Try a single z1 = 2. What comes out?",
)
def relu_of_minus(z1: Array) -> Array:
    return np.maximum(-z1, 0)


@slip(
    "A1",
    "negative entries are made small, not 0",
    latex=r"A_1 = \max(z_1, \alpha z_1)",
    tempts="This is leaky ReLU, a well-known relative.",
    breaks="The handout's network has a gate that closes completely, and its derivative is 0 there.",
    hint="What exactly does the second case of H02 say?",
    each={"slope": (0.01, 0.1, 0.2, 0.3, 0.05, 0.001)},
)
def relu_leaky(z1: Array, slope: float) -> Array:
    return np.where(z1 > 0, z1, slope * z1)


@slip(
    "A1",
    "large entries are cut off too",
    latex=r"A_1 = \min(\max(z_1, 0), 1)",
    tempts="An activation is easily thought of as a number between 0 and 1.",
    breaks="Units above 1 all look the same, and their gate would have to close again.",
    hint="What does H02 do to z1 = 3?",
)
def relu_capped(z1: Array) -> Array:
    return np.clip(z1, 0, 1)


@slip(
    "A1",
    "the comparison is with 1, not with 0",
    latex=r"A_1 = \max(z_1, 1)",
    tempts="0 and 1 are the two numbers in the handout's cases, H27 included.",
    breaks="Small entries are moved or lost.",
    hint="What does H02 do to z1 = 0.5?",
    each={"form": ("maximum", "where")},
)
def relu_threshold_one(z1: Array, form: str) -> Array:
    return np.maximum(z1, 1) if form == "maximum" else np.where(z1 >= 1, z1, 0)


@slip(
    "A1",
    "the largest entry is taken, not the larger of two numbers",
    latex=r"A_1 = \max_j z_{1j}",
    tempts="`np.max` and `np.maximum` differ by three letters; the second argument of `np.max` is an axis.",
    breaks="One number is left for a whole column, or for the whole array.",
    hint="ReLU works on each entry alone. Which of the two functions compares entry by entry?",
    each={"form": ("columns", "all", "columns kept", "all or 0", "columns or 0")},
)
def relu_largest(z1: Array, form: str) -> Any:
    axis = 0 if form.startswith("columns") else None
    largest = z1.max(axis=axis, keepdims="kept" in form)
    return np.maximum(largest, 0) if form.endswith("or 0") else largest


@slip(
    "A1",
    "the largest entry of each row is taken, not the larger of two numbers",
    latex=r"A_{1j} = \max_n z_{1,jn}",
    tempts="`np.max` and `np.maximum` differ by three letters; the second argument of `np.max` is an axis.",
    breaks="One number is left for a whole row: all examples of a unit are put together.",
    hint="ReLU works on each entry alone. Which of the two functions compares entry by entry?",
    batch=True,
    each={"keep": (False, True)},
)
def relu_largest_of_row(z1: Array, keep: bool) -> Any:
    return z1.max(axis=1, keepdims=keep)


@slip(
    "A1",
    "the negative entries are thrown out instead of set to 0",
    latex=r"A_1 = (z_{1j} : z_{1j} > 0)",
    tempts="`z1[z1 > 0]` picks exactly the entries that survive.",
    breaks="The rest moves up: which unit and which example a number belongs to is lost.",
    hint="How many entries should A1 have?",
)
def relu_positives_only(z1: Array) -> Array:
    return z1[z1 > 0]


@slip(
    "A1",
    "the sigmoid takes the place of ReLU",
    latex=r"A_1 = \frac{1}{1 + e^{-z_1}}",
    tempts="It is the activation of many older texts.",
    breaks="It is another network: its derivative is A1 (1 - A1) and has no gate.",
    hint="Which activation does H02 define?",
)
def sigmoid_for_relu(z1: Array) -> Array:
    return 1 / (1 + np.exp(-z1))


@slip(
    "A1",
    "tanh takes the place of ReLU",
    latex=r"A_1 = \tanh z_1",
    tempts="It is the activation of many older texts.",
    breaks="It is another network: its derivative is 1 - A1^2 and has no gate.",
    hint="Which activation does H02 define?",
)
def tanh_for_relu(z1: Array) -> Array:
    return np.tanh(z1)


@slip(
    "A1",
    "softplus takes the place of ReLU",
    latex=r"A_1 = \log(1 + e^{z_1})",
    tempts="It is the smooth relative of ReLU.",
    breaks="No unit is ever exactly 0, and the gate becomes a sigmoid.",
    hint="Which activation does H02 define?",
)
def softplus_for_relu(z1: Array) -> Array:
    return np.log1p(np.exp(z1))


@slip(
    "A1",
    "the softmax takes the place of ReLU",
    latex=r"A_1 = \text{softmax}(z_1)",
    tempts="The output layer has it, and it is at hand.",
    breaks="The hidden units compete for a sum of 1, and none is ever closed.",
    hint="Which activation does H02 define for the hidden layer?",
)
def softmax_for_relu(z1: Array) -> Array:
    return solutions.softmax(z1)


# --- softmax --------------------------------------------------------------------------------------


@slip(
    "A2",
    "the softmax is skipped: the logits stand where probabilities belong",
    latex=r"A_2 = z_2",
    tempts="z2 has the right shape, and its largest entry marks the same class.",
    breaks="Logits can be negative and need not sum to 1: their logarithm does not even exist.",
    hint="Which properties does a column of probabilities have, and does yours?",
)
def softmax_skipped(z2: Array) -> Array:
    return z2


@slip(
    "A2",
    "the softmax runs over the examples, not over the classes",
    latex=r"A_{2,in} = \frac{e^{z_{2,in}}}{\sum_{m=1}^N e^{z_{2,im}}}",
    tempts="An axis is easily mistaken: `axis=0` runs down a column, `axis=1` along a row.",
    breaks="Each row sums to 1 instead of each column, so an example's probabilities depend on the other examples.",
    hint="Columns are examples. Add up one column of your result: what should come out?",
    batch=True,
    each={"keep": (True, False)},
)
def softmax_over_examples(z2: Array, keep: bool) -> Array:
    exps = np.exp(z2 - z2.max())
    return exps / exps.sum(axis=1, keepdims=keep)


@slip(
    "A2",
    "the largest logit is taken down each column, but the sum runs over the examples",
    latex=r"A_{2,in} = \frac{e^{z_{2,in} - c_n}}{\sum_{m=1}^N e^{z_{2,im} - c_m}},\quad c_n = \max_k z_{2,kn}",
    tempts="Two axes are to be named, one for the maximum and one for the sum, and only one of them is right.",
    breaks="Each row sums to 1 instead of each column, so an example's probabilities depend on the other examples.",
    hint="Columns are examples. Add up one column of your result: what should come out?",
    batch=True,
)
def softmax_sum_over_examples(z2: Array) -> Array:
    exps = np.exp(z2 - z2.max(axis=0, keepdims=True))
    return exps / exps.sum(axis=1, keepdims=True)


@slip(
    "A2",
    "the softmax is applied to A1, not to the logits",
    latex=r"A_2 = \text{softmax}(A_1)",
    tempts="A1 is what the layer before hands on, and every layer seems to begin with it.",
    breaks="There is one probability for each hidden unit, and w2 is passed by.",
    hint="How many probabilities should there be for one example?",
)
def softmax_of_hidden_layer(A1: Array) -> Array:
    return solutions.softmax(A1)


@slip(
    "A2",
    "negative logits are cut off before the softmax",
    latex=r"A_2 = \text{softmax}(\max(z_2, 0))",
    tempts="ReLU stood between the layers, so it is put here as well.",
    breaks="All negative logits become equal, and the network cannot tell those classes apart.",
    hint="Is there anything wrong with a negative logit?",
)
def negative_logits_cut(z2: Array) -> Array:
    return solutions.softmax(np.maximum(z2, 0))


@slip(
    "A2",
    "the sum runs over the whole array, not over each column",
    latex=r"A_{2,in} = \frac{e^{z_{2,in}}}{\sum_{j=1}^K \sum_{m=1}^N e^{z_{2,jm}}}",
    tempts="For one example `sum()` without an axis is right.",
    breaks="All entries together sum to 1, so each example gets only a share of its probability.",
    hint="Add up one column of your result: what should come out?",
    batch=True,
    each={"shift": ("all", "column", "row")},
)
def softmax_over_everything(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - _top(z2, shift))
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
    return np.exp(z2 - _top(z2, shift))


def _top(z2: Array, shift: str) -> Any:
    return {"none": 0.0, "column": z2.max(axis=0), "row": z2.max(axis=1, keepdims=True), "all": z2.max()}[shift]


@slip(
    "A2",
    "the logits are divided by their sum, without the exponential",
    latex=r"A_{2i} = \frac{z_{2i}}{\sum_j z_{2j}}",
    tempts="This is how shares are usually computed, and the columns do sum to 1.",
    breaks="Negative logits give negative shares, and a sum near 0 blows everything up.",
    hint="Can an entry of your result be negative?",
    each={"form": ("sum", "absolute", "shifted")},
)
def softmax_without_exp(z2: Array, form: str) -> Array:
    if form == "shifted":
        z2 = z2 - z2.max(axis=0)
    return z2 / (np.abs(z2) if form == "absolute" else z2).sum(axis=0)


@slip(
    "A2",
    "the exponential of the logit is divided by the sum of the logits themselves",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_j z_{2j}}",
    tempts="The exponential is written above the line and forgotten below it.",
    breaks="The columns do not sum to 1, and the sum may even be negative.",
    hint="What stands in the sum of H04?",
)
def exp_over_sum_of_logits(z2: Array) -> Array:
    return np.exp(z2) / z2.sum(axis=0)


@slip(
    "A2",
    "the logits are divided by their sum before the exponential",
    latex=r"A_{2i} = e^{z_{2i} / \sum_j z_{2j}}",
    tempts="Exponential and division are both done, only in the other order.",
    breaks="The columns do not sum to 1.",
    hint="Which comes first in H04, and what is summed?",
)
def exp_of_share(z2: Array) -> Array:
    return np.exp(z2 / z2.sum(axis=0))


@slip(
    "A2",
    "the exponent has the wrong sign",
    latex=r"A_{2i} = \frac{e^{-z_{2i}}}{\sum_j e^{-z_{2j}}}",
    tempts="The sigmoid has a minus sign in its exponent.",
    breaks="The largest logit gets the smallest probability.",
    hint="Which class of a column should be the most probable one?",
)
def softmax_of_minus(z2: Array) -> Array:
    return solutions.softmax(-z2)


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
    return solutions.softmax(z2 * np.log(base))


@slip(
    "A2",
    "the logarithm of the softmax is returned",
    latex=r"\log A_{2i} = z_{2i} - \log \sum_j e^{z_{2j}}",
    tempts="The stable recipes are written for the logarithm, since the loss needs it.",
    breaks="Logarithms of probabilities are negative and do not sum to 1.",
    hint="Can a probability be negative?",
)
def log_softmax_for_softmax(z2: Array) -> Array:
    return np.log(solutions.softmax(z2))


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
    "the largest logit gets all the probability",
    latex=r"A_{2i} = I(i = \text{argmax}_j z_{2j})",
    tempts="The name says maximum.",
    breaks="A step has derivative 0 nearly everywhere: nothing could be learned through it.",
    hint="Change the largest logit a little. Should its probability stay exactly the same?",
    each={"index": (False, True)},
)
def hardmax(z2: Array, index: bool) -> Array:
    return z2.argmax(axis=0) if index else (z2 == z2.max(axis=0)) * 1.0


@slip(
    "A2",
    "it is 1 minus the probability",
    latex=r"1 - A_{2i}",
    tempts="The probability of not being of that class is a probability too.",
    breaks="The likeliest class gets the lowest number, and a column sums to K - 1.",
    hint="Which entry of a column should be the largest one?",
)
def one_minus_softmax(z2: Array) -> Array:
    return 1 - solutions.softmax(z2)


@slip(
    "A2",
    "it is the derivative of an activation, not the activation",
    latex=r"A_{2i} (1 - A_{2i})",
    tempts="Value and derivative of the softmax are used side by side in the handout.",
    breaks="A column no longer sums to 1.",
    hint="Add up one column of your result: what should come out?",
)
def derivative_for_softmax(z2: Array) -> Array:
    A2 = solutions.softmax(z2)
    return A2 * (1 - A2)


@slip(
    "A2",
    "the softmax is applied twice",
    latex=r"A_2 = \text{softmax}(\text{softmax}(z_2))",
    tempts="A function that expects logits is given probabilities, and nothing complains.",
    breaks="The probabilities are squeezed together: none can get near 0 or 1 any more.",
    hint="What goes in where you call the exponential: logits or probabilities?",
)
def softmax_twice(z2: Array) -> Array:
    return solutions.softmax(solutions.softmax(z2))


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
    tempts="The handout writes both j = 1..K and j = 0..K.",
    breaks="0..K is K + 1 classes, so the K probabilities no longer sum to 1.",
    hint="Add up one column of your result: what should come out?",
    handout="H04 H05 H10",
    each={"shift": ("none", "column", "all")},
)
def one_class_too_many(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - _top(z2, shift))
    return exps / (1 + exps.sum(axis=0))


@slip(
    "A2",
    "the sum has one term too many: the last class is counted twice",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{e^{z_{2K}} + \sum_{j=1}^K e^{z_{2j}}}",
    tempts="The handout writes both j = 1..K and j = 0..K; index -1 is no error in Python, but the last one.",
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
    "the maximum is taken off above the line only, or below it only",
    latex=r"A_{2i} = \frac{e^{z_{2i} - \max_j z_{2j}}}{\sum_j e^{z_{2j}}}",
    tempts="The shift is put in where the overflow was seen first.",
    breaks="The factor e^-max no longer cancels: a column does not sum to 1.",
    hint="What must happen above and below the line for a common factor to cancel?",
    each={"form": ("above column", "above all", "below column", "below all")},
)
def shift_on_one_side(z2: Array, form: str) -> Array:
    side, shift = form.split()
    plain, shifted = np.exp(z2), np.exp(z2 - _top(z2, shift))
    return shifted / plain.sum(axis=0) if side == "above" else plain / shifted.sum(axis=0)


@slip(
    "A2",
    "each class is shifted by its own maximum over the examples",
    latex=r"A_{2,in} = \frac{e^{z_{2,in} - \max_m z_{2,im}}}{\sum_j e^{z_{2,jn} - \max_m z_{2,jm}}}",
    tempts="An axis is easily mistaken: the maximum along a row is of one class over all examples.",
    breaks="The shift differs from class to class, so it does not cancel within a column.",
    hint="Which numbers must be shifted by the same amount for the softmax not to notice?",
    batch=True,
)
def shift_per_class(z2: Array) -> Array:
    return solutions.softmax(z2 - z2.max(axis=1, keepdims=True))


@slip(
    "A2",
    "the logits are divided by the largest one, not shifted by it",
    latex=r"A_{2i} = \frac{e^{z_{2i} / \max_j z_{2j}}}{\sum_j e^{z_{2j} / \max_j z_{2j}}}",
    tempts="Dividing by the largest also makes numbers small.",
    breaks="The softmax does not see a common shift, but it does see a common factor.",
    hint="Try the logits 1, 2 and then 2, 4. Should the probabilities be the same?",
)
def largest_divided_out(z2: Array) -> Array:
    return solutions.softmax(z2 / z2.max(axis=0))


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
    "the logits are divided by the largest of all, not shifted by it",
    latex=r"A_{2i} = \frac{e^{z_{2i} / \max z_2}}{\sum_j e^{z_{2j} / \max z_2}}",
    tempts="Dividing by the largest also makes numbers small.",
    breaks="The softmax does not see a common shift, but it does see a common factor.",
    hint="Try the logits 1, 2 and then 2, 4. Should the probabilities be the same?",
    batch=True,
)
def largest_of_all_divided_out(z2: Array) -> Array:
    return solutions.softmax(z2 / z2.max())


@slip(
    "A2",
    "the sum is taken off in the exponent without its logarithm",
    latex=r"A_{2i} = e^{z_{2i} - \sum_j e^{z_{2j}}}",
    tempts="Dividing by the sum is subtracting in the exponent; the logarithm that belongs to it is forgotten.",
    breaks="A column does not sum to 1.",
    hint="Which number, put into an exponential, gives the sum?",
)
def logarithm_of_sum_missing(z2: Array) -> Array:
    return np.exp(z2 - np.exp(z2).sum(axis=0))


@slip(
    "A2",
    "the exponentials overflow",
    latex=r"A_{2i} = \frac{e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="It is H04 to the letter, and on small logits it is right.",
    breaks="e^z is infinite in float64 from z = 710 on and 0 below z = -745: infinity over infinity, or 0/0.",
    hint="Which number could you take off all logits of a column without changing the result?",
    situation="shifted",
    each={"floor": (0.0, 1e-8, 1e-9, 1e-12, 1e-15, 1e-10, 1e-7)},
)
def exp_overflows(z2: Array, floor: float) -> Array:
    exps = np.exp(z2)
    share = exps / (exps.sum(axis=0) + abs(floor))
    return np.nan_to_num(share) if floor < 0 else share


@slip(
    "A2",
    "the logits are shifted by the wrong number: their smallest or their mean",
    latex=r"A_{2i} = \frac{e^{z_{2i} - \min_j z_{2j}}}{\sum_j e^{z_{2j} - \min_j z_{2j}}}",
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
    return solutions.softmax(np.clip(z2, -500, 500))


@slip(
    "A2",
    "one maximum is taken off for the whole batch",
    latex=r"A_{2,in} = \frac{e^{z_{2,in} - \max_{jm} z_{2,jm}}}{\sum_j e^{z_{2,jn} - \max_{jm} z_{2,jm}}}",
    tempts="`max()` without an axis is shorter, and on ordinary logits nothing shows.",
    breaks="An example whose logits all lie far below the batch's largest gets 0/0.",
    hint="Which maximum guarantees that every column keeps at least one exponential equal to 1?",
    situation="apart",
)
def shift_by_batch_maximum(z2: Array) -> Array:
    exps = np.exp(z2 - z2.max())
    return exps / exps.sum(axis=0)


# --- one-hot labels -------------------------------------------------------------------------------


@slip(
    "y",
    "there is one row for each example, not one column",
    latex=r"y_{n,i} = I(t_n = i)",
    tempts="`np.eye(K)[labels]` is the usual line where examples are rows.",
    breaks="Columns are examples here: A2 - y would not conform, or worse, conform wrongly.",
    hint="What are the rows of A2, and what are its columns?",
)
def one_hot_in_rows(labels: Array, K: int) -> Array:
    return np.eye(K)[labels]


@slip(
    "y",
    "the ones stand one class too far up or down",
    latex=r"y_i = I(t - 1 = i)",
    tempts="Formulas count classes from 1, code from 0.",
    breaks="Every example gets its neighbour's label, and class 0 wraps round to the last.",
    hint="Where should the 1 of an example with label 0 stand?",
    each={"form": ("down", "up", "down and out", "up and out")},
)
def labels_off_by_one(labels: Array, K: int, form: str) -> Array:
    by = -1 if form.startswith("down") else 1
    return np.eye(K, k=-by)[:, labels] if form.endswith("out") else np.eye(K)[:, (labels + by) % K]


@slip(
    "y",
    "the label's number stands where a 1 belongs",
    latex=r"y_i = t \, I(t = i)",
    tempts="The label is at hand, and it is put where the class is.",
    breaks="The loss of an example is multiplied by its class number; class 0 counts nothing.",
    hint="What are the only two values in a one-hot column?",
    each={"plus": (0, 1)},
)
def label_value_for_one(labels: Array, K: int, plus: int) -> Array:
    return np.eye(K)[:, labels] * (labels + plus)


@slip(
    "y",
    "whole rows are set to 1",
    latex=r"y_{in} = I(i \in \{t_1, \dots, t_N\})",
    tempts="`y[labels] = 1` reads as if it went through the examples.",
    breaks="Every class that occurs at all is marked for every example.",
    hint="An entry has two indices. Which example does each label belong to?",
    batch=True,
)
def whole_rows_set(labels: Array, K: int) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels] = 1
    return y


@slip(
    "y",
    "whole columns are set to 1",
    latex=r"y_{in} = I(n \in \{t_1, \dots, t_N\})",
    tempts="`y[:, labels] = 1` reads as if it put a 1 for each label.",
    breaks="Class numbers are taken for numbers of examples, and those examples belong to every class.",
    hint="An entry has two indices. Which of the two is the class, and which the example?",
    batch=True,
)
def whole_columns_set(labels: Array, K: int) -> Array:
    y = np.zeros((K, len(labels)))
    y[:, [label for label in labels if label < len(labels)]] = 1
    return y


@slip(
    "y",
    "all the ones stand in the first column",
    latex=r"y_{i1} = I(i \in \{t_1, \dots, t_N\})",
    tempts="`y[labels, 0] = 1` is right for one example.",
    breaks="The first example belongs to every class that occurs, and the others to none.",
    hint="In which column belongs the 1 of the second example?",
    batch=True,
)
def first_column_set(labels: Array, K: int) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels, 0] = 1
    return y


@slip(
    "y",
    "the number of rows is that of the examples, not of the classes",
    latex=r"y_{in} = I(t_n = i), \quad i = 1, \dots, N",
    tempts="Two sizes are at hand, and `len(labels)` is the shorter word.",
    breaks="There are rows for classes that do not exist, or too few rows.",
    hint="What are the rows of y, and how many are there?",
    batch=True,
)
def rows_for_examples(labels: Array, K: int) -> Array:
    return np.eye(max(len(labels), K))[: len(labels), labels]


@slip(
    "y",
    "there is one row too many",
    latex=r"y_{in} = I(t_n = i), \quad i = 0, \dots, K",
    tempts="With classes counted from 0 or from 1, one spare row seems safe.",
    breaks="A2 has K rows: A2 - y would not conform.",
    hint="How many classes are there if they are numbered 0 to K - 1?",
    each={"top": (False, True)},
)
def one_row_too_many(labels: Array, K: int, top: bool) -> Array:
    return np.eye(K + 1)[:, labels + top]


@slip(
    "y",
    "the labels play no part",
    latex=r"y = I",
    tempts="The unit matrix holds all one-hot columns, and picking among them is forgotten.",
    breaks="Example n would belong to class n.",
    hint="Which columns of the unit matrix are needed, and in which order?",
    each={"square": (True, False)},
)
def labels_not_used(labels: Array, K: int, square: bool) -> Array:
    return np.eye(K) if square else np.eye(K, len(labels))


@slip(
    "y",
    "only one example's label is set",
    latex=r"y_{in} = I(n = N) \, I(t_n = i)",
    tempts="The array of zeros is made inside the loop, so each pass forgets the one before.",
    breaks="All other columns are empty: those examples have no loss.",
    hint="What stands in the other columns when your loop has ended, and when was it put there?",
    batch=True,
    each={"n": (-1, 0)},
)
def one_label_only(labels: Array, K: int, n: int) -> Array:
    y = np.zeros((K, len(labels)))
    y[labels[n], n] = 1
    return y


@slip(
    "y",
    "the classes are counted from the labels, not taken from K",
    latex=r"K := \max_n t_n + 1",
    tempts="In most data sets every class occurs.",
    breaks="If the last class is missing in a batch, a row is missing in y.",
    hint="What happens when no example of the batch belongs to the last class?",
    situation="missing",
)
def classes_counted_from_labels(labels: Array, K: int) -> Array:
    return np.eye(labels.max() + 1)[:, labels]


@slip(
    "y",
    "zeros and ones are exchanged",
    latex=r"y_i = I(t \ne i)",
    tempts="A comparison written the other way round.",
    breaks="Every class is marked but the true one.",
    hint="How many ones should a column hold?",
)
def one_cold(labels: Array, K: int) -> Array:
    return 1 - np.eye(K)[:, labels]


@slip(
    "y",
    "the other classes are -1 instead of 0",
    latex=r"y_i = 2 I(t = i) - 1",
    tempts="Some classifiers use labels -1 and 1.",
    breaks="A column sums to 2 - K, but the derivation needs a sum of 1.",
    hint="In the derivation, what does a column of y sum to?",
)
def minus_one_for_zero(labels: Array, K: int) -> Array:
    return 2 * np.eye(K)[:, labels] - 1


@slip(
    "y",
    "the classes are numbered backwards",
    latex=r"y_i = I(t = K - 1 - i)",
    tempts="Rows are counted from the top, values in a picture from the bottom.",
    breaks="The first and the last class change places.",
    hint="In which row should the 1 of an example with label 0 stand?",
)
def classes_backwards(labels: Array, K: int) -> Array:
    return np.eye(K)[::-1, labels]


@slip(
    "y",
    "the class numbers themselves are returned",
    latex=r"y = t",
    tempts="A label already says everything.",
    breaks="A2 - y needs one number for each class; class 2 is not twice class 1.",
    hint="How many numbers describe one example's label in y?",
)
def labels_unchanged(labels: Array, K: int) -> Array:
    return labels


# --- the loss -------------------------------------------------------------------------------------


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
    breaks="The loss and every gradient are divided by log b: A2 - y is no longer exact.",
    hint="Which logarithm has the derivative 1/x?",
    each={"base": (2.0, 10.0)},
)
def other_logarithm(A2: Array, base: float) -> Array:
    return np.log(A2) / np.log(base)


@slip(
    "log_A2",
    "the logarithm is missing",
    latex=r"L = -\sum_i y_i A_{2i}",
    tempts="The probability of the true class already says how good the prediction is.",
    breaks="A sure and wrong prediction costs hardly more than an unsure one.",
    hint="What should the loss be when the true class has probability 1? And near 0?",
)
def logarithm_missing(A2: Array) -> Array:
    return A2


@slip(
    "L",
    "it is 1 minus the true class's probability",
    latex=r"L = 1 - \sum_i y_i A_{2i}",
    tempts="That is 0 for a perfect prediction and positive otherwise, as a loss should be.",
    breaks="It never exceeds 1, so a sure and wrong prediction is hardly punished.",
    hint="What should the loss be when the true class has a probability near 0?",
)
def one_minus_probability(A2: Array, y: Array) -> Array:
    return 1 - (y * A2).sum(axis=0, keepdims=True)


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
    "the labels play no part",
    latex=r"L = -\sum_i \log A_{2i}",
    tempts="The sum over all classes is there, only the factor is forgotten.",
    breaks="Every class is treated as the true one.",
    hint="How does your loss learn which class is the true one?",
    each={"summed": (True, False)},
)
def labels_ignored(log_A2: Array, summed: bool) -> Array:
    return -log_A2.sum(axis=0, keepdims=True) if summed else -log_A2


@slip(
    "L",
    "the sum leaves out a class at one end",
    latex=r"L = -\sum_{i=2}^{K} y_i \log A_{2i}",
    tempts="Classes are counted 1 to K in formulas and 0 to K - 1 in code; `range(1, K)` has K - 1 numbers.",
    breaks="An example of the class that is left out has a loss of 0, whatever the network says.",
    hint="Which numbers does your loop or slice go through, and how many are they?",
    each={"last": (False, True)},
)
def loss_of_a_class_left_out(log_A2: Array, y: Array, last: bool) -> Array:
    kept = slice(None, -1) if last else slice(1, None)
    return -(y * log_A2)[kept].sum(axis=0, keepdims=True)


@slip(
    "L",
    "one fixed class is taken for the true one",
    latex=r"L = -\log A_{21}",
    tempts="An index is needed, and 0 is the first that comes to mind.",
    breaks="The label plays no part.",
    hint="How does your loss learn which class is the true one?",
    each={"row": (0, -1)},
)
def fixed_class(log_A2: Array, row: int) -> Array:
    return -log_A2[[row]]


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
    latex=r"L = m - \log \sum_j e^{z_{2j} - m} - \sum_i y_i z_{2i}",
    tempts="Three terms with three signs, and the shift m is put back by adding it.",
    breaks="The loss changes when all logits are moved together, or becomes negative.",
    hint="Write log of e^m times a sum as two terms. Which signs have they?",
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
    "the sum over the classes is a mean",
    latex=r"L = -\frac{1}{K} \sum_i y_i \log A_{2i}",
    tempts="`mean` is often right for a loss, but over the examples.",
    breaks="The loss and every gradient are K times too small.",
    hint="Over what does H05 sum, and does it divide?",
)
def loss_mean_over_classes(log_A2: Array, y: Array) -> Array:
    return -(y * log_A2).mean(axis=0, keepdims=True)


@slip(
    "L",
    "the examples are put together already",
    latex=r"L = -\frac{1}{N} \sum_n \sum_i y_{in} \log A_{2,in}",
    tempts="In the end the loss of a batch is one number.",
    breaks="Which example costs how much is lost; here the loss of each is asked for.",
    hint="How many numbers should come out for N examples?",
    batch=True,
    each={"form": ("mean", "sum", "mean of all")},
)
def examples_put_together(log_A2: Array, y: Array, form: str) -> Any:
    losses = -(y * log_A2).sum(axis=0)
    return {"mean": losses.mean(), "sum": losses.sum(), "mean of all": -(y * log_A2).mean()}[form]


@slip(
    "L",
    "each example's loss is divided by N",
    latex=r"L_n = -\frac{1}{N} \sum_i y_{in} \log A_{2,in}",
    tempts="The mean over the examples divides by N in the end.",
    breaks="Here the loss of each example is asked for, before any mean.",
    hint="Does the loss of one example depend on how many others there are?",
    batch=True,
)
def each_loss_over_n(log_A2: Array, y: Array) -> Array:
    return -(y * log_A2).sum(axis=0, keepdims=True) / y.shape[1]


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
    "it is the squared error",
    latex=r"L = \sum_i (A_{2i} - y_i)^2",
    tempts="It is the loss of regression, and it measures a distance too.",
    breaks="Its derivative by the logits is not A2 - y, and it is flat where the network is sure and wrong.",
    hint="Which function of A2 stands in H05?",
    each={"factor": (1.0, 0.5)},
)
def squared_error(A2: Array, y: Array, factor: float) -> Array:
    return factor * ((A2 - y) ** 2).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the true class's logit is not taken off",
    latex=r"L = \log \sum_j e^{z_{2j}}",
    tempts="The log-sum-exp is the difficult half, and it looks finished.",
    breaks="The label plays no part.",
    hint="How does your loss learn which class is the true one?",
)
def only_log_sum_exp(z2: Array) -> Array:
    return np.log(np.exp(z2).sum(axis=0, keepdims=True))


@slip(
    "L",
    "all logits are taken off, not the true class's only",
    latex=r"L = \log \sum_j e^{z_{2j}} - \sum_i z_{2i}",
    tempts="The factor y is forgotten in the second sum.",
    breaks="Every class is treated as the true one.",
    hint="What does the label do in the second sum?",
)
def all_logits_taken_off(z2: Array) -> Array:
    return np.log(np.exp(z2).sum(axis=0, keepdims=True)) - z2.sum(axis=0, keepdims=True)


@slip(
    "L",
    "the maximum is taken off in one place and not in the other",
    latex=r"L = \log \sum_j e^{z_{2j} - m} - \sum_i y_i z_{2i}",
    tempts="The shift m is put in for the exponentials and then forgotten.",
    breaks="The loss is off by m, the column's largest logit.",
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
    "the predicted class is taken for the true one",
    latex=r"L = -\log \max_i A_{2i}",
    tempts="The largest probability is the one that catches the eye.",
    breaks="The loss is small whenever the network is sure, right or wrong.",
    hint="Where does y come in?",
)
def loss_of_predicted_class(A2: Array) -> Array:
    return -np.log(A2.max(axis=0, keepdims=True))


@slip(
    "L",
    "it is the entropy of the prediction: A2 stands where y belongs",
    latex=r"L = -\sum_i A_{2i} \log A_{2i}",
    tempts="Entropy and cross-entropy differ by one factor.",
    breaks="It measures how unsure the network is, not how wrong.",
    hint="Where does y come in?",
)
def entropy_of_prediction(A2: Array) -> Array:
    return -(A2 * np.log(A2)).sum(axis=0, keepdims=True)


@slip(
    "L",
    "label and prediction have changed places",
    latex=r"L = -\sum_i A_{2i} \log y_i",
    tempts="Cross-entropy has two arguments, and they are not alike.",
    breaks="The logarithm of a label that is 0 is minus infinity.",
    hint="Of which of the two can one take the logarithm?",
    each={"floor": (1e-15, 1e-12, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)},
)
def label_and_prediction_exchanged(A2: Array, y: Array, floor: float) -> Array:
    return -(A2 * np.log(y + floor)).sum(axis=0, keepdims=True)


@slip(
    "L",
    "the logarithm of 0 is taken",
    latex=r"L = -\sum_i y_i \log A_{2i}, \quad A_{2i} = 0",
    tempts="It is H05 to the letter, and on ordinary probabilities it is right.",
    breaks="A probability below 1e-308 is stored as 0. Its logarithm is minus infinity; 0 times that is not a number.",
    hint="Write log A2 in terms of the logits and simplify before you compute.",
    situation="far",
    each={"form": ("product", "picked")},
)
def logarithm_of_zero(z2: Array, y: Array, form: str) -> Array:
    logs = np.log(solutions.softmax(z2))
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
    return -(y * np.log(solutions.softmax(z2) + floor)).sum(axis=0, keepdims=True)


# --- the softmax's derivative ---------------------------------------------------------------------


@slip(
    "J",
    "only the diagonal is there",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = \delta_{ik} A_{2i} (1 - A_{2i})",
    tempts="An activation usually acts on each entry alone, so only the case i = k comes to mind.",
    breaks="Raising one logit lowers all other probabilities; that is lost.",
    hint="The columns of A2 sum to 1 whatever the logits are. What must a column of the Jacobian sum to?",
)
def jacobian_diagonal_only(A2: Array) -> Array:
    return np.diagflat(A2 * (1 - A2))


@slip(
    "J",
    "it is a column of A2 (1 - A2), not a square array",
    latex=r"\frac{\partial A_{2i}}{\partial z_{2i}} = A_{2i} (1 - A_{2i})",
    tempts="That is the sigmoid's derivative, and it is the diagonal of this one.",
    breaks="Every output depends on every logit: K times K derivatives, not K.",
    hint="How many pairs of an output k and a logit i are there?",
)
def jacobian_as_column(A2: Array) -> Array:
    return A2 * (1 - A2)


@slip(
    "J",
    "the entries beside the diagonal have the wrong sign",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = \delta_{ik} A_{2i}(1 - A_{2i}) + (1 - \delta_{ik}) A_{2k} A_{2i}",
    tempts="The minus sign of the quotient rule is lost where the first term vanishes.",
    breaks="All probabilities would rise together when one logit rises, but they must sum to 1.",
    hint="Raise one logit. Which way does another class's probability go?",
)
def off_diagonal_positive(A2: Array) -> Array:
    product = A2 @ A2.T
    return np.where(np.eye(len(A2)) > 0, A2 - product, product)


@slip(
    "J",
    "the product of the probabilities is added, not subtracted",
    latex=r"\text{diag}(A_2) + A_2 A_2^\top",
    tempts="The minus sign of the quotient rule is lost.",
    breaks="All probabilities would rise together when one logit rises, but they must sum to 1.",
    hint="The columns of A2 sum to 1 whatever the logits are. What must a column of the Jacobian sum to?",
)
def jacobian_product_added(A2: Array) -> Array:
    return np.diagflat(A2) + A2 @ A2.T


@slip(
    "J",
    "the diagonal term is missing",
    latex=r"-A_2 A_2^\top",
    tempts="The second case fills the whole array, and the first one is forgotten.",
    breaks="A logit would lower its own class's probability.",
    hint="Raise one logit. Which way does its own class's probability go?",
    each={"sign": (-1, 1)},
)
def jacobian_product_only(A2: Array, sign: int) -> Array:
    return sign * A2 @ A2.T


@slip(
    "J",
    "only diag(A2) is left",
    latex=r"\text{diag}(A_2)",
    tempts="It is the first half of the result.",
    breaks="It is the derivative of the numerator alone; the sum below the line depends on the logits too.",
    hint="What does the quotient rule do with the denominator?",
)
def jacobian_diag_only(A2: Array) -> Array:
    return np.diagflat(A2)


@slip(
    "J",
    "the unit matrix stands where diag(A2) belongs",
    latex=r"I - A_2 A_2^\top",
    tempts="The delta is written as a unit matrix, and its factor A2 is forgotten.",
    breaks="The diagonal is 1 - A2^2: far too large for a small probability.",
    hint="What does the quotient rule leave of the first term when k = i?",
)
def jacobian_unit_matrix(A2: Array) -> Array:
    return np.eye(len(A2)) - A2 @ A2.T


@slip(
    "J",
    "one class's probability appears twice where two classes meet",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k}(\delta_{ik} - A_{2k})",
    tempts="H18 keeps e^z_2k where e^z_2i belongs; in numpy, too, a column spreads along the rows unnoticed.",
    breaks="Beside the diagonal there is A_2k^2 instead of A_2k A_2i: a column no longer sums to 0.",
    hint="Of the sum of all e^z_2j, which term depends on z_2i?",
    handout="H18",
    each={"across": (False, True)},
)
def own_probability_twice(A2: Array, across: bool) -> Array:
    result = A2 * (np.eye(len(A2)) - A2)
    return result.T if across else result


@slip(
    "J",
    "a single number is subtracted everywhere",
    latex=r"\text{diag}(A_2) - A_2^\top A_2",
    tempts="The two orders of a column and its transpose look alike.",
    breaks="A row times a column is one number; a column times a row is a square array.",
    hint="What is the shape of A2.T @ A2?",
)
def inner_for_outer(A2: Array) -> Array:
    return np.diagflat(A2) - A2.T @ A2


@slip(
    "J",
    "the diagonal's formula stands everywhere",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = A_{2k}(1 - A_{2i})",
    tempts="The 1 in it is the delta for i = k, and it is carried over to i not equal to k.",
    breaks="Beside the diagonal the sign is wrong and the size too.",
    hint="When i is not k, does e^z_2k depend on z_2i?",
    each={"across": (False, True)},
)
def diagonal_formula_everywhere(A2: Array, across: bool) -> Array:
    result = A2 @ (1 - A2).T
    return result.T if across else result


@slip(
    "J",
    "`np.diag` was given a column, and took its diagonal instead of making a matrix of it",
    latex=r"A_{21} - A_2 A_2^\top",
    tempts="`np.diag` does both: of a plain list it makes a matrix, of a matrix it takes the diagonal.",
    breaks="A (K, 1) array is a matrix, and its diagonal is one number.",
    hint="What is the shape of `np.diag(A2)` here? And of `np.diagflat(A2)`?",
)
def diagonal_of_a_column(A2: Array) -> Array:
    return np.diag(A2) - A2 @ A2.T


@slip(
    "J",
    "1 - A2 stands on the diagonal where A2 belongs",
    latex=r"\text{diag}(1 - A_2) - A_2 A_2^\top",
    tempts="Both forms of the diagonal are known, and their halves are mixed.",
    breaks="The diagonal is 1 - A2 - A2^2: a column no longer sums to 0.",
    hint="What does the quotient rule leave of its first term when k = i?",
)
def jacobian_complement(A2: Array) -> Array:
    return np.diagflat(1 - A2) - A2 @ A2.T


@slip(
    "J",
    "the sign inside the diagonal is wrong",
    latex=r"\frac{\partial A_{2i}}{\partial z_{2i}} = A_{2i} (1 + A_{2i})",
    tempts="The minus sign of the quotient rule is kept beside the diagonal and lost on it.",
    breaks="A logit would move its own class too much: a column no longer sums to 0.",
    hint="The columns of A2 sum to 1 whatever the logits are. What must a column of the Jacobian sum to?",
)
def diagonal_with_plus(A2: Array) -> Array:
    return np.diagflat(A2 + 2 * A2**2) - A2 @ A2.T


@slip(
    "J",
    "a factor e^z is lost in the second term of the quotient rule",
    latex=r"\frac{e^{z_{2i}} \sum_j e^{z_{2j}} - e^{z_{2i}}}{\left( \sum_j e^{z_{2j}} \right)^2}, \quad i = k",
    tempts="Two equal factors stand side by side, and one of them is written once.",
    breaks="The diagonal changes with a common shift of the logits, which the softmax cannot see.",
    hint="Numerator times the derivative of the denominator: which two factors are that for i = k?",
    each={"shift": ("none", "all")},
)
def second_factor_lost(z2: Array, shift: str) -> Array:
    exps = np.exp(z2 - _top(z2, shift))
    A2, total = exps / exps.sum(), exps.sum()
    return np.diagflat((exps * total - exps) / total**2 + A2 * A2) - A2 @ A2.T


@slip(
    "J",
    "one factor of A2 is missing beside the diagonal",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = -A_{2k}, \quad i \ne k",
    tempts="The fraction is split in two, and one of the two is lost.",
    breaks="Two probabilities must meet there: one for the output, one for the logit.",
    hint="The denominator is squared. How many fractions can you make of it?",
    each={"form": ("rows", "columns", "rows, diagonal too", "columns, diagonal too")},
)
def off_diagonal_one_factor(A2: Array, form: str) -> Array:
    result = np.diagflat(A2 if "too" in form else A2 + A2 * (1 - A2)) - A2 * np.ones((1, len(A2)))
    return result.T if "columns" in form else result


@slip(
    "J",
    "one factor of the diagonal is missing",
    latex=r"\frac{\partial A_{2i}}{\partial z_{2i}} = 1 - A_{2i}",
    tempts="The diagonal is a product of two numbers, and one of them is lost.",
    breaks="A column no longer sums to 0, as it must where probabilities always sum to 1.",
    hint="The quotient rule leaves a difference of two terms on the diagonal. What do the two have in common?",
    each={"kept": ("one minus", "own")},
)
def diagonal_one_factor(A2: Array, kept: str) -> Array:
    own = A2 if kept == "own" else 1 - A2
    return np.diagflat(own + A2 * A2) - A2 @ A2.T


@slip(
    "J",
    "beside the diagonal stands 1 - A2 where A2 belongs",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = -A_{2k} (1 - A_{2i}), \quad i \ne k",
    tempts="1 - A2 belongs to the diagonal, and is carried over to the other entries.",
    breaks="Beside the diagonal only the sum below the line depends on the logit: there is no 1.",
    hint="For i and k different, does the numerator of A_2k depend on z_2i at all?",
    each={"across": (False, True)},
)
def complement_off_diagonal(A2: Array, across: bool) -> Array:
    result = np.diagflat(2 * A2 * (1 - A2)) - A2 @ (1 - A2).T
    return result.T if across else result


@slip(
    "J",
    "the diagonal is 0",
    latex=r"\frac{A_{2i} \sum_j e^{z_{2j}} - e^{z_{2i}}}{\sum_j e^{z_{2j}}} = 0, \quad i = k",
    tempts="H11 writes it so: the bracket round the difference is lost.",
    breaks="A_2i times the sum is e^z_2i, so the difference vanishes: a logit would not move its own class.",
    hint="Put numbers into the case i = k of H11. Can it be 0 for every network?",
    handout="H11",
)
def lost_factor(A2: Array) -> Array:
    return np.diagflat(A2 * A2) - A2 @ A2.T


@slip(
    "J",
    "the product is subtracted from the diagonal twice",
    latex=r"\text{diag}(A_2 (1 - A_2)) - A_2 A_2^\top",
    tempts="Both forms of the diagonal are known, and each brings its own A2^2.",
    breaks="The diagonal is A2 - 2 A2^2: a column no longer sums to 0.",
    hint="The product of the probabilities is already on the diagonal. How often is it there in your result?",
)
def diagonal_subtracted_twice(A2: Array) -> Array:
    return np.diagflat(A2 * (1 - A2)) - A2 @ A2.T


@slip(
    "J",
    "everything is divided by the sum once too often",
    latex=r"\frac{1}{\sum_j e^{z_{2j}}} \left( \text{diag}(A_2) - A_2 A_2^\top \right)",
    tempts="H19 reads e^z over the square of the sum as A2.",
    breaks="The result depends on a common shift of the logits, which the softmax cannot see.",
    hint="How many sums stand below the line in A2 itself?",
    handout="H19",
    each={"shift": ("none", "all")},
)
def stray_square(z2: Array, shift: str) -> Array:
    return _jacobian(solutions.softmax(z2)) / np.exp(z2 - _top(z2, shift)).sum()


@slip(
    "J",
    "the denominator is not squared",
    latex=r"\frac{\delta_{ik} e^{z_{2k}} \sum_j e^{z_{2j}} - e^{z_{2k}} e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="The square of the quotient rule is easily dropped.",
    breaks="Everything is too large by the sum of the exponentials.",
    hint="What stands below the line in the quotient rule?",
    each={"shift": ("none", "all")},
)
def square_missing(z2: Array, shift: str) -> Array:
    return _jacobian(solutions.softmax(z2)) * np.exp(z2 - _top(z2, shift)).sum()


@slip(
    "J",
    "it is the derivative of log A2, not of A2",
    latex=r"\frac{\partial \log A_{2k}}{\partial z_{2i}} = \delta_{ik} - A_{2i}",
    tempts="The factor A_2k in front is lost; or the logarithm of the loss was taken in already.",
    breaks="The result is one factor A_2k short.",
    hint="Which function did you differentiate: A2, or its logarithm?",
    each={"across": (False, True)},
)
def derivative_of_log_softmax(A2: Array, across: bool) -> Array:
    result = np.eye(len(A2)) - A2.T
    return result.T if across else result


@slip(
    "J",
    "only one side of the diagonal is filled",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = 0, \quad i < k",
    tempts="A loop over pairs i < k meets each pair once.",
    breaks="Output k depends on logit i and output i on logit k: both entries are needed.",
    hint="Through which pairs (k, i) do your loops go?",
    each={"upper": (True, False)},
)
def one_triangle(A2: Array, upper: bool) -> Array:
    return np.triu(_jacobian(A2)) if upper else np.tril(_jacobian(A2))


# --- the output error -----------------------------------------------------------------------------


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
    "the probability is taken from the label, not the label from the probability",
    latex=r"\delta_2 = y - A_2",
    tempts="Target minus prediction is how one writes an error in everyday life.",
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
)
def mean_forgotten(A2: Array, y: Array) -> Array:
    return A2 - y


@slip(
    "delta2",
    "it is divided by N twice",
    latex=r"\delta_2 = \frac{A_2 - y}{N^2}",
    tempts="One mean is taken here and one more where the gradient is summed.",
    breaks="The larger the batch, the smaller every step, for no reason.",
    hint="The loss is a mean over the examples. How often does its 1/N come in?",
    batch=True,
)
def mean_twice(A2: Array, y: Array) -> Array:
    return (A2 - y) / y.shape[1] ** 2


@slip(
    "delta2",
    "it is divided by the number of classes, not of examples",
    latex=r"\delta_2 = \frac{A_2 - y}{K}",
    tempts="`len(y)` counts rows, and here the rows are classes.",
    breaks="The gradient is off by N/K, and differently so for another batch.",
    hint="Columns are examples. What does `len(y)` count?",
    batch=True,
)
def mean_over_classes(A2: Array, y: Array) -> Array:
    return (A2 - y) / y.shape[0]


@slip(
    "delta2",
    "it is divided by the number of all entries",
    latex=r"\delta_2 = \frac{A_2 - y}{K N}",
    tempts="`size`, and `mean` without an axis, count every entry.",
    breaks="The gradient is K times too small.",
    hint="Over what is L a mean: the examples, the classes or both?",
    batch=True,
)
def mean_over_entries(A2: Array, y: Array) -> Array:
    return (A2 - y) / y.size


@slip(
    "delta2",
    "the examples are put together too early",
    latex=r"\delta_2 = \frac{1}{N} \sum_n (A_{2,n} - y_n)",
    tempts="In the end the gradients are sums over the examples.",
    breaks="Each example's error must meet that example's A1 first. A sum of products is not the product of sums.",
    hint="delta2 is dL/dz2. What is the shape of z2?",
    batch=True,
    each={"form": ("mean", "sum")},
)
def errors_put_together(A2: Array, y: Array, form: str) -> Array:
    total = (A2 - y).sum(axis=1, keepdims=True)
    return total / y.shape[1] if form == "mean" else total


@slip(
    "delta2",
    "it is divided by N - 1",
    latex=r"\delta_2 = \frac{A_2 - y}{N - 1}",
    tempts="A variance is estimated so.",
    breaks="L is the plain mean over N examples; and for one example this divides by 0.",
    hint="By what does L divide the sum of the losses?",
    batch=True,
)
def mean_over_n_minus_one(A2: Array, y: Array) -> Array:
    return (A2 - y) / (y.shape[1] - 1)


@slip(
    "delta2",
    "only one of the two is divided by N",
    latex=r"\delta_2 = A_2 - \frac{y}{N}",
    tempts="A bracket is missing: division comes before subtraction.",
    breaks="Prediction and label are weighed differently.",
    hint="What does `a - b / N` divide?",
    batch=True,
    each={"label": (True, False)},
)
def bracket_missing(A2: Array, y: Array, label: bool) -> Array:
    return A2 - y / y.shape[1] if label else A2 / y.shape[1] - y


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
)
def softmax_path_missing(A2: Array, y: Array) -> Array:
    return -y / A2 / y.shape[1]


@slip(
    "delta2",
    "only one path is taken: through the output of the same class",
    latex=r"\delta_2 = -y (1 - A_2)",
    tempts="The handout writes the chain rule with the index i alone; read literally it stops here.",
    breaks="It is 0 for every wrong class: their logits would never be lowered.",
    hint="Through how many outputs A_2k does one logit z_2i reach the loss?",
    handout="H07 H09 H10",
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
)
def prediction_left_out(y: Array) -> Array:
    return -y / y.shape[1]


@slip(
    "delta2",
    "it is the error of the binary cross-entropy by A2",
    latex=r"\delta_2 = \frac{A_2 - y}{A_2 (1 - A_2)}",
    tempts="For two classes and a sigmoid this is dL/dA, and the factor below cancels in the next step.",
    breaks="Here the step through the softmax is done already; the factor below blows small probabilities up.",
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
)
def predicted_label(A2: Array) -> Array:
    return (A2 - (A2.max(axis=0) == A2)) / A2.shape[1]


@slip(
    "delta2",
    "the difference is squared",
    latex=r"\delta_2 = (A_2 - y)^2",
    tempts="A squared difference is a well-known measure of error.",
    breaks="A square is never negative: the true class's logit is pushed down too.",
    hint="Which sign should delta2 have for the true class?",
)
def error_squared(A2: Array, y: Array) -> Array:
    return (A2 - y) ** 2 / y.shape[1]


@slip(
    "delta2",
    "the sign of the error is lost",
    latex=r"\delta_2 = |A_2 - y|",
    tempts="The size of an error is what one looks at first.",
    breaks="The true class's logit is pushed down instead of up.",
    hint="Which sign should delta2 have for the true class?",
)
def error_without_sign(A2: Array, y: Array) -> Array:
    return np.abs(A2 - y) / y.shape[1]


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
    "only the true class gets an error, multiplied with its own probability",
    latex=r"\delta_2 = -y A_2 (1 - A_2)",
    tempts="The softmax's derivative is there, but the loss's -y/A2 is written without its denominator.",
    breaks="Nothing cancels, and the wrong classes get nothing.",
    hint="What is the derivative of log A2?",
)
def true_class_sigmoid(A2: Array, y: Array) -> Array:
    return -y * A2 * (1 - A2) / y.shape[1]


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
    "the label goes through the softmax without the loss's -1/A2",
    latex=r"\delta_2 = -\frac{\partial A_2}{\partial z_2} y",
    tempts="The loss is read as -y A2: the derivative of the logarithm is forgotten.",
    breaks="Everything is multiplied by the true class's probability: small where learning is needed most.",
    hint="What is the derivative of -y log A2 by A2?",
)
def logarithm_not_differentiated(A2: Array, y: Array) -> Array:
    return -A2 * (y - (A2 * y).sum(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "every class is treated as the true one",
    latex=r"\delta_2 = K A_2 - 1",
    tempts="The label in -y/A2 is lost before the Jacobian comes in.",
    breaks="All examples are pushed to the same prediction: equal probabilities.",
    hint="How does your delta2 learn which class is the true one?",
)
def every_class_true(A2: Array) -> Array:
    return (len(A2) * A2 - 1) / A2.shape[1]


@slip(
    "delta2",
    "the loss is differentiated as if every class were the true one, and the softmax not at all",
    latex=r"\delta_2 = -\frac{1}{A_2}",
    tempts="The derivative of -log p is -1/p, and the label that picks the true class is left out.",
    breaks="It is not dL/dz2: the label plays no part, and neither does the softmax.",
    hint="Two things stand between z2 and L. Which of them have you gone through, and where does the label come in?",
)
def loss_derivative_without_label(A2: Array) -> Array:
    return -1 / A2 / A2.shape[1]


@slip(
    "delta2",
    "1 is taken off every class, not the true one only",
    latex=r"\delta_2 = A_2 - 1",
    tempts="y is 1 for the true class, and the other classes are not thought of.",
    breaks="Every logit is pushed up.",
    hint="What should delta2 be for a wrong class?",
)
def one_taken_off(A2: Array) -> Array:
    return (A2 - 1) / A2.shape[1]


@slip(
    "delta2",
    "the logits stand where the probabilities belong",
    latex=r"\delta_2 = z_2 - y",
    tempts="z2 and A2 have the same shape, and both are outputs of some kind.",
    breaks="The logits are pulled towards 0 and 1, instead of the probabilities.",
    hint="Which of the two can be compared with a label?",
)
def logits_for_probabilities(z2: Array, y: Array) -> Array:
    return (z2 - y) / y.shape[1]


@slip(
    "delta2",
    "the probabilities go through the softmax once more",
    latex=r"\delta_2 = \text{softmax}(A_2) - y",
    tempts="A function that expects logits is given probabilities, and nothing complains.",
    breaks="The probabilities are squeezed together: the error is never small.",
    hint="Is A2 already a probability?",
)
def probabilities_softmaxed(A2: Array, y: Array) -> Array:
    return (solutions.softmax(A2) - y) / y.shape[1]


@slip(
    "delta2",
    "it is the logarithm of the probability minus the label",
    latex=r"\delta_2 = \log A_2 - y",
    tempts="The loss contains log A2.",
    breaks="The logarithm is differentiated away on the road; a very improbable class gets a huge error.",
    hint="Where does the derivative of the logarithm go?",
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
    "the sum over the classes is taken off the error, or only it is kept",
    latex=r"\delta_2 = A_2 - \sum_k y_k A_{2k}",
    tempts="A sum over k stands in the derivation, and it is carried over with one index too many.",
    breaks="y sums to 1 without any factor beside it; with the factor A_2k nothing simplifies.",
    hint="In A_2i times the sum of y_k, what is that sum?",
)
def probability_of_truth_taken_off(A2: Array, y: Array) -> Array:
    return (A2 - (y * A2).sum(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "the error is put into one number",
    latex=r"\sum_i (A_{2i} - y_i)",
    tempts="The loss is one number, so its derivative seems to be one too.",
    breaks="Each logit needs its own derivative; and the sum of all of them is always 0.",
    hint="How many logits are there, and how many derivatives are asked for?",
    each={"mean": (False, True)},
    constant=True,
)
def error_in_one_number(A2: Array, y: Array, mean: bool) -> Any:
    return (A2 - y).mean() if mean else (A2 - y).sum()


@slip(
    "delta2",
    "two stages are mixed: the label is already divided by A2",
    latex=r"\delta_2 = A_2 - \frac{y}{A_2}",
    tempts="-y/A2 is an earlier line, A2 - y the last one; half of each is written down.",
    breaks="The A2 below the line cancels on the way; kept, it blows the true class's error up.",
    hint="What becomes of the A2 in -y/A2 when the softmax's derivative is multiplied in?",
)
def label_divided(A2: Array, y: Array) -> Array:
    return (A2 - y / A2) / y.shape[1]


@slip(
    "delta2",
    "the true class's number is taken off, not its one-hot column",
    latex=r"\delta_2 = A_2 - t",
    tempts="Label means both: a class number and a one-hot column.",
    breaks="Every class of an example gets the same number taken off, and class 0 none.",
    hint="Which values can an entry of y have?",
)
def class_number_for_label(A2: Array, y: Array) -> Array:
    return (A2 - y.argmax(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "the prediction is rounded to a class before the label is taken off",
    latex=r"\delta_2 = I(i = \text{argmax}_j A_{2j}) - y",
    tempts="A prediction is right or wrong, and the error seems to be 0 or 1 as well.",
    breaks="A right but unsure prediction would not be corrected, and no error has a size.",
    hint="The network is right with a probability of 0.4. Is there nothing left to correct?",
    each={"form": ("one-hot", "half", "number")},
)
def prediction_rounded(A2: Array, y: Array, form: str) -> Array:
    rounded = {"one-hot": A2.max(axis=0) == A2, "half": A2 > 0.5, "number": A2.argmax(axis=0)}[form]
    return (rounded * 1.0 - y) / y.shape[1]


@slip(
    "delta2",
    "the loss itself goes through the softmax's derivative",
    latex=r"\delta_2 = -\frac{\partial A_2}{\partial z_2} \, (y \odot \log A_2)",
    tempts="The Jacobian is right, and what it is applied to is the loss.",
    breaks="The chain rule multiplies derivatives; the logarithm was not differentiated.",
    hint="What is the derivative of -y log A2 by A2?",
)
def loss_through_softmax(A2: Array, y: Array) -> Array:
    loss = -y * np.log(A2)
    return A2 * (loss - (A2 * loss).sum(axis=0)) / y.shape[1]


@slip(
    "delta2",
    "the label is turned into a row",
    latex=r"A_2 - y^\top",
    tempts="numpy spreads a column and a row over a square array without a word.",
    breaks="Every class is compared with every label's entry.",
    hint="What is the shape of `y.T`, and what does numpy make of a column minus a row?",
)
def label_as_row(A2: Array, y: Array) -> Array:
    return (A2 - y.T) / y.shape[1]


# --- weights' gradients: outer products -----------------------------------------------------------


@slip(
    "dw1 dw2 mend_H21",
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
    "the mean over the examples is taken a second time",
    latex=r"<result> = \frac{1}{N} <delta> <inputs>^\top",
    tempts="L is a mean, so a 1/N is expected here.",
    breaks="The 1/N is already in <delta>: the gradient is N times too small.",
    hint="Where did the 1/N of the mean go when delta2 was computed?",
    batch=True,
)
def outer_mean_again(delta: Array, inputs: Array) -> Array:
    return delta @ inputs.T / delta.shape[1]


@slip(
    "dw1 dw2",
    "only one example counts",
    latex=r"<result> = <delta>_{,N} <inputs>_{,N}^\top",
    tempts="A loop that assigns with `=` where it should add keeps only its last pass.",
    breaks="The gradient is that of a batch of one.",
    hint="What happens in your loop to the product of the example before?",
    batch=True,
    each={"n": (-1, 0)},
)
def outer_of_one_example(delta: Array, inputs: Array, n: int) -> Array:
    return np.outer(delta[:, n], inputs[:, n])


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
    "dw1 dw2 mend_H21",
    "the factor <inputs> is missing",
    latex=r"<result> = <delta> \, (1, \dots, 1)",
    tempts="The error is right, and it spreads over the columns unnoticed.",
    breaks="All weights of a row get the same gradient, whatever came in through them.",
    hint="What is the derivative of w * a by w?",
    each={"spread": (True, False)},
)
def inputs_factor_missing(delta: Array, inputs: Array, spread: bool) -> Array:
    return np.repeat(delta.sum(axis=1, keepdims=True), len(inputs), axis=1) if spread else delta


@slip(
    "dw1 dw2 mend_H21",
    "the factor <delta> is missing",
    latex=r"<result> = (1, \dots, 1)^\top <inputs>^\top",
    tempts="dz/dw is <inputs>, and the chain rule's first factor is forgotten.",
    breaks="Every row gets the same gradient, whatever its error was.",
    hint="dz/dw is one factor of the chain. What stands in front of it?",
    each={"spread": (True, False)},
)
def delta_factor_missing(delta: Array, inputs: Array, spread: bool) -> Array:
    return np.repeat(inputs.sum(axis=1, keepdims=True).T, len(delta), axis=0) if spread else inputs


@slip(
    "dw1 dw2 mend_H21",
    "error and input are added, not multiplied",
    latex=r"<result>_{kj} = <delta>_k + <inputs>_j",
    tempts="numpy spreads a column and a row over a square array for `+` as well as for `*`.",
    breaks="The chain rule multiplies.",
    hint="Which operation does the chain rule put between its factors?",
    each={"sign": (1, -1)},
)
def outer_added(delta: Array, inputs: Array, sign: int) -> Array:
    return delta + sign * inputs.T


@slip(
    "dw1 dw2 mend_H21",
    "error and <inputs> are multiplied entry by entry",
    latex=r"<result> = <delta> \odot <inputs>",
    tempts="The handout writes both factors with the same index.",
    breaks="Error and input have different lengths; and a weight joins every output with every input.",
    hint="Which output and which input does one weight join, and how many such pairs are there?",
    handout="H08 H21",
)
def multiplied_entry_by_entry(delta: Array, inputs: Array) -> Array:
    return delta * inputs


@slip(
    "dw1 dw2 mend_H21",
    "one index serves for both: each error meets the input of its own number only",
    latex=r"<result>_{kj} = <delta>_k <inputs>_k",
    tempts="The handout does so in H21, where i counts the outputs and the hidden units.",
    breaks="All weights of one unit get the same gradient.",
    hint="A weight joins two units. How many indices does it need?",
    handout="H21",
)
def one_index_for_both(delta: Array, inputs: Array) -> Array:
    own = (delta * inputs[: len(delta)]).sum(axis=1, keepdims=True)
    return own + np.zeros((len(delta), len(inputs)))


@slip(
    "dw1 dw2 mend_H21",
    "the transpose of <inputs> is missing",
    latex=r"<result> = <delta> <inputs>",
    tempts="The factors are the right ones, in the right order.",
    breaks="The columns of the left factor must be as many as the rows of the right one: here they are not.",
    hint="The result has one column for each input. Along which axis of <inputs> do the inputs run?",
    batch=True,
)
def inputs_not_transposed(delta: Array, inputs: Array) -> Array:
    return delta @ inputs


@slip(
    "dw1 dw2 mend_H21",
    "it is an inner product: the transpose is on the wrong factor",
    latex=r"<result> = <delta>^\top <inputs>",
    tempts="One of the two factors needs a transpose; which one is easily mixed up.",
    breaks="An inner product adds up over the outputs, but each of them has its own weights.",
    hint="A column times a row is a square array, a row times a column is one number. Which is asked for?",
)
def inner_product(delta: Array, inputs: Array) -> Array:
    return delta.T @ inputs


@slip(
    "dw1 dw2 mend_H21",
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
    "dw1 dw2 mend_H21",
    "all errors are added up first",
    latex=r"<result>_j = <inputs>_j \sum_k <delta>_k",
    tempts="A sum over k stands in the chain rule.",
    breaks="Each output has its own weights; and the errors of one example add up to 0.",
    hint="Which single output does the weight w_kj lead to?",
    constant=True,
)
def errors_added_up(delta: Array, inputs: Array) -> Array:
    return inputs * delta.sum(axis=0)


@slip(
    "dw1 dw2 mend_H21",
    "the error is multiplied with 1 minus itself",
    latex=r"<result> = <delta> (1 - <delta>) <inputs>^\top",
    tempts="x (1 - x) is the sigmoid's derivative, and it is put wherever an activation was.",
    breaks="The activation's derivative is already inside <delta>; and an error is no activation.",
    hint="Of which function is x (1 - x) the derivative, and where in this network is it?",
)
def error_times_its_complement(delta: Array, inputs: Array) -> Array:
    return (delta * (1 - delta)) @ inputs.T


@slip(
    "dw1 dw2 mend_H21",
    "the derivative of an activation stands where its value belongs",
    latex=r"<result> = <delta> \left( <inputs> (1 - <inputs>) \right)^\top",
    tempts="x (1 - x) is the sigmoid's derivative, and something is to be differentiated here.",
    breaks="By w, the product w a has the derivative a: the activation itself is not differentiated.",
    hint="What is the derivative of w * a by w?",
)
def inputs_differentiated(delta: Array, inputs: Array) -> Array:
    return delta @ (inputs * (1 - inputs)).T


@slip(
    "dw1 dw2 mend_H21",
    "it is divided by the number of inputs",
    latex=r"<result> = \frac{1}{H} <delta> <inputs>^\top",
    tempts="`len(<inputs>)` counts rows, and here the rows are inputs of the layer.",
    breaks="The gradient depends on the width of the layer, for no reason.",
    hint="What does `len(<inputs>)` count?",
)
def divided_by_inputs(delta: Array, inputs: Array) -> Array:
    return delta @ inputs.T / len(inputs)


@slip(
    "dw1 dw2 mend_H21",
    "only whether <inputs> is positive counts, not how large it is",
    latex=r"<result> = <delta> \, I(<inputs> > 0)^\top",
    tempts="The gate of ReLU is near, and it is put in the activation's place.",
    breaks="A strongly active unit's weight gets no more than a weakly active one's.",
    hint="What is the derivative of w * a by w?",
)
def gate_for_inputs(delta: Array, inputs: Array) -> Array:
    return delta @ (inputs > 0).T


@slip(
    "dw1 dw2 mend_H21",
    "<inputs> is squared",
    latex=r"<result> = <delta> \left( <inputs>^2 \right)^\top",
    tempts="The factor comes in twice: once in the error, once in the product.",
    breaks="Strong inputs count far too much, and their sign is lost.",
    hint="How often does the input occur in dz/dw?",
)
def inputs_squared(delta: Array, inputs: Array) -> Array:
    return delta @ (inputs**2).T


@slip(
    "dw1 dw2 mend_H21",
    "negative errors are set to 0",
    latex=r"<result> = \max(<delta>, 0) <inputs>^\top",
    tempts="ReLU cuts negative numbers, and here it is applied to the error.",
    breaks="Logits that should rise never do.",
    hint="ReLU's gate looks at z1. What does it have to do with the sign of an error?",
)
def negative_errors_cut(delta: Array, inputs: Array) -> Array:
    return np.maximum(delta, 0) @ inputs.T


@slip(
    "dw1 dw2",
    "one example is left out of the sum",
    latex=r"<result> = \sum_{n=2}^{N} <delta>_{,n} <inputs>_{,n}^\top",
    tempts="`range(1, N)` and `range(N - 1)` both have one number too few.",
    breaks="That example teaches the network nothing.",
    hint="Which examples does your loop go through, and how many are they?",
    batch=True,
    each={"n": (0, -1)},
)
def outer_without_one_example(delta: Array, inputs: Array, n: int) -> Array:
    return np.delete(delta, n, axis=1) @ np.delete(inputs, n, axis=1).T


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


@slip(
    "dw2",
    "z1 stands where A1 belongs",
    latex=r"\frac{\partial L}{\partial w_2} = \delta_2 z_1^\top",
    tempts="z1 and A1 have the same shape, and where the gate is open they are equal.",
    breaks="Units with a closed gate hand on 0, but their weights get a gradient.",
    hint="What exactly does w2 multiply in H03?",
)
def z1_for_A1(delta2: Array, z1: Array) -> Array:
    return delta2 @ z1.T


@slip(
    "dw2",
    "A2 stands where delta2 belongs",
    latex=r"\frac{\partial L}{\partial w_2} = A_2 A_1^\top",
    tempts="A2 and delta2 have the same shape.",
    breaks="The label plays no part in what the second layer learns.",
    hint="Which derivative of the loss belongs in the chain rule here?",
    each={"mean": (False, True)},
)
def probabilities_for_delta2(A2: Array, A1: Array, mean: bool) -> Array:
    return A2 @ A1.T / (A2.shape[1] if mean else 1)


@slip(
    "dw2",
    "X stands where A1 belongs",
    latex=r"\frac{\partial L}{\partial w_2} = \delta_2 X^\top",
    tempts="For the first layer X is right.",
    breaks="The result does not even have the shape of w2.",
    hint="What exactly does w2 multiply in H03?",
)
def X_for_A1(delta2: Array, X: Array) -> Array:
    return delta2 @ X.T


@slip(
    "dw1",
    "A1 stands where X belongs",
    latex=r"\frac{\partial L}{\partial w_1} = \delta_1 A_1^\top",
    tempts="For the second layer A1 is right.",
    breaks="The result does not even have the shape of w1.",
    hint="What exactly does w1 multiply in H01?",
)
def A1_for_X(delta1: Array, A1: Array) -> Array:
    return delta1 @ A1.T


@slip(
    "dw1",
    "the gate is left out on the way to dw1",
    latex=r"\frac{\partial L}{\partial w_1} = \frac{\partial L}{\partial A_1} X^\top",
    tempts="H30 ends so: w2 and X are there, the gate is not.",
    breaks="Units with z1 < 0 get a gradient although they do not move the loss.",
    hint="Which derivative lies between A1 and z1?",
    handout="H30",
)
def signal_for_delta_in_dw1(dA1: Array, X: Array) -> Array:
    return dA1 @ X.T


@slip(
    "dw1",
    "delta2 stands where delta1 belongs",
    latex=r"\frac{\partial L}{\partial w_1} = \delta_2 X^\top",
    tempts="delta2 is the error one has in hand.",
    breaks="The way back through w2 and the gate is missing, and the shape is not that of w1.",
    hint="Which error belongs to the layer that w1 is in?",
)
def delta2_for_delta1_in_dw1(delta2: Array, X: Array) -> Array:
    return delta2 @ X.T


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
    "it is the mean over the examples, not the sum",
    latex=r"<result> = \frac{1}{N} \sum_n <delta>_{,n}",
    tempts="L is a mean, so a mean is expected here.",
    breaks="The 1/N is already in <delta>: the gradient is N times too small.",
    hint="Where did the 1/N of the mean go when delta2 was computed?",
    batch=True,
)
def bias_mean_again(delta: Array) -> Array:
    return delta.mean(axis=1, keepdims=True)


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
    "everything is added up to one number",
    latex=r"<result> = \sum_k \sum_n <delta>_{kn}",
    tempts="`sum()` without an axis adds up all there is.",
    breaks="Each row has a bias of its own, and each needs its own gradient.",
    hint="What is the shape of the bias?",
    batch=True,
    each={"mean": (False, True)},
    constant=True,
)
def bias_summed_over_everything(delta: Array, mean: bool) -> Any:
    return delta.mean() if mean else delta.sum()


@slip(
    "db1 db2",
    "only one example counts",
    latex=r"<result> = <delta>_{,N}",
    tempts="A loop that assigns with `=` where it should add keeps only its last pass.",
    breaks="The gradient is that of a batch of one.",
    hint="What happens in your loop to the error of the example before?",
    batch=True,
    each={"n": (-1, 0)},
)
def bias_of_one_example(delta: Array, n: int) -> Array:
    return delta[:, [n]]


@slip(
    "db1 db2",
    "one example is left out of the sum",
    latex=r"<result> = \sum_{n=2}^{N} <delta>_{,n}",
    tempts="`range(1, N)` and `range(N - 1)` both have one number too few.",
    breaks="That example teaches the network nothing.",
    hint="Which examples does your loop go through, and how many are they?",
    batch=True,
    each={"n": (0, -1)},
)
def bias_without_one_example(delta: Array, n: int) -> Array:
    return np.delete(delta, n, axis=1).sum(axis=1, keepdims=True)


@slip(
    "db1 db2",
    "only dz/db is there, which is 1",
    latex=r"<result> = (1, \dots, 1)^\top",
    tempts="H22 and H31 say 1, and the chain rule's first factor is forgotten.",
    breaks="The bias would move by the same amount whatever the error is.",
    hint="dz/db is one factor of the chain. What stands in front of it?",
    constant=True,
    each={"form": ("column", "number", "as delta")},
)
def bias_gradient_one(delta: Array, form: str) -> Any:
    return {"column": np.ones((len(delta), 1)), "number": 1.0, "as delta": np.ones(delta.shape)}[form]


@slip(
    "db1",
    "the gate is left out on the way to db1",
    latex=r"\frac{\partial L}{\partial b_1} = \sum_n \frac{\partial L}{\partial A_{1,n}}",
    tempts="H32 writes the gate only as a remark above its last equals sign.",
    breaks="Units with z1 < 0 get a gradient although they do not move the loss.",
    hint="Which derivative lies between A1 and z1?",
    handout="H32",
)
def signal_for_delta_in_db1(dA1: Array) -> Array:
    return dA1.sum(axis=1, keepdims=True)


@slip(
    "db1",
    "delta2 stands where delta1 belongs",
    latex=r"\frac{\partial L}{\partial b_1} = \sum_n \delta_{2,n}",
    tempts="delta2 is the error one has in hand.",
    breaks="The way back through w2 and the gate is missing, and the shape is not that of b1.",
    hint="Which error belongs to the layer that b1 is in?",
)
def delta2_for_delta1_in_db1(delta2: Array) -> Array:
    return delta2.sum(axis=1, keepdims=True)


# --- back to the hidden layer ---------------------------------------------------------------------


@slip(
    "dA1",
    "the first layer's weights are used, not the second's",
    latex=r"\frac{\partial L}{\partial A_1} = w_1^\top \delta_2",
    tempts="The error goes to layer 1, and the handout writes w1 in H26, H28 and H32.",
    breaks="A1 enters the logits through w2. With w1 the shapes fit only by accident.",
    hint="In which line of the forward pass does A1 occur, and what is it multiplied by?",
    handout="H26 H28 H32",
    each={"transposed": (True, False)},
)
def wrong_layer_weights(w1: Array, delta2: Array, transposed: bool) -> Array:
    return (w1.T if transposed else w1) @ delta2


@slip(
    "dA1",
    "the weights are not transposed",
    latex=r"\frac{\partial L}{\partial A_1} = w_2 \delta_2",
    tempts="Forwards the layer multiplies by w2, and the same line is written backwards.",
    breaks="Each hidden unit is given the weights of another; it runs only where H equals K.",
    hint="Which weights lead out of hidden unit j: a row or a column of w2?",
)
def weights_not_transposed(w2: Array, delta2: Array) -> Array:
    return w2 @ delta2


@slip(
    "dA1",
    "the inverse of w2 is used, not its transpose",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^{+} \delta_2",
    tempts="Going back looks like undoing.",
    breaks="Backpropagation does not undo the layer; it asks how much each input moves the outputs.",
    hint="If one weight leading out of a unit is doubled, should its signal grow or shrink?",
)
def weights_inverted(w2: Array, delta2: Array) -> Array:
    return np.linalg.pinv(w2) @ delta2


@slip(
    "dA1",
    "the examples are put together too early",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top \sum_n \delta_{2,n}",
    tempts="The bias gradient, computed just before, is such a sum.",
    breaks="Each example has its own gates, which must be applied before any sum.",
    hint="What is the shape of A1?",
    batch=True,
    each={"form": ("sum", "mean")},
)
def signals_put_together(w2: Array, delta2: Array, form: str) -> Array:
    return w2.T @ (delta2.sum(axis=1, keepdims=True) if form == "sum" else delta2.mean(axis=1, keepdims=True))


@slip(
    "dA1",
    "only one class's path is taken",
    latex=r"\frac{\partial L}{\partial A_{1j}} = \delta_{2t} w_{2,tj}",
    tempts="The true class is the one that stands out; its error is the negative one.",
    breaks="A hidden unit reaches the loss through every logit.",
    hint="Into how many logits does one hidden unit go?",
    each={"path": ("true", "others", "first", "last")},
)
def one_class_only(w2: Array, delta2: Array, path: str) -> Array:
    if path in ("first", "last"):
        row = 0 if path == "first" else -1
        return np.outer(w2[row], delta2[row])
    return w2.T @ (np.minimum(delta2, 0) if path == "true" else np.maximum(delta2, 0))


@slip(
    "dA1",
    "the sum over the classes leaves out one at its end",
    latex=r"\frac{\partial L}{\partial A_{1j}} = \sum_{k=2}^{K} \delta_{2k} w_{2,kj}",
    tempts="Classes are counted 1 to K in formulas and 0 to K - 1 in code; `range(1, K)` has K - 1 numbers.",
    breaks="A hidden unit reaches the loss through every logit.",
    hint="Which numbers does your loop or slice go through, and how many are they?",
    each={"last": (False, True)},
)
def signal_without_one_class(w2: Array, delta2: Array, last: bool) -> Array:
    kept = slice(None, -1) if last else slice(1, None)
    return w2[kept].T @ delta2[kept]


@slip(
    "dA1",
    "the error is multiplied from the wrong side",
    latex=r"\frac{\partial L}{\partial A_1} = \delta_2 w_2",
    tempts="The chain rule is read from left to right: first the error, then the weights.",
    breaks="The columns of the left factor must be as many as the rows of the right one: here they are not.",
    hint="One column of delta2 is one example. On which side of it must the weights stand?",
)
def error_from_the_left(w2: Array, delta2: Array) -> Array:
    return delta2 @ w2


@slip(
    "dA1",
    "the signal is transposed: examples stand in the rows",
    latex=r"\frac{\partial L}{\partial A_1} = \delta_2^\top w_2",
    tempts="Where examples are rows, this is the right line; and the product conforms.",
    breaks="Everything else here has its examples in the columns: the gate does not fit.",
    hint="What is the shape of A1, and which of the two has to be turned to get it?",
)
def signal_transposed(w2: Array, delta2: Array) -> Array:
    return delta2.T @ w2


@slip(
    "dA1",
    "a sigmoid's derivative of A2 is multiplied to the error once more",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top \left( \delta_2 \odot A_2 (1 - A_2) \right)",
    tempts="Every layer seems to need its activation's derivative, the output layer too.",
    breaks="The softmax's derivative is already inside delta2: here it comes in a second time.",
    hint="delta2 is the derivative of the loss by which of the two, A2 or z2?",
)
def softmax_derivative_again(w2: Array, delta2: Array, A2: Array) -> Array:
    return w2.T @ (delta2 * A2 * (1 - A2))


@slip(
    "dA1",
    "weights and error are multiplied entry by entry",
    latex=r"\frac{\partial L}{\partial A_1} = w_2 \odot \delta_2",
    tempts="The handout writes a dot between the two.",
    breaks="A hidden unit reaches the loss through every logit: products must be added up over them.",
    hint="Into how many logits does one hidden unit go, and what becomes of those contributions?",
    handout="H26",
    each={"turned": (False, True)},
)
def signal_entry_by_entry(w2: Array, delta2: Array, turned: bool) -> Array:
    return (w2.T if turned else w2) * delta2


@slip(
    "dA1",
    "only the weights are there, the error is missing",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top",
    tempts="H29 says dz2/dA1 = w2, and the chain rule's first factor is forgotten.",
    breaks="The signal would be the same for every example, right or wrong.",
    hint="dz2/dA1 is one factor of the chain. What stands in front of it?",
    each={"form": ("transposed", "as it is", "added up")},
)
def error_missing_in_signal(w2: Array, delta2: Array, form: str) -> Array:
    if form == "added up":
        return np.repeat(w2.sum(axis=0)[:, None], delta2.shape[1], axis=1)
    return w2.T if form == "transposed" else w2


@slip(
    "dA1",
    "the signals of all hidden units are added up",
    latex=r"\sum_j \frac{\partial L}{\partial A_{1j}}",
    tempts="A sum belongs here, but it is the one over the logits, and the product has done it.",
    breaks="Each hidden unit needs its own signal.",
    hint="What is the shape of A1?",
    each={"form": ("column", "all", "kept")},
)
def units_added_up(w2: Array, delta2: Array, form: str) -> Any:
    signal = w2.T @ delta2
    return signal.sum() if form == "all" else signal.sum(axis=0, keepdims=form == "kept")


@slip(
    "dA1",
    "a sigmoid's derivative is multiplied to the error",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top \left( \delta_2 (1 - \delta_2) \right)",
    tempts="x (1 - x) is put wherever an activation was.",
    breaks="The softmax's derivative is already inside delta2; and an error is no activation.",
    hint="Of which function is x (1 - x) the derivative, and where in this network is it?",
)
def error_complement_in_signal(w2: Array, delta2: Array) -> Array:
    return w2.T @ (delta2 * (1 - delta2))


@slip(
    "dA1",
    "negative signals are set to 0",
    latex=r"\frac{\partial L}{\partial A_1} = \max(w_2^\top \delta_2, 0)",
    tempts="ReLU cuts negative numbers, so it seems to cut them on the way back too.",
    breaks="Units that should become more active are never told so.",
    hint="ReLU's gate looks at z1. What does it have to do with the sign of the signal?",
)
def negative_signals_cut(w2: Array, delta2: Array) -> Array:
    return np.maximum(w2.T @ delta2, 0)


@slip(
    "dA1",
    "the weights' signs are lost",
    latex=r"\frac{\partial L}{\partial A_1} = |w_2|^\top \delta_2",
    tempts="How strongly a unit counts is the size of its weight.",
    breaks="A unit that lowers a logit is treated as if it raised it.",
    hint="A unit with a negative weight becomes more active. Which way does the logit go?",
)
def weights_without_sign(w2: Array, delta2: Array) -> Array:
    return np.abs(w2).T @ delta2


@slip(
    "dA1",
    "A2 is carried back, not the error",
    latex=r"\frac{\partial L}{\partial A_1} = w_2^\top A_2",
    tempts="A2 and delta2 have the same shape.",
    breaks="The label plays no part in what the hidden layer learns.",
    hint="What does the chain rule carry back: a value, or a derivative of the loss?",
)
def probabilities_carried_back(w2: Array, A2: Array) -> Array:
    return w2.T @ A2 / A2.shape[1]


@slip(
    "dA1",
    "w2 was updated before it was used",
    latex=r"\frac{\partial L}{\partial A_1} = \left( w_2^\text{new} \right)^\top \delta_2",
    tempts="The second layer's gradient is ready first, so its step is taken first.",
    breaks="The first layer's gradient belongs to a network that never made this prediction.",
    hint="At which values of the parameters were z2 and A2 computed?",
)
def updated_weights(w2_new: Array, delta2: Array) -> Array:
    return w2_new.T @ delta2


@slip(
    "dA1",
    "the second layer was updated and evaluated again before the first layer's turn",
    latex=r"\frac{\partial L}{\partial A_1} = \left( w_2^\text{new} \right)^\top \delta_2^\text{new}",
    tempts="Each layer's step is written as a block of its own, one after the other.",
    breaks="The two layers' gradients belong to two different networks.",
    hint="All four parameters take one step from the same point. Which point is it?",
)
def second_layer_first(w2_new: Array, b2_new: Array, A1: Array, y: Array) -> Array:
    error = (solutions.softmax(w2_new @ A1 + b2_new) - y) / y.shape[1]
    return w2_new.T @ error


# --- through the gate -----------------------------------------------------------------------------


@slip(
    "delta1",
    "the gate never closes",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1}",
    tempts="H30 ends without the gate. A gate that tests `A1 >= 0` has the same effect: ReLU leaves nothing negative.",
    breaks="Units with z1 < 0 get a gradient although moving them a little does not move the loss.",
    hint="Take one unit with z1 < 0 and change its z1 slightly. What happens to A1, and to the loss?",
    handout="H28 H30 H32",
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
)
def gate_only(z1: Array) -> Array:
    return (z1 >= 0) * 1.0


@slip(
    "delta1",
    "the signal is multiplied with ReLU's value, not with its derivative",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot A_1",
    tempts="The function is at hand, its derivative is not.",
    breaks="A strongly active unit gets a larger gradient than it should.",
    hint="What is the slope of ReLU at z1 = 3? And its value?",
)
def relu_for_its_derivative(dA1: Array, z1: Array) -> Array:
    return dA1 * np.maximum(z1, 0)


@slip(
    "delta1",
    "the signal is multiplied with z1",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot z_1",
    tempts="The first case of H02 holds z1, and it is taken for the derivative.",
    breaks="The size of z1 has no part in the slope, and closed gates let something pass.",
    hint="What is the slope of ReLU at z1 = 3? And at z1 = -3?",
    each={"size": (False, True)},
)
def z1_for_gate(dA1: Array, z1: Array, size: bool) -> Array:
    return dA1 * (np.abs(z1) if size else z1)


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
    "there are two gates: one on z1 and one on the signal",
    latex=r"\delta_1 = \max\left(\frac{\partial L}{\partial A_1}, 0\right) \odot I(z_1 \ge 0)",
    tempts="ReLU is applied to the result as well.",
    breaks="Units that should become less active are told, the others never.",
    hint="How many ReLUs does the forward pass have between z1 and A1?",
)
def gate_on_both(dA1: Array, z1: Array) -> Array:
    return np.maximum(dA1, 0) * (z1 >= 0)


@slip(
    "delta1",
    "where the gate is closed, z1 is let through",
    latex=r"\delta_1 = \begin{cases} \partial L/\partial A_1, & z_1 \ge 0 \\ z_1, & z_1 < 0 \end{cases}",
    tempts="`np.where` wants a third argument, and z1 is at hand.",
    breaks="A value stands where a derivative belongs.",
    hint="What does the second case of H28 say?",
)
def z1_where_closed(dA1: Array, z1: Array) -> Array:
    return np.where(z1 >= 0, dA1, z1)


@slip(
    "delta1",
    "where the gate is closed, there is a 1",
    latex=r"\delta_1 = \begin{cases} \partial L/\partial A_1, & z_1 \ge 0 \\ 1, & z_1 < 0 \end{cases}",
    tempts="The 0 and the 1 of H27 are mixed up with the signal.",
    breaks="Closed units get a gradient that has nothing to do with the error.",
    hint="What does the second case of H28 say?",
)
def one_where_closed(dA1: Array, z1: Array) -> Array:
    return np.where(z1 >= 0, dA1, 1)


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
    "the sigmoid's derivative takes the place of ReLU's",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \sigma(z_1) (1 - \sigma(z_1))",
    tempts="A (1 - A) is the best-known derivative of an activation.",
    breaks="The forward pass has no sigmoid.",
    hint="Which function turned z1 into A1?",
    each={"of": ("sigmoid of z1", "A1", "z1")},
)
def sigmoid_for_gate(dA1: Array, z1: Array, of: str) -> Array:
    value = {"A1": np.maximum(z1, 0), "z1": z1}.get(of, 1 / (1 + np.exp(-z1)))
    return dA1 * value * (1 - value)


@slip(
    "delta1",
    "the signal is multiplied with a sigmoid's value",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \sigma(z_1)",
    tempts="A smooth gate looks like a gate.",
    breaks="The forward pass has no sigmoid, and the factor should be a derivative.",
    hint="Which function turned z1 into A1, and what is its slope?",
)
def sigmoid_value_for_gate(dA1: Array, z1: Array) -> Array:
    return dA1 / (1 + np.exp(-z1))


@slip(
    "delta1",
    "signal and z1 have changed places",
    latex=r"\delta_1 = z_1 \odot I\left( \frac{\partial L}{\partial A_1} > 0 \right)",
    tempts="Two arrays of the same shape, one to be passed on and one to be tested.",
    breaks="A value is passed on, and the gate looks at the signal.",
    hint="Which of the two is a derivative of the loss? That one is passed on.",
)
def signal_and_z1_exchanged(dA1: Array, z1: Array) -> Array:
    return z1 * (dA1 > 0)


@slip(
    "delta1",
    "ReLU is applied to the product of signal and z1",
    latex=r"\delta_1 = \max\left( \frac{\partial L}{\partial A_1} \odot z_1, 0 \right)",
    tempts="ReLU, signal and z1 are all there.",
    breaks="The slope of ReLU is 0 or 1; neither the size of z1 nor the sign of the signal has a part in it.",
    hint="What is the slope of ReLU at z1 = 3?",
)
def relu_of_product(dA1: Array, z1: Array) -> Array:
    return np.maximum(dA1 * z1, 0)


@slip(
    "delta1",
    "where the gate is open there is a 1, and the signal passes where it is closed",
    latex=r"\delta_1 = \begin{cases} 1, & z_1 \ge 0 \\ \partial L/\partial A_1, & z_1 < 0 \end{cases}",
    tempts="The 1 of H27 is written for the open gate, and the signal into the free place.",
    breaks="Exactly the units that moved the loss lose their signal.",
    hint="What does the first case of H28 say?",
)
def one_where_open(dA1: Array, z1: Array) -> Array:
    return np.where(z1 >= 0, 1, dA1)


@slip(
    "delta1",
    "the closed units are thrown out instead of set to 0",
    latex=r"\delta_1 = \left( \frac{\partial L}{\partial A_{1j}} : z_{1j} > 0 \right)",
    tempts="`dA1[z1 > 0]` picks exactly the entries that pass.",
    breaks="The rest moves up: which unit and which example a number belongs to is lost.",
    hint="What is the shape of z1?",
)
def closed_units_thrown_out(dA1: Array, z1: Array) -> Array:
    return dA1[z1 > 0]


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
    "the examples are put together already",
    latex=r"\sum_n \delta_{1,n}",
    tempts="The bias gradient, the next line, is such a sum.",
    breaks="Each example's error must meet that example's X first.",
    hint="delta1 is dL/dz1. What is the shape of z1?",
    batch=True,
    each={"mean": (False, True)},
)
def hidden_errors_put_together(dA1: Array, z1: Array, mean: bool) -> Array:
    total = (dA1 * (z1 >= 0)).sum(axis=1, keepdims=True)
    return total / z1.shape[1] if mean else total


@slip(
    "delta1",
    "the derivative of tanh takes the place of ReLU's",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot (1 - A_1^2)",
    tempts="Many older texts use tanh in the hidden layer.",
    breaks="The forward pass has no tanh.",
    hint="Which function turned z1 into A1?",
    each={"of": ("tanh of z1", "A1")},
)
def tanh_for_gate(dA1: Array, z1: Array, of: str) -> Array:
    A1 = np.maximum(z1, 0) if of == "A1" else np.tanh(z1)
    return dA1 * (1 - A1**2)


@slip(
    "delta1",
    "closed gates turn the sign instead of giving 0",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} \odot \text{sign}(z_1)",
    tempts="`np.sign` also tells positive from negative.",
    breaks="That is the derivative of the absolute value.",
    hint="What is the slope of ReLU at z1 = -3?",
)
def sign_for_gate(dA1: Array, z1: Array) -> Array:
    return dA1 * np.where(z1 >= 0, 1, -1)


@slip(
    "delta1",
    "one gate serves all examples of a unit",
    latex=r"\delta_{1,jn} = \frac{\partial L}{\partial A_{1,jn}} \, I\left(\sum_m z_{1,jm} \ge 0\right)",
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
    "the gate is added, not multiplied",
    latex=r"\delta_1 = \frac{\partial L}{\partial A_1} + I(z_1 \ge 0)",
    tempts="Signal and gate have the same shape, and numpy adds them willingly.",
    breaks="The chain rule multiplies.",
    hint="Which operation does the chain rule put between its factors?",
)
def gate_added(dA1: Array, z1: Array) -> Array:
    return dA1 + (z1 >= 0)


@slip(
    "delta1",
    "the value A1 is passed on, not the signal",
    latex=r"\delta_1 = A_1",
    tempts="ReLU is applied to z1, as in the forward pass.",
    breaks="The error has no part in it.",
    hint="What does the chain rule carry back: a value, or a derivative of the loss?",
)
def forward_value_for_delta(z1: Array) -> Array:
    return np.maximum(z1, 0)


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


# --- one step of gradient descent -----------------------------------------------------------------


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
    "the learning rate is left out",
    latex=r"<result> = <parameter> - <gradient>",
    tempts="With a learning rate of 1 it is the same.",
    breaks="The step cannot be made small enough to stay in the valley.",
    hint="What decides how far one step goes?",
)
def rate_left_out(parameter: Array, gradient: Array) -> Array:
    return parameter - gradient


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
    "the learning rate is applied twice",
    latex=r"<result> = <parameter> - \eta^2 <gradient>",
    tempts="It is put into the gradient and into the step.",
    breaks="With a rate below 1 the steps are far too small.",
    hint="How often does the learning rate occur in your step?",
)
def rate_squared(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate**2 * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the gradient is divided by the learning rate",
    latex=r"<result> = <parameter> - \frac{1}{\eta} <gradient>",
    tempts="A rate sounds like something one divides by.",
    breaks="A smaller rate makes a larger step.",
    hint="Make the learning rate smaller. Should the step grow or shrink?",
)
def rate_divided(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - gradient / learning_rate


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
    "the step is returned, not the new parameter",
    latex=r"<result> = -\eta <gradient>",
    tempts="The step is what was computed last.",
    breaks="The old value is lost.",
    hint="What should be left of a parameter whose gradient is 0?",
    each={"sign": (-1, 1)},
)
def step_returned(gradient: Array, learning_rate: float, sign: int) -> Array:
    return sign * learning_rate * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the gradient is returned, not the new parameter",
    latex=r"<result> = <gradient>",
    tempts="The gradients are the hard part, and they look like the end.",
    breaks="The old value is lost, and nothing was learned.",
    hint="What should be left of a parameter whose gradient is 0?",
)
def gradient_returned(gradient: Array) -> Array:
    return gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the learning rate multiplies the parameter too",
    latex=r"<result> = \eta (<parameter> - <gradient>)",
    tempts="One pair of brackets too many.",
    breaks="The parameter shrinks at every step, whatever the gradient is.",
    hint="What should be left of a parameter whose gradient is 0?",
    each={"both": (True, False)},
)
def rate_on_parameter(parameter: Array, gradient: Array, learning_rate: float, both: bool) -> Array:
    return learning_rate * parameter - (learning_rate if both else 1) * gradient


@slip(
    "w1_new b1_new w2_new b2_new",
    "the parameter itself is taken for its gradient",
    latex=r"<result> = <parameter> - \eta <parameter>",
    tempts="One letter is missing: `w1` for `dw1`.",
    breaks="The parameter shrinks towards 0, whatever the loss says.",
    hint="What is multiplied by the learning rate in your line?",
)
def parameter_for_gradient(parameter: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * parameter


@slip(
    "b1_new b2_new",
    "the bias has grown to a square: a row was taken off a column",
    latex=r"b_{kj} \leftarrow b_k - \eta \frac{\partial L}{\partial b_j}",
    tempts="`sum(axis=1)` without `keepdims=True` gives (K,), which numpy reads as a row.",
    breaks="numpy spreads both to (K, K) and raises no error.",
    hint="What are the shapes of the bias and of its gradient in your update?",
)
def bias_spread_to_a_square(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - learning_rate * gradient.ravel()


@slip(
    "b1_new",
    "the weights' gradient is taken off the bias",
    latex=r"b_1^\text{new} = b_1 - \eta \frac{\partial L}{\partial w_1}",
    tempts="The line for the weights is copied.",
    breaks="The bias spreads out to the shape of the weights.",
    hint="A gradient has the shape of its parameter. Which one belongs to b1?",
)
def dw1_for_db1(b1: Array, dw1: Array, learning_rate: float) -> Array:
    return b1 - learning_rate * dw1


@slip(
    "b2_new",
    "the weights' gradient is taken off the bias",
    latex=r"b_2^\text{new} = b_2 - \eta \frac{\partial L}{\partial w_2}",
    tempts="The line for the weights is copied.",
    breaks="The bias spreads out to the shape of the weights.",
    hint="A gradient has the shape of its parameter. Which one belongs to b2?",
)
def dw2_for_db2(b2: Array, dw2: Array, learning_rate: float) -> Array:
    return b2 - learning_rate * dw2


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
    tempts="A 1/N is expected in the step, although the mean is in the gradient already.",
    breaks="The step depends on the size of the batch, for no reason.",
    hint="The gradient is that of the mean loss. Where is its 1/N?",
    batch=True,
    each={"times": (False, True)},
)
def step_scaled_by_n(parameter: Array, gradient: Array, learning_rate: float, X: Array, times: bool) -> Array:
    return parameter - learning_rate * gradient * (X.shape[1] if times else 1 / X.shape[1])


@slip(
    "w1_new b1_new w2_new b2_new",
    "two steps are taken instead of one",
    latex=r"<result> = <parameter> - 2 \eta <gradient>",
    tempts="The update stands in two places, or a factor 2 slipped in.",
    breaks="The step is longer than the learning rate says.",
    hint="How often is the parameter changed in your function?",
)
def two_steps(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    return parameter - 2 * learning_rate * gradient


# --- accuracy -------------------------------------------------------------------------------------


@slip(
    "share",
    "the wrong predictions are counted, not the right ones",
    latex=r"1 - \text{accuracy}",
    tempts="`!=` for `==`, or the error rate was meant.",
    breaks="A better network gets a lower number.",
    hint="What should a network that is always right get?",
)
def error_rate(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) != y.argmax(axis=0))


@slip(
    "share",
    "the right predictions are counted, but not divided by N",
    latex=r"\sum_n I(\hat t_n = t_n)",
    tempts="`sum` for `mean`.",
    breaks="The number grows with the batch.",
    hint="A share lies between 0 and 1. What must the count be divided by?",
    each={"wrong": (False, True)},
)
def count_for_share(z2: Array, y: Array, wrong: bool) -> Any:
    hits = (z2.argmax(axis=0) == y.argmax(axis=0)) != wrong
    return hits.sum()


@slip(
    "share",
    "it is given in per cent",
    latex=r"100 \cdot \text{accuracy}",
    tempts="Accuracies are usually quoted so.",
    breaks="The docstring asks for a share, a number from 0 to 1.",
    hint="What should a network that is always right get: 1 or 100?",
)
def per_cent(z2: Array, y: Array) -> Any:
    return 100 * _share(z2, y)


@slip(
    "share",
    "for each class the most typical example is looked for, not for each example its class",
    latex=r"\text{argmax}_n z_{2,in}",
    tempts="An axis is easily mistaken: `axis=1` runs along a row.",
    breaks="K comparisons are made instead of N.",
    hint="Columns are examples. How many predictions should there be?",
    each={"logits": (True, False)},
)
def argmax_over_examples(z2: Array, A2: Array, y: Array, logits: bool) -> Any:
    return np.mean((z2 if logits else A2).argmax(axis=1) == y.argmax(axis=1))


@slip(
    "share",
    "it is the mean probability of the true class",
    latex=r"\frac{1}{N} \sum_n \sum_i y_{in} A_{2,in}",
    tempts="It also lies between 0 and 1, and grows as the network gets better.",
    breaks="A prediction is right or wrong; how sure it was does not count here.",
    hint="When is a prediction right?",
    each={"entries": (False, True)},
)
def mean_probability(A2: Array, y: Array, entries: bool) -> Any:
    return (y * A2).mean() if entries else (y * A2).sum() / y.shape[1]


@slip(
    "share",
    "there is one answer for each example: the mean is missing",
    latex=r"I(\hat t_n = t_n), \quad n = 1, \dots, N",
    tempts="The comparison is the point of it.",
    breaks="An accuracy is one number for all examples.",
    hint="How does one get a share from N times right or wrong?",
)
def hits_not_averaged(z2: Array, y: Array) -> Any:
    return (z2.argmax(axis=0) == y.argmax(axis=0)) * 1.0


@slip(
    "share",
    "class numbers are compared with the entries of y",
    latex=r"\hat t_n = y_{in}",
    tempts="The prediction is turned into a class number, the label is not.",
    breaks="A class number meets zeros and ones; class 0 is right wherever y has a 0.",
    hint="Which class number does a column of y stand for?",
)
def number_against_one_hot(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmax(axis=0) == y)


@slip(
    "share",
    "the hidden units are asked, not the output",
    latex=r"\hat t = \text{argmax}_j A_{1j}",
    tempts="A1 and A2 differ by one digit.",
    breaks="A hidden unit is no class.",
    hint="Which array has one row for each class?",
)
def hidden_units_asked(A1: Array, y: Array) -> Any:
    return np.mean(A1.argmax(axis=0) == y.argmax(axis=0))


@slip(
    "share",
    "the largest number of the whole batch is looked for",
    latex=r"\text{argmax}_{in} A_{2,in}",
    tempts="`argmax()` without an axis is shorter.",
    breaks="One comparison is made instead of N.",
    hint="Columns are examples. How many predictions should there be?",
)
def argmax_of_everything(z2: Array, y: Array) -> Any:
    return float(z2.argmax() == y.argmax())


@slip(
    "share",
    "every entry of y is compared, not every example",
    latex=r"\frac{1}{K N} \sum_{in} I(\hat y_{in} = y_{in})",
    tempts="`mean` over the whole comparison is short.",
    breaks="A wrong prediction still has most of its zeros right: the number is far too high.",
    hint="How many comparisons should be made for N examples?",
    each={"form": ("argmax", "half", "round")},
)
def entries_compared(A2: Array, y: Array, form: str) -> Any:
    return np.mean(((A2.max(axis=0) == A2) if form == "argmax" else A2 > 0.5) == (y > 0))


@slip(
    "share",
    "a prediction counts only if its probability is above one half",
    latex=r"A_{2t} > \frac{1}{2}",
    tempts="Rounding turns probabilities into zeros and ones, and for two classes that is enough.",
    breaks="With three classes or more, the most probable one can have less than one half.",
    hint="With probabilities 0.4, 0.3, 0.3, which class is predicted?",
)
def above_one_half(A2: Array, y: Array) -> Any:
    return np.mean(((A2 > 0.5) == (y > 0)).all(axis=0))


@slip(
    "share",
    "the count is divided by the number of classes",
    latex=r"\frac{1}{K} \sum_n I(\hat t_n = t_n)",
    tempts="`len(y)` counts rows, and here the rows are classes.",
    breaks="The number can exceed 1.",
    hint="Columns are examples. What does `len(y)` count?",
)
def share_of_classes(z2: Array, y: Array) -> Any:
    return (z2.argmax(axis=0) == y.argmax(axis=0)).sum() / len(y)


@slip(
    "share",
    "the least probable class is taken for the prediction",
    latex=r"\hat t = \text{argmin}_i A_{2i}",
    tempts="`argmin` and `argmax` differ by two letters; a loss is minimised.",
    breaks="A good network gets a number near 0.",
    hint="Which class does the network believe in most?",
)
def least_probable(z2: Array, y: Array) -> Any:
    return np.mean(z2.argmin(axis=0) == y.argmax(axis=0))


@slip(
    "share",
    "it is the mean loss, not the accuracy",
    latex=r"L",
    tempts="Both say how good the network is.",
    breaks="A better network has a lower loss and a higher accuracy.",
    hint="What should a network that is always right get?",
)
def loss_for_accuracy(A2: Array, y: Array) -> Any:
    return -(y * np.log(A2)).sum() / y.shape[1]


# --- numerical gradients --------------------------------------------------------------------------


def _slopes(x: Array, slope: Callable[[tuple[int, ...], Array], Any]) -> Array:
    result = np.zeros(x.shape)
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[index] = 1
        result[index] = slope(index, unit)
    return result


_STEP_SIZES = (1e-5, 1e-4, 1e-3, 1e-6, 1e-2, 1e-7, 1e-8, 1e-1)


@slip(
    "slope",
    "the difference is taken to one side only",
    latex=r"\frac{f(x + h) - f(x)}{h}",
    tempts="It is the definition of the derivative, before the limit.",
    breaks="Its error shrinks with h, that of the central difference with h^2.",
    hint="How could the error's first term be made to cancel?",
    each={"step": (*_STEP_SIZES, *(-h for h in _STEP_SIZES))},
)
def one_sided_difference(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x)) / step)


@slip(
    "slope",
    "the distance of the two points is 2h, but it is divided by h",
    latex=r"\frac{f(x + h) - f(x - h)}{h}",
    tempts="The one-sided difference divides by h.",
    breaks="Every entry is twice what it should be.",
    hint="How far apart are the two points at which f is evaluated?",
)
def divided_by_h(f: Function, x: Array) -> Array:
    return 2 * solutions.numerical_gradient(f, x)


@slip(
    "slope",
    "a one-sided difference is divided by 2h",
    latex=r"\frac{f(x + h) - f(x)}{2 h}",
    tempts="The 2 of the central difference is kept, its second point is not.",
    breaks="Every entry is about half of what it should be.",
    hint="How far apart are the two points at which f is evaluated?",
    each={"step": _STEP_SIZES},
)
def one_side_divided_by_2h(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x)) / (2 * step))


@slip(
    "slope",
    "all entries are moved at once",
    latex=r"\frac{f(x + h \mathbf{1}) - f(x - h \mathbf{1})}{2 h}",
    tempts="`x + h` moves a whole array in one stroke.",
    breaks="The result is the sum of all partial derivatives, not each of them.",
    hint="A partial derivative moves one entry. What do the others do meanwhile?",
    constant=True,
    each={"single": (False, True)},
)
def all_moved_at_once(f: Function, x: Array, single: bool) -> Any:
    slope = (f(x + 1e-5) - f(x - 1e-5)) / 2e-5
    return slope if single else np.full(x.shape, slope)


@slip(
    "slope",
    "the points change places: f(x - h) - f(x + h)",
    latex=r"\frac{f(x - h) - f(x + h)}{2 h}",
    tempts="Which of the two was moved up is easily mixed up.",
    breaks="Every sign is turned round.",
    hint="If f grows with x, which of the two values is larger?",
)
def points_exchanged(f: Function, x: Array) -> Array:
    return -solutions.numerical_gradient(f, x)


@slip(
    "slope",
    "the difference is not divided by the distance",
    latex=r"f(x + h) - f(x - h)",
    tempts="The difference shows how f changes, and it is easily taken for the slope.",
    breaks="The result depends on h and goes to 0 with it.",
    hint="Halve h. Should the slope become half as large?",
    each={"step": _STEP_SIZES},
)
def not_divided(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: f(x + step * unit) - f(x - step * unit))


@slip(
    "slope",
    "it is multiplied by h where it should be divided: `/ 2 * h`",
    latex=r"\frac{f(x + h) - f(x - h)}{2} \, h",
    tempts="`a / 2 * h` reads like a fraction, but Python goes from left to right.",
    breaks="The result depends on h and goes to 0 with it.",
    hint="In which order does Python work out `a / 2 * h`?",
    each={"step": tuple(h for h in _STEP_SIZES if h >= 1e-5)},
)
def brackets_missing_below(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x - step * unit)) / 2 * step)


@slip(
    "slope",
    "it is divided by h squared",
    latex=r"\frac{f(x + h) - f(x - h)}{h^2}",
    tempts="The second difference is divided so.",
    breaks="The result depends on h, and grows without end as h shrinks.",
    hint="How far apart are the two points at which f is evaluated?",
    each={"step": _STEP_SIZES},
)
def divided_by_h_squared(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) - f(x - step * unit)) / step**2)


@slip(
    "slope",
    "the two values are added, not subtracted",
    latex=r"\frac{f(x + h) + f(x - h)}{2 h}",
    tempts="A mean of the two sides has a plus sign.",
    breaks="It grows without end as h shrinks.",
    hint="For a constant f, what should come out?",
    each={"step": _STEP_SIZES},
)
def values_added(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda index, unit: (f(x + step * unit) + f(x - step * unit)) / (2 * step))


@slip(
    "slope",
    "the points are moved by a share of x, but it is divided by h alone",
    latex=r"\frac{f(x (1 + h)) - f(x (1 - h))}{2 h}",
    tempts="A relative step suits numbers of every size.",
    breaks="Every slope is multiplied by its own x.",
    hint="How far apart are the two points at which f is evaluated, for x = 3 and h = 0.01?",
)
def relative_step(f: Function, x: Array) -> Array:
    return x * solutions.numerical_gradient(f, x)


@slip(
    "slope",
    "an entry is not put back before the next one is moved",
    latex=r"\frac{f(x + h e_1 + h e_2 + \dots) - f(x)}{h}",
    tempts="`x[index] += h` changes x for good.",
    breaks="Each slope is measured at another place, or between points that differ in more than one entry.",
    hint="What does x look like when your loop comes to its second entry?",
    each={"form": ("up kept", "down kept", "against the start", "one sided", "both sides")},
)
def not_put_back(f: Function, x: Array, form: str) -> Array:
    h, moved, result = 1e-5, x.copy(), np.zeros(x.shape)
    if form == "both sides":
        return np.cumsum(solutions.numerical_gradient(f, x)).reshape(x.shape)
    start = f(x)
    for index in np.ndindex(x.shape):
        if form in ("against the start", "one sided"):
            before = f(moved) if form == "one sided" else start
            moved[index] += h
            result[index] = (f(moved) - before) / h
        else:
            moved[index] += h
            up = f(moved)
            moved[index] -= 2 * h
            down = f(moved)
            result[index] = (up - down) / (2 * h)
            moved[index] += 2 * h if form == "up kept" else 0
    return result


@slip(
    "slope",
    "only one entry is differentiated",
    latex=r"\left( 0, \dots, 0, \frac{\partial f}{\partial x_m} \right)",
    tempts="The result is made anew inside the loop, or the function returns inside it.",
    breaks="All other entries stay 0.",
    hint="When does your loop end, and what has been kept of its earlier passes?",
    each={"last": (True, False)},
)
def one_entry_only(f: Function, x: Array, last: bool) -> Array:
    slopes, result = solutions.numerical_gradient(f, x), np.zeros(x.shape)
    result.flat[-1 if last else 0] = slopes.flat[-1 if last else 0]
    return result


@slip(
    "slope",
    "a whole row is moved at once",
    latex=r"\frac{f(x + h \sum_d e_{jd}) - f(x - h \sum_d e_{jd})}{2 h}",
    tempts="`x[i]` is one number where x is a list; where x is a matrix, it is a row.",
    breaks="Every entry of a row gets the sum of the row's partial derivatives.",
    hint="How many indices does one entry of x have?",
)
def whole_row_moved(f: Function, x: Array) -> Array:
    slopes = solutions.numerical_gradient(f, x)
    return slopes.sum(axis=1, keepdims=True) + 0 * slopes


@slip(
    "slope",
    "the result is one row; it has lost the shape of x",
    latex=r"\left( \frac{\partial f}{\partial x_1}, \frac{\partial f}{\partial x_2}, \dots \right)",
    tempts="A list that grows in a loop is flat.",
    breaks="A gradient has the shape of what it is taken by.",
    hint="What is the shape of x?",
)
def slopes_flattened(f: Function, x: Array) -> Array:
    return solutions.numerical_gradient(f, x).ravel()


@slip(
    "slope",
    "it is the second difference",
    latex=r"\frac{f(x + h) - 2 f(x) + f(x - h)}{h^2}",
    tempts="It is the other formula with the same three points.",
    breaks="That is the curvature, not the slope.",
    hint="For a straight line, what does your formula give?",
    each={"step": (1e-3, 1e-4, 1e-2, 1e-1)},
)
def second_difference(f: Function, x: Array, step: float) -> Array:
    return _slopes(x, lambda _, unit: (f(x + step * unit) - 2 * f(x) + f(x - step * unit)) / step**2)


# --- how the error of a difference shrinks --------------------------------------------------------


@slip(
    "errors",
    "the two differences have changed places",
    latex=r"\text{forward} \sim h^2, \quad \text{central} \sim h",
    tempts="One of them is linear and the other quadratic; which is which is easily mixed up.",
    breaks="The central difference would be the worse one.",
    hint="In which of the two does the term with the second derivative cancel?",
)
def errors_exchanged(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward * (h_new / h) ** 2], [error_central * h_new / h]])


@slip(
    "errors",
    "both errors are taken to shrink with h",
    latex=r"\text{forward} \sim h, \quad \text{central} \sim h",
    tempts="A smaller step makes both smaller.",
    breaks="The point of the central difference is lost: its error shrinks much faster.",
    hint="Which power of h is left in the central difference when the even terms cancel?",
)
def errors_both_linear(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward], [error_central]]) * h_new / h


@slip(
    "errors",
    "both errors are taken to shrink with h^2",
    latex=r"\text{forward} \sim h^2, \quad \text{central} \sim h^2",
    tempts="Taylor's formula has an h^2 in it for both.",
    breaks="In the forward difference that term is divided by h once.",
    hint="By what is f(x + h) - f(x) divided?",
)
def errors_both_quadratic(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward], [error_central]]) * (h_new / h) ** 2


@slip(
    "errors",
    "the errors are taken to grow as the step shrinks",
    latex=r"\text{forward} \sim 1/h, \quad \text{central} \sim 1/h^2",
    tempts="Dividing by a small h makes numbers large; and for very small steps rounding does make the error grow.",
    breaks="Before rounding matters, a smaller step is a better one.",
    hint="Is the difference nearer to the derivative for a large step or for a small one?",
)
def errors_grow(error_forward: float, error_central: float, h: float, h_new: float) -> Array:
    return np.array([[error_forward * h / h_new], [error_central * (h / h_new) ** 2]])


# --- the handout's lines --------------------------------------------------------------------------


@slip(
    "mend_H05",
    "there is one class too many",
    latex=r"\sum_{i=0}^K",
    tempts="The handout writes it so in H05 and H10, as code would count.",
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
    "the last class is missing",
    latex=r"\sum_{i=1}^{K-1}",
    tempts="`range(1, K)` stops before K.",
    breaks="If the last class is the true one, the loss would be 0.",
    hint="Which is the last number of `range(1, K)`?",
)
def range_stops_early(K: int) -> list[int]:
    return list(range(1, K))


@slip(
    "mend_H10",
    "only one path is taken: through the output of the same class",
    latex=r"-\frac{y_{ti}}{A_{2i}} \frac{\partial A_{2i}}{\partial z_{2i}} = -y_{ti}(1 - A_{2i})",
    tempts="It is the handout's line, with one index for both.",
    breaks="It is 0 for every wrong class.",
    hint="Through how many outputs A_2k does one logit z_2i reach the loss?",
    handout="H07 H09 H10",
)
def H10_one_path(y: Array, A2: Array, i: int) -> Any:
    return -y[i] * (1 - A2[i])


@slip(
    "mend_H10",
    "the path through the class itself is left out of the sum",
    latex=r"\sum_{k \ne i} \frac{\partial L}{\partial A_{2k}} \frac{\partial A_{2k}}{\partial z_{2i}}",
    tempts="The other classes' paths were the ones missing, and the own one is lost instead.",
    breaks="For the true class nothing is left.",
    hint="Which k does your sum run through?",
)
def H10_other_paths_only(y: Array, A2: Array, i: int) -> Any:
    return A2[i] * (1 - y[i])


@slip(
    "mend_H10",
    "the derivative beside the diagonal has the wrong sign",
    latex=r"\frac{\partial A_{2k}}{\partial z_{2i}} = +A_{2k} A_{2i}, \quad i \ne k",
    tempts="The minus sign of the quotient rule is lost where its first term vanishes.",
    breaks="Raising one logit would raise every other probability.",
    hint="Raise one logit. Which way does another class's probability go?",
)
def H10_off_diagonal_positive(y: Array, A2: Array, i: int) -> Any:
    return -y[i] * (1 - A2[i]) - A2[i] * (1 - y[i])


@slip(
    "mend_H10",
    "only the derivative of the loss is there",
    latex=r"-\frac{y_{ti}}{A_{2i}}",
    tempts="It is the first factor of the chain.",
    breaks="The path through the softmax is missing.",
    hint="Which function lies between z2 and A2?",
)
def H10_loss_only(y: Array, A2: Array, i: int) -> Any:
    return -y[i] / A2[i]


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
    "the factor A_2i is missing altogether",
    latex=r"-\frac{y_{ti}}{A_{2i}} \frac{\sum_j e^{z_{2j}} - e^{z_{2i}}}{\sum_j e^{z_{2j}}}",
    tempts="The bracket is mended, and the factor in front of it is lost.",
    breaks="The A_2i below the line no longer cancels.",
    hint="The quotient rule has a square below. Into which two fractions can it be split?",
)
def H11_factor_missing(y_i: float, A_i: float, e_i: float, S: float) -> Any:
    return -y_i / A_i * (S - e_i) / S


@slip(
    "mend_H11",
    "the derivative of the loss is missing in front",
    latex=r"\frac{A_{2i} (\sum_j e^{z_{2j}} - e^{z_{2i}})}{\sum_j e^{z_{2j}}}",
    tempts="Only the softmax's derivative is mended.",
    breaks="H11 is dL/dz2: the label must occur in it.",
    hint="What stands in front of the fraction in H10?",
)
def H11_softmax_only(A_i: float, e_i: float, S: float) -> Any:
    return A_i * (S - e_i) / S


@slip(
    "mend_H11",
    "the sum below the line is missing",
    latex=r"-\frac{y_{ti}}{A_{2i}} A_{2i} \left( \sum_j e^{z_{2j}} - e^{z_{2i}} \right)",
    tempts="The square below the line is shared out, and one of its factors is forgotten.",
    breaks="The result grows with a common shift of the logits, which the softmax cannot see.",
    hint="How many sums stand below the line in H17, and where did each of them go?",
)
def H11_sum_missing(y_i: float, e_i: float, S: float) -> Any:
    return -y_i * (S - e_i)


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
    "both indices are those of the output",
    latex=r"y_{tk} A_{2k}",
    tempts="The label is mended, and its neighbour is changed along with it.",
    breaks="What reaches z_2i must depend on the class i.",
    hint="dA_2k/dz_2i has two factors. One cancels against dL/dA_2k: which one is left?",
)
def H12_both_k(y_k: float, A_k: float) -> Any:
    return y_k * A_k


@slip(
    "mend_H12",
    "both indices are those of the logit",
    latex=r"y_{ti} A_{2i}",
    tempts="With i in one place it is easily written in both.",
    breaks="Output k brings its own label.",
    hint="Which class's label stands in dL/dA_2k?",
)
def H12_both_i(y_i: float, A_i: float) -> Any:
    return y_i * A_i


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
    "the whole sum is kept",
    latex=r"\frac{\partial}{\partial z_{2i}} \sum_j e^{z_{2j}} = \sum_j e^{z_{2j}}",
    tempts="The exponential is its own derivative, so the sum seems to be so too.",
    breaks="That would be the derivative if all logits moved together.",
    hint="Which single term of the sum moves when z_2i moves?",
)
def H18_whole_sum(z2: Array) -> Any:
    return np.exp(z2).sum()


@slip(
    "mend_H18",
    "the terms that do not move are kept",
    latex=r"\sum_{j \ne i} e^{z_{2j}}",
    tempts="A derivative takes something away.",
    breaks="Exactly the terms without z_2i are constant: their derivative is 0.",
    hint="Which single term of the sum moves when z_2i moves?",
)
def H18_other_terms(z2: Array, i: int) -> Any:
    return np.exp(z2).sum() - np.exp(z2[i])


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
    tempts="The class is at hand, and it is put where the class is.",
    breaks="A label's entries are 0 and 1; class 2 is not twice class 1.",
    hint="What are the only values y_i can have?",
)
def H20_class_number(t: int, i: int) -> int:
    return t if t == i else 0
