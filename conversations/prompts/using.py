"""Prompts in conversations: into the composer's box, or as what the model is told first."""

from uuid import UUID

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET, require_POST

from conversations import organising
from conversations.access import conversation_for, prompt_for
from conversations.dialogs import dialog
from conversations.models import Conversation, SystemPrompt
from conversations.parameters import fragments as parameters
from conversations.parameters.actions import set_parameters
from conversations.prompts import fragments, library
from conversations.prompts.forms import VariablesForm
from conversations.prompts.variables import fill, parts
from conversations.requests import HtmxHttpRequest, go, signed_in

UNPROCESSABLE = 422


@require_GET
@signed_in
def offered(request: HtmxHttpRequest) -> HttpResponse:
    """What the composer's list has, for what was typed after its slash."""
    typed = request.GET.get("q", "").replace("\0", "").strip()[:100]
    return HttpResponse(fragments.offered(library.offered(request.user, typed)))


@require_GET
@signed_in
def use(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    """Asks for its variables, and what is to become of it: in the library a new chat with it; in
    the composer (`from=composer`, of `conversation` if there is one) a message as well."""
    found = prompt_for(request.user, prompt_id, "read")
    return _dialog(request, found, VariablesForm(found.prompt))


@require_POST
@signed_in
def text(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    """What it says, with the values that were posted."""
    found = prompt_for(request.user, prompt_id, "read")
    form = VariablesForm(found.prompt, request.POST)
    if not form.is_valid():
        return _dialog(request, found, form)
    filled = fill(found.prompt, form.cleaned_data)
    return HttpResponse(filled, content_type="text/plain; charset=utf-8")


@require_POST
@signed_in
def instruct(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    """What it says becomes the instructions of `conversation`, or of a new one."""
    found = prompt_for(request.user, prompt_id, "read")
    form = VariablesForm(found.prompt, request.POST)
    if not form.is_valid():
        return _dialog(request, found, form)
    told = fill(found.prompt, form.cleaned_data)
    if not request.POST.get("conversation"):
        return go(request, _begin(request, found, told).get_absolute_url())
    conversation = _conversation(request)
    set_parameters(conversation, conversation.parameters, told)
    if not request.htmx:
        return go(request, conversation.get_absolute_url())
    button = parameters.button(request.user, conversation, swap="true")
    return HttpResponse(button, headers={"HX-Trigger": "parley:done", "HX-Reswap": "none"})


def _begin(request: HtmxHttpRequest, prompt: SystemPrompt, told: str) -> Conversation:
    return organising.create(request.user, title=prompt.name, instructions=told)


def _conversation(request: HtmxHttpRequest) -> Conversation:
    try:
        id = UUID(request.POST["conversation"])
    except ValueError:
        raise Http404 from None
    return conversation_for(request.user, id, "own")


def _dialog(request: HtmxHttpRequest, found: SystemPrompt, form: VariablesForm) -> HttpResponse:
    given = request.POST or request.GET
    context = {
        "prompt": found,
        "form": form,
        "parts": parts(found.prompt),
        "conversation": given.get("conversation", ""),
        "in_composer": given.get("from") == "composer",
    }
    return dialog(request, "prompts/_use.html", context, UNPROCESSABLE if form.is_bound else 200)
