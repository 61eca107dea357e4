"""The conversations of whoever asks, for programs. Strangers get 404, see access."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.http import urlsafe_base64_decode, urlsafe_base64_encode
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from conversations import organising
from conversations.access import conversation_for
from conversations.api_schemas import (
    ConversationOut,
    ConversationPage,
    NewConversation,
    PageIn,
    TitleIn,
    bad_cursor,
)
from conversations.forms import TitleForm
from conversations.models import Conversation
from inference.api.documentation import errors
from inference.api.errors import Problem
from inference.api.runs import usable_model

UNTITLED = "New chat"

router = Router(tags=["conversations"], auth=requires("read"))


@router.get("/conversations", response=ConversationPage, summary="List conversations")
def list_conversations(request: AuthenticatedRequest, page: Query[PageIn]) -> dict[str, Any]:
    """One's own, the latest first."""
    rows = Conversation.objects.listed().filter(user=request.auth).order_by("-updated_at", "-pk")
    if page.cursor:
        updated_at, pk = _read_place(page.cursor)
        rows = rows.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, pk__lt=pk))
    found = list(rows.select_related("model")[: page.limit + 1])
    shown = found[: page.limit]
    return {
        "conversations": shown,
        "next_cursor": _write_place(shown[-1]) if len(found) > len(shown) else None,
    }


@router.post(
    "/conversations",
    response={201: ConversationOut, **errors(404)},
    auth=requires("chat"),
    summary="Create a conversation",
)
def create_conversation(
    request: AuthenticatedRequest, body: NewConversation
) -> Status[Conversation]:
    """Without messages. POST /chat creates one as well, and names it by its first message."""
    model = None if body.model_id is None else usable_model(request, body.model_id)
    title = _clean(body.title) if body.title else UNTITLED
    return Status(201, organising.create(request.auth, title, model))


@router.get(
    "/conversations/{uuid:conversation_id}", response=ConversationOut, summary="Read a conversation"
)
def read_conversation(request: AuthenticatedRequest, conversation_id: UUID) -> Conversation:
    """What was said there is at `/messages` below it."""
    return conversation_for(request.auth, conversation_id, "read")


@router.patch(
    "/conversations/{uuid:conversation_id}",
    response=ConversationOut,
    auth=requires("manage"),
    summary="Rename a conversation",
)
def rename_conversation(
    request: AuthenticatedRequest, conversation_id: UUID, body: TitleIn
) -> Conversation:
    """Its open pages show the new title at once."""
    conversation = conversation_for(request.auth, conversation_id, "own")
    organising.rename(conversation, _clean(body.title))
    conversation.refresh_from_db()
    return conversation


@router.delete(
    "/conversations/{uuid:conversation_id}",
    response={204: None},
    auth=requires("manage"),
    summary="Delete a conversation",
)
def delete_conversation(request: AuthenticatedRequest, conversation_id: UUID) -> Status[None]:
    """With all its messages; an answer being written is stopped."""
    organising.delete(conversation_for(request.auth, conversation_id, "own"))
    return Status(204, None)


def _clean(title: str) -> str:
    form = TitleForm({"title": title})
    if not form.is_valid():
        [message, *_more] = map(str, form.errors["title"])
        raise Problem(400, "invalid_value", message, param="title")
    return str(form.cleaned_data["title"])


def _write_place(conversation: Conversation) -> str:
    place = f"{conversation.updated_at.isoformat()} {conversation.pk}"
    return urlsafe_base64_encode(place.encode())


def _read_place(cursor: str) -> tuple[datetime, UUID]:
    try:
        updated_at, _space, pk = urlsafe_base64_decode(cursor).decode().partition(" ")
        return datetime.fromisoformat(updated_at).astimezone(UTC), UUID(pk)
    except (ValueError, OverflowError):
        raise bad_cursor() from None
