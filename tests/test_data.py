"""The digits are the published ones, the split is fair, and the drawn sets are what they say."""

import json
import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from mlpcourse import data, network

ROOT = Path(__file__).parent.parent


# --- digits -------------------------------------------------------------------------------------


def test_digits_have_the_courses_shapes():
    train, test = data.digits()
    assert train.X.shape == (64, 1438)
    assert train.y.shape == (10, 1438)
    assert test.X.shape == (64, 359)
    assert test.y.shape == (10, 359)
    for X, y in (train, test):
        assert X.dtype == y.dtype == np.float64
        assert network.loss(network.init_params(64, 8, 10, np.random.default_rng(0)), X, y) > 0
        np.testing.assert_array_equal(np.unique(16 * X), np.arange(17))


def test_digits_are_the_published_ones():
    """Counts of the classes as the data set's own description gives them, and its first image, a zero."""
    train, test = data.digits()
    counts = (train.y.sum(axis=1) + test.y.sum(axis=1)).astype(int)
    assert counts.tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    zero = """
        0  0  5 13  9  1  0  0
        0  0 13 15 10 15  5  0
        0  3 15  2  0 11  8  0
        0  4 12  0  0  8  8  0
        0  5  8  0  0  9  8  0
        0  4 11  0  1 12  7  0
        0  2 14  5 10 12  0  0
        0  0  6 13 10  0  0  0
    """
    first = np.array(zero.split(), dtype=float) / 16
    everything = np.hstack([train.X, test.X])
    labels = np.hstack([train.y, test.y]).argmax(axis=0)
    (where,) = np.flatnonzero((everything == first[:, np.newaxis]).all(axis=0))
    assert labels[where] == 0


def test_the_split_is_stratified_and_shares_no_image():
    train, test = data.digits()
    share = test.y.sum(axis=1) / (train.y.sum(axis=1) + test.y.sum(axis=1))
    np.testing.assert_allclose(share, 0.2, atol=0.004)
    assert not {image.tobytes() for image in train.X.T} & {image.tobytes() for image in test.X.T}


def test_digits_are_yours_to_change():
    data.digits().train.X[:] = 0
    assert data.digits().train.X.any()


def test_shifted_digits_move_by_one_pixel():
    image = np.zeros((8, 8))
    image[2, 3] = 1
    image[0, 7] = 0.5  # in a corner: two of the four moves push it out
    X, y = data.shifted(data.Examples(image.reshape(64, 1), network.one_hot([4], 10)))
    assert (X.shape, y.shape) == ((64, 5), (10, 5))
    moved = [{tuple(map(int, where)) for where in np.argwhere(column.reshape(8, 8))} for column in X.T]
    assert moved[0] == {(2, 3), (0, 7)}
    assert sorted(moved[1:], key=sorted) == [{(0, 6), (2, 2)}, {(1, 3)}, {(1, 7), (3, 3)}, {(2, 4)}]
    assert (y.argmax(axis=0) == 4).all()


def test_shifted_keeps_images_and_classes_together():
    train, _ = data.digits()
    X, y = data.shifted(train)
    for copy in range(5):
        np.testing.assert_array_equal(y[:, 1438 * copy : 1438 * (copy + 1)], train.y)
    np.testing.assert_array_equal(X[:, :1438], train.X)
    with pytest.raises(ValueError, match=r"images.X has shape \(2, 9\), but 8x8 images need shape \(64, N\)"):
        data.shifted(data.blobs(9, np.random.default_rng(0)))


def test_the_package_takes_the_digits_with_it():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())
    patterns = settings["tool"]["setuptools"]["package-data"]["mlpcourse"]
    packed = {path for pattern in patterns for path in (ROOT / "mlpcourse").glob(pattern)}
    assert ROOT / "mlpcourse" / "digits.npz" in packed


