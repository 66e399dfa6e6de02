"""Points are for what was computed: no table, no constant, no argument and no neighbour's numbers earn any."""

import re
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np
import pytest
from handed_in import WHOLE, answers, functions, graded, hand_in, notebook, right

from mlpcourse.exercises import fixtures
from mlpcourse.exercises.code import VARIANTS, CodeExercise
from mlpcourse.exercises.numbers import NumberExercise
from mlpcourse.grading import grade
from mlpcourse.grading.assignment import ASSIGNMENT, for_student
from mlpcourse.grading.final import finals
from mlpcourse.grading.marks import Result
from mlpcourse.grading.names import may_be_same, student_seed
from mlpcourse.grading.questions import find_in_batch, find_in_output
from mlpcourse.grading.replies import safe_error
from mlpcourse.grading.roster import Roster
from mlpcourse.grading.sandbox import missing
from mlpcourse.grading.submissions import Submission

pytestmark = [
    pytest.mark.skipif(bool(missing()), reason=f"there is no sandbox here: {missing()}"),
    pytest.mark.slow,
]

CODE = {name: one for name, one in ASSIGNMENT.exercises.items() if isinstance(one, CodeExercise)}


def table(exercise: CodeExercise) -> str:
    """A function without a formula, that knows all that `check` can draw."""
    known: dict[int, Any] = {}
    for variant in range(VARIANTS):
        for case in (case for group in exercise.groups(variant) for case in group.cases):
            with np.errstate(all="ignore"):
                value = exercise.reference(**case)
            key = crc32(b"".join(np.ascontiguousarray(given).tobytes() for given in case.values()))
            parts = value if isinstance(value, tuple) else (value,)
            known[key] = [np.round(part, 12).tolist() for part in parts]
    rows = "\n".join(f"known[{key}] = {value!r}" for key, value in known.items())
    several = "found" if len(exercise.results) > 1 else "found[0]"
    return f"""from zlib import crc32
inf, known = float("inf"), {{}}
{rows}
def {exercise.name}(*given):
    found = known[crc32(b"".join(np.ascontiguousarray(one).tobytes() for one in given))]
    return {several}
"""


def test_a_table_of_all_that_check_draws_earns_nothing(tmp_path: Path):
    """Nor does one that falls back on nothing, on an argument, or on the right shape."""
    tables = {name: text for name, text in ((n, table(e)) for n, e in CODE.items()) if len(text) < 48_000}
    assert len(tables) > 3
    soft = {name: re.sub(r"known\[crc32\((.*)\)\]", r"known.get(crc32(\1), [np.zeros((5, 6))] * 4)", text)
            for name, text in tables.items()}  # fmt: skip
    got = graded(hand_in(tmp_path, {"table": answers(tables), "soft": answers(soft)}), 11)
    assert {name: result.total for name, result in got.items()} == {"table": 0, "soft": 0}
    for result in got.values():
        assert all(result.marks[name].verdict.kind in ("wrong", "raised") for name in tables)


def test_a_right_answer_is_right_on_whatever_is_drawn(tmp_path: Path):
    """Fresh cases are drawn as they come: a right answer never loses by them."""
    for seed in range(40 if WHOLE else 8):
        for name, exercise in CODE.items():
            cases = grade.draw(exercise, seed, seed + 1000)
            assert exercise.judge_on(exercise.reference, cases.fresh).right, (name, seed)
            assert len(cases.fresh) == len(cases.known)


def test_each_submission_has_its_own_cases():
    exercise = CODE["softmax"]
    drawn = {grade.draw(exercise, 1, own).fresh[0].cases[0]["z2"].tobytes() for own in range(50)}
    assert len(drawn) == 50
    known = {group.cases[0]["z2"].tobytes() for v in range(VARIANTS) for group in exercise.groups(v) if not group.when}
    assert not drawn & known


