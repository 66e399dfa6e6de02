"""Reading what a learner's function gave back: one array, or several in any packing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing
from mlpcourse.exercises.verdict import listed

Array = npt.NDArray[Any]


def as_tuple(value: Any) -> tuple[Array, ...]:
    """A reference's results as arrays."""
    return tuple(np.asarray(part, dtype=float) for part in (value if isinstance(value, tuple) else (value,)))


def read_results(value: Any, results: Sequence[str], labels: Sequence[str]) -> tuple[Array, ...]:
    """The learner's results as arrays. Raises NotNumbers.

    Several may come as a tuple, a list, a generator, a dictionary with natural keys, or an array of arrays.
    """
    if len(results) == 1:
        return (comparing.as_array(_the_one(value, results[0], labels[0])),)
    parts = _several(value, results)
    if parts is None or len(parts) != len(results):
        came = "one thing came" if parts is None else f"{len(parts)} came"
        asked = f"{', '.join(labels[:-1])} and {labels[-1]}"
        raise comparing.NotNumbers(f"{len(results)} results are asked for ({asked}), but {came} back.")
    unset = [label for label, part in zip(labels, parts, strict=True) if part is None or part is ...]
    if unset:
        raise comparing.NotNumbers(f"{listed(unset)} came back without a value.")
    return tuple(comparing.as_array(part) for part in parts)


def _the_one(value: Any, result: str, label: str) -> Any:
    if isinstance(value, Mapping):
        keyed = _by_key(value, (result,))
        if keyed is not None:
            return keyed[0]
    if isinstance(value, tuple) and len(value) > 1 and any(_dimensions(part) > 1 for part in value):
        raise comparing.NotNumbers(f"One result is asked for, {label}, but {len(value)} came back.")
    return value


def _several(value: Any, results: Sequence[str]) -> Sequence[Any] | None:
    if isinstance(value, Mapping):
        return _by_key(value, results)
    if isinstance(value, np.ndarray) and value.ndim >= 1 and (value.dtype == object or value.ndim > 2):
        return list(value)
    return value if isinstance(value, tuple | list) else None


def _by_key(value: Mapping[Any, Any], results: Sequence[str]) -> list[Any] | None:
    """The results in their order, out of a dictionary that holds them all: `w1` may stand for `w1_new`."""
    keys = {_plain_key(key): key for key in value}
    if all(_plain_key(result) in keys for result in results):
        return [value[keys[_plain_key(result)]] for result in results]
    return None


def _plain_key(key: Any) -> str:
    return str(key).lower().replace("new", "").replace("grad", "d").replace("_", "").replace(" ", "")


def _dimensions(part: Any) -> int:
    try:
        return np.ndim(part)
    except ValueError:  # rows of different lengths
        return 2


def hidden_inside(labels: Sequence[str], truths: Sequence[Array], value: Any) -> list[str]:
    """Whether a wrongly packed result has the right one inside."""
    if isinstance(value, Mapping):
        value = list(value.values())
    found = []
    for label, truth in zip(labels, truths, strict=True):
        for part in value if isinstance(value, tuple | list) else [value]:
            try:
                fit = comparing.fitted(comparing.as_array(part), truth.shape)
            except comparing.NotNumbers:
                continue
            if fit is not None and comparing.close(fit, truth):
                found.append(label)
                break
    if not found:
        return []
    if len(labels) == 1:
        if not isinstance(value, tuple | list):
            return []
        return [f"It holds {found[0]}, but more than that came back."]
    return [f"Among what came back, {listed(found)} {'is' if len(found) == 1 else 'are'} right."]
