"""The network as a graph: every number on the drawing, forward and backward, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.network import Array, Params
from mlpcourse.plots.palette import CARD, FAINT, INK, LINE, MARK, MINUS, PAPER, PLUS
from mlpcourse.widgets.one_network import OneNetwork, arrays
from mlpcourse.widgets.view import Number, Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGEST = {"D": 4, "H": 6, "K": 4}  # more lines than that, and nobody can follow one
STEPS = ("z1", "A1", "z2", "A2", "L", "delta2", "dw2", "db2", "dA1", "delta1", "dw1", "db1")
BACKWARD = STEPS.index("delta2") + 1


class NetworkGraph(OneNetwork, View):
    """Drag inputs, weights and biases on the graph of a small network; walk forward and backward through it.

    params (w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1)), X (D, 1) and y (K, 1), one-hot, are the lessons' small network
    unless given. ``step`` counts from 1 (z1) over 5 (L) and 6 (delta2, where the backward pass begins) to 12 (db1);
    ``last`` names the last step that is offered: "L" for the forward pass alone. Raises ValueError for shapes that do
    not fit, more than one example, or more than 4 inputs, 6 units or 4 classes.
    """

    X, w1, b1, w2, b2 = (Numbers([0.0], low=-5, high=5) for _ in range(5))
    step = Number(1, low=1, high=len(STEPS), whole=True)
    steps = Number(len(STEPS), low=1, high=len(STEPS), whole=True)

    def __init__(
        self,
        params: Params | None = None,
        X: npt.ArrayLike | None = None,
        y: npt.ArrayLike | None = None,
        *,
        step: int = 1,
        last: str = STEPS[-1],
    ) -> None:
        if last not in STEPS:
            raise ValueError(f"last is {last!r}, but the steps are {', '.join(STEPS)}")
        given = arrays(tiny(), params, X, y)
        (D, N), (K, H) = np.shape(given["X"]), np.shape(given["w2"])
        if N != 1:
            raise ValueError(f"X has shape {(D, N)}, but the graph is of one example: X needs one column")
        for letter, size in zip("DHK", (D, H, K), strict=True):
            if size > LARGEST[letter]:
                raise ValueError(f"{letter} = {size}, but the graph has room for {letter} = {LARGEST[letter]} at most")
        super().__init__(**given, step=step, steps=STEPS.index(last) + 1)

    @property
    def values(self) -> dict[str, Array]:
        """What the steps up to ``step`` have computed, by name."""
        z1, A1, z2, A2 = network.forward(self.params, self.X)
        delta2 = network.output_delta(A2, self.y)
        dA1 = network.hidden_signal(self.w2, delta2)
        gradient = network.backward(self.params, self.X, self.y)
        every: dict[str, Array] = {
            "z1": z1, "A1": A1, "z2": z2, "A2": A2, "L": network.cross_entropy(z2, self.y), "delta2": delta2,
            "dw2": gradient.w2, "db2": gradient.b2, "dA1": dA1, "delta1": network.hidden_delta(dA1, z1),
            "dw1": gradient.w1, "db1": gradient.b1,
        }  # fmt: skip
        return {name: every[name] for name in STEPS[: self.step]}

    def text(self) -> str:
        given = {"X": self.X, **self.params._asdict(), "y": self.y}
        listed = [f"{name} = {numbers(array)}" for name, array in {**given, **self.values}.items()]
        return f"NetworkGraph: step {self.step} of {int(self.steps)}; " + "; ".join(listed)

    def alt(self) -> str:
        shut = ", ".join(str(j + 1) for j in np.flatnonzero(self.values["z1"] < 0)) or "none"
        return f"The network as a graph, inputs left, loss right. Units with a closed gate: {shut}. {self.text()}"

    def figure(self) -> Figure:
        from matplotlib.figure import Figure
        from matplotlib.patches import FancyBboxPatch, PathPatch, Rectangle
        from matplotlib.path import Path

        values, backward = self.values, self.step >= BACKWARD
        (H, D), K = self.w1.shape, len(self.w2)
        pitch = {"X": 88.0, "hidden": max(88, 20 * D + 12), "output": max(88, 20 * H + 12)}  # pixels, as on the screen
        height = max(H * pitch["hidden"], K * pitch["output"], 88 * D)
        left = {"X": 2, "hidden": 216, "output": 502}
        rows = {name: [height / 2 + pitch[name] * (i - (n - 1) / 2) for i in range(n)]
                for name, n in (("X", D), ("hidden", H), ("output", K))}  # fmt: skip
        figure = Figure(figsize=(7.9, (height + 70) / 96))
        axes = figure.add_axes((0, 0, 1, 1))
        axes.axis("off")
        axes.set(xlim=(-2, 758), ylim=(height + 30, -40))

        def write(x: float, y: float, text: str, colour: str = INK, size: float = 9.5) -> None:
            axes.text(x, y, text, ha="center", va="center", fontsize=size, color=colour, zorder=4)

        def box(x: float, y: float, width: float, height: float, style: str = "-", colour: str = FAINT) -> None:
            shape = "round,pad=0,rounding_size=6"
            axes.add_patch(FancyBboxPatch((x, y), width, height, shape, fc=PAPER, ec=colour, ls=style, zorder=3))

        def given(x: float, y: float, value: float, width: float = 38) -> None:
            box(x - width / 2, y - 9, width, 18, colour=LINE)
            write(x, y, f"{value:g}".replace("-", "\N{MINUS SIGN}"), PLUS)

        def edges(w: Array, source: str, target: str, carried: Array, said: bool) -> None:
            start, end = (46 if source == "X" else left[source] + 120), left[target]
            for (to, of), weight in np.ndenumerate(w):
                y, amount = rows[target][to] + 20 * (of - (w.shape[1] - 1) / 2), carried[to, of]
                bend, y0, y1 = (start + end - 114) / 2, rows[source][of], rows[target][to]
                points = [(start, y0), (bend, y0), (bend, y), (end - 114, y), (end - 18, y), (end - 6, y), (end, y1)]
                codes = [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE3] * 2]
                colour, style = (PLUS, "-") if amount > 0 else (MINUS, "--") if amount < 0 else (FAINT, ":")
                width = 0.9 + 3 * abs(amount) / (abs(amount) + 1)
                axes.add_patch(PathPatch(Path(points, codes), fc="none", ec=colour, ls=style, lw=width, alpha=0.6))
                given(end - 95, y, weight)
                if said:
                    axes.add_patch(Rectangle((end - 73, y - 8), 52, 16, fc=CARD, ec="none", zorder=2))
                    write(end - 47, y, number(float(amount)), MARK if backward else INK)

        forward = values["A1"].T if "z2" in values else np.zeros((1, H))
        carried = values.get("dw1", self.w1 * self.X.T), values.get("dw2", self.w2 * forward)
        edges(self.w1, "X", "hidden", carried[0], "dw1" in values or self.step == STEPS.index("z1") + 1)
        edges(self.w2, "hidden", "output", carried[1], "dw2" in values or self.step == STEPS.index("z2") + 1)
        for y, x in zip(rows["X"], self.X[:, 0], strict=True):
            given(24, y, x, 44)
        for name, bias, cells in (("hidden", self.b1, ("z1", "A1", "delta1", "dA1", "db1")),
                                  ("output", self.b2, ("z2", "A2", "delta2", "", "db2"))):  # fmt: skip
            x = left[name]
            for i, y in enumerate(rows[name]):
                shut = name == "hidden" and "A1" in values and values["z1"][i, 0] < 0
                if backward:
                    box(x, y + 14, 120 if name == "hidden" else 60, 24, colour=LINE)
                box(x, y - 14, 120, 28, ":" if shut else "-")
                axes.plot([x + 60] * 2, [y - 14, y + 14], color=INK if shut else LINE, lw=3.5 if shut else 1, zorder=4)
                write(x + 6, y - 25, f"$b_{{{1 if name == 'hidden' else 2}{i + 1}}}$", size=11)
                given(x + 38, y - 25, bias[i, 0])
                for cell, dx, dy in zip(cells, (30, 90, 30, 90, 94), (0, 0, 26, 26, -25), strict=True):
                    if cell in values:
                        write(x + dx, y + dy, number(values[cell][i, 0]), MARK if dy else INK)
        for k, y in enumerate(rows["output"]):
            true = self.y[k, 0] == 1
            axes.plot(
                [622, 657, 690], [y, y, height / 2], "-" if true else ":", color=INK, lw=2 if true else 1, zorder=1
            )
            box(627, y - 13, 30, 26, colour=INK if true else LINE)
            write(642, y, f"{self.y[k, 0]:g}")
        box(690, height / 2 - 14, 66, 28)
        write(723, height / 2 - 26, "$L$", size=12)
        write(723, height / 2, number(values["L"][0, 0]) if "L" in values else "")
        heads = {24: "X", 121: "w_1", 246: "z_1", 306: "A_1", 407: "w_2", 532: "z_2", 592: "A_2", 642: "y"}
        for x, head in heads.items():
            write(x, -22, f"${head}$", size=12)
        for x, name, head in ((246, "hidden", r"\delta_1"), (306, "hidden", r"\partial L/\partial A_1"),
                              (532, "output", r"\delta_2")):  # fmt: skip
            if backward:
                write(x, rows[name][-1] + 50, f"${head}$", MARK, 12)
        return figure
