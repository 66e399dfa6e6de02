"""Exercises answered with a function, and the diagnosis of a wrong one."""

from __future__ import annotations

import ast
import functools
import inspect
import itertools
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, fixtures, running, slips
from mlpcourse.exercises.diagnosis import Suspects
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.placeholder import untouched
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.exercises.wording import slip_verdict

Array = npt.NDArray[Any]
Function = Callable[..., Any]

VARIANTS = 8  # number of distinct draws of the inputs


@dataclass(frozen=True, eq=False)
class CodeExercise(Exercise):
    """``reference`` is the model answer; its parameters are the inputs, ``results`` the nodes it returns.

    labels: what the learner calls the results, where that differs. draw: the groups of cases for a random generator.
    formula: the answer may also be a text, the formula in Python. own_facts and remarks: what else can be said of a
    wrong result, and of a right one.
    """

    reference: Function = lambda: None
    results: tuple[str, ...] = ()
    draw: Callable[[np.random.Generator], list[Group]] = lambda rng: []
    tolerance: float = comparing.CLOSE
    labels: tuple[str, ...] = ()
    formula: bool = False
    own_facts: Callable[[Case, Array, running.Outcome], list[str]] | None = None
    remarks: Callable[[Sequence[Case], Sequence[running.Outcome]], list[str]] | None = None

    kind = "code"

    @property
    def returned(self) -> tuple[str, ...]:
        """What the results are called."""
        return self.labels or self.results

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
        with np.errstate(all="ignore"):  # a learner's NaN is slip_verdict in words
            if self.formula and isinstance(answer, str):
                return _judge_formula(self, answer, seed)
            return _judge(self, answer, seed)

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
            if node not in slips.STEPS:
                slips.add_step(node, slips.step(reference), taught or ("", "", lesson))
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
        if not any(suspects(exercise, group).ambiguous() for group in telling):
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


# --- before it runs -------------------------------------------------------------------------------


def _call_style(function: Function, names: Sequence[str]) -> tuple[bool, str]:
    """Whether to call by name, and what is wrong with the arguments, or ""."""
    try:
        parameters = inspect.signature(function).parameters
    except (ValueError, TypeError):
        return False, ""
    if set(parameters) == set(names):
        return list(parameters) != list(names), ""
    try:
        inspect.signature(function).bind(*names)
    except TypeError:
        asked, has = ", ".join(names), ", ".join(parameters)
        number = f"{len(names)} argument{'s' * (len(names) > 1)}"
        return False, f"It must take {number}, ({asked}), but it takes ({has})."
    return False, ""


# --- the verdict ----------------------------------------------------------------------------------


def _judge(exercise: CodeExercise, function: Any, seed: int) -> Verdict:
    name = exercise.name
    if function is None or function is ...:
        return exercise.not_attempted(f"Define the function, then give it to the check: `check({name})`.")
    if not callable(function) or inspect.isclass(function):
        kind = "a class" if inspect.isclass(function) else f"{_kind(function)}, perhaps what the function returned"
        return Verdict("cannot check", name, f"`check` got {kind}. It needs the function itself: `check({name})`.")
    if untouched(function):
        return exercise.not_attempted()
    by_name, trouble = _call_style(function, exercise.inputs)
    if trouble:
        return Verdict("raised", name, trouble)
    groups = exercise.groups(seed)
    cases = [case for group in groups for case in group.cases]
    outcomes = running.run(function, [*cases, cases[0]], by_name)
    if outcomes[-1].stopped:
        return _stopped(name, outcomes[-1])
    again = outcomes[len(cases)] if len(outcomes) > len(cases) else None
    differs = again is not None and (again.error is not None or not _alike(outcomes[0].value, again.value))
    message = "Called twice with the same arguments, it does not answer the same."
    unsteady = Verdict(
        "wrong", name, message, facts=("Is something kept from one call to the next, or drawn at random?",)
    )
    done = 0
    for position, group in enumerate(groups):
        ran = outcomes[done : done + len(group.cases)]
        done += len(group.cases)
        verdict = _judge_group(exercise, function, position, groups, ran, outcomes)
        if verdict is not None:
            if verdict.kind in ("wrong", "shape") and differs:
                verdict = unsteady
            seen = tuple(_touched(outcomes, exercise, cases, right=False)) if verdict.kind != "not attempted" else ()
            return replace(verdict, facts=verdict.facts + seen)
    if differs:
        return replace(unsteady, facts=(*unsteady.facts, *_touched(outcomes, exercise, cases, right=False)))
    remarks = [*_shape_remarks(exercise, cases[0], outcomes[0]), *_touched(outcomes, exercise, cases, right=True)]
    if exercise.remarks is not None:
        remarks += exercise.remarks(cases, outcomes)
    return Verdict("right", name, "One remark:" if remarks else "", facts=tuple(remarks))


