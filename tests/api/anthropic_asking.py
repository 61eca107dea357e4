"""Asking Anthropic's Messages API as a program of alice's."""

from typing import Any

from inference.models import Generation
from tests.api.conftest import Answering
from tests.api.events import post

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
