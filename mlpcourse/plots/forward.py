"""Still pictures. Each function returns a ``Picture``: a PNG with alt text, and that text where there is no screen.

Colour is never alone: a sign, a line style, a frame or a label says the same.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mlpcourse import network
from mlpcourse.gradcheck import EPS, numerical_gradient
from mlpcourse.network import Array, Params
from mlpcourse.plots.picture import Picture, picture
from mlpcourse.training import History

INK, FAINT = "#1f2328", "#57606a"
PLUS, MINUS, MARK = "#0b62a4", "#b3470a", "#7a3fb5"  # above zero, below zero, what is pointed at
PALE_PLUS, PALE_MINUS = "#dbe9f6", "#fbe3cf"
TIMES = "\N{MULTIPLICATION SIGN}"

Point = tuple[float, float]

# --- the forward pass and training (lessons 01 and 10) --------------------------------------------

CLASSES = ("#0b62a4", "#b3470a", "#1a7f37", "#7a3fb5", "#8a6d00", "#00778a", "#a3195b", "#5c5c5c", "#3b3bb0", "#7a4a21")
MARKERS = "o^sDvPX<>p"


def draw_affine(w: Array, X: Array, b: Array, names: tuple[str, str, str, str] = ("w_1", "X", "b_1", "z_1")) -> Picture:
    """w X + b for one example, entry by entry, with the row of w framed that makes the first entry of the result."""
    result = w @ X + b
    figure = Figure(figsize=(7.0, 0.4 * len(w) + 0.9), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    left = 0.0
    shapes = []
    for (name, array), sign in zip(zip(names, (w, X, b, result), strict=True), ("·", "+", "=", ""), strict=True):
        top = 0.4 * (len(w) - len(array))  # centred
        _table(axes, array, left, -top)
        width = 1.7 * array.shape[1]
        shape = f"({array.shape[0]}, {array.shape[1]})"
        axes.text(left + width / 2, 0.75, f"${name}$  {shape}", ha="center", va="center", fontsize=11.5, color=INK)
        if name != names[2]:
            rows = len(array) if name == names[1] else 1
            frame: dict[str, Any] = {"edgecolor": MARK, "facecolor": "none", "linewidth": 2.6, "zorder": 5}
            axes.add_patch(Rectangle((left, -top), width, -0.8 * rows, **frame))
        axes.text(left + width + 0.5, -0.4 * len(w), sign, ha="center", va="center", fontsize=15, color=INK)
        left += width + 1.0
        shapes.append(f"{_said(name)} {shape} is {_listed(array)}")
    axes.set(xlim=(-0.2, left - 0.8), ylim=(-0.8 * len(w) - 0.2, 1.2))
    return picture(
        figure,
        f"{' times '.join(map(_said, names[:2]))} plus {_said(names[2])} gives {_said(names[3])}: {'; '.join(shapes)}. "
        "A frame marks the first row of the matrix, the column, and the first entry of the result, which they make.",
    )


def draw_shapes(D: int, H: int, N: int) -> Picture:
    """w1 X + b1 = z1 as boxes with the sides that their shapes give: which sides must agree, and which remain."""
    size = {"D": D, "H": H, "N": N, "1": 1}
    side = {letter: max(0.35, 3 * value / max(D, H, N)) for letter, value in size.items()}
    figure = Figure(figsize=(8.4, 3.2), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    outline: dict[str, Any] = {"facecolor": PALE_PLUS, "edgecolor": INK, "linewidth": 1.3}
    repeated: dict[str, Any] = {"facecolor": "none", "edgecolor": FAINT, "linewidth": 1.2, "linestyle": ":"}
    line: dict[str, Any] = {"color": MARK, "linewidth": 5, "solid_capstyle": "butt"}
    text: dict[str, Any] = {"ha": "center", "va": "center", "color": INK}
    edge = max(side["D"], side["H"]) / 2
    left, shapes = 0.0, []
    for name, rows, columns, sign in (
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
        axes.text(left - 0.45, 0, sign, fontsize=15, **text)
    axes.set(xlim=(-0.2, left - 0.7), ylim=(-edge - 1.15, edge + 0.8), aspect="equal")
    return picture(
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
        colour = FAINT if not live else PLUS if weight >= 0 else MINUS
        axes.plot(*zip(start, end, strict=True), color=colour, linewidth=1.5, linestyle="-" if live else ":", zorder=1)
        x, height = ((1 - along) * a + along * b for a, b in zip(start, end, strict=True))
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 0.6}
        axes.text(x, height, _four(weight), ha="center", va="center", fontsize=9, color=colour, bbox=plain, zorder=2)

    def node(spot: Point, text: str, dashed: bool = False) -> None:
        box = {"boxstyle": "round,pad=0.4", "facecolor": "white", "edgecolor": INK, "linewidth": 1.3}
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
        node(spots["X"][d], f"$X_{d + 1} = {_four(X[d, 0])}$")
    for j in range(H):
        z1, A1 = (_four(array[j, 0]) for array in (values.z1, values.A1))
        node(spots["hidden"][j], f"$z_{{1{j + 1}}} = {z1}$\n$A_{{1{j + 1}}} = {A1}$", dashed=bool(closed[j]))
    for k in range(K):
        z2, A2 = (_four(array[k, 0]) for array in (values.z2, values.A2))
        node(spots["output"][k], f"$z_{{2{k + 1}}} = {z2}$\n$A_{{2{k + 1}}} = {A2}$\n$y_{k + 1} = {_four(y[k, 0])}$")
    node(spots["L"][0], f"$L = {_four(network.loss(params, X, y))}$")
    low = -tallest / 2 - 0.35
    for x, bias, name in ((3.4, params.b1, "b_1"), (7.2, params.b2, "b_2")):
        axes.text(x, low, f"${name} = ({_listed(bias)})$", ha="center", fontsize=10, color=FAINT)
    axes.set(xlim=(-0.9, 10.9), ylim=(low - 0.15, tallest / 2 + 0.05))
    said = "; ".join(f"{name} is {_listed(array)}" for name, array in values._asdict().items())
    shut = ", ".join(str(j + 1) for j in np.flatnonzero(closed)) or "none"
    return picture(
        figure,
        f"The network as a graph, from {D} inputs ({_listed(X)}) through {H} hidden units and {K} classes to the loss "
        f"{_four(network.loss(params, X, y))}: {said}. Units with a closed gate, whose lines are dotted: {shut}.",
    )


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
            axes.contourf(steps, steps, lead, levels=[0, lead.max()], colors=[CLASSES[k]], alpha=0.22)
        if lead.min() < 0 < lead.max():
            axes.contour(steps, steps, lead, levels=[0], colors=INK, linewidths=0.6)
        mine = X[:, y[k] == 1]
        face: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.5, "markersize": 6.5, "linestyle": ""}
        axes.plot(*mine, MARKERS[k], color=CLASSES[k], label=f"class {k + 1}", **face)
    axes.set(aspect="equal", xlabel="$X_1$", ylabel="$X_2$", xlim=(-reach, reach), ylim=(-reach, reach))
    axes.legend(loc="upper center", ncols=K, frameon=False, bbox_to_anchor=(0.5, 1.1), handletextpad=0.1)
    right = float(np.mean(network.predict(params, X) == y.argmax(axis=0)))
    return picture(
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
        for label, curve, line, colour in (("training", training, "-", PLUS), ("test", validation, "--", MINUS)):
            if len(curve):
                axes.plot(epochs, curve, line, color=colour, label=label, linewidth=1.6)
                said.append(f"{label} {name} from {curve[0]:.3f} to {curve[-1]:.3f}")
        axes.set(xlabel="epoch", title=name, ylim=(0, None if name == "loss" else 1.02))
        axes.spines[["top", "right"]].set_visible(False)
        if len(validation):
            axes.legend(frameon=False)
    if not said:
        return picture(figure, "Two empty charts, for loss and accuracy: not one epoch was finished.")
    return picture(figure, f"Loss and accuracy over {len(epochs)} epochs: {'; '.join(said)}.")


def draw_digits(X: Array, labels: Array, predicted: Array | None = None) -> Picture:
    """Images (64, N), eight in a row, each with its label and, if given, what the network read instead."""
    N = X.shape[1]
    rows = max(1, -(-N // 8))
    figure = Figure(figsize=(8.4, 1.3 * rows), layout="constrained")
    grid = figure.subplots(rows, 8, squeeze=False)
    captions = []
    for n, axes in enumerate(grid.flat):
        axes.axis("off")
        if n < N:
            axes.imshow(X[:, n].reshape(8, 8), cmap="gray_r", vmin=0, vmax=1)
            captions.append(f"{labels[n]}" if predicted is None else f"{labels[n]}, read as {predicted[n]}")
            axes.set_title(captions[-1], fontsize=10.5, color=INK)
    return picture(figure, f"{N} handwritten digits of 8 by 8 pixels: {'; '.join(captions) or 'an empty picture'}.")


def draw_confusion(labels: Array, predicted: Array) -> Picture:
    """How often each true digit (row) was read as each digit (column)."""
    K = int(max(labels.max(), predicted.max())) + 1
    counts = np.zeros((K, K), dtype=int)
    np.add.at(counts, (labels, predicted), 1)
    figure = Figure(figsize=(5.6, 5.2), layout="constrained")
    axes = figure.subplots()
    axes.imshow(np.sqrt(counts), cmap="Blues", vmax=2 * np.sqrt(counts.max()))
    for (row, column), count in np.ndenumerate(counts):
        if count:
            mistake = row != column
            axes.text(
                column, row, str(count), ha="center", va="center", fontsize=11, color=MINUS if mistake else INK,
                fontweight="bold" if mistake else "normal",
            )  # fmt: skip
    axes.set(xticks=range(K), yticks=range(K), xlabel="read as", ylabel="true digit")
    for side in (axes.xaxis, axes.yaxis):
        side.set_ticks(np.arange(K - 1) + 0.5, minor=True)
        side.set_tick_params(which="minor", length=0)
    axes.grid(which="minor", color="white", linewidth=1.5)
    mistakes = [f"{row} as {column}: {counts[row, column]}" for row, column in np.argwhere(counts) if row != column]
    return picture(
        figure,
        f"Confusion matrix of {labels.size} digits. Read correctly: {counts.trace()}. "
        f"Mistakes, true digit as what was read: {'; '.join(mistakes) or 'none'}.",
    )


# --- the way back, one step at a time -------------------------------------------------------------


def _four(value: float) -> str:
    """Up to four decimals, without trailing zeros and without a minus zero."""
    return f"{round(float(value), 4) + 0.0:.4f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def _said(tex: str) -> str:
    """A LaTeX name as alt text."""
    spoken = tex.replace(r"\partial ", "d").replace(r"^\top", " transposed").replace("\\", "")
    return re.sub(r"[_{},]", "", spoken)


def _node(axes: Axes, x: float, y: float, name: str) -> None:
    circle = {"boxstyle": "circle,pad=0.35", "facecolor": "white", "edgecolor": INK, "linewidth": 1.3}
    axes.text(x, y, f"${name}$", ha="center", va="center", fontsize=13, color=INK, bbox=circle)


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
        line = {"color": PLUS, "linewidth": 2.2, "linestyle": "-"} if alive else {
            "color": FAINT, "linewidth": 1.2, "linestyle": (0, (4, 3))}  # fmt: skip
        arrow = {"arrowstyle": "-|>", "shrinkA": 20, "shrinkB": 20, "mutation_scale": 14, **line}
        plain = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
        for tail, head, slope, at in (((0, middle), (4, height), one, 0.56), ((4, height), (8, middle), two, 0.44)):
            axes.annotate("", head, tail, arrowprops=arrow)
            x, y = (tail[0] + at * (head[0] - tail[0]), tail[1] + at * (head[1] - tail[1]))
            axes.text(x, y, _four(slope), ha="center", va="center", fontsize=10.5, color=INK, bbox=plain)
        _node(axes, 4, height, name)
        factor = _four(two) if two >= -5e-5 else f"({_four(two)})"
        share = f"{_four(one)} {TIMES} {factor} = {_four(product)}"
        axes.text(9, height, share, va="center", fontsize=10.5, color=INK if alive else FAINT)
        sentences.append(f"through {_said(name)}: {share}")
    _node(axes, 0, middle, start)
    _node(axes, 8, middle, end)
    axes.plot([9, 13], [-0.4, -0.4], color=INK, linewidth=1)
    total = f"sum of the paths: {_four(products.sum())}"
    axes.text(9, -0.65, total, va="center", fontsize=10.5, weight="bold", color=INK)
    axes.text(4, -0.75, "on an arrow: the derivative of its head by its tail", ha="center", fontsize=9, color=FAINT)
    axes.set(xlim=(-0.6, 13.3), ylim=(-0.95, len(via) - 0.5))
    axes.axis("off")
    return picture(figure, f"{len(via)} paths from {_said(start)} to {_said(end)}; {'; '.join(sentences)}; {total}.")


def draw_output_error(A2: Array, y: Array) -> Picture:
    """A2 and y of one example as bars and marks, and an arrow for the way downhill, which is -delta2 = y - A2."""
    A2, y = np.ravel(A2), np.ravel(y)
    classes = np.arange(1, A2.size + 1)
    figure = Figure(figsize=(6.4, 2.9), layout="constrained")
    axes = figure.subplots()
    axes.bar(classes, A2, width=0.5, color=PALE_PLUS, edgecolor=PLUS, label="$A_2$: what the network says")
    axes.plot(classes, y, "D", color=INK, markersize=8, label="$y$: what is true")
    sentences = []
    for at, said, true in zip(classes, A2, y, strict=True):
        arrow = {"arrowstyle": "-|>", "color": MINUS, "linewidth": 2, "mutation_scale": 14, "shrinkA": 0, "shrinkB": 5}
        axes.annotate("", (at, true), (at, said), arrowprops=arrow)
        sentences.append(f"class {at}: {_four(said)} and {_four(true)}, error {_four(said - true)}")
    axes.plot([], [], color=MINUS, linewidth=2, label="downhill: from $A_2$ to $y$")
    labels = [f"class {at}\n$\\delta_{{2{at}}}$ = {_four(A2[at - 1] - y[at - 1])}" for at in classes]
    axes.set_xticks(classes, labels, fontsize=10.5, color=INK)
    axes.set(xlim=(0.5, A2.size + 0.95), ylim=(-0.08, 1.08), yticks=[0, 0.5, 1])
    axes.legend(frameon=False, fontsize=9, loc="upper right")
    axes.spines[["top", "right"]].set_visible(False)
    return picture(figure, f"Probability and truth of each class; {'; '.join(sentences)}.")


def _table(axes: Axes, array: Array, left: float = 0, top: float = 0, colours: Array | None = None) -> None:
    """The entries of a matrix in cells 1.7 wide and 0.8 high."""
    for (row, column), entry in np.ndenumerate(array):
        corner = (left + 1.7 * column, top - 0.8 * (row + 1))
        colour = "white" if colours is None else str(colours[row, column])
        axes.add_patch(Rectangle(corner, 1.7, 0.8, facecolor=colour, edgecolor=FAINT, linewidth=0.8))
        axes.text(corner[0] + 0.85, corner[1] + 0.4, _four(entry), ha="center", va="center", fontsize=10.5, color=INK)


def draw_outer_product(down: Array, across: Array, names: tuple[str, str, str]) -> Picture:
    """The table of all products of ``down`` (at the side) and ``across`` (along the top).

    names: LaTeX, without dollars, of the two and of their outer product.
    """
    down, across = np.ravel(down), np.ravel(across)
    (rows, columns), product = (down.size, across.size), np.outer(down, across)
    colours = np.where(product > 0, PALE_PLUS, np.where(product < 0, PALE_MINUS, "white"))
    figure = Figure(figsize=(1.5 + 0.95 * (columns + 1), 0.7 + 0.5 * (rows + 1)), layout="constrained")
    axes = figure.subplots()
    _table(axes, across[None, :], left=2.1, top=1.2)
    _table(axes, down[:, None])
    _table(axes, product, left=2.1, colours=colours)
    right = 2.1 + 1.7 * columns + 0.3
    axes.text(0.85, -0.8 * rows - 0.35, f"${names[0]}$", ha="center", va="center", fontsize=13, color=INK)
    axes.text(right, 0.8, f"${names[1]}$", va="center", fontsize=13, color=INK)
    axes.text(right, -0.4 * rows, f"${names[2]}$", va="center", fontsize=13, color=INK)
    axes.text(0.85, 0.8, TIMES, ha="center", va="center", fontsize=14, color=INK)
    axes.set(xlim=(-0.05, right + 1.9), ylim=(-0.8 * rows - 0.7, 1.25), aspect="equal")
    axes.axis("off")
    entries = "; ".join("row " + ", ".join(map(_four, row)) for row in product)
    sides = f"{_said(names[0])} down the side: {', '.join(map(_four, down))}; {_said(names[1])} along the top"
    return picture(figure, f"{sides}: {', '.join(map(_four, across))}. Each cell is a product; {entries}.")


def draw_row_and_column(w2: Array, k: int, j: int) -> Picture:
    """w2 twice: row k, which makes the logit of class k, and column j, along which the errors return to unit j."""
    (rows, columns) = w2.shape
    figure = Figure(figsize=(9, 0.7 + 0.55 * rows), layout="constrained")
    for axes, forward in zip(figure.subplots(1, 2), (True, False), strict=True):
        used = np.zeros(w2.shape, dtype=bool)
        used[(k - 1, slice(None)) if forward else (slice(None), j - 1)] = True
        _table(axes, w2, colours=np.where(used, PALE_PLUS, "white"))
        corner, size = (
            ((0, -0.8 * k), (1.7 * columns, 0.8)) if forward else ((1.7 * (j - 1), -0.8 * rows), (1.7, 0.8 * rows))
        )
        axes.add_patch(Rectangle(corner, *size, fill=False, edgecolor=PLUS, linewidth=3))
        title = (
            f"forward: row {k} makes $z_{{2{k}}}$"
            if forward
            else f"backward: column {j} makes $\\partial L/\\partial A_{{1{j}}}$"
        )
        axes.set_title(title, fontsize=11, color=INK)
        axes.set(xlim=(-0.1, 1.7 * columns + 0.1), ylim=(-0.8 * rows - 0.1, 0.1), aspect="equal")
        axes.axis("off")
    return picture(figure, f"The matrix w2 twice. On the left row {k} is framed, on the right column {j}.")


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
            label="touch at 0, nowhere above" if slope == 0.5 else None,
        )
    left.plot(ends, np.maximum(ends, 0), color=PLUS, linewidth=2.5, label="ReLU")
    left.plot(z1, np.maximum(z1, 0), "o", color=INK, label="the hidden units")
    for unit, score in enumerate(z1, start=1):
        left.annotate(str(unit), (score, max(score, 0)), (-4, 6), textcoords="offset points", ha="right", color=INK)
    left.set(title=r"$A_1 = \mathrm{ReLU}(z_1)$", xlabel="$z_1$", ylim=(-0.5 * reach, 1.1 * reach))
    right.plot(ends[:2], [0, 0], color=PLUS, linewidth=2.5)
    right.plot(ends[1:], [1, 1], color=PLUS, linewidth=2.5)
    right.plot([0, 0], [0, 1], color=FAINT, linewidth=1.2, linestyle=":")
    right.plot(0, 1, "o", color=PLUS, markersize=9, label="at 0: 1, as the handout chooses")
    right.plot(0, 0, "s", markerfacecolor="white", markeredgecolor=MINUS, markeredgewidth=2, markersize=8,
               label="at 0: 0, as PyTorch, JAX and TensorFlow choose")  # fmt: skip
    for x, y, word in ((-reach / 2, 0.08, "closed: 0"), (reach / 2, 1.08, "open: 1")):
        right.text(x, y, word, ha="center", color=INK)
    right.set(title="its slope: the gate", xlabel="$z_1$", ylim=(-0.25, 1.8), yticks=[0, 1])
    for axes in (left, right):
        axes.legend(frameon=False, fontsize=9, loc="upper left")
        axes.spines[["top", "right"]].set_visible(False)
    return picture(
        figure,
        "Left: ReLU is 0 below 0 and rises with slope 1 above it; three dotted lines touch it at 0 only. Right: its "
        "slope, 0 below 0 and 1 above. At 0 a dot marks the handout's choice 1, a square the choice 0.",
    )


# --- from scores to surprise ------------------------------------------------------------------------

ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}


def _listed(values: npt.ArrayLike) -> str:
    return ", ".join(map(_four, np.ravel(values)))


def draw_softmax(z2: Array) -> Picture:
    """Bar charts of the logits z2 (K, 1), of their exponentials, and of the share of each, its probability."""
    z2 = np.ravel(z2).astype(float)
    steps = [
        ("logits $z_2$", z2),
        ("exponentials $e^{z_2}$", np.exp(z2)),
        ("probabilities $A_2$", network.softmax(z2[:, None])[:, 0]),
    ]
    figure = Figure(figsize=(8, 2.5), layout="constrained")
    for axes, (title, values) in zip(figure.subplots(1, 3), steps, strict=True):
        bars = axes.bar([str(k + 1) for k in range(len(values))], values, color=PLUS, width=0.6)
        axes.bar_label(
            bars, [_four(value) if value < 1e5 else f"{value:.1e}" for value in values], padding=2, fontsize=9
        )
        axes.axhline(0, color=FAINT, linewidth=1)
        axes.set(title=title, xlabel="class")
        axes.margins(y=0.2)
        axes.spines[["top", "right"]].set_visible(False)
    logits, exponentials, probabilities = (_listed(values) for _, values in steps)
    return picture(
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
            left, right, facecolor="#f3e9e1" if hatch else "white", edgecolor="#c9b8a8", hatch=hatch, linewidth=0
        )
        axes.text((left + right) / 2, 2.5, text, ha="center", va="center", bbox=ON_WHITE)
    for height, places, text, colour, fill in [
        (1.6, z2, "logits", MINUS, "white"), (0.6, z2 - z2.max(), "logits minus the largest", PLUS, PLUS),
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
            places.min() - 40, height, f"{text}: {_listed(places)}", ha="right", va="center", fontsize=9, bbox=ON_WHITE
        )
    arrow = {"arrowstyle": "-|>", "color": FAINT, "linewidth": 1.5, "shrinkA": 8, "shrinkB": 8}
    axes.annotate("", (0, 0.6), (z2.max(), 1.6), arrowprops=arrow)
    axes.set(xlabel="exponent z", xlim=(-end, end), ylim=(0, 3), yticks=[])
    axes.spines[["top", "left", "right"]].set_visible(False)
    return picture(
        figure,
        f"A line of exponents z. Above {_four(largest.round(1))} the exponential is too large for a float64, below "
        f"{_four(lowest.round(1))} it is rounded to 0. The logits {_listed(z2)} and, after the shift, "
        f"{_listed(z2 - z2.max())}, where it fits.",
    )


def draw_surprise(probabilities: Array) -> Picture:
    """The surprise -log p with the given probabilities marked on it, and beside it the plain error 1 - p.

    Raises ValueError for a probability that is not above 0 and at most 1: its surprise cannot be drawn.
    """
    marked = np.ravel(probabilities)
    for value in marked[~((marked > 0) & (marked <= 1))]:
        raise ValueError(f"a probability above 0 and at most 1 can be drawn, but one is {value}")
    surprises = -np.log(marked) + 0.0
    p = np.geomspace(min(0.005, marked.min()), 1, 400)
    figure = Figure(figsize=(6.6, 3.4), layout="constrained")
    axes = figure.subplots()
    axes.plot(p, -np.log(p), color=PLUS, linewidth=2, label=r"surprise $-\log p$")
    axes.plot(p, 1 - p, color=MINUS, linewidth=2, linestyle="--", label="plain error $1 - p$")
    axes.plot(marked, surprises, "o", color=PLUS, markersize=7)
    labels = [f"p = {value:.3g}, surprise {surprise:.4f}" for value, surprise in zip(marked, surprises, strict=True)]
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
    return picture(
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
    axes.bar(classes - 0.2, before, 0.38, color="white", edgecolor=FAINT, hatch="//", label="before")
    axes.bar(classes + 0.2, after, 0.38, color=PLUS, edgecolor=PLUS, label="after")
    for x, height, change in zip(classes, np.maximum(before, after), changes, strict=True):
        axes.text(x, height + 0.02, change, ha="center", va="bottom")
    axes.set(xlabel="class", ylabel="probability", xticks=classes, ylim=(0, 1))
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return picture(
        figure,
        "A bar chart with two bars for each class, its probability before (hatched) and after. "
        f"Before: {_listed(before)}. After: {_listed(after)}. Changes: {', '.join(changes)}.",
    )


def draw_jacobian(z2: Array) -> Picture:
    """diag(A2), minus A2 A2^T, and their sum, softmax's Jacobian, for logits z2 (K, 1), as heat maps on one scale."""
    A2 = network.softmax(z2)
    parts = {
        r"$\mathrm{diag}(A_2)$": np.diagflat(A2),
        r"$-\, A_2 A_2^T$": -A2 @ A2.T,
        "$=\\; J$": network.softmax_jacobian(z2),
    }
    largest, classes = A2.max(), range(1, len(A2) + 1)
    figure = Figure(figsize=(8.6, 3.6), layout="constrained")
    for axes, (title, matrix) in zip(figure.subplots(1, 3), parts.items(), strict=True):
        axes.imshow(matrix, cmap="RdBu", vmin=-largest, vmax=largest)
        for (row, column), entry in np.ndenumerate(matrix):
            colour = "white" if abs(entry) > 0.6 * largest else "black"
            text = f"{entry + 0:.3f}".replace("-0.000", "0.000").replace("-", "\N{MINUS SIGN}")
            axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=10 if len(A2) < 5 else 7)
        axes.set_xticks(range(len(A2)), classes)
        axes.set_yticks(range(len(A2)), classes)
        axes.set(title=title, xlabel="column $i$: the logit", ylabel="row $k$: the probability")
        axes.label_outer()
    rows = "; ".join(_listed(row) for row in network.softmax_jacobian(z2))
    return picture(
        figure,
        "Three square heat maps, every entry written out: the diagonal matrix of the probabilities, minus their outer "
        f"product, and the sum of the two, the Jacobian, with the rows {rows}. Positive is blue, negative red.",
    )


