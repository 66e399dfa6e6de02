"""Reads a notebook: which cell answers which exercise, and what else of the notebook that answer needs.

It runs inside the sandbox, in a process that has run nothing of a submission yet, because a notebook can be made to
take all the memory and time there is. It imports the standard library only and is given no right answer.
"""

from __future__ import annotations

import ast
import functools
import itertools
import json
import re
from collections.abc import Sequence
from typing import Any

LONGEST_CELL = 50_000  # characters of one cell
LONGEST_CODE = 400_000  # characters of all code cells
MOST_CELLS = 1_000  # code cells
DEEPEST = 200  # operators and brackets inside one another in one statement
TEXT = 20_000  # characters of an answer in words

SILENT = ("check", "hint", "solution", "given", "progress", "display", "print", "show", "learner", "for_student")
_HELPERS = ("check", "given", "for_student")  # whose calls tell what a cell answers
_UNKNOWN: Any = object()


class Unreadable(Exception):
    """A notebook that cannot be read; the message says why."""


# --- cells ----------------------------------------------------------------------------------------


class Cell:
    """A code cell: its text with notebook magic blanked, its statements (none when it is no Python), its grade_id."""

    def __init__(self, number: int, source: str, grade_id: str) -> None:
        self.number, self.written, self.source, self.grade_id = number, source, source, grade_id
        self.tree: list[ast.stmt] = []
        self.trouble = ""
        if len(source) > LONGEST_CELL:
            self.trouble = f"the cell is longer than {LONGEST_CELL} characters"
            self.written = self.source = source[:LONGEST_CELL]
            return
        try:
            self.tree = parsed(source)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            self.source = _without_magic(source)
            self.tree, self.trouble = _parsed(self.source)
        if not all(map(nodes, self.tree)):
            self.tree, self.trouble = [], f"one of its statements nests more than {DEEPEST} operators or brackets"

    @functools.cached_property
    def bound(self) -> set[str]:
        """All names that its statements bind. It is kept, since each exercise asks every cell."""
        return set().union(*map(binds, self.tree))

    @functools.cached_property
    def calls(self) -> list[ast.Call]:
        """All calls of the course's helpers, wherever they stand: `v = check(...)`, `print(check(...))`."""
        return [call for statement in self.tree for call in self.calls_in(statement)]

    @functools.cached_property
    def checked(self) -> dict[str, ast.expr]:
        """The answer in the last `check("name", answer)` of each name, given by place or by keyword."""
        found: dict[str, ast.expr] = {}
        for call in _calls(self, "check"):
            arguments = {word.arg: word.value for word in call.keywords}
            first = call.args[0] if call.args else arguments.get("exercise")
            answer = call.args[1] if len(call.args) > 1 else arguments.get("answer")
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and answer is not None:
                found[first.value] = answer
        return found

    def calls_in(self, statement: ast.stmt) -> list[ast.Call]:
        """Those of one statement."""
        return [node for node in nodes(statement) if isinstance(node, ast.Call) and _called(node) in _HELPERS]


@functools.lru_cache(maxsize=64)
def parsed(source: str) -> list[ast.stmt]:
    """The statements of a cell. They are kept, since those that are needed are run next."""
    return ast.parse(source).body


def _parsed(source: str) -> tuple[list[ast.stmt], str]:
    try:
        return parsed(source), ""
    except SyntaxError as error:
        number = error.lineno or 0
        text = "\n".join(source.split("\n")[number - 1 : number]).strip()[:100]
        said = re.sub(r"[^ -~]", "?", str(error.msg))[:100]
        more = " (a minus is typed `-`, from the keyboard)" if re.search("U\\+201[0-5]|U\\+2212", said) else ""
        return [], f"SyntaxError in line {number}" + (f", `{text}`" if text else "") + f": {said}{more}"
    except (ValueError, RecursionError, MemoryError) as error:
        return [], f"the cell cannot be read as Python ({type(error).__name__})"


_MAGIC = re.compile(r"([ \t]*)(?:[%!?].*|[\w, \t]+=[ \t]*[%!].*|[\w.]+\?{1,2}[ \t]*)")


def _without_magic(source: str) -> str:
    lines = source.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if re.match(r"%%(?!time|timeit|capture|prun)\w", first):
        return ""  # another language
    return "\n".join(map(_plain_line, lines))


