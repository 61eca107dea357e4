"""The members of projects, for programs."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn, page_of
from conversations.access import project_for
from conversations.api_conflicts import invalid
from conversations.models import ProjectMember
from conversations.people import WINDOW_SECONDS, NobodyThere, TooManyMisses
from conversations.projects import actions
from conversations.projects.api_schemas import AccessIn, MemberIn, MemberOut, MemberPage
from conversations.projects.members import member_to_remove
from inference.api.errors import Problem

router = Router(tags=["projects"], auth=requires("manage"))


@router.get(
    "/projects/{uuid:project_id}/members",
    response=MemberPage,
    auth=requires("read"),
    summary="List the members of a project",
)
def list_members(
    request: AuthenticatedRequest, project_id: UUID, page: Query[PageIn]
) -> dict[str, Any]:
    """But for its owner. Those who came last are first."""
    project = project_for(request.auth, project_id, "read")
    shown, next_cursor = page_of(project.members.select_related("user"), page)
    return {"members": shown, "next_cursor": next_cursor}


@router.post(
    "/projects/{uuid:project_id}/members", response={201: MemberOut}, summary="Add a member"
)
def add_member(
    request: AuthenticatedRequest, project_id: UUID, body: MemberIn
) -> Status[ProjectMember]:
    """For the project's owner. Whoever is one already gets the access that is given. Addresses
    that nobody has can be tried 20 times an hour."""
    project = project_for(request.auth, project_id, "own")
    try:
        return Status(201, actions.add_member(project, body.email, body.access))
    except NobodyThere as error:
        raise invalid("email", str(error)) from None
    except TooManyMisses as error:
        raise Problem(429, "rate_limit_exceeded", str(error), retry_after=WINDOW_SECONDS) from None


@router.patch(
    "/projects/{uuid:project_id}/members/{int:user_id}",
    response=MemberOut,
    summary="Change a member's access",
)
def change_member(
    request: AuthenticatedRequest, project_id: UUID, user_id: int, body: AccessIn
) -> ProjectMember:
    project = project_for(request.auth, project_id, "own")
    member = get_object_or_404(project.members.select_related("user", "project"), user__pk=user_id)
    actions.set_access(member, body.access)
    return member


@router.delete(
    "/projects/{uuid:project_id}/members/{int:user_id}",
    response={204: None},
    summary="Remove a member",
)
def remove_member(request: AuthenticatedRequest, project_id: UUID, user_id: int) -> Status[None]:
    """Owners remove others, and anybody oneself. Their conversations leave the project with
    them."""
    actions.remove_member(member_to_remove(request.auth, project_id, user_id))
    return Status(204, None)
