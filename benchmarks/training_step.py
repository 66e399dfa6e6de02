"""One step of gradient descent on the handout's network, against libraries, and against its matrix products alone.

Every contestant takes the same steps on the same batches from the same parameters, and is held to
``network.backward`` before it is timed. What is timed is a whole pass over the batches, so that a library's set-up
of a call (scikit-learn's checks, say) counts once for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from timing import Row, Time, agree, installed, per, race, with_threads

from mlpcourse import network, training
from mlpcourse.network import Array, Params


class Size(NamedTuple):
    """Sizes of the network and of a batch; ``batches`` of them are one pass."""

    D: int
    H: int
    K: int
    N: int
    dtype: str
    batches: int

    def __str__(self) -> str:
        return f"{self.D}-{self.H}-{self.K}, batch {self.N}, {self.dtype}"


SIZES = [
    Size(2, 16, 3, 100, "float64", 200),
    Size(64, 32, 10, 32, "float64", 200),
    Size(64, 64, 10, 128, "float32", 100),
    Size(784, 128, 10, 128, "float32", 20),
    Size(784, 512, 10, 256, "float32", 8),
    Size(784, 2048, 10, 1024, "float32", 2),
]
LARGE = SIZES[-2:]
RATE = 0.05
TOLERANCE = {"float64": 1e-9, "float32": 5e-3}  # of what a pass changes: rounding turns a gate here and there
FLOOR = "its five matrix products alone"


class Task(NamedTuple):
    """The same task for everybody: starting point and examples X (D, batches * N), y (K, batches * N), labels."""

    size: Size
    start: Params
    X: Array
    y: Array
    labels: Array

    @classmethod
    def of(cls, size: Size) -> Task:
        rng = np.random.default_rng(7)
        count = size.batches * size.N
        labels = np.concatenate([np.arange(size.K), rng.integers(size.K, size=count - size.K)])
        X = rng.normal(size=(size.D, count)).astype(size.dtype)
        start = network.init_params(size.D, size.H, size.K, rng, size.dtype)
        return cls(size, start, X, network.one_hot(labels, size.K).astype(size.dtype), labels)

    def slices(self) -> list[slice]:
        return [slice(start, start + self.size.N) for start in range(0, self.X.shape[1], self.size.N)]


class Contestant(NamedTuple):
    """``run`` takes one step for each batch, from where the last run ended; ``params`` tells where it is."""

    run: Callable[[], object]
    params: Callable[[], Params]


def plain(task: Task) -> Params:
    """Where one pass leads, by ``network.backward``."""
    params = task.start
    for batch in task.slices():
        grads = network.backward(params, task.X[:, batch], task.y[:, batch])
        params = Params(*(p - RATE * g for p, g in zip(params, grads, strict=True)))
    return params


# --- contestants --------------------------------------------------------------------------------


def ours(task: Task) -> Contestant:
    layers = training._Layers.of(task.start)
    examples = training._Examples.of(task.X, task.y, task.size.dtype)
    steps = training._Steps(layers, examples, task.size.N, RATE)
    batches = examples.batches(task.size.N)

    def run() -> None:
        for X, y in batches:
            steps.step(X, y)

    return Contestant(run, layers.params)


def scikit_learn(task: Task) -> Contestant:
    from sklearn.neural_network import MLPClassifier

    model = MLPClassifier(
        (task.size.H,), solver="sgd", alpha=0, momentum=0, learning_rate_init=RATE,
        batch_size=task.size.N, shuffle=False,
    )  # fmt: skip
    X = np.ascontiguousarray(task.X.T)
    model.partial_fit(X, task.labels, classes=np.arange(task.size.K))
    w1, b1, w2, b2 = task.start
    for array, value in zip((*model.coefs_, *model.intercepts_), (w1.T, w2.T, b1[:, 0], b2[:, 0]), strict=True):
        array[:] = value

    def params() -> Params:
        (w1, w2), (b1, b2) = model.coefs_, model.intercepts_
        return Params(w1.T, b1[:, np.newaxis], w2.T, b2[:, np.newaxis])

    return Contestant(lambda: model.partial_fit(X, task.labels), params)


def pytorch_eager(task: Task) -> Contestant:
    import torch

    D, H, K = task.size.D, task.size.H, task.size.K
    model = torch.nn.Sequential(torch.nn.Linear(D, H), torch.nn.ReLU(), torch.nn.Linear(H, K))
    model.to(getattr(torch, task.size.dtype))
    with torch.no_grad():
        for parameter, value in zip(model.parameters(), task.start, strict=True):
            parameter.copy_(torch.from_numpy(value).reshape(parameter.shape))
    optimiser = torch.optim.SGD(model.parameters(), lr=RATE)
    loss_of = torch.nn.CrossEntropyLoss()
    X, labels = torch.from_numpy(np.ascontiguousarray(task.X.T)), torch.from_numpy(task.labels)
    batches = [(X[batch], labels[batch]) for batch in task.slices()]

    def run() -> None:
        for X, labels in batches:
            optimiser.zero_grad()
            loss_of(model(X), labels).backward()
            optimiser.step()

    def params() -> Params:
        w1, b1, w2, b2 = (parameter.detach().numpy().copy() for parameter in model.parameters())
        return Params(w1, b1[:, np.newaxis], w2, b2[:, np.newaxis])

    return Contestant(run, params)


def pytorch_by_hand(task: Task) -> Contestant:
    """The derived gradients, in place, in PyTorch's tensors; the update is part of the matrix product."""
    import torch

    w1, b1, w2, b2 = (torch.from_numpy(array.copy()) for array in task.start)
    b1, b2 = b1[:, 0], b2[:, 0]
    X, y = (torch.from_numpy(np.ascontiguousarray(array.T)) for array in (task.X, task.y))
    batches = [(X[batch], y[batch]) for batch in task.slices()]
    N, H, K = task.size.N, task.size.H, task.size.K
    A1, delta1 = X.new_empty((N, H)), X.new_empty((N, H))
    z2 = X.new_empty((N, K))
    rate = RATE / N

    @torch.no_grad()
    def run() -> None:
        for X, y in batches:
            torch.addmm(b1, X, w1.T, out=A1)
            A1.relu_()
            torch.addmm(b2, A1, w2.T, out=z2)
            delta2 = torch.softmax(z2, 1).sub_(y)
            torch.mm(delta2, w2, out=delta1)
            delta1.mul_(A1 > 0)
            w2.addmm_(delta2.T, A1, alpha=-rate)
            b2.sub_(delta2.sum(0), alpha=rate)
            w1.addmm_(delta1.T, X, alpha=-rate)
            b1.sub_(delta1.sum(0), alpha=rate)

    def params() -> Params:
        return Params(*(array.numpy().copy() for array in (w1, b1[:, None], w2, b2[:, None])))

    return Contestant(run, params)


