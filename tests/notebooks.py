"""Execute notebooks in place and leave nothing in them that differs from run to run (`make notebooks`).

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

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
KEPT_METADATA = {"tags", "nbgrader"}
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}


def normalise(notebook: nbformat.NotebookNode) -> None:
    """Keep what a reader sees: no widget state or model numbers, no timings, no versions of what ran it."""
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for cell in notebook.cells:
        cell.metadata = nbformat.from_dict({key: value for key, value in cell.metadata.items() if key in KEPT_METADATA})
        if cell.cell_type == "code":
            cell.outputs = [output for output in cell.outputs if not is_progress_bar(output)]
            for output in cell.outputs:
                # Without its kernel a widget view is an error message; the still picture beside it is not.
                output.get("data", {}).pop(WIDGET_VIEW, None)


def is_progress_bar(output: nbformat.NotebookNode) -> bool:
    """A widget with nothing beside it but a line of text: it was there while the cell ran, and says for how long."""
    return set(output.get("data", {})) == {WIDGET_VIEW, "text/plain"}


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
