"""OpenAI's own client against the running platform."""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from pydantic import BaseModel

from tests.platform import Platform, free_port

DEMO, SLOW = "parley-demo", "slow"
GREETING: list[openai.types.chat.ChatCompletionMessageParam] = [
    {"role": "user", "content": "Hello"}
]


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(
        base_url=f"{platform.url}/v1", api_key=platform.api_key, max_retries=0, timeout=60
    ) as client:
        yield client


def test_it_lists_models(client: openai.OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}

    assert {DEMO, SLOW} <= models.keys()
    assert client.models.retrieve(DEMO) == models[DEMO]


def test_it_answers(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=DEMO, messages=GREETING, seed=1)

    [choice] = answer.choices
    assert choice.finish_reason == "stop"
    assert choice.message.role == "assistant"
    assert choice.message.content
    assert answer.usage
    assert answer.usage.prompt_tokens > 0
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens
    assert answer.usage.prompt_tokens_details
    assert answer.usage.prompt_tokens_details.cached_tokens is not None
    assert answer._request_id


def test_it_streams_the_same(client: openai.OpenAI) -> None:
    settings = {"seed": 7, "temperature": 0.0}
    whole = client.chat.completions.create(model=DEMO, messages=GREETING, **settings)  # type: ignore[call-overload]

    with client.chat.completions.create(  # type: ignore[call-overload]
        model=DEMO,
        messages=GREETING,
        stream=True,
        stream_options={"include_usage": True},
        **settings,
    ) as stream:
        *chunks, last = stream

    deltas = [chunk.choices[0].delta for chunk in chunks]
    assert deltas[0].role == "assistant"
    text = "".join(delta.content or "" for delta in deltas)
    assert text == whole.choices[0].message.content
    assert chunks[-1].choices[0].finish_reason == "stop"
    assert last.choices == []
    assert last.usage.completion_tokens == whole.usage.completion_tokens
    assert len({chunk.id for chunk in [*chunks, last]}) == 1