def _judge_formula(exercise: CodeExercise, text: str, seed: int) -> Verdict:
    """Read a text such as "y_k * A_i" as the right-hand side, with the function's arguments as its letters."""
    names = {"np": np, "exp": np.exp, "log": np.log}
    text = text.split("=")[-1].strip() if "==" not in text else text.strip()
    try:
        function = eval(compile(f"lambda {', '.join(exercise.inputs)}: ({text})", running.FORMULA, "eval"), names)
    except (SyntaxError, ValueError):
        message = f"This cannot be read as Python: `{text}`. Its letters are {', '.join(exercise.inputs)}."
        return Verdict("raised", exercise.name, message)
    return _judge(exercise, function, seed)


def _kind(thing: Any) -> str:
    word = type(thing).__name__
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _stopped(name: str, last: running.Outcome) -> Verdict:
    if last.stopped == "interrupt":
        return Verdict("cannot check", name, "You stopped the check.")
    facts = ["Look for a loop whose condition never becomes false, or one that goes over far too much."]
    facts += _printed(last)
    message = f"Your function was stopped after {running.SECONDS:.0f} seconds."
    return Verdict("raised", name, message, facts=tuple(facts))


def _judge_group(
    exercise: CodeExercise,
    function: Function,
    position: int,
    groups: Sequence[Group],
    ran: Sequence[running.Outcome],
    outcomes: Sequence[running.Outcome],
) -> Verdict | None:
    """The verdict when something is wrong in this group, else None."""
    group, name = groups[position], exercise.name
    for case, outcome in zip(group.cases, ran, strict=False):
        if isinstance(outcome.error, NotImplementedError):
            return exercise.not_attempted("It still raises NotImplementedError.")
        if outcome.error is not None:
            return _named_when_square(
                exercise, function, _raised(exercise, function, group, case, outcome), outcome.error
            )
    values = [outcome.value for outcome in ran]
    if any(value is ... or value is NotImplemented for value in values):
        return exercise.not_attempted("It still returns `...`.")
    if values[0] is None:
        printed = "It prints its result, which nobody can compute with. " if ran[0].printed.strip() else ""
        return Verdict("wrong", name, f"{printed}It returns nothing: end with `return`.")
    try:
        mine = [_parts(exercise, value) for value in values]
    except comparing.NotNumbers as problem:
        return Verdict("wrong", name, str(problem), facts=tuple(_hidden_inside(exercise, group, values)))
    truths = [as_tuple(exercise.reference(**case)) for case in group.cases]
    wrong = _wrong(exercise, group, mine, truths)
    if not wrong:
        return None
    return _named(exercise, group, mine, truths, wrong) or _unnamed(
        exercise, position, groups, outcomes, mine, truths, wrong
    )


def as_tuple(value: Any) -> tuple[Array, ...]:
    """A reference's results as arrays."""
    return tuple(np.asarray(part, dtype=float) for part in (value if isinstance(value, tuple) else (value,)))


def _parts(exercise: CodeExercise, value: Any) -> tuple[Array, ...]:
    """The learner's results as arrays. Raises NotNumbers."""
    names = exercise.results
    if len(names) == 1:
        if isinstance(value, tuple) and len(value) > 1 and any(_dimensions(part) > 1 for part in value):
            raise comparing.NotNumbers(f"One result is asked for, {exercise.returned[0]}, but {len(value)} came back.")
        return (comparing.as_array(value),)
    if isinstance(value, Mapping) and set(value) == set(names):
        value = tuple(value[name] for name in names)
    if inspect.isgenerator(value):
        comparing.as_array(value)
    listed = isinstance(value, tuple | list)
    if not listed or len(value) != len(names):
        came = f"{len(value)} came" if listed else "one thing came"
        asked = f"{', '.join(exercise.returned[:-1])} and {exercise.returned[-1]}"
        raise comparing.NotNumbers(f"{len(names)} results are asked for ({asked}), but {came} back.")
    unset = [label for label, part in zip(exercise.returned, value, strict=True) if part is None or part is ...]
    if unset:
        raise comparing.NotNumbers(f"{' and '.join(unset)} came back without a value.")
    return tuple(comparing.as_array(part) for part in value)


