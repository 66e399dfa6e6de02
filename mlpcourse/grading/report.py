"""What the graded submissions become: scores.csv, a page of feedback for each student, and a summary of the class."""

from __future__ import annotations

import functools
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

import jinja2
from latex2mathml.converter import convert
from markupsafe import Markup, escape

from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading import likeness
from mlpcourse.grading.assignment import Assignment
from mlpcourse.grading.exports import no_formula, number, table
from mlpcourse.grading.files import write
from mlpcourse.grading.final import Final
from mlpcourse.grading.marks import STATUSES
from mlpcourse.grading.roster import Person

_WORDS = {
    "right": ("✓", "right"), "slip": ("~", "a slip with a name"),
    "located": ("✗", "not right"), "wrong": ("✗", "not right"),
    "shape": ("✗", "the shape is not right"), "raised": ("!", "no result"),
    "not attempted": ("○", "not attempted"), "cannot check": ("?", "not graded"),
}  # fmt: skip
LONGEST = 6_000  # characters of a student's cell that the page repeats


def write_reports(
    finals: Sequence[Final], absent: Sequence[Person], assignment: Assignment, out: Path, run: dict[str, Any]
) -> None:
    """Write every report into ``out``, each file at once or not at all. run: ``run.json``. Raises OutputError."""
    pages, common = _templates(), {"assignment": assignment, "date": run["date"], "unsafe": run["unsafe"]}
    for final in finals:
        text = pages.get_template("feedback.html").render(final=_shown(final), **common)
        write(out / "feedback" / f"{final.submission.key}.html", text)
    summary = {**_class(finals, assignment), "absent": absent, "seed": run["seed"], **common}
    write(out / "summary.html", pages.get_template("summary.html").render(summary))
    write(out / "scores.csv", scores(finals, assignment, run["unsafe"]), "utf-8-sig")


def scores(finals: Sequence[Final], assignment: Assignment, unsafe: bool = False) -> str:
    """The table of points as CSV. An empty field is no 0: it could not be graded."""
    rows = [["student", *assignment.points, "total", "status", "notes", "id", "days late", "for the instructor"]]
    for final in finals:
        result = final.result
        points = [number(result.marks[name].points) if name in result.marks else "" for name in assignment.points]
        notes = (*result.notes, "graded without the sandbox: not protected against forgery") if unsafe else result.notes
        remarks = [*result.remarks, *(f"{n}: {one.points:g}, {one.reason}" for n, one in final.overrides.items())]
        days = str(final.days) if final.days else ""
        row = [*points, number(final.total), result.status, no_formula("; ".join(notes)), no_formula(final.id), days]
        rows.append([no_formula(final.name), *row, no_formula("; ".join(remarks))])
    return table(rows)


# --- feedback -------------------------------------------------------------------------------------


def _shown(final: Final) -> Final:
    marks = {
        name: replace(mark, verdict=for_student(mark.verdict), source=mark.source[:LONGEST].strip("\n"))
        for name, mark in final.result.marks.items()
    }
    return replace(final, result=replace(final.result, marks=marks))


@functools.lru_cache(maxsize=1 << 12)  # a class is told much the same
def for_student(verdict: Verdict) -> Verdict:
    """A verdict without what a check tells about its cases: no entry's value, nothing a function printed."""
    left_out = ("It printed", "To write it right")  # the second names an exercise that is not part of the assignment
    facts = tuple(_in_words(_OWN.sub(".", fact)) for fact in verdict.facts if not fact.startswith(left_out))
    question = (("To think about", verdict.question),) if verdict.question else ()
    details = tuple((label, _in_words(text)) for label, text in (*verdict.details, *question))
    if verdict.kind == "raised":
        return replace(verdict, facts=facts, details=details)
    message = _DECIMAL.sub("#", _in_words(verdict.message))
    return replace(verdict, message=message, facts=tuple(_DECIMAL.sub("#", fact) for fact in facts), details=details)


_OWN = re.compile(r"(: yours is|\. Yours sum to) .*")  # numbers that came of a hidden case
_DECIMAL = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")
_EQUATION = re.compile(r"(?<![\w.])H(\d\d)\b(?! of the handout)")
_SHOW = re.compile(r"`show\((['\"])(\w+)\1\)`, lesson (\d\d)")


def _in_words(text: str) -> str:
    """The text without codes: an equation's number gets the word for it, a derivation its name."""
    text = _SHOW.sub(lambda match: f"the derivation {match[2].replace('_', ' ')} in lesson {match[3]}", text)
    return _EQUATION.sub(r"equation \1 of the handout", text)


def _templates() -> jinja2.Environment:
    folder = Path(__file__).with_name("templates")
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(folder), autoescape=True, trim_blocks=True, undefined=jinja2.StrictUndefined
    )
    pages.globals.update(css=Markup((folder / "page.css").read_text(encoding="utf-8")), bar=_bar)
    pages.filters.update(
        points=lambda points: f"{round(points, 1):g}",
        sign=lambda verdict: _WORDS[verdict.kind][0],
        words=lambda verdict: _WORDS[verdict.kind][1],
        code=_code,
        formula=_formula,
        parted=lambda name: Markup("_<wbr>").join(name.split("_")),
        lesson=_lesson,
    )
    return pages


