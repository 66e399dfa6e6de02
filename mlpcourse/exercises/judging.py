"""Judging a learner's function: run on every case, compared, and where it is wrong diagnosed in layers.

1. the catalogue, and what the graph of steps generates: one mistake that explains every wrong result;
2. the place: one small change of the learner's own code that makes everything right;
3. several mistakes at once, result by result; 4. facts that are true of every case.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import inspect
import itertools
import linecache
import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, errors, fixtures, graph, locate, running, trials
from mlpcourse.exercises.diagnosis import Explained, Suspects
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.placeholder import untouched
from mlpcourse.exercises.remarks import about_effects, about_shapes, printed, shape_of_a_parameter
from mlpcourse.exercises.results import as_tuple, hidden_inside
from mlpcourse.exercises.slips import Candidate
from mlpcourse.exercises.trials import Trial, alike, calls, is_right, read_answer, true_results, wrong_results
from mlpcourse.exercises.verdict import Verdict, listed
from mlpcourse.exercises.wording import (
    capitalised,
    located_verdict,
    right_and_wrong_results,
    slip_verdict,
    uncapitalised,
)

if TYPE_CHECKING:
    from mlpcourse.exercises.code import CodeExercise

Array = npt.NDArray[Any]
Function = Callable[..., Any]


def judge(exercise: CodeExercise, function: Any, groups: Sequence[Group], began: float) -> Verdict:
    """The verdict on a function, from these cases. began: the processor's time when the check did."""
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
    outcomes = running.run(function, calls(groups), by_name)
    if outcomes[-1].stopped:
        return _stopped(name, outcomes)
    trial = Trial(exercise, function, by_name, groups, outcomes, began)
    unsteady = _unsteady(trial)
    for position in range(len(groups)):
        verdict = _judge_group(trial, position, located=unsteady is None)
        if verdict is None:
            continue
        if verdict.kind == "not attempted":
            return verdict
        if unsteady is not None and verdict.kind in ("wrong", "shape"):
            verdict = unsteady
        noticed = [] if verdict.kind == "slip" else running.outside(function, exercise.reference)
        return replace(verdict, facts=(*verdict.facts, *noticed, *about_effects(trial, right=False)))
    if unsteady is not None:
        return replace(unsteady, facts=(*unsteady.facts, *about_effects(trial, right=False)))
    remarks = [*about_shapes(exercise, trial.cases[0], outcomes[0]), *about_effects(trial, right=True)]
    if exercise.remarks is not None:
        remarks += exercise.remarks(trial.cases, outcomes, function)
    return Verdict("right", name, "One remark:" if remarks else "", facts=tuple(remarks))


def _call_style(function: Function, names: Sequence[str]) -> tuple[bool, str]:
    """Whether to call by name, and what is wrong with the arguments, or ""."""
    try:
        signature = inspect.signature(function)
    except (ValueError, TypeError):
        return False, ""
    has = list(signature.parameters)
    named = set(names) <= set(has) and has[: len(names)] != list(names)
    for by_name in (named, not named):
        with contextlib.suppress(TypeError):
            signature.bind(**dict.fromkeys(names)) if by_name else signature.bind(*names)
            return by_name, ""
    number = f"{len(names)} argument{'s' * (len(names) > 1)}"
    return False, f"It must take {number}, ({', '.join(names)}), but it takes ({', '.join(has)})."


def _kind(thing: Any) -> str:
    word = type(thing).__name__
    return f"an {word}" if word[0] in "aeiou" else f"a {word}"


def _stopped(name: str, outcomes: Sequence[running.Outcome]) -> Verdict:
    if outcomes[-1].stopped == "interrupt":
        return Verdict("cannot check", name, "You stopped the check.")
    done = len(outcomes) - 1
    facts = ["Look for a loop whose condition never becomes false, or one that goes over far too much."]
    if done:
        calls = "call" if done == 1 else "calls"
        facts = [f"{done} {calls} came to an end, so it is slow rather than endless. Does it draw, wait or print?"]
    message = f"Your function was stopped after {running.SECONDS:.0f} seconds."
    return Verdict("raised", name, message, facts=(*facts, *printed(outcomes[-1])))


