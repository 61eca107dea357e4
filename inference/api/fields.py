"""What requests of several APIs have in common: texts in parts, functions that a model may call,
and the refusal by name of what is not understood. Silence would look like obedience."""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.utils.translation import gettext as _

from inference.api.errors import Problem, problem_of
from inference.parameters import ParameterError

MOST_MESSAGES = 2048
MOST_FUNCTIONS = 128
FUNCTION_NAME = re.compile(r"[a-zA-Z0-9_-]{1,128}", re.ASCII)

Neutral = Mapping[str, tuple[Any, ...]]
"""By the name of a field, the values that ask for nothing."""


def invalid(param: str, message: str) -> Problem:
    return Problem(400, "invalid_value", message, param=param)


def unsupported(param: str, message: str) -> Problem:
    return Problem(400, "unsupported_value", message, param=param)


def refuse_extra(
    extra: Mapping[str, Any], harmless: Collection[str], neutral: Neutral, prefix: str = ""
) -> None:
    """Raises Problem for the first field that asks for something. Those in `harmless` may say
    what they like: the answer is the same."""
    for name, value in extra.items():
        if value is None or name in harmless or value in neutral.get(name, ()):
            continue
        if name in neutral:
            message = _("%(name)s is not supported with this value.") % {"name": name}
            raise unsupported(prefix + name, message)
        message = _("%(name)s is not a known parameter.") % {"name": name}
        raise Problem(400, "unknown_parameter", message, param=prefix + name)


def text(content: Any, where: str, kinds: Mapping[str, str], between: str = "") -> str:
    """A content that is a text or a list of parts, as one text. `kinds` has the types of parts
    that are texts, and the field that each has its text in."""
    match content:
        case str():
            return content
        case [_first, *_rest]:
            parts = (part(found, f"{where}[{at}]", kinds) for at, found in enumerate(content))
            return between.join(parts)
    raise invalid(where, _("The content must be a text or a list of text parts."))


def part(part: Any, where: str, kinds: Mapping[str, str]) -> str:
    match part:
        case {"type": str(kind)} if kind in kinds:
            if isinstance(found := part.get(kinds[kind]), str):
                return found
            raise invalid(f"{where}.{kinds[kind]}", _("A text part needs a text."))
        case {"type": str(kind)}:
            message = _("Parts of type %(type)s are not supported.") % {"type": kind}
            raise unsupported(f"{where}.type", message)
    raise invalid(where, _("A part must be an object with a type."))


def function(tool: Mapping[str, Any], where: str, schema: str) -> dict[str, Any]:
    """A function as inference.tools knows it. `schema` is the field that has the JSON Schema of
    its arguments."""
    name, parameters = tool.get("name"), tool.get(schema)
    if not isinstance(name, str) or not FUNCTION_NAME.fullmatch(name):
        message = _("A function's name has up to 128 letters, digits, underscores and dashes.")
        raise invalid(f"{where}.name", message)
    if not isinstance(parameters, dict | None):
        raise invalid(f"{where}.{schema}", _("The parameters must be a JSON Schema object."))
    if not isinstance(tool.get("description"), str | None):
        raise invalid(f"{where}.description", _("The description must be a text."))
    if not isinstance(tool.get("strict"), bool | None):
        raise invalid(f"{where}.strict", _("strict must be true or false."))
    return {
        "name": name,
        "description": tool.get("description") or "",
        "parameters": parameters or {"type": "object", "properties": {}},
        "strict": bool(tool.get("strict")),
    }


def check_functions(functions: list[dict[str, Any]], where: str = "tools") -> None:
    """Raises Problem for more than there may be, or two of the same name."""
    if len(functions) > MOST_FUNCTIONS:
        message = _("There may be at most %(most)s tools.") % {"most": MOST_FUNCTIONS}
        raise invalid(where, message)
    seen = set()
    for at, function in enumerate(functions):
        if function["name"] in seen:
            raise invalid(f"{where}[{at}].name", _("Two tools have the same name."))
        seen.add(function["name"])


def check_choice(choice: Any, functions: list[dict[str, Any]], where: str) -> None:
    """Raises Problem if the choice, in the form of inference.tools, can't be followed."""
    if choice == "required" and not functions:
        raise invalid("tool_choice", _("There are no tools to choose from."))
    if isinstance(choice, dict) and all(f["name"] != choice["name"] for f in functions):
        message = _("There is no tool %(name)s.") % {"name": choice["name"]}
        raise invalid(where, message)


def call(id: str, name: str, arguments: str) -> dict[str, Any]:
    """A call as an assistant's message has it."""
    return {"id": id, "type": "function", "function": {"name": name, "arguments": arguments}}


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@contextmanager
def renamed(names: Mapping[str, str]) -> Iterator[None]:
    """Errors that name a field as inference.parameters does, or as OpenAI's chat completions do,
    name it as the caller's API does."""
    try:
        yield
    except (ParameterError, Problem) as error:
        problem = problem_of(error)
        problem.param = names.get(problem.param or "", problem.param)
        raise problem from None


def is_forced(tools: dict[str, Any]) -> bool:
    """Whether the answer must be a call."""
    return bool(tools) and tools["choice"] not in ("auto", "none")
