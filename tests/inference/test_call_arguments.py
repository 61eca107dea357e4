"""The arguments of a call follow the function's schema."""

import pytest

from inference.engine.lark import GrammarError
from inference.tools.format import OWN, Format
from tests.inference.call_checks import CONTROL, constraint, follows, function, is_answer
from tests.inference.call_forms import BARE, IN_LIST, MARKED, NUMBERED

each_in_json = pytest.mark.parametrize("format", [OWN, BARE, IN_LIST, MARKED, NUMBERED])


@each_in_json
@pytest.mark.parametrize("choice", ["required", "auto"])
def test_arguments_follow_their_schema(format: Format, choice: str) -> None:
    for wrong in ('{"city": 1', '{"days": 1', '{"city": "Rome"]', '{"town": ', "no"):
        head = format.written([("weather", "")]).removesuffix(format.closing)
        assert not follows(constraint(format, choice), head + wrong)


def test_control_tokens_stand_in_no_argument() -> None:
    held = constraint(IN_LIST, "required")
    assert follows(held, IN_LIST.opening + "weather" + IN_LIST.between + '{"city": "Ro')

    assert not held.allows(CONTROL["[TOOL_CALLS]"])
    assert not held.allows(0x0E)


def test_a_schema_that_cannot_be_followed_leaves_any_object_unless_it_is_strict() -> None:
    odd = {"type": "object", "properties": {"a": {"not": {"type": "string"}}}}

    held = constraint(OWN, "required", functions=[function("f", odd)])
    assert is_answer(held, OWN.written([("f", '{"b": [1]}')]))
    with pytest.raises(GrammarError, match="JSON schema"):
        constraint(OWN, "required", functions=[function("f", odd, strict=True)])


def test_what_the_schemas_of_many_functions_take_is_bounded() -> None:
    several = [f"[a-z]*{letter}[a-z]*" for letter in "abcdefghijklmnop"]
    slow = {"allOf": [{"type": "string", "pattern": pattern} for pattern in several]}
    many = [
        function(f"f{at}", {"properties": {f"a{at}": slow}, "required": [f"a{at}"]})
        for at in range(128)
    ]
    with pytest.raises(GrammarError, match="too complex together"):
        constraint(OWN, "required", functions=many)

    steps = [
        function(f"f{step}", {"properties": {"a": {"multipleOf": step}}}) for step in (997, 991)
    ]
    with pytest.raises(GrammarError, match="multipleOf"):
        constraint(OWN, "required", functions=steps)


def test_a_function_without_parameters_has_no_arguments() -> None:
    nothing = function("f", {"type": "object", "properties": {}})

    assert is_answer(constraint(OWN, "required", functions=[nothing]), OWN.written([("f", "{}")]))
    assert not follows(
        constraint(OWN, "required", functions=[nothing]), OWN.written([("f", '{"a": 1}')])
    )


def test_arguments_are_an_object_also_where_the_schema_does_not_say_so() -> None:
    for schema in ({}, {"properties": {"a": {"type": "string"}}}, {"type": ["object", "null"]}):
        held = constraint(OWN, "required", functions=[function("f", schema)])

        assert not follows(held, OWN.opening + "f" + OWN.between + '"')