def _dimensions(part: Any) -> int:
    try:
        return np.ndim(part)
    except ValueError:  # rows of different lengths
        return 2


def _hidden_inside(exercise: CodeExercise, group: Group, values: Sequence[Any]) -> list[str]:
    """Whether a wrongly packed result has the right one inside."""
    truths = as_tuple(exercise.reference(**group.cases[0]))
    parts = list(values[0]) if isinstance(values[0], tuple | list) else [values[0]]
    found = []
    for label, truth in zip(exercise.returned, truths, strict=True):
        for part in parts:
            try:
                fit = comparing.fitted(comparing.as_array(part), truth.shape)
            except comparing.NotNumbers:
                continue
            if fit is not None and comparing.close(fit, truth):
                found.append(label)
                break
    if not found:
        return []
    if len(exercise.returned) == 1:
        return [f"It holds {found[0]}, but more than that came back."]
    return [f"Among what came back, {' and '.join(found)} {'is' if len(found) == 1 else 'are'} right."]


def _wrong(
    exercise: CodeExercise, group: Group, mine: Sequence[tuple[Array, ...]], truths: Sequence[tuple[Array, ...]]
) -> list[int]:
    """Which of the results are wrong on some case."""
    wrong = []
    for result in range(len(exercise.results)):
        for case, parts, truth in zip(group.cases, mine, truths, strict=True):
            fit = comparing.fitted(parts[result], truth[result].shape)
            if fit is None or not _right(exercise, group, case, fit, truth, result):
                wrong.append(result)
                break
    return wrong


def _right(exercise: CodeExercise, group: Group, case: Case, fit: Array, truth: tuple[Array, ...], result: int) -> bool:
    if comparing.close(fit, truth[result], exercise.tolerance):
        return True
    return group.kink and comparing.between(fit, truth[result], _gate_closed_at_0(exercise, case)[result])


def _gate_closed_at_0(exercise: CodeExercise, case: Case) -> tuple[Array, ...]:
    """The results when ReLU's derivative at 0 is 0: what lies between is right as well."""
    closed = slips.Step(lambda dA1, z1: dA1 * (z1 > 0), {"dA1": "dA1", "z1": "z1"})
    return as_tuple(tuple(slips.evaluate(exercise.results, case, {"delta1": closed})))


# --- naming it ------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def suspects(exercise: CodeExercise, group: Group) -> Suspects:
    """What the catalogue gives on these cases; kept, since a learner checks the same exercise many times."""
    truths = [as_tuple(exercise.reference(**case)) for case in group.cases]
    return Suspects(
        group.cases, exercise.results, truths,
        batch=not group.single, situation=group.situation, tolerance=exercise.tolerance,
    )  # fmt: skip


def _named(
    exercise: CodeExercise,
    group: Group,
    mine: Sequence[tuple[Array, ...]],
    truths: Sequence[tuple[Array, ...]],
    wrong: list[int],
) -> Verdict | None:
    order = _another_order(exercise, mine, truths)
    if order is not None:
        return order
    found = suspects(exercise, group).explain(mine, wrong)
    if not found:
        return None
    explained = {result for one in found for result in one.results}
    facts = _right_and_wrong_results(exercise, wrong)
    rest = [exercise.returned[result] for result in wrong if result not in explained]
    if rest:
        facts.append(f"{' and '.join(rest)}: wrong too, in some other way. Mend this first.")
    if group.when:
        facts.append(f"It shows {group.when}.")
    return slip_verdict(exercise.name, found, exercise.results, exercise.returned, facts)


def _right_and_wrong_results(exercise: CodeExercise, wrong: Sequence[int]) -> list[str]:
    """Which of several results are right and which are not."""
    names = exercise.returned
    if len(names) == 1:
        return []
    right = [name for result, name in enumerate(names) if result not in wrong]
    return [f"Not right: {', '.join(names[result] for result in wrong)}. Right: {', '.join(right) or 'none'}."]


