"""Finding the slip that explains a wrong answer.

An answer is explained when a slip of the catalogue, done in the right steps' place, gives exactly the learner's
numbers on every case. Tried in this order: one slip; something done to the whole result (a sign, a transpose, a
factor N); both together; then, result by result, up to two slips at once. Nothing is named on a resemblance.
"""

from __future__ import annotations

import functools
import itertools
import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from mlpcourse.exercises import comparing, graph, slips
from mlpcourse.exercises.slips import GENERICS, Candidate, Generic
from mlpcourse.network import SHAPES

Array = npt.NDArray[Any]


class Explained(NamedTuple):
    """Why the results with these numbers are what they are: slips in steps, then things done to the whole."""

    results: tuple[int, ...]
    slips: tuple[Candidate, ...]
    generics: tuple[Generic, ...]


# What happens most often on paper: two of these may be made at once.
_FREQUENT = {"bias_left_out", "bias_subtracted", "weights_transposed", "logits_from_z1", "relu_skipped"}


def _pairs(candidates: Sequence[Candidate]) -> Iterator[tuple[Candidate, ...]]:
    """Two slips at different nodes."""
    return (pair for pair in itertools.combinations(candidates, 2) if pair[0].node != pair[1].node)


def _always(_: Explained) -> bool:
    return True


_FACTORS = ("n_times_too_large", "divided_by_n_again", "doubled", "halved", "divided_by_k", "k_times_too_large",
            "divided_by_k_and_n")  # fmt: skip
_ALONE: list[tuple[Generic, ...]] = [(generic,) for generic in GENERICS.values()]
_PROPORTIONAL: list[tuple[Generic, ...]] = [
    *((GENERICS[name],) for name in ("wrong_sign", "transposed", *_FACTORS)),
    (GENERICS["wrong_sign"], GENERICS["transposed"]),
    *((GENERICS[first], GENERICS[then]) for first in ("wrong_sign", "transposed") for then in _FACTORS),
]


