"""Which tokens go into the next step. Knows no thread, no Django and no llama."""

from collections import deque
from dataclasses import dataclass, field

from inference.engine.sequence import End, Sequence


@dataclass(frozen=True)
class Row:
    """One token of a batch: its sequence, its place in it, and whether to sample after it."""

    sequence: Sequence
    position: int
    last: bool

    @property
    def token(self) -> int:
        return self.sequence.tokens[self.position]


@dataclass
class Scheduler:
    """Continuous batching over `slots` sequences that share `cells` of KV cache.

    A sequence starts when a slot is free and the cache can hold it to its longest possible end,
    so that no running one is ever stopped for want of room. Waiting ones start in their order.
    """

    slots: int
    cells: int
    batch_size: int
    chunk: int = 64
    """Most prompt tokens in a step that also carries running answers, so that none stalls."""

    waiting: deque[Sequence] = field(default_factory=deque)
    running: list[Sequence] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._free_slots = list(reversed(range(self.slots)))

    def check(self, sequence: Sequence) -> None:
        """Raises ValueError for a sequence that could never fit. Any thread may ask."""
        if sequence.most_cells > self.cells:
            raise ValueError(f"{sequence.most_cells} tokens exceed the context of {self.cells}")

    def add(self, sequence: Sequence) -> None:
        self.check(sequence)
        self.waiting.append(sequence)

    def schedule(self) -> list[Row]:
        """The rows of the next step: running answers first, the rest of the batch to prompts."""
        self._admit()
        decoding = [sequence for sequence in self.running if sequence.pending == 1]
        prefilling = [sequence for sequence in self.running if sequence.pending > 1]
        rows = [Row(sequence, sequence.computed, last=True) for sequence in decoding]
        room = self.batch_size - len(rows)
        budget = min(self.chunk, room) if decoding else room
        for sequence in prefilling:
            chunk = self._chunk(sequence, budget)
            rows += chunk
            budget -= len(chunk)
        return rows

    def computed(self, rows: list[Row]) -> list[Sequence]:
        """Count `rows` as done; the sequences that are due a token."""
        for row in rows:
            row.sequence.computed = row.position + 1
        return [row.sequence for row in rows if row.last]

    def retire(self) -> list[Sequence]:
        """Take out the sequences that have ended, waiting or running, and free their slots."""
        ended = [s for s in (*self.waiting, *self.running) if s.end is not None]
        for sequence in ended:
            if sequence in self.running:
                self.running.remove(sequence)
                self._free_slots.append(sequence.slot)
            else:
                self.waiting.remove(sequence)
        return ended

    @property
    def is_idle(self) -> bool:
        return not self.running and not self.waiting

    def _admit(self) -> None:
        reserved = sum(sequence.most_cells for sequence in self.running)
        while self.waiting and self._free_slots:
            if reserved + self.waiting[0].most_cells > self.cells:
                return
            sequence = self.waiting.popleft()
            sequence.slot = self._free_slots.pop()
            self.running.append(sequence)
            reserved += sequence.most_cells

    @staticmethod
    def _chunk(sequence: Sequence, room: int) -> list[Row]:
        until = min(sequence.computed + room, len(sequence.tokens))
        return [
            Row(sequence, position, last=position == len(sequence.tokens) - 1)
            for position in range(sequence.computed, until)
        ]


def append(sequence: Sequence, token: int, is_end: bool) -> None:
    """Give the sequence its next token, or its end."""
    if is_end:
        sequence.end = End.STOP
        return
    sequence.tokens.append(token)
    if sequence.produced >= sequence.max_tokens:
        sequence.end = End.LENGTH
