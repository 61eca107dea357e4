"""From the text that a model writes, as it comes, to texts and calls."""

import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from inference.tools.format import NAME, Format
from inference.tools.scanners import ObjectScanner, Scanner, TaggedScanner, overlap

LONGEST_NAME = 128


@dataclass(frozen=True)
class Text:
    text: str
    """Never empty."""


@dataclass(frozen=True)
class CallStarted:
    index: int
    """Of the call in its answer, from 0."""
    id: str
    name: str


@dataclass(frozen=True)
class CallArguments:
    """The next piece of a call's arguments, which together are a JSON object."""

    index: int
    text: str
    """Never empty."""


Part = Text | CallStarted | CallArguments


class CallParser:
    """Feed it an answer in pieces of any size. What looks like a call and is none stays text, and
    whitespace around calls goes. A call whose arguments have begun is one, whatever follows."""

    def __init__(self, format: Format, functions: Iterable[Mapping[str, Any]] = ()) -> None:
        """By the schemas of the functions, arguments in tags are read; see inference.tools."""
        self._format = format
        self._parameters = {f["name"]: f["parameters"] for f in functions}
        self._read = self._read_text
        self._held = ""
        """What can't be told yet."""
        self._parts: list[Part] = []
        self._calls = 0
        self._has_text = False
        self._is_after_call = False
        self._before_name = ""
        """What stands before the name that is being read, should it turn out to be text."""
        self._scanner: Scanner = ObjectScanner()

    @property
    def is_after_call(self) -> bool:
        """Whether the latest call is whole, and nothing has come after it."""
        return self._is_after_call and self._read in (self._read_end, self._read_text)

    def feed(self, text: str) -> list[Part]:
        self._held += text
        while self._read():
            pass
        return self._taken()

    def finish(self) -> list[Part]:
        """What was held back, once it is sure that no more comes."""
        while self._read == self._read_name:
            self._read_as_text()
            while self._read():
                pass
        if self._read == self._read_text:
            self._tell(self._held)
        self._held = ""
        return self._taken()

    def _taken(self) -> list[Part]:
        parts, self._parts = self._parts, []
        return parts

    # Each reads what stands at the beginning of `_held`, and says whether to go on reading there.

    def _read_text(self) -> bool:
        opening = self._format.opening
        found = self._held.find(opening) if self._may_call() else -1
        if found >= 0 and self._may_call(after=self._held[:found]):
            self._tell(self._held[:found].rstrip())
            self._held = self._held[found + len(opening) :]
            self._before_name = opening
            self._read = self._read_name
            return True
        sure = len(self._held) - self._doubtful()
        self._tell(self._held[:sure])
        self._held = self._held[sure:]
        return False

    def _read_name(self) -> bool:
        found = NAME.match(self._held)
        name = found[0] if found else ""
        rest = self._held[len(name) :]
        head = self._head(rest)
        if name and len(name) <= LONGEST_NAME and head is not None:
            self._parts.append(CallStarted(self._calls, f"call_{secrets.token_hex(12)}", name))
            self._held = rest[head:]
            self._scanner = self._arguments_of(name)
            self._read = self._read_arguments
            return True
        if len(name) <= LONGEST_NAME and (name or not rest) and self._may_be_head(rest):
            return False
        self._read_as_text()
        return True

    def _head(self, rest: str) -> int | None:
        """How much of what follows a name stands before its arguments; None: they do not follow."""
        numbered, between = self._format.numbered, self._format.between
        number = "" if numbered is None else rf"{re.escape(numbered)}\d{{1,4}}"
        begins = "|".join(map(re.escape, self._beginnings))
        found = re.match(f"({number}{re.escape(between)})({begins})", rest)
        return len(found[1]) if found else None

    def _may_be_head(self, rest: str) -> bool:
        """Whether that may follow a name up to its arguments, as far as it goes."""
        numbered = self._format.numbered
        if numbered is not None:
            if rest == numbered or _begins(rest, numbered):
                return True
            if not rest.startswith(numbered):
                return False
            digits = re.match(r"\d*", rest.removeprefix(numbered))
            rest = rest[len(numbered) + (len(digits[0]) if digits else 0) :]
        return any(_begins(rest, self._format.between + begin) for begin in self._beginnings)

    @property
    def _beginnings(self) -> list[str]:
        """What arguments begin with, and what follows where there are none."""
        tags = self._format.tags
        ends = (self._format.closing, self._format.separator)
        return ["{"] if tags is None else [tags.before, *filter(None, ends)]

    def _arguments_of(self, name: str) -> Scanner:
        if self._format.tags is None:
            return ObjectScanner()
        return TaggedScanner(self._format.tags, self._parameters.get(name, {}))

    def _read_arguments(self) -> bool:
        arguments, self._held = self._scanner.feed(self._held)
        if arguments:
            self._parts.append(CallArguments(self._calls, arguments))
        if self._scanner.is_open:
            return False
        self._calls += 1
        self._is_after_call = True
        self._read = self._read_end
        return True

    def _read_end(self) -> bool:
        closing, separator = self._format.closing, self._format.separator
        if separator and self._held.startswith(separator):
            self._held = self._held[len(separator) :]
            self._before_name = separator.removeprefix(closing)
            self._read = self._read_name
            return True
        if _begins(self._held, separator or "") or _begins(self._held, closing):
            return False
        self._held = self._held.removeprefix(closing)
        self._read = self._read_text
        return True

    def _may_call(self, after: str = "") -> bool:
        """Whether a call may come in this answer, or after a text that comes next."""
        return bool(self._format.mark) or not (self._has_text or self._calls or after.strip())

    def _doubtful(self) -> int:
        """Length of the tail that may be the beginning of a call, with the space before it."""
        opening = self._format.opening if self._may_call() else ""
        begun = overlap(self._held, opening)
        before = self._held[: len(self._held) - begun]
        if not self._may_call(after=before):
            begun, before = 0, self._held
        return begun + len(before) - len(before.rstrip())

    def _read_as_text(self) -> None:
        """What was taken for the beginning of a call is none: its first character says so."""
        self._held = self._before_name + self._held
        self._tell(self._held[:1])
        self._held = self._held[1:]
        self._read = self._read_text

    def _tell(self, text: str) -> None:
        if self._is_after_call:
            text = text.lstrip()
        if text:
            self._has_text = True
            self._is_after_call = False
            self._parts.append(Text(text))


def _begins(text: str, whole: str) -> bool:
    """Whether `text` is a beginning of `whole`, and not all of it."""
    return len(text) < len(whole) and whole.startswith(text)
