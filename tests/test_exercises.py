"""Every exercise: its solution, its slips, right answers in every dress, and all that can go wrong around them."""

import ast
import html
import importlib
import os
import re
from typing import ClassVar

import numpy as np
import pytest
from answers import DRESSES, OTHER_SHAPES, RIGHT, changed, of, slipped, written

from mlpcourse.derivation import DERIVATIONS
from mlpcourse.exercises import (
    EXERCISES,
    Verdict,
    check,
    derive,
    given,
    graph,
    hint,
    judging,
    learner,
    model_answers,
    progress,
    slips,
    solution,
    trials,
)  # fmt: skip
from mlpcourse.exercises.code import CodeExercise, suspects
from mlpcourse.exercises.exercise import Exercise, Page
from mlpcourse.exercises.slips import EQUIVALENT_SLIPS, GENERICS

ALL = list(EXERCISES.values())
SLIP_CHANGES = int(os.environ.get("SLIP_CHANGES", 60))  # of an exercise; continuous integration tries more


every = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)


def run_cell(source, **names):
    """A cell as a notebook runs it: the verdict of its last line."""
    *before, last = source.rsplit("\n", 1)
    cell = written("\n".join(before) + f"\ndef verdict():\n    return {last}", name="verdict", given=given)
    cell.__globals__.update(check=check, derive=derive, **names)
    return cell()


def test_every_exercise_is_in_its_lessons_file():
    for number in range(15):
        module = importlib.import_module(f"mlpcourse.exercises.lesson_{number:02}")
        own = [one for one in vars(module).values() if isinstance(one, Exercise)]
        assert own
        assert all(one.lesson == number and vars(module)[one.name] is one for one in own)


# --- solved, untouched, raising -------------------------------------------------------------------


def test_every_kind_and_every_lesson_has_some():
    assert {e.kind for e in ALL} >= {"code", "number", "shape", "order", "spot", "find"}
    assert {e.lesson for e in ALL} == set(range(max(e.lesson for e in ALL) + 1))


@pytest.mark.parametrize("exercise", [e for e in ALL if e.kind != "derive"], ids=lambda e: e.name)
def test_its_solution_is_right(exercise):
    """Of those that are derived, tests/test_derive.py does so."""
    source = exercise.solution(0)
    if isinstance(exercise, CodeExercise):
        source += f"\n\n\ncheck({exercise.name})"
    verdict = run_cell(source)
    assert verdict.right, verdict
    assert repr(verdict).startswith(f"✓ {exercise.name}: right.")


@every
def test_its_untouched_cell_says_so(exercise):
    # An earlier cell of the lesson shows the lines of a section.
    shown = {exercise.listed: given(exercise.name)} if exercise.kind == "find" else {}
    verdict = run_cell(exercise.stub(), **shown)
    if exercise.kind == "derive":
        verdict = check(exercise.name, verdict)  # the field, with nothing in it
    assert verdict.kind == "not attempted"
    assert repr(verdict) == f"○ {exercise.name}: not attempted yet."
    assert check(exercise.name).kind == "not attempted"
    assert check(exercise.name, ...).kind == "not attempted"


@of(CodeExercise)
def test_its_stub_has_the_solutions_arguments(exercise):
    assert exercise.stub().splitlines()[0] == exercise.solution(0).splitlines()[0]
    assert ":" not in exercise.solution(0).splitlines()[0].rstrip(":")


@of(CodeExercise)
def test_a_raising_answer_shows_the_learners_line_and_shapes(exercise):
    names = ", ".join(exercise.inputs)
    verdict = check(written(f"def {exercise.name}({names}):\n    a = 1\n    return a / 0 + undefined"))
    text = repr(verdict)
    assert verdict.kind == "raised"
    assert "ZeroDivisionError: division by zero" in text
    assert f"line 3 of `{exercise.name}`, `return a / 0 + undefined`" in " ".join(text.split())
    assert "Traceback" not in text
    assert "mlpcourse" not in text
    if "X" in exercise.inputs or "z2" in exercise.inputs:
        assert "What went in: " in text
    assert len(text.splitlines()) < 12


# --- right answers ----------------------------------------------------------------------------------


