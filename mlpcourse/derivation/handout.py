"""The handout as it was handed out, H01 to H32, and its slips, each refuted on a concrete network.

The mended lines are in ``derivation``, under the same IDs. A slip's wrong line is an expression in the same notation,
so that it can be typeset, evaluated and set beside the right one.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy import KroneckerDelta, exp, log

from mlpcourse import network

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, Expr, K, L, L_of, Partial, Sum, X, by_case, d, i, j, k, n, w1, w2, y, z1, z2,
)  # fmt: skip

# isort: on
from mlpcourse.derivation.certificates import certified
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Line
from mlpcourse.derivation.numbers import evaluate, random_values
from mlpcourse.derivation.proof import Proof, prove
from mlpcourse.derivation.typesetting import column, plain_tex
from mlpcourse.derivation.written import as_written
from mlpcourse.network import Array, Grads, Params

HANDOUT = {
    "H01": r"z_1 = w_1 X + b_1",
    "H02": r"A_1 = \text{ReLU}(z_1) = \begin{cases} z_{1i}, & z_{1i} \ge 0 \\ 0, & z_{1i} < 0 \end{cases}",
    "H03": r"z_2 = w_2 A_1 + b_2",
    "H04": r"A_2 = \text{Softmax}(z_2) = \dfrac{e^{z_{2i}}}{\sum_{j=1}^K e^{z_{2j}}}",
    "H05": r"L = - \sum_{i=0}^K y_{ti} \log A_{2i}",
    "H06": (
        r"\dfrac{\partial L}{\partial w_2}, \dfrac{\partial L}{\partial b_2}, \dfrac{\partial L}{\partial w_1}, "
        r"\dfrac{\partial L}{\partial b_1} - ?"
    ),
    "H07": (
        r"\dfrac{\partial L}{\partial w_{2i}} = \dfrac{\partial L}{\partial A_{2i}} \cdot \dfrac{\partial "
        r"A_{2i}}{\partial w_{2i}} = \dfrac{\partial L}{\partial A_{2i}} \cdot \dfrac{\partial A_{2i}}{\partial "
        r"z_{2i}} \cdot \dfrac{\partial z_{2i}}{\partial w_{2i}}"
    ),
    "H08": (
        r"\dfrac{\partial z_{2i}}{\partial w_{2i}} = \dfrac{\partial}{\partial w_{2i}} (w_{2i} A_{1i} + b_2) = "
        r"A_{1i}"
    ),
    "H09": (
        r"\dfrac{\partial L}{\partial z_{2i}} = \dfrac{\partial L}{\partial A_{2i}} \dfrac{\partial "
        r"A_{2i}}{\partial z_{2i}}"
    ),
    "H10": (
        r"= \dfrac{\partial}{\partial A_{2i}} \left(- \sum_{i=0}^K y_{ti} \log A_{2i} \right) \dfrac{\partial "
        r"A_{2i}}{\partial z_{2i}} = - \dfrac{y_{ti}}{A_{2i}} \dfrac{\partial}{\partial z_{2i}} "
        r"\left(\dfrac{e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}} \right) \quad (1)"
    ),
    "H11": (
        r"= \begin{cases} - \dfrac{y_{ti}}{A_{2i}} \dfrac{A_{2i} \cdot \sum_{j=0}^K e^{z_{2j}} - "
        r"e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}}, & i = k \\ - \dfrac{y_{ti}}{A_{2i}} \dfrac{-A_{2i} \cdot "
        r"e^{z_{2k}}}{\sum_{j=0}^K e^{z_{2j}}}, & i \neq k \end{cases}"
    ),
    "H12": r"= \begin{cases} -y_{ti}(1 - A_{2i}), & i = k \\ y_{ti}A_{2k}, & i \neq k \end{cases} \quad (2)",
    "H13": (
        r"= \begin{cases} -I(y_{ti} = k)(1 - A_{2i}), & i = k \\ -I(y_{ti} = k)(0 - A_{2k}), & i \neq k "
        r"\end{cases}"
    ),
    "H14": (
        r"= \begin{cases} A_{2i} \cdot I(y_{ti} = k) - I(y_{ti} = k), & i = k \\ A_{2k} \cdot I(y_{ti} = k), & i "
        r"\neq k \end{cases}"
    ),
    "H15": (
        r"\Leftrightarrow A_{2i}I(y_{ti} = k) - I(y_{ti} = k) + A_{2k}I(y_{ti} = k) = A_{2i} - I(y_{ti} = k) = "
        r"A_{2i} - y_{ti}"
    ),
    "H16": (
        r"(1)\quad \dfrac{\partial}{\partial z_{2i}} \left(\dfrac{e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}} \right) = "
        r"\begin{cases} \dfrac{\partial}{\partial z_{2i}} \left(\dfrac{e^{z_{2i}}}{\sum_{j=0}^K e^{z_{2j}}} "
        r"\right), & i = k \\ \dfrac{\partial}{\partial z_{2i}} \left(\dfrac{e^{z_{2k}}}{\sum_{j=0}^K e^{z_{2j}}} "
        r"\right), & i \neq k \end{cases}"
    ),
    "H17": (
        r"= \begin{cases} \dfrac{e^{z_{2i}} \left(\sum_{j=0}^K e^{z_{2j}} - e^{z_{2i}} \right)}{\left(\sum_{j=0}^K "
        r"e^{z_{2j}} \right)^2}, & i = k \\ -\dfrac{e^{z_{2k}}}{\left(\sum_{j=0}^K e^{z_{2j}} \right)^2} "
        r"\dfrac{\partial \left(\sum_{j=0}^K e^{z_{2j}} \right)}{\partial z_{2i}}, & i \neq k \end{cases}"
    ),
    "H18": r"\dfrac{\partial \left(\sum_{j=0}^K e^{z_{2j}} \right)}{\partial z_{2i}} = e^{z_{2k}}",
    "H19": r"\dfrac{e^{z_{2i}}}{\left(\sum_{j=0}^K e^{z_{2j}} \right)^2} = A_{2i}",
    "H20": r"(2)\quad I(y_{ti} = k) = y_{ti}",
    "H21": r"\dfrac{\partial L}{\partial \mathbf{w}_{2i}} = (A_{2i} - y_{ti}) \cdot A_{1i}",
    "H22": r"\dfrac{\partial z_{2i}}{\partial b_2} = 1",
    "H23": (
        r"\dfrac{\partial L}{\partial \mathbf{b}_2} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial "
        r"z_{2i}}{\partial b_2} = \dfrac{\partial L}{\partial z_{2i}} = A_{2i} - y_{ti}"
    ),
    "H24": (
        r"\dfrac{\partial L}{\partial w_1} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial z_{2i}}{\partial "
        r"w_{1i}} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial z_{2i}}{\partial A_{1i}} \dfrac{\partial "
        r"A_{1i}}{\partial z_{1i}} \dfrac{\partial z_{1i}}{\partial w_{1i}}"
    ),
    "H25": r"\dfrac{\partial z_{1i}}{\partial w_{1i}} = X",
    "H26": (
        r"\dfrac{\partial L}{\partial A_{1i}} = \dfrac{\partial L}{\partial z_{2i}} w_1 = (A_{2i} - y_{ti}) \cdot "
        r"w_1"
    ),
    "H27": (
        r"\dfrac{\partial A_{1i}}{\partial z_{1i}} = \begin{cases} 1, & z_{1i} \ge 0 \\ 0, & z_{1i} < 0 "
        r"\end{cases}"
    ),
    "H28": (
        r"\dfrac{\partial L}{\partial z_{1i}} = \dfrac{\partial L}{\partial A_{1i}} \dfrac{\partial "
        r"A_{1i}}{\partial z_{1i}} = \begin{cases} (A_{2i} - y_{ti}) \cdot w_1, & z_{1i} \ge 0 \\ 0, & z_{1i} < 0 "
        r"\end{cases} = (A_{2i} - y_{ti}) \cdot w_1, \; z_{1i} \ge 0"
    ),
    "H29": r"\dfrac{\partial z_{2i}}{\partial A_{1i}} = w_2",
    "H30": r"\dfrac{\partial L}{\partial \mathbf{w}_{1i}} = (A_{2i} - y_{ti}) \cdot w_2 X",
    "H31": r"\dfrac{\partial z_{1i}}{\partial b_1} = 1",
    "H32": (
        r"\dfrac{\partial L}{\partial \mathbf{b}_1} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial "
        r"z_{2i}}{\partial b_1} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial z_{2i}}{\partial A_{1i}} "
        r"\dfrac{\partial A_{1i}}{\partial b_1} = \dfrac{\partial L}{\partial z_{2i}} \dfrac{\partial "
        r"z_{2i}}{\partial A_{1i}} \dfrac{\partial A_{1i}}{\partial z_{1i}} \dfrac{\partial z_{1i}}{\partial b_1} "
        r"= \dfrac{\partial L}{\partial z_{1i}} \dfrac{\partial z_{1i}}{\partial b_1} = \dfrac{\partial "
        r"L}{\partial z_{1i}} \stackrel{z_{1i} \ge 0}{=} (A_{2i} - y_{ti}) \cdot w_1"
    ),
}

SECTIONS = {
    title: tuple(f"H{number:02}" for number in range(first, last + 1))
    for title, first, last in (
        ("The model", 1, 6),
        ("The output layer", 7, 15),
        ("The two notes", 16, 20),
        ("The second layer", 21, 23),
        ("The hidden layer", 24, 32),
    )
}


class OtherMending(NamedTuple):
    """What the mistake is in these lines, where it is not as in the others: ``lhs`` is ``right``."""

    ids: tuple[str, ...]
    why: str
    lhs: Expr
    right: Expr


class HandoutSlip(NamedTuple):
    """One slip. ``wrong`` is claimed equal to ``truth``; ``stage`` is the array of the backward pass that it spoils.

    means: the kind of mistake, in words that fit any page. also: further lines that can be read as having it, such as
    copies of a line, or the other side of a contradiction. mended_otherwise: lines that are mended in their own way.
    """

    name: str
    ids: tuple[str, ...]
    means: str
    says: str
    why: str
    mended: tuple[tuple[str, str], ...]  # derivation and line
    wrong: Expr = None
    truth: Expr = None
    stage: str = ""
    also: tuple[str, ...] = ()
    mended_otherwise: tuple[OtherMending, ...] = ()

    @property
    def title(self) -> str:
        """The name in words."""
        return self.name.replace("_", " ")

    @property
    def right(self) -> tuple[Line, ...]:
        """The mended lines."""
        return tuple(DERIVATIONS[name].line(key) for name, key in self.mended)


def _slips() -> list[HandoutSlip]:
    total, e_i, e_k = Sum(exp(z2[j]), (j, 1, K)), exp(z2[i]), exp(z2[k])
    delta = Partial(L, z2[i])
    jacobian = -(y[k] / A2[k]) * (-A2[k] * e_i / total)
    return [
        HandoutSlip(
            "index_range", ("H05", "H10"), "a sum runs over one class too many",
            r"\sum_{j=1}^K \text{ and } \sum_{i=0}^K",
            "$0..K$ are $K + 1$ classes: there is no class 0.",
            (("L", "definition"),),
            -Sum(y[i] * log(A2[i]), (i, 0, K)), L,
            also=("H04", "H11", "H16", "H17", "H18", "H19"),
        ),
        HandoutSlip(
            "one_path_only", ("H07", "H09", "H10", "H24", "H26", "H32"),
            "the chain rule follows one path where there are several",
            r"\frac{\partial L}{\partial z_{2i}} = "
            r"\frac{\partial L}{\partial A_{2i}} \frac{\partial A_{2i}}{\partial z_{2i}}",
            "Every $A_{2k}$ depends on every $z_{2i}$, so the chain rule sums over $k$. With one path only, the "
            "gradient of every wrong class is 0.",
            (("output_delta", "chain_rule"),),
            -(y[i] / A2[i]) * (A2[i] * (1 - A2[i])), delta, "delta2", also=("H28", "H30"),
            mended_otherwise=(
                OtherMending(
                    ("H24", "H26", "H28", "H30", "H32"),
                    "$A_{1j}$ enters every $z_{2k}$, so a hidden unit reaches the loss through all classes: the chain "
                    "rule sums over $k$.",
                    Partial(L, A1[j]), Sum(Partial(L, z2[k]) * Partial(z2[k], A1[j]), (k, 1, K)),
                ),
            ),
        ),
        HandoutSlip(
            "one_letter_twice", ("H10",), "the letter of a sum is used for something else",
            r"\frac{\partial}{\partial A_{2i}} \left( -\sum_i y_{ti} \log A_{2i} \right)",
            "A sum's letter is its own. To differentiate by $A_{2i}$ is to take one fixed $i$, but the sum runs "
            "over all of them: write the sum with another letter.",
            (("loss_by_A2", "pick"),),
            -Sum(y[i] / A2[i], (i, 1, K)), Partial(L, A2[i]),
        ),
        HandoutSlip(
            "undefined_index", ("H11", "H12", "H13", "H14", "H15", "H16"),
            "a letter on the right has no meaning on the left",
            r"\begin{cases} \ldots, & i = k \\ \ldots, & i \neq k \end{cases}",
            "$k$ appears nowhere on the left. $k$ numbers the output and $i$ the logit, and the derivative "
            "needs both.",
            (("softmax_jacobian", "definition"),),
            by_case(A2[i] * (1 - A2[i]), -A2[k] * A2[i]), Partial(A2[i], z2[i]), also=("H17", "H18"),
        ),
        HandoutSlip(
            "lost_factor", ("H11",), "a factor, or a pair of brackets, is lost",
            r"A_{2i} \sum_j e^{z_{2j}} - e^{z_{2i}}",
            "A pair of brackets is lost, and what is left is exactly 0: $A_{2i} \\sum_j e^{z_{2j}}$ is $e^{z_{2i}}$.",
            (("output_delta", "jacobian"),),
            Sum(by_case(-(y[i] / A2[i]) * ((A2[i] * total - e_i) / total), jacobian), (k, 1, K)), delta, "delta2",
        ),
        HandoutSlip(
            "swapped_roles", ("H11", "H12", "H13", "H14"), "two classes have changed places",
            r"y_{ti} A_{2k}, \; i \neq k",
            "What reaches $z_{2i}$ through output $k$ carries that output's label: $y_{tk} A_{2i}$. Swapped, the sum "
            "over $k$ is 0 for every class.",
            (("output_delta", "cancel"),),
            Sum(by_case(-y[i] * (1 - A2[i]), y[i] * A2[k]), (k, 1, K)), delta, "delta2", also=("H15",),
        ),
        HandoutSlip(
            "missing_sum", ("H15",), "cases are added as if they were terms; the sum is missing",
            r"A_{2i} y_{ti} - y_{ti} + A_{2k} y_{ti}",
            "The cases of a formula are alternatives, not terms. What is added is the second case for every $k$ "
            "other than $i$.",
            (("output_delta", "split_off"), ("output_delta", "put_back")),
            (1 - KroneckerDelta(i, k)) * (A2[i] * y[i] - y[i] + A2[k] * y[i]), (1 - KroneckerDelta(i, k)) * delta,
        ),
        HandoutSlip(
            "wrong_exponent_index", ("H18",), "the wrong term of a sum is differentiated",
            r"\frac{\partial}{\partial z_{2i}} \sum_j e^{z_{2j}} = e^{z_{2k}}",
            "Of the sum, only the term $j = i$ depends on $z_{2i}$.",
            (("softmax_denominator", "pick"), ("softmax_jacobian", "denominator")),
            Sum(by_case(-y[i] * (1 - A2[i]), -(y[k] / A2[k]) * (-e_k * e_k / total**2)), (k, 1, K)), delta, "delta2",
        ),
        HandoutSlip(
            "stray_square", ("H19",), "a power too many",
            r"\frac{e^{z_{2i}}}{\left(\sum_j e^{z_{2j}}\right)^2} = A_{2i}",
            "One sum too many below.",
            (("A2", "definition"), ("softmax_jacobian", "recognise")),
            e_i / total**2 - y[i], delta, "delta2",
        ),
        HandoutSlip(
            "indicator_of_label", ("H13", "H14", "H15", "H20"), "an entry of the label is taken for a class number",
            r"I(y_{ti} = k)",
            "$y_{ti}$ is an entry of the one-hot label, 0 or 1, and not the number of a class.",
            (("one_hot", "definition"), ("output_delta_indicator", "indicator")),
            A2[i] - KroneckerDelta(y[i], i), delta, "delta2",
        ),
        HandoutSlip(
            "index_mismatch", ("H08", "H21", "H24", "H25", "H26", "H29", "H30"),
            "one letter for two things that are counted apart, or an index left out",
            r"(A_{2i} - y_{ti}) \cdot A_{1i}",
            "The output and the hidden unit each have an index of their own. A weight joins one of each: an outer "
            "product.",
            (("grad_w2", "output_error"),),
            (A2[i] - y[i]) * A1[i], Partial(L, w2[k, j]),
            also=("H07", "H28", "H32"),
            mended_otherwise=(
                OtherMending(
                    ("H08",), "A weight joins a hidden unit and an output, each with an index of its own.",
                    Partial(z2[k], w2[k, j]), A1[j],
                ),
                OtherMending(
                    ("H24", "H30"),
                    "A weight of the first layer joins the input $d$ and the hidden unit $j$, and $i$ is neither: it "
                    "counts the classes.",
                    Partial(L, w1[j, d]), Partial(L, z1[j]) * X[d],
                ),
                OtherMending(
                    ("H25",), "One weight meets one entry of $X$, whose index is left out.",
                    Partial(z1[j], w1[j, d]), X[d],
                ),
                OtherMending(
                    ("H26", "H28", "H32"),
                    "The hidden unit $j$ and the class $k$ each have an index of their own, and the sum is over the "
                    "classes.",
                    Partial(L, A1[j]), Sum(Partial(L, z2[k]) * w2[k, j], (k, 1, K)),
                ),
                OtherMending(
                    ("H29",), "Between one hidden unit and one class there is one weight, whose indices are left out.",
                    Partial(z2[k], A1[j]), w2[k, j],
                ),
            ),
        ),
        HandoutSlip(
            "wrong_weights", ("H26", "H28", "H32"), "the weights of the other layer",
            r"(A_{2i} - y_{ti}) \cdot w_1",
            "$A_1$ enters $z_2$ through $w_2$, as H29 says. The first layer's weights even have another shape.",
            (("hidden_signal", "output_error"),),
            Sum((A2[k] - y[k]) * w1[k, j], (k, 1, K)), Partial(L, A1[j]), "dA1",
        ),
        HandoutSlip(
            "gate_dropped", ("H28", "H30", "H32"), "ReLU's derivative is left out",
            r"(A_{2i} - y_{ti}) \cdot w_2 X",
            "A hidden unit with $z_{1j} < 0$ does not move the loss, so its gradient is 0.",
            (("hidden_delta", "cases"), ("grad_w1", "hidden_error")),
            Sum((A2[k] - y[k]) * w2[k, j], (k, 1, K)), Partial(L, z1[j]), "delta1",
        ),
        HandoutSlip(
            "order_of_factors", ("H30",), "a product of matrices that do not fit",
            r"(A_2 - y) \cdot w_2 X",
            "A column of $K$ numbers cannot stand in front of $w_2$: their shapes do not fit.",
            (("grad_w1", "hidden_error"),),
        ),
        HandoutSlip(
            "kink", ("H27",), "a choice is made where there is no derivative, and nobody says so",
            r"\frac{\partial A_{1i}}{\partial z_{1i}} = 1, \; z_{1i} = 0",
            "ReLU has no derivative at 0. Any number from 0 to 1 is a subgradient, and 1 is the handout's choice; "
            "PyTorch, JAX and TensorFlow choose 0.",
            (("relu_gate", "slopes"),),
            also=("H02",),
        ),
    ]  # fmt: skip


with sp.evaluate(False):
    HANDOUT_SLIPS = {
        slip.name: slip._replace(
            wrong=None if slip.wrong is None else as_written(slip.wrong),
            truth=None if slip.truth is None else as_written(slip.truth),
        )
        for slip in _slips()
    }


# --- refuting ---------------------------------------------------------------------------------------


DIFFER = "the numbers differ"


class Refutation(NamedTuple):
    """Why the slip's line cannot be right; ``how`` is empty for a line that is right after all.

    ``error`` is how far it is off, relatively, or NaN where it is not a number. Where the slip spoils a stage of the
    backward pass, it is the error of the whole gradient.
    """

    slip: str
    how: str
    error: float


def refute(name: str) -> Refutation:
    """Hold a slip against the truth on a network with D, H, K, N = 4, 5, 3, 6, some gates closed.

    What does not even conform there is measured, if it can be, on a square network, D = H = K = 4, where it passes
    unnoticed. Raises ValueError for an unknown slip.
    """
    slip = _find(name)
    if name == "kink":
        return Refutation(name, _slopes(), float("nan"))
    N = 6 if slip.stage else 1
    values = random_values(np.random.default_rng(15), 4, 5, 3, N)
    if name == "order_of_factors":
        return Refutation(name, _not_conforming(values), float("nan"))
    try:
        error = _error(slip, values)
        return Refutation(name, DIFFER if error > 1e-9 else "", error)
    except (IndexError, ValueError) as reason:
        problem = str(reason)
    try:
        return Refutation(name, problem, _error(slip, random_values(np.random.default_rng(15), 4, 4, 4, N)))
    except (IndexError, ValueError):
        return Refutation(name, problem, float("nan"))


def wrong_gradients(name: str, params: Params, X: Array, y: Array) -> Grads:
    """The gradient of someone who follows the slip and is right in everything else; shapes as ``network.backward``.

    Raises ValueError for a slip that cannot be followed, IndexError where the sizes of the network forbid it.
    """
    slip = _find(name)
    if not slip.stage:
        followed = ", ".join(one.name for one in HANDOUT_SLIPS.values() if one.stage)
        raise ValueError(f"{name} cannot be followed in code; what can: {followed}")
    values = network.forward(params, X)
    wrong = evaluate(_each_example(slip.wrong), {**params._asdict(), **values._asdict(), "X": X, "y": y}) / y.shape[1]
    delta2 = wrong if slip.stage == "delta2" else network.output_delta(values.A2, y)
    dA1 = wrong if slip.stage == "dA1" else network.hidden_signal(params.w2, delta2)
    delta1 = wrong if slip.stage == "delta1" else network.hidden_delta(dA1, values.z1)
    return Grads(
        network.grad_w1(delta1, X), network.grad_b1(delta1), network.grad_w2(delta2, values.A1), network.grad_b2(delta2)
    )


def _find(name: str) -> HandoutSlip:
    if name not in HANDOUT_SLIPS:
        raise ValueError(f"there is no slip {name!r}, only: {', '.join(HANDOUT_SLIPS)}")
    return HANDOUT_SLIPS[name]


def _error(slip: HandoutSlip, values: dict[str, Array]) -> float:
    """How far the slip is off, relatively. Raises IndexError or ValueError where it does not conform."""
    if slip.stage:
        params, X, y = Params(*(values[field] for field in Params._fields)), values["X"], values["y"]
        both = wrong_gradients(slip.name, params, X, y), network.backward(params, X, y)
        wrong, truth = (np.concatenate([array.ravel() for array in grads]) for grads in both)
    else:
        wrong, truth = evaluate(slip.wrong, values), evaluate(slip.truth, values)
        if wrong.shape != truth.shape:
            given, needed = (" by ".join(map(str, side.shape)) for side in (wrong, truth))
            raise ValueError(f"it gives {f'{given} numbers' if given else 'a single number'} where {needed} are needed")
    return float(np.linalg.norm(wrong - truth) / np.linalg.norm(truth))


def _slopes() -> str:
    """ReLU's slopes on either side of 0, if they differ."""
    step = np.array([[1e-6], [-1e-6]])
    right, left = np.abs((network.relu(step) - network.relu(0 * step)) / step)[:, 0]
    return f"the slope is {right:.0f} from the right and {left:.0f} from the left" if right != left else ""


