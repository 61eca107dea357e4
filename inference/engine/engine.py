"""The loop around the model: one thread owns it, and each step serves every running sequence."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue

from inference.engine.backend import Backend, DecodeError
from inference.engine.scheduler import Row, Scheduler, append
from inference.engine.sequence import End, Sequence

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Output:
    """What a step did for a sequence: its next token, or its end."""

    sequence: Sequence
    token: int | None = None
    end: End | None = None


Command = Callable[[], None]


class Engine:
    """`emit` is called in the engine's thread, once a step, and must return at once."""

    def __init__(self, backend: Backend, emit: Callable[[list[Output]], None]) -> None:
        self.backend = backend
        self.scheduler = Scheduler(backend.slots, backend.cells, backend.batch_size)
        self.steps = 0
        self._emit = emit
        self._outputs: list[Output] = []
        self._commands: SimpleQueue[Command] = SimpleQueue()
        self._closing = False
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

    def close(self) -> None:
        """Stop after the step under way. Sequences that still run get no further output."""
        self._commands.put(self._close)
        if self._thread.is_alive():
            self._thread.join()
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

    def _compute(self, rows: list[Row]) -> None:
        for row in rows:
            if row.position == 0:
                self.backend.start(row.sequence)
        try:
            self.backend.decode(rows)
        except DecodeError:
            logger.exception("step %d failed", self.steps)
            for row in rows:
                _end(row.sequence, End.ERROR)
            return
        for sequence in self.scheduler.computed(rows):
            token = self.backend.sample(sequence)
            is_end = self.backend.is_end(token)
            append(sequence, token, is_end)
            if not is_end:
                self._outputs.append(Output(sequence, token=token))
        self.steps += 1

    def _retire(self) -> None:
        for sequence in self.scheduler.retire():
            if sequence.slot >= 0:
                self.backend.release(sequence)
            self._outputs.append(Output(sequence, end=sequence.end))

    def _flush(self) -> None:
        if self._outputs:
            self._emit(self._outputs)
            self._outputs = []

    def _close(self) -> None:
        self._closing = True


def _end(sequence: Sequence, end: End) -> None:
    if sequence.end is None:
        sequence.end = end
