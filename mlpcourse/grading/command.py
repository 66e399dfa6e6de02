"""``mlpcourse grade``: the options, and what happens in which order."""

from __future__ import annotations

import argparse
import json
import os
import secrets
import sys
from pathlib import Path

from tqdm import tqdm

from mlpcourse.grading import explain, gradebook, jobs, report, wall
from mlpcourse.grading.assignment import ASSIGNMENT
from mlpcourse.grading.submissions import Submission, Unreadable, find
from mlpcourse.grading.wall import Wall, WallError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of ``mlpcourse grade``."""
    parser.add_argument(
        "submissions", type=Path, help="a folder of notebooks, a folder of folders, or an LMS's zip file"
    )
    parser.add_argument("-o", "--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="grade N submissions at a time")
    parser.add_argument("--resume", action="store_true", help="go on with what an earlier run left in OUT")
    parser.add_argument("--seed", type=int, help="draw the cases from this number, to repeat a grading exactly")
    parser.add_argument("--cluster", default="", metavar="ADDRESS", help="run on a Dask cluster, e.g. tcp://host:8786")
    parser.add_argument(
        "--gradebook", type=Path, metavar="FILE", help="also write the points into nbgrader's gradebook"
    )
    parser.add_argument(
        "--explain", nargs=2, metavar=("STUDENT", "EXERCISE"), help="show what was run and seen, and write nothing"
    )
    parser.add_argument("--unsafe", action="store_true", help="run submissions without a sandbox: they can do anything")


def grade(args: argparse.Namespace) -> int:
    """Run the command; the exit status is 2, with a sentence, when nothing could be done."""
    try:
        return _grade(args)
    except (Unreadable, WallError) as problem:
        print(f"mlpcourse grade: {problem}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # what reads --explain has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print(f"Stopped. Go on with: mlpcourse grade {args.submissions} -o {args.out} --resume", file=sys.stderr)
        return 130


def _grade(args: argparse.Namespace) -> int:
    submissions = [one for one in find(args.submissions) if Path(one.path).resolve() != args.out.resolve()]
    if not submissions:
        raise Unreadable(
            f"There is nothing in {args.submissions}: it should hold notebooks (.ipynb), or folders of them."
        )
    if args.jobs < 1:
        raise Unreadable(f"--jobs must be 1 or more, but is {args.jobs}.")
    if args.cluster and "://" not in args.cluster:
        raise Unreadable(f"--cluster takes an address like tcp://host:8786, but is {args.cluster!r}.")
    if not args.unsafe and not args.cluster and (trouble := wall.missing()):
        raise WallError(f"{trouble}\nTo run submissions without protection, with all your rights: --unsafe.")
    around = Wall(sandbox=not args.unsafe)
    if args.explain:
        return explain.explain(submissions, args.explain[0], args.explain[1], _known(args.out), around)
    if args.gradebook:
        gradebook.api()
    seed = _begin(args)
    done = {one.key: found for one in submissions if args.resume and (found := jobs.saved(args.out, one)) is not None}
    todo = [one for one in submissions if one.key not in done]
    with tqdm(total=len(submissions), initial=len(done), unit="submission", disable=None) as bar:
        for _ in jobs.grade_all(todo, seed, args.out, around, args.jobs, args.cluster):
            bar.update()
    _report(args, submissions, seed)
    return 0


def _known(out: Path) -> dict[str, object]:
    """What an earlier run noted in OUT. Raises Unreadable when there was none."""
    try:
        known = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return {"seed": int(known["seed"]), "unsafe": bool(known["unsafe"]), "points": dict(known["points"])}
    except (OSError, ValueError, TypeError, KeyError):
        raise Unreadable(f"{out} does not hold the results of a grading (it has no run.json).") from None


def _begin(args: argparse.Namespace) -> int:
    """The seed of this run, kept in OUT from the start. Raises Unreadable when OUT belongs to another run."""
    if (args.out / "run.json").exists():
        known = _known(args.out)
        if not args.resume:
            raise Unreadable(
                f"{args.out} holds an earlier grading: add --resume to go on with it, or name another folder."
            )
        if known["points"] != ASSIGNMENT or known["unsafe"] != args.unsafe or args.seed not in (None, known["seed"]):
            raise Unreadable(f"{args.out} holds a grading with other points, another seed or another --unsafe.")
        return int(str(known["seed"]))
    if args.out.exists() and any(args.out.iterdir()) and not (args.out / "results").exists():
        raise Unreadable(f"{args.out} is not empty: name a new folder, so that nothing of yours is overwritten.")
    seed = secrets.randbits(48) if args.seed is None else args.seed
    run = {"seed": seed, "unsafe": args.unsafe, "points": ASSIGNMENT}
    jobs.write(args.out / "run.json", json.dumps(run, indent=1) + "\n")
    return seed


def _report(args: argparse.Namespace, submissions: list[Submission], seed: int) -> None:
    results = [result for one in submissions if (result := jobs.saved(args.out, one)) is not None]
    report.write_reports(results, args.out, seed, args.unsafe)
    if args.gradebook:
        gradebook.enter(results, args.gradebook)
    ungraded = sum(result.status != "graded" for result in results)
    counted = f"{len(results)} submission{'s' if len(results) != 1 else ''}"
    print(f"{counted}, {ungraded} of them not or only partly graded: see {args.out / 'summary.html'}")
