"""The list of participants as a learning platform exports it: who is who, and who did not hand in."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from mlpcourse.grading.lms import moodle_time
from mlpcourse.grading.names import letters
from mlpcourse.grading.submissions import Unreadable

# What columns are called, by what they hold; the first that is there is a person's id.
_NAME = ("full name", "student", "student name", "name", "vollständiger name", "nom complet", "nombre completo")
_FIRST = ("first name", "firstname", "given name", "vorname", "prénom", "nombre")
_LAST = ("last name", "lastname", "surname", "family name", "nachname", "nom", "nom de famille", "apellido(s)")
_IDS = (
    "id", "id number", "student id", "student number", "orgdefinedid", "sis user id", "matrikelnummer", "id-nummer",
    "numéro d'identification", "identifier", "sis login id", "username", "user name", "login", "user id",
    "identifiant", "identificador", "anmeldename", "email address", "email", "e-mail", "e-mail-adresse",
    "adresse de courriel", "dirección de correo",
)  # fmt: skip
_TIMES = (  # when it was handed in, in a Moodle grading worksheet
    "last modified (submission)", "zuletzt geändert (abgabe)", "dernière modification (travail remis)",
    "última modificación (entrega)",
)  # fmt: skip
_WORKSHEETS = (  # the first column of a Moodle grading worksheet, and the one for the points
    ("identifier", "grade"), ("id", "bewertung"), ("identifiant", "note"), ("identificador", "calificación"),
)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """One row. id: the first column of those that hold one; ids: all of them. time: when they handed in, or ""."""

    name: str
    id: str
    ids: tuple[str, ...]
    row: tuple[str, ...] = ()
    time: str = ""


@dataclass(frozen=True)
class Roster:
    """Everybody who could hand in. header: the columns as they stand in the file."""

    header: tuple[str, ...] = ()
    people: tuple[Person, ...] = ()
    problems: tuple[str, ...] = field(default=())

    @property
    def grade_column(self) -> int | None:
        """The place of the points in a Moodle grading worksheet, None in any other list."""
        return _grade_column(self.header)

    def person(self, id: str, name: str, typed: str = "") -> Person | None:
        """The one person with this id, else with this name as shown, else as typed. None where it is not one."""
        if id:
            found = [one for one in self.people if _same_id(id, one.ids)]
            if len(found) == 1:
                return found[0]
        for text in (name, typed):
            found = [one for one in self.people if _same_id(text, one.ids)]
            found = found or [one for one in self.people if letters(text) and _spelled(one.name) == _spelled(text)]
            if len(found) == 1:
                return found[0]
        return None


def _spelled(name: str) -> list[str]:
    return sorted(letters(name))


def _same_id(id: str, ids: Sequence[str]) -> bool:
    """Brightspace writes an id as `#1234567` in its lists."""
    wanted = id.strip().casefold()
    return bool(wanted) and any(
        wanted in (known, known.removeprefix("#"), known.split("@")[0]) for known in map(str.casefold, ids)
    )


def _folded(text: str) -> str:
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", text)).strip().casefold()


def _grade_column(header: Sequence[str]) -> int | None:
    columns = [_folded(column) for column in header]
    for first, points in _WORKSHEETS:
        if columns[:1] == [first] and points in columns:
            return columns.index(points)
    return None


def rows_of(path: Path) -> list[list[str]]:
    """A table's rows, whatever program wrote it. Raises Unreadable."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror}.") from None
    for encoding in ("utf-16",) if data[:2] in (b"\xff\xfe", b"\xfe\xff") else ("utf-8-sig", "cp1252", "latin-1"):
        try:
            text = data.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise Unreadable(f"{path} is no text.")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return [
            row for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter) if any(map(str.strip, row))
        ]
    except csv.Error as error:
        raise Unreadable(f"{path} is no table: {error}.") from None


def read(path: Path) -> Roster:
    """The people in a list of participants. Raises Unreadable when it has no names and ids."""
    rows = rows_of(path)
    header = tuple(rows[0]) if rows else ()
    columns = {_folded(column): place for place, column in reversed(list(enumerate(header)))}
    name, first, last = (next((columns[c] for c in known if c in columns), None) for known in (_NAME, _FIRST, _LAST))
    ids = [columns[known] for known in _IDS if known in columns]
    worksheet = _grade_column(header) is not None
    if worksheet and name is None:
        name = 0  # where marking is blind, everybody is called `Participant 1234567`
    time = next((columns[known] for known in _TIMES if known in columns), None)
    if (name is None and (first is None or last is None)) or not ids:
        there = ", ".join(header) or "nothing"
        raise Unreadable(f"{path} needs a column for the name and one for an id, but has: {there}.")
    people = []
    for row in rows[1:]:
        row = [*row, *[""] * (len(header) - len(row))]
        shown = row[name] if name is not None else f"{row[first or 0]} {row[last or 0]}"
        known = tuple(row[place].strip() for place in ids if row[place].strip())
        if "points possible" in _folded(row[0]) or _folded(shown) in ("student, test", "test student") or not known:
            continue  # what Canvas writes between the people
        if worksheet:  # folders of submissions have the number alone
            known += tuple(re.findall(r"\d+$", row[0].strip()))
        if ", " in shown and name is not None:
            family, _, given = shown.partition(", ")
            shown = f"{given} {family}"
        handed_in = "" if time is None else moodle_time(row[time])
        people.append(Person(shown.strip(), known[0], known, tuple(row), handed_in))
    if not people:
        raise Unreadable(f"{path} lists nobody with an id.")
    return Roster(header, tuple(people))
