"""Tools in chat completions: what the model may call, and its calls."""

import json
from typing import Any

import pytest

from inference.lifecycle import Outcome
from inference.models import Generation
from inference.tools.format import OWN
from tests.api.asking import ask, chunks
from tests.api.conftest import THOUGHT, Answering

pytestmark = pytest.mark.django_db(transaction=True)

PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
WEATHER = {"name": "weather", "description": "The weather of a city.", "parameters": PARAMETERS}
TOOLS = [{"type": "function", "function": WEATHER}]
KNOWN = WEATHER | {"strict": False}

CALL = OWN.written([("weather", '{"city": "Oslo"}')])
CALLS = OWN.written([("weather", '{"city": "Oslo"}'), ("weather", '{"city": "Rome"}')])


def pieces(text: str, size: int = 7) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


async def test_a_call(key: dict[str, str], answering: Answering) -> None:
    with answering(*pieces(CALL)) as answerer:
        [choice] = (await ask(key, tools=TOOLS)).json()["choices"]

    [call] = choice["message"].pop("tool_calls")
    assert call.pop("id").startswith("call_")
    assert call == {
        "type": "function",
        "function": {"name": "weather", "arguments": '{"city": "Oslo"}'},
    }
    assert choice["message"] == {"role": "assistant", "content": None, "refusal": None}
    assert choice["finish_reason"] == "tool_calls"
    [generation] = answerer.seen
    assert generation.tools == {"functions": [KNOWN], "choice": "auto", "parallel": True}


async def test_calls_after_a_text(key: dict[str, str], answering: Answering) -> None:
    with answering(*pieces(f"Let me see.\n{CALLS}")):
        [choice] = (await ask(key, tools=TOOLS)).json()["choices"]

    assert choice["message"]["content"] == "Let me see."
    calls = choice["message"]["tool_calls"]
    assert [json.loads(call["function"]["arguments"])["city"] for call in calls] == ["Oslo", "Rome"]
    assert len({call["id"] for call in calls}) == 2


async def test_a_text_where_it_might_have_called(key: dict[str, str], answering: Answering) -> None:
    with answering("It ", "rains."):
        [choice] = (await ask(key, tools=TOOLS)).json()["choices"]

    assert choice["message"] == {"role": "assistant", "content": "It rains.", "refusal": None}
    assert choice["finish_reason"] == "stop"


@pytest.mark.parametrize("size", [1, 7, 1000])
async def test_a_stream_of_calls(size: int, key: dict[str, str], answering: Answering) -> None:
    with answering(*pieces(f"Look: {CALLS}", size)):
        found = await chunks(await ask(key, tools=TOOLS, stream=True))

    choices = [chunk["choices"][0] for chunk in found]
    assert choices[0]["delta"] == {"role": "assistant", "content": None}
    assert "".join(choice["delta"].get("content") or "" for choice in choices) == "Look:"
    deltas = [call for choice in choices for call in choice["delta"].get("tool_calls", [])]
    for index, city in enumerate(["Oslo", "Rome"]):
        first, *rest = [delta for delta in deltas if delta["index"] == index]
        assert first.pop("id").startswith("call_")
        assert first == {
            "index": index,
            "type": "function",
            "function": {"name": "weather", "arguments": ""},
        }
        assert all(set(delta) == {"index", "function"} for delta in rest)
        arguments = "".join(delta["function"]["arguments"] for delta in rest)
        assert arguments == f'{{"city": "{city}"}}'
    assert [choice["finish_reason"] for choice in choices[-2:]] == [None, "tool_calls"]


@pytest.mark.parametrize(
    ("choice", "known"),
    [
        (None, "auto"),
        ("auto", "auto"),
        ("none", "none"),
        ("required", "required"),
        ({"type": "function", "function": {"name": "weather"}}, {"name": "weather"}),
    ],
)
async def test_the_choice_reaches_the_model(
    choice: Any, known: Any, key: dict[str, str], answering: Answering
) -> None:
    with answering("x") as answerer:
        await ask(key, tools=TOOLS, tool_choice=choice, parallel_tool_calls=False)

    [generation] = answerer.seen
    assert generation.tools == {"functions": [KNOWN], "choice": known, "parallel": False}


