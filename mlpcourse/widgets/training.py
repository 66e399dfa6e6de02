"""A network while it learns: its regions, its loss, and what a slip in its gradient looks like."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import traitlets

from mlpcourse import data, network
from mlpcourse.data import Examples
from mlpcourse.exercises.slips import SLIPS
from mlpcourse.network import Array, Params
from mlpcourse.plots.palette import FAINT, PAPER, SERIES
from mlpcourse.training import evaluate
from mlpcourse.widgets.mathml import inline, mathml
from mlpcourse.widgets.view import Number, Numbers, View, number

if TYPE_CHECKING:
    from matplotlib.figure import Figure

SETS = {"spirals": data.spirals, "moons": data.moons, "blobs": data.blobs}
MOST_HIDDEN = 32
LAST = 10_000
OWN_STEPS = 500  # that a learner's own function takes
SEED = 1

# Slips of the catalogue: the node each is made at, and what to look for while it is on (also with none).
SHOWN = {
    "": ("", "The borders bend, the colours deepen, the loss falls: fast at first, then ever more slowly."),
    "label_minus_probability": (
        "delta2",
        "Every step goes uphill. The loss leaves the chart at once, and the network becomes sure of wrong answers.",
    ),
    "mean_forgotten": (
        "delta2",
        "Every step is 300 times too long, once for each example. With a learning rate of 0.002 it learns all the "
        "same: the wrong factor hides in the learning rate.",
    ),
    "softmax_skipped": (
        "A2",
        "The classes are told apart, but the colours stay pale: the network never becomes sure, and the loss comes to "
        "rest high up.",
    ),
    "gate_never_closes": (
        "delta1",
        "It learns at first, then the loss hardly falls: closed units are moved about by errors they have no part in.",
    ),
    "gate_on_signal": (
        "delta1",
        "It learns for a few steps and then unlearns, until every class has the same probability everywhere.",
    ),
    "not_updated": (
        "b1_new",
        "The borders fan out from the middle and cannot wind around it: every unit's line passes through the origin.",
    ),
    "updated_weights": (
        "dA1",
        "Nothing: the curves all but agree, though the gradient is wrong. With 5 it runs "
        "away where the right run still learns.",
    ),
}


@functools.cache
def examples(name: str) -> Examples:
    """The data set ``name``: X (2, 300), y (K, 300), the same in every session."""
    return SETS[name](300, np.random.default_rng(0))


@functools.cache
def start(H: int, K: int) -> Params:
    """Where training begins, the same in every session."""
    return network.init_params(D=2, H=H, K=K, rng=np.random.default_rng(SEED))


@functools.cache
def _content() -> dict[str, Any]:
    """What the browser needs once: the data sets, where training begins, the slips in words."""
    sets = {name: examples(name) for name in SETS}
    most = max(len(y) for _, y in sets.values())
    return {
        "sets": {name: {"X": X.tolist(), "labels": y.argmax(axis=0).tolist()} for name, (X, y) in sets.items()},
        "normals": np.random.default_rng(SEED)
        .normal(size=MOST_HIDDEN * (2 + most))
        .tolist(),  # all that ``start`` draws
        "slips": [{"name": name, "look": look, **_in_words(name, node)} for name, (node, look) in SHOWN.items()],
        "last": LAST,
        "most": MOST_HIDDEN,
    }


def _in_words(name: str, node: str) -> dict[str, str]:
    """The catalogue's name, formula and reason of a slip, as HTML but for the name."""
    if not name:
        return {"title": "", "formula": "", "tempts": ""}
    one = SLIPS[name]
    tempts = re.sub("`([^`]*)`", r"<code>\1</code>", inline(one.text("tempts", node)))
    return {
        "title": one.text("title", node),
        "formula": mathml(one.text("latex", node), block=False),
        "tempts": tempts,
    }