def _plain_line(line: str) -> str:
    match = _MAGIC.fullmatch(line) if len(line) < 300 else None  # no long line gets to keep the search busy
    return line if not match else match[1] + ("from numpy import *" if line.strip().startswith("%pylab") else "pass")


def _notebook(data: bytes) -> tuple[dict[str, Any], list[str]]:
    """The notebook as JSON, and notes on how it was read. Raises Unreadable."""
    if not data.strip():
        raise Unreadable("the file is empty")
    notes = []
    try:
        notebook = json.loads(data)
    except UnicodeDecodeError:
        try:
            notebook = json.loads(data.decode("cp1252", "replace"))
            notes.append("the file is not in UTF-8, so it was read as Latin-1 (cp1252)")
        except (ValueError, RecursionError):
            raise Unreadable("it is not a text in UTF-8, so no notebook") from None
    except json.JSONDecodeError as error:
        where = f" from character {error.pos} on"
        raise Unreadable(f"it is not JSON{where}, so no notebook: cut off, or saved by another program?") from None
    except (ValueError, RecursionError):
        raise Unreadable("it is no notebook: its JSON nests too deep, or holds a number without an end") from None
    if not isinstance(notebook, dict) or "nbformat" not in notebook:
        raise Unreadable("it is JSON, but not a notebook")
    if notebook["nbformat"] != 4:
        version = _one_line(notebook["nbformat"])[:20]
        raise Unreadable(f"it is in notebook format {version}, not 4: open and save it in JupyterLab")
    if not isinstance(notebook.get("cells"), list):
        raise Unreadable("it has no list of cells")
    return notebook, notes


def _one_line(value: Any) -> str:
    return re.sub(r"\s+", " ", _text(str(value))) if isinstance(value, str | int | float) else type(value).__name__


def _text(source: Any) -> str:
    """A cell's source as text that can be sent and shown."""
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    source = source if isinstance(source, str) else ""
    source = source.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
    return str(source.encode("utf-8", "replace").decode())


def _grade_id(cell: dict[str, Any]) -> str:
    metadata = cell.get("metadata")
    marks = metadata.get("nbgrader") if isinstance(metadata, dict) else None
    grade_id = marks.get("grade_id") if isinstance(marks, dict) else None
    return grade_id if isinstance(grade_id, str) else ""


def cells(notebook: dict[str, Any]) -> tuple[list[Cell], list[tuple[str, str]]]:
    """The code cells, and for every other cell its grade_id and text. Raises Unreadable."""
    code, other = [], []
    for one in [cell for cell in notebook["cells"] if isinstance(cell, dict)]:
        if one.get("cell_type") == "code":
            code.append((_text(one.get("source")), _grade_id(one)))
        else:
            other.append((_grade_id(one), _text(one.get("source"))[:LONGEST_CELL]))
    if len(code) > MOST_CELLS:
        raise Unreadable(f"it has {len(code)} code cells: more than {MOST_CELLS} are not read")
    if sum(len(source) for source, _ in code) > LONGEST_CODE:
        raise Unreadable(f"its code is longer than {LONGEST_CODE} characters")
    return [Cell(number, source, grade_id) for number, (source, grade_id) in enumerate(code)], other


# --- what a statement binds, changes and uses -----------------------------------------------------

# As tuples, made once: what is asked of every node must not make a union of types each time.
_DEFINITIONS, _IMPORTS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef), (ast.Import, ast.ImportFrom)
_PLACES, _PATTERNS = (ast.Attribute, ast.Subscript), (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)
# The fields that hold what is asked for: no operators, no marks that tell reading from storing.
_FIELDS = {
    kind: tuple(name for name in kind._fields if name not in ("ctx", "op", "ops"))
    for kind in vars(ast).values() if isinstance(kind, type) and issubclass(kind, ast.AST)
} | dict.fromkeys((ast.Name, ast.Constant), ())  # fmt: skip


def _parts(node: ast.AST) -> list[ast.AST]:
    """What a node is made of."""
    found: list[ast.AST] = []
    for name in _FIELDS[type(node)]:
        value = getattr(node, name, None)
        if isinstance(value, list):
            found += [one for one in value if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST):
            found.append(value)
    return found


