"""What changed between two texts, line by line."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import takewhile
from typing import Literal

MOST_LINES = 500
"""Of the part that changed: comparing takes time with the square of it, and some more. Beyond,
all of it counts as changed."""
CONTEXT = 2
"""Lines around a change that are shown, too."""

Kind = Literal["same", "added", "removed", "skipped"]


@dataclass(frozen=True)
class Line:
    kind: Kind
    text: str = ""


def differences(before: str, after: str) -> list[Line]:
    """Nothing if the texts are equal."""
    old, new = before.split("\n"), after.split("\n")
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    end_of_old, end_of_new = len(old) - tail, len(new) - tail
    lines = [
        *(Line("same", text) for text in old[:head]),
        *_changed(old[head:end_of_old], new[head:end_of_new]),
        *(Line("same", text) for text in old[end_of_old:]),
    ]
    return list(_without_the_rest(lines)) if before != after else []


def _common(one: list[str], other: list[str]) -> int:
    pairs = zip(one, other, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


def _changed(old: list[str], new: list[str]) -> Iterator[Line]:
    if max(len(old), len(new)) > MOST_LINES:
        yield from (Line("removed", text) for text in old)
        yield from (Line("added", text) for text in new)
        return
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new).get_opcodes():
        if tag == "equal":
            yield from (Line("same", text) for text in old[i1:i2])
        else:
            yield from (Line("removed", text) for text in old[i1:i2])
            yield from (Line("added", text) for text in new[j1:j2])


def _without_the_rest(lines: list[Line]) -> Iterator[Line]:
    """Of what stayed the same, only the lines near a change."""
    near = [False] * len(lines)
    for at, line in enumerate(lines):
        if line.kind != "same":
            for neighbour in range(max(0, at - CONTEXT), min(len(lines), at + CONTEXT + 1)):
                near[neighbour] = True
    for at, line in enumerate(lines):
        if near[at]:
            yield line
        elif at == 0 or near[at - 1]:
            yield Line("skipped")