def jax_jit(task: Task) -> Contestant:
    import jax

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_platforms", "cpu")
    from jax import numpy as jnp

    def loss(params: Any, X: Any, labels: Any) -> Any:
        w1, b1, w2, b2 = params
        z2 = jax.nn.relu(X @ w1.T + b1[:, 0]) @ w2.T + b2[:, 0]
        return -jnp.take_along_axis(jax.nn.log_softmax(z2), labels[:, None], axis=1).mean()

    def step(params: Any, X: Any, labels: Any) -> Any:
        return [p - RATE * g for p, g in zip(params, jax.grad(loss)(params, X, labels), strict=True)]

    step = jax.jit(step, donate_argnums=0)
    X, labels = jnp.asarray(task.X.T), jnp.asarray(task.labels.astype(np.int32))
    batches = [(X[batch], labels[batch]) for batch in task.slices()]
    state = [jnp.array(array) for array in task.start]

    def run() -> None:
        nonlocal state
        for X, labels in batches:
            state = step(state, X, labels)
        jax.block_until_ready(state)

    return Contestant(run, lambda: Params(*map(np.asarray, state)))


def products(task: Task) -> Callable[[], None]:
    """The floor: what no step can do without and nothing else, each in the memory order that is fastest."""
    X = np.ascontiguousarray(task.X.T)
    batches = [(X[batch].T, np.ascontiguousarray(task.y[:, batch])) for batch in task.slices()]
    w1, w2 = (np.asfortranarray(array) for array in (task.start.w1, task.start.w2))
    H, K, N, dtype = task.size.H, task.size.K, task.size.N, task.size.dtype
    A1, delta1, z2 = np.empty((H, N), dtype), np.empty((H, N), dtype), np.empty((K, N), dtype)
    dw1, dw2 = np.empty_like(w1.T), np.empty_like(w2.T)

    def run() -> None:
        for X, delta2 in batches:
            np.dot(w1, X, out=A1)
            np.dot(w2, A1, out=z2)
            np.dot(A1, delta2.T, out=dw2)
            np.dot(w2.T, delta2, out=delta1)
            np.dot(X, delta1.T, out=dw1)

    return run


PEERS = {
    "scikit-learn MLPClassifier": ("sklearn", scikit_learn),
    "PyTorch eager": ("torch", pytorch_eager),
    "PyTorch by hand, no autograd": ("torch", pytorch_by_hand),
    "JAX jit": ("jax", jax_jit),
}


def aim(peer: str, size: Size) -> float | None:
    """How many times as long as ours the peer should take."""
    if peer in ("scikit-learn MLPClassifier", "PyTorch eager"):
        return 1.0 if size in LARGE else 2.0
    if peer == "JAX jit":
        return None if size in LARGE else 1.0
    if peer == FLOOR:
        return 1 / 1.1 if size in LARGE else None
    return None


# --- the race -----------------------------------------------------------------------------------


def checked(name: str, contestant: Contestant, task: Task, expected: Params) -> Callable[[], object]:
    """``contestant.run``, once it has shown that one pass changes what ``network.backward`` changes."""
    contestant.run()
    changes = map(np.subtract, contestant.params(), task.start)
    expected_changes = map(np.subtract, expected, task.start)
    agree(f"{name} at {task.size}", changes, expected_changes, TOLERANCE[task.size.dtype])
    return contestant.run


def times(size: Size) -> dict[str, Time]:
    """Seconds for one step, of ours and of every peer that is installed."""
    task = Task.of(size)
    expected = plain(task)
    make = {"ours": ours} | {peer: maker for peer, (module, maker) in PEERS.items() if installed(module)}
    runs = {name: checked(name, maker(task), task, expected) for name, maker in make.items()}
    return {name: per(time, size.batches) for name, time in race({**runs, FLOOR: products(task)}).items()}


def rows() -> Iterator[Row]:
    for threads in range(1, min(2, os.cpu_count() or 1) + 1):
        for size in SIZES:
            found = with_threads(threads, times, size)
            what = f"training step {size}, {threads} thread{'s' if threads > 1 else ''}"
            for peer in (*PEERS, FLOOR):
                there = peer in found
                name = peer if there else f"{peer}: not installed"
                yield Row(what, found["ours"], name, found.get(peer), aim(peer, size))
