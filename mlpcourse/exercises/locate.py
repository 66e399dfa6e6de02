"""Finding the place of a mistake that has no name: one small change of the learner's own code that makes it right.

The change is a witness: on every case the changed function gives the right results. So what is said, "with one change
in line 3 everything is right", is never false. Only functions without effects are tried, and for a short time.
"""

from __future__ import annotations

import ast
import copy
import inspect
import sys
import textwrap
import time
import types
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcourse.exercises import running
from mlpcourse.exercises.edits import Edit, edits, twins
from mlpcourse.exercises.harmless import definition, is_harmless

SECONDS = 0.2  # of processor time, for the whole search
EDITS = 3000  # the most changes that are tried

Case = Mapping[str, Any]
Right = Callable[[int, Any], tuple[bool, ...]]


class Place(NamedTuple):
    """Where one change helps. line: of the function, from 1. source: that line. marked: the expression.

    ask: a question about it. change: the change itself. results: which of the results it makes right. everywhere: on
    all cases, and not on those of the first group alone. more: other lines in which the same has to be changed.
    """

    line: int
    source: str
    marked: str
    ask: str
    change: str
    results: tuple[int, ...]
    everywhere: bool = True
    more: tuple[int, ...] = ()


def find(function: Callable[..., Any], cases: Sequence[Case], first: int, by_name: bool, right: Right) -> list[Place]:
    """Places where one small change makes the function right; empty where there is none.

    cases: the telling ones first, ``first`` of them being those of the group that shows the mistake. right: for a
    case's number and what the function gave, whether each result is right. One place that mends everything is all that
    is told; else those that each mend some of the results and spoil none.
    """
    tree = definition(function)
    if tree is None or not is_harmless(tree, function.__globals__):
        return []
    search = _Search(function, tree, cases, first, by_name, right)
    running.bounded(search.run, 5 * SECONDS)
    return search.places()


class _Search:
    def __init__(
        self, function: Callable[..., Any], tree: ast.FunctionDef, cases: Sequence[Case], first: int, by_name: bool,
        right: Right,
    ) -> None:  # fmt: skip
        self.function, self.tree, self.cases, self.first = function, tree, cases, first
        self.by_name, self.right = by_name, right
        self.source = textwrap.dedent(inspect.getsource(function)).splitlines()
        self.whole: Place | None = None
        self.here: Place | None = None
        self.parts: dict[int, Place] = {}

    def places(self) -> list[Place]:
        if self.whole is not None:
            return [self.whole]
        if self.here is not None:
            return [self.here]
        return list(dict.fromkeys(self.parts.values()))

    def run(self) -> None:
        scope, before = self._scope()
        body = _Body(self.tree, self.function.__globals__, self._given(0))
        end = time.process_time() + SECONDS
        for edit in self._edits(scope, body, before):
            if time.process_time() > end:
                return
            after = self._after(edit, body)
            if after is None or not any(after):
                continue
            if all(after) and self.here is None:
                self._keep_whole(edit, len(after))
                if self.whole is not None:
                    return
            elif before is not None and not all(after):
                self._keep_part(edit, before, after)

    def _edits(self, scope: Mapping[str, Any], body: _Body, before: tuple[bool, ...] | None) -> Iterator[Edit]:
        known = {
            name: value
            for name, value in self.function.__globals__.items()
            if isinstance(value, np.ndarray | int | float)
        }
        used = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        scope = {**{name: value for name, value in known.items() if name in used}, **scope}
        spared = body.needed_for([n for n, is_right in enumerate(before or ()) if is_right], len(before or ()))
        found = edits(self.tree, scope)
        alone = [edit for edit in found if edit.old is edit.new or body.top(edit.old) not in spared]
        yield from alone[:EDITS]
        yield from twins(found)

    def _given(self, number: int) -> dict[str, Any]:
        given = {name: running.copied(value) for name, value in self.cases[number].items()}
        names = [argument.arg for argument in self.tree.args.args]
        return given if self.by_name else dict(zip(names, given.values(), strict=False))

    def _scope(self) -> tuple[dict[str, Any], tuple[bool, ...] | None]:
        """The values of the function's names when it ended, on the first case, and which results were right."""
        found: dict[str, Any] = {}

        def watch(frame: types.FrameType, event: str, _: object) -> None:
            if event == "return" and frame.f_code is self.function.__code__:
                found.update(frame.f_locals)

        profile = sys.getprofile()
        sys.setprofile(watch)
        try:
            verdict = self._called(self.function, 0)
        finally:
            sys.setprofile(profile)
        return found, verdict

    def _after(self, edit: Edit, body: _Body) -> tuple[bool, ...] | None:
        """Which results are right on the first case after the change; None where it raises."""
        edit.apply()
        try:
            value = body.run(edit) if body.straight else self._changed()(**self._given(0))
            return self.right(0, value)
        except Exception:
            return None
        finally:
            edit.undo()

    def _changed(self) -> Callable[..., Any]:
        code = compile(ast.Module([self.tree], []), "<one change>", "exec")
        around = {"np": np, **self.function.__globals__}
        exec(code, around)
        changed: Callable[..., Any] = around[self.tree.name]
        return changed

    def _called(self, function: Callable[..., Any], number: int) -> tuple[bool, ...] | None:
        given = {name: running.copied(value) for name, value in self.cases[number].items()}
        try:
            value = function(**given) if self.by_name else function(*given.values())
        except Exception:
            return None
        return self.right(number, value)

    def _up_to(self, edit: Edit, wanted: Sequence[bool]) -> int:
        """The number of cases, from the first on, on which the ``wanted`` results are right after the change."""
        edit.apply()
        try:
            changed = self._changed()
        except (SyntaxError, ValueError, TypeError):
            return 0
        finally:
            edit.undo()
        for number in range(len(self.cases)):
            verdict = self._called(changed, number)
            if verdict is None or any(want and not is_right for want, is_right in zip(wanted, verdict, strict=True)):
                return number
        return len(self.cases)

    def _keep_whole(self, edit: Edit, results: int) -> None:
        number = self._up_to(edit, [True] * results)
        if number == len(self.cases):
            self.whole = self._place(edit, tuple(range(results)))
        elif number >= self.first:
            self.here = self._place(edit, tuple(range(results)), everywhere=False)

    def _keep_part(self, edit: Edit, before: tuple[bool, ...], after: tuple[bool, ...]) -> None:
        pairs = list(enumerate(zip(before, after, strict=True)))
        gained = tuple(n for n, (old, new) in pairs if new and not old and n not in self.parts)
        if not gained or any(old and not new for _, (old, new) in pairs):
            return
        wanted = [old or n in gained for n, (old, _) in pairs]
        if self._up_to(edit, wanted) == len(self.cases):
            place = self._place(edit, gained)
            self.parts.update(dict.fromkeys(gained, place))

    def _place(self, edit: Edit, results: tuple[int, ...], everywhere: bool = True) -> Place:
        marked = ast.unparse(edit.old).split("\n")[0]
        lines = ast.unparse(self.tree).splitlines()
        edit.apply()
        try:
            after = ast.unparse(ast.fix_missing_locations(self.tree)).splitlines()
        finally:
            edit.undo()
        added = [line.strip() for line in after if line not in lines]
        change = f"write `{'; '.join(added)}`" if added else "leave that line out"
        if not added and len(after) == len(lines):
            change = "move that line to another place"
        source = self.source[edit.line - 1].strip() if edit.line <= len(self.source) else marked
        return Place(edit.line, source, marked, edit.ask, change, results, everywhere, edit.more)


