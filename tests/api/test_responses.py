"""OpenAI's Responses API: what a request becomes, and what its answer and its stream say."""

import json
from typing import Any

import pytest

from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from tests.api.conftest import Answering
from tests.api.events import CALLS, events, post

pytestmark = pytest.mark.django_db(transaction=True)

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "Of a town.",
    "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
    "strict": True,
}
SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


async def ask(key: dict[str, str], **fields: Any) -> Any:
    return await post(key, "/v1/responses", {"model": "demo", "input": "Hello"} | fields)


async def started(key: dict[str, str], answering: Answering, **fields: Any) -> Generation:
    """The run that a request becomes."""
    with answering("x") as answerer:
        response = await ask(key, **fields)
    assert response.status_code == 200, response.content
    return answerer.seen[0]


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


async def test_items_become_messages(key: dict[str, str], answering: Answering) -> None:
    run = await started(
        key,
        answering,
        instructions="Be brief.",
        input=[
            {"role": "developer", "content": "And kind."},
            {
                "type": "message",
                "role": "user",
                "content": [{"type": "input_text", "text": "Oslo?"}],
            },
            {"type": "reasoning", "id": "rs_1", "summary": []},
            {
                "type": "message",
                "id": "msg_1",
                "status": "completed",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "Let me see.", "annotations": []}],
            },
            {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
            {"type": "function_call", "call_id": "c2", "name": "weather", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c1", "output": "Rain."},
            {
                "type": "function_call_output",
                "call_id": "c2",
                "output": [{"type": "input_text", "text": "Sun."}],
            },
        ],
    )

    call = {"type": "function", "function": {"name": "weather", "arguments": "{}"}}
    assert run.messages == [
        {"role": "system", "content": "Be brief.\n\nAnd kind."},
        {"role": "user", "content": "Oslo?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [{"id": "c1", **call}, {"id": "c2", **call}],
        },
        {"role": "tool", "tool_call_id": "c1", "content": "Rain."},
        {"role": "tool", "tool_call_id": "c2", "content": "Sun."},
    ]


async def test_sampling(key: dict[str, str], answering: Answering) -> None:
    sampling = {"temperature": 0, "top_p": 0.5, "seed": 3, "top_k": 5, "stop": ["x"]}

    run = await started(key, answering, max_output_tokens=9, **sampling)

    assert sampling.items() <= run.parameters.items()
    assert run.parameters["max_tokens"] == 9


@pytest.mark.parametrize(
    ("asked", "meant"),
    [
        ({}, {"choice": "auto", "parallel": True}),
        ({"tool_choice": "none"}, {"choice": "none", "parallel": True}),
        ({"tool_choice": "required"}, {"choice": "required", "parallel": True}),
        (
            {"tool_choice": {"type": "function", "name": "weather"}, "parallel_tool_calls": False},
            {"choice": {"name": "weather"}, "parallel": False},
        ),
    ],
)
async def test_tools(
    asked: dict[str, Any], meant: dict[str, Any], key: dict[str, str], answering: Answering
) -> None:
    run = await started(key, answering, tools=[WEATHER], **asked)

    function = {name: value for name, value in WEATHER.items() if name != "type"}
    assert run.tools == {"functions": [function]} | meant


async def test_some_of_the_tools(key: dict[str, str], answering: Answering) -> None:
    allowed = {
        "type": "allowed_tools",
        "mode": "required",
        "tools": [{"type": "function", "name": "news"}],
    }
    tools = [WEATHER, {"type": "function", "name": "news", "parameters": None, "strict": None}]

    run = await started(key, answering, tools=tools, tool_choice=allowed)

    assert [function["name"] for function in run.tools["functions"]] == ["news"]
    assert run.tools["choice"] == "required"


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


@pytest.mark.parametrize(
    ("format", "schema"),
    [
        ({"type": "json_object"}, {"type": "object"}),
        ({"type": "json_schema", "name": "answer", "schema": SCHEMA, "strict": True}, SCHEMA),
    ],
)
async def test_formats(
    format: dict[str, Any], schema: Any, key: dict[str, str], answering: Answering
) -> None:
    run = await started(key, answering, text={"format": format, "verbosity": "low"})

    assert run.parameters["json_schema"] == schema


