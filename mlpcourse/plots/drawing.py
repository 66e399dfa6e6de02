"""What the pictures share: colours, numbers and names in words, tables and nodes.

Colour is never alone: a sign, a line style, a frame or a label says the same.
"""

from __future__ import annotations

import re

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mlpcourse.network import Array

INK, FAINT = "#1f2328", "#57606a"
PLUS, MINUS, MARK = "#0b62a4", "#b3470a", "#7a3fb5"  # above zero, below zero, what is pointed at
PALE_PLUS, PALE_MINUS = "#dbe9f6", "#fbe3cf"
TIMES = "\N{MULTIPLICATION SIGN}"
ON_WHITE = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}

Point = tuple[float, float]


def rounded(value: float) -> str:
    """Up to four decimals, without trailing zeros and without a minus zero."""
    return f"{round(float(value), 4) + 0.0:.4f}".rstrip("0").rstrip(".").replace("-", "\N{MINUS SIGN}")


def two_decimals(x: float) -> str:
    return "0" if abs(x) < 0.005 else f"{x:.2f}".replace("-", "\N{MINUS SIGN}")


def listed(values: npt.ArrayLike) -> str:
    return ", ".join(map(rounded, np.ravel(values)))


def in_words(tex: str) -> str:
    """A LaTeX name as alt text."""
    spoken = tex.replace(r"\partial ", "d").replace(r"^\top", " transposed").replace("\\", "")
    return re.sub(r"[_{},]", "", spoken)


def node(axes: Axes, x: float, y: float, name: str) -> None:
    circle = {"boxstyle": "circle,pad=0.35", "facecolor": "white", "edgecolor": INK, "linewidth": 1.3}
    axes.text(x, y, f"${name}$", ha="center", va="center", fontsize=13, color=INK, bbox=circle)


def table(axes: Axes, array: Array, left: float = 0, top: float = 0, colours: Array | None = None) -> None:
    """The entries of a matrix in cells 1.7 wide and 0.8 high."""
    for (row, column), entry in np.ndenumerate(array):
        corner = (left + 1.7 * column, top - 0.8 * (row + 1))
        colour = "white" if colours is None else str(colours[row, column])
        axes.add_patch(Rectangle(corner, 1.7, 0.8, facecolor=colour, edgecolor=FAINT, linewidth=0.8))
        axes.text(corner[0] + 0.85, corner[1] + 0.4, rounded(entry), ha="center", va="center", fontsize=10.5, color=INK)
