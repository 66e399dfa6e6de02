"""Parts of the course's own answer, put in the place of parts of a learner's."""

from __future__ import annotations

import ast
import copy
import functools
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from mlpcourse.exercises.comparing import shape_of
from mlpcourse.exercises.edit import Edit, Slot, replaced
from mlpcourse.exercises.harmless import definition
from mlpcourse.exercises.statements import names_in

_ASK = "What belongs in the place of this?"


@functools.cache
def course_answer(reference: Callable[..., Any]) -> ast.FunctionDef:
    """The tree of a model answer. Raises ValueError where it cannot be read."""
    tree = definition(reference, decorated=True)
    if tree is None:
        raise ValueError(f"{reference} is no function with a source")
    return tree


def grafts(
    tree: ast.FunctionDef, scope: Mapping[str, Any], course: ast.FunctionDef, locals_: Mapping[str, Any]
) -> Iterator[Edit]:
    """Each part of the course's answer that can be computed from a learner's names, at each place where it may stand.

    Never the whole of a learner's formula. scope: the values of their names in some call. course, locals_: the course's
    answer and the values of its names in the same call.
    """
    donors = _donors(course, _renaming(tree, course, scope, locals_), scope)
    given = {"np", *(argument.arg for argument in tree.args.args)}
    given |= {name for name, value in scope.items() if isinstance(value, int | np.integer)}  # such as N and K
    results = _results(tree)
    seen: dict[str, Any] = {}
    for slot, old in _places(tree):
        text = ast.unparse(old)
        if text not in seen:
            seen[text] = _value(old, scope)
        value = seen[text]
        whole = any(old is result for result in results)
        if whole and isinstance(old, ast.Name):
            continue  # it is not this name that is wrong
        for words, (donor, gives) in donors.items():
            if words == text or (whole and names_in(donor, ast.Load) <= given):
                continue
            if isinstance(donor, ast.Name) and isinstance(old, ast.Name):
                continue  # another name is tried in any case
            if value is not None and not _may_replace(value, gives):
                continue
            yield replaced(slot, old, donor, 6, _ASK)


def _results(tree: ast.FunctionDef) -> list[ast.expr]:
    """What is returned, and what is computed for a name that is returned."""
    returned = [node.value for node in ast.walk(tree) if isinstance(node, ast.Return) and node.value]
    names = {node.id for node in returned if isinstance(node, ast.Name)}
    assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    return returned + [
        node.value for node in assigned if any(isinstance(one, ast.Name) and one.id in names for one in node.targets)
    ]


def _may_replace(value: Any, gives: Any) -> bool:
    """Whether it has that shape and is something else."""
    if gives is None:
        return True
    if shape_of(value) != shape_of(gives):
        return np.size(value) == 1
    return not np.array_equal(value, gives)


def _places(tree: ast.FunctionDef) -> Iterator[tuple[Slot, ast.expr]]:
    """Where an expression stands that is no function and no name of a keyword, the outermost first."""
    for parent in ast.walk(tree):
        if isinstance(parent, ast.arguments):
            continue
        for field, value in ast.iter_fields(parent):
            for place, node in enumerate(value if isinstance(value, list) else [value]):
                if not isinstance(node, ast.expr) or isinstance(node, ast.Constant | ast.Tuple | ast.List):
                    continue
                if isinstance(getattr(node, "ctx", None), ast.Store) or (
                    isinstance(parent, ast.Call) and field == "func"
                ):
                    continue
                if isinstance(node, ast.Name) and node.id == "np":
                    continue
                yield Slot(parent, field, place if isinstance(value, list) else None), node


def _value(node: ast.expr, scope: Mapping[str, Any]) -> Any:
    """What it gives with these values; None where it cannot be computed."""
    try:
        with np.errstate(all="ignore"):
            value = eval(compile(ast.Expression(node), "<one change>", "eval"), {"np": np, **scope})
    except Exception:
        return None
    return value if isinstance(value, np.ndarray | np.generic | int | float) else None


def _renaming(
    tree: ast.FunctionDef, course: ast.FunctionDef, scope: Mapping[str, Any], locals_: Mapping[str, Any]
) -> dict[str, ast.expr]:
    """What a learner writes for each name of the course's answer: the name of the same value, or how it is computed."""
    written: dict[str, ast.expr] = {"np": ast.Name("np", ast.Load())}
    for ours, theirs in zip(course.args.args, tree.args.args, strict=False):
        written[ours.arg] = ast.Name(theirs.arg, ast.Load())
    counters, our_counters = _counters(tree), _counters(course)
    written |= {ours: ast.Name(theirs, ast.Load()) for ours, theirs in zip(our_counters, counters, strict=False)}
    for statement in ast.walk(course):
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            continue
        target = statement.targets[0]
        parts = target.elts if isinstance(target, ast.Tuple) else [target]
        for part in parts:
            if isinstance(part, ast.Name) and part.id in locals_:
                same = [name for name, value in scope.items() if _same(value, locals_[part.id])]
                if same:
                    written[part.id] = ast.Name(part.id if part.id in same else same[0], ast.Load())
                elif len(parts) == 1 and names_in(statement.value, ast.Load) <= written.keys():
                    written[part.id] = _written(statement.value, written)
    return written


def _counters(tree: ast.FunctionDef) -> list[str]:
    """The names that loops count with, the outermost first."""
    targets = [node.target for node in ast.walk(tree) if isinstance(node, ast.comprehension | ast.For)]
    return [part.id for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)]


def _same(value: Any, other: Any) -> bool:
    if shape_of(value) is None or shape_of(value) != shape_of(other):
        return False
    return bool(np.allclose(value, other, rtol=1e-9, atol=1e-12, equal_nan=True))


def _donors(
    course: ast.FunctionDef, written: Mapping[str, ast.expr], scope: Mapping[str, Any]
) -> dict[str, tuple[ast.expr, Any]]:
    """The parts of the course's answer as a learner writes them, by their text, with their values, each different."""
    donors: dict[str, tuple[ast.expr, Any]] = {}
    for _, node in _places(course):
        if not names_in(node, ast.Load) <= written.keys():
            continue
        donor = _written(node, written)
        gives = _value(donor, scope)
        if not any(_same(gives, other) for _, other in donors.values()):
            donors.setdefault(ast.unparse(donor), (donor, gives))
    return donors


def _written(node: ast.expr, written: Mapping[str, ast.expr]) -> ast.expr:
    """The same with what a learner writes for each name."""

    class Renamer(ast.NodeTransformer):
        def visit_Name(self, name: ast.Name) -> ast.expr:
            return copy.deepcopy(written.get(name.id, name))

    renamed: ast.expr = Renamer().visit(copy.deepcopy(node))
    for part in ast.walk(renamed):
        for attribute in ("lineno", "col_offset", "end_lineno", "end_col_offset"):
            part.__dict__.pop(attribute, None)
    return renamed
