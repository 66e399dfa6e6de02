"""Training: decision regions, loss and accuracy, digits and what was read, what a slip costs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mlpcourse import network
from mlpcourse.network import Array, Params
from mlpcourse.plots.palette import FAINT, INK, MARK, SERIES
from mlpcourse.plots.picture import Picture
from mlpcourse.training import History

MARKERS = "o^sDvPX<>p"


def draw_decision_regions(params: Params, X: Array, y: Array) -> Picture:
    """What the network says at each point of the plane, as areas, and the examples X (2, N), y (K, N) as marks."""
    if np.shape(X)[0] != 2:
        raise ValueError(f"X has shape {np.shape(X)}, but a plane has two coordinates: X needs shape (2, N)")
    reach = 1.1 * float(np.abs(X).max())
    steps = np.linspace(-reach, reach, 300)
    plane = np.stack([axis.ravel() for axis in np.meshgrid(steps, steps)])
    z2 = network.forward(params, plane).z2.reshape(len(y), 300, 300)
    figure = Figure(figsize=(5.0, 5.0), layout="constrained")
    axes = figure.subplots()
    K = len(y)
    for k in range(K):
        lead = z2[k] - np.delete(z2, k, axis=0).max(axis=0)  # of class k over the best of the others
        if lead.max() > 0:
            axes.contourf(steps, steps, lead, levels=[0, lead.max()], colors=[SERIES[k]], alpha=0.22)
        if lead.min() < 0 < lead.max():
            axes.contour(steps, steps, lead, levels=[0], colors=INK, linewidths=0.6)
        mine = X[:, y[k] == 1]
        face: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5, "markersize": 6.5, "linestyle": ""}
        axes.plot(*mine, MARKERS[k], color=SERIES[k], label=f"class {k + 1}", **face)
    axes.set(aspect="equal", xlabel="$X_1$", ylabel="$X_2$", xlim=(-reach, reach), ylim=(-reach, reach))
    axes.legend(loc="upper center", ncols=K, frameon=False, bbox_to_anchor=(0.5, 1.1), handletextpad=0.1)
    right = float(np.mean(network.predict(params, X) == y.argmax(axis=0)))
    return Picture(
        figure,
        f"The plane, divided into the regions where the network says class 1 to {K}, with {X.shape[1]} examples, a "
        f"different mark for each class; {right:.0%} of them lie in the region of their own class.",
    )


def draw_history(history: History) -> Picture:
    """Loss and accuracy after each epoch, for the training set and, where there is one, the validation set."""
    figure = Figure(figsize=(8.4, 3.0), layout="constrained")
    epochs = np.arange(1, len(history.loss) + 1)
    said = []
    pairs = (("loss", history.loss, history.val_loss), ("accuracy", history.accuracy, history.val_accuracy))
    for axes, (name, training, validation) in zip(figure.subplots(1, 2), pairs, strict=True):
        for label, curve, line, colour in (("training", training, "-", INK), ("test", validation, "--", MARK)):
            if len(curve):
                axes.plot(epochs, curve, line, color=colour, label=label, linewidth=1.6)
                said.append(f"{label} {name} from {curve[0]:.3f} to {curve[-1]:.3f}")
        axes.set(xlabel="epoch", title=name, ylim=(0, None if name == "loss" else 1.02))
        axes.spines[["top", "right"]].set_visible(False)
        if len(validation):
            axes.legend(frameon=False)
    if not said:
        return Picture(figure, "Two empty charts, for loss and accuracy: not one epoch was finished.")
    return Picture(figure, f"Loss and accuracy over {len(epochs)} epochs: {'; '.join(said)}.")


def draw_digits(X: Array, labels: Array, predicted: Array | None = None) -> Picture:
    """Images (64, N), eight in a row, each with its label and, if given, what the network read instead."""
    N = X.shape[1]
    rows = max(1, -(-N // 8))
    figure = Figure(figsize=(8.4, 1.26 * rows - 0.09), layout="constrained")
    grid = figure.subplots(rows, 8, squeeze=False)
    captions = []
    for n, axes in enumerate(grid.flat):
        axes.axis("off")
        if n < N:
            axes.imshow(X[:, n].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            captions.append(f"{labels[n]}" if predicted is None else f"{labels[n]}, read as {predicted[n]}")
            axes.set_title(captions[-1], fontsize=10.5, color=INK)
    return Picture(figure, f"{N} handwritten digits of 8 by 8 pixels: {'; '.join(captions) or 'an empty picture'}.")


def draw_confusion(labels: Array, predicted: Array) -> Picture:
    """How often each true digit (row) was read as each digit (column)."""
    K = int(max(labels.max(), predicted.max())) + 1
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (labels, predicted), 1)
    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(counts), cmap="Greys", vmax=2 * np.sqrt(counts.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            mistake = row != column
            axes.text(
                column, row, str(count), ha="center", va="center", fontsize=11, color=MARK if mistake else INK,
                fontweight="bold" if mistake else "normal",
            )  # fmt: skip
    axes.set(xticks=range(K), yticks=range(K), xlabel="read as", ylabel="true digit")
    for side in (axes.xaxis, axes.yaxis):
        side.set_ticks(np.arange(K - 1) + 0.5, minor=True)
        side.set_tick_params(which="minor", length=0)
    axes.grid(which="minor", color="white", linewidth=1.5)
    mistakes = [f"{row} as {column}: {counts[row, column]}" for row, column in np.argwhere(counts) if row != column]
    return Picture(
        figure,
        f"Confusion matrix of {labels.size} digits. Read correctly: {counts.trace()}. "
        f"Mistakes, true digit as what was read: {'; '.join(mistakes) or 'none'}.",
    )


MANY = 50  # steps or epochs
STYLES = (
    (INK, "-", "o"), (MARK, "--", "s"), (SERIES[0], "-.", "^"), (SERIES[1], ":", "D"), (SERIES[2], "-", "v"),
    (FAINT, "--", "x"),
)  # fmt: skip


def draw_losses(curves: Mapping[str, Sequence[float]], top: float = 100, per: str = "step") -> Picture:
    """Loss against step for each name in ``curves``, on a logarithmic axis; what passes ``top`` leaves the picture.

    per: what is counted along the picture, "step" or "epoch"; more than MANY are counted on a logarithmic axis, too.
    """
    if len(curves) > len(STYLES):
        raise ValueError(f"curves holds {len(curves)} curves, but only {len(STYLES)} can be told apart without colour")
    figure = Figure(figsize=(7.4, 3.8), layout="constrained")
    axes = figure.subplots()
    fates = []
    longest = max(len(losses) for losses in curves.values())
    for (name, losses), (colour, line, marker) in zip(curves.items(), STYLES, strict=False):
        values = np.asarray(losses, dtype=float)
        steps = np.arange(1, len(values) + 1)
        spread = np.geomspace if longest > MANY else np.linspace
        marked = np.unique(spread(1, len(values), 12).round(9).astype(int)) - 1
        points = {"marker": marker, "markevery": marked.tolist(), "markersize": 4.5}
        axes.plot(steps, values, line, color=colour, label=name, **points)
        fates.append(f"{name} {f'ends at {values[-1]:.1f}' if values[-1] <= top else 'leaves the picture at the top'}")
    lowest = min(float(np.min(losses)) for losses in curves.values())
    axes.set(yscale="log", xlabel=per, ylabel="loss $L$", ylim=(lowest / 2, top))
    if longest > MANY:
        axes.set_xscale("log")
    else:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(figure, f"Loss, on a logarithmic axis, against {per}: {'; '.join(fates)}.")
