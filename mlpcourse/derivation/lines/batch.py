"""A batch: L is the mean over its examples."""

from __future__ import annotations

import sympy as sp
from sympy import KroneckerDelta, log

from mlpcourse import network

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, H, K, L_mean, L_of, N, Partial, Sum, X, b1, b2, d, gated, i, j, k, l, n, q, w1, w2, y, z1, z2,
)  # fmt: skip
# isort: on

from mlpcourse.derivation.lines.line import dA1, delta1, delta2, derive, one_example

# fmt: off
with sp.evaluate(False):
    error, open_gate = A2[k, n] - y[k, n], gated(sp.Integer(1), z1[j, n])
    signal = 1 / N * Sum(error * w2[k, j], (k, 1, K))

    DERIVATIONS = (
        derive("batch_loss", "The loss of a batch", L_mean, lambda v: network.cross_entropy(v["z2"], v["y"]).mean(),
            ("definition", 1 / N * Sum(L_of[n], (n, 1, N)), "definition: the mean over the $N$ examples", "H05"),
            ("example_loss", 1 / N * Sum(-Sum(y[i, n] * log(A2[i, n]), (i, 1, K)), (n, 1, N)),
                "definition of one example's loss", "H05"),
            ("sign", -1 / N * Sum(Sum(y[i, n] * log(A2[i, n]), (i, 1, K)), (n, 1, N)), "the sign in front", "H05")),
        derive("batch_output_delta", "The loss of a batch by one logit of one example",
            Partial(L_mean, z2[i, n]), delta2,
            ("definition", Partial(1 / N * Sum(L_of[q], (q, 1, N)), z2[i, n]), "definition of $L$"),
            ("term_by_term", 1 / N * Sum(Partial(L_of[q], z2[i, n]), (q, 1, N)), "term by term"),
            ("own_example", 1 / N * Partial(L_of[n], z2[i, n]),
                "an example's loss depends on its own logits only: $q = n$ is left"),
            ("output_error", 1 / N * (A2[i, n] - y[i, n]), "the output error of one example", "H15")),
        derive("batch_grad_w2", "The loss of a batch by one weight of the second layer",
            Partial(L_mean, w2[k, j]), lambda v: network.grad_w2(delta2(v), v["A1"]),
            ("chain_rule", Sum(Sum(Partial(L_mean, z2[i, n]) * Partial(z2[i, n], w2[k, j]), (i, 1, K)), (n, 1, N)),
                "chain rule over every logit of every example", "H07"),
            ("deltas", Sum(Sum(Partial(L_mean, z2[i, n]) * (KroneckerDelta(i, k) * A1[j, n]), (i, 1, K)), (n, 1, N)),
                "as for one example", "H08"),
            ("pick", Sum(Partial(L_mean, z2[k, n]) * A1[j, n], (n, 1, N)), "only the term $i = k$ is left", "H21"),
            ("output_error", Sum(1 / N * error * A1[j, n], (n, 1, N)), "the output error", "H21"),
            ("take_out", 1 / N * Sum(error * A1[j, n], (n, 1, N)), "$1/N$ in front", "H21")),
        derive("batch_grad_b2", "The loss of a batch by one bias of the second layer",
            Partial(L_mean, b2[k]), lambda v: one_example(network.grad_b2(delta2(v))),
            ("chain_rule", Sum(Sum(Partial(L_mean, z2[i, n]) * Partial(z2[i, n], b2[k]), (i, 1, K)), (n, 1, N)),
                "chain rule: one bias serves every example", "H23"),
            ("delta", Sum(Sum(Partial(L_mean, z2[i, n]) * KroneckerDelta(i, k), (i, 1, K)), (n, 1, N)),
                "as for one example", "H22"),
            ("pick", Sum(Partial(L_mean, z2[k, n]), (n, 1, N)), "only the term $i = k$ is left", "H23"),
            ("output_error", 1 / N * Sum(error, (n, 1, N)), "the output error; $1/N$ in front", "H23")),
        derive("batch_hidden_signal", "The loss of a batch by one hidden unit of one example",
            Partial(L_mean, A1[j, n]), dA1,
            ("chain_rule", Sum(Sum(Partial(L_mean, z2[k, q]) * Partial(z2[k, q], A1[j, n]), (k, 1, K)), (q, 1, N)),
                "chain rule over every logit of every example", "H26"),
            ("own_example", Sum(Partial(L_mean, z2[k, n]) * Partial(z2[k, n], A1[j, n]), (k, 1, K)),
                "example $q$ is computed from its own column only: $q = n$ is left", "H26"),
            ("weights", Sum(Partial(L_mean, z2[k, n]) * w2[k, j], (k, 1, K)), "as for one example", "H26", "H29"),
            ("output_error", signal, "the output error; $1/N$ in front", "H26")),
        derive("batch_hidden_delta", "The loss of a batch by one hidden input of one example",
            Partial(L_mean, z1[j, n]), delta1,
            ("chain_rule", Partial(L_mean, A1[j, n]) * Partial(A1[j, n], z1[j, n]),
                "chain rule; only $A_{1,jn}$ depends on $z_{1,jn}$", "H28"),
            ("gate", Partial(L_mean, A1[j, n]) * open_gate, "ReLU's derivative", "H27", "H28"),
            ("cases", gated(signal, z1[j, n]), "the signal at the hidden unit, times 1 or 0", "H28")),
        derive("batch_grad_w1", "The loss of a batch by one weight of the first layer",
            Partial(L_mean, w1[j, d]), lambda v: network.grad_w1(delta1(v), v["X"]),
            ("chain_rule", Sum(Sum(Partial(L_mean, z1[l, n]) * Partial(z1[l, n], w1[j, d]), (l, 1, H)), (n, 1, N)),
                "chain rule over every hidden score of every example", "H24"),
            ("deltas", Sum(Sum(Partial(L_mean, z1[l, n]) * (KroneckerDelta(l, j) * X[d, n]), (l, 1, H)), (n, 1, N)),
                "as for one example", "H25"),
            ("pick", Sum(Partial(L_mean, z1[j, n]) * X[d, n], (n, 1, N)), "only the term $l = j$ is left", "H30"),
            ("hidden_error", 1 / N * Sum(Sum(error * w2[k, j], (k, 1, K)) * open_gate * X[d, n], (n, 1, N)),
                "the hidden error; $1/N$ in front", "H30")),
        derive("batch_grad_b1", "The loss of a batch by one bias of the first layer",
            Partial(L_mean, b1[j]), lambda v: one_example(network.grad_b1(delta1(v))),
            ("chain_rule", Sum(Sum(Partial(L_mean, z1[l, n]) * Partial(z1[l, n], b1[j]), (l, 1, H)), (n, 1, N)),
                "chain rule: one bias serves every example", "H32"),
            ("delta", Sum(Sum(Partial(L_mean, z1[l, n]) * KroneckerDelta(l, j), (l, 1, H)), (n, 1, N)),
                "as for one example", "H31"),
            ("pick", Sum(Partial(L_mean, z1[j, n]), (n, 1, N)), "only the term $l = j$ is left", "H32"),
            ("hidden_error", 1 / N * Sum(Sum(error * w2[k, j], (k, 1, K)) * open_gate, (n, 1, N)),
                "the hidden error; $1/N$ in front", "H32")),
    )
# fmt: on
