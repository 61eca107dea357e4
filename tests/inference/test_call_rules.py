"""What answers that call functions are held to."""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from inference.engine.grammar import Constraint, Grammars
from inference.engine.lark import GrammarError
from inference.tools import channels
from inference.tools.format import OWN, Format
from inference.tools.rules import rules, rules_of_answer
from tests.inference.call_forms import BARE, IN_LIST, IN_TAGS, MARKED, NUMBERED, PAIRS

END = 0
CONTROL = {"[TOOL_CALLS]": 256, "[ARGS]": 257, "[THINK]": 258} | {
    word: 259 + at for at, word in enumerate((*channels.WORDS, "<arg_value>", "</arg_value>"))
}
LONGER = 259 + 7
FORMATS = {
    "own": OWN,
    "bare": BARE,
    "in a list": IN_LIST,
    "marked": MARKED,
    "numbered": NUMBERED,
    "in tags": IN_TAGS,
    "pairs": PAIRS,
    "in channels": channels.FORMAT,
}

PLACE = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
    "required": ["city"],
}
ROME, OSLO = '{"city": "Rome"}', '{"city": "Oslo", "days": 3}'


@dataclass
class Tokens:
    """A letter a token, some longer ones, and control tokens."""

    control: dict[str, int] = field(default_factory=lambda: dict(CONTROL))
    ends: npt.NDArray[np.intp] = field(default_factory=lambda: np.array([END]))
    longer: tuple[bytes, ...] = (b"<tool_call>", b'"}}', b">\n{", b'{"')

    @property
    def size(self) -> int:
        return LONGER + len(self.longer)

    def piece(self, token: int) -> bytes:
        if token < 256:
            return bytes([token])
        return self.longer[token - LONGER] if token >= LONGER else b""


grammars = Grammars(Tokens())


def function(name: str, parameters: dict[str, Any] = PLACE, strict: bool = False) -> dict[str, Any]:
    return {"name": name, "description": "", "parameters": parameters, "strict": strict}


WEATHER = [function("weather"), function("weather_soon")]


def constraint(
    format: Format,
    choice: Any,
    *,
    parallel: bool = True,
    functions: list[dict[str, Any]] = WEATHER,
    max_tokens: int = 10_000,
    answer: dict[str, Any] | None = None,
) -> Constraint:
    tools = {"functions": functions, "choice": choice, "parallel": parallel}
    found = rules(format, tools, CONTROL, answer)
    assert found
    return grammars.constraint(found, [], max_tokens)


def tokens(text: str) -> list[int]:
    for word, token in CONTROL.items():
        if word in text:
            before, _, after = text.partition(word)
            return [*tokens(before), token, *tokens(after)]
    return list(text.encode())


def follows(constraint: Constraint, text: str) -> bool:
    """Whether the text may be written; not, whether it may end then."""
    for token in tokens(text):
        if not constraint.allows(token):
            return False
        assert constraint.mask()[token]
        constraint.accept(token)
    return True


def is_answer(constraint: Constraint, text: str) -> bool:
    return follows(constraint, text) and constraint.allows(END)


each_format = pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
each_with_several = pytest.mark.parametrize("format", [OWN, IN_LIST, MARKED, NUMBERED, IN_TAGS])
each_in_json = pytest.mark.parametrize("format", [OWN, BARE, IN_LIST, MARKED, NUMBERED])
each_in_tags = pytest.mark.parametrize("format", [IN_TAGS, PAIRS], ids=["tags", "pairs"])


@each_format
def test_a_required_call_is_all_that_may_come(format: Format) -> None:
    assert is_answer(constraint(format, "required"), format.written([("weather", ROME)]))
    assert is_answer(constraint(format, "required"), format.written([("weather_soon", OSLO)]))
    assert not follows(constraint(format, "required"), "Hello")
    assert not is_answer(constraint(format, "required"), "")


@each_in_json
@pytest.mark.parametrize("choice", ["required", "auto"])
def test_arguments_follow_their_schema(format: Format, choice: str) -> None:
    for wrong in ('{"city": 1', '{"days": 1', '{"city": "Rome"]', '{"town": ', "no"):
        head = format.written([("weather", "")]).removesuffix(format.closing)
        assert not follows(constraint(format, choice), head + wrong)


