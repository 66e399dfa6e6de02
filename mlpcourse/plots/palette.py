"""The colours of pictures, one meaning each. view.css has those of views: the same on a light page (a test says so)."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.colors import LinearSegmentedColormap

CARD = "#f4f6f8"  # what a picture stands on, so that it can be read on a dark page, too
PAPER = "#ffffff"  # inside nodes and cells
INK, FAINT, LINE = "#1f2328", "#57606a", "#bdbdbd"
PLUS, MINUS = "#0b62a4", "#b3470a"  # above zero, below zero: nothing else
MARK = "#7a3fb5"  # what is pointed at
RIGHT = "#1a7f37"

# Classes, methods, curves: what is told apart and has no sign. The first three are those of views.
SERIES = (
    "#1a7f37", "#a3195b", "#8a6d00", "#00778a", "#5c5c5c", "#3b3bb0", "#7a4a21", "#4d7c0f", "#be185d", "#475569",
)  # fmt: skip


def sign(value: float) -> str:
    """The colour of a number's sign; 0 has none."""
    return PLUS if value > 0 else MINUS if value < 0 else FAINT


def signed() -> LinearSegmentedColormap:
    """From far below zero, over white, to far above."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("signed", [MINUS, PAPER, PLUS])


def tint(value: float, half: float) -> tuple[str, float]:
    """A cell's colour and opacity: by the sign, and by the size, half of all that there is at ``half``."""
    return sign(value), 0.5 * abs(value) / (abs(value) + half)
