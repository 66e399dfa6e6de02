"""From one logit to the loss: a path through every probability, and their products add up to A2 - y."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.network import Array
from mlpcourse.plots.palette import CARD, FAINT, INK, MARK, MINUS, PAPER, PLUS
from mlpcourse.widgets.one_example import initial_traits, require_one_example
from mlpcourse.widgets.view import Number, Numbers, OneHot, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


class Paths(View):
    """Drag the logits ``z2`` (K, 1); choose the logit ``i``, counted from 1, and the true class by ``y`` (K, 1)."""

    z2 = Numbers([1.0, 2.0, 0.0], low=-1e4, high=1e4)
    y = OneHot([1.0, 0.0, 0.0])
    i = Number(1, low=1, whole=True)

    def __init__(self, z2: npt.ArrayLike | None = None, y: npt.ArrayLike | None = None, *, i: int = 1) -> None:
        super().__init__(**initial_traits(z2, y))
        require_one_example(self)
        self.i = i

    @traitlets.validate("i")
    def _logit_exists(self, proposal: Any) -> int:
        if proposal.value > len(self.z2):
            raise ValueError(f"i must lie between 1 and {len(self.z2)}, but is {proposal.value}")
        return int(proposal.value)

    @property
    def terms(self) -> Array:
        """dL/dA2_k dA2_k/dz2_i of each path k, shape (K, 1), with A2_k cancelled, as in H12: no division by 0."""
        own = np.eye(len(self.z2))[:, [self.i - 1]]
        return np.asarray(self.y * (network.softmax(self.z2)[self.i - 1] - own) + 0.0)

    def text(self) -> str:
        total, one_path = self.terms.sum(), self.terms[self.i - 1, 0]
        return (
            f"Paths: z2 = {numbers(self.z2)}; true class {int(self.y.argmax()) + 1}; from z2_{self.i} to L: "
            f"{' + '.join(f'({text})' if text[0] == chr(8722) else text for text in map(number, self.terms[:, 0]))} = "
            f"{number(total)}; the path k = {self.i} alone: {number(one_path)}"
        )

    def alt(self) -> str:
        return (
            f"From the logit z2_{self.i} an arrow to every probability, and from each an arrow to the loss L; beside "
            f"each path its product as a bar, and below their sum. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        K = len(self.z2)
        figure = Figure(figsize=(7.6, 1.3 + 0.62 * K), layout="constrained")
        graph, chart = figure.subplots(1, 2, width_ratios=(1.3, 1))
        self._draw_graph(graph)
        self._draw_terms(chart)
        for axes in (graph, chart):
            axes.set_ylim(-K - 1.4, 1)
            axes.set_yticks([])
            axes.spines[["left", "top", "right", "bottom"]].set_visible(False)
        return figure

    def _draw_graph(self, axes: Axes) -> None:
        K, i = len(self.z2), self.i - 1
        first = network.softmax_jacobian(self.z2)[:, i]
        A2 = network.softmax(self.z2)[:, 0]
        second = np.array([-1 / a if y and a else -np.inf if y else 0 for a, y in zip(A2, self.y[:, 0], strict=True)])
        middle = -(K - 1) / 2
        node = {"boxstyle": "circle,pad=0.3", "facecolor": PAPER, "edgecolor": INK, "linewidth": 1.3}
        for k in range(K):
            for tail, head, slope in (((0, middle), (1, -k), first[k]), ((1, -k), (2, middle), second[k])):
                alive = slope != 0
                colour = FAINT if not alive else PLUS if slope > 0 else MINUS
                style = {"color": colour, "linewidth": 2 if alive else 1.2, "linestyle": "-" if alive else "--"}
                axes.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "shrinkA": 17, "shrinkB": 17, **style})
                x, y = (0.5 * (a + b) for a, b in zip(tail, head, strict=True))
                plain = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}
                label = number(slope) if alive else "0"
                axes.text(x, y, label, ha="center", va="center", color=colour, bbox=plain, fontsize=9.5)
            axes.text(1, -k, f"$A_{{2{k + 1}}}$", ha="center", va="center", bbox=node)
        axes.text(0, middle, f"$z_{{2{self.i}}}$", ha="center", va="center", bbox=node)
        axes.text(2, middle, "$L$", ha="center", va="center", bbox=node)
        for x, title in ((0.5, r"$\partial A_{2k} / \partial z_{2i}$"), (1.5, r"$\partial L / \partial A_{2k}$")):
            axes.text(x, 0.75, title, ha="center", va="center", color=FAINT)
        axes.set_xlim(-0.25, 2.25)
        axes.set_xticks([])

    def _draw_terms(self, axes: Axes) -> None:
        terms, K = self.terms[:, 0], len(self.z2)
        ends = np.cumsum(terms)
        rows = [*zip(range(K), ends - terms, ends, strict=True), (K, 0.0, ends[-1]), (K + 0.8, 0.0, terms[self.i - 1])]
        names = [f"k = {k + 1}" for k in range(K)] + ["sum", f"k = {self.i} alone"]
        for (at, start, end), name in zip(rows, names, strict=True):
            colour = MARK if at == K else PLUS if end > start else MINUS
            axes.barh(
                -at, end - start, left=start, height=0.5, color=colour, hatch="//" if at > K else None, alpha=0.85
            )
            axes.text(-1.25, -at, name, ha="right", va="center", weight="bold" if at == K else "normal")
            text = number(end - start) if end != start else "0"
            axes.text(1.15, -at, text, ha="left", va="center", weight="bold" if at == K else "normal")
        alone = terms[self.i - 1]
        axes.barh(-K - 0.8, ends[-1] - alone, 0.5, alone, facecolor="none", edgecolor=FAINT, linestyle="--")
        axes.text(0, 0.75, "their product", ha="center", va="center", color=FAINT)
        axes.vlines(0, -K - 1.2, 0.4, color=FAINT, linewidth=1)
        axes.axhline(-K + 0.5, color=FAINT, linewidth=1)
        axes.set_xlim(-3.1, 1.8)
        axes.set_xticks([-1, 0, 1])
