"""The data sets: the small network of the lessons, handwritten digits, and three two-dimensional sets to draw.

All come in the course's shapes: X (D, N), one example in each column, and y (K, N), one-hot, both float64.

The digits are the 1797 test images of "Optical Recognition of Handwritten Digits" by E. Alpaydin and
C. Kaynak, UCI Machine Learning Repository (1998), https://doi.org/10.24432/C50P49, licensed CC BY 4.0.
``digits.npz`` holds their pixels and labels unchanged, and which of them this course tests on.
"""

from __future__ import annotations

import operator
from importlib.resources import files
from typing import NamedTuple

import numpy as np

from mlpcourse.network import Array, Params, one_hot


class Examples(NamedTuple):
    """X (D, N) and their classes y (K, N), one-hot."""

    X: Array
    y: Array


class Split(NamedTuple):
    """Two sets of examples with none in common: one to train on, one to test with."""

    train: Examples
    test: Examples


class Tiny(NamedTuple):
    """A network and one example: params, X (2, 1), y (3, 1)."""

    params: Params
    X: Array
    y: Array


def tiny() -> Tiny:
    """The network that all lessons follow by hand: D, H, K, N = 2, 4, 3, 1, with the gate of unit 3 closed.

    z1 = (1, 0.5, -1, 2), z2 = (1, 2, 0): numbers that can be checked in the head. The sizes all differ, so that a
    matrix the wrong way round does not fit, and the closed unit has weights to every class, so that a forgotten
    gate shows.
    """
    w1 = [[1, 0.5], [-1, 0.5], [0.5, -1], [0.5, 0.5]]
    b1 = [[-1], [0.5], [0.5], [0.5]]
    w2 = [[1, -1, 0.5, 0.5], [-0.5, 1, 1, 0.5], [0.5, 1, -1, -0.5]]
    b2 = [[-0.5], [1], [0]]
    return Tiny(Params(*map(np.array, (w1, b1, w2, b2))), X=np.array([[1.0], [2.0]]), y=one_hot([0], K=3))


def digits() -> Split:
    """Images of handwritten digits, 8x8 pixels: 1438 to train on and 359 to test with, D = 64, K = 10.

    A column of X is one image row by row, ``X[:, n].reshape(8, 8)``; its pixels, 0 to 16 in the file, are divided
    by 16, so that they go from 0 (white) to 1 (ink). Class k is the digit k. The split is fixed, and each digit has
    the same share, a fifth, in the test set. Source and licence: see the module.
    """
    with files("mlpcourse").joinpath("digits.npz").open("rb") as file, np.load(file) as stored:
        pixels, labels, test = stored["pixels"], stored["labels"], stored["test"]
    X, y = pixels.T / 16, one_hot(labels, K=10)
    return Split(train=Examples(X[:, ~test], y[:, ~test]), test=Examples(X[:, test], y[:, test]))


def shifted(images: Examples) -> Examples:
    """Five times the 8x8 images: as they are, and one pixel up, down, left and right; what comes in is white.

    X (64, N), y (K, N) give X (64, 5N), y (K, 5N). A digit stays the same digit when it moves, and this says so to the
    network, with examples. Raises ValueError for images of another size.
    """
    D, N = images.X.shape
    if D != 64:
        raise ValueError(f"images.X has shape {images.X.shape}, but 8x8 images need shape (64, N)")
    framed = np.pad(images.X.reshape(8, 8, N), ((1, 1), (1, 1), (0, 0)))
    corners = ((1, 1), (2, 1), (0, 1), (1, 2), (1, 0))
    moved = [framed[row : row + 8, column : column + 8].reshape(64, N) for row, column in corners]
    return Examples(np.hstack(moved), np.tile(images.y, len(corners)))


def spirals(N: int, rng: np.random.Generator, *, K: int = 3, noise: float = 0.05) -> Examples:
    """K arms that wind out from the middle, within about 1 of it: X (2, N), y (K, N).

    noise: standard deviation of the points about their arm, in the units of X.
    Raises ValueError for fewer points than arms, K below 2, or negative noise.
    """
    labels = _labels(N, K, noise)
    radius = np.sqrt(rng.uniform(0.01, 1, N))  # the square root spreads the points evenly along an arm
    angle = 2 * np.pi * (labels / K + 0.75 * radius)
    return _examples(radius * np.cos(angle), radius * np.sin(angle), labels, K, rng, noise)


def moons(N: int, rng: np.random.Generator, *, noise: float = 0.1) -> Examples:
    """Two half circles of radius 1 that reach into each other: X (2, N), y (2, N).

    noise: standard deviation of the points about their half circle. Raises ValueError for N below 2 or negative noise.
    """
    labels = _labels(N, 2, noise)
    angle = rng.uniform(0, np.pi, N)
    side = 1 - 2 * labels  # 1 for the upper moon, -1 for the lower
    return _examples(side * (np.cos(angle) - 0.5), side * (np.sin(angle) - 0.25), labels, 2, rng, noise)


def blobs(N: int, rng: np.random.Generator, *, K: int = 3, noise: float = 0.3) -> Examples:
    """K round clouds with their centres on a circle of radius 1: X (2, N), y (K, N).

    noise: standard deviation of the points about their centre.
    Raises ValueError for fewer points than clouds, K below 2, or negative noise.
    """
    labels = _labels(N, K, noise)
    angle = 2 * np.pi * (labels / K + 0.25)
    return _examples(np.cos(angle), np.sin(angle), labels, K, rng, noise)


def _labels(N: int, K: int, noise: float) -> Array:
    """N labels 0 to K - 1 in turn, so that the classes are of one size (or differ by one)."""
    if operator.index(K) < 2:
        raise ValueError(f"K must be at least 2, but is {K}")
    if operator.index(N) < K:
        raise ValueError(f"N must be at least K = {K}, one point for each class, but is {N}")
    if not noise >= 0:
        raise ValueError(f"noise must be 0 or more, but is {noise}")
    return np.arange(N) % K


def _examples(x1: Array, x2: Array, labels: Array, K: int, rng: np.random.Generator, noise: float) -> Examples:
    X = np.stack([x1, x2])
    return Examples(X + rng.normal(0, noise, X.shape), one_hot(labels, K))