@each_format
def test_a_function_that_does_not_exist_is_not_called(format: Format) -> None:
    assert not follows(constraint(format, "required"), format.written([("wether", ROME)]))


@each_with_several
def test_several_calls_are_for_those_who_allow_them(format: Format) -> None:
    text = format.written([("weather", ROME), ("weather_soon", OSLO), ("weather", OSLO)])

    for choice in ("required", "auto"):
        assert is_answer(constraint(format, choice), text)
        assert not follows(constraint(format, choice, parallel=False), text)


@each_format
def test_a_named_function_is_called_once(format: Format) -> None:
    named = {"name": "weather"}

    assert is_answer(constraint(format, named), format.written([("weather", ROME)]))
    assert not follows(constraint(format, named), format.written([("weather_soon", ROME)]))
    assert not follows(constraint(format, named), format.written([("weather", ROME)] * 2))


@each_format
@pytest.mark.parametrize(
    "text", ["", "Hello.", "a <tool_ca", '{"name": "Alice"}', '{"name": "weather"}', "[THINK]Hm."]
)
def test_who_may_choose_may_say_anything(format: Format, text: str) -> None:
    assert is_answer(constraint(format, "auto"), text)


@each_with_several
def test_a_call_may_come_after_words_and_ends_the_answer(format: Format) -> None:
    call = format.written([("weather", ROME)])

    assert is_answer(constraint(format, "auto"), f"Let me see. {call}")
    assert not follows(constraint(format, "auto"), f"{call} There.")


@each_with_several
def test_what_begins_as_a_call_goes_on_as_one(format: Format) -> None:
    assert not follows(constraint(format, "auto"), f"So: {format.mark} hm")


def test_a_mark_may_come_as_one_token_or_within_others() -> None:
    vocabulary = Tokens()
    whole, overlapping = (vocabulary.longer.index(p) + LONGER for p in (b"<tool_call>", b">\n{"))
    one = constraint(OWN, "auto")
    assert one.allows(whole)
    one.accept(whole)
    assert not one.allows(ord("x"))
    assert follows(one, '\n{"name": "weather", "arguments": {"city": "')

    other = constraint(OWN, "auto")
    assert follows(other, "<tool_call")
    assert other.allows(overlapping)


def test_without_a_mark_only_an_answer_that_begins_as_a_call_is_one() -> None:
    call = BARE.written([("weather", ROME)])

    assert is_answer(constraint(BARE, "auto"), call)
    assert not follows(constraint(BARE, "auto"), f"{call} There.")
    assert is_answer(constraint(BARE, "auto"), "Such as " + call.replace('"Rome"', "1"))


def test_control_tokens_stand_in_no_argument() -> None:
    held = constraint(IN_LIST, "required")
    assert follows(held, IN_LIST.opening + "weather" + IN_LIST.between + '{"city": "Ro')

    assert not held.allows(CONTROL["[TOOL_CALLS]"])
    assert not held.allows(0x0E)


@each_format
@pytest.mark.parametrize("choice", ["required", "auto"])
def test_a_call_is_whole_within_the_tokens_there_are(format: Format, choice: str) -> None:
    text = format.written([("weather", ROME)]) if choice == "required" else "x" * 200
    most = len(tokens(text)) + 4
    held = constraint(format, choice, max_tokens=most)
    head = format.written([("weather", "{}")]).removesuffix(format.closing).removesuffix("{}")
    written = [*tokens(head)]
    for token in written:
        assert held.allows(token)
        held.accept(token)
    while len(written) < most and not held.is_complete:
        token = next(t for t in (*b'{"city: ', *range(1, LONGER + 4), END) if held.allows(t))
        if token == END:
            break
        held.accept(token)
        written.append(token)

    assert held.allows(END)


def test_too_few_tokens_for_any_call_are_refused_and_leave_words_to_who_may_choose() -> None:
    with pytest.raises(GrammarError, match="max_tokens is too small"):
        constraint(OWN, "required", max_tokens=5)

    held = constraint(OWN, "auto", max_tokens=20)
    assert not follows(held, "<tool_call>")


