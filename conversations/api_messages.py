"""What was said in a conversation, and saying something there without waiting for the answer."""

from typing import Any
from uuid import UUID

from django.http import Http404
from ninja import Query, Router, Status

from accounts.authentication import AuthenticatedRequest, requires
from conversations import actions, thread
from conversations.access import Right, conversation_for, message_for
from conversations.api_schemas import TEXT, Asked, MessageOut, MessagePage, PageIn, bad_cursor
from conversations.asking import Turn, ask
from conversations.models import Message
from inference.api.documentation import errors
from inference.api.platform.sampling import Sampling

router = Router(tags=["conversations"], auth=requires("read"))


class NewMessage(Sampling):
    content: str = TEXT
    model_id: str | None = None


@router.get(
    "/conversations/{uuid:conversation_id}/messages", response=MessagePage, summary="List messages"
)
def list_messages(
    request: AuthenticatedRequest, conversation_id: UUID, page: Query[PageIn]
) -> dict[str, Any]:
    """Oldest first."""
    conversation = conversation_for(request.auth, conversation_id, "read")
    shown_branch = Message.objects.filter(pk__in=thread.branch(conversation.leaf_id))
    rows = shown_branch.select_related("generation__model").order_by("pk")
    if page.cursor:
        rows = rows.filter(pk__gt=_whole(page.cursor))
    found: list[Message] = list(rows[: page.limit + 1])
    shown = found[: page.limit]
    return {
        "messages": shown,
        "next_cursor": str(shown[-1].pk) if len(found) > len(shown) else None,
    }


@router.get(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}",
    response=MessageOut,
    summary="Read a message",
)
def read_message(request: AuthenticatedRequest, conversation_id: UUID, message_id: int) -> Message:
    """To wait for an answer, ask until its `status` is done, stopped or failed."""
    return _message(request, conversation_id, message_id, "read")


@router.post(
    "/conversations/{uuid:conversation_id}/messages",
    response={202: Asked, **errors(409)},
    auth=requires("chat"),
    summary="Send a message",
)
def post_message(
    request: AuthenticatedRequest, conversation_id: UUID, body: NewMessage
) -> Status[dict[str, Any]]:
    """The answer is queued and goes on whether or not anybody waits for it, as in the page. 409
    while another one is being written there. To have it streamed, use POST /chat."""
    conversation = conversation_for(request.auth, conversation_id, "write")
    turn = Turn(body.content, "content", body.model_id, body.parameters)
    sent = ask(request, conversation, turn)
    return Status(202, {"question": sent.question, "answer": sent.answer})


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}/stop",
    response={202: MessageOut},
    auth=requires("chat"),
    summary="Stop an answer",
)
def stop_message(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int
) -> Status[Message]:
    """It ends within a step of its model, and what has been written stays. Nothing happens if it
    has ended already."""
    message = _message(request, conversation_id, message_id, "write")
    actions.stop(message)
    return Status(202, _message(request, conversation_id, message_id, "write"))


def _message(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, right: Right
) -> Message:
    message = message_for(request.auth, message_id, right)
    if message.conversation_id != conversation_id:
        raise Http404
    return message


def _whole(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise bad_cursor()
    return int(cursor)
