"""The notebooks in which views are moved by hand, and what is done in them."""

import pytest
from playwright.sync_api import Locator, Page

# The notebook in which what all views share is tried: a cell's name and its source.
SHARED = {
    "softmax": "from mlpcourse.widgets import Softmax, step_through\nsoft = Softmax()\nsoft",
    "softmax again": "soft",
    "steps": "steps = step_through('output_delta')\nsteps",
    "softmax set": "soft.z2 = [0, 0, 0, 0]",
    "softmax and steps read": "print(soft)\nprint(steps.line, steps.explained, steps.z2.tolist())",
    "jacobian below": "from mlpcourse.widgets import Jacobian\njacobian = Jacobian([1, 2, 0])\njacobian",
}
# The notebook in which each view's own numbers are held to numpy's. A new view's cells come at the end.
EACH = {
    "jacobian": "from mlpcourse.widgets import Jacobian\njacobian = Jacobian([1, 2, 0])\njacobian",
    "loss": "from mlpcourse.widgets import Loss\nloss = Loss([1, 2, 0])\nloss",
    "loss read": "print(loss)",
    "paths": "from mlpcourse.widgets import Paths\npaths = Paths([1, 2, 0], i=2)\npaths",
    "paths read": "print(paths)",
    "graph": "from mlpcourse.widgets import NetworkGraph\ngraph = NetworkGraph()\ngraph",
    "graph read": "print(graph)",
    "training": "from mlpcourse.widgets import Training\ntraining = Training('moons', hidden=10)\ntraining",
    "training set": "training.slip = ''\ntraining.data = 'spirals'\ntraining.data = 'moons'",
    "training again": "training",
    "training read": "print(training)",
    "outer": "from mlpcourse.widgets import OuterProduct\nouter = OuterProduct()\nouter",
    "outer read": "print(outer)",
    "gate": "from mlpcourse.widgets import Gate\ngate = Gate()\ngate",
    "gate read": "print(gate)",
    "batch": "from mlpcourse.widgets import Batch\nbatch = Batch()\nbatch",
    "batch read": "print(batch)",
    "step size": "from mlpcourse.widgets import StepSize\nstep = StepSize(batch.params, batch.X, batch.y)\nstep",
    "step size read": "print(step)",
    "step size closed": "step.b1 = -18 - step.b1",  # run a second time, the gates are as they were
}
# Names differ between the two, so that a name alone says where a cell is.
PLACE = {name: at for cells in (SHARED, EACH) for at, name in enumerate(cells)}


def cell(page: Page, name: str) -> Locator:
    return page.locator(".jp-NotebookPanel:visible .jp-CodeCell").nth(PLACE[name])


def run(page: Page, name: str) -> str:
    """Runs one cell again and returns what it printed."""
    page.evaluate(
        """async at => {
            const { content } = window.jupyterapp.shell.currentWidget
            content.activeCellIndex = at
            await window.jupyterapp.commands.execute('notebook:run-cell')
        }""",
        PLACE[name],
    )
    return cell(page, name).locator(".jp-OutputArea").inner_text()


def python_reads(page: Page, name: str, text: str) -> None:
    """The kernel is told when the hand rests, and a busy machine takes its time: ask until the cell prints it."""
    for _ in range(20):
        page.wait_for_timeout(200)
        if text in (printed := run(page, name)):
            return
    pytest.fail(f"the cell prints {printed!r}, without {text!r}")


def active_cell(page: Page) -> int:
    index: int = page.evaluate("() => window.jupyterapp.shell.currentWidget.content.activeCellIndex")
    return index
