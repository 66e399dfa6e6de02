"""Submissions: where they lie, and the answers in them. Files are read as data; nothing in them is run or believed.

A submission is one notebook: a file in the folder, a folder in the folder, or an entry of a zip file, which is read in
place and never unpacked. Whatever else is found is listed with the reason why it is none.
"""

from __future__ import annotations

import ast
import json
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from mlpcourse.exercises.placeholder import is_placeholder_statement

LARGEST = 20 << 20  # bytes of a notebook
LONGEST = 50_000  # characters of a cell that is parsed
DEEPEST = 4  # folders between a student's folder and the notebook
NAME = 80  # characters kept of a name


class Unreadable(Exception):
    """A submission that cannot be read; the message says why."""


@dataclass(frozen=True)
class Submission:
    """One student's notebook. name: as shown. key: as a file name, unique. problem: why it cannot be graded, or ""."""

    name: str
    key: str
    path: str
    member: int | None = None  # which entry, when path is a zip file
    problem: str = ""
    notes: tuple[str, ...] = ()


# --- finding them ---------------------------------------------------------------------------------


def find(source: Path) -> list[Submission]:
    """All submissions of a folder or zip file, by name. Raises Unreadable when ``source`` is neither."""
    if source.is_dir():
        found = list(_in_folder(source))
    elif source.is_file():
        try:
            found = list(_in_zip(source))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise Unreadable(f"{source} is neither a folder nor a zip file that can be read: {error}") from None
    else:
        raise Unreadable(f"There is no folder or zip file {source}.")
    return _told_apart(found)


def clean(text: str, longest: int = NAME) -> str:
    """Foreign text as it can be shown: one line, no control characters, not too long."""
    text = text[: 4 * longest].encode("utf-8", "replace").decode()
    text = "".join(" " if unicodedata.category(letter)[0] in "CZ" else letter for letter in text)
    return re.sub(" +", " ", text).strip()[:longest] or "(no name)"


def _told_apart(found: list[Submission]) -> list[Submission]:
    """Sorted by name, with a key each, and a note where one student handed in twice."""
    found.sort(key=lambda one: (one.name, one.path, one.member or 0))
    students = Counter(_student(one.name) for one in found)
    keys: set[str] = set()
    result = []
    for one in found:
        base = re.sub(r"[^A-Za-z0-9_-]+", "_", unicodedata.normalize("NFKD", one.name)).strip("_")[:60]
        if base != one.name or base.lower() in keys:
            base = f"{base or 'student'}-{sha256(one.name.encode()).hexdigest()[:8]}"
        key, number = base, 2
        while key.lower() in keys:
            key, number = f"{base}-{number}", number + 1
        keys.add(key.lower())
        many = students[_student(one.name)]
        notes = (*one.notes, f"{many} submissions of this student: decide which one counts") if many > 1 else one.notes
        result.append(replace(one, key=key, notes=notes))
    return result


