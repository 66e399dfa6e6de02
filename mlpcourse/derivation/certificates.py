"""Certificates: every line checked by the kernel of the proof assistant Coq. See ``certificates/README.md``.

``certify`` writes the statements of all derivations into a folder, runs ``coqc`` over them, and records which lines it
certified, each with the hash of its statement; ``certified`` reads that record, in which what has changed is void.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

from mlpcourse.derivation.coq import Inexpressible, Statement, context, statement
from mlpcourse.derivation.lines import DERIVATIONS
from mlpcourse.derivation.lines.line import Derivation, Line
from mlpcourse.derivation.typesetting import plain, without_tex

LIBRARY = Path(__file__).parents[2] / "certificates"
PARTS = ("Sums", "Network", "Tactic", "EndToEnd")  # each builds on those before it
FOLDER = LIBRARY.parent / "build" / "certificates"  # what is written for Coq, and what Coq says
RECORD = Path(__file__).with_name("certified.json")
INSTALL = "on Debian and Ubuntu: apt install coq libcoq-coquelicot"
SECONDS_A_LINE = 120

# The axioms of Coq's own real numbers. A certificate may rest on nothing else.
CLASSICAL_REALS = {
    "ClassicalDedekindReals.sig_not_dec", "ClassicalDedekindReals.sig_forall_dec", "Classical_Prop.classic",
    "functional_extensionality_dep",
}  # fmt: skip


class Certificate(NamedTuple):
    """Whether a line is certified; ``problem`` says why not."""

    derivation: str
    line: str  # its key
    ids: tuple[str, ...]
    equation: str
    problem: str

    @property
    def certified(self) -> bool:
        return not self.problem


class CoqFailed(RuntimeError):
    """Coq did not accept the library itself, or rested a proof on an axiom that is not among the classical reals."""


# --- the record -----------------------------------------------------------------------------------


@functools.cache
def certified(derivation: Derivation, key: str) -> bool:
    """Whether the line, as it stands, was certified, from the library as it stands."""
    try:
        return bool(_recorded().get(derivation.name, {}).get(key) == fingerprint(derivation, key))
    except Inexpressible:
        return False


def fingerprint(derivation: Derivation, key: str) -> str:
    """The hash of all that is stated for the line."""
    return _hash(context(derivation) + statement(derivation, key).text)


@functools.cache
def _recorded() -> dict[str, dict[str, str]]:
    """What was certified, by derivation and line; nothing, where a checkout holds another library."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    if LIBRARY.is_dir() and record["library"] != _library_hash():
        return {}
    return dict(record["lines"])


def _library_hash() -> str:
    return _hash("".join((LIBRARY / f"{part}.v").read_text(encoding="utf-8") for part in PARTS))


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def record(certificates: Sequence[Certificate]) -> None:
    """Keep which lines were certified."""
    lines: dict[str, dict[str, str]] = {}
    for one in certificates:
        if one.certified:
            lines.setdefault(one.derivation, {})[one.line] = fingerprint(DERIVATIONS[one.derivation], one.line)
    text = json.dumps({"library": _library_hash(), "lines": lines}, indent=1)
    RECORD.write_text(text + "\n", encoding="utf-8")


# --- running Coq ----------------------------------------------------------------------------------


def certify(folder: Path = FOLDER, jobs: int | None = None) -> Iterator[Certificate]:
    """Write the statements into ``folder``, and one ``Certificate`` a line, in order, as Coq gets done with it.

    What Coq says stands in the folder's .log files. As many files are checked at once as there are cores, or ``jobs``.
    Raises FileNotFoundError without Coq or the library, CoqFailed where the library itself fails.
    """
    if shutil.which("coqc") is None:
        raise FileNotFoundError(f"certify needs Coq with Coquelicot, and coqc was not found; {INSTALL}")
    if not LIBRARY.is_dir():
        raise FileNotFoundError(f"certify needs a copy of the whole project: there is no {LIBRARY}")
    folder.mkdir(parents=True, exist_ok=True)
    for part in PARTS:
        shutil.copy(LIBRARY / f"{part}.v", folder)
        if said := _coqc(folder, part):
            raise CoqFailed(f"{part}.v was not accepted; if Coquelicot is missing, {INSTALL}:\n{said}")
    _assumptions(folder, PARTS[-1])
    with ThreadPoolExecutor(jobs or os.cpu_count()) as workers:
        for certificates in workers.map(functools.partial(_certified, folder), DERIVATIONS.values()):
            yield from certificates


