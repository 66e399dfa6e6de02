"""The browser edition: JupyterLite over the lessons, with Python, numpy and the course in the page itself.

Pyodide's core and its list of packages come from npm, the packages from PYODIDE_WHEELS (a folder) or from where npm's
``pyodide`` itself fetches them. Each must have the sha256 that the list gives.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import urllib.request
import zipfile
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

WEB = Path(__file__).parent
ROOT = WEB.parent
NOT_IN_A_PAGE = {
    "jinja2",  # writes grading's pages
    "widgetsnbextension", "jupyterlab-widgets",  # JupyterLab's side of the widgets is built into the page
}  # fmt: skip
# What JupyterLite's kernel needs, beside the course.
KERNEL_NEEDS = {"ipython", "jedi", "micropip", "sqlite3", "ssl"}
KERNEL_WHEELS = ("ipykernel", "pyodide_kernel")  # JupyterLite's own
# Loaded side by side before the kernel asks for them one after the other, and before a lesson's first import does.
PRELOADED = ["ssl", "sqlite3", "ipykernel", "comm", "pyodide_kernel", "jedi", "ipython", "mlpcourse"]
KERNEL = "@jupyterlite/pyodide-kernel-extension:kernel"


def build_browser_edition(out: Path, work: Path, tools: Path, lessons: list[Path]) -> None:
    """Write ``out``/run: JupyterLite with the lessons."""
    python = _jupyterlite(work / "jupyterlite")
    lite = work / "lite"
    shutil.rmtree(lite, ignore_errors=True)
    kernel = python.parent.parent / "share" / "jupyter" / "labextensions" / "@jupyterlite" / "pyodide-kernel-extension"
    wheels = [wheel for name in KERNEL_WHEELS for wheel in (kernel / "static" / "pypi").glob(f"{name}-*.whl")]
    _distribution(lite / "static" / "pyodide", wheels, work, tools)
    _contents(lite / "files", lessons)
    settings = ROOT / "mlpcourse" / "lab" / "jupyter" / "labconfig" / "default_setting_overrides.json"
    shutil.copy(settings, lite / "overrides.json")
    (lite / "jupyter-lite.json").write_text(json.dumps(_settings()))
    target = (out / "run").absolute()
    _run(
        *(str(python), "-m", "jupyterlite_core", "build", "--lite-dir", str(lite), "--output-dir", str(target)),
        *("--contents", str(lite / "files"), "--apps", "lab", "--apps", "notebooks", "--no-sourcemaps"),
        cwd=lite,
    )
    for app in ("lab", "notebooks"):
        page = target / app / "index.html"
        text = page.read_text(encoding="utf-8")
        text = text.replace("<head>", '<head><link rel="icon" href="data:,">')  # or the host's root is asked for one
        page.write_text(text.replace("</body>", '<script src="../../static/welcome.js"></script></body>'))


def _settings() -> dict[str, Any]:
    return {
        "jupyter-lite-schema-version": 0,
        "jupyter-config-data": {
            "appName": "Backpropagation, derived completely",
            "exposeAppInBrowser": True,  # the welcome looks whether the kernel is there
            "litePluginSettings": {
                KERNEL: {
                    "disablePyPIFallback": True,
                    "loadPyodideOptions": {
                        "packages": PRELOADED,
                        # /drive is the lessons' folder, which the browser keeps. All else is forgotten with the kernel.
                        "env": {"HOME": "/home/pyodide", "MLPCOURSE_DATA": "/drive/.mlpcourse", "MPLBACKEND": "agg"},
                    },
                }
            },
        },
    }


def _jupyterlite(folder: Path) -> Path:
    """The Python of an environment with JupyterLite, whose versions differ from the course's own."""
    wanted = (WEB / "requirements.txt").read_text()
    done = folder / "requirements.txt"
    python = folder / "bin" / "python"
    if not done.exists() or done.read_text() != wanted:
        _run(sys.executable, "-m", "venv", "--clear", str(folder))
        _run(
            str(python),
            "-m",
            "pip",
            "install",
            "--quiet",
            "--disable-pip-version-check",
            "-r",
            str(WEB / "requirements.txt"),
        )
        done.write_text(wanted)
    return python


def _contents(folder: Path, lessons: list[Path]) -> None:
    """The lessons, each source as one text: a list of lines is an error in JupyterLite's console."""
    import nbformat

    folder.mkdir(parents=True)
    for lesson in lessons:
        notebook = nbformat.read(lesson, as_version=4)
        (folder / lesson.name).write_text(json.dumps(notebook, indent=1, sort_keys=True), encoding="utf-8")


# --- Python's packages ------------------------------------------------------------------------------