def _student(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold()


def _hidden(name: str) -> bool:
    return name.startswith((".", "__MACOSX")) or name == "Thumbs.db"


def _in_folder(source: Path) -> Iterator[Submission]:
    for entry in sorted(source.iterdir()):
        name = clean(entry.stem if entry.suffix == ".ipynb" else entry.name)
        if _hidden(entry.name):
            continue
        if entry.is_symlink():
            yield Submission(name, "", str(entry), problem="a symbolic link, which is not followed")
        elif entry.is_dir():
            yield _one_of(name, str(entry), list(_notebooks(entry, DEEPEST)))
        elif entry.is_file() and entry.suffix == ".ipynb":
            yield Submission(name, "", str(entry))
        elif entry.is_file():
            yield Submission(name, "", str(entry), problem="not a notebook: the name does not end in .ipynb")
        else:
            yield Submission(name, "", str(entry), problem="not a file")


def _notebooks(folder: Path, depth: int) -> Iterator[Path]:
    for entry in sorted(folder.iterdir()):
        if _hidden(entry.name):
            continue
        if entry.is_symlink():
            yield entry
        elif entry.is_dir() and depth:
            yield from _notebooks(entry, depth - 1)
        elif entry.suffix == ".ipynb":
            yield entry


def _one_of(name: str, folder: str, notebooks: list[Path]) -> Submission:
    """The one notebook of a student's folder."""
    links = [path for path in notebooks if path.is_symlink()]
    files = [path for path in notebooks if path not in links]
    named = [path for path in files if path.stem == "assignment"]
    notes = _chosen(len(files)) if len(named) == 1 else ()
    files = named if len(named) == 1 else files
    if len(files) == 1:
        if files[0].is_file():
            return Submission(name, "", str(files[0]), notes=notes)
        return Submission(name, "", folder, problem="not a file")
    if files:
        listed = ", ".join(clean(path.name) for path in files[:5])
        return Submission(name, "", folder, problem=f"{len(files)} notebooks in one folder ({listed}): leave one")
    reason = "only a symbolic link, which is not followed" if links else "no notebook in the folder"
    return Submission(name, "", folder, problem=reason)


def _chosen(notebooks: int) -> tuple[str, ...]:
    """A note when one of several notebooks was taken, since the others may have been meant."""
    return (f"assignment.ipynb was taken of {notebooks} notebooks in its folder",) if notebooks > 1 else ()


def _in_zip(source: Path) -> Iterator[Submission]:
    with zipfile.ZipFile(source) as archive:
        entries = [(number, info) for number, info in enumerate(archive.infolist()) if not info.is_dir()]
    paths = {number: PurePosixPath(info.filename.replace("\\", "/")) for number, info in entries}
    parts = {number: [part for part in path.parts if part not in ("/", ".", "..")] for number, path in paths.items()}
    visible = [(n, info) for n, info in entries if parts[n] and not any(_hidden(part) for part in parts[n])]
    notebooks = [number for number, info in visible if info.filename.endswith(".ipynb")]
    while len(notebooks) > 1 and all(len(parts[number]) > 1 for number in notebooks):
        tops = {parts[number][0] for number in notebooks}
        if len(tops) > 1:
            break  # else it is the one folder that all notebooks lie in
        parts = {number: path[1:] if len(path) > 1 and path[0] in tops else path for number, path in parts.items()}
    groups: dict[str, list[tuple[int, zipfile.ZipInfo]]] = {}
    for number, info in visible:
        groups.setdefault(f"{parts[number][0]}/" if len(parts[number]) > 1 else f"{number}", []).append((number, info))
    for group in groups.values():
        yield _zipped(source, group, parts)


def _zipped(source: Path, group: list[tuple[int, zipfile.ZipInfo]], parts: dict[int, list[str]]) -> Submission:
    notebooks = [(n, info) for n, info in group if info.filename.endswith(".ipynb")]
    named = [(n, info) for n, info in notebooks if parts[n][-1] == "assignment.ipynb"]
    notes = _chosen(len(notebooks)) if len(named) == 1 else ()
    notebooks = named if len(named) == 1 else notebooks
    number, info = (notebooks or group)[0]
    own = parts[number]
    name = clean(own[0] if len(own) > 1 else own[0].removesuffix(".ipynb"))
    one = Submission(name, "", str(source), number, notes=notes)
    if len(notebooks) != 1:
        alone = "not a notebook: the name does not end in .ipynb" if len(own) == 1 else "no notebook in the folder"
        many = f"{len(notebooks)} notebooks in one folder: leave one"
        return replace(one, problem=many if notebooks else alone)
    if stat.S_ISLNK(info.external_attr >> 16):
        return replace(one, problem="a symbolic link, which is not followed")
    if info.flag_bits & 1:
        return replace(one, problem="the zip file's entry is locked with a password")
    if ".." in info.filename.replace("\\", "/").split("/") or info.filename.startswith("/"):
        one = replace(one, notes=(*notes, "the zip file gives it a path outside its folder"))
    return one


# --- reading one ----------------------------------------------------------------------------------


def read(submission: Submission) -> bytes:
    """The notebook's bytes. Raises Unreadable."""
    if submission.problem:
        raise Unreadable(submission.problem)
    try:
        if submission.member is None:
            path = Path(submission.path)
            if path.is_symlink() or not path.is_file():
                raise Unreadable("not a file")
            with path.open("rb") as file:
                data = file.read(LARGEST + 1)
        else:
            with zipfile.ZipFile(submission.path) as archive:
                info = archive.infolist()[submission.member]
                with archive.open(info) as entry:
                    data = entry.read(LARGEST + 1)
    except (OSError, ValueError, EOFError, RuntimeError, zipfile.BadZipFile) as error:
        raise Unreadable(f"it cannot be read: {clean(str(error))}") from None
    except Exception as error:  # zlib and its kin raise errors of their own
        raise Unreadable(f"it cannot be unpacked: {type(error).__name__}") from None
    if len(data) > LARGEST:
        raise Unreadable(f"it is larger than {LARGEST >> 20} MB")
    return data


@dataclass(frozen=True)
class Cell:
    """A code cell: its text with notebook magic blanked, its statements (none when it is no Python), its grade_id."""

    source: str
    tree: tuple[ast.stmt, ...]
    grade_id: str
    trouble: str = ""


def cells(data: bytes) -> list[Cell]:
    """The code cells of a notebook. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("the file is empty")
    try:
        notebook = json.loads(data)
    except (ValueError, RecursionError, MemoryError) as error:
        where = f" from character {error.pos} on" if isinstance(error, json.JSONDecodeError) else ""
        raise Unreadable(f"it is not JSON{where}, so no notebook: cut off, or saved by another program?") from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable("it is JSON, but not a notebook")
    if notebook["nbformat"] != 4:
        version = clean(str(notebook["nbformat"])[:20])
        raise Unreadable(f"it is in notebook format {version}, not 4: open and save it in JupyterLab")
    listed = notebook.get("cells")
    if not isinstance(listed, list):
        raise Unreadable("it has no list of cells")
    return [_cell(one) for one in listed if isinstance(one, dict) and one.get("cell_type") == "code"]


def _cell(one: dict[str, Any]) -> Cell:
    source = one.get("source", "")
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    metadata = one.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    identity = grade_id if isinstance(grade_id, str) else ""
    if len(source) > LONGEST:
        return Cell(source[:LONGEST], (), identity, f"the cell is longer than {LONGEST} characters")
    source = source.replace("\r\n", "\n").replace("\r", "\n")
    tree, trouble = _parsed(source)
    if tree is None:
        source = "\n".join(map(_without_magic, source.split("\n")))
        tree, trouble = _parsed(source)
    return Cell(source, tuple(tree or ()), identity, trouble)


_MAGIC = re.compile(r"([ \t]*)(?:[%!?].*|[\w, \t]+=[ \t]*[%!].*|[\w.]+\?{1,2}[ \t]*)")


def _without_magic(line: str) -> str:
    match = _MAGIC.fullmatch(line) if len(line) < 300 else None  # no long line gets to keep the search busy
    return f"{match[1]}pass" if match else line


def _parsed(source: str) -> tuple[list[ast.stmt] | None, str]:
    try:
        return ast.parse(source).body, ""
    except SyntaxError as error:
        number = error.lineno or 0
        text = "\n".join(source.split("\n")[number - 1 : number]).strip()[:100]
        return None, f"SyntaxError in line {number}" + (f", `{text}`" if text else "")
    except (ValueError, RecursionError, MemoryError) as error:
        return None, f"the cell cannot be read as Python ({type(error).__name__})"


# --- the answers in it ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """One exercise's cell. value: the answer as an expression, where it is no function. trouble: why there is none."""

    source: str
    value: ast.expr | None = None
    empty: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class Answers:
    """Everything of a notebook that counts. helpers: what other cells define that the answers use."""

    found: dict[str, Answer]
    helpers: str = ""
    student: str = ""
    notes: tuple[str, ...] = field(default=())


def answers(notebook: Sequence[Cell], names: Sequence[str]) -> Answers:
    """The answer to each exercise: the cell with its grade_id, else the last cell that gives an answer to it."""
    found: dict[str, Answer] = {}
    taken: set[int] = set()
    notes = []
    given = [set().union(*map(_gives, cell.tree)) for cell in notebook]
    for name in names:
        giving = [number for number in range(len(notebook)) if name in given[number]]
        marked = [number for number, cell in enumerate(notebook) if cell.grade_id == name]
        if len(marked) > 1:
            notes.append(f"{len(marked)} cells carry the id {name}: the last one with an answer counts")
        both = [number for number in marked if number in giving]
        if both or giving or marked:
            number = (both or giving or marked)[-1]
            found[name] = _answer(notebook[number], name)
            taken.add(number)
            if not both and giving and any(cell.grade_id for cell in notebook):
                notes.append(f"the cell of {name} was found by what it defines, not by its id")
    sources = [notebook[number] for number in sorted(taken)]
    others = [cell for number, cell in enumerate(notebook) if number not in taken]
    return Answers(found, _helpers(sources, others), _declared(notebook), tuple(notes))


def _gives(statement: ast.stmt) -> set[str]:
    """The names that a statement may answer, if they are exercises'."""
    checked = _checks(statement)
    return _bound(statement) | ({checked[0]} if checked else set())


def _bound(statement: ast.stmt) -> set[str]:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return {statement.name}
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return {(alias.asname or alias.name).split(".")[0] for alias in statement.names}
    targets: list[ast.expr] = []
    if isinstance(statement, ast.Assign):
        targets = statement.targets
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        targets = [statement.target]
    return {node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name)}


