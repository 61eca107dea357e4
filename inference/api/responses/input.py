"""The input of the Responses API, a text or a list of items, as the messages of a chat."""

from typing import Any

from django.utils.translation import gettext as _

from inference.api import fields
from inference.api.images import Images
from inference.api.openai.messages import ROLES

TEXTS = {"input_text": "text", "output_text": "text", "text": "text", "refusal": "refusal"}

Messages = list[dict[str, Any]]


def messages(input: Any, instructions: str | None, images: Images) -> Messages:
    """The images go to `images`. Raises Problem.

    The instructions and the input's own, if it begins with some, become one message, as many
    models' templates know no second one.
    """
    found = _messages(input, images)
    if not instructions:
        return found
    if found[0]["role"] == "system":
        instructions += "\n\n" + found.pop(0)["content"]
    return [{"role": "system", "content": instructions}, *found]


def _messages(input: Any, images: Images) -> Messages:
    match input:
        case str():
            return [{"role": "user", "content": input}]
        case [_first, *_rest] if len(input) <= fields.MOST_MESSAGES:
            return _of_items(input, images)
    message = _("The input must be a text or a list of 1 to %(most)s items.")
    raise fields.invalid("input", message % {"most": fields.MOST_MESSAGES})


def _of_items(items: list[Any], images: Images) -> Messages:
    found: Messages = []
    for at, item in enumerate(items):
        _add(found, item, f"input[{at}]", images)
    if not found:
        raise fields.invalid("input", _("The input has no message."))
    return found


def _add(found: Messages, item: Any, where: str, images: Images) -> None:
    """Fields of an item that tell of it, such as its id and status, ask for nothing."""
    match _kind(item):
        case "message":
            found.append(_message(item, where, images))
        case "function_call":
            _add_call(found, item, where)
        case "function_call_output":
            found.append(_output(found, item, where, images))
        case "reasoning":
            pass  # other models' thoughts; those that run here have none apart from their texts
        case "item_reference":
            message = _("No item is kept here: send the item itself.")
            raise fields.unsupported(where, message)
        case str(kind):
            message = _("Items of type %(type)s are not supported.") % {"type": kind}
            raise fields.unsupported(f"{where}.type", message)
        case _:
            raise fields.invalid(where, _("An item must be an object with a type or a role."))


def _kind(item: Any) -> Any:
    """Messages and references need not tell it."""
    if not isinstance(item, dict):
        return None
    untold = "message" if "role" in item else "item_reference" if "id" in item else None
    return item.get("type") or untold


def _message(item: dict[str, Any], where: str, images: Images) -> dict[str, Any]:
    role = item.get("role")
    if not isinstance(role, str) or role not in ROLES:
        message = _("The role must be one of %(roles)s.") % {"roles": ", ".join(ROLES)}
        raise fields.invalid(f"{where}.role", message)
    read = images.content if role == "user" else fields.text
    return {"role": ROLES[role], "content": read(item.get("content"), f"{where}.content", TEXTS)}


def _add_call(found: Messages, item: dict[str, Any], where: str) -> None:
    """Calls belong to the assistant's turn that they follow."""
    id, name, arguments = (_string(item, key, where) for key in ("call_id", "name", "arguments"))
    if not found or found[-1]["role"] != "assistant":
        found.append({"role": "assistant", "content": None})
    found[-1].setdefault("tool_calls", []).append(fields.call(id, name, arguments))


def _output(found: Messages, item: dict[str, Any], where: str, images: Images) -> dict[str, Any]:
    id = _string(item, "call_id", where)
    calls = (call["id"] for message in found for call in message.get("tool_calls", ()))
    if id not in calls:
        message = _("There is no call %(id)s before its output.") % {"id": id}
        raise fields.invalid(f"{where}.call_id", message)
    content = images.content(item.get("output"), f"{where}.output", TEXTS)
    return {"role": "tool", "tool_call_id": id, "content": content}


def _string(item: dict[str, Any], name: str, where: str) -> str:
    if isinstance(found := item.get(name), str):
        return found
    raise fields.invalid(f"{where}.{name}", _("This must be a text."))