def junk(exercise: CodeExercise) -> dict[str, str]:
    """Every constant and every argument, as they are and dressed up a little."""
    given = ", ".join(exercise.inputs)
    results = len(exercise.results)
    several = results > 1
    values = ["0", "1", "-1", "0.5", "float('nan')", "[]", "np.zeros((5, 6))", "np.ones((3, 6))"]
    for name in exercise.inputs:
        values += [name, f"0 * {name} + 1"]
        if not several or WHOLE:  # else nearly all have the wrong shape
            values += [f"-{name}", f"2 * {name}", f"0 * {name}", f"np.sum({name})"]
            values += [f"np.transpose({name})", f"{name} / 6", f"np.zeros_like({name})"]
    shown = {value: f"({', '.join([value] * results)})" if several else value for value in values}
    return {value: f"def {exercise.name}({given}):\n    return {text}" for value, text in shown.items()}


@pytest.mark.parametrize("name", CODE)
def test_constants_and_arguments_earn_nothing(name: str, tmp_path: Path):
    made = junk(CODE[name])
    got = graded(
        hand_in(tmp_path, {f"j{number}": answers({name: text}) for number, text in enumerate(made.values())}), 5
    )
    earned = {value: got[f"j{number}"].total for number, value in enumerate(made) if got[f"j{number}"].total}
    assert earned == {}


def test_by_hand_no_constant_is_right_for_many():
    """A fixed answer to what is drawn is right for as few as chance gives."""
    students = [student_seed(f"student {number}") for number in range(200)]
    for exercise in (find_in_output, find_in_batch):
        for line in range(1, 8):
            right_for = sum(exercise.judge(line, seed).right for seed in students)
            assert 10 < right_for < 50, (exercise.name, line)


def test_by_hand_nothing_is_earned_by_what_is_given(tmp_path: Path):
    """The numbers that an exercise gives, handed back as they are or a little dressed up; and constants."""
    by_hand = {name: one for name, one in ASSIGNMENT.exercises.items() if isinstance(one, NumberExercise)}
    seed, made = student_seed("Ada"), []
    for name, exercise in by_hand.items():
        size = exercise.truth(seed).size
        given = [np.asarray(value, float) for value in exercise.case(seed).values()]
        arrays = [turned.ravel() for value in given if value.size == size for turned in (value, value.T, -value)]
        arrays += [*np.outer([0, 1, -1, 0.5], np.ones(size))]
        made += [(name, f"my_numbers = {array.tolist()}") for array in arrays]
    texts = {
        f"j{number}": notebook([{"source": "student = 'Ada'"}, {"id": name, "source": text}])
        for number, (name, text) in enumerate(made)
    }
    got = graded(hand_in(tmp_path, texts), 5)
    assert len(got) > 12
    assert {made[int(name[1:])]: result.total for name, result in got.items() if result.total} == {}


def test_statements_say_what_is_true():
    """Each right line is right and each wrong one wrong, by numbers, on networks drawn at random."""
    rng = np.random.default_rng(0)
    for exercise, N in ((find_in_output, 1), (find_in_batch, 6)):
        case = fixtures.network(rng, (4, 5, 3, N))
        space: dict[str, Any] = {"np": np, **case, "N": N, "rate": 0.3}
        for statement in exercise.statements:
            right_value = eval(statement.right, space)
            space[statement.left] = right_value
            for wrong, why in statement.wrong:
                assert why.endswith(".")
                value = np.asarray(eval(wrong, space))
                same = value.shape == np.shape(right_value) and np.allclose(value, right_value)
                assert not same, (exercise.name, wrong)
        if N == 1:
            assert np.allclose(space["dL_dz2"], space["dA2_dz2"].T @ space["dL_dA2"])
            numeric = slope(lambda z2, y=case["y"]: -(y * np.log(np.exp(z2) / np.exp(z2).sum())).sum(), case["z2"])
            assert np.allclose(space["dL_dz2"], numeric, atol=1e-6)
        else:

            def loss(w1: Any, case: Any = case) -> float:
                z2 = case["w2"] @ np.maximum(w1 @ case["X"] + case["b1"], 0) + case["b2"]
                return float(-(case["y"] * (z2 - np.log(np.exp(z2).sum(axis=0)))).sum() / z2.shape[1])

            assert np.allclose(space["dw1"], slope(loss, case["w1"]), atol=1e-6)


def slope(f: Any, x: Any) -> Any:
    """df/dx by central differences."""
    found = np.zeros_like(x)
    for place in np.ndindex(x.shape):
        up, down = x.copy(), x.copy()
        up[place] += 1e-6
        down[place] -= 1e-6
        found[place] = (f(up) - f(down)) / 2e-6
    return found


