"""Asking OpenAI's API for a chat completion with something wrong in the request."""

import json
from typing import Any

from django.test import Client

from inference.models import Generation

URL = "/v1/chat/completions"
TEXT = [{"role": "user", "content": "Hello"}]


def chat(**fields: Any) -> bytes:
    return json.dumps({"model": "demo", "messages": TEXT} | fields).encode()


def said(content: Any, **fields: Any) -> bytes:
    return chat(messages=[{"role": "user", "content": content} | fields])


def refusal(api: Client, content: bytes) -> Any:
    """The answer to this body, which has OpenAI's form of errors; nothing has begun."""
    response = api.post(URL, content, content_type="application/json")
    assert response["X-Request-Id"]
    assert set(response.json()) == {"error"}
    assert set(response.json()["error"]) == {"message", "type", "param", "code"}
    assert not Generation.objects.exists()
    return response
