"""The lessons as a learner sees them, in JupyterLab in a real browser, and every view in them under a hand.

A run of the tests opens the first lesson, and the views of all others in one notebook: each lesson in its own costs two
minutes more. LESSONS_WHOLE=1 opens each.
"""

import ast
import os
from collections.abc import Iterator
from pathlib import Path

import hands
import nbformat
import pytest
from browser import (
    Lab,
    error_outputs,
    opened,
    run_all,
    screenshot,
)
from playwright.sync_api import Page, expect

from mlpcourse import widgets
from mlpcourse.lab.lessons import FIRST
from mlpcourse.lab.saving import ANSWER, COVER

pytestmark = pytest.mark.browser
LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
OPENED = [path for path in LESSONS if path.name == FIRST or os.environ.get("LESSONS_WHOLE")]
SHOWN = {*widgets.__all__, "derive", "given"}


def names(source: str, context: type[ast.Load] | type[ast.Store]) -> set[str]:
    """The names that a cell reads, or those that it sets."""
    nodes = list(ast.walk(ast.parse(source)))
    found = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, context)}
    if context is ast.Store:
        found |= {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        found |= {name.asname or name.name for node in nodes if isinstance(node, ast.ImportFrom) for name in node.names}
        found |= {name.asname or name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    return found


def with_a_view(path: Path) -> list[str]:
    """The cells of a lesson that show a view, and those above that they need."""
    sources = [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    kept: list[str] = []
    wanted: set[str] = set()
    for source in reversed(sources):
        read = names(source, ast.Load)
        if read & SHOWN or names(source, ast.Store) & wanted:
            kept.insert(0, source)
            wanted |= read
    return kept


def handled(page: Page) -> Iterator[str]:
    """What is wrong with the views of the notebook in front, once a hand has moved all that it can."""
    views = page.locator(hands.VIEWS).all()
    shown = hands.shown(page)
    assert len(views) == len(shown), "every view is drawn"
    for view, id in zip(views, shown, strict=True):
        yield from (f"{view.get_attribute('aria-label')}: {one}" for one in hands.work(page, view, id))
    for view in views:
        yield from (f"{view.get_attribute('aria-label')}: {one}" for one in hands.click(page, view))


def test_every_view_of_the_lessons_moves_under_a_hand(desk: Page, lab: Lab):
    sources = [source for path in LESSONS if path not in OPENED for source in with_a_view(path)]
    with opened(desk, lab, "all_views.ipynb", sources):
        assert run_all(desk) == []
        assert list(handled(desk)) == []


@pytest.mark.parametrize("path", OPENED, ids=lambda path: path.stem)
def test_a_lesson_runs_in_jupyterlab(desk: Page, lab: Lab, artefacts: Path | None, path: Path):
    with opened(desk, lab, path.name):
        asked = sum(ANSWER in cell.metadata.get("tags", []) for cell in nbformat.read(path, as_version=4).cells)
        expect(desk.locator(".jp-OutputPlaceholder")).to_have_text([COVER] * asked)
        assert run_all(desk) == []
        assert desk.locator(".jp-OutputPlaceholder").count() == 0
        if artefacts:
            screenshot(desk, artefacts / f"{path.stem}.png")
        assert error_outputs(desk) == []
        assert list(handled(desk)) == []