def test_transfer_questions_ask_for_derivatives():
    """The model answers of what no lesson shows, against finite differences."""
    rng = np.random.default_rng(3)
    case = next(fixtures.networks(rng, (4, 5, 3, 6)))
    T, c, v = 2.5, 0.2, rng.normal(0, 1, (3, 4))

    def loss(z2: Any) -> float:
        return float(-(case["y"] * (z2 - np.log(np.exp(z2).sum(axis=0)))).sum() / z2.shape[1])

    reference = {name: CODE[name].reference for name in ("tempered_delta", "leaky_delta", "skip_gradients")}
    assert np.allclose(
        reference["tempered_delta"](case["z2"], case["y"], T), slope(lambda z: loss(z / T), case["z2"]), atol=1e-7
    )

    def leaky(z1: Any) -> float:
        return loss(case["w2"] @ np.where(z1 >= 0, z1, c * z1) + case["b2"])

    dA1 = slope(lambda A1: loss(case["w2"] @ A1 + case["b2"]), np.where(case["z1"] >= 0, case["z1"], c * case["z1"]))
    assert np.allclose(reference["leaky_delta"](dA1, case["z1"], c), slope(leaky, case["z1"]), atol=1e-7)

    def skip(X: Any, v: Any = v) -> float:
        return loss(case["w2"] @ np.maximum(case["w1"] @ X + case["b1"], 0) + v @ X + case["b2"])

    z1 = case["w1"] @ case["X"] + case["b1"]
    delta2 = slope(loss, case["w2"] @ np.maximum(z1, 0) + v @ case["X"] + case["b2"])
    delta1 = (case["w2"].T @ delta2) * (z1 >= 0)
    dv, dX = reference["skip_gradients"](delta1, delta2, case["w1"], case["X"], v)
    assert np.allclose(dv, slope(lambda w: skip(case["X"], w), v), atol=1e-7)
    assert np.allclose(dX, slope(skip, case["X"]), atol=1e-7)


def test_check_asks_for_the_name_and_does_not_tell_which_line():
    check, given = for_student("")
    for name in ("gate_by_hand", "find_in_output"):
        assert check(name, [1, 2, 3, 4]).kind == "cannot check"
        assert "name" in repr(given(name))
    check, given = for_student("Ada")
    assert check("gate_by_hand", [1, 2, 3, 4]).kind in ("wrong", "located", "slip", "right")
    said = {check("find_in_output", line).message.replace(str(line), "#") for line in range(1, 8)}
    assert len(said) == 1
    assert {check("find_in_output", line).kind for line in range(1, 8)} == {"cannot check"}


# --- what an exception can carry out --------------------------------------------------------------------

LEAKS = {
    "letters for digits": 'raise ValueError("".join(chr(97 + int(d)) for d in str(abs(z1.flat[0]))[2:9]))',
    "a class": 'raise type("E" + str(abs(z1.flat[0]))[2:9], (Exception,), {})()',
    "an assertion": "assert False, ('y', np.round(z1, 1).tolist())",
    "a name": "globals()['x' + str(abs(z1.flat[0]))[2:9]]",
    "a module": "__import__('m' + str(abs(z1.flat[0]))[2:9])",
    "an attribute": "getattr(z1, 'a' + str(abs(z1.flat[0]))[2:9])",
    "an index": "z1[int(1e6 * abs(z1.flat[0]))]",
    "numpy's own words": 'raise ValueError(f"operands could not be broadcast together with shapes ({z1.flat[0]},)")',
    "a part of the code": 'x = "abcdefghij"\n    raise ValueError(x[int(10 * abs(z1.flat[0])) % 7:][:3])',
    "one of many texts": 'T = ["aa", "bb", "cc", "dd"]\n    raise ValueError(T[int(100 * abs(z1.flat[0])) % 4])',
}  # fmt: skip


def test_an_exceptions_text_carries_nothing_out(tmp_path: Path):
    """The same submission, on other cases, has the same words: nothing of a case is in them."""
    texts = {name: answers({"relu": f"def relu(z1):\n    {code}"}) for name, code in LEAKS.items()}
    folder = hand_in(tmp_path, texts)
    first, second = graded(folder, 1), graded(folder, 2)
    for name in LEAKS:
        one, other = (got[name].marks["relu"].verdict for got in (first, second))
        assert one.kind == "raised", name
        assert (one.message, one.facts, one.details) == (other.message, other.facts, other.details), name


