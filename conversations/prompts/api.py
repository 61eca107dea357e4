"""The library of prompts, for programs. Strangers get 404, see access."""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.models import User
from accounts.paging import PageIn, page_of
from conversations.access import prompt_for, prompts_of
from conversations.api_conflicts import invalid
from conversations.models import SystemPrompt
from conversations.paging import page_by_change
from conversations.people import WINDOW_SECONDS, NobodyThere, TooManyMisses
from conversations.prompts import actions, library
from conversations.prompts.api_schemas import (
    Fields,
    PromptChange,
    PromptIn,
    PromptOut,
    PromptPage,
    PromptsIn,
    RenderIn,
    RenderOut,
    VersionPage,
)
from conversations.prompts.forms import people_at
from conversations.prompts.variables import fill, missing
from inference.api.errors import Problem

router = Router(tags=["prompts"], auth=requires("read"))


@router.get("/prompts", response=PromptPage, summary="List prompts")
def list_prompts(request: AuthenticatedRequest, page: Query[PromptsIn]) -> dict[str, Any]:
    """Those one may use, the one that changed last first."""
    there = library.tab(request.auth, page.tab) if page.tab else prompts_of(request.auth)
    rows = library.search(there, page.q, page.tag).prefetch_related("shared_with")
    shown, next_cursor = page_by_change(rows, page)
    return {"prompts": shown, "next_cursor": next_cursor}


@router.post(
    "/prompts", response={201: PromptOut}, auth=requires("manage"), summary="Create a prompt"
)
def create_prompt(request: AuthenticatedRequest, body: PromptIn) -> Status[SystemPrompt]:
    people = _people(request.auth, body) or []
    return Status(201, actions.create(request.auth, body.fields_of_prompt, people))


@router.get("/prompts/{uuid:prompt_id}", response=PromptOut, summary="Read a prompt")
def read_prompt(request: AuthenticatedRequest, prompt_id: UUID) -> SystemPrompt:
    return prompt_for(request.auth, prompt_id, "read")


@router.patch(
    "/prompts/{uuid:prompt_id}",
    response=PromptOut,
    auth=requires("manage"),
    summary="Change a prompt",
)
def change_prompt(
    request: AuthenticatedRequest, prompt_id: UUID, body: PromptChange
) -> SystemPrompt:
    """One's own. Another text makes another version."""
    prompt = prompt_for(request.auth, prompt_id, "own")
    return actions.change(prompt, body.fields_of_prompt, _people(request.auth, body))


@router.delete(
    "/prompts/{uuid:prompt_id}",
    response={204: None},
    auth=requires("manage"),
    summary="Delete a prompt",
)
def delete_prompt(request: AuthenticatedRequest, prompt_id: UUID) -> Status[None]:
    """With its versions. Conversations that began with it keep their instructions."""
    prompt_for(request.auth, prompt_id, "own").delete()
    return Status(204, None)


@router.post(
    "/prompts/{uuid:prompt_id}/copy",
    response={201: PromptOut},
    auth=requires("manage"),
    summary="Copy a prompt",
)
def copy_prompt(request: AuthenticatedRequest, prompt_id: UUID) -> Status[SystemPrompt]:
    """Into a private one of one's own."""
    return Status(201, actions.copy(request.auth, prompt_for(request.auth, prompt_id, "read")))


@router.post(
    "/prompts/{uuid:prompt_id}/render", response=RenderOut, summary="Fill in a prompt's variables"
)
def render_prompt(request: AuthenticatedRequest, prompt_id: UUID, body: RenderIn) -> dict[str, Any]:
    """Without a value, a variable has its default, or else stays as it is written. Values are
    texts: what looks like a variable in one is none."""
    text = prompt_for(request.auth, prompt_id, "read").prompt
    return {"text": fill(text, body.variables), "missing": missing(text, body.variables)}


@router.get(
    "/prompts/{uuid:prompt_id}/versions",
    response=VersionPage,
    summary="List the versions of a prompt",
)
def list_versions(
    request: AuthenticatedRequest, prompt_id: UUID, page: Query[PageIn]
) -> dict[str, Any]:
    """Of one's own prompt, the latest first."""
    prompt = prompt_for(request.auth, prompt_id, "own")
    shown, next_cursor = page_of(prompt.versions.all(), page)
    return {"versions": shown, "next_cursor": next_cursor}


@router.post(
    "/prompts/{uuid:prompt_id}/versions/{int:number}/restore",
    response=PromptOut,
    auth=requires("manage"),
    summary="Restore a version",
)
def restore_version(request: AuthenticatedRequest, prompt_id: UUID, number: int) -> SystemPrompt:
    """As a new version, so that nothing is lost."""
    prompt = prompt_for(request.auth, prompt_id, "own")
    version = get_object_or_404(prompt.versions.select_related("prompt"), number=number)
    return actions.restore(version)


def _people(user: User, body: Fields) -> list[User] | None:
    """Whom it names, if it does."""
    if "shared_with" not in body.model_fields_set:
        return None
    try:
        return people_at(body.shared_with, user)
    except NobodyThere as error:
        raise invalid("shared_with", str(error)) from None
    except TooManyMisses as error:
        raise Problem(429, "rate_limit_exceeded", str(error), retry_after=WINDOW_SECONDS) from None
