"""A matplotlib figure as a still picture with alt text."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Picture:
    """A PNG, its size on the page in pixels, and what it shows in words."""

    png: bytes
    width: int
    height: int
    alt: str

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, str], dict[str, dict[str, object]]]:
        data = {"text/plain": self.alt, "image/png": base64.b64encode(self.png).decode("ascii")}
        return data, {"image/png": {"alt": self.alt, "width": self.width, "height": self.height}}


def picture(figure: Figure, alt: str) -> Picture:
    """The figure as a ``Picture``. ``alt`` says what a reader who cannot see it needs to know, with its numbers.

    One inch is 96 pixels on the page, so that a 10.5 point label is as large as the text around it.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    file = io.BytesIO()
    figure.set(dpi=144, facecolor="white")
    canvas = FigureCanvasAgg(figure)  # savefig would draw all of it twice, for the layout and for the picture
    canvas.print_png(file, metadata={"Software": None})  # type: ignore[no-untyped-call]
    width, height = (round(96 * inches) for inches in figure.get_size_inches())
    return Picture(file.getvalue(), width, height, alt)
