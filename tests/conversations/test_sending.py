"""Sending a message, in a new conversation and in an old one."""

import json

import pytest
from django.test import Client

from accounts.models import User
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Message
from inference.models import AIModel, Generation
from tests.conversations.builders import answered, asked, run_of

WRITTEN = "Is a fox a dog?"


def test_the_first_message_begins_a_conversation(page: Client, alice: User, model: AIModel) -> None:
    reply = page.post("/", {"text": WRITTEN, "model": "demo"})

    conversation = Conversation.objects.get(user=alice)
    assert reply["HX-Redirect"] == f"/c/{conversation.pk}/"
    assert conversation.title == WRITTEN
    assert conversation.model == model
    question, answer = conversation.messages.all()
    assert (question.role, question.content, question.status) == ("user", WRITTEN, "done")
    assert (answer.role, answer.content, answer.status) == ("assistant", "", "queued")


def test_the_run_gets_the_question(page: Client, alice: User, model: AIModel) -> None:
    page.post("/", {"text": WRITTEN, "model": "demo"})

    run = Generation.objects.get()
    assert run.user == alice
    assert run.source == Generation.Source.CHAT
    assert run.messages == [{"role": "user", "content": WRITTEN}]


def test_the_next_message_is_added(page: Client, conversation: Conversation) -> None:
    reply = page.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"})

    answer = conversation.messages.get(generation__status="queued")
    assert reply.status_code == 200
    assert json.loads(reply["HX-Trigger"]) == {"parley:sent": {"message": answer.pk}}
    assert run_of(answer).messages == [
        {"role": "user", "content": "What is a fox?"},
        {"role": "assistant", "content": "A **small** animal."},
        {"role": "user", "content": WRITTEN},
    ]


def test_it_works_without_scripts(plain_page: Client, conversation: Conversation) -> None:
    address = f"/c/{conversation.pk}/"

    reply = plain_page.post(address, {"text": WRITTEN, "model": "demo"}, follow=True)

    assert reply.redirect_chain == [(address, 302)]
    assert WRITTEN in reply.content.decode()


def test_the_first_message_works_without_scripts(plain_page: Client, model: AIModel) -> None:
    reply = plain_page.post("/", {"text": WRITTEN, "model": "demo"})

    assert reply["Location"] == f"/c/{Conversation.objects.get().pk}/"


def test_another_model_may_answer(page: Client, conversation: Conversation, model: AIModel) -> None:
    other = AIModel.objects.create(name="other", provider=model.provider, path="other.gguf")

    page.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "other"})

    conversation.refresh_from_db()
    assert conversation.model == other
    assert Generation.objects.get(status="queued").model == other


def test_the_conversation_becomes_the_latest(
    page: Client, alice: User, conversation: Conversation, model: AIModel
) -> None:
    asked(alice, model, "Something else")
    assert Conversation.objects.first() != conversation

    page.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"})

    assert Conversation.objects.first() == conversation


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("one\r\ntwo", "one\ntwo"),
        ("    indented\n", "    indented"),
        ("\n\nlater  ", "later"),
        ("a\0b", "ab"),
        ("x" * LONGEST_MESSAGE, "x" * LONGEST_MESSAGE),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_the_text_is_kept_but_for_what_no_text_should_hold(
    page: Client, model: AIModel, typed: str, kept: str
) -> None:
    page.post("/", {"text": typed, "model": "demo"})

    assert Message.objects.get(role="user").content == kept


def test_a_stranger_cannot_add_to_it(
    strangers_page: Client, page: Client, conversation: Conversation
) -> None:
    address, form = f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"}

    assert strangers_page.post(address, form).status_code == 404
    assert conversation.messages.count() == 2
    assert page.post(address, form).status_code == 200
    assert conversation.messages.count() == 4


def test_a_prompt_has_a_limited_number_of_turns(
    page: Client, alice: User, model: AIModel, settings: object
) -> None:
    settings.MAX_HISTORY_MESSAGES = 4  # type: ignore[attr-defined]
    conversation = None
    for n in range(3):
        answer = answered(asked(alice, model, f"Question {n}", conversation), f"Answer {n}")
        conversation = answer.conversation
    assert conversation

    page.post(f"/c/{conversation.pk}/", {"text": WRITTEN, "model": "demo"})

    turns = Generation.objects.get(status="queued").messages
    assert [turn["content"] for turn in turns] == ["Question 2", "Answer 2", WRITTEN]


@pytest.mark.django_db(transaction=True)
def test_it_is_sent_even_if_no_page_can_be_told(
    page: Client, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise ConnectionError

    monkeypatch.setattr("conversations.notices.get_channel_layer", away)

    assert page.post("/", {"text": WRITTEN, "model": "demo"}).status_code == 200
    assert Message.objects.count() == 2
