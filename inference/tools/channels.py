"""Answers in channels, as gpt-oss writes them (OpenAI's harmony response format).

An answer is a row of messages. Each has a header, which names its channel and who it is for, and
then its text:

    <|channel|>analysis<|message|>…<|end|><|start|>assistant<|channel|>final<|message|>…

What it thinks is in `analysis`, what it says in `final`, and what it says before it calls in
`commentary`. A message to `functions.NAME` is a call, and the last one.
"""

import re
from collections.abc import Mapping

from inference.tools.format import NAME, Format
from inference.tools.scanners import overlap

START, CHANNEL, CONSTRAIN = "<|start|>", "<|channel|>", "<|constrain|>"
BODY, END = "<|message|>", "<|end|>"
WORDS = (START, CHANNEL, CONSTRAIN, BODY, END)
ANALYSIS = f"{CHANNEL}analysis{BODY}"
FINAL = f"{CHANNEL}final{BODY}"
NEXT = f"{END}{START}assistant"
"""Between two messages."""
FORMAT = Format(
    opening=f"{CHANNEL}commentary to=functions.",
    between=f" {CONSTRAIN}json{BODY}",
    closing="",
    separator=None,
    has_channels=True,
)
TO_BEFORE_CHANNEL = " to=functions."
"""Begins the other form of a call's header: ` to=functions.NAME<|channel|>commentary…`"""
TO_FUNCTION = re.compile(rf"\bto=functions\.({NAME.pattern})")
TO = re.compile(r"\bto=")
HEADERS = (CHANNEL.encode(), BODY.encode(), b" to=", b"to=")
"""What a header may begin with, right after the prompt."""
LONGEST_HEADER = 300
BETWEEN = b"\n\n"
"""Between the texts of two messages."""


def words_of(control: Mapping[str, int]) -> dict[int, str]:
    """Those of a vocabulary's control tokens that messages are written with."""
    return {token: word for word, token in control.items() if word in WORDS}


class Channels:
    """Takes what is said and what is thought apart. Calls stay among what is said, in the form
    `FORMAT`, whichever of its forms the model used. An answer without any header, as a grammar may
    want it, is said."""

    held = 0
    says_the_rest = False  # another channel may come

    def __init__(self) -> None:
        self._held = b""
        self._is_header = True
        self._is_thought = False
        self._is_first = True
        self._written = {True: b"", False: b""}
        """What is new, by whether it is a thought."""
        self._has_written = {True: False, False: False}

    def feed(self, piece: bytes) -> tuple[bytes, bytes]:
        """What is said and what is thought, in UTF-8, as far as that is sure."""
        self._held += piece
        while self._read_header() if self._is_header else self._read_body():
            pass
        return self._taken()

    def finish(self) -> tuple[bytes, bytes]:
        """What was held back, once it is sure that no more comes. A header is nothing to show."""
        if not self._is_header:
            self._write(self._held)
        self._held = b""
        return self._taken()

    def _taken(self) -> tuple[bytes, bytes]:
        said, thought = self._written[False], self._written[True]
        self._written = {True: b"", False: b""}
        return said, thought

    # Both say whether to go on reading.

    def _read_header(self) -> bool:
        header, body, rest = self._held.partition(BODY.encode())
        if body:
            self._held = rest
            self._open(header.decode("utf-8", "replace"))
        elif (self._is_first and not _may_be_header(header)) or len(header) > LONGEST_HEADER:
            self._is_header = self._is_thought = False
        else:
            return False
        return True

    def _open(self, header: str) -> None:
        function = TO_FUNCTION.search(header)
        self._is_header = self._is_first = False
        is_aside = f"{CHANNEL}analysis" in header or bool(TO.search(header))
        self._is_thought = is_aside and not function
        if self._has_written[self._is_thought]:
            self._write(BETWEEN)
        if function:
            self._write(f"{FORMAT.opening}{function[1]}{FORMAT.between}".encode())

    def _read_body(self) -> bool:
        text, end, rest = self._held.partition(END.encode())
        if end:
            self._write(text)
            self._held, self._is_header = rest, True
            return True
        sure = len(text) - overlap(text, END.encode())
        self._write(text[:sure])
        self._held = text[sure:]
        return False

    def _write(self, text: bytes) -> None:
        self._written[self._is_thought] += text
        self._has_written[self._is_thought] |= bool(text)


def _may_be_header(text: bytes) -> bool:
    return any(text.startswith(word) or word.startswith(text) for word in HEADERS)
