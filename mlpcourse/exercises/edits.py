"""Small changes of a function's syntax tree, each in one place: what a learner may have meant instead."""

from __future__ import annotations

import ast
import builtins
import collections
import difflib
import itertools
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from mlpcourse.exercises.bracket_edits import regrouped
from mlpcourse.exercises.call_edits import REDUCING, method, name_of, of_numpy, other_calls
from mlpcourse.exercises.comparing import shape_of
from mlpcourse.exercises.edit import Edit, Slot, replaced
from mlpcourse.exercises.statement_edits import COLUMNS_TOO, of_loops, of_statements, with_columns
from mlpcourse.network import SHAPES

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add, ast.Mult, ast.Div),
    ast.Mult: (ast.MatMult, ast.Div, ast.Sub, ast.Add, ast.Pow),
    ast.Div: (ast.Mult, ast.Sub),
    ast.MatMult: (ast.Mult,),
    ast.FloorDiv: (ast.Div,),
    ast.Pow: (ast.Mult,),
    ast.Mod: (ast.Div,),
}
_COMPARISONS = (ast.Gt, ast.GtE, ast.Lt, ast.LtE, ast.Eq, ast.NotEq)


def twins(found: Sequence[Edit], statement: Callable[[ast.AST], ast.stmt | None]) -> Iterator[Edit]:
    """The same change made at each place where it can be made, in all or in one ``statement``: a slip that is repeated.

    The same in words, or in kind: with other names, or something else that is left standing.
    """
    text = _Texts()
    times = collections.Counter(text(node) for node in {id(edit.old): edit.old for edit in found}.values())
    alike: dict[tuple[str, ...], list[Edit]] = {}
    for edit in found:
        if edit.rank <= 3 and isinstance(edit.old, ast.expr) and isinstance(edit.new, ast.expr):
            if times[text(edit.old)] > 1:
                words = "words", text(edit.old), text(edit.new)
                alike.setdefault(words, []).append(edit)
                alike.setdefault((*words, str(id(statement(edit.old)))), []).append(edit)
            for kind in _kinds(edit, edit.old, edit.new, text):
                alike.setdefault(kind, []).append(edit)
    seen: set[frozenset[int]] = set()
    for group in alike.values():
        places = frozenset(map(id, group))
        if len(group) >= 2 and places not in seen and not _nested(group):
            seen.add(places)
            yield together(group)


class _Texts(dict[int, str]):
    """The text of each node, unparsed once."""

    def __call__(self, node: ast.AST) -> str:
        if id(node) not in self:
            self[id(node)] = ast.unparse(node)
        return self[id(node)]


def _kinds(edit: Edit, old: ast.expr, new: ast.expr, text: _Texts) -> Iterator[tuple[str, ...]]:
    """What is done, whatever the names are: something is left out, or turned, or another sign is written."""
    if isinstance(old, ast.BinOp) and new in (old.left, old.right):
        left = new is old.left
        lost = text(old.right if left else old.left)
        yield "kept", type(old.op).__name__, str(left), lost
        of_either_layer = re.sub(r"(?<=[A-Za-z])\d+\b", "", lost)
        if of_either_layer != lost:
            yield "kept", type(old.op).__name__, str(left), of_either_layer
    elif isinstance(old, ast.BinOp) and isinstance(new, ast.BinOp) and {new.left, new.right} == {old.left, old.right}:
        signs = type(old.op).__name__, type(new.op).__name__, str(new.left is old.left)
        yield "sign", *signs
        yield "sign", *signs, "left", text(old.left)
        yield "sign", *signs, "right", text(old.right)
    if isinstance(old, ast.Compare) and isinstance(new, ast.Compare) and new.left is old.left:
        yield "comparison", type(old.ops[0]).__name__, type(new.ops[0]).__name__
    if isinstance(old, ast.UnaryOp) and new is old.operand:
        yield "minus", type(old.op).__name__
    if isinstance(old, ast.Call) and isinstance(new, ast.Call):
        given = [f"{keyword.arg}={text(keyword.value)}" for keyword in new.keywords]
        if new.func is old.func:
            yield "call", name_of(old.func), str(len(old.args)), *given
        elif new.args == old.args and name_of(new.func) != name_of(old.func):
            yield "function", name_of(old.func), name_of(new.func)
    elif isinstance(old, ast.Call) and new in old.args:
        yield "no call", name_of(old.func)
    elif isinstance(old, ast.Call) and isinstance(new, ast.Compare) and new.left in old.args:
        yield "gate", name_of(old.func)
    if isinstance(old, ast.Name) and isinstance(new, ast.Attribute):
        yield "attribute", new.attr, *edit.where
    if isinstance(old, ast.Attribute) and new is old.value:
        yield "not turned", old.attr
    if isinstance(old, ast.Subscript) and new is old.value:
        yield "whole", text(old.slice)


