"""What is noticed beside the numbers: shapes, side effects, what was printed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlpcourse.exercises import running
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.results import as_tuple, read_results

if TYPE_CHECKING:
    from mlpcourse.exercises.code import CodeExercise
    from mlpcourse.exercises.judging import Trial


# --- what else was noticed ------------------------------------------------------------------------


def about_shapes(exercise: CodeExercise, case: Case, outcome: running.Outcome) -> list[str]:
    """A sentence on each result whose numbers are right in a shape that differs."""
    said = []
    truths = as_tuple(exercise.reference(**case))
    for label, part, truth in zip(
        exercise.returned, read_results(outcome.value, exercise.results, exercise.returned), truths, strict=True
    ):
        if part.shape != truth.shape and truth.size > 1:
            spread = ""
            if truth.ndim == 2 and truth.shape[1] == 1 and part.ndim == 1:
                square = (truth.shape[0], truth.shape[0])
                spread = f" `keepdims=True` keeps the axis. Taken off a column, {part.shape} would spread to {square}."
            said.append(f"{label} has shape {part.shape}; with {truth.shape} the numbers are the same.{spread}")
    return said


def about_effects(trial: Trial, right: bool) -> list[str]:
    """Side effects: inputs changed, memory shared with them, much printed."""
    said = []
    outcomes = trial.outcomes
    changed = sorted({name for outcome in outcomes for name in outcome.changed})
    if changed:
        names = " and ".join(changed)
        said.append(
            f"Your function changes {names} in place: whoever called it has lost the old values. Work on a copy."
        )
    elif right:
        own = running.run(trial.exercise.reference, trial.cases[:1], by_name=True)[0].shared
        shared = [name for name in outcomes[0].shared if name not in own]
        if shared:
            said.append(f"The result is a view of {' and '.join(shared)}: changing one later changes the other.")
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
