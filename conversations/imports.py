"""Conversations that were held elsewhere, read from the files that keep them.

Three forms are understood: what Parley exports; messages as OpenAI's API has them; and the
conversations.json of ChatGPT's export, whose messages are a tree of which the branch is read that
was shown last. Several conversations may come as a list, or as `conversations` of an object.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.utils import timezone
from django.utils.translation import gettext as _
from pydantic import BaseModel, Field, ValidationError

from conversations.forms import LONGEST_MESSAGE
from conversations.markdown import plain_text_title
from conversations.models import Message

MOST_CONVERSATIONS = 200
MOST_MESSAGES = 2000
"""Of one conversation."""
MOST_IN_ALL = 10_000
LONGEST_TITLE = 200
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
NEVER_SHOWN = "is_visually_hidden_from_conversation"


@dataclass(frozen=True)
class ImportedMessage:
    role: Message.Role
    content: str
    created_at: datetime


@dataclass(frozen=True)
class Imported:
    title: str
    created_at: datetime
    messages: list[ImportedMessage]


class Unreadable(ValueError):
    """`place` says where in the document; the message is a sentence for people."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


class TextPart(BaseModel):
    type: str
    text: str | None = None


class FileMessage(BaseModel):
    role: str = Field(max_length=100)
    content: str | list[TextPart] | None = None
    created_at: datetime | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "".join(part.text or "" for part in self.content)
        return self.content or ""


class File(BaseModel):
    """What Parley exports, or a chat as OpenAI's API has it."""

    title: str = ""
    created_at: datetime | None = None
    messages: list[FileMessage] = Field(max_length=MOST_MESSAGES)


class Author(BaseModel):
    role: str = Field(max_length=100)


class Content(BaseModel):
    content_type: str = "text"
    parts: list[Any] = []


class TreeMessage(BaseModel):
    author: Author
    content: Content
    create_time: datetime | None = None
    metadata: dict[str, Any] | None = None

    @property
    def shown(self) -> FileMessage:
        texts = [part for part in self.content.parts if isinstance(part, str)]
        hidden = self.content.content_type not in ("text", "multimodal_text")
        if hidden or (self.metadata or {}).get(NEVER_SHOWN):
            texts = []
        return FileMessage(
            role=self.author.role, content="\n\n".join(texts), created_at=self.create_time
        )


class Node(BaseModel):
    message: TreeMessage | None = None
    parent: str | None = None


class Tree(BaseModel):
    """One conversation of ChatGPT's export."""

    title: str | None = None
    create_time: datetime | None = None
    current_node: str | None = None
    mapping: dict[str, Node]


Read = TypeVar("Read", bound=BaseModel)


def read(document: Any) -> list[Imported]:
    """Raises Unreadable. Roles that are not shown here, and empty messages, are left out."""
    entries = list(_entries(document))
    if len(entries) > MOST_CONVERSATIONS:
        message = _("There may be at most %(most)d conversations at once.")
        raise Unreadable("", message % {"most": MOST_CONVERSATIONS})
    found = [_conversation(place, entry) for place, entry in entries]
    if sum(len(one.messages) for one in found) > MOST_IN_ALL:
        message = _("There may be at most %(most)d messages at once. Import it in parts.")
        raise Unreadable("", message % {"most": MOST_IN_ALL})
    if not any(one.messages for one in found):
        raise Unreadable("", _("There is no message of a person or an assistant in it."))
    return [one for one in found if one.messages]


def _entries(document: Any) -> Iterator[tuple[str, Any]]:
    match document:
        case list():
            yield from ((f"[{at}]", entry) for at, entry in enumerate(document))
        case {"conversations": list(entries)}:
            yield from ((f"conversations[{at}]", entry) for at, entry in enumerate(entries))
        case _:
            yield "", document


def _conversation(place: str, entry: Any) -> Imported:
    match entry:
        case {"mapping": _mapping}:
            tree = _parse(Tree, place, entry)
            file = File(
                title=tree.title or "",
                created_at=tree.create_time,
                messages=_branch(tree, place),
            )
        case {"messages": _messages}:
            file = _parse(File, place, entry)
        case _:
            raise Unreadable(place, _("A conversation needs messages, or ChatGPT's mapping."))
    shown = list(_shown(file, place))
    begun = file.created_at or (shown[0].created_at if shown else None)
    return Imported(_title(file, shown), _time(begun), shown)


def _branch(tree: Tree, place: str) -> list[FileMessage]:
    """From its last message back to its first."""
    at, seen = tree.current_node, set[str]()
    messages = []
    while at is not None:
        if at in seen or at not in tree.mapping:
            raise Unreadable(_join(place, "mapping"), _("The messages are not a tree."))
        seen.add(at)
        node = tree.mapping[at]
        if node.message:
            messages.append(node.message.shown)
        at = node.parent
    if len(messages) > MOST_MESSAGES:
        message = _("A conversation may have at most %(most)d messages.")
        raise Unreadable(_join(place, "mapping"), message % {"most": MOST_MESSAGES})
    return messages[::-1]


def _shown(file: File, place: str) -> Iterator[ImportedMessage]:
    for at, message in enumerate(file.messages):
        text = message.text.strip("\n").rstrip()
        if len(text) > LONGEST_MESSAGE:
            too_long = _("A message may have at most %(most)d characters.")
            raise Unreadable(_join(place, f"messages[{at}]"), too_long % {"most": LONGEST_MESSAGE})
        if text and message.role in Message.Role.values:
            yield ImportedMessage(Message.Role(message.role), text, _time(message.created_at))


def _title(file: File, shown: list[ImportedMessage]) -> str:
    title = " ".join(file.title.split())[:LONGEST_TITLE]
    return title or plain_text_title(shown[0].content if shown else "")


def _time(told: datetime | None) -> datetime:
    """As told, if that can be."""
    now = timezone.now()
    if told is None:
        return now
    if told.tzinfo is None:
        told = told.replace(tzinfo=UTC)
    return min(max(told, EARLIEST), now)


def _parse(kind: type[Read], place: str, entry: Any) -> Read:
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        where = _join(place, "".join(steps).removeprefix("."))
        raise Unreadable(where, f"{where}: {first['msg']}.") from None


def _join(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step
