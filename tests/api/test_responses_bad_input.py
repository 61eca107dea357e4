"""What a request to OpenAI's Responses API may not say."""

from typing import Any

import pytest

from inference.models import AIModel, Generation
from tests.api.responses_asking import WEATHER, ask

pytestmark = pytest.mark.django_db(transaction=True)


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
