"""Asking again with the same Idempotency-Key."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.test import AsyncClient, Client, RequestFactory
from django.test.client import encode_multipart

from accounts.models import APIKey, User
from accounts.problem import Problem
from inference.api import idempotency
from inference.models import AIModel, Generation
from tests.api.asking import URL as CHAT
from tests.api.asking import Browser, body, chunks
from tests.api.conftest import Answerer, Answering, bearer

pytestmark = pytest.mark.django_db(transaction=True)
KEYS = "/api/v1/keys"


def make(client: Client, key: str, name: str = "script") -> Any:
    headers = {"idempotency-key": key}
    return client.post(KEYS, {"name": name}, content_type="application/json", headers=headers)


async def ask(key: dict[str, str], **fields: Any) -> Any:
    headers = {**key, "idempotency-key": "1"}
    content = body(**fields)
    return await AsyncClient().post(CHAT, content, content_type="application/json", headers=headers)


@asynccontextmanager
async def going(key: dict[str, str]) -> AsyncIterator[None]:
    """Asks, and goes away at the end if there is no answer yet."""
    asking = Browser({**key, "idempotency-key": "1"}, body())
    task = asyncio.create_task(asking.run())
    yield
    asking.go_away()
    await asyncio.wait_for(task, 5)


async def begun(answerer: Answerer) -> None:
    while not answerer.seen:
        await asyncio.sleep(0.01)


async def test_the_same_answer_without_a_second_run(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi"):
        first, second = await ask(key), await ask(key)

    assert (second.status_code, second.json()) == (200, first.json())
    assert second["Idempotency-Replayed"] == "true"
    assert "Idempotency-Replayed" not in first
    assert second["X-Request-Id"] != first["X-Request-Id"]
    assert await Generation.objects.acount() == 1


def test_a_key_is_made_once(api: Client, alice: User) -> None:
    first, second = make(api, "1"), make(api, "1")

    assert (second.status_code, second.json()) == (201, first.json())
    assert make(api, "2").json()["id"] != first.json()["id"]


def test_another_request_is_refused(api: Client, alice: User) -> None:
    make(api, "1")

    response = make(api, "1", name="other")

    assert (response.status_code, response.json()["code"]) == (400, "idempotency_key_reused")
    assert APIKey.objects.filter(name="other").count() == 0


def test_it_is_known_to_its_caller_only(api: Client, alice: User, bob: User) -> None:
    first = make(api, "1")
    others = [Client(headers={"authorization": bearer(user)}) for user in (alice, bob)]

    for other in others:
        answer = make(other, "1")
        assert answer.status_code == 201
        assert answer.json()["id"] != first.json()["id"]


def test_a_revoked_key_gets_nothing_again(api: Client, alice: User) -> None:
    make(api, "1")
    alice.api_keys.update(is_active=False)

    assert make(api, "1").status_code == 401


def test_after_an_error_the_same_key_tries_anew(api: Client) -> None:
    assert make(api, "1", name="").status_code == 400
    assert make(api, "1").status_code == 201


async def test_one_that_is_being_answered_is_refused(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("a", "b", pause=0.3) as answerer:
        async with going(key):
            await begun(answerer)
            second = await ask(key)

    assert second.status_code == 409
    assert second.json()["error"]["code"] == "idempotency_key_in_use"
    assert int(second["Retry-After"]) > 0


async def test_who_went_away_may_ask_again(key: dict[str, str], answering: Answering) -> None:
    with answering("a", "b", pause=0.2) as answerer:
        async with going(key):
            await begun(answerer)
        assert (await ask(key)).status_code == 200
    assert await Generation.objects.acount() == 2


async def test_a_stream_is_not_played_back(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi"):
        for _request in range(2):
            assert await chunks(await ask(key, stream=True))

    assert await Generation.objects.acount() == 2


def upload(user: User, key: str, content: bytes) -> Any:
    """What a view answers that takes a file; there is another boundary each time."""

    def view(request: Any) -> HttpResponse:
        return HttpResponse(request.FILES["file"].read() + uuid4().hex.encode())

    def begin(request: Any) -> HttpResponseBase:
        request.auth, request.api_key = user, None
        len(request.FILES)  # as a view's parameters are read before it is called
        response: HttpResponseBase = idempotency.idempotent(view)(request)
        return response

    boundary = uuid4().hex
    body = encode_multipart(boundary, {"file": SimpleUploadedFile("a.txt", content)})
    request = RequestFactory().generic(
        "POST",
        "/files",
        body,
        content_type=f"multipart/form-data; boundary={boundary}",
        headers={"idempotency-key": key},
    )
    return idempotency.keep_answers(begin)(request)


def test_an_upload_is_known_by_its_files(alice: User) -> None:
    first, again, other = (upload(alice, key, b"one") for key in ("1", "1", "2"))

    assert first.content.startswith(b"one")
    assert again.content == first.content != other.content
    assert again["Idempotency-Replayed"] == "true"
    with pytest.raises(Problem) as refused:
        upload(alice, "1", b"two")
    assert refused.value.code == "idempotency_key_reused"


def test_nothing_that_is_kept_can_be_read(api: Client) -> None:
    secret = make(api, "a key that nobody guesses").json()["key"]

    connection = redis.Redis.from_url(settings.REDIS_URL)
    names = list(connection.scan_iter("parley:idempotency:*"))
    texts = b" ".join(connection.dump(name) or b"" for name in names)
    assert names
    assert secret.encode() not in texts
    assert b"nobody guesses" not in texts + b" ".join(names)


def test_what_is_kept_is_bounded(api: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = make(api, "1").json()
    size = int(redis.Redis.from_url(settings.REDIS_URL).get(_bytes_of(first)) or 0)
    monkeypatch.setattr(idempotency, "MOST_OF_USER", size * 2 + size // 2)

    second = make(api, "2").json()
    make(api, "3")

    assert make(api, "2").json() == second
    assert make(api, "1").json()["id"] != first["id"]


def test_an_answer_that_is_too_large_is_not_kept(
    api: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "LARGEST_ANSWER", 100)

    assert make(api, "1").json()["id"] != make(api, "1").json()["id"]


@pytest.mark.parametrize("key", ["", "x" * 256, "é", "a\tb"])
def test_a_bad_key_is_named(key: str, api: Client) -> None:
    response = make(api, key)

    assert response.status_code == 400
    assert "Idempotency-Key" in response.json()["error"]


def test_reading_does_not_need_it(api: Client, model: AIModel) -> None:
    for _request in range(2):
        response = api.get("/v1/models", headers={"idempotency-key": ""})
        assert response.status_code == 200
        assert "Idempotency-Replayed" not in response


def _bytes_of(made: dict[str, Any]) -> str:
    user_id = APIKey.objects.get(pk=made["id"]).user_id
    return f"parley:idempotency:of:{user_id}:bytes"
