"""A Chromium and a JupyterLab for the tests that look at what a learner sees."""

import gc
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

# Before SymPy is imported: the lines of many tests do not fit into its usual cache of 1,000 results.
os.environ.setdefault("SYMPY_CACHE_SIZE", "50000")

import pytest
from browser import (
    COURSE,
    Lab,
    chromium,
    close_notebook,
    find_chromium,
    jupyterlab,
    listen,
    open_notebook,
    run_all,
    write_notebook,
)
from playwright.sync_api import Browser, Page, expect
from xdist.remote import Producer
from xdist.scheduler import LoadFileScheduling

from mlpcourse.exercises import locate, trials

expect.set_options(timeout=20_000)  # a busy machine is slow, not wrong
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


# Python looks time and again through all that is alive for what only refers to itself. Here that is much and stays: all
# modules, and thousands of tests. A tenth of the time went there.
gc.set_threshold(100_000, 50, 100)


def pytest_collection_finish() -> None:
    gc.freeze()


# Tests in the desk's JupyterLab.
AT_THE_DESK = {
    f"test_{name}.py"
    for name in ("browser", "views", "each_view_by_hand", "views_by_hand", "derive_view", "marks_view", "day_two")
}


class OneDesk(LoadFileScheduling):
    """A file at a time, but one worker has all files that need the desk, so that JupyterLab is loaded once."""

    def _split_scope(self, nodeid: str) -> str:
        file: str = super()._split_scope(nodeid)
        return "desk" if Path(file).name in AT_THE_DESK else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneDesk | None:
    return OneDesk(config, log) if config.getvalue("dist") == "loadfile" else None


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """However busy this machine is, what explains an answer is looked for to the end."""
    monkeypatch.setattr(trials, "SECONDS", 60)
    monkeypatch.setattr(locate, "SECONDS", 60)


@pytest.fixture(scope="session")
def chrome() -> Iterator[Browser]:
    if find_chromium() is None:
        say = "no Chromium was found to test what a learner sees: install one (Debian, Ubuntu: apt install chromium)"
        if os.environ.get("CI") or os.environ.get("MLPCOURSE_REQUIRE_BROWSER"):
            pytest.fail(say)
        pytest.skip(say)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="session")
def lab(chrome: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over a copy of the lessons, as `mlpcourse lab` starts it: as `make lab` does over one in "author"."""
    home = tmp_path_factory.mktemp("home")
    root = home / "lessons"
    shutil.copytree(NOTEBOOKS, root)
    shutil.copytree(NOTEBOOKS, root / "author")
    given = {**COURSE, "PYTHONPATH": str(Path(__file__).parent)}
    with jupyterlab(root, home, given=given, arguments=["--ContentsManager.pre_save_hook=saves.save"]) as running:
        yield running


@pytest.fixture(scope="session")
def artefacts() -> Path | None:
    """Where screenshots go: MLPCOURSE_SCREENSHOTS. Without it none are taken, since they are for eyes."""
    if not os.environ.get("MLPCOURSE_SCREENSHOTS"):
        return None
    folder = Path(os.environ["MLPCOURSE_SCREENSHOTS"])
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture
def blank(chrome: Browser) -> Iterator[Page]:
    """An empty page without a network, whose console must stay silent."""
    context = chrome.new_context(offline=True)
    page = context.new_page()
    errors = listen(page)
    yield page
    context.close()
    assert errors == []


@pytest.fixture(scope="session")
def desk(chrome: Browser, lab: Lab) -> Iterator[Page]:
    """One JupyterLab tab, since loading one takes ten seconds: notebooks are opened in it, one after the other."""
    context = chrome.new_context(viewport={"width": 1200, "height": 900})
    page = context.new_page()
    page.set_default_timeout(20_000)
    yield page
    context.close()


@pytest.fixture(scope="module")
def views(request: pytest.FixtureRequest, desk: Page, lab: Lab) -> Iterator[Page]:
    """The notebook of a module's CELLS, run once."""
    write_notebook(lab, "views.ipynb", request.module.CELLS.values())
    errors = listen(desk)
    open_notebook(desk, lab, "views.ipynb")
    assert run_all(desk) == []
    yield desk
    seen = list(errors)  # a test may have ended the kernel, which closing then misses
    close_notebook(desk)
    assert seen == []
