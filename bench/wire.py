"""A small HTTP/1.1 client on asyncio's streams.

The clients run on the cores that are being measured, so they must cost next to nothing. An HTTP
library spends more on a streamed token than the server does.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

LONGEST_LINE = 1 << 22
PROBLEM_LENGTH = 500


class Refused(Exception):
    """An answer that is no success; the message has its status and the beginning of its body."""


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes = b""

    def encode(self, host: str) -> bytes:
        headers = {
            "Host": host,
            "Connection": "close",
            "Content-Length": str(len(self.body)),
            **self.headers,
        }
        lines = [f"{self.method} {self.path} HTTP/1.1"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


class Exchange:
    """One request and its response, on a connection of its own. Leaving it early hangs up."""

    status = 0

    def __init__(self, url: str, request: Request) -> None:
        self.headers: dict[str, str] = {}
        self._address = urlsplit(url)
        self._request = request

    async def __aenter__(self) -> Self:
        host, port = self._address.hostname, self._address.port
        self._reader, self._writer = await asyncio.open_connection(host, port, limit=LONGEST_LINE)
        self._writer.write(self._request.encode(f"{host}:{port}"))
        await self._writer.drain()
        self.status = int((await self._reader.readline()).split()[1])
        while line := (await self._reader.readline()).decode().strip():
            name, _, value = line.partition(":")
            self.headers[name.lower()] = value.strip()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.close()

    async def body(self) -> bytes:
        return b"".join([part async for part in self._parts()])

    async def events(self) -> AsyncIterator[dict[str, Any]]:
        """The JSON objects of server-sent events, up to [DONE]."""
        waiting = b""
        async for part in self._parts():
            *lines, waiting = (waiting + part).split(b"\n")
            for line in lines:
                if line.startswith(b"data: {"):
                    yield json.loads(line[6:])

    async def _parts(self) -> AsyncIterator[bytes]:
        if "chunked" not in self.headers.get("transfer-encoding", ""):
            length = int(self.headers.get("content-length", -1))
            yield await (self._reader.readexactly(length) if length >= 0 else self._reader.read())
            return
        while size := int(await self._reader.readline(), 16):
            yield await self._reader.readexactly(size)
            await self._reader.readline()

    async def raise_if_refused(self) -> None:
        if self.status >= 400:
            text = (await self.body()).decode(errors="replace")
            raise Refused(f"{self._request.path}: {self.status} {text[:PROBLEM_LENGTH]}")


def json_request(path: str, payload: Mapping[str, Any], key: str = "") -> Request:
    headers = {"Content-Type": "application/json"}
    if key:
        headers["Authorization"] = f"Bearer {key}"
    return Request("POST", path, headers, json.dumps(payload).encode())