def _unsteady(trial: Trial) -> Verdict | None:
    """The verdict on a function that does not answer the same when it is called with the same inputs twice in a row."""
    count = len(trial.cases)
    repeated = trial.outcomes[count:]  # the last case once more, then the first
    if not repeated:
        return None
    if all(one.error is None for one in repeated) and all(
        alike(one.value, two.value)
        for one, two in zip(repeated, (trial.outcomes[count - 1], trial.outcomes[0]), strict=False)
    ):
        return None
    message = "Called twice with the same arguments, it does not answer the same."
    facts = ("Is something kept from one call to the next, or drawn at random?",)
    return Verdict("wrong", trial.exercise.name, message, facts=facts)


def _judge_group(trial: Trial, position: int, located: bool) -> Verdict | None:
    """The verdict when something is wrong in this group, else None."""
    exercise, group, ran = trial.exercise, trial.groups[position], trial.ran(position)
    for case, outcome in zip(group.cases, ran, strict=False):
        if isinstance(outcome.error, NotImplementedError):
            return exercise.not_attempted("It still raises NotImplementedError.")
        if outcome.error is not None:
            return _raised(trial, position, case, outcome)
    values = [outcome.value for outcome in ran]
    if any(value is ... or value is NotImplemented for value in values):
        return exercise.not_attempted("It still returns `...`.")
    if values[0] is None:
        said = "It prints, and nobody can compute with what is printed. " if ran[0].printed.strip() else ""
        return Verdict("wrong", exercise.name, f"{said}It returns nothing: end with `return`.", "nothing_returned")
    truths = true_results(exercise, group)
    try:
        mine = [read_answer(exercise, value) for value in values]
    except comparing.NotNumbers as problem:
        inside = hidden_inside(exercise.returned, truths[0], values[0])
        return Verdict("wrong", exercise.name, str(problem), "not_what_is_asked_for", facts=tuple(inside))
    wrong = wrong_results(exercise, group, mine, truths)
    if not wrong:
        return shape_of_a_parameter(exercise, group.when, mine, truths)
    return _diagnosed(trial, position, mine, wrong, located)


def _diagnosed(
    trial: Trial, position: int, mine: Sequence[tuple[Array, ...]], wrong: list[int], located: bool
) -> Verdict:
    """The verdict on wrong numbers: the first layer that explains them."""
    exercise, group = trial.exercise, trial.groups[position]
    order = _another_order(exercise, mine, true_results(exercise, group))
    if order is not None:
        return order
    one_array = _one_array_for_two(trial, position, wrong)
    if one_array is not None:
        return one_array
    known = suspects(exercise, group)
    facts = right_and_wrong_results(exercise.returned, wrong)
    when = [f"It shows {group.when}."] if group.when else []
    holds = _holds(trial, position)
    one = known.one_mistake(mine, wrong, holds)
    if one is not None:
        if group.single and any(candidate.slip.has_constant for candidate in one.slips):
            when = []  # how far a small number shows is no matter of how many examples there are
        return slip_verdict(
            exercise.name,
            [one],
            exercise.results,
            exercise.returned,
            [*facts, *when],
            _for_batches(exercise),
        )
    search = _search(trial, position) if located else None
    places = search.places(_nodes(trial, position), trial.until(0)) if search is not None else []
    whole = len(places) == 1 and len(places[0].results) == len(exercise.results)
    several = [] if whole else known.several_mistakes(mine, wrong, holds, trial.until(1))
    explained = {result for one in several for result in one.results}
    rest = [exercise.returned[result] for result in wrong if result not in explained]
    if search is not None and not whole and rest:
        lines = search.lines(_nodes(trial, position), trial.until(2))
        places, whole = (lines, True) if lines else (places, False)
    if several and not whole:
        if rest:
            facts.append(f"{capitalised(listed(rest))}: wrong too. Mend this first, then check again.")
        return slip_verdict(
            exercise.name,
            several,
            exercise.results,
            exercise.returned,
            [*facts, *when],
            _for_batches(exercise),
        )
    unnamed = _unnamed(trial, position, mine, wrong)
    if not places:
        return unnamed
    said = [unnamed.message] if position and unnamed.message else []
    told = list(unnamed.facts)
    if not any(re.search(r"round|float|\de-|\.0\d", place.source) for place in places):
        told = [fact for fact in told if not fact.endswith(comparing.ALL_CLOSE)]  # it asks for what is not there
    return located_verdict(exercise.name, places, exercise.returned, [*said, *told])


