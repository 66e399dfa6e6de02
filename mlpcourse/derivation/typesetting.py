"""Typesetting: an expression in LaTeX (``latex``) or in one line of plain text (``plain``)."""

from __future__ import annotations

import functools
import re
from typing import ClassVar

import sympy as sp

from mlpcourse.derivation.letters import Entry, Expr, L_mean, Partial, split_sum


def latex(expr: Expr) -> str:
    """The expression in LaTeX, in the handout's symbols, without dollar signs."""
    return _Latex().write(expr)


def plain(expr: Expr) -> str:
    """The expression in one line of plain text."""
    return _Plain().write(expr)


def _split_sign(expr: Expr) -> tuple[bool, Expr]:
    """(negative, rest): takes a leading -1 out of a product, however deep it was written."""
    if expr.is_Number and expr < 0:
        return True, -expr
    if expr.is_Mul:
        negative, first = _split_sign(expr.args[0])
        if negative:
            rest = expr.args[1:] if first == 1 else (first, *expr.args[1:])
            return True, rest[0] if len(rest) == 1 else sp.Mul(*rest, evaluate=False)
    return False, expr


def _is_divisor(expr: Expr) -> bool:
    return bool(expr.is_Pow and expr.exp.is_Number and expr.exp < 0)


def _factors(product: Expr) -> list[Expr]:
    """The factors as written; an inner product without a sign or a fraction of its own joins the outer one."""
    flat: list[Expr] = []
    for arg in product.args:
        inner = _factors(arg) if arg.is_Mul and not _split_sign(arg)[0] else [arg]
        flat += [arg] if any(map(_is_divisor, inner)) else inner
    return flat


def is_gate(expr: Expr) -> bool:
    """Whether the expression is 1 under a condition and 0 otherwise."""
    return bool(isinstance(expr, sp.Piecewise) and [value for value, _ in expr.args] == [1, 0])


def _excluded(summand: Expr) -> tuple[Expr, Expr] | None:
    """(delta, rest) when the summand is (1 - delta) rest: a sum that leaves one index out."""
    if summand.is_Mul and summand.args[0].is_Add and len(summand.args[0].args) == 2:
        one, minus = summand.args[0].args
        negative, delta = _split_sign(minus)
        if one == 1 and negative and isinstance(delta, sp.KroneckerDelta) and delta.args[0] != delta.args[1]:
            rest = summand.args[1:]
            return delta, rest[0] if len(rest) == 1 else sp.Mul(*rest, evaluate=False)
    return None


def _ends_open(product: Expr) -> bool:
    """Whether the product ends in something that would take the next factor in: a sum, a logarithm or cases."""
    last = _factors(product)[-1]
    return isinstance(last, sp.Sum | sp.log | sp.Piecewise) and not is_gate(last)


def column(title: str) -> str:
    """The title of a table's column of sentences, which stays wide enough for them on a telephone."""
    return f'<span style="display: inline-block; min-width: 12em">{title}</span>'


def without_tex(text: str) -> str:
    """A sentence with formulas between dollar signs, in plain text."""
    for tex, sign in PLAIN_SIGNS.items():
        text = text.replace(tex, sign)
    return re.sub(r"[${}\\]", "", text)


def with_code(markup: str) -> str:
    """HTML in which what stood between backticks is set as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", markup)


def plain_tex(tex: str) -> str:
    """A formula of the handout's page, in one line of plain text."""
    for pattern, text in _ON_A_PAGE:
        tex = re.sub(pattern, text, tex)
    while (at := tex.rfind(r"\frac")) >= 0:  # none stands inside the last one
        above, rest = _braced(tex[at + len(r"\frac") :])
        below, rest = _braced(rest)
        tex = f"{tex[:at]}{_grouped(above.strip())}/{_grouped(below.strip())}{rest}"
    return re.sub(r"\s+(?=[\s)\]])", "", without_tex(tex)).strip()


def _braced(text: str) -> tuple[str, str]:
    """What stands in the braces that ``text`` begins with, and what follows them."""
    depth = 0
    for at, sign in enumerate(text):
        depth += (sign == "{") - (sign == "}")
        if not depth:
            return text[1:at], text[at + 1 :]
    return text, ""


