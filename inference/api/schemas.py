"""Requests of the OpenAI API, as far as they are understood here.

What asks for something that is not there yet is refused by name (`refuse_unsupported`): silence
would look like obedience.
"""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from inference.api.errors import Problem

MOST_MESSAGES = 2048
MOST_CHOICES = 8
ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}

HARMLESS = frozenset(
    {"metadata", "prompt_cache_key", "prompt_cache_retention", "safety_identifier", "user"}
)
"""Whatever they say, the answer is the same."""

NEUTRAL: dict[str, tuple[Any, ...]] = {
    "function_call": ("none", "auto"),
    "functions": ([],),
    "modalities": (["text"],),
    "parallel_tool_calls": (True, False),
    "response_format": ({"type": "text"},),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "tool_choice": ("none", "auto"),
    "tools": ([],),
}
"""Values that ask for nothing; any other is refused."""


SAME_NAMES = {
    "temperature",
    "top_p",
    "top_k",
    "min_p",
    "stop",
    "seed",
    "presence_penalty",
    "frequency_penalty",
    "repeat_penalty",
    "logit_bias",
    "ignore_eos",
    "logprobs",
    "top_logprobs",
    "grammar",
}
"""Sampling parameters that inference.parameters knows by the same name."""


class StreamOptions(BaseModel):
    model_config = ConfigDict(strict=True)

    include_usage: bool = False


class ChatMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    role: str
    content: Any = None
    name: str | None = None


class ChatRequest(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    model: str
    messages: list[ChatMessage] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    max_tokens: int | None = None
    max_completion_tokens: int | None = Field(None, ge=1)
    stop: Any = None
    seed: int | None = None
    presence_penalty: float | None = None
    frequency_penalty: float | None = None
    repeat_penalty: float | None = None
    logit_bias: Any = None
    ignore_eos: bool | None = None
    logprobs: bool | None = None
    top_logprobs: int | None = None
    grammar: str | None = None
    n: int | None = Field(None, ge=1, le=MOST_CHOICES)

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def sampling(self) -> dict[str, Any]:
        """By the names of inference.parameters; their ranges are checked there."""
        most = self.max_tokens if self.max_completion_tokens is None else self.max_completion_tokens
        return self.model_dump(include=SAME_NAMES) | {"max_tokens": most}

    @property
    def includes_usage(self) -> bool:
        return self.stream_options is not None and self.stream_options.include_usage


def refuse_unsupported(request: ChatRequest) -> None:
    """Raises Problem for what has no effect here though it should have one."""
    _refuse_extra(request.model_extra or {}, "")
    if request.stream_options and not request.stream:
        raise _invalid("stream_options", _("This is only for streams; set stream to true."))
    if None not in (request.max_tokens, request.max_completion_tokens):
        raise _invalid("max_tokens", _("Give either max_tokens or max_completion_tokens."))


def chat_messages(messages: list[ChatMessage]) -> list[dict[str, str]]:
    """What the model's chat template gets."""
    return [_chat_message(message, f"messages[{at}]") for at, message in enumerate(messages)]


def _chat_message(message: ChatMessage, where: str) -> dict[str, str]:
    if message.role not in ROLES:
        known = ", ".join(ROLES)
        raise _invalid(f"{where}.role", _("The role must be one of %(roles)s.") % {"roles": known})
    _refuse_extra(message.model_extra or {}, f"{where}.")
    turn = {"role": ROLES[message.role], "content": _text(message.content, f"{where}.content")}
    return turn | ({"name": message.name} if message.name else {})


def _text(content: Any, where: str) -> str:
    match content:
        case str():
            return content
        case [_first, *_rest]:
            return "".join(_part(part, f"{where}[{at}]") for at, part in enumerate(content))
    raise _invalid(where, _("The content must be a text or a list of text parts."))


def _part(part: Any, where: str) -> str:
    match part:
        case {"type": "text", "text": str(text)}:
            return text
        case {"type": "text"}:
            raise _invalid(f"{where}.text", _("A text part needs a text."))
        case {"type": str(kind)}:
            message = _("Parts of type %(type)s are not supported.") % {"type": kind}
            raise Problem(400, "unsupported_value", message, param=f"{where}.type")
    raise _invalid(where, _("A part must be an object with a type."))


def _refuse_extra(extra: Mapping[str, Any], prefix: str) -> None:
    for name, value in extra.items():
        if value is None or name in HARMLESS or value in NEUTRAL.get(name, ()):
            continue
        if name in NEUTRAL:
            message = _("%(name)s is not supported with this value.") % {"name": name}
            raise Problem(400, "unsupported_value", message, param=prefix + name)
        message = _("%(name)s is not a known parameter.") % {"name": name}
        raise Problem(400, "unknown_parameter", message, param=prefix + name)


def _invalid(param: str, message: str) -> Problem:
    return Problem(400, "invalid_value", message, param=param)
