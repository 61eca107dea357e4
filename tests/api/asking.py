"""Asking for chat completions as a program of alice's, and reading the streams that answer."""

import json
from typing import Any

from django.test import AsyncClient

URL = "/v1/chat/completions"
HELLO: list[dict[str, Any]] = [{"role": "user", "content": "Hello"}]


async def ask(key: dict[str, str], **body: Any) -> Any:
    content = json.dumps({"model": "demo", "messages": HELLO} | body)
    return await AsyncClient().post(URL, content, content_type="application/json", headers=key)


async def lines(response: Any) -> list[str]:
    assert response["Content-Type"] == "text/event-stream"
    streamed = b"".join([part async for part in response]).decode()
    return [event for event in streamed.split("\n\n") if event]


async def chunks(response: Any) -> list[dict[str, Any]]:
    *events, last = await lines(response)
    assert last == "data: [DONE]"
    return [json.loads(event.removeprefix("data: ")) for event in events]
