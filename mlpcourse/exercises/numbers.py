"""Exercises answered with numbers, computed by hand on a tiny network that was drawn for this learner."""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, graph, slips
from mlpcourse.exercises.diagnosis import Explained, Suspects
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.fixtures import Case
from mlpcourse.exercises.verdict import Verdict, listed
from mlpcourse.exercises.wording import slip_verdict

Array = npt.NDArray[Any]

VARIANTS = 1 << 20  # number of distinct draws: two students of one class seldom share one
CLOSE = 0.006  # two decimals, rounded either way; relative to 1 or to the largest number


@dataclass(frozen=True, eq=False)
class NumberExercise(Exercise):
    """``result`` is the node asked for; ``draw`` makes what it is computed from; ``shown`` puts that into words.

    asked: what to answer, in a sentence. working: Python that computes ``my_numbers`` from the numbers shown, as one
    would by hand. noticed: what numbers that nothing explains show all the same: a name or "", a sentence, a question.
    """

    result: str = ""
    asked: str = ""
    draw: Callable[[np.random.Generator], Case] = lambda rng: {}
    shown: Callable[[Case], str] = lambda case: ""
    working: Callable[[Case], str] | None = None
    noticed: Callable[[Case, Array], tuple[str, str, str] | None] | None = None

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
        return Page(text, _in_text(text))

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'my_numbers = ...  # a list of numbers\n\ncheck("{self.name}", my_numbers)'

    def solution(self, seed: int) -> str:
        """The right numbers as a cell, with their working."""
        if self.working is not None:
            return f'{self.working(self.case(seed))}\n\ncheck("{self.name}", my_numbers)'
        numbers = ", ".join(f"{number:.4g}" for number in self.truth(seed).ravel())
        return f'my_numbers = [{numbers}]\n\ncheck("{self.name}", my_numbers)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on the numbers."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        with np.errstate(all="ignore"):
            return self._judged(answer, seed)

    def _judged(self, answer: Any, seed: int) -> Verdict:
        truth = self.truth(seed).ravel()
        try:
            mine = comparing.as_array(_read(answer, truth.size)).ravel()
        except comparing.NotNumbers as problem:
            return Verdict("wrong", self.name, str(problem).replace(" came back", ""))
        if mine.size != truth.size:
            came = f"{mine.size} came" if mine.size != 1 else "one came"
            words = [("mean", truth.mean()), ("sum", truth.sum())] if mine.size == 1 else []
            facts = [f"Yours is their {word}." for word, number in words if not _off(mine, np.array([number])).any()]
            facts += ["Has one a decimal comma? Python writes 0.5, and takes 0,5 for two."] * (mine.size > truth.size)
            return Verdict("shape", self.name, f"{truth.size} numbers are asked for, {came}.", facts=tuple(facts))
        if not np.isfinite(mine).all():
            return Verdict("wrong", self.name, "One of them is not a finite number.")
        off = _off(mine, truth)
        if not off.any():
            return Verdict("right", self.name)
        facts = _facts(mine, truth)
        power = _power_of_ten(mine, truth)
        if power not in (0, 2):  # per cent have a name of their own
            said, ask = f"Their digits are right: they are {_times(power)}.", "In which unit are they asked for?"
            return Verdict("slip", self.name, said, "power_of_ten", facts=tuple(facts), question=ask)
        sources = self._sources(mine, seed)
        if off.sum() == 1 and mine.size > 1:
            return self._only_one(int(np.argmax(off)), mine, truth, sources)
        names = {_name(one) for one in sources}
        if _reordered(mine, truth) and len(names) == 1 and "transposed" not in names:
            order = "the right numbers stand in another order"
            return Verdict("wrong", self.name, facts=(f"{_alternatives(sources)[:-1]}, or if {order}.", *facts))
        if len(names) == 1 or (names and any(names <= same for same in slips.EQUIVALENT_SLIPS)):
            return self._slip(sources[0], facts)
        if sources:
            return Verdict("wrong", self.name, facts=(_alternatives(sources), *facts))
        whole = self._of_the_whole(mine, truth, facts)
        if whole is None and _near(mine, truth):
            return Verdict("located", self.name, "They are close.", facts=tuple(facts), question=_ROUNDED)
        return whole or self._some_of_them(mine, off, facts) or self._noticed(mine, seed, facts)

    def _sources(self, mine: Array, seed: int) -> list[Explained]:
        """The mistakes that give these numbers; of those that always give the same, the first."""
        known = _drawn(self, seed)[1]
        close = _slips_close_to_truth(self, seed)
        found = known.every_explanation(mine.reshape(known.truths[0][0].shape))
        found = [one for one in found if not one.slips or _name(one) not in close]
        found = [one for one in found if not any(generic.name in _OF_A_LOOP for generic in one.generics)]
        apart: list[tuple[Explained, list[Array | None]]] = []
        for one in found:
            elsewhere = _elsewhere(self).numbers(one)
            if not any(_alike(elsewhere, other) for _, other in apart):
                apart.append((one, elsewhere))
        off = [_distance(known.numbers(one)[0], mine) for one, _ in apart]
        return [one for (one, _), here in zip(apart, off, strict=True) if here <= _rounding(mine) + 10 * min(off)]

    def _slip(self, one: Explained, facts: Sequence[str]) -> Verdict:
        verdict = slip_verdict(self.name, [one], [self.result], [self.result], facts)
        if verdict.also:
            return verdict
        return replace(verdict, message=f"These numbers come out if {_title(one)}.")

    def _only_one(self, at: int, mine: Array, truth: Array, sources: Sequence[Explained]) -> Verdict:
        """One number is off: a mistake in its own calculation, or one that shows nowhere else."""
        said = f"Only number {at + 1} is not right: yours is {mine[at]:.4g}, which is {_size(mine[at], truth[at])}."
        facts = []
        if np.isclose(mine[at], -truth[at], atol=CLOSE):
            facts.append("Its sign is turned round.")
        if power := _power_of_ten(mine[[at]], truth[[at]]):
            facts.append(f"Its digits are right: it is {_times(power)}.")
        ask = "Calculate it again, term by term."
        if sources:
            said, ask = f"{said} {_alternatives(sources)}", "Is it that? If not, calculate it again, term by term."
        if _near(mine[[at]], truth[[at]]):
            ask = _ROUNDED
        return Verdict("located", self.name, said, facts=tuple(facts), question=ask)

    def _some_of_them(self, mine: Array, off: npt.NDArray[np.bool_], facts: Sequence[str]) -> Verdict | None:
        """Some are right and some are not: which."""
        if off.all():
            return None
        numbers = [str(at + 1) for at in np.flatnonzero(off)]
        rest = "the other one is" if (~off).sum() == 1 else "the others are"
        said = f"Numbers {listed(numbers)} are not right, and {rest}."
        ask = "What is done for these that is not done for the rest? Calculate them again, term by term."
        return Verdict("located", self.name, said, facts=tuple(facts[1:]), question=ask)

    def _noticed(self, mine: Array, seed: int, facts: Sequence[str]) -> Verdict:
        """What can be seen of numbers that no known mistake gives: where to look, or facts alone."""
        truth = self.truth(seed)
        noticed = self.noticed(self.case(seed), mine.reshape(truth.shape)) if self.noticed is not None else None
        if noticed is None:
            said = "None of these numbers is right."
            ask = "What do all of them share? Begin with number 1, and do it once more, term by term."
            return Verdict("located", self.name, said, facts=tuple(facts), question=ask)
        name, said, ask = noticed
        return Verdict("slip" if name else "located", self.name, said, name or None, facts=tuple(facts), question=ask)

    def _of_the_whole(self, mine: Array, truth: Array, facts: Sequence[str]) -> Verdict | None:
        """Rounded, in another order, or all alike."""
        alike = mine.size > 1 and np.ptp(mine) <= min(CLOSE, 0.1 * np.abs(mine).max())
        for name, number, word in (("mean_of_all", truth.mean(), "mean"), ("sum_of_all", truth.sum(), "sum")):
            if alike and mine.any() and comparing.close(mine, np.full_like(mine, number), CLOSE):
                said = f"They are all the same number, the {word} of all: asked is what belongs to each one alone."
                return Verdict(
                    "slip", self.name, said, name, facts=tuple(facts), question="What does one number stand for?"
                )
        if alike and not np.allclose(mine, 0):
            said = "They are all the same number."
            hint = "What tells one unit, class or example from another here?"
            return Verdict("slip", self.name, said, "same_whatever_goes_in", facts=tuple(facts), question=hint)
        for digits in (0, 1):
            if np.allclose(np.round(truth, digits), mine, atol=1e-9) and len(np.unique(mine)) > 1:
                said = f"They are rounded to {'whole numbers' if digits == 0 else 'one decimal'}: that is too early."
                hint = "How much can rounding change a number, and how large are these?"
                return Verdict("slip", self.name, said, "rounded_too_early", facts=tuple(facts), question=hint)
        if _reordered(mine, truth):
            said = "These are the right numbers in another order."
            hint = "Which number belongs to which unit, class or example?"
            return Verdict("slip", self.name, said, "another_order", facts=(facts[-1],), question=hint)
        done = [one for one in _DONE if comparing.close(mine, one[1](truth), CLOSE)] if not alike else []
        if _near(mine, truth):
            return None
        if len(done) == 1:
            name, _, said, hint = done[0]
            return Verdict("slip", self.name, said, name, facts=tuple(facts), question=hint)
        return self._off_alike(mine, truth, facts)

    def _off_alike(self, mine: Array, truth: Array, facts: Sequence[str]) -> Verdict | None:
        """All of them 0, or off by the same amount or factor."""
        if np.allclose(mine, 0):
            said, ask = "All of them are 0.", "Which of the given numbers should each of them depend on?"
        elif mine.size > 1 and np.ptp(mine - truth) <= 2 * CLOSE * max(1.0, float(np.abs(truth).max())):
            said, ask = "All of them are off by the same amount.", "What is added to every one, or forgotten in it?"
        elif mine.size > 1 and _proportional(mine, truth):
            said, ask = (
                "All of them are off by the same factor: their ratios are right.",
                "By what is every one multiplied, or divided?",
            )
        else:
            return None
        return Verdict("located", self.name, said, facts=tuple(facts), question=ask)


