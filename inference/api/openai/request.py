"""Requests of the OpenAI API for completions, as far as they are understood here.

What asks for something that is not there is refused by name: silence would look like obedience.
"""

from typing import Any, Literal

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from inference.api import fields
from inference.api.field_schemas import (
    LOGIT_BIAS,
    RESPONSE_FORMAT,
    STOPS,
    TOOL_CHOICE,
    TOOLS,
    ranged,
)
from inference.api.images import Images
from inference.api.openai.functions import tools
from inference.api.openai.messages import ROLES as ROLES
from inference.api.openai.messages import ChatMessage, chat_messages
from inference.api.runs import Order
from inference.ask import Ask

MOST_CHOICES = 8

HARMLESS = {
    "metadata",
    "prediction",
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "user",
}
"""Whatever they say, the answer is the same."""

NEUTRAL: fields.Neutral = {
    "audio": (),
    "function_call": ("none", "auto"),
    "functions": ([],),
    "modalities": (["text"],),
    "service_tier": ("auto", "default"),
    "store": (False,),
    "web_search_options": (),
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
    model_config = ConfigDict(strict=True, extra="forbid")

    include_usage: bool | None = None
    include_obfuscation: bool | None = None
    """Padding against those who see the sizes of packets; there is none either way."""


class CompletionRequest(BaseModel):
    """What requests for completions of chats and of texts have in common. Ranges are checked by
    inference.parameters."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str = Field(examples=["parley-demo"])
    stream: bool | None = None
    stream_options: StreamOptions | None = None
    temperature: float | None = Field(None, json_schema_extra=ranged("temperature"))
    top_p: float | None = Field(None, json_schema_extra=ranged("top_p"))
    top_k: int | None = Field(None, json_schema_extra=ranged("top_k"))
    min_p: float | None = Field(None, json_schema_extra=ranged("min_p"))
    max_tokens: int | None = Field(None, json_schema_extra=ranged("max_tokens"))
    stop: Any = Field(None, json_schema_extra=STOPS)
    seed: int | None = Field(None, json_schema_extra=ranged("seed"))
    presence_penalty: float | None = Field(None, json_schema_extra=ranged("presence_penalty"))
    frequency_penalty: float | None = Field(None, json_schema_extra=ranged("frequency_penalty"))
    repeat_penalty: float | None = Field(None, json_schema_extra=ranged("repeat_penalty"))
    logit_bias: Any = Field(None, json_schema_extra=LOGIT_BIAS)
    ignore_eos: bool | None = None
    grammar: str | None = None
    n: int | None = Field(None, ge=1, le=MOST_CHOICES)

    @property
    def choices(self) -> int:
        return self.n or 1

    @property
    def includes_usage(self) -> bool:
        return self.stream_options is not None and bool(self.stream_options.include_usage)

    @property
    def sampling(self) -> dict[str, Any]:
        """By the names of inference.parameters."""
        return self.model_dump(include=SAME_NAMES | {"max_tokens"})

    def refuse_unsupported(self) -> None:
        """Raises Problem for what has no effect here though it should have one."""
        fields.refuse_extra(self.model_extra or {}, HARMLESS, NEUTRAL)
        if self.stream_options and not self.stream:
            message = _("This is only for streams; set stream to true.")
            raise fields.invalid("stream_options", message)


class ChatRequest(CompletionRequest):
    messages: list[ChatMessage] = Field(
        min_length=1,
        max_length=fields.MOST_MESSAGES,
        examples=[[{"role": "user", "content": "Hello"}]],
    )
    max_completion_tokens: int | None = Field(None, ge=1)
    logprobs: bool | None = None
    top_logprobs: int | None = Field(None, json_schema_extra=ranged("top_logprobs"))
    tools: list[Any] | None = Field(None, json_schema_extra=TOOLS)
    tool_choice: Any = Field(None, json_schema_extra=TOOL_CHOICE)
    parallel_tool_calls: bool | None = None
    response_format: Any = Field(None, json_schema_extra=RESPONSE_FORMAT)
    reasoning_effort: Literal["none", "minimal", "low", "medium", "high", "xhigh"] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None
    """Like the one before a hint, which models that have no such setting pass over."""

    @property
    def name_of_most_tokens(self) -> str:
        """What this request calls its limit."""
        is_new = self.max_tokens is None and self.max_completion_tokens is not None
        return "max_completion_tokens" if is_new else "max_tokens"

    @property
    def most_tokens(self) -> int | None:
        both = {self.max_tokens, self.max_completion_tokens} - {None}
        if len(both) > 1:
            message = _("Give either max_tokens or max_completion_tokens.")
            raise fields.invalid("max_tokens", message)
        return next(iter(both), None)


def order(request: ChatRequest) -> Order:
    """Raises Problem for what can't be done here."""
    request.refuse_unsupported()
    asked = tools(request.tools or [], request.tool_choice, request.parallel_tool_calls)
    schema = json_schema(request.response_format)
    if fields.is_forced(asked):
        schema = None  # what it is for, a text, does not come then
    images = Images("image_url")
    return Order(
        request.model,
        Ask(chat_messages(request.messages, images), asked),
        request.sampling | {"max_tokens": request.most_tokens, "json_schema": schema},
        request.choices,
        images.sent,
    )


def json_schema(format: Any) -> dict[str, Any] | None:
    """The schema that a text must follow; none for any text."""
    match format:
        case None | {"type": "text"}:
            return None
        case {"type": "json_object", "schema": dict(schema)}:
            return schema  # as llama.cpp's server takes it
        case {"type": "json_object"}:
            return {"type": "object"}
        case {"type": "json_schema", "json_schema": dict(described)}:
            return _described(described)
        case {"type": "json_schema"}:
            where, message = "json_schema", _("The format needs a name and a schema.")
        case {"type": _other}:
            where, message = "type", _("The type must be text, json_object or json_schema.")
        case _:
            raise fields.invalid("response_format", _("The format must be an object with a type."))
    raise fields.invalid(f"response_format.{where}", message)


def _described(format: dict[str, Any]) -> dict[str, Any]:
    """A schema is always kept to, whether `strict` asks for that or not."""
    where = "response_format.json_schema"
    match format.get("name"):
        case str(name) if fields.FUNCTION_NAME.fullmatch(name):
            pass
        case _:
            message = _("A format's name has up to 128 letters, digits, underscores and dashes.")
            raise fields.invalid(f"{where}.name", message)
    if not isinstance(format.get("strict"), bool | None):
        raise fields.invalid(f"{where}.strict", _("strict must be true or false."))
    schema = format.get("schema")
    if not isinstance(schema, dict):
        raise fields.invalid(f"{where}.schema", _("The format needs a JSON Schema object."))
    return schema
