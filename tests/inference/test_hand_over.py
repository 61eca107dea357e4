"""Runs that go on although their worker ends, or Redis is away for a while."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import redis
from django.conf import settings
from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation, UsageLog
from inference.token_log import Started, TokenLog, Tokens
from inference.worker import publisher
from inference.worker.keeper import Keeper
from inference.worker.worker import Worker
from tests.inference.working import GatedBackend, UnderWay, ask, tokens_in, wait_until

Status, Reason = Generation.Status, Generation.Reason
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_that_closes_hands_over_and_the_next_goes_on_from_the_last_token(
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    under_way: UnderWay,
) -> None:
    run, serving = under_way
    worker.hand_over()
    backend.gate.release()
    serving.join(5)
    run.refresh_from_db()
    assert run.status == Status.QUEUED

    backend.gate = threading.Semaphore(10_000)
    Worker("w2").serve(model)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.DONE, 2)
    assert TokenLog.default().text(run.pk) == tokens_in(run) == "hello world"
    assert UsageLog.objects.get().output_tokens == len("hello world")


def test_a_run_whose_worker_died_goes_on_and_the_dead_one_cannot_interfere(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    dead = queue.claim(model.pk, "dead")
    assert dead
    log = TokenLog.default()
    log.write([(run.pk, Started("1-0")), (run.pk, Tokens("1-3", tuple(b"hel"), "hel"))])
    queue.give_back(run.pk, 1)

    worker.serve(model)

    assert log.text(run.pk) == "hello world"
    assert log.write([(run.pk, Tokens("1-4", tuple(b"X"), "X"))]) == {run.pk}
    run.refresh_from_db()
    assert run.completion_tokens == len("hello world")


def test_a_worker_that_was_out_of_reach_parts_with_what_others_have(
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    under_way: UnderWay,
) -> None:
    run, serving = under_way
    keeper = Keeper(worker, None)
    keeper._part_with_lost()
    assert worker.run_of(run.pk)

    queue.give_back(run.pk, 1)
    assert queue.claim(model.pk, "another")
    keeper._part_with_lost()
    backend.gate.release()
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.attempt, run.worker) == (Status.RUNNING, 2, "another")
    assert len(tokens_in(run)) <= 5
    assert not UsageLog.objects.exists()


def test_nothing_stays_of_a_run_that_was_deleted_while_its_worker_was_out_of_reach(
    worker: Worker,
    backend: GatedBackend,
    under_way: UnderWay,
) -> None:
    run, serving = under_way
    Generation.objects.all().delete()
    TokenLog.default().delete([run.pk])

    backend.gate.release()
    wait_until(lambda: len(tokens_in(run)) == 1)
    Keeper(worker, None)._part_with_lost()
    backend.gate.release()
    serving.join(5)

    assert TokenLog.default().events(run.pk) == []


def test_a_run_that_was_complete_when_its_worker_died_gets_no_more(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model, max_tokens=3)
    queue.claim(model.pk, "dead")
    TokenLog.default().write([(run.pk, Tokens("1-3", tuple(b"hel"), "hel"))])
    queue.give_back(run.pk, 1)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.reason, run.completion_tokens) == (Reason.LENGTH, 3)


@contextmanager
def redis_that_takes_nothing() -> Iterator[None]:
    """As when its memory or its disk is full: it is there, and refuses to write."""
    connection = redis.Redis.from_url(settings.REDIS_URL)
    connection.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        connection.config_set("min-replicas-to-write", 0)


def test_tokens_wait_for_a_redis_that_takes_nothing(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(publisher, "RETRY_SECONDS", 0.01)
    backend.gate = threading.Semaphore(1)
    run = ask(alice, model)
    serving = in_background(worker.serve, model)
    wait_until(lambda: len(tokens_in(run)) == 1)
    with redis_that_takes_nothing():
        backend.gate.release(3)
        wait_until(lambda: backend.gate._value == 0)

    backend.gate.release(1000)
    serving.join(5)

    run.refresh_from_db()
    assert run.status == Status.DONE
    assert tokens_in(run) == "hello world"


def test_a_run_that_cannot_begin_without_redis_waits_for_it(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    worker.runner(model)
    run = ask(alice, model)
    with redis_that_takes_nothing():
        worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.QUEUED, 1)
    worker.serve(model)
    run.refresh_from_db()
    assert run.status == Status.DONE


def test_a_run_that_begins_while_its_worker_closes_is_handed_over(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    claim = queue.claim

    def claim_just_before_the_end(*args: Any, **options: Any) -> Generation | None:
        claimed = claim(*args, **options)
        worker.hand_over()
        return claimed

    monkeypatch.setattr(queue, "claim", claim_just_before_the_end)
    backend.gate = threading.Semaphore(1)
    threading.Timer(0.2, backend.gate.release, [1]).start()
    run = ask(alice, model)

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.QUEUED
    assert len(tokens_in(run)) < len("hello world")


def test_a_run_that_kills_its_workers_again_and_again_fails(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    Generation.objects.filter(pk=run.pk).update(attempt=5)
    TokenLog.default().write([(run.pk, Tokens("5-2", (104, 105), "hi"))])

    worker.serve(model)

    run.refresh_from_db()
    assert run.status == Status.FAILED
    assert run.completion_tokens == 2
    assert "several times" in run.error


def test_a_run_may_not_take_longer_because_it_lost_its_worker(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    run = ask(alice, model)
    long_ago = timezone.now() - settings.GENERATION_TIMEOUT
    Generation.objects.filter(pk=run.pk).update(attempt=1, started_at=long_ago)
    backend.gate = threading.Semaphore(3)

    threading.Timer(0.5, backend.gate.release, [1000]).start()
    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.DEADLINE)
    assert run.completion_tokens < len("hello world")
    assert UsageLog.objects.get().output_tokens == run.completion_tokens


def test_a_worker_that_starts_anew_goes_on_from_what_the_last_one_had_computed(
    alice: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    first = ask(alice, model, "a long question")
    worker.serve(model)
    worker.close()
    backend.held.clear()
    again = ask(alice, model, "a long question")

    successor = Worker("w2")
    successor.serve(model)
    successor.close()

    first.refresh_from_db()
    again.refresh_from_db()
    assert again.status == Status.DONE
    assert again.cached_tokens == first.prompt_tokens - 1
