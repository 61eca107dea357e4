"""The whole pages, put together from fragments."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from conversations import fragments, sidebar, thread
from conversations.models import Conversation
from conversations.requests import HtmxHttpRequest, take_draft
from inference.models import AIModel


def chat_page(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    *,
    notice: str = "",
    before: int | None = None,
    cursor: sidebar.Cursor | None = None,
    status: int = 200,
) -> HttpResponse:
    """A conversation, or the way to begin one; `notice` says why what was posted is still here."""
    context = {
        "title": fragments.title(conversation),
        "messages": _messages(conversation, before),
        "composer": fragments.composer(request, _composer(request, conversation, notice)),
    }
    return page(
        request,
        "conversations/chat.html",
        context,
        conversation=conversation,
        cursor=cursor,
        status=status,
    )


def page(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    conversation: Conversation | None = None,
    cursor: sidebar.Cursor | None = None,
    status: int = 200,
) -> HttpResponse:
    """A template that extends shell.html, with the sidebar beside it: from `cursor` on."""
    listing = sidebar.listing(request.user, sidebar.zone_of(request.COOKIES), cursor)
    shell = {
        "conversation": conversation,
        "sidebar": fragments.conversations(listing, conversation),
        "collapsed": request.COOKIES.get("sidebar") == "collapsed",
    }
    return render(request, template, {**context, **shell}, status=status)


def dialog(
    request: HtmxHttpRequest, conversation: Conversation, form: str, status: int = 200
) -> HttpResponse:
    """A form that the page shows in a dialog; a page of its own without scripts."""
    if request.htmx:
        return HttpResponse(form, status=status)
    context = {"conversation": conversation, "form": form}
    return render(request, "conversations/dialog.html", context, status=status)


def _messages(conversation: Conversation | None, before: int | None) -> str:
    if conversation is None:
        return ""
    messages, more = thread.shown(conversation, before)
    return fragments.earlier(messages, more, conversation)


def _composer(
    request: HtmxHttpRequest, conversation: Conversation | None, notice: str
) -> dict[str, Any]:
    models = list(AIModel.objects.usable())
    return {
        "conversation": conversation,
        "models": models,
        "chosen": _chosen(request, conversation, models),
        "draft": request.POST.get("text") or take_draft(request),
        "notice": fragments.notice(notice),
        "action": fragments.action(thread.live_answer(conversation) if conversation else None),
    }


def _chosen(
    request: HtmxHttpRequest, conversation: Conversation | None, models: list[AIModel]
) -> AIModel | None:
    """What was chosen last, here or in this conversation, or else the default."""
    wanted = request.POST.get("model") or (
        conversation.model.name if conversation and conversation.model else None
    )
    known = {model.name: model for model in models}
    return known.get(wanted or "") or AIModel.objects.preferred()
