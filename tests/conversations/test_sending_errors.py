"""Whatever goes wrong with a message, what was typed is not lost."""

import re
from html import unescape
from uuid import uuid4

import pytest
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Message
from inference.models import AIModel
from tests.conversations.builders import HTMX, asked

WRITTEN = "Is a fox\n  a <dog>?"


def box(reply: HttpResponse) -> str:
    """What the page has in its box."""
    found = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", reply.content.decode(), re.DOTALL)
    assert found
    return unescape(found[1])


def notice(reply: HttpResponse) -> str:
    found = re.search(r'<div id="notice"[^>]*>(.*?)</div>', reply.content.decode(), re.DOTALL)
    assert found
    return unescape(re.sub("<[^>]+>", "", found[1]))


def send(client: Client, text: str = WRITTEN, model: str = "demo", to: str = "/") -> HttpResponse:
    return client.post(to, {"text": text, "model": model})


def test_all_is_well_otherwise(plain_page: Client, model: AIModel) -> None:
    assert send(plain_page).status_code == 302


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a message first."),
        (" \n ", "Write a message first."),
        ("x" * (LONGEST_MESSAGE + 1), "at most 100000 characters; this one has 100001"),
    ],
)
def test_a_text_that_cannot_be_sent(
    plain_page: Client, page: Client, model: AIModel, text: str, words: str
) -> None:
    reply = send(plain_page, text)

    assert reply.status_code == 422
    assert words in notice(reply)
    assert box(reply) == text
    assert words in notice(send(page, text))
    assert not Message.objects.exists()


def test_a_model_that_was_switched_off(plain_page: Client, page: Client, model: AIModel) -> None:
    AIModel.objects.update(is_active=False)

    reply = send(plain_page)

    assert reply.status_code == 422
    assert "That model isn’t available any more." in notice(reply)
    assert box(reply) == WRITTEN
    assert send(page).status_code == 422


def test_no_model_at_all(plain_page: Client) -> None:
    reply = plain_page.post("/", {"text": WRITTEN})

    assert reply.status_code == 422
    assert "No model is available yet." in notice(reply)
    assert box(reply) == WRITTEN


def test_a_conversation_that_waits_for_an_answer_already(
    plain_page: Client, page: Client, live_conversation: Conversation
) -> None:
    address = f"/c/{live_conversation.pk}/"

    reply = send(plain_page, to=address)

    assert reply.status_code == 409
    assert "An answer is still being written." in notice(reply)
    assert box(reply) == WRITTEN
    assert send(page, to=address).status_code == 409
    assert live_conversation.messages.count() == 2


def test_a_full_queue(
    plain_page: Client, page: Client, alice: User, model: AIModel, settings: object
) -> None:
    settings.MAX_WAITING_PER_USER = 1  # type: ignore[attr-defined]
    asked(alice, model, "The first")

    reply = send(plain_page)

    assert reply.status_code == 429
    assert int(reply["Retry-After"]) > 0
    assert "too many messages waiting" in notice(reply)
    assert box(reply) == WRITTEN
    assert send(page).status_code == 429
    assert Conversation.objects.count() == 1


def test_too_much_text_waiting(
    plain_page: Client, page: Client, alice: User, model: AIModel, settings: object
) -> None:
    settings.MAX_WAITING_TOKENS_PER_USER = 1  # type: ignore[attr-defined]
    asked(alice, model, "The first")

    reply = send(plain_page)

    assert reply.status_code == 429
    assert int(reply["Retry-After"]) > 0
    assert "too much text waiting" in notice(reply)
    assert box(reply) == WRITTEN
    assert send(page).status_code == 429
    assert Conversation.objects.count() == 1


def test_a_conversation_that_was_deleted_meanwhile(
    plain_page: Client, page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/"
    conversation.delete()

    reply = send(plain_page, to=address)

    assert reply.status_code == 404
    assert "This conversation isn’t there any more." in notice(reply)
    assert box(reply) == WRITTEN
    assert "Start a new one" in notice(send(page, to=address))


def test_a_stranger_learns_nothing_from_the_error(
    strangers_page: Client, conversation: Conversation
) -> None:
    existing = send(strangers_page, to=f"/c/{conversation.pk}/")

    assert existing.content == send(strangers_page, to=f"/c/{uuid4()}/").content


def test_a_session_that_has_ended(client: Client, conversation: Conversation) -> None:
    address = f"http://testserver/c/{conversation.pk}/"

    reply = client.post(address, {"text": WRITTEN}, headers=HTMX | {"HX-Current-URL": address})

    assert reply.status_code == 401
    assert reply["HX-Retarget"] == "#notice"
    assert "You are signed out. What you typed is kept here." in notice(reply)
    assert f"/accounts/login/?next=/c/{conversation.pk}/" in reply.content.decode()


def test_a_session_that_has_ended_without_scripts(
    client: Client, alice: User, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/"

    reply = client.post(address, {"text": WRITTEN, "model": "demo"})
    assert reply["Location"] == f"/accounts/login/?next={address}"
    credentials = {"login": alice.email, "password": "a long password"}
    reply = client.post(reply["Location"], credentials, follow=True)

    assert reply.redirect_chain[-1][0] == address
    assert box(reply) == WRITTEN
    assert box(client.get(address)) == WRITTEN  # until it is sent


def test_a_draft_of_one_page_does_not_appear_on_another(
    client: Client, alice: User, conversation: Conversation
) -> None:
    client.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"})
    client.force_login(alice)

    assert box(client.get("/")) == ""
    assert box(client.get(f"/c/{conversation.pk}/")) == WRITTEN


def test_a_post_without_its_token_is_refused(alice: User, model: AIModel) -> None:
    client = Client(enforce_csrf_checks=True, headers=HTMX)
    client.force_login(alice)

    assert send(client).status_code == 403

    client.get("/")
    client.headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    form = {"text": WRITTEN, "model": "demo"}
    assert client.post("/", form, headers=HTMX | client.headers).status_code == 200
