"""Conversations as those see them who share them, and what showing one asks of the database."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message, Project
from inference.models import AIModel
from tests.conversations.builders import answered, asked, said


def main(page: Client, conversation: Conversation) -> str:
    return page.get(f"/c/{conversation.pk}/").content.decode().split("<main")[1]


def test_who_may_only_read_is_told_so_instead_of_having_a_box(
    readers_page: Client, conversation: Conversation
) -> None:
    html = main(readers_page, conversation)

    assert "You can read this conversation as a member of the project “Foxes”." in html
    assert "<textarea" not in html
    assert 'id="composer-action"' not in html
    assert "A <strong>small</strong> animal." in html


def test_nothing_there_changes_the_conversation(
    readers_page: Client, conversation: Conversation
) -> None:
    html = main(readers_page, conversation)

    for name in ("edit", "regenerate", "retry", "show", "stop"):
        assert f"/{name}/" not in html
    assert 'aria-label="Copy"' in html
    assert "/details/" in html


def test_what_they_post_is_refused(readers_page: Client, conversation: Conversation) -> None:
    address = f"/c/{conversation.pk}/"

    reply = readers_page.post(address, {"text": "And a dog?", "model": "demo"})

    assert reply.status_code == 404
    assert conversation.messages.count() == 2


def test_who_may_write_has_everything(writers_page: Client, conversation: Conversation) -> None:
    html = main(writers_page, conversation)

    assert 'aria-label="Message"' in html
    assert "/edit/" in html
    assert "/regenerate/" in html


def test_above_others_questions_are_their_names(
    page: Client, writers_page: Client, charlie: User, conversation: Conversation
) -> None:
    writers_page.post(f"/c/{conversation.pk}/", {"text": "And a dog?", "model": "demo"})

    def authors(html: str) -> list[str]:
        return re.findall(r'<h2 class="(?:message-author|visually-hidden)">(.*?)</h2>', html)

    assert authors(main(page, conversation)) == ["You", "charlie@example.org"]
    assert authors(main(writers_page, conversation)) == ["alice@example.org", "You"]


def test_somebody_whose_account_is_gone_is_told_as_such(
    page: Client, writers_page: Client, charlie: User, conversation: Conversation
) -> None:
    writers_page.post(f"/c/{conversation.pk}/", {"text": "And a dog?", "model": "demo"})
    actions.stop(conversation.messages.latest("pk"))
    Message.objects.filter(author=charlie).update(author=None)

    assert "Somebody who has left" in main(page, conversation)


def test_temporary_ones_are_their_owners_alone(
    page: Client, writers_page: Client, conversation: Conversation
) -> None:
    Conversation.objects.update(is_temporary=True)

    assert page.get(f"/c/{conversation.pk}/").status_code == 200
    assert writers_page.get(f"/c/{conversation.pk}/").status_code == 404


@pytest.mark.parametrize("is_members", [False, True])
def test_a_long_page_asks_the_database_as_often_as_a_short_one(
    page: Client,
    writers_page: Client,
    alice: User,
    model: AIModel,
    conversation: Conversation,
    answer: Message,
    project: Project,
    is_members: bool,
) -> None:
    reader = writers_page if is_members else page

    def queries() -> int:
        """Of a page that is opened again: the first visit marks the answers as read."""
        reader.get(f"/c/{conversation.pk}/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert reader.get(f"/c/{conversation.pk}/").status_code == 200
        return len(captured)

    answered(actions.regenerate(alice, answer, model), "A beast.")
    before = queries()
    for number in range(12):
        latest = answered(asked(alice, model, f"And {number}?", conversation), f"It is {number}.")
        answered(actions.regenerate(alice, latest, model), "Something else.")
        writers_page.post(f"/m/{latest.pk}/feedback/", {"rating": "1"})

    assert queries() == before


def test_imported_messages_can_be_read_and_copied(page: Client, alice: User) -> None:
    conversation = Conversation.objects.create(user=alice, title="Imported")
    said(conversation, "user", "Hello")
    said(conversation, "assistant", "Hi!")

    html = main(page, conversation)

    assert 'aria-label="Copy"' in html
    assert "/details/" not in html
