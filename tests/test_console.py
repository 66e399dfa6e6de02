"""What a learner prints can be written, and read, on a console of few letters, as of Windows or without a locale."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from mlpcourse.derivation import notation, show, show_handout, show_slips
from mlpcourse.exercises import EXERCISES, Verdict, check, derive, given, hint, is_true, learner, progress, solution
from mlpcourse.exercises.verdict import Kind

ENCODINGS = pytest.mark.parametrize("encoding", ["cp1252", "ascii"])


def console(encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding=encoding)


def everything() -> Iterator[Any]:
    """One of each kind of thing that is shown, and all that an exercise of each kind shows."""
    yield from (progress(), notation(), show_handout(), show_slips(), show("output_delta"))
    yield is_true("sum_i dL/dz2_i = 0")
    yield derive("output_delta", "-sum_k y_k dlog A2_k/dz2_i\n2\nA2_i - y_i")
    for kind in get_args(Kind):
        yield Verdict(kind, "gate", "Why.", facts=("So.",))
    for name in {type(exercise): name for name, exercise in EXERCISES.items()}.values():
        yield from (check(name, None), given(name), hint(name), solution(name))


@ENCODINGS
def test_whatever_is_shown_can_be_printed_and_each_sign_has_a_stand_in(encoding: str, monkeypatch: pytest.MonkeyPatch):
    for shown in everything():
        with monkeypatch.context() as context:
            context.setattr(sys, "stdout", io.StringIO())
            meant = str(shown)
            context.setattr(sys, "stdout", console(encoding))
            print(shown)
            assert str(shown).count("?") == meant.count("?"), meant


@ENCODINGS
def test_a_learners_own_letters_raise_nothing(encoding: str, monkeypatch: pytest.MonkeyPatch):
    def softmax(ζ):
        raise ValueError("漢 \udcff")

    monkeypatch.setattr(sys, "stdout", console(encoding))
    print(check(softmax))
    print(learner("Łukasz"))
    print(derive("output_delta", "δ2_i ⊙ 1"))
    assert "your code raised an error" in str(check(softmax))