def _another_order(
    exercise: CodeExercise, mine: Sequence[tuple[Array, ...]], truths: Sequence[tuple[Array, ...]]
) -> Verdict | None:
    if len(exercise.results) == 1:
        return None
    for order in itertools.permutations(range(len(exercise.results))):
        pairs = [(parts[at], truth[r]) for parts, truth in zip(mine, truths, strict=True) for r, at in enumerate(order)]
        fits = [(comparing.fitted(part, truth.shape), truth) for part, truth in pairs]
        if all(fit is not None and comparing.close(fit, truth, exercise.tolerance) for fit, truth in fits):
            came: list[str] = [""] * len(order)
            for r, at in enumerate(order):
                came[at] = exercise.returned[r]
            message = f"All results are right, but in another order: they came as {', '.join(came)}."
            hint = (f"Asked for are {', '.join(exercise.returned)}.",)
            return Verdict("slip", exercise.name, message, "another_order", facts=hint)
    return None


# --- facts, when there is no name -----------------------------------------------------------------


def _unnamed(
    exercise: CodeExercise,
    position: int,
    groups: Sequence[Group],
    outcomes: Sequence[running.Outcome],
    mine: Sequence[tuple[Array, ...]],
    truths: Sequence[tuple[Array, ...]],
    wrong: list[int],
) -> Verdict:
    group, result = groups[position], wrong[0]
    label = exercise.returned[result]
    said = _right_and_wrong_results(exercise, wrong)
    column = [parts[result] for parts in mine]
    right = [truth[result] for truth in truths]
    fits = [comparing.fitted(array, truth.shape) for array, truth in zip(column, right, strict=True)]
    prefix = f"{label}: " if len(wrong) > 1 or len(exercise.returned) > 1 else ""
    if any(fit is None for fit in fits):
        bad = next(n for n, fit in enumerate(fits) if fit is None)
        said += [prefix + fact for fact in comparing.shape_facts(column[bad], right[bad])]
        said += _hidden_inside(exercise, group, [list(column[0]) if column[0].ndim > right[0].ndim else column[0]])
        when = f" {group.when}" if group.when else ""
        message = f"{label} has shape {column[bad].shape}{when}; {right[bad].shape} is asked for."
        return Verdict("shape", exercise.name, message, facts=tuple(said))
    said += [prefix + fact for fact in comparing.facts([fit for fit in fits if fit is not None], right)]
    if exercise.own_facts is not None:
        pairs = enumerate(zip(column, right, strict=True))
        at = next((n for n, pair in pairs if not comparing.close(*pair, exercise.tolerance)), 0)
        outcome = outcomes[sum(len(before.cases) for before in groups[:position]) + at]
        said += exercise.own_facts(group.cases[at], column[at], outcome)
    if not group.when:
        said += _where_it_is_right(exercise, groups, outcomes)
    message = f"On ordinary inputs it is right, but not {group.when}." if position else ""
    return Verdict("wrong", exercise.name, message, facts=tuple(said))


def _where_it_is_right(
    exercise: CodeExercise, groups: Sequence[Group], outcomes: Sequence[running.Outcome]
) -> list[str]:
    """A sentence when a batch is wrong and a single example right."""
    done = 0
    for group in groups:
        ran = outcomes[done : done + len(group.cases)]
        done += len(group.cases)
        if not group.single or any(outcome.error is not None or outcome.value is None for outcome in ran):
            continue
        try:
            mine = [_parts(exercise, outcome.value) for outcome in ran]
        except comparing.NotNumbers:
            continue
        truths = [as_tuple(exercise.reference(**case)) for case in group.cases]
        if len(mine) == len(truths) and not _wrong(exercise, group, mine, truths):
            return ["For a single example (N = 1) it is right; for a batch it is not."]
    return []


def _raised(exercise: CodeExercise, function: Function, group: Group, case: Case, outcome: running.Outcome) -> Verdict:
    error = outcome.error
    assert error is not None
    shapes = ", ".join(f"{name} {value.shape}" for name, value in case.items() if isinstance(value, np.ndarray))
    text = str(error).strip().split("\n")[0][:200]
    where = running.error_line(function, error)
    facts = [
        f"In {where}." if where else "",
        f"What went in: {shapes}." if shapes else "",
        running.advice(error, list(case)),
    ]
    facts += _printed(outcome)
    when = f"{group.when[0].upper()}{group.when[1:]}: " if group.when else ""
    said = f"{type(error).__name__}: {text}" if text else type(error).__name__
    return Verdict("raised", exercise.name, f"{when}{said}", facts=tuple(fact for fact in facts if fact))


