"""What comes out on a page's socket, but for growing answers: see streaming/."""

from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations import actions, organising, sidebar
from conversations.models import Conversation
from inference.models import AIModel
from tests.conversations.builders import answered, asked, failed
from tests.conversations.sockets import Socket, cookies_of, open_page

pytestmark = pytest.mark.django_db(transaction=True)


def path(conversation: Conversation) -> str:
    return f"/ws/c/{conversation.pk}/"


def last(conversation: Conversation) -> int:
    return conversation.messages.order_by("-pk").values_list("pk", flat=True)[0]


alast = sync_to_async(last)


async def test_its_owner_may_open_it(alice: User, conversation: Conversation) -> None:
    async with open_page(alice, path(conversation)) as page:
        await page.hello()


async def test_a_stranger_may_not(bob: User, conversation: Conversation) -> None:
    assert not await Socket(await cookies_of(bob), path(conversation)).connect()


async def test_staff_may_not(charlie: User, conversation: Conversation) -> None:
    assert not await Socket(await cookies_of(charlie), path(conversation)).connect()


async def test_nobody_signed_in_may_not(conversation: Conversation) -> None:
    assert not await Socket("", path(conversation)).connect()
    assert not await Socket("sessionid=made-up", "/ws/").connect()


async def test_another_site_may_not(alice: User, conversation: Conversation) -> None:
    socket = Socket(await cookies_of(alice), path(conversation), origin="http://elsewhere.org")

    assert not await socket.connect()


async def test_one_that_never_was_is_refused(alice: User) -> None:
    assert not await Socket(await cookies_of(alice), f"/ws/c/{uuid4()}/").connect()


async def test_a_page_that_lacks_nothing_gets_only_its_button(
    alice: User, conversation: Conversation
) -> None:
    listing = await sync_to_async(sidebar.listing)(alice, sidebar.zone_of({}))
    async with open_page(alice, path(conversation)) as page:
        await page.hello(await alast(conversation), sidebar=listing.version)

        frame = await page.frame()

        assert 'id="composer-action"' in frame
        assert "<article" not in frame
        assert await page.is_silent()


async def test_a_page_gets_the_messages_it_missed(alice: User, conversation: Conversation) -> None:
    question, answer = await sync_to_async(list)(conversation.messages.all())
    async with open_page(alice, path(conversation)) as page:
        await page.hello(question.pk)

        [frame] = await page.until("composer-action")

        assert f'<div hx-swap-oob="beforeend:#messages"><article id="message-{answer.pk}"' in frame
        assert f'id="message-{question.pk}"' not in frame


async def test_an_answer_that_ended_meanwhile_is_drawn_anew(
    alice: User, conversation: Conversation
) -> None:
    shown = await alast(conversation)
    async with open_page(alice, path(conversation)) as page:
        await page.hello(shown, live=[shown])

        [frame] = await page.until("composer-action")

        assert f'<article id="message-{shown}"' in frame
        assert 'data-status="done" hx-swap-oob="true"' in frame


async def test_messages_of_others_cannot_be_asked_for(
    alice: User, bob: User, model: AIModel, conversation: Conversation
) -> None:
    def bobs() -> int:
        return answered(asked(bob, model, "Bob’s secret"), "Another secret").pk

    others = await sync_to_async(bobs)()
    async with open_page(alice, path(conversation)) as page:
        await page.hello(await alast(conversation), live=[others - 1, others])

        [frame] = await page.until("composer-action")

        assert "<article" not in frame


async def test_saying_hello_twice_repeats_nothing(alice: User, conversation: Conversation) -> None:
    listing = await sync_to_async(sidebar.listing)(alice, sidebar.zone_of({}))
    async with open_page(alice, path(conversation)) as page:
        await page.hello(0)
        [first] = await page.until("composer-action")
        [_] = await page.until('id="conversations"')
        await page.hello(0, sidebar=listing.version)

        assert first.count("<article") == 2
        assert await page.is_silent()


async def test_a_page_with_an_old_list_gets_the_new_one(
    alice: User, conversation: Conversation
) -> None:
    async with open_page(alice, "/ws/") as page:
        await page.hello(sidebar="old")

        frame = await page.frame()

        assert frame.startswith('<div id="conversations"')
        assert "What is a fox?" in frame


