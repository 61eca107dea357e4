"""Prompts and their versions as the API shows them."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints, model_validator

from accounts.paging import PageIn
from conversations.api_schemas import CURSOR
from conversations.models import SystemPrompt
from conversations.prompts.forms import (
    LONGEST_PROMPT,
    MOST_PEOPLE,
    check_tags,
    check_variables,
)
from conversations.prompts.library import Tab
from conversations.prompts.variables import LONGEST_NAME, LONGEST_VALUE, MOST, variables_of

Value = TypeVar("Value")
Visibility = Literal["private", "shared", "public"]
VISIBILITY = "private: one's own alone. shared: those whom shared_with names. public: everybody."


def _checked(check: Callable[[Value], Value]) -> AfterValidator:
    """What the form checks."""

    def checked(value: Value) -> Value:
        try:
            return check(value)
        except ValidationError as error:
            raise ValueError(error.messages[0]) from None

    return AfterValidator(checked)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Text = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=LONGEST_PROMPT),
    _checked(check_variables),
]
Tags = Annotated[list[str], Field(max_length=50), _checked(check_tags)]
Email = Annotated[str, StringConstraints(min_length=3, max_length=254)]
EXAMPLE = "Translate into {{language|English}}: {{text}}"


class Fields(Schema):
    model_config = ConfigDict(extra="forbid")

    description: str = Field("", max_length=300)
    tags: Tags = Field([], examples=[["language"]])
    is_public: bool = Field(False, strict=True, description="The same as a visibility of public.")
    visibility: Visibility = Field("private", description=VISIBILITY)
    shared_with: list[Email] = Field([], max_length=MOST_PEOPLE, description="Email addresses.")

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Fields":
        both = {"is_public", "visibility"} <= self.model_fields_set
        if both and self.is_public != (self.visibility == "public"):
            raise ValueError("is_public and visibility contradict each other")
        return self

    @property
    def fields_of_prompt(self) -> dict[str, Any]:
        """Those of the row that were given."""
        given = self.model_dump(exclude_unset=True, exclude={"is_public", "shared_with"})
        if "is_public" in self.model_fields_set:
            given.setdefault("visibility", "public" if self.is_public else "private")
        return given


class PromptIn(Fields):
    name: Name = Field(examples=["Translator"])
    prompt: Text = Field(description="`{{name}}` in it is a variable.", examples=[EXAMPLE])


class PromptChange(Fields):
    """What is left out stays."""

    name: Name = Field("", examples=["Translator"])
    prompt: Text = Field("", examples=[EXAMPLE])


class VariableOut(Schema):
    name: str = Field(examples=["language"])
    default: str = Field(examples=["English"])


class PromptOut(Schema):
    id: UUID
    user_id: int = Field(description="Its owner.")
    name: str
    description: str
    prompt: str = Field(examples=[EXAMPLE])
    tags: list[str]
    is_public: bool
    visibility: Visibility = Field(description=VISIBILITY)
    shared_with: list[str] | None = Field(description="Email addresses; null for others' prompts.")
    variables: list[VariableOut]
    version: int
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_is_public(prompt: SystemPrompt) -> bool:
        return prompt.visibility == SystemPrompt.Visibility.PUBLIC

    @staticmethod
    def resolve_shared_with(prompt: SystemPrompt, context: Any) -> list[str] | None:
        if prompt.user_id != context["request"].auth.pk:
            return None
        return sorted(person.email for person in prompt.shared_with.all())

    @staticmethod
    def resolve_variables(prompt: SystemPrompt) -> list[dict[str, str]]:
        found = variables_of(prompt.prompt)
        return [{"name": one.name, "default": one.default} for one in found]


class PromptPage(Schema):
    prompts: list[PromptOut]
    next_cursor: str | None = Field(description=CURSOR)


class PromptsIn(PageIn):
    tab: Tab | None = Field(
        None,
        description="own, shared (by others, with one by name) or public (by others). Without it,"
        " all of them.",
    )
    q: str = Field(
        "", max_length=100, description="Words to be found in names, texts, descriptions and tags."
    )
    tag: str = Field("", max_length=100, description="Only those with this tag.")


class VersionOut(Schema):
    number: int
    text: str
    created_at: datetime


class VersionPage(Schema):
    versions: list[VersionOut]
    next_cursor: str | None = Field(description=CURSOR)


class RenderIn(Schema):
    model_config = ConfigDict(extra="forbid")

    variables: dict[
        Annotated[str, StringConstraints(max_length=LONGEST_NAME)],
        Annotated[str, StringConstraints(max_length=LONGEST_VALUE)],
    ] = Field({}, max_length=MOST, examples=[{"text": "Guten Tag"}])


class RenderOut(Schema):
    text: str = Field(examples=["Translate into English: Guten Tag"])
    missing: list[str] = Field(description="Variables that still stand there, for lack of a value.")
