"""Numerical gradients of the whole network: only what a shift changes, against the usual loop over parameters."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from timing import Row, agree, race

from mlpcourse import network
from mlpcourse.gradcheck import numerical_gradient, numerical_grads
from mlpcourse.network import Array, Params

SIZES = (64, 32, 10)
EXAMPLES = 8
STEP = 6e-6


def plain_loss(params: Params, X: Array, y: Array) -> float:
    """The loss as it is usually written for one network: nothing is checked."""
    w1, b1, w2, b2 = params
    z2 = w2 @ np.maximum(w1 @ X + b1, 0) + b2
    z2 = z2 - z2.max(axis=0)
    return float((np.log(np.exp(z2).sum(axis=0)) - (y * z2).sum(axis=0)).mean())


def usual_loop(params: Params, X: Array, y: Array) -> list[Array]:
    """Shift every entry of every parameter in turn, and evaluate the loss on either side."""
    params = Params(*(array.copy() for array in params))
    gradients = []
    for array in params:
        gradient = np.empty_like(array)
        for where in np.ndindex(array.shape):
            value = array[where]
            array[where] = value + STEP
            above = plain_loss(params, X, y)
            array[where] = value - STEP
            below = plain_loss(params, X, y)
            array[where] = value
            gradient[where] = (above - below) / (2 * STEP)
        gradients.append(gradient)
    return gradients


def checked_loop(params: Params, X: Array, y: Array) -> list[Array]:
    """The same loop over ``network.loss``, which checks its arguments every time."""
    return [
        numerical_gradient(lambda shifted, name=name: network.loss(params._replace(**{name: shifted}), X, y),
                           point, step=STEP)
        for name, point in params._asdict().items()
    ]  # fmt: skip


def rows() -> Iterator[Row]:
    rng = np.random.default_rng(1)
    D, H, K = SIZES
    params = network.init_params(D, H, K, rng)
    X, y = rng.normal(size=(D, EXAMPLES)), network.one_hot(rng.integers(K, size=EXAMPLES), K)
    runs = {
        "ours": lambda: numerical_grads(params, X, y),
        "the usual loop over `network.loss`, which checks its arguments": lambda: checked_loop(params, X, y),
        "the usual loop over a loss without checks": lambda: usual_loop(params, X, y),
    }
    for name, run in runs.items():
        agree(name, run(), network.backward(params, X, y), tolerance=1e-7)
    times = race(runs)
    what = f"gradient check {D}-{H}-{K}, {EXAMPLES} examples"
    for peer in list(runs)[1:]:
        yield Row(what, times["ours"], peer, times[peer], aim=30)
