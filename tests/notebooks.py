"""Execute notebooks in place and leave nothing in them that differs from run to run (`make notebooks`).

A lesson's head also gets the minutes that a reader takes, computed from what the lesson holds.

Usage: python tests/notebooks.py notebooks/*.ipynb
"""

from __future__ import annotations

import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from mlpcourse.lab.saving import normalise


def execute(path: Path) -> str:
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    client = NotebookClient(notebook, timeout=300, store_widget_state=False, record_timing=False, coalesce_streams=True)
    client.execute(cwd=str(path.parent))
    normalise(notebook)
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
