"""The way back that a page offers after something was deleted."""

from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from conversations.fragments import NOTICE
from conversations.fragments import notice as no_notice
from conversations.models import Conversation
from conversations.organising import fragments
from conversations.organising.deleting import restorable
from conversations.requests import HtmxHttpRequest

DELETED = "deleted"
NOTHING = mark_safe("")


def offer(deleted: Conversation, opens: bool = False) -> SafeString:
    """`opens`: the conversation was on this page, and is to be there again."""
    address = reverse("undelete", args=[deleted.pk]) + ("?open=1" if opens else "")
    return fragments.undo(_("Conversation deleted."), address)


def offer_all(moment: datetime) -> SafeString:
    address = f"{reverse('undelete-all')}?{urlencode({'at': moment.isoformat()})}"
    return fragments.undo(_("All conversations deleted."), address)


def page_after(deleted: Conversation) -> str:
    """Where a page goes whose conversation was deleted; see `offered`."""
    return f"{reverse('home')}?{urlencode({DELETED: str(deleted.pk)})}"


def page_after_all(moment: datetime) -> str:
    return f"{reverse('archived')}?{urlencode({DELETED: moment.isoformat()})}"


def leads_back(request: HtmxHttpRequest) -> bool:
    """To a page that shows what is back. Elsewhere, its entry comes by the socket."""
    if not request.htmx or "open" in request.GET:
        return True
    return urlsplit(request.htmx.current_url or "").path == reverse("archived")


def offered(request: HtmxHttpRequest) -> SafeString:
    """On such a page, as long as there is a way back."""
    if DELETED not in request.GET:
        return NOTHING
    try:
        id = UUID(request.GET[DELETED])
        deleted = restorable(request.user).filter(pk=id).first()
    except ValueError:
        return NOTHING
    return offer(deleted, opens=True) if deleted else NOTHING


def all_offered(request: HtmxHttpRequest) -> SafeString:
    at = moment(request.GET.get(DELETED, ""))
    if at is None or not restorable(request.user).filter(deleted_at=at).exists():
        return NOTHING
    return offer_all(at)


def moment(text: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(text)
        return at.astimezone(UTC) if at.tzinfo else None
    except (ValueError, OverflowError):
        return None


def told(notice: SafeString | str) -> HttpResponse:
    """In the page's place for notices, whatever asked."""
    response = HttpResponse(notice or no_notice(""))
    response["HX-Retarget"] = f"#{NOTICE}"
    response["HX-Reswap"] = "outerHTML"
    return response
