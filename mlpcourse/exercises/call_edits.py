"""Small changes of a call: another function, another argument, the order of two calls."""

from __future__ import annotations

import ast
from collections.abc import Iterator

REDUCING = {"sum", "mean", "max", "min", "argmax", "argmin", "prod", "std", "any", "all", "amax", "amin"}
_ROUNDING = {"round", "around", "rint", "trunc", "floor", "ceil", "float16", "float32", "astype", "clip"}
_INSTEAD = {
    "max": ("maximum", "sum", "min", "argmax"), "min": ("minimum", "max", "argmin"), "maximum": ("max",),
    "minimum": ("maximum",), "argmin": ("argmax",), "argmax": ("argmin", "max"), "sum": ("mean", "max"),
    "mean": ("sum",), "exp": ("log",), "log": ("exp",), "zeros": ("ones",), "ones": ("zeros",),
    "zeros_like": ("ones_like",), "ones_like": ("zeros_like",), "all": ("mean", "any"), "any": ("all",),
    "multiply": ("matmul",), "matmul": ("multiply",), "dot": ("multiply", "outer"), "inner": ("outer", "dot"),
    "outer": ("dot",), "diag": ("diagflat",), "vstack": ("hstack", "concatenate"), "hstack": ("vstack",),
    "floor": ("abs",), "add": ("subtract",), "subtract": ("add",), "greater": ("less",), "less": ("greater",),
    "median": ("mean", "sum"), "average": ("mean", "sum"), "var": ("mean", "sum"), "ptp": ("max", "sum"),
    "log2": ("log",), "log10": ("log",), "log1p": ("log",), "exp2": ("exp",), "expm1": ("exp",),
    "prod": ("sum",), "cumsum": ("sum",), "cumprod": ("sum",), "fmin": ("maximum",),
    "empty": ("zeros",), "full": ("zeros",),
    "kron": ("dot", "outer"), "vdot": ("dot", "outer"), "tensordot": ("dot",), "cross": ("dot",),
    "cos": ("exp",), "sin": ("exp",), "tanh": ("exp",), "sqrt": ("log",), "square": ("abs",),
}  # fmt: skip


def name_of(function: ast.expr) -> str:
    """The last part of a called function's name, "" if it has none."""
    return (
        function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""
    )


def _renamed(call: ast.Call, name: str) -> ast.Call:
    """The call of another function or method with the same arguments."""
    function: ast.expr
    if isinstance(call.func, ast.Attribute):
        function = ast.Attribute(call.func.value, name, ast.Load())
    else:
        function = of_numpy(name)
    return ast.Call(function, call.args, call.keywords)


def method(node: ast.expr, name: str, axis: int) -> ast.expr:
    """``node.name(axis=axis)``."""
    keywords = [ast.keyword("axis", ast.Constant(axis))]
    return ast.Call(ast.Attribute(node, name, ast.Load()), [], keywords)


def of_numpy(name: str) -> ast.expr:
    """``np.name``."""
    return ast.Attribute(ast.Name("np", ast.Load()), name, ast.Load())


