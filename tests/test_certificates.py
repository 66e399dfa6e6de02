"""What is stated for the proof assistant means what the learner reads: the statements are read back, as numbers."""

from __future__ import annotations

import functools
import itertools
import random
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sympy as sp
from test_derivation_mutants import MUTANTS_A_LINE, mutants

from mlpcourse import network
from mlpcourse.derivation import DERIVATIONS, Derivation, certificates, evaluate, plain
from mlpcourse.derivation.coq import Inexpressible, context, statement
from mlpcourse.derivation.letters import K, L, L_mean, Partial, Sum, d, i, j, k, w1, z2
from mlpcourse.derivation.lines.line import Line
from mlpcourse.derivation.numbers import free_indices, random_values

ROOT = Path(__file__).parent.parent
PLACES = 2  # at which a statement is evaluated
SPOILT = MUTANTS_A_LINE // 2  # of a line's mutants, each of which takes long to state and to evaluate


# --- a reader of the statements, which shares nothing with what writes them -------------------------


class Reader:
    """Coq's syntax, as far as statements and the network's definitions use it, read straight into numbers."""

    TOKEN = re.compile(r"\s+|\(\*.*?\*\)|([A-Za-z_][\w.']*|\d+|=>|->|/\\|:=|[-+*/^()=:,])", re.S)

    def __init__(self, text: str) -> None:
        self.tokens = [token for token in self.TOKEN.findall(text) if token]
        assert "".join(self.tokens) == re.sub(r"\s", "", re.sub(r"\(\*.*?\*\)", "", text, flags=re.S))
        self.at = 0

    def peek(self, ahead: int = 0) -> str:
        return self.tokens[self.at + ahead] if self.at + ahead < len(self.tokens) else ""

    def take(self, *expected: str) -> str:
        token = self.peek()
        assert token, self.tokens
        assert not expected or token in expected, f"{token!r} for {expected} in {self.tokens}"
        self.at += 1
        return token

    # terms: each method gives a function from an environment to a value

    def term(self) -> Callable[[dict[str, Any]], Any]:
        if self.peek() == "fun":
            self.take()
            name, _ = self.take(), self.take("=>")
            body = self.term()
            return lambda env: lambda value: body({**env, name: value})
        return self.chain(self.product, {"+": lambda a, b: a + b, "-": lambda a, b: a - b})

    def product(self) -> Callable[[dict[str, Any]], Any]:
        return self.chain(self.unary, {"*": lambda a, b: a * b, "/": lambda a, b: a / b})

    def chain(self, part: Any, signs: dict[str, Any]) -> Callable[[dict[str, Any]], Any]:
        value = part()
        while self.peek() in signs:
            value = (lambda sign, a, b: lambda env: sign(a(env), b(env)))(signs[self.take()], value, part())
        return value

    def unary(self) -> Callable[[dict[str, Any]], Any]:
        if self.peek() in ("-", "/"):
            sign, inner = self.take(), self.unary()
            return lambda env: -inner(env) if sign == "-" else 1 / inner(env)
        return self.power()

    def power(self) -> Callable[[dict[str, Any]], Any]:
        base = self.applied()
        if self.peek() != "^":
            return base
        self.take()
        exponent = int(self.take())
        return lambda env: base(env) ** exponent

    def applied(self) -> Callable[[dict[str, Any]], Any]:
        value = self.atom()
        while self.peek() == "(" or re.match(r"\w", self.peek()):
            value = (lambda f, x: lambda env: f(env)(x(env)))(value, self.atom())
        return value

    def atom(self) -> Callable[[dict[str, Any]], Any]:
        token = self.take()
        if token == "(":
            inner = self.term()
            self.take(")")
            return inner
        if token.isdigit():
            return lambda env: int(token)
        assert re.match(r"[A-Za-z]", token), token
        return lambda env: env[token]

    # propositions: each method gives the equations, the derivatives and the ranges met

    def claims(self, env: dict[str, Any]) -> Iterator[tuple[str, dict[str, int], Any, Any]]:
        """("=", indices, left, right) or ("exists", indices, function, point) for some values of the letters."""
        if self.peek() == "forall":
            names = list(itertools.takewhile(lambda token: token != ":", self.tokens[self.at + 1 :]))
            self.at += 1 + len(names)
            for token in (":", "nat", ","):
                self.take(token)
            counts = {}
            for _ in names:
                self.take("within")
                name, count = self.take(), self.take()
                counts[name] = env[count]
                self.take("->")
            assert list(counts) == names, "every letter has its range"
            start = self.at
            everywhere = list(itertools.product(*(range(1, counts[name] + 1) for name in names)))
            for values in random.Random(len(everywhere)).sample(everywhere, min(PLACES, len(everywhere))):
                self.at = start
                for kind, indices, left, right in self.claims({**env, **dict(zip(names, values, strict=True))}):
                    yield kind, {**dict(zip(names, values, strict=True)), **indices}, left, right
            return
        yield from self.claim(env)
        while self.peek() == "/\\":
            self.take()
            yield from self.claim(env)

    def claim(self, env: dict[str, Any]) -> Iterator[tuple[str, dict[str, int], Any, Any]]:
        if self.peek() == "(" and self.peek(1) == "forall":
            self.take()
            yield from self.claims(env)
            self.take(")")
        elif self.peek() == "ex_derive":
            self.take()
            function, point = self.atom(), self.atom()
            yield "exists", {}, function(env), point(env)
        else:
            left, _, right = self.term(), self.take("="), self.term()
            yield "=", {}, left(env), right(env)


