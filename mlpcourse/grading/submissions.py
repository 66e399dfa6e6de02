"""Where submissions lie: in a folder, a zip file, zip files in them, as a learning platform packs them.

A submission is one student's notebook. Files are read as data, in place; nothing is unpacked, run or believed.
"""

from __future__ import annotations

import io
import os
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath

from mlpcourse.grading import lms
from mlpcourse.grading.lms import Handed
from mlpcourse.grading.names import clean

LARGEST = 20 << 20  # bytes of a notebook
LARGEST_ZIP = 50 << 20  # bytes of a zip file inside another
DEEPEST = 8  # folders and zip files inside one another
MOST = 100_000  # files
MOST_ZIPS = 5  # zip files inside a student's zip file

_NOTEBOOK = re.compile(r"(.*)\.ipynb(?:\.txt|\.json)?", re.I | re.S)
_COMPANIONS = {".txt", ".html", ".htm", ".csv", ".tsv", ".xml", ".md", ".log", ".db", ".xlsx", ".ods"}


class Unreadable(Exception):
    """A submission that cannot be read; the message says why."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook. name: as shown. key: as a file name, unique. problem: why it cannot be graded, or "".

    members: which entry, where path is a zip file, and which entry of that. id and folder: what the platform calls the
    student and the place that feedback goes to. time: when it was handed in, ISO format; late: the platform says so.
    """

    name: str
    key: str
    path: str
    members: tuple[int, ...] = ()
    problem: str = ""
    notes: tuple[str, ...] = ()
    id: str = ""
    folder: str = ""
    time: str = ""
    late: bool = False


# --- what is there --------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Entry:
    """One file, or what cannot be read. parts: the names on the way to it; a zip file counts as a folder."""

    parts: tuple[str, ...]
    path: str
    members: tuple[int, ...] = ()
    problem: str = ""
    note: str = ""

    @property
    def stem(self) -> str:
        """The file's name without its ending."""
        match = _NOTEBOOK.fullmatch(self.parts[-1])
        return match[1] if match else PurePosixPath(self.parts[-1]).stem

    @property
    def notebook(self) -> bool:
        return _NOTEBOOK.fullmatch(self.parts[-1]) is not None

    @property
    def companion(self) -> bool:
        """What platforms lay beside submissions."""
        return not self.notebook and PurePosixPath(self.parts[-1]).suffix.lower() in _COMPANIONS


def _hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX")) or name in ("Thumbs.db", "desktop.ini", "Icon\r")


def _entries_of_folder(folder: Path, parts: tuple[str, ...], skip: Path | None) -> Iterator[_Entry]:
    try:
        listed = sorted(folder.iterdir())
    except OSError as error:
        yield _Entry((*parts, ""), str(folder), problem=f"its folder cannot be read: {error.strerror}")
        return
    if parts and not listed:
        yield _Entry((*parts, ""), str(folder), problem="no notebook here: the folder is empty")
    for path in listed:
        own = (*parts, _name_on_disk(path))
        if _hidden(path.name):
            continue
        try:
            if path.is_symlink():
                yield _Entry(own, str(path), problem="a symbolic link, which is not followed")
            elif path.is_dir():
                if len(parts) >= DEEPEST:
                    yield _Entry((*own, ""), str(path), problem=f"its folders nest more than {DEEPEST} deep")
                elif path.resolve() != skip:
                    yield from _entries_of_folder(path, own, skip)
            elif not path.is_file():
                yield _Entry(own, str(path), problem="not a file")
            elif path.suffix.lower() == ".zip":
                yield from _entries_of_zip(str(path), (), (*parts, own[-1][:-4]))
            else:
                yield _Entry(own, str(path))
        except OSError as error:
            yield _Entry(own, str(path), problem=f"it cannot be read: {error.strerror}")


