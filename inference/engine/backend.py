"""What the engine needs of a loaded model. Tests drive the engine with a fake one."""

from collections.abc import Mapping
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from inference.engine.cache import Memory
from inference.engine.embedding import Embedder
from inference.engine.images import ImageReader
from inference.engine.rows import Row
from inference.tools.format import Format
from inference.tools.thoughts import Marks

ChatMessage = dict[str, Any]
"""As OpenAI's chat completions have it; content is a text, or None beside calls of tools."""
Tools = Mapping[str, Any]
"""What the model may call, see inference.tools; nothing if empty."""


class Tokenizer(Protocol):
    """From the turns of a chat to tokens."""

    @property
    def context(self) -> int:
        """Most tokens of one sequence, prompt and answer together."""

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        """The model's chat template over `messages`, ending where its answer begins."""

    def tokenize(self, text: str) -> list[int]:
        """Control tokens written in the text count as such."""


class Vocabulary(Tokenizer, Protocol):
    """Text to tokens and back. Safe to call from any thread while the model is open."""

    size: int
    ends: npt.NDArray[np.intp]
    """The tokens that end an answer."""
    start: int
    """The token that a text begins with, where it needs one."""
    control: dict[str, int]
    """Words such as <|im_end|> that the tokeniser reads as one token, which has no piece."""

    @property
    def format(self) -> Format:
        """How the model writes calls of tools."""

    @property
    def thoughts(self) -> tuple[Marks, ...]:
        """The marks by which the thought of an answer may stand at its beginning."""

    def tokenize_rest(self, text: str) -> list[int] | None:
        """The tokens of a text that follows another; None if they depend on the other."""

    def tokenize_on(self, text: str) -> list[int]:
        """The tokens of a text that follows an image, or goes on with an answer."""

    def piece(self, token: int) -> bytes:
        """The token's text in UTF-8; a character may be split over tokens."""


class Backend(Memory, Protocol):
    """Only the engine's thread calls these."""

    slots: int
    """Sequences that run at once."""
    ids: int
    """Sequences that the KV cache can tell apart."""
    cells: int
    """Tokens that fit in the KV cache, over all sequences."""
    batch_size: int
    """Most tokens in one step."""
    threads: int
    """Most threads that a step may use."""
    fingerprint: str
    """States that were saved with another one can't be restored."""
    can_answer: bool
    """Whether it goes on with a text. One that does not may be good for embeddings."""

    @property
    def vocabulary(self) -> Vocabulary: ...

    @property
    def images(self) -> ImageReader | None:
        """What reads images, if it can."""

    def decode(self, rows: list[Row], threads: int) -> None:
        """Compute the rows, of tokens or of one view. Raises NoRoom, and then nothing has changed;
        raises DecodeError, after which what the cache has of their sequences beyond the first row
        is in doubt."""

    def logits(self, at: int) -> npt.NDArray[np.float32]:
        """Of the latest decode's row number `at`; may be changed, and lasts until the next."""

    def embedder(self) -> Embedder:
        """To be closed before the backend. Raises NoEmbeddings, or LoadError for want of memory."""

    def close(self) -> None: ...


class DecodeError(Exception):
    pass


class NoRoom(Exception):
    """The KV cache has no room for these rows, whatever the account says."""
