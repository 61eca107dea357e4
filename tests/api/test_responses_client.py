"""The Responses API as OpenAI's own client uses it, against the running platform."""

import json
from collections.abc import Iterator
from typing import Any

import openai
import pytest
from pydantic import BaseModel

from tests.platform import Platform

DEMO, SLOW = "parley-demo", "slow"
WEATHER: Any = {
    "type": "function",
    "name": "weather",
    "description": "Of a town.",
    "parameters": {
        "type": "object",
        "properties": {"town": {"enum": ["Oslo", "Rome"]}},
        "required": ["town"],
        "additionalProperties": False,
    },
    "strict": True,
}


class Step(BaseModel):
    number: int
    is_last: bool


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{platform.url}/v1", api_key=platform.api_key, max_retries=0, timeout=60
    ) as client:
        yield client


def test_it_answers(client: openai.OpenAI) -> None:
    response = client.responses.create(model=DEMO, instructions="Be kind.", input="Hello")

    assert response.status == "completed"
    assert response.output_text
    assert response.store is False
    assert response.usage
    assert response.usage.input_tokens > 0
    assert response.usage.total_tokens == response.usage.input_tokens + response.usage.output_tokens
    assert response._request_id


def test_it_streams_the_same(client: openai.OpenAI) -> None:
    asked: Any = {"model": DEMO, "input": "Hello", "temperature": 0}
    whole = client.responses.create(**asked)

    with client.responses.stream(**asked) as stream:
        deltas = [event.delta for event in stream if event.type == "response.output_text.delta"]
        final = stream.get_final_response()

    assert "".join(deltas) == whole.output_text == final.output_text
    assert final.usage
    assert whole.usage
    assert final.usage.output_tokens == whole.usage.output_tokens


def test_all_its_events_are_known(client: openai.OpenAI) -> None:
    stream: Any = client.responses.create(model=DEMO, input="Hello", stream=True)

    events = list(stream)

    assert [event.sequence_number for event in events] == list(range(len(events)))
    for event in events:
        type(event).model_validate(event.to_dict())


def test_its_answers_go_back_in(client: openai.OpenAI) -> None:
    talk: Any = [{"role": "user", "content": "Hello"}]
    first = client.responses.create(model=DEMO, input=talk)
    talk += first.output
    talk.append({"role": "user", "content": "And then?"})

    second = client.responses.create(model=DEMO, input=talk)

    assert first.usage
    assert second.usage
    assert second.usage.input_tokens_details.cached_tokens >= first.usage.input_tokens


def test_a_structured_answer(client: openai.OpenAI) -> None:
    response = client.responses.parse(model=DEMO, input="Hello", text_format=Step)

    assert isinstance(response.output_parsed, Step)


def test_a_structured_answer_as_a_stream(client: openai.OpenAI) -> None:
    with client.responses.stream(model=DEMO, input="Hello", text_format=Step) as stream:
        final = stream.get_final_response()

    assert isinstance(final.output_parsed, Step)


def test_any_object(client: openai.OpenAI) -> None:
    response = client.responses.create(
        model=DEMO,
        input="Hello",
        max_output_tokens=30,
        text={"format": {"type": "json_object"}},
    )

    assert isinstance(json.loads(response.output_text), dict)


@pytest.mark.parametrize("choice", ["required", {"type": "function", "name": "weather"}])
def test_a_call_and_its_result(choice: Any, client: openai.OpenAI) -> None:
    talk: Any = [{"role": "user", "content": "Is it raining in Oslo?"}]
    first = client.responses.create(model=DEMO, input=talk, tools=[WEATHER], tool_choice=choice)

    call = first.output[-1]
    assert call.type == "function_call"
    assert (call.name, call.status) == ("weather", "completed")
    assert json.loads(call.arguments)["town"] in ("Oslo", "Rome")

    talk += first.output
    talk.append({"type": "function_call_output", "call_id": call.call_id, "output": "Rain."})
    second = client.responses.create(
        model=DEMO, input=talk, tools=[WEATHER], tool_choice="none", max_output_tokens=20
    )
    assert second.output_text


def test_a_streamed_call(client: openai.OpenAI) -> None:
    asked: Any = {"model": DEMO, "input": "Hello", "tools": [WEATHER], "tool_choice": "required"}

    with client.responses.stream(**asked) as stream:
        deltas = [e.delta for e in stream if e.type == "response.function_call_arguments.delta"]
        final = stream.get_final_response()

    calls = [item for item in final.output if item.type == "function_call"]
    assert "".join(deltas) == "".join(call.arguments for call in calls)
    assert all(json.loads(call.arguments)["town"] for call in calls)


def test_the_limit_of_tokens(client: openai.OpenAI) -> None:
    response = client.responses.create(model=SLOW, input="Hello", max_output_tokens=5)

    assert response.status == "incomplete"
    assert response.incomplete_details
    assert response.incomplete_details.reason == "max_output_tokens"
    assert response.usage
    assert response.usage.output_tokens == 5


def test_logprobs(client: openai.OpenAI) -> None:
    response: Any = client.responses.create(
        model=DEMO,
        input="Hello",
        max_output_tokens=5,
        include=["message.output_text.logprobs"],
        top_logprobs=2,
    )

    logprobs = response.output[0].content[0].logprobs
    assert logprobs
    assert all(len(token.top_logprobs) == 2 for token in logprobs)


def test_errors_have_their_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as not_found:
        client.responses.create(model="missing", input="Hello")
    assert not_found.value.code == "model_not_found"

    with pytest.raises(openai.BadRequestError) as kept:
        client.responses.create(model=DEMO, input="Hello", previous_response_id="resp_1")
    assert kept.value.param == "previous_response_id"

    with pytest.raises(openai.BadRequestError) as schema:
        format: Any = {"type": "json_schema", "name": "x", "schema": {"type": "unheard of"}}
        client.responses.create(model=DEMO, input="Hello", text={"format": format})
    assert schema.value.param == "text.format.schema"

    with pytest.raises(openai.AuthenticationError):
        client.with_options(api_key="sk-parley-wrong").responses.create(model=DEMO, input="x")


def test_a_client_that_goes_away_stops_its_run(client: openai.OpenAI, platform: Platform) -> None:
    asked: Any = {"model": SLOW, "input": "Hello", "max_output_tokens": 100_000, "stream": True}
    with client.responses.create(**asked) as stream:
        run = next(stream).response.id.removeprefix("resp_")
        next(event for event in stream if event.type == "response.output_text.delta")

    platform.wait_until(lambda: platform.ended(run, "cancelled"), 5)
