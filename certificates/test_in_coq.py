"""A prover that cannot refuse proves nothing: every line, spoilt, must stay open. Needs Coq, and takes minutes."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from test_derivation_mutants import a_few_entries, mutants, numbers

from mlpcourse.derivation import DERIVATIONS, Derivation
from mlpcourse.derivation.certificates import INSTALL, LIBRARY, PARTS, _certified, certified
from mlpcourse.derivation.coq import Inexpressible, context, statement
from mlpcourse.derivation.letters import L_mean
from mlpcourse.derivation.numbers import free_indices, random_values

MUTANTS_A_LINE = int(os.environ.get("MUTANTS_A_LINE", "2"))
SECONDS_A_MUTANT = 20


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("coqc") is None:
        pytest.skip(f"needs coqc; {INSTALL}")
    folder = tmp_path_factory.mktemp("library")
    for part in PARTS[:-1]:
        shutil.copy(LIBRARY / f"{part}.v", folder)
        coqc(folder, part)
    return folder


def coqc(folder: Path, name: str) -> None:
    """Assert that Coq takes NAME.v."""
    command = ["coqc", "-q", "-w", "none", "-Q", ".", "", f"{name}.v"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def spoilt(derivation: Derivation) -> Iterator[str]:
    """Statements of wrong lines: wrong, since on a network they give another number than the line."""
    sizes = {"D": 2, "H": 3, "K": 4, "N": 3 if derivation.lhs.has(L_mean) else 1}
    values = random_values(np.random.default_rng(5), **sizes)
    entries = a_few_entries(derivation, values, sizes)
    for line in derivation.lines:
        right = numbers(line.expr, values, entries)
        assert right is not None
        found = 0
        for _, mutant in mutants(line.expr, free_indices(line.expr)):
            lines = [line._replace(expr=mutant) if old is line else old for old in derivation.lines]
            try:
                stated = statement(derivation._replace(lines=tuple(lines)), line.key).text
            except Inexpressible:  # what cannot be stated is not certified
                continue
            wrong = numbers(mutant, values, entries)
            if wrong is None or np.allclose(wrong, right, rtol=1e-9, atol=1e-12):
                continue
            yield stated
            found += 1
            if found == MUTANTS_A_LINE:
                break
        assert found, f"{derivation.name} {line.key}: no mutant can be stated"


@pytest.mark.parametrize("name", DERIVATIONS)
def test_no_spoilt_line_is_certified(name: str, library: Path) -> None:
    derivation = DERIVATIONS[name]
    goals = [
        f"Goal {text}.\nProof. Fail timeout {SECONDS_A_MUTANT} (solve [line]). Abort.\n"
        for text in spoilt(derivation)
    ]  # fmt: skip
    (library / f"{name}.v").write_text(context(derivation) + "".join(goals) + "End Lines.\n", encoding="utf-8")
    assert goals
    coqc(library, name)


def test_a_true_line_would_be_noticed(library: Path) -> None:
    """The check above can fail: among the spoilt lines, a right one is certified, and Coq says so."""
    derivation = DERIVATIONS["output_delta"]
    text = statement(derivation, derivation.keys[-1]).text
    goal = f"Goal {text}.\nProof. Fail timeout {SECONDS_A_MUTANT} (solve [line]). Abort.\n"
    (library / "right.v").write_text(context(derivation) + goal + "End Lines.\n", encoding="utf-8")
    with pytest.raises(AssertionError, match="The command has not failed"):
        coqc(library, "right")


def test_a_wrong_line_is_named_and_the_others_are_certified(library: Path) -> None:
    derivation = DERIVATIONS["shift_invariance"]
    first, second, *rest = derivation.lines
    wrong = derivation._replace(lines=(first, second._replace(expr=2 * second.expr), *rest))
    rows = _certified(library, wrong)
    assert [row.certified for row in rows] == [True, False, False, True]
    assert [row.line for row in rows if row.problem == "not closed by the tactic"] == list(derivation.keys[1:3])


def test_the_record_holds_for_every_line() -> None:
    void = [f"{name} {key}" for name, one in DERIVATIONS.items() for key in one.keys if not certified(one, key)]
    assert not void, "make certify, and commit mlpcourse/derivation/certified.json"


def test_the_readme_counts_right() -> None:
    lines = sum(len(one.keys) for one in DERIVATIONS.values())
    assert f"All {lines} lines" in (LIBRARY.parent / "README.md").read_text(encoding="utf-8")
