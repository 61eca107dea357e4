"""Conversations as programs ask for them."""

from typing import Any

from django.test import Client

from conversations.models import Conversation


def address(conversation: Conversation, rest: str = "") -> str:
    return f"/api/v1/conversations/{conversation.pk}{rest}"


def patch(api: Client, conversation: Conversation, body: Any) -> Any:
    return api.patch(address(conversation), body, content_type="application/json")


def pages(api: Client, path: str, kind: str) -> list[list[Any]]:
    found, cursor = [], ""
    while cursor is not None:
        page = api.get(path, {"limit": 2, "cursor": cursor}).json()
        found.append(page[kind])
        cursor = page["next_cursor"]
    return found
