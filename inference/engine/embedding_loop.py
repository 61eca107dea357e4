"""The thread that makes vectors on an engine's model, so that its answers go on beside that."""

import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

from inference.engine.embedding import (
    Embedder,
    EmbeddingError,
    Line,
    Piece,
    Request,
    Text,
    Vector,
)
from inference.engine.engine import Engine
from inference.engine.pace import Pace
from inference.engine.sequence import End

logger = logging.getLogger(__name__)


class Embeddings:
    """A thread that has the engine's compute a batch between two steps, and the next one no sooner
    than the running answers have had as much time for themselves."""

    def __init__(self, embedder: Embedder, engine: Engine, emit: Callable[[Request], None]) -> None:
        """`emit` gets each request that has ended, in the thread of these."""
        self.embedder = embedder
        self._engine = engine
        self._emit = emit
        self._line = Line(embedder)
        self._pace = Pace()
        self._commands: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="embeddings", daemon=True)

    # From any thread:

    def open(self) -> None:
        self._thread.start()

    def submit(self, request: Request) -> None:
        self._commands.put(lambda: self._line.requests.append(request))

    def end(self, request: Request, end: End) -> None:
        """Before the next batch; one that has ended already stays as it is."""
        self._commands.put(lambda: _end(request, end))

    @property
    def is_broken(self) -> bool:
        return not (self._thread.is_alive() or self._closing)

    def close(self) -> None:
        """While the engine still runs. What waits gets no vectors any more."""
        self._commands.put(self._close)
        self._thread.join()
        self.embedder.close()

    # In its own thread:

    def _run(self) -> None:
        while not self._closing:
            if not self._line.requests:
                self._commands.get()()
            self.step()

    def step(self) -> None:
        while not self._commands.empty():
            self._commands.get()()
        self._retire()
        if self._line.requests:
            seconds = self._compute()
            self._retire()
            if not self._engine.scheduler.is_idle:
                time.sleep(seconds)

    def _compute(self) -> float:
        """How long it took, in seconds."""
        answers = len(self._engine.scheduler.running)
        pieces = self._line.batch(self._pace.chunk(answers, 0))
        try:
            vectors, seconds = self._engine.call(lambda: self._timed(pieces)).result()
        except EmbeddingError as error:
            logger.error("%s", error)
            self._fail({piece.text for piece in pieces})
            return 0.0
        self._pace.measured(0, sum(piece.stop - piece.start for piece in pieces), seconds)
        self._line.take(pieces, vectors)
        return seconds

    def _timed(self, pieces: list[Piece]) -> tuple[Vector, float]:
        began = time.monotonic()
        vectors = self.embedder.embed(pieces, self._engine.threads.count)
        return vectors, time.monotonic() - began

    def _fail(self, texts: set[Text]) -> None:
        for request in self._line.requests:
            if not texts.isdisjoint(request.waiting):
                _end(request, End.ERROR)

    def _retire(self) -> None:
        for request in self._line.retire():
            self._emit(request)

    def _close(self) -> None:
        self._closing = True


def _end(request: Request, end: End) -> None:
    if request.end is None:
        request.end = end
