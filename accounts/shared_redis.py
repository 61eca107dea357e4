"""The connections of this process to Redis, for whatever keeps something small there.

It is in this package as all others know it.
"""

from functools import cache

import redis
from django.conf import settings
from redis.backoff import ConstantBackoff
from redis.retry import Retry

RETRY = Retry(ConstantBackoff(0.05), 2)
"""By itself the client would try again for several seconds, in which a request waits: what asks
here goes on without Redis, or says at once that it can't."""


@cache
def shared_redis() -> "redis.Redis":
    """Safe to use from several threads; texts come as str. Its calls raise redis.RedisError."""
    return redis.Redis.from_url(settings.REDIS_URL, decode_responses=True, retry=RETRY)
