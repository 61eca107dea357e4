"""What a request to Anthropic's Messages API may not say."""

from typing import Any

import pytest

from inference.models import AIModel, Generation
from tests.api.anthropic_asking import CALL, HELLO, WEATHER, ask

pytestmark = pytest.mark.django_db(transaction=True)


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
