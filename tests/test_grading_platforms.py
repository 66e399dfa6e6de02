"""Lists as learning platforms write them, filled in and read again by the rules that the platforms read them by.

The columns and rules are those of Moodle's assignfeedback_offline and assignfeedback_file, of Canvas's
gradebook_exporter and gradebook_importer, and of the help pages of Brightspace, Blackboard and Sakai.
"""

import csv
import io
import re
from pathlib import Path

import pytest

from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import exports, final, roster
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.marks import Mark, Result
from mlpcourse.grading.submissions import Submission

TITLE = ASSIGNMENT.title
POINTS = f"{ASSIGNMENT.points['relu']:g}"


def written(kind: str, text: str, ids: dict[str, str], folder: Path, encoding: str = "utf-8") -> list[list[str]]:
    """What goes back to the platform when those with these ids and names handed in, Ben without a mark."""
    (folder / "list.csv").write_bytes(text.encode(encoding))
    people = roster.read(folder / "list.csv")
    graded = []
    for id, name in ids.items():
        right = {"relu": Mark(ASSIGNMENT.points["relu"], Verdict("right", "relu"))}
        result = Result(name, name, "graded", marks={} if name.startswith("Ben") else right)
        graded.append((Submission(name=name, key=name, path=str(folder), id=id), result))
    finals, absent, _ = final.finals(graded, ASSIGNMENT, people, {})
    assert [person.name for person in absent] == ["Cleo Gone"], "everybody else was found on the list"
    for one in finals:
        (folder / "feedback").mkdir(exist_ok=True)
        (folder / "feedback" / f"{one.submission.key}.html").write_text("feedback")
    exports.export(kind, finals, people, ASSIGNMENT, folder)
    data = (folder / f"grades-{kind}.csv").read_text(encoding="utf-8" if kind == "moodle" else "utf-8-sig")
    return list(csv.reader(io.StringIO(data, newline="")))


# --- Moodle ---------------------------------------------------------------------------------------

WORKSHEETS = {
    "English": (
        "Participant ", "Identifier", "Grade", "Last modified (grade)",
        'Identifier,"Full name","Email address",Status,Grade,"Maximum Grade","Grade can be changed",'
        '"Last modified (submission)","Last modified (grade)","Feedback comments"',
    ),
    "German": (
        "Teilnehmer/in ", "ID", "Bewertung", "Zuletzt geändert (Bewertung)",
        'ID,"Vollständiger Name",E-Mail-Adresse,Status,Bewertung,Bestwertung,"Bewertung kann geändert werden",'
        '"Zuletzt geändert (Abgabe)","Zuletzt geändert (Bewertung)","Feedback als Kommentar"',
    ),
    "French": (
        "Participant", "Identifiant", "Note", "Dernière modification (note)",
        'Identifiant,"Nom complet","Adresse de courriel",Statut,Note,"Note maximale","La note peut être modifiée",'
        '"Dernière modification (travail remis)","Dernière modification (note)","Feedback par commentaires"',
    ),
    "Spanish": (
        "Participante", "Identificador", "Calificación", "Última modificación (calificación)",
        'Identificador,"Nombre completo","Dirección de correo",Estado,Calificación,"Calificación máxima",'
        '"La calificación puede ser cambiada","Última modificación (entrega)","Última modificación (calificación)",'
        '"Comentarios de retroalimentación"',
    ),
}  # fmt: skip


def moodle_reads(rows: list[list[str]], called: str, columns: tuple[str, str, str]) -> dict[str, tuple[str, str]]:
    """The points and the last column by number. Moodle refuses a file that lacks one of the three columns."""
    places = [rows[0].index(column) for column in columns]
    assert {len(row) for row in rows} == {len(rows[0])}, "Moodle refuses rows of another length"
    return {row[places[0]][len(called) :]: (row[places[1]], row[-1]) for row in rows[1:]}


