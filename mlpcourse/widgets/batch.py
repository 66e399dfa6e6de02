"""Many examples at once: their gradients add; a bias is copied to all of them, and its gradients add, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.data import Tiny, tiny
from mlpcourse.network import Array, Params, one_hot
from mlpcourse.plots.palette import FAINT, LINE, sign
from mlpcourse.widgets.one_network import OneNetwork, arrays
from mlpcourse.widgets.view import Numbers, View, number, numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

FIVE = np.array([[1, 0, -1, 2, 0.5], [2, 1, 1, -1, -2]])  # lesson 09's examples


class Batch(OneNetwork, View):
    """Drag X and b2; switch examples on and off, and see the gradients of w2 and b2 add up.

    params (w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1)), X (D, N) and y (K, N), one-hot, are the lessons' small network
    and five examples unless given. ``added`` (N, 1) holds 1 for each example in the sums, else 0.
    Raises ValueError for shapes that do not fit.
    """

    added = Numbers([1.0], low=0, high=1)

    def __init__(
        self, params: Params | None = None, X: npt.ArrayLike | None = None, y: npt.ArrayLike | None = None
    ) -> None:
        default = Tiny(tiny().params, X=FIVE, y=one_hot([0, 1, 2, 0, 1], K=3))
        traits = arrays(default, params, X, y)
        super().__init__(**traits, added=np.ones(np.shape(traits["X"])[1]))

    @traitlets.validate("added")
    def _zero_or_one(self, proposal: Any) -> Any:
        if not np.isin(proposal.value, (0, 1)).all():
            raise ValueError(f"added must hold 1 for each example to add and 0 else, but is {proposal.value.tolist()}")
        return proposal.value

    @property
    def delta2(self) -> Array:
        """dL/dz2 (K, N), of all examples, with the mean's 1/N."""
        return network.output_delta(network.forward(self.params, self.X).A2, self.y)

    @property
    def sums(self) -> tuple[Array, Array]:
        """The gradients of w2 (K, H) and b2 (K, 1), summed over the examples that are added."""
        delta2 = self.delta2 * self.added.T
        return network.grad_w2(delta2, network.forward(self.params, self.X).A1), network.grad_b2(delta2)

    def text(self) -> str:
        def listed(array: Array) -> str:
            return "; ".join(map(numbers, array))

        dw2, db2 = self.sums
        here = [str(n + 1) for n in np.flatnonzero(self.added)]
        which = f"all {len(here)}" if len(here) == len(self.added) else ", ".join(here) or "none"
        return (
            f"Batch: X = [{listed(self.X)}]; delta2 = [{listed(self.delta2)}]; examples added: {which}; "
            f"sum for w2 = [{listed(dw2)}]; sum for b2 = {numbers(db2)}"
        )

    def alt(self) -> str:
        return (
            "Matrices with an example in each column: A1 above delta2 above the outer product of each example's two "
            f"columns. To the right of delta2 and of the outer products stands their sum. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        A1, delta2 = network.forward(self.params, self.X).A1, self.delta2
        (dw2, db2), (K, N), H = self.sums, delta2.shape, len(A1)
        figure = Figure(figsize=(0.62 * (N + H) + 1.6, 0.32 * (len(self.X) + H + 3 * K) + 2), layout="constrained")
        axes = figure.subplots()
        axes.axis("off")
        top = 0.0
        for title, array, half, result in (
            ("$X$", self.X, np.inf, None),
            ("$A_1$", A1, 1, None),
            (r"$b_2 \mathbf{1}^\top$", np.repeat(self.b2, N, axis=1), np.inf, ("←\ncopied", "$b_2$", self.b2)),
            (rf"$\delta_2 = (A_2 - y) / {N}$", delta2, 1 / N, ("→\nadded", r"$\partial L / \partial b_2$", db2)),
            (r"$\delta_2 A_1^\top$ of each column", None, 0.1, ("→\nadded", r"$\partial L / \partial w_2$", dw2)),
        ):
            axes.text(0, top + 0.1, title, ha="left", va="bottom")
            if array is None:
                self._products(axes, delta2, A1, top)
            else:
                _table(axes, array, 0, top, half, self.added[:, 0] if array is delta2 else np.ones(N))
            if result is not None:
                arrow, name, sums = result
                axes.text(N + 0.6, top - K / 2, arrow, ha="center", va="center", fontsize=9, color=FAINT)
                axes.text(N + 1.2, top + 0.1, name, ha="left", va="bottom")
                _table(axes, sums, N + 1.2, top, np.inf if sums is self.b2 else 0.2, np.ones(H))
            top -= (K if array is None else len(array)) + 1.1
        axes.set(xlim=(-0.1, N + H + 1.3), ylim=(top + 0.6, 1))
        return figure

    def _products(self, axes: Axes, delta2: Array, A1: Array, top: float) -> None:
        """Each example's outer product: larger is farther from 0, hollow is negative."""
        from matplotlib.patches import Rectangle

        K = len(delta2)
        for n, on in enumerate(self.added[:, 0]):
            axes.add_patch(Rectangle((n + 0.03, top - K), 0.94, K, color=LINE, fill=False, linewidth=0.8))
            for (k, j), value in np.ndenumerate(delta2[:, [n]] * A1[:, n]):
                size = 0.9 * np.sqrt(abs(value) / (abs(value) + 0.1))
                width = 0.94 * size / len(A1)
                corner = (n + 0.03 + 0.94 * (j + 0.5) / len(A1) - width / 2, top - k - 0.5 - size / 2)
                colour, fill = (sign(value), value >= 0)
                axes.add_patch(Rectangle(corner, width, size, color=colour, fill=fill, alpha=1 if on else 0.25))


def _table(axes: Axes, array: Array, left: float, top: float, half: float, on: Array) -> None:
    from matplotlib.patches import Rectangle

    for (row, column), value in np.ndenumerate(array):
        x, y = left + column, top - row
        colour = sign(value)
        shade = 0.45 * on[column] * abs(value) / (abs(value) + half)
        axes.add_patch(Rectangle((x + 0.03, y - 0.97), 0.94, 0.94, color=colour, alpha=shade, linewidth=0))
        axes.text(
            x + 0.5, y - 0.5, number(value), ha="center", va="center", fontsize=9.5, alpha=1 if on[column] else 0.6
        )
