"""A learner's derivation: each typed line is read and judged against the line before it.

All lines of a derivation are one value, so a line is proven when it equals the last line of the course's own
derivation, which equals the left-hand side; after a wrong line the next one is compared with the last good one.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, NamedTuple

import numpy as np
import sympy as sp

from mlpcourse import network
from mlpcourse.derivation import letters
from mlpcourse.derivation.differences import difference, likeness, shape, with_hole
from mlpcourse.derivation.judge import Judgement, judge
from mlpcourse.derivation.letters import (
    COUNTS,
    Entry,
    Expr,
    L_mean,
    L_of,
    Partial,
    definition,
    entry_of,
    split_sum,
)
from mlpcourse.derivation.lines.line import Derivation, Line
from mlpcourse.derivation.numbers import evaluate, free_indices, values_of
from mlpcourse.derivation.reading import Abbreviation, Unreadable, Written, read_line
from mlpcourse.derivation.typesetting import latex, plain
from mlpcourse.network import Array

Word = Literal["proven", "refuted", "undecided", "unreadable"]
MARKS: dict[Word, tuple[str, str]] = {
    "proven": ("✓", "proven"), "refuted": ("✗", "refuted"), "undecided": ("?", "not decided"),
    "unreadable": ("!", "cannot be read"),
}  # fmt: skip
MOST_LINES = 60  # of one derivation
MOST_TERMS = 3000  # that a line may have when everything is multiplied out


class Counterexample(NamedTuple):
    """A network on which two expressions differ: its arrays, and both numbers at one place (indices from 1).

    at_kink: they differ only where a z1 is exactly 0, as here.
    """

    values: Mapping[str, Array]
    at: Mapping[str, int]
    first: float
    second: float
    at_kink: bool = False

    @property
    def place(self) -> str:
        """Where they differ, as "k = 2, j = 1"; "" for two numbers without an index."""
        return ", ".join(f"{letter} = {index}" for letter, index in self.at.items())

    def arrays(self) -> str:
        """The network as Python source: what a reader needs to compute both numbers."""
        given = ("X", "y", "w1", "b1", "w2", "b2", "c")
        return "\n".join(
            f"{name} = np.array({(np.round(np.asarray(self.values[name], dtype=float), 6) + 0.0).tolist()})"
            for name in given
            if name in self.values and (name != "c" or np.ndim(self.values[name]) == 0)
        )

    def as_text(self) -> list[str]:
        """The network and both numbers, so that anybody can check them in numpy."""
        values = self.values
        sizes = {"D": len(values["X"]), "H": len(values["w1"]), "K": len(values["y"]), "N": values["X"].shape[1]}
        shown = ", ".join(f"{letter} = {size}" for letter, size in sizes.items())
        where = f" at {self.place}, counted from 1" if self.at else ""
        return [
            f"On this network ({shown}) the two sides are {self.first:.6g} and {self.second:.6g}{where}:",
            *self.arrays().splitlines(),
        ]


@dataclass(frozen=True)
class Judged:
    """One line, judged.

    verdict: "proven" (for every K, H, D, N), "refuted" (by ``counterexample``), "undecided" or "unreadable".
    column: from 1, where reading stopped, else None. reading: how the line was read, in LaTeX, and ``plain``.
    message: why, in a sentence or two. slip: the name of the mistake, or None. key: the course's line that it is.
    defines: what it is about, if it is no step: the name that it gives, or another quantity than the left-hand side.
    """

    text: str
    verdict: Word
    message: str = ""
    column: int | None = None
    reading: str = ""
    plain: str = ""
    slip: str | None = None
    key: str = ""
    defines: str = ""
    ids: tuple[str, ...] = ()
    counterexample: Counterexample | None = None
    expr: Expr = field(default=None, repr=False, compare=False)
    sides: tuple[Expr, ...] = field(default=(), repr=False, compare=False)
    details: tuple[tuple[str, str], ...] = ()

    @property
    def proven(self) -> bool:
        return self.verdict == "proven"


class Goal(NamedTuple):
    """The form in which a derivation ends: no derivatives, these arrays only, at most so many sums."""

    arrays: tuple[str, ...]
    sums: int

    def reached(self, expr: Expr) -> bool:
        """Whether the expression has that form."""
        return not derivatives(expr) and _arrays(expr) <= set(self.arrays) and _sums(expr) <= self.sums

    def left_in(self, expr: Expr) -> str:
        """What keeps an expression from having that form, as a sentence; LaTeX between dollars."""
        if signs := derivatives(expr):
            return f"A derivative sign is left: ${latex(next(iter(signs)))}$. Which earlier result says what it is?"
        if others := sorted(_arrays(expr) - {*self.arrays}):
            return f"${_shown(others[0])}$ is left, and the end is {self.tex}."
        return f"A sum too many is left: the end is {self.tex}."

    def __str__(self) -> str:
        return self._in_words([_shown(name) for name in self.arrays])

    @property
    def tex(self) -> str:
        """The same with the names as LaTeX between dollar signs."""
        return self._in_words([f"${_shown(name)}$" for name in self.arrays])

    def _in_words(self, names: list[str]) -> str:
        listed = f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names) or "no array"
        sums = (
            "no sum is left" if not self.sums else "one sum is left" if self.sums == 1 else f"{self.sums} sums are left"
        )
        return f"without derivative signs, in {listed}, where {sums}"


def _shown(name: str) -> str:
    return f"{name[0]}_{name[1:]}" if name[-1].isdigit() else name


def goal_of(derivation: Derivation) -> Goal:
    """What the last line of the course's derivation looks like."""
    last = derivation.lines[-1].expr
    return Goal(tuple(name for name in _NAMES if name in _arrays(last)), _sums(last))


