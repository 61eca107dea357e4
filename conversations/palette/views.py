"""The palette's list, for what is typed in it, and the page that tells which keys do what."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET

from accounts.models import User
from conversations.access import conversation_for
from conversations.dialogs import dialog
from conversations.models import Conversation
from conversations.palette.commands import commands, meant
from conversations.requests import HtmxHttpRequest, signed_in
from conversations.search.finding import find
from conversations.search.query import LONGEST, parse

RECENT = 5
"""Conversations, before anything is typed."""
FOUND = 7


@require_GET
@gzip_page
@signed_in
def palette(request: HtmxHttpRequest) -> HttpResponse:
    """The options. Without a script nobody asks for them; all they lead to has links elsewhere."""
    text = request.GET.get("q", "")[:LONGEST].strip()
    here = _here(request.user, request.GET.get("conversation", ""))
    query = parse(text)
    context = {
        "text": text,
        "commands": meant(commands(request.user, here), text),
        "recent": [] if text else _recent(request.user, here),
        "hits": find(request.user, query, limit=FOUND).hits,
        "is_too_short": query.is_too_short,
    }
    return render(request, "palette/_options.html", context)


@require_GET
@signed_in
def shortcuts(request: HtmxHttpRequest) -> HttpResponse:
    return dialog(request, "palette/_shortcuts.html", {})


def _here(user: User, id: str) -> Conversation | None:
    """The conversation that is open, if it is their own."""
    try:
        return conversation_for(user, UUID(id), "own")
    except (ValueError, Http404):
        return None


def _recent(user: User, here: Conversation | None) -> list[Conversation]:
    rows = Conversation.objects.listed().filter(user=user).order_by("-updated_at", "-pk")
    return [row for row in rows[: RECENT + 1] if row != here][:RECENT]
