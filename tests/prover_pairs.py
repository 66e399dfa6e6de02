"""Pairs of expressions for the prover: equal ones, ones that only look equal, and ones that mean nothing."""

from __future__ import annotations

from typing import Any

import sympy as sp
from sympy import KroneckerDelta, exp, log

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, D, Entry, H, K, L, L_mean, L_of, N, Partial, Sum, X, b1, b2, c, d, i, j, k, l, m, matrix, n, p, q, t, w1,
    w2, y, z1, z2,
)  # fmt: skip
# isort: on


def cases(*rows: Any) -> Any:
    """(value, condition), ..., the last with True or a condition of its own."""
    return sp.Piecewise(*rows, evaluate=False)


def gate(condition: Any) -> Any:
    return cases((1, condition), (0, True))


def eq(left: Any, right: Any) -> Any:
    return sp.Eq(left, right, evaluate=False)


with sp.evaluate(False):
    delta = KroneckerDelta
    total = Sum(exp(z2[j]), (j, 1, K))
    lse = log(Sum(exp(z2[k]), (k, 1, K)))
    error = A2[k] - y[k]
    signal = Sum(error * w2[k, j], (k, 1, K))
    z2_out = Sum(w2[k, l] * A1[l], (l, 1, H)) + b2[k]
    z1_out = Sum(w1[j, p] * X[p], (p, 1, D)) + b1[j]
    open_ = z1[j] >= 0
    A2_, y_, w2_, A1_, gate_, X_ = (matrix(name) for name in ("A2", "y", "w2", "A1", "gate", "X"))
    error_ = sp.MatAdd(A2_, sp.MatMul(-1, y_))

    TRUE = {
        "shares summed over the examples first": (
            Sum(Sum(A2[k, n], (n, 1, N)), (k, 1, K)), N,
        ),
        "errors summed over the examples first": (
            Sum(Sum(A2[k, n] - y[k, n], (n, 1, N)), (k, 1, K)), sp.Integer(0),
        ),
        # labels
        "a label is its own square": (y[k] ** 2, y[k]),
        "a label's cube, of one example of a batch": (y[k, n] ** 3, y[k, n]),
        "two entries of a label": (y[i] * y[k], delta(i, k) * y[i]),
        "two entries of a batch's label": (y[i, n] * y[k, n], delta(i, k) * y[i, n]),
        "one minus a label": ((1 - y[k]) ** 2, 1 - y[k]),
        "a label times one minus itself": (y[k] * (1 - y[k]), sp.Integer(0)),
        "a label as an indicator": (gate(eq(y[k], 1)), y[k]),
        "a label that is not 0": (gate(sp.Ne(y[k], 0, evaluate=False)), y[k]),
        "a label picks": (Sum(y[k] * z2[k], (k, 1, K)), z2[t]),
        "labels of a batch": (Sum(Sum(y[i, n], (i, 1, K)), (n, 1, N)), N),
        "sums over classes and examples swap": (
            Sum(Sum(y[i, n] * log(A2[i, n]), (i, 1, K)), (n, 1, N)),
            Sum(Sum(y[i, n] * log(A2[i, n]), (n, 1, N)), (i, 1, K)),
        ),
        "a bound t that does no harm": (Sum(y[t] * z2[t], (t, 1, K)), Sum(y[k] * z2[k], (k, 1, K))),
        "a bound t beside the true class": (A2[t] * Sum(A2[m], (m, 1, K)), A2[t] * Sum(A2[t], (t, 1, K))),
        # gates and cases
        "the cases turned round": (cases((0, z1[j] < 0), (z1[j], True)), A1[j]),
        "both cases written out": (cases((z1[j], open_), (0, z1[j] < 0)), A1[j]),
        "cases that meet at 0": (cases((z1[j], open_), (0, z1[j] <= 0)), A1[j]),
        "ReLU does not care at 0": (cases((z1[j], z1[j] > 0), (0, True)), A1[j]),
        "a gate of -z": (gate(-z1[j] <= 0), gate(open_)),
        "a closed gate": (1 - gate(z1[j] < 0), gate(open_)),
        "a scaled gate": (gate(2 * z1[j] >= 0), gate(open_)),
        "a gate of what came out": (gate(A1[j] > 0), gate(z1[j] > 0)),
        "what came out is never negative": (gate(A1[j] >= 0), sp.Integer(1)),
        "a gate twice": (gate(open_) * A1[j], A1[j]),
        "an open and a closed gate": (gate(open_) * gate(z1[j] < 0), sp.Integer(0)),
        "three cases": (cases((1, z1[j] > 0), (1, eq(z1[j], 0)), (0, True)), gate(open_)),
        "a case for one class": (cases((A2[i] - 1, eq(i, t)), (A2[i], True)), Partial(L, z2[i])),
        "not i = k": (gate(sp.Ne(i, k, evaluate=False)), 1 - delta(i, k)),
        "a sum that is 1 but for rounding": (gate(Sum(A2[k], (k, 1, K)) >= 1), sp.Integer(1)),
        "and is not more": (gate(Sum(A2[k], (k, 1, K)) > 1), sp.Integer(0)),
        "a decimal": (sp.Float(0.1) * A2[k], A2[k] / 10),
        # exp, log, fractions
        "the others' share": (exp(z2[i]) / (exp(z2[i]) + Sum((1 - delta(k, i)) * exp(z2[k]), (k, 1, K))), A2[i]),
        "the logarithm of a product": (log(A2[i] * A2[k]), log(A2[i]) + log(A2[k])),
        "the logarithm of a power": (log(A2[i] ** 2), 2 * log(A2[i])),
        "e to a logarithm": (exp(log(A2[k]) + z2[i]), A2[k] * exp(z2[i])),
        "a shift": (exp(z2[i] - c) / Sum(exp(z2[j] - c), (j, 1, K)), A2[i]),
        "the logarithm of a sum of two": (log(A2[i] + A2[k]), log(exp(z2[i]) + exp(z2[k])) - lse),
        "the loss from the logits": (L, lse - z2[t]),
        "the loss from the logits, with labels": (L, lse - Sum(y[k] * z2[k], (k, 1, K))),
        "the loss of the true class": (L, -log(A2[t])),
        "one fraction": (
            (exp(z2[i]) - y[i] * Sum(exp(z2[k]), (k, 1, K))) / Sum(exp(z2[k]), (k, 1, K)), Partial(L, z2[i]),
        ),
        "a logistic function and its rest": (1 / (1 + exp(-z1[j])), 1 - 1 / (1 + exp(z1[j]))),
        "the slope of a logistic function": (
            Partial(1 / (1 + exp(-z1[j])), z1[j]), (1 / (1 + exp(-z1[j]))) * (1 - 1 / (1 + exp(-z1[j]))),
        ),
        "the slope of tanh": (
            Partial((exp(z1[j]) - exp(-z1[j])) / (exp(z1[j]) + exp(-z1[j])), z1[j]),
            1 - ((exp(z1[j]) - exp(-z1[j])) / (exp(z1[j]) + exp(-z1[j]))) ** 2,
        ),
        "smoothed labels": (
            Partial(-Sum(((1 - c) * y[k] + c / K) * log(A2[k]), (k, 1, K)), z2[i]), A2[i] - ((1 - c) * y[i] + c / K),
        ),
        "a temperature": (
            Partial(log(Sum(exp(c * z2[k]), (k, 1, K))) - c * Sum(y[k] * z2[k], (k, 1, K)), z2[i]),
            c * (exp(c * z2[i]) / Sum(exp(c * z2[k]), (k, 1, K)) - y[i]),
        ),
        "weight decay": (
            Partial(L + c / 2 * Sum(Sum(w2[i, l] ** 2, (l, 1, H)), (i, 1, K)), w2[k, j]),
            (A2[k] - y[k]) * A1[j] + c * w2[k, j],
        ),
        "a leaky ReLU": (
            Partial(cases((z1[j], open_), (c * z1[j], True)), z1[j]), cases((1, open_), (c, True)),
        ),
        # derivatives
        "the short road": (Partial(lse - z2[t], z2[i]), A2[i] - delta(i, t)),
        "the derivative of log-sum-exp": (Partial(lse, z2[i]), A2[i]),
        "the logit's own letter": (Partial(-Sum(y[i] * log(A2[i]), (i, 1, K)), A2[i]), -y[i] / A2[i]),
        "the same letter bound and free": (Sum(Partial(total, z2[j]), (j, 1, K)), total),
        "all errors together": (Sum(Partial(L, z2[i]), (i, 1, K)), sp.Integer(0)),
        "the chain over outputs": (
            Partial(L, z2[i]), Sum(Partial(L, A2[k]) * Partial(A2[k], z2[i]), (k, 1, K)),
        ),
        "the chain over units": (
            Partial(L, w1[j, d]), Sum(Partial(L, z1[l]) * Partial(z1[l], w1[j, d]), (l, 1, H)),
        ),
        "a product rule": (Partial(A2[k] * log(A2[k]), A2[i]), delta(i, k) * (log(A2[k]) + 1)),
        "by a label": (Partial(L, y[k]), -log(A2[k])),
        "a sum of labels by a label": (Partial(Sum(y[k], (k, 1, K)), y[i]), sp.Integer(1)),
        "what comes before does not depend": (Partial(z1[j], A1[l]), sp.Integer(0)),
        "another example": (Partial(L_of[n], z2[i, q]), delta(n, q) * (A2[i, n] - y[i, n])),
        "a batch": (Partial(L_mean, b2[k]), 1 / N * Sum(A2[k, n] - y[k, n], (n, 1, N))),
        "the definition of z2 put in": (Partial(z2_out, w2[k, j]), A1[j]),
        "the definition of z1 put in": (gate(z1_out >= 0), gate(open_)),
        "both definitions put in": (z2[k], Sum(w2[k, j] * gate(z1_out >= 0) * z1_out, (j, 1, H)) + b2[k]),
        "an entropy's derivative": (
            Partial(Sum(A2[k] * log(A2[k]), (k, 1, K)), z2[i]),
            A2[i] * (log(A2[i]) - Sum(A2[k] * log(A2[k]), (k, 1, K))),
        ),
        "a squared error after the softmax": (
            Partial(Sum((A2[k] - y[k]) ** 2, (k, 1, K)), z2[i]),
            2 * A2[i] * (A2[i] - y[i] - Sum((A2[k] - y[k]) * A2[k], (k, 1, K))),
        ),
        # sums
        "the square of a sum": (
            Sum(Sum(w2[k, j], (j, 1, H)) ** 2, (k, 1, K)),
            Sum(Sum(Sum(w2[k, j] * w2[k, l], (j, 1, H)), (l, 1, H)), (k, 1, K)),
        ),
        "two deltas": (Sum(delta(i, k) * delta(k, m), (k, 1, K)), delta(i, m)),
        "one index left out": (Sum((1 - delta(k, i)) * A2[k], (k, 1, K)), 1 - A2[i]),
        "a sum of ones": (Sum(Sum(sp.Integer(1), (k, 1, K)), (j, 1, H)), H * K),
        "a letter bound twice": (Sum(A2[k] * Sum(y[k], (k, 1, K)), (k, 1, K)), sp.Integer(1)),
        # matrices
        "a matrix product": (Entry(sp.MatMul(sp.Transpose(w2_), error_), j), signal),
        "an entrywise product": (
            Entry(sp.HadamardProduct(sp.MatMul(sp.Transpose(w2_), error_), gate_), j), Partial(L, z1[j]),
        ),
        "an outer product": (Entry(sp.MatMul(error_, sp.Transpose(A1_)), k, j), Partial(L, w2[k, j])),
    }  # fmt: skip

    FALSE = {
        "weighted shares summed over the examples first": (
            Sum(Sum(z2[k, n] * A2[k, n], (n, 1, N)), (k, 1, K)), Sum(Sum(z2[k, n], (k, 1, K)), (n, 1, N)) / K,
        ),
        "shares of another example": (
            Sum(Sum(Sum(exp(z2[k, n]) / Sum(exp(z2[j, q]), (j, 1, K)), (k, 1, K)), (n, 1, N)), (q, 1, N)), N**2,
        ),
        # t and labels
        "a bound t is no true class": (Sum(y[k] * exp(z2[t]), (t, 1, K)), exp(z2[k])),
        "the loss summed over t": (Sum(L, (t, 1, K)), -Sum(log(A2[t]), (t, 1, K))),
        "an error summed over t": (Sum(Partial(L, z2[i]) * A2[t], (t, 1, K)), sp.Integer(0)),
        "t bound, y not": (Sum((A2[t] - y[t]) * y[k], (t, 1, K)), A2[k] - 1),
        "labels of two examples": (y[k, n], y[k, q]),
        "products of two examples' labels": (y[k, n] * y[k, q], y[k, n]),
        "a label summed over the examples": (Sum(y[k, n], (n, 1, N)), sp.Integer(1)),
        "a label is not 1": (y[k], sp.Integer(1)),
        "a label's square is not its sum": (Sum(y[k] * z2[k], (k, 1, K)), Sum(z2[k], (k, 1, K))),
        # gates
        "open at 0 or not": (gate(z1[j] > 0), gate(open_)),
        "closed at 0 or not": (gate(z1[j] <= 0), 1 - gate(open_)),
        "z = 0 is not nothing": (gate(eq(z1[j], 0)), sp.Integer(0)),
        "a slope at the kink": (Partial(A1[j], z1[j]), gate(A1[j] > 0)),
        "the gate that never closes": (gate(A1[j] >= 0), gate(open_)),
        "two gates": (gate(open_) * gate(z1[l] >= 0), gate(open_)),
        "the other sign": (gate(-z1[j] >= 0), gate(open_)),
        "another layer's gate": (gate(z2[k] >= 0), gate(b2[k] >= 0)),
        "0 is not more than 0": (gate(z1[j] - z1[j] > 0), sp.Integer(1)),
        # sums and letters
        "another index": (A2[i], A2[k]),
        "one letter, two ranges": (
            Sum(Sum(delta(j, l) * A1[l], (l, 1, H)), (j, 1, K)), Sum(A1[j], (j, 1, H)),
        ),
        "only for H >= K": (Sum(delta(j, k), (j, 1, H)), sp.Integer(1)),
        "a square inside and outside": (Sum(z2[k] ** 2, (k, 1, K)), Sum(z2[k], (k, 1, K)) ** 2),
        "sums that share nothing": (
            Sum(Sum(z2[i] * w2[k, j], (i, 1, K)), (k, 1, K)), Sum(z2[k] * w2[k, j], (k, 1, K)),
        ),
        "the inner sum's letter": (
            Sum(z2[k] * Sum(z2[m] * y[m], (m, 1, K)), (k, 1, K)), Sum(z2[k] * Sum(z2[k] * y[m], (m, 1, K)), (k, 1, K)),
        ),
        "nested sums of one array": (
            Sum(Sum(z2[k] * exp(z2[m]), (m, 1, K)), (k, 1, K)), Sum(Sum(z2[k] * exp(z2[k]), (m, 1, K)), (k, 1, K)),
        ),
        "from 0": (Sum(sp.Integer(1), (k, 0, K)), K),
        "a captured logit": (Partial(-Sum(y[i] * log(A2[i]), (i, 1, K)), A2[i]), -Sum(y[i] / A2[i], (i, 1, K))),
        "a captured letter of the softmax": (Partial(total, z2[j]).xreplace({z2[j]: z2[i]}), total),
        "ranges swapped": (Sum(w2[k, j], (k, 1, K)), Sum(w2[k, j], (j, 1, H))),
        # true for some sizes only
        "only for K = 2": (1 - A2[i], A2[k] * (1 - delta(i, k)) + delta(i, k) * (1 - A2[i])),
        "only for H = K": (Sum(sp.Integer(1), (j, 1, H)), Sum(sp.Integer(1), (k, 1, K))),
        "only for N = 1": (L_mean, L_of[n]),
        "the mean is no sum": (Partial(L_mean, z2[i, n]), A2[i, n] - y[i, n]),
        "only for D = 1": (Sum(w1[j, d] * X[d], (d, 1, D)), D * Sum(w1[j, d] * X[d], (d, 1, D))),
        "only for K = 3": (K, sp.Integer(3)),
        "equal on average": (Sum(A2[k, n], (n, 1, N)), Sum(y[k, n], (n, 1, N))),
        "equal summed up": (A2[k], y[k]),
        # derivatives
        "one path only": (Partial(L, z2[i]), Partial(L, A2[i]) * Partial(A2[i], z2[i])),
        "roles swapped": (Partial(A2[k], z2[i]), A2[k] * (delta(i, k) - A2[k])),
        "a wrong sign": (Partial(L, z2[i]), y[i] - A2[i]),
        "the gate dropped": (Partial(L, z1[j]), signal),
        "a sum of labels is not a number to differentiate": (Partial(Sum(y[k], (k, 1, K)), y[i]), sp.Integer(0)),
        "the loss by its label": (Partial(L, y[k]), -log(A2[t])),
        # exp and log
        "a sum of exponents": (exp(Sum(z2[k], (k, 1, K))), Sum(exp(z2[k]), (k, 1, K))),
        "a logarithm of a sum": (lse, Sum(z2[k], (k, 1, K))),
        "a common factor too many": (log(A2[i] + A2[k]), log(exp(z2[i]) + exp(z2[k])) - 2 * lse),
        "by hardly more than rounding": (A2[k], A2[k] + z2[k] * sp.Float(1e-15)),
    }  # fmt: skip

    UNDEFINED = {
        "y over hidden units": (Sum(y[i], (i, 1, H)), sp.Integer(1)),
        "y over j = 1..H": (Sum(y[j], (j, 1, H)), sp.Integer(1)),
        "y over inputs": (Sum(y[d], (d, 1, D)), sp.Integer(1)),
        "y over examples": (Sum(y[n], (n, 1, N)), sp.Integer(1)),
        "an example counted by i": (Sum(y[i, i], (i, 1, K)), sp.Integer(1)),
        "y's indices swapped": (Sum(y[n, k], (n, 1, N)), sp.Integer(1)),
        "weights of the other layer": (w2[j, k], w2[j, k]),
        "a class too many": (Sum(y[k], (k, 0, K)), sp.Integer(1)),
        "k + 1": (z2[k + 1] - z2[k + 1], sp.Integer(0)),
        "t in a batch": (y[k, n], delta(k, t)),
        "t beside a batch": (y[k, n] * delta(t, i), y[k, q] * delta(t, i)),
        "t and N": (Sum(y[k, n], (n, 1, N)), N * delta(k, t)),
        "one example N times": (Sum(L, (n, 1, N)), N * L),
        "one example's logit, a batch's label": (A2[k] - y[k, n], A2[k] - y[k, n]),
        "two losses": (Partial(L, z2[i, n]), Partial(L, z2[i, n])),
        "log 0": (log(y[k] - y[k]) + 1, log(y[k] - y[k]) + 2),
        "the logarithm of a label": (log(y[k]) - log(y[k]), sp.Integer(0)),
        "the logarithm of a logit": (log(z2[i] * z2[k]), log(z2[i]) + log(z2[k])),
        "0/0": ((A2[k] - A2[k]) / (A2[k] - A2[k]), sp.Integer(1)),
        "0/0 but for rounding": (1 / (Sum(A2[k], (k, 1, K)) - 1), 2 / (Sum(A2[k], (k, 1, K)) - 1)),
        "divided by a label": (y[k] / y[k], sp.Integer(1)),
        "divided by a delta": (delta(i, k) * sp.Pow(delta(i, k), -1), delta(i, k)),
        "divided by a closed gate": (A1[j] / A1[j], sp.Integer(1)),
        "cases with a gap": (cases((1, open_), (0, z1[j] < -1)), gate(open_)),
        "cases with a gap at 0": (cases((1, z1[j] > 0), (0, z1[j] < 0)), gate(z1[j] > 0)),
        "the logarithm of what may be negative": (
            log(z2[i] + exp(z2[k])) - log(z2[i] + exp(z2[k])), sp.Integer(0),
        ),
        "cases that contradict": (cases((1, open_), (0, z1[j] < 1)), gate(open_)),
        "cases that contradict at 0": (cases((1, open_), (0, z1[j] <= 0)), gate(open_)),
        "a column with two indices": (Entry(A2_, k, i), A2[k]),
        "matrices that do not conform": (Entry(sp.MatMul(A2_, A2_), k), A2[k] ** 2),
        "the derivative by a formula": (Partial(L, log(A2[k])), Partial(L, log(A2[k]))),
    }  # fmt: skip
