"""A model loaded in this worker, with the runs it is working on."""

import logging
import threading
import time
from collections.abc import Container
from functools import partial
from queue import Empty, SimpleQueue
from uuid import UUID

from django.utils.translation import gettext as _

from inference.engine.backend import Backend, Vocabulary
from inference.engine.cache import Store
from inference.engine.engine import Engine, Output
from inference.engine.grammar import Grammars
from inference.engine.sequence import End, Sequence
from inference.engine.transcripts import Transcript, Transcripts
from inference.models import Generation
from inference.token_log import Started, TokenLog
from inference.token_log.events import event_id
from inference.worker.constraints import format_of, rules_of
from inference.worker.embedding_run import EmbeddingRun, EmbeddingRuns, Refused
from inference.worker.images import Pictures
from inference.worker.parting import parting_of, piece_of
from inference.worker.prompts import Prompts
from inference.worker.publisher import publish
from inference.worker.run import Run

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.08
"""Between two writes of tokens, but for first and last ones. To a reader it looks the same, and
each write costs every process on the way to the reader."""
GUESTS = 2
"""One seat for so many slots is kept for people who have no run here yet; see Scheduler."""

Seats = threading.BoundedSemaphore
Work = Run | EmbeddingRun


class Runner:
    """The engine's outputs become text and log entries in a thread of their own, so that the
    engine never waits for Redis."""

    def __init__(self, backend: Backend, log: TokenLog, store: Store | None = None) -> None:
        self._most_running = backend.slots
        self._is_closed = False
        self._door = threading.Lock()
        """Held for good when no run may begin here any more."""
        self.slots = threading.BoundedSemaphore(backend.slots)
        self._most_guests = max(1, backend.slots // GUESTS)
        self.guest_slots = threading.BoundedSemaphore(self._most_guests)
        self._vocabulary: Vocabulary = backend.vocabulary
        self._grammars = Grammars(backend.vocabulary)
        self._transcripts = Transcripts()
        self._pictures = Pictures(backend.images)
        self._prompts = Prompts(backend.vocabulary, self._transcripts, self._pictures)
        self._log = log
        self._outputs: SimpleQueue[list[Output]] = SimpleQueue()
        self._hurry = threading.Event()
        """Set when an output must not wait for the next write."""
        self._engine = Engine(backend, self._emit, store)
        self._runs: dict[Sequence, Run] = {}
        self._can_answer = backend.can_answer
        self._embeddings = EmbeddingRuns(backend, self._engine, log)
        self._publisher = threading.Thread(target=self._publish, name="publisher", daemon=True)

    def open(self) -> None:
        self._engine.open()
        self._publisher.start()

    def start(self, generation: Generation) -> Work:
        """Raises PromptTooLong, UnknownToken, GrammarError, Refused."""
        if generation.kind == Generation.Kind.EMBEDDING:
            return self._embeddings.start(generation)
        if not self._can_answer:
            raise Refused(_("This model only makes embeddings; it does not answer."))
        format = format_of(generation, self._vocabulary)
        piece = piece_of(generation, self._vocabulary, format)
        prompt = self._prompts.of(generation, piece)
        started = Started(event_id(generation.attempt, 0), format.as_json() if format else None)
        self._log.write([(generation.pk, started)])
        former = self._log.generated(generation.pk) if generation.attempt > 1 else []
        parting = parting_of(generation, self._vocabulary, prompt, piece)
        run = Run.begin(generation, prompt, former, piece, parting)
        if prompt.pictures and not self._pictures.look(prompt.pictures, partial(_is_wanted, run)):
            run.end = End.CANCELLED
        if run.end is not None:  # also if it was complete when its former worker was lost
            run.over.set()
            return run
        if rules := rules_of(generation, self._vocabulary):
            run.sequence.constraint = self._grammars.constraint(
                rules, list(run.tokens), prompt.max_tokens
            )
        self._runs[run.sequence] = run
        self._engine.submit(run.sequence)
        return run

    def end(self, run: Work, end: End) -> None:
        logger.info("ending %s (%s) after step %d", run.generation.pk, end, self._engine.steps)
        if isinstance(run, EmbeddingRun):
            self._embeddings.end(run, end)
        else:
            self._engine.end(run.sequence, end)

    def run_of(self, generation_id: UUID) -> Work | None:
        return next((run for run in self.runs if run.generation.pk == generation_id), None)

    @property
    def runs(self) -> list[Work]:
        return [*self._runs.values(), *self._embeddings.runs]

    @property
    def kept_runs(self) -> set[str]:
        """Ids of ended runs whose tokens may still serve as the beginning of others."""
        return self._engine.kept_runs | self._transcripts.runs()

    def forget(self, runs: Container[str]) -> None:
        self._engine.forget(runs)
        self._transcripts.forget(runs)

    @property
    def is_broken(self) -> bool:
        """Whether one of its threads has ended by an error: then no run of it ends any more."""
        if self._is_closed:
            return False
        is_alive = self._publisher.is_alive() and not self._embeddings.is_broken
        return self._engine.is_broken or not is_alive

    def take_seat(self) -> Seats | None:
        """What to release after a run, if there is room for one. Where it is `guest_slots`, only
        for people who have none here: all slots are taken, but fewer people than slots have one,
        so that the engine finds somebody with several, of whom one can pause."""
        if self._door.locked():
            return None
        if self.slots.acquire(blocking=False):
            return self.slots
        owners = [run.generation.user_id for run in self.runs]
        has_room = len(set(owners)) < self._most_running <= len(owners)
        if has_room and self.guest_slots.acquire(blocking=False):
            return self.guest_slots
        return None

    def shut_door(self) -> bool:
        """From now on no run begins here. False if that was so already."""
        return self._door.acquire(blocking=False)

    def drain(self) -> None:
        """Returns when all its runs have ended, the door being shut."""
        for _slot in range(self._most_running):
            self.slots.acquire()
        for _seat in range(self._most_guests):
            self.guest_slots.acquire()

    @property
    def step_seconds(self) -> float:
        """How long the engine's step under way has taken by now."""
        return self._engine.step_seconds

    def close(self) -> None:
        """Once no run is left. The publisher ends first, as it reads the model's vocabulary."""
        self._is_closed = True
        self._embeddings.close()
        self._outputs.put([])
        if self._publisher.is_alive():
            self._publisher.join()
        self._engine.close()

    def _emit(self, outputs: list[Output]) -> None:
        """In the engine's thread."""
        self._outputs.put(outputs)
        if any(map(self._is_urgent, outputs)):
            self._hurry.set()

    def _publish(self) -> None:
        written = 0.0
        while outputs := self._outputs.get():
            self._hurry.wait(max(0.0, written + TICK_SECONDS - time.monotonic()))
            self._hurry.clear()  # before the queue is emptied, so that nothing urgent is left there
            while more := self._more():
                outputs = outputs + more
            touched = self._take(outputs)
            publish(self._log, touched)
            written = time.monotonic()
            for run in touched:
                self._settle(run)

    def _read_ahead(self, run: Run, transcript: Transcript) -> None:
        """While nothing else is to do, read what the chat's next turn begins with."""
        if self._runs or run.end not in (End.STOP, End.LENGTH):
            return
        tokens = self._prompts.next_turn(run, transcript)
        if tokens is None:
            return
        ended = run.sequence
        self._engine.submit(
            Sequence(
                tokens, 0, owner=ended.owner, public=ended.public, run=ended.run, is_ahead=True
            )
        )

    def _is_urgent(self, output: Output) -> bool:
        run = self._runs.get(output.sequence)
        return output.end is not None or run is None or not run.tokens

    def _more(self) -> list[Output]:
        try:
            outputs = self._outputs.get_nowait()
        except Empty:
            return []
        if not outputs:
            self._outputs.put(outputs)  # the end, which is for who waits for outputs
        return outputs

    def _take(self, outputs: list[Output]) -> list[Run]:
        touched: dict[Run, None] = {}
        for output in outputs:
            if run := self._runs.get(output.sequence):
                run.take(output)
                touched[run] = None
        return list(touched)

    def _settle(self, run: Run) -> None:
        """Part with a run whose text is complete, or that another worker has taken over. Its
        sequence may still run (after a stop string) or have ended long ago."""
        if run.end is None and not run.is_lost:
            return
        self._engine.end(run.sequence, End.STOP)
        self._runs.pop(run.sequence, None)
        if transcript := run.transcript():
            self._transcripts.add(run.sequence.run, transcript)
        logger.info(
            "%s ended (%s) at step %d with %d tokens",
            run.generation.pk,
            "taken over" if run.is_lost else run.end,
            self._engine.steps,
            len(run.tokens),
        )
        run.over.set()
        if transcript:
            self._read_ahead(run, transcript)


def _is_wanted(run: Run) -> bool:
    """Not if it has ended, or its user has stopped it."""
    stopped = Generation.objects.filter(pk=run.generation.pk, stop_requested=True)
    return run.end is None and not stopped.exists()