@functools.lru_cache(maxsize=1 << 14)
def nodes(statement: ast.AST, functions: bool = True) -> tuple[ast.AST, ...]:
    """All nodes, none if too deep for Python's own recursion; without ``functions`` those that run at once."""
    found, level = list[ast.AST](), [statement]
    for _ in range(DEEPEST):
        found += level
        opened = level if functions else [one for one in level if not isinstance(one, (*_DEFINITIONS, ast.Lambda))]
        level = [part for node in opened for part in _parts(node)]
        if not level:
            return tuple(found)
    return ()


def _base(node: ast.AST) -> str:
    """The name that `a`, `a.b`, `a[0].c` begin with, or ""."""
    while isinstance(node, (*_PLACES, ast.Starred)):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


@functools.lru_cache(maxsize=1 << 14)
def binds(statement: ast.stmt) -> frozenset[str]:
    """The names that a statement binds, whole or in part (`a[0] = 1`); "*" for a star import."""
    names: set[str] = set()
    for node in nodes(statement, functions=False):
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Store):
                names.add(node.id)
        elif isinstance(node, _DEFINITIONS):
            names.add(node.name)
        elif isinstance(node, _IMPORTS):
            names.update((alias.asname or alias.name).split(".")[0] for alias in node.names)
        elif isinstance(node, _PLACES) and isinstance(node.ctx, ast.Store):
            names.add(_base(node))
        elif isinstance(node, _PATTERNS) and node.name:
            names.add(node.name)
    return frozenset(names - {""})


def changes(statement: ast.stmt) -> set[str]:
    """The names that a bare call of a method may change: `numbers.append(3)`, `[numbers.append(n) for n in others]`."""
    bare = [node.value for node in nodes(statement, functions=False) if isinstance(node, ast.Expr)]
    bare = [one.elt if isinstance(one, ast.ListComp | ast.SetComp) else one for one in bare]
    called = [call.func for call in bare if isinstance(call, ast.Call)]
    return {_base(function) for function in called if isinstance(function, ast.Attribute)} - {""}