def _proportional(mine: Array, truth: Array) -> bool:
    factor = float((mine * truth).sum() / max(1e-12, (truth * truth).sum()))
    return abs(factor) > 0.01 and comparing.close(mine, factor * truth, CLOSE)


def _power_of_ten(mine: Array, truth: Array) -> int:
    """The power of ten that all of them are too large by, below 0 where they are too small; 0 if there is none."""
    if not (mine * truth > 0).all():
        return 0
    power = round(float(np.log10(mine / truth).mean()))
    return power if np.allclose(mine, truth * 10.0**power, rtol=0.01) else 0


def _times(power: int) -> str:
    return f"{10 ** abs(power)} times too {'large' if power > 0 else 'small'}"


# No hand makes these mistakes.
_OF_A_LOOP = {
    f"{which}_{what}" for which in ("first", "last") for what in ("row_left_out", "column_left_out", "column_only")
}

# What may be done to the right numbers: a name, how it is computed, a sentence and a question.
_DONE: list[tuple[str, Callable[[Array], Array], str, str]] = [
    ("squared", np.square, "They are squared.", "Where does a square come in?"),
    ("root_taken", lambda t: np.sqrt(np.abs(t)), "A root is taken of them.", "Where does a root come in?"),
    ("exponential_taken", np.exp, "The exponential is taken of them.", "Which step is the last one that is asked for?"),
    ("logarithm_taken", lambda t: np.log(np.abs(t)), "A logarithm is taken of them.",
     "Which step is the last one that is asked for?"),
    ("upside_down", lambda t: 1 / t, "They are upside down: 1 is divided by each.", "What is divided by what?"),
    ("taken_from_one", lambda t: 1 - t, "Each of them is taken from 1.", "What is left when it is taken from 1?"),
    ("shares_of_their_sum", lambda t: t / t.sum(), "They are divided by their sum.", "What should they sum to?"),
    ("shares_of_the_largest", lambda t: t / np.abs(t).max(), "They are divided by the largest.",
     "What are they divided by, and what should it be?"),
    ("added_up_on_the_way", np.cumsum, "Each has the ones before it added.", "Does one of them depend on another?"),
    ("softmax_on_top", lambda t: np.exp(t) / np.exp(t).sum(), "A softmax is taken of them.",
     "Which step is the last one that is asked for?"),
]  # fmt: skip


