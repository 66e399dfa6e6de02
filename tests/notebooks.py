"""Execute notebooks in place and leave nothing in them that differs from run to run (`make notebooks`).

A lesson's head also gets the minutes that a reader takes, computed from what the lesson holds.

Usage: python tests/notebooks.py notebooks/*.ipynb
"""

from __future__ import annotations

import os
import re
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

from mlpcourse import widgets
from mlpcourse.lab.saving import normalise

WORDS_A_MINUTE = 150
MINUTES_A_CELL = 0.5
MINUTES_A_TABLE = 1.0  # more than the cell that shows it
MINUTES_A_VIEW = 4.0
MINUTES_AN_EXERCISE = 4.0
MINUTES_A_DERIVATION = 8.0  # that the learner writes
TIME = re.compile(r"^- \*\*Time\*\* about (\d+) minutes$", re.MULTILINE)


def minutes(notebook: nbformat.NotebookNode) -> int:
    """How long a lesson takes somebody who reads, runs, moves and answers all of it, rounded up to five minutes."""
    total = 0.0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            total += len(cell.source.split()) / WORDS_A_MINUTE
        elif cell.cell_type == "code":
            total += _minutes_of_code(cell.source)
    return 5 * -int(-total // 5)


def _minutes_of_code(source: str) -> float:
    lines = [line for line in source.splitlines() if line.strip() and not line.startswith("#")]
    called = re.findall(r"^(?:\w+ = )?(\w+)\(", "\n".join(lines), re.MULTILINE)
    if "derive" in called:
        return MINUTES_A_DERIVATION
    if "check" in called:
        return MINUTES_AN_EXERCISE
    if any(name in widgets.__all__ for name in called):
        return MINUTES_A_VIEW
    if not lines:
        return 0.0  # hints and solutions, for those who want them
    return MINUTES_A_CELL + MINUTES_A_TABLE * sum(name in ("show", "show_handout") for name in called)


def state_minutes(notebook: nbformat.NotebookNode) -> None:
    """Write the minutes into the lesson's head."""
    head = notebook.cells[0]
    head.source = TIME.sub(f"- **Time** about {minutes(notebook)} minutes", head.source)


def execute(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    with tempfile.TemporaryDirectory() as folder:
        # No ports: of many kernels, two may choose the same.
        sockets = Config(KernelManager={"transport": "ipc", "ip": f"{folder}/kernel"})
        NotebookClient(
            notebook, timeout=300, store_widget_state=False, record_timing=False, coalesce_streams=True, config=sockets
        ).execute(cwd=str(path.parent))
    normalise(notebook)
    state_minutes(notebook)
    nbformat.validate(notebook)
    written = path.with_suffix(".ipynb.new")
    nbformat.write(notebook, written)
    os.replace(written, path)
    return f"{path}: {len(notebook.cells)} cells"


if __name__ == "__main__":
    # What a lesson prints must not depend on what the author has answered in it.
    with tempfile.TemporaryDirectory() as nobody, ProcessPoolExecutor(os.cpu_count()) as pool:
        os.environ["MLPCOURSE_DATA"] = nobody
        for line in pool.map(execute, map(Path, sys.argv[1:])):
            print(line, flush=True)
