"""The pages, and what their forms post: from a request to an action, and back to a fragment or,
for a browser without scripts, to a page."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django_htmx.http import HttpResponseClientRedirect

from conversations import actions, fragments, organising, sidebar, thread
from conversations.access import Right, conversation_for, message_for
from conversations.forms import MessageForm, TitleForm
from conversations.models import Conversation
from conversations.pages import chat_page, dialog
from conversations.requests import HtmxHttpRequest, notice, signed_in
from inference.admission import QueueFull

NOT_FOUND, CONFLICT, UNPROCESSABLE, TOO_MANY = 404, 409, 422, 429


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def home(request: HtmxHttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _send(request, None)
    return chat_page(request, None)


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def conversation(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    try:
        right: Right = "write" if request.method == "POST" else "read"
        found = conversation_for(request.user, conversation_id, right)
    except Http404:
        if request.method == "POST":
            return _gone(request)
        raise
    if request.method == "POST":
        return _send(request, found)
    return chat_page(request, found)


@require_GET
@gzip_page
@signed_in
def earlier(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "read")
    before = _number(request.GET.get("before"))
    if not request.htmx:
        return chat_page(request, found, before=before)
    return HttpResponse(fragments.earlier(*thread.shown(found, before), found))


@require_http_methods(["GET", "POST"])
@signed_in
def rename(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    posted = request.POST if request.method == "POST" else None
    form = TitleForm(posted, initial={"title": found.title})
    if form.is_valid():
        organising.rename(found, form.cleaned_data["title"])
        return _done(request, found)
    status = 200 if posted is None else UNPROCESSABLE
    return dialog(request, found, fragments.rename(request, found, form), status)


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    if request.method != "POST":
        return dialog(request, found, fragments.delete(request, found))
    page = found.get_absolute_url()
    organising.delete(found)
    if request.htmx and request.htmx.current_url_abs_path != page:
        return _done(request, None)
    return _go(request, None)


@require_POST
@signed_in
def stop(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    actions.stop(message)
    return _done(request, message.conversation)


@require_POST
@signed_in
def retry(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    try:
        actions.retry(message)
    except actions.Refused as refusal:
        return _refuse(request, message.conversation, str(refusal), CONFLICT)
    except QueueFull as full:
        return _refuse_for_now(request, message.conversation, full)
    return _done(request, message.conversation)


@require_GET
@signed_in
def text(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    """What was written, as Markdown, for the clipboard."""
    message = message_for(request.user, message_id, "read")
    return HttpResponse(message.content, content_type="text/plain; charset=utf-8")


@require_GET
@gzip_page
@signed_in
def conversations(request: HtmxHttpRequest) -> HttpResponse:
    cursor = sidebar.Cursor.parse(request.GET.get("before", ""))
    if not request.htmx:
        return chat_page(request, None, cursor=cursor)
    zone = sidebar.zone_of(request.COOKIES)
    return HttpResponse(fragments.conversations(sidebar.listing(request.user, zone, cursor)))


@require_GET
@signed_in
def session(request: HtmxHttpRequest) -> HttpResponse:
    """Asked by a page that lost its socket, to learn whether it was signed out."""
    return HttpResponse(status=204)


def _send(request: HtmxHttpRequest, found: Conversation | None) -> HttpResponse:
    form = MessageForm(request.POST)
    if not form.is_valid():
        return _refuse(request, found, form.first_error, UNPROCESSABLE)
    written = form.cleaned_data
    try:
        sent = actions.send_message(request.user, found, written["text"], written["model"])
    except actions.Busy as busy:
        return _refuse(request, found, str(busy), CONFLICT)
    except QueueFull as full:
        return _refuse_for_now(request, found, full)
    except Http404:  # deleted since we looked
        return _gone(request)
    stays = request.htmx and found is not None
    response = HttpResponse(fragments.notice("")) if stays else _go(request, sent.conversation)
    response["HX-Trigger"] = json.dumps({"parley:sent": {"message": sent.answer.pk}})
    return response


def _refuse(
    request: HtmxHttpRequest, found: Conversation | None, text: str, status: int
) -> HttpResponse:
    if request.htmx:
        return notice(text, status)
    return chat_page(request, found, notice=text, status=status)


def _refuse_for_now(
    request: HtmxHttpRequest, found: Conversation | None, full: QueueFull
) -> HttpResponse:
    response = _refuse(request, found, str(full), TOO_MANY)
    response["Retry-After"] = str(full.retry_after)
    return response


def _gone(request: HtmxHttpRequest) -> HttpResponse:
    text = _("This conversation isn’t there any more. What you typed is kept.")
    if request.htmx:
        return notice(text, NOT_FOUND, link="/", link_text=_("Start a new one"))
    return chat_page(request, None, notice=text, status=NOT_FOUND)


def _done(request: HtmxHttpRequest, found: Conversation | None) -> HttpResponse:
    """What changed comes to every page by its socket."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": "parley:done"})
    return _go(request, found)


def _go(request: HtmxHttpRequest, found: Conversation | None) -> HttpResponse:
    address = found.get_absolute_url() if found else "/"
    return HttpResponseClientRedirect(address) if request.htmx else redirect(address)


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 19 else None
