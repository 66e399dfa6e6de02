"""The loss: what a label is, the logarithm of a softmax, the loss by one output. H05, H10 and note (2), H20."""

from __future__ import annotations

import sympy as sp
from sympy import KroneckerDelta, exp, log

from mlpcourse import network
from mlpcourse.derivation.letters import A2, K, L, Partial, Sum, c, i, j, k, m, t, y, z2
from mlpcourse.derivation.lines.line import denominator, derive, one_example

# fmt: off
with sp.evaluate(False):
    total = denominator()
    shifted = Sum(exp(z2[j] - c), (j, 1, K))
    loss = -Sum(y[m] * log(A2[m]), (m, 1, K))

    DERIVATIONS = (
        derive("log_softmax", "The logarithm of a softmax, without overflow",
            log(A2[i]), lambda v: one_example(network.log_softmax(v["z2"])),
            ("shifted", log(exp(z2[i] - c) / shifted), "definition of $A_{2i}$, all logits shifted by any number $c$"),
            ("quotient", log(exp(z2[i] - c)) - log(shifted), "logarithm of a quotient"),
            ("logarithm", z2[i] - c - log(shifted),
                "$\\log e^a = a$; with $c$ the largest logit no exponent is positive")),
        derive("one_hot", "What a label is", y[i], lambda v: one_example(v["y"]),
            ("definition", KroneckerDelta(t, i), "definition: 1 for the true class $t$, 0 for every other", "H20")),
        derive("true_class_loss", "Only the true class counts",
            L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
            ("definition", -Sum(y[i] * log(A2[i]), (i, 1, K)), "definition of $L$", "H05"),
            ("one_hot", -Sum(KroneckerDelta(t, i) * log(A2[i]), (i, 1, K)), "$y_{ti} = I(t = i)$", "H20"),
            ("true_class", -log(A2[t]), "only the term $i = t$ is left")),
        derive("log_sum_exp_loss", "The loss from the logits",
            L, lambda v: network.cross_entropy(v["z2"], v["y"])[0, 0],
            ("definition", -Sum(y[i] * log(A2[i]), (i, 1, K)), "definition of $L$", "H05"),
            ("log_softmax", -Sum(y[i] * (z2[i] - c - log(shifted)), (i, 1, K)),
                "the logarithm of a softmax, with any shift $c$"),
            ("multiply_out", -Sum(y[i] * z2[i], (i, 1, K)) + (c + log(shifted)) * Sum(y[i], (i, 1, K)),
                "multiply out; $c + \\log \\sum$ does not depend on $i$"),
            ("one_hot", c + log(shifted) - Sum(y[i] * z2[i], (i, 1, K)), "$y$ is one-hot: its entries sum to 1")),
        derive("loss_by_A2", "The loss by one output",
            Partial(L, A2[k]), lambda v: one_example(-v["y"] / v["A2"]),
            ("definition", Partial(loss, A2[k]), "definition of $L$", "H10"),
            ("term_by_term", -Sum(y[m] * Partial(log(A2[m]), A2[k]), (m, 1, K)),
                "a sum and constant factors: term by term", "H10"),
            ("logarithm", -Sum(y[m] * (KroneckerDelta(m, k) / A2[m]), (m, 1, K)),
                "$(\\log x)' = 1/x$, and $A_{2m}$ is $A_{2k}$ only if $m = k$", "H10"),
            ("pick", -y[k] / A2[k], "only the term $m = k$ is left", "H10")),
    )
# fmt: on