async def test_every_page_of_a_person_shows_what_is_sent(
    alice: User, model: AIModel, conversation: Conversation
) -> None:
    async with open_page(alice, path(conversation)) as one, open_page(alice, "/ws/") as other:
        await one.hello(await alast(conversation))
        await one.until('id="conversations"')
        await other.hello()
        await other.frame()

        await sync_to_async(asked)(alice, model, "And a dog?", conversation)

        [frame] = await one.until("And a dog?")
        assert 'aria-label="Stop"' in frame
        assert 'data-status="queued"' in frame
        [entry] = await other.until("sidebar-inbox")
        assert 'data-group="today"' in entry
        assert "data-live" in entry
        assert "What is a fox?" in entry


async def test_pages_of_others_show_nothing_of_it(
    alice: User, bob: User, model: AIModel, conversation: Conversation
) -> None:
    async with open_page(bob, "/ws/") as page:
        await page.hello()
        await page.frame()

        await sync_to_async(asked)(alice, model, "And a dog?", conversation)

        assert await page.is_silent()


async def test_a_new_title_comes_to_every_page(alice: User, conversation: Conversation) -> None:
    async with open_page(alice, path(conversation)) as one, open_page(alice, "/ws/") as other:
        await one.hello(await alast(conversation))
        await one.until('id="conversations"')
        await other.hello()
        await other.frame()

        await sync_to_async(organising.rename)(conversation, "Foxes")

        [frame] = await one.until("Foxes")
        assert '<h1 id="conversation-title"' in frame
        [entry] = await other.until("Foxes")
        assert 'data-group="today"' in entry


async def test_a_deleted_conversation_leaves_every_page(
    alice: User, conversation: Conversation
) -> None:
    async with open_page(alice, path(conversation)) as one, open_page(alice, "/ws/") as other:
        await one.hello(await alast(conversation))
        await one.until('id="conversations"')
        await other.hello()
        await other.frame()

        await sync_to_async(organising.delete)(conversation)

        [frame] = await one.until('data-place="gone"')
        assert "This conversation was deleted." in frame
        [entry] = await other.until('data-place="gone"')
        assert "This conversation was deleted." not in entry


async def test_an_answer_that_is_asked_for_again_is_drawn_in_its_place(
    alice: User, model: AIModel
) -> None:
    broken = await sync_to_async(lambda: failed(asked(alice, model, "What?"), "Out of memory."))()
    async with open_page(alice, path(broken.conversation)) as page:
        await page.hello(broken.pk, live=[broken.pk])
        await page.until('data-status="failed"')

        await sync_to_async(actions.retry)(alice, broken)

        frame = (await page.until(f'id="message-{broken.pk}"'))[-1]
        assert 'data-status="queued" hx-swap-oob="true"' in frame


@pytest.mark.parametrize(
    "said",
    [
        "nonsense",
        "{",
        "[" * 9000,
        "null",
        "1",
        '{"hello": null}',
        '{"hello": {"last": "1", "live": [], "sidebar": ""}}',
        '{"hello": {"last": -1, "live": [], "sidebar": ""}}',
        '{"hello": {"last": true, "live": [], "sidebar": ""}}',
        '{"hello": {"last": 1e999, "live": [], "sidebar": ""}}',
        '{"hello": {"last": 99999999999999999999, "live": [], "sidebar": ""}}',
        '{"hello": {"last": 0, "live": {}, "sidebar": ""}}',
        '{"hello": {"last": 0, "live": [], "sidebar": 5}}',
        '{"seen": "many"}',
        '{"seen": -5}',
        '{"kind": "signed_out"}',
        "x" * 20_000,
    ],
)
async def test_nonsense_does_no_harm(alice: User, conversation: Conversation, said: str) -> None:
    async with open_page(alice, path(conversation)) as page:
        await page.communicator.send_to(text_data=said)

        assert await page.is_silent(0.1)
        await page.hello()
        assert await page.frame()


async def test_bytes_and_odd_ids_do_no_harm(alice: User, conversation: Conversation) -> None:
    async with open_page(alice, path(conversation)) as page:
        await page.communicator.send_to(bytes_data=b"\xff\x00")
        await page.say({"hello": {"last": 0, "live": ["x", None, 2**70, [], -1], "sidebar": ""}})

        assert "<article" in await page.frame()


async def test_before_its_hello_a_page_gets_nothing(
    alice: User, model: AIModel, conversation: Conversation
) -> None:
    async with open_page(alice, path(conversation)) as page:
        await sync_to_async(asked)(alice, model, "And a dog?", conversation)

        assert await page.is_silent()
        await page.hello()
        assert "And a dog?" in await page.frame()
