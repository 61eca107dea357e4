"""What was typed and not sent is on the server."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client

from accounts.models import User
from conversations.drafts.actions import drafts_of, keep, text_of
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Project, ProjectMember
from inference.models import AIModel


def test_the_page_has_the_draft_in_its_box(
    page: Client, plain_page: Client, conversation: Conversation
) -> None:
    reply = page.post("/drafts/", {"conversation": str(conversation.pk), "text": "A\r\nthought"})

    assert reply.json() == {"text": "A\nthought"}
    assert "\nA\nthought</textarea>" in plain_page.get(f"/c/{conversation.pk}/").content.decode()
    assert "thought" not in plain_page.get("/").content.decode().split("<textarea")[1]


def test_a_new_chat_has_one_too(page: Client, plain_page: Client) -> None:
    page.post("/drafts/", {"text": "A thought"})

    assert "\nA thought</textarea>" in plain_page.get("/").content.decode()
    assert page.get("/drafts/").json() == {"text": "A thought"}


def test_the_newer_one_stays(page: Client, alice: User) -> None:
    page.post("/drafts/", {"text": "typed now", "age": "0"})

    reply = page.post("/drafts/", {"text": "typed an hour ago", "age": "3600000"})

    assert reply.json() == {"text": "typed now"}
    assert page.post("/drafts/", {"text": "and on"}).json() == {"text": "and on"}


def test_one_that_was_emptied_is_gone(page: Client, alice: User) -> None:
    page.post("/drafts/", {"text": "A thought"})

    assert page.post("/drafts/", {"text": ""}).json() == {"text": ""}
    assert list(drafts_of(alice)) == []


def test_sending_clears_it(
    page: Client, alice: User, model: AIModel, conversation: Conversation
) -> None:
    keep(alice, conversation, "A thought")
    keep(alice, None, "Another")

    page.post(f"/c/{conversation.pk}/", {"text": "A thought", "model": "demo"})

    assert text_of(alice, conversation) == ""
    assert text_of(alice, None) == "Another"


def test_what_could_not_be_sent_stays(page: Client, alice: User, model: AIModel) -> None:
    keep(alice, None, "A thought")

    page.post("/", {"text": "A thought", "model": "unknown"})

    assert text_of(alice, None) == "A thought"


def test_each_writer_has_their_own(page: Client, alice: User, bob: User) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    ProjectMember.objects.create(project=project, user=bob, access="write")
    shared = Conversation.objects.create(user=alice, title="Shared", project=project)

    page.post("/drafts/", {"conversation": str(shared.pk), "text": "Mine"})

    assert text_of(alice, shared) == "Mine"
    assert text_of(bob, shared) == ""


def test_strangers_and_readers_have_none(
    page: Client, strangers_page: Client, alice: User, bob: User
) -> None:
    project = Project.objects.create(user=alice, name="Foxes")
    ProjectMember.objects.create(project=project, user=bob, access="read")
    shared = Conversation.objects.create(user=alice, title="Shared", project=project)
    own = Conversation.objects.create(user=alice, title="Own")

    for conversation in (shared.pk, own.pk, uuid4()):
        asked = {"conversation": str(conversation)}
        assert strangers_page.get("/drafts/", asked).status_code == 404
        assert strangers_page.post("/drafts/", {**asked, "text": "Hm"}).status_code == 404
    assert page.get("/drafts/", {"conversation": str(own.pk)}).status_code == 200


@pytest.mark.parametrize(
    "typed",
    [
        {"conversation": "nonsense", "text": "Hm"},
        {"text": "x" * (LONGEST_MESSAGE + 1)},
        {"text": "a\0b"},
        {"text": "Hm", "age": "-1"},
        {"text": "Hm", "age": "nan"},
        {"text": "Hm", "age": "1e300"},
    ],
)
def test_nonsense_is_refused(page: Client, alice: User, typed: dict[str, str]) -> None:
    assert page.post("/drafts/", typed).status_code == 422
    assert list(drafts_of(alice)) == []


def test_whoever_is_signed_out_is_told(client: Client) -> None:
    reply = client.post("/drafts/", {"text": "Hm"}, headers={"HX-Request": "true"})

    assert reply.status_code == 401


def test_what_was_typed_before_signing_in_is_kept(plain_page: Client, alice: User) -> None:
    plain_page.logout()
    plain_page.post("/", {"text": "A thought"})
    plain_page.force_login(alice)

    assert "\nA thought</textarea>" in plain_page.get("/").content.decode()
    assert text_of(alice, None) == "A thought"


def test_two_that_come_at_once_make_one(alice: User) -> None:
    keep(alice, None, "first", timedelta(seconds=2))
    keep(alice, None, "second", timedelta(seconds=1))

    assert [draft.text for draft in drafts_of(alice)] == ["second"]
