"""Whether a learner's function may be run again and again, changed a little each time: only if it has no effects.

What is called must be known to be harmless: numpy's functions, some of Python's own, the methods of arrays and lists,
the learner's own functions that are harmless too. Nothing outside may be assigned to.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import textwrap
import types
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_NUMPY = _words(
    "abs absolute all allclose amax amin angle any append apply_along_axis arange argmax argmin argsort argwhere "
    "array array_equal asarray ascontiguousarray astype atleast_1d atleast_2d average bincount block bool_ "
    "broadcast_to choose clip column_stack compress concatenate copy count_nonzero cross cumprod cumsum delete diag "
    "diagflat diagonal diff digitize divide dot dstack e einsum empty empty_like equal expand_dims eye "
    "fill_diagonal finfo flatnonzero flip float16 float32 float64 float_ floor_divide full full_like histogram "
    "hsplit hstack identity indices inf inner insert int32 int64 int_ isclose isfinite isin isnan kron linalg "
    "inv linspace log logaddexp logical_and logspace mask_indices matmul matrix max mean median meshgrid min mod "
    "moveaxis multiply nan nan_to_num nanmax nanmean nansum ndenumerate ndim ndindex newaxis nonzero norm ones "
    "ones_like outer pad pi piecewise pinv prod ptp put_along_axis ravel repeat reshape resize roll rot90 round "
    "row_stack searchsorted "
    "select shape sign size sort split squeeze stack std subtract sum swapaxes take take_along_axis tensordot tile "
    "trace transpose tri tril triu true_divide unique unravel_index vander var vdot vectorize vsplit vstack where "
    "zeros zeros_like longdouble"
)
_METHODS = _words(
    "T shape size ndim dtype flat real imag reduce at norm outer accumulate "
    "add all any append argmax argmin argsort astype clip conj copy count cumprod cumsum diagonal dot exp extend "
    "fill flatten get index insert item items keys max mean min nonzero pop prod ptp ravel repeat reshape reverse "
    "round sort squeeze std sum swapaxes take tolist trace transpose update values var view"
)
_CHANGING = _words("add append at extend fill insert pop reverse sort update")
_BUILTINS = _words(
    "Exception IndexError TypeError ValueError ZeroDivisionError abs all any bool complex dict divmod enumerate "
    "filter float int isinstance len list map max min pow print range reversed round set slice sorted str sum tuple "
    "zip"
)
# What these modules define, networks and model answers, computes and does nothing else.
_OF_THE_COURSE = {"mlpcourse.network", *(f"mlpcourse.exercises.lesson_{number:02}" for number in range(1, 15))}
_REFUSED = (
    ast.Global, ast.Nonlocal, ast.With, ast.ClassDef, ast.Await, ast.AsyncFunctionDef, ast.AsyncFor, ast.AsyncWith,
    ast.Yield, ast.YieldFrom, ast.ImportFrom,
)  # fmt: skip


def definition(function: Callable[..., Any], decorated: bool = False) -> ast.FunctionDef | None:
    """The function's ``def``, its lines counted from 1; None where its source cannot be had or is something else.

    A lambda that is the only one in its statement counts as a ``def``. decorated: whether it may have decorators.
    """
    if not isinstance(function, types.FunctionType):
        return None
    try:
        body = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, SyntaxError, ValueError):
        return None
    found = body[0] if len(body) == 1 else None
    for node in ast.walk(found) if found is not None else ():  # what types are written beside names does nothing
        if isinstance(node, ast.arg):
            node.annotation = None
        elif isinstance(node, ast.FunctionDef):
            node.returns = None
    if function.__name__ == "<lambda>":
        lambdas = [node for node in ast.walk(found) if isinstance(node, ast.Lambda)] if found is not None else []
        if len(lambdas) != 1:
            return None
        made = ast.FunctionDef("answer", lambdas[0].args, [ast.Return(lambdas[0].body)], [])
        return ast.fix_missing_locations(ast.copy_location(made, lambdas[0]))
    return found if isinstance(found, ast.FunctionDef) and (decorated or not found.decorator_list) else None


def surroundings(function: Callable[..., Any]) -> dict[str, Any]:
    """The names that a function finds around it: its module's, and those of the function that it was defined in."""
    inner = getattr(function, "__code__", None)
    around = dict(getattr(function, "__globals__", {}))
    for name, cell in zip(getattr(inner, "co_freevars", ()), getattr(function, "__closure__", None) or (), strict=True):
        try:
            around[name] = cell.cell_contents
        except ValueError:  # not yet set
            around[name] = None
    return around


def is_harmless(tree: ast.FunctionDef, around: Mapping[str, Any], depth: int = 3) -> bool:
    """Whether nothing that the function does reaches beyond it, ``around`` being its globals."""
    own = {node.arg for node in ast.walk(tree) if isinstance(node, ast.arg)}
    own |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    own |= {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(tree):
        if isinstance(node, _REFUSED):
            return False
        if isinstance(node, ast.Import) and any(alias.name not in ("numpy", "math") for alias in node.names):
            return False
        if isinstance(node, ast.Subscript | ast.Attribute) and isinstance(node.ctx, ast.Store | ast.Del):
            root = _root(node)
            if root is None or root not in own:
                return False
        if isinstance(node, ast.Attribute) and _changes_another(node, own, around):
            return False
        if isinstance(node, ast.Attribute) and not _known_attribute(node, own, around):
            return False
        read = isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and node.id not in own
        if isinstance(node, ast.Name) and read and not _known_name(node.id, tree.name, around, depth):
            return False
    return True


def _changes_another(node: ast.Attribute, own: set[str], around: Mapping[str, Any]) -> bool:
    """Whether such a method may change what is not the function's own; numpy's `append` and `add` give new arrays."""
    if node.attr not in _CHANGING or _root(node) in own:
        return False
    of_numpy = isinstance(node.value, ast.Name) and around.get(node.value.id) is np
    return node.attr == "at" or not of_numpy


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Subscript | ast.Attribute):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None


def _known_attribute(node: ast.Attribute, own: set[str], around: Mapping[str, Any]) -> bool:
    if node.attr.startswith("_"):
        return False
    if isinstance(node.value, ast.Name) and node.value.id not in own:
        thing = around.get(node.value.id)
        if thing is np:
            return node.attr in _NUMPY or isinstance(getattr(np, node.attr, np.exp), np.ufunc)
        if isinstance(thing, types.ModuleType):
            return thing is math
    return node.attr in _METHODS


def _known_name(name: str, itself: str, around: Mapping[str, Any], depth: int) -> bool:
    if name not in around:
        return name in _BUILTINS or name == itself or not hasattr(builtins, name)
    value = around[name]
    if value is np or value is math or isinstance(value, bool | int | float | complex | str | np.ndarray | np.generic):
        return True
    if isinstance(value, list | tuple | dict):
        return True
    if isinstance(value, np.ufunc) or getattr(np, name, None) is value or getattr(math, name, None) is value:
        return name in _NUMPY or isinstance(value, np.ufunc) or getattr(math, name, None) is value
    if getattr(value, "__module__", None) in _OF_THE_COURSE and callable(value):
        return True
    helper = definition(value) if depth else None
    if helper is None or (name != itself and any(isinstance(node, ast.While) for node in ast.walk(helper))):
        return False  # a changed function might make a helper's loop endless
    return name == itself or is_harmless(helper, surroundings(value), depth - 1)
