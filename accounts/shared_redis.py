"""The connections of this process to Redis, for whatever keeps something small there.

It is in this package as all others know it.
"""

from functools import cache

import redis
from django.conf import settings


@cache
def shared_redis() -> "redis.Redis":
    """Safe to use from several threads; texts come as str. Its calls raise redis.RedisError."""
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True)
