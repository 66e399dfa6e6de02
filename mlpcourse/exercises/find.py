"""Exercises in which the slips of a page are to be found: which lines are wrong, and in what way."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.verdict import Verdict


class Finding(NamedTuple):
    """One kind of mistake: the lines that have it, further lines that may be marked with it, why, and what is right."""

    required: tuple[str, ...]
    accepted: tuple[str, ...]
    why: str
    right: str


@dataclass(frozen=True, eq=False)
class FindExercise(Exercise):
    """``lines`` (LaTeX) are read, and every line that has a slip is marked with its kinds.

    findings: the key, a kind with its lines. kinds: all that a line may be marked with, some of which never occur.
    shorthand: lines that only look wrong, each with a sentence.
    """

    lines: Mapping[str, str] = ...  # type: ignore[assignment] # required; a dataclass wants a default after one
    findings: Mapping[str, Finding] = ...  # type: ignore[assignment]
    kinds: Sequence[str] = ()
    shorthand: Mapping[str, str] = ...  # type: ignore[assignment]

    kind = "find"

    def given(self, seed: int) -> Any:
        """The lines, to be marked by mouse, finger or keyboard; what it returns can be checked."""
        from mlpcourse.widgets.marks import Marks

        return Marks(self.task, self.lines, self.kinds)

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'marks = given("{self.name}")\nmarks'

    def solution(self, seed: int) -> str:
        """The key as a cell."""
        key = {line: [kind for kind in self.kinds if line in self._lines(kind)] for line in self.lines}
        rows = "".join(f'    "{line}": {kinds!r},\n' for line, kinds in key.items() if kinds).replace("'", '"')
        return f'marks = {{\n{rows}}}\n\ncheck("{self.name}", marks)'

    def _lines(self, kind: str) -> tuple[str, ...]:
        return self.findings[kind].required if kind in self.findings else ()

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on marks: a dictionary from a line to its kinds, or what ``given`` returned."""
        answer = getattr(answer, "marks", answer)
        if answer is None or answer is ... or (isinstance(answer, Mapping) and not any(answer.values())):
            return self.not_attempted()
        if not isinstance(answer, Mapping):
            example = f'{{"{next(iter(self.lines))}": ["{self.kinds[0]}"]}}'
            message = f"The answer is what `given` returned, or a dictionary such as `{example}`."
            return Verdict("cannot check", self.name, message)
        marks: list[tuple[str, str]] = []
        for line, kinds in answer.items():
            name = str(line).strip().upper()
            if name not in self.lines:
                message = f"This section has the lines {', '.join(self.lines)}, but {line!r} is marked."
                return Verdict("cannot check", self.name, message)
            for kind in [kinds] if isinstance(kinds, str) else kinds or ():
                known = self._known_kind(kind)
                if known is None:
                    message = f"There is no kind {kind!r}. The kinds are: {', '.join(self.kinds)}."
                    return Verdict("cannot check", self.name, message)
                marks.append((name, known))
        return self._compare(dict.fromkeys(marks))

    def _known_kind(self, kind: object) -> str | None:
        def plain(text: object) -> str:
            return " ".join(re.findall(r"[a-z]+", str(text).casefold()))

        names = {plain(known): known for known in self.kinds}
        near = difflib.get_close_matches(plain(kind), names, n=1, cutoff=0.8)
        return names[near[0]] if near else None

    def _compare(self, marks: Iterable[tuple[str, str]]) -> Verdict:
        found, false = [], []
        for line, kind in marks:
            finding = self.findings.get(kind)
            if finding and line in (*finding.required, *finding.accepted):
                found.append((line, kind))
            else:
                false.append(f"{line} is marked `{kind}`: {self._false_alarm(line)}")
        missed = [
            (line, kind)
            for kind, finding in self.findings.items()
            for line in finding.required
            if line in self.lines and (line, kind) not in found
        ]
        facts = list(false)
        if missed:
            count = len(missed)
            facts.append(
                f"{count} mark{'s are' if count > 1 else ' is'} still missing, "
                f"in {len({line for line, _ in missed})} of the section's {len(self.lines)} lines."
            )
        for kind in dict.fromkeys(kind for _, kind in found):
            where = ", ".join(line for line, other in found if other == kind)
            finding = self.findings[kind]
            facts.append(
                f"{where}, `{kind}`: found. {finding.why}" + (f" Right: {finding.right}" if not missed else "")
            )
        if not false and not missed:
            return Verdict("right", self.name, "Every slip of this section is found.", facts=tuple(facts))
        head = f"{len(found)} found, {len(missed)} missed, {len(false)} false alarm{'' if len(false) == 1 else 's'}."
        return Verdict("wrong", self.name, head, facts=tuple(facts))

    def _false_alarm(self, line: str) -> str:
        if line in self.shorthand:
            return self.shorthand[line]
        if any(line in (*finding.required, *finding.accepted) for finding in self.findings.values()):
            return "it has a slip, but not this one."
        return "a false alarm, this line stands. Which number would show that it is wrong?"
