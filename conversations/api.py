"""The conversations of whoever asks, for programs. Strangers get 404, see access."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from accounts.authentication import AuthenticatedRequest
from conversations import actions
from conversations.access import conversation_for
from conversations.forms import TitleForm
from conversations.models import Conversation, Message
from inference.api.errors import Problem

router = Router(tags=["conversations"])


class ConversationOut(Schema):
    id: UUID
    title: str
    model: str | None = Field(description="The one that answered last.")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_model(conversation: Conversation) -> str | None:
        return conversation.model.name if conversation.model else None


class ConversationPage(Schema):
    conversations: list[ConversationOut]
    next_cursor: str | None = Field(description="Where the next page begins; null on the last.")


class MessageOut(Schema):
    id: int
    role: str
    content: str = Field(description="Empty until an answer has ended.")
    status: str = Field(description="queued, streaming, done, stopped or failed")
    created_at: datetime


class MessagePage(Schema):
    messages: list[MessageOut]
    next_cursor: str | None


class TitleIn(Schema):
    title: str


class PageIn(Schema):
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=200)


@router.get("/conversations", response=ConversationPage)
def list_conversations(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """One's own, the latest first."""
    rows = Conversation.objects.filter(user=request.auth).order_by("-updated_at", "-pk")
    if page.cursor:
        updated_at, pk = _read_place(page.cursor)
        rows = rows.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, pk__lt=pk))
    found = list(rows.select_related("model")[: page.limit + 1])
    shown = found[: page.limit]
    return {
        "conversations": shown,
        "next_cursor": _write_place(shown[-1]) if len(found) > len(shown) else None,
    }


@router.get("/conversations/{uuid:conversation_id}", response=ConversationOut)
def read_conversation(request: AuthenticatedRequest, conversation_id: UUID) -> Conversation:
    return conversation_for(request.auth, conversation_id)


@router.patch("/conversations/{uuid:conversation_id}", response=ConversationOut)
def rename_conversation(
    request: AuthenticatedRequest, conversation_id: UUID, body: TitleIn
) -> Conversation:
    conversation = conversation_for(request.auth, conversation_id)
    form = TitleForm({"title": body.title})
    if not form.is_valid():
        [message, *_more] = map(str, form.errors["title"])
        raise Problem(400, "invalid_value", message, param="title")
    actions.rename(conversation, form.cleaned_data["title"])
    conversation.refresh_from_db()
    return conversation


@router.delete("/conversations/{uuid:conversation_id}", response={204: None})
def delete_conversation(request: AuthenticatedRequest, conversation_id: UUID) -> Status[None]:
    """With all its messages; an answer being written is stopped."""
    actions.delete(conversation_for(request.auth, conversation_id))
    return Status(204, None)


@router.get("/conversations/{uuid:conversation_id}/messages", response=MessagePage)
def list_messages(
    request: AuthenticatedRequest, conversation_id: UUID, page: Query[PageIn]
) -> dict[str, Any]:
    """Oldest first."""
    conversation = conversation_for(request.auth, conversation_id)
    rows = conversation.messages.select_related("generation").order_by("pk")
    if page.cursor:
        rows = rows.filter(pk__gt=_whole(page.cursor))
    found: list[Message] = list(rows[: page.limit + 1])
    shown = found[: page.limit]
    return {
        "messages": shown,
        "next_cursor": str(shown[-1].pk) if len(found) > len(shown) else None,
    }


def _write_place(conversation: Conversation) -> str:
    place = f"{conversation.updated_at.isoformat()} {conversation.pk}"
    return urlsafe_base64_encode(place.encode())


def _read_place(cursor: str) -> tuple[datetime, UUID]:
    try:
        updated_at, _space, pk = urlsafe_base64_decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(updated_at).astimezone(UTC), UUID(pk)
    except (ValueError, OverflowError):
        raise _bad_cursor() from None


def _whole(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise _bad_cursor()
    return int(cursor)


def _bad_cursor() -> Problem:
    return Problem(400, "invalid_value", _("This cursor is not one of ours."), param="cursor")
