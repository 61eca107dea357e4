"""Embeddings as runs: queued, worked on, accounted and logged like answers."""

import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
import redis
from django.conf import settings

from accounts.models import User
from inference import lifecycle
from inference.ask import Ask
from inference.engine.embedding import NoEmbeddings
from inference.models import AIModel, Generation, UsageLog
from inference.token_log import Embedded, Ended, Started, TokenLog
from inference.token_log.events import key
from inference.token_log.writer import EMBEDDED_SECONDS
from inference.worker import worker as module
from inference.worker.worker import Worker
from tests.inference.fakes import FakeBackend
from tests.inference.working import wait_until

Status, Reason = Generation.Status, Generation.Reason
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def backend(monkeypatch: pytest.MonkeyPatch) -> FakeBackend:
    backend = FakeBackend()
    monkeypatch.setattr(module, "load", lambda *_: backend)
    return backend


@pytest.fixture
def gate(backend: FakeBackend) -> Iterator[threading.Semaphore]:
    """A batch is computed each time a test lets it."""
    gate = threading.Semaphore(0)
    embed = backend.fake_embedder.embed

    def wait_and_embed(*of: Any) -> Any:
        gate.acquire()
        return embed(*of)

    backend.fake_embedder.embed = wait_and_embed  # type: ignore[method-assign]
    yield gate
    gate.release(1000)


def embed(user: User, model: AIModel, *texts: str | list[int]) -> Generation:
    ask = Ask(text=list(texts), kind=Generation.Kind.EMBEDDING)  # type: ignore[arg-type]
    return lifecycle.submit(user, model, ask, {}, Generation.Source.API)


def vectors_of(run: Generation) -> list[dict[str, float]]:
    """The components that are not zero, by their letters."""
    [event] = [event for event in TokenLog.default().events(run.pk) if isinstance(event, Embedded)]
    rows = np.frombuffer(event.vectors, "<f4").reshape(-1, event.size)
    return [{chr(at): float(row[at]) for at in np.flatnonzero(row)} for row in rows]


def test_a_waiting_run_is_worked_on_logged_and_accounted(
    alice: User, model: AIModel, worker: Worker, backend: FakeBackend
) -> None:
    run = embed(alice, model, "aa", "b", [99, 99])

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.DONE, Reason.STOP)
    assert vectors_of(run) == [{"a": 1}, {"b": 1}, {"c": 1}]
    events = TokenLog.default().events(run.pk)
    assert [type(event) for event in events] == [Started, Embedded, Ended]
    usage = UsageLog.objects.get()
    assert (usage.input_tokens, usage.output_tokens, usage.cached_tokens) == (5, 0, 0)
    assert (run.prompt_tokens, run.completion_tokens, run.prompt) == (5, 0, None)


def test_vectors_do_not_stay_in_the_log(
    alice: User, model: AIModel, worker: Worker, backend: FakeBackend
) -> None:
    run = embed(alice, model, "aa")

    worker.serve(model)

    left = redis.Redis.from_url(settings.REDIS_URL).ttl(key(run.pk))
    assert 0 < left <= EMBEDDED_SECONDS


def test_what_waits_counts_with_all_its_texts(alice: User, model: AIModel) -> None:
    assert embed(alice, model, "a" * 40, "b" * 80).prompt_tokens == 30
    assert embed(alice, model, [1] * 7, [2] * 5).prompt_tokens == 12


@pytest.mark.parametrize(
    ("texts", "reason", "error"),
    [
        (["ok", "a" * 41], Reason.TOO_LONG, "input[1] has 41 tokens; at most 40 fit."),
        (["a" * 41], Reason.TOO_LONG, "input has 41 tokens; at most 40 fit."),
        ([[1], [256]], Reason.UNREADABLE, "input[1] has the token 256"),
        ([""], Reason.UNREADABLE, "input has no text in it."),
    ],
)
def test_what_the_model_can_not_read_fails_with_the_reason(
    texts: list[Any],
    reason: Reason,
    error: str,
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: FakeBackend,
) -> None:
    run = embed(alice, model, *texts)

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, reason)
    assert run.error.startswith(error)
    assert UsageLog.objects.get().input_tokens == 0


def test_a_model_that_makes_none_says_so(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: FakeBackend,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def none(self: FakeBackend) -> Any:
        raise NoEmbeddings("This model makes none.")

    monkeypatch.setattr(FakeBackend, "embedder", none)
    run = embed(alice, model, "a")

    worker.serve(model)

    run.refresh_from_db()
    assert (run.reason, run.error) == (Reason.UNREADABLE, "This model makes none.")


def test_a_model_that_only_makes_vectors_does_not_chat(
    alice: User, model: AIModel, worker: Worker, backend: FakeBackend
) -> None:
    backend.can_answer = False
    chat = Ask([{"role": "user", "content": "hi"}])
    run = lifecycle.submit(alice, model, chat, {}, Generation.Source.API)
    vectors = embed(alice, model, "a")

    worker.serve(model)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.FAILED, Reason.UNREADABLE)
    assert "only makes embeddings" in run.error
    assert vectors_of(vectors) == [{"a": 1}]


def test_a_batch_that_can_not_be_computed_fails_its_run(
    alice: User, model: AIModel, worker: Worker, backend: FakeBackend
) -> None:
    backend.fake_embedder.poison = ord("x")
    broken, fine = embed(alice, model, "x"), embed(alice, model, "y")

    worker.serve(model)

    broken.refresh_from_db()
    assert (broken.status, broken.reason) == (Status.FAILED, Reason.ERROR)
    assert vectors_of(fine) == [{"y": 1}]


def test_a_stop_ends_it_between_two_batches(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: FakeBackend,
    gate: threading.Semaphore,
    in_background: Callable[..., threading.Thread],
) -> None:
    run = embed(alice, model, *["a" * 10] * 50)
    serving = in_background(worker.serve, model)
    gate.release()
    wait_until(lambda: len(backend.fake_embedder.batches) == 1)

    worker.stop(run.pk)
    gate.release(2)
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.CANCELLED)
    assert len(backend.fake_embedder.batches) < 5
    assert [type(event) for event in TokenLog.default().events(run.pk)] == [Started, Ended]


def test_a_worker_that_ends_hands_it_over(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: FakeBackend,
    gate: threading.Semaphore,
    in_background: Callable[..., threading.Thread],
) -> None:
    run = embed(alice, model, *["a" * 10] * 50)
    serving = in_background(worker.serve, model)
    gate.release()
    wait_until(lambda: len(backend.fake_embedder.batches) == 1)

    worker.hand_over()
    gate.release(1000)
    serving.join(5)
    run.refresh_from_db()
    assert run.status == Status.QUEUED

    successor = Worker("w2")
    successor.serve(model)

    run.refresh_from_db()
    assert (run.status, run.attempt) == (Status.DONE, 2)
    assert vectors_of(run) == [{"a": 1}] * 50
    assert UsageLog.objects.get().input_tokens == 500
    successor.close()


def test_what_is_waited_for_too_long_is_ended(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: FakeBackend,
    gate: threading.Semaphore,
    settings: Any,
    in_background: Callable[..., threading.Thread],
) -> None:
    settings.GENERATION_TIMEOUT = timedelta(seconds=0.1)
    run = embed(alice, model, *["a" * 10] * 50)
    serving = in_background(worker.serve, model)
    threading.Event().wait(0.3)
    gate.release(2)
    serving.join(5)

    run.refresh_from_db()
    assert (run.status, run.reason) == (Status.STOPPED, Reason.DEADLINE)
