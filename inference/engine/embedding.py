"""Texts to vectors: what the model has to offer, and which texts go into the next batch."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import zip_longest
from typing import Protocol

import numpy as np
import numpy.typing as npt

from inference.engine.sequence import End

Vector = npt.NDArray[np.float32]


class Pooling(StrEnum):
    """How the vectors of a text's tokens become one."""

    MEAN = "mean"
    FIRST = "first"
    LAST = "last"


class NoEmbeddings(Exception):
    """The model makes none. The message is a sentence for people."""


class EmbeddingError(Exception):
    """A batch could not be computed."""


@dataclass(eq=False)
class Text:
    """The first `computed` of its tokens are done; `vector` is there at the end."""

    tokens: list[int]
    computed: int = 0
    vector: Vector | None = None
    """Of length 1."""
    _pooled: Vector | None = None

    def take(self, piece: "Piece", pooled: Vector, pooling: Pooling) -> None:
        """`pooled` is made of the piece alone."""
        if pooling is Pooling.MEAN:
            pooled = pooled * (piece.stop - piece.start)
            self._pooled = pooled if self._pooled is None else self._pooled + pooled
        elif pooling is Pooling.LAST or self._pooled is None:
            self._pooled = pooled.copy()
        self.computed = piece.stop
        if self._pooled is not None and self.computed == len(self.tokens):
            self.vector = _normalised(self._pooled)


@dataclass(frozen=True)
class Piece:
    """The tokens of a text from `start` up to `stop`, in a batch."""

    text: Text
    start: int
    stop: int

    @property
    def is_whole(self) -> bool:
        return self.start == 0 and self.stop == len(self.text.tokens)

    @property
    def tokens(self) -> list[int]:
        return self.text.tokens[self.start : self.stop]


class Embedder(Protocol):
    """A model as far as it makes vectors. One thread at a time computes with it."""

    size: int
    """Components of a vector."""
    longest: int
    """Most tokens of a text."""
    batch_size: int
    """Most tokens in one batch."""
    most_texts: int
    """In one batch."""
    splits: bool
    """Whether a text may be computed piece by piece, in several batches; one at a time."""
    pooling: Pooling

    def embed(self, pieces: list[Piece], threads: int) -> Vector:
        """A pooled vector for each, as rows. Raises EmbeddingError."""

    def close(self) -> None: ...


@dataclass(eq=False)
class Request:
    """Texts that somebody wants the vectors of together."""

    texts: list[Text]
    end: End | None = None
    waiting: list[Text] = field(init=False)

    def __post_init__(self) -> None:
        self.waiting = list(self.texts)

    @property
    def tokens(self) -> int:
        return sum(len(text.tokens) for text in self.texts)


class Line:
    """Which texts are next: one of each request in turn. No thread, no model."""

    def __init__(self, embedder: Embedder) -> None:
        self.requests: deque[Request] = deque()
        self._embedder = embedder
        self._split: Text | None = None
        """The text that is under way over several batches."""

    def batch(self, most: int) -> list[Piece]:
        """Pieces of about `most` tokens together."""
        most = min(most, self._embedder.batch_size)
        pieces: list[Piece] = []
        for text in self._in_turn():
            left = most - sum(piece.stop - piece.start for piece in pieces)
            if left <= 0 or len(pieces) == self._embedder.most_texts:
                break
            if piece := self._piece(text, left, is_alone=not pieces):
                pieces.append(piece)
        self.requests.rotate(-1)
        return pieces

    def take(self, pieces: list[Piece], vectors: Vector) -> None:
        """What was computed of a batch."""
        for piece, vector in zip(pieces, vectors, strict=True):
            piece.text.take(piece, vector, self._embedder.pooling)
        for request in self.requests:
            request.waiting = [text for text in request.waiting if text.vector is None]
            if not request.waiting:
                request.end = request.end or End.STOP

    def retire(self) -> list[Request]:
        """Take out the requests that have ended."""
        ended = [request for request in self.requests if request.end is not None]
        for request in ended:
            self.requests.remove(request)
        if not any(self._split in request.waiting for request in self.requests):
            self._split = None
        return ended

    def _in_turn(self) -> Iterator[Text]:
        for row in zip_longest(*(request.waiting for request in self.requests)):
            yield from (text for text in row if text is not None)

    def _piece(self, text: Text, left: int, is_alone: bool) -> Piece | None:
        rest = len(text.tokens) - text.computed
        if not self._embedder.splits:
            return Piece(text, 0, rest) if rest <= left or is_alone else None
        if rest > left and self._split is None:
            self._split = text
        if text is self._split or (rest <= left and not text.computed):
            return Piece(text, text.computed, text.computed + min(rest, left))
        return None


def _normalised(vector: Vector) -> Vector:
    length = np.linalg.norm(vector)
    return vector / length if length else vector
