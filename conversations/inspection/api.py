"""Looking at the tokens of one's own answers, for programs."""

from typing import Any, Literal
from uuid import UUID

from django.shortcuts import get_object_or_404
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from conversations import actions as answering
from conversations.access import Right
from conversations.api_conflicts import conflicts
from conversations.api_schemas import MessageOut
from conversations.inspection import actions
from conversations.inspection.tokens import Choice, Token, first_difference
from conversations.messages.api import one_message
from conversations.models import Inspection, Message
from conversations.token_ids import unpack
from inference.api.documentation import errors
from inference.api.runs import check_served, usable_model

router = Router(tags=["tokens"], auth=requires("read"))

MESSAGE = "/conversations/{uuid:conversation_id}/messages/{int:message_id}"


class Candidate(Schema):
    id: int = Field(examples=[3681])
    text: str = Field(
        description="Bytes that are no characters by themselves are U+FFFD.", examples=[" Paris"]
    )
    logprob: float = Field(
        description="The natural logarithm of its probability.", examples=[-0.105361]
    )


class InspectedToken(Candidate):
    top: list[Candidate] = Field(description="The likeliest others, the likeliest first.")


class InspectionOut(Schema):
    kind: Literal["score", "replay"]
    status: Literal["running", "done", "failed"]
    error: str = Field(description="Why it failed; else empty.", examples=[""])
    tokens: list[InspectedToken] = Field(description="Empty until it is done.")
    first_difference: int | None = Field(
        description="Of a replay: the place of the first token, from 0, that is not the answer's;"
        " null if all are equal.",
        examples=[None],
    )


class NewInspection(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    kind: Literal["score", "replay"] = Field(
        "score",
        description="score: how likely each token of the answer was. replay: the answer to the same"
        " question with the same seed and parameters.",
    )


class NewBranch(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    place: int = Field(ge=0, lt=2**31, description="Of the token to replace, from 0.")
    token_id: int = Field(ge=0, lt=2**31, description="One of its alternatives.")


@router.post(
    f"{MESSAGE}/inspections",
    response={202: InspectionOut, **errors(409)},
    auth=requires("chat"),
    summary="Inspect an answer",
)
def inspect(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, body: NewInspection
) -> Status[dict[str, Any]]:
    """Its model reads, or writes, it once more; that waits in line and is accounted like any
    answer. Read the inspection until its `status` is done or failed. It takes the place of the one
    before it, but for whoever may only read: they get the one that is there."""
    message = _message_to_work_on(request, conversation_id, message_id, "read")
    kind = Inspection.Kind(body.kind)
    with conflicts():
        inspection = actions.inspect(request.auth, message, kind, request.api_key)
    return Status(202, _told(message, inspection))


@router.get(
    f"{MESSAGE}/inspections/{{str:kind}}", response=InspectionOut, summary="Read an inspection"
)
def read_inspection(
    request: AuthenticatedRequest,
    conversation_id: UUID,
    message_id: int,
    kind: Literal["score", "replay"],
) -> dict[str, Any]:
    """The latest of its kind."""
    message = one_message(request, conversation_id, message_id, "read")
    looks = message.inspections.select_related("generation")
    return _told(message, get_object_or_404(looks, kind=kind))


@router.post(
    f"{MESSAGE}/branch",
    response={202: MessageOut, **errors(409)},
    auth=requires("chat"),
    summary="Continue from another token",
)
def branch(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, body: NewBranch
) -> Status[Message]:
    """Another answer beside this one: the same up to `place`, then that token, then whatever the
    model makes of it. The answer must have been inspected before."""
    message = _message_to_work_on(request, conversation_id, message_id, "write")
    with conflicts():
        other = actions.branch(request.auth, message, body.place, body.token_id, request.api_key)
    return Status(202, other)


@router.post(
    f"{MESSAGE}/continue",
    response={202: MessageOut, **errors(409)},
    auth=requires("chat"),
    summary="Continue an answer that was cut off",
)
def go_on(request: AuthenticatedRequest, conversation_id: UUID, message_id: int) -> Status[Message]:
    """The last answer of the branch, where it was stopped, failed or met its limit of tokens: it
    goes on where it ended."""
    message = _message_to_work_on(request, conversation_id, message_id, "write")
    with conflicts():
        answering.go_on(request.auth, message, request.api_key)
    return Status(202, one_message(request, conversation_id, message_id, "read"))


def _told(message: Message, inspection: Inspection) -> dict[str, Any]:
    tokens = actions.tokens_of(inspection)
    status = "running" if inspection.is_running else "done" if tokens else "failed"
    is_replay = inspection.kind == Inspection.Kind.REPLAY
    written = [token.chosen.id for token in tokens]
    return {
        "kind": inspection.kind,
        "status": status,
        "error": inspection.error,
        "tokens": [_token(token) for token in tokens],
        "first_difference": first_difference(unpack(message.token_ids), written)
        if is_replay and tokens
        else None,
    }


def _token(token: Token) -> dict[str, Any]:
    return {**_choice(token.chosen), "top": [_choice(other) for other in token.alternatives]}


def _choice(choice: Choice) -> dict[str, Any]:
    text = choice.piece.decode(errors="replace")
    return {"id": choice.id, "text": text, "logprob": choice.logprob}


def _message_to_work_on(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, right: Right
) -> Message:
    """For its model. Raises Problem if that is not there for this caller, whose key may be for
    others only, or if no worker could run it."""
    message = one_message(request, conversation_id, message_id, right)
    run = message.generation
    if model := run.model if run else message.conversation.model:
        check_served(usable_model(request, model.name, param=None))
    return message
