"""Every lesson as a learner sees it, in JupyterLab in a real browser, and every view in it under a hand."""

from pathlib import Path

import hands
import pytest
from browser import Lab, close_notebook, error_outputs, listen, open_notebook, run_all, screenshot
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_runs_in_jupyterlab(desk: Page, lab: Lab, artefacts: Path | None, path: Path):
    errors = listen(desk)
    open_notebook(desk, lab, path.name)
    try:
        assert run_all(desk) == []
        if artefacts:
            screenshot(desk, artefacts / f"{path.stem}.png")
        assert error_outputs(desk) == []
        views = desk.locator(hands.VIEWS).all()
        assert len(views) == len(hands.python(desk)), "every view is drawn"
        wrong = [f"view {at + 1}: {one}" for at, view in enumerate(views) for one in hands.work(desk, view, at)]
        wrong += [f"view {at + 1}: {one}" for at, view in enumerate(views) for one in hands.click(desk, view)]
        assert not wrong, "\n".join(wrong)
    finally:
        close_notebook(desk)
    assert errors == []
