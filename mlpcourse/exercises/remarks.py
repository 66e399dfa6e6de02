"""What is noticed beside the numbers: shapes, side effects, what was printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy.typing as npt

from mlpcourse.exercises import running
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.results import as_tuple, read_results
from mlpcourse.exercises.verdict import Verdict, listed

if TYPE_CHECKING:
    from mlpcourse.exercises.code import CodeExercise
    from mlpcourse.exercises.trials import Trial


Array = npt.NDArray[Any]

# Results that are taken off a parameter, or take its place: another shape spreads, or breaks the next step.
OF_A_PARAMETER = {"dw1", "db1", "dw2", "db2", "w1_new", "b1_new", "w2_new", "b2_new", "w1_decayed", "w2_decayed"}

KEEP = "A sum along an axis drops that axis; with `keepdims=True` it stays, with length 1."


def _spreads(part: tuple[int, ...], column: tuple[int, ...]) -> str:
    return f"Taken off a column of shape {column}, {part} spreads to {(column[0], column[0])}, without an error."


def shape_of_a_parameter(
    exercise: CodeExercise, when: str, mine: Sequence[tuple[Array, ...]], truths: Sequence[tuple[Array, ...]]
) -> Verdict | None:
    """The verdict on right numbers in another shape than that of the parameter that they belong to.

    For the functions that training calls. One gradient by itself is right with a remark, and does not join the network.
    """
    if len(exercise.results) == 1:
        return None
    for result, node in enumerate(exercise.results):
        for parts, truth in zip(mine, truths, strict=True):
            part, asked = parts[result], truth[result].shape
            if node not in OF_A_PARAMETER or part.shape == asked:
                continue
            name, facts = "not_the_parameters_shape", list[str]()
            if asked[1] == 1 and part.shape == asked[:1]:
                name = "lost_keepdims"
                facts += [KEEP, _spreads(part.shape, asked)]
            label = exercise.returned[result]
            given = f"{label} has shape {part.shape}{f' {when}' if when else ''}"
            message = f"The numbers are right, but {given}, and its parameter {asked}."
            ask = f"What shape comes out where {label} meets its parameter?"
            return Verdict("shape", exercise.name, message, name, facts=tuple(facts), question=ask)
    return None


# --- what else was noticed ------------------------------------------------------------------------


def about_shapes(exercise: CodeExercise, case: Case, outcome: running.Outcome) -> list[str]:
    """A sentence on each result whose numbers are right in a shape that differs."""
    said = []
    truths = as_tuple(exercise.reference(**case))
    for label, part, truth in zip(
        exercise.returned, read_results(outcome.value, exercise.results, exercise.returned), truths, strict=True
    ):
        if part.shape != truth.shape and truth.size > 1:
            said.append(f"{label} has shape {part.shape}; with {truth.shape} the numbers are the same.")
            if part.shape == truth.shape[:1] and truth.shape[1] == 1:
                said.append(f"{KEEP} {_spreads(part.shape, truth.shape)}")
    return said


def about_effects(trial: Trial, right: bool) -> list[str]:
    """Side effects: inputs changed, memory shared with them, much printed."""
    said = []
    outcomes = trial.outcomes
    changed = sorted({name for outcome in outcomes for name in outcome.changed})
    if changed:
        names = listed(changed)
        said.append(
            f"Your function changes {names} in place: whoever called it has lost the old values. Work on a copy."
        )
    elif right:
        own = running.run(trial.exercise.reference, trial.cases[:1], by_name=True)[0].shared
        shared = [name for name in outcomes[0].shared if name not in own]
        if shared:
            said.append(f"The result is a view of {listed(shared)}: changing one later changes the other.")
    if outcomes and len(outcomes[0].printed) > running.PRINTED:
        said.append("It prints a great deal; only the beginning was kept.")
    elif outcomes and outcomes[0].printed.strip() and not right:
        said += printed(outcomes[0])
    return said


def printed(outcome: running.Outcome) -> list[str]:
    """What the function printed in its first call, cut short."""
    lines = outcome.printed.strip().splitlines()
    if not lines:
        return []
    shown = "\n".join(line[:120] for line in lines[:6])
    return [f"It printed, in its first call:\n{shown}" + ("\n..." if len(lines) > 6 else "")]
