"""The pages of the library."""

from typing import Any, get_args
from urllib.parse import urlencode
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from conversations.access import prompt_for
from conversations.dialogs import dialog
from conversations.models import SystemPrompt
from conversations.pages import page
from conversations.prompts import actions, fragments, library
from conversations.prompts.forms import PromptForm
from conversations.prompts.variables import parts
from conversations.requests import HtmxHttpRequest, go, signed_in

UNPROCESSABLE = 422


@require_GET
@gzip_page
@signed_in
def prompts(request: HtmxHttpRequest) -> HttpResponse:
    text, tag = request.GET.get("q", "").strip()[:100], request.GET.get("tag", "")[:100]
    chosen = request.GET.get("tab")
    tab: library.Tab = next((known for known in library.TABS if known == chosen), "own")
    there = library.tab(request.user, tab)
    part = library.part(library.search(there, text, tag), _id(request.GET.get("after", "")))
    context = {
        "tabs": _tabs(text),
        "tab": tab,
        "text": text,
        "tag": tag,
        "tags": library.tags_of(there),
        "prompts": part.prompts,
        "query": urlencode({"tab": tab, "q": text, "tag": tag, "after": part.after}),
        "more": part.after is not None,
        "searched": bool(text or tag),
    }
    return page(request, "prompts/prompts.html", context)


@require_GET
@gzip_page
@signed_in
def prompt(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    found = prompt_for(request.user, prompt_id, "read")
    is_own = found.user_id == request.user.pk
    context = {
        "prompt": found,
        "parts": parts(found.prompt),
        "is_own": is_own,
        "people": found.shared_with.order_by("email") if is_own else [],
    }
    return page(request, "prompts/prompt.html", context)


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def new(request: HtmxHttpRequest) -> HttpResponse:
    form = PromptForm(request.user, None, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form_page(request, None, form)
    made = actions.create(request.user, form.fields_of_prompt, form.cleaned_data["people"])
    return go(request, made.get_absolute_url())


@require_http_methods(["GET", "POST"])
@gzip_page
@signed_in
def edit(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    found = prompt_for(request.user, prompt_id, "own")
    form = PromptForm(request.user, found, request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _form_page(request, found, form)
    actions.change(found, form.fields_of_prompt, form.cleaned_data["people"])
    return go(request, found.get_absolute_url())


@require_POST
@signed_in
def copy(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    made = actions.copy(request.user, prompt_for(request.user, prompt_id, "read"))
    return go(request, reverse("edit_prompt", args=[made.pk]))


@require_http_methods(["GET", "POST"])
@signed_in
def delete(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    found = prompt_for(request.user, prompt_id, "own")
    if request.method != "POST":
        return dialog(request, "prompts/_delete.html", {"prompt": found})
    found.delete()
    return go(request, reverse("prompts"))


def _tabs(text: str) -> list[tuple[str, str, str]]:
    """Each with its title and where it leads: what is searched for stays."""
    titles = (_("Mine"), _("Shared with me"), _("Public"))
    search = {"q": text} if text else {}
    return [
        (tab, title, "?" + urlencode({"tab": tab, **search}))
        for tab, title in zip(get_args(library.Tab), titles, strict=True)
    ]


def _form_page(
    request: HtmxHttpRequest, found: SystemPrompt | None, form: PromptForm
) -> HttpResponse:
    status = UNPROCESSABLE if form.is_bound else 200
    drawn = fragments.form(request, found, form)
    if request.htmx and form.is_bound:
        return HttpResponse(drawn, status=status)
    context: dict[str, Any] = {"prompt": found, "form": drawn}
    return page(request, "prompts/edit.html", context, status=status)


def _id(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