def _entries_of_zip(path: str, members: tuple[int, ...], parts: tuple[str, ...]) -> Iterator[_Entry]:
    try:
        with _opened_zip(path, members) as archive:
            infos = archive.infolist()
    except Exception as error:  # zlib and its kin raise errors of their own
        reason = clean(str(error)) if isinstance(error, Unreadable | zipfile.BadZipFile) else type(error).__name__
        yield _Entry((*parts, ""), path, members, problem=f"the zip file cannot be read: {reason}")
        return
    zips = 0
    for number, info in enumerate(infos[:MOST]):
        name = _zip_name(info)
        given = PurePosixPath(name.replace("\\", "/")).parts
        own = tuple(part for part in given if part not in ("/", ".", ".."))
        if info.is_dir() or not own or any(map(_hidden, own)):
            continue
        entry = _Entry((*parts, *own), path, (*members, number))
        if ".." in given or given[:1] == ("/",):
            entry = replace(entry, note="the zip file gives it a path outside its folder")
        if stat.S_ISLNK(info.external_attr >> 16):
            yield replace(entry, problem="a symbolic link, which is not followed")
        elif info.flag_bits & 1:
            yield replace(entry, problem="the zip file's entry is locked with a password")
        elif own[-1].lower().endswith(".zip") and len(members) < 3 and (not members or zips < MOST_ZIPS):
            zips += 1
            yield from _entries_of_zip(path, entry.members, (*parts, *own[:-1], own[-1][:-4]))
        else:
            yield entry


def _zip_name(info: zipfile.ZipInfo) -> str:
    """An entry's name. Without the mark for UTF-8 it may be in UTF-8 nevertheless."""
    if not info.flag_bits & 0x800:
        try:
            return info.filename.encode("cp437").decode()
        except UnicodeError:
            pass
    return _readable(info.filename)


def _readable(name: str) -> str:
    return unicodedata.normalize("NFC", name.encode("utf-8", "replace").decode())


def _name_on_disk(path: Path) -> str:
    """A file's name, which is in UTF-8 whatever the locale says: a scheduled command may have none."""
    return _readable(os.fsencode(path.name).decode("utf-8", "replace"))


def _opened_zip(path: str, members: Sequence[int]) -> zipfile.ZipFile:
    archive = zipfile.ZipFile(path)
    for member in members:
        with archive as outer:
            archive = zipfile.ZipFile(io.BytesIO(_entry_bytes(outer, member, LARGEST_ZIP)))
    return archive


def _entry_bytes(archive: zipfile.ZipFile, member: int, most: int) -> bytes:
    with archive.open(archive.infolist()[member]) as entry:
        data = entry.read(most + 1)
    if len(data) > most:
        raise Unreadable(f"it is larger than {most >> 20} MB")
    return data


# --- whose it is ----------------------------------------------------------------------------------


def find(source: Path, skip: Path | None = None) -> list[Submission]:
    """All submissions of a folder, a zip file or a single notebook, by name. Raises Unreadable when there is none.

    skip: a folder inside that is not looked into, where results are written.
    """
    if source.is_dir():
        entries = list(_entries_of_folder(source, (), skip.resolve() if skip else None))
    elif source.is_file() and _NOTEBOOK.fullmatch(source.name):
        entries = [_Entry((_name_on_disk(source),), str(source))]
    elif source.is_file():
        entries = list(_entries_of_zip(str(source), (), ()))
        if len(entries) == 1 and entries[0].parts == ("",):
            raise Unreadable(f"{source} is neither a folder nor a notebook nor a zip file: {entries[0].problem}")
    elif source.is_symlink() or source.exists():
        raise Unreadable(f"{source} is neither a folder nor a file.")
    else:
        raise Unreadable(f"There is no folder or zip file {source}.")
    found = _by_student(entries)
    if not any(one for one in found):
        raise Unreadable(f"There is no notebook (.ipynb) in {source}{_what_is_there(entries)}.")
    return _with_unique_keys(found)


def _what_is_there(entries: Sequence[_Entry]) -> str:
    kinds = Counter(PurePosixPath(entry.parts[-1]).suffix or "without an ending" for entry in entries)
    return ": it holds " + ", ".join(f"{n} {clean(kind)}" for kind, n in kinds.most_common(5)) if kinds else ", nothing"


