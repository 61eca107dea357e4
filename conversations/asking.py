"""Messages that come by the API: checked as those of the page are, and sent by the same action."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from accounts.authentication import AuthenticatedRequest
from conversations import actions
from conversations.actions import Sent
from conversations.api_conflicts import conflicts, invalid
from conversations.forms import TextForm
from conversations.models import Conversation, Message
from inference.api.catalogue import name_of_model
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
    text = _text(turn)
    model = _model(request, turn.model_id, conversation.model_id if conversation else None)
    parameters = clean(turn.parameters)
    with conflicts():
        return actions.send_message(
            request.auth, conversation, text, model, parameters, request.api_key
        )


def edit(request: AuthenticatedRequest, question: Message, turn: Turn) -> Sent:
    """Raises what `ask` does."""
    text = _text(turn)
    model = _model(request, turn.model_id, question.conversation.model_id)
    parameters = clean(turn.parameters)
    with conflicts():
        return actions.edit(request.auth, question, text, model, parameters, request.api_key)


def regenerate(
    request: AuthenticatedRequest,
    answer: Message,
    model_id: str | None,
    parameters: Mapping[str, Any],
) -> Message:
    """Raises what `ask` does."""
    run = answer.generation
    model = _model(request, model_id, run.model_id if run else answer.conversation.model_id)
    cleaned = clean(parameters)
    with conflicts():
        return actions.regenerate(request.auth, answer, model, cleaned, request.api_key)


def _text(turn: Turn) -> str:
    form = TextForm({"text": turn.text})
    if not form.is_valid():
        raise invalid(turn.field, form.first_error)
    return str(form.cleaned_data["text"])


def _model(request: AuthenticatedRequest, name: str | None, former: int | None) -> AIModel:
    """The one that was named, or answered before (by its id), or is the default."""
    last = usable_models(request).filter(pk=former).first() if former and name is None else None
    model = last or usable_model(request, name_of_model(request, name), "model_id")
    check_served(model)
    return model
