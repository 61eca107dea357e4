"""A page's socket, as its script uses it, against the real routing, sessions and Redis."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async
from channels.testing import WebsocketCommunicator
from django.test import Client

from accounts.models import User
from chatsite.asgi import application

PATIENCE = 10.0


class Socket:
    def __init__(self, cookies: str, path: str, origin: str = "http://localhost") -> None:
        headers = [(b"origin", origin.encode()), (b"cookie", cookies.encode())]
        self.communicator = WebsocketCommunicator(application, path, headers)

    async def connect(self) -> bool:
        is_open, _ = await self.communicator.connect(PATIENCE)
        if not is_open:
            await self.disconnect()
        return bool(is_open)

    async def disconnect(self) -> None:
        await self.communicator.disconnect(timeout=PATIENCE)

    async def hello(self, last: int = 0, live: list[int] | None = None, sidebar: str = "") -> None:
        await self.say({"hello": {"last": last, "live": live or [], "sidebar": sidebar}})

    async def say(self, message: object) -> None:
        await self.communicator.send_to(text_data=json.dumps(message))

    async def frame(self, timeout: float = PATIENCE) -> str:
        return str(await self.communicator.receive_from(timeout))

    async def until(self, *words: str) -> list[str]:
        """The frames up to the first that has all these words."""
        frames = [await self.frame()]
        while not all(word in frames[-1] for word in words):
            frames.append(await self.frame())
        return frames

    async def is_silent(self, seconds: float = 0.3) -> bool:
        return bool(await self.communicator.receive_nothing(seconds, 0.05))

    async def closes_with(self) -> int:
        while True:
            message = await self.communicator.receive_output(PATIENCE)
            if message["type"] == "websocket.close":
                return int(message["code"])


@sync_to_async
def cookies_of(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


@asynccontextmanager
async def open_page(user: User, path: str) -> AsyncIterator[Socket]:
    async with opened(Socket(await cookies_of(user), path)) as socket:
        yield socket


@asynccontextmanager
async def opened(socket: Socket) -> AsyncIterator[Socket]:
    assert await socket.connect()
    try:
        yield socket
    finally:
        await socket.disconnect()
