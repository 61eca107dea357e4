"""The bench's reader of a page, against the fragments that pages get."""

import pytest

from bench.clients import Trace
from bench.page import Shown
from conversations import fragments
from conversations.markdown import BlockStream
from conversations.messages.shown import Shown as OfReader
from conversations.models import Message

LONG = " longer" * 40


@pytest.fixture
def trace() -> Trace:
    return Trace(0)


def test_a_growing_answer_is_counted_in_words(trace: Trace) -> None:
    shown, blocks = Shown(trace), BlockStream()
    for text, words in (
        (" one two", 2),
        (" three", 3),
        ("\n\nfour five", 5),
        (" six", 6),
        (LONG, 46),
        (" seven **eight", 48),
        (" nine", 49),
        ("** ten", 50),
        (" eleven\n\ntwelve", 52),
    ):
        shown.draw(fragments.growth("message-7", blocks.feed(text)))
        assert trace.tokens == words
    assert not shown.is_complete


def test_a_finished_answer_is_complete(trace: Trace) -> None:
    shown = Shown(trace)
    answer = Message(pk=7, role=Message.Role.ASSISTANT, content="one two\n\nthree")
    shown.draw(fragments.changed_message(OfReader(answer)))
    assert (shown.is_complete, trace.tokens, trace.message) == (True, 3, "7")


def test_a_question_is_no_answer(trace: Trace) -> None:
    shown = Shown(trace)
    question = Message(pk=6, role=Message.Role.USER, content="one two")
    shown.draw(fragments.new_message(OfReader(question)))
    assert (shown.is_complete, trace.tokens) == (False, 0)
