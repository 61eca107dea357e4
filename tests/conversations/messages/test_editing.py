"""Asking in other words: `/m/ID/edit/`."""

from html import unescape

import pytest
from django.test import Client

from accounts.models import User
from conversations import actions
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Message, Project
from inference.models import AIModel, Generation
from tests.conversations.builders import answered, asked, fresh, run_of

WRITTEN = "What is a\n <dog>?"


def newest(conversation: Conversation) -> tuple[Message, Message]:
    question, answer = conversation.messages.order_by("-pk")[:2][::-1]
    return question, answer


def edit(page: Client, question: Message, text: str = WRITTEN, **fields: str) -> object:
    return page.post(f"/m/{question.pk}/edit/", {"text": text, **fields})


def test_the_form_has_the_old_text(page: Client, question: Message) -> None:
    html = page.get(f"/m/{question.pk}/edit/").content.decode()

    assert "What is a fox?</textarea>" in html
    assert "<html" not in html


def test_a_new_question_stands_beside_the_old_one(
    page: Client, conversation: Conversation, question: Message, answer: Message
) -> None:
    reply = edit(page, question)

    assert reply.status_code == 204
    asked_anew, awaited = newest(conversation)
    assert (asked_anew.content, asked_anew.parent_id) == (WRITTEN, question.parent_id)
    assert (awaited.role, awaited.status, awaited.parent) == ("assistant", "queued", asked_anew)
    conversation.refresh_from_db()
    assert conversation.leaf == awaited
    assert fresh(question).content == "What is a fox?"
    assert fresh(answer).content == "A **small** animal."


def test_the_model_is_told_of_the_new_one_only(
    page: Client, alice: User, model: AIModel, conversation: Conversation
) -> None:
    second = asked(alice, model, "And a dog?", conversation)
    answered(second, "Another one.")
    assert second.parent

    edit(page, second.parent, "And a cat?")

    assert [turn["content"] for turn in run_of(newest(conversation)[1]).messages] == [
        "What is a fox?",
        "A **small** animal.",
        "And a cat?",
    ]


def test_it_works_without_scripts(
    plain_page: Client, conversation: Conversation, question: Message
) -> None:
    form = plain_page.get(f"/m/{question.pk}/edit/").content.decode()
    assert "<html" in form
    assert "What is a fox?</textarea>" in form
    assert '<option value="demo" selected>' in form

    reply = edit(plain_page, question, model="demo")

    written = newest(conversation)[0]
    assert reply["Location"] == f"/c/{conversation.pk}/#message-{written.pk}"


def test_the_model_can_be_chosen(
    page: Client, conversation: Conversation, question: Message, other_model: AIModel
) -> None:
    edit(page, question, model="other")

    assert run_of(newest(conversation)[1]).model == other_model


def test_otherwise_the_one_that_answered_last_does(
    page: Client, alice: User, other_model: AIModel
) -> None:
    answer = answered(asked(alice, other_model, "What is a fox?"), "An animal.")
    assert answer.parent

    edit(page, answer.parent)

    assert run_of(newest(answer.conversation)[1]).model == other_model


def test_the_parameters_are_those_of_the_answer_before(
    page: Client, alice: User, model: AIModel
) -> None:
    sent = actions.send_message(alice, None, "What?", model, {"temperature": 0.1, "seed": 7})
    answered(sent.answer, "That.")

    edit(page, sent.question)

    told = run_of(newest(sent.conversation)[1]).parameters
    assert (told["temperature"], told["seed"]) == (0.1, 7)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Write a message first."),
        (" \n ", "Write a message first."),
        ("x" * (LONGEST_MESSAGE + 1), "at most 100000 characters"),
    ],
)
def test_a_text_that_cannot_be_sent(
    page: Client, plain_page: Client, question: Message, text: str, words: str
) -> None:
    reply = edit(page, question, text)
    assert reply.status_code == 422
    assert reply["HX-Retarget"] == "#notice"
    assert words in reply.content.decode()

    reply = edit(plain_page, question, text)
    assert reply.status_code == 422
    assert words in reply.content.decode()
    assert f"\n{text}</textarea>" in reply.content.decode()
    assert Message.objects.count() == 2


