"""nbval over all lessons, in the kernels that `make test` gives them, against as many notebooks that are empty: there
nbval starts a kernel of its own for each and does nothing else.

Modules are compiled once, as Python does unless it is told otherwise, and not in every kernel anew.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
from timing import Row, Wrong, race

LESSONS = sorted((Path(__file__).parent.parent / "notebooks").glob("*.ipynb"))
ROUNDS = 7
ENVIRONMENT = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "TQDM_DISABLE": "1"}


def nbval(notebooks: list[Path]) -> Callable[[], object]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-cell-timeout=120"]

    def run() -> None:
        ended = subprocess.run(
            [*command, *map(str, notebooks)], cwd=LESSONS[0].parent, env=ENVIRONMENT, capture_output=True, text=True
        )
        if ended.returncode:
            raise Wrong(f"nbval does not pass: {ended.stdout[-2000:]}{ended.stderr[-500:]}")

    return run


def rows() -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        empty = [Path(folder) / lesson.name for lesson in LESSONS]
        for path in empty:
            metadata = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
            nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("")], metadata=metadata), path)
        times = race({"ours": nbval(LESSONS), "empty": nbval(empty)}, rounds=ROUNDS, least=0)
    what = f"nbval over {len(LESSONS)} notebooks"
    yield Row(what, times["ours"], "as many empty notebooks", times["empty"], aim=1 / 1.5)
