"""Gradient descent with the derived gradients (lesson 10).

``network.backward`` is written to be read. ``train`` takes the same steps, but writes every result into arrays
made beforehand: a step makes no array. A test holds the two to the same numbers.
"""

from __future__ import annotations

import os
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

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
    params, X, y = network.check_real_network(params, X, y)
    layers = _Layers.of(params)
    return _score(layers, _Examples.of(X, y, layers.flat.dtype))


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
    from tqdm.auto import tqdm  # in a notebook it brings ipywidgets, which pictures can do without

    params, X, y = network.check_real_network(params, X, y)
    _check_settings(epochs, batch_size, learning_rate, rng)
    layers = _Layers.of(params)
    examples = _Examples.of(X, y, layers.flat.dtype)
    watched = [examples]
    if X_val is not None or y_val is not None:
        if X_val is None or y_val is None:
            raise ValueError(f"X_val and y_val belong together: {'X_val' if X_val is None else 'y_val'} is missing")
        try:
            _, X_val, y_val = network.check_real_network(params, X_val, y_val)
        except (TypeError, ValueError) as error:
            raise type(error)(f"X_val and y_val: {error}") from None
        watched.append(_Examples.of(X_val, y_val, layers.flat.dtype))
    steps = _Steps(layers, examples, batch_size, learning_rate)

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

    ``layer1`` (D + 1, H) is [w1 b1] transposed and ``layer2`` (H + 1, K) is [w2 b2] transposed. A bias is the weight
    of an input that is always 1: folded in, it costs no calls of its own, neither forward nor backward. Transposed,
    because of the ways to multiply two matrices, one is slow: both with the summed index as the one that is
    contiguous, as w1 as it is and examples that are rows would have it.
    """

    def __init__(self, D: int, H: int, K: int, dtype: npt.DTypeLike) -> None:
        self.D, self.H, self.K = D, H, K
        self.flat = np.zeros((D + 1) * H + (H + 1) * K, dtype)
        self.layer1 = self.flat[: (D + 1) * H].reshape(D + 1, H)
        self.layer2 = self.flat[(D + 1) * H :].reshape(H + 1, K)

    @classmethod
    def of(cls, params: Params) -> _Layers:
        (H, D), (K, _) = params.w1.shape, params.w2.shape
        layers = cls(D, H, K, np.result_type(*params))
        layers.layer1.T[:] = np.hstack([params.w1, params.b1])
        layers.layer2.T[:] = np.hstack([params.w2, params.b2])
        return layers

    def params(self) -> Params:
        layers = (self.layer1.T, self.layer2.T)
        w1, b1, w2, b2 = (part for layer in layers for part in (layer[:, :-1], layer[:, -1:]))
        return Params(*(array.copy(order="C") for array in (w1, b1, w2, b2)))


class _Examples(NamedTuple):
    """``inputs`` (N, D + 1), whose last column is 1: each example a row, one stretch of memory; and ``y`` (K, N)."""

    inputs: Array
    y: Array

    @classmethod
    def of(cls, X: Array, y: Array, dtype: npt.DTypeLike) -> _Examples:
        inputs = np.ones((X.shape[1], X.shape[0] + 1), dtype)
        inputs[:, :-1] = X.T
        return cls(inputs, np.ascontiguousarray(y, dtype))

    def shuffle(self, order: npt.NDArray[np.intp], into: _Examples) -> None:
        np.take(self.inputs, order, axis=0, out=into.inputs, mode="clip")  # the default mode copies once more
        np.take(self.y, order, axis=1, out=into.y, mode="clip")

    def batches(self, size: int) -> list[tuple[Array, Array]]:
        """Views (D + 1, size) and (K, size), the last perhaps with fewer columns."""
        starts = range(0, len(self.inputs), size)
        return [(self.inputs[start : start + size].T, self.y[:, start : start + size]) for start in starts]


class _Workspace:
    """Room for all that is computed from a batch of ``size`` examples.

    ``np.dot`` is ``np.matmul`` for two matrices, with less to do before it starts; likewise a zero that is an array.
    """

    def __init__(self, layers: _Layers, size: int) -> None:
        H, K, dtype = layers.H, layers.K, layers.flat.dtype
        self.w1b1, self.w2b2, self.w2_transposed = layers.layer1.T, layers.layer2.T, layers.layer2[:H]
        self.A1_and_ones = np.ones((H + 1, size), dtype)
        self.A1 = self.A1_and_ones[:H]
        self.gate = np.empty((H, size), bool)
        self.z2 = np.empty((K, size), dtype)
        self.column = np.empty((1, size), dtype)
        self.delta1 = np.empty((H, size), dtype)
        self.zero = np.zeros((), dtype)

    def forward(self, X: Array) -> None:
        """z1, its gate, and A1 in place of z1; then z2."""
        z1 = np.dot(self.w1b1, X, out=self.A1)
        np.greater_equal(z1, self.zero, out=self.gate)
        np.multiply(z1, self.gate, out=self.A1)
        np.dot(self.w2b2, self.A1_and_ones, out=self.z2)

    def gradient(self, X: Array, y: Array, rate: Array, change: _Layers) -> None:
        """Into ``change``, ``rate`` times the gradient of the batch's summed loss."""
        self.forward(X)
        np.maximum.reduce(self.z2, axis=0, keepdims=True, out=self.column)
        np.subtract(self.z2, self.column, out=self.z2)
        np.exp(self.z2, out=self.z2)
        np.add.reduce(self.z2, axis=0, keepdims=True, out=self.column)
        A2 = np.divide(self.z2, self.column, out=self.z2)
        delta2 = np.subtract(A2, y, out=self.z2)
        np.multiply(delta2, rate, out=delta2)  # here, where the arrays are smallest
        np.dot(self.A1_and_ones, delta2.T, out=change.layer2)
        dA1 = np.dot(self.w2_transposed, delta2, out=self.delta1)
        delta1 = np.multiply(dA1, self.gate, out=self.delta1)
        np.dot(X, delta1.T, out=change.layer1)


