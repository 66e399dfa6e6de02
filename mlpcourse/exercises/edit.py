"""What a small change of a syntax tree is: something new in one place, which can be put there and taken away again."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Any, NamedTuple


class Edit(NamedTuple):
    """One change: ``old`` in the tree becomes ``new``. rank: likely ones first. ask: a question that points there."""

    rank: int
    line: int
    old: ast.AST
    new: ast.AST
    ask: str
    apply: Callable[[], None]
    undo: Callable[[], None]
    more: tuple[int, ...] = ()  # the lines of the other changes that are made with it
    changed: tuple[ast.AST, ...] = ()  # where ``old`` alone does not tell what is changed: all nodes that are
    parts: tuple[Edit, ...] = ()  # the changes that it is made of, where it is several
    where: tuple[str, ...] = ()  # the part that ``old`` plays: the kind of what it stands in, and the field


class Slot(NamedTuple):
    """Where an expression stands: a field of its parent, or a place in a field that is a list."""

    parent: ast.AST
    field: str
    place: int | None

    def put(self, node: ast.AST) -> None:
        """Put ``node`` there."""
        if self.place is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.place] = node


def replaced(slot: Slot, old: ast.expr, new: ast.expr, rank: int, ask: str) -> Edit:
    """The change that puts ``new`` where ``old`` stands."""

    def apply() -> None:
        slot.put(placed(new, old))

    parent = slot.parent
    where = (type(parent).__name__, type(getattr(parent, "op", None)).__name__, slot.field)
    return Edit(rank, old.lineno, old, new, ask, apply, lambda: slot.put(old), where=where)


def placed(new: Any, old: ast.AST) -> Any:
    """``new``, with the parts of it that are new given the place of ``old`` in the source."""
    todo = [new]
    while todo:
        node = todo.pop()
        if isinstance(node, ast.expr | ast.stmt | ast.keyword) and not hasattr(node, "lineno"):
            ast.copy_location(node, old)
            todo += ast.iter_child_nodes(node)
    return new
