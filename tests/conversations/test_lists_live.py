"""What is done with conversations in one page comes to the lists of all."""

from collections.abc import Callable
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations import organising, sidebar
from conversations.models import Conversation
from tests.conversations.sockets import Socket, open_page

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def fox(alice: User) -> Conversation:
    return Conversation.objects.create(user=alice, title="Fox")


async def greeted(page: Socket) -> None:
    await page.hello()
    await page.frame()


def restore(conversation: Conversation) -> None:
    organising.restore(organising.restorable(conversation.user))


@pytest.mark.parametrize(
    ("act", "sign"),
    [
        (lambda fox: organising.pin(fox, True), 'data-group="pinned" data-heading="Pinned"'),
        (lambda fox: organising.archive(fox, True), 'data-place="unlisted"'),
        (organising.put_away, 'data-place="gone"'),
        (lambda fox: (organising.put_away(fox), restore(fox)), "Fox</a>"),
        (lambda fox: organising.change(fox, tags=["work"]), 'data-tags="work"'),
        (lambda fox: organising.archive_all(fox.user), 'data-place="stale"'),
    ],
)
async def test_an_entry_changes_in_both_of_two_pages(
    alice: User, bob: User, fox: Conversation, act: Callable[[Any], None], sign: str
) -> None:
    async with (
        open_page(alice, "/ws/") as one,
        open_page(alice, "/ws/") as two,
        open_page(bob, "/ws/") as strangers,
    ):
        for page in (one, two, strangers):
            await greeted(page)

        await sync_to_async(act)(fox)

        for page in (one, two):
            await page.until("sidebar-inbox", sign)
        assert await strangers.is_silent()


async def test_a_page_that_shows_a_tag_gets_the_list_of_that_tag(
    alice: User, fox: Conversation
) -> None:
    await sync_to_async(organising.change)(fox, tags=["work"])
    await Conversation.objects.acreate(user=alice, title="Bear")
    tagged = await sync_to_async(sidebar.listing)(
        alice, sidebar.zone_of({}), sidebar.Part(tag="work")
    )
    async with open_page(alice, "/ws/") as page:
        await page.hello(sidebar="work.old")
        html = await page.frame()
        assert "Fox</a>" in html
        assert "Bear</a>" not in html

        await page.hello(sidebar=tagged.version)
        assert await page.is_silent()
