"""How far a numerical derivative is off, against its step: Taylor's remainder on one side, rounding on the other."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.data import tiny
from mlpcourse.gradcheck import EPS, numerical_gradient
from mlpcourse.network import Array, Params
from mlpcourse.plots.palette import FAINT, PAPER, SERIES
from mlpcourse.widgets.one_network import OneNetwork, arrays
from mlpcourse.widgets.view import Number, View, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

METHODS = {"forward": ("o", SERIES[0]), "central": ("s", SERIES[1]), "complex": ("^", SERIES[2])}
SMALLEST = 1e-20
FLOOR = 1e-17  # where an error of 0 is drawn


def right_digits(value: float, truth: float) -> int:
    """How many digits of ``value`` come before the first that differs from ``truth``; zeros in front do not count."""
    pairs = zip(f"{value:.15f}", f"{truth:.15f}", strict=False)
    same = "".join(digit for digit, _ in itertools.takewhile(lambda pair: pair[0] == pair[1], pairs))
    return len(same.replace(".", "").lstrip("-0"))


class StepSize(OneNetwork, View):
    """Drag the step ``h`` along the errors of three numerical derivatives of L by the weight w2_11.

    params (w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1)), X (D, N) and y (K, N), one-hot, are the lessons' small network
    unless given. Raises ValueError for shapes that do not fit, and for a step outside 1e-20 to 1.
    """

    h = Number(1e-3, low=SMALLEST, high=1)

    def __init__(
        self,
        params: Params | None = None,
        X: npt.ArrayLike | None = None,
        y: npt.ArrayLike | None = None,
        *,
        h: float = 1e-3,
    ) -> None:
        super().__init__(**arrays(tiny(), params, X, y), h=h)

    @property
    def derived(self) -> float:
        """dL/dw2_11 from the derivation."""
        return float(network.backward(self.params, self.X, self.y).w2[0, 0])

    def numerical(self, method: str, h: float | None = None) -> float:
        """dL/dw2_11 by "forward" or "central" differences or by the "complex" step; h: the view's, unless given."""

        def loss(weight: Array) -> Array:
            w2 = self.w2.astype(weight.dtype)
            w2[0, 0] = weight
            return np.asarray(network.loss(self.params._replace(w2=w2), self.X, self.y))

        return float(numerical_gradient(loss, self.w2[0, 0], method, step=self.h if h is None else h))

    def text(self) -> str:
        """Digits lost to rounding are not counted: they differ from machine to machine."""
        said = []
        for method in METHODS:
            value = self.numerical(method)
            noise = 50 * EPS / (1 if method == "complex" else self.h)
            counted = right_digits(value, self.derived) if abs(value - self.derived) > noise else "limited by rounding"
            said.append(f"{method} {counted}")
        return f"StepSize: dL/dw2_11 = {number(self.derived)}; h = {number(self.h)}; right digits: {', '.join(said)}"

    def alt(self) -> str:
        return (
            "Error against step, both logarithmic. The errors of forward and central difference fall with the step, as "
            "h and h squared do, until rounding takes over and they rise again, as 1/h. The complex step's error falls "
            f"as h squared and stays at the bottom. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        figure = Figure(figsize=(7.2, 4.2), layout="constrained")
        axes = figure.subplots()
        steps = 10 ** np.arange(-20, 0.01, 0.1)
        for method, (marker, colour) in METHODS.items():
            errors = np.abs(np.array([self.numerical(method, h) for h in (*steps, self.h)]) - self.derived)
            name = "complex step" if method == "complex" else f"{method} difference"
            *curve, now = np.maximum(errors, FLOOR)
            axes.plot(steps, curve, ".", color=colour, markersize=2.5)
            axes.plot(self.h, now, marker, color=colour, markersize=8, markeredgecolor=PAPER, label=name, zorder=3)
        axes.axvline(self.h, color=FAINT, linewidth=1)
        axes.set(xscale="log", yscale="log", xlim=(SMALLEST, 2), ylim=(FLOOR / 2, 10))
        axes.set(xlabel="step $h$", ylabel=r"error of $\partial L / \partial w_{2,11}$")
        axes.legend(frameon=False, loc="center left")
        axes.spines[["top", "right"]].set_visible(False)
        return figure
