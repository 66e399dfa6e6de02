"""What people type is read: every spelling as one and the same line, and what cannot be read with its place."""

import gc

import pytest
import sympy as sp
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlpcourse.derivation import DERIVATIONS, latex, plain, reading
from mlpcourse.derivation import letters as of
from mlpcourse.derivation.handout import HANDOUT_SLIPS
from mlpcourse.derivation.letters import COUNTS, Partial, Sum, cases
from mlpcourse.derivation.reading import Unreadable, read, read_line
from mlpcourse.derivation.written import as_written
from mlpcourse.exercises.deriving import judge_lines

OUTPUT_DELTA = DERIVATIONS["output_delta"].lhs
EVERY_LINE = [
    (derivation.name, number, expr, derivation.lhs.has(of.L_mean))
    for derivation in DERIVATIONS.values()
    for number, expr in enumerate([derivation.lhs, *(line.expr for line in derivation.lines)])
] + [
    (slip.name, number, expr, False)
    for slip in HANDOUT_SLIPS.values()
    for number, expr in enumerate((slip.wrong, slip.truth))
    if expr is not None
]


@pytest.mark.parametrize("typeset", [plain, latex])
@pytest.mark.parametrize(("name", "number", "expr", "batch"), EVERY_LINE)
def test_every_line_of_the_course_and_every_slip_is_read_back_as_the_same_object(name, number, expr, batch, typeset):
    assert read(typeset(expr), batch=batch) == expr


