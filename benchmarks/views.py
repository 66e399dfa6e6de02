"""From a hand to the painted picture, in JupyterLab: every view against `interact` with inline matplotlib, and ipympl.

The peers show five logits to change, five probabilities and their Jacobian. A time runs from the event of a key or of
the mouse until the frame with the changed picture is painted, in a headless Chromium; frames are counted in a steady
drag.
"""

from __future__ import annotations

import importlib.util
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import nbformat
from playwright.sync_api import ElementHandle, Locator, Page
from timing import Row, Time

from mlpcourse import widgets

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import chromium, jupyterlab, open_notebook, run_all
from hands import HOLD, SLIDERS, read

EVENTS, PEER_EVENTS = 60, 24
SECONDS = 2  # a steady drag
FRAMES_A_SECOND, LATEST, TIMES_INTERACT = 55, 0.020, 15
PEERS = {
    "interact": """\
%matplotlib inline
import matplotlib.pyplot as plt
import numpy as np
from ipywidgets import FloatSlider, interact
from mlpcourse import network


def draw(**z2):
    z2 = np.array([list(z2.values())]).T
    figure, (bars, matrix) = plt.subplots(1, 2, figsize=(8, 3))
    bars.bar(range(5), network.softmax(z2)[:, 0])
    jacobian = network.softmax_jacobian(z2)
    matrix.imshow(jacobian, vmin=-0.25, vmax=0.25)
    for k, i in np.ndindex(5, 5):
        matrix.text(i, k, f"{jacobian[k, i]:.3f}", ha="center", va="center")
    plt.show()


shown = interact(draw, **{f"z{i}": FloatSlider(value, min=-5, max=5) for i, value in enumerate([2, 1, 0, -1, 0.5])})
shown.widget.add_class("peer-interact");
""",
    "ipympl": """\
from ipympl.backend_nbagg import Canvas, FigureManager
from ipywidgets import FloatSlider, VBox
from matplotlib.figure import Figure

figure = Figure(figsize=(8, 3))
canvas = Canvas(figure)
FigureManager(canvas, 1)
bars, matrix = figure.subplots(1, 2)
sliders = [FloatSlider(value, min=-5, max=5, description=f"z{i}") for i, value in enumerate([2, 1, 0, -1, 0.5])]
heights = bars.bar(range(5), [1] * 5)
image = matrix.imshow(np.zeros((5, 5)), vmin=-0.25, vmax=0.25)
texts = [[matrix.text(i, k, "", ha="center", va="center") for i in range(5)] for k in range(5)]


def follow(change=None):
    z2 = np.array([[slider.value] for slider in sliders])
    jacobian = network.softmax_jacobian(z2)
    for bar, height in zip(heights, network.softmax(z2)[:, 0]):
        bar.set_height(height)
    image.set_data(jacobian)
    for k, i in np.ndindex(5, 5):
        texts[k][i].set_text(f"{jacobian[k, i]:.3f}")
    canvas.draw_idle()


for slider in sliders:
    slider.observe(follow, "value")
follow()
box = VBox([*sliders, canvas])
box.add_class("peer-ipympl")
box
""",
}