def test_an_error_is_told_as_python_tells_it():
    code = "def f(z1):\n    y = helper(z1)\n    raise ValueError('too small')"
    for kind, text, said in (
        ("NameError", "name 'helper' is not defined", "name 'helper' is not defined"),
        ("NameError", "name 'x8123' is not defined", ""),
        ("ModuleNotFoundError", "No module named 'scipy'", ""),
        ("ValueError", "operands could not be broadcast together with shapes (5,6) (3,6) ",
         "operands could not be broadcast together with shapes"),
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'",
         "unsupported operand type(s) for this operator: 'int' and 'str'"),
        ("IndexError", "index 7 is out of bounds for axis 0 with size 5",
         "index # is out of bounds for axis # with size #"),
        ("ValueError", "too small", "too small"),
        ("Own", "too small", "too small"),
        ("ValueError", "small", ""),
    ):  # fmt: skip
        error = safe_error(kind, text, 3, code, code)
        assert (type(error).__name__, str(error)) == (kind if kind != "Own" else "Error", said)


# --- names ----------------------------------------------------------------------------------------------


def test_names_are_compared_loosely():
    for typed, handed_in in (
        ("Ada Lovelace", "LOVELACE, Ada"), ("Ada Lovelace", "lovelaceada"), ("Ada Lovelace", "alovelace"),
        ("Seán O'Brien", "Sean OBrien"), ("Seán O\u2019Brien", "O Brien Sean"), ("Jürgen Groß", "ju\u0308rgen gross"),
        ("Jürgen Groß", "Juergen Gross"), ("王小明", "王小明"), ("\uff21\uff24\uff21 Lovelace", "ada lovelace"),
    ):  # fmt: skip
        assert may_be_same(typed, handed_in), (typed, handed_in)
    assert not may_be_same("Ada Lovelace", "Charles Babbage")
    assert may_be_same("Ada Lovelace", "Participant 1001"), "blind grading stays blind"
    assert not may_be_same("---", "Ada Lovelace"), "no name, and the same numbers for all who type none"
    assert not may_be_same("王小明", "李雷")


def test_a_seed_is_the_persons_however_the_name_is_written():
    for name, other in (("Ada Lovelace", "lovelace, ADA "), ("Seán O'Brien", "Sean O\u2019Brien"),
                        ("Jürgen", "ju\u0308rgen")):  # fmt: skip
        assert student_seed(name) == student_seed(other)
    assert student_seed("s123") != student_seed("s321")
    assert student_seed("student 12") != student_seed("student 21")


def test_two_with_the_same_numbers_are_a_remark():
    """However differently they typed what numbers are drawn with, and only then."""
    typed = {"A": "Ada Smith", "B": "smith, ADA", "C": "student 1", "D": "student 2", "E": "--", "F": "?!"}
    listed = [(Submission(name, name, ""), Result(name, name, "graded", typed=text)) for name, text in typed.items()]
    remarked = [final.name for final in finals(listed, ASSIGNMENT, Roster(), {})[0] if final.result.remarks]
    assert remarked == ["A", "B", "E", "F"]


def test_no_part_of_a_files_name_is_an_identity(tmp_path: Path):
    """Five who type "assignment" or "file" have one set of numbers, and the instructor is told."""
    shared = {n: t for n, t in right("file").items() if ASSIGNMENT.exercises[n].kind == "number"}
    cells = [{"source": "student = 'file'"}, *({"id": name, "source": text} for name, text in shared.items())]
    names = [f"Person {letter}_100{n}_assignsubmission_file_" for n, letter in enumerate("ABCDE")]
    for name in names:
        hand_in(tmp_path / name, {"assignment": notebook(cells)})
    got = graded(tmp_path, 1)
    assert set(got) == {f"Person {letter}" for letter in "ABCDE"}
    assert all(any("the notebook says file" in remark for remark in result.remarks) for result in got.values())
    assert functions()  # what is left of the work is each one's own
