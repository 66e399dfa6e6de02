"""train against the same steps written with network.backward, and what it promises when all does not go well."""

import io
import itertools
import re
import sys
import time
import tracemalloc
from collections.abc import Callable

import nbformat
import numpy as np
import pytest
from kernels import over_files
from nbclient import NotebookClient

from mlpcourse import data, network, training
from mlpcourse.network import Params
from mlpcourse.training import evaluate, train

SETTINGS = {"epochs": 3, "batch_size": 8, "learning_rate": 0.3}


def problem(D=4, H=5, K=3, N=30, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(D, N)), network.one_hot(rng.integers(K, size=N), K)
    return network.init_params(D, H, K, rng, dtype), X.astype(dtype), y


def quietly(params, X, y, seed=1, **settings):
    return train(params, X, y, rng=np.random.default_rng(seed), progress=False, **{**SETTINGS, **settings})


def plain_training(params, X, y, epochs, batch_size, learning_rate, seed=1):
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(X.shape[1])
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            grads = network.backward(params, X[:, batch], y[:, batch])
            params = Params(*(p - learning_rate * g for p, g in zip(params, grads, strict=True)))
    return params


# --- the steps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [{}, {"N": 1}, {"H": 1}, {"D": 1}, {"K": 2}, {"N": 16}, {"D": 64, "H": 32, "K": 10}])
@pytest.mark.parametrize("batch_size", [1, 8, 30, 1000])
@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-12), (np.float32, 1e-4)])
def test_the_steps_are_those_of_network_backward(sizes, batch_size, dtype, rtol):
    if dtype == np.float32 and batch_size == 1:
        rtol *= 10  # as many steps as examples amplify rounding
    params, X, y = problem(**sizes, dtype=dtype)
    settings = {**SETTINGS, "batch_size": batch_size}
    trained, _ = quietly(params, X, y, **settings)
    for mine, plain, name in zip(trained, plain_training(params, X, y, **settings), Params._fields, strict=True):
        assert mine.dtype == dtype
        np.testing.assert_allclose(mine, plain, rtol=rtol, atol=rtol, err_msg=name)


def test_the_gate_is_open_at_exactly_zero():
    params, X, y = problem(H=2)
    params = params._replace(w1=0 * params.w1)
    settings = {**SETTINGS, "epochs": 1, "batch_size": 30}
    trained, _ = quietly(params, X, y, **settings)
    assert trained.b1.all()
    np.testing.assert_allclose(trained.b1, plain_training(params, X, y, **settings).b1, rtol=1e-12)


def test_a_step_makes_no_array():
    params, X, y = problem(D=50, H=200, K=10, N=3000)
    layers = training._Layers.of(params)
    steps = training._Steps(layers, training._Examples.of(X, y, np.float64), batch_size=2000, learning_rate=0.1)
    steps.epoch(np.random.default_rng(0))
    assert sorted(steps.workspaces) == [1000, 2000]
    buffer = np.setbufsize(16)  # numpy's own, for operands of two memory orders: small, so that it hides nothing
    try:
        for workspace in steps.workspaces.values():
            batch = next(batch for batch in steps.batches if batch[0].shape[1] == workspace.z2.shape[1])
            tracemalloc.start()
            with np.errstate(all="ignore"):  # as in an epoch
                steps.step(*batch)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            assert (
                peak < 2000
            )  # the smallest array, a column for each example, has 800 or 1600 bytes; the largest 320 KB
    finally:
        tracemalloc.stop()
        np.setbufsize(buffer)


def test_what_you_pass_is_not_changed_and_not_shared():
    params, X, y = problem()
    before = [array.copy() for array in (*params, X, y)]
    trained, _ = quietly(params, X, y)
    for array, copy in zip((*params, X, y), before, strict=True):
        np.testing.assert_array_equal(array, copy)
    assert not any(np.shares_memory(a, b) for a in trained for b in (*params, *trained) if a is not b)


# --- the history --------------------------------------------------------------------------------


