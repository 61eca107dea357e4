"""The turns of Anthropic's Messages API as the messages of a chat."""

from itertools import chain
from typing import Any

from django.utils.translation import gettext as _

from inference.api import fields
from inference.api.images import Images, together

TEXTS = {"text": "text"}
BETWEEN = "\n"
"""Blocks are paragraphs here, where the parts of OpenAI's contents are pieces of one text."""

Message = dict[str, Any]


def messages(system: Any, turns: list[dict[str, Any]], images: Images) -> list[Message]:
    """The images go to `images`. Raises Problem."""
    found: list[Message] = []
    if system:
        found.append(_system(system, "system"))
    for at, turn in enumerate(turns):
        for message in _turn(turn, f"messages[{at}]", _calls(found), images):
            _add(found, message)
    if found[-1]["role"] == "assistant":
        text = _("The last message must be the user's: answers can't be begun for a model.")
        raise fields.unsupported(f"messages[{len(turns) - 1}].role", text)
    return found


def _calls(found: list[Message]) -> set[str]:
    """The ids of those that were made so far."""
    made = chain.from_iterable(message.get("tool_calls", ()) for message in found)
    return {call["id"] for call in made}


def _add(found: list[Message], message: Message) -> None:
    """Consecutive turns of the same role are one, as Anthropic has it."""
    last = found[-1] if found else {"role": None}
    if message["role"] == last["role"] != "tool" and "tool_calls" not in last:
        contents = (turn["content"] for turn in (last, message) if turn["content"])
        message = message | {"content": together(contents, BETWEEN)}
        found.pop()
    found.append(message)


def _turn(turn: dict[str, Any], where: str, calls: set[str], images: Images) -> list[Message]:
    content, at = turn.get("content"), f"{where}.content"
    match turn.get("role"):
        case "system":
            return [_system(content, at)]
        case "user":
            return _users_turn(content, at, calls, images)
        case "assistant":
            return [_assistants_turn(content, at)]
    message = _("The role must be one of %(roles)s.") % {"roles": "user, assistant"}
    raise fields.invalid(f"{where}.role", message)


def _system(content: Any, where: str) -> Message:
    return {"role": "system", "content": fields.text(content, where, TEXTS, BETWEEN)}


def _users_turn(content: Any, where: str, calls: set[str], images: Images) -> list[Message]:
    """The results of tools are messages of their own, before what the user says."""
    results, said = [], []
    for at, block in _blocks(content, where):
        match block:
            case {"type": "tool_result"}:
                results.append(_result(block, at, calls, images))
            case _:
                said.append(images.part(block, at, TEXTS))
    return results + [{"role": "user", "content": together(said, BETWEEN)}] * bool(said)


def _assistants_turn(content: Any, where: str) -> Message:
    calls, texts = [], []
    for at, block in _blocks(content, where):
        match block:
            case {"type": "tool_use"}:
                calls.append(_call(block, at))
            case {"type": "thinking" | "redacted_thinking"}:
                pass  # other models' thoughts
            case _:
                texts.append(fields.part(block, at, TEXTS))
    said = BETWEEN.join(texts) if texts or not calls else None
    message: Message = {"role": "assistant", "content": said}
    return message | ({"tool_calls": calls} if calls else {})


def _blocks(content: Any, where: str) -> list[tuple[str, Any]]:
    """Each with its place in the request."""
    match content:
        case str():
            return [(where, {"type": "text", "text": content})]
        case [_first, *_rest]:
            return [(f"{where}[{at}]", block) for at, block in enumerate(content)]
    raise fields.invalid(where, _("The content must be a text or a list of blocks."))


def _call(block: dict[str, Any], where: str) -> dict[str, Any]:
    match block:
        case {"id": str(id), "name": str(name), "input": dict(arguments)}:
            return fields.call(id, name, fields.as_json(arguments))
    message = _("A call needs a text as id, one as name, and an object as input.")
    raise fields.invalid(where, message)


def _result(block: dict[str, Any], where: str, calls: set[str], images: Images) -> Message:
    """Chat templates know no failed calls, so the text says it."""
    id, content = block.get("tool_use_id"), block.get("content") or ""
    if not isinstance(id, str) or id not in calls:
        message = _("There is no call %(id)s before its result.") % {"id": id}
        raise fields.invalid(f"{where}.tool_use_id", message)
    said = images.content(content, f"{where}.content", TEXTS, BETWEEN)
    if block.get("is_error") is True:
        said = together(["Error: ", said], "")
    return {"role": "tool", "tool_call_id": id, "content": said}
