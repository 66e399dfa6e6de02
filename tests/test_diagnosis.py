"""Answers written without the catalogue in mind: wrong ones are named or located, right ones accepted."""

import ast
import textwrap

import numpy as np
import pytest
from answers import written
from diagnosis import PARTS, answer, further, known, public, styles, verdict

from mlpcourse.exercises import EXERCISES, graph, locate, trials
from mlpcourse.exercises.harmless import definition, is_harmless
from mlpcourse.exercises.judging import suspects
from mlpcourse.exercises.statements import TICK, Body, Ticks, TooLong, with_ticks
from mlpcourse.exercises.trials import true_results
from mlpcourse.exercises.wrong_lines import wrong_lines

KNOWN = [*known.FALSELY_NAMED, *known.IN_PART, *known.NAMELESS, *known.RAISED]
RIGHT = [*known.RIGHT_BUT_REFUSED, *styles.RIGHT]


def drawn(entries):
    """Each entry at one of the draws used for learners, all draws in turn."""
    return pytest.mark.parametrize(
        ("entry", "seed"),
        [pytest.param(entry, n % 8, id=f"{entry[0]}: {entry[1]}") for n, entry in enumerate(entries)],
    )


@pytest.fixture(autouse=True)
def bounded_search(monkeypatch):
    """The number of changes that are tried bounds the search here, since its time does not."""
    monkeypatch.setattr(locate, "EDITS", 1000)


# Nothing in these is near the answer: a constant, another algorithm, two mistakes in one line. They get true facts.
FACTS_ONLY = {
    ("output_delta", "labels on rows"), ("relu", "max of a row"), ("one_hot", "first label only"),
    ("mend_H30", "gate on X"), ("softmax", "exp of normalised"), ("one_hot", "smoothed"),
    ("hidden_signal", "only the largest weight"), ("mend_H10", "two paths only"),
}  # fmt: skip


WRONG = [*public.WRONG, *further.FURTHER]


@drawn([*KNOWN, *WRONG])
def test_a_wrong_answer_is_named_or_located(entry, seed):
    said = verdict(entry[0], entry[2], seed)
    assert not said.right
    named_or_located = said.slip is not None or said.kind == "located"
    assert named_or_located or (entry[0], entry[1]) in FACTS_ONLY, said
    assert said.slip or said.facts or said.details or said.message


def test_most_of_them_are_named_or_located():
    assert len(FACTS_ONLY & {entry[:2] for entry in WRONG}) <= 0.03 * len(WRONG)


@drawn(RIGHT)
def test_a_right_answer_is_accepted(entry, seed):
    said = verdict(entry[0], entry[2], seed)
    assert said.right, said


@pytest.mark.parametrize("entry", [entry for entry in public.WRONG if entry[0] == "grad_b2"], ids=lambda e: e[1])
def test_a_located_change_makes_it_right(entry):
    """The change is a witness: written into the answer, every draw accepts it."""
    said = verdict(entry[0], entry[2], 0)
    if said.kind == "located":
        line = said.change.split("write `")[1].rsplit("`", 1)[0]
        lines = entry[2].split("\n")
        lines[int(said.message.split(":")[0].split()[-1]) - 2] = line
        assert all(verdict(entry[0], "\n".join(lines), seed).right for seed in range(8))


@pytest.mark.parametrize(
    "body",
    [
        "print(open('x').read())", "global K; K = 1", "seen.append(1)", "np.save('x', z1)", "np.random.seed(0)",
        "seen[0] = 1", "import os", "exec('1')", "z1.tofile('x')", "endless()", "np.seterr(all='raise')",
    ],
)  # fmt: skip
def test_nothing_is_searched_in_code_with_effects(body):
    before = "seen = [0]\ndef endless():\n    while seen:\n        pass"
    function = answer("relu", f"#!\n{before}\ndef relu(z1):\n    {body}\n    return 3 * z1")
    assert not is_harmless(definition(function), function.__globals__)


def test_lines_are_told_where_several_need_another_value():
    said = verdict(
        "backward",
        "FORWARD\nD2 = (A2 - y) ** 3 / X.shape[1]\ndelta2 = np.tanh(D2) + 1\ndw2 = delta2 @ A1.T\n"
        "db2 = delta2.sum(axis=1, keepdims=True)\ndelta1 = np.cos(z1) * 3 + w2.T @ delta2\ndw1 = delta1 @ X.T\n"
        "db1 = delta1.sum(axis=1, keepdims=True)\nreturn dw1, db1, dw2, db2",
        0,
    )
    assert said.kind == "located"
    assert "Lines 8 and 11: with a change in each, everything is right." in said.message
    assert "`delta1` has to be `dA1 * (z1 >= 0)`" in said.change


