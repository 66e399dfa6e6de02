"""Numbers of an expression by plain loops, sharing no code with the package: its own definitions, dual numbers.

``Network`` draws one; ``number`` walks an expression's tree with the index letters' values. A partial derivative is
measured with dual numbers. What is not defined raises Undefined.
"""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

ARRAYS = ("w1", "b1", "w2", "b2", "X", "y", "z1", "A1", "z2", "A2")
RANGES = dict.fromkeys("ikmt", "K") | dict.fromkeys("jl", "H") | dict.fromkeys("dp", "D") | dict.fromkeys("nq", "N")


class Undefined(Exception):
    """A division by 0, the logarithm of 0, an index that does not exist, cases that leave a gap or contradict."""


class Dual:
    """A number and its slope."""

    def __init__(self, value: float, slope: float = 0.0) -> None:
        self.value, self.slope = value, slope

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.value * other.value, self.value * other.slope + self.slope * other.value)

    def inverse(self) -> Dual:
        if self.value == 0:
            raise Undefined("1/0")
        return Dual(1 / self.value, -self.slope / self.value**2)

    def exp(self) -> Dual:
        return Dual(math.exp(self.value), math.exp(self.value) * self.slope)

    def log(self) -> Dual:
        if self.value <= 0:
            raise Undefined("log 0")
        return Dual(math.log(self.value), self.slope / self.value)


class Network:
    """Arrays as lists of rows of duals, by name; columns are examples."""

    def __init__(self, sizes: dict[str, int], given: dict[str, list[list[float]]], seed: Any = None) -> None:
        self.sizes, self.given, self.seed = sizes, given, seed
        self.arrays: dict[str, list[list[Dual]]] = {}
        D, H, K, N = (range(sizes[name]) for name in "DHKN")
        for name in ("w1", "b1", "w2", "b2", "X", "y"):
            self.put(name, [[Dual(number) for number in row] for row in given[name]])
        w1, b1, w2, b2, X = (self.arrays[name] for name in ("w1", "b1", "w2", "b2", "X"))
        self.put("z1", [[sum((w1[h][d] * X[d][n] for d in D), b1[h][0]) for n in N] for h in H])
        z1 = self.arrays["z1"]
        self.put("A1", [[z1[h][n] if z1[h][n].value >= 0 else Dual(0.0) for n in N] for h in H])
        A1 = self.arrays["A1"]
        self.put("z2", [[sum((w2[k][h] * A1[h][n] for h in H), b2[k][0]) for n in N] for k in K])
        z2 = self.arrays["z2"]
        self.put("A2", [[z2[k][n].exp() * sum((z2[m][n].exp() for m in K), Dual(0.0)).inverse() for n in N] for k in K])

    def put(self, name: str, rows: list[list[Dual]]) -> None:
        if self.seed and self.seed[0] == name:
            row, column = self.seed[1]
            rows[row][column] = Dual(rows[row][column].value, 1.0)
        self.arrays[name] = rows

    def differentiated_by(self, name: str, entry: tuple[int, int]) -> Network:
        return Network(self.sizes, self.given, (name, entry))

    def loss(self, n: int) -> Dual:
        total = Dual(0.0)
        for label, output in zip(self.arrays["y"], self.arrays["A2"], strict=True):
            total = total + label[n] * output[n].log()
        return Dual(-1.0) * total

    @property
    def true_class(self) -> int:
        return next(k for k, row in enumerate(self.given["y"]) if row[0] == 1) + 1


def draw(rng: random.Random, sizes: dict[str, int]) -> Network:
    """A network with open and closed gates, none near 0."""
    D, H, K, N = (sizes[name] for name in "DHKN")
    while True:
        shapes = {"w1": (H, D), "b1": (H, 1), "w2": (K, H), "b2": (K, 1), "X": (D, N)}
        given = {name: [[rng.gauss(0, 1) for _ in range(c)] for _ in range(r)] for name, (r, c) in shapes.items()}
        true = [rng.randrange(K) for _ in range(N)]
        given["y"] = [[float(true[n] == k) for n in range(N)] for k in range(K)]
        network = Network(sizes, given)
        if min(abs(one.value) for row in network.arrays["z1"] for one in row) > 1e-3:
            return network


def from_arrays(values: Any) -> Network:
    """The network of arrays by name."""
    given = {name: values[name].tolist() for name in ("w1", "b1", "w2", "b2", "X", "y")}
    H, D = values["w1"].shape
    K, N = values["y"].shape
    return Network({"D": D, "H": H, "K": K, "N": N}, given)