@functools.lru_cache(maxsize=1 << 12)
def _code(text: str) -> Markup:
    """Escape, then set `code` in a fixed-width face and $formulas$ as formulas."""
    parts = re.split(r"\$([^$]+)\$", text)
    return Markup("").join(
        _formula(part) if place % 2 else Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(part))))
        for place, part in enumerate(parts)
    )


@functools.lru_cache(maxsize=1 << 12)  # a class meets the same formulas
def _formula(latex: str) -> Markup:
    """A formula in MathML, which browsers set without help; as it is typed where it cannot be read."""
    try:
        return Markup(convert(latex).replace(' xmlns="http://www.w3.org/1998/Math/MathML"', ""))
    except Exception:  # the converter raises errors of many kinds
        return Markup("<code>{}</code>").format(latex)


def _lesson(name: str, assignment: Assignment) -> Markup:
    """Where to read again: the derivation if the lesson shows it; a link if the course's pages have an address."""
    exercise = assignment.exercises[name]
    page, title, shown = lesson(exercise.lesson)
    if exercise.see in shown:
        words = Markup("the derivation {} in lesson {:02d}").format(exercise.see.replace("_", " "), exercise.lesson)
    else:
        words = Markup("lesson {:02d}, {}").format(exercise.lesson, title)
    if not assignment.site or not page:
        return words
    place = f"#{exercise.see}" if exercise.see in shown else ""
    return Markup('<a href="{}/{}.html{}">{}</a>').format(assignment.site.rstrip("/"), page, place, words)


@functools.cache
def lesson(number: int) -> tuple[str, str, frozenset[str]]:
    """A lesson's page, its title, and the derivations that it shows, as its notebook has them."""
    package = Path(__file__).parents[1]
    for folder in (package, package.parent):  # installed, or in a checkout
        for path in folder.glob(f"notebooks/{number:02d}_*.ipynb"):
            cells = ["".join(cell["source"]) for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]]
            title = re.sub(r"^#[ \d.:]*", "", cells[0].split("\n")[0])
            return path.stem, title, frozenset(re.findall(r'^show\("(\w+)"', "\n".join(cells), re.M))
    return "", "", frozenset()


def _bar(share: float) -> Markup:
    width = round(100 * min(max(share, 0), 1))
    return Markup(
        '<svg viewBox="0 0 104 12" width="104" height="12" role="img" aria-label="{} %">'
        '<rect class="empty" x=".5" y=".5" width="101" height="11"></rect>'
        '<rect class="full" x="1" y="1" width="{}" height="10"></rect></svg>'
    ).format(width, width)


# --- the class ------------------------------------------------------------------------------------


def _class(finals: Sequence[Final], assignment: Assignment) -> dict[str, Any]:
    marked = [final for final in finals if final.result.marks]
    totals = [final.total for final in finals if final.total is not None]
    slips: Counter[tuple[str, str]] = Counter()
    for final in marked:
        for name, mark in final.result.marks.items():
            if mark.verdict.kind == "slip":
                slips[name, mark.verdict.message] += 1
    bins = _bins(totals, assignment.out_of)
    statuses = Counter[str](final.result.status for final in finals)
    return {
        "finals": finals,
        "marked": max(1, len(marked)),
        "statuses": [(status, number) for status in STATUSES if (number := statuses[status])],
        "median": median(totals) if totals else None,
        "lowest": min(totals, default=None),
        "highest": max(totals, default=None),
        "words": _students_to_contact(finals, assignment),
        "names": [(final, "; ".join(final.result.remarks)) for final in finals if final.result.remarks],
        "questions": likeness.questions(marked, assignment),
        "slips": sorted(slips.items(), key=lambda item: (-item[1], item[0])),
        "exercises": sorted(
            (_exercise(name, marked, assignment) for name in assignment.points),
            key=lambda row: row["mean"] / (row["out_of"] or 1),
        ),
        "bins": bins,
        "tallest": max([1, *(number for _, number in bins)]),
        "bins_text": "Distribution of the points: " + ", ".join(f"{label}: {number}" for label, number in bins),
    }


def _students_to_contact(finals: Sequence[Final], assignment: Assignment) -> list[tuple[Final, str]]:
    """Whose work needs a word: what could not be graded, what has a note, what has under half of the points."""
    noted = [(final, "; ".join([final.result.status, *final.result.notes])) for final in finals if final.result.notes]
    low = [
        (final, f"under half of the points ({final.result.status})")
        for final in finals
        if not final.result.notes and final.total is not None and final.total < assignment.out_of / 2
    ]
    return sorted(noted, key=lambda pair: pair[0].result.status != "not graded") + low


def _exercise(name: str, marked: Sequence[Final], assignment: Assignment) -> dict[str, Any]:
    marks = [final.result.marks[name] for final in marked if name in final.result.marks]
    kinds = Counter(mark.verdict.kind for mark in marks)
    points = [mark.points for mark in marks if mark.points is not None]
    return {
        "name": name,
        "out_of": assignment.points[name],
        "right": kinds["right"],
        "slip": kinds["slip"],
        "wrong": sum(kinds[kind] for kind in ("wrong", "located", "shape", "raised")),
        "untried": kinds["not attempted"],
        "mean": mean(points) if points else 0.0,
    }


def _bins(totals: Sequence[float], out_of: float) -> list[tuple[str, int]]:
    tenth = out_of / 10
    counts = Counter(min(int(total // tenth), 9) for total in totals)
    return [(f"{n * tenth:g}-{(n + 1) * tenth:g}", counts[n]) for n in range(10)]
