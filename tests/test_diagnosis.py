"""Answers written without the catalogue in mind: wrong ones are named or located, right ones accepted."""

import pytest
from diagnosis import known, verdict

from mlpcourse.exercises import locate

SEEDS = (0, 3)


@pytest.fixture(autouse=True)
def patient(monkeypatch):
    """The number of changes tried is what bounds the search here, and not how busy this machine is."""
    monkeypatch.setattr(locate, "SECONDS", 60)


def named_or_located(said):
    return said.slip is not None or said.kind == "located"


# Nothing in these is near the answer: a constant, another algorithm. They get facts, which are true.
FACTS_ONLY = {
    ("mend_H20", "1"), ("mend_H18", "0"), ("softmax", "1/len"), ("grad_b2", "zeros"), ("grad_b2", "delta2 @ delta2.T"),
    ("one_hot", "one vector for all"), ("one_hot", "np.arrange"), ("hidden_delta", "if z > 0"),
    ("cross_entropy", "np.dot(log p, -y)"), ("numerical_gradient", "f of the entry alone"),
    ("output_delta", "labels on rows"),
    ("output_delta_one", "float index"),
}  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "entry",
    [*known.FALSELY_NAMED, *known.IN_PART, *known.NAMELESS, *known.RAISED],
    ids=lambda entry: f"{entry[0]}: {entry[1]}",
)
def test_a_wrong_answer_is_named_or_located(entry, seed):
    said = verdict(entry[0], entry[2], seed)
    assert not said.right
    assert named_or_located(said) != ((entry[0], entry[1]) in FACTS_ONLY), said
    assert said.slip or said.facts or said.details


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("entry", known.RIGHT_BUT_REFUSED, ids=lambda entry: f"{entry[0]}: {entry[1]}")
def test_a_right_answer_is_accepted(entry, seed):
    assert verdict(entry[0], entry[2], seed).right