def test_one_line_is_told_with_what_is_wrong_about_its_value(monkeypatch):
    monkeypatch.setattr(locate, "grafts", lambda *_: [])  # with the course's own parts there is a change that helps
    body = "FORWARD\ndZ2 = np.tanh(A2 - y) + 1\nGRADIENTS\nreturn dw1, db1, dw2, db2"
    rest = PARTS["GRADIENTS"].split("\n", 1)[1].replace("delta2", "dZ2")
    said = verdict("backward", body.replace("GRADIENTS", rest), 0)
    assert said.kind == "located"
    assert said.message.startswith("Line 7: with one change there, everything is right. Look at `dZ2`")
    assert any(fact.startswith("`dZ2` there: ") for fact in said.facts)


def test_a_name_that_fits_by_chance_is_not_said():
    """No z1 of the cases lies within a tenth of 0, so that rounding does not show on them."""
    assert verdict("mend_H28", "return np.round(z1, 1) >= 0", 1).slip is None
    assert verdict("mend_H28", "return z1 >= 0", 1).slip == "gate_only"


def test_changing_a_loop_does_not_make_it_endless():
    """Without its last line the loop would never end; with a bound on its passes other changes are tried."""
    loop = "while i < len(z1):\n    A1[i] = np.minimum(z1[i], 0)\n    i += 1"
    said = verdict("relu", f"A1 = z1.copy()\ni = 0\n{loop}\nreturn A1", 0)
    assert said.slip or said.kind == "located"
    tree = with_ticks(ast.parse("def f():\n    while True:\n        pass").body[0])
    space = {TICK: Ticks()}
    exec(compile(ast.Module([tree], []), "loop", "exec"), space)
    with pytest.raises(TooLong):
        space["f"]()


def test_a_slow_function_is_not_called_for_long(monkeypatch):
    """Each call takes a tenth of a second: a name is tried on further draws until it has taken too long."""
    monkeypatch.setattr(trials, "SECONDS", 0.05)
    source = (
        "#!\nimport time\ncalls = []\ndef relu(z1):\n    calls.append(1)\n    time.sleep(0.1)\n    return np.abs(z1)"
    )
    function = answer("relu", source)
    assert EXERCISES["relu"].judge(function, 0).slip == "relu_absolute"
    assert len(function.__globals__["calls"]) <= len(EXERCISES["relu"].calls(0)) + 1


def in_turn(*names):
    """A step in which each parameter has its line, and each line computes the gradients anew."""
    lines = [f"{name} -= learning_rate * backward(w1, b1, w2, b2, X, y)[{PARAMS.index(name)}]" for name in names]
    copies = "w1, b1, w2, b2 = w1.copy(), b1.copy(), w2.copy(), b2.copy()"
    return "\n".join([copies, *lines, "return w1, b1, w2, b2"])


def decayed(added):
    """A step on a loss with decay, where this is added to the gradients of the weights."""
    w1, w2 = (f"{w} - learning_rate * (d{w} + {added.format(w)})" for w in ("w1", "w2"))
    rest = f"return {w1}, b1 - learning_rate * db1, {w2}, b2 - learning_rate * db2"
    return f"dw1, db1, dw2, db2 = backward(w1, b1, w2, b2, X, y)\n{rest}"