def changed(array: Any, i: int, j: int | None, s: Any) -> Any:
    if j is None:
        return lambda a: s if a == i else array(a)
    return lambda a: lambda b: s if (a, b) == (i, j) else array(a)(b)


def slope(f: Any, x: Any) -> float:
    return float(np.imag(f(x + 1e-30j)) / 1e-30)


# What the certificates' Sums.v defines with Coq's own if and recursion.
GROUND: dict[str, Any] = {
    "sum": lambda n: lambda f: sum(f(a) for a in range(1, n + 1)),
    "delta": lambda i: lambda k: float(i == k),
    "if_same": lambda i: lambda k: lambda a: lambda b: a if i == k else b,
    "if_open": lambda x: lambda a: lambda b: a if np.real(x) >= 0 else b,
    "put": lambda z: lambda i: lambda s: changed(z, i, None, s),
    "put2": lambda w: lambda i: lambda j: lambda s: changed(w, i, j, s),
    "Derive": lambda f: lambda x: slope(f, x), "INR": float, "exp": np.exp, "ln": np.log,
}  # fmt: skip


def defined(text: str, env: Mapping[str, Any]) -> dict[str, Any]:
    """The environment with every ``Definition`` in the text whose body is a term."""
    result = dict(env)
    for name, parameters, body in re.findall(r"Definition (\w+)(.*?):=(.*?)\.\n", text, flags=re.S):
        if "within" in body:  # a proposition
            continue
        names = re.findall(r"\w+(?= )", re.sub(r":[^()]*", " ", parameters) + " ")
        result[name] = curried(names, Reader(body).term(), result)
    return result


def curried(names: list[str], body: Callable[[dict[str, Any]], Any], env: dict[str, Any]) -> Any:
    """The function of those names, one argument at a time. It keeps its last values: sums ask for them repeatedly."""
    if not names:
        return body(env)
    return functools.lru_cache(64)(lambda argument: curried(names[1:], body, {**env, names[0]: argument}))


def entries(array: Any, axes: int) -> Any:
    """An array of numbers as a function of indices from 1."""
    if axes == 1:
        return lambda a: array[a - 1].item()
    return lambda a: lambda b: array[a - 1, b - 1].item()


def environment(derivation: Derivation, values: Mapping[str, Any]) -> dict[str, Any]:
    """What the names of a derivation's Coq file stand for on a concrete network."""
    batch = derivation.lhs.has(L_mean)
    env: dict[str, Any] = dict(GROUND)
    env |= dict(zip("HD", values["w1"].shape, strict=True)) | dict(zip("KN", values["y"].shape, strict=True))
    for name in ("X", "w1", "b1", "w2", "b2", "y"):
        env[name] = entries(values[name], 2 if name in ("w1", "w2") or (batch and name in ("X", "y")) else 1)
    env["t"] = int(values["y"][:, 0].argmax()) + 1
    env["c"] = values["c"].item()
    env = defined((ROOT / "certificates" / "Network.v").read_text(encoding="utf-8"), env)
    return defined(context(derivation), env)