@pytest.mark.parametrize("language", WORKSHEETS)
def test_moodles_worksheet_is_filled_in(language: str, tmp_path: Path):
    called, *columns, header = WORKSHEETS[language]
    people = ("1001", "Ada Müller", ""), ("1002", "Ben O'Neil", '"7,00"'), ("1003", "Cleo Gone", '"3,00"')
    lines = [
        f'"{called}{number}","{name}",s{number}@uni.edu,"-",{grade},"100,00",Yes,-,-,"<p>So\nso</p>"'
        for number, name, grade in people
    ]
    text = "\n".join([header, *lines]) + "\n"
    rows = written("moodle", text, {"1001": "A.", "1002": "Ben"}, tmp_path)
    assert moodle_reads(rows, called, (columns[0], columns[1], columns[2])) == {
        "1001": (POINTS, "<p>So\nso</p>"), "1002": ("7,00", "<p>So\nso</p>"), "1003": ("3,00", "<p>So\nso</p>"),
    }, "who has no mark keeps what stands there, and comments keep their lines"  # fmt: skip


def test_moodles_worksheet_is_filled_in_where_marking_is_blind(tmp_path: Path):
    text = 'Identifier,Status,Grade,"Maximum Grade","Last modified (submission)","Last modified (grade)"\n'
    text += "".join(f'"Participant {number}",-,,100.00,-,-\n' for number in (1001, 1002))
    (tmp_path / "list.csv").write_text(text)
    people = roster.read(tmp_path / "list.csv")
    assert [person.name for person in people.people] == ["Participant 1001", "Participant 1002"]
    found = people.person("1002", "somebody")
    assert found is not None
    assert found.id == "Participant 1002"


def test_without_a_list_moodle_takes_a_new_worksheet():
    result = Result("Ada", "Ada", "graded", marks={"relu": Mark(5.0, Verdict("right", "relu"))})
    one = final.Final(result, Submission(name="Ada", key="Ada", path=""), "1001")
    rows = list(csv.reader(io.StringIO(exports._moodle([one], roster.Roster(), ASSIGNMENT), newline="")))
    columns = ("Identifier", "Grade", "Last modified (grade)")
    assert moodle_reads(rows, "Participant ", columns) == {"1001": ("5", "-")}


def test_moodle_finds_whose_feedback_a_file_is():
    """It takes the part behind the first `_` for the number, and the next two for what handed it in."""
    for folder in (
        "Ada Smith_1001_assignsubmission_file_",
        "Ada Smith_1001_assignsubmission_file",
        "G1-A B_1001_assignsubmission_onlinetext_",
    ):
        one = Submission(name="Ada", key="Ada", path="", folder=folder)
        name = exports._feedback_name("moodle", final.Final(Result("Ada", "Ada", "graded"), one))
        parts = name.split("/")[0].split("_", 4)
        assert parts[1:3] == ["1001", "assignsubmission"]
        assert parts[3] in ("file", "onlinetext")
        assert parts[4] == ""


# --- Canvas ---------------------------------------------------------------------------------------


def canvas_reads(rows: list[list[str]]) -> dict[str, str]:
    """The points by ID. Canvas looks at the first columns, skips some rows, and takes what is empty for no mark."""
    header = rows[0]
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert header[2:5] == ["SIS User ID", "SIS Login ID", "Section"]
    (own,) = range(5, len(header))
    assert re.fullmatch(rf"{re.escape(TITLE)}( \(\d+\))?", header[own])
    return {row[1]: row[own] for row in rows[1:] if "Points Possible" not in row[0]}


CANVAS_NAMES = {"1001": "mullerada", "1002": "Ben ONeil"}
CANVAS = {
    "as it is": f"""Student,ID,SIS User ID,SIS Login ID,Integration ID,Root Account,Section,Notes,Warm-up (76),\
{TITLE} (77),Exercises Current Score,Current Score,Final Score
,,,,,,,,,Manual Posting,,,
"    Points Possible",,,,,,,(read only),10.00,100.00,(read only),(read only),(read only)
"Müller, Ada",1001,s1,ada,,uni.edu,"A and B",,9.50,,95.00,95.00,9.50
"O'Neil, Ben",1002,s2,ben,,uni.edu,A,,N/A,42.00,,,
"Gone, Cleo",1003,s3,cleo,,uni.edu,A,,EX,EX,,,
"Student, Test",1009,,x,,uni.edu,A,,,,,,
""",
    "first and last names": f"""LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,{TITLE} (77)
    Points Possible,,,,,,100.00
Müller,Ada,1001,s1,ada,A,
O'Neil,Ben,1002,s2,ben,A,42.00
Gone,Cleo,1003,s3,cleo,A,EX
Student,Test,1009,,x,A,
""",
}
CANVAS["with semicolons"] = "\n".join(
    ";".join(row).replace("42.00", "42,00") for row in csv.reader(io.StringIO(CANVAS["as it is"]))
)