@of(CodeExercise)
def test_other_right_ways_are_right(exercise):
    """At another draw than in the matrix below, which also has the same numbers in other dresses."""
    for source in RIGHT[exercise.name]:
        verdict = exercise.judge(written(source), 5)
        assert verdict.right, f"{source}\n{verdict}"
    assert len(RIGHT[exercise.name]) + len(DRESSES) >= 5


@pytest.mark.parametrize(
    ("name", "result"),
    [
        ("backward", "[part.squeeze() for part in ours(w1, b1, w2, b2, X, y)]"),
        ("training_step", "[part.squeeze() for part in ours(w1, b1, w2, b2, X, y, learning_rate)]"),
    ],
)
def test_a_gradient_to_train_with_that_has_lost_its_axis_is_not_right(name, result):
    exercise = EXERCISES[name]
    answer = written(f"def {name}({', '.join(exercise.inputs)}):\n    return {result}", ours=exercise.reference)
    verdict = check(name, answer)
    assert (verdict.kind, verdict.slip) == ("shape", "lost_keepdims")
    assert "The numbers are right, but" in verdict.message
    assert not trials.all_right(exercise, exercise.groups(0), [answer(**case) for case in exercise.calls(0)])


def test_a_column_without_its_axis_is_right_and_told_kindly():
    verdict = check(written("def grad_b2(delta2):\n    return delta2.sum(axis=1)"))
    assert verdict.right
    assert "has shape (3,); with (3, 1) the numbers are the same" in verdict.facts[0]
    assert "spreads to (3, 3)" in verdict.facts[1]


@pytest.mark.parametrize("share", [0, 0.25, 1])
def test_every_subgradient_is_right_and_no_other_number(share):
    for name in ("hidden_delta", "backward", "training_step"):
        exercise = EXERCISES[name]
        gate = graph.Step(lambda dA1, z1: dA1 * np.heaviside(z1, share), {"dA1": "dA1", "z1": "z1"})
        assert exercise.judge(slipped(exercise, {"delta1": gate}), 0).right
        beyond = graph.Step(lambda dA1, z1: dA1 * np.heaviside(z1, share + 1.2), {"dA1": "dA1", "z1": "z1"})
        verdict = exercise.judge(slipped(exercise, {"delta1": beyond}), 0)
        assert verdict.kind == "wrong"
        assert "where a z1 is exactly 0" in verdict.message


# --- slips: all named, alone and combined ---------------------------------------------------------


def makeable(exercise, group):
    """The slips that show in this group, each with its step."""
    known = suspects(exercise, group)
    for one in known.candidates:
        values = [known.values((one,), case) for case in range(len(group.cases))]
        if any(value is None or not np.isfinite(value).any() for case in values for value in case):
            continue  # impossible here, or nothing but NaN: told by a fact
        unlike = sum(
            any(not known.same(value, truth) for value, truth in zip(case, truths, strict=True))
            for case, truths in zip(values, known.truths, strict=True)
        )
        flat = [value for case in values for value in case]
        placeholder = all(np.isfinite(v).all() and np.ptp(v) == 0 for v in flat) and not one.slip.constant
        if unlike >= 2 and not (placeholder and flat[0].size > 1):
            yield one


