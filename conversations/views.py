"""The pages, and what their forms post: from a request to an action, and back to a fragment or,
for a browser without scripts, to a page."""

import json
from uuid import UUID

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods

from conversations import actions, fragments, organising
from conversations.access import Right, conversation_for
from conversations.drafts import actions as drafts
from conversations.forms import MessageForm
from conversations.models import Conversation, Project
from conversations.organising import temporary
from conversations.pages import chat_page
from conversations.parameters.fragments import chips
from conversations.projects.beginning import project_of
from conversations.refusals import Busy
from conversations.replies import (
    CONFLICT,
    NOT_FOUND,
    UNPROCESSABLE,
    go,
    gone,
    refuse,
    refuse_for_now,
)
from conversations.requests import HtmxHttpRequest, signed_in
from conversations.search.leading import message_asked_for
from inference.admission import QueueFull


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def home(request: HtmxHttpRequest) -> HttpResponse:
    try:
        project = project_of(request)
    except Http404:
        if request.method == "POST":
            text = _("No chat can begin in this project. What you typed is kept.")
            return refuse(request, None, text, NOT_FOUND)
        raise
    if request.method == "POST":
        return _send(request, None, project)
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
            return gone(request)
        raise
    if request.method == "POST":
        return _send(request, found)
    if found.is_unread and found.user_id == request.user.pk:
        organising.mark_read(found)
    return chat_page(request, found, at=message_asked_for(request, found))


@require_GET
@signed_in
def session(request: HtmxHttpRequest) -> HttpResponse:
    """Asked by a page that lost its socket, to learn whether it was signed out."""
    return HttpResponse(status=204)


def _send(
    request: HtmxHttpRequest, found: Conversation | None, project: Project | None = None
) -> HttpResponse:
    form = MessageForm(request.POST, begins=found is None)
    if not form.is_valid():
        return refuse(request, found, form.first_error, UNPROCESSABLE)
    written = form.cleaned_data
    try:
        sent = actions.send_message(
            request.user,
            found,
            written["text"],
            written["model"],
            form.parameters,
            beginning={"project": project} | form.beginning | temporary.beginning(request.POST),
        )
    except Busy as busy:
        return refuse(request, found, str(busy), CONFLICT)
    except QueueFull as full:
        return refuse_for_now(request, found, full)
    except Http404:  # deleted since we looked
        return gone(request)
    drafts.forget(request.user, found)
    stays = request.htmx and found is not None
    cleared = fragments.notice("") + chips({}, swap="true")
    response = HttpResponse(cleared) if stays else go(request, sent.conversation)
    response["HX-Trigger"] = json.dumps({"parley:sent": {"message": sent.answer.pk}})
    return response