def changes_when_called(statement: ast.stmt) -> set[str]:
    """The names from outside that a function may change: those it calls `global`, and parts of what is not its own."""
    if not isinstance(statement, ast.FunctionDef):
        return set()
    inside = nodes(statement)
    declared = {name for node in inside if isinstance(node, ast.Global) for name in node.names}
    stored = {node.id for node in inside if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own = {node.arg for node in inside if isinstance(node, ast.arg)} | stored - declared
    return declared | {name for one in statement.body for name in changes(one) | binds(one) if name not in own}


def called(statement: ast.stmt) -> set[str]:
    """The names of the functions that are called when the statement is run."""
    calls = [node.func for node in nodes(statement, functions=False) if isinstance(node, ast.Call)]
    return {function.id for function in calls if isinstance(function, ast.Name)}


def makes_names(statement: ast.stmt) -> bool:
    """Whether it may bind names that nobody can read from it."""
    return not uses(statement).isdisjoint(("exec", "globals", "setattr", "vars"))


def uses(statement: ast.AST) -> set[str]:
    return {node.id for node in nodes(statement) if isinstance(node, ast.Name)}


class Statements:
    """All statements of a notebook, each known by its cell and its place there, and who binds what."""

    def __init__(self, notebook: Sequence[Cell]) -> None:
        self.all = [(cell, place) for cell in notebook for place in range(len(cell.tree))]
        self.binders: dict[str, list[int]] = {}
        self.own: dict[int, list[int]] = {cell.number: [] for cell in notebook}
        self._uses: dict[int, set[str]] = {}
        imported: set[str] = set()
        for number, (cell, place) in enumerate(self.all):
            statement = cell.tree[place]
            self.own[cell.number].append(number)
            bound = binds(statement)
            if isinstance(statement, _IMPORTS):
                imported |= bound
                course = isinstance(statement, ast.ImportFrom) and str(statement.module).startswith("mlpcourse")
                bound = bound - set(SILENT) if course else bound
            elif "for_student" in uses(statement):
                bound = bound - set(SILENT)
            elif bound and bound <= {"np", "numpy"}:
                continue  # these two always mean numpy
            for name in bound:
                self.binders.setdefault(name, []).append(number)
        effects: dict[str, set[str]] = {}
        for cell, place in self.all:
            if found := changes_when_called(cell.tree[place]):
                effects.setdefault(cell.tree[place].name, set()).update(found)  # type: ignore[attr-defined]
        self.changed: dict[int, set[str]] = {}
        for number, (cell, place) in enumerate(self.all):
            statement = cell.tree[place]
            by_calls = {name for function in called(statement) for name in effects.get(function, ())}
            self.changed[number] = (changes(statement) | by_calls) - imported
            for name in self.changed[number]:
                if name in self.binders or name in by_calls:
                    self.binders.setdefault(name, []).append(number)
        for listed in self.binders.values():
            listed.sort()
            if any(not self._stub(number) for number in listed):
                listed[:] = [number for number in listed if not self._stub(number)]

    def statement(self, number: int) -> ast.stmt:
        cell, place = self.all[number]
        return cell.tree[place]

    def _stub(self, number: int) -> bool:
        statement = self.statement(number)
        return isinstance(statement, ast.FunctionDef) and is_stub(statement)

    def used(self, number: int) -> set[str]:
        if number not in self._uses:
            self._uses[number] = uses(self.statement(number))
        return self._uses[number]

    def runs(self, number: int) -> bool:
        """Whether a statement does anything for an answer: prints, plots and checks do not."""
        statement = self.statement(number)
        if binds(statement):
            return not binds(statement) <= {"np", "numpy"} or isinstance(statement, _IMPORTS)
        if isinstance(statement, ast.Expr):
            return makes_names(statement) or bool(self.changed[number] & self.binders.keys() - set(SILENT))
        return not isinstance(statement, ast.Pass)

    def needed(self, own: set[int], names: set[str], at: int) -> set[int]:
        """What binds the names, directly or through one another: above the cell ``at``, else below it."""
        kept: set[int] = set()
        seen: set[str] = set()
        todo = list(names | {"*"})
        while todo:
            name = todo.pop()
            if name in seen:
                continue
            seen.add(name)
            listed = [number for number in self.binders.get(name, ()) if number not in own]
            above = [number for number in listed if self.all[number][0].number < at]
            inside = any(self.all[number][0].number == at for number in self.binders.get(name, ()))
            for number in above or (listed if not inside and name != "*" else []):
                if number not in kept:
                    kept.add(number)
                    todo.extend(self.used(number))
        return kept


def is_stub(definition: ast.FunctionDef) -> bool:
    """True when the body is only a docstring, `...`, `pass`, `return None` or `raise NotImplementedError`."""
    return all(map(_says_nothing, definition.body))


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        value = statement.value
        return value is None or (isinstance(value, ast.Constant) and value.value in (None, ...))
    if isinstance(statement, ast.Raise):
        return any(isinstance(node, ast.Name) and node.id == "NotImplementedError" for node in ast.walk(statement))
    return isinstance(statement, ast.Pass) or (
        isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    )


# --- the answers ----------------------------------------------------------------------------------


def _calls(cell: Cell, function: str) -> list[ast.Call]:
    return [call for call in cell.calls if _called(call) == function]


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _until(cell: Cell, name: str) -> int:
    """How many statements of a cell count for an exercise: in a cell that checks several, those up to its own check."""
    several = cell.tree if len(cell.calls) > 1 else []
    asked = [(place, call.args[0]) for place, one in enumerate(several) for call in cell.calls_in(one) if call.args]
    places = [(place, one.value) for place, one in asked if isinstance(one, ast.Constant)]
    own = max((place for place, checked in places if checked == name), default=len(cell.tree))
    return own + 1 if any(place > own for place, _ in places) else len(cell.tree)


class _Answer:
    """One exercise's cell as it is being read. value: the expression that is its answer, where it is no function."""

    def __init__(self, cell: Cell, name: str, variable: str) -> None:
        self.cell = cell
        self.value: ast.expr | None = None
        self.empty, self.trouble, self.until = False, cell.trouble, len(cell.tree)
        if cell.trouble:
            return
        defined = _definition(cell, name)
        if variable:
            self.until = _until(cell, name)
            self.value = self._expression(name, variable)
            self.empty = self.value is not None and self._is_empty(self.value)
        elif isinstance(defined, ast.FunctionDef):
            self.empty = is_stub(defined)
        elif isinstance(defined, ast.Assign):
            self.empty = isinstance(defined.value, ast.Constant) and defined.value.value in (..., None)
        elif defined is None:
            self.value = checked = cell.checked.get(name)
            if checked is None and not any(map(makes_names, cell.tree)):
                self.trouble = f"the cell does not define `{name}`"
            elif isinstance(checked, ast.Constant):
                self.empty = checked.value in (..., None)
        if variable and self.value is None and any(map(makes_names, cell.tree)):
            self.value = ast.Name(variable, ast.Load())
        elif variable and self.value is None:
            self.trouble = "the cell holds no answer"

    def _expression(self, name: str, variable: str) -> ast.expr | None:
        if name in self.cell.checked:
            return self.cell.checked[name]
        bound = [one for statement in self.cell.tree for one in _bound_in_order(statement)]
        for wanted in (variable, name, *reversed(bound)):
            if wanted in bound:
                return ast.Name(wanted, ast.Load())
        last = self.cell.tree[-1] if self.cell.tree else None
        return last.value if isinstance(last, ast.Expr) else None

    def _is_empty(self, value: ast.expr) -> bool:
        known = _literal(self.cell.tree[: self.until], value)
        if isinstance(known, str):
            return known.strip() in ("", "...")
        return known is None or known is ... or known == []


def _definition(cell: Cell, name: str) -> ast.stmt | None:
    """The last statement that binds the name; one that is no stub, if there is one."""
    found = [statement for statement in cell.tree if name in binds(statement)]
    full = [one for one in found if not (isinstance(one, ast.FunctionDef) and is_stub(one))]
    return (full or found)[-1] if found else None


def _bound_in_order(statement: ast.stmt) -> list[str]:
    if isinstance(statement, ast.Assign | ast.AnnAssign | ast.AugAssign):
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        nodes = [node for target in targets for node in ast.walk(target)]
        return [node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)]
    return []


