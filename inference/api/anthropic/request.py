"""Requests of Anthropic's Messages API: what they may say, and what a run makes of them."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from inference.api import fields
from inference.api.anthropic.messages import messages
from inference.api.field_schemas import ranged
from inference.api.images import Images
from inference.api.runs import Order
from inference.ask import Ask

HARMLESS = {
    "cache_control",  # every prompt's beginning is looked for in the cache
    "metadata",
    "user_profile_id",
}
NEUTRAL: fields.Neutral = {
    "betas": ([],),
    "container": (),
    "context_management": (),
    "mcp_servers": ([],),
    "service_tier": ("auto", "standard_only"),
    "speed": ("standard",),
    "thinking": ({"type": "disabled"},),
}
OF_TOOLS: fields.Neutral = {
    "allowed_callers": (["direct"],),
    "defer_loading": (False,),
    "type": ("custom",),
}
HARMLESS_OF_TOOLS = {"cache_control", "eager_input_streaming", "input_examples"}
FIELDS_OF_TOOLS = {"name", "description", "input_schema", "strict"}
PARAMS = {"stop": "stop_sequences", "json_schema": "output_config.format.schema"}


class OutputConfig(BaseModel):
    model_config = ConfigDict(strict=True)

    format: dict[str, Any] | None = None
    effort: str | None = None
    """A hint that the models here do not take."""


class Counted(BaseModel):
    """What the length of a prompt depends on."""

    model_config = ConfigDict(strict=True, extra="allow")

    model: str = Field(examples=["parley-demo"])
    messages: list[dict[str, Any]] = Field(
        min_length=1,
        max_length=fields.MOST_MESSAGES,
        examples=[[{"role": "user", "content": "Hello"}]],
    )
    system: Any = None
    tools: list[dict[str, Any]] | None = None
    tool_choice: dict[str, Any] | None = None
    output_config: OutputConfig | None = None


class MessagesRequest(Counted):
    max_tokens: int = Field(ge=1, examples=[200])
    stop_sequences: list[str] | None = None
    temperature: float | None = Field(None, ge=0, le=1)
    top_p: float | None = Field(None, json_schema_extra=ranged("top_p"))
    top_k: int | None = Field(None, json_schema_extra=ranged("top_k"))
    stream: bool | None = None


def ask(request: Counted, images: Images) -> Ask:
    """Its images go to `images`. Raises Problem for what can't be done here."""
    fields.refuse_extra(request.model_extra or {}, HARMLESS, NEUTRAL)
    return Ask(messages(request.system, request.messages, images), _tools(request))


def order(request: MessagesRequest) -> Order:
    """Raises Problem for what can't be done here."""
    images = Images("image")
    asked, schema = ask(request, images), _json_schema(request.output_config)
    if fields.is_forced(asked.tools):
        schema = None  # what it is for, a text, does not come then
    sampling = {
        "max_tokens": request.max_tokens,
        "stop": request.stop_sequences or None,
        "temperature": request.temperature,
        "top_p": request.top_p,
        "top_k": request.top_k,
        "json_schema": schema,
    }
    return Order(request.model, asked, sampling, images=images.sent)


def _json_schema(config: OutputConfig | None) -> dict[str, Any] | None:
    match config and config.format:
        case None:
            return None
        case {"type": "json_schema", "schema": dict(schema)}:
            return schema
        case {"type": "json_schema"}:
            where, message = "schema", _("The format needs a JSON Schema object.")
        case _:
            where, message = "type", _("The type must be json_schema.")
    raise fields.invalid(f"output_config.format.{where}", message)


def _tools(request: Counted) -> dict[str, Any]:
    functions = [_function(tool, f"tools[{at}]") for at, tool in enumerate(request.tools or [])]
    fields.check_functions(functions)
    asked = request.tool_choice or {"type": "auto"}
    choice = _choice(asked)
    fields.check_choice(choice, functions, "tool_choice.name")
    if not functions:
        return {}
    parallel = not asked.get("disable_parallel_tool_use")
    return {"functions": functions, "choice": choice, "parallel": parallel}


def _function(tool: dict[str, Any], where: str) -> dict[str, Any]:
    if tool.get("type") not in ("custom", None):
        message = _("Tools of type %(type)s are not supported.") % {"type": tool["type"]}
        raise fields.unsupported(f"{where}.type", message)
    extra = {name: value for name, value in tool.items() if name not in FIELDS_OF_TOOLS}
    fields.refuse_extra(extra, HARMLESS_OF_TOOLS, OF_TOOLS, f"{where}.")
    if not isinstance(tool.get("input_schema"), dict):
        raise fields.invalid(f"{where}.input_schema", _("A tool needs a JSON Schema object."))
    return fields.function(tool, where, schema="input_schema")


def _choice(choice: dict[str, Any]) -> Any:
    """In the form of inference.tools."""
    match choice:
        case {"type": "auto" | "none" as mode}:
            return mode
        case {"type": "any"}:
            return "required"
        case {"type": "tool", "name": str(name)}:
            return {"name": name}
        case {"type": "tool"}:
            raise fields.invalid("tool_choice.name", _("A choice of a tool needs its name."))
    message = _("The type must be one of %(types)s.") % {"types": "auto, any, tool, none"}
    raise fields.invalid("tool_choice.type", message)
