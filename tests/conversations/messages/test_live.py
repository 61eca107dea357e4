"""What open pages get when another branch is to be shown."""

import re

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations import actions
from conversations.models import Conversation, Message, Project, ProjectMember
from inference.models import AIModel
from tests.conversations.builders import answered, asked
from tests.conversations.sockets import Socket, open_page

pytestmark = pytest.mark.django_db(transaction=True)

BRANCH = 'hx-swap-oob="innerHTML:#messages"'


def path(conversation: Conversation) -> str:
    return f"/ws/c/{conversation.pk}/"


def drawn(frame: str) -> list[int]:
    """Ids of the messages in it."""
    return [int(id) for id in re.findall(r'<article id="message-(\d+)"', frame)]


@pytest.fixture
def first(alice: User, model: AIModel) -> Message:
    return answered(asked(alice, model, "What is a fox?"), "An animal.")


@pytest.fixture
def second(alice: User, model: AIModel, first: Message) -> Message:
    """The same question's other answer, which is shown."""
    return answered(actions.regenerate(alice, first, model), "A beast.")


async def greet(page: Socket, last: Message) -> None:
    await page.hello(last.pk)
    await page.until('id="conversations"')


async def test_every_tab_goes_to_the_branch_that_is_shown(
    alice: User, first: Message, second: Message
) -> None:
    talk = path(first.conversation)
    async with open_page(alice, talk) as one, open_page(alice, talk) as other:
        await greet(one, second)
        await greet(other, second)

        await sync_to_async(actions.show)(first)

        for page in (one, other):
            [frame] = await page.until(BRANCH)
            assert drawn(frame) == [first.parent_id, first.pk]
            assert "1 / 2" in frame


async def test_a_tab_that_was_away_goes_there_when_it_is_back(
    alice: User, first: Message, second: Message
) -> None:
    await sync_to_async(actions.show)(first)
    async with open_page(alice, path(first.conversation)) as page:
        await page.hello(second.pk)

        [frame] = await page.until(BRANCH)

        assert drawn(frame) == [first.parent_id, first.pk]


async def test_showing_what_is_shown_draws_nothing(
    alice: User, first: Message, second: Message
) -> None:
    async with open_page(alice, path(first.conversation)) as page:
        await greet(page, second)

        await sync_to_async(actions.show)(second)

        assert await page.is_silent()


async def test_lists_of_conversations_stay_as_they_are(
    alice: User, first: Message, second: Message
) -> None:
    async with open_page(alice, "/ws/") as page:
        await page.hello()
        await page.frame()

        await sync_to_async(actions.show)(first)

        assert await page.is_silent()


async def test_an_edited_question_and_its_answer_take_the_place_of_the_old_ones(
    alice: User, model: AIModel, first: Message
) -> None:
    async with open_page(alice, path(first.conversation)) as page:
        await greet(page, first)

        edit = sync_to_async(lambda: actions.edit(alice, first.parent, "And a dog?", model))
        sent = await edit()

        [frame] = await page.until(BRANCH)
        assert drawn(frame) == [sent.question.pk, sent.answer.pk]
        assert 'aria-label="Stop"' in frame


async def test_an_answer_that_grows_elsewhere_leaves_this_branch_alone(
    alice: User, model: AIModel, first: Message
) -> None:
    growing = await sync_to_async(actions.regenerate)(alice, first, model)
    await sync_to_async(actions.show)(first)
    async with open_page(alice, path(first.conversation)) as page:
        await greet(page, first)

        await sync_to_async(answered)(growing, "A beast.")

        frames = await page.until('aria-label="Send"')
        assert [drawn(frame) for frame in frames] == [[]]

        await sync_to_async(actions.show)(growing)
        frame = (await page.until(BRANCH))[-1]
        assert "A beast." in frame


async def test_back_in_its_branch_an_answer_goes_on_growing(
    alice: User, model: AIModel, first: Message
) -> None:
    growing = await sync_to_async(actions.regenerate)(alice, first, model)
    async with open_page(alice, path(first.conversation)) as page:
        await greet(page, growing)
        await sync_to_async(actions.show)(first)
        await page.until(BRANCH)
        await sync_to_async(actions.show)(growing)
        await page.until(BRANCH)

        await sync_to_async(answered)(growing, "A beast.")

        frame = (await page.until("A beast."))[-1]
        assert f'<article id="message-{growing.pk}"' in frame


async def test_who_may_only_read_follows_without_a_box(
    alice: User, bob: User, model: AIModel, first: Message
) -> None:
    def share() -> None:
        project = Project.objects.create(user=alice, name="Foxes")
        project.members.create(user=bob, access=ProjectMember.Access.READ)
        Conversation.objects.update(project=project)

    await sync_to_async(share)()
    async with open_page(bob, path(first.conversation)) as page:
        await page.hello(first.pk, sidebar="old")
        assert "composer-action" not in await page.frame()

        await sync_to_async(actions.regenerate)(alice, first, model)

        frame = (await page.until(BRANCH))[-1]
        assert "composer-action" not in frame
        assert "/show/" not in frame
