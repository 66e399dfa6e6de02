"""What stands in a line, so that nobody is told that it is missing."""

from __future__ import annotations

import sympy as sp

from mlpcourse.derivation.letters import A2, ARRAYS, Entry, Expr, L, L_mean, L_of, N, Partial, entry_of, y

# What a derivative brings in with each step back, and what lies one step further back.
_STEPS = {"L": {"y", "A2"}, "A2": {"A2", "delta"}, "z2": {"w2", "sum"}, "A1": {"z1", "gate"}}
_BACK = {"L": "A2", "A2": "z2", "z2": "A1", "A1": "z1"}
_BY_PARAMETER = {("z2", "w2"): {"A1"}, ("z2", "b2"): set(), ("z1", "w1"): {"X"}, ("z1", "b1"): set(),
                 ("z1", "X"): {"w1", "sum"}}  # fmt: skip


def standing(expr: Expr) -> frozenset[str]:
    """The arrays in the line by their names, with what its derivatives stand for, and of the rest:

    "gate" (a comparison by size), "delta" (one of indices), "1/A2", "N", "exp" and "sum"; and "softmax", where the
    label is multiplied with what the softmax's derivative is made of.
    """
    found = set[str]()
    parts = sp.preorder_traversal(expr)
    for part in parts:
        if _is_relu(part):
            found.add("A1")
            parts.skip()
        elif isinstance(part, sp.Indexed):
            found.add(part.base.label.name)
        elif isinstance(part, sp.Sum):
            found.add("sum")
        elif isinstance(part, sp.exp):
            found.add("exp")
        elif isinstance(part, sp.KroneckerDelta | sp.Eq):
            found.add("delta")
        elif isinstance(part, sp.Ge | sp.Gt | sp.Le | sp.Lt):
            found.add("gate")
        elif getattr(part, "is_Pow", False) and part.exp.is_Number and part.exp < 0 and _is_probability(part.base):
            found.add("1/A2")
        elif getattr(part, "is_Mul", False) and _multiplies_label(part):
            found.add("softmax")
        elif getattr(part, "func", None) == Partial:
            found |= _of_derivative(*part.args)
        elif getattr(part, "func", None) == Entry:
            found |= standing(entry_of(*part.args))
    if _divides_by_n(expr):
        found.add("N")
    return frozenset(found)


def contradicts(without: str, there: frozenset[str]) -> bool:
    """Whether something of what is said to be missing, in words, stands in a line; an array in any of its forms."""
    forms = {"A2": {"A2", "z2"}, "A1": {"A1", "z1"}}
    return any(not there.isdisjoint(forms.get(word, {word})) for word in without.split())


def _is_relu(expr: Expr) -> bool:
    """Whether it is z1 under the condition z1 >= 0, and 0 otherwise: A1 written out."""
    if not isinstance(expr, sp.Piecewise) or len(expr.args) != 2:
        return False
    (value, condition), (other, _) = expr.args
    return bool(other == 0 and isinstance(value, sp.Indexed) and value in condition.args)


def _is_probability(expr: Expr) -> bool:
    return any(isinstance(part, sp.Indexed) and part.base.label.name == "A2" for part in sp.preorder_traversal(expr))


def _multiplies_label(product: Expr) -> bool:
    """Whether a delta or a probability stands in a product beside the label, as in y_k (I(i = k) - A2_i)."""
    labels = [one for one in product.args if one.has(y) or any(part.has(L, L_mean) for part in one.atoms(Partial))]
    return bool(labels) and any(_is_slope(factor) for factor in product.args if factor not in labels)


def _is_slope(factor: Expr) -> bool:
    """Whether a delta or a probability stands in it, not below the line."""
    parts = sp.preorder_traversal(factor)
    for part in parts:
        if getattr(part, "is_Pow", False) and part.exp == -1:
            parts.skip()
        elif isinstance(part, sp.KroneckerDelta | sp.Eq) or (isinstance(part, sp.Indexed) and part.base == A2):
            return True
    return False


def _divides_by_n(expr: Expr) -> bool:
    """Whether N stands in the line otherwise than as the end of a sum, or as a side of an array."""
    if isinstance(expr, sp.Sum):
        return _divides_by_n(expr.function)
    if isinstance(expr, sp.MatrixSymbol):
        return False
    return expr == N or any(_divides_by_n(arg) for arg in getattr(expr, "args", ()))


def _of_derivative(of: Expr, by: Expr) -> set[str]:
    """What the derivative of one by the other brings in."""
    names = {array.label.name for array in ARRAYS}
    start = {str(part) for part in sp.preorder_traversal(of) if str(part) in names}
    start |= {"L"} if of.has(L, L_mean, L_of) else set()
    end = by.base.label.name
    found = {"N"} if of.has(L_mean) else set[str]()
    for here in start:
        passed = set[str]()
        while here != end:
            if (here, end) in _BY_PARAMETER:
                found |= passed | _BY_PARAMETER[here, end]
                break
            if here not in _BACK:
                break
            passed |= _STEPS[here]
            here = _BACK[here]
        else:
            found |= passed
    return found