def _literal(tree: Sequence[ast.stmt], value: ast.expr) -> Any:
    """The value of an answer that is written out (`3`, `"b"`, `[1, 2]`), directly or in its one assignment."""
    if isinstance(value, ast.Name):
        touching = [one for one in tree if value.id in binds(one) | changes(one)]
        one = touching[0] if len(touching) == 1 else None
        if not isinstance(one, ast.Assign | ast.AnnAssign) or _bound_in_order(one) != [value.id] or one.value is None:
            return _UNKNOWN
        value = one.value
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return _UNKNOWN


def _plain(value: Any) -> bool:
    """Whether a value can be sent as JSON, in a few kilobytes."""
    if isinstance(value, list | tuple):
        return len(value) <= 100 and all(_plain(part) for part in value)
    if isinstance(value, str):
        return len(value) <= TEXT
    return isinstance(value, bool | float) or (isinstance(value, int) and abs(value) < 1 << 53)


def _find(notebook: Sequence[Cell], exercise: dict[str, str], notes: list[str]) -> _Answer | None:
    """The cell that answers an exercise: an attempt rather than a stub, the cell with its id rather than another."""
    name, variable = exercise["name"], exercise["variable"]
    marked = [cell for cell in notebook if cell.grade_id == name]
    giving = [cell for cell in notebook if cell.grade_id != name and (name in cell.bound or name in cell.checked)]
    if not marked and not giving and variable:
        giving = _below_given(notebook, name, variable)
    tried = [(cell, _Answer(cell, name, variable)) for cell in (*giving, *marked)]
    attempts = [(cell, one) for cell, one in tried if not one.empty and not one.trouble]
    own = [pair for pair in attempts if pair[0].grade_id == name]
    if len(own) > 1:
        notes.append(f"{len(own)} cells carry the id {name} and an answer: the last one counts")
    elif not own and attempts and any(cell.grade_id for cell in notebook):
        notes.append(f"the answer to {name} was found by what it defines, not by its cell's id")
    chosen = own or attempts or [pair for pair in tried if pair[1].trouble] or tried
    return chosen[-1][1] if chosen else None


def _below_given(notebook: Sequence[Cell], name: str, variable: str) -> list[Cell]:
    """The cell right below the one that shows the exercise, where ids and checks are gone."""
    for cell, after in itertools.pairwise(notebook):
        shown = [call.args[0] for call in _calls(cell, "given") if call.args]
        given = any(isinstance(one, ast.Constant) and one.value == name for one in shown)
        if given and any(variable in binds(one) for one in after.tree):
            return [after]
    return []


def _elsewhere(others: Sequence[tuple[str, str]], name: str) -> bool:
    """Whether a cell that is no code holds the answer."""
    written = re.compile(rf"def {name}\s*\(|check\(\s*[\"']{name}[\"']")
    return any(grade_id == name or written.search(text) for grade_id, text in others)


