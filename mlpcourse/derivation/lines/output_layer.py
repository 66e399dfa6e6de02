"""The derivation, line by line. What a learner reads is the expression that is proven.

``DERIVATIONS[name]`` holds the lines; ``show(name)`` displays them, each with its reason, its handout
equations and its proof. A line's LaTeX, numbers and proof come from one expression (``notation``).
Where the handout's own line has a slip, the mended line stands here under the same ID.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
import sympy as sp
from sympy import KroneckerDelta, exp, log

from mlpcourse import network
from mlpcourse.derivation import normal_form as algebra
from mlpcourse.derivation.normal_form import as_json
from mlpcourse.network import Array

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.typesetting import (
    A1, A2, D, Entry, Expr, H, K, L, L_mean, L_of, N, Partial, X, b1, b2, c, d, definition, evaluate, free_indices,
    i, j, k, l, latex, m, matrix, n, p, plain, q, t, values_of, w1, w2, y, z1, z2,
)  # fmt: skip
# isort: on

__all__ = ["DERIVATIONS", "Derivation", "Line", "as_json", "evaluate", "latex", "plain", "prove", "show", "values_of"]

Values = Mapping[str, Any]


class Line(NamedTuple):
    """One line: it equals the line before it. The reason may hold inline LaTeX between dollar signs."""

    expr: Expr
    reason: str
    ids: tuple[str, ...] = ()


class Derivation(NamedTuple):
    """``lhs`` = line = line = ...; ``result`` is what ``network`` makes of the same values (``values_of``)."""

    name: str
    title: str
    lhs: Expr
    lines: tuple[Line, ...]
    result: Callable[[Values], Array]


def Sum(summand: Expr, limits: tuple[Expr, int, Expr]) -> Expr:
    """A sum as it is written. SymPy's own constructor would rearrange the summand."""
    written = sp.Expr.__new__(sp.Sum, summand, sp.Tuple(*limits))
    written.is_commutative = True
    return written


def _cases(first: Expr, condition: tuple[Any, Expr, Any], second: Expr) -> Expr:
    relation, left, right = condition
    with sp.evaluate(True):
        return sp.Piecewise((first, relation(left, right)), (second, True), evaluate=False)


def _gate(inner: Expr, at: Expr = z1[j]) -> Expr:
    return _cases(inner, (sp.Ge, at, 0), sp.Integer(0))


def by_case(same: Expr, other: Expr) -> Expr:
    return _cases(same, (sp.Eq, i, k), other)


def _sum_but(summand: Expr, index: Expr, left_out: Expr, count: Expr) -> Expr:
    """The sum over an index that leaves one value out: (1 - delta) times the summand."""
    return Sum((1 - KroneckerDelta(index, left_out)) * summand, (index, 1, count))


def _delta2(v: Values) -> Array:
    return network.output_delta(v["A2"], v["y"])


def _dA1(v: Values) -> Array:
    return network.hidden_signal(v["w2"], _delta2(v))


def _delta1(v: Values) -> Array:
    return network.hidden_delta(_dA1(v), v["z1"])


def _one(array: Array) -> Array:
    """Drop the axis of the single example."""
    return array[..., 0]


