from django.test import Client

from conversations.models import Conversation
from inference.models import Generation
from tests.conversations.builders import fresh, run_of, started


def test_a_waiting_answer_ends_at_once(page: Client, live_conversation: Conversation) -> None:
    answer = live_conversation.messages.get(role="assistant")

    reply = page.post(f"/m/{answer.pk}/stop/")

    assert reply.status_code == 204
    assert fresh(answer).status == "stopped"


def test_a_running_answer_is_asked_to_end(page: Client, live_conversation: Conversation) -> None:
    answer = live_conversation.messages.get(role="assistant")
    started(answer)

    page.post(f"/m/{answer.pk}/stop/")

    assert run_of(answer).stop_requested


def test_it_works_without_scripts(plain_page: Client, live_conversation: Conversation) -> None:
    answer = live_conversation.messages.get(role="assistant")

    reply = plain_page.post(f"/m/{answer.pk}/stop/")

    assert reply["Location"] == f"/c/{live_conversation.pk}/"
    assert fresh(answer).status == "stopped"


def test_an_answer_that_has_ended_stays_as_it_is(page: Client, conversation: Conversation) -> None:
    answer = conversation.messages.get(role="assistant")

    assert page.post(f"/m/{answer.pk}/stop/").status_code == 204

    assert fresh(answer).status == "done"
    assert not run_of(answer).stop_requested


def test_a_question_cannot_be_stopped(page: Client, live_conversation: Conversation) -> None:
    question = live_conversation.messages.get(role="user")

    assert page.post(f"/m/{question.pk}/stop/").status_code == 204

    assert Generation.objects.get().is_live


def test_a_stranger_cannot_stop_it(
    strangers_page: Client, page: Client, live_conversation: Conversation
) -> None:
    answer = live_conversation.messages.get(role="assistant")

    assert strangers_page.post(f"/m/{answer.pk}/stop/").status_code == 404
    assert fresh(answer).status == "queued"

    page.post(f"/m/{answer.pk}/stop/")
    assert fresh(answer).status == "stopped"


def test_reading_the_address_stops_nothing(page: Client, live_conversation: Conversation) -> None:
    answer = live_conversation.messages.get(role="assistant")

    assert page.get(f"/m/{answer.pk}/stop/").status_code == 405
    assert fresh(answer).status == "queued"
