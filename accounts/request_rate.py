"""How many requests a key may make in a minute.

A sliding window: each request is written down with its time, and there are never more than the
limit within any 60 seconds. What was refused does not count.
"""

import math
from functools import cache
from typing import Any
from uuid import uuid4

import redis
from django.http import HttpRequest
from django.utils.translation import gettext as _

from accounts.models import APIKey
from accounts.problem import Problem
from accounts.rates import Rate
from accounts.shared_redis import shared_redis

WINDOW_SECONDS = 60

COUNT = """
local moment = redis.call('TIME')
local now = moment[1] * 1000000 + moment[2]
local window = tonumber(ARGV[1]) * 1000000
local found, full = {}, false
for at, key in ipairs(KEYS) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    full = full or redis.call('ZCARD', key) >= tonumber(ARGV[at + 2])
end
for at, key in ipairs(KEYS) do
    if not full then
        redis.call('ZADD', key, now, ARGV[2])
        redis.call('PEXPIRE', key, ARGV[1] * 1000)
    end
    local oldest = redis.call('ZRANGE', key, 0, 0, 'WITHSCORES')[2] or now
    local newest = redis.call('ZRANGE', key, -1, -1, 'WITHSCORES')[2] or now
    found[at] = {redis.call('ZCARD', key), oldest + window - now, newest + window - now}
end
return {full and 0 or 1, found}
"""
"""For each window: how many requests are in it, and in how many microseconds the oldest and the
newest of them leave it. The request is added to all of them, or, if one is full, to none."""


def count(request: HttpRequest, key: APIKey) -> None:
    """Counts the request for its key, and for the key that made that one; `request.rate` is then
    what is left, if there is a limit. Raises Problem when nothing is. While Redis is away,
    everything passes."""
    limits = {each.pk: each.requests_per_minute for each in key.lineage}
    limited = {pk: limit for pk, limit in limits.items() if limit is not None}
    if not limited:
        return
    try:
        passes, windows = _count(limited)
    except redis.RedisError:
        return
    rates = [
        (Rate(limit, max(limit - used, 0), newest / 1e6), oldest / 1e6)
        for limit, (used, oldest, newest) in zip(limited.values(), windows, strict=True)
    ]
    tightest, wait = min(rates, key=lambda pair: (pair[0].remaining, -pair[1]))
    request.rate = tightest  # type: ignore[attr-defined]
    if not passes:
        message = _("This API key may make %(limit)d requests a minute.")
        raise Problem(
            429,
            "rate_limit_exceeded",
            message % {"limit": tightest.limit},
            retry_after=max(math.ceil(wait), 1),
        )


def _count(limits: dict[int, int]) -> Any:
    keys = [f"parley:requests:{pk}" for pk in limits]
    return _script()(keys=keys, args=[WINDOW_SECONDS, uuid4().hex, *limits.values()])


@cache
def _script() -> Any:
    return shared_redis().register_script(COUNT)
