"""Which models there are: as OpenAI's API lists them, and with their state."""

from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from accounts.authentication import AuthenticatedRequest
from inference import presence
from inference.api.runs import usable_model
from inference.models import AIModel
from inference.presence import ModelState, State

openai = Router()
platform = Router(tags=["models"])


@openai.get("/models")
def list_models(request: HttpRequest) -> dict[str, Any]:
    models = AIModel.objects.usable().select_related("provider")
    return {"object": "list", "data": [_openai_model(model) for model in models]}


@openai.get("/models/{name}")
def read_model(request: AuthenticatedRequest, name: str) -> dict[str, Any]:
    return _openai_model(usable_model(request, name))


def _openai_model(model: AIModel) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "created": int(model.created_at.timestamp()),
        "owned_by": model.provider.name,
    }


class Model(Schema):
    id: str
    name: str
    provider: str
    context_window: int | None
    is_default: bool
    state: State
    progress: float = Field(description="Of loading, from 0 to 1.")


class Models(Schema):
    models: list[Model]


@platform.get("/models", response=Models)
def list_models_with_state(request: HttpRequest) -> dict[str, Any]:
    """The models that can be used, and whether they are loaded."""
    models = AIModel.objects.usable().select_related("provider")
    states = presence.model_states(presence.workers())
    return {"models": [_model(model, states.get(model.pk, ModelState())) for model in models]}


def _model(model: AIModel, state: ModelState) -> dict[str, Any]:
    return {
        "id": model.name,
        "name": str(model),
        "provider": model.provider.name,
        "context_window": model.context_window,
        "is_default": model.is_default,
        "state": state.state,
        "progress": state.progress,
    }


class Health(Schema):
    ok: bool = Field(True, description="The server runs.")
    status: State = Field(description="Of the model that new conversations start with.")
    model_loaded: bool
    progress: float


@platform.get("/health", auth=None, response=Health, tags=["health"])
def read_health(request: HttpRequest) -> dict[str, Any]:
    """Answers without a key as soon as the server runs, while the model is still being loaded."""
    model = AIModel.objects.preferred()
    state = presence.model_state(model.pk) if model else ModelState()
    return {
        "status": state.state,
        "model_loaded": state.state == "ready",
        "progress": state.progress,
    }
