"""JSON Schema, checked and put into the notation of llguidance."""

import json
from collections.abc import Iterator
from typing import Any

from inference.engine.lark import GrammarError

MOST_CHARACTERS = 64_000
"""Of a schema, in JSON."""
MOST_NESTED = 64
SPACE = r"\x20|\x0A\x20{0,20}"
"""Between the parts of a JSON text. More of it, and a small model may write nothing else."""
FORMATS = frozenset(
    ("date-time", "time", "date", "duration", "email", "hostname", "ipv4", "ipv6", "uuid", "uri")
)
"""Those that a text is held to. Any other only tells people about a value, says JSON Schema 2020-12
(Validation, 7.2.1)."""
DATA = frozenset(("const", "default", "enum", "example", "examples"))
"""Keywords whose values are no schemas."""
NAMED = frozenset(("properties", "patternProperties", "$defs", "definitions", "dependentSchemas"))
"""Keywords whose values have schemas by name."""

Schema = dict[str, Any]


def embedded(schema: Schema) -> str:
    """A text that follows `schema`, as it is written in a rule in Lark. Raises GrammarError."""
    check_depth(schema)
    for reference in _references(schema):
        if not reference.startswith("#"):
            raise GrammarError(f"The JSON schema refers to “{reference[:100]}”, outside of itself.")
    known = _with_known_formats(schema) | {"x-guidance": {"whitespace_pattern": SPACE}}
    text = json.dumps(known)
    if len(text) > MOST_CHARACTERS:
        raise GrammarError(f"The JSON schema is longer than {MOST_CHARACTERS:,} characters.")
    return f"%json {text}"


def to_lark(text: str) -> str:
    """The same language in llguidance's dialect of Lark. Raises GrammarError."""
    schema = json.loads(text)
    if not isinstance(schema, dict):
        raise GrammarError("A JSON schema must be an object.")
    return f"start: {embedded(schema)}\n"


def check_depth(schema: Schema) -> None:
    """Raises GrammarError for one that code which descends into it had better not see."""
    level: list[Any] = [schema]
    for _depth in range(MOST_NESTED):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise GrammarError(f"The JSON schema is nested more than {MOST_NESTED} levels deep.")


def _children(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _references(schema: Any) -> Iterator[str]:
    if isinstance(schema, dict):
        if isinstance(reference := schema.get("$ref"), str):
            yield reference
        schema = {keyword: part for keyword, part in schema.items() if keyword not in DATA}
    for part in _children(schema):
        yield from _references(part)


def _with_known_formats(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_with_known_formats(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        keyword: _part(keyword, value)
        for keyword, value in schema.items()
        if keyword != "format" or not isinstance(value, str) or value in FORMATS
    }


def _part(keyword: str, value: Any) -> Any:
    if keyword in DATA:
        return value
    if keyword in NAMED and isinstance(value, dict):
        return {name: _with_known_formats(schema) for name, schema in value.items()}
    return _with_known_formats(value)