def _read(answer: Any, wanted: int) -> Any:
    """The answer with numbers in quotes read: "1/8", "0.125" or "0,125", apart or several in one text."""
    if isinstance(answer, str):
        answer = _split(answer.strip("[]() \n"), wanted)
    if isinstance(answer, list | tuple) and any(isinstance(part, list | tuple) for part in answer):
        answer = [one for part in answer for one in (part if isinstance(part, list | tuple) else (part,))]
    if isinstance(answer, list | tuple) and any(isinstance(part, str) for part in answer):
        try:
            return [_number(part) if isinstance(part, str) else part for part in answer]
        except (ValueError, ZeroDivisionError):
            raise comparing.NotNumbers("A text is among them that is no number. Write 0.125 or 1/8.") from None
    return answer


def _split(text: str, wanted: int) -> list[str]:
    """The numbers in a text: between lines, semicolons, commas or spaces, whichever gives as many as are asked for."""
    tried = [[part for part in re.split(at, text) if part.strip()] for at in (r"[;\n]", r",\s*", r",?\s+", r",\s+")]
    return next((parts for parts in tried if len(parts) == wanted), tried[1])


def _number(text: str) -> float:
    """A number or a fraction of two. Raises ValueError and ZeroDivisionError."""
    above, line, below = text.strip(" '\"=").replace("\N{MINUS SIGN}", "-").replace(",", ".").partition("/")
    return float(above) / float(below) if line else float(above)