@pytest.mark.parametrize("shape", CANVAS)
@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_canvas_takes_back_its_own_column(shape: str, encoding: str, tmp_path: Path):
    rows = written("canvas", CANVAS[shape], CANVAS_NAMES, tmp_path, encoding)
    stood = "42,00" if shape == "with semicolons" else "42.00"
    assert canvas_reads(rows) == {"1001": POINTS, "1002": stood, "1003": "EX"}, "an empty field would erase a mark"
    assert rows[0][-1] == f"{TITLE} (77)"


# --- others ---------------------------------------------------------------------------------------

OTHERS = {
    "Brightspace": (
        f"OrgDefinedId,Username,Last Name,First Name,Email,{TITLE} Points Grade <Numeric MaxPoints:100>,"
        "Calculated Final Grade Numerator,End-of-Line Indicator\n"
        "#s1,#ada,Müller,Ada,mueller@uni.edu,,9,#\n#s2,#ben,O'Neil,Ben,ben@uni.edu,4,9,#\n#s3,#cleo,Gone,Cleo,,3,9,#\n",
        ["OrgDefinedId", "Username", f"{TITLE} Points Grade <Numeric MaxPoints:100>", "End-of-Line Indicator"],
        [["#s1", "#ada", POINTS, "#"], ["#s2", "#ben", "4", "#"], ["#s3", "#cleo", "3", "#"]],
    ),
    "Brightspace, a new item": (
        "Username,OrgDefinedId,First Name,Last Name,End-of-Line Indicator\n"
        "ada,s1,Ada,Müller,#\nben,s2,Ben,O'Neil,#\ncleo,s3,Cleo,Gone,#\n",
        ["Username", "OrgDefinedId", f"{TITLE} Points Grade", "End-of-Line Indicator"],
        [["ada", "s1", POINTS, "#"], ["ben", "s2", "", "#"], ["cleo", "s3", "", "#"]],
    ),
    "Blackboard": (
        f'"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"Availability"\t"{TITLE} [Total Pts: 100 Score] |4711"\n'
        '"Müller"\t"Ada"\t"ada"\t"s1"\t"Yes"\t""\n"O\'Neil"\t"Ben"\t"ben"\t"s2"\t"Yes"\t"4"\n'
        '"Gone"\t"Cleo"\t"cleo"\t"s3"\t"Yes"\t""\n',
        ["Last Name", "First Name", "Username", "Student ID", "Availability", f"{TITLE} [Total Pts: 100 Score] |4711"],
        [["Müller", "Ada", "ada", "s1", "Yes", POINTS], ["O'Neil", "Ben", "ben", "s2", "Yes", "4"],
         ["Gone", "Cleo", "cleo", "s3", "Yes", ""]],
    ),
    "Sakai": (
        'Student ID,Student Name,"# Quiz [10]"\nada,"Müller, Ada",1\nben,"O\'Neil, Ben",2\ncleo,"Gone, Cleo",3\n',
        ["Student ID", "Student Name", "# Quiz [10]", f"{TITLE} [100]"],
        [["ada", "Müller, Ada", "1", POINTS], ["ben", "O'Neil, Ben", "2", ""], ["cleo", "Gone, Cleo", "3", ""]],
    ),
    "ILIAS": (
        "Nachname;Vorname;Anmeldename;Matrikelnummer\nMüller;Ada;ada;s1\nO'Neil;Ben;ben;s2\nGone;Cleo;cleo;s3\n",
        ["Nachname", "Vorname", "Anmeldename", "Matrikelnummer", TITLE],
        [["Müller", "Ada", "ada", "s1", POINTS], ["O'Neil", "Ben", "ben", "s2", ""],
         ["Gone", "Cleo", "cleo", "s3", ""]],
    ),
}  # fmt: skip


@pytest.mark.parametrize("platform", OTHERS)
@pytest.mark.parametrize("known", ["by name", "by id"])
def test_other_platforms_get_their_own_list_back(platform: str, known: str, tmp_path: Path):
    text, header, people = OTHERS[platform]
    handed_in = {"1": "Ada Müller", "2": "Ben ONeil"} if known == "by name" else {"ada": "A.", "ben": "Ben"}
    encoding = {"Blackboard": "utf-16", "ILIAS": "cp1252"}.get(platform, "utf-8")
    assert written("csv", text, handed_in, tmp_path, encoding) == [header, *people]
