"""The derivative of every probability by every logit: a matrix between the logits and the probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.network import Array
from mlpcourse.plots.palette import signed
from mlpcourse.widgets.view import Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Jacobian(View):
    """Drag the logits ``z2`` (K, 1); row k, column i of the matrix is dA2_k/dz2_i, and each cell shows its formula."""

    z2 = Numbers([2.0, 1.0, 0.0, -1.0], low=-1e4, high=1e4)

    def __init__(self, z2: npt.ArrayLike | None = None) -> None:
        super().__init__(**({} if z2 is None else {"z2": z2}))

    @property
    def matrix(self) -> Array:
        """softmax_jacobian(z2), shape (K, K)."""
        return network.softmax_jacobian(self.z2)

    def text(self) -> str:
        rows = "; ".join(map(numbers, self.matrix))
        return f"Jacobian: z2 = {numbers(self.z2)}; A2 = {numbers(network.softmax(self.z2))}; dA2/dz2 = [{rows}]"

    def alt(self) -> str:
        return f"A heat map of dA2_k/dz2_i, positive on the diagonal and negative off it. {self.text()}"

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        matrix = self.matrix
        K = len(matrix)
        figure = Figure(figsize=(1.6 + 0.85 * K, 1.0 + 0.62 * K), layout="constrained")
        axes = figure.subplots()
        axes.imshow(matrix, cmap=signed(), vmin=-0.25, vmax=0.25, alpha=0.5, aspect="auto")
        for k, i in np.ndindex(K, K):
            axes.text(i, k, number(float(matrix[k, i])), ha="center", va="center")
        A2, z2 = network.softmax(self.z2)[:, 0], self.z2[:, 0]
        axes.set_xticks(range(K), [f"$z_{{2{i + 1}}}$ = {number(z2[i])}" for i in range(K)])
        axes.set_yticks(range(K), [f"$A_{{2{k + 1}}}$ = {number(A2[k])}" for k in range(K)])
        axes.xaxis.tick_top()
        axes.tick_params(length=0)
        axes.set_title(r"$\partial A_{2k} / \partial z_{2i}$")
        return figure
