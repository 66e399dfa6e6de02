"""`mlpcourse doctor`: what the course needs, whether it is there, and what to do about what is not."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import locale
import os
import platform
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

GOOD, LOOK, BAD = "ok", "look", "missing"


class Finding(NamedTuple):
    """state: ok, look (the course works, but), or missing. what: a word or two. say: one line."""

    state: str
    what: str
    say: str


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return ""


def _python() -> Finding:
    say = f"{platform.python_version()} at {sys.executable}, on {platform.platform()}"
    return Finding(GOOD if sys.version_info >= (3, 11) else BAD, "Python", say)


def _course() -> Finding:
    import mlpcourse

    return Finding(GOOD, "mlpcourse", f"{mlpcourse.__version__} in {Path(str(mlpcourse.__file__)).parent}")


def _numpy() -> Finding:
    import numpy as np

    config: Any = np.show_config(mode="dicts")  # type: ignore[no-untyped-call, unused-ignore]
    blas = config.get("Build Dependencies", {}).get("blas", {})
    say = f"{np.__version__}, matrix products by {blas.get('name', 'an unknown library')} {blas.get('version', '')}"
    matrix = np.full((65, 65), 0.5)
    with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn"):
        warnings.simplefilter("always")
        for _ in range(20):
            matrix @ matrix
    if caught:
        say += ". Its products of harmless numbers warn of overflow or division: ignore those warnings here"
    return Finding(LOOK if caught else GOOD, "numpy", say.strip())


def _pictures() -> Finding:
    with tempfile.TemporaryDirectory() as somewhere, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        os.environ.setdefault("MPLCONFIGDIR", somewhere)
        from matplotlib import __version__ as version
        from matplotlib.figure import Figure

        figure = Figure(figsize=(1, 1))
        figure.subplots().set_title("$A_2$")
        figure.savefig(Path(somewhere) / "picture.png")
    return Finding(GOOD, "pictures", f"matplotlib {version} draws one")


def _derivation() -> Finding:
    from mlpcourse.derivation import DERIVATIONS, prove_line

    name, derivation = next(iter(DERIVATIONS.items()))
    proof = prove_line(derivation, next(iter(derivation.keys)))
    say = f"SymPy {_version('sympy')} proves a line"
    return Finding(GOOD, "proofs", say) if proof.proven else Finding(BAD, "proofs", f"{name}: {proof.problem}")


def _lessons() -> Finding:
    from mlpcourse.lab.lessons import lessons_folder

    found = len(list(lessons_folder().glob("*.ipynb")))
    return Finding(GOOD if found else BAD, "lessons", f"{found} notebooks in {lessons_folder()}")


def _jupyterlab() -> Finding:
    version = _version("jupyterlab")
    if not version:
        return Finding(LOOK, "JupyterLab", 'not installed in this Python: pip install "mlpcourse[lab]"')
    return Finding(GOOD, "JupyterLab", version)


def _kernel() -> Finding:
    if importlib.util.find_spec("ipykernel") is None:
        return Finding(LOOK, "kernel", "ipykernel is not installed in this Python: pip install ipykernel")
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except NoSuchKernel:
        return Finding(BAD, "kernel", 'no kernel named "python3": python -m ipykernel install --sys-prefix')
    program = spec.argv[0]
    own = Path(program).name == program or Path(program).parent == Path(sys.executable).parent
    if own:
        return Finding(GOOD, "kernel", f"ipykernel {_version('ipykernel')}, {spec.display_name}")
    say = f"notebooks run in {program}, not in the Python that has the course: python -m ipykernel install --sys-prefix"
    return Finding(LOOK, "kernel", say)


def _widgets() -> Finding:
    missing = [package for package in ("anywidget", "ipywidgets", "jupyterlab_widgets") if not _version(package)]
    if missing:
        return Finding(LOOK, "views", f"{', '.join(missing)} not installed: pip install {' '.join(missing)}")
    say = f"anywidget {_version('anywidget')}, ipywidgets {_version('ipywidgets')}, and JupyterLab's side of them"
    return Finding(GOOD, "views", say)


def _progress() -> Finding:
    from mlpcourse.exercises import EXERCISES, records

    folder = records.folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as problem:
        say = f"cannot be kept in {folder} ({problem.strerror}): set MLPCOURSE_DATA to a folder that you may write to"
        return Finding(LOOK, "progress", say)
    done = 0
    for name in EXERCISES:
        try:
            done += records.read(name).done
        except (OSError, ValueError):
            continue
    return Finding(GOOD, "progress", f"{done} of {len(EXERCISES)} exercises done, kept in {folder}")


def _sandbox() -> Finding:
    if sys.platform == "win32":
        return Finding(LOOK, "grading", "needs Linux; everything else works here")
    from mlpcourse.grading import sandbox

    lacks = sandbox.missing()
    return Finding(LOOK, "grading", lacks) if lacks else Finding(GOOD, "grading", "the sandbox starts")


def _console() -> Finding:
    encoding = sys.stdout.encoding or locale.getpreferredencoding()
    return Finding(GOOD, "console", f"writes {encoding}")


CHECKS: dict[str, Callable[[], Finding]] = {
    "Python": _python,
    "mlpcourse": _course,
    "numpy": _numpy,
    "pictures": _pictures,
    "proofs": _derivation,
    "lessons": _lessons,
    "JupyterLab": _jupyterlab,
    "kernel": _kernel,
    "views": _widgets,
    "progress": _progress,
    "grading": _sandbox,
    "console": _console,
}


def findings() -> Iterator[Finding]:
    """One finding for each thing that the course needs. A check that fails itself is a finding, too."""
    for what, check in CHECKS.items():
        try:
            yield check()
        except Exception as problem:  # whatever is broken here is what this command is there to tell
            yield Finding(BAD, what, f"{type(problem).__name__}: {problem}")


def doctor() -> int:
    """Print a line for each thing that the course needs; 1 if the lessons cannot work without what is missing."""
    found = []
    for finding in findings():
        found.append(finding)
        print(f"{finding.state:8} {finding.what:11} {finding.say}", flush=True)
    missing = [finding.what for finding in found if finding.state == BAD]
    looks = [finding.what for finding in found if finding.state == LOOK]
    print()
    if missing:
        print(f"The lessons need what is missing: {', '.join(missing)}.")
    elif looks:
        print(f"The lessons work. Worth a look: {', '.join(looks)}.")
    else:
        print("All is well.")
    return int(bool(missing))
