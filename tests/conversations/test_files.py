"""Exporting a conversation and importing files, by the pages."""

import io
import json
import zipfile
from html import unescape
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from conversations import importing
from conversations.exports import as_json, as_markdown
from conversations.importing import Limits, uploads
from conversations.models import Conversation, Message
from inference.models import AIModel
from tests.conversations.builders import answered, asked, failed, said

CHAT = {"title": "Hello", "messages": [{"role": "user", "content": "Hello"}]}


def upload(client: Client, content: bytes | str, name: str = "chats.json") -> Any:
    content = content.encode() if isinstance(content, str) else content
    return client.post("/import/", {"file": SimpleUploadedFile(name, content)})


def zipped(name: str, content: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def branched(alice: User, model: AIModel) -> Conversation:
    """A question with two answers, one of which goes on; another wording of the question, which
    failed and was followed all the same; parameters everywhere."""
    first = answered(asked(alice, model, "What is a fox?"), "An animal.")
    conversation = first.conversation
    conversation.messages.create(
        role="assistant", content="A **god**.", parent=first.parent, parameters={"seed": 7}
    )
    last = said(conversation, "user", "  Really?\n")
    edited = conversation.messages.create(role="user", content="What is a lynx?")
    empty = conversation.messages.create(role="assistant", content="", parent=edited)
    conversation.messages.create(role="user", content="Well?", parent=empty)
    Conversation.objects.filter(pk=conversation.pk).update(
        leaf=last, instructions="Be brief.", parameters={"temperature": 0.2}
    )
    conversation.refresh_from_db()
    return conversation


def shape(conversation: Conversation) -> list[tuple[str, str, Any, Any]]:
    rows = conversation.messages.order_by("pk").exclude(content="").select_related("parent__parent")
    return [(row.role, row.content, _above(row), row.parameters) for row in rows]


def _above(message: Message) -> str | None:
    parent = message.parent
    while parent and not parent.content:
        parent = parent.parent
    return parent.content if parent else None


def test_what_is_exported_comes_back_as_it_was(
    plain_page: Client, strangers_page: Client, bob: User, branched: Conversation
) -> None:
    file = plain_page.get(f"/c/{branched.pk}/export/", {"format": "json"})
    assert file["Content-Disposition"] == 'attachment; filename="what-is-a-fox.json"'

    assert "1 chat was imported." in upload(strangers_page, file.content).content.decode()

    copy = Conversation.objects.get(user=bob)
    assert copy.title == branched.title
    assert (copy.instructions, copy.parameters) == ("Be brief.", {"temperature": 0.2})
    assert sorted(shape(copy), key=str) == sorted(shape(branched), key=str)
    assert copy.leaf and copy.leaf.content == "  Really?\n"
    again, before = as_json(copy), as_json(branched)
    assert [one["content"] for one in again["messages"]] != []
    assert {key: again[key] for key in ("title", "instructions", "parameters")} == {
        key: before[key] for key in ("title", "instructions", "parameters")
    }


def test_markdown_has_the_branch_that_is_shown(plain_page: Client, branched: Conversation) -> None:
    text = plain_page.get(f"/c/{branched.pk}/export/", {"format": "markdown"}).content.decode()

    assert "An animal." in text and "Really?" in text
    assert "lynx" not in text and "god" not in text


def test_an_answer_that_failed_is_left_out(alice: User, model: AIModel) -> None:
    answer = failed(asked(alice, model, "Hello"), "It failed.")

    exported = as_json(answer.conversation)

    assert [one["content"] for one in exported["messages"]] == ["Hello"]
    assert exported["leaf"] == 1


def test_the_dialog_offers_both(page: Client, plain_page: Client, branched: Conversation) -> None:
    for client in (page, plain_page):
        html = client.get(f"/c/{branched.pk}/export/").content.decode()
        assert "?format=markdown" in html and "?format=json" in html


def test_strangers_export_nothing(strangers_page: Client, branched: Conversation) -> None:
    for format in ("", "json", "markdown"):
        address = f"/c/{branched.pk}/export/"
        assert strangers_page.get(address, {"format": format}).status_code == 404


def test_the_page_tells_its_limits(plain_page: Client) -> None:
    html = plain_page.get("/import/").content.decode()

    assert "At most 50 MB, 5,000 chats and 20,000 messages at once." in html


def test_chatgpts_zip(page: Client, alice: User) -> None:
    content = json.dumps([CHAT, CHAT | {"title": "Again"}]).encode()

    reply = upload(page, zipped("export/conversations.json", content), "chatgpt.zip")

    assert "2 chats were imported." in reply.content.decode()
    assert set(alice.conversations.values_list("title", flat=True)) == {"Hello", "Again"}


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "The file is empty."),
        (b"{", "line 1"),
        (b'[{"messages": []},\n nonsense]', "line 2, column 2"),
        (b'[{"messages": []} 5]', "line 1"),
        (b'[{"messages": []}', "line 1"),
        (b"[]", "no message"),
        (b"[NaN]", "not JSON"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[" * 100_000, "not JSON"),
        (b'{"a":' * 100_000, "not JSON"),
        (b'[{"messages": [{"role": 5}]}]', "[0].messages[0].role"),
        (b"PK\x05\x06" + b"\0" * 18, "no conversations.json"),
        (zipped("other.json", b"[]"), "no conversations.json"),
        (zipped("conversations.json", b"[]" * 1000)[:-40], "UTF-8"),
    ],
)
def test_what_can_not_be_read_says_where(page: Client, content: bytes, told: str) -> None:
    reply = upload(page, content)

    assert reply.status_code == 422
    assert told in reply.content.decode()
    assert not Conversation.objects.exists()


