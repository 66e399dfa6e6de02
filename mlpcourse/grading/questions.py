"""The questions that only an assignment asks: what was learned, used where no lesson shows the answer.

They are no exercises of a lesson: ``hint`` and ``solution`` do not know them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import code_exercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.fixtures import SIZES, Case, Group
from mlpcourse.exercises.verdict import Verdict

Array = npt.NDArray[Any]
_NONE = ("", "", "")  # hints

# --- functions --------------------------------------------------------------------------------------


def _leaky_cases(rng: np.random.Generator) -> list[Group]:
    cases = [next(fixtures.networks(rng, sizes)) for sizes in (*SIZES, *((*s[:3], 1) for s in SIZES))]
    made: list[Case] = [
        {"dA1": case["dA1"], "z1": case["z1"], "slope": float(rng.uniform(0.05, 0.4))} for case in cases
    ]
    return [Group(tuple(made[:2])), Group(tuple(made[2:]), "with one example (N = 1)", single=True)]


@code_exercise(
    7,
    results="delta1_leaky",
    task="A network lets a little through where ReLU lets nothing: A1 = z1 where z1 >= 0, and A1 = slope * z1 "
    "elsewhere, with a small number `slope`. Write dL/dz1 from dL/dA1, for a batch.",
    hints=_NONE,
    draw=_leaky_cases,
)
def leaky_delta(dA1: Array, z1: Array, slope: float) -> Array:
    """dL/dz1, shape (H, N), where A1 = z1 if z1 >= 0 else slope * z1."""
    return dA1 * np.where(z1 >= 0, 1.0, slope)


def _tempered_cases(rng: np.random.Generator) -> list[Group]:
    cases = [next(fixtures.networks(rng, sizes)) for sizes in (*SIZES, *((*s[:3], 1) for s in SIZES))]
    made: list[Case] = [{"z2": case["z2"], "y": case["y"], "T": float(rng.uniform(1.5, 4))} for case in cases]
    return [Group(tuple(made[:2])), Group(tuple(made[2:]), "with one example (N = 1)", single=True)]


@code_exercise(
    9,
    results="delta2_tempered",
    task="A network divides its logits by a temperature T before the softmax: A2 = softmax(z2 / T). L is the mean over "
    "the N examples. Write dL/dz2.",
    hints=_NONE,
    draw=_tempered_cases,
)
def tempered_delta(z2: Array, y: Array, T: float) -> Array:
    """dL/dz2, shape (K, N), where A2 = softmax(z2 / T) and L is the mean over the examples."""
    exps = np.exp((z2 - z2.max(axis=0)) / T)
    A2 = exps / exps.sum(axis=0)
    return (A2 - y) / (T * y.shape[1])


def _skip_cases(rng: np.random.Generator) -> list[Group]:
    made = []
    for sizes in (*SIZES, *((*s[:3], 1) for s in SIZES)):
        case = next(fixtures.networks(rng, sizes))
        D, _, K, _ = sizes
        made.append({name: case[name] for name in ("delta1", "delta2", "w1", "X")} | {"v": rng.normal(0, 1, (K, D))})
    return [Group(tuple(made[:2])), Group(tuple(made[2:]), "with one example (N = 1)", single=True)]


@code_exercise(
    9,
    results="dv dX",
    task="A network has a direct connection v, of shape (K, D), from the inputs to the logits: z2 = w2 A1 + v X + b2, "
    "while z1 and A1 are as before. You have delta1 = dL/dz1 and delta2 = dL/dz2 of the mean loss. Write dL/dv and "
    "dL/dX. Return both, in this order.",
    hints=_NONE,
    draw=_skip_cases,
)
def skip_gradients(delta1: Array, delta2: Array, w1: Array, X: Array, v: Array) -> tuple[Array, Array]:
    """dL/dv, shape (K, D), and dL/dX, shape (D, N), where z2 = w2 A1 + v X + b2."""
    return delta2 @ X.T, w1.T @ delta1 + v.T @ delta2


# --- derivations ------------------------------------------------------------------------------------


class WrittenDerivation(DeriveExercise):
    """A derivation handed in as text, one line below the other."""

    def stub(self) -> str:
        """The assignment's cell."""
        return f'my_lines = """\n\n"""\n\ncheck("{self.name}", my_lines)'


