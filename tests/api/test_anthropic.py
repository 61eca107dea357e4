"""Anthropic's Messages API: what a request becomes, and what its answer and its stream say."""

import json
from typing import Any

import pytest
from django.test import AsyncClient

from accounts.models import User
from inference import lifecycle
from inference.api import runs
from inference.lifecycle import Outcome
from inference.models import AIModel, Generation
from inference.token_log import Started, TokenLog, Tokens
from inference.token_log.events import event_id
from tests.api.conftest import Answerer, Answering
from tests.api.events import CALLS, events, post

pytestmark = pytest.mark.django_db(transaction=True)

URL = "/v1/messages"
HELLO = [{"role": "user", "content": "Hello"}]
WEATHER = {
    "name": "weather",
    "description": "Of a town.",
    "input_schema": {"type": "object", "properties": {"town": {"type": "string"}}},
}
CALL = {"type": "tool_use", "id": "t1", "name": "weather", "input": {"town": "Oslo"}}


async def ask(key: dict[str, str], **fields: Any) -> Any:
    return await post(key, URL, {"model": "demo", "messages": HELLO, "max_tokens": 50} | fields)


async def started(key: dict[str, str], answering: Answering, **fields: Any) -> Generation:
    """The run that a request becomes."""
    with answering("x") as answerer:
        response = await ask(key, **fields)
    assert response.status_code == 200, response.content
    return answerer.seen[0]


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
    lifecycle.finish(generation.pk, attempt, self.outcome)


async def test_blocks_become_messages(key: dict[str, str], answering: Answering) -> None:
    run = await started(
        key,
        answering,
        system=[{"type": "text", "text": "Be brief.", "cache_control": {"type": "ephemeral"}}],
        tools=[WEATHER],
        messages=[
            {"role": "user", "content": [{"type": "text", "text": "Oslo?"}]},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "Hm.", "signature": "x"},
                    {"type": "text", "text": "Let me see."},
                    CALL,
                    CALL | {"id": "t2"},
                ],
            },
            {
                "role": "user",
                "content": [
                    {"type": "tool_result", "tool_use_id": "t1", "content": "Rain."},
                    {
                        "type": "tool_result",
                        "tool_use_id": "t2",
                        "content": [{"type": "text", "text": "No such town."}],
                        "is_error": True,
                    },
                    {"type": "text", "text": "And"},
                    {"type": "text", "text": "Rome?"},
                ],
            },
            {"role": "user", "content": "Quick!"},
        ],
    )

    call = {
        "type": "function",
        "function": {"name": "weather", "arguments": '{"town": "Oslo"}'},
    }
    assert run.messages == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Oslo?"},
        {
            "role": "assistant",
            "content": "Let me see.",
            "tool_calls": [{"id": "t1", **call}, {"id": "t2", **call}],
        },
        {"role": "tool", "tool_call_id": "t1", "content": "Rain."},
        {"role": "tool", "tool_call_id": "t2", "content": "Error: No such town."},
        {"role": "user", "content": "And\nRome?\nQuick!"},
    ]


async def test_sampling(key: dict[str, str], answering: Answering) -> None:
    sampling = {"temperature": 0.5, "top_p": 0.5, "top_k": 5}

    run = await started(key, answering, thinking={"type": "disabled"}, **sampling)

    assert sampling.items() <= run.parameters.items()


@pytest.mark.parametrize(
    ("choice", "meant"),
    [
        (None, {"choice": "auto", "parallel": True}),
        ({"type": "none"}, {"choice": "none", "parallel": True}),
        ({"type": "any"}, {"choice": "required", "parallel": True}),
        (
            {"type": "tool", "name": "weather", "disable_parallel_tool_use": True},
            {"choice": {"name": "weather"}, "parallel": False},
        ),
    ],
)
async def test_tools(
    choice: Any, meant: dict[str, Any], key: dict[str, str], answering: Answering
) -> None:
    run = await started(key, answering, tools=[WEATHER], tool_choice=choice)

    function = {
        "name": "weather",
        "description": "Of a town.",
        "parameters": WEATHER["input_schema"],
        "strict": False,
    }
    assert run.tools == {"functions": [function]} | meant


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


async def test_a_format(key: dict[str, str], answering: Answering) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    config = {"format": {"type": "json_schema", "schema": schema}, "effort": "low"}

    run = await started(key, answering, output_config=config)

    assert run.parameters["json_schema"] == schema


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


