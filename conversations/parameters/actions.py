from collections.abc import Mapping
from typing import Any

from conversations.models import Conversation


def set_parameters(
    conversation: Conversation, parameters: Mapping[str, Any], instructions: str
) -> None:
    """For its answers from now on. `parameters` are clean, see inference.parameters."""
    conversation.parameters, conversation.instructions = dict(parameters), instructions
    Conversation.objects.filter(pk=conversation.pk).update(
        parameters=conversation.parameters, instructions=instructions
    )
