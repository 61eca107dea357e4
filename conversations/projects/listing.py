"""What the pages of projects list."""

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from accounts.models import User
from conversations.access import projects_of
from conversations.models import Conversation, Project, ProjectMember
from conversations.sidebar import Cursor

PAGE = 30


@dataclass(frozen=True)
class Part:
    """Of the conversations of a project, the latest first."""

    conversations: list[Conversation]
    after: Cursor | None
    """Where the next part begins, if there is one."""


def conversations_in(project: Project) -> QuerySet[Conversation]:
    """Those that every member may see, their owners' names included."""
    rows = Conversation.objects.listed().filter(project=project)
    return rows.select_related("user", "model").order_by("-updated_at", "-pk")


def part(project: Project, before: Cursor | None) -> Part:
    rows = conversations_in(project)
    if before:
        same_moment = Q(updated_at=before.updated_at, pk__lt=before.id)
        rows = rows.filter(Q(updated_at__lt=before.updated_at) | same_moment)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    more = len(found) > len(shown)
    return Part(shown, Cursor(shown[-1].updated_at, shown[-1].pk) if more else None)


def listed(user: User, archived: bool = False) -> QuerySet[Project]:
    """With `chats`, how many conversations there are to be seen in each."""
    shown = Q(
        conversations__deleted_at=None,
        conversations__archived_at=None,
        conversations__is_temporary=False,
    )
    rows = projects_of(user).filter(archived_at__isnull=not archived).select_related("user")
    counted = rows.annotate(chats=Count("conversations", filter=shown))
    return counted.order_by("-updated_at", "-pk")


def access_of(user: User, project: Project) -> str:
    """What the user may do in a project that they may see: own, write or read."""
    if project.user_id == user.pk:
        return "own"
    return ProjectMember.objects.get(project=project, user=user).access
