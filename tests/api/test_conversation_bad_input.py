"""What is wrong with a request is told, and changes nothing."""

from typing import Any

import pytest
from django.test import Client

from conversations.models import Conversation
from tests.api.conversing import address, patch

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"parameters": {"temperature": 9}}, "temperature"),
        ({"parameters": {"grammar": "x"}}, "grammar"),
        ({"parameters": {"colour": 1}}, "colour"),
        ({"parameters": []}, "parameters"),
        ({"tags": ["x" * 51]}, "tag"),
        ({"tags": ["a,b"]}, "comma"),
        ({"tags": "work"}, "tags"),
        ({"pinned": "yes"}, "pinned"),
        ({"pinned": None}, "pinned"),
        ({"project_id": "x"}, "project_id"),
        ({"instructions": "x" * 60_000}, "instructions"),
        ({"user": 1}, "user"),
    ],
)
def test_a_bad_change_is_refused(
    body: Any, param: str, api: Client, conversation: Conversation
) -> None:
    response = patch(api, conversation, body)

    assert response.status_code == 400
    assert param in response.json()["error"]


@pytest.mark.parametrize(
    "body",
    [{"title": ""}, {"title": "  "}, {"title": "x" * 201}, {"title": "a\0b"}, {"title": 5}, {}, []],
)
def test_a_bad_title_is_refused(body: Any, api: Client, conversation: Conversation) -> None:
    response = api.patch(address(conversation), body, content_type="application/json")

    assert response.status_code == 400
    assert set(response.json()) == {"error", "code"}
    conversation.refresh_from_db()
    assert conversation.title == "Greetings"


@pytest.mark.parametrize(
    "query",
    [
        "limit=0",
        "limit=201",
        "limit=x",
        "limit=99999999999999999999",
        "cursor=x",
        "cursor=%00",
        "cursor=MDAwMS0wMS0wMVQwMDowMDowMCsxNDowMCAx",
        "cursor=" + "A" * 300,
        "cursor=-1",
        "cursor=99999999999999999999999",
        "cursor=%C2%B2",
    ],
)
def test_bad_pages_are_refused(query: str, api: Client, conversation: Conversation) -> None:
    for path in ("/api/v1/conversations", address(conversation, "/messages")):
        response = api.get(f"{path}?{query}")

        assert response.status_code == 400, response.content
        assert set(response.json()) == {"error", "code"}
