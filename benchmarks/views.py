"""From a key press to the painted picture, in JupyterLab: a view against `interact` with inline matplotlib.

Both show five logits to change, five probabilities and their Jacobian. The time runs from the key event until the
frame with the changed picture is painted, in a headless Chromium.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import nbformat
from playwright.sync_api import Page
from timing import Row, Time

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from browser import chromium, jupyterlab, open_notebook, run_all

KEYS = 60
VIEW = "from mlpcourse.widgets import Jacobian\nJacobian([2, 1, 0, -1, 0.5])"
INTERACT = """\
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


interact(draw, **{f"z{i}": FloatSlider(value, min=-5, max=5) for i, value in enumerate([2, 1, 0, -1, 0.5])});
"""

# Resolves with the milliseconds from the next key press to the frame after the first change that shows.
WATCH = """selector => {
    window.painted = new Promise(resolve => {
        let pressed = null
        const key = event => { pressed ??= event.timeStamp }
        document.addEventListener('keydown', key, { capture: true, once: true })
        const observer = new MutationObserver(async changes => {
            const images = changes.flatMap(change => [...change.addedNodes])
                .flatMap(node => node.nodeName === 'IMG' ? [node] : [...node.querySelectorAll?.('img') ?? []])
            const drawn = images.length > 0 || changes.some(change => change.target.closest?.('svg'))
            if (pressed === null || !drawn) return
            observer.disconnect()
            if (images.length) {
                await Promise.all(images.map(image => image.decode()))
                await new Promise(requestAnimationFrame)
            } // a view changes inside its frame: nothing to wait for
            const { port1, port2 } = new MessageChannel()
            port1.onmessage = () => resolve(performance.now() - pressed)
            port2.postMessage(0)
        })
        const options = { subtree: true, childList: true, attributes: true }
        observer.observe(document.querySelector(selector), options)
    })
}"""


def key_to_paint(page: Page, handle: str, picture: str) -> list[float]:
    """Seconds from each key press to its picture."""
    page.locator(handle).first.focus()
    seconds = []
    for press in range(KEYS):
        page.evaluate(WATCH, picture)
        page.keyboard.press("ArrowRight" if press // 10 % 2 == 0 else "ArrowLeft")
        seconds.append(page.evaluate("() => window.painted") / 1000)
        page.wait_for_timeout(50)
    return seconds


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        cells = [nbformat.v4.new_code_cell(source) for source in (VIEW, INTERACT)]
        (home / "root").mkdir()
        nbformat.write(
            nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), home / "root" / "both.ipynb"
        )
        with jupyterlab(home / "root", home) as lab, chromium() as browser:
            page = browser.new_page(viewport={"width": 1200, "height": 1400})
            open_notebook(page, lab, "both.ipynb")
            if errors := run_all(page):
                raise RuntimeError(errors[0])
            page.locator(".noUi-handle").first.wait_for()
            page.locator(".mlp-view svg").wait_for()
            ours = key_to_paint(page, ".mlp-handle", ".mlp-view")
            theirs = key_to_paint(page, ".noUi-handle", ".widget-interact")
    what = f"view: key to paint (p95 {1000 * statistics.quantiles(ours, n=20)[-1]:.0f} ms)"
    yield Row(what, _time(ours), "`interact`, inline matplotlib", _time(theirs), aim=15)


def _time(seconds: list[float]) -> Time:
    low, median, high = statistics.quantiles(seconds, n=4)
    return Time(median, low, high)