# watch(box, changed): `changed` hears of each change of the picture inside the box, before it is painted. A view's
# handles speak their value at the end of drawing; interact puts an image there; ipympl draws one on a canvas.
WATCH = """() => {
    const watchers = new Map()
    const { drawImage } = CanvasRenderingContext2D.prototype
    CanvasRenderingContext2D.prototype.drawImage = function (...what) {
        for (const [box, changed] of watchers)
            if (box.contains(this.canvas) && !box.matches('.mlp-view')) changed(new Promise(requestAnimationFrame))
        return drawImage.apply(this, what)
    }
    const images = changes => changes.flatMap(change => [...change.addedNodes])
        .flatMap(node => node.nodeName === 'IMG' ? [node] : [...node.querySelectorAll?.('img') ?? []])
    const frameAfter = async images => {
        await Promise.all(images.map(image => image.decode()))
        await new Promise(requestAnimationFrame)
    }
    const watch = (box, changed) => {
        const observer = new MutationObserver(changes => {
            const added = images(changes)
            if (box.matches('.mlp-view')) changed(null) // inside its frame: nothing to wait for
            else if (added.length) changed(frameAfter(added))
        })
        const view = { subtree: true, attributeFilter: ['aria-valuenow', 'aria-valuetext'] }
        observer.observe(box, box.matches('.mlp-view') ? view : { subtree: true, childList: true })
        watchers.set(box, changed)
        return () => {
            observer.disconnect()
            watchers.delete(box)
        }
    }
    const afterPaint = () => new Promise(done => {
        const { port1, port2 } = new MessageChannel()
        port1.onmessage = done
        port2.postMessage(0)
    })
    window.bench = {
        // The milliseconds from the next such event to its painted picture, in window.painted, or null.
        time(box, slider, type) {
            const value = () => slider.getAttribute('aria-valuenow') ?? slider.value
            window.painted = new Promise((resolve, reject) => {
                let since = null
                const before = value()
                document.addEventListener(type, event => { since ??= event.timeStamp }, { capture: true, once: true })
                const stop = watch(box, async frame => {
                    if (since === null) return
                    stop()
                    await frame
                    await afterPaint()
                    resolve(performance.now() - since)
                })
                setTimeout(() => value() === before && resolve(null), 500)
                setTimeout(() => reject(new Error(`nothing was painted after a ${type}`)), 10_000)
            })
        },
        // Counts frames, and changes of the picture, until the function that comes back is called: it gives both.
        count(box) {
            let frames = 0, pictures = 0, next = 0
            const frame = () => { frames += 1; next = requestAnimationFrame(frame) }
            frame()
            const stop = watch(box, () => { pictures += 1 })
            window.counted = () => { stop(); cancelAnimationFrame(next); return [frames, pictures] }
        },
    }
}"""


class Hand(NamedTuple):
    """What was measured with one box under the hand: seconds to paint; in a steady drag, frames and pictures a second.

    The browser makes a frame 60 times a second, unless it is kept from it; a picture is one that differs from the one
    before. How many of these there can be depends on the driver, too: it moves the mouse some 55 times a second.
    """

    key: list[float]
    drag: list[float]
    frames: float
    pictures: float


def zigzag() -> Iterator[int]:
    """Pixels from the start: out and back, so that no slider stands still at its end."""
    return itertools.cycle([*range(8, 56, 8), *range(40, -8, -8)])


def measure(page: Page, box: Locator, events: int) -> Hand:
    """Keys go to all sliders of the box in turn, drags to the first."""
    sliders = box.locator(SLIDERS).element_handles()

    def timed(slider: ElementHandle, kind: str, act: Callable[[], None]) -> Iterator[float]:
        """Nothing, if that moved nothing: the hand was at an end of the slider, or between two steps."""
        box.evaluate("(box, [slider, kind]) => window.bench.time(box, slider, kind)", [slider, kind])
        act()
        milliseconds = page.evaluate("() => window.painted")
        page.wait_for_timeout(30)
        if milliseconds is not None:
            yield milliseconds / 1000

    def away(slider: ElementHandle) -> int:
        """1 if there is more room upwards, else -1."""
        reading = read(slider)
        return 1 if reading.value < (reading.low + reading.high) / 2 else -1

    keys: list[float] = []
    for slider in itertools.islice(itertools.cycle(sliders), events):
        key = "ArrowUp" if away(slider) == 1 else "ArrowDown"
        slider.focus()
        keys.extend(timed(slider, "keydown", partial(page.keyboard.press, key)))

    x, y = sliders[0].evaluate(HOLD)
    sign = away(sliders[0])
    across, up = (0, sign) if read(sliders[0]).vertical else (sign, 0)
    page.mouse.move(x, y)
    page.mouse.down()

    def move(along: int) -> None:
        page.mouse.move(x + across * along, y - up * along)

    drags: list[float] = []
    for along in itertools.islice(zigzag(), events):
        drags.extend(timed(sliders[0], "pointermove", partial(move, along)))
    box.evaluate("box => window.bench.count(box)")
    begin = time.perf_counter()
    for along in zigzag():
        move(along)
        if time.perf_counter() - begin > SECONDS:
            break
    frames, pictures = page.evaluate("() => window.counted()")
    seconds = time.perf_counter() - begin
    page.mouse.up()
    return Hand(keys, drags, frames / seconds, pictures / seconds)