def test_halves_of_characters_and_nul_are_dropped(page: Client) -> None:
    upload(page, b'{"messages": [{"role": "user", "content": "a\\ud83d\\u0000b"}]}')

    assert Message.objects.get().content == "a?b"


def test_they_are_dropped_from_parameters_as_well(page: Client, alice: User) -> None:
    told = {"id": 1, "role": "user", "content": "Hello", "parameters": {"stop": ["\0a\ud800"]}}
    document = {"format": "parley.conversation", "version": 2, "messages": [told]}
    upload(page, json.dumps({**document, "parameters": {"stop": "\ud800\0b"}}))

    conversation = Conversation.objects.get(user=alice)
    assert conversation.parameters == {"stop": ["?b"]}
    assert conversation.messages.get().parameters == {"stop": ["a?"]}
    assert page.get(f"/c/{conversation.pk}/export/?format=json").status_code == 200


def test_nothing_is_half_imported(page: Client) -> None:
    reply = upload(page, json.dumps([CHAT, {"messages": [{"role": 5}]}]))

    assert "[1].messages[0].role" in reply.content.decode()
    assert not Conversation.objects.exists()


def test_a_zip_of_very_many_files_is_not_opened(page: Client) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(14_000):
            archive.writestr(f"{number:030}", b"")

    reply = upload(page, file.getvalue(), "many.zip")

    assert reply.status_code == 422
    assert "too many files" in reply.content.decode()


def test_a_zip_that_grows_is_not_unpacked(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10_000)
    bomb = zipped("conversations.json", b"[" + b" " * 10_000_000 + b"]")

    assert len(bomb) < 20_000
    assert "may have at most" in upload(page, bomb).content.decode()
    assert "may have at most" in upload(page, b" " * 10_001).content.decode()


def test_there_are_limits(page: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "UPLOAD", Limits(conversations=3, messages=5))

    assert "at most 3 conversations" in upload(page, json.dumps([CHAT] * 4)).content.decode()
    many = CHAT | {"messages": CHAT["messages"] * 6}
    assert "at most 5 messages" in upload(page, json.dumps(many)).content.decode()
    assert not Conversation.objects.exists()


