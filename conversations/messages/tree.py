"""Asking in other words, having an answer written again, and going from one to the other."""

from django.http import Http404, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from conversations import actions
from conversations.access import message_for
from conversations.messages import fragments
from conversations.messages.forms import EditForm, ModelForm, model_for
from conversations.messages.page import part
from conversations.models import Message
from conversations.refusals import Refused
from conversations.replies import (
    CONFLICT,
    TOO_MANY,
    UNPROCESSABLE,
    done,
    gone,
    refuse,
    refuse_for_now,
    retry_after,
)
from conversations.requests import HtmxHttpRequest, notice, signed_in, take_draft
from inference.admission import QueueFull
from inference.models import AIModel


@require_http_methods(["GET", "POST"])
@signed_in
def edit(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    try:
        question = message_for(request.user, message_id, "write")
    except Http404:
        if request.method == "POST":
            return gone(request)
        raise
    if question.role != Message.Role.USER:
        raise Http404
    if request.method == "POST":
        return _edit(request, question)
    text = take_draft(request) or question.content
    form = EditForm(initial={"text": text, "model": model_for(question)})
    return part(request, question, fragments.edit(request, question, form))


@require_http_methods(["GET", "POST"])
@signed_in
def regenerate(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    answer = message_for(request.user, message_id, "write")
    if answer.role != Message.Role.ASSISTANT:
        raise Http404
    if request.method == "POST":
        return _regenerate(request, answer)
    usable = AIModel.objects.usable()
    choice = fragments.models(request, answer, usable, chosen=model_for(answer))
    return part(request, answer, choice)


@require_POST
@signed_in
def show(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    actions.show(message)
    return done(request, message.conversation, at=message)


def _edit(request: HtmxHttpRequest, question: Message) -> HttpResponse:
    form = EditForm(request.POST)
    if not form.is_valid():
        return _hand_back(request, question, form, form.first_error, UNPROCESSABLE)
    model = form.cleaned_data["model"] or model_for(question)
    if model is None:
        return _hand_back(request, question, form, _no_model(), UNPROCESSABLE)
    try:
        sent = actions.edit(request.user, question, form.cleaned_data["text"], model)
    except Refused as refusal:
        return _hand_back(request, question, form, str(refusal), CONFLICT)
    except QueueFull as full:
        return retry_after(_hand_back(request, question, form, str(full), TOO_MANY), full)
    except Http404:  # deleted since we looked
        return gone(request)
    return done(request, sent.conversation, at=sent.question)


def _hand_back(
    request: HtmxHttpRequest, question: Message, form: EditForm, text: str, status: int
) -> HttpResponse:
    """A page with scripts still has what was typed."""
    if request.htmx:
        return notice(text, status)
    return part(request, question, fragments.edit(request, question, form, text), status)


def _regenerate(request: HtmxHttpRequest, answer: Message) -> HttpResponse:
    form = ModelForm(request.POST)
    if not form.is_valid():
        return refuse(request, answer.conversation, str(form.errors["model"][0]), UNPROCESSABLE)
    model = form.cleaned_data["model"] or model_for(answer)
    if model is None:
        return refuse(request, answer.conversation, _no_model(), UNPROCESSABLE)
    try:
        again = actions.regenerate(request.user, answer, model)
    except Refused as refusal:
        return refuse(request, answer.conversation, str(refusal), CONFLICT)
    except QueueFull as full:
        return refuse_for_now(request, answer.conversation, full)
    return done(request, answer.conversation, at=again)


def _no_model() -> str:
    return _("No model is available yet. Ask an administrator to add one.")