# fmt: off
def _written() -> list[Derivation]:
    every: list[Derivation] = []

    def derive(name: str, title: str, lhs: Expr, result: Callable[[Values], Any], *lines: tuple[Any, ...]) -> None:
        rows = tuple(Line(expr, reason, tuple(ids)) for expr, reason, *ids in lines)
        every.append(Derivation(name, title, lhs, rows, result))

    total = Sum(exp(z2[j]), (j, 1, K))  # the softmax's denominator
    loss = -Sum(y[m] * log(A2[m]), (m, 1, K))

    # --- the network ------------------------------------------------------------------------------
    derive("z1", "The hidden layer's input", z1[j], lambda v: _one(v["z1"]),
        (Sum(w1[j, d] * X[d], (d, 1, D)) + b1[j], "definition: row $j$ of $w_1 X + b_1$", "H01"))
    derive("A1", "The hidden layer's output", A1[j], lambda v: _one(network.relu(v["z1"])),
        (_gate(z1[j]), "definition: ReLU lets $z_{1j}$ pass or gives 0", "H02"))
    derive("z2", "The logits", z2[k], lambda v: _one(v["z2"]),
        (Sum(w2[k, j] * A1[j], (j, 1, H)) + b2[k], "definition: row $k$ of $w_2 A_1 + b_2$", "H03"))
    derive("A2", "Softmax", A2[k], lambda v: _one(network.softmax(v["z2"])),
        (exp(z2[k]) / total, "definition: the share of class $k$ in the sum of all $e^{z_{2j}}$", "H04", "H19"))
    derive("L", "Cross-entropy", L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
        (-Sum(y[i] * log(A2[i]), (i, 1, K)), "definition: classes are counted $1$ to $K$, as in H04", "H05"))

    # --- scores, probabilities, surprise ----------------------------------------------------------
    shifted = Sum(exp(z2[j] - c), (j, 1, K))
    derive("shift_invariance", "Softmax does not see a common shift",
        exp(z2[i] - c) / shifted, lambda v: _one(network.softmax(v["z2"] - v["c"])),
        (exp(-c) * exp(z2[i]) / Sum(exp(-c) * exp(z2[j]), (j, 1, K)), "$e^{a - b} = e^{-b} e^a$, above and below"),
        (exp(-c) * exp(z2[i]) / (exp(-c) * total), "$e^{-c}$ does not depend on $j$: take it out of the sum"),
        (exp(z2[i]) / total, "cancel $e^{-c}$"),
        (A2[i], "definition of $A_{2i}$"))
    derive("softmax_sum", "The probabilities make 1", Sum(A2[k], (k, 1, K)), lambda v: v["A2"].sum(),
        (Sum(exp(z2[k]) / total, (k, 1, K)), "definition of $A_{2k}$", "H04"),
        (Sum(exp(z2[k]), (k, 1, K)) / total, "the denominator is the same for every $k$"),
        (sp.Integer(1), "above and below stands the same sum"))
    derive("log_softmax", "The logarithm of a softmax, without overflow",
        log(A2[i]), lambda v: _one(network.log_softmax(v["z2"])),
        (log(exp(z2[i] - c) / shifted), "definition of $A_{2i}$, all logits shifted by any number $c$"),
        (log(exp(z2[i] - c)) - log(shifted), "logarithm of a quotient"),
        (z2[i] - c - log(shifted), "$\\log e^a = a$; with $c$ the largest logit no exponent is positive"))
    derive("one_hot", "What a label is", y[i], lambda v: _one(v["y"]),
        (KroneckerDelta(t, i), "definition: 1 for the true class $t$, 0 for every other", "H20"))
    derive("true_class_loss", "Only the true class counts",
        L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
        (-Sum(y[i] * log(A2[i]), (i, 1, K)), "definition of $L$", "H05"),
        (-Sum(KroneckerDelta(t, i) * log(A2[i]), (i, 1, K)), "$y_{ti} = I(t = i)$", "H20"),
        (-log(A2[t]), "only the term $i = t$ is left"))
    derive("log_sum_exp_loss", "The loss from the logits",
        L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
        (-Sum(y[i] * log(A2[i]), (i, 1, K)), "definition of $L$", "H05"),
        (-Sum(y[i] * (z2[i] - c - log(shifted)), (i, 1, K)), "the logarithm of a softmax, with any shift $c$"),
        (-Sum(y[i] * z2[i], (i, 1, K)) + (c + log(shifted)) * Sum(y[i], (i, 1, K)),
            "multiply out; $c + \\log \\sum$ does not depend on $i$"),
        (c + log(shifted) - Sum(y[i] * z2[i], (i, 1, K)), "$y$ is one-hot: its entries sum to 1"))

    # --- the softmax's derivative, note (1) of the handout ------------------------------------------
    derive("softmax_denominator", "The derivative of the softmax's denominator",
        Partial(total, z2[i]), lambda v: _one(np.exp(v["z2"])),
        (Sum(Partial(exp(z2[j]), z2[i]), (j, 1, K)), "the derivative of a sum is the sum of the derivatives", "H18"),
        (Sum(KroneckerDelta(i, j) * exp(z2[j]), (j, 1, K)), "$e^{z_{2j}}$ depends on $z_{2i}$ only if $j = i$", "H18"),
        (exp(z2[i]), "only the term $j = i$ is left", "H18"))
    e_k, e_i = exp(z2[k]), exp(z2[i])
    derive("softmax_jacobian", "The derivative of every output by every logit",
        Partial(A2[k], z2[i]), lambda v: network.softmax_jacobian(v["z2"]),
        (Partial(e_k / total, z2[i]), "definition of $A_{2k}$; $k$ numbers the output, $i$ the logit", "H16"),
        ((Partial(e_k, z2[i]) * total - e_k * Partial(total, z2[i])) / total**2, "quotient rule", "H17"),
        ((KroneckerDelta(i, k) * e_k * total - e_k * Partial(total, z2[i])) / total**2,
            "$e^{z_{2k}}$ depends on $z_{2i}$ only if $k = i$", "H17"),
        ((KroneckerDelta(i, k) * e_k * total - e_k * e_i) / total**2,
            "in the sum too, only the term $j = i$ depends on $z_{2i}$", "H18"),
        (by_case((e_i * total - e_i * e_i) / total**2, -e_k * e_i / total**2),
            "the two cases: $\\delta_{ik}$ is 1 or 0", "H17"),
        (by_case(e_i * (total - e_i) / total**2, -e_k * e_i / total**2),
            "case $i = k$: factor out $e^{z_{2i}}$", "H17"),
        (by_case((e_i / total) * ((total - e_i) / total), -(e_k / total) * (e_i / total)),
            "one factor of the square to each fraction", "H17"),
        (by_case((e_i / total) * (1 - e_i / total), -(e_k / total) * (e_i / total)),
            "divide the bracket by the sum", "H19"),
        (by_case(A2[i] * (1 - A2[i]), -A2[k] * A2[i]), "recognise $A_2$ in every fraction", "H19"),
        (A2[k] * (KroneckerDelta(i, k) - A2[i]), "both cases in one: $\\delta_{ik}$ is 1 if $i = k$, else 0"),
        (KroneckerDelta(i, k) * A2[k] - A2[k] * A2[i], "multiply out"))
    derive("softmax_others", "What the others lose when one logit rises",
        _sum_but(Partial(A2[k], z2[i]), k, i, K), lambda v: _one(v["A2"] * (v["A2"] - 1)),
        (_sum_but(-A2[k] * A2[i], k, i, K), "only the second case is met: $k$ is not $i$"),
        (-A2[i] * _sum_but(A2[k], k, i, K), "$A_{2i}$ does not depend on $k$"),
        (-A2[i] * (1 - A2[i]), "all probabilities make 1, so the others make $1 - A_{2i}$"))

    # --- the output layer ---------------------------------------------------------------------------
    derive("loss_by_A2", "The loss by one output",
        Partial(L, A2[k]), lambda v: _one(-v["y"] / v["A2"]),
        (Partial(loss, A2[k]), "definition of $L$", "H10"),
        (-Sum(y[m] * Partial(log(A2[m]), A2[k]), (m, 1, K)), "a sum and constant factors: term by term", "H10"),
        (-Sum(y[m] * (KroneckerDelta(m, k) / A2[m]), (m, 1, K)),
            "$(\\log x)' = 1/x$, and $A_{2m}$ is $A_{2k}$ only if $m = k$", "H10"),
        (-y[k] / A2[k], "only the term $m = k$ is left", "H10"))
    derive("output_delta", "The loss by one logit",
        Partial(L, z2[i]), lambda v: _one(_delta2(v)),
        (Sum(Partial(L, A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)),
            "chain rule: $z_{2i}$ reaches $L$ through every output, so sum over $k$", "H09"),
        (Sum(Partial(loss, A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)), "definition of $L$", "H10"),
        (Sum(-(y[k] / A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)), "only the term $m = k$ holds $A_{2k}$", "H10"),
        (Sum(-(y[k] / A2[k]) * Partial(e_k / total, z2[i]), (k, 1, K)), "definition of $A_{2k}$", "H10"),
        (Sum(by_case(-(y[i] / A2[i]) * (A2[i] * (total - e_i) / total), -(y[k] / A2[k]) * (-A2[k] * e_i / total)),
            (k, 1, K)), "the softmax's derivative, note (1)", "H11"),
        (Sum(by_case(-(y[i] / A2[i]) * (A2[i] * (1 - A2[i])), -(y[k] / A2[k]) * (-A2[k] * A2[i])), (k, 1, K)),
            "$e^{z_{2i}}$ over the sum is $A_{2i}$", "H11"),
        (Sum(by_case(-y[i] * (1 - A2[i]), y[k] * A2[i]), (k, 1, K)), "cancel $A_{2i}$ and $A_{2k}$", "H12"),
        (-y[i] * (1 - A2[i]) + _sum_but(y[k] * A2[i], k, i, K), "split off the term $k = i$", "H15"),
        (A2[i] * y[i] - y[i] + _sum_but(y[k] * A2[i], k, i, K), "multiply out", "H14", "H15"),
        (A2[i] * y[i] - y[i] + A2[i] * _sum_but(y[k], k, i, K), "$A_{2i}$ does not depend on $k$", "H15"),
        (A2[i] * (y[i] + _sum_but(y[k], k, i, K)) - y[i], "factor out $A_{2i}$", "H15"),
        (A2[i] * Sum(y[k], (k, 1, K)) - y[i], "the term $k = i$ goes back into the sum", "H15"),
        (A2[i] - y[i], "$y$ is one-hot: its entries sum to 1", "H15"))
    derive("output_delta_indicator", "The same with the indicator, as the handout writes it",
        Partial(L, z2[i]), lambda v: _one(_delta2(v)),
        (Sum(by_case(-y[i] * (1 - A2[i]), y[k] * A2[i]), (k, 1, K)), "derived before", "H12"),
        (Sum(by_case(-KroneckerDelta(t, i) * (1 - A2[i]), -KroneckerDelta(t, k) * (0 - A2[i])), (k, 1, K)),
            "$y_{tk} = I(t = k)$, with $t$ the true class, note (2)", "H13", "H20"),
        (Sum(by_case(A2[i] * KroneckerDelta(t, i) - KroneckerDelta(t, i), A2[i] * KroneckerDelta(t, k)), (k, 1, K)),
            "multiply out", "H14"),
        (A2[i] * KroneckerDelta(t, i) - KroneckerDelta(t, i) + _sum_but(A2[i] * KroneckerDelta(t, k), k, i, K),
            "split off the term $k = i$", "H15"),
        (A2[i] * Sum(KroneckerDelta(t, k), (k, 1, K)) - KroneckerDelta(t, i),
            "factor out $A_{2i}$; the term $k = i$ goes back into the sum", "H15"),
        (A2[i] - KroneckerDelta(t, i), "exactly one class is the true one", "H15"),
        (A2[i] - y[i], "$I(t = i) = y_{ti}$", "H15", "H20"))

    # --- the second layer's gradients -----------------------------------------------------------------
    logit = Sum(w2[i, l] * A1[l], (l, 1, H)) + b2[i]
    derive("grad_w2", "The loss by one weight of the second layer",
        Partial(L, w2[k, j]), lambda v: network.grad_w2(_delta2(v), v["A1"]),
        (Sum(Partial(L, A2[m]) * Partial(A2[m], w2[k, j]), (m, 1, K)), "chain rule over every output", "H07"),
        (Sum(Partial(L, A2[m]) * Sum(Partial(A2[m], z2[i]) * Partial(z2[i], w2[k, j]), (i, 1, K)), (m, 1, K)),
            "chain rule over every logit", "H07"),
        (Sum(Sum(Partial(L, A2[m]) * Partial(A2[m], z2[i]), (m, 1, K)) * Partial(z2[i], w2[k, j]), (i, 1, K)),
            "swap the two sums", "H07"),
        (Sum(Partial(L, z2[i]) * Partial(z2[i], w2[k, j]), (i, 1, K)),
            "the bracket is $\\partial L / \\partial z_{2i}$", "H07", "H09"),
        (Sum(Partial(L, z2[i]) * Partial(logit, w2[k, j]), (i, 1, K)), "definition of $z_{2i}$", "H08"),
        (Sum(Partial(L, z2[i]) * Sum(Partial(w2[i, l], w2[k, j]) * A1[l], (l, 1, H)), (i, 1, K)),
            "term by term; $A_1$ and $b_2$ do not depend on $w_2$", "H08"),
        (Sum(Partial(L, z2[i]) * Sum(KroneckerDelta(i, k) * KroneckerDelta(l, j) * A1[l], (l, 1, H)), (i, 1, K)),
            "a weight depends on itself only", "H08"),
        (Sum(Partial(L, z2[i]) * (KroneckerDelta(i, k) * A1[j]), (i, 1, K)), "only the term $l = j$ is left", "H08"),
        (Partial(L, z2[k]) * A1[j], "only the term $i = k$ is left", "H21"),
        ((A2[k] - y[k]) * A1[j], "the output error", "H21"))
    derive("grad_b2", "The loss by one bias of the second layer",
        Partial(L, b2[k]), lambda v: _one(network.grad_b2(_delta2(v))),
        (Sum(Partial(L, z2[i]) * Partial(z2[i], b2[k]), (i, 1, K)), "chain rule over every logit", "H23"),
        (Sum(Partial(L, z2[i]) * Partial(logit, b2[k]), (i, 1, K)), "definition of $z_{2i}$", "H22"),
        (Sum(Partial(L, z2[i]) * KroneckerDelta(i, k), (i, 1, K)),
            "$b_{2i}$ is a plain summand: derivative 1 if $i = k$, else 0", "H22"),
        (Partial(L, z2[k]), "only the term $i = k$ is left", "H23"),
        (A2[k] - y[k], "the output error", "H23"))

    # --- back through the hidden layer ------------------------------------------------------------------
    logit = Sum(w2[k, l] * A1[l], (l, 1, H)) + b2[k]
    signal = Sum((A2[k] - y[k]) * w2[k, j], (k, 1, K))
    derive("hidden_signal", "The loss by one hidden unit",
        Partial(L, A1[j]), lambda v: _one(_dA1(v)),
        (Sum(Partial(L, z2[k]) * Partial(z2[k], A1[j]), (k, 1, K)),
            "chain rule: $A_{1j}$ reaches $L$ through every logit", "H26"),
        (Sum(Partial(L, z2[k]) * Partial(logit, A1[j]), (k, 1, K)), "definition of $z_{2k}$", "H29"),
        (Sum(Partial(L, z2[k]) * Sum(w2[k, l] * KroneckerDelta(l, j), (l, 1, H)), (k, 1, K)),
            "$A_{1l}$ is $A_{1j}$ only if $l = j$; $b_2$ is constant", "H29"),
        (Sum(Partial(L, z2[k]) * w2[k, j], (k, 1, K)), "only the term $l = j$ is left", "H26", "H29"),
        (signal, "the output error", "H26"))
    derive("relu_gate", "ReLU's derivative", Partial(A1[j], z1[j]), lambda v: _one(network.relu_gate(v["z1"])),
        (Partial(_gate(z1[j]), z1[j]), "definition of $A_{1j}$", "H27"),
        (_gate(Partial(z1[j], z1[j])), "each branch by itself; at $z_{1j} = 0$ a choice", "H27"),
        (_gate(sp.Integer(1)), "slope 1 where the gate is open, 0 where it is closed", "H27"))
    derive("hidden_delta", "The loss by one hidden input",
        Partial(L, z1[j]), lambda v: _one(_delta1(v)),
        (Sum(Partial(L, A1[l]) * Partial(A1[l], z1[j]), (l, 1, H)), "chain rule over every hidden unit", "H28"),
        (Partial(L, A1[j]) * Partial(A1[j], z1[j]), "only $A_{1j}$ depends on $z_{1j}$", "H28"),
        (Partial(L, A1[j]) * _gate(sp.Integer(1)), "ReLU's derivative", "H27", "H28"),
        (signal * _gate(sp.Integer(1)), "the signal at the hidden unit", "H28"),
        (_gate(signal), "times 1 or times 0", "H28"))

    # --- the first layer's gradients ----------------------------------------------------------------------
    hidden = Sum(w1[l, p] * X[p], (p, 1, D)) + b1[l]
    paths = Partial(z2[k], A1[l]) * Partial(A1[l], z1[l])
    derive("grad_w1", "The loss by one weight of the first layer",
        Partial(L, w1[j, d]), lambda v: network.grad_w1(_delta1(v), v["X"]),
        (Sum(Partial(L, z2[k]) * Partial(z2[k], w1[j, d]), (k, 1, K)), "chain rule over every logit", "H24"),
        (Sum(Partial(L, z2[k]) * Sum(paths * Partial(z1[l], w1[j, d]), (l, 1, H)), (k, 1, K)),
            "chain rule over every hidden unit; $A_{1l}$ depends on $z_{1l}$ alone", "H24"),
        (Sum(Sum(Partial(L, z2[k]) * paths, (k, 1, K)) * Partial(z1[l], w1[j, d]), (l, 1, H)),
            "swap the two sums", "H24"),
        (Sum(Partial(L, z1[l]) * Partial(z1[l], w1[j, d]), (l, 1, H)),
            "the bracket is $\\partial L / \\partial z_{1l}$", "H24", "H28"),
        (Sum(Partial(L, z1[l]) * Partial(hidden, w1[j, d]), (l, 1, H)), "definition of $z_{1l}$", "H25"),
        (Sum(Partial(L, z1[l]) * Sum(KroneckerDelta(l, j) * KroneckerDelta(p, d) * X[p], (p, 1, D)), (l, 1, H)),
            "a weight depends on itself only; $X$ and $b_1$ are constant", "H25"),
        (Sum(Partial(L, z1[l]) * (KroneckerDelta(l, j) * X[d]), (l, 1, H)), "only the term $p = d$ is left", "H25"),
        (Partial(L, z1[j]) * X[d], "only the term $l = j$ is left", "H30"),
        (signal * _gate(sp.Integer(1)) * X[d], "the hidden error", "H30"))
    derive("grad_b1", "The loss by one bias of the first layer",
        Partial(L, b1[j]), lambda v: _one(network.grad_b1(_delta1(v))),
        (Sum(Partial(L, z2[k]) * Partial(z2[k], b1[j]), (k, 1, K)), "chain rule over every logit", "H32"),
        (Sum(Partial(L, z2[k]) * Sum(Partial(z2[k], A1[l]) * Partial(A1[l], b1[j]), (l, 1, H)), (k, 1, K)),
            "chain rule over every hidden unit", "H32"),
        (Sum(Partial(L, z2[k]) * Sum(paths * Partial(z1[l], b1[j]), (l, 1, H)), (k, 1, K)),
            "$A_{1l}$ depends on $z_{1l}$ alone", "H32"),
        (Sum(Sum(Partial(L, z2[k]) * paths, (k, 1, K)) * Partial(z1[l], b1[j]), (l, 1, H)), "swap the two sums", "H32"),
        (Sum(Partial(L, z1[l]) * Partial(z1[l], b1[j]), (l, 1, H)),
            "the bracket is $\\partial L / \\partial z_{1l}$", "H32"),
        (Sum(Partial(L, z1[l]) * Partial(hidden, b1[j]), (l, 1, H)), "definition of $z_{1l}$", "H31"),
        (Sum(Partial(L, z1[l]) * KroneckerDelta(l, j), (l, 1, H)),
            "$b_{1l}$ is a plain summand: derivative 1 if $l = j$, else 0", "H31"),
        (Partial(L, z1[j]), "only the term $l = j$ is left", "H32"),
        (_gate(signal), "the hidden error", "H32"))

    # --- a batch: L is the mean over its examples -----------------------------------------------------------
    error, open_gate = A2[k, n] - y[k, n], _gate(sp.Integer(1), z1[j, n])
    signal = 1 / N * Sum(error * w2[k, j], (k, 1, K))
    derive("batch_loss", "The loss of a batch", L_mean, lambda v: network.cross_entropy(v["z2"], v["y"]).mean(),
        (1 / N * Sum(L_of[n], (n, 1, N)), "definition: the mean over the $N$ examples", "H05"),
        (1 / N * Sum(-Sum(y[i, n] * log(A2[i, n]), (i, 1, K)), (n, 1, N)), "definition of one example's loss", "H05"),
        (-1 / N * Sum(Sum(y[i, n] * log(A2[i, n]), (i, 1, K)), (n, 1, N)), "the sign in front", "H05"))
    derive("batch_output_delta", "The loss of a batch by one logit of one example",
        Partial(L_mean, z2[i, n]), _delta2,
        (Partial(1 / N * Sum(L_of[q], (q, 1, N)), z2[i, n]), "definition of $L$"),
        (1 / N * Sum(Partial(L_of[q], z2[i, n]), (q, 1, N)), "term by term"),
        (1 / N * Partial(L_of[n], z2[i, n]), "an example's loss depends on its own logits only: $q = n$ is left"),
        (1 / N * (A2[i, n] - y[i, n]), "the output error of one example", "H15"))
    derive("batch_grad_w2", "The loss of a batch by one weight of the second layer",
        Partial(L_mean, w2[k, j]), lambda v: network.grad_w2(_delta2(v), v["A1"]),
        (Sum(Sum(Partial(L_mean, z2[i, n]) * Partial(z2[i, n], w2[k, j]), (i, 1, K)), (n, 1, N)),
            "chain rule over every logit of every example", "H07"),
        (Sum(Sum(Partial(L_mean, z2[i, n]) * (KroneckerDelta(i, k) * A1[j, n]), (i, 1, K)), (n, 1, N)),
            "as for one example", "H08"),
        (Sum(Partial(L_mean, z2[k, n]) * A1[j, n], (n, 1, N)), "only the term $i = k$ is left", "H21"),
        (Sum(1 / N * error * A1[j, n], (n, 1, N)), "the output error", "H21"),
        (1 / N * Sum(error * A1[j, n], (n, 1, N)), "$1/N$ in front", "H21"))
    derive("batch_grad_b2", "The loss of a batch by one bias of the second layer",
        Partial(L_mean, b2[k]), lambda v: _one(network.grad_b2(_delta2(v))),
        (Sum(Sum(Partial(L_mean, z2[i, n]) * Partial(z2[i, n], b2[k]), (i, 1, K)), (n, 1, N)),
            "chain rule: one bias serves every example", "H23"),
        (Sum(Sum(Partial(L_mean, z2[i, n]) * KroneckerDelta(i, k), (i, 1, K)), (n, 1, N)), "as for one example", "H22"),
        (Sum(Partial(L_mean, z2[k, n]), (n, 1, N)), "only the term $i = k$ is left", "H23"),
        (1 / N * Sum(error, (n, 1, N)), "the output error; $1/N$ in front", "H23"))
    derive("batch_hidden_signal", "The loss of a batch by one hidden unit of one example",
        Partial(L_mean, A1[j, n]), _dA1,
        (Sum(Sum(Partial(L_mean, z2[k, q]) * Partial(z2[k, q], A1[j, n]), (k, 1, K)), (q, 1, N)),
            "chain rule over every logit of every example", "H26"),
        (Sum(Partial(L_mean, z2[k, n]) * Partial(z2[k, n], A1[j, n]), (k, 1, K)),
            "example $q$ is computed from its own column only: $q = n$ is left", "H26"),
        (Sum(Partial(L_mean, z2[k, n]) * w2[k, j], (k, 1, K)), "as for one example", "H26", "H29"),
        (signal, "the output error; $1/N$ in front", "H26"))
    derive("batch_hidden_delta", "The loss of a batch by one hidden input of one example",
        Partial(L_mean, z1[j, n]), _delta1,
        (Partial(L_mean, A1[j, n]) * Partial(A1[j, n], z1[j, n]),
            "chain rule; only $A_{1,jn}$ depends on $z_{1,jn}$", "H28"),
        (Partial(L_mean, A1[j, n]) * open_gate, "ReLU's derivative", "H27", "H28"),
        (_gate(signal, z1[j, n]), "the signal at the hidden unit, times 1 or 0", "H28"))
    derive("batch_grad_w1", "The loss of a batch by one weight of the first layer",
        Partial(L_mean, w1[j, d]), lambda v: network.grad_w1(_delta1(v), v["X"]),
        (Sum(Sum(Partial(L_mean, z1[l, n]) * Partial(z1[l, n], w1[j, d]), (l, 1, H)), (n, 1, N)),
            "chain rule over every hidden input of every example", "H24"),
        (Sum(Sum(Partial(L_mean, z1[l, n]) * (KroneckerDelta(l, j) * X[d, n]), (l, 1, H)), (n, 1, N)),
            "as for one example", "H25"),
        (Sum(Partial(L_mean, z1[j, n]) * X[d, n], (n, 1, N)), "only the term $l = j$ is left", "H30"),
        (1 / N * Sum(Sum(error * w2[k, j], (k, 1, K)) * open_gate * X[d, n], (n, 1, N)),
            "the hidden error; $1/N$ in front", "H30"))
    derive("batch_grad_b1", "The loss of a batch by one bias of the first layer",
        Partial(L_mean, b1[j]), lambda v: _one(network.grad_b1(_delta1(v))),
        (Sum(Sum(Partial(L_mean, z1[l, n]) * Partial(z1[l, n], b1[j]), (l, 1, H)), (n, 1, N)),
            "chain rule: one bias serves every example", "H32"),
        (Sum(Sum(Partial(L_mean, z1[l, n]) * KroneckerDelta(l, j), (l, 1, H)), (n, 1, N)), "as for one example", "H31"),
        (Sum(Partial(L_mean, z1[j, n]), (n, 1, N)), "only the term $l = j$ is left", "H32"),
        (1 / N * Sum(Sum(error * w2[k, j], (k, 1, K)) * open_gate, (n, 1, N)),
            "the hidden error; $1/N$ in front", "H32"))

    # --- the same in matrices ---------------------------------------------------------------------------------
    def matrices(name: str, title: str, formula: Expr, reason: str) -> None:
        """The last line of a derivation as one entry of a matrix formula."""
        of = DERIVED[name]
        line, entry = of.lines[-1], Entry(formula, *free_indices(of.lhs))
        derive(f"{name}_matrix", title, of.lhs, of.result,
            (line.expr, "derived before, entry by entry", *line.ids), (entry, reason, *line.ids))

    DERIVED = {derivation.name: derivation for derivation in every}
    for batch in (False, True):
        X_, w1_, b1_, A1_, w2_, b2_, A2_, y_, gate, ones = (
            matrix(name, batch) for name in ("X", "w1", "b1", "A1", "w2", "b2", "A2", "y", "gate", "ones"))
        mean = (1 / N,) if batch else ()
        error = sp.MatAdd(A2_, sp.MatMul(-1, y_))
        signal = sp.MatMul(*mean, sp.Transpose(w2_), error)
        hidden_error = sp.HadamardProduct(signal, gate)
        if not batch:
            matrices("z1", "The hidden layer's input, all at once", sp.MatAdd(sp.MatMul(w1_, X_), b1_),
                "row $j$ of $w_1$ times $X$, plus entry $j$ of $b_1$")
            matrices("z2", "The logits, all at once", sp.MatAdd(sp.MatMul(w2_, A1_), b2_),
                "row $k$ of $w_2$ times $A_1$, plus entry $k$ of $b_2$")
            matrices("softmax_jacobian", "Softmax's Jacobian, all at once",
                sp.MatAdd(sp.DiagMatrix(A2_), sp.MatMul(-1, A2_, sp.Transpose(A2_))),
                "$A_2$ on the diagonal, less an outer product")
        prefix, whose = ("batch_", "of a batch ") if batch else ("", "")
        if batch:
            matrices("batch_output_delta", "The output error of a batch, all at once", sp.MatMul(*mean, error),
                "entry by entry")
        matrices(f"{prefix}grad_w2", f"The loss {whose}by all of the second layer's weights",
            sp.MatMul(*mean, error, sp.Transpose(A1_)),
            "row $k$ of the error times column $j$ of $A_1^\\top$")
        if batch:
            matrices("batch_grad_b2", "The loss of a batch by all of the second layer's biases",
                sp.MatMul(*mean, error, ones), "row $k$ of the error times a column of ones: its sum")
        matrices(f"{prefix}hidden_signal", f"The loss {whose}by all hidden units", signal,
            "row $j$ of $w_2^\\top$ is column $j$ of $w_2$")
        matrices(f"{prefix}hidden_delta", f"The loss {whose}by all hidden inputs", hidden_error,
            "$\\odot$ multiplies entry by entry")
        matrices(f"{prefix}grad_w1", f"The loss {whose}by all of the first layer's weights",
            sp.MatMul(hidden_error, sp.Transpose(X_)),
            "row $j$ of the hidden error times column $d$ of $X^\\top$")
        if batch:
            matrices("batch_grad_b1", "The loss of a batch by all of the first layer's biases",
                sp.MatMul(hidden_error, ones), "row $j$ of the hidden error times a column of ones: its sum")

    return every
