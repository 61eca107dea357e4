"""What is wrong with a request is told by the name that the request has for it."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project
from inference.models import AIModel
from tests.conversations.builders import answered, asked
from tests.conversations.comparisons.conftest import models

__all__ = ["models"]  # a fixture

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker")]

API = "/api/v1"
TITLED = {"name": "x", "prompt": "x"}
TWO = ["aardvark", "bumblebee"]
UNSEEN = "00000000-0000-4000-8000-000000000000"


@pytest.fixture
def addresses(alice: User, model: AIModel) -> dict[str, str]:
    """Of what alice has."""
    project = Project.objects.create(user=alice, name="Foxes")
    answer = answered(asked(alice, model, "What is a fox?"), "An animal.")
    chat = f"{API}/conversations/{answer.conversation_id}"
    return {
        "chat": chat,
        "question": f"{chat}/messages/{answer.parent_id}",
        "answer": f"{chat}/messages/{answer.pk}",
        "project": f"{API}/projects/{project.pk}",
    }


@pytest.mark.parametrize(
    ("method", "address", "body", "field"),
    [
        ("post", "{chat}/messages", {"content": " "}, "content"),
        ("post", "{question}/edit", {"content": "\n"}, "content"),
        ("post", f"{API}/chat", {"message": " "}, "message"),
        ("post", f"{API}/comparisons", {"model_ids": TWO, "prompt": " "}, "prompt"),
        ("patch", "{chat}", {"title": " "}, "title"),
        ("patch", "{chat}", {"tags": ["a,b"]}, "tags"),
        ("patch", "{project}", {"prompt_id": UNSEEN}, "prompt_id"),
        ("post", "{project}/members", {"email": "x@example.org", "access": "read"}, "email"),
        ("post", f"{API}/prompts", TITLED | {"shared_with": ["x@example.org"]}, "shared_with"),
        ("post", f"{API}/prompts", TITLED | {"tags": ["a,b"]}, "tags"),
        ("post", f"{API}/conversations", {"temporary": True, "pinned": True}, "temporary"),
        ("get", f"{API}/search?q=x", None, "q"),
    ],
)
@pytest.mark.usefixtures("models")
def test_a_bad_value_is_named(
    api: Client, addresses: dict[str, str], method: str, address: str, body: Any, field: str
) -> None:
    response = getattr(api, method)(address.format(**addresses), body, "application/json")

    assert (response.status_code, response.json()["code"]) == (400, "invalid_value")
    assert response.json()["error"].startswith(f"{field}: ")


def test_two_fields_that_contradict_each_other_are_named(api: Client, alice: User) -> None:
    body = TITLED | {"is_public": True, "visibility": "private"}

    response = api.post(f"{API}/prompts", body, "application/json")

    assert response.json()["error"] == "is_public and visibility contradict each other."


def test_a_file_that_cannot_be_imported_is_named_with_its_place(api: Client, alice: User) -> None:
    long = [{"role": "user", "content": "x" * 100_001}]

    response = api.post(f"{API}/conversations/import", {"messages": long}, "application/json")

    assert response.json()["error"].startswith("messages[0]: A message may have at most")
    assert not Conversation.objects.exists()
