"""What the graded submissions become: scores.csv, a page of feedback for each student, and a summary of the class."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from statistics import mean, median
from typing import Any

import jinja2
from markupsafe import Markup, escape

from mlpcourse.exercises.verdict import Verdict
from mlpcourse.grading.assignment import ASSIGNMENT, SLIP_SHARE
from mlpcourse.grading.grade import Result
from mlpcourse.grading.jobs import write

OUT_OF = sum(ASSIGNMENT.values())
_WORDS = {
    "right": ("✓", "right"), "slip": ("~", "a slip with a name"), "wrong": ("✗", "not right"),
    "shape": ("✗", "the shape is not right"), "raised": ("!", "no result"),
    "not attempted": ("○", "not attempted"), "cannot check": ("?", "not graded"),
}  # fmt: skip


_STATUSES = ("graded", "partly graded", "not graded")


def write_reports(results: Sequence[Result], out: Path, seed: int, unsafe: bool) -> None:
    """Write every report into ``out``, each file at once or not at all."""
    pages = _templates()
    for result in results:
        text = pages.get_template("feedback.html").render(result=_shown(result), unsafe=unsafe)
        write(out / "feedback" / f"{result.key}.html", text)
    write(out / "summary.html", pages.get_template("summary.html").render(**_class(results), seed=seed, unsafe=unsafe))
    write(out / "scores.csv", scores(results, unsafe))


def scores(results: Sequence[Result], unsafe: bool = False) -> str:
    """The table of points as CSV. An empty field is no 0: it could not be graded."""
    file = io.StringIO(newline="")
    table = csv.writer(file)
    table.writerow(["student", *ASSIGNMENT, "total", "status", "notes"])
    for result in results:
        points = [_number(result.marks[name].points) if name in result.marks else "" for name in ASSIGNMENT]
        notes = (*result.notes, "graded without the sandbox: not protected against forgery") if unsafe else result.notes
        table.writerow(
            [_no_formula(result.name), *points, _number(result.total), result.status, _no_formula("; ".join(notes))]
        )
    return file.getvalue()


def _number(points: float | None) -> str:
    return "" if points is None else f"{points:g}"


def _no_formula(text: str) -> str:
    """Text that a spreadsheet does not take for a formula."""
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r", "|", "%"} else text


# --- feedback -------------------------------------------------------------------------------------


def _shown(result: Result) -> Result:
    marks = {name: replace(mark, verdict=for_student(mark.verdict)) for name, mark in result.marks.items()}
    return replace(result, marks=marks)


def for_student(verdict: Verdict) -> Verdict:
    """A verdict without what a check tells about its cases: no entry's value, nothing a function printed."""
    left_out = ("It printed", "Now mend it")  # the second names an exercise that is not part of the assignment
    facts = tuple(_OWN.sub(".", fact) for fact in verdict.facts if not fact.startswith(left_out))
    if verdict.kind == "raised":
        return replace(verdict, facts=facts)
    return replace(
        verdict, message=_DECIMAL.sub("#", verdict.message), facts=tuple(_DECIMAL.sub("#", fact) for fact in facts)
    )


_OWN = re.compile(r"(: yours is|\. Yours sum to) .*")  # numbers that came of a hidden case
_DECIMAL = re.compile(r"-?\d+\.\d+(?:e[-+]?\d+)?")


def _templates() -> jinja2.Environment:
    pages = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        trim_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    css = Path(__file__).with_name("templates") / "page.css"
    pages.globals.update(
        css=Markup(css.read_text()), assignment=ASSIGNMENT, out_of=OUT_OF, share=SLIP_SHARE, bar=_bar
    )  # fmt: skip
    pages.filters.update(
        points=lambda points: f"{round(points, 1):g}",
        sign=lambda verdict: _WORDS[verdict.kind][0],
        words=lambda verdict: _WORDS[verdict.kind][1],
        code=_code,
        parted=lambda name: Markup("_<wbr>").join(name.split("_")),
    )
    return pages


def _code(text: str) -> Markup:
    """Escape, then set `code` in a fixed-width face."""
    return Markup(re.sub(r"`([^`]+)`", r"<code>\1</code>", str(escape(text))))


def _bar(share: float) -> Markup:
    width = round(100 * min(max(share, 0), 1))
    return Markup(
        '<svg viewBox="0 0 104 12" width="104" height="12" role="img" aria-label="{} %">'
        '<rect class="empty" x=".5" y=".5" width="101" height="11"></rect>'
        '<rect class="full" x="1" y="1" width="{}" height="10"></rect></svg>'
    ).format(width, width)


# --- the class ------------------------------------------------------------------------------------


def _class(results: Sequence[Result]) -> dict[str, Any]:
    marked = [result for result in results if result.marks]
    totals = [result.total for result in results if result.total is not None]
    slips: Counter[tuple[str, str]] = Counter()
    for result in marked:
        for name, mark in result.marks.items():
            if mark.verdict.kind == "slip":
                slips[name, mark.verdict.message] += 1
    bins, statuses = _bins(totals), Counter[str](result.status for result in results)
    return {
        "results": results,
        "marked": max(1, len(marked)),
        "statuses": [(status, number) for status in _STATUSES if (number := statuses[status])],
        "median": median(totals) if totals else None,
        "lowest": min(totals, default=None),
        "highest": max(totals, default=None),
        "words": _needing_a_word(results),
        "slips": sorted(slips.items(), key=lambda item: (-item[1], item[0])),
        "exercises": sorted(
            (_exercise(name, marked) for name in ASSIGNMENT), key=lambda row: row["mean"] / row["out_of"]
        ),
        "bins": bins,
        "tallest": max([1, *(number for _, number in bins)]),
        "bins_text": "Distribution of the points: " + ", ".join(f"{label}: {number}" for label, number in bins),
    }


def _needing_a_word(results: Sequence[Result]) -> list[tuple[Result, str]]:
    noted = [(result, "; ".join([result.status, *result.notes])) for result in results if result.notes]
    low = [
        (result, f"under half of the points ({result.status})")
        for result in results
        if not result.notes and result.total is not None and result.total < OUT_OF / 2
    ]
    return sorted(noted, key=lambda pair: pair[0].status != "not graded") + low


def _exercise(name: str, marked: Sequence[Result]) -> dict[str, Any]:
    kinds = Counter(result.marks[name].verdict.kind for result in marked)
    points = [p for p in (result.marks[name].points for result in marked) if p is not None]
    return {
        "name": name,
        "out_of": ASSIGNMENT[name],
        "right": kinds["right"],
        "slip": kinds["slip"],
        "wrong": kinds["wrong"] + kinds["shape"] + kinds["raised"],
        "untried": kinds["not attempted"],
        "mean": mean(points) if points else 0.0,
    }


def _bins(totals: Sequence[float]) -> list[tuple[str, int]]:
    tenth = OUT_OF / 10
    counts = Counter(min(int(total // tenth), 9) for total in totals)
    return [(f"{n * tenth:g}-{(n + 1) * tenth:g}", counts[n]) for n in range(10)]
