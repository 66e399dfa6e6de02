"""Gradient descent with the derived gradients (lesson 10).

``network.backward`` is written to be read. ``train`` takes the same steps, but writes every result into arrays
made beforehand: a step makes no array. A test holds the two to the same numbers.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from tqdm.auto import tqdm

from mlpcourse import network
from mlpcourse.network import Array, Params

EVALUATED_AT_ONCE = 1024  # examples: enough to keep numpy busy, few enough to stay in the cache


class Score(NamedTuple):
    """The loss L, and the accuracy: the share of the examples whose most probable class is the true one."""

    loss: float
    accuracy: float


class History(NamedTuple):
    """What ``train`` saw at the end of each epoch: arrays of shape (epochs,).

    ``loss`` and ``accuracy`` are of the whole training set, ``val_loss`` and ``val_accuracy`` of the validation set,
    shape (0,) without one. ``stopped`` is the sentence that says why training ended early, or empty.
    """

    loss: Array
    accuracy: Array
    val_loss: Array
    val_accuracy: Array
    stopped: str


def evaluate(params: Params, X: Array, y: Array) -> Score:
    """Loss and accuracy on the examples X (D, N), y (K, N).

    The loss is NaN where a logit overflows. Raises what ``network.loss`` raises.
    """
    params, X, y = network.one_network(params, X, y)
    layers = _Layers.of(params)
    return _score(layers, _Rows.of(X, y, layers.flat.dtype))


def train(
    params: Params,
    X: Array,
    y: Array,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
    X_val: Array | None = None,
    y_val: Array | None = None,
    progress: bool = True,
) -> tuple[Params, History]:
    """Mini-batch gradient descent on X (D, N), y (K, N) from ``params`` on: the trained parameters, and the history.

    Each epoch puts the examples into the order ``rng.permutation(N)`` and takes one step,
    parameter - learning_rate * gradient, for every ``batch_size`` of them (for what is left, at the end).
    After half a second a progress bar appears, unless ``progress`` is False or TQDM_DISABLE is set in the environment.
    The arrays that you pass stay as they are. The parameters' dtype is that of the computation.

    A loss that is no longer finite ends the training, and so does an interrupt (the stop button, or Ctrl-C): a
    sentence says so, and you get what the last full epoch had reached.
    Raises what ``network.loss`` raises, and ValueError or TypeError for a setting that is not positive or of another
    type, or a validation set of which only one half is given.
    """
    params, X, y = network.one_network(params, X, y)
    _check_settings(epochs, batch_size, learning_rate, rng)
    layers = _Layers.of(params)
    rows = _Rows.of(X, y, layers.flat.dtype)
    watched = [rows]
    if X_val is not None or y_val is not None:
        if X_val is None or y_val is None:
            raise ValueError(f"X_val and y_val belong together: {'X_val' if X_val is None else 'y_val'} is missing")
        try:
            _, X_val, y_val = network.one_network(params, X_val, y_val)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X_val and y_val: {error}") from None
        watched.append(_Rows.of(X_val, y_val, layers.flat.dtype))
    steps = _Steps(layers, rows, batch_size, learning_rate)

    reached, scores, stopped = layers.params(), list[list[Score]](), ""
    hidden = not progress or bool(os.environ.get("TQDM_DISABLE"))  # tqdm's own switch, which its notebook bar overrides
    with tqdm(total=epochs, desc="training", unit="epoch", delay=0.5, leave=False, disable=hidden) as bar:
        try:
            for epoch in range(1, epochs + 1):
                steps.epoch(rng)
                now = [_score(layers, part) for part in watched]
                if not (np.isfinite(now).all() and np.isfinite(layers.flat).all()):
                    stopped = (
                        f"Stopped in epoch {epoch}: the loss is no longer finite with learning rate {learning_rate:g}."
                    )
                    break
                reached, scores = layers.params(), [*scores, now]
                bar.set_postfix_str(f"loss {now[-1].loss:.3f}, accuracy {now[-1].accuracy:.1%}", refresh=False)
                bar.update()
        except KeyboardInterrupt:
            stopped = f"Interrupted in epoch {len(scores) + 1}."
        if stopped:
            bar.total = None  # or a bar that fell short of it would stay in the notebook, in red
    if stopped:
        stopped += f" You get what epoch {len(scores)} had reached." if scores else " You get what you started from."
        print(stopped)
    loss, accuracy = _columns([now[0] for now in scores])
    val_loss, val_accuracy = _columns([now[1] for now in scores if len(now) == 2])
    return reached, History(loss, accuracy, val_loss, val_accuracy, stopped)


def _columns(scores: list[Score]) -> tuple[Array, Array]:
    return np.array([score.loss for score in scores]), np.array([score.accuracy for score in scores])


# --- checking arguments -------------------------------------------------------------------------


def _check_settings(epochs: object, batch_size: object, learning_rate: object, rng: object) -> None:
    for name, value in {"epochs": epochs, "batch_size": batch_size}.items():
        if not isinstance(value, int | np.integer) or value < 1:
            raise ValueError(f"{name} must be a positive integer, but is {value!r}")
    if not isinstance(learning_rate, float | int | np.floating) or not 0 < learning_rate < np.inf:
        raise ValueError(f"learning_rate must be a positive number, but is {learning_rate!r}")
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"rng must be a numpy Generator, as numpy.random.default_rng(0) is, but is {rng!r}")


# --- the same mathematics, in place -------------------------------------------------------------


class _Layers:
    """w1, b1, w2, b2, or what is subtracted from them, in one flat array: one call then updates everything.

    ``layer1`` (H, D + 1) is [w1 b1] and ``layer2`` (K, H + 1) is [w2 b2]: a bias is the weight of an input that is
    always 1. Folded in, it costs no calls of its own, neither forward nor backward.
    """

    def __init__(self, D: int, H: int, K: int, dtype: npt.DTypeLike) -> None:
        self.D, self.H, self.K = D, H, K
        self.flat = np.zeros(H * (D + 1) + K * (H + 1), dtype)
        self.layer1 = self.flat[: H * (D + 1)].reshape(H, D + 1)
        self.layer2 = self.flat[H * (D + 1) :].reshape(K, H + 1)

    @classmethod
    def of(cls, params: Params) -> _Layers:
        (H, D), (K, _) = params.w1.shape, params.w2.shape
        layers = cls(D, H, K, np.result_type(*params))
        layers.layer1[:] = np.hstack([params.w1, params.b1])
        layers.layer2[:] = np.hstack([params.w2, params.b2])
        return layers

    def params(self) -> Params:
        w1, b1 = self.layer1[:, :-1], self.layer1[:, -1:]
        w2, b2 = self.layer2[:, :-1], self.layer2[:, -1:]
        return Params(*(array.copy() for array in (w1, b1, w2, b2)))


class _Rows(NamedTuple):
    """Examples as rows, each one stretch of memory: inputs (N, D + 1), whose last column is 1, and y (N, K)."""

    inputs: Array
    y: Array

    @classmethod
    def of(cls, X: Array, y: Array, dtype: npt.DTypeLike) -> _Rows:
        inputs = np.ones((X.shape[1], X.shape[0] + 1), dtype)
        inputs[:, :-1] = X.T
        return cls(inputs, np.ascontiguousarray(y.T, dtype))

    def batches(self, size: int) -> list[tuple[Array, Array]]:
        """As columns again: views (D + 1, size) and (K, size) of the rows, the last perhaps with fewer columns."""
        starts = range(0, len(self.inputs), size)
        return [(self.inputs[start : start + size].T, self.y[start : start + size].T) for start in starts]


class _Workspace:
    """Room for all that is computed from a batch of ``size`` examples."""

    def __init__(self, layers: _Layers, size: int) -> None:
        H, K, dtype = layers.H, layers.K, layers.flat.dtype
        self.layers = layers
        self.A1_and_ones = np.ones((H + 1, size), dtype)
        self.A1 = self.A1_and_ones[:H]
        self.gate = np.empty((H, size), bool)
        self.z2 = np.empty((K, size), dtype)
        self.column = np.empty((1, size), dtype)
        self.delta1 = np.empty((H, size), dtype)
        self.w2_transposed = layers.layer2[:, :H].T

    def forward(self, X: Array) -> None:
        """z1, its gate, and A1 in place of z1; then z2."""
        np.matmul(self.layers.layer1, X, out=self.A1)
        np.greater_equal(self.A1, 0, out=self.gate)
        np.maximum(self.A1, 0, out=self.A1)
        np.matmul(self.layers.layer2, self.A1_and_ones, out=self.z2)

    def step(self, X: Array, y: Array, rate: float, change: _Layers) -> None:
        """One step along the gradient of the batch's summed loss; ``change`` is room for what is subtracted."""
        self.forward(X)
        np.maximum.reduce(self.z2, axis=0, keepdims=True, out=self.column)
        np.subtract(self.z2, self.column, out=self.z2)
        np.exp(self.z2, out=self.z2)
        np.add.reduce(self.z2, axis=0, keepdims=True, out=self.column)
        A2 = np.divide(self.z2, self.column, out=self.z2)
        delta2 = np.subtract(A2, y, out=self.z2)
        np.multiply(delta2, rate, out=delta2)  # here, where the arrays are smallest
        np.matmul(delta2, self.A1_and_ones.T, out=change.layer2)
        np.matmul(self.w2_transposed, delta2, out=self.delta1)
        np.multiply(self.delta1, self.gate, out=self.delta1)
        np.matmul(self.delta1, X.T, out=change.layer1)
        np.subtract(self.layers.flat, change.flat, out=self.layers.flat)


