"""The command line, ``mlpcourse`` or ``python -m mlpcourse``: ``prove``, ``coverage`` and ``grade``."""

from __future__ import annotations

import argparse
import itertools
import json
import math
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

NOTEBOOKS = Path(__file__).parent.parent / "notebooks"


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


def coverage(args: argparse.Namespace) -> int:
    """Print for H01 to H32 where it is taught, how its line is proven, and its slips; 1 if one is missing."""
    from mlpcourse.derivation.handout import coverage as covered

    rows = covered(NOTEBOOKS)
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

    parser = argparse.ArgumentParser(prog="mlpcourse", description="Backpropagation, derived completely.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for command, text in (
        (prove, "prove every line of the derivation"),
        (coverage, "list where each equation of the handout is taught, how it is proven, and its slips"),
    ):
        sub = commands.add_parser(command.__name__, help=text, description=text)
        sub.add_argument("--json", action="store_true", help="print JSON")
        sub.set_defaults(run=command)
    text = "grade a folder of submissions, each in a sandbox"
    sub = commands.add_parser("grade", help=text, description=text)
    grading.add_arguments(sub)
    sub.set_defaults(run=grading.grade)
    args = parser.parse_args(argv)
    try:
        return int(args.run(args))
    except FileNotFoundError as problem:
        parser.error(str(problem))


if __name__ == "__main__":
    sys.exit(main())