SPELLINGS = {
    "sum[k=1..K] dL/dA_2k * dA_2k/dz_2i": r"""
        sum_k dL/dA2_k dA2_k/dz2_i
        = sum_k dL/dA2_k * dA2_k/dz2_i
        sum[k] ∂L/∂A2_k · ∂A2_k/∂z2_i
        sum_{k=1}^{K} dL/dA2_k dA2_k/dz2_i
        sum_k=1^K dL/dA2_k dA2_k/dz2_i
        sum_(k=1)^K dL/dA2_k dA2_k/dz2_i
        sum_k^K dL/dA2_k dA2_k/dz2_i
        \sum_{k=1}^K \frac{\partial L}{\partial A_{2k}} \frac{\partial A_{2k}}{\partial z_{2i}}
        $\sum_k \dfrac{\partial L}{\partial A_{2,k}} \cdot \dfrac{\partial A_{2,k}}{\partial z_{2,i}}$
        Σ_k dL/dA2_k dA2_k/dz2_i
        sum over k dL/dA2_k dA2_k/dz2_i
        sum over all k of dL/dA2_k dA2_k/dz2_i
        ∑_k (dL/dA2[k]) (dA2[k]/dz2[i])
        Σₖ ∂L/∂A₂ₖ ∂A₂ₖ/∂z₂ᵢ
        sum(k, dL/dA2_k * dA2_k/dz2_i)
        sum(k=1..K, dL/dA2_k * dA2_k/dz2_i)
        sum(dL/dA2_k * dA2_k/dz2_i, k)
        sum_k d L/d A2_k d A2_k/d z2_i
        sum_k dL/dA_2^{(2)}_k dA2_k/dz2_i""".replace("A_2^{(2)}_k", "A^{(2)}_k"),
    "A_2i - y_ti": """
        A2_i - y_i
        A2i - yi
        A_2i - y_ti
        A_{2i} - y_{ti}
        A_{2,i} - y_{t,i}
        A2[i] - y[i]
        A2_{i} \N{MINUS SIGN} y_{i}
        A₂ᵢ - yᵢ
        = A2_i - y_i
        == A2_i - y_i
        ⇔ A2_i - y_i
        A2_i - y_i.
        A2_i - y_i # one-hot
        A2_i - y_i, q.e.d.
        A2_i - y_i   (because y is one-hot)
        A2_i - y_i, since the labels sum to 1
        A2_i - y_i   by the chain rule
        {A2_i - y_i}
        (A2_i - y_i)
        a2_i - Y_i
        A^{(2)}_i - y_i
        \\left(A_{2i} - y_{ti}\\right)
        dL/dz2_i = A2_i - y_i""",
    "-sum[k=1..K] y_tk * (I(i = k) - A_2i)": """
        -sum_k y_k (delta_ik - A2_i)
        - sum_k y_k*(I(i = k) - A2_i)
        -sum_k y_k ([i = k] - A2_i)
        -sum_k y_k ((i = k) - A2_i)
        -sum_k y_k (δ_ik - A2_i)
        -sum_k y_k (δᵢₖ - A2_i)
        -sum_k y_k (delta(i, k) - A2_i)
        -sum_k y_k (delta_{i,k} - A2_i)
        -sum_k y_k (I(i == k) - A2_i)
        -sum_k y_k (I[i = k] - A2_i)""",
    "e^(z_2i)/(sum[j=1..K] e^(z_2j)) - y_ti": r"""
        e^z2_i/sum_j e^z2_j - y_i
        e^{z_{2i}}/\sum_j e^{z_{2j}} - y_i
        exp(z2_i)/(sum_j exp(z2_j)) - y_i
        \frac{e^{z_{2i}}}{\sum_{j=1}^K e^{z_{2j}}} - y_{ti}
        e**z2_i/sum_j e**z2_j - y_i""",
    "sum[k=1..K] {-y_ti * (1 - A_2i) if i = k, else y_tk * A_2i}": r"""
        sum_k {-y_i (1 - A2_i) if i = k, else y_k A2_i}
        sum_k {-y_i (1 - A2_i) if i = k, y_k A2_i if i != k}
        sum_k {-y_i (1 - A2_i), i = k; y_k A2_i, i != k}
        sum_k {y_k A2_i if i != k, else -y_i (1 - A2_i)}
        sum_k (-y_i (1 - A2_i) if i == k else y_k A2_i)
        sum_k {-y_i (1 - A2_i) if i = k, y_k A2_i otherwise}
        \sum_k \begin{cases} -y_{ti}(1-A_{2i}), & i = k \\ y_{tk}A_{2i}, & i \neq k \end{cases}
        \sum_k \begin{cases} -y_i(1-A_{2i}) & \text{if } i = k \\ y_k A_{2i} & \text{otherwise} \end{cases}""",
    "-y_ti * (1 - A_2i) + sum[k != i] y_tk * A_2i": r"""
        -y_i(1 - A2_i) + sum_{k != i} y_k A2_i
        -y_i(1 - A2_i) + sum_{k≠i} y_k A2_i
        -y_i(1 - A2_i) + \sum_{k \ne i} y_k A_{2i}
        -y_i(1 - A2_i) + sum_{k=1, k≠i}^K y_k A2_i""",
    "d/dz_2i (-sum[k=1..K] y_tk * log A_2k)": r"""
        d/dz2_i (-sum_k y_k log A2_k)
        ∂/∂z2_i (- sum_k y_k ln A2_k)
        d(-sum_k y_k log(A2_k))/dz2_i
        \frac{\partial}{\partial z_{2i}} \left(-\sum_k y_{tk} \log A_{2k}\right)
        \frac{\partial \left(-\sum_k y_k \log A_{2k}\right)}{\partial z_{2i}}""",
}  # fmt: skip


@pytest.mark.parametrize(
    ("text", "meant"),
    [(line.strip(), meant) for meant, lines in SPELLINGS.items() for line in lines.strip().split("\n")],
)
def test_every_spelling_is_read_as_one_line(text, meant):
    assert read(text, OUTPUT_DELTA) == read(meant, OUTPUT_DELTA)


