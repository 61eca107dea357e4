"""How the values of arguments are written in tags: texts as they are, all others in JSON."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Schema = Mapping[str, Any]

LONGEST = 10_000
"""A text that may have to be longer, or not, is written in JSON."""
MOST_STEPS = 16
"""From one reference to the next."""
OF_TEXT = frozenset(("type", "minLength", "maxLength", "enum", "const"))
"""What may be asked of a text that is written as it is."""
SAY_NOTHING = frozenset(
    ("title", "description", "default", "example", "examples", "deprecated", "$comment")
)
SIMPLE = frozenset(("integer", "number", "boolean", "null"))
ALL = SIMPLE | {"object", "array"}


@dataclass(frozen=True)
class Writing:
    """How values of one schema are written."""

    is_text: bool
    """A text stands as it is."""
    types: frozenset[str] = frozenset()
    """Those of which a text that stands as it is is taken for JSON; of others, all are JSON."""

    def as_json(self, written: str) -> str:
        """The value in JSON. What can't be read as JSON is a text."""
        try:
            value = json.loads(written, parse_constant=_refuse)
        except (ValueError, RecursionError):
            return quoted(written)
        if not self.is_text or _types(value) & self.types:
            return written.strip()
        return quoted(written)


ANYTHING = Writing(True, ALL)
JSON = Writing(False)
TEXT = Writing(True)


def _refuse(constant: str) -> None:
    """Python reads NaN and Infinity, too, which are no JSON."""
    raise ValueError(constant)


def quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def writing(schema: Any, root: Schema) -> Writing:
    """For a schema that stands in `root`. Where it asks more of a value than its type, so that its
    text could not be held to it, that is JSON."""
    schema = resolved(schema, root)
    if not isinstance(schema, dict):
        return ANYTHING
    asked = schema.keys() - SAY_NOTHING
    if not asked:
        return ANYTHING
    types = _types_of(schema, root)
    if types == {"string"} and asked <= OF_TEXT and _is_short(schema):
        return TEXT
    others = types - {"string"}
    if "string" in types and others <= SIMPLE and asked <= {"type", "anyOf"}:
        return Writing(True, frozenset(others))
    return JSON


def argument(parameters: Schema, key: str) -> Any:
    """The schema of the argument of that name."""
    parameters = resolved(parameters, parameters)
    properties = parameters.get("properties")
    if isinstance(properties, dict) and key in properties:
        return properties[key]
    return parameters.get("additionalProperties", True)


def resolved(schema: Any, root: Schema) -> Any:
    """What a reference into `root` refers to; itself, if it is none or leads nowhere."""
    for _ in range(MOST_STEPS):
        match schema:
            case {"$ref": str(path)} if path.startswith("#"):
                found: Any = root
                for step in path.removeprefix("#").split("/")[1:]:
                    name = step.replace("~1", "/").replace("~0", "~")
                    found = found.get(name) if isinstance(found, dict) else None
                if found is None:
                    return schema
                schema = found
            case _:
                break
    return schema


def _types_of(schema: dict[str, Any], root: Schema) -> set[str]:
    """Empty where they can't be told."""
    match schema:
        case {"type": str(type)}:
            return {type}
        case {"type": [*types]}:
            return {type for type in types if isinstance(type, str)}
        case {"enum": [*values]}:
            return {"string"} if all(isinstance(value, str) for value in values) else set()
        case {"const": str()}:
            return {"string"}
        case {"anyOf": [*forms]}:
            found = [resolved(form, root) for form in forms]
            if all(isinstance(form, dict) and _is_only_a_type(form) for form in found):
                return set().union(*(_types_of(form, root) for form in found))
    return set()


def _is_only_a_type(schema: dict[str, Any]) -> bool:
    return schema.keys() - SAY_NOTHING == {"type"}


def _is_short(schema: dict[str, Any]) -> bool:
    lengths = (schema.get("minLength", 0), schema.get("maxLength", 0))
    words = [*schema.get("enum", ()), schema.get("const", "")]
    return all(isinstance(length, int) and 0 <= length <= LONGEST for length in lengths) and all(
        isinstance(word, str) and "\n" not in word and "<" not in word for word in words
    )


def _types(value: Any) -> set[str]:
    match value:
        case bool():
            return {"boolean"}
        case int():
            return {"integer", "number"}
        case float():
            return {"number", *(("integer",) if value.is_integer() else ())}
        case None:
            return {"null"}
        case dict():
            return {"object"}
        case list():
            return {"array"}
    return set()
