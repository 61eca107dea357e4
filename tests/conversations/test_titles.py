"""Titles that the model thinks of."""

from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from conversations import organising
from conversations.models import Conversation, Message
from conversations.organising.titles import cleaned
from inference import lifecycle, queue
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.conversations.builders import answered, asked, failed, fresh, stopped

TITLE = Generation.Source.TITLE


@pytest.fixture(autouse=True)
def namer(model: AIModel) -> AIModel:
    """The model that answers, and names."""
    AIModel.objects.filter(pk=model.pk).update(writes_titles=True)
    model.refresh_from_db()
    return model


@pytest.fixture
def conversation(alice: User, namer: AIModel) -> Conversation:
    return answered(asked(alice, namer, "What is a fox?"), "A small animal.").conversation


def titled(text: str, model: AIModel, reason: str = "stop") -> None:
    """The run that thinks of a title ends with this."""
    run = queue.claim(model.pk, "worker")
    assert run and run.source == TITLE
    done = Outcome(Generation.Status.DONE, Generation.Reason(reason), text=text)
    assert lifecycle.finish(run.pk, run.attempt, done)


def title_of(conversation: Conversation) -> str:
    return Conversation.objects.get(pk=conversation.pk).title


def test_the_first_answer_has_the_model_asked_for_a_title(
    conversation: Conversation, alice: User
) -> None:
    run = Generation.objects.get(source=TITLE)

    assert run.user == alice
    quoted = run.messages[-1]["content"]
    assert "What is a fox?" in quoted
    assert "A small animal." in quoted
    assert run.parameters["max_tokens"] < 50
    assert conversation.title == "What is a fox?"


def test_it_is_set(conversation: Conversation, namer: AIModel) -> None:
    titled("“About foxes.”", namer)

    assert title_of(conversation) == "About foxes"
    assert Conversation.objects.get().named_by == "model"


@pytest.mark.parametrize(("title", "runs"), [("Animals", 0), ("", 1)])
def test_a_title_that_a_program_gives_stays(
    title: str, runs: int, client: Client, alice: User, namer: AIModel
) -> None:
    client.force_login(alice)
    body = {"model_id": namer.name} | ({"title": title} if title else {})
    client.post("/api/v1/conversations", body, content_type="application/json")

    answered(asked(alice, namer, "What is a fox?", Conversation.objects.get()), "An animal.")

    assert Generation.objects.filter(source=TITLE).count() == runs


def test_it_moves_nothing_else(conversation: Conversation, namer: AIModel) -> None:
    before = Conversation.objects.values("updated_at", "model", "leaf").get()

    titled("Foxes", namer)

    assert Conversation.objects.values("updated_at", "model", "leaf").get() == before


@pytest.mark.django_db(transaction=True)
def test_its_run_is_accounted_and_forgotten(conversation: Conversation, namer: AIModel) -> None:
    titled("Foxes", namer)

    assert not Generation.objects.filter(source=TITLE).exists()
    assert UsageLog.objects.filter(source=TITLE, user=conversation.user).count() == 1


def test_what_its_owner_called_it_stays(conversation: Conversation, namer: AIModel) -> None:
    organising.rename(conversation, "Mine")

    titled("Foxes", namer)

    assert title_of(conversation) == "Mine"


@pytest.mark.parametrize(
    ("text", "reason"), [("", "stop"), ("...", "stop"), ("x" * 61, "stop"), ("Foxes and", "length")]
)
def test_nonsense_leaves_the_first_words(
    conversation: Conversation, namer: AIModel, text: str, reason: str
) -> None:
    titled(text, namer, reason)

    assert title_of(conversation) == "What is a fox?"


def test_only_the_first_answer_is_asked_about(
    conversation: Conversation, alice: User, namer: AIModel
) -> None:
    titled("", namer)

    answered(asked(alice, namer, "And a bear?", conversation), "A big one.")

    assert not Generation.objects.filter(source=TITLE, status="queued").exists()


def test_an_answer_that_failed_or_was_stopped_has_none(alice: User, namer: AIModel) -> None:
    failed(asked(alice, namer, "What is a fox?"), "Broken.")
    stopped(asked(alice, namer, "What is a bear?"), "A b")

    assert not Generation.objects.filter(source=TITLE).exists()


@pytest.mark.parametrize("fields", [{"is_temporary": True}, {"named_by": "user"}])
def test_some_conversations_keep_theirs(
    alice: User, namer: AIModel, fields: dict[str, Any]
) -> None:
    answer = asked(alice, namer, "What is a fox?")
    Conversation.objects.update(**fields)

    answered(answer, "A small animal.")

    assert not Generation.objects.filter(source=TITLE).exists()


def test_not_every_model_is_asked(alice: User, namer: AIModel) -> None:
    AIModel.objects.update(writes_titles=False)

    answered(asked(alice, namer, "What is a fox?"), "A small animal.")

    assert not Generation.objects.filter(source=TITLE).exists()


def test_a_full_queue_costs_the_title_only(
    alice: User, namer: AIModel, settings: LazySettings
) -> None:
    answer = asked(alice, namer, "What is a fox?")
    settings.MAX_WAITING_PER_USER = 0

    done = answered(answer, "A small animal.")

    assert fresh(done).content == "A small animal."
    assert title_of(done.conversation) == "What is a fox?"


@pytest.mark.django_db(transaction=True)
def test_of_a_deleted_conversation_no_word_remains(
    conversation: Conversation, namer: AIModel
) -> None:
    run = queue.claim(namer.pk, "worker")
    assert run

    organising.delete(conversation)
    assert Generation.objects.get(pk=run.pk).stop_requested
    end = Outcome(Generation.Status.STOPPED, Generation.Reason.CANCELLED, text="Fox secrets")
    assert lifecycle.finish(run.pk, run.attempt, end)

    assert not Generation.objects.exists()
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Foxes", "Foxes"),
        ("\n  Title: **Red foxes**.\nMore", "Red foxes"),
        ("Titel: „Der Fuchs“", "Der Fuchs"),
        ("标题：狐狸的生活。", "狐狸的生活"),
        ("<think>\nWhat now?\n</think>\n\nFoxes at night", "Foxes at night"),
        ("<think>So the user", ""),
        ("# Foxes `in` *town*", "Foxes in town"),
        ("a\0b", "ab"),
        ("<|im_end|>", ""),
        ("“”", ""),
        ("?!", ""),
    ],
)
def test_it_is_cleaned(text: str, title: str) -> None:
    assert cleaned(text) == title
