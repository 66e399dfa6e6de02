"""``mlpcourse grade``: the options, and what happens in which order."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import secrets
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tqdm import tqdm

from mlpcourse.grading import explain as explaining
from mlpcourse.grading import exports, final, gradebook, jobs, report, roster, sandbox
from mlpcourse.grading.assignment import FILE, Assignment, AssignmentError, load
from mlpcourse.grading.files import OutputError, write
from mlpcourse.grading.grade import Settings
from mlpcourse.grading.marks import Result
from mlpcourse.grading.roster import Roster
from mlpcourse.grading.sandbox import Sandbox, SandboxError
from mlpcourse.grading.submissions import Submission, Unreadable, find


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mlpcourse grade``."""
    add = parser.add_argument
    add("submissions", type=Path, help="a folder, or the zip file of a learning platform, as it is; or one notebook")
    add("-o", "--out", type=Path, required=True, help="the folder to write into")
    add("--assignment", type=Path, default=FILE, metavar="FILE", help="your own assignment.toml")
    add("--jobs", type=int, default=1, metavar="N", help="grade N submissions at a time")
    add("--resume", action="store_true", help="go on with what an earlier run left in OUT; reads OUT/overrides.csv")
    add("--roster", type=Path, metavar="FILE", help="the list of participants: who did not hand in, and true ids")
    add("--for", dest="platform", choices=exports.FORMATS, help="also write grades and feedback for this platform")
    add("--deadline", default="", metavar="TIME", help="2026-11-03T18:00, or a file with the columns student, deadline")
    add("--gradebook", type=Path, metavar="FILE", help="also write the points into nbgrader's gradebook")
    add("--seed", type=int, help="draw the cases from this number, to repeat a grading exactly")
    add("--cluster", default="", metavar="ADDRESS", help="run on a Dask cluster, e.g. tcp://host:8786")
    add("--explain", nargs=2, metavar=("STUDENT", "EXERCISE"), help="show what was run and seen, and write nothing")
    add("--unsafe", action="store_true", help="run submissions without a sandbox: they can do anything")


def say(text: str, stream: Any = None) -> None:
    """Print a text that may hold names of files: nothing in it reaches the terminal but what can be seen."""
    print("".join(letter for letter in text if letter.isprintable() or letter == "\n"), file=stream or sys.stdout)


def grade(args: argparse.Namespace) -> int:
    """Run the command; the exit status is 2, with a sentence, when nothing could be done."""
    try:
        with _safe_path():
            return _grade(args)
    except (Unreadable, SandboxError, OutputError, AssignmentError) as problem:
        say(f"mlpcourse grade: {problem}", sys.stderr)
        return 2
    except BrokenPipeError:  # what reads --explain has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        say(f"Stopped. Go on with: mlpcourse grade {args.submissions} -o {args.out} --resume", sys.stderr)
        return 130


@contextmanager
def _safe_path() -> Iterator[None]:
    """No process started here imports from the folder of the command: there may be a student's multiprocessing.py."""
    before = os.environ.get("PYTHONSAFEPATH", "")
    os.environ["PYTHONSAFEPATH"] = "1"
    try:
        yield
    finally:
        os.environ["PYTHONSAFEPATH"] = before  # empty means off