def own(**changes: Any) -> dict[str, Any]:
    messages = [
        {"id": 1, "role": "user", "content": "Hello"},
        {"id": 2, "parent": 1, "role": "assistant", "content": "Hi"},
    ]
    return {"format": "parley.conversation", "version": 2, "messages": messages, **changes}


@pytest.mark.parametrize(
    ("document", "told"),
    [
        (own(leaf=9), "not a tree"),
        (own(messages=[{"id": 1, "parent": 1, "role": "user", "content": "x"}]), "not a tree"),
        (own(messages=[{"id": 1, "parent": 9, "role": "user", "content": "x"}]), "not a tree"),
        (own(messages=[{"id": 1, "role": "user", "content": "x"}] * 2), "same id"),
        (own(messages=[{"role": "user", "content": "x"}]), "messages[0].id"),
        (own(parameters={"temperature": "hot"}), "temperature"),
        (own(parameters=5), "parameters"),
        (own(instructions="x" * 100_001), "instructions"),
    ],
)
def test_own_files_that_were_tampered_with(page: Client, document: Any, told: str) -> None:
    reply = upload(page, json.dumps(document))

    assert (reply.status_code, told in reply.content.decode()) == (422, True)
    assert not Conversation.objects.exists()


def test_parameters_that_nobody_knows_are_left_out(page: Client, alice: User) -> None:
    upload(page, json.dumps(own(parameters={"temperature": 1, "charm": 9, "grammar": "x"})))

    assert alice.conversations.get().parameters == {"temperature": 1}


def test_messages_may_come_in_any_order(alice: User) -> None:
    document = own(leaf=1)
    document["messages"] = document["messages"][::-1]

    [found] = importing.read(document)

    assert [(one.content, one.parent) for one in found.messages] == [("Hello", None), ("Hi", 0)]
    assert found.leaf == 0


def test_whoever_is_signed_out_signs_in_first(client: Client) -> None:
    assert client.get("/import/").status_code == 302
    assert upload(client, json.dumps(CHAT)).status_code == 302


def answered_by(name: str) -> dict[str, Any]:
    messages = [
        {"id": 1, "role": "user", "content": "What is a fox?", "model": name},
        {"id": 2, "parent": 1, "role": "assistant", "content": "An animal.", "model": name},
    ]
    return own(messages=messages, leaf=2)


@pytest.mark.parametrize(
    ("name", "shown"), [("demo", "Demo"), ("gpt-<9>", "gpt-&lt;9&gt;"), ("x" * 300, "x" * 100)]
)
def test_an_answer_tells_which_model_gave_it(
    plain_page: Client, page: Client, alice: User, model: AIModel, name: str, shown: str
) -> None:
    upload(page, json.dumps(answered_by(name)))
    copy = Conversation.objects.get(user=alice)

    html = plain_page.get(f"/c/{copy.pk}/").content.decode()
    assert html.count(f'<h2 class="message-model">{shown}</h2>') == 1

    question, answer = as_json(copy)["messages"]
    assert (question["model"], answer["model"]) == (None, name[:100])
    assert f"## {unescape(shown)}\n\nAn animal." in as_markdown(copy)


def test_chatgpt_tells_it_as_well(page: Client, alice: User) -> None:
    said = {"content": {"parts": ["Hello"]}, "metadata": {"model_slug": "gpt-4"}}
    mapping = {
        "a": {"message": {"author": {"role": "user"}, **said}},
        "b": {"message": {"author": {"role": "assistant"}, **said}, "parent": "a"},
        "c": {
            "message": {"author": {"role": "assistant"}, **said, "metadata": {"model_slug": 4}},
            "parent": "b",
        },
    }

    upload(page, json.dumps({"mapping": mapping}))

    names = Message.objects.order_by("pk").values_list("model_name", flat=True)
    assert list(names) == ["", "gpt-4", ""]
