"""Finding the slips of the handout: the key is complete, every false mark is told, nothing is right by luck."""

import re

import pytest

from mlpcourse.derivation.chain import claim
from mlpcourse.derivation.handout import HANDOUT_SLIPS, SECTIONS
from mlpcourse.derivation.typesetting import plain_tex
from mlpcourse.exercises import EXERCISES
from mlpcourse.exercises.find import FindExercise
from mlpcourse.exercises.lesson_11 import MENDED, REPLIES

FINDS = [exercise for exercise in EXERCISES.values() if isinstance(exercise, FindExercise)]
every_part = pytest.mark.parametrize("exercise", FINDS, ids=lambda exercise: exercise.name)

# The key as the lecturer's corrected copy has it, written down apart from the package.
KEY = {
    "index range": "H05 H10",
    "one path only": "H07 H09 H10 H24 H26 H32",
    "undefined index": "H11 H12 H13 H14 H15 H16",
    "lost factor": "H11",
    "swapped roles": "H11 H12 H13 H14",
    "missing sum": "H15",
    "wrong exponent index": "H18",
    "stray square": "H19",
    "indicator of label": "H13 H14 H15 H20",
    "index mismatch": "H08 H21 H24 H25 H26 H29 H30",
    "wrong weights": "H26 H28 H32",
    "one letter twice": "H10",
    "gate dropped": "H28 H30 H32",
    "order of factors": "H30",
}
CHOICE = {"kink": "H02 H27"}  # no mistake, and worth a mark
SHORTHAND = ["H02", "H04", "H22", "H23", "H31"]


def full_key(exercise: FindExercise) -> dict[str, list[str]]:
    return {line: kinds for line in exercise.part().lines if (kinds := [k for k, on in KEY.items() if line in on])}


def test_the_parts_are_the_whole_page():
    assert [line for exercise in FINDS for line in exercise.part().lines] == [
        line for section in SECTIONS.values() for line in section
    ]
    assert {*KEY, *CHOICE} == {slip.title for slip in HANDOUT_SLIPS.values()}


@every_part
def test_the_key_is_right(exercise: FindExercise):
    assert exercise.judge(full_key(exercise), 0).right


@every_part
def test_one_mark_a_line_is_enough_where_every_kind_is_found(exercise: FindExercise):
    seen: set[str] = set()
    marks = {}
    for line, kinds in full_key(exercise).items():
        marks[line] = [kind for kind in kinds if kind not in seen] or kinds[:1]
        seen |= set(kinds)
    assert exercise.judge(marks, 0).right


@every_part
def test_a_kind_that_is_missed_is_not_right(exercise: FindExercise):
    for left_out in {kind for kinds in full_key(exercise).values() for kind in kinds}:
        marks = {line: [kind for kind in kinds if kind != left_out] for line, kinds in full_key(exercise).items()}
        verdict = exercise.judge(marks, 0)
        assert not verdict.right
        if any(marks.values()):
            assert any("Not every kind" in fact or "Not every wrong line" in fact for fact in verdict.facts)
            assert not re.search(r"\b\d+ (more|kinds)", repr(verdict)), "how many are left is not said"


@every_part
def test_a_wrong_line_without_a_mark_is_not_right(exercise: FindExercise):
    for left_out in full_key(exercise):
        marks = {line: kinds for line, kinds in full_key(exercise).items() if line != left_out}
        verdict = exercise.judge(marks, 0)
        assert not verdict.right
        assert not marks or any("Not every wrong line" in fact for fact in verdict.facts)


@every_part
def test_every_mark_that_the_key_does_not_have_is_a_false_alarm(exercise: FindExercise):
    part = exercise.part()
    also = {(line, kind) for kind, finding in part.findings.items() for line in finding.also}
    for line in part.lines:
        for kind in part.kinds:
            if line in KEY.get(kind, "") or (line, kind) in also:
                continue
            marks = full_key(exercise)
            marks[line] = [*marks.get(line, []), kind]
            verdict = exercise.judge(marks, 0)
            assert not verdict.right
            assert f"{line} is marked `{kind}`" in verdict.facts[0]


def test_a_choice_may_be_marked_or_not():
    hidden = EXERCISES["find_hidden_layer"]
    key = full_key(hidden)
    assert hidden.judge(key, 0).right
    verdict = hidden.judge(key | {"H27": ["kink"]}, 0)
    assert verdict.right
    assert any(fact.startswith("H27, `kink`: found. ReLU has no derivative at 0") for fact in verdict.facts)
    assert "H27" not in hidden.solution(0)


def test_shorthand_is_told_from_a_slip():
    for line in SHORTHAND:
        exercise = next(exercise for exercise in FINDS if line in exercise.part().lines)
        assert "shorthand" in exercise.judge({line: ["index mismatch"]}, 0).facts[0]