def read(data: bytes, exercises: Sequence[dict[str, str]]) -> dict[str, Any]:
    """What counts of a notebook, as JSON: ``cells`` (sources by number), ``answers``, ``student`` and ``notes``.

    exercises: ``name`` and ``variable`` of each; the variable is "" where a function is asked for. An answer has
    ``source``, ``trouble`` or ``empty``, and, to be run, ``steps`` (cells with the places of their statements), ``own``
    (its cell) and ``value`` (an expression); ``plain`` where the value is written out.
    """
    try:
        notebook, notes = _notebook(data)
        code, others = cells(notebook)
    except Unreadable as reason:
        return {"trouble": str(reason)}
    statements = Statements(code)
    answers: dict[str, Any] = {}
    used: set[int] = set()
    for exercise in exercises:
        found = _find(code, exercise, notes)
        if found is None:
            if _elsewhere(others, exercise["name"]):
                trouble = "Its cell is not a code cell, so it is not run: change its type from Markdown back to Code"
                answers[exercise["name"]] = {"source": "", "trouble": trouble, "empty": False}
            continue
        answers[exercise["name"]] = answer = _described(found, exercise, statements)
        used |= {number for number, _ in answer.get("steps", ())}
    student = _student(code, statements)
    used |= {number for number, _ in student.get("steps", ())}
    sources = {str(cell.number): cell.source for cell in code if cell.number in used}
    return {"trouble": "", "cells": sources, "answers": answers, "student": student, "notes": notes}


def _described(found: _Answer, exercise: dict[str, str], statements: Statements) -> dict[str, Any]:
    cell = found.cell
    answer: dict[str, Any] = {"source": cell.written, "trouble": found.trouble, "empty": found.empty}
    if found.trouble or found.empty:
        return answer
    value = found.value
    if value is not None:
        known = _literal(cell.tree[: found.until], value)
        if exercise["variable"] and known is not _UNKNOWN and _plain(known):
            answer["plain"] = known
            return answer
        answer["value"] = getattr(value, "id", None) or ast.get_source_segment(cell.source, value) or "None"
    own = {number for number in statements.own[cell.number][: found.until] if statements.runs(number)}
    names = set().union(*(statements.used(number) for number in own)) | (set() if value is None else uses(value))
    answer["steps"] = _steps(statements, own, statements.needed(own, names, cell.number), cell.number)
    answer["own"] = cell.number
    return answer


def _steps(statements: Statements, own: set[int], needed: set[int], at: int) -> list[tuple[int, list[int]]]:
    """Cells with the places of the statements to run, in the notebook's order, the exercise's own cell last."""
    steps: dict[int, list[int]] = {}
    for number in [*sorted(needed), *sorted(own)]:
        cell, place = statements.all[number]
        steps.setdefault(cell.number, []).append(place)
    last = steps.pop(at, None)
    return [*steps.items(), *([(at, sorted(last))] if last is not None else [])]


def _student(notebook: Sequence[Cell], statements: Statements) -> dict[str, Any]:
    """The name that was typed (``typed``), or what to run to know it, as of an answer.

    It is what the last `for_student(...)` was given, else the last `student` that is not empty.
    """
    texts = {number: _assigned_text(statements.statement(number)) for number in statements.binders.get("student", ())}
    typed = [text for text in texts.values() if text]
    argument: ast.expr | None = None
    source = ""
    for cell in notebook:
        for call in _calls(cell, "for_student"):
            if len(call.args) == 1:
                argument, source = call.args[0], cell.source
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and argument.value.strip():
        return {"typed": argument.value.strip()[:200]}
    simple = argument is None or isinstance(argument, ast.Constant) or uses(argument) == {"student"}
    if simple and None not in texts.values():
        return {"typed": typed[-1][:200] if typed else ""}
    value = "student" if argument is None else f"({ast.get_source_segment(source, argument)}) or student"
    names = {"student"} | (set() if argument is None else uses(argument))
    needed = statements.needed(set(), names, len(notebook))
    needed = {number for number in needed if "for_student" not in statements.used(number)}
    return {"steps": _steps(statements, set(), needed, len(notebook)), "value": value, "own": -1}


def _assigned_text(statement: ast.stmt) -> str | None:
    """The text of `student = "text"`, None where it is anything else."""
    value = statement.value if isinstance(statement, ast.Assign) and binds(statement) == {"student"} else None
    return value.value.strip() if isinstance(value, ast.Constant) and isinstance(value.value, str) else None
