"""Having a question answered once more: `/m/ID/regenerate/`."""

import pytest
from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message, Project
from inference.models import AIModel
from tests.conversations.builders import answered, asked, failed, fresh, run_of, said


def newest(conversation: Conversation) -> Message:
    return conversation.messages.latest("pk")


def test_the_menu_lists_the_models(
    page: Client, answer: Message, model: AIModel, other_model: AIModel
) -> None:
    AIModel.objects.create(name="off", provider=model.provider, path="x.gguf", is_active=False)

    html = page.get(f"/m/{answer.pk}/regenerate/").content.decode()

    assert 'value="demo" aria-current="true"><span>Demo</span>' in html
    assert 'value="other"><span>Other</span>' in html
    assert 'value="off"' not in html
    assert "<html" not in html


def test_another_answer_stands_beside_the_first(
    page: Client, conversation: Conversation, question: Message, answer: Message
) -> None:
    reply = page.post(f"/m/{answer.pk}/regenerate/", {"model": "demo"})

    assert reply.status_code == 204
    again = newest(conversation)
    assert (again.parent, again.role, again.status) == (question, "assistant", "queued")
    assert run_of(again).messages == [{"role": "user", "content": "What is a fox?"}]
    conversation.refresh_from_db()
    assert conversation.leaf == again
    assert fresh(answer).content == "A **small** animal."


def test_it_works_without_scripts(
    plain_page: Client, conversation: Conversation, answer: Message
) -> None:
    address = f"/m/{answer.pk}/regenerate/"
    assert 'name="model" value="demo"' in plain_page.get(address).content.decode()

    reply = plain_page.post(address, {"model": "demo"})

    assert reply["Location"] == f"/c/{conversation.pk}/#message-{newest(conversation).pk}"


def test_another_model_can_answer(
    page: Client, conversation: Conversation, answer: Message, other_model: AIModel
) -> None:
    page.post(f"/m/{answer.pk}/regenerate/", {"model": "other"})

    assert run_of(newest(conversation)).model == other_model
    conversation.refresh_from_db()
    assert conversation.model == other_model


def test_without_a_model_the_one_that_answered_does(
    page: Client, alice: User, other_model: AIModel
) -> None:
    first = answered(asked(alice, other_model, "What is a fox?"), "An animal.")

    page.post(f"/m/{first.pk}/regenerate/")

    assert run_of(newest(first.conversation)).model == other_model


def test_an_answer_in_the_middle_is_asked_for_with_what_came_before_it(
    page: Client, alice: User, model: AIModel, conversation: Conversation, answer: Message
) -> None:
    answered(asked(alice, model, "And a dog?", conversation), "Another one.")

    page.post(f"/m/{answer.pk}/regenerate/", {"model": "demo"})

    assert run_of(newest(conversation)).messages == [{"role": "user", "content": "What is a fox?"}]


def test_the_seed_is_a_new_one(page: Client, conversation: Conversation, answer: Message) -> None:
    before = run_of(answer).parameters

    page.post(f"/m/{answer.pk}/regenerate/", {"model": "demo"})

    after = run_of(newest(conversation)).parameters
    assert after.pop("seed") != before.pop("seed")
    assert after == before


def test_a_seed_that_was_set_stays_with_the_other_parameters(
    page: Client, alice: User, model: AIModel
) -> None:
    sent = actions.send_message(alice, None, "What?", model, {"temperature": 0.1, "seed": 7})
    answered(sent.answer, "That.")

    page.post(f"/m/{sent.answer.pk}/regenerate/", {"model": "demo"})

    again = newest(sent.conversation)
    assert again.parameters == {"temperature": 0.1, "seed": 7}
    assert run_of(again).parameters["seed"] == 7


def test_an_answer_that_failed_can_be_asked_of_another_model(
    page: Client, alice: User, model: AIModel, other_model: AIModel
) -> None:
    broken = failed(asked(alice, model, "What?"), "Out of memory.")

    assert page.post(f"/m/{broken.pk}/regenerate/", {"model": "other"}).status_code == 204
    assert fresh(broken).status == "failed"


def test_an_imported_answer_has_no_model_of_its_own(
    page: Client, alice: User, model: AIModel
) -> None:
    conversation = Conversation.objects.create(user=alice, title="Imported")
    said(conversation, "user", "Hello")
    imported = said(conversation, "assistant", "Hi!")

    assert page.post(f"/m/{imported.pk}/regenerate/").status_code == 204
    assert run_of(newest(conversation)).model == model


@pytest.mark.parametrize("name", ["gone", "\0", "x" * 1000])
def test_a_model_that_is_not_there(page: Client, answer: Message, name: str) -> None:
    reply = page.post(f"/m/{answer.pk}/regenerate/", {"model": name})

    assert reply.status_code == 422
    assert Message.objects.count() == 2


def test_while_an_answer_is_being_written(page: Client, live_conversation: Conversation) -> None:
    growing = live_conversation.messages.get(role="assistant")

    reply = page.post(f"/m/{growing.pk}/regenerate/", {"model": "demo"})

    assert reply.status_code == 409
    assert "An answer is still being written." in reply.content.decode()


def test_a_full_queue(
    page: Client, alice: User, model: AIModel, answer: Message, settings: object
) -> None:
    settings.MAX_WAITING_PER_USER = 1  # type: ignore[attr-defined]
    asked(alice, model, "Something else")

    reply = page.post(f"/m/{answer.pk}/regenerate/", {"model": "demo"})

    assert reply.status_code == 429
    assert int(reply["Retry-After"]) > 0
    assert answer.conversation.messages.count() == 2


def test_questions_have_no_other_answer_in_their_place(page: Client, question: Message) -> None:
    assert page.get(f"/m/{question.pk}/regenerate/").status_code == 404
    assert page.post(f"/m/{question.pk}/regenerate/").status_code == 404


def test_a_stranger_cannot(page: Client, strangers_page: Client, answer: Message) -> None:
    address = f"/m/{answer.pk}/regenerate/"
    assert strangers_page.get(address).status_code == 404
    assert strangers_page.post(address, {"model": "demo"}).status_code == 404
    assert Message.objects.count() == 2

    assert page.post(address, {"model": "demo"}).status_code == 204


def test_who_may_only_read_cannot(readers_page: Client, answer: Message) -> None:
    assert readers_page.get(f"/m/{answer.pk}/regenerate/").status_code == 404
    assert readers_page.post(f"/m/{answer.pk}/regenerate/").status_code == 404


def test_who_may_write_pays_for_it(
    writers_page: Client, charlie: User, answer: Message, project: Project
) -> None:
    assert writers_page.post(f"/m/{answer.pk}/regenerate/").status_code == 204

    assert run_of(newest(answer.conversation)).user == charlie


def test_who_asks_again_for_what_failed_pays_for_it(
    writers_page: Client,
    alice: User,
    charlie: User,
    model: AIModel,
    conversation: Conversation,
    project: Project,
) -> None:
    broken = failed(asked(alice, model, "And a dog?", conversation), "Out of memory.")

    assert writers_page.post(f"/m/{broken.pk}/retry/").status_code == 204

    assert run_of(broken).user == charlie