_ON_A_PAGE = (
    (r"\\[dt]frac", r"\\frac"),
    (r"\\(left|right|mathbf|text|quad|cdot|;)(?![a-z])", ""),
    (r"\\partial ?", "d"),
    (r"\\stackrel\{(.*?)\}\{=\}", r"= [where \1]"),
    (r"\\sum_\{?(\w)(?:=(\d)\}\^(\w))?", lambda found: f"sum[{found[1]}{f'={found[2]}..{found[3]}' * bool(found[2])}]"),
    (r"\\begin\{cases\} ?", "["),
    (r"\\end\{cases\}", "]"),
    (r", & (.*?)( \\\\|(?= \]))", lambda found: f" if {found[1]}{',' * bool(found[2])}"),
    (r"\\neq?(?![a-z])", "!="),
    (r"\\ldots", "..."),
    (r"\\Leftrightarrow", "<=>"),
    (r"\}(?=[AI])", "} "),
)  # fmt: skip

PLAIN_SIGNS = {
    r"\partial ": "d", r"\delta": "delta", r"\odot": ".*", r"\top": "T", r"\ge": ">=", r"\sum": "sum", r"\log": "log",
}  # fmt: skip
OPPOSITE = {sp.Eq: sp.Ne, sp.Ne: sp.Eq, sp.Ge: sp.Lt, sp.Lt: sp.Ge, sp.Gt: sp.Le, sp.Le: sp.Gt}


