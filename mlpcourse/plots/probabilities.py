"""From scores to surprise: softmax, its overflow, the loss, softmax's Jacobian."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from mlpcourse import network
from mlpcourse.network import Array
from mlpcourse.plots.drawing import ON_CARD, listed, rounded
from mlpcourse.plots.palette import FAINT, INK, LINE, MARK, PAPER, sign, signed
from mlpcourse.plots.picture import Picture


def draw_softmax(z2: Array) -> Picture:
    """Bar charts of the logits z2 (K, 1), of their exponentials, and of the share of each, its probability."""
    z2 = np.ravel(z2).astype(float)
    steps = [
        ("logits $z_2$", z2, [sign(value) for value in z2]),
        ("exponentials $e^{z_2}$", np.exp(z2), FAINT),
        ("probabilities $A_2$", network.softmax(z2[:, None])[:, 0], MARK),
    ]
    figure = Figure(figsize=(8, 2.5), layout="constrained")
    for axes, (title, values, colour) in zip(figure.subplots(1, 3), steps, strict=True):
        bars = axes.bar([str(k + 1) for k in range(len(values))], values, color=colour, width=0.6)
        axes.bar_label(
            bars, [rounded(value) if value < 1e5 else f"{value:.1e}" for value in values], padding=2, fontsize=9
        )
        axes.axhline(0, color=FAINT, linewidth=1)
        axes.set(title=title, xlabel="class")
        axes.margins(y=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    logits, exponentials, probabilities = (listed(values) for _, values, _ in steps)
    return Picture(
        figure,
        f"Three bar charts with one bar for each class. Logits: {logits}. Their exponentials: {exponentials}. "
        f"Each exponential's share of the sum, the probabilities: {probabilities}.",
    )


def draw_overflow(z2: Array) -> Picture:
    """Where on the number line e^z fits in a float64, and where logits z2 (K, 1) lie before and after the shift."""
    z2 = np.ravel(z2)
    lowest = np.log(np.finfo(float).smallest_subnormal) - np.log(2)  # half of it is still rounded up
    largest = np.log(np.finfo(float).max)
    end = 1.25 * max(float(np.abs(z2).max()), largest)
    figure = Figure(figsize=(8, 2.3), layout="constrained")
    axes = figure.subplots()
    for left, right, hatch, text in [
        (-end, lowest, "..", "rounded to 0"), (lowest, largest, "", "$e^z$ fits"), (largest, end, "//", "inf"),
    ]:  # fmt: skip
        axes.axvspan(
            left, right, facecolor=LINE if hatch else PAPER, edgecolor=FAINT, alpha=0.35, hatch=hatch, linewidth=0
        )
        axes.text((left + right) / 2, 2.5, text, ha="center", va="center", bbox=ON_CARD)
    for height, places, text, colour, fill in [
        (1.6, z2, "logits", INK, PAPER), (0.6, z2 - z2.max(), "logits minus the largest", MARK, MARK),
    ]:  # fmt: skip
        axes.plot(
            places,
            np.full(len(places), height),
            "o",
            color=colour,
            markerfacecolor=fill,
            markersize=8,
            markeredgewidth=2,
        )
        axes.text(
            places.min() - 40, height, f"{text}: {listed(places)}", ha="right", va="center", fontsize=9, bbox=ON_CARD
        )
    arrow = {"arrowstyle": "-|>", "color": FAINT, "linewidth": 1.5, "shrinkA": 8, "shrinkB": 8}
    axes.annotate("", (0, 0.6), (z2.max(), 1.6), arrowprops=arrow)
    axes.set(xlabel="exponent z", xlim=(-end, end), ylim=(0, 3), yticks=[])
    axes.spines[["top", "left", "right"]].set_visible(False)
    return Picture(
        figure,
        f"A line of exponents z. Above {rounded(largest.round(1))} the exponential is too large for a float64, below "
        f"{rounded(lowest.round(1))} it is rounded to 0. The logits {listed(z2)} and, after the shift, "
        f"{listed(z2 - z2.max())}, where it fits.",
    )


def draw_surprise(probabilities: Array) -> Picture:
    """The surprise -log p with the probability of each class marked on it, and beside it the plain error 1 - p.

    Raises ValueError for a probability that is not above 0 and at most 1: its surprise cannot be drawn.
    """
    marked = np.ravel(probabilities)
    for value in marked[~((marked > 0) & (marked <= 1))]:
        raise ValueError(f"a probability above 0 and at most 1 can be drawn, but one is {value}")
    surprises = -np.log(marked) + 0.0
    p = np.geomspace(min(0.005, marked.min()), 1, 400)
    figure = Figure(figsize=(6.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(p, -np.log(p), color=INK, linewidth=2, label=r"surprise $-\log p$")
    axes.plot(p, 1 - p, color=FAINT, linewidth=2, linestyle="--", label="plain error $1 - p$")
    axes.plot(marked, surprises, "o", color=MARK, markersize=7)
    labels = [
        f"class {k}: p = {value:.3g}, surprise {surprise:.4f}"
        for k, (value, surprise) in enumerate(zip(marked, surprises, strict=True), start=1)
    ]
    for value, surprise, label in zip(marked, surprises, labels, strict=True):
        axes.annotate(label, (value, surprise), (10, 4), textcoords="offset points", annotation_clip=False)
    axes.set(
        xlabel="p, the probability that the true class was given",
        ylabel="loss",
        xlim=(-0.02, 1.28),
        xticks=np.linspace(0, 1, 6),
    )
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        "Two curves over the probability p of the true class, both 0 at p = 1. The surprise, -log p, is solid and "
        "rises without end towards p = 0. The plain error, 1 - p, is a dashed straight line that ends at 1. Marked: "
        + "; ".join(labels) + ".",
    )  # fmt: skip


def draw_change(before: Array, after: Array) -> Picture:
    """The probabilities (K, 1) before and after a change, with each one's difference."""
    before, after = np.ravel(before), np.ravel(after)
    classes = np.arange(1.0, len(before) + 1)
    changes = [f"{change:+.4f}".replace("-", "\N{MINUS SIGN}") for change in after - before]
    figure = Figure(figsize=(6.4, 2.8), layout="constrained")
    axes = figure.subplots()
    axes.bar(classes - 0.2, before, 0.38, color=PAPER, edgecolor=FAINT, hatch="//", label="before")
    axes.bar(classes + 0.2, after, 0.38, color=MARK, edgecolor=MARK, label="after")
    for x, height, change in zip(classes, np.maximum(before, after), changes, strict=True):
        axes.text(x, height + 0.02, change, ha="center", va="bottom")
    axes.set(xlabel="class", ylabel="probability", xticks=classes, ylim=(0, 1))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        "A bar chart with two bars for each class, its probability before (hatched) and after. "
        f"Before: {listed(before)}. After: {listed(after)}. Changes: {', '.join(changes)}.",
    )


