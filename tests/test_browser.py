"""The lessons as a learner sees them, in JupyterLab in a real browser, and every view in them under a hand.

A run of the tests opens the first lesson, since all cost two minutes more: test_views moves a view of each kind.
LESSONS_WHOLE=1 opens each.
"""

import os
from pathlib import Path

import hands
import nbformat
import pytest
from browser import Lab, error_outputs, opened, run_all, screenshot
from playwright.sync_api import Page, expect

from mlpcourse.lab.lessons import FIRST
from mlpcourse.lab.saving import ANSWER, COVER

pytestmark = pytest.mark.browser
LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
OPENED = [path for path in LESSONS if path.name == FIRST or os.environ.get("LESSONS_WHOLE")]


@pytest.mark.parametrize("path", OPENED, ids=lambda path: path.stem)
def test_a_lesson_runs_in_jupyterlab(desk: Page, lab: Lab, artefacts: Path | None, path: Path):
    with opened(desk, lab, path.name):
        asked = sum(ANSWER in cell.metadata.get("tags", []) for cell in nbformat.read(path, as_version=4).cells)
        expect(desk.locator(".jp-OutputPlaceholder")).to_have_text([COVER] * asked, timeout=60_000)
        assert run_all(desk) == []
        assert desk.locator(".jp-OutputPlaceholder").count() == 0
        if artefacts:
            screenshot(desk, artefacts / f"{path.stem}.png")
        assert error_outputs(desk) == []
        assert list(hands.handled(desk)) == []
