"""The benchmarks' own machinery: what is wrong is never timed, what is missing is said. No duration is judged."""

import importlib
import importlib.util
import json
import os
import sys
from pathlib import Path

import digits
import gradient_check
import numpy as np
import pytest
import tables
import training_step
from timing import Row, Time, Wrong, agree, race, with_threads

from mlpcourse.network import Params

BENCHMARKS = Path(__file__).parent.parent / "benchmarks"
specification = importlib.util.spec_from_file_location("benchmarks_main", BENCHMARKS / "__main__.py")
command = importlib.util.module_from_spec(specification)
specification.loader.exec_module(command)

TINY = training_step.Size(3, 4, 2, 5, "float64", 3)
SECOND = Time(1.0, 0.9, 1.2)


@pytest.mark.parametrize("name", command.BENCHMARKS)
def test_every_benchmark_can_be_imported(name):
    assert callable(importlib.import_module(name).rows)


def test_every_benchmark_is_in_the_list():
    machinery = {"__main__", "timing", "tables"}
    assert {path.stem for path in BENCHMARKS.glob("*.py")} - machinery == set(command.BENCHMARKS)


# --- what is wrong ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ([1.0, 2.001], "array 1 is off by 4.5e-04, and 1e-06 is allowed"),
        ([1.0, np.nan], "array 1 is off by nan"),
        ([[1.0, 2.0]], r"array 1 has shape \(1, 2\), expected \(2,\)"),
    ],
)
def test_results_that_disagree(result, says):
    agree("right", [[1.0, 2.0 + 1e-9]], [[1.0, 2.0]], 1e-6)
    with pytest.raises(Wrong, match=f"^somebody: {says}"):
        agree("somebody", [result], [[1.0, 2.0]], 1e-6)


def test_our_step_passes_before_it_is_timed():
    task = training_step.Task.of(TINY)
    assert callable(training_step.checked("ours", training_step.ours(task), task, training_step.plain(task)))


@pytest.mark.parametrize("slip", ["stands still", "a step too far", "another layer's step"])
def test_a_step_that_is_wrong_is_not_timed(slip):
    task = training_step.Task.of(TINY)
    expected = training_step.plain(task)
    w1, b1, w2, b2 = (after - start for after, start in zip(expected, task.start, strict=True))
    changes = {
        "stands still": [0 * w1, 0 * b1, 0 * w2, 0 * b2],
        "a step too far": [1.001 * w1, b1, w2, b2],
        "another layer's step": [w1, w1[:, :1], w2, b2],
    }[slip]
    reached = Params(*(start + change for start, change in zip(task.start, changes, strict=True)))
    with pytest.raises(Wrong, match=r"^a peer at 3-4-2, batch 5, float64: array \d is off"):
        training_step.checked("a peer", training_step.Contestant(lambda: None, lambda: reached), task, expected)


def test_a_wrong_gradient_check_is_not_timed(monkeypatch):
    monkeypatch.setattr(gradient_check, "SIZES", (4, 3, 2))
    monkeypatch.setattr(gradient_check, "usual_loop", lambda params, X, y: [1.01 * array for array in params])
    with pytest.raises(Wrong, match=r"^the usual loop over a loss without checks"):
        next(gradient_check.rows())


def test_a_learner_of_digits_that_learns_nothing_is_not_timed(monkeypatch):
    monkeypatch.setattr(digits, "MOST_EPOCHS", 2)
    start = Params(np.zeros((2, digits.D)), np.zeros((2, 1)), np.zeros((digits.K, 2)), np.zeros((digits.K, 1)))
    with pytest.raises(Wrong, match="nobody does not reach 97% in 2 epochs"):
        digits.best_rate("nobody", lambda seed, rate: (lambda: None, lambda: start))
    with pytest.raises(Wrong, match="nobody misses 97% in 2 epochs, which were enough before"):
        digits.seconds("nobody", lambda seed, rate: (lambda: None, lambda: start), 0, 0.5, 2)


def test_the_best_rate_of_digits_is_the_one_with_the_fewest_epochs(monkeypatch):
    needed = {(0.5, seed): 9 for seed in range(5)} | {(2.0, seed): 4 for seed in range(3)}  # two seeds never get there
    monkeypatch.setattr(digits, "RATES", (0.5, 2.0, 8.0))
    monkeypatch.setattr(digits, "reached", lambda epochs_and_needed: epochs_and_needed[0] >= epochs_and_needed[1])

    def make(seed, rate):
        epochs = []
        return lambda: epochs.append(1), lambda: (len(epochs), needed.get((rate, seed), np.inf))

    assert digits.best_rate("somebody", make) == (2.0, [4, 4, 4, np.inf, np.inf])


# --- the table ----------------------------------------------------------------------------------


def run(monkeypatch, capsys, tmp_path, source, *arguments):
    """The command, with one benchmark, made of ``source``: its exit code, standard output and error."""
    (tmp_path / "made_up.py").write_text(f"from timing import Row, Time, Wrong\n\n\ndef rows():\n{source}")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "made_up", raising=False)
    monkeypatch.setattr(command, "BENCHMARKS", ["made_up"])
    monkeypatch.setattr(sys, "argv", ["benchmarks", *arguments])
    code = command.main()
    return code, *capsys.readouterr()


