"""Answers read as texts and calls, however they are cut into pieces."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from inference.tools.format import OWN, Format
from inference.tools.parser import CallArguments, CallParser, CallStarted, Part, Text
from tests.inference.call_forms import BARE, IN_LIST, IN_TAGS, MARKED, NUMBERED, PAIRS

FORMATS = {
    "own": OWN,
    "bare": BARE,
    "in a list": IN_LIST,
    "marked": MARKED,
    "numbered": NUMBERED,
}
ARGUMENTS = json.dumps({"a": '}]"{', "b": [{"c": "\\"}], "é": "世界"}, ensure_ascii=False)
Call = tuple[str, str]


FUNCTION = {
    "name": "f",
    "parameters": {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "note": {"type": ["string", "null"]},
            "date": {"type": "string", "format": "date"},
            "count": {"$ref": "#/$defs/count"},
            "list": {"type": "array"},
            "any": {},
        },
        "$defs": {"count": {"type": "integer"}},
    },
}


def parse(format: Format, pieces: list[str]) -> list[Part]:
    parser = CallParser(format, [FUNCTION])
    return [part for piece in pieces for part in parser.feed(piece)] + parser.finish()


def summary(parts: list[Part]) -> tuple[str, list[Call]]:
    """The text, and name and arguments of each call."""
    text, calls = "", []
    for part in parts:
        match part:
            case Text(text=more):
                assert more
                text += more
            case CallStarted(index=index, name=name):
                assert index == len(calls)
                calls.append((name, ""))
            case CallArguments(index=index, text=more):
                assert more
                assert index == len(calls) - 1
                calls[index] = (calls[index][0], calls[index][1] + more)
    return text, calls


def every_split(text: str) -> Iterator[list[str]]:
    yield list(text)
    for first in range(len(text) + 1):
        for second in range(first, len(text) + 1):
            yield [text[:first], text[first:second], text[second:]]


def read(format: Format, text: str) -> tuple[str, list[Call]]:
    """However it is split."""
    whole = summary(parse(format, [text]))
    for pieces in every_split(text):
        assert summary(parse(format, pieces)) == whole, pieces
    return whole


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
def test_a_call(format: Format) -> None:
    text = format.written([("look_up", ARGUMENTS)])

    assert read(format, text) == ("", [("look_up", ARGUMENTS)])


@pytest.mark.parametrize("format", [OWN, IN_LIST, MARKED, NUMBERED])
def test_several_calls(format: Format) -> None:
    calls = [("look_up", '{"a": 1}'), ("tell", "{}"), ("look_up", '{"a": 2}')]

    assert read(format, format.written(calls)) == ("", calls)


@pytest.mark.parametrize("format", FORMATS.values(), ids=FORMATS)
@pytest.mark.parametrize(
    "text", ["", "Hello.", " two\n\nlines \n", "a <tool_ca", "x < y [TOO", '{"name": "Alice"}']
)
def test_a_text_that_calls_nothing_stays_as_it_is(format: Format, text: str) -> None:
    assert read(format, text) == (text, [])


def test_text_around_calls_loses_the_space_between() -> None:
    call = OWN.written([("f", "{}")])

    assert read(OWN, f"Let me see.\n\n{call}\n") == ("Let me see.", [("f", "{}")])
    assert read(OWN, f"{call}\n\n{call}\n Done.") == ("Done.", [("f", "{}"), ("f", "{}")])


def test_without_a_mark_a_call_is_one_only_at_the_beginning() -> None:
    call = BARE.written([("f", "{}")])

    assert read(BARE, f"\n{call}") == ("", [("f", "{}")])
    assert read(BARE, f"Such as {call}") == (f"Such as {call}", [])


@pytest.mark.parametrize(
    "text",
    [
        '<tool_call>\n{"name": "no name", "arguments": {}}\n</tool_call>',
        '<tool_call>\n{"name": "f", "parameters": {}}\n</tool_call>',
        '<tool_call>\n{"name": "f", "arguments": "none"}\n</tool_call>',
        '<tool_call>\n{"name": "f',
        '<tool_call>\n{"name": "' + 200 * "f",
        "<tool_call>\n<tool_call>",
    ],
)
def test_what_only_looks_like_a_call_is_text(text: str) -> None:
    assert read(OWN, text) == (text, [])


def test_a_call_that_is_cut_off_keeps_what_it_has() -> None:
    text = OWN.written([("f", '{"a": "bc"}')])

    assert read(OWN, text[: text.index("bc") + 1]) == ("", [("f", '{"a": "b')])
    assert read(OWN, text[:-3]) == ("", [("f", '{"a": "bc"}')])


def test_a_broken_call_after_a_good_one_is_text() -> None:
    good, broken = OWN.written([("f", "{}")]), '<tool_call>\n{"name": "g", oops'

    assert read(OWN, f"{good}\n{broken}") == (broken, [("f", "{}")])


def test_arguments_come_as_they_are_written() -> None:
    parser = CallParser(OWN)
    parser.feed(OWN.opening + "f" + OWN.between)

    [started, first] = parser.feed('{"a": ')
    assert isinstance(started, CallStarted)
    assert first == CallArguments(0, '{"a": ')
    assert parser.feed("[1, ") == [CallArguments(0, "[1, ")]
    assert parser.feed("2]}}\n</tool") == [CallArguments(0, "2]}")]
    assert parser.feed("_call>") == []
    assert parser.finish() == []


def test_text_is_held_back_only_where_a_call_may_begin() -> None:
    parser = CallParser(OWN)

    assert parser.feed("a < b") == [Text("a < b")]
    assert parser.feed(" and <tool_") == [Text(" and")]
    assert parser.feed("box>") == [Text(" <tool_box>")]


def test_each_call_has_an_id_of_its_own() -> None:
    parts = parse(OWN, [OWN.written([("f", "{}"), ("f", "{}")])])
    ids = [part.id for part in parts if isinstance(part, CallStarted)]

    assert len(set(ids)) == 2
    assert all(id.startswith("call_") and len(id) == len("call_") + 24 for id in ids)


in_tags = pytest.mark.parametrize("format", [IN_TAGS, PAIRS], ids=["tags", "pairs"])


def in_json(*calls: tuple[str, dict[str, Any]]) -> list[Call]:
    return [(name, json.dumps(arguments, ensure_ascii=False)) for name, arguments in calls]


@in_tags
def test_arguments_in_tags_are_told_in_json(format: Format) -> None:
    calls = in_json(
        ("f", {"text": 'a "b"\n<c> \\ é', "count": 3, "list": [1, {"a": "]"}], "any": True}),
        ("f", {}),
        ("f", {"text": "", "note": None}),
    )

    assert read(format, f"So.\n{format.written(calls)}\n") == ("So.", calls)


@in_tags
@pytest.mark.parametrize(
    ("key", "written", "value"),
    [
        ("text", "3", "3"),
        ("text", '"a"', '"a"'),
        ("text", "</parameter", "</parameter"),
        ("note", "null", None),
        ("note", "3", "3"),
        ("note", '"a"', '"a"'),
        ("date", '"2024-05-06"', "2024-05-06"),
        ("date", "2024-05-06", "2024-05-06"),
        ("count", " 3", 3),
        ("any", "3", 3),
        ("any", "three", "three"),
        ("any", "NaN", "NaN"),
        ("else", '{"a": 1}', {"a": 1}),
        ("list", '["</arg_value>"]', ["</arg_value>"]),
        ("list", '["an \\" </arg_value>"]', ['an " </arg_value>']),
        ("list", "[1", "[1"),
    ],
)
def test_a_value_is_what_its_schema_says(
    format: Format, key: str, written: str, value: Any
) -> None:
    text = format.written(in_json(("f", {key: "X"}))).replace("X", written)

    [(_name, arguments)] = read(format, text)[1]
    assert json.loads(arguments) == {key: value}


def test_a_text_in_tags_comes_as_it_is_written() -> None:
    parser = CallParser(IN_TAGS, [FUNCTION])
    head = IN_TAGS.written(in_json(("f", {"text": "X"}))).partition("X")[0]

    [_started, first] = parser.feed(head)
    assert first == CallArguments(0, '{"text": "')
    assert parser.feed("one\ntwo\n</par") == [CallArguments(0, "one\\ntwo")]
    assert parser.feed("t>\n") == [CallArguments(0, "\\n</part>")]
    assert parser.feed("\n</parameter>\n") == [CallArguments(0, '\\n"')]
    assert parser.feed("</function>\n</tool") == [CallArguments(0, "}")]


def test_a_call_in_tags_that_is_cut_off_keeps_what_it_has() -> None:
    text = PAIRS.written(in_json(("f", {"count": 3, "text": "abc"})))

    assert read(PAIRS, text[: text.index("bc")]) == ("", [("f", '{"count": 3, "text": "a')])
    assert read(PAIRS, text.partition("3")[0]) == ("", [("f", '{"count": ')])


def test_it_knows_whether_a_call_is_all_that_has_come() -> None:
    call = OWN.written([("f", "{}")])
    for text, is_after_call in (
        ("", False),
        ("Hello", False),
        (call, True),
        (call.removesuffix("</tool_call>"), True),
        (call + "\n", True),
        (call + call[:25], False),
        (call[:-20], False),
        (call + "There.", False),
    ):
        parser = CallParser(OWN)
        parser.feed(text)

        assert parser.is_after_call is is_after_call, text
