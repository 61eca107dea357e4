"""Models as Anthropic's API lists them, for its clients, which ask at the same address."""

from collections.abc import Iterable
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from inference.models import AIModel


class AnthropicModel(Schema):
    """Told to whoever sends an `anthropic-version`."""

    type: Literal["model"]
    id: str = Field(examples=["parley-demo"])
    display_name: str
    created_at: str
    max_input_tokens: int | None


class AnthropicModels(Schema):
    """Told to whoever sends an `anthropic-version`."""

    data: list[AnthropicModel]
    has_more: bool
    first_id: str | None
    last_id: str | None


def are_asked_for(request: HttpRequest) -> bool:
    """Only Anthropic's clients tell a version of the API."""
    return "anthropic-version" in request.headers


def page(models: Iterable[AIModel]) -> dict[str, Any]:
    """All of them, however few were asked for."""
    found = [model(each) for each in models]
    first_id, last_id = (found[0]["id"], found[-1]["id"]) if found else (None, None)
    return {"data": found, "has_more": False, "first_id": first_id, "last_id": last_id}


def model(model: AIModel) -> dict[str, Any]:
    return {
        "type": "model",
        "id": model.name,
        "display_name": str(model),
        "created_at": model.created_at.isoformat(),
        "max_input_tokens": model.context_window,
    }
