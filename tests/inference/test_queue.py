from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from inference import queue
from inference.models import AIModel, Generation, UsageLog
from inference.queue import Place

Status = Generation.Status


def wait(user: User, model: AIModel, age: int) -> Generation:
    """A waiting run that came `age` seconds ago."""
    created = timezone.now() - timedelta(seconds=age)
    return Generation.objects.create(user=user, model=model, created_at=created)


def run(user: User, model: AIModel, worker: str = "w") -> Generation:
    """A run that is being worked on."""
    return Generation.objects.create(
        user=user,
        model=model,
        status=Status.RUNNING,
        worker=worker,
        lease_until=timezone.now() + queue.LEASE,
    )


def serve(
    user: User,
    model: AIModel,
    *,
    prompt: int = 0,
    cached: int = 0,
    generated: int = 0,
    age: int = 60,
    duration: float = 10.0,
) -> None:
    """An account of a run that ended `age` seconds ago and took `duration` seconds."""
    UsageLog.objects.create(
        user=user,
        model=model,
        model_name=model.name,
        source=Generation.Source.CHAT,
        status=Status.DONE,
        input_tokens=prompt,
        cached_tokens=cached,
        output_tokens=generated,
        total_tokens=prompt + generated,
        cost=0,
        duration=duration,
        queue_wait=0.0,
        created_at=timezone.now() - timedelta(seconds=age),
    )


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
    run(alice, model)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


def test_who_was_served_more_lately_comes_later(alice: User, bob: User, model: AIModel) -> None:
    serve(alice, model, prompt=200, generated=100)
    serve(bob, model, prompt=200, generated=99)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


def test_a_newcomers_only_run_is_before_all_of_a_heavy_users(
    alice: User, bob: User, model: AIModel
) -> None:
    for _number in range(12):
        serve(alice, model, prompt=50, generated=400)
    heavy = [wait(alice, model, 600 - number) for number in range(12)]
    newcomers = wait(bob, model, 1)

    assert order(model) == [newcomers, *heavy]


def test_what_was_in_the_cache_already_is_not_counted(
    alice: User, bob: User, model: AIModel
) -> None:
    serve(alice, model, prompt=5000, cached=4990, generated=10)
    serve(bob, model, prompt=100, generated=10)
    hers, his = wait(alice, model, 1), wait(bob, model, 60)

    assert order(model) == [hers, his]


def test_a_generated_token_counts_more_than_one_of_a_prompt(
    alice: User, bob: User, model: AIModel
) -> None:
    serve(alice, model, generated=100)
    serve(bob, model, prompt=150)
    hers, his = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [his, hers]


def test_nobody_starves_behind_newcomers(alice: User, bob: User, model: AIModel) -> None:
    """Who was served nothing within the window is before everybody who comes later."""
    serve(alice, model, prompt=90_000, generated=90_000, age=601)
    hers = wait(alice, model, 600)
    newcomers = wait(bob, model, 1)

    assert order(model) == [hers, newcomers]


def test_what_other_models_did_for_a_user_counts_as_well(
    alice: User, bob: User, model: AIModel
) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="x.gguf")
    serve(alice, other, generated=100)
    old, new = wait(alice, model, 60), wait(bob, model, 1)

    assert order(model) == [new, old]


@pytest.mark.parametrize("served", [0, 100_000])
def test_one_users_order_does_not_depend_on_what_they_were_served(
    served: int, alice: User, model: AIModel
) -> None:
    serve(alice, model, prompt=served)
    mine = [wait(alice, model, age) for age in (30, 20, 10)]

    assert order(model) == mine


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


def test_the_wait_is_the_time_until_so_many_runs_have_ended(
    alice: User, bob: User, model: AIModel
) -> None:
    for duration in (8.0, 12.0):  # 10 seconds each, four at once: one ends every 2.5 seconds
        serve(bob, model, duration=duration)
    for _seat in range(4):
        run(bob, model)
    first, second = wait(alice, model, 2), wait(alice, model, 1)

    assert queue.place(first) == Place(1, 2.5)
    assert queue.place(second) == Place(2, 5.0)


@pytest.mark.parametrize("known", ["runs that have ended", "runs that go on"])
def test_without_a_pace_there_is_a_place_but_no_estimate(
    known: str, alice: User, model: AIModel
) -> None:
    if known == "runs that have ended":
        serve(alice, model)
    else:
        run(alice, model)

    assert queue.place(wait(alice, model, 1)) == Place(1, None)


def test_a_run_that_does_not_wait_has_no_place(alice: User, model: AIModel) -> None:
    waiting = wait(alice, model, 1)
    queue.claim(model.pk, "w")

    assert queue.place(waiting) == Place(0, None)


def test_all_that_wait_share_one_look_at_their_line(alice: User, bob: User, model: AIModel) -> None:
    waiting = [wait(user, model, age) for user in (alice, bob) for age in (1, 2, 3)]
    queue.place(waiting[0])

    with CaptureQueriesContext(connection) as queries:
        places = [queue.place(generation) for generation in waiting for _page in range(10)]

    assert len(queries) == 0
    assert {place.position for place in places} == {1, 2, 3, 4, 5, 6}


def test_a_line_is_looked_at_again_after_a_while(
    alice: User, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = wait(alice, model, 2), wait(alice, model, 1)
    assert queue.place(second).position == 2

    queue.claim(model.pk, "w")
    monkeypatch.setattr(queue, "LINE_SECONDS", 0.0)

    assert queue.place(first).position == 0
    assert queue.place(second).position == 1


def test_a_run_that_came_since_has_its_place_at_once(alice: User, model: AIModel) -> None:
    queue.place(wait(alice, model, 2))

    assert queue.place(wait(alice, model, 1)).position == 2


@pytest.mark.django_db(transaction=True)
async def test_coroutines_can_ask_for_a_place(alice: User, model: AIModel) -> None:
    waiting = await Generation.objects.acreate(user=alice, model=model)

    assert await queue.aplace(waiting) == Place(1, None)
    assert await queue.aplace(waiting) == Place(1, None)


def test_the_order_is_read_from_indexes(alice: User, model: AIModel) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("a planner with statistics reads small tables as a whole")
    wait(alice, model, 1)

    plan = queue.fair_order(model.pk).values_list("pk").explain()

    assert "INDEX generation_waiting" in plan
    assert "INDEX generation_running" in plan
    assert "COVERING INDEX usage_of_user" in plan