class _Steps:
    """The steps of an epoch, in arrays that every epoch uses again."""

    def __init__(self, layers: _Layers, rows: _Rows, batch_size: int, learning_rate: float) -> None:
        self.rows = rows
        self.shuffled = _Rows(np.empty_like(rows.inputs), np.empty_like(rows.y))
        self.batches = self.shuffled.batches(batch_size)
        self.workspaces = {size: _Workspace(layers, size) for size in {X.shape[1] for X, _ in self.batches}}
        self.change = _Layers(layers.D, layers.H, layers.K, layers.flat.dtype)
        self.learning_rate = learning_rate

    def epoch(self, rng: np.random.Generator) -> None:
        order = rng.permutation(len(self.rows.y))
        for rows, shuffled in zip(self.rows, self.shuffled, strict=True):
            np.take(rows, order, axis=0, out=shuffled, mode="clip")  # the default mode copies once more
        with np.errstate(all="ignore"):  # what overflows will show in the loss
            for X, y in self.batches:
                size = X.shape[1]
                self.workspaces[size].step(X, y, self.learning_rate / size, self.change)


def _score(layers: _Layers, rows: _Rows) -> Score:
    loss, correct = 0.0, 0
    for X, y in rows.batches(EVALUATED_AT_ONCE):
        workspace = _Workspace(layers, X.shape[1])
        with np.errstate(all="ignore"):
            workspace.forward(X)
        z2 = workspace.z2
        if not np.isfinite(z2).all():
            return Score(np.nan, np.nan)
        loss += float(network.cross_entropy(z2, y).sum(dtype=np.float64))
        correct += int((z2.argmax(axis=0) == y.argmax(axis=0)).sum())
    return Score(loss / len(rows.y), correct / len(rows.y))