def test_the_matrix(capsys):
    """Slips named, right variants rejected, false names: over all exercises."""
    rows, totals = [], np.zeros(4, int)
    for exercise in ALL:
        if not isinstance(exercise, CodeExercise):
            continue
        made, named, false = set(), set(), []
        for group in exercise.groups(0):
            if group is not exercise.groups(0)[0] and not group.situation:
                continue
            for one in makeable(exercise, group):
                made.add(one.slip.name)
                verdict = exercise.judge(slipped(exercise, {one.node: one.step}), 0)
                same = verdict.slip == one.slip.name or {verdict.slip, one.slip.name} in EQUIVALENT_SLIPS
                way = one.slip.said.removeprefix(one.slip.name).removeprefix(": ")  # where the title says it
                same &= way[1:] in verdict.message
                if verdict.kind == "slip" and same and not verdict.also:
                    named.add(one.slip.name)
                elif verdict.slip == "logarithm_of_zero" and one.slip.name == "shift_by_batch_maximum":
                    named.add(one.slip.name)  # its softmax is 0 where a column lies low: that is what is seen first
                else:
                    false.append((one.slip.name, verdict.kind, verdict.slip))
        variants = [written(source) for source in RIGHT[exercise.name]]
        exact = exercise.name in ("backward", "training_step", "training_step_decay")  # what training calls
        variants += [
            changed(exercise.reference, dress)
            for name, dress in DRESSES.items()
            if not (exact and name in OTHER_SHAPES)
        ]
        verdicts = [exercise.judge(variant, 0) for variant in variants]
        rejected = sum(not verdict.right for verdict in verdicts)
        assert not rejected, [verdict for verdict in verdicts if not verdict.right]
        rows.append((exercise.name, len(named), len(made), rejected, len(false)))
        totals += (len(named), len(made), rejected, len(false))
        assert not false, (exercise.name, false)
    with capsys.disabled():
        print(f"\n{'exercise':22}{'slips named':>12}{'in catalogue':>14}{'right rejected':>16}{'false names':>13}")
        for name, named, made, rejected, false in [*rows, ("all", *totals)]:
            print(f"{name:22}{named:12}{made:14}{rejected:16}{false:13}")
    assert totals[0] == totals[1]
    assert totals[2] == totals[3] == 0


def takes_signs_and_factors(exercise):
    """Not so where a factor makes no sense, and of one number, which has no transpose and whose factors are slips."""
    if not isinstance(exercise, CodeExercise) or exercise.name in ("mend_H05", "relu", "one_hot", "accuracy"):
        return False
    one_number = len(exercise.results) == 1 and np.ndim(exercise.reference(**exercise.groups(0)[0].cases[0])) == 0
    return not one_number and exercise.name != "numerical_gradient"


@pytest.mark.parametrize("exercise", list(filter(takes_signs_and_factors, ALL)), ids=lambda e: e.name)
def test_a_slip_is_named_under_a_sign_a_transpose_or_a_factor(exercise):
    """Whatever is named must give exactly the learner's numbers: names that explain nothing are false.

    A slip with a number of its own is named alone: with a factor it could explain what is not so.
    """
    group = exercise.groups(0)[0]
    changes = {
        "wrong_sign": lambda value: -value,
        "doubled": lambda value: 2 * value,
        "transposed": np.transpose,
    }
    made = {}
    for one in makeable(exercise, group):
        if not one.slip.constant and not one.slip.has_constant:
            made.setdefault(one.slip.name, one)
    tried = [(one, *change) for one in made.values() for change in changes.items()]
    while len(tried) > SLIP_CHANGES:
        tried = tried[::4]  # a change each, in turn: the same slips are tried with the others in smaller exercises
    missed = []
    for one, name, change in tried:
        verdict = exercise.judge(changed(slipped(exercise, {one.node: one.step}), change), 0)
        if verdict.slip is None and not verdict.right:
            missed.append((one.slip.name, name))
    assert len(missed) <= 0.1 * len(tried), missed


def test_two_slips_in_different_steps_are_both_named():
    answer = written("""
        def backward(w1, b1, w2, b2, X, y):
            z1 = w1 @ X + b1
            A1 = np.maximum(z1, 0)
            z2 = w2 @ A1 + b2
            A2 = np.exp(z2) / np.exp(z2).sum(axis=0)
            delta2 = A2 - y
            delta1 = w2.T @ delta2
            return X @ delta1.T, delta1.mean(axis=1), delta2 @ z1.T, delta2.sum(axis=1)
    """)
    verdict = check(answer)
    assert verdict.kind == "slip"
    assert {verdict.slip, *verdict.also} >= {"mean_forgotten", "gate_never_closes", "z1_for_A1"}
    assert {verdict.slip, *verdict.also} & {"outer_transposed", "transposed"}