@pytest.mark.parametrize(
    ("lhs", "text", "meant"),
    [
        ("grad_w2", "(A2 - y) A1^T", "[(A_2 - y) * A_1^T]_kj"),
        ("grad_w2", "(A_2 - y) A_1^\\top", "[(A_2 - y) * A_1^T]_kj"),
        ("grad_w2", "(A2 - y) @ A1.T", "[(A_2 - y) * A_1^T]_kj"),
        ("grad_w2", "(A2 - y) A1'", "[(A_2 - y) * A_1^T]_kj"),
        ("grad_w2", "(A2 - y) A1ᵀ", "[(A_2 - y) * A_1^T]_kj"),
        ("hidden_signal", "w2^T (A2 - y)", "[w_2^T * (A_2 - y)]_j"),
        ("hidden_delta", "(w2^T (A2 - y)) ⊙ I(z1 >= 0)", "[(w_2^T * (A_2 - y)) .* I(z_1 >= 0)]_j"),
        ("hidden_delta", "w2^T (A2 - y) .* [z1 >= 0]", "[(w_2^T * (A_2 - y)) .* I(z_1 >= 0)]_j"),
        ("hidden_delta", "w2^T (A2 - y) \\odot I(z1 ≥ 0)", "[(w_2^T * (A_2 - y)) .* I(z_1 >= 0)]_j"),
        ("grad_w2", "(A1 (A2 - y)^T)^T", "[(A_1 * (A_2 - y)^T)^T]_kj"),
        ("softmax_jacobian", "diag(A2) - A2 A2^T", "[diag(A_2) - A_2 * A_2^T]_ki"),
        ("batch_grad_w2", "(1/N) (A2 - y) A1^T", "[1/N * (A_2 - y) * A_1^T]_kj"),
        ("batch_grad_w2", "1/N * (A2 - y) A1^T", "[1/N * (A_2 - y) * A_1^T]_kj"),
        ("grad_w2", "dL/dz2 A1^T", "[dL/dz_2 * A_1^T]_kj"),
        ("grad_w2", "delta2 A1^T", "[dL/dz_2 * A_1^T]_kj"),
        ("grad_w2", "delta2_k A1_j", "dL/dz_2k * A_1j"),
        ("relu_gate", "I(z1_j >= 0)", "I(z_1j >= 0)"),
        ("relu_gate", "{1 if z1_j >= 0, 0 if z1_j < 0}", "I(z_1j >= 0)"),
        ("relu_gate", "{0 if z1_j < 0, else 1}", "I(z_1j >= 0)"),
        ("relu_gate", "ReLU'(z1_j)", "I(z_1j >= 0)"),
        ("relu_gate", "d/dz1_j max(0, z1_j)", "d/dz_1j ({z_1j if z_1j >= 0, else 0})"),
        ("grad_w1", "sum_k (A2_k - y_k) w2_kj I(z1_j >= 0) X_d",
         "sum[k=1..K] (A_2k - y_tk) * w_2,kj * I(z_1j >= 0) * X_d"),
        ("batch_output_delta", "(1/N) (A2_in - y_in)", "1/N * (A_2,in - y_t,in)"),
        ("batch_output_delta", "(A2[i,n] - y[i,n])/N", "(A_2,in - y_t,in)/N"),
    ],
)  # fmt: skip
def test_matrices_gates_and_batches_are_read(lhs, text, meant):
    lhs = DERIVATIONS[lhs].lhs
    assert read(text, lhs) == read(meant, lhs)


def test_a_name_of_ones_own_stands_for_what_was_said():
    names = {}
    for line in ("p = A2", "S = sum_j e^z2_j", "s_k = e^z2_k/S"):
        read = read_line(line, OUTPUT_DELTA, names=names)
        names[read.defines] = read.abbreviation
    read = read_line("p_i - y_i + s_i - p_i", OUTPUT_DELTA, names=names)
    assert plain(read.sides[0]) == "A_2i - y_ti + e^(z_2i)/(sum[j=1..K] e^(z_2j)) - A_2i"