def _checks(statement: ast.stmt) -> tuple[str, ast.expr] | None:
    """The exercise's name and the answer in ``check("name", answer)``."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return None
    call = statement.value
    function = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    if function != "check" or len(call.args) != 2:
        return None
    name, answer = call.args
    return (name.value, answer) if isinstance(name, ast.Constant) and isinstance(name.value, str) else None


def _answer(cell: Cell, name: str) -> Answer:
    if cell.trouble:
        return Answer(cell.source, trouble=cell.trouble)
    value: ast.expr | None = None
    empty, assigned = False, {}
    for statement in cell.tree:
        if isinstance(statement, ast.Assign):
            assigned.update(dict.fromkeys(_bound(statement), statement.value))
        checked = _checks(statement)
        if checked is not None and checked[0] == name:
            answer = checked[1]
            value = assigned.get(answer.id, answer) if isinstance(answer, ast.Name) else answer
        elif isinstance(statement, ast.Assign) and name in _bound(statement):
            value = statement.value
        elif isinstance(statement, ast.FunctionDef) and statement.name == name:
            value, empty = None, all(is_placeholder_statement(line) for line in statement.body)
    if value is not None:
        empty = isinstance(value, ast.Constant) and value.value in (..., None)
    elif not any(name in _gives(statement) for statement in cell.tree):
        return Answer(cell.source, trouble=f"the cell does not define `{name}`")
    return Answer(cell.source, value, empty)


def _helpers(sources: Sequence[Cell], others: Sequence[Cell]) -> str:
    """The definitions of other cells that the answers use, directly or through one another, in the notebook's order."""
    statements = [(cell, statement) for cell in others for statement in cell.tree if _bound(statement)]
    needed = _used(statement for cell in sources for statement in cell.tree)
    kept: set[int] = set()
    while True:
        new = {n for n, (_, statement) in enumerate(statements) if n not in kept and _bound(statement) & needed}
        if not new:
            break
        kept |= new
        needed |= _used(statements[n][1] for n in new)
    return "\n".join(_lines(*statements[number]) for number in sorted(kept))


def _used(statements: Any) -> set[str]:
    return {node.id for statement in statements for node in ast.walk(statement) if isinstance(node, ast.Name)}


def _lines(cell: Cell, statement: ast.stmt) -> str:
    decorators = getattr(statement, "decorator_list", [])
    first = min([statement.lineno, *(decorator.lineno for decorator in decorators)])
    return "\n".join(cell.source.split("\n")[first - 1 : statement.end_lineno])


def _declared(notebook: Sequence[Cell]) -> str:
    """The text that a cell assigns to ``student``, or ""."""
    for cell in notebook:
        for statement in cell.tree:
            if isinstance(statement, ast.Assign) and _bound(statement) == {"student"}:
                value = statement.value
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    return value.value.strip()[:NAME]
    return ""
