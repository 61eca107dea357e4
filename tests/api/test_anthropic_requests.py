"""What becomes of requests to Anthropic's Messages API, and which of them are refused."""

from typing import Any

import pytest
from django.test import AsyncClient

from accounts.models import User
from inference.models import AIModel, Generation
from tests.api.anthropic_asking import CALL, HELLO, URL, WEATHER, ask, started
from tests.api.conftest import Answering
from tests.api.events import post

pytestmark = pytest.mark.django_db(transaction=True)


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


async def test_a_format(key: dict[str, str], answering: Answering) -> None:
    schema = {"type": "object", "properties": {"n": {"type": "integer"}}}
    config = {"format": {"type": "json_schema", "schema": schema}, "effort": "low"}

    run = await started(key, answering, output_config=config)

    assert run.parameters["json_schema"] == schema


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
