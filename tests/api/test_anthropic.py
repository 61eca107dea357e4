"""What the answers of Anthropic's Messages API say, and their streams."""

import json
from dataclasses import replace

import pytest

from inference import lifecycle
from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import Generation
from inference.token_log import Started, TokenLog, Tokens
from inference.token_log.events import event_id
from tests.api.anthropic_asking import HELLO, WEATHER, ask
from tests.api.conftest import Answerer, Answering
from tests.api.events import CALLS, events

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_answers(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " there") as answerer:
        response = await ask(key, metadata={"user_id": "somebody"})

    [run] = answerer.seen
    assert run.messages == HELLO
    assert run.parameters["max_tokens"] == 50
    assert response["request-id"].startswith("req_")
    assert response.json() == {
        "id": f"msg_{run.pk.hex}",
        "type": "message",
        "role": "assistant",
        "model": "demo",
        "content": [{"type": "text", "text": "Hi there"}],
        "stop_reason": "end_turn",
        "stop_sequence": None,
        "usage": {
            "input_tokens": 4,
            "cache_creation_input_tokens": 0,
            "cache_read_input_tokens": 3,
            "output_tokens": 2,
        },
    }


async def test_it_streams(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", "", " there"):
        start, *found = await events(await ask(key, stream=True))

    message = start["message"]
    assert (start["type"], message["type"], message["content"]) == ("message_start", "message", [])
    assert found == [
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": "Hi"},
        },
        {
            "type": "content_block_delta",
            "index": 0,
            "delta": {"type": "text_delta", "text": " there"},
        },
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {
                "input_tokens": 4,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": 3,
                "output_tokens": 3,
            },
        },
        {"type": "message_stop"},
    ]


async def test_an_answer_without_a_token(key: dict[str, str], answering: Answering) -> None:
    with answering():
        assert (await ask(key)).json()["content"] == []
        found = await events(await ask(key, stream=True))

    assert [event["type"] for event in found] == ["message_start", "message_delta", "message_stop"]


async def test_an_answer_cut_off(key: dict[str, str], answering: Answering) -> None:
    outcome = Outcome(Generation.Status.DONE, Generation.Reason.LENGTH)
    with answering("Hi", outcome=outcome):
        assert (await ask(key)).json()["stop_reason"] == "max_tokens"


@pytest.mark.parametrize("stream", [False, True])
async def test_it_tells_which_stop_sequence_came(
    stream: bool, key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Answerer, "answer", stopping_answer)

    with answering() as answerer:
        response = await ask(key, stream=stream, stop_sequences=["##", "END"])
        told = (await events(response))[-2]["delta"] if stream else response.json()

    assert answerer.seen[0].parameters["stop"] == ["##", "END"]
    assert (told["stop_reason"], told["stop_sequence"]) == ("stop_sequence", "END")


def stopping_answer(self: Answerer, generation: Generation) -> None:
    log, attempt = TokenLog.default(), generation.attempt
    log.write(
        [
            (generation.pk, Started(event_id(attempt, 0))),
            (generation.pk, Tokens(event_id(attempt, 1), (1,), "Hi ")),
            (generation.pk, Tokens(event_id(attempt, 2), (2,), "", stop="END")),
        ]
    )
    lifecycle.finish(generation.pk, attempt, replace(self.outcome, completion_tokens=2))


async def test_calls(key: dict[str, str], answering: Answering) -> None:
    with answering(*CALLS):
        answer = (await ask(key, tools=[WEATHER])).json()

    text, first, second = answer["content"]
    assert text == {"type": "text", "text": "Let me see."}
    assert (first["type"], first["name"]) == ("tool_use", "weather")
    assert (first["input"], second["input"]) == ({"town": "Oslo"}, {})
    assert first["id"] != second["id"]
    assert answer["stop_reason"] == "tool_use"


async def test_streamed_calls(key: dict[str, str], answering: Answering) -> None:
    with answering(*CALLS):
        found = await events(await ask(key, tools=[WEATHER], stream=True))

    blocks = [event["content_block"] for event in found if "content_block" in event]
    assert [(block["type"], block.get("input")) for block in blocks] == [
        ("text", None),
        ("tool_use", {}),
        ("tool_use", {}),
    ]
    of_first = [event["delta"] for event in found if event.get("index") == 1 and "delta" in event]
    assert json.loads("".join(delta["partial_json"] for delta in of_first)) == {"town": "Oslo"}
    assert [event["index"] for event in found if event["type"].endswith("block_stop")] == [0, 1, 2]
    assert found[-2]["delta"]["stop_reason"] == "tool_use"


async def test_a_call_cut_off(key: dict[str, str], answering: Answering) -> None:
    outcome = Outcome(Generation.Status.DONE, Generation.Reason.LENGTH)
    with answering(*CALLS[:-1], ': "Os', outcome=outcome):
        answer = (await ask(key, tools=[WEATHER])).json()

    assert answer["stop_reason"] == "max_tokens"
    assert answer["content"][1]["input"] == {}


async def test_a_waiting_stream_says_that_it_is_alive(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    with answering("a", "b", pause=0.2):
        found = await events(await ask(key, stream=True))

    assert {"type": "ping"} in found


async def test_a_run_that_fails_in_mid_stream(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", outcome=Outcome.failed("Too bad.")):
        *_found, last = await events(await ask(key, stream=True))

    assert last["type"] == "error"
    assert last["error"] == {"type": "api_error", "message": "Too bad."}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_run_that_fails_at_once(
    stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=Outcome.failed("Too long.", Generation.Reason.TOO_LONG)):
        response = await ask(key, stream=stream)

    assert response.status_code == 400
    assert response.json()["error"] == {
        "type": "invalid_request_error",
        "message": "messages: Too long.",
    }
