"""What is done again and again, and must go on whatever comes of it once."""

import logging
from collections.abc import Callable

import redis
from django.db import DatabaseError, close_old_connections

logger = logging.getLogger(__name__)


def attempt(duty: Callable[[], object]) -> None:
    """Never raises: what could not be done now is done the next time."""
    try:
        close_old_connections()
        duty()
    except (redis.RedisError, DatabaseError, OSError) as error:
        logger.warning("%s: %s", duty.__name__, error)
    except Exception:
        logger.exception("%s", duty.__name__)