# fmt: on


with sp.evaluate(False):
    DERIVATIONS: dict[str, Derivation] = {derivation.name: derivation for derivation in _written()}


# --- proving --------------------------------------------------------------------------------------


class Proof(NamedTuple):
    """How one line was proven, or the problem; ``error`` is how far its numbers are off, relatively."""

    derivation: str
    line: int
    ids: tuple[str, ...]
    equation: str
    how: str
    error: float
    problem: str

    @property
    def proven(self) -> bool:
        return not self.problem


def prove(name: str | None = None) -> list[Proof]:
    """Prove every line of one derivation, or of all: one ``Proof`` a line.

    A line is proven when, for every K, H, D and N, it equals the line before by ``algebra`` (the first line: what
    SymPy makes of the left-hand side by differentiating the loss as defined), and when on random networks its numbers
    agree to 1e-12 with the left-hand side's complex-step derivative and with ``network``. Raises ValueError for an
    unknown name.
    """
    derivations = DERIVATIONS.values() if name is None else [_find(name)]
    return [
        prove_line(derivation, number) for derivation in derivations for number in range(1, len(derivation.lines) + 1)
    ]


def prove_line(derivation: Derivation, number: int) -> Proof:
    """Prove line ``number``, counted from 1, against the line before it and against the derivation's result."""
    line = derivation.lines[number - 1]
    before = derivation.lhs if number == 1 else derivation.lines[number - 2].expr
    error, how, problem = np.nan, "", ""
    try:
        error = _error(derivation, line.expr)
        if not error <= 1e-12:
            problem = f"its numbers are off by {error:.1e}"
        elif before in DEFINED and algebra.equal(definition(before), line.expr):
            how = "definition"
        elif algebra.equal(before, line.expr):
            how = "every K, H, D, N"
        else:
            problem = "not seen to equal the line before"
    except (IndexError, ValueError) as reason:
        problem = str(reason)
    return Proof(derivation.name, number, line.ids, plain(line.expr), how, float(error), problem)