_NAMES = ["A2", "y", "w2", "A1", "z1", "X", "z2", "w1", "b2", "b1"]  # in the order in which a goal names them


def _parts(expr: Expr) -> Iterator[Expr]:
    """All parts of the expression, an entry of a matrix formula written out."""
    for part in sp.preorder_traversal(expr):
        if getattr(part, "func", None) == Entry:
            with sp.evaluate(False):
                yield from _parts(entry_of(*part.args))
        else:
            yield part


def derivatives(expr: Expr) -> list[Expr]:
    """The derivatives that stand in the expression."""
    return [part for part in _parts(expr) if getattr(part, "func", None) == Partial]


def _arrays(expr: Expr) -> set[str]:
    return {part.base.label.name for part in _parts(expr) if isinstance(part, sp.Indexed)}


def _sums(expr: Expr) -> int:
    return sum(isinstance(part, sp.Sum) for part in _parts(expr))


# --- judging one claim -----------------------------------------------------------------------------------


def claim(first: Expr, second: Expr) -> Judgement:
    """``judge`` with a bound on what it multiplies out, and with z1 and z2 written out where that decides it."""
    size = max(_terms(first), _terms(second))
    if size > MOST_TERMS:
        if shown := counterexample(first, second):
            return Judgement("refuted", "", shown.values, None, shown.at, shown.first, shown.second)
        return Judgement("undecided", "multiplied out, the line has more terms than are looked at: take a smaller step")
    try:
        found = _judged(first, second)
        for names in (("z2",), ("z1", "z2")):
            if found.verdict == "undecided":
                pair = tuple(_written_out(side, names) for side in (first, second))
                if pair != (first, second) and equal_everywhere(*pair):
                    found = Judgement("proven")
    except (
        ArithmeticError,
        AttributeError,
        KeyError,
        NotImplementedError,
        RecursionError,
        TypeError,
        ValueError,
    ) as error:
        return Judgement("undecided", f"there is no rule for this line yet ({type(error).__name__})")
    return found


def equal_everywhere(first: Expr, second: Expr) -> bool:
    """Whether both witnesses say that the two are equal."""
    return _judged(first, second).verdict == "proven"


