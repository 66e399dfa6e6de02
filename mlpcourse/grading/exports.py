"""The marks and the feedback as a learning platform takes them back."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path

from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.files import write, write_bytes
from mlpcourse.grading.final import Final
from mlpcourse.grading.roster import Person, Roster


def no_formula(text: str) -> str:
    """Text that a spreadsheet does not take for a formula; signs of full width count as what they look like."""
    first = unicodedata.normalize("NFKC", text.lstrip())[:1]
    return f"'{text}" if first in {"=", "+", "-", "@", "|", "%"} or text[:1] in {"\t", "\r"} else text


def number(points: float | None) -> str:
    """Points in a table. An empty field is no 0: it could not be graded."""
    return "" if points is None else f"{points:g}"


def table(rows: Sequence[Sequence[str]]) -> str:
    """Rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file).writerows(rows)
    return file.getvalue()


def _own_column(people: Roster, assignment: Assignment) -> int | None:
    """The place of the assignment's own column in the list of participants."""
    return next((place for place, title in enumerate(people.header) if title.startswith(assignment.title)), None)


def _points(finals: Sequence[Final], people: Roster, place: int | None) -> list[tuple[Person, str]]:
    """Everybody on the list with their points; who has none keeps what stands at that place of the list."""
    points = {final.person.id: number(final.total) for final in finals if final.person}
    before = {person.id: "" if place is None else person.row[place] for person in people.people}
    return [(person, points.get(person.id) or before[person.id]) for person in people.people]


def _moodle(finals: Sequence[Final], people: Roster, assignment: Assignment) -> str:
    """A grading worksheet: the one that is the list of participants, else a new one; any other list with the points.

    Moodle refuses a worksheet that does not say when a grade was changed.
    """
    place = people.grade_column
    if place is None and people.people:
        return _csv(finals, people, assignment)
    if place is not None:
        rows = [[*one.row[:place], points, *one.row[place + 1 :]] for one, points in _points(finals, people, place)]
        return table([people.header, *rows])
    rows = [
        [f"Participant {final.id}", no_formula(final.name), number(final.total), number(assignment.out_of), "-"]
        for final in finals
    ]
    return table([["Identifier", "Full name", "Grade", "Maximum Grade", "Last modified (grade)"], *rows])


def _canvas(finals: Sequence[Final], people: Roster, assignment: Assignment) -> str:
    """A gradebook to be imported, with the assignment's own column where the list of participants has it."""
    place = _own_column(people, assignment)
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    places = {column.strip().casefold(): at for at, column in enumerate(people.header)}
    rows = [[*columns, assignment.title if place is None else people.header[place]]]
    rows.append(["    Points Possible", "", "", "", "", number(assignment.out_of)])
    for person, points in _points(finals, people, place):
        kept = [person.row[places[c.casefold()]] if c.casefold() in places else "" for c in columns]
        rows.append([kept[0] or person.name, *kept[1:], points])
    if not people.people:
        rows += [[no_formula(final.name), final.id, "", "", "", number(final.total)] for final in finals]
    return table(rows)


def _csv(finals: Sequence[Final], people: Roster, assignment: Assignment) -> str:
    """The list of participants with the points, in a column as its platform calls it; without a list, ids and names."""
    if not people.people:
        rows = [[no_formula(one.id or one.submission.key), no_formula(one.name), number(one.total)] for one in finals]
        return table([["id", "name", "points"], *rows])
    columns = [column.strip().casefold() for column in people.header]
    place, title = _own_column(people, assignment), no_formula(assignment.title)
    kept, end = [at for at in range(len(columns)) if at != place], list[tuple[str, str]]()
    if "orgdefinedid" in columns:  # Brightspace takes no other columns, and asks for one more
        kept = [at for at in kept if columns[at] in ("orgdefinedid", "username")]
        title, end = f"{title} Points Grade", [("End-of-Line Indicator", "#")]
    elif {"student id", "student name"} <= set(columns):  # Sakai
        title = f"{title} [{number(assignment.out_of)}]"
    header = [*(people.header[at] for at in kept), title if place is None else people.header[place]]
    rows = [[*(one.row[at] for at in kept), points] for one, points in _points(finals, people, place)]
    return table([[*header, *(name for name, _ in end)], *([*row, *(mark for _, mark in end)] for row in rows)])


_FORMATS: dict[str, Callable[[Sequence[Final], Roster, Assignment], str]] = {
    "moodle": _moodle, "canvas": _canvas, "csv": _csv,
}  # fmt: skip
FORMATS = tuple(_FORMATS)


def export(kind: str, finals: Sequence[Final], people: Roster, assignment: Assignment, out: Path) -> None:
    """Write ``grades-KIND.csv`` and ``feedback-KIND.zip`` into ``out``. Raises OutputError."""
    text = _FORMATS[kind](finals, people, assignment)
    write(out / f"grades-{kind}.csv", text, "utf-8" if kind == "moodle" else "utf-8-sig")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for final in finals:
            page = out / "feedback" / f"{final.submission.key}.html"
            info = zipfile.ZipInfo(_feedback_name(kind, final), (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, page.read_bytes())
    write_bytes(out / f"feedback-{kind}.zip", packed.getvalue())


def _feedback_name(kind: str, final: Final) -> str:
    """Where the platform looks for it: in the folder, or under the beginning of a name, that it gave out."""
    folder = final.submission.folder
    if not folder or kind == "csv":
        return f"{final.submission.key}/feedback.html"
    if kind == "moodle":
        return f"{re.sub('_+$', '', folder)}_/feedback.html"
    return f"{folder}feedback.html" if folder.endswith("_") else f"{folder}/feedback.html"
