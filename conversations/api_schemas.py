"""Conversations and messages as the API shows them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from ninja import Schema
from pydantic import Field

from conversations import thread
from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Message
from conversations.thread import Place
from inference.api.platform.sampling import told

ALONE = Place(1, 1, None, None)
CURSOR = "Where the next page begins; null on the last."


class ConversationOut(Schema):
    id: UUID
    title: str = Field(examples=["The capital of France"])
    model: str | None = Field(description="The one that answered last.", examples=["parley-demo"])
    project_id: UUID | None
    instructions: str = Field(description="What every answer there begins with.")
    parameters: dict[str, Any] = Field(
        description="What its answers are sampled with, over the project’s and the model’s.",
        examples=[{"temperature": 0.2}],
    )
    tags: list[str] = Field(description="One's own; others' are not shown.", examples=[["travel"]])
    pinned: bool
    archived: bool
    temporary: bool = Field(description="Deleted some time after the last message.")
    unread: bool = Field(description="An answer has come that no page of its owner has shown.")
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_parameters(conversation: Conversation) -> dict[str, Any]:
        return told(conversation.parameters)

    @staticmethod
    def resolve_model(conversation: Conversation) -> str | None:
        return conversation.model.name if conversation.model else None

    @staticmethod
    def resolve_tags(conversation: Conversation, context: Any) -> list[str]:
        if conversation.user_id != context["request"].auth.pk:
            return []
        return [tag.name for tag in conversation.tags.all()]

    @staticmethod
    def resolve_pinned(conversation: Conversation) -> bool:
        return conversation.pinned_at is not None

    @staticmethod
    def resolve_archived(conversation: Conversation) -> bool:
        return conversation.archived_at is not None

    @staticmethod
    def resolve_temporary(conversation: Conversation) -> bool:
        return conversation.is_temporary

    @staticmethod
    def resolve_unread(conversation: Conversation) -> bool:
        return conversation.is_unread


class ConversationPage(Schema):
    conversations: list[ConversationOut]
    next_cursor: str | None = Field(description=CURSOR)


class Siblings(Schema):
    position: int = Field(description="From 1, in the order they were made.")
    count: int


class MessageOut(Schema):
    id: int
    parent_id: int | None = Field(description="What it follows or answers.")
    siblings: Siblings = Field(description="The messages with the same parent, and its place.")
    role: str = Field(description="user or assistant", examples=["assistant"])
    content: str = Field(
        description="Of an answer that is being written, what it goes on after: mostly nothing.",
        examples=["Paris."],
    )
    thought: str = Field(
        description="What the model thought before it answered, if it is one that does."
    )
    thinking_seconds: float | None = Field(
        description="From the answer’s first token to the end of the thought."
    )
    status: str = Field(description="queued, streaming, done, stopped or failed", examples=["done"])
    created_at: datetime
    model: str | None = Field(description="The one that answers.", examples=["parley-demo"])
    tokens: int | None = Field(description="Of an answer, those generated.", examples=[2])
    generation_time: float | None = Field(
        description="Seconds of work, without the wait.", examples=[0.4]
    )

    @staticmethod
    def resolve_siblings(message: Message) -> dict[str, int]:
        if "siblings" not in vars(message):
            with_siblings([message])
        return vars(message)["siblings"]  # type: ignore[no-any-return]

    @staticmethod
    def resolve_model(message: Message) -> str | None:
        return message.answered_by or None

    @staticmethod
    def resolve_tokens(message: Message) -> int | None:
        return message.generation.completion_tokens if message.generation else None

    @staticmethod
    def resolve_generation_time(message: Message) -> float | None:
        return message.generation.seconds if message.generation else None


def with_siblings(messages: list[Message]) -> list[Message]:
    """All of one conversation: in one query what each would ask for by itself."""
    places = thread.places(messages)
    for message in messages:
        place = places.get(message.pk, ALONE)
        vars(message)["siblings"] = {"position": place.position, "count": place.count}
    return messages


class MessagePage(Schema):
    messages: list[MessageOut]
    next_cursor: str | None = Field(description=CURSOR)


class Asked(Schema):
    question: MessageOut
    answer: MessageOut


TEXT = Field(min_length=1, max_length=LONGEST_MESSAGE, examples=["What is the capital of France?"])
