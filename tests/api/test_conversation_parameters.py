"""What a conversation's answers follow, for programs: the names are those of POST /chat."""

from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Project
from inference.models import AIModel
from tests.api.conftest import bearer

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    project = Project.objects.create(user=alice, name="Foxes", parameters={"top_k": 7})
    return Conversation.objects.create(user=alice, title="Foxes", model=model, project=project)


def address(conversation: Conversation) -> str:
    return f"/api/v1/conversations/{conversation.pk}"


def change(client: Client, conversation: Conversation, parameters: object) -> Any:
    body = {"parameters": parameters}
    return client.patch(address(conversation), body, content_type="application/json")


def test_each_value_tells_where_it_comes_from(api: Client, conversation: Conversation) -> None:
    given = {"max_new_tokens": 9, "repetition_penalty": 1.2, "stop": "END"}

    response = change(api, conversation, given)

    assert response.json()["parameters"] == given | {"stop": ["END"]}
    conversation.refresh_from_db()
    assert conversation.parameters == {"max_tokens": 9, "repeat_penalty": 1.2, "stop": ["END"]}
    told = api.get(f"{address(conversation)}/parameters").json()["parameters"]
    found = {one["name"]: (one["value"], one["source"]) for one in told}
    assert found["max_new_tokens"] == (9, "conversation")
    assert found["top_k"] == (7, "project")
    assert found["temperature"][1] == "default"


def test_what_is_left_out_is_inherited_again(api: Client, conversation: Conversation) -> None:
    change(api, conversation, {"top_k": 1})

    assert change(api, conversation, {}).json()["parameters"] == {}


@pytest.mark.parametrize(
    "given", [{"temperature": 9}, {"temperature": "hot"}, {"max_tokens": 5}, {"stop": [""]}]
)
def test_bad_values_are_refused(api: Client, conversation: Conversation, given: object) -> None:
    response = change(api, conversation, given)

    assert response.status_code == 400
    assert set(response.json()) == {"error", "code"}
    conversation.refresh_from_db()
    assert conversation.parameters == {}


def test_a_stranger_gets_404(bob: User, conversation: Conversation) -> None:
    stranger = Client(headers={"authorization": bearer(bob)})

    assert stranger.get(f"{address(conversation)}/parameters").status_code == 404


def test_nobody_gets_in_without_a_key(client: Client, conversation: Conversation) -> None:
    assert client.get(f"{address(conversation)}/parameters").status_code == 401