class Suspects:
    """The catalogue's answers for one exercise on one group of cases, computed when first asked for.

    situation: the group's, see ``Slip.situation``. tolerance: relative to the largest entry, or to ``at_least``.
    """

    def __init__(
        self,
        cases: Sequence[Mapping[str, Any]],
        results: Sequence[str],
        truths: Sequence[Sequence[Array]],
        *,
        batch: bool = True,
        situation: str = "",
        tolerance: float = comparing.CLOSE,
        at_least: float = 0.0,
    ) -> None:
        given = tuple(cases[0])
        self.cases, self.results, self.truths = cases, tuple(results), truths
        self.situation, self.tolerance, self.at_least = situation, tolerance, at_least
        self.candidates = slips.candidates(given, self.results, batch, situation)
        self.above = [graph.ancestors([node], given) for node in results]
        nodes = set(given).union(*self.above, *(one.step.takes.values() for one in self.candidates))
        with np.errstate(all="ignore"):
            self._base = [dict(zip(nodes, graph.evaluate(nodes, case), strict=True)) for case in cases]
            if "learning_rate" in given:  # a step along a gradient of 0 is one that is not taken
                self.candidates = [one for one in self.candidates if one.node in results or not self._vanishes(one)]
        above = {node: graph.ancestors([node], given) for node in nodes}
        self._below = {node: {other for other in nodes if node in above[other]} for node in set().union(*self.above)}
        # A wrong forward pass is looked for on its own: with one more slip it would be thousands of pairs.
        self._unpaired = {"z1", "A1", "z2", "A2"} if "delta2" in set().union(*self.above) else set()
        self.sizes = [_sizes(case) for case in cases]
        self._known: dict[tuple[int, ...], list[list[Array | None]]] = {}
        self._first_entries: dict[tuple[int, ...], list[tuple[int, float, float] | None]] = {}
        self._spared: dict[tuple[tuple[int, ...], int], bool] = {}

    @functools.cached_property
    def generated(self) -> list[Candidate]:
        """What the graph of steps generates, as far as it can be done with the first case's shapes."""
        found = []
        base, missing = self._base[0], set[str]()
        with np.errstate(all="ignore"):
            for one in [] if self.situation else slips.generated(tuple(self.cases[0]), self.results):
                sources = set(one.step.takes.values())
                try:
                    for node in sources - base.keys() - missing:
                        missing.add(node)
                        for case, values in zip(self.cases, self._base, strict=True):
                            values[node] = graph.evaluate([node], case)[0]
                    if sources <= base.keys():
                        one.step.function(**{role: base[node] for role, node in one.step.takes.items()})
                        if "learning_rate" not in base or one.node in self.results or not self._vanishes(one):
                            found.append(one)
                except (ValueError, TypeError, IndexError, AttributeError):
                    continue
        return found

    def _vanishes(self, one: Candidate) -> bool:
        """Whether what the slip makes is 0 in every entry, on the first case."""
        base = self._base[0]
        try:
            value = one.step.function(**{role: base[node] for role, node in one.step.takes.items()})
        except (ValueError, TypeError, IndexError):
            return False
        return np.size(value) > 1 and bool(np.abs(value).max() < 1e-12)

    def values(self, done: tuple[Candidate, ...], case: int) -> list[Array | None]:
        """Every result on that case when these slips are made; None where they make it impossible."""
        known = self._known.setdefault(tuple(map(id, done)), [])
        while len(known) <= case:
            below = set().union(*(self._below[one.node] for one in done))
            kept = {node: value for node, value in self._base[len(known)].items() if node not in below}
            known.append(_results(self.results, kept, {one.node: one.step for one in done}))
        return known[case]

    def same(self, array: Array, other: Array) -> bool:
        """Equal to rounding, axes of length 1 aside."""
        return bool(self._same(array.reshape(1, -1), array.shape, other)[0])

    def _same(self, rows: Array, shape: tuple[int, ...], other: Array) -> Array:
        """Which of the rows, each an array of that shape, equal ``other`` to rounding, axes of length 1 aside."""
        if comparing.fitted(other, shape) is None:
            return np.zeros(len(rows), bool)
        other = other.ravel()
        finite = np.isfinite(other)
        if not finite.all():  # NaN and infinity count as alike: which of them comes out is an accident of the formula
            agree = (np.isfinite(rows) == finite).all(axis=1) & bool(self.situation or finite.any())
            close = [comparing.close(row[finite], other[finite], self.tolerance) for row in rows]
            return np.asarray(agree & close)
        scale = np.abs(other).max(initial=self.at_least)
        return np.asarray(np.abs(rows - other).max(axis=1, initial=0.0) <= max(self.tolerance * scale, 1e-12))

    def _cannot_be(self, array: Array, result: int, done: tuple[Candidate, ...]) -> bool:
        """Whether the size or the first entry on the first case tells already that these slips do not give ``array``.

        Nearly all of the thousands that are tried end here.
        """
        key = tuple(map(id, done))
        entries = self._first_entries.get(key)
        if entries is None:
            entries = self._first_entries[key] = [self._first_entry(value) for value in self.values(done, 0)]
        entry = entries[result]
        if entry is None or entry[0] != array.size:
            return True
        return array.size > 0 and abs(float(array.flat[0]) - entry[1]) > entry[2]

    def _first_entry(self, value: Array | None) -> tuple[int, float, float] | None:
        """The size, the first entry, and by how much another one may differ from it."""
        if value is None:
            return None
        scale = float(np.abs(value).max(initial=self.at_least))
        bound = max(self.tolerance * scale, 1e-12) if np.isfinite(scale) else np.inf
        return value.size, float(value.flat[0]) if value.size else 0.0, bound

    def fits(self, mine: Sequence[Array], result: int, done: tuple[Candidate, ...], then: tuple[Generic, ...]) -> bool:
        """Whether these slips give ``mine`` on every case, and not the truth on all of them."""
        if not then and self._cannot_be(mine[0], result, done):
            return False
        if not self.gives(mine, result, done, then):
            return False
        pairs = zip(mine, self.truths, strict=True)
        return any(not self.same(array, truth[result]) for array, truth in pairs) and not self._placeholder(mine, done)

    def gives(self, mine: Sequence[Array], result: int, done: tuple[Candidate, ...], then: tuple[Generic, ...]) -> bool:
        """Whether these slips give ``mine`` on every case."""
        return all(self.gives_on(case, array, result, done, then) for case, array in enumerate(mine))

    def gives_on(
        self, case: int, mine: Array, result: int, done: tuple[Candidate, ...], then: tuple[Generic, ...]
    ) -> bool:
        """The same for one case."""
        value = self._spoiled_value(case, result, done, then)
        return value is not None and self.same(mine, value)

    def _spoiled_value(
        self, case: int, result: int, done: tuple[Candidate, ...], then: tuple[Generic, ...]
    ) -> Array | None:
        value = self.values(done, case)[result]
        for generic in then:
            value = None if value is None else _spoiled(generic, value, *self.sizes[case])
        return value

    def _placeholder(self, mine: Sequence[Array], done: tuple[Candidate, ...]) -> bool:
        """Whether ``mine`` is one number throughout, or where numbers are asked for 0, as a first try would be."""
        if self.situation or any(one.slip.constant for one in done):
            return False
        if sum(array.size for array in mine) == len(mine):
            return all(np.abs(array).max() <= 1e-12 for array in mine)
        return all(array.size and np.isfinite(array).all() and np.ptp(array) <= 1e-12 for array in mine)

    def spares(self, done: tuple[Candidate, ...], right: Sequence[int]) -> bool:
        """Whether slips leave these results as they should be."""
        return all(self._spares(done, result) for result in right)

    def _spares(self, done: tuple[Candidate, ...], result: int) -> bool:
        key = tuple(map(id, done)), result
        known = self._spared.get(key)
        if known is None:
            known = not self._cannot_be(self.truths[0][result], result, done) and all(
                value is not None and self.same(value, truth[result])
                for value, truth in ((self.values(done, case)[result], truth) for case, truth in enumerate(self.truths))
            )
            self._spared[key] = known
        return known

    @functools.cached_property
    def ambiguous(self) -> set[frozenset[str]]:
        """Slips that cannot be told apart on these cases, in pairs; a pair with "" is a slip that gives the truth.

        Slips known to be the same (``slips.EQUIVALENT_SLIPS``) are left out.
        """
        pairs: set[frozenset[str]] = set()
        told: set[str] = set()
        by_shape: dict[Any, list[tuple[Candidate, Array]]] = {}
        for one in self.candidates:
            parts = [part for case in range(len(self.cases)) for part in self.values((one,), case)]
            arrays = [part for part in parts if part is not None]
            if len(arrays) == len(parts):
                shapes = tuple(array.shape for array in arrays)
                by_shape.setdefault(shapes, []).append((one, np.concatenate(arrays, axis=None)))
        for shapes, alike in by_shape.items():
            rows = np.array([row for _, row in alike])
            possible, telling = self._distinguishable(rows, shapes)
            names = [one.slip.said for one, _ in alike]
            told.update(itertools.compress(names, telling))
            pairs.update(frozenset({name, ""}) for name in itertools.compress(names, possible & ~telling))
            left = np.flatnonzero(telling)
            for one, other in left[self._near(rows[left])]:
                pair = frozenset({names[one], names[other]})
                if len(pair) == 2 and pair not in slips.EQUIVALENT_SLIPS:
                    pairs.add(pair)
        return {pair for pair in pairs if "" not in pair or not pair & told}

    def _distinguishable(self, rows: Array, shapes: Sequence[tuple[int, ...]]) -> tuple[Array, Array]:
        """Which rows, each the results of all cases in these shapes, are numbers, and which of them tell a slip."""
        parts = np.split(rows, np.cumsum([math.prod(shape) for shape in shapes])[:-1], axis=1)
        possible = np.all([bool(self.situation) | np.isfinite(part).any(axis=1) for part in parts], axis=0)
        truths = [truth for case in self.truths for truth in case]
        same = [self._same(*of) for of in zip(parts, shapes, truths, strict=True)]
        right = np.reshape(same, (len(self.cases), len(self.results), len(rows))).all(axis=1).sum(axis=0)
        return possible, possible & (len(self.cases) - right >= min(2, len(self.cases)))

    def _near(self, rows: Array) -> Array:
        """The pairs of rows that are the same to thrice the tolerance, NaN and infinity being alike."""
        finite = np.isfinite(rows)
        scale = self.tolerance * np.maximum(1e-7, np.abs(np.where(finite, rows, 0)).max(axis=1, initial=self.at_least))
        rows = np.where(finite, rows, 1e99)
        first, second = np.triu_indices(len(rows), 1)
        for some in (rows[:, :: rows.shape[1] // 4 + 1], rows):  # a few entries tell most of the pairs apart
            near = np.abs(some[first] - some[second]).max(axis=1) <= 3 * scale[first]
            first, second = first[near], second[near]
        return np.transpose([first, second])

    def one_mistake(
        self, mine: Sequence[Sequence[Array]], wrong: Sequence[int], holds: Callable[[Explained], bool] = _always
    ) -> Explained | None:
        """One mistake that explains all ``wrong`` results of ``mine`` (results of each case).

        holds: whether an explanation that fits holds beyond these cases.
        """
        columns, right = self._columns(mine, wrong)
        for done, then in self._single_guesses():
            fits = all(self.fits(mine, result, done, then) for result, mine in columns.items())
            found = Explained(tuple(columns), done, then)
            if fits and self.spares(done, right) and holds(found):
                return self._nearest(found, columns) if any(one.slip.has_constant for one in done) else found
        return None

    def _nearest(self, found: Explained, columns: Mapping[int, Sequence[Array]]) -> Explained:
        """What is found, or a sign or factor alone that fits far better than a slip with a constant of its own."""
        tried = [found, *(Explained(tuple(columns), (), then) for then in ([] if self.situation else _ALONE))]
        fitting = [
            one for one in tried if all(self.fits(mine, at, one.slips, one.generics) for at, mine in columns.items())
        ]
        best = min(fitting, key=lambda one: self._distance(one, columns))
        return best if self._distance(best, columns) < 0.01 * self._distance(found, columns) else found

    def _distance(self, one: Explained, columns: Mapping[int, Sequence[Array]]) -> float:
        """The largest difference between the learner's numbers and those of an explanation that fits."""
        return max(
            float(np.abs(np.nan_to_num(np.ravel(array) - np.ravel(value))).max(initial=0))
            for result, mine in columns.items()
            for case, array in enumerate(mine)
            if (value := self._spoiled_value(case, result, one.slips, one.generics)) is not None
        )

    def several_mistakes(
        self, mine: Sequence[Sequence[Array]], wrong: Sequence[int], holds: Callable[[Explained], bool] = _always,
        end: float = math.inf,
    ) -> list[Explained]:  # fmt: skip
        """Explanations of single results, up to two mistakes in each; empty when there is none.

        holds: as in ``one_mistake``. end: the processor's time after which no more are looked for.
        """
        if self.situation:
            return []
        columns, right = self._columns(mine, wrong)
        usable = [one for one in self.candidates if not right or self.spares((one,), right)]
        whole = self._all_at_once(columns, usable, holds)
        return [whole] if whole else self._one_by_one(columns, usable, holds, end)

    def _columns(
        self, mine: Sequence[Sequence[Array]], wrong: Sequence[int]
    ) -> tuple[dict[int, list[Array]], list[int]]:
        """The wrong results, each on all cases, and which results are right."""
        right = [result for result in range(len(self.results)) if result not in wrong]
        return {result: [case[result] for case in mine] for result in wrong}, right

    def _single_guesses(self) -> Iterator[tuple[tuple[Candidate, ...], tuple[Generic, ...]]]:
        """One mistake each: a slip, a slip at all its nodes, something done to the whole, what the graph generates."""
        yield from ((both, ()) for both in self._repeated if self._summed(both))
        yield from (((one,), ()) for one in self.candidates)
        yield from ((both, ()) for both in self._repeated)
        if not self.situation:
            yield from (((), then) for then in _ALONE)
        yield from (((one,), ()) for one in self.generated)

    @functools.cached_property
    def _repeated(self) -> list[tuple[Candidate, ...]]:
        """Slips that are made in the same way at every node where they can be made."""
        alike: dict[tuple[str, int], list[Candidate]] = {}
        seen: dict[tuple[str, str], int] = {}
        for one in self.candidates:
            way = seen[one.slip.name, one.node] = seen.get((one.slip.name, one.node), -1) + 1
            alike.setdefault((one.slip.name, way), []).append(one)
        return [tuple(group) for group in alike.values() if len({one.node for one in group}) == len(group) > 1]

    def _summed(self, both: Sequence[Candidate]) -> bool:
        """Sums over all of delta2 are 0, as if a bias were not updated: both told as sums come first."""
        return all(frozenset({one.slip.name, "not_updated"}) in map(frozenset, slips.EQUIVALENT_SLIPS) for one in both)

    def every_explanation(self, mine: Array) -> list[Explained]:
        """All mistakes that give these numbers, for a case too small to be sure of one.

        One of the catalogue, or of the whole, with which two of the most frequent, or two in one step, may coincide;
        where there is none, of the graph; where there is none, a slip and a sign.
        """
        frequent = [one for one in self.candidates if one.slip.name in _FREQUENT]
        at_once = [] if self.situation else slips.two_at_once(tuple(self.cases[0]), self.results)
        alone: list[tuple[Generic, ...]] = [] if self.situation else _ALONE
        layers: list[list[tuple[tuple[Candidate, ...], tuple[Generic, ...]]]] = [
            [
                *(((one,), ()) for one in self.candidates), *((both, ()) for both in self._repeated),
                *(((), then) for then in alone), *((both, ()) for both in _pairs(frequent)),
                *(((one,), ()) for one in at_once),
            ],
            [((one,), ()) for one in self.generated],
            [((one,), (GENERICS["wrong_sign"],)) for one in self.candidates if not one.slip.has_constant],
        ]  # fmt: skip
        for guesses in layers:
            found = [Explained((0,), done, then) for done, then in guesses if self.fits([mine], 0, done, then)]
            if found:
                return found
        return []

    def numbers(self, one: Explained) -> list[Array | None]:
        """What an explanation gives for the first result, on every case."""
        return [self._spoiled_value(case, 0, one.slips, one.generics) for case in range(len(self.cases))]

    def _all_at_once(
        self, columns: Mapping[int, Sequence[Array]], usable: Sequence[Candidate], holds: Callable[[Explained], bool]
    ) -> Explained | None:
        """One slip, and a sign, a transpose or a factor on top of it."""
        for done, then in self._spoiled_guesses(columns, [(), *((one,) for one in usable)]):
            found = Explained(tuple(columns), done, then)
            if all(self.fits(mine, result, done, then) for result, mine in columns.items()) and holds(found):
                return found
        return None

    def _spoiled_guesses(
        self, columns: Mapping[int, Sequence[Array]], guesses: Sequence[tuple[Candidate, ...]]
    ) -> Iterator[tuple[tuple[Candidate, ...], tuple[Generic, ...]]]:
        for done in guesses:
            if any(one.slip.has_constant for one in done):
                continue  # a factor on top of a constant that the learner never wrote proves nothing
            if all(_proportional(mine[0], self.values(done, 0)[result]) for result, mine in columns.items()):
                yield from ((done, then) for then in _PROPORTIONAL)

    def _one_by_one(
        self, columns: Mapping[int, Sequence[Array]], usable: Sequence[Candidate], holds: Callable[[Explained], bool],
        end: float,
    ) -> list[Explained]:  # fmt: skip
        found: list[Explained] = []
        made: list[Candidate] = []
        lost = False  # an unexplained result spoils those behind it: there, two slips at once are not looked for
        left = sorted(columns, key=lambda result: (len(self.above[result]), -result))  # from the loss back
        postponed: set[int] = set()
        while left:
            result = left.pop(0)
            here = [one for one in usable if one.node in self.above[result]]
            here.sort(key=lambda one: -sum(one.node in self.above[other] for other in columns))  # a shared cause first
            before = tuple(one for one in made if one.node in self.above[result])
            late = time.process_time() > end
            guesses = self._guesses(columns, result, before, [] if late else here, pairs=not lost)
            for number, (done, then) in enumerate(itertools.islice(guesses, len(_ALONE) + 1) if late else guesses):
                if number % 50 == 49 and time.process_time() > end:
                    left += [result] if result not in postponed else []  # for what was found already, it is tried yet
                    postponed.add(result)
                    lost = True
                    break
                here_found = Explained((result,), done, then)
                if self.fits(columns[result], result, done, then) and holds(here_found):
                    if done and then and left and result not in postponed:
                        postponed.add(result)  # what was done on top may be a slip that another result shows
                        left.append(result)
                        break
                    found.append(here_found)
                    made += [one for one in done if one not in made]
                    break
            else:
                lost = True
        return _merged(found)

    def _guesses(
        self,
        columns: Mapping[int, Sequence[Array]],
        result: int,
        before: tuple[Candidate, ...],
        here: Sequence[Candidate],
        pairs: bool,
    ) -> Iterator[tuple[tuple[Candidate, ...], tuple[Generic, ...]]]:
        used = {one.node for one in before}
        others = [one for one in self.generated if one.node in self.above[result]] if before else []
        more = [(*before, one) for one in (*here, *others) if one.node not in used]
        alone = [(one,) for one in here] if before else []
        fewer = [some for n in range(len(before) - 1, 0, -1) for some in itertools.combinations(before, n)]
        guesses = [before, *fewer, *more, *alone] if before else more
        yield from ((done, ()) for done in guesses)
        yield from (((), then) for then in _ALONE)
        yield from self._spoiled_guesses({result: columns[result]}, [(), *guesses])
        if not before:
            yield from (((one,), ()) for one in self.generated if one.node in self.above[result])
        paired = [one for one in here if one.node not in used and one.node not in self._unpaired]
        for first, second in itertools.combinations(paired if pairs else [], 2):
            if first.node != second.node:
                yield (*before, first, second), ()


def _spoiled(generic: Generic, value: Array, K: int, N: int) -> Array | None:
    """The value with that done to it; None where one number or a row cannot have it done."""
    if value.ndim < 2 and generic.name not in ("wrong_sign", "decimals_cut_off", "per_cent", *_FACTORS):
        return None
    return generic.apply(value, K, N)


def _proportional(mine: Array, value: Array | None) -> bool:
    """Whether one is a multiple of the other or of its transpose: only then a sign, a factor or a transpose can fit."""
    if value is None:
        return False
    mine = mine.reshape(value.shape) if mine.size == value.size and mine.ndim != value.ndim else mine
    for turned in (value, value.T):
        square = float((turned * turned).sum())
        if turned.shape == mine.shape and square > 0:
            factor = float((mine * turned).sum()) / square
            if np.abs(mine - factor * turned).max(initial=0) <= 1e-3 * np.abs(mine).max(initial=0):
                return True
    return False


def _merged(found: Sequence[Explained]) -> list[Explained]:
    """Results with one explanation put together: the same slips, or the same slip at different nodes."""
    merged: dict[Any, Explained] = {}
    for one in found:
        key = (tuple((c.slip.name, c.node) for c in one.slips), one.generics)
        before = merged.get(key)
        merged[key] = one if before is None else before._replace(results=before.results + one.results)
    return list(merged.values())


def _results(nodes: Sequence[str], known: Mapping[str, Any], slipped: Mapping[str, graph.Step]) -> list[Array | None]:
    value = graph.evaluator(known, slipped)
    results: list[Array | None] = []
    with np.errstate(all="ignore"):
        for node in nodes:
            try:
                results.append(np.asarray(value(node), dtype=float))
            except Exception:  # a slip may make the next step impossible: then it is not what the learner did
                results.append(None)
    return results


def _sizes(case: Mapping[str, Any]) -> tuple[int, int]:
    """(K, N) of a case, 1 where it does not tell."""
    sizes = {"K": 1, "N": 1}
    for name, value in case.items():
        if name in SHAPES and np.ndim(value) == 2:
            sizes.update(zip(SHAPES[name], np.shape(value), strict=True))
    return sizes["K"], sizes["N"]