def test_a_sums_own_letter_does_not_catch_the_index_of_an_abbreviation():
    names = {}
    read = read_line("g_i = sum_k y_k A2_i", None, names=names)
    names[read.defines] = read.abbreviation
    assert plain(read_line("sum_k g_k", None, names=names).sides[0]) == "sum[k=1..K] sum[m=1..K] y_tm * A_2k"


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("sum_k y_k A2_i w2_kj", "sum[k=1..K] (y_tk * A_2i * w_2,kj)"),  # the rest of the term
        ("sum_k y_k + A2_i", "(sum[k=1..K] y_tk) + A_2i"),
        ("sum_j e^z2_j", "sum[j=1..K] e^(z_2j)"),  # the range that j has in z2
        ("sum_j A1_j", "sum[j=1..H] A_1j"),
        ("sum_k I(t = k)", "sum[k=1..K] I(t = k)"),
        ("sum[k=1..K] sum_k y_k", "sum[k=1..K] (sum[k=1..K] y_tk)"),  # the inner one wins
        ("sum_kj w2_kj", "sum[k=1..K] sum[j=1..H] w_2,kj"),
        ("c/2 w2_kj", "(c/2) w2_kj"),  # as a task shows it: nobody writes 2 w2_kj below the stroke with a space
        ("1/K sum_m z2_m", "(1/K) (sum_m z2_m)"),
    ],
)
def test_what_could_be_read_in_two_ways_is_read_in_one(text, meant):
    assert read(text) == read(meant)


UNREADABLE = [
    ("r_i - y_i", 1, "r_i stands for nothing yet"),
    ("A2_i - r_i", 8, "r_i stands for nothing yet"),
    ("z_i", 1, "which layer"),
    ("A2_ki - y_i", 1, "an index too many"),
    ("w2_k", 1, "lacks an index"),
    ("A2_i - y_t", 8, "y_tk"),
    ("A2_k - y_k", 1, "free here"),
    ("A2_i - y_i y_k", 12, "free here"),
    ("sum_j w2_kj z2_j", 4, "Use two letters"),
    ("sum_k 1", 4, "What does k run over"),
    ("sum_k A2_i", 4, "What does k run over"),
    ("sum_r y_r", 4, "no index letter"),
    ("sum A2_k", 5, "A sum needs its index"),
    ("y_i/A2_i A2_i", 10, "Write brackets"),
    ("y_i / 2 (A2_i)", 9, "Write brackets"),
    ("c/2w2_kj", 4, "Write brackets"),
    ("log A2_i * y_i", 1, "How far does log reach"),
    ("log A2_i / 2", 1, "How far does log reach"),
    ("log A2_i y_i", 1, "How far does log reach"),
    ("exp z2_i / 2", 1, "How far does exp reach"),
    ("1/sum_j e^z2_j * A2_i", 3, "How far does this sum"),
    ("d/dz2_i A2_i * y_i", 1, "How far does d/dz2_i reach"),
    ("A2_i - (y_i", 8, "never closed"),
    ("A2_i - y_i)", 11, "closes nothing"),
    ("(A2_i]", 6, "is closed by ]"),
    ("A2_i -", 7, "stops too early"),
    ("A2_i + * y_i", 8, "cannot stand here"),
    ("A2_i ? y_i", 6, "not known here"),
    ("", 1, "nothing to read"),
    ("{A2_i if i = k, y_i if i = k}", 17, "overlap or leave a gap"),
    ("{A2_i if z1_j >= 0, 0 if z1_j < -1}", 21, "overlap or leave a gap"),
    ("A2_i > y_i", 6, "cannot stand here"),
    ("A2_i / 0", 8, "divided by 0"),
    ("log 0", 1, "does not exist"),
    ("dA2_i/dy", 1, "with indices"),
    ("dL/dL", 5, "no entry"),
    ("sum_k sum_k y_k", 4, "What does k run over"),
    ("A2 - y_i", 6, "a whole array|a number"),
    ("w2 w2", 4, "do not conform"),
    ("A2_i^7", 6, "Powers"),
    ("A2_i^y_i", 6, "Only e"),
    ("e", 1, "e alone"),
]