@np.errstate(all="ignore")
def _judged(first: Expr, second: Expr) -> Judgement:
    return judge(first, second)


def _written_out(expr: Expr, names: Sequence[str]) -> Expr:
    """The expression with the entries of these arrays replaced by their definitions, outside of derivatives."""
    if isinstance(expr, sp.Indexed):
        if expr.base.label.name not in names:
            return expr
        with sp.evaluate(True):
            return _written_out(definition(expr), names)
    if getattr(expr, "func", None) == Entry:
        with sp.evaluate(False):
            return _written_out(entry_of(*expr.args), names)
    if not getattr(expr, "args", ()) or expr.func == Partial:
        return expr
    if isinstance(expr, sp.Sum):
        index, low, high, body = split_sum(expr)
        return letters.Sum(_written_out(body, names), (index, low, high))
    if isinstance(expr, sp.Piecewise):
        return expr
    with sp.evaluate(False):
        return expr.func(*(_written_out(arg, names) for arg in expr.args))


@functools.lru_cache(maxsize=512)
def _terms(expr: Expr) -> int:
    """About how many terms the expression has, multiplied out."""
    if expr.is_Add:
        return sum(_terms(arg) for arg in expr.args)
    if expr.is_Mul:
        return min(10**9, int(np.prod([float(_terms(arg)) for arg in expr.args])))
    if expr.is_Pow and expr.exp.is_Integer:
        return int(min(10**9, float(_terms(expr.base)) ** abs(int(expr.exp))))
    if isinstance(expr, sp.Piecewise):
        return 2 * sum(_terms(value) for value, _ in expr.args)
    if getattr(expr, "func", None) == Entry:
        return 8
    inner = [_terms(arg) for arg in expr.args if isinstance(arg, sp.Expr)]
    return max([1, *inner]) * (2 if getattr(expr, "func", None) == Partial else 1)


SMALL = ((2, 4, 3, 2), (3, 2, 4, 3), (4, 3, 2, 3))  # D, H, K, N of the networks that a refutation is shown on


def counterexample(first: Expr, second: Expr, found: Judgement | None = None) -> Counterexample | None:
    """A small network on which the two differ, with numbers of one decimal; None where none of those tried tells."""
    batch = any(
        side.has(L_mean) or side.has(L_of) or side.has(letters.n) or side.has(letters.q) for side in (first, second)
    )
    open_letters = tuple(sorted({*free_indices(first), *free_indices(second)}, key=str))
    if found is None or not found.at_kink:
        for seed, (D, H, K, N) in enumerate(SMALL):
            values = _small_network(seed, D, H, K, N if batch else 1)
            if shown := _apart(first, second, values, open_letters):
                return shown
    if found is not None and found.verdict == "refuted" and found.values is not None:
        return Counterexample(found.values, dict(found.at or {}), found.first, found.second, found.at_kink)
    return None


def _small_network(seed: int, D: int, H: int, K: int, N: int) -> dict[str, Array]:
    rng = np.random.default_rng(seed)
    while True:
        drawn = [np.round(rng.normal(size=shape), 1) for shape in ((H, D), (H, 1), (K, H), (K, 1))]
        X = np.round(rng.normal(size=(D, N)), 1)
        values = values_of(network.Params(*drawn), X, network.one_hot(rng.integers(0, K, N), K))
        z1 = values["z1"]
        if (z1 < 0).any() and (z1 > 0).any() and np.abs(z1).min() > 0.05:
            return {**values, "c": np.asarray(0.5)}


@np.errstate(all="ignore")
def _apart(first: Expr, second: Expr, values: Mapping[str, Array], free: tuple[Expr, ...]) -> Counterexample | None:
    """Where the two differ most on this network, if they do so visibly."""
    try:
        numbers = [_over(side, values, free) for side in (first, second)]
    except (IndexError, ValueError):
        return None
    apart = np.abs(numbers[0] - numbers[1]) / (1 + np.abs(numbers[0]) + np.abs(numbers[1]))
    if not np.isfinite(apart).all() or apart.max() < 1e-3:
        return None
    place = np.unravel_index(apart.argmax(), apart.shape)
    at = {letter.name: int(index) + 1 for letter, index in zip(free, place, strict=True)}
    one, other = (0.0 if abs(number[place]) < 1e-12 else float(number[place]) for number in numbers)
    return Counterexample(dict(values), at, one, other)


