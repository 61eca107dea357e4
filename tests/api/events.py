"""Asking as a program of alice's by any API, and reading streams of named events."""

import json
from typing import Any

from django.test import AsyncClient

CALLS = (
    "Let me see.",
    '\n<tool_call>\n{"name": "weat',
    'her", "arguments": {"town"',
    ': "Oslo"}}\n</tool_call>\n<tool_call>\n{"name": "weather", "arguments": {}}\n</tool_call>',
)
"""Two calls of tools after a text, as the models write them whose template knows none."""


async def post(key: dict[str, str], url: str, body: dict[str, Any]) -> Any:
    content = json.dumps(body).encode()
    return await AsyncClient().post(url, content, content_type="application/json", headers=key)


async def events(response: Any) -> list[dict[str, Any]]:
    """Of a stream in which each event is named by its type."""
    assert response["Content-Type"] == "text/event-stream"
    streamed = b"".join([part async for part in response]).decode()
    told = [event for event in streamed.split("\n\n") if event and not event.startswith(":")]
    return [_event(*event.split("\n")) for event in told]


def _event(name: str, data: str) -> dict[str, Any]:
    payload: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert name == f"event: {payload['type']}"
    return payload
