"""Creating, exporting and importing conversations by the API."""

import json
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from conversations import thread
from conversations.importing.shapes import NEVER_SHOWN
from conversations.models import Conversation, Message
from inference.models import AIModel
from tests.api.conftest import bearer
from tests.conversations import builders

URL = "/api/v1/conversations"
IMPORT = f"{URL}/import"
CHAT = [{"role": "user", "content": "Hello"}, {"role": "assistant", "content": "# Hi\n\nthere"}]

pytestmark = pytest.mark.django_db


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    conversation = Conversation.objects.create(user=alice, title="Grüße & more", model=model)
    for message in CHAT:
        builders.said(conversation, message["role"], message["content"])
    return conversation


def said(conversation_id: Any) -> list[dict[str, str]]:
    """On the branch that is shown."""
    leaf = Conversation.objects.get(pk=conversation_id).leaf_id
    rows = Message.objects.filter(pk__in=thread.branch(leaf)).order_by("pk")
    return [{"role": row.role, "content": row.content} for row in rows]


def bring(api: Client, document: Any) -> Any:
    return api.post(IMPORT, json.dumps(document), "application/json")


def node(parent: str | None, role: str = "", *parts: Any, **more: Any) -> dict[str, Any]:
    if not role:
        return {"message": None, "parent": parent}
    content = {"content_type": "text", "parts": list(parts)}
    message = {"author": {"role": role}, "content": content, "create_time": 1.7e9} | more
    return {"message": message, "parent": parent}


def tree(**nodes: Any) -> dict[str, Any]:
    last = list(nodes)[-1]
    return {"title": "Tree", "create_time": 1.6e9, "current_node": last, "mapping": nodes}


def test_one_is_created(api: Client, model: AIModel) -> None:
    response = api.post(URL, {"title": " Plans ", "model_id": "demo"}, "application/json")

    assert response.status_code == 201
    created = response.json()
    assert (created["title"], created["model"]) == ("Plans", "demo")
    assert api.get(f"{URL}/{created['id']}").json() == created


def test_it_needs_neither_title_nor_model(api: Client) -> None:
    created = api.post(URL, {}, "application/json").json()

    assert (created["title"], created["model"]) == ("New chat", None)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"title": "x" * 201}, 400),
        ({"title": " "}, 400),
        ({"title": 5}, 400),
        ({"more": 5}, 400),
        ([], 400),
        ({"model_id": "other"}, 404),
    ],
)
def test_what_cannot_be_created(body: Any, status: int, api: Client) -> None:
    response = api.post(URL, json.dumps(body), "application/json")

    assert response.status_code == status
    assert response.json()["error"]
    assert not Conversation.objects.exists()


def test_what_is_exported_can_be_imported(api: Client, conversation: Conversation) -> None:
    exported = api.get(f"{URL}/{conversation.pk}/export")

    assert exported["Content-Disposition"] == 'attachment; filename="grue-more.json"'
    assert exported.json()["model"] == "demo"
    response = bring(api, exported.json())

    assert response.status_code == 201
    [imported] = response.json()["conversations"]
    assert imported["title"] == "Grüße & more"
    assert said(imported["id"]) == CHAT
    assert imported["created_at"][:19] == conversation.created_at.isoformat()[:19]
    again = api.get(f"{URL}/{imported['id']}/export").json()
    times = [message["created_at"] for message in exported.json()["messages"]]
    assert [message["created_at"] for message in again["messages"]] == times


def test_it_can_be_read_as_markdown(api: Client, conversation: Conversation) -> None:
    response = api.get(f"{URL}/{conversation.pk}/export", {"format": "markdown"})

    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response.content.decode() == (
        "# Grüße & more\n\n## You\n\nHello\n\n## Assistant\n\n# Hi\n\nthere\n"
    )


def test_an_unknown_format_is_refused(api: Client, conversation: Conversation) -> None:
    assert api.get(f"{URL}/{conversation.pk}/export", {"format": "pdf"}).status_code == 400