def network_for(derivation: Derivation) -> dict[str, Any]:
    sizes = {"D": 1, "H": 2, "K": 3, "N": 2} if derivation.lhs.has(L_mean) else {"D": 2, "H": 3, "K": 4, "N": 1}
    return random_values(np.random.default_rng(3), **sizes)


def numbers(expr: Any, values: Mapping[str, Any]) -> Callable[[Mapping[str, int]], float]:
    """The expression's number at given indices, by the evaluator."""
    with np.errstate(all="ignore"):
        table, letters = evaluate(expr, values), [letter.name for letter in free_indices(expr)]
    return lambda at: float(table[tuple(at[letter] - 1 for letter in letters)])


def means(derivation: Derivation, key: str, values: Mapping[str, Any]) -> None:
    """Assert that the statement for the line means what its two expressions mean."""
    left, right = numbers(derivation.before(key), values), numbers(derivation.line(key).expr, values)
    text = statement(derivation, key).text
    equations = 0
    with np.errstate(all="ignore"):
        for kind, at, first, second in Reader(text).claims(environment(derivation, values)):
            if kind == "exists":
                nearby = (first(second + 1e-5) - first(second - 1e-5)) / 2e-5
                assert slope(first, second) == pytest.approx(nearby, rel=1e-5, abs=1e-8), text
            else:
                equations += 1
                assert first == pytest.approx(left(at), rel=1e-9, abs=1e-12, nan_ok=True), text
                assert second == pytest.approx(right(at), rel=1e-9, abs=1e-12, nan_ok=True), text
    assert equations


# --- the tests ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_statement_means_what_the_line_says(name: str) -> None:
    derivation = DERIVATIONS[name]
    for key in derivation.keys:
        means(derivation, key, network_for(derivation))


@pytest.mark.slow
@pytest.mark.parametrize("name", DERIVATIONS)
def test_a_statement_of_a_spoilt_line_means_the_spoilt_line(name: str) -> None:
    derivation = DERIVATIONS[name]
    values = network_for(derivation)
    stated = 0
    for line in derivation.lines:
        of_this_line = 0
        for _, mutant in mutants(line.expr, free_indices(line.expr)):
            spoilt = with_line(derivation, line._replace(expr=mutant))
            try:
                statement(spoilt, line.key)
                numbers(mutant, values)
            except (Inexpressible, IndexError, ValueError):  # what cannot be stated is not certified
                continue
            means(spoilt, line.key, values)
            of_this_line += 1
            if of_this_line == SPOILT:
                break
        stated += of_this_line
    assert stated >= 0.6 * SPOILT * len(derivation.lines)


def with_line(derivation: Derivation, line: Line) -> Derivation:
    lines = [line if old.key == line.key else old for old in derivation.lines]
    return derivation._replace(lines=tuple(lines))


def one_line(before: Any, line: Any) -> Derivation:
    return Derivation("trial", "A trial", before, (Line("only", line, ""),), lambda v: v["z2"])


def test_a_bound_letter_never_captures_the_letter_that_is_differentiated() -> None:
    with sp.evaluate(False):
        everywhere = Partial(Sum(sp.exp(z2[i]) * z2[i], (i, 1, K)), z2[i])
        trial = one_line(everywhere, everywhere)
    text = statement(trial, "only").text
    assert "put z2 i s i'" in text
    assert "fun i =>" not in text
    means(trial, "only", network_for(trial))


def test_a_derivative_says_that_it_exists_for_every_term_of_its_sum() -> None:
    with sp.evaluate(False):
        trial = one_line(Partial(L, w1[j, d]), Sum(Partial(L, z2[k]) * Partial(z2[k], w1[j, d]), (k, 1, K)))
    text = statement(trial, "only").text
    assert text.count("ex_derive") == 3
    assert text.count("(forall k : nat, within k K -> ex_derive") == 2