def measured() -> dict[str, Hand]:
    """Every view, and the peers that are installed, in one notebook."""
    made = {name: f"from mlpcourse import widgets\nwidgets.{name}" for name in widgets.__all__}
    sources = {name: f"{made}()" if name[0].isupper() else f"{made}('output_delta')" for name, made in made.items()}
    peers = {name: source for name, source in PEERS.items() if name == "interact" or importlib.util.find_spec(name)}
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source) for source in (sources | peers).values()]
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        (home / "root").mkdir()
        notebook = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        nbformat.write(notebook, home / "root" / "views.ipynb")
        with jupyterlab(home / "root", home) as lab, chromium() as browser:
            page = browser.new_page(viewport={"width": 1200, "height": 1400})
            open_notebook(page, lab, "views.ipynb")
            if errors := run_all(page):
                raise RuntimeError(errors[0])
            page.evaluate(WATCH)
            boxes = dict(zip(sources, page.locator(".mlp-view").all(), strict=True))
            boxes |= {name: page.locator(f".peer-{name}") for name in peers}
            for box in boxes.values():
                box.locator(SLIDERS).first.wait_for()
            return {name: measure(page, box, PEER_EVENTS if name in peers else EVENTS) for name, box in boxes.items()}


def rows() -> Iterator[Row]:
    hands = measured()
    peers = {name: hands.pop(name) for name in PEERS if name in hands}
    interact = peers["interact"]
    for name, hand in hands.items():
        for kind, ours, theirs in (("key", hand.key, interact.key), ("drag", hand.drag, interact.drag)):
            what = f"{name}: {kind} to paint; p95 {1000 * late(ours):.0f} ms"
            what += f"; {hand.frames:.0f} frames/s" if kind == "drag" else ""
            yield Row(what, spread(ours), "`interact`, inline matplotlib", spread(theirs), TIMES_INTERACT)
    for name, peer in peers.items():
        ours, theirs = (Time(*[1 / hand.pictures] * 3) for hand in (hands["Jacobian"], peer))
        yield Row("Jacobian: from picture to picture in a drag", ours, name, theirs)
    if "ipympl" in peers:
        for kind, ours, theirs in zip(("key", "drag"), hands["Jacobian"], peers["ipympl"], strict=False):
            yield Row(f"Jacobian: {kind} to paint", spread(ours), "ipympl", spread(theirs))
    for kind in ("key", "drag"):
        name = max(hands, key=lambda name: late(getattr(hands[name], kind)))
        yield limit(f"slowest p95 of a {kind}: {name}", late(getattr(hands[name], kind)), LATEST)
    name = min(hands, key=lambda name: hands[name].frames)
    yield limit(f"longest time between two frames of a drag: {name}", 1 / hands[name].frames, 1 / FRAMES_A_SECOND)


def late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def spread(seconds: list[float]) -> Time:
    low, median, high = statistics.quantiles(seconds, n=4)
    return Time(median, low, high)


def limit(what: str, seconds: float, most: float) -> Row:
    return Row(what, Time(seconds, seconds, seconds), "the aim", Time(most, most, most), aim=1)
