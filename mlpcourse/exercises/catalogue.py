"""All exercises, in the order of the lessons."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import numpy as np

from mlpcourse import solutions
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import SIZES, Group, networks

_NO_HINTS = ("", "", "")


def _network(*names: str, one: bool = False) -> Callable[[np.random.Generator], list[Group]]:
    def draw(rng: np.random.Generator) -> list[Group]:
        sizes = [(*size[:3], 1) for size in SIZES] if one else SIZES
        cases = [next(networks(rng, size)) for size in sizes]
        groups = [Group(tuple({name: case[name] for name in names} for case in cases))]
        if not one:
            singles = [next(networks(rng, (*size[:3], 1))) for size in SIZES]
            when = "with one example (N = 1)"
            groups.append(Group(tuple({name: case[name] for name in names} for case in singles), when))
        return groups

    return draw


def _code(name: str, lesson: int, results: str, task: str, see: str = "", one: bool = False) -> CodeExercise:
    reference = getattr(solutions, name)
    parameters = reference.__code__.co_varnames[: reference.__code__.co_argcount]
    return CodeExercise(
        name=name, lesson=lesson, task=task, hints=_NO_HINTS, see=see, reference=reference,
        results=tuple(results.split()), draw=_network(*parameters, one=one), batch=not one,
    )  # fmt: skip


_ALL: list[Exercise] = [
    _code("relu", 1, "A1", "Write the activation of the hidden layer."),
    _code("forward", 1, "z1 A1 z2 A2", "Write the forward pass."),
    _code("softmax", 2, "A2", "Turn a batch of logits into probabilities."),
    _code("one_hot", 3, "y", "Turn class numbers into one-hot columns."),
    _code("cross_entropy", 3, "L", "Write the loss of each example, from the logits."),
    _code("softmax_jacobian", 4, "J", "Write all derivatives of one example's softmax.", "softmax_jacobian", True),
    _code("output_delta_one", 5, "delta2", "Write dL/dz2 for one example.", "output_delta", True),
    _code("grad_w2_one", 6, "dw2", "Write dL/dw2 for one example.", "grad_w2", True),
    _code("grad_b2_one", 6, "db2", "Write dL/db2 for one example.", "grad_b2", True),
    _code("hidden_signal", 7, "dA1", "Carry the output error back to A1.", "hidden_signal"),
    _code("hidden_delta", 7, "delta1", "Carry the error back through ReLU.", "hidden_delta"),
    _code("grad_w1_one", 8, "dw1", "Write dL/dw1 for one example.", "grad_w1", True),
    _code("grad_b1_one", 8, "db1", "Write dL/db1 for one example.", "grad_b1", True),
    _code("backward", 8, "dw1 db1 dw2 db2", "Write the whole backward pass."),
    _code("output_delta", 9, "delta2", "Write dL/dz2 for a batch.", "output_delta"),
    _code("grad_w2", 9, "dw2", "Write dL/dw2 for a batch.", "grad_w2"),
    _code("grad_b2", 9, "db2", "Write dL/db2 for a batch.", "grad_b2"),
    _code("training_step", 10, "w1_new b1_new w2_new b2_new", "Write one step of gradient descent."),
    _code("accuracy", 10, "share", "Count how often the network is right."),
]

EXERCISES: dict[str, Exercise] = {exercise.name: exercise for exercise in _ALL}

# Agreed names whose content is still being written: a check answers "cannot check" and goes on.
PLANNED = dict(
    itertools.chain.from_iterable(
        ((name, lesson) for name in names.split())
        for lesson, names in {
            1: "logits_by_hand forward_shapes",
            2: "softmax_by_hand spot_index_range",
            3: "surprise_by_hand",
            4: "order_softmax_jacobian spot_lost_factor",
            5: "output_delta_by_hand order_output_delta spot_one_path",
            6: "shape_of_grad_w2 spot_elementwise",
            7: "gate_by_hand spot_gate_on_activations",
            8: "order_grad_w1 spot_wrong_layer",
            9: "numerical_gradient batch_shapes step_size_by_hand",
            10: "spot_updated_weights",
            11: "mend_H05 mend_H10 mend_H11 mend_H12 mend_H15 mend_H18 mend_H19 mend_H20 mend_H21 mend_H26 mend_H28"
            " mend_H30",
        }.items()
    )
)
