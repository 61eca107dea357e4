"""Requests of OpenAI's Responses API: what they may say, and what a run makes of them."""

from collections.abc import Mapping
from typing import Any, Literal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from pydantic import BaseModel, ConfigDict, Field

from inference.api import fields
from inference.api.field_schemas import ranged
from inference.api.images import Images
from inference.api.openai.request import SAME_NAMES
from inference.api.responses.input import messages
from inference.api.runs import Order
from inference.ask import Ask

HARMLESS = {
    "prompt_cache_key",
    "prompt_cache_options",
    "prompt_cache_retention",
    "safety_identifier",
    "store",  # nothing is, and the answer says so
    "user",
}
NEUTRAL: fields.Neutral = {
    "background": (False,),
    "context_management": ([],),
    "max_tool_calls": (),  # of tools that the server has
    "service_tier": ("auto", "default"),
    "stream_options": ({}, {"include_obfuscation": False}),
    "truncation": ("auto",),  # the oldest turns go when all do not fit
}
KEPT = {
    "previous_response_id": gettext_lazy("No response is kept here: send all of the input."),
    "conversation": gettext_lazy("No conversation is kept here: send all of it as the input."),
    "prompt": gettext_lazy("No prompt is kept here: send its text as instructions."),
}
LOGPROBS = "message.output_text.logprobs"
INCLUDABLE = {
    LOGPROBS,
    "code_interpreter_call.outputs",
    "computer_call_output.output.image_url",
    "file_search_call.results",
    "message.input_image.image_url",
    "reasoning.encrypted_content",
    "web_search_call.action.sources",
    "web_search_call.results",
}
"""All but the first are parts of items that no answer has here."""
PARAMS = {
    "json_schema": "text.format.schema",
    "max_tokens": "max_output_tokens",
    "messages": "input",
}


class TextOptions(BaseModel):
    model_config = ConfigDict(strict=True)

    format: dict[str, Any] | None = None
    verbosity: Literal["low", "medium", "high"] | None = None


class ResponsesRequest(BaseModel):
    """Besides these it takes the sampling parameters of chat completions."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str = Field(examples=["parley-demo"])
    input: Any = Field(
        description="A text or a list of items.",
        examples=["Hello"],
        json_schema_extra={"anyOf": [{"type": "string"}, {"type": "array", "items": {}}]},
    )
    instructions: str | None = None
    max_output_tokens: int | None = Field(None, ge=1)
    temperature: float | None = Field(None, json_schema_extra=ranged("temperature"))
    top_p: float | None = Field(None, json_schema_extra=ranged("top_p"))
    top_logprobs: int | None = Field(None, json_schema_extra=ranged("top_logprobs"))
    include: list[str] | None = None
    text: TextOptions | None = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: Any = None
    parallel_tool_calls: bool | None = None
    metadata: dict[str, str] | None = None
    reasoning: dict[str, Any] | None = None
    stream: bool | None = None


def order(request: ResponsesRequest) -> Order:
    """Raises Problem for what can't be done here."""
    _refuse_unsupported(request)
    tools, schema = _tools(request), _json_schema(request.text)
    if fields.is_forced(tools):
        schema = None  # what it is for, a text, does not come then
    images = Images("input_image")
    ask = Ask(messages(request.input, request.instructions, images), tools)
    parameters = _sampling(request) | {"json_schema": schema}
    return Order(request.model, ask, parameters, images=images.sent)


def _refuse_unsupported(request: ResponsesRequest) -> None:
    extra = request.model_extra or {}
    for name, advice in KEPT.items():
        if extra.get(name) is not None:
            raise fields.unsupported(name, str(advice))
    fields.refuse_extra(_without(extra, SAME_NAMES), HARMLESS, NEUTRAL)
    for at, name in enumerate(request.include or []):
        if name not in INCLUDABLE:
            message = _("%(name)s is not known.") % {"name": name}
            raise fields.invalid(f"include[{at}]", message)


def _without(extra: Mapping[str, Any], names: set[str]) -> dict[str, Any]:
    return {name: value for name, value in extra.items() if name not in names}


def _sampling(request: ResponsesRequest) -> dict[str, Any]:
    """By the names of inference.parameters, where all is checked."""
    extra = request.model_extra or {}
    tells = LOGPROBS in (request.include or []) or bool(request.top_logprobs)
    return {name: extra[name] for name in SAME_NAMES if name in extra} | {
        "temperature": request.temperature,
        "top_p": request.top_p,
        "max_tokens": request.max_output_tokens,
        "logprobs": tells or None,
        "top_logprobs": request.top_logprobs,
    }


def _json_schema(options: TextOptions | None) -> dict[str, Any] | None:
    match (options and options.format) or {"type": "text"}:
        case {"type": "text"}:
            return None
        case {"type": "json_object"}:
            return {"type": "object"}
        case {"type": "json_schema", "schema": dict(schema)}:
            return schema
        case {"type": "json_schema"}:
            raise fields.invalid("text.format.schema", _("The format needs a JSON Schema object."))
    message = _("The type must be one of %(types)s.") % {"types": "text, json_object, json_schema"}
    raise fields.invalid("text.format.type", message)


def _tools(request: ResponsesRequest) -> dict[str, Any]:
    functions = [_function(tool, f"tools[{at}]") for at, tool in enumerate(request.tools or [])]
    fields.check_functions(functions)
    choice = _choice(request.tool_choice)
    if isinstance(choice, list):
        mode, *allowed = choice
        functions = [function for function in functions if function["name"] in allowed]
        choice = mode
    fields.check_choice(choice, functions, "tool_choice.name")
    if not functions:
        return {}
    parallel = request.parallel_tool_calls is not False
    return {"functions": functions, "choice": choice, "parallel": parallel}


def _function(tool: dict[str, Any], where: str) -> dict[str, Any]:
    if tool.get("type") != "function":
        message = _("Tools of type %(type)s are not supported.") % {"type": tool.get("type")}
        raise fields.unsupported(f"{where}.type", message)
    return fields.function(tool, where, schema="parameters")


def _choice(choice: Any) -> Any:
    """In the form of inference.tools; a list of the mode and the names that it is about, where
    only some of the functions are allowed."""
    match choice:
        case None:
            return "auto"
        case "auto" | "none" | "required":
            return choice
        case {"type": "function", "name": str(name)}:
            return {"name": name}
        case {"type": "allowed_tools", "mode": "auto" | "required" as mode, "tools": list(tools)}:
            return [mode, *(tool.get("name") for tool in tools if isinstance(tool, dict))]
    message = _("tool_choice must be none, auto, required or a function.")
    raise fields.invalid("tool_choice", message)
