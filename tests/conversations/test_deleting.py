import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction
from django.test import Client
from django.utils import timezone

from accounts.models import User
from conversations import organising
from conversations.models import Conversation, Message, Tag
from conversations.organising.deleting import TEMPORARY_HOURS, UNDO_SECONDS, sweep
from inference import lifecycle
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.conversations.builders import HTMX, answered, asked, started

ELSEWHERE = HTMX | {"HX-Current-URL": "http://testserver/"}


def deleted_long_ago(conversation: Conversation) -> None:
    """The time to undo it is over."""
    moment = timezone.now() - timedelta(seconds=UNDO_SECONDS + 1)
    Conversation.objects.filter(pk=conversation.pk).update(deleted_at=moment)


def test_it_is_gone_at_once(page: Client, conversation: Conversation) -> None:
    page.post(f"/c/{conversation.pk}/delete/")

    assert page.get(f"/c/{conversation.pk}/").status_code == 404
    assert "What is a fox?" not in page.get("/conversations/").content.decode()


def test_it_can_be_undone(page: Client, conversation: Conversation) -> None:
    reply = page.post(f"/c/{conversation.pk}/delete/", headers=ELSEWHERE)

    assert reply["HX-Retarget"] == "#notice"
    assert f'formaction="/c/{conversation.pk}/undelete/"' in reply.content.decode()
    assert page.post(f"/c/{conversation.pk}/undelete/", headers=ELSEWHERE).status_code == 200
    assert page.get(f"/c/{conversation.pk}/").status_code == 200
    assert Message.objects.count() == 2


def test_after_a_minute_it_cannot(page: Client, conversation: Conversation) -> None:
    deleted_long_ago(conversation)

    assert page.post(f"/c/{conversation.pk}/undelete/").status_code == 404


def test_what_was_not_deleted_cannot_be_restored(page: Client, conversation: Conversation) -> None:
    assert page.post(f"/c/{conversation.pk}/undelete/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_what_is_being_said_there_goes_as_well(alice: User, conversation: Conversation) -> None:
    """As soon as it has been said."""

    def delete() -> None:
        organising.delete(Conversation.objects.get(pk=conversation.pk))
        connections.close_all()

    deleter = threading.Thread(target=delete)
    with transaction.atomic():
        answer = asked(alice, AIModel.objects.get(), "Still there?", conversation)
        deleter.start()
        deleter.join(0.5)
    deleter.join()

    assert not Conversation.objects.exists()
    assert not Message.objects.exists()
    assert answer.generation
    assert not Generation.objects.filter(pk=answer.generation.pk, status__in=Generation.LIVE)


def test_nothing_that_was_said_remains_then(page: Client, conversation: Conversation) -> None:
    organising.change(conversation, tags=["foxes"])
    deleted_long_ago(conversation)

    sweep()

    for rows in (Conversation, Message, Generation, Tag):
        assert not rows.objects.exists()  # type: ignore[attr-defined]


def test_the_account_of_the_runs_does(conversation: Conversation) -> None:
    deleted_long_ago(conversation)

    sweep()

    assert UsageLog.objects.get().output_tokens == 3


def test_what_can_be_undone_stays(page: Client, conversation: Conversation) -> None:
    page.post(f"/c/{conversation.pk}/delete/")

    assert sweep() == 0
    assert Message.objects.count() == 2


def test_the_next_deletion_sweeps_up_too(
    page: Client, alice: User, model: AIModel, conversation: Conversation
) -> None:
    """No worker may be running."""
    deleted_long_ago(conversation)
    other = answered(asked(alice, model, "And a bear?"), "A big one.").conversation

    page.post(f"/c/{other.pk}/delete/")

    assert list(Conversation.objects.all()) == [other]


def test_a_waiting_answer_is_stopped_first(page: Client, live_conversation: Conversation) -> None:
    page.post(f"/c/{live_conversation.pk}/delete/")

    assert UsageLog.objects.get().status == "stopped"
    assert not Generation.objects.filter(status__in=Generation.LIVE).exists()


def test_a_running_answer_is_stopped_and_ends_out_of_sight(
    page: Client, live_conversation: Conversation
) -> None:
    run = started(live_conversation.messages.get(role="assistant"))

    page.post(f"/c/{live_conversation.pk}/delete/")
    assert Generation.objects.get().stop_requested
    stopped = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED, text="A secret")
    assert lifecycle.finish(run.pk, run.attempt, stopped)

    assert page.get(f"/c/{live_conversation.pk}/").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_run_that_ends_after_its_conversation_is_forgotten(
    live_conversation: Conversation,
) -> None:
    run = started(live_conversation.messages.get(role="assistant"))

    organising.delete(live_conversation)

    assert not Message.objects.exists()
    assert Generation.objects.get().stop_requested
    stopped = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED, text="A secret")
    assert lifecycle.finish(run.pk, run.attempt, stopped)
    assert not Generation.objects.exists()
    assert UsageLog.objects.get().status == "stopped"