class _Steps:
    """The steps of an epoch, in arrays that every epoch uses again."""

    def __init__(self, layers: _Layers, examples: _Examples, batch_size: int, learning_rate: float) -> None:
        self.layers, self.examples = layers, examples
        self.shuffled = _Examples(*map(np.empty_like, examples))
        self.batches = self.shuffled.batches(batch_size)
        sizes = {X.shape[1] for X, _ in self.batches}
        self.workspaces = {size: _Workspace(layers, size) for size in sizes}
        self.rates = {size: np.asarray(learning_rate / size, layers.flat.dtype) for size in sizes}
        self.change = _Layers(layers.D, layers.H, layers.K, layers.flat.dtype)

    def epoch(self, rng: np.random.Generator) -> None:
        self.examples.shuffle(rng.permutation(len(self.examples.inputs)), into=self.shuffled)
        with np.errstate(all="ignore"):  # what overflows will show in the loss
            for X, y in self.batches:
                self.step(X, y)

    def step(self, X: Array, y: Array) -> None:
        """One step along the gradient of a batch's mean loss."""
        size = X.shape[1]
        self.workspaces[size].gradient(X, y, self.rates[size], self.change)
        np.subtract(self.layers.flat, self.change.flat, out=self.layers.flat)


def _score(layers: _Layers, examples: _Examples) -> Score:
    loss, correct = 0.0, 0
    for X, y in examples.batches(EVALUATED_AT_ONCE):
        workspace = _Workspace(layers, X.shape[1])
        with np.errstate(all="ignore"):
            workspace.forward(X)
        z2 = workspace.z2
        if not np.isfinite(z2).all():
            return Score(np.nan, np.nan)
        loss += float(network.cross_entropy(z2, y).sum(dtype=np.float64))
        correct += int((z2.argmax(axis=0) == y.argmax(axis=0)).sum())
    N = len(examples.inputs)
    return Score(loss / N, correct / N)