PARAMS = ("w1", "b1", "w2", "b2")
MET = [
    (
        "training_step",
        in_turn("w1", "b1", "w2", "b2"),
        "gradient_after_a_change",
        "The new b1, the new w2 and the new b2: ",
    ),
    (
        "training_step",
        in_turn("w2", "b2", "w1", "b1"),
        "gradient_after_a_change",
        "The new w1, the new b1 and the new b2: ",
    ),
    ("training_step_decay", decayed("decay / 2 * {}**2"), "decay_not_differentiated", "The new w1 and the new w2: "),
    ("training_step_decay", decayed("decay / 2 * {}"), "decay_doubled_or_halved", "The new w1 and the new w2: "),
    (
        "training_step_decay",
        "w1, b1, w2, b2 = (p - learning_rate * d for p, d in zip((w1, b1, w2, b2), backward(w1, b1, w2, "
        "b2, X, y)))\nk = 1 - learning_rate * decay\nreturn k * w1, b1, k * w2, b2",
        "decay_after_the_step",
        "The new w1 and",
    ),
    (
        "mend_H16",
        "return A2[k] * (1 - A2[i])",
        "diagonal_formula_everywhere",
        "The diagonal's formula stands everywhere",
    ),
    ("mend_H16", "return -A2[k] * A2[i]", "jacobian_product_only", "The diagonal term is missing"),
    ("mend_H10", "return -y[i] * np.log(A2[i])", "loss_for_error", "The error is the loss itself"),
    ("output_delta", "return A2 * (-y / A2 + y.sum())", "jacobian_summed_over_batch", "The sum in the softmax's"),
    ("tanh_hidden_delta", "return A1 * (1 - dA1**2)", "dA1_and_A1_exchanged", "`dA1` and `A1` have changed places"),
    ("mend_H10", "return A2[i] - 1", "every_class_true", "Every class is treated as the true one: it is A2 - 1"),
    ("hidden_delta_of_three", "return w2.T @ w3.T @ delta3", "gates_of_a_layer_left_out", "The gates of both"),
    (
        "cross_entropy",
        "p = np.exp(z2) / np.exp(z2).sum(axis=0)\nreturn (y * p).sum(axis=0)",
        "logarithm_left_out",
        "It is the probability of the true class",
    ),
    ("relu", "return np.where(z1 > 0, z1, np.exp(z1) - 1)", "smooth_relu", "A smooth relative of ReLU"),
    ("mend_H32", "return delta2", "delta2_for_delta1", "`delta2` stands where `delta1` belongs"),
    ("mend_H11", "return -y_i / A_i", "H11_softmax_missing", "dL/dA_2i alone came back"),
    (
        "training_step_decay",
        decayed("decay"),
        "decay_not_by_weight",
        "The new w1 and the new w2: decay is added",
    ),
    ("smoothed_output_delta", "return (1 - eps) * (A2 - y) / y.shape[1]", "error_scaled_by_eps", "The whole error"),
    ("softmax", "return 1/1+np.exp(-z2)", "sigmoid_without_bracket", "It is the sigmoid, and its bracket is lost"),
    ("softmax", "return z2 / np.linalg.norm(z2, axis=0)", "scaled_without_exponential", "The logits are scaled"),
    (
        "softmax_jacobian",
        "e = np.exp(z2 - z2.max())\nA2 = e / e.sum()\nreturn A2 * np.eye(len(A2)) - A2.T",
        "bracket_lost",
        "The second term has one probability as its factor",
    ),
    (
        "numerical_gradient",
        "g = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    old = x[i]\n    x[i] = old + 1e-4\n    up = f(x)\n"
        "    x[i] = old - 1e-4\n    g[i] = (up - f(x)) / 2e-4\nreturn g",
        "not_put_back",
        "An entry is not put back",
    ),
    (
        "numerical_gradient",
        "g = np.zeros(x.shape)\nfor i in np.ndindex(x.shape):\n    up, down = x, x\n    up[i] += 1e-5\n"
        "    down[i] -= 1e-5\n    g[i] = (f(up) - f(down)) / 2e-5\nreturn g",
        "points_the_same",
        "Every slope is 0, as if both points were the same",
    ),
]


@pytest.mark.parametrize(("exercise", "body", "slip", "said"), MET, ids=[f"{one[0]}: {one[2]}" for one in MET])
def test_what_readers_met_without_a_name_has_one(exercise, body, slip, said, monkeypatch):
    monkeypatch.setattr(locate, "EDITS", 0)  # a name needs no change that helps
    head = f"def {exercise}({', '.join(EXERCISES[exercise].inputs)}):\n"
    function = written(head + textwrap.indent(body, "    "), exercise, backward=EXERCISES["backward"].reference)
    for seed in range(3):
        found = EXERCISES[exercise].judge(function, seed)
        assert found.slip == slip
        assert found.message.startswith(said)
        assert "w2_decayed" not in found.message


def test_a_bias_that_only_seems_unchanged_is_not_called_so():
    """A sum of delta2 over everything is 0, as 1 - 1 is: the step is taken, and from the wrong numbers."""

    def step(db1):
        update = PARTS["UPDATE"].replace("learning_rate * db1", f"learning_rate * {db1}")
        return verdict("training_step", f"FORWARD\nGRADIENTS\n{update}", 0).slip

    assert step("db2.mean()") is None
    assert step("0") == "not_updated"


