"""What was said in a conversation, in all its branches, and saying something there without waiting
for the answer."""

from typing import Any, Literal
from uuid import UUID

from django.http import Http404
from ninja import Query, Router, Status
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import PageIn, id_of
from conversations import actions, thread
from conversations.access import Right, conversation_for, message_for
from conversations.api_schemas import (
    TEXT,
    Asked,
    MessageOut,
    MessagePage,
    with_siblings,
)
from conversations.asking import Turn, ask, edit, regenerate
from conversations.models import Message
from inference.api.documentation import errors
from inference.api.platform.sampling import Sampling

router = Router(tags=["conversations"], auth=requires("read"))


MODEL = Field(
    None, description="Without it, the one that answered last there.", examples=["parley-demo"]
)


class NewMessage(Sampling):
    content: str = TEXT
    model_id: str | None = MODEL


class Again(Sampling):
    """What is left out is as in the answer before."""

    model_id: str | None = Field(
        None, description="Without it, the one that answered before.", examples=["parley-demo"]
    )


class MessagesIn(PageIn):
    branch: Literal["shown", "all"] = Field(
        "shown", description="The branch that pages show, or every message that there is."
    )


@router.get(
    "/conversations/{uuid:conversation_id}/messages", response=MessagePage, summary="List messages"
)
def list_messages(
    request: AuthenticatedRequest, conversation_id: UUID, page: Query[MessagesIn]
) -> dict[str, Any]:
    """Oldest first. Messages form a tree: an edited question and another answer stand beside the
    first one, with the same `parent_id`."""
    conversation = conversation_for(request.auth, conversation_id, "read")
    rows = Message.objects.filter(conversation=conversation)
    if page.branch == "shown":
        rows = rows.filter(pk__in=thread.branch(conversation.leaf_id))
    if page.cursor:
        rows = rows.filter(pk__gt=id_of(page.cursor))
    rows = rows.select_related("generation__model").order_by("pk")
    found: list[Message] = list(rows[: page.limit + 1])
    shown = found[: page.limit]
    return {
        "messages": with_siblings(shown),
        "next_cursor": str(shown[-1].pk) if len(found) > len(shown) else None,
    }


@router.get(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}",
    response=MessageOut,
    summary="Read a message",
)
def read_message(request: AuthenticatedRequest, conversation_id: UUID, message_id: int) -> Message:
    """To wait for an answer, ask until its `status` is done, stopped or failed."""
    return one_message(request, conversation_id, message_id, "read")


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
    message = one_message(request, conversation_id, message_id, "write")
    actions.stop(message)
    return Status(202, one_message(request, conversation_id, message_id, "write"))


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}/edit",
    response={202: Asked, **errors(409)},
    auth=requires("chat"),
    summary="Ask in other words",
)
def edit_message(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, body: NewMessage
) -> Status[dict[str, Any]]:
    """A new question beside the old one, which stays, with an answer of its own. The parameters
    are those of the last answer to the old one, but for what the request has. 409 for what is no
    question, and while an answer is being written in the conversation."""
    question = one_message(request, conversation_id, message_id, "write")
    turn = Turn(body.content, "content", body.model_id, body.parameters)
    sent = edit(request, question, turn)
    return Status(202, {"question": sent.question, "answer": sent.answer})


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}/regenerate",
    response={202: MessageOut, **errors(409)},
    auth=requires("chat"),
    summary="Answer again",
)
def regenerate_message(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, body: Again
) -> Status[Message]:
    """Another answer to the same question, beside the one that is there, with a new seed unless
    one was set. 409 for what is no answer, and while one is being written in the conversation."""
    answer = one_message(request, conversation_id, message_id, "write")
    return Status(202, regenerate(request, answer, body.model_id, body.parameters))


@router.post(
    "/conversations/{uuid:conversation_id}/messages/{int:message_id}/show",
    response=MessageOut,
    auth=requires("chat"),
    summary="Show a branch",
)
def show_message(request: AuthenticatedRequest, conversation_id: UUID, message_id: int) -> Message:
    """Open pages then show the branch that this message is in, and the next message follows its
    last one: that which was written last after this one, which is returned."""
    message = one_message(request, conversation_id, message_id, "write")
    return one_message(request, conversation_id, actions.show(message), "read")


def one_message(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, right: Right
) -> Message:
    message = message_for(request.auth, message_id, right)
    if message.conversation_id != conversation_id:
        raise Http404
    return message
