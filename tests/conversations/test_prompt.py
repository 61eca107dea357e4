"""Which turns a model is told."""

from typing import Any

import pytest

from accounts.models import User
from conversations import thread
from conversations.models import Conversation
from inference.models import AIModel
from tests.conversations import builders


@pytest.fixture
def conversation(alice: User, model: AIModel) -> Conversation:
    return Conversation.objects.create(user=alice, title="Foxes")


def said(conversation: Conversation, *turns: str) -> list[tuple[str, str]]:
    """Each turn is written as `u:` or `a:` and a text."""
    roles = {"u": "user", "a": "assistant"}
    for turn in turns:
        builders.said(conversation, roles[turn[0]], turn[2:])
    told = thread.prompt(conversation, conversation.leaf_id)
    return [(turn["role"][0], turn["content"]) for turn in told]


def test_the_turns_in_their_order(conversation: Conversation) -> None:
    assert said(conversation, "u:Hi", "a:Hello", "u:Bye") == [
        ("u", "Hi"),
        ("a", "Hello"),
        ("u", "Bye"),
    ]


def test_a_question_without_an_answer_belongs_to_the_next(conversation: Conversation) -> None:
    assert said(conversation, "u:Hi", "a:", "u:Are you there?") == [("u", "Hi\n\nAre you there?")]


def test_half_an_answer_counts(conversation: Conversation) -> None:
    assert said(conversation, "u:Hi", "a:Hel", "u:Go on")[1] == ("a", "Hel")


def test_it_begins_with_a_person(conversation: Conversation, settings: Any) -> None:
    settings.MAX_HISTORY_MESSAGES = 2

    assert said(conversation, "u:Hi", "a:Hello", "u:Bye") == [("u", "Bye")]


def test_the_latest_turns_are_those_that_count(conversation: Conversation, settings: Any) -> None:
    settings.MAX_HISTORY_MESSAGES = 3

    told = said(conversation, "u:1", "a:2", "u:3", "a:4", "u:5")

    assert told == [("u", "3"), ("a", "4"), ("u", "5")]


def test_a_long_chat_begins_alike_for_several_turns(
    conversation: Conversation, settings: Any
) -> None:
    settings.MAX_HISTORY_MESSAGES = 12
    told = [said(conversation, *(f"{'ua'[at % 2]}:{at}" for at in range(13)))]
    for at in (14, 16):
        told.append(said(conversation, f"a:{at - 1}", f"u:{at}"))

    assert [turns[0] for turns in told] == [("u", "6")] * 3
    assert max(map(len, told)) <= 12
