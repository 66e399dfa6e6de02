"""Exercises answered with an order: the lines of a derivation, shuffled."""

from __future__ import annotations

import itertools
import string
from dataclasses import dataclass
from typing import Any

import numpy as np

from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.verdict import Verdict


@dataclass(frozen=True, eq=False)
class OrderExercise(Exercise):
    """The lines of these names of the derivation ``see``. A line left out gives its reason to the next."""

    lines: tuple[str, ...] = ()

    kind = "order"

    def letters(self, seed: int) -> dict[str, int]:
        """Which letter this learner's shuffled lines have, in the order shown; values are places in ``lines``."""
        rng = np.random.default_rng([seed, *self.name.encode()])
        count = len(self.lines)
        while True:
            places = [int(place) for place in rng.permutation(count)]
            if all(after != before + 1 for before, after in itertools.pairwise(places)):
                return dict(zip(string.ascii_uppercase, places, strict=False))

    def given(self, seed: int) -> Any:
        """The shuffled lines, to be moved by mouse or keyboard; its ``order`` can be checked."""
        from mlpcourse.derivation import DERIVATIONS, latex, plain
        from mlpcourse.widgets.order import Order

        derivation = DERIVATIONS[self.see]
        shown = [derivation.line(self.lines[place]).expr for place in self.letters(seed).values()]
        start, *lines = ((latex(expr), plain(expr)) for expr in (derivation.lhs, *shown))
        return Order(self.task, start, lines)

    def reasons(self) -> list[str]:
        """For each line, how it is reached from the one before; formulas stand between dollars."""
        from mlpcourse.derivation import DERIVATIONS

        derivation = DERIVATIONS[self.see]
        first, *others = (derivation.between(None, key) for key in self.lines)
        steps = [first, *(lines[len(before) :] for before, lines in itertools.pairwise([first, *others]))]
        return ["; then ".join(line.reason for line in lines) for lines in steps]

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'lines = given("{self.name}")\n\ncheck("{self.name}", lines)'

    def solution(self, seed: int) -> str:
        """The right order as a cell."""
        letters = self.letters(seed)
        order = "".join(sorted(letters, key=letters.__getitem__))
        return f'lines = given("{self.name}")\nlines.order = "{order}"\n\ncheck("{self.name}", lines)'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on letters, or on the widget that ``given`` returned."""
        if self.is_placeholder(answer):
            return self.not_attempted()
        letters = self.letters(seed)
        answer = getattr(answer, "order", answer)
        text = "".join(map(str, answer)) if isinstance(answer, list | tuple) else str(answer)
        order = [letter for letter in text.upper() if letter in string.ascii_letters]
        if order == list(letters):
            return self.not_attempted()
        if sorted(order) != sorted(letters):
            names = "".join(letters)
            example = names[::-1]
            message = f'The answer is each of the letters {names} once, in your order, for example "{example}".'
            return Verdict("cannot check", self.name, message)
        places = [letters[letter] for letter in order]
        if places == sorted(places):
            return Verdict("right", self.name, facts=("Each line follows from the one above it.",))
        return self._misplaced(order, places)

    def _misplaced(self, order: list[str], places: list[int]) -> Verdict:
        from mlpcourse.derivation.typesetting import without_tex

        reasons = self.reasons()
        good = 0
        while places[good] == good:
            good += 1
        facts = []
        if good:
            facts.append(f"The first {'line is' if good == 1 else f'{good} lines are'} right: {''.join(order[:good])}.")
            first, second = order[good - 1], order[good]
            said = f"{second} cannot stand right after {first}."
        else:
            said = f"{order[0]} cannot be the first line."
        line = places[good]
        if line == 0:
            ask = f"{order[good]} is reached first of all: {without_tex(reasons[0])}."
        else:
            ask = f"The step to {order[good]}: {without_tex(reasons[line])}. Which line does it start from?"
        together = [a + b for a, b, p, q in zip(order, order[1:], places, places[1:], strict=False) if q == p + 1]
        if together:
            facts.append(f"Right next to each other: {', '.join(together)}.")
        return Verdict("located", self.name, said, facts=tuple(facts), question=ask)
