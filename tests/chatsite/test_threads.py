"""Requests and the threads that are lent to them."""

import asyncio
import threading
from collections.abc import Callable
from typing import Any

from asgiref.sync import sync_to_async

from chatsite import threads
from chatsite.threads import LentThreads


class Requests:
    """Each runs a job in its thread, and then tells which that was."""

    def __init__(self) -> None:
        self._application = LentThreads(self._answer)

    async def answer(self, job: Callable[[], object] = threading.get_ident) -> int:
        told: list[int] = []
        await self._application({"job": job}, None, told.append)
        return told[0]

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await sync_to_async(scope["job"])()
        send(await sync_to_async(threading.get_ident)())


async def test_a_thread_is_lent_again() -> None:
    requests = Requests()

    assert await requests.answer() == await requests.answer()


async def test_requests_at_the_same_time_have_threads_of_their_own() -> None:
    requests = Requests()
    meeting = threading.Barrier(3, timeout=5)

    idents = await asyncio.gather(*(requests.answer(meeting.wait) for _ in range(3)))

    assert len(set(idents)) == 3


async def test_what_a_cancelled_request_still_does_keeps_no_other_waiting() -> None:
    requests = Requests()
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(5)

    cancelled = asyncio.ensure_future(requests.answer(work))
    await asyncio.to_thread(begun.wait, 5)
    cancelled.cancel()

    async with asyncio.timeout(2):
        assert await requests.answer()
    may_end.set()


async def test_not_more_are_kept_than_are_needed(monkeypatch: Any) -> None:
    monkeypatch.setattr(threads, "KEPT", 2)
    requests = Requests()
    meeting = threading.Barrier(5, timeout=5)
    idents = await asyncio.gather(*(requests.answer(meeting.wait) for _ in range(5)))

    async with asyncio.timeout(5):
        while len({thread.ident for thread in threading.enumerate()} & set(idents)) > 2:
            await asyncio.sleep(0.01)
