"""The pages of an answer's tokens and of its replay, and the one that takes any text apart."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_http_methods, require_POST

from conversations.access import message_for
from conversations.inspection import actions, fragments
from conversations.inspection.forms import BranchForm, TokenizeForm
from conversations.inspection.tokens import shown
from conversations.models import Inspection, Message
from conversations.pages import page
from conversations.refusals import Refused
from conversations.replies import CONFLICT, TOO_MANY, UNPROCESSABLE, go, refuse, refuse_for_now
from conversations.requests import HtmxHttpRequest, number_of, signed_in
from inference.admission import QueueFull
from inference.models import AIModel
from inference.vocabularies import NoVocabulary, vocabulary_of

Kind = Inspection.Kind
Fragment = Callable[[Inspection | None, str], SafeString]


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def tokens(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    """An answer by its tokens; to post has their probabilities computed."""
    message = message_for(request.user, message_id, "read")
    at = number_of(request.GET.get("at", ""))
    return _inspection(
        request,
        message,
        Kind.SCORE,
        _("Tokens"),
        lambda found, refusal: fragments.tokens(request, message, found, at, refusal),
    )


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def replay(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    """The same question with the same seed and parameters, and where the answers part."""
    message = message_for(request.user, message_id, "read")
    return _inspection(
        request,
        message,
        Kind.REPLAY,
        _("Replay"),
        lambda found, refusal: fragments.replay(request, message, found, refusal),
    )


@require_POST
@signed_in
def branch(request: HtmxHttpRequest, message_id: int) -> HttpResponse:
    message = message_for(request.user, message_id, "write")
    form = BranchForm(request.POST)
    if not form.is_valid():
        return refuse(request, message.conversation, _("Choose a token."), UNPROCESSABLE)
    place, token = form.cleaned_data["place"], form.cleaned_data["token"]
    try:
        answer = actions.branch(request.user, message, place, token)
    except Refused as refusal:
        return refuse(request, message.conversation, str(refusal), CONFLICT)
    except QueueFull as full:
        return refuse_for_now(request, message.conversation, full)
    return go(request, message.conversation, answer)


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def tokenize(request: HtmxHttpRequest) -> HttpResponse:
    """Any text, as a model reads it."""
    form = TokenizeForm(request.POST or None, initial={"model": AIModel.objects.preferred()})
    context: dict[str, Any] = {"form": form}
    if form.is_valid():
        try:
            context["tokens"] = _read(form.cleaned_data["model"], form.cleaned_data["text"])
        except NoVocabulary as error:
            form.add_error("model", str(error))
    status = UNPROCESSABLE if form.errors else 200
    return page(request, "inspection/tokenize.html", context, status=status)


def _read(model: AIModel, text: str) -> list[tuple[int, str]]:
    """The ids, and the texts as people can see them."""
    vocabulary = vocabulary_of(model)
    return [(id, shown(vocabulary.piece(id))) for id in vocabulary.tokenize(text)]


def _inspection(
    request: HtmxHttpRequest, message: Message, kind: Inspection.Kind, title: str, draw: Fragment
) -> HttpResponse:
    refusal, status = "", 200
    if request.method == "POST":
        try:
            actions.inspect(request.user, message, kind)
        except Refused as refused:
            refusal, status = str(refused), CONFLICT
        except QueueFull as full:
            refusal, status = str(full), TOO_MANY
        else:
            if not request.htmx:
                return redirect(request.path)
    found = message.inspections.filter(kind=kind).select_related("generation").first()
    html = draw(found, refusal)
    if request.htmx:
        return HttpResponse(html, status=status)
    context = {"inspection": html, "answer": message, "heading": title}
    return page(request, "inspection/page.html", context, status=status)
