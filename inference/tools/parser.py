"""From the text that a model writes, as it comes, to texts and calls."""

import secrets
from dataclasses import dataclass

from inference.tools.format import NAME, Format

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

    def __init__(self, format: Format) -> None:
        self._format = format
        self._read = self._read_text
        self._held = ""
        """What can't be told yet."""
        self._parts: list[Part] = []
        self._calls = 0
        self._has_text = False
        self._is_after_call = False
        self._before_name = ""
        """What stands before the name that is being read, should it turn out to be text."""
        self._scanner = _ObjectScanner()

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
        between = self._format.between
        found = NAME.match(self._held)
        name = found[0] if found else ""
        rest = self._held[len(name) :]
        if name and len(name) <= LONGEST_NAME and rest.startswith(between + "{"):
            self._parts.append(CallStarted(self._calls, f"call_{secrets.token_hex(12)}", name))
            self._held = rest.removeprefix(between)
            self._scanner = _ObjectScanner()
            self._read = self._read_arguments
            return True
        if len(name) <= LONGEST_NAME and (name or not rest) and _begins(rest, between + "{"):
            return False
        self._read_as_text()
        return True

    def _read_arguments(self) -> bool:
        end = self._scanner.feed(self._held)
        arguments, self._held = self._held[:end], self._held[end:]
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
        longest = min(len(self._held), len(opening) - 1)
        overlap = next((n for n in range(longest, 0, -1) if self._held.endswith(opening[:n])), 0)
        before = self._held[: len(self._held) - overlap]
        if not self._may_call(after=before):
            overlap, before = 0, self._held
        return overlap + len(before) - len(before.rstrip())

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


class _ObjectScanner:
    """Finds where a JSON object ends. Of anything else than JSON it finds some end or none."""

    def __init__(self) -> None:
        self.is_open = True
        self._depth = 0
        self._in_string = False
        self._is_escaped = False

    def feed(self, text: str) -> int:
        """How much of `text` belongs to the object."""
        for at, character in enumerate(text, start=1):
            self._take(character)
            if not self.is_open:
                return at
        return len(text)

    def _take(self, character: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif self._in_string:
            self._is_escaped = character == "\\"
            self._in_string = character != '"'
        elif character == '"':
            self._in_string = True
        elif character in "{[":
            self._depth += 1
        elif character in "}]":
            self._depth -= 1
            self.is_open = self._depth > 0


def _begins(text: str, whole: str) -> bool:
    """Whether `text` is a beginning of `whole`, and not all of it."""
    return len(text) < len(whole) and whole.startswith(text)
