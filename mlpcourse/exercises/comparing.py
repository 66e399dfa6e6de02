"""Comparing a learner's numbers with the right ones: equal or not, and if not, facts that help."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from mlpcourse.network import SHAPES

Array = npt.NDArray[Any]

CLOSE = 1e-5  # relative to the largest entry: float32 arithmetic passes, a wrong formula does not


class NotNumbers(Exception):
    """A result that cannot be read as numbers; the message says what it is."""


def shape_of(value: Any) -> tuple[int, ...] | None:
    """The shape of an array or a number; None for what has none, such as a list of rows of different lengths."""
    return np.shape(value) if isinstance(value, np.ndarray | np.generic | int | float) else None


def as_array(value: Any) -> Array:
    """``value`` as a real array. Raises NotNumbers when it does not hold numbers."""
    if inspect.isgenerator(value):
        raise NotNumbers("A generator came back: `yield` hands values out one by one, `return` gives the whole.")
    if inspect.iscoroutine(value):
        value.close()
        raise NotNumbers("`async def` hands out a promise of a result. Write `def`.")
    if isinstance(value, dict | set) or (callable(value) and not hasattr(value, "__array__")):
        kind = "A function" if callable(value) else f"A {type(value).__name__}"
        raise NotNumbers(f"{kind} came back, where an array is asked for.")
    if isinstance(value, str | bytes):
        raise NotNumbers("A text came back, where numbers are asked for.")
    try:
        array = np.asarray(value)
        if array.dtype.kind == "O":
            array = array.astype(np.float64)
    except (ValueError, TypeError):
        raise NotNumbers("What came back cannot be read as one array of numbers.") from None
    except Exception:
        raise NotNumbers(f"What came back, a {type(value).__name__}, cannot be read as an array of numbers.") from None
    if array.dtype.kind == "c":
        if np.abs(array.imag).max(initial=0) > 1e-12 * max(1.0, float(np.abs(array.real).max(initial=0))):
            raise NotNumbers("Complex numbers came back, where real ones are asked for.")
        array = array.real
    if array.dtype.kind not in "biuf":
        raise NotNumbers(f"An array of dtype {array.dtype} came back, where numbers are asked for.")
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def fitted(array: Array, shape: tuple[int, ...]) -> Array | None:
    """``array`` in ``shape`` if it differs from it only by axes of length 1 left out or added, else None."""
    if array.shape == shape:
        return array
    lengths = [n for n in array.shape if n != 1]
    if array.ndim != len(shape) and lengths == [n for n in shape if n != 1]:
        return array.reshape(shape)
    return None


def close(array: Array, truth: Array, tolerance: float = CLOSE) -> bool:
    """Equal to rounding, relative to the largest entry; NaN and infinity equal themselves."""
    if array.dtype == np.float16:
        tolerance = max(tolerance, 1e-2)
    finite = truth[np.isfinite(truth)]
    scale = float(np.abs(finite).max(initial=0.0))
    if array.shape != truth.shape:
        return False
    least = max(tolerance * scale, 1e-12)
    if finite.size == truth.size:  # nearly always: what isclose does for such numbers, in a third of its time
        with np.errstate(invalid="ignore", over="ignore"):
            return bool((np.abs(array - truth) <= least + tolerance * np.abs(truth)).all())
    return bool(np.isclose(array, truth, rtol=tolerance, atol=least, equal_nan=True).all())


def between(array: Array, one: Array, other: Array) -> bool:
    """On the straight line from ``one`` to ``other``: every choice of the derivative at a kink lies there."""
    along = other - one
    length = float((along * along).sum())
    if array.shape != one.shape or not np.isfinite(array).all():
        return False
    share = 0.0 if length == 0 else float(np.clip(((array - one) * along).sum() / length, 0, 1))
    return close(array, one + share * along)


ALL_CLOSE = "They are all close, but not equal. Is something rounded on the way, or a small number added?"

# --- facts ----------------------------------------------------------------------------------------


def facts(results: Sequence[Array], truths: Sequence[Array], columns: str = "example") -> list[str]:
    """Sentences on how ``results`` differ from ``truths`` of the same shapes, true of every pair given."""
    at = next((n for n, pair in enumerate(zip(results, truths, strict=True)) if not close(*pair)), 0)
    first, truth = results[at], truths[at]
    if not all(np.isfinite(result).all() for result in results):
        bad = next(result for result in results if not np.isfinite(result).all())
        where = tuple(int(i) for i in np.argwhere(~np.isfinite(bad))[0])
        which = f"Entry {list(where)}" if where else "The number"
        return [f"{which} is {bad[where]}. Is something divided by 0, too large for exp, or negative in a log?"]
    said = _overall(results, truths)
    whole, near = (first == np.trunc(first)).all() and first.any(), np.abs(first - truth).max() < 1
    if whole and near and truth.size > 1 and not (truth == np.trunc(truth)).all():
        said.append("Your numbers are all whole. Were decimals cut off, by an integer array or by `np.vectorize`?")
    wrong = ~np.isclose(first, truth, rtol=CLOSE, atol=CLOSE * float(np.abs(truth).max(initial=0)))
    if not wrong.any():
        return said
    where = tuple(int(i) for i in np.argwhere(wrong)[0])
    size = "too high" if first[where] > truth[where] else "too low"
    first = np.where(np.abs(first) < 1e-12, 0.0, first)  # what rounding leaves of 0
    count = f"{int(wrong.sum())} of {wrong.size} entries" if wrong.size > 1 else "The number"
    place = f" The first is {list(where)}: yours is {first[where] + 0:.4g}, which is {size}." if wrong.size > 1 else ""
    only = f" is {size}: yours is {first[where]:.4g}." if wrong.size == 1 else " differ."
    return [*said, f"{count}{only}{place}", *_where(wrong, columns)]


def all_alike(results: Sequence[Array]) -> bool:
    """Whether all entries of all results of one shape are one and the same number."""
    shapes = {result.shape for result in results}
    groups = [np.concatenate([one for one in results if one.shape == shape], axis=None) for shape in shapes]
    return all(bool(np.isfinite(group).all()) and float(np.ptp(group)) <= 1e-12 for group in groups)


def shape_facts(array: Array, truth: Array) -> list[str]:
    """Sentences on a result whose shape is not that of the right one."""
    if array.shape == truth.shape[::-1]:
        return ["These are the right lengths in the wrong order: rows and columns are exchanged."]
    if array.size == truth.size:
        return ["The number of entries is right, but they are arranged in another way."]
    if array.ndim == truth.ndim == 2:
        rows, columns = (a == b for a, b in zip(array.shape, truth.shape, strict=True))
        if rows or columns:
            return [f"The number of {'rows' if rows else 'columns'} is right, that of the other axis is not."]
    return []


_COUNTED = {"D": "inputs", "H": "hidden units", "K": "classes", "N": "examples"}


def what_is_counted(array: Array, truth: Array, case: Mapping[str, Any]) -> tuple[str, str, str] | None:
    """Of a result with another shape: a name, what its axes count instead, and a question; None where nobody can tell.

    case: the inputs, whose lengths all differ.
    """
    if array.ndim == 0 and truth.size > 1:
        return (
            "one_number_only",
            "",
            "Does a sum or a mean run over an axis too many, or is one number all that is kept?",
        )
    lengths = _lengths(case)
    if array.ndim == 1 and truth.ndim == 2:
        if len(array) not in lengths:
            return (
                "axis_gone",
                "One axis is gone.",
                "Does a condition in square brackets pick entries, and lose their place?",
            )
        left = f"One axis is gone: what is left has as many entries as there are {lengths[len(array)]}."
        return "axis_gone", left, "Does a sum, a maximum or a comparison run over the other one?"
    if array.ndim == truth.ndim + 1 == 3:
        return "axis_too_many", "It has an axis too many.", "Over which axis is something still to be added up?"
    if array.ndim != 2 or truth.ndim != 2:
        return None
    said = []
    for name, mine, right in zip(("rows", "columns"), array.shape, truth.shape, strict=True):
        if mine == right:
            continue
        if mine in lengths:
            said.append(f"Its {name} are as many as the {lengths[mine]}.")
        elif mine == 1:
            said.append(f"It has a single {name.removesuffix('s')}.")
        else:
            pairs = [(one, other) for one in lengths for other in lengths if one < other and one * other == mine]
            if len(pairs) != 1:
                return None
            one, other = (lengths[length] for length in pairs[0])
            said.append(f"Its {name} are {mine} = {pairs[0][0]} * {pairs[0][1]}: {one} times {other}.")
    return "other_axes", " ".join(said), "What should its rows count, and what its columns?"


def _lengths(case: Mapping[str, Any]) -> dict[int, str]:
    """What is counted by each length in these inputs: in the course's words, or as somebody's rows or columns."""
    found: dict[int, str] = {}
    foreign = any(np.ndim(value) == 2 and name not in SHAPES for name, value in case.items())
    for name, value in case.items():
        for axis, length in enumerate(np.shape(value)):
            letter = "N" if name == "labels" else SHAPES[name][axis] if name in SHAPES and not foreign else ""
            if length > 1 and letter != "1":
                word = (
                    f"{'rows' if axis == 0 else 'columns'} of `{name}`"
                    if np.ndim(value) > 1
                    else f"entries of `{name}`"
                )
                found.setdefault(length, _COUNTED.get(letter, word))
    if isinstance(case.get("K"), int):
        found.setdefault(case["K"], "classes")
    return found


def _overall(results: Sequence[Array], truths: Sequence[Array]) -> list[str]:
    if all(close(result + 1, np.ones_like(result)) for result in results):
        return ["Every entry is 0."] if truths[0].size > 1 else ["It is always 0."]
    if all(close(-result, truth) for result, truth in zip(results, truths, strict=True)):
        return ["Every entry has the wrong sign."] if truths[0].size > 1 else ["The sign is wrong, the size is right."]
    ratios = [_constant(result, truth) for result, truth in zip(results, truths, strict=True)]
    if all(ratio is not None for ratio in ratios):
        low, high = min(r for r in ratios if r is not None), max(r for r in ratios if r is not None)
        if np.isclose(low, high, rtol=1e-4):
            return [f"Every entry is {low:.4g} times what it should be."]
        return [f"Every entry is off by the same factor: here {ratios[0]:.4g}, another in other calls."]
    if all(close(np.abs(result), np.abs(truth)) for result, truth in zip(results, truths, strict=True)):
        return ["The magnitudes are right, but some signs are not."]
    if all(close(np.sort(result, None), np.sort(truth, None)) for result, truth in zip(results, truths, strict=True)):
        return ["These are the right numbers in the wrong places."]
    shifts = [result - truth for result, truth in zip(results, truths, strict=True)]
    if all(close(shift, np.full_like(shift, shift.flat[0])) and shift.size > 1 for shift in shifts):
        return ["Every entry is off by the same amount."]
    if truths[0].size > 1 and all(close(result, truth, 0.02) for result, truth in zip(results, truths, strict=True)):
        return [ALL_CLOSE]
    return []


def _constant(result: Array, truth: Array) -> float | None:
    """The number c with result = c * truth, or None."""
    square = float((truth * truth).sum())
    if square == 0 or result.size < 2:
        return None
    factor = float((result * truth).sum()) / square
    return factor if abs(factor) > 1e-9 and close(result, factor * truth) else None


def _where(wrong: npt.NDArray[np.bool_], columns: str) -> list[str]:
    if wrong.ndim != 2 or min(wrong.shape) < 2 or wrong.all():
        return []
    bad_columns, bad_rows = np.flatnonzero(wrong.any(axis=0)), np.flatnonzero(wrong.any(axis=1))
    if len(bad_columns) == 1:
        return [f"Only column {bad_columns[0]} is wrong."]
    if len(bad_rows) == 1:
        return [f"Only row {bad_rows[0]} is wrong."]
    if len(bad_columns) == wrong.shape[1] - 1:
        good = next(n for n in range(wrong.shape[1]) if n not in bad_columns)
        return [f"Only column {good} is right."]
    if len(bad_rows) == wrong.shape[0] - 1:
        good = next(n for n in range(wrong.shape[0]) if n not in bad_rows)
        return [f"Only row {good} is right."]
    return []
