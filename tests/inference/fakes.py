"""A model without llama.cpp: it says what it is told to, a letter a token."""

from dataclasses import dataclass, field

from inference.engine.backend import ChatMessage, DecodeError
from inference.engine.scheduler import Row
from inference.engine.sequence import Sequence

END = 0


@dataclass
class FakeVocabulary:
    context: int = 100

    def render(self, messages: list[ChatMessage]) -> str:
        return "".join(f"{m['role'][0]}:{m['content']}\n" for m in messages) + "a:"

    def tokenize(self, text: str) -> list[int]:
        return list(text.encode())

    def piece(self, token: int) -> bytes:
        return bytes([token])


@dataclass
class FakeBackend:
    """Every sequence is answered with `answer`, then the end token."""

    answer: str = "hello"
    slots: int = 4
    cells: int = 400
    batch_size: int = 16
    vocabulary: FakeVocabulary = field(default_factory=FakeVocabulary)
    batches: list[list[Row]] = field(default_factory=list)
    released: list[int] = field(default_factory=list)
    fail_at: int = -1
    """The step at which decoding fails."""

    def start(self, sequence: Sequence) -> None:
        pass

    def decode(self, rows: list[Row]) -> None:
        assert len(rows) <= self.batch_size
        if len(self.batches) == self.fail_at:
            raise DecodeError("broken")
        self.batches.append(rows)

    def sample(self, sequence: Sequence) -> int:
        raw = self.answer.encode()
        return raw[sequence.produced] if sequence.produced < len(raw) else END

    def is_end(self, token: int) -> bool:
        return token == END

    def release(self, sequence: Sequence) -> None:
        self.released.append(sequence.slot)

    def close(self) -> None:
        pass
