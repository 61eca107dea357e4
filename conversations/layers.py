"""Where an answer's parameters come from: what is nearer to it wins, value by value."""

from typing import Any

from conversations.models import Message


def parameters_of(answer: Message) -> dict[str, Any]:
    """What its project, its conversation and itself ask for; the model's come below these, see
    inference.lifecycle."""
    conversation = answer.conversation
    project = conversation.project
    return {
        **(project.parameters if project else {}),
        **conversation.parameters,
        **answer.parameters,
    }
