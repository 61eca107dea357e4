"""The page that finds conversations again."""

from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from conversations.pages import page
from conversations.requests import HtmxHttpRequest, signed_in
from conversations.search.finding import Cursor, Found, find
from conversations.search.query import LONGEST, parse
from conversations.sidebar import zone_of


@require_GET
@gzip_page
@signed_in
def search(request: HtmxHttpRequest) -> HttpResponse:
    """As a page, or what was found alone, for the page that is there."""
    text = request.GET.get("q", "")[:LONGEST]
    context = _found(request, text, Cursor.parse(request.GET.get("after", "")))
    if request.htmx:
        return HttpResponse(render_to_string("search/_found.html", {**context, "swap": True}))
    found = render_to_string("search/_found.html", context)
    return page(request, "search/page.html", {**context, "found": found})


def _found(request: HtmxHttpRequest, text: str, cursor: Cursor | None) -> dict[str, Any]:
    query = parse(text)
    found = find(request.user, query, cursor)
    zone = zone_of(request.COOKIES)
    days = [timezone.localtime(hit.conversation.updated_at, zone) for hit in found.hits]
    return {
        "text": text,
        "longest": LONGEST,
        "hits": [
            (hit, date_format(day), hit.count - len(hit.passages))
            for hit, day in zip(found.hits, days, strict=True)
        ],
        "after": found.after,
        "is_too_short": query.is_too_short,
        "is_continued": cursor is not None,
        "status": _status(found, text, query.is_too_short),
    }


def _status(found: Found, text: str, is_too_short: bool) -> str:
    """For those who hear the page."""
    if is_too_short:
        return _("Type at least two letters.") if text.strip() else ""
    if not found.hits:
        return _("Nothing was found.")
    count = len(found.hits)
    if found.after:
        return _("More than %(count)d chats were found.") % {"count": count}
    line = ngettext("%(count)d chat was found.", "%(count)d chats were found.", count)
    return line % {"count": count}
