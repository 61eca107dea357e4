"""OpenAI's own client asks the running platform to go on with texts."""

from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest

from tests.api.openai_program import DEMO, client_of
from tests.platform import Platform


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with client_of(platform) as client:
        yield client


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
