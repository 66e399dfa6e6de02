"""The gradient of the second layer's weights: every error times every activation, an outer product."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.network import Array
from mlpcourse.plots.palette import FAINT, LINE, sign
from mlpcourse.widgets.one_example import require_columns
from mlpcourse.widgets.view import Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EXAMPLE = tiny()
_VALUES = network.forward(_EXAMPLE.params, _EXAMPLE.X)


class OuterProduct(View):
    """Drag the errors ``delta2`` (K, 1) and the activations ``A1`` (H, 1): each cell of dL/dw2 is their product."""

    delta2 = Numbers(network.output_delta(_VALUES.A2, _EXAMPLE.y), low=-1e4, high=1e4)
    A1 = Numbers(_VALUES.A1, low=0, high=1e4)

    def __init__(self, delta2: npt.ArrayLike | None = None, A1: npt.ArrayLike | None = None) -> None:
        given = {"delta2": delta2, "A1": A1}
        super().__init__(**{name: value for name, value in given.items() if value is not None})
        require_columns(self, "delta2", "A1")

    @property
    def dw2(self) -> Array:
        """grad_w2(delta2, A1), shape (K, H)."""
        return network.grad_w2(self.delta2, self.A1)

    def text(self) -> str:
        rows = "; ".join(map(numbers, self.dw2))
        return f"OuterProduct: delta2 = {numbers(self.delta2)}; A1 = {numbers(self.A1)}; dL/dw2 = [{rows}]"

    def alt(self) -> str:
        return (
            "A table of rectangles, one for each weight: as wide as the activation above it, as high as the error at "
            f"its left, above the row's line where positive and below it where negative. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure
        from matplotlib.patches import Rectangle

        delta2, A1, dw2 = self.delta2[:, 0], self.A1[:, 0], self.dw2
        K, H = dw2.shape
        high, wide = 0.38 / max(1, np.abs(delta2).max()), 0.8 / max(2.5, np.ceil(A1.max()))
        figure = Figure(figsize=(1.3 + 1.05 * H, 0.9 + 0.82 * K), layout="constrained")
        axes = figure.subplots()
        for j, a in enumerate(A1):
            axes.add_patch(Rectangle((j + 0.1, -0.19), wide * a, 0.13, color=FAINT))
            axes.text(j + 0.5, -0.3, f"$A_{{1{j + 1}}}$ = {number(a)}", ha="center", fontsize=11)
        for k, delta in enumerate(delta2):
            colour = sign(delta)
            bottom = k + 0.5 - max(high * delta, 0)  # the axis points down
            axes.add_patch(Rectangle((-0.19, bottom), 0.1, high * abs(delta), color=colour))
            axes.text(-0.28, k + 0.5, f"$\\delta_{{2{k + 1}}}$ = {number(delta)}", ha="right", va="center", fontsize=11)
            axes.plot([0, H], [k + 0.5, k + 0.5], color=FAINT, linewidth=0.8)
            for j, a in enumerate(A1):
                axes.add_patch(Rectangle((j, k), 1, 1, fill=False, edgecolor=LINE, linewidth=0.8))
                axes.add_patch(Rectangle((j + 0.1, bottom), wide * a, high * abs(delta), fc=colour, alpha=0.55))
                y = k + (0.25 if delta < 0 else 0.75)
                axes.text(j + 0.5, y, number(float(dw2[k, j])), ha="center", va="center")
        axes.set(xlim=(-1.25, H + 0.02), ylim=(K + 0.02, -0.6))
        axes.axis("off")
        return figure