def _nested(group: Sequence[Edit]) -> bool:
    inside = [{id(part) for part in ast.walk(edit.old)} for edit in group]
    return any(id(edit.old) in parts for n, edit in enumerate(group) for m, parts in enumerate(inside) if m != n)


def pairs(found: Sequence[Edit], rank: int = 1) -> Iterator[Edit]:
    """Two changes of a line at once, in expressions neither of which lies in the other; ``rank``: of the unlikelier."""
    likely = [
        edit for edit in found if edit.rank <= rank and isinstance(edit.old, ast.expr) and edit.old is not edit.new
    ]
    inside = {id(edit.old): {id(part) for part in ast.walk(edit.old)} for edit in likely}
    for second, other in enumerate(likely):
        for one in likely[:second]:
            if (
                one.line == other.line
                and id(one.old) not in inside[id(other.old)]
                and id(other.old) not in inside[id(one.old)]
            ):
                yield together((one, other))


def labels_picked(found: Sequence[Edit]) -> Iterator[Edit]:
    """The largest entry looked for along an axis, and with it the columns of which an entry each is picked."""
    calls = [edit for edit in found if isinstance(edit.old, ast.Call) and name_of(edit.old.func) == "argmax"]
    columns = [edit for edit in found if edit.ask == COLUMNS_TOO]
    yield from (together(both) for both in itertools.product(calls, columns) if both[0].rank <= 1)


def within(found: Sequence[Edit]) -> Iterator[Edit]:
    """Two changes at once: a sign or a factor of the whole that is returned, and a likely change inside of it."""
    whole = [edit for edit in found if edit.rank <= 3 and edit.where[:1] == ("Return",) and _keeps(edit.new, edit.old)]
    for outer in whole:
        inside = {id(part) for part in ast.walk(outer.old)} - {id(outer.old)}
        yield from (together((edit, outer)) for edit in found if edit.rank <= 1 and id(edit.old) in inside)


def _keeps(new: ast.AST, old: ast.AST) -> bool:
    return (isinstance(new, ast.UnaryOp) and new.operand is old) or (isinstance(new, ast.BinOp) and new.left is old)


def together(group: Sequence[Edit]) -> Edit:
    """Several changes as one."""

    def apply() -> None:
        for edit in group:
            edit.apply()

    def undo() -> None:
        for edit in reversed(group):
            edit.undo()

    one, *others = group
    more = tuple(edit.line for edit in others)
    changed = tuple(edit.old for edit in group)
    return Edit(one.rank, one.line, one.old, one.old, one.ask, apply, undo, more, changed, parts=tuple(group))


def exchanged(tree: ast.FunctionDef, scope: Mapping[str, Any]) -> Iterator[Edit]:
    """Two names of one shape in each other's place, throughout a statement."""
    for statement in ast.walk(tree):
        if not isinstance(statement, ast.Assign | ast.AugAssign | ast.Return | ast.Expr):
            continue
        slots: dict[str, list[tuple[Slot, ast.Name]]] = {}
        for parent in ast.walk(statement):
            for field, value in ast.iter_fields(parent):
                for place, node in enumerate(value if isinstance(value, list) else [value]):
                    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id in scope:
                        slot = Slot(parent, field, place if isinstance(value, list) else None)
                        slots.setdefault(node.id, []).append((slot, node))
        for one, other in itertools.combinations(slots, 2):
            if shape_of(scope[one]) is None or shape_of(scope[one]) != shape_of(scope[other]):
                continue
            ask = f"Do `{one}` and `{other}` stand in the right places?"
            pairs = [(*at, other) for at in slots[one]] + [(*at, one) for at in slots[other]]
            yield together([replaced(slot, node, ast.Name(name, ast.Load()), 2, ask) for slot, node, name in pairs])


