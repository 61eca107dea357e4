"""/api/v1/drafts."""

from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import APIKey, User
from conversations.drafts.actions import keep
from conversations.models import Conversation

JSON = "application/json"


def test_drafts_are_listed_latest_first(api: Client, alice: User) -> None:
    conversation = Conversation.objects.create(user=alice, title="Foxes")
    keep(alice, conversation, "A thought")
    keep(alice, None, "Another")

    first = api.get("/api/v1/drafts", {"limit": 1}).json()
    rest = api.get("/api/v1/drafts", {"cursor": first["next_cursor"]}).json()

    [one], [other] = first["drafts"], rest["drafts"]
    assert (one["conversation_id"], one["text"]) == (None, "Another")
    assert (other["conversation_id"], other["text"]) == (str(conversation.pk), "A thought")
    assert rest["next_cursor"] is None


def test_a_draft_is_kept_and_dropped(api: Client, alice: User) -> None:
    conversation = Conversation.objects.create(user=alice, title="Foxes")
    body = {"conversation_id": str(conversation.pk), "text": "A thought"}

    kept = api.put("/api/v1/drafts", body, JSON)
    assert (kept.status_code, kept.json()["text"]) == (200, "A thought")

    assert api.put("/api/v1/drafts", {**body, "text": ""}, JSON).status_code == 204
    assert api.get("/api/v1/drafts").json()["drafts"] == []


def test_others_conversations_have_none_of_mine(api: Client, bob: User) -> None:
    secret = Conversation.objects.create(user=bob, title="Secret")
    keep(bob, secret, "Theirs")

    assert api.get("/api/v1/drafts").json()["drafts"] == []
    for id in (secret.pk, uuid4()):
        body = {"conversation_id": str(id), "text": "Hm"}
        assert api.put("/api/v1/drafts", body, JSON).status_code == 404


@pytest.mark.parametrize(
    "body",
    [{}, {"text": 1}, {"text": "x" * 100_001}, {"text": "a", "more": 1}, {"conversation_id": "x"}],
)
def test_bad_bodies_are_refused(api: Client, body: dict[str, object]) -> None:
    assert api.put("/api/v1/drafts", body, JSON).status_code in (400, 422)


def test_a_bad_cursor_is_refused(api: Client) -> None:
    assert api.get("/api/v1/drafts", {"cursor": "x"}).status_code == 400


def test_a_key_needs_its_scopes(client: Client, alice: User) -> None:
    _, key = APIKey.objects.issue(alice, "tests", scopes=["read"])
    headers = {"authorization": f"Bearer {key}"}

    assert client.get("/api/v1/drafts", headers=headers).status_code == 200
    assert client.put("/api/v1/drafts", {"text": ""}, JSON, headers=headers).status_code == 403
    assert client.get("/api/v1/drafts").status_code == 401
