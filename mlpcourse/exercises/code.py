"""Exercises answered with a function, or with a formula in quotes."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, formula, graph, running
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.judging import judge, suspects
from mlpcourse.exercises.trials import calls
from mlpcourse.exercises.verdict import Verdict

Array = npt.NDArray[Any]
Function = Callable[..., Any]

VARIANTS = 8  # number of distinct draws of the inputs


@dataclass(frozen=True, eq=False)
class CodeExercise(Exercise):
    """``reference`` is the model answer; its parameters are the inputs, ``results`` the nodes it returns.

    labels: what the learner calls the results, where that differs. draw: the groups of cases for a random generator.
    as_formula: the answer may also be a text, the formula in Python. own_facts and remarks: what else can be said of a
    wrong result, and of a right one. noticed: a name, a sentence and a question on what a call shows of a mistake.
    """

    reference: Function = lambda: None
    results: tuple[str, ...] = ()
    draw: Callable[[np.random.Generator], list[Group]] = lambda rng: []
    tolerance: float = comparing.CLOSE
    labels: tuple[str, ...] = ()
    as_formula: bool = False
    own_facts: Callable[[Case, Array, running.Outcome], list[str]] | None = None
    noticed: Callable[[Case, running.Outcome], tuple[str, str, str] | None] | None = None
    remarks: Callable[[Sequence[Case], Sequence[running.Outcome], Function], list[str]] | None = None

    kind = "code"

    @property
    def returned(self) -> tuple[str, ...]:
        """What the results are called."""
        return self.labels or self.results

    @functools.cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the function's arguments."""
        return tuple(inspect.signature(self.reference).parameters)

    def stub(self) -> str:
        """The cell a lesson starts with."""
        text = inspect.getdoc(self.reference) or ""
        return f'def {self.name}({", ".join(self.inputs)}):\n    """{text}"""\n    ...\n\n\ncheck({self.name})'

    def solution(self, seed: int) -> str:
        """The reference's own source, without its type annotations."""
        return plain_source(self.reference)

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on the function ``answer``."""
        began = time.process_time()  # to draw the inputs takes its time as well
        with np.errstate(all="ignore"):  # a learner's NaN is slip_verdict in words
            if self.as_formula and isinstance(answer, str):
                try:
                    answer = formula.read(answer, self.name, self.inputs)
                except formula.Unreadable as problem:
                    return Verdict("cannot check", self.name, str(problem))
            return judge(self, answer, self.groups(seed), began)

    def judge_on(self, answer: Any, groups: Sequence[Group]) -> Verdict:
        """The verdict on the function ``answer`` from these cases alone."""
        with np.errstate(all="ignore"):
            return judge(self, answer, groups, time.process_time())

    def calls(self, seed: int) -> list[Case]:
        """What a check calls the function with, in that order."""
        return calls(self.groups(seed))

    def groups(self, seed: int) -> list[Group]:
        """The cases for this learner: one of ``VARIANTS`` sets, so that a test can go through all of them."""
        return _groups(self, seed % VARIANTS)


def code_exercise(
    lesson: int,
    *,
    results: str,
    task: str,
    hints: tuple[str, str, str],
    draw: Callable[[np.random.Generator], list[Group]],
    see: str = "",
    taught: tuple[str, str, int] | None = None,
    **more: Any,
) -> Callable[[Function], CodeExercise]:
    """Make the decorated function, a model answer as a learner would write it, an exercise of its own name.

    results: the nodes that it returns, in words. draw: what it is tried on. taught: for a result that is no node of
    the network, where the derivation has it: a name for ``derivation.show``, the handout's IDs, the lesson.
    """

    def enter(reference: Function) -> CodeExercise:
        nodes = tuple(results.split())
        for node in nodes:
            if node not in graph.STEPS:
                graph.add_step(node, graph.step(reference), taught or ("", "", lesson))
        return CodeExercise(
            name=reference.__name__, lesson=lesson, task=task, hints=hints, see=see,
            reference=reference, results=nodes, draw=draw, **more,
        )  # fmt: skip

    return enter


@functools.lru_cache(maxsize=256)
def _groups(exercise: CodeExercise, seed: int) -> list[Group]:
    """Drawn again until no two slips, and no slip and the truth, give the same."""
    rng = np.random.default_rng([seed, *exercise.name.encode()])
    for _ in range(100):
        groups = exercise.draw(rng)
        telling = [group for group in groups if group is groups[0] or group.situation]
        if not any(suspects(exercise, group).ambiguous for group in telling):
            break
    return groups


def plain_source(function: Function) -> str:
    """The source of ``function`` without annotations, as a learner would write it."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    definition = tree.body[0]
    assert isinstance(definition, ast.FunctionDef)
    source = inspect.getsource(function)
    head_end = definition.body[0].lineno - 1
    names = ", ".join(argument.arg for argument in definition.args.args)
    body = textwrap.dedent(source).splitlines()[head_end:]
    return "\n".join([f"def {definition.name}({names}):", *body])