def _grade(args: argparse.Namespace) -> int:
    assignment = load(args.assignment)
    people = roster.read(args.roster) if args.roster else Roster()
    deadline = final.read_deadline(args.deadline)
    submissions = find(args.submissions, skip=args.out)
    if args.jobs < 1:
        raise Unreadable(f"--jobs must be 1 or more, but is {args.jobs}.")
    if args.cluster and "://" not in args.cluster:
        raise Unreadable(f"--cluster takes an address like tcp://host:8786, but is {args.cluster!r}.")
    if not args.unsafe and not args.cluster and (trouble := sandbox.missing()):
        raise SandboxError(f"{trouble}\nTo run submissions without protection, with all your rights: --unsafe.")
    around = Sandbox(sandbox=not args.unsafe)
    if args.explain:
        seed = int(known(args.out)["seed"])
        return explaining.explain(submissions, args.explain[0], args.explain[1], Settings(assignment, seed, around))
    if args.gradebook:
        gradebook.api()
    run = _begin(args, assignment)
    settings = Settings(assignment, run["seed"], around)
    done = {one.key for one in submissions if args.resume and jobs.saved(args.out, one, assignment) is not None}
    todo = [one for one in submissions if one.key not in done]
    with tqdm(total=len(submissions), initial=len(done), unit="submission", disable=None) as bar:
        for _ in jobs.grade_all(todo, settings, args.out, args.jobs, args.cluster):
            bar.update()
    _report(args, submissions, assignment, people, deadline, run)
    return 0


def known(out: Path) -> dict[str, Any]:
    """What an earlier run noted in OUT. Raises Unreadable when there was none."""
    try:
        noted = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return {
            "seed": int(noted["seed"]), "unsafe": bool(noted["unsafe"]), "date": str(noted["date"]),
            "assignment": dict(noted["assignment"]),
        }  # fmt: skip
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise Unreadable(f"{out} does not hold the results of a grading (it has no run.json that fits).") from None


def _begin(args: argparse.Namespace, assignment: Assignment) -> dict[str, Any]:
    """What holds for this run, kept in OUT from the start. Raises Unreadable when OUT belongs to another run."""
    if (args.out / "run.json").exists():
        earlier = known(args.out)
        if not args.resume:
            raise Unreadable(
                f"{args.out} holds an earlier grading: add --resume to go on with it, or name another folder."
            )
        same = earlier["assignment"] == asdict(assignment) and earlier["unsafe"] == args.unsafe
        if not same or args.seed not in (None, earlier["seed"]):
            raise Unreadable(f"{args.out} holds a grading with another assignment, another seed or another --unsafe.")
        return earlier
    try:
        if args.out.exists() and any(args.out.iterdir()) and not (args.out / "results").exists():
            raise Unreadable(f"{args.out} is not empty: name a new folder, so that nothing of yours is overwritten.")
    except OSError as error:
        raise Unreadable(f"{args.out} is no folder that can be written into: {error.strerror}.") from None
    seed = secrets.randbits(48) if args.seed is None else args.seed
    date = datetime.date.today().isoformat()
    run = {"seed": seed, "unsafe": args.unsafe, "date": date, "assignment": asdict(assignment)}
    write(args.out / "run.json", json.dumps(run, indent=1) + "\n")
    return run


def _report(
    args: argparse.Namespace,
    submissions: Sequence[Submission],
    assignment: Assignment,
    people: Roster,
    deadline: Any,
    run: dict[str, Any],
) -> None:
    graded: list[tuple[Submission, Result]] = []
    for one in submissions:
        result = jobs.saved(args.out, one, assignment)
        if result is not None:
            graded.append((one, result))
        else:
            say(f"The result of {one.name} cannot be read: add --resume to grade it anew.", sys.stderr)
    overrides, problems = final.read_overrides(args.out, assignment)
    finals, absent, unknown = final.finals(graded, assignment, people, overrides, deadline)
    report.write_reports(finals, absent, assignment, args.out, run)
    if args.platform:
        exports.export(args.platform, finals, people, assignment, args.out)
    if args.gradebook:
        problems += gradebook.enter(finals, assignment, args.gradebook)
    for problem in [*problems, *unknown]:
        say(problem, sys.stderr)
    ungraded = sum(one.result.status != "graded" for one in finals)
    counted = f"{len(finals)} submission{'s' if len(finals) != 1 else ''}"
    missing = f" {len(absent)} did not hand in." if people.people else ""
    say(f"{counted}, {ungraded} of them not or only partly graded: see {args.out / 'summary.html'}.{missing}")
