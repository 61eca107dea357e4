"""Server-sent events whose reader may go away at any moment."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextvars import ContextVar
from json.encoder import encode_basestring
from typing import Any

from channels.db import database_sync_to_async
from django.http import StreamingHttpResponse

DONE = "data: [DONE]\n\n"


compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
quoted = encode_basestring
"""A text as JSON has it, a good deal faster than by way of an encoder."""


def event(payload: dict[str, Any]) -> str:
    return f"data: {compact(payload)}\n\n"


class Frame:
    """What is the same in all chunks of a stream: all but what is in the one choice."""

    def __init__(self, head: dict[str, Any], includes_usage: bool) -> None:
        self._before = f'data: {compact(head)[:-1]},"choices":[{{'
        self._after = '}],"usage":null}\n\n' if includes_usage else "}]}\n\n"

    def around(self, choice: str) -> str:
        """`choice` has the fields of a JSON object, without its braces."""
        return self._before + choice + self._after


def named(payload: dict[str, Any]) -> str:
    """With its type as the event's name."""
    return f"event: {payload['type']}\n{event(payload)}"


def comment(text: str) -> str:
    """Of one line. Readers pass it over; it keeps the connection from being closed as idle."""
    return f": {text}\n\n"


class EventSource:
    """What a response streams. Django closes it when all is sent, and as well when the client is
    gone, whether or not anything had been read from it by then; but not if the client goes while
    the response is still on its way through the middlewares. For that there is `closed_at_end`."""

    def __init__(self, events: AsyncIterator[str], on_close: Callable[[], None]) -> None:
        self.is_closed = False
        self._events = events
        self._on_close = on_close

    def __aiter__(self) -> AsyncIterator[str]:
        return self._events

    def close(self) -> None:
        self.is_closed = True
        self._on_close()


class _Opened:
    """The event sources of one request."""

    def __init__(self) -> None:
        self._sources: list[EventSource] = []
        self._is_over = False

    def add(self, source: EventSource) -> None:
        self._sources.append(source)
        if self._is_over:
            self.close()

    def close(self) -> None:
        """Does not wait, as whoever calls may be cancelled. For the event loop."""
        self._is_over = True
        for source in self._sources:
            if not source.is_closed:
                closing = asyncio.ensure_future(
                    database_sync_to_async(source.close, thread_sensitive=False)()
                )
                _closing.add(closing)
                closing.add_done_callback(_closing.discard)


_closing: set[asyncio.Future[None]] = set()
"""The event loop itself does not hold on to them."""
_opened: ContextVar[_Opened | None] = ContextVar("opened", default=None)

Application = Callable[[Any, Any, Any], Awaitable[None]]


def closed_at_end(application: Application) -> Application:
    """Around Django's: however a request ends, the event sources that it has opened are closed."""

    async def closing(scope: Any, receive: Any, send: Any) -> None:
        opened = _Opened()
        _opened.set(opened)
        try:
            await application(scope, receive, send)
        finally:
            opened.close()

    return closing


def stream(events: AsyncIterator[str], on_close: Callable[[], None]) -> StreamingHttpResponse:
    """`on_close` is called in a thread that may use the database."""
    source = EventSource(events, on_close)
    if opened := _opened.get():
        opened.add(source)
    return StreamingHttpResponse(
        source,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )
