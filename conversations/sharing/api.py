"""Links to conversations, for programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404
from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.api import Expiry
from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn, page_of
from conversations.access import conversation_for
from conversations.api_conflicts import conflicts
from conversations.api_schemas import CURSOR
from conversations.models import SharedLink
from conversations.sharing import actions
from inference.api.documentation import errors

router = Router(tags=["conversations"], auth=requires("read"))


class ShareOut(Schema):
    id: int
    conversation_id: UUID
    title: str = Field(examples=["The capital of France"])
    url: str = Field(examples=["https://chat.example.org/s/…/"])
    is_public: bool = Field(description="Whether it can be read without signing in.")
    created_at: datetime
    expires_at: datetime | None


class SharePage(Schema):
    shares: list[ShareOut]
    next_cursor: str | None = Field(description=CURSOR)


class ShareIn(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    conversation_id: UUID = Field(strict=False)
    expires_at: Expiry = Field(None, description="With its time zone. null: never.", strict=False)


@router.get("/shares", response=SharePage, summary="List shared links")
def list_shares(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """Those of one's own conversations that work, the latest first."""
    rows = actions.working_links().filter(conversation__user=request.auth)
    shown, next_cursor = page_of(rows, page)
    return {"shares": [_told(request, link) for link in shown], "next_cursor": next_cursor}


@router.post(
    "/shares",
    response={201: ShareOut, **errors(404, 409)},
    auth=requires("manage"),
    summary="Share a conversation",
)
def create_share(request: AuthenticatedRequest, body: ShareIn) -> Status[dict[str, Any]]:
    """Whoever has the link reads the branch that is shown now, up to its last complete message,
    and nothing else. 409 if there is nothing to share, or the conversation is temporary."""
    conversation = conversation_for(request.auth, body.conversation_id, "own")
    with conflicts():
        link = actions.share(conversation, body.expires_at)
    return Status(201, _told(request, link))


@router.delete(
    "/shares/{int:share_id}",
    response={204: None},
    auth=requires("manage"),
    summary="Revoke a shared link",
)
def revoke_share(request: AuthenticatedRequest, share_id: int) -> Status[None]:
    """It leads nowhere from then on."""
    if not actions.revoke(SharedLink.objects.filter(pk=share_id, conversation__user=request.auth)):
        raise Http404
    return Status(204, None)


def _told(request: AuthenticatedRequest, link: SharedLink) -> dict[str, Any]:
    return {
        "id": link.pk,
        "conversation_id": link.conversation_id,
        "title": link.title,
        "url": request.build_absolute_uri(f"/s/{link.token}/"),
        "is_public": settings.PUBLIC_LINKS,
        "created_at": link.created_at,
        "expires_at": link.expires_at,
    }
