"""The search page, and the way from it to what was said."""

from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations.models import Conversation, Project, ProjectMember
from inference.models import AIModel
from tests.conversations.builders import answered, asked
from tests.conversations.test_searching import held


def test_a_plain_page_shows_what_was_found(plain_page: Client, alice: User) -> None:
    conversation = held(alice, "A brown fox", title="About foxes", archived_at=timezone.now())
    message = conversation.messages.get()

    html = plain_page.get("/search/", {"q": "fox"}).content.decode()

    assert '<input type="search" name="q" value="fox"' in html
    assert "A brown <mark>fox</mark>" in html
    assert f'href="/c/{conversation.pk}/?message={message.pk}#message-{message.pk}"' in html
    assert "About <mark>foxes</mark>" in html
    assert "Archived" in html
    assert "1 chat was found." in html


def test_scripts_get_the_list_alone_and_a_line_to_be_read_aloud(page: Client, alice: User) -> None:
    held(alice, "A fox")
    held(alice, "Another fox")

    html = page.get("/search/", {"q": "fox"}).content.decode()

    assert "<html" not in html
    assert '<p id="found-status" hx-swap-oob="innerHTML">2 chats were found.</p>' in html


@pytest.mark.parametrize(
    ("text", "told"),
    [("", "Find what was said"), ("f", "at least two letters"), ("hound", "Nothing was found")],
)
def test_what_is_told_where_there_is_nothing(
    plain_page: Client, alice: User, text: str, told: str
) -> None:
    held(alice, "A fox")

    assert told in plain_page.get("/search/", {"q": text}).content.decode()


def test_what_is_looked_for_stays_text(plain_page: Client) -> None:
    html = plain_page.get("/search/", {"q": '"><script>alert(1)</script>'}).content.decode()

    assert "<script>alert" not in html


@pytest.mark.parametrize("after", ["x", "1", "1.2", "1.2.3.4", "²²", "9" * 30 + ".0.1", "-1.0.1"])
def test_a_place_that_is_none_is_the_beginning(page: Client, alice: User, after: str) -> None:
    held(alice, "A fox")

    reply = page.get("/search/", {"q": "fox", "after": after})

    assert "1 chat was found." in reply.content.decode()


def test_whoever_is_signed_out_signs_in_first(client: Client) -> None:
    assert client.get("/search/?q=fox").status_code == 302


def branches(user: User, model: AIModel) -> tuple[Conversation, int, int]:
    """Two alternatives, of which the second is shown: the conversation, and ids of both."""
    first = answered(asked(user, model, "What is a fox?"), "An animal.")
    conversation = first.conversation
    second = conversation.messages.create(role="user", content="What is a lynx?")
    Conversation.objects.filter(pk=conversation.pk).update(leaf=second)
    return conversation, first.pk, second.pk


def test_the_link_shows_the_branch_of_the_message(
    plain_page: Client, alice: User, model: AIModel
) -> None:
    conversation, hidden, shown = branches(alice, model)

    html = plain_page.get(f"/c/{conversation.pk}/?message={hidden}").content.decode()

    assert f'id="message-{hidden}"' in html
    assert f'id="message-{shown}"' not in html
    conversation.refresh_from_db()
    assert conversation.leaf_id == hidden


def test_who_may_only_read_changes_no_branch(
    plain_page: Client, alice: User, bob: User, model: AIModel
) -> None:
    conversation, hidden, shown = branches(bob, model)
    project = Project.objects.create(user=bob, name="Foxes")
    ProjectMember.objects.create(project=project, user=alice, access="read")
    Conversation.objects.filter(pk=conversation.pk).update(project=project)

    html = plain_page.get(f"/c/{conversation.pk}/?message={hidden}").content.decode()

    assert f'id="message-{shown}"' in html
    conversation.refresh_from_db()
    assert conversation.leaf_id == shown


def test_a_message_of_long_ago_is_in_the_page(plain_page: Client, alice: User) -> None:
    conversation = held(alice, *(f"Message {number}." for number in range(120)))
    first = conversation.messages.order_by("pk")[10]

    html = plain_page.get(f"/c/{conversation.pk}/?message={first.pk}").content.decode()

    assert f'id="message-{first.pk}"' in html
    assert "Message 119." in html
    assert "Message 3." not in html
    assert "Show earlier messages" in html


@pytest.mark.parametrize("text", ["x", "", "-1", "9" * 30, "²", "0"])
def test_a_message_that_is_none_does_no_harm(plain_page: Client, alice: User, text: str) -> None:
    conversation = held(alice, "A fox")

    reply = plain_page.get(f"/c/{conversation.pk}/", {"message": text})

    assert "A fox" in reply.content.decode()


def test_another_conversations_message_is_not_shown(
    plain_page: Client, alice: User, bob: User
) -> None:
    conversation = held(alice, "A fox")
    secret = held(bob, "A secret").messages.get()

    html = plain_page.get(f"/c/{conversation.pk}/?message={secret.pk}").content.decode()

    assert "A secret" not in html
    assert plain_page.get(f"/c/{uuid4()}/?message={secret.pk}").status_code == 404