_HOW = (
    "Write your lines between the quotation marks, one below the other, from the left-hand side to the form that is "
    "named. Each line equals the one above it; `given` shows the left-hand side. Every step that is proven has points."
)

_DERIVATIONS: list[Exercise] = [
    WrittenDerivation(
        "derive_log_probability", 4, f"How does the logarithm of a probability change with a logit? {_HOW}", _NONE,
        "log_probability",
    ),
    WrittenDerivation(
        "derive_input_gradient", 8, f"How does the loss change with an input? {_HOW}", _NONE, "input_gradient"
    ),
]  # fmt: skip

# --- lines with a slip, drawn for each student ---------------------------------------------------------


class Statement(NamedTuple):
    """One line of code that is right, and other right-hand sides that are not, each with what is wrong with it."""

    left: str
    right: str
    wrong: tuple[tuple[str, str], ...]


@dataclass(frozen=True, eq=False)
class StatementsExercise(Exercise):
    """All statements in an order of the student's own, one of them wrong."""

    statements: tuple[Statement, ...] = ()
    setting: str = ""

    kind = "statements"

    def drawn(self, seed: int) -> tuple[list[str], int, str]:
        """The lines as this student sees them, the number of the wrong one (from 1), and what is wrong with it."""
        rng = np.random.default_rng([seed, *self.name.encode()])
        order = rng.permutation(len(self.statements))
        wrong = int(rng.integers(len(order)))
        spoiled = self.statements[order[wrong]].wrong
        instead, why = spoiled[int(rng.integers(len(spoiled)))]
        lines = [f"{self.statements[place].left} = {self.statements[place].right}" for place in order]
        lines[wrong] = f"{self.statements[order[wrong]].left} = {instead}"
        return lines, wrong + 1, why

    def given(self, seed: int) -> Page:
        """The lines, numbered."""
        lines = "\n".join(f"    {number}  {line}" for number, line in enumerate(self.drawn(seed)[0], 1))
        ask = "One of these lines is wrong. Each is meant by itself: what stands right of its = is as it should be. "
        return Page(f"{self.setting} {ask}Answer with the line's number.\n\n{lines}")

    def stub(self) -> str:
        """The assignment's cell."""
        return f'my_line = ...  # the number of the wrong line\n\ncheck("{self.name}", my_line)'

    def solution(self, seed: int) -> str:
        """The number as a cell."""
        return f'my_line = {self.drawn(seed)[1]}\n\ncheck("{self.name}", my_line)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on a line's number."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        number = line_number(answer)
        lines, wrong, why = self.drawn(seed)
        if number is None or not 1 <= number <= len(lines):
            return Verdict("cannot check", self.name, f"The answer is a line's number, from 1 to {len(lines)}.")
        if number != wrong:
            return Verdict("wrong", self.name, f"Line {number}, `{lines[number - 1]}`, is right.")
        return Verdict("right", self.name, facts=(f"`{lines[wrong - 1]}`: {why}",))

    def noted(self, answer: Any) -> Verdict:
        """What a student is told before the work is graded: seven lines would soon be tried out."""
        number = line_number(answer)
        if self.is_placeholder(answer) or number is None or not 1 <= number <= len(self.statements):
            return self.judge(answer, 0)
        return Verdict("cannot check", self.name, f"Your answer is line {number}. Grading tells if it is the one.")


def line_number(answer: Any) -> int | None:
    """The number in `3`, `"3"` or `"line 3"`."""
    if isinstance(answer, Sequence) and not isinstance(answer, str) and len(answer) == 1:
        answer = answer[0]
    try:
        number = float(str(answer).lower().replace("line", "").strip(" .:()")[:20])
    except ValueError:
        return None
    return int(number) if number.is_integer() else None


