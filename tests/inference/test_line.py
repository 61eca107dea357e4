"""Where a run stands in line, and how long it waits."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from inference import line, queue
from inference.line import Place
from inference.models import AIModel, Generation
from tests.inference.queued import run, serve, wait


def test_the_wait_is_the_time_until_so_many_runs_have_ended(
    alice: User, bob: User, model: AIModel
) -> None:
    for duration in (8.0, 12.0):  # 10 seconds each, four at once: one ends every 2.5 seconds
        serve(bob, model, duration=duration)
    for _seat in range(4):
        run(bob, model)
    first, second = wait(alice, model, 2), wait(alice, model, 1)

    assert line.place(first) == Place(1, 2.5)
    assert line.place(second) == Place(2, 5.0)


@pytest.mark.parametrize("known", ["runs that have ended", "runs that go on"])
def test_without_a_pace_there_is_a_place_but_no_estimate(
    known: str, alice: User, model: AIModel
) -> None:
    if known == "runs that have ended":
        serve(alice, model)
    else:
        run(alice, model)

    assert line.place(wait(alice, model, 1)) == Place(1, None)


def test_a_run_that_does_not_wait_has_no_place(alice: User, model: AIModel) -> None:
    waiting = wait(alice, model, 1)
    queue.claim(model.pk, "w")

    assert line.place(waiting) == Place(0, None)


def test_all_that_wait_share_one_look_at_their_line(alice: User, bob: User, model: AIModel) -> None:
    waiting = [wait(user, model, age) for user in (alice, bob) for age in (1, 2, 3)]
    line.place(waiting[0])

    with CaptureQueriesContext(connection) as queries:
        places = [line.place(generation) for generation in waiting for _page in range(10)]

    assert len(queries) == 0
    assert {place.position for place in places} == {1, 2, 3, 4, 5, 6}


def test_a_line_is_looked_at_again_after_a_while(
    alice: User, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = wait(alice, model, 2), wait(alice, model, 1)
    assert line.place(second).position == 2

    queue.claim(model.pk, "w")
    monkeypatch.setattr(line, "LINE_SECONDS", 0.0)

    assert line.place(first).position == 0
    assert line.place(second).position == 1


def test_a_run_that_came_since_has_its_place_at_once(alice: User, model: AIModel) -> None:
    line.place(wait(alice, model, 2))

    assert line.place(wait(alice, model, 1)).position == 2


@pytest.mark.django_db(transaction=True)
async def test_coroutines_can_ask_for_a_place(alice: User, model: AIModel) -> None:
    waiting = await Generation.objects.acreate(user=alice, model=model)

    assert await line.aplace(waiting) == Place(1, None)
    assert await line.aplace(waiting) == Place(1, None)
