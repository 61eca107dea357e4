"""Thoughts at the beginning of an answer, as reasoning models write them: `<think>…</think>`.

Where a chat template knows thoughts, it shows by which marks; the usual ones count with any model.
Some templates open the thought themselves, so that the answer begins within it.
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from inference.tools.scanners import overlap

Render = Callable[[list[dict[str, Any]]], str]
"""Writes messages by a chat template, and then what the assistant's next turn begins with."""

QUESTION = {"role": "user", "content": "quivel question"}
THOUGHT, ANSWER = "quivel thought", "quivel answer"
FIELDS = ("reasoning_content", "reasoning", "thinking")
"""Where templates look for a turn's thought beside its content."""
MARK = r"(?:<[^<>\s]{1,40}>|\[[^\[\]\s]{1,40}\]|◁[^◁▷\s]{1,40}▷)"
OPENING, CLOSING = re.compile(rf"({MARK})\s*$"), re.compile(rf"^\s*({MARK})")
OF_THOUGHTS = re.compile("think|thought|reason", re.IGNORECASE)
"""A mark that says nothing like this may be that of the turn."""


@dataclass(frozen=True)
class Marks:
    opening: str
    closing: str


USUAL = Marks("<think>", "</think>")


def of_template(render: Render) -> tuple[Marks, ...]:
    """The marks by which an answer's thought may stand. Never raises."""
    for turn in _turns():
        try:
            found = _around_thought(render([dict(QUESTION), turn]))
        except Exception:  # noqa: S112 - templates raise what they like
            continue
        if found:
            return tuple(dict.fromkeys([found, USUAL]))
    return (USUAL,)


def words_of(marks: Sequence[Marks], control: Mapping[str, int]) -> dict[int, str]:
    """Those of a vocabulary's control tokens that are such marks."""
    words = {word for pair in marks for word in (pair.opening, pair.closing)}
    return {token: word for word, token in control.items() if word in words}


def opened(end: bytes, marks: Sequence[Marks]) -> Marks | None:
    """Those of a thought that a prompt opens with its end."""
    end = end.rstrip()
    return next((pair for pair in marks if end.endswith(pair.opening.encode())), None)


class State(Enum):
    UNDECIDED = auto()
    """So far, it may be white space and the beginning of a mark."""
    THINKING = auto()
    BETWEEN = auto()
    """After the thought: white space there is not said."""
    SAYING = auto()


class Thoughts:
    """Takes an answer's thought and what is said after it apart. A thought that does not end is
    one; marks that stand later are said."""

    def __init__(self, marks: Sequence[Marks], opened: Marks | None = None) -> None:
        """`opened` are those of the thought that the answer begins within."""
        self._marks = marks
        self._closing = opened.closing.encode() if opened else b""
        self._state = State.THINKING if opened else State.UNDECIDED
        self._has_thought = False
        self._held = b""

    @property
    def held(self) -> int:
        """Characters that may yet turn out to be said."""
        return len(self._held.decode(errors="ignore")) if self._is(State.UNDECIDED) else 0

    @property
    def says_the_rest(self) -> bool:
        return self._is(State.SAYING)

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """What is said and what is thought, in UTF-8, as far as that is sure."""
        self._held += piece
        if self._is(State.UNDECIDED):
            self._read_beginning()
        thought = self._read_thought() if self._is(State.THINKING) else b""
        if self._is(State.BETWEEN):
            self._held = self._held.lstrip()
            self._state = State.SAYING if self._held else State.BETWEEN
        return self._read_said() if self.says_the_rest else b"", thought

    def finish(self) -> tuple[bytes, bytes]:
        """What was held back, once it is sure that no more comes. The beginning of the mark that
        ends a thought is nothing to show."""
        return self._read_said() if self._is(State.UNDECIDED) else b"", b""

    def _is(self, state: State) -> bool:
        return self._state is state

    def _read_beginning(self) -> None:
        begun = self._held.lstrip()
        for pair in self._marks:
            opening = pair.opening.encode()
            if begun.startswith(opening):
                self._held, self._closing = begun.removeprefix(opening), pair.closing.encode()
                self._state = State.THINKING
                return
        if not any(pair.opening.encode().startswith(begun) for pair in self._marks):
            self._state = State.SAYING

    def _read_thought(self) -> bytes:
        """Without white space around it."""
        if not self._has_thought:
            self._held = self._held.lstrip()
        text, closing, rest = self._held.partition(self._closing)
        if closing:
            self._held, self._state = rest, State.BETWEEN
            return text.rstrip()
        sure = text[: len(text) - overlap(text, self._closing)].rstrip()
        self._held = text[len(sure) :]
        self._has_thought |= bool(sure)
        return sure

    def _read_said(self) -> bytes:
        said, self._held = self._held, b""
        return said


def _turns() -> Iterator[dict[str, Any]]:
    """A thought and an answer, in the forms that templates know."""
    for field in FIELDS:
        yield {"role": "assistant", "content": ANSWER, field: THOUGHT}
    parts = [{"type": "thinking", "thinking": THOUGHT}, {"type": "text", "text": ANSWER}]
    yield {"role": "assistant", "content": parts}


def _around_thought(text: str) -> Marks | None:
    before, thought, rest = text.partition(THOUGHT)
    between, answer, _ = rest.partition(ANSWER)
    opening, closing = OPENING.search(before), CLOSING.search(between)
    if not (thought and answer and opening and closing):
        return None
    marks = Marks(opening[1], closing[1])
    are_of_thoughts = OF_THOUGHTS.search(marks.opening) and OF_THOUGHTS.search(marks.closing)
    return marks if are_of_thoughts and marks.opening != marks.closing else None