class _Body:
    """A function's statements, one code object for each, so that after a change only what follows it is run.

    straight: it returns at its end only; anything else has to be run as a whole.
    """

    def __init__(self, tree: ast.FunctionDef, around: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        self.tree = tree
        self.statements = list(tree.body)
        self._top = {id(node): statement for statement in tree.body for node in ast.walk(statement)}
        returns = [node for node in ast.walk(tree) if isinstance(node, ast.Return)]
        self.straight = len(returns) == 1 and returns[0] is tree.body[-1]
        self._codes: dict[int, types.CodeType] = {}
        self._before: list[dict[str, Any]] = []
        if self.straight:
            space = {"np": np, **around, **given}
            try:
                for statement in self.statements:
                    self._before.append(_copied(space))
                    self._codes[id(statement)] = _compiled(statement)
                    exec(self._codes[id(statement)], space)
            except Exception:
                pass  # what follows is compiled when it is needed

    def top(self, node: ast.AST) -> ast.stmt | None:
        """The statement of the function's own block that ``node`` stands in."""
        return self._top.get(id(node))

    def run(self, edit: Edit) -> Any:
        """What the changed function gives. Raises what it raises."""
        changed = self.top(edit.old)
        statements = self.tree.body
        pairs = enumerate(zip(statements, self.statements, strict=False))
        first = next((n for n, (new, old) in pairs if new is not old or new is changed), len(self.statements) - 1)
        if first >= len(self._before):
            raise ValueError("the function ends before the change")
        space = _copied(self._before[first])
        for statement in statements[first:]:
            known = self._codes.get(id(statement)) if statement is not changed and edit.old is not edit.new else None
            exec(known or _compiled(statement), space)
        return space["<result>"]

    def needed_for(self, results: Sequence[int], count: int) -> set[ast.stmt]:
        """The statements that some of the ``count`` results are computed from, where that can be seen."""
        last = self.tree.body[-1]
        if not results or not self.straight or not isinstance(last, ast.Return):
            return set()
        if not isinstance(last.value, ast.Tuple | ast.List) or len(last.value.elts) != count:
            return set()
        wanted = set[str]().union(*(_names(last.value.elts[result], ast.Load) for result in results))
        needed = set[ast.stmt]()
        for statement in self.tree.body[-2::-1]:
            written = _names(statement, ast.Store)
            targets = statement.targets if isinstance(statement, ast.Assign) else []
            if written & wanted or any(_names(target, ast.Load) & wanted for target in targets):
                needed.add(statement)
                if all(isinstance(target, ast.Name | ast.Tuple) for target in targets) and targets:
                    wanted -= written
                wanted |= _names(statement, ast.Load)
        return needed


def _names(node: ast.AST, context: type[ast.expr_context]) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name) and isinstance(part.ctx, context)}


def _compiled(statement: ast.stmt) -> types.CodeType:
    if isinstance(statement, ast.Return):
        value = statement.value or ast.Constant(None)
        statement = ast.copy_location(ast.Assign([ast.Name("<result>", ast.Store())], value), statement)
        ast.fix_missing_locations(statement)
    return compile(ast.Module([statement], []), "<one change>", "exec")


def _copied(space: Mapping[str, Any]) -> dict[str, Any]:
    """A copy in which no array or list is shared with the original."""
    return {
        name: value.copy() if isinstance(value, np.ndarray) else copy.deepcopy(value) if type(value) is list else value
        for name, value in space.items()
    }