def test_a_step_that_is_not_taken_is_no_array_in_the_place_of_another():
    """With y for A2 the error would be 0 as well, and with it every gradient."""
    kept = "w{0} - learning_rate * decay * w{0}"
    body = f"return {kept.format(1)}, b1, {kept.format(2)}, b2"
    found = verdict("training_step_decay", body, 0)
    assert {found.slip, *found.also} == {"only_decay_left", "not_updated"}


# A bracket that is lost, a sign for another, an index that stays behind, the same change in two lines, labels as rows.
PLACES = [
    ("mend_H11", "ANSWER = '-y_i / A_i * A_i * S - e_i / S'", "Where do the brackets belong?"),
    ("mend_H10", "ANSWER = 'sum(-y[i] / A2[k] * A2[k] * ((i == k) - A2[i]) for k in range(len(y)))'", "Is `i` what"),
    ("mend_H20", "ANSWER = 't * i'", "or whether two numbers are equal?"),
    ("mend_H30", "ANSWER = '((w2.T @ delta2) @ X.T) * (X.T >= 0)'", "Of which number is the sign asked?"),
    ("tanh_hidden_delta", "return dA1 * (1 - A1) ** 2", "Where do the brackets belong?"),
    ("relu", "return np.where(z1 > z1.mean(), z1, 0)", "With which number is it compared?"),
    (
        "output_delta",
        "d = A2.copy()\nlabels = y.argmax(axis=0)\nd[labels] -= 1\nreturn d / y.shape[1]",
        "which column?",
    ),
    ("hidden_delta_of_three", "delta2 = (w3 @ delta3) * (z2 > 0)\nreturn (w2 @ delta2) * (z1 > 0)", "to be turned?"),
    (
        "training_step_decay",
        "FORWARD\nGRADIENTS\nN = X.shape[1]\nreturn w1 - learning_rate * (dw1 + decay * w1 / N), b1 - "
        "learning_rate * db1, w2 - learning_rate * (dw2 + decay * w2 / N), b2 - learning_rate * db2",
        "Are both parts of it",
    ),
    ("hidden_delta", "return np.where(z1 > 0, 1, dA1)", "For which entries should it be true?"),
    ("mend_H11", "ANSWER = '-1 * (1 - A_i)'", "Is it 1 every time?"),
    # names exchanged, the same sign twice, two calls exchanged, a number for a name, a sign on top, one expression
    ("mend_H11", "ANSWER = '-y_i * (e_i - S) / e_i'", "Do `e_i` and `S` stand in the right places?"),
    (
        "hidden_delta_of_three",
        "delta2 = (w3.T @ delta3) * (z2 < 0)\nreturn (w2.T @ delta2) * (z1 < 0)",
        "For which entries should it be true?",
    ),
    ("cross_entropy", "return np.log(np.exp(z2)).sum(axis=0) - (y * z2).sum(axis=0)", "What comes first, `log` or"),
    ("smoothed_output_delta", "return (A2 - (1 - eps) * y - 1.0 / len(y)) / y.shape[1]", "Is it 1 every time?"),
    ("mend_H12", "ANSWER = '-y_i * A_i'", "What belongs in the place of this?"),
    ("mend_H12", "ANSWER = '-y_k / A_k * A_i'", "What belongs in the place of this?"),
    ("output_delta", "return (A2 - y) / np.linalg.norm(A2 - y)", "What belongs in the place of this?"),
    (
        "softmax",
        "z2 = z2 - z2.max(axis=0)\nfor k in range(len(z2)):\n"
        "    z2[k] = np.exp(z2[k]) / np.exp(z2).sum(axis=0)\nreturn z2",
        "Which values of `z2` does each pass need",
    ),
    ("accuracy", "FORWARD\nreturn np.mean(abs(A2.argmax(axis=0) - y.argmax(axis=0)))", "two numbers are equal?"),
    # what comes out right everywhere goes before what does so on ordinary numbers; a 1 too many is left out
    ("softmax", "e = np.exp(z2) - z2.max(axis=0)\nreturn e / e.sum(axis=0)", "What stands inside the bracket"),
    ("mend_H20", "ANSWER = '1 if t == i + 1 else 0'", "Are both parts of it needed?"),
    # the same name twice in a loop; what is computed before the end, not the whole of what is returned
    (
        "softmax_jacobian",
        "e = np.exp(z2 - z2.max())\np = e / e.sum()\nK = len(p)\nJ = np.zeros((K, K))\nfor i in range(K):\n"
        "    for j in range(K):\n        if i == j:\n            J[i, j] = p[i, 0] * (1 - z2[i, 0])\n"
        "        else:\n            J[i, j] = -p[i, 0] * z2[j, 0]\nreturn J",
        "Is `z2` what belongs here?",
    ),
    (
        "smoothed_output_delta",
        "K, N = y.shape\nsmooth = np.where(y == 1, 1 - eps, (1 - eps) / K)\nreturn (A2 - smooth) / N",
        "`np.where(y == 1, 1 - eps, (1 - eps) / K)`",
    ),
    # a divisor too many twice is not made up for by a factor; what is left out goes before what is put in its place
    (
        "hidden_delta_of_three",
        "N = z1.shape[1]\nd2 = (w3.T @ delta3) * (z2 >= 0) / N\nreturn (w2.T @ d2) * (z1 >= 0) / N",
        "Lines 3 and 4",
    ),
    (
        "cross_entropy",
        "s = z2 - z2.max(axis=0)\nlp = s - np.log(np.exp(s).sum(axis=0))\nreturn -(y * lp).max(axis=0)",
        "Is `max` the function",
    ),
    ("grad_b1_one", "return delta1 * (delta1 > 0)", "Are both parts of it needed?"),
    ("tanh_hidden_delta", "return dA1 * np.sqrt(1 - A1**2)", "Is `sqrt` needed here?"),
    (
        "backward",
        "FORWARD\nd2 = (A2 - y) / y.shape[1]\nd1 = (w2.T @ d2) * (z1 > 0)\nreturn d1 @ X.T + 0.1 * w1, "
        "d1.sum(1, keepdims=True), d2 @ A1.T + 0.1 * w2, d2.sum(1, keepdims=True)",
        "Are both parts of it needed?",
    ),
    # one result has no order, and a class is counted in a number as small as 2
    (
        "softmax_jacobian",
        "e = np.exp(z2 - z2.max())\np = e / e.sum()\nJ = np.diagflat(p) - p @ p.T\nreturn J @ np.ones((len(p), 1))",
        "Which value is asked for?",
    ),
    ("smoothed_output_delta", "return (A2 - (1 - eps) * y - eps / 2) / y.shape[1]", "What does this count"),
    # the indicator of a formula and the types beside a function's names are no reason not to look
    ("mend_H10", "ANSWER = 'sum_k -y_i / A2_k * A2_k * (I(i = k) - A2_i)'", "Look at `y[i]` in"),
    (
        "output_delta",
        "def output_delta(A2: np.ndarray, y: np.ndarray) -> np.ndarray:\n    return (A2 - y) * y.shape[1]",
        "Which operation belongs",
    ),
    # two changes that meet by chance say less than one
    (
        "mend_H10",
        "ANSWER = 'sum(-y[k] * np.log(A2[k]) * A2[k] * ((i == k) - A2[i]) for k in range(len(y)))'",
        "What belongs in the place of this?",
    ),
]