def _name(one: Explained) -> str:
    names = [candidate.slip.said for candidate in one.slips] + [generic.name for generic in one.generics]
    return " and ".join(names)


def _title(one: Explained) -> str:
    titles = [candidate.slip.text("title", candidate.node) for candidate in one.slips]
    return " and ".join(titles + [re.sub("^it ", "the result ", generic.title) for generic in one.generics])


def _alternatives(sources: Sequence[Explained]) -> str:
    titles = list(dict.fromkeys(_title(one) for one in sources))[:3]
    return f"These numbers come out if {', or if '.join(titles)}."


def _drawn(exercise: NumberExercise, seed: int) -> tuple[Case, Suspects]:
    return _variant(exercise, seed % VARIANTS)


@functools.lru_cache(maxsize=64)
def _variant(exercise: NumberExercise, variant: int) -> tuple[Case, Suspects]:
    """Of some draws, the one with the fewest slips that cannot be told apart or that give the truth."""
    with np.errstate(all="ignore"):
        tried = []
        for case in itertools.islice(_draws(exercise, variant), 12):
            known = _suspects(exercise, case)
            pairs = known.ambiguous
            tried.append((sum("" in pair for pair in pairs), len(pairs), case, known))
            if not pairs:
                break
    best = min(tried, key=lambda one: one[:2])
    return best[2], best[3]


def _draws(exercise: NumberExercise, variant: int) -> Iterator[Case]:
    rng = np.random.default_rng([variant, *exercise.name.encode()])
    while True:
        yield exercise.draw(rng)


def _suspects(exercise: NumberExercise, case: Case) -> Suspects:
    truth = np.asarray(graph.evaluate([exercise.result], case)[0], dtype=float)
    batch = truth.shape[-1:] != (1,)
    return Suspects([case], [exercise.result], [(truth,)], batch=batch, tolerance=CLOSE, at_least=1.0)


@functools.lru_cache(maxsize=16)
def _elsewhere(exercise: NumberExercise) -> Suspects:
    """Other draws, on which mistakes that coincide by chance are told apart."""
    cases = list(itertools.islice(_draws(exercise, VARIANTS), 4))
    truths = [(np.asarray(graph.evaluate([exercise.result], case)[0], dtype=float),) for case in cases]
    return Suspects(cases, [exercise.result], truths, batch=truths[0][0].shape[-1:] != (1,))


