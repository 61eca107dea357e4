"""Two ways from a request to its view, through the same middlewares."""

import re
from typing import Any

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest
from django.http.response import HttpResponseBase

PROGRAMS = re.compile(settings.PROGRAMS_URLS_REGEX)


class PageHandler(ASGIHandler):
    """For views that are plain functions: a request goes all the way in one thread, where Django's
    own handler would change to it and back again for each of the middlewares."""

    def load_middleware(self, is_async: bool = False) -> None:
        super().load_middleware(is_async=False)

    async def get_response_async(self, request: HttpRequest) -> HttpResponseBase:
        return await sync_to_async(self.get_response)(request)


class Handlers:
    """Programs' requests may take minutes, so they wait on the event loop and hold no thread."""

    def __init__(self) -> None:
        self._pages, self._programs = PageHandler(), ASGIHandler()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        is_programs = PROGRAMS.match(scope["path"])
        handler = self._programs if is_programs else self._pages
        await handler(scope, receive, send)
