"""Small changes of an expression's brackets: a pair that is missing, or one too many."""

from __future__ import annotations

import ast
from collections.abc import Iterator

_ASK = "Where do the brackets belong?"

Part = ast.expr | ast.operator


def regrouped(node: ast.BinOp) -> Iterator[tuple[int, ast.expr, str]]:
    """The same operands and signs in the same order, with one pair of brackets more or less."""
    parts = list(_flat(node))
    if len(parts) > 15:
        return
    seen = {ast.dump(node)}
    for first in range(0, len(parts), 2):
        for last in range(first + 2, len(parts), 2):
            if (first, last) == (0, len(parts) - 1):
                continue
            inner = _tree(parts[first : last + 1])
            outer = _tree([*parts[:first], inner, *parts[last + 1 :]])
            if ast.dump(outer) not in seen:
                seen.add(ast.dump(outer))
                yield 2, outer, _ASK
    for place, part in enumerate(parts):
        if isinstance(part, ast.BinOp):
            opened = _tree([*parts[:place], *_flat(part), *parts[place + 1 :]])
            if ast.dump(opened) not in seen:
                seen.add(ast.dump(opened))
                yield 2, opened, _ASK


def _flat(node: ast.expr) -> Iterator[Part]:
    """Operands and operators from left to right, as far as they stand without brackets."""
    if not isinstance(node, ast.BinOp):
        yield node
        return
    strength = _strength(node.op)
    for side, operand in (("left", node.left), ("right", node.right)):
        if side == "right":
            yield node.op
        bare = isinstance(operand, ast.BinOp) and (
            _strength(operand.op) > strength
            or (_strength(operand.op) == strength and (side == "left") != isinstance(node.op, ast.Pow))
        )
        yield from _flat(operand) if bare else [operand]


def _strength(operator: ast.operator) -> int:
    return 1 if isinstance(operator, ast.Add | ast.Sub) else 3 if isinstance(operator, ast.Pow) else 2


def _tree(parts: list[Part]) -> ast.expr:
    """What these operands and operators mean without any brackets."""
    if len(parts) == 1:
        assert isinstance(parts[0], ast.expr)
        return parts[0]
    operators = [(place, part) for place, part in enumerate(parts) if isinstance(part, ast.operator)]
    weakest = min(_strength(operator) for _, operator in operators)
    places = [place for place, operator in operators if _strength(operator) == weakest]
    at = places[0] if weakest == 3 else places[-1]
    operator = parts[at]
    assert isinstance(operator, ast.operator)
    return ast.BinOp(_tree(parts[:at]), operator, _tree(parts[at + 1 :]))
