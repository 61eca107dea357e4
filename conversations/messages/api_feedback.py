"""What whoever asks thinks of an answer. Administrators see it, without the message."""

from typing import Any, Literal
from uuid import UUID

from django.http import Http404
from ninja import Router, Schema, Status
from pydantic import ConfigDict, Field

from accounts.authentication import AuthenticatedRequest, requires
from conversations.api_conflicts import conflicts
from conversations.messages.api import one_message
from conversations.messages.feedback import rate, withdraw
from conversations.messages.forms import LONGEST_COMMENT
from conversations.models import Feedback
from inference.api.documentation import errors

Reason = Literal["", "wrong", "off_topic", "incomplete", "style", "harmful", "other"]
RATINGS = {"up": Feedback.Rating.UP, "down": Feedback.Rating.DOWN}
PATH = "/conversations/{uuid:conversation_id}/messages/{int:message_id}/feedback"

router = Router(tags=["conversations"], auth=requires("read"))


class FeedbackIn(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    rating: Literal["up", "down"]
    reason: Reason = Field("", description="What was wrong.")
    comment: str = Field("", max_length=LONGEST_COMMENT)


class FeedbackOut(Schema):
    rating: Literal["up", "down"]
    reason: str
    comment: str

    @staticmethod
    def resolve_rating(feedback: Feedback) -> str:
        return "up" if feedback.rating > 0 else "down"


@router.get(PATH, response=FeedbackOut, summary="Read one’s feedback")
def read_feedback(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int
) -> Feedback:
    """404 if there is none."""
    message = one_message(request, conversation_id, message_id, "read")
    found = Feedback.objects.filter(user=request.auth, message=message).first()
    if found is None:
        raise Http404
    return found


@router.put(
    PATH,
    response={200: FeedbackOut, **errors(409)},
    auth=requires("manage"),
    summary="Give feedback",
)
def put_feedback(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int, body: FeedbackIn
) -> Feedback:
    """In place of what was said before. 409 for what is no answer, or has not ended."""
    message = one_message(request, conversation_id, message_id, "read")
    said: dict[str, Any] = {"reason": body.reason, "comment": body.comment}
    with conflicts():
        return rate(request.auth, message, RATINGS[body.rating], **said)


@router.delete(
    PATH, response={204: None}, auth=requires("manage"), summary="Withdraw one’s feedback"
)
def delete_feedback(
    request: AuthenticatedRequest, conversation_id: UUID, message_id: int
) -> Status[None]:
    withdraw(request.auth, one_message(request, conversation_id, message_id, "read"))
    return Status(204, None)
