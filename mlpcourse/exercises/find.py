"""Exercises in which the slips of a page are to be found: which lines are wrong, and in what way."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from mlpcourse.exercises.exercise import Exercise
from mlpcourse.exercises.verdict import Verdict


class Finding(NamedTuple):
    """One kind of mistake on the page: the lines that have it, and why.

    also: lines that may be marked with it or not. right: what is right, with LaTeX between dollars, where no
    exercise asks for it. explained_otherwise: both for lines in which it is another thing.
    """

    lines: tuple[str, ...]
    also: tuple[str, ...]
    why: str
    right: str
    explained_otherwise: Mapping[str, tuple[str, str]]

    def explanation_of(self, line: str) -> tuple[str, str]:
        """Why the line is wrong, and what is right."""
        return self.explained_otherwise.get(line, (self.why, self.right))


class HandoutPart(NamedTuple):
    """What is read, and its key.

    lines: LaTeX for each line's name. findings: the key, for a kind. kinds: all that a line may be marked with, each
    with what it means; some never occur. replies: a sentence for a false mark, for its line and its kind.
    """

    lines: Mapping[str, str]
    findings: Mapping[str, Finding]
    kinds: Mapping[str, str]
    replies: Mapping[tuple[str, str], str]


@dataclass(frozen=True, eq=False)
class FindExercise(Exercise):
    """A part of a page is read, and every line that has a slip is marked with its kinds.

    All is found when every kind is marked in one of its lines, every wrong line has a right mark, and no mark is
    false. The first of several explains the kinds.
    """

    part: Callable[[], HandoutPart] = field(kw_only=True)
    explains_kinds: bool = field(kw_only=True, default=False)

    kind = "find"

    @property
    def listed(self) -> str:
        """What the lesson calls the list of marks: each section's has a name of its own."""
        return f"marks_{self.name.removeprefix('find_')}"

    def given(self, seed: int) -> Any:
        """The lines, to be marked by mouse, finger or keyboard; what it returns can be checked."""
        from mlpcourse.widgets.marks import Marks

        part = self.part()
        return Marks(self.task, part.lines, part.kinds, explained=self.explains_kinds)

    def stub(self) -> str:
        """The cell a lesson starts with."""
        return f'check("{self.name}", {self.listed})'

    def solution(self, seed: int) -> str:
        """The key as a cell."""
        key = {
            line: [kind for kind, found in self.part().findings.items() if line in found.lines]
            for line in self.part().lines
        }
        rows = "".join(f"    {json.dumps(line)}: {json.dumps(kinds)},\n" for line, kinds in key.items() if kinds)
        return f'{self.listed} = {{\n{rows}}}\n\ncheck("{self.name}", {self.listed})'

    def judge(self, answer: Any, seed: int) -> Verdict:
        """The verdict on marks: a dictionary from a line to its kinds, or what ``given`` returned."""
        lines = list(self.part().lines)
        marked = list(answer.formulas) if hasattr(answer, "marks") else lines
        if marked != lines:
            message = (
                f"These are the marks of {marked[0]} to {marked[-1]}. This exercise is about {lines[0]} to "
                f"{lines[-1]}: run the cell that shows them again, and mark there."
            )
            return Verdict("cannot check", self.name, message)
        answer = getattr(answer, "marks", answer)
        if answer is None or answer is ... or (isinstance(answer, Mapping) and not any(answer.values())):
            return self.not_attempted()
        if not isinstance(answer, Mapping):
            line, kind = next(iter(self.part().lines)), next(iter(self.part().kinds))
            message = f'The answer is what `given` returned, or a dictionary such as `{{"{line}": ["{kind}"]}}`.'
            return Verdict("cannot check", self.name, message)
        marks: list[tuple[str, str]] = []
        for line, kinds in answer.items():
            name = str(line).strip().upper()
            if name not in self.part().lines:
                message = f"This section has the lines {', '.join(self.part().lines)}, but {line!r} is marked."
                return Verdict("cannot check", self.name, message)
            for kind in [kinds] if isinstance(kinds, str) else kinds or ():
                known = self._known_kind(kind)
                if known is None:
                    message = f"There is no kind {kind!r}. The kinds are: {', '.join(self.part().kinds)}."
                    return Verdict("cannot check", self.name, message)
                marks.append((name, known))
        return self._compare(dict.fromkeys(marks))

    def _known_kind(self, kind: object) -> str | None:
        def letters(text: object) -> str:
            return " ".join(re.findall(r"[a-z]+", str(text).casefold()))

        names = {letters(known): known for known in self.part().kinds}
        near = difflib.get_close_matches(letters(kind), names, n=1, cutoff=0.8)
        return names[near[0]] if near else None

    def _fits(self, line: str, kind: str) -> bool:
        finding = self.part().findings.get(kind)
        return finding is not None and line in (*finding.lines, *finding.also)

    def _compare(self, marks: Collection[tuple[str, str]]) -> Verdict:
        found = [(line, kind) for line, kind in marks if self._fits(line, kind)]
        false = [(line, kind) for line, kind in marks if not self._fits(line, kind)]
        part = self.part()
        kinds = {kind for kind, finding in part.findings.items() if finding.lines} - {kind for _, kind in found}
        wrong = {line for finding in part.findings.values() for line in finding.lines} - {line for line, _ in found}
        facts = [f"{line} is marked `{kind}`: {self._false_alarm(line, kind)}" for line, kind in false]
        if wrong:
            facts.append("Not every wrong line is marked yet.")
        if kinds:
            facts.append("Not every kind of slip is found yet.")
        because: dict[tuple[str, str, str], list[str]] = {}
        for line, kind in sorted(found, key=lambda mark: list(part.lines).index(mark[0])):
            because.setdefault((kind, *part.findings[kind].explanation_of(line)), []).append(line)
        for (kind, why, right), lines in because.items():
            shown = not (false or wrong or kinds) and not set(lines).isdisjoint(part.findings[kind].lines)
            facts.append(f"{', '.join(lines)}, `{kind}`: found. {why}{f' Right: {right}.' if right and shown else ''}")
        if not (false or wrong or kinds):
            return Verdict("right", self.name, "Every slip of this section is found.", facts=tuple(facts))
        message = f"{_counted(len(found), 'right mark')}, {_counted(len(false), 'false alarm')}."
        return Verdict("wrong", self.name, message, facts=tuple(facts))

    def _false_alarm(self, line: str, kind: str) -> str:
        if reply := self.part().replies.get((line, kind)):
            return reply
        if any(line in finding.lines for finding in self.part().findings.values()):
            return "it has a slip, but not this one."
        if any(line in finding.also for finding in self.part().findings.values()):
            return "not this one; another kind may be marked here."
        return "a false alarm, this line stands. Which number would show that it is wrong?"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"
