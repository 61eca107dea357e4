"""Which JSON schemas an answer can be asked to follow."""

import json
from typing import Any

import pytest

from inference.engine.lark import GrammarError, of_bytes
from inference.engine.rules import Rules, check, compiled
from inference.parameters import ParameterError, clean


def nested(levels: int) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object"}
    for _ in range(levels):
        schema = {"type": "array", "items": schema}
    return schema


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"type": "object"},
        {"title": "Day", "description": "of a week", "type": "string", "default": "Monday"},
        {"type": "string", "format": "a-format-of-ones-own"},
        {"enum": [{"format": "x", "$ref": "http://is-only-data"}]},
        {"properties": {"format": {"type": "string"}, "$ref": {"type": "string"}}},
        {"$defs": {"a": {"type": "integer"}}, "$ref": "#/$defs/a"},
        {"anyOf": [{"type": "number", "multipleOf": step} for step in (0.01, 1000, 365, 24, 60)]},
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": ["null", "number"]},
        nested(20),
    ],
)
def test_a_schema_that_can_be_followed_is_let_in(schema: dict[str, Any]) -> None:
    assert clean({"json_schema": schema}) == {"json_schema": schema}


@pytest.mark.parametrize(
    ("schema", "complaint"),
    [
        ("object", "json_schema must be an object"),
        ([], "json_schema must be an object"),
        ({"type": "thing"}, "can't be followed: Invalid type: thing"),
        ({"required": "a"}, "can't be followed"),
        ({"not": {"type": "string"}}, 'can\'t be followed: Unimplemented keys: \\["not"\\]'),
        ({"type": "integer", "minimum": 5, "maximum": 3}, "can't be followed: Unsatisfiable"),
        ({"enum": []}, "can't be followed"),
        ({"type": "string", "pattern": "a(?=b)"}, "can't be followed"),
        ({"$ref": "#/$defs/nothing"}, "can't be followed"),
        ({"$ref": "http://example.com/schema"}, "outside of itself"),
        ({"properties": {"a": {"$ref": "other.json"}}}, "outside of itself"),
        ({"$ref": "#"}, "never comes to an end"),
        (
            {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
            "never comes to an end",
        ),
        ({"type": "string", "minLength": 100_000}, "never comes to an end|too complex"),
        ({"type": "integer", "multipleOf": 7919 * 7907}, "multipleOf with too many digits"),
        ({"allOf": [{"multipleOf": 9973}, {"multipleOf": 97.7}]}, "multipleOf with too many"),
        ({"description": "a" * 64_000}, "longer than 64,000"),
        (nested(70), "more than 64 levels"),
        (nested(20_000), "more than 64 levels"),
    ],
)
def test_any_other_is_refused_with_the_reason(schema: Any, complaint: str) -> None:
    with pytest.raises(ParameterError, match=complaint) as refusal:
        clean({"json_schema": schema})
    assert refusal.value.name == "json_schema"


NAMES = {"type": "object", "properties": {"a": {"type": "integer"}}}


@pytest.mark.parametrize(
    ("schema", "text", "is_allowed"),
    [
        (NAMES, '{"a":1}', True),
        (NAMES, '{"b":1}', False),
        (NAMES | {"additionalProperties": True}, '{"b":1}', True),
        (NAMES | {"required": ["b"]}, '{"b":1}', True),
        (NAMES | {"allOf": [{"properties": {"b": {}}}]}, '{"b":1}', True),
        ({"type": "object"}, '{"b":1}', True),
    ],
)
def test_an_object_has_only_the_properties_that_are_named_if_it_can(
    schema: dict[str, Any], text: str, is_allowed: bool
) -> None:
    follows = compiled(Rules("json_schema", json.dumps(schema)), of_bytes())

    assert (follows.try_consume_tokens(list(text.encode())) == len(text)) is is_allowed


def test_an_answer_follows_a_schema_or_a_grammar() -> None:
    with pytest.raises(ParameterError, match="not both"):
        clean({"json_schema": {}, "grammar": 'root ::= "a"'})


def test_a_grammar_in_lark_may_have_json_in_it() -> None:
    check(Rules("lark", f'start: "call " %json {json.dumps({"type": "object"})}\n'))
    with pytest.raises(GrammarError, match="can't be followed: Unimplemented"):
        check(Rules("lark", 'start: "call " %json {"not": {}}\n'))
