"""Taking conversations along: as files that can be read, and read in again."""

from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpResponse
from ninja import Body, Router, Schema, Status
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from conversations import exports, importing, organising
from conversations.access import conversation_for
from conversations.api_conflicts import invalid
from conversations.api_schemas import ConversationOut
from conversations.importing.shapes import MOST_MESSAGES
from inference.api.errors import Problem

router = Router(tags=["conversations"], auth=requires("read"))

EXPORTED = {
    "format": "parley.conversation",
    "version": 2,
    "title": "The capital of France",
    "model": "parley-demo",
    "created_at": "2026-01-31T12:00:00Z",
    "updated_at": "2026-01-31T12:00:03Z",
    "instructions": "",
    "parameters": {"temperature": 0.2},
    "leaf": 2,
    "messages": [
        {"id": 1, "parent": None, "role": "user", "content": "What is the capital of France?"},
        {"id": 2, "parent": 1, "role": "assistant", "content": "Paris.", "model": "parley-demo"},
    ],
}
CHAT = [
    {"role": "user", "content": "What is the capital of France?"},
    {"role": "assistant", "content": "Paris."},
]
READ_AS_MARKDOWN = "# The capital of France\n\n## You\n\nWhat is the capital of France?\n"
CONVERSATION = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "created_at": {
            "anyOf": [
                {"type": "string", "format": "date-time"},
                {"type": "number"},
                {"type": "null"},
            ],
            "description": "A number: of seconds since 1970.",
        },
        "messages": {
            "type": "array",
            "maxItems": MOST_MESSAGES,
            "items": {
                "type": "object",
                "properties": {"role": {"type": "string"}, "content": {"type": "string"}},
                "required": ["role"],
            },
        },
    },
    "required": ["messages"],
}
TREE = {
    "type": "object",
    "properties": {
        "title": {"type": "string"},
        "create_time": {"type": "number"},
        "current_node": {"type": "string"},
        "mapping": {"type": "object"},
    },
    "required": ["mapping"],
}
SEVERAL = {"type": "array", "items": {"anyOf": [CONVERSATION, TREE]}}
IMPORTED = {
    "schema": {
        "anyOf": [
            CONVERSATION,
            TREE,
            SEVERAL,
            {
                "type": "object",
                "properties": {"conversations": SEVERAL},
                "required": ["conversations"],
            },
        ]
    },
    "examples": {
        "parley": {"summary": "As Parley exports it", "value": EXPORTED},
        "openai": {
            "summary": "Messages as OpenAI's API has them",
            "value": {"messages": CHAT},
        },
        "chatgpt": {
            "summary": "conversations.json of ChatGPT's export",
            "value": [
                {
                    "title": "The capital of France",
                    "create_time": 1769860800.0,
                    "current_node": "b",
                    "mapping": {
                        "a": {"message": None, "parent": None},
                        "b": {
                            "message": {
                                "author": {"role": "user"},
                                "content": {"content_type": "text", "parts": ["Hello"]},
                            },
                            "parent": "a",
                        },
                    },
                }
            ],
        },
    },
}


class ExportedMessage(Schema):
    id: int
    parent: int | None = Field(None, description="The message that it follows.")
    role: str
    content: str
    model: str | None = None
    parameters: dict[str, Any] = Field({}, description="Chosen for this answer alone.")
    created_at: str | None = None


class Exported(Schema):
    format: Literal["parley.conversation"]
    version: Literal[2]
    title: str
    model: str | None
    created_at: str
    updated_at: str
    instructions: str
    parameters: dict[str, Any]
    leaf: int | None = Field(description="The last message of the branch that is shown.")
    messages: list[ExportedMessage]


class ImportedConversations(Schema):
    conversations: list[ConversationOut] = Field(description="The latest first.")


@router.get(
    "/conversations/{uuid:conversation_id}/export",
    response=Exported,
    summary="Export a conversation",
    openapi_extra={
        "responses": {
            200: {
                "content": {
                    "application/json": {"example": EXPORTED},
                    "text/markdown": {"schema": {"type": "string"}, "example": READ_AS_MARKDOWN},
                }
            }
        }
    },
)
def export_conversation(
    request: AuthenticatedRequest,
    conversation_id: UUID,
    format: Literal["json", "markdown"] = "json",
) -> HttpResponse:
    """As JSON with all branches, which can be imported again, or as Markdown of the branch that is
    shown, to be read. Answers that are still being written are left out."""
    conversation = conversation_for(request.auth, conversation_id, "read")
    return exports.as_file(conversation, format)


@router.post(
    "/conversations/import",
    response={201: ImportedConversations},
    auth=requires("manage"),
    summary="Import conversations",
    openapi_extra={"requestBody": {"content": {"application/json": IMPORTED}}},
)
def import_conversations(
    request: AuthenticatedRequest, document: Annotated[Any, Body()]
) -> Status[dict[str, Any]]:
    """Three forms are understood: what Parley exports; messages as OpenAI's API has them; and the
    conversations.json of ChatGPT's export, with its branches. Several conversations come as a list,
    or as `conversations` of an object: at most 200, of at most 2,000 messages each, or 10,000 with
    branches, in a body of at most 4 MB. The page for it takes larger files.

    All are added or none. Messages of roles that are not shown here, such as system and tool, and
    empty ones are left out.
    """
    try:
        found = importing.read(document)
    except importing.Unreadable as unreadable:
        raise _problem(unreadable) from None
    return Status(201, {"conversations": organising.import_conversations(request.auth, found)})


def _problem(unreadable: importing.Unreadable) -> Problem:
    place, sentence = unreadable.place, str(unreadable)
    if place and place not in sentence:
        return invalid(place, sentence)
    return Problem(400, "invalid_value", sentence, param=place or None)
