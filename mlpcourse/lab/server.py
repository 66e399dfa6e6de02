"""JupyterLab with the course's settings, which are given to this one server and never written to the user's own."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

from mlpcourse.lab import lessons
from mlpcourse.lab.settings import SETTINGS

DEFAULT = Path("~") / "mlpcourse-lessons"
NO_LAB = 'JupyterLab is not installed here. `pip install "mlpcourse[lab]"` brings it, into this Python: {}'


# What JupyterLab, a kernel and the course keep in the user's home, and where it is kept when that cannot be written.
KEPT_AT_HOME = {
    "JUPYTER_CONFIG_DIR": "jupyter",
    "JUPYTER_DATA_DIR": "jupyter",
    "JUPYTER_RUNTIME_DIR": "jupyter/runtime",
    "IPYTHONDIR": "ipython",
    "MPLCONFIGDIR": "matplotlib",
    "MLPCOURSE_DATA": "mlpcourse",
}

# Judging a line keeps the grammar's tables, so that no learner waits for them. It is done while JupyterLab starts.
FIRST_LINE = [sys.executable, "-c", "from mlpcourse.exercises import is_true; is_true('1 = 1')"]


def environment(folder: Path) -> dict[str, str]:
    """The environment of JupyterLab: this process's own, with the course's settings in front of all others.

    Where the home cannot be written, what belongs there goes into a hidden folder beside the lessons.
    """
    own = {name: os.environ.get(name) for name in ("JUPYTER_CONFIG_PATH", "JUPYTER_PATH")}
    paths = {name: os.pathsep.join(filter(None, (str(SETTINGS), value))) for name, value in own.items()}
    home = folder / lessons.AS_THEY_CAME / "home"
    kept = {} if home_can_be_written() else {name: str(home / place) for name, place in KEPT_AT_HOME.items()}
    return {**kept, **os.environ, **paths}


def home_can_be_written() -> bool:
    return os.access(Path.home(), os.W_OK)


def command(folder: Path, author: bool, arguments: list[str]) -> list[str]:
    """What starts JupyterLab over ``folder``."""
    line = [sys.executable, "-m", "jupyterlab", f"--ServerApp.root_dir={folder}"]
    if author:
        line.append("--ContentsManager.pre_save_hook=mlpcourse.lab.saving.as_committed")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        line.append("--allow-root")  # in a container there is often no one else
    return [*line, *arguments]


def lab(folder: Path | None, arguments: list[str]) -> int:
    """Put the lessons into ``folder`` if they are not there, and open JupyterLab on the first one."""
    if importlib.util.find_spec("jupyterlab") is None:
        print(NO_LAB.format(sys.executable), file=sys.stderr)
        return 1
    folder = (folder or DEFAULT).expanduser().absolute()
    author = lessons.is_the_courses_own(folder)
    if not author:
        try:
            copied = lessons.copy_missing(folder)
        except OSError as problem:
            print(f"The lessons cannot be written to {folder} ({problem.strerror}).", file=sys.stderr)
            print("Name another folder: `mlpcourse lab FOLDER`.", file=sys.stderr)
            return 1
        print(f"The lessons are in {folder}" + (f" ({len(copied)} of them new)." if copied else "."))
        if lessons.outdated(folder):
            named = "" if folder == DEFAULT.expanduser() else f' "{folder}"'
            print(f"There are newer versions of some. `mlpcourse update{named}` brings them, and keeps what you wrote.")
    if not home_can_be_written():
        print("Your home cannot be written, so your progress is kept beside the lessons.")
    sys.stdout.flush()
    given, quiet = environment(folder), subprocess.DEVNULL
    try:
        with subprocess.Popen(FIRST_LINE, env=given, stdin=quiet, stdout=quiet, stderr=quiet):
            return subprocess.run(command(folder, author, arguments), env=given, check=False).returncode
    except KeyboardInterrupt:  # the server has had it, too, and has said what it had to say
        return 0


def update(folder: Path | None) -> int:
    """Bring the lessons in ``folder`` up to date, and say a word about each that changed."""
    folder = (folder or DEFAULT).expanduser().absolute()
    if lessons.is_the_courses_own(folder):
        print(f"{folder} holds the course's own lessons: `git pull` brings newer ones.")
        return 0
    if not folder.is_dir():
        print(f"There is no folder {folder}: `mlpcourse lab` makes one.", file=sys.stderr)
        return 1
    if importlib.util.find_spec("nbformat") is None:
        print(NO_LAB.format(sys.executable), file=sys.stderr)
        return 1
    said = lessons.update(folder)
    print("\n".join(said) if said else f"The lessons in {folder} are up to date.")
    return 0
