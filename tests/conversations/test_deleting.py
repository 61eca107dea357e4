import pytest
from django.test import Client

from conversations.models import Conversation, Message
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import Generation, UsageLog
from tests.conversations.builders import HTMX, started


def test_nothing_that_was_said_remains(page: Client, conversation: Conversation) -> None:
    page.post(f"/c/{conversation.pk}/delete/")

    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert not Generation.objects.exists()


def test_the_account_of_the_runs_does(page: Client, conversation: Conversation) -> None:
    page.post(f"/c/{conversation.pk}/delete/")

    assert UsageLog.objects.get().output_tokens == 3


def test_a_waiting_answer_is_stopped_first(page: Client, live_conversation: Conversation) -> None:
    page.post(f"/c/{live_conversation.pk}/delete/")

    assert not Generation.objects.exists()
    assert UsageLog.objects.get().status == "stopped"


@pytest.mark.django_db(transaction=True)
def test_a_running_answer_is_stopped_and_forgotten_when_it_has_ended(
    page: Client, live_conversation: Conversation
) -> None:
    run = started(live_conversation.messages.get(role="assistant"))

    page.post(f"/c/{live_conversation.pk}/delete/")

    assert not Message.objects.exists()
    assert Generation.objects.get().stop_requested
    stopped = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED, text="A secret")
    assert lifecycle.finish(run.pk, run.attempt, stopped)
    assert not Generation.objects.exists()
    assert UsageLog.objects.get().status == "stopped"


def test_its_page_goes_to_a_new_conversation(page: Client, conversation: Conversation) -> None:
    here = {"HX-Current-URL": f"http://testserver/c/{conversation.pk}/"}

    reply = page.post(f"/c/{conversation.pk}/delete/", headers=HTMX | here)

    assert reply["HX-Redirect"] == "/"


def test_another_page_stays(page: Client, conversation: Conversation) -> None:
    elsewhere = {"HX-Current-URL": "http://testserver/"}

    reply = page.post(f"/c/{conversation.pk}/delete/", headers=HTMX | elsewhere)

    assert reply.status_code == 204
    assert reply["HX-Trigger"] == "parley:done"


def test_it_works_without_scripts(plain_page: Client, conversation: Conversation) -> None:
    address = f"/c/{conversation.pk}/delete/"

    assert "What is a fox?" in plain_page.get(address).content.decode()
    assert Conversation.objects.exists()

    assert plain_page.post(address)["Location"] == "/"
    assert not Conversation.objects.exists()


def test_a_stranger_cannot_delete_it(
    strangers_page: Client, page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/delete/"

    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address).status_code == 404
    assert Conversation.objects.exists()

    assert page.post(address).status_code == 204
    assert not Conversation.objects.exists()
