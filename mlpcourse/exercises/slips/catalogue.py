"""What a slip is: a known wrong answer, with its name, its formula and a function that makes it.

A slip is one step of the graph done wrong. It is defined once and serves wherever its step occurs: an outer product
taken the wrong way round is the same slip in dw2, in dw1, in ``backward`` and in a training step.

A slip's parameters name what it is computed from: the roles of its step (``delta``, ``inputs``) or any node (``z1``).
In its texts ``<delta>`` stands for whatever plays that role, ``<result>`` for the node itself. Where a slip is made in
several ways that deserve one name, ``each`` lists them; where it gives them words, the texts say which it is: ``<n>``.

What can go wrong in the same way at several steps has the parameter ``right``, which is the step done right, and
``**given`` for its inputs.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np

from mlpcourse.exercises.graph import ENTRY_OF, STEPS, TEX, Function, Step, ancestors, parameters, reachable


@dataclass(frozen=True)
class Slip:
    """One known wrong answer.

    on: the nodes whose step it spoils. title, tempts, breaks, hint: sentences for the learner; the hint does not give
    the answer away. situation: "" when ordinary inputs show it, else the names of the inputs that do, in words.
    batch: it needs more than one example to be wrong. each: a keyword of ``function`` and the values it is tried with,
    by the words for them where there are some; way: the one that this is, None where that is open.
    constant: its result is the same number everywhere, so that a learner's placeholder might be taken for it.
    without: what the texts say is not there, in the words of ``derivation.standing``; an answer has it in which that
    stands all the same, with the same numbers, if anything is wrong.
    about: what the texts speak of as being there, in the same words; a line without it has not this slip.
    """

    name: str
    on: tuple[str, ...]
    title: str
    latex: str
    tempts: str
    breaks: str
    hint: str
    function: Function
    handout: tuple[str, ...] = ()
    situation: str = ""
    batch: bool = False
    each: dict[str, tuple[Any, ...] | dict[str, Any]] = field(default_factory=dict)
    way: Any = None
    constant: bool = False
    without: str = ""
    about: str = ""

    @property
    def has_constant(self) -> bool:
        """Whether it is tried with constants, such as a small number added, that are not the learner's own."""
        return any(isinstance(value, float) for values in self.each.values() for value in values)

    @property
    def nodes(self) -> tuple[str, ...]:
        """The nodes that it is on, and those that are one entry of such a node."""
        return (*self.on, *(entry for entry, whole in ENTRY_OF.items() if whole in self.on))

    @property
    def said(self) -> str:
        """The name, and the way where the title says it: two that sound different must not give the same numbers."""
        return f"{self.name}: {self.way}" if any(f"<{keyword}>" in self.title for keyword in self.each) else self.name

    @functools.cached_property
    def ways(self) -> list[Slip]:
        """The slip once for every value of ``each``."""
        return [replace(self, way=value) for values in self.each.values() for value in values] or [self]

    def _chosen(self) -> dict[str, Any]:
        return {keyword: next(iter(values)) if self.way is None else self.way for keyword, values in self.each.items()}

    def at(self, node: str) -> Step:
        """The slipped step for ``node``, in the first way where that is open."""
        whole = STEPS[node if node in self.on else ENTRY_OF.get(node, node)]
        function, chosen = self.function, self._chosen()
        for name, values in self.each.items():
            chosen[name] = values[chosen[name]] if isinstance(values, dict) else chosen[name]
        wanted = [name for name in parameters(function) if name not in {*chosen, "right", "given"}]
        takes = {name: whole.takes.get(name, name) for name in wanted}
        if "right" in parameters(function):
            takes, chosen = {**whole.takes, **takes}, {**chosen, "right": whole.function}
        if chosen:
            function = functools.partial(function, **chosen)
        if node not in self.on:
            indices = tuple(name for name in ("k", "i") if name in STEPS[node].takes)
            takes, function = {**takes, **{name: name for name in indices}}, _entry(function, indices)
        return Step(function, takes)

    def text(self, part: str, node: str) -> str:
        """``title``, ``latex``, ``tempts``, ``breaks`` or ``hint``, with the roles filled in for ``node``."""
        words = str(getattr(self, part))
        for keyword, value in self._chosen().items():
            words = words.replace(f"<{keyword}>", str(value))
        names = {**STEPS[node].takes, "result": node} if node in STEPS else {}
        for role, source in names.items():
            words = words.replace(f"<{role}>", f"{{{TEX.get(source, source)}}}" if part == "latex" else source)
        return words


