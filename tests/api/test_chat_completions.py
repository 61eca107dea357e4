import json

import pytest

from accounts.models import User
from inference import lifecycle
from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation, UsageLog
from tests.api.asking import HELLO, ask, browser, chunks, lines
from tests.api.conftest import Answering

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_answers(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " there") as answerer:
        response = await ask(key)

    answer = response.json()
    assert answer["object"] == "chat.completion"
    assert answer["model"] == "demo"
    assert answer["choices"] == [
        {
            "index": 0,
            "message": {"role": "assistant", "content": "Hi there", "refusal": None},
            "logprobs": None,
            "finish_reason": "stop",
        }
    ]
    assert answer["usage"] == {
        "prompt_tokens": 7,
        "completion_tokens": 2,
        "total_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 3, "audio_tokens": 0},
        "completion_tokens_details": {
            "reasoning_tokens": 0,
            "audio_tokens": 0,
            "accepted_prediction_tokens": 0,
            "rejected_prediction_tokens": 0,
        },
    }
    [generation] = answerer.seen
    assert generation.messages == HELLO
    assert generation.source == Generation.Source.API
    assert answer["id"] == f"chatcmpl-{generation.pk.hex}"


async def test_it_streams(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", "", " there"):
        response = await ask(key, stream=True)
        found = await chunks(response)

    assert response["X-Request-Id"].startswith("req_")
    assert {chunk["object"] for chunk in found} == {"chat.completion.chunk"}
    assert len({chunk["id"] for chunk in found}) == 1
    assert all("usage" not in chunk for chunk in found)
    choices = [chunk["choices"][0] for chunk in found]
    assert [choice["delta"] for choice in choices] == [
        {"role": "assistant", "content": ""},
        {"content": "Hi"},
        {"content": " there"},
        {},
    ]
    assert [choice["finish_reason"] for choice in choices] == [None, None, None, "stop"]


async def test_it_streams_usage_when_asked(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi"):
        options = {"include_usage": True}
        found = await chunks(await ask(key, stream=True, stream_options=options))

    *others, last = found
    assert [chunk["usage"] for chunk in others] == [None] * len(others)
    assert last["choices"] == []
    assert last["usage"]["total_tokens"] == 8


async def test_an_answer_without_a_token(key: dict[str, str], answering: Answering) -> None:
    with answering():
        assert (await ask(key)).json()["choices"][0]["message"]["content"] == ""
        found = await chunks(await ask(key, stream=True))

    assert len(found) == 2


@pytest.mark.parametrize(
    ("status", "reason", "finish"),
    [
        ("done", "stop", "stop"),
        ("done", "length", "length"),
        ("stopped", "deadline", "length"),
        ("stopped", "cancelled", "stop"),
    ],
)
async def test_it_tells_why_it_ended(
    status: str, reason: str, finish: str, key: dict[str, str], answering: Answering
) -> None:
    outcome = Outcome(Generation.Status(status), Generation.Reason(reason))
    with answering("Hi", outcome=outcome):
        answer = await ask(key)
        streamed = await chunks(await ask(key, stream=True))

    assert answer.json()["choices"][0]["finish_reason"] == finish
    assert streamed[-1]["choices"][0]["finish_reason"] == finish


async def test_the_request_reaches_the_model(
    key: dict[str, str], answering: Answering, model: AIModel
) -> None:
    with answering("x") as answerer:
        response = await ask(
            key,
            messages=[
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "a"}], "name": "ann"},
                {"role": "assistant", "content": "b", "refusal": None, "tool_calls": None},
                {
                    "role": "user",
                    "content": [{"type": "text", "text": "c"}, {"type": "text", "text": "d"}],
                },
            ],
            temperature=0,
            top_p=0.5,
            top_k=3,
            min_p=0.1,
            max_completion_tokens=9,
            stop=["x", "y"],
            seed=-4,
            presence_penalty=1,
            frequency_penalty=-1,
            repeat_penalty=1.2,
            logit_bias={"50": -100, "007": 2.5},
            ignore_eos=True,
            logprobs=True,
            top_logprobs=20,
            grammar='root ::= "yes"',
            n=1,
            user="somebody",
            tools=None,
            response_format={"type": "text"},
        )

    assert response.status_code == 200
    [generation] = answerer.seen
    assert generation.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "a", "name": "ann"},
        {"role": "assistant", "content": "b"},
        {"role": "user", "content": "cd"},
    ]
    assert generation.parameters == {
        "temperature": 0,
        "top_p": 0.5,
        "top_k": 3,
        "min_p": 0.1,
        "max_tokens": 9,
        "stop": ["x", "y"],
        "seed": -4,
        "presence_penalty": 1,
        "frequency_penalty": -1,
        "repeat_penalty": 1.2,
        "logit_bias": {"50": -100, "7": 2.5},
        "ignore_eos": True,
        "logprobs": True,
        "top_logprobs": 20,
        "grammar": 'root ::= "yes"',
    }


async def test_it_is_accounted(key: dict[str, str], answering: Answering, alice: User) -> None:
    with answering("Hi"):
        await ask(key)

    usage = await UsageLog.objects.aget()
    assert (usage.user_id, usage.source, usage.total_tokens) == (alice.pk, "api", 8)


async def test_a_waiting_stream_says_that_it_is_alive(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    with answering("a", "b", pause=0.2):
        found = await lines(await ask(key, stream=True))

    assert ": keep-alive" in found
    text = [event for event in found if event.startswith("data: {")]
    deltas = [json.loads(event.removeprefix("data: "))["choices"][0]["delta"] for event in text]
    assert "".join(delta.get("content", "") for delta in deltas) == "ab"


async def test_a_stream_begins_while_the_run_still_waits(
    key: dict[str, str], worker: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    response = await ask(key, stream=True)
    events = aiter(response)
    assert b"assistant" in await anext(events)
    assert await anext(events) == b": position=1\n\n"

    waiting = await Generation.objects.aget()
    await runs.astop([waiting])
    rest = [event async for event in events]
    assert rest[-1] == b"data: [DONE]\n\n"


async def test_a_waiting_stream_tells_how_long_it_may_take(
    key: dict[str, str],
    worker: None,
    model: AIModel,
    alice: User,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)
    running = await Generation.objects.acreate(user=alice, model=model, status="running")
    counts = dict.fromkeys(("input_tokens", "cached_tokens", "output_tokens", "total_tokens"), 1)
    await UsageLog.objects.acreate(
        user=alice, model=model, model_name="demo", cost=0, duration=20, queue_wait=0, **counts
    )

    async with browser(key, stream=True) as program:
        sent = [await program.answers.get() for _ in range(3)]
    await running.adelete()

    assert sent[-1]["body"] == b": position=1 wait=20\n\n"


async def test_a_run_is_stopped_once(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Closing a stream that has ended does not stop anything."""
    stops: list[Generation] = []
    monkeypatch.setattr(lifecycle, "stop", stops.append)

    with answering("Hi"):
        await chunks(await ask(key, stream=True))

    assert stops == []
