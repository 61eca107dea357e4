"""The headers that tell a program what is left of its key's limits."""

from collections.abc import Awaitable, Callable
from typing import Any

from asgiref.sync import iscoroutinefunction, sync_to_async
from django.db import close_old_connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from accounts.models import APIKey
from accounts.rates import Rate, tell
from inference.key_limits import day_of_tokens, seconds_of_day_left


@sync_and_async_middleware
def rate_limits(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    """On every answer to a key that has limits, those about errors as well."""
    if iscoroutinefunction(get_response):
        return _async(get_response)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response: HttpResponseBase = get_response(request)
        _tell_requests(request, response)
        if key := _key_with_tokens(request):
            _tell_tokens(key, response)
        return response

    return middleware


def _async(
    get_response: Callable[[HttpRequest], Awaitable[HttpResponseBase]],
) -> Callable[[HttpRequest], Awaitable[HttpResponseBase]]:
    async def middleware(request: HttpRequest) -> HttpResponseBase:
        response = await get_response(request)
        _tell_requests(request, response)
        if key := _key_with_tokens(request):
            await sync_to_async(_tell_tokens)(key, response)
        return response

    return middleware


def _tell_requests(request: HttpRequest, response: HttpResponseBase) -> None:
    rate: Rate | None = getattr(request, "rate", None)
    if rate is not None:
        tell(response, "requests", rate)


def _key_with_tokens(request: HttpRequest) -> APIKey | None:
    key: APIKey | None = getattr(request, "api_key", None)
    is_limited = key and any(each.tokens_per_day is not None for each in key.lineage)
    return key if is_limited else None


def _tell_tokens(key: APIKey, response: HttpResponseBase) -> None:
    """What a stream that only begins may use counts as used."""
    if day := day_of_tokens(key):
        tell(response, "tokens", Rate(day.limit, day.remaining, seconds_of_day_left()))
    if response.streaming:
        close_old_connections()  # it may take minutes, and needs none until its end
