"""Asking OpenAI's Responses API as a program of alice's."""

from typing import Any

from inference.models import Generation
from tests.api.conftest import Answering
from tests.api.events import post

WEATHER = {
    "type": "function",
    "name": "weather",
    "description": "Of a town.",
    "parameters": {"type": "object", "properties": {"town": {"type": "string"}}},
    "strict": True,
}


async def ask(key: dict[str, str], **fields: Any) -> Any:
    return await post(key, "/v1/responses", {"model": "demo", "input": "Hello"} | fields)


async def started(key: dict[str, str], answering: Answering, **fields: Any) -> Generation:
    """The run that a request becomes."""
    with answering("x") as answerer:
        response = await ask(key, **fields)
    assert response.status_code == 200, response.content
    return answerer.seen[0]
