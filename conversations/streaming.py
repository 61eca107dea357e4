"""Draws one live answer on one socket, from the token log, until the answer ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress

from django.utils.translation import gettext as _

from conversations import fragments, waiting
from conversations.markdown import BlockStream
from conversations.models import Message
from inference.models import Generation
from inference.token_log import Ended, Started, Tokens, follow

FRAME_SECONDS, LONGEST_PAUSE = 1 / 15, 0.5
RELATIVE_COST = 8
"""Pause at least so many times as long as the last frame took to draw, so that long open blocks
and many streams slow the frames down, not the server."""
TICK_SECONDS = 1.0
SILENT_TICKS = 3
"""So long without a token, the run may be waiting for another worker."""

Send = Callable[[str], Awaitable[None]]


class AnswerStream:
    """`send` takes a fragment and returns when the next one may follow: a slow socket gets fewer
    and larger frames, and nothing piles up but the text itself."""

    def __init__(self, message: Message, run: Generation, send: Send) -> None:
        self._message = message
        self._run = run
        self._send = send
        self._blocks = BlockStream()
        self._news = asyncio.Event()
        self._fresh = ""
        self._ended = asyncio.Event()
        self._has_text = self._drawn = False
        self._silent = 0
        self._line: str | None = None

    async def draw(self) -> None:
        """Returns when the run has ended; the final article is the caller's to draw."""
        resumed = self._run.attempt > 0
        reader = asyncio.create_task(self._read())
        try:
            if resumed:  # all that was generated before comes as one frame
                await self._pause(FRAME_SECONDS)
            while not self._ended.is_set():
                await self._step()
            await reader
        finally:
            reader.cancel()

    async def _read(self) -> None:
        try:
            async with aclosing(follow(self._run.pk)) as events:  # type: ignore[type-var]
                async for event in events:
                    match event:
                        case Started():
                            self._run.status = Generation.Status.RUNNING
                        case Tokens(text=text):
                            self._run.status = Generation.Status.RUNNING
                            self._fresh += text
                        case Ended():
                            break
                    self._silent = 0
                    self._news.set()
        finally:
            self._ended.set()
            self._news.set()

    async def _step(self) -> None:
        if not await self._has_news():
            await self._tick()
            return
        began = time.perf_counter()
        html = self._frame()
        cost = time.perf_counter() - began
        if html and not self._ended.is_set():
            await self._send(html)
            if self._has_text:  # the first text follows the start at once
                await self._pause(min(max(FRAME_SECONDS, cost * RELATIVE_COST), LONGEST_PAUSE))

    async def _pause(self, seconds: float) -> None:
        """Cut short by the run's end, as the whole answer is due then."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._ended.wait()

    async def _has_news(self) -> bool:
        try:
            async with asyncio.timeout(TICK_SECONDS):
                await self._news.wait()
        except TimeoutError:
            return False
        self._news.clear()
        return True

    def _frame(self) -> str:
        text, self._fresh = self._fresh, ""
        self._has_text = self._has_text or bool(text)
        frame = self._blocks.feed(text)
        if not self._drawn:
            self._drawn, self._line = True, ""
            return fragments.changed_message(self._message, frame)
        html = fragments.growth(self._message.pk, frame)
        if html and self._line:
            self._line = ""
            html += fragments.status(self._message, "", swap="true")
        return html

    async def _tick(self) -> None:
        """Nothing happened for a second: say what is being waited for."""
        self._silent += 1
        if self._silent >= SILENT_TICKS and self._run.status == Generation.Status.RUNNING:
            await self._run.arefresh_from_db(fields=["status"])
        line = await self._waiting_line()
        if line != self._line:
            self._line = line
            await self._send(fragments.status(self._message, line, swap="true"))

    async def _waiting_line(self) -> str:
        if self._run.status == Generation.Status.RUNNING and not self._has_text:
            return _("Reading…")
        return await waiting.aline(self._run)