DEFINED = (z1[j], A1[j], z2[k], A2[k], y[i], L, L_mean)  # names with a definition of their own: H01 to H05, H20


@np.errstate(all="ignore")  # a wrong line may divide by 0; the NaN that it gives is not within any tolerance
def _error(derivation: Derivation, expr: Expr) -> float:
    """The largest relative difference of the line's numbers from ``network`` and from the left-hand side's."""
    errors = []
    for values, measured in _measured(derivation.lhs):
        result = derivation.result(values)
        numbers = evaluate(expr, values)
        if numbers.shape != np.shape(result):
            raise ValueError(f"its indices give shape {numbers.shape}, but {np.shape(result)} is needed")
        scale = np.abs(result).max()
        errors += [np.abs(numbers - result).max() / scale, np.abs(numbers - measured).max() / scale]
    return float(np.max(errors))


@functools.cache
def _measured(lhs: Expr) -> list[tuple[Values, Array]]:
    """Random networks, and what the left-hand side measures on each, every derivative by a complex step."""
    rng = np.random.default_rng(32)
    batch = bool(lhs.has(L_mean))
    values = [random_values(rng, *sizes) for sizes in ((4, 5, 3, 6 if batch else 1), (3, 2, 4, 5 if batch else 1))]
    return [(one, evaluate(lhs, one)) for one in values]


