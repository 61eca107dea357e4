"""What the answers of OpenAI's Responses API say, and their streams."""

import json

import pytest

from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import Generation
from tests.api.conftest import Answering
from tests.api.events import CALLS, events
from tests.api.responses_asking import WEATHER, ask

pytestmark = pytest.mark.django_db(transaction=True)


async def test_it_answers(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", " there") as answerer:
        response = (await ask(key, metadata={"a": "b"}, store=True)).json()

    [run] = answerer.seen
    assert run.messages == [{"role": "user", "content": "Hello"}]
    assert response["id"] == f"resp_{run.pk.hex}"
    assert (response["object"], response["status"]) == ("response", "completed")
    assert response["store"] is False
    assert response["metadata"] == {"a": "b"}
    assert response["completed_at"] >= response["created_at"]
    [message] = response["output"]
    assert (message["type"], message["role"], message["status"]) == (
        "message",
        "assistant",
        "completed",
    )
    assert message["content"] == [
        {"type": "output_text", "annotations": [], "logprobs": [], "text": "Hi there"}
    ]
    assert response["usage"] == {
        "input_tokens": 7,
        "input_tokens_details": {"cached_tokens": 3, "cache_write_tokens": 0},
        "output_tokens": 2,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": 9,
    }


async def test_it_streams(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", "", " there"):
        found = await events(await ask(key, stream=True))

    assert [event["type"].removeprefix("response.") for event in found] == [
        "created",
        "in_progress",
        "output_item.added",
        "content_part.added",
        "output_text.delta",
        "output_text.delta",
        "output_text.done",
        "content_part.done",
        "output_item.done",
        "completed",
    ]
    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert [event["delta"] for event in found if "delta" in event] == ["Hi", " there"]
    assert found[0]["response"]["status"] == "in_progress"
    assert found[2]["item"]["content"] == []
    assert found[6]["text"] == found[7]["part"]["text"] == "Hi there"
    last = found[-1]["response"]
    assert last["output"] == [found[-2]["item"]]
    assert last["usage"]["total_tokens"] == 10
    parts = [event for event in found if "content_index" in event]
    assert {event["item_id"] for event in parts} == {last["output"][0]["id"]}


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_without_a_token(
    stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering():
        response = await ask(key, stream=stream)
        answer = (await events(response))[-1]["response"] if stream else response.json()

    assert [part["text"] for part in answer["output"][0]["content"]] == [""]


@pytest.mark.parametrize("stream", [False, True])
async def test_an_answer_cut_off(stream: bool, key: dict[str, str], answering: Answering) -> None:
    outcome = Outcome(Generation.Status.DONE, Generation.Reason.LENGTH)
    with answering("Hi", outcome=outcome):
        response = await ask(key, stream=stream, max_output_tokens=1)
        found = await events(response) if stream else []
        answer = found[-1]["response"] if stream else response.json()

    assert answer["status"] == answer["output"][0]["status"] == "incomplete"
    assert answer["incomplete_details"] == {"reason": "max_output_tokens"}
    assert answer["completed_at"] is None
    assert not stream or found[-1]["type"] == "response.incomplete"


async def test_a_run_that_fails_in_mid_stream(key: dict[str, str], answering: Answering) -> None:
    with answering("Hi", outcome=Outcome.failed("Too bad.")):
        found = await events(await ask(key, stream=True))

    error = next(event for event in found if event["type"] == "error")
    assert (error["code"], error["message"]) == ("server_error", "Too bad.")
    assert found[-1]["type"] == "response.failed"
    assert found[-1]["response"]["status"] == "failed"
    assert found[-1]["response"]["error"] == {"code": "server_error", "message": "Too bad."}


@pytest.mark.parametrize("stream", [False, True])
async def test_a_run_that_fails_at_once(
    stream: bool, key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=Outcome.failed("Too long.", Generation.Reason.TOO_LONG)):
        response = await ask(key, stream=stream)

    assert response.status_code == 400
    error = response.json()["error"]
    assert (error["code"], error["param"]) == ("context_length_exceeded", "input")


async def test_a_limit_too_small_for_any_answer_is_named(
    key: dict[str, str], answering: Answering
) -> None:
    with answering(outcome=Outcome.failed("Too small.", Generation.Reason.TOO_FEW)):
        response = await ask(key, max_output_tokens=3)

    assert response.status_code == 400
    assert response.json()["error"]["param"] == "max_output_tokens"


async def test_logprobs(key: dict[str, str], answering: Answering) -> None:
    included = {"include": ["message.output_text.logprobs"], "top_logprobs": 2}
    with answering("Hi", " you") as answerer:
        answer = (await ask(key, **included)).json()
        found = await events(await ask(key, stream=True, **included))

    assert answerer.seen[0].parameters["top_logprobs"] == 2
    logprobs = answer["output"][0]["content"][0]["logprobs"]
    assert [token["token"] for token in logprobs] == ["Hi", " you"]
    deltas = [event for event in found if event["type"].endswith("text.delta")]
    assert [token for event in deltas for token in event["logprobs"]] == logprobs


async def test_calls(key: dict[str, str], answering: Answering) -> None:
    with answering(*CALLS):
        answer = (await ask(key, tools=[WEATHER])).json()

    message, first, second = answer["output"]
    assert [part["text"] for part in message["content"]] == ["Let me see."]
    assert (first["type"], first["status"], first["name"]) == (
        "function_call",
        "completed",
        "weather",
    )
    assert json.loads(first["arguments"]) == {"town": "Oslo"}
    assert json.loads(second["arguments"]) == {}
    assert len({item["id"] for item in answer["output"]}) == 3
    assert first["call_id"] != second["call_id"]


async def test_streamed_calls(key: dict[str, str], answering: Answering) -> None:
    with answering(*CALLS):
        found = await events(await ask(key, tools=[WEATHER], stream=True))

    assert [event["sequence_number"] for event in found] == list(range(len(found)))
    assert [event["item"]["type"] for event in found if event["type"].endswith("item.added")] == [
        "message",
        "function_call",
        "function_call",
    ]
    of_first = [event for event in found if event.get("output_index") == 1]
    deltas = [event["delta"] for event in of_first if "delta" in event]
    [done] = [event for event in of_first if event["type"].endswith("arguments.done")]
    assert len(deltas) > 1
    assert "".join(deltas) == done["arguments"] == of_first[-1]["item"]["arguments"]
    assert done["name"] == "weather"
    assert found[-1]["response"]["output"][1] == of_first[-1]["item"]


async def test_calls_that_are_not_wanted(key: dict[str, str], answering: Answering) -> None:
    with answering(*CALLS):
        answer = (await ask(key, tools=[WEATHER], tool_choice="none")).json()

    assert [item["type"] for item in answer["output"]] == ["message"]


async def test_a_waiting_stream_says_that_it_is_alive(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    with answering("a", "b", pause=0.2):
        response = await ask(key, stream=True)
        streamed = b"".join([part async for part in response]).decode()

    assert ": keep-alive\n\n" in streamed
