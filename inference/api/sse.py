"""Server-sent events whose reader may go away at any moment."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

from django.http import StreamingHttpResponse

DONE = "data: [DONE]\n\n"


def event(payload: dict[str, Any]) -> str:
    return f"data: {json.dumps(payload, ensure_ascii=False, separators=(',', ':'))}\n\n"


def comment(text: str) -> str:
    """Of one line. Readers pass it over; it keeps the connection from being closed as idle."""
    return f": {text}\n\n"


class EventSource:
    """What a response streams. Django closes it when all is sent, and as well when the client is
    gone, whether or not anything had been read from it by then."""

    def __init__(self, events: AsyncIterator[str], on_close: Callable[[], None]) -> None:
        self._events = events
        self._on_close = on_close

    def __aiter__(self) -> AsyncIterator[str]:
        return self._events

    def close(self) -> None:
        self._on_close()


def stream(events: AsyncIterator[str], on_close: Callable[[], None]) -> StreamingHttpResponse:
    """`on_close` is called in a thread that may use the database."""
    return StreamingHttpResponse(
        EventSource(events, on_close),
        content_type="text/event-stream",
        headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
    )
