"""What answers that call functions are held to."""

import pytest

from inference.engine.lark import GrammarError
from inference.tools.format import OWN, Format
from inference.tools.rules import rules
from tests.inference.call_checks import (
    CONTROL,
    END,
    LONGER,
    OSLO,
    ROME,
    WEATHER,
    Tokens,
    constraint,
    each_format,
    follows,
    is_answer,
    tokens,
)
from tests.inference.call_forms import BARE, IN_LIST, IN_TAGS, MARKED, NUMBERED

each_with_several = pytest.mark.parametrize("format", [OWN, IN_LIST, MARKED, NUMBERED, IN_TAGS])


@each_format
def test_a_required_call_is_all_that_may_come(format: Format) -> None:
    assert is_answer(constraint(format, "required"), format.written([("weather", ROME)]))
    assert is_answer(constraint(format, "required"), format.written([("weather_soon", OSLO)]))
    assert not follows(constraint(format, "required"), "Hello")
    assert not is_answer(constraint(format, "required"), "")


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


def test_without_functions_or_choice_anything_may_come() -> None:
    assert rules(OWN, {}, CONTROL) is None
    none = {"functions": WEATHER, "choice": "none", "parallel": True}
    assert rules(OWN, none, CONTROL) is None
    assert rules(OWN, none | {"functions": [], "choice": "auto"}, CONTROL) is None
