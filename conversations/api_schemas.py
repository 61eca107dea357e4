"""Conversations and messages as the API shows them."""

from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Schema
from pydantic import ConfigDict, Field

from conversations.forms import LONGEST_MESSAGE
from conversations.models import Conversation, Message
from inference.api.errors import Problem

CURSOR = "Where the next page begins; null on the last."


class ConversationOut(Schema):
    id: UUID
    title: str = Field(examples=["The capital of France"])
    model: str | None = Field(description="The one that answered last.", examples=["parley-demo"])
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_model(conversation: Conversation) -> str | None:
        return conversation.model.name if conversation.model else None


class ConversationPage(Schema):
    conversations: list[ConversationOut]
    next_cursor: str | None = Field(description=CURSOR)


class MessageOut(Schema):
    id: int
    role: str = Field(description="user or assistant", examples=["assistant"])
    content: str = Field(description="Empty until an answer has ended.", examples=["Paris."])
    status: str = Field(description="queued, streaming, done, stopped or failed", examples=["done"])
    created_at: datetime
    model: str | None = Field(description="The one that answers.", examples=["parley-demo"])
    tokens: int | None = Field(description="Of an answer, those generated.", examples=[2])
    generation_time: float | None = Field(
        description="Seconds of work, without the wait.", examples=[0.4]
    )

    @staticmethod
    def resolve_model(message: Message) -> str | None:
        return message.generation.model.name if message.generation else None

    @staticmethod
    def resolve_tokens(message: Message) -> int | None:
        return message.generation.completion_tokens if message.generation else None

    @staticmethod
    def resolve_generation_time(message: Message) -> float | None:
        return message.generation.seconds if message.generation else None


class MessagePage(Schema):
    messages: list[MessageOut]
    next_cursor: str | None = Field(description=CURSOR)


class Asked(Schema):
    question: MessageOut
    answer: MessageOut


class PageIn(Schema):
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=200, description="The next_cursor of the page before.")


class TitleIn(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: str = Field(min_length=1, max_length=200, examples=["The capital of France"])


class NewConversation(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    title: str = Field("", max_length=200, examples=["The capital of France"])
    model_id: str | None = Field(
        None, description="That is to answer there.", examples=["parley-demo"]
    )


TEXT = Field(min_length=1, max_length=LONGEST_MESSAGE, examples=["What is the capital of France?"])


def bad_cursor() -> Problem:
    return Problem(400, "invalid_value", _("This cursor is not one of ours."), param="cursor")
