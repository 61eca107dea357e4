"""The page of archived conversations, and what is done with all conversations at once."""

from django.db.models import Q
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations import organising
from conversations.dialogs import dialog
from conversations.models import Conversation
from conversations.organising import undoing
from conversations.pages import page
from conversations.requests import HtmxHttpRequest, go, signed_in
from conversations.sidebar import PAGE, Cursor

Shown = tuple[list[Conversation], Cursor | None]


@require_GET
@gzip_page
@signed_in
def archived(request: HtmxHttpRequest) -> HttpResponse:
    rows, after = _archived(request, Cursor.parse(request.GET.get("before", "")))
    context = {"rows": rows, "after": after, "undo": undoing.all_offered(request)}
    return page(request, "organising/archive.html", context)


@require_http_methods(["GET", "POST"])
@signed_in
def archive_all(request: HtmxHttpRequest) -> HttpResponse:
    if request.method != "POST":
        return dialog(request, "organising/_archive_all.html", {})
    organising.archive_all(request.user)
    return go(request, reverse("archived"))


@require_http_methods(["GET", "POST"])
@signed_in
def delete_all(request: HtmxHttpRequest) -> HttpResponse:
    if request.method != "POST":
        return dialog(request, "organising/_delete_all.html", {})
    moment = organising.put_away_all(request.user)
    return go(request, undoing.page_after_all(moment) if moment else reverse("archived"))


@require_POST
@signed_in
def undelete_all(request: HtmxHttpRequest) -> HttpResponse:
    moment = undoing.moment(request.GET.get("at", ""))
    deleted = organising.restorable(request.user).filter(deleted_at=moment)
    if moment is None or not deleted.exists():
        raise Http404
    organising.restore(deleted)
    return go(request, reverse("archived"))


def _archived(request: HtmxHttpRequest, before: Cursor | None) -> Shown:
    """The one archived last is first; a cursor is of that moment."""
    rows = Conversation.objects.kept().filter(user=request.user, is_temporary=False)
    rows = rows.exclude(archived_at=None).order_by("-archived_at", "-pk")
    if before:
        same_moment = Q(archived_at=before.updated_at, pk__lt=before.id)
        rows = rows.filter(Q(archived_at__lt=before.updated_at) | same_moment)
    found = list(rows.only("id", "title", "archived_at", "user_id")[: PAGE + 1])
    shown = found[:PAGE]
    last = shown[-1] if len(found) > PAGE else None
    after = Cursor(last.archived_at, last.pk) if last and last.archived_at else None
    return shown, after
