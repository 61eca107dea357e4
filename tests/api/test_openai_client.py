"""OpenAI's own client against the running platform: models, errors, and going away."""

import asyncio
from collections.abc import Iterator

import openai
import pytest

from tests.api.openai_program import DEMO, GREETING, SLOW, client_of
from tests.platform import Platform, free_port


@pytest.fixture(scope="module")
def client(platform: Platform) -> Iterator[openai.OpenAI]:
    with client_of(platform) as client:
        yield client


def test_it_lists_models(client: openai.OpenAI) -> None:
    models = {model.id: model for model in client.models.list()}

    assert {DEMO, SLOW} <= models.keys()
    assert client.models.retrieve(DEMO) == models[DEMO]


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
