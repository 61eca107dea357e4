"""POST /api/v1/compare: one question, several models, one stream."""

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from django.test import Client

from inference import presence
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.presence import ModelState, WorkerState
from tests.api.conftest import DONE, Answerer
from tests.api.platform_streams import Sent, post, told, visiting

URL = "/api/v1/compare"
ASK: dict[str, Any] = {"model_ids": ["demo", "other"], "prompt": "Hello"}

pytestmark = pytest.mark.django_db(transaction=True)

Serve = Callable[..., Answerer]


def report(states: dict[AIModel, ModelState]) -> None:
    by_id = {model.pk: state for model, state in states.items()}
    presence.report(WorkerState("tests", by_id, seen_at=time.time()))


@pytest.fixture
def other(model: AIModel) -> AIModel:
    other = AIModel.objects.create(name="other", provider=model.provider, path="other.gguf")
    report({model: ModelState("ready", 1.0), other: ModelState("ready", 1.0)})
    return other


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Has a model answered with these pieces, until the test ends."""
    with ExitStack() as stack:

        def serve(
            model: AIModel, *pieces: str, outcome: Outcome | None = None, pause: float = 0.0
        ) -> Answerer:
            done = Outcome(*DONE, prompt_tokens=7, completion_tokens=len(pieces))
            answerer = Answerer(model, list(pieces), outcome or done, pause)
            answerer.start()
            stack.callback(answerer.join)
            stack.callback(answerer.over.set)
            return answerer

        yield serve


def of(model: str, events: list[Sent]) -> list[dict[str, Any]]:
    return [event.fields for event in events if event.fields.get("model") == model]


def text(events: list[dict[str, Any]]) -> str:
    return "".join(event["text"] for event in events if event["type"] == "token")


async def test_each_model_answers_with_events_of_its_own(
    key: dict[str, str], model: AIModel, other: AIModel, serve: Serve
) -> None:
    first, second = serve(model, "Hel", "lo"), serve(other, "Good ", "day", "!")

    events = await told(await post(key, URL, **ASK))

    assert text(of("demo", events)) == "Hello"
    assert text(of("other", events)) == "Good day!"
    ends = [event for event in of("demo", events) if event["type"] == "done"]
    assert [(end["tokens"], end["finish_reason"]) for end in ends] == [(2, "stop")]
    assert of("other", events)[-1]["usage"]["completion_tokens"] == 3
    assert events[-1].fields == {"type": "end"}
    for answerer in (first, second):
        assert answerer.seen[0].messages == [{"role": "user", "content": "Hello"}]


async def test_a_chat_so_far_can_be_asked_about(
    key: dict[str, str], model: AIModel, other: AIModel, serve: Serve
) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}]
    answerer = serve(model, "Hi")
    serve(other, "Hi")

    await told(await post(key, URL, model_ids=ASK["model_ids"], messages=messages))

    assert answerer.seen[0].messages == messages


async def test_a_model_that_fails_does_not_end_the_others(
    key: dict[str, str], model: AIModel, other: AIModel, serve: Serve
) -> None:
    serve(model, outcome=Outcome.failed("The model failed."))
    serve(other, "still ", "here", pause=0.05)

    events = await told(await post(key, URL, **ASK))

    assert of("demo", events)[-1] == {
        "type": "error",
        "model": "demo",
        "error": "The model failed.",
        "code": "server_error",
    }
    assert text(of("other", events)) == "still here"
    assert of("other", events)[-1]["type"] == "done"


async def test_a_model_that_could_not_be_loaded_does_not_either(
    key: dict[str, str], model: AIModel, other: AIModel, serve: Serve
) -> None:
    report({model: ModelState("failed", error="broken"), other: ModelState("ready", 1.0)})
    serve(other, "here")

    events = await told(await post(key, URL, **ASK))

    [error] = of("demo", events)
    assert (error["type"], error["code"]) == ("error", "model_unavailable")
    assert text(of("other", events)) == "here"


def test_when_no_model_can_answer_it_is_an_error(
    api: Client, model: AIModel, other: AIModel
) -> None:
    report({model: ModelState("failed"), other: ModelState("failed")})

    assert api.post(URL, ASK, "application/json").status_code == 503


async def test_a_client_that_goes_away_ends_all_runs(
    key: dict[str, str], model: AIModel, other: AIModel, serve: Serve
) -> None:
    answerers = [serve(each, *["word "] * 500, pause=0.02) for each in (model, other)]

    async with visiting(key, URL, **ASK) as visitor:
        await visitor.until("token", 4)
    async with asyncio.timeout(5):
        while {run.status async for run in Generation.objects.all()} != {"stopped"}:
            await asyncio.sleep(0.01)

    assert all(answerer.stopped_after is not None for answerer in answerers)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model_ids": ["demo"]}, "model_ids"),
        ({"model_ids": ["demo", "demo"]}, "model_ids"),
        ({"model_ids": ["a", "b", "c", "d", "e"]}, "model_ids"),
        ({"prompt": None}, "prompt"),
        ({"messages": [{"role": "user", "content": "Hi"}]}, "prompt"),
        ({"prompt": None, "messages": []}, "messages"),
        ({"prompt": None, "messages": [{"role": "tool", "content": ""}]}, "messages[0].role"),
        ({"temperature": 9}, "temperature"),
    ],
)
def test_bad_input_is_named(
    change: dict[str, Any], named: str, api: Client, other: AIModel
) -> None:
    response = api.post(URL, ASK | change, "application/json")

    assert response.status_code == 400
    assert named in response.json()["error"]


def test_one_unknown_model_means_that_nothing_begins(api: Client, other: AIModel) -> None:
    response = api.post(URL, ASK | {"model_ids": ["demo", "stranger"]}, "application/json")

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")
    assert not Generation.objects.filter(status__in=Generation.LIVE).exists()


def test_a_key_is_needed(client: Client, other: AIModel) -> None:
    assert client.post(URL, ASK, "application/json").status_code == 401
