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


def _by_person(finals: Sequence[Final]) -> dict[str, Final]:
    return {final.person.id: final for final in finals if final.person}


def _rows_for_all(finals: Sequence[Final], absent: Sequence[Person]) -> list[tuple[str, str, float | None]]:
    rows = [(final.id or final.submission.key, final.name, final.total) for final in finals]
    return rows + [(person.id, person.name, None) for person in absent]


def _moodle(finals: Sequence[Final], absent: Sequence[Person], people: Roster, assignment: Assignment) -> str:
    """A grading worksheet, filled in where that is the list of participants; else a table to be imported as grades."""
    graded = _by_person(finals)
    if people.is_worksheet:
        place = [column.strip().casefold() for column in people.header].index("grade")
        rows = []
        for person in people.people:
            row = list(person.row)
            if person.id in graded and graded[person.id].total is not None:
                row[place] = number(graded[person.id].total)
            rows.append(row)
        return table([people.header, *rows])
    if people.people:
        title = no_formula(assignment.title)
        rows = [
            [*person.row, number(graded[person.id].total) if person.id in graded else ""] for person in people.people
        ]
        return table([[*people.header, title], *rows])
    rows = [
        [f"Participant {final.id}", no_formula(final.name), number(final.total), number(assignment.out_of)]
        for final in finals
    ]
    return table([["Identifier", "Full name", "Grade", "Maximum Grade"], *rows])


def _canvas(finals: Sequence[Final], absent: Sequence[Person], people: Roster, assignment: Assignment) -> str:
    """A gradebook to be imported, with the assignment's own column where the list of participants has it."""
    known = [column for column in people.header if column.startswith(assignment.title)]
    columns = ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    places = {column.strip().casefold(): place for place, column in enumerate(people.header)}
    graded = _by_person(finals)
    rows = [[*columns, known[0] if known else assignment.title]]
    rows.append(["    Points Possible", "", "", "", "", number(assignment.out_of)])
    for person in people.people:
        kept = [person.row[places[c.casefold()]] if c.casefold() in places else "" for c in columns]
        rows.append([kept[0] or person.name, *kept[1:], number(graded[person.id].total) if person.id in graded else ""])
    if not people.people:
        rows += [[no_formula(final.name), final.id, "", "", "", number(final.total)] for final in finals]
    return table(rows)


def _csv(finals: Sequence[Final], absent: Sequence[Person], people: Roster, assignment: Assignment) -> str:
    rows = [[no_formula(id), no_formula(name), number(points)] for id, name, points in _rows_for_all(finals, absent)]
    return table([["id", "name", "points"], *rows])


_FORMATS: dict[str, Callable[[Sequence[Final], Sequence[Person], Roster, Assignment], str]] = {
    "moodle": _moodle, "canvas": _canvas, "csv": _csv,
}  # fmt: skip
FORMATS = tuple(_FORMATS)


def export(
    kind: str, finals: Sequence[Final], absent: Sequence[Person], people: Roster, assignment: Assignment, out: Path
) -> None:
    """Write ``grades-KIND.csv`` and ``feedback-KIND.zip`` into ``out``. Raises OutputError."""
    text = _FORMATS[kind](finals, absent, people, assignment)
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
