"""How learning platforms name what was handed in: one table, and what can be read from such a name.

A pattern is tried on each folder's and file's name (without its ending). ``name`` is the student as shown, ``id`` what
the platform knows the student by, ``time`` when it was handed in, ``attempt`` a number that counts up, ``file`` the
name that the student gave the file. To know another platform, add a line, and names as it writes them to the test.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Handed:
    """What the names on the way to a file say. prefix: the platform's own folder or file name, up to the student's."""

    lms: str
    name: str
    id: str = ""
    time: str = ""  # ISO format, to the second; "" if unknown
    attempt: int = 0
    late: bool = False
    file: str = ""
    prefix: str = ""


_TIME = r"(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d)"
_DAY = r"(?P<time>[A-Z]\w{2} \d{1,2}, \d{4} \d{1,2}:?\d\d [AP]M)"

_PATTERNS = [
    (lms, re.compile(pattern))
    for lms, pattern in (
        # Group A-Ada Smith_1234567_assignsubmission_file_assignment; the group is split off below
        ("Moodle", r"(?P<prefix>(?P<name>.+?)_(?P<id>\d+)_assignsubmission_\w+?_)(?P<file>.*)"),
        ("Moodle", r"(?P<prefix>(?P<name>.+?)_(?P<id>\d+)_assignsubmission_(?:file|onlinetext))"),
        # HW 1_asmith_attempt_2026-11-03-14-05-22_assignment
        ("Blackboard", rf"(?P<prefix>.+_(?P<id>(?P<name>[^_]+))_attempt_{_TIME})(?:_(?P<file>.+))?"),
        # 28541-123456 - Ada Smith - Nov 3, 2026 205 PM - assignment
        ("Brightspace", rf"(?P<prefix>\d+-(?P<id>\d+) ?- ?(?P<name>.+?) ?- ?{_DAY})(?: ?- ?(?P<file>.+))?"),
        # smithada_LATE_12345_67890_assignment-1
        ("Canvas", r"(?P<prefix>(?P<name>[^_]+)_(?P<late>LATE_)?(?P<id>\d+)_\d+_)(?P<file>.+?)(?:-(?P<attempt>\d+))?"),
        # Smith, Ada(asmith)
        ("Sakai", r"(?P<prefix>(?P<name>[^,()]+, [^()]+?) ?\((?P<id>[^()]+)\))"),
        # Smith_Ada_asmith_12345
        ("ILIAS", r"(?P<prefix>(?P<name>[^\W\d][^_]*(?:_[^\W\d][^_]*)+)_[^_]*[^\W\d][^_]*_(?P<id>\d+))"),
    )
]
_ILIAS_FILE = re.compile(r"(?P<time>\d{14})_(?P<file>.+)")
_CLASSROOM = re.compile(r"(?P<name>.+?) - (?P<file>.+)")
_GROUP = re.compile(
    r"(?P<group>[^-]*?(?:\d|\b(?:group|gruppe|groupe|grupo|team|section|class|lab)\b)[^-]*)-(?P<name>.+)", re.I
)


def recognised(names: Iterable[str]) -> Handed | None:
    """What the names on the way to one file say: its folders' from the outside, then its own without the ending."""
    found: Handed | None = None
    listed = list(names)
    for name in listed:
        for lms, pattern in _PATTERNS:
            match = pattern.fullmatch(name)
            if match is None:
                continue
            said = {key: value or "" for key, value in match.groupdict().items()}
            found = Handed(
                lms, _shown(said["name"], lms), said["id"], _iso(said.get("time", "")), int(said.get("attempt") or 0),
                bool(said.get("late")), said.get("file", ""), said["prefix"],
            )  # fmt: skip
            break
        if found is not None:
            break
    if found is not None and found.lms == "ILIAS" and (match := _ILIAS_FILE.fullmatch(listed[-1])):
        return Handed("ILIAS", found.name, found.id, _iso(match["time"]), 0, False, match["file"], found.prefix)
    return found


def _shown(name: str, lms: str) -> str:
    if lms == "Sakai":
        last, _, first = name.partition(", ")
        return f"{first} {last}"
    return name.replace("_", " ") if lms == "ILIAS" else name


def _iso(text: str) -> str:
    text = text.replace(":", "")
    for pattern in ("%Y-%m-%d-%H-%M-%S", "%Y%m%d%H%M%S", "%b %d, %Y %I%M %p", "%Y-%m-%d %H%M%S", "%Y%m%d%H%M%S%f"):
        try:
            padded = re.sub(r"(, \d{4} )(\d{3} )", r"\g<1>0\2", text)
            return datetime.strptime(padded, pattern).isoformat(timespec="seconds")
        except ValueError:
            continue
    return ""


def time_of(text: str) -> str:
    """The time that a ``timestamp.txt`` holds (nbgrader, Sakai), in ISO format, or ""."""
    first = (text.strip().split("\n") or [""])[0].strip()
    return _iso(re.sub(r" ?(?:UTC|Z|[+-]\d{4})$", "", first).split(".")[0].replace("T", " "))


_MONTHS = {
    name: number
    for names in (
        "january february march april may june july august september october november december",
        "januar februar märz april mai juni juli august september oktober november dezember",
        "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
        "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre",
    )
    for number, name in enumerate(names.split(), 1)
}
_DATE = re.compile(r"(?P<day>\d{1,2})\.? (?:de )?(?P<month>[^\W\d]+) (?:de )?(?P<year>\d{4})")
_US_DATE = re.compile(r"(?P<month>[^\W\d]+) (?P<day>\d{1,2}), (?P<year>\d{4})")
_CLOCK = re.compile(r"(?P<hour>\d{1,2}):(?P<minute>\d\d)(?::\d\d)?(?: ?(?P<half>[ap])\.? ?m)?", re.I)


def moodle_time(text: str) -> str:
    """A time as Moodle's grading worksheet writes it ("Tuesday, 3 November 2026, 2:05 PM"), in ISO format, or ""."""
    text = re.sub(r"\s+", " ", text).casefold()
    date, clock = _DATE.search(text) or _US_DATE.search(text), _CLOCK.search(text)
    if date is None or clock is None or date["month"] not in _MONTHS:
        return ""
    hour = int(clock["hour"])
    if clock["half"]:
        hour = hour % 12 + (12 if clock["half"] == "p" else 0)
    try:
        when = datetime(int(date["year"]), _MONTHS[date["month"]], int(date["day"]), hour, int(clock["minute"]))
    except ValueError:
        return ""
    return when.isoformat(timespec="seconds")


def without_groups(names: Iterable[str]) -> dict[str, str]:
    """Moodle's names (``Group A-Ada Smith``) without the group: what several share, or what is called a group."""
    listed = list(names)
    grouped = all("-" in name for name in listed)  # else it is a part of somebody's own name
    shared = Counter(name.split("-", 1)[0] for name in set(listed) if grouped)
    result = {}
    for name in listed:
        match = _GROUP.fullmatch(name)
        before, _, after = name.partition("-")
        result[name] = match["name"] if match else after if after and shared[before] > 1 and " " in after else name
    return result


def classroom(stems: Iterable[str]) -> dict[str, str]:
    """Google Classroom's file names (``Ada Smith - assignment``) with the student in each: several share the title."""
    matches = {stem: match for stem in stems if (match := _CLASSROOM.fullmatch(stem))}
    titles = Counter(match["file"].casefold() for match in matches.values())
    return {
        stem: match["name"]
        for stem, match in matches.items()
        if titles[match["file"].casefold()] > 1 or "assignment" in match["file"].casefold()
    }