def _one_array_for_two(trial: Trial, position: int, wrong: list[int]) -> Verdict | None:
    """Whether a wrong result is the array of a later one that is right: that was written into it."""
    name, returned, values = trial.exercise.name, trial.exercise.returned, trial.ran(position)[0].value
    if not isinstance(values, tuple | list) or len(values) != len(returned):
        return None
    for first, second in itertools.combinations(range(len(values)), 2):
        if first not in wrong or second in wrong or not np.may_share_memory(values[first], values[second]):
            continue
        said = f"`{returned[first]}` and `{returned[second]}` are one array: what is written into the one is in both."
        ask = "Which line, or which function called there, writes into its argument instead of making a new array?"
        facts = right_and_wrong_results(returned, wrong)
        return Verdict("slip", name, said, "one_array_for_two", facts=tuple(facts), question=ask)
    return None


# --- naming and locating it -------------------------------------------------------------------------


@functools.lru_cache(maxsize=256)
def suspects(exercise: CodeExercise, group: Group) -> Suspects:
    """What the catalogue gives on these cases; kept, since a learner checks the same exercise many times."""
    return Suspects(
        group.cases, exercise.results, true_results(exercise, group),
        batch=not group.single, situation=group.situation, tolerance=exercise.tolerance,
    )  # fmt: skip


def _in_turn(trial: Trial, position: int) -> list[tuple[Group, Case, tuple[Array, ...]]]:
    """All cases with what is right, those of this group first, for they show the mistake."""
    here = trial.groups[position]
    groups = [here, *(group for group in trial.groups if group is not here)]
    return [
        (group, *pair)
        for group in groups
        for pair in zip(group.cases, true_results(trial.exercise, group), strict=True)
    ]


SPARE = 4  # further draws, on which a name is tried before it is said


@functools.lru_cache(maxsize=256)
def _spare_cases(exercise: CodeExercise, position: int, seed: int = 0) -> tuple[Case, ...]:
    """Cases like those of a group, drawn as they come; in every second one z1 is small, so that rounding shows."""
    rng = np.random.default_rng([seed, position, *exercise.name.encode()])
    with fixtures.unvetted():
        groups = [exercise.draw(rng)[position] for _ in range(SPARE)]
    cases = [dict(case) for group in groups for case in group.cases[:2]]
    for case in cases[::2]:
        case.update({name: 0.03 * case[name] for name in ("w1", "b1", "z1") if name in case})
    return tuple(cases)


@functools.lru_cache(maxsize=256)
def _spare_suspects(exercise: CodeExercise, position: int) -> Suspects:
    cases = _spare_cases(exercise, position)
    truths = [as_tuple(exercise.reference(**case)) for case in cases]
    return Suspects(cases, exercise.results, truths, batch=False, situation=" ", tolerance=ROUGHLY)


ROUGHLY = 1e-3  # on cases that nobody chose, rounding may show


