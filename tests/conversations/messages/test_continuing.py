"""Having an answer go on that was cut off: `/m/ID/continue/`."""

import re

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import Generation
from tests.conversations.builders import asked, run_of, started, stopped
from tests.conversations.sockets import open_page
from tests.conversations.test_thoughts import Thinker

BUTTON = "/continue/"


@pytest.fixture
def cut(live_conversation: Conversation) -> Message:
    """It was stopped half way."""
    return stopped(live_conversation.messages.get(role="assistant"), "A **fox")


def go_on(page: Client, answer: Message) -> int:
    return page.post(f"/m/{answer.pk}/continue/").status_code


def shown(html: str) -> str:
    return re.sub(r"<[^>]+>", "", html.split("data-content>")[-1].split("<footer")[0]).strip()


@pytest.mark.django_db
def test_it_is_offered_where_an_answer_was_cut(page: Client, cut: Message) -> None:
    assert BUTTON in page.get(f"/c/{cut.conversation_id}/").content.decode()


@pytest.mark.django_db
def test_it_is_not_offered_where_it_is_complete(page: Client, conversation: Conversation) -> None:
    answer = conversation.messages.get(role="assistant")

    assert BUTTON not in page.get(f"/c/{conversation.pk}/").content.decode()
    assert go_on(page, answer) == 409


@pytest.mark.django_db
def test_a_page_shows_what_it_had_until_more_comes(page: Client, cut: Message) -> None:
    assert go_on(page, cut) == 204

    html = page.get(f"/c/{cut.conversation_id}/").content.decode()
    assert 'data-status="queued"' in html
    assert "<strong>fox</strong>" in html
    assert go_on(page, cut) == 409


@pytest.mark.django_db
def test_without_scripts_it_is_a_page(plain_page: Client, cut: Message) -> None:
    response = plain_page.post(f"/m/{cut.pk}/continue/")

    assert response.headers["Location"] == f"/c/{cut.conversation_id}/"


@pytest.mark.django_db
def test_strangers_and_readers_may_not(
    strangers_page: Client, readers_page: Client, cut: Message
) -> None:
    assert go_on(strangers_page, cut) == 404
    assert go_on(readers_page, cut) == 404


@pytest.mark.django_db
def test_who_may_write_may(
    writers_page: Client, project: object, conversation: Conversation, alice: User
) -> None:
    conversation.refresh_from_db()
    assert conversation.model
    answer = stopped(asked(alice, conversation.model, "And?", conversation), "Well")

    assert go_on(writers_page, answer) == 204
    assert run_of(answer).user_id != alice.pk


@pytest.mark.django_db(transaction=True)
async def test_more_comes_after_what_was_there(alice: User, cut: Message, page: Client) -> None:
    async with open_page(alice, f"/ws/c/{cut.conversation_id}/") as socket:
        await socket.hello(cut.pk)
        await socket.until('id="conversations"')

        await sync_to_async(go_on)(page, cut)
        frame = (await socket.until('data-status="queued"'))[-1]
        assert "<strong>fox</strong>" in frame
        worker = await sync_to_async(Thinker)(cut)
        frame = (await socket.until('data-status="streaming"'))[-1]
        assert shown(frame) == "A fox"

        worker.say("es** run.")
        frame = (await socket.until("foxes"))[-1]
        assert "<strong>foxes</strong> run." in frame
        html = await sync_to_async(
            lambda: page.get(f"/c/{cut.conversation_id}/").content.decode()
        )()
        assert shown(html) == "A foxes run."

        await sync_to_async(worker.stop)()
        frame = (await socket.until('data-status="stopped"'))[-1]
        assert shown(frame) == "A foxes run."
    assert (await Message.objects.aget(pk=cut.pk)).content == "A **foxes** run."


@pytest.mark.django_db
def test_one_that_fails_keeps_what_it_had(page: Client, cut: Message) -> None:
    go_on(page, cut)
    run = started(cut)
    assert lifecycle.finish(run.pk, run.attempt, Outcome.failed("It broke."))

    html = page.get(f"/c/{cut.conversation_id}/").content.decode()

    assert "<strong>fox" in html or "A **fox" in html
    assert "It broke." in html
    assert Generation.objects.count() == 1
