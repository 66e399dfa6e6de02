"""From what came back of a submission to its points. Only here are the right answers known."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, get_args

import numpy as np

from mlpcourse.exercises import comparing
from mlpcourse.exercises.code import CodeExercise
from mlpcourse.exercises.derive_exercise import DeriveExercise
from mlpcourse.exercises.diagnosis import Explained, Suspects
from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.fixtures import Case, Group
from mlpcourse.exercises.judging import suspects
from mlpcourse.exercises.numbers import CLOSE, NumberExercise
from mlpcourse.exercises.results import as_tuple
from mlpcourse.exercises.running import Recorded
from mlpcourse.exercises.slips import Candidate
from mlpcourse.exercises.trials import all_right, calls
from mlpcourse.exercises.verdict import Kind, Verdict
from mlpcourse.grading import proving
from mlpcourse.grading.assignment import DRAWN, Assignment
from mlpcourse.grading.names import clean, may_be_same, student_seed
from mlpcourse.grading.notebook import Answer, Notebook
from mlpcourse.grading.replies import Garbled, Value, decode_reply
from mlpcourse.grading.submissions import Submission

SECONDS = 3.0  # for one exercise: once to define what it needs, once for all its calls

Status = Literal["graded", "partly graded", "not graded"]
STATUSES = get_args(Status)
End = Literal["finished", "stopped", "waited", "died", "no time"]


@dataclass(frozen=True)
class Seen:
    """What came back of one exercise. defined: the reply to its cell. replies: as far as it got."""

    end: End
    defined: bytes = b""
    replies: tuple[bytes, ...] = ()


@dataclass(frozen=True)
class Cases:
    """What a function is called with. known: the course's own, on which slips have names. fresh: drawn for this one."""

    known: list[Group]
    fresh: list[Group]

    def calls(self) -> list[Case]:
        """All calls in order: those of each, and the first of each once more."""
        return [*calls(self.known), *calls(self.fresh)]


@dataclass(frozen=True)
class Mark:
    """One exercise of one submission. points: None when it could not be graded. source: the student's cell."""

    points: float | None
    verdict: Verdict
    source: str = ""


@dataclass(frozen=True)
class Result:
    """One submission, graded or not. marks: by exercise, empty when nothing could be graded.

    notes: for the student too; remarks: for the instructor alone. typed: the name in the notebook. drawn_for: the name
    that numbers were drawn with.
    """

    name: str
    key: str
    status: Status
    notes: tuple[str, ...] = ()
    marks: dict[str, Mark] = field(default_factory=dict)
    digest: str = ""
    remarks: tuple[str, ...] = ()
    typed: str = ""

    @property
    def total(self) -> float | None:
        """The sum of the points, None when nothing could be graded."""
        points = [mark.points for mark in self.marks.values() if mark.points is not None]
        return round(sum(points), 1) if points else None


def refused(submission: Submission, reason: str, digest: str = "") -> Result:
    """The result of a submission that cannot be graded."""
    return Result(submission.name, submission.key, "not graded", (reason, *submission.notes), digest=digest)


# --- whose numbers --------------------------------------------------------------------------------


@dataclass(frozen=True)
class Identity:
    """Who typed the notebook: the name that numbers are drawn with. typed: as the notebook says it, else ""."""

    name: str
    typed: str
    remark: str = ""

    @property
    def seed(self) -> int:
        return student_seed(self.name)


def identity(submission: Submission, notebook: Notebook, seen: Mapping[str, Seen]) -> Identity:
    """The name typed in the notebook decides; where there is none, the one that it was handed in under."""
    typed = notebook.typed
    if typed is None:
        replies = seen["student"].replies if "student" in seen else ()
        said = decode_reply(replies[-1]) if replies and replies[-1][:1] == b"S" else ""
        typed = said.strip() if isinstance(said, str) else ""
    if not typed:
        return Identity(submission.name, "", "no name is typed in the notebook")
    fits = may_be_same(typed, submission.name)
    remark = "" if fits else f"the notebook says {clean(typed)}: its numbers by hand are that student's"
    return Identity(typed, clean(typed), remark)