class _Latex:
    """One walk over the tree, which keeps the written order. The last methods, in LaTeX here, are the signs."""

    bracket, times, minus, logarithm = r"\left(%s\right)", " ", "-", r"\log "

    def write(self, expr: Expr) -> str:
        negative, rest = _split_sign(expr)
        if negative:
            return self.minus + self.term(rest)
        if expr.is_Add:
            return self.added(expr)
        return self.term(expr)

    def added(self, expr: Expr) -> str:
        text = self.write(expr.args[0])
        for arg in expr.args[1:]:
            negative, rest = _split_sign(arg)
            text += (" - " if negative else " + ") + self.term(rest)
        return text

    def term(self, expr: Expr) -> str:
        """A summand without its sign; another minus gets brackets."""
        if _split_sign(expr)[0]:
            return self.bracket % self.write(expr)
        if expr.is_Mul:
            return self.product(expr)
        if _is_divisor(expr):
            return self.fraction("1", self.denominator([expr]))
        return self.cases(expr) if isinstance(expr, sp.Piecewise) else self.factor(expr)

    def product(self, expr: Expr) -> str:
        factors = _factors(expr)
        lead = ""
        if _is_divisor(factors[0]):  # written 1/N times the rest
            lead, factors = self.fraction("1", self.denominator(factors[:1])) + self.times, factors[1:]
        above = [factor for factor in factors if not _is_divisor(factor)]
        below = [factor for factor in factors if _is_divisor(factor)]
        if not below:
            return lead + self.times.join(self.factor(f, last=f is above[-1]) for f in above)
        if len(above) == 1:
            return lead + self.fraction(self.write(above[0]), self.denominator(below))
        top = self.times.join(self.factor(f, last=f is above[-1]) for f in above)
        return lead + self.fraction(top, self.denominator(below))

    def denominator(self, divisors: list[Expr]) -> str:
        bases = [sp.Pow(f.base, -f.exp, evaluate=False) if f.exp != -1 else f.base for f in divisors]
        if len(bases) == 1:
            return self.write(bases[0])
        return self.times.join(self.factor(base) for base in bases)

    def factor(self, expr: Expr, last: bool = True) -> str:
        """The expression as one factor of a product, in brackets where it needs them."""
        if is_gate(expr):
            return self.indicator(expr.args[0].cond)
        if expr.is_Add or _split_sign(expr)[0]:
            return self.bracket % self.write(expr)
        if expr.is_Mul:
            return self.product(expr) if last or not _ends_open(expr) else self.bracket % self.product(expr)
        if isinstance(expr, sp.Sum):
            return self.summed(expr) if last else self.bracket % self.summed(expr)
        if isinstance(expr, sp.Piecewise):
            return self.cases(expr) if last else self.bracket % self.cases(expr)
        if isinstance(expr, sp.log):
            text = self.log(expr.args[0])
            return text if last else self.bracket % text
        if isinstance(expr, sp.KroneckerDelta):
            return self.indicator(sp.Eq(*expr.args, evaluate=False))  # a delta with one index is an error
        if isinstance(expr, sp.exp):
            return self.power("e", self.write(expr.args[0]))
        if expr.is_Pow:
            base = self.factor(expr.base, last=False)
            grows = (
                isinstance(expr.base, sp.exp | sp.KroneckerDelta)
                or expr.base.func == Partial
                or expr.base.is_Pow
                or expr.base.is_Mul
            )
            fraction = expr.base.is_Rational and not expr.base.is_Integer
            if (grows or fraction) and not _split_sign(expr.base)[0]:
                base = self.bracket % base
            return self.power(base, self.write(expr.exp))
        if isinstance(expr, sp.Indexed):
            return self.indexed(expr.base.label.name, [self.write(index) for index in expr.indices])
        if expr.func == Partial:
            return self.partial(*expr.args)
        if expr.func == Entry:
            formula, *indices = expr.args
            return self.entry(self.formula(formula), "".join(map(self.write, indices)))
        if expr.is_Relational:
            return self.relation(expr)
        if expr.is_Rational and not expr.is_Integer:
            return self.fraction(str(expr.p), str(expr.q))
        return "L" if expr == L_mean else str(expr)

    def summed(self, expr: Expr) -> str:
        index, low, high, summand = split_sum(expr)
        except_for = None
        excluded = _excluded(summand)
        if excluded and index in excluded[0].args:
            delta, summand = excluded
            except_for = next(arg for arg in delta.args if arg != index)
        body = self.bracket % self.added(summand) if summand.is_Add else self.write(summand)
        if _split_sign(summand)[0]:
            body = self.bracket % body
        return self.sum_sign(self.write(index), self.write(low), self.write(high), except_for) + body

    def partial(self, of: Expr, by: Expr) -> str:
        plain_log = isinstance(of, sp.log) and not isinstance(of.args[0], sp.Sum)
        if not (isinstance(of, sp.Indexed | sp.exp) or of.is_Symbol or plain_log):
            return self.derivative("", self.write(by)) + self.bracket % self.write(of)
        return self.derivative(self.write(of), self.write(by))

    def formula(self, matrix: Expr, whole: bool = True) -> str:
        """A matrix formula; unless it is the ``whole``, a sum or an entrywise product gets its brackets."""
        part = functools.partial(self.formula, whole=False)
        match matrix:
            case sp.MatrixSymbol():
                return self.matrices.get(matrix.name) or self.matrix(matrix.name)
            case sp.Transpose():
                inner = part(matrix.arg)
                is_product = isinstance(matrix.arg, sp.MatMul | sp.Transpose)
                return (self.bracket % inner if is_product else inner) + self.transposed
            case sp.DiagMatrix():
                return self.diagonal % self.formula(matrix.args[0])
            case sp.HadamardProduct():
                factors = ((self.bracket if one.is_MatMul else "%s") % part(one) for one in matrix.args)
                text = self.entrywise.join(factors)
            case sp.MatAdd():
                text = part(matrix.args[0])
                for term in matrix.args[1:]:
                    negative = term.is_MatMul and term.args[0] == -1
                    text += (" - " if negative else " + ") + part(sp.MatMul(*term.args[1:]) if negative else term)
            case _:
                number, matrices = matrix.as_coeff_matrices()
                product = self.times.join(map(part, matrices))
                return product if number == 1 else self.write(number) + self.times + product
        return text if whole else self.bracket % text

    def log(self, arg: Expr) -> str:
        whole = isinstance(arg, sp.Indexed | sp.Sum | sp.Symbol | sp.exp) or self.is_one_fraction(arg)
        return self.logarithm + (self.write(arg) if whole else self.bracket % self.write(arg))

    def is_one_fraction(self, expr: Expr) -> bool:
        """Whether a fraction line holds it together. In plain text it does not."""
        return bool(expr.is_Mul and not _is_divisor(_factors(expr)[0]) and any(map(_is_divisor, _factors(expr))))

    transposed, entrywise, diagonal = r"^\top", r" \odot ", r"\operatorname{diag}\left(%s\right)"
    matrices: ClassVar = {"gate": r"I(z_1 \ge 0)", "ones": r"\mathbf{1}"}

    def matrix(self, name: str) -> str:
        if "/d" in name:
            return self.derivative("L", self.matrix(name.split("/d")[1]))
        return f"{name[0]}_{name[1:]}" if name[-1].isdigit() else name

    def entry(self, formula: str, indices: str) -> str:
        return rf"\left[{formula}\right]_{{{indices}}}"

    def fraction(self, above: str, below: str) -> str:
        return rf"\frac{{{above}}}{{{below}}}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{{{exponent}}}"

    def indexed(self, name: str, indices: list[str]) -> str:
        head, layer = (name[0], name[1:]) if name[-1].isdigit() else (name.removesuffix("_of"), "")
        layer = "t" if name == "y" else layer
        return f"{head}_{{{layer}{',' if layer and len(indices) > 1 else ''}{''.join(indices)}}}"

    def indicator(self, condition: Expr) -> str:
        return f"I({self.relation(condition)})"

    signs: ClassVar = {sp.Eq: "=", sp.Ne: r"\ne", sp.Ge: r"\ge", sp.Lt: "<", sp.Le: r"\le", sp.Gt: ">"}

    def relation(self, condition: Expr) -> str:
        return f"{self.write(condition.args[0])} {self.signs[condition.func]} {self.write(condition.args[1])}"

    def cases(self, expr: Expr) -> str:
        rows = []
        for value, condition in expr.args:
            if condition != sp.true:
                when = self.relation(condition)
            elif len(expr.args) == 2:
                first = expr.args[0].cond
                when = self.relation(OPPOSITE[first.func](*first.args, evaluate=False))
            else:
                when = r"\text{otherwise}"
            rows.append((self.write(value), when))
        tall = r"\displaystyle " if any(r"\frac" in text or r"\sum" in text for text, _ in rows) else ""
        lines = (r"\\[1ex] " if tall else r"\\ ").join(f"{tall}{text}, & {when}" for text, when in rows)
        return rf"\begin{{cases}} {lines} \end{{cases}}"

    def sum_sign(self, index: str, low: str, high: str, left_out: Expr | None) -> str:
        if left_out is not None:
            return rf"\sum_{{{index} \ne {left_out}}} "
        return rf"\sum_{{{index}={low}}}^{{{high}}} "

    def derivative(self, of: str, by: str) -> str:
        return rf"\frac{{\partial{of and ' ' + of}}}{{\partial {by}}}"


