"""/api/v1/comparisons: asking, voting and the board, for programs."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.comparisons import actions
from conversations.models import Comparison, Conversation
from inference.models import AIModel, Generation
from tests.api.conftest import bearer
from tests.api.keys import program
from tests.conversations.comparisons.conftest import Ask, answers, ask, finished, models

__all__ = ["ask", "models"]  # fixtures

pytestmark = pytest.mark.django_db

URL = "/api/v1/comparisons"
ASK: dict[str, Any] = {
    "model_ids": ["aardvark", "bumblebee"],
    "prompt": "What is a fox?",
    "temperature": 0.3,
}


@pytest.fixture
def served(models: list[AIModel]) -> None:
    """A worker is there, and has them loaded."""
    import time

    from inference import presence
    from inference.presence import ModelState, WorkerState

    states = {model.pk: ModelState("ready", 1.0) for model in models}
    presence.report(WorkerState("tests", states, seen_at=time.time()))


def send(client: Client, method: str, path: str, body: object = None) -> Any:
    return getattr(client, method)(path, body, content_type="application/json")


@pytest.mark.usefixtures("served")
def test_it_asks_all_models(api: Client, alice: User) -> None:
    response = send(api, "post", URL, ASK | {"instructions": "Be brief.", "max_new_tokens": 9})

    assert response.status_code == 202
    told = response.json()
    comparison = Comparison.objects.get(pk=told["id"], user=alice)
    assert [answer["model"] for answer in told["answers"]] == ["aardvark", "bumblebee"]
    assert [answer["status"] for answer in told["answers"]] == ["queued", "queued"]
    seed = comparison.parameters["seed"]
    assert told["parameters"] == {"seed": seed, "temperature": 0.3, "max_new_tokens": 9}
    assert {run.parameters["seed"] for run in Generation.objects.all()} == {seed}
    assert Generation.objects.first().messages[0]["content"] == "Be brief."  # type: ignore[union-attr]
    assert {run.api_key.name for run in Generation.objects.all() if run.api_key} == {"tests"}


def test_it_is_read_until_the_answers_are_there(api: Client, ask: Ask) -> None:
    comparison = ask()
    assert api.get(f"{URL}/{comparison.pk}").json()["answers"][0]["content"] == ""

    finished(comparison)

    [first, _second] = api.get(f"{URL}/{comparison.pk}").json()["answers"]
    assert (first["content"], first["status"], first["tokens"]) == ("Answer A.", "done", 777)


def test_they_are_listed_page_by_page(api: Client, bob: User, ask: Ask) -> None:
    for _ in range(5):
        actions.stop(answers(ask()))
    ask(user=bob)

    found, cursor = [], ""
    while cursor is not None:
        page = api.get(URL, {"limit": 2, "cursor": cursor}).json()
        found.append([one["created_at"] for one in page["comparisons"]])
        cursor = page["next_cursor"]

    assert [len(page) for page in found] == [2, 2, 1]
    moments = [moment for page in found for moment in page]
    assert moments == sorted(moments, reverse=True)


def test_a_vote_is_given_and_changed(api: Client, ask: Ask) -> None:
    comparison = finished(ask())
    best = answers(comparison)[1].pk
    vote = f"{URL}/{comparison.pk}/vote"

    told = send(api, "put", vote, {"verdict": "winner", "winner_id": best}).json()
    assert (told["verdict"], told["winner_id"]) == ("winner", best)
    told = send(api, "put", vote, {"verdict": "tie"}).json()
    assert (told["verdict"], told["winner_id"]) == ("tie", None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"verdict": "winner"}, 409),
        ({"verdict": "winner", "winner_id": 0}, 400),
        ({"verdict": "winner", "winner_id": 2**70}, 400),
        ({"verdict": "best"}, 400),
        ({"verdict": "tie", "extra": 1}, 400),
        ({}, 400),
    ],
)
def test_a_bad_vote_is_refused(api: Client, ask: Ask, body: object, status: int) -> None:
    comparison = finished(ask())

    response = send(api, "put", f"{URL}/{comparison.pk}/vote", body)

    assert response.status_code == status
    assert set(response.json()) == {"error", "code"}
    assert Comparison.objects.get().voted_at is None


def test_a_vote_waits_for_all_answers(api: Client, ask: Ask) -> None:
    vote = f"{URL}/{ask().pk}/vote"

    assert send(api, "put", vote, {"verdict": "tie"}).status_code == 409


def test_a_blind_one_tells_the_names_after_the_vote(api: Client, ask: Ask) -> None:
    comparison = finished(ask(is_blind=True))
    path = f"{URL}/{comparison.pk}"
    hidden = api.get(path).json()["answers"]
    assert {(one["model"], one["tokens"], one["generation_time"]) for one in hidden} == {
        (None, None, None)
    }
    carry_on = f"{path}/answers/{hidden[0]['id']}/carry-on"
    assert send(api, "post", carry_on).status_code == 409

    told = send(api, "put", f"{path}/vote", {"verdict": "none"}).json()["answers"]

    assert {one["model"] for one in told} == {"aardvark", "bumblebee"}
    assert send(api, "post", carry_on).status_code == 201


def test_an_answer_is_carried_on_with(api: Client, alice: User, ask: Ask) -> None:
    comparison = finished(ask())
    path = f"{URL}/{comparison.pk}/answers/{answers(comparison)[0].pk}/carry-on"

    told = [send(api, "post", path).json() for _ in "ab"]

    conversation = Conversation.objects.get(user=alice)
    assert told == [{"conversation_id": str(conversation.pk)}] * 2
    shown = api.get(f"{URL}/{comparison.pk}").json()["answers"][0]
    assert shown["conversation_id"] == str(conversation.pk)


def test_it_is_stopped(api: Client, ask: Ask) -> None:
    comparison = ask()

    assert send(api, "post", f"{URL}/{comparison.pk}/stop").status_code == 202

    assert {answer.status for answer in answers(comparison)} == {"stopped"}


def test_it_is_deleted(api: Client, ask: Ask) -> None:
    comparison = finished(ask())

    assert api.delete(f"{URL}/{comparison.pk}").status_code == 204

    assert not Comparison.objects.exists()
    assert not Generation.objects.exists()


def test_the_board(api: Client, bob: User, ask: Ask) -> None:
    for user in (None, bob):
        comparison = finished(ask(**({"user": user} if user else {})))
        actions.vote(comparison, "winner", answers(comparison)[0])

    told = api.get(f"{URL}/board").json()

    assert told["votes"] == 2
    assert [one["model"] for one in told["standings"]] == ["aardvark", "bumblebee"]
    assert told["standings"][0]["win_rate"] > 0.9
    assert told["standings"][0]["low"] is None
    assert api.get(f"{URL}/board", {"only_mine": "true"}).json()["votes"] == 1
    assert api.get(f"{URL}/board", {"only_blind": "true"}).json() == {"votes": 0, "standings": []}


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"model_ids": ["aardvark"]}, 400),
        ({"model_ids": ["aardvark", "aardvark"]}, 400),
        ({"model_ids": ["aardvark", "stranger"]}, 404),
        ({"model_ids": ["aardvark", "\0"]}, 400),
        ({"prompt": ""}, 400),
        ({"prompt": "\n"}, 400),
        ({"prompt": "x" * 100_001}, 400),
        ({"temperature": 9}, 400),
        ({"is_blind": "yes"}, 400),
        ({"extra": 1}, 400),
    ],
)
def test_bad_input_asks_nobody(api: Client, change: dict[str, Any], status: int) -> None:
    response = send(api, "post", URL, ASK | change)

    assert response.status_code == status
    assert set(response.json()) == {"error", "code"}
    assert not Generation.objects.exists()


@pytest.mark.parametrize("query", ["limit=0", "cursor=x", "cursor=%00", "cursor=MDAwMQ"])
def test_bad_pages_are_refused(api: Client, query: str) -> None:
    assert api.get(f"{URL}?{query}").status_code == 400


def requests_for(comparison: Comparison) -> list[tuple[str, str, object]]:
    path = f"{URL}/{comparison.pk}"
    return [
        ("get", path, None),
        ("put", f"{path}/vote", {"verdict": "tie"}),
        ("post", f"{path}/stop", None),
        ("post", f"{path}/answers/{answers(comparison)[0].pk}/carry-on", None),
        ("delete", path, None),
    ]


def test_a_stranger_gets_404(bob: User, ask: Ask) -> None:
    comparison = finished(ask())
    stranger = Client(headers={"authorization": bearer(bob)})

    for method, path, body in requests_for(comparison):
        assert send(stranger, method, path, body).status_code == 404, path
    assert stranger.get(URL).json()["comparisons"] == []


def test_an_answer_belongs_to_its_comparison(api: Client, ask: Ask) -> None:
    one, other = finished(ask()), finished(ask())
    path = f"{URL}/{one.pk}/answers/{answers(other)[0].pk}/carry-on"

    assert send(api, "post", path).status_code == 404


def test_nobody_gets_in_without_a_key(client: Client, ask: Ask) -> None:
    for method, path, body in requests_for(ask()):
        assert send(client, method, path, body).status_code == 401, path
    assert client.get(f"{URL}/board").status_code == 401
    assert send(client, "post", URL, ASK).status_code == 401


@pytest.mark.usefixtures("served")
def test_a_key_for_one_model_compares_no_others(alice: User) -> None:
    limited = program(alice, models=["aardvark"])

    assert send(limited, "post", URL, ASK).status_code == 404


def test_the_queue_tells_no_name_that_is_hidden(api: Client, ask: Ask) -> None:
    ask()
    hidden = ask(is_blind=True)

    waiting = api.get("/api/v1/queue").json()["waiting"]

    assert sorted(run["model"] or "" for run in waiting) == ["", "", "aardvark", "bumblebee"]
    assert {run["id"] for run in waiting if run["model"] is None} == {
        str(answer.generation_id) for answer in answers(hidden)
    }


def test_it_tells_the_names_when_the_vote_is_given(api: Client, ask: Ask) -> None:
    comparison = ask(is_blind=True)
    Comparison.objects.filter(pk=comparison.pk).update(voted_at=timezone.now())

    waiting = api.get("/api/v1/queue").json()["waiting"]

    assert {run["model"] for run in waiting} == {"aardvark", "bumblebee"}
