"""JSON Schema, checked and put into the notation of llguidance."""

import json
import math
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from inference.engine.lark import GrammarError

MOST_CHARACTERS = 64_000
"""Of a schema, in JSON."""
MOST_NESTED = 64
MOST_REMAINDERS = 20_000
"""Of all `multipleOf` together: for a million, matching takes ten seconds and 400 MB to prepare."""
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
COMBINED = frozenset(
    ("allOf", "anyOf", "oneOf", "$ref", "if", "patternProperties", "unevaluatedProperties")
)
"""Keywords by which an object may have properties that do not stand in `properties`."""

Schema = dict[str, Any]


def embedded(schema: Schema) -> str:
    """A text that follows `schema`, as it is written in a rule in Lark. Raises GrammarError."""
    check_depth(schema)
    for reference in _values(schema, "$ref"):
        if isinstance(reference, str) and not reference.startswith("#"):
            raise GrammarError(f"The JSON schema refers to “{reference[:100]}”, outside of itself.")
    check_multiples(schema)
    known = _with_known_formats(schema) | {"x-guidance": {"whitespace_pattern": SPACE}}
    text = json.dumps(known)
    if len(text) > MOST_CHARACTERS:
        raise GrammarError(f"The JSON schema is longer than {MOST_CHARACTERS:,} characters.")
    return f"%json {text}"


def to_lark(text: str) -> list[str]:
    """The ways to write it in llguidance's dialect of Lark, the best first: without properties that
    the schema does not name, as a small model finds no end of them. Raises GrammarError."""
    schema = json.loads(text)
    if not isinstance(schema, dict):
        raise GrammarError("A JSON schema must be an object.")
    return [f"start: {embedded(form)}\n" for form in (without_more_properties(schema), schema)]


def without_more_properties(schema: Schema) -> Schema:
    """With no properties but those it names, where it says nothing of others."""
    if "properties" not in schema or COMBINED & schema.keys():
        return schema
    return {"additionalProperties": False, **schema}


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


def check_multiples(schema: Schema) -> None:
    """Raises GrammarError where it would take too long to tell what is a multiple. A number that
    has to be one of several has as many remainders as one of their least common multiple."""
    remainders = 1
    for step in _values(schema, "multipleOf"):
        if isinstance(step, int | float) and not isinstance(step, bool):
            remainders = math.lcm(remainders, _significant(step) or 1)
        if remainders > MOST_REMAINDERS:
            raise GrammarError("The JSON schema has a multipleOf with too many digits.")


def _significant(number: float) -> int:
    """The digits of a number without point and zeros around them."""
    digits = Decimal(repr(number)).normalize().as_tuple().digits
    return int("".join(map(str, digits)) or 0)


def _values(schema: Any, keyword: str) -> Iterator[Any]:
    """Of the keyword, wherever in the schema it stands."""
    if isinstance(schema, dict):
        if keyword in schema:
            yield schema[keyword]
        schema = {name: part for name, part in schema.items() if name not in DATA}
    for part in _children(schema):
        yield from _values(part, keyword)


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