@pytest.mark.parametrize("name", ["gone", "<b>", "other"])
def test_a_model_that_is_not_there(
    page: Client, question: Message, other_model: AIModel, name: str
) -> None:
    AIModel.objects.filter(name="other").update(is_active=False)

    reply = edit(page, question, model=name)

    assert reply.status_code == 422
    assert "That model isn’t available any more." in reply.content.decode()


def test_no_model_at_all(page: Client, question: Message) -> None:
    AIModel.objects.update(is_active=False)

    assert edit(page, question).status_code == 422


def test_while_an_answer_is_being_written_the_text_is_kept(
    page: Client, plain_page: Client, live_conversation: Conversation
) -> None:
    question = live_conversation.messages.get(role="user")

    reply = edit(page, question)
    assert reply.status_code == 409
    assert "An answer is still being written." in reply.content.decode()

    reply = edit(plain_page, question)
    assert reply.status_code == 409
    assert WRITTEN in unescape(reply.content.decode())
    assert live_conversation.messages.count() == 2


def test_a_full_queue(
    page: Client,
    plain_page: Client,
    alice: User,
    model: AIModel,
    question: Message,
    settings: object,
) -> None:
    settings.MAX_WAITING_PER_USER = 1  # type: ignore[attr-defined]
    asked(alice, model, "Something else")

    reply = edit(page, question)
    assert reply.status_code == 429
    assert int(reply["Retry-After"]) > 0
    assert WRITTEN in unescape(edit(plain_page, question).content.decode())
    assert question.conversation.messages.count() == 2


def test_a_conversation_that_was_deleted_meanwhile(
    page: Client, plain_page: Client, question: Message
) -> None:
    question.conversation.delete()

    reply = edit(page, question)
    assert reply.status_code == 404
    assert "What you typed is kept." in reply.content.decode()
    assert WRITTEN in unescape(edit(plain_page, question).content.decode())


def test_a_session_that_has_ended_without_scripts(
    client: Client, alice: User, question: Message
) -> None:
    address = f"/m/{question.pk}/edit/"

    reply = edit(client, question)
    assert reply["Location"] == f"/accounts/login/?next={address}"
    credentials = {"login": alice.email, "password": "a long password"}
    reply = client.post(reply["Location"], credentials, follow=True)

    assert reply.redirect_chain[-1][0] == address
    assert WRITTEN in unescape(reply.content.decode())


def test_answers_cannot_be_edited(page: Client, answer: Message) -> None:
    assert page.get(f"/m/{answer.pk}/edit/").status_code == 404
    assert edit(page, answer).status_code == 404
    assert fresh(answer).content == "A **small** animal."


def test_a_stranger_cannot(page: Client, strangers_page: Client, question: Message) -> None:
    assert strangers_page.get(f"/m/{question.pk}/edit/").status_code == 404
    assert edit(strangers_page, question).status_code == 404
    assert Message.objects.count() == 2

    assert edit(page, question).status_code == 204


def test_who_may_only_read_cannot(readers_page: Client, question: Message) -> None:
    assert readers_page.get(f"/m/{question.pk}/edit/").status_code == 404
    assert edit(readers_page, question).status_code == 404


def test_who_may_write_asks_and_pays_for_it(
    writers_page: Client, charlie: User, question: Message, project: Project
) -> None:
    assert edit(writers_page, question).status_code == 204

    written, awaited = newest(question.conversation)
    assert (written.author, awaited.author) == (charlie, charlie)
    assert run_of(awaited).user == charlie
    assert Generation.objects.filter(status="queued").count() == 1
