"""The derivation as data: what a learner reads is the expression that is proven.

``DERIVATIONS[name]`` holds the lines; ``show(name)`` displays them, each with its reason, its handout equations and
its proof. A line's LaTeX, numbers and proof come from one expression (``letters``).
"""

from mlpcourse.derivation.display import show
from mlpcourse.derivation.handout import SECTIONS, show_handout, show_slips
from mlpcourse.derivation.judge import Judgement, judge
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation, Line
from mlpcourse.derivation.notation import notation
from mlpcourse.derivation.numbers import evaluate, values_of
from mlpcourse.derivation.proof import prove, prove_line
from mlpcourse.derivation.tree import as_json
from mlpcourse.derivation.typesetting import latex, plain

__all__ = [
    "DERIVATIONS", "SECTIONS", "Derivation", "Judgement", "Line", "as_json", "evaluate", "judge", "latex", "notation",
    "plain", "prove", "prove_line", "show", "show_handout", "show_slips", "values_of",
]  # fmt: skip