# --- the first layer, and the whole backward pass (lessons 08 and 09) -----------------------------


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
            box = {"boxstyle": "circle,pad=0.28", "facecolor": "white", **edge}
            axes.text(x, height, label, ha="center", va="center", fontsize=12, zorder=2, bbox=box)
    start, end = spots["X"][d - 1], spots["z_1"][j - 1]
    near = [0.5 * (a + b) for a, b in zip(start, end, strict=True)]
    plain = {"facecolor": "white", "edgecolor": "none", "pad": 1}
    axes.text(
        near[0], near[1], f"$w_{{1,{j}{d}}}$", color=MARK, fontsize=13, ha="center", va="center", zorder=3, bbox=plain
    )
    top = max(D, H, K) / 2 + 0.2
    axes.text(end[0], top, "one door", ha="center", color=MARK, fontsize=11)
    axes.text((layers["A_1"][0] + layers["z_2"][0]) / 2, top, f"{K} ways", ha="center", color=MARK, fontsize=11)
    axes.set(xlim=(-0.4, 7.6), ylim=(-top + 0.1, top + 0.3))
    return picture(
        figure,
        f"The network as a graph. Thick lines lead from input {d} along the weight w1,{j}{d} into z1 of unit {j} only, "
        f"on to A1 of unit {j}, from there to all {K} logits, and from each of them to the loss.",
    )