def test_messages_as_openai_has_them(api: Client) -> None:
    parts = {"role": "assistant", "content": [{"type": "text", "text": "Hi"}]}
    system, empty = {"role": "system", "content": "Be brief."}, {"role": "user", "content": None}

    response = bring(api, {"messages": [system, *CHAT, parts, empty]})

    [imported] = response.json()["conversations"]
    assert imported["title"] == "Hello"
    assert said(imported["id"]) == [*CHAT, {"role": "assistant", "content": "Hi"}]


def test_the_branches_of_chatgpt(api: Client) -> None:
    image = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://x"}
    document = tree(
        root=node(None),
        hidden=node("root", "user", "About me", metadata={NEVER_SHOWN: True}),
        system=node("hidden", "system", ""),
        asked=node("system", "user", image, "What is", "this?"),
        unseen=node("asked", "assistant", "A first try"),
        tool=node("asked", "tool", "42"),
        shown=node("tool", "assistant", "A second try"),
    )

    [imported] = bring(api, [document]).json()["conversations"]

    assert imported["title"] == "Tree"
    assert imported["created_at"].startswith("2020-09-13")
    assert said(imported["id"]) == [
        {"role": "user", "content": "What is\n\nthis?"},
        {"role": "assistant", "content": "A second try"},
    ]
    first, unseen, shown = Message.objects.filter(conversation=imported["id"]).order_by("pk")
    assert unseen.content == "A first try"
    assert unseen.parent == shown.parent == first


def test_several_come_in_their_order(api: Client) -> None:
    documents = [{"title": title, "messages": CHAT} for title in ("First", "Second")]

    bring(api, {"conversations": documents})

    listed = api.get(URL).json()["conversations"]
    assert [each["title"] for each in listed] == ["First", "Second"]


@pytest.mark.parametrize(
    ("document", "named"),
    [
        (None, "messages"),
        ("text", "messages"),
        ({}, "messages"),
        ([], "no message"),
        ([{"messages": CHAT}, 5], "messages"),
        ({"messages": 5}, "messages"),
        ({"messages": [{"content": "x"}]}, "messages[0].role"),
        ({"messages": [{"role": "user", "content": 5}]}, "messages[0].content"),
        ({"conversations": [{"messages": [{"role": 5}]}]}, "conversations[0].messages[0].role"),
        ({"messages": [{"role": "user", "content": "x" * 100_001}]}, "100000"),
        ({"messages": CHAT * 1001}, "2000"),
        ([{"messages": CHAT}] * 201, "200"),
        ([{"messages": CHAT * 1000}] * 6, "10000"),
        ({"messages": [{"role": "system", "content": "x"}]}, "no message"),
        ({"messages": CHAT, "created_at": "yesterday"}, "created_at"),
        ({"messages": CHAT, "created_at": 1e300}, "created_at"),
        ({"mapping": 5}, "mapping"),
        (tree(a=node("a", "user", "x")), "tree"),
        (tree(a=node("b", "user", "x")), "tree"),
        ({"mapping": {"a": {"message": {"author": 5}}}, "current_node": "a"}, "author"),
    ],
)
def test_what_cannot_be_imported_says_where_it_fails(
    document: Any, named: str, api: Client
) -> None:
    response = bring(api, document)

    assert response.status_code == 400
    assert named in response.json()["error"]
    assert not Conversation.objects.exists()


@pytest.mark.parametrize(
    "time", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", -1e10, "2020-01-01"]
)
def test_odd_times_do_no_harm(time: Any, api: Client) -> None:
    message = CHAT[0] | {"created_at": time}

    assert bring(api, {"messages": [message], "created_at": time}).status_code == 201


def test_strangers_get_404_and_others_401(
    client: Client, bob: User, conversation: Conversation
) -> None:
    address = f"{URL}/{conversation.pk}/export"
    stranger = Client(headers={"authorization": bearer(bob)})

    assert stranger.get(address).status_code == 404
    assert client.get(address).status_code == 401
    assert client.post(URL, {}, "application/json").status_code == 401
    assert bring(client, {"messages": CHAT}).status_code == 401