def edits(tree: ast.FunctionDef, scope: Mapping[str, Any], without: Collection[ast.stmt] = ()) -> list[Edit]:
    """All small changes of the function, the likeliest first, none of them in expressions of ``without``.

    scope: the values of its names in some call.
    """
    found = [*of_statements(tree), *of_loops(tree), *_of_expressions(tree, scope, without)]
    divisions = (node for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div))
    divisors = collections.Counter(ast.unparse(node.right) for node in divisions)
    found = [edit._replace(rank=max(edit.rank, 3)) if _makes_up(edit, divisors) else edit for edit in found]
    found.sort(key=lambda edit: edit.rank)
    return found


def _makes_up(edit: Edit, divisors: Mapping[str, int]) -> bool:
    """Whether it multiplies by what another place divides by as well: one wrong line that makes up for another."""
    old, new = edit.old, edit.new
    if not (isinstance(old, ast.BinOp) and isinstance(old.op, ast.Div) and isinstance(new, ast.BinOp)):
        return False
    return isinstance(new.op, ast.Mult) and new.right is old.right and divisors[ast.unparse(old.right)] > 1


# --- expressions ------------------------------------------------------------------------------------


def _of_expressions(tree: ast.FunctionDef, scope: Mapping[str, Any], without: Collection[ast.stmt]) -> Iterator[Edit]:
    left_out = [*without, *(node for node in ast.walk(tree) if isinstance(node, ast.arguments))]
    inside = {id(part) for node in left_out for part in ast.walk(node)}
    for parent in ast.walk(tree):
        if id(parent) in inside:
            continue
        for field, value in ast.iter_fields(parent):
            nodes = value if isinstance(value, list) else [value]
            for place, node in enumerate(nodes):
                if not isinstance(node, ast.expr) or isinstance(getattr(node, "ctx", None), ast.Store | ast.Del):
                    continue
                slot = Slot(parent, field, place if isinstance(value, list) else None)
                for rank, new, ask in _instead(node, slot, scope):
                    yield replaced(slot, node, new, rank, ask)


