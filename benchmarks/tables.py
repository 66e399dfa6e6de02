"""The tables of README.md, from what `python benchmarks --json` prints, on standard input.

A ratio in bold misses its aim.
"""

from __future__ import annotations

import json
import re
import statistics
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Any

PAINTED = re.compile(r"(\w+): \w+ to paint; p95 (\S+) ms(?:; (\S+) frames/s)?")
FOR_ALL = {"checks": "`check` of an exercise", "proofs": "proof of a derivation"}  # many rows without a peer: one line


def duration(seconds: float) -> str:
    unit, size = next(((u, s) for u, s in (("s", 1), ("ms", 1e-3)) if seconds >= s), ("us", 1e-6))
    return f"{seconds / size:.3g} {unit}"


def ratio(row: dict[str, Any]) -> str:
    if row["ratio"] is None:
        return "not installed"
    text = f"{row['ratio']:.2f}" if row["ratio"] < 10 else f"{row['ratio']:.0f}"
    return f"**{text}**" if "missed" in row["verdict"] else text


def table(head: list[str], body: list[list[str]], words: tuple[str, ...] = ()) -> Iterator[str]:
    """The first column and those named in ``words`` hold words, all others numbers."""
    yield f"| {' | '.join(head)} |"
    yield "|:--" + "".join("|:--" if name in words else "|--:" for name in head[1:]) + "|"
    yield from (f"| {' | '.join(cells)} |" for cells in body)


def training(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each size, a column for each peer."""
    lines = [list(group) for _, group in groupby(rows, key=lambda row: row["what"])]
    peers = [row["peer"].removesuffix(": not installed") for row in lines[0]]
    body = [
        [
            line[0]["what"].removeprefix("training step "),
            duration(line[0]["ours"]["median"]),
            *map(ratio, line),
        ]
        for line in lines
    ]
    yield from table(["training step", "ours", *peers], body)


def views(rows: list[dict[str, Any]]) -> Iterator[str]:
    """A line for each view, of two rows: one for keys, one for drags."""
    body = []
    for key, drag in zip(rows[::2], rows[1::2], strict=True):
        ((name, late_key, _),), ((_, late_drag, frames),) = (PAINTED.findall(row["what"]) for row in (key, drag))
        painted = [
            f"{1000 * row['ours']['median']:.1f}, {late} ms" for row, late in ((key, late_key), (drag, late_drag))
        ]
        body.append([name, *painted, frames, ratio(key), ratio(drag)])
    head = ["view", "key: median, p95", "drag: median, p95", "frames/s", "`interact` / ours, key", "drag"]
    yield from table(head, body)


def other(rows: list[dict[str, Any]]) -> Iterator[str]:
    body = []
    for name, group in groupby(rows, key=lambda row: row["benchmark"]):
        found = list(group)
        if name in FOR_ALL:
            medians = {row["what"]: row["ours"]["median"] for row in found}
            slowest = max(medians, key=lambda what: medians[what])
            typical = duration(statistics.median(medians.values()))
            body.append([f"{FOR_ALL[name]}, median of {len(found)}", typical, "", "", ""])
            body.append([f"the slowest, {slowest}", duration(medians[slowest]), "", "", ""])
            continue
        for row in found:
            median = row["ours"]["median"]
            mine = duration(median) if row["unit"] == "s" else f"{median:.3g} {row['unit']}"
            peer = row["peer"].removesuffix(": not installed")
            body.append([row["what"], mine, peer, ratio(row), row["verdict"]])
    yield from table(["what", "ours", "peer", "peer / ours", "aim"], body, words=("peer", "aim"))


def main() -> None:
    rows = json.load(sys.stdin)["rows"]
    steps = [row for row in rows if row["benchmark"] == "training_step"]
    hands = [row for row in rows if PAINTED.fullmatch(row["what"])]
    rest = [row for row in rows if row not in steps and row not in hands]
    for make, some in ((training, steps), (views, hands), (other, rest)):
        if some:
            print(*make(some), sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