class _Plain(_Latex):
    bracket, times, minus, logarithm = "(%s)", " * ", "-", "log "
    signs: ClassVar = {sp.Eq: "=", sp.Ne: "!=", sp.Ge: ">=", sp.Lt: "<", sp.Le: "<=", sp.Gt: ">"}

    transposed, entrywise, diagonal = "^T", " .* ", "diag(%s)"
    matrices: ClassVar = {"gate": "I(z_1 >= 0)", "ones": "ones"}

    def is_one_fraction(self, expr: Expr) -> bool:
        return False

    def partial(self, of: Expr, by: Expr) -> str:
        if of.is_Symbol or isinstance(of, sp.Indexed):
            return super().partial(of, by)
        return f"d/d{self.write(by)} ({self.write(of)})"

    def entry(self, formula: str, indices: str) -> str:
        return f"[{formula}]_{indices}"

    def fraction(self, above: str, below: str) -> str:
        return f"{_grouped(above)}/{_grouped(below)}"

    def power(self, base: str, exponent: str) -> str:
        return f"{base}^{exponent if exponent.isalnum() else f'({exponent})'}"

    def indexed(self, name: str, indices: list[str]) -> str:
        return super().indexed(name, indices).translate({ord("{"): None, ord("}"): None})

    def cases(self, expr: Expr) -> str:
        rows = [
            f"else {self.write(value)}" if when == sp.true else f"{self.write(value)} if {self.relation(when)}"
            for value, when in expr.args
        ]
        return f"{{{', '.join(rows)}}}"

    def sum_sign(self, index: str, low: str, high: str, left_out: Expr | None) -> str:
        return f"sum[{index} != {left_out}] " if left_out is not None else f"sum[{index}={low}..{high}] "

    def derivative(self, of: str, by: str) -> str:
        return f"d{of}/d{by}"


def _grouped(text: str) -> str:
    """In brackets, unless it is one name, call or bracket already."""
    depth = 0
    for sign in text:
        depth += (sign in "({[") - (sign in ")}]")
        if depth == 0 and sign in " /*-":
            return f"({text})"
    return text
