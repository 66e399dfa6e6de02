"""The way back, one step at a time: paths, errors, outer products, the gate, the whole backward pass."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mlpcourse import network
from mlpcourse.network import Array, Params
from mlpcourse.plots.drawing import ON_CARD, TIMES, Point, in_words, listed, node, rounded, table
from mlpcourse.plots.palette import FAINT, INK, MARK, PAPER, sign, tint
from mlpcourse.plots.picture import Picture


def draw_path_sum(
    start: str, via: Sequence[str], first: npt.ArrayLike, second: npt.ArrayLike, end: str = "L"
) -> Picture:
    """The chain rule over several paths: ``start`` reaches ``end`` through every name in ``via`` (LaTeX, no dollars).

    first, second: the derivative along each path's first and second arrow, one number for each name in ``via``.
    A path whose product is 0 is dashed. Raises ValueError when the lengths differ.
    """
    to_via, to_end = np.ravel(first), np.ravel(second)
    if not len(via) == to_via.size == to_end.size:
        raise ValueError(
            f"via, first and second need one entry for each path, but have {len(via)}, {to_via.size} and {to_end.size}"
        )
    products = to_via * to_end
    figure = Figure(figsize=(8.6, 0.9 + 0.9 * len(via)), layout="constrained")
    axes = figure.subplots()
    heights = np.arange(len(via))[::-1].astype(float)
    middle = float(heights.mean())
    sentences = []
    for name, height, one, two, product in zip(via, heights, to_via, to_end, products, strict=True):
        alive = abs(product) > 5e-5
        line = {"linewidth": 2.2, "linestyle": "-"} if alive else {"linewidth": 1.2, "linestyle": (0, (4, 3))}
        arrow = {"arrowstyle": "-|>", "shrinkA": 20, "shrinkB": 20, "mutation_scale": 14, **line}
        for tail, head, slope, at in (((0, middle), (4, height), one, 0.56), ((4, height), (8, middle), two, 0.44)):
            axes.annotate("", head, tail, arrowprops={**arrow, "color": sign(slope) if alive else FAINT})
            x, y = (tail[0] + at * (head[0] - tail[0]), tail[1] + at * (head[1] - tail[1]))
            axes.text(x, y, rounded(slope), ha="center", va="center", fontsize=10.5, color=INK, bbox=ON_CARD)
        node(axes, 4, height, name)
        factor = rounded(two) if two >= -5e-5 else f"({rounded(two)})"
        share = f"{rounded(one)} {TIMES} {factor} = {rounded(product)}"
        axes.text(9, height, share, va="center", fontsize=10.5, color=INK if alive else FAINT)
        sentences.append(f"through {in_words(name)}: {share}")
    node(axes, 0, middle, start)
    node(axes, 8, middle, end)
    axes.plot([9, 13], [-0.4, -0.4], color=INK, linewidth=1)
    total = f"sum of the paths: {rounded(products.sum())}"
    axes.text(9, -0.65, total, va="center", fontsize=10.5, weight="bold", color=INK)
    axes.text(4, -0.75, "on an arrow: the derivative of its head by its tail", ha="center", fontsize=9, color=FAINT)
    axes.set(xlim=(-0.6, 13.3), ylim=(-0.95, len(via) - 0.5))
    axes.axis("off")
    return Picture(
        figure, f"{len(via)} paths from {in_words(start)} to {in_words(end)}; {'; '.join(sentences)}; {total}."
    )


def draw_output_error(A2: Array, y: Array) -> Picture:
    """A2 and y of one example as bars and marks, and an arrow for the way downhill, which is -delta2 = y - A2."""
    A2, y = np.ravel(A2), np.ravel(y)
    classes = np.arange(1, A2.size + 1)
    figure = Figure(figsize=(6.4, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.bar(classes, A2, width=0.5, color=PAPER, edgecolor=INK, label="$A_2$: what the network says")
    axes.plot(classes, y, "D", color=INK, markersize=8, label="$y$: what is true")
    sentences = []
    for at, said, true in zip(classes, A2, y, strict=True):
        arrow = {"arrowstyle": "-|>", "color": MARK, "linewidth": 2, "mutation_scale": 14, "shrinkA": 0, "shrinkB": 5}
        axes.annotate("", (at, true), (at, said), arrowprops=arrow)
        sentences.append(f"class {at}: {rounded(said)} and {rounded(true)}, error {rounded(said - true)}")
    axes.plot([], [], color=MARK, linewidth=2, label="downhill: from $A_2$ to $y$")
    labels = [f"class {at}\n$\\delta_{{2{at}}}$ = {rounded(A2[at - 1] - y[at - 1])}" for at in classes]
    axes.set_xticks(classes, labels, fontsize=10.5, color=INK)
    axes.set(xlim=(0.5, A2.size + 0.95), ylim=(-0.08, 1.08), yticks=[0, 0.5, 1])
    axes.legend(frameon=False, fontsize=9, loc="upper right")
    axes.spines[["top", "right"]].set_visible(False)
    return Picture(figure, f"Probability and truth of each class; {'; '.join(sentences)}.")


def draw_outer_product(down: Array, across: Array, names: tuple[str, str, str]) -> Picture:
    """The table of all products of ``down`` (at the side) and ``across`` (along the top).

    names: LaTeX, without dollars, of the two and of their outer product.
    """
    down, across = np.ravel(down), np.ravel(across)
    (rows, columns), product = (down.size, across.size), np.outer(down, across)
    figure = Figure(figsize=(1.5 + 0.95 * (columns + 1), 0.7 + 0.5 * (rows + 1)), layout="constrained")
    axes = figure.subplots()
    table(axes, across[None, :], left=2.1, top=1.2)
    table(axes, down[:, None])
    table(axes, product, left=2.1, face=lambda row, column, entry: tint(entry, 0.2))
    right = 2.1 + 1.7 * columns + 0.3
    axes.text(0.85, -0.8 * rows - 0.35, f"${names[0]}$", ha="center", va="center", fontsize=13, color=INK)
    axes.text(right, 0.8, f"${names[1]}$", va="center", fontsize=13, color=INK)
    axes.text(right, -0.4 * rows, f"${names[2]}$", va="center", fontsize=13, color=INK)
    axes.text(0.85, 0.8, TIMES, ha="center", va="center", fontsize=14, color=INK)
    axes.set(xlim=(-0.05, right + 1.9), ylim=(-0.8 * rows - 0.7, 1.25), aspect="equal")
    axes.axis("off")
    entries = "; ".join("row " + ", ".join(map(rounded, row)) for row in product)
    sides = f"{in_words(names[0])} down the side: {', '.join(map(rounded, down))}; {in_words(names[1])} along the top"
    return Picture(
        figure,
        f"{sides}: {', '.join(map(rounded, across))}. Each cell, tinted by sign and size, is a product; {entries}.",
    )


def draw_row_and_column(w2: Array, k: int, j: int) -> Picture:
    """w2 twice: row k, which makes the logit of class k, and column j, along which the errors return to unit j."""
    (rows, columns) = w2.shape
    figure = Figure(figsize=(9, 0.7 + 0.55 * rows), layout="constrained")
    for axes, forward in zip(figure.subplots(1, 2), (True, False), strict=True):
        used = np.zeros(w2.shape, dtype=bool)
        used[(k - 1, slice(None)) if forward else (slice(None), j - 1)] = True
        table(axes, w2, face=lambda row, column, _, used=used: (MARK, 0.15 if used[row, column] else 0))  # type: ignore[misc]
        corner, size = (
            ((0, -0.8 * k), (1.7 * columns, 0.8)) if forward else ((1.7 * (j - 1), -0.8 * rows), (1.7, 0.8 * rows))
        )
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=MARK, linewidth=3))
        title = (
            f"forward: row {k} makes $z_{{2{k}}}$"
            if forward
            else f"backward: column {j} makes $\\partial L/\\partial A_{{1{j}}}$"
        )
        axes.set_title(title, fontsize=11, color=INK)
        axes.set(xlim=(-0.1, 1.7 * columns + 0.1), ylim=(-0.8 * rows - 0.1, 0.1), aspect="equal")
        axes.axis("off")
    return Picture(figure, f"The matrix w2 twice. On the left row {k} is framed, on the right column {j}.")


def draw_relu(z1: Array) -> Picture:
    """ReLU with the given units on it and its subgradients at 0; beside it the slope, with both choices at 0."""
    z1 = np.ravel(z1)
    reach = max(1.5, 1.2 * float(np.abs(z1).max()))
    ends = np.array([-reach, 0, reach])
    figure = Figure(figsize=(9, 3.3), layout="constrained")
    left, right = figure.subplots(1, 2)
    for slope in (0.25, 0.5, 0.75):
        left.plot(
            ends,
            slope * ends,
            color=FAINT,
            linewidth=1.2,
            linestyle=":",
            label="slopes between 0 and 1" if slope == 0.5 else None,
        )
    left.plot(ends, np.maximum(ends, 0), color=INK, linewidth=2.5, label="ReLU")
    left.plot(z1, np.maximum(z1, 0), "o", color=MARK, label="the hidden units")
    for unit, score in enumerate(z1, start=1):
        left.annotate(str(unit), (score, max(score, 0)), (-4, 6), textcoords="offset points", ha="right", color=INK)
    left.set(title=r"$A_1 = \mathrm{ReLU}(z_1)$", xlabel="$z_1$", ylim=(-0.5 * reach, 1.1 * reach))
    right.plot(ends[:2], [0, 0], color=INK, linewidth=2.5)
    right.plot(ends[1:], [1, 1], color=INK, linewidth=2.5)
    right.plot([0, 0], [0, 1], color=FAINT, linewidth=1.2, linestyle=":")
    right.plot(0, 1, "o", color=INK, markersize=9, label="at 0: 1, as the handout chooses")
    right.plot(0, 0, "s", markerfacecolor=PAPER, markeredgecolor=MARK, markeredgewidth=2, markersize=8,
               label="at 0: 0, as PyTorch, JAX and TensorFlow choose")  # fmt: skip
    for x, y, word in ((-reach / 2, 0.08, "closed: 0"), (reach / 2, 1.08, "open: 1")):
        right.text(x, y, word, ha="center", color=INK)
    right.set(title="its slope: the gate", xlabel="$z_1$", ylim=(-0.25, 1.8), yticks=[0, 1])
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=9, loc="upper left")
        axes.spines[["top", "right"]].set_visible(False)
    return Picture(
        figure,
        "Left: ReLU is 0 below 0 and rises with slope 1 above it; three dotted lines touch it at 0 only. Right: its "
        "slope, 0 below 0 and 1 above. At 0 a dot marks the handout's choice 1, a square the choice 0.",
    )


def draw_weight_paths(params: Params, j: int, d: int) -> Picture:
    """Every way from the weight w1_jd (j, d counted from 1) to the loss: through one z1, then through every logit."""
    (H, D), K = params.w1.shape, params.w2.shape[0]
    if not (1 <= j <= H and 1 <= d <= D):
        raise ValueError(f"j, d = {j}, {d}, but w1 has shape {params.w1.shape}: they count 1 to {H} and 1 to {D}")
    figure = Figure(figsize=(7.6, 0.62 * max(H, D, K) + 0.5), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    layers = {"X": (0.0, D), "z_1": (2.0, H), "A_1": (3.3, H), "z_2": (5.3, K), "L": (7.2, 1)}
    spots = {name: [(x, (size - 1) / 2 - row) for row in range(size)] for name, (x, size) in layers.items()}
    chosen = {"X": {d - 1}, "z_1": {j - 1}, "A_1": {j - 1}, "z_2": set(range(K)), "L": {0}}
    for left, right in itertools.pairwise(layers):
        for row, other in itertools.product(range(layers[left][1]), range(layers[right][1])):
            if left == "z_1" and row != other:
                continue
            on = row in chosen[left] and other in chosen[right]
            ends = zip(spots[left][row], spots[right][other], strict=True)
            axes.plot(*ends, color=MARK if on else FAINT, linewidth=2.8 if on else 0.7, zorder=1)
    for name, places in spots.items():
        for row, (x, height) in enumerate(places):
            on = row in chosen[name]
            label = "$L$" if name == "L" else f"${name[0]}_{{{name[2:]}{row + 1}}}$"
            edge = {"edgecolor": MARK if on else FAINT, "linewidth": 2.2 if on else 0.8}
            box = {"boxstyle": "circle,pad=0.28", "facecolor": PAPER, **edge}
            axes.text(x, height, label, ha="center", va="center", fontsize=12, zorder=2, bbox=box)
    near = _apart(spots["X"], spots["z_1"], d - 1, j - 1)
    text: dict[str, Any] = {"color": MARK, "fontsize": 13, "ha": "center", "va": "center", "zorder": 3, "bbox": ON_CARD}
    axes.text(*near, f"$w_{{1,{j}{d}}}$", **text)
    top = max(D, H, K) / 2 + 0.2
    axes.text(layers["z_1"][0], top, "one door", ha="center", color=MARK, fontsize=11)
    axes.text((layers["A_1"][0] + layers["z_2"][0]) / 2, top, f"{K} ways", ha="center", color=MARK, fontsize=11)
    axes.set(xlim=(-0.4, 7.6), ylim=(-top + 0.1, top + 0.3))
    return Picture(
        figure,
        f"The network as a graph. Thick lines lead from input {d} along the weight w1,{j}{d} into z1 of unit {j} only, "
        f"on to A1 of unit {j}, from there to all {K} logits, and from each of them to the loss.",
    )


def _apart(tails: Sequence[Point], heads: Sequence[Point], tail: int, head: int) -> Point:
    """Where on one line of two layers, neither near its ends, a label is farthest from all other lines."""
    along = np.linspace(0.25, 0.75, 51)
    places = np.array([[(1 - t) * np.array(a) + t * np.array(b) for t in along] for a in tails for b in heads])
    mine = tail * len(heads) + head
    distances = np.abs(np.delete(places, mine, axis=0)[..., 1] - places[mine, :, 1]).min(axis=0, initial=np.inf)
    x, y = places[mine, int(distances.argmax())]
    return float(x), float(y)


def draw_backward(params: Params, X: Array, y: Array) -> Picture:
    """The forward pass above, the backward pass below it, and the four gradients, with the numbers of one example."""
    if np.shape(X)[1] != 1:
        raise ValueError(f"X has shape {np.shape(X)}, but the picture is of one example: X needs one column")
    values = network.forward(params, X)
    delta2 = network.output_delta(values.A2, y)
    dA1 = network.hidden_signal(params.w2, delta2)
    delta1 = network.hidden_delta(dA1, values.z1)
    grads = network.backward(params, X, y)
    columns = {"X": X, **dict(zip(("z_1", "A_1", "z_2", "A_2"), values, strict=True)), "L": network.loss(params, X, y)}
    at = {"X": 0.0, "z_1": 2.0, "A_1": 4.1, "z_2": 6.2, "A_2": 8.2, "L": 10.0}
    half = 0.1 * max(len(column) for column in values) + 0.2  # the height of a box in inches, which are the units
    below, middle, top = half, 3 * half + 0.6, 5 * half + 1.2
    figure = Figure(figsize=(9.2, top + half + 0.1), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")

    for name, column in columns.items():
        _box(axes, at[name], top, f"${name}$", np.atleast_2d(column), INK)
    steps = ("$w_1,\\ b_1$", "ReLU", "$w_2,\\ b_2$", "softmax", "$y$")
    for (left, right), label in zip(itertools.pairwise(at), steps, strict=True):
        _arrow(axes, (at[left] + 0.6, top), (at[right] - 0.6, top), INK, label)

    _box(axes, 8.2, middle, r"$\delta_2 = A_2 - y$", delta2, MARK)
    _box(axes, 4.1, middle, r"$w_2^\top \delta_2$", dA1, MARK)
    _box(axes, 1.3, middle, r"$\delta_1$", delta1, MARK)
    _arrow(axes, (8.2, top - half), (8.2, middle + half), MARK)
    _arrow(axes, (7.2, middle), (4.75, middle), MARK, r"$w_2^\top$", along=0.25)
    _arrow(axes, (3.45, middle), (1.9, middle), MARK, "gate")
    _arrow(axes, (at["z_1"] + 0.1, top - half - 0.05), (2.6, middle + 0.35), INK, line=":")  # to the gate

    for x, layer, dw, db, inputs in ((7.6, 2, grads.w2, grads.b2, "A_1"), (2.1, 1, grads.w1, grads.b1, "X")):
        delta = rf"\delta_{layer}"
        _box(axes, x - 0.95, below, rf"$\partial L/\partial w_{layer} = {delta}\,{inputs}^\top$", dw, MARK)
        _box(axes, x + 1.45, below, rf"$\partial L/\partial b_{layer} = {delta}$", db, MARK)
    reach = below + half
    for x, foot in ((8.2, 7.2), (8.2, 9.0), (1.3, 1.4), (1.3, 3.2)):
        _arrow(axes, (x, middle - half), (foot, reach), MARK)
    _arrow(axes, (at["A_1"] + 0.2, top - half - 0.05), (6.2, reach), INK, line=":")
    _arrow(axes, (at["X"], top - half), (0.5, reach), INK, line=":")
    axes.set(xlim=(-0.6, 10.6), ylim=(-0.05, top + half + 0.05))
    said = "; ".join(f"{name.replace('_', '')} is {listed(column)}" for name, column in columns.items())
    gradients = "; ".join(f"d{name} is {listed(grad)}" for name, grad in grads._asdict().items())
    return Picture(
        figure,
        f"Upper row, the forward pass: {said}. Middle row, the backward pass: delta2 is {listed(delta2)}; w2 "
        f"transposed times it {listed(dA1)}; through the gate, delta1 is {listed(delta1)}. Lower row, the gradients "
        f"of each delta: {gradients}. Dotted lines bring A1, z1 and X down from the forward pass.",
    )


def _box(axes: Axes, x: float, y: float, title: str, array: Array, colour: str) -> None:
    """A frame with a name and, row by row, the entries of ``array``, point below point."""
    columns = []
    for column in array.T:
        parts = [rounded(entry).partition(".") for entry in column]
        before, after = (max(len(part[side]) for part in parts) for side in (0, 2))
        gap = " " if after else ""
        columns.append([f"{whole:>{before}}{point or gap}{rest.ljust(after)}" for whole, point, rest in parts])
    rows = ["  ".join(row) for row in zip(*columns, strict=True)]
    style = {"boxstyle": "round,pad=0.35", "facecolor": PAPER, "edgecolor": colour, "linewidth": 1.6}
    text = axes.text(x, y, "\n".join([title, *rows]), ha="center", va="center", fontsize=10, zorder=3, bbox=style)
    text.set(linespacing=1.3, family="DejaVu Sans Mono")


def _arrow(
    axes: Axes, start: Point, end: Point, colour: str, label: str = "", *, line: str = "-", along: float = 0.4
) -> None:
    style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "linestyle": line, "mutation_scale": 12}
    axes.annotate("", end, start, arrowprops={**style, "shrinkA": 0, "shrinkB": 0}, zorder=2)
    x = (1 - along) * start[0] + along * end[0]
    axes.text(x, start[1] + 0.12, label, ha="center", va="bottom", fontsize=10.5, color=colour)