_OUTPUT = (
    Statement("A2", "np.exp(z2) / np.exp(z2).sum()", (
        ("np.exp(z2) / np.exp(z2.sum())", "the exponentials are summed, not the logits."),
        ("np.exp(z2) / np.exp(z2).max()", "so the entries do not sum to 1."),
    )),
    Statement("L", "-(y * np.log(A2)).sum()", (
        ("-np.log(A2).sum()", "only the true class counts."),
        ("-(A2 * np.log(A2)).sum()", "this is the same whatever the true class is."),
    )),
    Statement("dL_dA2", "-y / A2", (
        ("-y * A2", "the logarithm's slope is one over its argument."), ("y / A2", "the loss falls as A2 rises."),
    )),
    Statement("dA2_dz2", "np.diagflat(A2) - A2 @ A2.T", (
        ("np.diagflat(A2 * (1 - A2))", "the other outputs move too."),
        ("np.diagflat(A2) - A2.T @ A2", "A2.T @ A2 is a single number."),
    )),
    Statement("dL_dz2", "A2 - y", (
        ("y - A2", "the loss rises with the logits of the other classes."),
        ("A2 * (A2 - y)", "the factor A2 has cancelled."),
    )),
    Statement("dL_dw2", "dL_dz2 @ A1.T", (
        ("A2 @ A1.T", "a gradient needs the error, not the prediction."), ("dL_dz2 @ z1.T", "A1 enters z2, not z1."),
    )),
    Statement("dL_dA1", "w2.T @ dL_dz2", (
        ("w2.T @ A2", "it is the error that goes back, not the prediction."),
        ("(w2.T @ dL_dz2) * A1", "A1 is no factor of its own derivative."),
    )),
)  # fmt: skip

_BATCH = (
    Statement("delta2", "(A2 - y) / N", (
        ("A2 - y", "L is the mean over N examples."), ("(A2 - y) / len(y)", "len(y) is the number of classes."),
    )),
    Statement("dw2", "delta2 @ A1.T", (
        ("delta2 @ A1.T / N", "1/N is in delta2 already."), ("delta2 @ z1.T", "A1 enters z2, not z1."),
    )),
    Statement("db2", "delta2.sum(axis=1, keepdims=True)", (
        ("delta2.mean(axis=1, keepdims=True)", "1/N is in delta2 already."),
        ("delta2.max(axis=1, keepdims=True)", "the contributions of all examples add up."),
    )),
    Statement("dA1", "w2.T @ delta2", (
        ("w2.T @ (A2 - y)", "the mean's 1/N is lost."), ("w2.T @ delta2 / N", "1/N is in delta2 already."),
    )),
    Statement("delta1", "dA1 * (z1 >= 0)", (
        ("dA1 * (A1 >= 0)", "A1 is never negative: this gate never closes."),
        ("dA1 * A1", "the slope of ReLU is 0 or 1, not its value."),
    )),
    Statement("dw1", "delta1 @ X.T", (
        ("dA1 @ X.T", "the gate is left out."), ("(delta1 * N) @ X.T", "1/N belongs there: L is a mean."),
    )),
    Statement("w1_new", "w1 - rate * dw1", (
        ("w1 + rate * dw1", "so the loss rises."), ("w1 - rate * w1 * dw1", "the step does not depend on the weight."),
    )),
)  # fmt: skip

find_in_output = StatementsExercise(
    "find_in_output", 6, "Find the wrong line of the output layer.", _NONE, statements=_OUTPUT,
    setting="One example: z2, A2 and y have the shape (K, 1), z1 and A1 the shape (H, 1). `dL_dz2` stands for dL/dz2.",
)  # fmt: skip
find_in_batch = StatementsExercise(
    "find_in_batch", 10, "Find the wrong line of the way back for a batch.", _NONE, statements=_BATCH,
    setting="A batch of N examples, one in each column; L is the mean of their losses.",
)  # fmt: skip

QUESTIONS: dict[str, Exercise] = {
    exercise.name: exercise
    for exercise in (leaky_delta, tempered_delta, skip_gradients, *_DERIVATIONS, find_in_output, find_in_batch)
}
