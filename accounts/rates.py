"""What is left of a limit, and how the headers of an answer tell it, as OpenAI's API does."""

import math
from dataclasses import dataclass
from typing import Literal

from django.http.response import HttpResponseBase


@dataclass(frozen=True)
class Rate:
    """`reset` is in seconds, until all of it is there again."""

    limit: int
    remaining: int
    reset: float


def tell(response: HttpResponseBase, kind: Literal["requests", "tokens"], rate: Rate) -> None:
    response[f"x-ratelimit-limit-{kind}"] = str(rate.limit)
    response[f"x-ratelimit-remaining-{kind}"] = str(rate.remaining)
    response[f"x-ratelimit-reset-{kind}"] = duration(rate.reset)


def duration(seconds: float) -> str:
    """Such as 120ms, 1s, 6m0s or 1h0m12s; rounded up, so that waiting for it suffices."""
    if 0 < seconds < 1:
        return f"{math.ceil(seconds * 1000)}ms"
    minutes, left = divmod(math.ceil(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours}h{minutes}m{left}s"
    return f"{minutes}m{left}s" if minutes else f"{left}s"
