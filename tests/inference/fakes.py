"""A model without llama.cpp: it says what it is told to, a letter a token.

Like a real one it computes only from what is in its KV cache, so a wrong place, a cell given away
too early or another's tokens change what it says.
"""

from dataclasses import dataclass, field
from uuid import uuid4

import numpy as np
import numpy.typing as npt

from inference.engine.backend import ChatMessage, DecodeError, NoRoom, Tools
from inference.engine.embedding import EmbeddingError, Piece, Pooling, Vector
from inference.engine.prefix import Prefix
from inference.engine.rows import Row
from inference.tools.format import OWN, Format
from inference.tools.messages import is_about_tools, told
from inference.tools.thoughts import USUAL, Marks

END = 0
SIZE = 256


@dataclass
class FakeVocabulary:
    context: int = 100
    size: int = SIZE
    ends: npt.NDArray[np.intp] = field(default_factory=lambda: np.array([END]))
    start: int = ord("\n")
    control: dict[str, int] = field(default_factory=dict)
    format: Format = OWN
    thoughts: tuple[Marks, ...] = (USUAL,)

    def render(self, messages: list[ChatMessage], tools: Tools | None = None) -> str:
        if tools or is_about_tools(messages):
            messages, _ = told(messages, tools or {}, self.format)
        return "".join(f"{m['role'][0]}:{m['content']}\n" for m in messages) + "a:"

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def tokenize_rest(self, text: str) -> list[int] | None:
        return self.tokenize(text) if text.startswith("\n") else None

    def tokenize_on(self, text: str) -> list[int]:
        return self.tokenize(text)

    def piece(self, token: int) -> bytes:
        return b"" if token in self.control.values() else bytes([token])


@dataclass
class FakeEmbedder:
    """A component of a vector is how much of the text a letter is."""

    size: int = SIZE
    longest: int = 40
    batch_size: int = 10
    most_texts: int = 4
    splits: bool = True
    pooling: Pooling = Pooling.MEAN
    batches: list[list[Piece]] = field(default_factory=list)
    poison: int = -1
    """A token that no batch can compute."""

    def embed(self, pieces: list[Piece], threads: int) -> Vector:
        assert 0 < len(pieces) <= self.most_texts
        assert sum(len(piece.tokens) for piece in pieces) <= self.batch_size or not self.splits
        assert self.splits or all(piece.is_whole for piece in pieces)
        assert all(piece.start == piece.text.computed for piece in pieces), "a gap, or an overlap"
        self.batches.append(pieces)
        if any(self.poison in piece.tokens for piece in pieces):
            raise EmbeddingError("broken")
        return np.array([self._pooled(piece.tokens) for piece in pieces], np.float32)

    def _pooled(self, tokens: list[int]) -> Vector:
        if self.pooling is not Pooling.MEAN:
            tokens = tokens[:1] if self.pooling is Pooling.FIRST else tokens[-1:]
        return np.bincount(tokens, minlength=self.size).astype(np.float32) / len(tokens)

    def close(self) -> None:
        pass


class Cell:
    """Of the cache; the sequences that share it hold the same object."""

    def __init__(self, token: int) -> None:
        self.token = token


@dataclass
class FakeMemory:
    cells: int = 400
    can_rewind: bool = True
    held: dict[int, list[Cell]] = field(default_factory=dict)

    def copy(self, source: int, target: int, length: int) -> None:
        assert not self.held.get(target), "an id is given away while it holds something"
        assert len(self.held[source]) >= length
        self.held[target] = self.held[source][:length]

    def cut(self, id: int, length: int) -> None:
        cells = self.held.get(id, [])
        assert self.can_rewind or length in (0, len(cells))
        del cells[length:]

    def save(self, id: int) -> bytes:
        return bytes(cell.token for cell in self.held[id])

    def restore(self, id: int, state: bytes) -> bool:
        assert not self.held.get(id)
        self.held[id] = [Cell(token) for token in state]
        return True

    @property
    def used(self) -> int:
        return len({id(cell) for cells in self.held.values() for cell in cells})


@dataclass
class FakeBackend(FakeMemory):
    """Every prompt is answered with `answer`, then the end token. A prompt ends with a colon."""

    answer: str = "hello"
    slots: int = 4
    ids: int = 16
    threads: int = 1
    batch_size: int = 16
    fingerprint: str = field(default_factory=lambda: str(uuid4()))
    vocabulary: FakeVocabulary = field(default_factory=FakeVocabulary)
    batches: list[list[Row]] = field(default_factory=list)
    poison: int = -1
    """A token that no step can compute."""
    hidden: int = 0
    """So many cells less than it says it has."""
    can_answer: bool = True
    images: None = None
    fake_embedder: FakeEmbedder = field(default_factory=lambda: FakeEmbedder())

    def decode(self, rows: list[Row], threads: int) -> None:
        assert len(rows) <= self.batch_size
        if self.used + len(rows) > self.cells - self.hidden:
            raise NoRoom
        self._seen: list[list[int]] = []
        for row in rows:
            cells = self.held.setdefault(row.sequence.id, [])
            assert len(cells) == row.position, "a gap, or an overlap"
            cells.append(Cell(row.token))
            self._seen.append([cell.token for cell in cells])
        if any(row.token == self.poison for row in rows):
            raise DecodeError("broken")
        self.batches.append(rows)

    def logits(self, at: int) -> npt.NDArray[np.float32]:
        said = bytes(self._seen[at]).rpartition(b":")[2]
        answer = [*self.answer.encode(), END]
        logits = np.zeros(SIZE, np.float32)
        logits[answer[min(len(said), len(answer) - 1)]] = 20
        return logits

    def embedder(self) -> FakeEmbedder:
        return self.fake_embedder

    def close(self) -> None:
        pass


class FakeStore:
    """Keeps everything."""

    def __init__(self) -> None:
        self.kept: list[tuple[Prefix, bytes]] = []

    def put(self, prefix: Prefix, data: bytes) -> None:
        self.kept.append((prefix, data))

    def longest(self, wanted: Prefix) -> tuple[int, int] | None:
        found = ((prefix.common(wanted), at) for at, (prefix, _) in enumerate(self.kept))
        return max(found, default=None)

    def load(self, handle: int) -> tuple[Prefix, bytes]:
        return self.kept[handle]

    def runs(self) -> set[str]:
        return {prefix.run for prefix, _ in self.kept}

    def forget(self, runs: set[str]) -> None:
        self.kept = [kept for kept in self.kept if kept[0].run not in runs]

    def close(self) -> None:
        pass
