"""Proofs: every line of each derivation, with all that could be remembered from the last time forgotten."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from sympy.core.cache import clear_cache
from timing import Row, Wrong, race

from mlpcourse import derivation
from mlpcourse.derivation import proof


def proving(name: str) -> Callable[[], object]:
    def run() -> None:
        clear_cache()
        proof._measured.cache_clear()
        if unproven := [one for one in derivation.prove(name) if not one.proven]:
            raise Wrong(f"line {unproven[0].line} of {name} is not proven: {unproven[0].problem}")

    return run


def rows() -> Iterator[Row]:
    for name, taken in race({name: proving(name) for name in derivation.DERIVATIONS}, least=0).items():
        yield Row(f"prove {name}, {len(derivation.DERIVATIONS[name].lines)} lines", taken)
