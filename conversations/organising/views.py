"""What people do with whole conversations, from the list beside the page."""

from collections.abc import Callable
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations import organising, sidebar
from conversations.access import conversation_for
from conversations.dialogs import dialog
from conversations.models import Conversation
from conversations.organising import fragments, undoing
from conversations.organising.forms import MoveForm, SwitchForm, TagsForm, TitleForm
from conversations.organising.tags import set_tags, tags_of
from conversations.pages import chat_page
from conversations.replies import CONFLICT, UNPROCESSABLE, done, refuse
from conversations.requests import HtmxHttpRequest, go, signed_in


@require_GET
@gzip_page
@signed_in
def conversations(request: HtmxHttpRequest) -> HttpResponse:
    """A part of the list."""
    part = sidebar.Part.asked(request.GET)
    if not request.htmx:
        return chat_page(request, None, part=part)
    listing = sidebar.listing(request.user, sidebar.zone_of(request.COOKIES), part)
    return HttpResponse(fragments.conversations(listing))


@require_GET
@signed_in
def options(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    """The menu of an entry, for browsers without scripts."""
    found = conversation_for(request.user, conversation_id, "own")
    return _dialog(request, "options", found)


@require_http_methods(["GET", "POST"])
@signed_in
def rename(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    posted = request.POST if request.method == "POST" else None
    form = TitleForm(posted, initial={"title": found.title})
    if form.is_valid():
        organising.rename(found, form.cleaned_data["title"])
        return done(request, found)
    return _dialog(request, "rename", found, form)


@require_http_methods(["GET", "POST"])
@signed_in
def tags(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    posted = request.POST if request.method == "POST" else None
    written = ", ".join(tag.name for tag in found.tags.all())
    form = TagsForm(posted, initial={"tags": written})
    if form.is_valid():
        set_tags(found, form.cleaned_data["tags"])
        return done(request, found)
    known = [tag.name for tag in tags_of(request.user)]
    return _dialog(request, "tags", found, form, known=known)


@require_http_methods(["GET", "POST"])
@signed_in
def move(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    if found.is_temporary:
        return refuse(request, found, _("A temporary chat has no project."), CONFLICT)
    posted = request.POST if request.method == "POST" else None
    form = MoveForm(request.user, found, posted)
    if form.is_valid():
        organising.move(found, form.cleaned_data["project"])
        return done(request, found)
    return _dialog(request, "move", found, form)


@require_POST
@signed_in
def pin(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    return _switch(request, conversation_id, organising.pin)


@require_POST
@signed_in
def archive(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    return _switch(request, conversation_id, organising.archive)


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    if request.method != "POST":
        return _dialog(request, "delete", found)
    page = found.get_absolute_url()
    organising.put_away(found)
    if request.htmx and request.htmx.current_url_abs_path != page:
        return undoing.told(undoing.offer(found))
    return go(request, undoing.page_after(found))


@require_POST
@signed_in
def undelete(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    deleted = organising.restorable(request.user).filter(pk=conversation_id)
    found = get_object_or_404(deleted)
    organising.restore(deleted)
    if not undoing.leads_back(request):
        return undoing.told("")
    return go(request, reverse("archived") if found.archived_at else found.get_absolute_url())


def _switch(
    request: HtmxHttpRequest, conversation_id: UUID, switch: Callable[[Conversation, bool], None]
) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    form = SwitchForm(request.POST)
    form.full_clean()
    switch(found, form.cleaned_data["on"])
    return done(request, found)


def _dialog(
    request: HtmxHttpRequest, name: str, found: Conversation, form: object = None, **more: object
) -> HttpResponse:
    """A form that was posted and is here again has something wrong in it."""
    context = {"conversation": found, "form": form, **more}
    status = UNPROCESSABLE if request.method == "POST" else 200
    return dialog(request, f"organising/_{name}.html", context, status)
