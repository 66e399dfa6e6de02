"""What counts as not attempted yet."""

from __future__ import annotations

import ast
import dis
import inspect
import textwrap
from collections.abc import Callable
from typing import Any


def is_placeholder_statement(statement: ast.stmt) -> bool:
    """Whether a statement is a docstring, `...`, `pass`, `return`, `return None` or `raise NotImplementedError`."""
    if isinstance(statement, ast.Pass):
        return True
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    if isinstance(statement, ast.Return):
        return statement.value is None or (
            isinstance(statement.value, ast.Constant) and statement.value.value in (None, ...)
        )
    if isinstance(statement, ast.Raise):
        return any(isinstance(node, ast.Name) and node.id == "NotImplementedError" for node in ast.walk(statement))
    return False


def untouched(function: Callable[..., Any]) -> bool:
    """True when the body is only a docstring, `...`, `pass`, `return None` or `raise NotImplementedError`."""
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError, ValueError):
        return _empty_bytecode(function)
    definition = tree.body[0] if tree.body else None
    if not isinstance(definition, ast.FunctionDef):
        # A lambda has a body. For code without a file Python 3.13.0 gives lines of the program that runs it.
        return getattr(function, "__name__", "") != "<lambda>" and _empty_bytecode(function)
    if definition.name != getattr(function, "__name__", definition.name):
        return _empty_bytecode(function)
    return all(is_placeholder_statement(statement) for statement in definition.body)


def _empty_bytecode(function: Callable[..., Any]) -> bool:
    code = getattr(function, "__code__", None)
    if code is None:
        return False
    steps = list(dis.get_instructions(code))
    nothing = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE", "POP_TOP"}
    return all(step.opname in nothing for step in steps) and all(
        step.argval in (None, ...) for step in steps if "CONST" in step.opname
    )
