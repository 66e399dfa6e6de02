"""Answers written without the catalogue in mind: wrong ones are named or located, right ones accepted."""

import pytest
from diagnosis import answer, known, public, styles, verdict

from mlpcourse.exercises import locate
from mlpcourse.exercises.harmless import definition, is_harmless

KNOWN = [*known.FALSELY_NAMED, *known.IN_PART, *known.NAMELESS, *known.RAISED]
RIGHT = [*known.RIGHT_BUT_REFUSED, *styles.RIGHT]


def drawn(entries):
    """Each entry at one of the draws used for learners, all draws in turn."""
    return pytest.mark.parametrize(
        ("entry", "seed"),
        [pytest.param(entry, n % 8, id=f"{entry[0]}: {entry[1]}") for n, entry in enumerate(entries)],
    )


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """The number of changes tried is what bounds the search here, and not how busy this machine is."""
    monkeypatch.setattr(locate, "SECONDS", 60)
    monkeypatch.setattr(locate, "EDITS", 1000)


# Nothing in these is near the answer: a constant, another algorithm, two mistakes in one line. They get true facts.
FACTS_ONLY = {
    ("mend_H20", "1"), ("mend_H18", "0"), ("softmax", "1/len"), ("grad_b2", "zeros"), ("grad_b2", "delta2 @ delta2.T"),
    ("one_hot", "one vector for all"), ("one_hot", "np.arrange"), ("hidden_delta", "if z > 0"),
    ("cross_entropy", "np.dot(log p, -y)"), ("numerical_gradient", "f of the entry alone"),
    ("output_delta", "labels on rows"), ("output_delta_one", "float index"), ("backward", "w1 for w2"),
    ("backward", "label smoothing"), ("relu", "max of a row"),
    ("one_hot", "first label only"), ("grad_w2", "tensordot over rows"),
    ("numerical_gradient", "no copy"), ("mend_H15", "one k"), ("mend_H30", "gate on X"), ("mend_H30", "as printed"),
}  # fmt: skip


@drawn([*KNOWN, *public.WRONG])
def test_a_wrong_answer_is_named_or_located(entry, seed):
    said = verdict(entry[0], entry[2], seed)
    assert not said.right
    named_or_located = said.slip is not None or said.kind == "located"
    assert named_or_located or (entry[0], entry[1]) in FACTS_ONLY, said
    assert said.slip or said.facts or said.details or said.message


def test_most_of_them_are_named_or_located():
    assert len(FACTS_ONLY & {entry[:2] for entry in public.WRONG}) <= 0.05 * len(public.WRONG)


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
        "seen[0] = 1", "import os", "exec('1')", "z1.tofile('x')", "while True: pass", "np.seterr(all='raise')",
    ],
)  # fmt: skip
def test_nothing_is_searched_in_code_with_effects(body):
    function = answer("relu", f"#!\nseen = [0]\ndef relu(z1):\n    {body}\n    return 3 * z1")
    assert not is_harmless(definition(function), function.__globals__)
