"""The files' shapes. What they have besides is left out."""

from datetime import datetime
from typing import Any, Literal, TypeVar

from pydantic import BaseModel, Field, ValidationError

from conversations.forms import LONGEST_MESSAGE
from conversations.importing.imported import Unreadable, join

MOST_MESSAGES = 2000
"""Of a conversation without branches."""
MOST_NODES = 10_000
"""Of one with branches."""
NEVER_SHOWN = "is_visually_hidden_from_conversation"


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
    """A chat as OpenAI's API has it, or as Parley exported it before there were branches."""

    title: str = ""
    created_at: datetime | None = None
    messages: list[FileMessage] = Field(max_length=MOST_MESSAGES)


class OwnMessage(BaseModel):
    id: int
    parent: int | None = None
    role: str = Field(max_length=100)
    content: str = ""
    thought: str = Field("", max_length=LONGEST_MESSAGE)
    thinking_seconds: float | None = Field(None, ge=0, allow_inf_nan=False)
    model: str | None = None
    parameters: dict[str, Any] = {}
    created_at: datetime | None = None


class OwnFile(BaseModel):
    """What Parley exports."""

    version: Literal[2]
    title: str = ""
    created_at: datetime | None = None
    instructions: str = Field("", max_length=LONGEST_MESSAGE)
    parameters: dict[str, Any] = {}
    leaf: int | None = None
    messages: list[OwnMessage] = Field(max_length=MOST_NODES)


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
    def text(self) -> str:
        hidden = self.content.content_type not in ("text", "multimodal_text")
        if hidden or (self.metadata or {}).get(NEVER_SHOWN):
            return ""
        return "\n\n".join(part for part in self.content.parts if isinstance(part, str))

    @property
    def model(self) -> str:
        slug = (self.metadata or {}).get("model_slug")
        return slug if isinstance(slug, str) else ""


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


def parse(kind: type[Read], place: str, entry: Any) -> Read:
    """Raises Unreadable."""
    try:
        return kind.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        where = join(place, "".join(steps).removeprefix("."))
        raise Unreadable(where, f"{where}: {first['msg']}.") from None
