"""Finding the place of a mistake that has no name: one small change of the learner's own code that makes it right.

The change is a witness: on every case the changed function gives the right results. So what is said, "with one change
in line 3 everything is right", is never false. Only functions without effects are tried, and for a short time.
"""

from __future__ import annotations

import ast
import collections
import inspect
import itertools
import math
import textwrap
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from mlpcourse.exercises import running
from mlpcourse.exercises.edit import Edit, Slot, replaced
from mlpcourse.exercises.edits import edits, exchanged, labels_picked, pairs, together, twins, within
from mlpcourse.exercises.grafts import course_answer, grafts
from mlpcourse.exercises.harmless import definition, is_harmless, surroundings
from mlpcourse.exercises.statement_edits import overwritten
from mlpcourse.exercises.statements import TICK, Body, Ticks, values_of, with_ticks
from mlpcourse.exercises.wrong_lines import WrongLine, node_called, right_lines, what_is_wrong, written_out, wrong_lines

SECONDS = 1.0  # for one search, whatever it runs
EDITS = 3000  # the most changes that are tried

Case = Mapping[str, Any]
Right = Callable[[int, Any], tuple[bool, ...]]


class Place(NamedTuple):
    """Where one change helps. line: of the function, from 1. source: that line. marked: the expression.

    ask: a question about it. change: the change itself. results: which of the results it makes right. everywhere: on
    all cases, and not on those of the first group alone. more: the lines of other changes that belong to it; alike:
    whether they are the same change. fact: what is known of the value there.
    """

    line: int
    source: str
    marked: str
    ask: str
    change: str
    results: tuple[int, ...]
    everywhere: bool = True
    more: tuple[int, ...] = ()
    fact: str = ""
    alike: bool = True


def search(
    function: Callable[..., Any], cases: Sequence[Case], first: int, by_name: bool, right: Right,
    results: Sequence[str], course: Callable[..., Any],
) -> Search | None:  # fmt: skip
    """The search in a function; None where it may have effects, or cannot be read.

    cases: the telling ones first, ``first`` of them being those of the group that shows the mistake. right: for a
    case's number and what the function gave, whether each result is right. results: the nodes asked for. course: its
    model answer.
    """
    tree = definition(function)
    if tree is None or not is_harmless(tree, surroundings(function)):
        return None
    return Search(function, tree, cases, first, by_name, right, results, course)


