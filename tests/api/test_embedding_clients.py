"""Others' clients for embeddings, against the running platform."""

import math
import threading

import openai
import pytest

from tests.platform import Platform

DEMO, SLOW = "parley-demo", "slow"
TEXTS = ["the sea", "a ship", "the sea"]


@pytest.fixture
def client(platform: Platform) -> openai.OpenAI:
    return openai.OpenAI(
        base_url=f"{platform.url}/v1", api_key=platform.api_key, max_retries=0, timeout=60
    )


def test_openai_asks_for_base64_and_reads_numbers(client: openai.OpenAI) -> None:
    written = client.embeddings.create(model=DEMO, input=TEXTS)
    numbers = client.embeddings.create(model=DEMO, input=TEXTS, encoding_format="float")

    assert [item.index for item in written.data] == [0, 1, 2]
    assert written.usage.prompt_tokens == numbers.usage.prompt_tokens > 0
    for one, other in zip(written.data, numbers.data, strict=True):
        assert one.embedding == pytest.approx(other.embedding, abs=1e-6)
        assert math.hypot(*one.embedding) == pytest.approx(1, abs=1e-5)


def test_openai_is_told_what_was_wrong(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        client.embeddings.create(model=DEMO, input="sea " * 5000)

    assert caught.value.code == "context_length_exceeded"
    assert caught.value.param == "input"


def test_answers_go_on_while_texts_are_embedded(client: openai.OpenAI) -> None:
    """The same model answers and embeds."""
    embedded = threading.Event()

    def embed() -> None:
        client.embeddings.create(model=SLOW, input=["the sea and the town " * 10] * 16)
        embedded.set()

    with client.chat.completions.create(
        model=SLOW, messages=[{"role": "user", "content": "hi"}], stream=True, max_tokens=2000
    ) as stream:
        next(stream)
        thread = threading.Thread(target=embed)
        thread.start()
        pieces = 0
        for _chunk in stream:
            pieces += 1
            if embedded.is_set():
                break
    thread.join()

    assert pieces > 1
