"""Derivations whose answer stands nowhere in the course: the same means, another question."""

from __future__ import annotations

from sympy import Integer, KroneckerDelta, log

from mlpcourse import network
from mlpcourse.derivation.letters import A2, H, K, L, Partial, Sum, X, d, gated, i, j, k, w1, w2, y, z1, z2
from mlpcourse.derivation.lines.line import Derivation, Values, delta1, derive, one_example
from mlpcourse.network import Array


def _log_probability(v: Values) -> Array:
    """d log A2_k/dz2_i, shape (K, K)."""
    A2 = v["A2"]
    return network.softmax_jacobian(v["z2"]) / A2


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
# fmt: on

TRANSFERS: dict[str, Derivation] = {derivation.name: derivation for derivation in _ALL}
