"""Small changes of statements: another operator before ``=``, a line left out or moved, in or out of a loop."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from typing import Any

from mlpcourse.exercises.edit import Edit, placed
from mlpcourse.exercises.statements import names_in


def of_statements(tree: ast.FunctionDef) -> Iterator[Edit]:
    for block in _blocks(tree):
        for place, statement in enumerate(block):
            yield from _about_statement(block, place, statement)
    for block in _blocks(tree):
        for place, loop in enumerate(block):
            if isinstance(loop, ast.For | ast.If) and loop.body:
                last = loop.body[-1]
                if len(loop.body) > 1:
                    moved = [*loop.body[:-1]]
                    yield _rearranged(last, "Should this happen in every pass, or once at the end?", 2,
                                      [(loop, "body", moved)], [(block, place, last)])  # fmt: skip
                if place + 1 < len(block) and not isinstance(block[place + 1], ast.Return):
                    following = block[place + 1]
                    yield _rearranged(following, "Should this happen once, or in every pass of the loop?", 3,
                                      [(loop, "body", [*loop.body, following])], [], (block, place + 1))  # fmt: skip


def of_loops(tree: ast.FunctionDef) -> Iterator[Edit]:
    """What the next pass of a loop finds: a line once more at its end, or an array read as it was before the loop."""
    for block in _blocks(tree):
        for place, loop in enumerate(block):
            if not isinstance(loop, ast.For):
                continue
            for statement in loop.body:
                if isinstance(statement, ast.Assign | ast.AugAssign) and _target(statement) is not None:
                    yield _once_more(loop, statement)
                    yield from _read_before(block, place, loop, statement)


def _once_more(loop: ast.For, statement: ast.stmt) -> Edit:
    again = copy.deepcopy(statement)
    ask = "What does the next pass of the loop find there?"
    return Edit(
        3, statement.lineno, statement, statement, ask, lambda: loop.body.append(again),
        lambda: loop.body.remove(again), changed=(loop,),
    )  # fmt: skip


def _target(statement: ast.Assign | ast.AugAssign) -> str | None:
    """The array of which a statement sets a part."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    inner = target.value if isinstance(target, ast.Subscript) else None
    return inner.id if isinstance(inner, ast.Name) else None


def _read_before(
    block: list[ast.stmt], place: int, loop: ast.For, statement: ast.Assign | ast.AugAssign
) -> Iterator[Edit]:
    name, value = _target(statement), statement.value
    if not any(isinstance(part, ast.Name) and part.id == name for part in ast.walk(value)):
        return
    old = f"{name}_before"
    new = copy.deepcopy(value)
    for part in ast.walk(new):
        if isinstance(part, ast.Name) and part.id == name:
            part.id = old
    kept = ast.parse(f"{old} = {name}.copy()").body[0]
    ast.copy_location(kept, loop)
    ast.fix_missing_locations(kept)

    def apply() -> None:
        block.insert(place, kept)
        statement.value = new

    def undo() -> None:
        block.pop(place)
        statement.value = value

    ask = f"Which values of `{name}` does each pass need: old ones, or what earlier passes have put there?"
    yield Edit(3, statement.lineno, statement, statement, ask, apply, undo, changed=(loop,))


def overwritten(tree: ast.FunctionDef) -> Iterator[Edit]:
    """Leaving out the lines that put something else in the place of an argument, or making all of them the last."""
    arguments = {argument.arg for argument in tree.args.args}
    lines: list[ast.stmt] = []
    for place, statement in enumerate(tree.body):
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if {target.id for target in targets if isinstance(target, ast.Name)} & arguments and len(tree.body) > 1:
            yield _without(tree.body, place, statement)._replace(rank=0, ask="What becomes of what was handed in?")
        computed = any(isinstance(part, ast.BinOp | ast.AugAssign) for part in ast.walk(statement))  # and not copied
        assigned = isinstance(statement, ast.Assign | ast.AugAssign) and names_in(statement, ast.Store) & arguments
        if computed and assigned:
            lines.append(statement)
    if lines and isinstance(tree.body[-1], ast.Return):
        order = [*(one for one in tree.body[:-1] if one not in lines), *lines, tree.body[-1]]
        moved = [old for old, new in zip(tree.body, order, strict=True) if old in lines and old is not new]
        if moved:
            whole = _rearranged(moved[0], _RIGHT_PLACE, 0, [(tree, "body", order)], [])
            yield whole._replace(more=tuple(one.lineno for one in moved[1:]))


def _blocks(tree: ast.FunctionDef) -> Iterator[list[ast.stmt]]:
    for node in ast.walk(tree):
        for field in ("body", "orelse"):
            block = getattr(node, field, None)
            if isinstance(block, list) and block and isinstance(block[0], ast.stmt):
                yield block