@pytest.mark.parametrize(("exercise", "body", "asked"), PLACES, ids=[f"{one[0]}: {one[2]}" for one in PLACES])
def test_a_kind_of_change_is_found_and_asked_for(exercise, body, asked):
    said = verdict(exercise, body, 1)
    assert said.kind == "located", said
    assert asked in f"{said.message} {said.question}"


def test_the_same_change_in_two_lines_is_told_line_by_line():
    said = verdict("softmax", "e = np.exp(z2 - z2.max(axis=1))\nreturn e / e.sum(axis=1)", 0)
    assert said.change == (
        "In line 2, write `e = np.exp(z2 - z2.max(axis=0))`; in line 3, write `return e / e.sum(axis=0)`."
    )


def test_what_is_said_of_a_slip_is_true_of_every_way_to_make_it():
    """Nothing of a loop where there is none, of the smallest logit where the mean is taken off."""
    first = verdict("grad_b2", "return delta2[:, [0]]", 0)
    assert (first.slip, "loop" in first.question) == ("one_example_only", False)
    early = "y = np.zeros((K, len(labels)))\nfor n, t in enumerate(labels):\n    y[t, n] = 1\n    return y"
    assert "ended" not in verdict("one_hot", early, 0).question
    mean = verdict("softmax", "e = np.exp(z2 - z2.mean(axis=0))\nreturn e / e.sum(axis=0)", 0)
    assert (mean.slip, "min" in mean.latex) == ("shift_too_small", False)
    floor = "e = np.exp(z2 - z2.max(axis=0))\nreturn -(y * np.log(e / e.sum(axis=0) + 1e-6)).sum(axis=0)"
    assert [fact for fact in verdict("cross_entropy", floor, 0).facts if "one example" in fact] == []
    twice = dict(verdict("mend_H11", "ANSWER = '-y_i / A_i * e_i * (S - e_i) / S'", 0).details)
    assert "altogether" not in " ".join(twice.values())
    signed = "FORWARD\nGRADIENTS\nreturn {}, b1 - learning_rate * db1, {}, b2 - learning_rate * db2".format(
        *(f"w{n} - learning_rate * (dw{n} + decay * np.sign(w{n}))" for n in (1, 2))
    )
    pushed = verdict("training_step_decay", signed, 0)
    assert "decay times the weight's sign is added" in pushed.message
    assert "downwards" not in dict(pushed.details)["What it breaks"]