def _on_spare_cases(trial: Trial, position: int) -> list[tuple[Array, ...] | None]:
    """What the function gives on further cases; None where it raises, is no answer, or has taken long already."""
    cases = _spare_cases(trial.exercise, position)
    mine: list[tuple[Array, ...] | None] = []
    for ran in running.run(trial.function, cases, trial.by_name, len(trial.outcomes), past_errors=trials.SECONDS):
        try:
            mine.append(None if ran.error is not None or ran.stopped else read_answer(trial.exercise, ran.value))
        except comparing.NotNumbers:
            mine.append(None)
    return mine + [None] * (len(cases) - len(mine))


def _holds(trial: Trial, position: int) -> Callable[[Explained], bool]:
    """Whether an explanation is so on further cases too: a name that fits by chance does not fit for long."""
    on_spare_cases = functools.cache(lambda: _on_spare_cases(trial, position))

    def holds(one: Explained) -> bool:
        known = _spare_suspects(trial.exercise, position)
        unchanged = any(set(done.step.takes.values()) == {done.node.removesuffix("_new")} for done in one.slips)
        if unchanged and not _left_alone(trial, one.results):
            return False
        if running.is_formula(trial.function) and any(_stands_there(done) for done in one.slips):
            return False
        return all(
            parts is None or known.gives_on(number, parts[result], result, one.slips, one.generics)
            for number, parts in enumerate(on_spare_cases())
            for result in one.results
        )

    return holds


def _stands_there(done: Candidate) -> bool:
    """Whether the formula that was just read holds what the slip's words say is missing."""
    tree = ast.parse("".join(linecache.getlines(running.FORMULA)))
    there = {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}
    there |= {"gate"} if any(isinstance(part, ast.Compare) for part in ast.walk(tree)) else set()
    return not there.isdisjoint(done.slip.text("without", done.node).split())


def _left_alone(trial: Trial, results: Sequence[int]) -> bool:
    """Whether these results do not depend on the labels: a step of a bias along 0, as a sum of delta2 is, may hide."""
    case = trial.cases[0]
    cases = [{**case, "y": scaled * case["y"]} for scaled in (1, 2)]
    try:
        one, two = (read_answer(trial.exercise, ran.value) for ran in running.run(trial.function, cases, trial.by_name))
    except (comparing.NotNumbers, ValueError):
        return True
    return all(alike(one[result], two[result]) for result in results)


def _right_on_spare_cases(trial: Trial, position: int) -> bool:
    exercise, group = trial.exercise, trial.groups[position]
    pairs = zip(_spare_cases(exercise, position), _on_spare_cases(trial, position), strict=True)
    return all(
        parts is not None
        and not wrong_results(
            exercise, Group((case,), kink=group.kink), [parts], [as_tuple(exercise.reference(**case))]
        )
        for case, parts in pairs
    )


def _search(trial: Trial, position: int) -> locate.Search | None:
    """The search for the place of a mistake, where the function may be searched."""
    exercise, cases = trial.exercise, _in_turn(trial, position)

    def right(number: int, value: Any) -> tuple[bool, ...]:
        group, case, truth = cases[number]
        try:
            mine = read_answer(exercise, value)
        except comparing.NotNumbers:
            return (False,) * len(truth)
        return tuple(is_right(exercise, group, case, mine, truth, result) for result in range(len(truth)))

    inputs = [case for _, case, _ in cases]
    return locate.search(
        trial.function, inputs, len(trial.groups[position].cases), trial.by_name, right, exercise.results,
        exercise.reference,
    )  # fmt: skip


def _nodes(trial: Trial, position: int) -> Callable[[int], dict[str, Array]]:
    """For the number of a case, in the order of ``_in_turn``, the network's arrays."""
    cases = [case for _, case, _ in _in_turn(trial, position)]
    return functools.cache(lambda number: graph.every_node(cases[number], trial.exercise.results))


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


# --- what raised ------------------------------------------------------------------------------------


