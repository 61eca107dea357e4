"""Draws one live answer on one socket, from the token log, until the answer ends."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing, suppress
from dataclasses import dataclass

from django.utils.translation import gettext as _

from conversations import fragments, waiting
from conversations.live_answers import NOTHING, Begun, Grown, LiveAnswer
from conversations.thoughts import Thought
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


@dataclass(frozen=True)
class Canvas:
    """Where an answer is drawn."""

    id: str
    """Of its element."""
    whole: Callable[[Grown], str]
    """The element with what the answer has grown to."""
    wording: Callable[[str], str] = str
    """What to say of what is being waited for."""
    begun: Begun = NOTHING
    """What it had before, if it goes on."""


class AnswerStream:
    """`send` takes a fragment and returns when the next one may follow: a slow socket gets fewer
    and larger frames, and nothing piles up but the text itself."""

    def __init__(self, canvas: Canvas, run: Generation, send: Send) -> None:
        self._canvas = canvas
        self._run = run
        self._send = send
        self._answer = LiveAnswer(canvas.begun)
        self._news = asyncio.Event()
        self._ended = asyncio.Event()
        self._drawn: Grown | None = None
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
                        case Tokens():
                            self._run.status = Generation.Status.RUNNING
                            self._answer.take(event)
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
            if not self._answer.is_new:  # the first text follows the start at once
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
        before, grown = self._drawn, self._answer.draw()
        self._drawn = grown
        if before is None:
            self._line = ""
            return self._canvas.whole(grown)
        html = self._growth_of_thought(grown.thought, before.thought)
        html += fragments.growth(self._canvas.id, grown.answer)
        if html and self._line:
            self._line = ""
            html += fragments.status(self._canvas.id, "", swap="true")
        return html

    def _growth_of_thought(self, thought: Thought | None, before: Thought | None) -> str:
        if thought is None:
            return ""
        return fragments.growth_of_thought(self._canvas.id, thought, before)

    async def _tick(self) -> None:
        """Nothing happened for a second: say what is being waited for."""
        self._silent += 1
        if self._silent >= SILENT_TICKS and self._run.status == Generation.Status.RUNNING:
            await self._run.arefresh_from_db(fields=["status"])
        line = self._canvas.wording(await self._waiting_line())
        if line != self._line:
            self._line = line
            await self._send(fragments.status(self._canvas.id, line, swap="true"))

    async def _waiting_line(self) -> str:
        if self._run.status == Generation.Status.RUNNING and self._answer.is_new:
            return _("Reading…")
        return await waiting.aline(self._run)
