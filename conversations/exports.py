"""A conversation as a file: whole, to be imported again, or as Markdown, to be read."""

from typing import Any

from django.utils.text import slugify
from django.utils.translation import gettext as _

from conversations import thread
from conversations.models import Conversation, Message


def as_json(conversation: Conversation) -> dict[str, Any]:
    """What conversations.imports reads."""
    return {
        "format": "parley.conversation",
        "version": 1,
        "title": conversation.title,
        "model": conversation.model.name if conversation.model else None,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "messages": [_message(message) for message in _messages(conversation)],
    }


def as_markdown(conversation: Conversation) -> str:
    parts = [f"# {conversation.title}"]
    for message in _messages(conversation):
        parts += [f"## {_heading(message)}", message.content]
    return "\n\n".join(parts) + "\n"


def filename(conversation: Conversation, ending: str) -> str:
    return f"{slugify(conversation.title)[:60].strip('-') or 'conversation'}.{ending}"


def _messages(conversation: Conversation) -> list[Message]:
    """Those that say something: an answer has its text when it has ended."""
    shown = Message.objects.filter(pk__in=thread.branch(conversation.leaf_id))
    said = shown.exclude(content="")
    return list(said.select_related("generation__model").order_by("pk"))


def _message(message: Message) -> dict[str, Any]:
    return {
        "role": message.role,
        "content": message.content,
        "model": message.generation.model.name if message.generation else None,
        "created_at": message.created_at,
    }


def _heading(message: Message) -> str:
    if message.role == Message.Role.USER:
        return _("You")
    return str(message.generation.model) if message.generation else _("Assistant")
