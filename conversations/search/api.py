"""Finding conversations again, for programs."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from ninja import Query, Router, Schema
from pydantic import Field

from accounts.authentication import AuthenticatedRequest, requires
from accounts.paging import bad_cursor
from conversations.api_conflicts import invalid
from conversations.api_schemas import CURSOR
from conversations.search.finding import Cursor, Hit, find
from conversations.search.query import LONGEST, parse

MARKED = "HTML: the text, escaped, with what was found in `<mark>`."

router = Router(tags=["conversations"], auth=requires("read"))


class SearchIn(Schema):
    q: str = Field(
        max_length=LONGEST,
        description='Words, "phrases in quotes", and -words that must not be there.',
        examples=["capital of fra"],
    )
    limit: int = Field(20, ge=1, le=50)
    cursor: str = Field("", max_length=60, description="The next_cursor of the page before.")


class FoundMessage(Schema):
    id: int
    role: str = Field(description="user or assistant", examples=["assistant"])
    created_at: datetime
    snippet: str = Field(description=MARKED, examples=["<mark>Paris</mark> is the capital."])


class FoundConversation(Schema):
    id: UUID
    title: str = Field(examples=["The capital of France"])
    marked_title: str = Field(description=MARKED, examples=["The <mark>capital</mark> of France"])
    project_id: UUID | None
    is_archived: bool
    updated_at: datetime
    match_count: int = Field(description="Of messages; 0 if only the title has the words.")
    messages: list[FoundMessage] = Field(description="The latest of them, three at most.")


class FoundPage(Schema):
    conversations: list[FoundConversation]
    next_cursor: str | None = Field(description=CURSOR)


@router.get("/search", response=FoundPage, summary="Search conversations")
def search(request: AuthenticatedRequest, asked: Query[SearchIn]) -> dict[str, Any]:
    """Titles and messages of one's own conversations and of those in one's projects, but not of
    temporary ones. All words must be in one message, or in the title; the last one may be the
    beginning of a word. Case and diacritics make no difference. The order is made of how often
    the words are in a conversation, and of how recent it is."""
    query, cursor = parse(asked.q), Cursor.parse(asked.cursor)
    if query.is_too_short:
        message = _("There must be a word of at least two letters to look for.")
        raise invalid("q", message)
    if asked.cursor and cursor is None:
        raise bad_cursor()
    found = find(request.auth, query, cursor, asked.limit)
    return {
        "conversations": list(map(_found, found.hits)),
        "next_cursor": str(found.after) if found.after else None,
    }


def _found(hit: Hit) -> dict[str, Any]:
    conversation = hit.conversation
    return {
        "id": conversation.pk,
        "title": conversation.title,
        "marked_title": hit.title,
        "project_id": conversation.project_id,
        "is_archived": conversation.archived_at is not None,
        "updated_at": conversation.updated_at,
        "match_count": hit.count,
        "messages": [
            {
                "id": passage.message.pk,
                "role": passage.message.role,
                "created_at": passage.message.created_at,
                "snippet": passage.html,
            }
            for passage in hit.passages
        ],
    }