def _rounding(mine: Array) -> float:
    """By how much rounding may have changed these numbers, by their decimals."""
    return next((0.51 * 10.0**-digits for digits in range(6) if np.allclose(mine, mine.round(digits), atol=1e-9)), 0.0)


def _distance(numbers: Array | None, mine: Array) -> float:
    """By how much these numbers differ from the learner's at the most."""
    return np.inf if numbers is None else float(np.abs(numbers.ravel() - mine).max())


def _alike(numbers: Sequence[Array | None], others: Sequence[Array | None]) -> bool:
    return all(
        one is not None and other is not None and one.shape == other.shape and comparing.close(one, other)
        for one, other in zip(numbers, others, strict=True)
    )


def _slips_close_to_truth(exercise: NumberExercise, seed: int) -> set[str]:
    """Slips that on these numbers nearly give the truth: an inexact right answer could be taken for them."""
    _, suspects = _drawn(exercise, seed)
    return {name for pair in suspects.ambiguous if "" in pair for name in pair}


def _off(mine: Array, truth: Array) -> npt.NDArray[np.bool_]:
    """Which of the numbers are not right, rounding to two decimals aside."""
    return np.asarray(np.abs(mine - truth) > CLOSE * max(1.0, float(np.abs(truth).max())))


def _size(mine: float, truth: float) -> str:
    return "too high" if mine > truth else "too low"


def _facts(mine: Array, truth: Array) -> list[str]:
    off = _off(mine, truth)
    said = [f"{int((~off).sum())} of {off.size} are right."] if not off.all() else []
    if off.all() and np.allclose(mine, 0):
        said.append("All of them are 0.")
    first = int(np.argmax(off))
    return [*said, f"Number {first + 1} is {_size(mine[first], truth[first])}: yours is {mine[first]:.4g}."]


def _reordered(mine: Array, truth: Array) -> bool:
    """Whether they are the right numbers in another order; numbers that are nearly right are in none."""
    return comparing.close(np.sort(mine), np.sort(truth), CLOSE) and not comparing.close(mine, truth, CLOSE)


_ROUNDED = "Did you round on the way? Keep three digits until the end."


def _near(mine: Array, truth: Array) -> bool:
    return bool(np.abs(mine - truth).max() <= 5 * CLOSE * max(1.0, float(np.abs(truth).max())))


# --- working ---------------------------------------------------------------------------------------


def factor(number: float) -> str:
    """A number as it stands in a product."""
    return f"({number:g})" if number < 0 else f"{number:g}"


def weighted_sum(weights: Array, inputs: Array, bias: float) -> str:
    """A row times a column plus a bias, with its numbers put in."""
    products = [f"{factor(w)} * {factor(x)}" for w, x in zip(weights, inputs, strict=True)]
    return " + ".join([*products, factor(bias)])


# --- how numbers are shown ------------------------------------------------------------------------


def matrix(name: str, array: Array) -> str:
    """An array in LaTeX between dollars, as ``w_1 = (1 2; 3 4)`` in a matrix."""
    rows = r" \\ ".join(" & ".join(f"{number:g}" for number in row) for row in array)
    return rf"${graph.TEX.get(name, name)} = \begin{{pmatrix}} {rows} \end{{pmatrix}}$"


def matrices(case: Case, names: Sequence[str]) -> str:
    """Several arrays side by side."""
    return ", ".join(matrix(name, case[name]) for name in names)


def _in_text(text: str) -> str:
    """The same for a terminal: matrices as lists of rows."""
    from mlpcourse.derivation.typesetting import without_tex  # with SymPy, which is slow to load

    parts = text.split("$")
    for odd in range(1, len(parts), 2):
        part = parts[odd]
        part = part.replace(r"\begin{pmatrix} ", "[[").replace(r" \end{pmatrix}", "]]")
        part = part.replace(r" \\ ", "], [").replace(" & ", ", ").replace(r"\ ", " ")
        for tex, name in _NAMES:
            part = part.replace(tex, name)
        parts[odd] = without_tex(part)
    return "".join(parts)


_NAMES = [(tex, name) for name, tex in sorted(graph.TEX.items(), key=lambda item: -len(item[1]))]