def _not_conforming(values: dict[str, Array]) -> str:
    error, w2 = values["A2"] - values["y"], values["w2"]
    if error.shape[1] == w2.shape[0]:
        return ""
    return f"A2 - y has shape {error.shape} and w2 {w2.shape}: {error.shape[1]} column against {w2.shape[0]} rows"


def _each_example(expr: Expr) -> Expr:
    """A line of one example as the line of example n of a batch."""
    if expr == L:
        return L_of[n]
    if isinstance(expr, sp.Indexed):
        return expr.base[(*expr.indices, n)] if expr.base in (X, y, z1, A1, z2, A2) else expr
    if not expr.args:
        return expr
    if isinstance(expr, sp.Sum):
        return Sum(_each_example(expr.function), tuple(expr.limits[0]))
    args: list[Any] = [_each_example(arg) for arg in expr.args]
    with sp.evaluate(False):
        return expr.func(*args)


# --- showing ----------------------------------------------------------------------------------------


class Table:
    """Rows of texts, some of them LaTeX between dollar signs, as JupyterLab and a terminal display them."""

    def __init__(self, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> None:
        self.head, self.rows = head, rows

    def _repr_markdown_(self) -> str:
        lines = [self.head, (":--",) * len(self.head), *self.rows]
        return "\n".join(f"| {' | '.join(line)} |" for line in lines)

    def __repr__(self) -> str:
        return "\n".join("  ".join(map(_in_text, row)) for row in self.rows)


def _in_text(cell: str) -> str:
    formula = cell.removeprefix(r"$\displaystyle ")
    return plain_tex(formula[:-1]) if formula != cell else cell


def show_handout(*ids: str) -> Table:
    """Display equations as they were handed out, slips included. Raises ValueError for an unknown ID."""
    for name in ids:
        if name not in HANDOUT:
            raise ValueError(f"the handout has the equations H01 to H32, but {name!r} was asked for")
    return Table(("handout", "as handed out"), [(name, rf"$\displaystyle {HANDOUT[name]}$") for name in ids])


def show_slips() -> Table:
    """Display every slip, what it says, and how it is refuted: loud ones do not run, silent ones give wrong numbers."""
    rows: list[tuple[str, ...]] = [
        (slip.name.replace("_", " "), ", ".join(slip.ids), rf"$\displaystyle {slip.says}$", _verdict(refute(slip.name)))
        for slip in HANDOUT_SLIPS.values()
    ]
    return Table(("slip", "handout", "it says", column("refuted")), rows)


def _verdict(refutation: Refutation) -> str:
    off = "" if np.isnan(refutation.error) else f"{refutation.error:.0%} off"
    if refutation.slip == "kink":
        return f"a choice: {refutation.how}"
    if refutation.how == "the numbers differ":
        return f"silent: {off}"
    return f"loud: {refutation.how}" + (f"; silent on a square network: {off}" if off else "")


# --- coverage ---------------------------------------------------------------------------------------


class Covered(NamedTuple):
    """One equation: taught in (notebook, heading), proven as (derivation, line, how), and its slips (slip, how).

    ``how`` is empty for what is not proven, or not refuted.
    """

    id: str
    taught: tuple[tuple[str, str], ...]
    proven: tuple[tuple[str, str, str], ...]
    slips: tuple[tuple[str, str], ...]

    @property
    def missing(self) -> str:
        """What is missing, or an empty string. H06 is a question: it has an answer and no proof."""
        gaps = {
            "taught in no lesson": not self.taught,
            "in no line": not self.proven and self.id != "H06",
            "a line is not proven": not all(how for _, _, how in self.proven),
            "a slip is not refuted": not all(how for _, how in self.slips),
        }
        return ", ".join(gap for gap, there in gaps.items() if there)


def coverage(notebooks: Path) -> list[Covered]:
    """H01 to H32: where in ``notebooks`` each is taught, how its lines are proven, and its slips refuted.

    Taught is what a section below the title names, or a line that it shows, in a lesson before those that correct the
    whole handout. Raises FileNotFoundError for a folder without notebooks.
    """
    files = sorted(file for file in notebooks.glob("*.ipynb") if file.stem < "11_correct_the_handout")
    if not files:
        raise FileNotFoundError(f"there is no notebook in {notebooks}")
    taught: dict[str, dict[tuple[str, str], None]] = {name: {} for name in HANDOUT}
    for file in files:
        for heading, name in named_equations(file):
            taught[name][(file.stem, heading)] = None
    proofs = prove()
    refuted = [(slip, refute(slip.name)) for slip in HANDOUT_SLIPS.values()]
    return [
        Covered(
            name,
            tuple(taught[name]),
            tuple((proof.derivation, proof.line, _proven(proof)) for proof in proofs if name in proof.ids),
            tuple((slip.name, _refuted(refutation)) for slip, refutation in refuted if name in slip.ids),
        )
        for name in HANDOUT
    ]


def _proven(proof: Proof) -> str:
    if proof.how and certified(DERIVATIONS[proof.derivation], proof.line):
        return f"{proof.how}; certified"
    return proof.how


def _refuted(refutation: Refutation) -> str:
    if not refutation.how or np.isnan(refutation.error):
        return refutation.how
    where = ", by" if refutation.how == DIFFER else "; on a square network off by"
    return f"{refutation.how}{where} {refutation.error:.0%}"


def named_equations(file: Path) -> Iterator[tuple[str, str]]:
    """(heading, equation) for every equation that a section of the notebook names or shows; "H16 to H19" names four.

    Raises ValueError where it shows a line that the derivation does not have.
    """
    heading = ""
    for cell in json.loads(file.read_text(encoding="utf-8"))["cells"]:
        source = "".join(cell["source"])
        if cell["cell_type"] == "code":
            for call in re.finditer(r'\b(?:show|step_through|derive)\("(\w+)"(?:, "(\w+)")?(?:, to="(\w+)")?', source):
                if call[1] in DERIVATIONS:
                    for line in DERIVATIONS[call[1]].between(call[2], call[3] or call[2]):
                        yield from ((heading, name) for name in line.ids)
        if cell["cell_type"] != "markdown":
            continue
        for text in source.splitlines():
            if title := re.match(r"(#+) (.*)", text):
                heading = title[2] if len(title[1]) > 1 else ""
            for first, last in re.findall(r"\bH(\d\d)(?:(?: to |[-\u2013])H(\d\d))?", text) if heading else ():
                numbers = range(int(first), int(last or first) + 1)
                yield from ((heading, f"H{number:02}") for number in numbers if f"H{number:02}" in HANDOUT)
