"""The environment in which numpy's OpenBLAS raises floating-point flags for right products: see spurious_flags.c.

python tests/spurious_flags.py MODE COMMAND...   runs the command in it, with MODE m4 or invalid.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

SOURCE = Path(__file__).with_suffix(".c")
MODES = ("m4", "invalid")


def missing() -> str:
    """Why this machine cannot raise them, or ""."""
    if sys.platform != "linux":
        return "LD_PRELOAD is Linux's"
    if shutil.which("cc") is None:
        return "no C compiler was found (cc)"
    if not list(Path(np.__file__).parents[1].glob("numpy.libs/libscipy_openblas64_*.so")):
        return "this numpy does not come with the OpenBLAS of its wheels"
    return ""


def environment(mode: str, folder: Path) -> dict[str, str]:
    """Compiled into ``folder``, what a process needs to be in it."""
    library = folder / "spurious_flags.so"
    command = ["cc", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lm"]
    subprocess.run(command, check=True)
    return {**os.environ, "SPURIOUS_FLAGS": mode, "LD_PRELOAD": str(library)}


if __name__ == "__main__":
    if missing():
        sys.exit(f"no spurious flags: {missing()}")
    with tempfile.TemporaryDirectory() as folder:
        sys.exit(subprocess.run(sys.argv[2:], env=environment(sys.argv[1], Path(folder))).returncode)