def test_what_python_reads_otherwise_than_it_is_meant_is_said():
    """A comparison without brackets meets `@`; one `=` is no comparison, unless a name for the result stands there."""
    said = verdict("mend_H30", "ANSWER = 'w2.T @ delta2 * z1 >= 0 @ X.T'", 1)
    assert (said.slip, "lack its brackets" in said.question) == ("number_in_a_product", True)
    assert "asked with `==`" in verdict("mend_H20", "ANSWER = 't = i'", 1).message
    assert "`delta1` is none of them" in verdict("mend_H30", "ANSWER = 'delta1 X^T'", 1).message
    assert verdict("mend_H20", "ANSWER = 'y_ti = 1 if t == i else 0'", 1).kind == "right"


def test_the_lines_of_one_example_in_a_batch_are_two_mistakes():
    """Each of the four gradients shows them in its own way: with a sum that is missing, 1/N too, or one of the two."""
    found = verdict("backward", "FORWARD\ndelta2 = A2 - y\ndelta1 = (w2.T @ delta2) * (z1 >= 0)\n"
                    "return delta1 @ X.T, delta1, delta2 @ A1.T, delta2", 0)  # fmt: skip
    assert found.message == "Two mistakes meet. The first to mend: dw1 and dw2: the division by N is missing."
    assert "Another one: db1 and db2: the sum over the examples is missing." in found.facts


def test_what_one_mistake_explains_is_not_told_with_three():
    """Beside the missing 1/N, that of the other layer would fit together with a mean that is taken twice."""
    found = verdict("backward", "FORWARD\ndelta2 = A2 - y\ndelta1 = (w2.T @ delta2) / X.shape[1]\n"
                    "return delta1 @ X.T, delta1.sum(axis=1, keepdims=True), delta2 @ A1.T, "
                    "delta2.sum(axis=1, keepdims=True)", 1)  # fmt: skip
    assert {found.slip, *found.also} <= {"mean_forgotten", "gate_never_closes"}


def test_one_mistake_is_told_of_every_result_that_has_it_however_late_it_is():
    """The time for looking goes into the one result that nothing explains, and the others are still tried."""
    exercise = EXERCISES["backward"]
    group = exercise.groups(0)[0]
    mine = [
        [
            value + 1 if name == "db1" else value * case["X"].shape[1]
            for name, value in zip(exercise.results, truth, strict=True)
        ]
        for case, truth in zip(group.cases, true_results(exercise, group), strict=True)
    ]
    found = suspects(exercise, group).several_mistakes(mine, range(len(exercise.results)), end=0.0)
    assert {exercise.results[result] for one in found for result in one.results} == set(exercise.results) - {"db1"}


def test_weights_that_are_changed_before_they_are_read_are_told_where_that_is_done():
    shrunk = (
        "".join(f"{w} = {w} * (1 - learning_rate * decay)\n" for w in ("w1", "w2")) + "FORWARD\nGRADIENTS\nreturn {}"
    )
    new = ", ".join(f"{name} - learning_rate * d{name}" for name in ("w1", "b1", "w2", "b2"))
    moved = verdict("training_step_decay", shrunk.format(new), 0)
    assert moved.message.startswith("Lines 2 and 3: with the same change in each, everything is right.")
    assert "has to be" not in moved.change
    assert "rounded" not in " ".join(moved.facts)
    in_place = shrunk.replace("w1 = w1 *", "w1 *=").replace("w2 = w2 *", "w2 *=").format(new)
    assert verdict("training_step_decay", in_place, 0).message.startswith("Lines 2 and 3: with the same change in")