@pytest.mark.parametrize(("text", "column", "message"), UNREADABLE)
def test_what_cannot_be_read_gets_its_place_and_a_sentence(text, column, message):
    with pytest.raises(Unreadable, match=message) as caught:
        read(text, OUTPUT_DELTA)
    assert caught.value.column == column
    assert caught.value.message.endswith((".", "?"))


@pytest.mark.parametrize(
    ("text", "batch", "problem"),
    [
        ("sum[i=0..K] y_i", False, "counted from 1"),
        ("sum[j=1..H] z2_j", False, "not always there"),
        ("A2_i A1_i", False, "Their letters are j, l"),
        ("A2_tn", True, "Every|every example has its own"),
        ("y_i/N", False, "N counts the examples"),
    ],
)
def test_what_has_no_meaning_is_read_and_said(text, batch, problem):
    assert any(
        sp.re and __import__("re").search(problem, sentence) for _, sentence in read_line(text, batch=batch).problems
    )


HUGE = {
    "brackets": "(" * 5000 + "y_i" + ")" * 5000,
    "deep": "(" * 25 + "y_i" + ")" * 25,
    "sums": "".join(f"sum_{letter} " for letter in "ikm" * 40) + "y_k",
    "twelve indices": "sum_" + "ikmjldpnq"[:9] + "ikm w2_kj",
    "100 kB": "A2_i + " * 15000 + "y_i",
    "long product": "y_i " * 370,
    "minuses": "-" * 1400 + "y_i",
    "fractions": "y_i/" * 370 + "y_i",
    "name": "A" * 1400,
    "digits": "9" * 1400,
    "carets": "e^" * 700 + "y_i",
    "logs": "log " * 370 + "y_i",
    "spaces and parentheses": "( a" * 400,
    "remarks": " (aa aa" * 200,
    "primes": "w2" + "'" * 1400,
}


@pytest.mark.parametrize("name", HUGE)
def test_a_line_that_is_too_large_is_refused_at_once(name):
    with pytest.raises(Unreadable):
        read_line(HUGE[name], OUTPUT_DELTA)


ALPHABET = st.sampled_from(
    [*"ijkmtldpnqKHDNLceXyzAwb0123459+-*/^_(){}[]=<>!.,;|&\\' ∂Σ∑δ⊙≠≥", "sum", "log", "exp", "\\frac", "dL/d", "A2_k",
     "z1_j"]
)  # fmt: skip


@settings(max_examples=400, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(ALPHABET, max_size=40).map("".join))
def test_garbage_is_read_or_refused_and_nothing_else(text):
    for lhs in (None, OUTPUT_DELTA):
        try:
            read_line(text, lhs)
        except Unreadable as error:
            column = error.column
        else:
            column = 1
        assert 1 <= column <= len(text) + 1


# --- random lines, printed and read again ---------------------------------------------------------------


def indices(count):
    return [getattr(of, name) for name in COUNTS if COUNTS[name] == count and name != "t"]