# --- points ---------------------------------------------------------------------------------------


def judge(
    submission: Submission,
    assignment: Assignment,
    notebook: Notebook,
    cases: Mapping[str, Cases],
    seen: Mapping[str, Seen],
    digest: str,
) -> Result:
    """Compare what came back with the right answers. cases: of each exercise that asks for a function."""
    try:
        who = identity(submission, notebook, seen)
    except Garbled:
        who = Identity(submission.name, "", "no name is typed in the notebook")
    marks = {}
    for name, exercise in assignment.exercises.items():
        answer = notebook.answers.get(name)
        verdict, share = _judged(exercise, answer, notebook, cases.get(name), who, seen.get(name), assignment)
        share = assignment.slip_share if verdict.kind == "slip" and share == 1 else share
        points = None if verdict.kind == "cannot check" else round(share * assignment.points[name], 1)
        marks[name] = Mark(points, verdict, answer.source if answer else "")
    absent = [name for name in marks if name not in notebook.answers]
    ungraded = [name for name, mark in marks.items() if mark.points is None]
    notes = [*notebook.notes, *submission.notes]
    if absent:
        notes.append(f"no cell answers {', '.join(absent)}")
    if ungraded:
        notes.append(f"not graded: {', '.join(ungraded)}")
    if all(mark.verdict.kind == "not attempted" for mark in marks.values()):
        notes.append("nothing was attempted")
    return Result(
        submission.name, submission.key, "partly graded" if ungraded else "graded", tuple(notes), marks, digest,
        (who.remark,) if who.remark else (), who.typed,
    )  # fmt: skip


def _judged(
    exercise: Exercise,
    answer: Answer | None,
    notebook: Notebook,
    cases: Cases | None,
    who: Identity,
    seen: Seen | None,
    assignment: Assignment,
) -> tuple[Verdict, float]:
    """The verdict, and the share of the points that it earns; a slip that earns something has 1 here."""
    name = exercise.name
    if answer is None:
        return exercise.not_attempted("No cell answers it."), 0
    if answer.trouble:
        return Verdict("raised", name, f"{answer.trouble}."), 0
    if answer.empty:
        return exercise.not_attempted(), 0
    if not answer.plain and (seen is None or seen.end != "finished"):
        return _not_finished(name, seen), 0
    try:
        if seen is not None and not seen.replies:
            raise Garbled
        with np.errstate(all="ignore"):
            if isinstance(exercise, CodeExercise):
                assert seen is not None
                assert cases is not None
                return _of_function(exercise, answer, notebook.code(answer), cases, seen)
            return _of_value(exercise, answer, notebook.code(answer), who, seen, assignment)
    except Garbled:
        return Verdict("raised", name, "It sent something that is no result."), 0
    except Exception as error:  # nothing that comes back may stop the others
        return Verdict("cannot check", name, f"Comparing it failed ({type(error).__name__}): ask your instructor."), 0


def _not_finished(name: str, seen: Seen | None) -> Verdict:
    if seen is None:
        return Verdict("raised", name, "The cell gives nothing that can be graded.")
    if seen.end == "no time":
        return Verdict("cannot check", name, "The time for this submission was used up before it could be run.")
    if seen.end == "stopped":
        return Verdict("raised", name, f"It was stopped after {SECONDS:.0f} seconds: is there a loop without an end?")
    if seen.end == "waited":
        reason = f"It was stopped after {SECONDS:.0f} seconds, in which it hardly computed: does it sleep, or wait?"
        return Verdict("raised", name, reason)
    reason = "Running it ended the process it ran in: an exit, a crash, or more memory than there is."
    return Verdict("raised", name, reason)