def _certified(folder: Path, derivation: Derivation) -> list[Certificate]:
    """Certify the lines of one derivation: a line that Coq refuses is left out of the file, until it takes the file."""
    problems: dict[str, str] = {}
    statements: list[Statement] = []
    for key in derivation.keys:
        try:
            statements.append(statement(derivation, key))
        except Inexpressible as reason:
            problems[key] = str(reason)
    while statements:
        text = source(derivation, statements)
        (folder / f"{derivation.name}.v").write_text(text, encoding="utf-8")
        if not (said := _coqc(folder, derivation.name)):
            _assumptions(folder, derivation.name)
            break
        refused = _refused(said, text, statements)
        problems[refused.key] = "not closed by the tactic"
        statements.remove(refused)
    return [
        Certificate(derivation.name, line.key, line.ids, plain(line.expr), problems.get(line.key, ""))
        for line in derivation.lines
    ]


def source(derivation: Derivation, statements: Sequence[Statement]) -> str:
    """A Coq file that proves the statements, each with the same tactic, and says what they rest on.

    Above each stands the line as a learner reads it, and its reason.
    """
    lemmas = [
        f"{_comment(derivation.line(one.key))}\nLemma {one.name} : {one.text}.\n"
        f"Proof. timeout {SECONDS_A_LINE} line. Qed.\n"
        for one in statements
    ]
    every = f"Definition every_line := ({', '.join(one.name for one in statements)}).\nPrint Assumptions every_line.\n"
    return context(derivation) + "".join(lemmas) + "End Lines.\n" + every


def _comment(line: Line) -> str:
    """The line and its reason as a comment, in which Coq allows no sign of a comment and no single quotation mark."""
    said = f"= {plain(line.expr)}   {', '.join([without_tex(line.reason), *line.ids])}"
    return f"(* {said.replace('(*', '( *').replace('*)', '* )').replace(chr(34), '')} *)"


def _coqc(folder: Path, name: str) -> str:
    """What Coq complains about in NAME.v, "" for nothing."""
    command = ["coqc", "-q", "-w", "none", "-Q", ".", "", f"{name}.v"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    (folder / f"{name}.log").write_text(done.stdout + done.stderr, encoding="utf-8")
    return (done.stderr or f"exit status {done.returncode}") if done.returncode else ""


def _refused(said: str, text: str, statements: Sequence[Statement]) -> Statement:
    """The statement in whose proof Coq stopped."""
    if found := re.search(r"line (\d+), characters", said):
        above = "\n".join(text.splitlines()[: int(found[1])])
        names = re.findall(r"^Lemma (\w+) :", above, flags=re.M)
        for one in statements:
            if names and one.name == names[-1] and "End Lines." not in above:
                return one
    raise CoqFailed(said)


def _assumptions(folder: Path, name: str) -> None:
    """Hold what Coq says that the proofs rest on to the axioms of the classical reals."""
    said = (folder / f"{name}.log").read_text(encoding="utf-8")
    axioms = set(re.findall(r"^([\w.']+)\s*:", said.partition("Axioms:")[2], flags=re.M))
    if foreign := axioms - CLASSICAL_REALS:
        raise CoqFailed(f"{name}.v rests on {', '.join(sorted(foreign))}")
    if not axioms and "Closed under the global context" not in said:
        raise CoqFailed(f"{name}.v does not say what it rests on")


def as_row(certificate: Certificate) -> dict[str, Any]:
    return {**certificate._asdict(), "certified": certificate.certified}
