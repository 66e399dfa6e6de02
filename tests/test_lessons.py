"""The committed notebooks have the shape that CONTRIBUTING.md promises. nbval runs them; this reads them."""

import copy
import itertools
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

from mlpcourse import widgets
from mlpcourse.data import tiny
from mlpcourse.derivation import DERIVATIONS
from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.shapes import ShapeExercise
from mlpcourse.lab.saving import ANSWER, COVER
from notebooks import TIME, minutes, normalise

ROOT = Path(__file__).parent.parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LESSONS = [path for path in NOTEBOOKS if path.name[0].isdigit()]
SCREEN = 30  # lines of code
LONGEST = 45  # minutes

every_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
every_lesson = pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)


def read(path: Path) -> nbformat.NotebookNode:
    return nbformat.read(path, as_version=4)


def code_cells(path: Path) -> list[nbformat.NotebookNode]:
    return [cell for cell in read(path).cells if cell.cell_type == "code" and cell.source.strip()]


def text(path: Path) -> str:
    return "\n\n".join(cell.source for cell in read(path).cells if cell.cell_type == "markdown")


def title(path: Path) -> str:
    found = re.match(rf"# {path.name[:2]}\. (.+)", read(path).cells[0].source)
    assert found, f"{path.name} must begin with its number and a title: # {path.name[:2]}. Choose the step"
    return found[1]


def answers(cell: nbformat.NotebookNode) -> bool:
    return ANSWER in cell.metadata.get("tags", [])


def test_the_lessons_are_numbered_without_a_gap():
    assert [path.name[:2] for path in LESSONS] == [f"{number:02}" for number in range(max(len(LESSONS), 12))]


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


@every_lesson
def test_a_question_comes_without_its_answer(path: Path):
    """What answers it is seen when its cell is run. (What an exercise, a view or an unfolded text answers is asked.)"""
    for cell, after in itertools.pairwise(read(path).cells):
        if re.search(r"\*\*(?:Predict|Guess)\b", cell.source) and after.cell_type == "code":
            called = set(re.findall(r"\b(\w+)\(", after.source))
            asked = called & {"check", "given", *widgets.__all__} or "<details>" in cell.source
            assert asked or answers(after), after.source.splitlines()[0]


@every_lesson
def test_what_answers_a_question_is_there_and_folded(path: Path):
    """JupyterLab shows one line of what is folded: the first output's first, of its HTML, else Markdown, else text."""
    for cell in code_cells(path):
        assert (cell.metadata.get("jupyter") == {"outputs_hidden": True}) == answers(cell)
        if answers(cell):
            cover, *shown = cell.outputs
            assert cover.data == {"text/plain": COVER}
            assert shown, cell.source.splitlines()[0]


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
    """Where a learner does not read it: the tag and the reason stand in the cell's metadata."""
    for cell in code_cells(path):
        ignored = "nbval-ignore-output" in cell.metadata.get("tags", [])
        assert ignored == bool(cell.metadata.get("not_compared")), cell.source.splitlines()[0]
        assert not re.search("nbval|not compared", cell.source, re.IGNORECASE), cell.source.splitlines()[0]


@every_lesson
def test_opens_by_saying_what_it_is_about(path: Path):
    title(path)
    first = read(path).cells[0].source
    for entry in ("You will", "You need", "Time", "In the handout"):
        assert f"- **{entry}** " in first


@every_lesson
def test_its_first_cell_says_what_to_do_where_the_package_is_missing(path: Path):
    """In words: with a kernel of another Python, no code of ours can say it."""
    imports = code_cells(path)[0].source
    assert imports.index("# ModuleNotFoundError? The kernel is another Python") < imports.index("import ")
    assert "`mlpcourse lab`" in imports


@every_lesson
def test_takes_no_longer_than_a_lesson(path: Path):
    assert minutes(read(path)) <= LONGEST


@every_lesson
def test_says_how_long_it_takes(path: Path):
    stated = TIME.search(read(path).cells[0].source)
    assert stated, "- **Time** about 5 minutes"
    assert int(stated[1]) == minutes(read(path)), "run `make notebooks`"


def test_minutes_are_those_of_a_reader():
    """150 words a minute, half a minute a cell, one more a table, four a view or an exercise; always rounded up."""
    new = nbformat.v4

    def taken(*code: str) -> int:
        cells = [new.new_markdown_cell("word " * 1500), *map(new.new_code_cell, code)]
        return minutes(new.new_notebook(cells=cells))

    assert taken() == 10
    assert taken(*["x = 1"] * 10) == 15
    assert taken(*['show("A2")'] * 10) == 25
    assert taken("Softmax([1, 2, 0])") == taken("check(softmax)") == 15
    assert taken('# hint("softmax")') == 10


