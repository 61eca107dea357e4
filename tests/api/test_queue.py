"""GET /api/v1/queue, and stopping what stands in it."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from inference import lifecycle, queue
from inference.ask import Ask
from inference.models import AIModel, Generation, UsageLog

URL = "/api/v1/queue"
Source = Generation.Source


def ask(user: User, model: AIModel, source: Source = Source.API) -> Generation:
    return lifecycle.submit(user, model, Ask([{"role": "user", "content": "Hello"}]), {}, source)


def test_ones_own_runs_are_listed_with_their_places(
    api: Client, alice: User, bob: User, model: AIModel
) -> None:
    ask(bob, model)
    first, second = ask(alice, model), ask(alice, model, Source.CHAT)

    waiting = api.get(URL).json()["waiting"]

    assert [(run["id"], run["source"], run["position"]) for run in waiting] == [
        (str(first.pk), "api", 2),
        (str(second.pk), "chat", 3),
    ]
    assert {run["model"] for run in waiting} == {"demo"}


def test_the_wait_is_estimated_when_the_pace_is_known(
    api: Client, alice: User, bob: User, model: AIModel
) -> None:
    ended = ask(bob, model)
    lifecycle.stop(ended)
    UsageLog.objects.update(duration=8.0)
    ask(alice, model)
    assert api.get(URL).json()["waiting"][0]["estimated_wait"] is None

    queue.claim(model.pk, "w")
    ask(alice, model)

    [waiting] = api.get(URL).json()["waiting"]
    assert (waiting["position"], waiting["estimated_wait"]) == (1, 8.0)


def test_what_has_begun_or_ended_does_not_wait(api: Client, alice: User, model: AIModel) -> None:
    lifecycle.stop(ask(alice, model))
    ask(alice, model)
    queue.claim(model.pk, "w")

    assert api.get(URL).json() == {"waiting": []}


def test_a_stranger_sees_and_stops_nothing(api: Client, bob: User, model: AIModel) -> None:
    his = ask(bob, model)

    assert api.get(URL).json() == {"waiting": []}
    assert api.delete(f"{URL}/{his.pk}").status_code == 404
    his.refresh_from_db()
    assert his.status == "queued"


@pytest.mark.parametrize("method", ["get", "delete"])
def test_without_a_key_it_is_refused(method: str, client: Client, alice: User) -> None:
    address = URL if method == "get" else f"{URL}/{uuid4()}"

    assert getattr(client, method)(address).status_code == 401


def test_a_waiting_run_ends_at_once(api: Client, alice: User, model: AIModel) -> None:
    run = ask(alice, model)

    assert api.delete(f"{URL}/{run.pk}").status_code == 204

    run.refresh_from_db()
    assert (run.status, run.reason) == ("stopped", "cancelled")
    assert api.get(URL).json() == {"waiting": []}


def test_a_run_that_has_begun_meanwhile_is_asked_to_end(
    api: Client, alice: User, model: AIModel
) -> None:
    run = ask(alice, model)
    queue.claim(model.pk, "w")

    assert api.delete(f"{URL}/{run.pk}").status_code == 204

    run.refresh_from_db()
    assert (run.status, run.stop_requested) == ("running", True)


def test_a_run_that_has_ended_is_not_there(api: Client, alice: User, model: AIModel) -> None:
    run = ask(alice, model)
    lifecycle.stop(run)

    assert api.delete(f"{URL}/{run.pk}").status_code == 404
