"""Several answers to one request."""

import asyncio
from typing import Any

import pytest

from accounts.models import User
from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.api.asking import ask, browser, chunks, lines
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)

FAILED = Outcome.failed("Too bad.")
MANY = ["word "] * 500


async def siblings() -> list[Generation]:
    return [run async for run in Generation.objects.order_by("created_at")]


async def test_each_choice_is_an_answer_of_its_own(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi", " you"):
        answer = (await ask(key, n=3)).json()

    assert [choice["index"] for choice in answer["choices"]] == [0, 1, 2]
    assert {choice["message"]["content"] for choice in answer["choices"]} == {"Hi you"}
    assert {choice["finish_reason"] for choice in answer["choices"]} == {"stop"}
    first = await Generation.objects.aget(sibling_of=None)
    assert answer["id"] == f"chatcmpl-{first.pk.hex}"
    assert await first.siblings.acount() == 2


async def test_the_prompt_is_counted_once(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " you"):
        usage = (await ask(key, n=3)).json()["usage"]

    assert usage == {
        "prompt_tokens": 7,
        "completion_tokens": 6,
        "total_tokens": 13,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    accounts = [log async for log in UsageLog.objects.all()]
    assert sum(account.total_tokens for account in accounts) == 13


async def test_the_choices_differ_and_can_be_had_again(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi"):
        await ask(key, n=3, seed=5)
        await ask(key, n=2)

    *given, one, other = [run.parameters["seed"] for run in await siblings()]
    assert given == [5, 6, 7]
    assert other == one + 1


async def test_a_seed_that_leaves_no_room_for_the_next(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi"):
        response = await ask(key, n=2, seed=2**63 - 1)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "seed"
    assert await siblings() == []


async def test_a_stream_of_several_choices(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " you", pause=0.02), answering("Hi", " you", pause=0.02):
        options = {"include_usage": True}
        *found, last = await chunks(await ask(key, n=2, stream=True, stream_options=options))

    choices = [chunk["choices"][0] for chunk in found]
    for index in range(2):
        own = [choice for choice in choices if choice["index"] == index]
        assert [choice["delta"] for choice in own] == [
            {"role": "assistant", "content": ""},
            {"content": "Hi"},
            {"content": " you"},
            {},
        ]
        assert [choice["finish_reason"] for choice in own] == [None, None, None, "stop"]
    assert len({chunk["id"] for chunk in [*found, last]}) == 1
    assert last["usage"]["completion_tokens"] == 4


async def test_choices_stream_at_the_same_time(key: dict[str, str], answering: Answering) -> None:
    words = ["word "] * 10
    with answering(*words, pause=0.03), answering(*words, pause=0.03):
        found = await chunks(await ask(key, n=2, stream=True))

    texts = [c["choices"][0]["index"] for c in found if c["choices"][0]["delta"].get("content")]
    assert {0, 1} == set(texts[:10]) == set(texts[10:])


async def test_each_choice_has_its_logprobs(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " you"), answering("Hi", " you"):
        whole = (await ask(key, n=2, logprobs=True)).json()["choices"]
        found = await chunks(await ask(key, n=2, logprobs=True, stream=True))

    streamed: list[list[Any]] = [[], []]
    for [choice] in (chunk["choices"] for chunk in found):
        streamed[choice["index"]] += (choice["logprobs"] or {"content": []})["content"]
    assert [choice["logprobs"]["content"] for choice in whole] == streamed
    assert [token["token"] for token in streamed[0]] == ["Hi", " you"]


async def test_without_room_for_all_there_is_none(
    key: dict[str, str], worker: None, model: AIModel, alice: User, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 3
    await Generation.objects.acreate(user=alice, model=model)

    response = await ask(key, n=3)

    assert response.status_code == 429
    assert int(response["Retry-After"]) > 0
    assert len(await siblings()) == 1


@pytest.mark.parametrize("stream", [False, True])
async def test_when_one_fails_at_once_so_does_the_request(
    stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=FAILED):
        response = await ask(key, n=3, stream=stream)
        states = {run.status async for run in Generation.objects.all()}

    assert response.status_code == 500
    assert response.json()["error"]["message"] == "Too bad."
    assert "failed" in states
    assert not states & {"queued", "done"}


async def test_when_one_fails_in_mid_stream_the_others_are_stopped(
    key: dict[str, str], answering: Answering
) -> None:
    with answering("Hi", outcome=FAILED, pause=0.1), answering(*MANY, pause=0.02):
        async with browser(key, n=2, stream=True) as program:
            await program.answers.get()  # the start
            sent = [await program.answers.get()]
            while sent[-1].get("more_body"):
                sent.append(await program.answers.get())
        async with asyncio.timeout(5):
            while await Generation.objects.filter(status="running").aexists():
                await asyncio.sleep(0.01)

    assert b"Too bad." in b"".join(part["body"] for part in sent if "body" in part)
    assert {run.status for run in await siblings()} == {"failed", "stopped"}


async def test_a_waiting_stream_tells_the_place_of_its_first_choice_that_waits(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    with answering("a", "b", pause=0.3):
        found = await lines(await ask(key, n=2, stream=True))

    assert ": position=1" in found
    assert [line for line in found if line.startswith(":")][-1] == ": keep-alive"
