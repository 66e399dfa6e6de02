"""The files that set the course up agree with one another, and `make` explains what is missing."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SENTENCE = re.compile(r"^[^\n]+\.\n\Z")


def normalised(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def declared() -> dict[str, str]:
    """Package name -> lower bound, of all that pyproject.toml asks for to read and to test the course."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    pairs = [requirement.split(">=") for requirement in [*project["dependencies"], *extras["lab"], *extras["test"]]]
    return {normalised(name): bound for name, bound in pairs}


def pinned() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    return {normalised(name): version for name, version in (line.split("==") for line in lines)}


def conda() -> dict[str, str]:
    pairs = re.findall(r"^ +- ([a-z][\w-]*)==?(\S+)$", (ROOT / "environment.yml").read_text(), re.MULTILINE)
    return {normalised(name): version for name, version in pairs if name != "python"}


def as_tuple(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def test_constraints_pin_what_pyproject_declares():
    for name, bound in declared().items():
        assert name in pinned(), f"constraints.txt does not pin {name}"
        assert as_tuple(pinned()[name]) >= as_tuple(bound), f"constraints.txt pins {name} below its bound {bound}"


def test_conda_environment_has_the_same_packages_at_the_same_versions():
    assert conda() == {name: pinned()[name] for name in declared()}


def test_installed_versions_are_the_pinned_ones_or_the_oldest_supported():
    import matplotlib
    import numpy as np

    oldest = {"numpy": "2.0.2", "matplotlib": "3.8.4"}
    for module in (np, matplotlib):
        assert module.__version__ in {pinned()[module.__name__], oldest[module.__name__]}


def make(*arguments: str, cwd: Path = ROOT, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=cwd,
        env={**os.environ, "MAKEFLAGS": "", **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_make_alone_lists_every_target():
    listed = make().stdout
    targets = re.search(r"^\.PHONY: (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert targets
    for target in targets[1].split():
        assert re.search(rf"^  {target} +\w", listed, re.MULTILINE), f"make help does not explain {target}"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder, with a space in its path, that holds what set-up reads and no environment."""
    folder = tmp_path / "a clone"
    folder.mkdir()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    return folder


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ('case "$2" in *version_info*) exit 1;; esac', "Python 3.11 or newer"),
        ('case "$2" in *ensurepip*) exit 1;; esac', "venv module"),
    ],
)
def test_an_unfit_python_gets_one_sentence(clone: Path, script: str, says: str):
    python = clone / "python"
    python.write_text(f'#!/bin/sh\n{script}\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    result = make(".venv/ready", f"PYTHON={python}", cwd=clone)
    assert result.returncode != 0
    assert says in result.stdout
    assert SENTENCE.match(result.stdout)
    assert not (clone / ".venv").exists()


def test_no_python_gets_one_sentence(clone: Path):
    result = make(".venv/ready", "PYTHON=no-such-python", cwd=clone)
    assert result.returncode != 0
    assert "There is no 'no-such-python'" in result.stdout
    assert SENTENCE.match(result.stdout)


def test_importing_the_package_pulls_in_numpy_alone():
    heavy = ["matplotlib", "sympy", "ipywidgets", "anywidget", "tqdm", "IPython", "platformdirs", "latex2mathml"]
    code = f"import mlpcourse, mlpcourse.network, sys; print([m for m in {heavy} if m in sys.modules])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


def test_no_file_is_longer_than_a_reader_keeps_in_mind():
    files = [file for folder in ("mlpcourse", "tests", "web", "benchmarks") for file in (ROOT / folder).rglob("*.*")]
    code = [file for file in files if file.suffix in (".py", ".js", ".css") and "node_modules" not in file.parts]
    assert len(code) > 200
    assert [file.name for file in code if len(file.read_text(encoding="utf-8").splitlines()) > 600] == []


def test_no_file_names_a_package_registry():
    hosts = re.compile("pypi" + r"\.org|python" + "hosted|registry" + r"\.npmjs|debian" + r"\.org")
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if tracked.returncode:
        pytest.skip("not a git checkout: the list of the course's files comes from git")
    for name in filter(None, tracked.stdout.split("\0")):
        text = (ROOT / name).read_bytes().decode(errors="ignore") if (ROOT / name).exists() else ""
        assert not hosts.search(text), f"{name} names a package registry"


def test_the_page_for_a_class_names_the_wheel_that_is_built():
    from mlpcourse import __version__

    page = (ROOT / "docs" / "classroom.md").read_text(encoding="utf-8")
    assert set(re.findall(r"mlpcourse-([\d.]+)-py3-none-any\.whl", page)) == {__version__}
