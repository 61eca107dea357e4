"""A conversation as a file: whole, to be imported again, or as Markdown, to be read."""

from typing import Any, Literal

from django.db.models import QuerySet
from django.http import HttpResponse, JsonResponse
from django.utils.text import slugify
from django.utils.translation import gettext as _

from conversations import thread
from conversations.model_names import ModelNames
from conversations.models import Conversation, Message

Format = Literal["json", "markdown"]
ENDINGS: dict[Format, str] = {"json": "json", "markdown": "md"}


def as_json(conversation: Conversation) -> dict[str, Any]:
    """With all its branches, as conversations.importing reads it. What says nothing is left out: an
    answer has its text when it has ended."""
    numbers: dict[int, int | None] = {}
    messages: list[dict[str, Any]] = []
    for message in _said(conversation.messages.order_by("pk")):
        parent = None if message.parent_id is None else numbers[message.parent_id]
        numbers[message.pk] = parent  # what follows an empty one follows the one before it
        if message.content:
            numbers[message.pk] = len(messages) + 1
            messages.append(_message(message, len(messages) + 1, parent))
    return {
        "format": "parley.conversation",
        "version": 2,
        "title": conversation.title,
        "model": conversation.model.name if conversation.model else None,
        "created_at": conversation.created_at,
        "updated_at": conversation.updated_at,
        "instructions": conversation.instructions,
        "parameters": conversation.parameters,
        "leaf": numbers.get(conversation.leaf_id) if conversation.leaf_id else None,
        "messages": messages,
    }


def as_markdown(conversation: Conversation) -> str:
    """The branch that is shown."""
    parts = [f"# {conversation.title}"]
    shown = Message.objects.filter(pk__in=thread.branch(conversation.leaf_id)).exclude(content="")
    names = ModelNames()
    for message in _said(shown.order_by("pk")):
        parts += [f"## {_heading(message, names)}", *_thought(message), message.content]
    return "\n\n".join(parts) + "\n"


def as_file(conversation: Conversation, format: Format) -> HttpResponse:
    """To be stored rather than shown."""
    response: HttpResponse
    if format == "markdown":
        text = as_markdown(conversation)
        response = HttpResponse(text, content_type="text/markdown; charset=utf-8")
    else:
        readable = {"ensure_ascii": False, "indent": 2}
        response = JsonResponse(as_json(conversation), json_dumps_params=readable)
    name = filename(conversation, ENDINGS[format])
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def filename(conversation: Conversation, ending: str) -> str:
    return f"{slugify(conversation.title)[:60].strip('-') or 'conversation'}.{ending}"


def _said(messages: QuerySet[Message]) -> QuerySet[Message]:
    return messages.select_related("generation__model")


def _message(message: Message, number: int, parent: int | None) -> dict[str, Any]:
    return {
        "id": number,
        "parent": parent,
        "role": message.role,
        "content": message.content,
        "thought": message.thought,
        "thinking_seconds": message.thinking_seconds,
        "model": message.answered_by or None,
        "parameters": message.parameters,
        "created_at": message.created_at,
    }


def _thought(message: Message) -> list[str]:
    """Folded, where Markdown is shown as GitHub does."""
    if not message.thought:
        return []
    summary = f"<details>\n<summary>{_('Thought')}</summary>"
    return [summary, message.thought.replace("</details>", "&lt;/details>"), "</details>"]


def _heading(message: Message, names: ModelNames) -> str:
    if message.role == Message.Role.USER:
        return _("You")
    return names.of(message) or _("Assistant")