def _raised(trial: Trial, position: int, case: Case, outcome: running.Outcome) -> Verdict:
    exercise, function, group, error = trial.exercise, trial.function, trial.groups[position], outcome.error
    assert error is not None
    shapes = ", ".join(f"{name} {value.shape}" for name, value in case.items() if isinstance(value, np.ndarray))
    text = str(error).strip().split("\n")[0][:200]
    where, renamed = errors.error_line(function, error), running.renamed(function)
    meant = errors.Meaning("", "", "") if renamed else errors.meaning(function, error, list(case))
    said = f"{type(error).__name__}: {text}".removesuffix(": ").removesuffix(".")
    when = f"It shows {group.when}." if group.when else ""
    facts = [*renamed, f"In {where}." if where else "", f"Python says: {said}." if meant.said else "", when,
             f"What went in: {shapes}." if shapes else "", *printed(outcome)]  # fmt: skip
    verdict = Verdict(
        "raised", exercise.name, meant.said or f"{said}.", meant.name or None,
        facts=tuple(fact for fact in facts if fact), question=meant.ask,
    )  # fmt: skip
    if renamed or "setting an array element" in text or isinstance(error, ImportError | SyntaxError):
        return verdict
    named = _named_when_square(trial, error)
    if named is not None:
        ran = f"The likely mistake: {uncapitalised(named.message)}"
        return replace(
            verdict, slip=named.slip, also=named.also, facts=(*verdict.facts, ran, *named.facts), details=named.details,
            latex=named.latex, question=named.question,
        )  # fmt: skip
    search = _search(trial, position)
    places = search.places(_nodes(trial, position), trial.until(0)) if search is not None else []
    if search is not None and not places:
        places = search.lines(_nodes(trial, position), trial.until(2))
    if not places:
        return verdict
    asked = verdict.question if verdict.question != errors.TURNED else ""  # the place has its own question about this
    seen = f"{verdict.message} {asked}".strip()
    return located_verdict(exercise.name, places, exercise.returned, [seen, *verdict.facts])


def _named_when_square(trial: Trial, error: BaseException) -> Verdict | None:
    """Shapes that do not fit hide what was meant. Where all sizes are equal they fit, and it can be named."""
    exercise, names = trial.exercise, trial.exercise.inputs
    if not isinstance(error, ValueError) or not {"z1", "z2", "delta2", "A1", "X", "dA1", "delta1"} & set(names):
        return None
    for single in (True, False) if exercise.groups(0)[0].single else (False,):
        square = _square(names, single)
        named = _named_in(trial, square) if square is not None else None
        if named is not None:
            return named
    return None


@functools.cache
def _square(names: tuple[str, ...], single: bool) -> Group | None:
    """Two cases in which all sizes are equal; None where something is taken that no network has."""
    rng = np.random.default_rng(0)
    cases = [fixtures.network(rng, (n, n, n, 1 if single else n)) for n in (4, 5)]
    if not set(names) <= cases[0].keys():
        return None
    return Group(tuple(fixtures.picked(case, names) for case in cases), single=single)


def _named_in(trial: Trial, group: Group) -> Verdict | None:
    """What the function does on these cases, where it can be named."""
    exercise = trial.exercise
    ran = running.run(trial.function, group.cases, trial.by_name)
    if len(ran) < len(group.cases) or any(outcome.error is not None or outcome.stopped for outcome in ran):
        return None
    try:
        mine = [read_answer(exercise, outcome.value) for outcome in ran]
        truths = true_results(exercise, group)
    except (comparing.NotNumbers, ValueError):
        return None
    wrong = wrong_results(exercise, group, mine, truths)
    known = suspects(exercise, group)
    one = known.one_mistake(mine, wrong) if wrong else None
    found = [one] if one is not None else known.several_mistakes(mine, wrong, end=trial.until(0)) if wrong else []
    if not found:
        return None
    order = list(graph.STEPS).index  # the earliest step comes first: it is what did not fit
    found = [one._replace(slips=tuple(sorted(one.slips, key=lambda known: order(known.node)))) for one in found]
    return slip_verdict(exercise.name, found, exercise.results, exercise.returned, (), _for_batches(exercise))


