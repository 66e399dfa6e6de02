"""Random well-typed expressions, equal pairs by rewriting, and spoilt ones."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import sympy as sp
from sympy import KroneckerDelta, exp, log

# One name a line would fill a screen.
# isort: off
from mlpcourse.derivation.letters import (
    A1, A2, D, H, K, L, L_mean, L_of, N, Partial, Sum, X, b1, b2, d, i, j, k, l, m, n, p, q, t, w1, w2, y, z1, z2,
)  # fmt: skip
# isort: on

LETTERS = {K: (i, k, m), H: (j, l), D: (d, p), N: (n, q)}
AXES = {
    w1: (H, D),
    b1: (H,),
    w2: (K, H),
    b2: (K,),
    X: (D, N),
    z1: (H, N),
    A1: (H, N),
    z2: (K, N),
    A2: (K, N),
    y: (K, N),
}
Expr = Any


class Lines:
    """Expressions of one example, or of a batch."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.batch = self.rng.random() < 0.4

    # --- drawing ----------------------------------------------------------------------------------

    def letter(self, size: Expr, scope: dict[Expr, Expr]) -> Expr:
        """A letter that counts ``size``: mostly one that is bound here, else one left open."""
        bound = [letter for letter, counted in scope.items() if counted == size]
        free = [letter for letter in LETTERS[size] if letter not in scope]
        if bound and (not free or self.rng.random() < 0.75):
            return self.rng.choice(bound)
        if size == K and not self.batch and t not in scope and self.rng.random() < 0.15:
            return t
        return self.rng.choice(free)

    def entry(self, scope: dict[Expr, Expr], *arrays: Expr) -> Expr:
        array = self.rng.choice(arrays or tuple(AXES))
        axes = AXES[array] if self.batch or N not in AXES[array] else AXES[array][:-1]
        return array[tuple(self.letter(size, scope) for size in axes)]

    def loss(self, scope: dict[Expr, Expr]) -> Expr:
        if not self.batch:
            return L
        return self.rng.choice([L_mean, L_of[self.letter(N, scope)]])

    def positive(self, scope: dict[Expr, Expr]) -> Expr:
        inside = {**scope, m: K}
        draws: list[Callable[[], Expr]] = [
            lambda: self.entry(scope, A2), lambda: exp(self.entry(scope, z2, b2, y)), lambda: K,
            lambda: Sum(exp(self.entry(inside, z2)), (m, 1, K)),
        ]  # fmt: skip
        return self.rng.choice(draws)()

    def indicator(self, scope: dict[Expr, Expr]) -> Expr:
        size = self.rng.choice([K, K, H])
        if self.rng.random() < 0.5:
            return KroneckerDelta(self.letter(size, scope), self.letter(size, scope))
        return self.case(sp.Integer(1), sp.Integer(0), scope)

    def case(self, first: Expr, second: Expr, scope: dict[Expr, Expr]) -> Expr:
        if self.rng.random() < 0.3:
            same, other = self.letter(K, scope), self.letter(K, scope)
            if same == other:
                return first
            condition = sp.Eq(same, other, evaluate=False)
        else:
            relation = self.rng.choice([sp.Ge, sp.Ge, sp.Gt, sp.Lt, sp.Le])
            condition = relation(self.entry(scope, z1, z1, z2, A1), 0, evaluate=False)
        return sp.Piecewise((first, condition), (second, True), evaluate=False)

    def draw(self, depth: int, scope: dict[Expr, Expr] | None = None, partials: bool = True) -> Expr:
        scope = scope or {}
        if depth <= 0 or self.rng.random() < 0.1:
            return self.rng.choice(
                [self.entry(scope), self.entry(scope, A2, y, z2, A1), self.entry(scope, y), sp.Integer(2)]
            )
        kind = self.rng.choices(
            ["add", "mul", "sum", "over", "exp", "log", "case", "indicator", "partial", "square", "loss"],
            [4, 5, 5, 2, 1, 1, 2, 2, 2 if partials else 0, 1, 0.5],
        )[0]  # fmt: skip
        one, other = (
            (self.draw(depth - 1, scope, partials) for _ in range(2)) if kind in ("add", "mul", "case") else (0, 0)
        )
        match kind:
            case "add":
                return one + other if self.rng.random() < 0.5 else one - other
            case "mul":
                return one * other
            case "sum":
                size = self.rng.choice([K, K, H, D, N] if self.batch else [K, K, H, D])
                index = self.rng.choice([*LETTERS[size], *LETTERS[size], *((t, j) if size == K else ())])
                return Sum(self.draw(depth - 1, {**scope, index: size}, partials), (index, 1, size))
            case "over":
                return self.draw(depth - 1, scope, partials) / self.positive(scope)
            case "exp":
                return exp(self.entry(scope, z2, y, b2))
            case "log":
                return log(self.positive(scope))
            case "case":
                return self.case(one, other, scope)
            case "indicator":
                return self.indicator(scope)
            case "square":
                return self.draw(depth - 1, scope, partials) ** 2
            case "loss":
                return self.loss(scope)
        of = self.rng.choice([self.loss(scope), self.entry(scope, z2, A1, A2, z1), self.draw(1, scope, False)])
        return Partial(of, self.entry(scope, w1, b1, w2, b2, z1, A1, z2, A2, X, y))

    # --- the same, written in another way -----------------------------------------------------------

    def rewritten(self, expr: Expr) -> Expr:
        """An equal expression: one rule, at a place drawn."""
        return self.somewhere(expr, self.rewrite)

    def rewrite(self, expr: Expr, scope: dict[Expr, Expr]) -> Expr | None:
        fresh = next((letter for letter in (m, k, i) if letter not in scope and not expr.has(letter)), None)
        if fresh is None:
            return None
        rules: list[Expr] = []
        if isinstance(expr, sp.Indexed):
            base, (index, *example) = expr.base, expr.indices
            if base == A2:
                rules.append(exp(z2[expr.indices]) / Sum(exp(z2[(fresh, *example)]), (fresh, 1, K)))
            if base == A1:
                rules.append(sp.Piecewise((z1[expr.indices], z1[expr.indices] > 0), (0, True), evaluate=False))
            if base == y:
                rules += [expr**2, expr * Sum(y[(fresh, *example)], (fresh, 1, K))]
                rules += [] if example or t in scope else [KroneckerDelta(index, t)]
            if base in (A2, z2, b2, y):
                rules.append(Sum(KroneckerDelta(fresh, index) * base[(fresh, *example)], (fresh, 1, K)))
        if isinstance(expr, sp.Sum) and len(expr.limits) == 1:
            (index, low, high) = expr.limits[0]
            if high == K and not expr.function.atoms(sp.Sum):
                rules.append(Sum(expr.function.xreplace({index: fresh}), (fresh, 1, K)))
            if expr.function.is_Add:
                rules.append(sum((Sum(term, (index, low, high)) for term in expr.function.args), sp.Integer(0)))
        if expr.is_Mul and len(expr.args) == 2 and expr.args[1].is_Add:
            rules.append(sum((expr.args[0] * term for term in expr.args[1].args), sp.Integer(0)))
        if expr.func == Partial and expr.args[0] == L and expr.args[1].base == z2:
            by = expr.args[1]
            rules += [
                A2[by.indices] - y[by.indices],
                Sum(Partial(L, A2[fresh]) * Partial(A2[fresh], by), (fresh, 1, K)),
            ]
        if isinstance(expr, sp.Piecewise) and len(expr.args) == 2:
            (first, condition), (second, _) = expr.args
            opposite = {sp.Ge: sp.Lt, sp.Lt: sp.Ge, sp.Gt: sp.Le, sp.Le: sp.Gt, sp.Eq: sp.Ne, sp.Ne: sp.Eq}[
                condition.func
            ]
            rules.append(
                sp.Piecewise((second, opposite(*condition.args, evaluate=False)), (first, True), evaluate=False)
            )
        if expr == L:
            rules.append(log(Sum(exp(z2[fresh]), (fresh, 1, K))) - Sum(y[fresh] * z2[fresh], (fresh, 1, K)))
        return self.rng.choice(rules) if rules else None

    # --- something else -----------------------------------------------------------------------------

    def spoilt(self, expr: Expr) -> Expr:
        """Mostly another expression: a letter, a range, a relation, an array, a factor or a term is changed."""
        return self.somewhere(expr, self.spoil)

    def spoil(self, expr: Expr, scope: dict[Expr, Expr]) -> Expr | None:
        rules: list[Expr] = []
        if isinstance(expr, sp.Indexed) and expr.base in AXES:
            place = self.rng.randrange(len(expr.indices))
            changed = list(expr.indices)
            changed[place] = self.letter(AXES[expr.base][place], scope)
            rules.append(expr.base[tuple(changed)])
            twins = [base for base, axes in AXES.items() if axes == AXES[expr.base]]
            rules.append(self.rng.choice(twins)[expr.indices])
            if expr.base == y:
                rules.append(sp.Integer(1))
        if isinstance(expr, sp.Sum) and len(expr.limits) == 1:
            index, low, high = expr.limits[0]
            rules += [expr.function, expr.function * high, Sum(expr.function, (t if high == K else index, low, high))]
            size = self.rng.choice([K, H, D])
            rules.append(Sum(expr.function, (index, low, size)))
        if isinstance(expr, sp.KroneckerDelta):
            rules += [sp.Integer(1), KroneckerDelta(self.letter(K, scope), expr.args[0])]
        if isinstance(expr, sp.Piecewise):
            (first, condition), (second, _) = expr.args
            relation = self.rng.choice([sp.Ge, sp.Gt, sp.Lt, sp.Le])
            rules += [first, sp.Piecewise((second, condition), (first, True), evaluate=False)]
            rules.append(
                sp.Piecewise((first, relation(*condition.args, evaluate=False)), (second, True), evaluate=False)
            )
        if expr.is_Mul or expr.is_Add:
            rules += [expr.args[0], expr.func(expr.args[-1], *expr.args, evaluate=False)]
        if expr.func == Partial:
            rules += [expr.args[0], Partial(expr.args[0], self.entry(scope, expr.args[1].base))]
        if expr.is_Pow:
            rules.append(expr.base)
        if isinstance(expr, exp | log):
            rules.append(expr.args[0])
        return self.rng.choice(rules) if rules else None

    def somewhere(self, expr: Expr, change: Callable[[Expr, dict[Expr, Expr]], Expr | None]) -> Expr:
        """The expression with one place changed, or as it is where no rule fits."""
        found: list[tuple[tuple[int, ...], Expr, dict[Expr, Expr]]] = []

        def visit(part: Expr, path: tuple[int, ...], scope: dict[Expr, Expr]) -> None:
            found.append((path, part, scope))
            if isinstance(part, sp.Indexed) or not part.args:
                return
            if isinstance(part, sp.Sum):
                if len(part.limits) == 1:
                    index, _, high = part.limits[0]
                    visit(part.function, (*path, 0), {**scope, index: high})
                return
            for at, arg in enumerate(part.args):
                if isinstance(part, sp.Piecewise):
                    visit(arg.args[0], (*path, at, 0), scope)
                elif not (part.func == Partial and at == 1) and not isinstance(part, sp.KroneckerDelta):
                    visit(arg, (*path, at), scope)

        visit(expr, (), {})
        self.rng.shuffle(found)
        for path, part, scope in found:
            changed = change(part, scope)
            if changed is not None:
                return replaced(expr, path, changed)
        return expr


def replaced(expr: Expr, path: tuple[int, ...], new: Expr) -> Expr:
    """The expression with another part at the path, nothing evaluated."""
    if not path:
        return new
    args = list(expr.args)
    args[path[0]] = replaced(args[path[0]], path[1:], new)
    if isinstance(expr, sp.Sum):
        return Sum(args[0], tuple(args[1]))
    if isinstance(expr, sp.Piecewise):
        return sp.Piecewise(*(tuple(arg) for arg in args), evaluate=False)
    return expr.func(*args) if expr.func == Partial or isinstance(expr, sp.Tuple) else expr.func(*args, evaluate=False)