def _over(side: Expr, values: Mapping[str, Array], free: tuple[Expr, ...]) -> Array:
    """The numbers with an axis for each of the free letters."""
    sizes = {"D": len(values["X"]), "N": values["X"].shape[1], "H": len(values["w1"]), "K": len(values["y"])}
    own = free_indices(side)
    numbers = np.asarray(evaluate(side, values), dtype=float)
    order = [own.index(letter) for letter in free if letter in own]
    full = [sizes[COUNTS[letter.name].name] for letter in free]
    shape = [size if letter in own else 1 for letter, size in zip(free, full, strict=True)]
    return np.broadcast_to(numbers.transpose(order).reshape(shape), full)


def is_true(text: str) -> Judged:
    """Judge one equation, any two sides (or more): proven, refuted with a network, undecided, or unreadable."""
    try:
        written = read_line(str(text))
    except Unreadable as problem:
        return Judged(str(text), "unreadable", problem.message, problem.column)
    shown = _shown_as(text, written)
    if written.defines or len(written.sides) < 2:
        return replace(shown, verdict="unreadable", column=len(str(text).rstrip()) + 1,
                       message="An equation has two sides: write = between them.")  # fmt: skip
    if written.problems:
        column, message = written.problems[0]
        return replace(shown, verdict="unreadable", column=column, message=message)
    pairs = zip(written.sides, written.sides[1:], strict=False)
    outside = {letter for side in written.sides for letter in free_indices(side)}
    return _with_letters(_worst([_claimed(shown, first, second) for first, second in pairs]), outside)


def _shown_as(text: str, written: Written) -> Judged:
    sides = written.sides
    return Judged(
        str(text), "undecided", reading=" = ".join(map(latex, sides)), plain=" = ".join(map(plain, sides)),
        expr=sides[-1], sides=sides,
    )  # fmt: skip


def _with_letters(judged: Judged, outside: set[Expr]) -> Judged:
    """What is proven, with a word on a sum whose letter stands for something ``outside`` of it, too."""
    twice = next((letter for side in judged.sides for letter in _taken_twice(side, outside)), None)
    if not judged.proven or twice is None:
        return judged
    word = f"But {twice} is a sum's own letter, and an index outside of it, too: give the sum another letter."
    return replace(judged, message=f"{judged.message} {word}")


def _taken_twice(expr: Expr, outside: set[Expr]) -> Iterator[Expr]:
    if isinstance(expr, sp.Sum):
        index, _, _, summand = split_sum(expr)
        if index in outside:
            yield index
        yield from _taken_twice(summand, {*outside, index})
    else:
        for arg in getattr(expr, "args", ()):
            yield from _taken_twice(arg, outside)


_ORDER: tuple[Word, ...] = ("refuted", "undecided", "proven")


def _worst(judged: Sequence[Judged]) -> Judged:
    return min(judged, key=lambda one: _ORDER.index(one.verdict) if one.verdict in _ORDER else -1)


def _claimed(shown: Judged, first: Expr, second: Expr, whose: tuple[str, str] = ("the left", "the right")) -> Judged:
    """``shown`` with the verdict on ``first = second``; ``whose`` names the two in words."""
    found = claim(first, second)
    if found.verdict == "proven":
        return replace(shown, verdict="proven", message="Proven for every K, H, D and N.")
    if found.verdict == "refuted":
        example = counterexample(first, second, found)
        if example is None:
            return replace(shown, message="The two sides differ by hardly more than rounding.")
        kink = " Both sides differ only where a z1 is exactly 0: at the kink." if found.at_kink else ""
        where = f" at {example.place}" if example.at else ""
        both = f"{whose[0]} side is {example.first:.6g} and {whose[1]} {example.second:.6g}"
        message = f"On a small network {both}{where}.{kink}"
        return replace(shown, verdict="refuted", message=message, counterexample=example)
    if found.verdict == "undefined":
        return replace(shown, message=f"This has no value on some networks: {found.reason.rstrip('.')}.")
    return replace(shown, message=f"{found.reason[:1].upper()}{found.reason[1:].rstrip('.')}. You may go on.")


