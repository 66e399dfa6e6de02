"""Whether two expressions are equal, by two witnesses: the normal form, and numbers on networks drawn for this pair.

A fault in one of the two can make no wrong verdict: "proven" needs both, and "refuted" a network to check by hand.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

import numpy as np
import sympy as sp

from mlpcourse.derivation.defined import Undefined, Unproven, check
from mlpcourse.derivation.letters import Expr
from mlpcourse.derivation.normal_form import equal, normal
from mlpcourse.derivation.numbers import Numbers, free_indices, random_values, values_at_kink
from mlpcourse.derivation.typesetting import plain
from mlpcourse.network import Array

# D, H, K and N all differ, each is larger than each of the others somewhere, and none is the same twice.
SIZES = ((2, 3, 5, 4), (4, 5, 2, 3), (3, 2, 4, 5))
AT_KINK = (2, 4, 3, 5)
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
    try:
        with sp.evaluate(True):
            return _judge(first, second)
    except Undefined as problem:
        return Judgement("undefined", str(problem))
    except Unproven as problem:
        return Judgement("undecided", str(problem))
    except RecursionError:
        return Judgement("undecided", "it is nested too deeply")


def _judge(first: Expr, second: Expr) -> Judgement:
    batch = check(first, second)
    unproven = ""
    for side in (first, second):  # a rule may see what numbers do not: a divisor that is 0 but for rounding
        try:
            normal(side, one_hot=True)
        except Undefined:
            raise
        except Unproven as problem:
            unproven = unproven or str(problem)
    networks = _networks(plain(first) + plain(second), batch)
    if found := _difference(first, second, next(networks)):
        return found
    proven = not unproven and equal(first, second)
    for network in networks:
        if found := _difference(first, second, network):
            return found
    if proven:
        return Judgement("proven")
    return Judgement("undecided", unproven or "the two are equal on every network tried, but not proven to be")


Network = tuple[dict[str, Array], dict[str, int], bool]  # values, sizes, whether a z1 is 0


def _networks(seed: str, batch: bool) -> Iterator[Network]:
    """Networks of several sizes, drawn for this text; the last has a z1 that is exactly 0."""
    rng = np.random.default_rng(zlib.crc32(seed.encode()))
    for draw, (D, H, K, N) in (*((random_values, sizes) for sizes in SIZES), (values_at_kink, AT_KINK)):
        sizes = {"D": D, "H": H, "K": K, "N": N if batch else 1}
        yield draw(rng, **sizes), sizes, draw is values_at_kink


def _difference(first: Expr, second: Expr, network: Network) -> Judgement | None:
    """Refuted, undefined or undecided on this network, or None where the two agree but for rounding."""
    values, sizes, at_kink = network
    numbers = Numbers(values)
    letters = tuple(sorted({*free_indices(first), *free_indices(second)}, key=str))
    try:
        one, other = numbers.of(first, letters), numbers.of(second, letters)
    except (IndexError, ValueError, TypeError, OverflowError) as problem:
        return Judgement("undecided", str(problem))
    if np.isnan(one).any() or np.isnan(other).any():
        if numbers.undefined:
            return Judgement("undefined", numbers.undefined[0])
        return Judgement("undecided", "its numbers are too large to compare")
    apart = np.abs(one - other) / (1 + np.abs(one) + np.abs(other))
    if not np.isfinite(apart).all():
        return Judgement("undecided", "its numbers are too large to compare")
    if apart.max() > APART:
        place = np.unravel_index(apart.argmax(), apart.shape)
        at = {letter.name: int(index) + 1 for letter, index in zip(letters, place, strict=True)}
        return Judgement("refuted", "", values, sizes, at, float(one[place]), float(other[place]), at_kink)
    if apart.max() > SAME:
        return Judgement("undecided", "their numbers differ by hardly more than rounding")
    return None
