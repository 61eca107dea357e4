"""How much a key may do: requests a minute, tokens a day, and requests at once."""

from typing import Any

import pytest
from asgiref.sync import sync_to_async
from django.test import AsyncClient, Client

from accounts import request_rate
from accounts.models import APIKey, User
from accounts.problem import Problem
from accounts.rates import duration
from accounts.shared_redis import shared_redis
from inference import key_limits, lifecycle
from inference.ask import Ask
from inference.models import AIModel, Generation, UsageLog
from tests.api.asking import ask, chunks
from tests.api.conftest import Answering
from tests.api.keys import headers_of, program

pytestmark = pytest.mark.django_db(transaction=True)
MODELS = "/v1/models"


def use(key: APIKey, tokens: int) -> None:
    counts = {"input_tokens": tokens, "cached_tokens": 0, "output_tokens": 0}
    rest = {"cost": 0, "duration": 0, "queue_wait": 0, "source": "api", "status": "done"}
    UsageLog.objects.create(
        user=key.user, api_key=key, model_name="demo", total_tokens=tokens, **counts, **rest
    )


def test_so_many_requests_a_minute(alice: User, model: AIModel) -> None:
    client = program(alice, requests_per_minute=2)

    first, second, third = (client.get(MODELS) for _request in range(3))

    assert [each.status_code for each in (first, second, third)] == [200, 200, 429]
    assert first["x-ratelimit-limit-requests"] == "2"
    left = [each["x-ratelimit-remaining-requests"] for each in (first, second, third)]
    assert left == ["1", "0", "0"]
    assert first["x-ratelimit-reset-requests"] == "1m0s"
    assert third.json()["error"]["code"] == "rate_limit_exceeded"
    assert 0 < int(third["Retry-After"]) <= 60


def test_the_limit_is_of_the_key_however_it_is_sent(alice: User, model: AIModel) -> None:
    bearer = headers_of(alice, requests_per_minute=1)
    secret = bearer["authorization"].removeprefix("Bearer ")
    assert Client(headers=bearer).get(MODELS).status_code == 200

    assert Client(headers={"x-api-key": secret}).get(MODELS).status_code == 429
    assert program(alice, requests_per_minute=1).get(MODELS).status_code == 200