def test_a_line_that_only_stands_in_a_loop_is_told_so():
    term = "-y[k] / A2[k] * A2[k] * ((i == k) - A2[i])"
    early = f"total = 0\nfor k in range(len(y)):\n    total += {term}\n    return total"
    said = verdict("mend_H10", early, 0)
    assert (said.kind, said.change) == ("located", "In line 5, that line stands in the loop: it has to stand after it.")


def test_of_a_change_that_is_repeated_only_what_is_needed_is_told():
    lengths = (
        "z = z2[:, 0]\ns = np.exp(z) / np.exp(z).sum()\nJ = np.zeros((len(z), len(z)))\nfor i in range(len(z)):\n"
        "    for j in range(len(z)):\n        if i == j:\n            J[i, j] = s[i] * (1 - z[i])\n"
        "        else:\n            J[i, j] = -s[i] * z[j]\nreturn J"
    )
    said = verdict("softmax_jacobian", lengths, 0)
    assert said.message.startswith("Lines 8 and 10:")
    assert "range" not in said.message + said.change


def test_an_argument_that_was_overwritten_is_not_told_as_a_wrong_line_after_it():
    tree = ast.parse("def f(w1, b1, X):\n    X = X * X\n    z1 = w1 @ X + b1\n    return z1").body[0]
    case = EXERCISES["backward"].groups(0)[0].cases[0]
    nodes = graph.every_node(case, ("z1",))
    body = Body(tree, {}, {name: case[name] for name in ("w1", "b1", "X")})
    assert wrong_lines(body, nodes, ("z1",), lambda value: np.allclose(value, nodes["z1"]), lambda lines: True) == []


def test_nothing_is_said_to_fit_where_it_raised():
    rows = "z1 = X @ w1 + b1\nA1 = np.maximum(z1, 0)\nz2 = A1 @ w2 + b2\nreturn z1, A1, z2, z2"
    for exercise, body in (("forward", rows), ("grad_w2_one", "return delta2 @ A1")):
        said = verdict(exercise, body, 0)
        assert said.kind == "raised"
        assert "is so by accident" not in dict(said.details)["What it breaks"]


def test_what_a_factor_depends_on_is_not_guessed():
    body = "p = np.exp((z2 - z2.max()) / T)\np /= p.sum()\nreturn (np.diagflat(p) - p @ p.T) / T ** 2"
    said = [fact for fact in verdict("softmax_jacobian_at", body, 0).facts if "same factor" in fact]
    assert len(said) == 1
    assert said[0].endswith(", another in other calls.")


def test_a_formula_of_one_example_is_said_to_be_one():
    said = verdict("output_delta", "return -y / A2 * A2 * (1 - A2) / y.shape[1]", 0)
    assert (said.slip, "one example" in said.latex) == ("one_path_only", True)
    turned = "FORWARD\nGRADIENTS\nreturn w1 + learning_rate * dw1, b1 + learning_rate * db1, "
    turned = verdict("training_step", f"{turned}w2 + learning_rate * dw2, b2 + learning_rate * db2", 0)
    assert (turned.slip, "one example" in turned.latex) == ("all_steps_uphill", False)
    assert "one example" not in verdict("output_delta_one", "return -y * (1 - A2)", 0).latex


def test_beside_a_place_no_question_asks_for_another_change():
    said = verdict("hidden_delta", "return dA1 @ (z1 > 0)", 0)
    assert said.change == "In line 2, write `return dA1 * (z1 > 0)`."
    assert "turned" not in " ".join(said.facts)


def test_labels_picked_without_an_axis_are_told_at_both_places():
    z = "z = z2 - z2.max(axis=0)\nlogp = z - np.log(np.exp(z).sum(axis=0))\n"
    said = verdict("cross_entropy", f"{z}t = np.argmax(y)\nreturn -logp[t].reshape(1, -1)", 0)
    assert said.message.startswith("Lines 4 and 5: with a change in each, everything is right. Look at `np.argmax(y)`")
