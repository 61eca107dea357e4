"""The whole pages, put together from fragments."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import render

from conversations import fragments, sidebar, thread
from conversations.access import may_write
from conversations.drafts import actions as drafts
from conversations.messages.shown import for_reader
from conversations.models import Conversation, Project
from conversations.organising import fragments as organising
from conversations.organising import temporary, undoing
from conversations.parameters import fragments as parameters
from conversations.projects import beginning
from conversations.requests import HtmxHttpRequest, take_draft
from inference.models import AIModel


def chat_page(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    *,
    notice: str = "",
    before: int | None = None,
    at: int | None = None,
    part: sidebar.Part = sidebar.WHOLE,
    status: int = 200,
) -> HttpResponse:
    """A conversation, or the way to begin one; `notice` says why what was posted is still here,
    `at` is a message that must be in it."""
    project = conversation.project if conversation else beginning.shown_project(request)
    context = {
        "project": project,
        "title": fragments.title(conversation),
        "banner": organising.banner(conversation, temporary.is_asked(_query(request))),
        "is_temporary": temporary.is_asked(_query(request)),
        "messages": _messages(request, conversation, before, at),
        "composer": _below(request, conversation, project, notice),
    }
    return page(
        request,
        "conversations/chat.html",
        context,
        conversation=conversation,
        part=part,
        status=status,
    )


def page(
    request: HtmxHttpRequest,
    template: str,
    context: Mapping[str, Any],
    *,
    conversation: Conversation | None = None,
    part: sidebar.Part = sidebar.WHOLE,
    status: int = 200,
) -> HttpResponse:
    """A template that extends shell.html, with the sidebar beside it, which shows `part`."""
    listing = sidebar.listing(request.user, sidebar.zone_of(request.COOKIES), part)
    shell = {
        "conversation": conversation,
        "sidebar": organising.conversations(listing, conversation),
        **sidebar.context(request.user, request.COOKIES),
    }
    return render(request, template, {**context, **shell}, status=status)


def _query(request: HtmxHttpRequest) -> QueryDict:
    """What is asked for, also by a form that is here again because something is wrong in it."""
    return request.POST if request.method == "POST" else request.GET


def _messages(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    before: int | None,
    at: int | None,
) -> str:
    if conversation is None:
        return ""
    from_there = thread.shown_from(conversation, at) if at else None
    messages, more = from_there or thread.shown(conversation, before)
    stretch = for_reader(messages, conversation, request.user)
    return fragments.earlier(stretch, more, conversation)


def _below(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    project: Project | None,
    notice: str,
) -> str:
    """The composer, or why there is none."""
    if conversation and not may_write(request.user, conversation):
        return fragments.read_only(conversation, notice)
    return fragments.composer(request, _composer(request, conversation, project, notice))


def _composer(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    project: Project | None,
    notice: str,
) -> dict[str, Any]:
    models = list(AIModel.objects.usable())
    return {
        "conversation": conversation,
        "models": models,
        "chosen": _chosen(request, conversation, project, models),
        "draft": request.POST.get("text") or _draft(request, conversation),
        "notice": undoing.offered(request) or fragments.notice(notice),
        "parameters": parameters.button(request.user, conversation),
        "chips": parameters.chips(request.POST),
        "hidden": {}
        if conversation
        else {**temporary.hidden(_query(request)), **beginning.hidden(project)},
        "action": fragments.action(thread.live_answer(conversation) if conversation else None),
    }


def _draft(request: HtmxHttpRequest, conversation: Conversation | None) -> str:
    if typed := take_draft(request):
        drafts.keep(request.user, conversation, typed)
    return typed or drafts.text_of(request.user, conversation)


def _chosen(
    request: HtmxHttpRequest,
    conversation: Conversation | None,
    project: Project | None,
    models: list[AIModel],
) -> AIModel | None:
    """What was chosen last, here or in this conversation, or else the project's or the default."""
    last = (conversation.model if conversation else None) or (project.model if project else None)
    wanted = request.POST.get("model") or (last.name if last else None)
    known = {model.name: model for model in models}
    return known.get(wanted or "") or AIModel.objects.preferred()
