"""POST /api/v1/generate and /api/v1/generate/stream."""

import asyncio
from typing import Any

import pytest
from django.test import Client

from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api.conftest import Answering
from tests.api.platform_streams import Sent, post, told, visiting

URL = "/api/v1/generate"
STREAM = "/api/v1/generate/stream"
STORY: dict[str, Any] = {"model_id": "demo", "prompt": "Once upon a time"}
BOTH = pytest.mark.parametrize("url", [URL, STREAM])

pytestmark = pytest.mark.django_db(transaction=True)


def test_the_text_is_the_prompt_and_what_follows(api: Client, answering: Answering) -> None:
    with answering(", there", " was") as answerer:
        answer = api.post(URL, STORY, "application/json").json()

    assert answer["text"] == "Once upon a time, there was"
    assert answer["generated_text"] == ", there was"
    assert (answer["finish_reason"], answer["tokens"]) == ("stop", 2)
    assert answer["usage"] == {
        "prompt_tokens": 7,
        "cached_tokens": 3,
        "completion_tokens": 2,
        "total_tokens": 9,
    }
    assert answer["generation_time"] >= 0
    [run] = answerer.seen
    assert (run.kind, run.prompt, run.messages) == ("text", "Once upon a time", [])


def test_sampling_goes_by_the_names_of_this_api(api: Client, answering: Answering) -> None:
    wanted = {"max_new_tokens": 5, "temperature": 0, "top_p": 0.5, "repetition_penalty": 1.2}

    with answering("!") as answerer:
        api.post(URL, STORY | wanted | {"seed": 7, "stop": "."}, "application/json")

    drawn = answerer.seen[0].parameters
    assert (drawn["max_tokens"], drawn["temperature"]) == (5, 0)
    assert (drawn["top_p"], drawn["repeat_penalty"]) == (0.5, 1.2)
    assert (drawn["seed"], drawn["stop"]) == (7, ["."])


def test_what_is_not_asked_for_follows_the_model(
    api: Client, answering: Answering, model: AIModel
) -> None:
    AIModel.objects.update(parameters={"temperature": 0.3}, max_tokens=11)

    with answering("!") as answerer:
        api.post(URL, STORY, "application/json")

    drawn = answerer.seen[0].parameters
    assert (drawn["temperature"], drawn["max_tokens"]) == (0.3, 11)


async def test_pieces_of_a_stream_survive_as_they_are(
    key: dict[str, str], answering: Answering
) -> None:
    pieces = ["  two spaces", "\n", "\n\nafter an empty line", "data: x", "é\r\n", "end\n"]

    with answering(*pieces):
        events = await told(await post(key, STREAM, **STORY))

    *texts, end = events
    assert {event.name for event in texts} == {"message"}
    assert texts[0].data == STORY["prompt"]
    assert "".join(event.data for event in texts[1:]) == "".join(pieces).replace("\r\n", "\n")
    assert end == Sent("done", "")


async def test_a_client_that_only_reads_data_lines_gets_the_text(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(", there", " was"):
        response = await post(key, STREAM, **STORY)
        lines = b"".join([part async for part in response]).decode().split("\n")

    data = [line.removeprefix("data: ") for line in lines if line.startswith("data: ")]
    assert "".join(data) == "Once upon a time, there was"


async def test_a_stream_without_any_text_has_the_prompt(
    key: dict[str, str], answering: Answering
) -> None:
    with answering():
        events = await told(await post(key, STREAM, **STORY))

    assert [event.data for event in events] == [STORY["prompt"], ""]


async def test_a_stream_that_fails_says_so_and_ends(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(", there", outcome=Outcome.failed("The model failed.")):
        events = await told(await post(key, STREAM, **STORY))

    assert [event.data for event in events[:-1]] == [STORY["prompt"], ", there"]
    assert events[-1].fields == {
        "type": "error",
        "error": "The model failed.",
        "code": "server_error",
    }


def test_a_run_that_fails_is_an_error(api: Client, answering: Answering) -> None:
    too_long = Outcome.failed("It is too long.", Generation.Reason.TOO_LONG)

    with answering(outcome=too_long):
        response = api.post(URL, STORY, "application/json")

    assert response.status_code == 400
    assert response.json()["error"] == "It is too long."


@BOTH
@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": None}, "prompt"),
        ({"model_id": None}, "model_id"),
        ({"max_new_tokens": 0}, "max_new_tokens"),
        ({"max_new_tokens": "5"}, "max_new_tokens"),
        ({"temperature": -1}, "temperature"),
        ({"top_p": 2}, "top_p"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"seed": 2**63}, "seed"),
        ({"stop": [""]}, "stop"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_bad_input_is_named(
    url: str, change: dict[str, Any], named: str, api: Client, worker: None
) -> None:
    response = api.post(url, STORY | change, "application/json")

    assert response.status_code == 400
    assert named in response.json()["error"]
    assert not Generation.objects.exists()


@BOTH
def test_an_unknown_model_is_404(url: str, api: Client, worker: None) -> None:
    response = api.post(url, STORY | {"model_id": "other"}, "application/json")

    assert (response.status_code, response.json()["code"]) == (404, "model_not_found")


@BOTH
def test_a_key_is_needed(url: str, client: Client, model: AIModel) -> None:
    assert client.post(url, STORY, "application/json").status_code == 401


@BOTH
def test_without_a_worker_nothing_begins(url: str, api: Client, model: AIModel) -> None:
    response = api.post(url, STORY, "application/json")

    assert (response.status_code, response.json()["code"]) == (503, "overloaded")
    assert response["Retry-After"]
    assert not Generation.objects.exists()


@BOTH
async def test_a_client_that_goes_away_ends_the_run(
    url: str, key: dict[str, str], answering: Answering
) -> None:
    with answering(*["word "] * 500, pause=0.02) as answerer:
        async with visiting(key, url, **STORY):
            async with asyncio.timeout(5):
                while not answerer.seen:
                    await asyncio.sleep(0.01)
        async with asyncio.timeout(5):
            while answerer.stopped_after is None:
                await asyncio.sleep(0.01)

    assert (await Generation.objects.aget()).status == "stopped"
    assert answerer.stopped_after < 100
