"""The arguments of a call, as they come, in JSON."""

from collections.abc import Mapping
from typing import Any, AnyStr, Protocol

from inference.tools.format import Tags
from inference.tools.values import TEXT, Writing, argument, quoted, writing


class Scanner(Protocol):
    """Reads the arguments of one call. `feed` gets what it left before in front of what is new."""

    is_open: bool

    def feed(self, text: str) -> tuple[str, str]:
        """The next piece of the arguments in JSON, and what is left of the text."""


class ObjectScanner:
    """Finds where a JSON object ends. Of anything else than JSON it finds some end or none."""

    def __init__(self) -> None:
        self.is_open = True
        self._depth = 0
        self.is_in_string = False
        self._is_escaped = False

    def feed(self, text: str) -> tuple[str, str]:
        for at, character in enumerate(text, start=1):
            self._take(character)
            if not self.is_open:
                return text[:at], text[at:]
        return text, ""

    def _take(self, character: str) -> None:
        if self._is_escaped:
            self._is_escaped = False
        elif self.is_in_string:
            self._is_escaped = character == "\\"
            self.is_in_string = character != '"'
        elif character == '"':
            self.is_in_string = True
        elif character in "{[":
            self._depth += 1
        elif character in "}]":
            self._depth -= 1
            self.is_open = self._depth > 0


class TaggedScanner:
    """Reads arguments in tags. Texts come as they are written, other values when they are whole."""

    def __init__(self, tags: Tags, parameters: Mapping[str, Any]) -> None:
        self.is_open = True
        self._tags = tags
        self._parameters = parameters
        self._read = self._read_before
        self._left = ""
        self._written = "{"
        self._has_arguments = False
        self._writing = TEXT

    def feed(self, text: str) -> tuple[str, str]:
        self._left = text
        while self.is_open and self._read():
            pass
        written, self._written = self._written, ""
        return written, self._left

    # Each reads what stands at the beginning of `_left`, and says whether to go on reading there.

    def _read_before(self) -> bool:
        before = self._tags.before
        if self._left.startswith(before):
            self._left = self._left[len(before) :]
            self._read = self._read_key
            return True
        if not before.startswith(self._left):
            self._written += "}"
            self.is_open = False
        return False

    def _read_key(self) -> bool:
        key, between, rest = self._left.partition(self._tags.between)
        if not between:
            return False
        self._left = rest
        self._written += f"{', ' if self._has_arguments else ''}{quoted(key)}: "
        self._has_arguments = True
        self._writing = writing(argument(self._parameters, key), self._parameters)
        self._read = self._read_value
        if self._writing == TEXT:
            self._written += '"'
            self._read = self._read_text
        return True

    def _read_text(self) -> bool:
        after = self._tags.after
        text, end, rest = self._left.partition(after)
        if not end:
            sure = len(text) - overlap(text, after)
            text, rest = text[:sure], text[sure:]
        self._written += quoted(text)[1:-1] + ('"' if end else "")
        self._left = rest
        if end:
            self._read = self._read_before
        return bool(end)

    def _read_value(self) -> bool:
        end = self._end_of_value()
        if end < 0:
            return False
        self._written += self._writing.as_json(self._left[:end])
        self._left = self._left[end + len(self._tags.after) :]
        self._read = self._read_before
        return True

    def _end_of_value(self) -> int:
        """Negative if it has not come. What stands within a text in JSON does not end it."""
        end = self._left.find(self._tags.after)
        while end >= 0 and self._writing == Writing(False) and _is_in_string(self._left[:end]):
            end = self._left.find(self._tags.after, end + 1)
        return end


def _is_in_string(json_text: str) -> bool:
    scanner = ObjectScanner()
    scanner.feed(json_text)
    return scanner.is_in_string


def overlap(text: AnyStr, word: AnyStr) -> int:
    """Length of the tail that may turn out to be the beginning of the word."""
    longest = min(len(text), len(word) - 1)
    return next((n for n in range(longest, 0, -1) if text.endswith(word[:n])), 0)