def draw_backward(params: Params, X: Array, y: Array) -> Picture:
    """The forward pass above and the backward pass below it, with the numbers of one example."""
    if np.shape(X)[1] != 1:
        raise ValueError(f"X has shape {np.shape(X)}, but the picture is of one example: X needs one column")
    values = network.forward(params, X)
    delta2 = network.output_delta(values.A2, y)
    dA1 = network.hidden_signal(params.w2, delta2)
    delta1 = network.hidden_delta(dA1, values.z1)
    figure = Figure(figsize=(9.4, 5.2), layout="constrained")
    axes = figure.subplots()
    axes.axis("off")
    above, middle, below = 3.0, 0.95, -0.9
    at = {"X": 0.0, "z_1": 2.0, "A_1": 4.0, "z_2": 6.0, "A_2": 8.0, "L": 9.8}

    def box(x: float, height: float, title: str, column: Array | None, colour: str) -> None:
        numbers = "" if column is None else "".join(f"\n{_four(entry)}" for entry in np.ravel(column))
        style = {"boxstyle": "round,pad=0.35", "facecolor": "white", "edgecolor": colour, "linewidth": 1.6}
        size = 10.5 if numbers else 13  # a fraction is set smaller than its line
        text = axes.text(x, height, title + numbers, ha="center", va="center", fontsize=size, zorder=3, bbox=style)
        text.set_linespacing(1.3)

    def arrow(start: Point, end: Point, colour: str, label: str = "", line: str = "-") -> None:
        style = {"arrowstyle": "-|>", "color": colour, "linewidth": 1.4, "linestyle": line, "mutation_scale": 12}
        axes.annotate("", end, start, arrowprops={**style, "shrinkA": 0, "shrinkB": 0}, zorder=2)
        x = 0.6 * start[0] + 0.4 * end[0]
        axes.text(x, start[1] + 0.1, label, ha="center", va="bottom", fontsize=10.5, color=colour)

    columns = {"X": X, **dict(zip(("z_1", "A_1", "z_2", "A_2"), values, strict=True)), "L": network.loss(params, X, y)}
    for name, column in columns.items():
        box(at[name], above, f"${name}$", column, PLUS)
    steps = ("$w_1,\\ b_1$", "ReLU", "$w_2,\\ b_2$", "softmax", "$y$")
    for (left, right), label in zip(itertools.pairwise(at), steps, strict=True):
        arrow((at[left] + 0.55, above), (at[right] - 0.55, above), PLUS, label)

    signal = 3.55  # a little left of A1, so that the dotted line from A1 passes it
    box(at["z_2"], middle, r"$\delta_2 = A_2 - y$", delta2, MINUS)
    box(signal, middle, r"$w_2^\top \delta_2$", dA1, MINUS)
    box(1.6, middle, r"$\delta_1$", delta1, MINUS)
    arrow((at["A_2"] - 0.1, above - 0.72), (at["z_2"] + 0.72, middle + 0.25), MINUS)
    arrow((at["z_2"] - 0.72, middle), (signal + 0.52, middle), MINUS, r"$w_2^\top$")
    arrow((signal - 0.52, middle), (1.6 + 0.52, middle), MINUS, "gate")
    for x, layer, inputs in ((at["z_2"], 2, "A_1"), (1.6, 1, "X")):
        error = rf"\delta_{layer}"
        weights = rf"$\frac{{\partial L}}{{\partial w_{layer}}} = {error}\,{inputs}^\top$"
        biases = rf"$\frac{{\partial L}}{{\partial b_{layer}}} = {error}$"
        box(x, below, f"{weights}    {biases}", None, MARK)
        arrow((x, middle - 0.75), (x, below + 0.3), MARK)
    arrow((at["A_1"] + 0.15, above - 0.82), (at["z_2"] - 0.85, below + 0.33), PLUS, line=":")
    arrow((at["X"] + 0.1, above - 0.55), (0.85, below + 0.33), PLUS, line=":")
    arrow((at["z_1"] - 0.05, above - 0.82), (1.75, middle + 0.8), PLUS, line=":")
    axes.set(xlim=(-0.5, 10.4), ylim=(-1.35, 3.9))
    said = "; ".join(f"{name.replace('_', '')} is {_listed(column)}" for name, column in columns.items())
    return picture(
        figure,
        f"Upper row, the forward pass: {said}. Lower row, the backward pass: delta2 is {_listed(delta2)}; w2 "
        f"transposed times it {_listed(dA1)}; through the gate, delta1 is {_listed(delta1)}. Below each delta stand "
        "the two gradients it gives. Dotted lines bring A1, z1 and X down from the forward pass.",
    )


