"""The network's four lines and its loss: H01 to H05."""

from __future__ import annotations

import sympy as sp
from sympy import exp, log

from mlpcourse import network
from mlpcourse.derivation.letters import A1, A2, D, H, K, L, Sum, X, b1, b2, d, gated, i, j, k, w1, w2, y, z1, z2
from mlpcourse.derivation.lines.line import denominator, derive, one_example

# fmt: off
with sp.evaluate(False):
    total = denominator()

    DERIVATIONS = (
        derive("z1", "The hidden layer's input", z1[j], lambda v: one_example(v["z1"]),
            ("definition", Sum(w1[j, d] * X[d], (d, 1, D)) + b1[j], "definition: row $j$ of $w_1 X + b_1$", "H01")),
        derive("A1", "The hidden layer's output", A1[j], lambda v: one_example(network.relu(v["z1"])),
            ("definition", gated(z1[j]), "definition: ReLU lets $z_{1j}$ pass or gives 0", "H02")),
        derive("z2", "The logits", z2[k], lambda v: one_example(v["z2"]),
            ("definition", Sum(w2[k, j] * A1[j], (j, 1, H)) + b2[k], "definition: row $k$ of $w_2 A_1 + b_2$", "H03")),
        derive("A2", "Softmax", A2[k], lambda v: one_example(network.softmax(v["z2"])),
            ("definition", exp(z2[k]) / total,
                "definition: the share of class $k$ in the sum of all $e^{z_{2j}}$", "H04", "H19")),
        derive("L", "Cross-entropy", L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
            ("definition", -Sum(y[i] * log(A2[i]), (i, 1, K)),
                "definition: classes are counted $1$ to $K$, as in H04", "H05")),
    )
# fmt: on
