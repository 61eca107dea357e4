"""A chat with calls and their results, as a model's chat template can take it."""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import deepcopy
from hashlib import blake2b
from typing import Any

from inference.tools.format import OWN, Format

Message = dict[str, Any]

INTRODUCTION = """\
You can call functions. These are their names, what they do, and the JSON Schema of their arguments:
{functions}

To call a function, write this and nothing else, with arguments that follow its schema:
{example}
{more}When no function helps, answer in your own words."""
SEVERAL = "To call several, write one after the other. "
RESULTS = "The results come between <tool_response> and </tool_response>. "
TAG = re.compile(r"<(?=/?tool_(?:call|response)>)")
"""Begins the words that calls and results stand between, ours and those of many a template."""


def is_about_tools(messages: list[Message]) -> bool:
    return any(m["role"] == "tool" or m.get("tool_calls") for m in messages)


def told(
    messages: list[Message],
    tools: Mapping[str, Any],
    format: Format,
    disarmed: Callable[[Any], Any] = deepcopy,
) -> tuple[list[Message], list[dict[str, Any]] | None]:
    """Messages and tools for the chat template. `disarmed` takes out of what people and programs
    wrote what only the template may say."""
    messages = [_without_tags(message) for message in messages]
    if format.is_own:
        return disarmed(_in_plain_turns(messages, tools)), None
    if format.separator is None:
        messages = list(_one_call_a_turn(messages))
    functions = disarmed([_for_template(each) for each in tools.get("functions") or ()])
    said = disarmed([_natively(message, format) for message in _named(messages, format)])
    if functions and not format.is_told and tools.get("choice") != "none":
        said = _instructed(said, _introduction(functions, format))
    return said, functions or None


def _without_tags(message: Message) -> Message:
    """Nobody can make up calls or results in what only they say."""
    if message["role"] not in ("user", "tool") or not message.get("content"):
        return message
    return message | {"content": TAG.sub("<\u200b", message["content"])}


def _for_template(function: dict[str, Any]) -> dict[str, Any]:
    shown = {key: function[key] for key in ("name", "description", "parameters")}
    return {"type": "function", "function": shown}


def _natively(message: Message, format: Format) -> Message:
    if not message.get("tool_calls"):
        return message
    content = message.get("content") or (None if format.content_as_none else "")
    calls = [_native_call(call, format) for call in message["tool_calls"]]
    return message | {"content": content, "tool_calls": calls}


def _native_call(call: dict[str, Any], format: Format) -> dict[str, Any]:
    arguments = _arguments(call)
    function = {
        "name": call["function"]["name"],
        "arguments": _json(arguments) if format.arguments_as_text else arguments,
    }
    return {"id": call["id"], "type": "function", "function": function}


def _arguments(call: dict[str, Any]) -> Any:
    """The object, or the text as it is if that is no JSON."""
    try:
        return json.loads(call["function"]["arguments"] or "{}")
    except ValueError:
        return call["function"]["arguments"]


def _short(id: str) -> str:
    """The same for the same id. Some templates insist on nine letters and digits."""
    return blake2b(id.encode("utf-8", "replace"), digest_size=5).hexdigest()[:9]


def _named(messages: list[Message], format: Format) -> Iterator[Message]:
    """Calls with ids as the template takes them, and results with theirs and with the name of
    their function, which some templates want."""
    names: dict[str, str] = {}
    ids: dict[str, str] = {}
    for message in messages:
        if calls := message.get("tool_calls"):
            for at, call in enumerate(calls):
                id, name = call.get("id", ""), call["function"]["name"]
                names[id], ids[id] = name, format.id_of(name, at) or _short(id)
            named = [call | {"id": ids[call.get("id", "")]} for call in calls]
            message = message | {"tool_calls": named}
        if message["role"] == "tool":
            id = message.get("tool_call_id", "")
            native = {"tool_call_id": ids.get(id, _short(id))}
            message = {"name": names.get(id, ""), **message, **native}
        yield message


def _one_call_a_turn(messages: list[Message]) -> Iterator[Message]:
    """Each call with its result in turns of their own, for templates that can't say it together."""
    results = {m.get("tool_call_id"): m for m in messages if m["role"] == "tool"}
    for message in messages:
        calls = message.get("tool_calls") or ()
        if len(calls) < 2:
            if message["role"] != "tool" or message.get("tool_call_id") in results:
                yield message
            continue
        for at, call in enumerate(calls):
            yield message | {"tool_calls": [call], "content": None if at else message["content"]}
            if result := results.pop(call.get("id"), None):
                yield result


def _in_plain_turns(messages: list[Message], tools: Mapping[str, Any]) -> list[Message]:
    """With nothing but instructions, and what user and assistant say in turn."""
    functions = tools.get("functions") if tools.get("choice") != "none" else None
    if functions:
        shown = [_for_template(function) for function in functions]
        messages = _instructed(messages, _introduction(shown, OWN))
    turns: list[Message] = []
    for message in map(_plain, messages):
        after_result = message["role"] == "user" and turns and turns[-1].get("is_result")
        if after_result:
            turns[-1] = message | {"content": f"{turns[-1]['content']}\n{message['content']}"}
        else:
            turns.append(message)
    return [{"role": turn["role"], "content": turn["content"]} for turn in turns]


def _plain(message: Message) -> Message:
    content = message.get("content") or ""
    if message["role"] == "tool":
        result = f"<tool_response>\n{content}\n</tool_response>"
        return {"role": "user", "content": result, "is_result": True}
    if calls := message.get("tool_calls"):
        named = [(call["function"]["name"], _json(_arguments(call))) for call in calls]
        content = "\n".join(filter(None, [content, OWN.written(named)]))
    return {"role": message["role"], "content": content}


def _instructed(messages: list[Message], more: str) -> list[Message]:
    if messages and messages[0]["role"] == "system":
        first, *rest = messages
        return [first | {"content": f"{first['content']}\n\n{more}"}, *rest]
    return [{"role": "system", "content": more}, *messages]


def _introduction(functions: Iterable[dict[str, Any]], format: Format) -> str:
    """`functions` as templates want them."""
    shown = "\n".join(_json(function["function"]) for function in functions)
    example = format.written([("NAME", "{}")])
    more = (SEVERAL if format.separator else "") + (RESULTS if format.is_own else "")
    return INTRODUCTION.format(functions=shown, example=example, more=more)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