def draw_outer_sum(delta: Array, inputs: Array) -> Picture:
    """One outer product for each example, and their sum, delta (K, N) times inputs (H, N) transposed."""
    N = delta.shape[1]
    parts = [delta[:, [n]] @ inputs[:, [n]].T for n in range(N)]
    parts.append(np.sum(parts, axis=0))
    top = max(float(np.abs(part).max()) for part in parts)
    rows, columns = parts[0].shape
    figure = Figure(figsize=(0.38 * columns * (N + 1) + 0.4, 0.34 * rows + 0.75), layout="constrained")
    for n, (axes, part) in enumerate(zip(figure.subplots(1, N + 1), parts, strict=True)):
        axes.imshow(part, cmap="PuOr_r", vmin=-1.3 * top, vmax=1.3 * top, aspect="auto")
        for (row, column), entry in np.ndenumerate(part):
            colour = "white" if abs(entry) > 0.75 * top else "black"
            axes.text(column, row, _two(entry), ha="center", va="center", fontsize=7.5, color=colour)
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"example {n + 1}" if n < N else "sum", fontsize=9.5, fontweight="normal" if n < N else "bold")
        axes.set_xlabel("+" if n < N - 1 else "=" if n < N else "", fontsize=12)
    total = "; ".join(_listed(row) for row in parts[-1])
    return picture(figure, f"{N} tables of {rows} by {columns}, one outer product an example, and their sum: {total}.")


