"""The requests that pages make, and what those of nobody get."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from accounts.models import User
from conversations import fragments
from conversations.forms import LONGEST_MESSAGE

View = Callable[..., HttpResponse]
DRAFT = "draft"
PASSING = (401, 409, 429)
"""Refusals of what will be accepted later, as it is."""


class HtmxHttpRequest(HttpRequest):
    htmx: HtmxDetails
    user: User


def signed_in(view: View) -> View:
    """Send others to sign in, keeping what they typed: the page keeps its box, and a form that
    was posted without a script is found again in the session afterwards."""

    @wraps(view)
    def wrapper(request: HtmxHttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            response = _answered(view, request, *args, **kwargs)
            add_never_cache_headers(response)  # going back after signing out shows nothing
            return response
        if request.htmx:
            return notice(
                _("You are signed out. What you typed is kept here."),
                status=401,
                link=f"{reverse('account_login')}?{_next(request)}",
                link_text=_("Sign in again"),
            )
        if request.method == "POST":
            _keep_draft(request)
            return redirect_to_login(request.path if "text" in request.POST else "/")
        return redirect_to_login(request.get_full_path())

    return wrapper


def _answered(view: View, request: HtmxHttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """What is not there any more must not put a whole page for it into this one."""
    try:
        return view(request, *args, **kwargs)
    except Http404:
        if not request.htmx:
            raise
        return notice(_("This isn’t there any more, or it isn’t yours."), status=404)


def _next(request: HtmxHttpRequest) -> str:
    return urlencode({"next": request.htmx.current_url_abs_path or "/"}, safe="/")


def notice(text: str, status: int, link: str = "", link_text: str = "") -> HttpResponse:
    """A message above the composer, wherever the request came from."""
    tone = "warning" if status in PASSING else "error"
    html = fragments.notice(text, link=link, link_text=link_text, tone=tone)
    response = HttpResponse(html, status=status)
    response["HX-Retarget"] = f"#{fragments.NOTICE}"
    response["HX-Reswap"] = "outerHTML"
    return response


def go(request: HtmxHttpRequest, address: str) -> HttpResponse:
    """The page goes there, whether htmx asked or the browser itself."""
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _keep_draft(request: HtmxHttpRequest) -> None:
    text = request.POST.get("text", "")[:LONGEST_MESSAGE]
    if text:
        request.session[DRAFT] = {"path": request.path, "text": text}


def take_draft(request: HtmxHttpRequest) -> str:
    """What was typed before its writer had to sign in."""
    if request.session.get(DRAFT, {}).get("path") != request.path:
        return ""
    text: str = request.session.pop(DRAFT)["text"]
    return text


def number_of(text: str | None) -> int | None:
    """In a query: that of a row or a place; None for what is none, or too large for a database."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
