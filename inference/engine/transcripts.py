"""The tokens that texts were made of, for when the next prompt begins with the same text.

A model may write a word in other tokens than its tokenizer would. Reading its own answer as it
wrote it, it finds all of that in the KV cache.
"""

import threading
from collections import OrderedDict
from collections.abc import Container
from dataclasses import dataclass

from inference.engine.backend import ChatMessage, Tools, Vocabulary

MOST_KEPT = 256
MOST_TOKENS = 500_000
"""Of all that are kept: some 20 MB."""


@dataclass(frozen=True)
class Transcript:
    text: str
    tokens: list[int]
    owner: str


class Transcripts:
    """Of one model. Any thread may call."""

    def __init__(self) -> None:
        self._of_runs: OrderedDict[str, Transcript] = OrderedDict()
        self._tokens = 0
        self._lock = threading.Lock()

    def add(self, run: str, transcript: Transcript) -> None:
        with self._lock:
            self._drop(run)
            self._of_runs[run] = transcript
            self._tokens += len(transcript.tokens)
            while len(self._of_runs) > MOST_KEPT or self._tokens > MOST_TOKENS:
                self._drop(next(iter(self._of_runs)))

    def beginning(self, text: str, owner: str) -> Transcript | None:
        """The longest of this owner's that `text` begins with."""
        with self._lock:
            known = [t for t in self._of_runs.values() if t.owner == owner]
        known = [t for t in known if text.startswith(t.text)]
        return max(known, key=lambda t: len(t.text), default=None)

    def runs(self) -> set[str]:
        with self._lock:
            return set(self._of_runs)

    def forget(self, runs: Container[str]) -> None:
        with self._lock:
            for run in [run for run in self._of_runs if run in runs]:
                self._drop(run)

    def _drop(self, run: str) -> None:
        if known := self._of_runs.pop(run, None):
            self._tokens -= len(known.tokens)


@dataclass(frozen=True)
class Reader:
    """A vocabulary that reads what it knows as it was written."""

    vocabulary: Vocabulary
    transcripts: Transcripts
    owner: str

    @property
    def context(self) -> int:
        return self.vocabulary.context

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        return self.vocabulary.render(messages, tools)

    def tokenize(self, text: str) -> list[int]:
        if known := self.transcripts.beginning(text, self.owner):
            rest = self.vocabulary.tokenize_rest(text[len(known.text) :])
            if rest is not None:
                return known.tokens + rest
        return self.vocabulary.tokenize(text)