class Search:
    """Looks for places in one function."""

    def __init__(
        self, function: Callable[..., Any], tree: ast.FunctionDef, cases: Sequence[Case], first: int, by_name: bool,
        right: Right, results: Sequence[str], course: Callable[..., Any],
    ) -> None:  # fmt: skip
        self.results, self.course = tuple(results), course
        self.around = surroundings(function)
        self.function, self.tree, self.cases, self.first = function, tree, cases, first
        self.by_name, self.right = by_name, right
        self.formula = running.is_formula(function)
        self.loops = any(isinstance(node, ast.While) for node in ast.walk(tree))
        self.source = textwrap.dedent(inspect.getsource(function)).splitlines()
        self.whole: Place | None = None
        self.here: Place | None = None
        self.parts: dict[int, Place] = {}

    def places(self, nodes: Callable[[int], Mapping[str, Any]], end: float = math.inf) -> list[Place]:
        """Places where one small change makes the function right; empty where there is none.

        One place that mends everything is all that is told; else those that each mend some of the results and spoil
        none. nodes: for a case's number, the network's arrays. end: the processor's time when the search ends.
        """
        running.bounded(lambda: self._run(nodes(0), end), SECONDS)
        if self.whole is not None:
            return [self.whole]
        if self.here is not None:
            return [self.here]
        return list(dict.fromkeys(self.parts.values()))

    def lines(self, nodes: Callable[[int], Mapping[str, Any]], end: float = math.inf) -> list[Place]:
        """The lines in which another value makes everything right, where no small change does: as ``places``."""
        found: list[Place] = []

        def look() -> None:
            body = Body(self.tree, self.around, self._given(0))
            lines = wrong_lines(
                body, nodes(0), self.results, lambda value: all(self.right(0, value)),
                lambda lines: self._right_with(lines, nodes), end,
            )  # fmt: skip
            fact = what_is_wrong(body, lines[0], nodes(0)) if len(lines) == 1 else ""
            found.extend(self._place_of(line, fact, len(self.results)) for line in lines)

        running.bounded(look, SECONDS)
        return found

    def _right_with(self, lines: Sequence[WrongLine], nodes: Callable[[int], Mapping[str, Any]]) -> bool:
        """Whether all cases come out right when these lines give the right values."""
        body: list[ast.stmt] = []
        for number, statement in enumerate(self.tree.body):
            here = [line for line in lines if line.number == number]
            passed = ast.ExceptHandler(ast.Name("Exception", ast.Load()), None, [ast.Pass()])
            body.append(ast.Try([statement], [passed], [], []) if here else statement)
            body += [ast.Assign([ast.Name(one.name, ast.Store())], ast.Name(_put_in(one), ast.Load())) for one in here]
        whole, self.tree.body = self.tree.body, body
        ast.fix_missing_locations(self.tree)
        try:
            changed = self._changed()
        finally:
            self.tree.body = whole
        for number in range(len(self.cases)):
            values = nodes(number)
            changed.__globals__.update({_put_in(line): np.copy(values[line.node]) for line in lines})
            verdict = self._called(changed, number)
            if verdict is None or not all(verdict):
                return False
        return True

    def _place_of(self, line: WrongLine, fact: str, results: int) -> Place:
        statement = self.tree.body[line.number]
        return Place(
            statement.lineno, self._source(statement), line.name, f"What should `{line.name}` be, by its definition?",
            f"`{line.name}` has to be {written_out(line.node)}", tuple(range(results)), fact=fact,
        )  # fmt: skip

    def _standing_once(self, node: ast.AST) -> ast.AST:
        """The name or number; where its statement has it more than once, the smallest part that it has once."""
        if not isinstance(node, ast.Name | ast.Constant):
            return node
        around = {child: parent for parent in ast.walk(self.tree) for child in ast.iter_child_nodes(parent)}
        statement: ast.AST = node
        while isinstance(around.get(statement), ast.AST) and not isinstance(statement, ast.stmt):
            statement = around[statement]
        texts = collections.Counter(ast.unparse(part) for part in ast.walk(statement) if isinstance(part, ast.expr))
        while texts[ast.unparse(node)] > 1 and isinstance(around.get(node), ast.expr):
            node = around[node]
        return node

    def _source(self, node: ast.stmt | ast.expr) -> str:
        """The line that it stands in; of a formula, all of it."""
        last = self.tree.body[-1]
        if self.formula and isinstance(last, ast.Return) and last.value is not None:
            return ast.unparse(last.value)
        source = self.source[node.lineno - 1].strip() if node.lineno <= len(self.source) else ""
        return source or ast.unparse(node).split("\n")[0]

    def _run(self, nodes: Mapping[str, Any], end: float) -> None:
        scope, before = self._scope()
        body = Body(self.tree, self.around, self._given(0))
        fine = right_lines(body, nodes)
        for number, edit in enumerate(itertools.islice(self._edits(scope, body, before, fine), EDITS)):
            if number % 10 == 9 and time.process_time() > end:  # to ask for the time takes as long as a small change
                return
            after = self._after(edit, body)
            if after is None or not any(after):
                continue
            if all(after):
                self._keep_whole(edit, len(after))
                if self.whole is not None:
                    return
            elif before is not None and not all(after):
                self._keep_part(edit, before, after)

    def _edits(
        self, scope: Mapping[str, Any], body: Body, before: tuple[bool, ...] | None, fine: set[ast.stmt]
    ) -> Iterator[Edit]:
        known = {name: value for name, value in self.around.items() if isinstance(value, np.ndarray | int | float)}
        used = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        scope = {**{name: value for name, value in known.items() if name in used}, **self._counters(), **scope}
        spared = body.needed_for([n for n, is_right in enumerate(before or ()) if is_right], len(before or ()))
        yield from overwritten(self.tree)  # these few before all are made, which takes its time
        yield from self._other_results(scope)
        right = self._returned_right(before)

        def made(without: set[ast.stmt]) -> list[Edit]:
            found = [edit for edit in edits(self.tree, scope, without) if id(edit.old) not in right]
            return [edit for edit in found if edit.old is edit.new or body.top(edit.old) not in spared]

        likely = [edit for edit in made(fine | spared)[:EDITS] if body.top(edit.old) not in fine]
        repeated = twins(likely, body.top)
        if before is not None and before.count(False) > 1:  # each of the wrong results may have it once
            yield from repeated
        yield from (edit for edit in likely if edit.rank <= 2)
        yield from repeated
        yield from exchanged(self.tree, scope)
        yield from labels_picked(likely)
        yield from (edit for edit in likely if edit.rank == 3)
        # A formula is so short that two changes at once often give the right numbers by chance.
        two, parts = pairs(likely), self._grafts(scope)
        yield from itertools.chain(parts, two) if self.formula else itertools.chain(two, parts)
        if len(self.tree.body) <= 3:
            yield from within(likely)
        yield from (edit for edit in likely if edit.rank > 3)
        if len(self.tree.body) == 1:  # so short that there is time for many
            yield from pairs(likely, rank=3)
        yield from (edit for edit in made(spared)[:EDITS] if body.top(edit.old) in fine)

    def _counters(self) -> dict[str, int]:
        """The names that count in a comprehension, of which no frame of the function's tells."""
        targets = [node.target for node in ast.walk(self.tree) if isinstance(node, ast.comprehension)]
        return {part.id: 0 for target in targets for part in ast.walk(target) if isinstance(part, ast.Name)}

    def _returned_right(self, before: tuple[bool, ...] | None) -> set[int]:
        """The parts of what is returned that make the results which are right."""
        value = getattr(self.tree.body[-1], "value", None)
        parts = value.elts if isinstance(value, ast.Tuple | ast.List) else []
        pairs = zip(parts, before, strict=True) if before and len(parts) == len(before) else []
        return {id(node) for part, is_right in pairs if is_right for node in ast.walk(part)}

    def _other_results(self, scope: Mapping[str, Any]) -> Iterator[Edit]:
        """The values that are called as what is asked for, returned together."""
        called = {node_called(name, self.results): name for name in scope}
        last = self.tree.body[-1]
        if all(result in called for result in self.results) and isinstance(last, ast.Return) and last.value is not None:
            names: list[ast.expr] = [ast.Name(called[result], ast.Load()) for result in self.results]
            one = len(names) == 1
            ask = "Which value is asked for?" if one else "Which values are asked for, and in which order?"
            value = names[0] if one else ast.Tuple(names, ast.Load())
            yield replaced(Slot(last, "value", None), last.value, value, 3, ask)

    def _given(self, number: int) -> dict[str, Any]:
        given = {name: running.copied(value) for name, value in self.cases[number].items()}
        names = [argument.arg for argument in self.tree.args.args]
        return given if self.by_name else dict(zip(names, given.values(), strict=False))

    def _scope(self) -> tuple[dict[str, Any], tuple[bool, ...] | None]:
        """The values of the function's names when it ended, on the first case, and which results were right."""
        verdicts: list[tuple[bool, ...] | None] = []
        found = values_of(self.function, lambda: verdicts.append(self._called(self.function, 0)))
        return found, verdicts[0]

    def _grafts(self, scope: Mapping[str, Any]) -> Iterator[Edit]:
        """Parts of the course's answer in the place of parts of this one."""
        inputs = [running.copied(value) for value in self.cases[0].values()]
        course, values = course_answer(self.course), values_of(self.course, lambda: self.course(*inputs))
        yield from grafts(self.tree, scope, course, values)

    def _after(self, edit: Edit, body: Body) -> tuple[bool, ...] | None:
        """Which results are right on the first case after the change; None where it raises."""
        edit.apply()
        try:
            value = body.run(edit) if body.straight and not self.loops else self._changed()(**self._given(0))
            return self.right(0, value)
        except Exception:
            return None
        finally:
            edit.undo()

    def _changed(self) -> Callable[..., Any]:
        tree = with_ticks(self.tree) if self.loops else self.tree
        code = compile(ast.Module([tree], []), "<one change>", "exec")
        around = {"np": np, **self.around, **({TICK: Ticks()} if self.loops else {})}
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

    def _least(self, edit: Edit, wanted: Sequence[bool]) -> Edit:
        """As few of the changes that it is made of as make the ``wanted`` results right on all cases."""
        for part in edit.parts:
            fewer = [other for other in edit.parts if other is not part]
            if fewer and self._up_to(less := together(fewer), wanted) == len(self.cases):
                edit = less
        return edit.parts[0] if len(edit.parts) == 1 else edit

    def _keep_whole(self, edit: Edit, results: int) -> None:
        edit = self._least(edit, [True] * results)
        number = self._up_to(edit, [True] * results)
        if number == len(self.cases):
            self.whole = self._place(edit, tuple(range(results)))
        elif number >= self.first and self.here is None:
            self.here = self._place(edit, tuple(range(results)), everywhere=False)

    def _keep_part(self, edit: Edit, before: tuple[bool, ...], after: tuple[bool, ...]) -> None:
        pairs = list(enumerate(zip(before, after, strict=True)))
        gained = tuple(n for n, (old, new) in pairs if new and not old and n not in self.parts)
        if not gained or any(old and not new for _, (old, new) in pairs):
            return
        wanted = [old or n in gained for n, (old, _) in pairs]
        if self._up_to(edit, wanted) == len(self.cases):
            edit = self._least(edit, wanted)
            place = self._place(edit, gained)
            self.parts.update(dict.fromkeys(gained, place))

    def _place(self, edit: Edit, results: tuple[int, ...], everywhere: bool = True) -> Place:
        marked = ast.unparse(self._standing_once(edit.old)).split("\n")[0]
        lines = ast.unparse(self.tree).splitlines()
        edit.apply()
        try:
            after = ast.unparse(ast.fix_missing_locations(self.tree)).splitlines()
        finally:
            edit.undo()
        added = [line.strip() for line in after if line not in lines]
        if self.formula:
            added = [line.removeprefix("return ") for line in added]
        numbers = sorted({edit.line, *edit.more})
        line, *more = (edit.line, *edit.more)
        change = f"write `{'; '.join(added)}`" if added else "leave that line out"
        if len(added) == len(numbers) > 1:
            line, more = numbers[0], numbers[1:]
            change = "; ".join(
                [
                    f"write `{added[0]}`",
                    *(f"in line {n}, write `{text}`" for n, text in zip(more, added[1:], strict=True)),
                ]
            )
        if not added and len(after) == len(lines):
            change = "move that line to another place"
            change += "".join(f", and line {other} with it" for other in more)
        if isinstance(edit.old, ast.stmt) and sorted(map(str.strip, after)) == sorted(map(str.strip, lines)) and added:
            change = self._other_side_of_a_loop(edit)
        source = self._source(edit.old) if isinstance(edit.old, ast.expr | ast.stmt) else marked
        if self.formula:
            line, more = 0, [0 for _ in edit.more]
        alike = len({part.ask for part in edit.parts}) <= 1
        return Place(line, source, marked, edit.ask, change, results, everywhere, tuple(more), alike=alike)

    def _other_side_of_a_loop(self, edit: Edit) -> str:
        """That a line has to stand in a loop, or under a condition, and not after it, or the other way round."""
        before = _stands_in(self.tree, edit.old)
        edit.apply()
        after = _stands_in(self.tree, edit.old)
        edit.undo()
        out = before is not None and before is not after and not isinstance(before, ast.FunctionDef)
        around = "condition" if isinstance(before if out else after, ast.If) else "loop"
        here, there = (f"in the {around}", "after it") if out else (f"after the {around}", "in it")
        return f"that line stands {here}: it has to stand {there}"


def _stands_in(tree: ast.FunctionDef, statement: ast.AST) -> ast.AST | None:
    """The loop, the condition or the function that it is a statement of."""
    blocks = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.For | ast.While | ast.If))
    return next((node for node in blocks if statement in node.body), None)


def _put_in(line: WrongLine) -> str:
    """A name that no learner can have given."""
    return f"<right {line.node} in statement {line.number}>"