def test_beside_calls_an_answer_may_have_to_follow_a_schema() -> None:
    answer = {"type": "object", "properties": {"sum": {"type": "integer"}}, "required": ["sum"]}
    for format in (OWN, IN_LIST, MARKED):
        call = format.written([("weather", ROME)])

        assert is_answer(constraint(format, "auto", answer=answer), '{"sum": 4}')
        assert is_answer(constraint(format, "auto", answer=answer), call)
        assert not follows(constraint(format, "auto", answer=answer), "Four")
    assert is_answer(constraint(BARE, "auto", answer=answer), '{"sum": 4}')


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


def test_without_functions_or_choice_anything_may_come() -> None:
    assert rules(OWN, {}, CONTROL) is None
    none = {"functions": WEATHER, "choice": "none", "parallel": True}
    assert rules(OWN, none, CONTROL) is None
    assert rules(OWN, none | {"functions": [], "choice": "auto"}, CONTROL) is None


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


THOUGHT = f"{channels.ANALYSIS}Hm, a\ncall.{channels.NEXT}"


def test_thoughts_may_come_before_a_call() -> None:
    call = channels.FORMAT.written([("weather", ROME)])

    assert is_answer(constraint(channels.FORMAT, "required"), THOUGHT + call)
    assert not follows(constraint(channels.FORMAT, "required"), THOUGHT + THOUGHT)
    assert not follows(constraint(channels.FORMAT, "required"), channels.FINAL)


def test_thoughts_end_before_the_tokens_run_out() -> None:
    vocabulary = Tokens()
    words = {token: word for word, token in vocabulary.control.items()}
    call = channels.FORMAT.written([("weather", ROME)])
    shortest = len(tokens(channels.FORMAT.written([("weather", '{"city":""}')])))
    begun = tokens(f"{channels.ANALYSIS}Hm.")
    most = len(begun) + len(tokens(channels.NEXT)) + shortest + 3
    held = constraint(channels.FORMAT, "required", functions=[function("weather")], max_tokens=most)

    for token in begun:
        assert held.allows(token)
        held.accept(token)
    more = 0
    while held.allows(ord("x")):
        held.accept(ord("x"))
        more += 1
    assert 3 <= more <= 5  # as some tokens are longer than a letter
    said = ""
    while not held.allows(END):
        token = held.way_out
        assert token is not None
        assert held.allows(token)
        held.accept(token)
        said += vocabulary.piece(token).decode() or words[token]
    assert said == channels.NEXT + call.replace(ROME, '{"city":""}')


@pytest.mark.parametrize(
    "head",
    [
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>",
        " to=functions.weather<|channel|>commentary json<|message|>",
        f"{THOUGHT} to=functions.weather<|channel|>commentary <|constrain|>json<|message|>",
        f"{THOUGHT}<|channel|>commentary<|message|>So.{channels.NEXT}"
        "<|channel|>commentary to=functions.weather <|constrain|>json<|message|>",
    ],
)
def test_who_may_choose_calls_in_whichever_form_of_a_header(head: str) -> None:
    assert is_answer(constraint(channels.FORMAT, "auto"), head + ROME)
    assert not follows(constraint(channels.FORMAT, "auto"), head + '{"town"')


def test_who_may_choose_thinks_and_answers() -> None:
    assert is_answer(constraint(channels.FORMAT, "auto"), f"{THOUGHT}{channels.FINAL}Hello.")


def test_an_answer_in_channels_follows_a_schema_after_its_thoughts() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}

    def held() -> Constraint:
        return grammars.constraint(rules_of_answer(channels.FORMAT, schema, CONTROL), [])

    assert is_answer(held(), channels.FINAL + '{"a": 1}')
    assert is_answer(held(), THOUGHT + channels.FINAL + '{"a": 1}')
    assert not follows(held(), '{"a"')
    assert not follows(held(), channels.FINAL + '{"b"')
    beside_calls = constraint(channels.FORMAT, "auto", answer=schema)
    assert is_answer(beside_calls, THOUGHT + channels.FINAL + '{"a": 1}')
    beside_calls = constraint(channels.FORMAT, "auto", answer=schema)
    assert is_answer(beside_calls, THOUGHT + channels.FORMAT.written([("weather", ROME)]))
