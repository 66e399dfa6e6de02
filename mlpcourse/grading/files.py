"""Writing and reading files of results, so that a stop at any moment leaves each whole or absent."""

from __future__ import annotations

import errno
import os
from pathlib import Path


class OutputError(Exception):
    """The results cannot be written; the message says why and what to do."""


def write(path: Path, text: str, encoding: str = "utf-8") -> None:
    """Write a file at once or not at all. A folder in its place is moved aside. Raises OutputError.

    What a stop leaves unfinished is overwritten by the next run.
    """
    write_bytes(path, text.encode(encoding, "replace"))


def write_bytes(path: Path, data: bytes) -> None:
    """The same for bytes."""
    unfinished = path.with_name(f".{path.name}.unfinished")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for place in (path, unfinished):
            if place.is_dir() and not place.is_symlink():
                os.replace(place, _free(place))
        unfinished.write_bytes(data)
        os.replace(unfinished, path)
    except OSError as error:
        say = f"{path} cannot be written: {error.strerror or error}."
        first = "make room" if error.errno == errno.ENOSPC else "let it be written"
        raise OutputError(f"{say} What is finished stays: {first}, then go on with --resume.") from None


def _free(path: Path) -> Path:
    """A name beside ``path`` that nothing has."""
    number = 1
    while (free := path.with_name(f"{path.name}.in-the-way-{number}")).exists():
        number += 1
    return free