def _of_function(exercise: CodeExercise, answer: Answer, code: str, cases: Cases, seen: Seen) -> tuple[Verdict, float]:
    if seen.replies[:1] == (b"M",):
        error = decode_reply(seen.defined, code, answer.source) if seen.defined[:1] == b"F" else None
        if error is None:
            return Verdict("raised", exercise.name, f"When the cell has run, there is no `{exercise.name}`."), 0
        return _located(_raised(exercise.name, error), answer, error), 0
    values = [decode_reply(reply, code, answer.source) for reply in seen.replies]
    wanted, known = cases.calls(), len(calls(cases.known))
    failed = isinstance(values[-1], Exception)
    if len(values) < len(wanted) and not failed:
        raise Garbled
    if all_right(exercise, cases.known, values[:known]) and all_right(exercise, cases.fresh, values[known:]):
        first = [np.shape(part) for part in (values[0] if isinstance(values[0], tuple) else (values[0],))]
        if first == [part.shape for part in as_tuple(exercise.reference(**wanted[0]))]:
            return Verdict("right", exercise.name), 1  # else there is a remark on the shape
    verdict = exercise.judge_on(Recorded(values[:known]), cases.known)
    if verdict.kind in ("right", "slip") and not (verdict.right and all_right(exercise, cases.fresh, values[known:])):
        if verdict.kind == "right":
            again = exercise.judge_on(Recorded(values[known:]), cases.fresh)
            message = "It is right on the inputs that `check` draws, but not on others."
            if not again.right:
                verdict = Verdict("raised" if again.kind == "raised" else "wrong", exercise.name, message)
        elif not _same_slip(exercise, cases, values, known):
            again = exercise.judge_on(Recorded(values[known:]), cases.fresh)
            if again.kind not in ("slip", "right"):
                verdict = Verdict("wrong", exercise.name, "It does not do the same on all inputs.")
    if verdict.kind == "raised":
        return _with_definition(_located(verdict, answer, values[-1]), values[-1], seen, code, answer), 0
    if verdict.kind == "slip":
        names_all = not verdict.also and not any("Mend this first" in fact for fact in verdict.facts)
        earns = names_all and not _is_junk(exercise, wanted, values)
        return verdict, float(earns)
    return verdict, float(verdict.right)


def _same_slip(exercise: CodeExercise, cases: Cases, values: Sequence[Value], known: int) -> bool:
    """Whether what explains the results on known cases gives those on fresh ones, however little these tell."""
    at = 0
    for group, fresh in zip(cases.known, cases.fresh, strict=True):
        count = len(group.cases)
        mine, again = ([_arrays(part) for part in values[start : start + count]] for start in (at, known + at))
        at += count
        seen = suspects(exercise, group)
        wrong = [
            result for result in range(len(exercise.results))
            if not all(seen.same(part[result], truth[result]) for part, truth in zip(mine, seen.truths, strict=True))
        ]  # fmt: skip
        if not wrong:
            continue
        found = seen.one_mistake(mine, wrong)
        truths = [as_tuple(exercise.reference(**case)) for case in fresh.cases]
        there = Suspects(fresh.cases, exercise.results, truths, batch=not fresh.single, situation=fresh.situation)
        return found is not None and all(
            any(
                all(_gives(there, form, found, case, result, again[case][result]) for case in range(count))
                for form in _forms(there, found)
            )
            for result in found.results
        )  # fmt: skip
    return False


def _arrays(value: Value) -> list[np.ndarray[Any, Any]]:
    return [comparing.as_array(part) for part in (value if isinstance(value, tuple) else (value,))]


def _forms(there: Suspects, one: Explained) -> list[tuple[Candidate, ...]]:
    """A slip that is made in several forms, which known cases need not tell apart, in each of them."""
    if len(one.slips) != 1:
        return [one.slips]
    (made,) = one.slips
    every = (*there.candidates, *there.generated)
    return [(other,) for other in every if (other.slip.name, other.node) == (made.slip.name, made.node)]