def test_history_is_of_the_end_of_each_epoch():
    params, X, y = problem()
    _, X_val, y_val = problem(N=7, seed=5)
    _, history = quietly(params, X, y, X_val=X_val, y_val=y_val)
    for epoch in (1, 2, 3):
        after = plain_training(params, X, y, **{**SETTINGS, "epochs": epoch})
        for part, X_part, y_part in (("", X, y), ("val_", X_val, y_val)):
            right = network.predict(after, X_part) == y_part.argmax(axis=0)
            loss = network.loss(after, X_part, y_part)
            assert getattr(history, f"{part}loss")[epoch - 1] == pytest.approx(loss, rel=1e-12)
            assert getattr(history, f"{part}accuracy")[epoch - 1] == pytest.approx(right.mean(), rel=1e-12)
    assert history.loss.shape == history.val_accuracy.shape == (3,)
    assert history.stopped == ""


def test_without_a_validation_set_its_history_is_empty():
    _, history = quietly(*problem())
    assert history.val_loss.shape == history.val_accuracy.shape == (0,)


@pytest.mark.parametrize("N", [1, 1024, 2500])
def test_evaluate_is_network_loss_and_predict(N):
    params, X, y = problem(N=N)
    score = evaluate(params, X, y)
    assert score.loss == pytest.approx(network.loss(params, X, y), rel=1e-12)
    assert score.accuracy == (network.predict(params, X) == y.argmax(axis=0)).mean()


def test_evaluate_says_when_a_logit_overflows():
    params, X, y = problem()
    assert np.isnan(evaluate(params._replace(w1=1e200 * params.w1, w2=1e200 * params.w2), X, y)).all()


# --- when all does not go well ------------------------------------------------------------------


def test_a_loss_no_longer_finite_ends_with_a_sentence(capsys):
    params, X, y = problem()
    trained, history = quietly(params, X, y, learning_rate=1e200)
    sentence = (
        "Stopped in epoch 1: the loss is no longer finite with learning rate 1e+200. You get what you started from.\n"
    )
    assert capsys.readouterr().out == sentence
    assert history.stopped == sentence.strip()
    assert history.loss.shape == (0,)
    for mine, start in zip(trained, params, strict=True):
        np.testing.assert_array_equal(mine, start)


def test_what_was_reached_before_is_not_lost(capsys):
    params, X, y = problem()
    trained, history = quietly(params, X, y, epochs=1000, batch_size=30, learning_rate=1e40)
    epochs = len(history.loss)
    assert 1 <= epochs < 1000
    assert history.stopped == (
        f"Stopped in epoch {epochs + 1}: the loss is no longer finite with learning rate 1e+40. "
        f"You get what epoch {epochs} had reached."
    )
    assert capsys.readouterr().out == history.stopped + "\n"
    assert all(np.isfinite(array).all() for array in (*trained, history.loss))
    assert evaluate(trained, X, y) == (history.loss[-1], history.accuracy[-1])


class Interrupted(np.random.Generator):
    """Random numbers that a hand interrupts as soon as ``when()`` is true, which it is asked before each epoch.

    A real signal can be lost: what listens to Python's garbage collection, as hypothesis does, may be what it stops.
    """

    when: Callable[[], bool]

    def permutation(self, *given):
        if self.when():
            raise KeyboardInterrupt
        return super().permutation(*given)


def train_until(when, params, X, y, **settings):
    rng = Interrupted(np.random.PCG64(1))
    rng.when = when
    return train(params, X, y, rng=rng, **{**SETTINGS, "epochs": 10**9, **settings})


