"""Back through the hidden layer: the hidden error and the gradients of the first layer. H24 to H32."""

from __future__ import annotations

import sympy as sp
from sympy import KroneckerDelta

from mlpcourse import network

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, D, H, K, L, Partial, Sum, X, b1, b2, d, gated, j, k, l, p, w1, w2, y, z1, z2,
)  # fmt: skip
# isort: on

from mlpcourse.derivation.lines.line import dA1, delta1, derive, one_example

# fmt: off
with sp.evaluate(False):
    logit = Sum(w2[k, l] * A1[l], (l, 1, H)) + b2[k]
    signal = Sum((A2[k] - y[k]) * w2[k, j], (k, 1, K))
    hidden = Sum(w1[l, p] * X[p], (p, 1, D)) + b1[l]
    paths = Partial(z2[k], A1[l]) * Partial(A1[l], z1[l])

    DERIVATIONS = (
        derive("hidden_signal", "The loss by one hidden unit",
            Partial(L, A1[j]), lambda v: one_example(dA1(v)),
            ("chain_rule", Sum(Partial(L, z2[k]) * Partial(z2[k], A1[j]), (k, 1, K)),
                "chain rule: $A_{1j}$ reaches $L$ through every logit", "H26"),
            ("definition", Sum(Partial(L, z2[k]) * Partial(logit, A1[j]), (k, 1, K)), "definition of $z_{2k}$", "H29"),
            ("delta", Sum(Partial(L, z2[k]) * Sum(w2[k, l] * KroneckerDelta(l, j), (l, 1, H)), (k, 1, K)),
                "$A_{1l}$ is $A_{1j}$ only if $l = j$; $b_2$ is constant", "H29"),
            ("pick", Sum(Partial(L, z2[k]) * w2[k, j], (k, 1, K)), "only the term $l = j$ is left", "H26", "H29"),
            ("output_error", signal, "the output error", "H26")),
        derive("relu_gate", "ReLU's derivative",
            Partial(A1[j], z1[j]), lambda v: one_example(network.relu_gate(v["z1"])),
            ("definition", Partial(gated(z1[j]), z1[j]), "definition of $A_{1j}$", "H27"),
            ("branches", gated(Partial(z1[j], z1[j])), "each branch by itself; at $z_{1j} = 0$ a choice", "H27"),
            ("slopes", gated(sp.Integer(1)), "slope 1 where the gate is open, 0 where it is closed", "H27")),
        derive("hidden_delta", "The loss by one hidden input",
            Partial(L, z1[j]), lambda v: one_example(delta1(v)),
            ("chain_rule", Sum(Partial(L, A1[l]) * Partial(A1[l], z1[j]), (l, 1, H)),
                "chain rule over every hidden unit", "H28"),
            ("own_unit", Partial(L, A1[j]) * Partial(A1[j], z1[j]), "only $A_{1j}$ depends on $z_{1j}$", "H28"),
            ("gate", Partial(L, A1[j]) * gated(sp.Integer(1)), "ReLU's derivative", "H27", "H28"),
            ("signal", signal * gated(sp.Integer(1)), "the signal at the hidden unit", "H28"),
            ("cases", gated(signal), "times 1 or times 0", "H28")),
        derive("grad_w1", "The loss by one weight of the first layer",
            Partial(L, w1[j, d]), lambda v: network.grad_w1(delta1(v), v["X"]),
            ("chain_logits", Sum(Partial(L, z2[k]) * Partial(z2[k], w1[j, d]), (k, 1, K)),
                "chain rule over every logit", "H24"),
            ("chain_units", Sum(Partial(L, z2[k]) * Sum(paths * Partial(z1[l], w1[j, d]), (l, 1, H)), (k, 1, K)),
                "chain rule over every hidden unit; $A_{1l}$ depends on $z_{1l}$ alone", "H24"),
            ("swap_sums", Sum(Sum(Partial(L, z2[k]) * paths, (k, 1, K)) * Partial(z1[l], w1[j, d]), (l, 1, H)),
                "swap the two sums", "H24"),
            ("recognise", Sum(Partial(L, z1[l]) * Partial(z1[l], w1[j, d]), (l, 1, H)),
                "the bracket is $\\partial L / \\partial z_{1l}$", "H24", "H28"),
            ("definition", Sum(Partial(L, z1[l]) * Partial(hidden, w1[j, d]), (l, 1, H)),
                "definition of $z_{1l}$", "H25"),
            ("deltas",
                Sum(Partial(L, z1[l]) * Sum(KroneckerDelta(l, j) * KroneckerDelta(p, d) * X[p], (p, 1, D)), (l, 1, H)),
                "a weight depends on itself only; $X$ and $b_1$ are constant", "H25"),
            ("pick_input", Sum(Partial(L, z1[l]) * (KroneckerDelta(l, j) * X[d]), (l, 1, H)),
                "only the term $p = d$ is left", "H25"),
            ("pick_unit", Partial(L, z1[j]) * X[d], "only the term $l = j$ is left", "H30"),
            ("hidden_error", signal * gated(sp.Integer(1)) * X[d], "the hidden error", "H30")),
        derive("grad_b1", "The loss by one bias of the first layer",
            Partial(L, b1[j]), lambda v: one_example(network.grad_b1(delta1(v))),
            ("chain_logits", Sum(Partial(L, z2[k]) * Partial(z2[k], b1[j]), (k, 1, K)),
                "chain rule over every logit", "H32"),
            ("chain_units",
                Sum(Partial(L, z2[k]) * Sum(Partial(z2[k], A1[l]) * Partial(A1[l], b1[j]), (l, 1, H)), (k, 1, K)),
                "chain rule over every hidden unit", "H32"),
            ("own_unit", Sum(Partial(L, z2[k]) * Sum(paths * Partial(z1[l], b1[j]), (l, 1, H)), (k, 1, K)),
                "$A_{1l}$ depends on $z_{1l}$ alone", "H32"),
            ("swap_sums", Sum(Sum(Partial(L, z2[k]) * paths, (k, 1, K)) * Partial(z1[l], b1[j]), (l, 1, H)),
                "swap the two sums", "H32"),
            ("recognise", Sum(Partial(L, z1[l]) * Partial(z1[l], b1[j]), (l, 1, H)),
                "the bracket is $\\partial L / \\partial z_{1l}$", "H32"),
            ("definition", Sum(Partial(L, z1[l]) * Partial(hidden, b1[j]), (l, 1, H)), "definition of $z_{1l}$", "H31"),
            ("delta", Sum(Partial(L, z1[l]) * KroneckerDelta(l, j), (l, 1, H)),
                "$b_{1l}$ is a plain summand: derivative 1 if $l = j$, else 0", "H31"),
            ("pick", Partial(L, z1[j]), "only the term $l = j$ is left", "H32"),
            ("hidden_error", gated(signal), "the hidden error", "H32")),
    )
# fmt: on
