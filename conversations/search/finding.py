"""What a person may read that has the words they look for, conversation by conversation.

The index gives the latest messages that match, MOST at a time. Of these the conversations are
ranked by how much of what is looked for is in them, and by how recent it is; the two orders are
joined by reciprocal rank fusion (Cormack, Clarke and Büttcher, SIGIR 2009).
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.db import connection
from django.utils.safestring import SafeString

from accounts.models import User
from conversations.access import projects_of, searchable_by
from conversations.models import Conversation, Message
from conversations.search import index
from conversations.search.query import Query
from conversations.search.snippets import Marker
from conversations.search.words import space_of_project, space_of_user

PAGE = 20
"""Conversations."""
MOST = 500
"""Messages that are ranked together; also the most titles."""
MOST_PROJECTS = 200
PASSAGES = 3
"""Messages shown of one conversation."""
EMPTY_ROUNDS = 5
"""How often to go on where nothing of what matches may be read, being deleted or temporary."""
FUSION = 60
"""The constant k of reciprocal rank fusion, as in the paper."""
_LAST = 2**63 - 1


@dataclass(frozen=True)
class Cursor:
    """Where a page begins."""

    below: int = _LAST
    """Above the ids of all messages that are ranked together."""
    skip: int = 0
    """Conversations of these that were on pages before."""
    has_titles: bool = True
    """Whether titles are ranked as well: with the first of them."""

    def __str__(self) -> str:
        return f"{self.below}.{self.skip}.{int(self.has_titles)}"

    @classmethod
    def parse(cls, text: str) -> "Cursor | None":
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() for part in parts):
            return None
        if any(len(part) > 19 for part in parts):
            return None
        below, skip, has_titles = map(int, parts)
        return cls(min(below, _LAST), min(skip, MOST * 2), bool(has_titles))


@dataclass(frozen=True)
class Passage:
    message: Message
    html: SafeString


@dataclass(frozen=True)
class Hit:
    """A conversation in which it was found."""

    conversation: Conversation
    title: SafeString
    passages: list[Passage]
    count: int
    """Of messages that match, of those that were ranked together."""


@dataclass(frozen=True)
class Found:
    hits: list[Hit] = field(default_factory=list)
    after: Cursor | None = None


@dataclass
class _Candidate:
    """A conversation in which it was found, before its texts are read."""

    id: UUID
    updated_at: datetime
    has_title: bool = False
    messages: list[int] = field(default_factory=list)
    """The latest first."""


class Search:
    def __init__(self, user: User, query: Query) -> None:
        self._user = user
        self._query = query
        self._index = index.of(connection)
        self._projects = list(projects_of(user).values_list("pk", flat=True)[:MOST_PROJECTS])
        self._spaces = self._all_spaces()

    def page(self, at: Cursor, limit: int) -> Found:
        """Ranked anew for each page, which is cheaper than to keep it."""
        for _round in range(EMPTY_ROUNDS):
            ids = self._index.messages(self._spaces, self._query, at.below, MOST)
            ranked = _ranked(self._candidates(ids, at.has_titles))
            shown = ranked[at.skip : at.skip + limit]
            after = _after(at, ids, len(shown), len(ranked))
            if shown or after is None:
                return Found(self._hits(shown), after)
            at = after
        return Found([], at)

    def _all_spaces(self) -> list[str]:
        """Where there may be something: conversations of theirs may be in projects that they were
        a member of."""
        mine = Conversation.objects.filter(user=self._user, project__isnull=False)
        projects = {*self._projects, *mine.order_by().values_list("project", flat=True).distinct()}
        return [space_of_user(self._user.pk), *map(space_of_project, sorted(projects))]

    def _candidates(self, ids: list[int], with_titles: bool) -> Iterable[_Candidate]:
        """One table after the other: of a join, databases begin at the wrong end."""
        titled = set(self._index.titles(self._spaces, self._query, MOST) if with_titles else ())
        rows = Message.objects.filter(pk__in=ids).order_by("-pk")
        said = list(rows.values_list("pk", "conversation"))
        readable = searchable_by(self._user, self._projects)
        asked = titled | {id for _, id in said}
        known = readable.filter(pk__in=asked).values_list("pk", "updated_at")
        found = {id: _Candidate(id, updated_at, id in titled) for id, updated_at in known}
        for pk, id in said:
            if id in found:
                found[id].messages.append(pk)
        return found.values()

    def _hits(self, shown: list[_Candidate]) -> list[Hit]:
        marker = Marker(self._query)
        conversations = Conversation.objects.select_related("project").in_bulk(
            [candidate.id for candidate in shown]
        )
        ids = [pk for candidate in shown for pk in candidate.messages[:PASSAGES]]
        messages = Message.objects.only("role", "content", "created_at").in_bulk(ids)
        return [
            Hit(
                conversations[candidate.id],
                marker.marked(conversations[candidate.id].title),
                [
                    Passage(messages[pk], marker.snippet(messages[pk].content))
                    for pk in candidate.messages[:PASSAGES]
                    if pk in messages
                ],
                len(candidate.messages),
            )
            for candidate in shown
            if candidate.id in conversations
        ]


def find(user: User, query: Query, cursor: Cursor | None = None, limit: int = PAGE) -> Found:
    if query.is_too_short:
        return Found()
    return Search(user, query).page(cursor or Cursor(), limit)


def _ranked(candidates: Iterable[_Candidate]) -> list[_Candidate]:
    recent = sorted(candidates, key=lambda one: (one.updated_at, one.id), reverse=True)
    full = sorted(recent, key=lambda one: (one.has_title, len(one.messages)), reverse=True)
    scores: dict[UUID, float] = defaultdict(float)
    for order in (recent, full):
        for rank, one in enumerate(order, start=1):
            scores[one.id] += 1 / (FUSION + rank)
    return sorted(full, key=lambda one: scores[one.id], reverse=True)


def _after(at: Cursor, ids: list[int], shown: int, ranked: int) -> Cursor | None:
    """The rest of what was ranked together, or else what is older."""
    if at.skip + shown < ranked:
        below = ids[0] + 1 if ids else at.below
        return Cursor(below, at.skip + shown, at.has_titles)
    return Cursor(ids[-1], 0, has_titles=False) if len(ids) == MOST else None
