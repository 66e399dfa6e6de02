"""From a hand to the painted picture, in JupyterLab: every view against `interact` with inline matplotlib, and ipympl.

The peers show five logits to change, five probabilities and their Jacobian. Views and peers take turns. A time runs
from the event of a key or of the mouse until the frame with the changed picture is painted, in a headless Chromium;
frames are counted in a steady drag.
"""

from __future__ import annotations

import importlib.util
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import nbformat
from playwright.sync_api import ElementHandle, Locator, Page
from timing import Row, Time, Wrong, spread

from mlpcourse import widgets

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import chromium, jupyterlab, open_notebook, run_all
from hands import HOLD, SLIDERS, read

ROUNDS, EVENTS, PEER_EVENTS = 7, 15, 4  # of each kind in a round
PAUSE = 30, 130  # ms between two events: from a key that is held down to a quick hand
SECONDS = 0.5  # a steady drag
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

%matplotlib inline
# or the other peer's figures were ipympl's from here on
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

# watch(box, changed): `changed` hears of each change of the picture inside the box, with the begin of the frame that
# paints it. A view's handles speak their value at the end of drawing, and it draws in the event, before that frame;
# interact puts an image there; ipympl draws one on a canvas.
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
            if (box.matches('.mlp-view')) changed(new Promise(requestAnimationFrame))
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
                const begin = event => { since ??= event.timeStamp }
                for (const name of type === 'pointermove' ? [type, 'pointerrawupdate'] : [type]) // the same, sooner
                    document.addEventListener(name, begin, { capture: true, once: true })
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
        // Counts until the function that comes back is called: it gives frames, and changes of the picture, a second.
        count(box) {
            let frames = 0, pictures = 0, next = 0
            const since = performance.now()
            const frame = () => { frames += 1; next = requestAnimationFrame(frame) }
            next = requestAnimationFrame(frame)
            const stop = watch(box, () => { pictures += 1 })
            window.counted = () => {
                stop()
                cancelAnimationFrame(next)
                return [frames, pictures].map(count => (1000 * count) / (performance.now() - since))
            }
        },
    }
}"""


class Hand:
    """What was measured with one box under the hand: seconds to paint; in a steady drag, frames and pictures a second.

    The browser makes a frame 60 times a second, unless it is kept from it; a picture is one that differs from the one
    before. How many of these there can be depends on the driver, too: it moves the mouse some 55 times a second.
    """

    def __init__(self, page: Page, box: Locator, events: int) -> None:
        self.page, self.box, self.events = page, box, events
        self.sliders = box.locator(SLIDERS).element_handles()
        self.next = itertools.cycle(self.sliders)
        self.forget()

    def forget(self) -> None:
        self.key: list[float] = []
        self.drag: list[float] = []
        self.frames: list[float] = []
        self.pictures: list[float] = []

    def timed(self, slider: ElementHandle, kind: str, act: Callable[[], None]) -> Iterator[float]:
        """Nothing, if that moved nothing: the hand was at an end of the slider, or between two steps."""
        self.page.wait_for_timeout(random.uniform(*PAUSE))  # where between two frames it begins, is chance
        self.box.evaluate("(box, [slider, kind]) => window.bench.time(box, slider, kind)", [slider, kind])
        act()
        milliseconds = self.page.evaluate("() => window.painted")
        if milliseconds is not None:
            yield milliseconds / 1000

    def round(self) -> None:
        """Keys go to all sliders of the box in turn, drags to the first that no other lies over."""
        self.box.evaluate("box => box.scrollIntoView({ block: 'center' })")  # a hand comes to what is in sight
        sliders = list(itertools.islice(self.next, self.events))
        keys = ["ArrowUp" if away(slider) == 1 else "ArrowDown" for slider in sliders]  # now: reading waits for a frame
        for slider, key in zip(sliders, keys, strict=True):
            slider.focus()
            self.key.extend(self.timed(slider, "keydown", partial(self.page.keyboard.press, key)))

        first, (x, y) = next((slider, at) for slider in self.sliders if (at := slider.evaluate(HOLD)))
        sign = away(first)
        across, up = (0, sign) if read(first).vertical else (sign, 0)

        def move(along: int) -> None:
            self.page.mouse.move(x + across * along, y - up * along)

        move(0)
        self.page.mouse.down()
        for along in itertools.islice(zigzag(), self.events):
            self.drag.extend(self.timed(first, "pointermove", partial(move, along)))
        self.box.evaluate("box => window.bench.count(box)")
        begin = time.perf_counter()
        for along in zigzag():
            move(along)
            if time.perf_counter() - begin > SECONDS:
                break
        frames, pictures = self.page.evaluate("() => window.counted()")
        self.page.mouse.up()
        self.frames.append(frames)
        self.pictures.append(pictures)
        self.page.wait_for_timeout(300)  # until the kernel was told, too


def zigzag() -> Iterator[int]:
    """Pixels from the start: out and back, so that no slider stands still at its end."""
    return itertools.cycle([*range(8, 56, 8), *range(40, -8, -8)])


def away(slider: ElementHandle) -> int:
    """1 if there is more room upwards, else -1."""
    reading = read(slider)
    return 1 if reading.value < (reading.low + reading.high) / 2 else -1


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
            hands = {name: Hand(page, box, PEER_EVENTS if name in peers else EVENTS) for name, box in boxes.items()}
            for name, hand in hands.items():
                hand.round()
                hand.forget()  # it was warming up
                if name == "interact" and page.locator(".peer-interact canvas").count():
                    raise Wrong("interact shows a canvas, not matplotlib's inline picture")
            for _ in range(ROUNDS):
                for hand in hands.values():
                    hand.round()
            return hands


def rows() -> Iterator[Row]:
    hands = measured()
    peers = {name: hands.pop(name) for name in PEERS if name in hands}
    interact = peers["interact"]
    for name, hand in hands.items():
        for kind, ours, theirs in (("key", hand.key, interact.key), ("drag", hand.drag, interact.drag)):
            what = f"{name}: {kind} to paint; p95 {bold(late(ours) > LATEST, 1000 * late(ours))} ms"
            if kind == "drag":
                frames = statistics.median(hand.frames)
                what += f"; {bold(frames < FRAMES_A_SECOND, frames)} frames/s"
            yield Row(what, spread(ours), "`interact`, inline matplotlib", spread(theirs), TIMES_INTERACT)
    jacobian = hands["Jacobian"]
    for name, peer in peers.items():
        apart = (spread([1 / pictures for pictures in hand.pictures]) for hand in (jacobian, peer))
        yield Row("Jacobian: from picture to picture in a drag", next(apart), name, next(apart))
    if "ipympl" in peers:
        yield Row("Jacobian: key to paint", spread(jacobian.key), "ipympl", spread(peers["ipympl"].key))
        yield Row("Jacobian: drag to paint", spread(jacobian.drag), "ipympl", spread(peers["ipympl"].drag))
    for kind in ("key", "drag"):
        name = max(hands, key=lambda name: late(getattr(hands[name], kind)))
        yield limit(f"slowest p95 of a {kind}: {name}", late(getattr(hands[name], kind)), LATEST)
    name = min(hands, key=lambda name: statistics.median(hands[name].frames))
    between = 1 / statistics.median(hands[name].frames)
    yield limit(f"longest time between two frames of a drag: {name}", between, 1 / FRAMES_A_SECOND)


def bold(missed: bool, value: float) -> str:
    return f"**{value:.1f}**" if missed else f"{value:.1f}"


def late(seconds: list[float]) -> float:
    """The 95th percentile."""
    return statistics.quantiles(seconds, n=20)[-1]


def limit(what: str, seconds: float, most: float) -> Row:
    return Row(what, Time(seconds, seconds, seconds), "the aim", Time(most, most, most), aim=1)
