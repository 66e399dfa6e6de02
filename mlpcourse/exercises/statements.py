"""A learner's function as a list of statements, which are compiled and run one by one."""

from __future__ import annotations

import ast
import builtins
import copy
import sys
import types
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mlpcourse.exercises.edit import Edit

TICK = "<tick>"
MOST_TICKS = 20_000  # passes of while loops, in one changed function


class TooLong(Exception):
    """A loop that may be endless."""


class Ticks:
    """Counts the passes of while loops, and ends what may be endless."""

    def __init__(self) -> None:
        self.left = MOST_TICKS

    def __call__(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise TooLong


def with_ticks(tree: ast.FunctionDef) -> ast.FunctionDef:
    """A copy of the function in which every pass of a while loop calls ``TICK``."""
    tree = copy.deepcopy(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.While):
            node.body.insert(0, ast.Expr(ast.Call(ast.Name(TICK, ast.Load()), [], [])))
    return ast.fix_missing_locations(tree)


class Body:
    """A function's statements, one code object for each, so that after a change only what follows it is run.

    straight: it returns at its end only; anything else has to be run as a whole. before: what the names stand for
    before each statement, up to the first that raises. around: the function's globals.
    """

    def __init__(self, tree: ast.FunctionDef, around: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        self.tree = tree
        self.statements = list(tree.body)
        self._top = {id(node): statement for statement in tree.body for node in ast.walk(statement)}
        inner = {id(part) for node in ast.walk(tree) if node is not tree and isinstance(node, ast.FunctionDef)
                 for part in ast.walk(node)}  # fmt: skip
        returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return) and id(node) not in inner]
        self.straight = len(returns) == 1 and returns[0] is tree.body[-1]
        self._codes: dict[int, types.CodeType] = {}
        self.before: list[dict[str, Any]] = []
        self._own = {*given, *names_in(tree, ast.Store)} if _in_place(tree) else set()
        self._defined = [number for number in range(len(tree.body)) if self.defines(number)]
        if self.straight:
            read = names_in(tree, ast.Load)
            space = {"np": np, **{name: value for name, value in around.items() if name in read}, **given}
            try:
                for statement in self.statements:
                    self.before.append(self.fresh(space))
                    self._codes[id(statement)] = compiled(statement)
                    exec(self._codes[id(statement)], space)
            except Exception:
                pass  # what follows is compiled when it is needed

    def top(self, node: ast.AST) -> ast.stmt | None:
        """The statement of the function's own block that ``node`` stands in."""
        return self._top.get(id(node))

    def run(self, edit: Edit) -> Any:
        """What the changed function gives. Raises what it raises."""
        changed = {id(self.top(node)) for node in edit.changed or (edit.old,)}
        statements = self.tree.body
        pairs = enumerate(zip(statements, self.statements, strict=False))
        first = next((n for n, (new, old) in pairs if new is not old or id(old) in changed), len(self.statements) - 1)
        if first >= len(self.before):
            raise ValueError("the function ends before the change")
        space = self.at(first)
        if isinstance(edit.new, ast.AugAssign):
            space = {name: _copied(value) for name, value in space.items()}
        for statement in statements[first:]:
            known = self._codes.get(id(statement)) if id(statement) not in changed else None
            exec(known or compiled(statement), space)
        return space["<result>"]

    def at(self, number: int) -> dict[str, Any]:
        """A copy of what the names stand for before a statement; functions of the function's own see the copy."""
        space = self.fresh(self.before[number])
        for earlier in self._defined:
            if earlier < number:
                self.step(earlier, space)
        return space

    def defines(self, number: int) -> bool:
        """Whether the statement is the definition of a function."""
        statement = self.statements[number]
        return isinstance(statement, ast.FunctionDef) or (
            isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Lambda)
        )

    def step(self, number: int, space: dict[str, Any]) -> None:
        """Run one statement. Raises what it raises."""
        statement = self.statements[number]
        if id(statement) not in self._codes:
            self._codes[id(statement)] = compiled(statement)
        exec(self._codes[id(statement)], space)

    def finish(self, number: int, space: dict[str, Any]) -> Any:
        """What the function gives when it goes on from that statement with these values. Raises what it raises."""
        for later in range(number, len(self.statements)):
            self.step(later, space)
        return space["<result>"]

    def fresh(self, space: Mapping[str, Any]) -> dict[str, Any]:
        """A copy in which no array or list that the function may change in place is shared with the original."""
        own = {name: _copied(value) for name, value in space.items() if name in self._own}
        return {**space, **own}

    def needed_for(self, results: Sequence[int], count: int) -> set[ast.stmt]:
        """The statements that some of the ``count`` results are computed from, where that can be seen."""
        last = self.tree.body[-1]
        if not results or not self.straight or not isinstance(last, ast.Return):
            return set()
        if not isinstance(last.value, ast.Tuple | ast.List) or len(last.value.elts) != count:
            return set()
        wanted = set[str]().union(*(names_in(last.value.elts[result], ast.Load) for result in results))
        needed = set[ast.stmt]()
        for statement in self.tree.body[-2::-1]:
            written = names_in(statement, ast.Store)
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if written & wanted or any(names_in(target, ast.Load) & wanted for target in targets):
                needed.add(statement)
                if all(isinstance(target, ast.Name | ast.Tuple) for target in targets) and targets:
                    wanted -= written
                wanted |= names_in(statement, ast.Load)
        return needed


def values_of(function: Callable[..., Any], call: Callable[[], Any]) -> dict[str, Any]:
    """The values of the function's names when it ended, in what ``call`` makes of it."""
    found: dict[str, Any] = {}

    def watch(frame: types.FrameType, event: str, _: object) -> None:
        if event == "return" and frame.f_code is function.__code__:
            found.update(frame.f_locals)

    profile = sys.getprofile()
    sys.setprofile(watch)
    try:
        call()
    finally:
        sys.setprofile(profile)
    return found


_CHANGING = {"append", "at", "extend", "fill", "fill_diagonal", "insert", "pop", "put", "reverse", "sort", "copyto"}


def _in_place(tree: ast.FunctionDef) -> bool:
    """Whether something in the function may change an array or a list in place."""
    return any(
        isinstance(node, ast.AugAssign)
        or (isinstance(node, ast.Subscript | ast.Attribute) and not isinstance(node.ctx, ast.Load))
        or (isinstance(node, ast.Attribute) and node.attr in _CHANGING)
        or (isinstance(node, ast.keyword) and node.arg == "out")
        or (isinstance(node, ast.Call) and len(node.args) > 2)  # the third argument of a ufunc is ``out``
        or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and not hasattr(builtins, node.func.id))
        for node in ast.walk(tree)
    )


def names_in(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    """The names that are read, or written, in it."""
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


def compiled(statement: ast.stmt) -> types.CodeType:
    """The statement as code; what a ``return`` gives is put under the name ``<result>``."""
    if isinstance(statement, ast.Return):
        result = ast.copy_location(ast.Name("<result>", ast.Store()), statement)
        value = statement.value or ast.copy_location(ast.Constant(None), statement)
        statement = ast.copy_location(ast.Assign([result], value), statement)
    return compile(ast.Module([statement], []), "<one change>", "exec")


def _copied(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return value.copy()
    return copy.deepcopy(value) if type(value) in (list, dict) else value
