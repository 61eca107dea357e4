"""GET /api/v1/search."""

import pytest
from django.test import Client

from accounts.models import APIKey, User
from tests.conversations.test_searching import held


def test_conversations_are_found(api: Client, alice: User) -> None:
    conversation = held(alice, "A brown fox & <b>more</b>", title="About foxes")
    message = conversation.messages.get()

    [found] = api.get("/api/v1/search", {"q": "brown fo"}).json()["conversations"]

    assert found["id"] == str(conversation.pk)
    titles = ("About foxes", "About <mark>foxes</mark>")
    assert (found["title"], found["marked_title"]) == titles
    assert (found["is_archived"], found["project_id"], found["match_count"]) == (False, None, 1)
    [passage] = found["messages"]
    assert (passage["id"], passage["role"]) == (message.pk, "user")
    marked = "A <mark>brown</mark> <mark>fox</mark> &amp; &lt;b&gt;more&lt;/b&gt;"
    assert passage["snippet"] == marked


def test_pages_follow_each_other(api: Client, alice: User) -> None:
    for number in range(3):
        held(alice, "fox", title=f"{number}")

    first = api.get("/api/v1/search", {"q": "fox", "limit": 2}).json()
    rest = api.get("/api/v1/search", {"q": "fox", "limit": 2, "cursor": first["next_cursor"]})

    titles = [one["title"] for one in first["conversations"] + rest.json()["conversations"]]
    assert sorted(titles) == ["0", "1", "2"]
    assert rest.json()["next_cursor"] is None


def test_others_conversations_are_not_found(api: Client, bob: User) -> None:
    held(bob, "A secret fox")

    assert api.get("/api/v1/search", {"q": "fox"}).json()["conversations"] == []


@pytest.mark.parametrize(
    "query",
    [
        {"q": ""},
        {"q": "f"},
        {"q": "-fox"},
        {"q": "x" * 201},
        {"q": "fox", "cursor": "nonsense"},
        {"q": "fox", "limit": "0"},
    ],
)
def test_bad_queries_are_refused(api: Client, query: dict[str, str]) -> None:
    reply = api.get("/api/v1/search", query)

    assert (reply.status_code, reply.json()["code"]) == (400, "invalid_value")


def test_a_key_needs_the_right_to_read(alice: User, client: Client) -> None:
    _, key = APIKey.objects.issue(alice, "tests", scopes=["chat"])

    headers = {"authorization": f"Bearer {key}"}
    assert client.get("/api/v1/search?q=fox", headers=headers).status_code == 403
    assert client.get("/api/v1/search?q=fox").status_code == 401
