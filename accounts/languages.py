"""The language in which somebody reads the pages: chosen by them, or by their browser."""

import re
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.locale import LocaleMiddleware
from django.utils import translation


class LanguageMiddleware(LocaleMiddleware):
    """But programs, which may look for words, and the admin are answered in English."""

    def process_request(self, request: HttpRequest) -> None:
        if _is_english(request):
            translation.activate(settings.LANGUAGE_CODE)
            return
        super().process_request(request)
        if settings.SESSION_COOKIE_NAME not in request.COOKIES:
            return  # nobody can be signed in, and their session need not be looked for
        translation.activate(of_request(request))
        request.LANGUAGE_CODE = translation.get_language()

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if _is_english(request):
            return response
        return super().process_response(request, response)


def _is_english(request: HttpRequest) -> bool:
    return re.match(settings.ENGLISH_URLS_REGEX, request.path) is not None


def chosen_by(user: Any) -> str:
    """Empty if they have chosen none, or one that is not there any more."""
    language: str = getattr(user, "language", "")
    return language if language in dict(settings.LANGUAGES) else ""


def of_request(request: HttpRequest) -> str:
    return chosen_by(request.user) or translation.get_language_from_request(request)


def of_socket(scope: dict[str, Any]) -> str:
    """The language for what is sent by a socket, from its ASGI scope."""
    accepted = dict(scope["headers"]).get(b"accept-language", b"")
    request = HttpRequest()
    request.user = scope["user"]
    request.COOKIES = scope["cookies"]
    request.META["HTTP_ACCEPT_LANGUAGE"] = accepted.decode("latin-1")
    return of_request(request)


def keep(response: HttpResponse, language: str) -> None:
    """For the pages that this browser reads signed out; "" takes it back."""
    if not language:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME)
        return
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=settings.LANGUAGE_COOKIE_HTTPONLY,
        samesite="Lax",
    )
