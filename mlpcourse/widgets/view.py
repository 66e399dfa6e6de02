"""What every view shares: checked traits, a still picture and a line of text beside the moving one, its JavaScript.

A view is a class in ``name.py`` with its JavaScript in ``name.js`` beside it (and ``name.css``, if it needs one).
Computing and drawing happen in the browser; the traits are what Python reads and sets.
"""

from __future__ import annotations

import re
import sys
from decimal import ROUND_HALF_UP, Decimal, localcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import anywidget
import numpy as np
import numpy.typing as npt
import traitlets

from mlpcourse import network
from mlpcourse.network import Array, as_numbers
from mlpcourse.plots.picture import Picture

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_FOLDER = Path(__file__).parent
_IMPORT = re.compile(r'^import \{[^}]*\} from "\./([\w-]+\.js)"\n', re.MULTILINE)
_DECLARATION = re.compile(
    r"^(?:export )?(?:const|let|class|(?:async )?function) (\w+|\[[^]]*\]|\{[^}]*\})", re.MULTILINE
)


def module(name: str) -> str:
    """The ES module ``name`` with the modules it imports written above it, each once: anywidget takes a single text.

    They stay ordinary modules on disk. Inlining them needs no bundler and no address that a notebook's content
    policy or a saved page could refuse. Raises ValueError when two of them declare the same top-level name: in one
    text that is a SyntaxError, and the view would stay empty.
    """
    parts: dict[str, str] = {}
    homes: dict[str, str] = {}

    def add(part: str, *, shared: bool) -> None:
        text = (_FOLDER / part).read_text(encoding="utf-8")
        for imported in _IMPORT.findall(text):
            if imported not in parts:
                add(imported, shared=True)
        text = _IMPORT.sub("", text)
        for declared in re.findall(r"\w+", " ".join(_DECLARATION.findall(text))):
            if declared in homes:
                raise ValueError(f"{part} and {homes[declared]} both declare {declared} at their top level")
            homes[declared] = part
        parts[part] = re.sub(r"^export (?!default)", "", text, flags=re.MULTILINE) if shared else text

    add(name, shared=False)
    return "\n".join(parts.values())


def _scoped(style: Path, scope: str) -> str:
    """A view's own rules: for this view alone, and a little stronger than view.css, which other views repeat below."""
    if not style.exists():
        return ""
    return style.read_text(encoding="utf-8").replace(".mlp-view", f":where(.{scope}) div.mlp-view")


def number(x: float) -> str:
    """``x`` as all views write it (also ``number`` in view.js): three decimals, or 1.23e-5 if they say too little."""
    if not np.isfinite(x):
        return {"nan": "NaN", "inf": "∞", "-inf": "\N{MINUS SIGN}∞"}[str(float(x))]
    exact = Decimal(float(x) + 0.0)  # no zero with a minus
    with localcontext() as context:
        context.rounding = ROUND_HALF_UP
        text = f"{exact:.3f}" if exact == 0 or Decimal("0.001") <= abs(exact) < 10_000 else f"{exact:.2e}"
    return text.replace("-", "\N{MINUS SIGN}")


def numbers(values: npt.ArrayLike) -> str:
    """The entries of ``values``, row by row."""
    return ", ".join(map(number, np.ravel(values)))


class Numbers(traitlets.TraitType[Any, Any]):
    """A synced array (rows, columns) of finite numbers between ``low`` and ``high``; a flat list is one column.

    The array is read-only, so that no change goes unnoticed: set the whole trait. Making the view fixes its shape.
    """

    def __init__(self, default: npt.ArrayLike, *, low: float = -np.inf, high: float = np.inf) -> None:
        self.low, self.high = low, high
        super().__init__(self._read_only(np.asarray(default, dtype=float)))
        self.tag(sync=True, to_json=lambda array, _: array.tolist())

    @staticmethod
    def _read_only(array: Array) -> Array:
        array = np.array(array[:, None] if array.ndim == 1 else array, dtype=float)
        array.flags.writeable = False
        return array

    def validate(self, obj: Any, value: object) -> Array:
        name = str(self.name)
        given = as_numbers(name, value)
        if given.dtype.kind == "c":
            raise TypeError(f"{name} must hold real numbers, but has dtype {given.dtype}")
        if given.ndim not in (1, 2) or given.size == 0:
            raise ValueError(f"{name} has shape {given.shape}, but needs a column or a matrix of numbers")
        array = self._read_only(given)
        fixed = obj.shapes.get(name, array.shape)
        if array.shape != fixed:
            raise ValueError(
                f"{name} has shape {given.shape}, but this view was made with shape {fixed}: {name} needs shape {fixed}"
            )
        outside = (array < self.low) | (array > self.high)
        if outside.any():
            raise ValueError(
                f"{name} holds {array[outside][0]:g}: entries must lie between {self.low:g} and {self.high:g}"
            )
        return array


