"""From random parameters to 97 % of the test digits: the time spent training.

One architecture and batch size for all; each contestant has its own default precision and initial parameters, and the
learning rate with which it is fastest. An epoch shuffles the examples. Only training is timed: while the test set is
looked at, after every epoch, the clock stands still.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from timing import Row, Time, Wrong, installed, spread

from mlpcourse import data, network, training
from mlpcourse.network import Array, Params

H, BATCH = 128, 16
RATES = (0.3, 0.5, 0.7, 1.0)
SEEDS = range(5)
ROUNDS = 7
TARGET = 0.97
MOST_EPOCHS = 30

TRAIN, TEST = data.digits()
D, K = len(TRAIN.X), len(TRAIN.y)
LABELS = TRAIN.y.argmax(axis=0)
ROWS = np.ascontiguousarray(TRAIN.X.T)

Trainer = tuple[Callable[[], object], Callable[[], Params]]  # one epoch; where it has led


def ours(seed: int, rate: float) -> Trainer:
    rng = np.random.default_rng(seed)
    layers = training._Layers.of(network.init_params(D, H, K, rng))
    steps = training._Steps(layers, training._Examples.of(TRAIN.X, TRAIN.y, np.float64), BATCH, rate)
    return lambda: steps.epoch(rng), layers.params


def scikit_learn(seed: int, rate: float) -> Trainer:
    from sklearn.neural_network import MLPClassifier

    random = np.random.RandomState(seed)  # an integer would shuffle every partial_fit alike
    model = MLPClassifier(
        (H,), solver="sgd", alpha=0, momentum=0, learning_rate_init=rate, batch_size=BATCH, random_state=random
    )

    def params() -> Params:
        (w1, w2), (b1, b2) = model.coefs_, model.intercepts_
        return Params(w1.T, b1[:, np.newaxis], w2.T, b2[:, np.newaxis])

    return lambda: model.partial_fit(ROWS, LABELS, classes=np.arange(K)), params


def pytorch(seed: int, rate: float) -> Trainer:
    import torch

    torch.manual_seed(seed)
    model = torch.nn.Sequential(torch.nn.Linear(D, H), torch.nn.ReLU(), torch.nn.Linear(H, K))
    optimiser = torch.optim.SGD(model.parameters(), lr=rate)
    loss_of = torch.nn.CrossEntropyLoss()
    X, labels = torch.from_numpy(ROWS.astype(np.float32)), torch.from_numpy(LABELS)

    def epoch() -> None:
        for batch in torch.randperm(len(X)).split(BATCH):
            optimiser.zero_grad()
            loss_of(model(X[batch]), labels[batch]).backward()
            optimiser.step()

    def params() -> Params:
        w1, b1, w2, b2 = (parameter.detach().numpy() for parameter in model.parameters())
        return Params(w1, b1[:, np.newaxis], w2, b2[:, np.newaxis])

    return epoch, params


def accuracy(params: Params, X: Array, y: Array) -> float:
    return float((network.predict(params, X) == y.argmax(axis=0)).mean())


def seconds_to_target(make: Callable[[int, float], Trainer], seed: int, rate: float) -> float:
    """Infinite when the target is not reached."""
    epoch, params = make(seed, rate)
    taken = 0.0
    for _ in range(MOST_EPOCHS):
        start = time.perf_counter()
        epoch()
        taken += time.perf_counter() - start
        if accuracy(params(), TEST.X, TEST.y) >= TARGET:
            return taken
    return float("inf")


def best_rate(name: str, make: Callable[[int, float], Trainer]) -> float:
    """The rate with the smallest median over the seeds. Also the warm-up."""
    medians = {rate: statistics.median(seconds_to_target(make, seed, rate) for seed in SEEDS) for rate in RATES}
    rate = min(medians, key=lambda rate: medians[rate])
    if medians[rate] == float("inf"):
        raise Wrong(f"{name} does not reach {TARGET:.0%} in {MOST_EPOCHS} epochs with any learning rate of {RATES}")
    return rate


def rows() -> Iterator[Row]:
    peers = {"scikit-learn MLPClassifier": ("sklearn", scikit_learn), "PyTorch eager": ("torch", pytorch)}
    makers = {"ours": ours} | {name: make for name, (module, make) in peers.items() if installed(module)}
    rates = {name: best_rate(name, make) for name, make in makers.items()}
    rounds: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(ROUNDS):
        for name, make in makers.items():
            rounds[name].append(statistics.median(seconds_to_target(make, seed, rates[name]) for seed in SEEDS))
    times: dict[str, Time] = {name: spread(taken) for name, taken in rounds.items()}
    what = f"digits to {TARGET:.0%}, {D}-{H}-{K}, batch {BATCH}, learning rate {rates['ours']}"
    for name in peers:
        there = name in makers
        peer = f"{name}, learning rate {rates[name]}" if there else f"{name}: not installed"
        yield Row(what, times["ours"], peer, times.get(name))