async def test_a_waiting_stream_says_that_it_is_alive(
    key: dict[str, str], answering: Answering, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "KEEP_ALIVE_SECONDS", 0.05)

    with answering("a", "b", pause=0.2):
        response = await ask(key, stream=True)
        streamed = b"".join([part async for part in response]).decode()

    assert ": keep-alive\n\n" in streamed


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no input": ({"input": None}, "input"),
    "an empty list": ({"input": []}, "input"),
    "too many items": ({"input": [{"role": "user", "content": "x"}] * 3000}, "input"),
    "an item that is a text": ({"input": ["x"]}, "input[0]"),
    "an item of no kind": ({"input": [{}]}, "input[0]"),
    "an unknown item": ({"input": [{"type": "computer_call"}]}, "input[0].type"),
    "a type that is a list": ({"input": [{"type": []}]}, "input[0]"),
    "a reference": ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "input[0]"),
    "only thoughts": ({"input": [{"type": "reasoning", "id": "rs_1"}]}, "input"),
    "an unknown role": ({"input": [{"role": "king", "content": "x"}]}, "input[0].role"),
    "a role that is a list": ({"input": [{"role": [], "content": "x"}]}, "input[0].role"),
    "no content": ({"input": [{"role": "user"}]}, "input[0].content"),
    "an image": (
        {"input": [{"role": "user", "content": [{"type": "input_image", "image_url": "x"}]}]},
        "input[0].content[0].type",
    ),
    "NUL": ({"input": [{"role": "user", "content": "a\0b"}]}, "input[0].content"),
    "a call without a name": (
        {"input": [{"type": "function_call", "call_id": "1", "arguments": "{}"}]},
        "input[0].name",
    ),
    "an output of no call": (
        {"input": [{"type": "function_call_output", "call_id": "1", "output": "x"}]},
        "input[0].call_id",
    ),
    "no tokens": ({"max_output_tokens": 0}, "max_output_tokens"),
    "too many tokens": ({"max_output_tokens": 10**30}, "max_output_tokens"),
    "too hot": ({"temperature": 99}, "temperature"),
    "an earlier response": ({"previous_response_id": "resp_1"}, "previous_response_id"),
    "a conversation": ({"conversation": "conv_1"}, "conversation"),
    "a stored prompt": ({"prompt": {"id": "p"}}, "prompt"),
    "in the background": ({"background": True}, "background"),
    "no truncation": ({"truncation": "disabled"}, "truncation"),
    "an unknown parameter": ({"mirostat": 2}, "mirostat"),
    "an unknown inclusion": ({"include": ["secrets"]}, "include[0]"),
    "a web search": ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
    "a tool without a name": ({"tools": [WEATHER | {"name": None}]}, "tools[0].name"),
    "a tool's name with a space": ({"tools": [WEATHER | {"name": "a b"}]}, "tools[0].name"),
    "parameters that are a list": (
        {"tools": [WEATHER | {"parameters": []}]},
        "tools[0].parameters",
    ),
    "a description that is a number": (
        {"tools": [WEATHER | {"description": 5}]},
        "tools[0].description",
    ),
    "a strictness that is a text": ({"tools": [WEATHER | {"strict": "yes"}]}, "tools[0].strict"),
    "the same tool twice": ({"tools": [WEATHER, WEATHER]}, "tools[1].name"),
    "too many tools": (
        {"tools": [WEATHER | {"name": f"f{at}"} for at in range(200)]},
        "tools",
    ),
    "a choice of nothing": ({"tool_choice": "required"}, "tool_choice"),
    "an unknown choice": ({"tools": [WEATHER], "tool_choice": "maybe"}, "tool_choice"),
    "a choice that is not there": (
        {"tools": [WEATHER], "tool_choice": {"type": "function", "name": "other"}},
        "tool_choice.name",
    ),
    "an unknown format": ({"text": {"format": {"type": "yaml"}}}, "text.format.type"),
    "a format without a schema": (
        {"text": {"format": {"type": "json_schema", "name": "a"}}},
        "text.format.schema",
    ),
    "metadata that are numbers": ({"metadata": {"a": 5}}, "metadata.a"),
}


@pytest.mark.parametrize(("fields", "param"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value(
    fields: dict[str, Any], param: str, key: dict[str, str], model: AIModel, worker: None
) -> None:
    response = await ask(key, **fields)

    assert response.status_code == 400
    error = response.json()["error"]
    assert error["param"] == param
    assert len(error["message"]) > 10
    assert not await Generation.objects.aexists()


async def test_an_unknown_model(key: dict[str, str], worker: None) -> None:
    response = await ask(key, model="other")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


async def test_nobody_gets_in_without_a_key(worker: None) -> None:
    response = await ask({})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
