"""Clients that stay connected for the answers to what they submit by other requests.

Who is connected is kept in Redis, as a submission may come to another web process than the one
that holds the connection. A client is known by the id it chose and by its owner, so whoever else
takes the same id has another client. A new connection of a client takes the place of its last one.

Each connection has a stream of the runs it waits for, in their order. A run stays in it until it
was told to its end, so that none is lost, and whatever is left when the connection closes can be
stopped. What a dead web process leaves behind expires.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import redis.asyncio as aioredis
from django.conf import settings
from redis.exceptions import RedisError

from accounts.shared_redis import shared_redis

LIFETIME_SECONDS = 30
"""Of a connection that is not renewed."""
MOST_JOBS = 100
"""Of one connection, that were not told to their end."""
RETRY_SECONDS = 1.0

_RENEW = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('expire', KEYS[1], ARGV[2])
redis.call('expire', KEYS[2], ARGV[2])
return 1
"""
_SUBMIT = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return -1 end
if redis.call('xlen', KEYS[2]) >= tonumber(ARGV[3]) then return 0 end
redis.call('xadd', KEYS[2], '*', 'run', ARGV[4])
redis.call('expire', KEYS[2], ARGV[2])
return redis.call('xlen', KEYS[2])
"""
_CLOSE = """
if redis.call('get', KEYS[1]) == ARGV[1] then redis.call('del', KEYS[1]) end
local entries = redis.call('xrange', KEYS[2], '-', '+')
redis.call('del', KEYS[2])
return entries
"""


class Gone(Exception):
    """The client is not connected, or not any more."""


class TooManyJobs(Exception):
    pass


@dataclass(frozen=True)
class Connection:
    owner: str
    client_id: str
    token: str

    @property
    def keys(self) -> tuple[str, str]:
        """Who is connected, and the runs it waits for."""
        return _client(self.owner, self.client_id), f"parley:jobs:{self.token}"

    def submit(self, run: UUID) -> int:
        """How many runs it waits for then. Raises Gone, TooManyJobs."""
        waiting: Any = self._call(_SUBMIT, LIFETIME_SECONDS, MOST_JOBS, str(run))
        if waiting < 0:
            raise Gone
        if waiting == 0:
            raise TooManyJobs
        return int(waiting)

    def renew(self) -> bool:
        """False if another has taken its place, or it has expired."""
        return bool(self._call(_RENEW, LIFETIME_SECONDS))

    def close(self) -> list[UUID]:
        """The runs that were not told to their end; none when Redis is away."""
        with suppress(RedisError):
            entries: Any = self._call(_CLOSE)
            return [UUID(fields[1]) for _at, fields in entries]
        return []

    async def jobs(self, patience: float) -> AsyncGenerator[UUID | None]:
        """The runs as they come; each is done with when the next one is asked for. None whenever
        there was none for `patience` seconds, or when Redis is away."""
        stream, seen = self.keys[1], "0"
        # With a timeout of its own, the client could lose a cancellation on Python 3.11.
        connection = aioredis.Redis.from_url(
            settings.REDIS_URL, decode_responses=True, socket_timeout=None
        )
        async with connection:
            while True:
                try:
                    replies: Any = await connection.xread(
                        {stream: seen}, count=1, block=int(patience * 1000)
                    )
                    if not replies:
                        yield None
                        continue
                    [(seen, fields)] = _entries(replies)
                    yield UUID(fields["run"])
                    await connection.xdel(stream, seen)
                except RedisError:
                    await asyncio.sleep(RETRY_SECONDS)
                    yield None

    def _call(self, script: str, *arguments: str | int) -> Any:
        return shared_redis().eval(script, 2, *self.keys, self.token, *arguments)


def connect(owner: str, client_id: str) -> Connection:
    """Raises RedisError."""
    connection = Connection(owner, client_id, uuid4().hex)
    shared_redis().set(connection.keys[0], connection.token, ex=LIFETIME_SECONDS)
    return connection


def find(owner: str, client_id: str) -> Connection:
    """Raises Gone; RedisError."""
    token = shared_redis().get(_client(owner, client_id))
    if token is None:
        raise Gone
    return Connection(owner, client_id, str(token))


def _client(owner: str, client_id: str) -> str:
    return f"parley:client:{owner}:{client_id}"


def _entries(replies: Any) -> Any:
    """Of the one stream that XREAD was asked for; its answer's form depends on the protocol."""
    [chunk] = replies.values() if isinstance(replies, dict) else [of for _stream, of in replies]
    return chunk[0] if isinstance(replies, dict) else chunk
