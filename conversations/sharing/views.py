"""The dialog of a conversation's links, and the page that each of them leads to."""

from itertools import islice
from typing import Any
from uuid import UUID

from django import forms
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations import markdown, thoughts
from conversations.access import conversation_for
from conversations.dialogs import dialog
from conversations.model_names import ModelNames
from conversations.models import Conversation, Message, SharedLink
from conversations.replies import CONFLICT, UNPROCESSABLE
from conversations.requests import HtmxHttpRequest, number_of, signed_in
from conversations.sharing import actions

PAGE = 100
"""Messages of a shared page."""


class ShareForm(forms.Form):
    days = forms.TypedChoiceField(
        label=_("The link works"),
        choices=[
            ("", _("until I revoke it")),
            ("1", _("for a day")),
            ("7", _("for a week")),
            ("30", _("for 30 days")),
        ],
        coerce=int,
        empty_value=None,
        required=False,
    )


@require_http_methods(["GET", "POST"])
@signed_in
def share(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    form = ShareForm(request.POST if request.method == "POST" else None)
    if request.method != "POST":
        return _dialog(request, found, form)
    if not form.is_valid():
        return _dialog(request, found, form, status=UNPROCESSABLE)
    days = form.cleaned_data["days"]
    try:
        link = actions.share(found, actions.in_days(days) if days else None)
    except actions.NothingToShare as refusal:
        return _dialog(request, found, form, problem=str(refusal), status=CONFLICT)
    return _dialog(request, found, ShareForm(), new=link)


@require_POST
@signed_in
def revoke(request: HtmxHttpRequest, conversation_id: UUID, link_id: int) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    actions.revoke(found.links.filter(pk=link_id))
    return _dialog(request, found, ShareForm()) if request.htmx else redirect("share", found.pk)


@require_GET
def shared(request: HttpRequest, token: str) -> HttpResponse:
    """The same 404 for a link that has expired, was revoked or never was."""
    if _must_sign_in(request):
        return redirect_to_login(request.get_full_path())
    link = _link(token)
    after = number_of(request.GET.get("after", "")) or 0
    found = list(islice(actions.messages_of(link, after), PAGE + 1))
    names = ModelNames()
    context = {
        "link": link,
        "messages": [
            (message, names.of(message), _thought(message), _html(message))
            for message in found[:PAGE]
        ],
        "after": found[PAGE - 1].pk if len(found) > PAGE else None,
    }
    response = render(request, "sharing/shared.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    # Other sites learn nothing; with no-referrer, the form would be of an unknown origin.
    response["Referrer-Policy"] = "same-origin"
    add_never_cache_headers(response)
    return response


@require_POST
@signed_in
def take_over(request: HtmxHttpRequest, token: str) -> HttpResponse:
    return redirect(actions.take_over(request.user, _link(token)))


def _dialog(
    request: HtmxHttpRequest, conversation: Conversation, form: ShareForm, **more: Any
) -> HttpResponse:
    status = more.pop("status", 200)
    links = [(link, _address(request, link)) for link in actions.links_of(conversation)]
    context = {
        "conversation": conversation,
        "form": form,
        "links": links,
        "is_public": settings.PUBLIC_LINKS,
        **more,
    }
    return dialog(request, "sharing/_share.html", context, status)


def _address(request: HttpRequest, link: SharedLink) -> str:
    return request.build_absolute_uri(f"/s/{link.token}/")


def _must_sign_in(request: HttpRequest) -> bool:
    return not settings.PUBLIC_LINKS and not request.user.is_authenticated


def _link(token: str) -> SharedLink:
    rows = actions.working_links().select_related("conversation__model")
    return get_object_or_404(rows, token=token)


def _html(message: Message) -> str:
    return "" if message.role == Message.Role.USER else markdown.render(message.content)


def _thought(message: Message) -> str:
    found = thoughts.ended(message.thought, message.thinking_seconds)
    return thoughts.drawn(f"message-{message.pk}", found)
