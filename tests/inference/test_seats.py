"""Which runs a worker takes at once."""

import threading
from collections.abc import Callable

import pytest

from accounts.models import User
from inference.models import AIModel, Generation
from inference.worker.worker import Worker
from tests.inference.working import GatedBackend, ask, wait_until

Status = Generation.Status
pytestmark = pytest.mark.django_db(transaction=True)


def test_a_worker_takes_no_more_runs_than_it_has_slots(
    alice: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.slots = 2
    backend.gate = threading.Semaphore(0)
    runs = [ask(alice, model) for _ in range(3)]
    for _ in runs:
        in_background(worker.serve, model)
    running = Generation.objects.filter(status=Status.RUNNING)
    wait_until(lambda: running.count() == 2)

    assert Generation.objects.filter(status=Status.QUEUED).count() == 1
    backend.gate.release(1000)
    wait_until(lambda: Generation.objects.filter(status=Status.DONE).count() == 3)


def test_a_newcomer_is_answered_although_somebody_else_takes_all_slots(
    alice: User,
    bob: User,
    model: AIModel,
    worker: Worker,
    backend: GatedBackend,
    in_background: Callable[..., threading.Thread],
) -> None:
    backend.slots = 2
    backend.gate = threading.Semaphore(0)
    for _ in range(2):
        ask(alice, model)
        in_background(worker.serve, model)
    running = Generation.objects.filter(status=Status.RUNNING)
    wait_until(lambda: running.count() == 2)
    ask(alice, model)
    newcomer = ask(bob, model, "hello", max_tokens=1)
    in_background(worker.serve, model)
    wait_until(lambda: running.count() == 3)

    def is_done() -> bool:
        backend.gate.release()
        newcomer.refresh_from_db()
        return newcomer.status == Status.DONE

    wait_until(is_done)

    assert running.filter(user=alice).exists()
    backend.gate.release(1000)
    wait_until(lambda: Generation.objects.filter(status=Status.DONE).count() == 4)


def test_where_everybody_has_one_answer_a_newcomer_waits_in_line(
    alice: User, bob: User, model: AIModel, worker: Worker, backend: GatedBackend
) -> None:
    backend.slots = 1
    runner = worker.runner(model)
    assert runner
    backend.gate = threading.Semaphore(0)
    own = ask(alice, model)
    serving = threading.Thread(target=worker.serve, args=[model])
    serving.start()
    wait_until(lambda: len(runner.runs) == 1)
    newcomer = ask(bob, model)

    worker.serve(model)

    newcomer.refresh_from_db()
    assert newcomer.status == Status.QUEUED
    backend.gate.release(1000)
    serving.join(10)
    own.refresh_from_db()
    newcomer.refresh_from_db()
    assert own.status == newcomer.status == Status.DONE
