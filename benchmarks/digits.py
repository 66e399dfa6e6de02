"""From random parameters to 97 % of the test digits: the time spent training, on one core.

One architecture and batch size for all; each contestant has its own default precision and initial parameters, and the
learning rate with which it needs the fewest epochs. An epoch shuffles the examples. How many epochs it takes is found
once, by a look at the test set after each; then as many are trained and timed, without a look.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import numpy as np
from timing import Row, Time, Wrong, installed, spread, with_threads

from mlpcourse import data, network, training
from mlpcourse.network import Params

H, BATCH = 256, 16  # with fewer hidden units, not every seed comes to 97 %
RATES = (0.5, 0.7, 1.0, 1.4)
SEEDS = range(5)
ROUNDS = 7
TARGET = 0.97
MOST_EPOCHS = 25

TRAIN, TEST = data.digits()
D, K = len(TRAIN.X), len(TRAIN.y)
LABELS = TRAIN.y.argmax(axis=0)
ROWS = np.ascontiguousarray(TRAIN.X.T)

Trainer = tuple[Callable[[], object], Callable[[], Params]]  # one epoch; where it has led
Make = Callable[[int, float], Trainer]  # of a seed and a learning rate


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


def reached(params: Params) -> bool:
    return float((network.predict(params, TEST.X) == TEST.y.argmax(axis=0)).mean()) >= TARGET


def epochs_to_target(make: Make, seed: int, rate: float) -> float:
    """Infinite when the target is not reached."""
    epoch, params = make(seed, rate)
    for count in range(1, MOST_EPOCHS + 1):
        epoch()
        if reached(params()):
            return count
    return float("inf")


def best_rate(name: str, make: Make) -> tuple[float, list[float]]:
    """The rate with the smallest median of epochs over the seeds, and the epochs of each seed. Also the warm-up."""
    epochs = {rate: [epochs_to_target(make, seed, rate) for seed in SEEDS] for rate in RATES}
    rate = min(RATES, key=lambda rate: (statistics.median(epochs[rate]), sorted(epochs[rate])))
    if statistics.median(epochs[rate]) == float("inf"):
        raise Wrong(f"{name} does not reach {TARGET:.0%} in {MOST_EPOCHS} epochs with any learning rate of {RATES}")
    return rate, epochs[rate]


def seconds(name: str, make: Make, seed: int, rate: float, epochs: float) -> float:
    if epochs == float("inf"):
        return epochs
    epoch, params = make(seed, rate)
    start = time.perf_counter()
    for _ in range(int(epochs)):
        epoch()
    taken = time.perf_counter() - start
    if not reached(params()):
        raise Wrong(f"{name} misses {TARGET:.0%} in {epochs} epochs, which were enough before")
    return taken


PEERS: dict[str, tuple[str, Make]] = {
    "scikit-learn MLPClassifier": ("sklearn", scikit_learn),
    "PyTorch eager": ("torch", pytorch),
}


def times() -> dict[str, tuple[str, Time]]:
    """Of ours and of each peer that is installed: how it learns, and the median over the seeds, round by round."""
    makers = {"ours": ours} | {name: make for name, (module, make) in PEERS.items() if installed(module)}
    best = {name: best_rate(name, make) for name, make in makers.items()}
    rounds: dict[str, list[float]] = {name: [] for name in makers}
    for _ in range(ROUNDS):
        for name, make in makers.items():
            rate, epochs = best[name]
            taken = [seconds(name, make, seed, rate, count) for seed, count in zip(SEEDS, epochs, strict=True)]
            rounds[name].append(statistics.median(taken))
    how = {name: f"learning rate {rate}, {statistics.median(epochs)} epochs" for name, (rate, epochs) in best.items()}
    return {name: (how[name], spread(taken)) for name, taken in rounds.items()}


def rows() -> Iterator[Row]:
    found = with_threads(1, times)
    how, mine = found["ours"]
    what = f"digits to {TARGET:.0%}, {D}-{H}-{K}, batch {BATCH}, 1 thread: {how}"
    for name in PEERS:
        how, theirs = found.get(name, ("", None))
        yield Row(what, mine, f"{name}: {how}" if theirs else f"{name}: not installed", theirs)
