"""What the views of a single example share: its logits and its true class."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from mlpcourse import network
from mlpcourse.network import Array, as_numbers
from mlpcourse.widgets.view import View


def initial_traits(z2: npt.ArrayLike | None, y: npt.ArrayLike | None) -> dict[str, npt.ArrayLike]:
    """The traits to set: without ``y``, class 1 is the true one."""
    if z2 is None:
        return {} if y is None else {"y": y}
    K = len(np.atleast_1d(as_numbers("z2", z2)))
    return {"z2": z2, "y": np.eye(max(K, 1))[0] if y is None else y}


def require_columns(view: View, *names: str) -> None:
    """Raises ValueError unless each of the view's arrays ``names`` is one column."""
    for name in names:
        rows, N = shape = getattr(view, name).shape
        if N != 1:
            raise ValueError(
                f"{name} has shape {shape}, but this view shows one example: {name} needs shape ({rows}, 1)"
            )


def require_one_example(view: View) -> None:
    """Raises ValueError unless the view's z2 and y are columns of equal length, with two classes or more."""
    require_columns(view, "z2")
    z2: Array = view.z2
    if len(z2) == 1:
        raise ValueError("z2 has shape (1, 1), but this view needs two classes or more: z2 needs shape (2, 1)")
    network.cross_entropy(z2, view.y)
