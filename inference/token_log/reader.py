"""The reading side, in web processes: one blocking XREAD serves every follower of the process."""

import asyncio
import logging
import math
import time
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import aclosing
from functools import partial
from typing import Any
from uuid import UUID, uuid4
from weakref import WeakKeyDictionary

import redis.asyncio as aioredis
from channels.db import database_sync_to_async
from django.conf import settings
from redis.exceptions import RedisError

from inference.models import Generation
from inference.token_log.events import Ended, Event, decode, key, place

logger = logging.getLogger(__name__)

MOST_WAITING = 1000
"""Events kept for a slow follower; beyond that it re-reads the stream at its own pace."""
CHECK_SECONDS = 5.0
"""Without an event for so long, the run's row is looked at: its end may not have been logged."""
RETRY_SECONDS = 0.5
WAKE_SECONDS = 60


class Follower:
    def __init__(self, stream: str) -> None:
        self.stream = stream
        self.waiting: deque[Event] = deque()
        self.overflowed = False
        self._news = asyncio.Event()

    def give(self, events: Iterable[Event]) -> None:
        if not self.overflowed:
            self.waiting.extend(events)
            self.overflowed = len(self.waiting) > MOST_WAITING
        self._news.set()

    def start_over(self) -> None:
        """Drop what waits; the stream is read again from the last event seen."""
        self.waiting.clear()
        self.overflowed = False

    async def wait(self, seconds: float) -> bool:
        """Whether there is news within that time."""
        try:
            async with asyncio.timeout(seconds):  # wait_for may lose a cancellation
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True


class Reader:
    """Belongs to one event loop."""

    def __init__(self) -> None:
        self._redis = aioredis.Redis.from_url(
            settings.REDIS_URL, decode_responses=True, socket_timeout=None
        )
        self._followers: dict[str, set[Follower]] = {}
        self._read_up_to: dict[str, str] = {}
        self._wake = f"parley:wake:{uuid4()}"
        self._task: asyncio.Task[None] | None = None

    async def follow(
        self, generation_id: UUID, after: str = "0", quiet_seconds: float = math.inf
    ) -> AsyncGenerator[Event | None]:
        follower = Follower(key(generation_id))
        seen, news_at = after, time.monotonic()
        try:
            while True:
                follower.start_over()
                for event in await self._catch_up(follower, seen):
                    seen = event.id
                    yield event
                    if isinstance(event, Ended):
                        return
                patience = min(CHECK_SECONDS, quiet_seconds)
                while not follower.overflowed and await follower.wait(patience):
                    news_at = time.monotonic()
                    while follower.waiting:
                        event = follower.waiting.popleft()
                        if place(event.id) <= place(seen):
                            continue
                        seen = event.id
                        yield event
                        if isinstance(event, Ended):
                            return
                if follower.overflowed:
                    continue
                if end := await _end_in_row(generation_id, seen):
                    for event in await self._range(follower.stream, seen):
                        yield event
                        if isinstance(event, Ended):
                            return
                    yield end
                    return
                if time.monotonic() - news_at >= quiet_seconds:
                    news_at = time.monotonic()
                    yield None
        finally:
            self._remove(follower)

    async def _catch_up(self, follower: Follower, seen: str) -> list[Event]:
        """What has been written since `seen`; what comes later is given to the follower."""
        events: list[Event] = []
        while True:
            events += await self._range(follower.stream, events[-1].id if events else seen)
            last = events[-1].id if events else seen
            read_up_to = self._read_up_to.setdefault(follower.stream, last)
            if place(read_up_to) <= place(last):
                break
        followers = self._followers.setdefault(follower.stream, set())
        is_new = not followers
        followers.add(follower)
        if is_new:
            await self._read_also_this()
        return events

    async def _range(self, stream: str, after: str) -> list[Event]:
        while True:
            try:
                entries: Any = await self._redis.xrange(stream, min=f"({after}")
                return [decode(at, fields) for at, fields in entries]
            except RedisError:
                logger.warning("the token log cannot be read; trying again")
                await asyncio.sleep(RETRY_SECONDS)

    async def _read_also_this(self) -> None:
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._read())
            return
        try:  # end the XREAD under way, which does not know the new stream
            await self._redis.xadd(self._wake, {"": ""}, maxlen=1)
            await self._redis.expire(self._wake, WAKE_SECONDS)
        except RedisError:
            pass  # then that XREAD has ended too

    def _remove(self, follower: Follower) -> None:
        followers = self._followers.get(follower.stream, set())
        followers.discard(follower)
        if not followers:
            self._followers.pop(follower.stream, None)
            self._read_up_to.pop(follower.stream, None)

    async def _read(self) -> None:
        woken = "0"
        while self._followers:
            streams = {stream: self._read_up_to[stream] for stream in self._followers}
            try:
                replies = await self._redis.xread(
                    {**streams, self._wake: woken},  # type: ignore[dict-item]
                    block=int(CHECK_SECONDS * 1000),
                )
            except RedisError:
                logger.warning("the token log cannot be read; trying again")
                await asyncio.sleep(RETRY_SECONDS)
                continue
            for stream, entries in _pairs(replies):
                if stream == self._wake:
                    woken = entries[-1][0]
                elif stream in self._followers:
                    self._hand_out(stream, [decode(at, fields) for at, fields in entries])

    def _hand_out(self, stream: str, events: list[Event]) -> None:
        self._read_up_to[stream] = events[-1].id
        for follower in self._followers[stream]:
            follower.give(events)


def _pairs(replies: Any) -> list[tuple[str, list[tuple[str, dict[str, str]]]]]:
    """XREAD's answer, whose form depends on the protocol's version."""
    if isinstance(replies, dict):
        return [(stream, chunk) for stream, chunks in replies.items() for chunk in chunks]
    return list(replies or [])


# Not in the request's own thread, which may be gone while its stream still runs.
@partial(database_sync_to_async, thread_sensitive=False)
def _end_in_row(generation_id: UUID, seen: str) -> Ended | None:
    row = Generation.objects.filter(pk=generation_id).first()
    if row is None:
        return Ended(seen, Generation.Status.FAILED, Generation.Reason.ERROR)
    return None if row.is_live else Ended(seen, row.status, row.reason, row.error)


_readers: WeakKeyDictionary[asyncio.AbstractEventLoop, Reader] = WeakKeyDictionary()


async def follow(generation_id: UUID, after: str = "0") -> AsyncIterator[Event]:
    """Every event after `after`, exactly once and in order, up to and with Ended.

    Close the iterator (contextlib.aclosing) to stop following.
    """
    async with aclosing(_reader().follow(generation_id, after)) as events:
        async for event in events:
            if event is not None:
                yield event


def follow_closely(generation_id: UUID, quiet_seconds: float) -> AsyncGenerator[Event | None]:
    """Every event of the run, and None whenever there was none for so long. To be closed, too."""
    return _reader().follow(generation_id, quiet_seconds=quiet_seconds)


def _reader() -> Reader:
    return _readers.setdefault(asyncio.get_running_loop(), Reader())
