"""The heart of the package, from its own docstrings, with the handout's equations beside the functions."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from types import ModuleType
from typing import Any

from formulas import Formulas
from pages import Page, _finish, code, markdown

from mlpcourse import data, gradcheck, network, training
from mlpcourse.derivation.handout import HANDOUT

WIDTH = 80  # what a page shows of a line of code
HEART = (network, gradcheck, training, data)


def reference(formulas: Formulas) -> Page:
    """One page: for each module its docstring, then each public function and class in the order of the source."""
    page = Page("reference")
    parts = [markdown("# The code of the derivation\n\nThe four modules that everything else stands on.", formulas)]
    for module in HEART:
        name = module.__name__.removeprefix("mlpcourse.")
        parts.append(f"<h2>{name}</h2>{_doc(module, formulas)}")
        for member in _public(module):
            parts.append(f"<h3>{member.__name__}</h3>{_signature(member)}{_equations(member, formulas)}")
            parts.append(_doc(member, formulas))
            source = code(inspect.getsource(inspect.unwrap(member)).rstrip())
            parts.append(f"<details><summary>Source of {member.__name__}</summary>{source}</details>")
    _finish(page, "\n".join(parts), formulas)
    return page


def _public(module: ModuleType) -> list[Any]:
    members = [
        member
        for name, member in vars(module).items()
        if not name.startswith("_")
        and (inspect.isfunction(member) or inspect.isclass(member))
        and member.__module__ == module.__name__
    ]
    return sorted(members, key=lambda member: inspect.getsourcelines(inspect.unwrap(member))[1])


def _signature(member: Any) -> str:
    if inspect.isclass(member):
        one_line = f"{member.__name__}({', '.join(getattr(member, '_fields', ()))})"
        return code(textwrap.fill(one_line, WIDTH, subsequent_indent="    "))
    (function,) = ast.parse(textwrap.dedent(inspect.getsource(inspect.unwrap(member)))).body
    assert isinstance(function, ast.FunctionDef)
    assert function.returns
    arguments = ast.unparse(function.args).replace("=", " = ").replace("'", '"')
    returned = ast.unparse(function.returns)
    one_line = f"{function.name}({arguments}) -> {returned}"
    if len(one_line) <= WIDTH:
        return code(one_line)
    each = re.sub(r", (?=[*]|\w+:)", ",\n    ", arguments)
    return code(f"{function.name}(\n    {each},\n) -> {returned}")


def _equations(member: Any, formulas: Formulas) -> str:
    """The handout's equations that the docstring names, as they were handed out."""
    named = re.findall(r"\bH\d\d(?: to H\d\d)?\b", inspect.getdoc(member) or "")
    ids: list[str] = []
    for one in named:
        first, last = int(one[1:3]), int(one[-2:])
        ids += [f"H{number:02}" for number in range(first, last + 1)]
    known = [name for name in dict.fromkeys(ids) if name in HANDOUT]
    if not known or len(known) > 8:
        return ""
    rows = "".join(
        f"<tr><th scope='row'>{name}</th><td>{formulas.mark(HANDOUT[name], display=False)}</td></tr>" for name in known
    )
    return f"<table class='equations'><caption>In the handout</caption><tbody>{rows}</tbody></table>"


def _doc(member: Any, formulas: Formulas) -> str:
    """The docstring as Markdown; an indented passage is set as it stands."""
    text = (inspect.getdoc(member) or "").replace("``", "`")
    return markdown(text, formulas)
