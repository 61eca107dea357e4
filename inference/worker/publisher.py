"""From runs to the token log, with one round trip to Redis for all runs of a step."""

import logging
import time

import redis

from inference.token_log import TokenLog
from inference.worker.run import Run

logger = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


def publish(log: TokenLog, runs: list[Run]) -> None:
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