# --- a derivation that grows --------------------------------------------------------------------------------


class Chain:
    """The learner's lines so far; ``add`` judges one more."""

    def __init__(self, derivation: Derivation) -> None:
        self.derivation = derivation
        self.lines: list[Judged] = []
        self.names: dict[str, Abbreviation] = {}
        self.goal = goal_of(derivation)
        self._by_shape = {shape(line.expr): line for line in reversed(derivation.lines)}

    @property
    def before(self) -> Expr:
        """What the next line is compared with: the last line that is not wrong, or the left-hand side."""
        good = [line.expr for line in self.lines if line.verdict in ("proven", "undecided") and not line.defines]
        return good[-1] if good else self.derivation.lhs

    @property
    def reached(self) -> bool:
        """Whether the derivation is finished: a proven line has the goal's form."""
        return any(line.proven and not line.defines and self.goal.reached(line.expr) for line in self.lines)

    def read(self, text: str) -> Written:
        """The line with the names defined so far. Raises Unreadable."""
        return read_line(text, self.derivation.lhs, names=self.names)

    def add(self, text: str) -> Judged:
        """Judge one more line."""
        line = self.judge(text)
        self.lines.append(line)
        return line

    def judge(self, text: str) -> Judged:
        """The verdict on a line after those so far."""
        text = str(text)
        if len(self.lines) >= MOST_LINES:
            return Judged(text, "unreadable", f"A derivation has at most {MOST_LINES} lines here.", 1)
        try:
            written = self.read(text)
        except Unreadable as problem:
            return Judged(text, "unreadable", problem.message, problem.column)
        shown = _shown_as(text, written)
        if written.problems:
            column, message = written.problems[0]
            return replace(shown, verdict="unreadable", column=column, message=message)
        if written.defines and written.abbreviation is not None:
            self.names[written.defines] = written.abbreviation
            indices = "".join(written.abbreviation.indices)
            name = f"{written.defines}{'_' + indices if indices else ''}"
            return replace(
                shown, verdict="proven", defines=written.defines, reading=f"{name} = {shown.reading}",
                plain=f"{name} = {shown.plain}", message=f"From here on {name} stands for this.",
            )  # fmt: skip
        if written.aside:
            return self._aside(shown)
        return _with_letters(self._judged(shown), set(free_indices(self.derivation.lhs)))

    def _aside(self, shown: Judged) -> Judged:
        """A line that says something of another quantity: right or wrong by itself, and no step."""
        first, *others = shown.sides
        found = _worst([_claimed(shown, first, side) for side in others])
        found = replace(found, defines=plain(first))
        if found.proven:
            word = f"A true line aside: it is no step from {plain(self.derivation.lhs)}, but the next one may use it."
            found = replace(found, message=f"{found.message} {word}")
        return _with_letters(found, set(free_indices(first)))

    def _judged(self, shown: Judged) -> Judged:
        lhs, before = self.derivation.lhs, self.before
        sides = [side for side in shown.sides if side != lhs] or [lhs]
        last = self.derivation.lines[-1].expr
        verdicts = []
        for side in sides:
            found = _claimed(shown, last, side, ("the left-hand", "this line"))
            if found.verdict == "undecided":  # another road to the same end may be seen
                for other in {before, lhs, *(line.expr for line in self.derivation.lines[-4:-1])}:
                    if claim(other, side).verdict == "proven":
                        found = replace(found, verdict="proven", message="Proven for every K, H, D and N.")
                        break
            verdicts.append(replace(found, expr=side))
        worst = _worst(verdicts)
        if worst.verdict != "proven":
            return replace(worst, expr=sides[-1])
        found = replace(worst, expr=sides[-1])
        course = self._by_shape.get(shape(sides[-1]))
        if course is not None:
            ids, passed = self._numbers(course)
            where = f", {', '.join(ids)} of the handout" if ids else f", on the way to {passed[0]}" if passed else ""
            line = f"{found.message} It is a line of the course{where}."
            found = replace(found, key=course.key, ids=ids, message=line)
        if (short := re.search(r"delta_?([12])", shown.text)) and not self.goal.reached(sides[-1]):
            word = f"{short[0]} is a derivative, too, dL/dz{short[1]}: at the end none is left."
            found = replace(found, message=f"{found.message} {word}")
        return found

    def _numbers(self, course: Line) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The handout's equations that this line is, and those that are reached only by a later line."""
        lines = self.derivation.lines
        later = {one for line in lines[lines.index(course) + 1 :] for one in line.ids}
        return tuple(one for one in course.ids if one not in later), tuple(one for one in course.ids if one in later)

    # --- where the learner stands

    def place(self) -> int:
        """How many lines of the course are behind the learner's last good line, counted by the nearest one."""
        course = self.derivation.lines
        good = [line for line in self.lines if line.proven and not line.defines]
        if not good:
            return 0
        keys = [line.key for line in course]
        if good[-1].key in keys:
            return keys.index(good[-1].key) + 1
        known = [keys.index(line.key) for line in good if line.key in keys]
        start = max(known, default=-1)
        here = good[-1].expr
        near = [(likeness(here, line.expr), number) for number, line in enumerate(course) if number >= max(start, 0)]
        return max(near)[1] + 1 if near else start + 1

    def next_line(self) -> Line | None:
        """The course's line that comes next; None at the end."""
        place = self.place()
        return self.derivation.lines[place] if place < len(self.derivation.lines) and not self.reached else None

    def skipped(self) -> tuple[Line, ...]:
        """The course's lines that the last good line leapt over."""
        keys = [line.key for line in self.derivation.lines]
        good = [line for line in self.lines if line.proven and line.key in keys]
        if not good:
            return ()
        last = keys.index(good[-1].key)
        first = max((keys.index(line.key) for line in good[:-1]), default=-1)
        return self.derivation.lines[first + 1 : last]

    def hints(self) -> tuple[str, str, str] | None:
        """Three hints for the next line: which rule; what it changes; the line with a hole. LaTeX between dollars."""
        if self.reached:
            return None
        here, following = self.before, self.next_line()
        rule = f"Use this: {following.reason}." if following else self.goal.left_in(here)
        following = following or self.derivation.lines[-1]
        old, _, holed = difference(here, following.expr)
        what = (
            f"Look at this part: ${latex(old)}$. What becomes of it?"
            if old is not None and old != here
            else f"It changes the line as a whole: ${latex(here)}$."
        )
        return rule, what, f"Fill the hole: $= {with_hole(holed)}$"

    def beside(self) -> list[tuple[Line | None, Judged | None]]:
        """The course's lines and the learner's good ones, those that are the same in one row."""
        course, mine = list(self.derivation.lines), [one for one in self.lines if one.proven and not one.defines]
        rows: list[tuple[Line | None, Judged | None]] = []
        keys = [line.key for line in course]
        at = 0
        for line in mine:
            if line.key in keys[at:]:
                there = keys.index(line.key, at)
                rows += [(skipped, None) for skipped in course[at:there]]
                rows.append((course[there], line))
                at = there + 1
            else:
                rows.append((None, line))
        return rows + [(left, None) for left in course[at:]]


def warm_up(derivation: Derivation) -> None:
    """Do what only the first line would wait for: the grammar and the derivatives."""
    Chain(derivation).judge(plain(derivation.lines[0].expr))
