"""Logits become probabilities: softmax, its shift, its temperature, and why the largest logit is taken off first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy.typing as npt

from mlpcourse import network
from mlpcourse.network import Array
from mlpcourse.plots.palette import FAINT, MARK, sign
from mlpcourse.widgets.view import Number, Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure


class Softmax(View):
    """Drag the logits ``z2`` (K, 1), subtract ``shift``, divide by ``temperature``: the probabilities follow."""

    z2 = Numbers([2.0, 1.0, 0.1, -1.0], low=-1e4, high=1e4)
    shift = Number(0.0, low=-1000, high=1000)
    temperature = Number(1.0, low=0.1, high=10)

    def __init__(self, z2: npt.ArrayLike | None = None, *, shift: float = 0.0, temperature: float = 1.0) -> None:
        super().__init__(shift=shift, temperature=temperature, **({} if z2 is None else {"z2": z2}))

    @property
    def A2(self) -> Array:
        """softmax((z2 - shift) / temperature), shape (K, 1)."""
        return network.softmax((self.z2 - self.shift) / self.temperature)

    def text(self) -> str:
        settings = [f"{name} = {numbers(value)}" for name, value, plain in
                    (("shift", self.shift, 0), ("temperature", self.temperature, 1)) if value != plain]  # fmt: skip
        return "Softmax: " + "; ".join([f"z2 = {numbers(self.z2)}", *settings, f"A2 = {numbers(self.A2)}"])

    def alt(self) -> str:
        return f"Two bar charts, the logits and the probabilities softmax makes of them. {self.text()}"

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.2, 2.6), layout="constrained")
        scores, chances = figure.subplots(1, 2)
        for axes, values, colour, title in (
            (scores, self.z2[:, 0], [sign(z) for z in self.z2[:, 0]], "logits $z_2$"),
            (chances, self.A2[:, 0], MARK, "probabilities $A_2$"),
        ):
            bars = axes.bar([str(k + 1) for k in range(len(values))], values, color=colour, width=0.56)
            axes.bar_label(bars, [number(value) for value in values], padding=2)
            axes.axhline(0, color=FAINT, linewidth=1)
            axes.set_title(title)
            axes.set_xlabel("class")
            axes.spines[["top", "right"]].set_visible(False)
            axes.margins(y=0.16)
        chances.set_ylim(0, 1.1)
        return figure
