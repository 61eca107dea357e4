from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation

Status = Generation.Status


def wait(user: User, model: AIModel, age: int) -> Generation:
    """A waiting run that came `age` seconds ago."""
    created = timezone.now() - timedelta(seconds=age)
    return Generation.objects.create(user=user, model=model, created_at=created)


def order(model: AIModel) -> list[Generation]:
    return list(queue.fair_order(model.pk))


def test_one_users_runs_are_served_by_age(alice: User, model: AIModel) -> None:
    younger, older = wait(alice, model, 1), wait(alice, model, 2)

    assert order(model) == [older, younger]


def test_everybodys_first_comes_before_anybodys_second(
    alice: User, bob: User, model: AIModel
) -> None:
    first, second, third = wait(alice, model, 30), wait(alice, model, 20), wait(alice, model, 10)
    late = wait(bob, model, 1)

    assert order(model) == [first, late, second, third]


def test_what_a_user_has_running_counts_as_served(alice: User, bob: User, model: AIModel) -> None:
    Generation.objects.create(user=alice, model=model, status=Status.RUNNING)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]
    assert queue.position(new) == 1
    assert queue.position(old) == 2


def test_each_model_has_its_own_queue(alice: User, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="x.gguf")
    wait(alice, other, 1)

    assert queue.claim(model.pk, "w") is None


def test_a_claim_takes_the_next_run_once(alice: User, model: AIModel) -> None:
    run = wait(alice, model, 1)

    claimed = queue.claim(model.pk, "w1")

    assert claimed is not None
    assert (claimed.pk, claimed.status, claimed.attempt) == (run.pk, Status.RUNNING, 1)
    assert claimed.worker == "w1"
    assert queue.claim(model.pk, "w2") is None
    assert queue.position(run) == 0


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
    run = Generation.objects.create(
        user=alice, model=model, status=Status.RUNNING, attempt=2, lease_until=timezone.now()
    )
    expired = run.lease_until

    queue.renew({run.pk: attempt})
    run.refresh_from_db()
    assert (run.lease_until > expired) is (attempt == 2)

    queue.give_back(run.pk, attempt)
    run.refresh_from_db()
    assert (run.status == Status.QUEUED) is (attempt == 2)