def test_its_page_goes_to_a_new_conversation_that_offers_the_way_back(
    page: Client, plain_page: Client, conversation: Conversation
) -> None:
    here = {"HX-Current-URL": f"http://testserver/c/{conversation.pk}/"}

    reply = page.post(f"/c/{conversation.pk}/delete/", headers=HTMX | here)

    assert reply["HX-Redirect"] == f"/?deleted={conversation.pk}"
    back = f"/c/{conversation.pk}/undelete/?open=1"
    assert f'formaction="{back}"' in plain_page.get(reply["HX-Redirect"]).content.decode()
    assert page.post(back)["HX-Redirect"] == f"/c/{conversation.pk}/"


@pytest.mark.parametrize("nonsense", ["", "x", "%00", "00000000-0000-0000-0000-000000000000"])
def test_there_is_no_way_back_from_nonsense(plain_page: Client, nonsense: str) -> None:
    reply = plain_page.get(f"/?deleted={nonsense}")

    assert reply.status_code == 200
    assert "undelete" not in reply.content.decode()


def test_it_works_without_scripts(plain_page: Client, conversation: Conversation) -> None:
    address = f"/c/{conversation.pk}/delete/"

    assert "What is a fox?" in plain_page.get(address).content.decode()
    assert plain_page.get(f"/c/{conversation.pk}/").status_code == 200

    after = plain_page.post(address)["Location"]
    assert f"/c/{conversation.pk}/undelete/" in plain_page.get(after).content.decode()
    back = plain_page.post(f"/c/{conversation.pk}/undelete/")
    assert back["Location"] == f"/c/{conversation.pk}/"


def test_a_stranger_can_neither_delete_nor_restore_it(
    strangers_page: Client, page: Client, conversation: Conversation
) -> None:
    address = f"/c/{conversation.pk}/delete/"

    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address).status_code == 404
    assert page.get(f"/c/{conversation.pk}/").status_code == 200

    assert page.post(address).status_code == 200
    assert strangers_page.post(f"/c/{conversation.pk}/undelete/").status_code == 404
    assert (
        f"/c/{conversation.pk}/"
        not in strangers_page.get("/", {"deleted": str(conversation.pk)}).content.decode()
    )


def test_all_can_be_deleted_and_come_back(
    page: Client, plain_page: Client, alice: User, bob: User, conversation: Conversation
) -> None:
    others = Conversation.objects.create(user=bob, title="Bob’s")
    Conversation.objects.create(user=alice, title="Old", archived_at=timezone.now())

    after = page.post("/archive/delete/")["HX-Redirect"]

    assert list(Conversation.objects.kept()) == [others]
    notice = plain_page.get(after).content.decode()
    back = notice.partition('formaction="/archive/undelete/')[2].partition('"')[0]
    assert plain_page.post(f"/archive/undelete/{back}".replace("&amp;", "&")).status_code == 302
    assert Conversation.objects.kept().count() == 3


@pytest.mark.parametrize("at", ["", "x", "2024-01-01", "9999-12-31T23:59:59-12:00"])
def test_nonsense_restores_nothing(page: Client, at: str) -> None:
    assert page.post(f"/archive/undelete/?at={at}").status_code == 404


def test_a_temporary_chat_is_swept_a_day_after_the_last_message(
    alice: User, model: AIModel
) -> None:
    old = timezone.now() - timedelta(hours=TEMPORARY_HOURS, minutes=1)
    for fields in ({"is_temporary": True, "updated_at": old}, {"is_temporary": True}, {}):
        Conversation.objects.create(user=alice, title=str(len(fields)), **fields)
    Conversation.objects.create(user=alice, title="kept", updated_at=old)

    assert sweep() == 1
    assert set(Conversation.objects.values_list("title", flat=True)) == {"1", "0", "kept"}
