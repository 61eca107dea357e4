"""The messages of chat completions, in their normal form."""

from typing import Any

from django.utils.translation import gettext as _
from pydantic import BaseModel, ConfigDict, Field

from inference.api import fields
from inference.api.errors import Problem
from inference.api.field_schemas import CONTENT
from inference.api.images import Images

ROLES = {"system": "system", "developer": "system", "user": "user", "assistant": "assistant"}
"""Those that any message can have; one with a tool's result has `tool`."""

OF_OTHERS = {"refusal", "tool_call_id", "tool_calls"}
"""Fields that only messages of models and tools have."""

TEXTS = {"text": "text"}
TEXTS_OF_ASSISTANTS = {"text": "text", "refusal": "refusal"}

CONTENT_OF_ANSWERS = {"audio", "function_call"}
"""What would be lost of an answer. Whatever else is unknown only tells of it, and clients send back
what they got, from other servers or with notes of their own."""


class ChatMessage(BaseModel):
    model_config = ConfigDict(strict=True, extra="allow")

    role: str = Field(json_schema_extra={"enum": [*ROLES, "tool"]})
    content: Any = Field(None, json_schema_extra=CONTENT)
    name: str | None = None
    refusal: str | None = None
    tool_calls: list[Any] | None = None
    tool_call_id: str | None = None


def chat_messages(messages: list[ChatMessage], images: Images) -> list[dict[str, Any]]:
    """Their images go to `images`. Raises Problem for what no model can read."""
    called: set[str] = set()
    found = []
    for at, message in enumerate(messages):
        turn = _turn(message, f"messages[{at}]", called, images)
        called.update(call["id"] for call in turn.get("tool_calls", ()))
        found.append(turn)
    return found


def _turn(message: ChatMessage, where: str, called: set[str], images: Images) -> dict[str, Any]:
    """`called` are the ids of earlier calls."""
    _refuse_extra(message, where)
    match message.role:
        case "assistant":
            turn = _answer(message, where)
        case "tool":
            turn = _result(message, where, called)
        case "user":
            _refuse_others(message, where, OF_OTHERS)
            content = images.content(message.content, f"{where}.content", TEXTS)
            turn = {"role": "user", "content": content}
        case role if role in ROLES:
            _refuse_others(message, where, OF_OTHERS)
            text = fields.text(message.content, f"{where}.content", TEXTS)
            turn = {"role": ROLES[role], "content": text}
        case _:
            known = ", ".join([*ROLES, "tool"])
            message_text = _("The role must be one of %(roles)s.") % {"roles": known}
            raise fields.invalid(f"{where}.role", message_text)
    return turn | ({"name": message.name} if message.name else {})


def _answer(message: ChatMessage, where: str) -> dict[str, Any]:
    _refuse_others(message, where, {"tool_call_id"})
    calls = [
        _call(call, f"{where}.tool_calls[{at}]") for at, call in enumerate(message.tool_calls or [])
    ]
    content = message.refusal if message.content is None else message.content
    if calls and content is None:
        return {"role": "assistant", "content": None, "tool_calls": calls}
    text = fields.text(content, f"{where}.content", TEXTS_OF_ASSISTANTS)
    return {"role": "assistant", "content": text} | ({"tool_calls": calls} if calls else {})


def _call(call: Any, where: str) -> dict[str, Any]:
    match call:
        case {
            "id": str(id),
            "type": "function",
            "function": {"name": str(name), "arguments": str(arguments)},
        }:
            return fields.call(id, name, arguments)
    message = _("A call needs an id, the type function, and a function with name and arguments.")
    raise fields.invalid(where, message)


def _result(message: ChatMessage, where: str, called: set[str]) -> dict[str, Any]:
    _refuse_others(message, where, {"tool_calls", "refusal"})
    if message.tool_call_id is None:
        text = _("A tool's message needs the id of the call that it answers.")
        raise Problem(400, "missing_required_parameter", text, param=f"{where}.tool_call_id")
    if message.tool_call_id not in called:
        text = _("There is no call %(id)s in the messages before.") % {"id": message.tool_call_id}
        raise fields.invalid(f"{where}.tool_call_id", text)
    content = fields.text(message.content, f"{where}.content", TEXTS)
    return {"role": "tool", "content": content, "tool_call_id": message.tool_call_id}


def _refuse_extra(message: ChatMessage, where: str) -> None:
    extra = message.model_extra or {}
    harmless = extra.keys() - CONTENT_OF_ANSWERS if message.role == "assistant" else ()
    fields.refuse_extra(extra, harmless, {}, f"{where}.")


def _refuse_others(message: ChatMessage, where: str, names: set[str]) -> None:
    """Raises Problem for fields of messages in another role."""
    for name in sorted(names):
        if getattr(message, name) is not None:
            text = _("A message of this role has no %(name)s.") % {"name": name}
            raise fields.invalid(f"{where}.{name}", text)
