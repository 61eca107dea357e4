"""The loop around the model: one thread owns it, and each step serves every running sequence."""

import logging
import threading
import time
from collections.abc import Callable, Container
from concurrent.futures import Future
from dataclasses import dataclass
from itertools import groupby
from queue import SimpleQueue
from typing import TypeVar

from inference.engine.backend import Backend, DecodeError, NoRoom
from inference.engine.cache import KVCache, Store
from inference.engine.rows import Row
from inference.engine.sampling import choose
from inference.engine.scheduler import Scheduler
from inference.engine.sequence import End, Likelihood, Sequence
from inference.engine.threads import Threads

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """What a step did for a sequence: its next token, or its end."""

    sequence: Sequence
    token: int | None = None
    end: End | None = None
    likelihood: Likelihood | None = None


Command = Callable[[], None]
T = TypeVar("T")


class Engine:
    """`emit` is called in the engine's thread, once a step, and must return at once."""

    def __init__(
        self, backend: Backend, emit: Callable[[list[Output]], None], store: Store | None = None
    ) -> None:
        self.backend = backend
        self.cache = KVCache(backend, backend.cells, backend.ids, store)
        self.scheduler = Scheduler(self.cache, backend.slots, backend.batch_size)
        self.threads = Threads(backend.threads)
        self.steps = 0
        self.kept_runs = self.cache.runs()
        """Whose tokens are kept though they have ended. Any thread may look."""
        self._emit = emit
        self._outputs: list[Output] = []
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._closing = False
        self._began: float | None = None
        self._ends = frozenset(backend.vocabulary.ends.tolist())
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    # From any thread:

    def open(self) -> None:
        self._thread.start()

    def submit(self, sequence: Sequence) -> None:
        """Raises ValueError for a sequence that could never fit."""
        self.scheduler.check(sequence)  # here, as an error there would end the engine's thread
        self._commands.put(lambda: self.scheduler.add(sequence))

    def end(self, sequence: Sequence, end: End) -> None:
        """End a sequence before the next step; one that has ended already stays as it is."""
        self._commands.put(lambda: _end(sequence, end))

    def forget(self, runs: Container[str]) -> None:
        """Drop what is kept of these runs."""
        self._commands.put(lambda: self._forget(runs))

    def call(self, work: Callable[[], T]) -> "Future[T]":
        """Have `work` done between two steps, in the engine's thread."""
        future: Future[T] = Future()
        self._commands.put(lambda: self._do(work, future))
        return future

    @property
    def is_broken(self) -> bool:
        """Whether its thread, once open, has ended by an error."""
        return not (self._thread.is_alive() or self._closing)

    @property
    def step_seconds(self) -> float:
        """How long the step under way has taken by now; 0 between steps."""
        began = self._began
        return time.monotonic() - began if began is not None else 0.0

    def close(self) -> None:
        """Stop after the step under way. Sequences that still run get no further output."""
        self._commands.put(self._close)
        if self._thread.is_alive():
            self._thread.join()
        self.cache.close()
        self.backend.close()

    # In the engine's thread:

    def step(self) -> None:
        self._obey()
        self._retire()
        rows = self.scheduler.schedule()
        if rows:
            self._compute(rows)
            self._retire()
        self._flush()

    def _run(self) -> None:
        while not self._closing:
            if self.scheduler.is_idle:
                self._commands.get()()  # blocks: an idle engine costs nothing
            self.step()

    def _obey(self) -> None:
        while not self._commands.empty():
            self._commands.get()()

    def _do(self, work: Callable[[], T], future: "Future[T]") -> None:
        self._began = time.monotonic()
        try:
            future.set_result(work())
        except Exception as error:  # is for who asked; the engine goes on
            future.set_exception(error)
        finally:
            self._began = None

    def _compute(self, rows: list[Row]) -> None:
        try:
            self._decode(rows)
        except NoRoom:
            if not self.scheduler.relieve():
                _end(rows[0].sequence, End.ERROR)
        except DecodeError as error:
            self._narrow_down(rows, error)
        else:
            self.scheduler.computed(rows)
            self._sample(rows)

    def _decode(self, rows: list[Row]) -> None:
        self._began = time.monotonic()
        try:
            self.backend.decode(rows, self.threads.count)
        finally:
            seconds, self._began = time.monotonic() - self._began, None
        self.steps += 1
        prompt = sum(row.sequence.is_reading for row in rows)
        self.threads.measured(len(rows), seconds)
        self.scheduler.pace.measured(len(rows) - prompt, prompt, seconds)

    def _narrow_down(self, rows: list[Row], error: DecodeError) -> None:
        """Have the sequences fail that caused the error, and no other."""
        of_each = [list(group) for _, group in groupby(rows, key=lambda row: row.sequence)]
        for own in of_each:
            self.backend.cut(own[0].sequence.id, own[0].position)
        if len(of_each) > 1:
            for own in of_each:
                if own[0].sequence in self.scheduler.running:  # none paused for another's room
                    self._compute(own)
        else:
            logger.error("step %d: %s", self.steps, error)
            _end(rows[0].sequence, End.ERROR)

    def _sample(self, rows: list[Row]) -> None:
        wanted = [(at, row) for at, row in enumerate(rows) if row.wanted]
        for sequence, places in groupby(wanted, key=lambda place: place[1].sequence):
            self._continue(sequence, [at for at, _ in places])

    def _continue(self, sequence: Sequence, places: list[int]) -> None:
        """Draw the tokens after each of the rows at `places`, as far as the draft was right."""
        right = 0
        for at, guess in zip(places, [*sequence.draft, None], strict=True):
            token = self._draw(sequence, at)
            if token != guess or sequence.end is not None:
                break
            right += 1
        if sequence.draft:
            self.scheduler.checked(sequence, right)

    def _draw(self, sequence: Sequence, at: int) -> int | None:
        """The next token, or None where it ends."""
        try:
            token, likelihood = choose(
                self.backend.logits(at), sequence, self.backend.vocabulary.ends
            )
        except Exception as error:  # whatever it is, the others go on
            logger.warning("step %d: %r", self.steps, error)
            sequence.end = End.GRAMMAR if sequence.constraint else End.ERROR
            return None
        if token in self._ends:
            sequence.end = End.STOP
            return None
        sequence.append(token)
        self._outputs.append(Output(sequence, token, likelihood=likelihood))
        return token

    def _retire(self) -> None:
        if not (ended := self.scheduler.retire()):
            return
        self._outputs += [Output(sequence, end=sequence.end) for sequence in ended]
        self.kept_runs = self.cache.runs()

    def _forget(self, runs: Container[str]) -> None:
        self.cache.forget(runs)
        self.kept_runs = self.cache.runs()

    def _flush(self) -> None:
        if self._outputs:
            self._emit(self._outputs)
            self._outputs = []

    def _close(self) -> None:
        self._closing = True


def _end(sequence: Sequence, end: End) -> None:
    is_to_be_completed = end is End.DEADLINE and sequence.end is None and sequence.hurry()
    if sequence.end is None and not is_to_be_completed:
        sequence.end = end
