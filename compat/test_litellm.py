"""LiteLLM, which speaks OpenAI's API and Anthropic's."""

import json
from typing import Any

import litellm
import pytest
from pydantic import BaseModel

from compat.platform import KEY, MODEL, OPENAI, URL

GREETING = [{"role": "user", "content": "Hello"}]
OVER_OPENAI: Any = {"model": f"openai/{MODEL}", "api_base": OPENAI, "api_key": KEY}
OVER_ANTHROPIC: Any = {"model": f"anthropic/{MODEL}", "api_base": URL, "api_key": KEY}
BOTH = pytest.mark.parametrize(
    "through", [OVER_OPENAI, OVER_ANTHROPIC], ids=["openai", "anthropic"]
)
WEATHER = {
    "type": "function",
    "function": {
        "name": "weather",
        "description": "Of a town.",
        "parameters": {
            "type": "object",
            "properties": {"town": {"enum": ["Oslo", "Rome"]}},
            "required": ["town"],
            "additionalProperties": False,
        },
    },
}


class Step(BaseModel):
    number: int
    is_last: bool


@BOTH
def test_it_answers(through: Any) -> None:
    answer = litellm.completion(**through, messages=GREETING, max_tokens=200)

    assert answer.choices[0].message.content
    assert answer.choices[0].finish_reason in ("stop", "length")
    assert answer.usage.completion_tokens > 0


@BOTH
def test_it_streams_the_same(through: Any) -> None:
    asked: Any = {"messages": GREETING, "temperature": 0, "max_tokens": 200}
    whole = litellm.completion(**through, **asked)

    stream = litellm.completion(
        **through, **asked, stream=True, stream_options={"include_usage": True}
    )
    chunks = list(stream)

    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert text == whole.choices[0].message.content
    usages = [chunk.usage for chunk in chunks if getattr(chunk, "usage", None)]
    assert usages[-1].completion_tokens == whole.usage.completion_tokens


@BOTH
async def test_it_waits_for_several(through: Any) -> None:
    answer = await litellm.acompletion(**through, messages=GREETING, max_tokens=20)
    stream = await litellm.acompletion(**through, messages=GREETING, max_tokens=20, stream=True)
    text = "".join([chunk.choices[0].delta.content or "" async for chunk in stream])

    assert answer.choices[0].message.content
    assert text


@BOTH
@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "weather"}}]
)
def test_a_call_and_its_result(choice: Any, through: Any) -> None:
    asked: Any = {"tools": [WEATHER], "max_tokens": 200}
    talk: list[Any] = [{"role": "user", "content": "Is it raining in Oslo?"}]
    called = litellm.completion(**through, **asked, messages=talk, tool_choice=choice)

    message = called.choices[0].message
    assert called.choices[0].finish_reason == "tool_calls"
    for call in message.tool_calls:
        assert call.function.name == "weather"
        assert json.loads(call.function.arguments)["town"] in ("Oslo", "Rome")
    talk.append(message)
    for call in message.tool_calls:
        talk.append({"role": "tool", "tool_call_id": call.id, "content": "Rain."})
    answer = litellm.completion(**through, **asked, messages=talk, tool_choice="none")

    assert answer.choices[0].message.content
    assert not answer.choices[0].message.tool_calls


@BOTH
def test_a_streamed_call(through: Any) -> None:
    stream = litellm.completion(
        **through,
        messages=GREETING,
        tools=[WEATHER],
        tool_choice="required",
        parallel_tool_calls=False,
        max_tokens=200,
        stream=True,
    )
    whole = litellm.stream_chunk_builder(list(stream))

    [call] = whole.choices[0].message.tool_calls
    assert whole.choices[0].finish_reason == "tool_calls"
    assert call.function.name == "weather"
    assert json.loads(call.function.arguments)["town"] in ("Oslo", "Rome")


@BOTH
def test_a_structured_answer(through: Any) -> None:
    answer = litellm.completion(**through, messages=GREETING, response_format=Step, max_tokens=100)

    Step.model_validate_json(answer.choices[0].message.content)


def test_a_response() -> None:
    response = litellm.responses(**OVER_OPENAI, input="Hello", max_output_tokens=50)
    stream = litellm.responses(**OVER_OPENAI, input="Hello", max_output_tokens=50, stream=True)
    kinds = [str(event.type.value) for event in stream]

    assert response.output[0].content[0].text
    assert kinds[0] == "response.created"
    assert kinds[-1] in ("response.completed", "response.incomplete")


def test_a_text() -> None:
    through = OVER_OPENAI | {"model": f"text-completion-openai/{MODEL}"}

    answer = litellm.text_completion(**through, prompt="Once there was", max_tokens=10)

    assert answer.choices[0].text


def test_embeddings() -> None:
    answer = litellm.embedding(**OVER_OPENAI, input=["the sea", "a ship"])

    assert [item["index"] for item in answer.data] == [0, 1]
    assert len(answer.data[0]["embedding"]) == len(answer.data[1]["embedding"])


@BOTH
def test_errors_have_their_classes(through: Any) -> None:
    asked: Any = {"messages": GREETING, "max_tokens": 5}

    with pytest.raises(litellm.AuthenticationError):
        litellm.completion(**(through | {"api_key": "sk-parley-wrong"}), **asked)

    with pytest.raises(litellm.NotFoundError):
        litellm.completion(**(through | {"model": f"{through['model']}-missing"}), **asked)

    with pytest.raises(litellm.BadRequestError, match="temperature"):
        litellm.completion(**through, **asked, temperature=99)

    with pytest.raises(litellm.ContextWindowExceededError):
        litellm.completion(
            **through, messages=[{"role": "user", "content": "word " * 50_000}], max_tokens=5
        )
