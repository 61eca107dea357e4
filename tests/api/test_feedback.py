"""What somebody thinks of an answer, by the API."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Feedback, Message
from inference.models import AIModel
from tests.api.conftest import bearer
from tests.api.keys import program
from tests.conversations.builders import answered, asked

pytestmark = pytest.mark.django_db


@pytest.fixture
def answer(alice: User, model: AIModel) -> Message:
    return answered(asked(alice, model, "What is a fox?"), "An animal.")


def at(message: Message) -> str:
    return f"/api/v1/conversations/{message.conversation_id}/messages/{message.pk}/feedback"


def put(api: Client, message: Message, body: Any) -> Any:
    return api.put(at(message), body, content_type="application/json")


def test_it_is_given_changed_and_withdrawn(api: Client, answer: Message) -> None:
    assert api.get(at(answer)).status_code == 404

    said = {"rating": "down", "reason": "wrong", "comment": "Foxes are more."}
    assert put(api, answer, said).json() == said
    assert api.get(at(answer)).json() == said

    assert put(api, answer, {"rating": "up"}).json()["rating"] == "up"
    assert Feedback.objects.count() == 1

    assert api.delete(at(answer)).status_code == 204
    assert api.delete(at(answer)).status_code == 204
    assert not Feedback.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"rating": 1},
        {"rating": "sideways"},
        {"rating": "down", "reason": "bored"},
        {"rating": "down", "comment": "x" * 2001},
        {"rating": "down", "comment": None},
        {"rating": "down", "comment": "a\0b"},
        {"rating": "up", "surprise": True},
    ],
)
def test_bad_bodies_are_refused(body: Any, api: Client, answer: Message) -> None:
    response = put(api, answer, body)

    assert response.status_code == 400
    assert set(response.json()) == {"error", "code"}
    assert not Feedback.objects.exists()


def test_every_reason_is_known(api: Client, answer: Message) -> None:
    for reason in ("", *Feedback.Reason.values):
        assert put(api, answer, {"rating": "down", "reason": reason}).status_code == 200


def test_only_answers_that_have_ended_are_rated(
    api: Client, alice: User, model: AIModel, answer: Message
) -> None:
    growing = asked(alice, model, "And a dog?")
    assert answer.parent

    assert put(api, answer.parent, {"rating": "up"}).status_code == 409
    assert put(api, growing, {"rating": "up"}).status_code == 409


def test_a_stranger_gets_404(bob: User, answer: Message) -> None:
    stranger = Client(headers={"authorization": bearer(bob)})

    assert put(stranger, answer, {"rating": "up"}).status_code == 404
    assert stranger.get(at(answer)).status_code == 404
    assert stranger.delete(at(answer)).status_code == 404
    assert not Feedback.objects.exists()


def test_a_key_needs_the_scope(alice: User, client: Client, answer: Message) -> None:
    reader = program(alice, scopes=["read"])

    assert reader.get(at(answer)).status_code == 404
    assert put(reader, answer, {"rating": "up"}).status_code == 403
    assert reader.delete(at(answer)).status_code == 403
    assert put(client, answer, {"rating": "up"}).status_code == 401