def _entry(function: Function, indices: tuple[str, ...]) -> Function:
    """One entry of what ``function`` makes of columns, from rows of numbers."""

    def entry(**given: Any) -> Any:
        at = tuple(given.pop(name) for name in indices)
        return np.squeeze(function(**{name: np.reshape(row, (-1, 1)) for name, row in given.items()})[at])

    return entry


SLIPS: dict[str, Slip] = {}


def slip(on: str, title: str, *, handout: str = "", **texts: Any) -> Callable[[Function], Function]:
    """Enter the decorated function in the catalogue under its own name; ``on`` and ``handout`` are lists in words."""

    def enter(function: Function) -> Function:
        name = function.__name__
        if name in SLIPS:
            raise ValueError(f"the slip {name} is defined twice")
        SLIPS[name] = Slip(
            name=name, on=tuple(on.split()), title=title, function=function, handout=tuple(handout.split()), **texts
        )
        return function

    return enter


# One mistake seen from two steps: these give the same numbers wherever both are possible, or always in some exercise.
# The one in the later step is named.
EQUIVALENT_SLIPS: list[set[str]] = [
    {"all_steps_uphill", "label_minus_probability"},
    {"log_softmax_for_softmax", "logarithm_minus_label"},
    {"softmax_not_normalised", "loss_from_logits"},  # the logarithm of e^z is z
    {"shift_on_one_side", "shift_not_put_back"},  # the same, seen through the logarithm
    {"hardmax", "prediction_rounded"},
    {"relu_on_result", "negative_logits_cut"},  # where z2 is not asked for
    {"negative_errors_cut", "relu_on_result"},
    {"gate_left_out", "gate_never_closes"},  # where dw1 or db1 alone is asked for
    {"relu_skipped", "logits_from_z1"},  # where A1 is not asked for
    {"mean_again", "step_scaled_by_n"},
    {"bias_summed_over_everything", "not_updated"},  # each column of delta2 sums to 0
    {"bias_summed_over_rows", "not_updated"},
    {"bias_summed_over_rows", "bias_summed_over_everything"},  # of one column
]


class Candidate(NamedTuple):
    """A slip at one node, as the step it replaces."""

    slip: Slip
    node: str
    step: Step
    first: bool  # of the ways that the slip is made in: the one that its formula shows


@functools.cache
def candidates(
    given: tuple[str, ...], targets: tuple[str, ...], batch: bool = True, situation: str = ""
) -> list[Candidate]:
    """Every way the catalogue knows to get ``targets`` wrong from what is ``given``, the last steps' slips first.

    With a ``situation``, only those that need it: in it, all others would have shown before.
    """
    known = reachable(given)
    needed = ancestors(targets, given)
    found = [
        Candidate(way, node, step, first)
        for one in SLIPS.values()
        for node in one.nodes
        if node in needed
        and (not one.batch or (batch and node in one.on))
        and (situation or "ordinary") in (one.situation or "ordinary").split()
        for first, way in ((number == 0, way) for number, way in enumerate(one.ways))
        for step in (way.at(node),)
        if known.issuperset(step.takes.values())
    ]
    depth = {node: len(ancestors([node], given)) for node in needed}
    return sorted(found, key=lambda one: -depth[one.node])
