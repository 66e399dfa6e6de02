"""The same in matrices: the last line of a derivation as one entry of a matrix formula."""

from __future__ import annotations

import sympy as sp

from mlpcourse.derivation.letters import Entry, Expr, N, matrix
from mlpcourse.derivation.lines import batch, hidden_layer, network, output_layer, softmax
from mlpcourse.derivation.lines.line import Derivation, derive
from mlpcourse.derivation.numbers import free_indices

ENTRY_BY_ENTRY = {
    derivation.name: derivation
    for part in (network, softmax, output_layer, hidden_layer, batch)
    for derivation in part.DERIVATIONS
}


def in_matrices(name: str, title: str, formula: Expr, reason: str) -> Derivation:
    """From the last line of the derivation ``name`` to one entry of a matrix formula."""
    of = ENTRY_BY_ENTRY[name]
    line, entry = of.lines[-1], Entry(formula, *free_indices(of.lhs))
    return derive(f"{name}_matrix", title, of.lhs, of.result,
        ("entries", line.expr, "derived before, entry by entry", *line.ids),
        ("matrix", entry, reason, *line.ids))  # fmt: skip


def one_example() -> tuple[Derivation, ...]:
    """The formulas of one example, whose arrays are columns."""
    X, w1, b1, A1, w2, b2, A2, y, gate = map(matrix, ("X", "w1", "b1", "A1", "w2", "b2", "A2", "y", "gate"))
    error = sp.MatAdd(A2, sp.MatMul(-1, y))
    signal = sp.MatMul(sp.Transpose(w2), error)
    hidden_error = sp.HadamardProduct(signal, gate)
    return (
        in_matrices("z1", "The hidden layer's input, all at once", sp.MatAdd(sp.MatMul(w1, X), b1),
            "row $j$ of $w_1$ times $X$, plus entry $j$ of $b_1$"),
        in_matrices("z2", "The logits, all at once", sp.MatAdd(sp.MatMul(w2, A1), b2),
            "row $k$ of $w_2$ times $A_1$, plus entry $k$ of $b_2$"),
        in_matrices("softmax_jacobian", "Softmax's Jacobian, all at once",
            sp.MatAdd(sp.DiagMatrix(A2), sp.MatMul(-1, A2, sp.Transpose(A2))),
            "$A_2$ on the diagonal, less an outer product"),
        in_matrices("grad_w2", "The loss by all of the second layer's weights", sp.MatMul(error, sp.Transpose(A1)),
            "row $k$ of the error times column $j$ of $A_1^\\top$"),
        in_matrices("hidden_signal", "The loss by all hidden units", signal,
            "row $j$ of $w_2^\\top$ is column $j$ of $w_2$"),
        in_matrices("hidden_delta", "The loss by all hidden inputs", hidden_error,
            "$\\odot$ multiplies entry by entry"),
        in_matrices("grad_w1", "The loss by all of the first layer's weights",
            sp.MatMul(hidden_error, sp.Transpose(X)),
            "row $j$ of the hidden error times column $d$ of $X^\\top$"),
    )  # fmt: skip


def whole_batch() -> tuple[Derivation, ...]:
    """The formulas of a batch, a column an example."""
    X, A1, w2, A2, y, gate, ones = (matrix(name, batch=True) for name in ("X", "A1", "w2", "A2", "y", "gate", "ones"))
    error = sp.MatAdd(A2, sp.MatMul(-1, y))
    signal = sp.MatMul(1 / N, sp.Transpose(w2), error)
    hidden_error = sp.HadamardProduct(signal, gate)
    return (
        in_matrices("batch_output_delta", "The output error of a batch, all at once", sp.MatMul(1 / N, error),
            "entry by entry"),
        in_matrices("batch_grad_w2", "The loss of a batch by all of the second layer's weights",
            sp.MatMul(1 / N, error, sp.Transpose(A1)),
            "row $k$ of the error times column $j$ of $A_1^\\top$"),
        in_matrices("batch_grad_b2", "The loss of a batch by all of the second layer's biases",
            sp.MatMul(1 / N, error, ones),
            "row $k$ of the error times a column of ones: its sum"),
        in_matrices("batch_hidden_signal", "The loss of a batch by all hidden units", signal,
            "row $j$ of $w_2^\\top$ is column $j$ of $w_2$"),
        in_matrices("batch_hidden_delta", "The loss of a batch by all hidden inputs", hidden_error,
            "$\\odot$ multiplies entry by entry"),
        in_matrices("batch_grad_w1", "The loss of a batch by all of the first layer's weights",
            sp.MatMul(hidden_error, sp.Transpose(X)),
            "row $j$ of the hidden error times column $d$ of $X^\\top$"),
        in_matrices("batch_grad_b1", "The loss of a batch by all of the first layer's biases",
            sp.MatMul(hidden_error, ones),
            "row $j$ of the hidden error times a column of ones: its sum"),
    )  # fmt: skip


with sp.evaluate(False):
    DERIVATIONS = (*one_example(), *whole_batch())
