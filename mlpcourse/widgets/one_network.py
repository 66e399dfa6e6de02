"""What the views of a whole network share: its parameters, and examples with their classes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.data import Tiny
from mlpcourse.network import Params
from mlpcourse.widgets.view import Numbers, OneHot


class OneNetwork(traitlets.HasTraits):
    """The traits w1 (H, D), b1 (H, 1), w2 (K, H), b2 (K, 1), X (D, N) and y (K, N), one-hot."""

    w1, b1, w2, b2, X = (Numbers([0.0], low=-1e4, high=1e4) for _ in range(5))
    y = OneHot([1.0])

    @property
    def params(self) -> Params:
        """w1, b1, w2, b2 as they stand."""
        return Params(self.w1, self.b1, self.w2, self.b2)


def arrays(
    default: Tiny, params: Params | None, X: npt.ArrayLike | None, y: npt.ArrayLike | None
) -> dict[str, npt.ArrayLike]:
    """The traits to set; what is None comes from ``default``. Raises ValueError, TypeError as ``network.loss`` does."""
    own, X, y = network.check_real_network(
        default.params if params is None else params,
        np.asarray(default.X if X is None else X),
        np.asarray(default.y if y is None else y),
    )
    return {**own._asdict(), "X": X, "y": y}
