"""Which models there are: as OpenAI's API lists them, and with their state."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from inference import loading, presence
from inference.api.anthropic import models as anthropic_models
from inference.api.errors import Problem
from inference.api.openai import objects as openai_objects
from inference.api.runs import RETRY_SECONDS, usable_model, usable_models
from inference.models import AIModel
from inference.presence import ModelState, State

openai = Router(tags=["models"])
platform = Router(tags=["models"])


@openai.get(
    "/models",
    response=openai_objects.Models | anthropic_models.AnthropicModels,
    summary="List models",
)
def list_models(request: AuthenticatedRequest) -> dict[str, Any]:
    models = usable_models(request).select_related("provider")
    if anthropic_models.are_asked_for(request):
        return anthropic_models.page(models)
    return {"object": "list", "data": [_openai_model(model) for model in models]}


@openai.get(
    "/models/{name}",
    response=openai_objects.Model | anthropic_models.AnthropicModel,
    summary="Read a model",
)
def read_model(request: AuthenticatedRequest, name: str) -> dict[str, Any]:
    model = usable_model(request, name)
    if anthropic_models.are_asked_for(request):
        return anthropic_models.model(model)
    return _openai_model(model)


def _openai_model(model: AIModel) -> dict[str, Any]:
    return {
        "id": model.name,
        "object": "model",
        "created": int(model.created_at.timestamp()),
        "owned_by": model.provider.name,
        "input_modalities": ["text", "image"] if model.reads_images else ["text"],
    }


class Model(Schema):
    id: str = Field(description="What other requests name it by.", examples=["parley-demo"])
    name: str = Field(examples=["Parley Demo"])
    provider: str = Field(examples=["Local"])
    context_window: int | None = Field(description="In tokens; null: as the model was trained.")
    reads_images: bool = Field(examples=[False])
    is_default: bool
    state: State = Field(
        description="The best that any worker has it in; absent models are loaded on first use.",
        examples=["ready"],
    )
    progress: float = Field(description="Of loading, from 0 to 1.", examples=[1.0])


class Models(Schema):
    models: list[Model]


@platform.get("/models", response=Models, summary="List models with their state")
def list_models_with_state(request: AuthenticatedRequest) -> dict[str, Any]:
    """The models that can be used, and whether they are loaded."""
    models = usable_models(request).select_related("provider")
    states = presence.model_states(presence.workers())
    return {"models": [_model(model, states.get(model.pk, ModelState())) for model in models]}


@platform.get("/models/{id}", response=Model, summary="Read a model's state")
def read_model_with_state(request: AuthenticatedRequest, id: str) -> dict[str, Any]:
    """To follow its loading, ask again every second or so."""
    return _with_state(usable_model(request, id))


@platform.post(
    "/models/{id}/start", response={202: Model}, summary="Load a model", auth=requires("manage")
)
def start_model(request: AuthenticatedRequest, id: str) -> Status[dict[str, Any]]:
    """Have a worker load it now rather than on its first use; its `state` tells how far that is.
    Nothing happens if it is loaded already. Only for staff."""
    staff_only(request)
    model = usable_model(request, id)
    if presence.is_lacked(model, presence.workers()) or not loading.start(model):
        message = _("No worker is running that could load it.")
        raise Problem(503, "overloaded", message, retry_after=RETRY_SECONDS)
    return Status(202, _with_state(model))


@platform.post(
    "/models/{id}/stop", response={202: Model}, summary="Unload a model", auth=requires("manage")
)
def stop_model(request: AuthenticatedRequest, id: str) -> Status[dict[str, Any]]:
    """Have all workers free its memory. Answers under way are written to their end first, and no
    other begins until then: `state` is `stopping`, and then `absent`. Whatever waits by then, or
    is asked later, loads it again; to take it away from people, deactivate it. Only for staff."""
    staff_only(request)
    model = usable_model(request, id)
    if not loading.stop(model) and _state_of(model).state != "absent":
        message = _("No worker has heard of it. Try again shortly.")
        raise Problem(503, "overloaded", message, retry_after=RETRY_SECONDS)
    return Status(202, _with_state(model))


def staff_only(request: AuthenticatedRequest) -> None:
    """Raises Problem for others."""
    if not request.auth.is_staff:
        raise Problem(403, "forbidden", _("Only staff may do this."))


def name_of_model(request: AuthenticatedRequest, name: str | None) -> str:
    """The one named, or the default among those that are there for this caller. Raises Problem."""
    if name is not None:
        return name
    model = usable_models(request).preferred()
    if model is None:
        raise Problem(404, "model_not_found", _("No model is available yet."), param="model_id")
    return model.name


def _with_state(model: AIModel) -> dict[str, Any]:
    return _model(model, _state_of(model))


def _state_of(model: AIModel) -> ModelState:
    return presence.model_state(model.pk)


def _model(model: AIModel, state: ModelState) -> dict[str, Any]:
    return {
        "id": model.name,
        "name": str(model),
        "provider": model.provider.name,
        "context_window": model.context_window,
        "reads_images": model.reads_images,
        "is_default": model.is_default,
        "state": state.state,
        "progress": state.progress,
    }


class Health(Schema):
    ok: bool = Field(True, description="The server runs.", examples=[True])
    status: State = Field(
        description="Of the model that new conversations start with.", examples=["ready"]
    )
    model_loaded: bool = Field(examples=[True])
    progress: float = Field(description="Of loading, from 0 to 1.", examples=[1.0])


@platform.get(
    "/health", auth=None, response=Health, tags=["health"], summary="Ask whether the server runs"
)
def read_health(request: HttpRequest) -> dict[str, Any]:
    """Answers without a key as soon as the server runs, while the model is still being loaded."""
    model = AIModel.objects.preferred()
    state = presence.model_state(model.pk) if model else ModelState()
    return {
        "status": state.state,
        "model_loaded": state.state == "ready",
        "progress": state.progress,
    }
