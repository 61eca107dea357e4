"""What becomes of requests to OpenAI's Responses API."""

from typing import Any

import pytest

from tests.api.conftest import Answering
from tests.api.responses_asking import WEATHER, ask, started

pytestmark = pytest.mark.django_db(transaction=True)


SCHEMA = {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}


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


async def test_an_unknown_model(key: dict[str, str], worker: None) -> None:
    response = await ask(key, model="other")

    assert response.status_code == 404
    assert response.json()["error"]["code"] == "model_not_found"


async def test_nobody_gets_in_without_a_key(worker: None) -> None:
    response = await ask({})

    assert response.status_code == 401
    assert response.json()["error"]["code"] == "invalid_api_key"
