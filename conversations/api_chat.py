"""Saying something in a conversation and reading the answer as it is written."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import StreamingHttpResponse
from ninja import Router
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from conversations.access import conversation_for
from conversations.actions import Sent
from conversations.api_schemas import TEXT
from conversations.asking import Turn, ask
from inference import database
from inference.api import runs
from inference.api.documentation import errors, stream
from inference.api.platform import telling
from inference.api.platform.sampling import Sampling
from inference.models import Generation

EXAMPLE = """\
event: start
data: {"type":"start","conversation_id":"9f0c…","title":"The capital of France","message_id":42,…}

event: token
data: {"type":"token","text":"Paris"}

event: done
data: {"type":"done","finish_reason":"stop","tokens":2,"generation_time":0.41,"usage":{…}}

"""

router = Router(tags=["chat"], auth=requires("chat"))


class ChatTurn(Sampling):
    message: str = TEXT
    conversation_id: UUID | None = Field(
        None, description="Without it, a new conversation begins.", strict=False
    )
    model_id: str | None = Field(
        None,
        description="Without it, the one that answered last there answers, or the default model.",
        examples=["parley-demo"],
    )


@router.post(
    "/chat",
    response=errors(404, 409),
    summary="Chat in a conversation",
    openapi_extra=stream("Server-sent events.", EXAMPLE),
)
async def chat(request: AuthenticatedRequest, body: ChatTurn) -> StreamingHttpResponse:
    """The message and the answer become part of the conversation, and appear in its open pages.

    `start` names the conversation, the question and the answer. `queued` tells the place in line
    while the answer waits, `thought` has a piece of what the model thinks first, if it is one that
    does, `token` a piece of its text, and `done` what it took; `error` comes
    instead if it fails. 409 while another answer is being written there. If the client goes away,
    the answer ends there: what has been written stays.
    """
    sent = await runs.unless_cancelled(sync_to_async(_ask)(request, body), _runs)
    [generation] = _runs(sent)
    return telling.stream(_write(sent, generation), [generation])


def _ask(request: AuthenticatedRequest, body: ChatTurn) -> Sent:
    id = body.conversation_id
    conversation = None if id is None else conversation_for(request.auth, id, "write")
    turn = Turn(body.message, "message", body.model_id, body.parameters)
    sent = ask(request, conversation, turn)
    database.let_go()  # the answer may take minutes, and needs none until its end
    return sent


def _runs(sent: Sent) -> list[Generation]:
    return [sent.answer.generation] if sent.answer.generation else []


async def _write(sent: Sent, generation: Generation) -> AsyncGenerator[str]:
    yield telling.event(
        "start",
        conversation_id=str(sent.conversation.pk),
        title=sent.conversation.title,
        question_id=sent.question.pk,
        message_id=sent.answer.pk,
        model=generation.model.name,
    )
    told = telling.Telling(generation)
    yield await told.place()
    async with aclosing(runs.paced([generation])) as events:
        async for news in events:
            lines = [await told.place()] if news is None else await told.take(news[1])
            for line in lines:
                yield line
