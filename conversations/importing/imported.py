"""What is made of a file, and what is said if nothing can be made of it."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from conversations.models import Message


class Unreadable(ValueError):
    """`place` says where in the document; the message is a sentence for people."""

    def __init__(self, place: str, message: str) -> None:
        super().__init__(message)
        self.place = place


@dataclass(frozen=True)
class ImportedMessage:
    role: Message.Role
    content: str
    created_at: datetime
    parent: int | None
    """The place of the one that it follows, which comes before it in the list."""
    parameters: dict[str, Any] = field(default_factory=dict)
    thought: str = ""
    thinking_seconds: float | None = None
    model: str = ""
    """What answered, by the name that it had there."""


@dataclass(frozen=True)
class Imported:
    title: str
    created_at: datetime
    messages: list[ImportedMessage]
    leaf: int | None
    """The place of the last message of the branch to show."""
    instructions: str = ""
    parameters: dict[str, Any] = field(default_factory=dict)


def join(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step
