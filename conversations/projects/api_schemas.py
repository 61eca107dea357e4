"""Projects and their members as the API shows them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from accounts.paging import PageIn
from conversations import thread
from conversations.api_schemas import CURSOR
from conversations.models import Conversation, Project, ProjectMember
from conversations.projects.forms import LONGEST_DESCRIPTION, LONGEST_INSTRUCTIONS
from conversations.projects.icons import DEFAULT, NAMES
from inference.api.platform.sampling import Sampling, told, unset

Access = Literal["read", "write"]
ACCESS = "write: begin conversations there, write in those of others, and change the project."


def _icon(name: str) -> str:
    if name not in NAMES:
        raise ValueError(f"must be one of {', '.join(NAMES)}")
    return name


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]
Icon = Annotated[str, AfterValidator(_icon), Field(json_schema_extra={"enum": list(NAMES)})]


class Settings(Schema):
    model_config = ConfigDict(extra="forbid")

    description: str = Field("", max_length=LONGEST_DESCRIPTION, description="For people.")
    icon: Icon = DEFAULT
    instructions: str = Field(
        "",
        max_length=LONGEST_INSTRUCTIONS,
        description="What models are told before each conversation in it.",
    )
    model_id: str | None = Field(
        None, description="What new conversations start with in the page.", examples=["parley-demo"]
    )
    prompt_id: UUID | None = Field(
        None, description="A prompt of the library, which comes before the instructions."
    )
    parameters: Sampling = Field(
        default_factory=unset,
        description="Sampling parameters of its answers, unless something nearer says otherwise.",
        examples=[{"temperature": 0.2}],
    )


class ProjectIn(Settings):
    name: Name = Field(examples=["Travel"])


class ProjectChange(Settings):
    """What is left out stays."""

    name: Name = Field("", examples=["Travel"])
    is_archived: bool = Field(False, strict=True, description="For its owner to decide.")


class ProjectOut(Schema):
    id: UUID
    user_id: int = Field(description="Its owner.")
    name: str
    description: str
    icon: str
    instructions: str
    model_id: str | None
    prompt_id: UUID | None
    system_prompt: str = Field(
        description="What its conversations begin with: the prompt's text, then the instructions."
    )
    parameters: dict[str, Any]
    is_archived: bool
    created_at: datetime
    updated_at: datetime

    @staticmethod
    def resolve_icon(project: Project) -> str:
        return project.known_icon

    @staticmethod
    def resolve_parameters(project: Project) -> dict[str, Any]:
        return told(project.parameters)

    @staticmethod
    def resolve_model_id(project: Project) -> str | None:
        return project.model.name if project.model else None

    @staticmethod
    def resolve_system_prompt(project: Project) -> str:
        return thread.instructions_of(Conversation(project=project))

    @staticmethod
    def resolve_is_archived(project: Project) -> bool:
        return project.archived_at is not None


class ProjectPage(Schema):
    projects: list[ProjectOut]
    next_cursor: str | None = Field(description=CURSOR)


class ProjectsIn(PageIn):
    archived: bool = Field(False, description="Those that are archived, instead of the others.")


class MemberOut(Schema):
    user_id: int
    name: str
    email: str
    access: Access = Field(description=ACCESS)
    created_at: datetime = Field(description="Since when.")

    @staticmethod
    def resolve_name(member: ProjectMember) -> str:
        return member.user.name

    @staticmethod
    def resolve_email(member: ProjectMember) -> str:
        return member.user.email


class MemberPage(Schema):
    members: list[MemberOut]
    next_cursor: str | None = Field(description=CURSOR)


class AccessIn(Schema):
    model_config = ConfigDict(extra="forbid")

    access: Access = Field(description=ACCESS)


class MemberIn(AccessIn):
    email: str = Field(min_length=3, max_length=254, examples=["ada@example.org"])
