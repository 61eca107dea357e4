"""Runs are claimed once, and come back when their worker is lost."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation
from tests.inference.queued import Status, run, wait


def test_each_model_has_its_own_queue(alice: User, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="x.gguf")
    wait(alice, other, 1)

    assert queue.claim(model.pk, "w") is None


def test_a_claim_takes_the_next_run_once(alice: User, model: AIModel) -> None:
    waiting = wait(alice, model, 1)

    claimed = queue.claim(model.pk, "w1")

    assert claimed is not None
    assert (claimed.pk, claimed.status, claimed.attempt) == (waiting.pk, Status.RUNNING, 1)
    assert claimed.worker == "w1"
    assert queue.claim(model.pk, "w2") is None


def test_a_dead_workers_runs_return_to_the_queue_and_keep_their_start(
    alice: User, model: AIModel
) -> None:
    wait(alice, model, 1)
    first = queue.claim(model.pk, "w1")
    assert first is not None
    assert queue.recover() == 0

    Generation.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    assert queue.recover() == 1
    second = queue.claim(model.pk, "w2")

    assert second is not None
    assert (second.attempt, second.started_at) == (2, first.started_at)


@pytest.mark.parametrize("attempt", [1, 2])
def test_only_the_present_claim_can_be_renewed_or_given_back(
    alice: User, model: AIModel, attempt: int
) -> None:
    held = run(alice, model)
    Generation.objects.update(attempt=2, lease_until=timezone.now())
    held.refresh_from_db()
    expired = held.lease_until
    assert expired

    queue.renew({held.pk: attempt})
    held.refresh_from_db()
    assert held.lease_until
    assert (held.lease_until > expired) is (attempt == 2)

    queue.give_back(held.pk, attempt)
    held.refresh_from_db()
    assert (held.status == Status.QUEUED) is (attempt == 2)


def test_a_seat_for_newcomers_is_not_given_to_who_sits_already(
    alice: User, bob: User, model: AIModel
) -> None:
    run(alice, model)
    mine = wait(alice, model, 60)

    assert queue.claim(model.pk, "w", newcomers_only=True) is None

    his = wait(bob, model, 1)
    assert queue.claim(model.pk, "w", newcomers_only=True) == his
    assert queue.claim(model.pk, "w") == mine


@pytest.mark.parametrize("elsewhere", ["another worker", "another model"])
def test_who_runs_elsewhere_is_a_newcomer_here(elsewhere: str, alice: User, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="x.gguf")
    if elsewhere == "another worker":
        run(alice, model, worker="w2")
    else:
        run(alice, other)
    mine = wait(alice, model, 1)

    assert queue.claim(model.pk, "w", newcomers_only=True) == mine