def other_calls(node: ast.Call) -> Iterator[tuple[int, ast.expr, str]]:
    """What may stand in place of a call: how late it is tried, from 0 on, the expression, and the question to ask."""
    name = name_of(node.func)
    if name in ("tanh", "abs", "absolute", "fabs", "exp", "square", "sqrt", "sign", "clip", "sigmoid") and node.args:
        positive = ast.Call(of_numpy("maximum"), [node.args[0], ast.Constant(0)], [])
        yield 3, positive, f"Is `{name}` the function that is needed here?"
    for other in _INSTEAD.get(name, ()):
        yield 1, _renamed(node, other), f"Is `{name}` the function that is needed here?"
    is_method = _is_method(node)
    if name in REDUCING:
        for other in ("sum", "mean", "max"):
            if other != name and other not in _INSTEAD.get(name, ()):
                yield 3, _renamed(node, other), f"Is `{name}` the function that is needed here?"
    rank = 0 if name in _ROUNDING else 2
    if is_method and isinstance(node.func, ast.Attribute):
        yield rank, node.func.value, f"Is `{name}` needed here?"
    elif node.args and not isinstance(node.args[0], ast.Starred):
        yield rank, node.args[0], f"Is `{name}` needed here?"
    if name in ("reshape", "resize") and is_method and isinstance(node.func, ast.Attribute):
        yield 1, ast.Attribute(node.func.value, "T", ast.Load()), "What does `reshape` do to the order of the entries?"
    if name == "reshape" and not is_method and node.args:
        yield 1, ast.Attribute(node.args[0], "T", ast.Load()), "What does `reshape` do to the order of the entries?"
    if len(node.args) == 1 and isinstance(node.args[0], ast.BinOp):
        inner = node.args[0]
        outside = ast.BinOp(ast.Call(node.func, [inner.left], node.keywords), inner.op, inner.right)
        yield 2, outside, "What stands inside the bracket, and what outside?"
    yield from _exchanged(node)
    if name in ("maximum", "fmax", "clip", "relu") and node.args:
        gate = ast.Compare(node.args[0], [ast.GtE()], [ast.Constant(0)])
        yield 2, gate, f"Is `{name}` needed here, or what its derivative is?"
    keywords = {keyword.arg: keyword for keyword in node.keywords}
    if name in REDUCING:
        others = [keyword for keyword in node.keywords if keyword.arg not in ("axis", "keepdims")]
        first = node.args if not is_method else []
        rest = node.args[1:] if not is_method else node.args
        ask = "Over which axis should it run, and should that axis stay?"
        for axis in (0, 1, None):
            for keep in (False, True):
                given = [] if axis is None else [ast.keyword("axis", ast.Constant(axis))]
                given += [ast.keyword("keepdims", ast.Constant(True))] if keep else []
                args = [*first[:1], *(rest if not isinstance(rest[:1], list) else rest[1:])] if rest else first[:1]
                new = ast.Call(node.func, args, [*given, *others])
                yield (1 if axis is not None else 2), new, ask
    if len(node.args) == 2 and name in ("dot", "matmul", "inner"):
        product = ast.BinOp(node.args[0], ast.Mult(), node.args[1])
        for axis in (0, 1):
            yield 2, method(product, "sum", axis), "Which numbers are multiplied, and which are added up?"
    if len(node.args) == 2:
        yield 2, ast.Call(node.func, node.args[::-1], node.keywords), "In which order do the two belong?"
    if len(node.args) == 3 and name == "where":
        yield (
            1,
            ast.Call(node.func, [node.args[0], *node.args[:0:-1]], node.keywords),
            "Which value belongs to which case?",
        )
    if len(node.args) >= 2 and name in ("zeros", "ones", "empty", "eye", "full", "vstack", "hstack", "stack"):
        yield 0, ast.Call(node.func, [ast.Tuple(node.args, ast.Load())], node.keywords), "How is a shape written?"
    if len(node.args) >= 2:
        for place in range(len(node.args)):
            args = [arg for at, arg in enumerate(node.args) if at != place]
            yield 3, ast.Call(node.func, args, node.keywords), "Does every argument belong here?"
    if name == "range" and len(node.args) == 1:
        more = ast.BinOp(node.args[0], ast.Add(), ast.Constant(1))
        yield 2, ast.Call(node.func, [more], []), "Where does the loop end?"
    for keyword in keywords.values():
        if keyword.arg not in ("axis", "keepdims"):
            kept = [other for other in node.keywords if other is not keyword]
            yield 2, ast.Call(node.func, node.args, kept), f"Is `{keyword.arg}` needed here?"


def _exchanged(outer: ast.Call) -> Iterator[tuple[int, ast.expr, str]]:
    """The logarithm of a sum for a sum of logarithms: the two calls in the other order."""
    inner = _operand(outer)
    innermost = _operand(inner) if isinstance(inner, ast.Call) else None
    if isinstance(inner, ast.Call) and innermost is not None and name_of(outer.func) != name_of(inner.func):
        ask = f"What comes first, `{name_of(inner.func)}` or `{name_of(outer.func)}`?"
        yield 2, _applied(inner, _applied(outer, innermost)), ask


def _operand(call: ast.Call) -> ast.expr | None:
    """What a call is applied to: its first argument, or what the method belongs to."""
    if _is_method(call) and isinstance(call.func, ast.Attribute):
        return call.func.value
    return call.args[0] if call.args and not isinstance(call.args[0], ast.Starred) else None


def _applied(call: ast.Call, operand: ast.expr) -> ast.Call:
    """The same call, of something else."""
    if _is_method(call) and isinstance(call.func, ast.Attribute):
        return ast.Call(ast.Attribute(operand, call.func.attr, ast.Load()), call.args, call.keywords)
    return ast.Call(call.func, [operand, *call.args[1:]], call.keywords)


def _is_method(call: ast.Call) -> bool:
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    while isinstance(owner, ast.Attribute):
        owner = owner.value
    return owner is not None and not (isinstance(owner, ast.Name) and owner.id in _MODULES)


_MODULES = ("np", "numpy", "math")
