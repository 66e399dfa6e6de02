"""The output layer: the output error and the gradients of the second layer. H07 to H15, H21 to H23."""

from __future__ import annotations

import sympy as sp
from sympy import KroneckerDelta, exp, log

from mlpcourse import network

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, H, K, L, Partial, Sum, b2, by_case, i, j, k, l, m, sum_but, t, w2, y, z2,
)  # fmt: skip
# isort: on

from mlpcourse.derivation.lines.line import delta2, denominator, derive, one_example

# fmt: off
with sp.evaluate(False):
    total = denominator()
    loss = -Sum(y[m] * log(A2[m]), (m, 1, K))
    e_k, e_i = exp(z2[k]), exp(z2[i])
    logit = Sum(w2[i, l] * A1[l], (l, 1, H)) + b2[i]

    DERIVATIONS = (
        derive("output_delta", "The loss by one logit",
            Partial(L, z2[i]), lambda v: one_example(delta2(v)),
            ("chain_rule", Sum(Partial(L, A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)),
                "chain rule: $z_{2i}$ reaches $L$ through every output, so sum over $k$", "H09"),
            ("loss", Sum(Partial(loss, A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)), "definition of $L$", "H10"),
            ("loss_by_A2", Sum(-(y[k] / A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)),
                "only the term $m = k$ holds $A_{2k}$", "H10"),
            ("softmax", Sum(-(y[k] / A2[k]) * Partial(e_k / total, z2[i]), (k, 1, K)), "definition of $A_{2k}$", "H10"),
            ("jacobian",
                Sum(by_case(-(y[i] / A2[i]) * (A2[i] * (total - e_i) / total),
                    -(y[k] / A2[k]) * (-A2[k] * e_i / total)), (k, 1, K)),
                "the softmax's derivative, note (1)", "H11"),
            ("recognise",
                Sum(by_case(-(y[i] / A2[i]) * (A2[i] * (1 - A2[i])), -(y[k] / A2[k]) * (-A2[k] * A2[i])), (k, 1, K)),
                "$e^{z_{2i}}$ over the sum is $A_{2i}$", "H11"),
            ("cancel", Sum(by_case(-y[i] * (1 - A2[i]), y[k] * A2[i]), (k, 1, K)),
                "cancel $A_{2i}$ and $A_{2k}$", "H12"),
            ("split_off", -y[i] * (1 - A2[i]) + sum_but(y[k] * A2[i], k, i, K), "split off the term $k = i$", "H15"),
            ("multiply_out", A2[i] * y[i] - y[i] + sum_but(y[k] * A2[i], k, i, K), "multiply out", "H14", "H15"),
            ("take_out", A2[i] * y[i] - y[i] + A2[i] * sum_but(y[k], k, i, K),
                "$A_{2i}$ does not depend on $k$", "H15"),
            ("factor_out", A2[i] * (y[i] + sum_but(y[k], k, i, K)) - y[i], "factor out $A_{2i}$", "H15"),
            ("put_back", A2[i] * Sum(y[k], (k, 1, K)) - y[i], "the term $k = i$ goes back into the sum", "H15"),
            ("one_hot", A2[i] - y[i], "$y$ is one-hot: its entries sum to 1", "H15")),
        derive("output_delta_from_logits", "The same from the loss as a difference of two scores",
            Partial(L, z2[i]), lambda v: one_example(delta2(v)),
            ("log_sum_exp", Partial(log(total) - Sum(y[m] * z2[m], (m, 1, K)), z2[i]),
                "the loss from the logits, with $c = 0$"),
            ("logarithm", Partial(total, z2[i]) / total - Sum(y[m] * KroneckerDelta(m, i), (m, 1, K)),
                "$(\\log u)' = u'/u$, and a logit depends on itself only"),
            ("own_term", e_i / total - y[i], "only the terms $j = i$ and $m = i$ are left", "H18"),
            ("recognise", A2[i] - y[i], "definition of $A_{2i}$", "H15")),
        derive("output_delta_indicator", "The same with the indicator, as the handout writes it",
            Partial(L, z2[i]), lambda v: one_example(delta2(v)),
            ("cases", Sum(by_case(-y[i] * (1 - A2[i]), y[k] * A2[i]), (k, 1, K)), "derived before", "H12"),
            ("indicator",
                Sum(by_case(-KroneckerDelta(t, i) * (1 - A2[i]), -KroneckerDelta(t, k) * (0 - A2[i])), (k, 1, K)),
                "$y_{tk} = I(t = k)$, with $t$ the true class, note (2)", "H13", "H20"),
            ("multiply_out",
                Sum(by_case(A2[i] * KroneckerDelta(t, i) - KroneckerDelta(t, i), A2[i] * KroneckerDelta(t, k)),
                    (k, 1, K)),
                "multiply out", "H14"),
            ("split_off",
                A2[i] * KroneckerDelta(t, i) - KroneckerDelta(t, i) + sum_but(A2[i] * KroneckerDelta(t, k), k, i, K),
                "split off the term $k = i$", "H15"),
            ("put_back", A2[i] * Sum(KroneckerDelta(t, k), (k, 1, K)) - KroneckerDelta(t, i),
                "factor out $A_{2i}$; the term $k = i$ goes back into the sum", "H15"),
            ("true_class", A2[i] - KroneckerDelta(t, i), "exactly one class is the true one", "H15"),
            ("one_hot", A2[i] - y[i], "$I(t = i) = y_{ti}$", "H15", "H20")),
        derive("grad_w2", "The loss by one weight of the second layer",
            Partial(L, w2[k, j]), lambda v: network.grad_w2(delta2(v), v["A1"]),
            ("chain_outputs", Sum(Partial(L, A2[m]) * Partial(A2[m], w2[k, j]), (m, 1, K)),
                "chain rule over every output", "H07"),
            ("chain_logits",
                Sum(Partial(L, A2[m]) * Sum(Partial(A2[m], z2[i]) * Partial(z2[i], w2[k, j]), (i, 1, K)), (m, 1, K)),
                "chain rule over every logit", "H07"),
            ("swap_sums",
                Sum(Sum(Partial(L, A2[m]) * Partial(A2[m], z2[i]), (m, 1, K)) * Partial(z2[i], w2[k, j]), (i, 1, K)),
                "swap the two sums", "H07"),
            ("recognise", Sum(Partial(L, z2[i]) * Partial(z2[i], w2[k, j]), (i, 1, K)),
                "the bracket is $\\partial L / \\partial z_{2i}$", "H07", "H09"),
            ("definition", Sum(Partial(L, z2[i]) * Partial(logit, w2[k, j]), (i, 1, K)),
                "definition of $z_{2i}$", "H08"),
            ("term_by_term", Sum(Partial(L, z2[i]) * Sum(Partial(w2[i, l], w2[k, j]) * A1[l], (l, 1, H)), (i, 1, K)),
                "term by term; $A_1$ and $b_2$ do not depend on $w_2$", "H08"),
            ("deltas",
                Sum(Partial(L, z2[i]) * Sum(KroneckerDelta(i, k) * KroneckerDelta(l, j) * A1[l], (l, 1, H)), (i, 1, K)),
                "a weight depends on itself only", "H08"),
            ("pick_unit", Sum(Partial(L, z2[i]) * (KroneckerDelta(i, k) * A1[j]), (i, 1, K)),
                "only the term $l = j$ is left", "H08"),
            ("pick_class", Partial(L, z2[k]) * A1[j], "only the term $i = k$ is left", "H21"),
            ("output_error", (A2[k] - y[k]) * A1[j], "the output error", "H21")),
        derive("grad_b2", "The loss by one bias of the second layer",
            Partial(L, b2[k]), lambda v: one_example(network.grad_b2(delta2(v))),
            ("chain_rule", Sum(Partial(L, z2[i]) * Partial(z2[i], b2[k]), (i, 1, K)),
                "chain rule over every logit", "H23"),
            ("definition", Sum(Partial(L, z2[i]) * Partial(logit, b2[k]), (i, 1, K)), "definition of $z_{2i}$", "H22"),
            ("delta", Sum(Partial(L, z2[i]) * KroneckerDelta(i, k), (i, 1, K)),
                "$b_{2i}$ is a plain summand: derivative 1 if $i = k$, else 0", "H22"),
            ("pick", Partial(L, z2[k]), "only the term $i = k$ is left", "H23"),
            ("output_error", A2[k] - y[k], "the output error", "H23")),
    )
# fmt: on
