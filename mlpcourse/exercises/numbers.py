"""Exercises answered with numbers, computed by hand on a tiny network that was drawn for this learner."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, slips
from mlpcourse.exercises.diagnosis import Suspects
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.verdict import Verdict
from mlpcourse.exercises.wording import slip_verdict

Array = npt.NDArray[Any]

VARIANTS = 1 << 20  # number of distinct draws: two students of one class seldom share one
CLOSE = 0.006  # two decimals, rounded either way; relative to 1 or to the largest number


@dataclass(frozen=True, eq=False)
class NumberExercise(Exercise):
    """``result`` is the node asked for; ``draw`` makes what it is computed from; ``shown`` puts that into words.

    asked: what to answer, in a sentence. at_least: how many of the numbers must be off before a slip is named.
    """

    result: str = ""
    asked: str = ""
    draw: Callable[[np.random.Generator], Case] = lambda rng: {}
    shown: Callable[[Case], str] = lambda case: ""
    at_least: int = 2

    kind = "number"

    def case(self, seed: int) -> Case:
        """What this learner is given."""
        return _drawn(self, seed)[0]

    def truth(self, seed: int) -> Array:
        """The right numbers."""
        return _drawn(self, seed)[1].truths[0][0]

    def given(self, seed: int) -> Page:
        """The numbers to compute with, and the question."""
        text = f"{self.task}\n\n{self.shown(self.case(seed))}\n\n{self.asked}"
        return Page(text, _without_tex(text))

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'my_numbers = ...  # a list of numbers\n\ncheck("{self.name}", my_numbers)'

    def solution(self, seed: int) -> str:
        """The right numbers as a cell."""
        numbers = ", ".join(f"{number:.4g}" for number in self.truth(seed).ravel())
        return f'my_numbers = [{numbers}]\n\ncheck("{self.name}", my_numbers)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on the numbers."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        truth = self.truth(seed)
        try:
            mine = comparing.as_array(answer).ravel()
        except comparing.NotNumbers as problem:
            return Verdict("wrong", self.name, str(problem))
        if mine.size != truth.size:
            came = f"{mine.size} came" if mine.size != 1 else "one came"
            return Verdict("shape", self.name, f"{truth.size} numbers are asked for, {came}.")
        if not np.isfinite(mine).all():
            return Verdict("wrong", self.name, "One of them is not a finite number.")
        if _close(mine, truth.ravel()):
            return Verdict("right", self.name)
        return self._named(mine, seed) or Verdict("wrong", self.name, facts=tuple(_facts(mine, truth.ravel())))

    def _named(self, mine: Array, seed: int) -> Verdict | None:
        """The one slip that gives these numbers; none when there are two, or too few numbers are off to be sure."""
        _, suspects = _drawn(self, seed)
        truth = self.truth(seed).ravel()
        if np.sum(np.abs(mine - truth) > 3 * CLOSE * max(1.0, float(np.abs(truth).max()))) < self.at_least:
            return None
        shaped = mine.reshape(suspects.truths[0][0].shape)
        found = [
            one for one in suspects.every_explanation(shaped)
            if not {c.slip.name for c in one.slips} <= _slips_close_to_truth(self, seed)
        ]  # fmt: skip
        names = {one.slips[0].slip.name if one.slips else one.generics[0].name for one in found}
        if len(names) == 1 or (names and any(names <= same for same in slips.EQUIVALENT_SLIPS)):
            return slip_verdict(
                self.name, found[:1], [self.result], [self.result], ["Exactly these numbers come out so."]
            )
        return None


def _drawn(exercise: NumberExercise, seed: int) -> tuple[Case, Suspects]:
    return _variant(exercise, seed % VARIANTS)


@functools.lru_cache(maxsize=64)
def _variant(exercise: NumberExercise, variant: int) -> tuple[Case, Suspects]:
    case = next(itertools.islice(_draws(exercise, variant), _best(exercise, variant), None))
    return case, _suspects(exercise, case)


@functools.lru_cache(maxsize=1024)
def _best(exercise: NumberExercise, variant: int) -> int:
    """Which of twelve draws: the one with the fewest slips that cannot be told apart."""
    lost: list[int] = []
    for case in itertools.islice(_draws(exercise, variant), 12):
        lost.append(len(_suspects(exercise, case).ambiguous()))
        if lost[-1] == 0:
            break
    return lost.index(min(lost))


def _draws(exercise: NumberExercise, variant: int) -> Iterator[Case]:
    rng = np.random.default_rng([variant, *exercise.name.encode()])
    while True:
        yield exercise.draw(rng)


def _suspects(exercise: NumberExercise, case: Case) -> Suspects:
    truth = np.asarray(slips.evaluate([exercise.result], case)[0], dtype=float)
    batch = truth.shape[-1:] != (1,)
    return Suspects([case], [exercise.result], [(truth,)], batch=batch, tolerance=CLOSE, at_least=1.0)


def _slips_close_to_truth(exercise: NumberExercise, seed: int) -> set[str]:
    """Slips that on these numbers nearly give the truth: an inexact right answer could be taken for them."""
    _, suspects = _drawn(exercise, seed)
    return {name for pair in suspects.ambiguous() if "" in pair for name in pair}


def _close(mine: Array, truth: Array) -> bool:
    return bool(np.abs(mine - truth).max() <= CLOSE * max(1.0, float(np.abs(truth).max())))


def _facts(mine: Array, truth: Array) -> list[str]:
    good = np.abs(mine - truth) <= CLOSE * max(1.0, float(np.abs(truth).max()))
    another_order = comparing.close(np.sort(mine), np.sort(truth), CLOSE)
    if _near(mine, truth) and not another_order:
        return ["They are close. Did you round on the way? Keep three digits until the end."]
    said = [f"{int(good.sum())} of {good.size} are right."] if good.any() else []
    if another_order:
        said.append("These are the right numbers in another order.")
    elif not good.any() and comparing.close(-mine, truth, CLOSE):
        said.append("Every sign is turned round.")
    elif not good.any() and np.allclose(mine, 0):
        said.append("All of them are 0.")
    first = int(np.argmax(~good))
    size = "too large" if mine[first] > truth[first] else "too small"
    return [*said, f"Number {first + 1} is {size}: yours is {mine[first]:.4g}."]


def _near(mine: Array, truth: Array) -> bool:
    return bool(np.abs(mine - truth).max() <= 5 * CLOSE * max(1.0, float(np.abs(truth).max())))


# --- how numbers are shown ------------------------------------------------------------------------


def matrix(name: str, array: Array) -> str:
    """An array in LaTeX between dollars, as ``w_1 = (1 2; 3 4)`` in a matrix."""
    rows = r" \\ ".join(" & ".join(f"{number:g}" for number in row) for row in array)
    return rf"${slips.TEX.get(name, name)} = \begin{{pmatrix}} {rows} \end{{pmatrix}}$"


def matrices(case: Case, names: Sequence[str]) -> str:
    """Several arrays side by side."""
    return ", ".join(matrix(name, case[name]) for name in names)


def _without_tex(text: str) -> str:
    """The same for a terminal: matrices as lists of rows."""
    parts = text.split("$")
    for odd in range(1, len(parts), 2):
        part = parts[odd]
        part = part.replace(r"\begin{pmatrix} ", "[[").replace(r" \end{pmatrix}", "]]")
        part = part.replace(r" \\ ", "], [").replace(" & ", ", ")
        for tex, word in _WORDS:
            part = part.replace(tex, word)
        parts[odd] = part
    return "".join(parts)


_WORDS = [(tex, name) for name, tex in sorted(slips.TEX.items(), key=lambda item: -len(item[1]))]
_WORDS += [(r"\ ", " "), ("{", ""), ("}", ""), ("\\", "")]
