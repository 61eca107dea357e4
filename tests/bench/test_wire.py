"""The bench's HTTP client, against a server that sends what it is told to."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bench.wire import Exchange, Refused, json_request


@asynccontextmanager
async def serving(*parts: bytes) -> AsyncIterator[str]:
    """A server of one answer, sent in these parts; its address."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(0)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        host, port = server.sockets[0].getsockname()
        yield f"http://{host}:{port}"


def chunk(data: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(data), data)


async def test_an_event_may_come_in_pieces() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    pieces = (b'data: {"a": ', b'1}\n\ndata: {"a": 2}\n\n', b"data: [DONE]\n\n")
    async with (
        serving(head, *map(chunk, pieces), chunk(b"")) as url,
        Exchange(url, json_request("/", {})) as exchange,
    ):
        assert [event async for event in exchange.events()] == [{"a": 1}, {"a": 2}]


async def test_a_body_has_its_length() -> None:
    async with (
        serving(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nbody and more") as url,
        Exchange(url, json_request("/", {})) as exchange,
    ):
        assert await exchange.body() == b"body"


async def test_a_refusal_says_why() -> None:
    async with (
        serving(b"HTTP/1.1 429 Too Many\r\nContent-Length: 8\r\n\r\ntoo many") as url,
        Exchange(url, json_request("/asked", {})) as exchange,
    ):
        with pytest.raises(Refused, match="/asked: 429 too many"):
            await exchange.raise_if_refused()