def _instead(node: ast.expr, slot: Slot, scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    whole = isinstance(slot.parent, ast.Assign | ast.Return | ast.AugAssign) and slot.field == "value"
    if isinstance(node, ast.Name):
        yield from _near_names(node, scope)
        yield from _other_names(node, slot, scope)
    if isinstance(node, ast.Attribute) and name_of(node.value) in ("np", "numpy") and not hasattr(np, node.attr):
        for near in difflib.get_close_matches(node.attr, dir(np), n=3, cutoff=0.6):
            yield 0, ast.Attribute(node.value, near, ast.Load()), f"Is `{node.attr}` spelled right?"
    if isinstance(node, ast.Constant):
        yield from _other_constants(node, slot)
        yield from _named_numbers(node, scope)
        if isinstance(slot.parent, ast.BinOp) and node.value == 1:
            yield from _instead_of_one(scope)
    if isinstance(node, ast.BinOp):
        yield from _other_operations(node)
    if isinstance(node, ast.Name | ast.Subscript) and isinstance(slot.parent, ast.BinOp) and _is_number(node, scope):
        yield 3, ast.BinOp(ast.Constant(1), ast.Sub(), node), "Is it this, or what is left of 1?"
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.Not):
        yield 1, node.operand, "Is the minus sign meant?" if isinstance(node.op, ast.USub) else "Is the `not` meant?"
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        for other in _COMPARISONS:
            if not isinstance(node.ops[0], other):
                rank = 3 if other in (ast.Eq, ast.NotEq) and not isinstance(node.ops[0], ast.Eq | ast.NotEq) else 1
                yield rank, ast.Compare(node.left, [other()], node.comparators), "For which entries should it be true?"
        yield 2, node.left, "Is a comparison needed here, or the number itself?"
        if not isinstance(node.left, ast.Name):
            for name, value in scope.items():
                if isinstance(value, np.ndarray):
                    compared = ast.Compare(ast.Name(name, ast.Load()), node.ops, node.comparators)
                    yield 3, compared, "Of which number is the sign asked?"
        if not isinstance(node.comparators[0], ast.Constant):
            zero = ast.Compare(node.left, node.ops, [ast.Constant(0)])
            yield 3, zero, "With which number is it compared?"
        if isinstance(node.left, ast.BinOp):
            inner = ast.Compare(node.left.right, node.ops, node.comparators)
            yield 1, ast.BinOp(node.left.left, node.left.op, inner), "What is compared: the product, or one factor?"
        if isinstance(node.ops[0], ast.Eq | ast.NotEq):
            largest = [method(part, "argmax", 0) for part in (node.left, *node.comparators)]
            yield 2, ast.Compare(largest[0], [ast.Eq()], largest[1:]), "What is compared: numbers, or classes?"
    if isinstance(node, ast.Call):
        yield from other_calls(node)
    in_range = isinstance(slot.parent, ast.Call) and name_of(slot.parent.func) == "range"
    divides = isinstance(slot.parent, ast.BinOp) and isinstance(slot.parent.op, ast.Div) and slot.field == "right"
    if in_range or _counts(node, scope) or (divides and isinstance(node, ast.Constant) and node.value == 2):
        yield from _other_lengths(node, scope)
    if isinstance(node, ast.Subscript):
        yield from _other_subscripts(node)
    if isinstance(node, ast.Attribute) and node.attr == "T":
        yield 1, node.value, "Does it have to be turned? Which shapes meet here?"
    elif _may_be_array(node, scope) and _stands_in_product(slot):
        yield 1, ast.Attribute(node, "T", ast.Load()), "Which shapes meet here, and does one of them have to be turned?"
    elif _may_be_array(node, scope) and not isinstance(node, ast.Compare):
        yield 4, ast.Attribute(node, "T", ast.Load()), "Which shape is needed here?"
    if isinstance(node, ast.Tuple | ast.List) and isinstance(node.ctx, ast.Load) and 2 <= len(node.elts) <= 4:
        for first in range(len(node.elts)):
            for second in range(first):
                elements = list(node.elts)
                elements[first], elements[second] = elements[second], elements[first]
                yield 2, type(node)(elements, ast.Load()), "In which order do they belong?"
    if isinstance(node, ast.IfExp):
        yield 2, ast.IfExp(node.test, node.orelse, node.body), "Which of the two belongs to which case?"
        yield 3, node.body, "Is the condition needed?"
        yield 3, node.orelse, "Is the condition needed?"
    if isinstance(node, ast.BinOp | ast.Call | ast.Subscript) and not isinstance(slot.parent, ast.Attribute):
        shape = _shape(node, scope)
        for name, value in scope.items() if shape else ():
            if isinstance(value, np.ndarray) and value.shape == shape:
                yield 4, ast.Name(name, ast.Load()), "What belongs here?"
        for name, value in (
            scope.items() if not shape and isinstance(node, ast.Call) and name_of(node.func) in REDUCING else ()
        ):
            if isinstance(value, np.ndarray):
                yield 4, ast.Name(name, ast.Load()), "Is one number needed here, or one for each entry?"
    if isinstance(slot.parent, ast.Attribute) and isinstance(node, ast.Name | ast.BinOp) and _may_be_array(node, scope):
        for function in ("exp", "log", "abs"):
            yield 3, ast.Call(of_numpy(function), [node], []), "Is a function missing here?"
    if whole or isinstance(slot.parent, ast.BinOp | ast.Call):
        yield from _wrapped(node, slot, scope, 3 if whole else 5)


