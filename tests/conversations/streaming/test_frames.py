"""How soon frames come, how many of them, and what they cost."""

import asyncio
import time

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from conversations.consumers import AHEAD
from tests.conversations.sockets import Socket, open_page
from tests.conversations.streaming.growing import Worker, greet, socket_of

pytestmark = pytest.mark.django_db(transaction=True)


async def test_the_first_words_come_at_once(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        await page.until('data-status="streaming"')

        began = time.monotonic()
        worker.say("Hello")
        await page.until("Hello")

        assert time.monotonic() - began < 0.3


async def test_many_tokens_come_in_few_frames(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        began = time.monotonic()

        async def generate() -> None:
            for n in range(200):
                await sync_to_async(worker.say)(f"w{n} ")
                await asyncio.sleep(0.002)
            await sync_to_async(worker.end)()

        generating = asyncio.create_task(generate())
        frames = await page.until('data-status="done"')
        await generating

        most = (time.monotonic() - began) * 15 + 5
        assert len([frame for frame in frames if "-open" in frame]) <= most
        assert "w199" in frames[-1]


async def frames_of(page: Socket, worker: Worker, acknowledge: bool) -> list[str]:
    """Of an answer that takes three seconds."""

    async def generate() -> None:
        await sync_to_async(worker.start)()
        for n in range(60):
            await sync_to_async(worker.say)(f"w{n} ")
            await asyncio.sleep(0.05)
        await sync_to_async(worker.end)()

    generating = asyncio.create_task(generate())
    frames = [await page.frame()]
    while 'data-status="done"' not in frames[-1]:
        if acknowledge:
            await page.say({"seen": len(frames)})
        frames.append(await page.frame())
    await generating
    return frames


async def test_a_page_that_keeps_up_gets_every_frame(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        frames = await frames_of(page, worker, acknowledge=True)

        assert len(frames) > 2 * AHEAD - 10
        assert "w59" in frames[-1]


async def test_a_page_that_does_not_keep_up_gets_fewer(alice: User, worker: Worker) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)

        frames = await frames_of(page, worker, acknowledge=False)

        assert len(frames) < AHEAD + 6
        assert "w59" in frames[-1]


async def test_nothing_is_read_from_the_database_per_token(
    alice: User, worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_page(alice, socket_of(worker)) as page:
        await greet(page, worker)
        await sync_to_async(worker.start)()
        worker.say("one ")
        await page.until("one")
        queries = []
        monkeypatch.setattr(
            "django.db.backends.utils.CursorWrapper.execute",
            lambda self, sql, params=None: queries.append(sql),
        )

        for n in range(20):
            worker.say(f"w{n} ")
        await page.until("w19")

        assert queries == []
