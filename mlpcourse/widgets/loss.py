"""One number for how wrong the network is: minus the logarithm of the true class's probability."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.network import Array
from mlpcourse.plots.palette import FAINT, INK, MARK, PAPER
from mlpcourse.widgets.one_example import initial_traits, require_one_example
from mlpcourse.widgets.view import Numbers, OneHot, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Loss(View):
    """Drag a class along the curve -log p, and choose the true class. Sets the logits ``z2`` (K, 1) and ``y``, one-hot.

    Only the dragged class's logit moves: the other probabilities keep their proportions, and the sum stays 1.
    """

    z2 = Numbers([1.0, 2.0, 0.0], low=-1e4, high=1e4)
    y = OneHot([1.0, 0.0, 0.0])

    def __init__(self, z2: npt.ArrayLike | None = None, y: npt.ArrayLike | None = None) -> None:
        super().__init__(**initial_traits(z2, y))
        require_one_example(self)

    @property
    def A2(self) -> Array:
        """softmax(z2), shape (K, 1)."""
        return network.softmax(self.z2)

    @property
    def L(self) -> float:
        """The loss of the true class."""
        return float(network.cross_entropy(self.z2, self.y).item())

    def text(self) -> str:
        t = int(self.y.argmax()) + 1
        return f"Loss: A2 = {numbers(self.A2)}; true class {t}; L = -log A2_{t} = {number(self.L)}"

    def alt(self) -> str:
        return (
            "The curve -log p, from far up at p = 0 down to 0 at p = 1, with every class on it and the tangent at the "
            f"true one. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(6.4, 3.4), layout="constrained")
        axes = figure.subplots()
        p = np.geomspace(np.exp(-5), 1, 300)
        axes.plot(p, -np.log(p), color=INK, linewidth=1.6)
        losses = -network.log_softmax(self.z2)[:, 0]
        t = int(self.y.argmax())
        at, L = float(self.A2[t, 0]), float(losses[t])
        if L <= 5:
            run = 1 / np.hypot(1, 0.22 / at)  # as long on the page wherever it touches
            ends = np.array([at - 0.16 * run, at + 0.16 * run])
            axes.plot(ends, L - (ends - at) / at, "--", color=INK, linewidth=1.6)
            axes.vlines(at, 0, L, color=MARK, linewidth=3)
        for k, (x, y) in enumerate(zip(self.A2[:, 0], losses, strict=True)):
            style = {"facecolor": MARK if k == t else PAPER, "edgecolor": MARK if k == t else FAINT}
            bbox = {"boxstyle": "circle,pad=0.2", **style}
            colour, over = (PAPER, 6) if k == t else (INK, 5)
            axes.text(x, min(y, 5), str(k + 1), ha="center", va="center", color=colour, bbox=bbox, zorder=over)
        axes.text(0.97, 0.93, "$L = -\\log\\, p$", transform=axes.transAxes, ha="right", va="top", fontsize=13)
        slope = number(-1 / at) if at > 0 else number(-np.inf)
        now = f"class {t + 1} is true: p = {number(at)}, L = {number(L)}, slope $-1/p$ = {slope}"
        axes.text(0.97, 0.8, now, transform=axes.transAxes, ha="right", va="top")
        axes.set(xlim=(0, 1.03), ylim=(0, 5.3), xlabel="p, the probability of the true class", ylabel="L")
        axes.spines[["top", "right"]].set_visible(False)
        return figure
