"""From runs to the token log, with one round trip to Redis for all runs of a step."""

import logging
import time
from collections.abc import Sequence
from typing import Protocol

import redis

from inference.models import Generation
from inference.token_log import Event, TokenLog

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


class Publishable(Protocol):
    generation: Generation
    is_lost: bool

    def event(self) -> Event | None:
        """What is new in it."""


def publish(log: TokenLog, runs: Sequence[Publishable]) -> None:
    """Append what is new in `runs`, and mark those that another worker has taken over.

    While Redis is away, or takes nothing because its memory or disk is full, this waits; the
    engine goes on, and its outputs queue up.
    """
    entries = [(run.generation.pk, event) for run in runs if (event := run.event())]
    if not entries:
        return
    while True:
        try:
            lost = log.write(entries)
            break
        except redis.RedisError as error:
            logger.warning("generated tokens wait for Redis: %s", error)
            time.sleep(RETRY_SECONDS)
    for run in runs:
        run.is_lost |= run.generation.pk in lost
