"""Arguments that a model writes in tags, each by itself, follow the function's schema."""

import json
from typing import Any

import pytest

from inference.engine.lark import GrammarError
from inference.tools.format import Format
from tests.inference.call_checks import (
    constraint,
    follows,
    function,
    is_answer,
    tokens,
)
from tests.inference.call_forms import IN_TAGS, PAIRS

each_in_tags = pytest.mark.parametrize("format", [IN_TAGS, PAIRS], ids=["tags", "pairs"])


def written(format: Format, **arguments: Any) -> str:
    return format.written([("f", json.dumps(arguments, ensure_ascii=False))])


def of_properties(*required: str, **properties: Any) -> list[dict[str, Any]]:
    schema = {"type": "object", "properties": properties, "required": list(required)}
    return [function("f", schema)]


@each_in_tags
@pytest.mark.parametrize(
    ("schema", "right", "wrong"),
    [
        ({"type": "string"}, ["", "Rome", '"', "a\n</b>\n<c> {", "3"], []),
        ({"type": "string", "maxLength": 3, "minLength": 2}, ["ab", "\n<a"], ["a", "abcd"]),
        ({"enum": ["one", "two"]}, ["one", "two"], ["three", '"one"', ""]),
        ({"$ref": "#/properties/other"}, ["one"], ["three"]),
        ({"type": "integer"}, ["3", "-4"], ["3.5", "three", '"3"', ""]),
        ({"type": "boolean"}, ["true"], ["True", "1"]),
        ({"type": "array", "items": {"type": "string"}}, ['["a", "b"]', "[]"], ["a", "[1]"]),
        ({"type": ["string", "null"]}, ["null", "Rome", ""], []),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}]}, ["3", "Rome"], []),
        ({"type": "string", "format": "date"}, ['"2024-05-06"'], ["2024", '"today"']),
        ({"type": "string", "pattern": "^a+$"}, ['"aa"'], ["aa", '"b"']),
        ({}, ["3", "Rome", '{"a": 1}'], []),
    ],
)
def test_a_value_in_tags_follows_its_schema(
    format: Format, schema: Any, right: list[str], wrong: list[str]
) -> None:
    functions = of_properties("a", a=schema, other={"enum": ["one"]})

    for value in right:
        held = constraint(format, "required", functions=functions)
        assert is_answer(held, written(format, a=value)), value
    for value in wrong:
        held = constraint(format, "required", functions=functions)
        assert not is_answer(held, written(format, a=value)), value


@each_in_tags
def test_arguments_in_tags_are_those_of_the_function(format: Format) -> None:
    text = {"type": "string"}
    functions = of_properties("a", "c", a=text, b=text, c=text)

    def may_be(**arguments: str) -> bool:
        held = constraint(format, "required", functions=functions)
        return is_answer(held, written(format, **arguments))

    assert may_be(a="1", b="2", c="3")
    assert may_be(a="1", c="3")
    assert not may_be(a="1")
    assert not may_be(a="1", c="3", d="4")


@each_in_tags
def test_where_the_schema_names_no_arguments_any_may_come(format: Format) -> None:
    anything = [function("f", {"type": "object"})]

    held = constraint(format, "required", functions=anything)
    assert is_answer(held, written(format, a="1", b={"c": 2}))
    assert is_answer(constraint(format, "required", functions=anything), written(format))


@each_in_tags
def test_what_is_asked_of_all_arguments_together_can_not_be_followed_in_tags(
    format: Format,
) -> None:
    either = {"type": "object", "anyOf": [{"required": ["a"]}, {"required": ["b"]}]}

    assert is_answer(
        constraint(format, "required", functions=[function("f", either)]), written(format, c="1")
    )
    with pytest.raises(GrammarError, match="in this model's calls"):
        constraint(format, "required", functions=[function("f", either, strict=True)])


@each_in_tags
def test_a_text_in_tags_is_closed_before_the_tokens_run_out(format: Format) -> None:
    functions = of_properties("a", "n", a={"type": "string"}, n={"type": "integer"})
    head = written(format, a="X").partition("X")[0]
    for spare in range(4):
        shortest = len(tokens(written(format, a="", n=0)))
        held = constraint(format, "required", functions=functions, max_tokens=shortest + spare)
        assert follows(held, head)
        said = ""
        while held.allows(ord("x")):
            held.accept(ord("x"))
            said += "x"
        assert len(said) == spare
        assert is_answer(held, written(format, a="", n=0).removeprefix(head))