def _distribution(folder: Path, kernel: list[Path], work: Path, tools: Path) -> None:
    """Pyodide's core, and the packages that the lessons need, with a list of just these."""
    core = tools / "node_modules" / "pyodide"
    folder.mkdir(parents=True)
    for file in core.iterdir():
        if file.suffix in {".js", ".mjs", ".wasm", ".zip", ".json"} and file.name != "package.json":
            shutil.copy(file, folder)
    lock = json.loads((core / "pyodide-lock.json").read_text())
    listed = lock["packages"]
    ours, theirs = _needed(listed)
    chosen: dict[str, Any] = {}
    for name in sorted(theirs):
        entry = listed[name]
        _fetch(entry, folder / entry["file_name"], core)
        depends = [canonicalize_name(one) for one in entry["depends"]]
        chosen[name] = {**entry, "depends": [one for one in depends if one in theirs or one in ours]}
    for wheel in [*kernel, *_download(ours, work / "wheels"), _course(work / "wheel")]:
        shutil.copy(wheel, folder)
        name, version, *_ = parse_wheel_filename(wheel.name)
        depends = set() if wheel in kernel else _requirements(name)
        chosen[name] = {
            "name": name,
            "version": str(version),
            "file_name": wheel.name,
            "install_dir": "site",
            "sha256": hashlib.sha256(wheel.read_bytes()).hexdigest(),
            "package_type": "package",
            "imports": _modules(wheel),
            "depends": sorted(depends & (ours | theirs)),
            "unvendored_tests": False,
        }
    (folder / "pyodide-lock.json").write_text(json.dumps({**lock, "packages": chosen}))


def _needed(listed: dict[str, Any]) -> tuple[set[str], set[str]]:
    """The course's dependencies, and theirs: (those that come as pure Python from elsewhere, those of Pyodide)."""
    ours: set[str] = set()
    theirs: set[str] = set()
    waiting = _requirements("mlpcourse") | KERNEL_NEEDS
    # Compiled packages must be Pyodide's own. What is pure Python is taken at the course's own version.
    while waiting:
        name = waiting.pop()
        if name in ours | theirs or name in NOT_IN_A_PAGE:
            continue
        known = listed.get(name)
        if known and _available(known):
            theirs.add(name)
            waiting |= {canonicalize_name(one) for one in known["depends"]}
        else:
            ours.add(name)
            waiting |= _requirements(name)
    return ours, theirs


PURE = {"sympy", "mpmath"}  # Pyodide's list has them, too; they are not among its compiled packages


def _available(entry: dict[str, Any]) -> bool:
    """Whether Pyodide's package is taken. Those of pure Python are, where the folder of wheels has them."""
    folder = os.environ.get("PYODIDE_WHEELS")
    if canonicalize_name(entry["name"]) in PURE:
        return False
    return not folder or (Path(folder) / entry["file_name"]).exists()


def _requirements(name: str) -> set[str]:
    """What a package that is installed here needs, without extras, on the page's Python."""
    if name == "mlpcourse":
        texts = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    else:
        texts = importlib.metadata.requires(name) or []
    page = {"sys_platform": "emscripten", "platform_system": "Emscripten", "python_version": "3.12", "extra": ""}
    parsed = map(Requirement, texts)
    return {canonicalize_name(one.name) for one in parsed if one.marker is None or one.marker.evaluate(page)}


def _fetch(entry: dict[str, Any], target: Path, core: Path) -> None:
    """One of Pyodide's packages, with the sha256 of its list. Raises ValueError for any other file."""
    folder = os.environ.get("PYODIDE_WHEELS")
    if folder:
        data = (Path(folder) / entry["file_name"]).read_bytes()
    else:
        found = re.search(r"https://[^\"'`$]+/pyodide/v", (core / "pyodide.mjs").read_text())
        if not found:
            raise ValueError("npm's pyodide does not say where its packages are: name a folder in PYODIDE_WHEELS")
        version = json.loads((core / "package.json").read_text())["version"]
        with urllib.request.urlopen(f"{found[0]}{version}/full/{entry['file_name']}", timeout=60) as answer:
            data = answer.read()
    if hashlib.sha256(data).hexdigest() != entry["sha256"]:
        raise ValueError(f"{entry['file_name']} is not the file that Pyodide's list names: its sha256 differs")
    target.write_bytes(data)


def _download(names: set[str], folder: Path) -> list[Path]:
    """Pure-Python wheels at the versions of constraints.txt."""
    shutil.rmtree(folder, ignore_errors=True)
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = {canonicalize_name(line.split("==")[0]): line for line in lines}
    wanted = [pins[name] for name in sorted(names)]
    target = ["--platform", "any", "--python-version", "3.12", "--implementation", "py", "--abi", "none"]
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps")
    _run(*pip, "--only-binary", ":all:", *target, "--dest", str(folder), *wanted)
    return sorted(folder.glob("*.whl"))


def _course(folder: Path) -> Path:
    shutil.rmtree(folder, ignore_errors=True)
    pip = (sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps")
    _run(*pip, "--wheel-dir", str(folder), str(ROOT))
    (wheel,) = folder.glob("*.whl")
    return wheel


def _modules(wheel: Path) -> list[str]:
    """The top-level modules in a wheel: importing one loads it."""
    tops = {name.split("/")[0] for name in zipfile.ZipFile(wheel).namelist()}
    return sorted({top.removesuffix(".py") for top in tops if not top.endswith((".dist-info", ".data"))})


def _run(*command: str, cwd: Path | None = None) -> None:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command[:5])} ...: {(done.stdout + done.stderr).strip()[-3000:]}")
