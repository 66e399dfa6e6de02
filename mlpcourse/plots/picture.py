"""A matplotlib figure as a still picture with alt text."""

from __future__ import annotations

import base64
import functools
import html
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlpcourse.plots.palette import CARD

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MARGIN = 0.1  # inches of card around the figure
LEAST = 0.8  # of its size, to which a picture gives way to the page: its words can still be read then

# Light and dark change places on a dark page, and colours stay what they were. What is wider than its place fades where
# it goes on. The reading site does the same.
STYLE = """<style>@media screen {
:is([data-jp-theme-light="false"], .vscode-dark, .vscode-high-contrast:not(.vscode-high-contrast-light)) .mlp-picture {
filter: invert(0.94) hue-rotate(180deg) }
@supports (animation-timeline: scroll()) {
.mlp-card { animation: mlp-card linear both; animation-timeline: scroll(self inline) } }
@keyframes mlp-card { to { mask-image: none } from { mask-image: linear-gradient(to left, #0005, #000 14px) } }
}</style>"""


@dataclass(frozen=True)
class Picture:
    """A figure, and what it shows in words: all that a reader who cannot see it needs to know, with its numbers.

    It is drawn when it is shown. One inch is 96 pixels on the page, so that a 10.5 point label is as large as the text
    around it. The figure lies on a card with round corners, with nothing around it: on a dark page no white slab
    stands out.
    """

    figure: Figure
    alt: str

    def __repr__(self) -> str:
        return self.alt

    @functools.cached_property
    def png(self) -> bytes:
        from matplotlib.backends.backend_agg import FigureCanvasAgg

        file = io.BytesIO()
        self.figure.set(dpi=144, facecolor="none")
        _lay_on_card(self.figure)
        # savefig would draw all of it twice, for the layout and for the picture
        FigureCanvasAgg(self.figure).print_png(file, metadata={"Software": None})  # type: ignore[no-untyped-call]
        return file.getvalue()

    def _repr_mimebundle_(self, **kwargs: object) -> tuple[dict[str, str], dict[str, dict[str, object]]]:
        png = base64.b64encode(self.png).decode("ascii")
        width, height = (round(96 * inches) for inches in self.figure.get_size_inches())
        data = {"text/plain": self.alt, "text/html": self._html(png, width), "image/png": png}
        return data, {"image/png": {"alt": self.alt, "width": width, "height": height}}

    def _html(self, png: str, width: int) -> str:
        """For notebooks, which shrink a PNG until it cannot be read, leave it light on a dark page, and lose its alt.

        What is wider than its place scrolls there. JupyterLab takes the style out until the cell is run.
        """
        size = f"width: 100%; min-width: {round(LEAST * width)}px; max-width: {width}px; height: auto"
        image = (
            f'<img class="mlp-picture" alt="{html.escape(self.alt)}" src="data:image/png;base64,{png}" style="{size}">'
        )
        return f'{STYLE}<div class="mlp-card" style="overflow-x: auto">{image}</div>'


def _lay_on_card(figure: Figure) -> None:
    from matplotlib.patches import FancyBboxPatch
    from matplotlib.transforms import IdentityTransform

    figure.set_size_inches(*(size + 2 * MARGIN for size in figure.get_size_inches()))
    if engine := figure.get_layout_engine():
        engine.set(rect=_inside(figure))  # type: ignore[call-arg]
        engine.execute(figure)
        figure.set_layout_engine("none")
        for axes in figure.axes:  # the solver's last digits differ from run to run
            axes.set_position(tuple(round(side, 4) for side in axes.get_position(original=True).bounds))
    width, height = figure.get_size_inches() * figure.dpi
    corner = FancyBboxPatch(
        (0, 0), width, height, boxstyle=f"round,pad=0,rounding_size={0.1 * figure.dpi}", mutation_aspect=1,
        facecolor=CARD, edgecolor="none", transform=IdentityTransform(), zorder=-1,
    )  # fmt: skip
    figure.add_artist(corner).set_in_layout(False)
    for axes in figure.axes:
        axes.patch.set_alpha(0)


def _inside(figure: Figure) -> tuple[float, float, float, float]:
    """All but the margins, in fractions of the figure: left, bottom, width, height."""
    x, y = (MARGIN / size for size in figure.get_size_inches())
    return x, y, 1 - 2 * x, 1 - 2 * y
