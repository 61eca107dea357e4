"""Which messages a branch has, where each stands among its alternatives, what a page lacks."""

import pytest

from accounts.models import User
from conversations import actions, thread
from conversations.models import Conversation, Message
from conversations.thread import Place
from inference.models import AIModel
from tests.conversations.builders import answered, asked, said


@pytest.fixture
def talk(alice: User) -> Conversation:
    """Four messages, one after the other."""
    conversation = Conversation.objects.create(user=alice, title="Foxes")
    for number in range(2):
        said(conversation, "user", f"Question {number}")
        said(conversation, "assistant", f"Answer {number}")
    return conversation


def beside(message: Message, text: str) -> Message:
    """An alternative to it, which is not shown."""
    return message.conversation.messages.create(
        role=message.role, content=text, parent_id=message.parent_id
    )


def texts(messages: list[Message]) -> list[str]:
    return [message.content for message in messages]


def missing(conversation: Conversation, last: int, *also: int) -> tuple[list[str], bool]:
    conversation.refresh_from_db()
    found = thread.missing(conversation, last, also)
    return texts(found.messages), found.is_other_branch


def test_a_branch_goes_back_to_the_first_message(talk: Conversation) -> None:
    one, two, three, four = talk.messages.all()
    other = beside(three, "Another question")

    assert thread.branch(four.pk) == [one.pk, two.pk, three.pk, four.pk]
    assert thread.branch(other.pk) == [one.pk, two.pk, other.pk]
    assert thread.branch(one.pk) == [one.pk]
    assert thread.branch(None) == []


def test_the_latest_below_a_message_is_in_whichever_branch_was_written_last(
    talk: Conversation,
) -> None:
    one, two, _three, four = talk.messages.all()
    other = beside(two, "Another answer")

    assert thread.latest_below(two) == four.pk
    assert thread.latest_below(one) == other.pk
    assert thread.latest_below(other) == other.pk
    assert thread.latest_below(four) == four.pk


def test_only_messages_with_alternatives_have_a_place(talk: Conversation) -> None:
    one, two, three, _four = talk.messages.all()
    first, second = beside(one, "First again"), beside(three, "Second again")
    third = beside(three, "Second once more")

    places = thread.places([one, two, three, first, second, third])

    assert places == {
        one.pk: Place(1, 2, None, first.pk),
        first.pk: Place(2, 2, one.pk, None),
        three.pk: Place(1, 3, None, second.pk),
        second.pk: Place(2, 3, three.pk, third.pk),
        third.pk: Place(3, 3, second.pk, None),
    }


def test_first_messages_of_other_conversations_are_no_alternatives(
    talk: Conversation, alice: User
) -> None:
    said(Conversation.objects.create(user=alice, title="Dogs"), "user", "What is a dog?")

    assert thread.places(list(talk.messages.all())) == {}
    assert thread.places([]) == {}


def test_a_page_of_the_same_branch_lacks_what_came_later(talk: Conversation) -> None:
    one, two, _three, _four = talk.messages.all()

    assert missing(talk, two.pk) == (["Question 1", "Answer 1"], False)
    assert missing(talk, two.pk, one.pk) == (["Question 0", "Question 1", "Answer 1"], False)


def test_a_page_of_another_branch_lacks_the_whole_one(talk: Conversation) -> None:
    _one, _two, three, four = talk.messages.all()
    actions.show(beside(three, "Another question"))

    assert missing(talk, four.pk) == (["Question 0", "Answer 0", "Another question"], True)


def test_an_answer_that_grows_in_another_branch_is_not_drawn_in_this_one(
    alice: User, model: AIModel
) -> None:
    first = answered(asked(alice, model, "What is a fox?"), "An animal.")
    conversation = first.conversation
    growing = actions.regenerate(alice, first, model)

    actions.show(first)

    assert missing(conversation, growing.pk) == (["What is a fox?", "An animal."], True)
    assert missing(conversation, first.pk, growing.pk) == ([], False)
    live = thread.live_answer(conversation)
    assert live == growing.pk


def test_back_in_its_branch_it_is_drawn_again(alice: User, model: AIModel) -> None:
    first = answered(asked(alice, model, "What is a fox?"), "An animal.")
    growing = actions.regenerate(alice, first, model)
    actions.show(first)

    actions.show(growing)

    conversation = Conversation.objects.get()
    found = thread.missing(conversation, first.pk, [])
    assert found.is_other_branch
    assert found.messages[-1] == growing


@pytest.fixture
def long_talk(alice: User) -> Conversation:
    """Of 300 messages."""
    conversation = Conversation.objects.create(user=alice, title="Foxes")
    parent = None
    for number in range(300):
        role = "assistant" if number % 2 else "user"
        parent = conversation.messages.create(role=role, content=str(number), parent=parent)
    conversation.leaf = parent
    conversation.save()
    return conversation


@pytest.mark.parametrize(
    ("fork", "first"),
    [
        (298, 270),  # the last page has it
        (200, 200 - thread.BEFORE_FORK),
        (20, 270),  # so far up that the page goes to the end
    ],
)
def test_another_branch_is_drawn_with_the_place_where_it_parts(
    long_talk: Conversation, fork: int, first: int
) -> None:
    shown = long_talk.messages.get(content=str(fork))
    other = beside(shown, "other")

    found = thread.missing(long_talk, other.pk, [])

    assert found.is_other_branch
    assert found.has_more
    assert found.messages[0].content == str(first)
    assert found.messages[-1].content == "299"


def test_a_page_that_missed_very_much_gets_the_end(long_talk: Conversation) -> None:
    found = thread.missing(long_talk, 0, [])

    assert found.is_other_branch
    assert len(found.messages) == thread.SHOWN


def test_a_message_of_a_stranger_tells_nothing(talk: Conversation, bob: User) -> None:
    theirs = Conversation.objects.create(user=bob, title="Secret")
    secret = said(theirs, "user", "A secret")

    assert missing(talk, secret.pk, secret.pk)[0] == [
        "Question 0",
        "Answer 0",
        "Question 1",
        "Answer 1",
    ]
