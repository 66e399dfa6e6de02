"""The exercises of lesson 07, go back through ReLU, in their order."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures, running
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.numbers import NumberExercise, matrices
from mlpcourse.exercises.spot import Line, SpotExercise

Array = npt.NDArray[Any]


derive_hidden_signal = DeriveExercise(
    "derive_hidden_signal",
    7,
    "Derive how the loss depends on one hidden unit.",
    (
        "Through which logits does A_1j reach the loss?",
        "Add over all of them: the sum over k of dL/dz_2k dz_2k/dA_1j.",
        "`sum_k (A2_k - y_k) ____`",
    ),
    "hidden_signal",
)


@code_exercise(
    7,
    results="dA1",
    task="Carry the output error back to the hidden layer: dL/dA1, for a batch.",
    hints=(
        "One hidden unit goes into every logit. Which weights lead out of hidden unit j?",
        "H29, and the last line of `show('hidden_signal')`: dL/dA_1j = sum over k of delta_2k w_2,kj.",
        "The sum runs over the rows of w2. Which of the two has to be turned for that?\nreturn ____ @ delta2",
    ),
    see="hidden_signal",
    draw=fixtures.ordinary("w2", "delta2"),
)
def hidden_signal(w2: Array, delta2: Array) -> Array:
    """dL/dA1, shape (H, N) (H26, H29)."""
    return w2.T @ delta2


def _draw_gates(rng: np.random.Generator) -> Case:
    """In some order: two units open, below 1 and above it, and two closed so far that the mean of all is negative.

    The signal is positive, negative, positive and negative, so that each mistake about gates gives other numbers.
    """
    z1 = np.array([rng.integers(1, 10), rng.integers(11, 20), *-rng.integers(15, 21, 2)]) / 10
    dA1 = np.array([1, -1, 1, -1]) * rng.choice(np.arange(3, 21), 4, replace=False) / 10
    order = rng.permutation(4)
    return {"dA1": dA1[order, None], "z1": z1[order, None]}


def _through_gates(case: Case) -> str:
    pairs = zip(case["dA1"][:, 0], case["z1"][:, 0], strict=True)
    products = ", ".join(f"{signal:g} * {int(score >= 0)}" for signal, score in pairs)
    return f"my_numbers = [{products}]  # times 1 where z1 >= 0, else times 0"


def _gates_seen(case: Case, mine: Array) -> tuple[str, str, str] | None:
    """Numbers that no gate can let through."""
    neither = np.flatnonzero(np.minimum(np.abs(mine), np.abs(mine - case["dA1"])) > 0.006)
    if not len(neither):
        return None
    which = " and ".join(str(number + 1) for number in neither)
    plural = "Numbers" if len(neither) > 1 else "Number"
    said = f"A gate lets its dL/dA1 through or nothing. {plural} {which} of yours can be neither."
    return "", said, "By what is dL/dA1 multiplied at an open gate, and at a closed one?"


gate_by_hand = NumberExercise(
    "gate_by_hand",
    7,
    "A signal comes back to four hidden units. What comes through their gates?",
    (
        "Which of the four units could have moved the loss at all?",
        "H28: dL/dz_1 = dL/dA_1 where z_1 >= 0, and 0 where z_1 < 0.",
        "each number:  dL/dA1 if z1 >= 0, else ____",
    ),
    "hidden_delta",
    result="delta1",
    asked="What is delta1 = dL/dz1? Answer with its 4 numbers.",
    draw=_draw_gates,
    shown=lambda case: matrices(case, ["dA1", "z1"]),
    working=_through_gates,
    noticed=_gates_seen,
)


def _gate_facts(case: Case, result: Array, _: running.Outcome) -> list[str]:
    z1, dA1 = case["z1"], case["dA1"]
    if result.shape != z1.shape or not np.isfinite(result).all():
        return []
    wrong = ~np.isclose(result, np.where(z1 >= 0, dA1, 0), atol=1e-6)
    if wrong.any() and not (wrong & (z1 >= 0)).any():
        return ["Only entries with a closed gate (z1 < 0) are wrong."]
    if wrong.any() and not (wrong & (z1 < 0)).any():
        return ["Only entries with an open gate (z1 > 0) are wrong."]
    return []


@code_exercise(
    7,
    results="delta1",
    task="Carry the signal back through ReLU: dL/dz1 from dL/dA1 and z1, for a batch.",
    hints=(
        "A unit has z1 = -2. If you move its z1 a little, what happens to A1?",
        "H27 and H28: dL/dz_1 = dL/dA_1 where z_1 >= 0, and 0 where z_1 < 0. (At 0 itself any number from 0 to 1 would "
        "do as the derivative; the handout takes 1.)",
        "gate = ____   # 1 where it is open, 0 where it is closed\nreturn ____ * gate",
    ),
    see="hidden_delta",
    draw=fixtures.with_kinks("dA1", "z1"),
    own_facts=_gate_facts,
)
def hidden_delta(dA1: Array, z1: Array) -> Array:
    """dL/dz1, shape (H, N): dL/dA1 where the gate is open, else 0 (H28)."""
    return dA1 * (z1 >= 0)


spot_hidden_error = SpotExercise(
    "spot_hidden_error",
    7,
    "This code runs, and the network even learns. One line is wrong.",
    (
        "For which units is each comparison true?",
        "H27: the gate is 1 where z_1 >= 0. After ReLU, no entry of A1 is negative.",
        "For z1 = -3: A1 = ____, so A1 >= 0 is ____, but the gate should be ____.",
    ),
    "hidden_delta",
    slip="gate_never_closes",
    mend=hidden_delta,
    code=True,
    reveal="ReLU has left nothing negative in A1, so `A1 >= 0` is true everywhere: the gate never closes. "
    "It must look at z1 (or be strict: `A1 > 0`).",
    lines=tuple(
        Line(f"`{text}`", text, why)
        for text, why in (
            ("z1 = w1 @ X + b1", "it is H01."),
            ("A1 = np.maximum(z1, 0)", "it is ReLU, H02."),
            ("dA1 = w2.T @ delta2", "it carries the error back through w2."),
            ("gate = A1 >= 0", ""),
            ("delta1 = dA1 * gate", "it lets the signal pass where the gate is open."),
            ("dw1 = delta1 @ X.T", "it is the outer product of delta1 and X, summed over the examples."),
        )
    ),
)


@code_exercise(
    7,
    results="delta1_tanh",
    task="Write dL/dz1 for a batch, where A1 = tanh(z1). The derivative of tanh is 1 - tanh^2.",
    hints=(
        "What stands in the place of the gate, and can it be told from A1 alone?",
        "dA_1j/dz_1j = 1 - A_1j^2, and each unit has no influence on the others.",
        "return dA1 * (____ - ____)",
    ),
    draw=lambda rng: [
        replace(group, cases=tuple({"dA1": case["dA1"], "A1": np.tanh(case["z1"])} for case in group.cases))
        for group in fixtures.ordinary("dA1", "z1")(rng)
    ],
    labels=("dL/dz1",),
)
def tanh_hidden_delta(dA1: Array, A1: Array) -> Array:
    """dL/dz1, shape (H, N), where A1 = tanh(z1)."""
    return dA1 * (1 - A1**2)
