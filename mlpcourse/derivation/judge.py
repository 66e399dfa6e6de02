"""Whether two expressions are equal, by two witnesses: the normal form, and numbers on networks drawn for this pair.

A fault in one of the two can make no wrong verdict: "proven" needs both, and "refuted" a network to check by hand.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np

from mlpcourse.derivation.letters import COUNTS, Expr, L_mean, L_of, n, q
from mlpcourse.derivation.normal_form import Unproven, equal
from mlpcourse.derivation.numbers import evaluate, free_indices, random_values
from mlpcourse.derivation.typesetting import plain
from mlpcourse.network import Array

# D, H, K, N all differ, and each is larger than each of the others somewhere; with one example, N is 1.
SIZES = ((3, 5, 2, 4), (5, 2, 4, 3), (2, 4, 3, 5))
SAME, APART = 1e-10, 1e-7  # closer is rounding, further is a difference; relative to the two numbers, or to 1


class Judgement(NamedTuple):
    """What ``judge`` found.

    verdict: "proven" (for every K, H, D and N), "refuted", "undecided", or "undefined": one of the two means nothing,
    on some network at least, and ``reason`` says why in a sentence; of "undecided" it says what is missing.

    When refuted, ``values`` is a network on which the two differ (the arrays by name, as ``values_of`` has them),
    ``sizes`` its D, H, K and N, and ``first`` and ``second`` are the numbers ``at`` the indices where they differ most
    (counted from 1, by the letter's name). ``at_kink``: they differ only where a z1 is exactly 0.
    """

    verdict: Literal["proven", "refuted", "undecided", "undefined"]
    reason: str = ""
    values: Mapping[str, Array] | None = None
    sizes: Mapping[str, int] | None = None
    at: Mapping[str, int] | None = None
    first: float = float("nan")
    second: float = float("nan")
    at_kink: bool = False


def judge(first: Expr, second: Expr) -> Judgement:
    """Judge whether ``first`` equals ``second`` for every network, and for every value of the letters left open.

    Never raises for an expression in the notation of ``letters``; deterministic: the networks are drawn from the text
    of the two. What only one of the two has as a free letter is taken for every value, as the other's letters are.
    """
    batch = any(side.has(L_mean) or side.has(L_of) or side.has(n) or side.has(q) for side in (first, second))
    letters = tuple(sorted({*free_indices(first), *free_indices(second)}, key=str))
    for values, sizes in _networks(plain(first) + plain(second), batch):
        try:
            numbers = [_on_every_letter(side, letters, values, sizes) for side in (first, second)]
        except (IndexError, ValueError) as problem:
            return Judgement("undefined", str(problem))
        apart = np.abs(numbers[0] - numbers[1]) / (1 + np.abs(numbers[0]) + np.abs(numbers[1]))
        if not np.isfinite(apart).all():
            return Judgement("undefined", "it divides by 0 or takes the logarithm of 0 on a network")
        if apart.max() > APART:
            place = np.unravel_index(apart.argmax(), apart.shape)
            at = {letter.name: int(index) + 1 for letter, index in zip(letters, place, strict=True)}
            return Judgement("refuted", "", values, sizes, at, float(numbers[0][place]), float(numbers[1][place]))
        if apart.max() > SAME:
            return Judgement("undecided", "the numbers differ by hardly more than rounding")
    try:
        if equal(first, second):
            return Judgement("proven")
    except Unproven as problem:
        return Judgement("undecided", str(problem))
    return Judgement("undecided", "equal on every network tried, but not proven")


def _networks(seed: str, batch: bool) -> Iterator[tuple[dict[str, Array], dict[str, int]]]:
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    for D, H, K, N in SIZES:
        sizes = {"D": D, "H": H, "K": K, "N": N if batch else 1}
        yield random_values(rng, **sizes), sizes


@np.errstate(all="ignore")  # what is not finite is told as undefined
def _on_every_letter(side: Expr, letters: tuple[Expr, ...], values: dict[str, Array], sizes: dict[str, int]) -> Array:
    """The numbers with an axis for each of the letters."""
    own = free_indices(side)
    numbers = np.asarray(evaluate(side, values), dtype=float)
    order = [own.index(letter) for letter in letters if letter in own]
    shape = [sizes[COUNTS[letter.name].name] if letter in own else 1 for letter in letters]
    full = [sizes[COUNTS[letter.name].name] for letter in letters]
    return np.broadcast_to(numbers.transpose(order).reshape(shape), full)
