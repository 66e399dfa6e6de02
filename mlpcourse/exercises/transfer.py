"""Derivations whose answer stands nowhere in the course: the same means, another question."""

from __future__ import annotations

import sympy as sp
from sympy import Integer, KroneckerDelta, log

from mlpcourse import network
from mlpcourse.derivation.letters import (
    A1,
    A2,
    H,
    K,
    L,
    Partial,
    Sum,
    X,
    c,
    d,
    gated,
    i,
    j,
    k,
    m,
    w1,
    w2,
    y,
    z1,
    z2,
)  # fmt: skip
from mlpcourse.derivation.lines.line import Derivation, Values, delta1, derive, one_example
from mlpcourse.derivation.written import as_written
from mlpcourse.network import Array


def _log_probability(v: Values) -> Array:
    """d log A2_k/dz2_i, shape (K, K)."""
    A2 = v["A2"]
    return network.softmax_jacobian(v["z2"]) / A2


def _squared_error(v: Values) -> Array:
    """The gradient of half the squared error after softmax by z2, shape (K,)."""
    A2, error = v["A2"], v["A2"] - v["y"]
    return one_example(A2 * (error - (error * A2).sum()))


def _priced(v: Values) -> Array:
    """The gradient of the loss with c/2 times the squared logits by w2, shape (K, H)."""
    return (v["A2"] - v["y"] + v["c"] * v["z2"]) @ v["A1"].T


_error = Sum((A2[k] - y[k]) * w2[k, j], (k, 1, K))

# fmt: off
_ALL = (
    derive("log_probability", "The logarithm of a probability by a logit",
        Partial(log(A2[k]), z2[i]), _log_probability,
        ("chain_rule", Partial(A2[k], z2[i]) / A2[k], "chain rule: the logarithm's slope is $1/A_{2k}$"),
        ("jacobian", (KroneckerDelta(i, k) * A2[k] - A2[k] * A2[i]) / A2[k], "the softmax's derivative"),
        ("cancel", KroneckerDelta(i, k) - A2[i], "$A_{2k}$ cancels")),
    derive("input_gradient", "The loss by an input",
        Partial(L, X[d]), lambda v: one_example(v["w1"].T @ delta1(v)),
        ("chain_rule", Sum(Partial(L, z1[j]) * Partial(z1[j], X[d]), (j, 1, H)), "chain rule over every hidden unit"),
        ("weights", Sum(Partial(L, z1[j]) * w1[j, d], (j, 1, H)), "an input reaches $z_{1j}$ through its weight"),
        ("hidden_error", Sum(_error * gated(Integer(1)) * w1[j, d], (j, 1, H)), "the hidden error")),
)

with sp.evaluate(False):
    error = A2[k] - y[k]
    _OTHER_LOSSES = (
        derive("squared_error_delta", "Half the squared error, after softmax, by a logit",
            Partial(Sum((A2[m] - y[m]) ** 2, (m, 1, K)) / 2, z2[i]), _squared_error,
            ("chain_rule", Sum(error * Partial(A2[k], z2[i]), (k, 1, K)), "chain rule over every output"),
            ("jacobian", Sum(error * (A2[k] * (KroneckerDelta(i, k) - A2[i])), (k, 1, K)), "the softmax's derivative"),
            ("take_out", A2[i] * (A2[i] - y[i] - Sum(error * A2[k], (k, 1, K))),
                "only $k = i$ is left of the first part; $A_{2i}$ does not depend on $k$")),
        derive("logit_price_grad_w2", "The loss with a price on large logits, by a weight of the second layer",
            Partial(L + c / 2 * Sum(z2[m] ** 2, (m, 1, K)), w2[k, j]), _priced,
            ("term_by_term", Partial(L, w2[k, j]) + c * Sum(z2[m] * Partial(z2[m], w2[k, j]), (m, 1, K)),
                "chain rule: the slope of a square"),
            ("one_logit", Partial(L, w2[k, j]) + c * (z2[k] * A1[j]), "only $z_{2k}$ depends on $w_{2,kj}$"),
            ("weight_gradient", error * A1[j] + c * (z2[k] * A1[j]), "the loss by one weight of the second layer")),
    )
# fmt: on


def _written(derivation: Derivation) -> Derivation:
    lines = tuple(line._replace(expr=as_written(line.expr)) for line in derivation.lines)
    return derivation._replace(lhs=as_written(derivation.lhs), lines=lines)


TRANSFERS: dict[str, Derivation] = {one.name: _written(one) for one in (*_ALL, *_OTHER_LOSSES)}
