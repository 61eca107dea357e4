import json
import time
from typing import Any

import pytest
from asgiref.sync import sync_to_async

from accounts.models import User
from inference import presence
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.presence import Files, ModelState, WorkerState
from tests.api.asking import ask, lines
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("reason", "status", "code"),
    [
        ("too_long", 400, "context_length_exceeded"),
        ("unreadable", 400, "invalid_value"),
        ("grammar", 400, "invalid_value"),
        ("error", 500, "server_error"),
    ],
)
async def test_a_run_that_fails_at_once(
    stream: bool,
    reason: str,
    status: int,
    code: str,
    key: dict[str, str],
    answering: Answering,
) -> None:
    with answering(outcome=Outcome.failed("Too bad.", Generation.Reason(reason))):
        response = await ask(key, stream=stream)

    assert response.status_code == status
    error = response.json()["error"]
    assert (error["message"], error["code"]) == ("Too bad.", code)


async def test_a_run_that_fails_in_mid_stream(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", outcome=Outcome.failed("Too bad.")):
        found = await lines(await ask(key, stream=True))

    assert "[DONE]" not in found[-1]
    assert json.loads(found[-1].removeprefix("data: ")) == {
        "error": {
            "message": "Too bad.",
            "type": "server_error",
            "param": None,
            "code": "server_error",
        }
    }


async def test_an_unknown_model(key: dict[str, str], worker: None) -> None:
    response = await ask(key, model="other")

    assert response.status_code == 404
    assert response.json()["error"] == {
        "message": "There is no model other.",
        "type": "invalid_request_error",
        "param": "model",
        "code": "model_not_found",
    }


async def test_without_a_worker_it_is_overloaded(key: dict[str, str], model: AIModel) -> None:
    response = await ask(key)

    assert response.status_code == 503
    assert response.json()["error"]["code"] == "overloaded"
    assert int(response["Retry-After"]) > 0
    assert not await Generation.objects.aexists()


async def test_a_model_whose_file_no_worker_has(
    key: dict[str, str], model: AIModel, answering: Answering
) -> None:
    now = time.time()
    lacking = WorkerState("lacking", seen_at=now, files=Files([], now + 60))
    await sync_to_async(presence.leave)("tests")
    await sync_to_async(presence.report)(lacking)

    refused = await ask(key)

    assert refused.status_code == 503
    error = refused.json()["error"]
    assert (error["code"], error["message"]) == (
        "overloaded",
        "No worker has this model's file.",
    )
    assert int(refused["Retry-After"]) > 0
    assert not await Generation.objects.aexists()

    having = WorkerState("having", seen_at=now, files=Files([model.pk], now + 60))
    await sync_to_async(presence.report)(having)
    with answering("Hi"):
        assert (await ask(key)).status_code == 200


async def test_a_model_that_cannot_be_loaded(
    key: dict[str, str], worker: None, model: AIModel
) -> None:
    [state] = presence.workers()
    failed = {model.pk: ModelState("failed", error="a secret path")}
    presence.report(WorkerState("tests", failed, seen_at=state.seen_at))

    response = await ask(key)

    assert response.status_code == 503
    assert response.json()["error"]["code"] == "model_unavailable"
    assert "secret" not in response.content.decode()


async def test_a_full_queue(
    key: dict[str, str], worker: None, model: AIModel, alice: User, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 1
    await Generation.objects.acreate(user=alice, model=model)

    response = await ask(key)

    assert response.status_code == 429
    assert response.json()["error"]["code"] == "rate_limit_exceeded"
    assert int(response["Retry-After"]) > 0


async def test_nobody_gets_in_without_a_key(worker: None) -> None:
    response = await ask({})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
