"""For the kernels of `mlpcourse lab`: a name that an earlier cell brings gets a sentence in place of a traceback.

After a restart nothing is defined, and `check` in the middle of a lesson is no more than an unknown name to Python.
Where the home cannot be written, the first picture comes without matplotlib's words about its cache.
"""

from __future__ import annotations

import ast
import functools
import json
import logging
from typing import Any

from mlpcourse.lab.lessons import lessons_folder


@functools.cache
def names_of_the_lessons() -> frozenset[str]:
    """Every name that a code cell of a lesson brings: imported, assigned or defined outside a function."""
    names: set[str] = set()
    for lesson in lessons_folder().glob("*.ipynb"):
        for cell in json.loads(lesson.read_text(encoding="utf-8"))["cells"]:
            if cell["cell_type"] == "code":
                names |= _brought("".join(cell["source"]))
    return frozenset(names)


def _brought(source: str) -> set[str]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a line for IPython, such as %timeit
        return set()
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names |= {(alias.asname or alias.name).split(".")[0] for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
    return names


def sentence(error: NameError) -> str:
    """What to do about an unknown name of the lessons, or "" for a name that no lesson brings."""
    if not isinstance(error, NameError) or error.name not in names_of_the_lessons():
        return ""
    return (
        f"{error.name} is not known yet: a cell further up brings it, and that cell was not run since the kernel was "
        "started. Run the cells above first (Run > Run All Above Selected Cell), then this one."
    )


ABOUT_ITS_CACHE = ("is not a writable directory", "temporary cache directory", "mkdir -p failed")


def not_about_a_cache(record: logging.LogRecord) -> bool:
    """Whether a message of matplotlib's is about anything but where it keeps the list of fonts."""
    return not any(words in record.getMessage() for words in ABOUT_ITS_CACHE)


def load_ipython_extension(shell: Any) -> None:
    """What IPython calls when the kernel starts."""
    logging.getLogger("matplotlib").addFilter(not_about_a_cache)

    def explain(shell: Any, kind: type[BaseException], error: NameError, trace: Any, tb_offset: Any = None) -> Any:
        said = sentence(error)
        if not said:
            return shell.showtraceback((kind, error, trace), tb_offset=tb_offset)
        # As an error, so that Run All stops here; with the sentence alone, since the traceback says nothing more.
        shell._showtraceback(kind, error, [said])
        return [said]

    shell.set_custom_exc((NameError,), explain)
