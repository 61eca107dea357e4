"""Small forms that a page shows in its dialog; pages of their own without scripts."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.template.loader import render_to_string

from conversations.pages import page
from conversations.requests import HtmxHttpRequest


def dialog(
    request: HtmxHttpRequest, template: str, context: Mapping[str, Any], status: int = 200
) -> HttpResponse:
    html = render_to_string(template, dict(context), request)
    if request.htmx:
        return HttpResponse(html, status=status)
    return page(request, "dialog_page.html", {"form": html}, status=status)