def test_an_interrupt_returns_what_was_reached(capsys):
    params, X, y = problem()
    epochs = itertools.count(1)
    trained, history = train_until(lambda: next(epochs) == 3, params, X, y, progress=False)
    assert history.stopped == "Interrupted in epoch 3. You get what epoch 2 had reached."
    assert capsys.readouterr().out == history.stopped + "\n"
    for mine, plain in zip(trained, quietly(params, X, y, epochs=2)[0], strict=True):
        np.testing.assert_array_equal(mine, plain)


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"epochs": 0}, ValueError, "epochs must be a positive integer, but is 0"),
        ({"epochs": 2.5}, ValueError, "epochs must be a positive integer, but is 2.5"),
        ({"batch_size": -1}, ValueError, "batch_size must be a positive integer, but is -1"),
        ({"batch_size": None}, ValueError, "batch_size must be a positive integer, but is None"),
        ({"learning_rate": 0}, ValueError, "learning_rate must be a positive number, but is 0"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate must be a positive number, but is nan"),
        ({"learning_rate": "0.1"}, ValueError, "learning_rate must be a positive number, but is '0.1'"),
        ({"rng": 0}, TypeError, "rng must be a numpy Generator, as numpy.random.default_rng(0) is, but is 0"),
        ({"X_val": np.ones((4, 2))}, ValueError, "X_val and y_val belong together: y_val is missing"),
        ({"y_val": np.ones((3, 2))}, ValueError, "X_val and y_val belong together: X_val is missing"),
        (
            {"X_val": np.ones((5, 2)), "y_val": np.eye(3, 2)},
            ValueError,
            "X_val and y_val: X has shape (5, 2), but w1 has 4 columns",
        ),
        (
            {"X_val": np.ones((4, 2)), "y_val": np.eye(3)},
            ValueError,
            "X_val and y_val: y has shape (3, 3), but X has 2 columns",
        ),
        ({"X": np.ones((4, 9))}, ValueError, "y has shape (3, 30), but X has 9 columns: y needs shape (3, 9)"),
        ({"X": np.ones((2, 4, 30))}, ValueError, "X has shape (2, 4, 30), but needs two axes: shape (D, N)"),
        ({"X": np.full((4, 30), np.nan)}, ValueError, "X has shape (4, 30) and holds nan at [0, 0]"),
    ],
)
def test_bad_input_is_named(settings, error, message):
    params, X, y = problem()
    arguments = {"params": params, "X": X, "y": y, "rng": np.random.default_rng(0), **SETTINGS, **settings}
    with pytest.raises(error, match=f"^{re.escape(message)}"):
        train(**arguments)


@pytest.mark.parametrize("hide", ["not at all", "by the argument"])
def test_the_progress_bar_can_be_hidden(hide, monkeypatch):
    """A training without end, interrupted when the bar is there, or well after it would have been."""
    monkeypatch.setenv("TQDM_DISABLE", "")
    monkeypatch.setattr(sys, "stderr", shown := io.StringIO())
    end = time.monotonic() + (1.5 if hide == "by the argument" else 30)
    train_until(
        lambda: "accuracy" in shown.getvalue() or time.monotonic() > end, *problem(), progress=hide == "not at all"
    )
    if hide == "not at all":
        assert re.search(r"training: .*epoch/s, loss \d\.\d{3}, accuracy \d+\.\d%", shown.getvalue())
    else:
        assert shown.getvalue() == ""


def test_a_notebook_keeps_no_trace_of_the_bar_when_told_so(monkeypatch):
    """Long enough for a bar; the second training fails at once, and its sentence is all that is seen of it."""
    monkeypatch.setenv("TQDM_DISABLE", "1")
    start = "import numpy as np\nfrom mlpcourse import data, network, training\nrng = np.random.default_rng(0)\n"
    start += "params, points = network.init_params(2, 8, 3, rng), data.blobs(30, rng)\n"
    call = "_ = training.train(params, *points, batch_size=8, rng=rng, epochs={}, learning_rate={})"
    cells = [start + call.format(1500, 0.1), call.format(9, 1e200)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, kernel_name="python3", config=over_files()).execute()
    quiet, stopped = (cell.outputs for cell in notebook.cells)
    assert quiet == []
    assert [output.name for output in stopped] == ["stdout"]
    assert stopped[0].text.startswith("Stopped in epoch 1")


# --- what it is for -----------------------------------------------------------------------------


def test_digits_are_learned():
    """The settings of lesson 10."""
    train_set, test_set = data.digits()
    rng = np.random.default_rng(0)
    start = network.init_params(64, 128, 10, rng)
    trained, _ = train(
        start, *data.shifted(train_set), epochs=30, batch_size=16, learning_rate=0.3, rng=rng, progress=False
    )
    assert evaluate(trained, *test_set).accuracy >= 0.97


def test_spirals_are_learned():
    rng = np.random.default_rng(0)
    train_set, test_set = data.spirals(300, rng), data.spirals(300, rng)
    trained, history = train(
        network.init_params(2, 32, 3, rng),
        *train_set,
        epochs=200,
        batch_size=20,
        learning_rate=0.5,
        rng=rng,
        progress=False,
    )
    assert history.accuracy[-1] > 0.97
    assert evaluate(trained, *test_set).accuracy > 0.97
