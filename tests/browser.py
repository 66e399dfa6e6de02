"""Drives JupyterLab in a headless Chromium: for the tests, and for looking at a lesson."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import matplotlib
import nbformat
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from mlpcourse.lab.settings import SETTINGS as COURSES

FLAGS = [
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--no-default-browser-check",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--force-color-profile=srgb",
]  # fmt: skip

# What makes JupyterLab the course's: its kernel, its settings, what it does before it saves.
COURSE = {"JUPYTER_CONFIG_PATH": str(COURSES), "JUPYTER_PATH": str(COURSES)}

# Every cell is drawn, not only those in sight; nothing asks a question; nothing is saved behind our back.
SETTINGS = {
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none"},
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/docmanager-extension/plugin": {"autosave": False},
}


def find_chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next(filter(None, map(shutil.which, names)), None)


class Lab:
    """A running JupyterLab: serves ``root``, knows its own home only."""

    def __init__(self, root: Path, url: str, token: str) -> None:
        self.root, self.url, self.token = root, url, token


@contextlib.contextmanager
def jupyterlab(
    root: Path,
    home: Path,
    *,
    dark: bool = False,
    given: Mapping[str, str] = MappingProxyType({}),
    arguments: Sequence[str] = (),
) -> Iterator[Lab]:
    """JupyterLab on a port that it finds free, serving ``root``; all that it keeps is below ``home``.

    ``given`` is added to its environment, ``arguments`` to its command.
    """
    settings = {
        **SETTINGS,
        "@jupyterlab/apputils-extension/themes": {"theme": f"JupyterLab {'Dark' if dark else 'Light'}"},
    }
    for name, values in settings.items():
        file = home / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(values))
    token = secrets.token_hex(16)
    runtime = Path(tempfile.mkdtemp())  # its kernels' sockets are there, and a socket's path has room for 100 letters
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("JUPYTER", "IPYTHON", "XDG_"))},
        "HOME": str(home),
        "MPLCONFIGDIR": matplotlib.get_configdir(),  # or it would look through all fonts anew
        "JUPYTER_CONFIG_DIR": str(home / "config"),
        "JUPYTER_DATA_DIR": str(home / "data"),
        "JUPYTER_RUNTIME_DIR": str(runtime),
        "JUPYTERLAB_SETTINGS_DIR": str(home / "settings"),
        "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces"),
        "JUPYTER_TOKEN": token,
        **given,
    }
    command = [
        *(sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--LabApp.expose_app_in_browser=True"),
        *(f"--ServerApp.root_dir={root}", "--ServerApp.ip=127.0.0.1", "--ServerApp.port=0"),
        *(["--KernelManager.transport=ipc"] if os.name != "nt" else []),
        *arguments,
    ]
    with (home / "jupyterlab.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log, cwd=root)
        try:
            deadline = time.monotonic() + 60
            while True:
                with contextlib.suppress(StopIteration, json.JSONDecodeError):  # it listens, then writes where
                    port = json.loads(next(runtime.glob("jpserver-*.json")).read_text())["port"]
                    break
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"JupyterLab did not start:\n{(home / 'jupyterlab.log').read_text()}")
                time.sleep(0.1)
            yield Lab(root, f"http://127.0.0.1:{port}", token)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(runtime, ignore_errors=True)


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


IGNORED = (
    "ResizeObserver loop",  # a notice of the browser, not an error
    "Canceled future for",  # JupyterLab had asked a kernel that was closed before it answered, its debugger for one
    "[anywidget] Failed to initialize model.",  # it took over two seconds; a view that never comes is missed elsewhere
)


def listen(page: Page) -> list[str]:
    """The page's console errors and uncaught exceptions, in a list that grows as they come."""
    errors: list[str] = []

    def note(text: str) -> None:
        if not any(part in text for part in IGNORED):
            errors.append(text)

    def on_console(message: ConsoleMessage) -> None:
        if message.type == "error":
            note(f"{message.text} ({message.location.get('url', '')})")

    page.on("console", on_console)
    page.on("pageerror", lambda error: note(str(error)))
    return errors


READY = """path => {
    const session = window.jupyterapp?.shell.currentWidget?.sessionContext
    const kernel = session?.session?.kernel
    const connected = session?.isReady && kernel?.connectionStatus === 'connected'
    return Boolean(session?.path === path && connected && kernel.status === 'idle')
}"""


