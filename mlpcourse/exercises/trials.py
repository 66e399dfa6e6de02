"""A learner's function on its cases: what it is called with, what it gave, and which of its results are right."""

from __future__ import annotations

import functools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, graph, running
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.remarks import shape_of_a_parameter
from mlpcourse.exercises.results import as_tuple, read_results

if TYPE_CHECKING:
    from mlpcourse.exercises.code import CodeExercise

Array = npt.NDArray[Any]
Function = Callable[..., Any]

SECONDS = 0.3  # of processor time, after which no further explanation is looked for
# When of it end the searches for small changes, for several slips and for wrong lines, and what each has at least.
SHARES = ((0.5, 0.3), (0.8, 0.1), (1.0, 0.2))


@dataclass(frozen=True, eq=False)
class Trial:
    """A learner's function, and what it gave on every case of the groups, in order.

    began: the processor's time when the check began.
    """

    exercise: CodeExercise
    function: Function
    by_name: bool
    groups: Sequence[Group]
    outcomes: Sequence[running.Outcome]
    began: float = 0.0

    def until(self, share: int) -> float:
        """The processor's time when one of the searches ends that begins now."""
        whole, least = SHARES[share]
        return max(self.began + SECONDS * whole, time.process_time() + SECONDS * least)

    @property
    def cases(self) -> list[Case]:
        """The cases of all groups."""
        return [case for group in self.groups for case in group.cases]

    def ran(self, position: int) -> Sequence[running.Outcome]:
        """What was given on the cases of one group, as far as it came."""
        before = sum(len(group.cases) for group in self.groups[:position])
        return self.outcomes[before : before + len(self.groups[position].cases)]


def calls(groups: Sequence[Group]) -> list[Case]:
    """What a check calls a function with, in that order: each case, then the last and the first once more.

    Two calls in a row with the same inputs show what is kept from one call to the next.
    """
    cases = [case for group in groups for case in group.cases]
    return [*cases, cases[-1], cases[0]]


@functools.lru_cache(maxsize=512)
def true_results(exercise: CodeExercise, group: Group) -> list[tuple[Array, ...]]:
    return [as_tuple(exercise.reference(**case)) for case in group.cases]


def read_answer(exercise: CodeExercise, value: Any) -> tuple[Array, ...]:
    return read_results(value, exercise.results, exercise.returned)


def wrong_results(
    exercise: CodeExercise, group: Group, mine: Sequence[tuple[Array, ...]], truths: Sequence[tuple[Array, ...]]
) -> list[int]:
    """Which of the results are wrong on some case."""
    results = range(len(exercise.results))
    triples = list(zip(group.cases, mine, truths, strict=True))
    return [
        r for r in results if not all(is_right(exercise, group, case, mine, truth, r) for case, mine, truth in triples)
    ]


def is_right(
    exercise: CodeExercise, group: Group, case: Case, mine: tuple[Array, ...], truth: tuple[Array, ...], result: int
) -> bool:
    fit = comparing.fitted(mine[result], truth[result].shape)
    if fit is None:
        return False
    if comparing.close(fit, truth[result], exercise.tolerance):
        return True
    return group.kink and comparing.between(fit, truth[result], _gate_closed_at_0(exercise, case)[result])


def _gate_closed_at_0(exercise: CodeExercise, case: Case) -> tuple[Array, ...]:
    """The results when ReLU's derivative at 0 is 0: what lies between is right as well."""
    closed = graph.Step(lambda dA1, z1: dA1 * (z1 > 0), {"dA1": "dA1", "z1": "z1"})
    return as_tuple(tuple(graph.evaluate(exercise.results, case, {"delta1": closed})))


def all_right(exercise: CodeExercise, groups: Sequence[Group], values: Sequence[Any]) -> bool:
    """Whether these are right results of ``calls(groups)``, and the same inputs gave the same."""
    at = 0
    for group in groups:
        mine = values[at : at + len(group.cases)]
        at += len(group.cases)
        truths = true_results(exercise, group)
        if _plainly_right(mine, truths, exercise.tolerance):
            continue
        try:
            read = [read_answer(exercise, value) for value in mine]
            if len(read) < len(group.cases) or wrong_results(exercise, group, read, truths):
                return False
            if shape_of_a_parameter(exercise, group.when, read, truths) is not None:
                return False
        except comparing.NotNumbers:
            return False
    return len(values) == at + 2 and alike(values[at - 1], values[at]) and alike(values[0], values[at + 1])


def _plainly_right(mine: Sequence[Any], truths: Sequence[tuple[Array, ...]], tolerance: float) -> bool:
    """Whether all numbers of all cases, in the shapes asked for, are right each by itself.

    Nearly every right answer is: this takes one comparison in place of one for every case.
    """
    tuples = [value if isinstance(value, tuple) else (value,) for value in mine]
    shapes = [[type(part) is np.ndarray and part.shape for part in parts] for parts in tuples]
    if shapes != [[part.shape for part in truth] for truth in truths]:
        return False
    one, other = (np.concatenate(sum(listed, ()), axis=None) for listed in (tuples, truths))
    if one.dtype != np.float64:
        return False
    return bool((np.abs(one - other) <= tolerance * np.abs(other)).all())


def alike(first: Any, second: Any) -> bool:
    plain = all(type(one) is np.ndarray and one.dtype != object for one in (first, second))
    if plain and np.array_equal(first, second):
        return True
    try:
        pairs = zip(_flat(first), _flat(second), strict=True)
        return all(a.shape == b.shape and comparing.close(a, b) for a, b in pairs)
    except (comparing.NotNumbers, ValueError):
        return True


def _flat(value: Any) -> list[Array]:
    return [comparing.as_array(part) for part in (value if isinstance(value, tuple) else (value,))]
