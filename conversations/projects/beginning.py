"""Conversations that begin in a project."""

from uuid import UUID

from django.http import Http404

from conversations.access import project_for
from conversations.models import Project
from conversations.requests import HtmxHttpRequest


def project_of(request: HtmxHttpRequest) -> Project | None:
    """The one that a new conversation is to begin in, as the address or the composer has it.
    Raises Http404 if the user may not begin one there."""
    given = request.POST.get("project") or request.GET.get("project")
    if not given:
        return None
    try:
        project = project_for(request.user, UUID(given), "write")
    except ValueError:
        raise Http404 from None
    if project.archived_at:
        raise Http404
    return project


def shown_project(request: HtmxHttpRequest) -> Project | None:
    """The same for a page that also says what was wrong."""
    try:
        return project_of(request)
    except Http404:
        return None


def hidden(project: Project | None) -> dict[str, str]:
    """What the composer sends along."""
    return {"project": str(project.pk)} if project else {}
