"""The lines themselves, a file a part. Where the handout's own line has a slip, the mended line stands under its ID."""

from __future__ import annotations

from mlpcourse.derivation.lines import batch, hidden_layer, loss, matrices, network, output_layer, softmax
from mlpcourse.derivation.lines.line import Derivation
from mlpcourse.derivation.written import as_written


def _as_written(derivation: Derivation) -> Derivation:
    """The derivation with each line in the one form that is read back from what is typeset."""
    lines = tuple(line._replace(expr=as_written(line.expr)) for line in derivation.lines)
    return derivation._replace(lhs=as_written(derivation.lhs), lines=lines)


DERIVATIONS: dict[str, Derivation] = {
    derivation.name: _as_written(derivation)
    for part in (network, softmax, loss, output_layer, hidden_layer, batch, matrices)
    for derivation in part.DERIVATIONS
}


def find_derivation(name: str) -> Derivation:
    """The derivation of that name. Raises ValueError for an unknown one."""
    if name not in DERIVATIONS:
        raise ValueError(f"there is no derivation {name!r}, only: {', '.join(DERIVATIONS)}")
    return DERIVATIONS[name]
