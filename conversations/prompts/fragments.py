"""Each `prompts/_x.html` is rendered here, by one function, but for dialogs."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from conversations.models import SystemPrompt
from conversations.prompts.forms import PromptForm


def form(request: HttpRequest, prompt: SystemPrompt | None, form: PromptForm) -> SafeString:
    return _render("_form", request, prompt=prompt, form=form)


def offered(prompts: Sequence[SystemPrompt]) -> SafeString:
    """The options of the composer's list."""
    return _render("_offered", prompts=prompts)


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"prompts/{name}.html", context, request)
