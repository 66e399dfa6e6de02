"""Every exercise filled in with its solution, and every lesson run: all right, none skipped."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client import KernelManager
from kernels import over_files
from nbclient import NotebookClient

from mlpcourse import widgets
from mlpcourse.derivation import DERIVATIONS
from mlpcourse.exercises import EXERCISES, own_code
from mlpcourse.exercises.transfer import TRANSFERS

pytestmark = pytest.mark.slow
NOTEBOOKS = Path(__file__).parent.parent / "notebooks"
LESSONS = sorted(path for path in NOTEBOOKS.glob("*.ipynb") if path.name[0].isdigit())
VIEWS = "|".join(name for name in widgets.__all__ if name[0].isupper())
SHOWS = re.compile(rf"(# [^\n]*\n)*(show|show_handout|draw_\w+|{VIEWS})\([^\n]*\)")  # and nothing else
LENGTH = re.compile(r"(?<=[ (])(epochs|steps)=\d+")  # of a training


def asks(cell: nbformat.NotebookNode) -> str | None:
    """The exercise that a cell checks, or lets derive."""
    if cell.cell_type != "code":
        return None
    if found := re.search(r'^check\("?(\w+)', cell.source, re.MULTILINE):
        return found[1]
    found = re.search(r'^derive\("(\w+)"\)', cell.source, re.MULTILINE)
    return f"derive_{found[1]}" if found and f"derive_{found[1]}" in EXERCISES else None


def asked(path: Path) -> list[str]:
    return [name for cell in nbformat.read(path, as_version=4).cells if (name := asks(cell))]


def test_every_exercise_is_in_its_lesson_and_nowhere_else():
    """In the order of the page, so that `progress()` names the next one on it."""
    pages = [(name, int(path.name[:2])) for path in LESSONS for name in asked(path)]
    assert pages == [(name, exercise.lesson) for name, exercise in EXERCISES.items()]


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A learner's folder with the lessons."""
    return Path(shutil.copytree(NOTEBOOKS, tmp_path_factory.mktemp("desk") / "lessons"))


@pytest.fixture(scope="module")
def kernel(desk: Path) -> Iterator[KernelManager]:
    """One for all lessons, each in an empty namespace: what they import is imported once."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MLPCOURSE_DATA", str(desk.parent / "data"))
        manager = KernelManager(config=over_files())
        manager.start_kernel(cwd=str(desk))
    yield manager
    manager.shutdown_kernel(now=True)


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_with_every_exercise_solved(path: Path, kernel: KernelManager):
    """Training is cut short. Pictures, views and the course's lines are left out: the notebook's own run has them."""
    notebook = nbformat.read(path, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if not SHOWS.fullmatch(cell.source)]
    names = asked(path)
    for cell in notebook.cells:
        cell.source = LENGTH.sub(lambda found: f"{found[1]}={1 if found[1] == 'epochs' else 20}", cell.source)
        if name := asks(cell):
            imports = [line for line in cell.source.splitlines() if re.match(r"(from|import) ", line)]
            solution = EXERCISES[name].solution(0)
            call = "" if "check(" in solution else f"check({name})"
            cell.source = "\n\n".join(["import numpy as np", *imports, solution, call])
    notebook.cells.insert(0, nbformat.v4.new_code_cell("%reset -f"))
    client = NotebookClient(notebook, km=kernel, timeout=300, store_widget_state=False)
    client.execute()
    client.kc.stop_channels()
    verdicts = [
        output.data["text/plain"]
        for cell in notebook.cells
        if asks(cell)
        for output in cell.outputs
        if "text/plain" in output.get("data", {})
    ]
    assert len(verdicts) == len(names)
    for name, verdict in zip(names, verdicts, strict=True):
        assert re.match(rf"✓ {name}: right\b", verdict), verdict


def test_who_answers_everything_owns_the_network(desk: Path):
    """After the lessons above: `my_network.py` holds every function, and none of ours."""
    if not (desk / "my_network.py").exists():
        pytest.skip("the lessons were not answered in this run")
    text = (desk / "my_network.py").read_text(encoding="utf-8")
    functions = re.findall(r"^def (\w+)", text, re.MULTILINE)
    assert [name for name in EXERCISES if own_code.joins(EXERCISES[name])] == functions
    assert "mlpcourse" not in text


def test_lessons_ask_to_derive_what_can_be_derived():
    """That the course's own lines, which stand folded below `derive(...)`, answer it: tests/test_derive.py."""
    asked = {name for path in LESSONS for name in re.findall(r'derive\(\\"(\w+)\\"\)', path.read_text("utf-8"))}
    assert {"loss_by_A2", "softmax_jacobian", "output_delta"} <= asked <= DERIVATIONS.keys() | TRANSFERS.keys()
