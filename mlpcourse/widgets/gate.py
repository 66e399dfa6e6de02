"""ReLU on the way back: each hidden unit lets its signal pass or stops it, and its own z1 decides."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.network import Array
from mlpcourse.plots.palette import FAINT, INK, PAPER, sign
from mlpcourse.widgets.one_example import require_columns
from mlpcourse.widgets.view import Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_EXAMPLE = tiny()
_VALUES = network.forward(_EXAMPLE.params, _EXAMPLE.X)


class Gate(View):
    """Drag ``z1`` (H, 1) through 0, and the arriving signal ``dA1`` (H, 1): what passes the gates is delta1.

    ``gate_on`` is what the gate looks at: "z1" as it should, or "A1", the slip that keeps every gate open.
    """

    z1 = Numbers(_VALUES.z1, low=-1e4, high=1e4)
    dA1 = Numbers(
        network.hidden_signal(_EXAMPLE.params.w2, network.output_delta(_VALUES.A2, _EXAMPLE.y)), low=-1e4, high=1e4
    )
    also_reset = ("gate_on",)
    gate_on = traitlets.Enum(("z1", "A1"), "z1").tag(sync=True)

    def __init__(
        self, z1: npt.ArrayLike | None = None, dA1: npt.ArrayLike | None = None, *, gate_on: str = "z1"
    ) -> None:
        given = {"z1": z1, "dA1": dA1}
        super().__init__(gate_on=gate_on, **{name: value for name, value in given.items() if value is not None})
        require_columns(self, "z1", "dA1")
        network.hidden_delta(self.dA1, self.z1)  # raises, with a sentence, unless there is one signal for each unit

    @property
    def gate(self) -> Array:
        """1 where the signal passes and 0 where it is stopped, shape (H, 1)."""
        return network.relu_gate(self.z1 if self.gate_on == "z1" else network.relu(self.z1))

    @property
    def delta1(self) -> Array:
        """What passes, shape (H, 1); equal to hidden_delta(dA1, z1) unless the slip is on."""
        return np.asarray(self.dA1 * self.gate + 0.0)  # and no -0

    def text(self) -> str:
        slip = "" if self.gate_on == "z1" else " on A1 >= 0, a slip"
        gates = ", ".join("open" if gate else "closed" for gate in self.gate[:, 0])
        return (
            f"Gate{slip}: z1 = {numbers(self.z1)}; dA1 = {numbers(self.dA1)}; gates {gates}; "
            f"delta1 = {numbers(self.delta1)}"
        )

    def alt(self) -> str:
        return (
            "For each hidden unit ReLU with its z1 on it, and below it two bars: the signal that arrives and the one "
            f"that passes, equal where the gate is open and 0 where it is closed. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        z1, dA1, delta1 = self.z1[:, 0], self.dA1[:, 0], self.delta1[:, 0]
        H = len(z1)
        figure = Figure(figsize=(0.6 + 1.75 * H, 3.6), layout="constrained")
        above, below = figure.subplots(2, H, sharey="row", squeeze=False)
        reach = max(3, np.abs(z1).max())
        for j, (top, bottom) in enumerate(zip(above, below, strict=True)):
            is_open = bool(self.gate[j, 0])
            top.plot([-reach, 0], [0, 0], color=INK, linewidth=1 if z1[j] >= 0 else 3)
            top.plot([0, reach], [0, reach], color=INK, linewidth=3 if z1[j] >= 0 else 1)
            top.plot(z1[j], max(z1[j], 0), "o", markersize=9, markerfacecolor=PAPER, markeredgecolor=INK, mew=2)
            top.set_title(f"unit {j + 1}: {'open' if is_open else 'closed'}", fontsize=11)
            top.set_xlabel(f"$z_{{1{j + 1}}}$ = {number(z1[j])}")
            signals = [float(dA1[j]), float(delta1[j])]
            colour = sign(signals[0])
            drawn = bottom.bar(["arrives", "passes"], signals, width=0.5, color=colour)
            bottom.bar_label(drawn, [number(signal) for signal in signals], padding=2, fontsize=9)
            bottom.axhline(0, color=FAINT, linewidth=1)
            bottom.margins(x=0.15, y=0.25)
            bottom.tick_params(axis="x", length=0)
            for axes in (top, bottom):
                axes.set_yticks([])
                axes.spines[["left", "top", "right"]].set_visible(False)
            top.set_xticks([0])
            bottom.spines["bottom"].set_visible(False)
        above[0].set_ylabel("ReLU")
        below[0].set_ylabel("signal")
        return figure