def _about_statement(block: list[ast.stmt], place: int, statement: ast.stmt) -> Iterator[Edit]:
    if isinstance(statement, ast.AugAssign):
        for operator in (ast.Add, ast.Sub, ast.Mult, ast.Div):
            if not isinstance(statement.op, operator):
                new = ast.AugAssign(statement.target, operator(), statement.value)
                yield _one_for_another(block, place, statement, new, 1, "Which operation belongs here?")
        yield _one_for_another(block, place, statement, ast.Assign([statement.target], statement.value), 2,
                               "Is it added to what was there, or put in its place?")  # fmt: skip
    if isinstance(statement, ast.AugAssign) or (isinstance(statement, ast.Assign) and len(statement.targets) == 1):
        yield from _at_the_largest(block, place, statement)
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name | ast.Subscript):
            for operator in (ast.Add, ast.Sub):
                new = ast.AugAssign(target, operator(), statement.value)
                yield _one_for_another(block, place, statement, new, 2, "What happens to what was there before?")
        if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Tuple) and len(target.slice.elts) == 2:
            turned = ast.Subscript(target.value, ast.Tuple(target.slice.elts[::-1], ast.Load()), ast.Store())
            yield _one_for_another(block, place, statement, ast.Assign([turned], statement.value), 1,
                                   "Which index counts the rows, and which the columns?")  # fmt: skip
    if isinstance(statement, ast.Return) and statement is not block[-1]:
        yield _moved(block, place, len(block) - 1, statement)
    if isinstance(statement, ast.Return) or len(block) < 2:
        return
    if not isinstance(statement, ast.FunctionDef | ast.Import):
        yield _without(block, place, statement)
    for to in range(len(block)):
        if to != place and not isinstance(block[min(to, len(block) - 1)], ast.Return) and abs(to - place) <= 8:
            yield _moved(block, place, to, statement)


def _at_the_largest(block: list[ast.stmt], place: int, statement: ast.Assign | ast.AugAssign) -> Iterator[Edit]:
    """The index of the largest entry, where an array stands as an index."""
    target = statement.targets[0] if isinstance(statement, ast.Assign) else statement.target
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Name):
        largest = ast.Call(ast.Attribute(target.slice, "argmax", ast.Load()), [], [])
        asked = ((largest, "Which whole number is meant as the index?"), (with_columns(target.slice), COLUMNS_TOO))
        for index, ask in asked:
            new = copy.copy(statement)
            turned = ast.Subscript(target.value, index, ast.Store())
            new.__dict__.update({"targets": [turned]} if isinstance(new, ast.Assign) else {"target": turned})
            placed(turned, target)
            yield _one_for_another(block, place, statement, new, 2, ask)


COLUMNS_TOO = "A label picks a row. Of which column?"


def with_columns(labels: ast.expr) -> ast.Tuple:
    """The index of one entry in each column, where the labels alone pick whole rows."""
    length = ast.Attribute(labels, "size", ast.Load())
    columns = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "arange", ast.Load()), [length], [])
    return ast.Tuple([labels, columns], ast.Load())


def _one_for_another(block: list[ast.stmt], place: int, old: ast.stmt, new: ast.stmt, rank: int, ask: str) -> Edit:
    placed(new, old)

    def put(statement: ast.stmt) -> None:
        block[place] = statement

    return Edit(rank, old.lineno, old, new, ask, lambda: put(new), lambda: put(old))


def _without(block: list[ast.stmt], place: int, old: ast.stmt) -> Edit:
    def remove() -> None:
        block.pop(place)

    def undo() -> None:
        block.insert(place, old)

    return Edit(3, old.lineno, old, ast.Pass(), "Is this line needed?", remove, undo)


_RIGHT_PLACE = "Does this line stand in the right place? Which values does it need, old ones or new ones?"


def _moved(block: list[ast.stmt], place: int, to: int, statement: ast.stmt) -> Edit:
    def move(source: int, target: int) -> None:
        block.insert(target, block.pop(source))

    return Edit(
        3 if abs(to - place) == 1 else 4, statement.lineno, statement, statement, _RIGHT_PLACE,
        lambda: move(place, to), lambda: move(to, place), changed=(statement,),
    )  # fmt: skip


def _rearranged(
    statement: ast.stmt, ask: str, rank: int, bodies: list[tuple[Any, str, list[ast.stmt]]],
    added: list[tuple[list[ast.stmt], int, ast.stmt]], removed: tuple[list[ast.stmt], int] | None = None,
) -> Edit:  # fmt: skip
    before = [copy.copy(getattr(owner, field)) for owner, field, _ in bodies]

    def apply() -> None:
        for owner, field, body in bodies:
            getattr(owner, field)[:] = body
        for block, place, new in added:
            block.insert(place + 1, new)
        if removed is not None:
            removed[0].pop(removed[1])

    def undo() -> None:
        if removed is not None:
            removed[0].insert(removed[1], statement)
        for block, place, _ in added:
            block.pop(place + 1)
        for (owner, field, _), body in zip(bodies, before, strict=True):
            getattr(owner, field)[:] = body

    changed = (*(owner for owner, _, _ in bodies), statement)
    return Edit(rank, statement.lineno, statement, statement, ask, apply, undo, changed=changed)
