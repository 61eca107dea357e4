"""Asking for chat completions as a program of alice's, and reading the streams that answer."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from django.test import AsyncClient

from chatsite.asgi import http

URL = "/v1/chat/completions"
HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "demo", "messages": HELLO} | fields).encode()


async def ask(key: dict[str, str], **fields: Any) -> Any:
    content = body(**fields)
    return await AsyncClient().post(URL, content, content_type="application/json", headers=key)


async def lines(response: Any) -> list[str]:
    assert response["Content-Type"] == "text/event-stream"
    streamed = b"".join([part async for part in response]).decode()
    return [event for event in streamed.split("\n\n") if event]


async def chunks(response: Any) -> list[dict[str, Any]]:
    *events, last = await lines(response)
    assert last == "data: [DONE]"
    return [json.loads(event.removeprefix("data: ")) for event in events]


class Browser:
    """What a server tells Django of a client, and what Django answers."""

    def __init__(self, key: dict[str, str], content: bytes, path: str = URL) -> None:
        self.answers: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._events: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._events.put_nowait({"type": "http.request", "body": content})
        self._scope = {
            "type": "http",
            "method": "POST",
            "path": path,
            "headers": [
                (b"host", b"localhost"),
                (b"content-length", str(len(content)).encode()),
                *((name.encode(), value.encode()) for name, value in key.items()),
            ],
        }

    async def run(self) -> None:
        await http(self._scope, self._events.get, self.answers.put)

    def go_away(self) -> None:
        self._events.put_nowait({"type": "http.disconnect"})


@asynccontextmanager
async def browser(key: dict[str, str], **fields: Any) -> AsyncIterator[Browser]:
    browser = Browser(key, body(**fields))
    task = asyncio.create_task(browser.run())
    yield browser
    browser.go_away()
    await asyncio.wait_for(task, 5)