def _gives(
    there: Suspects, done: tuple[Candidate, ...], one: Explained, case: int, result: int, mine: np.ndarray[Any, Any]
) -> bool:
    value = there.values(done, case)[result]
    for generic in one.generics:
        value = None if value is None or value.ndim < 2 else generic.apply(value, *there.sizes[case])
    if value is None or value.size != mine.size:
        return False
    one_, other = mine.ravel(), value.ravel()
    finite = np.isfinite(other)  # which of NaN and infinity comes out is an accident of the formula
    return bool((np.isfinite(one_) == finite).all()) and comparing.close(one_[finite], other[finite])


def _is_junk(exercise: CodeExercise, cases: Sequence[Case], values: Sequence[Value]) -> bool:
    """Whether a wrong result is no computation: one number throughout, too small, or only what was given.

    Such an answer may agree with a slip, but nothing shows that it was made.
    """
    wrong: dict[int, list[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Case]]] = {}
    for case, value in zip(cases, values, strict=False):
        truths = as_tuple(exercise.reference(**case))
        parts = value if isinstance(value, tuple | list) and len(truths) > 1 else (value,)
        for number, (part, truth) in enumerate(zip(parts, truths, strict=False)):
            try:
                mine = comparing.as_array(part)
            except comparing.NotNumbers:
                return True
            if truth.size > 1 and not (mine.shape == truth.shape and comparing.close(mine, truth)):
                wrong.setdefault(number, []).append((mine, truth, case))
    return any(_says_nothing(seen) for seen in wrong.values())


def _says_nothing(seen: Sequence[tuple[np.ndarray[Any, Any], np.ndarray[Any, Any], Case]]) -> bool:
    if all(mine.size <= 1 or np.ptp(mine) <= 1e-12 for mine, _, _ in seen):
        return True
    given = [name for name, value in seen[0][2].items() if isinstance(value, np.ndarray)]
    return any(all(_is_given(mine, case[name]) for mine, _, case in seen) for name in given)


def _is_given(mine: np.ndarray[Any, Any], argument: np.ndarray[Any, Any]) -> bool:
    """Whether an array is an argument, perhaps turned, with another sign or times one number."""
    if mine.size != argument.size:
        return False
    for turned in (argument, argument.T):
        one, other = mine.ravel(), turned.ravel().astype(float)
        square = float(other @ other)
        if square > 0 and np.isfinite(one).all():
            scaled = float(one @ other) / square * other
            if (np.abs(one - scaled) <= 1e-8 * np.sqrt(square) + 1e-5 * np.abs(scaled)).all():
                return True
    return False


def _of_value(
    exercise: Exercise, answer: Answer, code: str, who: Identity, seen: Seen | None, assignment: Assignment
) -> tuple[Verdict, float]:
    """The verdict on an answer that is no function. One that cannot be meant as an answer is wrong, not ungraded."""
    value = answer.plain[0] if answer.plain else None
    if not answer.plain:
        assert seen is not None
        value = decode_reply(seen.replies[-1], code, answer.source)
        if isinstance(value, Exception):
            verdict = _located(_raised(exercise.name, value), answer, value)
            return _with_definition(verdict, value, seen, code, answer), 0
        value = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(exercise, DeriveExercise):
        return _of_derivation(exercise, value, assignment)
    verdict = exercise.judge(value, who.seed)
    if verdict.kind == "cannot check":
        verdict = replace(verdict, kind="wrong")
    if not who.typed and verdict.kind in ("wrong", "slip", "located") and exercise.kind in DRAWN:
        reason = "No name is typed in the notebook, so nobody can tell which numbers were drawn: ask your instructor."
        return Verdict("cannot check", exercise.name, reason), 0
    earns = verdict.kind == "slip" and not verdict.also
    if earns and isinstance(exercise, NumberExercise):
        earns = not _hands_back(value, exercise.case(who.seed))
    return verdict, float(verdict.right or earns)


