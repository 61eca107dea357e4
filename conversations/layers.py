"""Where an answer's parameters come from: what is nearer to it wins, value by value."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from django.utils.translation import gettext_lazy as _

from conversations.models import Conversation, Message, Project
from inference import parameters
from inference.models import AIModel

Source = Literal["default", "model", "project", "conversation", "message"]

WORDS = {
    "default": _("default"),
    "model": _("from the model"),
    "project": _("from the project"),
    "conversation": _("from the conversation"),
    "message": _("for this message"),
}


@dataclass(frozen=True)
class Layer:
    source: Source
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Setting:
    """A parameter's value in effect, and where it comes from."""

    name: str
    value: Any
    source: Source

    @property
    def origin(self) -> str:
        return str(WORDS[self.source])


def parameters_of(answer: Message) -> dict[str, Any]:
    """What its project, its conversation and itself ask for; the model's come below these, see
    inference.lifecycle."""
    layers = [*above_model(answer.conversation), Layer("message", answer.parameters)]
    return {name: setting.value for name, setting in in_effect(layers).items()}


def below(
    model: AIModel | None, project: Project | None = None, conversation: Conversation | None = None
) -> list[Layer]:
    """What holds for the next answer of `model`, there or in a new conversation of `project`."""
    layers = [Layer("default", parameters.defaults())]
    if model:
        layers.append(Layer("model", model.own_parameters))
    if conversation:
        return layers + above_model(conversation)
    return layers + ([Layer("project", project.parameters)] if project else [])


def above_model(conversation: Conversation) -> list[Layer]:
    layers = [Layer("conversation", conversation.parameters)]
    if conversation.project:
        layers.insert(0, Layer("project", conversation.project.parameters))
    return layers


def in_effect(layers: Iterable[Layer]) -> dict[str, Setting]:
    """By name, the value of the last layer that has one."""
    return {
        name: Setting(name, value, layer.source)
        for layer in layers
        for name, value in layer.values.items()
    }
