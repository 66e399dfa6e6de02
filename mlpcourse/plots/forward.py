"""The forward pass: the affine step, shapes, the network as a graph."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mlpcourse import network
from mlpcourse.network import Array, Params
from mlpcourse.plots.drawing import Point, in_words, listed, rounded, table
from mlpcourse.plots.palette import CARD, FAINT, INK, MARK, PAPER, sign
from mlpcourse.plots.picture import Picture


def draw_affine(w: Array, X: Array, b: Array, names: tuple[str, str, str, str] = ("w_1", "X", "b_1", "z_1")) -> Picture:
    """w X + b for one example, entry by entry, with the row of w framed that makes the first entry of the result."""
    result = np.einsum("rd,dn->rn", w, X) + b  # w @ X, by a loop that raises no flags (see network.checked)
    figure = Figure(figsize=(7.0, 0.4 * len(w) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    left = 0.0
    shapes = []
    for (name, array), symbol in zip(zip(names, (w, X, b, result), strict=True), ("·", "+", "=", ""), strict=True):
        top = 0.4 * (len(w) - len(array))  # centred
        table(axes, array, left, -top)
        width = 1.7 * array.shape[1]
        shape = f"({array.shape[0]}, {array.shape[1]})"
        axes.text(left + width / 2, 0.75, f"${name}$  {shape}", ha="center", va="center", fontsize=11.5, color=INK)
        rows = len(array) if name == names[1] else 1
        frame: dict[str, Any] = {"edgecolor": MARK, "facecolor": "none", "linewidth": 2.6, "zorder": 5}
        axes.add_patch(Rectangle((left, -top), width, -0.8 * rows, **frame))
        axes.text(left + width + 0.5, -0.4 * len(w), symbol, ha="center", va="center", fontsize=15, color=INK)
        left += width + 1.0
        shapes.append(f"{in_words(name)} {shape} is {listed(array)}")
    axes.set(xlim=(-0.2, left - 0.8), ylim=(-0.8 * len(w) - 0.2, 1.2))
    return Picture(
        figure,
        "{} times {} plus {} gives {}: {}. ".format(*map(in_words, names), "; ".join(shapes))
        + "A frame marks the first row of the matrix, the column, the first entry of the bias, and what they make.",
    )


def draw_shapes(D: int, H: int, N: int) -> Picture:
    """w1 X + b1 = z1 as boxes with the sides that their shapes give: which sides must agree, and which remain."""
    size = {"D": D, "H": H, "N": N, "1": 1}
    side = {letter: max(0.35, 3 * value / max(D, H, N)) for letter, value in size.items()}
    figure = Figure(figsize=(8.4, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    outline: dict[str, Any] = {"facecolor": PAPER, "edgecolor": INK, "linewidth": 1.3}
    repeated: dict[str, Any] = {"facecolor": "none", "edgecolor": FAINT, "linewidth": 1.2, "linestyle": ":"}
    line: dict[str, Any] = {"color": MARK, "linewidth": 5, "solid_capstyle": "butt"}
    text: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
    edge = max(side["D"], side["H"]) / 2
    left, shapes = 0.0, []
    for name, rows, columns, symbol in (
        ("w_1", "H", "D", "·"),
        ("X", "D", "N", "+"),
        ("b_1", "H", "1", "="),
        ("z_1", "H", "N", ""),
    ):
        height, width, room = side[rows], side[columns], side["N" if name == "b_1" else columns]
        middle = left + max(room, 1.1) / 2
        x, y = middle - room / 2, -height / 2
        axes.add_patch(Rectangle((x, y), width, height, **outline))
        if room > width:
            axes.add_patch(Rectangle((x + width, y), room - width, height, **repeated))
            axes.text(x + (width + room) / 2, 0, "repeated", fontsize=9.5, **text)
        if name == "w_1":
            axes.plot([x, x + width], [-y, -y], **line)
        if name == "X":
            axes.plot([x, x], [y, -y], **line)
        axes.text(middle, edge + 0.45, f"${name}$", fontsize=13, **text)
        shapes.append(f"({size[rows]}, {size[columns]})")
        axes.text(middle, -edge - 0.65, f"$({rows}, {columns})$\n{shapes[-1]}", fontsize=11, linespacing=1.6, **text)
        left += max(room, 1.1) + 0.9
        axes.text(left - 0.45, 0, symbol, fontsize=15, **text)
    axes.set(xlim=(-0.2, left - 0.7), ylim=(-edge - 1.15, edge + 0.8), aspect="equal")
    return Picture(
        figure,
        f"Four boxes with rows and columns in proportion: w1 {shapes[0]} times X {shapes[1]} plus b1 {shapes[2]}"
        f"{', repeated for each column,' if N > 1 else ''} gives z1 {shapes[3]}. Marked are the columns of w1 and the "
        f"rows of X: both are D = {D}, and D does not appear in the result.",
    )


def draw_network(params: Params, X: Array, y: Array) -> Picture:
    """The network as a graph with the numbers of one example; dotted lines leave a unit whose gate is closed."""
    if np.shape(X)[1] != 1:
        raise ValueError(f"X has shape {np.shape(X)}, but the picture is of one example: X needs one column")
    values = network.forward(params, X)
    (H, D), K = params.w1.shape, params.w2.shape[0]
    tallest = max(D, H, K)
    figure = Figure(figsize=(9.4, 1.0 * tallest + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    at = {"X": (0.0, D), "hidden": (3.4, H), "output": (7.2, K), "L": (10.0, 1)}
    spots = {name: [(x, (size - 1) / 2 - row) for row in range(size)] for name, (x, size) in at.items()}

    def edge(start: Point, end: Point, weight: float, live: bool, along: float) -> None:
        colour = sign(weight) if live else FAINT
        axes.plot(*zip(start, end, strict=True), color=colour, linewidth=1.5, linestyle="-" if live else ":", zorder=1)
        x, height = ((1 - along) * a + along * b for a, b in zip(start, end, strict=True))
        plain = {"facecolor": CARD, "edgecolor": "none", "pad": 0.6}
        axes.text(x, height, rounded(weight), ha="center", va="center", fontsize=9, color=colour, bbox=plain, zorder=2)

    def node(spot: Point, text: str, dashed: bool = False) -> None:
        box = {"boxstyle": "round,pad=0.4", "facecolor": PAPER, "edgecolor": INK, "linewidth": 1.3}
        box["linestyle"] = ":" if dashed else "-"
        axes.text(*spot, text, ha="center", va="center", fontsize=10.5, color=INK, zorder=3, bbox=box, linespacing=1.4)

    closed = values.z1[:, 0] < 0
    for (j, d), weight in np.ndenumerate(params.w1):
        edge(spots["X"][d], spots["hidden"][j], weight, live=True, along=0.72)
    for (k, j), weight in np.ndenumerate(params.w2):
        edge(spots["hidden"][j], spots["output"][k], weight, live=not closed[j], along=0.26)
    for k in range(K):
        ends = zip(spots["output"][k], spots["L"][0], strict=True)
        axes.plot(*ends, color=INK if y[k, 0] else FAINT, linewidth=2.2 if y[k, 0] else 0.7, zorder=1)
    for d in range(D):
        node(spots["X"][d], f"$X_{d + 1} = {rounded(X[d, 0])}$")
    for j in range(H):
        z1, A1 = (rounded(array[j, 0]) for array in (values.z1, values.A1))
        node(spots["hidden"][j], f"$z_{{1{j + 1}}} = {z1}$\n$A_{{1{j + 1}}} = {A1}$", dashed=bool(closed[j]))
    for k in range(K):
        z2, A2 = (rounded(array[k, 0]) for array in (values.z2, values.A2))
        node(spots["output"][k], f"$z_{{2{k + 1}}} = {z2}$\n$A_{{2{k + 1}}} = {A2}$\n$y_{k + 1} = {rounded(y[k, 0])}$")
    node(spots["L"][0], f"$L = {rounded(network.loss(params, X, y))}$")
    low = -tallest / 2 - 0.35
    for x, bias, name in ((3.4, params.b1, "b_1"), (7.2, params.b2, "b_2")):
        axes.text(x, low, f"${name} = ({listed(bias)})$", ha="center", fontsize=10, color=FAINT)
    axes.set(xlim=(-0.9, 10.9), ylim=(low - 0.15, tallest / 2 + 0.05))
    said = "; ".join(f"{name} is {listed(array)}" for name, array in values._asdict().items())
    shut = ", ".join(str(j + 1) for j in np.flatnonzero(closed)) or "none"
    return Picture(
        figure,
        f"The network as a graph, from {D} inputs ({listed(X)}) through {H} hidden units and {K} classes to the loss "
        f"{rounded(network.loss(params, X, y))}: {said}. Units with a closed gate, whose lines are dotted: {shut}.",
    )