def test_the_limit_of_tokens(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(model=SLOW, messages=GREETING, max_tokens=5)

    assert answer.choices[0].finish_reason == "length"
    assert answer.usage
    assert answer.usage.completion_tokens == 5


def test_stop_texts(client: openai.OpenAI) -> None:
    options = {"model": DEMO, "messages": GREETING, "seed": 3}
    whole = client.chat.completions.create(**options).choices[0].message.content  # type: ignore[call-overload]
    stop = whole[4:7]

    answer = client.chat.completions.create(**options, stop=[stop, "never said"])  # type: ignore[call-overload]

    assert answer.choices[0].finish_reason == "stop"
    assert answer.choices[0].message.content == whole[: whole.index(stop)]


def test_logprobs(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=DEMO, messages=GREETING, temperature=0, logprobs=True, top_logprobs=3
    )

    [choice] = answer.choices
    assert choice.logprobs
    tokens = choice.logprobs.content
    assert tokens
    assert bytes(byte for token in tokens for byte in token.bytes or []).decode() == (
        choice.message.content
    )
    for token in tokens:
        assert token.logprob <= 0
        assert len(token.top_logprobs) == 3
        assert token.top_logprobs[0].logprob == token.logprob  # at temperature 0 the likeliest


def test_streamed_logprobs_are_the_same(client: openai.OpenAI) -> None:
    asked: Any = {
        "model": DEMO,
        "messages": GREETING,
        "temperature": 0,
        "max_tokens": 10,
        "logprobs": True,
    }
    [choice] = client.chat.completions.create(**asked).choices

    with client.chat.completions.create(**asked, stream=True) as stream:
        parts = [chunk.choices[0].logprobs for chunk in stream]

    streamed = [token.token for part in parts if part for token in part.content]
    assert streamed == [token.token for token in choice.logprobs.content]


def test_several_choices(client: openai.OpenAI) -> None:
    asked: Any = {"model": DEMO, "messages": GREETING, "temperature": 1.5, "seed": 5}
    answer = client.chat.completions.create(**asked, n=3)
    second = client.chat.completions.create(**(asked | {"seed": 6}))

    texts = [choice.message.content for choice in answer.choices]
    assert [choice.index for choice in answer.choices] == [0, 1, 2]
    assert len(set(texts)) > 1
    assert texts[1] == second.choices[0].message.content
    assert answer.usage.prompt_tokens == second.usage.prompt_tokens


def test_a_bias_decides_and_logprobs_do_not_know_it(client: openai.OpenAI) -> None:
    asked: Any = {"model": DEMO, "messages": GREETING, "max_tokens": 3, "logprobs": True}

    answer = client.chat.completions.create(**asked, logit_bias={"500": 100})

    tokens = answer.choices[0].logprobs.content
    assert len(tokens) == 3
    assert len({token.token for token in tokens}) == 1
    assert all(token.logprob < -0.01 for token in tokens)


def test_a_grammar(client: openai.OpenAI) -> None:
    grammar = {"grammar": 'root ::= "yes" | "no"'}
    answer = client.chat.completions.create(model=DEMO, messages=GREETING, extra_body=grammar)

    assert answer.choices[0].message.content in ("yes", "no")
    assert answer.choices[0].finish_reason == "stop"


def test_an_answer_that_may_not_end(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=DEMO, messages=GREETING, max_tokens=100, extra_body={"ignore_eos": True}
    )

    assert answer.choices[0].finish_reason == "length"
    assert answer.usage
    assert answer.usage.completion_tokens == 100


def test_the_next_turn_reuses_the_last(client: openai.OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "Tell me what you know of reuse."}]
    first = client.chat.completions.create(model=DEMO, messages=messages)
    messages += [
        {"role": "assistant", "content": first.choices[0].message.content},
        {"role": "user", "content": "And then?"},
    ]

    second = client.chat.completions.create(model=DEMO, messages=messages)

    assert first.usage
    assert second.usage
    assert second.usage.prompt_tokens_details
    reused = second.usage.prompt_tokens_details.cached_tokens or 0
    assert first.usage.prompt_tokens <= reused < second.usage.prompt_tokens


