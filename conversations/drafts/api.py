"""What people have typed and not sent, for programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Query, Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn, bad_cursor
from conversations.access import conversation_for
from conversations.api_schemas import CURSOR
from conversations.drafts import actions
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation
from inference.api.documentation import errors

NEW = "null: for a new conversation."

router = Router(tags=["conversations"], auth=requires("read"))


class DraftOut(Schema):
    conversation_id: UUID | None = Field(description=NEW)
    text: str = Field(examples=["What is the capital of"])
    updated_at: datetime


class DraftPage(Schema):
    drafts: list[DraftOut]
    next_cursor: str | None = Field(description=CURSOR)


class DraftIn(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    conversation_id: UUID | None = Field(None, description=NEW, strict=False)
    text: str = Field(
        max_length=LONGEST_MESSAGE, description="Empty: there is none any more.", examples=[""]
    )


@router.get("/drafts", response=DraftPage, summary="List drafts")
def list_drafts(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """What was typed in the pages and not sent yet, the latest first."""
    rows = actions.drafts_of(request.auth)
    skipped = _number(page.cursor)
    found = list(rows[skipped : skipped + page.limit + 1])
    more = len(found) > page.limit
    return {
        "drafts": found[: page.limit],
        "next_cursor": str(skipped + page.limit) if more else None,
    }


@router.put(
    "/drafts",
    response={200: DraftOut, 204: None, **errors(404)},
    auth=requires("chat"),
    summary="Keep a draft",
)
def keep_draft(request: AuthenticatedRequest, body: DraftIn) -> Status[Any]:
    """It appears in the box of the conversation's page when that is opened, or looked at again;
    204 if the text is empty."""
    conversation = _conversation(request, body.conversation_id)
    draft = actions.keep(request.auth, conversation, body.text)
    return Status(200, draft) if draft.text else Status(204, None)


def _conversation(request: AuthenticatedRequest, id: UUID | None) -> Conversation | None:
    return None if id is None else conversation_for(request.auth, id, "write")


def _number(cursor: str) -> int:
    if not cursor:
        return 0
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 10):
        raise bad_cursor()
    return int(cursor)
