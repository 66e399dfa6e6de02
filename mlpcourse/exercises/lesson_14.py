"""The exercises of lesson 14, choose the step, in their order."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.numbers import NumberExercise

Array = npt.NDArray[Any]


def _draw_errors(rng: np.random.Generator) -> Case:
    """In thousandths. As on the page, the central difference is the better one, and not twice as good alone."""
    h = float(rng.choice([0.1, 0.2, 0.02, 0.04]))
    error_forward, error_central = rng.integers(12, 100) / 5, rng.integers(2, 20) / 2.5
    if not 2.2 < error_forward / error_central < 20:
        return _draw_errors(rng)
    return {"error_forward": float(error_forward), "error_central": float(error_central), "h": h, "h_new": h / 2}


def _errors_text(case: Case) -> str:
    return (
        f"With the step h = {case['h']:g} the errors, in thousandths, are {case['error_forward']:g} (forward) and "
        f"{case['error_central']:g} (central). Now the step is {case['h_new']:g}. (Rounding does not matter yet.)"
    )


def _factors_seen(case: Case, mine: Array) -> tuple[str, str, str]:
    """How the errors have changed in these numbers."""
    forward, central = mine.ravel() / [case["error_forward"], case["error_central"]]
    said = f"Yours are {forward:.3g} times the old forward error and {central:.3g} times the old central one."
    return "", said, "Which power of one half should each of the two factors be?"


step_size_by_hand = NumberExercise(
    "step_size_by_hand",
    14,
    "How good is a difference when its step is halved?",
    (
        "Which power of h is left in the error of each of the two differences?",
        "By Taylor's formula the forward difference is off by about h/2 f'', the central difference by h^2/6 f'''.",
        "forward:  error * (h_new / h)**____\ncentral:  error * (h_new / h)**____",
    ),
    result="errors",
    asked="How large are the two errors now, in thousandths? Answer with 2 numbers: forward, central.",
    draw=_draw_errors,
    shown=_errors_text,
    working=lambda case: f"my_numbers = [{case['error_forward']:g} / 2, {case['error_central']:g} / 2**2]",
    noticed=_factors_seen,
)