def test_a_system_message_and_parts(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(
        model=DEMO,
        messages=[
            {"role": "developer", "content": "Be brief."},
            {"role": "user", "content": [{"type": "text", "text": "Hello"}]},
        ],
    )

    assert answer.choices[0].message.content


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

    assert answer.choices[0].finish_reason == "stop"
    assert not answer.choices[0].message.tool_calls


def test_a_text(client: openai.OpenAI) -> None:
    answer = client.completions.create(
        model=DEMO, prompt="Hello", max_tokens=5, temperature=0, echo=True
    )

    [choice] = answer.choices
    assert choice.text.startswith("Hello")
    assert answer.usage
    assert answer.usage.completion_tokens <= 5


def test_a_text_with_logprobs(client: openai.OpenAI) -> None:
    answer = client.completions.create(model=DEMO, prompt="Hello", logprobs=2, temperature=0)

    [choice] = answer.choices
    logprobs = choice.logprobs
    assert logprobs
    assert logprobs.tokens
    assert logprobs.text_offset
    assert logprobs.top_logprobs
    ends = [*logprobs.text_offset[1:], len(choice.text)]
    for token, start, end in zip(logprobs.tokens, logprobs.text_offset, ends, strict=True):
        assert choice.text[start:end] == token
    assert all(2 <= len(likely) <= 3 for likely in logprobs.top_logprobs)


def test_tokens_and_their_text_go_on_alike(client: openai.OpenAI, platform: Platform) -> None:
    found = httpx2.post(
        f"{platform.url}/api/v1/tokenize",
        headers={"authorization": f"Bearer {client.api_key}"},
        json={"model_id": DEMO, "prompt": "Once there was"},
    ).json()["token_ids"]
    asked: Any = {"model": DEMO, "temperature": 0, "echo": True}

    answer = client.completions.create(**asked, prompt=["Once there was"])
    other = client.completions.create(**asked, prompt=found)

    assert answer.choices[0].text == other.choices[0].text
    assert answer.usage
    assert other.usage
    assert answer.usage.prompt_tokens == other.usage.prompt_tokens == len(found)


def test_a_stream_of_texts(client: openai.OpenAI) -> None:
    with client.completions.create(
        model=DEMO, prompt=["Hello", ""], stream=True, stream_options={"include_usage": True}
    ) as stream:
        *chunks, last = stream

    ends = [chunk.choices[0] for chunk in chunks if chunk.choices[0].finish_reason]
    assert {end.index for end in ends} == {0, 1}
    assert {end.finish_reason for end in ends} <= {"stop", "length"}
    assert last.usage
    assert last.usage.completion_tokens > 0


def test_a_text_that_cannot_be_read(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as unknown:
        client.completions.create(model=DEMO, prompt=[2**31 - 1])
    assert unknown.value.param == "prompt"

    with pytest.raises(openai.BadRequestError) as long:
        client.completions.create(model=DEMO, prompt="word " * 50_000, stream=True)
    assert (long.value.code, long.value.param) == ("context_length_exceeded", "prompt")


def test_a_context_too_long(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.chat.completions.create(
            model=DEMO, messages=[{"role": "user", "content": "word " * 50_000}], stream=True
        )

    assert caught.value.code == "context_length_exceeded"


def test_errors_have_their_classes(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as not_found:
        client.chat.completions.create(model="missing", messages=GREETING)
    assert not_found.value.code == "model_not_found"

    with pytest.raises(openai.BadRequestError) as bad:
        client.chat.completions.create(model=DEMO, messages=GREETING, temperature=99)
    assert bad.value.param == "temperature"

    with pytest.raises(openai.AuthenticationError) as stranger:
        client.with_options(api_key="sk-parley-wrong").models.list()
    assert stranger.value.code == "invalid_api_key"


def test_a_client_that_goes_away_stops_its_run(client: openai.OpenAI, platform: Platform) -> None:
    with client.chat.completions.create(
        model=SLOW, messages=GREETING, stream=True, max_tokens=100_000
    ) as stream:
        run = next(stream).id.removeprefix("chatcmpl-")
        next(stream)

    marks = (run[:8], run[8:12], run[12:16], run[16:20], run[20:])
    platform.wait_until(lambda: f"ending {'-'.join(marks)} (cancelled)" in platform.log, 5)


def test_a_client_that_waits_no_longer_stops_its_run(
    client: openai.OpenAI, platform: Platform
) -> None:
    client.chat.completions.create(model=SLOW, messages=GREETING, max_tokens=1)  # is loaded
    stopped = platform.log.count("(cancelled)")

    with pytest.raises(openai.APITimeoutError):
        client.with_options(timeout=1).chat.completions.create(
            model=SLOW, messages=GREETING, max_tokens=100_000
        )

    platform.wait_until(lambda: platform.log.count("(cancelled)") > stopped, 5)


def test_a_server_that_is_not_there(client: openai.OpenAI) -> None:
    nowhere = client.with_options(base_url=f"http://127.0.0.1:{free_port()}/v1")

    with pytest.raises(openai.APIConnectionError):
        nowhere.models.list()


async def test_several_at_once(platform: Platform) -> None:
    async with openai.AsyncOpenAI(
        base_url=f"{platform.url}/v1", api_key=platform.api_key, max_retries=0
    ) as client:
        answers = await asyncio.gather(
            *(
                client.chat.completions.create(model=DEMO, messages=GREETING, max_tokens=20)
                for _number in range(10)
            )
        )

    assert all(answer.choices[0].message.content for answer in answers)
