"""JSON Schemas of fields that are not checked by a schema: what the OpenAPI documents say of them.

For `json_schema_extra`. Ranges are those that inference.parameters checks.
"""

from typing import Any

from inference.parameters import CHECKS, LONGEST_STOP, MOST_BIASES, MOST_STOPS, Number

Described = dict[str, Any]

_TEXT: Described = {"type": "string"}
_STOP: Described = {"type": "string", "minLength": 1, "maxLength": LONGEST_STOP}
_PART: Described = {
    "type": "object",
    "properties": {"type": {"const": "text"}, "text": _TEXT},
    "required": ["type", "text"],
}
_IMAGE: Described = {
    "type": "object",
    "properties": {
        "type": {"const": "image_url"},
        "image_url": {
            "type": "object",
            "properties": {"url": {"type": "string", "pattern": "^data:image/"}},
            "required": ["url"],
        },
    },
    "required": ["type", "image_url"],
}
_NAMED: Described = {
    "type": "object",
    "properties": {"name": {"type": "string", "pattern": "^[a-zA-Z0-9_-]{1,128}$"}},
    "required": ["name"],
}


def ranged(parameter: str) -> Described:
    check = CHECKS[parameter]
    if not isinstance(check, Number):
        raise TypeError(parameter)
    return {"minimum": check.least, "maximum": check.most}


def _typed(type: str, field: str, schema: Described) -> Described:
    return {
        "type": "object",
        "properties": {"type": {"const": type}, field: schema},
        "required": ["type", field],
    }


def _any(*schemas: Described) -> Described:
    return {"anyOf": [*schemas, {"type": "null"}]}


CONTENT = _any(_TEXT, {"type": "array", "items": {"anyOf": [_PART, _IMAGE]}, "minItems": 1})
STOPS = _any(_STOP, {"type": "array", "items": _STOP, "maxItems": MOST_STOPS})
LOGIT_BIAS = _any(
    {
        "type": "object",
        "propertyNames": {"pattern": "^[0-9]{1,9}$"},
        "additionalProperties": {"type": "number", "minimum": -100, "maximum": 100},
        "maxProperties": MOST_BIASES,
    }
)
TOOLS: Described = {
    "items": _typed(
        "function",
        "function",
        _NAMED
        | {
            "properties": _NAMED["properties"]
            | {"description": _TEXT, "parameters": {"type": "object"}}
        },
    )
}
TOOL_CHOICE = _any({"enum": ["auto", "none", "required"]}, _typed("function", "function", _NAMED))
RESPONSE_FORMAT = _any(
    {
        "type": "object",
        "properties": {"type": {"enum": ["text", "json_object"]}},
        "required": ["type"],
    },
    _typed(
        "json_schema",
        "json_schema",
        _NAMED
        | {
            "properties": _NAMED["properties"] | {"schema": {"type": "object"}},
            "required": ["name", "schema"],
        },
    ),
)
_TOKENS: Described = {
    "type": "array",
    "items": {"type": "integer", "minimum": 0, "maximum": 2**31 - 1},
    "minItems": 1,
}
PROMPT = _any(
    _TEXT,
    _TOKENS,
    {"type": "array", "items": _TEXT, "minItems": 1},
    {"type": "array", "items": _TOKENS, "minItems": 1},
)
