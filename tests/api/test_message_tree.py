"""Editing, answering again and branches by the API."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message, Project
from inference.models import AIModel
from tests.api.keys import program
from tests.conversations.builders import answered, asked, run_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]


@pytest.fixture
def answer(alice: User, model: AIModel) -> Message:
    return answered(asked(alice, model, "What is a fox?"), "An animal.")


@pytest.fixture
def question(answer: Message) -> Message:
    assert answer.parent
    return answer.parent


def at(message: Message, rest: str) -> str:
    return f"/api/v1/conversations/{message.conversation_id}/messages/{message.pk}/{rest}"


def post(api: Client, message: Message, rest: str, body: dict[str, Any]) -> Any:
    return api.post(at(message, rest), body, content_type="application/json")


def listed(api: Client, conversation: Conversation, **query: Any) -> list[dict[str, Any]]:
    found = api.get(f"/api/v1/conversations/{conversation.pk}/messages", query).json()
    return list(found["messages"])


def test_a_question_in_other_words(api: Client, question: Message, answer: Message) -> None:
    response = post(api, question, "edit", {"content": "And a dog?"})

    assert response.status_code == 202
    told = response.json()
    assert told["question"]["content"] == "And a dog?"
    assert told["question"]["parent_id"] is None
    assert told["question"]["siblings"] == {"position": 2, "count": 2}
    assert told["answer"]["parent_id"] == told["question"]["id"]
    assert told["answer"]["siblings"] == {"position": 1, "count": 1}


def test_another_answer(api: Client, question: Message, answer: Message) -> None:
    response = post(api, answer, "regenerate", {"temperature": 0.1})

    assert response.status_code == 202
    told = response.json()
    assert (told["parent_id"], told["status"], told["model"]) == (question.pk, "queued", "demo")
    assert told["siblings"] == {"position": 2, "count": 2}
    again = Message.objects.get(pk=told["id"])
    assert run_of(again).parameters["temperature"] == 0.1


def test_what_is_left_out_is_as_before(api: Client, alice: User, model: AIModel) -> None:
    sent = actions.send_message(alice, None, "What?", model, {"temperature": 0.1, "seed": 7})
    answered(sent.answer, "That.")

    told = post(api, sent.answer, "regenerate", {"seed": 8}).json()

    parameters = run_of(Message.objects.get(pk=told["id"])).parameters
    assert (parameters["temperature"], parameters["seed"]) == (0.1, 8)


def test_the_branch_that_is_shown_or_all_of_them(
    api: Client, alice: User, model: AIModel, answer: Message
) -> None:
    again = answered(actions.regenerate(alice, answer, model), "A beast.")

    shown = listed(api, answer.conversation)
    every = listed(api, answer.conversation, branch="all")

    assert [each["content"] for each in shown] == ["What is a fox?", "A beast."]
    assert [each["content"] for each in every] == ["What is a fox?", "An animal.", "A beast."]
    assert [each["siblings"]["position"] for each in every] == [1, 1, 2]

    response = post(api, answer, "show", {})

    assert response.json()["id"] == answer.pk
    shown = listed(api, answer.conversation)
    assert [each["content"] for each in shown] == ["What is a fox?", "An animal."]
    assert again.pk not in [each["id"] for each in shown]


def test_a_list_asks_the_database_as_often_however_long_it_is(
    api: Client, alice: User, model: AIModel, answer: Message
) -> None:
    def queries(messages: int) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert len(listed(api, answer.conversation, branch="all")) == messages
        return len(captured)

    queries(2)  # the first one notes that the key was used
    before = queries(2)
    for number in range(5):
        latest = answered(asked(alice, model, f"And {number}?", answer.conversation), "So.")
        answered(actions.regenerate(alice, latest, model), "Else.")

    assert queries(17) == before


@pytest.mark.parametrize(
    ("rest", "body"),
    [
        ("edit", {}),
        ("edit", {"content": ""}),
        ("edit", {"content": "  "}),
        ("edit", {"content": "x", "temperature": 9}),
        ("edit", {"content": "x", "surprise": 1}),
        ("regenerate", {"seed": "7"}),
        ("regenerate", {"model_id": 5}),
    ],
)
def test_bad_bodies_are_refused(
    rest: str, body: dict[str, Any], api: Client, question: Message, answer: Message
) -> None:
    response = post(api, question if rest == "edit" else answer, rest, body)

    assert response.status_code == 400, response.content
    assert set(response.json()) == {"error", "code"}
    assert Message.objects.count() == 2


def test_a_model_that_is_not_there(api: Client, question: Message, answer: Message) -> None:
    assert post(api, answer, "regenerate", {"model_id": "gone"}).status_code == 404
    body = {"content": "And a dog?", "model_id": "gone"}
    assert post(api, question, "edit", body).status_code == 404


def test_only_questions_are_edited_and_only_answers_repeated(
    api: Client, question: Message, answer: Message
) -> None:
    assert post(api, answer, "edit", {"content": "x"}).status_code == 409
    assert post(api, question, "regenerate", {}).status_code == 409


def test_one_answer_at_a_time(api: Client, question: Message, answer: Message) -> None:
    post(api, answer, "regenerate", {})

    response = post(api, question, "edit", {"content": "And a dog?"})

    assert response.status_code == 409
    assert response.json()["code"] == "conflict"


@pytest.mark.parametrize("branch", ["", "none", "ALL"])
def test_other_branches_are_unknown(api: Client, answer: Message, branch: str) -> None:
    path = f"/api/v1/conversations/{answer.conversation_id}/messages"

    assert api.get(path, {"branch": branch}).status_code == 400


ENDPOINTS = [("edit", {"content": "Mine"}), ("regenerate", {}), ("show", {})]


@pytest.mark.parametrize(("rest", "body"), ENDPOINTS)
def test_a_stranger_gets_404(
    rest: str, body: dict[str, str], stranger: Client, question: Message, answer: Message
) -> None:
    for message in (question, answer):
        assert post(stranger, message, rest, body).status_code == 404
    assert Message.objects.count() == 2


@pytest.mark.parametrize(("rest", "body"), ENDPOINTS)
def test_who_may_only_read_gets_404(
    rest: str,
    body: dict[str, str],
    stranger: Client,
    alice: User,
    bob: User,
    question: Message,
    answer: Message,
) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    project.members.create(user=bob, access="read")
    Conversation.objects.update(project=project)

    assert post(stranger, question, rest, body).status_code == 404
    assert len(listed(stranger, answer.conversation, branch="all")) == 2


@pytest.mark.parametrize(("rest", "body"), ENDPOINTS)
def test_a_key_needs_the_scope(
    rest: str, body: dict[str, str], alice: User, client: Client, question: Message
) -> None:
    assert post(program(alice, scopes=["read"]), question, rest, body).status_code == 403
    assert post(client, question, rest, body).status_code == 401


def test_a_message_of_another_conversation_is_not_there(
    api: Client, alice: User, model: AIModel, answer: Message
) -> None:
    other = asked(alice, model, "And a dog?")
    address = f"/api/v1/conversations/{other.conversation_id}/messages/{answer.pk}/show"

    assert api.post(address).status_code == 404
