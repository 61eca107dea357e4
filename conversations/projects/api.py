"""The projects that whoever asks may see, for programs. Strangers get 404, see access."""

from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn
from conversations.access import Right, project_for, projects_of
from conversations.api_conflicts import invalid
from conversations.api_schemas import ConversationPage
from conversations.models import Project, SystemPrompt
from conversations.paging import page_by_change
from conversations.projects import actions
from conversations.projects.api_schemas import (
    ProjectChange,
    ProjectIn,
    ProjectOut,
    ProjectPage,
    ProjectsIn,
    Settings,
)
from conversations.projects.listing import conversations_in
from inference.api.documentation import errors
from inference.api.runs import usable_model
from inference.parameters import clean

router = Router(tags=["projects"], auth=requires("read"))


@router.get("/projects", response=ProjectPage, summary="List projects")
def list_projects(request: AuthenticatedRequest, page: Query[ProjectsIn]) -> dict[str, Any]:
    """One's own and those one is a member of, the one that changed last first."""
    rows = projects_of(request.auth).filter(archived_at__isnull=not page.archived)
    shown, next_cursor = page_by_change(rows.select_related("model", "prompt"), page)
    return {"projects": shown, "next_cursor": next_cursor}


@router.post(
    "/projects",
    response={201: ProjectOut, **errors(404)},
    auth=requires("manage"),
    summary="Create a project",
)
def create_project(request: AuthenticatedRequest, body: ProjectIn) -> Status[Project]:
    return Status(201, actions.create(request.auth, _fields(request, body, None)))


@router.get("/projects/{uuid:project_id}", response=ProjectOut, summary="Read a project")
def read_project(request: AuthenticatedRequest, project_id: UUID) -> Project:
    return project_for(request.auth, project_id, "read")


@router.patch(
    "/projects/{uuid:project_id}",
    response=ProjectOut,
    auth=requires("manage"),
    summary="Change a project",
)
def change_project(request: AuthenticatedRequest, project_id: UUID, body: ProjectChange) -> Project:
    """The next answers in it follow. Writers may do this, too, but for archiving it."""
    right: Right = "own" if "is_archived" in body.model_fields_set else "write"
    project = project_for(request.auth, project_id, right)
    actions.change(project, _fields(request, body, project))
    if "is_archived" in body.model_fields_set:
        (actions.archive if body.is_archived else actions.unarchive)(project)
    return project


@router.delete(
    "/projects/{uuid:project_id}",
    response={204: None},
    auth=requires("manage"),
    summary="Delete a project",
)
def delete_project(request: AuthenticatedRequest, project_id: UUID) -> Status[None]:
    """Its conversations stay with their owners, in no project."""
    actions.delete(project_for(request.auth, project_id, "own"))
    return Status(204, None)


@router.get(
    "/projects/{uuid:project_id}/conversations",
    response=ConversationPage,
    summary="List the conversations of a project",
)
def list_project_conversations(
    request: AuthenticatedRequest, project_id: UUID, page: Query[PageIn]
) -> dict[str, Any]:
    """Own ones and those of other members, the latest first."""
    project = project_for(request.auth, project_id, "read")
    shown, next_cursor = page_by_change(conversations_in(project), page)
    return {"conversations": shown, "next_cursor": next_cursor}


def _fields(
    request: AuthenticatedRequest, body: Settings, project: Project | None
) -> dict[str, Any]:
    """Those of the row that the body names."""
    given = body.model_dump(exclude_unset=True, exclude={"model_id", "prompt_id", "is_archived"})
    named = body.model_fields_set
    if "parameters" in named:
        given["parameters"] = clean(body.parameters.parameters)
    if "model_id" in named:
        given["model"] = usable_model(request, body.model_id, "model_id") if body.model_id else None
    if "prompt_id" in named:
        given["prompt"] = _prompt(request, project, body.prompt_id)
    return given


def _prompt(
    request: AuthenticatedRequest, project: Project | None, prompt_id: UUID | None
) -> SystemPrompt | None:
    if prompt_id is None:
        return None
    prompt = actions.prompts_for(request.auth, project).filter(pk=prompt_id).first()
    if prompt is None:
        message = _("There is no such prompt, or the project’s owner may not use it.")
        raise invalid("prompt_id", message)
    return prompt
