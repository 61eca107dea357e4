"""What programs ask for about whole conversations."""

from uuid import UUID

from ninja import Schema
from pydantic import ConfigDict, Field

from accounts.paging import PageIn
from conversations.organising import tags
from conversations.parameters.forms import LONGEST_INSTRUCTIONS
from inference.api.platform.sampling import Sampling, unset


class ConversationsIn(PageIn):
    archived: bool = Field(False, description="Those that are archived, instead of the others.")
    pinned: bool | None = Field(None, description="Only those that are pinned, or are not.")
    tag: str = Field("", max_length=tags.LONGEST, description="Only those that have it.")
    project_id: UUID | None = Field(None, description="Only those in this project.")


class Settings(Schema):
    """What can be said when a conversation begins, and changed later."""

    model_config = ConfigDict(strict=True, extra="forbid")

    project_id: UUID | None = Field(
        None, strict=False, description="One that the key's user may write in; null: none."
    )
    instructions: str = Field(
        "", max_length=LONGEST_INSTRUCTIONS, description="What every answer there begins with."
    )
    parameters: Sampling = Field(
        default_factory=unset,
        description="Sampling parameters of its answers; what is left out is inherited.",
        examples=[{"temperature": 0.2}],
    )
    tags: list[str] = Field([], max_length=tags.MOST, examples=[["travel"]])
    pinned: bool = False
    archived: bool = False


class NewConversation(Settings):
    title: str = Field("", max_length=200, examples=["The capital of France"])
    model_id: str | None = Field(
        None, description="That is to answer there.", examples=["parley-demo"]
    )
    temporary: bool = Field(
        False, description="In no list, and deleted some time after the last message."
    )


class ConversationChange(Settings):
    """Only what it names is changed."""

    title: str = Field("", min_length=1, max_length=200, examples=["The capital of France"])


class TagOut(Schema):
    id: int
    name: str = Field(examples=["travel"])
    count: int = Field(description="Conversations in the list that have it.")


class Tags(Schema):
    tags: list[TagOut]


class TagName(Schema):
    model_config = ConfigDict(strict=True, extra="forbid")

    name: str = Field(min_length=1, max_length=tags.LONGEST, examples=["travel"])