def test_the_theorem_is_about_what_the_network_computes() -> None:
    """EndToEnd.v transcribes ``network.loss`` and ``network.backward``: the two give the same numbers."""
    values = random_values(np.random.default_rng(3), D=2, H=3, K=4, N=5)
    env: dict[str, Any] = {**GROUND, "D": 2, "H": 3, "K": 4, "N": 5}
    for name in ("X", "w1", "b1", "w2", "b2", "y"):
        env[name] = entries(values[name], 1 if name in ("b1", "b2") else 2)
    for file in ("Network.v", "EndToEnd.v"):
        env = defined((ROOT / "certificates" / file).read_text(encoding="utf-8").partition("Theorem")[0], env)
    params = network.Params(*(values[name] for name in network.Params._fields))
    gradients = network.backward(params, values["X"], values["y"])
    for name, expected in gradients._asdict().items():
        for (row, column), number in np.ndenumerate(expected):
            entry = env[f"grad_{name}"](row + 1)
            assert (entry if name in ("b1", "b2") else entry(column + 1)) == pytest.approx(number, rel=1e-9, abs=1e-12)
    loss = env["loss"]
    for name in ("D", "H", "K", "N", "X", "y", "w1", "b1", "w2", "b2"):
        loss = loss(env[name])
    assert loss == pytest.approx(network.loss(params, values["X"], values["y"]), rel=1e-12)


# --- the record ------------------------------------------------------------------------------------------


def test_a_line_that_changed_is_certified_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    derivation = DERIVATIONS["output_delta"]
    key = derivation.keys[-1]
    line = derivation.line(key)
    lines = {derivation.name: {key: certificates.fingerprint(derivation, key)}}
    monkeypatch.setattr(certificates, "_recorded", lambda: lines)
    certificates.certified.cache_clear()
    assert certificates.certified(derivation, key)
    assert not certificates.certified(derivation, derivation.keys[0])
    assert not certificates.certified(with_line(derivation, line._replace(expr=2 * line.expr)), key)
    assert certificates.certified(with_line(derivation, line._replace(reason="in other words")), key)
    certificates.certified.cache_clear()


def test_another_library_voids_the_whole_record(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(certificates, "RECORD", tmp_path / "certified.json")
    row = certificates.Certificate("z1", "definition", ("H01",), "", "")
    certificates.record([row, row._replace(derivation="A1", problem="not closed by the tactic")])
    certificates._recorded.cache_clear()
    assert certificates._recorded() == {"z1": {"definition": certificates.fingerprint(DERIVATIONS["z1"], "definition")}}
    monkeypatch.setattr(certificates, "_library_hash", lambda: "another")
    certificates._recorded.cache_clear()
    assert certificates._recorded() == {}
    certificates._recorded.cache_clear()


@pytest.mark.parametrize("name", DERIVATIONS)
def test_above_a_statement_stands_the_line_as_a_comment(name: str) -> None:
    derivation = DERIVATIONS[name]
    text = certificates.source(derivation, [statement(derivation, key) for key in derivation.keys])
    for line in derivation.lines:
        assert f"(* = {plain(line.expr)}   " in text
    assert text.count("(*") == text.count("*)")
    assert '"' not in text


def test_the_readme_shows_a_statement_as_it_is() -> None:
    text = (ROOT / "certificates" / "README.md").read_text(encoding="utf-8")
    one = statement(DERIVATIONS["output_delta"], "chain_rule")
    assert f"```coq\nLemma {one.name} : {one.text}.\n```" in text


def test_a_proof_may_rest_on_nothing_but_the_classical_reals(tmp_path: Path) -> None:
    (tmp_path / "one.log").write_text("Axioms:\nClassical_Prop.classic : forall P : Prop, P \\/ ~ P\n")
    certificates._assumptions(tmp_path, "one")
    (tmp_path / "two.log").write_text("Axioms:\nClassical_Prop.classic : forall P : Prop, P\nadmitted\n  : 1 = 2\n")
    with pytest.raises(certificates.CoqFailed, match="rests on admitted"):
        certificates._assumptions(tmp_path, "two")
    (tmp_path / "three.log").write_text("")
    with pytest.raises(certificates.CoqFailed, match="does not say"):
        certificates._assumptions(tmp_path, "three")