def test_results_are_told_one_by_one():
    answer = written("""
        def backward(w1, b1, w2, b2, X, y):
            z1 = w1 @ X + b1
            A1 = np.maximum(z1, 0)
            z2 = w2 @ A1 + b2
            delta2 = (np.exp(z2) / np.exp(z2).sum(axis=0) - y) / X.shape[1]
            delta1 = (w2.T @ delta2) * (z1 > 0)
            return delta1 @ X.T, delta1.sum(axis=1), A1 @ delta2.T, delta2.sum(axis=1) * 1.7 + z1.sum()
    """)
    verdict = check(answer)
    assert verdict.slip == "outer_transposed"
    assert "Not right: dw2, db2. Right: dw1, db1." in verdict.facts
    assert "db2: wrong too. Mend this first, then check again." in verdict.facts


def test_another_order_of_the_results_is_named():
    source = EXERCISES["backward"].solution(0).replace("return dw1, db1, dw2, db2", "return dw2, db2, dw1, db1")
    verdict = check(written(source))
    assert verdict.slip == "another_order"
    assert "they came as dw2, db2, dw1, db1" in verdict.message


@pytest.mark.parametrize(
    ("name", "body", "slip"),
    [
        ("hidden_signal", "w2 @ delta2", "weights_not_transposed"),
        ("hidden_signal", "w2 * delta2", "signal_entry_by_entry"),
        ("grad_w2", "delta2 @ A1", "inputs_not_transposed"),
        ("grad_w2_one", "delta2 * A1", "multiplied_entry_by_entry"),
        ("grad_w1_one", "delta1 @ X", "inputs_not_transposed"),
        ("mend_H30", "delta2 @ w2 @ X", "factors_do_not_fit"),
    ],
)
def test_products_that_do_not_conform_are_named_where_all_sizes_are_equal(name, body, slip):
    verdict = check(written(f"def {name}({', '.join(EXERCISES[name].inputs)}):\n    return {body}"))
    assert verdict.kind == "raised"
    assert verdict.slip == slip


# --- no name without a slip -----------------------------------------------------------------------


@of(CodeExercise)
def test_random_wrong_numbers_are_never_named(exercise):
    rng = np.random.default_rng(0)

    def disturbed(*inputs):
        seed = int(np.abs(np.asarray(inputs[-1] if not callable(inputs[-1]) else 1.0, dtype=float)).sum() * 1e6) % 2**32
        noise = np.random.default_rng([seed, trial])
        value = exercise.reference(*inputs)

        def shake(part):
            return np.asarray(part, dtype=float) * noise.uniform(0.5, 1.5, np.shape(part)) + noise.normal(
                0, 0.1, np.shape(part)
            )

        return tuple(map(shake, value)) if isinstance(value, tuple) else shake(value)

    for trial in rng.integers(0, 1000, 5):  # noqa: B007 - the noise is drawn from it
        verdict = exercise.judge(disturbed, 0)
        assert verdict.slip is None, verdict
        assert verdict.kind == "wrong"
        assert verdict.facts or verdict.message


class Mutant(ast.NodeTransformer):
    """Change the one place with this number: an operator, an axis, a comparison, a transpose, a constant."""

    OPERATORS: ClassVar = {
        ast.Add: ast.Sub,
        ast.Sub: ast.Add,
        ast.Mult: ast.Div,
        ast.Div: ast.Mult,
        ast.MatMult: ast.Mult,
    }
    COMPARISONS: ClassVar = {ast.GtE: ast.Lt, ast.Eq: ast.NotEq}

    def __init__(self, place):
        self.place, self.count = place, 0

    def here(self):
        self.count += 1
        return self.count - 1 == self.place

    def visit_BinOp(self, node):
        self.generic_visit(node)
        if type(node.op) in self.OPERATORS and self.here():
            node.op = self.OPERATORS[type(node.op)]()
        return node

    def visit_Compare(self, node):
        self.generic_visit(node)
        if type(node.ops[0]) in self.COMPARISONS and self.here():
            node.ops = [self.COMPARISONS[type(node.ops[0])]()]
        return node

    def visit_Attribute(self, node):
        self.generic_visit(node)
        return node.value if node.attr == "T" and self.here() else node

    def visit_UnaryOp(self, node):
        self.generic_visit(node)
        return node.operand if isinstance(node.op, ast.USub) and self.here() else node

    def visit_Constant(self, node):
        if type(node.value) is int and self.here():
            return ast.Constant(1 - node.value if node.value in (0, 1) else node.value + 1)
        return node


