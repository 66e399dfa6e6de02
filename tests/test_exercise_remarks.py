"""What `check` notices beside the numbers: effects, chance, endless loops, errors, untouched cells."""

import threading

import numpy as np
import pytest
from answers import written

from mlpcourse.exercises import (
    EXERCISES,
    check,
    model_answers,
    running,
)  # fmt: skip
from mlpcourse.exercises.placeholder import untouched

ALL = list(EXERCISES.values())


every = pytest.mark.parametrize("exercise", ALL, ids=lambda e: e.name)


def facts(source):
    verdict = check(written(source))
    return verdict, " ".join([verdict.message, *verdict.facts])


def test_inputs_changed_in_place_are_told_and_the_answer_stays_right():
    verdict, said = facts("def relu(z1):\n    z1[z1 < 0] = 0\n    return z1")
    assert verdict.right
    assert "changes z1 in place" in said


def test_a_result_that_a_later_one_was_written_into_is_told():
    source = """def forward(w1, b1, w2, b2, X):
    z1 = w1 @ X + b1
    A1 = np.maximum(z1, 0, out=z1){}
    z2 = w2 @ A1 + b2
    exps = np.exp(z2 - z2.max(axis=0))
    return z1, A1, z2, {}"""
    _, said = facts(source.format("", "exps / exps.sum(axis=0)"))
    assert "`z1` and `A1` are one array" in said
    assert check(written(source.format(".copy()", "exps / exps.sum(axis=0)"))).slip == "A1_for_z1"
    assert check(written(source.replace("z1, 0, out=z1", "z1, 0").format("", "z2"))).slip == "softmax_skipped"


def test_an_entry_moved_back_is_no_step_though_rounding_leaves_something():
    moved = "        x[i] += h\n        above = f(x)\n        x[i] -= {}\n        g[i] = (above - {}) / {}\n{}"
    start = "def numerical_gradient(f, x, h=1e-5):\n    g = np.zeros_like(x)\n    for i in np.ndindex(x.shape):\n"
    end = "    return g"
    central = start + moved.format("2 * h", "f(x)", "(2 * h)", "        x[i] += h\n") + end
    assert len(check(written(central)).facts) == 1  # x was changed in place
    forward = start + "        here = f(x)\n" + moved.format("h", "here", "h", "") + end
    assert check(written(forward)).slip == "one_sided_difference"


def test_a_view_of_the_input_is_told():
    verdict, said = facts("def relu(z1):\n    np.maximum(z1, 0, out=z1)\n    return z1[:]")
    assert verdict.right
    assert "changes z1 in place" in said
    answer = written("def shifted(z1):\n    return z1[:]")
    assert running.run(answer, [{"z1": np.ones((2, 3))}], by_name=False)[0].shared == ("z1",)


def test_the_model_answer_for_a_bias_may_be_the_delta_itself():
    assert check(model_answers.grad_b2_one).facts == ()


@pytest.mark.parametrize("kept", ["1", "z1.tolist()"])  # wrong from the fifth call on; wrong the second time only
def test_answers_that_differ_between_calls_are_told(kept):
    verdict, said = facts(
        f"seen = []\ndef relu(z1):\n    seen.append({kept})\n    return np.maximum(z1, 0) * (seen.count({kept}) < "
        f"{5 if kept == '1' else 2})"
    )
    assert verdict.kind == "wrong"
    assert "does not answer the same" in said


@pytest.mark.parametrize(
    "result", ["np.maximum(z1, 0) + np.random.rand()", "np.random.rand(*z1.shape)", "np.random.rand(3)"]
)
def test_chance_is_told_before_anything_that_it_makes_wrong(result):
    verdict, said = facts(f"def relu(z1):\n    return {result}")
    assert (verdict.kind, verdict.slip) == ("wrong", None)
    assert "does not answer the same" in said
    assert "same amount" not in said


def test_printing_instead_of_returning_is_told():
    verdict, said = facts("def relu(z1):\n    print(np.maximum(z1, 0))")
    assert verdict.kind == "wrong"
    assert "nobody can compute with what is printed" in said
    assert "end with `return`" in said
    assert "It printed, in its first call" in said


def test_a_missing_return_is_told():
    _, said = facts("def relu(z1):\n    A1 = np.maximum(z1, 0)")
    assert "It returns nothing: end with `return`." in said


def test_huge_output_is_cut():
    verdict, said = facts("def relu(z1):\n    print('x' * 10_000_000)\n    return np.maximum(z1, 0)")
    assert verdict.right
    assert "prints a great deal" in said
    assert len(repr(verdict)) < 500


@pytest.fixture
def hurry(monkeypatch):
    monkeypatch.setattr(running, "SECONDS", 0.3)


LOOPS = [
    "while True:\n        pass",
    "while True:\n        np.maximum(z1, 0)",
    "while True:\n        try:\n            np.maximum(z1, 0)\n        except:\n            pass",
    "while True:\n        try:\n            while True:\n                pass\n        except:\n            pass",
]


