"""Anthropic's own client against the running platform."""

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest
from anthropic.types import MessageParam
from pydantic import BaseModel

from tests.platform import Platform

DEMO, SLOW = "parley-demo", "slow"
GREETING: list[MessageParam] = [{"role": "user", "content": "Hello"}]
WEATHER: Any = {
    "name": "weather",
    "description": "Of a town.",
    "input_schema": {
        "type": "object",
        "properties": {"town": {"enum": ["Oslo", "Rome"]}},
        "required": ["town"],
        "additionalProperties": False,
    },
}


class Step(BaseModel):
    number: int
    is_last: bool


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(
        base_url=platform.url, api_key=platform.api_key, max_retries=0, timeout=60
    ) as client:
        yield client


def test_it_answers(client: anthropic.Anthropic) -> None:
    message = client.messages.create(
        model=DEMO, system="Be kind.", messages=GREETING, max_tokens=200
    )

    [block] = message.content
    assert block.type == "text"
    assert block.text
    assert message.stop_reason == "end_turn"
    assert message.usage.input_tokens + (message.usage.cache_read_input_tokens or 0) > 0
    assert message.usage.output_tokens > 0
    assert message._request_id


def test_it_streams_the_same(client: anthropic.Anthropic) -> None:
    asked: Any = {"model": DEMO, "messages": GREETING, "max_tokens": 200}
    asked["extra_body"] = {"temperature": 0}
    whole = client.messages.create(**asked)

    with client.messages.stream(**asked) as stream:
        text = "".join(stream.text_stream)
        final = stream.get_final_message()

    assert [text] == [block.text for block in whole.content if block.type == "text"]
    assert final.stop_reason == "end_turn"
    assert final.usage.output_tokens == whole.usage.output_tokens
    assert final.usage.cache_read_input_tokens is not None


def test_stop_sequences(client: anthropic.Anthropic) -> None:
    asked: Any = {"model": DEMO, "messages": GREETING, "max_tokens": 200}
    asked["extra_body"] = {"temperature": 0}
    whole = client.messages.create(**asked).content[0].text  # type: ignore[union-attr]
    stop = whole[4:7]

    message = client.messages.create(**asked, stop_sequences=["never said", stop])

    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", stop)
    assert [block.text for block in message.content if block.type == "text"] == [
        whole[: whole.index(stop)]
    ]


def test_the_limit_of_tokens(client: anthropic.Anthropic) -> None:
    message = client.messages.create(model=SLOW, messages=GREETING, max_tokens=5)

    assert message.stop_reason == "max_tokens"
    assert message.usage.output_tokens == 5


def test_the_next_turn_reuses_the_last(client: anthropic.Anthropic) -> None:
    talk: list[MessageParam] = [{"role": "user", "content": "Tell me what you know of turns."}]
    first = client.messages.create(model=DEMO, messages=talk, max_tokens=50)
    talk += [first.to_param(), {"role": "user", "content": "And then?"}]

    second = client.messages.create(model=DEMO, messages=talk, max_tokens=5)

    assert second.usage.cache_read_input_tokens
    assert second.usage.cache_read_input_tokens > second.usage.input_tokens


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "weather"}])
def test_a_call_and_its_result(choice: Any, client: anthropic.Anthropic) -> None:
    asked: Any = {"model": DEMO, "max_tokens": 200, "tools": [WEATHER]}
    talk: Any = [{"role": "user", "content": "Is it raining in Oslo?"}]
    first = client.messages.create(**asked, messages=talk, tool_choice=choice)

    call = first.content[-1]
    assert first.stop_reason == "tool_use"
    assert call.type == "tool_use"
    assert call.name == "weather"
    assert call.input["town"] in ("Oslo", "Rome")

    calls = [block for block in first.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": c.id, "content": "Rain."} for c in calls]
    talk += [first.to_param(), {"role": "user", "content": results}]
    second = client.messages.create(**asked, messages=talk, tool_choice={"type": "none"})
    assert [block.type for block in second.content] == ["text"]


def test_a_streamed_call(client: anthropic.Anthropic) -> None:
    with client.messages.stream(
        model=DEMO,
        messages=GREETING,
        max_tokens=200,
        tools=[WEATHER],
        tool_choice={"type": "any", "disable_parallel_tool_use": True},
    ) as stream:
        pieces = [event.partial_json for event in stream if event.type == "input_json"]
        [call] = stream.get_final_message().content

    assert call.type == "tool_use"
    assert call.input["town"] in ("Oslo", "Rome")
    assert "".join(pieces)


def test_a_structured_answer(client: anthropic.Anthropic) -> None:
    message = client.messages.parse(
        model=DEMO, messages=GREETING, max_tokens=100, output_format=Step
    )

    assert isinstance(message.parsed_output, Step)


def test_how_long_a_prompt_is(client: anthropic.Anthropic) -> None:
    asked: Any = {"model": DEMO, "messages": GREETING, "system": "Be kind.", "tools": [WEATHER]}

    counted = client.messages.count_tokens(**asked).input_tokens

    usage = client.messages.create(**asked, max_tokens=5).usage
    assert counted == usage.input_tokens + (usage.cache_read_input_tokens or 0)


def test_it_lists_models(client: anthropic.Anthropic) -> None:
    models = {model.id: model for model in client.models.list()}

    assert {DEMO, SLOW} <= models.keys()
    assert models[DEMO].display_name
    assert models[DEMO].created_at.year > 2000
    assert client.models.retrieve(DEMO) == models[DEMO]


def test_errors_have_their_classes(client: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.NotFoundError) as not_found:
        client.messages.create(model="missing", messages=GREETING, max_tokens=5)
    assert not_found.value.type == "not_found_error"
    assert not_found.value.request_id

    with pytest.raises(anthropic.BadRequestError, match="temperature"):
        client.messages.create(
            model=DEMO, messages=GREETING, max_tokens=5, extra_body={"temperature": 99}
        )

    with pytest.raises(anthropic.BadRequestError, match="context"):
        client.messages.create(
            model=DEMO, messages=[{"role": "user", "content": "word " * 50_000}], max_tokens=5
        )

    stranger = client.with_options(api_key="sk-parley-wrong")
    with pytest.raises(anthropic.AuthenticationError) as unknown:
        stranger.messages.create(model=DEMO, messages=GREETING, max_tokens=5)
    assert unknown.value.type == "authentication_error"


def test_a_client_that_goes_away_stops_its_run(
    client: anthropic.Anthropic, platform: Platform
) -> None:
    asked: Any = {"model": SLOW, "messages": GREETING, "max_tokens": 100_000, "stream": True}
    with client.messages.create(**asked) as stream:
        run = next(stream).message.id.removeprefix("msg_")
        next(event for event in stream if event.type == "content_block_delta")

    platform.wait_until(lambda: platform.ended(run, "cancelled"), 5)


async def test_several_at_once(platform: Platform) -> None:
    async with anthropic.AsyncAnthropic(
        base_url=platform.url, api_key=platform.api_key, max_retries=0
    ) as client:
        answers = await asyncio.gather(
            *(
                client.messages.create(model=DEMO, messages=GREETING, max_tokens=20)
                for _number in range(10)
            )
        )

    assert all(answer.content for answer in answers)
