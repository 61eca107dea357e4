"""The worker's housekeeping: tell that it lives, keep its claims, and notice what was missed."""

import contextlib
import logging
import os
import signal
import threading
import time
from collections import Counter
from typing import Any
from uuid import UUID

import redis
from django.conf import settings

from inference import duties, lifecycle, presence, queue, state_paths
from inference.engine.sequence import End
from inference.lifecycle import STOP_CHANNEL
from inference.loading import UNLOAD_CHANNEL
from inference.models import AIModel, Generation
from inference.presence import Files
from inference.worker.worker import Worker

logger = logging.getLogger(__name__)

ROUND_SECONDS = 2.0
STUCK_SECONDS = 120.0
"""The engine cuts its work into steps of about a second."""


class Keeper:
    """Two threads: one makes its round every few seconds, one listens for stops."""

    def __init__(self, worker: Worker, consumer: Any) -> None:
        """`consumer` is Celery's, of this worker."""
        self.worker = worker
        self._consumer = consumer
        self._queues: set[str] = set()
        self._closing = threading.Event()

    def open(self) -> None:
        for target in (self._make_rounds, self._listen):
            threading.Thread(target=target, name=target.__name__, daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        with contextlib.suppress(redis.RedisError):
            presence.leave(self.worker.name)

    def round(self) -> None:
        """One turn of the rounds; each duty is tried whatever became of the others."""
        for duty in (
            self._look_for_files,
            self.worker.report,
            self._watch_engines,
            self._renew_claims,
            self._part_with_lost,
            lifecycle.stop_disallowed,
            self._stop_requested,
            queue.recover,
            self._follow_queues,
            self._forget_deleted,
        ):
            duties.attempt(duty)

    def _make_rounds(self) -> None:
        while not self._closing.is_set():
            self.round()
            self._closing.wait(ROUND_SECONDS)

    def _renew_claims(self) -> None:
        queue.renew(dict(self.worker.claims))

    def _part_with_lost(self) -> None:
        """Runs that another worker has now, or that were ended or deleted, as this one was out of
        reach for longer than its claims."""
        claims = dict(self.worker.claims)
        mine = Generation.objects.filter(pk__in=list(claims), status=Generation.Status.RUNNING)
        for pk, _attempt in claims.items() - set(mine.values_list("pk", "attempt")):
            self.worker.stop(pk, End.HANDOVER)

    def _watch_engines(self) -> None:
        """A step that does not end can't be interrupted, and of a thread that an error has ended
        nobody knows what it left undone; but the runs can go on in a new process."""
        for _shape, runner in list(self.worker.runners.values()):
            if runner.is_broken or runner.step_seconds > STUCK_SECONDS:
                logger.critical("an engine is stuck or broken: this worker starts anew")
                os.kill(os.getpid(), signal.SIGKILL)

    def _forget_deleted(self) -> None:
        """What people delete does not live on in a KV cache, nor in a file of any worker's."""
        runners = [runner for _shape, runner in list(self.worker.runners.values())]
        kept: set[str] = set().union(*(runner.kept_runs for runner in runners))
        gone = state_paths.without_row(kept)
        for runner in runners:
            if theirs := gone & runner.kept_runs:
                runner.forget(theirs)
        state_paths.remove_deleted()

    def _stop_requested(self) -> None:
        """Stops whose notice was lost on the way."""
        wanted = Generation.objects.filter(pk__in=list(self.worker.claims), stop_requested=True)
        for pk in wanted.values_list("pk", flat=True):
            self.worker.stop(pk)

    def _look_for_files(self) -> None:
        """Also of models that nobody may use now: they can be served as soon as somebody may."""
        now = time.time()
        here = [model.pk for model in AIModel.objects.all() if model.file.is_file()]
        self.worker.files = Files(here, now)

    def _follow_queues(self) -> None:
        """Serve every model whose file is here; look for work whose permit was lost."""
        models = list(AIModel.objects.usable().filter(pk__in=self.worker.files.models))
        self._consume({model.queue for model in models})
        waiting = Counter(
            Generation.objects.filter(status=Generation.Status.QUEUED).values_list(
                "model_id", flat=True
            )
        )
        for model in models:
            queue.announce(model, waiting[model.pk])
        self._unload_unusable({model.pk for model in models})

    def _unload_unusable(self, usable: set[int]) -> None:
        """Nobody asks them for anything now."""
        for pk, (_shape, runner) in list(self.worker.runners.items()):
            if pk not in usable and not runner.runs:
                self._retire(pk)

    def _consume(self, queues: set[str]) -> None:
        """Make it so, whatever it is now: a new connection may have forgotten a queue.

        Not by Celery's remote control, whose messages are lost while it is not listening yet.
        """
        consumer = self._consumer
        if consumer.task_consumer is None:  # between two connections
            return
        for name in queues:
            if not consumer.task_consumer.consuming_from(name):
                consumer.call_soon(consumer.add_task_queue, name)
        for name in self._queues - queues:
            consumer.call_soon(consumer.cancel_task_queue, name)
        self._queues = queues

    def _listen(self) -> None:
        while not self._closing.is_set():
            try:
                self._hear_stops()
            except redis.RedisError as error:
                logger.warning("cannot hear stops: %s", error)
                self._closing.wait(ROUND_SECONDS)

    def _hear_stops(self) -> None:
        connection = redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)
        with connection.pubsub(ignore_subscribe_messages=True) as channel:  # type: ignore[no-untyped-call]
            channel.subscribe(STOP_CHANNEL, UNLOAD_CHANNEL)
            while not self._closing.is_set():
                if message := channel.get_message(timeout=ROUND_SECONDS):
                    self._heed(message["channel"], message["data"])

    def _heed(self, channel: str, subject: str) -> None:
        if channel == STOP_CHANNEL:
            self.worker.stop(UUID(subject))
        else:
            self._retire(int(subject))

    def _retire(self, model_id: int) -> None:
        """Which takes as long as its answers under way."""
        threading.Thread(target=self.worker.retire, args=[model_id], daemon=True).start()
