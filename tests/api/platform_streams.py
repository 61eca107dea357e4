"""Reading the platform's own streams, and going away from them."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from django.test import AsyncClient

from chatsite.asgi import http


@dataclass(frozen=True)
class Sent:
    """A server-sent event as its specification has it read."""

    name: str
    data: str

    @property
    def fields(self) -> dict[str, Any]:
        fields: dict[str, Any] = json.loads(self.data)
        assert fields["type"] == self.name
        return fields


def parse(stream: str) -> list[Sent]:
    return [event for block in stream.split("\n\n") if (event := _event(block.split("\n")))]


def _event(lines: list[str]) -> Sent | None:
    name, data = "message", []
    for line in lines:
        field, _colon, value = line.partition(":")
        value = value.removeprefix(" ")
        if field == "event":
            name = value
        elif field == "data":
            data.append(value)
    return Sent(name, "\n".join(data)) if data else None


async def post(key: dict[str, str], path: str, **body: Any) -> Any:
    return await AsyncClient().post(
        path, json.dumps(body), content_type="application/json", headers=key
    )


async def told(response: Any) -> list[Sent]:
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == "text/event-stream"
    return parse(b"".join([part async for part in response]).decode())


class Visitor:
    """A client as the server sees it, which may go away at any moment."""

    def __init__(self, key: dict[str, str], method: str, path: str, **body: Any) -> None:
        content = json.dumps(body).encode() if body else b""
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.stream = ""
        self._changed = asyncio.Event()
        self._requests: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._requests.put_nowait({"type": "http.request", "body": content})
        headers = {"host": "localhost", "content-length": str(len(content))} | key
        self._scope = {
            "type": "http",
            "method": method,
            "path": path,
            "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
        }

    async def run(self) -> None:
        await http(self._scope, self._requests.get, self._take)

    async def _take(self, message: dict[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status.set_result(message["status"])
        self.stream += message.get("body", b"").decode()
        self._changed.set()

    @property
    def events(self) -> list[Sent]:
        return parse(self.stream[: self.stream.rfind("\n\n") + 2])

    def named(self, name: str) -> list[dict[str, Any]]:
        return [event.fields for event in self.events if event.name == name]

    async def until(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        """The events of that name, once there are so many."""
        async with asyncio.timeout(5):
            while len(self.named(name)) < count:
                self._changed.clear()
                await self._changed.wait()
        return self.named(name)

    def go_away(self) -> None:
        self._requests.put_nowait({"type": "http.disconnect"})


@asynccontextmanager
async def visiting(
    key: dict[str, str], path: str, method: str = "POST", **body: Any
) -> AsyncIterator[Visitor]:
    visitor = Visitor(key, method, path, **body)
    task = asyncio.create_task(visitor.run())
    try:
        yield visitor
    finally:
        visitor.go_away()
        await asyncio.wait_for(task, 5)
