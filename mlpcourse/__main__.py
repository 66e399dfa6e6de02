"""The command line, ``mlpcourse`` or ``python -m mlpcourse``."""

from __future__ import annotations

import argparse
import io
import itertools
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from mlpcourse.console import PLAIN_LETTERS


def lab(args: argparse.Namespace) -> int:
    """Open the course in JupyterLab."""
    from mlpcourse.lab import server

    return server.lab(args.folder, args.jupyter)


def update(args: argparse.Namespace) -> int:
    """Bring the lessons up to date."""
    from mlpcourse.lab import server

    return server.update(args.folder)


def doctor(_: argparse.Namespace) -> int:
    """Say what is there and what is missing."""
    from mlpcourse.lab import doctor as consulted

    return consulted.doctor()


def progress(args: argparse.Namespace) -> int:
    """Show what is done; write it to a file; or make a table of a class's files."""
    from mlpcourse.exercises import progress as overview
    from mlpcourse.lab.progress import export, table

    if args.export:
        print(export(args.export))
    elif args.table:
        rows, wrong = table(args.table)
        print(rows, end="")
        print("\n".join(wrong), file=sys.stderr)
    else:
        print(overview())
    return 0


def prove(args: argparse.Namespace) -> int:
    """Print one row a line; 1 at the first unproven one."""
    from mlpcourse.derivation import DERIVATIONS, prove_line

    rows: list[dict[str, Any]] = []
    failed = False
    for derivation in DERIVATIONS.values():
        for key in derivation.keys:
            proof = prove_line(derivation, key)
            error = proof.error if math.isfinite(proof.error) else None
            rows.append({**proof._asdict(), "error": error, "proven": proof.proven})
            if not args.json:
                how = proof.how if proof.proven else f"NOT PROVEN: {proof.problem}"
                print(f"{proof.derivation:24} {key:16} {' '.join(proof.ids):12} {how:18} = {proof.equation}")
            if not proof.proven:
                failed = True
                break
        if failed:
            break
    if args.json:
        print(json.dumps(rows, indent=1))
    else:
        proven = sum(row["proven"] for row in rows)
        print(f"{proven} lines proven" + (", and the next one is not" if failed else ""))
    return int(failed)


def certify(args: argparse.Namespace) -> int:
    """Print one row a line, certified or not, and keep the result; 1 unless every line is certified."""
    from mlpcourse.derivation import certificates

    rows: list[certificates.Certificate] = []
    try:
        for row in certificates.certify():
            rows.append(row)
            if not args.json:
                how = "certified" if row.certified else f"NOT CERTIFIED: {row.problem}"
                print(f"{row.derivation:24} {row.line:16} {' '.join(row.ids):12} {how} = {row.equation}", flush=True)
    except certificates.CoqFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    certificates.record(rows)
    done = sum(row.certified for row in rows)
    if args.json:
        print(json.dumps([certificates.as_row(row) for row in rows], indent=1))
    else:
        print(
            f"{done} of {len(rows)} lines certified, and the gradients of the whole network; see {certificates.FOLDER}"
        )
    return int(done < len(rows))


def coverage(args: argparse.Namespace) -> int:
    """Print for H01 to H32 where it is taught, how its line is proven, and its slips; 1 if one is missing."""
    from mlpcourse.derivation.handout import coverage as covered
    from mlpcourse.lab.lessons import lessons_folder

    rows = covered(lessons_folder())
    missing = [row for row in rows if row.missing]
    if args.json:
        print(json.dumps([{**row._asdict(), "missing": row.missing} for row in rows], indent=1))
        return int(bool(missing))
    for row in rows:
        print(row.id)
        for notebook, heading in row.taught:
            print(f"    taught  {notebook}: {heading}")
        for (derivation, how), lines in itertools.groupby(row.proven, key=lambda proof: (proof[0], proof[2])):
            keys = ", ".join(key for _, key, _ in lines)
            print(f"    proven  {derivation} ({keys}): {how or 'NOT PROVEN'}")
        for slip, how in row.slips:
            print(f"    slip    {slip}: {how or 'NOT REFUTED'}")
        if row.missing:
            print(f"    MISSING {row.missing}")
    print(f"{len(rows) - len(missing)} of {len(rows)} equations taught, proven and their slips refuted")
    return int(bool(missing))


def main(argv: Sequence[str] | None = None) -> int:
    from mlpcourse.grading import command as grading
    from mlpcourse.grading import release as releasing
    from mlpcourse.grading import term as adding_up

    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=PLAIN_LETTERS)
    parser = argparse.ArgumentParser(prog="mlpcourse", description="Backpropagation, derived completely.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    text = "open the course in JupyterLab; the lessons are copied to FOLDER once"
    sub = commands.add_parser("lab", help=text, description=text, usage="%(prog)s [FOLDER] [OPTION OF JUPYTERLAB ...]")
    sub.add_argument("folder", nargs="?", type=Path, help="where your lessons are (default: ~/mlpcourse-lessons)")
    sub.set_defaults(run=lab)
    text = "bring newer versions of the lessons into FOLDER, and keep what you wrote"
    sub = commands.add_parser("update", help=text, description=text)
    sub.add_argument("folder", nargs="?", type=Path, help="where your lessons are (default: ~/mlpcourse-lessons)")
    sub.set_defaults(run=update)
    text = "say what the course needs, and whether it is there"
    commands.add_parser("doctor", help=text, description=text).set_defaults(run=doctor)
    text = "show what you have done; a file of it goes to an instructor only if you send it"
    sub = commands.add_parser("progress", help=text, description=text)
    sub.add_argument("--export", type=Path, metavar="FILE", help="write it to FILE, as JSON")
    sub.add_argument("--table", type=Path, metavar="FOLDER", help="for instructors: such files as a CSV table")
    sub.set_defaults(run=progress)
    for command, text in (
        (prove, "prove every line of the derivation"),
        (coverage, "list where each equation of the handout is taught, how it is proven, and its slips"),
    ):
        sub = commands.add_parser(command.__name__, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.set_defaults(run=command)
    text = "check every line of the derivation with the proof assistant Coq"
    sub = commands.add_parser("certify", help=text, description=text)
    sub.add_argument("--json", action="store_true", help="print JSON")
    sub.set_defaults(run=certify)
    text = "grade a folder of submissions, each in a sandbox"
    sub = commands.add_parser("grade", help=text, description=text)
    grading.add_arguments(sub)
    sub.set_defaults(run=grading.grade)
    text = "write the student's notebook of an assignment"
    sub = commands.add_parser("assignment", help=text, description=text)
    releasing.add_arguments(sub)
    sub.set_defaults(run=releasing.release)
    text = "add up several gradings, by student"
    sub = commands.add_parser("term", help=text, description=text)
    adding_up.add_arguments(sub)
    sub.set_defaults(run=adding_up.term)
    args, others = parser.parse_known_args(argv)
    if others and args.run is not lab:
        parser.error(f"unrecognized arguments: {' '.join(others)}")
    args.jupyter = others
    try:
        return int(args.run(args))
    except FileNotFoundError as problem:
        parser.error(str(problem))


if __name__ == "__main__":
    sys.exit(main())
