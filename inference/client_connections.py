"""Clients that stay connected for the answers to what they submit by other requests.

Who is connected is kept in Redis, as a submission may come to another web process than the one
that holds the connection. A new connection of a client takes the place of its last one.

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
MOST_OF_USER = 100
"""Connections at once, whatever keys they are of: each has one to Redis."""
MOST_JOBS = 100
"""Of one connection, that were not told to their end."""
RETRY_SECONDS = 1.0

_CONNECT = """
local now = redis.call('time')[1]
redis.call('zremrangebyscore', KEYS[3], '-inf', now)
if redis.call('zcard', KEYS[3]) >= tonumber(ARGV[3]) then return 0 end
redis.call('zadd', KEYS[3], now + ARGV[2], ARGV[1])
redis.call('expire', KEYS[3], ARGV[2])
redis.call('set', KEYS[1], ARGV[1], 'ex', ARGV[2])
return 1
"""
"""The user's connections are known with the times when they expire."""
_RENEW = """
if redis.call('get', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('zadd', KEYS[3], redis.call('time')[1] + ARGV[2], ARGV[1])
for _, key in ipairs(KEYS) do redis.call('expire', key, ARGV[2]) end
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
redis.call('zrem', KEYS[3], ARGV[1])
return entries
"""


class Gone(Exception):
    """The client is not connected, or not any more."""


class TooManyJobs(Exception):
    pass


class TooManyClients(Exception):
    pass


@dataclass(frozen=True)
class Client:
    """Known by the id it chose and by its owner, a key or a person: whoever else takes the same id
    has another client."""

    id: str
    user_id: int
    key_id: int | None = None

    @property
    def place(self) -> str:
        """Where Redis has who is connected."""
        owner = f"user-{self.user_id}" if self.key_id is None else f"key-{self.key_id}"
        return f"parley:client:{owner}:{self.id}"


@dataclass(frozen=True)
class Connection:
    client: Client
    token: str

    @property
    def keys(self) -> tuple[str, str, str]:
        """Who is connected, the runs it waits for, and all connections of its user."""
        of_user = f"parley:clients:{self.client.user_id}"
        return self.client.place, f"parley:jobs:{self.token}", of_user

    def open(self) -> bool:
        """False if its user has too many."""
        return bool(self._call(_CONNECT, LIFETIME_SECONDS, MOST_OF_USER))

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
        return shared_redis().eval(script, 3, *self.keys, self.token, *arguments)


def connect(client: Client) -> Connection:
    """Raises TooManyClients; RedisError."""
    connection = Connection(client, uuid4().hex)
    if not connection.open():
        raise TooManyClients
    return connection


def find(client: Client) -> Connection:
    """Raises Gone; RedisError."""
    token = shared_redis().get(client.place)
    if token is None:
        raise Gone
    return Connection(client, str(token))


def _entries(replies: Any) -> Any:
    """Of the one stream that XREAD was asked for; its answer's form depends on the protocol."""
    [chunk] = replies.values() if isinstance(replies, dict) else [of for _stream, of in replies]
    return chunk[0] if isinstance(replies, dict) else chunk
