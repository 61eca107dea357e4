"""Asking again for an answer that never came."""

import pytest
from django.test import Client

from accounts.models import User
from conversations.models import Message
from inference.models import AIModel, Generation
from tests.conversations.builders import answered, asked, failed, fresh, run_of, stopped


@pytest.fixture
def broken(alice: User, model: AIModel) -> Message:
    return failed(asked(alice, model, "What is a fox?"), "The worker ran out of memory.")


def test_the_answer_is_asked_for_again_in_its_place(page: Client, broken: Message) -> None:
    reply = page.post(f"/m/{broken.pk}/retry/")

    assert reply.status_code == 204
    assert fresh(broken).status == "queued"
    assert run_of(broken).messages == [{"role": "user", "content": "What is a fox?"}]
    assert broken.conversation.messages.count() == 2


def test_it_works_without_scripts(plain_page: Client, broken: Message) -> None:
    reply = plain_page.post(f"/m/{broken.pk}/retry/")

    assert reply["Location"] == f"/c/{broken.conversation_id}/"
    assert fresh(broken).status == "queued"


def test_asking_twice_sends_it_once(page: Client, broken: Message) -> None:
    page.post(f"/m/{broken.pk}/retry/")

    assert page.post(f"/m/{broken.pk}/retry/").status_code == 409
    assert Generation.objects.filter(status="queued").count() == 1


def test_one_that_was_stopped_before_its_first_word_counts_too(
    page: Client, alice: User, model: AIModel
) -> None:
    answer = stopped(asked(alice, model, "What is a fox?"), "")

    assert page.post(f"/m/{answer.pk}/retry/").status_code == 204


def test_an_answer_that_came_is_kept(page: Client, alice: User, model: AIModel) -> None:
    done = answered(asked(alice, model, "What is a fox?"), "An animal.")
    half = stopped(asked(alice, model, "What is a fox?"), "An ani")

    assert page.post(f"/m/{done.pk}/retry/").status_code == 409
    assert page.post(f"/m/{half.pk}/retry/").status_code == 409
    assert fresh(done).content == "An animal."
    assert fresh(half).content == "An ani"


def test_only_the_last_answer_can_be_asked_for_again(
    page: Client, alice: User, model: AIModel, broken: Message
) -> None:
    answered(asked(alice, model, "And a dog?", broken.conversation), "Another one.")

    assert page.post(f"/m/{broken.pk}/retry/").status_code == 409


def test_a_model_that_was_switched_off_is_not_asked(page: Client, broken: Message) -> None:
    AIModel.objects.update(is_active=False)

    reply = page.post(f"/m/{broken.pk}/retry/")

    assert reply.status_code == 409
    assert "Demo isn’t available any more." in reply.content.decode()
    assert fresh(broken).status == "failed"


def test_a_full_queue_leaves_it_as_it_was(
    page: Client, alice: User, model: AIModel, broken: Message, settings: object
) -> None:
    settings.MAX_WAITING_PER_USER = 1  # type: ignore[attr-defined]
    asked(alice, model, "Something else")

    reply = page.post(f"/m/{broken.pk}/retry/")

    assert reply.status_code == 429
    assert fresh(broken).status == "failed"


def test_a_stranger_cannot_ask(strangers_page: Client, page: Client, broken: Message) -> None:
    assert strangers_page.post(f"/m/{broken.pk}/retry/").status_code == 404
    assert fresh(broken).status == "failed"

    assert page.post(f"/m/{broken.pk}/retry/").status_code == 204