def test_what_left_the_window_does_not_count(
    alice: User, model: AIModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(request_rate, "WINDOW_SECONDS", 0.05)
    client = program(alice, requests_per_minute=1)

    for _request in range(3):
        while client.get(MODELS).status_code == 429:
            pass


def test_a_key_shares_its_minute_with_those_that_it_made(alice: User, model: AIModel) -> None:
    maker, secret = APIKey.objects.issue(alice, "laptop", requests_per_minute=2)
    made = APIKey.objects.issue(alice, "script", issued_by=maker)[1]
    both = [Client(headers={"x-api-key": key}) for key in (secret, made)]

    statuses = [client.get(MODELS).status_code for client in (*both, *both)]

    assert statuses == [200, 200, 429, 429]


def test_everything_passes_while_redis_is_away(
    alice: User, model: AIModel, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1"
    away = shared_redis.__wrapped__().register_script(request_rate.COUNT)
    monkeypatch.setattr(request_rate, "_script", lambda: away)
    client = program(alice, requests_per_minute=1)

    assert [client.get(MODELS).status_code for _request in range(2)] == [200, 200]


def test_a_key_without_limits_is_told_of_none(api: Client, model: AIModel) -> None:
    assert not [name for name in api.get(MODELS).headers if name.startswith("x-ratelimit")]


async def test_so_many_tokens_a_day(alice: User, answering: Answering) -> None:
    key = await _headers(alice, tokens_per_day=100)
    issued = await alice.api_keys.aget()
    with answering("Hi"):
        answer = await ask(key)
        assert answer.status_code == 200
        assert answer["x-ratelimit-limit-tokens"] == "100"
        assert answer["x-ratelimit-remaining-tokens"] == "92"
        assert answer["x-ratelimit-reset-tokens"]

        await _use(issued, 92)
        refused = await ask(key)

    assert refused.status_code == 429
    assert refused.json()["error"]["code"] == "rate_limit_exceeded"
    assert 0 < int(refused["Retry-After"]) <= 24 * 3600
    assert refused["x-ratelimit-remaining-tokens"] == "0"
    assert await Generation.objects.acount() == 1


async def test_a_stream_counts_what_it_may_come_to_use(alice: User, answering: Answering) -> None:
    key = await _headers(alice, tokens_per_day=1000)
    with answering("Hi"):
        response = await ask(key, stream=True, max_tokens=50)
        assert int(response["x-ratelimit-remaining-tokens"]) <= 998
        await chunks(response)


def test_waiting_runs_count_with_their_longest_answer(alice: User, model: AIModel) -> None:
    key, _secret = APIKey.objects.issue(alice, "laptop", tokens_per_day=1000)
    _submit(key, model, max_tokens=700)
    day = key_limits.day_of_tokens(key)
    assert day and (day.used, day.reserved) == (0, 702)

    _submit(key, model, max_tokens=2**31 - 1)
    with pytest.raises(Problem) as refused:
        _submit(key, model)

    assert refused.value.status == 429
    assert refused.value.retry_after == 5


@pytest.mark.parametrize("length", [100, 40])
def test_a_prompt_that_leaves_no_room_for_an_answer_is_told_so(
    length: int, alice: User, model: AIModel
) -> None:
    key, _secret = APIKey.objects.issue(alice, "laptop", tokens_per_day=10)

    with pytest.raises(Problem) as refused:
        _submit(key, model, text="x" * length)

    assert refused.value.status == 400


def test_an_answer_is_no_longer_than_what_is_left_of_the_day(alice: User, model: AIModel) -> None:
    key, _secret = APIKey.objects.issue(alice, "laptop", tokens_per_day=1000)
    use(key, 500)
    fits = _submit(key, model, max_tokens=100)
    cut = _submit(key, model, max_tokens=700)

    assert (fits.parameters["max_tokens"], cut.parameters["max_tokens"]) == (100, 396)
    with pytest.raises(Problem) as refused:
        _submit(key, model, max_tokens=1)
    assert refused.value.status == 429


async def test_the_answers_of_a_request_share_what_is_left(
    alice: User, answering: Answering
) -> None:
    key = await _headers(alice, tokens_per_day=32)
    with answering("Hi") as answerer:
        response = await ask(key, n=3)

    assert response.status_code == 200
    assert [run.parameters["max_tokens"] for run in answerer.seen] == [10, 10, 10]


async def test_no_answer_begins_where_not_all_of_a_request_can(
    alice: User, answering: Answering
) -> None:
    key = await _headers(alice, tokens_per_day=32)
    await _use(await alice.api_keys.aget(), 28)
    with answering("Hi") as answerer:
        refused = await ask(key, n=3)
        assert (await ask(key, n=2)).status_code == 200

    assert refused.status_code == 429
    assert [run.parameters["max_tokens"] for run in answerer.seen] == [1, 1]


def test_a_key_shares_its_day_with_those_that_it_made(alice: User, model: AIModel) -> None:
    maker, _secret = APIKey.objects.issue(alice, "laptop", tokens_per_day=100)
    made, _secret = APIKey.objects.issue(alice, "script", issued_by=maker)
    other, _secret = APIKey.objects.issue(alice, "other")
    for key in (maker, made, other):
        use(key, 30)

    days = [key_limits.day_of_tokens(key) for key in (maker, made, other)]

    assert [day and day.used for day in days] == [60, 60, None]


async def test_so_many_requests_at_once(
    alice: User, worker: None, model: AIModel, answering: Answering
) -> None:
    key = await _headers(alice, running_at_once=1)
    waiting = await Generation.objects.acreate(
        user=alice, model=model, api_key=await alice.api_keys.aget()
    )

    refused = await ask(key)

    assert refused.status_code == 429
    assert int(refused["Retry-After"]) > 0
    assert refused["x-ratelimit-limit-requests"] == "1"
    await waiting.adelete()
    with answering("Hi"):
        assert (await ask(key)).status_code == 200


async def test_others_requests_do_not_count(
    alice: User, bob: User, model: AIModel, answering: Answering
) -> None:
    key = await _headers(alice, running_at_once=1)
    await Generation.objects.acreate(user=alice, model=model)
    await Generation.objects.acreate(user=bob, model=model)

    with answering("Hi"):
        assert (await ask(key)).status_code == 200


@pytest.mark.parametrize("limits", [{"MAX_WAITING_PER_USER": 2}, {"MAX_WAITING": 2}, {}])
async def test_more_choices_than_may_ever_wait_are_a_mistake(
    limits: dict[str, int], alice: User, worker: None, settings: Any
) -> None:
    for name, value in limits.items():
        setattr(settings, name, value)
    key = await _headers(alice, running_at_once=None if limits else 2)

    response = await ask(key, n=3)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "n"
    assert "2" in response.json()["error"]["message"]
    assert not await Generation.objects.aexists()


async def test_as_many_choices_as_may_wait_are_fine(
    alice: User, answering: Answering, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 2
    key = await _headers(alice, running_at_once=2, tokens_per_day=50)

    with answering("Hi"):
        assert len((await ask(key, n=2)).json()["choices"]) == 2


async def test_a_full_queue_tells_its_limit(
    key: dict[str, str], worker: None, model: AIModel, alice: User, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 1
    await Generation.objects.acreate(user=alice, model=model)

    response = await ask(key)

    assert response["x-ratelimit-limit-requests"] == "1"
    assert response["x-ratelimit-remaining-requests"] == "0"
    assert response["x-ratelimit-reset-requests"] == f"{response['Retry-After']}s"


async def test_an_asynchronous_answer_tells_them_too(alice: User, answering: Answering) -> None:
    key = await _headers(alice, requests_per_minute=7)
    with answering("Hi"):
        assert (await ask(key))["x-ratelimit-remaining-requests"] == "6"
    answer = await AsyncClient().post("/v1/chat/completions", headers=key)
    assert (answer.status_code, answer["x-ratelimit-remaining-requests"]) == (400, "5")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0s"), (0.12, "120ms"), (1, "1s"), (59.2, "1m0s"), (360, "6m0s"), (3612, "1h0m12s")],
)
def test_durations_are_written_as_openai_does(seconds: float, text: str) -> None:
    assert duration(seconds) == text


async def _headers(user: User, **restrictions: Any) -> dict[str, str]:
    return await sync_to_async(headers_of)(user, **restrictions)


async def _use(key: APIKey, tokens: int) -> None:
    await sync_to_async(use)(key, tokens)


def _submit(key: APIKey, model: AIModel, text: str = "Hello", **parameters: Any) -> Generation:
    ask = Ask([{"role": "user", "content": text}])
    return lifecycle.submit(key.user, model, ask, parameters, Generation.Source.API, api_key=key)
