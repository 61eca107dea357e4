"""Looks at the answers of others, by who may only read them."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Inspection, Message, Project
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel
from tests.conversations.inspection.answers import work

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def readers_page(strangers_page: Client, bob: User, alice: User, answer: Message) -> Client:
    """Bob's, who may read what alice has said, and no more."""
    project = Project.objects.create(user=alice, name="Foxes")
    project.members.create(user=bob, access="read")
    answer.conversation.project = project
    answer.conversation.save()
    return strangers_page


def test_who_may_only_read_has_looks_computed_where_there_are_none(
    readers_page: Client, bob: User, answer: Message
) -> None:
    assert readers_page.post(f"/m/{answer.pk}/tokens/").status_code == 200

    assert Inspection.objects.get(message=answer).user == bob


@pytest.mark.parametrize("view", ["tokens", "replay"])
def test_they_replace_none_of_others(
    readers_page: Client, page: Client, model: AIModel, answer: Message, view: str
) -> None:
    page.post(f"/m/{answer.pk}/{view}/")
    work(model, 7, 8, 9, 10)
    before = Inspection.objects.get()

    readers_page.post(f"/m/{answer.pk}/{view}/")

    assert Inspection.objects.get() == before
    page.post(f"/m/{answer.pk}/{view}/")
    assert Inspection.objects.get() != before


def test_one_that_failed_they_may_ask_for_again(
    readers_page: Client, page: Client, model: AIModel, answer: Message
) -> None:
    page.post(f"/m/{answer.pk}/tokens/")
    run = queue.claim(model.pk, "worker")
    assert run
    lifecycle.finish(run.pk, run.attempt, Outcome.failed("The model fell asleep."))

    readers_page.post(f"/m/{answer.pk}/tokens/")

    assert Inspection.objects.get().is_running


def test_only_who_may_write_is_offered_to_go_on_from_it(
    readers_page: Client, page: Client, model: AIModel, answer: Message
) -> None:
    for view in ("tokens", "replay"):
        page.post(f"/m/{answer.pk}/{view}/")
        work(model, 7, 8, 9, 10)

    offered = [
        (
            "Continue with" in client.get(f"/m/{answer.pk}/tokens/?at=1").content.decode(),
            "Replay again" in client.get(f"/m/{answer.pk}/replay/").content.decode(),
        )
        for client in (page, readers_page)
    ]

    assert offered == [(True, True), (False, False)]