def _for_batches(exercise: CodeExercise) -> bool:
    """Whether its result is derived for a batch, in lesson 09, and not for one example only."""
    return not exercise.see or exercise.see.startswith("batch_")


# --- facts, when there is no name -----------------------------------------------------------------


def _unnamed(trial: Trial, position: int, mine: Sequence[tuple[Array, ...]], wrong: list[int]) -> Verdict:
    exercise, group, result = trial.exercise, trial.groups[position], wrong[0]
    label, truths = exercise.returned[result], true_results(exercise, group)
    said = right_and_wrong_results(exercise.returned, wrong)
    column, right = [parts[result] for parts in mine], [truth[result] for truth in truths]
    fits = [comparing.fitted(array, truth.shape) for array, truth in zip(column, right, strict=True)]
    prefix = f"{label}: " if len(exercise.returned) > 1 else ""
    if any(fit is None for fit in fits):
        bad = next(n for n, fit in enumerate(fits) if fit is None)
        counted = comparing.what_is_counted(column[bad], right[bad], group.cases[bad])
        name, seen, ask = counted if counted is not None else (None, "", "")
        said += [prefix + fact for fact in ([] if name else comparing.shape_facts(column[bad], right[bad]))]
        packed = list(column[0]) if column[0].ndim > right[0].ndim else column[0]
        said += hidden_inside(exercise.returned, truths[0], packed)
        when = f" {group.when}" if group.when else ""
        message = f"{label} has shape {column[bad].shape}{when}; {right[bad].shape} is asked for."
        return Verdict("shape", exercise.name, f"{message} {seen}".strip(), name, facts=tuple(said), question=ask)
    said += [prefix + fact for fact in comparing.facts([fit for fit in fits if fit is not None], right)]
    if exercise.own_facts is not None:
        pairs = enumerate(zip(column, right, strict=True))
        at = next((n for n, pair in pairs if not comparing.close(*pair, exercise.tolerance)), 0)
        said += exercise.own_facts(group.cases[at], column[at], trial.ran(position)[at])
    if not group.when:
        said += _where_it_is_right(trial)
    alone = len(exercise.returned) == 1 and not group.when
    alike = alone and comparing.all_alike(column) and _unsteady(trial) is None
    more = _on_spare_cases(trial, position) if alike else []
    if more and comparing.all_alike([*column, *(parts[0] for parts in more if parts is not None)]):
        every = "Every entry is the same number" if column[0].size > 1 else "The same number comes out"
        message = f"{every}, whatever goes in."
        hint = f"Which of {', '.join(exercise.inputs)} should it depend on, and how?"
        return Verdict("slip", exercise.name, message, "same_whatever_goes_in", facts=tuple(said), question=hint)
    message = f"On ordinary inputs it is right, but not {group.when}." if position else ""
    noticed = exercise.noticed(group.cases[0], trial.ran(position)[0]) if exercise.noticed is not None else None
    if noticed is not None:
        name, seen, hint = noticed
        return Verdict("slip", exercise.name, f"{message} {seen}".strip(), name, facts=tuple(said), question=hint)
    return Verdict("wrong", exercise.name, message, facts=tuple(said))


def _where_it_is_right(trial: Trial) -> list[str]:
    """A sentence when a batch is wrong and single examples, that could have shown it, are right."""
    exercise = trial.exercise
    for position, group in enumerate(trial.groups):
        ran = trial.ran(position)
        if not group.single or len(ran) < len(group.cases) or any(o.error is not None or o.value is None for o in ran):
            continue
        try:
            mine = [read_answer(exercise, outcome.value) for outcome in ran]
        except comparing.NotNumbers:
            continue
        truths = true_results(exercise, group)
        telling = len({tuple(np.concatenate(truth, axis=None).round(9)) for truth in truths}) > 1
        if telling and not wrong_results(exercise, group, mine, truths) and _right_on_spare_cases(trial, position):
            return ["For a single example (N = 1) it is right; for a batch it is not."]
    return []
