"""Which tokens go into the next step. Knows no thread, no Django and no llama."""

from collections import Counter
from dataclasses import dataclass, field
from itertools import count

from inference.engine.cache import KVCache
from inference.engine.lookup import Lookup
from inference.engine.pace import Pace
from inference.engine.rows import Row, answer_rows, prompt_rows, view_rows
from inference.engine.sequence import End, Sequence

HEADROOM = 32
"""Cells left for each running answer to grow into before another sequence starts."""
ROUNDED_UP = 2
"""A prompt with at most so many times what is left for prompts in a step is read to its end."""
DECODE_WEIGHT, PROMPT_WEIGHT = 2.0, 1.0
"""What a token costs its owner: as in Sheng et al. 2024, Fairness in Serving Large Language
Models, section 4."""


@dataclass
class Scheduler:
    """Continuous batching over `slots` sequences that share a KV cache.

    Whoever was served least comes first: in starting, and in having prompts read. When the cache
    is full, what ended sequences left goes first, then the newest running one pauses: it waits
    like a new one, and goes on from whatever is left of it by then.
    """

    cache: KVCache
    slots: int
    batch_size: int
    pace: Pace = field(default_factory=Pace)

    waiting: list[Sequence] = field(default_factory=list)
    running: list[Sequence] = field(default_factory=list)
    """In the order of their start."""

    def __post_init__(self) -> None:
        self._arrivals = count()
        self._served: dict[str, float] = {}
        self._lookup: Lookup | None = None
        self._with_views: list[Sequence] = []
        """Running sequences whose prompts have images."""
        self._was_view = False
        self._is_full = False
        """No room was left for the next one; so it stays until a sequence leaves."""

    def check(self, sequence: Sequence) -> None:
        """Raises ValueError for a sequence that could never fit. Any thread may ask."""
        if sequence.most_cells > self.cache.cells:
            raise ValueError(f"{sequence.most_cells} tokens exceed the {self.cache.cells} cells")

    def add(self, sequence: Sequence) -> None:
        self.check(sequence)
        if sequence.is_ahead and not self.is_idle:
            return
        for other in (*self.waiting, *self.running):
            if other.is_ahead:
                other.end = End.CANCELLED
        sequence.arrival = next(self._arrivals)
        self._welcome(sequence.owner)
        self.waiting.append(sequence)

    def schedule(self) -> list[Row]:
        """The rows of the next step: running answers first, the rest of the batch to prompts."""
        self._start_waiting()
        self._draft()
        rows = self._next_rows()
        while not rows and self._pause_newest():  # prompts only, and no room for any to go on
            rows = self._next_rows()
        return rows

    def computed(self, rows: list[Row]) -> None:
        """Count `rows` as done, and charge them to their owners."""
        for sequence, tokens in Counter(row.sequence for row in rows).items():
            weight = PROMPT_WEIGHT if sequence.is_reading else DECODE_WEIGHT
            self._served[sequence.owner] += weight * tokens
            self.cache.grow(sequence, tokens)
            if sequence.is_ahead and not sequence.pending:
                sequence.end = End.STOP

    def checked(self, sequence: Sequence, right: int) -> None:
        """The first `right` tokens of its draft proved to be what it says; take back the rest."""
        if self._lookup:
            self._lookup.learn(len(sequence.draft), right)
        sequence.draft = []
        self.cache.rewind(sequence, len(sequence.tokens) - 1)

    def retire(self) -> list[Sequence]:
        """Take out the sequences that have ended, waiting or running."""
        ended = [s for s in (*self.waiting, *self.running) if s.end is not None]
        for sequence in ended:
            if sequence in self.running:
                self._leave(sequence)
            else:
                self.waiting.remove(sequence)
        if self.is_idle:
            self._served.clear()
        return ended

    def relieve(self) -> bool:
        """Give cells back although the account says there are some. False if none can be."""
        is_relieved = self.cache.make_room(self.cache.free + 1) or self._pause_newest()
        self._is_full = is_relieved  # or what paused would start again at once
        return is_relieved

    @property
    def is_idle(self) -> bool:
        return not self.running and not self.waiting

    def _welcome(self, owner: str) -> None:
        """Who was away has no claim to be served for that time now."""
        here = {sequence.owner for sequence in (*self.waiting, *self.running)}
        if owner not in here:
            least = min((self._served[other] for other in here), default=0.0)
            self._served[owner] = max(self._served.get(owner, 0.0), least)

    def _turn(self, sequence: Sequence) -> tuple[float, int, int]:
        """Of two who were served the same, the one who asks for less comes first."""
        owner = sequence.owner
        theirs = sum(s.owner == owner for s in (*self.waiting, *self.running))
        return self._served[owner], theirs, sequence.arrival

    def _start_waiting(self) -> None:
        self.waiting.sort(key=self._turn)
        for sequence in list(self.waiting):
            victim = self._victim(sequence) if len(self.running) == self.slots else None
            if self._is_full or (len(self.running) == self.slots and victim is None):
                continue
            if self.cache.will_share(sequence, self.running):
                continue  # soon it takes over what another is reading now
            if victim:
                self._pause(victim)
            self._start(sequence)

    def _start(self, sequence: Sequence) -> None:
        self.cache.begin(sequence, self.running)
        wanted = sequence.pending
        if self.running:
            wanted = min(wanted + HEADROOM * (len(self.running) + 1), self.cache.cells)
        if not self.cache.make_room(wanted):
            self.cache.keep(sequence)
            self._is_full = True
            return
        if sequence.reused is None:
            sequence.reused = min(sequence.computed, len(sequence.prompt) - sequence.generated)
        self.waiting.remove(sequence)
        self.running.append(sequence)
        if sequence.images:
            self._with_views.append(sequence)

    def _victim(self, sequence: Sequence) -> Sequence | None:
        """Who pauses for it when all slots are taken: nobody, unless its owner has no answer
        running; then the newest of whoever has most."""
        owners = Counter(running.owner for running in self.running)
        heaviest, answers = owners.most_common(1)[0]
        if sequence.owner in owners or answers < 2:
            return None
        return next(s for s in reversed(self.running) if s.owner == heaviest)

    def _pause_newest(self) -> bool:
        """False if nothing else than one sequence runs: then there is none to wait for."""
        if len(self.running) < 2:
            return False
        self._pause(self.running[-1])
        return True

    def _pause(self, sequence: Sequence) -> None:
        self._leave(sequence)
        self.waiting.append(sequence)

    def _leave(self, sequence: Sequence) -> None:
        self.running.remove(sequence)
        if sequence.images:
            self._with_views.remove(sequence)
        self._is_full = False
        sequence.draft = []
        if sequence.end is End.ERROR:
            self.cache.drop(sequence)  # what was computed of it is in doubt
        else:
            self.cache.keep(sequence)

    def _draft(self) -> None:
        """Guess ahead while a lone answer runs; with more, the rows are better spent on them."""
        if len(self.running) != 1 or self.waiting or not self.cache.can_rewind:
            return
        sequence = self.running[0]
        if not sequence.is_answering:
            return
        if self._lookup is None or self._lookup.sequence is not sequence:
            self._lookup = Lookup(sequence)
        left = sequence.max_tokens - sequence.produced - 1
        sequence.draft = self._lookup.draft()[:left] if left > 0 else []

    def _next_rows(self) -> list[Row]:
        """A step has rows of one view, or tokens; while there are both, they take turns."""
        if not self._with_views:
            return self._rows()
        self._was_view = not self._was_view
        if self._was_view:
            return self._view_rows() or self._rows()
        return self._rows() or self._view_rows()

    def _view_rows(self) -> list[Row]:
        """Of the next view, or as much of it as the running answers can wait for."""
        at_views = [(s, here) for s in self._with_views if (here := s.view_here)]
        if not at_views:
            return []
        sequence, here = min(at_views, key=lambda found: self._turn(found[0]))
        answers = sum(s.is_answering for s in self.running)
        left = here.end - sequence.computed
        wanted = self.pace.chunk(answers, len(self.running) - answers)
        if here.view.is_seen_at_once or left <= ROUNDED_UP * wanted:
            wanted = left
        self.cache.make_room(min(wanted, self.cache.cells))
        rows = min(wanted, left, self.batch_size, self.cache.free)
        if rows < left and here.view.is_seen_at_once:
            return []
        return view_rows(sequence, here, rows)

    def _rows(self) -> list[Row]:
        decoding = self._decoding_with_room()
        rows = [row for sequence in decoding for row in answer_rows(sequence)]
        reading = sorted((s for s in self.running if s.is_reading), key=self._turn)
        budget = self.pace.chunk(len(decoding), len(reading))
        for sequence in reading:
            self.cache.make_room(min(len(rows) + sequence.pending, self.cache.cells))
            room = min(self.batch_size, self.cache.free) - len(rows)
            if sequence.pending <= ROUNDED_UP * budget:
                budget = max(budget, sequence.pending)
            chunk = prompt_rows(sequence, min(budget, room))
            rows += chunk
            budget -= len(chunk)
        return rows

    def _decoding_with_room(self) -> list[Sequence]:
        """The answers that go on; one that there is no room for pauses, the newest first."""
        while True:
            decoding = [sequence for sequence in self.running if sequence.is_answering]
            rows = sum(1 + len(sequence.draft) for sequence in decoding)
            if self.cache.make_room(rows) or not self._pause_newest():
                return decoding
