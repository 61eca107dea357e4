"""How OpenAI's own client tells its program what went wrong."""

import asyncio
from collections.abc import AsyncIterator
from operator import attrgetter
from typing import Any

import httpx2
import openai
import pytest
from asgiref.sync import sync_to_async

from accounts import request_rate
from accounts.models import User
from chatsite.asgi import http
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api.asking import HELLO
from tests.api.conftest import Answering
from tests.api.keys import headers_of

pytestmark = pytest.mark.django_db(transaction=True)
ASKED: Any = {"model": "demo", "messages": HELLO}


@pytest.fixture
async def client() -> AsyncIterator[openai.AsyncOpenAI]:
    """Talks to the application without a server; it has no key yet."""
    transport = httpx2.ASGITransport(http)
    async with openai.AsyncOpenAI(
        base_url="http://localhost/v1",
        api_key="sk-parley-wrong",
        http_client=openai.DefaultAsyncHttpxClient(transport=transport),
        max_retries=0,
    ) as client:
        yield client


async def known(client: openai.AsyncOpenAI, user: User, **restrictions: Any) -> openai.AsyncOpenAI:
    headers = await sync_to_async(headers_of)(user, **restrictions)
    return client.with_options(api_key=headers["authorization"].removeprefix("Bearer "))


async def test_a_wrong_key(client: openai.AsyncOpenAI) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        await client.models.list()

    assert caught.value.code == "invalid_api_key"
    assert caught.value.request_id


async def test_a_key_that_may_only_read(client: openai.AsyncOpenAI, alice: User) -> None:
    client = await known(client, alice, scopes=["read"])

    with pytest.raises(openai.PermissionDeniedError) as caught:
        await client.chat.completions.create(**ASKED)

    assert caught.value.code == "insufficient_scope"


@pytest.mark.parametrize(
    ("calls", "said"),
    [
        ("chat.completions", {"messages": HELLO}),
        ("completions", {"prompt": "Hello"}),
        ("responses", {"input": "Hello"}),
        ("embeddings", {"input": "Hello"}),
    ],
)
async def test_a_model_that_the_key_may_not_use(
    calls: str, said: Any, client: openai.AsyncOpenAI, alice: User, worker: None
) -> None:
    client = await known(client, alice, models=["other"])

    assert (await client.models.list()).data == []
    with pytest.raises(openai.NotFoundError) as caught:
        await attrgetter(calls)(client).create(model="demo", **said)

    assert (caught.value.code, caught.value.param) == ("model_not_found", "model")


async def test_an_address_that_is_none(client: openai.AsyncOpenAI, alice: User) -> None:
    client = await known(client, alice)

    with pytest.raises(openai.NotFoundError):
        await client.files.list()


async def test_a_value_that_is_none(
    client: openai.AsyncOpenAI, alice: User, worker: None, model: AIModel
) -> None:
    client = await known(client, alice)

    with pytest.raises(openai.BadRequestError) as caught:
        await client.chat.completions.create(**ASKED, top_p=2)

    assert (caught.value.code, caught.value.param) == ("invalid_value", "top_p")


async def test_too_much_at_once(client: openai.AsyncOpenAI, alice: User) -> None:
    client = await known(client, alice)

    with pytest.raises(openai.APIStatusError) as caught:
        await client.embeddings.create(model="demo", input="x" * 5_000_000)

    assert (caught.value.status_code, caught.value.code) == (413, "request_too_large")


async def test_too_often(client: openai.AsyncOpenAI, alice: User, model: AIModel) -> None:
    client = await known(client, alice, requests_per_minute=1)

    answer = await client.models.with_raw_response.list()
    with pytest.raises(openai.RateLimitError) as caught:
        await client.models.list()

    assert answer.headers["x-ratelimit-remaining-requests"] == "0"
    assert caught.value.code == "rate_limit_exceeded"
    assert int(caught.value.response.headers["retry-after"]) > 0


async def test_it_tries_again_when_it_is_told_to(
    client: openai.AsyncOpenAI, alice: User, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_rate, "WINDOW_SECONDS", 1)
    client = await known(client, alice, requests_per_minute=1)
    await client.models.list()

    answer = await client.with_options(max_retries=2).models.with_raw_response.list()

    assert answer.retries_taken > 0
    assert [each.id for each in answer.parse().data] == ["demo"]


async def test_the_same_request_while_it_is_answered(
    client: openai.AsyncOpenAI, alice: User, answering: Answering, worker: None
) -> None:
    client = await known(client, alice)
    headers = {"Idempotency-Key": "1"}
    first = asyncio.create_task(client.chat.completions.create(**ASKED, extra_headers=headers))
    async with asyncio.timeout(5):
        while not await Generation.objects.aexists():
            await asyncio.sleep(0.01)

    with pytest.raises(openai.ConflictError) as caught:
        await client.chat.completions.create(**ASKED, extra_headers=headers)

    assert caught.value.code == "idempotency_key_in_use"
    with answering("Hi"):
        answer = await client.with_options(max_retries=5).chat.completions.create(
            **ASKED, extra_headers=headers
        )
    assert answer == await first


async def test_no_worker(client: openai.AsyncOpenAI, alice: User, model: AIModel) -> None:
    client = await known(client, alice)

    with pytest.raises(openai.InternalServerError) as caught:
        await client.chat.completions.create(**ASKED)

    assert (caught.value.status_code, caught.value.code) == (503, "overloaded")


@pytest.mark.parametrize(
    ("reason", "error"),
    [
        (Generation.Reason.TOO_LONG, openai.BadRequestError),
        (Generation.Reason.ERROR, openai.InternalServerError),
    ],
)
async def test_an_answer_that_fails(
    reason: Generation.Reason,
    error: type[openai.APIStatusError],
    client: openai.AsyncOpenAI,
    alice: User,
    answering: Answering,
) -> None:
    client = await known(client, alice)
    with answering(outcome=Outcome.failed("Too bad.", reason)), pytest.raises(error) as caught:
        await client.chat.completions.create(**ASKED, stream=True)

    assert caught.value.body["message"] == "Too bad."


async def test_a_stream_that_fails(
    client: openai.AsyncOpenAI, alice: User, answering: Answering
) -> None:
    client = await known(client, alice)
    text = ""
    with answering("Hi", outcome=Outcome.failed("Too bad.")):
        stream = await client.chat.completions.create(**ASKED, stream=True)
        with pytest.raises(openai.APIError, match="Too bad") as caught:
            async for chunk in stream:
                text += chunk.choices[0].delta.content or ""

    assert text == "Hi"
    assert caught.value.code == "server_error"
