"""Exercises answered with a function, and the diagnosis of a wrong one."""

from __future__ import annotations

import ast
import functools
import inspect
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcourse import slips
from mlpcourse.exercises import comparing, running
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.verdict import Verdict

Array = npt.NDArray[Any]
Function = Callable[..., Any]


@dataclass(frozen=True)
class CodeExercise(Exercise):
    """``reference`` is the model answer; its parameters are the inputs, ``results`` the nodes it returns.

    draw: the groups of cases for a random generator. batch: False when it is about one example only.
    """

    reference: Function = lambda: None
    results: tuple[str, ...] = ()
    draw: Callable[[np.random.Generator], list[Group]] = lambda rng: []
    batch: bool = True

    kind = "code"

    @property
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
        return _judge(self, answer, seed)

    def groups(self, seed: int) -> list[Group]:
        """The cases for this learner."""
        return _groups(self, seed)


@functools.lru_cache(maxsize=256)
def _groups(exercise: CodeExercise, seed: int) -> list[Group]:
    return exercise.draw(np.random.default_rng([seed, *exercise.name.encode()]))


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


# --- before it runs -------------------------------------------------------------------------------


def untouched(function: Function) -> bool:
    """True when the body is only a docstring, `...`, `pass`, `return None` or `raise NotImplementedError`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return _empty_bytecode(function)
    definition = tree.body[0] if tree.body else None
    if not isinstance(definition, ast.FunctionDef):
        return False
    return all(_says_nothing(statement) for statement in definition.body)


def _says_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        return statement.value is None or (
            isinstance(statement.value, ast.Constant) and statement.value.value in (None, ...)
        )
    if isinstance(statement, ast.Raise):
        return "NotImplementedError" in ast.dump(statement)
    return False


def _empty_bytecode(function: Function) -> bool:
    code = getattr(function, "__code__", None)
    return code is not None and code.co_code == (lambda: None).__code__.co_code


def _callable_with(function: Function, names: Sequence[str]) -> tuple[bool, str]:
    """Whether to call by name, and what is wrong with the arguments, or ""."""
    try:
        parameters = inspect.signature(function).parameters
    except (ValueError, TypeError):
        return False, ""
    if set(parameters) == set(names):
        return True, ""
    try:
        inspect.signature(function).bind(*names)
    except TypeError:
        asked, has = ", ".join(names), ", ".join(parameters)
        return False, f"It must take {len(names)} argument{'s' * (len(names) > 1)} ({asked}), but takes ({has})."
    return False, ""


# --- the verdict ----------------------------------------------------------------------------------


def _judge(exercise: CodeExercise, function: Any, seed: int) -> Verdict:
    name = exercise.name
    if function is None or function is ...:
        return exercise.not_attempted(f"Give it your function: `check({name})`.")
    if not callable(function) or inspect.isclass(function):
        return Verdict("cannot check", name, f"`check` needs the function itself: `check({name})`, without brackets.")
    if untouched(function):
        return exercise.not_attempted()
    by_name, trouble = _callable_with(function, exercise.inputs)
    if trouble:
        return Verdict("raised", name, trouble)
    groups = exercise.groups(seed)
    outcomes = running.run(function, calls(groups), by_name)
    return weigh(exercise, groups, outcomes, functools.partial(running.error_line, function))


def calls(groups: Sequence[Group]) -> list[Case]:
    """The cases that an answer is tried on, in order: all of them, and the first once more."""
    cases = [case for group in groups for case in group.cases]
    return [*cases, cases[0]]


def weigh(
    exercise: CodeExercise,
    groups: Sequence[Group],
    outcomes: Sequence[running.Outcome],
    where: Callable[[BaseException], str],
) -> Verdict:
    """The verdict on what came of ``calls(groups)``, wherever it was run; ``where`` names the line of an error."""
    name = exercise.name
    last = outcomes[-1]
    if last.stopped:
        return _stopped(name, last)
    if isinstance(last.error, NotImplementedError) and len(outcomes) == 1:
        return exercise.not_attempted()
    done = 0
    for group in groups:
        ran = outcomes[done : done + len(group.cases)]
        done += len(group.cases)
        verdict = _judge_group(exercise, where, group, ran)
        if verdict is not None:
            return verdict
    return Verdict("right", name, _remarks(exercise, groups, outcomes))


def _stopped(name: str, last: running.Outcome) -> Verdict:
    if last.stopped == "interrupt":
        return Verdict("cannot check", name, "You stopped the check.")
    fact = "Look for a loop whose condition never becomes false, or one that goes over far too much."
    return Verdict("raised", name, f"Your function was stopped after {running.SECONDS:.0f} seconds.", facts=(fact,))


def _judge_group(
    exercise: CodeExercise, where: Callable[[BaseException], str], group: Group, ran: Sequence[running.Outcome]
) -> Verdict | None:
    """The verdict when something is wrong in this group, else None."""
    for case, outcome in zip(group.cases, ran, strict=False):
        if outcome.error is not None:
            return _raised(exercise, where(outcome.error), group, case, outcome.error)
    name = exercise.name
    values = [outcome.value for outcome in ran]
    if values[0] is ...:
        return exercise.not_attempted("It still returns `...`.")
    if values[0] is None:
        printed = "It prints its result. " if ran[0].printed else ""
        return Verdict("wrong", name, f"{printed}It returns nothing: end with `return`.")
    try:
        parts = [_parts(exercise, value) for value in values]
    except comparing.NotNumbers as problem:
        return Verdict("wrong", name, f"{str(problem)[0].upper()}{str(problem)[1:]}.")
    truths = [_as_tuple(exercise.reference(**case)) for case in group.cases]
    return _compare(exercise, group, parts, truths)


def _as_tuple(value: Any) -> tuple[Array, ...]:
    return tuple(np.asarray(part, dtype=float) for part in (value if isinstance(value, tuple) else (value,)))


def _parts(exercise: CodeExercise, value: Any) -> tuple[Array, ...]:
    wanted = len(exercise.results)
    if wanted == 1:
        return (comparing.as_array(value),)
    if not isinstance(value, tuple | list) or len(value) != wanted:
        got = f"{len(value)} came back" if isinstance(value, tuple | list) else "one thing came back"
        raise comparing.NotNumbers(f"{wanted} results are asked for ({', '.join(exercise.results)}), but {got}")
    return tuple(comparing.as_array(part) for part in value)


def _raised(exercise: CodeExercise, where: str, group: Group, case: Case, error: BaseException) -> Verdict:
    shapes = ", ".join(f"{name} {value.shape}" for name, value in case.items() if isinstance(value, np.ndarray))
    text = str(error).strip().split("\n")[0][:200]
    facts = [f"In {where}."] if where else []
    facts.append(f"What went in: {shapes}." if shapes else "")
    facts.append(running.advice(error))
    when = f" {group.when[0].upper()}{group.when[1:]}:" if group.when else ""
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Verdict("raised", exercise.name, f"{when} {said}".strip(), facts=tuple(fact for fact in facts if fact))


def _remarks(exercise: CodeExercise, groups: Sequence[Group], outcomes: Sequence[running.Outcome]) -> str:
    return ""


def _compare(
    exercise: CodeExercise, group: Group, parts: list[tuple[Array, ...]], truths: list[tuple[Array, ...]]
) -> Verdict | None:
    wrong = []
    for index, node in enumerate(exercise.results):
        mine = [part[index] for part in parts]
        right = [truth[index] for truth in truths]
        fits = [comparing.fitted(a, t.shape) for a, t in zip(mine, right, strict=True)]
        if any(a is None or not comparing.close(a, t) for a, t in zip(fits, right, strict=True)):
            wrong.append((node, mine, right, fits))
    if not wrong:
        return None
    node, mine, right, fits = wrong[0]
    found = diagnose(exercise, group, node, mine)
    if found is not None:
        return _named(exercise, found)
    if any(a is None for a in fits):
        return Verdict("shape", exercise.name, f"{node} has shape {mine[0].shape}, but {right[0].shape} is asked for.")
    said = comparing.facts([a for a in fits if a is not None], right)
    return Verdict("wrong", exercise.name, "", facts=tuple(said))


class Found(NamedTuple):
    """A named slip, where it was made."""

    slip: slips.Slip
    node: str


def diagnose(exercise: CodeExercise, group: Group, node: str, mine: list[Array]) -> Found | None:
    """The slip that gives exactly these results on every case of the group."""
    for candidate in slips.candidates(exercise.inputs, [node], exercise.batch):
        values = []
        for case in group.cases:
            try:
                with np.errstate(all="ignore"):
                    (value,) = slips.evaluate([node], case, {candidate.node: candidate.step})
            except Exception:
                break
            values.append(np.asarray(value))
        if len(values) == len(mine) and all(comparing.close(a, v) for a, v in zip(mine, values, strict=True)):
            return Found(candidate.slip, candidate.node)
    return None


def _named(exercise: CodeExercise, found: Found) -> Verdict:
    one, node = found
    return Verdict(
        "slip",
        exercise.name,
        f"In effect, {one.text('title', node)}.",
        slip=one.name,
        details=(
            ("Why it tempts", one.text("tempts", node)),
            ("What it breaks", one.text("breaks", node)),
            ("To think about", one.text("hint", node)),
        ),
        latex=one.text("latex", node),
    )
