"""The prover: never fooled by pairs made for it, and with each rule spoilt always by one of them."""

from __future__ import annotations

import contextlib
import importlib.util
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import brute_force
import numpy as np
import pytest
import sympy as sp
from prover_pairs import FALSE, TRUE, UNDEFINED

from mlpcourse.derivation import defined as defined_module
from mlpcourse.derivation import derivatives, judge, normal_form
from mlpcourse.derivation.letters import A2, K, Sum, k, z2
from mlpcourse.derivation.normal_form import Unproven, equal

AT_KINK = ("open at 0 or not", "closed at 0 or not", "z = 0 is not nothing", "a slope at the kink")


def is_seen(first: Any, second: Any) -> bool:
    try:
        return equal(first, second)
    except Unproven:
        return False


# --- pairs made for it ----------------------------------------------------------------------------------


@pytest.mark.parametrize("case", TRUE)
def test_what_is_equal_is_proven(case: str) -> None:
    judgement = judge(*TRUE[case])
    assert judgement.verdict == "proven", judgement.reason


@pytest.mark.parametrize("case", FALSE)
def test_what_only_looks_equal_is_refuted_with_a_network(case: str) -> None:
    first, second = FALSE[case]
    assert not is_seen(first, second)
    judgement = judge(first, second)
    if case == "by hardly more than rounding":
        assert judgement.verdict == "undecided"
        return
    assert judgement.verdict == "refuted", judgement.reason
    assert judgement.at_kink == (case in AT_KINK)
    assert judgement.values is not None
    assert judgement.at is not None
    network = brute_force.from_arrays(judgement.values)
    for side, number in ((first, judgement.first), (second, judgement.second)):
        assert brute_force.number(side, network, dict(judgement.at)) == pytest.approx(number, rel=1e-9, abs=1e-9)
    assert abs(judgement.first - judgement.second) > 1e-6


@pytest.mark.parametrize("case", UNDEFINED)
def test_what_means_nothing_is_never_proven_and_told_by_a_rule(case: str) -> None:
    judgement = judge(*UNDEFINED[case])
    assert judgement.verdict == "undefined"
    assert judgement.reason
    assert not is_seen(*UNDEFINED[case])


def test_a_verdict_is_the_same_every_time_and_wherever_it_is_asked_for() -> None:
    first, second = FALSE["one path only"]
    judgement = judge(first, second)
    with sp.evaluate(False):
        again = judge(first, second)
        assert judge(*TRUE["the short road"]).verdict == "proven"
    assert (again.first, again.second, again.at) == (judgement.first, judgement.second, judgement.at)
    np.testing.assert_array_equal(again.values["X"], judgement.values["X"])  # type: ignore[index]


def test_what_is_too_much_is_not_decided() -> None:
    deep: Any = A2[k]
    long: Any = sp.Integer(1)
    with sp.evaluate(False):
        for _ in range(3000):
            deep = sp.exp(deep)
        for _ in range(40):
            long = long * (A2[k] + z2[k])
        many = Sum(A2[k], (k, 1, K)) ** 500
    for line in (deep, long, many):
        assert judge(line, sp.Integer(1)).verdict in ("undecided", "refuted")


# --- each rule spoilt -------------------------------------------------------------------------------------

MUTANTS = {
    "a label forgets its example": [("normal_form", "T[example[0]] if example else t", "t")],
    "u I(u > 0) for any factor": [("normal_form", "if powers.get(inner, 0) > 0:", "if True:")],
    "everything is its own square": [("normal_form", "1 if isinstance(base, INDICATORS) else power", "min(power, 1)")],
    "a divisor may be 0": [("normal_form", "if not is_positive(rest):", "if False:")],
    "the logarithm of anything": [("normal_form", "if not is_positive(inner):", "if False:")],
    "a sum is positive if one term is": [
        ("normal_form", "return all(map(is_positive, expr.args))", "return any(map(is_positive, expr.args))"),
    ],
    "cases may contradict": [("normal_form", "number - other) != 0:", "number - other) is None:")],
    "cases may leave a gap": [("normal_form", "if none_holds != 0:", "if none_holds is None:")],
    "a delta over two ranges": [
        ("normal_form", "if _count(left) != _count(right):", "if False:"),
        ("normal_form", "if drop in bound and _count(drop) == _count(keep):", "if drop in bound:"),
    ],
    "0 > 0": [("normal_form", "(u == 0 and not strict)", "(u == 0)")],
    "I(-u >= 0) without u = 0": [
        ("normal_form", "1 - (Gate(u) if strict else Positive(u))", "1 - (Positive(u) if strict else Gate(u))"),
    ],
    "I(u > 0) is I(u >= 0)": [("normal_form", "return Positive(u) if strict else Gate(u)", "return Gate(u)")],
    "a sum from anywhere": [("normal_form", "if low != 1 or high not in LETTERS:", "if high not in LETTERS:")],
    "a bound letter may be caught": [("normal_form", "if name not in free)", "if name)")],
    "the sum of 1 is 1": [("normal_form", "return sp.Mul(*map(_count, group))", "return sp.Integer(1)")],
    "a derivative's index may be caught": [
        ("derivatives", "fresh = sp.Dummy(index.name, integer=True)", "fresh = index"),
    ],
    "labels before derivatives": [
        ("normal_form", "self.of(derived(expr))", "self.of(derived(Partial(self.of(expr.args[0]), expr.args[1])))"),
    ],
    "one example and a batch": [("defined", "if len(seen) == 2:", "if False:")],
    "an index of another range": [("defined", "if counted != size:", "if False:")],
    "any index": [("defined", "if not is_index(index):", "if False:"), ("defined", "if counted != size:", "if False:")],
}  # fmt: skip


def mutated(changes: list[tuple[str, str, str]]) -> Any:
    """The normal form's module with its source changed, and that of the modules it stands on."""
    sources = {module.__name__: Path(str(module.__file__)).read_text(encoding="utf-8") for module in MODULES}
    for name, old, new in changes:
        name = f"mlpcourse.derivation.{name}"
        assert sources[name].count(old) == 1, (name, old)
        sources[name] = sources[name].replace(old, new)
    kept = {name: sys.modules[name] for name in sources}
    try:
        for module in MODULES:
            spec = importlib.util.spec_from_loader(module.__name__, loader=None)
            assert spec is not None
            fresh = importlib.util.module_from_spec(spec)
            sys.modules[module.__name__] = fresh
            exec(compile(sources[module.__name__], module.__name__, "exec"), fresh.__dict__)
        return sys.modules["mlpcourse.derivation.normal_form"]
    finally:
        sys.modules.update(kept)


MODULES = (defined_module, derivatives, normal_form)


def fooled(module: Any) -> Iterator[str]:
    """The pairs that are not equal and that the module sees equal."""
    for name, (first, second) in {**UNDEFINED, **FALSE}.items():
        with contextlib.suppress(Exception):  # spoilt, it may stumble as well: that is no wrong tick
            if module.equal(first, second):
                yield name


def test_unspoilt_it_is_not_fooled() -> None:
    assert not list(fooled(mutated([])))


@pytest.mark.parametrize("mutant", MUTANTS)
def test_without_a_side_condition_it_is_fooled(mutant: str) -> None:
    assert next(fooled(mutated(MUTANTS[mutant])), None)


def test_pairs_are_many() -> None:
    assert len(TRUE) + len(FALSE) + len(UNDEFINED) > 120