def draw_jacobian(z2: Array) -> Picture:
    """diag(A2), minus A2 A2^T, and their sum, softmax's Jacobian, for logits z2 (K, 1), as heat maps on one scale."""
    A2 = network.softmax(z2)
    parts = {
        r"$\mathrm{diag}(A_2)$": np.diagflat(A2),
        r"$-\, A_2 A_2^T$": -A2 * A2.T,
        "$=\\; J$": network.softmax_jacobian(z2),
    }
    largest, classes = A2.max(), range(1, len(A2) + 1)
    figure = Figure(figsize=(8.6, 3.6), layout="constrained")
    for axes, (title, matrix) in zip(figure.subplots(1, 3), parts.items(), strict=True):
        axes.imshow(matrix, cmap=signed(), vmin=-largest, vmax=largest)
        for (row, column), entry in np.ndenumerate(matrix):
            colour = "white" if abs(entry) > 0.6 * largest else "black"
            text = f"{entry + 0:.3f}".replace("-0.000", "0.000").replace("-", "\N{MINUS SIGN}")
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=10 if len(A2) < 5 else 7)
        axes.set_xticks(range(len(A2)), classes)
        axes.set_yticks(range(len(A2)), classes)
        axes.set(title=title, xlabel="column $i$: the logit", ylabel="row $k$: the probability")
        axes.label_outer()
    rows = "; ".join(listed(row) for row in network.softmax_jacobian(z2))
    return Picture(
        figure,
        "Three square heat maps, every entry written out: the diagonal matrix of the probabilities, minus their outer "
        f"product, and the sum of the two, the Jacobian, with the rows {rows}. Positive is blue, negative orange.",
    )