@of(CodeExercise)
def test_a_mutated_solution_is_right_only_where_it_is_equal(exercise, monkeypatch):
    """Held against fresh inputs that no check has used. What is wrong with the others is not asked here."""
    for diagnosis in ("_diagnosed", "_raised"):
        monkeypatch.setattr(judging, diagnosis, lambda *_: Verdict("wrong", exercise.name))
    fresh = exercise.draw(np.random.default_rng(12345))
    place = 0
    while True:
        tree = ast.parse(exercise.solution(0))
        mutant = Mutant(place)
        tree = ast.fix_missing_locations(mutant.visit(tree))
        if place >= mutant.count:
            break
        place += 1
        answer = written(ast.unparse(tree))
        if exercise.judge(answer, 0).right:
            for group in fresh:
                if not group.kink:
                    for case in group.cases:
                        mine, right = answer(**case), exercise.reference(**case)
                        parts = zip(mine, right, strict=True) if isinstance(right, tuple) else [(mine, right)]
                        for a, b in parts:
                            np.testing.assert_allclose(np.squeeze(a), np.squeeze(b), rtol=1e-4, atol=1e-6)


# --- what can be given to check -------------------------------------------------------------------


class softmax:
    pass


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda: check("softmx"), "Did you mean `softmax`"),
        (lambda: check("nothing like it"), "`progress()` lists them all"),
        (lambda: check(None), "This is None"),
        (lambda: check(np.eye(2)), "a value of type ndarray"),
        (lambda: check(lambda z2: z2), "A lambda has no name"),
        (lambda: check(softmax), "`check` got a class"),
        (lambda: check("relu", np.eye(2)), "needs the function itself: `check(relu)`"),
        (lambda: check(3), "a value of type int"),
    ],
)
def test_what_cannot_be_checked_gets_a_sentence(call, said):
    verdict = call()
    assert verdict.kind == "cannot check"
    assert said in verdict.message


def test_a_function_with_another_name_can_be_checked():
    assert check("softmax", lambda z: np.exp(z - z.max(0)) / np.exp(z - z.max(0)).sum(0)).right


def test_a_failure_of_our_own_is_a_sentence(monkeypatch):
    monkeypatch.setattr(CodeExercise, "judge", lambda *_: 1 / 0)
    assert "The check itself failed (ZeroDivisionError" in check("relu", np.abs).message


# --- verdicts as text and HTML --------------------------------------------------------------------


def test_a_named_slip_says_what_why_and_where_but_not_the_answer():
    verdict = check(written("def grad_w2(delta2, A1):\n    return A1 @ delta2.T"))
    text = " ".join(repr(verdict).split())
    assert text.startswith("✗ grad_w2: not right yet. The outer product is the wrong way round")
    assert verdict.question.endswith("?")
    for part in ("Why it tempts:", "What it breaks:", "Where it is derived:", "show('batch_grad_w2')"):
        assert part in text
    assert "delta2 @ A1.T" not in text
    rich = verdict._repr_html_()
    assert "<code>grad_w2</code>" in rich
    assert rich.index(verdict.question[:20]) < rich.index("<details>") < rich.index("Why it tempts")
    assert r"\delta_2" in rich


def test_no_text_of_a_slip_holds_the_solution():
    for exercise in ALL:
        if isinstance(exercise, CodeExercise) and len(exercise.results) == 1:
            answer = exercise.solution(0).rsplit("return ", 1)[1].strip()
            if len(answer) < 12:
                continue
            for one in slips.SLIPS.values():
                assert answer not in f"{one.title}{one.tempts}{one.breaks}{one.hint}"
            assert answer not in "".join(exercise.hints)


def test_html_is_escaped():
    verdict = Verdict("raised", "relu", "<script> & `a < b`", facts=("<b>\n<i>",))
    rich = verdict._repr_html_()
    assert "<script>" not in rich
    assert "<i>" not in rich
    assert "<code>a &lt; b</code>" in rich


def test_a_verdict_is_a_plain_value():
    answer = written("def relu(z1):\n    return -z1")
    assert check(answer) == check(answer)
    assert repr(check(answer)) == repr(check(answer))


