"""What people do with projects and their members."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import User
from conversations import notices
from conversations.access import hold, members_of, prompts_of
from conversations.models import Conversation, Project, ProjectMember, SystemPrompt
from conversations.people import NobodyThere, person_at


def create(user: User, fields: Mapping[str, Any]) -> Project:
    return Project.objects.create(user=user, **fields)


@transaction.atomic
def change(project: Project, fields: Mapping[str, Any]) -> None:
    """Answers asked for from now on follow it."""
    for name, value in fields.items():
        setattr(project, name, value)
    project.updated_at = timezone.now()
    project.save(update_fields=[*fields, "updated_at"])
    notices.project_changed(members_of(project), project.pk)


def prompts_for(user: User, project: Project | None) -> QuerySet[SystemPrompt]:
    """Those that `user` may choose as the project's: its owner may use them, too, so that they
    stay readable to whoever answers for the project. The present one may always stay."""
    prompts = prompts_of(user)
    if project is None:
        return prompts
    if project.user_id != user.pk:
        prompts = prompts.filter(pk__in=prompts_of(project.user).values("pk"))
    if project.prompt_id:
        prompts |= SystemPrompt.objects.filter(pk=project.prompt_id)
    return prompts


def archive(project: Project) -> None:
    """Nothing new begins in it; what is there can be read, and goes on."""
    change(project, {"archived_at": timezone.now()})


def unarchive(project: Project) -> None:
    change(project, {"archived_at": None})


@transaction.atomic
def delete(project: Project) -> None:
    """Its conversations stay with their owners, in no project."""
    hold(project)
    project_id, members = project.pk, members_of(project)
    project.delete()
    notices.project_changed(members, project_id)


@transaction.atomic
def add_member(project: Project, email: str, access: str) -> ProjectMember:
    """Or change what a member may do. Raises NobodyThere and TooManyMisses, see people."""
    person = person_at(email, project.user)
    if person.pk == project.user_id:
        raise NobodyThere(_("%(email)s owns the project already.") % {"email": person.email})
    hold(project)
    member, _created = ProjectMember.objects.update_or_create(
        project=project, user=person, defaults={"access": access}
    )
    notices.project_changed(members_of(project), project.pk)
    return member


@transaction.atomic
def set_access(member: ProjectMember, access: str) -> None:
    ProjectMember.objects.filter(pk=member.pk).update(access=access)
    member.access = access
    notices.project_changed(members_of(member.project), member.project_id)


@transaction.atomic
def remove_member(member: ProjectMember) -> None:
    """Their own conversations leave the project with them; they see no others of it any more."""
    project, members = member.project, members_of(member.project)
    member.delete()
    Conversation.objects.filter(project=project, user=member.user).update(project=None)
    notices.project_changed(members, project.pk)
