"""Putting a diagnosis into words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from mlpcourse.exercises.diagnosis import Explained
from mlpcourse.exercises.graph import WHERE_TAUGHT
from mlpcourse.exercises.locate import Place
from mlpcourse.exercises.slips import Slip
from mlpcourse.exercises.verdict import Verdict, listed


def slip_verdict(
    exercise: str, found: Sequence[Explained], results: Sequence[str], labels: Sequence[str],
    facts: Sequence[str] = (), batch: bool = False,
) -> Verdict:  # fmt: skip
    """The verdict that tells a learner what was found; in a ``batch`` it points to the derivation for a batch."""
    titles: list[str] = []
    names: list[str] = []
    questions: list[str] = []
    details: list[tuple[str, str]] = []
    latex = ""
    called = {} if tuple(labels) == tuple(results) else dict(zip(results, labels, strict=True))
    for one in found:
        same = [other for other in found if [s.slip.name for s in other.slips] == [s.slip.name for s in one.slips]]
        spoiled = sorted({result for other in same if other.generics == one.generics for result in other.results})
        where = f"{listed([labels[r] for r in spoiled])}: " if 1 < len(labels) > len(spoiled) else ""
        for slip, node, _, first in one.slips:
            if slip.name in names:
                continue
            if not names:
                latex = slip.text("latex", node) if first else ""
                if batch and latex.startswith(r"\delta_2 =") and not slip.batch:
                    latex = rf"\text{{for one example: }} {latex}"
                details = [(label, slip.text(part, node)) for label, part in _PARTS]
                details.append(("Where it is derived", where_derived(slip, node, batch)))
            said = {node, *(results[r] for r in spoiled if where)}
            others = [called.get(other.node, f"`{other.node}`") for other in one.slips
                      if other.slip.name == slip.name and other.node not in said]  # fmt: skip
            also = f", and the same in {listed(others)}" if others else ""
            titles.append(where + slip.text("title", node) + also)
            questions.append(slip.text("hint", node))
            names.append(slip.name)
        for generic in one.generics:
            if generic.name not in names:
                titles.append(where + generic.title)
                questions.append(generic.hint)
                names.append(generic.name)
    message = sentence(titles[0])
    if len(titles) > 1:
        message = f"{_COUNT[min(len(titles), 5)]} mistakes meet. The first to mend: {titles[0]}."
        facts = [*(f"Another one: {title}." for title in titles[1:]), *facts]
    details = [(label, text) for label, text in details if text]
    return Verdict(
        "slip", exercise, message, names[0], tuple(names[1:]), tuple(facts), tuple(details), latex,
        question=questions[0],
    )  # fmt: skip


_PARTS = (("Why it tempts", "tempts"), ("What it breaks", "breaks"))
_COUNT = ("", "", "Two", "Three", "Four", "Several")
_IN_A_BATCH = {"output_delta", "grad_w2", "grad_b2", "hidden_signal", "hidden_delta", "grad_w1", "grad_b1"}


def sentence(title: str) -> str:
    """A title as a sentence."""
    return f"{capitalised(title)}."


def capitalised(text: str) -> str:
    """The text with a capital at its beginning, if that is a word and no letter of a formula or name of an array."""
    return f"{text[0].upper()}{text[1:]}" if re.match(r"(?!eps\b)(?:a|[a-z]{2,})(?![\w/^_({])", text) else text


def uncapitalised(text: str) -> str:
    """A sentence as it goes on after a colon: its first word small, unless it is a letter of a formula."""
    return f"{text[0].lower()}{text[1:]}" if re.match(r"(?:A|[A-Z][a-z]+)(?![\w:/^_({])", text) else text


def where_derived(slip: Slip, node: str, batch: bool = False) -> str:
    """Where the derivation says otherwise. That the handout makes the same slip is for lesson 11 to find."""
    derivation, equations, lesson = WHERE_TAUGHT.get(node, ("", "", 0))
    if not derivation:
        return ""
    if batch and derivation in _IN_A_BATCH:
        derivation, lesson = f"batch_{derivation}", 9
    if slip.situation == "shifted" and node == "A2":
        derivation = "shift_invariance"
    return f"`show({derivation!r})`, lesson {lesson:02d}; {equations}."


def right_and_wrong_results(labels: Sequence[str], wrong: Sequence[int]) -> list[str]:
    """Which of several results are right and which are not."""
    if len(labels) == 1:
        return []
    right = [label for result, label in enumerate(labels) if result not in wrong]
    return [f"Not right: {', '.join(labels[result] for result in wrong)}. Right: {', '.join(right) or 'none'}."]


def located_verdict(
    exercise: str, places: Sequence[Place], labels: Sequence[str], facts: Sequence[str] = ()
) -> Verdict:
    """The verdict that says where one change helps, and not which."""
    first = places[0]
    at = f"`{first.source}`" if first.marked == first.source else f"`{first.marked}` in `{first.source}`"
    if len(places) > 1 and all(len(place.results) == len(labels) for place in places):
        numbers = {place.line for place in places}
        where = "in each" if len(numbers) > 1 else "there"
        messages = [f"{_lines(sorted(numbers))}: with a change {where}, everything is right."]
    else:
        messages = [_with_a_change(place, labels) for place in places]
    messages.append(f"Look at {at}.")
    change = " ".join(f"{f'In line {place.line}, ' if place.line else ''}{place.change}." for place in places)
    change = f"{change[0].upper()}{change[1:]}"
    facts = [*(place.fact for place in places if place.fact), *facts]
    return Verdict(
        "located", exercise, " ".join(messages), facts=tuple(facts),
        change=change, question=first.ask,
    )  # fmt: skip


def _with_a_change(place: Place, labels: Sequence[str]) -> str:
    """What one place is good for; a formula has no lines."""
    better = "everything is right"
    if len(place.results) < len(labels):
        names = [labels[result] for result in place.results]
        better = f"{listed(names)} {'is' if len(names) == 1 else 'are'} right"
    elif not place.everywhere:
        better = "it is right for some inputs, such as these"
    if place.more and (not place.line or set(place.more) == {place.line}):
        changes = f"changes at {len(place.more) + 1} places"
        return f"Line {place.line}: with {changes} there, {better}." if place.line else f"With {changes}, {better}."
    if place.more:
        change = "the same change" if place.alike else "a change"
        return f"{_lines(sorted({place.line, *place.more}))}: with {change} in each, {better}."
    return f"Line {place.line}: with one change there, {better}." if place.line else f"With one change, {better}."


def _lines(numbers: Sequence[int]) -> str:
    if len(numbers) == 1:
        return f"Line {numbers[0]}"
    return f"Lines {', '.join(map(str, numbers[:-1]))} and {numbers[-1]}"
