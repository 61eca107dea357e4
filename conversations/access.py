"""The one door to what people have: whoever may not see a row gets 404."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from channels.db import database_sync_to_async
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404

from accounts.models import User
from conversations.models import (
    ComparedAnswer,
    Comparison,
    Conversation,
    Message,
    Project,
    ProjectMember,
    SystemPrompt,
)

Visitor = User | AnonymousUser
Right = Literal["read", "write", "own"]
"""To see it; to add to it; to decide about it."""


def conversation_for(user: Visitor, conversation_id: UUID, right: Right) -> Conversation:
    """Members of its project may read or write in it; what becomes of it is its owner's."""
    if not user.is_authenticated:
        raise Http404
    conversation = get_object_or_404(
        Conversation.objects.kept().select_related("project"),
        pk=conversation_id,
    )
    if not _may(user, conversation, right):
        raise Http404
    return conversation


def message_for(user: Visitor, message_id: int, right: Right) -> Message:
    if not user.is_authenticated:
        raise Http404
    message = get_object_or_404(
        Message.objects.select_related(
            "conversation__project__prompt", "generation__model", "parent"
        ),
        pk=message_id,
        conversation__deleted_at=None,
    )
    if not _may(user, message.conversation, right):
        raise Http404
    return message


def project_for(user: Visitor, project_id: UUID, right: Right) -> Project:
    if not user.is_authenticated:
        raise Http404
    project = get_object_or_404(Project.objects.select_related("prompt", "model"), pk=project_id)
    if project.user_id != user.pk and not _is_member(user, project, right):
        raise Http404
    return project


def projects_of(user: User) -> QuerySet[Project]:
    """Their own, and those they are a member of."""
    mine = ProjectMember.objects.filter(user=user).values("project")
    return Project.objects.filter(Q(user=user) | Q(pk__in=mine))


def projects_to_write_in(user: User) -> QuerySet[Project]:
    """Those that a conversation of theirs may be in: not archived ones."""
    writers = ProjectMember.objects.filter(user=user, access=ProjectMember.Access.WRITE)
    mine = Q(user=user) | Q(pk__in=writers.values("project"))
    return Project.objects.filter(mine, archived_at=None)


def hold(project: Project) -> None:
    """Nobody deletes it before the transaction ends. Raises Http404 if somebody has."""
    get_object_or_404(Project.objects.select_for_update(), pk=project.pk)


def prompt_for(user: Visitor, prompt_id: UUID, right: Right) -> SystemPrompt:
    """Others' prompts can be read, where they are public or shared, and copied; not changed."""
    if not user.is_authenticated:
        raise Http404
    if right == "read":
        return get_object_or_404(prompts_of(user), pk=prompt_id)
    return get_object_or_404(SystemPrompt, pk=prompt_id, user=user)


def prompts_of(user: User) -> QuerySet[SystemPrompt]:
    """Their own, and those that others let them use."""
    shared = SystemPrompt.shared_with.through.objects.filter(user=user).values("systemprompt")
    usable = Q(visibility=SystemPrompt.Visibility.PUBLIC) | Q(
        visibility=SystemPrompt.Visibility.SHARED, pk__in=shared
    )
    return SystemPrompt.objects.filter(Q(user=user) | usable)


def comparison_for(user: Visitor, comparison_id: UUID) -> Comparison:
    if not user.is_authenticated:
        raise Http404
    return get_object_or_404(Comparison, pk=comparison_id, user=user)


def compared_answer_for(user: Visitor, answer_id: int) -> ComparedAnswer:
    if not user.is_authenticated:
        raise Http404
    rows = ComparedAnswer.objects.select_related("comparison__user", "generation", "model")
    return get_object_or_404(rows, pk=answer_id, comparison__user=user)


def searchable_by(user: User, projects: Iterable[UUID]) -> QuerySet[Conversation]:
    """All that they may read but temporary ones; `projects` are the ids of projects_of(user)."""
    mine = Q(user=user) | Q(project__in=projects)
    return Conversation.objects.kept().filter(mine, is_temporary=False)


def may_write(user: User, conversation: Conversation) -> bool:
    """Of somebody who may read it."""
    return _may(user, conversation, "write")


def readers_of(conversation: Conversation) -> set[int]:
    """Ids of the users who may have it open."""
    project = conversation.project
    return {conversation.user_id} | (members_of(project) if project else set())


def members_of(project: Project) -> set[int]:
    """Ids of the users who may see it, its owner's among them."""
    members = ProjectMember.objects.filter(project=project)
    return {project.user_id, *members.values_list("user", flat=True)}


def _may(user: User, conversation: Conversation, right: Right) -> bool:
    if conversation.user_id == user.pk:
        return True
    if right == "own" or conversation.project is None or conversation.is_temporary:
        return False
    if conversation.project.user_id == user.pk:
        return True
    return _is_member(user, conversation.project, right)


def _is_member(user: User, project: Project, right: Right) -> bool:
    member = ProjectMember.objects.filter(project=project, user=user).first()
    if member is None or right == "own":
        return False
    return right == "read" or member.access == ProjectMember.Access.WRITE


aconversation_for = database_sync_to_async(conversation_for)
