"""Conversations are listed, made, changed and deleted."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Project, Tag
from tests.api.conversing import address, pages, patch
from tests.conversations.builders import said

pytestmark = pytest.mark.django_db


def test_it_lists_ones_own(api: Client, conversation: Conversation, bob: User) -> None:
    Conversation.objects.create(user=bob, title="Not for alice")

    page = api.get("/api/v1/conversations").json()

    assert page["next_cursor"] is None
    [found] = page["conversations"]
    assert (found["id"], found["title"], found["model"]) == (
        str(conversation.pk),
        "Greetings",
        "demo",
    )


def test_it_lists_page_by_page_the_latest_first(api: Client, alice: User) -> None:
    now = timezone.now()
    for number in range(5):  # the two oldest at the same moment
        at = now - timedelta(minutes=min(number, 3))
        Conversation.objects.create(user=alice, title=str(number), updated_at=at)

    found = pages(api, "/api/v1/conversations", "conversations")

    assert [len(page) for page in found] == [2, 2, 1]
    titles = [each["title"] for page in found for each in page]
    assert titles[:3] == ["0", "1", "2"]
    assert sorted(titles) == ["0", "1", "2", "3", "4"]


def test_lists_are_filtered(api: Client, alice: User) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    made = {
        "plain": {},
        "pinned": {"pinned_at": timezone.now()},
        "old": {"archived_at": timezone.now()},
        "ours": {"project": project},
    }
    rows = {
        title: Conversation.objects.create(user=alice, title=title, **fields)
        for title, fields in made.items()
    }
    rows["plain"].tags.add(Tag.objects.create(user=alice, name="travel"))

    def titles(**query: Any) -> set[str]:
        found = api.get("/api/v1/conversations", query).json()["conversations"]
        return {one["title"] for one in found}

    assert titles() == {"plain", "pinned", "ours"}
    assert titles(archived="true") == {"old"}
    assert titles(pinned="true") == {"pinned"}
    assert titles(pinned="false") == {"plain", "ours"}
    assert titles(tag="travel") == {"plain"}
    assert titles(project_id=project.pk) == {"ours"}
    assert titles(project_id=uuid4()) == titles(tag="none") == titles(tag="\0") == set()


def test_it_reads_one(api: Client, conversation: Conversation) -> None:
    assert api.get(address(conversation)).json()["title"] == "Greetings"


def test_it_lists_messages_oldest_first(api: Client, conversation: Conversation) -> None:
    said(conversation, "user", "Bye")

    found = pages(api, address(conversation, "/messages"), "messages")

    assert [[each["content"] for each in page] for page in found] == [["Hello", "Hi!"], ["Bye"]]
    assert found[0][1]["role"] == "assistant"
    assert found[0][1]["status"] == "done"


def test_it_is_made_with_all_of_this(api: Client, alice: User) -> None:
    body = {"title": "Trip", "tags": ["travel"], "pinned": True, "parameters": {"seed": 7}}

    made = api.post("/api/v1/conversations", body, content_type="application/json")

    assert made.status_code == 201
    assert made.json() | body == made.json()


def test_a_temporary_one_is_in_no_list(api: Client, alice: User) -> None:
    made = api.post("/api/v1/conversations", {"temporary": True}, content_type="application/json")

    assert made.json()["temporary"]
    assert api.get("/api/v1/conversations").json()["conversations"] == []
    address = f"/api/v1/conversations/{made.json()['id']}"
    refused = api.patch(address, {"pinned": True}, content_type="application/json")
    assert refused.status_code == 400


def test_it_renames(api: Client, conversation: Conversation) -> None:
    response = api.patch(
        address(conversation), {"title": "  Salutations "}, content_type="application/json"
    )

    assert response.json()["title"] == "Salutations"
    conversation.refresh_from_db()
    assert conversation.title == "Salutations"


def test_it_changes_what_else_there_is(
    api: Client, alice: User, conversation: Conversation
) -> None:
    project = Project.objects.create(user=alice, name="Ours")
    change = {
        "project_id": str(project.pk),
        "pinned": True,
        "archived": True,
        "tags": ["#travel", "Travel"],
        "instructions": "Be brief.",
        "parameters": {"temperature": 0.2, "stop": ["\n"]},
    }

    changed = patch(api, conversation, change).json()

    assert {name: changed[name] for name in change} == change | {"tags": ["travel"]}
    assert changed["title"] == "Greetings"
    undone = patch(api, conversation, {"pinned": False, "project_id": None, "tags": []}).json()
    assert (undone["pinned"], undone["project_id"], undone["tags"]) == (False, None, [])
    assert undone["archived"]


def test_it_deletes(api: Client, conversation: Conversation) -> None:
    assert api.delete(address(conversation)).status_code == 204

    assert not Conversation.objects.exists()
