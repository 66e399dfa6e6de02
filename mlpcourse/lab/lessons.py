"""The lessons in a learner's folder: copied there once, and brought up to date without losing what the learner wrote.

Beside the lessons, the folder ``.mlpcourse`` keeps each as it came. A cell that differs from it is the learner's.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from mlpcourse.lab.saving import WIDGET_VIEW

AS_THEY_CAME = ".mlpcourse"
FIRST = "00_start_here.ipynb"


def lessons_folder() -> Path:
    """Where the course's own lessons are: inside the installed package, or beside it in a checkout."""
    package = Path(__file__).parent.parent
    installed = package / "notebooks"
    return installed if installed.is_dir() else package.parent / "notebooks"


def is_the_courses_own(folder: Path) -> bool:
    """Whether ``folder`` holds the lessons themselves, not copies of them: an author works there."""
    own = lessons_folder()
    return own.is_dir() and folder.is_dir() and folder.samefile(own)


def copy_missing(folder: Path) -> list[str]:
    """Copy the lessons that ``folder`` lacks, make it if need be, and return their names. Nothing is written over."""
    (folder / AS_THEY_CAME).mkdir(parents=True, exist_ok=True)
    copied = []
    for lesson in _lessons(lessons_folder()):
        if not (folder / lesson.name).exists():
            _put(lesson, folder / AS_THEY_CAME / lesson.name)
            _put(lesson, folder / lesson.name)
            copied.append(lesson.name)
    return copied


def outdated(folder: Path) -> list[str]:
    """The lessons in ``folder`` of which the course now has another version."""
    return [
        lesson.name
        for lesson in _lessons(lessons_folder())
        if (folder / lesson.name).exists()
        and not _same(lesson, folder / AS_THEY_CAME / lesson.name)
        and not _same(lesson, folder / lesson.name)  # copied by hand
    ]


def update(folder: Path) -> list[str]:
    """Bring every lesson in ``folder`` up to date and return a sentence for each that changed.

    Cells that the learner changed or added stay; a lesson that holds such a cell is kept as it was, too, in a dated
    folder. All other files are left alone.
    """
    said = [f"{name}: new." for name in copy_missing(folder)]
    for name in outdated(folder):
        new, mine, came = lessons_folder() / name, folder / name, folder / AS_THEY_CAME / name
        try:
            merged, kept, lost = _merged(_read(new), _read(mine), _read(came) if came.exists() else None)
        except (ValueError, OSError) as problem:
            said.append(f"{name}: left as it is, since it cannot be read as a notebook ({problem}).")
            continue
        if not kept and not lost:
            _put(new, mine)
            said.append(f"{name}: the new version. You had changed nothing in it.")
        else:
            backup = folder / f"before {time.strftime('%Y-%m-%d %H.%M.%S')}" / name
            backup.parent.mkdir(exist_ok=True)
            shutil.copy2(mine, backup)
            _write(merged, mine)
            where = f"as it was, it is in {backup.parent.name}"
            cells = f"{kept} cell{'' if kept == 1 else 's'} of yours"
            sentence = f"{name}: the new version, with {cells}; {where}."
            if lost:
                sentence += f" {lost} of yours, whose place is gone, {'is' if lost == 1 else 'are'} at its end."
            said.append(sentence)
        _put(new, came)
    return said


def _merged(new: Any, mine: Any, came: Any | None) -> tuple[Any, int, int]:
    """``new`` with the learner's cells of ``mine``, how many found their place, and how many were put at the end.

    ``came`` is the version that ``mine`` began as; without it what differs from the new one is the learner's.
    """
    before = {cell["id"]: cell["source"] for cell in (came or new)["cells"]}
    here = {cell["id"]: cell for cell in new["cells"]}
    by_text = {cell["source"]: cell for cell in new["cells"]}
    after: dict[str | None, list[Any]] = {}  # the learner's additional cells, by the new cell that they follow
    kept, lost, place = 0, [], None
    for cell in mine["cells"]:
        original = before.get(cell["id"])
        target = here.get(cell["id"]) or by_text.get(original if original is not None else cell["source"])
        if target is not None:
            place = target["id"]
        if original == cell["source"] or (target is not None and target["source"] == cell["source"]):
            continue
        cell = _without_views(cell)
        if original is None and cell["source"].strip():
            after.setdefault(place, []).append(cell)
            kept += 1
        elif target is not None and target["cell_type"] == cell["cell_type"]:
            target.update({**cell, "id": target["id"]})
            kept += 1
        elif cell["source"].strip():
            lost.append(cell)
    cells = [*after.get(None, ())]
    for cell in new["cells"]:
        cells += [cell, *after.get(cell["id"], ())]
    new["cells"] = _with_ids_of_their_own([*cells, *lost])
    return new, kept, len(lost)


def _without_views(cell: Any) -> Any:
    """A view's number is worth nothing in another notebook; the picture beside it stays."""
    for output in cell.get("outputs", ()):
        output.get("data", {}).pop(WIDGET_VIEW, None)
    return cell


def _with_ids_of_their_own(cells: list[Any]) -> list[Any]:
    taken: set[str] = set()
    for number, cell in enumerate(cells):
        if cell["id"] in taken:
            cell["id"] = f"yours-{number}"
        taken.add(cell["id"])
    return cells


def _lessons(folder: Path) -> Iterable[Path]:
    return sorted(folder.glob("*.ipynb"))


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def _read(path: Path) -> Any:
    import nbformat

    try:
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]
    except Exception as problem:  # nbformat raises of many kinds
        raise ValueError(str(problem).splitlines()[0] if str(problem) else type(problem).__name__) from problem


def _write(notebook: Any, path: Path) -> None:
    import nbformat

    written = path.with_suffix(".ipynb.new")
    nbformat.write(notebook, written)  # type: ignore[no-untyped-call]
    os.replace(written, path)


def _put(source: Path, target: Path) -> None:
    """A copy that is whole or not there, and that its owner may write to."""
    written = target.with_suffix(".ipynb.new")
    written.write_bytes(source.read_bytes())
    os.replace(written, target)