def random_values(rng: np.random.Generator, D: int, H: int, K: int, N: int) -> dict[str, Array]:
    """A random network's values: some gates open and some closed, none near the kink, biases that are not 0."""
    while True:
        params = network.Params(*(rng.normal(scale=0.7, size=shape) for shape in ((H, D), (H, 1), (K, H), (K, 1))))
        values = values_of(params, rng.normal(size=(D, N)), network.one_hot(rng.integers(0, K, N), K))
        z1 = values["z1"]
        if (z1 < 0).any() and (z1 > 0).any() and np.abs(z1).min() > 1e-3:
            return {**values, "c": rng.normal(size=())}


# --- showing --------------------------------------------------------------------------------------


def _find(name: str) -> Derivation:
    if name not in DERIVATIONS:
        raise ValueError(f"there is no derivation {name!r}, only: {', '.join(DERIVATIONS)}")
    return DERIVATIONS[name]


def _unmarked(reason: str) -> str:
    """A reason without its LaTeX marks."""
    for mark, sign in {r"\partial ": "d", r"\odot": ".*", r"\top": "T"}.items():
        reason = reason.replace(mark, sign)
    return re.sub(r"[${}\\]", "", reason)


class Shown:
    """A derivation as JupyterLab and a terminal display it, its lines proven on the spot. Made by ``show``."""

    def __init__(self, derivation: Derivation, first: int, last: int) -> None:
        self.derivation = derivation
        self.proofs = [prove_line(derivation, number) for number in range(first, last + 1)]

    def _rows(self) -> list[tuple[Line, Proof]]:
        return [(self.derivation.lines[proof.line - 1], proof) for proof in self.proofs]

    def _repr_markdown_(self) -> str:
        left = rf"$\displaystyle {latex(self.derivation.lhs)}$"
        rows = ["| | | why | handout | proven |", "|--:|:--|:--|:--|:--|"]
        for line, proof in self._rows():
            equation = rf"$\displaystyle = {latex(line.expr)}$"
            rows.append(f"| {left} | {equation} | {line.reason} | {', '.join(line.ids)} | {_mark(proof)} |")
            left = ""
        return "\n".join(rows)

    def __repr__(self) -> str:
        text = [plain(self.derivation.lhs)]
        for line, proof in self._rows():
            ids = f" [{', '.join(line.ids)}]" if line.ids else ""
            text += [f"  = {plain(line.expr)}", f"      {_mark(proof)} {_unmarked(line.reason)}{ids}"]
        return "\n".join(text)


def _mark(proof: Proof) -> str:
    if not proof.proven:
        return f"✗ {proof.problem}"
    return "by definition" if proof.how == "definition" else "✓"


def show(name: str, first: int = 1, last: int | None = None) -> Shown:
    """Display a derivation, or its lines ``first`` to ``last``, counted from 1, each with its reason.

    Raises ValueError for an unknown name, or for lines that the derivation does not have.
    """
    derivation = _find(name)
    count = len(derivation.lines)
    last = count if last is None else last
    if not 1 <= first <= last <= count:
        raise ValueError(f"{name} has lines 1 to {count}, but first = {first} and last = {last} were asked for")
    return Shown(derivation, first, last)
