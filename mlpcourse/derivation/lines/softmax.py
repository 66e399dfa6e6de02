"""Softmax and its derivative: H04 and note (1), H16 to H19."""

from __future__ import annotations

import numpy as np
import sympy as sp
from sympy import KroneckerDelta, exp

from mlpcourse import network
from mlpcourse.derivation.letters import A2, K, Partial, Sum, by_case, c, i, j, k, sum_but, z2
from mlpcourse.derivation.lines.line import denominator, derive, one_example

# fmt: off
with sp.evaluate(False):
    total = denominator()
    shifted = Sum(exp(z2[j] - c), (j, 1, K))
    e_k, e_i = exp(z2[k]), exp(z2[i])

    DERIVATIONS = (
        derive("shift_invariance", "Softmax does not see a common shift",
            exp(z2[i] - c) / shifted, lambda v: one_example(network.softmax(v["z2"] - v["c"])),
            ("split_exponents", exp(-c) * exp(z2[i]) / Sum(exp(-c) * exp(z2[j]), (j, 1, K)),
                "$e^{a - b} = e^{-b} e^a$, above and below"),
            ("take_out", exp(-c) * exp(z2[i]) / (exp(-c) * total),
                "$e^{-c}$ does not depend on $j$: take it out of the sum"),
            ("cancel", exp(z2[i]) / total, "cancel $e^{-c}$"),
            ("recognise", A2[i], "definition of $A_{2i}$")),
        derive("softmax_sum", "The probabilities make 1", Sum(A2[k], (k, 1, K)), lambda v: v["A2"].sum(),
            ("definition", Sum(exp(z2[k]) / total, (k, 1, K)), "definition of $A_{2k}$", "H04"),
            ("take_out", Sum(exp(z2[k]), (k, 1, K)) / total, "the denominator is the same for every $k$"),
            ("cancel", sp.Integer(1), "above and below stands the same sum")),
        derive("softmax_denominator", "The derivative of the softmax's denominator",
            Partial(total, z2[i]), lambda v: one_example(np.exp(v["z2"])),
            ("term_by_term", Sum(Partial(exp(z2[j]), z2[i]), (j, 1, K)),
                "the derivative of a sum is the sum of the derivatives", "H18"),
            ("delta", Sum(KroneckerDelta(i, j) * exp(z2[j]), (j, 1, K)),
                "$e^{z_{2j}}$ depends on $z_{2i}$ only if $j = i$", "H18"),
            ("pick", exp(z2[i]), "only the term $j = i$ is left", "H18")),
        derive("softmax_jacobian", "The derivative of every output by every logit",
            Partial(A2[k], z2[i]), lambda v: network.softmax_jacobian(v["z2"]),
            ("definition", Partial(e_k / total, z2[i]),
                "definition of $A_{2k}$; $k$ numbers the output, $i$ the logit", "H16"),
            ("quotient_rule", (Partial(e_k, z2[i]) * total - e_k * Partial(total, z2[i])) / total**2,
                "quotient rule", "H17"),
            ("numerator", (KroneckerDelta(i, k) * e_k * total - e_k * Partial(total, z2[i])) / total**2,
                "$e^{z_{2k}}$ depends on $z_{2i}$ only if $k = i$", "H17"),
            ("denominator", (KroneckerDelta(i, k) * e_k * total - e_k * e_i) / total**2,
                "in the sum too, only the term $j = i$ depends on $z_{2i}$", "H18"),
            ("cases", by_case((e_i * total - e_i * e_i) / total**2, -e_k * e_i / total**2),
                "the two cases: $I(i = k)$ is 1 or 0", "H17"),
            ("factor_out", by_case(e_i * (total - e_i) / total**2, -e_k * e_i / total**2),
                "case $i = k$: factor out $e^{z_{2i}}$", "H17"),
            ("split_square", by_case((e_i / total) * ((total - e_i) / total), -(e_k / total) * (e_i / total)),
                "one factor of the square to each fraction", "H17"),
            ("divide", by_case((e_i / total) * (1 - e_i / total), -(e_k / total) * (e_i / total)),
                "divide the bracket by the sum", "H19"),
            ("recognise", by_case(A2[i] * (1 - A2[i]), -A2[k] * A2[i]), "recognise $A_2$ in every fraction", "H19"),
            ("both_cases", A2[k] * (KroneckerDelta(i, k) - A2[i]),
                "both cases in one: $I(i = k)$ is 1 if $i = k$, else 0"),
            ("multiply_out", KroneckerDelta(i, k) * A2[k] - A2[k] * A2[i], "multiply out")),
        derive("softmax_others", "What the others lose when one logit rises",
            sum_but(Partial(A2[k], z2[i]), k, i, K), lambda v: one_example(v["A2"] * (v["A2"] - 1)),
            ("second_case", sum_but(-A2[k] * A2[i], k, i, K), "only the second case is met: $k$ is not $i$"),
            ("take_out", -A2[i] * sum_but(A2[k], k, i, K), "$A_{2i}$ does not depend on $k$"),
            ("others", -A2[i] * (1 - A2[i]), "all probabilities make 1, so the others make $1 - A_{2i}$")),
    )
# fmt: on
