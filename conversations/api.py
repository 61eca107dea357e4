"""The conversations of whoever asks, for programs. Strangers get 404, see access."""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from accounts.models import User
from conversations import organising
from conversations.access import conversation_for, projects_to_write_in
from conversations.api_conflicts import invalid
from conversations.api_schemas import ConversationOut, ConversationPage
from conversations.models import Conversation
from conversations.organising import temporary
from conversations.organising.api_schemas import (
    ConversationChange,
    ConversationsIn,
    NewConversation,
    Settings,
)
from conversations.organising.forms import TitleForm
from conversations.organising.tags import TagError, parse
from conversations.paging import page_by_change
from inference.api.documentation import errors
from inference.api.errors import Problem
from inference.api.runs import usable_model
from inference.parameters import clean

UNTITLED = "New chat"
MOMENTS = {"pinned": "pinned_at", "archived": "archived_at"}
"""Fields that are yes or no to programs, and moments in the rows."""

router = Router(tags=["conversations"], auth=requires("read"))


@router.get("/conversations", response=ConversationPage, summary="List conversations")
def list_conversations(
    request: AuthenticatedRequest, page: Query[ConversationsIn]
) -> dict[str, Any]:
    """One's own, the latest first; temporary ones are in no list."""
    shown, next_cursor = page_by_change(_asked(request.auth, page), page)
    return {"conversations": shown, "next_cursor": next_cursor}


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
    fields = _fields(request, body)
    if body.temporary and (body.project_id or body.pinned or body.archived):
        raise _only_by_itself()
    if body.title:  # no model gives it another one
        fields |= {"title": _title(body.title), "named_by": Conversation.Namer.USER}
    else:
        fields["title"] = temporary.title() if body.temporary else UNTITLED
    made = organising.create(
        request.auth,
        tags=fields.pop("tags", []),
        model=None if body.model_id is None else usable_model(request, body.model_id, "model_id"),
        is_temporary=body.temporary,
        **fields,
    )
    return Status(201, made)


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
    summary="Change a conversation",
)
def change_conversation(
    request: AuthenticatedRequest, conversation_id: UUID, body: ConversationChange
) -> Conversation:
    """Its title, its place, or what its next answers begin with. Its open pages show it at once."""
    conversation = conversation_for(request.auth, conversation_id, "own")
    fields = _fields(request, body)
    if "title" in body.model_fields_set:
        fields["title"] = _title(body.title)
    if not fields:
        raise Problem(400, "invalid_value", _("Name at least one field to change."))
    if conversation.is_temporary and fields.keys() & {"project", *MOMENTS.values()}:
        raise _only_by_itself()
    organising.change(conversation, **fields)
    return conversation_for(request.auth, conversation_id, "own")


@router.delete(
    "/conversations/{uuid:conversation_id}",
    response={204: None},
    auth=requires("manage"),
    summary="Delete a conversation",
)
def delete_conversation(request: AuthenticatedRequest, conversation_id: UUID) -> Status[None]:
    """With all its messages, at once and for good; an answer being written is stopped."""
    organising.delete(conversation_for(request.auth, conversation_id, "own"))
    return Status(204, None)


def _asked(user: User, page: ConversationsIn) -> QuerySet[Conversation]:
    rows = Conversation.objects.kept().filter(user=user, is_temporary=False)
    rows = rows.filter(archived_at__isnull=not page.archived)
    if page.pinned is not None:
        rows = rows.filter(pinned_at__isnull=not page.pinned)
    if page.tag:
        rows = rows.filter(tags__name=page.tag.replace("\0", ""))
    if page.project_id:
        rows = rows.filter(project=page.project_id)
    return rows.select_related("model").prefetch_related("tags")


def _fields(request: AuthenticatedRequest, body: Settings) -> dict[str, Any]:
    """Those of the row that the body names, and `tags`."""
    named = body.model_fields_set
    fields: dict[str, Any] = {}
    if "project_id" in named:
        id, there = body.project_id, projects_to_write_in(request.auth)
        fields["project"] = get_object_or_404(there, pk=id) if id else None
    if "instructions" in named:
        fields["instructions"] = body.instructions.replace("\0", "")
    if "parameters" in named:
        fields["parameters"] = clean(body.parameters.parameters)
    if "tags" in named:
        fields["tags"] = _tags(body.tags)
    for name in MOMENTS.keys() & named:
        fields[MOMENTS[name]] = timezone.now() if getattr(body, name) else None
    return fields


def _title(text: str) -> str:
    form = TitleForm({"title": text})
    if not form.is_valid():
        [message, *_more] = map(str, form.errors["title"])
        raise invalid("title", message)
    return str(form.cleaned_data["title"])


def _tags(names: list[str]) -> list[str]:
    try:
        return parse(names)
    except TagError as error:
        raise invalid("tags", str(error)) from None


def _only_by_itself() -> Problem:
    message = _("A temporary chat has no project, and can be neither pinned nor archived.")
    return invalid("temporary", message)