def _near_names(node: ast.Name, scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    """Names that are spelled nearly so, where there is none of this name."""
    if node.id in scope or node.id in ("np", "numpy", "math") or hasattr(builtins, node.id):
        return
    ask = f"Is `{node.id}` spelled right?"
    if node.id in SHAPES:
        ask = f"`{node.id}` is not given here. Which array that is given belongs in its place?"
    for near in difflib.get_close_matches(node.id, list(scope), n=3, cutoff=0.5):
        yield 0, ast.Name(near, ast.Load()), ask


def _shape(node: ast.expr, scope: Mapping[str, Any]) -> tuple[int, ...]:
    """The shape of what an expression gives with these values; () where that is no array, or cannot be told."""
    try:
        code = compile(ast.Expression(node), "<one change>", "eval")
        value = eval(code, {"np": np, **scope})
    except Exception:
        return ()
    return value.shape if isinstance(value, np.ndarray) else ()


def _is_number(node: ast.Name | ast.Subscript, scope: Mapping[str, Any]) -> bool:
    if isinstance(node, ast.Name):
        return isinstance(scope.get(node.id), float)
    array = scope.get(node.value.id) if isinstance(node.value, ast.Name) else None
    return isinstance(array, np.ndarray) and array.ndim == 1 and isinstance(node.slice, ast.Name)


def _may_be_array(node: ast.expr, scope: Mapping[str, Any]) -> bool:
    if isinstance(node, ast.Name):
        return np.ndim(scope[node.id]) >= 2 if isinstance(scope.get(node.id), np.ndarray) else False
    if isinstance(node, ast.Attribute):
        return node.attr not in ("shape", "size", "ndim") and not isinstance(node.value, ast.Name)
    return isinstance(node, ast.BinOp | ast.Call | ast.Subscript)


def _stands_in_product(slot: Slot) -> bool:
    parent = slot.parent
    if isinstance(parent, ast.BinOp):
        return isinstance(parent.op, ast.MatMult | ast.Mult | ast.Sub | ast.Add)
    return (
        isinstance(parent, ast.Call)
        and slot.field == "args"
        and name_of(parent.func) in ("dot", "matmul", "outer", "einsum")
    )


def _counts(node: ast.expr, scope: Mapping[str, Any]) -> bool:
    """Whether it is a whole number that may be somebody's length."""
    if isinstance(node, ast.Constant):
        return type(node.value) is int and node.value > 2
    if isinstance(node, ast.Name):
        return isinstance(scope.get(node.id), int)
    return (isinstance(node, ast.Call) and name_of(node.func) == "len") or (
        isinstance(node, ast.Attribute) and node.attr == "size"
    )


def _other_lengths(node: ast.expr, scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    ask = "What does this count, and what should be counted here?"
    for name, value in scope.items():
        if isinstance(value, np.ndarray):
            for axis in range(value.ndim):
                yield 2, _length(name, axis), ask
        elif isinstance(value, int) and not isinstance(value, bool) and not isinstance(node, ast.Name):
            yield 2, ast.Name(name, ast.Load()), ask


def _length(name: str, axis: int) -> ast.expr:
    return ast.Subscript(ast.Attribute(ast.Name(name, ast.Load()), "shape", ast.Load()), ast.Constant(axis), ast.Load())


def _other_names(node: ast.Name, slot: Slot, scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    if isinstance(slot.parent, ast.Call) and slot.field == "func":
        return
    value = scope.get(node.id)
    if value is not None and not isinstance(value, np.ndarray | int | float | np.generic | list):
        return
    ask = f"Is `{node.id}` what belongs here?"
    if isinstance(slot.parent, ast.Attribute) and slot.parent.attr in ("append", "extend"):
        yield from ((1, ast.Name(name, ast.Load()), ask) for name, other in scope.items() if isinstance(other, list))
    if isinstance(slot.parent, ast.comprehension | ast.For) and isinstance(value, int):
        counted = ast.Call(ast.Name("range", ast.Load()), [node], [])
        yield 1, counted, f"Over which numbers should it run, where `{node.id}` is one number?"
    if isinstance(value, np.ndarray) and value.ndim == 1 and not isinstance(slot.parent, ast.Subscript | ast.Attribute):
        for index, number in scope.items():
            if isinstance(number, int) and not isinstance(number, bool):
                place = ast.Subscript(node, ast.Name(index, ast.Load()), ast.Load())
                yield 3, place, "Is the whole array meant here, or one entry of it?"
    if (
        isinstance(value, np.ndarray)
        and value.ndim == 2
        and not isinstance(slot.parent, ast.Subscript | ast.Attribute | ast.Call)
    ):
        for index, number in scope.items():
            if isinstance(number, int) and not isinstance(number, bool):
                entry = ast.Tuple([ast.Name(index, ast.Load()), ast.Constant(0)], ast.Load())
                yield 3, ast.Subscript(node, entry, ast.Load()), "Is the whole array meant here, or one entry of it?"
    for name, other in scope.items():
        if (
            name == node.id
            or not isinstance(other, np.ndarray | int | float | np.generic | list)
            or isinstance(other, bool)
        ):
            continue
        if value is None or isinstance(slot.parent, ast.Compare):
            yield 2, ast.Name(name, ast.Load()), ask
        elif isinstance(value, np.ndarray) and isinstance(other, float):
            yield 4, ast.Name(name, ast.Load()), ask
        elif isinstance(value, np.ndarray) == isinstance(other, np.ndarray):
            yield 1 if shape_of(other) == shape_of(value) else 3, ast.Name(name, ast.Load()), ask


def _other_constants(node: ast.Constant, slot: Slot) -> Iterator[tuple[int, ast.expr, str]]:
    value = node.value
    in_axis = isinstance(slot.parent, ast.keyword) and slot.parent.arg == "axis"
    in_shape = isinstance(slot.parent, ast.Subscript) and isinstance(slot.parent.value, ast.Attribute)
    if in_axis or (in_shape and value in (0, 1)):
        ask = (
            "Over which axis should it run: down the columns or along the rows?"
            if in_axis
            else "Which axis is counted?"
        )
        for other in (0, 1, None) if in_axis else (0, 1):
            if other != value or type(other) is not type(value):
                yield 0, ast.Constant(other), ask
    elif isinstance(value, bool):
        yield 1, ast.Constant(not value), "Is it so, or the other way round?"
    elif isinstance(value, int):
        if value > 1:
            yield 3, ast.Constant(1 / value), f"Is {value} the right number here?"
        if isinstance(slot.parent, ast.Call) and name_of(slot.parent.func) == "range":
            yield 0, ast.Constant(1), "How often should this happen?"
        for number in (1 - value, value + 1, value - 1, float(value), -value, 2, 0, 1):
            if number != value or isinstance(number, float):
                yield 2, ast.Constant(number), f"Is {value} the right number here?"
    elif isinstance(value, float):
        for small in (1.0, 0.0, -value, 2 * value, value / 2, 1e-5, value / 100):
            if small != value:
                yield 3, ast.Constant(small), f"Is {value:g} the right number here?"


def _numbers_of(scope: Mapping[str, Any]) -> Iterator[ast.expr]:
    """The numbers that a formula is made of: those with a name, and the entries of rows."""
    indices = [name for name, value in scope.items() if isinstance(value, int) and not isinstance(value, bool)]
    for name, value in scope.items():
        if isinstance(value, float) and not isinstance(value, np.generic):
            yield ast.Name(name, ast.Load())
        for index in indices if isinstance(value, np.ndarray) and value.ndim == 1 else ():
            yield ast.Subscript(ast.Name(name, ast.Load()), ast.Name(index, ast.Load()), ast.Load())


def _named_numbers(node: ast.Constant, scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    """A name where a number is written."""
    if isinstance(node.value, bool) or not isinstance(node.value, int | float):
        return
    for name, value in scope.items():
        if isinstance(value, float) or (isinstance(value, int) and type(node.value) is int):
            yield 3, ast.Name(name, ast.Load()), f"Is it {node.value:g} every time?"


def _instead_of_one(scope: Mapping[str, Any]) -> Iterator[tuple[int, ast.expr, str]]:
    """An entry of a label or another row, or whether two indices are equal."""
    indices = [name for name, value in scope.items() if isinstance(value, int) and not isinstance(value, bool)]
    for name, value in scope.items():
        if isinstance(value, np.ndarray) and value.ndim == 1:
            for index in indices:
                entry = ast.Subscript(ast.Name(name, ast.Load()), ast.Name(index, ast.Load()), ast.Load())
                yield 3, entry, "Is it 1 every time?"
    for one, other in itertools.combinations(indices, 2):
        equal = ast.Compare(ast.Name(one, ast.Load()), [ast.Eq()], [ast.Name(other, ast.Load())])
        yield 3, equal, "Is it 1 every time?"


def _other_operations(node: ast.BinOp) -> Iterator[tuple[int, ast.expr, str]]:
    ask = "Which operation belongs between the two?"
    of_entries = any(isinstance(part, ast.Subscript) for part in ast.walk(node))
    for operator in _OPERATORS.get(type(node.op), ()):
        if _is_one(node.right) and operator is not ast.Add and operator is not ast.Sub:
            continue  # the same as without it
        yield (4 if of_entries and operator is ast.MatMult else 1), ast.BinOp(node.left, operator(), node.right), ask
    if isinstance(node.op, ast.Sub | ast.MatMult | ast.Div | ast.Pow):
        yield 1, ast.BinOp(node.right, node.op, node.left), "In which order do the two belong?"
    if isinstance(node.op, ast.MatMult):
        for turned in (node.left, node.right):
            other = ast.Attribute(turned, "T", ast.Load())
            pair = (node.right, other) if turned is node.left else (other, node.left)
            yield (
                2,
                ast.BinOp(pair[0], ast.MatMult(), pair[1]),
                "Which of the two has to be turned, and which stands left?",
            )
        inner = ast.BinOp(node.right, ast.MatMult(), ast.Attribute(node.left, "T", ast.Load()))
        yield 2, inner, "Which of the two has to be turned, and which stands on the left?"
    yield from regrouped(node)
    if isinstance(node.left, ast.Call) and len(node.left.args) == 1:
        call, ask_where = node.left, "What stands inside the bracket, and what outside?"
        inside = ast.BinOp(call.args[0], node.op, node.right)
        yield 2, ast.Call(call.func, [inside], call.keywords), ask_where
    yield 2, node.left, "Are both parts of it needed?"
    yield 2, node.right, "Are both parts of it needed?"
    if isinstance(node.right, ast.BinOp):
        yield 4, ast.BinOp(node.left, node.right.op, node.right.right), "Are all parts of it needed?"
    if isinstance(node.op, ast.Sub | ast.Mult):
        equal = ast.Compare(node.left, [ast.Eq()], [node.right])
        classes = all("argmax" in ast.unparse(part) for part in (node.left, node.right))
        yield 2 if classes else 4, equal, "Is a number needed here, or whether two numbers are equal?"


def _is_one(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 1


def _other_subscripts(node: ast.Subscript) -> Iterator[tuple[int, ast.expr, str]]:
    index = node.slice
    if isinstance(index, ast.Tuple) and len(index.elts) == 2:
        turned = ast.Tuple(index.elts[::-1], ast.Load())
        yield 1, ast.Subscript(node.value, turned, ast.Load()), "Which index counts the rows, and which the columns?"
        for which in (0, 1):
            yield 3, ast.Subscript(node.value, index.elts[which], ast.Load()), "Are both indices needed?"
    elif not isinstance(index, ast.Slice) and not (
        isinstance(node.value, ast.Attribute) and node.value.attr == "shape"
    ):
        column = ast.Tuple([index, ast.Constant(0)], ast.Load())
        yield 2, ast.Subscript(node.value, column, ast.Load()), "How many axes has it, and how many indices?"
        if isinstance(index, ast.Name):
            yield 2, ast.Subscript(node.value, with_columns(index), ast.Load()), COLUMNS_TOO
            place = ast.Call(ast.Attribute(index, "argmax", ast.Load()), [], [])
            yield 3, ast.Subscript(node.value, place, ast.Load()), "Which whole number is meant as the index?"
    yield 3, node.value, "Is the index needed here?"


def _wrapped(node: ast.expr, slot: Slot, scope: Mapping[str, Any], rank: int) -> Iterator[tuple[int, ast.expr, str]]:
    """The expression with something done to it that may have been left out."""
    if isinstance(node, ast.Tuple | ast.List | ast.Constant | ast.Dict):
        return
    whole = rank == 3
    yield rank - 1 if whole else rank, ast.UnaryOp(ast.USub(), node), "Follow the signs: is one missing?"
    arrays = {name: value for name, value in scope.items() if isinstance(value, np.ndarray)}
    counted: set[int] = set()
    for name, value in arrays.items():
        for axis in range(value.ndim):
            if value.shape[axis] in counted or value.shape[axis] == 1:
                continue
            counted.add(value.shape[axis])
            length = _length(name, axis)
            if whole:
                yield rank, ast.BinOp(node, ast.Div(), length), "Is it a sum or a mean?"
                yield rank, ast.BinOp(node, ast.Mult(), length), "Is it a sum or a mean?"
    if isinstance(slot.parent, ast.Call) and name_of(slot.parent.func) == "exp":
        top = ast.Call(ast.Attribute(node, "max", ast.Load()), [], [ast.keyword("axis", ast.Constant(0))])
        yield 2, ast.BinOp(node, ast.Sub(), top), "How large can the argument of `exp` become?"
    if isinstance(slot.parent, ast.BinOp) and _may_be_array(node, scope):
        yield (
            4,
            ast.Call(of_numpy("diagflat"), [node], []),
            "Is it the column that belongs here, or a matrix made of it?",
        )
    if not whole:
        return
    if isinstance(node, ast.Name) and node.id in arrays:
        yield 1, ast.Call(ast.Attribute(node, "copy", ast.Load()), [], []), "Who else sees this array change?"
    for number in _numbers_of(scope):
        rest = ast.BinOp(ast.Constant(1), ast.Sub(), number)
        factors: list[tuple[type[ast.operator], ast.expr]] = [
            (ast.Sub, number), (ast.Add, number), (ast.Mult, number), (ast.Div, number), (ast.Mult, rest)
        ]  # fmt: skip
        for operator, other in factors:
            yield 4, ast.BinOp(node, operator(), other), "Is something missing here?"
    for name, value in arrays.items():
        here = ast.Name(name, ast.Load())
        if isinstance(node, ast.Name) and node.id == name:
            continue
        ask = "Is something missing here?"
        yield 4, ast.BinOp(node, ast.Add(), here), ask
        yield 4, ast.BinOp(node, ast.Mult(), here), ask
        yield 5, ast.BinOp(node, ast.Sub(), here), ask
        if value.ndim == 2:
            gate = ast.Compare(here, [ast.GtE()], [ast.Constant(0)])
            yield 4, ast.BinOp(node, ast.Mult(), gate), "Does every entry pass?"
            yield 5, ast.BinOp(here, ast.MatMult(), node), ask
            yield 5, ast.BinOp(ast.Attribute(here, "T", ast.Load()), ast.MatMult(), node), ask
    yield (
        4,
        ast.Call(ast.Attribute(node, "ravel", ast.Load()), [], []),
        "How many axes has it, and how many indices does it get?",
    )
    for function in ("exp", "log", "abs"):
        called = ast.Call(of_numpy(function), [node], [])
        yield 5, called, "Is a function missing here?"
    zero = ast.Call(ast.Attribute(ast.Name("np", ast.Load()), "maximum", ast.Load()), [node, ast.Constant(0)], [])
    yield 4, zero, "What happens to negative entries?"
    for axis in (0, 1):
        keywords = [ast.keyword("axis", ast.Constant(axis)), ast.keyword("keepdims", ast.Constant(True))]
        yield 4, ast.Call(ast.Attribute(node, "sum", ast.Load()), [], keywords), "Is something to be added up?"
    total = ast.Call(ast.Attribute(node, "sum", ast.Load()), [], [ast.keyword("axis", ast.Constant(0))])
    yield 4, ast.BinOp(node, ast.Div(), total), "What should a column sum to?"
    yield 5, ast.BinOp(ast.Constant(1), ast.Sub(), node), "Is it this, or what is left of 1?"
