"""Messages that come by the API: checked as those of the page are, and sent by the same action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.authentication import AuthenticatedRequest
from conversations import actions
from conversations.actions import Sent
from conversations.forms import TextForm
from conversations.models import Conversation
from inference.api.catalogue import name_of_model
from inference.api.errors import Problem
from inference.api.runs import check_served, usable_model, usable_models
from inference.models import AIModel
from inference.parameters import clean


@dataclass(frozen=True)
class Turn:
    text: str
    field: str
    """That the request has the text in."""
    model_id: str | None
    parameters: Mapping[str, Any]
    """By the names of inference.parameters."""


def ask(request: AuthenticatedRequest, conversation: Conversation | None, turn: Turn) -> Sent:
    """Raises Problem, ParameterError or QueueFull, and then nothing has been written."""
    form = TextForm({"text": turn.text})
    if not form.is_valid():
        raise Problem(400, "invalid_value", form.first_error, param=turn.field)
    model = _model(request, conversation, turn.model_id)
    check_served(model)
    text, parameters = form.cleaned_data["text"], clean(turn.parameters)
    try:
        return actions.send_message(
            request.auth, conversation, text, model, parameters, request.api_key
        )
    except actions.Busy as busy:
        raise Problem(409, "conflict", str(busy), param="conversation_id") from None


def _model(
    request: AuthenticatedRequest, conversation: Conversation | None, name: str | None
) -> AIModel:
    """The one that was named, or answered last there, or is the default."""
    if name is None and conversation and conversation.model_id:
        last = usable_models(request).filter(pk=conversation.model_id).first()
        if last:
            return last
    return usable_model(request, name_of_model(request, name))
