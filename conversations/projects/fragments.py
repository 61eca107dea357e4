"""Each `projects/_x.html` is rendered here, by one function."""

from collections.abc import Iterable
from datetime import tzinfo
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.safestring import SafeString

from accounts.models import User
from conversations.models import Conversation, Project
from conversations.parameters.forms import ParametersForm
from conversations.projects.forms import ProjectForm
from conversations.projects.listing import Part
from conversations.sidebar import Cursor


def form(
    request: HttpRequest, project: Project | None, form: ProjectForm, sampling: ParametersForm
) -> SafeString:
    """`sampling` is folded away as long as nothing is set there."""
    is_open = bool(sampling.errors or (project and project.parameters))
    return _render(
        "_form", request, project=project, form=form, sampling=sampling, sampling_is_open=is_open
    )


def conversations(
    reader: User, project: Project, part: Part, before: Cursor | None, zone: tzinfo
) -> SafeString:
    """A stretch of the list. Others' conversations have their names with them."""
    return _render(
        "_conversations",
        project=project,
        rows=list(_rows(reader, part.conversations, zone)),
        before=before,
        after=part.after,
    )


def _rows(
    reader: User, conversations: Iterable[Conversation], zone: tzinfo
) -> Iterable[tuple[Conversation, str, str]]:
    for conversation in conversations:
        owner = "" if conversation.user_id == reader.pk else str(conversation.user)
        yield conversation, owner, _day(conversation, zone)


def _day(conversation: Conversation, zone: tzinfo) -> str:
    changed = timezone.localtime(conversation.updated_at, zone)
    today = timezone.localtime(timezone=zone)
    if changed.date() == today.date():
        return date_format(changed, "TIME_FORMAT")
    return date_format(changed, "j M" if changed.year == today.year else "DATE_FORMAT")


def _render(name: str, request: HttpRequest | None = None, **context: Any) -> SafeString:
    return render_to_string(f"projects/{name}.html", context, request)
