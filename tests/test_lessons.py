"""The committed notebooks have the shape that CONTRIBUTING.md promises. nbval runs them; this reads them."""

import copy
import re
from pathlib import Path

import nbformat
import pytest

from notebooks import normalise

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.name[0].isdigit()]
SCREEN = 30  # lines of code

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code" and cell.source.strip()]


def text(path: Path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def title_and_minutes(path: Path) -> tuple[str, str]:
    first = read(path).cells[0].source
    title, minutes = re.match(r"# (.+)", first), re.search(r"^- \*\*Time\*\* (\d+) minutes$", first, re.MULTILINE)
    assert title, f"{path.name} must begin with a title"
    assert minutes, f"{path.name} must say its **Time** in its first cell"
    return title[1], minutes[1]


def test_there_are_lessons():
    assert [path.name[:2] for path in LESSONS] == [f"{number:02}" for number in range(12)]


@every_notebook
def test_is_committed_as_make_notebooks_leaves_it(path: Path):
    committed = read(path)
    normal = copy.deepcopy(committed)
    normalise(normal)
    assert normal == committed, "run `make notebooks`"


@every_notebook
def test_was_executed_top_to_bottom_without_an_error(path: Path):
    cells = code_cells(path)
    assert [cell.execution_count for cell in cells] == list(range(1, len(cells) + 1))
    assert not [output for cell in cells for output in cell.outputs if output.output_type == "error"]


@every_notebook
def test_no_cell_is_longer_than_a_screen(path: Path):
    for cell in code_cells(path):
        assert len(cell.source.splitlines()) <= SCREEN, cell.source.splitlines()[0]


@every_notebook
def test_every_picture_has_alt_text(path: Path):
    for cell in code_cells(path):
        for output in cell.outputs:
            if "image/png" in output.get("data", {}):
                alt = output.metadata.get("image/png", {}).get("alt", "")
                assert len(alt) > 20, f"the picture of the cell that begins {cell.source[:60]!r} has alt text {alt!r}"
    for alt in re.findall(r"!\[(.*?)\]\(", text(path)):
        assert len(alt) > 20


@every_notebook
def test_what_nbval_does_not_compare_says_why(path: Path):
    for cell in code_cells(path):
        if "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_IGNORE_OUTPUT" in cell.source:
            assert "# not compared: " in cell.source


@every_lesson
def test_opens_by_saying_what_it_is_about(path: Path):
    title_and_minutes(path)
    first = read(path).cells[0].source
    for entry in ("You will", "You need", "In the handout"):
        assert f"- **{entry}** " in first


@every_lesson
def test_ends_with_the_result_and_the_next_lesson(path: Path):
    if path == LESSONS[0]:
        pytest.skip("the start page derives nothing")
    last = read(path).cells[-1].source
    assert last.startswith("## In short")
    assert path == LESSONS[-1] or LESSONS[LESSONS.index(path) + 1].name in last


@every_notebook
def test_links_lead_somewhere(path: Path):
    for target in re.findall(r"\]\(([^)#:]+)\)", text(path)):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("page", ["README.md", "notebooks/00_start_here.ipynb"])
def test_the_map_of_lessons_is_true(page: str):
    """Both pages list the lessons, because each must stand alone; the lessons' own titles are the source."""
    path = ROOT / page
    source = path.read_text() if path.suffix == ".md" else text(path)
    rows = re.findall(r"^\| \[(.+?)\]\((\S+?)\) \| (\d+) \|", source, re.MULTILINE)
    listed = [((path.parent / target).resolve(), title, minutes) for title, target, minutes in rows]
    expected = [(lesson, *title_and_minutes(lesson)) for lesson in LESSONS]
    assert listed == (expected if page == "README.md" else expected[1:])
