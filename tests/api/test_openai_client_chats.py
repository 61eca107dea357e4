"""OpenAI's own client asks the running platform for chat completions."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.api.openai_program import DEMO, GREETING, SLOW, client_of
from tests.platform import Platform


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with client_of(platform) as client:
        yield client


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
