"""The prover on random lines, against brute force. PROVER_PAIRS says how many; continuous integration has 20,000."""

from __future__ import annotations

import os
import random
from typing import Any

import brute_force
import numpy as np
import pytest
import sympy as sp
from random_lines import Lines

from mlpcourse.derivation import evaluate, judge
from mlpcourse.derivation.normal_form import Unproven, equal
from mlpcourse.derivation.numbers import free_indices

SIZES = ({"D": 2, "H": 4, "K": 3, "N": 5}, {"D": 4, "H": 2, "K": 5, "N": 3}, {"D": 3, "H": 5, "K": 2, "N": 4})
PAIRS = int(os.environ.get("PROVER_PAIRS", "200"))


def is_seen(first: Any, second: Any) -> bool:
    try:
        return equal(first, second)
    except Unproven:
        return False


def pair(seed: int, partials: bool) -> tuple[Lines, Any, Any, bool]:
    """(lines, first, second, whether the second was only rewritten and not spoilt)."""
    lines, rng = Lines(seed), random.Random(seed)
    with sp.evaluate(False):
        first = second = lines.draw(rng.choice([1, 2, 2, 3]), {}, partials)
        for _ in range(rng.randrange(1, 4)):
            second = lines.rewritten(second)
        spoilt = rng.random() < 0.6
        return lines, first, lines.spoilt(second) if spoilt else second, not spoilt


def differ(first: Any, second: Any, lines: Lines, rng: random.Random) -> str:
    """Where the two differ on small networks, or an empty string."""
    letters = sorted({letter.name for letter in (*free_indices(first), *free_indices(second))})
    for sizes in SIZES[:2]:
        network = brute_force.draw(rng, sizes if lines.batch else {**sizes, "N": 1})
        for at in brute_force.places(letters, network.sizes, rng, most=4):
            one, other = (brute_force.number(side, network, at) for side in (first, second))
            if abs(one - other) > 1e-7 * (1 + abs(one) + abs(other)):
                return f"{one} against {other} at {at}, {sizes}"
    return ""


def run(seeds: range, partials: bool) -> tuple[int, int, int]:
    """(pairs seen equal, rewritten pairs, rewritten pairs seen equal); every pair seen equal is held to brute force."""
    seen = rewritten = rewritten_seen = 0
    for seed in seeds:
        lines, first, second, true = pair(seed, partials)
        found = is_seen(first, second)
        rewritten += true
        if found:
            assert not differ(first, second, lines, random.Random(seed)), (seed, first, second)
            seen += 1
            rewritten_seen += true
    return seen, rewritten, rewritten_seen


@pytest.mark.slow
@pytest.mark.parametrize("start", range(0, PAIRS, 100))
def test_no_false_equality_among_random_pairs(start: int) -> None:
    """A fifth of them with derivatives."""
    seen, rewritten, rewritten_seen = run(range(start, start + 100), partials=start % 500 == 0)
    assert seen >= 35
    assert rewritten_seen >= 0.9 * rewritten


def test_no_false_equality_among_a_few_random_pairs() -> None:
    seen, rewritten, rewritten_seen = run(range(50_000, 50_150), partials=True)
    assert seen >= 50
    assert rewritten_seen >= 0.95 * rewritten


def test_numbers_agree_with_brute_force() -> None:
    """The second witness, too, is held against an evaluator that shares no code with it."""
    compared = 0
    for seed in range(60_000, 60_150):
        lines, first, _, _ = pair(seed, partials=True)
        rng = random.Random(seed)
        network = brute_force.draw(rng, SIZES[seed % 3] if lines.batch else {**SIZES[seed % 3], "N": 1})
        values = {name: np.array([[one.value for one in row] for row in rows]) for name, rows in network.arrays.items()}
        letters = [letter.name for letter in free_indices(first)]
        numbers = evaluate(first, values)
        for at in brute_force.places(letters, network.sizes, rng, most=4):
            number = numbers[tuple(at[letter] - 1 for letter in letters)]
            try:
                expected = brute_force.number(first, network, at)
            except brute_force.Undefined:
                expected = np.nan
            assert number == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True), (seed, first)
            compared += 1
    assert compared > 300


def test_verdicts_on_random_pairs() -> None:
    """Never proven where brute force finds a difference, never refuted without one."""
    verdicts = {"proven": 0, "refuted": 0, "undecided": 0, "undefined": 0}
    for seed in range(70_000, 70_120):
        lines, first, second, _ = pair(seed, partials=seed % 4 == 0)
        judgement = judge(first, second)
        verdicts[judgement.verdict] += 1
        if judgement.verdict == "proven":
            assert not differ(first, second, lines, random.Random(seed)), (seed, first, second)
        if judgement.verdict == "refuted":
            assert judgement.values is not None
            assert judgement.at is not None
            network = brute_force.from_arrays(judgement.values)
            one, other = (brute_force.number(side, network, dict(judgement.at)) for side in (first, second))
            assert one == pytest.approx(judgement.first, rel=1e-9, abs=1e-9)
            assert other == pytest.approx(judgement.second, rel=1e-9, abs=1e-9)
            assert abs(one - other) > 1e-8, (seed, first, second)
    assert verdicts["proven"] > 40
    assert verdicts["refuted"] > 20
    assert verdicts["undecided"] <= 4