class OneHot(Numbers):
    """Numbers with a single 1 in each column, and 0 elsewhere."""

    def validate(self, obj: Any, value: object) -> Array:
        y = super().validate(obj, value)
        network.output_delta(y, y)  # raises, with a sentence, unless y is one-hot
        return y


class Number(traitlets.TraitType[Any, Any]):
    """A synced finite number between ``low`` and ``high``, an integer if ``whole``."""

    def __init__(self, default: float, *, low: float = -np.inf, high: float = np.inf, whole: bool = False) -> None:
        self.low, self.high, self.whole = low, high, whole
        super().__init__(default)
        self.tag(sync=True)

    def validate(self, obj: Any, value: object) -> float:
        name = str(self.name)
        given = as_numbers(name, value)
        if given.shape != () or given.dtype.kind == "c":
            raise TypeError(f"{name} must be one real number, but has shape {given.shape} and dtype {given.dtype}")
        x = float(given)
        if self.whole and not x.is_integer():
            raise ValueError(f"{name} must be a whole number, but is {x:g}")
        if not self.low <= x <= self.high:
            raise ValueError(f"{name} must lie between {self.low:g} and {self.high:g}, but is {x:g}")
        return int(x) if self.whole else x


class View(anywidget.AnyWidget):
    """A view: subclasses add traits, ``text``, ``alt`` and ``figure``."""

    initial: Any = traitlets.Dict().tag(sync=True)  # what Reset goes back to: how the view was first shown
    also_reset: tuple[str, ...] = ()  # traits other than numbers that Reset sets, too
    shapes: dict[str, tuple[int, ...]] = {}  # noqa: RUF012 (replaced, never changed)
    scope: str

    def __init_subclass__(cls, **kwargs: Any) -> None:
        if "_esm" not in cls.__dict__:  # anywidget derives a class of its own for each view, with _esm as a trait
            own = Path(str(sys.modules[cls.__module__].__file__))
            cls._esm = module(own.with_suffix(".js").name)
            cls.scope = f"mlp-{own.stem}"
            cls._css = (_FOLDER / "view.css").read_text(encoding="utf-8") + _scoped(own.with_suffix(".css"), cls.scope)
        super().__init_subclass__(**kwargs)

    def __init__(self, **traits: Any) -> None:
        super().__init__(_dom_classes=(self.scope,), **traits)
        self.shapes = {
            name: getattr(self, name).shape for name, trait in self.traits().items() if isinstance(trait, Numbers)
        }

    def text(self) -> str:
        """One line with the numbers shown."""
        raise NotImplementedError

    def alt(self) -> str:
        """What the still picture shows, in words."""
        return self.text()

    def figure(self) -> Figure:
        """The still picture."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return self.text()

    def still(self) -> tuple[dict[str, str], dict[str, Any]]:
        """MIME data and metadata for whoever cannot show the view."""
        return Picture(self.figure(), self.alt())._repr_mimebundle_()

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        if not self.initial:
            moved = [name for name, trait in self.traits().items() if isinstance(trait, Numbers | Number)]
            values = {name: getattr(self, name) for name in (*moved, *self.also_reset)}
            self.initial = {
                name: value.tolist() if isinstance(value, np.ndarray) else value for name, value in values.items()
            }
        data, metadata = super()._repr_mimebundle_(**kwargs) or ({}, {})
        still, still_metadata = self.still()
        return {**data, **still, "text/plain": self.text()}, {**metadata, **still_metadata}