def _by_student(entries: Sequence[_Entry]) -> list[Submission]:
    known = [(entry, lms.recognised([*entry.parts[:-1], entry.stem])) for entry in entries]
    shown = lms.without_groups(handed.name for _, handed in known if handed and handed.lms == "Moodle")
    groups: dict[tuple[str, str], list[tuple[_Entry, Handed | None]]] = {}
    plain = []
    for entry, handed in known:
        if handed is None:
            plain.append(entry)
        else:
            handed = replace(handed, name=shown.get(handed.name, handed.name))
            groups.setdefault((handed.lms, handed.id), []).append((entry, handed))
    if groups:  # the rest is what the platform adds: an overview, a table of grades
        plain = [entry for entry in plain if entry.notebook or (entry.problem and not entry.companion)]
    found = [_chosen(clean(listed[0][1].name), listed) for listed in groups.values() if listed[0][1]]
    for name, listed in _plain_students(plain).items():
        found.append(_chosen(clean(name.split("\0")[0]), listed))
    return found


def _plain_students(entries: Sequence[_Entry]) -> dict[str, list[tuple[_Entry, Handed | None]]]:
    """Files by the folder they lie in, or each by itself; a folder around all of them is no student's."""
    cut = 0
    notebooks = [entry for entry in entries if entry.notebook]
    while len(notebooks) > 1 and all(len(entry.parts) > cut + 1 for entry in notebooks):
        if len({entry.parts[cut] for entry in notebooks}) > 1:
            break
        cut += 1
    single = {entry.stem for entry in entries if len(entry.parts) <= cut + 1}
    classroom = lms.classroom(single)
    students: dict[str, list[tuple[_Entry, Handed | None]]] = {}
    for entry in entries:
        if len(entry.parts) > cut + 1:
            students.setdefault(f"{entry.parts[cut]}\0", []).append((entry, None))
        elif not entry.companion or entry.problem:
            whole = entry.stem if entry.notebook else entry.parts[-1]
            name = classroom.get(entry.stem, whole or (entry.parts[-2] if len(entry.parts) > 1 else ""))
            students.setdefault(f"{name}\0{entry.parts[-1]}", []).append((entry, None))
    return {
        key: listed
        for key, listed in students.items()
        if not all(entry.companion for entry, _ in listed) or key.endswith("\0")
    }


def _chosen(name: str, listed: Sequence[tuple[_Entry, Handed | None]]) -> Submission:
    """One student's submission: the latest attempt, and in it the one notebook."""
    notebooks = [(entry, handed) for entry, handed in listed if entry.notebook and not entry.problem]
    one, handed = (notebooks or list(listed))[0]
    notes: tuple[str, ...] = ()
    if notebooks:
        latest = max(_order(handed) for _, handed in notebooks)
        attempts = {_order(handed) for _, handed in notebooks}
        notebooks = [(entry, handed) for entry, handed in notebooks if _order(handed) == latest]
        if len(attempts) > 1:
            when = f", of {latest[0].replace('T', ' ')}," if latest[0] else ""
            notes = (f"{len(attempts)} attempts were handed in: the latest{when} was taken",)
        one, handed = notebooks[0]
    if len(notebooks) > 1:
        named = [pair for pair in notebooks if _given_name(*pair).lower() == "assignment"]
        named = named or [pair for pair in notebooks if "assignment" in _given_name(*pair).lower()]
        if len(named) == 1:
            notes = (*notes, f"{clean(named[0][0].parts[-1])} was taken of {len(notebooks)} notebooks in its folder")
            one, handed = named[0]
    result = Submission(name, "", one.path, one.members, notes=notes + ((one.note,) if one.note else ()))
    if handed is not None:
        time = handed.time or _timestamp(listed)
        result = replace(result, id=handed.id, folder=handed.prefix, time=time, late=handed.late)
    else:
        result = replace(result, time=_timestamp(listed))
    if len(notebooks) > 1 and not (len(notes) and "was taken of" in notes[-1]):
        named_all = ", ".join(clean(entry.parts[-1]) for entry, _ in notebooks[:5])
        return replace(result, problem=f"{len(notebooks)} notebooks in one folder ({named_all}): leave one")
    return result if notebooks else replace(result, problem=_without_notebook(listed))


