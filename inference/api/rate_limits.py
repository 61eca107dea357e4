"""The headers that tell a program what is left of its key's limits."""

from functools import partial

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.middlewares import Course, middleware
from accounts.models import APIKey
from accounts.rates import Rate, tell
from inference import database
from inference.key_limits import day_of_tokens, seconds_of_day_left


@middleware
def rate_limits(request: HttpRequest) -> Course:
    """On every answer to a key that has limits, those about errors as well."""
    response = yield None
    rate: Rate | None = getattr(request, "rate", None)
    if rate is not None:
        tell(response, "requests", rate)
    key: APIKey | None = getattr(request, "api_key", None)
    if key and any(each.tokens_per_day is not None for each in key.lineage):
        yield partial(_tell_tokens, key, response)
    return None


def _tell_tokens(key: APIKey, response: HttpResponseBase) -> None:
    """What a stream that only begins may use counts as used."""
    if day := day_of_tokens(key):
        tell(response, "tokens", Rate(day.limit, day.remaining, seconds_of_day_left()))
    if response.streaming:
        database.let_go()  # it may take minutes, and needs none until its end