@pytest.mark.parametrize("loop", LOOPS)
def test_an_endless_loop_is_stopped(hurry, loop):
    verdict, said = facts(f"def relu(z1):\n    {loop}")
    assert verdict.kind == "raised"
    assert "was stopped after" in said


@pytest.mark.parametrize("loop", LOOPS[:2])
def test_an_endless_loop_is_stopped_in_any_thread(hurry, loop):
    answer, verdicts = written(f"def relu(z1):\n    {loop}"), []
    thread = threading.Thread(target=lambda: verdicts.append(check(answer)))
    thread.start()
    thread.join(20)
    assert "was stopped after" in verdicts[0].message


def test_nothing_is_left_behind_by_the_time_limit(hurry):
    import signal
    import sys
    import warnings

    before = signal.getsignal(signal.SIGALRM), sys.gettrace(), list(warnings.filters), np.geterr()
    check(written("def relu(z1):\n    while True: pass"))
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert (signal.getsignal(signal.SIGALRM), sys.gettrace(), list(warnings.filters), np.geterr()) == before


@pytest.mark.parametrize(
    "body",
    ["raise SystemExit", "exit()", "raise KeyboardInterrupt", "input()", "return relu(z1)", "raise BaseException('no')",
     "assert False", "import nothing_of_that_name", "1 +* 2 if False else eval('1 +* 2')"],
)  # fmt: skip
def test_whatever_is_raised_becomes_a_verdict(body):
    try:
        answer = written(f"def relu(z1):\n    {body}")
    except SyntaxError:
        answer = written("def relu(z1):\n    return eval('1 +* 2')")
    verdict = check(answer)
    assert verdict.kind in ("raised", "cannot check")
    assert "Traceback" not in repr(verdict)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("'text'", "A text came back"), ("{}", "A dict came back"),
        ("relu", "A function came back"), ("z1 + 1j", "Complex numbers came back"), ("[[1], [1, 2]]", "cannot be read"),
        ("z1, z1", "One result is asked for"), ("np.nan * z1", "is nan"),
        ("object()", "cannot be read"), ("z1.astype('datetime64[s]')", "dtype datetime64"),
    ],
)  # fmt: skip
def test_what_is_no_array_of_numbers_is_told(value, said):
    verdict, text = facts(f"def relu(z1):\n    return {value}")
    assert verdict.kind == "wrong"
    assert said in text


@pytest.mark.parametrize(
    "source",
    ["def relu(): return 1", "def relu(a, b): return 1", "def relu(*, z1, other): return 1",
     "def relu(z1, b, c, d=3): return 1"],
)  # fmt: skip
def test_wrong_arguments_are_told(source):
    verdict = check(written(source))
    assert verdict.kind == "raised"
    assert "It must take 1 argument, (z1)" in verdict.message


def test_a_result_that_depends_on_nothing_is_named():
    verdict, text = facts("def relu(z1):\n    return z1 * 0")
    assert verdict.slip == "same_whatever_goes_in"
    assert "Every entry is 0." in text
    assert check(written("def softmax(z2):\n    return np.ones_like(z2) / len(z2)")).slip == "same_whatever_goes_in"
    assert check(written("def relu(z1):\n    return z1 * 0 + z1[0, 0]")).slip is None


def test_optional_arguments_and_other_names_do_no_harm():
    assert check(written("def relu(array, slope=0): return np.maximum(array, slope)")).right
    assert check(written("def relu(*args): return np.maximum(args[0], 0)")).right


@pytest.mark.parametrize("body", ["...", "pass", "return None", "return", "raise NotImplementedError",
                                  "raise NotImplementedError('later')", "'''text'''\n    ...", "return ...",
                                  "A1 = ...\n    return A1"])  # fmt: skip
def test_what_counts_as_untouched(body):
    assert check(written(f"def relu(z1):\n    {body}")).kind == "not attempted"


def test_untouched_is_seen_without_a_source_too():
    cell = {}
    exec("def relu(z1):\n    '''text'''\n    ...\ndef other(z1):\n    return z1", cell)
    assert untouched(cell["relu"])
    assert not untouched(cell["other"])


# --- facts ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("def relu(z1):\n    return 3 * np.maximum(z1, 0)", "Every entry is 3 times what it should be."),
        ("def relu(z1):\n    return np.maximum(z1, 0) + 1", "Every entry is off by the same amount."),
        ("def relu(z1):\n    A = np.maximum(z1, 0)\n    A[:, 2] += 1\n    return A", "Only column 2 is wrong."),
        ("def relu(z1):\n    return np.where(z1 < 0, -0.7, z1)", "Only entries with z1 < 0 are wrong."),
        ("def hidden_delta(dA1, z1):\n    return np.where(z1 < 0, 0.3, dA1)", "Only entries with a closed gate"),
        ("def grad_b2(delta2):\n    return delta2.max(axis=1)", "For a single example (N = 1) it is right"),
        ("def softmax(z2):\n    e = np.exp(z2 - z2.max(0))\n    return np.round(e / e.sum(0), 3)", "rounded"),
        ("def softmax(z2):\n    return np.exp(z2) / 7", "A column should sum to 1."),
        ("def grad_w2(delta2, A1):\n    return np.ones((3, 7)) * delta2[0, 0]", "The number of rows is right"),
        ("def relu(z1):\n    return np.clip(z1, 0, 6)", "not where entries of z1 are in the hundreds"),
    ],
)
def test_facts_help_where_there_is_no_name(source, said):
    verdict, text = facts(source)
    assert verdict.slip is None
    assert said in text


