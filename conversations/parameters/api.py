"""What a conversation's answers are drawn by, for programs. It is set with its other settings, see
conversations.api."""

from typing import Any
from uuid import UUID

from ninja import Router, Schema
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from conversations.access import conversation_for
from conversations.layers import Source, below, in_effect
from inference.api.platform.sampling import NAMES
from inference.models import AIModel

router = Router(tags=["conversations"], auth=requires("read"))


class InEffect(Schema):
    name: str = Field(examples=["temperature"])
    value: Any = Field(examples=[0.7])
    source: Source = Field(description="Where the value comes from.")


class ParametersInEffect(Schema):
    parameters: list[InEffect]


@router.get(
    "/conversations/{uuid:conversation_id}/parameters",
    response=ParametersInEffect,
    summary="Read which parameters hold",
)
def read_parameters(request: AuthenticatedRequest, conversation_id: UUID) -> dict[str, Any]:
    """For the next answer of the model that answered last. What is nearer to an answer wins: the
    conversation, its project, the model, the installation's defaults."""
    conversation = conversation_for(request.auth, conversation_id, "read")
    model = conversation.model or AIModel.objects.preferred()
    found = in_effect(below(model, conversation=conversation))
    return {
        "parameters": [
            {"name": name, "value": found[known].value, "source": found[known].source}
            for name, known in NAMES.items()
            if known in found
        ]
    }