def _named_when_square(exercise: CodeExercise, function: Function, verdict: Verdict, error: BaseException) -> Verdict:
    """Shapes that do not fit hide what was meant. Where all sizes are equal they fit, and it can be named."""
    names = exercise.inputs
    if not isinstance(error, ValueError) or not {"z1", "z2", "delta2", "A1", "X", "dA1", "delta1"} & set(names):
        return verdict
    one = exercise.groups(0)[0].single
    for single in (True, False) if one else (False,):
        rng = np.random.default_rng(0)
        cases = [fixtures.network(rng, (n, n, n, 1 if single else n)) for n in (4, 5)]
        if not set(names) <= cases[0].keys():
            return verdict  # it takes something that no network has
        group = Group(tuple(fixtures.picked(case, names) for case in cases), single=single)
        named = _named_in(exercise, function, group)
        if named is not None:
            said = (f"Where all sizes are equal it runs. {named.message}", *named.facts)
            return replace(
                verdict, slip=named.slip, also=named.also, facts=(*verdict.facts, *said), details=named.details,
                latex=named.latex,
            )  # fmt: skip
    return verdict


def _named_in(exercise: CodeExercise, function: Function, group: Group) -> Verdict | None:
    """What the function does on these cases, where it can be named."""
    ran = running.run(function, group.cases, _call_style(function, exercise.inputs)[0])
    if len(ran) < len(group.cases) or any(outcome.error is not None or outcome.stopped for outcome in ran):
        return None
    try:
        mine = [_parts(exercise, outcome.value) for outcome in ran]
        truths = [as_tuple(exercise.reference(**case)) for case in group.cases]
    except (comparing.NotNumbers, ValueError):
        return None
    wrong = _wrong(exercise, group, mine, truths)
    found = suspects(exercise, group).explain(mine, wrong) if wrong else []
    return slip_verdict(exercise.name, found, exercise.results, exercise.returned) if found else None


# --- what else was noticed ------------------------------------------------------------------------


def _shape_remarks(exercise: CodeExercise, case: Case, outcome: running.Outcome) -> list[str]:
    said = []
    truths = as_tuple(exercise.reference(**case))
    for label, part, truth in zip(exercise.returned, _parts(exercise, outcome.value), truths, strict=True):
        if part.shape != truth.shape and truth.size > 1:
            spread = ""
            if truth.ndim == 2 and truth.shape[1] == 1 and part.ndim == 1:
                square = (truth.shape[0], truth.shape[0])
                spread = f" `keepdims=True` keeps the axis. Taken off a column, {part.shape} would spread to {square}."
            said.append(f"{label} has shape {part.shape}; with {truth.shape} the numbers are the same.{spread}")
    return said


def _touched(
    outcomes: Sequence[running.Outcome], exercise: CodeExercise, cases: Sequence[Case], right: bool
) -> list[str]:
    """Side effects: inputs changed, memory shared with them, much printed."""
    said = []
    changed = sorted({name for outcome in outcomes for name in outcome.changed})
    if changed:
        names = " and ".join(changed)
        said.append(
            f"Your function changes {names} in place: whoever called it has lost the old values. Work on a copy."
        )
    elif right:
        own = running.run(exercise.reference, cases[:1], by_name=True)[0].shared
        shared = [name for name in outcomes[0].shared if name not in own]
        if shared:
            said.append(f"The result is a view of {' and '.join(shared)}: changing one later changes the other.")
    if outcomes and len(outcomes[0].printed) > running.PRINTED:
        said.append("It prints a great deal; only the beginning was kept.")
    elif outcomes and outcomes[0].printed.strip() and not right:
        said += _printed(outcomes[0])
    return said


def _printed(outcome: running.Outcome) -> list[str]:
    lines = outcome.printed.strip().splitlines()
    if not lines:
        return []
    shown = "\n".join(line[:120] for line in lines[:6])
    return [f"It printed, in its first call:\n{shown}" + ("\n..." if len(lines) > 6 else "")]


def _alike(first: Any, second: Any) -> bool:
    try:
        pairs = zip(_flat(first), _flat(second), strict=True)
        return all(a.shape == b.shape and comparing.close(a, b) for a, b in pairs)
    except (comparing.NotNumbers, ValueError):
        return True


def _flat(value: Any) -> list[Array]:
    return [comparing.as_array(part) for part in (value if isinstance(value, tuple) else (value,))]
