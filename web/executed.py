"""The lessons, executed with the state of their views: a page needs it to bring a view to life without a kernel."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from traitlets.config import Config

ROOT = Path(__file__).parent.parent


def _fingerprint(path: Path) -> str:
    """Changes with the lesson and with the package that it runs."""
    digest = hashlib.sha256(sys.version.encode())
    package = [file for file in (ROOT / "mlpcourse").rglob("*") if file.suffix in {".py", ".js", ".css", ".npz"}]
    for file in (path, *sorted(package)):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _execute(path: Path, kept: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as nobody:  # a page must not depend on what the author has answered
        os.environ["MLPCOURSE_DATA"] = nobody
        # No ports: of many kernels, two may choose the same.
        sockets = Config(KernelManager={"transport": "ipc", "ip": f"{nobody}/kernel"})
        NotebookClient(
            notebook, timeout=300, store_widget_state=True, record_timing=False, coalesce_streams=True, config=sockets
        ).execute(cwd=nobody)
    for old in kept.parent.glob(f"{path.stem}.*.ipynb"):
        old.unlink()
    written = kept.with_suffix(".new")
    nbformat.write(notebook, written)
    os.replace(written, kept)


def executed(lessons: list[Path], cache: Path) -> dict[str, Any]:
    """Lesson name -> notebook; what is unchanged since the last time is taken from ``cache``."""
    cache.mkdir(parents=True, exist_ok=True)
    kept = {path: cache / f"{path.stem}.{_fingerprint(path)}.ipynb" for path in lessons}
    missing = [path for path in lessons if not kept[path].exists()]
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(_execute, missing, [kept[path] for path in missing]))
    return {path.stem: nbformat.read(kept[path], as_version=4) for path in lessons}