def number(expr: Any, network: Network, at: dict[str, int]) -> float:
    """The expression's number where each letter has the value that ``at`` gives, counted from 1."""
    return dual(expr, network, at).value


def dual(expr: Any, network: Network, at: dict[str, int]) -> Dual:
    kind, args = type(expr).__name__, expr.args
    if kind == "Indexed":
        name = str(expr.base)
        position = [round(number(index, network, at)) for index in expr.indices]
        if name == "L_of":
            return network.loss(position[0] - 1)
        rows = network.arrays[name]
        row, column = position if len(position) == 2 else (position[0], 1)
        if not (1 <= row <= len(rows) and 1 <= column <= len(rows[0])):
            raise Undefined(f"{name} {position}")
        return rows[row - 1][column - 1]
    if expr.is_Symbol:
        return symbol(expr.name, network, at)
    if expr.is_Number:
        return Dual(float(expr))
    if kind == "Partial":
        of, by = args
        position = [round(number(index, network, at)) for index in by.indices]
        row, column = position if len(position) == 2 else (position[0], 1)
        name = str(by.base)
        if not (1 <= row <= len(network.arrays[name]) and 1 <= column <= len(network.arrays[name][0])):
            raise Undefined(f"{name} {position}")
        assert network.seed is None, "a derivative of a derivative"
        return Dual(dual(of, network.differentiated_by(name, (row - 1, column - 1)), at).slope)
    if kind == "Sum":
        *inner, (index, low, high) = expr.limits
        first, last = (round(number(bound, network, at)) for bound in (low, high))
        body = expr.func(expr.function, *inner) if inner else expr.function
        return sum((dual(body, network, {**at, index.name: step}) for step in range(first, last + 1)), Dual(0.0))
    if kind == "Piecewise":
        return cases(args, network, at)
    if kind == "Pow":
        base, power = dual(args[0], network, at), int(args[1])
        result = Dual(1.0)
        for _ in range(abs(power)):
            result = result * base
        return result.inverse() if power < 0 else result
    numbers = [dual(arg, network, at) for arg in (args[:2] if kind == "KroneckerDelta" else args)]
    if kind == "KroneckerDelta":
        return Dual(float(numbers[0].value == numbers[1].value))
    if kind == "Add":
        return sum(numbers, Dual(0.0))
    if kind == "Mul":
        result = Dual(1.0)
        for one in numbers:
            result = result * one
        return result
    return {"exp": Dual.exp, "log": Dual.log}[kind](numbers[0])


def symbol(name: str, network: Network, at: dict[str, int]) -> Dual:
    if name in at:
        return Dual(float(at[name]))
    if name == "t":
        return Dual(float(network.true_class))
    if name in network.sizes:
        return Dual(float(network.sizes[name]))
    if name == "c":
        return Dual(0.625)
    losses = [network.loss(n) for n in range(network.sizes["N"])]
    return sum(losses, Dual(0.0)) * Dual(1 / len(losses))


HOLDS = {
    "Equality": lambda a, b: a == b, "Unequality": lambda a, b: a != b, "GreaterThan": lambda a, b: a >= b,
    "StrictGreaterThan": lambda a, b: a > b, "LessThan": lambda a, b: a <= b, "StrictLessThan": lambda a, b: a < b,
}  # fmt: skip


def cases(args: Any, network: Network, at: dict[str, int]) -> Dual:
    found: Dual | None = None
    for value, condition in args:
        if str(condition) == "True":
            return dual(value, network, at) if found is None else found
        left, right = (number(side, network, at) for side in condition.args)
        if HOLDS[type(condition).__name__](left, right):
            here = dual(value, network, at)
            if found is not None and abs(found.value - here.value) > 1e-9:
                raise Undefined("two cases")
            found = here if found is None else found
    if found is None:
        raise Undefined("no case")
    return found


def places(letters: list[str], sizes: dict[str, int], rng: random.Random, most: int = 6) -> list[dict[str, int]]:
    """Values for the letters: all of them, or a few drawn."""
    every = list(itertools.product(*(range(1, sizes[RANGES[letter]] + 1) for letter in letters)))
    return [dict(zip(letters, one, strict=True)) for one in (every if len(every) <= most else rng.sample(every, most))]
