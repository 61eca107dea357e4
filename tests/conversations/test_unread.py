"""Answers that came while nobody looked."""

import pytest
from asgiref.sync import sync_to_async
from django.test import Client

from accounts.models import User
from conversations.models import Conversation, Message
from inference.models import AIModel
from tests.conversations.builders import answered, asked
from tests.conversations.sockets import Socket, open_page

pytestmark = pytest.mark.django_db(transaction=True)


async def look(page: Socket, conversation: Conversation, is_visible: bool = True) -> None:
    hello = {"last": conversation.leaf_id, "live": [], "sidebar": "", "visible": is_visible}
    await page.say({"hello": hello})
    await page.until('id="conversations"')


async def is_unread(conversation: Conversation) -> bool:
    return (await Conversation.objects.aget(pk=conversation.pk)).is_unread


def shown(conversation: Conversation) -> str:
    return f"/ws/c/{conversation.pk}/"


@pytest.fixture
def waiting(alice: User, model: AIModel) -> Message:
    return asked(alice, model, "What is a fox?")


async def test_an_answer_that_nobody_sees_is_unread_in_every_list(
    alice: User, waiting: Message
) -> None:
    async with open_page(alice, "/ws/") as page:
        await page.hello()
        await page.frame()

        await sync_to_async(answered)(waiting, "A small animal.")

        [entry] = await page.until("sidebar-inbox")
        assert "data-unread" in entry
        assert "(unread)" in entry
        assert await is_unread(waiting.conversation)


async def test_one_that_a_visible_page_shows_is_read(alice: User, waiting: Message) -> None:
    conversation = waiting.conversation
    async with open_page(alice, shown(conversation)) as page:
        await look(page, conversation)

        await sync_to_async(answered)(waiting, "A small animal.")

        await page.until("sidebar-inbox")
        assert not await is_unread(conversation)


async def test_a_page_behind_another_window_does_not_count(alice: User, waiting: Message) -> None:
    conversation = waiting.conversation
    async with open_page(alice, shown(conversation)) as page:
        await look(page, conversation)
        await page.say({"hidden": True})
        await page.is_silent()

        await sync_to_async(answered)(waiting, "A small animal.")
        await page.until("data-unread")
        assert await is_unread(conversation)

        await look(page, conversation)
        assert not await is_unread(conversation)


async def test_looking_at_it_tells_the_other_pages(alice: User, waiting: Message) -> None:
    conversation = (await sync_to_async(answered)(waiting, "A small animal.")).conversation
    async with open_page(alice, "/ws/") as other, open_page(alice, shown(conversation)) as page:
        await other.hello()
        await other.frame()

        await look(page, conversation)

        [entry] = await other.until("sidebar-inbox")
        assert "data-unread" not in entry


def test_without_scripts_opening_it_is_looking_at_it(plain_page: Client, waiting: Message) -> None:
    conversation = answered(waiting, "A small animal.").conversation

    assert "(unread)" in plain_page.get("/").content.decode()
    plain_page.get(f"/c/{conversation.pk}/")

    assert "(unread)" not in plain_page.get("/").content.decode()
