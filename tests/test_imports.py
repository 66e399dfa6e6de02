"""A module imports only what stands above it in ORDER.

The catalogue of slips is content, which views read too; the exercises that show views come after them.
"""

import ast
import functools
import re
from pathlib import Path

import pytest

import mlpcourse

ROOT = Path(mlpcourse.__file__).parent
ORDER = (
    "console", "matmul_warnings", "network", "gradcheck", "training", "data",
    "derivation", "exercises.graph", "exercises.slips", "plots", "widgets", "exercises", "grading", "lab", "__main__",
)  # fmt: skip


@functools.cache
def modules() -> dict[str, Path]:
    """Every module of the package by its name below ``mlpcourse``."""
    paths = {path.relative_to(ROOT).with_suffix(""): path for path in ROOT.rglob("*.py")}
    names = {".".join(part for part in path.parts if part != "__init__"): file for path, file in paths.items()}
    return {name: file for name, file in names.items() if name}


def imported(source: str, name: str) -> set[str]:
    """What ``source``, the module ``name``, imports of the course, wherever the statement stands in it."""
    known, found = set(modules()), set[str]()
    for statement in ast.walk(ast.parse(source)):
        if isinstance(statement, ast.Import):
            found |= {alias.name for alias in statement.names}
        elif isinstance(statement, ast.ImportFrom):
            package = ["mlpcourse", *name.split(".")][: -statement.level] if statement.level else []
            origin = ".".join([*package, *filter(None, [statement.module])])
            found |= {f"{origin}.{alias.name}" for alias in statement.names} | {origin}
    inside = {origin.removeprefix("mlpcourse.") for origin in found if origin.startswith("mlpcourse.")}
    return {origin for origin in inside if origin in known}


def floor(name: str) -> str:
    """The longest entry of ORDER that ``name`` lies in."""
    return max((place for place in ORDER if f"{name}.".startswith(f"{place}.")), key=len, default="")


def upward(name: str, source: str) -> set[tuple[str, str]]:
    return {
        (name, origin) for origin in imported(source, name)
        if floor(origin) != floor(name) and ORDER.index(floor(origin)) >= ORDER.index(floor(name))
    }  # fmt: skip


def test_every_module_has_its_floor():
    assert {floor(name) for name in modules()} == set(ORDER), {name for name in modules() if not floor(name)}


def test_contributing_lists_the_modules_in_this_order():
    page = (ROOT.parent / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `mlpcourse/([\w/]+)", page, re.MULTILINE)
    listed = list(dict.fromkeys(floor(row.strip("/").replace("/", ".")) for row in rows))
    assert listed == [place for place in ORDER if place in listed]
    assert set(ORDER) - set(listed) <= {"__main__"}


def test_imports_only_go_down():
    broken = set[tuple[str, str]]()
    for name, path in modules().items():
        broken |= upward(name, path.read_text(encoding="utf-8"))
    assert broken == set()


@pytest.mark.parametrize(
    "source",
    [
        "from mlpcourse.widgets import Softmax",
        "from mlpcourse import widgets",
        "import mlpcourse.widgets.view",
        "def late():\n    from mlpcourse.widgets.view import View",
        "from ..widgets import view",
    ],
)
def test_an_import_that_goes_up_is_found(source: str):
    assert {floor(origin) for _, origin in upward("plots.forward", source)} == {"widgets"}
    assert not upward("grading.grade", source.replace("..widgets", "mlpcourse.widgets"))