def _given_name(entry: _Entry, handed: Handed | None) -> str:
    return (handed.file if handed else "") or entry.stem


def _order(handed: Handed | None) -> tuple[str, int]:
    return (handed.time, handed.attempt) if handed else ("", 0)


def _without_notebook(listed: Sequence[tuple[_Entry, Handed | None]]) -> str:
    problems = [entry.problem for entry, _ in listed if entry.problem]
    if problems:
        link = problems[0].startswith("a symbolic link") and len(listed[0][0].parts) > 1
        return "only a symbolic link, which is not followed" if link else problems[0]
    there = ", ".join(clean(entry.parts[-1]) for entry, _ in listed[:5])
    alone = len(listed) == 1 and len(listed[0][0].parts) == 1
    return (
        f"not a notebook: the name {there} does not end in .ipynb" if alone else f"no notebook here: there is {there}"
    )


def _timestamp(listed: Sequence[tuple[_Entry, Handed | None]]) -> str:
    for entry, _ in listed:
        if entry.parts[-1].lower() == "timestamp.txt" and not entry.problem:
            try:
                return lms.time_of(_bytes(entry.path, entry.members, 200).decode("utf-8", "replace"))
            except Unreadable:
                return ""
    return ""


def _with_unique_keys(found: list[Submission]) -> list[Submission]:
    """Sorted by name, with a key each, and a note where one name handed in twice."""
    found.sort(key=lambda one: (one.name, one.path, one.members))
    students = Counter(_student(one.name) for one in found)
    keys: set[str] = set()
    result = []
    for one in found:
        plain = re.sub(r"[^A-Za-z0-9_-]+", "_", unicodedata.normalize("NFKD", one.name)).strip("_")[:60]
        base = plain if plain == one.name else f"{plain or 'student'}-{sha256(one.name.encode()).hexdigest()[:8]}"
        base = re.sub(r"[^A-Za-z0-9_.-]+", "_", f"{plain or 'student'}-{one.id}")[:80] if one.id else base
        if base.lower() in keys:
            base = f"{base}-{sha256(one.name.encode()).hexdigest()[:8]}" if plain == one.name else base
        key, number = base, 2
        while key.lower() in keys:
            key, number = f"{base}-{number}", number + 1
        keys.add(key.lower())
        many = students[_student(one.name)]
        notes = one.notes
        if many > 1 and not one.id:
            notes = (*notes, f"{many} submissions of this student: decide which one counts")
        result.append(replace(one, key=key, notes=notes))
    return result


def _student(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


# --- reading one ----------------------------------------------------------------------------------


def read(submission: Submission) -> bytes:
    """The notebook's bytes. Raises Unreadable."""
    if submission.problem:
        raise Unreadable(submission.problem)
    return _bytes(submission.path, submission.members, LARGEST)


def _bytes(source: str, members: tuple[int, ...], most: int) -> bytes:
    """A file's bytes, or a zip file's entry's. Raises Unreadable."""
    try:
        if not members:
            path = Path(source)
            if path.is_symlink() or not path.is_file():
                raise Unreadable("not a file")
            with path.open("rb") as file:
                data = file.read(most + 1)
            if len(data) > most:
                raise Unreadable(f"it is larger than {most >> 20} MB")
            return data
        with _opened_zip(source, members[:-1]) as archive:
            return _entry_bytes(archive, members[-1], most)
    except Unreadable:
        raise
    except OSError as error:
        raise Unreadable(f"it cannot be read: {error.strerror or clean(str(error))}") from None
    except (ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise Unreadable(f"it cannot be read: {clean(str(error))}") from None
    except Exception as error:  # zlib and its kin raise errors of their own
        raise Unreadable(f"it cannot be unpacked: {type(error).__name__}") from None