@st.composite
def expressions(draw, depth=3):
    """A well-typed expression, as unevaluated as a written one."""

    def index(count):
        return draw(st.sampled_from(indices(count)))

    def leaf():
        kind = draw(st.sampled_from(["A2", "y", "z2", "z1", "A1", "X", "w2", "w1", "b2", "number", "delta", "c"]))
        match kind:
            case "A2" | "y" | "z2" | "b2":
                return getattr(of, kind)[index(of.K)]
            case "z1" | "A1":
                return getattr(of, kind)[index(of.H)]
            case "X":
                return of.X[index(of.D)]
            case "w2":
                return of.w2[index(of.K), index(of.H)]
            case "w1":
                return of.w1[index(of.H), index(of.D)]
            case "delta":
                first, second = draw(st.permutations(indices(of.K)))[:2]
                return sp.KroneckerDelta(first, second, evaluate=False)
            case "c":
                return of.c
        return sp.Integer(draw(st.integers(0, 3)))

    def grown(depth):
        if depth == 0:
            return leaf()
        kind = draw(
            st.sampled_from(
                ["leaf", "+", "-", "*", "*", "/", "neg", "sum", "but", "exp", "log", "pow", "cases", "gate", "d"]
            )
        )
        inner = lambda: grown(depth - 1)  # noqa: E731 - drawn anew at each use
        match kind:
            case "leaf":
                return leaf()
            case "+":
                return inner() + inner()
            case "-":
                return inner() - inner()
            case "*":
                return inner() * inner()
            case "/":
                return inner() / (inner() + of.A2[index(of.K)])
            case "neg":
                return -inner()
            case "sum" | "but":
                count = draw(st.sampled_from([of.K, of.H, of.D]))
                letter = index(count)
                body = inner()
                if kind == "but" and count == of.K:
                    other = draw(st.sampled_from([one for one in indices(of.K) if one != letter]))
                    body = (1 - sp.KroneckerDelta(letter, other, evaluate=False)) * body
                return Sum(body, (letter, 1, count))
            case "exp":
                return sp.exp(inner(), evaluate=False)
            case "log":
                return sp.log(inner() + of.A2[index(of.K)], evaluate=False)
            case "pow":
                return inner() ** draw(st.integers(2, 3))
            case "gate":
                return cases(sp.Integer(1), (sp.Ge, of.z1[index(of.H)], 0), sp.Integer(0))
            case "cases":
                first, second = draw(st.permutations(indices(of.K)))[:2]
                return cases(inner(), (sp.Eq, first, second), inner() + 1)
            case "d":
                return Partial(inner(), of.z2[index(of.K)])
        raise AssertionError(kind)

    with sp.evaluate(False):
        return grown(depth)


@settings(max_examples=200, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(expressions())
def test_random_expressions_are_read_back_from_what_is_printed(expr):
    written = as_written(expr)
    assert as_written(written) == written
    for typeset in (plain, latex):
        text = typeset(written)
        if len(text) <= 1200:
            try:
                again = read(text, batch=False)
            except Unreadable as error:
                if "more than" in error.message or "inside another" in error.message:
                    continue  # too large, which is said
                raise
            assert again == written, text


def test_kept_tables_read_as_computed_ones_do_and_a_spoiled_file_or_folder_does_no_harm(tmp_path):
    line = "sum_k (-y_k/A2_k) dA2_k/dz2_i"
    computed = reading._parser().parse(line)
    for _ in ("kept", "read"):
        assert reading._built(tmp_path / "cache").parse(line) == computed
    (file,) = (tmp_path / "cache").iterdir()
    file.write_bytes(file.read_bytes()[:5000])
    assert reading._built(tmp_path / "cache").parse(line) == computed
    assert reading._built(file / "no folder").parse(line) == computed


def test_while_tables_are_computed_no_garbage_is_looked_for():
    """All of SymPy would be gone over, which takes as long as the tables do."""
    generations: list[int] = []
    threshold = gc.get_threshold()
    gc.collect()
    gc.callbacks.append(lambda phase, info: generations.append(info["generation"]))
    gc.set_threshold(700, 10, 10)  # Python's own, which the other tests do without
    try:
        reading._built()
    finally:
        gc.set_threshold(*threshold)
        gc.callbacks.pop()
    assert gc.isenabled()
    assert set(generations) <= {0}  # once afterwards, of what is new


def test_where_nobody_asks_for_it_no_tables_are_read_or_kept(monkeypatch):
    """Grading computes them: a file that others may write to has no say in what a line means."""
    monkeypatch.setattr(reading, "_kept_in", [])
    judge_lines("output_delta", "A2_i - y_i")
    assert reading._kept_in == []
