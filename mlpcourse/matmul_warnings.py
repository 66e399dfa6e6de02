"""In a notebook, a warning from a matrix product is shown only where something that is not finite came of it.

Apple's Accelerate on an M4 and some kernels of OpenBLAS raise floating-point flags for products of finite matrices
that are finite and right (numpy issues 28687, 29820). numpy turns them into warnings that name the learner's own line.
Here, too, the result decides and not the flag: such a warning is held back until the cell ends, and shown if a
variable that the cell has set, or the value it displays, holds an infinity or a NaN. ``network.checked`` does the same
for the course's own functions. Outside a notebook nothing is changed.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TextIO

import numpy as np

_FROM_A_PRODUCT = re.compile(r".* encountered in (matmul|dot)\Z")


def show_only_with_cause(shell: Any) -> None:
    """Hold the warnings of matrix products back in the IPython ``shell``."""
    held: dict[tuple[str, str, int], Callable[[], None]] = {}
    before: dict[str, int] = {}
    show = warnings.showwarning

    def hold(
        message: Warning | str, category: type[Warning], filename: str, lineno: int,
        file: TextIO | None = None, line: str | None = None,
    ) -> None:  # fmt: skip
        display = partial(show, message, category, filename, lineno, file, line)
        if issubclass(category, RuntimeWarning) and _FROM_A_PRODUCT.match(str(message)):
            held[str(message), filename, lineno] = display
        else:
            display()

    def start(_: object) -> None:
        held.clear()
        before.clear()
        before.update({name: id(value) for name, value in shell.user_ns.items()})

    def end(result: Any) -> None:
        changed = (value for name, value in list(shell.user_ns.items()) if before.get(name) != id(value))
        if held and not (_all_finite([result.result]) and _all_finite(changed)):
            for warning in held.values():
                warning()
        held.clear()

    warnings.filterwarnings("always", _FROM_A_PRODUCT.pattern, RuntimeWarning)  # or only a line's first would arrive
    warnings.showwarning = hold
    shell.events.register("pre_run_cell", start)
    shell.events.register("post_run_cell", end)


def _all_finite(values: Iterable[Any], depth: int = 3) -> bool:
    return all(_is_finite(value, depth) for value in values)


def _is_finite(value: Any, depth: int) -> bool:
    """Whether all numbers in ``value`` are finite, those in tuples, lists and dictionaries as well."""
    if isinstance(value, np.ndarray | np.number | float | complex):
        return np.asarray(value).dtype.kind not in "fc" or bool(np.isfinite(value).all())
    if depth and isinstance(value, list | tuple | Mapping):
        return _all_finite(value.values() if isinstance(value, Mapping) else value, depth - 1)
    return True