def user(*blocks: Any) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": list(blocks)}]}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "no limit of tokens": ({"max_tokens": None}, "max_tokens"),
    "no tokens": ({"max_tokens": 0}, "max_tokens"),
    "too many tokens": ({"max_tokens": 10**30}, "max_tokens"),
    "no messages": ({"messages": []}, "messages"),
    "too many messages": ({"messages": HELLO * 3000}, "messages"),
    "a message that is a text": ({"messages": ["x"]}, "messages[0]"),
    "an unknown role": ({"messages": [{"role": "king", "content": "x"}]}, "messages[0].role"),
    "a role that is a list": ({"messages": [{"role": [], "content": "x"}]}, "messages[0].role"),
    "no content": ({"messages": [{"role": "user"}]}, "messages[0].content"),
    "no blocks": (user(), "messages[0].content"),
    "a block that is a text": (user("x"), "messages[0].content[0]"),
    "a block without a type": (user({}), "messages[0].content[0]"),
    "NUL": (user({"type": "text", "text": "a\0b"}), "messages[0].content[0].text"),
    "an image": (user({"type": "image", "source": {}}), "messages[0].content[0].type"),
    "a document": (
        user({"type": "text", "text": "x"}, {"type": "document"}),
        "messages[0].content[1].type",
    ),
    "a result of no call": (
        user({"type": "tool_result", "tool_use_id": "t1"}),
        "messages[0].content[0].tool_use_id",
    ),
    "a result that is an image": (
        {
            "messages": [
                *HELLO,
                {"role": "assistant", "content": [CALL]},
                user({"type": "tool_result", "tool_use_id": "t1", "content": [{"type": "image"}]})[
                    "messages"
                ][0],
            ]
        },
        "messages[2].content[0].content[0].type",
    ),
    "a call without an input": (
        {"messages": [*HELLO, {"role": "assistant", "content": [CALL | {"input": None}]}]},
        "messages[1].content[0]",
    ),
    "an answer begun": (
        {"messages": [*HELLO, {"role": "assistant", "content": "It is ("}]},
        "messages[1].role",
    ),
    "a system prompt that is a number": ({"system": 5}, "system"),
    "too hot": ({"temperature": 1.5}, "temperature"),
    "top_p over 1": ({"top_p": 1.5}, "top_p"),
    "a fraction as top_k": ({"top_k": 1.5}, "top_k"),
    "an empty stop": ({"stop_sequences": [""]}, "stop_sequences"),
    "too many stops": ({"stop_sequences": ["x"] * 100}, "stop_sequences"),
    "thoughts": ({"thinking": {"type": "enabled", "budget_tokens": 1024}}, "thinking"),
    "a server of tools": ({"mcp_servers": [{"name": "x"}]}, "mcp_servers"),
    "an unknown parameter": ({"mirostat": 2}, "mirostat"),
    "a tool of the server": (
        {"tools": [{"type": "web_search_20250305", "name": "web_search"}]},
        "tools[0].type",
    ),
    "a tool without a name": ({"tools": [WEATHER | {"name": None}]}, "tools[0].name"),
    "a tool without a schema": ({"tools": [{"name": "f"}]}, "tools[0].input_schema"),
    "an unknown field of a tool": ({"tools": [WEATHER | {"price": 5}]}, "tools[0].price"),
    "a choice of nothing": ({"tool_choice": {"type": "any"}}, "tool_choice"),
    "an unknown choice": ({"tool_choice": {"type": "maybe"}}, "tool_choice.type"),
    "a choice without a name": ({"tool_choice": {"type": "tool"}}, "tool_choice.name"),
    "a choice that is not there": (
        {"tools": [WEATHER], "tool_choice": {"type": "tool", "name": "other"}},
        "tool_choice.name",
    ),
    "an unknown format": (
        {"output_config": {"format": {"type": "yaml"}}},
        "output_config.format.type",
    ),
    "a format without a schema": (
        {"output_config": {"format": {"type": "json_schema"}}},
        "output_config.format.schema",
    ),
}


@pytest.mark.parametrize(("fields", "param"), WRONG.values(), ids=WRONG.keys())
async def test_a_wrong_value(
    fields: dict[str, Any], param: str, key: dict[str, str], model: AIModel, worker: None
) -> None:
    response = await ask(key, **fields)

    assert response.status_code == 400
    answer = response.json()
    assert answer["type"] == "error"
    assert answer["request_id"] == response["request-id"]
    assert answer["error"]["type"] == "invalid_request_error"
    assert answer["error"]["message"].startswith(param)
    assert not await Generation.objects.aexists()


@pytest.mark.parametrize(
    ("change", "status", "type"),
    [
        ({"model": "other"}, 404, "not_found_error"),
        ({"messages": [{"role": "user", "content": "x" * 20_000_000}]}, 413, "request_too_large"),
    ],
)
async def test_types_of_errors(
    change: dict[str, Any], status: int, type: str, key: dict[str, str], worker: None
) -> None:
    response = await ask(key, **change)

    assert response.status_code == status
    assert response.json()["error"]["type"] == type


async def test_without_a_worker_it_is_overloaded(key: dict[str, str], model: AIModel) -> None:
    response = await ask(key)

    assert response.status_code == 503
    assert response.json()["error"]["type"] == "overloaded_error"
    assert int(response["Retry-After"]) > 0


async def test_a_full_queue(
    key: dict[str, str], worker: None, model: AIModel, alice: User, settings: Any
) -> None:
    settings.MAX_WAITING_PER_USER = 1
    await Generation.objects.acreate(user=alice, model=model)

    response = await ask(key)

    assert response.status_code == 429
    assert response.json()["error"]["type"] == "rate_limit_error"
    assert int(response["Retry-After"]) > 0


@pytest.mark.parametrize("url", [URL, f"{URL}/count_tokens"])
async def test_nobody_gets_in_without_a_key(url: str, worker: None) -> None:
    response = await post({}, url, {"model": "demo", "messages": HELLO, "max_tokens": 5})

    assert response.status_code == 401
    assert response.json()["error"]["type"] == "authentication_error"


async def test_the_key_comes_as_anthropics_clients_send_it(
    key: dict[str, str], answering: Answering
) -> None:
    sent = {"x-api-key": key["authorization"].removeprefix("Bearer ")}

    with answering("Hi"):
        response = await ask(sent | {"anthropic-version": "2023-06-01"})

    assert response.status_code == 200


async def test_an_unknown_address(key: dict[str, str]) -> None:
    response = await post(key, f"{URL}/batches", {})

    assert response.status_code == 404
    answer = response.json()
    assert answer["error"]["type"] == "not_found_error"
    assert answer["request_id"] == response["request-id"]


async def test_a_wrong_method(key: dict[str, str]) -> None:
    response: Any = await AsyncClient().get(URL, headers=key)

    assert response.status_code == 405
    assert response.json()["error"]["type"] == "invalid_request_error"
