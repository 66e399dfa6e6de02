"""The derivation as data: letters, typesetting, numbers, derivatives, normal form, proof, display, and the lines."""

from mlpcourse.derivation.lines.output_layer import (
    DERIVATIONS,
    Derivation,
    Line,
    as_json,
    evaluate,
    latex,
    plain,
    prove,
    show,
    values_of,
)

__all__ = ["DERIVATIONS", "Derivation", "Line", "as_json", "evaluate", "latex", "plain", "prove", "show", "values_of"]
