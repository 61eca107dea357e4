"""Server-sent events whose reader may go away at any moment."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
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
    gone, whether or not anything had been read from it by then; but not when the client goes while
    the response is on its way through the middlewares."""

    def __init__(self, events: AsyncIterator[str], on_close: Callable[[], None]) -> None:
        self._events = events
        self._on_close = on_close

    def __aiter__(self) -> AsyncIterator[str]:
        return self._events

    def close(self) -> None:
        self._on_close()

    def close_if_lost(self, request: asyncio.Task[Any]) -> None:
        """For the end of the task that answers the request."""
        if request.cancelled():
            closing = asyncio.ensure_future(
                database_sync_to_async(self.close, thread_sensitive=False)()
            )
            _closing.add(closing)
            closing.add_done_callback(_closing.discard)


_closing: set[asyncio.Future[None]] = set()
"""The event loop itself does not hold on to them."""


def stream(events: AsyncIterator[str], on_close: Callable[[], None]) -> StreamingHttpResponse:
    """`on_close` is called in a thread that may use the database."""
    source = EventSource(events, on_close)
    if request := asyncio.current_task():
        request.add_done_callback(source.close_if_lost)
    return StreamingHttpResponse(
        source,
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )
