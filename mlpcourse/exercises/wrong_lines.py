"""The lines of a learner's function at which it goes wrong: with the right value in them, everything after is right.

Where no small change helps, this still tells where to look. A learner's names are compared with the network's: a value
called ``delta2``, or ``dZ2``, is held against the real one.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
import time
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy.typing as npt

from mlpcourse.exercises import comparing, graph
from mlpcourse.exercises.statements import Body, names_in

Array = npt.NDArray[Any]
Nodes = Mapping[str, Array]

MOST = 3  # lines that are told; more are no help

# What the network's arrays are called by others, in lower case and without underscores.
_ALSO = {
    "z1": "h1in hin", "A1": "a1 h hidden relu1 h1", "z2": "logits scores", "A2": "p probs probabilities yhat s softmax",
    "delta2": "dz2 d2 dlogits dscores error2 deltaout delta", "dA1": "da1 dh dhidden", "delta1": "dz1 d1",
    "log_A2": "logp logprobs", "J": "jacobian",
}  # fmt: skip
_NODE = {other: node for node, others in _ALSO.items() for other in (node.lower().replace("_", ""), *others.split())}
_NODE |= {name: name for name in ("dw1", "db1", "dw2", "db2")}


class WrongLine(NamedTuple):
    """A statement by its number, the name that it gives a wrong value, and the node whose value would be right."""

    number: int
    name: str
    node: str


def wrong_lines(
    body: Body, nodes: Nodes, results: Sequence[str], right: Callable[[Any], bool],
    everywhere: Callable[[Sequence[WrongLine]], bool], end: float = math.inf,
) -> list[WrongLine]:  # fmt: skip
    """The lines that need another value, in order; empty where that cannot be told.

    nodes: the network's arrays on the case that ``body`` was run on. results: the nodes asked for. right: whether a
    result is. everywhere: whether with the right values in these lines the results of all cases are right.
    """
    if not body.straight or sum(bool(_stored(body, n)) for n in range(len(body.statements))) < 2:
        return []
    for line in _single(body, nodes):
        if time.process_time() > end:
            return []
        if list(results) == [line.node] and not _some_right(body, line.number, nodes):
            continue  # that the result should be right goes without saying
        space = _after(body, line.number)
        space[line.name] = nodes[line.node].copy()
        if _right_as_written(body, line, body.before[line.number], nodes):
            continue
        if _ends_right(body, line.number + 1, space, right) and everywhere([line]):
            return [line]
    lines = _by_name(body, nodes, right)
    for line in lines[:]:  # one that the others make unnecessary is no mistake
        fewer = [other for other in lines if other is not line]
        if fewer and everywhere(fewer):
            lines = fewer
    return lines if 0 < len({line.number for line in lines}) <= MOST and everywhere(lines) else []


def right_lines(body: Body, nodes: Nodes) -> set[ast.stmt]:
    """The statements that give names the values which these should have, and those that only they need."""
    right: set[ast.stmt] = set()
    needed: set[str] = set()
    for number in range(len(body.statements) - 1, -1, -1):
        statement, stored = body.statements[number], _stored(body, number)
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        changes = any(isinstance(part, ast.Subscript) for target in targets for part in ast.walk(target))
        if not targets or changes or number + 1 >= len(body.before):
            needed |= names_in(statement, ast.Load)
            continue
        called = {name: node_called(name, nodes) for name in stored}
        after = body.before[number + 1]
        held = all(node and _matches(after.get(name), nodes[node]) for name, node in called.items())
        if held or not needed & set(stored):
            right.add(statement)
        else:
            needed |= names_in(statement, ast.Load)
    return right


def node_called(name: str, known: Container[str]) -> str | None:
    """The node that a learner's name stands for."""
    node = name if name in known else _NODE.get(name.lower().replace("_", "").replace("grad", "d"))
    return node if node in known else None


def _stored(body: Body, number: int) -> list[str]:
    return [] if body.defines(number) else sorted(names_in(body.statements[number], ast.Store))


def _after(body: Body, number: int) -> dict[str, Any]:
    """What the names stand for after a statement; where it raises, before it."""
    return body.at(min(number + 1, len(body.before) - 1))


def _single(body: Body, nodes: Nodes) -> Iterator[WrongLine]:
    """Each value that is an array of a node's shape and none of its numbers, the nodes of its name first."""
    for number in range(min(len(body.before), len(body.statements) - 1)):
        after = _after(body, number)
        for name in _stored(body, number):
            value = after.get(name) if number + 1 < len(body.before) else None
            called = node_called(name, nodes)
            for node in sorted(nodes, key=lambda node: node != called):
                if value is None and node != called:
                    continue
                if value is None or (
                    comparing.shape_of(value) == nodes[node].shape and not _matches(value, nodes[node])
                ):
                    yield WrongLine(number, name, node)


def _some_right(body: Body, number: int, nodes: Nodes) -> bool:
    """Whether before a statement some value of the function's own is its node's."""
    before, given = body.before[number], body.before[0]
    found = [(before[name], node_called(name, nodes)) for name in before if name not in given]
    return any(node is not None and _matches(value, nodes[node]) for value, node in found)


def _by_name(body: Body, nodes: Nodes, right: Callable[[Any], bool]) -> list[WrongLine]:
    """Every value that is not its node's, each found with the right ones before it."""
    lines: list[WrongLine] = []
    space = body.at(0)
    given = set(space)
    for number in range(len(body.statements) - 1):
        space_before = body.fresh(space)
        try:
            body.step(number, space)
            raised = False
        except Exception:
            raised = True
        found = [(name, node_called(name, nodes)) for name in _stored(body, number) if name not in given]
        wrong = [(name, node) for name, node in found if node and (raised or not _scaled(space.get(name), nodes[node]))]
        if raised and not wrong:
            return []
        for name, node in wrong:
            if _right_as_written(body, WrongLine(number, name, node), space_before, nodes):
                return []
            space[name] = nodes[node].copy()
            lines.append(WrongLine(number, name, node))
    return lines if _ends_right(body, len(body.statements) - 1, space, right) else []


def _right_as_written(body: Body, line: WrongLine, space: Mapping[str, Any], nodes: Nodes) -> bool:
    """Whether it gives the right value of what was handed in: then it is an earlier line that overwrote that."""
    handed_in = body.fresh({**space, **body.before[0]})
    try:
        body.step(line.number, handed_in)
    except Exception:
        return False
    return _matches(handed_in.get(line.name), nodes[line.node])


def _ends_right(body: Body, number: int, space: dict[str, Any], right: Callable[[Any], bool]) -> bool:
    try:
        return right(body.finish(number, space))
    except Exception:
        return False


def _matches(value: Any, truth: Array) -> bool:
    try:
        fit = comparing.fitted(comparing.as_array(value), truth.shape)
    except comparing.NotNumbers:
        return False
    return fit is not None and comparing.close(fit, truth)


def _scaled(value: Any, truth: Array) -> bool:
    """The node's value, or N times it: the mean may be taken later; or its transpose."""
    N = truth.shape[-1] if truth.ndim else 1
    return _matches(value, truth) or _matches(value, truth * N) or (truth.ndim == 2 and _matches(value, truth.T))


# --- in words -----------------------------------------------------------------------------------------


def what_is_wrong(body: Body, line: WrongLine, nodes: Nodes) -> str:
    """A sentence on the value that stands there now."""
    truth = nodes[line.node]
    if line.number + 1 >= len(body.before):
        return ""
    try:
        value = comparing.as_array(body.before[line.number + 1][line.name])
    except comparing.NotNumbers:
        return ""
    fit = comparing.fitted(value, truth.shape)
    if fit is None:
        return f"`{line.name}` has shape {value.shape} there, and not {truth.shape}."
    said = comparing.facts([fit], [truth])
    return f"`{line.name}` there: {said[0]}" if said else ""


def written_out(node: str) -> str:
    """How the course computes a node, as code or in words."""
    step = graph.STEPS[node]
    *before, last = ast.parse(textwrap.dedent(inspect.getsource(step.function))).body[0].body  # type: ignore[attr-defined]
    takes = ", ".join(f"`{name}`" for name in step.takes.values())
    if any(not isinstance(one, ast.Expr) for one in before) or not isinstance(last, ast.Return) or last.value is None:
        return f"the {step.function.__name__} of {takes}"
    for part in ast.walk(last.value):
        if isinstance(part, ast.Name):
            part.id = step.takes.get(part.id, part.id)
    return f"`{ast.unparse(last.value)}`"
