"""The catalogue of slips, a file for each step of the network: ``SLIPS`` holds them all.

    graph.py          the steps done right        catalogue.py   what a slip is
    affine.py relu.py softmax.py                  forward
    one_hot.py cross_entropy.py                   label and loss
    jacobian.py output_delta.py                   the softmax's derivative and the output error
    gradients.py hidden_signal.py gate.py         back through both layers
    update.py accuracy.py numerical.py            training and checking
    mend.py                                       the handout's lines
    further.py                                    what goes further than the course
    generics.py       what can befall any result
    generated.py      what follows from the graph: another operand, a step left out or done twice

A new slip is one decorated function in the file of its step.
"""

from mlpcourse.exercises.slips import (  # noqa: I001 - each enters its slips; of two that fit, the earlier is named
    affine,
    relu,
    softmax,
    one_hot,
    cross_entropy,
    jacobian,
    output_delta,
    gradients,
    hidden_signal,
    gate,
    several_steps,
    update,
    accuracy,
    numerical,
    mend,
    further,
)
from mlpcourse.exercises.slips.catalogue import EQUIVALENT_SLIPS, SLIPS, Candidate, Slip, candidates, slip
from mlpcourse.exercises.slips.generated import generated, two_at_once
from mlpcourse.exercises.slips.generics import GENERICS, Generic
from mlpcourse.exercises.slips.graph import (
    STEPS,
    TEX,
    WHERE_TAUGHT,
    Step,
    add_step,
    ancestors,
    evaluate,
    evaluator,
    every_node,
    step,
)

__all__ = [
    "EQUIVALENT_SLIPS",
    "GENERICS",
    "SLIPS",
    "STEPS",
    "TEX",
    "WHERE_TAUGHT",
    "Candidate",
    "Generic",
    "Slip",
    "Step",
    "accuracy",
    "add_step",
    "affine",
    "ancestors",
    "candidates",
    "cross_entropy",
    "evaluate",
    "evaluator",
    "every_node",
    "further",
    "gate",
    "generated",
    "gradients",
    "hidden_signal",
    "jacobian",
    "mend",
    "numerical",
    "one_hot",
    "output_delta",
    "relu",
    "several_steps",
    "slip",
    "softmax",
    "step",
    "two_at_once",
    "update",
]  # fmt: skip