def test_importing_reads_no_data():
    code = """
import json, sys
opened = []
sys.addaudithook(lambda event, args: opened.append(str(args[0])) if event == "open" else None)
import mlpcourse.data
print(json.dumps([path for path in opened if path.endswith(".npz")]))
mlpcourse.data.digits()
print(json.dumps([path for path in opened if path.endswith(".npz")]))
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    before, after = map(json.loads, result.stdout.splitlines())
    assert before == []
    assert len(after) == 1


# --- the network that is followed by hand -----------------------------------------------------------


def test_the_tiny_network_has_the_numbers_that_the_lessons_use():
    params, X, y = data.tiny()
    values = network.forward(params, X)
    np.testing.assert_array_equal(values.z1, [[1], [0.5], [-1], [2]])
    np.testing.assert_array_equal(values.z2, [[1], [2], [0]])
    np.testing.assert_array_equal(y, [[1], [0], [0]])


# --- sets to draw -------------------------------------------------------------------------------

SETS = {"spirals": data.spirals, "moons": data.moons, "blobs": data.blobs}


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("N", [3, 100])
def test_drawn_sets_have_the_courses_shapes(name, N):
    X, y = SETS[name](N, np.random.default_rng(0))
    assert X.shape == (2, N)
    assert y.shape[1] == N
    assert X.dtype == y.dtype == np.float64
    assert np.ptp(y.sum(axis=1)) <= 1  # classes of one size, or nearly
    np.testing.assert_array_equal(y.sum(axis=0), 1)
    again = SETS[name](N, np.random.default_rng(0))
    np.testing.assert_array_equal(X, again.X)


@pytest.mark.parametrize("name", ["spirals", "blobs"])
@pytest.mark.parametrize("K", [2, 5])
def test_drawn_sets_have_the_classes_asked_for(name, K):
    assert SETS[name](50, np.random.default_rng(0), K=K).y.sum(axis=1).tolist() == [50 // K] * K


def test_without_noise_every_point_lies_on_its_own_curve():
    rng = np.random.default_rng(0)
    X, y = data.spirals(300, rng, noise=0)
    radius, angle, arm = np.hypot(*X), np.arctan2(X[1], X[0]), y.argmax(axis=0)
    turn = angle / (2 * np.pi) - 0.75 * radius - arm / 3
    np.testing.assert_allclose(turn, np.round(turn), atol=1e-12)
    assert radius.max() <= 1
    X, y = data.moons(300, rng, noise=0)
    for moon, side in ((0, 1), (1, -1)):
        points = X[:, y[moon] == 1]
        np.testing.assert_allclose(np.hypot(points[0] + side * 0.5, points[1] + side * 0.25), 1, atol=1e-12)
        assert (side * (points[1] + side * 0.25) >= -1e-12).all()
    X, y = data.blobs(300, rng, noise=0)
    assert len(np.unique(X.round(12), axis=1).T) == 3
    np.testing.assert_allclose(np.hypot(*X), 1)


@pytest.mark.parametrize("name", SETS)
def test_noise_is_a_standard_deviation(name):
    without = SETS[name](20_000, np.random.default_rng(0), noise=0)
    noisy = SETS[name](20_000, np.random.default_rng(0), noise=0.2)
    np.testing.assert_allclose((noisy.X - without.X).std(axis=1), 0.2, rtol=0.03)


@pytest.mark.parametrize("name", ["spirals", "moons"])
def test_a_straight_line_does_not_separate_them_but_a_network_could(name):
    """The best linear rule, by least squares, is wrong for a good part; the nearest neighbour hardly ever."""
    X, y = SETS[name](600, np.random.default_rng(0))
    lifted = np.vstack([X, np.ones(600)])
    linear = (np.linalg.lstsq(lifted.T, y.T, rcond=None)[0].T @ lifted).argmax(axis=0)
    distance = np.hypot(*(X[:, :, np.newaxis] - X[:, np.newaxis, :])) + 9 * np.eye(600)
    nearest = y[:, distance.argmin(axis=0)]
    assert (linear == y.argmax(axis=0)).mean() < 0.92
    assert (nearest == y).all(axis=0).mean() > 0.97


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda rng: data.spirals(2, rng), "N must be at least K = 3, one point for each class, but is 2"),
        (lambda rng: data.moons(1, rng), "N must be at least K = 2, one point for each class, but is 1"),
        (lambda rng: data.blobs(9, rng, K=1), "K must be at least 2, but is 1"),
        (lambda rng: data.blobs(9, rng, noise=-1), "noise must be 0 or more, but is -1"),
    ],
)
def test_bad_settings_are_named(call, message):
    with pytest.raises(ValueError, match=f"^{message}$"):
        call(np.random.default_rng(0))


@pytest.mark.parametrize("N", [2.5, "9", None])
def test_sizes_are_integers(N):
    with pytest.raises(TypeError):
        data.spirals(N, np.random.default_rng(0))
