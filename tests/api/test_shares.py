"""/api/v1/shares."""

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import APIKey, User
from conversations.models import Conversation
from conversations.sharing import actions
from tests.conversations.builders import said

JSON = "application/json"


@pytest.fixture
def conversation(alice: User) -> Conversation:
    conversation = Conversation.objects.create(user=alice, title="Foxes")
    said(conversation, "user", "What is a fox?")
    return conversation


def test_a_link_is_made_listed_and_revoked(
    api: Client, client: Client, conversation: Conversation
) -> None:
    in_a_day = (timezone.now() + timedelta(days=1)).isoformat()
    body = {"conversation_id": str(conversation.pk), "expires_at": in_a_day}

    made = api.post("/api/v1/shares", body, JSON)
    link = made.json()

    assert made.status_code == 201
    assert (link["title"], link["is_public"]) == ("Foxes", True)
    path = urlsplit(link["url"]).path
    assert "What is a fox?" in client.get(path).content.decode()
    assert api.get("/api/v1/shares").json() == {"shares": [link], "next_cursor": None}

    assert api.delete(f"/api/v1/shares/{link['id']}").status_code == 204
    assert client.get(path).status_code == 404
    assert api.get("/api/v1/shares").json()["shares"] == []
    assert api.delete(f"/api/v1/shares/{link['id']}").status_code == 404


def test_pages_follow_each_other(api: Client, conversation: Conversation) -> None:
    links = [actions.share(conversation).pk for _ in range(3)]

    first = api.get("/api/v1/shares", {"limit": 2}).json()
    rest = api.get("/api/v1/shares", {"cursor": first["next_cursor"]}).json()

    assert [one["id"] for one in first["shares"] + rest["shares"]] == links[::-1]


def test_others_are_not_there(api: Client, bob: User) -> None:
    secret = Conversation.objects.create(user=bob, title="Secret")
    said(secret, "user", "Hush")
    link = actions.share(secret)

    assert api.get("/api/v1/shares").json()["shares"] == []
    assert api.delete(f"/api/v1/shares/{link.pk}").status_code == 404
    for id in (secret.pk, uuid4()):
        assert api.post("/api/v1/shares", {"conversation_id": str(id)}, JSON).status_code == 404


def test_nothing_is_not_shared(api: Client, alice: User) -> None:
    empty = Conversation.objects.create(user=alice, title="Empty")

    reply = api.post("/api/v1/shares", {"conversation_id": str(empty.pk)}, JSON)

    assert (reply.status_code, reply.json()["code"]) == (409, "conflict")


@pytest.mark.parametrize(
    "change",
    [
        {"conversation_id": "x"},
        {"expires_at": "2001-01-31T12:00:00Z"},
        {"expires_at": "2031-01-31T12:00:00"},
        {"expires_at": "9999-12-31T23:59:59-12:00"},
        {"expires_at": 1},
        {"more": 1},
    ],
)
def test_bad_bodies_are_refused(
    api: Client, conversation: Conversation, change: dict[str, object]
) -> None:
    body = {"conversation_id": str(conversation.pk), **change}

    assert api.post("/api/v1/shares", body, JSON).status_code == 400
    assert conversation.links.count() == 0


def test_a_key_needs_its_scopes(client: Client, alice: User, conversation: Conversation) -> None:
    _, key = APIKey.objects.issue(alice, "tests", scopes=["read", "chat"])
    headers = {"authorization": f"Bearer {key}"}
    body = {"conversation_id": str(conversation.pk)}

    assert client.get("/api/v1/shares", headers=headers).status_code == 200
    assert client.post("/api/v1/shares", body, JSON, headers=headers).status_code == 403
    assert client.delete("/api/v1/shares/1", headers=headers).status_code == 403
    assert client.get("/api/v1/shares").status_code == 401