@every_lesson
def test_hint_and_solution_stand_ready_under_every_exercise(path: Path):
    cells = code_cells(path)
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        if asked := re.search(r'^(check|derive)\("?(\w+)', cell.source, re.MULTILINE):
            name = asked[2] if asked[1] == "check" else f"derive_{asked[2]}"
            assert after, f"nothing stands under {name}"
            assert after.source == f'# hint("{name}")\n# solution("{name}")', f"under {name}"


@every_lesson
def test_every_name_is_known_where_it_is_used(path: Path):
    """Also in the hints and solutions that stand ready, and what a hint, a verdict or lesson 00 says to run."""
    cells = [re.sub(r"^# (hint|solution)\(", r"\1(", cell.source, flags=re.MULTILINE) for cell in code_cells(path)]
    mine = [exercise for exercise in EXERCISES.values() if path.name.startswith(f"{exercise.lesson:02}_")]
    cells += [call for one in mine for hint in one.hints for call in re.findall(r"`(show\w*\(.*?\))`", hint)]
    cells.append("show, notation")
    ruff = [sys.executable, "-m", "ruff", "check", "--isolated", "--quiet", "--select", "F821,F823", "-"]
    found = subprocess.run(ruff, input="\n\n\n".join(cells), capture_output=True, text=True)
    assert found.returncode == 0, found.stdout


@pytest.mark.parametrize("path", LESSONS[1:], ids=lambda path: path.stem)  # the start page derives nothing
def test_ends_with_the_result_and_the_next_lesson(path: Path):
    last = read(path).cells[-1].source
    assert last.startswith("## In short")
    assert path == LESSONS[-1] or LESSONS[LESSONS.index(path) + 1].name in last


@every_notebook
def test_links_lead_somewhere(path: Path):
    for target in re.findall(r"\]\(([^)#:]+)\)", text(path)):
        assert (path.parent / target).exists(), target


def test_no_hint_counts_the_lines_of_a_derivation():
    """A line has a key, which stays when a line is put in before it."""
    for exercise in EXERCISES.values():
        for hint in exercise.hints:
            assert not re.search(r"\bline \d", hint, re.IGNORECASE), exercise.name
            for name, key in re.findall(r"show\('(\w+)', '(\w+)'\)", hint):
                assert key in {line.key for line in DERIVATIONS[name].lines}, exercise.name


@pytest.mark.parametrize("page", ["README.md", "notebooks/00_start_here.ipynb"])
def test_the_map_of_lessons_is_true(page: str):
    """Both pages list the lessons, because each must stand alone; the lessons' own titles are the source."""
    path = ROOT / page
    source = path.read_text() if path.suffix == ".md" else text(path)
    rows = re.findall(r"^\| (\d\d) \[(.+?)\]\((\S+?)\) \|", source, re.MULTILINE)
    assert all(Path(target).name.startswith(f"{number}_") for number, _, target in rows)
    listed = [((path.parent / target).resolve(), name) for _, name, target in rows]
    expected = [(lesson, title(lesson)) for lesson in LESSONS]
    assert listed == (expected if page == "README.md" else expected[1:])


@pytest.mark.parametrize(
    "exercise", [e for e in EXERCISES.values() if isinstance(e, ShapeExercise)], ids=lambda e: e.name
)
def test_a_shape_is_asked_of_the_network_on_the_page(exercise: ShapeExercise):
    """The sizes that are judged are those that the text before the exercise names."""
    lesson = LESSONS[exercise.lesson]
    before = []
    for cell in read(lesson).cells:
        if cell.cell_type == "code" and f'check("{exercise.name}"' in cell.source:
            break
        before.append(cell.source)
    else:
        pytest.fail(f"{exercise.name} is not in {lesson.name}")
    named = dict(re.findall(r"\b([DHKN]) = (\d+)\b", "\n".join(before)))
    if not named:  # the lessons' own network, with as many examples as the lesson takes
        named = dict(zip("DHK", (*np.shape(tiny().params.w1)[::-1], len(tiny().y)), strict=True))
    sizes = dict(zip("DHKN", exercise.sizes, strict=True))
    assert {letter: int(size) for letter, size in named.items()} == {letter: sizes[letter] for letter in named}
