"""What the pictures share: colours, numbers and names in words, tables and nodes.

Colour is never alone: a sign, a line style, a frame or a label says the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mlpcourse.network import Array
from mlpcourse.plots.palette import CARD, FAINT, INK, PAPER

TIMES = "\N{MULTIPLICATION SIGN}"
ON_CARD = {"facecolor": CARD, "edgecolor": "none", "pad": 1.5}  # behind a word that a line crosses

Point = tuple[float, float]
Face = Callable[[int, int, float], str | tuple[str, float]]


def rounded(value: float) -> str:
    """Up to four decimals, without trailing zeros; one significant digit of what they would round to 0."""
    x = float(value)
    text = f"{x:.0e}".replace("e-0", "e-") if 0 < abs(x) < 5e-5 else f"{x + 0.0:.4f}".rstrip("0").rstrip(".")
    return text.replace("-", "\N{MINUS SIGN}")


def listed(values: npt.ArrayLike) -> str:
    return ", ".join(map(rounded, np.ravel(values)))


def in_words(tex: str) -> str:
    """A LaTeX name as alt text."""
    from mlpcourse.derivation.typesetting import without_tex  # with SymPy, which few pictures need

    return re.sub("[_,]", "", without_tex(tex.replace(r"^\top", " transposed")))


def node(axes: Axes, x: float, y: float, name: str) -> None:
    circle = {"boxstyle": "circle,pad=0.35", "facecolor": PAPER, "edgecolor": INK, "linewidth": 1.3}
    axes.text(x, y, f"${name}$", ha="center", va="center", fontsize=13, color=INK, bbox=circle)


def table(axes: Axes, array: Array, left: float = 0, top: float = 0, face: Face | None = None) -> None:
    """The entries of a matrix in cells 1.7 wide and 0.8 high; ``face(row, column, entry)`` gives a cell's colour."""
    for (row, column), entry in np.ndenumerate(array):
        corner = (left + 1.7 * column, top - 0.8 * (row + 1))
        colour = PAPER if face is None else face(row, column, entry)
        axes.add_patch(Rectangle(corner, 1.7, 0.8, facecolor=PAPER, edgecolor="none"))
        axes.add_patch(Rectangle(corner, 1.7, 0.8, facecolor=colour, edgecolor=FAINT, linewidth=0.8))
        axes.text(corner[0] + 0.85, corner[1] + 0.4, rounded(entry), ha="center", va="center", fontsize=10.5, color=INK)
