"""A batch, and gradients measured: sums of outer products, step sizes, a kink."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mlpcourse.gradcheck import EPS, numerical_gradient
from mlpcourse.network import Array
from mlpcourse.plots.drawing import listed
from mlpcourse.plots.palette import FAINT, INK, MARK, SERIES, signed
from mlpcourse.plots.picture import Picture


def draw_outer_sum(delta: Array, inputs: Array) -> Picture:
    """One outer product for each example, and their sum, delta (K, N) times inputs (H, N) transposed."""
    N = delta.shape[1]
    parts = [delta[:, [n]] * inputs[:, n] for n in range(N)]
    parts.append(np.sum(parts, axis=0))
    top = max(float(np.abs(part).max()) for part in parts)
    rows, columns = parts[0].shape
    side_by_side = min(N + 1, 3)  # more would be too small to read
    below = -(-(N + 1) // side_by_side)
    size = (side_by_side * (0.5 * columns + 0.35), below * (0.36 * rows + 0.4))
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(below, side_by_side, squeeze=False).ravel()
    for n, (axes, part) in enumerate(zip(grid, parts, strict=False)):
        axes.imshow(part, cmap=signed(), vmin=-1.3 * top, vmax=1.3 * top, aspect="auto")
        for (row, column), entry in np.ndenumerate(part):
            colour = "white" if abs(entry) > 0.75 * top else "black"
            axes.text(column, row, _two_decimals(entry), ha="center", va="center", fontsize=9.5, color=colour)
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"example {n + 1}" if n < N else "sum", fontsize=10.5, fontweight="normal" if n < N else "bold")
        axes.yaxis.set_label_position("right")
        axes.set_ylabel("+" if n < N - 1 else "=" if n < N else "", fontsize=13, rotation=0, ha="left", va="center")
    for axes in grid[N + 1 :]:
        axes.axis("off")
    total = "; ".join(listed(row) for row in parts[-1])
    return Picture(figure, f"{N} tables of {rows} by {columns}, one outer product an example, and their sum: {total}.")


def _two_decimals(x: float) -> str:
    return "0" if abs(x) < 0.005 else f"{x:.2f}".replace("-", "\N{MINUS SIGN}")


def draw_step_sizes(f: Callable[[Any], Any], x: float, exact: float) -> Picture:
    """The error of the numerical derivatives of f at x against their step, on logarithmic axes. ``exact``: f'(x)."""
    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    axes = figure.subplots()
    steps = np.logspace(-16, -1, 61)
    # Where all three agree, the larger markers lie below the smaller ones.
    styles = {"complex": ("^", SERIES[2], 7), "central": ("s", SERIES[1], 4.5), "forward": ("o", SERIES[0], 3)}
    for method, (marker, colour, size) in styles.items():
        slopes = [numerical_gradient(lambda value: f(value[()]), x, method, step=h) for h in steps]
        errors = np.abs(np.array(slopes) - exact) / abs(exact)
        name = "complex step" if method == "complex" else f"{method} difference"
        shown = np.maximum(errors, EPS / 4)  # an error of 0 has no place on this axis
        axes.plot(steps, shown, marker + "-", color=colour, markersize=size, linewidth=1, label=name)
    axes.set(xscale="log", yscale="log", xlabel="step $h$", ylabel="relative error", ylim=(2e-17, 30))
    axes.text(1e-13, 0.08, "rounding grows: $\\varepsilon/h$", color=FAINT, fontsize=10)
    axes.text(3e-3, 4e-9, "Taylor: $h^2$", color=FAINT, fontsize=10, ha="left", va="top")
    axes.text(1.5e-5, 3e-4, "Taylor: $h$", color=FAINT, fontsize=10, ha="right", va="bottom")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(0.0, 0.3))
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        "Error against step, both logarithmic. Forward and central difference each form a V: the error falls with the "
        "step, down to about 1e-8 for forward and 1e-11 for central, then grows again. The complex step falls to 1e-16 "
        "and stays there.",
    )


def draw_kink(f: Callable[[float], Any], at: float, width: float = 0.5) -> Picture:
    """f on both sides of a kink at ``at``, and a central difference that reaches across it."""
    figure = Figure(figsize=(6.4, 3.2), layout="constrained")
    axes = figure.subplots()
    x, h = np.linspace(at - width, at + width, 201), width / 2
    ends = [f(at - h), f(at + h)]
    axes.plot(x, [f(value) for value in x], color=INK, linewidth=2.2, label="the loss")
    slope = (ends[1] - ends[0]) / (2 * h)
    slopes = [(f(at + side * 1e-6) - f(at)) / (side * 1e-6) + 0.0 for side in (-1, 1)]
    label = f"central difference across the kink: slope {slope:.2f}"
    axes.plot([at - h, at + h], ends, "s--", color=FAINT, linewidth=1.6, label=label)
    axes.plot([at], [f(at)], "o", color=MARK, markersize=8, label="the kink")
    axes.set(xlabel="the parameter", ylabel="$L$")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        f"The loss has slope {slopes[0]:.2f} to the left of {at:g} and {slopes[1]:.2f} to the right of it. A dashed "
        f"line joins two points of the curve, one on each side of the kink: its slope is {slope:.2f}.",
    )