def test_a_false_alarm_is_answered_by_what_was_marked():
    key = {(line, kind) for kind, lines in KEY.items() for line in lines.split()}
    answered = {(line, kind) for kinds, lines, _ in REPLIES for line in lines.split() for kind in kinds}
    assert not answered & key
    assert {kind for _, kind in answered} <= set(FINDS[0].part().kinds)

    def said(line: str, kind: str) -> str:
        exercise = next(exercise for exercise in FINDS if line in exercise.part().lines)
        return exercise.judge({line: [kind]}, 0).facts[0]

    assert "reaches $z_{2i}$ only" in said("H23", "one path only")
    assert "before the gate" in said("H31", "gate dropped")
    assert "the vector stands for its entries" in said("H23", "index mismatch")
    assert "this line stands" in said("H23", "stray square")
    assert "has the letter $j$ to itself" in said("H04", "one letter twice")
    assert "no sum here" in said("H23", "one letter twice")


@every_part
def test_no_line_that_may_be_marked_with_another_kind_is_said_to_stand(exercise: FindExercise):
    part = exercise.part()
    findings = part.findings.items()
    for line in {line for _, finding in findings for line in (*finding.lines, *finding.also)}:
        for kind in {*part.kinds} - {kind for kind, finding in findings if line in (*finding.lines, *finding.also)}:
            assert "stands" not in exercise.judge({line: [kind]}, 0).facts[0], (line, kind)


def test_every_line_is_told_what_is_wrong_in_it():
    """The same kind of mistake is another one in another line, and what is said to be right is proven."""
    hidden = EXERCISES["find_hidden_layer"]
    facts = hidden.judge(full_key(hidden), 0).facts
    by_line = {line: fact for fact in facts for line in re.findall(r"H\d\d", fact.split(":")[0])
               if "`one path only`" in fact}  # fmt: skip
    assert all("through all classes" in by_line[line] for line in ("H24", "H26", "H32"))
    mismatch = {line: fact for fact in facts if "`index mismatch`" in fact
                for line in re.findall(r"H\d\d", fact.split(":")[0])}  # fmt: skip
    assert mismatch["H25"].endswith("= X_{d}$.")
    assert mismatch["H29"].endswith("= w_{2,kj}$.")
    assert {f"mend_{line}" for line in MENDED} == {name for name in EXERCISES if name.startswith("mend_H")}
    assert not any("Right:" in fact for exercise in FINDS for fact in exercise.judge(full_key(exercise), 0).facts
                   if MENDED & set(re.findall(r"H\d\d", fact.split(":")[0])))  # fmt: skip
    for slip in HANDOUT_SLIPS.values():
        for one in slip.mended_otherwise:
            assert set(one.ids) <= {*slip.ids, *slip.also}
            assert claim(one.lhs, one.right).verdict == "proven", one


@every_part
def test_nothing_marked_is_not_attempted(exercise: FindExercise):
    marks = exercise.given(0)
    assert exercise.judge(marks, 0).kind == "not attempted"
    assert exercise.judge(..., 0).kind == "not attempted"


@every_part
def test_the_view_holds_the_marks(exercise: FindExercise):
    view = exercise.given(0)
    view.marks = full_key(exercise)
    assert exercise.judge(view, 0).right
    with pytest.raises(ValueError, match="marks holds 'typo'"):
        view.marks = {next(iter(exercise.part().lines)): ["typo"]}
    with pytest.raises(ValueError, match="marks names the line 'H99'"):
        view.marks = {"H99": ["kink"]}


def test_marks_of_another_section_are_said_to_be_such():
    model, notes = EXERCISES["find_model"], EXERCISES["find_notes"]
    verdict = model.judge(notes.given(0), 0)
    assert verdict.kind == "cannot check"
    assert verdict.message.startswith("These are the marks of H16 to H20. This exercise is about H01 to H06")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ({"H99": "kink"}, "H99"),
        ({"H05": "mistake"}, "There is no kind 'mistake'"),
        (["H05"], "dictionary"),
        (7, "dictionary"),
    ],
)
def test_what_cannot_be_read_is_said(answer: object, said: str):
    verdict = EXERCISES["find_model"].judge(answer, 0)
    assert verdict.kind == "cannot check"
    assert said in verdict.message


@pytest.mark.parametrize("kind", ["index range", "Index-Range", "index_range", "index ranges"])
def test_a_kind_may_be_written_as_people_write(kind: str):
    assert EXERCISES["find_model"].judge({"h05": kind}, 0).right


@every_part
def test_as_text_it_shows_the_lines_and_all_that_they_can_be_marked_with(exercise: FindExercise):
    """In a terminal, in an editor without views and in an exported page."""
    marks, part = exercise.given(0), exercise.part()
    bundle, _ = marks._repr_mimebundle_()
    for shown, formula in (("text/plain", plain_tex), ("text/markdown", str)):
        for line, tex in part.lines.items():
            row = next(row for row in bundle[shown].splitlines() if row.strip("| ").startswith(line))
            assert formula(tex) in row
        for kind, means in part.kinds.items():
            assert re.search(rf"{kind}\*?: {re.escape(means)}", bundle[shown])
    line, kind = next(iter(part.lines)), next(iter(part.kinds))
    marks.marks = {line: [kind]}
    assert f"<- {kind}" in repr(marks)
