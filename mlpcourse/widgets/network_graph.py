"""The network as a graph: every number on the drawing, forward and backward, one step at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.network import Array, Params
from mlpcourse.widgets.view import Number, Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.figure import Figure

LARGEST = {"D": 4, "H": 6, "K": 4}  # more lines than that, and nobody can follow one
STEPS = ("z1", "A1", "z2", "A2", "L", "delta2", "dw2", "db2", "dA1", "delta1", "dw1", "db1")
BACKWARD = STEPS.index("delta2") + 1


class NetworkGraph(View):
    """Drag inputs, weights and biases on the graph of a small network; walk forward and backward through it.

    params (w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1)), X (D, 1) and y (K, 1), one-hot, are the lessons' small network
    unless given. ``step`` counts from 1 (z1) over 5 (L) and 6 (delta2, where the backward pass begins) to 12 (db1).
    Raises ValueError for shapes that do not fit, more than one example, or more than 4 inputs, 6 units or 4 classes.
    """

    X, w1, b1, w2, b2 = (Numbers([0.0], low=-5, high=5) for _ in range(5))
    y = Numbers([1.0])
    step = Number(1, low=1, high=len(STEPS), whole=True)

    def __init__(
        self,
        params: Params | None = None,
        X: npt.ArrayLike | None = None,
        y: npt.ArrayLike | None = None,
        *,
        step: int = 1,
    ) -> None:
        small = tiny()
        own, X, y = network.one_network(
            small.params if params is None else params,
            np.asarray(small.X if X is None else X),
            np.asarray(small.y if y is None else y),
        )
        if X.shape[1] != 1:
            raise ValueError(f"X has shape {X.shape}, but the graph is of one example: X needs one column")
        for letter, size in zip("DHK", (X.shape[0], *own.w2.shape[::-1]), strict=True):
            if size > LARGEST[letter]:
                raise ValueError(f"{letter} = {size}, but the graph has room for {letter} = {LARGEST[letter]} at most")
        super().__init__(**own._asdict(), X=X, y=y, step=step)

    @traitlets.validate("y")
    def _one_hot(self, proposal: Any) -> Any:
        network.output_delta(proposal.value, proposal.value)  # raises, with a sentence, unless y is one-hot
        return proposal.value

    @property
    def params(self) -> Params:
        """w1, b1, w2, b2 as they stand."""
        return Params(self.w1, self.b1, self.w2, self.b2)

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
        return f"NetworkGraph: step {self.step} of {len(STEPS)}; " + "; ".join(listed)

    def alt(self) -> str:
        return f"The network as a graph, inputs on the left, the loss on the right. {self.text()}"

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        values = self.values
        (H, D), K = self.w1.shape, len(self.w2)
        tall = max(D, H, K * max(1.0, 0.27 * H))
        figure = Figure(figsize=(8.6, 0.95 * tall + 0.6), layout="constrained")
        axes = figure.subplots()
        axes.axis("off")
        axes.set(xlim=(-0.5, 9.3), ylim=(-tall / 2 - 0.1, tall / 2 + 0.45))
        spots = {
            name: [(x, (tall / size) * ((size - 1) / 2 - row)) for row in range(size)]
            for name, x, size in (("X", 0, D), ("hidden", 3, H), ("output", 6.3, K), ("L", 8.8, 1))
        }
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}

        def edges(w: Array, source: str, target: str, carried: Array | None) -> None:
            for (to, start), weight in np.ndenumerate(w):
                (x0, y0), (x1, y1) = spots[source][start], spots[target][to]
                row = y1 + 0.24 * ((w.shape[1] - 1) / 2 - start)
                amount = 0 if carried is None else float(carried[to, start])
                colour = "#0b62a4" if amount > 0 else "#b3470a" if amount < 0 else "#57606a"
                style = "-" if amount > 0 else "--" if amount < 0 else ":"
                width = 1 + 4 * abs(amount) / (abs(amount) + 1)
                axes.plot([x0, x1 - 1.5, x1 - 1, x1], [y0, row, row, y1], style, color=colour, lw=width, zorder=1)
                axes.text(x1 - 1.25, row, f"{weight:g}".replace("-", "\N{MINUS SIGN}"), ha="center", va="center",
                          fontsize=9, bbox=plain)  # fmt: skip

        def said(name: str, row: int) -> str:
            return number(float(values[name].flat[row])) if name in values else ""

        def node(spot: tuple[float, float], text: str, style: str = "-") -> None:
            box = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": "#1f2328", "linestyle": style}
            axes.text(*spot, text, ha="center", va="center", fontsize=9.5, bbox=box, linespacing=1.5)

        edges(self.w1, "X", "hidden", values.get("dw1", self.w1 * self.X.T))
        edges(self.w2, "hidden", "output", values.get("dw2", self.w2 * values["A1"].T if "z2" in values else None))
        for k, spot in enumerate(spots["output"]):
            ends = zip(spot, spots["L"][0], strict=True)
            axes.plot(*ends, "-" if self.y[k, 0] else ":", color="#1f2328", lw=2 if self.y[k, 0] else 1, zorder=1)
        for d, spot in enumerate(spots["X"]):
            node(spot, number(self.X[d, 0]))
        for j, spot in enumerate(spots["hidden"]):
            shut = "A1" in values and values["z1"][j, 0] < 0
            node(
                spot, _table([said("z1", j), said("A1", j)], [said("delta1", j), said("dA1", j)]), ":" if shut else "-"
            )
        for k, spot in enumerate(spots["output"]):
            node(spot, _table([said("z2", k), said("A2", k)], [said("delta2", k), f"y = {self.y[k, 0]:g}"]))
        node(spots["L"][0], said("L", 0) or " " * 12)
        backward = self.step >= BACKWARD
        for x, title in (
            (0, "$X$"),
            (3, r"$z_1 \quad A_1$" + backward * "\n" + backward * r"$\delta_1 \quad \partial L/\partial A_1$"),
            (6.3, r"$z_2 \quad A_2$" + backward * "\n" + backward * r"$\delta_2 \quad y$"),
            (8.8, "$L$"),
        ):
            axes.text(x, tall / 2 + 0.1, title, ha="center", va="bottom", fontsize=11)
        return figure


def _table(*rows: list[str]) -> str:
    return "\n".join("   ".join(f"{cell:^8}" for cell in row) for row in rows if any(row))