async def test_without_a_choice_nothing_is_taken_for_a_call(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(CALL):
        [choice] = (await ask(key, tools=TOOLS, tool_choice="none")).json()["choices"]

    assert choice["message"]["content"] == CALL
    assert choice["finish_reason"] == "stop"


async def test_a_chat_with_calls_and_results_reaches_the_model(
    key: dict[str, str], answering: Answering
) -> None:
    function = {"name": "weather", "arguments": '{"city": "Oslo"}'}
    calls = [{"id": "a", "type": "function", "function": function}]
    chat = [
        {"role": "user", "content": "What is the weather?"},
        {"role": "assistant", "content": None, "refusal": None, "tool_calls": calls},
        {"role": "tool", "content": [{"type": "text", "text": "Rain"}], "tool_call_id": "a"},
        {"role": "assistant", "content": [{"type": "refusal", "refusal": "No."}]},
        {"role": "user", "content": "And now?"},
    ]
    with answering("x") as answerer:
        await ask(key, messages=chat, tools=TOOLS)

    [generation] = answerer.seen
    assert generation.messages == [
        {"role": "user", "content": "What is the weather?"},
        {"role": "assistant", "content": None, "tool_calls": calls},
        {"role": "tool", "content": "Rain", "tool_call_id": "a"},
        {"role": "assistant", "content": "No."},
        {"role": "user", "content": "And now?"},
    ]


async def test_what_clients_note_beside_an_answer_does_no_harm(
    key: dict[str, str], answering: Answering
) -> None:
    """LiteLLM sends its `provider_specific_fields` back, and others a reasoning."""
    notes = {
        "provider_specific_fields": {"refusal": None},
        "reasoning_content": "Hm.",
        "audio": None,
    }
    chat = [{"role": "assistant", "content": "Hi"}, {"role": "user", "content": "And now?"}]
    with answering("x") as answerer:
        response = await ask(key, messages=[chat[0] | notes, chat[1]])

    assert response.status_code == 200
    assert answerer.seen[0].messages == chat


@pytest.mark.parametrize(
    ("format", "schema"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, {"type": "object"}),
        ({"type": "json_object", "schema": PARAMETERS}, PARAMETERS),
        ({"type": "json_schema", "json_schema": {"name": "a", "schema": PARAMETERS}}, PARAMETERS),
    ],
)
async def test_a_format_reaches_the_model(
    format: Any, schema: Any, key: dict[str, str], answering: Answering
) -> None:
    with answering("x") as answerer:
        await ask(key, response_format=format)

    [generation] = answerer.seen
    assert generation.parameters.get("json_schema") == schema


async def test_an_answer_that_must_call_has_no_format(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("x") as answerer:
        format = {"type": "json_object"}
        await ask(key, tools=TOOLS, tool_choice="required", response_format=format)

    [generation] = answerer.seen
    assert "json_schema" not in generation.parameters


CUT_OFF = Outcome(Generation.Status.DONE, Generation.Reason.LENGTH)


@pytest.mark.parametrize(
    ("text", "reason"), [(CALL, "tool_calls"), (CALLS, "tool_calls"), (CALL[:-20], "length")]
)
async def test_a_limit_that_only_keeps_it_from_calling_again_cuts_nothing_off(
    text: str, reason: str, key: dict[str, str], answering: Answering
) -> None:
    with answering(*pieces(text), outcome=CUT_OFF):
        [choice] = (await ask(key, tools=TOOLS, tool_choice="required")).json()["choices"]

    assert choice["finish_reason"] == reason


TOO_FEW = Outcome.failed("max_tokens is too small.", Generation.Reason.TOO_FEW)


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("stream", [False, True])
async def test_a_limit_too_small_for_any_call_is_named_as_the_request_does(
    name: str, stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=TOO_FEW):
        response = await ask(key, tools=TOOLS, tool_choice="required", stream=stream, **{name: 3})

    assert response.status_code == 400
    assert response.json()["error"]["param"] == name


async def test_thoughts_are_no_content(key: dict[str, str], answering: Answering) -> None:
    with answering(f"{THOUGHT}Hm, ", f"{THOUGHT}so.", "Hello"):
        [choice] = (await ask(key)).json()["choices"]

    assert choice["message"] == {
        "role": "assistant",
        "content": "Hello",
        "refusal": None,
        "reasoning_content": "Hm, so.",
    }


async def test_thoughts_are_streamed_apart(key: dict[str, str], answering: Answering) -> None:
    with answering(f"{THOUGHT}Hm.", "Hello"):
        found = await chunks(await ask(key, stream=True))

    deltas = [chunk["choices"][0]["delta"] for chunk in found]
    assert [delta["reasoning_content"] for delta in deltas if "reasoning_content" in delta] == [
        "Hm."
    ]
    assert "".join(delta.get("content") or "" for delta in deltas) == "Hello"
