"""Setting parameters of a conversation, of the next answer in it, or of a new conversation.

What the composer holds already comes along as a form, so the dialog is opened by POST with `show`.
"""

from uuid import UUID

from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from conversations import thread
from conversations.access import conversation_for
from conversations.layers import Layer, below
from conversations.models import Conversation
from conversations.pages import chat_page, page
from conversations.parameters import fragments
from conversations.parameters.actions import set_parameters
from conversations.parameters.forms import ConversationParametersForm, NextForm, ParametersForm
from conversations.parameters.fragments import Scope
from conversations.projects.beginning import shown_project
from conversations.requests import HtmxHttpRequest, signed_in
from inference.models import AIModel

UNPROCESSABLE = 422


@require_http_methods(["GET", "POST"])
@signed_in
def of_conversation(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    found = conversation_for(request.user, conversation_id, "own")
    own = {**found.parameters, "instructions": found.instructions}
    inherited = [layer for layer in _layers(request, found) if layer.source != "conversation"]
    form = ConversationParametersForm(_posted(request), own=own, below=inherited)
    if not form.is_valid():
        return _dialog(request, form, "conversation", found)
    set_parameters(found, form.parameters, form.cleaned_data["instructions"])
    if not request.htmx:
        return redirect(found)
    return _done(fragments.button(request.user, found, swap="true"))


@require_http_methods(["GET", "POST"])
@signed_in
def of_next(request: HtmxHttpRequest, conversation_id: UUID) -> HttpResponse:
    """Nothing is kept here: what was chosen travels with the message."""
    found = conversation_for(request.user, conversation_id, "write")
    form = NextForm(_posted(request), initial=_chosen(request), below=_layers(request, found))
    return _choose(request, form, "next", found)


@require_http_methods(["GET", "POST"])
@signed_in
def of_beginning(request: HtmxHttpRequest) -> HttpResponse:
    form = NextForm(_posted(request), initial=_chosen(request), below=_layers(request, None))
    return _choose(request, form, "beginning", None)


def _choose(
    request: HtmxHttpRequest, form: NextForm, scope: Scope, found: Conversation | None
) -> HttpResponse:
    if not form.is_valid():
        return _dialog(request, form, scope, found)
    if request.htmx:
        return _done(fragments.chips(request.POST, swap="true"))
    return chat_page(request, found)


def _dialog(
    request: HtmxHttpRequest, form: ParametersForm, scope: Scope, found: Conversation | None
) -> HttpResponse:
    project = found.project if found else shown_project(request)
    told = thread.instructions_of(Conversation(project=project))
    html = fragments.dialog(request, form, scope, found, told)
    status = UNPROCESSABLE if form.is_bound else 200
    if request.htmx:
        return HttpResponse(html, status=status)
    return page(request, "parameters/page.html", {"form": html}, conversation=found, status=status)


def _done(html: str) -> HttpResponse:
    return HttpResponse(html, headers={"HX-Trigger": "parley:done", "HX-Reswap": "none"})


def _posted(request: HtmxHttpRequest) -> QueryDict | None:
    return request.POST if request.method == "POST" and "show" not in request.POST else None


def _chosen(request: HtmxHttpRequest) -> dict[str, str]:
    """What the composer has of NextForm already."""
    start = f"{NextForm.prefix}-"
    given = request.POST.items()
    return {name.removeprefix(start): str(it) for name, it in given if name.startswith(start)}


def _layers(request: HtmxHttpRequest, found: Conversation | None) -> list[Layer]:
    """What holds for the model that the composer has, in the conversation."""
    name = request.POST.get("model", "")
    named = AIModel.objects.usable().filter(name=name.replace("\0", "")).first()
    model = named or (found.model if found else None) or AIModel.objects.preferred()
    return below(model, conversation=found) if found else below(model, shown_project(request))