def _hands_back(numbers: Value, case: Case) -> bool:
    """Whether an answer by hand is one number throughout, or numbers that were given."""
    try:
        mine = comparing.as_array(numbers).ravel()
    except comparing.NotNumbers:
        return True
    given = [value for value in case.values() if isinstance(value, np.ndarray) and value.size == mine.size]
    turned = [array.ravel() for value in given for array in (value, value.T)]
    return mine.size <= 1 or np.ptp(mine) <= CLOSE or any(comparing.close(mine, array, CLOSE) for array in turned)


def _of_derivation(exercise: DeriveExercise, value: Any, assignment: Assignment) -> tuple[Verdict, float]:
    """The verdict on lines of mathematics, from the process that proves them; the share of the points is its."""
    name = exercise.name
    if isinstance(value, list | tuple) and all(isinstance(line, str) for line in value):
        value = "\n".join(value)
    if not isinstance(value, str):
        return Verdict("wrong", name, "The answer is your lines as text, one below the other."), 0
    if not value.strip():
        return exercise.not_attempted(), 0
    derivations = tuple(one.see for one in assignment.exercises.values() if isinstance(one, DeriveExercise))
    found = proving.judge(derivations, exercise.see, value)
    if "failed" in found:
        return Verdict("raised", name, f"{found['failed'][0].upper()}{found['failed'][1:]}."), 0
    lines, share = found["lines"], min(1.0, max(0.0, float(found["share"])))
    shown = [f"${line['reading']}$" if line["reading"] else str(line["text"]) for line in lines]
    facts = tuple(
        f"Line {number} is {_LINES[line['verdict']]}: {text}"
        for number, (line, text) in enumerate(zip(lines, shown, strict=True), 1)
    )
    wrong = next((line for line in lines if line["verdict"] in ("refuted", "unreadable")), None)
    if share == 1:
        return Verdict("right", name, "Proven, from the left-hand side to the end.", facts=facts), 1
    if wrong is None:
        said = "What is proven leads part of the way." if share else "No step is proven."
        said = _LEAP if found["leap"] else said
        return Verdict("wrong", name, said, facts=facts), share
    number = lines.index(wrong) + 1
    what = "is wrong" if wrong["verdict"] == "refuted" else f"cannot be read from column {wrong['column']} on"
    details = tuple((str(label), str(text)) for label, text in wrong["details"])
    kind: Kind = "slip" if wrong["slip"] else "wrong"
    said = f"Line {number} {what}. {wrong['message']}"
    return Verdict(kind, name, said, wrong["slip"] or None, (), facts, details), share


_LEAP = (
    "It leaps to the end: a step on the way is missing, and the same in other words is none. Which rule takes you from "
    "the left-hand side to what you wrote?"
)
_LINES = {
    "proven": "proven", "refuted": "refuted", "undecided": "neither proven nor refuted", "unreadable": "not readable",
}  # fmt: skip


def _raised(name: str, error: Exception) -> Verdict:
    return Verdict("raised", name, f"{type(error).__name__}: {error}" if str(error) else type(error).__name__)


def _located(verdict: Verdict, answer: Answer, error: Value | Exception) -> Verdict:
    """The verdict with the line that raised the error. Only its number comes from outside."""
    lines, number = answer.source.split("\n"), getattr(error, "line", 0)
    text = lines[number - 1].strip()[:100] if 0 < number <= len(lines) else ""
    return replace(verdict, facts=(f"In line {number} of the cell, `{text}`.", *verdict.facts)) if text else verdict


def _with_definition(verdict: Verdict, error: Value | Exception, seen: Seen, code: str, answer: Answer) -> Verdict:
    """The verdict with what went wrong before, where a name is missing only because of that."""
    if seen.defined[:1] != b"F" or not isinstance(error, NameError):
        return verdict
    before = decode_reply(seen.defined, code, answer.source)
    if not isinstance(before, Exception) or not str(before):
        return verdict
    fact = f"Before that: {type(before).__name__}: {before}."
    if isinstance(before, ImportError):
        fact += " Where answers are graded there are numpy and Python's own library, nothing else."
    return replace(verdict, facts=(fact, *(one for one in verdict.facts if "spelled right" not in one)))
