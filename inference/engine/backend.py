"""What the engine needs of a loaded model. Tests drive the engine with a fake one."""

from typing import Protocol

from inference.engine.scheduler import Row
from inference.engine.sequence import Sequence

ChatMessage = dict[str, str]


class Backend(Protocol):
    """Only the engine's thread calls these."""

    slots: int
    """Sequences that fit in one batch."""
    cells: int
    """Tokens that fit in the KV cache, over all sequences."""
    batch_size: int
    """Most tokens in one step."""

    def start(self, sequence: Sequence) -> None:
        """Prepare the sequence's slot before its first row."""

    def decode(self, rows: list[Row]) -> None:
        """Compute the rows. Raises DecodeError, after which their sequences can't go on."""

    def sample(self, sequence: Sequence) -> int:
        """The next token of a sequence whose last row was in the latest decode."""

    def is_end(self, token: int) -> bool: ...

    def release(self, sequence: Sequence) -> None:
        """Forget the sequence; its slot is free for another."""

    def close(self) -> None: ...


class Vocabulary(Protocol):
    """Text to tokens and back. Safe to call from any thread while the model is open."""

    context: int
    """Most tokens of one sequence, prompt and answer together."""

    def render(self, messages: list[ChatMessage]) -> str:
        """The model's chat template over `messages`, ending where its answer begins."""

    def tokenize(self, text: str) -> list[int]:
        """Control tokens written in the text count as such."""

    def piece(self, token: int) -> bytes:
        """The token's text in UTF-8; a character may be split over tokens."""


class DecodeError(Exception):
    pass
