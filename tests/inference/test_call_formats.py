"""What is learnt from chat templates about calls of functions."""

import json

import pytest

from inference.engine.llama.template import ChatTemplate
from inference.tools.format import OWN, Format
from tests.inference import chat_templates as templates


def format_of(source: str) -> Format:
    return ChatTemplate(source, start="<s>", end="</s>", ends=templates.ENDS).format


def calls(source: str, count: int = 2) -> str:
    return format_of(source).written([("first", '{"a": 1}'), ("second", "{}")][:count])


@pytest.mark.parametrize("source", [templates.HERMES, templates.THINKING])
def test_calls_in_tags(source: str) -> None:
    assert calls(source) == (
        '<tool_call>\n{"name": "first", "arguments": {"a": 1}}\n</tool_call>\n'
        '<tool_call>\n{"name": "second", "arguments": {}}\n</tool_call>'
    )
    assert format_of(source).mark == "<tool_call>"


def test_a_call_that_is_nothing_but_json() -> None:
    assert calls(templates.LLAMA, 1) == '{"name": "first", "parameters": {"a": 1}}'
    assert format_of(templates.LLAMA).mark == ""


def test_a_template_that_refuses_two_calls_at_once() -> None:
    assert format_of(templates.LLAMA).separator is None


def test_calls_in_a_list_without_the_ids_that_only_the_template_writes() -> None:
    assert calls(templates.MISTRAL) == (
        '[TOOL_CALLS] [{"name": "first", "arguments": {"a": 1}}, '
        '{"name": "second", "arguments": {}}]'
    )
    assert format_of(templates.MISTRAL).mark == "[TOOL_CALLS]"


def test_calls_whose_parts_stand_between_marks() -> None:
    assert calls(templates.MISTRAL_WITH_MARKS) == (
        '[TOOL_CALLS]first[ARGS]{"a": 1}[TOOL_CALLS]second[ARGS]{}'
    )


def test_calls_in_a_block_of_code_by_a_template_that_wants_json_as_text() -> None:
    assert calls(templates.DEEPSEEK, 1) == (
        "<｜tool▁calls▁begin｜><｜tool▁call▁begin｜>function<｜tool▁sep｜>first\n"
        '```json\n{"a": 1}\n```<｜tool▁call▁end｜><｜tool▁calls▁end｜>'
    )
    format = format_of(templates.DEEPSEEK)
    assert (format.arguments_as_text, format.content_as_none) == (True, True)


def test_calls_after_an_announcement_in_words() -> None:
    assert calls(templates.COMMAND, 1).startswith('Action:\n```json\n[    {"tool_name": "first"')
    assert format_of(templates.COMMAND).mark == ""


def test_calls_in_a_list_after_a_mark() -> None:
    assert calls(templates.GRANITE) == (
        '<|tool_call|>[{"name": "first", "arguments": {"a": 1}}, '
        '{"name": "second", "arguments": {}}]'
    )


@pytest.mark.parametrize(
    "source",
    [
        templates.PLAIN,
        templates.STRICT,
        templates.KNOWS_ONLY_TOOLS,
        "{{ raise_exception('No.') }}",
        "",
    ],
)
def test_where_a_template_shows_no_way_to_call_our_own_is_used(source: str) -> None:
    assert format_of(source) == OWN


def test_what_depends_on_the_call_in_other_places_is_not_guessed_at() -> None:
    named_twice = templates.HERMES.replace("</tool_call>", "</{{ call.function.name }}>")
    numbered = templates.HERMES.replace("}}}\n</tool_call>", "}}}\n{{ loop.index }}</tool_call>")

    assert format_of(named_twice) == OWN
    assert format_of(numbered).separator is None


def test_arguments_in_a_notation_that_is_not_json_are_not_guessed_at() -> None:
    odd = templates.HERMES.replace("arguments | tojson }}}", "arguments }}}")
    braced = odd.replace('"name": "', "call:").replace('", "arguments": ', "{")

    assert format_of(odd).arguments_as_text
    assert format_of(braced) == OWN


def test_what_the_template_says_after_a_call_is_not_the_calls() -> None:
    reminding = templates.HERMES.replace("</tool_call>", "</tool_call>\n" + 20 * "Think first. ")

    assert format_of(reminding) == OWN


def test_arguments_in_tags() -> None:
    written = format_of(templates.XML).written([("first", '{"a": 1, "b": "c"}'), ("second", "{}")])

    assert written == (
        "<tool_call>\n<function=first>\n<parameter=a>\n1\n</parameter>\n"
        "<parameter=b>\nc\n</parameter>\n</function>\n</tool_call>\n"
        "<tool_call>\n<function=second>\n</function>\n</tool_call>"
    )
    assert format_of(templates.XML).mark == "<tool_call>"


def test_names_and_values_of_arguments_in_tags_of_their_own() -> None:
    assert calls(templates.KEYS_AND_VALUES) == (
        "<tool_call>first<arg_key>a</arg_key><arg_value>1</arg_value></tool_call>"
        "<tool_call>second</tool_call>"
    )


def test_tags_that_depend_on_the_argument_are_not_guessed_at() -> None:
    named = templates.XML.replace("</parameter>", "</' + key + '>")
    counted = templates.XML.replace("<parameter=' +", "<parameter' ~ loop.index ~ '=' ~")
    odd = templates.XML.replace("value | tojson", "'odd'")

    for source in (named, counted, odd):
        assert format_of(source) == OWN


@pytest.mark.parametrize("source", [templates.NUMBERED, templates.NUMBERED_BY_ID])
def test_calls_with_numbers(source: str) -> None:
    assert calls(source) == (
        "<|tool_calls_section_begin|>"
        '<|tool_call_begin|>functions.first:0<|tool_call_argument_begin|>{"a": 1}<|tool_call_end|>'
        "<|tool_call_begin|>functions.second:1<|tool_call_argument_begin|>{}<|tool_call_end|>"
        "<|tool_calls_section_end|>"
    )


def test_a_template_that_writes_calls_but_tells_of_no_tools() -> None:
    assert calls(templates.CALLS_UNTOLD) == (
        "<｜tool▁calls▁begin｜>"
        '<｜tool▁call▁begin｜>first<｜tool▁sep｜>{"a": 1}<｜tool▁call▁end｜>'
        "<｜tool▁call▁begin｜>second<｜tool▁sep｜>{}<｜tool▁call▁end｜>"
        "<｜tool▁calls▁end｜>"
    )
    assert not format_of(templates.CALLS_UNTOLD).is_told
    assert format_of(templates.XML).is_told


def test_calls_in_a_channel() -> None:
    format = format_of(templates.CHANNELS)

    assert calls(templates.CHANNELS, 1) == (
        '<|channel|>commentary to=functions.first <|constrain|>json<|message|>{"a": 1}'
    )
    assert format.has_channels
    assert format.separator is None


def test_a_function_named_in_its_tag() -> None:
    tagged = templates.HERMES.replace('<tool_call>\\n{"name": "', "<function=")
    tagged = tagged.replace('", "arguments": ', ">").replace("}}}\n</tool_call>", "}}</function>")

    assert calls(tagged) == '<function=first>{"a": 1}</function>\n<function=second>{}</function>'
    assert format_of(tagged).mark == "<function="


def test_a_format_survives_json() -> None:
    for source in (templates.MISTRAL, templates.DEEPSEEK, templates.XML, templates.PLAIN):
        format = format_of(source)
        assert Format.from_json(json.loads(json.dumps(format.as_json()))) == format
