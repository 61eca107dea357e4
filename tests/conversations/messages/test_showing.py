"""Going from one version to another: `/m/ID/show/`, and what pages show of them."""

import re

from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message, Project
from inference.models import AIModel
from tests.conversations.builders import answered, asked


def again(alice: User, model: AIModel, answer: Message, text: str) -> Message:
    return answered(actions.regenerate(alice, answer, model), text)


def shown(page: Client, conversation: Conversation) -> str:
    return page.get(f"/c/{conversation.pk}/").content.decode()


def test_its_branch_is_shown_down_to_what_was_written_last_in_it(
    page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    later = answered(asked(alice, model, "And a dog?", conversation), "Another one.")
    again(alice, model, answer, "A beast.")

    assert page.post(f"/m/{answer.pk}/show/").status_code == 204

    conversation.refresh_from_db()
    assert conversation.leaf == later


def test_it_works_without_scripts(
    plain_page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    again(alice, model, answer, "A beast.")

    reply = plain_page.post(f"/m/{answer.pk}/show/")

    assert reply["Location"] == f"/c/{conversation.pk}/#message-{answer.pk}"
    html = shown(plain_page, conversation)
    assert "<strong>small</strong> animal" in html
    assert "A beast." not in html


def test_the_conversation_keeps_its_place_in_lists(
    page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    again(alice, model, answer, "A beast.")
    conversation.refresh_from_db()
    before = conversation.updated_at

    page.post(f"/m/{answer.pk}/show/")

    conversation.refresh_from_db()
    assert conversation.updated_at == before


def test_the_page_tells_which_version_it_is_and_leads_to_those_beside(
    plain_page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    second = again(alice, model, answer, "A beast.")
    third = again(alice, model, answer, "A canine.")
    actions.show(second)

    html = shown(plain_page, conversation)

    assert 'aria-label="Version 2 of 3"' in html
    assert ">2 / 3</span>" in html
    assert re.findall(r'hx-post="/m/(\d+)/show/"', html) == [str(answer.pk), str(third.pk)]


def test_at_the_end_the_arrow_stays_and_does_nothing(
    plain_page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    again(alice, model, answer, "A beast.")

    html = shown(plain_page, conversation)

    arrows = dict(re.findall(r'id="version-(before|after)-\d+" class="icon-button"([^>]*)>', html))
    assert f"/m/{answer.pk}/show/" in arrows["before"]
    assert 'aria-disabled="true"' in arrows["after"]
    assert "formaction" not in arrows["after"]


def test_a_message_without_versions_tells_of_none(
    plain_page: Client, conversation: Conversation
) -> None:
    assert "versions" not in shown(plain_page, conversation).split("<main")[1]


def test_the_next_message_follows_the_branch_that_is_shown(
    page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    again(alice, model, answer, "A beast.")
    page.post(f"/m/{answer.pk}/show/")

    page.post(f"/c/{conversation.pk}/", {"text": "And a dog?", "model": "demo"})

    assert conversation.messages.get(content="And a dog?").parent == answer


def test_a_stranger_cannot(page: Client, strangers_page: Client, answer: Message) -> None:
    assert strangers_page.post(f"/m/{answer.pk}/show/").status_code == 404

    assert page.post(f"/m/{answer.pk}/show/").status_code == 204


def test_reading_the_address_shows_nothing(page: Client, answer: Message) -> None:
    assert page.get(f"/m/{answer.pk}/show/").status_code == 405


def test_who_may_only_read_sees_the_version_but_no_arrows(
    readers_page: Client,
    alice: User,
    model: AIModel,
    conversation: Conversation,
    answer: Message,
    project: Project,
) -> None:
    again(alice, model, answer, "A beast.")

    assert readers_page.post(f"/m/{answer.pk}/show/").status_code == 404
    html = shown(readers_page, conversation)
    assert ">2 / 2</span>" in html
    assert "/show/" not in html


def test_who_may_write_can(writers_page: Client, answer: Message) -> None:
    assert writers_page.post(f"/m/{answer.pk}/show/").status_code == 204
