"""This worker process: the models it has loaded, and the runs it claims for them."""

import logging
import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from uuid import UUID

import redis
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from inference import database, failures, lifecycle, presence, queue
from inference.engine.llama import LoadError, load
from inference.engine.sequence import End
from inference.engine.states import StateStore
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.presence import Files, ModelState, WorkerState
from inference.state_paths import states_folder
from inference.token_log import TokenLog
from inference.worker.outcomes import REFUSALS, failed, outcome_of, refused
from inference.worker.runner import Runner, Work

logger = logging.getLogger(__name__)

MEGABYTE = 1 << 20
MOST_ATTEMPTS = 5
"""A run that lost its worker so often is likely to be what kills them."""

Shape = tuple[str, int, int, str]


@dataclass
class Worker:
    name: str
    is_closing: bool = False
    states: dict[int, ModelState] = field(default_factory=dict)
    runners: dict[int, tuple[Shape, Runner]] = field(default_factory=dict)
    claims: dict[UUID, int] = field(default_factory=dict)
    """Attempt by run: what this worker has to keep alive."""
    files: Files = field(default_factory=Files)

    def __post_init__(self) -> None:
        self._loading = threading.Lock()

    def serve(self, model: AIModel) -> None:
        """Work on waiting runs of the model until there are none or all its slots are taken.

        Those who have nothing running get a seat beyond the slots if the engine would pause an
        answer of somebody who has several for them. Others wait in line, where they are told so.
        """
        if model.pk not in self.runners and not queue.has_waiting(model.pk):
            return  # a late permit must not load again what somebody has unloaded
        runner = self.runner(model)
        if runner is None:
            self._fail_waiting(model)
            return
        while not self.is_closing and self._serve_one(model, runner):
            pass

    def _serve_one(self, model: AIModel, runner: Runner) -> bool:
        """False if no seat is free, nobody waits for one, or the run can't go on here now."""
        seats = runner.take_seat()
        if seats is None:
            return False
        try:
            is_guest = seats is runner.guest_slots
            generation = queue.claim(model.pk, self.name, newcomers_only=is_guest)
            return generation is not None and self._work_on(generation, runner)
        finally:
            seats.release()

    def runner(self, model: AIModel) -> Runner | None:
        """The model, loaded if it is not yet; None if it can't be."""
        shape = _shape(model)
        known_shape, known = self.runners.get(model.pk, (None, None))
        if known and (known_shape == shape or known.runs):
            return known  # also while another model is being loaded
        if known:  # it has changed
            self._retire(model.pk, known)
        with self._loading:
            if found := self.runners.get(model.pk):  # somebody else was faster
                return found[1]
            return self._load(model, shape)

    def retire(self, model_id: int) -> None:
        """Unload a model when its answers under way have ended. None begins here until then."""
        if loaded := self.runners.get(model_id):
            self._retire(model_id, loaded[1])

    def run_of(self, generation_id: UUID) -> tuple[Runner, Work] | None:
        for _shape, runner in list(self.runners.values()):
            if run := runner.run_of(generation_id):
                return runner, run
        return None

    def stop(self, generation_id: UUID, end: End = End.CANCELLED) -> None:
        """End a run, if it is one of ours: mostly, its user has stopped it."""
        if found := self.run_of(generation_id):
            runner, run = found
            runner.end(run, end)

    def close(self) -> None:
        """Once no run is left: save what is in the KV caches for the next start."""
        while self.runners:  # not reported, as this worker has left already
            _pk, (_shape, runner) = self.runners.popitem()
            runner.close()

    def hand_over(self) -> None:
        """Return all runs to the queue; another worker, or this one's successor, goes on."""
        self.is_closing = True
        for _shape, runner in list(self.runners.values()):
            for run in runner.runs:
                runner.end(run, End.HANDOVER)

    def report(self) -> None:
        states, running = dict(self.states), len(self.claims)
        presence.report(WorkerState(self.name, states, running, time.time(), self.files))

    def _retire(self, model_id: int, runner: Runner) -> None:
        if not runner.shut_door():
            return  # somebody does it already
        self._set_state(model_id, ModelState("stopping", 1.0))
        runner.drain()
        with self._loading:
            if self.runners.pop(model_id, None):  # or the worker has closed it
                runner.close()
            self.states.pop(model_id, None)
        self._tell()

    def _load(self, model: AIModel, shape: Shape) -> Runner | None:
        self._set_state(model.pk, ModelState("loading"))
        began = time.monotonic()
        try:
            backend = load(
                model.file,
                shape[1],
                shape[2],
                threads(),
                lambda done: self._progress(model.pk, done),
                model.projector_file,
            )
        except LoadError as error:
            logger.error("%s: %s", model.name, error)
            self._set_state(model.pk, ModelState("failed", error=str(error)))
            return None
        runner = Runner(backend, TokenLog.default(), _store(model, backend.fingerprint))
        runner.open()
        self.runners[model.pk] = shape, runner
        self._set_state(model.pk, ModelState("ready", 1.0))
        logger.info(
            "%s is ready after %.1f s: %d slots, %d tokens of cache, %d threads",
            model.name,
            time.monotonic() - began,
            backend.slots,
            backend.cells,
            threads(),
        )
        return runner

    def _progress(self, model_id: int, done: float) -> None:
        if done - self.states[model_id].progress >= 0.05:
            self._set_state(model_id, ModelState("loading", done))

    def _set_state(self, model_id: int, state: ModelState) -> None:
        self.states[model_id] = state
        self._tell()

    def _tell(self) -> None:
        """At once; what Redis does not hear now, the keeper reports when it is back."""
        with suppress(redis.RedisError):
            self.report()

    def _fail_waiting(self, model: AIModel) -> None:
        while generation := queue.claim(model.pk, self.name):
            reason = self.states[model.pk].error
            error = failures.NOT_LOADED % {"model": model, "reason": reason}
            outcome = failed(generation, error)
            lifecycle.finish(generation.pk, generation.attempt, outcome)

    def _work_on(self, generation: Generation, runner: Runner) -> bool:
        """False if the run goes on elsewhere, or later."""
        self.claims[generation.pk] = generation.attempt
        try:
            outcome = self._outcome(generation, runner)
            if outcome is None:
                queue.give_back(generation.pk, generation.attempt)
                if self.is_closing:  # or the keeper announces it, when Redis is back
                    queue.announce(generation.model)
            elif lifecycle.finish(generation.pk, generation.attempt, outcome):
                return True
            lifecycle.forget_deleted(generation.pk)
            return False
        finally:
            self.claims.pop(generation.pk, None)

    def _outcome(self, generation: Generation, runner: Runner) -> Outcome | None:
        """Work on the run to its end; None if it goes on elsewhere."""
        if generation.attempt > MOST_ATTEMPTS:
            return failed(generation, _("The answer failed several times. Try a shorter message."))
        try:
            run = runner.start(generation)
        except REFUSALS as error:
            return refused(error)
        except redis.RedisError:
            return None  # its log is out of reach; it goes on when Redis is back
        except Exception:
            logger.exception("cannot start %s", generation.pk)
            error_text = _("The model cannot read this conversation.")
            return Outcome.failed(error_text, Generation.Reason.UNREADABLE)
        if self.is_closing:  # since the claim, so that hand_over has not seen it
            runner.end(run, End.HANDOVER)
        if Generation.objects.filter(pk=generation.pk, stop_requested=True).exists():
            runner.end(run, End.CANCELLED)  # stopped between the claim and now
        database.let_go()
        if not run.over.wait(_seconds_left(generation)):
            runner.end(run, End.DEADLINE)
            run.over.wait()
        if (outcome := outcome_of(run)) is None:
            _note_beginning(run)
        return outcome


def threads() -> int:
    """NUM_THREADS, or as many as the cores this process may use."""
    if settings.NUM_THREADS:
        return int(settings.NUM_THREADS)
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _seconds_left(generation: Generation) -> float:
    """Of the time that a run may take, its earlier attempts counted in."""
    spent = timezone.now() - (generation.started_at or timezone.now())
    return max(0.0, (settings.GENERATION_TIMEOUT - spent).total_seconds())


def _shape(model: AIModel) -> Shape:
    """What a loaded model cannot change."""
    return str(model.file), model.context_window or settings.N_CTX, model.slots, model.projector


def _store(model: AIModel, fingerprint: str) -> StateStore:
    return StateStore(
        states_folder() / str(model.pk) if settings.KV_DISK_MB else None,
        settings.KV_RAM_MB * MEGABYTE,
        settings.KV_DISK_MB * MEGABYTE,
        fingerprint,
        settings.SECRET_KEY.encode(),
    )


def _note_beginning(run: Work) -> None:
    """What the next attempt can't know of a run that is not at its end."""
    mine = Generation.objects.filter(pk=run.generation.pk, attempt=run.generation.attempt)
    mine.update(first_token_at=run.first_token_at, cached_tokens=run.cached_tokens)
