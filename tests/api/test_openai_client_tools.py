"""OpenAI's own client asks the running platform for formats and calls of tools."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.api.openai_program import DEMO, GREETING, client_of
from tests.platform import Platform


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with client_of(platform) as client:
        yield client


class Weather(BaseModel):
    city: str
    degrees: int
    is_raining: bool


def test_a_parsed_answer(client: openai.OpenAI) -> None:
    answer = client.chat.completions.parse(
        model=DEMO, messages=GREETING, response_format=Weather, temperature=1
    )

    [choice] = answer.choices
    assert isinstance(choice.message.parsed, Weather)
    assert choice.finish_reason == "stop"


@pytest.mark.parametrize("most", [12, 25])
def test_an_answer_of_a_format_is_complete_however_short(most: int, client: openai.OpenAI) -> None:
    """If it can be: the limit leaves enough for an object."""
    answer = client.chat.completions.create(
        model=DEMO,
        messages=GREETING,
        response_format={"type": "json_object"},
        temperature=1,
        max_tokens=most,
    )

    assert isinstance(json.loads(answer.choices[0].message.content or ""), dict)


def test_a_parsed_stream(client: openai.OpenAI) -> None:
    with client.chat.completions.stream(
        model=DEMO, messages=GREETING, response_format=Weather
    ) as stream:
        kinds = {event.type for event in stream}
        answer = stream.get_final_completion()

    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert isinstance(answer.choices[0].message.parsed, Weather)


def test_a_required_tool(client: openai.OpenAI) -> None:
    answer = client.chat.completions.parse(
        model=DEMO,
        messages=GREETING,
        tools=[openai.pydantic_function_tool(Weather)],
        tool_choice="required",
        parallel_tool_calls=False,
    )

    [choice] = answer.choices
    assert choice.finish_reason == "tool_calls"
    assert choice.message.content is None
    assert choice.message.tool_calls
    [call] = choice.message.tool_calls
    assert call.function.name == "Weather"
    assert isinstance(call.function.parsed_arguments, Weather)


def test_a_named_tool_in_a_stream(client: openai.OpenAI) -> None:
    tools = [
        openai.pydantic_function_tool(Weather, name="other"),
        openai.pydantic_function_tool(Weather, name="weather"),
    ]
    with client.chat.completions.stream(
        model=DEMO,
        messages=GREETING,
        tools=tools,
        tool_choice={"type": "function", "function": {"name": "weather"}},
    ) as stream:
        kinds = {event.type for event in stream}
        [choice] = stream.get_final_completion().choices

    assert "tool_calls.function.arguments.done" in kinds
    assert choice.finish_reason == "tool_calls"
    assert choice.message.tool_calls
    calls = choice.message.tool_calls
    assert {call.function.name for call in calls} == {"weather"}
    assert all(isinstance(call.function.parsed_arguments, Weather) for call in calls)


def test_the_result_of_a_call(client: openai.OpenAI) -> None:
    tools: Any = [openai.pydantic_function_tool(Weather)]
    messages: Any = list(GREETING)
    called = client.chat.completions.create(
        model=DEMO, messages=messages, tools=tools, tool_choice="required"
    )
    message = called.choices[0].message
    messages.append(message)
    for call in message.tool_calls or []:
        messages.append({"role": "tool", "tool_call_id": call.id, "content": "Sunny"})

    answer = client.chat.completions.create(
        model=DEMO, messages=messages, tools=tools, tool_choice="none"
    )

    assert answer.choices[0].message.content
    assert not answer.choices[0].message.tool_calls