def _two(x: float) -> str:
    return "0" if abs(x) < 0.005 else f"{x:.2f}".replace("-", "\N{MINUS SIGN}")


def draw_step_sizes(f: Callable[[Any], Any], x: float, exact: float) -> Picture:
    """The error of the numerical derivatives of f at x against their step, on logarithmic axes. ``exact``: f'(x)."""
    figure = Figure(figsize=(7.0, 4.0), layout="constrained")
    axes = figure.subplots()
    steps = np.logspace(-16, -1, 61)
    styles = {"forward": ("o", MINUS), "central": ("s", PLUS), "complex": ("^", MARK)}
    for method, (marker, colour) in styles.items():
        slopes = [numerical_gradient(lambda value: f(value[()]), x, method, step=h) for h in steps]
        errors = np.abs(np.array(slopes) - exact) / abs(exact)
        name = "complex step" if method == "complex" else f"{method} difference"
        shown = np.maximum(errors, EPS / 4)  # an error of 0 has no place on this axis
        axes.plot(steps, shown, marker + "-", color=colour, markersize=3.5, linewidth=1, label=name)
    axes.set(xscale="log", yscale="log", xlabel="step $h$", ylabel="relative error", ylim=(2e-17, 30))
    axes.text(1e-13, 0.08, "rounding grows: $\\varepsilon/h$", color=FAINT, fontsize=10)
    axes.text(3e-3, 4e-9, "Taylor: $h^2$", color=FAINT, fontsize=10, ha="left", va="top")
    axes.text(1.5e-5, 3e-4, "Taylor: $h$", color=FAINT, fontsize=10, ha="right", va="bottom")
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(0.0, 0.3))
    axes.spines[["top", "right"]].set_visible(False)
    return picture(
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
    axes.plot(x, [f(value) for value in x], color=PLUS, linewidth=2.2, label="the loss")
    slope = (ends[1] - ends[0]) / (2 * h)
    slopes = [(f(at + side * 1e-6) - f(at)) / (side * 1e-6) + 0.0 for side in (-1, 1)]
    label = f"central difference across the kink: slope {slope:.2f}"
    axes.plot([at - h, at + h], ends, "s--", color=MINUS, linewidth=1.6, label=label)
    axes.plot([at], [f(at)], "o", color=MARK, markersize=8, label="the kink")
    axes.set(xlabel="the parameter", ylabel="$L$")
    axes.legend(frameon=False)
    axes.spines[["top", "right"]].set_visible(False)
    return picture(
        figure,
        f"The loss has slope {slopes[0]:.2f} to the left of {at:g} and {slopes[1]:.2f} to the right of it. A dashed "
        f"line joins two points of the curve, one on each side of the kink: its slope is {slope:.2f}.",
    )


# --- what a slip costs (lesson 11) ----------------------------------------------------------------

STYLES = (
    (PLUS, "-", "o"), (MINUS, "--", "s"), (MARK, "-.", "^"), (FAINT, ":", "D"), ("#1a7f37", "-", "v"), (INK, "--", "x"),
)  # fmt: skip


def draw_losses(curves: Mapping[str, Sequence[float]], top: float = 100) -> Picture:
    """Loss against step for each name in ``curves``, on logarithmic axes; what passes ``top`` leaves the picture."""
    if len(curves) > len(STYLES):
        raise ValueError(f"curves holds {len(curves)} curves, but only {len(STYLES)} can be told apart without colour")
    figure = Figure(figsize=(7.4, 3.8), layout="constrained")
    axes = figure.subplots()
    fates = []
    for (name, losses), (colour, line, marker) in zip(curves.items(), STYLES, strict=False):
        values = np.asarray(losses, dtype=float)
        steps = np.arange(1, len(values) + 1)
        marked = np.unique(np.logspace(0, np.log10(len(values)), 12).astype(int)) - 1
        points = {"marker": marker, "markevery": marked.tolist(), "markersize": 4.5}
        axes.plot(steps, values, line, color=colour, label=name, **points)
        fates.append(f"{name} {f'ends at {values[-1]:.1f}' if values[-1] <= top else 'leaves the picture at the top'}")
    lowest = min(float(np.min(losses)) for losses in curves.values())
    axes.set(xscale="log", yscale="log", xlabel="step", ylabel="loss $L$", ylim=(lowest / 2, top))
    axes.legend(frameon=False, loc="center left", bbox_to_anchor=(1.0, 0.5))
    axes.spines[["top", "right"]].set_visible(False)
    return picture(figure, f"Loss against step, both logarithmic: {'; '.join(fates)}.")
