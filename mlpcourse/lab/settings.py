"""The course's settings of JupyterLab, for an environment that serves the course alone: a container, Binder, a hub.

    python -m mlpcourse.lab.settings

`mlpcourse lab` does not need this: there, they reach the one server that it starts.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

SETTINGS = Path(__file__).parent / "jupyter"


def install(prefix: Path) -> list[Path]:
    """Copy the settings below ``prefix``, where JupyterLab looks for its environment's, and return the files."""
    targets = {
        SETTINGS / "jupyter_server_config.json": prefix / "etc" / "jupyter" / "jupyter_server_config.json",
        SETTINGS / "labconfig" / "default_setting_overrides.json": (
            prefix / "etc" / "jupyter" / "labconfig" / "default_setting_overrides.json"
        ),
        SETTINGS / "kernels" / "python3" / "kernel.json": (
            prefix / "share" / "jupyter" / "kernels" / "python3" / "kernel.json"
        ),
    }
    for source, target in targets.items():
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target)
    return list(targets.values())


if __name__ == "__main__":
    for file in install(Path(sys.prefix)):
        print(file)