@pytest.mark.parametrize(
    ("source", "name", "said"),
    [
        ("def one_hot(labels, K):\n    return labels == K", "axis_gone", "as many entries as there are examples"),
        ("def relu(z1):\n    return z1[z1 < 0] * 0.01", "axis_gone", "lose their place"),
        ("def grad_b2(delta2):\n    return delta2 @ delta2.T", "other_axes", "Its columns are as many as the classes."),
        ("def hidden_signal(w2, delta2):\n    return np.outer(delta2, w2)", "other_axes", "18 = 3 * 6: classes times"),
        ("def grad_w2(delta2, A1):\n    return np.sum(delta2) * A1.sum()", "one_number_only", "is one number all"),
    ],
)
def test_a_shape_is_told_by_what_its_axes_count(source, name, said):
    verdict = check(written(source))
    assert verdict.kind == "shape"
    assert verdict.slip == name
    assert said in " ".join(repr(verdict).split())


def test_a_fact_does_not_give_the_answer_away():
    exercise = EXERCISES["grad_b2"]
    verdict = exercise.judge(lambda delta2: delta2.max(axis=1), 0)
    for number in exercise.reference(**exercise.groups(0)[0].cases[0]).ravel():
        assert f"{number:.3g}"[:5] not in repr(verdict)


def test_a_sum_without_an_axis_is_not_called_a_wrong_axis():
    def grad_b2_one(delta2):
        return delta2.sum()

    def mend_H32(w2, delta2, z1):
        return np.sum((w2.T @ delta2) * (z1 >= 0))

    assert check(grad_b2_one).slip == "bias_summed_over_everything"
    assert check(mend_H32).slip == "bias_summed_over_everything"


def test_a_measured_jacobian_is_right_with_a_remark():
    def softmax_jacobian(z2):
        def softmax(z):
            return np.exp(z) / np.exp(z).sum()

        nudges = 1e-6 * np.eye(len(z2))[:, :, None]
        return np.hstack([(softmax(z2 + nudge) - softmax(z2 - nudge)) / 2e-6 for nudge in nudges])

    verdict = check(softmax_jacobian)
    assert verdict.right
    assert "measured" in verdict.facts[0]
    assert check(model_answers.softmax_jacobian).facts == ()
    assert check(model_answers.softmax_jacobian_at).facts == ()


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("return np.maximun(z1, 0)", "Did you mean `maximum`?"),
        ("return np.maximum(z, 0)", "Did you mean `z1`?"),
        ("return np.exp(z1) @ z1", "rows of the right one: `np.exp(z1) @ z1`."),
        ("return math.exp(z1)", "is it imported"),
        ("return z1 / (1 // 0)", "What is divided by there"),
        ("return {}['A1']", "Which keys are there?"),
        ("if z1 > 0:\n        return z1", "asked for one yes or no, and each of its entries has its own: `z1 > 0`."),
        ("return z1 * z1[:2]", "`z1` is (5, 6), `z1[:2]`"),
        ("return z1.backwards()", "What kind of thing stands before that dot?"),
        ("return [max(0, z) for z in 3]", "Is `range(...)` missing there"),
        ("return np.zeros[3]", "takes round brackets?"),
        ("return z1 @ 'a'", "a number, an array, a list, a function?"),
        ("return np.ones((z1.shape, 1))", "In line 2 of `relu`"),  # it has no shape itself
        ("return z1 + 'a'.join(1)", "of another kind than is needed"),
        ("return z1.reshape(5, 77)", "So many numbers do not fit into that shape: `z1.reshape(5, 77)`."),
    ],
)
def test_an_error_comes_with_its_usual_cause(body, said):
    assert said in " ".join(repr(check(written(f"def relu(z1):\n    {body}"))).split())


def test_rows_in_a_tuple_and_decimals_cut_off():
    assert check(written("def relu(z1):\n    return tuple(np.maximum(z1, 0))")).right
    verdict = check(written("def relu(z1):\n    return np.vectorize(lambda z: z if z > 0 else 0)(z1)"))
    assert "Your numbers are all whole" in repr(verdict)
    assert check(written("def relu(z1):\n    return np.maximum(z1, 0).astype(int)")).slip == "decimals_cut_off"