def test_a_wrong_benchmark_fails_and_reports_no_time(monkeypatch, capsys, tmp_path):
    source = "    raise Wrong('2 + 2 is not 5')\n    yield\n"
    code, out, err = run(monkeypatch, capsys, tmp_path, source)
    assert code == 1
    assert "No time is reported for what is wrong. made_up: 2 + 2 is not 5" in err
    assert out.endswith("|--:|:--|\n")


def test_json_and_markdown_in_one_run(monkeypatch, capsys, tmp_path):
    source = "    yield Row('adding', Time(2.0, 1.9, 2.2), 'a peer', Time(5.0, 4.0, 6.0), 2)\n"
    code, out, err = run(monkeypatch, capsys, tmp_path, source, "--json")
    assert code == 0
    assert err.endswith("| adding | 2 (1.9 to 2.2) s | a peer | 5 (4 to 6) s | 2.50 | 2: met |\n")
    found = json.loads(out)
    assert found["wrong"] == []
    assert found["rows"][0]["ratio"] == 2.5
    assert found["machine"]["numpy"] == np.__version__
    assert found["machine"]["cores"] == os.cpu_count()


def test_a_missing_peer_has_a_row_that_says_so(monkeypatch):
    monkeypatch.setattr(training_step, "installed", lambda module: False)
    assert set(training_step.times(TINY)) == {"ours", training_step.FLOOR}
    row = Row("a step", SECOND, "JAX jit: not installed", None, 1)
    assert command.as_markdown(row) == "| a step | 1 (0.9 to 1.2) s | JAX jit: not installed |  |  |  |"
    assert command.as_json("training_step", row)["theirs"] is None


@pytest.mark.parametrize(("theirs", "says"), [(2.0, "2: met"), (1.5, "2: missed by 25%")])
def test_an_aim_that_is_missed_says_by_how_much(theirs, says):
    assert command.verdict(Row("a step", SECOND, "a peer", Time(theirs, theirs, theirs), 2)) == says


def test_units():
    assert command.shown(Time(2e-5, 1.9e-5, 2.1e-5), "s") == "20 (19 to 21) us"
    assert command.shown(Time(0.25, 0.2, 0.3), "s") == "250 (200 to 300) ms"
    assert command.shown(Time(64.0, 64.0, 64.0), "MB") == "64 (64 to 64) MB"


# --- the race -----------------------------------------------------------------------------------


def test_contestants_take_turns():
    calls = []
    times = race({"a": lambda: calls.append("a"), "b": lambda: calls.append("b")}, rounds=3, least=0)
    assert "".join(calls) == "ab" + "ab" * 3  # once to warm up, then in turn
    assert list(times) == ["a", "b"]
    assert all(0 <= time.low <= time.median <= time.high for time in times.values())


def test_threads_are_those_of_a_process_of_its_own():
    assert with_threads(1, os.getenv, "OPENBLAS_NUM_THREADS") == "1"
    assert with_threads(1, os.getpid) != os.getpid()
    if hasattr(os, "sched_getaffinity"):
        assert len(with_threads(1, os.sched_getaffinity, 0)) == 1


# --- the tables ------------------------------------------------------------------------


def test_a_table_has_a_column_for_each_peer_and_one_line_for_what_has_none():
    row = {"ours": {"median": 2e-5}, "unit": "s", "peer": "a", "ratio": 2.5, "verdict": "2: met"}
    step = {**row, "benchmark": "training_step", "what": "training step 2-16-3"}
    steps = [step, {**step, "peer": "b", "ratio": 0.5, "verdict": "1: missed by 50%"}]
    missing = {**step, "peer": "c: not installed", "ratio": None, "verdict": ""}
    assert list(tables.training([*steps, missing])) == [
        "| training step | ours | a | b | c |",
        "|:--|--:|--:|--:|--:|",
        "| 2-16-3 | 20 us | 2.50 | **0.50** | not installed |",
    ]
    key = {**row, "what": "Gate: key to paint; p95 **20.4** ms", "ratio": 14.0, "verdict": "15: missed by 7%"}
    drag = {**row, "what": "Gate: drag to paint; p95 9.0 ms; 60.1 frames/s", "ratio": 20.0}
    assert list(tables.views([key, drag]))[2:] == ["| Gate | 0.0, **20.4** ms | 0.0, 9.0 ms | 60.1 | **14** | 20 |"]
    proofs = [{**row, "benchmark": "proofs", "what": f"prove {name}", "ratio": None} for name in "abc"]
    proofs[1]["ours"] = {"median": 0.5}
    size = {**row, "benchmark": "grading", "what": "memory", "unit": "MB", "ours": {"median": 64.0}}
    assert list(tables.other([*proofs, size]))[2:] == [
        "| proof of a derivation, median of 3 | 20 us |  |  |  |",
        "| the slowest, prove b | 500 ms |  |  |  |",
        "| memory | 64 MB | a | 2.50 | 2: met |",
    ]
