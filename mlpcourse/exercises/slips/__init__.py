"""The catalogue of slips, a file for each step of the network: ``SLIPS`` holds them all.

    catalogue.py      what a slip is
    affine.py relu.py softmax.py                  forward
    one_hot.py cross_entropy.py                   label and loss
    jacobian.py output_delta.py                   the softmax's derivative and the output error
    gradients.py hidden_signal.py gate.py         back through both layers
    several_steps.py                              what goes wrong in the same way at several of these
    update.py accuracy.py numerical.py            training and checking
    mend.py                                       the handout's lines
    further.py                                    what goes further than the course
    generics.py       what can befall any result
    generated.py      what follows from the graph: another operand, a step left out or done twice

A new slip is one decorated function in the file of its step; ``exercises/graph.py`` has the steps done right.
"""

from mlpcourse.exercises.slips import (  # noqa: F401, I001 - each enters its slips; of two that fit, the earlier is named
    affine, relu, softmax, one_hot, cross_entropy, jacobian, output_delta, gradients, hidden_signal, gate,
    several_steps, update, accuracy, numerical, mend, further,
)  # fmt: skip
from mlpcourse.exercises.slips.catalogue import EQUIVALENT_SLIPS, SLIPS, Candidate, Slip, candidates
from mlpcourse.exercises.slips.generated import generated, two_at_once
from mlpcourse.exercises.slips.generics import GENERICS, Generic

__all__ = [
    "EQUIVALENT_SLIPS", "GENERICS", "SLIPS", "Candidate", "Generic", "Slip", "candidates", "generated", "two_at_once",
]  # fmt: skip