class Training(View):
    """Play, and see a network learn to tell points in the plane apart, by gradient descent on all 300 examples at once.

    ``data`` (spirals, moons, blobs), ``hidden`` units and ``slip`` (a name in the catalogue, or "") start it anew;
    ``learning_rate`` may change on the way. ``epoch`` is the number of steps taken and ``w1``, ``b1``, ``w2``, ``b2``
    what was reached; while it plays, Python is not told.

    backward: your own function of (w1, b1, w2, b2, X, y), which returns dw1, db1, dw2, db2. ``own`` is then the loss
    after each of the first steps that it takes, drawn beside the curve that plays.
    """

    content: Any = traitlets.Dict().tag(sync=True)
    also_reset = ("data", "slip")
    data = traitlets.Any("spirals").tag(sync=True)
    slip = traitlets.Any("").tag(sync=True)
    hidden = Number(32, low=1, high=MOST_HIDDEN, whole=True)
    learning_rate = Number(0.5, low=0.001, high=100)
    epoch = Number(0, low=0, high=LAST, whole=True)
    w1, b1, w2, b2 = (Numbers([0.0]) for _ in range(4))
    own: Any = traitlets.List(traitlets.Float()).tag(sync=True)
    _sent = False

    def __init__(
        self, data: str = "spirals", *, hidden: int = 32, learning_rate: float = 0.5, slip: str = "",
        backward: Callable[..., Any] | None = None,
    ) -> None:  # fmt: skip
        self._backward = backward
        super().__init__(content=_content(), data=data, hidden=hidden, learning_rate=learning_rate, slip=slip)
        self._start_anew()
        self.observe(self._start_anew, ["data", "hidden", "slip"])
        if backward is not None:
            self._train_own()
            self.observe(self._train_own, ["data", "hidden", "learning_rate"])

    @traitlets.validate("data", "slip")
    def _is_known(self, proposal: Any) -> Any:
        name = proposal.trait.name
        choices = list(SETS if name == "data" else SHOWN)
        if not isinstance(proposal.value, str) or proposal.value not in choices:
            raise ValueError(f"{name} must be one of {', '.join(map(repr, choices))}, but is {proposal.value!r}")
        return proposal.value

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the browser tells: it has started anew by itself where it had to."""
        data, hidden = (sync_data.get(name, getattr(self, name)) for name in ("data", "hidden"))
        self._sent, self.shapes = True, _shapes(data, hidden)
        try:
            super().set_state(sync_data)
        finally:
            self._sent = False

    def _start_anew(self, _: Any = None) -> None:
        if not self._sent:
            self.shapes = _shapes(self.data, self.hidden)
            with self.hold_sync():
                self.epoch = 0
                self.w1, self.b1, self.w2, self.b2 = start(self.hidden, len(self.y))

    def _train_own(self, _: Any = None) -> None:
        """Raises ValueError for a gradient that has not its parameter's shape."""
        assert self._backward is not None
        params, losses = start(self.hidden, len(self.y)), list[float]()
        while len(losses) <= OWN_STEPS:
            losses.append(float(network.loss(params, self.X, self.y)))
            grads = [np.asarray(grad) for grad in self._backward(*params, self.X, self.y)]
            for name, param, grad in zip(Params._fields, params, grads, strict=True):
                if grad.size != param.size:
                    raise ValueError(f"backward gave d{name} of shape {grad.shape}, but it needs {param.shape}")
            with np.errstate(all="ignore"):
                steps = [
                    self.learning_rate * grad.reshape(param.shape) for param, grad in zip(params, grads, strict=True)
                ]
                params = Params(*(param - step for param, step in zip(params, steps, strict=True)))
                reached = params.w2 @ np.maximum(params.w1 @ self.X + params.b1, 0) + params.b2
            if not np.isfinite(reached).all():
                break
        self.own = losses

    @property
    def X(self) -> Array:
        """The inputs, shape (2, 300)."""
        return examples(self.data).X

    @property
    def y(self) -> Array:
        """The classes, one-hot, shape (K, 300)."""
        return examples(self.data).y

    @property
    def params(self) -> Params:
        """What was reached: w1 (H, 2), b1 (H, 1), w2 (K, H), b2 (K, 1)."""
        return Params(self.w1, self.b1, self.w2, self.b2)

    @property
    def loss(self) -> float:
        """L of all examples."""
        return evaluate(self.params, self.X, self.y).loss

    @property
    def accuracy(self) -> float:
        """The share of the examples whose most probable class is the true one."""
        return evaluate(self.params, self.X, self.y).accuracy

    def text(self) -> str:
        units = "1 hidden unit" if self.hidden == 1 else f"{self.hidden} hidden units"
        own = (
            f"; with your own backward, L = {number(self.own[-1])} after {len(self.own) - 1} steps" if self.own else ""
        )
        slip = f"; slip: {_in_words(self.slip, SHOWN[self.slip][0])['title']}" if self.slip else ""
        return (
            f"Training: {self.data}; {units}; learning rate {self.learning_rate:g}{slip}; "
            f"step {self.epoch}: L = {number(self.loss)}, accuracy {100 * self.accuracy:.1f} %{own}"
        )

    def alt(self) -> str:
        return (
            f"The plane, divided into the regions where the network says class 1 to {len(self.y)}, with 300 examples, "
            f"a different mark for each class. {self.text()}"
        )

    def figure(self) -> Figure:
        from matplotlib.figure import Figure

        X, y = self.X, self.y
        figure = Figure(figsize=(4.6, 4.9), layout="constrained")
        axes = figure.subplots()
        reach = 1.05 * float(np.abs(X).max())
        steps = np.linspace(-reach, reach, 240)
        plane = np.stack([axis.ravel() for axis in np.meshgrid(steps, steps)])
        z2 = network.forward(self.params, plane).z2.reshape(len(y), 240, 240)
        for k, (colour, marker) in enumerate(zip(SERIES, "o^s", strict=False)):
            if k < len(y):
                lead = z2[k] - np.delete(z2, k, axis=0).max(axis=0)  # of class k over the best of the others
                if lead.max() > 0:
                    axes.contourf(steps, steps, lead, levels=[0, lead.max()], colors=[colour], alpha=0.22)
                if lead.min() < 0 < lead.max():
                    axes.contour(steps, steps, lead, levels=[0], colors=FAINT, linewidths=0.8)
                face: dict[str, Any] = {"markeredgecolor": PAPER, "markeredgewidth": 0.5, "markersize": 6}
                axes.plot(*X[:, y[k] == 1], marker, color=colour, label=f"class {k + 1}", **face)
        axes.set(aspect="equal", xticks=[], yticks=[], xlim=(-reach, reach), ylim=(-reach, reach))
        axes.set_title(f"step {self.epoch}: L = {number(self.loss)}, accuracy {100 * self.accuracy:.1f} %")
        figure.legend(loc="outside lower center", ncols=len(y), frameon=False, handletextpad=0.1)
        return figure


def _shapes(data: str, H: int) -> dict[str, tuple[int, ...]]:
    return {name: array.shape for name, array in start(H, len(examples(data).y))._asdict().items()}
