"""The writing side, in workers, and the reading of what an earlier attempt wrote."""

from collections.abc import Iterable
from functools import cache
from typing import Any, Self
from uuid import UUID

import redis
from django.conf import settings

from inference.token_log.events import Ended, Event, Started, Tokens, decode, encode, key, place

LIVE_SECONDS = 7 * 24 * 3600
ENDED_SECONDS = 3600
"""How long readers can still replay a finished run."""
EMBEDDED_SECONDS = 60
"""The same of an embedding, which can take megabytes and has one reader."""


class TokenLog:
    """Safe to use from several threads. Raises redis.ConnectionError while Redis is away."""

    def __init__(self, connection: "redis.Redis") -> None:
        self._redis = connection

    @classmethod
    @cache
    def default(cls) -> Self:
        return cls(redis.Redis.from_url(settings.REDIS_URL, decode_responses=True))

    def write(
        self, entries: Iterable[tuple[UUID, Event]], ended_seconds: int = ENDED_SECONDS
    ) -> set[UUID]:
        """Append all entries or none; writing one again changes nothing. A log that has ended can
        be read for `ended_seconds`.

        Returns the runs that a newer attempt has taken over, whose entries were refused.
        """
        written = list(entries)
        pipeline = self._redis.pipeline(transaction=True)
        for generation_id, event in written:
            pipeline.xadd(key(generation_id), encode(event), id=event.id)  # type: ignore[arg-type]
        results = pipeline.execute(raise_on_error=False)
        self._set_lifetimes(written, ended_seconds)
        refused = (e for e, result in zip(written, results, strict=True) if _failed(result))
        return {
            generation_id for generation_id, event in refused if self._lost(generation_id, event)
        }

    def events(self, generation_id: UUID) -> list[Event]:
        entries: Any = self._redis.xrange(key(generation_id))
        return [decode(at, fields) for at, fields in entries]

    def generated(self, generation_id: UUID) -> list[Tokens]:
        """So far, over all attempts."""
        return [event for event in self.events(generation_id) if isinstance(event, Tokens)]

    def tokens(self, generation_id: UUID) -> list[int]:
        return [token for event in self.generated(generation_id) for token in event.ids]

    def text(self, generation_id: UUID) -> str:
        return "".join(event.text for event in self.generated(generation_id))

    def delete(self, generation_ids: Iterable[UUID]) -> None:
        if keys := [key(generation_id) for generation_id in generation_ids]:
            self._redis.delete(*keys)

    def publish(self, channel: str, message: str) -> None:
        self._redis.publish(channel, message)

    def _set_lifetimes(self, entries: list[tuple[UUID, Event]], ended_seconds: int) -> None:
        for generation_id, event in entries:
            if isinstance(event, Started):
                self._redis.expire(key(generation_id), LIVE_SECONDS)
            elif isinstance(event, Ended):
                self._redis.expire(key(generation_id), ended_seconds)

    def _lost(self, generation_id: UUID, event: Event) -> bool:
        newest: Any = self._redis.xrevrange(key(generation_id), count=1)
        [(last, _)] = newest
        return place(last)[0] > place(event.id)[0]


def _failed(result: object) -> bool:
    if isinstance(result, redis.ResponseError):
        if "equal or smaller" in str(result):
            return True
        raise result
    return False
