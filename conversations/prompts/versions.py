"""What a prompt said before: for its owner, as it may not have been meant for others then."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_GET, require_POST

from conversations.access import prompt_for
from conversations.pages import page
from conversations.prompts import actions
from conversations.prompts.differences import differences
from conversations.requests import HtmxHttpRequest, go, signed_in


@require_GET
@gzip_page
@signed_in
def versions(request: HtmxHttpRequest, prompt_id: UUID) -> HttpResponse:
    found = prompt_for(request.user, prompt_id, "own")
    context = {"prompt": found, "versions": found.versions.all()}
    return page(request, "prompts/versions.html", context)


@require_GET
@gzip_page
@signed_in
def version(request: HtmxHttpRequest, prompt_id: UUID, number: int) -> HttpResponse:
    """What changed with it, and what it says."""
    found = prompt_for(request.user, prompt_id, "own")
    shown = get_object_or_404(found.versions, number=number)
    before = found.versions.filter(number__lt=number).first()
    context = {
        "prompt": found,
        "version": shown,
        "before": before,
        "lines": differences(before.text, shown.text) if before else [],
    }
    return page(request, "prompts/version.html", context)


@require_POST
@signed_in
def restore(request: HtmxHttpRequest, prompt_id: UUID, number: int) -> HttpResponse:
    found = prompt_for(request.user, prompt_id, "own")
    actions.restore(get_object_or_404(found.versions.select_related("prompt"), number=number))
    return go(request, found.get_absolute_url())