# --- hints, solutions, given, progress -----------------------------------------------------------------------


@every
def test_it_has_three_hints_and_none_is_the_answer(exercise, monkeypatch):
    monkeypatch.setattr("mlpcourse.exercises._changes", {})
    monkeypatch.setattr("mlpcourse.exercises._hints_shown", {})
    question, line, scaffold = exercise.hints
    assert "?" in question
    assert len(line) > 10
    assert "____" in scaffold or "then" in scaffold
    shown = [repr(hint(exercise.name)) for _ in range(4)]
    assert [text.split(",")[0] for text in shown] == ["Hint 1 of 3", "Hint 2 of 3", "Hint 3 of 3", "Hint 3 of 3"]
    assert repr(hint(exercise.name)).endswith("shows how it is done.")


@every
def test_its_solution_and_its_question_can_be_shown(exercise):
    page = solution(exercise.name)
    for line in exercise.solution(0).splitlines():
        assert line.strip() in repr(page)
    assert "<pre" in page._repr_html_()
    shown = given(exercise.name)
    assert repr(shown)
    if exercise.see in DERIVATIONS:  # a transfer's derivation is its solution
        assert "show(" in page._repr_html_()


def test_a_solution_has_the_editors_colours_and_no_other_letter():
    page = solution("backward")
    code = "".join(re.findall("<pre.*?>(.*?)</pre>", page._repr_html_(), re.DOTALL))
    assert 'color:var(--jp-mirror-editor-keyword-color)">def<' in code
    bare = html.unescape(re.sub("<.*?>", "", code))
    assert bare.split() == EXERCISES["backward"].solution(0).split()
    assert "<span" not in Page("Three\n\n    1  a = b <= c")._repr_html_()  # numbered lines are no Python


def test_unknown_names_get_a_sentence_everywhere():
    for call in (given, hint, solution):
        assert "Did you mean `softmax`" in repr(call("softmx"))


def test_nothing_is_kept_where_a_test_runs(monkeypatch, tmp_path):
    monkeypatch.delenv("MLPCOURSE_DATA", raising=False)
    monkeypatch.setenv("PYTEST_VERSION", "9")
    monkeypatch.setattr("platformdirs.user_data_path", lambda *_, **__: tmp_path)
    learner("Ada")
    check(model_answers.relu)
    assert not list(tmp_path.iterdir())
    assert "0 of" in repr(progress())
    assert learner() == "anonymous"


def test_progress_is_kept_and_a_name_draws_other_numbers(monkeypatch, tmp_path):
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path))
    before = repr(given("softmax_by_hand"))
    check(written("def grad_w2(delta2, A1):\n    return A1 @ delta2.T"))
    check(model_answers.relu)
    hint("softmax")
    text = repr(progress())
    assert "1 of" in text
    assert "outer_transposed" in text
    drawn = set()
    for name in ("Ada", "Grace", "Emmy", "Sofia"):
        learner(name)
        drawn.add(repr(given("softmax_by_hand")))
    assert len(drawn | {before}) >= 3
    assert learner() == "Sofia"


@pytest.mark.parametrize("several", [False, True], ids=["as text", "as a list"])
def test_lines_under_a_results_own_name_count_for_its_derivation(monkeypatch, tmp_path, several):
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path))
    lines = "sum_k dL/dA2_k dA2_k/dz2_i\nA2_i sum_k y_k - y_i\nA2_i - y_i"
    assert check("output_delta", lines.split("\n") if several else lines).right
    done = [row for row in repr(progress()).splitlines() if "\N{CHECK MARK}" in row]
    assert [word for row in done for word in row.split() if word in EXERCISES] == ["derive_output_delta"]


def test_a_place_that_cannot_be_written_gets_a_sentence(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("MLPCOURSE_DATA", str(tmp_path / "file"))
    verdict = check(model_answers.relu)
    assert verdict.right
    assert "not kept" in verdict.facts[0]
    assert "not kept" in learner("Ada")


def test_generics_are_told_apart():
    assert len({generic.title for generic in GENERICS.values()}) == len(GENERICS)