def open_notebook(page: Page, lab: Lab, name: str) -> None:
    """Opens ``name`` (below the lab's root) and waits until its kernel can be used."""
    if page.url.startswith(lab.url):
        page.evaluate("async path => { await window.jupyterapp.commands.execute('docmanager:open', { path }) }", name)
    else:
        page.goto(f"{lab.url}/lab/tree/{name}?token={lab.token}&reset")
    page.wait_for_function(READY, arg=name, timeout=60_000)
    page.evaluate("() => window.jupyterapp.shell.collapseLeft()")
    page.mouse.move(0, 0)  # whoever had the page before may have left the pointer anywhere


def close_notebook(page: Page) -> None:
    """Closes the notebook in front, unsaved, and ends its kernel."""
    page.evaluate(
        """async () => {
            const { currentWidget } = window.jupyterapp.shell
            await currentWidget.sessionContext.shutdown()
            currentWidget.context.model.dirty = false
            currentWidget.close()
        }"""
    )


@contextlib.contextmanager
def opened(page: Page, lab: Lab, name: str, sources: Iterable[str] = ()) -> Iterator[None]:
    """The notebook ``name``, made of ``sources`` if there are any; the console has no error until it is closed."""
    if sources:
        write_notebook(lab, name, sources)
    errors = listen(page)
    open_notebook(page, lab, name)
    try:
        yield
    finally:
        close_notebook(page)
    assert not errors, "\n".join(errors)


FINISHED = """() => {
    const content = window.jupyterapp.shell.currentWidget.content
    const cells = content.widgets.filter(({ model }) => model.type === 'code' && model.sharedModel.getSource().trim())
    const failed = cells.some(({ model }) => model.sharedModel.getOutputs().some(o => o.output_type === 'error'))
    return (failed || cells.every(({ model }) => model.executionCount !== null && model.executionState !== 'running'))
        && window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.status === 'idle'
}"""


def run_all(page: Page, *, timeout: float = 120) -> list[str]:
    """Runs every cell from a clean slate and returns the error outputs, as text."""
    for command in ("notebook:clear-all-cell-outputs", "runmenu:run-all"):
        page.evaluate("async command => { await window.jupyterapp.commands.execute(command) }", command)
    page.wait_for_function(FINISHED, timeout=timeout * 1000)
    return error_outputs(page)


def error_outputs(page: Page) -> list[str]:
    texts: list[str] = page.evaluate(
        """() => window.jupyterapp.shell.currentWidget.content.widgets
            .filter(cell => cell.model.type === 'code')
            .flatMap(cell => cell.model.sharedModel.getOutputs())
            .filter(output => output.output_type === 'error')
            .map(output => `${output.ename}: ${output.evalue}`)"""
    )
    return texts


def screenshot(page: Page, file: Path) -> None:
    """The whole notebook in one tall picture."""
    before = page.viewport_size
    assert before
    height = page.evaluate(
        """() => {
            const { content } = window.jupyterapp.shell.currentWidget
            const scroller = content.node.querySelector('.jp-WindowedPanel-outer')
            scroller.scrollTop = 0
            const end = content.widgets.at(-1).node.getBoundingClientRect().bottom
            return Math.ceil(end + window.innerHeight - scroller.getBoundingClientRect().bottom)
        }"""
    )
    page.set_viewport_size({"width": before["width"], "height": min(height, 16_000)})
    page.wait_for_timeout(200)
    page.screenshot(path=file)
    page.set_viewport_size(before)


def write_notebook(lab: Lab, name: str, sources: Iterable[str]) -> None:
    """A notebook of these cells, in the lab's folder."""
    kernel = {"name": "python3", "display_name": "Python 3 (ipykernel)", "language": "python"}
    cells = [nbformat.v4.new_code_cell(source, id=f"cell-{at}") for at, source in enumerate(sources)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), lab.root / name)


def themes(page: Page) -> Iterator[str]:
    """Gives JupyterLab its dark theme, then its light one, and says which it has."""
    for theme in ("Dark", "Light"):
        page.evaluate(
            "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", f"JupyterLab {theme}"
        )
        page.locator(f"body[data-jp-theme-light={str(theme == 'Light').lower()}]").wait_for(state="attached")
        yield theme
